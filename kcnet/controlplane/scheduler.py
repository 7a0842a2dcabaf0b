"""Which node each pod runs on.

The filters of kube-scheduler that manifests can tell: node name, node selector and required node affinity, taints,
host ports, required pod anti-affinity. Among the nodes that are left the one with the fewest pods is taken. Not
modelled: resources, required pod affinity, topology spread.
https://kubernetes.io/docs/concepts/scheduling-eviction/
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from kcnet.model.cluster import Key
from kcnet.model.manifests import NodeManifest, PodManifest, PodSpec, Taint, Toleration
from kcnet.model.policy import LabelSelector, Requirement
from kcnet.model.wellknown import ARCH

UNSCHEDULABLE = Taint(key="node.kubernetes.io/unschedulable")
DAEMON_TOLERATIONS = (
    Toleration(key="node.kubernetes.io/not-ready", operator="Exists", effect="NoExecute"),
    Toleration(key="node.kubernetes.io/unreachable", operator="Exists", effect="NoExecute"),
    Toleration(key="node.kubernetes.io/disk-pressure", operator="Exists", effect="NoSchedule"),
    Toleration(key="node.kubernetes.io/memory-pressure", operator="Exists", effect="NoSchedule"),
    Toleration(key="node.kubernetes.io/pid-pressure", operator="Exists", effect="NoSchedule"),
    Toleration(key="node.kubernetes.io/unschedulable", operator="Exists", effect="NoSchedule"),
)
"""https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations"""
_OF_KUBELET = (ARCH, "beta.kubernetes.io/arch", "beta.kubernetes.io/os")
_HOST_NETWORK_TOLERATION = Toleration(
    key="node.kubernetes.io/network-unavailable", operator="Exists", effect="NoSchedule"
)


class Placement(NamedTuple):
    node: str | None
    because: str | None = None
    """Why there is no node, or none that exists, as one clause."""


def daemon_fits(spec: PodSpec, node: NodeManifest) -> bool:
    """Whether a DaemonSet makes a pod for ``node``."""
    extra = DAEMON_TOLERATIONS + ((_HOST_NETWORK_TOLERATION,) if spec.host_network else ())
    if spec.node_name is not None:
        return spec.node_name == node.name
    return _objection(spec, node, extra) is None


class Scheduler:
    """Places pods one after the other; what it placed earlier counts for what comes later."""

    def __init__(self, nodes: Sequence[NodeManifest], pods: Iterable[PodManifest]) -> None:
        """``pods`` are all that will be placed: their own anti-affinity decides what has to be remembered."""
        self._nodes = nodes
        self._by_name = {node.name: index for index, node in enumerate(nodes)}
        self._counts = [0] * len(nodes)
        self._host_ports: list[set[tuple[str, int, str]]] = [set() for _ in nodes]
        self._exclusive = any(pod.spec.anti_affinity for pod in pods)
        self._neighbours: dict[str, list[tuple[PodManifest, int]]] = defaultdict(list)
        self._eligible: dict[int, tuple[tuple[int, ...], str, PodSpec]] = {}
        self._heaps: dict[tuple[int, ...], list[tuple[int, int]]] = {}
        self._everywhere = self._fitting(PodSpec())

    def place(self, pod: PodManifest, pinned: str | None = None) -> Placement:
        """``pinned``: the node that a DaemonSet made the pod for."""
        name = pod.spec.node_name
        if name is not None:
            index = self._by_name.get(name)
            if index is None:
                return Placement(name, f"its nodeName is {name}, and there is no such node")
            self._take(pod, index)
            return Placement(name)
        if not self._nodes:
            return Placement(None, "the cluster has no nodes")
        candidates, words = ((self._by_name[pinned],), "") if pinned is not None else self._candidates(pod.spec)
        demanding = self._exclusive or any(port.host_port for port in pod.spec.ports)
        chosen = self._first_free(pod, candidates) if demanding else self._least_loaded(candidates)
        if chosen is None:
            return Placement(None, self._why_nowhere(pod, candidates, words))
        self._take(pod, chosen)
        return Placement(self._nodes[chosen].name)

    def _take(self, pod: PodManifest, index: int) -> None:
        self._counts[index] += 1
        self._host_ports[index].update(_host_ports(pod.spec))
        if self._exclusive:
            self._neighbours[pod.namespace].append((pod, index))

    def _candidates(self, spec: PodSpec) -> tuple[tuple[int, ...], str]:
        if not (spec.node_selector or spec.node_affinity or spec.tolerations):
            return self._everywhere
        known = self._eligible.get(id(spec))
        if known is None:
            # The spec is kept beside the answer, so that its id stays its own.
            known = (*self._fitting(spec), spec)
            self._eligible[id(spec)] = known
        return known[0], known[1]

    def _fitting(self, spec: PodSpec) -> tuple[tuple[int, ...], str]:
        fits, objections = [], []
        for index, node in enumerate(self._nodes):
            objection = _objection(spec, node)
            if objection is None:
                fits.append(index)
            else:
                objections.append(objection)
        return tuple(fits), _counted(objections)

    def _least_loaded(self, candidates: tuple[int, ...]) -> int | None:
        """The candidate with the fewest pods, the first of equals; counts only grow, so stale entries sink."""
        heap = self._heaps.get(candidates)
        if heap is None:
            heap = [(self._counts[index], index) for index in candidates]
            heapify(heap)
            self._heaps[candidates] = heap
        while heap:
            count, index = heappop(heap)
            heappush(heap, (self._counts[index], index))
            if count == self._counts[index]:
                return index
        return None

    def _first_free(self, pod: PodManifest, candidates: tuple[int, ...]) -> int | None:
        barred = self._barred(pod) if self._exclusive else set()
        wanted = _host_ports(pod.spec)
        for index in sorted(candidates, key=lambda index: (self._counts[index], index)):
            if index not in barred and not _collide(wanted, self._host_ports[index]):
                return index
        return None

    def _barred(self, pod: PodManifest) -> set[int]:
        """Nodes that anti-affinity forbids: the pod's own towards those placed, and theirs towards it."""
        barred: set[int] = set()
        for term in pod.spec.anti_affinity:
            for namespace in term.namespaces or (pod.namespace,):
                for other, index in self._neighbours[namespace]:
                    if term.selector.matches(other.labels):
                        barred |= self._domain(index, term.topology_key)
        for placed in list(self._neighbours.values()):
            for other, index in placed:
                for term in other.spec.anti_affinity:
                    if pod.namespace in (term.namespaces or (other.namespace,)) and term.selector.matches(pod.labels):
                        barred |= self._domain(index, term.topology_key)
        return barred

    def _domain(self, index: int, topology_key: str) -> set[int]:
        value = self._nodes[index].labels.get(topology_key)
        if value is None:
            return set()
        return {other for other, node in enumerate(self._nodes) if node.labels.get(topology_key) == value}

    def _why_nowhere(self, pod: PodManifest, candidates: tuple[int, ...], words: str) -> str:
        barred = self._barred(pod) if self._exclusive else set()
        objections = [
            "has a pod that anti-affinity keeps apart" if index in barred else "has no free host port for it"
            for index in candidates
        ]
        reasons = ", ".join(part for part in (words, _counted(objections)) if part)
        count = len(self._nodes)
        return f"{'the only node does not take' if count == 1 else f'none of the {count} nodes takes'} it: {reasons}"


def _objection(spec: PodSpec, node: NodeManifest, extra: tuple[Toleration, ...] = ()) -> str | None:
    """What keeps the pod from ``node`` whatever else runs there, as the end of "1 ..."."""
    taints = (*node.taints, UNSCHEDULABLE) if node.unschedulable else node.taints
    for taint in taints:
        if taint.effect != "PreferNoSchedule" and not any(
            _tolerates(toleration, taint) for toleration in (*spec.tolerations, *extra)
        ):
            if taint.key == UNSCHEDULABLE.key:
                return "is cordoned (unschedulable)"
            value = f"={taint.value}" if taint.value else ""
            return f"has the taint {taint.key}{value}:{taint.effect}, which it does not tolerate"
    if any(node.labels.get(key) != value for key, value in spec.node_selector.items() if _known(node, key)):
        return "lacks the labels of its nodeSelector"
    if spec.node_affinity and not any(_term_matches(term, node) for term in spec.node_affinity):
        return "does not match its required node affinity"
    return None


def _known(node: NodeManifest, label: str) -> bool:
    """Whether the manifests tell what the node has for a label: all of a node that they state, but for what kubelet
    adds to it. What they do not tell is taken to be what a pod asks for.
    """
    told = node.registered or node.ref.origin is not None
    return label in node.labels or (told and label not in _OF_KUBELET)


def _term_matches(term: tuple[Requirement, ...], node: NodeManifest) -> bool:
    """An empty term matches no node."""
    told = tuple(
        requirement for requirement in term if _known(node, requirement.key) or requirement.key == "metadata.name"
    )
    return bool(term) and LabelSelector(match_expressions=told).matches({**node.labels, "metadata.name": node.name})


def _tolerates(toleration: Toleration, taint: Taint) -> bool:
    if toleration.effect not in ("", taint.effect) or toleration.key not in ("", taint.key):
        return False
    return toleration.operator == "Exists" or (bool(toleration.key) and toleration.value == taint.value)


def _host_ports(spec: PodSpec) -> set[tuple[str, int, str]]:
    return {(port.protocol, port.host_port, port.host_ip or "0.0.0.0") for port in spec.ports if port.host_port}


def _collide(wanted: set[tuple[str, int, str]], used: set[tuple[str, int, str]]) -> bool:
    return any(
        protocol == other_protocol and port == other_port and (ip == other_ip or "0.0.0.0" in (ip, other_ip))
        for protocol, port, ip in wanted
        for other_protocol, other_port, other_ip in used
    )


def _counted(objections: Sequence[str]) -> str:
    return ", ".join(f"{count} {words}" for words, count in Counter(objections).items())


def place_all(
    pods: Sequence[PodManifest], pinned: Mapping[Key, str], nodes: Sequence[NodeManifest]
) -> Mapping[Key, Placement]:
    """Pods that name their node first, then those of DaemonSets, then the others in their order.

    A pod whose status says that it waits, or that came from a cluster without a node, is left alone.
    """
    scheduler = Scheduler(nodes, pods)

    def turn(pod: PodManifest) -> int:
        return 0 if pod.spec.node_name else 1 if (pod.namespace, pod.name) in pinned else 2

    placements = {}
    for pod in sorted(pods, key=turn):
        key = (pod.namespace, pod.name)
        if pod.spec.node_name is None and (pod.phase not in (None, "Running") or (pod.live and pod.phase is not None)):
            placements[key] = Placement(None, f"its status says {pod.phase}, and it has no node")
        elif pod.phase in ("Succeeded", "Failed"):
            placements[key] = Placement(pod.spec.node_name)  # it occupies nothing any more
        else:
            placements[key] = scheduler.place(pod, pinned.get(key))
    return placements
