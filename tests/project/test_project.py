"""The repository itself: what belongs together agrees, and nothing in it is of one machine alone."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest

import kcnet
from kcnet import reasons
from tests.project.pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SOURCE = "\n".join(
    path.read_text() for path in sorted((ROOT / "kcnet").rglob("*.py")) if "reasons" not in path.parent.parts
)


def test_the_version_is_the_same_everywhere() -> None:
    assert PROJECT["version"] == kcnet.__version__
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] == kcnet.__version__


@pytest.mark.parametrize("requirement", PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"])
def test_every_dependency_earns_its_place_on_the_page(requirement: str) -> None:
    name = re.split(r"[^A-Za-z0-9_-]", requirement)[0].lower()
    assert f"`{name}`" in (ROOT / "CONTRIBUTING.md").read_text().lower()


@pytest.mark.parametrize("code", reasons.ALL)
def test_every_reason_code_is_given_by_some_step(code: str) -> None:
    assert re.search(rf"\b{code}\b", SOURCE)


def test_no_word_of_a_machine() -> None:
    script = ROOT / ".ci" / "check_words.py"
    if not script.exists():
        pytest.skip("a source distribution has no .ci/")
    done = subprocess.run([sys.executable, script, ROOT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
