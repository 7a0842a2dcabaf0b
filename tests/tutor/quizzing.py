"""What the tests of the quiz's memory share: small questions, answers, and places on earth."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from kcnet.tutor.quiz import memory
from kcnet.tutor.quiz.question import Form, Option, Question
from kcnet.tutor.quiz.schedule import Grade
from kcnet.tutor.storage import Store

LEAP_DAY = datetime(2028, 2, 29, 12, tzinfo=UTC)
zones = pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be set on Windows")


def ask(key: str, topic: str = "dns", *, difficulty: int = 1, competency: str = "Networking") -> Question:
    options = tuple(Option(f"option {number}", number == 0, "why") for number in range(4))
    return Question(
        id=key,
        form=Form.SINGLE,
        topic=topic,
        competency=competency,
        difficulty=difficulty,
        stem="Which?",
        explanation="The first.",
        references=(),
        options=options,
    )


def answer(
    store: Store, card: str, at: datetime, rating: Grade | None = Grade.GOOD, *, right: bool | None = None
) -> memory.Entry | None:
    """Keep an answer; the card's place in the schedule."""
    correct = rating is not Grade.AGAIN if right is None else right
    review = memory.Review(card=card, revision=1, topic="dns", mode="quiz", correct=correct, chance=0.25)
    memory.add(store, review, at, rating=rating)
    return memory.entries(store).get(card)


@contextmanager
def living_in(zone: str) -> Iterator[Callable[[str], datetime]]:
    """The process's zone; gives moments from what the clock on the wall says there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        yield lambda wall: datetime.fromisoformat(wall).astimezone(UTC)
    time.tzset()
