"""Questions for other programs: whole, and without the key where it is not asked for."""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from pathlib import Path

import pytest

from kcnet.tutor.quiz.bank import by_id, read_bank
from kcnet.tutor.quiz.export import COLUMNS, to_anki, to_csv
from kcnet.tutor.quiz.question import Form, Question

BANK = read_bank()
ROWS = {row["id"]: row for row in csv.DictReader(io.StringIO(to_csv(BANK)))}


def notes(questions: list[Question], folder: Path) -> list[list[str]]:
    """Fields of the notes: question, manifest, options, answer, explanation."""
    assert to_anki(questions, folder / "deck.apkg") == len(questions)
    with zipfile.ZipFile(folder / "deck.apkg") as deck:
        deck.extract("collection.anki2", folder)
    with sqlite3.connect(folder / "collection.anki2") as database:
        return [row[0].split("\x1f") for row in database.execute("SELECT flds FROM notes ORDER BY id")]


def test_every_question_is_a_row_with_every_column() -> None:
    assert list(ROWS) == [question.id for question in BANK]
    assert all(tuple(row) == COLUMNS for row in ROWS.values())


@pytest.mark.parametrize("question", [one for one in BANK if one.form is Form.ORDER], ids=lambda one: one.id)
def test_items_to_be_put_in_order_are_not_in_it(question: Question, tmp_path: Path) -> None:
    listed = ROWS[question.id]["options"].splitlines()
    answer = [line.partition(". ")[2] for line in ROWS[question.id]["answer"].splitlines()]
    assert len(listed) == len(answer) == len(question.options)
    assert listed != [line.replace("`", "") for line in answer]
    ((_, _, options, right, _),) = notes([question], tmp_path)
    assert [item.removesuffix("</li>") for item in options.split("<li>")[1:]] != [
        line.partition(". ")[2] for line in right.split("<br>")
    ]


def test_the_request_and_the_numbers_of_lines_are_there(tmp_path: Path) -> None:
    question = next(one for one in BANK if one.form is Form.FAULT_LINE)
    assert question.ask is not None
    row = ROWS[question.id]
    assert row["request"] == f"{question.ask.source} → {question.ask.target}"
    assert row["options"].startswith(f"line {question.options[0].line}: ")
    ((_, manifest, options, answer, _),) = notes([question], tmp_path)
    assert question.ask.target in manifest
    assert "\n  2 " in manifest
    assert "<li>line " in options
    assert answer.startswith("line ")


def test_markdown_is_laid_out_and_html_is_text(tmp_path: Path) -> None:
    question = by_id(BANK)["services-create-imperatively"]
    ((stem, manifest, options, answer, _),) = notes([question], tmp_path)
    assert "<code>cart</code>" in stem
    assert "<pre>apiVersion: apps/v1\nkind: Deployment" in manifest
    assert options == ""
    assert answer == "<code>kubectl expose deployment cart --port=80 --target-port=8080</code>"
    from msgspec.structs import replace

    hostile = replace(question, stem="<script>x</script>", manifest="<b>", explanation="a <i>b</i>")
    (fields,) = notes([hostile], tmp_path)
    assert "<script" not in "".join(fields)
    assert "<pre>&lt;b&gt;</pre>" in fields[1]
    assert "&lt;i&gt;" in fields[4]
