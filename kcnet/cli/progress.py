"""``kcnet progress``: how far one is, and moving it to another machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from kcnet.cli.cluster import fail, note
from kcnet.cli.terminal import screen_of, write, write_document


def progress(
    output: Annotated[Literal["text", "json"], typer.Option("-o", "--output", help="What to print.")] = "text",
    export: Annotated[
        str | None, typer.Option("--export", metavar="FILE", help="Write everything that is remembered; - prints it.")
    ] = None,
    taken: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="Add what another machine wrote with --export.")
    ] = None,
    badge: Annotated[bool, typer.Option("--badge", help="Print a badge of 60 columns, to show to others.")] = False,
) -> None:
    """Show how far you are: lessons, mastery by topic, what is due, readiness, and what to do next."""
    from kcnet.tutor.storage import StoreError

    if export is not None and taken is not None:
        raise fail("--export and --import are two things to do.", fix="One at a time.")
    try:
        if export is not None:
            _export(export)
        elif taken is not None:
            _import(taken)
        else:
            _show("badge" if badge else output)
    except StoreError as error:
        raise fail(str(error)) from None


def _show(output: str) -> None:
    from kcnet.render.printable import json_text
    from kcnet.render.screen import laid_out
    from kcnet.tutor.course import read_course
    from kcnet.tutor.progress import utc_now
    from kcnet.tutor.quiz.bank import read_bank
    from kcnet.tutor.standing import pages
    from kcnet.tutor.standing.standing import standing
    from kcnet.tutor.storage import open_store

    lessons = [(entry.head.id, entry.head.minutes) for entry in read_course().entries]
    with open_store() as store:
        if store.note:
            note(store.note)
        found = standing(store, read_bank(), lessons, utc_now())
    if output == "json":
        write_document(json_text(found.to_dict()))
    elif output == "badge":
        write(sys.stdout, "\n".join(pages.badge(found)) + "\n")
    else:
        write(sys.stdout, "\n".join(laid_out(screen_of(sys.stdout), pages.rows(found))) + "\n")


def _export(place: str) -> None:
    import json

    from kcnet.tutor.standing.transfer import exported
    from kcnet.tutor.storage import open_store

    with open_store() as store:
        text = json.dumps(exported(store), ensure_ascii=True, indent=1) + "\n"
    if place == "-":
        write_document(text)
        return
    file = Path(place)
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    except OSError as error:
        raise fail(f"{place} cannot be written: {error.strerror or error}.") from None
    note(f"Everything is in {place}. On the other machine: kcnet progress --import {file.name}")


def _import(file: Path) -> None:
    from kcnet.tutor.progress import utc_now
    from kcnet.tutor.standing.transfer import TransferError, take_over, unknown
    from kcnet.tutor.storage import open_store

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    with open_store() as store:
        if store.note:
            note(store.note)
        try:
            counts = take_over(store, text, utc_now())
        except TransferError as error:
            raise fail(f"{file}: {error} Nothing was changed.") from None
    if strange := unknown(text):
        note(f"Left out: {', '.join(strange)}, of which this kcnet knows nothing.")
    reviews, exams = counts["reviews"], counts["exams"]
    steps = counts["lesson_steps"]
    write(sys.stdout, f"Added: {reviews} answers, {exams} exams, {steps} steps of lessons.\n")
