"""Markdown as it stands on a screen of 40 columns, without colour."""

from __future__ import annotations

import pytest

from kcnet.render import markdown
from kcnet.render.screen import Screen, Style, laid_out


def shown(text: str, width: int = 40) -> list[str]:
    return laid_out(Screen(width=width), markdown.rows(text))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one\ntwo", ["one two"]),
        ("one\n\ntwo", ["one", "", "two"]),
        ("# Title\n\ntext", ["Title", "", "text"]),
        ("a `kubectl get pods` b", ["a kubectl get pods b"]),
        ("- one\n- two", ["· one", "· two"]),
        ("text\n\n- one\n- two\n\nmore", ["text", "", "· one", "· two", "", "more"]),
        ("1. one\n2. two", ["1. one", "2. two"]),
        ("- one\n  - inner\n- two", ["· one", "  · inner", "· two"]),
        ("- a paragraph that is longer than the line of the screen", ["· a paragraph that is longer than the", "  line of the screen"]),
        ("```yaml\nspec:\n  ports:\n  - port: 80\n```", ["    spec:", "      ports:", "      - port: 80"]),
        ("text\n\n    indented code", ["text", "", "    indented code"]),
        ("> quoted", ["│ quoted"]),
        ("[Services](https://kubernetes.io/x)", ["Services (https://kubernetes.io/x)"]),
        ("<https://kubernetes.io/x>", ["https://kubernetes.io/x"]),
        ("<b>bold</b>", ["<b>bold</b>"]),
        ("", []),
    ],
)  # fmt: skip
def test_blocks(text: str, lines: list[str]) -> None:
    assert shown(text) == lines


def test_styles() -> None:
    assert markdown.spans("a **b** `c`") == (
        ("a ", Style.PLAIN), ("b", Style.STRONG), (" ", Style.PLAIN), ("c", Style.CHANGE),
    )  # fmt: skip


def test_prose_alone() -> None:
    assert (
        markdown.words("Set `type: NodePort` for a [Service](https://x.example/NodePort).\n\n```\ncode\n```")
        == "Set  for a Service."
    )


def test_text_never_acts_on_the_terminal() -> None:
    assert "\x1b" not in "".join(shown("a \x1b[31mred\x1b[0m"))


def test_no_line_is_longer_than_the_screen() -> None:
    text = "word " * 30 + "\n\n- " + "item " * 30 + "\n\n```\n" + "code " * 30 + "\n```\n"
    assert all(len(line) <= 40 for line in shown(text))
