"""Every lesson of kcnet: it proves itself, is played right and wrong, and fits its place in the course."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcnet import resources
from kcnet.render.screen import Screen
from kcnet.tutor.autodesk import AutoDesk
from kcnet.tutor.course import files, read_course, step_ids
from kcnet.tutor.lesson import Goal, Run
from kcnet.tutor.lessoncheck import check_file
from kcnet.tutor.lessonfile import read_lesson
from kcnet.tutor.play import Play
from kcnet.tutor.progress import Progress
from kcnet.tutor.proof import NOON, sandbox
from kcnet.tutor.prose import orphans, repeated
from kcnet.tutor.teach import teach

FOLDER = resources.folder("lessons")
LESSONS = files(FOLDER)
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


@every_lesson
def test_it_proves_itself(path: Path) -> None:
    problems = check_file(path, [entry.head for entry in read_course().entries])
    assert [f"{one.line}: {one.message} {one.fix}" for one in problems] == []


def played(path: Path, *, mistakes: bool) -> tuple[Play, str]:
    """The lesson from beginning to end, and everything that was shown."""
    lesson = read_lesson(path)
    play = Play(lesson, lambda: sandbox(lesson), clock=lambda: NOON)
    shown: list[str] = []
    desk = AutoDesk(play, Screen(encoding="ascii"), shown.append, mistakes=mistakes)
    saved: list[Progress] = []
    assert teach(play, desk, lambda now: saved.append(now.progress)), f"stuck at {play.step.id}"
    assert saved[-1] == play.progress
    return play, "".join(shown)


@every_lesson
def test_right_answers(path: Path) -> None:
    play, shown = played(path, mistakes=False)
    assert play.passed
    assert play.first_wrong is None
    assert play.progress.finished
    assert shown.isascii()
    for step in play.lesson.steps:
        lines = len(step.solution) if isinstance(step, (Run, Goal)) else 1
        # Of several lines each is judged.
        assert play.progress.record(step.id).tries < lines, step.id


@every_lesson
def test_wrong_answers_first(path: Path) -> None:
    play, shown = played(path, mistakes=True)
    assert play.passed, "one may be wrong and still get there"
    assert play.first_wrong is not None
    for step in play.lesson.steps:
        if isinstance(step, (Run, Goal)):
            record = play.progress.record(step.id)
            assert record.tries >= 1 or isinstance(step, Goal), f"{step.id}: a wrong answer was not told"
            assert record.hints == len(step.hints)
            for number in range(1, len(step.hints) + 1):
                assert f"hint {number} of {len(step.hints)}" in shown


@every_lesson
def test_the_quick_count_of_steps_is_right(path: Path) -> None:
    lesson = read_lesson(path)
    assert step_ids(lesson.head) == [step.id for step in lesson.steps]


def test_no_orphans_and_no_id_twice() -> None:
    heads = [entry.head for entry in read_course().entries]
    assert orphans(FOLDER, heads) == []
    assert not repeated(heads)


def test_what_a_lesson_needs_is_there() -> None:
    course = read_course()
    ids = [entry.head.id for entry in course.entries]
    for entry in course.entries:
        assert set(entry.head.needs) <= set(ids)


def test_lessons_are_found_by_id_number_and_file() -> None:
    course = read_course()
    for word in ("labels-and-endpoints", "2", "02", "02-labels-and-endpoints", "02-labels-and-endpoints.yaml"):
        found = course.find(word)
        assert found is not None
        assert found.head.id == "labels-and-endpoints"
    assert course.find("no-such-lesson") is None
