"""Addresses of pods, cluster IPs and node ports.

What an object states is kept and never given to another. The rest is chosen by a hash of the object's name, so that it
does not change when a neighbour comes or goes.
https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address
from itertools import chain

from kcnet.controlplane.facts import Facts
from kcnet.controlplane.ordering import number_of
from kcnet.controlplane.scheduler import Placement
from kcnet.model.cluster import Key
from kcnet.model.manifests import Manifests, NodeManifest, PodManifest, ServiceManifest
from kcnet.model.names import IPAddress, IPNetwork
from kcnet.model.objects import Node, ServiceType

NODE_PORTS = range(30000, 32768)
STATIC_NODE_PORTS = 86
"""The first so many node ports are left to those who ask for one."""

PodAddresses = tuple[tuple[IPAddress, ...], str | None]
"""A pod's addresses, and why it has none as one clause."""


def stated_addresses(manifests: Manifests, nodes: Sequence[NodeManifest]) -> set[IPAddress]:
    """Every address that an object states and that no pod or node may be given."""
    taken: set[IPAddress] = set()
    for node in nodes:
        taken.update(node.addresses, node.external_addresses)
    for pod in manifests.pods:
        taken.update(pod.addresses)
        taken.update(pod.host_addresses)
    for slice_ in chain(manifests.slices, *(item.slices for item in manifests.endpoints)):
        for endpoint in slice_.endpoints:
            taken.update(address for address in endpoint.addresses if not isinstance(address, str))
    for service in manifests.services:
        taken.update(service.cluster_ips, service.external_ips)
        taken.update(entry.address for entry in service.load_balancer if entry.address is not None)
    return taken


def wants_address(pod: PodManifest, placement: Placement) -> bool:
    """Whether the network plugin gives the pod an address of its own that its status does not tell."""
    return (
        not pod.addresses
        and not pod.spec.host_network
        and placement.because is None
        and placement.node is not None
        and (pod.phase is None or (pod.phase == "Running" and not pod.live))
    )


def demand(pods: Sequence[PodManifest], placements: Mapping[Key, Placement]) -> Mapping[str, int]:
    """Pods by node that an address is to be found for, and those that hold one there already."""
    return Counter(
        placement.node or ""
        for pod in pods
        if wants_address(pod, placement := placements[pod.namespace, pod.name]) or (pod.addresses and placement.node)
    )


def pod_addresses(
    pods: Sequence[PodManifest],
    placements: Mapping[Key, Placement],
    nodes: Mapping[str, Node],
    facts: Facts,
    taken: set[IPAddress],
    guessed: Collection[str],
    ranges: Sequence[IPNetwork],
) -> Mapping[Key, PodAddresses]:
    """``guessed`` are the nodes whose pod CIDR nobody states: if one is full, the guess was wrong, and the pod gets an
    address from the rest of the cluster's ``ranges``."""
    spare = [(cidr, _free_hosts(cidr, taken)) for cidr in ranges]
    free: dict[str, list[tuple[IPNetwork, Iterator[IPAddress]]]] = {}
    found: dict[Key, PodAddresses] = {}
    for pod in pods:
        key = pod.namespace, pod.name
        placement = placements[key]
        node = nodes.get(placement.node or "")
        if pod.addresses:
            found[key] = pod.addresses, None
        elif placement.because is not None:
            found[key] = (), placement.because
        elif pod.spec.host_network and node is not None:
            found[key] = node.addresses, None
        elif node is None or not wants_address(pod, placement):
            found[key] = (), f"its status says {pod.phase} and tells no address"
        else:
            if node.name not in free:
                free[node.name] = [
                    (cidr, _free_hosts(cidr, taken)) for cidr in node.pod_cidrs if cidr.version in facts.families
                ]
            found[key] = _next(node, free[node.name])
            if not found[key][0] and node.name in guessed:
                found[key] = _next(node, spare)
            taken.update(found[key][0])
    return found


def _next(node: Node, free: list[tuple[IPNetwork, Iterator[IPAddress]]]) -> PodAddresses:
    addresses = tuple(address for _, hosts in free if (address := next(hosts, None)) is not None)
    if addresses and len(addresses) == len(free):
        return addresses, None
    if not free:
        return (), f"{node.name} has no pod CIDR"
    return (), f"no address is left in {free[0][0]}, the pod CIDR of {node.name}"


def _free_hosts(cidr: IPNetwork, taken: set[IPAddress]) -> Iterator[IPAddress]:
    """From .2 on: .1 is the bridge's. The last one of IPv4 is the broadcast address."""
    first = int(cidr.network_address)
    make = type(cidr.network_address)
    for offset in range(2, cidr.num_addresses - (cidr.version == 4)):
        address = make(first + offset)
        if address not in taken:
            yield address


def families_of(service: ServiceManifest, cluster: tuple[int, ...]) -> tuple[int, ...]:
    """The families of a Service, 4 and 6, the primary one first."""
    stated = service.ip_families or tuple(address.version for address in service.cluster_ips)
    policy = service.ip_family_policy
    if policy is None:
        handmade = service.headless and not service.selector
        policy = "RequireDualStack" if len(stated) == 2 or handmade else "SingleStack"
    if policy == "SingleStack":
        return (stated or cluster)[:1]
    other = (4, 6) if policy == "RequireDualStack" else cluster
    return tuple(dict.fromkeys([*stated, *(version for version in cluster), *other]))


def cluster_ips(
    services: Sequence[ServiceManifest], facts: Facts, used: Iterable[IPAddress] = ()
) -> Mapping[Key, tuple[IPAddress, ...]]:
    """Empty for headless and ExternalName Services, and where a range is full. ``used`` are not chosen either."""
    taken = {*used, *(address for service in services for address in service.cluster_ips)}
    found: dict[Key, tuple[IPAddress, ...]] = {}
    for service in services:
        key = service.namespace, service.name
        if service.headless or service.type is ServiceType.EXTERNAL_NAME:
            found[key] = ()
            continue
        stated: dict[int, IPAddress] = {address.version: address for address in service.cluster_ips}
        chosen = []
        for version in families_of(service, facts.families):
            address = stated.get(version) or _free_cluster_ip(facts.service_cidrs.get(version), key, taken)
            if address is not None:
                taken.add(address)
                chosen.append(address)
        found[key] = tuple(chosen)
    return found


def _free_cluster_ip(cidr: IPNetwork | None, key: Key, taken: set[IPAddress]) -> IPAddress | None:
    """From the upper, dynamic band, from a place that the name decides upwards; then from the static band."""
    if cidr is None:
        return None
    make = type(cidr.network_address)
    base = int(cidr.network_address) + 1
    count = cidr.num_addresses - (2 if isinstance(cidr.network_address, IPv4Address) else 1)
    static = min(max(16, cidr.num_addresses // 16), 256) if cidr.num_addresses > 16 else 0
    dynamic = count - static
    start = number_of(*key) % dynamic if dynamic > 0 else 0
    offsets = chain(range(static + start, count), range(static, static + start), range(static))
    return next((address for offset in offsets if (address := make(base + offset)) not in taken), None)


def node_ports(services: Sequence[ServiceManifest]) -> Mapping[Key, tuple[int | None, ...]]:
    """For each port of each Service, in order."""
    taken = {port.node_port for service in services for port in service.ports if port.node_port}
    found: dict[Key, tuple[int | None, ...]] = {}
    for service in services:
        key = service.namespace, service.name
        allocates = service.type is ServiceType.NODE_PORT or (
            service.type is ServiceType.LOAD_BALANCER and service.allocate_node_ports
        )
        # The same port over several protocols has one number: see the portallocator of kube-apiserver.
        shared = {port.port: port.node_port for port in reversed(service.ports) if port.node_port}
        chosen: list[int | None] = []
        for port in service.ports:
            number = port.node_port
            if number is None and allocates:
                number = shared.get(port.port) or _free_node_port((*key, port.port), taken)
                if number is not None:
                    taken.add(number)
                    shared[port.port] = number
            chosen.append(number)
        found[key] = tuple(chosen)
    return found


def _free_node_port(parts: tuple[object, ...], taken: set[int]) -> int | None:
    dynamic = NODE_PORTS[STATIC_NODE_PORTS:]
    start = number_of(*parts) % len(dynamic)
    candidates = chain(dynamic[start:], dynamic[:start], NODE_PORTS[:STATIC_NODE_PORTS])
    return next((number for number in candidates if number not in taken), None)
