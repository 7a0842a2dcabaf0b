"""Services of type ExternalName: a name in DNS that stands for another, and nothing more.

https://kubernetes.io/docs/concepts/services-networking/service/#externalname
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from kcnet.analysis.finding import Edit, Finding, Proof, Rule, Severity, Subject
from kcnet.model.cluster import Key
from kcnet.model.manifests import ServiceManifest
from kcnet.model.objects import Service, ServiceType
from kcnet.path.nearest import closest

_PAGE = "https://kubernetes.io/docs/concepts/services-networking/service/#externalname"
_HTTP_PORTS = {80: "http", 443: "https", 8080: "http", 8443: "https"}


def _is_address(subject: Subject) -> Iterator[Finding]:
    for written, name in _names(subject):
        if _address(name):
            yield EXTERNAL_NAME_IS_ADDRESS.finding(
                written.ref,
                "spec.externalName",
                f"{name} is an IP address. DNS answers {written.name} with an alias for a host of that name, which "
                "does not exist: nobody can look the Service up.",
                "Remove type and externalName, give the Service a port, and write an EndpointSlice for it with the "
                f"address {name}.",
                proof=_ask(subject, written),
            )


def _address(name: str) -> bool:
    try:
        ip_address(name.rstrip("."))
    except ValueError:
        return False
    return True


def _translates_no_port(subject: Subject) -> Iterator[Finding]:
    behind_ingress = {
        (ingress.namespace, path.backend.service)
        for ingress in subject.manifests.ingresses
        for rule in ingress.rules
        for path in rule.paths or ()
    }
    for written, name in _names(subject):
        if (written.namespace, written.name) in behind_ingress:
            continue  # a controller may read targetPort
        for index, port in enumerate(written.ports):
            if port.target_port not in (None, port.port):
                yield EXTERNAL_NAME_TRANSLATES_NO_PORT.finding(
                    written.ref,
                    f"spec.ports[{index}].targetPort",
                    f"An ExternalName is only an alias in DNS: a client of {written.name}:{port.port} connects to "
                    f"{name} at port {port.port}, never at {port.target_port}.",
                    f"Let clients use port {port.target_port}, and remove spec.ports.",
                )
                break


def _another_host(subject: Subject) -> Iterator[Finding]:
    for written, name in _names(subject):
        if _address(name) or _inside(subject, name) is not None or _abbreviated(subject, written, name):
            continue
        scheme = next(
            (
                "https" if "https" in (port.name, port.app_protocol) or port.port in (443, 8443) else "http"
                for port in written.ports
                if port.port in _HTTP_PORTS or port.name.startswith("http")
            ),
            None,
        )
        if scheme is None:
            continue
        https = scheme == "https"
        yield EXTERNAL_NAME_ANOTHER_HOST.finding(
            written.ref,
            "spec.externalName",
            f"A client of {scheme}://{written.name}/ asks {name} for the host {written.name}: "
            + (
                f"its certificate is for another name, so the TLS handshake fails unless the client sends {name}."
                if https
                else f"most servers answer 404, or with another site, unless the client sends Host: {name}."
            ),
            f"Let clients use the name {name} itself, or set the Host header"
            f"{' and the TLS server name' if https else ''} to it.",
        )


def _loop(subject: Subject) -> Iterator[Finding]:
    aliases = {(written.namespace, written.name): name for written, name in _names(subject)}
    for written, _ in _names(subject):
        start: Key = (written.namespace, written.name)
        way = [start]
        while (here := way[-1]) in aliases:
            onward = _inside(subject, aliases[here])
            if onward is None or onward in way:
                if onward == start:
                    shown = " -> ".join(f"{name}.{namespace}" for namespace, name in (*way, start))
                    yield EXTERNAL_NAME_LOOP.finding(
                        written.ref,
                        "spec.externalName",
                        f"The alias leads back to itself ({shown}): no lookup of it ever gives an address.",
                        "Let one of them name the host that is really meant.",
                        proof=_ask(subject, written),
                    )
                break
            way.append(onward)


def _no_such_service(subject: Subject) -> Iterator[Finding]:
    known = {service.namespace for service in subject.manifests.services}
    for written, name in _names(subject):
        target = _inside(subject, name)
        if target is None or target in subject.cluster.services or target[0] not in known:
            continue  # the Services of a namespace of which nothing is written may stand in other files
        near = closest(target[1], subject.cluster.service_names(target[0]))
        yield EXTERNAL_NAME_NO_SUCH_SERVICE.finding(
            written.ref,
            "spec.externalName",
            f"There is no Service {target[1]} in namespace {target[0]}"
            + (f" (nearest: {near})" if near else "")
            + f": {written.name} is an alias for a name that does not exist, and no address comes back.",
            f"Set spec.externalName to {near}.{target[0]}.svc.{subject.cluster.domain}."
            if near
            else f"Create the Service {target[1]} in namespace {target[0]}, or name another.",
            proof=_ask(subject, written),
        )


def _short_name(subject: Subject) -> Iterator[Finding]:
    for written, name in _names(subject):
        target = _abbreviated(subject, written, name)
        if target is None:
            continue
        namespace, service = target
        full = f"{service}.{namespace}.svc.{subject.cluster.domain}"
        known = target in subject.cluster.services
        yield EXTERNAL_NAME_SHORT.finding(
            written.ref,
            "spec.externalName",
            f"DNS takes {name} for a full name, as it does all targets of an alias: no search path completes it, so "
            f"it does not lead to {'' if known else 'a '}Service {service} of namespace {namespace}, and a lookup of "
            f"{written.name} gives no address.",
            f"Set spec.externalName to {full}.",
            proof=_ask(subject, written),
            edit=Edit(written.ref, "spec.externalName", name, full) if known else None,
        )


def _abbreviated(subject: Subject, written: ServiceManifest, name: str) -> Key | None:
    """The (namespace, name) of the Service that ``name`` would lead to if a pod looked it up with its search path."""
    if _inside(subject, name) is not None:
        return None
    labels = name.lower().rstrip(".").split(".")
    if len(labels) > 2 and labels[2] == "svc" and (len(labels) == 3 or labels[3:] == ["cluster", "local"]):
        return labels[1], labels[0]
    target = (labels[1], labels[0]) if len(labels) == 2 else (written.namespace, labels[0])
    known = len(labels) <= 2 and target in subject.cluster.services
    return target if known and target != (written.namespace, written.name) else None


def _without_type(subject: Subject) -> Iterator[Finding]:
    for written in subject.manifests.services:
        if written.external_name and written.type is not ServiceType.EXTERNAL_NAME:
            yield EXTERNAL_NAME_WITHOUT_TYPE.finding(
                written.ref,
                "spec.externalName",
                f"The Service is of type {written.type}, and only one of type ExternalName is an alias: externalName "
                f"is ignored, and {written.name} leads to what its selector or its EndpointSlices say, if anything.",
                "Set spec.type to ExternalName, or remove externalName.",
            )


def _names(subject: Subject) -> Iterator[tuple[ServiceManifest, str]]:
    for written in subject.manifests.services:
        if written.type is ServiceType.EXTERNAL_NAME and written.external_name:
            yield written, written.external_name


def _inside(subject: Subject, name: str) -> Key | None:
    """The (namespace, name) of the Service that ``name`` is cluster DNS's full name of."""
    labels, end = name.lower().rstrip("."), f".svc.{subject.cluster.domain}"
    if not labels.endswith(end):
        return None
    service, dot, namespace = labels.removesuffix(end).partition(".")
    return (namespace, service) if dot and "." not in namespace else None


def _ask(subject: Subject, service: ServiceManifest | Service) -> Proof | None:
    source = subject.client(service.namespace)
    port = service.ports[0].port if service.ports else 80
    name = f"{service.name}.{service.namespace}.svc.{subject.cluster.domain}"
    return Proof(source, f"{name}:{port}") if source else None


EXTERNAL_NAME_IS_ADDRESS = Rule(
    code="EXTERNAL_NAME_IS_ADDRESS",
    severity=Severity.WARNING,
    title="externalName is an IP address",
    meaning=(
        "An ExternalName Service is one record in the cluster's DNS: a CNAME from the Service's name to another name. "
        "The digits of an address are taken as such a name, one that no DNS server knows, so the lookup fails."
    ),
    look=("kubectl run test -it --rm --image=busybox -- nslookup NAME.NAMESPACE.svc.cluster.local",),
    causes=("The outside host has no name, and its address was written instead.",),
    repair="Use a Service without a selector and an EndpointSlice that holds the address.",
    source=_PAGE,
    check=_is_address,
)

EXTERNAL_NAME_WITHOUT_TYPE = Rule(
    code="EXTERNAL_NAME_WITHOUT_TYPE",
    severity=Severity.WARNING,
    title="externalName on a Service of another type",
    meaning=(
        "externalName means something on Services of type ExternalName alone. A Service without a type is of type "
        "ClusterIP; the API server keeps the field, warns of it, and DNS answers with the cluster IP."
    ),
    look=("kubectl -n NAMESPACE get svc NAME",),
    causes=("type: ExternalName was forgotten.", "The Service's type was changed, and the field stayed."),
    repair="Set the type, or remove the field.",
    source=_PAGE,
    check=_without_type,
)

EXTERNAL_NAME_SHORT = Rule(
    code="EXTERNAL_NAME_SHORT",
    severity=Severity.WARNING,
    title="externalName is a short name of a Service",
    meaning=(
        "cart, cart.shop and cart.shop.svc work in a pod because its resolver completes them with a search path. The "
        "target of an alias is no such name: the DNS server looks it up as it stands, finds nothing of the kind among "
        "the names of the world, and the lookup of the alias gives no address."
    ),
    look=("kubectl run test -it --rm --image=busybox -- nslookup NAME.NAMESPACE.svc.cluster.local",),
    causes=(
        "The name was copied from the configuration of a pod, where it works.",
        "The cluster has a domain of its own, and the name ends in cluster.local.",
    ),
    repair="Write the full name, such as cart.shop.svc.cluster.local. kcnet check --fix does it.",
    source=_PAGE,
    check=_short_name,
)

EXTERNAL_NAME_TRANSLATES_NO_PORT = Rule(
    code="EXTERNAL_NAME_TRANSLATES_NO_PORT",
    severity=Severity.WARNING,
    title="An ExternalName Service maps one port to another",
    meaning=(
        "DNS knows no ports, and no packet to an ExternalName ever passes kube-proxy: the client learns another name "
        "and connects to that host itself, with the port that it was told. targetPort is accepted and means nothing."
    ),
    look=("kubectl -n NAMESPACE get svc NAME -o yaml",),
    causes=("The Service was of another type before.", "ExternalName was taken for a proxy."),
    repair="Let clients use the real port, or put a Service without a selector and an EndpointSlice in its place.",
    source=_PAGE,
    check=_translates_no_port,
)

EXTERNAL_NAME_ANOTHER_HOST = Rule(
    code="EXTERNAL_NAME_ANOTHER_HOST",
    severity=Severity.INFO,
    title="HTTP through an ExternalName carries the wrong host name",
    meaning=(
        "The client connects to the outside host but goes on using the name that it was given: in the Host header of "
        "HTTP, and as the TLS server name, against which the certificate is checked. The other side serves its own "
        "name, and often nothing else."
    ),
    look=(
        "kubectl exec POD -- curl -v https://NAME/",
        "kubectl exec POD -- curl -v -H 'Host: EXTERNALNAME' http://NAME/",
    ),
    causes=("ExternalName was taken for a proxy that rewrites requests.",),
    repair="Let clients use the outside name, or put a proxy between that rewrites the host.",
    source=_PAGE,
    check=_another_host,
)

EXTERNAL_NAME_LOOP = Rule(
    code="EXTERNAL_NAME_LOOP",
    severity=Severity.WARNING,
    title="ExternalName Services that name each other",
    meaning=(
        "Each ExternalName is an alias for the next name. If the chain comes back to where it began there is no "
        "address at its end; the DNS server or the client gives up."
    ),
    look=("kubectl get svc -A -o jsonpath='{.items[*].spec.externalName}'",),
    causes=("A copy of the Service names itself.", "Two namespaces each thought the other had the real Service."),
    repair="Let one of them name the real host.",
    source=_PAGE,
    check=_loop,
)

EXTERNAL_NAME_NO_SUCH_SERVICE = Rule(
    code="EXTERNAL_NAME_NO_SUCH_SERVICE",
    severity=Severity.WARNING,
    title="externalName is the name of a Service that does not exist",
    meaning=(
        "externalName may be the cluster's own full name of another Service; so a Service is known in a second "
        "namespace. Nobody checks that it exists: if it does not, the alias leads to a name without an address."
    ),
    look=("kubectl -n NAMESPACE get svc", "kubectl run test -it --rm --image=busybox -- nslookup EXTERNALNAME"),
    causes=("A typo in the name or the namespace.", "The Service was renamed or removed."),
    repair="Name a Service that exists: NAME.NAMESPACE.svc.cluster.local.",
    source=_PAGE,
    check=_no_such_service,
)
