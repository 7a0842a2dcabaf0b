"""What an exam came to: by competency and by topic, against the pass mark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from kcnet.tutor.exam.facts import PASS_MARK, SCOPE, share
from kcnet.tutor.quiz.judge import Answer, UnreadableError, judge
from kcnet.tutor.quiz.question import Question


class Marked(Struct, frozen=True):
    question: Question
    answer: Any
    """Places of options, or a text; of a file as it was written; None where there is none."""
    right: bool
    said: tuple[str, ...] = ()
    problem: str = ""
    given: Answer | None = None
    """The answer in places of the question; None where there is none, or it could not be read."""


class Result(Struct, frozen=True):
    marked: tuple[Marked, ...]
    unknown: tuple[str, ...] = ()
    """Ids that the bank has no more; they do not count."""

    @property
    def correct(self) -> int:
        return sum(one.right for one in self.marked)

    @property
    def passed(self) -> bool:
        # In whole numbers: 45 of 60 is exactly 75 %.
        return bool(self.marked) and self.correct * 100 >= PASS_MARK.value * len(self.marked)

    @property
    def misses(self) -> tuple[Marked, ...]:
        return tuple(one for one in self.marked if not one.right)

    def by(self, name: str) -> dict[str, tuple[int, int]]:
        """``topic`` or ``competency`` -> (right, asked)."""
        found: dict[str, tuple[int, int]] = {}
        for one in self.marked:
            key = str(getattr(one.question, name))
            right, asked = found.get(key, (0, 0))
            found[key] = (right + one.right, asked + 1)
        return found

    def to_dict(self) -> dict[str, Any]:
        """The document of ``kcnet exam -o json``; ``schemas/exam.json``."""
        total = len(self.marked)
        return {
            "apiVersion": "kcnet/v1",
            "kind": "ExamResult",
            "scope": SCOPE,
            "shareOfKCNA": share() / 100,
            "questions": total,
            "answered": sum(one.answer is not None for one in self.marked),
            "correct": self.correct,
            "share": round(self.correct / total, 4) if total else None,
            "passMark": PASS_MARK.value / 100,
            "passed": self.passed,
            "competencies": [{"competency": key, "correct": right, "questions": asked}
                             for key, (right, asked) in self.by("competency").items()],
            "topics": [{"topic": key, "correct": right, "questions": asked}
                       for key, (right, asked) in self.by("topic").items()],
            "misses": [_miss(one) for one in self.misses],
            "unknown": list(self.unknown),
        }  # fmt: skip


def _miss(one: Marked) -> dict[str, Any]:
    answer = one.answer
    return {
        "id": one.question.id,
        "topic": one.question.topic,
        "answer": [place + 1 for place in answer] if isinstance(answer, tuple) else answer,
        "why": list(one.said),
        "problem": one.problem,
        "explanation": one.question.explanation,
        "references": list(one.question.references),
    }


def marked(question: Question, answer: Answer | None) -> Marked:
    """What is not answered is wrong, as in the exam."""
    if answer is None:
        return Marked(question, None, False)
    try:
        verdict = judge(question, answer)
    except UnreadableError as error:
        return Marked(question, answer, False, (), str(error))
    return Marked(question, answer, verdict.right, verdict.said, given=answer)


def graded(ids: tuple[str, ...], answers: Mapping[str, Answer], bank: Mapping[str, Question]) -> Result:
    return Result(
        tuple(marked(bank[one], answers.get(one)) for one in ids if one in bank),
        tuple(one for one in ids if one not in bank),
    )
