"""What the learner wrote: manifests as exact values, before the control plane has acted on them.

An absent field is None (or empty where absent and empty mean the same). Kinds in which nothing is allocated
(Namespace, Ingress, IngressClass, NetworkPolicy, EndpointSlice, ConfigMap, Secret) have one type for both stages and
live in ``objects`` and ``policy``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from kcnet.model.names import IPAddress, IPNetwork, Port, Protocol, Ref
from kcnet.model.objects import (
    ConfigMap,
    ContainerPort,
    DNSConfig,
    DNSPolicy,
    EndpointSlice,
    Ingress,
    IngressClass,
    LoadBalancerIngress,
    Namespace,
    Object,
    Secret,
    ServiceType,
    TrafficPolicy,
)
from kcnet.model.policy import LabelSelector, NetworkPolicy, Requirement


class Taint(NamedTuple):
    key: str
    value: str = ""
    effect: str = "NoSchedule"


class Toleration(NamedTuple):
    key: str = ""
    """"" tolerates every key (operator Exists)."""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""
    """"" tolerates every effect."""


class AntiAffinity(NamedTuple):
    """A required podAntiAffinity term: no pod that it selects in the same topology domain."""

    selector: LabelSelector
    topology_key: str
    namespaces: tuple[str, ...] = ()
    """Empty: the pod's own."""


class EnvVar(NamedTuple):
    """An environment variable that no ConfigMap or Secret gives."""

    name: str
    value: str
    """"" if it does not stand in the manifest: it is a field of the pod."""
    field: str = ""
    """Path of the value in the manifest."""


class Argument(NamedTuple):
    """An item of a container's ``command`` or ``args``."""

    text: str
    field: str = ""
    """Path in the manifest."""


class Taken(NamedTuple):
    """What a pod takes from a ConfigMap or a Secret: one key or all of them, as environment variables or as files."""

    kind: str
    """``ConfigMap`` or ``Secret``."""
    name: str
    key: str = ""
    """"" takes all keys."""
    variable: str | None = None
    """Of one key the variable's name, of all keys what is put before theirs; None: files."""
    optional: bool = False
    field: str = ""
    """Path in the manifest of the object's name."""
    key_field: str = ""
    """Of the key; "" if all are taken."""


class PodSpec(Struct, frozen=True, kw_only=True):
    field: str = "spec"
    """Path of this spec in the manifest: ``spec`` of a Pod, ``spec.template.spec`` of a Deployment."""
    node_name: str | None = None
    node_selector: Mapping[str, str] = {}
    node_affinity: tuple[tuple[Requirement, ...], ...] = ()
    """Required nodeSelectorTerms: ORed; the requirements inside one are ANDed. A ``matchFields`` entry stands among
    them with the key ``metadata.name``."""
    anti_affinity: tuple[AntiAffinity, ...] = ()
    tolerations: tuple[Toleration, ...] = ()
    host_network: bool = False
    ports: tuple[ContainerPort, ...] = ()
    """Of all containers in order, then of restartable (sidecar) init containers."""
    declares_ports: bool = False
    """Every container declares ``ports``."""
    readiness_probe: bool = False
    """Some container has one."""
    probe_ports: tuple[Port, ...] = ()
    """The TCP ports that httpGet, tcpSocket and grpc readiness probes ask, in order. A name that is left is one that
    the container does not give to any port: such a probe never succeeds."""
    hostname: str | None = None
    subdomain: str | None = None
    dns_policy: DNSPolicy = DNSPolicy.CLUSTER_FIRST
    dns_config: DNSConfig = DNSConfig()
    containers: tuple[str, ...] = ()
    """Names of the containers, in order."""
    images: tuple[str, ...] = ()
    args: tuple[Argument, ...] = ()
    """``command`` and ``args`` of all containers."""
    init_args: tuple[Argument, ...] = ()
    """The same of init containers."""
    env: tuple[EnvVar, ...] = ()
    """Of all containers in order, then of init containers."""
    taken: tuple[Taken, ...] = ()
    """In the same order, of one container ``envFrom`` first; then volumes."""
    host_aliases: tuple[str, ...] = ()
    """Names of ``hostAliases``."""


class PodManifest(Object, frozen=True, kw_only=True):
    spec: PodSpec
    owner: Ref | None = None
    """The controlling ownerReference (usually a ReplicaSet)."""
    live: bool = False
    """Read from a cluster: it carries a uid."""
    phase: str | None = None
    addresses: tuple[IPAddress, ...] = ()
    """``status.podIPs`` (or ``podIP``)."""
    host_addresses: tuple[IPAddress, ...] = ()
    ready: bool | None = None
    """The Ready condition in ``status``; None if not stated."""
    not_running: str | None = None
    """If the status says that no container runs: why, as a clause ("container web waits: CrashLoopBackOff")."""
    terminating: bool = False


class Workload(Object, frozen=True, kw_only=True):
    """Anything that makes pods from a template; ``ref.kind`` says which."""

    selector: LabelSelector | None = None
    template_labels: Mapping[str, str] = {}
    template_annotations: Mapping[str, str] = {}
    template_field: str = "spec.template"
    """Path of the pod template; ``spec.jobTemplate.spec.template`` of a CronJob."""
    spec: PodSpec
    replicas: int | None = None
    """As written; for a Job ``parallelism``. None: 1 (a DaemonSet: one for each node that takes it)."""
    service_name: str | None = None
    """Of a StatefulSet."""
    ordinal_start: int = 0
    """``spec.ordinals.start`` of a StatefulSet."""
    spare: int | None = None
    """How many of a Deployment's pods a rolling update may end before their successors are ready (``maxUnavailable``,
    as a number of pods); None: another kind, or the strategy Recreate, which ends them all."""
    suspended: bool = False
    finished: bool = False
    """A Job whose status says that it is complete or has failed."""
    owner: Ref | None = None
    live: bool = False


class ServicePortManifest(NamedTuple):
    port: int
    name: str = ""
    protocol: Protocol = Protocol.TCP
    target_port: Port | None = None
    node_port: int | None = None
    app_protocol: str | None = None


class ServiceManifest(Object, frozen=True, kw_only=True):
    type: ServiceType = ServiceType.CLUSTER_IP
    selector: Mapping[str, str] = {}
    ports: tuple[ServicePortManifest, ...] = ()
    cluster_ips: tuple[IPAddress, ...] = ()
    """As written; empty: to be allocated."""
    headless: bool = False
    ip_families: tuple[int, ...] = ()
    """4 and 6, as written in ``ipFamilies``."""
    ip_family_policy: str | None = None
    external_name: str | None = None
    """As it is written; of type ExternalName alone it means something."""
    external_ips: tuple[IPAddress, ...] = ()
    load_balancer: tuple[LoadBalancerIngress, ...] = ()
    load_balancer_class: str | None = None
    load_balancer_ip: IPAddress | None = None
    """``spec.loadBalancerIP``: a wish."""
    allocate_node_ports: bool = True
    source_ranges: tuple[IPNetwork, ...] = ()
    external_traffic_policy: TrafficPolicy | None = None
    internal_traffic_policy: TrafficPolicy | None = None
    health_check_node_port: int | None = None
    traffic_distribution: str | None = None
    session_affinity: bool = False
    affinity_seconds: int | None = None
    publish_not_ready_addresses: bool = False
    live: bool = False


class LegacyEndpoints(Object, frozen=True, kw_only=True):
    """An Endpoints object, already in the shape of the slices that mirror it (one for each subset)."""

    slices: tuple[EndpointSlice, ...] = ()


class NodeManifest(Object, frozen=True, kw_only=True):
    addresses: tuple[IPAddress, ...] = ()
    external_addresses: tuple[IPAddress, ...] = ()
    pod_cidrs: tuple[IPNetwork, ...] = ()
    taints: tuple[Taint, ...] = ()
    unschedulable: bool = False
    ready: bool = True
    cpu: float | None = None
    """Allocatable cores."""
    registered: bool = False
    """An object of an API server: its labels are all that it has, whether or not a file states them."""


class ClusterFacts(Struct, frozen=True, kw_only=True):
    """The document of kind Cluster (and the command line's flags over it). None: not said."""

    ref: Ref | None = None
    nodes: int | None = None
    pod_cidrs: tuple[IPNetwork, ...] = ()
    service_cidrs: tuple[IPNetwork, ...] = ()
    cluster_domain: str | None = None
    dns_service_ip: IPAddress | None = None
    proxy_mode: str | None = None
    cni: str | None = None
    load_balancer: bool | IPNetwork | None = None
    ingress_controller: bool | str | None = None
    """A string is a workload, ``NAMESPACE/KIND/NAME``."""


class Manifests(Struct, frozen=True, kw_only=True):
    """All that was read, in the order of (kind, namespace, name), so that no answer depends on the order of files."""

    facts: ClusterFacts = ClusterFacts()
    namespaces: tuple[Namespace, ...] = ()
    nodes: tuple[NodeManifest, ...] = ()
    pods: tuple[PodManifest, ...] = ()
    workloads: tuple[Workload, ...] = ()
    services: tuple[ServiceManifest, ...] = ()
    endpoints: tuple[LegacyEndpoints, ...] = ()
    slices: tuple[EndpointSlice, ...] = ()
    ingresses: tuple[Ingress, ...] = ()
    ingress_classes: tuple[IngressClass, ...] = ()
    policies: tuple[NetworkPolicy, ...] = ()
    config_maps: tuple[ConfigMap, ...] = ()
    secrets: tuple[Secret, ...] = ()
    files: tuple[str, ...] = ()
    """Names of all files read."""
    skipped: Mapping[str, int] = {}
    """Documents of other kinds, counted by ``apiVersion/Kind``."""
