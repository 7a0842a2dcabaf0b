"""Questions for other programs: CSV for spreadsheets, and decks for Anki (with the extra ``kcnet[anki]``)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from zlib import crc32

from kcnet.tutor.quiz.pages import right
from kcnet.tutor.quiz.question import Question

COLUMNS: Final = (
    "id", "revision", "form", "topic", "competency", "difficulty", "question", "manifest", "options", "answer",
    "explanation", "references",
)  # fmt: skip


def to_csv(questions: Iterable[Question]) -> str:
    """One row a question; what a cell holds several of stands on lines of its own."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in questions:
        cells = (
            one.id, one.revision, one.form.value, one.topic, one.competency, one.difficulty, one.stem, one.manifest,
            "\n".join(option.text for option in one.options), "\n".join(right(one)), one.explanation,
            "\n".join(one.references),
        )  # fmt: skip
        writer.writerow([_safe(cell) for cell in cells])
    return text.getvalue()


def _safe(cell: object) -> object:
    """Text that a spreadsheet would take for a formula begins with an apostrophe (CWE-1236)."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "@", "\t") else cell


class NoAnkiError(Exception):
    """genanki is not installed."""


def to_anki(questions: Iterable[Question], file: Path) -> int:
    """Write a deck; notes keep their ids, so that a later deck updates them. The number of notes.

    Raises NoAnkiError, OSError.
    """
    try:
        import genanki
    except ImportError:
        raise NoAnkiError from None

    model = genanki.Model(
        crc32(b"kcnet question"),
        "kcnet question",
        fields=[{"name": name} for name in ("Question", "Manifest", "Options", "Answer", "Explanation")],
        templates=[
            {
                "name": "Question",
                "qfmt": "{{Question}}<pre>{{Manifest}}</pre>{{Options}}",
                "afmt": "{{FrontSide}}<hr id=answer><b>{{Answer}}</b><br><br>{{Explanation}}",
            }
        ],
        css=".card { font-family: sans-serif; text-align: left; }",
    )
    deck = genanki.Deck(crc32(b"kcnet deck"), "kcnet: Kubernetes networking")
    count = 0
    for one in questions:
        listed = "".join(f"<li>{_html(option.text)}</li>" for option in one.options)
        fields = [
            _html(one.stem),
            _html(one.manifest),
            f"<ol>{listed}</ol>" if listed else "",
            "<br>".join(map(_html, right(one))),
            _html(one.explanation),
        ]
        deck.add_note(
            genanki.Note(model=model, fields=fields, guid=genanki.guid_for("kcnet", one.id), tags=[one.topic])
        )
        count += 1
    genanki.Package(deck).write_to_file(str(file))
    return count


def _html(text: str) -> str:
    from html import escape

    return escape(text, quote=False)
