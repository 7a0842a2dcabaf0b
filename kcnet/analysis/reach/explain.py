"""Why a pair may talk, or may not: for each side the policies that isolate it, and what each of their rules gives.

The rules are asked one by one, as ``kcnet.path.netpol`` asks them for a single connection, with the pods that stand
for their classes. Where the pods of a workload differ, the pair that is allowed least is explained: it decides the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kcnet.analysis.reach.connectivity import Party, Reachability
from kcnet.analysis.reach.portsets import EVERYTHING, NOTHING, PortSet, intersection, ports_of, union
from kcnet.analysis.reach.relation import Relation
from kcnet.model.objects import Pod
from kcnet.model.policy import Direction, NetworkPolicy, Rule
from kcnet.model.trace import Because
from kcnet.path.netpol import Party as Seen
from kcnet.path.netpol import isolating, matching_peer
from kcnet.path.policy import name_of, peer_hint, rule_name


class Given(NamedTuple):
    """What one rule gives to the pair; no ports: it does not match, for the reason that ``text`` tells."""

    policy: NetworkPolicy
    rule: Rule | None
    """None: the policy has no rule for this direction."""
    ports: PortSet
    text: str

    @property
    def because(self) -> Because:
        return Because(self.policy.ref, self.rule.field if self.rule is not None else "spec")


class Side(NamedTuple):
    """One end's policies."""

    direction: Direction
    name: str
    """Who is judged: the pod at this end, or where it is no pod its address."""
    open_because: str
    """Why no policy has a say; "" if some has."""
    isolating: tuple[NetworkPolicy, ...] = ()
    given: tuple[Given, ...] = ()

    @property
    def ports(self) -> PortSet:
        if self.open_because:
            return EVERYTHING
        found = NOTHING
        for one in self.given:
            found = union(found, one.ports)
        return found

    @property
    def allowing(self) -> tuple[Given, ...]:
        return tuple(one for one in self.given if one.ports)

    @property
    def text(self) -> str:
        word = self.direction.value.lower()
        if self.open_because:
            return f"{word} open: {self.open_because}"
        if self.allowing:
            return f"{word}: " + "; ".join(one.text for one in self.allowing)
        names = ", ".join(f"{policy.namespace}/{policy.name}" for policy in self.isolating)
        lacks = "; ".join(one.text for one in self.given)
        return f"{word} closed: {self.name} is isolated by {names}" + (f"; {lacks}" if lacks else "")

    def to_dict(self) -> dict[str, Any]:
        return {
            "direction": self.direction.value,
            "text": self.text,
            "allows": str(self.ports),
            "because": [one.because.to_dict() for one in self.allowing or self.given],
        }


class Explanation(NamedTuple):
    source: str
    target: str
    connections: PortSet
    egress: Side
    ingress: Side

    def to_dict(self) -> dict[str, Any]:
        return {
            "from": self.source,
            "to": self.target,
            "connections": str(self.connections),
            "because": [self.egress.to_dict(), self.ingress.to_dict()],
        }


def explain(reach: Reachability, source: Party, target: Party) -> Explanation:
    """Why ``source`` may open what it may open to ``target``, in the reading that is certain."""
    found: Explanation | None = None
    for relation in reach.sure.relations:
        for one in source.classes(relation):
            for other in target.classes(relation):
                pair = _explained(reach, relation, source.name, target.name, one, other)
                if found is None or _size(pair.connections) < _size(found.connections):
                    found = pair
                    if not pair.connections:
                        return pair
    if found is not None:
        return found
    nothing = Side(Direction.EGRESS, source.name, "the two have no address family in common")
    return Explanation(source.name, target.name, NOTHING, nothing, nothing._replace(direction=Direction.INGRESS))


def _size(ports: PortSet) -> int:
    return sum(high - low + 1 for intervals in ports for low, high in intervals)


def _explained(reach: Reachability, relation: Relation, source: str, target: str, one: int, other: int) -> Explanation:
    classes = relation.classes
    sender, receiver = (
        classes.example[one] if one >= len(classes.pieces) else None,
        classes.example[other] if other >= len(classes.pieces) else None,
    )
    named = None if receiver is None or receiver.host_network else receiver
    seen_target = _seen(relation, receiver, other)
    seen_source = _seen(relation, sender, one)
    egress = _side(reach, Direction.EGRESS, sender, source, seen_target, target, named)
    ingress = _side(reach, Direction.INGRESS, receiver, target, seen_source, source, named)
    return Explanation(source, target, intersection(egress.ports, ingress.ports), egress, ingress)


def _seen(relation: Relation, pod: Pod | None, number: int) -> Seen:
    pieces = relation.classes.pieces
    if pod is None:
        return Seen(None, pieces.first(number))
    address = next((one for one in pod.addresses if one.version == pieces.version), None)
    return Seen(None if pod.host_network else pod, address)


def _side(
    reach: Reachability,
    direction: Direction,
    pod: Pod | None,
    name: str,
    other: Seen,
    other_name: str,
    destination: Pod | None,
) -> Side:
    cluster = reach.cluster
    if pod is None:
        return Side(direction, name, "policies speak of pods alone")
    policies = isolating(cluster, pod, direction)
    if not policies:
        return Side(direction, name, f"no policy selects {name}")
    if pod.host_network:
        return Side(direction, name, f"{name} uses its node's network")
    if cluster.cni.enforces_policy is False:
        return Side(direction, name, f"{cluster.cni.title} does not enforce NetworkPolicy")
    given = tuple(
        one for policy in policies for one in _given(reach, policy, direction, other, other_name, destination)
    )
    return Side(direction, name, "", policies, given)


def _given(
    reach: Reachability,
    policy: NetworkPolicy,
    direction: Direction,
    other: Seen,
    other_name: str,
    destination: Pod | None,
) -> Iterator[Given]:
    rules = policy.rules(direction)
    if not rules:
        yield Given(policy, None, NOTHING, f"{name_of(policy)} has no {direction.value.lower()} rule")
    for rule in rules:
        matched, _ = matching_peer(reach.cluster, policy, rule, other)
        ports = ports_of(rule, destination.ports if destination else ())
        who = f"{name_of(policy)}, {rule_name(rule)}"
        if not matched:
            more = " for certain" if matched is None else ""
            if not more and other.pod is not None:
                more = peer_hint(reach.cluster, policy, rule, other)
            yield Given(policy, rule, NOTHING, f"{who} does not match {other_name}{more}")
        elif not ports:
            yield Given(policy, rule, NOTHING, f"{who} names ports that the destination does not have")
        else:
            yield Given(policy, rule, ports, f"{who} allows {str(ports).replace('All Connections', 'everything')}")
