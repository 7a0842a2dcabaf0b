"""What was answered and when it is due: the log of reviews, and one row of the schedule for each card.

The log is only ever added to. Ids that no file has any more are kept and do no harm.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from msgspec import Struct

from kcnet.tutor.quiz import schedule
from kcnet.tutor.quiz.schedule import Grade

if TYPE_CHECKING:
    from kcnet.tutor.storage import Store

Clock = Callable[[], datetime]


class Review(Struct, frozen=True, kw_only=True):
    """An answer that was given."""

    card: str
    revision: int
    topic: str
    mode: str
    """quiz, cram, exam or card."""
    correct: bool
    sure: bool = True
    chance: float = 0.0
    answer: Any = None
    belief: str | None = None
    seconds: float = 0.0
    seed: int = 0


class Entry(Struct, frozen=True):
    """A card of the schedule."""

    card: str
    topic: str
    state: str
    due: datetime
    last: datetime
    last_correct: bool
    times: int

    def is_due(self, now: datetime) -> bool:
        """What was answered in the future was answered by a clock that was wrong; it would not come for years."""
        return self.due <= now or self.last > now + schedule.DAY


def stamp(moment: datetime) -> str:
    """A moment as the tables have it: UTC, so that texts sort as times do, wherever the learner travels."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def add(store: Store, review: Review, now: datetime, *, rating: Grade | None = None) -> None:
    """One transaction: the answer, and where it counts (``rating``) when to ask again. Raises StoreError."""
    with store.transaction() as database:
        database.execute(
            "INSERT INTO reviews (id, at, card, revision, topic, mode, rating, correct, sure, chance, answer, belief, "
            "milliseconds, seed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                uuid4().hex,
                stamp(now),
                review.card,
                review.revision,
                review.topic,
                review.mode,
                None if rating is None else int(rating),
                review.correct,
                review.sure,
                review.chance,
                json.dumps(review.answer),
                review.belief,
                round(review.seconds * 1000),
                review.seed,
            ),
        )
        if rating is not None:
            row = store.row("SELECT state FROM schedule WHERE card = ?", (review.card,))
            state, due = schedule.reviewed(
                None if row is None else row["state"], review.card, rating, now, exam_date(store), parameters(store)
            )
            database.execute(
                "INSERT INTO schedule (card, topic, state, due, last, last_correct, times) "
                "VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT (card) DO UPDATE SET state = excluded.state, "
                "due = excluded.due, last = excluded.last, last_correct = excluded.last_correct, "
                "topic = excluded.topic, times = times + 1",
                (review.card, review.topic, state, stamp(due), stamp(now), review.correct),
            )


def entries(store: Store) -> dict[str, Entry]:
    """The schedule, by card. Raises StoreError."""
    return {
        row["card"]: Entry(
            row["card"],
            row["topic"],
            row["state"],
            datetime.fromisoformat(row["due"]),
            datetime.fromisoformat(row["last"]),
            bool(row["last_correct"]),
            row["times"],
        )
        for row in store.rows("SELECT * FROM schedule")
    }


def forecast(found: Iterable[Entry], now: datetime, days: int = 14) -> list[tuple[date, int]]:
    """How many cards come due on each of the coming days; what is overdue counts today."""
    today = schedule.today(now)
    counts = dict.fromkeys((today + timedelta(days=ahead) for ahead in range(days)), 0)
    for entry in found:
        day = today if entry.is_due(now) else max(today, schedule.today(entry.due))
        if day in counts:
            counts[day] += 1
    return list(counts.items())


def setting(store: Store, name: str) -> str | None:
    row = store.row("SELECT value FROM settings WHERE name = ?", (name,))
    return None if row is None else str(row["value"])


def set_setting(store: Store, name: str, value: str | None) -> None:
    with store.transaction() as database:
        if value is None:
            database.execute("DELETE FROM settings WHERE name = ?", (name,))
        else:
            database.execute(
                "INSERT INTO settings (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )


def exam_date(store: Store) -> date | None:
    """The day of the learner's exam; None if there is none, or what is there is no date."""
    text = setting(store, "exam")
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None


def set_exam_date(store: Store, day: date | None, now: datetime) -> int:
    """Plan towards a day: what would come due after it comes due before it. Returns how many cards were moved."""
    with store.transaction() as database:
        set_setting(store, "exam", None if day is None else day.isoformat())
        if day is None or day <= schedule.today(now):
            return 0
        last = stamp(schedule.at_noon(day) - schedule.DAY)
        moved = database.execute("UPDATE schedule SET due = ? WHERE due > ?", (last, last)).rowcount
    return int(moved)


def parameters(store: Store) -> tuple[float, ...] | None:
    """Of FSRS, fitted to this learner; None for the library's own."""
    text = setting(store, "parameters")
    try:
        found = None if text is None else tuple(float(one) for one in json.loads(text))
    except (ValueError, TypeError):
        return None
    return found if found and len(found) == 21 else None


def lesson_cards(store: Store) -> Mapping[str, tuple[str, str, str]]:
    """Facts that lessons handed over: card's id to (lesson, front, back). Raises StoreError."""
    return {
        f"card:{row['id']}": (row["lesson"], row["front"], row["back"])
        for row in store.rows("SELECT id, lesson, front, back FROM cards ORDER BY added, id")
    }
