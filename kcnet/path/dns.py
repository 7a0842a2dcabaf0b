"""Name resolution: what a client asks, in which order, and what the cluster's DNS answers.

Models resolv.conf as kubelet writes it, glibc's search rules, and CoreDNS with the ``kubernetes`` plugin as kubeadm
ships it (pods insecure, names of other domains forwarded). Not modelled: caches, NodeLocal DNSCache's own address
beyond its default, hostAliases.
https://github.com/kubernetes/dns/blob/master/docs/specification.md
https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from kcnet.model.cluster import Cluster
from kcnet.model.names import Fqdn, IPAddress, Protocol
from kcnet.model.objects import DNSPolicy, Endpoint, EndpointPort, Pod, Service, ServiceType

DEFAULT_NDOTS = 5
MAX_CNAMES = 8
"""CoreDNS follows no longer chain inside its own zone (plugin/backend_lookup.go)."""

NODE_LOCAL_DNS = "169.254.20.10"


class RecordType(StrEnum):
    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    SRV = "SRV"
    PTR = "PTR"
    TXT = "TXT"


class Record(NamedTuple):
    name: Fqdn
    type: RecordType
    value: str
    """The address, the target name, the text; ``0 PORT TARGET`` is ``port`` and ``value`` of an SRV."""
    port: int | None = None


class Rcode(StrEnum):
    NOERROR = "NOERROR"
    NXDOMAIN = "NXDOMAIN"


class Answer(NamedTuple):
    """What CoreDNS answers to one question. NOERROR without records is NODATA."""

    rcode: Rcode
    records: tuple[Record, ...] = ()
    services: tuple[Service, ...] = ()
    """The Services that the answer speaks of, CNAME targets included, in the order in which they were met."""
    leads_outside: Fqdn | None = None
    """A CNAME chain leaves the cluster's domain at this name: public DNS has the rest."""

    @property
    def addresses(self) -> tuple[IPAddress, ...]:
        return tuple(
            ip_address(record.value) for record in self.records if record.type in (RecordType.A, RecordType.AAAA)
        )


NXDOMAIN = Answer(Rcode.NXDOMAIN)
NODATA = Answer(Rcode.NOERROR)


class ResolvConf(NamedTuple):
    """A client's /etc/resolv.conf."""

    nameservers: tuple[str, ...]
    """"node" stands for the resolvers of the node's own resolv.conf, which no manifest tells."""
    searches: tuple[str, ...] = ()
    ndots: int = 1
    uses_cluster_dns: bool = False
    why: str = ""
    """For a pod that does not ask the cluster's DNS: the reason, as a clause."""


def resolv_conf(cluster: Cluster, pod: Pod) -> ResolvConf:
    """As kubelet writes it (pkg/kubelet/network/dns/dns.go). The node's own search list is taken to be empty."""
    extra = pod.dns_config
    policy = pod.dns_policy
    why = ""
    if policy is DNSPolicy.CLUSTER_FIRST and pod.host_network:
        policy, why = DNSPolicy.DEFAULT, "dnsPolicy ClusterFirst acts as Default for a hostNetwork pod"
    elif policy is DNSPolicy.DEFAULT:
        why = "its dnsPolicy is Default"
    if policy is DNSPolicy.NONE:
        own = str(_dns_address(cluster))
        cluster_dns = any(server in (own, NODE_LOCAL_DNS) for server in extra.nameservers)
        return ResolvConf(
            nameservers=extra.nameservers,
            searches=extra.searches,
            ndots=extra.ndots if extra.ndots is not None else 1,
            uses_cluster_dns=cluster_dns,
            why="" if cluster_dns else "its dnsPolicy is None and dnsConfig names other servers",
        )
    if policy is DNSPolicy.DEFAULT:
        return ResolvConf(
            nameservers=("node", *extra.nameservers)[:3],
            searches=extra.searches,
            ndots=extra.ndots if extra.ndots is not None else 1,
            why=why,
        )
    domain = cluster.domain
    searches = dict.fromkeys((f"{pod.namespace}.svc.{domain}", f"svc.{domain}", domain, *extra.searches))
    return ResolvConf(
        nameservers=tuple(dict.fromkeys((str(_dns_address(cluster)), *extra.nameservers)))[:3],
        searches=tuple(searches)[:32],
        ndots=extra.ndots if extra.ndots is not None else DEFAULT_NDOTS,
        uses_cluster_dns=True,
    )


def _dns_address(cluster: Cluster) -> IPAddress | None:
    service = cluster.services.get(cluster.dns_service)
    return service.cluster_ips[0] if service is not None and service.cluster_ips else None


def names_tried(name: str, conf: ResolvConf) -> Iterator[Fqdn]:
    """The names that glibc asks for one after the other; the first answer wins (resolv.conf(5))."""
    asked = name.lower()
    if asked.endswith("."):
        yield Fqdn(asked)
        return
    absolute = Fqdn(f"{asked}.")
    searched = [
        Fqdn(f"{asked}.{suffix.lower().rstrip('.')}." if suffix != "." else absolute) for suffix in conf.searches
    ]
    if asked.count(".") >= conf.ndots:
        yield absolute
        yield from searched
    else:
        yield from searched
        yield absolute


def in_cluster_domain(cluster: Cluster, name: Fqdn) -> bool:
    return name == f"{cluster.domain}." or name.endswith(f".{cluster.domain}.")


def answer(cluster: Cluster, name: Fqdn, type: RecordType = RecordType.A) -> Answer | None:  # noqa: A002
    """What CoreDNS answers; None for a name outside its zones, which it forwards."""
    return _answer(cluster, name, type, depth=0)


def _answer(cluster: Cluster, name: Fqdn, type_: RecordType, depth: int) -> Answer | None:
    if name.endswith((".in-addr.arpa.", ".ip6.arpa.")):
        return _reverse(cluster, name) if type_ is RecordType.PTR else NODATA
    if not in_cluster_domain(cluster, name):
        return None
    base = name[: -len(cluster.domain) - 1].rstrip(".")
    if base == "dns-version":
        return _dns_version(name, type_)
    if base in ("", "svc", "pod"):
        return NODATA
    labels = base.split(".")
    kind = labels.pop()
    if kind not in ("svc", "pod"):
        return NXDOMAIN
    namespace = labels.pop() if labels else ""
    if namespace not in cluster.namespaces:
        return NXDOMAIN
    if not labels:
        return NODATA
    if kind == "pod":
        return _pod_record(name, labels, type_)
    return _service_record(cluster, name, labels, namespace, type_, depth)


def _dns_version(name: Fqdn, type_: RecordType) -> Answer:
    if type_ is RecordType.TXT:
        return Answer(Rcode.NOERROR, (Record(name, type_, "1.1.0"),))
    return NXDOMAIN


def _pod_record(name: Fqdn, labels: list[str], type_: RecordType) -> Answer:
    """``pods insecure``: any address, whether or not such a pod exists."""
    if len(labels) != 1:
        return NXDOMAIN
    dashed = labels[0]
    try:
        address = ip_address(
            dashed.replace("-", ".") if dashed.count("-") == 3 and "--" not in dashed else dashed.replace("-", ":")
        )
    except ValueError:
        return NXDOMAIN
    return _addresses(name, type_, (address,), ())


def _addresses(
    name: Fqdn, type_: RecordType, addresses: tuple[IPAddress, ...], services: tuple[Service, ...]
) -> Answer:
    version = {RecordType.A: 4, RecordType.AAAA: 6}.get(type_)
    own = tuple(Record(name, type_, str(a)) for a in dict.fromkeys(addresses) if a.version == version)
    return Answer(Rcode.NOERROR, own, services)


def _service_record(
    cluster: Cluster, name: Fqdn, labels: list[str], namespace: str, type_: RecordType, depth: int
) -> Answer:
    service = cluster.service(namespace, labels.pop())
    if service is None or len(labels) > 2:
        return NXDOMAIN
    port = protocol = endpoint = None
    if len(labels) == 2:
        port, protocol = (label.removeprefix("_") for label in labels)
    elif labels:
        endpoint = labels[0]
    if service.type is ServiceType.EXTERNAL_NAME:
        return _external_name(cluster, name, service, type_, depth) if not labels else NXDOMAIN
    if service.headless or endpoint is not None:
        return _headless(cluster, name, service, endpoint, port, protocol, type_)
    ports = [p for p in service.ports if _names_port(p.name, p.protocol, port, protocol)]
    if not ports:
        return NXDOMAIN
    if type_ is RecordType.SRV:
        target = f"{service.name}.{service.namespace}.svc.{cluster.domain}."
        named = [p for p in ports if p.name or port is None]
        return Answer(Rcode.NOERROR, tuple(Record(name, type_, target, p.port) for p in named), (service,))
    return _addresses(name, type_, service.cluster_ips, (service,))


def _names_port(name: str, has: Protocol, port: str | None, protocol: str | None) -> bool:
    return (not port or name.lower() == port) and (not protocol or has.value.lower() == protocol)


def endpoint_name(endpoint: Endpoint) -> str:
    """The label under which a headless Service's endpoint has a record of its own."""
    if endpoint.hostname:
        return endpoint.hostname
    return str(endpoint.addresses[0]).replace(".", "-").replace(":", "-")


def ready_endpoints(cluster: Cluster, service: Service) -> Iterator[tuple[Endpoint, tuple[EndpointPort, ...]]]:
    """The endpoints that CoreDNS publishes: ready ones of every slice of the Service, with their slice's ports."""
    for piece in cluster.slices.get((service.namespace, service.name), ()):
        for endpoint in piece.endpoints:
            if endpoint.ready and not isinstance(endpoint.addresses[0], str):
                yield endpoint, piece.ports


def _headless(
    cluster: Cluster,
    name: Fqdn,
    service: Service,
    endpoint: str | None,
    port: str | None,
    protocol: str | None,
    type_: RecordType,
) -> Answer:
    addresses: list[IPAddress] = []
    records: list[Record] = []
    for found, ports in ready_endpoints(cluster, service):
        if endpoint is not None and endpoint_name(found).lower() != endpoint:
            continue
        matching = [p for p in ports if _names_port(p.name, p.protocol, port, protocol)]
        if (ports and not matching) or (port and not ports):
            continue
        addresses += [a for a in found.addresses if not isinstance(a, str)]
        target = f"{endpoint_name(found)}.{service.name}.{service.namespace}.svc.{cluster.domain}."
        records += [Record(name, RecordType.SRV, target, p.port) for p in matching if p.port]
    if not addresses:
        return NXDOMAIN
    if type_ is RecordType.SRV:
        return Answer(Rcode.NOERROR, tuple(records), (service,))
    return _addresses(name, type_, tuple(addresses), (service,))


def _external_name(cluster: Cluster, name: Fqdn, service: Service, type_: RecordType, depth: int) -> Answer:
    target = (service.external_name or "").lower().rstrip(".")
    if is_address(target):
        return NXDOMAIN  # CoreDNS builds no CNAME to an address
    if type_ is RecordType.SRV:
        return NODATA
    absolute = Fqdn(f"{target}.")
    link = Record(name, RecordType.CNAME, absolute)
    if type_ is RecordType.CNAME:
        return Answer(Rcode.NOERROR, (link,), (service,))
    if depth >= MAX_CNAMES or absolute == name:
        return Answer(Rcode.NOERROR, (), (service,))
    onward = _answer(cluster, absolute, type_, depth + 1)
    if onward is None:
        return Answer(Rcode.NOERROR, (link,), (service,), leads_outside=absolute)
    services = (service, *(s for s in onward.services if s != service))
    if not onward.records:  # CoreDNS leaves out a CNAME that leads nowhere inside its zone
        return Answer(Rcode.NOERROR, (), services)
    return Answer(Rcode.NOERROR, (link, *onward.records), services, onward.leads_outside)


def _reverse(cluster: Cluster, name: Fqdn) -> Answer | None:
    address = address_of_reverse_name(name)
    if address is None:
        return NXDOMAIN
    for service in cluster.services_by_address.get(address, ()):
        if address in service.cluster_ips:
            target = f"{service.name}.{service.namespace}.svc.{cluster.domain}."
            return Answer(Rcode.NOERROR, (Record(name, RecordType.PTR, target),), (service,))
    targets = []
    for (namespace, service_name), pieces in cluster.slices.items():
        for piece in pieces:
            for endpoint in piece.endpoints:
                if endpoint.ready and endpoint.addresses[0] == address:
                    host = f"{endpoint_name(endpoint)}.{service_name}.{namespace}.svc.{cluster.domain}."
                    targets.append(Record(name, RecordType.PTR, host))
    if targets:
        return Answer(Rcode.NOERROR, tuple(dict.fromkeys(targets)))
    return None  # fallthrough: the node's resolvers are asked


def address_of_reverse_name(name: Fqdn) -> IPAddress | None:
    """10.96.0.10 for ``10.0.96.10.in-addr.arpa.``; None for a name that holds no whole address."""
    if name.endswith(".in-addr.arpa."):
        parts = name.removesuffix(".in-addr.arpa.").split(".")
        text = ".".join(reversed(parts))
        return ip_address(text) if len(parts) == 4 and is_address(text) else None
    nibbles = name.removesuffix(".ip6.arpa.").split(".")
    if len(nibbles) != 32 or any(len(n) != 1 or n not in "0123456789abcdef" for n in nibbles):
        return None
    return IPv6Address(int("".join(reversed(nibbles)), 16))


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
