"""A desk that answers by itself: the right answers, and if asked for, mistakes first.

``kcnet learn --auto`` and the tests play whole lessons with it, through the same loop as a learner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from kcnet.render.screen import Row, Screen, laid_out
from kcnet.tutor.desk import Chosen, Complete, Keys, Pressed, Typed
from kcnet.tutor.lesson import Goal, Predict, Run
from kcnet.tutor.play import Play

Clock = Callable[[], str]


@dataclass(slots=True)
class AutoDesk:
    """``write`` gets everything that a learner would see."""

    play: Play
    screen: Screen
    write: Callable[[str], None]
    mistakes: bool = False
    """Make each mistake that the lesson names once, and a wrong choice at each prediction, before the right answer."""
    _lines: list[str] = field(default_factory=list)
    _begun: set[str] = field(default_factory=set)

    def show(self, rows: Iterable[Row]) -> None:
        self.write("".join(f"{line}\n" for line in laid_out(self.screen, rows)))

    def print(self, text: str) -> None:
        self.write("\n".join("\t".join(map(self.screen.shown, line.split("\t"))) for line in text.split("\n")))

    def choose(
        self,
        question: Sequence[Row],
        options: Sequence[str],
        keys: Keys,
        *,
        clock: Clock | None = None,
        picked: Sequence[int] = (),
    ) -> Chosen | Pressed:
        self.show(question)
        choices = self.play.choices()
        wanted = not (self.mistakes and isinstance(self.play.step, Predict))
        number = next(place for place, choice in enumerate(choices) if choice.correct is wanted)
        self._options(options, number)
        return Chosen((number,))

    def choose_several(
        self,
        question: Sequence[Row],
        options: Sequence[str],
        keys: Keys,
        *,
        clock: Clock | None = None,
        picked: Sequence[int] = (),
    ) -> Chosen | Pressed:
        raise EOFError

    def put_in_order(
        self,
        question: Sequence[Row],
        options: Sequence[str],
        keys: Keys,
        *,
        clock: Clock | None = None,
        picked: Sequence[int] = (),
    ) -> Chosen | Pressed:
        self.show(question)
        right = [list(options).index(one) for one in self.play.stations()]
        if self.mistakes and self._first("order"):
            right = [*right[1:], right[0]]
        return Chosen(tuple(right))

    def type(
        self,
        question: Sequence[Row],
        prompt: str,
        keys: Keys,
        *,
        complete: Complete | None = None,
        clock: Clock | None = None,
    ) -> Typed | Pressed:
        self.show(question)
        step = self.play.step
        assert isinstance(step, (Run, Goal))
        if self._first("type"):
            self._lines = [*self._wrong(step), *step.solution]
        if not self._lines:
            # The solution did not do it: a learner would be stuck here.
            raise EOFError
        line = self._lines.pop(0)
        self.print(f"{prompt}{line}\n")
        return Pressed("hint") if line == ":?" else Typed(line)

    def pause(self, keys: Keys, enter: str = "next") -> Pressed:
        return Pressed("next")

    def _wrong(self, step: Run | Goal) -> list[str]:
        """What misses, and how one gets back from it."""
        if not self.mistakes:
            return []
        wrong = [(miss.do,) for miss in step.miss] if isinstance(step, Run) else [one.do for one in step.reject]
        return [":?"] * (len(step.hints) + 1) + [line for lines in wrong for line in (*lines, "reset")]

    def _first(self, what: str) -> bool:
        key = f"{self.play.step.id}/{what}"
        known = key in self._begun
        self._begun.add(key)
        return not known

    def _options(self, options: Sequence[str], number: int) -> None:
        for place, option in enumerate(options):
            self.print(f"{'>' if place == number else ' '} {option}\n")
