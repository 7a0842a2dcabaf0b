"""The bank: question files to questions, and what is wrong with a file, each with its place.

Parsing the whole bank takes longer than a learner should wait, so what was parsed is kept as JSON in the user's cache
folder, under a name made of the files' names, sizes and times; where that cannot be written nothing is lost but time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kcnet.tutor.quiz.question import Question, question_of

if TYPE_CHECKING:
    from kcnet.tutor.lessonfile import Written

VERSION: Final = 1
"""Of the cached form."""


def own_files() -> tuple[Path, ...]:
    """The files of kcnet's bank, by name."""
    from kcnet.resources import folder

    return tuple(sorted((folder("lessons") / "quiz").glob("*.yaml")))


def read_bank(files: Sequence[Path] | None = None) -> tuple[Question, ...]:
    """Every question of ``files`` (kcnet's own), in their order. Raises InvalidLessonError."""
    chosen = own_files() if files is None else tuple(files)
    place = _cache(chosen)
    documents = _cached(place)
    if documents is None:
        documents = [value for file in chosen for value in documents_of(read(file))]
        _keep(place, documents)
    return tuple(map(question_of, documents))


def read(file: Path) -> Written:
    """A question file that has passed the schema. Raises InvalidLessonError."""
    from kcnet.tutor.lessonfile import InvalidLessonError, written
    from kcnet.tutor.structure import check
    from kcnet.tutor.structure import read as schema

    found = written(file)
    wrong = [*check(found.value, schema("questions.json"))]
    problems = [found.problem(*one, code="QUESTION_STRUCTURE") for one in wrong]
    if not problems:
        problems = [
            found.problem(path, message, fix, "QUESTION_STRUCTURE") for path, message, fix in _whole(found.value)
        ]
    if problems:
        raise InvalidLessonError(tuple(problems))
    return found


def documents_of(found: Written) -> Iterator[dict[str, Any]]:
    """Each question's document, with its topic."""
    for value in found.value["questions"]:
        yield {"topic": found.value["topic"], **value}


_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "single": ("options",),
    "multiple": ("options",),
    "what-happens": ("options", "manifest", "request", "ask"),
    "order": ("items",),
    "fill": ("answer",),
    "fault-line": ("manifest", "request", "fault", "decoys", "cure"),
}


def _whole(value: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What a form needs, and how many options of it are right."""
    for number, one in enumerate(value["questions"]):
        path = f"questions[{number}]"
        form = one["form"]
        for name in _NEEDS[form]:
            if name not in one:
                yield path, f"A question of the form {form} needs {name}.", f"Add {name}."
        options = one.get("options") or ()
        right = sum(bool(option.get("correct")) for option in options)
        if form in ("single", "what-happens") and options and (right != 1 or len(options) != 4):
            yield f"{path}.options", f"{len(options)} options, of which {right} are right.", "Four options, one right."
        if form == "multiple" and options and (len(options) < 5 or not 1 <= right < len(options)):
            yield f"{path}.options", f"{len(options)} options, of which {right} are right.", "Five or six, some right."
        lines = (one.get("manifest") or "").count("\n")
        for name, line in [
            ("fault", one.get("fault")),
            *((f"decoys[{i}]", d) for i, d in enumerate(one.get("decoys") or ())),
        ]:
            if line is not None and line["line"] > lines:
                yield f"{path}.{name}", f"The manifest has {lines} lines.", "Count its lines from 1."


def _cache(files: Iterable[Path]) -> Path | None:
    from kcnet import __version__

    marks = [f"{VERSION} {__version__}"]
    try:
        for file in files:
            status = file.stat()
            marks.append(f"{file} {status.st_size} {status.st_mtime_ns}")
    except OSError:
        return None
    from platformdirs import user_cache_path

    return (
        user_cache_path("kcnet", appauthor=False)
        / f"questions-{sha256('|'.join(marks).encode()).hexdigest()[:16]}.json"
    )


def _cached(place: Path | None) -> list[dict[str, Any]] | None:
    if place is None:
        return None
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, list) else None


def _keep(place: Path | None, documents: list[dict[str, Any]]) -> None:
    if place is None:
        return
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        for old in place.parent.glob("questions-*.json"):
            old.unlink(missing_ok=True)
        part = place.with_suffix(".part")
        part.write_text(json.dumps(documents, ensure_ascii=False), encoding="utf-8")
        part.replace(place)


def by_id(questions: Iterable[Question]) -> dict[str, Question]:
    return {question.id: question for question in questions}
