"""The table that ``nft list table ip kube-proxy`` prints does what the simulator says.

https://kubernetes.io/docs/reference/networking/virtual-ips/#proxy-mode-nftables and pkg/proxy/nftables/proxier.go
"""

from __future__ import annotations

from itertools import product

import pytest

import kcnet
from kcnet.lab.tools.kubeproxy.nft import listing
from kcnet.model.cluster import Cluster
from tests.flows.builders import (
    CLIENTS,
    INTERNET,
    LB_IP,
    NODES,
    VIP,
    WEB1,
    WEB2,
    WEB3,
    cluster,
    cluster_ip,
    facts,
    load_balancer,
    node_port,
)
from tests.lab.tools.nftset import Nftables
from tests.lab.tools.ruleset import End, Packet, address
from tests.lab.tools.test_iptables_rules import NODE_OF, PODS, RANGES, SERVICES, SOURCES, compare, targets


def table(found: Cluster, node: str) -> Nftables:
    own = frozenset(address(ip) for ip, name in NODE_OF.items() if name == node)
    return Nftables.read(listing(found, node), own | {address("127.0.0.1")})


@pytest.mark.parametrize("pods", PODS)
@pytest.mark.parametrize("service", SERVICES)
def test_packets_from_inside_go_where_the_simulator_says(service: str, pods: str) -> None:
    found = cluster(facts(proxyMode="nftables"), NODES, CLIENTS, SERVICES[service], PODS[pods])
    sources = [name for name in SOURCES if name != "web-1" or "web-1" in str(PODS[pods])]
    for source, (ip, number) in product(sources, targets(service)):
        src, node, from_here = SOURCES[source]
        if ip in NODE_OF and NODE_OF[ip] != node:
            continue
        trace = kcnet.trace(found, source, f"{ip}:{number}", namespace="shop")
        packet = Packet(address(src), address(ip), number)
        compare(table(found, node).arrive(packet, from_here=from_here), trace.paths, packet, seen=not from_here)


@pytest.mark.parametrize("pods", PODS)
@pytest.mark.parametrize("service", [name for name in SERVICES if "NodePort" in name or "LoadBalancer" in name])
def test_packets_from_outside_to_a_node_port(service: str, pods: str) -> None:
    found = cluster(facts(proxyMode="nftables"), NODES, CLIENTS, SERVICES[service], PODS[pods])
    for ip, node in NODE_OF.items():
        trace = kcnet.trace(found, "internet", f"{ip}:30080", namespace="shop")
        packet = Packet(address(INTERNET), address(ip), 30080)
        compare(table(found, node).arrive(packet, from_here=False), trace.paths, packet, seen=True)


def test_an_address_that_no_service_has_is_dropped_and_a_port_that_none_has_rejected() -> None:
    found = table(cluster(facts(proxyMode="nftables"), NODES, CLIENTS, cluster_ip(), WEB1), "n1")
    for ip, number, what in ((VIP, 81, "rejected"), ("10.96.200.200", 80, "dropped"), ("10.244.1.1", 9, "sent")):
        packet = Packet(address("10.244.1.100"), address(ip), number)
        assert found.arrive(packet, from_here=False) == {End(what, packet): 1.0}


def test_node_ports_are_not_at_the_loopback_address() -> None:
    found = table(cluster(facts(proxyMode="nftables"), NODES, node_port(), WEB1), "n1")
    packet = Packet(address("127.0.0.1"), address("127.0.0.1"), 30080)
    assert found.arrive(packet, from_here=True) == {End("sent", packet): 1.0}


def test_chains_carry_the_hash_and_the_name() -> None:
    """The hashes stand in listings of real clusters, whatever their addresses."""
    text = listing(cluster(facts(proxyMode="nftables"), NODES, WEB1), "n1")
    assert "chain service-2QRHZV4L-default/kubernetes/tcp/https {" in text
    assert "goto service-FY5PMXPG-kube-system/kube-dns/udp/dns" in text


def test_an_affinity_set_for_each_endpoint() -> None:
    sticky = cluster_ip(sessionAffinity="ClientIP", sessionAffinityConfig={"clientIP": {"timeoutSeconds": 5400}})
    found = cluster(facts(proxyMode="nftables"), NODES, sticky, WEB1, WEB2, WEB3)
    text = listing(found, "n1")
    assert text.count("\tset affinity-") == 3
    assert text.count("\t\tflags dynamic,timeout\n\t\ttimeout 1h30m\n") == 3
    assert text.count("\t\tupdate @affinity-") == 3
    assert text.count("\t\tip saddr @affinity-") == 3


def test_endpoints_have_chains_of_their_own_for_clients_that_stay_alone() -> None:
    """So it is since 1.36; the listing of a cluster of that version stands in this form."""
    found = table(cluster(facts(proxyMode="nftables"), NODES, cluster_ip(), WEB1, WEB2), "n1")
    assert not [name for name in found.chains if name.startswith("endpoint-")]
    (chain,) = [name for name in found.chains if name.startswith("service-") and "shop/web/tcp" in name]
    assert found.chains[chain] == [
        "meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.244.1.1 . 8080, 1 : 10.244.2.1 . 8080 }"
    ]
    hairpins = [one for one in found.sets["hairpin-connections"] if one.endswith("8080")]
    assert hairpins == ["10.244.1.1 . 10.244.1.1 . tcp . 8080"], "of this node's endpoints alone"
    assert "mark-for-masquerade" not in found.chains


def test_source_ranges_guard_the_load_balancers_address_alone() -> None:
    found = cluster(facts(proxyMode="nftables"), NODES, load_balancer(**RANGES), WEB1)
    text = listing(found, "n1")
    ((name, (rule,)),) = [(name, rules) for name, rules in table(found, "n1").chains.items() if "firewall-" in name[:9]
                          and name != "firewall-check"]  # fmt: skip
    assert rule == "ip saddr != 10.244.1.0/24 drop"
    assert f"{LB_IP} . tcp . 80 : goto {name}" in text
    assert name not in text.partition("map service-nodeports")[2].partition("}")[0]


def test_each_verdict_leads_to_a_chain_that_is_there() -> None:
    for service, pods in product(SERVICES.values(), PODS.values()):
        found = table(cluster(facts(proxyMode="nftables"), NODES, service, pods), "n1")
        rules = [rule for chain in found.chains.values() for rule in chain]
        verdicts = [*rules, *(verdict for one in found.maps.values() for verdict in one.values())]
        words = " ".join(verdicts).replace(",", "").split()
        asked = {words[at + 1] for at, word in enumerate(words[:-1]) if word in ("goto", "jump")}
        assert asked <= found.chains.keys()
        assert {name for name in found.chains if "/" in name} <= asked
