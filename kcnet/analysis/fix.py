"""``--fix``: repairs that are certain, written into the text where the scalar stands; every other character stays.

An edit is made only if the text at its place is the plain or quoted scalar that the finding speaks of. Aliases are let
be: what they stand for may be meant elsewhere.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kcnet.analysis.blockscalar import line_start
from kcnet.analysis.finding import Edit, Finding
from kcnet.model.names import Source

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")
_WORDS = re.compile(r"[A-Za-z0-9.-]+")
_NOT_A_STRING = re.compile(r"(?i:y|n|yes|no|on|off|true|false|null|nan)")
_ALIAS = re.compile(r"(?m)(?:^|[\s\[{,:])\*[A-Za-z0-9_-]|<<\s*:")


class Repair(NamedTuple):
    """One file, before and after."""

    source: Source
    text: str
    findings: tuple[Finding, ...]
    """What the repair answers."""

    def diff(self) -> str:
        """Unified, with the file's own name on both sides."""
        before, after = (text.splitlines(keepends=True) for text in (self.source.text, self.text))
        name = self.source.name.replace("\\", "/")
        lines = difflib.unified_diff(before, after, f"a/{name.lstrip('/')}", f"b/{name.lstrip('/')}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def repairs(findings: Iterable[Finding]) -> list[Repair]:
    """The files that change, in the order of their findings. Of two edits of one place none is made."""
    spans: dict[Source, dict[tuple[int, int], list[tuple[str, Finding]]]] = {}
    for finding in findings:
        if finding.edit is None or finding.edit.ref.origin is None:
            continue
        place = _place(finding.edit)
        if place is not None:
            start, end, text = place
            spans.setdefault(finding.edit.ref.origin.source, {}).setdefault((start, end), []).append((text, finding))
    found = (_repair(source, places) for source, places in spans.items())
    return [repair for repair in found if repair is not None]


def _repair(source: Source, places: dict[tuple[int, int], list[tuple[str, Finding]]]) -> Repair | None:
    text = source.text
    answered: list[Finding] = []
    for (start, end), wanted in sorted(places.items(), reverse=True):
        if len({new for new, _ in wanted}) == 1:
            text = text[:start] + wanted[0][0] + text[end:]
            answered += [finding for _, finding in wanted]
    return Repair(source, text, tuple(reversed(answered))) if answered else None


def _place(edit: Edit) -> tuple[int, int, str] | None:
    """Where the scalar stands, and what it becomes; None if the text there is not plainly that scalar."""
    origin = edit.ref.origin
    assert origin is not None
    text = origin.source.text
    if _ALIAS.search(text, origin.start, origin.end):
        return None
    line, column = origin.position(edit.field)
    index = (
        line_start(text, origin.start, line - origin.line) + column - 1
        if line != origin.line
        else (origin.start + column - origin.column)
    )
    *_, name = _names(edit.field)
    item = edit.field.endswith("]") and name.isdecimal()
    key = "" if item else rf"(?P<open>[\"']?){re.escape(name)}(?P=open)[ \t]*:[ \t]+"
    scalar = rf"(?P<quote>[\"']?)(?P<scalar>{re.escape(edit.was)})(?P=quote)(?=[ \t]*(?:$|[],}}\r]|[ \t]#))"
    found = re.compile(key + scalar, re.MULTILINE).match(text, index)
    if found is None:
        return None
    if not found["quote"] and not _stays_plain(edit):
        return None
    return (*found.span("scalar"), edit.value)


def _stays_plain(edit: Edit) -> bool:
    """Whether YAML reads the new value as text without quotes: it is a word, or has the marks of the old one alone."""
    same_marks = edit.value[:1].isalpha() and _WORDS.sub("", edit.value) == _WORDS.sub("", edit.was)
    return bool(_PLAIN.fullmatch(edit.value) or same_marks) and not _NOT_A_STRING.fullmatch(edit.value)


def _names(path: str) -> Iterator[str]:
    for found in re.finditer(r"\[([^\]]*)\]|([^.\[\]]+)", path):
        yield found[1] if found[1] is not None else found[2]
