"""Names of Services in containers' environment variables and arguments, as the pod would look them up.

Read are URLs, and host and port where they are the whole value (or an item of a list). A name is reported only if the
cluster's DNS would be asked for it, has no answer, and something near it exists.
https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kcnet.analysis.finding import Edit, Finding, Proof, Rule, Severity, Subject
from kcnet.analysis.spelling import certainly_meant
from kcnet.model.manifests import PodSpec
from kcnet.model.names import Ref
from kcnet.model.objects import DNSPolicy, Pod, Service, ServiceType
from kcnet.path.dns import resolv_conf
from kcnet.path.root_zone import TOP_LEVEL_DOMAINS

_PAGE = "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/"
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = rf"(?P<host>{_LABEL}(?:\.{_LABEL})*\.?)"
_URL = re.compile(
    rf"(?<![\w.+-])(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^\s/@\"']*@)?{_HOST}(?::(?P<port>\d{{1,5}}))?(?=[/?#,;\s\"'|)]|$)"
)
_PAIR = re.compile(rf"{_HOST}:(?P<port>\d{{2,5}})(?:/[^\s]*)?")
_BARE = re.compile(_HOST)
_HOST_VARIABLE = re.compile(r"(?:^|_)(?:HOST|HOSTNAME|ADDR|ADDRESS|SERVER)$", re.IGNORECASE)
_NO_HOST = re.compile(r"AUTH|PASS|CRED|USER|SECRET|IMAGE|TOKEN|KEY|OWNER|CHOWN|VERSION", re.IGNORECASE)
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


class _Mention(NamedTuple):
    """A host that a container is told to call."""

    ref: Ref
    field: str
    value: str
    """The whole text, where it is a scalar of its own; else ""."""
    where: str
    """``CART_URL``, ``its arguments``."""
    host: str
    port: int | None
    url: str
    """As it would be asked for."""
    pod: Pod


class _Place(NamedTuple):
    """The Service that a name means: of ``namespace``, whether or not it exists."""

    name: str
    namespace: str
    explicit: bool
    """It is written with .svc, so that nothing else can be meant."""


def _unknown(subject: Subject) -> Iterator[Finding]:
    for mention in _mentions(subject):
        place = _place(subject, mention)
        if place is None or (place.namespace, place.name) in subject.cluster.services:
            continue
        better = _better(subject, mention, place)
        if better is None:
            continue
        name, why = better
        certain = certainly_meant(place.name, subject.cluster.service_names(place.namespace)) is not None
        certain = certain and mention.value.count(mention.host) == 1
        yield DNS_NAME_UNKNOWN.finding(
            mention.ref,
            mention.field,
            f"{mention.where} names {mention.host}, which the cluster's DNS does not know for a pod of namespace "
            f"{mention.pod.namespace}: {why}. The request ends with NXDOMAIN.",
            f"Write {name} instead of {mention.host}.",
            proof=_ask(mention),
            edit=Edit(mention.ref, mention.field, mention.value, mention.value.replace(mention.host, name))
            if certain
            else None,
        )


def _better(subject: Subject, mention: _Mention, place: _Place) -> tuple[str, str] | None:
    """The name that was surely meant, and why the one that is written fails; None if nothing is sure."""
    cluster, rest = subject.cluster, mention.host[len(place.name) :]
    names = cluster.service_names(place.namespace)
    meant = _near(place.name, names)
    if meant is not None:
        return f"{meant}{rest}", f"the Service in namespace {place.namespace} is called {meant}"
    homes = [service.namespace for service in cluster.services_by_name.get(place.name, ())]
    if not rest and len(homes) == 1:
        return (
            f"{place.name}.{homes[0]}",
            f"Service {place.name} is in namespace {homes[0]}, and a name without a namespace means the pod's own",
        )
    if place.namespace not in cluster.namespaces and place.explicit:
        near = certainly_meant(place.namespace, homes)
        if near is not None:
            return (
                mention.host.replace(f".{place.namespace}.", f".{near}.", 1),
                f"the namespace of Service {place.name} is {near}",
            )
    if place.explicit and len(homes) == 1 and place.namespace in cluster.namespaces:
        return (
            mention.host.replace(f".{place.namespace}.", f".{homes[0]}.", 1),
            f"Service {place.name} is in namespace {homes[0]}, not in {place.namespace}",
        )
    return None


def _near(word: str, others: Iterable[str]) -> str | None:
    """A slip of the pen, or one and many: ``carts`` and ``cart``. Nothing has the name, so that less is enough here
    than for a repair."""
    others = set(others)
    many = {other for other in others if word in (f"{other}s", f"{other}es") or other in (f"{word}s", f"{word}es")}
    return many.pop() if len(many) == 1 else certainly_meant(word, others)


def _wrong_port(subject: Subject) -> Iterator[Finding]:
    for mention in _mentions(subject):
        place = _place(subject, mention)
        service = subject.cluster.service(place.namespace, place.name) if place is not None else None
        if service is None or not _translates(service) or mention.port is None:
            continue
        if any(port.port == mention.port for port in service.ports):
            continue
        target = next((port for port in service.ports if port.target_port == mention.port), None)
        known = ", ".join(str(port.port) for port in service.ports)
        hint = f"; {mention.port} is the pods' own port, and the Service's is {target.port}" if target else ""
        best = target or (service.ports[0] if len(service.ports) == 1 else None)
        yield DNS_NAME_WRONG_PORT.finding(
            mention.ref,
            mention.field,
            f"{mention.where} calls port {mention.port} of {service.ref}, which has {known}{hint}. kube-proxy has "
            "no rule "
            "for that port of the Service's address, so that nobody answers.",
            f"Call {mention.host}:{best.port}." if best else f"Call one of the ports {known}.",
            proof=_ask(mention),
        )


def _translates(service: Service) -> bool:
    return bool(service.ports and service.cluster_ips) and service.type is not ServiceType.EXTERNAL_NAME


def _place(subject: Subject, mention: _Mention) -> _Place | None:
    """What the name means in the cluster's DNS; None if it may mean something else, or its place is not clear."""
    labels = mention.host.lower().split(".")
    domain = subject.cluster.domain.split(".")
    if labels[-len(domain) :] == domain and len(labels) > len(domain):
        labels = labels[: -len(domain)]
        if labels[-1] != "svc":
            return None
    explicit = len(labels) == 3 and labels[2] == "svc"
    if len(labels) == 1:
        return _Place(labels[0], mention.pod.namespace, False) if labels[0] != "localhost" else None
    if explicit:
        return _Place(labels[0], labels[1], True)
    if len(labels) != 2 or labels[1] not in subject.cluster.namespaces:
        return None
    own = (mention.pod.namespace, labels[1]) in subject.cluster.services
    public = labels[1] in TOP_LEVEL_DOMAINS and (labels[1], labels[0]) not in subject.cluster.services
    return None if own or public else _Place(labels[0], labels[1], False)


def _mentions(subject: Subject) -> Iterator[_Mention]:
    for ref, spec in _specs(subject):
        pod = _pod_of(subject, ref) if spec.env or spec.args else None
        if pod is None or pod.dns_policy is DNSPolicy.NONE or pod.dns_config.searches:
            continue
        if not resolv_conf(subject.cluster, pod).uses_cluster_dns:
            continue
        for variable in spec.env:
            if not _NO_HOST.search(variable.name):
                bare = bool(_HOST_VARIABLE.search(variable.name))
                yield from _in_text(ref, pod, variable.field, variable.value, variable.name, variable.value, bare=bare)
        for arg in spec.args:
            text = arg.partition("=")[2] if arg.startswith("-") and "://" not in arg.partition("=")[0] else arg
            yield from _in_text(ref, pod, f"{spec.field}.containers", text, "An argument", "", bare=False)


def _in_text(ref: Ref, pod: Pod, field: str, text: str, where: str, value: str, *, bare: bool) -> Iterator[_Mention]:
    if "://" in text:
        for found in _URL.finditer(text):
            scheme = found["scheme"].rpartition(":")[2]
            port = int(found["port"]) if found["port"] else _PORTS.get(scheme)
            url = f"{scheme}://{found['host']}" if scheme in ("http", "https") else found["host"]
            shown = f"{url}:{found['port']}" if found["port"] else url
            yield _Mention(ref, field, value, where, found["host"].rstrip("."), port, shown, pod)
        return
    for item in re.split(r"[,;]", text) if " " not in text else ():
        found_pair = _PAIR.fullmatch(item.strip())
        if found_pair is not None and int(found_pair["port"]) >= 80:
            host = found_pair["host"]
            yield _Mention(ref, field, value, where, host.rstrip("."), int(found_pair["port"]), item.strip(), pod)
        elif bare and _BARE.fullmatch(item.strip()):
            yield _Mention(ref, field, value, where, item.strip().rstrip("."), None, item.strip(), pod)


def _ask(mention: _Mention) -> Proof | None:
    if not mention.pod.addresses or mention.pod.phase != "Running":
        return None
    return Proof(f"{mention.pod.namespace}/pod/{mention.pod.name}", mention.url, namespace=mention.pod.namespace)


def _specs(subject: Subject) -> Iterator[tuple[Ref, PodSpec]]:
    for workload in subject.manifests.workloads:
        yield workload.ref, workload.spec
    for pod in subject.manifests.pods:
        if pod.owner is None:
            yield pod.ref, pod.spec


def _pod_of(subject: Subject, ref: Ref) -> Pod | None:
    if ref.kind == "Pod":
        return subject.cluster.pods.get((ref.namespace or "", ref.name))
    keys = subject.cluster.workloads.get((ref.kind, ref.namespace or "", ref.name), ())
    return subject.cluster.pods[keys[0]] if keys else None


DNS_NAME_UNKNOWN = Rule(
    code="DNS_NAME_UNKNOWN",
    severity=Severity.WARNING,
    title="A container is told to call a Service that does not exist",
    meaning=(
        "A name without dots means a Service of the pod's own namespace, and name.namespace one of another. If "
        "there is "
        "none, the cluster's DNS answers NXDOMAIN and the application cannot connect, however well everything else is."
    ),
    look=("kubectl -n NAMESPACE get svc", "kubectl -n NAMESPACE exec POD -- nslookup NAME"),
    causes=(
        "A typo in an environment variable or an argument.",
        "The Service is in another namespace.",
        "It was renamed.",
    ),
    repair="Write the Service's name, with its namespace if that is another one.",
    source=_PAGE,
    check=_unknown,
)

DNS_NAME_WRONG_PORT = Rule(
    code="DNS_NAME_WRONG_PORT",
    severity=Severity.WARNING,
    title="A container is told to call a port that the Service does not have",
    meaning=(
        "A Service answers on its own ports alone; the port of the pods behind it is another number, which kube-proxy "
        "looks up. Without a port in the URL http means 80 and https 443."
    ),
    look=("kubectl -n NAMESPACE get svc NAME", "kubectl -n NAMESPACE exec POD -- env"),
    causes=(
        "The container's port was written.",
        "The port was left out of the URL.",
        "The Service's port was changed.",
    ),
    repair="Call a port of the Service.",
    source="https://kubernetes.io/docs/concepts/services-networking/service/",
    check=_wrong_port,
)
