"""One lesson at a terminal: finds it, opens its sandbox and the learner's progress, and leads through it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from kcnet.cli.cluster import WRONG_INPUT, fail, note
from kcnet.cli.terminal import screen_of, write
from kcnet.tutor import progress
from kcnet.tutor.course import Course, read_course
from kcnet.tutor.lesson import Cards, Lesson
from kcnet.tutor.lessonfile import read_lesson
from kcnet.tutor.play import Play
from kcnet.tutor.sandbox import NoScenarioError, open_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kcnet.lab.session import Session
    from kcnet.tutor.storage import Store

NOT_PASSED = 1


def lead(word: str, *, auto: bool, restart: bool, plain: bool) -> int:
    """Play the lesson that ``word`` names; the exit status. Raises InvalidLessonError, StoreError, typer.Exit."""
    course = read_course()
    lesson, key = _find(course, word)
    if auto:
        return _auto(lesson)
    from kcnet.tutor.storage import open_store

    with open_store() as store:
        if store.note:
            note(store.note)
        if restart:
            progress.forget(store, key)
        return _lead(lesson, key, course, store, plain=plain)


def _find(course: Course, word: str) -> tuple[Lesson, str]:
    """The lesson, and the name that its progress is kept under. Files of others do not mix with kcnet's own."""
    entry = course.find(word)
    if entry is not None:
        return read_lesson(entry.head.file), entry.head.id
    path = Path(word)
    if path.is_file():
        lesson = read_lesson(path)
        own = any(one.head.file.resolve() == path.resolve() for one in course.entries)
        return lesson, lesson.id if own else f"{path.resolve()}#{lesson.id}"
    from difflib import get_close_matches

    ids = [one.head.id for one in course.entries]
    near = get_close_matches(word.lower(), ids, n=1)
    if path.is_dir():
        raise fail(f"{word} is a folder.", fix="Name one of its lesson files; kcnet learn --check takes folders.")
    raise fail(f"There is no lesson {word}.", fix="kcnet learn lists them all.", nearest=near)


def _sandbox(lesson: Lesson, clock: Callable[[], datetime] | None = None) -> Session:
    """The lesson's sandbox; says what is wrong with its scenario."""
    from kcnet.cli.editor import edit
    from kcnet.cli.waiting import Waiting
    from kcnet.lab.session import utc_now
    from kcnet.loading.problems import InvalidManifestsError

    try:
        with Waiting("building the cluster"):
            return open_sandbox(lesson.head, clock=clock or utc_now, editor=edit)
    except NoScenarioError as error:
        raise fail(str(error), fix="A scenario is a folder of manifests; kcnet learn --check says more.") from None
    except InvalidManifestsError as error:
        from kcnet.render import problems

        write(sys.stderr, problems.render(error.problems, screen_of(sys.stderr)))
        raise typer.Exit(WRONG_INPUT) from None


def _auto(lesson: Lesson) -> int:
    from kcnet.tutor.autodesk import AutoDesk
    from kcnet.tutor.proof import NOON
    from kcnet.tutor.teach import teach

    play = Play(lesson, lambda: _sandbox(lesson, lambda: NOON), clock=lambda: NOON)
    desk = AutoDesk(play, screen_of(sys.stdout), lambda text: write(sys.stdout, text))
    teach(play, desk, lambda _: None)
    if play.passed:
        return 0
    step = next(step for step in lesson.steps if play.progress.record(step.id).state != "done")
    note(f"The lesson stops at the step {step.id}: its own answer does not pass. kcnet learn --check says why.")
    return NOT_PASSED


def _lead(lesson: Lesson, key: str, course: Course, store: Store, *, plain: bool) -> int:
    from kcnet.cli.keydesk import desk_for
    from kcnet.tutor.teach import teach

    saved = progress.load(store, key)
    play = Play(lesson, lambda: _sandbox(lesson), saved)
    if play.over and play.index + 1 == len(lesson.steps):
        play.first()
        note(f"You have finished this lesson; this is its beginning. kcnet learn {lesson.id} --restart forgets all.")
    elif saved.step:
        note(f"You go on where you left, at step {play.index + 1} of {len(lesson.steps)}.")

    def save(played: Play) -> None:
        nonlocal saved
        if played.progress != saved:
            progress.save(store, key, saved, played.progress)
            _keep_cards(store, key, played, saved)
            saved = played.progress

    following = course.after(lesson.id)
    desk = desk_for(plain=plain)
    if not teach(play, desk, save, following=following.head.id if following else ""):
        word = lesson.id if key == lesson.id else str(lesson.head.file)
        note(f"Saved. kcnet learn {word} goes on here." if not store.note else "Nothing was saved.")
    return 0


def _keep_cards(store: Store, key: str, play: Play, before: progress.Progress) -> None:
    """Cards of steps that were read just now go to the review."""
    for step in play.lesson.steps:
        if isinstance(step, Cards):
            now = play.progress.record(step.id).state == "done"
            if now and before.record(step.id).state != "done":
                progress.keep_cards(store, key, step.cards)
