"""``kcnet exam`` as a process: dates, files of answers, and an exam whose terminal dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from kcnet.tutor.structure import FOLDER

KCNET = [sys.executable, "-m", "kcnet", "exam"]


def run(home: Path, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KCNET_HOME": str(home), "COLUMNS": "200"}
    return subprocess.run([*KCNET, *words], env=environment, input=text, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("2001-01-01", "is past"),
        ("2027-02-29", "is no day of the calendar"),
        ("soon", "is no day of the calendar"),
        ("9999-01-01", "years away"),
    ],
)
def test_a_date_that_is_none_is_told(date: str, said: str, tmp_path: Path) -> None:
    done = run(tmp_path, "--date", date)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_without_a_terminal_nothing_is_guessed(tmp_path: Path) -> None:
    done = run(tmp_path, text="1\n" * 80)
    assert done.returncode == 2
    assert "no terminal" in done.stderr
    assert json.loads(run(tmp_path, "--list", "-o", "json").stdout)["exams"] == []


def test_a_teacher_grades_a_file(tmp_path: Path) -> None:
    done = run(tmp_path, "--answers", "-", "--seed", "3", "--count", "4", "-o", "json", text='{"1": 1}')
    found = json.loads(done.stdout)
    assert (found["kind"], found["questions"], found["answered"], found["passed"]) == ("ExamResult", 4, 1, False)
    assert done.returncode == 1


def test_a_broken_file_of_answers_is_told(tmp_path: Path) -> None:
    done = run(tmp_path, "--answers", "-", text="{[")
    assert done.returncode == 2
    assert "line 2" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("plain", [True, False])
def test_an_exam_survives_kill_9(plain: bool, tmp_path: Path) -> None:
    import pexpect

    environment = {**os.environ, "KCNET_HOME": str(tmp_path), "TERM": "xterm", "NO_COLOR": "1"}
    environment.pop("COLUMNS", None)
    extra = ["--plain"] if plain else []
    enter = "\r"

    def begin(*words: str) -> pexpect.spawn[str]:
        child = pexpect.spawn(
            sys.executable, [*KCNET[1:], *words, *extra], env=environment, encoding="utf-8", dimensions=(24, 80),
            timeout=30,
        )  # fmt: skip
        child.expect("1:29:|0:0")
        return child

    child = begin("--count", "3", "--seed", "5", "--minutes", "90")
    child.expect("1 of 3")
    child.expect("left")
    child.send("m" + (enter if plain else ""))
    child.expect("1 of 3")
    child.expect("marked")
    child.kill(signal.SIGKILL)
    child.wait()
    child = begin("--resume")
    child.expect("1 of 3")
    child.expect("marked")
    child.expect("left")
    child.send("h" + (enter if plain else ""))
    child.expect("Hand in")
    child.send("y" + (enter if plain else ""))
    child.expect("Not passed: 0 of 3")
    child.expect("Miss 3 of 3")
    child.expect(pexpect.EOF)
    found = json.loads(run(tmp_path, "--list", "-o", "json").stdout)
    jsonschema.validate(found, json.loads((FOLDER / "exam-history.json").read_text()))
    assert [(one["questions"], one["correct"]) for one in found["exams"]] == [(3, 0)]
