"""``kcnet check --fix`` on files of every layout: the one name changes, every other byte stays, or nothing is written.

https://yaml.org/spec/1.2.2/
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from kcnet.cli.app import app

PODS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: website}}
  template:
    metadata: {labels: {app: website}}
    spec: {containers: [{name: web, image: x, ports: [{containerPort: 8080}]}]}
---
"""


def service(selector: str, name: str = "web") -> str:
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec:\n{selector}\n  ports: [{{port: 80}}]\n"


PLAIN = PODS + service("  selector:\n    app: webiste")
AS_JSON: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"selector": {"app": "webiste"}, "ports": [{"port": 80}]},
}
WRITTEN: dict[str, bytes] = {
    "plain": PLAIN.encode(),
    "no line end at the end": PLAIN.encode().rstrip(b"\n"),
    "Windows line ends": PLAIN.replace("\n", "\r\n").encode(),
    "both line ends in one file": PLAIN.replace("\n", "\r\n", 5).encode(),
    "a byte order mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "UTF-16": PLAIN.encode("utf-16"),
    "letters beyond ASCII before it": PLAIN.replace("spec:\n  selector:\n", "spec:  # größe, ウェブ 🚀\n  selector:\n").encode(),
    "quotes": PLAIN.replace("webiste", "'webiste'").encode(),
    "double quotes": PLAIN.replace("webiste", '"webiste"').encode(),
    "quotes about the key": PLAIN.replace("app: webiste", '"app": webiste').encode(),
    "braces": (PODS + service("  selector: {tier: x, app: webiste}")).replace("app: website}", "app: website, tier: x}").encode(),
    "braces over lines": (PODS + service("  selector: {\n      app:   webiste,\n    }")).encode(),
    "a comment": PLAIN.replace("webiste", "webiste  # webiste?").encode(),
    "tabs in front of a comment": PLAIN.replace("webiste", "webiste\t# why").encode(),
    "blanks behind it": PLAIN.replace("webiste", "webiste   ").encode(),
    "documents around it": (service("  selector:\n    app: website", "one") + "---\n" + PLAIN + "---\n"
                            + service("  selector:\n    app: website", "two")).encode(),
    "an end of document": (PLAIN + "...\n").encode(),
    "a directive": ("%YAML 1.2\n---\n" + PLAIN).encode(),
    "the same wrong name twice": (PLAIN + "---\n" + service("  selector: {app: webiste}", "two")).encode(),
    "an anchor in another document": (PODS.replace("{app: website}}", "&labels {app: website}}", 1)
                                      + service("  selector:\n    app: webiste")).encode(),
    "JSON": json.dumps({"apiVersion": "v1", "kind": "List", "items": [AS_JSON]}).encode() + b"\n",
    "JSON over lines": json.dumps({"apiVersion": "v1", "kind": "List", "items": [AS_JSON]}, indent="\t").encode(),
    "a list": b"apiVersion: v1\nkind: List\nitems:\n- " + service("  selector:\n    app: webiste").replace("\n", "\n  ").encode(),
}  # fmt: skip
LET_BE: dict[str, str] = {
    "an alias": "  selector: &it {app: webiste}\n  externalName: x\n",
    "an anchor": "  selector: {app: &it webiste}",
    "a tag": "  selector: {app: !!str webiste}",
    "a folded scalar": "  selector:\n    app: >-\n      webiste",
    "a literal scalar": "  selector:\n    app: |-\n      webiste",
    "the value on a line of its own": "  selector:\n    app:\n      webiste",
    "escapes": '  selector: {app: "web\\u0069ste"}',
    "a key that is asked for": "  selector:\n    ? app\n    : webiste",
}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def fix(*arguments: str, text: bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["check", *arguments, "--select", "SERVICE_SELECTS_NOTHING"], input=text)


@pytest.mark.parametrize("name", WRITTEN)
def test_one_name_changes_and_every_other_byte_stays(name: str) -> None:
    before = WRITTEN[name]
    path = Path("web.json" if name.startswith("JSON") else "web.yaml")
    path.write_bytes(before)
    Path("pods.yaml").write_text(PODS)
    files = ["-f", path.name, *(["-f", "pods.yaml"] if PODS.splitlines()[1].encode() not in before
                                and name in ("JSON", "JSON over lines", "a list") else [])]  # fmt: skip
    result = fix(*files, "--fix")
    assert (result.exit_code, result.stderr) == (0, "")
    wrong, right = (word.encode("utf-16-le") if name == "UTF-16" else word.encode() for word in ("webiste", "website"))
    times = 2 if "twice" in name else 1
    assert path.read_bytes() == before.replace(wrong, right, times)
    assert "nothing found" in fix(*files).stdout
    assert fix(*files, "--fix").stderr == "There is nothing to repair of which kcnet is certain.\n"


@pytest.mark.parametrize("name", LET_BE)
def test_what_is_not_plainly_the_name_is_let_be(name: str) -> None:
    text = PODS + service(LET_BE[name])
    if name == "an alias":
        text = PODS + service(LET_BE[name]).replace("{name: web}", "{name: web, annotations: {a: x}, labels: *it}")
        text = text.replace("labels: *it", "labels: &it {app: webiste}").replace(
            "selector: &it {app: webiste}", "selector: *it"
        )
    Path("web.yaml").write_text(text)
    result = fix("-f", "web.yaml", "--fix")
    assert Path("web.yaml").read_text() == text
    assert "There is nothing to repair of which kcnet is certain." in result.stderr
    assert "SERVICE_SELECTS_NOTHING" in result.stdout


def test_standard_input_is_shown_repaired_and_not_written() -> None:
    result = fix("-f", "-", "--fix", text=PLAIN.encode())
    assert result.exit_code == 0
    assert "-    app: webiste\n+    app: website\n" in result.stdout
    assert "SERVICE_SELECTS_NOTHING" in result.stdout, "it is as it was"
    assert "Standard input cannot be written to" in result.stderr


def test_a_read_only_file_stays_as_it_is() -> None:
    path = Path("web.yaml")
    path.write_text(PLAIN)
    path.chmod(0o444)
    result = fix("-f", "web.yaml", "--fix")
    assert result.exit_code == 2
    assert "web.yaml cannot be written: it is read-only." in " ".join(result.stderr.split())
    assert path.read_text() == PLAIN
    assert path.stat().st_mode & 0o777 == 0o444


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() == 0, reason="root writes everywhere")
def test_a_folder_that_takes_no_file() -> None:
    Path("closed").mkdir()
    Path("closed/web.yaml").write_text(PLAIN)
    Path("closed").chmod(0o555)
    result = fix("-f", "closed", "--fix")
    assert result.exit_code == 2
    assert "closed/web.yaml cannot be written: " in " ".join(result.stderr.split())
    assert Path("closed/web.yaml").read_text() == PLAIN


@pytest.mark.skipif(sys.platform == "win32", reason="links ask for rights there")
def test_a_link_leads_to_the_file_that_is_written() -> None:
    Path("real").mkdir()
    Path("real/web.yaml").write_text(PLAIN)
    Path("web.yaml").symlink_to("real/web.yaml")
    assert fix("-f", "web.yaml", "--fix").exit_code == 0
    assert Path("web.yaml").is_symlink()
    assert Path("real/web.yaml").read_text() == PLAIN.replace("webiste", "website")


def test_a_file_given_twice_is_written_once() -> None:
    Path("web.yaml").write_text(service("  selector:\n    app: webiste") + "---\n" + PODS)
    before = Path("web.yaml").read_text()
    fix("-f", "web.yaml", "-f", "./web.yaml", "--fix")
    assert Path("web.yaml").read_text() in (before, before.replace("webiste", "website"))
