"""``reach`` and ``trace`` stand on one policy engine: on no connection do they disagree. And laws of the sets.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from copy import deepcopy
from ipaddress import ip_network
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import kcnet
from kcnet.analysis.reach.connectivity import Reachability, reachability
from kcnet.analysis.reach.diff import beyond, changes
from kcnet.analysis.reach.explain import explain
from kcnet.analysis.reach.parties import party_of_row
from kcnet.analysis.reach.portsets import EVERYTHING, NOTHING, PortSet, difference, intersection, port_set, union
from kcnet.model.cluster import Cluster
from kcnet.model.names import Protocol
from kcnet.model.objects import Pod
from tests.flows.builders import Manifest, facts, pod
from tests.flows.policy_builders import IPS, WORLD, cluster, peer
from tests.laws.test_policy_laws import LAWFUL, policies, rules, sets

HOSTS = (
    pod("host", "10.0.0.1", on="n1", ns="x", app=None, labels={"pod": "a"}, ports=(), hostNetwork=True),
    pod("host", "10.0.0.3", on="n3", ns="y", app=None, labels={"pod": "b"}, ports=(), hostNetwork=True),
)
PODS = [*sorted(IPS), "x/host", "y/host"]
CNIS = st.sampled_from([None, "calico", "cilium", "flannel", "aws-vpc-cni", "unheard-of"])
asked = st.tuples(
    st.sampled_from(PODS), st.sampled_from(PODS), st.sampled_from([79, 80, 81, 90]), st.sampled_from(list(Protocol))
)


def world(policies: list[Manifest], cni: str | None = None) -> Cluster:
    return cluster(facts(**({"cni": cni} if cni else {})), WORLD, HOSTS, policies)


def rows(policies: list[Manifest], **stated: Any) -> dict[tuple[str, str], PortSet]:
    return {(row.source, row.target): row.connections for row in reachability(world(policies, **stated)).rows()}


def pod_of(found: Cluster, name: str) -> Pod:
    return found.pods[name.split("/")[0], name.split("/")[1]]


def own_node(source: Pod, target: Pod) -> bool:
    """Traffic that no policy can stop: rows do not speak of it."""
    return source.host_network is not target.host_network and source.node == target.node


def policy_verdict(found: Cluster, source: str, target: str, number: int, protocol: Protocol) -> str:
    """What the policies say on the way from pod to pod, by address: yes, no or unknown."""
    address = pod_of(found, target).addresses[0]
    trace = kcnet.trace(found, source, f"{address}:{number}", protocol=protocol.value)
    codes = {trace.reason.code, *(step.reason.code for path in trace.paths for step in path.steps)}
    if codes & {"NETPOL_EGRESS_DENIED", "NETPOL_INGRESS_DENIED"}:
        return "no"
    return "unknown" if "CANNOT_TELL" in codes else "yes"


def reach_verdict(reach: Reachability, source: str, target: str, number: int, protocol: Protocol) -> str:
    one, other = (f"{name}[Pod]" for name in (source, target))
    sure, possible = (
        dict(answers.targets(one)).get(other, NOTHING).has(number, protocol) for answers in (reach.sure, reach.possible)
    )
    return "yes" if sure else "unknown" if possible else "no"


@given(sets, asked, CNIS)
@LAWFUL
def test_reach_and_trace_never_disagree(
    policies: list[Manifest], request: tuple[str, str, int, Protocol], cni: str | None
) -> None:
    found = world(policies, cni)
    source, target, number, protocol = request
    one, other = pod_of(found, source), pod_of(found, target)
    said = policy_verdict(found, source, target, number, protocol)
    if source == target or own_node(one, other):
        assert said == "yes"
    else:
        assert reach_verdict(reachability(found), source, target, number, protocol) == said


@given(sets, CNIS)
@LAWFUL
def test_an_explanation_comes_to_the_same_as_its_row(policies: list[Manifest], cni: str | None) -> None:
    """The rules of each pair, asked one by one, add up to what the sets say."""
    reach = reachability(world(policies, cni))
    answers = {(row.source, row.target): row.connections for row in reach.rows()}
    for source, target in reach.pairs():
        explained = explain(reach, party_of_row(source), party_of_row(target))
        assert explained.connections == answers.get((source, target), NOTHING)


@given(sets, rules("from"), rules("to"))
@LAWFUL
def test_an_extra_rule_never_takes_anything_away(policies: list[Manifest], inward: Manifest, out: Manifest) -> None:
    wider = deepcopy(policies)
    for each in wider:
        spec = each["spec"]
        types = spec.get("policyTypes") or ["Ingress"] + (["Egress"] if spec.get("egress") else [])
        spec["policyTypes"] = types
        spec["ingress"] = [*spec.get("ingress", ()), inward]
        spec["egress"] = [*spec.get("egress", ()), out]
    assert beyond(reachability(world(policies)).sure, reachability(world(wider)).sure) == ()


@given(sets, st.randoms(use_true_random=False))
@LAWFUL
def test_order_and_names_mean_nothing(policies: list[Manifest], random: Any) -> None:
    shuffled = deepcopy(policies)
    random.shuffle(shuffled)
    for number, each in enumerate(shuffled):
        each["metadata"]["name"] = f"renamed-{number}"
    assert rows(shuffled) == rows(policies)


@given(st.integers(1, 65000), st.integers(0, 500))
@LAWFUL
def test_a_range_of_ports_is_their_union(first: int, more: int) -> None:
    ranged = [one_policy({"ports": [{"port": first, "endPort": first + more}]})]
    half = first + more // 2
    parts = [{"port": first, "endPort": half}, *([{"port": half + 1, "endPort": first + more}] if more else [])]
    assert rows(ranged) == rows([one_policy({"ports": parts})])


@given(st.sampled_from(["10.244.0.0/16", "10.244.1.0/24", "10.0.0.0/8", "0.0.0.0/0", "192.0.2.0/24", "8.8.8.8/31"]))
@LAWFUL
def test_a_network_is_the_union_of_its_halves(whole: str) -> None:
    lower, upper = (str(half) for half in ip_network(whole).subnets())
    one = rows([one_policy({"from": [peer(ip=whole)]})])
    assert one == rows([one_policy({"from": [peer(ip=lower), peer(ip=upper)]})])
    without = rows([one_policy({"from": [peer(ip=whole, but=[lower])]})])
    assert without == rows([one_policy({"from": [peer(ip=upper)]})])


def one_policy(rule: Manifest) -> Manifest:
    spec = {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [rule]}
    meta = {"name": "p", "namespace": "x"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec}


@given(sets, sets)
@LAWFUL
def test_a_difference_leads_from_the_old_rows_to_the_new(old: list[Manifest], new: list[Manifest]) -> None:
    before, after = reachability(world(old)), reachability(world(new))
    found = changes(before, after)
    back = changes(after, before)
    assert (found.allowed, found.denied) == (back.denied, back.allowed)
    assert not changes(before, before)
    pairs = {(row.source, row.target): row.connections for row in before.rows()}
    for row in found.denied:
        if row.target.endswith("]") and row.source.endswith("]"):
            pairs[row.source, row.target] = difference(pairs[row.source, row.target], row.connections)
    for row in found.allowed:
        if row.target.endswith("]") and row.source.endswith("]"):
            pairs[row.source, row.target] = union(pairs.get((row.source, row.target), NOTHING), row.connections)
    inside = {key: ports for key, ports in pairs.items() if ports and key[0].endswith("]") and key[1].endswith("]")}
    assert inside == {key: ports for key, ports in rows(new).items() if key[0].endswith("]") and key[1].endswith("]")}


@given(policies())
@LAWFUL
def test_a_pod_more_of_the_same_labels_changes_no_other_row(policy: Manifest) -> None:
    twin = pod("twin", "10.244.1.11", ns="x", app=None, labels={"pod": "a"})
    found = reachability(cluster(WORLD, HOSTS, [policy], twin))
    with_twin = {(row.source, row.target): row.connections for row in found.rows() if "x/twin[Pod]" not in row[:2]}
    known = rows([policy])
    assert {key: with_twin[key] for key in with_twin if all(name.endswith("]") for name in key)} == {
        key: known[key] for key in known if all(name.endswith("]") for name in key)
    }


def a_few(draw: st.DrawFn) -> PortSet:
    found = NOTHING
    for protocol in Protocol:
        ends = draw(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9)), max_size=3))
        found = union(found, port_set(protocol, [(low, low + more) for low, more in ends]))
    return found


port_sets = st.composite(a_few)()
point = st.tuples(st.integers(1, 60), st.sampled_from(list(Protocol)))


@given(port_sets, port_sets, point)
@LAWFUL
def test_sets_of_ports_are_sets(one: PortSet, other: PortSet, at: tuple[int, Protocol]) -> None:
    a, b = one.has(*at), other.has(*at)
    assert union(one, other).has(*at) == (a or b)
    assert intersection(one, other).has(*at) == (a and b)
    assert difference(one, other).has(*at) == (a and not b)
    assert union(one, other) == union(other, one)
    assert union(difference(one, other), intersection(one, other)) == one
    assert difference(EVERYTHING, difference(EVERYTHING, one)) == one
    assert bool(one) == any(one.has(number, protocol) for number in range(1, 60) for protocol in Protocol)
