"""Who can talk to whom: the policies of both ends, worked out for all classes at once.

For each direction the classes with the same isolating policies share one table: which sets of peers they may talk to
on which ports. An answer is the intersection of what the source may open and what the destination lets in. No pair of
pods is looked at; a row costs no more than writing it down.
https://kubernetes.io/docs/concepts/services-networking/network-policies/

Left out, as no policy has a say in it: a pod and itself, and a pod and its own node.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from kcnet.analysis.reach.bits import members
from kcnet.analysis.reach.classes import Classes, Workload
from kcnet.analysis.reach.portsets import EVERYTHING, NOTHING, PortSet, intersection, port_set, union
from kcnet.model.policy import Direction, NetworkPolicy, Rule, numbers_of

Cells = Mapping[PortSet, int]
"""Classes by the ports that they are allowed; a class stands in one set at most."""
Targets = Sequence[tuple[str, PortSet]]


class Reading(NamedTuple):
    """How to read what plugins do differently."""

    enforced: bool = True
    matches_pods: bool = True
    """An ipBlock matches the address of a pod."""
    doubtful: bool = False
    """An ipBlock matches an address that nobody states."""


class Relation:
    """What policies allow in one reading, for one address family."""

    def __init__(self, classes: Classes, reading: Reading) -> None:
        self.classes = classes
        self.reading = reading
        self.workloads = classes.workloads
        self._place = {workload.name: index for index, workload in enumerate(classes.workloads)}
        self._peers: dict[tuple[str, tuple[object, ...]], int] = {}
        self._ingress = self._tables(Direction.INGRESS)
        self._egress = self._tables(Direction.EGRESS)
        self._answers: dict[tuple[int, ...], Targets] = {}
        self._between: dict[tuple[int, tuple[int, ...]], Cells] = {}

    @cached_property
    def sources(self) -> Sequence[str]:
        """Everything that a row can begin with, sorted."""
        return sorted([*self._place, *self._from_outside])

    def targets(self, source: str) -> Targets:
        """What ``source`` may open connections to, sorted by name; without itself."""
        index = self._place.get(source)
        if index is None:
            return self._from_outside.get(source, ())
        workload = self.workloads[index]
        found = self._targets(workload.classes)
        own = bisect_left(found, source, key=lambda target: target[0])
        if own < len(found) and found[own][0] == source:
            return [*found[:own], *found[own + 1 :]]
        return found

    def between(self, sources: Iterable[int], targets: Sequence[int]) -> PortSet:
        """What every peer of the classes ``sources`` may open to every one of ``targets``."""
        found = EVERYTHING
        for one in sources:
            cells = self._allowed(one)
            for other in targets:
                found = intersection(found, _of(cells, other))
        return found

    def workload(self, name: str) -> Workload | None:
        index = self._place.get(name)
        return None if index is None else self.workloads[index]

    def _targets(self, classes: tuple[int, ...]) -> Targets:
        found = self._answers.get(classes)
        if found is None:
            cells = self._common(self._allowed(number) for number in classes)
            found = self._answers[classes] = self._named(cells)
        return found

    def _named(self, cells: Cells) -> Targets:
        """The workloads and ranges that ``cells`` speak of."""
        named: list[tuple[str, PortSet]] = []
        for ports, bits in cells.items():
            for number in members(bits & self.classes.pods):
                named += [(name, ports) for name in self._alone[number]]
        for workload in self._mixed:
            ports = EVERYTHING
            for number in workload.classes:
                ports = intersection(ports, _of(cells, number))
            if ports:
                named.append((workload.name, ports))
        named += self._ranges(cells)
        return sorted(named)

    def _ranges(self, cells: Cells) -> Targets:
        pieces = [(piece, ports) for ports, bits in cells.items() for piece in members(bits & self.classes.outside)]
        return self.classes.pieces.joined(sorted(pieces))

    @cached_property
    def _alone(self) -> Sequence[Sequence[str]]:
        """By class the workloads whose pods are all of it."""
        found: list[list[str]] = [[] for _ in range(len(self.classes))]
        for workload in self.workloads:
            if len(workload.classes) == 1:
                found[workload.classes[0]].append(workload.name)
        return found

    @cached_property
    def _mixed(self) -> Sequence[Workload]:
        """Workloads whose pods differ: a row holds for each of them."""
        return [workload for workload in self.workloads if len(workload.classes) > 1]

    @cached_property
    def _from_outside(self) -> Mapping[str, Targets]:
        """Of each range outside what it may open connections to."""
        found: dict[str, list[tuple[str, PortSet]]] = defaultdict(list)
        known: dict[tuple[int, ...], Targets] = {}
        for workload in self.workloads:
            if not workload.classes:
                continue
            groups = tuple(self._ingress.group[number] for number in workload.classes)
            ranges = known.get(groups)
            if ranges is None:
                ranges = known[groups] = self._ranges(self._common(self._ingress.cells[group] for group in groups))
            for name, ports in ranges:
                found[name].append((workload.name, ports))
        return found

    @staticmethod
    def _common(several: Iterable[Cells]) -> Cells:
        """What all of ``several`` allow."""
        every = iter(several)
        found: Cells = next(every, {})
        for cells in every:
            both: dict[PortSet, int] = defaultdict(int)
            for ports, bits in found.items():
                for other, also in cells.items():
                    if (allowed := intersection(ports, other)) and (shared := bits & also):
                        both[allowed] |= shared
            found = both
        return found

    def _allowed(self, number: int) -> Cells:
        """What a pod of class ``number`` may open: its own egress, and the ingress of the destinations."""
        letting_in = self._letting_in[number]
        key = self._egress.group[number], letting_in
        found = self._between.get(key)
        if found is None:
            cells = self._egress.cells[key[0]]
            allowed: dict[PortSet, int] = defaultdict(int)
            for rectangle in letting_in:
                inward, targets = self._rectangles[rectangle]
                for outward, others in cells.items():
                    if (bits := targets & others) and (ports := intersection(inward, outward)):
                        allowed[ports] |= bits
            found = self._between[key] = dict(allowed)
        return found

    @cached_property
    def _rectangles(self) -> Sequence[tuple[PortSet, int]]:
        """(ports, destinations) that let the same sources in; ``_letting_in`` tells for each source which those are."""
        return [(ports, targets) for (ports, _), targets in self._let_in.items()]

    @cached_property
    def _let_in(self) -> Mapping[tuple[PortSet, int], int]:
        """(ports, sources) -> destinations."""
        found: dict[tuple[PortSet, int], int] = defaultdict(int)
        for cells, targets in zip(self._ingress.cells, self._ingress.members, strict=True):
            for ports, sources in cells.items():
                found[ports, sources] |= targets
        return found

    @cached_property
    def _letting_in(self) -> Sequence[tuple[int, ...]]:
        found: list[list[int]] = [[] for _ in range(len(self.classes))]
        for index, (_, sources) in enumerate(self._let_in):
            for number in members(sources):
                found[number].append(index)
        return [tuple(rectangles) for rectangles in found]

    def _tables(self, direction: Direction) -> _Tables:
        """Classes in groups, by the policies that isolate them, and what each group is allowed."""
        classes = self.classes
        isolating: list[list[tuple[NetworkPolicy, int]]] = [[] for _ in range(len(classes))]
        if self.reading.enforced:
            for namespace, found in classes.cluster.policies.items():
                for place, policy in enumerate(found):
                    if direction in policy.directions:
                        for number in members(classes.selected(namespace, policy)):
                            isolating[number].append((policy, place))
        tables = _Tables([0] * len(classes), [], [])
        known: dict[object, int] = {}
        for number, policies in enumerate(isolating):
            named = classes.numbers[number] if policies and direction is Direction.INGRESS else ()
            key = (policies[0][0].namespace if policies else "", tuple(place for _, place in policies), named)
            group = known.get(key)
            if group is None:
                group = known[key] = len(tables.cells)
                tables.members.append(0)
                tables.cells.append(
                    self._cells([policy for policy, _ in policies], direction, number)
                    if policies
                    else {EVERYTHING: classes.everything}
                )
            tables.group[number] = group
            tables.members[group] |= 1 << number
        return tables

    def _cells(self, policies: Sequence[NetworkPolicy], direction: Direction, number: int) -> Cells:
        """What the rules of ``policies`` allow to a pod of class ``number``, which all of them isolate."""
        by_ports: dict[PortSet, int] = defaultdict(int)
        for policy in policies:
            for rule in policy.rules(direction):
                peers = self._meant_by(policy, rule)
                for ports, bits in self._ports(rule, direction, number):
                    by_ports[ports] |= peers & bits
        cells: dict[PortSet, int] = {}
        for ports, bits in by_ports.items():
            if ports and bits:
                cells = _with(cells, ports, bits)
        return cells

    def _meant_by(self, policy: NetworkPolicy, rule: Rule) -> int:
        if not rule.peers:
            return self.classes.everything
        found = 0
        for peer in rule.peers:
            found |= self.classes.meant_by(
                policy.namespace, peer, matches_pods=self.reading.matches_pods, doubtful=self.reading.doubtful
            )
        return found

    def _ports(self, rule: Rule, direction: Direction, number: int) -> Iterator[tuple[PortSet, int]]:
        """The ports of ``rule``, and for which destinations they are that: names differ from pod to pod."""
        everything = self.classes.everything
        if not rule.ports:
            yield EVERYTHING, everything
            return
        found = NOTHING
        for entry in rule.ports:
            if not isinstance(entry.port, str):
                found = union(found, port_set(entry.protocol, numbers_of(entry, ())))
                continue
            for intervals, bits in self.classes.by_name[entry.port, entry.protocol]:
                named = port_set(entry.protocol, intervals)
                if direction is Direction.EGRESS:
                    yield named, bits
                elif bits >> number & 1:
                    found = union(found, named)
        yield found, everything


class _Tables(NamedTuple):
    """One direction: of every class its group; of every group its classes and what they are allowed."""

    group: list[int]
    members: list[int]
    cells: list[Cells]


def _with(cells: Cells, ports: PortSet, bits: int) -> dict[PortSet, int]:
    """``cells`` where the classes in ``bits`` are allowed ``ports`` as well."""
    found: dict[PortSet, int] = defaultdict(int)
    for already, those in cells.items():
        if both := those & bits:
            found[union(already, ports)] |= both
        if others := those & ~bits:
            found[already] |= others
        bits &= ~those
    if bits:
        found[ports] |= bits
    return found


def _of(cells: Cells, number: int) -> PortSet:
    return next((ports for ports, bits in cells.items() if bits >> number & 1), NOTHING)
