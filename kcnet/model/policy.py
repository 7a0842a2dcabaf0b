"""NetworkPolicy, with its defaults applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from kcnet.model.names import IPNetwork, Port, Protocol
from kcnet.model.objects import ContainerPort, Object


class Direction(StrEnum):
    INGRESS = "Ingress"
    EGRESS = "Egress"


class Operator(StrEnum):
    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"
    GREATER = "Gt"
    """Of node affinity alone, as ``LESS``: the label's value as an integer."""
    LESS = "Lt"


class Requirement(NamedTuple):
    key: str
    operator: Operator
    values: tuple[str, ...] = ()


class LabelSelector(Struct, frozen=True, kw_only=True):
    """Matches if every label and every expression does; an empty one matches everything.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
    """

    match_labels: Mapping[str, str] = {}
    match_expressions: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        for key, value in self.match_labels.items():
            if labels.get(key) != value:
                return False
        return all(holds(requirement, labels) for requirement in self.match_expressions)

    @property
    def empty(self) -> bool:
        return not self.match_labels and not self.match_expressions

    def __str__(self) -> str:
        parts = [f"{key}={value}" for key, value in self.match_labels.items()]
        parts += [_describe(requirement) for requirement in self.match_expressions]
        return ",".join(parts) or "everything"


def holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    """Whether the labels meet one expression; it looks at no other label than that of its key."""
    value = labels.get(requirement.key)
    match requirement.operator:
        case Operator.IN:
            return value is not None and value in requirement.values
        case Operator.NOT_IN:
            return value is None or value not in requirement.values
        case Operator.EXISTS:
            return value is not None
        case Operator.DOES_NOT_EXIST:
            return value is None
        case Operator.GREATER | Operator.LESS:
            try:
                difference = int(value or "") - int(requirement.values[0])
            except (ValueError, IndexError):
                return False
            return difference > 0 if requirement.operator is Operator.GREATER else difference < 0


def _describe(requirement: Requirement) -> str:
    match requirement.operator:
        case Operator.IN:
            return f"{requirement.key} in ({', '.join(requirement.values)})"
        case Operator.NOT_IN:
            return f"{requirement.key} notin ({', '.join(requirement.values)})"
        case Operator.EXISTS:
            return requirement.key
        case Operator.DOES_NOT_EXIST:
            return f"!{requirement.key}"
        case Operator.GREATER | Operator.LESS:
            sign = ">" if requirement.operator is Operator.GREATER else "<"
            return f"{requirement.key} {sign} {', '.join(requirement.values)}"


class IPBlock(NamedTuple):
    cidr: IPNetwork
    excepted: tuple[IPNetwork, ...] = ()


class Peer(NamedTuple):
    """Either ``ip_block`` alone, or one or both selectors."""

    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: IPBlock | None = None
    field: str = ""
    """Path in the manifest, such as ``spec.ingress[0].from[1]``."""


class PolicyPort(NamedTuple):
    protocol: Protocol = Protocol.TCP
    port: Port | None = None
    """None: all ports of the protocol."""
    end_port: int | None = None
    field: str = ""


def numbers_of(entry: PolicyPort, declared: Iterable[ContainerPort]) -> tuple[tuple[int, int], ...]:
    """The ports of its protocol that ``entry`` speaks of, as inclusive ranges; none for a name that nobody declares.

    ``declared`` are the ports of the destination's containers: a name means what they give to a port of the protocol.
    """
    if entry.port is None:
        return ((1, 65535),)
    if isinstance(entry.port, int):
        return ((entry.port, entry.end_port or entry.port),)
    return tuple((p.number, p.number) for p in declared if p.name == entry.port and p.protocol is entry.protocol)


class Rule(NamedTuple):
    peers: tuple[Peer, ...] = ()
    """Empty: every peer."""
    ports: tuple[PolicyPort, ...] = ()
    """Empty: every port."""
    field: str = ""
    """Path in the manifest, such as ``spec.ingress[0]``."""


class NetworkPolicy(Object, frozen=True, kw_only=True):
    pod_selector: LabelSelector = LabelSelector()
    directions: frozenset[Direction] = frozenset((Direction.INGRESS,))
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()
    ingress_implied: bool = False
    """It isolates for ingress only because policyTypes is left out: it has egress rules, and no ``ingress`` field."""

    def rules(self, direction: Direction) -> tuple[Rule, ...]:
        return self.ingress if direction is Direction.INGRESS else self.egress
