"""What an unquoted YAML word means: the value that kubectl reads.

kubectl parses YAML with a fork of go-yaml v2 and turns the result into JSON, so the rules are mostly those of YAML 1.1
(``yes`` and ``y`` are booleans, ``010`` is eight), without base 60, with timestamps left as strings; a number without
a fraction is an integer in the end, however it was written (``80.0``, ``8e1``).
https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

Scalar = str | int | float | bool | None

TRUE_WORDS: Final = ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
FALSE_WORDS: Final = ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
NULL_WORDS: Final = ("", "~", "null", "Null", "NULL")

WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(TRUE_WORDS, True),
    **dict.fromkeys(FALSE_WORDS, False),
    **dict.fromkeys(NULL_WORDS, None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}

NUMERIC: Final = frozenset("0123456789+-.")
"""Characters that a number may begin with."""

MAX_DIGITS: Final = 1000
"""Longer runs of digits are left as a string: turning them into a number takes time that grows with the square."""

_DECIMAL = re.compile(r"[+-]?(0|[1-9][0-9]*)").fullmatch
_BASED = re.compile(r"([+-]?)0(?:[xX]([0-9a-fA-F]+)|[bB]([01]+)|[oO]?([0-7]+))").fullmatch
_FLOAT = re.compile(r"[+-]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][+-]?[0-9]+)?").fullmatch


def resolve(word: str) -> Scalar:
    """The value of an unquoted scalar without a tag."""
    value = WORDS.get(word, word)
    if value is word and word[0] in NUMERIC:
        return number(word)
    return value


def number(word: str) -> str | int | float:
    """The number that ``word`` is; ``word`` itself if it is none. It begins with one of ``NUMERIC``."""
    if len(word) > MAX_DIGITS:
        return word
    plain = word if word[0] == "." else word.replace("_", "")
    if _DECIMAL(plain):
        return int(plain)
    if based := _BASED(plain):
        sign, hexadecimal, binary, octal = based.groups()
        base, digits = (16, hexadecimal) if hexadecimal else (2, binary) if binary else (8, octal)
        return int(sign + digits, base)
    if _FLOAT(plain):
        return whole(float(plain), word)
    return word


def whole(value: float, word: str) -> str | int | float:
    """``value`` as an integer if JSON would print it as one; ``word`` if it is too big for a number of 64 bits."""
    if value in (float("inf"), float("-inf")):
        return word
    if value.is_integer() and abs(value) < 1e21:
        return int(value)
    return value


def key_text(value: Scalar) -> str:
    """A mapping key that is not a string as JSON has it: ``80`` and ``on`` become "80" and "true"."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return str(value)


def flow(labels: Mapping[str, str]) -> str:
    """Labels as one writes them on one line: ``{app: web, version: "1"}``."""
    return "{" + ", ".join(f"{_written(key)}: {_written(value)}" for key, value in labels.items()) + "}"


def _written(text: str) -> str:
    """``text`` as a scalar that YAML reads as that text: in quotes where it must be."""
    if _PLAIN(text) and resolve(text) == text:
        return text
    import json

    return json.dumps(text, ensure_ascii=False)


_PLAIN = re.compile(r"[A-Za-z0-9][\w./-]*").fullmatch
