"""What README.md and CONTRIBUTING.md say is so."""

from __future__ import annotations

import doctest
import inspect
import re
from pathlib import Path

import pytest
import typer.main
import yaml

from kcnet.cli.app import app
from kcnet.loading.load import load_manifests
from kcnet.model.trace import Verdict
from tests.project.pages import PAGES, PICTURE, ROOT, Block, blocks, picture, printed, words_of

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WRITE_ANEW = "if this is right, write the pages anew: python -m tests.project.pages"

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
OPTIONS = [
    (name, option)
    for name, command in COMMANDS.items()
    for parameter in command.params
    for option in parameter.opts
    if option.startswith("--") and option not in ("--help", "--file", "--namespace", "--output")
]


@pytest.mark.parametrize("block", [block for page in PAGES for block in blocks(page)], ids=str)
def test_a_command_prints_what_the_page_shows(block: Block) -> None:
    assert block.commands
    assert block.text == printed(block), WRITE_ANEW


def test_the_picture_shows_what_the_command_prints() -> None:
    assert words_of(PICTURE.read_text(encoding="utf-8")) == words_of(picture()), WRITE_ANEW


def test_the_quick_start_is_two_commands() -> None:
    start = README[README.index("## Quick start") : README.index("## A tour")]
    lines = [line for line in start.splitlines() if line.startswith("python3 -m venv .venv && ")]
    assert len(lines) == 2
    assert ".venv/bin/kcnet trace" in lines[0]
    assert ".venv/bin/pytest" in lines[1]


def test_the_library_answers_as_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (text,) = re.findall(r"^```pycon\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    test = doctest.DocTestParser().get_doctest(text, {}, "README.md", "README.md", 0)
    assert test.examples
    said: list[str] = []
    results = doctest.DocTestRunner().run(test, out=said.append)
    assert results.failed == 0, "".join(said)


def test_the_cluster_document_is_one_and_names_every_field(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```yaml\n(apiVersion: kcnet/v1\n.*?)^```$", README, re.MULTILINE | re.DOTALL)
    (tmp_path / "cluster.yaml").write_text(text)
    facts = load_manifests([tmp_path]).facts
    stated = yaml.safe_load(text)["spec"]
    assert facts.nodes == stated["nodes"]
    assert facts.proxy_mode == stated["proxyMode"]
    schema = yaml.safe_load((ROOT / "kcnet/loading/schemas/kcnet-v1.json").read_text())
    fields = schema["$defs"]["Cluster"]["properties"]["spec"]["properties"]
    assert set(stated) | {"cni", "ingressController"} == set(fields)


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_stands_in_the_table(verdict: Verdict) -> None:
    assert f"| `{verdict.value}` |" in README


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_shown_and_helps(name: str) -> None:
    assert f"kcnet {name}" in README
    assert inspect.getdoc(COMMANDS[name].callback)


@pytest.mark.parametrize(("name", "option"), OPTIONS, ids=[f"{name} {option}" for name, option in OPTIONS])
def test_every_option_is_told_of(name: str, option: str) -> None:
    assert re.search(rf"{option}\b", README)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert links or page != "README.md"
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:kcnet|tests|benchmarks|\.ci)/[\w./-]*)`", CONTRIBUTING))))
def test_a_file_that_the_architecture_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("module", sorted(path.name for path in (ROOT / "kcnet").iterdir() if path.is_dir()))
def test_every_package_stands_on_the_page_of_the_architecture(module: str) -> None:
    if (ROOT / "kcnet" / module / "__init__.py").exists():
        assert re.search(rf"^ +{module}/ ", CONTRIBUTING, re.MULTILINE)
