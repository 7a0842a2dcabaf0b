"""How far a learner is, as a value: computed from the review log, the schedule, lessons and exams.

Readiness is the share of networking questions that would be answered right on the day of the exam. It is given as a
range with its sample, and not at all below ``ENOUGH`` questions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from kcnet.tutor.exam.facts import PASS_MARK, QUESTIONS, share
from kcnet.tutor.quiz import memory, schedule
from kcnet.tutor.quiz.memory import Entry
from kcnet.tutor.subjects import TOPICS

if TYPE_CHECKING:
    from kcnet.tutor.exam.keeping import Past
    from kcnet.tutor.quiz.question import Question
    from kcnet.tutor.storage import Store

NETWORKING: Final = "Networking"
ENOUGH: Final = 20
"""Questions answered, below which nothing is said about readiness."""
Z: Final = 1.645
"""Of a range that holds the truth nine times in ten."""
DAYS: Final = 30
"""Days that retention looks back."""
SECONDS_A_REVIEW: Final = 30


class Topic(Struct, frozen=True):
    id: str
    questions: int
    seen: int
    known: float
    """Of all its questions, the share that is expected to be known now, luck taken off. 0..1."""


class Readiness(Struct, frozen=True):
    """Percent; None where there is not enough evidence."""

    sample: int
    needed: int
    low: float | None = None
    high: float | None = None
    day: date | None = None
    """The day that it is for."""


class Advice(Struct, frozen=True):
    command: str
    minutes: int
    why: str


class Standing(Struct, frozen=True):
    lessons_done: int
    lessons: int
    topics: tuple[Topic, ...]
    streak: int
    """Days in a row with an answer, up to today or yesterday."""
    retention: tuple[int, int]
    """Right and all, of the answers of the last month to what had been asked before."""
    reviews: int
    due: int
    forecast: tuple[tuple[date, int], ...]
    exams: tuple[Past, ...]
    """Those that were handed in, the oldest first."""
    exam: date | None
    readiness: Readiness
    advice: tuple[Advice, ...]

    def to_dict(self) -> dict[str, Any]:
        """The document of ``kcnet progress -o json``."""
        right, every = self.retention
        ready = self.readiness
        return {
            "apiVersion": "kcnet/v1",
            "kind": "Progress",
            "lessons": {"done": self.lessons_done, "total": self.lessons},
            "topics": [
                {"topic": one.id, "questions": one.questions, "seen": one.seen, "mastery": round(one.known, 4)}
                for one in self.topics
            ],
            "streak": self.streak,
            "retention": {"correct": right, "reviews": every, "days": DAYS},
            "reviews": self.reviews,
            "due": self.due,
            "forecast": [{"date": day.isoformat(), "due": count} for day, count in self.forecast],
            "exams": [
                {
                    "at": exam.begun.isoformat(),
                    "questions": exam.questions,
                    "correct": exam.correct,
                    "passed": exam.passed,
                }
                for exam in self.exams
            ],
            "examDate": None if self.exam is None else self.exam.isoformat(),
            "readiness": {
                "competency": NETWORKING,
                "shareOfExam": round(share(NETWORKING), 1),
                "sample": ready.sample,
                "needed": ready.needed,
                "enough": ready.low is not None,
                "low": ready.low,
                "high": ready.high,
                "passMark": PASS_MARK.value,
                "day": None if ready.day is None else ready.day.isoformat(),
            },
            "next": [{"command": one.command, "minutes": one.minutes, "why": one.why} for one in self.advice],
        }


def standing(
    store: Store, questions: Sequence[Question], lessons: Sequence[tuple[str, int]], now: datetime
) -> Standing:
    """``lessons`` are ids and minutes, in the order of the course. Raises StoreError."""
    from kcnet.tutor.exam.keeping import history
    from kcnet.tutor.progress import summaries

    entries = memory.entries(store)
    finished = {name for name, summary in summaries(store).items() if summary.finished}
    exam = memory.exam_date(store)
    topics = tuple(_topic(topic, questions, entries, now) for topic in TOPICS)
    due = sum(entry.is_due(now) for entry in entries.values())
    left = [(name, minutes) for name, minutes in lessons if name not in finished]
    return Standing(
        lessons_done=len(lessons) - len(left),
        lessons=len(lessons),
        topics=topics,
        streak=_streak(store, now),
        retention=_retention(store, now),
        reviews=int(store.row("SELECT count(*) AS n FROM reviews")["n"]),
        due=due,
        forecast=tuple(memory.forecast(entries.values(), now)),
        exams=tuple(history(store)),
        exam=exam,
        readiness=readiness(store, questions, entries, now, exam),
        advice=_advice(topics, due, left),
    )


def _known(entry: Entry, chance: float, at: datetime) -> float:
    """The chance that a card is known then. One right answer may have been luck: that part is taken off."""
    if not entry.last_correct:
        return 0.0
    luck = chance / (1 + chance) if entry.times < 2 else chance**2
    return schedule.recall(entry.state, at) * (1 - luck)


def _topic(topic: str, questions: Sequence[Question], entries: Mapping[str, Entry], now: datetime) -> Topic:
    own = [question for question in questions if question.topic == topic]
    seen = [question for question in own if question.id in entries]
    known = sum(_known(entries[question.id], question.chance, now) for question in seen)
    return Topic(topic, len(own), len(seen), known / len(own) if own else 0.0)


def _streak(store: Store, now: datetime) -> int:
    """Days are those of the clock on the wall, which summer time makes longer or shorter."""
    lessons = {
        schedule.today(datetime.fromisoformat(row["changed"])) for row in store.rows("SELECT changed FROM lesson_steps")
    }

    def busy(day: date) -> bool:
        begins, ends = (
            memory.stamp(datetime.combine(one, time()).astimezone()) for one in (day, day + timedelta(days=1))
        )
        found = store.row("SELECT 1 FROM reviews WHERE at >= ? AND at < ? LIMIT 1", (begins, ends))
        return day in lessons or found is not None

    day = schedule.today(now)
    if not busy(day):
        day -= timedelta(days=1)
    count = 0
    while busy(day):
        count += 1
        day -= timedelta(days=1)
    return count


def _retention(store: Store, now: datetime) -> tuple[int, int]:
    row = store.row(
        "SELECT coalesce(sum(correct), 0) AS good, count(*) AS n FROM reviews AS r WHERE at > ? AND rating IS NOT NULL "
        "AND EXISTS (SELECT 1 FROM reviews AS b WHERE b.card = r.card AND b.at < r.at)",
        (memory.stamp(now - timedelta(days=DAYS)),),
    )
    return int(row["good"]), int(row["n"])


def readiness(
    store: Store, questions: Sequence[Question], entries: Mapping[str, Entry], now: datetime, exam: date | None
) -> Readiness:
    """Of the competency Networking: what was learned by its recall on the day, what was never asked by the first
    answers to what was new, both without the luck of guessing."""
    own = {question.id: question for question in questions if question.competency == NETWORKING}
    today = schedule.today(now)
    day = exam if exam is not None and exam >= today else today
    at = max(now, schedule.at_noon(day))
    firsts = (
        store.row(
            "SELECT correct, chance FROM reviews WHERE card = ? AND mode IN ('quiz', 'exam') ORDER BY at LIMIT 1",
            (key,),
        )
        for key in own
    )
    first = [(bool(row["correct"]), float(row["chance"])) for row in firsts if row is not None]
    sample = len(first)
    if sample < ENOUGH:
        return Readiness(sample, ENOUGH, day=day)
    share_right = sum(right for right, _ in first) / sample
    luck = sum(chance for _, chance in first) / sample
    new = max(0.0, (share_right - luck) / (1 - luck))
    expected = 0.0
    for key, question in own.items():
        knows = _known(entries[key], question.chance, at) if key in entries else new
        expected += knows + (1 - knows) * question.chance
    low, high = wilson(expected / len(own), sample)
    return Readiness(sample, ENOUGH, round(100 * low, 1), round(100 * high, 1), day)


def wilson(part: float, sample: int) -> tuple[float, float]:
    """The range of a share that was seen in a sample.

    https://www.itl.nist.gov/div898/handbook/prc/section2/prc241.htm
    """
    base = 1 + Z**2 / sample
    middle = (part + Z**2 / (2 * sample)) / base
    half = Z * math.sqrt(part * (1 - part) / sample + Z**2 / (4 * sample**2)) / base
    return max(0.0, middle - half), min(1.0, middle + half)


def _advice(topics: Sequence[Topic], due: int, lessons: Sequence[tuple[str, int]]) -> tuple[Advice, ...]:
    """The twenty minutes that raise readiness most: what would be forgotten, then the biggest gap."""
    found = []
    left = 20
    if due:
        count = min(due, left * 60 // SECONDS_A_REVIEW)
        minutes = max(1, math.ceil(count * SECONDS_A_REVIEW / 60))
        found.append(Advice(f"kcnet quiz --count {count}", minutes, f"{due} due, and about to be forgotten"))
        left -= minutes
    gap = max(topics, key=lambda one: one.questions * (1 - one.known))
    if left >= 5 and gap.seen == 0 and lessons and lessons[0][1] <= left:
        name, minutes = lessons[0]
        found.append(Advice(f"kcnet learn {name}", minutes, "the next lesson"))
        left -= minutes
    missing = round(gap.questions * (1 - gap.known))
    if left >= 5 and missing:
        count = min(10, missing)
        why = f"{missing} of {gap.questions} not known yet"
        found.append(Advice(f"kcnet quiz --topic {gap.id} --count {count}", max(1, count // 2), why))
    return tuple(found)


def exam_questions() -> int:
    """How many questions of an exam are about networking."""
    return round(QUESTIONS.value * share(NETWORKING) / 100)
