"""A page as a picture of a terminal, drawn by Rich."""

from __future__ import annotations

from io import StringIO

from kcnet.model.trace import Trace
from kcnet.render import text
from kcnet.render.screen import Screen


def render(trace: Trace, title: str = "kcnet trace", width: int = 100) -> str:
    """The text output in colour as an SVG document."""
    return picture(text.render(trace, Screen(width, colour=True)), title, width)


def picture(page: str, title: str, width: int) -> str:
    """Any coloured page (SGR codes and text) as an SVG document."""
    from rich.console import Console
    from rich.text import Text

    from kcnet.render.printable import printable

    console = Console(record=True, width=width, file=StringIO(), color_system="truecolor", force_terminal=True)
    console.print(Text.from_ansi(page), soft_wrap=True)
    return console.export_svg(title=printable(title), unique_id="kcnet")
