"""Lines of a manifest with one place marked, as compilers show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kcnet.model.trace import Because
from kcnet.render.printable import cells, printable
from kcnet.render.screen import Line, Row, Screen, Style


def excerpt(because: Because, screen: Screen, around: int = 1) -> list[Row]:
    """The line of the field that ``because`` points at, marked, with ``around`` lines before and after; none for an
    object that no manifest states."""
    origin = because.ref.origin
    if origin is None:
        return []
    text = origin.source.text
    start = text.rfind("\n", 0, origin.start) + 1
    lines = [line.rstrip("\r") for line in text[start : origin.end].rstrip().split("\n")]
    line, _ = origin.position(because.field)
    index = min(max(0, line - origin.line), len(lines) - 1)
    first = max(0, index - around)
    shown = lines[first : index + around + 1]
    return list(marked(shown, origin.line + first, origin.line + index, None, screen))


def marked(lines: Sequence[str], first: int, line: int, column: int | None, screen: Screen) -> Iterator[Row]:
    """``lines``, the first of which has the number ``first``, with ``column`` (1-based) of ``line`` underlined."""
    digits = len(str(first + len(lines)))
    gutter = digits + 5
    room = max(8, screen.width - gutter)
    for number, text in enumerate(lines, first):
        here = number == line
        at = column if here and column else 1
        window = max(0, at - 1 - room // 2) if cells(printable(text)) > room else 0
        text, before = _fitted(screen, text, window, room), text[window : at - 1]
        mark = "▸" if here else " "
        prefix: Line = (
            (f"{mark} ", Style.BAD if here else Style.PLAIN),
            (f"{number:>{digits}} │ ", Style.QUIET),
        )
        yield Row((*prefix, (text, Style.STRONG if here else Style.PLAIN)), ())
        if here and column is not None:
            indent = cells(screen.shown(before)) + (1 if window else 0)
            word = text[min(indent, len(text)) :].split("  #")[0].split(" ")[0]
            underline = "^" * max(1, min(cells(word), room - indent))
            yield Row(((f"{' ' * (digits + 2)} │ ", Style.QUIET), (" " * indent + underline, Style.BAD)), ())


def _fitted(screen: Screen, text: str, window: int, room: int) -> str:
    text = screen.shown(("…" if window else "") + text[window:])
    if cells(text) <= room:
        return text
    more = screen.shown("…")
    while cells(text) > room - len(more):
        text = text[:-1]
    return text + more
