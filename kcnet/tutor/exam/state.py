"""An exam under way, as a value: every step gives a new one. The time is always handed in.

The clock of a machine may be put back: an exam never has more time left than it had when it was last touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from kcnet.tutor.quiz.judge import Answer


class Exam(Struct, frozen=True, kw_only=True):
    id: str
    begun: datetime
    ends: datetime
    seed: int
    questions: tuple[str, ...]
    answers: Mapping[str, Answer] = {}
    flags: frozenset[str] = frozenset()
    place: int = 0
    touched: datetime
    """The latest moment that is known of."""
    handed_in: datetime | None = None

    @property
    def question(self) -> str:
        return self.questions[self.place]

    @property
    def open(self) -> tuple[int, ...]:
        """Places of questions without an answer."""
        return tuple(place for place, one in enumerate(self.questions) if one not in self.answers)


def left(exam: Exam, now: datetime) -> timedelta:
    return max(timedelta(0), exam.ends - max(now, exam.touched))


def over(exam: Exam, now: datetime) -> bool:
    """Handed in, or out of time."""
    return exam.handed_in is not None or not left(exam, now)


def answered(exam: Exam, answer: Answer, now: datetime) -> Exam:
    """The present question answered, perhaps anew. After the end nothing changes."""
    if over(exam, now):
        return exam
    return replace(_touched(exam, now), answers={**exam.answers, exam.question: answer})


def flagged(exam: Exam, now: datetime) -> Exam:
    """The flag of the present question set, or taken off."""
    if over(exam, now):
        return exam
    return replace(_touched(exam, now), flags=exam.flags ^ {exam.question})


def moved(exam: Exam, by: int) -> Exam:
    """Next (1) or previous (-1), round the ends."""
    return replace(exam, place=(exam.place + by) % len(exam.questions))


def jumped(exam: Exam, place: int) -> Exam:
    """To a question by its place from 0; what there is not is ignored."""
    return replace(exam, place=place) if 0 <= place < len(exam.questions) else exam


def handed_in(exam: Exam, now: datetime) -> Exam:
    """The end, by hand or by time; a second end changes nothing."""
    if exam.handed_in is not None:
        return exam
    return replace(exam, handed_in=min(max(now, exam.touched), exam.ends))


def clock(exam: Exam, now: datetime) -> str:
    """``1:29:05``; "" once the time is up."""
    seconds = int(left(exam, now).total_seconds())
    if not left(exam, now):
        return ""
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _touched(exam: Exam, now: datetime) -> Exam:
    return replace(exam, touched=max(now, exam.touched))
