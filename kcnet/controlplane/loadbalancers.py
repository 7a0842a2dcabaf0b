"""Who gets a load balancer, and at which address: what a cloud provider or MetalLB would do.

https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_network

from kcnet.controlplane.addresses import families_of
from kcnet.controlplane.facts import Facts
from kcnet.model.cluster import Key
from kcnet.model.manifests import ServiceManifest
from kcnet.model.names import IPAddress, IPNetwork
from kcnet.model.objects import LoadBalancerIngress, ServiceType
from kcnet.model.wellknown import SOURCE_RANGES


def load_balancers(
    services: Sequence[ServiceManifest], facts: Facts, taken: Iterable[IPAddress]
) -> Mapping[Key, tuple[LoadBalancerIngress, ...]]:
    """The addresses of every Service of type LoadBalancer; empty while it is pending.

    A stated status is kept. One that came from a cluster without an address, or that names a class whose controller
    the manifests do not tell, stays pending. A wish (``loadBalancerIP``) is granted if the address is free.
    """
    used = set(taken)
    balanced = [service for service in services if service.type is ServiceType.LOAD_BALANCER]
    found = {(service.namespace, service.name): service.load_balancer for service in balanced}
    used.update(entry.address for entries in found.values() for entry in entries if entry.address is not None)
    served = [service for service in balanced if facts.load_balancer and _is_served(service)]
    for service in served:
        wish = service.load_balancer_ip
        if wish is not None and wish not in used:
            used.add(wish)
            found[service.namespace, service.name] = (LoadBalancerIngress(address=wish),)
    free = {version: _free(pool, used) for version, pool in facts.pools.items()}
    for service in served:
        key = service.namespace, service.name
        if not found[key]:
            families = [version for version in families_of(service, facts.families) if version in free]
            addresses = [next(free[version], None) for version in families]
            found[key] = tuple(LoadBalancerIngress(address=address) for address in addresses if address is not None)
    return found


def _is_served(service: ServiceManifest) -> bool:
    return not (service.load_balancer or service.live or service.load_balancer_class)


def _free(pool: IPNetwork, used: set[IPAddress]) -> Iterator[IPAddress]:
    return (address for address in pool.hosts() if address not in used)


def source_ranges(service: ServiceManifest) -> tuple[IPNetwork, ...]:
    """Client networks that may use the load balancer; empty: everyone."""
    if service.type is not ServiceType.LOAD_BALANCER:
        return ()
    ranges = service.source_ranges
    if not ranges and (text := service.annotations.get(SOURCE_RANGES, "").strip()):
        try:
            ranges = tuple(ip_network(part.strip(), strict=False) for part in text.split(","))
        except ValueError:
            return ()
    return ranges
