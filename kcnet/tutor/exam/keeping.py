"""Exams in the store: one transaction for each answer, so that a killed terminal loses at most what is on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from msgspec import Struct

from kcnet.tutor.exam.result import Result
from kcnet.tutor.exam.state import Exam, handed_in
from kcnet.tutor.quiz import memory, schedule
from kcnet.tutor.quiz.judge import Answer

if TYPE_CHECKING:
    from kcnet.tutor.storage import Store


class Past(Struct, frozen=True):
    """An exam that was handed in."""

    id: str
    begun: datetime
    questions: int
    correct: int
    passed: bool


def begin(store: Store, questions: Sequence[str], seed: int, minutes: int, now: datetime) -> Exam:
    """Raises StoreError."""
    exam = Exam(
        id=uuid4().hex,
        begun=now,
        ends=now + timedelta(minutes=minutes),
        seed=seed,
        questions=tuple(questions),
        touched=now,
    )
    with store.transaction() as database:
        database.execute(
            "INSERT INTO exams (id, begun, ends, seed, questions) VALUES (?, ?, ?, ?, ?)",
            (exam.id, memory.stamp(now), memory.stamp(exam.ends), seed, json.dumps(list(questions))),
        )
    return exam


def under_way(store: Store) -> Exam | None:
    """The exam that was begun last and not handed in. Raises StoreError."""
    row = store.row("SELECT * FROM exams WHERE handed_in IS NULL ORDER BY begun DESC, id LIMIT 1")
    if row is None:
        return None
    answers: dict[str, Answer] = {}
    flags = set()
    touched = begun = datetime.fromisoformat(row["begun"])
    questions = tuple(json.loads(row["questions"]))
    place = 0
    for one in store.rows("SELECT * FROM exam_answers WHERE exam = ? ORDER BY changed", (row["id"],)):
        value = json.loads(one["answer"])
        if value is not None:
            answers[one["question"]] = value if isinstance(value, str) else tuple(value)
        if one["flagged"]:
            flags.add(one["question"])
        touched = max(touched, datetime.fromisoformat(one["changed"]))
        place = questions.index(one["question"]) if one["question"] in questions else place
    if (seen := store.row("SELECT at FROM exam_seen WHERE exam = ?", (row["id"],))) is not None:
        touched = max(touched, datetime.fromisoformat(seen["at"]))
    return Exam(
        id=row["id"],
        begun=begun,
        ends=datetime.fromisoformat(row["ends"]),
        seed=row["seed"],
        questions=questions,
        answers=answers,
        flags=frozenset(flags),
        place=place,
        touched=touched,
    )


def seen(store: Store, exam: Exam, now: datetime) -> None:
    """The exam runs at this moment: so much of its time is gone, whatever a clock says later. Raises StoreError."""
    with store.transaction() as database:
        database.execute(
            "INSERT INTO exam_seen (exam, at) VALUES (?, ?) ON CONFLICT (exam) DO UPDATE SET at = max(at, excluded.at)",
            (exam.id, memory.stamp(now)),
        )


def keep(store: Store, exam: Exam, question: str, seconds: float = 0.0) -> None:
    """The answer and the flag of one question, unless the exam was handed in elsewhere. Raises StoreError."""
    with store.transaction() as database:
        database.execute(
            "INSERT INTO exam_answers (exam, question, answer, flagged, milliseconds, changed) "
            "SELECT ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM exams WHERE id = ? AND handed_in IS NULL) "
            "ON CONFLICT (exam, question) DO UPDATE SET answer = excluded.answer, flagged = excluded.flagged, "
            "milliseconds = milliseconds + excluded.milliseconds, changed = excluded.changed",
            (
                exam.id,
                question,
                json.dumps(exam.answers.get(question)),
                question in exam.flags,
                round(seconds * 1000),
                memory.stamp(exam.touched),
                exam.id,
            ),
        )


def end(store: Store, exam: Exam, result: Result, now: datetime) -> Exam:
    """Hand it in, once: its answers go into the log of reviews, and into the schedule. Raises StoreError."""
    ended = handed_in(exam, now)
    assert ended.handed_in is not None
    with store.transaction() as database:
        first = database.execute(
            "UPDATE exams SET handed_in = ?, correct = ?, passed = ? WHERE id = ? AND handed_in IS NULL",
            (memory.stamp(ended.handed_in), result.correct, result.passed, exam.id),
        ).rowcount
        for one in result.marked if first else ():
            if one.answer is None:
                continue
            question, sure = one.question, one.question.id not in exam.flags
            review = memory.Review(
                card=question.id,
                revision=question.revision,
                topic=question.topic,
                mode="exam",
                correct=one.right,
                sure=sure,
                chance=question.chance,
                answer=one.answer,
                seed=exam.seed,
            )
            memory.add(store, review, ended.handed_in, rating=schedule.grade(right=one.right, sure=sure))
    return ended


def history(store: Store) -> list[Past]:
    """Exams that were handed in, the oldest first. Raises StoreError."""
    return [_past(row) for row in store.rows("SELECT * FROM exams WHERE handed_in IS NOT NULL ORDER BY begun, id")]


def _past(row: Any) -> Past:
    total = len(json.loads(row["questions"]))
    return Past(row["id"], datetime.fromisoformat(row["begun"]), total, row["correct"] or 0, bool(row["passed"]))
