"""The course: which lessons there are, in which order, how far one is, and what comes next.

The order is that of the file names, ``01-pod-network.yaml`` first. Only the heads of the files are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from kcnet.tutor.lesson import Head
from kcnet.tutor.lessonfile import STEPS, read_head
from kcnet.tutor.progress import Summary

FILE = re.compile(r"(\d+)-(.+)\.ya?ml")
_STEP_ID = re.compile(r"^ {0,4}- +id: *([a-z0-9-]+) *$", re.MULTILINE)


class Entry(NamedTuple):
    """One lesson of the course."""

    number: int
    head: Head


class Course(NamedTuple):
    entries: tuple[Entry, ...]

    def find(self, word: str) -> Entry | None:
        """By id, by number (``2``, ``02``), or by the name of the file."""
        bare = word.strip().lower().removesuffix(".yaml").removesuffix(".yml")
        for entry in self.entries:
            if bare in (entry.head.id, entry.head.file.stem.lower()):
                return entry
            if bare.isdecimal() and bare.isascii() and len(bare) < 5 and int(bare) == entry.number:
                return entry
        return None

    def after(self, lesson: str) -> Entry | None:
        """The lesson that follows."""
        ids = [entry.head.id for entry in self.entries]
        if lesson not in ids or ids.index(lesson) + 1 == len(ids):
            return None
        return self.entries[ids.index(lesson) + 1]


def files(folder: Path) -> list[Path]:
    """Lesson files in the order of the course."""
    found = [(int(match[1]), path) for path in folder.iterdir() if (match := FILE.fullmatch(path.name))]
    return [path for _, path in sorted(found)]


def read_course(folder: Path | None = None) -> Course:
    """All lessons of ``folder``, by default kcnet's own. Raises InvalidLessonError."""
    if folder is None:
        from kcnet import resources

        folder = resources.folder("lessons")
    entries = []
    for path in files(folder):
        match = FILE.fullmatch(path.name)
        assert match is not None
        entries.append(Entry(int(match[1]), read_head(path)))
    return Course(tuple(entries))


def step_ids(head: Head) -> list[str]:
    """Ids of the steps, from the text alone: a list of lessons counts them without reading them."""
    try:
        text = head.file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    found = STEPS.search(text)
    return _ids(text[found.end() :]) if found else []


def _ids(text: str) -> list[str]:
    """The ids at the indentation of the first."""
    first = re.search(r"^( *)- +id:", text, re.MULTILINE)
    if first is None:
        return []
    pattern = re.compile(rf"^{first[1]}- +id: *[\"']?([a-z0-9-]+)", re.MULTILINE)
    return pattern.findall(text)


class Standing(NamedTuple):
    """How far one is in a lesson."""

    done: int
    total: int
    begun: bool
    finished: bool
    """Every step is done or skipped, now or once before."""


def standing(steps: Sequence[str], summary: Summary | None) -> Standing:
    if summary is None:
        return Standing(0, len(steps), False, False)
    states = [summary.states.get(step, "open") for step in steps]
    whole = bool(steps) and "open" not in states
    return Standing(states.count("done"), len(steps), True, whole or summary.finished is not None)


def next_lesson(course: Course, standings: Mapping[str, Standing], changed: Mapping[str, str]) -> Entry | None:
    """The lesson to go on with: the one begun last that is not finished, else the first that is not; None: all are."""
    open_ = [entry for entry in course.entries if not standings[entry.head.id].finished]
    begun = [entry for entry in open_ if standings[entry.head.id].begun]
    if begun:
        return max(begun, key=lambda entry: changed.get(entry.head.id, ""))
    return open_[0] if open_ else None


def missing(course: Course, head: Head, standings: Mapping[str, Standing]) -> list[str]:
    """Lessons that come before this one and are not finished."""
    known = {entry.head.id for entry in course.entries}
    return [need for need in head.needs if need in known and not standings[need].finished]
