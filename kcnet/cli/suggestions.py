"""What a cluster offers as the source and the target of a request: for questions, examples and completion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kcnet.model.cluster import Cluster
from kcnet.model.names import Protocol
from kcnet.model.objects import Ingress, Service, ServiceType


class Suggestion(NamedTuple):
    value: str
    """As ``--from`` or ``--to`` takes it."""
    about: str
    """A few words."""


SHORT_KIND = {
    "Deployment": "deploy",
    "StatefulSet": "sts",
    "DaemonSet": "ds",
    "ReplicaSet": "rs",
    "ReplicationController": "rc",
    "Job": "job",
    "CronJob": "cj",
}

_WEB_PORTS = {80: "http", 443: "https"}


def sources(cluster: Cluster, namespace: str = "default") -> Iterator[Suggestion]:
    """Workloads and bare pods, those of ``namespace`` and likely clients first; then the internet and the nodes; at the
    end what kcnet took for granted."""
    rank = _Rank(cluster, namespace)
    workloads = sorted(cluster.workloads, key=rank.workload)
    yield from _workloads(cluster, [key for key in workloads if not _assumed(cluster, key)])
    for (space, name), pod in sorted(cluster.pods.items(), key=lambda item: (rank.namespace(item[0][0]), item[0][1])):
        if pod.owner is None:
            yield Suggestion(f"{space}/{name}", "Pod")
    yield Suggestion("internet", "a client outside the cluster")
    for name in cluster.nodes:
        yield Suggestion(f"node/{name}", "Node")
    for one in _workloads(cluster, [key for key in workloads if _assumed(cluster, key)]):
        yield Suggestion(one.value, f"{one.about} (assumed)")


def _workloads(cluster: Cluster, keys: Iterable[tuple[str, str, str]]) -> Iterator[Suggestion]:
    for kind, space, name in keys:
        if pods := cluster.workloads[kind, space, name]:
            number = f"{len(pods)} pod{'' if len(pods) == 1 else 's'}"
            yield Suggestion(f"{space}/{SHORT_KIND.get(kind, kind.lower())}/{name}", f"{kind}, {number}")


def _assumed(cluster: Cluster, key: tuple[str, str, str]) -> bool:
    return all(cluster.pods[pod].ref.origin is None for pod in cluster.workloads[key])


def has_own(cluster: Cluster) -> bool:
    """Whether the manifests themselves state a pod or a Service."""
    return any(pod.ref.origin for pod in cluster.pods.values()) or any(
        service.ref.origin for service in cluster.services.values()
    )


class _Rank:
    """What comes first: the namespace that was named, then those with most Services; the machinery comes last."""

    def __init__(self, cluster: Cluster, first: str) -> None:
        self.first = first
        self.services = Counter(space for space, _ in cluster.services)
        self.system = {"kube-system", *(one.ref.namespace for one in cluster.ingress_controllers)}

    def namespace(self, name: str) -> tuple[bool, bool, int, str]:
        return (name in self.system, name != self.first, -self.services[name], name)

    def workload(self, key: tuple[str, str, str]) -> tuple[object, ...]:
        kind, namespace, name = key
        return (*self.namespace(namespace), kind != "Deployment", name)


def targets(cluster: Cluster, source: str = "") -> Iterator[Suggestion]:
    """What a request from ``source`` may sensibly be sent to, in the order in which a learner would try it."""
    outside = source == "internet"
    if outside:
        yield from _ingresses(cluster)
    own = _namespace(source)
    rank = _Rank(cluster, own)
    services = sorted(
        cluster.services.values(),
        key=lambda one: (one.namespace != own, one.name == "kubernetes", rank.namespace(one.namespace), one.name),
    )
    for service in services:
        if not outside:
            yield from _inside(service, own)
        elif service.type in (ServiceType.NODE_PORT, ServiceType.LOAD_BALANCER):
            yield from _outside(cluster, service)
    if not outside:
        yield from _ingresses(cluster)
        yield Suggestion("https://example.com/", "a host outside the cluster")


def _namespace(source: str) -> str:
    return source.split("/")[0] if source.count("/") and not source.startswith("node/") else "default"


def _inside(service: Service, own: str) -> Iterator[Suggestion]:
    name = service.name if service.namespace == own else f"{service.name}.{service.namespace}"
    about = "headless Service" if service.headless else f"Service, {service.type.value}"
    if not service.ports:
        yield Suggestion(name, about)
    for port in service.ports:
        number = port.port
        if service.headless and isinstance(port.target_port, int):
            # A client of a headless Service reaches the pod itself, where the Service's own port means nothing.
            number = port.target_port
        if port.protocol is Protocol.TCP:
            scheme = _WEB_PORTS.get(number)
            yield Suggestion(f"{scheme}://{name}/" if scheme else f"{name}:{number}", about)


def _outside(cluster: Cluster, service: Service) -> Iterator[Suggestion]:
    for port in service.ports:
        for entry in service.load_balancer:
            host = entry.hostname or (f"[{entry.address}]" if entry.address and entry.address.version == 6 else "")
            host = host or str(entry.address)
            yield Suggestion(f"{host}:{port.port}", f"LoadBalancer of Service {service.namespace}/{service.name}")
        if port.node_port and cluster.nodes:
            node = next(iter(cluster.nodes))
            yield Suggestion(f"node/{node}:{port.node_port}", f"NodePort of Service {service.namespace}/{service.name}")


def _ingresses(cluster: Cluster) -> Iterator[Suggestion]:
    for ingress in cluster.ingresses.values():
        secure = {host for tls in ingress.tls for host in tls.hosts}
        for host, path in dict.fromkeys(_routes(ingress)):
            scheme = "https" if host in secure else "http"
            yield Suggestion(f"{scheme}://{host}{path}", f"Ingress {ingress.namespace}/{ingress.name}")


def _routes(ingress: Ingress) -> Iterator[tuple[str, str]]:
    for rule in ingress.rules:
        if rule.host:
            host = rule.host.replace("*.", "any.")
            for path in rule.paths or ():
                yield host, path.path if path.path.startswith("/") else "/"


def example(cluster: Cluster, source: str | None = None, target: str | None = None, namespace: str = "default") -> str:
    """Options for a request that this cluster makes sense of, ``--from shop/deploy/frontend --to http://cart/``: with
    the source and the target that are given."""
    from shlex import quote

    clients = [source] if source else [one.value for one in sources(cluster, namespace)]
    for client in clients:
        asked = [target] if target else [one.value for one in targets(cluster, client)]
        for goal in asked:
            if target or not _leads_back(goal, client):
                return f"--from {quote(client)} --to {quote(goal)}"
    return "--from POD --to SERVICE"


def _leads_back(target: str, source: str) -> bool:
    """Whether a target is named like the source: a Service in front of the very client shows little."""
    name = source.rsplit("/", 1)[-1]
    return target.split("://")[-1].startswith((f"{name}/", f"{name}:", f"{name}."))
