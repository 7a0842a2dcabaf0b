"""The desk: where a learner reads and answers. Engines speak to this; the command line brings the terminal.

There is one for a terminal (arrow keys, letters and digits), one that is plain lines (screen readers, pipes), and one
that plays a script.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from kcnet.render.screen import Row, Screen


class Chosen(NamedTuple):
    """Options picked, by their place from 0; for an order question all of them, in the order given."""

    picks: tuple[int, ...]
    seconds: float = 0.0


class Typed(NamedTuple):
    text: str
    seconds: float = 0.0


class Pressed(NamedTuple):
    """A key other than an answer, by its name in ``keys``: "back", "skip", "quit", "hint" ..."""

    name: str


TIME_UP = "time up"
"""What is pressed by nobody: the clock has stopped."""

Keys = Mapping[str, str]
"""Key as shown and typed -> name: ``{"p": "previous", "s": "skip", "q": "quit", "?": "hint"}``. Shown at the bottom.
Beside options no key is one of the first letters: those choose."""

Complete = Callable[[str], Iterable[str]]
"""What a line typed so far may go on with: whole replacements of its last word."""


def label(place: int) -> str:
    """What an option is called: A, B, C ..."""
    return chr(ord("A") + place) if place < 26 else str(place + 1)


def named(count: int) -> str:
    """How ``count`` options are called: "A-D or 1-4"."""
    return f"A-{label(count - 1)} or 1-{count}" if count > 1 else "A or 1"


def places(word: str, count: int) -> tuple[int, ...] | None:
    """The options that are written by letter or number, ``b``, ``2 1 3``, ``C,A,B`` or ``cab``; None: no such thing."""
    found = re.findall(r"[a-z]|[0-9]" if count < 10 else r"[a-z]|[0-9]+", word.lower())
    if not found or not re.fullmatch(r"[a-z0-9\s,.;)]*", word.lower()):
        return None
    picks = tuple(int(one[:9]) - 1 if one.isdecimal() else ord(one) - ord("a") for one in found)
    return picks if all(0 <= pick < count for pick in picks) and len({*picks}) == len(picks) else None


class Desk(Protocol):
    """Every call raises KeyboardInterrupt on Ctrl-C and EOFError when no more input can come."""

    @property
    def screen(self) -> Screen: ...

    def show(self, rows: Iterable[Row]) -> None:
        """Print rows; they stay readable above what comes next."""

    def print(self, text: str) -> None:
        """Print text as it is (a command's output), made harmless."""

    def choose(
        self,
        question: Sequence[Row],
        options: Sequence[str],
        keys: Keys,
        *,
        clock: Callable[[], str] | None = None,
        picked: Sequence[int] = (),
    ) -> Chosen | Pressed:
        """One of several. ``clock`` is drawn at the top right and kept up to date; once it says "", TIME_UP is pressed.
        ``picked`` is marked already."""

    def choose_several(
        self,
        question: Sequence[Row],
        options: Sequence[str],
        keys: Keys,
        *,
        clock: Callable[[], str] | None = None,
        picked: Sequence[int] = (),
    ) -> Chosen | Pressed:
        """Any number of several."""

    def put_in_order(
        self,
        question: Sequence[Row],
        options: Sequence[str],
        keys: Keys,
        *,
        clock: Callable[[], str] | None = None,
        picked: Sequence[int] = (),
    ) -> Chosen | Pressed:
        """All of several, in an order."""

    def type(
        self,
        question: Sequence[Row],
        prompt: str,
        keys: Keys,
        *,
        complete: Complete | None = None,
        clock: Callable[[], str] | None = None,
    ) -> Typed | Pressed:
        """A line of text. Keys are pressed here as a line of their own that holds ``:`` and the key: ``:p``, ``:?``."""

    def pause(self, keys: Keys, enter: str = "next") -> Pressed:
        """Wait for a key, below an empty line; Enter or space is "next", and shown as ``enter``."""
