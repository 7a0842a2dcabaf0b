"""Moving what is remembered to another machine: nothing lost, nothing doubled, whoever takes over first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from kcnet.tutor.exam import keeping
from kcnet.tutor.quiz import memory
from kcnet.tutor.quiz.schedule import Grade
from kcnet.tutor.standing.transfer import TransferError, exported, take_over, unknown
from kcnet.tutor.storage import Store, open_store

NOON = datetime(2028, 2, 29, 12, tzinfo=UTC)
DEEDS = some.lists(
    some.tuples(some.sampled_from("abc"), some.sampled_from(list(Grade)), some.integers(0, 60)), max_size=6
)


def do(store: Store, deeds: Sequence[tuple[str, Grade, int]], exam: str | None) -> None:
    for card, rating, days in deeds:
        review = memory.Review(card=card, revision=1, topic="dns", mode="quiz", correct=rating is not Grade.AGAIN)
        memory.add(store, review, NOON + timedelta(days=days), rating=rating)
    if exam:
        memory.set_setting(store, "exam", exam)


def everything(store: Store) -> dict[str, Any]:
    tables: dict[str, list[dict[str, Any]]] = exported(store)["tables"]
    return {name: sorted(rows, key=lambda row: json.dumps(row, sort_keys=True)) for name, rows in tables.items()}


@settings(deadline=None, max_examples=25)
@given(DEEDS, DEEDS, some.sampled_from([None, "2028-05-01"]), some.sampled_from([None, "2028-06-01"]))
def test_two_machines_come_to_the_same(
    one: list[tuple[str, Grade, int]], other: list[tuple[str, Grade, int]], day: str | None, other_day: str | None
) -> None:
    with (
        TemporaryDirectory() as first,
        TemporaryDirectory() as second,
        open_store(Path(first)) as left,
        open_store(Path(second)) as right,
    ):
        do(left, one, day)
        do(right, other, other_day)
        texts = [json.dumps(exported(store)) for store in (left, right)]
        take_over(left, texts[1], NOON)
        take_over(right, texts[0], NOON)
        assert everything(left) == everything(right)
        assert len(everything(left)["reviews"]) == len(one) + len(other)
        once = everything(left)
        take_over(left, texts[1], NOON)
        assert everything(left) == once


def test_a_new_machine_has_everything(tmp_path: Path) -> None:
    with open_store(tmp_path / "a") as left, open_store(tmp_path / "b") as right:
        do(left, [("a", Grade.GOOD, 0), ("gone-from-the-bank", Grade.AGAIN, 3)], "2028-05-01")
        keeping.begin(left, ["a"], 1, 90, NOON)
        take_over(right, json.dumps(exported(left)), NOON)
        assert everything(right) == everything(left)


@pytest.mark.parametrize("cut", [1, 10, 200, 900])
def test_a_damaged_file_is_refused_whole(cut: int, tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        do(store, [("a", Grade.GOOD, 0)], None)
        before = everything(store)
        with pytest.raises(TransferError):
            take_over(store, json.dumps(exported(store), indent=1)[:-cut], NOON)
        assert everything(store) == before


def test_a_time_that_is_none_is_refused_with_its_row(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        do(store, [("a", Grade.GOOD, 0)], None)
        value = exported(store)
        value["tables"]["reviews"][0]["at"] = "yesterday"
        with pytest.raises(TransferError, match="Row 1 of reviews"):
            take_over(store, json.dumps(value), NOON)


def test_an_exam_date_that_comes_along_moves_what_is_scheduled_here(tmp_path: Path) -> None:
    with open_store(tmp_path / "a") as left, open_store(tmp_path / "b") as right:
        do(left, [("a", Grade.GOOD, 0)], "2028-03-10")
        do(right, [("b", Grade.EASY, day) for day in (0, 8, 40)], None)
        assert right.row("SELECT due FROM schedule WHERE card = 'b'")["due"] > "2028-04"
        take_over(right, json.dumps(exported(left)), NOON)
        assert {row["card"]: row["due"] < "2028-03-10" for row in right.rows("SELECT * FROM schedule")} == {
            "a": True,
            "b": True,
        }


def test_what_this_kcnet_knows_nothing_of_is_named(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        value = exported(store)
        assert unknown(json.dumps(value)) == []
        value["tables"] |= {"zebras": [], "apples": [{"id": 1}]}
        assert unknown(json.dumps(value)) == ["apples", "zebras"]
        take_over(store, json.dumps(value), NOON)
