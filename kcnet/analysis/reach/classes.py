"""Classes of peers that no policy can tell apart: pods by namespace, labels, named ports, address; outside addresses.

Every class is a number, so that a set of classes is an int (``bits``). The pieces of the address space come first,
then the classes of pods. A policy sees of a pod its namespace, the labels that selectors ask for, the numbers behind
the port names that rules use, and its address where an ipBlock cuts; pods that agree in all of it share a class.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from kcnet.analysis.reach.addresses import Pieces
from kcnet.analysis.reach.bits import span
from kcnet.analysis.reach.portsets import Intervals
from kcnet.model.cluster import Cluster, Key
from kcnet.model.names import Protocol, Ref
from kcnet.model.objects import NO_LABELS, Pod
from kcnet.model.policy import (
    Direction,
    IPBlock,
    LabelSelector,
    NetworkPolicy,
    Peer,
    PolicyPort,
    Rule,
    holds,
    numbers_of,
)

PortName = tuple[str, Protocol]
Signature = tuple[object, ...]


class Workload(NamedTuple):
    """What a row names: an owner of pods, or a pod without one."""

    name: str
    """``NAMESPACE/NAME[KIND]``"""
    namespace: str
    pods: tuple[Pod, ...]
    classes: tuple[int, ...]
    """Of its pods; usually one."""
    addressed: bool
    """Whether one of its pods has an address of the family that is looked at, or its address is yet unknown."""


def workload_name(pod: Pod) -> str:
    """``NAMESPACE/NAME[KIND]`` of the topmost workload that a manifest holds; if none does, of the one that the pod
    names; of the pod itself if nothing owns it."""
    return _named(pod, pod.owner if pod.owner is None or pod.owner.origin is not None else pod.controller or pod.owner)


def lasting_name(pod: Pod) -> str:
    """The same by the topmost workload, written or not: a Deployment keeps its name when its ReplicaSet changes."""
    return _named(pod, pod.owner)


def _named(pod: Pod, owner: Ref | None) -> str:
    return f"{pod.namespace}/{owner.name}[{owner.kind}]" if owner is not None else f"{pod.namespace}/{pod.name}[Pod]"


def written_pods(cluster: Cluster) -> Iterator[Pod]:
    """The pods that the manifests ask for and that have not finished; not those that kcnet took for granted."""
    return (
        pod for pod in cluster.pods.values() if pod.ref.origin is not None and pod.phase not in ("Succeeded", "Failed")
    )


def rules_of(policy: NetworkPolicy) -> Iterator[Rule]:
    """The rules that count: those of the directions that the policy isolates for."""
    for direction in Direction:
        if direction in policy.directions:
            yield from policy.rules(direction)


class Classes:
    """All classes of one cluster and address family, and which of them a selector or an ipBlock means."""

    def __init__(self, cluster: Cluster, version: int, name: Callable[[Pod], str] = workload_name) -> None:
        self.cluster = cluster
        self._name = name
        policies = [policy for found in cluster.policies.values() for policy in found]
        rules = [rule for policy in policies for rule in rules_of(policy)]
        peers = [peer for rule in rules for peer in rule.peers]
        self._blocks = [peer.ip_block for peer in peers if peer.ip_block is not None]
        self.pieces = Pieces(version, self._blocks)
        self.keys = sorted(_keys([*(p.pod_selector for p in policies), *(p.pod_selector for p in peers)]))
        entries = [entry for rule in rules for entry in rule.ports]
        self.names: tuple[PortName, ...] = tuple(
            sorted({(e.port, e.protocol) for e in entries if isinstance(e.port, str)})
        )
        self._entries = [PolicyPort(port=name, protocol=protocol) for name, protocol in self.names]

        self.numbers: list[tuple[Intervals, ...]] = [()] * len(self.pieces)
        """Of each class what ``names`` come to; () where they come to nothing."""
        self.outside = span(0, len(self.pieces))
        self.example: list[Pod | None] = [None] * len(self.pieces)
        """Of each class of pods the first one."""
        self.class_of: dict[Key, int] = {}
        self.hosts = 0
        """Classes of hostNetwork pods, which policies leave alone and selectors never mean."""
        self._by_namespace: dict[str, int] = defaultdict(int)
        self._by_label: dict[str, dict[str, int]] = {key: defaultdict(int) for key in self.keys}
        self._by_piece: dict[int | None, int] = defaultdict(int)
        """Classes of pods by the piece that their address is in; None: nobody states the address."""
        self.workloads = self._sorted_in(version)
        self.everything = span(0, len(self.numbers))
        self.pods = self.everything & ~self.outside
        self.selectable = self.pods & ~self.hosts
        self._found: dict[object, int] = {}

    def __len__(self) -> int:
        return len(self.numbers)

    def _sorted_in(self, version: int) -> list[Workload]:
        """Give every pod its class; the workloads, in order of their names."""
        known: dict[Signature, int] = {}
        numbers: dict[int, tuple[Intervals, ...]] = {}
        pods_of: dict[str, list[Pod]] = defaultdict(list)
        classes_of: dict[str, dict[int, None]] = defaultdict(dict)
        blind: set[str] = set()
        for pod in written_pods(self.cluster):
            named = numbers.get(id(pod.ports))
            if named is None:
                named = numbers[id(pod.ports)] = tuple(numbers_of(entry, pod.ports) for entry in self._entries)
            name = self._name(pod)
            address = next((one for one in pod.addresses if one.version == version), None)
            pods_of[name].append(pod)
            if address is None and pod.addresses:
                blind.add(name)
                continue
            piece = None if address is None else self.pieces.holding(int(address))
            values = () if pod.host_network else tuple(map(pod.labels.get, self.keys))
            signature = (pod.host_network, None if pod.host_network else pod.namespace, values, named, piece)
            number = known.get(signature)
            if number is None:
                number = known[signature] = self._add(pod, values, named, piece)
            classes_of[name][number] = None
            self.class_of[pod.namespace, pod.name] = number
        return [
            Workload(name, pods[0].namespace, tuple(pods), tuple(classes_of[name]), name not in blind)
            for name, pods in sorted(pods_of.items())
        ]

    def _add(self, pod: Pod, values: tuple[str | None, ...], named: tuple[Intervals, ...], piece: int | None) -> int:
        number = len(self.numbers)
        self.numbers.append(() if pod.host_network else named)
        self.example.append(pod)
        bit = 1 << number
        self._by_piece[piece] |= bit
        if pod.host_network:
            self.hosts |= bit
            return number
        self._by_namespace[pod.namespace] |= bit
        for key, value in zip(self.keys, values, strict=True):
            if value is not None:
                self._by_label[key][value] |= bit
        return number

    def selected(self, namespace: str, policy: NetworkPolicy) -> int:
        """The classes that ``policy`` isolates, for the directions that it has."""
        return self._by_namespace.get(namespace, 0) & self._labelled(policy.pod_selector)

    def meant_by(self, namespace: str, peer: Peer, *, matches_pods: bool, doubtful: bool) -> int:
        """The classes that a peer of a policy in ``namespace`` means.

        ``matches_pods``: whether an ipBlock matches the address of a pod; ``doubtful``: whether it matches an address
        that nobody states.
        """
        if peer.ip_block is not None:
            return self._blocked(peer.ip_block, matches_pods, doubtful)
        if peer.namespace_selector is None:
            found = self._by_namespace.get(namespace, 0)
        else:
            found = self._in_namespaces(peer.namespace_selector)
        return found & self._labelled(peer.pod_selector) if peer.pod_selector is not None else found

    def _in_namespaces(self, selector: LabelSelector) -> int:
        key = "namespaces", _key(selector)
        found = self._found.get(key)
        if found is None:
            found = 0
            for name, bits in self._by_namespace.items():
                home = self.cluster.namespaces.get(name)
                if home is not None and selector.matches(home.labels):
                    found |= bits
            self._found[key] = found
        return found

    def _labelled(self, selector: LabelSelector) -> int:
        key = _key(selector)
        found = self._found.get(key)
        if found is None:
            found = self.selectable
            for label, value in selector.match_labels.items():
                found &= self._by_label[label].get(value, 0)
            for requirement in selector.match_expressions:
                met, labelled = 0, 0
                for value, bits in self._by_label[requirement.key].items():
                    labelled |= bits
                    if holds(requirement, {requirement.key: value}):
                        met |= bits
                if holds(requirement, NO_LABELS):
                    met |= self.selectable & ~labelled
                found &= met
            self._found[key] = found
        return found

    def _blocked(self, block: IPBlock, matches_pods: bool, doubtful: bool) -> int:
        ranges = list(self.pieces.within(block))
        found = 0
        for begin, end in ranges:
            found |= span(begin, end)
            for piece, bits in self._by_known_piece:
                if begin <= piece < end:
                    found |= bits
        if doubtful or (block.cidr.prefixlen == 0 and not block.excepted and ranges):
            found |= self._by_piece.get(None, 0)
        return found if matches_pods else found & ~self.selectable

    @cached_property
    def _by_known_piece(self) -> Sequence[tuple[int, int]]:
        return [(piece, bits) for piece, bits in self._by_piece.items() if piece is not None]

    @property
    def host_workloads(self) -> Iterator[str]:
        return (one.name for one in self.workloads if any(self.hosts >> number & 1 for number in one.classes))

    @cached_property
    def blocks_meet_pods(self) -> bool:
        """Whether some ipBlock covers the address of a pod, or may: then it matters whether it matches it."""
        return any(self._blocked(block, matches_pods=True, doubtful=True) & self.selectable for block in self._blocks)

    @property
    def has_unknown_addresses(self) -> bool:
        """Whether some ipBlock could match a pod whose address nobody states."""
        return bool(self._by_piece.get(None)) and len(self.pieces) > 1

    @property
    def cuts_pods(self) -> bool:
        """Whether some ipBlock tells pods apart by their addresses, or may."""
        return sum(1 for bits in self._by_piece.values() if bits & self.selectable) > 1

    @cached_property
    def by_name(self) -> Mapping[PortName, Sequence[tuple[Intervals, int]]]:
        """For each port name in a rule: what it comes to, and the classes for which it does."""
        found: dict[PortName, dict[Intervals, int]] = {name: defaultdict(int) for name in self.names}
        for number, named in enumerate(self.numbers):
            for name, intervals in zip(self.names, named, strict=False):
                if intervals:
                    found[name][intervals] |= 1 << number
        return {name: tuple(meanings.items()) for name, meanings in found.items()}


def _keys(selectors: Iterable[LabelSelector | None]) -> set[str]:
    found: set[str] = set()
    for selector in selectors:
        if selector is not None:
            found.update(selector.match_labels)
            found.update(requirement.key for requirement in selector.match_expressions)
    return found


def _key(selector: LabelSelector) -> tuple[object, ...]:
    return tuple(selector.match_labels.items()), selector.match_expressions
