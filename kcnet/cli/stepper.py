"""``--step``: a trace one screenful at a time, on a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kcnet.model.trace import Trace
from kcnet.render import steps
from kcnet.render.screen import Screen

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

KEYS = "space next · p previous · a all at once · q quit"


@dataclass
class Position:
    """Where the reader is: a page (one step), and a screenful of it."""

    page: int = 0
    part: int = 0


def step_through(trace: Trace, screen: Screen) -> bool:
    """Show the steps full-screen until the reader quits; True if all of them shall be printed instead.

    Raises KeyboardInterrupt on Ctrl-C. The terminal is as before when this returns, however it does.
    """
    from prompt_toolkit import Application
    from prompt_toolkit.formatted_text import ANSI
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.layout import FormattedTextControl, Layout, Window
    from prompt_toolkit.output import ColorDepth

    at = Position()

    def screenfuls() -> list[list[list[str]]]:
        size = application.output.get_size()
        now = replace(screen, width=max(20, size.columns))
        return [steps.split(page, size.rows - 2) for page in steps.pages(trace, now)]

    def shown() -> ANSI:
        parts = screenfuls()
        at.part = min(at.part, len(parts[at.page]) - 1)
        lines = parts[at.page][at.part]
        rows = application.output.get_size().rows
        more = f" · {at.part + 1} of {len(parts[at.page])} screens of this step" if len(parts[at.page]) > 1 else ""
        footer = screen.shown(KEYS + more)[: application.output.get_size().columns - 1]
        if screen.colour:
            footer = f"\x1b[2m{footer}\x1b[0m"
        return ANSI("\n".join([*lines, *[""] * (rows - 1 - len(lines)), footer]))

    keys = KeyBindings()

    def forward(event: KeyPressEvent) -> None:
        event.app.renderer.clear()
        parts = screenfuls()
        if at.part + 1 < len(parts[at.page]):
            at.part += 1
        elif at.page + 1 < len(parts):
            at.page, at.part = at.page + 1, 0
        else:
            event.app.exit(result=False)

    def back(event: KeyPressEvent) -> None:
        event.app.renderer.clear()
        if at.part:
            at.part -= 1
        elif at.page:
            at.page -= 1
            at.part = len(screenfuls()[at.page]) - 1

    for key in (" ", "enter", "right", "down", "pagedown", "n"):
        keys.add(key)(forward)
    for key in ("b", "left", "up", "pageup", "p", "backspace"):
        keys.add(key)(back)
    for key in ("q", "Q"):
        keys.add(key)(lambda event: event.app.exit(result=False))
    keys.add("a")(lambda event: event.app.exit(result=True))
    keys.add("c-d")(lambda event: event.app.exit(result=False))
    keys.add("c-c")(lambda event: event.app.exit(exception=KeyboardInterrupt()))

    application: Application[bool] = Application(
        layout=Layout(Window(FormattedTextControl(shown, show_cursor=False), wrap_lines=False)),
        key_bindings=keys,
        full_screen=True,
        color_depth=None if screen.colour else ColorDepth.DEPTH_1_BIT,
    )
    application.timeoutlen = 0.1
    application.ttimeoutlen = 0.05
    try:
        return bool(application.run())
    except EOFError:
        return False
