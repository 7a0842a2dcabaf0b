"""Questions for other programs: CSV for spreadsheets, and decks for Anki (with the extra ``kcnet[anki]``).

Nothing that is shown gives the key away: items to be put in order are shuffled, always alike.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from zlib import crc32

from kcnet.tutor.quiz.judge import shown
from kcnet.tutor.quiz.pages import options, request, right
from kcnet.tutor.quiz.question import Form, Question

COLUMNS: Final = (
    "id", "revision", "form", "topic", "competency", "difficulty", "question", "manifest", "request", "options",
    "answer", "explanation", "references",
)  # fmt: skip


def to_csv(questions: Iterable[Question]) -> str:
    """One row a question; what a cell holds several of stands on lines of its own."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in questions:
        cells = (
            one.id, one.revision, one.form.value, one.topic, one.competency, one.difficulty, one.stem, one.manifest,
            request(one), "\n".join(_listed(one)), "\n".join(right(one)), one.explanation, "\n".join(one.references),
        )  # fmt: skip
        writer.writerow([_safe(cell) for cell in cells])
    return text.getvalue()


def _listed(question: Question) -> list[str]:
    """Options as ``kcnet quiz --list`` numbers them; items in an order that is not theirs."""
    if question.form is Form.ORDER:
        return options(question, shown(question, 0))
    if question.form is Form.FAULT_LINE:
        return options(question, range(len(question.options)))
    return [option.text for option in question.options]


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
                "qfmt": "{{Question}}{{Manifest}}{{Options}}",
                "afmt": "{{FrontSide}}<hr id=answer><b>{{Answer}}</b><br><br>{{Explanation}}",
            }
        ],
        css=".card { font-family: sans-serif; text-align: left; }",
    )
    deck = genanki.Deck(crc32(b"kcnet deck"), "kcnet: Kubernetes networking")
    found = tuple(questions)
    for one in found:
        note = genanki.Note(model=model, fields=_fields(one), guid=genanki.guid_for("kcnet", one.id), tags=[one.topic])
        deck.add_note(note)
    genanki.Package(deck).write_to_file(str(file))
    return len(found)


def _fields(question: Question) -> list[str]:
    texts = (question.options[place].text for place in shown(question, 0))
    listed = options(question, range(len(question.options))) if question.form is Form.FAULT_LINE else texts
    items = "".join(f"<li>{_line(text)}</li>" for text in listed)
    asked = request(question)
    return [
        _page(question.stem),
        _manifest(question) + (f"<p><b>{_escaped(asked)}</b></p>" if asked else ""),
        f"<ol>{items}</ol>" if items else "",
        "<br>".join(map(_line, right(question))),
        _page(question.explanation),
    ]


def _manifest(question: Question) -> str:
    if not question.manifest:
        return ""
    lines = question.manifest.rstrip("\n").splitlines()
    if question.form is Form.FAULT_LINE:
        lines = [f"{number:>3} {line}" for number, line in enumerate(lines, 1)]
    return f"<pre>{_escaped(chr(10).join(lines))}</pre>"


def _page(text: str) -> str:
    """Markdown as HTML; HTML in it is shown as it is written."""
    from kcnet.render.markdown import html

    return html(text)


def _line(text: str) -> str:
    from kcnet.render.markdown import html

    return html(text, line=True)


def _escaped(text: str) -> str:
    from html import escape

    return escape(text, quote=False)
