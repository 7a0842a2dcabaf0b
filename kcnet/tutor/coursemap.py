"""The map of the lessons: what there is, how far one is, what comes next; and the same as a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kcnet.render.screen import Line, Row, Style
from kcnet.tutor.course import Course, Entry, Standing, missing, next_lesson, standing, step_ids
from kcnet.tutor.lesson import Lesson
from kcnet.tutor.progress import Summary

BLANK = Row((), ())
_WIDEST = 46


def standings(course: Course, summaries: Mapping[str, Summary]) -> dict[str, Standing]:
    return {entry.head.id: standing(step_ids(entry.head), summaries.get(entry.head.id)) for entry in course.entries}


def rows(course: Course, summaries: Mapping[str, Summary]) -> list[Row]:
    """The page that ``kcnet learn`` prints."""
    states = standings(course, summaries)
    finished = sum(one.finished for one in states.values())
    title: Line = (("The course", Style.STRONG), (f": {_count(len(course.entries))}, {finished} finished", Style.PLAIN))
    found = [Row((), (), title), BLANK]
    following = next_lesson(course, states, {name: one.changed for name, one in summaries.items()})
    width = min(_WIDEST, max((len(entry.head.title) for entry in course.entries), default=0))
    for entry in course.entries:
        found.append(_entry(entry, states[entry.head.id], width, here=entry is following))
    return [*found, BLANK, *_next(course, states, following)]


def _entry(entry: Entry, state: Standing, width: int, *, here: bool) -> Row:
    mark, style = ("✔", Style.GOOD) if state.finished else ("◐", Style.WARN) if state.begun else ("·", Style.QUIET)
    first: Line = (
        ("▸ " if here else "  ", Style.STRONG),
        (f"{mark} ", style),
        (f"{entry.number:>2}  ", Style.QUIET),
    )
    steps = f"{state.done} of {state.total} steps" if state.begun and state.done < state.total else ""
    text: Line = (
        (entry.head.title.ljust(width), Style.STRONG if here else Style.PLAIN),
        (f"  {entry.head.minutes:>2} min  ", Style.QUIET),
        (steps, Style.QUIET),
    )
    return Row(first, ((" " * 8, Style.PLAIN),), text)


def _next(course: Course, states: Mapping[str, Standing], following: Entry | None) -> list[Row]:
    if following is None:
        if not course.entries:
            return [Row((), (), (("There is no lesson yet.", Style.PLAIN),))]
        said = "All lessons are finished. What you learned wants to be asked again: kcnet quiz"
        return [Row((), (), ((said, Style.PLAIN),))]
    word = "Go on: " if states[following.head.id].begun else "Next: "
    found = [Row(((word, Style.PLAIN),), (), ((f"kcnet learn {following.head.id}", Style.CHANGE),))]
    if lacking := missing(course, following.head, states):
        found.append(Row((), (), ((f"It builds on {', '.join(lacking)}.", Style.QUIET),)))
    return found


def _count(number: int) -> str:
    return f"{number} lesson{'' if number == 1 else 's'}"


def document(course: Course, lessons: Mapping[str, Lesson], summaries: Mapping[str, Summary]) -> dict[str, Any]:
    """What ``kcnet learn --list -o json`` prints."""
    found = []
    for entry in course.entries:
        head, lesson = entry.head, lessons[entry.head.id]
        state = standing([step.id for step in lesson.steps], summaries.get(head.id))
        found.append(
            {
                "id": head.id,
                "title": head.title,
                "minutes": head.minutes,
                "competency": head.competency,
                "topics": list(head.topics),
                "needs": list(head.needs),
                "objectives": list(head.objectives),
                "teaches": list(head.teaches),
                "steps": [{"id": step.id, "kind": step.kind} for step in lesson.steps],
                "done": state.done,
                "total": state.total,
            }
        )
    return {"apiVersion": "kcnet/v1", "kind": "Course", "lessons": found}
