"""How far a learner is in a lesson: a value, and its rows in the store.

Steps and lessons are known by their ids. What a file no longer has is kept and does no harm; a step that is done stays
done, whatever another terminal writes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from kcnet.tutor.lesson import Card
    from kcnet.tutor.storage import Store

Entry = tuple[str, ...]
"""A line typed in the sandbox, and the texts as editors left them that it opened."""


class Record(Struct, frozen=True):
    """One step."""

    state: str = "open"
    """open, done or skipped."""
    tries: int = 0
    """Answers that missed."""
    hints: int = 0
    """How many were shown."""
    solution: bool = False
    """Whether the solution was asked for before the step was done."""
    answer: str = ""
    """What was chosen, as JSON."""


class Progress(Struct, frozen=True):
    step: str = ""
    """Where the learner is; "" at the beginning."""
    records: Mapping[str, Record] = {}
    journal: Mapping[str, tuple[Entry, ...]] = {}
    """What was typed in the sandbox, by step."""
    finished: str | None = None
    """When every step was first done or skipped."""

    def record(self, step: str) -> Record:
        return self.records.get(step, Record())


Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def load(store: Store, lesson: str) -> Progress:
    """Raises StoreError."""
    records = {
        row["step"]: Record(row["state"], row["tries"], row["hints"], bool(row["solution"]), row["answer"])
        for row in store.rows("SELECT * FROM lesson_steps WHERE lesson = ?", (lesson,))
    }
    place = store.row("SELECT * FROM lesson_places WHERE lesson = ?", (lesson,))
    if place is None:
        return Progress(records=records)
    return Progress(place["step"], records, _journal(place["journal"]), place["finished"])


def _journal(text: str) -> dict[str, tuple[Entry, ...]]:
    try:
        value: Any = json.loads(text)
        return {str(step): tuple(tuple(map(str, entry)) for entry in lines) for step, lines in value.items()}
    except (ValueError, AttributeError, TypeError):
        return {}


_STEP = """
INSERT INTO lesson_steps (lesson, step, state, tries, hints, solution, answer, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (lesson, step) DO UPDATE SET
    state = CASE
        WHEN state = 'done' OR (state = 'skipped' AND excluded.state = 'open') THEN state
        ELSE excluded.state
    END,
    tries = max(tries, excluded.tries),
    hints = max(hints, excluded.hints),
    solution = max(solution, excluded.solution),
    answer = CASE WHEN excluded.answer = '' THEN answer ELSE excluded.answer END,
    changed = excluded.changed
"""

_PLACE = """
INSERT INTO lesson_places (lesson, step, journal, changed, finished) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (lesson) DO UPDATE SET
    step = excluded.step, journal = excluded.journal, changed = excluded.changed,
    finished = coalesce(finished, excluded.finished)
"""


def save(store: Store, lesson: str, before: Progress, after: Progress, clock: Clock = utc_now) -> None:
    """What changed, in one transaction. Raises StoreError."""
    now = clock().isoformat(timespec="seconds")
    with store.transaction() as database:
        for step, record in after.records.items():
            if record == before.records.get(step):
                continue
            values = (record.state, record.tries, record.hints, record.solution, record.answer)
            database.execute(_STEP, (lesson, step, *values, now))
            if record.answer and record.answer != before.record(step).answer:
                _predicted(database, lesson, step, record.answer, now)
        journal = json.dumps(dict(after.journal), ensure_ascii=True)
        database.execute(_PLACE, (lesson, after.step, journal, now, after.finished))


def _predicted(database: Any, lesson: str, step: str, answer: str, now: str) -> None:
    value = json.loads(answer)
    if "correct" in value:
        database.execute(
            "INSERT INTO predictions (lesson, step, topic, belief, correct, made) VALUES (?, ?, ?, ?, ?, ?)",
            (lesson, step, value.get("topic", ""), value.get("belief"), bool(value["correct"]), now),
        )


def forget(store: Store, lesson: str) -> None:
    """The lesson from the beginning; its cards stay in the review. Raises StoreError."""
    with store.transaction() as database:
        database.execute("DELETE FROM lesson_steps WHERE lesson = ?", (lesson,))
        database.execute("DELETE FROM lesson_places WHERE lesson = ?", (lesson,))


def keep_cards(store: Store, lesson: str, cards: tuple[Card, ...], clock: Clock = utc_now) -> None:
    """Hand facts to the review; one that is there already keeps its history. Raises StoreError."""
    now = clock().isoformat(timespec="seconds")
    with store.transaction() as database:
        for card in cards:
            database.execute(
                "INSERT INTO cards (id, lesson, front, back, added) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET front = excluded.front, back = excluded.back",
                (f"{lesson}:{card.id}", lesson, card.front, card.back, now),
            )


class Summary(Struct, frozen=True):
    """A lesson on the map."""

    states: Mapping[str, str]
    """By step: done, skipped or open."""
    step: str
    changed: str
    finished: str | None


def summaries(store: Store) -> dict[str, Summary]:
    """All lessons that were begun. Raises StoreError."""
    states: dict[str, dict[str, str]] = {}
    for row in store.rows("SELECT lesson, step, state FROM lesson_steps"):
        states.setdefault(row["lesson"], {})[row["step"]] = row["state"]
    return {
        row["lesson"]: Summary(states.get(row["lesson"], {}), row["step"], row["changed"], row["finished"])
        for row in store.rows("SELECT lesson, step, changed, finished FROM lesson_places")
    }
