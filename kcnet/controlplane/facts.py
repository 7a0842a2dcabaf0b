"""What no object states: address ranges, domain, proxy mode, network plugin, and who hands out load balancers.

A flag wins over the document of kind Cluster; what objects show wins over both where they would contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network

from msgspec import Struct
from msgspec.structs import replace

from kcnet.controlplane.cni import cni_named
from kcnet.model.cluster import CNI, ProxyMode
from kcnet.model.manifests import ClusterFacts, Manifests
from kcnet.model.names import IPAddress, IPNetwork

POD_CIDRS: Mapping[int, IPNetwork] = {4: IPv4Network("10.244.0.0/16"), 6: IPv6Network("fd00:10:244::/56")}
SERVICE_CIDRS: Mapping[int, IPNetwork] = {4: IPv4Network("10.96.0.0/16"), 6: IPv6Network("fd00:10:96::/112")}
KUBEADM_SERVICE_CIDR = IPv4Network("10.96.0.0/12")
LOAD_BALANCER_POOLS: Mapping[int, IPNetwork] = {4: IPv4Network("203.0.113.0/24"), 6: IPv6Network("2001:db8:113::/64")}


class Facts(Struct, frozen=True, kw_only=True):
    nodes: int | None
    families: tuple[int, ...]
    """Address families of the cluster, 4 and 6, the primary one first."""
    pod_cidrs: Mapping[int, IPNetwork]
    """By family."""
    pod_cidrs_stated: bool
    service_cidrs: Mapping[int, IPNetwork]
    domain: str
    dns_service_ip: IPAddress
    proxy_mode: ProxyMode
    cni: CNI
    load_balancer: bool
    pools: Mapping[int, IPNetwork]
    """Ranges that load balancer addresses come from, by family."""
    ingress_controller: bool | str | None
    assumptions: Mapping[str, str]


def settle(manifests: Manifests, overrides: ClusterFacts) -> Facts:
    stated = _merge(manifests.facts, overrides)
    families = _families(manifests, stated)
    service_cidrs: dict[int, IPNetwork] = {cidr.version: cidr for cidr in stated.service_cidrs}
    cluster_ips = [address for service in manifests.services for address in service.cluster_ips]
    service_cidrs |= {
        version: _service_cidr(version, cluster_ips) for version in families if version not in service_cidrs
    }
    pod_cidrs: dict[int, IPNetwork] = {cidr.version: cidr for cidr in stated.pod_cidrs}
    node_cidrs = [cidr for node in manifests.nodes for cidr in node.pod_cidrs]
    pod_cidrs |= {
        version: _pod_cidr(version, node_cidrs, [*service_cidrs.values(), *_hosts(manifests)])
        for version in families
        if version not in pod_cidrs
    }
    primary = service_cidrs[families[0]]
    pool = stated.load_balancer
    return Facts(
        nodes=stated.nodes,
        families=families,
        pod_cidrs={version: pod_cidrs[version] for version in families},
        pod_cidrs_stated=bool(stated.pod_cidrs or node_cidrs),
        service_cidrs={version: service_cidrs[version] for version in families},
        domain=stated.cluster_domain or "cluster.local",
        dns_service_ip=stated.dns_service_ip or primary[min(10, primary.num_addresses - 2)],
        proxy_mode=ProxyMode(stated.proxy_mode or "iptables"),
        cni=cni_named(stated.cni),
        load_balancer=pool is not False,
        pools=_pools(pool),
        ingress_controller=stated.ingress_controller,
        assumptions=_assumptions(stated, families, pod_cidrs, service_cidrs, bool(node_cidrs)),
    )


def _merge(document: ClusterFacts, overrides: ClusterFacts) -> ClusterFacts:
    said = {name: getattr(overrides, name) for name in overrides.__struct_fields__}
    return replace(document, **{name: value for name, value in said.items() if value not in (None, ())})


def _pools(stated: bool | IPNetwork | None) -> Mapping[int, IPNetwork]:
    if stated is False:
        return {}
    return LOAD_BALANCER_POOLS if stated is None or stated is True else {stated.version: stated}


def _families(manifests: Manifests, stated: ClusterFacts) -> tuple[int, ...]:
    """Families that the facts name come first, then those that objects show.

    Where nothing names a family IPv4 is one, unless every pod and node that tells an address tells IPv6 alone.
    """
    named: list[int] = [cidr.version for cidr in (*stated.pod_cidrs, *stated.service_cidrs)]
    shown = [version for addresses in _pod_networks(manifests) for version in addresses]
    wanted: set[int] = set()
    for service in manifests.services:
        wanted.update(service.ip_families, (address.version for address in service.cluster_ips))
        if service.ip_family_policy == "RequireDualStack":
            wanted |= {4, 6}
    if not named and (set(shown) != {6} or 4 in wanted):
        both = next((versions for versions in _pod_networks(manifests) if len(versions) > 1), (4,))
        named = list(both)
    return tuple(dict.fromkeys([*named, *sorted(shown), *sorted(wanted)]))


def _pod_networks(manifests: Manifests) -> Iterator[tuple[int, ...]]:
    """The families that each node and pod tells, in the order in which it tells them."""
    for node in manifests.nodes:
        yield tuple(dict.fromkeys(cidr.version for cidr in node.pod_cidrs))
    for pod in manifests.pods:
        if pod.addresses and not pod.spec.host_network:
            yield tuple(dict.fromkeys(address.version for address in pod.addresses))


def _hosts(manifests: Manifests) -> Iterator[IPNetwork]:
    for node in manifests.nodes:
        for address in (*node.addresses, *node.external_addresses):
            yield ip_network(address)


def _service_cidr(version: int, stated: Iterable[IPAddress]) -> IPNetwork:
    """The default range if it holds every stated cluster IP, else the smallest usual one that does."""
    addresses = [address for address in stated if address.version == version]
    default = SERVICE_CIDRS[version]
    if all(address in default for address in addresses):
        return default
    if version == 4 and all(address in KUBEADM_SERVICE_CIDR for address in addresses):
        return KUBEADM_SERVICE_CIDR
    return _covering([ip_network(address) for address in addresses], at_most=16 if version == 4 else 112)


def _pod_cidr(version: int, nodes: Iterable[IPNetwork], taken: Iterable[IPNetwork]) -> IPNetwork:
    """What covers the ranges that nodes state; without any the default, or its next neighbour that is free."""
    stated = [cidr for cidr in nodes if cidr.version == version]
    if stated:
        return _covering(stated, at_most=16 if version == 4 else 56)
    cidr = POD_CIDRS[version]
    others = [network for network in taken if network.version == version]
    while any(cidr.overlaps(other) for other in others):
        step = cidr.num_addresses
        cidr = ip_network((cidr.network_address + step, cidr.prefixlen))
    return cidr


def _covering(networks: list[IPNetwork], at_most: int) -> IPNetwork:
    """The smallest network that holds all of ``networks``, its prefix no longer than ``at_most``."""
    first = networks[0]
    cover = first.supernet(new_prefix=min(at_most, first.prefixlen))
    while not all(network.subnet_of(cover) for network in networks):  # type: ignore[arg-type]
        cover = cover.supernet()
    return cover


def _assumptions(
    stated: ClusterFacts,
    families: tuple[int, ...],
    pod_cidrs: Mapping[int, IPNetwork],
    service_cidrs: Mapping[int, IPNetwork],
    nodes_tell: bool,
) -> dict[str, str]:
    found = {}
    if not stated.cni:
        found["cni"] = "The manifests do not name the CNI plugin: one that enforces NetworkPolicy is taken for granted."
    elif cni_named(stated.cni).enforces_policy is None:
        found["cni"] = f"Whether {cni_named(stated.cni).title} enforces NetworkPolicy depends on how it was installed."
    if stated.load_balancer is None:
        found["load-balancer"] = (
            "Something in the cluster is taken to give addresses to Services of type LoadBalancer"
            f" (here from {LOAD_BALANCER_POOLS[families[0]]})."
        )
    if stated.proxy_mode is None:
        found["proxy-mode"] = "kube-proxy is taken to run in its default mode, iptables."
    if not stated.pod_cidrs and not nodes_tell:
        found["pod-cidr"] = f"Pods are taken to have addresses from {_listed(pod_cidrs, families)}."
    if not stated.service_cidrs:
        found["service-cidr"] = f"Services are taken to have addresses from {_listed(service_cidrs, families)}."
    if stated.cluster_domain is None:
        found["cluster-domain"] = "The cluster domain is taken to be cluster.local."
    return found


def _listed(cidrs: Mapping[int, IPNetwork], families: tuple[int, ...]) -> str:
    return " and ".join(str(cidrs[version]) for version in families)
