"""``kcnet progress`` as a process: its document, its badge, and a file that moves to another machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema

from kcnet.tutor.structure import FOLDER


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KCNET_HOME": str(home), "LC_ALL": "C"}
    return subprocess.run(
        [sys.executable, "-m", "kcnet", *words], env=environment, capture_output=True, text=True, check=False
    )


def test_the_document_keeps_to_its_schema(tmp_path: Path) -> None:
    found = json.loads(run(tmp_path, "progress", "-o", "json").stdout)
    jsonschema.validate(found, json.loads((FOLDER / "progress.json").read_text()))
    assert found["readiness"]["enough"] is False


def test_the_page_fits_a_terminal_without_unicode(tmp_path: Path) -> None:
    shown = run(tmp_path, "progress").stdout
    assert shown.isascii()
    assert max(map(len, shown.splitlines())) <= 80
    assert "not enough evidence" in shown


def test_the_badge_has_60_columns(tmp_path: Path) -> None:
    assert {len(line) for line in run(tmp_path, "progress", "--badge").stdout.splitlines()} == {60}


def test_a_date_moves_to_another_machine(tmp_path: Path) -> None:
    run(tmp_path / "a", "exam", "--date", "none")
    assert run(tmp_path / "a", "progress", "--export", str(tmp_path / "all.json")).returncode == 0
    assert run(tmp_path / "b", "progress", "--import", str(tmp_path / "all.json")).returncode == 0
    (tmp_path / "all.json").write_text("{")
    refused = run(tmp_path / "b", "progress", "--import", str(tmp_path / "all.json"))
    assert refused.returncode == 2
    assert "Nothing was changed" in refused.stderr
