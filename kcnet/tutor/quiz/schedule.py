"""When to ask again: FSRS, as the library ``fsrs`` has it; nothing of it is kcnet's own.

A sitting in a terminal is no place for steps of minutes, so there are none. With an exam ahead no interval leads past
it. The library is imported where an answer was given, not before. https://github.com/open-spaced-repetition/py-fsrs
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

if TYPE_CHECKING:
    from fsrs import Card, Scheduler

RETENTION: Final = 0.9
FARTHEST: Final = 365
"""Days; whoever learns for longer than that forgets that kcnet is there."""
DAY: Final = timedelta(days=1)


class Grade(IntEnum):
    """FSRS's ratings. Easy is for what was worked out without options."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


def grade(*, right: bool, sure: bool) -> Grade:
    """One of four is right by luck once in four times: somebody who was not sure has it again sooner."""
    if not right:
        return Grade.AGAIN
    return Grade.GOOD if sure else Grade.HARD


def today(now: datetime) -> date:
    """The day on the learner's calendar."""
    return now.astimezone().date()


def longest(now: datetime, exam: date | None) -> int:
    """Days that an interval may have: up to the day before the exam, and at least one."""
    if exam is None or exam <= today(now):
        return FARTHEST
    return max(1, min(FARTHEST, (exam - today(now)).days - 1))


@lru_cache(maxsize=64)
def scheduler(farthest: int, parameters: tuple[float, ...] | None = None) -> Scheduler:
    """Parameters that FSRS refuses are as if there were none."""
    from fsrs import Scheduler

    chosen: dict[str, Any] = {} if parameters is None else {"parameters": parameters}
    try:
        return Scheduler(
            desired_retention=RETENTION,
            learning_steps=(),
            relearning_steps=(),
            maximum_interval=farthest,
            enable_fuzzing=False,
            **chosen,
        )
    except ValueError:
        if parameters is None:
            raise
        return scheduler(farthest)


def reviewed(
    state: str | None, key: str, rating: Grade, now: datetime, exam: date | None, parameters: Sequence[float] | None
) -> tuple[str, datetime]:
    """The card's state after an answer, as JSON, and when it is due.

    ``state`` is None for what was never asked. A clock that went backwards does not make an interval negative.
    """
    from fsrs import Rating

    card = _card(state, key)
    at = now.astimezone(UTC)
    if card.last_review is not None and card.last_review > at:
        card.last_review = at
    fitted = tuple(parameters) if parameters else None
    after, _ = scheduler(longest(now, exam), fitted).review_card(card, Rating(int(rating)), at)
    return after.to_json(), after.due


def _card(state: str | None, key: str) -> Card:
    from fsrs import Card

    if state is not None:
        try:
            return Card.from_json(state)
        except (ValueError, KeyError, TypeError):
            pass  # an unreadable state begins anew; the log has what happened
    return Card(card_id=crc32(key.encode()))


def recall(state: str, at: datetime) -> float:
    """The chance that it is still known then. 0..1."""
    card = _card(state, "")
    if card.last_review is None or not card.stability:
        return 0.0
    return float(scheduler(FARTHEST).get_card_retrievability(card, at))


def at_noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
