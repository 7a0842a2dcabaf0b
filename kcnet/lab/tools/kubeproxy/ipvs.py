"""The virtual servers of kube-proxy's ipvs mode, as ``ipvsadm -Ln`` prints them.

pkg/proxy/ipvs/proxier.go in kubernetes/kubernetes: one virtual server for each address and port, and one for the node
port at each address of the node. With a Local policy and no endpoint here, the cluster IP of a Service that is also
asked from outside falls back to all endpoints.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kcnet.lab.tools.kubeproxy.ports import ProxyPort, proxied_ports
from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress
from kcnet.path.endpoints import Backend

HEAD = (
    "IP Virtual Server version 1.2.1 (size=4096)",
    "Prot LocalAddress:Port Scheduler Flags",
    "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn",
)


def listing(cluster: Cluster, node: str) -> str:
    servers = sorted(_servers(cluster, node), key=lambda server: (server[0], int(server[1]), server[2]))
    lines = [*HEAD]
    for protocol, address, port, flags, endpoints in servers:
        lines.append(f"{protocol}  {address}:{port} rr{flags}")
        lines += [
            f"  -> {f'{backend.address}:{backend.port}':<28} Masq    1      0          0         "
            for backend in endpoints
        ]
    return "".join(f"{line}\n" for line in lines)


Server = tuple[str, IPAddress, int, str, Sequence[Backend]]


def bound_addresses(cluster: Cluster, node: str) -> tuple[IPAddress, ...]:
    """What the mode binds to the dummy interface kube-ipvs0."""
    found = {address: None for one in proxied_ports(cluster, node) for address in _addresses(one)}
    return tuple(sorted(found, key=int))


def _addresses(one: ProxyPort) -> tuple[IPAddress, ...]:
    return (one.cluster_ip, *one.external_ips, *one.load_balancers)


def _servers(cluster: Cluster, node: str) -> Iterator[Server]:
    place = cluster.nodes.get(node)
    own = [address for address in place.addresses if address.version == 4] if place else []
    for one in proxied_ports(cluster, node):
        protocol = one.port.protocol.value
        flags = f" persistent {one.service.affinity_seconds}" if one.service.session_affinity else ""
        outside = one.outside or (one.everywhere if one.external_local else ())
        inside = one.inside or (one.everywhere if one.internal_local and one.external else ())
        yield protocol, one.cluster_ip, one.port.port, flags, inside
        for address in (*one.external_ips, *one.load_balancers):
            yield protocol, address, one.port.port, flags, outside
        if one.port.node_port:
            for address in own:
                yield protocol, address, one.port.node_port, flags, outside
