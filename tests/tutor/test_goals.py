"""Conditions, each on a small shop: what holds, and the sentence about what is so instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kcnet.lab.machine import Asked, Effect, LookedUp, Ran, Read, Wrote
from kcnet.lab.session import Session
from kcnet.tutor.asking import trace_of
from kcnet.tutor.goals import Scene, judge, unmet
from kcnet.tutor.lesson import Ask
from kcnet.tutor.sandbox import open_sandbox
from tests.tutor import small


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    lesson = small.lesson(tmp_path_factory.mktemp("lessons"))
    return open_sandbox(lesson.head, clock=lambda: small.NOON)


def said(session: Session, want: dict[str, Any], *effects: Effect, lines: tuple[str, ...] = ()) -> str | None:
    """What is said of ``want`` after ``lines``; the session is as before."""
    before = session.state()
    try:
        for line in lines:
            outcome = session.run(line)
            assert outcome.status == 0, outcome.stderr
        return unmet({"else": "", **want}, Scene(session, "shop", effects))
    finally:
        session.restore(before)


HOLDS = [
    {"from": "client", "to": "http://web/", "verdict": "delivered"},
    {"from": "client", "to": "http://web/", "verdict": ["refused", "delivered"]},
    {"from": "client", "to": "http://web:81/", "code": "SERVICE_PORT_UNKNOWN"},
    {"from": "client", "to": "http://nobody/", "verdict": "unresolved"},
    {"from": "client", "to": "http://web/", "verdict": "delivered", "sees": "client"},
    {"from": "client", "to": "http://web/", "arrives": "pod/web"},
    {"from": "client", "to": "http://web/", "arrives": ["pod/web", "default/other"]},
    {"from": "default/other", "to": "http://web.shop/", "verdict": "delivered"},
    {"endpoints": "shop/web", "count": 1, "ready": 1, "of": "pod/web"},
    {"endpoints": "web", "count": 1},
    {"resolves": "web", "from": "client", "to": "svc/web"},
    {"resolves": "web", "from": "client", "to": "web"},
    {"resolves": "web", "from": "client"},
    {"resolves": "web", "from": "default/other", "to": "NXDOMAIN"},
    {"exists": "svc/web"},
    {"exists": "default/pod/other"},
    {"absent": "netpol/web"},
    {"has": {"object": "svc/web", "field": "spec.ports[0].port", "value": 80}},
    {"has": {"object": "svc/web", "field": "spec.selector"}},
    {"lacks": {"object": "svc/web", "field": "metadata.annotations[kcnet/listens]"}},
    {"opens": []},
]


@pytest.mark.parametrize("want", HOLDS, ids=str)
def test_what_holds(session: Session, want: dict[str, Any]) -> None:
    assert said(session, want) is None


FAILS = [
    ({"from": "client", "to": "http://web/", "verdict": "timeout"}, "client → http://web/ arrives; it must not."),
    ({"from": "client", "to": "http://web/", "verdict": ["timeout", "refused"]}, "client → http://web/ arrives; it must not."),
    ({"from": "client", "to": "pod/web:81", "verdict": "delivered"}, "client → pod/web:81 is refused; it must arrive."),
    ({"from": "client", "to": "pod/web:81", "verdict": "timeout"}, "client → pod/web:81 is refused; it must time out."),
    ({"from": "client", "to": "http://web/", "sees": "node"}, "client → http://web/: the pod sees 10.244.0.2; it must see the address of a node."),
    ({"from": "client", "to": "http://web/", "arrives": "default/other"}, "client → http://web/ may end at shop/web; it must end at default/other alone."),
    ({"from": "clint", "to": "http://web/", "verdict": "delivered"}, "There is no pod or workload clint in namespace shop."),
    ({"endpoints": "shop/web", "count": 2}, "Service shop/web has 1 endpoint; it must have 2."),
    ({"endpoints": "shop/web", "ready": 0}, "Service shop/web has 1 ready endpoint; it must have 0."),
    ({"endpoints": "shop/wep"}, "There is no Service shop/wep."),
    ({"endpoints": "shop/web", "of": "pod/client"}, "shop/web is an endpoint of Service shop/web; it must not be."),
    ({"endpoints": "shop/web", "of": ["pod/web", "pod/client"]}, "shop/client is no endpoint of Service shop/web; it must be."),
    ({"resolves": "wep", "from": "client", "to": "svc/web"}, "client asks for wep: NXDOMAIN; it must be svc/web."),
    ({"resolves": "web", "from": "client", "to": "10.0.0.1"}, "it must be 10.0.0.1."),
    ({"exists": "netpol/web"}, "There is no netpol/web."),
    ({"absent": "svc/web"}, "svc/web is still there."),
    ({"has": {"object": "svc/web", "field": "spec.type", "value": "NodePort"}}, "spec.type of svc/web is ClusterIP."),
    ({"has": {"object": "svc/web", "field": "spec.externalName"}}, "svc/web has no spec.externalName."),
    ({"lacks": {"object": "svc/web", "field": "spec.selector"}}, "svc/web still has spec.selector."),
    ({"lacks": {"object": "svc/gone", "field": "spec.selector"}}, "There is no svc/gone."),
    ({"opens": [30080]}, "No Service opens port 30080 of the nodes."),
]  # fmt: skip


@pytest.mark.parametrize(("want", "words"), FAILS, ids=str)
def test_one_counterexample(session: Session, want: dict[str, Any], words: str) -> None:
    found = said(session, want)
    assert found is not None
    # Which address a pod has is not the question here.
    assert words.replace("10.244.0.2", "") in found or words.split(": the pod sees")[0] in found


def test_the_first_that_fails_is_told(session: Session) -> None:
    wants = [
        {"id": "a", "exists": "svc/web", "else": "a"},
        {"id": "b", "exists": "svc/no", "else": "b"},
        {"id": "c", "exists": "svc/no", "else": "c"},
    ]
    failure = judge(wants, Scene(session, "shop"))
    assert failure is not None
    assert (failure.id, failure.message) == ("b", "b")


ANY_YAML = [
    "kubectl label pod client app=web --overwrite",
    'kubectl patch svc web --type=merge -p \'{"spec": {"selector": {"app": "client"}}}\'',
    "kubectl delete pod web",
    "kubectl delete svc web",
    "fail web",
]


@pytest.mark.parametrize("line", ANY_YAML)
def test_what_was_changed_is_judged_by_what_it_does(session: Session, line: str) -> None:
    want = {"endpoints": "shop/web", "ready": 1, "of": "pod/web"}
    assert said(session, want, lines=(line,)) is not None
    assert said(session, want) is None


SAW = {"saw": {"verb": ["get", "describe"], "resource": "svc", "namespace": "shop", "name": "web"}}


@pytest.mark.parametrize(
    ("effect", "holds"),
    [
        (Read("get", "services", "shop", ("web",)), True),
        (Read("get", "services", "shop"), True),
        (Read("get", "services", None), True),
        (Read("describe", "services", "shop", ("web", "cart")), True),
        (Read("get", "services", "shop", ("cart",)), False),
        (Read("get", "services", "default"), False),
        (Read("get", "pods", "shop"), False),
        (Read("explain", "services", "shop"), False),
        (Wrote("get", "services", "shop", "web"), True),
        (Ran("cat"), False),
    ],
)
def test_saw(session: Session, effect: Effect, holds: bool) -> None:
    assert (said(session, SAW, effect) is None) is holds


@pytest.mark.parametrize(
    ("source", "target", "holds"),
    [
        ("client", "http://web/", True),
        ("client", "http://web.shop/", True),
        ("client", "http://web.shop.svc.cluster.local/", True),
        ("client", "svc/web:80", True),
        ("client", "http://web:8080/", False),
        ("client", "pod/web:8080", False),
        ("web", "http://web/", False),
    ],
)
def test_asked_the_same_however_written(session: Session, source: str, target: str, holds: bool) -> None:
    effect = Asked("curl", trace_of(session.cluster, Ask(source, target), "shop"))
    assert (said(session, {"asked": {"from": "client", "to": "http://web/"}}, effect) is None) is holds
    if holds:
        assert said(session, {"asked": {"tool": "wget", "to": "http://web/"}}, effect) == ""
        assert said(session, {"asked": {"tool": ["curl"], "to": "http://web/", "verdict": "refused"}}, effect) == ""


def test_a_name_that_is_not_found_is_the_same_wherever_it_ends(session: Session) -> None:
    effect = Asked("curl", trace_of(session.cluster, Ask("client", "http://wep/"), "shop"))
    assert said(session, {"asked": {"to": "http://wep/", "verdict": "unresolved"}}, effect) is None
    assert said(session, {"asked": {"to": "http://web/"}}, effect) == ""


@pytest.mark.parametrize(
    ("asked", "wanted", "holds"),
    [
        ("web", "web", True),
        ("web.shop.svc.cluster.local.", "web", True),
        ("web", "web.shop", True),
        ("web.default", "web.shop", False),
        ("wep", "web", False),
    ],
)
def test_looked(session: Session, asked: str, wanted: str, holds: bool) -> None:
    effect = LookedUp("nslookup", "shop/pod/client", asked, ("10.96.0.1",))
    assert (said(session, {"looked": {"name": wanted}}, effect) is None) is holds
    assert said(session, {"looked": {"tool": "dig", "name": wanted}}, effect) == ""


def test_ran(session: Session) -> None:
    effect = Ran("iptables-save", ("-t", "nat"))
    assert said(session, {"ran": {"command": ["iptables-save", "nft"]}}, effect) is None
    assert said(session, {"ran": {"command": "iptables-save", "words": ["nat"]}}, effect) is None
    assert said(session, {"ran": {"command": "iptables-save", "words": ["filter"]}}, effect) == ""
    assert said(session, {"ran": {"command": "env"}}, effect) == ""


def test_nothing_was_typed(session: Session, tmp_path: Path) -> None:
    for want in (SAW, {"asked": {"to": "http://web/"}}, {"looked": {"name": "web"}}, {"ran": {"command": "env"}}):
        assert said(session, want) == ""


def test_a_node_port_too_many_is_named(session: Session) -> None:
    lines = (
        "kubectl create service nodeport door -n shop --tcp=80:8080 --node-port=30080",
        "kubectl create service nodeport other -n shop --tcp=80:8080 --node-port=30081",
    )
    assert said(session, {"opens": [30080, 30081]}, lines=lines) is None
    told = "Service shop/other opens port 30081 of every node; it must not."
    assert said(session, {"opens": [30080]}, lines=lines) == told
