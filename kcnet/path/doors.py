"""The addresses of a Service, and which Service port's rules catch a packet on a node.

https://kubernetes.io/docs/reference/networking/virtual-ips/
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from kcnet.model.cluster import Cluster, ProxyMode
from kcnet.model.names import IPAddress
from kcnet.model.objects import Service, ServicePort
from kcnet.path.flow import Flow


class Door(Enum):
    """Which of a Service's addresses the packet came to."""

    CLUSTER_IP = "cluster IP"
    EXTERNAL_IP = "external IP"
    LOAD_BALANCER = "load balancer's address"
    NODE_PORT = "node port"


class Match(NamedTuple):
    service: Service
    port: ServicePort
    door: Door


def match(cluster: Cluster, flow: Flow) -> Match | None:
    """The Service port whose rules catch the packet: by address, protocol and Service port, else by node port."""
    packet = flow.packet
    assert packet.dst is not None
    for service in cluster.services_by_address.get(packet.dst, ()):
        door = door_of(service, packet.dst)
        if door is None or service.service_proxy_name is not None:
            continue
        for port in service.ports:
            if port.port == packet.dst_port and port.protocol is packet.protocol:
                return Match(service, port, door)
    if packet.dst_port is not None and _serves_node_ports(cluster, flow):
        held = cluster.services_by_node_port.get((packet.protocol, packet.dst_port))
        # Each family has rules of its own, for the Services that have a cluster IP in it.
        if (
            held is not None
            and held[0].service_proxy_name is None
            and any(address.version == packet.dst.version for address in held[0].cluster_ips)
        ):
            return Match(*held, Door.NODE_PORT)
    return None


def door_of(service: Service, address: IPAddress) -> Door | None:
    """None where kube-proxy has no rule: a load balancer's address of ipMode Proxy."""
    if address in service.cluster_ips:
        return Door.CLUSTER_IP
    if address in service.external_ips:
        return Door.EXTERNAL_IP
    if any(entry.address == address and not entry.proxy for entry in service.load_balancer):
        return Door.LOAD_BALANCER
    return None


def _serves_node_ports(cluster: Cluster, flow: Flow) -> bool:
    """Whether node ports are served at the packet's destination on the node where it is.

    iptables and ipvs serve every local address of the node; nftables its primary ones. At 127.0.0.1 only iptables
    does, for IPv4.
    """
    address = flow.packet.dst
    assert address is not None
    if address.is_loopback:
        return cluster.proxy_mode is ProxyMode.IPTABLES and address.version == 4 and flow.sender.is_node
    node = cluster.nodes_by_address.get(address)
    if node is None or node.name != flow.node:
        return False
    if cluster.proxy_mode is not ProxyMode.NFTABLES or address in node.external_addresses:
        return True
    return address == next(own for own in node.addresses if own.version == address.version)
