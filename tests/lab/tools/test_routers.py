"""Routers between a pod and what it asks, with each kind of network plugin: for ping's TTL and for traceroute.

https://kubernetes.io/docs/concepts/cluster-administration/networking/ and the plugins' own pages
"""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from kcnet.lab.machine import Machine
from kcnet.lab.tools.ip import veth_of
from kcnet.lab.tools.machines import machine_of_node, machine_of_pod, machine_outside
from kcnet.lab.tools.routers import routers
from tests.flows.builders import CLIENTS, NODES, WEB1, WEB2, cluster, facts

ROWS = [
    ("a bridge joins the pods of a node", "flannel", "client", "10.244.1.1", []),
    ("the bridge, then the other node's end of the tunnel", "flannel", "client", "10.244.2.1",
     ["10.244.1.1", "10.244.2.0"]),
    ("Calico routes between any two pods", "calico", "client", "10.244.1.1", ["10.0.0.1"]),
    ("and between nodes", "calico", "client", "10.244.2.1", ["10.0.0.1", "10.0.0.2"]),
    ("so does kindnet", "kindnet", "client", "10.244.1.1", ["10.0.0.1"]),
    ("a pod's own node is the next", "calico", "client", "10.0.0.1", []),
    ("another node is behind it", "calico", "client", "10.0.0.2", ["10.0.0.1"]),
    ("a node and its own pod", "calico", "n1", "10.244.1.1", []),
    ("a node and another's pod", "calico", "n1", "10.244.2.1", ["10.0.0.2"]),
    ("a node and another", "calico", "n1", "10.0.0.2", []),
    ("a pod and itself", "flannel", "client", "10.244.1.100", []),
    ("a pod in the node's network", "flannel", "host-client", "10.244.2.1", ["10.244.2.0"]),
    ("outside nobody knows", "flannel", "outside", "10.0.0.2", []),
]  # fmt: skip


@pytest.mark.parametrize(("cni", "source", "target", "way"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_routers(cni: str, source: str, target: str, way: list[str]) -> None:
    found = cluster(facts(cni=cni), NODES, CLIENTS, WEB1, WEB2)
    machine: Machine | None
    if source == "outside":
        machine = machine_outside(found, {})
    elif source in found.nodes:
        machine = machine_of_node(found, source)
    else:
        machine = machine_of_pod(found.pods["shop", source], "")
    assert machine is not None
    assert [str(address) for address in routers(found, machine, ip_address(target))] == way


def test_no_machine_where_nothing_runs() -> None:
    found = cluster(facts(), NODES)
    assert machine_of_node(found, "nosuch") is None


def test_calicos_names_of_interfaces_are_as_long_as_linux_allows() -> None:
    found = cluster(facts(cni="calico"), NODES, WEB1, WEB2)
    names = {veth_of(pod) for pod in found.pods.values()}
    assert len(names) == len(found.pods)
    assert all(len(name) == 15 for name in names)
