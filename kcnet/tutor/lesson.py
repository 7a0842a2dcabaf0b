"""A lesson as a value: what its head says, and its steps.

The keys of the file are the names of the fields, and ``schemas/lesson.json`` says what each is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from msgspec import Struct


class Link(NamedTuple):
    title: str
    url: str


class Head(Struct, frozen=True, kw_only=True):
    """What stands above the steps."""

    id: str
    title: str
    minutes: int
    competency: str
    topics: tuple[str, ...]
    needs: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    teaches: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    misconceptions: tuple[str, ...] = ()
    scenario: tuple[str, ...] = ()
    namespace: str = "default"
    links: tuple[Link, ...] = ()
    file: Path


class Ask(NamedTuple):
    """A request as an author writes it."""

    source: str
    target: str
    protocol: str | None = None
    host: str | None = None


Want = Mapping[str, Any]
"""A condition as it is written; ``goals`` judges it. It always has ``else``, and in goals mostly ``id``."""

Lines = tuple[str, ...]
"""Command lines of the lab."""


class Say(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "say"
    id: str
    text: str


class Show(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "show"
    id: str
    say: str = ""
    object: str = ""
    fields: tuple[str, ...] = ()
    file: str = ""
    lines: tuple[int, ...] = ()
    """First and last; empty: all."""
    mark: tuple[int, ...] = ()


class TraceStep(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "trace"
    id: str
    ask: Ask
    say: str = ""
    verdict: tuple[str, ...] = ()
    """What must become of it; empty: anything."""


class WrongAnswer(NamedTuple):
    value: str
    why: str


class Predict(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "predict"
    id: str
    ask: Ask
    before: str
    """Id of a probe."""
    beliefs: tuple[str, ...]
    say: str = ""
    question: str = ""
    wrong: tuple[WrongAnswer, ...] = ()
    review: str = ""


class Miss(NamedTuple):
    do: str
    says: str


class Run(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "run"
    id: str
    task: str
    wants: tuple[Want, ...]
    hints: tuple[str, ...]
    answer: str
    also: Lines = ()
    miss: tuple[Miss, ...] = ()

    @property
    def solution(self) -> Lines:
        return (self.answer,)


class Reject(NamedTuple):
    do: Lines
    fails: str


class Goal(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "goal"
    id: str
    task: str
    wants: tuple[Want, ...]
    hints: tuple[str, ...]
    solution: Lines
    setup: Lines = ()
    accept: tuple[Lines, ...] = ()
    reject: tuple[Reject, ...] = ()
    par: int | None = None
    """With how many commands it can well be done; None: they are not counted."""


class Order(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "order"
    id: str
    question: str
    ask: Ask | None = None
    items: tuple[str, ...] = ()


class Recap(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "recap"
    id: str
    text: str


class Card(NamedTuple):
    id: str
    front: str
    back: str


class Cards(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "cards"
    id: str
    cards: tuple[Card, ...]


Step = Say | Show | TraceStep | Predict | Run | Goal | Order | Recap | Cards
KINDS = ("say", "show", "trace", "predict", "run", "goal", "order", "recap", "cards")


class Lesson(Struct, frozen=True, kw_only=True):
    head: Head
    steps: tuple[Step, ...]

    @property
    def id(self) -> str:
        return self.head.id
