"""Services among the manifests: those with a selector, their ports, and a request that asks one.

https://kubernetes.io/docs/concepts/services-networking/service/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kcnet.analysis.finding import Proof, Subject
from kcnet.model.manifests import ServiceManifest
from kcnet.model.objects import Pod, Service, ServicePort, ServiceType
from kcnet.model.wellknown import MADE_LABELS

SERVICE_PAGE = "https://kubernetes.io/docs/concepts/services-networking/service/"


def with_selector(subject: Subject) -> Iterator[tuple[ServiceManifest, Service]]:
    for written, service in subject.services:
        if service.selector and service.type is not ServiceType.EXTERNAL_NAME:
            yield written, service


def each_port(subject: Subject) -> Iterator[tuple[ServiceManifest, Service, ServicePort, Sequence[Pod]]]:
    for written, service in with_selector(subject):
        for port in service.ports:
            yield written, service, port, subject.selected(service)


def port_field(port: ServicePort) -> str:
    return f"spec.ports[{port.index}]"


def target_field(written: ServiceManifest, port: ServicePort) -> str:
    """``targetPort``, or ``port`` where that is not written."""
    stated = written.ports[port.index].target_port is not None
    return f"{port_field(port)}.{'targetPort' if stated else 'port'}"


def telling(pod: Pod, other: Pod) -> str:
    """A label of ``pod`` that ``other`` lacks, as ``key: value``; none that a controller writes and changes."""
    own = ((name, value) for name, value in pod.labels.items() if name not in MADE_LABELS)
    return next((f"{name}: {value}" for name, value in own if other.labels.get(name) != value), "")


def ask(subject: Subject, service: Service, port: ServicePort | None = None, source: str | None = None) -> Proof | None:
    """A request from a pod beside the Service, or from the internet if there is no other pod."""
    ports = [port] if port is not None else list(service.ports)
    if not ports:
        return None
    source = source or subject.client(service.namespace, but=subject.selected(service))
    if source is None:
        return None
    if service.headless:
        target = f"{service.name}.{service.namespace}.svc.{subject.cluster.domain}:{ports[0].port}"
    else:
        target = f"{service.namespace}/svc/{service.name}:{ports[0].port}"
    return Proof(source, target, protocol=None if ports[0].protocol == "TCP" else ports[0].protocol.lower())
