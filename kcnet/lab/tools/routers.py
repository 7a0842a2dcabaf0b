"""The routers between a machine and an address: what traceroute lists, and what lowers the TTL that ping shows.

With a bridge (Flannel, Weave Net, Antrea) pods of one node are neighbours; plugins that route (Calico, Cilium, kindnet
and others) have the node between any two pods. An overlay is one hop, whatever is below it.
"""

from __future__ import annotations

from typing import Final

from kcnet.lab.machine import Machine
from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress
from kcnet.model.objects import Node

_BRIDGED: Final = frozenset(("flannel", "weave", "antrea", ""))
"""Without a plugin named, the bridge that most first clusters have."""

TTL: Final = 64
"""With which Linux sends."""


def routers(cluster: Cluster, machine: Machine, address: IPAddress) -> tuple[IPAddress, ...]:
    """In order, without the target. Of a client outside nobody knows them."""
    here = cluster.nodes.get(machine.client.node or "")
    there = _home(cluster, address)
    if here is None or address in machine.client.addresses or address.is_loopback:
        return ()
    pod = cluster.pods_by_address.get(address)
    found: list[IPAddress] = []
    if machine.pod is not None and not machine.pod.host_network:
        bridged = cluster.cni.name in _BRIDGED
        if there is not here or (pod is not None and not bridged):
            found.append(here.pod_cidrs[0][1] if bridged and here.pod_cidrs else here.address)
    if pod is not None and there is not None and there is not here:
        overlay = cluster.cni.encapsulation and there.pod_cidrs
        found.append(there.pod_cidrs[0][0] if overlay else there.address)
    return tuple(found)


def _home(cluster: Cluster, address: IPAddress) -> Node | None:
    pod = cluster.pods_by_address.get(address)
    return cluster.nodes.get(pod.node or "") if pod is not None else cluster.nodes_by_address.get(address)
