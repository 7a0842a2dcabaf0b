"""Services: which endpoints a client is sent to: session affinity, traffic policies and distribution.

https://kubernetes.io/docs/concepts/services-networking/service/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kcnet.analysis.finding import Edit, Finding, Rule, Severity, Subject
from kcnet.analysis.services import SERVICE_PAGE, ask
from kcnet.model.cluster import ProxyMode
from kcnet.model.objects import Service, TrafficPolicy


def _affinity_without_proxy(subject: Subject) -> Iterator[Finding]:
    for written, service in subject.services:
        if service.session_affinity and service.headless:
            yield SERVICE_AFFINITY_WITHOUT_PROXY.finding(
                written.ref,
                "spec.sessionAffinity",
                "The name of a headless Service leads straight to the pods, so kube-proxy cannot keep a client with "
                "one of them: sessionAffinity ClientIP does nothing here.",
                "Remove sessionAffinity, or clusterIP: None.",
            )


def _affinity_with_local(subject: Subject) -> Iterator[Finding]:
    for written, service in subject.services:
        if not service.session_affinity or service.headless:
            continue
        external = service.externally_accessible and service.external_traffic_policy is TrafficPolicy.LOCAL
        if external or service.internal_traffic_policy is TrafficPolicy.LOCAL:
            policy = "externalTrafficPolicy" if external else "internalTrafficPolicy"
            yield SERVICE_AFFINITY_WITH_LOCAL.finding(
                written.ref,
                "spec.sessionAffinity",
                f"Each node remembers its own clients, and {policy} Local lets it choose its own endpoints alone: "
                "a client that comes by another node next time starts with another pod.",
                f"Keep the session in the application or at an Ingress (cookie), or set {policy} to Cluster if one "
                "node always takes the client in.",
            )


def _internal_local(subject: Subject) -> Iterator[Finding]:
    stated = subject.manifests.nodes or subject.manifests.facts.nodes
    for written, service in subject.services:
        if service.internal_traffic_policy != "Local" or service.headless or not stated or not service.cluster_ips:
            continue
        here = _nodes_with_endpoint(subject, service)
        # In ipvs mode a Service that can be reached from outside falls back to all endpoints.
        if not here or (subject.cluster.proxy_mode is ProxyMode.IPVS and service.externally_accessible):
            continue
        bare = [name for name in subject.cluster.nodes if name not in here]
        client = next(
            (
                pod
                for node in bare
                for pod in subject.cluster.pods_by_node.get(node, ())
                if pod.ref.origin is not None and not pod.host_network and pod.addresses
            ),
            None,
        )
        if client is None:
            continue
        yield SERVICE_INTERNAL_LOCAL_GAP.finding(
            written.ref,
            "spec.internalTrafficPolicy",
            f"Its endpoints are on {_some(sorted(here))} alone, and internalTrafficPolicy Local never leaves the "
            f"client's node: pods on {_some(bare)}, such as {client.name}, get no answer from its cluster IP.",
            "Remove internalTrafficPolicy: Local (trafficDistribution: PreferSameNode prefers the own node and falls "
            "back to others), or run the pods on every node with a DaemonSet.",
            proof=ask(subject, service, source=subject.named(client)),
        )


def _nodes_with_endpoint(subject: Subject, service: Service) -> set[str]:
    slices = subject.cluster.slices.get((service.namespace, service.name), ())
    return {
        endpoint.node
        for slice_ in slices
        for endpoint in slice_.endpoints
        if endpoint.node and (endpoint.ready or endpoint.serving)
    }


def _prefer_close(subject: Subject) -> Iterator[Finding]:
    for written in subject.manifests.services:
        if written.traffic_distribution == "PreferClose":
            field = "spec.trafficDistribution"
            yield SERVICE_PREFER_CLOSE.finding(
                written.ref,
                field,
                "PreferClose is a deprecated alias: requests go to endpoints of the client's zone, as with "
                "PreferSameZone, which says so.",
                f"Set {field} to PreferSameZone (Kubernetes 1.34 and later).",
                edit=Edit(written.ref, field, "PreferClose", "PreferSameZone"),
            )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


SERVICE_AFFINITY_WITHOUT_PROXY = Rule(
    code="SERVICE_AFFINITY_WITHOUT_PROXY",
    severity=Severity.INFO,
    title="sessionAffinity on a headless Service does nothing",
    meaning=(
        "Session affinity is kube-proxy's work: each node remembers which endpoint a client's address got. Clients of "
        "a headless Service connect to the pods themselves, past kube-proxy, and choose anew each time."
    ),
    look=("kubectl -n NAMESPACE get svc NAME -o yaml",),
    causes=("A Service was made headless, and its affinity stayed.",),
    repair="Remove sessionAffinity, or give the Service a cluster IP.",
    source="https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity",
    check=_affinity_without_proxy,
)


SERVICE_AFFINITY_WITH_LOCAL = Rule(
    code="SERVICE_AFFINITY_WITH_LOCAL",
    severity=Severity.INFO,
    title="sessionAffinity ClientIP together with a Local traffic policy",
    meaning=(
        "Session affinity is remembered by each node for itself, by the client's address as that node sees it. With a "
        "Local traffic policy a node has only its own endpoints to choose from, so affinity holds as long as the "
        "client comes by the same node, and no longer."
    ),
    look=("kubectl -n NAMESPACE get svc NAME -o yaml",),
    causes=("Local was set to keep the clients' addresses, and affinity to keep sessions.",),
    repair="Keep sessions where no node binds them: in the application, or by an Ingress controller's cookie.",
    source="https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity",
    check=_affinity_with_local,
)


SERVICE_INTERNAL_LOCAL_GAP = Rule(
    code="SERVICE_INTERNAL_LOCAL_GAP",
    severity=Severity.WARNING,
    title="internalTrafficPolicy Local, and pods on nodes without an endpoint",
    meaning=(
        "With internalTrafficPolicy: Local a node's kube-proxy uses the endpoints on that node alone. It does not fall "
        "back to others: where there is none, packets are dropped, and clients wait until they time out."
    ),
    look=(
        "kubectl -n NAMESPACE get pods -o wide",
        "kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.internalTrafficPolicy}'",
    ),
    causes=(
        "The pods come from a Deployment with fewer replicas than nodes.",
        "A DaemonSet does not tolerate some nodes' taints.",
    ),
    repair="Use trafficDistribution: PreferSameNode, which falls back, or run an endpoint on every node.",
    source="https://kubernetes.io/docs/concepts/services-networking/service-traffic-policy/",
    check=_internal_local,
)


SERVICE_PREFER_CLOSE = Rule(
    code="SERVICE_PREFER_CLOSE",
    severity=Severity.INFO,
    title="trafficDistribution PreferClose is a deprecated name",
    meaning=(
        "PreferClose never said what it is close to. Since Kubernetes 1.34 the same behaviour is called "
        "PreferSameZone, beside PreferSameNode; PreferClose stays as an alias."
    ),
    look=("kubectl get svc -A -o jsonpath='{.items[*].spec.trafficDistribution}'",),
    causes=("The manifest was written before Kubernetes 1.34.",),
    repair="Write PreferSameZone. kcnet check --fix does it.",
    source=f"{SERVICE_PAGE}#traffic-distribution",
    check=_prefer_close,
)
