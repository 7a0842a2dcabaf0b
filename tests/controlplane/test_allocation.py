# ruff: noqa: E501 - rows of tables stay on one line
"""Facts, nodes, and every address and port that somebody has to give out."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Any

import pytest

from kcnet.controlplane import build_cluster
from kcnet.controlplane.cni import KNOWN_CNIS
from kcnet.model.cluster import ProxyMode
from kcnet.model.manifests import ClusterFacts
from tests.controlplane.objects import Manifest, cluster, facts, node, pod, service, workload
from tests.helpers import manifests_from


def test_what_is_taken_for_granted_of_a_cluster_that_nobody_describes() -> None:
    found = cluster()
    assert [str(cidr) for cidr in (*found.pod_cidrs, *found.service_cidrs)] == ["10.244.0.0/16", "10.96.0.0/16"]
    assert (found.domain, found.proxy_mode, found.load_balancer_provider) == ("cluster.local", ProxyMode.IPTABLES, True)
    assert (found.cni.name, found.cni.known, found.cni.enforces_policy) == ("", False, True)
    assert set(found.assumptions) >= {"nodes", "cni", "load-balancer", "dns", "pod-cidr", "service-cidr"}
    assert all(sentence.endswith(".") for sentence in found.assumptions.values())
    assert list(found.namespaces) == ["default", "kube-node-lease", "kube-public", "kube-system"]


@pytest.mark.parametrize(
    ("spec", "subject"),
    [
        ({"cni": "calico"}, "cni"),
        ({"podCIDR": "10.1.0.0/16"}, "pod-cidr"),
        ({"serviceCIDR": "10.43.0.0/16"}, "service-cidr"),
        ({"loadBalancer": True}, "load-balancer"),
        ({"nodes": 3}, "nodes"),
        ({"proxyMode": "ipvs"}, "proxy-mode"),
        ({"clusterDomain": "corp.local"}, "cluster-domain"),
    ],
)
def test_what_the_cluster_document_says_is_no_assumption(spec: Any, subject: str) -> None:
    assert subject in cluster().assumptions
    assert subject not in cluster(facts(**spec)).assumptions


def test_flags_win_over_the_cluster_document() -> None:
    manifests = manifests_from([facts(cni="flannel", proxyMode="ipvs", clusterDomain="a.b")])
    found = build_cluster(manifests, ClusterFacts(proxy_mode="nftables", cni="calico"))
    assert (found.proxy_mode, found.cni.name, found.domain) == (ProxyMode.NFTABLES, "calico", "a.b")


@pytest.mark.parametrize(
    ("name", "title", "encapsulation", "enforces", "to_nodes"),
    [
        (None, "the CNI plugin", None, True, None),
        ("calico", "Calico", None, True, True),
        ("Calico", "Calico", None, True, True),
        ("canal", "Canal", "VXLAN", True, True),
        ("cilium", "Cilium", "VXLAN", True, None),
        ("flannel", "Flannel", "VXLAN", False, True),
        ("weave", "Weave Net", "VXLAN", True, None),
        ("antrea", "Antrea", "Geneve", True, None),
        ("kube-router", "kube-router", None, True, False),
        ("ovn-kubernetes", "OVN-Kubernetes", "Geneve", True, None),
        ("kindnet", "kindnet", None, True, True),
        ("aws-vpc-cni", "the Amazon VPC CNI", None, None, False),
        ("aws", "the Amazon VPC CNI", None, None, False),
        ("amazon-vpc-cni", "the Amazon VPC CNI", None, None, False),
        ("homemade", "homemade", None, None, None),
    ],
)
def test_network_plugins(name: str | None, title: str, encapsulation: Any, enforces: Any, to_nodes: Any) -> None:
    cni = cluster(facts(cni=name)).cni
    assert (cni.title, cni.encapsulation) == (title, encapsulation)
    assert (cni.enforces_policy, cni.masquerades_to_nodes) == (enforces, to_nodes)
    assert cni.ip_block_matches_pods is (False if name == "cilium" else None if enforces is None else True)


def test_plugins_that_a_message_may_list() -> None:
    assert len(KNOWN_CNIS) == 10
    assert list(KNOWN_CNIS) == sorted(KNOWN_CNIS)


V6 = {"ipFamilies": ["IPv6"]}


@pytest.mark.parametrize(
    ("manifests", "pods", "services"),
    [
        ((), ["10.244.0.0/16"], ["10.96.0.0/16"]),
        ((facts(podCIDR="10.1.0.0/16"),), ["10.1.0.0/16"], ["10.96.0.0/16"]),
        ((facts(podCIDR="10.1.0.0/16,fd01::/56"),), ["10.1.0.0/16", "fd01::/56"], ["10.96.0.0/16", "fd00:10:96::/112"]),
        ((facts(serviceCIDR="10.43.0.0/16,fd02::/112"),), ["10.244.0.0/16", "fd00:10:244::/56"], ["10.43.0.0/16", "fd02::/112"]),
        ((facts(podCIDR="fd01::/56", serviceCIDR="fd02::/112"),), ["fd01::/56"], ["fd02::/112"]),
        ((facts(podCIDR="fd01::/56,10.1.0.0/16"),), ["fd01::/56", "10.1.0.0/16"], ["fd00:10:96::/112", "10.96.0.0/16"]),
        ((service(ipFamilyPolicy="RequireDualStack"),), ["10.244.0.0/16", "fd00:10:244::/56"], ["10.96.0.0/16", "fd00:10:96::/112"]),
        ((service(ipFamilyPolicy="PreferDualStack"),), ["10.244.0.0/16"], ["10.96.0.0/16"]),
        ((service(ipFamilies=["IPv4"]),), ["10.244.0.0/16"], ["10.96.0.0/16"]),
        ((service(**V6),), ["10.244.0.0/16", "fd00:10:244::/56"], ["10.96.0.0/16", "fd00:10:96::/112"]),
        ((service(clusterIP="fd00:10:96::7"),), ["10.244.0.0/16", "fd00:10:244::/56"], ["10.96.0.0/16", "fd00:10:96::/112"]),
        ((pod("a", ip="10.244.1.9,fd00:10:244:1::9"),), ["10.244.0.0/16", "fd00:10:244::/56"], ["10.96.0.0/16", "fd00:10:96::/112"]),
        ((pod("a", ip="fd00:10:244:1::9,10.244.1.9"),), ["fd00:10:244::/56", "10.244.0.0/16"], ["fd00:10:96::/112", "10.96.0.0/16"]),
        ((pod("a", ip="fd00:10:244:1::9"),), ["fd00:10:244::/56"], ["fd00:10:96::/112"]),
        ((pod("a", ip="fd00:10:244:1::9"), service(clusterIP="10.96.0.9")), ["10.244.0.0/16", "fd00:10:244::/56"], ["10.96.0.0/16", "fd00:10:96::/112"]),
        ((node("a", cidr="10.7.1.0/24,fd07:0:0:1::/64"),), ["10.7.0.0/16", "fd07::/56"], ["10.96.0.0/16", "fd00:10:96::/112"]),
        ((node("a", cidr="10.7.1.0/24"), node("b", cidr="10.7.2.0/24")), ["10.7.0.0/16"], ["10.96.0.0/16"]),
        ((node("a", cidr="10.7.1.0/24"), node("b", cidr="10.8.2.0/24")), ["10.0.0.0/12"], ["10.96.0.0/16"]),
        ((service(clusterIP="10.96.7.7"),), ["10.244.0.0/16"], ["10.96.0.0/16"]),
        ((service(clusterIP="10.100.7.7"),), ["10.244.0.0/16"], ["10.96.0.0/12"]),
        ((service(clusterIP="10.43.7.7"), service("b", clusterIP="10.43.200.1")), ["10.244.0.0/16"], ["10.43.0.0/16"]),
        ((facts(serviceCIDR="10.244.0.0/16"),), ["10.245.0.0/16"], ["10.244.0.0/16"]),
        ((node("a", ip="10.244.0.5"),), ["10.245.0.0/16"], ["10.96.0.0/16"]),
    ],
)  # fmt: skip
def test_address_ranges(manifests: Any, pods: list[str], services: list[str]) -> None:
    found = cluster(*manifests)
    assert [str(cidr) for cidr in found.pod_cidrs] == pods
    assert [str(cidr) for cidr in found.service_cidrs] == services


@pytest.mark.parametrize(
    ("manifests", "names"),
    [
        ((), ["node-1", "node-2"]),
        ((facts(nodes=1),), ["node-1"]),
        ((facts(nodes=3),), ["node-1", "node-2", "node-3"]),
        ((node("a"),), ["a"]),
        ((node("a"), facts(nodes=3)), ["a"]),
        ((node("a"), pod("web", node="b")), ["a"]),
        ((pod("web", node="n10"), pod("db", node="n2")), ["n10", "n2"]),
        ((workload("Deployment", "web", pod_spec={"nodeName": "n7"}),), ["n7"]),
        ((pod("web", node="n10"), facts(nodes=1)), ["node-1"]),
        ((workload("Deployment", "web", replicas=217),), ["node-1", "node-2"]),
        ((workload("Deployment", "web", replicas=219),), ["node-1", "node-2", "node-3"]),
    ],
)
def test_which_nodes_there_are(manifests: Any, names: list[str]) -> None:
    assert list(cluster(*manifests).nodes) == names


def test_nodes_that_endpoint_slices_name() -> None:
    slice_ = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "s", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.244.7.7"], "nodeName": "far"}],
    }
    found = cluster(slice_)
    assert list(found.nodes) == ["far"]
    assert "far" in found.assumptions["nodes"]


def test_addresses_of_nodes() -> None:
    found = cluster(facts(nodes=3)).nodes
    assert [str(item.address) for item in found.values()] == ["172.18.0.2", "172.18.0.3", "172.18.0.4"]
    assert all(item.ref.origin is None for item in found.values())


def test_the_status_of_its_pods_tells_a_node_s_address() -> None:
    first = pod("a", node="n1")
    first["status"]["hostIP"] = "192.168.7.7"
    found = cluster(first, pod("b", node="n2"))
    assert [str(item.address) for item in found.nodes.values()] == ["192.168.7.7", "172.18.0.2"]


def test_a_stated_node_keeps_its_address_and_no_other_gets_it() -> None:
    found = cluster(node("a"), node("b", ip="172.18.0.2"))
    assert [str(item.address) for item in found.nodes.values()] == ["172.18.0.3", "172.18.0.2"]


def test_many_nodes_spill_over() -> None:
    found = [item.address for item in cluster(facts(nodes=600)).nodes.values()]
    assert len(set(found)) == 600
    assert all(item in ip_network("172.18.0.0/16") for item in found)
    assert all(int(item) % 256 not in (0, 255) for item in found)


def test_nodes_stay_out_of_the_way_of_other_ranges() -> None:
    found = cluster(facts(podCIDR="172.18.0.0/16"))
    assert all(item.address not in ip_network("172.18.0.0/16") for item in found.nodes.values())


@pytest.mark.parametrize(
    ("manifests", "cidrs"),
    [
        ((facts(nodes=2),), {"node-1": "10.244.1.0/24", "node-2": "10.244.2.0/24"}),
        ((node("n10"), node("n2"), node("n1")), {"n1": "10.244.1.0/24", "n2": "10.244.2.0/24", "n10": "10.244.3.0/24"}),
        ((node("a", cidr="10.244.1.0/24"), node("b")), {"a": "10.244.1.0/24", "b": "10.244.2.0/24"}),
        ((node("a"), node("b", cidr="10.244.1.0/24")), {"a": "10.244.2.0/24", "b": "10.244.1.0/24"}),
        ((facts(nodes=2, podCIDR="10.0.0.0/8"),), {"node-1": "10.0.1.0/24", "node-2": "10.0.2.0/24"}),
        ((facts(nodes=2, podCIDR="10.9.0.0/24"),), {"node-1": "10.9.0.0/25", "node-2": "10.9.0.128/25"}),
        ((facts(nodes=3, podCIDR="10.9.0.0/24"),), {"node-1": "10.9.0.64/26", "node-2": "10.9.0.128/26", "node-3": "10.9.0.192/26"}),
        ((facts(nodes=1, podCIDR="fd01::/56", serviceCIDR="fd02::/112"),), {"node-1": "fd01:0:0:1::/64"}),
    ],
)  # fmt: skip
def test_each_node_s_piece_of_the_pod_range(manifests: Any, cidrs: dict[str, str]) -> None:
    found = cluster(*manifests).nodes
    assert {name: str(item.pod_cidrs[0]) for name, item in found.items()} == cidrs


def test_a_dual_stack_node_has_a_piece_of_both() -> None:
    found = cluster(facts(nodes=1, podCIDR="10.1.0.0/16,fd01::/56")).nodes["node-1"]
    assert [str(cidr) for cidr in found.pod_cidrs] == ["10.1.1.0/24", "fd01:0:0:1::/64"]
    assert [str(address) for address in found.addresses] == ["172.18.0.2", "fd00:172:18::2"]


@pytest.mark.parametrize(
    ("nodes", "replicas", "cidr"),
    [(254, 1, "10.244.0.0/16"), (256, 1, "10.244.0.0/15"), (1000, 1, "10.244.0.0/14"), (2, 1200, "10.244.0.0/16")],
)
def test_a_range_that_nobody_stated_grows_until_everybody_fits(nodes: int, replicas: int, cidr: str) -> None:
    found = cluster(facts(nodes=nodes), workload("Deployment", "web", replicas=replicas))
    assert [str(item) for item in found.pod_cidrs] == [cidr]
    assert all(item.addresses for item in found.pods.values())
    pieces = sorted(item.pod_cidrs[0] for item in found.nodes.values())
    assert not any(one.overlaps(other) for one, other in pairwise(pieces))
    assert all(piece.subnet_of(ip_network(cidr)) for piece in pieces)


def test_a_stated_range_that_is_full_leaves_pods_without_an_address() -> None:
    found = cluster(node("a", cidr="10.244.1.0/28"), workload("ReplicaSet", "web", replicas=20))
    waiting = [item for item in found.pods.values() if not item.addresses]
    assert len(waiting) == 22 - 13  # 16 addresses but for the network's, the bridge's and the broadcast one
    assert {item.phase for item in waiting} == {"Pending"}
    assert {item.pending_because for item in waiting} == {"no address is left in 10.244.1.0/28, the pod CIDR of a"}
    assert not any(item.ready for item in waiting)


def test_a_node_for_which_no_piece_is_left_takes_from_the_whole_range() -> None:
    found = cluster(node("a", cidr="10.7.0.0/16"), node("b"), *(pod(name, node="b") for name in ("one", "two")))
    given = {found.pods["default", name].address for name in ("one", "two")}
    assert len(given) == 2
    assert all(address in ip_network("10.7.0.0/16") for address in given)


def test_pods_get_the_addresses_of_their_node_from_the_second_on() -> None:
    found = cluster(node("a"), pod("one"), pod("two"), pod("stated", ip="10.244.1.5"))
    given = [str(found.pods["default", name].address) for name in ("one", "two", "stated")]
    assert given == ["10.244.1.4", "10.244.1.6", "10.244.1.5"]  # .2 and .3 are CoreDNS'
    assert {str(item.address) for key, item in found.pods.items() if key[0] == "kube-system"} == {
        "10.244.1.2",
        "10.244.1.3",
    }


def test_nobody_gets_an_address_that_a_slice_tells() -> None:
    slice_ = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "s", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.244.1.4"]}],
    }
    assert str(cluster(node("a"), pod("one"), slice_).pods["default", "one"].address) == "10.244.1.5"


def test_a_pod_in_the_host_network_has_the_node_s_addresses() -> None:
    found = cluster(node("a", ip="172.18.0.9"), pod("one", hostNetwork=True))
    assert [str(address) for address in found.pods["default", "one"].addresses] == ["172.18.0.9"]


@pytest.mark.parametrize("phase", ["Succeeded", "Failed", "Pending"])
def test_a_pod_that_does_not_run_is_given_no_address(phase: str) -> None:
    assert cluster(node("a"), pod("one", phase=phase, node="a")).pods["default", "one"].addresses == ()


def test_a_finished_pod_keeps_what_its_status_tells() -> None:
    found = cluster(node("a"), pod("one", phase="Succeeded", node="a", ip="10.244.1.9")).pods["default", "one"]
    assert str(found.address) == "10.244.1.9"


# Cluster IPs


def ips(*manifests: Manifest) -> dict[str, list[str]]:
    return {
        key[1]: [str(address) for address in item.cluster_ips] for key, item in cluster(*manifests).services.items()
    }


DUAL = facts(podCIDR="10.244.0.0/16,fd00:10:244::/56", serviceCIDR="10.96.0.0/16,fd00:10:96::/112")
SIX_FIRST = facts(podCIDR="fd00:10:244::/56,10.244.0.0/16", serviceCIDR="fd00:10:96::/112,10.96.0.0/16")


@pytest.mark.parametrize(
    ("given", "extra", "families"),
    [
        ({}, (), [4]),
        ({}, (DUAL,), [4]),
        ({}, (SIX_FIRST,), [6]),
        ({"ipFamilyPolicy": "SingleStack"}, (DUAL,), [4]),
        ({"ipFamilyPolicy": "PreferDualStack"}, (), [4]),
        ({"ipFamilyPolicy": "PreferDualStack"}, (DUAL,), [4, 6]),
        ({"ipFamilyPolicy": "PreferDualStack"}, (SIX_FIRST,), [6, 4]),
        ({"ipFamilyPolicy": "RequireDualStack"}, (DUAL,), [4, 6]),
        ({"ipFamilyPolicy": "RequireDualStack", "ipFamilies": ["IPv6", "IPv4"]}, (DUAL,), [6, 4]),
        ({"ipFamilyPolicy": "PreferDualStack", "ipFamilies": ["IPv6"]}, (DUAL,), [6, 4]),
        ({"ipFamilies": ["IPv6"]}, (DUAL,), [6]),
        ({"ipFamilies": ["IPv6", "IPv4"]}, (DUAL,), [6, 4]),
        ({"clusterIP": "fd00:10:96::99"}, (DUAL,), [6]),
        ({"clusterIP": "10.96.0.99", "ipFamilyPolicy": "RequireDualStack"}, (DUAL,), [4, 6]),
        ({"clusterIPs": ["fd00:10:96::99", "10.96.0.99"]}, (DUAL,), [6, 4]),
        ({"clusterIP": "None"}, (DUAL,), []),
        ({"type": "ExternalName", "externalName": "a.b"}, (DUAL,), []),
        ({"type": "NodePort"}, (), [4]),
        ({"type": "LoadBalancer"}, (), [4]),
    ],
)
def test_families_of_cluster_ips(given: Any, extra: Any, families: list[int]) -> None:
    found = cluster(service(**given), *extra).services["default", "web"].cluster_ips
    assert [address.version for address in found] == families
    assert all(any(address in cidr for cidr in cluster(*extra).service_cidrs) for address in found)


def test_cluster_ips_come_from_the_dynamic_band() -> None:
    found = cluster(*(service(f"s{number}") for number in range(300)))
    given = [item.cluster_ips[0] for key, item in found.services.items() if key[1].startswith("s")]
    assert len(set(given)) == 300
    assert all(ip_address("10.96.1.1") <= address <= ip_address("10.96.255.254") for address in given)


@pytest.mark.parametrize(
    ("cidr", "first_dynamic"), [("10.7.0.0/24", "10.7.0.17"), ("10.7.0.0/26", "10.7.0.17"), ("10.7.0.0/20", "10.7.1.1")]
)
def test_the_static_band_is_used_when_nothing_else_is_left(cidr: str, first_dynamic: str) -> None:
    network = ip_network(cidr)
    dynamic = int(network.broadcast_address) - int(ip_address(first_dynamic))
    services = [service(f"s{number}") for number in range(dynamic)]
    assert all(
        ip_address(found) >= ip_address(first_dynamic)
        for name, (found,) in ips(facts(serviceCIDR=cidr), *services).items()
        if name.startswith("s")
    )
    more = ips(facts(serviceCIDR=cidr), *services, service("t"))
    assert len({found for (found,) in more.values()}) == len(more)
    assert (
        sum(ip_address(found) < ip_address(first_dynamic) for (found,) in more.values()) == 3
    )  # kubernetes, DNS, one more


def test_a_full_range_gives_nothing_more() -> None:
    found = ips(facts(serviceCIDR="10.7.0.0/28"), *(service(f"s{number:02}") for number in range(20)))
    assert sum(bool(addresses) for addresses in found.values()) == 14
    assert found["s19"] == []


def test_a_stated_cluster_ip_is_nobody_else_s() -> None:
    (wanted,) = ips(service())["web"]
    found = ips(service(), service("other", clusterIP=wanted))
    assert found["other"] == [wanted]
    assert found["web"] != [wanted]


def test_a_cluster_ip_does_not_depend_on_the_neighbours() -> None:
    alone = ips(service())["web"]
    assert ips(service(), *(service(f"s{number}") for number in range(50)))["web"] == alone
    assert ips(service(ns="other"))["web"] != alone


# Node ports


def ports(*manifests: Manifest, name: str = "web") -> list[int | None]:
    return [port.node_port for port in cluster(*manifests).services["default", name].ports]


@pytest.mark.parametrize(
    ("given", "allocated"),
    [
        ({}, False),
        ({"type": "ClusterIP"}, False),
        ({"clusterIP": "None"}, False),
        ({"type": "NodePort"}, True),
        ({"type": "LoadBalancer"}, True),
        ({"type": "LoadBalancer", "allocateLoadBalancerNodePorts": True}, True),
        ({"type": "LoadBalancer", "allocateLoadBalancerNodePorts": False}, False),
        ({"type": "NodePort", "allocateLoadBalancerNodePorts": False}, True),
        ({"type": "ExternalName", "externalName": "a.b"}, False),
        ({"externalIPs": ["192.0.2.1"]}, False),
    ],
)
def test_which_services_get_node_ports(given: Any, allocated: bool) -> None:
    (found,) = ports(service(**given))
    assert (found is not None) is allocated
    assert found is None or 30086 <= found <= 32767


def test_a_stated_node_port_is_kept_even_where_none_is_allocated() -> None:
    stated = {"port": 80, "nodePort": 30001}
    assert ports(service(type="NodePort", ports=[stated])) == [30001]
    assert ports(service(type="LoadBalancer", allocateLoadBalancerNodePorts=False, ports=[stated])) == [30001]


def dns_ports(tcp: int | None = None, udp: int | None = None) -> list[dict[str, Any]]:
    return [
        {"name": "tcp", "port": 53, "protocol": "TCP", "nodePort": tcp},
        {"name": "udp", "port": 53, "protocol": "UDP", "nodePort": udp},
        {"name": "metrics", "port": 9153},
    ]


@pytest.mark.parametrize(("tcp", "udp"), [(None, None), (30053, None), (None, 30053)])
def test_one_port_over_two_protocols_has_one_number(tcp: int | None, udp: int | None) -> None:
    first, second, third = ports(service(type="NodePort", ports=dns_ports(tcp, udp)))
    assert first == second == (tcp or udp or first)
    assert third not in (first, None)


def test_a_stated_node_port_is_nobody_else_s() -> None:
    (wanted,) = ports(service(type="NodePort"))
    other = service("other", type="NodePort", ports=[{"port": 80, "nodePort": wanted}])
    assert ports(service(type="NodePort"), other) != [wanted]


def test_all_node_ports_of_the_range_can_be_given_out() -> None:
    services = [
        service(f"s{number:04}", type="NodePort", ports=[{"name": f"p{port}", "port": port} for port in range(1, 101)])
        for number in range(28)
    ]
    found = [port.node_port for item in cluster(*services).services.values() for port in item.ports]
    given = [number for number in found if number is not None]
    assert sorted(given) == list(range(30000, 32768))


# Load balancers


def balanced(*manifests: Manifest, name: str = "web") -> list[str]:
    return [
        entry.hostname or str(entry.address) for entry in cluster(*manifests).services["default", name].load_balancer
    ]


LB = {"type": "LoadBalancer"}
STATED = {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}


@pytest.mark.parametrize(
    ("given", "extra", "addresses"),
    [
        (LB, (), ["203.0.113.1"]),
        ({"type": "NodePort"}, (), []),
        ({}, (), []),
        ({**LB, "status": {}}, (), ["203.0.113.1"]),
        ({**LB, "status": {"loadBalancer": {}}}, (), ["203.0.113.1"]),
        ({**LB, "status": {"loadBalancer": {"ingress": [{"ip": "198.51.100.9"}]}}}, (), ["198.51.100.9"]),
        ({**LB, "status": {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}}, (), ["lb.example.com"]),
        ({**LB, "metadata": {"uid": "1"}}, (), []),
        ({**LB, "metadata": {"uid": "1"}, "status": STATED}, (), ["203.0.113.1"]),
        ({**LB, "loadBalancerClass": "example.com/lb"}, (), []),
        ({**LB, "loadBalancerClass": "example.com/lb", "status": STATED}, (), ["203.0.113.1"]),
        ({**LB, "loadBalancerIP": "192.0.2.7"}, (), ["192.0.2.7"]),
        (LB, (facts(loadBalancer=True),), ["203.0.113.1"]),
        (LB, (facts(loadBalancer=False),), []),
        ({**LB, "status": STATED}, (facts(loadBalancer=False),), ["203.0.113.1"]),
        (LB, (facts(loadBalancer="192.0.2.128/30"),), ["192.0.2.129"]),
        (LB, (service("other", type="LoadBalancer", status=STATED),), ["203.0.113.2"]),
        (LB, (service("a", type="LoadBalancer"),), ["203.0.113.2"]),
        (LB, (service("zz", type="LoadBalancer"),), ["203.0.113.1"]),
        (LB, (service("zz", type="LoadBalancer", loadBalancerIP="203.0.113.1"),), ["203.0.113.2"]),
        ({**LB, "loadBalancerIP": "203.0.113.1"}, (service("other", type="LoadBalancer", status=STATED),), ["203.0.113.2"]),
        (LB, (service("other", externalIPs=["203.0.113.1"]),), ["203.0.113.2"]),
        ({**LB, "ipFamilyPolicy": "PreferDualStack"}, (DUAL,), ["203.0.113.1", "2001:db8:113::1"]),
        ({**LB, "ipFamilyPolicy": "PreferDualStack"}, (facts(podCIDR="10.1.0.0/16,fd01::/56", loadBalancer="192.0.2.0/24"),), ["192.0.2.1"]),
        (LB, (SIX_FIRST,), ["2001:db8:113::1"]),
    ],
)  # fmt: skip
def test_load_balancers(given: Any, extra: Any, addresses: list[str]) -> None:
    found = cluster(service(**given), *extra)
    assert balanced(service(**given), *extra) == addresses
    assert found.services["default", "web"].load_balancer_stated is ("ingress" in str(given.get("status")))


def test_a_small_pool_runs_out() -> None:
    found = cluster(
        facts(loadBalancer="192.0.2.0/30"), *(service(f"s{number}", type="LoadBalancer") for number in range(4))
    )
    given = [len(found.services["default", f"s{number}"].load_balancer) for number in range(4)]
    assert given == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("given", "ranges"),
    [
        ({}, []),
        ({"loadBalancerSourceRanges": ["198.51.100.0/24"]}, ["198.51.100.0/24"]),
        ({"loadBalancerSourceRanges": ["198.51.100.0/24", "0.0.0.0/0"]}, ["198.51.100.0/24", "0.0.0.0/0"]),
        ({"metadata": {"annotations": {"service.beta.kubernetes.io/load-balancer-source-ranges": "10.0.0.0/8, 192.0.2.0/24"}}}, ["10.0.0.0/8", "192.0.2.0/24"]),
        ({"loadBalancerSourceRanges": ["198.51.100.0/24"], "metadata": {"annotations": {"service.beta.kubernetes.io/load-balancer-source-ranges": "10.0.0.0/8"}}}, ["198.51.100.0/24"]),
        ({"metadata": {"annotations": {"service.beta.kubernetes.io/load-balancer-source-ranges": ""}}}, []),
        ({"metadata": {"annotations": {"service.beta.kubernetes.io/load-balancer-source-ranges": "nonsense"}}}, []),
    ],
)  # fmt: skip
def test_source_ranges(given: Any, ranges: list[str]) -> None:
    found = cluster(service(type="LoadBalancer", **given)).services["default", "web"].source_ranges
    assert [str(cidr) for cidr in found] == ranges


def test_source_ranges_are_a_load_balancer_s_alone() -> None:
    notes = {"annotations": {"service.beta.kubernetes.io/load-balancer-source-ranges": "10.0.0.0/8"}}
    assert cluster(service(type="NodePort", metadata=notes)).services["default", "web"].source_ranges == ()


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [
        ({}, "external_traffic_policy", "Cluster"),
        ({}, "internal_traffic_policy", "Cluster"),
        ({"type": "NodePort", "externalTrafficPolicy": "Local"}, "external_traffic_policy", "Local"),
        ({"internalTrafficPolicy": "Local"}, "internal_traffic_policy", "Local"),
        ({"sessionAffinity": "ClientIP"}, "affinity_seconds", 10800),
        ({"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 5}}}, "affinity_seconds", 5),
        ({"metadata": {"labels": {"service.kubernetes.io/service-proxy-name": "mine"}}}, "service_proxy_name", "mine"),
    ],
)  # fmt: skip
def test_defaults_of_a_service(given: Any, field: str, value: Any) -> None:
    assert getattr(cluster(service(**given)).services["default", "web"], field) == value


@pytest.mark.parametrize(
    ("target", "resolved"),
    [
        ({}, 80),
        ({"targetPort": 8080}, 8080),
        ({"targetPort": "web"}, "web"),
        ({"targetPort": 0}, 80),
        ({"targetPort": ""}, 80),
    ],
)
def test_the_target_port_is_the_port_unless_stated(target: Any, resolved: Any) -> None:
    (found,) = cluster(service(ports=[{"port": 80, **target}])).services["default", "web"].ports
    assert found.target_port == resolved
