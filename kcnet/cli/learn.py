"""``kcnet learn``: the map of the lessons, and one of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kcnet.cli.cluster import WRONG_INPUT, fail, note
from kcnet.cli.terminal import screen_of, write, write_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kcnet.loading.problems import Problem
    from kcnet.tutor.course import Course
    from kcnet.tutor.progress import Summary
    from kcnet.tutor.storage import Store

FLAWED = 1
"""Exit status when a lesson does not pass --check or --auto."""


def learn(
    lesson: Annotated[
        str | None,
        typer.Argument(
            metavar="[LESSON]", help="Its id or number, or a lesson file. Without it: the map.", show_default=False
        ),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the lessons (the map).")] = False,
    output: Annotated[
        Literal["text", "json"] | None, typer.Option("-o", "--output", help="With --list: what to print.")
    ] = None,
    auto: Annotated[bool, typer.Option("--auto", help="Play it with the right answers, without a terminal.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Check and play a lesson file, or a folder of them, for its author.")
    ] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Begin the lesson anew.")] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Plain lines: for screen readers, and where keys do not work.")
    ] = False,
) -> None:
    """Learn Kubernetes networking in guided lessons: predict, try, watch the packet, mend what is broken.

    Exit status: 0; with --check and --auto 1 if something in the lesson is wrong; 2 for a wrong command line.
    """
    from kcnet.tutor.lessonfile import InvalidLessonError
    from kcnet.tutor.storage import StoreError

    _refuse_odd(lesson, listing=listing, output=output, auto=auto, check=check, restart=restart)
    try:
        if check:
            raise typer.Exit(_check(lesson))
        if lesson is None or listing:
            _map(output or "text")
        else:
            from kcnet.cli.lesson import lead

            raise typer.Exit(lead(lesson, auto=auto, restart=restart, plain=plain))
    except StoreError as error:
        raise fail(str(error)) from None
    except InvalidLessonError as error:
        _print(error.problems)
        raise typer.Exit(WRONG_INPUT) from None


def _refuse_odd(
    lesson: str | None, *, listing: bool, output: str | None, auto: bool, check: bool, restart: bool
) -> None:
    if listing and lesson is not None:
        raise fail("--list lists all lessons; it takes none.", fix=f"kcnet learn --list, or kcnet learn {lesson}")
    if lesson is None and (auto or restart):
        option = "--auto" if auto else "--restart"
        raise fail(f"{option} wants a lesson.", fix=f"kcnet learn LESSON {option}; kcnet learn lists them.")
    if output is not None and not listing:
        raise fail("-o goes with --list.", fix=f"kcnet learn --list -o {output}")
    if check and (auto or restart or listing):
        raise fail("--check goes alone.", fix="kcnet learn --check PATH")


def _map(output: str) -> None:
    from kcnet.tutor import coursemap
    from kcnet.tutor.course import read_course
    from kcnet.tutor.storage import open_store

    course = read_course()
    with open_store() as store:
        summaries = _summaries(store)
    if output == "json":
        from kcnet.render.printable import json_text
        from kcnet.tutor.lessonfile import read_lesson

        lessons = {entry.head.id: read_lesson(entry.head.file) for entry in course.entries}
        write_document(json_text(coursemap.document(course, lessons, summaries)))
        return
    from kcnet.render.screen import laid_out

    write(sys.stdout, "\n".join(laid_out(screen_of(sys.stdout), coursemap.rows(course, summaries))) + "\n")


def _summaries(store: Store) -> Mapping[str, Summary]:
    from kcnet.tutor.progress import summaries

    if store.note:
        note(store.note)
    return summaries(store)


def _check(word: str | None) -> int:
    """Check a file, a folder, a lesson of kcnet, or all of them."""
    from kcnet import resources
    from kcnet.cli.waiting import Waiting
    from kcnet.tutor.course import read_course
    from kcnet.tutor.lessoncheck import check

    own = resources.folder("lessons")
    path = own if word is None else Path(word)
    course = _course_of(path) if path.exists() else read_course()
    if not path.exists():
        entry = course.find(str(word))
        if entry is None:
            raise fail(
                f"There is no file or folder {word}, and no lesson of this name.", fix="kcnet learn --check PATH"
            )
        path = entry.head.file
    with Waiting("playing lessons"):
        problems, files = check(path, [entry.head for entry in course.entries])
    if problems:
        _print(problems)
        return FLAWED
    count = f"{len(files)} lesson{'' if len(files) == 1 else 's'}"
    write(sys.stdout, f"{count}: right and wrong answers played, nothing to mend.\n")
    return 0


def _course_of(path: Path) -> Course:
    """The lessons that stand beside a file. Those that cannot be read are told when they are checked themselves."""
    from kcnet.tutor.course import Course, read_course
    from kcnet.tutor.lessonfile import InvalidLessonError

    try:
        return read_course(path.resolve().parent) if path.is_file() else Course(())
    except (InvalidLessonError, OSError):
        return Course(())


def _print(problems: Sequence[Problem]) -> None:
    from kcnet.render import problems as pages

    write(sys.stderr, pages.render(problems, screen_of(sys.stderr)))
