"""Lesson files: YAML to a Lesson, and what is wrong with one, each with its place and what to do.

``read_head`` reads the text above ``steps:`` alone, which is what a list of lessons needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kcnet.tutor import lesson as model
from kcnet.tutor.lesson import Ask, Card, Goal, Head, Lesson, Link, Miss, Reject, Step, WrongAnswer

if TYPE_CHECKING:
    from kcnet.loading.problems import Problem
    from kcnet.model.names import Origin

STEPS: Final = re.compile(r"^steps:", re.MULTILINE)


class InvalidLessonError(Exception):
    """Everything that is wrong with one lesson file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{one.file}:{one.line}: {one.message}" for one in problems[:3]))
        self.problems = problems


class Written:
    """A lesson file as it stands: its values, and the places of its fields."""

    def __init__(self, file: Path, text: str, value: Any, origin: Origin | None) -> None:
        self.file, self.text, self.value, self.origin = file, text, value, origin

    def problem(self, path: str, message: str, fix: str, code: str = "LESSON") -> Problem:
        from kcnet.loading.problems import Problem, problem_in

        if self.origin is None:
            return Problem(code=code, message=message, fix=fix, file=str(self.file), line=1, column=1)
        return problem_in(self.origin, path, code=code, message=message, fix=fix)


def read_lesson(file: Path) -> Lesson:
    """Raises InvalidLessonError."""
    return lesson_of(written(file))


def lesson_of(found: Written) -> Lesson:
    """Raises InvalidLessonError."""
    from kcnet.tutor.structure import check, read

    wrong = list(check(found.value, read("lesson.json")))
    if wrong:
        raise InvalidLessonError(tuple(found.problem(*one, code="LESSON_STRUCTURE") for one in wrong))
    value = found.value
    if next(reversed(value)) != "steps":
        fix = "Move steps to the end: a list of lessons reads only what stands above it."
        raise InvalidLessonError((found.problem("steps", "steps is not the last key.", fix, "LESSON_STRUCTURE"),))
    return Lesson(head=_head(value, found.file), steps=tuple(map(_step, value["steps"])))


def read_head(file: Path) -> Head:
    """Raises InvalidLessonError; what is wrong with the steps is not looked at."""
    from kcnet.loading.yaml_text import parse_yaml

    try:
        with file.open(encoding="utf-8") as stream:
            lines = []
            for line in stream:
                if line.startswith("steps:"):
                    break
                lines.append(line)
        parsed = next(iter(parse_yaml("".join(lines))), None)
        if parsed is not None and not parsed.faults and isinstance(parsed.value, dict):
            return _head(parsed.value, file)
    except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError):
        pass
    # The whole reader knows what is wrong.
    return read_lesson(file).head


def written(file: Path) -> Written:
    """The file's values and places. Raises InvalidLessonError if it is no YAML, or cannot be read."""
    from kcnet.loading.faults import words
    from kcnet.loading.lines import Lines
    from kcnet.loading.positions import locate_yaml
    from kcnet.loading.problems import Problem, problem_at
    from kcnet.loading.yaml_text import parse_yaml
    from kcnet.model.names import Origin, Source

    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        message = f"The lesson cannot be read: {error.strerror or error}."
        fix = "Name a lesson file; kcnet learn --list shows the lessons of kcnet."
        raise InvalidLessonError((Problem(code="LESSON_FILE", message=message, fix=fix, file=str(file)),)) from None
    except UnicodeDecodeError:
        message, fix = "The file is no UTF-8 text.", 'Save it again with the encoding "UTF-8".'
        raise InvalidLessonError((Problem(code="LESSON_FILE", message=message, fix=fix, file=str(file)),)) from None
    source = Source(str(file), text, locate_yaml)
    lines = Lines(text)
    documents = list(parse_yaml(text))
    problems = []
    for fault in (fault for parsed in documents for fault in parsed.faults):
        message, fix = words(fault, text, lines.at(fault.first)[0] if fault.first is not None else None)
        fix = fix.replace("Kubernetes", "kcnet")
        line, column = lines.at(min(fault.index, len(text)))
        problems.append(problem_at(source, fault.index, line, column, code=fault.code, message=message, fix=fix))
    if not documents:
        problems.append(
            Problem(code="LESSON_FILE", message="The file is empty.", fix="Write a lesson.", file=str(file))
        )
    elif not problems and len(documents) > 1:
        line, column = lines.at(documents[1].start)
        message, fix = "A second document begins here.", "One file holds one lesson: remove the line ---."
        code = "LESSON_FILE"
        problems.append(problem_at(source, documents[1].start, line, column, code=code, message=message, fix=fix))
    if problems:
        raise InvalidLessonError(tuple(problems))
    parsed = documents[0]
    line, column = lines.at(parsed.start)
    origin = Origin(source=source, start=parsed.start, end=parsed.end, line=line, column=column)
    return Written(file, text, parsed.value, origin)


def _head(value: Mapping[str, Any], file: Path) -> Head:
    def texts(key: str) -> tuple[str, ...]:
        found = value.get(key) or ()
        return (found,) if isinstance(found, str) else tuple(map(str, found))

    return Head(
        id=str(value["id"]),
        title=str(value["title"]),
        minutes=int(value["minutes"]),
        competency=str(value["competency"]),
        topics=texts("topics"),
        needs=texts("needs"),
        objectives=texts("objectives"),
        teaches=texts("teaches"),
        mentions=texts("mentions"),
        misconceptions=texts("misconceptions"),
        scenario=texts("scenario"),
        namespace=str(value.get("namespace", "default")),
        links=tuple(Link(str(link["title"]), str(link["url"])) for link in value.get("links") or ()),
        file=file,
    )


def _step(value: Mapping[str, Any]) -> Step:
    kind = next(key for key in value if key != "id")
    return _STEPS[kind](value["id"], value[kind])


def _ask(value: Mapping[str, Any]) -> Ask:
    return Ask(value["from"], value["to"], value.get("protocol"), value.get("host"))


def _tuple(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _show(name: str, value: Mapping[str, Any]) -> Step:
    return model.Show(
        id=name,
        say=value.get("say", ""),
        object=value.get("object", ""),
        fields=_tuple(value.get("fields")),
        file=value.get("file", ""),
        lines=_tuple(value.get("lines")),
        mark=_tuple(value.get("mark")),
    )


def _trace(name: str, value: Mapping[str, Any]) -> Step:
    return model.TraceStep(id=name, ask=_ask(value), say=value.get("say", ""), verdict=_tuple(value.get("verdict")))


def _predict(name: str, value: Mapping[str, Any]) -> Step:
    return model.Predict(
        id=name,
        ask=_ask(value),
        before=value["before"],
        beliefs=_tuple(value["beliefs"]),
        say=value.get("say", ""),
        question=value.get("question", ""),
        wrong=tuple(WrongAnswer(one["value"], one["why"]) for one in value.get("wrong", ())),
        review=value.get("review", ""),
    )


def _run(name: str, value: Mapping[str, Any]) -> Step:
    return model.Run(
        id=name,
        task=value["task"],
        wants=tuple(value["wants"]),
        hints=tuple(value["hints"]),
        answer=value["answer"],
        also=tuple(value["also"]),
        miss=tuple(Miss(one["do"], one.get("says", "")) for one in value["miss"]),
    )


def _goal(name: str, value: Mapping[str, Any]) -> Step:
    return Goal(
        id=name,
        task=value["task"],
        setup=_tuple(value.get("setup")),
        wants=tuple(value["wants"]),
        hints=tuple(value["hints"]),
        solution=tuple(value["solution"]),
        accept=tuple(map(tuple, value["accept"])),
        reject=tuple(Reject(tuple(one["do"]), one["fails"]) for one in value["reject"]),
        par=value.get("par"),
    )


def _order(name: str, value: Mapping[str, Any]) -> Step:
    ask = _ask(value) if "from" in value else None
    return model.Order(id=name, question=value["ask"], ask=ask, items=_tuple(value.get("items")))


def _cards(name: str, value: Iterable[Mapping[str, Any]]) -> Step:
    return model.Cards(id=name, cards=tuple(Card(one["id"], one["front"], one["back"]) for one in value))


def _text(kind: type[model.Say] | type[model.Recap], name: str, value: str) -> Step:
    return kind(id=name, text=value)


_STEPS: Final[Mapping[str, Callable[[str, Any], Step]]] = {
    "say": partial(_text, model.Say),
    "show": _show,
    "trace": _trace,
    "predict": _predict,
    "run": _run,
    "goal": _goal,
    "order": _order,
    "recap": partial(_text, model.Recap),
    "cards": _cards,
}
