"""Sets of small numbers as the bits of an int: union, intersection and difference are ``|``, ``&`` and ``& ~``."""

from __future__ import annotations

_SPARSE = 8
"""With fewer members than this it is quicker to take the lowest again and again than to look at every bit."""


def members(bits: int) -> list[int]:
    """The numbers in the set, ascending."""
    if bits.bit_count() < _SPARSE:
        found = []
        while bits:
            lowest = bits & -bits
            found.append(lowest.bit_length() - 1)
            bits ^= lowest
        return found
    return [number for number, digit in enumerate(reversed(bin(bits))) if digit == "1"]


def span(begin: int, end: int) -> int:
    """The numbers from ``begin`` to ``end - 1``."""
    return (1 << end) - (1 << begin) if end > begin else 0
