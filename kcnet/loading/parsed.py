"""What the readers of YAML and JSON give out."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

MAX_DEPTH: Final = 200
"""Of lists and mappings inside each other; a Pod needs about 15."""


class Fault(Struct, frozen=True, kw_only=True):
    """Why a document cannot be read. ``code`` picks the words that a person gets (``faults``)."""

    code: str
    index: int
    """Offset in the text, in characters."""
    detail: str = ""
    """The key, the tag, or the parser's own words."""
    path: str = ""
    first: int | None = None
    """Offset of what it goes back to: where the key stood first, where the bracket or quote was opened."""


class Parsed(Struct, kw_only=True):
    """One document, or one item of a List that is still being read."""

    value: Any
    start: int
    end: int
    """The text from ``start`` to ``end`` holds the value, in characters."""
    faults: list[Fault] = []
    """Not empty: the value is not whole, and must not be used."""
    item: bool = False
    """It is an item of the document that follows, which tells whether it is a List at all."""
