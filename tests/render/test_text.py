"""The page of a trace: what stands on it, at every width, in every encoding, and for every kind of trace."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace
from syrupy.assertion import SnapshotAssertion

from kcnet.model.trace import Trace, Verdict
from kcnet.render.printable import cells
from kcnet.render.screen import Screen
from kcnet.render.text import folded, render, render_answer
from tests.render import traces

WIDTHS = (20, 40, 60, 80, 120, 160)
EVERY_KIND = pytest.mark.parametrize("kind", traces.KINDS)


@pytest.mark.parametrize("kind", ["delivered", "alike", "timeout", "ingress_503", "partial"])
def test_the_page_at_80_columns(kind: str, snapshot: SnapshotAssertion) -> None:
    assert render(traces.KINDS[kind](), Screen(80)) == snapshot


@pytest.mark.parametrize("screen", [Screen(40), Screen(160), Screen(80, encoding="ascii")], ids=str)
def test_the_partial_page_elsewhere(screen: Screen, snapshot: SnapshotAssertion) -> None:
    assert render(traces.partial(), screen) == snapshot


@EVERY_KIND
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("encoding", ["utf-8", "cp437", "cp1252", "ascii"])
def test_no_line_is_wider_than_the_screen_and_each_can_be_written(kind: str, width: int, encoding: str) -> None:
    page = render(traces.KINDS[kind](), Screen(width, encoding=encoding))
    page.encode(encoding)
    assert max(map(cells, page.splitlines())) <= width
    assert "\x1b" not in page
    assert all(line == line.rstrip() for line in page.splitlines())


@EVERY_KIND
@pytest.mark.parametrize("width", WIDTHS)
def test_the_verdict_comes_first_and_whole(kind: str, width: int) -> None:
    trace = traces.KINDS[kind]()
    assert render(trace, Screen(width)).splitlines()[0].split()[1] == trace.verdict.value


@EVERY_KIND
def test_colour_changes_nothing_but_colour(kind: str) -> None:
    trace = traces.KINDS[kind]()
    coloured = render(trace, Screen(80, colour=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(trace, Screen(80))
    assert "\x1b[" in coloured


@EVERY_KIND
def test_the_page_says_all_of_it(kind: str) -> None:
    trace = traces.KINDS[kind]()
    page = " ".join(render(trace, Screen(400)).split())
    assert trace.summary in page
    assert trace.client_sees in page
    assert (f"kcnet explain {trace.reason.code}" in page) == (trace.verdict is not Verdict.DELIVERED)
    for path in trace.paths[:1]:
        for step in path.steps:
            assert " ".join(step.text.split()) in page
    for assumption in trace.assumptions:
        assert assumption.removeprefix("pod ") in page


def test_what_ways_share_is_said_once() -> None:
    page = render(traces.delivered(), Screen(160))
    assert page.count("cart.shop.svc.cluster.local") == 1
    assert page.count("ready endpoints") == 1
    assert "├─ 50 % → Pod shop/cart-0" in page
    assert "└─ 50 % → Pod shop/cart-1" in page


def test_branches_that_differ_in_names_alone_fold() -> None:
    page = render(traces.alike(), Screen(160))
    assert page.count("└ ✔ delivered") == 1
    assert "+ 4 more like this, 20 % each: shop/cart-1, shop/cart-2, shop/cart-3, shop/cart-4" in page


def test_branches_with_another_verdict_do_not_fold() -> None:
    page = render(traces.partial(), Screen(160))
    assert "+ 1 more like this, 33 %: shop/cart-1" in page
    assert page.count("✘ timeout") == 1
    assert page.count("└ ✔ delivered") == 1


def test_a_failure_that_the_summary_tells_in_full_is_named_in_the_tree() -> None:
    trace = traces.timeout()
    text = trace.paths[0].last.text
    page = " ".join(render(replace(trace, summary=f"It does not arrive: {text}"), Screen(400)).split())
    assert page.count(text) == 1
    assert f"✘ policy in {trace.paths[0].last.reason.title}" in page


def test_a_step_has_its_few_words_in_the_tree_and_no_change_twice() -> None:
    trace = traces.delivered()
    brief = "dst 10.96.12.7:80 → 10.244.2.5:8080"
    first = trace.paths[0]
    steps = tuple(replace(step, brief=brief) if step.stage is traces.Stage.NAT else step for step in first.steps)
    page = render(replace(trace, paths=(replace(first, steps=steps),)), Screen(80))
    assert page.count(brief) == 1
    assert "The destination becomes the endpoint" not in page


def test_a_rewritten_address_is_shown_before_and_after() -> None:
    assert "dst 10.96.12.7:80 → 10.244.2.5:8080" in render(traces.delivered(), Screen(80))


def test_each_step_names_its_line_at_the_right_edge() -> None:
    lines = render(traces.delivered(), Screen(80)).splitlines()
    assert any(line.endswith("cart.yaml:10,7") for line in lines)
    edges = {len(line) for line in lines if re.search(r"yaml:[0-9,]+$", line)}
    assert len(edges) == 1


def test_files_of_one_name_are_told_apart_by_their_folders() -> None:
    trace = traces.timeout()
    first = trace.paths[0]
    other = traces.Because(traces.ref("NetworkPolicy", "cart", file="other/shop/cart.yaml"))
    steps = (*first.steps[:-1], replace(first.steps[-1], because=(other,)))
    page = render(replace(trace, paths=(replace(first, steps=steps),)), Screen(120))
    assert "other/shop/cart.yaml:2" in page
    assert "manifests/shop/cart.yaml:2" in page


def test_all_blockers_are_listed_with_their_repair() -> None:
    trace = traces.timeout()
    request = replace(trace.request, all_blockers=True)
    page = render(replace(trace, request=request, blockers=(trace.paths[0].last,)), Screen(100))
    assert re.search(r"blockers  1\. NETPOL_INGRESS_DENIED: NetworkPolicy shop/cart selects", page)
    assert "blockers  none" in render(replace(trace, request=request), Screen(100))


HOSTILE = {
    "clear screen": "\x1b[2J\x1b[H",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "c1": "\x9b31m",
    "newline": "a\n✔ delivered",
    "carriage return": "bad\rgood",
    "backspace": "bad\b\b\bok",
    "bidi": "a\u202etxt.exe",
    "zero width": "a\u200bb",
    "surrogate": "a\udc80b",
    "markup": "[red]x[/red] [/healthz] [link=https://evil.example]y[/link]",
    "wide": "カート" * 30,
    "long": "x" * 500,
}


def _named(text: str) -> Trace:
    trace = traces.timeout()
    path = trace.paths[0]
    nasty = traces.ref("Pod", text, namespace=text, file=f"{text}.yaml")
    steps = tuple(
        replace(step, at=nasty, text=f"Pod {text} does", because=(traces.Because(nasty),)) for step in path.steps
    )
    target = trace.request.target._replace(typed=text)
    return replace(
        trace,
        request=replace(trace.request, client=trace.request.client._replace(ref=nasty), target=target, host=text),
        summary=f"About {text}.",
        client_sees=text,
        repair=text,
        assumptions=(text,),
        paths=(replace(path, steps=steps),),
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("width", [40, 80])
def test_nothing_in_a_manifest_acts_on_the_terminal(text: str, width: int) -> None:
    harmless = render(_named("harmless"), Screen(width))
    page = render(_named(text), Screen(width))
    assert all(char == "\n" or char.isprintable() for char in page)
    assert max(map(cells, page.splitlines())) <= width
    assert sum(line.startswith(("✔ ", "✘ ")) for line in page.splitlines()) == sum(
        line.startswith(("✔ ", "✘ ")) for line in harmless.splitlines()
    )
    page.encode("utf-8")


def test_rich_markup_is_text_like_any_other() -> None:
    assert HOSTILE["markup"] in render(_named(HOSTILE["markup"]), Screen(400))


def test_assumptions_about_many_pods_are_one_sentence() -> None:
    pods = [f"pod shop/cart-{number} is taken to listen on TCP 80." for number in range(40)]
    assert folded([*pods, "kcnet does not read Gateway."]) == [
        "Pod shop/cart-0 is taken to listen on TCP 80. Likewise for 39 other pods.",
        "kcnet does not read Gateway.",
    ]
    assert folded([*pods[:1], "pod shop/cart-1 is taken to listen on TCP 81."]) == [
        "Pod shop/cart-0 is taken to listen on TCP 80.",
        "Pod shop/cart-1 is taken to listen on TCP 81.",
    ]


@EVERY_KIND
def test_who_has_seen_the_steps_is_not_sent_to_them(kind: str) -> None:
    trace = traces.KINDS[kind]()
    assert "--step" in render(trace, Screen(80))
    assert "--step" not in render_answer(trace, Screen(80))
