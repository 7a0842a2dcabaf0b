"""Thousands of endpoints: a few of each kind are followed, and the answer is that of all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from importlib import import_module

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kcnet
from kcnet.model.cluster import Cluster
from kcnet.model.trace import MAX_PATHS, Trace
from kcnet.path.flow import Flow
from tests.flows.builders import (
    CLIENT,
    CLIENTS,
    LB_IP,
    NODES,
    Manifest,
    cluster,
    cluster_ip,
    facts,
    load_balancer,
    node,
    pod,
    policy,
    port,
    service,
)
from tests.flows.ingress_builders import NGINX, ingress

MANY = 600


def crowd(number: int = MANY) -> list[Manifest]:
    return [pod(f"web-{at:04}", f"10.244.{1 + at % 3}.{1 + at // 3}", labels={"id": f"w{at}"}) for at in range(number)]


def shares(trace: Trace) -> dict[object, float]:
    found: dict[object, float] = defaultdict(float)
    for path in trace.paths:
        found[path.verdict, path.reason.code, path.source_seen, path.http_status] += path.share
    return found


def test_all_alike() -> None:
    trace = kcnet.trace(cluster(NODES, CLIENT, crowd(), cluster_ip()), "client", "http://web/", namespace="shop")
    assert trace.verdict == "delivered"
    assert len(trace.paths) <= MAX_PATHS < trace.ways == MANY
    assert [path.probability for path in trace.paths] == [pytest.approx(1 / MANY)] * len(trace.paths)
    assert sum(path.share for path in trace.paths) == pytest.approx(1)
    assert f"one of {MANY} endpoints" in trace.summary
    assert trace.truncated
    assert len(trace.to_dict()["paths"]) <= MAX_PATHS


def test_up_to_256_each_is_followed() -> None:
    trace = kcnet.trace(cluster(NODES, CLIENT, crowd(256), cluster_ip()), "client", "http://web/", namespace="shop")
    assert len(trace.paths) == trace.ways == 256
    assert not trace.truncated


ONE = pytest.approx(1 / MANY)
NOBODY: list[Manifest] = []


@pytest.mark.parametrize(
    ("given", "code", "share"),
    [
        pytest.param(
            policy("closed", pods={"matchLabels": {"id": "w599"}}, policyTypes=["Ingress"]),
            "NETPOL_INGRESS_DENIED", ONE, id="one is closed by its label",
        ),
        pytest.param(
            policy("closed", pods={"matchExpressions": [{"key": "id", "operator": "In", "values": ["w1", "w599"]}]},
                   policyTypes=["Ingress"]),
            "NETPOL_INGRESS_DENIED", pytest.approx(2 / MANY), id="two are closed by an expression",
        ),
        pytest.param(
            policy("out", pods={"matchLabels": {"app": "client"}}, policyTypes=["Egress"],
                   egress=[{"to": [{"ipBlock": {"cidr": "10.244.0.0/16", "except": ["10.244.3.200/32"]}}]},
                           {"ports": [{"port": 53, "protocol": "UDP"}]}]),
            "NETPOL_EGRESS_DENIED", ONE, id="one is left out of an address block",
        ),
        pytest.param(
            policy("out", pods={"matchLabels": {"app": "client"}}, policyTypes=["Egress"],
                   egress=[{"to": [{"podSelector": {"matchExpressions": [
                       {"key": "id", "operator": "NotIn", "values": ["w300"]}]}}]},
                       {"ports": [{"port": 53, "protocol": "UDP"}]}]),
            "NETPOL_EGRESS_DENIED", ONE, id="one is not among the peers",
        ),
        pytest.param(
            [*crowd(MANY - 1), pod("web-0599", "10.244.3.200", listens="9090")],
            "PORT_NOT_LISTENING", ONE, id="one does not listen",
        ),
        pytest.param(
            [*crowd(MANY - 1), pod("web-0599", "10.244.3.200", ports=[port(8081, "http")], listens="8080")],
            "PORT_NOT_LISTENING", ONE, id="one has another port of that name",
        ),
    ],
)  # fmt: skip
def test_the_odd_one_is_found(given: Manifest | list[Manifest], code: str, share: float) -> None:
    pods = given if isinstance(given, list) else [*crowd(), given]
    trace = kcnet.trace(cluster(NODES, CLIENT, pods, cluster_ip()), "client", "http://web/", namespace="shop")
    assert trace.verdict == "partial"
    assert sum(path.share for path in trace.paths if path.reason.code == code) == share
    assert sum(path.share for path in trace.paths) == pytest.approx(1)
    assert trace.ways == MANY


def test_by_many_nodes() -> None:
    nodes = [node(f"n{number}") for number in range(1, 41)]
    trace = kcnet.trace(cluster(nodes, crowd(), load_balancer()), "internet", f"http://{LB_IP}/", namespace="shop")
    assert trace.verdict == "delivered"
    assert len(trace.paths) <= 2 * MAX_PATHS
    assert trace.ways == 32 * MANY
    assert len({path.source_seen for path in trace.paths}) == 32
    assert sum(path.share for path in trace.paths) == pytest.approx(1)
    assert f"one of {MANY} endpoints" in trace.summary


# A law: whatever the cluster, following few of each kind and following all gives the same shares.

few = st.integers(0, 2)
a_pod = st.fixed_dictionaries(
    {
        "label": st.sampled_from(["a", "b"]),
        "ready": st.booleans(),
        "terminating": st.booleans(),
        "listens": st.sampled_from([None, None, "8080", "9090"]),
        "number": st.sampled_from([8080, 8080, 8081]),
        "on": st.integers(1, 3),
    }
)
selector = st.sampled_from(
    [{}, {"matchLabels": {"id": "a"}}, {"matchExpressions": [{"key": "id", "operator": "DoesNotExist"}]}]
)
block = st.sampled_from(
    [
        {"cidr": "10.244.1.0/24"},
        {"cidr": "0.0.0.0/0", "except": ["10.244.2.2/32"]},
        {"cidr": "10.0.0.0/8", "except": ["10.244.3.4/31"]},
    ]
)
peers = st.one_of(selector.map(lambda found: {"podSelector": found}), block.map(lambda found: {"ipBlock": found}))
DNS = {"ports": [{"port": 53, "protocol": "UDP"}]}
rule_ports = st.sampled_from([[], [{"port": 8080}], [{"port": "http"}]])


@st.composite
def a_policy(draw: st.DrawFn, name: str) -> Manifest:
    way, side = draw(st.sampled_from([("Ingress", "from"), ("Egress", "to")]))
    rules = [
        {side: draw(st.lists(peers, min_size=1, max_size=2)), "ports": draw(rule_ports)}
        for _ in range(draw(st.integers(0, 2)))
    ]
    chosen = draw(selector) if way == "Ingress" else {}
    return policy(name, pods=chosen, policyTypes=[way], **{way.lower(): [*rules, *([DNS] if way == "Egress" else [])]})


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Cluster, str, str]:
    pods = [
        pod(
            f"web-{at}", f"10.244.{one['on']}.{at + 1}", labels={"id": one["label"]} if at % 3 else {},
            ready=one["ready"], terminating=one["terminating"], listens=one["listens"],
            ports=[port(one["number"], "http")],
        )
        for at, one in enumerate(draw(st.lists(a_pod, min_size=4, max_size=9)))
    ]  # fmt: skip
    policies = [draw(a_policy(f"p{at}")) for at in range(draw(few))]
    kind = draw(st.sampled_from(["cluster", "balanced", "local", "node port", "ingress"]))
    source = draw(st.sampled_from(["shop/client", "shop/web-1", "shop/host-client", "internet"]))
    mode = draw(st.sampled_from(["iptables", "nftables", "ipvs"]))
    stated = [facts(proxyMode=mode), NODES, CLIENTS, pods, policies]
    match kind:
        case "cluster":
            return cluster(*stated, cluster_ip()), source, "http://web.shop/"
        case "balanced" | "local":
            policy_name = "Local" if kind == "local" else "Cluster"
            return cluster(*stated, load_balancer(externalTrafficPolicy=policy_name)), source, f"http://{LB_IP}/"
        case "node port":
            return (
                cluster(
                    *stated, service(kind="NodePort", ports=[{"port": 80, "targetPort": "http", "nodePort": 30080}])
                ),
                source,
                "http://10.0.0.2:30080/",
            )
        case _:
            return (
                cluster(*stated, NGINX, service(), ingress("shop.example.com / Prefix web:80")),
                source,
                "http://shop.example.com/",
            )


@given(worlds(), st.integers(1, 3))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_following_a_few_of_each_kind_is_following_all(
    monkeypatch: pytest.MonkeyPatch, world: tuple[Cluster, str, str], most: int
) -> None:
    found, source, target = world

    def answer(room: Callable[[Cluster, Flow], int]) -> Trace:
        with monkeypatch.context() as patch:
            for module in ("kcnet.path.service", "kcnet.simulate.proxied"):
                patch.setattr(import_module(module), "room", room)
            return kcnet.trace(found, source, target, namespace="shop")

    few, every = answer(lambda *_: most), answer(lambda *_: 1000)
    assert few.verdict == every.verdict
    assert shares(few) == pytest.approx(shares(every))
    assert few.summary.split(":")[0] == every.summary.split(":")[0]
