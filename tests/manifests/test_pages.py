"""The pages beside the sample clusters tell the truth: each command on them gives the answer that stands below it."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kcnet import reasons
from kcnet.cli.app import app
from kcnet.model.trace import Verdict
from kcnet.resources import folder

MANIFESTS = folder("manifests")
PAGES = sorted(MANIFESTS.rglob("README.md"))
SAMPLES = [page.parent for page in PAGES if list(page.parent.glob("*.yaml"))]
BROKEN = [sample for sample in SAMPLES if sample.parent.name == "broken"]
BLOCK = re.compile(r"^```kcnet\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINES = re.compile(r"kcnet (?P<command>.+)\nverdict: (?P<verdict>\S+)\ncode: (?P<code>\S+)\n")


@dataclass(frozen=True)
class Case:
    folder: Path
    arguments: tuple[str, ...]
    verdict: str
    code: str

    def __str__(self) -> str:
        return f"{self.folder.relative_to(MANIFESTS)}: {' '.join(self.arguments[3:])}"


def cases_of(sample: Path) -> list[Case]:
    found = []
    for block in BLOCK.findall((sample / "README.md").read_text()):
        lines = LINES.fullmatch(block)
        assert lines, f"{sample}: not a command, a verdict and a code: {block!r}"
        found.append(Case(sample, tuple(shlex.split(lines["command"])), lines["verdict"], lines["code"]))
    return found


CASES = [case for sample in SAMPLES for case in cases_of(sample)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_command_gives_the_answer_on_the_page(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case.folder)
    result = CliRunner().invoke(app, [*case.arguments, "-o", "json"], catch_exceptions=False)
    assert result.stdout, result.stderr
    trace = json.loads(result.stdout)
    assert (trace["verdict"], trace["code"]) == (case.verdict, case.code), trace["summary"]
    assert result.exit_code == (0 if case.verdict in ("delivered", "external") else 1)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_page_speaks_of_codes_and_verdicts_that_exist(case: Case) -> None:
    assert case.arguments[:3] == ("trace", "-f", ".")
    assert Verdict(case.verdict)
    reason = reasons.ALL[case.code]
    by_mode = {"SERVICE_PORT_UNKNOWN", "SERVICE_NO_LOCAL_ENDPOINTS"}
    assert reason.verdict == case.verdict or case.code in by_mode


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample.relative_to(MANIFESTS)))
def test_every_sample_has_a_page_with_a_command(sample: Path) -> None:
    assert cases_of(sample)


@pytest.mark.parametrize("holder", [MANIFESTS, MANIFESTS / "broken"], ids=["manifests", "broken"])
def test_every_folder_has_a_page_and_stands_in_the_index(holder: Path) -> None:
    listed = set(re.findall(r"^\| \[[^]]*\]\(([^)]+)/\)", (holder / "README.md").read_text(), re.MULTILINE))
    folders = {path.name for path in holder.iterdir() if path.is_dir()}
    assert listed == folders
    assert all((holder / name / "README.md").is_file() for name in folders)


@pytest.mark.parametrize("sample", BROKEN, ids=lambda sample: sample.name)
def test_the_index_of_faults_gives_the_answer_of_the_page(sample: Path) -> None:
    rows = [line for line in (sample.parent / "README.md").read_text().splitlines() if f"({sample.name}/)" in line]
    title = (sample / "README.md").read_text().splitlines()[0].removeprefix("# ")
    first = cases_of(sample)[0]
    assert rows == [f"| [{sample.name}]({sample.name}/) | {title} | {first.verdict}, `{first.code}` |"]


def test_no_two_faults_are_the_same() -> None:
    written = [(sample / "manifests.yaml").read_text() for sample in BROKEN]
    asked = [case.arguments for case in (cases_of(sample)[0] for sample in BROKEN)]
    assert len(set(zip(written, asked, strict=True))) == len(BROKEN)
