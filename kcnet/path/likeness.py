"""Endpoints that nothing on the way tells apart: of thousands a few are followed, and stand for the others.

Two endpoints are alike if kube-proxy, routes, policies and the pods' own ports treat them alike: they differ in name
and address only, or in labels that no policy asks for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress, IPNetwork, Ref
from kcnet.model.objects import Pod
from kcnet.model.policy import LabelSelector, NetworkPolicy
from kcnet.model.trace import MAX_PATHS
from kcnet.path.endpoints import Backend
from kcnet.path.flow import Flow

MAX_ENTRY_NODES = 32
"""Nodes by which a load balancer's traffic is followed; more would behave like these."""


class Sample(NamedTuple):
    backend: Backend
    like: tuple[Ref, ...]
    """Those that are not followed because they are like this one."""


def room(cluster: Cluster, flow: Flow) -> int:
    """How many endpoints are followed from here; fewer where the request may come by many nodes."""
    doors = min(len(cluster.nodes), MAX_ENTRY_NODES) if flow.entered is not None and flow.sender.node is None else 1
    return MAX_PATHS // max(doors, 1)


def sampled(cluster: Cluster, flow: Flow, backends: Sequence[Backend], most: int) -> list[Sample]:
    """``backends`` themselves if they are at most ``most``; else of each kind two, and as many more as there is room
    for."""
    if len(backends) <= most:
        return [Sample(backend, ()) for backend in backends]
    kind = _Kinds(cluster, flow)
    kinds: dict[Hashable, list[Backend]] = {}
    for backend in backends:
        kinds.setdefault(kind.of(backend), []).append(backend)
    left = most - sum(min(len(alike), 2) for alike in kinds.values())
    found: list[Sample] = []
    for alike in kinds.values():
        more = max(0, min(left, len(alike) - 2))
        left -= more
        kept, others = alike[: 2 + more], alike[2 + more :]
        found += [Sample(kept[0], tuple(map(_name, others))), *(Sample(backend, ()) for backend in kept[1:])]
    return found


def _name(backend: Backend) -> Ref:
    return backend.endpoint.target or Ref("Address", None, str(backend.address))


class _Kinds:
    """Sorts endpoints into kinds, for one connection."""

    def __init__(self, cluster: Cluster, flow: Flow) -> None:
        self.cluster, self.flow = cluster, flow
        policies = [policy for own in cluster.policies.values() for policy in own]
        self.asked = frozenset(key for policy in policies for selector in _selectors(policy) for key in _keys(selector))
        edges: set[tuple[int, int]] = set()
        for network in (*_networks(policies), *cluster.pod_cidrs, *cluster.service_cidrs):
            edges |= {_number(network[0]), _number(network[-1], 1)}
        self.edges = sorted(edges)

    def of(self, backend: Backend) -> Hashable:
        endpoint, cluster = backend.endpoint, self.cluster
        pod = cluster.pods_by_address.get(backend.address)
        target = cluster.pod_of(endpoint.target)
        return (
            backend.port,
            backend.slice_port,
            endpoint.ready,
            endpoint.terminating,
            bisect_right(self.edges, _number(backend.address)),
            backend.address if pod is None or target is None else None,
            self._of_pod(pod),
            target is pod or self._of_pod(target),
        )

    def _of_pod(self, pod: Pod | None) -> Hashable:
        if pod is None:
            return None
        sender = self.flow.sender
        return (
            pod.namespace,
            tuple((key, value) for key, value in pod.labels.items() if key in self.asked),
            pod.owner,
            pod.phase,
            pod.node is None,
            pod.node == self.flow.node,
            pod.node == sender.node,
            sender.pod is not None and sender.pod.ref == pod.ref,
            pod.host_network,
            pod.ready_assumed,
            pod.terminating,
            pod.not_running,
            pod.ports,
            pod.declares_ports,
            pod.listens,
        )


def _selectors(policy: NetworkPolicy) -> Iterator[LabelSelector]:
    yield policy.pod_selector
    for rule in (*policy.ingress, *policy.egress):
        for peer in rule.peers:
            if peer.pod_selector is not None:
                yield peer.pod_selector


def _keys(selector: LabelSelector) -> Iterator[str]:
    yield from selector.match_labels
    for requirement in selector.match_expressions:
        yield requirement.key


def _networks(policies: Sequence[NetworkPolicy]) -> Iterator[IPNetwork]:
    for policy in policies:
        for rule in (*policy.ingress, *policy.egress):
            for peer in rule.peers:
                if peer.ip_block is not None:
                    yield peer.ip_block.cidr
                    yield from peer.ip_block.excepted


def _number(address: IPAddress, more: int = 0) -> tuple[int, int]:
    return address.version, int(address) + more
