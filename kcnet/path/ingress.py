"""An Ingress controller: it ends the client's connection and opens one of its own to a backend's endpoint.

Controllers read EndpointSlices and connect to pod addresses: kube-proxy, session affinity and traffic policies of the
backend Service play no part. Statuses are those of ingress-nginx unless another controller is known to differ.
https://kubernetes.io/docs/concepts/services-networking/ingress/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kcnet.model.cluster import Cluster, IngressController
from kcnet.model.names import Port, Protocol
from kcnet.model.objects import Ingress, IngressBackend, IngressTLS, Pod, Service, ServicePort, ServiceType
from kcnet.model.trace import Action, Because, Considered, Reason, Stage, Step, Verdict
from kcnet.path.endpoints import Backend, backends
from kcnet.path.flow import Flow, count
from kcnet.path.httprules import NGINX, Choice, by_age, choose, host_matches
from kcnet.path.nearest import closest
from kcnet.path.noendpoints import explain_no_endpoints
from kcnet.path.public import controller_of, hosts
from kcnet.path.tls import certificate_for, terminate
from kcnet.reasons.ingress import (
    INGRESS_BACKEND_CHOSEN,
    INGRESS_BACKEND_MISSING,
    INGRESS_BACKEND_NO_ENDPOINTS,
    INGRESS_DEFAULT_BACKEND,
    INGRESS_NO_MATCH,
    INGRESS_REDIRECTED,
    INGRESS_RULE_MATCHED,
    INGRESS_WRONG_SCHEME,
    TLS_NOT_SPOKEN_HERE,
)
from kcnet.reasons.outcome import CANNOT_TELL

SSL_REDIRECT = "nginx.ingress.kubernetes.io/ssl-redirect"
FORCE_SSL_REDIRECT = "nginx.ingress.kubernetes.io/force-ssl-redirect"
SERVICE_UPSTREAM = "nginx.ingress.kubernetes.io/service-upstream"
AWS_ACTION = "use-annotation"
"""A backend's port by which the AWS Load Balancer Controller is told to look for an action in an annotation."""


class HttpRequest(NamedTuple):
    scheme: str | None
    """"http", "https", or None if the request is not known to be either: then the port decides."""
    host: str
    """The Host header and TLS server name, without a port."""
    path: str = "/"


class Served(NamedTuple):
    """What a controller does with a request: it ended in ``steps``, or is sent on, or goes to ``backends``."""

    steps: tuple[Step, ...]
    flow: Flow
    ended: bool = False
    redirect: bool = False
    """Sent to the same URL with https."""
    service: Service | None = None
    port: ServicePort | None = None
    backends: tuple[Backend, ...] = ()
    by_cluster_ip: bool = False
    """The controller connects to the Service's cluster IP instead of its endpoints."""
    external_name: str = ""
    """The controller looks this name up and connects to ``external_port`` of what it finds."""
    external_port: int | None = None


def controller_at(cluster: Cluster, pod: Pod, port: int | None) -> IngressController | None:
    """The controller that the pod is part of, if ``port`` is one on which it takes requests."""
    for controller in cluster.ingress_controllers:
        if (pod.namespace, pod.name) in controller.pods and port in (controller.http_port, controller.https_port):
            return controller
    return None


def served_by(cluster: Cluster, controller: IngressController) -> list[Ingress]:
    """The Ingresses that the controller claims, oldest first."""
    return by_age(ingress for ingress in cluster.ingresses.values() if controller.serves(ingress))


def serve(cluster: Cluster, flow: Flow, controller: IngressController, http: HttpRequest) -> Served:
    """Certificate, redirect, rule, backend, endpoints: in the order in which the controller looks."""
    ingresses = served_by(cluster, controller)
    secure = flow.packet.dst_port == controller.https_port
    steps: list[Step] = []
    if secure and http.scheme == "http":
        return _end(flow, steps, _wrong_scheme(flow))
    if not secure and http.scheme == "https":
        return _end(flow, steps, _tls_not_spoken(flow))
    certificate = certificate_for(cluster, controller, ingresses, http.host)
    choice = choose(ingresses, http.host, http.path, controller.flavour)
    if secure:
        handshake = terminate(cluster, flow, controller, http.host, certificate)
        steps.append(handshake.step)
        flow = handshake.flow
        if handshake.failed:
            return Served(steps=tuple(steps), flow=flow, ended=True)
    elif _redirects(controller, choice.ingress or _first_of(ingresses, http.host), certificate):
        return Served(steps=(_redirect(flow, http, certificate),), flow=flow, redirect=True)
    if choice.uncertain:
        return _end(flow, steps, _cannot_tell(flow, choice.uncertain, ()))
    if choice.backend is None or choice.ingress is None:
        return _end(flow, steps, _no_match(cluster, flow, controller, ingresses, http))
    if choice.tie is not None and not choice.ingress.created:
        flow = flow.assuming(
            f"{choice.ingress.ref} is taken to be older than Ingress "
            f"{choice.tie.ingress.namespace}/{choice.tie.ingress.name}, which has the same host and path."
        )
    steps.append(_matched(flow, choice, http))
    return _resolve_backend(cluster, flow, controller, choice.ingress, choice.backend, steps)


def _end(flow: Flow, steps: Sequence[Step], last: Step) -> Served:
    return Served(steps=(*steps, last), flow=flow, ended=True)


def _wrong_scheme(flow: Flow) -> Step:
    text = "Plain HTTP was sent to the controller's HTTPS port: it answers 400 Bad Request."
    return flow.step(
        Stage.INGRESS,
        Action.ANSWERED,
        INGRESS_WRONG_SCHEME,
        text,
        repair="Ask with https://, or ask port 80.",
        verdict=Verdict.HTTP_ERROR,
        http_status=400,
    )


def _tls_not_spoken(flow: Flow) -> Step:
    text = "A TLS handshake was sent to the controller's plain HTTP port: it cannot succeed."
    return flow.step(
        Stage.INGRESS,
        Action.FAILED,
        TLS_NOT_SPOKEN_HERE,
        text,
        repair="Ask with http://, or ask port 443.",
        verdict=Verdict.TLS_ERROR,
    )


def _first_of(ingresses: Sequence[Ingress], host: str) -> Ingress | None:
    return next((i for i in ingresses if any(host_matches(named, host) for named, _ in hosts(i))), None)


def _redirects(
    controller: IngressController, ingress: Ingress | None, certificate: tuple[Ingress, IngressTLS] | None
) -> bool:
    """ingress-nginx sends plain HTTP to https where the host has a certificate, unless the Ingress that the path
    belongs to says otherwise."""
    if controller.flavour != NGINX or ingress is None:
        return False
    if ingress.annotations.get(FORCE_SSL_REDIRECT) == "true":
        return True
    return certificate is not None and ingress.annotations.get(SSL_REDIRECT) != "false"


def _redirect(flow: Flow, http: HttpRequest, certificate: tuple[Ingress, IngressTLS] | None) -> Step:
    because = (Because(certificate[0].ref, certificate[1].field),) if certificate else ()
    text = f"{http.host} has a certificate, so ingress-nginx sends the client to https://{http.host}{http.path} (308)."
    return flow.step(Stage.INGRESS, Action.ANSWERED, INGRESS_REDIRECTED, text, because=because)


def _no_match(
    cluster: Cluster, flow: Flow, controller: IngressController, ingresses: Sequence[Ingress], http: HttpRequest
) -> Step:
    with_host = [i for i in ingresses if any(host_matches(rule.host, http.host) for rule in i.rules)]
    considered = []
    because = []
    for ingress in ingresses:
        for rule in ingress.rules:
            covers = host_matches(rule.host, http.host)
            name = rule.host or "every host"
            if not covers:
                considered.append(
                    Considered(
                        f"{ingress.ref} is for {name}, not {http.host}.",
                        (Because(ingress.ref, f"{rule.field}.host"),),
                    )
                )
                continue
            for entry in rule.paths or ():
                text = f"{ingress.ref}: {entry.path_type} {entry.path} does not match {http.path}."
                considered.append(Considered(text, (Because(ingress.ref, f"{entry.field}.path"),)))
                because.append(Because(ingress.ref, f"{entry.field}.path"))
    unserved = [i for i in cluster.ingresses.values() if i not in ingresses]
    for ingress in unserved[:5]:
        reason = controller_of(cluster, ingress)
        if isinstance(reason, str):
            text = f"{ingress.ref} is not served: {reason}."
            considered.append(Considered(text, (Because(ingress.ref, "spec.ingressClassName"),)))
    known = sorted({named for i in ingresses for named, _ in hosts(i) if named})
    if with_host:
        text = f"No path of {http.host} matches {http.path}"
        repair = f"Add a path for {http.path} (pathType Prefix also covers what is below it), or a default backend."
    else:
        near = closest(http.host, known)
        text = f"No Ingress rule is for host {http.host}" + (f" (nearest: {near})" if near else "")
        listed = f"hosts served: {', '.join(known[:5])}" if known else "no host is served"
        repair = f"Ask with a host that a rule names ({listed}), or add a rule for {http.host}."
        because = [Because(i.ref, f"{r.field}.host") for i in ingresses for r in i.rules][:3]
    return flow.step(
        Stage.INGRESS,
        Action.ANSWERED,
        INGRESS_NO_MATCH,
        f"{text}: the controller answers 404.",
        because=because,
        considered=considered,
        look=("kubectl get ingress -A", "kubectl describe ingress -n NAMESPACE NAME"),
        repair=repair,
        verdict=Verdict.HTTP_ERROR,
        http_status=404,
    )


def _matched(flow: Flow, choice: Choice, http: HttpRequest) -> Step:
    ingress, backend = choice.ingress, choice.backend
    assert ingress is not None
    assert backend is not None
    name = f"{ingress.ref}"
    goes = f"{backend.service}:{backend.port}" if backend.service else f"resource {backend.resource}"
    look = (f"kubectl describe ingress {ingress.name} -n {ingress.namespace}",)
    if choice.candidate is None:
        text = f"No path of {name} matches {http.host}{http.path}: its default backend {goes} takes it."
        because = (Because(ingress.ref, backend.field),)
        return flow.step(
            Stage.INGRESS,
            Action.CHOSE,
            INGRESS_DEFAULT_BACKEND,
            text,
            because=because,
            look=look,
            brief=f"default backend → {goes}",
        )
    entry = choice.candidate.path
    host = choice.candidate.rule.host or "every host"
    text = f"{name}, rule for {host}: {entry.path_type} {entry.path or '/'} matches {http.path}, backend {goes}."
    lines = (Because(ingress.ref, f"{entry.field}.path"), Because(ingress.ref, backend.field))
    return flow.step(
        Stage.INGRESS,
        Action.CHOSE,
        INGRESS_RULE_MATCHED,
        text,
        because=lines,
        look=look,
        brief=f"{host} {entry.path_type} {entry.path or '/'} → {goes}",
    )


def _resolve_backend(
    cluster: Cluster,
    flow: Flow,
    controller: IngressController,
    ingress: Ingress,
    backend: IngressBackend,
    steps: list[Step],
) -> Served:
    own = (Because(ingress.ref, backend.field),)
    if backend.service is None:
        text = (
            f"The backend is a resource ({backend.resource}), not a Service: what serves it is the controller's affair."
        )
        return _end(flow, steps, _cannot_tell(flow, text, own))
    if backend.port == AWS_ACTION:
        text = f"The backend {backend.service} is an action that an annotation of {ingress.ref} describes."
        return _end(flow, steps, _cannot_tell(flow, text, own))
    service = cluster.service(ingress.namespace, backend.service)
    if service is None:
        return _end(flow, steps, _missing_service(cluster, flow, controller, ingress, backend, backend.service))
    port = backend_port(service, backend.port, controller.flavour)
    if service.type is ServiceType.EXTERNAL_NAME and (port is not None or isinstance(backend.port, int)):
        return _external(flow, steps, controller, ingress, backend, service, port)
    if port is None:
        return _end(flow, steps, _missing_port(flow, controller, ingress, backend, service))
    if controller.flavour == NGINX and port.protocol is not Protocol.TCP:
        text = (
            f"{service.ref} port {port.port} carries {port.protocol}, and ingress-nginx asks for endpoints of TCP alone"
        )
        repair = "Name a port that carries TCP."
        because = (*own, Because(service.ref, f"spec.ports[{port.index}]"))
        return _end(
            flow,
            steps,
            _answered(flow, INGRESS_BACKEND_NO_ENDPOINTS, f"{text}: it answers 503.", 503, repair, because),
        )
    if controller.flavour == NGINX and port not in _strictly(service, backend.port):
        flow = flow.assuming(
            f"ingress-nginx also accepts the targetPort {backend.port} where {ingress.ref} "
            "should name the Service's port; other controllers answer 503."
        )
    if controller.flavour == NGINX and ingress.annotations.get(SERVICE_UPSTREAM) == "true" and service.cluster_ips:
        return Served(steps=tuple(steps), flow=flow, service=service, port=port, by_cluster_ip=True)
    family = flow.sender.address.version
    sender_family = next((v for v in (4, 6) if backends(cluster, service, port, v)), family)
    candidates = backends(cluster, service, port, sender_family)
    ready = tuple(b for b in candidates if b.endpoint.ready)
    if not ready:
        return _end(flow, steps, _no_endpoints(cluster, flow, controller, ingress, backend, service, port, candidates))
    text = f"{service.ref} port {port.port}: {count(len(ready), 'ready endpoint')}, asked directly."
    chosen = flow.step(
        Stage.INGRESS,
        Action.CHOSE,
        INGRESS_BACKEND_CHOSEN,
        text,
        brief=f"{service.namespace}/{service.name}:{port.port} → {count(len(ready), 'ready endpoint')}, asked directly",
        because=(*own, Because(service.ref, f"spec.ports[{port.index}].port")),
        look=(f"kubectl get endpointslices -n {service.namespace} -l kubernetes.io/service-name={service.name}",),
    )
    return Served(steps=(*steps, chosen), flow=flow, service=service, port=port, backends=ready)


def backend_port(service: Service, wanted: Port | None, flavour: str) -> ServicePort | None:
    """The Service port that a backend means: by number or by name; ingress-nginx also by targetPort."""
    exact = _strictly(service, wanted)
    if exact:
        return exact[0]
    if flavour == NGINX:
        return next((port for port in service.ports if str(port.target_port) == str(wanted)), None)
    return None


def _strictly(service: Service, wanted: Port | None) -> list[ServicePort]:
    return [p for p in service.ports if (p.name if isinstance(wanted, str) else p.port) == wanted]


def _status(controller: IngressController, usual: int) -> int:
    """Traefik builds no router for a Service that it cannot use, so that it answers 404."""
    return 404 if controller.flavour == "traefik" else usual


def _missing_service(
    cluster: Cluster, flow: Flow, controller: IngressController, ingress: Ingress, backend: IngressBackend, name: str
) -> Step:
    here = cluster.service_names(ingress.namespace)
    elsewhere = [s.namespace for s in cluster.services_by_name.get(name, ()) if s.namespace != ingress.namespace]
    near = closest(name, here)
    hint = f" (nearest: {near})" if near else ""
    repair = f"Set the backend's service name to {near}." if near else f"Create Service {name} in {ingress.namespace}."
    if elsewhere:
        hint = f" (there is one in namespace {elsewhere[0]}: an Ingress reaches Services of its own namespace alone)"
        repair = f"Move Ingress {ingress.name} to namespace {elsewhere[0]}, where Service {name} is."
    status = _status(controller, 503)
    text = f"Service {ingress.namespace}/{name} does not exist{hint}: the controller answers {status}."
    return _answered(
        flow, INGRESS_BACKEND_MISSING, text, status, repair, (Because(ingress.ref, f"{backend.field}.service.name"),)
    )


def _missing_port(
    flow: Flow, controller: IngressController, ingress: Ingress, backend: IngressBackend, service: Service
) -> Step:
    listed = ", ".join(f"{p.port}" + (f" ({p.name})" if p.name else "") for p in service.ports) or "none"
    status = _status(controller, 503)
    by_target = next((p for p in service.ports if str(p.target_port) == str(backend.port)), None)
    hint = f" ({backend.port} is its targetPort)" if by_target else ""
    text = f"{service.ref} has no port {backend.port}{hint} (it has {listed}): the controller answers {status}."
    best = by_target or (service.ports[0] if service.ports else None)
    repair = f"Set the backend's port to {best.port}." if best else "Give the Service a port."
    field = f"{backend.field}.service.port"
    because = (Because(ingress.ref, field), Because(service.ref, "spec.ports"))
    return _answered(flow, INGRESS_BACKEND_MISSING, text, status, repair, because)


def _no_endpoints(
    cluster: Cluster,
    flow: Flow,
    controller: IngressController,
    ingress: Ingress,
    backend: IngressBackend,
    service: Service,
    port: ServicePort,
    candidates: Sequence[Backend],
) -> Step:
    why = explain_no_endpoints(cluster, service, port, candidates)
    status = _status(controller, 503)
    text = f"{why.text} The controller answers {status}."
    because = (Because(ingress.ref, backend.field), *why.because)
    return _answered(flow, INGRESS_BACKEND_NO_ENDPOINTS, text, status, why.repair, because, why.considered)


def _answered(
    flow: Flow,
    reason: Reason,
    text: str,
    status: int,
    repair: str,
    because: Sequence[Because],
    considered: Sequence[Considered] = (),
) -> Step:
    return flow.step(
        Stage.INGRESS,
        Action.ANSWERED,
        reason,
        text,
        because=because,
        considered=considered,
        look=("kubectl describe ingress -A",),
        repair=repair,
        verdict=Verdict.HTTP_ERROR,
        http_status=status,
    )


def _external(
    flow: Flow,
    steps: Sequence[Step],
    controller: IngressController,
    ingress: Ingress,
    backend: IngressBackend,
    service: Service,
    port: ServicePort | None,
) -> Served:
    """An ExternalName needs no ports: without the one that the backend names, the backend's own number is asked."""
    name = (service.external_name or "").rstrip(".")
    because = (Because(ingress.ref, backend.field), Because(service.ref, "spec.externalName"))
    if controller.flavour == NGINX and name == "localhost":
        text = "The backend is ExternalName localhost, which ingress-nginx refuses to use: the controller answers 503."
        repair = "Name a Service with pods of its own."
        return _end(flow, steps, _answered(flow, INGRESS_BACKEND_NO_ENDPOINTS, text, 503, repair, because))
    asked = port.target_port if port is not None and isinstance(port.target_port, int) else backend.port
    flow = flow.assuming(f"The controller is taken to resolve the ExternalName {name} itself, as ingress-nginx does.")
    text = f"The backend is ExternalName {name}: the controller looks that name up and asks port {asked}."
    chosen = flow.step(Stage.INGRESS, Action.CHOSE, INGRESS_BACKEND_CHOSEN, text, because=because)
    number = asked if isinstance(asked, int) else None
    return Served(steps=(*steps, chosen), flow=flow, service=service, external_name=name, external_port=number)


def _cannot_tell(flow: Flow, text: str, because: Sequence[Because]) -> Step:
    return flow.step(Stage.INGRESS, Action.UNDECIDED, CANNOT_TELL, text, because=because, verdict=Verdict.UNKNOWN)
