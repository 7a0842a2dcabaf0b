"""Problems of manifests as a compiler would show them."""

from __future__ import annotations

import pytest

from kcnet.loading.problems import Problem
from kcnet.model.names import Ref
from kcnet.render.printable import cells
from kcnet.render.problems import render, render_error
from kcnet.render.screen import Screen
from tests.render.test_text import HOSTILE

PROBLEM = Problem(
    code="SCHEMA_TYPE",
    message="'eighty' is not an integer; a port is a number from 1 to 65535.",
    fix="Write the number, for example port: 80.",
    ref=Ref("Service", "shop", "cart"),
    field="spec.ports[0].port",
    file="shop.yaml",
    line=10,
    column=13,
    excerpt=("spec:", "  ports:", "    - port: eighty  # the web", "      targetPort: 8080"),
    excerpt_start=8,
)

PAGE = """\
✘ shop.yaml:10:13  Service shop/cart  spec.ports[0].port
   8 │ spec:
   9 │   ports:
▸ 10 │     - port: eighty  # the web
     │             ^^^^^^
  11 │       targetPort: 8080
  'eighty' is not an integer; a port is a number from 1 to 65535.
  fix: Write the number, for example port: 80.

1 problem in 1 file
"""


def test_a_problem_shows_its_place() -> None:
    assert render([PROBLEM], Screen(80)) == PAGE


def test_every_problem_is_counted() -> None:
    bare = Problem(code="YAML_EMPTY", message="The file is empty.", file="empty.yaml")
    page = render([PROBLEM, bare], Screen(80))
    assert "✘ empty.yaml\n  The file is empty." in page
    assert page.endswith("2 problems in 2 files\n")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("width", [24, 40, 80])
def test_a_problem_with_hostile_text_stays_on_its_lines(text: str, width: int) -> None:
    problem = Problem(
        code="X_Y", message=text, fix=text, ref=Ref(text, text, text), field=text, file=text, line=1, column=5,
        excerpt=(f"a: {text} b", text), excerpt_start=1,
    )  # fmt: skip
    page = render([problem], Screen(width)) + render_error(text, Screen(width), text, [text])
    assert all(char == "\n" or char.isprintable() for char in page)
    assert max(map(cells, page.splitlines())) <= width


def test_a_tab_is_shown_and_marked() -> None:
    problem = Problem(
        code="YAML_TAB", message="A tab.", file="a.yaml", line=1, column=2, excerpt=(" \tport: 80",), excerpt_start=1
    )
    lines = render([problem], Screen(80)).splitlines()
    assert lines[1] == "▸ 1 │  \\tport: 80"
    assert lines[2].index("^") == lines[1].index("\\t")


def test_a_place_far_along_a_line_is_in_view() -> None:
    text = '{"a": "' + "x" * 500 + '", "port": "eighty"}'
    problem = Problem(
        code="X_Y",
        message="No.",
        file="a.json",
        line=1,
        column=text.index('"eighty"') + 1,
        excerpt=(text,),
        excerpt_start=1,
    )
    lines = render([problem], Screen(80)).splitlines()
    at = lines[2].index("^")
    assert lines[1][at:].startswith('"eighty"')
    assert max(map(cells, lines)) <= 80
