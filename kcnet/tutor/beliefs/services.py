"""Beliefs on Services: which pods stand behind one, and which port is which.

https://kubernetes.io/docs/concepts/services-networking/service/
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.objects import EndpointPort, EndpointSlice, Pod, Service, ServicePort
from kcnet.model.trace import Path, Request, Trace, Verdict
from kcnet.reasons.route import NOT_ROUTABLE
from kcnet.reasons.service import SERVICE_NO_ENDPOINTS
from kcnet.simulate import trace
from kcnet.tutor.beliefs.belief import Belief
from kcnet.tutor.beliefs.changes import each_pod, each_service, each_slice, ended, retold, selected_by

SERVICE_PAGE: Final = "https://kubernetes.io/docs/concepts/services-networking/service/"
SLICE_PAGE: Final = "https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/"
DEBUG_PAGE: Final = "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/"


def _port_kept(cluster: Cluster, request: Request) -> Trace:
    def change(piece: EndpointSlice) -> EndpointSlice:
        service = cluster.service(piece.namespace, piece.service)
        return replace(piece, ports=tuple(_own_number(service, port) for port in piece.ports))

    return trace(each_slice(cluster, change), request)


def _own_number(service: Service | None, port: EndpointPort) -> EndpointPort:
    for own in service.ports if service is not None else ():
        if own.name == port.name and own.protocol is port.protocol:
            return replace(port, port=own.port)
    return port


def _target_port_asked(cluster: Cluster, request: Request) -> Trace:
    def change(service: Service) -> Service:
        return replace(service, ports=tuple(_swapped(cluster, service, port) for port in service.ports))

    return trace(each_service(cluster, change), request)


def _swapped(cluster: Cluster, service: Service, port: ServicePort) -> ServicePort:
    number = pod_port(cluster, service, port)
    return replace(port, port=number) if number is not None else port


def pod_port(cluster: Cluster, service: Service, port: ServicePort) -> int | None:
    """Where the pods behind a Service port are reached; None if no slice tells."""
    for piece in cluster.slices.get((service.namespace, service.name), ()):
        for own in piece.ports:
            if own.name == port.name and own.protocol is port.protocol:
                return own.port
    return port.target_port if isinstance(port.target_port, int) else None


def _declared_alone(cluster: Cluster, request: Request) -> Trace:
    def change(pod: Pod) -> Pod:
        return replace(pod, listens=frozenset((port.number, port.protocol) for port in pod.ports))

    return trace(each_pod(cluster, change), request)


def _all_ready(cluster: Cluster, request: Request) -> Trace:
    return trace(each_slice(cluster, lambda piece: _with_ready(piece, ready=True)), request)


def _one_spoils_all(cluster: Cluster, request: Request) -> Trace:
    def change(piece: EndpointSlice) -> EndpointSlice:
        return piece if all(endpoint.ready for endpoint in piece.endpoints) else _with_ready(piece, ready=False)

    return trace(each_slice(cluster, change), request)


def _with_ready(piece: EndpointSlice, *, ready: bool) -> EndpointSlice:
    endpoints = tuple(replace(endpoint, ready=ready, serving=ready, terminating=False) for endpoint in piece.endpoints)
    return replace(piece, endpoints=endpoints)


def _timeout_without_endpoints(cluster: Cluster, request: Request) -> Trace:
    def change(path: Path) -> Path:
        if path.reason is not SERVICE_NO_ENDPOINTS:
            return path
        text = "No endpoint is there to take the packet, so it waits until it times out."
        return ended(path, path.last, Verdict.TIMEOUT, NOT_ROUTABLE, text)

    return retold(trace(cluster, request), change)


def _any_label(cluster: Cluster, request: Request) -> Trace:
    def picks(service: Service, pod: Pod) -> bool:
        return pod.namespace == service.namespace and any(
            pod.labels.get(key) == value for key, value in service.selector.items()
        )

    return trace(selected_by(cluster, picks), request)


def _every_namespace(cluster: Cluster, request: Request) -> Trace:
    def picks(service: Service, pod: Pod) -> bool:
        return service.selector.items() <= pod.labels.items()

    return trace(selected_by(cluster, picks), request)


def _by_workload_name(cluster: Cluster, request: Request) -> Trace:
    def picks(service: Service, pod: Pod) -> bool:
        if pod.namespace != service.namespace:
            return False
        if pod.owner is not None:
            return pod.owner.name == service.name
        return pod.name == service.name or pod.name.startswith(f"{service.name}-")

    return trace(selected_by(cluster, picks), request)


BELIEFS: Final = (
    Belief(
        id="service-port-is-container-port",
        title="The Service's port is the container's port",
        says="The port that I ask at the Service is the port that is asked at the pod.",
        correction="A Service listens on port and sends to targetPort at the pod; only when targetPort is left out are "
        "the two the same.",
        topic="services",
        source=SERVICE_PAGE + "#field-spec-ports",
        follow=_port_kept,
    ),
    Belief(
        id="target-port-is-asked",
        title="Clients ask the targetPort",
        says="To reach the application through the Service I ask for the port it listens on, targetPort.",
        correction="Clients ask the Service's port. targetPort is where kube-proxy sends the packet afterwards, at the "
        "pod.",
        topic="services",
        source=SERVICE_PAGE + "#field-spec-ports",
        follow=_target_port_asked,
    ),
    Belief(
        id="container-port-opens-the-port",
        title="containerPort opens the port",
        says="A port that is not listed under containers[].ports is closed, and one that is listed is open.",
        correction="containerPort is information, and gives names to ports. What answers is what the process in the "
        "container listens on.",
        topic="services",
        source="https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports",
        follow=_declared_alone,
    ),
    Belief(
        id="unready-pods-get-traffic",
        title="Whatever is listed as an endpoint gets traffic",
        says="Every pod that the selector matches gets its share of the connections.",
        correction="EndpointSlices list un-ready pods too, with ready: false; new connections go to ready endpoints "
        "alone.",
        topic="services",
        source=SLICE_PAGE + "#conditions",
        follow=_all_ready,
    ),
    Belief(
        id="one-unready-pod-stops-the-service",
        title="A Service works when all its pods are ready",
        says="While one of its pods is not ready, the Service sends nothing to any of them.",
        correction="Readiness counts pod by pod: the un-ready one is left out, the others go on taking connections.",
        topic="services",
        source=SLICE_PAGE + "#conditions",
        follow=_one_spoils_all,
    ),
    Belief(
        id="no-endpoints-means-timeout",
        title="A Service without endpoints times out",
        says="If nobody stands behind the Service, the connection hangs until it times out.",
        correction="For a Service without ready endpoints kube-proxy rejects the connection: it is refused at once. A "
        "timeout points to dropped packets, such as by a NetworkPolicy.",
        topic="troubleshooting",
        source=DEBUG_PAGE,
        follow=_timeout_without_endpoints,
    ),
    Belief(
        id="selector-matches-any-label",
        title="One matching label is enough",
        says="A Service picks every pod that carries at least one of the labels in its selector.",
        correction="A selector's labels are ANDed: a pod must carry every one of them, with the same value.",
        topic="services",
        source="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
        follow=_any_label,
    ),
    Belief(
        id="selector-crosses-namespaces",
        title="A selector picks pods of every namespace",
        says="A Service finds pods with the right labels wherever in the cluster they are.",
        correction="A Service selects pods of its own namespace alone.",
        topic="services",
        source=SERVICE_PAGE + "#services-without-selectors",
        follow=_every_namespace,
    ),
    Belief(
        id="service-selects-deployments-by-name",
        title="A Service belongs to the Deployment of the same name",
        says="The Service called cart sends to the Deployment called cart.",
        correction="A Service knows no Deployment: it selects pods by their labels, whoever made them. Names play no "
        "part.",
        topic="services",
        source=SERVICE_PAGE + "#defining-a-service",
        follow=_by_workload_name,
    ),
)
