"""``kcnet check -o sarif`` against the schema of the standard, and what code scanning services ask on top of it.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urlsplit

import pytest
from jsonschema import Draft4Validator
from typer.testing import CliRunner

from kcnet.analysis.check import catalogue
from kcnet.cli.app import app
from tests.analysis.check.cases import Case, all_cases

SCHEMA = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text())
TRIGGERS = [case for case in all_cases() if case.at]
SELECTS_NOTHING = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: x, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: wbe}, ports: [{port: 80}]}
"""
Result = dict[str, Any]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def log(*arguments: str, text: str | bytes | None = None) -> dict[str, Any]:
    given = text.encode() if isinstance(text, str) else text
    done = CliRunner().invoke(app, ["check", *arguments, "-o", "sarif"], input=given)
    assert done.exit_code in (0, 1), done.output
    found: dict[str, Any] = json.loads(done.stdout)
    Draft4Validator(SCHEMA).validate(found)
    scannable(found)
    return found


def scannable(log: dict[str, Any]) -> None:
    """What code scanning asks of a log, and what it shows of it."""
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"].endswith(".")
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert rule["helpUri"].startswith("https://")
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"].strip()
        assert re.fullmatch("[0-9a-f]{16}(:[0-9]+)?", result["partialFingerprints"]["kcnet/v1"])
        (location,) = result["locations"]
        place = location["physicalLocation"]
        uri = urlsplit(place["artifactLocation"]["uri"])
        assert re.fullmatch(r"[A-Za-z0-9._~/%:-]+", place["artifactLocation"]["uri"]), "a URI is of ASCII, escaped"
        if uri.scheme:
            assert uri.scheme == "file"
            assert "uriBaseId" not in place["artifactLocation"]
        else:
            assert not uri.path.startswith("/")
            assert ".." not in uri.path.split("/")
        assert place["region"]["startLine"] >= 1
        assert place["region"].get("startColumn", 1) >= 1
    marks = [result["partialFingerprints"]["kcnet/v1"] for result in run["results"]]
    assert len(set(marks)) == len(marks)


def place(log: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    return found


@pytest.mark.parametrize("case", TRIGGERS, ids=[f"{case.code}: {case.name}" for case in TRIGGERS])
def test_a_log_of_each_rule(case: Case) -> None:
    (run,) = log("-f", "-", text=dedent(case.manifests))["runs"]
    assert case.code in {result["ruleId"] for result in run["results"]}
    assert {result["ruleId"] for result in run["results"]} == {rule["id"] for rule in run["tool"]["driver"]["rules"]}


BROKEN = {
    "the API server's refusal": SELECTS_NOTHING.replace("port: 80", "port: 80000"),
    "an unknown field": SELECTS_NOTHING.replace("selector:", "selektor:"),
    "no YAML": "kind: [",
    "a tab": "kind:\n\tService",
    "no text": b"\xff\xfe\xfd\xfc",
    "nothing at all": "",
    "two wrongs in one line": SELECTS_NOTHING.replace("port: 80", "port: 0, nodePort: 0, prot: 1"),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_log_of_what_cannot_be_read(text: str | bytes) -> None:
    log("-f", "-", text=text)


def test_a_log_of_nothing_found_and_of_the_demo() -> None:
    assert log("-f", "-", text=SELECTS_NOTHING.replace("wbe", "web"))["runs"][0]["results"] == []
    log()


def test_the_place_of_a_finding() -> None:
    Path("web.yaml").write_text(SELECTS_NOTHING)
    (result,) = log("-f", "web.yaml")["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("SERVICE_SELECTS_NOTHING", "warning")
    (location,) = result["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 13, "startColumn": 19}
    assert location["logicalLocations"] == [{"fullyQualifiedName": "default/Service/web", "name": "web"}]


NAMES = {
    "plain": ("apps/web.yaml", "apps/web.yaml"),
    "a blank and signs": ("my apps/100% #1 [web]?.yaml", "my%20apps/100%25%20%231%20%5Bweb%5D%3F.yaml"),
    "letters beyond ASCII": ("größe/ウェブ.yaml", "gr%C3%B6%C3%9Fe/%E3%82%A6%E3%82%A7%E3%83%96.yaml"),
    "a colon in front": ("a:b/web.yaml", "a%3Ab/web.yaml"),
}


@pytest.mark.parametrize(("name", "uri"), NAMES.values(), ids=NAMES)
def test_names_of_files(name: str, uri: str) -> None:
    Path(name).parent.mkdir()
    Path(name).write_text(SELECTS_NOTHING)
    found = place(log("-f", str(Path(name).parent)))
    assert found == {"uri": uri, "uriBaseId": "%SRCROOT%"}
    assert unquote(uri) == name


def test_a_name_that_is_no_text() -> None:
    name = os.fsdecode(b"caf\xe9.yaml")
    Path(name).write_text(SELECTS_NOTHING)
    assert unquote_to_bytes(place(log("-f", "."))["uri"]) == b"caf\xe9.yaml"


def test_a_file_in_the_working_folder_named_absolutely(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(SELECTS_NOTHING)
    assert place(log("-f", str(tmp_path / "web.yaml"))) == {"uri": "web.yaml", "uriBaseId": "%SRCROOT%"}


def test_a_file_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "a b.yaml").write_text(SELECTS_NOTHING)
    monkeypatch.chdir(tmp_path / "here")
    wanted = {"uri": f"file://{tmp_path.as_posix()}/a%20b.yaml"}
    assert place(log("-f", str(tmp_path / "a b.yaml"))) == wanted
    assert place(log("-f", "../a b.yaml")) == wanted


def test_standard_input() -> None:
    assert place(log("-f", "-", text=SELECTS_NOTHING)) == {"uri": "%3Cstdin%3E"}


def test_a_finding_is_known_again_where_lines_have_moved() -> None:
    """A service that compares two logs closes the one and opens the other if it is not."""
    Path("web.yaml").write_text(SELECTS_NOTHING)
    (before,) = log("-f", "web.yaml", "--select", "SERVICE_SELECTS_NOTHING")["runs"][0]["results"]
    Path("web.yaml").write_text(f"# a line more\n{SELECTS_NOTHING}---\n{SELECTS_NOTHING.replace('web', 'other')}")
    same, other = log("-f", "web.yaml", "--select", "SERVICE_SELECTS_NOTHING")["runs"][0]["results"]
    assert same["partialFingerprints"] == before["partialFingerprints"]
    assert other["partialFingerprints"] != before["partialFingerprints"]
    assert same["locations"] != before["locations"]


def test_the_help_of_a_rule_is_its_page() -> None:
    (rule,) = log("-f", "-", "--select", "SERVICE_SELECTS_NOTHING", text=SELECTS_NOTHING)["runs"][0]["tool"]["driver"][
        "rules"
    ]
    page = catalogue()[rule["id"]]
    assert rule["helpUri"] == page.source
    for said in (page.meaning, *page.causes, page.repair, page.source):
        assert said in rule["help"]["markdown"]
    for command in page.look:
        assert f"    {command}\n" in rule["help"]["markdown"]
