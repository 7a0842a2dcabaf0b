"""Endpoints that somebody writes by hand: EndpointSlices, Endpoints, and Services without a selector.

https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors
"""

from __future__ import annotations

from collections.abc import Iterator

from kcnet.analysis.finding import Finding, Proof, Rule, Severity, Subject
from kcnet.model.cluster import Key
from kcnet.model.names import Protocol
from kcnet.model.objects import EndpointSlice, Service, ServiceType
from kcnet.path.nearest import closest

_PAGE = "https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors"


def _no_selector(subject: Subject) -> Iterator[Finding]:
    for written, service in subject.services:
        if service.selector or service.type is ServiceType.EXTERNAL_NAME or not service.ports:
            continue
        key: Key = (service.namespace, service.name)
        if key == ("default", "kubernetes") or subject.cluster.slices.get(key):
            continue
        if written.live and not subject.manifests.slices:
            continue  # a dump without its EndpointSlices
        yield SERVICE_WITHOUT_ENDPOINTS.finding(
            written.ref,
            "spec",
            "It has no selector, so no endpoint is made for it, and no EndpointSlice here names it: "
            + (
                "its name does not resolve (NXDOMAIN)."
                if service.headless
                else "the name resolves, and every connection is refused."
            ),
            f"Add spec.selector with labels of the pods, or write an EndpointSlice with the label "
            f"kubernetes.io/service-name: {service.name}.",
            proof=_ask(subject, service),
        )


def _port_differs(subject: Subject) -> Iterator[Finding]:
    for slice_, service in _written_slices(subject):
        wanted = {(port.name, port.protocol) for port in service.ports}
        has = {(port.name, port.protocol) for port in slice_.ports}
        if not wanted or not has or wanted & has or service.headless:
            continue
        served = {
            (port.name, port.protocol)
            for other in subject.cluster.slices.get((service.namespace, service.name), ())
            for port in other.ports
        }
        if wanted & served:
            continue
        names_differ = {name for name, _ in wanted}.isdisjoint(name for name, _ in has)
        field = f"ports[0].{'name' if names_differ else 'protocol'}"
        yield SLICE_PORT_DIFFERS.finding(
            slice_.ref,
            field,
            f"Its port is {_shown(has)}, and that of Service {service.name} is {_shown(wanted)}. kube-proxy joins the "
            "two by name and protocol alone, so the Service has no endpoint and every connection is refused.",
            f"Call the port of {slice_.ref} {_shown(wanted)}, as the Service does.",
            proof=_ask(subject, service),
        )


def _orphan(subject: Subject) -> Iterator[Finding]:
    for slice_ in subject.manifests.slices:
        if slice_.managed_by or not slice_.service or (slice_.namespace, slice_.service) in subject.cluster.services:
            continue
        names = [service.name for service in subject.manifests.services if service.namespace == slice_.namespace]
        near = closest(slice_.service, names)
        if near is None:
            continue  # its Service may stand in other files
        yield SLICE_WITHOUT_SERVICE.finding(
            slice_.ref,
            "metadata.labels[kubernetes.io/service-name]",
            f"There is no Service {slice_.service} in namespace {slice_.namespace} (nearest: {near}): nobody uses "
            "these endpoints.",
            f"Set the label kubernetes.io/service-name to {near}.",
        )


def _ignored(subject: Subject) -> Iterator[Finding]:
    for endpoints in subject.manifests.endpoints:
        service = subject.cluster.service(endpoints.namespace, endpoints.name)
        if (endpoints.namespace, endpoints.name) == ("default", "kubernetes") or (service and service.selector):
            continue  # made by the control plane
        yield ENDPOINTS_DEPRECATED.finding(
            endpoints.ref,
            "",
            "Endpoints are deprecated since Kubernetes 1.33. Requests still arrive, because a controller copies them "
            "to EndpointSlices, which are all that kube-proxy reads; the API server warns each time this is applied.",
            f"Write an EndpointSlice with the label kubernetes.io/service-name: {endpoints.name} instead.",
        )


def _written_slices(subject: Subject) -> Iterator[tuple[EndpointSlice, Service]]:
    for slice_ in subject.manifests.slices:
        service = subject.cluster.service(slice_.namespace, slice_.service)
        if service is not None and not service.selector and service.ref.origin is not None:
            yield slice_, service


def _shown(ports: set[tuple[str, Protocol]]) -> str:
    return " and ".join(f"{name or '(no name)'} over {protocol}" for name, protocol in sorted(ports))


def _ask(subject: Subject, service: Service) -> Proof | None:
    source = subject.client(service.namespace)
    if source is None:
        return None
    if service.headless:
        name = f"{service.name}.{service.namespace}.svc.{subject.cluster.domain}"
        return Proof(source, f"{name}:{service.ports[0].port}")
    protocol = service.ports[0].protocol
    target = f"{service.namespace}/svc/{service.name}:{service.ports[0].port}"
    return Proof(source, target, protocol=None if protocol == "TCP" else protocol.lower())


SERVICE_WITHOUT_ENDPOINTS = Rule(
    code="SERVICE_WITHOUT_ENDPOINTS",
    severity=Severity.WARNING,
    title="A Service without a selector, and nobody writes its endpoints",
    meaning=(
        "Without a selector Kubernetes makes no EndpointSlice for a Service: that is left to somebody else, a person "
        "or a controller. Until one exists the Service has an address and nowhere to send a request."
    ),
    look=("kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME",),
    causes=(
        "spec.selector was forgotten, or stands at the wrong level of the YAML.",
        "The EndpointSlice's label kubernetes.io/service-name is missing or names another Service.",
        "A controller of your cluster writes the endpoints; then ignore this.",
    ),
    repair="Add a selector, or an EndpointSlice with the label kubernetes.io/service-name.",
    source=_PAGE,
    check=_no_selector,
)

SLICE_PORT_DIFFERS = Rule(
    code="SLICE_PORT_DIFFERS",
    severity=Severity.WARNING,
    title="The EndpointSlice's port does not have the Service port's name and protocol",
    meaning=(
        "kube-proxy looks in an EndpointSlice for the port with the name and the protocol of the Service's port; the "
        "number in the slice is where the packet goes, and targetPort plays no part. A name that one has and the other "
        "lacks is a difference too."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME -o yaml",
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME -o yaml",
    ),
    causes=("The Service's port has a name, and the slice's has none.", "protocol: UDP stands in one of them alone."),
    repair="Give both ports the same name and protocol, or both no name.",
    source=_PAGE,
    check=_port_differs,
)

SLICE_WITHOUT_SERVICE = Rule(
    code="SLICE_WITHOUT_SERVICE",
    severity=Severity.WARNING,
    title="An EndpointSlice for a Service that does not exist",
    meaning=(
        "An EndpointSlice belongs to the Service of its own namespace that its label kubernetes.io/service-name names. "
        "If there is no such Service, nothing reads the slice."
    ),
    look=("kubectl -n NAMESPACE get endpointslices --show-labels", "kubectl -n NAMESPACE get svc"),
    causes=("A typo in the label.", "The Service was renamed, or is in another namespace."),
    repair="Set the label to the Service's name.",
    source="https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#ownership",
    check=_orphan,
)

ENDPOINTS_DEPRECATED = Rule(
    code="ENDPOINTS_DEPRECATED",
    severity=Severity.INFO,
    title="Endpoints are deprecated in favour of EndpointSlices",
    meaning=(
        "The Endpoints API knows neither two address families nor topology, and one object holds at most 1000 "
        "addresses. It is deprecated since Kubernetes 1.33; kube-proxy reads EndpointSlices alone, and a controller "
        "mirrors Endpoints into them."
    ),
    look=("kubectl get endpoints -A", "kubectl get endpointslices -A"),
    causes=("The manifest was written for an older cluster.",),
    repair="Write EndpointSlices with the label kubernetes.io/service-name.",
    source="https://kubernetes.io/blog/2025/04/24/endpoints-deprecation/",
    check=_ignored,
)
