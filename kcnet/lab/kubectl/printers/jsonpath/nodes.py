"""The parts of a JSONPath template."""

from __future__ import annotations

from typing import NamedTuple


class Error(Exception):
    """What is wrong with a template, or with what it is applied to; the text is client-go's."""


class Text(NamedTuple):
    """Words outside braces, or in quotes within."""

    text: str


class Literal(NamedTuple):
    """A number or a boolean in a filter."""

    value: int | float | bool


class Field(NamedTuple):
    """``.name``"""

    name: str


class Word(NamedTuple):
    """``range`` or ``end``; anything else is refused when it is reached."""

    name: str


class Slice(NamedTuple):
    """``[1]`` (``single``), ``[0:2]``, ``[::2]``, ``[-1:]``, ``[*]``."""

    start: int | None
    end: int | None
    step: int | None
    single: bool


class Filter(NamedTuple):
    """``[?(@.a=="b")]``; without an operator it asks whether the left side exists."""

    left: List
    operator: str
    right: List


class Wildcard(NamedTuple):
    """``.*``"""


class Recursive(NamedTuple):
    """``..``"""


class Union(NamedTuple):
    """``[0,2]``, ``['a','b']``"""

    choices: tuple[List, ...]


class List(NamedTuple):
    """Parts that are applied one after the other: what stands in one pair of braces."""

    nodes: tuple[Node, ...]


Node = Text | Literal | Field | Word | Slice | Filter | Wildcard | Recursive | Union | List
