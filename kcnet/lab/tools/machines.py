"""Places to run a tool at: inside a pod, on a node, or outside the cluster."""

from __future__ import annotations

from collections.abc import Mapping

from kcnet.lab.machine import Machine
from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress
from kcnet.model.objects import Pod
from kcnet.model.trace import Client
from kcnet.request import parse_client


def machine_of_pod(pod: Pod, image: str) -> Machine | None:
    """``image``: of the container that the command runs in. None for a pod that does not run."""
    if pod.address is None or pod.node is None:
        return None
    client = Client(ref=pod.ref, address=pod.address, addresses=pod.addresses, node=pod.node)
    return Machine(client=client, pod=pod, image=image)


def machine_of_node(cluster: Cluster, name: str) -> Machine | None:
    """None if there is no such node."""
    node = cluster.nodes.get(name)
    if node is None:
        return None
    client = Client(ref=node.ref, address=node.address, addresses=node.addresses, node=node.name)
    return Machine(client=client, node=node)


def machine_outside(cluster: Cluster, hosts: Mapping[str, IPAddress]) -> Machine:
    """The learner's own machine; ``hosts`` is its /etc/hosts."""
    return Machine(client=parse_client(cluster, "internet"), hosts=hosts)
