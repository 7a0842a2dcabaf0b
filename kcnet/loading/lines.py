"""Offsets to lines and columns, cheaply for offsets that mostly grow."""

from __future__ import annotations


class Lines:
    """Counts onward from the place that was asked for last: a file with one line for all has its length only once."""

    __slots__ = ("_index", "_line", "_start", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._index, self._line, self._start = 0, 1, 0

    def at(self, index: int) -> tuple[int, int]:
        """1-based line and column of the offset ``index``."""
        if index < self._index:
            self._index, self._line, self._start = 0, 1, 0
        count = self.text.count("\n", self._index, index)
        if count:
            self._line += count
            self._start = self.text.rfind("\n", self._index, index) + 1
        self._index = index
        return self._line, index - self._start + 1
