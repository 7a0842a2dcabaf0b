"""What each construct of a NetworkPolicy comes to in rows: the same tables as for single requests, as sets.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import kcnet
from kcnet.analysis.reach.connectivity import reachability
from kcnet.analysis.reach.diff import undecided
from kcnet.analysis.reach.explain import explain
from kcnet.analysis.reach.parties import party_of_row
from kcnet.resources import folder
from tests.flows.builders import Manifest, facts, namespace, node, pod, port
from tests.flows.policy_builders import cluster, isolate, netpol, peer, rule
from tests.helpers import cluster_of

OUTSIDE = "0.0.0.0-255.255.255.255"
NAMED = (port(8080, "web"), port(53, "dns", "UDP"))
PODS = (
    pod("a", "10.244.1.1", ns="x", app="a", ports=()),
    pod("b", "10.244.2.1", ns="x", app="b", ports=NAMED),
    pod("c", "10.244.1.2", ns="y", app="c", ports=(port(9090, "web"),)),
)
WORLD = (node("n1"), node("n2"), namespace("x", team="one"), namespace("y", team="two"), PODS)
A, B, C = "x/a[Pod]", "x/b[Pod]", "y/c[Pod]"


def rows(*given: Any, world: Sequence[Any] = WORLD, **stated: Any) -> dict[tuple[str, str], str]:
    found = list(reachability(cluster(facts(**stated), world, given)).rows())
    assert found == sorted(found)
    assert all(row.connections for row in found)
    return {(row.source, row.target): str(row.connections) for row in found}


def into_b(*given: Any, **stated: Any) -> dict[str, str]:
    return {source: ports for (source, target), ports in rows(*given, **stated).items() if target == B}


def out_of_a(*given: Any, **stated: Any) -> dict[str, str]:
    return {target: ports for (source, target), ports in rows(*given, **stated).items() if source == A}


def test_without_policies_everyone_may_talk_to_everyone_else() -> None:
    ends = (A, B, C)
    pairs = {(one, other) for one in (*ends, OUTSIDE) for other in (*ends, OUTSIDE) if one != other}
    assert rows() == dict.fromkeys(pairs, "All Connections")


ALL = "All Connections"


def only_in(*rules: Any) -> Manifest:
    return netpol("x", "app=b", ingress=rules, types="I")


def only_out(*rules: Any) -> Manifest:
    return netpol("x", "app=a", egress=rules, types="E")


BELOW, ABOVE = "0.0.0.0-9.255.255.255", "11.0.0.0-255.255.255.255"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param(isolate("x", "app=b"), {}, id="isolated, no rule"),
        pytest.param(isolate("y", "app=b"), {A: ALL, C: ALL, OUTSIDE: ALL}, id="a policy of another namespace"),
        pytest.param(isolate("x", "app=b", "E"), {A: ALL, C: ALL, OUTSIDE: ALL}, id="isolated the other way"),
        pytest.param(only_in(rule()), {A: ALL, C: ALL, OUTSIDE: ALL}, id="an empty rule"),
        pytest.param(only_in(rule(peer("app=a"))), {A: ALL}, id="podSelector: here alone"),
        pytest.param(only_in(rule(peer("app=c"))), {}, id="podSelector: nobody of another namespace"),
        pytest.param(only_in(rule(peer(ns="team=two"))), {C: ALL}, id="namespaceSelector"),
        pytest.param(only_in(rule(peer(""))), {A: ALL}, id="podSelector {}: all pods here"),
        pytest.param(only_in(rule(peer(ns=""))), {A: ALL, C: ALL}, id="namespaceSelector {}: all pods, no address"),
        pytest.param(only_in(rule(peer("app=a", "team=two"))), {}, id="one item: both"),
        pytest.param(only_in(rule(peer("app=a"), peer(ns="team=two"))), {A: ALL, C: ALL}, id="two items: either"),
        pytest.param(only_in(rule(peer(ns="kubernetes.io/metadata.name=y"))), {C: ALL}, id="a namespace by its name"),
        pytest.param(only_in(rule(peer("app notin (a)", ""))), {C: ALL}, id="NotIn"),
        pytest.param(only_in(rule(peer("app!=a", ""))), {C: ALL}, id="not equal"),
        pytest.param(only_in(rule(peer("!tier"))), {A: ALL}, id="DoesNotExist"),
        pytest.param(only_in(rule(peer("tier", ""))), {}, id="Exists"),
        pytest.param(
            only_in(rule(peer(ip="10.0.0.0/8"))), {A: ALL, C: ALL, "10.0.0.0-10.255.255.255": ALL}, id="ipBlock: pods too"
        ),
        pytest.param(only_in(rule(peer(ip="192.0.2.0/24"))), {"192.0.2.0-192.0.2.255": ALL}, id="ipBlock outside"),
        pytest.param(
            only_in(rule(peer(ip="0.0.0.0/0", but=["10.0.0.0/8"]))), {BELOW: ALL, ABOVE: ALL}, id="ipBlock with except"
        ),
        pytest.param(
            only_in(rule(peer(ip="0.0.0.0/0", but=["10.0.0.0/8"])), rule(peer(ip="10.0.0.0/8"))),
            {A: ALL, C: ALL, OUTSIDE: ALL},
            id="except narrows its own block alone; neighbours are joined",
        ),
        pytest.param(only_in(rule(ports="80")), dict.fromkeys((A, C, OUTSIDE), "TCP 80"), id="a port, TCP by default"),
        pytest.param(
            only_in(rule(peer("app=a"), ports="8080-8090 80 53/UDP 9/SCTP")),
            {A: "SCTP 9,TCP 80,8080-8090,UDP 53"},
            id="ports by protocol",
        ),
        pytest.param(only_in(rule(peer("app=a"), ports="80-90 91-99 85-95")), {A: "TCP 80-99"}, id="ranges join"),
        pytest.param(only_in(rule(peer("app=a"), ports="/UDP")), {A: "UDP 1-65535"}, id="a protocol alone"),
        pytest.param(only_in(rule(peer("app=a"), ports="/UDP /TCP /SCTP")), {A: ALL}, id="all protocols"),
        pytest.param(
            only_in(rule(peer("app=a"), ports="1-65535/UDP 1-100 101-65535 1-65535/SCTP")), {A: ALL}, id="all ports of all protocols"
        ),
        pytest.param(only_in(rule(peer(ip="2001:db8::/32"))), {}, id="addresses of another family"),
        pytest.param(only_in(rule(peer("app=a"), ports="web")), {A: "TCP 8080"}, id="a port by name"),
        pytest.param(only_in(rule(peer("app=a"), ports="dns")), {}, id="a name of another protocol"),
        pytest.param(only_in(rule(peer("app=a"), ports="dns/UDP")), {A: "UDP 53"}, id="a name with its protocol"),
        pytest.param(only_in(rule(peer("app=a"), ports="nobody")), {}, id="a name that nobody has"),
        pytest.param(
            only_in(rule(peer("app=a"), ports="80"), rule(peer("app=a"), ports="81"), rule(peer(ns=""), ports="9")),
            {A: "TCP 9,80-81", C: "TCP 9"},
            id="rules add up",
        ),
        pytest.param(netpol("x", "app=b", egress=[rule()]), {}, id="policyTypes left out isolate for ingress too"),
        pytest.param(
            netpol("x", "app=b", ingress=[rule(peer("app=a"))], types="E"), {A: ALL, C: ALL, OUTSIDE: ALL}, id="rules of a type not named"
        ),
    ],
)  # fmt: skip
def test_what_may_enter(policy: Manifest, expected: dict[str, str]) -> None:
    assert into_b(policy) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param(isolate("x", "app=a", "E"), {}, id="isolated, no rule"),
        pytest.param(netpol("x", "app=a", egress=[]), {B: ALL, C: ALL, OUTSIDE: ALL}, id="an empty egress does not isolate"),
        pytest.param(only_out(rule(ports="web")), {B: "TCP 8080", C: "TCP 9090"}, id="a name means the destination's port"),
        pytest.param(
            only_out(rule(ports="web 53/UDP")),
            {B: "TCP 8080,UDP 53", C: "TCP 9090,UDP 53", OUTSIDE: "UDP 53"},
            id="addresses outside have no port names",
        ),
        pytest.param(only_out(rule(peer(ns="team=two"), ports="9090")), {C: "TCP 9090"}, id="to a namespace"),
        pytest.param(
            only_out(rule(peer(ip="10.244.1.0/24"), ports="443")), {C: "TCP 443", "10.244.1.0-10.244.1.255": "TCP 443"},
            id="ipBlock over pods",
        ),
    ],
)  # fmt: skip
def test_what_may_leave(policy: Manifest, expected: dict[str, str]) -> None:
    assert out_of_a(policy) == expected


def test_both_sides_have_to_allow() -> None:
    given = only_out(rule(peer("app=b"), ports="80-100")), only_in(rule(peer("app=a"), ports="90-110 53/UDP"))
    assert rows(*given)[A, B] == "TCP 90-100"
    assert (A, B) not in rows(only_out(rule(peer("app=b"), ports="80")), only_in(rule(peer("app=a"), ports="81")))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (peer("app=c"), "rule 1 does not match y/c[Pod] (its podSelector looks in namespace x alone)"),
        (peer("app=c", "team=one"), "rule 1 does not match y/c[Pod] (namespace y lacks team=one)"),
        (peer("app=a"), "rule 1 does not match y/c[Pod]"),
        (peer(ip="192.0.2.0/24"), "rule 1 does not match y/c[Pod]"),
    ],
)
def test_an_explanation_names_the_slip(given: Manifest, words: str) -> None:
    reach = reachability(cluster(facts(), WORLD, only_in(rule(given))))
    assert explain(reach, party_of_row(C), party_of_row(B)).ingress.text.endswith(words)


def test_a_plugin_that_enforces_nothing_allows_everything() -> None:
    assert rows(isolate("x", types="IE"), isolate("y", types="IE"), cni="flannel") == rows()
    (note,) = reachability(cluster(facts(cni="flannel"), WORLD, isolate("x"))).notes
    assert "Flannel does not enforce NetworkPolicy" in note


@pytest.mark.parametrize("cni", ["calico", "of-my-own"])
@pytest.mark.parametrize(
    ("block", "matters"),
    [
        (peer(ip="10.0.0.0/8"), True),
        (peer(ip="0.0.0.0/0", but=["10.244.0.0/16"]), False),
        (peer(ip="192.0.2.0/24"), False),
        (peer(ip="0.0.0.0/0"), True),
    ],
)
def test_whether_blocks_match_pods_is_spoken_of_only_where_it_matters(block: Manifest, matters: bool, cni: str) -> None:
    notes = reachability(cluster(facts(cni=cni), WORLD, only_in(rule(block)))).notes
    assert any("ipBlock" in note for note in notes) == matters


def test_cilium_does_not_match_pods_by_address() -> None:
    assert into_b(only_in(rule(peer(ip="10.0.0.0/8"))), cni="cilium") == {"10.0.0.0-10.255.255.255": ALL}


@pytest.mark.parametrize("cni", ["aws-vpc-cni", "of-my-own"])
def test_what_hangs_on_an_unknown_plugin_is_undecided(cni: str) -> None:
    given = only_in(rule(peer(ip="10.244.1.1/32")))
    found = reachability(cluster(facts(cni=cni), WORLD, given))
    assert into_b(given, cni=cni) == {"10.244.1.1-10.244.1.1": ALL}
    open_questions = {(row.source, row.target) for row in undecided(found)}
    assert (A, B) in open_questions
    assert (C, A) not in open_questions
    assert any("depends on" in note for note in found.notes)


def test_pods_in_the_network_of_their_node_are_addresses_to_policies() -> None:
    host = pod("h", "10.0.0.2", on="n2", ns="x", app="a", ports=NAMED, hostNetwork=True)
    world = (*WORLD, host)
    closed = rows(isolate("x", types="IE"), world=world)
    assert {pair for pair in closed if "x/h[Pod]" in pair} == {
        ("x/h[Pod]", C), (C, "x/h[Pod]"), (OUTSIDE, "x/h[Pod]"), ("x/h[Pod]", OUTSIDE),
    }  # fmt: skip
    by_label = only_in(rule(peer("app=a")))
    assert ("x/h[Pod]", B) not in rows(by_label, world=world)
    assert rows(only_in(rule(peer(ip="10.0.0.2/32"))), world=world)["x/h[Pod]", B] == ALL


def test_finished_pods_and_what_kcnet_takes_for_granted_have_no_rows() -> None:
    done = pod("done", "10.244.2.9", ns="x", phase="Succeeded")
    names = {name for pair in rows(world=(*WORLD, done)) for name in pair}
    assert names == {A, B, C, OUTSIDE}


def test_a_row_holds_for_every_pod_of_a_workload() -> None:
    text = """
    apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: db, namespace: x}
    spec:
      replicas: 2
      serviceName: db
      selector: {matchLabels: {app: db}}
      template:
        metadata: {labels: {app: db}}
        spec: {containers: [{name: c, image: db}]}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: a, namespace: x, labels: {app: a}}
    spec: {containers: [{name: c, image: a}]}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: first, namespace: x}
    spec:
      podSelector: {matchLabels: {statefulset.kubernetes.io/pod-name: db-0}}
      ingress: [{from: [{podSelector: {}}], ports: [{port: 5432}]}]
    """
    found = {(row.source, row.target): str(row.connections) for row in reachability(cluster_of(text)).rows()}
    assert found["x/a[Pod]", "x/db[StatefulSet]"] == "TCP 5432"
    assert (OUTSIDE, "x/db[StatefulSet]") not in found
    assert found["x/db[StatefulSet]", "x/a[Pod]"] == ALL
    assert ("x/db[StatefulSet]", "x/db[StatefulSet]") not in found


def test_on_two_address_families_a_row_holds_on_both() -> None:
    both = (
        pod("a", ips=("10.244.1.1", "fd00::1:1"), on="n1", ns="x", app="a"),
        pod("b", ips=("10.244.2.1", "fd00::2:1"), on="n2", ns="x", app="b"),
    )
    nodes = (node("n1", ips=("10.0.0.1", "fd01::1")), node("n2", ips=("10.0.0.2", "fd01::2")))
    world = (*nodes, namespace("x"), both)
    stated = {"podCIDR": "10.244.0.0/16,fd00::/48", "serviceCIDR": "10.96.0.0/16,fd02::/112"}
    everywhere = rows(world=world, **stated)
    assert everywhere[A, "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"] == ALL
    assert everywhere[A, OUTSIDE] == ALL
    one = rows(only_in(rule(peer(ip="10.244.1.1/32"))), world=world, **stated)
    assert (A, B) not in one
    two = rows(only_in(rule(peer(ip="10.244.1.1/32"), peer(ip="fd00::/48"))), world=world, **stated)
    assert two[A, B] == ALL


def test_the_demo_shop() -> None:
    found = {
        (row.source, row.target): str(row.connections)
        for row in reachability(kcnet.load(folder("manifests") / "shop")).rows()
    }
    assert found["shop/frontend[Deployment]", "shop/cart[Deployment]"] == "TCP 8080"
    assert found["shop/catalog[Deployment]", "shop/catalog-db[StatefulSet]"] == "TCP 5432"
    assert found["shop/cart[Deployment]", "payments/cards[Deployment]"] == "TCP 8080"
    assert not [pair for pair in found if "shop/debug[Pod]" in pair]
    assert ("shop/frontend[Deployment]", "shop/catalog-db[StatefulSet]") not in found
