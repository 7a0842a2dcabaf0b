"""The course: which lesson comes next, what is missing for it, and how the map looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcnet.render.screen import Screen, laid_out
from kcnet.tutor import coursemap
from kcnet.tutor.course import Course, missing, next_lesson, read_course
from kcnet.tutor.progress import Summary
from tests.tutor import small


def summary(done: int, *, finished: bool = False, changed: str = "2026-01-01", skipped: int = 0) -> Summary:
    steps = ["hello", "look", "watch", "guess", "type", "mend", "after", "order", "sum", "cards"]
    states = dict.fromkeys(steps[:done], "done") | dict.fromkeys(steps[done : done + skipped], "skipped")
    return Summary(states, steps[min(done, 9)], changed, "2026-01-01" if finished else None)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    for number, name in ((1, "one"), (2, "two"), (10, "ten")):
        needs = "needs: [one]\n" if name == "two" else "needs: [one, two, gone]\n" if name == "ten" else ""
        text = small.LESSON.replace("id: small", f"id: {name}", 1).replace("teaches: [web]\n", needs)
        small.write(tmp_path, text, f"{number:02}-{name}.yaml")
    return read_course(tmp_path)


def following(course: Course, summaries: dict[str, Summary]) -> str | None:
    states = coursemap.standings(course, summaries)
    found = next_lesson(course, states, {name: one.changed for name, one in summaries.items()})
    return found.head.id if found else None


def test_the_order_is_that_of_the_numbers(course: Course) -> None:
    assert [entry.head.id for entry in course.entries] == ["one", "two", "ten"]
    after = course.after("two")
    assert after is not None
    assert after.head.id == "ten"
    assert course.after("ten") is None


@pytest.mark.parametrize(
    ("summaries", "expected"),
    [
        ({}, "one"),
        ({"one": summary(10)}, "two"),
        ({"one": summary(3)}, "one"),
        ({"one": summary(8, skipped=2)}, "two"),
        ({"one": summary(3, finished=True)}, "two"),
        ({"ten": summary(3)}, "ten"),
        ({"one": summary(1, changed="2026-01-02"), "two": summary(1, changed="2026-01-03")}, "two"),
        ({"one": summary(1, changed="2026-01-04"), "two": summary(1, changed="2026-01-03")}, "one"),
        ({"one": summary(10), "two": summary(10), "ten": summary(10)}, None),
        ({"gone": summary(3)}, "one"),
    ],
)
def test_what_comes_next(course: Course, summaries: dict[str, Summary], expected: str | None) -> None:
    assert following(course, summaries) == expected


def test_what_a_lesson_builds_on(course: Course) -> None:
    states = coursemap.standings(course, {"one": summary(10)})
    ten = course.entries[2].head
    assert missing(course, ten, states) == ["two"]


def shown(course: Course, summaries: dict[str, Summary], screen: Screen | None = None) -> list[str]:
    return laid_out(screen or Screen(), coursemap.rows(course, summaries))


def test_the_map(course: Course) -> None:
    lines = shown(course, {"one": summary(10), "two": summary(4)})
    assert lines[0] == "The course: 3 lessons, 1 finished"
    assert [line.split()[0] for line in lines[2:5]] == ["✔", "▸", "·"]
    assert "4 of 10 steps" in lines[3]
    assert lines[-1] == "Go on: kcnet learn two"


def test_the_map_of_a_learner_who_jumps_ahead(course: Course) -> None:
    assert shown(course, {"ten": summary(1)})[-1] == "It builds on one, two."


def test_the_map_when_all_is_done(course: Course) -> None:
    done = {name: summary(10) for name in ("one", "two", "ten")}
    assert "kcnet quiz" in shown(course, done)[-1]


@pytest.mark.parametrize("width", [20, 40, 80])
def test_the_map_is_no_wider_than_the_screen_and_needs_no_colour(course: Course, width: int) -> None:
    lines = shown(course, {"one": summary(4)}, Screen(width=width, encoding="ascii"))
    assert all(len(line) <= width and line.isascii() for line in lines)


def test_a_course_without_lessons() -> None:
    assert shown(Course(()), {})[-1] == "There is no lesson yet."
