"""EndpointSlices: the endpoint slice controller, the mirroring controller, and topology hints.

https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/endpointslice
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from msgspec.structs import replace

from kcnet.controlplane.ordering import generated_name
from kcnet.model.cluster import Key
from kcnet.model.manifests import LegacyEndpoints, NodeManifest
from kcnet.model.names import IPAddress, Ref
from kcnet.model.objects import Endpoint, EndpointPort, EndpointSlice, Node, Pod, Service, ServiceType
from kcnet.model.wellknown import (
    CONTROL_PLANE_ROLES,
    HEADLESS,
    LEADER,
    MANAGED_BY,
    MIRRORING_CONTROLLER,
    SERVICE_NAME,
    SKIP_MIRROR,
    SLICE_CONTROLLER,
    TOPOLOGY_HINTS,
    TOPOLOGY_MODE,
    ZONE,
)

MAX_ENDPOINTS = 100
"""Of one slice."""
_OVERLOAD = 0.2
"""A zone's endpoints may be loaded so much more than their share before hints are given up."""
_Ports = tuple[EndpointPort, ...]


class PodIndex:
    """Finds the pods that a selector picks without looking at all of them."""

    def __init__(self, pods: Iterable[Pod]) -> None:
        self._by_label: dict[tuple[str, str, str], list[Pod]] = defaultdict(list)
        for pod in pods:
            namespace = pod.namespace
            for key, value in pod.labels.items():
                self._by_label[namespace, key, value].append(pod)

    def selected(self, namespace: str, selector: Mapping[str, str]) -> Sequence[Pod]:
        """Pods of ``namespace`` that carry every label of ``selector``, which is not empty, in order of their names."""
        lists = [self._by_label.get((namespace, key, value), []) for key, value in selector.items()]
        shortest = min(lists, key=len)
        if len(lists) == 1:
            return shortest
        wanted = selector.items()
        return [pod for pod in shortest if wanted <= pod.labels.items()]


class Slices(Mapping[Key, tuple[EndpointSlice, ...]]):
    """EndpointSlices by (namespace, Service name), worked out when a Service is first asked for."""

    def __init__(self, keys: Iterable[Key], make: Callable[[Key], tuple[EndpointSlice, ...]]) -> None:
        self._made: dict[Key, tuple[EndpointSlice, ...] | None] = dict.fromkeys(sorted(keys))
        self._make = make

    def __getitem__(self, key: Key) -> tuple[EndpointSlice, ...]:
        made = self._made[key]
        if made is None:
            made = self._made[key] = self._make(key)
        return made

    def __iter__(self) -> Iterator[Key]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    def __contains__(self, key: object) -> bool:
        return key in self._made


def make_slices(
    services: Mapping[Key, Service],
    families: Mapping[Key, tuple[int, ...]],
    written: Iterable[EndpointSlice],
    legacy: Iterable[LegacyEndpoints],
    pods: Iterable[Pod],
    nodes: Mapping[str, Node],
    planned: Sequence[NodeManifest],
) -> Mapping[Key, tuple[EndpointSlice, ...]]:
    """Slices that the manifests hold, and those that the controllers make beside or instead of them.

    Slices of a Service with a selector that the controller itself made are what a cluster stated: nothing is worked
    out then.
    """
    by_service: dict[Key, list[EndpointSlice]] = defaultdict(list)
    for slice_ in written:
        if slice_.service:
            by_service[slice_.namespace, slice_.service].append(slice_)
    mirrored = dict(_mirrored(services, by_service, legacy))
    index = PodIndex(pods)
    zones = ZoneShares(planned)

    def make(key: Key) -> tuple[EndpointSlice, ...]:
        own = by_service.get(key, [])
        service = services.get(key)
        computed: Iterable[EndpointSlice] = mirrored.get(key, ())
        if service is not None and _is_managed(service):
            chosen = index.selected(service.namespace, service.selector)
            if not any(_is_the_controllers(slice_, chosen) for slice_ in own):
                computed = _computed(service, families[key], chosen, nodes, zones)
        return tuple(sorted(chain(own, computed), key=lambda slice_: slice_.name)) if own else tuple(computed)

    keys = {key for key, service in services.items() if _is_managed(service)}
    return Slices(keys | by_service.keys() | mirrored.keys(), make)


def _is_the_controllers(written: EndpointSlice, chosen: Sequence[Pod]) -> bool:
    """Whether a slice in the manifests states what the controller made for the pods that the selector picks.

    One without the managed-by label does if it lists one of them; else it is a slice by hand, to which the controller
    of a real cluster adds its own.
    """
    if written.managed_by is not None:
        return written.managed_by == SLICE_CONTROLLER
    names = {pod.name for pod in chosen}
    addresses = {address for pod in chosen for address in pod.addresses}
    return any(
        (endpoint.target is not None and endpoint.target.name in names) or not addresses.isdisjoint(endpoint.addresses)
        for endpoint in written.endpoints
    )


def _is_managed(service: Service) -> bool:
    return bool(service.selector) and service.type is not ServiceType.EXTERNAL_NAME


def _computed(
    service: Service,
    families: Iterable[int],
    pods: Sequence[Pod],
    nodes: Mapping[str, Node],
    zones: ZoneShares,
) -> Iterator[EndpointSlice]:
    """At most 100 endpoints in a slice, one run of slices for each family and each resolved list of ports."""
    resolved: dict[int, _Ports] = {}
    taken: set[str] = set()
    for version in families:
        groups: dict[_Ports, list[Endpoint]] = {}
        chosen = [(pod, address) for pod in pods if (address := _address(service, pod, version, nodes)) is not None]
        hints = _hints(service, (pod for pod, _ in chosen), nodes, zones)
        for pod, address in chosen:
            # Pods of one workload share their ports.
            ports = resolved.get(id(pod.ports))
            if ports is None:
                ports = resolved[id(pod.ports)] = _resolved_ports(service, pod)
            members = groups.setdefault(ports, [])
            members.append(_endpoint(service, pod, address, nodes, hints, len(members) % MAX_ENDPOINTS))
        number = 0
        for ports, members in groups.items():
            for start in range(0, len(members), MAX_ENDPOINTS):
                yield _slice(service, version, number, ports, members[start : start + MAX_ENDPOINTS], taken)
                number += 1
        if not groups:
            yield _slice(service, version, 0, (), (), taken)


def _address(service: Service, pod: Pod, version: int, nodes: Mapping[str, Node]) -> IPAddress | None:
    """The pod's address of this family; None if the pod is no endpoint of the Service."""
    if pod.phase in ("Succeeded", "Failed"):
        return None
    if pod.node not in nodes and not service.publish_not_ready_addresses:
        return None
    return next((address for address in pod.addresses if address.version == version), None)


def _resolved_ports(service: Service, pod: Pod) -> _Ports:
    """A named target port is the pod's first port of that name and protocol; one it lacks is left out."""
    found: list[EndpointPort] = []
    for port in service.ports:
        number = (
            port.target_port
            if isinstance(port.target_port, int)
            else next(
                (item.number for item in pod.ports if item.name == port.target_port and item.protocol is port.protocol),
                None,
            )
        )
        if number is not None:
            found.append(EndpointPort(name=port.name, protocol=port.protocol, port=number, index=len(found)))
    return tuple(found)


_Hints = Callable[[str | None, str | None], tuple[tuple[str, ...], tuple[str, ...]]]
"""(node, zone) of a ready endpoint -> its zone hints and node hints."""


def _endpoint(
    service: Service, pod: Pod, address: IPAddress, nodes: Mapping[str, Node], hints: _Hints | None, index: int
) -> Endpoint:
    node = nodes.get(pod.node or "")
    zone = node.zone if node else None
    ready = service.publish_not_ready_addresses or (pod.ready and not pod.terminating)
    hint_zones, hint_nodes = hints(pod.node, zone) if hints and ready else ((), ())
    return Endpoint(
        addresses=(address,),
        ready=ready,
        serving=pod.ready,
        terminating=pod.terminating,
        node=pod.node,
        zone=zone,
        hostname=pod.hostname if pod.hostname and pod.subdomain == service.name else None,
        target=pod.ref,
        hint_zones=hint_zones,
        hint_nodes=hint_nodes,
        index=index,
    )


def _slice(
    service: Service, version: int, number: int, ports: _Ports, endpoints: Sequence[Endpoint], taken: set[str]
) -> EndpointSlice:
    labels = {**service.labels, SERVICE_NAME: service.name, MANAGED_BY: SLICE_CONTROLLER}
    if service.headless:
        labels[HEADLESS] = ""
    name = generated_name(f"{service.name}-", taken, service.namespace, service.name, version, number)
    taken.add(name)
    return EndpointSlice(
        ref=Ref("EndpointSlice", service.namespace, name),
        labels=labels,
        service=service.name,
        address_type=f"IPv{version}",
        ports=ports,
        endpoints=tuple(endpoints),
        managed_by=SLICE_CONTROLLER,
    )


def _hints(service: Service, pods: Iterable[Pod], nodes: Mapping[str, Node], zones: ZoneShares) -> _Hints | None:
    """How ready endpoints get their hints; None: none get any. The annotation wins over ``trafficDistribution``."""
    if topology_aware(service):
        ready = Counter(
            node.zone
            for pod in pods
            if (service.publish_not_ready_addresses or (pod.ready and not pod.terminating))
            and (node := nodes.get(pod.node or "")) is not None
        )
        return _own_zone if zones.balanced(ready) else None
    match service.traffic_distribution:
        case "PreferClose" | "PreferSameZone":
            return _own_zone
        case "PreferSameNode":
            return _own_zone_and_node
    return None


def topology_aware(service: Service) -> bool:
    mode = service.annotations.get(TOPOLOGY_MODE) or service.annotations.get(TOPOLOGY_HINTS)
    return mode in ("Auto", "auto")


def _own_zone(node: str | None, zone: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (zone,) if zone else (), ()


def _own_zone_and_node(node: str | None, zone: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (zone,) if zone else (), (node,) if node else ()


class ZoneShares:
    """Each zone's share of the CPU of ready worker nodes.

    https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/endpointslice/topologycache
    """

    def __init__(self, nodes: Iterable[NodeManifest]) -> None:
        cpu: dict[str, float] = defaultdict(float)
        complete = True
        for node in nodes:
            if not node.ready or any(role in node.labels for role in CONTROL_PLANE_ROLES):
                continue
            zone = node.labels.get(ZONE)
            if not zone or not node.cpu:
                complete = False
                break
            cpu[zone] += node.cpu
        total = sum(cpu.values())
        self.shares = {zone: amount / total for zone, amount in cpu.items()} if complete and len(cpu) > 1 else {}

    def balanced(self, endpoints: Mapping[str | None, int]) -> bool:
        """Whether every endpoint may stay with its own zone.

        Where the controller would hint some endpoints to another zone, kcnet takes it to give no hints.
        """
        count = sum(endpoints.values())
        if not self.shares or count < len(self.shares) or set(endpoints) != set(self.shares):
            return False
        return all(
            endpoints[zone] >= math.ceil(share * count / (1 + _OVERLOAD)) and abs(endpoints[zone] - share * count) < 1
            for zone, share in self.shares.items()
        )


def is_mirrored(endpoints: LegacyEndpoints) -> bool:
    """Whether nothing that they say keeps the mirroring controller from them."""
    return endpoints.labels.get(SKIP_MIRROR) != "true" and LEADER not in endpoints.annotations


def _mirrored(
    services: Mapping[Key, Service], written: Mapping[Key, Sequence[EndpointSlice]], legacy: Iterable[LegacyEndpoints]
) -> Iterator[tuple[Key, tuple[EndpointSlice, ...]]]:
    """Slices made from Endpoints of Services without a selector.

    https://github.com/kubernetes/kubernetes/tree/master/pkg/controller/endpointslicemirroring
    """
    for item in legacy:
        key = item.namespace, item.name
        service = services.get(key)
        if service is None or service.selector or not is_mirrored(item):
            continue
        if any(slice_.managed_by == MIRRORING_CONTROLLER for slice_ in written.get(key, ())):
            continue  # the cluster has done it already
        taken: set[str] = set()
        copies = []
        for number, slice_ in enumerate(item.slices):
            name = generated_name(f"{item.name}-", taken, *key, number)
            taken.add(name)
            copies.append(replace(slice_, ref=Ref("EndpointSlice", item.namespace, name)))
        if copies:
            yield key, tuple(copies)
