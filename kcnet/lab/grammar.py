"""What a command line is made of: words of parts, commands, pipes and lists. Values only.

https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct


class Incomplete(ValueError):  # noqa: N818  (more is to be typed: no mistake)
    """The text ends inside something; ``wanted`` says what would close it."""

    def __init__(self, wanted: str) -> None:
        super().__init__(f"unexpected end of the line: {wanted} is missing")
        self.wanted = wanted


class SyntaxFault(ValueError):  # noqa: N818
    """The text is no command line that the lab understands."""


class Text(NamedTuple):
    text: str
    quoted: bool = False


class Variable(NamedTuple):
    name: str
    quoted: bool = False
    fallback: str | None = None
    """Of ``${NAME:-fallback}``."""


class Substitution(NamedTuple):
    """``$(source)``."""

    source: str
    quoted: bool = False


class Arithmetic(NamedTuple):
    """``$((source))``."""

    source: str
    quoted: bool = False


Part = Text | Variable | Substitution | Arithmetic
Word = tuple[Part, ...]


class Redirect(NamedTuple):
    descriptor: int
    operator: str
    """``<``, ``>``, ``>>``, ``<<`` (target: the text itself), ``>&`` (target: a descriptor)."""
    target: Word


class Simple(Struct, frozen=True):
    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


class For(Struct, frozen=True):
    name: str
    words: tuple[Word, ...]
    body: Script
    redirects: tuple[Redirect, ...] = ()


class While(Struct, frozen=True):
    condition: Script
    body: Script
    until: bool = False
    redirects: tuple[Redirect, ...] = ()


class If(Struct, frozen=True):
    branches: tuple[tuple[Script, Script], ...]
    otherwise: Script | None = None
    redirects: tuple[Redirect, ...] = ()


class Group(Struct, frozen=True):
    body: Script
    redirects: tuple[Redirect, ...] = ()


Command = Simple | For | While | If | Group


class Pipeline(NamedTuple):
    commands: tuple[Command, ...]
    negated: bool = False


class Item(NamedTuple):
    joint: str
    """How it follows what stands before it: ``;``, ``&&`` or ``||``."""
    pipeline: Pipeline


Script = tuple[Item, ...]
