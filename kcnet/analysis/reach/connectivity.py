"""The answer of ``kcnet reach``: a row for each pair that policies let talk, and what the manifests do not decide.

A row holds for every pod of both workloads, whatever the address family. Where plugins differ and nobody said which
one it is, rows say what is allowed in any case; ``undecided`` says what may be allowed on top of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from itertools import groupby
from typing import NamedTuple

from kcnet.analysis.reach.addresses import range_of, with_gaps
from kcnet.analysis.reach.classes import Classes, Workload, workload_name
from kcnet.analysis.reach.portsets import EVERYTHING, NOTHING, PortSet, intersection
from kcnet.analysis.reach.relation import Reading, Relation, Targets
from kcnet.model.cluster import Cluster
from kcnet.model.names import Protocol
from kcnet.model.objects import Pod


class Row(NamedTuple):
    source: str
    """``NAMESPACE/NAME[KIND]`` or ``A.B.C.D-E.F.G.H``"""
    target: str
    connections: PortSet


class Choice(NamedTuple):
    """Which rows are wanted; None: all."""

    sources: Callable[[str], bool] | None = None
    targets: Callable[[str], bool] | None = None
    namespace: str | None = None
    """Of either end."""
    port: tuple[int, frozenset[Protocol]] | None = None
    """Rows that allow this number over one of the protocols."""

    def begins(self, source: str) -> bool:
        return self.sources is None or self.sources(source)

    def of(self, source: str, targets: Targets) -> Targets:
        """The chosen ones among the targets of ``source``."""
        if self.namespace is not None and namespace_of(source) != self.namespace:
            targets = [target for target in targets if namespace_of(target[0]) == self.namespace]
        if self.targets is not None:
            targets = [target for target in targets if self.targets(target[0])]
        if self.port is not None:
            number, protocols = self.port
            targets = [target for target in targets if any(target[1].has(number, one) for one in protocols)]
        return targets

    def has(self, row: Row) -> bool:
        return self.begins(row.source) and bool(self.of(row.source, [(row.target, row.connections)]))

    def enters(self, workloads: Sequence[str]) -> bool:
        """Whether a way in from outside that leads to ``workloads`` is wanted; one that leads nowhere is only if all
        rows are."""
        if self.targets is None and self.namespace is None:
            return True
        return any(
            (self.targets is None or self.targets(name)) and self.namespace in (None, namespace_of(name))
            for name in workloads
        )


EVERY_ROW = Choice()


def namespace_of(name: str) -> str | None:
    """The namespace of ``NAMESPACE/NAME[KIND]``; None for a range."""
    return name.partition("/")[0] if name.endswith("]") else None


class Answers:
    """All rows in one reading of the policies, over all address families of the cluster."""

    def __init__(self, relations: Sequence[Relation]) -> None:
        self.relations = relations

    def each(self, choice: Choice = EVERY_ROW) -> Iterator[tuple[str, Targets]]:
        """Every source with its targets, both sorted by name; sources without any are left out."""
        sources = (source for source, _ in groupby(merge(*(relation.sources for relation in self.relations))))
        for source in sources:
            if choice.begins(source) and (targets := choice.of(source, self.targets(source))):
                yield source, targets

    def targets(self, source: str) -> Targets:
        if len(self.relations) == 1:
            return self.relations[0].targets(source)
        found: dict[str, PortSet] = {}
        asked = [relation for relation in self.relations if _speaks_of(relation, source)]
        several = [dict(relation.targets(source)) for relation in asked]
        for target in {name for targets in several for name in targets}:
            answers = [
                targets.get(target, NOTHING)
                for relation, targets in zip(asked, several, strict=True)
                if _speaks_of(relation, target)
            ]
            ports = EVERYTHING
            for answer in answers:
                ports = intersection(ports, answer)
            if ports:
                found[target] = ports
        return sorted(found.items())

    def between(self, source: Party, target: Party) -> PortSet:
        """What every peer of ``source`` may open to every one of ``target``."""
        found = EVERYTHING
        for relation in self.relations:
            sources, targets = source.classes(relation), target.classes(relation)
            if sources and targets:
                found = intersection(found, relation.between(sources, targets))
        return found


def _speaks_of(relation: Relation, name: str) -> bool:
    """Whether the name is a workload that has an address of the family, or a range of it."""
    workload = relation.workload(name)
    if workload is not None:
        return workload.addressed
    found = range_of(name)
    return found is not None and found[0] == relation.classes.pieces.version


class Party(NamedTuple):
    """One end of a question: a workload, one pod of it, or addresses outside."""

    name: str
    workload: str | None = None
    pod: tuple[str, str] | None = None
    addresses: tuple[int, int, int] | None = None
    """Family, first and last address."""

    def classes(self, relation: Relation) -> Sequence[int]:
        classes = relation.classes
        if self.pod is not None:
            number = classes.class_of.get(self.pod)
            return () if number is None else (number,)
        if self.workload is not None:
            workload = relation.workload(self.workload)
            return workload.classes if workload is not None and workload.addressed else ()
        pieces = classes.pieces
        if self.addresses is None or self.addresses[0] != pieces.version:
            return ()
        return range(pieces.holding(self.addresses[1]), pieces.holding(self.addresses[2]) + 1)


class Reachability(NamedTuple):
    """What policies allow in this cluster."""

    cluster: Cluster
    sure: Answers
    possible: Answers
    """The same as ``sure`` unless something is undecided."""
    notes: tuple[str, ...]
    """What a reader has to know: what was taken for granted, and what policies have no say in."""

    @property
    def decided(self) -> bool:
        return self.sure is self.possible

    @property
    def workloads(self) -> Sequence[Workload]:
        return self.sure.relations[0].workloads

    def each(self, choice: Choice = EVERY_ROW) -> Iterator[tuple[str, Targets]]:
        return self.sure.each(choice)

    def rows(self, choice: Choice = EVERY_ROW) -> Iterator[Row]:
        for source, targets in self.sure.each(choice):
            for target, ports in targets:
                yield Row(source, target, ports)

    def everyone(self, choice: Choice) -> Sequence[str]:
        """All workloads that a choice of rows speaks of; none where it is about certain ends or ports."""
        if choice._replace(namespace=None) != EVERY_ROW:
            return ()
        return [one.name for one in self.workloads if choice.namespace in (None, one.namespace)]

    def pairs(self, choice: Choice = EVERY_ROW) -> Iterator[tuple[str, str]]:
        """Every chosen pair, allowed or not, sorted: of workloads, and of a workload with the ranges of its rows and
        with those between them. A workload and itself, that is two of its pods, only if both ends are chosen."""
        itself = choice.sources is not None and choice.targets is not None
        names = [workload.name for workload in self.workloads]
        outward: dict[str, list[str]] = {name: [] for name in names}
        inward: dict[str, list[str]] = {name: [] for name in names}
        for row in self.rows():
            if range_of(row.target) is not None:
                outward[row.source].append(row.target)
            elif range_of(row.source) is not None:
                inward[row.target].append(row.source)
        versions = [relation.classes.pieces.version for relation in self.sure.relations]
        targets: dict[str, list[str]] = {name: [*names, *with_gaps(outward[name], versions)] for name in names}
        for name in names:
            for source in with_gaps(inward[name], versions):
                targets.setdefault(source, []).append(name)
        for source in sorted(targets):
            if choice.begins(source):
                others = [(name, EVERYTHING) for name in sorted(targets[source]) if name != source or itself]
                for target, _ in choice._replace(port=None).of(source, others):
                    yield source, target


def reachability(cluster: Cluster, name: Callable[[Pod], str] = workload_name) -> Reachability:
    """Work out who can talk to whom in ``cluster``; ``name`` gives the workload that a pod belongs to."""
    families = dict.fromkeys(cidr.version for cidr in cluster.pod_cidrs)
    found = [Classes(cluster, version, name) for version in families or (4,)]
    cni = cluster.cni
    surely = Reading(
        enforced=cni.enforces_policy is not False, matches_pods=cni.ip_block_matches_pods is True, doubtful=False
    )
    possibly = Reading(
        enforced=cni.enforces_policy is True, matches_pods=cni.ip_block_matches_pods is not False, doubtful=True
    )
    sure = Answers([Relation(classes, surely) for classes in found])
    possible = sure
    if _undecided(cluster, found):
        possible = Answers([Relation(classes, possibly) for classes in found])
    return Reachability(cluster, sure, possible, tuple(_notes(cluster, found)))


def _undecided(cluster: Cluster, families: Sequence[Classes]) -> bool:
    cni = cluster.cni
    if not cluster.policies or cni.enforces_policy is False:
        return False
    blocks = any(classes.blocks_meet_pods for classes in families)
    unknown = any(classes.has_unknown_addresses for classes in families)
    return cni.enforces_policy is None or (cni.ip_block_matches_pods is None and blocks) or unknown


def _notes(cluster: Cluster, families: Sequence[Classes]) -> Iterator[str]:
    cni = cluster.cni
    number = sum(map(len, cluster.policies.values()))
    policies = f"the {number} policies say" if number > 1 else "the policy says"
    yield from (text for subject in ("unread", "unmade") if (text := cluster.assumptions.get(subject)))
    if not number:
        yield "There is no NetworkPolicy, so every pod may talk to every other."
    elif cni.enforces_policy is False:
        yield f"{cni.title} does not enforce NetworkPolicy: everything is allowed, whatever {policies}."
        return
    elif cni.enforces_policy is None:
        yield (
            f"Whether {cni.title} enforces NetworkPolicy depends on how it was installed. What is allowed only if it "
            "does not is listed as undecided."
        )
    if number and any(classes.blocks_meet_pods for classes in families):
        if cni.ip_block_matches_pods is None:
            yield (
                "Whether an ipBlock matches the addresses of pods depends on the network plugin. What hangs on it is "
                "listed as undecided."
            )
        elif cni.ip_block_matches_pods:
            yield "An ipBlock is taken to match the addresses of pods, as with most plugins (not with Cilium)."
        if any(classes.cuts_pods for classes in families):
            yield "An ipBlock tells pods apart by address; addresses that no manifest states are kcnet's choice."
        if any(classes.has_unknown_addresses for classes in families):
            yield "Some pods have no address yet, so that ipBlocks cannot be compared with them."
    hosts = sorted({name for classes in families for name in classes.host_workloads})
    if number and hosts:
        yield (
            f"Policies leave pods in their node's network alone, and see them as the node's address ({_few(hosts)}). "
            "Traffic between a pod and its own node is always allowed, which no row says."
        )
    idle = {f"{ref.namespace}/{ref.name}[{ref.kind}]" for found in cluster.idle.values() for ref, _ in found}
    if idle := idle.difference(workload.name for workload in families[0].workloads):
        yield f"Scaled to zero, so that no row speaks of them: {_few(sorted(idle))}."


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
