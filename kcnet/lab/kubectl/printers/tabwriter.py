"""Elastic tabstops, as Go's text/tabwriter lays them out; kubectl prints all its tables through it.

A cell ends with a tab; what follows the last tab of a line belongs to no column. A column is a run of neighbouring
lines that have a cell there, and is as wide as its widest cell and the padding.
"""

from __future__ import annotations

from collections.abc import Sequence


def aligned(text: str, *, min_width: int, padding: int) -> str:
    """``text`` with its tabs replaced by spaces, so that cells stand in columns."""
    return "\n".join(align([line.split("\t") for line in text.split("\n")], min_width=min_width, padding=padding))


def align(lines: Sequence[Sequence[str]], *, min_width: int, padding: int) -> list[str]:
    """One line of text for each line of cells."""
    widths = [[0] * (len(line) - 1) for line in lines]
    for column in range(max(map(len, widths), default=0)):
        start = 0
        while start < len(lines):
            end = start
            while end < len(lines) and column < len(widths[end]):
                end += 1
            width = max((len(lines[each][column]) + padding for each in range(start, end)), default=0)
            for each in range(start, end):
                widths[each][column] = max(min_width, width)
            start = max(end, start + 1)
    return [
        "".join(cell.ljust(width) for cell, width in zip(line, wide, strict=False)) + line[-1]
        for line, wide in zip(lines, widths, strict=True)
    ]
