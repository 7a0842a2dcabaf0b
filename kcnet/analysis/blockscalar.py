"""Where in a file a character of a text of many lines stands."""

from __future__ import annotations

import re

from kcnet.model.names import Origin

_LITERAL = re.compile(r"[:-][ \t]*(?:[&!]\S+[ \t]+)*\|[0-9+-]*[ \t]*(?:#.*)?\r?$")


def position_within(origin: Origin, field: str, text: str, index: int) -> tuple[int, int] | None:
    """1-based line and column of ``text[index]``, if ``text`` is a literal block scalar under the key ``field``; None
    if it is written in another style."""
    key, _ = origin.position(field)
    source = origin.source.text
    first = line_start(source, origin.start, key - origin.line)
    above, *below = source[first : origin.end].split("\n", text.count("\n", 0, index) + 2)[:-1] or [""]
    start = text.rfind("\n", 0, index) + 1
    line = text[start:].partition("\n")[0]
    written = below[-1].rstrip("\r") if below else ""
    if not _LITERAL.search(above) or not written.endswith(line):
        return None
    return key + len(below), len(written) - len(line) + index - start + 1


def line_start(text: str, start: int, lines: int) -> int:
    """Offset of the first character of the line that is ``lines`` below that of ``start``; ``start`` for 0."""
    for _ in range(lines):
        start = text.find("\n", start) + 1
    return start
