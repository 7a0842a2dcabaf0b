"""Nodes: those written, or as many as the pods need, with addresses and pod CIDRs.

The controller that gives each node a piece of the pod range: https://kubernetes.io/docs/concepts/architecture/nodes/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import chain

from msgspec.structs import replace

from kcnet.controlplane.facts import Facts
from kcnet.controlplane.ordering import natural
from kcnet.model.manifests import Manifests, NodeManifest
from kcnet.model.names import IPAddress, IPNetwork, Ref
from kcnet.model.objects import Node
from kcnet.model.wellknown import HOSTNAME, OS, ZONE

PODS_PER_NODE = 110
"""Kubelet's default limit."""
_NODE_NETWORKS: Mapping[int, tuple[IPNetwork, ...]] = {
    4: tuple(IPv4Network(cidr) for cidr in ("172.18.0.0/16", "172.19.0.0/16", "192.168.0.0/16", "10.32.0.0/16")),
    6: tuple(IPv6Network(cidr) for cidr in ("fd00:172:18::/64", "fd00:172:19::/64")),
}
_NODE_PREFIX = {4: 24, 6: 64}
"""What kube-controller-manager cuts for each node."""


def plan_nodes(manifests: Manifests, facts: Facts, pod_count: int) -> tuple[tuple[NodeManifest, ...], str | None]:
    """The nodes in natural order of their names, and what was taken for granted about them."""
    if manifests.nodes:
        stated = [_registered(node) for node in manifests.nodes]
        return tuple(sorted(stated, key=lambda node: natural(node.name))), None
    if facts.nodes is not None:
        return tuple(_implied(f"node-{number}") for number in range(1, facts.nodes + 1)), None
    named = _named(manifests)
    if named:
        names = sorted(named, key=natural)
        return (
            tuple(_implied(name, named[name]) for name in names),
            f"The nodes are taken to be those that pods and EndpointSlices name: {_listed(names)}.",
        )
    count = max(2, -(-pod_count // PODS_PER_NODE))
    return (
        tuple(_implied(f"node-{number}") for number in range(1, count + 1)),
        f"The manifests hold no nodes: {count} are taken for granted, with the labels that pods ask for.",
    )


def _registered(node: NodeManifest) -> NodeManifest:
    """With the labels that kubelet puts on every node; one written by hand may lack them."""
    if HOSTNAME in node.labels and OS in node.labels:
        return node
    return replace(node, labels={HOSTNAME: node.name, OS: "linux", **node.labels})


def _implied(name: str, addresses: tuple[IPAddress, ...] = ()) -> NodeManifest:
    return NodeManifest(ref=Ref("Node", None, name), labels={HOSTNAME: name, OS: "linux"}, addresses=addresses)


def _named(manifests: Manifests) -> dict[str, tuple[IPAddress, ...]]:
    """Nodes that pods and endpoints name, with the addresses that pods' status tells."""
    found: dict[str, tuple[IPAddress, ...]] = {}
    for slice_ in (*manifests.slices, *chain.from_iterable(item.slices for item in manifests.endpoints)):
        for endpoint in slice_.endpoints:
            if endpoint.node:
                found.setdefault(endpoint.node, ())
    for pod in manifests.pods:
        if pod.spec.node_name:
            found[pod.spec.node_name] = found.get(pod.spec.node_name) or pod.host_addresses
    for workload in manifests.workloads:
        if workload.spec.node_name:
            found.setdefault(workload.spec.node_name, ())
    return found


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"


def make_nodes(
    planned: Sequence[NodeManifest], facts: Facts, demand: Mapping[str, int], taken: Iterable[IPAddress]
) -> tuple[Mapping[str, Node], Mapping[int, IPNetwork]]:
    """The nodes, and the pod range of the whole cluster by family.

    ``demand``: pods by node that need an address. A range that nobody stated grows until every node and pod fits.
    """
    addresses = _node_addresses(planned, facts, taken)
    cuts: dict[str, list[IPNetwork]] = {node.name: list(node.pod_cidrs) for node in planned}
    ranges: dict[int, IPNetwork] = {}
    for version in facts.families:
        ranges[version] = _cut(planned, facts, version, max(demand.values(), default=0), cuts)
    order = {version: place for place, version in enumerate(facts.families)}
    nodes = {
        node.name: Node(
            ref=node.ref,
            labels=node.labels,
            annotations=node.annotations,
            created=node.created,
            addresses=addresses[node.name],
            external_addresses=node.external_addresses,
            pod_cidrs=tuple(sorted(cuts[node.name], key=lambda cidr: order.get(cidr.version, 2))),
            zone=node.labels.get(ZONE) or None,
            ready=node.ready,
        )
        for node in planned
    }
    return dict(sorted(nodes.items())), ranges


def _node_addresses(
    planned: Sequence[NodeManifest], facts: Facts, taken: Iterable[IPAddress]
) -> Mapping[str, tuple[IPAddress, ...]]:
    used = {*taken, *(address for node in planned for address in (*node.addresses, *node.external_addresses))}
    free = {version: _free_hosts(version, facts, used) for version in facts.families}
    found = {}
    for node in planned:
        # A node that states an address has told all that it has.
        found[node.name] = node.addresses or tuple(next(free[version]) for version in facts.families)
    return found


def _free_hosts(version: int, facts: Facts, used: set[IPAddress]) -> Iterator[IPAddress]:
    ranges = [facts.pod_cidrs[version], facts.service_cidrs[version]]
    networks = _NODE_NETWORKS[version]
    network = next((net for net in networks if not any(net.overlaps(cidr) for cidr in ranges)), networks[0])
    address = network.network_address + 2  # the first one is the gateway's
    while True:
        if address not in used and not (version == 4 and int(address) % 256 in (0, 255)):
            yield address
        address += 1


def _cut(
    planned: Sequence[NodeManifest], facts: Facts, version: int, pods: int, cuts: dict[str, list[IPNetwork]]
) -> IPNetwork:
    """Cuts a range for each node that states none of this family into ``cuts``; answers with the whole range."""
    whole = facts.pod_cidrs[version]
    stated = [cidr for node in planned for cidr in node.pod_cidrs if cidr.version == version]
    missing = [node.name for node in planned if not any(cidr.version == version for cidr in node.pod_cidrs)]
    if not missing:
        return whole
    bits = 32 if version == 4 else 128
    blocks = len(planned) + 1  # the first block stays free: node-1 has 10.244.1.0/24
    prefix = _NODE_PREFIX[version]
    if facts.pod_cidrs_stated:
        prefix = min(bits, max(prefix, whole.prefixlen + (len(planned) - 1).bit_length()))
    else:
        prefix = min(prefix, bits - (pods + 3 - 1).bit_length())
        whole = _widened(whole, prefix, blocks, facts)
    first = facts.pod_cidrs[version].network_address  # also of a range that was widened downwards
    if 2 ** (prefix - whole.prefixlen) >= blocks:
        first += 2 ** (bits - prefix)
    free = _blocks(whole, prefix, first, stated)
    for name in missing:
        block = next(free, None)
        if block is not None:
            cuts[name].append(block)
    return whole


def _widened(whole: IPNetwork, prefix: int, blocks: int, facts: Facts) -> IPNetwork:
    """``whole``, or a network around it, that has room for ``blocks`` pieces of ``prefix``."""
    services = facts.service_cidrs[whole.version]
    while 2 ** max(0, prefix - whole.prefixlen) < blocks:
        wider = whole.supernet()
        if wider.overlaps(services):
            break
        whole = wider
    return whole


def _blocks(whole: IPNetwork, prefix: int, first: IPAddress, stated: Sequence[IPNetwork]) -> Iterator[IPNetwork]:
    """Every piece of ``whole`` that overlaps none of ``stated``, from ``first`` upwards and round again."""
    size = 2 ** (whole.max_prefixlen - prefix)
    address = first
    for _ in range(2 ** (prefix - whole.prefixlen)):
        if address not in whole:
            address = whole.network_address
        block: IPNetwork = ip_network((address, prefix))
        if not any(block.overlaps(cidr) for cidr in stated):
            yield block
        address += size
