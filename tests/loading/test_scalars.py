"""What an unquoted word means: the table of go-yaml v2, which kubectl uses, as JSON shows it."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kcnet.loading.scalars import flow, key_text, resolve

WORDS = [
    # booleans of YAML 1.1, in three spellings each
    *((word, True) for word in "y Y yes Yes YES true True TRUE on On ON".split()),
    *((word, False) for word in "n N no No NO false False FALSE off Off OFF".split()),
    *((word, word) for word in "yEs tRUE oN nO oFF t f".split()),
    # nulls
    *((word, None) for word in ("", "~", "null", "Null", "NULL")),
    ("nULL", "nULL"),
    # whole numbers
    ("0", 0),
    ("80", 80),
    ("+80", 80),
    ("-80", -80),
    ("1_000", 1000),
    ("1__0", 10),
    ("0x1F", 31),
    ("0X1f", 31),
    ("-0x1F", -31),
    ("0b101", 5),
    ("-0b101", -5),
    ("010", 8),
    ("0o10", 8),
    ("0_10", 8),
    ("18446744073709551615", 18446744073709551615),
    # numbers that JSON prints without a fraction
    ("80.0", 80),
    ("8e1", 80),
    ("1e3", 1000),
    ("1.", 1),
    ("08", 8),
    ("09", 9),
    ("+.5e1", 5),
    # fractions
    ("1.10", 1.1),
    (".5", 0.5),
    ("-.5", -0.5),
    ("1.5e-3", 0.0015),
    # text
    ("1:30", "1:30"),
    ("190:20:30", "190:20:30"),
    ("2001-01-01", "2001-01-01"),
    ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
    ("10.0.0.1", "10.0.0.1"),
    ("1.2.3", "1.2.3"),
    ("-", "-"),
    ("--1", "--1"),
    (".", "."),
    ("_1", "_1"),
    ("0x", "0x"),
    ("0b2", "0b2"),
    ("0o8", "0o8"),
    ("1e", "1e"),
    ("1e999", "1e999"),
    ("8080/tcp", "8080/tcp"),
    ("500m", "500m"),
    ("1Gi", "1Gi"),
    ("web", "web"),
    ("=", "="),
]


@pytest.mark.parametrize(("word", "value"), WORDS, ids=lambda part: repr(part))
def test_a_word_means_what_kubectl_reads(word: str, value: object) -> None:
    found = resolve(word)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("word", [".inf", "-.INF", "+.Inf", ".nan"])
def test_infinity_is_a_number_that_no_field_takes(word: str) -> None:
    assert isinstance(resolve(word), float)


def test_a_run_of_digits_of_any_length_is_read_in_no_time() -> None:
    assert resolve("9" * 1_000_000) == "9" * 1_000_000


@pytest.mark.parametrize(
    ("value", "key"), [("a", "a"), (80, "80"), (True, "true"), (False, "false"), (1.5, "1.5"), (None, "null")]
)
def test_keys_become_text(value: object, key: str) -> None:
    assert key_text(value) == key  # type: ignore[arg-type]


def test_labels_on_one_line() -> None:
    labels = {"app": "web", "version": "1", "on": "yes", "a.b/c": "", "x": "1e3", "y": "a: b"}
    assert flow(labels) == '{app: web, version: "1", "on": "yes", a.b/c: "", x: "1e3", "y": "a: b"}'


@given(st.dictionaries(st.text("aon1.-/_{}:,", min_size=1, max_size=4), st.text("yesno10.e-:# {}[]'\"\\", max_size=5)))
def test_labels_on_one_line_are_read_as_they_were(labels: dict[str, str]) -> None:
    assert yaml.load(flow(labels), Loader=yaml.SafeLoader) == labels
