"""One command under way: its words, what it reads, where it runs, and what it has printed so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

from kcnet.lab.machine import Effect, Outcome

if TYPE_CHECKING:
    from kcnet.lab.session import Session
    from kcnet.lab.shell import Input, Shell

OUT = 1
ERR = 2
MARK = "(lab) "
WIDTH = 80


class Place(NamedTuple):
    """Where a command line is typed."""

    kind: str = "outside"
    """``outside``: the learner's own machine; ``pod``; ``node``."""
    name: str = ""
    namespace: str = ""
    container: str = ""
    remove: bool = False
    """The pod is deleted when its shell ends (``kubectl run --rm``)."""


@dataclass(slots=True)
class Call:
    """``argv`` begins with the command's own name."""

    session: Session
    shell: Shell
    place: Place
    argv: Sequence[str]
    stdin: Input | None = None
    """None: a terminal, at which nobody types while the command runs."""
    chunks: list[tuple[int, str]] = field(default_factory=list)
    """(OUT or ERR, text) in the order printed."""
    effects: list[Effect] = field(default_factory=list)

    def out(self, text: str) -> None:
        if text:
            self.chunks.append((OUT, text))

    def line(self, text: str = "") -> None:
        self.chunks.append((OUT, f"{text}\n"))

    def err(self, text: str) -> None:
        """A line on standard error."""
        self.chunks.append((ERR, f"{text}\n"))

    def note(self, text: str) -> None:
        """A line that no real tool prints: the lab says what it does otherwise, or does not do."""
        lines = wrap(text, WIDTH - len(MARK), break_long_words=False, break_on_hyphens=False) or [""]
        self.chunks.append((ERR, "".join(f"{MARK}{line}\n" for line in lines)))

    def did(self, effect: Effect) -> None:
        self.effects.append(effect)

    def take(self, outcome: Outcome) -> int:
        """What another command printed and did, as one's own; its status."""
        self.chunks += [one for one in outcome.chunks or ((OUT, outcome.stdout), (ERR, outcome.stderr)) if one[1]]
        self.effects.extend(outcome.effects)
        return outcome.status

    def outcome(self, status: int) -> Outcome:
        return Outcome(
            "".join(text for stream, text in self.chunks if stream == OUT),
            "".join(text for stream, text in self.chunks if stream == ERR),
            status,
            tuple(self.effects),
        )
