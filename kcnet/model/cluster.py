"""The cluster: what Kubernetes made of the manifests, with look-ups by name, address and label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from kcnet.model.names import IPAddress, IPNetwork, Protocol, Ref
from kcnet.model.objects import (
    EndpointSlice,
    Ingress,
    IngressClass,
    Namespace,
    Node,
    Pod,
    Secret,
    Service,
    ServicePort,
)
from kcnet.model.policy import NetworkPolicy

Key = tuple[str, str]
"""(namespace, name)"""


class ProxyMode(StrEnum):
    IPTABLES = "iptables"
    IPVS = "ipvs"
    NFTABLES = "nftables"


class CNI(NamedTuple):
    """A network plugin, as far as a request can tell, with its defaults."""

    name: str
    """"" while nobody said which."""
    title: str
    """As a person writes it: "Calico", "the CNI plugin"."""
    encapsulation: str | None
    """Between nodes: "VXLAN", "Geneve" ...; None: plain routing, or unknown (see ``known``)."""
    known: bool
    enforces_policy: bool | None
    """None: depends on how it was installed."""
    ip_block_matches_pods: bool | None = True
    """Whether an ipBlock peer matches the address of a pod."""
    masquerades_to_nodes: bool | None = None
    """Whether a pod's packet to another node's address leaves with its own node's address as source."""


class IngressController(Struct, frozen=True, kw_only=True):
    """A proxy that serves Ingresses: the pods behind it, or one that was taken for granted."""

    ref: Ref
    """Its workload."""
    flavour: str
    """"ingress-nginx", "traefik", "haproxy", "contour" ... or "" if nothing tells."""
    pods: tuple[Key, ...]
    services: tuple[Key, ...]
    """Services that select its pods, in the order in which a client would use them (LoadBalancer, NodePort, others)."""
    assumed: bool = False
    controller: str | None = None
    """The controller string it claims, such as ``k8s.io/ingress-nginx``; None if unknown."""
    class_names: tuple[str, ...] = ()
    """Names of IngressClasses that it serves; with ``any_class`` unused."""
    annotation_values: tuple[str, ...] = ()
    """Values of the annotation ``kubernetes.io/ingress.class`` that it serves, whether or not there is such a class."""
    any_class: bool = False
    """Assumed, and no IngressClass in the manifests: it serves whatever class an Ingress names."""
    classless: bool = False
    """It also serves Ingresses that have no class."""
    default_certificate: str | None = None
    """NAMESPACE/NAME of the Secret that it is told to show where no other certificate is found."""
    http_port: int = 80
    https_port: int = 443
    """Ports that its pods listen on."""

    def serves(self, ingress: Ingress) -> bool:
        """By the class that the Ingress names, by the older annotation, or for want of both."""
        if self.any_class:
            return True
        if ingress.class_name is not None:
            return ingress.class_name in self.class_names
        if ingress.class_annotation is not None:
            return ingress.class_annotation in self.annotation_values
        return self.classless


class Cluster(Struct, frozen=True, kw_only=True, dict=True):
    """Frozen; the indexes are made on first use. Every mapping is in sorted order of its keys."""

    namespaces: Mapping[str, Namespace]
    nodes: Mapping[str, Node]
    pods: Mapping[Key, Pod]
    services: Mapping[Key, Service]
    slices: Mapping[Key, tuple[EndpointSlice, ...]]
    """EndpointSlices by (namespace, Service name)."""
    ingresses: Mapping[Key, Ingress]
    ingress_classes: Mapping[str, IngressClass]
    policies: Mapping[str, tuple[NetworkPolicy, ...]]
    """By namespace."""
    secrets: Mapping[Key, Secret]
    makes_secrets: bool = False
    """There are custom resources, such as a Certificate or a SealedSecret, from which a controller makes Secrets."""
    ingress_controllers: tuple[IngressController, ...]
    workloads: Mapping[tuple[str, str, str], tuple[Key, ...]]
    """(kind, namespace, name) -> its pods, in order."""
    idle: Mapping[str, tuple[tuple[Ref, Mapping[str, str]], ...]] = {}
    """By namespace the workloads scaled to 0, with the labels that their pods would have."""
    proxy_mode: ProxyMode = ProxyMode.IPTABLES
    cni: CNI
    domain: str = "cluster.local"
    dns_service: Key = ("kube-system", "kube-dns")
    pod_cidrs: tuple[IPNetwork, ...]
    service_cidrs: tuple[IPNetwork, ...]
    load_balancer_provider: bool = True
    """Somebody gives addresses to Services of type LoadBalancer (stated or assumed)."""
    assumptions: Mapping[str, str] = {}
    """What was taken for granted about the whole cluster: subject -> sentence. A trace quotes those that it used.
    Subjects: nodes, cni, load-balancer, ingress-controller, dns, pod-cidr, ..."""

    @cached_property
    def pods_by_address(self) -> Mapping[IPAddress, Pod]:
        """Pods that have an address of their own (not hostNetwork) and are not finished."""
        return {
            address: pod
            for pod in self.pods.values()
            if not pod.host_network and pod.phase not in ("Succeeded", "Failed")
            for address in pod.addresses
        }

    @cached_property
    def pods_by_namespace(self) -> Mapping[str, tuple[Pod, ...]]:
        found: dict[str, list[Pod]] = defaultdict(list)
        for pod in self.pods.values():
            found[pod.namespace].append(pod)
        return {namespace: tuple(pods) for namespace, pods in found.items()}

    @cached_property
    def nodes_by_address(self) -> Mapping[IPAddress, Node]:
        return {
            address: node for node in self.nodes.values() for address in (*node.addresses, *node.external_addresses)
        }

    @cached_property
    def pods_by_node(self) -> Mapping[str, tuple[Pod, ...]]:
        found: dict[str, list[Pod]] = defaultdict(list)
        for pod in self.pods.values():
            if pod.node is not None:
                found[pod.node].append(pod)
        return {node: tuple(pods) for node, pods in found.items()}

    @cached_property
    def services_by_address(self) -> Mapping[IPAddress, tuple[Service, ...]]:
        """By every address that kube-proxy may have a rule for: cluster IPs, external IPs, load balancers'.

        Several Services may share an external IP or a load balancer's address.
        """
        found: dict[IPAddress, list[Service]] = defaultdict(list)
        for service in self.services.values():
            addresses = [*service.cluster_ips, *service.external_ips]
            addresses += [entry.address for entry in service.load_balancer if entry.address is not None]
            for address in dict.fromkeys(addresses):
                found[address].append(service)
        return {address: tuple(services) for address, services in found.items()}

    @cached_property
    def services_by_name(self) -> Mapping[str, tuple[Service, ...]]:
        found: dict[str, list[Service]] = defaultdict(list)
        for service in self.services.values():
            found[service.name].append(service)
        return {name: tuple(services) for name, services in found.items()}

    @cached_property
    def services_by_node_port(self) -> Mapping[tuple[Protocol, int], tuple[Service, ServicePort]]:
        return {
            (port.protocol, port.node_port): (service, port)
            for service in self.services.values()
            for port in service.ports
            if port.node_port is not None
        }

    @cached_property
    def services_by_load_balancer_name(self) -> Mapping[str, Service]:
        """By ``status.loadBalancer.ingress[].hostname``, lower-case, without a trailing dot."""
        return {
            entry.hostname.lower().rstrip("."): service
            for service in self.services.values()
            for entry in service.load_balancer
            if entry.hostname
        }

    def index(self) -> None:
        """Makes the indexes now, so that the first question is answered as fast as the next."""
        for name, value in vars(type(self)).items():
            if isinstance(value, cached_property):
                getattr(self, name)

    def service(self, namespace: str, name: str) -> Service | None:
        return self.services.get((namespace, name))

    @cached_property
    def _service_names_by_shape(self) -> Mapping[tuple[str, int], tuple[str, ...]]:
        found: dict[tuple[str, int], list[str]] = defaultdict(list)
        for name in self.services_by_name:
            found[name[:1], len(name)].append(name)
        return {shape: tuple(names) for shape, names in found.items()}

    def service_names_like(self, name: str) -> tuple[str, ...]:
        """Names of Services, of any namespace, with the same first letter and about as long as ``name``."""
        by_shape = self._service_names_by_shape
        lengths = range(len(name) - 2, len(name) + 3)
        return tuple(other for length in lengths for other in by_shape.get((name[:1], length), ()))

    @cached_property
    def _service_names(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for namespace, name in self.services:
            found[namespace].append(name)
        return {namespace: tuple(names) for namespace, names in found.items()}

    def service_names(self, namespace: str) -> tuple[str, ...]:
        return self._service_names.get(namespace, ())

    def pod_of(self, ref: Ref | None) -> Pod | None:
        return self.pods.get((ref.namespace or "", ref.name)) if ref is not None else None
