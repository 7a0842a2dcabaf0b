"""Ingresses: the Services that their paths lead to.

https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource
"""

from __future__ import annotations

from collections.abc import Iterator

from kcnet.analysis.finding import Edit, Finding, Proof, Rule, Severity, Subject
from kcnet.analysis.rules.ingress import INGRESS_PAGE, ask
from kcnet.analysis.spelling import certainly_meant
from kcnet.model.cluster import IngressController
from kcnet.model.names import Port, Protocol
from kcnet.model.objects import Ingress, IngressBackend, Service, ServicePort, ServiceType
from kcnet.path.httprules import NGINX
from kcnet.path.ingress import AWS_ACTION, backend_port
from kcnet.path.nearest import closest
from kcnet.path.public import controller_of


def _missing(subject: Subject) -> Iterator[Finding]:
    own = {service.namespace for service in subject.manifests.services}
    for ingress, backend, name in _without_service(subject):
        if any(service.namespace != ingress.namespace for service in subject.cluster.services_by_name.get(name, ())):
            continue
        near = closest(name, subject.cluster.service_names(ingress.namespace))
        if near is None and (ingress.namespace not in own or subject.custom):
            continue  # its Service may stand in other files
        meant = certainly_meant(name, subject.cluster.service_names(ingress.namespace))
        field = f"{backend.field}.service.name"
        yield INGRESS_BACKEND_SERVICE_MISSING.finding(
            ingress.ref,
            field,
            f"There is no Service {name} in namespace {ingress.namespace}{f' (nearest: {near})' if near else ''}: "
            f"{_answers(subject, ingress)}.",
            f"Set the backend's service.name to {near}." if near else f"Create Service {name}, or name another.",
            proof=_proof(ingress, backend),
            edit=Edit(ingress.ref, field, name, meant) if meant else None,
        )


def _other_namespace(subject: Subject) -> Iterator[Finding]:
    for ingress, backend, name in _without_service(subject):
        there = [one.namespace for one in subject.cluster.services_by_name.get(name, ())]
        if not there:
            continue
        yield INGRESS_BACKEND_OTHER_NAMESPACE.finding(
            ingress.ref,
            f"{backend.field}.service.name",
            f"Service {name} is in namespace {there[0]}; a backend is looked for in the Ingress's own namespace, "
            f"{ingress.namespace}, alone: {_answers(subject, ingress)}.",
            f"Move {ingress.ref} to namespace {there[0]}. Ingresses of several namespaces may share one host.",
            proof=_proof(ingress, backend),
        )


def _port_missing(subject: Subject) -> Iterator[Finding]:
    for ingress, backend, service, port, flavour in _without_port(subject):
        if flavour == NGINX and backend_port(service, port, flavour) is not None:
            continue
        meant = certainly_meant(port, {each.name for each in service.ports}) if isinstance(port, str) else None
        target = _by_target(service, port)
        best = target or (service.ports[0] if len(service.ports) == 1 else None)
        hint = f"; {port} is the targetPort of its port {target.port}" if target else ""
        field = f"{backend.field}.service.port.{'name' if isinstance(port, str) else 'number'}"
        yield INGRESS_BACKEND_PORT_MISSING.finding(
            ingress.ref,
            field,
            f"Service {service.name} has no port {port} (it has {_listed(service)}){hint}. A backend names a port of "
            f"the Service, not of the pod: {_answers(subject, ingress)}.",
            f"Set the backend's port to {_shown(best)}."
            if best
            else f"Set the backend's port to one of {_listed(service)}.",
            proof=_proof(ingress, backend),
            edit=Edit(ingress.ref, field, str(port), meant) if meant else None,
        )


def _target_port(subject: Subject) -> Iterator[Finding]:
    for ingress, backend, service, port, flavour in _without_port(subject):
        target = _by_target(service, port)
        if flavour != NGINX or target is None:
            continue
        yield INGRESS_BACKEND_TARGET_PORT.finding(
            ingress.ref,
            f"{backend.field}.service.port",
            f"Port {port} is the targetPort of Service {service.name}, whose own port is {_shown(target)}. "
            "ingress-nginx takes it nevertheless; other controllers find no such port and answer 404 or 503.",
            f"Set the backend's port to {_shown(target)}.",
            proof=_proof(ingress, backend),
        )


def _not_tcp(subject: Subject) -> Iterator[Finding]:
    for ingress in subject.cluster.ingresses.values():
        for backend in backends_of(ingress):
            service = subject.cluster.service(ingress.namespace, backend.service or "")
            port = backend_port(service, backend.port, "") if service is not None else None
            if service is None or port is None or port.protocol is Protocol.TCP:
                continue
            kind = "name" if isinstance(backend.port, str) else "number"
            yield INGRESS_BACKEND_NOT_TCP.finding(
                ingress.ref,
                f"{backend.field}.service.port.{kind}",
                f"Port {_shown(port)} of Service {service.name} carries {port.protocol}, and an Ingress controller "
                "speaks HTTP over TCP alone: it answers 502 or 503.",
                f"Name a port that carries TCP, or reach {service.name} by a Service of type LoadBalancer.",
                proof=_proof(ingress, backend),
            )


def backends_of(ingress: Ingress) -> Iterator[IngressBackend]:
    """In the order of the manifest, the default backend last."""
    for rule in ingress.rules:
        for path in rule.paths or ():
            yield path.backend
    if ingress.default_backend is not None:
        yield ingress.default_backend


def _without_service(subject: Subject) -> Iterator[tuple[Ingress, IngressBackend, str]]:
    for ingress in subject.cluster.ingresses.values():
        for backend in backends_of(ingress):
            if backend.port == AWS_ACTION:
                continue
            if backend.service and subject.cluster.service(ingress.namespace, backend.service) is None:
                yield ingress, backend, backend.service


def _without_port(subject: Subject) -> Iterator[tuple[Ingress, IngressBackend, Service, Port, str]]:
    """Backends whose port is no port of their Service, with the make of the controller ("": not known)."""
    for ingress in subject.cluster.ingresses.values():
        for backend in backends_of(ingress):
            service = subject.cluster.service(ingress.namespace, backend.service or "")
            if service is None or service.type is ServiceType.EXTERNAL_NAME or backend.port is None:
                continue
            if backend.port == AWS_ACTION or backend_port(service, backend.port, "") is not None:
                continue
            controller = controller_of(subject.cluster, ingress)
            flavour = controller.flavour if isinstance(controller, IngressController) else ""
            yield ingress, backend, service, backend.port, flavour


def _by_target(service: Service, port: Port) -> ServicePort | None:
    return next((each for each in service.ports if str(each.target_port) == str(port)), None)


def _listed(service: Service) -> str:
    return ", ".join(_shown(port) for port in service.ports) or "none"


def _shown(port: ServicePort) -> str:
    return f"{port.port} ({port.name})" if port.name else str(port.port)


def _answers(subject: Subject, ingress: Ingress) -> str:
    controller = controller_of(subject.cluster, ingress)
    if isinstance(controller, str):
        return "whoever serves this Ingress has nowhere to send the request"
    return f"the controller answers {404 if controller.flavour == 'traefik' else 503}"


def _proof(ingress: Ingress, backend: IngressBackend) -> Proof | None:
    for rule in ingress.rules:
        for path in rule.paths or ():
            if path.backend is backend and rule.host:
                return ask(ingress, rule.host, path.path if "(" not in path.path and "*" not in path.path else "/")
    return ask(ingress, path="/") if backend is ingress.default_backend else None


INGRESS_BACKEND_SERVICE_MISSING = Rule(
    code="INGRESS_BACKEND_SERVICE_MISSING",
    severity=Severity.WARNING,
    title="The Ingress's backend is a Service that does not exist",
    meaning=(
        "A backend names a Service of the Ingress's own namespace. The API server does not check that it exists; the "
        "controller finds out with the first request and answers 503 (Traefik: 404)."
    ),
    look=("kubectl -n NAMESPACE describe ingress NAME", "kubectl -n NAMESPACE get svc"),
    causes=("A typo in the name.", "The Service was renamed or never created."),
    repair="Name a Service that exists.",
    source=INGRESS_PAGE,
    check=_missing,
)

INGRESS_BACKEND_OTHER_NAMESPACE = Rule(
    code="INGRESS_BACKEND_OTHER_NAMESPACE",
    severity=Severity.WARNING,
    title="The Ingress's backend is a Service of another namespace",
    meaning=(
        "An Ingress reaches Services of its own namespace alone, and a backend has no field for a namespace. Ingresses "
        "of several namespaces may serve paths of one host; so an Ingress belongs where its Services are."
    ),
    look=("kubectl -n NAMESPACE describe ingress NAME", "kubectl get svc -A"),
    causes=("One Ingress was written for applications of several namespaces.", "metadata.namespace is missing."),
    repair="Move the Ingress, or its part for that Service, to the Service's namespace.",
    source=INGRESS_PAGE,
    check=_other_namespace,
)

INGRESS_BACKEND_PORT_MISSING = Rule(
    code="INGRESS_BACKEND_PORT_MISSING",
    severity=Severity.WARNING,
    title="The Ingress's backend names a port that the Service does not have",
    meaning=(
        "service.port of a backend is the number or the name of a port of the Service. The container's port, "
        "targetPort, is another number: the controller looks that one up itself."
    ),
    look=("kubectl -n NAMESPACE get svc SERVICE", "kubectl -n NAMESPACE describe ingress NAME"),
    causes=("The container's port was written.", "The Service's port was changed, and the Ingress was not."),
    repair="Set the backend's port to a port of the Service.",
    source=INGRESS_PAGE,
    check=_port_missing,
)

INGRESS_BACKEND_NOT_TCP = Rule(
    code="INGRESS_BACKEND_NOT_TCP",
    severity=Severity.WARNING,
    title="The Ingress's backend is a port that does not carry TCP",
    meaning=(
        "An Ingress is about HTTP and HTTPS, which go over TCP. It cannot pass UDP or SCTP on; a controller asked for "
        "such a port finds no endpoint, or one that does not answer."
    ),
    look=("kubectl -n NAMESPACE get svc SERVICE",),
    causes=("The Service has the port for TCP too, under another name.", "An Ingress was taken to expose any port."),
    repair="Name a TCP port; expose others by a Service of type LoadBalancer or NodePort.",
    source=INGRESS_PAGE,
    check=_not_tcp,
)

INGRESS_BACKEND_TARGET_PORT = Rule(
    code="INGRESS_BACKEND_TARGET_PORT",
    severity=Severity.INFO,
    title="The Ingress's backend names the targetPort; ingress-nginx alone accepts that",
    meaning=(
        "A backend's port is a port of the Service by the definition of the API. ingress-nginx also looks among the "
        "targetPorts, so that the mistake shows only on the day on which another controller takes over."
    ),
    look=("kubectl -n NAMESPACE get svc SERVICE -o yaml",),
    causes=("The container's port was written instead of the Service's.",),
    repair="Set the backend's port to the Service's port.",
    source=INGRESS_PAGE,
    check=_target_port,
)
