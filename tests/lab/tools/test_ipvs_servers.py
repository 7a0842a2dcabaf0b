"""The virtual servers that ``ipvsadm -Ln`` prints are those that the simulator uses.

https://kubernetes.io/docs/reference/networking/virtual-ips/#proxy-mode-ipvs and pkg/proxy/ipvs/proxier.go
"""

from __future__ import annotations

from itertools import product

import pytest

import kcnet
from kcnet.lab.tools.kubeproxy.ipvs import bound_addresses, listing
from kcnet.model.trace import Verdict
from tests.flows.builders import CLIENTS, EXT_IP, LB_IP, NODES, VIP, WEB1, WEB2, cluster, cluster_ip, facts, node_port
from tests.lab.tools.test_iptables_rules import NODE_OF, PODS, SERVICES, SOURCES, targets

Servers = dict[tuple[str, str, int], list[tuple[str, int]]]


def servers(text: str) -> Servers:
    found: Servers = {}
    at: list[tuple[str, int]] = []
    for line in text.splitlines()[3:]:
        words = line.split()
        host, _, number = words[1].rpartition(":")
        if words[0] == "->":
            assert words[2:] == ["Masq", "1", "0", "0"]
            at.append((host, int(number)))
        else:
            assert words[2] == "rr"
            at = found.setdefault((words[0], host, int(number)), [])
    return found


@pytest.mark.parametrize("pods", PODS)
@pytest.mark.parametrize("service", [name for name in SERVICES if "source ranges" not in name])
def test_a_pod_gets_the_endpoints_of_the_virtual_server(service: str, pods: str) -> None:
    found = cluster(facts(proxyMode="ipvs"), NODES, CLIENTS, SERVICES[service], PODS[pods])
    for source, (ip, number) in product(("client", "client-3"), targets(service)):
        node = SOURCES[source][1]
        if ip in NODE_OF and NODE_OF[ip] != node:
            continue
        listed = servers(listing(found, node)).get(("TCP", ip, number))
        trace = kcnet.trace(found, source, f"{ip}:{number}", namespace="shop")
        reached = {(str(path.destination.address), path.destination.port) for path in trace.paths if path.destination}
        if listed:
            # The server holds the node's own endpoints; the simulator keeps to the shorter way that is documented.
            narrowed = ("eTP" in service or "both" in service) and ip in (LB_IP, EXT_IP, *NODE_OF)
            assert reached >= set(listed) if narrowed else reached == set(listed)
        else:
            assert trace.verdict is Verdict.REFUSED
            assert listed is not None or ip in map(str, bound_addresses(found, node))


def test_the_layout() -> None:
    """As in the kubernetes/ipvs README."""
    found = cluster(facts(proxyMode="ipvs"), NODES, cluster_ip(sessionAffinity="ClientIP"), WEB1, WEB2)
    lines = listing(found, "n1").splitlines()
    assert lines[:3] == [
        "IP Virtual Server version 1.2.1 (size=4096)",
        "Prot LocalAddress:Port Scheduler Flags",
        "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn",
    ]
    at = lines.index(f"TCP  {VIP}:80 rr persistent 10800")
    assert lines[at + 1] == "  -> 10.244.1.1:8080              Masq    1      0          0         "


def test_node_ports_are_served_at_the_nodes_own_addresses_and_not_bound() -> None:
    found = cluster(facts(proxyMode="ipvs"), NODES, node_port(), WEB1)
    assert ("TCP", "10.0.0.2", 30080) in servers(listing(found, "n2"))
    assert ("TCP", "10.0.0.1", 30080) not in servers(listing(found, "n2"))
    assert "10.0.0.2" not in map(str, bound_addresses(found, "n2"))
    assert VIP in map(str, bound_addresses(found, "n2"))
