"""Endpoints that somebody writes by hand: EndpointSlices, Endpoints, and Services without a selector.

https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from kcnet.analysis.finding import Finding, Proof, Rule, Severity, Subject
from kcnet.controlplane.endpoints import is_mirrored
from kcnet.model.cluster import Key
from kcnet.model.manifests import LegacyEndpoints
from kcnet.model.names import Protocol, Ref
from kcnet.model.objects import EndpointPort, EndpointSlice, Service, ServicePort, ServiceType
from kcnet.path.endpoints import backends, usable
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
        if not (subject.manifests.pods or subject.manifests.workloads or subject.manifests.slices):
            continue  # Services alone, whose endpoints may stand in other files
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
    for service, places in _by_hand(subject):
        wanted = {(port.name, port.protocol) for port in service.ports}
        served = {(port.name, port.protocol) for place in places for port in place.slice.ports}
        strange = [
            (place, port) for place in places for port in place.slice.ports if (port.name, port.protocol) not in wanted
        ]
        for port in service.ports:
            if (port.name, port.protocol) in served:
                continue
            shown = _shown(port.name, port.protocol)
            effect = f"so port {port.port} has no endpoint and every connection to it is refused"
            if strange:
                place, other = strange.pop(0)
                part = "name" if other.name != port.name else "protocol"
                yield SLICE_PORT_DIFFERS.finding(
                    place.ref,
                    f"{place.ports}[{other.index}].{part}",
                    f"Its port is {_shown(other.name, other.protocol)}, and that of Service {service.name} is {shown}. "
                    f"kube-proxy joins the two by name and protocol alone, {effect}.",
                    f"Call the port of {place.ref} {shown}, as the Service does.",
                    proof=_ask(subject, service, port),
                )
            else:
                yield SLICE_PORT_DIFFERS.finding(
                    service.ref,
                    f"spec.ports[{port.index}]",
                    f"{places[0].ref} has no port that is {shown}. kube-proxy joins ports by name and protocol, "
                    f"{effect}.",
                    f"Add a port that is {shown} to {places[0].ref}, with the number that its endpoints listen on.",
                    proof=_ask(subject, service, port),
                )


def _unusable(subject: Subject) -> Iterator[Finding]:
    for service, places in _by_hand(subject):
        families: set[int] = {address.version for address in service.cluster_ips}
        for port in service.ports:
            with_port = [place for place in places if any(_same(port, other) for other in place.slice.ports)]
            found = [each for family in families for each in backends(subject.cluster, service, port, family)]
            if not with_port or usable(found, None, None).any_in_cluster:
                continue
            place = with_port[0]
            field, why, repair = _why_unusable(place, port, families, bool(found))
            yield SLICE_UNUSABLE.finding(
                place.ref,
                field,
                f"{why}, so port {port.port} of Service {service.name} has no endpoint and every connection to it is "
                "refused.",
                repair,
                proof=_ask(subject, service, port),
            )
            break


def _why_unusable(place: Place, port: ServicePort, families: set[int], listed: bool) -> tuple[str, str, str]:
    """The field, what is wrong with it, and the repair."""
    kind = place.slice.address_type
    number = next(other for other in place.slice.ports if _same(port, other))
    if listed:
        return (
            place.endpoints,
            "No endpoint that it lists is ready",
            "Set conditions.ready of an endpoint that can answer to true, or leave conditions out.",
        )
    if not place.slice.endpoints:
        return place.endpoints, "It lists no endpoint", "List the addresses that answer for the Service."
    if kind == "FQDN":
        return (
            "addressType",
            "kube-proxy passes over slices of type FQDN",
            "List IP addresses with addressType IPv4, or make the Service an ExternalName.",
        )
    if not number.port:
        return (
            f"{place.ports}[{number.index}]",
            "Its port has no number",
            "Write the port that the endpoints listen on.",
        )
    return (
        "addressType" if place.ports == "ports" else place.endpoints,
        f"Its addresses are {kind}, and the Service has "
        f"{' and '.join(f'IPv{family}' for family in sorted(families))} addresses alone",
        "List addresses of the Service's family, or set spec.ipFamilyPolicy of the Service to PreferDualStack.",
    )


def _address_of_service(subject: Subject) -> Iterator[Finding]:
    stated = {address: written for written in subject.manifests.services for address in written.cluster_ips}
    for service, places in _by_hand(subject):
        for place in places:
            for endpoint in place.slice.endpoints:
                target = stated.get(endpoint.addresses[0]) if not isinstance(endpoint.addresses[0], str) else None
                if target is None or target.ref == service.ref:
                    continue
                yield SLICE_ADDRESS_OF_SERVICE.finding(
                    place.ref,
                    f"endpoints[{endpoint.index}].addresses[0]" if place.ports == "ports" else place.endpoints,
                    f"{endpoint.addresses[0]} is the cluster IP of {target.ref}. kube-proxy looks at a packet once, "
                    "and does not translate the address of an endpoint again: packets to it get lost.",
                    f"Let {service.ref} be of type ExternalName with the name "
                    f"{target.name}.{target.namespace}.svc.{subject.cluster.domain}, or give it a selector.",
                    proof=_ask(subject, service),
                )
                break


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
        if service is None:
            use = f"There is no Service {endpoints.name} in namespace {endpoints.namespace}, so nobody uses these"
        elif is_mirrored(endpoints):
            use = "A controller copies these to EndpointSlices as long as there are any"
        else:
            use = "A label or annotation keeps these from being copied to EndpointSlices, so nobody uses them"
        yield ENDPOINTS_DEPRECATED.finding(
            endpoints.ref,
            "",
            "Endpoints are deprecated since Kubernetes 1.33, and kube-proxy reads EndpointSlices alone. "
            f"{use}; the API server warns each time this is applied.",
            f"Write an EndpointSlice with the label kubernetes.io/service-name: {endpoints.name} instead.",
        )


class Place(NamedTuple):
    """A slice that somebody wrote, or the subset of Endpoints from which a controller makes one."""

    ref: Ref
    slice: EndpointSlice
    ports: str = "ports"
    endpoints: str = "endpoints"


def _by_hand(subject: Subject) -> Iterator[tuple[Service, list[Place]]]:
    """The Services with a cluster IP and without a selector, with what states their endpoints if something does."""
    by_service: dict[Key, list[Place]] = defaultdict(list)
    for slice_ in subject.manifests.slices:
        by_service[slice_.namespace, slice_.service].append(Place(slice_.ref, slice_))
    for endpoints in subject.manifests.endpoints:
        by_service[endpoints.namespace, endpoints.name] += _places_of(endpoints)
    for _, service in subject.services:
        places = by_service.get((service.namespace, service.name))
        if places and service.cluster_ips and not service.selector:
            yield service, places


def _places_of(endpoints: LegacyEndpoints) -> list[Place]:
    if not is_mirrored(endpoints):
        return []
    return [
        Place(endpoints.ref, slice_, f"subsets[{index}].ports", f"subsets[{index}].addresses")
        for index, slice_ in enumerate(endpoints.slices)
    ]


def _same(port: ServicePort, other: EndpointPort) -> bool:
    return (port.name, port.protocol) == (other.name, other.protocol)


def _shown(name: str, protocol: Protocol) -> str:
    return f"{name or '(no name)'} over {protocol}"


def _ask(subject: Subject, service: Service, port: ServicePort | None = None) -> Proof | None:
    source = subject.client(service.namespace)
    if source is None:
        return None
    port = port or service.ports[0]
    if service.headless:
        name = f"{service.name}.{service.namespace}.svc.{subject.cluster.domain}"
        return Proof(source, f"{name}:{port.port}")
    target = f"{service.namespace}/svc/{service.name}:{port.port}"
    return Proof(source, target, protocol=None if port.protocol == "TCP" else port.protocol.lower())


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
    causes=(
        "The Service's port has a name, and the slice's has none.",
        "protocol: UDP stands in one of them alone.",
        "The slice has one port, and the Service two.",
    ),
    repair="Give both ports the same name and protocol, or both no name.",
    source=_PAGE,
    check=_port_differs,
)

SLICE_UNUSABLE = Rule(
    code="SLICE_UNUSABLE",
    severity=Severity.WARNING,
    title="Endpoints are listed by hand, and kube-proxy can use none of them",
    meaning=(
        "kube-proxy uses an endpoint if it is ready, if its port has a number, and if its address is an IP address of "
        "a family that the Service has. Slices of type FQDN are accepted by the API server and used by nobody. A "
        "Service all of whose endpoints are left out has none, and refuses each connection."
    ),
    look=("kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME -o yaml",),
    causes=(
        "A host name was to be reached through a Service, and FQDN looked like the way.",
        "conditions were copied from a slice of another day.",
        "IPv6 addresses for a Service that has an IPv4 address alone.",
    ),
    repair="List an address of the Service's family that is ready, with the number of its port.",
    source=_PAGE,
    check=_unusable,
)

SLICE_ADDRESS_OF_SERVICE = Rule(
    code="SLICE_ADDRESS_OF_SERVICE",
    severity=Severity.WARNING,
    title="An endpoint's address is the cluster IP of a Service",
    meaning=(
        "An endpoint is where a packet ends: a pod, or a host outside. A cluster IP is only a name for others, which "
        "kube-proxy replaces when a packet sets out; having done that once for the first Service, it does not look at "
        "the packet again."
    ),
    look=("kubectl get svc -A -o wide", "kubectl -n NAMESPACE get endpointslices"),
    causes=("A Service was meant to stand for another one of another namespace.",),
    repair="Use an ExternalName with the other Service's full name.",
    source="https://kubernetes.io/docs/concepts/services-networking/service/#custom-endpointslices",
    check=_address_of_service,
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
