"""What objects of one cluster take from each other: names, node ports, cluster IPs."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from kcnet.loading.validation import Violation, validate_together
from kcnet.model.manifests import ClusterFacts, Manifests, PodManifest, PodSpec, ServiceManifest, ServicePortManifest
from kcnet.model.names import Origin, Protocol, Ref, Source
from kcnet.model.objects import Secret, ServiceType

SOURCE = Source(name="shop.yaml", text="", locate=lambda origin, path: (origin.line, origin.column))


def ref(kind: str, name: str, namespace: str = "default", line: int = 1) -> Ref:
    return Ref(kind, namespace, name, Origin(source=SOURCE, start=0, end=0, line=line, column=1))


def service(
    name: str, *node_ports: int | tuple[int, str, int], namespace: str = "default", **fields: Any
) -> ServiceManifest:
    """Node ports as numbers, or as port, protocol and number."""
    triples = [
        entry if isinstance(entry, tuple) else (80 + index, "TCP", entry) for index, entry in enumerate(node_ports)
    ]
    ports = [
        ServicePortManifest(port=port, name=f"p{index}", protocol=Protocol(protocol), node_port=number)
        for index, (port, protocol, number) in enumerate(triples)
    ]
    fields.setdefault("type", ServiceType.NODE_PORT if ports else ServiceType.CLUSTER_IP)
    ips = tuple(ip_address(text) for text in fields.pop("ips", ()))
    line = fields.pop("line", 1)
    return ServiceManifest(ref=ref("Service", name, namespace, line), ports=tuple(ports), cluster_ips=ips, **fields)


def together(*services: ServiceManifest, ranges: tuple[str, ...] = ()) -> list[Violation]:
    facts = ClusterFacts(service_cidrs=tuple(ip_network(text) for text in ranges))
    return list(validate_together(Manifests(services=services, facts=facts)))


def said(found: list[Violation]) -> list[tuple[str, str, str]]:
    return [(each.ref.name, each.field, each.code) for each in found]


def test_services_that_differ_pass() -> None:
    one = service("one", 30080, ips=("10.96.0.10",))
    two = service("two", 30081, ips=("10.96.0.11", "fd00::1"))
    assert together(one, two, ranges=("10.96.0.0/16", "fd00::/108")) == []


def test_a_node_port_is_given_once() -> None:
    found = together(service("two", 30080, line=9), service("one", 30000, 30080, line=1))
    assert said(found) == [("two", "spec.ports[0].nodePort", "API_INVALID")]
    assert found[0].message == (
        "Invalid value: 30080: provided port is already allocated: Service one has it (shop.yaml:1)"
    )


@pytest.mark.parametrize("swap", [False, True])
def test_the_later_in_sorted_order_is_to_blame_whatever_the_order_of_files(swap: bool) -> None:
    services = [service("a", 30080, namespace="zoo"), service("z", 30080, namespace="ant")]
    found = together(*(reversed(services) if swap else services))
    assert said(found) == [("a", "spec.ports[0].nodePort", "API_INVALID")]
    assert "Service ant/z has it" in found[0].message


def test_the_allocator_knows_numbers_without_protocols() -> None:
    dns = service("dns", (53, "TCP", 30053), (53, "UDP", 30053))
    assert together(dns) == []
    found = together(dns, service("web", (80, "SCTP", 30053)))
    assert said(found) == [("web", "spec.ports[0].nodePort", "API_INVALID")]


def test_a_live_service_is_never_to_blame_for_one_that_is_new() -> None:
    found = together(service("a", 30080), service("b", 30080, live=True))
    assert said(found) == [("a", "spec.ports[0].nodePort", "API_INVALID")]


@pytest.mark.parametrize("kind", [ServiceType.CLUSTER_IP, ServiceType.EXTERNAL_NAME])
def test_types_without_node_ports_take_none(kind: ServiceType) -> None:
    assert together(service("a", 30080), service("b", 30080, type=kind)) == []


def test_health_check_ports_are_of_the_same_range() -> None:
    balancer = service("a", 30080, type=ServiceType.LOAD_BALANCER, health_check_node_port=30100)
    assert together(balancer) == []
    assert said(together(balancer, service("b", 30100))) == [("b", "spec.ports[0].nodePort", "API_INVALID")]
    other = service("b", 30081, type=ServiceType.LOAD_BALANCER, health_check_node_port=30080)
    found = together(balancer, other)
    assert said(found) == [("b", "spec.healthCheckNodePort", "API_INTERNAL")]
    assert (
        "failed to allocate requested HealthCheck NodePort 30080: provided port is already allocated"
        in found[0].message
    )
    same = service("c", 30100, type=ServiceType.LOAD_BALANCER, health_check_node_port=30100)
    assert said(together(same)) == [("c", "spec.healthCheckNodePort", "API_INTERNAL")]


def test_a_cluster_ip_is_given_once() -> None:
    found = together(service("b", ips=("10.96.0.10",), line=7), service("a", ips=("10.96.0.10",), line=3))
    assert said(found) == [("b", "spec.clusterIPs", "API_INVALID")]
    assert found[0].message.startswith(
        'Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated'
    )
    assert "shop.yaml:3" in found[0].message


@pytest.mark.parametrize(
    ("ip", "why"),
    [
        (
            "10.97.0.10",
            "the provided IP (10.97.0.10) is not in the valid range. The range of valid IPs is 10.96.0.0/16",
        ),
        ("10.96.0.0", "is not in the valid range"),
        ("10.96.255.255", "is not in the valid range"),
        ("10.96.0.1", "provided IP is already allocated"),
    ],
)
def test_a_cluster_ip_comes_from_the_range_that_is_stated(ip: str, why: str) -> None:
    asked = service("a", ips=(ip,))
    found = together(asked, ranges=("10.96.0.0/16",))
    assert said(found) == [("a", "spec.clusterIPs", "API_INVALID")]
    assert why in found[0].message
    assert together(asked) == []
    assert together(service("a", ips=(ip,), live=True), ranges=("10.96.0.0/16",)) == []


def test_the_first_address_is_the_api_server_s_own() -> None:
    assert together(service("kubernetes", ips=("10.96.0.1",)), ranges=("10.96.0.0/16",)) == []
    assert together(service("web", ips=("10.96.0.2",)), ranges=("10.96.0.0/16",)) == []


def test_a_single_stack_cluster_gives_one_family() -> None:
    ranges = ("10.96.0.0/16",)
    found = together(service("a", ip_family_policy="RequireDualStack"), ranges=ranges)
    assert said(found) == [("a", "spec.ipFamilyPolicy", "API_INVALID")]
    assert "this cluster is not configured for dual-stack services" in found[0].message
    found = together(service("a", ip_families=(4, 6), ip_family_policy="PreferDualStack"), ranges=ranges)
    assert said(found) == [("a", "spec.ipFamilies[1]", "API_INVALID")]
    assert found[0].message == 'Invalid value: "IPv6": not configured on this cluster'
    found = together(service("a", ips=("fd00::1",)), ranges=ranges)
    assert said(found) == [("a", "spec.clusterIPs[0]", "API_INVALID")]
    assert "IPv6 is not configured on this cluster" in found[0].message


def test_other_clusters_and_other_services_may_have_two_families() -> None:
    both = {"ip_families": (6, 4), "ip_family_policy": "RequireDualStack"}
    assert together(service("a", **both)) == []
    assert together(service("a", **both), ranges=("10.96.0.0/16", "fd00::/108")) == []
    assert together(service("a", ip_family_policy="PreferDualStack"), ranges=("10.96.0.0/16",)) == []
    assert together(service("a", headless=True, **both), ranges=("10.96.0.0/16",)) == []
    assert len(together(service("a", headless=True, selector={"app": "a"}, **both), ranges=("10.96.0.0/16",))) == 2


def test_an_object_is_written_once() -> None:
    one, two, elsewhere = (service("web", line=1), service("web", line=12), service("web", namespace="shop"))
    secret = Secret(ref=ref("Secret", "web"))
    found = list(validate_together(Manifests(services=(one, two, elsewhere), secrets=(secret,))))
    assert said(found) == [("web", "metadata.name", "API_ALREADY_EXISTS")]
    assert found[0].ref is two.ref
    assert found[0].message.startswith('services "web" already exists')
    assert "first at shop.yaml:1" in found[0].message


def test_pods_with_generated_names_are_many() -> None:
    pods = tuple(PodManifest(ref=ref("Pod", ""), spec=PodSpec()) for _ in range(3))
    assert list(validate_together(Manifests(pods=pods))) == []


def test_pods_may_share_an_address() -> None:
    pods = tuple(
        PodManifest(ref=ref("Pod", name), spec=PodSpec(), addresses=(ip_address("10.244.0.4"),)) for name in "ab"
    )
    assert list(validate_together(Manifests(pods=pods))) == []
