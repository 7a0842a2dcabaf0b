"""The table of kube-proxy's nftables mode, as ``nft list table ip kube-proxy`` prints it.

pkg/proxy/nftables/proxier.go in kubernetes/kubernetes: maps from addresses and ports to chains, a chain for each
Service port, one for each endpoint.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from kcnet.lab.tools.kubeproxy.ports import ProxyPort, proxied_ports
from kcnet.model.cluster import Cluster
from kcnet.path.endpoints import Backend

Chains = Mapping[str, Sequence[str]]


def listing(cluster: Cluster, node: str) -> str:
    """The table ``ip kube-proxy``."""
    ports = list(proxied_ports(cluster, node))
    pods = [str(cidr) for cidr in cluster.pod_cidrs if cidr.version == 4][:1]
    lines = ["table ip kube-proxy {", '\tcomment "rules for kube-proxy"', ""]
    lines += _set("cluster-ips", "ipv4_addr", "Active ClusterIPs", sorted({str(one.cluster_ip) for one in ports}))
    place = cluster.nodes.get(node)
    own = [str(address) for address in place.addresses if address.version == 4][:1] if place else []
    lines += _set("nodeport-ips", "ipv4_addr", "IPs that accept NodePort traffic", own)
    lines += _map("no-endpoint-services", "ipv4_addr . inet_proto . inet_service : verdict",
                  "vmap to drop or reject packets to services with no endpoints", list(_without(ports)))  # fmt: skip
    lines += _map("no-endpoint-nodeports", "inet_proto . inet_service : verdict",
                  "vmap to drop or reject packets to service nodeports with no endpoints",
                  list(_nodeports_without(ports)))  # fmt: skip
    lines += _map("firewall-ips", "ipv4_addr . inet_proto . inet_service : verdict",
                  "destinations that are subject to LoadBalancerSourceRanges", list(_guarded(ports)))  # fmt: skip
    lines += _map("service-ips", "ipv4_addr . inet_proto . inet_service : verdict",
                  "ClusterIP, ExternalIP and LoadBalancer IP traffic", list(_addresses(ports)))  # fmt: skip
    lines += _map("service-nodeports", "inet_proto . inet_service : verdict", "NodePort traffic",
                  list(_node_ports(ports)))  # fmt: skip
    for name, rules in {**_frame(cluster), **_own_chains(ports, pods)}.items():
        lines += [f"\tchain {name} {{", *(f"\t\t{rule}" for rule in rules), "\t}", ""]
    while lines[-1] == "":
        lines.pop()
    return "".join(f"{line}\n" for line in (*lines, "}"))


def _set(name: str, kind: str, comment: str, elements: Sequence[str]) -> list[str]:
    lines = [f"\tset {name} {{", f"\t\ttype {kind}", f'\t\tcomment "{comment}"']
    return [*lines, *_elements(elements), "\t}", ""]


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


def _is_guarded(one: ProxyPort) -> bool:
    ranges = [cidr for cidr in one.service.source_ranges if cidr.version == 4]
    return bool(ranges) and all(cidr.prefixlen for cidr in ranges) and bool(one.load_balancers)


def _guarded(ports: Sequence[ProxyPort]) -> Iterator[str]:
    for one in ports:
        if _is_guarded(one):
            for address in one.load_balancers:
                yield f'{_key(address, one)} comment "{one.name}" : goto firewall-{base(one)}'


def _addresses(ports: Sequence[ProxyPort]) -> Iterator[str]:
    for one in ports:
        if one.inside:
            chain = "local" if one.internal_local else "service"
            yield f"{_key(one.cluster_ip, one)} : goto {chain}-{base(one)}"
        if one.outside:
            for address in (*one.external_ips, *one.load_balancers):
                yield f"{_key(address, one)} : goto external-{base(one)}"


def _node_ports(ports: Sequence[ProxyPort]) -> Iterator[str]:
    for one in ports:
        if one.port.node_port and one.outside:
            yield f"{one.protocol} . {one.port.node_port} : goto external-{base(one)}"


def _frame(cluster: Cluster) -> Chains:
    """The chains that are there whatever the Services."""
    services = [str(cidr) for cidr in cluster.service_cidrs if cidr.version == 4]
    unused = [f'ip daddr {{ {", ".join(services)} }} drop comment "drop traffic to unallocated ClusterIPs"']
    to_service = "ip daddr . meta l4proto . th dport vmap @service-ips"
    to_node = "ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports"
    return {
        "filter-prerouting": [
            "type filter hook prerouting priority dstnat - 10; policy accept;",
            "ct state new jump firewall-check",
        ],
        "filter-input": [
            "type filter hook input priority dstnat - 10; policy accept;",
            "ct state new jump nodeport-endpoints-check",
            "ct state new jump service-endpoints-check",
        ],
        "filter-forward": [
            "type filter hook forward priority dstnat - 10; policy accept;",
            "ct state new jump service-endpoints-check",
            "ct state new jump cluster-ips-check",
        ],
        "filter-output": [
            "type filter hook output priority dstnat - 10; policy accept;",
            "ct state new jump service-endpoints-check",
            "ct state new jump firewall-check",
        ],
        "nat-prerouting": ["type nat hook prerouting priority dstnat; policy accept;", "jump services"],
        "nat-output": ["type nat hook output priority dstnat; policy accept;", "jump services"],
        "nat-postrouting": ["type nat hook postrouting priority srcnat; policy accept;", "jump masquerading"],
        "cluster-ips-check": [
            'ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"',
            *(unused if services else []),
        ],
        "firewall-check": ["ip daddr . meta l4proto . th dport vmap @firewall-ips"],
        "mark-for-masquerade": ["meta mark set meta mark | 0x00004000"],
        "masquerading": [
            "meta mark & 0x00004000 == 0x00000000 return",
            "meta mark set meta mark ^ 0x00004000",
            "masquerade fully-random",
        ],
        "nodeport-endpoints-check": ["ip daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports"],
        "reject-chain": ["reject"],
        "service-endpoints-check": ["ip daddr . meta l4proto . th dport vmap @no-endpoint-services"],
        "services": [to_service, to_node],
    }


def _own_chains(ports: Sequence[ProxyPort], pods: Sequence[str]) -> Chains:
    found: dict[str, list[str]] = {}
    for one in ports:
        if not one.any_in_cluster:
            continue
        if _is_guarded(one):
            ranges = ", ".join(str(cidr) for cidr in one.service.source_ranges if cidr.version == 4)
            found[f"firewall-{base(one)}"] = [f"ip saddr {{ {ranges} }} return", "drop"]
        if one.external and one.outside:
            found[f"external-{base(one)}"] = _external(one, pods)
        wants_service = not one.internal_local or one.external
        wants_local = one.internal_local or (one.external and one.external_local)
        for kind, endpoints, wanted in (("service", one.everywhere, wants_service), ("local", one.local, wants_local)):
            if not wanted or not endpoints:
                continue
            rules = []
            internal = (kind == "local") == one.internal_local
            if internal and pods:
                match = f"ip daddr {one.cluster_ip} {one.protocol} dport {one.port.port} ip saddr != {pods[0]}"
                rules.append(f"{match} jump mark-for-masquerade")
            targets = ", ".join(f"{i} : goto {endpoint_chain(one, b)}" for i, b in enumerate(endpoints))
            if one.service.session_affinity:
                rules += [f"ip saddr @affinity-{endpoint_chain(one, b)[9:]} goto {endpoint_chain(one, b)}"
                          for b in endpoints]  # fmt: skip
            rules.append(f"numgen random mod {len(endpoints)} vmap {{ {targets} }}")
            found[f"{kind}-{base(one)}"] = rules
            for backend in endpoints:
                found[endpoint_chain(one, backend)] = _endpoint(one, backend)
    return found


def _external(one: ProxyPort, pods: Sequence[str]) -> list[str]:
    if not one.external_local:
        return ["jump mark-for-masquerade", f"goto service-{base(one)}"]
    rules = [f'ip saddr {pods[0]} goto service-{base(one)} comment "short-circuit pod traffic"'] if pods else []
    rules += [
        'fib saddr type local jump mark-for-masquerade comment "masquerade local traffic"',
        f'fib saddr type local goto service-{base(one)} comment "short-circuit local traffic"',
    ]
    return [*rules, f"goto local-{base(one)}"] if one.local else rules


def _endpoint(one: ProxyPort, backend: Backend) -> list[str]:
    rules = [f"ip saddr {backend.address} jump mark-for-masquerade"]
    if one.service.session_affinity:
        rules.append(f"update @affinity-{endpoint_chain(one, backend)[9:]} {{ ip saddr }}")
    return [*rules, f"meta l4proto {one.protocol} dnat to {backend.address}:{backend.port}"]
