"""A desk of plain lines: questions are printed, answers are typed and ended with Enter.

For screen readers, pipes, and terminals that cannot move their cursor. Nothing is ever drawn over.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from kcnet.cli.terminal import screen_of, write
from kcnet.render.markdown import BLANK
from kcnet.render.screen import Row, Screen, Style, laid_out
from kcnet.tutor.desk import TIME_UP, Chosen, Complete, Keys, Pressed, Typed, label, named, places

Clock = Callable[[], str]


def _screen() -> Screen:
    return screen_of(sys.stdout)


@dataclass(slots=True)
class LineDesk:
    screen: Screen = field(default_factory=_screen)

    def show(self, rows: Iterable[Row]) -> None:
        write(sys.stdout, "".join(f"{line}\n" for line in laid_out(self.screen, rows)))

    def print(self, text: str) -> None:
        write(sys.stdout, "\n".join("\t".join(map(self.screen.shown, line.split("\t"))) for line in text.split("\n")))

    def choose(
        self,
        question: Sequence[Row],
        options: Sequence[str],
        keys: Keys,
        *,
        clock: Clock | None = None,
        picked: Sequence[int] = (),
    ) -> Chosen | Pressed:
        return self._places(
            question, options, keys, "The letter or number of your answer", clock, picked, lambda n: n == 1
        )

    def choose_several(
        self,
        question: Sequence[Row],
        options: Sequence[str],
        keys: Keys,
        *,
        clock: Clock | None = None,
        picked: Sequence[int] = (),
    ) -> Chosen | Pressed:
        return self._places(
            question,
            options,
            keys,
            "The letters or numbers of your answers, such as A C",
            clock,
            picked,
            lambda n: n > 0,
        )

    def put_in_order(
        self,
        question: Sequence[Row],
        options: Sequence[str],
        keys: Keys,
        *,
        clock: Clock | None = None,
        picked: Sequence[int] = (),
    ) -> Chosen | Pressed:
        asked = "All letters or numbers in order, such as C A B"
        return self._places(question, options, keys, asked, clock, picked, lambda n: n == len(options))

    def type(
        self,
        question: Sequence[Row],
        prompt: str,
        keys: Keys,
        *,
        complete: Complete | None = None,
        clock: Clock | None = None,
    ) -> Typed | Pressed:
        typed = {f":{key}": name for key, name in keys.items()}
        if question:
            self.show(question)
            self._keys(typed)
        begun = time.monotonic()
        while True:
            line = self._line(prompt)
            if clock is not None and not clock():
                return Pressed(TIME_UP)
            word = line.strip()
            if not word.startswith(":"):
                return Typed(line, time.monotonic() - begun)
            if name := keys.get(word[1:].strip()):
                return Pressed(name)
            self._keys(typed)

    def pause(self, keys: Keys, enter: str = "next") -> Pressed:
        while True:
            self.show([BLANK])
            self._keys({"Enter": enter, **keys})
            word = self._line("").strip().lower()
            if not word:
                return Pressed("next")
            if name := keys.get(word) or keys.get(word.removeprefix(":")):
                return Pressed(name)

    def _places(
        self,
        question: Sequence[Row],
        options: Sequence[str],
        keys: Keys,
        asked: str,
        clock: Clock | None,
        picked: Sequence[int],
        enough: Callable[[int], bool],
    ) -> Chosen | Pressed:
        self.show(question)
        for place, option in enumerate(options):
            first = f"{'*' if place in picked else ' '} {label(place)}  "
            self.show([Row(((first, Style.LABEL),), ((" " * len(first), Style.PLAIN),), ((option, Style.PLAIN),))])
        self._keys(keys)
        begun = time.monotonic()
        while True:
            left = f" ({clock()} left)" if clock else ""
            word = self._line(f"{asked}{left}: ").strip().lower()
            if clock is not None and not clock():
                return Pressed(TIME_UP)
            if name := keys.get(word) or keys.get(word.removeprefix(":")):
                return Pressed(name)
            found = places(word, len(options))
            if found is not None and enough(len(found)):
                return Chosen(found, time.monotonic() - begun)
            said = f"The options are {named(len(options))}. Or a key: {_said(keys)}"
            self.show([Row((), (), ((said, Style.QUIET),))])

    def _keys(self, keys: Keys) -> None:
        self.show([Row((), (), ((_said(keys), Style.QUIET),))])

    def _line(self, prompt: str) -> str:
        """Raises EOFError at the end of the input."""
        write(sys.stdout, self.screen.shown(prompt))
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.rstrip("\r\n")


def _said(keys: Keys) -> str:
    return " · ".join(f"{key} {name}" for key, name in keys.items())
