"""A page of styled text for a terminal of some width: spans, wrapping, colour, and marks that every encoding has.

Rich could do this, and is used where it is better (pictures, help); importing it costs more than tracing a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from itertools import groupby

from msgspec import Struct

from kcnet.render.printable import cells, printable


class Style(Enum):
    """What a span is; the value is its SGR code."""

    PLAIN = ""
    STRONG = "1"
    QUIET = "2"
    GOOD = "1;32"
    BAD = "1;31"
    WARN = "1;33"
    LABEL = "36"
    CHANGE = "35"


Span = tuple[str, Style]
Line = tuple[Span, ...]

_ASCII = {
    "✔": "+", "✘": "x", "◐": "%", "●": "*", "│": "|", "├": "|", "└": "`", "─": "-", "→": "->", "←": "<-", "↗": "+",
    "·": "-", "…": "...", "×": "x", "▸": ">", "–": "-", "—": "--", "≤": "<=",
    "≥": ">=", "▲": "^",
}  # fmt: skip
_ASCII |= {quote: f"U+{ord(quote):04X}" for quote in "“”„‟‘’‚‛"}
"""Of a quote in a manifest it must be seen that it is no plain one."""


class Screen(Struct, frozen=True):
    """Where text will be shown."""

    width: int = 80
    """Columns; no line is longer."""
    colour: bool = False
    encoding: str = "utf-8"
    """Of the output; what it cannot show is replaced."""

    def shown(self, text: str) -> str:
        """``text`` made harmless, in characters that the output can show."""
        text = printable(text)
        if text.isascii():
            return text
        try:
            text.encode(self.encoding)
        except (UnicodeEncodeError, LookupError):
            return "".join(map(self._replaced, text))
        return text

    def _replaced(self, char: str) -> str:
        try:
            char.encode(self.encoding)
        except (UnicodeEncodeError, LookupError):
            return _ASCII.get(char) or char.encode("ascii", "backslashreplace").decode("ascii")
        return char

    def painted(self, line: Iterable[Span]) -> str:
        """One finished line as text, without trailing spaces."""
        spans = list(line)
        while spans and not spans[-1][0].rstrip():
            spans.pop()
        if spans:
            spans[-1] = (spans[-1][0].rstrip(), spans[-1][1])
        if not self.colour:
            return "".join(text for text, _ in spans)
        return "".join(
            f"\x1b[{style.value}m{text}\x1b[0m" if style.value else text
            for style, run in groupby(spans, key=lambda span: span[1])
            for text in ["".join(text for text, _ in run)]
        )


class Row(Struct, frozen=True):
    """A paragraph: text that hangs under its own beginning, and a note at the right edge."""

    first: Line
    """What stands before the text on its first line."""
    rest: Line
    """What stands before its further lines."""
    text: Line = ()
    note: str = ""
    whole: bool = False
    """It is to be copied: an address in it, or all of it where there is none, is never broken by a narrow screen."""


_ADDRESS = ("https://", "http://")
NARROW = 24
"""Columns that text needs beside its prefix; with fewer it goes below."""


def laid_out(screen: Screen, rows: Iterable[Row]) -> list[str]:
    """The lines of a page. Notes share one right edge: that of the widest row, so that they stay near their text."""
    shown = [
        Row(
            _shown(screen, row.first),
            _shown(screen, row.rest),
            _shown(screen, row.text),
            screen.shown(row.note),
            row.whole,
        )
        for row in rows
    ]
    edge = min(screen.width, max([76, *(_width_with_note(row) for row in shown if row.note)]))
    return [screen.painted(line) for row in shown for line in _row(row, screen.width, edge)]


def _shown(screen: Screen, line: Line) -> Line:
    return tuple((screen.shown(text), style) for text, style in line)


def _width(line: Sequence[Span]) -> int:
    return sum(cells(text) for text, _ in line)


def _width_with_note(row: Row) -> int:
    return _width(row.first) + _width(row.text) + 2 + cells(row.note)


def _row(row: Row, width: int, edge: int) -> list[list[Span]]:
    room = width - _width(row.first)
    indent = _cut(row.rest, len("".join(text for text, _ in row.rest).rstrip()) + 3)
    if room < NARROW and _width(row.text) > room and _width(indent) < _width(row.first):
        lines = [] if row.first == row.rest else [list(row.first)]
        lines += [[*indent, *line] for line in _wrap(row.text, width - _width(indent), whole=row.whole)]
    else:
        wrapped = _wrap(row.text, room, width - _width(row.rest), whole=row.whole) or [[]]
        lines = [[*(row.rest if index else row.first), *line] for index, line in enumerate(wrapped)]
    if row.note:
        used, size = _width(lines[-1]), cells(row.note)
        note = (row.note, Style.QUIET)
        if used + 2 + size <= edge:
            lines[-1] += [(" " * (edge - used - size), Style.PLAIN), note]
        else:
            rest = list(row.rest) if _width(row.rest) + size <= width else list(_cut(row.rest, 4))
            space = max(0, edge - _width(rest) - size)
            if size <= width - _width(rest):
                lines.append([*rest, (" " * space, Style.PLAIN), note])
            else:
                lines += [[*rest, *line] for line in _wrap((note,), width - _width(rest))]
    return lines


def _cut(line: Line, width: int) -> Line:
    """The beginning of a line, of at most ``width`` columns."""
    kept: list[Span] = []
    for text, style in line:
        while cells(text) > width:
            text = text[:-1]
        kept.append((text, style))
        width -= cells(text)
    return tuple(kept)


def _wrap(line: Line, width: int, further: int | None = None, *, whole: bool = False) -> list[list[Span]]:
    """Lines of at most ``width`` columns (those after the first: ``further``), broken at spaces; a word that is longer
    is broken where it must be. Of what is to stay ``whole`` an address is not, nor is a line without one."""
    if whole and not any(text.startswith(_ADDRESS) for word, _ in _words(line) for text, _ in word[:1]):
        return [list(line)] if line else []
    lines: list[list[Span]] = [[]]
    used = 0
    further = width if further is None else further
    for word, space in _words(line):
        size = _width(word)
        if used and used + space + size > width:
            lines.append([])
            used, width = 0, further
        if used:
            lines[-1].append((" " * space, word[0][1] if lines[-1][-1][1] is word[0][1] else Style.PLAIN))
            used += space
        unbroken = whole and word[0][0].startswith(_ADDRESS)
        for text, style in word:
            while used + cells(text) > width and not unbroken:
                part = _cut(((text, style),), width - used)[0][0] or ("" if used else text[0])
                if part:
                    lines[-1].append((part, style))
                text = text[len(part) :]
                if not text:
                    break
                lines.append([])
                used, width = 0, further
            if text:
                lines[-1].append((text, style))
                used += cells(text)
    return [line for line in lines if line]


def _words(line: Line) -> list[tuple[list[Span], int]]:
    """Words, each perhaps of several styles, with the number of spaces before them."""
    words: list[tuple[list[Span], int]] = []
    space, fresh = 0, True
    for text, style in line:
        for index, word in enumerate(text.split(" ")):
            if index:
                space += 1
                fresh = True
            if not word:
                continue
            if fresh:
                words.append(([], space))
                fresh, space = False, 0
            words[-1][0].append((word, style))
    return words
