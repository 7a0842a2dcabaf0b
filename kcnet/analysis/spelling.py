"""Slips of the pen: when two words differ by so little that one was certainly meant for the other."""

from __future__ import annotations

from collections.abc import Iterable

SHORTEST = 5
"""Letters of a word in which a slip is certain: ``v1`` and ``v2`` are two words, and so are ``mail`` and ``main``. Two
letters exchanged are certain in one letter less."""

_PROTOCOLS = ("http", "grpc", "ldap", "amqp", "mqtt", "smtp", "imap", "redis")
_WORDS = frozenset((*_PROTOCOLS, *(f"{name}s" for name in _PROTOCOLS)))
"""Of two of these neither is a slip for the other."""


def one_slip(word: str, other: str) -> bool:
    """Whether one letter added, left out, changed or exchanged with its neighbour turns ``word`` into ``other``.

    A digit is no slip: ``web-1`` and ``web-2`` are two names.
    """
    shortest = min(len(word), len(other))
    if word == other or shortest < SHORTEST - 1 or abs(len(word) - len(other)) > 1 or {word, other} <= _WORDS:
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    end = 0
    while end < min(len(word), len(other)) - start and word[-1 - end] == other[-1 - end]:
        end += 1
    left, right = word[start : len(word) - end], other[start : len(other) - end]
    if any(char.isdigit() for char in left + right):
        return False
    if len(left) == 2:
        return left == right[::-1]
    return len(left) <= 1 and len(right) <= 1 and shortest >= SHORTEST


def certainly_meant(word: str, others: Iterable[str]) -> str | None:
    """The only one of ``others`` that is one slip away from ``word``; None if there is none, or several."""
    near = {other for other in others if one_slip(word, other)}
    return near.pop() if len(near) == 1 else None
