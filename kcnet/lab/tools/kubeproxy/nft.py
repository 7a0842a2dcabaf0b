"""The table of kube-proxy's nftables mode, as ``nft list table ip kube-proxy`` prints it.

pkg/proxy/nftables/proxier.go in kubernetes/kubernetes, as of 1.36: maps from addresses and ports to chains, a chain for
each Service port, one for each endpoint where clients are to stay with theirs. What has no endpoints is stopped after
the destination could have been rewritten, who is outside the source ranges before it.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from kcnet.lab.tools.kubeproxy.ports import ProxyPort, proxied_ports
from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress
from kcnet.path.endpoints import Backend

Chains = Mapping[str, Sequence[str]]


def listing(cluster: Cluster, node: str) -> str:
    """The table ``ip kube-proxy``."""
    ports = list(proxied_ports(cluster, node))
    pods = [str(cidr) for cidr in cluster.pod_cidrs if cidr.version == 4][:1]
    place = cluster.nodes.get(node)
    primary = next((address for address in place.addresses if address.version == 4), None) if place else None
    lines = ["table ip kube-proxy {", '\tcomment "rules for kube-proxy"', ""]
    lines += _set("hairpin-connections", _HAIRPIN, "service hairpin connections", _elements(_hairpins(ports, node)))
    active = sorted({one.cluster_ip for one in ports}, key=int)
    lines += _addresses_set("cluster-ips", "Active ClusterIPs", [str(address) for address in active])
    lines += _addresses_set("nodeport-ips", "IPs that accept NodePort traffic", [str(primary)] if primary else [])
    for name, kind, comment, elements in (
        ("no-endpoint-services", _BY_ADDRESS, "vmap to drop or reject packets to services with no endpoints",
         _without(ports)),
        ("no-endpoint-nodeports", _BY_PORT, "vmap to drop or reject packets to service nodeports with no endpoints",
         _nodeports_without(ports)),
        ("firewall-ips", _BY_ADDRESS, "destinations that are subject to LoadBalancerSourceRanges", _guarded(ports)),
        ("service-ips", _BY_ADDRESS, "ClusterIP, ExternalIP and LoadBalancer IP traffic", _addresses(ports)),
        ("service-nodeports", _BY_PORT, "NodePort traffic", _node_ports(ports)),
    ):  # fmt: skip
        lines += _map(name, kind, comment, list(elements))
    for one in ports:
        if one.service.session_affinity:
            for backend in one.reachable:
                lines += _affinity(one, backend)
    for name, rules in {**_frame(cluster, pods), **_own_chains(ports, pods, primary)}.items():
        lines += [f"\tchain {name} {{", *(f"\t\t{rule}" for rule in rules), "\t}", ""]
    while lines[-1] == "":
        lines.pop()
    return "".join(f"{line}\n" for line in (*lines, "}"))


_BY_ADDRESS = "ipv4_addr . inet_proto . inet_service : verdict"
_BY_PORT = "inet_proto . inet_service : verdict"
_HAIRPIN = "ipv4_addr . ipv4_addr . inet_proto . inet_service"
_MASQUERADE = "meta mark set meta mark | 0x00004000"


def _addresses_set(name: str, comment: str, addresses: Sequence[str]) -> list[str]:
    """Two addresses stand in a line."""
    pairs = [", ".join(addresses[at : at + 2]) for at in range(0, len(addresses), 2)]
    return _set(name, "ipv4_addr", comment, _elements(pairs))


def _set(name: str, kind: str, comment: str, elements: Sequence[str]) -> list[str]:
    return [f"\tset {name} {{", f"\t\ttype {kind}", f'\t\tcomment "{comment}"', *elements, "\t}", ""]


def _hairpins(ports: Sequence[ProxyPort], node: str) -> list[str]:
    """Connections of an endpoint of this node to itself: their source is rewritten."""
    own = [(one, each) for one in ports for each in one.reachable if each.endpoint.node == node]
    return list(dict.fromkeys(f"{each.address} . {each.address} . {one.protocol} . {each.port}" for one, each in own))


def _affinity(one: ProxyPort, backend: Backend) -> list[str]:
    """The set of clients that stay with an endpoint, each for the Service's timeout."""
    return [
        f"\tset {_affinity_set(one, backend)} {{",
        "\t\ttype ipv4_addr",
        "\t\tsize 65535",
        "\t\tflags dynamic,timeout",
        f"\t\ttimeout {_duration(one.service.affinity_seconds)}",
        "\t}",
        "",
    ]


def _affinity_set(one: ProxyPort, backend: Backend) -> str:
    return f"affinity-{endpoint_chain(one, backend).removeprefix('endpoint-')}"


def _duration(seconds: int) -> str:
    """10800 -> ``3h``, 90 -> ``1m30s``."""
    parts = ((seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count)


def _map(name: str, kind: str, comment: str, elements: Sequence[str]) -> list[str]:
    lines = [f"\tmap {name} {{", f"\t\ttype {kind}", f'\t\tcomment "{comment}"']
    return [*lines, *_elements(elements), "\t}", ""]


def _elements(elements: Sequence[str]) -> list[str]:
    if not elements:
        return []
    first, *rest = elements
    lines = [f"\t\telements = {{ {first}", *(f"\t\t\t     {one}" for one in rest)]
    return [f"{line}," for line in lines[:-1]] + [f"{lines[-1]} }}"]


def base(one: ProxyPort) -> str:
    """``ULMVA6XW-shop/cart/tcp/http``: a hash and what it is of; nft's names hold slashes."""
    text = f"{one.service.namespace}/{one.service.name}/{one.protocol}/{one.port.name}"
    return f"{b32encode(sha256(text.encode()).digest()).decode()[:8]}-{text}"


def endpoint_chain(one: ProxyPort, backend: Backend) -> str:
    text = (
        f"{one.service.namespace}/{one.service.name}/{one.protocol}/{one.port.name}__{backend.address}/{backend.port}"
    )
    return f"endpoint-{b32encode(sha256(text.encode()).digest()).decode()[:8]}-{text}"


def _key(address: object, one: ProxyPort) -> str:
    return f"{address} . {one.protocol} . {one.port.port}"


def _refusal(one: ProxyPort, local: bool, here: bool) -> str | None:
    """The chain that a packet for a Service port without usable endpoints ends in; None if there are some."""
    if not one.any_in_cluster:
        return "goto reject-chain"
    return "drop" if local and not here else None


def _without(ports: Sequence[ProxyPort]) -> Iterator[str]:
    for one in ports:
        inside = _refusal(one, one.internal_local, bool(one.local))
        if inside:
            yield f'{_key(one.cluster_ip, one)} comment "{one.name}" : {inside}'
        outside = _refusal(one, one.external_local, bool(one.local))
        if outside:
            for address in (*one.external_ips, *one.load_balancers):
                yield f'{_key(address, one)} comment "{one.name}" : {outside}'


def _nodeports_without(ports: Sequence[ProxyPort]) -> Iterator[str]:
    for one in ports:
        verdict = _refusal(one, one.external_local, bool(one.local))
        if one.port.node_port and verdict:
            yield f'{one.protocol} . {one.port.node_port} comment "{one.name}" : {verdict}'


def _guarded(ports: Sequence[ProxyPort]) -> Iterator[str]:
    for one in ports:
        if one.guarded:
            for address in one.load_balancers:
                yield f"{_key(address, one)} : goto firewall-{base(one)}"


def _addresses(ports: Sequence[ProxyPort]) -> Iterator[str]:
    for one in ports:
        if one.inside:
            chain = "local" if one.internal_local else "service"
            yield f"{_key(one.cluster_ip, one)} : goto {chain}-{base(one)}"
        if one.any_in_cluster:
            for address in (*one.external_ips, *one.load_balancers):
                yield f"{_key(address, one)} : goto external-{base(one)}"


def _node_ports(ports: Sequence[ProxyPort]) -> Iterator[str]:
    for one in ports:
        if one.port.node_port and one.any_in_cluster:
            yield f"{one.protocol} . {one.port.node_port} : goto external-{base(one)}"


def _frame(cluster: Cluster, pods: Sequence[str]) -> Chains:
    """The chains that are there whatever the Services."""
    services = [str(cidr) for cidr in cluster.service_cidrs if cidr.version == 4]
    unused = [f'ip daddr {_anonymous(services)} drop comment "Drop traffic to unallocated ClusterIPs"']
    away = f'{_MASQUERADE} comment "masquerade clusterIP traffic from outside cluster"'
    to_service = "ip daddr . meta l4proto . th dport vmap @service-ips"
    to_node = "ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports"
    hairpin = "ct status dnat ip saddr . ip daddr . meta l4proto . th dport @hairpin-connections"
    return {
        "filter-prerouting-pre-dnat": [
            "type filter hook prerouting priority dstnat - 10; policy accept;",
            "ct state new jump firewall-check",
        ],
        "filter-output-pre-dnat": [
            "type filter hook output priority -110; policy accept;",
            "ct state new jump firewall-check",
        ],
        "filter-input": [
            "type filter hook input priority filter; policy accept;",
            "ct state new jump nodeport-endpoints-check",
            "ct state new jump service-endpoints-check",
        ],
        "filter-forward": [
            "type filter hook forward priority filter; policy accept;",
            "ct state new jump service-endpoints-check",
            "ct state new jump cluster-ips-check",
        ],
        "filter-output": [
            "type filter hook output priority filter; policy accept;",
            "ct state new jump service-endpoints-check",
            "ct state new jump cluster-ips-check",
        ],
        "nat-prerouting": ["type nat hook prerouting priority dstnat; policy accept;", "jump services"],
        "nat-output": ["type nat hook output priority -100; policy accept;", "jump services"],
        "nat-postrouting": ["type nat hook postrouting priority srcnat; policy accept;", "jump masquerading"],
        "nodeport-endpoints-check": ["ip daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports"],
        "service-endpoints-check": ["ip daddr . meta l4proto . th dport vmap @no-endpoint-services"],
        "firewall-check": ["ip daddr . meta l4proto . th dport vmap @firewall-ips"],
        "services": [
            *(f"ip daddr @cluster-ips ip saddr != {cidr} {away}" for cidr in pods),
            to_service,
            to_node,
        ],
        "masquerading": [
            "meta mark & 0x00004000 != 0x00000000 meta mark set meta mark ^ 0x00004000 masquerade fully-random",
            f"{hairpin} masquerade fully-random",
        ],
        "cluster-ips-check": [
            'ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"',
            *(unused if services else []),
        ],
        "reject-chain": ['comment "helper for @no-endpoint-services / @no-endpoint-nodeports"', "reject"],
    }


def _own_chains(ports: Sequence[ProxyPort], pods: Sequence[str], own: IPAddress | None) -> Chains:
    found: dict[str, list[str]] = {}
    for one in ports:
        if one.guarded:
            found[f"firewall-{base(one)}"] = [_firewall(one, own)]
        if one.any_in_cluster and one.external:
            found[f"external-{base(one)}"] = _external(one, pods)
        for kind, endpoints in (("service", one.in_cluster_chain), ("local", one.in_local_chain)):
            if endpoints:
                found[f"{kind}-{base(one)}"] = _balance(one, endpoints)
        if one.service.session_affinity:
            for backend in one.reachable:
                found[endpoint_chain(one, backend)] = _sticky(one, backend)
    return found


def _firewall(one: ProxyPort, own: IPAddress | None) -> str:
    """A node that holds the load balancer's address itself asks with it as its source."""
    allowed = [str(cidr) for cidr in one.guarded]
    if own is not None and any(own in cidr for cidr in one.guarded):
        allowed += [str(address) for address in one.load_balancers]
    return f"ip saddr != {_anonymous(allowed)} drop"


def _anonymous(elements: Sequence[str]) -> str:
    """nft prints a set of one as the one."""
    return elements[0] if len(elements) == 1 else f"{{ {', '.join(elements)} }}"


def _balance(one: ProxyPort, endpoints: Sequence[Backend]) -> list[str]:
    """By chance; with affinity first the endpoint that the client is known to have."""
    if not one.service.session_affinity:
        places = ", ".join(f"{index} : {each.address} . {each.port}" for index, each in enumerate(endpoints))
        return [f"meta l4proto {one.protocol} dnat ip to numgen random mod {len(endpoints)} map {{ {places} }}"]
    known = [f"ip saddr @{_affinity_set(one, each)} goto {endpoint_chain(one, each)}" for each in endpoints]
    targets = ", ".join(f"{index} : goto {endpoint_chain(one, each)}" for index, each in enumerate(endpoints))
    return [*known, f"numgen random mod {len(endpoints)} vmap {{ {targets} }}"]


def _external(one: ProxyPort, pods: Sequence[str]) -> list[str]:
    if not one.external_local:
        return [f'{_MASQUERADE} comment "masquerade"', f"goto service-{base(one)}"]
    rules = [f'ip saddr {pods[0]} goto service-{base(one)} comment "short-circuit pod traffic"'] if pods else []
    rules += [
        f'fib saddr type local {_MASQUERADE} comment "masquerade local traffic"',
        f'fib saddr type local goto service-{base(one)} comment "short-circuit local traffic"',
    ]
    return [*rules, f"goto local-{base(one)}"] if one.local else rules


def _sticky(one: ProxyPort, backend: Backend) -> list[str]:
    return [
        f"update @{_affinity_set(one, backend)} {{ ip saddr }}",
        f"meta l4proto {one.protocol} dnat to {backend.address}:{backend.port}",
    ]
