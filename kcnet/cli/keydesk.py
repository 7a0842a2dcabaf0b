"""A desk for a terminal: what was asked stays readable above, options move under arrow keys, letters and digits choose.

Nothing takes the whole screen: a question longer than the window is scrolled back to as any output is.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from kcnet.cli.terminal import screen_of, write
from kcnet.render.markdown import BLANK
from kcnet.render.screen import Row, Screen, Style, laid_out
from kcnet.tutor.desk import TIME_UP, Chosen, Complete, Desk, Keys, Pressed, Typed, label, named, places

if TYPE_CHECKING:
    from prompt_toolkit import Application, PromptSession
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

Clock = Callable[[], str]
SETTLE: Final = 0.15
"""Seconds after which a letter stands alone, and is a key; of a line that is typed or pasted none is."""


@dataclass(slots=True)
class _List:
    """Options under a cursor."""

    options: Sequence[str]
    several: bool = False
    ordered: bool = False
    at: int = 0
    picked: list[int] = field(default_factory=list)
    spelt: bool = False
    """Whether the last option was named: a space behind its name is none that chooses."""

    def move(self, by: int) -> None:
        self.at = (self.at + by) % len(self.options)
        self.spelt = False

    def name(self, picks: Sequence[int]) -> None:
        """Options by their names: one is picked, or let go; several in one line are the answer so far."""
        if len(picks) > 1:
            self.picked, self.at = list(picks), picks[-1]
        else:
            self.toggle(picks[0])
        self.spelt = True

    def toggle(self, place: int) -> None:
        self.at = place
        if place in self.picked:
            self.picked.remove(place)
        else:
            self.picked.append(place)

    @property
    def how(self) -> str:
        """What chooses, for the last line."""
        names = named(len(self.options))
        if self.ordered:
            return f"{names} in order; Enter ends"
        return f"{names} or space; Enter ends" if self.several else f"{names}, or Enter"

    def mark(self, place: int) -> str:
        if self.ordered:
            return f"{self.picked.index(place) + 1}." if place in self.picked else " ."
        if self.several:
            return "[x]" if place in self.picked else "[ ]"
        return "*" if place in self.picked else " "

    @property
    def answer(self) -> tuple[int, ...] | None:
        """What Enter gives; None while it is not whole."""
        if not self.several and not self.ordered:
            return (self.at,)
        if not self.ordered:
            return tuple(sorted(self.picked)) or None
        left = [place for place in range(len(self.options)) if place not in self.picked]
        return (*self.picked, *left) if len(left) < 2 else None

    @property
    def missing(self) -> str:
        """Why Enter gives no answer."""
        left = len(self.options) - len(self.picked)
        return f"{left} of them have no place yet." if self.ordered else "None is chosen yet."

    def rows(self, *, cursor: bool) -> Iterable[Row]:
        for place, option in enumerate(self.options):
            here = cursor and place == self.at
            first = f"{'▸' if here else ' '} {label(place)} {self.mark(place)} "
            style = Style.STRONG if here else Style.PLAIN
            yield Row(((first, Style.LABEL),), ((" " * len(first), Style.PLAIN),), ((option, style),))


class KeyDesk:
    """Both ends must be a terminal that can move its cursor (``kcnet.cli.terminal.interactive``)."""

    def __init__(self) -> None:
        self._session: PromptSession[str] | None = None

    @property
    def screen(self) -> Screen:
        # A window may be made wider at any time.
        return screen_of(sys.stdout)

    def show(self, rows: Iterable[Row]) -> None:
        write(sys.stdout, "".join(f"{line}\n" for line in laid_out(self.screen, rows)))

    def print(self, text: str) -> None:
        screen = self.screen
        write(sys.stdout, "\n".join("\t".join(map(screen.shown, line.split("\t"))) for line in text.split("\n")))

    def choose(
        self,
        question: Sequence[Row],
        options: Sequence[str],
        keys: Keys,
        *,
        clock: Clock | None = None,
        picked: Sequence[int] = (),
    ) -> Chosen | Pressed:
        at = picked[0] if picked else 0
        return self._choose(question, _List(options, at=at, picked=list(picked)), keys, clock)

    def choose_several(
        self,
        question: Sequence[Row],
        options: Sequence[str],
        keys: Keys,
        *,
        clock: Clock | None = None,
        picked: Sequence[int] = (),
    ) -> Chosen | Pressed:
        listed = _List(options, several=True, picked=list(picked))
        return self._choose(question, listed, keys, clock)

    def put_in_order(
        self,
        question: Sequence[Row],
        options: Sequence[str],
        keys: Keys,
        *,
        clock: Clock | None = None,
        picked: Sequence[int] = (),
    ) -> Chosen | Pressed:
        listed = _List(options, ordered=True, picked=list(picked))
        return self._choose(question, listed, keys, clock)

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
            self.show([*question, *_footer(self.screen.width, typed)])
        begun = time.monotonic()
        while True:
            line = self._line(prompt, complete, clock)
            if line is None:
                return Pressed(TIME_UP)
            word = line.strip()
            if not word.startswith(":"):
                return Typed(line, time.monotonic() - begun)
            if name := keys.get(word[1:].strip()):
                return Pressed(name)
            self.show(_footer(self.screen.width, typed))

    def pause(self, keys: Keys, enter: str = "next") -> Pressed:
        letters = _Letters(keys)
        bindings = letters.bindings()

        def go(event: KeyPressEvent) -> None:
            if not letters.taken(event):
                event.app.exit(result=Pressed("next"))

        bindings.add("enter")(go)
        bindings.add(" ")(lambda event: letters.more(event) if letters.typed else go(event))
        shown = {"Enter": enter, **keys}
        answer = self._run(lambda columns: [*(letters.said() or [BLANK]), *_footer(columns, shown)], bindings, None)
        assert isinstance(answer, Pressed)
        return answer

    def _choose(self, question: Sequence[Row], listed: _List, keys: Keys, clock: Clock | None) -> Chosen | Pressed:
        self.show(question)
        begun = time.monotonic()

        def end(event: KeyPressEvent) -> None:
            if listed.answer is not None:
                event.app.exit(result=Chosen(listed.answer, time.monotonic() - begun))
            else:
                letters.note = listed.missing

        def choose(event: KeyPressEvent, picks: Sequence[int]) -> None:
            if listed.several or listed.ordered:
                listed.name(picks)
            else:
                listed.at = picks[-1]
                end(event)

        letters = _Letters(keys, len(listed.options), several=listed.several or listed.ordered, choose=choose)
        bindings = letters.bindings()

        def enter(event: KeyPressEvent) -> None:
            letters.taken(event)
            if not letters.note and not event.app.is_done:
                end(event)

        def space(event: KeyPressEvent) -> None:
            if letters.typed:
                letters.more(event)
            elif not (listed.several or listed.ordered):
                end(event)
            elif not listed.spelt:
                listed.toggle(listed.at)

        def back(_event: KeyPressEvent) -> None:
            if letters.typed:
                letters.typed = letters.typed[:-1]
            elif listed.ordered and listed.picked:
                listed.picked.pop()

        bindings.add("enter")(enter)
        bindings.add(" ")(space)
        bindings.add("up")(lambda event: listed.move(-1))
        bindings.add("down")(lambda event: listed.move(1))
        bindings.add("backspace")(back)

        def rows(columns: int) -> list[Row]:
            return [*listed.rows(cursor=True), *(letters.said() or [BLANK]), *_footer(columns, keys, listed.how)]

        answer = self._run(rows, bindings, clock, lambda: listed.at)
        assert isinstance(answer, (Chosen, Pressed))
        if isinstance(answer, Chosen):
            listed.picked = list(answer.picks)
        self.show(listed.rows(cursor=False) if isinstance(answer, Chosen) else ())
        return answer

    def _run(
        self,
        rows: Callable[[int], Iterable[Row]],
        bindings: KeyBindings,
        clock: Clock | None,
        cursor: Callable[[], int] = lambda: 0,
    ) -> Any:
        from prompt_toolkit import Application
        from prompt_toolkit.data_structures import Point
        from prompt_toolkit.formatted_text import ANSI
        from prompt_toolkit.layout import FormattedTextControl, Layout, Window
        from prompt_toolkit.layout.dimension import Dimension
        from prompt_toolkit.output import ColorDepth

        screen = self.screen

        def lines() -> list[str]:
            found: list[str] = []
            tops.clear()
            for row in rows(screen.width):
                tops.append(len(found))
                # One column stays free: a terminal that wraps there would add a line.
                found += laid_out(Screen(max(20, screen.width - 1), screen.colour, screen.encoding), [row])
            if clock is not None:
                left = f"{clock()} left"
                found[:0] = [screen.shown(f"{left:>{screen.width - 2}}")]
            return found

        tops: list[int] = []

        def point() -> Point:
            found = lines()
            at = tops[min(cursor(), len(tops) - 1)] + (clock is not None)
            return Point(0, min(at, len(found) - 1))

        def height() -> Dimension:
            return Dimension(min=1, preferred=len(lines()), max=len(lines()))

        control = FormattedTextControl(
            lambda: ANSI("\n".join(lines())), show_cursor=False, get_cursor_position=point, focusable=True
        )
        application: Application[Any] = Application(
            layout=Layout(Window(control, height=height, wrap_lines=False, always_hide_cursor=True)),
            key_bindings=bindings,
            erase_when_done=True,
            refresh_interval=1.0 if clock is not None else None,
            color_depth=None if screen.colour else ColorDepth.DEPTH_1_BIT,
        )
        _watch(application, clock)
        application.timeoutlen = 0.1
        application.ttimeoutlen = 0.05
        return application.run()

    def _line(self, prompt: str, complete: Complete | None, clock: Clock | None) -> str | None:
        """What was typed; None once the time is up."""
        from prompt_toolkit import PromptSession

        if self._session is None:
            self._session = PromptSession(
                enable_open_in_editor=False, complete_while_typing=False, key_bindings=_line_keys()
            )
            _watch(self._session.app, clock)
        typed: str | Pressed = self._session.prompt(
            self.screen.shown(prompt),
            completer=None if complete is None else _completer(complete),
            rprompt=None if clock is None else lambda: f"{clock()} left",
            refresh_interval=1.0 if clock is not None else 0,
        )
        return None if isinstance(typed, Pressed) else typed


def _line_keys() -> KeyBindings:
    """Ctrl-C takes back what stands on the line, as a shell does; on an empty line it leaves."""
    from prompt_toolkit.key_binding import KeyBindings

    bindings = KeyBindings()

    def interrupt(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt())

    bindings.add("c-c")(interrupt)
    return bindings


def _watch(application: Application[Any], clock: Clock | None) -> None:
    """End what waits for a key once the clock says nothing any more."""

    def look(_: Application[Any]) -> None:
        if clock is not None and not clock() and application.is_running and not application.is_done:
            application.exit(result=Pressed(TIME_UP))

    application.before_render += look


@dataclass(slots=True)
class _Letters:
    """What is typed where letters and digits are keys.

    A letter is taken once nothing has followed it for a moment. So a line that was meant for somewhere else does
    nothing, whatever letters it has.
    """

    keys: Keys
    options: int = 0
    several: bool = False
    choose: Callable[[KeyPressEvent, Sequence[int]], None] = lambda _event, _picks: None
    typed: str = ""
    note: str = ""
    """What is to be said to the last key."""

    def bindings(self) -> KeyBindings:
        from prompt_toolkit.key_binding import KeyBindings
        from prompt_toolkit.keys import Keys as Every

        bindings = KeyBindings()
        bindings.add(Every.Any)(self.more)
        bindings.add("c-c")(lambda event: event.app.exit(exception=KeyboardInterrupt()))
        bindings.add("c-d")(lambda event: event.app.exit(exception=EOFError()))
        return bindings

    def more(self, event: KeyPressEvent) -> None:
        if not event.data or not event.data.isprintable():
            return
        self.typed += event.data
        if len(self.typed) == 1 and event.data.isdecimal() and not self.several:
            # No word begins with a digit.
            self.taken(event)
        else:
            event.app.create_background_task(self._settle(event, self.typed))

    async def _settle(self, event: KeyPressEvent, typed: str) -> None:
        await asyncio.sleep(SETTLE)
        if typed == self.typed and not event.app.is_done:
            self.taken(event)
            event.app.invalidate()

    def taken(self, event: KeyPressEvent) -> bool:
        """Do what was typed; False if nothing was."""
        typed, self.typed, self.note = self.typed.strip(), "", ""
        picks = places(typed, self.options)
        if name := self.keys.get(typed.lower()):
            event.app.exit(result=Pressed(name))
        elif picks is not None and (self.several or len(picks) == 1):
            self.choose(event, picks)
        else:
            self.note = f"No such key: {typed}" if typed else ""
        return bool(typed)

    def said(self) -> list[Row]:
        return [Row((), (), ((self.note, Style.WARN),))] if self.note else []


def _footer(columns: int, keys: Keys, how: str = "") -> list[Row]:
    """One line, or where that is too long what chooses and the keys, each on its own."""
    said = " · ".join(f"{key} {name}" for key, name in keys.items())
    lines = [f"{how} · {said}"] if how and len(how) + 3 + len(said) < columns else [how, said]
    return [Row((), (), ((line, Style.QUIET),)) for line in lines if line]


def _completer(complete: Complete) -> Any:
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document

    class Completed(Completer):
        def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
            before = document.current_line_before_cursor
            word = before.rsplit(" ", 1)[-1]
            for text in complete(before):
                if text.isprintable():
                    yield Completion(text, -len(word))

    return Completed()


def desk_for(*, plain: bool) -> Desk:
    """The desk for where this runs: keys on a terminal that has them, else plain lines."""
    from kcnet.cli.terminal import interactive

    if plain or not interactive():
        from kcnet.cli.linedesk import LineDesk

        return LineDesk()
    return KeyDesk()
