"""Change any field of a policy: the rows of ``reach`` change if, and only if, somebody is let in or kept out by it.

What a change comes to is worked out by hand for every pair of ends and every port (``plainly``), without the policy
engine. https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnet.analysis.reach.connectivity import reachability
from kcnet.analysis.reach.diff import undecided
from kcnet.analysis.reach.portsets import PortSet
from kcnet.loading.document import Document
from kcnet.loading.kinds import served
from kcnet.loading.schema import FOLDER, check, shape_of_kind
from kcnet.loading.validation import validate
from kcnet.model.names import Protocol, Ref
from tests.flows.builders import NODES, Manifest, facts, namespace, pod, port
from tests.flows.policy_builders import PODS as NINE
from tests.flows.policy_builders import WORLD as NINE_AND_NODES
from tests.flows.policy_builders import cluster
from tests.laws.mutants import Mutant, mutants
from tests.laws.plainly import Table, World, accepted, addresses_of, points_of, table
from tests.laws.test_policy_laws import LAWFUL, policies, sets

WEB, DNS = port(8080, "web"), port(53, "dns", "UDP")
OBJECTS = (
    namespace("x", team="one"),
    namespace("y", team="two"),
    namespace("z"),
    pod("a", "10.244.1.1", ns="x", app="a", labels={"tier": "web"}, ports=(WEB, DNS)),
    pod("b", "10.244.2.1", ns="x", app="b", ports=(port(9090, "web"),)),
    pod("c", "10.244.1.2", ns="x", app="c", labels={"tier": "db"}, ports=()),
    pod("d", "10.244.2.2", ns="y", app="a", labels={"tier": "web"}, ports=(WEB,)),
    pod("e", "10.244.3.1", ns="z", app="e", labels={"tier": "web"}, ports=(port(53, "dns"), port(8081, "web", "UDP"))),
)
# Whether an ipBlock matches pods differs from plugin to plugin; these two are definite about it.
PLUGINS = {"calico": True, "cilium": False}

Rows = dict[tuple[str, str], PortSet]


def rows_of(world: Sequence[Any], policies: Sequence[Manifest], plugin: str) -> Rows:
    reach = reachability(cluster(facts(cni=plugin), world, policies))
    found = {(row.source, row.target): row.connections for row in reach.rows()}
    assert not undecided(reach)
    return found


def as_table(rows: Rows, like: World, addresses: Sequence[str], points: Sequence[tuple[str, int]]) -> Table:
    """What the rows say of every pair of ends at every point."""
    ends = {f"{name}[Pod]": [name] for name in like.pods}
    found: Table = {}
    for (source, target), ports in rows.items():
        allowed = frozenset(point for point in points if ports.has(point[1], Protocol(point[0])))
        for one in ends.get(source) or within(source, addresses):
            for other in ends.get(target) or within(target, addresses):
                assert (one, other) not in found, "no two rows speak of the same"
                if allowed:
                    found[one, other] = allowed
    return found


def within(row: str, addresses: Sequence[str]) -> list[str]:
    first, last = (int(ip_address(end)) for end in row.split("-"))
    return [each for each in addresses if first <= int(ip_address(each)) <= last]


def compare(world: Sequence[Any], objects: Sequence[Manifest], before: Sequence[Manifest], after: Sequence[Manifest],
            plugin: str) -> bool:  # fmt: skip
    """Whether the second set of policies means something else than the first: by hand, and by the rows."""
    plain = World.of(objects, PLUGINS[plugin])
    ends = addresses_of([*before, *after]), points_of(plain, [*before, *after])
    tables, rows = [], []
    for each in (before, after):
        rows.append(rows_of(world, each, plugin))
        tables.append(table(plain, each, *ends))
        assert as_table(rows[-1], plain, *ends) == tables[-1]
    assert (rows[0] != rows[1]) is (tables[0] != tables[1])
    return tables[0] != tables[1]


def refused(policy: Manifest) -> bool:
    kind = served("NetworkPolicy", policy["apiVersion"])
    assert kind is not None
    ref = Ref("NetworkPolicy", policy["metadata"]["namespace"], policy["metadata"]["name"])
    document = Document(ref=ref, api_version=policy["apiVersion"], value=policy)
    return bool(check(policy, shape_of_kind(kind)) or [*validate(document)])


def labels(**labels: str) -> Manifest:
    return {"matchLabels": labels}


def where(key: str, operator: str, *values: str) -> Manifest:
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}


PEERS: dict[str, list[Manifest]] = {
    "labels": [{"podSelector": labels(tier="db")}, {"podSelector": labels(app="a"), "namespaceSelector": labels(team="two")}],
    "two dashes": [{"podSelector": labels(app="b")}, {"namespaceSelector": labels(team="two")}],
    "expressions": [{"podSelector": where("app", "NotIn", "b", "c"), "namespaceSelector": where("team", "In", "one")}],
    "a label that is there": [{"podSelector": where("tier", "Exists"), "namespaceSelector": where("team", "DoesNotExist")}],
    "addresses": [{"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.64/26"]}}],
    "addresses of pods": [{"ipBlock": {"cidr": "10.244.2.0/23", "except": ["10.244.2.2/32", "10.244.3.0/24"]}}],
    "everybody": [],
}  # fmt: skip
PORTS: dict[str, list[Manifest]] = {
    "numbers": [{"protocol": "TCP", "port": 8080}, {"protocol": "UDP", "port": 53}],
    "names": [{"port": "web"}, {"protocol": "UDP", "port": "dns"}],
    "a range": [{"protocol": "SCTP", "port": 80, "endPort": 90}],
    "a protocol": [{"protocol": "UDP"}],
    "all": [],
}
OWN: dict[str, Manifest] = {
    "by labels": labels(app="a"),
    "by expressions": where("app", "In", "a", "b"),
    "all": {},
}


def rule(side: str, peers: str, ports: str) -> Manifest:
    return {**({side: PEERS[peers]} if PEERS[peers] else {}), **({"ports": PORTS[ports]} if PORTS[ports] else {})}


def policy(own: str, *, types: Sequence[str] | None, **rules: list[Manifest]) -> Manifest:
    spec = {"podSelector": OWN[own], **({"policyTypes": list(types)} if types else {}), **rules}
    meta = {"name": "p", "namespace": "x"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec}


def bases() -> Iterator[tuple[str, Manifest]]:
    """Policies in which every field has something to say."""
    pairs = [
        ("by labels", "labels", "numbers"),
        ("by expressions", "two dashes", "names"),
        ("all", "expressions", "a range"),
        ("by labels", "a label that is there", "a protocol"),
        ("by expressions", "addresses", "names"),
        ("by labels", "addresses of pods", "all"),
        ("all", "everybody", "numbers"),
    ]
    for own, peers, ports in pairs:
        name = f"{own}, {peers}, {ports}"
        yield f"in: {name}", policy(own, types=["Ingress"], ingress=[rule("from", peers, ports)])
        yield f"out: {name}", policy(own, types=["Egress"], egress=[rule("to", peers, ports)])
    yield "both ways, types unsaid, addresses", policy("by labels", types=None, ingress=[rule("from", "labels", "names")],
                                            egress=[rule("to", "addresses", "numbers")])  # fmt: skip
    yield "both ways, no rule", policy("by labels", types=["Ingress", "Egress"], ingress=[], egress=[])


BASES = dict(bases())


@cache
def judged(base: str, plugin: str) -> tuple[tuple[Mutant, bool | None], ...]:
    """Every mutant, and whether it means something else; None if the API server refuses it."""
    found: list[tuple[Mutant, bool | None]] = []
    whole = BASES[base]
    for mutant in mutants(whole):
        if accepted(mutant.policy):
            changed: bool | None = compare((NODES, OBJECTS), OBJECTS, [whole], [mutant.policy], plugin)
        else:
            changed = None
        found.append((mutant, changed))
    return tuple(found)


@pytest.mark.parametrize(("base", "plugin"), [
    (base, plugin) for base in BASES for plugin in PLUGINS if plugin == "calico" or "addresses" in base
])  # fmt: skip
def test_a_mutant_has_other_rows_if_and_only_if_it_lets_others_through(base: str, plugin: str) -> None:
    outcomes = [changed for _, changed in judged(base, plugin)]
    assert True in outcomes
    assert False in outcomes, "an item twice means nothing"


@pytest.mark.parametrize("base", BASES)
def test_a_mutant_that_the_api_server_refuses_is_refused(base: str) -> None:
    for mutant in mutants(BASES[base]):
        assert refused(mutant.policy) is not accepted(mutant.policy), (mutant.path, mutant.what)


def fields(name: str, path: str) -> Iterator[str]:
    """Every field that the schema of Kubernetes has below ``path``."""
    kinds = json.loads((FOLDER / "kubernetes-1.37.json").read_text())["$defs"]
    schema = kinds[name]
    for key, held in schema.get("properties", {}).items():
        place = f"{path}.{key}"
        yield place
        if held.get("type", [""])[0] == "array":
            place, held = f"{place}[]", held["items"]
            yield place
        if "additionalProperties" in held:
            yield f"{place}.*"
        if "$ref" in held:
            yield from fields(held["$ref"].rpartition("/")[2], place)


def test_every_field_that_kubernetes_knows_is_changed_and_matters() -> None:
    """A field that a later version adds is in no mutant: then this fails, and wants one."""
    known = set(fields("io.k8s.api.networking.v1.NetworkPolicySpec", "spec"))
    assert "spec.egress[].to[].namespaceSelector.matchExpressions[].values[]" in known
    mattering = {mutant.path for base in BASES for mutant, changed in judged(base, "calico") if changed}
    items = {path for path in known if path.endswith("[]") and f"{path[:-2]}" in mattering}
    assert known - items - mattering == set()
    assert mattering - known == {"metadata.namespace"}


@given(sets, policies(), st.data(), st.sampled_from(list(PLUGINS)))
@LAWFUL
def test_any_mutant_of_any_policy(others: list[Manifest], own: Manifest, data: st.DataObject, plugin: str) -> None:
    """Beside other policies, which may let through already what this one would."""
    mutant = data.draw(st.sampled_from([one for one in mutants(own) if accepted(one.policy)]))
    spaces = [one for one in NINE_AND_NODES[1] if isinstance(one, dict)]
    compare(NINE_AND_NODES, [*spaces, *NINE.values()], [*others, own], [*others, mutant.policy], plugin)
