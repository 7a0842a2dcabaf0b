"""Slips of the pen."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnet.analysis.spelling import certainly_meant, one_slip

WORDS = st.text(string.ascii_lowercase + "-", min_size=6, max_size=12).filter(lambda word: not word.startswith("redis"))


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("report", "reports"),
        ("reports", "report"),
        ("webb-api", "web-api"),
        ("frotnend", "frontend"),
        ("htpt", "http"),
        ("crat", "cart"),
    ],
)
def test_one_letter_is_a_slip(word: str, other: str) -> None:
    assert one_slip(word, other)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("cart", "cart"),
        ("web", "wbe"),  # too short to be certain
        ("v1", "v2"),
        ("web-1", "web-2"),
        ("db-primary", "db-replica"),
        ("cart", "cat"),
        ("mail", "main"),
        ("http", "https"),
        ("grpcs", "grpc"),
        ("frontend", "forntedn"),
        ("", "a"),
    ],
)
def test_more_or_less_is_none(word: str, other: str) -> None:
    assert not one_slip(word, other)


@given(WORDS, WORDS)
def test_it_goes_both_ways(word: str, other: str) -> None:
    assert one_slip(word, other) == one_slip(other, word)


@given(WORDS, st.data())
def test_every_single_change_is_a_slip(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from(string.ascii_lowercase))
    left_out = word[:place] + word[place + 1 :]
    added = word[:place] + letter + word[place:]
    changed = word[:place] + letter + word[place + 1 :]
    assert one_slip(word, left_out)
    assert one_slip(word, added)
    assert one_slip(word, changed) == (word != changed)


def test_of_two_that_are_near_none_is_certain() -> None:
    assert certainly_meant("report", ["reports", "exports"]) == "reports"
    assert certainly_meant("report", ["reports", "reporter", "resort"]) is None
    assert certainly_meant("report", []) is None
