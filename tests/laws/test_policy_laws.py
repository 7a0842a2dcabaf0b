"""What holds of every set of NetworkPolicies: they only allow, they add up, and their order means nothing.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from copy import deepcopy
from ipaddress import ip_address, ip_network
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import kcnet
from tests.flows.builders import Manifest, facts
from tests.flows.policy_builders import IPS, WORLD, cluster, isolate, netpol, peer, policy_port, selector

LAWFUL = settings(max_examples=60, deadline=None, derandomize=True)

Asked = tuple[str, str, int, str]
"""Who asks whom, at which port, over which protocol."""

selectors = st.sampled_from(
    ["", "pod=a", "pod=b", "pod in (a,b)", "pod notin (a)", "pod", "!pod", "none=x", "pod=a;pod=b", "pod!=c"]
).map(selector)
spaces = st.sampled_from(
    ["", "ns=x", "ns=y", "ns in (x,z)", "ns notin (y)", "!ns", "kubernetes.io/metadata.name=y"]
).map(selector)
networks = st.sampled_from(
    ["0.0.0.0/0", "10.244.0.0/16", "10.244.1.0/24", "10.244.2.0/23", "10.244.2.20/32", "192.0.2.0/24"]
)


@st.composite
def blocks(draw: st.DrawFn) -> Manifest:
    whole = draw(networks)
    inner = [each for each in ("10.244.1.0/25", "10.244.2.20/32", "10.244.3.0/24") if _within(each, whole)]
    return peer(ip=whole, but=draw(st.lists(st.sampled_from(inner), unique=True, max_size=2)) if inner else [])


def _within(inner: str, outer: str) -> bool:
    return inner != outer and ip_network(inner).subnet_of(ip_network(outer))  # type: ignore[arg-type]


peers = st.one_of(
    selectors.map(lambda one: {"podSelector": one}),
    spaces.map(lambda one: {"namespaceSelector": one}),
    st.tuples(selectors, spaces).map(lambda both: {"podSelector": both[0], "namespaceSelector": both[1]}),
    blocks(),
)
ports = st.sampled_from(
    ["80", "81", "80/UDP", "/TCP", "/UDP", "", "79-80", "81-90", "1-65535/UDP", "serve-80-tcp", "serve-81-udp/UDP", "x"]
).map(policy_port)


def rules(side: str) -> st.SearchStrategy[Manifest]:
    return st.fixed_dictionaries({}, optional={side: st.lists(peers, max_size=3), "ports": st.lists(ports, max_size=3)})


@st.composite
def policies(draw: st.DrawFn) -> Manifest:
    spec: Manifest = {"podSelector": draw(selectors)}
    for side, key in (("ingress", "from"), ("egress", "to")):
        if draw(st.booleans()):
            spec[side] = draw(st.lists(rules(key), max_size=3))
    types = draw(st.sampled_from([None, [], ["Ingress"], ["Egress"], ["Ingress", "Egress"], ["Egress", "Ingress"]]))
    if types is not None:
        spec["policyTypes"] = types
    return _policy(draw(st.sampled_from("xy")), draw(st.integers(0, 10**6)), spec)


def _policy(ns: str, number: int, spec: Manifest) -> Manifest:
    metadata = {"name": f"p-{number}", "namespace": ns}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


sets = st.lists(policies(), max_size=4, unique_by=lambda one: (one["metadata"]["namespace"], one["metadata"]["name"]))
asked = st.tuples(
    st.sampled_from(sorted(IPS)),
    st.sampled_from(sorted(IPS)),
    st.sampled_from([80, 81]),
    st.sampled_from(["TCP", "UDP"]),
)


def delivered(policies: list[Manifest], request: Asked, **stated: Any) -> bool:
    source, target, number, protocol = request
    ns, name = target.split("/")
    world = cluster(facts(**stated), WORLD, policies)
    verdict = kcnet.trace(world, source, f"{ns}/pod/{name}:{number}", protocol=protocol).verdict
    assert verdict in ("delivered", "timeout")
    return verdict == "delivered"


def reference(policies: list[Manifest], request: Asked) -> bool:
    """The rules of the API's own documentation, written a second time and on the plain documents."""
    source, target, number, protocol = request
    if source == target:
        return True

    def sides(spec: Manifest) -> list[str]:
        return spec.get("policyTypes") or ["Ingress"] + (["Egress"] if spec.get("egress") else [])

    def selects(one: Manifest, labels: dict[str, str]) -> bool:
        if any(labels.get(key) != value for key, value in one.get("matchLabels", {}).items()):
            return False
        for each in one.get("matchExpressions", ()):
            value, values = labels.get(each["key"]), each.get("values", ())
            holds = {
                "In": value in values,
                "NotIn": value not in values,
                "Exists": value is not None,
                "DoesNotExist": value is None,
            }
            if not holds[each["operator"]]:
                return False
        return True

    def meant(one: Manifest, home: str, other: str) -> bool:
        if "ipBlock" in one:
            at, block = ip_address(IPS[other]), one["ipBlock"]
            return at in ip_network(block["cidr"]) and not any(at in ip_network(e) for e in block.get("except", ()))
        space = other[0]
        if "namespaceSelector" in one:
            if not selects(one["namespaceSelector"], {"ns": space, "kubernetes.io/metadata.name": space}):
                return False
        elif space != home:
            return False
        return selects(one.get("podSelector", {}), {"pod": other[2]})

    def covers(one: Manifest) -> bool:
        if one.get("protocol", "TCP") != protocol:
            return False
        if "port" not in one:
            return True
        if isinstance(one["port"], str):
            return bool(one["port"] == f"serve-{number}-{protocol.lower()}")
        return bool(one["port"] <= number <= one.get("endPort", one["port"]))

    def consents(me: str, other: str, side: str, key: str) -> bool:
        mine = [
            each
            for each in policies
            if each["metadata"]["namespace"] == me[0]
            and side in sides(each["spec"])
            and selects(each["spec"]["podSelector"], {"pod": me[2]})
        ]
        return not mine or any(
            (not rule.get(key) or any(meant(one, me[0], other) for one in rule[key]))
            and (not rule.get("ports") or any(covers(one) for one in rule["ports"]))
            for each in mine
            for rule in each["spec"].get(side.lower()) or ()
        )

    return consents(source, target, "Egress", "to") and consents(target, source, "Ingress", "from")


@given(sets, asked)
@settings(LAWFUL, max_examples=400)
def test_the_answer_is_that_of_the_documentation(policies: list[Manifest], request: Asked) -> None:
    assert delivered(policies, request) == reference(policies, request)


@given(sets, asked, rules("from"), rules("to"))
@LAWFUL
def test_an_extra_rule_never_blocks(policies: list[Manifest], request: Asked, inward: Manifest, out: Manifest) -> None:
    if delivered(policies, request):
        wider = deepcopy(policies)
        for each in wider:
            spec = each["spec"]
            spec.setdefault("policyTypes", ["Ingress"] + (["Egress"] if spec.get("egress") else []))
            spec["policyTypes"] = spec["policyTypes"] or ["Ingress"] + (["Egress"] if spec.get("egress") else [])
            spec["ingress"] = [*spec.get("ingress", ()), inward]
            spec["egress"] = [*spec.get("egress", ()), out]
        assert delivered(wider, request)


@given(sets, asked, st.sampled_from("xyz"), st.sampled_from(["I", "E", "IE"]), st.sampled_from(["", "pod=a", "pod"]))
@LAWFUL
def test_an_extra_isolating_policy_never_allows(
    policies: list[Manifest], request: Asked, ns: str, types: str, pods: str
) -> None:
    if not delivered(policies, request):
        assert not delivered([*policies, isolate(ns, pods, types)], request)


@given(sets, asked)
@LAWFUL
def test_an_allow_all_beside_them_opens_everything(policies: list[Manifest], request: Asked) -> None:
    everything = [_policy(ns, 10**7, {"podSelector": {}, "ingress": [{}], "egress": [{}]}) for ns in "xyz"]
    assert delivered([*policies, *everything], request)


@given(sets, asked, st.randoms(use_true_random=False))
@LAWFUL
def test_order_and_names_mean_nothing(policies: list[Manifest], request: Asked, random: Any) -> None:
    shuffled = deepcopy(policies)
    random.shuffle(shuffled)
    for number, each in enumerate(shuffled):
        each["metadata"]["name"] = f"renamed-{number}"
        spec = each["spec"]
        for side, key in (("ingress", "from"), ("egress", "to")):
            random.shuffle(spec.get(side, []))
            for rule in spec.get(side, ()):
                random.shuffle(rule.get(key, []))
                random.shuffle(rule.get("ports", []))
    assert delivered(shuffled, request) == delivered(policies, request)


@given(sets, asked)
@LAWFUL
def test_a_policy_is_the_sum_of_its_rules_and_directions(policies: list[Manifest], request: Asked) -> None:
    """One policy a rule, one rule a peer and a port, beside policies that isolate, say the same."""
    parts: list[Manifest] = []
    for each in policies:
        spec, home = each["spec"], each["metadata"]["namespace"]
        types = spec.get("policyTypes") or ["Ingress"] + (["Egress"] if spec.get("egress") else [])
        for kind, side, key in (("Ingress", "ingress", "from"), ("Egress", "egress", "to")):
            if kind in types:
                whole: Manifest = {"podSelector": spec["podSelector"], "policyTypes": [kind]}
                parts.append(_policy(home, len(parts), whole))
                for rule in spec.get(side) or ():
                    for one in rule.get(key) or [None]:
                        for at in rule.get("ports") or [None]:
                            single = {
                                **({key: [one]} if one is not None else {}),
                                **({"ports": [at]} if at is not None else {}),
                            }
                            parts.append(_policy(home, len(parts), {**whole, side: [single]}))
    assert delivered(parts, request) == delivered(policies, request)


@given(st.integers(70, 90), st.integers(0, 15), asked)
@LAWFUL
def test_a_range_is_the_union_of_its_ports(first: int, more: int, request: Asked) -> None:
    ranged = [_policy("x", 1, {"podSelector": {}, "ingress": [{"ports": [{"port": first, "endPort": first + more}]}]})]
    each = [{"port": number} for number in range(first, first + more + 1)]
    single = [_policy("x", 1, {"podSelector": {}, "ingress": [{"ports": each}]})]
    assert delivered(ranged, request) == delivered(single, request)


@given(st.sampled_from(["10.244.0.0/16", "10.244.1.0/24", "10.244.2.0/25", "10.0.0.0/8", "0.0.0.0/0"]), asked)
@LAWFUL
def test_a_network_is_the_union_of_its_halves(whole: str, request: Asked) -> None:
    lower, upper = (str(half) for half in ip_network(whole).subnets())
    for side, key in (("ingress", "from"), ("egress", "to")):
        spec: Manifest = {"podSelector": {}, "policyTypes": [side.capitalize()]}
        one = [_policy("x", 1, {**spec, side: [{key: [peer(ip=whole)]}]})]
        two = [_policy("x", 1, {**spec, side: [{key: [peer(ip=lower), peer(ip=upper)]}]})]
        without = [_policy("x", 1, {**spec, side: [{key: [peer(ip=whole, but=[lower])]}]})]
        half = [_policy("x", 1, {**spec, side: [{key: [peer(ip=upper)]}]})]
        assert delivered(one, request) == delivered(two, request)
        assert delivered(without, request) == delivered(half, request)


@given(sets, asked)
@LAWFUL
def test_policies_of_other_namespaces_mean_nothing(policies: list[Manifest], request: Asked) -> None:
    concerned = {request[0][0], request[1][0]}
    near = [each for each in policies if each["metadata"]["namespace"] in concerned]
    assert delivered(near, request) == delivered(policies, request)


@given(sets, asked)
@LAWFUL
def test_flannel_delivers_everything(policies: list[Manifest], request: Asked) -> None:
    assert delivered(policies, request, cni="flannel")


@given(sets, asked)
@LAWFUL
def test_cilium_allows_no_more_than_others(policies: list[Manifest], request: Asked) -> None:
    if delivered(policies, request, cni="cilium"):
        assert delivered(policies, request)


@given(sets, st.sampled_from(sorted(IPS)), st.sampled_from([80, 81]))
@LAWFUL
def test_a_pod_reaches_itself(policies: list[Manifest], name: str, number: int) -> None:
    assert delivered(policies, (name, name, number, "TCP"))


@given(asked)
@LAWFUL
def test_with_everything_isolated_pods_reach_themselves_alone(request: Asked) -> None:
    closed = [netpol(ns, types="IE", name="closed") for ns in "xyz"]
    assert delivered(closed, request) == (request[0] == request[1])
