"""``kcnet learn --check``: is a lesson file, or a folder of them, whole, and is all that it says so?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kcnet.tutor.course import FILE, files
from kcnet.tutor.lesson import Head, Lesson
from kcnet.tutor.lessonfile import InvalidLessonError, Written, lesson_of, read_head, written
from kcnet.tutor.sandbox import NoScenarioError

if TYPE_CHECKING:
    from kcnet.loading.problems import Problem
    from kcnet.tutor.proof import Flaw


def check(path: Path, course: Sequence[Head]) -> tuple[list[Problem], list[Path]]:
    """What is wrong with ``path``, in the order of files and lines, and the files that were looked at.

    A folder is a course of its own; a file is judged as part of the ``course`` that it is in, else on its own.
    """
    if path.is_dir():
        return _folder(path)
    return check_file(path, course), [path]


def check_file(path: Path, course: Sequence[Head] = ()) -> list[Problem]:
    """One lesson; ``course`` are the lessons that it stands among, itself one of them."""
    from kcnet.loading.problems import InvalidManifestsError
    from kcnet.tutor.proof import prove
    from kcnet.tutor.prose import read_over

    try:
        found = written(path)
        lesson = lesson_of(found)
    except InvalidLessonError as error:
        return list(error.problems)
    earlier, later = _around(lesson, course)
    flaws = read_over(lesson, earlier, later)
    problems: list[Problem] = []
    try:
        flaws += prove(lesson)
    except NoScenarioError as error:
        fix = f"Put a folder of manifests there: {error.places[0]}"
        problems.append(found.problem("scenario", str(error), fix))
    except InvalidManifestsError as error:
        problems += error.problems
    problems += _misconceptions(lesson, found)
    return _in_order([*problems, *(_problem(found, flaw) for flaw in flaws)])


def _around(lesson: Lesson, course: Sequence[Head]) -> tuple[list[Head], list[Head]]:
    """The lessons before and after this one, by their files; without a course none."""
    own = lesson.head.file.resolve()
    places = [index for index, head in enumerate(course) if head.file.resolve() == own]
    if not places:
        return [], []
    return list(course[: places[0]]), list(course[places[0] + 1 :])


def _misconceptions(lesson: Lesson, found: Written) -> list[Problem]:
    from kcnet.tutor.beliefs import BELIEFS

    problems = []
    for index, name in enumerate(lesson.head.misconceptions):
        if " " not in name.strip() and name not in BELIEFS:
            from kcnet.lab.nearest import suggestion

            fix = suggestion(name, BELIEFS) or "Write a sentence for one that kcnet has no model of."
            problems.append(found.problem(f"misconceptions[{index}]", f"There is no belief {name}.", fix))
    return problems


def _problem(found: Written, flaw: Flaw) -> Problem:
    return found.problem(flaw.path, flaw.message, flaw.fix)


def _in_order(problems: list[Problem]) -> list[Problem]:
    unique = list(dict.fromkeys(problems))
    return sorted(unique, key=lambda one: (one.file or "", one.line or 0, one.column or 0))


def _folder(folder: Path) -> tuple[list[Problem], list[Path]]:
    from kcnet.loading.problems import Problem
    from kcnet.tutor.prose import orphans, repeated

    paths = files(folder)
    problems: list[Problem] = []
    heads: list[Head] = []
    for path in paths:
        try:
            heads.append(read_head(path))
        except InvalidLessonError:
            continue  # told below, with everything else
    for path in paths:
        problems += check_file(path, heads)
    if not paths:
        message = f"There is no lesson in the folder {folder}."
        fix = f"A lesson is a file such as 01-first.yaml (its name matches {FILE.pattern})."
        problems.append(Problem(code="LESSON_FILE", message=message, fix=fix, file=str(folder)))
    elif len(heads) == len(paths):
        for name in orphans(folder, heads):
            fix = "Name it in a lesson (scenario), or delete it."
            problems.append(
                Problem(code="LESSON_ORPHAN", message="No lesson uses this.", fix=fix, file=str(folder / name))
            )
    for name, same in repeated(heads).items():
        message = f"The id {name} belongs to {' and '.join(one.name for one in same)}."
        problems.append(
            Problem(code="LESSON_ID", message=message, fix="Give each an id of its own.", file=str(same[1]))
        )
    return problems, paths
