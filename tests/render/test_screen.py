"""Layout: wrapping and widths, for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kcnet.render.printable import cells, printable
from kcnet.render.screen import Row, Screen, Style, laid_out

TEXT = st.text(st.characters(), max_size=80)
LINES = st.lists(st.tuples(TEXT, st.sampled_from(Style)), max_size=4).map(tuple)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("日本", "日本"),
        ("a\tb", "a\\tb"),
        ("a\nb", "a\\nb"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x7f\x80\x9b", "\\x7f\\x80\\x9b"),
        ("a\u00a0b", "a\\xa0b"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("\ufeff", "\\ufeff"),
        ("\udc80", "\\udc80"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(("text", "width"), [("", 0), ("abc", 3), ("日本", 4), ("é", 1), ("e\u0301", 1), ("→✔", 2)])
def test_cells(text: str, width: int) -> None:
    assert cells(text) == width


@given(LINES, TEXT, st.integers(20, 120), st.sampled_from(["utf-8", "ascii", "cp437", "latin-1"]))
def test_every_row_fits_is_printable_and_loses_no_word(
    line: tuple[tuple[str, Style], ...], note: str, width: int, encoding: str
) -> None:
    screen = Screen(width, encoding=encoding)
    lines = laid_out(screen, [Row((("> ", Style.LABEL),), (("  ", Style.PLAIN),), line, note)])
    text = "\n".join(lines)
    text.encode(encoding)
    assert all(cells(one) <= width for one in lines)
    assert all(char == "\n" or char.isprintable() for char in text)
    wanted = "".join((screen.shown("".join(part for part, _ in line)) + screen.shown(note)).split())
    assert "".join(text.split()).removeprefix(">") == wanted


def test_a_typographic_quote_is_never_shown_as_a_plain_one() -> None:
    assert Screen(encoding="ascii").shown("name: “web”") == "name: U+201CwebU+201D"
    assert Screen().shown("name: “web”") == "name: “web”"


@pytest.mark.parametrize("width", [20, 40, 80])
def test_an_address_that_is_to_be_copied_is_not_broken(width: int) -> None:
    address = f"https://kubernetes.io/docs/{'x' * 90}/"
    row = Row(
        (("- ", Style.LABEL),),
        (("  ", Style.PLAIN),),
        (("Read on, and at length: ", Style.PLAIN), (address, Style.QUIET)),
    )
    assert laid_out(Screen(width), [replace(row, whole=True)])[-1] == f"  {address}"
    assert max(map(len, laid_out(Screen(width), [row]))) <= width
