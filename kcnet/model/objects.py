"""The objects of a running cluster, with every default applied: only the fields that the simulator reads.

Names are Kubernetes' own; a field that the API calls ``externalTrafficPolicy`` is ``external_traffic_policy``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from kcnet.model.names import IPAddress, IPNetwork, Port, Protocol, Ref

NO_LABELS: Mapping[str, str] = {}


class Object(Struct, frozen=True, kw_only=True):
    """What every object has."""

    ref: Ref
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    created: str | None = None
    """``metadata.creationTimestamp`` as written (RFC 3339, UTC), None if the manifest has none."""

    @property
    def name(self) -> str:
        return self.ref.name

    @property
    def namespace(self) -> str:
        """The namespace; "" for kinds that have none."""
        return self.ref.namespace or ""


class Namespace(Object, frozen=True, kw_only=True):
    """``labels`` always hold ``kubernetes.io/metadata.name``."""


class Node(Object, frozen=True, kw_only=True):
    addresses: tuple[IPAddress, ...]
    """InternalIPs, the primary one first; never empty."""
    external_addresses: tuple[IPAddress, ...] = ()
    pod_cidrs: tuple[IPNetwork, ...] = ()
    zone: str | None = None
    ready: bool = True

    @property
    def address(self) -> IPAddress:
        return self.addresses[0]


class ContainerPort(NamedTuple):
    number: int
    name: str | None = None
    protocol: Protocol = Protocol.TCP
    host_port: int | None = None
    host_ip: str | None = None
    field: str = ""
    """Path in the Pod's manifest, such as ``spec.containers[0].ports[1]``."""


class DNSPolicy(StrEnum):
    CLUSTER_FIRST = "ClusterFirst"
    CLUSTER_FIRST_WITH_HOST_NET = "ClusterFirstWithHostNet"
    DEFAULT = "Default"
    NONE = "None"


class DNSConfig(NamedTuple):
    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    ndots: int | None = None


class Pod(Object, frozen=True, kw_only=True):
    template: str = ""
    """Where the pod's own fields stand in the manifest that ``ref.origin`` points at: "" for a Pod,
    ``spec.template.`` for a Deployment's. Prefix it to ``spec...`` and ``metadata.labels...``."""
    owner: Ref | None = None
    """The workload whose manifest asked for this pod (the Deployment, not its ReplicaSet); None for a bare Pod."""
    controller: Ref | None = None
    """The workload that the pod's own ownerReferences name: a ReplicaSet, where ``owner`` is a Deployment above it."""
    phase: str = "Running"
    node: str | None = None
    """None while Pending: not scheduled."""
    addresses: tuple[IPAddress, ...] = ()
    """Primary first; empty while the pod has none. With ``host_network`` the node's."""
    host_network: bool = False
    ready: bool = True
    """The Ready condition."""
    ready_assumed: bool = False
    """True if ``ready`` rests on a readiness probe that nothing in the manifests tells the result of."""
    terminating: bool = False
    ports: tuple[ContainerPort, ...] = ()
    """Of all containers in order, then of restartable init containers."""
    declares_ports: bool = False
    """Every container declares ``ports``: then the pod listens on exactly those (see ``listens``)."""
    listens: frozenset[tuple[int, Protocol]] | None = None
    """What the annotation ``kcnet/listens`` states; None without it."""
    hostname: str | None = None
    """``spec.hostname``; for pods of a StatefulSet the pod's name."""
    subdomain: str | None = None
    dns_policy: DNSPolicy = DNSPolicy.CLUSTER_FIRST
    dns_config: DNSConfig = DNSConfig()
    not_running: str | None = None
    """Why no container of it runs, as a clause, though the pod has an address; None if some do or nothing tells."""
    waits_for: str | None = None
    """Why one of its containers does not start, as a clause; None if all do, as far as manifests tell."""
    waits_field: str = ""
    """Path in the manifest of what it waits for."""
    pending_because: str | None = None
    """Why the pod has no node or no address, as one clause; None if it has both."""

    @property
    def address(self) -> IPAddress | None:
        return self.addresses[0] if self.addresses else None


class ServiceType(StrEnum):
    CLUSTER_IP = "ClusterIP"
    NODE_PORT = "NodePort"
    LOAD_BALANCER = "LoadBalancer"
    EXTERNAL_NAME = "ExternalName"


class TrafficPolicy(StrEnum):
    CLUSTER = "Cluster"
    LOCAL = "Local"


class ServicePort(Struct, frozen=True, kw_only=True):
    name: str
    """"" if the manifest names none."""
    protocol: Protocol
    port: int
    target_port: Port
    node_port: int | None = None
    app_protocol: str | None = None
    index: int = 0
    """Place in ``spec.ports``."""


class LoadBalancerIngress(NamedTuple):
    """One entry of ``status.loadBalancer.ingress``: an address that the load balancer answers at."""

    address: IPAddress | None = None
    hostname: str | None = None
    proxy: bool = False
    """ipMode Proxy: kube-proxy has no rule for the address."""


class Service(Object, frozen=True, kw_only=True):
    type: ServiceType = ServiceType.CLUSTER_IP
    selector: Mapping[str, str] = {}
    """Empty: endpoints are written by hand."""
    ports: tuple[ServicePort, ...] = ()
    cluster_ips: tuple[IPAddress, ...] = ()
    """Empty for headless and ExternalName."""
    headless: bool = False
    external_name: str | None = None
    external_ips: tuple[IPAddress, ...] = ()
    load_balancer: tuple[LoadBalancerIngress, ...] = ()
    """Empty while pending, and for every other type."""
    load_balancer_class: str | None = None
    load_balancer_stated: bool = False
    """The addresses come from the manifest's ``status``, not from kcnet."""
    source_ranges: tuple[IPNetwork, ...] = ()
    """``spec.loadBalancerSourceRanges``, or the annotation; empty: everyone. See ``guarded``."""
    ranges_annotated: bool = False
    """They come from the annotation, which load balancers read and kube-proxy does not."""
    external_traffic_policy: TrafficPolicy = TrafficPolicy.CLUSTER
    internal_traffic_policy: TrafficPolicy = TrafficPolicy.CLUSTER
    traffic_distribution: str | None = None
    session_affinity: bool = False
    """sessionAffinity ClientIP."""
    affinity_seconds: int = 10800
    publish_not_ready_addresses: bool = False
    service_proxy_name: str | None = None
    """Label ``service.kubernetes.io/service-proxy-name``: kube-proxy ignores the Service."""

    @property
    def externally_accessible(self) -> bool:
        return self.type in (ServiceType.NODE_PORT, ServiceType.LOAD_BALANCER) or bool(self.external_ips)

    def guarded(self, family: int) -> tuple[IPNetwork, ...]:
        """The source ranges that hold at addresses of one family; empty: everyone may come.

        Each family has its own: where no range of it is written, or one of all its addresses, nothing is guarded.
        https://github.com/kubernetes/kubernetes/blob/master/pkg/proxy/serviceport.go
        """
        own = tuple(cidr for cidr in self.source_ranges if cidr.version == family)
        return () if any(cidr.prefixlen == 0 for cidr in own) else own


class Endpoint(Struct, frozen=True, kw_only=True):
    """One endpoint of an EndpointSlice, with kube-proxy's reading of absent conditions."""

    addresses: tuple[IPAddress | str, ...]
    """Strings for address type FQDN. kube-proxy uses the first alone."""
    ready: bool = True
    serving: bool = True
    terminating: bool = False
    node: str | None = None
    zone: str | None = None
    hostname: str | None = None
    target: Ref | None = None
    """``targetRef``: the Pod behind it."""
    hint_zones: tuple[str, ...] = ()
    hint_nodes: tuple[str, ...] = ()
    index: int = 0
    """Place in the slice's ``endpoints``."""


class EndpointPort(Struct, frozen=True, kw_only=True):
    name: str = ""
    protocol: Protocol = Protocol.TCP
    port: int | None = None
    """The number that the pod is reached at; None: all ports."""
    index: int = 0


class EndpointSlice(Object, frozen=True, kw_only=True):
    """``ref.origin`` is None for one that the controller made."""

    service: str
    address_type: str
    ports: tuple[EndpointPort, ...]
    endpoints: tuple[Endpoint, ...]
    managed_by: str | None = None


class IngressBackend(NamedTuple):
    """A Service and its port, by number or by name; or a resource, which kcnet cannot follow."""

    service: str | None = None
    port: Port | None = None
    resource: str | None = None
    field: str = ""
    """Path in the manifest, such as ``spec.rules[0].http.paths[1].backend``."""


class PathType(StrEnum):
    EXACT = "Exact"
    PREFIX = "Prefix"
    IMPLEMENTATION_SPECIFIC = "ImplementationSpecific"


class IngressPath(NamedTuple):
    path: str
    path_type: PathType
    backend: IngressBackend
    field: str = ""


class IngressRule(NamedTuple):
    host: str | None
    paths: tuple[IngressPath, ...] | None
    """None: the rule has no ``http``, so all its traffic goes to the default backend."""
    field: str = ""


class IngressTLS(NamedTuple):
    hosts: tuple[str, ...]
    secret: str | None
    field: str = ""


class Ingress(Object, frozen=True, kw_only=True):
    class_name: str | None = None
    """``spec.ingressClassName``; the default class once the control plane has written it in."""
    class_annotation: str | None = None
    default_backend: IngressBackend | None = None
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTLS, ...] = ()
    load_balancer: tuple[LoadBalancerIngress, ...] = ()
    live: bool = False
    """The manifest was read from a cluster (it carries a uid), so its status is complete."""


class IngressClass(Object, frozen=True, kw_only=True):
    controller: str
    default: bool = False


class ConfigMap(Object, frozen=True, kw_only=True):
    data: Mapping[str, str] = {}
    binary_keys: tuple[str, ...] = ()
    """Of ``binaryData``; the values are not kept."""

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.data, *self.binary_keys)


class Secret(Object, frozen=True, kw_only=True):
    type: str = "Opaque"
    keys: tuple[str, ...] = ()
    """Of ``data`` and ``stringData``; of the values the certificate alone is kept."""
    certificate: str | None = None
    """The first one in ``tls.crt``, as PEM: it is public. None if there is none."""
