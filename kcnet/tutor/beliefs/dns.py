"""Beliefs on names: search lists, headless Services, ExternalName.

https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress, Protocol, Ref
from kcnet.model.objects import (
    DNSPolicy,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Pod,
    Service,
    ServicePort,
    ServiceType,
)
from kcnet.model.trace import Path, Request, Trace
from kcnet.path.dns import is_address
from kcnet.reasons.dns import DNS_NO_RECORDS, DNS_NXDOMAIN
from kcnet.simulate import trace
from kcnet.tutor.beliefs.belief import Belief
from kcnet.tutor.beliefs.changes import each_pod, each_service, retold, spare_address
from kcnet.tutor.beliefs.services import SERVICE_PAGE, pod_port

PAGE: Final = "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/"
OUTSIDE_ADDRESS: Final = ip_address("192.0.2.80")
"""What a name outside the cluster is taken to stand for (RFC 5737)."""
_HTTP: Final = ServicePort(name="", protocol=Protocol.TCP, port=80, target_port=80)


def _named(request: Request, name: str) -> Request:
    return replace(request, target=request.target._replace(name=name))


def _labels(cluster: Cluster, name: str) -> list[str]:
    """The labels of a name of a Service without what every such name ends in: cart.shop.svc.cluster.local → 2."""
    bare = name.lower().rstrip(".").removesuffix(f".{cluster.domain}").removesuffix(".svc")
    return bare.split(".")


def _crosses_namespaces(cluster: Cluster, request: Request) -> Trace:
    name, home = request.target.name, request.client.ref.namespace
    if name is None or "." in name or home is None or cluster.service(home, name) is not None:
        return trace(cluster, request)
    elsewhere = cluster.services_by_name.get(name.lower(), ())
    return trace(cluster, _named(request, f"{name}.{elsewhere[0].namespace}") if elsewhere else request)


def _full_name_only(cluster: Cluster, request: Request) -> Trace:
    name = request.target.name
    if name is None or name.rstrip(".").endswith(cluster.domain) or not _of_a_service(cluster, request, name):
        return trace(cluster, request)
    return trace(cluster, _named(request, f"{name.rstrip('.')}."))


def _home_names_only(cluster: Cluster, request: Request) -> Trace:
    name = request.target.name
    if name is None or not _of_a_service(cluster, request, name):
        return trace(cluster, request)
    labels = _labels(cluster, name)
    if len(labels) < 2 or labels[1] == request.client.ref.namespace or name.rstrip(".").endswith(cluster.domain):
        return trace(cluster, request)
    return trace(cluster, _named(request, f"{name.rstrip('.')}."))


def _of_a_service(cluster: Cluster, request: Request, name: str) -> bool:
    labels = _labels(cluster, name)
    home = request.client.ref.namespace or ""
    return cluster.service(labels[1] if len(labels) > 1 else home, labels[0]) is not None


def _virtual_ip(cluster: Cluster, request: Request) -> Trace:
    spare = spare_address(cluster)

    def change(service: Service) -> Service:
        return replace(service, headless=False, cluster_ips=(spare,)) if _asked(cluster, request, service) else service

    return trace(each_service(cluster, change), request)


def _asked(cluster: Cluster, request: Request, service: Service) -> bool:
    """The headless Service that the request is for."""
    if not service.headless:
        return False
    ref, name = request.target.ref, request.target.name
    if ref is not None:
        return ref == service.ref
    if name is None:
        return False
    labels = _labels(cluster, name)
    home = labels[1] if len(labels) > 1 else request.client.ref.namespace
    return labels[0] == service.name and home == service.namespace


def _port_translated(cluster: Cluster, request: Request) -> Trace:
    for service in cluster.services.values():
        if not _asked(cluster, request, service):
            continue
        wanted = request.target.port or {"https": 443}.get(request.target.scheme or "", 80)
        for port in service.ports:
            if port.port == wanted and (number := pod_port(cluster, service, port)) is not None:
                return trace(cluster, replace(request, target=request.target._replace(port=number)))
    return trace(cluster, request)


def _empty_answer(cluster: Cluster, request: Request) -> Trace:
    def change(path: Path) -> Path:
        headless = any(_asked(cluster, request, service) for service in cluster.services.values())
        if path.reason is not DNS_NXDOMAIN or not headless:
            return path
        last = replace(path.last, reason=DNS_NO_RECORDS, text="The Service exists, so the answer is empty.")
        return replace(path, reason=DNS_NO_RECORDS, steps=(*path.steps[:-1], last))

    return retold(trace(cluster, request), change)


def _pod_addresses(cluster: Cluster, request: Request) -> Trace:
    labels = _labels(cluster, request.target.name) if request.target.name is not None else [""]
    home = labels[1] if len(labels) > 1 else request.client.ref.namespace

    def change(service: Service) -> Service:
        asked = service.name == labels[0] and service.namespace == home
        if not asked or not service.cluster_ips or not service.selector:
            return service
        return replace(service, headless=True, cluster_ips=())

    return trace(each_service(cluster, change), request)


def _no_name_without_pods(cluster: Cluster, request: Request) -> Trace:
    def change(service: Service) -> Service | None:
        pieces = cluster.slices.get((service.namespace, service.name), ())
        alive = any(endpoint.ready for piece in pieces for endpoint in piece.endpoints)
        return service if alive or service.headless or not service.selector else None

    return trace(each_service(cluster, change), request)


def _proxied(cluster: Cluster, request: Request) -> Trace:
    changed = dict(cluster.services)
    slices = dict(cluster.slices)
    for number, (key, service) in enumerate(cluster.services.items()):
        if service.external_name is None:
            continue
        behind = _behind(cluster, service)
        ports = service.ports or (behind.ports if behind is not None else ()) or (_HTTP,)
        changed[key] = replace(
            service,
            type=ServiceType.CLUSTER_IP,
            external_name=None,
            cluster_ips=(spare_address(cluster, 210 + number),),
            ports=ports,
        )
        if behind is not None:
            slices[key] = cluster.slices.get((behind.namespace, behind.name), ())
        else:
            slices[key] = (_by_hand(service, ports, OUTSIDE_ADDRESS),)
    return trace(replace(cluster, services=changed, slices=slices), request)


def _behind(cluster: Cluster, service: Service) -> Service | None:
    labels = _labels(cluster, service.external_name or "")
    return cluster.service(labels[1], labels[0]) if len(labels) == 2 else None


def _by_hand(service: Service, ports: tuple[ServicePort, ...], address: IPAddress) -> EndpointSlice:
    numbers = tuple(
        EndpointPort(
            name=port.name,
            protocol=port.protocol,
            port=port.target_port if isinstance(port.target_port, int) else port.port,
        )
        for port in ports
    )
    return EndpointSlice(
        ref=Ref("EndpointSlice", service.namespace, f"{service.name}-believed"),
        service=service.name,
        address_type=f"IPv{address.version}",
        ports=numbers,
        endpoints=(Endpoint(addresses=(address,)),),
    )


def _address_as_name(cluster: Cluster, request: Request) -> Trace:
    changed = dict(cluster.services)
    slices = dict(cluster.slices)
    for key, service in cluster.services.items():
        if service.external_name is None or not is_address(service.external_name):
            continue
        changed[key] = replace(service, type=ServiceType.CLUSTER_IP, external_name=None, headless=True)
        slices[key] = (_by_hand(service, service.ports, ip_address(service.external_name)),)
    return trace(replace(cluster, services=changed, slices=slices), request)


def _host_asks_cluster(cluster: Cluster, request: Request) -> Trace:
    def change(pod: Pod) -> Pod:
        if not pod.host_network or pod.dns_policy is not DNSPolicy.CLUSTER_FIRST:
            return pod
        return replace(pod, dns_policy=DNSPolicy.CLUSTER_FIRST_WITH_HOST_NET)

    return trace(each_pod(cluster, change), request)


BELIEFS: Final = (
    Belief(
        id="short-name-crosses-namespaces",
        title="A Service's bare name works everywhere",
        says="The name of a Service is enough, in whichever namespace it is.",
        correction="A bare name is completed with the namespace of the pod that asks. A Service of another namespace "
        "is called NAME.NAMESPACE.",
        topic="dns",
        source=PAGE + "#namespaces-of-services",
        follow=_crosses_namespaces,
    ),
    Belief(
        id="fqdn-needed-everywhere",
        title="Only the full name resolves",
        says="A Service must be called NAME.NAMESPACE.svc.cluster.local; anything shorter does not resolve.",
        correction="The pod's search list completes shorter names: NAME inside the namespace, NAME.NAMESPACE from "
        "anywhere.",
        topic="dns",
        source=PAGE + "#namespaces-of-services",
        follow=_full_name_only,
    ),
    Belief(
        id="two-labels-work-at-home-only",
        title="NAME.NAMESPACE does not work from another namespace",
        says="From another namespace only the full name with svc.cluster.local is found.",
        correction="The search list of every pod holds svc.cluster.local, which completes NAME.NAMESPACE wherever it "
        "is asked.",
        topic="dns",
        source=PAGE + "#namespaces-of-services",
        follow=_home_names_only,
    ),
    Belief(
        id="headless-has-a-virtual-ip",
        title="A headless Service has a cluster IP",
        says="Every Service name stands for one virtual address, that of a headless one too.",
        correction="clusterIP: None means that there is no virtual address: DNS answers with the ready pods' "
        "addresses, and the client chooses.",
        topic="services",
        source=SERVICE_PAGE + "#headless-services",
        follow=_virtual_ip,
    ),
    Belief(
        id="headless-translates-ports",
        title="A headless Service translates port to targetPort",
        says="At a headless Service, too, I ask for port and arrive at targetPort.",
        correction="Nothing translates: the client connects to the pod itself, so it has to ask for the port that the "
        "pod listens on.",
        topic="services",
        source=SERVICE_PAGE + "#headless-services",
        follow=_port_translated,
    ),
    Belief(
        id="headless-unready-answers-empty",
        title="A headless Service without ready pods gives an empty answer",
        says="The name exists as long as the Service does; without ready pods the answer is merely empty.",
        correction="CoreDNS answers NXDOMAIN for a headless Service without ready pods, as if there were no such name.",
        topic="dns",
        source=PAGE + "#a-aaaa-records",
        follow=_empty_answer,
    ),
    Belief(
        id="dns-gives-pod-addresses",
        title="DNS answers with the pods' addresses",
        says="The name of a Service resolves to the addresses of the pods behind it.",
        correction="The name of a Service resolves to its cluster IP; only for a headless Service are there addresses "
        "of pods.",
        topic="dns",
        source=PAGE + "#a-aaaa-records",
        follow=_pod_addresses,
    ),
    Belief(
        id="no-name-without-pods",
        title="Without ready pods the name does not resolve",
        says="A Service that has no ready endpoint cannot be resolved.",
        correction="The name of a Service with a cluster IP resolves as long as the Service exists; whether anybody is "
        "behind it shows when the client connects.",
        topic="dns",
        source=PAGE + "#a-aaaa-records",
        follow=_no_name_without_pods,
    ),
    Belief(
        id="external-name-proxies",
        title="ExternalName is a proxy",
        says="A Service of type ExternalName has an address in the cluster and forwards what it gets, ports included.",
        correction="ExternalName is an alias in DNS (CNAME) and no more: the client connects to the target itself, at "
        "the port that it asks for.",
        topic="external",
        source=SERVICE_PAGE + "#externalname",
        follow=_proxied,
    ),
    Belief(
        id="external-name-with-ip-resolves",
        title="externalName may be an address",
        says="With an IP address as externalName the name resolves to that address.",
        correction="A CNAME must point to a name, so an address does not resolve. For an address, write a Service "
        "without a selector, and an EndpointSlice.",
        topic="external",
        source=SERVICE_PAGE + "#externalname",
        follow=_address_as_name,
    ),
    Belief(
        id="host-network-asks-cluster-dns",
        title="Pods on the node's network ask cluster DNS",
        says="dnsPolicy ClusterFirst means that every pod knows the names of Services.",
        correction="With hostNetwork, ClusterFirst falls back to the node's own resolvers; such pods need "
        "ClusterFirstWithHostNet.",
        topic="dns",
        source=PAGE + "#pod-s-dns-policy",
        follow=_host_asks_cluster,
    ),
)
