"""The formats of ``kcnet reach``: whatever a name holds, it stays text."""

from __future__ import annotations

import csv
import io
import json

import pytest

from kcnet.analysis.reach.connectivity import EVERY_ROW, Choice, Row, reachability
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
    name += "[Pod]"
    rows = [(name, [("x/other[Pod]", EVERYTHING), (f"2{name}", SOME)])]
    several = {
        "text": "".join(pages.text(rows, (), EVERY_ROW, Screen(width=60))),
        "csv": "".join(pages.csv(rows)),
        "md": "".join(pages.markdown(rows)),
        "dot": "".join(pages.dot(rows, [name])),
        "mermaid": "".join(pages.mermaid(rows, [name])),
        "html": "".join(pages.html(rows, [name, f"3{name}"], (), (), NOBODY)),
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
    assert several["dot"].count('\n  "') == 3
    assert several["html"].count("<p>No connections from 3") == 1


def test_connections_are_written_by_protocol() -> None:
    assert str(SOME) == "TCP 80,8080-8090,UDP 53"
    assert str(PortSet(sctp=((1, 65535),))) == "SCTP 1-65535"
    assert str(EVERYTHING) == "All Connections"
    assert str(PortSet()) == ""


def test_a_matrix_explains_its_letters() -> None:
    rows = [("x/a[Pod]", [("x/b[Pod]", SOME), ("x/c[Pod]", EVERYTHING)])]
    assert "".join(pages.text(rows, ("x/d[Pod]",), EVERY_ROW, Screen())) == (
        "from / to     1 2 3 4\n"
        "  1 x/a[Pod]  - a ✔ ·\n"
        "  2 x/b[Pod]  · - · ·\n"
        "  3 x/c[Pod]  · · - ·\n"
        "  4 x/d[Pod]  · · · -\n"
        "\n"
        "  ✔ all connections\n"
        "  a TCP 80,8080-8090,UDP 53\n"
        "  · nothing\n"
    )


def test_a_range_in_a_matrix_stands_for_all_of_its_addresses() -> None:
    """Rows cut the addresses for each workload as its policies do, so that one range may lie within another."""
    half, all_of_it, net = "0.0.0.0-127.255.255.255", "0.0.0.0-255.255.255.255", "10.0.0.0-10.255.255.255"
    rows = [
        (half, [("x/b[Pod]", SOME)]),
        (all_of_it, [("x/a[Pod]", EVERYTHING)]),
        ("x/a[Pod]", [(net, SOME)]),
        ("x/b[Pod]", [(all_of_it, EVERYTHING)]),
    ]
    assert "".join(pages.text(rows, (), EVERY_ROW, Screen())) == (
        "from / to                    1 2 3 4 5\n"
        "  1 0.0.0.0-127.255.255.255  - - - ✔ a\n"
        "  2 0.0.0.0-255.255.255.255  - - - ✔ *\n"
        "  3 10.0.0.0-10.255.255.255  - - - ✔ a\n"
        "  4 x/a[Pod]                 * * a - ·\n"
        "  5 x/b[Pod]                 ✔ ✔ ✔ · -\n"
        "\n"
        "  ✔ all connections\n"
        "  a TCP 80,8080-8090,UDP 53\n"
        "  · nothing\n"
        "  * not the same for all of these addresses: see the smaller ranges\n"
    )


def test_ports_stand_in_order_of_their_numbers() -> None:
    ports = [PortSet(tcp=((number, number),)) for number in (443, 8080, 80)]
    rows = [("x/a[Pod]", [(f"x/{name}[Pod]", each) for name, each in zip("bcd", ports, strict=True)])]
    for choice in (EVERY_ROW, Choice(sources=bool)):
        text = "".join(pages.text(rows, (), choice, Screen()))
        assert text.index("TCP 80") < text.index("TCP 443") < text.index("TCP 8080")


def test_where_not_all_was_asked_for_there_is_no_matrix() -> None:
    rows = [("x/a[Pod]", [("x/b[Pod]", EVERYTHING)])]
    assert "".join(pages.text(rows, ("x/a[Pod]", "x/c[Pod]", "x/d[Pod]"), Choice(sources=bool), Screen())) == (
        "x/a[Pod]\n  All Connections → x/b[Pod]\nNo connections from x/c[Pod], x/d[Pod]\n"
    )


def test_more_than_a_matrix_holds_is_a_list_by_source() -> None:
    names = [f"x/p{number:02}[Pod]" for number in range(20)]
    rows = [(name, [(other, SOME) for other in names if other != name]) for name in names]
    lines = "".join(pages.text(rows, names, EVERY_ROW, Screen())).splitlines()
    assert lines[0] == names[0]
    assert lines[1].startswith("  TCP 80,8080-8090,UDP 53 → x/p01[Pod], ")
    assert sum(line in names for line in lines) == 20


def test_marks_have_plain_forms_where_the_output_is_ascii() -> None:
    text = "".join(pages.text([("x/a[Pod]", [("x/b[Pod]", EVERYTHING)])], (), EVERY_ROW, Screen(encoding="ascii")))
    assert text.isascii()
