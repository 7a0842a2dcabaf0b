"""Who reaches whom among nine pods, for every scenario of Kubernetes' own NetworkPolicy tests, and some more.

https://github.com/kubernetes/kubernetes/blob/master/test/e2e/network/netpol/network_policy.go
"""

# ruff: noqa: E501 - a row is a line
from __future__ import annotations

from typing import Any

import pytest

import kcnet
from kcnet.analysis.reach.connectivity import reachability
from kcnet.analysis.reach.portsets import NOTHING
from kcnet.model.names import Protocol
from tests.flows.builders import namespace
from tests.flows.policy_builders import (
    IPS,
    NODES,
    PODS,
    SERVES,
    allow_in,
    allow_out,
    cluster,
    expected_pairs,
    facts,
    isolate,
    netpol,
    peer,
    pod,
    rule,
)

NAME = "kubernetes.io/metadata.name"
B, C = peer(pods="pod=b"), peer(pods="pod=c")
Y = peer(ns=f"{NAME}=y")
NOT_X = f"{NAME} notin (x)"
TO_XB = f"{IPS['x/b']}/32"


def truth(name: str, policies: list[Any], expected: str, to: str = "80/TCP", **more: Any) -> Any:
    return pytest.param(policies, expected, to, more, id=name)


@pytest.mark.parametrize(
    ("policies", "expected", "to", "more"),
    [
        truth("no policy", [], ""),
        # The scenarios of network_policy.go, in their order.
        truth("default deny ingress", [isolate()], "- */* > x/*"),
        truth("default deny all", [isolate(types="IE")], "- */* > x/* - x/* > */*"),
        truth("pods of the server's namespace, by podSelector", [allow_in(rule(B), pods="pod=a")], "- */* > x/a + x/b > x/a"),
        truth("deny all, allow one target from everywhere", [isolate(), allow_in(rule(peer(pods="", ns="")), pods="pod=a")], "- */* > x/b|c"),
        truth("pods of all namespaces", [allow_in(rule(peer(ns="")), pods="pod=a")], ""),
        truth("a different namespace alone, by namespaceSelector", [allow_in(rule(Y), pods="pod=a")], "- x|z/* > x/a"),
        truth("podSelector with an expression", [allow_in(rule(peer(pods="pod in (b)")), pods="pod=a")], "- */* > x/a + x/b > x/a"),
        truth("namespaceSelector with an expression", [allow_in(rule(peer(ns=f"{NAME} in (y)")), pods="pod=a")], "- x|z/* > x/a"),
        truth("podSelector or namespaceSelector", [allow_in(rule(peer(ns=NOT_X), B), pods="pod=a")], "- x/c > x/a"),
        truth("podSelector and namespaceSelector", [allow_in(rule(peer(ns=NOT_X, pods="pod=b")), pods="pod=a")], "- */* > x/a + y|z/b > x/a"),
        truth("several pods in several namespaces", [allow_in(rule(peer(ns=NOT_X, pods="pod in (b,c)")), pods="pod=a")], "- */* > x/a + y|z/b|c > x/a"),
        truth("any of two podSelectors", [allow_in(rule(B, C), pods="pod=a")], "- */* > x/a + x/b|c > x/a"),
        truth("one pod of a different namespace", [allow_in(rule(peer(ns=f"{NAME}=y", pods="pod=a")), pods="pod=a")], "- */* > x/a + y/a > x/a"),
        truth("ports: the one allowed", [allow_in(rule(Y, ports="81"), pods="pod=a")], "- */* > x/a + y/* > x/a", "81/TCP"),
        truth("ports: another", [allow_in(rule(Y, ports="81"), pods="pod=a")], "- */* > x/a", "80/TCP"),
        truth("stacked policies: first port", [allow_in(rule(Y, ports="81"), pods="pod=a"), allow_in(rule(Y, ports="80"), pods="pod=a")], "- x|z/* > x/a", "80/TCP"),
        truth("stacked policies: second port", [allow_in(rule(Y, ports="81"), pods="pod=a"), allow_in(rule(Y, ports="80"), pods="pod=a")], "- x|z/* > x/a", "81/TCP"),
        truth("allow all", [allow_in(rule())], "", "81/TCP"),
        truth("ingress on a named port", [allow_in(rule(ports="serve-81-tcp"))], "", "81/TCP"),
        truth("ingress on a named port: other port", [allow_in(rule(ports="serve-81-tcp"))], "- */* > x/*", "80/TCP"),
        truth("ingress from a namespace on a named port", [allow_in(rule(Y, ports="serve-80-tcp/TCP"), pods="pod=a")], "- x|z/* > x/a"),
        truth("ingress from a namespace on a named port: other port", [allow_in(rule(Y, ports="serve-80-tcp/TCP"), pods="pod=a")], "- */* > x/a", "81/TCP"),
        truth("egress on a named port", [allow_out(rule(ports="serve-80-tcp"))], ""),
        truth("egress on a named port: other port", [allow_out(rule(ports="serve-80-tcp"))], "- x/* > */*", "81/TCP"),
        truth("own namespace alone", [allow_in(rule(peer(pods="")))], "- y|z/* > x/*"),
        truth("egress of one pod denied", [isolate(pods="pod=a", types="E")], "- x/a > */*"),
        truth("egress of a namespace denied", [isolate(types="E")], "- x/* > */*"),
        truth("ingress and egress together", [netpol("x", "pod=a", ingress=[rule(B)], egress=[rule(ports="80")], types="EI")], "- */* > x/a + x/b > x/a"),
        truth("ingress and egress together: port not allowed out", [netpol("x", "pod=a", ingress=[rule(B)], egress=[rule(ports="80")], types="EI")], "- */* > x/a + x/b > x/a - x/a > */*", "81/TCP"),
        truth(
            "egress denied by the client even though the server allows",
            [
                allow_out(rule(peer(ns=f"{NAME}=y", pods="pod=a")), pods="pod=a"),
                allow_in(rule(peer(ns=f"{NAME}=x", pods="pod=a")), of="y", pods="pod=a"),
                allow_in(rule(peer(ns=f"{NAME}=x", pods="pod=a")), of="y", pods="pod=b"),
            ],
            "- x/a > */* - */* > y/a|b + x/a > y/a",
        ),
        truth("egress to one pod of another namespace", [allow_out(rule(peer(ns=f"{NAME}=y", pods="pod=a")), pods="pod=a")], "- x/a > */* + x/a > y/a"),
        truth("any port of TCP", [allow_in(rule(ports="/TCP"), pods="pod=a")], "", "80/TCP"),
        truth("any port of TCP: UDP", [allow_in(rule(ports="/TCP"), pods="pod=a")], "- */* > x/a", "80/UDP"),
        truth("ingress policies: allow all wins", [allow_in(rule(ports="80")), allow_in(rule())], "", "81/TCP"),
        truth("egress policies: allow all wins", [allow_out(rule(ports="80")), allow_out(rule())], "", "81/TCP"),
        truth("egress to a CIDR", [allow_out(rule(peer(ip=f"{IPS['y/b']}/32")), pods="pod=a")], "- x/a > */* + x/a > y/b"),
        truth("egress to a CIDR with an exception", [allow_out(rule(peer(ip="10.244.0.0/16", but=[TO_XB])), pods="pod=a")], "- x/a > x/b"),
        truth("egress to what another policy excepts", [allow_out(rule(peer(ip="10.244.0.0/16", but=[TO_XB])), pods="pod=a"), allow_out(rule(peer(ip=TO_XB)), pods="pod=a")], ""),
        truth("egress allowed, ingress denied", [allow_out(rule(), pods="pod=a"), isolate(pods="pod=a")], "- */* > x/a"),
        truth("SCTP allowed is not TCP", [isolate(), allow_in(rule(ports="81/SCTP"), pods="pod=a")], "- */* > x/*", "81/TCP"),
        truth("a policy for SCTP isolates", [allow_in(rule(ports="80/SCTP"), pods="pod=a")], "- */* > x/a", "81/TCP"),
        truth("UDP allowed is not TCP", [allow_in(rule(ports="81/UDP"), pods="pod=a")], "- */* > x/a", "81/TCP"),
        truth("namespaceSelector NotIn on egress", [allow_out(rule(peer(ns=f"{NAME} notin (y)")), pods="pod=a")], "- x/a > y/*"),
        truth("UDP: default deny ingress", [isolate()], "- */* > x/*", "80/UDP"),
        truth("UDP: ports", [allow_in(rule(Y, ports="81/UDP"), pods="pod=a")], "- x|z/* > x/a", "81/UDP"),
        truth("UDP: one pod of a different namespace", [allow_in(rule(peer(ns="ns=y", pods="pod=a")), pods="pod=a")], "- */* > x/a + y/a > x/a", "80/UDP"),
        truth("SCTP: default deny ingress", [isolate()], "- */* > x/*", "80/SCTP"),
        truth("SCTP: ports", [allow_in(rule(Y, ports="81/SCTP"), pods="pod=a")], "- x|z/* > x/a", "81/SCTP"),
        truth("SCTP: one pod of a different namespace", [allow_in(rule(peer(ns="ns=y", pods="pod=a")), pods="pod=a")], "- */* > x/a + y/a > x/a", "80/SCTP"),
        # Beyond them.
        truth("a policy selects pods of its own namespace alone", [isolate("y", pods="pod=a")], "- */* > y/a"),
        truth("podSelector as a peer means the policy's namespace", [allow_in(rule(B), of="y")], "- */* > y/* + y/b > y/*"),
        truth("podSelector as an egress peer means the policy's namespace", [allow_out(rule(B))], "- x/* > */* + x/* > x/b"),
        truth("a namespace without the label", [allow_in(rule(peer(ns="team=none")))], "- */* > x/*"),
        truth("a pod without the label", [allow_in(rule(peer(pods="pod=none")))], "- */* > x/*"),
        truth("own namespace is not meant by a namespaceSelector for another", [allow_out(rule(peer(ns="ns=y")))], "- x/* > x|z/*"),
        truth("every namespace but by one name each", [allow_in(rule(peer(ns="ns in (x,y)")))], "- z/* > x/*"),
        truth("two items, wider than one", [allow_in(rule(peer(ns="ns=y"), peer(pods="pod=b")))], "- x|z/* > x/* + x/b > x/*"),
        truth("one item, both", [allow_in(rule(peer(ns="ns=y", pods="pod=b")))], "- */* > x/* + y/b > x/*"),
        truth("all pods of some namespaces", [allow_in(rule(peer(ns="ns=y", pods="")))], "- x|z/* > x/*"),
        truth("such pods of all namespaces", [allow_in(rule(peer(ns="", pods="pod=b")))], "- */* > x/* + */b > x/*"),
        truth("both sides closed, one side opened", [isolate(types="IE"), isolate("y", types="IE"), allow_out(rule(peer(ns="ns=y")))], "- x|y/* > */* - */* > x|y/*"),
        truth("both sides closed, both opened", [isolate(types="IE"), isolate("y", types="IE"), allow_out(rule(peer(ns="ns=y"))), allow_in(rule(peer(ns="ns=x")), of="y")], "- x|y/* > */* - */* > x|y/* + x/* > y/*"),
        truth("matchLabels and matchExpressions are both required", [allow_in(rule(peer(ns="ns=y", pods="pod=b;pod notin (b)")))], "- */* > x/*"),
        truth("exists", [isolate(pods="pod")], "- */* > x/*"),
        truth("exists, of what no pod has", [isolate(pods="tier")], ""),
        truth("does not exist", [isolate(pods="!pod")], ""),
        truth("does not exist, of what no pod has", [isolate(pods="!tier")], "- */* > x/*"),
        truth("in", [isolate(pods="pod in (a,c)")], "- */* > x/a|c"),
        truth("not in", [isolate(pods="pod notin (a,c)")], "- */* > x/b"),
        truth("not in, by a key that no pod has", [isolate(pods="tier notin (a,c)")], "- */* > x/*"),
        truth("in, by a key that no pod has", [isolate(pods="tier in (a,c)")], ""),
        truth("two expressions", [isolate(pods="pod in (a,b);pod notin (b)")], "- */* > x/a"),
        truth("a range of ports, below", [allow_in(rule(ports="81-90"))], "- */* > x/*", "80/TCP"),
        truth("a range of ports, its first", [allow_in(rule(ports="80-81"))], "", "80/TCP"),
        truth("a range of ports, its last", [allow_in(rule(ports="79-81"))], "", "81/TCP"),
        truth("a range of ports, above", [allow_in(rule(ports="70-80"))], "- */* > x/*", "81/TCP"),
        truth("a range of one port", [allow_in(rule(ports="80-80"))], "", "80/TCP"),
        truth("a range of ports is of one protocol", [allow_in(rule(ports="1-65535"))], "- */* > x/*", "80/UDP"),
        truth("a range of UDP ports", [allow_in(rule(ports="1-65535/UDP"))], "", "80/UDP"),
        truth("an egress range of ports", [allow_out(rule(ports="81-90"))], "- x/* > */*", "80/TCP"),
    ],
)  # fmt: skip
def test_who_reaches_whom(policies: list[Any], expected: str, to: str, more: dict[str, Any]) -> None:
    world = cluster(facts(), NODES, [namespace(name, ns=name) for name in "xyz"], list(PODS.values()), policies)
    number, protocol = to.split("/")
    found = {}
    for source, target in expected_pairs(""):
        ns, name = target.split("/")
        trace = kcnet.trace(world, source, f"{ns}/pod/{name}:{number}", protocol=protocol)
        found[source, target] = trace.verdict == "delivered"
        if not found[source, target]:
            assert trace.verdict == "timeout"
            assert trace.reason.code in ("NETPOL_EGRESS_DENIED", "NETPOL_INGRESS_DENIED")
    wanted = expected_pairs(expected)
    assert {pair for pair, open_ in found.items() if open_} == {pair for pair, open_ in wanted.items() if open_}
    rows = {(row.source, row.target): row.connections for row in reachability(world).rows()}
    for (source, target), open_ in wanted.items():
        if source != target:
            ports = rows.get((f"{source}[Pod]", f"{target}[Pod]"), NOTHING)
            assert ports.has(int(number), Protocol(protocol)) == open_


def relabelled(labels: dict[str, str], ns: str = "x", name: str = "b") -> Any:
    return pod(name, IPS[f"{ns}/{name}"], ns=ns, app=None, labels=labels, ports=SERVES)


def test_labels_given_later_count() -> None:
    """Labels of a namespace, of a client and of a target, before and after somebody changed them."""
    allow_ns = allow_in(rule(peer(ns="ns2=updated")), pods="pod=a")
    allow_pod = allow_in(rule(peer(pods="pod=b;pod2=updated")), pods="pod=a")
    isolated = isolate(pods="target=isolated")
    plain, fresh = namespace("y", ns="y"), namespace("y", ns="y", ns2="updated")
    xa, ya = PODS["x/a"], PODS["y/a"]
    for policy, others, source, target, verdict in (
        (allow_ns, [plain, xa, ya], "y/a", "x/pod/a:80", "timeout"),
        (allow_ns, [fresh, xa, ya], "y/a", "x/pod/a:80", "delivered"),
        (allow_pod, [xa, relabelled({"pod": "b"})], "x/b", "x/pod/a:80", "timeout"),
        (allow_pod, [xa, relabelled({"pod": "b", "pod2": "updated"})], "x/b", "x/pod/a:80", "delivered"),
        (isolated, [ya, relabelled({"pod": "b"})], "y/a", "x/pod/b:80", "delivered"),
        (isolated, [ya, relabelled({"pod": "b", "target": "isolated"})], "y/a", "x/pod/b:80", "timeout"),
    ):
        assert kcnet.trace(cluster(NODES, others, policy), source, target).verdict == verdict
