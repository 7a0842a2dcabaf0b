"""The formats of ``kcnet reach``: whatever a name holds, it stays text."""

from __future__ import annotations

import csv
import io
import json

import pytest

from kcnet.analysis.reach.connectivity import Row, reachability
from kcnet.analysis.reach.diff import Changes
from kcnet.analysis.reach.portsets import EVERYTHING, PortSet
from kcnet.render import reach as pages
from kcnet.render.screen import Screen
from tests.helpers import cluster_of
from tests.render.test_text import HOSTILE

SOME = PortSet(tcp=((80, 80), (8080, 8090)), udp=((53, 53),))
NOBODY = reachability(cluster_of("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}"))
NASTY = {**HOSTILE, "formula": "=HYPERLINK(1)", "markup": "<b>&\"'</b>", "table": "a|b`c", "label": 'x"]; y["'}


@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY)
def test_a_name_is_text_in_every_format(name: str) -> None:
    rows = [(name, [("x/other[Pod]", EVERYTHING), (f"{name}2", SOME)])]
    several = {
        "text": "".join(pages.text(rows, (), Screen(width=60))),
        "csv": "".join(pages.csv(rows)),
        "md": "".join(pages.markdown(rows)),
        "dot": "".join(pages.dot(rows)),
        "mermaid": "".join(pages.mermaid(rows)),
        "html": "".join(pages.html(rows, (), (), NOBODY)),
        "json": "".join(pages.json_document(rows, (), (), NOBODY)),
        "changes": pages.changes_text(Changes((Row(name, name, SOME),), ()), Screen()),
    }
    for text in several.values():
        assert all(char in "\r\n" or char.isprintable() for char in text)
    assert json.loads(several["json"])["rows"][0]["from"] == name
    cells = list(csv.reader(io.StringIO(several["csv"])))
    assert [len(row) for row in cells] == [3, 3, 3]
    assert not any(cell[:1] in ("=", "+", "-", "@") for row in cells for cell in row if cell)
    assert "<b>" not in several["html"]
    assert all(line.count("|") - line.count("\\|") == 4 for line in several["md"].splitlines())
    assert all(line.count('"') % 2 == 0 for line in several["mermaid"].splitlines())
    assert several["mermaid"].count('["') == 3


def test_connections_are_written_by_protocol() -> None:
    assert str(SOME) == "TCP 80,8080-8090,UDP 53"
    assert str(PortSet(sctp=((1, 65535),))) == "SCTP 1-65535"
    assert str(EVERYTHING) == "All Connections"
    assert str(PortSet()) == ""


def test_a_matrix_explains_its_letters() -> None:
    rows = [("x/a[Pod]", [("x/b[Pod]", SOME), ("x/c[Pod]", EVERYTHING)])]
    assert "".join(pages.text(rows, ("x/d[Pod]",), Screen())) == (
        "from / to     1 2 3 4\n"
        "  1 x/a[Pod]  - a ✔ ·\n"
        "  2 x/b[Pod]  · - · ·\n"
        "  3 x/c[Pod]  · · - ·\n"
        "  4 x/d[Pod]  · · · -\n"
        "\n"
        "  ✔ all connections\n"
        "  a TCP 80,8080-8090,UDP 53\n"
    )


def test_more_than_a_matrix_holds_is_a_list_by_source() -> None:
    names = [f"x/p{number:02}[Pod]" for number in range(20)]
    rows = [(name, [(other, SOME) for other in names if other != name]) for name in names]
    lines = "".join(pages.text(rows, names, Screen())).splitlines()
    assert lines[0] == names[0]
    assert lines[1].startswith("  TCP 80,8080-8090,UDP 53 → x/p01[Pod], ")
    assert sum(line in names for line in lines) == 20


def test_marks_have_plain_forms_where_the_output_is_ascii() -> None:
    text = "".join(pages.text([("x/a[Pod]", [("x/b[Pod]", EVERYTHING)])], (), Screen(encoding="ascii")))
    assert text.isascii()
