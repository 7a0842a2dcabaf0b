"""Which endpoints of a Service port a node's kube-proxy may use.

The algorithm of pkg/proxy/topology.go in kubernetes/kubernetes, with its reading of absent conditions
(pkg/proxy/endpointslicecache.go). https://kubernetes.io/docs/reference/networking/virtual-ips/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress
from kcnet.model.objects import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort


class Backend(NamedTuple):
    """One endpoint of one Service port, as kube-proxy sees it."""

    address: IPAddress
    port: int
    endpoint: Endpoint
    slice: EndpointSlice
    slice_port: EndpointPort


class Usable(NamedTuple):
    """What is left for a connection on one node."""

    everywhere: tuple[Backend, ...]
    """For traffic policy Cluster."""
    local: tuple[Backend, ...]
    """For traffic policy Local."""
    any_in_cluster: bool
    """False: no ready and no serving-terminating endpoint anywhere, so the node rejects."""
    narrowed: bool = False
    """Topology hints left some ready endpoints out of ``everywhere``."""
    terminating: bool = False
    """No endpoint is ready: ``everywhere`` are terminating ones that still serve."""
    local_terminating: bool = False


def backends(cluster: Cluster, service: Service, port: ServicePort, family: int) -> tuple[Backend, ...]:
    """All endpoints of a Service port in one address family, ready or not, in the slices' order.

    A slice's port belongs to the Service port of the same name and protocol; its number is where the pod listens.
    kube-proxy reads the first address of an endpoint, passes over FQDN slices and ports without a number, and keeps
    the one that is not terminating where two share address and port.
    """
    wanted = f"IPv{family}"
    found: dict[tuple[IPAddress, int], Backend] = {}
    for piece in cluster.slices.get((service.namespace, service.name), ()):
        if piece.address_type != wanted:
            continue
        for slice_port in piece.ports:
            if slice_port.name != port.name or slice_port.protocol is not port.protocol or not slice_port.port:
                continue
            for endpoint in piece.endpoints:
                address = endpoint.addresses[0]
                assert not isinstance(address, str)  # of addressType FQDN alone
                place = (address, slice_port.port)
                if place not in found or (found[place].endpoint.terminating and not endpoint.terminating):
                    found[place] = Backend(address, slice_port.port, endpoint, piece, slice_port)
    return tuple(found.values())


def usable(candidates: Sequence[Backend], node: str | None, zone: str | None) -> Usable:
    """The endpoints that a connection on ``node`` (None: outside) may be sent to."""
    ready = [backend for backend in candidates if backend.endpoint.ready]
    draining = [backend for backend in candidates if backend.endpoint.serving and backend.endpoint.terminating]
    nearby = _by_topology(ready, node, zone)
    here = [backend for backend in ready if backend.endpoint.node == node and node is not None]
    draining_here = [backend for backend in draining if backend.endpoint.node == node and node is not None]
    return Usable(
        everywhere=tuple(nearby if ready else draining),
        local=tuple(here or draining_here),
        any_in_cluster=bool(ready or draining),
        narrowed=len(nearby) < len(ready),
        terminating=not ready and bool(draining),
        local_terminating=not here and bool(draining_here),
    )


def _by_topology(ready: list[Backend], node: str | None, zone: str | None) -> list[Backend]:
    """Hints count only if every ready endpoint carries one and at least one points here."""
    if node is not None and all(backend.endpoint.hint_nodes for backend in ready):
        for_node = [backend for backend in ready if node in backend.endpoint.hint_nodes]
        if for_node:
            return for_node
    if zone is not None and all(backend.endpoint.hint_zones for backend in ready):
        for_zone = [backend for backend in ready if zone in backend.endpoint.hint_zones]
        if for_zone:
            return for_zone
    return ready
