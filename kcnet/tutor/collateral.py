"""What else changed: who reaches which Service, before a task and after it.

Every workload and lone pod asks every port of every Service; the outside asks the doors that nodes and load balancers
open. Two such tables are compared pair by pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from kcnet import simulate
from kcnet.model.cluster import Cluster, Key
from kcnet.model.names import Ref
from kcnet.model.objects import Service
from kcnet.model.trace import Client, Request, Target, Trace, Verdict
from kcnet.request import WORKLOADS, RequestError, parse_client
from kcnet.tutor.asking import arrives_at, first_addresses, trace_of
from kcnet.tutor.goals import ACTUALLY
from kcnet.tutor.lesson import Ask

OWN_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease", "local-path-storage")
MOST = 2_000
"""Requests of one table; a bigger cluster is not looked at as a whole."""


class Pair(NamedTuple):
    source: str
    target: str


class Found(NamedTuple):
    verdict: Verdict
    ends: frozenset[str]
    """The workloads that it may end at."""


Table = Mapping[Pair, Found]


class Change(NamedTuple):
    pair: Pair
    before: Found | None
    after: Found | None

    def __str__(self) -> str:
        flow = f"{self.pair.source} → {self.pair.target}"
        if self.before is not None and self.after is not None and self.before.verdict is self.after.verdict:
            more, less = self.after.ends - self.before.ends, self.before.ends - self.after.ends
            said = [f"may now end at {', '.join(sorted(more))}"] if more else []
            said += [f"no longer ends at {', '.join(sorted(less))}"] if less else []
            return f"{flow} {' and '.join(said)}"
        if self.after is None:
            return f"{flow} cannot be asked any more"
        if self.before is None:
            return f"{flow} {ACTUALLY[self.after.verdict]}; it could not be asked before"
        return f"{flow} {ACTUALLY[self.after.verdict]} now; before, it {_past(self.before.verdict)}"


def table(cluster: Cluster) -> Table:
    """Who reaches what."""
    names = _workload_names(cluster)
    sources = list(_sources(cluster, names))
    targets = [
        target
        for key, service in cluster.services.items()
        if key[0] not in OWN_NAMESPACES and key != ("default", "kubernetes")
        for target in _ports(service)
    ]
    found: dict[Pair, Found] = {}
    if len(sources) * len(targets) <= MOST:
        for label, client in sources:
            for name, target in targets:
                found[Pair(label, name)] = _asked(cluster, Request(client=client, target=target), names)
    outside = parse_client(cluster, "internet")
    for name, target in _doors(cluster):
        found[Pair("internet", name)] = _asked(cluster, Request(client=outside, target=target), names)
    return found


def changes(before: Table, after: Table, told: Collection[Pair] = ()) -> list[Change]:
    """Every pair that ends differently, but those ``told``. What all sources of a target share is said once."""
    by_target: dict[tuple[str, Found | None, Found | None], list[str]] = defaultdict(list)
    for pair in sorted({*before, *after} - set(told)):
        was, now = before.get(pair), after.get(pair)
        if was != now and not (was is None and now is not None and now.verdict is not Verdict.DELIVERED):
            by_target[pair.target, was, now].append(pair.source)
    everyone = {pair.source for pair in after if pair.source != "internet"}
    found: list[Change] = []
    for (target, was, now), sources in by_target.items():
        others = everyone - {pair.source for pair in told if pair.target == target}
        if len(others) > 2 and set(sources) >= others:
            label = "every pod" if others == everyone else "every other pod"
            found.append(Change(Pair(label, target), was, now))
        else:
            found += [Change(Pair(source, target), was, now) for source in sources]
    return found


def _past(verdict: Verdict) -> str:
    return {
        Verdict.DELIVERED: "arrived",
        Verdict.REFUSED: "was refused",
        Verdict.TIMEOUT: "timed out",
        Verdict.UNRESOLVED: "found no address",
        Verdict.PARTIAL: "arrived only sometimes",
        Verdict.EXTERNAL: "left the cluster",
    }.get(verdict, f"ended as {verdict.value}")


def _asked(cluster: Cluster, request: Request, names: Mapping[Key, str]) -> Found:
    try:
        trace: Trace = simulate.trace(cluster, request)
    except RequestError:
        return Found(Verdict.UNKNOWN, frozenset())
    return Found(trace.verdict, frozenset(names.get(key, "/".join(key)) for key in arrives_at(trace)))


def _workload_names(cluster: Cluster) -> dict[Key, str]:
    """By pod the workload that it belongs to, the outermost: ``kiosk/cart``."""
    names: dict[Key, str] = {}
    for kind in reversed(WORKLOADS):
        for (other, namespace, name), pods in cluster.workloads.items():
            if other == kind:
                names |= dict.fromkeys(pods, f"{namespace}/{name}")
    return names


def _sources(cluster: Cluster, names: Mapping[Key, str]) -> Iterator[tuple[str, Client]]:
    seen: set[str] = set()
    for key, pod in cluster.pods.items():
        label = names.get(key, "/".join(key))
        if label in seen or key[0] in OWN_NAMESPACES or pod.address is None or pod.phase != "Running":
            continue
        seen.add(label)
        yield label, Client(pod.ref, pod.address, pod.addresses, pod.node)


def _ports(service: Service) -> Iterator[tuple[str, Target]]:
    ref = Ref("Service", service.namespace, service.name)
    for port in service.ports:
        yield (
            f"{service.namespace}/{service.name}:{port.port}",
            Target(typed=f"svc/{service.name}:{port.port}", ref=ref, port=port.port),
        )


def _doors(cluster: Cluster) -> Iterator[tuple[str, Target]]:
    """What the outside may ask: node ports, addresses of load balancers, hosts of Ingresses."""
    node = next(iter(cluster.nodes.values()), None)
    for (namespace, name), service in cluster.services.items():
        for port in service.ports:
            if port.node_port is not None and node is not None:
                typed = f"node/{node.name}:{port.node_port}"
                yield f"{namespace}/{name} at its node port", Target(typed=typed, ref=node.ref, port=port.node_port)
            for entry in service.load_balancer:
                if entry.address is not None:
                    typed = f"{entry.address}:{port.port}"
                    label = f"{namespace}/{name}:{port.port} at its load balancer"
                    yield label, Target(typed=typed, address=entry.address, port=port.port)


def pairs_of(cluster: Cluster, ask: Ask, namespace: str) -> list[Pair]:
    """The pairs of a table that are the same question as ``ask``. Raises RequestError."""
    wanted = trace_of(cluster, ask, namespace)
    ref = wanted.request.client.ref
    key = (ref.namespace or "", ref.name)
    label = "internet" if ref.kind == "External" else _workload_names(cluster).get(key, "/".join(key))
    opened = first_addresses(wanted)
    found = []
    for service in cluster.services.values():
        addresses = {*service.cluster_ips, *service.external_ips}
        found += [
            Pair(label, f"{service.namespace}/{service.name}:{port.port}")
            for port in service.ports
            if any(address in addresses and number in (port.port, None) for address, number in opened)
        ]
    return found
