"""The rules that ``iptables-save`` prints do what the simulator says: each packet is walked through them by hand.

https://kubernetes.io/docs/reference/networking/virtual-ips/ and pkg/proxy/iptables/proxier.go
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest

import kcnet
from kcnet.lab.tools.kubeproxy.iptables import save
from kcnet.model.cluster import Cluster
from kcnet.model.trace import Path, Verdict
from tests.flows.builders import (
    CLIENTS,
    EXT_IP,
    INTERNET,
    LB_IP,
    NODES,
    VIP,
    WEB1,
    WEB2,
    WEB3,
    Manifest,
    cluster,
    cluster_ip,
    external_ip,
    facts,
    load_balancer,
    node_port,
    pod,
)
from tests.lab.tools.ruleset import MASQUERADED, Chances, End, Packet, Ruleset, address

ETP = {"externalTrafficPolicy": "Local"}
ITP = {"internalTrafficPolicy": "Local"}
STICKY = {"sessionAffinity": "ClientIP"}
RANGES = {"loadBalancerSourceRanges": ["10.244.1.0/24"]}

SERVICES: dict[str, Manifest] = {
    "ClusterIP": cluster_ip(),
    "ClusterIP, iTP Local": cluster_ip(**ITP),
    "ClusterIP, affinity": cluster_ip(**STICKY),
    "NodePort": node_port(),
    "NodePort, eTP Local": node_port(**ETP),
    "NodePort, iTP Local": node_port(**ITP),
    "NodePort, both Local": node_port(**ETP, **ITP),
    "LoadBalancer": load_balancer(),
    "LoadBalancer, eTP Local": load_balancer(**ETP),
    "LoadBalancer, source ranges": load_balancer(**RANGES),
    "LoadBalancer, ipMode Proxy": load_balancer(lb=[{"ip": LB_IP, "ipMode": "Proxy"}]),
    "external IP": external_ip(),
    "external IP, eTP Local": external_ip(**ETP),
}
PODS: dict[str, list[Manifest]] = {
    "no pod": [],
    "no pod ready": [pod("web-1", "10.244.1.1", ready=False)],
    "pods elsewhere": [WEB2, WEB3],
    "pods everywhere": [WEB1, WEB2, WEB3],
}
# source, its address, the node whose rules see it first, whether it is a process of that node
SOURCES = {
    "client": ("10.244.1.100", "n1", False),
    "client-3": ("10.244.3.100", "n3", False),
    "web-1": ("10.244.1.1", "n1", False),
    "node/n1": ("10.0.0.1", "n1", True),
    "host-client": ("10.0.0.1", "n1", True),
}
NODE_OF = {"10.0.0.1": "n1", "10.0.0.2": "n2", "10.0.0.3": "n3"}


def rules(found: Cluster, node: str) -> Ruleset:
    own = frozenset(address(ip) for ip, name in NODE_OF.items() if name == node)
    return Ruleset.read(save(found, node), own | {address("127.0.0.1")})


def targets(service: str) -> list[tuple[str, int]]:
    found = [(VIP, 80), (VIP, 81)]
    if "external" in service:
        found.append((EXT_IP, 80))
    if "LoadBalancer" in service and "Proxy" not in service:
        found.append((LB_IP, 80))
    if "NodePort" in service or "LoadBalancer" in service:
        found.append(("10.0.0.1", 30080))
    return found


def compare(chances: Chances, paths: Sequence[Path], packet: Packet, *, seen: bool) -> None:
    """The same endpoints with the same chances, the same refusals; ``seen``: and the source kept, or not."""
    wanted: dict[Any, float] = {}
    whole = sum(path.probability for path in paths)
    for path in paths:
        key: Any = path.verdict.value
        if path.verdict is Verdict.DELIVERED:
            assert path.destination is not None
            kept = path.source_seen == packet.src
            key = (str(path.destination.address), path.destination.port, *([kept] if seen else []))
        wanted[key] = wanted.get(key, 0) + path.probability / whole
    found: dict[Any, float] = {}
    for end, share in chances.items():
        key = _key(end, seen)
        found[key] = found.get(key, 0) + share
    assert found == pytest.approx(wanted, abs=1e-6), paths[0].last.text


def _key(end: End, seen: bool) -> Any:
    if end.what != "sent":
        return {"rejected": "refused", "dropped": "timeout"}[end.what]
    if not end.packet.translated:
        return "timeout"
    kept = not end.packet.mark & MASQUERADED
    return (str(end.packet.dst), end.packet.port, *([kept] if seen else []))


@pytest.mark.parametrize("pods", PODS)
@pytest.mark.parametrize("service", SERVICES)
def test_packets_from_inside_go_where_the_simulator_says(service: str, pods: str) -> None:
    found = cluster(facts(proxyMode="iptables"), NODES, CLIENTS, SERVICES[service], PODS[pods])
    sources = [name for name in SOURCES if name != "web-1" or "web-1" in str(PODS[pods])]
    for source, (ip, number) in product(sources, targets(service)):
        src, node, from_here = SOURCES[source]
        if ip in NODE_OF and NODE_OF[ip] != node:
            continue
        trace = kcnet.trace(found, source, f"{ip}:{number}", namespace="shop")
        packet = Packet(address(src), address(ip), number)
        chances = rules(found, node).arrive(packet, from_here=from_here)
        if from_here and ip in (EXT_IP, LB_IP) and pods.startswith("no "):
            assert chances == {End("sent", packet): 1}, "KUBE-EXTERNAL-SERVICES is in INPUT and FORWARD alone"
            # Who holds the address gives the packet to one of the nodes, where it is forwarded.
            for path in trace.paths:
                at = path.last.at.name
                compare(rules(found, at).arrive(packet, from_here=False), [path], packet, seen=False)
            continue
        compare(chances, trace.paths, packet, seen=not from_here)


@pytest.mark.parametrize("pods", PODS)
@pytest.mark.parametrize("service", [name for name in SERVICES if "NodePort" in name or "LoadBalancer" in name])
def test_packets_from_outside_to_a_node_port(service: str, pods: str) -> None:
    found = cluster(facts(proxyMode="iptables"), NODES, CLIENTS, SERVICES[service], PODS[pods])
    for ip, node in NODE_OF.items():
        trace = kcnet.trace(found, "internet", f"{ip}:30080", namespace="shop")
        packet = Packet(address(INTERNET), address(ip), 30080)
        source = trace.paths[0].steps[0].before.src if trace.paths[0].steps else None
        packet = Packet(address(str(source or INTERNET)), packet.dst, packet.port)
        compare(rules(found, node).arrive(packet, from_here=False), trace.paths, packet, seen=True)


def test_a_pod_reaches_another_nodes_node_port_by_the_rules_of_that_node() -> None:
    found = cluster(facts(proxyMode="iptables"), NODES, CLIENTS, node_port(), WEB2, WEB3)
    packet = Packet(address("10.244.1.100"), address("10.0.0.3"), 30080)
    first = rules(found, "n1").arrive(packet, from_here=False)
    assert first == {End("sent", packet): 1}, "the client's own node leaves it alone"
    trace = kcnet.trace(found, "client", "node/n3:30080", namespace="shop")
    compare(rules(found, "n3").arrive(packet, from_here=False), trace.paths, packet, seen=False)


def test_the_chance_of_each_endpoint_is_printed_as_kube_proxy_prints_it() -> None:
    found = cluster(facts(proxyMode="iptables"), NODES, cluster_ip(), WEB1, WEB2, WEB3)
    text = save(found, "n1", "nat")
    lines = [line for line in text.splitlines() if "shop/web ->" in line]
    chances = [line.partition("--probability ")[2].partition(" ")[0] for line in lines]
    # The kernel keeps it in 31 bits, so that a third comes back a little larger.
    assert chances == ["0.33333333349", "0.50000000000", ""]


def test_a_service_without_endpoints_has_no_chains_in_nat() -> None:
    found = cluster(facts(proxyMode="iptables"), NODES, cluster_ip())
    text = save(found, "n1")
    assert "shop/web has no endpoints" in text
    assert "shop/web" not in save(found, "n1", "nat")


def test_node_ports_come_last_in_kube_services() -> None:
    found = cluster(facts(proxyMode="iptables"), NODES, node_port(), WEB1)
    last = [line for line in save(found, "n1", "nat").splitlines() if line.startswith("-A KUBE-SERVICES")][-1]
    assert "--dst-type LOCAL -j KUBE-NODEPORTS" in last


def test_headless_and_external_names_and_other_proxies_have_no_rules() -> None:
    from tests.flows.builders import external_name, headless, service

    foreign = service("foreign", "10.96.3.3", labels={"service.kubernetes.io/service-proxy-name": "mine"})
    found = cluster(
        facts(proxyMode="iptables"), NODES, headless("headless"), external_name("name", "example.com"), foreign, WEB1
    )
    text = save(found, "n1")
    assert not any(name in text for name in ("shop/headless", "shop/name", "shop/foreign"))


def test_node_ports_ignore_source_ranges() -> None:
    found = cluster(facts(proxyMode="iptables"), NODES, load_balancer(**RANGES), WEB1)
    lines = save(found, "n1", "nat").splitlines()
    assert all("KUBE-FW" not in line for line in lines if line.startswith("-A KUBE-NODEPORTS"))
    assert any(line.startswith("-A KUBE-SERVICES") and "-j KUBE-FW-" in line for line in lines)


def test_every_jump_has_its_chain_and_every_chain_of_a_service_is_jumped_to() -> None:
    every = [dict(one, metadata={**one["metadata"], "name": f"web-{number}"}, spec={**one["spec"]})
             for number, one in enumerate(SERVICES.values())]  # fmt: skip
    for number, one in enumerate(every):
        one["spec"]["clusterIP"] = f"10.96.8.{number}"
        for each in one["spec"]["ports"]:
            one["spec"]["ports"] = [{**each, **({"nodePort": 30100 + number} if "nodePort" in each else {})}]
    found = cluster(facts(proxyMode="iptables"), NODES, every, WEB1, WEB2, WEB3)
    for table in ("nat", "filter"):
        lines = save(found, "n1", table).splitlines()
        chains = {line[1:].split()[0] for line in lines if line.startswith(":")}
        jumps = {line.split(" -j ")[1].split()[0] for line in lines if " -j " in line}
        builtin = {"MARK", "DNAT", "MASQUERADE", "RETURN", "ACCEPT", "DROP", "REJECT"}
        assert jumps - builtin <= chains
        assert {name for name in chains if name.startswith(("KUBE-SVC", "KUBE-SVL", "KUBE-SEP", "KUBE-EXT"))} <= jumps
