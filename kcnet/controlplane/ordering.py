"""Order and chance without randomness: natural order of names, and hashes in Kubernetes' own alphabet."""

from __future__ import annotations

import re
from collections.abc import Container
from zlib import crc32

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""No vowels and no digits that look like letters.
https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/util/rand/rand.go"""
_DIGITS = re.compile(r"(\d+)")
_MAX_GENERATED = 58
"""Characters of a generateName that are kept in front of the random suffix."""


def natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """Sorts ``node-2`` before ``node-10``."""
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in _DIGITS.split(name) if part)


def number_of(*parts: object) -> int:
    """The same 32 bits for the same parts, from run to run."""
    return crc32("/".join(map(str, parts)).encode())


def template_hash(*parts: object) -> str:
    """Looks like the hash of a pod template: its decimal digits mapped to letters as the API server maps them."""
    return "".join(_ALPHABET[ord(digit) % len(_ALPHABET)] for digit in str(number_of(*parts)))


def generated_name(prefix: str, taken: Container[str], *parts: object) -> str:
    """``prefix`` and five characters, as the API server completes a generateName; never a name in ``taken``."""
    number = number_of(*parts)
    while True:
        suffix, rest = "", number
        for _ in range(5):
            rest, place = divmod(rest, len(_ALPHABET))
            suffix += _ALPHABET[place]
        name = prefix[:_MAX_GENERATED] + suffix
        if name not in taken:
            return name
        number += 1
