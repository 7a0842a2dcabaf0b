"""An exam on paper: the questions without their keys, and answers of a file graded. Nothing of it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kcnet.tutor.desk import places as written
from kcnet.tutor.exam.facts import SCOPE
from kcnet.tutor.exam.result import Marked, Result
from kcnet.tutor.quiz.grading import AnswersError, grade_all
from kcnet.tutor.quiz.judge import shown
from kcnet.tutor.quiz.pages import options
from kcnet.tutor.quiz.question import Form, Question


def document(questions: Sequence[Question], seed: int) -> dict[str, Any]:
    """``kcnet exam --list --seed N -o json``: options as they are shown under this seed."""
    return {
        "apiVersion": "kcnet/v1",
        "kind": "Exam",
        "scope": SCOPE,
        "seed": seed,
        "questions": [
            {
                "number": number,
                "id": one.id,
                "form": one.form.value,
                "topic": one.topic,
                "competency": one.competency,
                "stem": one.stem,
                "manifest": one.manifest,
                "options": options(one, shown(one, seed)),
            }
            for number, one in enumerate(questions, 1)
        ],
    }


def grade(answers: Mapping[str, Any], questions: Sequence[Question], seed: int | None) -> Result:
    """Answers by id or, with a seed, by number; numbers of options are then those that the seed shows.

    With a seed the exam is all of ``questions``; without, those that are answered. Raises AnswersError.
    """
    bank = {one.id: one for one in questions}
    given: dict[str, Any] = {}
    unknown = []
    for key, value in answers.items():
        name = _id(key, questions, seed)
        if name not in bank:
            unknown.append(key)
        elif name in given:
            raise AnswersError(f"{name} is answered twice.")
        else:
            given[name] = value
    asked = questions if seed is not None else [bank[name] for name in given]
    return Result(tuple(_marked(one, given.get(one.id), seed) for one in asked), tuple(unknown))


def _id(key: str, questions: Sequence[Question], seed: int | None) -> str:
    if not (key.isascii() and key.isdecimal()):
        return key
    if seed is None:
        raise AnswersError(f"Which question is number {key} depends on the seed: name it with --seed, or use ids.")
    place = int(key) - 1 if len(key) < 5 else -1
    return questions[place].id if 0 <= place < len(questions) else key


def _marked(question: Question, given: Any, seed: int | None) -> Marked:
    if given is None:
        return Marked(question, None, False)
    meant = given if seed is None or question.form is Form.FILL else _unshuffled(question, given, shown(question, seed))
    (one,) = grade_all({question.id: meant}, {question.id: question}).graded
    return Marked(question, given, one.right, one.said, one.problem, None if one.problem else one.given)


def _unshuffled(question: Question, given: Any, places: Sequence[int]) -> Any:
    """Options by their place on the paper to numbers in the file of questions; what is no place on it stays."""
    if isinstance(given, list):
        return [_unshuffled(question, one, places) for one in given]
    if isinstance(given, bool) or given in [option.text for option in question.options]:
        return given
    picks = written(str(given), len(places)) or ()
    return [places[pick] + 1 for pick in picks] if len(picks) > 1 else places[picks[0]] + 1 if picks else given
