"""Service ports as kube-proxy on one node sees them: which have endpoints, which have them here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress, IPNetwork
from kcnet.model.objects import Service, ServicePort, ServiceType, TrafficPolicy
from kcnet.path.chains import service_port_name
from kcnet.path.endpoints import Backend, backends, usable

FAMILY = 4


class ProxyPort(NamedTuple):
    """One port of one Service, for one node."""

    service: Service
    port: ServicePort
    name: str
    """``shop/cart:http``, as kube-proxy calls it in comments."""
    cluster_ip: IPAddress
    everywhere: tuple[Backend, ...]
    """For traffic policy Cluster."""
    local: tuple[Backend, ...]
    any_in_cluster: bool

    @property
    def protocol(self) -> str:
        return self.port.protocol.value.lower()

    @property
    def internal_local(self) -> bool:
        return self.service.internal_traffic_policy is TrafficPolicy.LOCAL

    @property
    def external_local(self) -> bool:
        return self.service.external_traffic_policy is TrafficPolicy.LOCAL

    @property
    def external(self) -> bool:
        """It is asked from outside too: by a node port, an external IP or a load balancer's address."""
        return bool(self.port.node_port or self.external_ips or self.load_balancers)

    @property
    def external_ips(self) -> tuple[IPAddress, ...]:
        return tuple(address for address in self.service.external_ips if address.version == FAMILY)

    @property
    def load_balancers(self) -> tuple[IPAddress, ...]:
        """Addresses that kube-proxy has rules for."""
        return tuple(
            entry.address
            for entry in self.service.load_balancer
            if entry.address is not None and entry.address.version == FAMILY and not entry.proxy
        )

    @property
    def guarded(self) -> tuple[IPNetwork, ...]:
        """The ranges that may ask its load balancers' addresses; empty: all may. kube-proxy reads no annotation."""
        return self.service.guarded(FAMILY) if self.load_balancers and not self.service.ranges_annotated else ()

    @property
    def in_cluster_chain(self) -> tuple[Backend, ...]:
        """Those of KUBE-SVC: for policy Cluster, and for the shorter way of whoever asks from inside."""
        return self.everywhere if not self.internal_local or self.external else ()

    @property
    def in_local_chain(self) -> tuple[Backend, ...]:
        """Those of KUBE-SVL: for policy Local."""
        return self.local if self.internal_local or (self.external and self.external_local) else ()

    @property
    def reachable(self) -> tuple[Backend, ...]:
        """All that have a chain of their own on this node."""
        found = {(one.address, one.port): one for one in (*self.in_cluster_chain, *self.in_local_chain)}
        return tuple(found.values())

    @property
    def inside(self) -> tuple[Backend, ...]:
        """The endpoints that the cluster IP leads to from this node."""
        return self.local if self.internal_local else self.everywhere

    @property
    def outside(self) -> tuple[Backend, ...]:
        """The endpoints that traffic from outside gets on this node."""
        return self.local if self.external_local else self.everywhere


def _in_order(endpoints: tuple[Backend, ...]) -> tuple[Backend, ...]:
    """As kube-proxy sorts them (pkg/proxy/endpointslicecache.go): by IP:port as text."""
    return tuple(sorted(endpoints, key=lambda one: f"{one.address}:{one.port}"))


def proxied_ports(cluster: Cluster, node: str) -> Iterator[ProxyPort]:
    """Every Service port that kube-proxy has rules for, sorted by its name."""
    place = cluster.nodes.get(node)
    found = []
    for service in cluster.services.values():
        cluster_ip = next((address for address in service.cluster_ips if address.version == FAMILY), None)
        if cluster_ip is None or service.type is ServiceType.EXTERNAL_NAME or service.service_proxy_name is not None:
            continue
        for port in service.ports:
            choice = usable(backends(cluster, service, port, FAMILY), node, place.zone if place else None)
            found.append(
                ProxyPort(
                    service,
                    port,
                    service_port_name(service, port),
                    cluster_ip,
                    _in_order(choice.everywhere),
                    _in_order(choice.local),
                    choice.any_in_cluster,
                )
            )
    yield from sorted(found, key=lambda one: (one.name, one.port.port))
