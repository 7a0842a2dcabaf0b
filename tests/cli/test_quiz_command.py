"""``kcnet quiz`` without a terminal: lists, grading, exports, checks, and a sitting of plain lines."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kcnet.cli.app import app
from kcnet.tutor.desk import label
from kcnet.tutor.quiz.bank import by_id, own_files, read_bank
from kcnet.tutor.storage import FILE
from tests.render.test_documents import validate

runner = CliRunner()
BANK = by_id(read_bank())


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KCNET_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def quiz(*words: str, stdin: str = "") -> Result:
    return runner.invoke(app, ["quiz", *words], input=stdin)


def reviews(home: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / FILE) as database:
        return database.execute("SELECT card, correct, sure, rating, mode FROM reviews ORDER BY at").fetchall()


def test_the_list_is_as_the_contract_says() -> None:
    result = quiz("--list", "-o", "json")
    document = json.loads(result.stdout)
    validate(document, "questionbank")
    assert [one["id"] for one in document["questions"]] == list(BANK)


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        (["--topic", "dns"], lambda one: one["topic"] == "dns"),
        (["--competency", "security"], lambda one: one["competency"] == "Security"),
        (["--difficulty", "3"], lambda one: one["difficulty"] == 3),
    ],
)
def test_the_list_can_be_narrowed(words: list[str], fits: object) -> None:
    found = json.loads(quiz("--list", "-o", "json", *words).stdout)["questions"]
    assert callable(fits)
    assert found
    assert all(fits(one) for one in found)
    assert len(found) < len(BANK)


def test_generated_questions_are_listed_and_can_be_graded() -> None:
    first = json.loads(quiz("--generate", "8", "--seed", "5", "--list", "-o", "json").stdout)
    validate(first, "questionbank")
    assert first == json.loads(quiz("--generate", "8", "--seed", "5", "--list", "-o", "json").stdout)
    answers = {}
    for one in first["questions"]:
        right = [number for number, option in enumerate(one["options"], 1) if option["correct"]]
        if right and one["form"] != "order":
            answers[one["id"]] = right
    assert answers
    result = json.loads(quiz("--answers", "-", "-o", "json", stdin=json.dumps(answers)).stdout)
    assert (result["correct"], result["answered"]) == (len(answers), len(answers))


def test_a_class_is_graded_without_touching_what_is_remembered(home: Path) -> None:
    single = next(one for one in BANK.values() if one.form == "single")
    right = single.right[0] + 1
    answers = {single.id: right, "no-such-question": 1}
    result = quiz("--answers", "-", "-o", "json", stdin=json.dumps(answers))
    document = json.loads(result.stdout)
    validate(document, "quizresult")
    assert (result.exit_code, document["correct"], document["unknown"]) == (1, 1, ["no-such-question"])
    assert not (home / FILE).exists()


@pytest.mark.parametrize("give", ["number", "text", "list", "digits", "letter", "letters"])
def test_an_option_may_be_named_in_several_ways(give: str) -> None:
    single = next(one for one in BANK.values() if one.form == "single")
    place = single.right[0]
    forms = {"number": place + 1, "text": single.options[place].text, "list": [place + 1], "digits": str(place + 1)}
    forms |= {"letter": label(place).lower(), "letters": [label(place)]}
    document = json.loads(quiz("--answers", "-", "-o", "json", stdin=json.dumps({single.id: forms[give]})).stdout)
    assert document["correct"] == 1


def test_the_whole_bank_is_graded_right_by_its_own_key() -> None:
    answers = {one.id: one.fill.accept[0] if one.fill else [place + 1 for place in one.right] for one in BANK.values()}
    document = json.loads(quiz("--answers", "-", "-o", "json", stdin=json.dumps(answers)).stdout)
    assert document["correct"] == document["answered"] == len(BANK)


@pytest.mark.parametrize(
    "text", ["[1, 2", "- 1\n- 2\n", "", "just words", "services-why: [[[", "\x00", "{" * 3000, "a: &a [*a]"]
)
def test_answers_that_cannot_be_read_are_refused_in_words(text: str) -> None:
    result = quiz("--answers", "-", stdin=text)
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("answer", [None, 99, -1, "", "x", [1, 1], [], {"a": 1}, 1.5, True])
def test_an_answer_that_is_none_counts_as_wrong_and_says_why(answer: object) -> None:
    single = next(one for one in BANK.values() if one.form == "single")
    document = json.loads(quiz("--answers", "-", "-o", "json", stdin=json.dumps({single.id: answer})).stdout)
    (entry,) = document["questions"]
    assert (entry["correct"], bool(entry["problem"])) == (False, True)


@pytest.mark.parametrize(
    "words",
    [
        ["--list", "--forecast"],
        ["-o", "json"],
        ["--generate", "3", "-f", "x"],
        ["--missed", "--new"],
        ["--missed", "--generate", "3"],
        ["--competency", "Cooking"],
        ["--check", "nosuch"],
        ["--pack", "nosuch"],
        ["--answers", "nosuch"],
        ["--topic", "cooking"],
        ["--count", "0"],
        ["-f", "nosuch.yaml"],
    ],
)
def test_odd_command_lines_are_refused(words: list[str]) -> None:
    result = quiz(*words)
    assert result.exit_code == 2
    assert result.stderr


def test_csv_holds_every_question_and_no_formula() -> None:
    result = quiz("--csv", "-")
    rows = list(csv.reader(io.StringIO(result.stdout)))
    assert len(rows) == len(BANK) + 1
    assert all(not cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_a_deck_for_anki(tmp_path: Path) -> None:
    file = tmp_path / "deck.apkg"
    assert quiz("--anki", str(file), "--topic", "mesh").exit_code == 0
    with zipfile.ZipFile(file) as deck:
        deck.extract("collection.anki2", tmp_path)
    with sqlite3.connect(tmp_path / "collection.anki2") as database:
        assert database.execute("SELECT count(*) FROM notes").fetchone() == (10,)


def test_the_bank_passes_its_own_check() -> None:
    result = quiz("--check", str(own_files()[0].parent))
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_pack_is_asked_and_checked(tmp_path: Path) -> None:
    text = own_files()[0].read_text(encoding="utf-8")
    file = tmp_path / "pack.yaml"
    file.write_text(text, encoding="utf-8")
    assert "1 of 1" in quiz("--pack", str(file), "--count", "1", "--plain").stdout
    file.write_text(text.replace("lesson:", "lesson:no-"), encoding="utf-8")
    result = quiz("--check", str(file))
    assert result.exit_code == 1
    assert "There is no lesson no-" in result.stderr
    file.write_text("questions: 3\n", encoding="utf-8")
    assert quiz("--pack", str(file)).exit_code == 2


def test_an_answer_is_explained_and_kept_at_once(home: Path) -> None:
    result = quiz("--seed", "3", "--count", "2", stdin="1\n\n")
    assert "of 1 right" in result.stdout
    assert "kcnet learn" in result.stdout
    (row,) = reviews(home)
    assert row[4] == "quiz"
    assert row[3] in (1, 3)


def test_a_guess_that_is_right_comes_again_sooner(home: Path) -> None:
    document = json.loads(quiz("--list", "-o", "json", "--topic", "mesh").stdout)
    texts = {one["stem"]: one for one in document["questions"]}
    shown = quiz("--topic", "mesh", "--seed", "1", "--count", "1", stdin="").stdout
    stem = next(stem for stem in texts if " ".join(stem.split()) in " ".join(shown.split()))
    right = next(option["text"] for option in texts[stem]["options"] if option["correct"])
    plain = " ".join(right.replace("`", "").split())
    letter = _letter(shown, plain)
    quiz("--topic", "mesh", "--seed", "1", "--count", "1", stdin=f"u\n{letter}\n\n")
    assert [row[1:4] for row in reviews(home)] == [(1, 0, 2)]


def _letter(shown: str, text: str) -> str:
    """How an option is called on the screen."""
    for letter in "ABCDEF":
        _, found, rest = shown.partition(f"\n  {letter}  ")
        if found and " ".join(rest.split()).startswith(text):
            return letter
    raise AssertionError(text)


def test_cramming_leaves_the_schedule_alone(home: Path) -> None:
    quiz("--cram", "--count", "1", stdin="1\n\n")
    assert [row[3:] for row in reviews(home)] == [(None, "cram")]
    days = json.loads(quiz("--forecast", "-o", "json").stdout)
    validate(days, "forecast")
    assert sum(day["due"] for day in days["days"]) == 0


def test_what_was_missed_is_asked_again() -> None:
    assert "nothing that you answered wrong" in quiz("--missed").stderr
    for number in "1234":
        quiz("--seed", number, "--count", "1", stdin="1\n\n")
    missed = quiz("--missed", stdin="").stdout
    assert "1 of " in missed


def test_the_text_of_an_issue_names_the_question() -> None:
    shown = quiz("--seed", "3", "--count", "1", stdin="!\n").stdout
    assert any(f"Question {key}, " in shown or f"Question: {key}, " in shown for key in BANK)


def test_skipping_and_leaving_save_nothing(home: Path) -> None:
    quiz("--seed", "3", "--count", "3", stdin="s\nq\n")
    assert reviews(home) == []


def test_questions_about_ones_own_manifests() -> None:
    shop = Path(__file__).resolve().parents[2] / "manifests" / "shop"
    result = quiz("-f", str(shop), "--count", "2", "--seed", "1", stdin="1\n\n")
    assert "1 of 2" in result.stdout
    result = quiz("-f", "-", stdin="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    assert (result.exit_code, "nothing to ask" in result.stderr) == (2, True)


ANSWERING = """
import sys
from datetime import UTC, datetime
from kcnet.tutor.quiz import memory
from kcnet.tutor.quiz.schedule import Grade
from kcnet.tutor.storage import open_store

with open_store() as store:
    for number in range(10_000):
        review = memory.Review(card=f"{sys.argv[1]}-{number}", revision=1, topic="dns", mode="quiz", correct=True)
        memory.add(store, review, datetime.now(UTC), rating=Grade.GOOD)
        print(review.card, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_while_answering_no_answer_is_lost(home: Path) -> None:
    told: set[str] = set()
    for attempt in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", ANSWERING, str(attempt)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        ) as process:
            assert process.stdout is not None
            for _ in range(10 + 7 * attempt):
                told.add(process.stdout.readline().strip())
            process.send_signal(signal.SIGKILL)
            told.update(line.strip() for line in process.stdout if line.endswith("\n"))
    kept = {str(row[0]) for row in reviews(home)}
    assert told <= kept
    assert len(told) >= 10
    with sqlite3.connect(home / FILE) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        scheduled = {row[0] for row in database.execute("SELECT card FROM schedule")}
    assert kept == scheduled
