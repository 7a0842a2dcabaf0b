"""``kcnet check``: what it prints, its exit status, and what it writes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from kcnet.analysis import errors
from kcnet.analysis.check import catalogue
from kcnet.cli.app import app
from kcnet.resources import demo, folder
from tests.render.test_documents import validate

runner = CliRunner()

TYPO = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: website}}
  template:
    metadata: {labels: {app: website}}
    spec: {containers: [{name: web, image: x, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: webiste  # who answers
  ports: [{port: 80, targetPort: 8080}]
"""
REJECTED = TYPO.replace("port: 80,", "port: 80000,")
SOUND = TYPO.replace("webiste", "website")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


OTHERS = ",".join(code for code in catalogue() if not code.startswith(("SERVICE_", "LB_")))
"""What other rules say of these manifests is no matter of this page."""


def check(*arguments: str, text: str | None = None) -> Result:
    return runner.invoke(app, ["check", *arguments, "--ignore", OTHERS], input=text, env={"COLUMNS": "200"})


def listed(*arguments: str, text: str | None = None) -> list[dict[str, Any]]:
    result = check("-f", "-", "-o", "json", *arguments, text=text)
    document = json.loads(result.stdout)
    validate(document, "findings")
    found: list[dict[str, Any]] = document["findings"]
    return found


def test_a_finding_has_a_place_an_effect_a_repair_and_a_request_that_shows_it() -> None:
    Path("web.yaml").write_text(TYPO)
    result = check("-f", "web.yaml")
    assert result.exit_code == 0, "a warning is no error"
    shown = result.stdout
    assert "web.yaml:16:5  SERVICE_SELECTS_NOTHING  Service default/web" in shown
    assert "▸ 16 │     app: webiste" in shown
    assert "every connection is refused" in shown
    assert "fix: " in shown
    assert "see: kcnet trace -f web.yaml --from default/deployment/web --to default/svc/web:80  → refused" in shown
    assert "1 warning" in shown
    assert "2 objects, 1 file" in shown


def test_nothing_found_is_said() -> None:
    result = check("-f", "-", text=SOUND)
    assert result.exit_code == 0
    assert result.stdout == "✔ nothing found in 2 objects, 1 file\n"


def test_what_the_api_server_rejects_is_an_error_on_standard_output() -> None:
    result = check("-f", "-", text=REJECTED)
    assert result.exit_code == 1
    assert "✘ <stdin>:" in result.stdout
    assert "API_INVALID" in result.stdout
    assert "1 error" in result.stdout
    assert "Nothing else is looked at before the errors are mended." in result.stdout
    assert result.stderr == ""
    (found,) = listed(text=REJECTED)
    assert (found["severity"], found["field"], found["line"]) == ("error", "spec.ports[0].port", 17)


def test_what_cannot_be_read_is_an_error_too() -> None:
    result = check("-f", "missing.yaml", "-o", "json")
    assert result.exit_code == 1
    (found,) = json.loads(result.stdout)["findings"]
    assert found["code"] == "INPUT_MISSING"


@pytest.mark.parametrize(("level", "status"), [("error", 0), ("warning", 1), ("info", 1)])
def test_fail_on(level: str, status: int) -> None:
    assert check("-f", "-", "--fail-on", level, text=TYPO).exit_code == status
    assert check("-f", "-", "--fail-on", level, text=SOUND).exit_code == 0


def test_json() -> None:
    (found,) = listed(text=TYPO)
    assert found.pop("message").startswith("No pod of namespace default has the labels app=webiste")
    assert found.pop("fix")
    assert found == {
        "code": "SERVICE_SELECTS_NOTHING",
        "severity": "warning",
        "object": {"kind": "Service", "namespace": "default", "name": "web"},
        "field": "spec.selector.app",
        "file": "<stdin>",
        "line": 16,
        "column": 5,
        "trace": "kcnet trace --from default/deployment/web --to default/svc/web:80",
    }


def test_the_demo_is_checked_without_files() -> None:
    result = check("-o", "json")
    assert result.exit_code == 0
    assert "demo" in result.stderr
    assert {found["file"] for found in json.loads(result.stdout)["findings"]} <= {
        str(each) for each in demo().iterdir()
    }


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (["--select", "SERVICE_*"], ["SERVICE_SELECTS_NOTHING"]),
        (["--select", "lb-class,service-selects-nothing"], ["SERVICE_SELECTS_NOTHING"]),
        (["--select", "LB_*"], []),
        (["--ignore", "SERVICE_SELECTS_NOTHING"], []),
        (["--select", "SERVICE_*", "--ignore", "SERVICE_SELECTS_*"], []),
    ],
)
def test_rules_are_chosen(options: list[str], codes: list[str]) -> None:
    assert [found["code"] for found in listed(*options, text=TYPO)] == codes


def test_an_error_is_never_ignored() -> None:
    assert check("-f", "-", "--select", "LB_*", text=REJECTED).exit_code == 1


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_rule_that_does_not_exist_is_a_wrong_command_line(option: str) -> None:
    result = check("-f", "-", option, "SERVICE_SELECT_NOTHING", text=TYPO)
    assert result.exit_code == 2
    assert "nearest: SERVICE_SELECTS_NOTHING" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments", [["-o", "xml"], ["--fail-on", "never"], ["--fix"], ["extra"]], ids=lambda each: " ".join(each)
)
def test_usage_errors_have_status_2(arguments: list[str]) -> None:
    result = check(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""


DENIED = """---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {}}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {containers: [{name: curl, image: curl}]}
"""


def test_a_finding_about_policies_is_proved_by_a_request_that_they_stop() -> None:
    shown = check("-f", "-", text=SOUND + DENIED).stdout
    assert "SERVICE_CLOSED_BY_POLICY" in shown
    assert "→ timeout" in shown


def test_a_finding_about_something_else_is_not() -> None:
    text = SOUND.replace("targetPort: 8080", "targetPort: 1") + DENIED
    shown = check("-f", "-", "--select", "SERVICE_TARGET_*", text=text).stdout
    assert "SERVICE_TARGET_PORT_NOT_LISTENED" in shown
    assert "→" not in shown


# Settings


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("kcnet.toml", '[check]\nignore = ["SERVICE_SELECTS_NOTHING"]\n'),
        ("pyproject.toml", '[tool.kcnet.check]\nignore = ["SERVICE_*"]\n'),
        ("kcnet.toml", '[check.per-file-ignores]\n"<stdin>" = ["SERVICE_*"]\n'),
        ("kcnet.toml", '[check]\nselect = ["LB_*"]\n'),
        ("kcnet.toml", 'ignore = ["service-*"]\n'),
        ("pyproject.toml", '[tool.kcnet]\nignore = ["SERVICE_*"]\n'),
    ],
)
def test_settings_are_found_in_the_folder_and_above_it(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert listed(text=TYPO) != []
    (tmp_path / name).write_text(text)
    assert listed(text=TYPO) == []
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    assert listed(text=TYPO) == []


def test_what_is_typed_wins_over_selected_settings() -> None:
    Path("kcnet.toml").write_text('[check]\nselect = ["LB_*"]\n')
    assert [found["code"] for found in listed("--select", "SERVICE_*", text=TYPO)] == ["SERVICE_SELECTS_NOTHING"]


def test_the_nearest_settings_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kcnet.toml").write_text('[check]\nignore = ["SERVICE_*"]\n')
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "pyproject.toml").write_text("[tool.other]\n")
    monkeypatch.chdir(tmp_path / "deep")
    assert listed(text=TYPO) == []
    (tmp_path / "deep" / "kcnet.toml").write_text("[check]\n")
    assert listed(text=TYPO) != []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[check", "kcnet.toml cannot be read"),
        ("[check]\nselct = []\n", "kcnet.toml:2: selct is not a setting; select is"),
        ("[chekc]\nselect = []\n", "kcnet.toml:1: chekc is not a setting"),
        ('[check]\n\nignore = "LB_*"\n', "kcnet.toml:3: ignore is a list"),
        ('[check]\nignore = [\n  "no-such-rule",\n]\n', "kcnet.toml:3: there is no rule NO_SUCH_RULE"),
    ],
)
def test_settings_that_are_none_are_a_wrong_command_line(text: str, says: str) -> None:
    Path("kcnet.toml").write_text(text)
    result = check("-f", "-", text=SOUND)
    assert result.exit_code == 2
    assert result.stderr.startswith("✘ ")
    assert says in result.stderr.replace("\n  ", " ")


@pytest.mark.parametrize("output", ["github", "sarif"])
def test_services_get_the_path_in_the_repository(output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "web.yaml").write_text(TYPO)
    for here, named in ((".", "apps"), ("apps", "web.yaml"), ("apps", str(tmp_path / "apps"))):
        monkeypatch.chdir(tmp_path / here)
        told = check("-f", named, "-o", output).stdout
        assert ("file=apps/web.yaml," if output == "github" else '"uri": "apps/web.yaml"') in told


# Repairs


def test_fix_shows_the_change_writes_it_and_looks_again() -> None:
    path = Path("web.yaml")
    path.write_text(TYPO)
    result = check("-f", "web.yaml", "--fix", "--fail-on", "info")
    assert result.exit_code == 0
    assert "-    app: webiste  # who answers\n+    app: website  # who answers\n" in result.stdout
    assert result.stdout.endswith("✔ nothing found in 2 objects, 1 file\n")
    assert path.read_text() == SOUND


def test_diff_writes_nothing() -> None:
    path = Path("web.yaml")
    path.write_text(TYPO)
    result = check("-f", "web.yaml", "--diff")
    assert result.exit_code == 0
    assert result.stdout.startswith("--- a/web.yaml\n+++ b/web.yaml\n@@ ")
    assert path.read_text() == TYPO


def test_a_document_stays_one_beside_a_repair() -> None:
    Path("web.yaml").write_text(TYPO)
    result = check("-f", "web.yaml", "--fix", "-o", "json")
    assert json.loads(result.stdout)["findings"] == []
    assert "+    app: website" in result.stderr


def test_what_is_ignored_is_not_repaired() -> None:
    path = Path("web.yaml")
    path.write_text(TYPO.replace("# who answers", "# kcnet: ignore SERVICE_SELECTS_NOTHING"))
    before = path.read_text()
    assert check("-f", "web.yaml", "--fix").exit_code == 0
    assert path.read_text() == before


def test_standard_input_is_shown_repaired() -> None:
    result = check("-f", "-", "--diff", text=TYPO)
    assert "+    app: website" in result.stdout


def test_what_the_api_server_rejects_is_told_beside_a_diff_too() -> None:
    result = check("-f", "-", "--diff", text=REJECTED)
    assert result.exit_code == 1
    assert "API_INVALID" in result.stdout


@pytest.mark.parametrize("text", [SOUND, REJECTED])
def test_where_there_is_nothing_to_repair_nothing_is_written(text: str) -> None:
    path = Path("web.yaml")
    path.write_text(text)
    stamp = path.stat().st_mtime_ns
    check("-f", "web.yaml", "--fix")
    assert (path.read_text(), path.stat().st_mtime_ns) == (text, stamp)


# For machines


def test_github_annotates_the_line() -> None:
    Path("web,1.yaml").write_text(TYPO)
    result = check("-f", "web,1.yaml", "-o", "github")
    (line,) = result.stdout.splitlines()
    assert line.startswith("::warning file=web%2C1.yaml,line=16,col=5,title=SERVICE_SELECTS_NOTHING::No pod")
    assert "%0Afix: " in line
    rejected = check("-f", "-", "-o", "github", text=REJECTED).stdout
    assert rejected.startswith("::error file=<stdin>,line=17,")


@pytest.mark.parametrize("output", ["text", "json", "sarif", "github"])
def test_nothing_in_a_manifest_acts_on_a_terminal(output: str) -> None:
    hostile = TYPO.replace("app: webiste", '"app": "web\\eiste"').replace("who answers", "\u202e")
    shown = check("-f", "-", "-o", output, text=hostile).stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown


# The other commands


@pytest.mark.parametrize("code", catalogue())
def test_each_rule_is_explained(code: str) -> None:
    result = runner.invoke(app, ["explain", code.lower()], env={"COLUMNS": "2000"})
    assert result.exit_code == 0
    rule = catalogue()[code]
    for text in (rule.title, rule.meaning, *rule.look, *rule.causes, rule.repair, rule.source, rule.severity.value):
        assert text in result.stdout


def test_explain_has_the_severity_of_a_rule_where_a_reason_has_its_verdict() -> None:
    document = json.loads(runner.invoke(app, ["explain", "-o", "json"]).stdout)
    validate(document, "reasoncodes")
    for code in document["codes"]:
        rule = catalogue().get(code["code"])
        error = code["code"] in errors.catalogue()
        assert code["severity"] == (rule.severity.value if rule else "error" if error else None)
        assert code["verdict"] is None or code["severity"] is None


def test_the_pre_commit_hook_runs_the_command() -> None:
    (hook,) = yaml.safe_load((folder("manifests").parent / ".pre-commit-hooks.yaml").read_text())
    words = hook["entry"].split()
    assert words[:2] == ["kcnet", "check"]
    Path("web.yaml").write_text(REJECTED)
    assert re.search(hook["files"], "web.yaml")
    assert not hook["pass_filenames"]
    assert runner.invoke(app, [*words[1:], *hook["args"]]).exit_code == 1
