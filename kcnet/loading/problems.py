"""A Problem: something in the input that its author can mend, with the place where it stands."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from kcnet.model.names import Origin, Ref, Source


class Problem(Struct, frozen=True, kw_only=True):
    """What cannot be read, or what the API server would reject. ``severity`` of these is always "error"."""

    code: str
    """Stable, in capitals: ``YAML_TAB``, ``SCHEMA_UNKNOWN_FIELD``, ``API_REQUIRED`` ..."""
    message: str
    """What was found, and what is allowed, in one or two sentences a beginner understands."""
    fix: str = ""
    """What to do, as an instruction."""
    ref: Ref | None = None
    field: str = ""
    """The path that the API server names: ``spec.ports[0].nodePort``."""
    file: str | None = None
    line: int | None = None
    """1-based."""
    column: int | None = None
    """1-based."""
    excerpt: tuple[str, ...] = ()
    """Lines of the file around ``line``, each without its line break."""
    excerpt_start: int = 0
    """1-based number of the first excerpt line."""

    def to_dict(self) -> dict[str, Any]:
        """A finding of ``kcnet check -o json``."""
        ref = self.ref
        return {
            "code": self.code,
            "severity": "error",
            "object": {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name} if ref else None,
            "field": self.field,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "message": self.message,
            "fix": self.fix,
        }


class InvalidManifestsError(Exception):
    """Every problem of every file, in order of file and line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problem{'' if len(problems) == 1 else 's'} in the manifests")
        self.problems = problems


MAX_WIDTH = 400
"""Characters of a line that an excerpt shows."""


FARTHEST = 10_000
"""Characters before a place in which its line must begin; there is no excerpt of a longer line."""


def excerpt(text: str, index: int, line: int, around: int = 2) -> tuple[tuple[str, ...], int]:
    """The lines ``around`` the 1-based ``line``, on which the offset ``index`` is, and the number of the first."""
    start = text.rfind("\n", max(0, index - FARTHEST), index) + 1
    if not start and index > FARTHEST:
        return (), 0
    first = line
    while start and first > line - around:
        before = text.rfind("\n", max(0, start - FARTHEST), start - 1) + 1
        if not before and start > FARTHEST:
            break
        start = before
        first -= 1
    lines: list[str] = []
    while first + len(lines) <= line + around and (start < len(text) or not lines):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        shown = text[start : min(end, start + MAX_WIDTH + 1)].rstrip("\r")
        lines.append(shown if len(shown) <= MAX_WIDTH else shown[:MAX_WIDTH] + "…")
        start = end + 1
    return tuple(lines), first


def problem_at(source: Source, index: int, line: int, column: int, *, code: str, message: str, fix: str = "",
               ref: Ref | None = None, field: str = "") -> Problem:  # fmt: skip
    """A Problem at the offset ``index``, which is at the 1-based ``line`` and ``column``, with the lines around it."""
    lines, first = excerpt(source.text, index, line)
    return Problem(
        code=code,
        message=message,
        fix=fix,
        ref=ref,
        field=field,
        file=source.name,
        line=line,
        column=column,
        excerpt=lines,
        excerpt_start=first,
    )


def problem_in(origin: Origin, path: str, *, code: str, message: str, fix: str = "", ref: Ref | None = None,
               field: str | None = None) -> Problem:  # fmt: skip
    """A Problem at ``path`` of an object, shown where that is written. ``field``: its name, if that is not the path."""
    line, column = origin.position(path)
    index = index_of(origin, line, column)
    field = path if field is None else field
    return problem_at(origin.source, index, line, column, code=code, message=message, fix=fix, ref=ref, field=field)


def index_of(origin: Origin, line: int, column: int) -> int:
    """The offset of a place inside an object."""
    if line == origin.line:
        return origin.start + column - origin.column
    index = origin.start
    for _ in range(line - origin.line):
        index = origin.source.text.find("\n", index) + 1
    return index + column - 1
