"""One step at a time: what a page holds, and that it fits."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from msgspec.structs import replace

from kcnet.model.names import Protocol
from kcnet.model.trace import Packet
from kcnet.render.printable import cells
from kcnet.render.screen import Screen, Style
from kcnet.render.steps import pages, plain, split
from kcnet.render.words import changes
from tests.render import traces

EVERY_KIND = pytest.mark.parametrize("kind", traces.KINDS)


@EVERY_KIND
@pytest.mark.parametrize("width", [20, 40, 80, 160])
def test_each_screenful_fits(kind: str, width: int) -> None:
    for page in pages(traces.KINDS[kind](), Screen(width)):
        for part in split(page, 22):
            assert 0 < len(part) <= 22
            assert max(map(cells, part)) <= width


@EVERY_KIND
def test_splitting_loses_nothing_and_repeats_the_title(kind: str) -> None:
    for page in pages(traces.KINDS[kind](), Screen(80)):
        parts = split(page, 8)
        assert [line for index, part in enumerate(parts) for line in (part if index == 0 else part[2:])] == page
        assert len(parts) == 1 or all(part[:2] == page[:2] for part in parts)


def test_a_page_shows_command_lines_roads_not_taken_and_the_code() -> None:
    trace = traces.delivered()
    page = "\n".join(pages(trace, Screen(80))[1])
    assert page.startswith("step 2 of 12 · service at Node node-1")
    assert "$ kubectl get endpointslices -n shop -l kubernetes.io/service-name=cart" in page
    assert "Pod shop/cart-9 has the labels but is not ready." in page
    assert "manifests/shop/cart.yaml:10 · spec.ports[0]" in page
    assert "▸ 10 │     - port: 80" in page
    assert "kcnet explain SERVICE_ENDPOINT_CHOSEN" in page


def test_equal_branches_are_gone_through_once() -> None:
    found = pages(traces.alike(), Screen(80))
    assert len(found) == 2 + 5 + 1
    assert "20 % → Pod shop/cart-0, and 4 others like it" in found[2][0]


def test_the_last_page_is_the_answer() -> None:
    assert pages(traces.timeout(), Screen(80))[-1][0].startswith("✘ timeout")


def test_plain_steps_come_one_below_the_other() -> None:
    text = plain(traces.timeout(), Screen(80))
    assert [f"step {number} of 6" in text for number in range(1, 8)] == [True] * 6 + [False]
    assert "fix: Label the client role=frontend" in text
    assert "\x1b" not in text


def test_a_name_without_an_address_is_no_change_of_the_destination() -> None:
    asked = Packet(protocol=Protocol.TCP, src=ip_address("10.244.1.4"), src_port=None, dst=None, dst_port=None)
    assert changes(asked, replace(asked, dst_port=80)) == []
    assert changes(asked, replace(asked, dst=ip_address("10.96.0.7"))) == [(("dst → 10.96.0.7", Style.CHANGE),)]
