"""Pods and workloads, as far as requests depend on them: ports, names, and the node's network.

https://kubernetes.io/docs/concepts/workloads/pods/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kcnet.analysis.finding import Finding, Proof, Rule, Severity, Subject
from kcnet.model.manifests import PodSpec, Workload
from kcnet.model.names import Protocol, Ref
from kcnet.model.objects import ContainerPort, DNSPolicy, Pod, Service
from kcnet.path.nearest import closest


class _Written(NamedTuple):
    """A pod spec, and the manifest that it stands in."""

    ref: Ref
    spec: PodSpec


def _host_network_dns(subject: Subject) -> Iterator[Finding]:
    for ref, spec in _specs(subject):
        if spec.host_network and spec.dns_policy is DNSPolicy.CLUSTER_FIRST and ref.namespace != "kube-system":
            yield POD_HOST_NETWORK_DNS.finding(
                ref,
                f"{spec.field}.hostNetwork",
                "With hostNetwork the dnsPolicy ClusterFirst, which is the default, means the node's own DNS: names "
                "of Services do not resolve in this pod.",
                f"Set {spec.field}.dnsPolicy to ClusterFirstWithHostNet if the pod calls Services by name.",
                proof=_asks_by_name(subject, ref),
            )


def _asks_by_name(subject: Subject, ref: Ref) -> Proof | None:
    pod = _pod_of(subject, ref)
    service = next((s for _, s in subject.services if s.namespace == ref.namespace and s.cluster_ips and s.ports), None)
    if pod is None or service is None:
        return None
    target = f"{service.name}.{service.namespace}:{service.ports[0].port}"
    return Proof(subject.named(pod), target)


def _pod_of(subject: Subject, ref: Ref) -> Pod | None:
    if ref.kind == "Pod":
        return subject.cluster.pods.get((ref.namespace or "", ref.name))
    keys = subject.cluster.workloads.get((ref.kind, ref.namespace or "", ref.name), ())
    return subject.cluster.pods[keys[0]] if keys else None


def _host_port(subject: Subject) -> Iterator[Finding]:
    stated = subject.manifests.nodes or subject.manifests.facts.nodes
    if not stated:
        return
    for workload in subject.manifests.workloads:
        port = next((port for port in workload.spec.ports if port.host_port), None)
        if port is None:
            continue
        keys = subject.cluster.workloads.get((workload.ref.kind, workload.namespace, workload.name), ())
        stuck = [key for key in keys if "free host port" in (subject.cluster.pods[key].pending_because or "")]
        if stuck:
            yield POD_HOST_PORT_TAKEN.finding(
                workload.ref,
                workload.spec.field if workload.spec.host_network else f"{_path(workload.spec, port)}.hostPort",
                f"{len(stuck)} of its {len(keys)} pods find no node on which port {port.host_port} is free, and stay "
                f"Pending: {stuck[0][1]} never gets a request.",
                "Use a DaemonSet, or at most as many replicas as nodes; better a Service of type NodePort, which "
                "needs no port of the pod's own node.",
            )


def _host_port_rollout(subject: Subject) -> Iterator[Finding]:
    nodes = subject.cluster.nodes
    if not (subject.manifests.nodes or subject.manifests.facts.nodes):
        return
    for workload in subject.manifests.workloads:
        port = next((port for port in workload.spec.ports if port.host_port), None)
        if workload.spare != 0 or workload.owner is not None or port is None:
            continue
        keys = subject.cluster.workloads.get((workload.ref.kind, workload.namespace, workload.name), ())
        homes = [subject.cluster.pods[key].node for key in keys]
        if keys and None not in homes and len(homes) == len(nodes):
            yield POD_HOST_PORT_ROLLOUT.finding(
                workload.ref,
                workload.spec.field if workload.spec.host_network else f"{_path(workload.spec, port)}.hostPort",
                f"Its pods hold port {port.host_port} of every node. A rolling update starts a new pod before it ends "
                "an old one; no node has the port free for it, so that it stays Pending and the old pods go on "
                "answering.",
                "Set spec.strategy.rollingUpdate to maxSurge: 0 and maxUnavailable: 1, or strategy.type to Recreate; "
                "better use a DaemonSet, or a Service of type NodePort.",
            )


def _probe_name(subject: Subject) -> Iterator[Finding]:
    for ref, spec in _specs(subject):
        for port in spec.probe_ports:
            if not isinstance(port, str):
                continue
            near = closest(port, {item.name for item in spec.ports if item.name})
            yield POD_PROBE_PORT_MISSING.finding(
                ref,
                f"{spec.field}.containers",
                f"A readiness probe asks a port called {port}, and its container gives no port that name"
                f"{f' (nearest: {near})' if near else ''}: the probe never succeeds, so the pod never becomes ready "
                "and no Service sends it a request.",
                f"Name the container's port {port}, or let the probe name its number.",
            )


def _same_port(subject: Subject) -> Iterator[Finding]:
    for ref, spec in _specs(subject):
        seen: dict[tuple[int, Protocol], str] = {}
        for port in spec.ports:
            container = port.field.partition(".ports[")[0]
            if seen.setdefault((port.number, port.protocol), container) != container:
                yield POD_PORT_TWICE.finding(
                    ref,
                    _path(spec, port),
                    f"{port.protocol} {port.number} is declared by two containers of one pod. They share one network, "
                    "so only one process can listen there; the other fails with address already in use.",
                    "Let the containers listen on different ports, or remove the second declaration if both mean the "
                    "same process.",
                )
                break


def _service_missing(subject: Subject) -> Iterator[Finding]:
    for workload, name, service in _stateful(subject):
        own = [one.name for one in subject.manifests.services if one.namespace == workload.namespace]
        if service is not None or not own:
            continue  # without any Service of the namespace: they may stand in other files
        near = closest(name, own)
        pod = f"{workload.name}-{workload.ordinal_start}.{name}"
        yield STATEFULSET_SERVICE_MISSING.finding(
            workload.ref,
            "spec.serviceName",
            f"There is no Service {name} in namespace {workload.namespace}"
            f"{f' (nearest: {near})' if near else ''}: names of its pods such as {pod} do not resolve.",
            f"Create a headless Service {name} that selects these pods, or name the one that there is.",
            proof=_resolves(subject, workload.namespace, pod),
        )


def _service_not_headless(subject: Subject) -> Iterator[Finding]:
    for workload, name, service in _stateful(subject):
        if service is None or service.headless or service.ref.origin is None:
            continue
        pod = f"{workload.name}-{workload.ordinal_start}.{name}"
        yield STATEFULSET_SERVICE_NOT_HEADLESS.finding(
            workload.ref,
            "spec.serviceName",
            f"Service {name} has a cluster IP. The DNS specification gives pods names of their own under headless "
            f"Services alone; CoreDNS answers for {pod} all the same, and another DNS server may not.",
            f"If something calls pods by their names, set clusterIP: None in Service {name}, or add a second, "
            "headless Service and name that one.",
        )


def _stateful(subject: Subject) -> Iterator[tuple[Workload, str, Service | None]]:
    """StatefulSets that somebody wrote, the name of their Service, and the Service."""
    for workload in subject.manifests.workloads:
        if workload.ref.kind == "StatefulSet" and workload.service_name and not workload.live:
            name = workload.service_name
            yield workload, name, subject.cluster.service(workload.namespace, name)


def _resolves(subject: Subject, namespace: str, name: str) -> Proof | None:
    source = subject.client(namespace)
    return Proof(source, f"{name}.{namespace}.svc.{subject.cluster.domain}:80") if source else None


def _path(spec: PodSpec, port: ContainerPort) -> str:
    """Of a container's port, in the manifest that holds the spec."""
    return spec.field.removesuffix("spec") + port.field


def _specs(subject: Subject) -> Iterable[_Written]:
    yield from (_Written(pod.ref, pod.spec) for pod in subject.manifests.pods if pod.owner is None)
    yield from (_Written(item.ref, item.spec) for item in subject.manifests.workloads if item.owner is None)


POD_HOST_NETWORK_DNS = Rule(
    code="POD_HOST_NETWORK_DNS",
    severity=Severity.INFO,
    title="A hostNetwork pod that does not use the cluster's DNS",
    meaning=(
        "A pod with hostNetwork gets its node's resolv.conf unless its dnsPolicy is ClusterFirstWithHostNet: the "
        "default, ClusterFirst, falls back to Default for it. The node's DNS does not know the cluster's Services."
    ),
    look=("kubectl -n NAMESPACE exec POD -- cat /etc/resolv.conf",),
    causes=("hostNetwork was added without dnsPolicy.", "The pod needs no Service by name; then all is well."),
    repair="Set dnsPolicy: ClusterFirstWithHostNet.",
    source="https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy",
    check=_host_network_dns,
)

POD_HOST_PORT_TAKEN = Rule(
    code="POD_HOST_PORT_TAKEN",
    severity=Severity.WARNING,
    title="More pods want a host port than there are nodes for it",
    meaning=(
        "A hostPort, and every declared port of a hostNetwork pod, is a port of the node: one pod for each node can "
        "have it. The scheduler leaves further pods Pending, and a rolling update has no room for its new pod."
    ),
    look=("kubectl -n NAMESPACE get pods -o wide", "kubectl -n NAMESPACE describe pod POD"),
    causes=("replicas was raised above the number of nodes.", "Two workloads use the same host port."),
    repair="Use a DaemonSet, fewer replicas, or a Service of type NodePort.",
    source="https://kubernetes.io/docs/concepts/configuration/overview/",
    check=_host_port,
)

POD_HOST_PORT_ROLLOUT = Rule(
    code="POD_HOST_PORT_ROLLOUT",
    severity=Severity.WARNING,
    title="No node has the host port free for a rolling update",
    meaning=(
        "A Deployment's default strategy lets a quarter of its pods be missing, rounded down: of up to three, none. It "
        "then waits for a new pod before it ends an old one, and where each node's port is taken the new pod finds no "
        "place."
    ),
    look=("kubectl -n NAMESPACE rollout status deployment NAME", "kubectl -n NAMESPACE describe pod POD"),
    causes=("There are as many replicas as nodes.", "maxUnavailable is 0."),
    repair="Set maxSurge: 0 and maxUnavailable: 1, or use a DaemonSet.",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment",
    check=_host_port_rollout,
)

POD_PROBE_PORT_MISSING = Rule(
    code="POD_PROBE_PORT_MISSING",
    severity=Severity.WARNING,
    title="A readiness probe asks a port name that its container does not have",
    meaning=(
        "A probe's port may be the name of a port of the same container. kubelet looks it up each time; where the name "
        "is not there the probe fails, and a pod that is not ready gets no request from any Service."
    ),
    look=("kubectl -n NAMESPACE describe pod POD", "kubectl -n NAMESPACE get pods"),
    causes=("A typo in the name.", "The port is declared by another container of the pod."),
    repair="Use the name of a port of this container, or a number.",
    source="https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
    check=_probe_name,
)

POD_PORT_TWICE = Rule(
    code="POD_PORT_TWICE",
    severity=Severity.WARNING,
    title="One port is declared twice in a pod",
    meaning=(
        "All containers of a pod share one network namespace and one address. Two of them cannot listen on the same "
        "port: the second to start fails with address already in use, and the pod does not become ready."
    ),
    look=("kubectl -n NAMESPACE get pod POD -o yaml", "kubectl -n NAMESPACE logs POD -c CONTAINER"),
    causes=("A sidecar was added that listens on the port of the application.", "A port was copied and not changed."),
    repair="Give each container a port of its own.",
    source="https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking",
    check=_same_port,
)

STATEFULSET_SERVICE_MISSING = Rule(
    code="STATEFULSET_SERVICE_MISSING",
    severity=Severity.WARNING,
    title="The Service of a StatefulSet does not exist",
    meaning=(
        "spec.serviceName names the headless Service under which each pod of a StatefulSet has a DNS name of its own, "
        "such as db-0.db. Kubernetes does not create it, and does not complain if it is not there."
    ),
    look=(
        "kubectl -n NAMESPACE get svc",
        "kubectl -n NAMESPACE get statefulset NAME -o jsonpath='{.spec.serviceName}'",
    ),
    causes=("The Service has another name.", "Nobody has written it."),
    repair="Create a headless Service of that name that selects the pods.",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id",
    check=_service_missing,
)

STATEFULSET_SERVICE_NOT_HEADLESS = Rule(
    code="STATEFULSET_SERVICE_NOT_HEADLESS",
    severity=Severity.INFO,
    title="The Service of a StatefulSet is not headless",
    meaning=(
        "The specification of the cluster's DNS holds a record for each pod of a headless Service alone. CoreDNS looks "
        "for an endpoint of that name under any Service, so that it works there without being promised."
    ),
    look=("kubectl -n NAMESPACE get svc NAME",),
    causes=("One Service was meant to do for both.",),
    repair="Set clusterIP: None, or add a second, headless Service.",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id",
    check=_service_not_headless,
)
