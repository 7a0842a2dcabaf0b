"""FSRS's parameters, fitted to the learner's own log by the library's optimizer (the extra ``kcnet[fit]``)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zlib import crc32

from kcnet.tutor.quiz import memory

if TYPE_CHECKING:
    from kcnet.tutor.storage import Store

ENOUGH: Final = 512
"""Answers, below which the library gives its own parameters back."""


class NoOptimizerError(Exception):
    """What the optimizer needs is not installed."""


class TooFewError(Exception):
    """There are not enough answers; the message says how many there are."""


def fit(store: Store) -> int:
    """Keep parameters for this learner; the number of answers they follow. The log stays as it is.

    Raises NoOptimizerError, TooFewError, StoreError.
    """
    from fsrs import Rating, ReviewLog

    rows = store.rows("SELECT card, rating, at, milliseconds FROM reviews WHERE rating IS NOT NULL ORDER BY at, id")
    if len(rows) < ENOUGH:
        raise TooFewError(f"{len(rows)} answers are too few to fit a schedule to; {ENOUGH} are enough.")
    logs = [
        ReviewLog(
            card_id=crc32(row["card"].encode()),
            rating=Rating(row["rating"]),
            review_datetime=datetime.fromisoformat(row["at"]),
            review_duration=row["milliseconds"],
        )
        for row in rows
    ]
    try:
        from fsrs import Optimizer

        found = Optimizer(logs).compute_optimal_parameters()
    except ImportError:
        raise NoOptimizerError from None
    memory.set_setting(store, "parameters", json.dumps([float(one) for one in found]))
    return len(logs)
