"""Every kind of port entry, peer and conflict between policies, alone and in pairs, each in both directions.

The combinations that https://github.com/mattfenwick/cyclonus tries on network plugins.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pytest

from kcnet.analysis.reach.connectivity import reachability
from kcnet.analysis.reach.portsets import NOTHING, PortSet, union
from tests.flows.builders import facts
from tests.flows.policy_builders import IPS, WORLD, Manifest, Rule, cluster, expected_pairs, netpol, peer, rule

ALL = "All Connections"
EVERYWHERE = "0.0.0.0-255.255.255.255"
EACH_WAY = pytest.mark.parametrize("way", ["ingress", "egress"])


def policy(way: str, rules: Sequence[Rule], of: str = "x", pods: str = "pod=a") -> Manifest:
    if way == "ingress":
        return netpol(of, pods, ingress=rules, types="I")
    return netpol(of, pods, egress=rules, types="E")


def answers(way: str, pod: str, *policies: Manifest) -> dict[str, PortSet]:
    """What is at the other end of ``pod``, ingress or egress, and on which ports: pods by short names, and ranges."""
    own = f"{pod}[Pod]"
    found: dict[str, PortSet] = {}
    for row in reachability(cluster(facts(), WORLD, policies)).rows():
        here, there = (row.target, row.source) if way == "ingress" else (row.source, row.target)
        if here == own:
            found[there.removesuffix("[Pod]")] = row.connections
    return found


ENTRIES = {
    "/TCP": "TCP 1-65535", "/UDP": "UDP 1-65535", "/SCTP": "SCTP 1-65535",
    "81": "TCP 81", "81/TCP": "TCP 81", "81/UDP": "UDP 81", "81/SCTP": "SCTP 81",
    "serve-81-tcp": "TCP 81", "serve-81-tcp/TCP": "TCP 81", "serve-81-tcp/UDP": "", "serve-81-tcp/SCTP": "",
}  # fmt: skip
"""A port entry, and what it comes to at a pod that serves 80 and 81 under names such as ``serve-81-tcp``."""
OTHERS = {pod for pod in IPS if pod != "x/a"}


@EACH_WAY
def test_no_port_entry_means_every_port(way: str) -> None:
    assert {
        pod: str(ports) for pod, ports in answers(way, "x/a", policy(way, [rule(ports="")])).items()
    } == dict.fromkeys({*OTHERS, EVERYWHERE}, ALL)


@EACH_WAY
@pytest.mark.parametrize(("entry", "means"), ENTRIES.items())
def test_one_port_entry(way: str, entry: str, means: str) -> None:
    found = answers(way, "x/a", policy(way, [rule(ports=entry)]))
    # Addresses outside have no names for their ports; inwards it is the pod's own names that count.
    outside = "" if entry.startswith("serve") and way == "egress" else means
    expected = {**dict.fromkeys(OTHERS, means), EVERYWHERE: outside}
    assert {name: str(ports) for name, ports in found.items()} == {
        name: text for name, text in expected.items() if text
    }


@EACH_WAY
def test_two_port_entries_add_up(way: str) -> None:
    alone = {entry: answers(way, "x/a", policy(way, [rule(ports=entry)])) for entry in ENTRIES}
    for one, other in combinations(ENTRIES, 2):
        both = answers(way, "x/a", policy(way, [rule(ports=f"{one} {other}")]))
        assert both == answers(way, "x/a", policy(way, [rule(ports=one), rule(ports=other)]))
        assert both == {
            name: union(alone[one].get(name, NOTHING), alone[other].get(name, NOTHING))
            for name in alone[one].keys() | alone[other].keys()
        }


def the(pattern: str) -> set[str]:
    """Pods other than x/a: ``x/*``, ``*/c``, ``y|z/b``."""
    return {
        source
        for (source, target), open_ in expected_pairs(f"- {pattern} > x/a").items()
        if target == "x/a" and not open_
    }


NEAR = f"{IPS['y/b'].rpartition('.')[0]}.0"
RANGE_NEAR = f"{NEAR}-{NEAR[:-1]}255"


@EACH_WAY
@pytest.mark.parametrize(
    ("given", "pods", "ranges"),
    [
        pytest.param([], the("*/*"), {EVERYWHERE}, id="no peer"),
        pytest.param([peer(pods="")], the("x/*"), set(), id="all pods here"),
        pytest.param([peer(pods="", ns="ns=x")], the("x/*"), set(), id="all pods of a namespace by its label"),
        pytest.param([peer(pods="", ns="")], the("*/*"), set(), id="all pods everywhere"),
        pytest.param([peer(pods="pod=c")], the("x/c"), set(), id="a pod here"),
        pytest.param([peer(pods="pod=c", ns="ns=x")], the("x/c"), set(), id="a pod of a namespace by its label"),
        pytest.param([peer(pods="pod=c", ns="")], the("*/c"), set(), id="such pods everywhere"),
        pytest.param([peer(ns="ns in (y,z)")], the("y|z/*"), set(), id="namespaces by an expression"),
        pytest.param([peer(ip=f"{NEAR}/24")], the("*/b"), {RANGE_NEAR}, id="a block of addresses"),
        pytest.param(
            [peer(ip=f"{NEAR}/24", but=[f"{NEAR}/28"])], the("y|z/b"), {f"{NEAR[:-1]}16-{NEAR[:-1]}255"}, id="but for a part"
        ),
    ],
)  # fmt: skip
def test_a_peer_means_the_same_in_both_directions(way: str, given: list[Any], pods: set[str], ranges: set[str]) -> None:
    found = answers(way, "x/a", policy(way, [rule(*given)]))
    assert set(found) == pods | ranges
    assert {str(ports) for ports in found.values()} == {ALL}


NOBODY: list[Rule] = []
ANYBODY = [rule()]
ANY_POD = [rule(peer(ns=""))]
ANY_ADDRESS = [rule(peer(ip="0.0.0.0/0"))]
NO_POD = [rule(peer(ns="this=never"))]
TWO_ADDRESSES = [rule(peer(ip="0.0.0.0/31"))]


@EACH_WAY
@pytest.mark.parametrize(
    ("several", "pods", "outside"),
    [
        pytest.param([NOBODY], False, "", id="closed"),
        pytest.param([NO_POD], False, "", id="open to a namespace that is not there"),
        pytest.param([TWO_ADDRESSES], False, "0.0.0.0-0.0.0.1", id="open to two addresses"),
        pytest.param([NOBODY, ANYBODY], True, EVERYWHERE, id="closed, and open to all"),
        pytest.param([NOBODY, ANY_POD], True, "", id="closed, and open to all pods"),
        pytest.param([NOBODY, ANY_ADDRESS], True, EVERYWHERE, id="closed, and open to all addresses"),
        pytest.param([TWO_ADDRESSES, ANY_POD], True, "0.0.0.0-0.0.0.1", id="open to two addresses, and to all pods"),
        pytest.param([NO_POD, ANY_ADDRESS], True, EVERYWHERE, id="open to no pod, and to all addresses"),
    ],
)
def test_the_wider_of_two_policies_counts(way: str, several: list[list[Rule]], pods: bool, outside: str) -> None:
    policies = [policy(way, rules, pods="pod=b") for rules in several]
    found = answers(way, "x/b", *policies)
    assert {name for name in found if name in IPS} == ({pod for pod in IPS if pod != "x/b"} if pods else set())
    assert {name for name in found if name not in IPS} == ({outside} if outside else set())


@pytest.mark.parametrize(
    ("inward", "outward", "ports"),
    [
        (ANYBODY, NOBODY, ""),
        (NOBODY, ANYBODY, ""),
        (ANYBODY, ANYBODY, ALL),
        ([rule(ports="79-81")], [rule(ports="81-90 80/UDP")], "TCP 81"),
        ([rule(ports="serve-80-udp/UDP")], [rule(ports="80/UDP"), rule(ports="81/SCTP")], "UDP 80"),
    ],
)
def test_of_two_ends_the_narrower_counts(inward: list[Rule], outward: list[Rule], ports: str) -> None:
    given = policy("ingress", inward, "y", "pod=c"), policy("egress", outward, "x", "pod=b")
    assert str(answers("egress", "x/b", *given).get("y/c", NOTHING)) == ports
    assert str(answers("ingress", "y/c", *given).get("x/b", NOTHING)) == ports
