"""What every cluster has although nobody wrote it: the Service ``kubernetes``, and cluster DNS as kubeadm installs it.

https://github.com/kubernetes/kubernetes/blob/master/cmd/kubeadm/app/phases/addons/dns/manifests.go
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from kcnet.controlplane.facts import Facts
from kcnet.model.cluster import Key
from kcnet.model.manifests import Manifests, PodSpec, ServiceManifest, ServicePortManifest, Toleration, Workload
from kcnet.model.names import IPAddress, Protocol, Ref
from kcnet.model.objects import ContainerPort, DNSPolicy, Endpoint, EndpointPort, EndpointSlice, Node
from kcnet.model.policy import LabelSelector
from kcnet.model.wellknown import CONTROL_PLANE_ROLES, SERVICE_NAME

SYSTEM = "kube-system"
KUBERNETES: Key = ("default", "kubernetes")
_DNS_LABELS = {"k8s-app": "kube-dns"}
_DNS_NAMES = ("kube-dns", "coredns", "rke2-coredns-rke2-coredns")
_DNS_TOLD_BY = (("k8s-app", "kube-dns"), ("k8s-app", "coredns"), ("app.kubernetes.io/name", "coredns"))
"""Labels of the Service in the usual installations, the most frequent first."""
_COREDNS = ("Deployment", SYSTEM, "coredns")
_API_SERVER_PORT = 6443


class System(Struct, frozen=True, kw_only=True):
    services: tuple[ServiceManifest, ...]
    workloads: tuple[Workload, ...]
    dns_service: Key
    assumption: str | None
    """What was taken for granted about cluster DNS."""


def implied_system(manifests: Manifests, facts: Facts) -> System:
    """Objects to add to the manifests, and the cluster's DNS Service."""
    services: list[ServiceManifest] = []
    taken = {address for service in manifests.services for address in service.cluster_ips}
    if not any((service.namespace, service.name) == KUBERNETES for service in manifests.services):
        address = facts.service_cidrs[facts.families[0]][1]
        services.append(
            ServiceManifest(
                ref=Ref("Service", *KUBERNETES),
                labels={"component": "apiserver", "provider": "kubernetes"},
                ports=(ServicePortManifest(name="https", port=443, target_port=_API_SERVER_PORT),),
                cluster_ips=() if address in taken else (address,),
            )
        )
        taken.add(address)
    dns = dns_service(manifests.services)
    assumptions = []
    if dns is None:
        dns = _kube_dns(facts, taken)
        services.append(dns)
        assumptions.append(f"at {dns.cluster_ips[0]}")
    workloads: tuple[Workload, ...] = ()
    if dns.selector and not _has_dns_pods(manifests, dns):
        workloads = (_coredns(dns),)
        assumptions.append("with two ready CoreDNS pods")
    return System(
        services=tuple(services),
        workloads=workloads,
        dns_service=(dns.namespace, dns.name),
        assumption=f"Cluster DNS is taken to run as kubeadm installs it, {' '.join(assumptions)}."
        if assumptions
        else None,
    )


def dns_service(services: Iterable[ServiceManifest]) -> ServiceManifest | None:
    """The Service that pods ask for names: in kube-system, with one of the names or labels that it usually has."""
    candidates = [service for service in services if service.namespace == SYSTEM and not service.headless]
    named = [service for name in _DNS_NAMES for service in candidates if service.name == name]
    labelled = [service for key, value in _DNS_TOLD_BY for service in candidates if service.labels.get(key) == value]
    return next(iter([*named, *labelled]), None)


def give_dns_address(services: Sequence[ServiceManifest], dns: Key, facts: Facts) -> tuple[ServiceManifest, ...]:
    """A DNS Service that states no cluster IP gets the one that kubelets put into resolv.conf."""
    address = facts.dns_service_ip
    if any(address in service.cluster_ips for service in services):
        return tuple(services)
    return tuple(
        replace(service, cluster_ips=(address,))
        if (service.namespace, service.name) == dns and not service.cluster_ips
        else service
        for service in services
    )


def _kube_dns(facts: Facts, taken: set[IPAddress]) -> ServiceManifest:
    address = facts.dns_service_ip
    while address in taken:
        address += 1
    return ServiceManifest(
        ref=Ref("Service", SYSTEM, "kube-dns"),
        labels={**_DNS_LABELS, "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS"},
        selector=_DNS_LABELS,
        ports=(
            ServicePortManifest(name="dns", port=53, protocol=Protocol.UDP, target_port=53),
            ServicePortManifest(name="dns-tcp", port=53, target_port=53),
            ServicePortManifest(name="metrics", port=9153, target_port=9153),
        ),
        cluster_ips=(address,),
    )


def _has_dns_pods(manifests: Manifests, dns: ServiceManifest) -> bool:
    """Whether the manifests hold pods, a workload or slices behind the DNS Service (or what CoreDNS is called)."""
    wanted = dns.selector.items()
    return (
        any((item.ref.kind, item.namespace, item.name) == _COREDNS for item in manifests.workloads)
        or any(pod.namespace == dns.namespace and wanted <= pod.labels.items() for pod in manifests.pods)
        or any(
            item.namespace == dns.namespace and wanted <= item.template_labels.items() for item in manifests.workloads
        )
        or any(item.namespace == dns.namespace and item.service == dns.name for item in manifests.slices)
    )


def _coredns(dns: ServiceManifest) -> Workload:
    labels = {**_DNS_LABELS, **dns.selector}
    numbered = (("dns", 53, Protocol.UDP), ("dns-tcp", 53, Protocol.TCP), ("metrics", 9153, Protocol.TCP))
    return Workload(
        ref=Ref(*_COREDNS),
        labels=labels,
        selector=LabelSelector(match_labels=labels),
        template_labels=labels,
        replicas=2,
        spec=PodSpec(
            field="spec.template.spec",
            # Of its own tolerations only this one matters here: it may run on a control-plane node.
            tolerations=tuple(Toleration(key=role, operator="Exists") for role in CONTROL_PLANE_ROLES),
            ports=tuple(
                ContainerPort(
                    number=number,
                    name=name,
                    protocol=protocol,
                    field=f"spec.containers[0].ports[{index}]",
                )
                for index, (name, number, protocol) in enumerate(numbered)
            ),
            declares_ports=True,
            dns_policy=DNSPolicy.DEFAULT,
            containers=("coredns",),
            images=("registry.k8s.io/coredns/coredns",),
        ),
    )


def api_server_slice(nodes: Sequence[Node]) -> EndpointSlice:
    """Where the Service ``kubernetes`` leads: the API server, a process of each control-plane node (or the first)."""
    masters = [node for node in nodes if any(role in node.labels for role in CONTROL_PLANE_ROLES)] or nodes[:1]
    version = masters[0].address.version if masters else 4
    return EndpointSlice(
        ref=Ref("EndpointSlice", "default", "kubernetes"),
        labels={SERVICE_NAME: "kubernetes"},
        service="kubernetes",
        address_type=f"IPv{version}",
        ports=(EndpointPort(name="https", port=_API_SERVER_PORT),),
        endpoints=tuple(Endpoint(addresses=(node.address,), index=index) for index, node in enumerate(masters)),
    )
