"""Answers from a file: every one judged, and a report for a teacher.

The file is a mapping, in YAML or JSON: the question's id to the number of an option (as ``--list`` numbers them, from
1) or its letter (from A), to a list of those, to the option's text, or to what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from kcnet.tutor.desk import named, places
from kcnet.tutor.quiz.judge import Answer, UnreadableError, judge
from kcnet.tutor.quiz.question import Form, Question


class AnswersError(Exception):
    """The file of answers cannot be read; the message says why."""


class Graded(Struct, frozen=True):
    question: Question
    answer: Any
    """As it was written."""
    right: bool
    said: tuple[str, ...]
    given: Answer | None = None
    """The same in places of the question; None where it could not be read."""
    problem: str = ""
    """Why the answer could not be judged; it counts as wrong."""


class Report(Struct, frozen=True):
    graded: tuple[Graded, ...]
    unknown: tuple[str, ...]
    """Ids that no question has."""

    @property
    def right(self) -> int:
        return sum(one.right for one in self.graded)

    def to_dict(self) -> dict[str, Any]:
        """The document of ``kcnet quiz --answers FILE -o json``."""
        return {
            "apiVersion": "kcnet/v1",
            "kind": "QuizResult",
            "answered": len(self.graded),
            "correct": self.right,
            "share": round(self.right / len(self.graded), 4) if self.graded else None,
            "topics": self._topics(),
            "questions": [_entry(one) for one in self.graded],
            "unknown": list(self.unknown),
        }

    def _topics(self) -> list[dict[str, Any]]:
        found: dict[str, list[bool]] = {}
        for one in self.graded:
            found.setdefault(one.question.topic, []).append(one.right)
        return [{"topic": topic, "answered": len(all_), "correct": sum(all_)} for topic, all_ in found.items()]


def _entry(one: Graded) -> dict[str, Any]:
    return {
        "id": one.question.id,
        "revision": one.question.revision,
        "form": one.question.form.value,
        "topic": one.question.topic,
        "competency": one.question.competency,
        "difficulty": one.question.difficulty,
        "answer": one.answer,
        "correct": one.right,
        "why": list(one.said),
        "problem": one.problem,
    }


def read_answers(text: str) -> dict[str, Any]:
    """Raises AnswersError."""
    import yaml

    try:
        value = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = "" if mark is None else f", line {mark.line + 1}"
        said = getattr(error, "problem", None) or "it is nested too deeply"
        raise AnswersError(f"The answers are neither YAML nor JSON{line}: {said}.") from None
    if isinstance(value, Mapping) and isinstance(value.get("answers"), Mapping):
        value = value["answers"]
    if not isinstance(value, Mapping):
        raise AnswersError("The answers are no mapping of question ids to answers, such as dns-short-name: 2.")
    return {str(key): answer for key, answer in value.items()}


def grade_all(answers: Mapping[str, Any], questions: Mapping[str, Question]) -> Report:
    """Ids of generated questions are made anew."""
    graded = []
    unknown = []
    for key, given in answers.items():
        question = questions.get(key) or generated(key)
        if question is None:
            unknown.append(key)
            continue
        answer = None
        try:
            answer = _answer(question, given)
            verdict = judge(question, answer)
        except UnreadableError as error:
            graded.append(Graded(question, given, False, (), answer, str(error)))
        else:
            graded.append(Graded(question, given, verdict.right, verdict.said, answer))
    return Report(tuple(graded), tuple(unknown))


def generated(key: str) -> Question | None:
    from kcnet.tutor.quiz.fresh import remade

    return remade(key)


def _answer(question: Question, given: Any) -> Answer:
    if question.form is Form.FILL:
        return "" if given is None else str(given)
    if isinstance(given, list):
        return tuple(_place(question, value) for value in given)
    if isinstance(given, str) and given.strip() not in {option.text for option in question.options}:
        # ``1, 3`` and ``ac`` are two options.
        return places(given, len(question.options)) or (_place(question, given),)
    return (_place(question, given),)


def _place(question: Question, value: Any) -> int:
    for place, option in enumerate(question.options):
        if str(value).strip() == option.text:
            return place
    if isinstance(value, int) and not isinstance(value, bool):
        return value - 1
    if isinstance(value, str) and (found := places(value, len(question.options))) and len(found) == 1:
        return found[0]
    raise UnreadableError(f"{value!r} is no option: write one of {named(len(question.options))}, or its text.")
