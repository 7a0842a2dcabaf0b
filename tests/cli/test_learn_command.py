"""``kcnet learn``: the map, lessons, and --check; what is saved, and what is said when nothing can be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kcnet.cli.app import app
from kcnet.tutor.storage import FILE
from tests.render.test_documents import validate
from tests.tutor import small

runner = CliRunner()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KCNET_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path / "home"


def run(*arguments: str, typed: str = "") -> Result:
    return runner.invoke(app, ["learn", *arguments], input=typed)


def test_the_map(home: Path) -> None:
    result = run()
    assert result.exit_code == 0
    assert "Labels, selectors, endpoints" in result.stdout
    assert "Next: kcnet learn pod-network" in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert result.stdout == run("--list").stdout


def test_the_map_after_some_steps(home: Path) -> None:
    run("labels-and-endpoints", typed="\n\n\n")
    result = run()
    assert "2 of 16 steps" in result.stdout
    assert "Go on: kcnet learn labels-and-endpoints" in result.stdout


def test_the_list_as_json(home: Path) -> None:
    run("labels-and-endpoints", typed="\n\n\n")
    result = run("--list", "-o", "json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    validate(document, "course")
    lesson = next(one for one in document["lessons"] if one["id"] == "labels-and-endpoints")
    assert (lesson["done"], lesson["total"]) == (2, len(lesson["steps"]))
    assert lesson["steps"][0] == {"id": "second-day", "kind": "say"}


def test_leaving_and_going_on(home: Path) -> None:
    first = run("2", typed="\n\n\nkubectl get svc\n:?\n:q\n")
    assert first.exit_code == 0
    assert "Not yet" in first.stdout
    assert "hint 1 of 2" in first.stdout
    assert "goes on here" in first.stderr
    again = run("2", typed=":q\n")
    assert "3 of 16 " in again.stdout
    assert "hint 1 of 2" in again.stdout, "hints stay readable"
    assert "second day" not in again.stdout


def test_beginning_anew(home: Path) -> None:
    run("2", typed="\n\n\n")
    assert "Afterwards you can" in run("2", "--restart", typed="q\n").stdout


@pytest.mark.parametrize("plain", [(), ("--plain",)])
def test_a_lesson_from_a_file(home: Path, tmp_path: Path, plain: tuple[str, ...]) -> None:
    path = small.write(tmp_path)
    result = run(str(path), *plain, typed="\n\nq\n")
    assert result.exit_code == 0
    assert "This is one idea" in result.stdout
    assert "2 of 10" in run(str(path), typed="q\n").stdout
    assert "0 finished" in run().stdout, "lessons of others do not mix with those of kcnet"


def test_playing_alone(home: Path, tmp_path: Path) -> None:
    result = run(str(small.write(tmp_path)), "--auto")
    assert result.exit_code == 0, result.stderr
    assert "That was A small lesson" in result.stdout
    assert not home.exists(), "nothing is saved"


def test_playing_a_lesson_alone_that_cannot_be_solved(home: Path, tmp_path: Path) -> None:
    wrong = small.LESSON.replace("answer: kubectl get svc", "answer: kubectl get pods")
    result = run(str(small.write(tmp_path, wrong)), "--auto")
    assert result.exit_code == 1
    assert "stops at the step type" in " ".join(result.stderr.split())


TO_THE_END = "\n\n\na\n\ns\nkubectl get svc\n\nkubectl set selector svc web app=web\n\ns\ns\n\n\n"
"""Of the small lesson: reads on, skips what asks, and does the tasks."""


def test_to_the_end(home: Path, tmp_path: Path) -> None:
    from kcnet.tutor.storage import open_store

    path = small.write(tmp_path)
    result = run(str(path), typed=TO_THE_END)
    assert "That was A small lesson. 3 steps were skipped: guess, after, order." in " ".join(result.stdout.split())
    with open_store(home) as store:
        assert [row["front"] for row in store.rows("SELECT front FROM cards")] == ["What?"]
    again = run(str(path), typed="q\n")
    assert "1 of 10" in again.stdout
    assert "--restart" in again.stderr


def test_check(home: Path, tmp_path: Path) -> None:
    path = small.write(tmp_path)
    result = run("--check", str(path))
    assert result.exit_code == 0, result.stderr
    assert "nothing to mend" in result.stdout
    assert run("--check", str(tmp_path)).exit_code == 0


def test_check_tells_place_and_repair(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")  # paths of temporary folders differ in length
    path = small.write(tmp_path, small.LESSON.replace("before: endpoint", "before: endpoints"))
    result = run("--check", str(path))
    assert result.exit_code == 1
    assert f"{path}:" in result.stderr
    assert "fix: Did you mean endpoint?" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-lesson"], "There is no lesson no-such-lesson"),
        (["label-and-endpoints"], "nearest: labels-and-endpoints"),
        (["--auto"], "--auto wants a lesson"),
        (["--restart"], "--restart wants a lesson"),
        (["--list", "2"], "takes none"),
        (["2", "-o", "json"], "-o goes with --list"),
        (["--check", "--auto", "2"], "--check goes alone"),
        (["--check", "no/such/file"], "no file"),
        (["."], "is a folder"),
    ],
)
def test_wrong_command_lines(home: Path, arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_a_lesson_that_is_none(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text("id: odd\n", encoding="utf-8")
    result = run(str(path))
    assert result.exit_code == 2
    assert "Add title" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["--list", "-o", "json"], ["2"]])
def test_a_store_that_cannot_be_used_is_told_and_left_as_it_is(home: Path, arguments: list[str]) -> None:
    home.mkdir()
    (home / FILE).write_bytes(b"this is no database, whatever its name says" * 100)
    before = (home / FILE).read_bytes()
    result = run(*arguments)
    assert result.exit_code == 2
    assert "is damaged" in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert (home / FILE).read_bytes() == before


def test_without_a_place_to_save_it_works_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("KCNET_HOME", str(tmp_path / "file"))
    result = run("2", typed="\n\nq\n")
    assert result.exit_code == 0
    assert "will not be saved" in " ".join(result.stderr.split())
    assert "2 of 16" in result.stdout


def test_the_map_loads_nothing_that_is_heavy(home: Path) -> None:
    code = (
        "import sys\nfrom kcnet.cli.app import app\n"
        "try: app(['learn'])\nexcept SystemExit: pass\n"
        "print([name for name in ('rich', 'prompt_toolkit', 'kcnet.lab.session', 'kcnet.simulate', 'markdown_it', "
        "'kcnet.apiserver.server', 'jsonschema', 'fsrs') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.strip() == "[]"
