"""Names of Services in what containers are told: environment variables, arguments and ConfigMaps, as the pod that uses
them would look them up.

A name is reported only if the cluster's DNS would be asked for it, has no answer, and something near it exists.
https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kcnet.analysis.finding import Finding, Proof, Rule, Severity, Subject
from kcnet.analysis.mentions import Mention
from kcnet.analysis.policies import names
from kcnet.analysis.spelling import certainly_meant
from kcnet.model.objects import Service, ServiceType
from kcnet.path.dns import answer, names_tried, resolv_conf
from kcnet.path.root_zone import TOP_LEVEL_DOMAINS

_PAGE = "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/"


class _Place(NamedTuple):
    """The Service that a name means: of ``namespace``, whether or not it exists."""

    name: str
    namespace: str
    explicit: bool
    """It is written with .svc, so that nothing else can be meant."""


def _unknown(subject: Subject) -> Iterator[Finding]:
    seen = set()
    for mention in subject.mentions:
        place = _place(subject, mention) if mention.usual else None
        if place is None or (place.namespace, place.name) in subject.cluster.services:
            continue
        better = _better(subject, mention, place)
        if better is None:
            continue
        name, why = better
        at = mention.at
        here = mention.told.ref, mention.told.field, mention.host.name, at and at[0]
        if here in seen:
            continue
        seen.add(here)
        certain = certainly_meant(place.name, subject.cluster.service_names(place.namespace)) is not None
        yield DNS_NAME_UNKNOWN.finding(
            mention.told.ref,
            mention.told.field,
            f"{mention.told.where} names {mention.host.name}, which the cluster's DNS does not know for a pod of "
            f"namespace {mention.pod.namespace}: {why}. The request ends with NXDOMAIN.",
            f"Write {name} instead of {mention.host.name}.",
            proof=_ask(mention),
            edit=mention.edit(name) if certain else None,
            at=at,
        )


def _better(subject: Subject, mention: Mention, place: _Place) -> tuple[str, str] | None:
    """The name that was surely meant, and why the one that is written fails; None if nothing is sure."""
    cluster, rest = subject.cluster, mention.host.name[len(place.name) :]
    meant = _near(place.name, cluster.service_names(place.namespace))
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
                mention.host.name.replace(f".{place.namespace}.", f".{near}.", 1),
                f"the namespace of Service {place.name} is {near}",
            )
    if place.explicit and len(homes) == 1 and place.namespace in cluster.namespaces:
        return (
            mention.host.name.replace(f".{place.namespace}.", f".{homes[0]}.", 1),
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
    for mention in subject.mentions:
        place = _place(subject, mention) if mention.usual else None
        service = subject.cluster.service(place.namespace, place.name) if place is not None else None
        if service is None or not _translates(service) or mention.host.port is None:
            continue
        if any(port.port == mention.host.port for port in service.ports) or _is_own(subject, mention, service):
            continue
        target = next((port for port in service.ports if port.target_port == mention.host.port), None)
        known = ", ".join(str(port.port) for port in service.ports)
        hint = f"; {mention.host.port} is the pods' own port, and the Service's is {target.port}" if target else ""
        best = target or (service.ports[0] if len(service.ports) == 1 else None)
        yield DNS_NAME_WRONG_PORT.finding(
            mention.told.ref,
            mention.told.field,
            f"{mention.told.where} calls port {mention.host.port} of {service.ref}, which has {known}{hint}. "
            "kube-proxy has no rule for that port of the Service's address, so that nobody answers.",
            f"Call {mention.host.name}:{best.port}." if best else f"Call one of the ports {known}.",
            proof=_ask(mention),
            at=mention.at,
        )


def _is_own(subject: Subject, mention: Mention, service: Service) -> bool:
    """Whether the port is the one that the pod itself listens on, behind the Service: it is told where it is found."""
    return mention.told.port is not None and any(pod.ref == mention.pod.ref for pod in subject.selected(service))


def _asked_elsewhere(subject: Subject) -> Iterator[Finding]:
    for mention in subject.mentions:
        place = None if mention.usual else _place(subject, mention)
        service = subject.cluster.service(place.namespace, place.name) if place is not None else None
        if service is None or service.ref.origin is None:
            continue
        conf = resolv_conf(subject.cluster, mention.pod)
        if conf.uses_cluster_dns and any(
            found is not None and found.records
            for name in names_tried(mention.host.name, conf)
            for found in (answer(subject.cluster, name),)
        ):
            continue
        pod, spec = mention.pod, f"{mention.pod.template}spec"
        why = conf.why or "its dnsConfig has a search list of its own"
        meant = "ClusterFirstWithHostNet" if pod.host_network else "ClusterFirst"
        yield DNS_NAME_ASKED_ELSEWHERE.finding(
            mention.told.ref,
            mention.told.field,
            f"{mention.told.where} names {service.ref}, and {names([pod])} does not find it: {why}. The request ends "
            "with NXDOMAIN.",
            f"Set {spec}.dnsPolicy to {meant}"
            + (
                "."
                if conf.why
                else f", or add {place.namespace if place else ''}.svc.{subject.cluster.domain} to the search list."
            ),
            proof=_ask(mention),
            at=mention.at,
        )


def _translates(service: Service) -> bool:
    return bool(service.ports and service.cluster_ips) and service.type is not ServiceType.EXTERNAL_NAME


def _place(subject: Subject, mention: Mention) -> _Place | None:
    """What the name means in the cluster's DNS; None if it may mean something else, or its place is not clear."""
    labels = mention.host.name.lower().split(".")
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


def _ask(mention: Mention) -> Proof | None:
    if not mention.pod.addresses or mention.pod.phase != "Running":
        return None
    return Proof(f"{mention.pod.namespace}/pod/{mention.pod.name}", mention.host.url, namespace=mention.pod.namespace)


DNS_NAME_UNKNOWN = Rule(
    code="DNS_NAME_UNKNOWN",
    severity=Severity.WARNING,
    title="A container is told to call a Service that does not exist",
    meaning=(
        "A name without dots means a Service of the pod's own namespace, and name.namespace one of another. If there "
        "is none, the cluster's DNS answers NXDOMAIN and the application cannot connect, however well everything else "
        "is. kcnet reads environment variables, arguments and ConfigMaps that pods use; it keeps no value of a Secret."
    ),
    look=("kubectl -n NAMESPACE get svc", "kubectl -n NAMESPACE exec POD -- nslookup NAME"),
    causes=(
        "A typo in an environment variable, an argument or a ConfigMap.",
        "The Service is in another namespace.",
        "It was renamed.",
    ),
    repair="Write the Service's name, with its namespace if that is another one.",
    source=_PAGE,
    check=_unknown,
)

DNS_NAME_ASKED_ELSEWHERE = Rule(
    code="DNS_NAME_ASKED_ELSEWHERE",
    severity=Severity.WARNING,
    title="A container is told to call a Service, and its pod asks another DNS",
    meaning=(
        "Only the cluster's DNS knows Services. A pod with dnsPolicy Default asks its node's servers, one with "
        "hostNetwork does so too unless its dnsPolicy is ClusterFirstWithHostNet, and one with dnsPolicy None asks "
        "those in its dnsConfig, with the search list that stands there."
    ),
    look=("kubectl -n NAMESPACE exec POD -- cat /etc/resolv.conf", "kubectl -n NAMESPACE exec POD -- nslookup NAME"),
    causes=(
        "hostNetwork was added without dnsPolicy.",
        "dnsPolicy Default was taken to be the default; that is ClusterFirst.",
        "dnsConfig names no search list.",
    ),
    repair="Set dnsPolicy to ClusterFirst, or to ClusterFirstWithHostNet.",
    source="https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy",
    check=_asked_elsewhere,
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
