"""How options are called, and what may be typed for them; no key of a place with options is one of their names."""

from __future__ import annotations

import pytest

from kcnet.tutor import teach
from kcnet.tutor.desk import label, named, places
from kcnet.tutor.exam import hall
from kcnet.tutor.quiz import sitting
from kcnet.tutor.quiz.bank import read_bank

MOST = 8
"""Options of the longest list: the stations of a long way, to be put in order."""


@pytest.mark.parametrize(
    ("word", "count", "picks"),
    [
        ("b", 4, (1,)),
        ("B", 4, (1,)),
        ("2", 4, (1,)),
        ("2)", 4, (1,)),
        (" a ", 4, (0,)),
        ("2 1 3", 4, (1, 0, 2)),
        ("C,A;B.", 3, (2, 0, 1)),
        ("cab", 3, (2, 0, 1)),
        ("312", 3, (2, 0, 1)),
        ("12", 12, (11,)),
        ("1 12", 12, (0, 11)),
        ("e", 4, None),
        ("5", 4, None),
        ("0", 4, None),
        ("aa", 4, None),
        ("a 1", 4, None),
        ("", 4, None),
        ("a!", 4, None),
        ("bad idea", 5, None),
        ("9" * 5000, 12, None),
    ],
)
def test_options_are_named_by_letter_or_number(word: str, count: int, picks: tuple[int, ...] | None) -> None:
    assert places(word, count) == picks


def test_every_label_names_its_option() -> None:
    assert [places(label(place), 30) for place in range(30)] == [(place,) for place in range(30)]
    assert (named(4), named(1)) == ("A-D or 1-4", "A or 1")


@pytest.mark.parametrize("keys", [sitting.KEYS, hall.KEYS, teach.MOVES], ids=["quiz", "exam", "lesson"])
def test_letters_of_options_are_no_keys(keys: dict[str, str]) -> None:
    longest = max(len(one.options) for one in read_bank())
    wide = longest if keys is hall.KEYS else MOST
    assert not {label(place).lower() for place in range(wide)} & {*keys}
