# ruff: noqa: E501 - rows of tables stay on one line
"""EndpointSlices: what the controllers make of Services, pods, nodes and hand-written endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from kcnet.model.cluster import Cluster
from kcnet.model.objects import Endpoint, EndpointSlice
from tests.controlplane.objects import Manifest, cluster, facts, node, pod, service, thing, workload


def slices(found: Cluster, name: str = "web") -> tuple[EndpointSlice, ...]:
    return found.slices["default", name]


def endpoints(*manifests: Manifest) -> dict[str, Endpoint]:
    """Of the Service ``web``, by name of the pod behind each."""
    found = slices(cluster(*manifests))
    return {
        item.target.name if item.target else str(item.addresses[0]): item for part in found for item in part.endpoints
    }


N = node("n1")


@pytest.mark.parametrize(
    ("manifests", "selected"),
    [
        ((pod("a", "app=web"),), {"a"}),
        ((pod("a", "app=web tier=front"),), {"a"}),
        ((pod("a", "app=webs"),), set()),
        ((pod("a", "App=web"),), set()),
        ((pod("a", "tier=web"),), set()),
        ((pod("a", "app=web", ns="other"),), set()),
        ((pod("a", "app=web"), pod("b", "app=web"), pod("c", "app=db")), {"a", "b"}),
        ((pod("a", "app=web", phase="Succeeded", ip="10.244.1.9", node="n1"),), set()),
        ((pod("a", "app=web", phase="Failed", ip="10.244.1.9", node="n1"),), set()),
        ((pod("a", "app=web", phase="Pending"),), set()),
        ((pod("a", "app=web", phase="Pending", node="n1"),), set()),
        ((pod("a", "app=web", phase="Pending", node="n1", ip="10.244.1.9"),), {"a"}),
        ((pod("a", "app=web", nodeSelector={"disk": "none"}),), set()),
        ((pod("a", "app=web", terminating=True),), {"a"}),
        ((pod("a", "app=web", ready=False),), {"a"}),
        ((pod("a", "app=web", hostNetwork=True),), {"a"}),
        ((pod("a", "app=web", node="gone", ip="10.244.9.9"),), set()),
        ((workload("Deployment", "web", replicas=2),), 2),
        ((workload("DaemonSet", "web"),), 1),
        ((workload("Job", "web"), pod("bare", "app=web")), 2),
    ],
)
def test_which_pods_a_service_selects(manifests: Any, selected: Any) -> None:
    found = set(endpoints(N, service(), *manifests))
    assert len(found) == selected if isinstance(selected, int) else found == selected


@pytest.mark.parametrize(
    ("selector", "labels", "matches"),
    [
        ("app=web tier=front", "app=web tier=front", True),
        ("app=web tier=front", "app=web", False),
        ("app=web tier=front", "app=web tier=back", False),
        ("app=web", "app=web tier=back", True),
        ("app=", "app=", True),
    ],
)
def test_every_pair_of_the_selector_counts(selector: str, labels: str, matches: bool) -> None:
    assert bool(endpoints(N, service(selector=selector), pod("a", labels))) is matches


def test_a_pod_on_a_node_that_is_gone_counts_where_un_ready_ones_are_published() -> None:
    lost = pod("a", "app=web", node="gone", ip="10.244.9.9")
    assert set(endpoints(N, service(publishNotReadyAddresses=True), lost)) == {"a"}


@pytest.mark.parametrize("given", [{"type": "ExternalName", "externalName": "a.b"}, {"selector": ""}])
def test_services_without_a_selector_or_a_place_in_the_cluster_have_no_slices(given: Any) -> None:
    assert ("default", "web") not in cluster(N, service(**given), pod("a", "app=web")).slices


@pytest.mark.parametrize(
    ("given", "publish", "ready", "serving", "terminating"),
    [
        ({"ready": True}, False, True, True, False),
        ({"ready": False}, False, False, False, False),
        ({"ready": True, "terminating": True}, False, False, True, True),
        ({"ready": False, "terminating": True}, False, False, False, True),
        ({"ready": False}, True, True, False, False),
        ({"ready": True, "terminating": True}, True, True, True, True),
        ({"ready": False, "terminating": True}, True, True, False, True),
    ],
)
def test_conditions(given: Any, publish: bool, ready: bool, serving: bool, terminating: bool) -> None:
    found = endpoints(N, service(publishNotReadyAddresses=publish), pod("a", "app=web", **given))["a"]
    assert (found.ready, found.serving, found.terminating) == (ready, serving, terminating)


NAMED = [{"port": 80, "targetPort": "web"}]


@pytest.mark.parametrize(
    ("service_ports", "pod_ports", "resolved"),
    [
        ([80], (), [("", "TCP", 80)]),
        ([{"port": 80, "targetPort": 8080}], (80,), [("", "TCP", 8080)]),
        ([{"port": 53, "protocol": "UDP", "name": "dns"}], (), [("dns", "UDP", 53)]),
        (NAMED, ((8080, "web"),), [("", "TCP", 8080)]),
        (NAMED, ((8080, "Web"),), []),
        (NAMED, ((8080, "web", "UDP"),), []),
        (NAMED, ((53, "web", "UDP"), (8080, "web")), [("", "TCP", 8080)]),
        (NAMED, ((8080, "web"), (9090, "web")), [("", "TCP", 8080)]),
        (NAMED, (), []),
        ([{"port": 53, "protocol": "UDP", "targetPort": "web"}], ((8080, "web"),), []),
        ([*({"port": 80, "name": "a", "targetPort": "gone"}, {"port": 81, "name": "b"})], (), [("b", "TCP", 81)]),
        ([{"port": 80, "name": "http", "targetPort": "web"}], ((8080, "web"),), [("http", "TCP", 8080)]),
    ],
)
def test_ports(service_ports: Any, pod_ports: Any, resolved: Any) -> None:
    (found,) = slices(cluster(N, service(ports=service_ports), pod("a", "app=web", ports=pod_ports)))
    assert [(port.name, port.protocol, port.port) for port in found.ports] == resolved
    assert [port.index for port in found.ports] == list(range(len(resolved)))
    assert len(found.endpoints) == 1  # listed even where no port resolves


def test_a_name_is_looked_for_in_restartable_init_containers_too() -> None:
    sidecar = {"name": "s", "image": "i", "restartPolicy": "Always", "ports": [{"containerPort": 7, "name": "web"}]}
    (found,) = slices(cluster(N, service(ports=NAMED), pod("a", "app=web", initContainers=[sidecar])))
    assert [port.port for port in found.ports] == [7]


def test_pods_that_resolve_a_name_differently_stand_in_different_slices() -> None:
    old, new = pod("a", "app=web", ports=((8080, "web"),)), pod("b", "app=web", ports=((9090, "web"),))
    found = slices(cluster(N, service(ports=NAMED), old, new, pod("c", "app=web", ports=((8080, "web"),))))
    shape = [([port.port for port in item.ports], [str(end.target) for end in item.endpoints]) for item in found]
    assert shape == [([8080], ["Pod default/a", "Pod default/c"]), ([9090], ["Pod default/b"])]


def test_a_headless_service_without_ports() -> None:
    (found,) = slices(cluster(N, service(clusterIP="None", ports=[]), pod("a", "app=web")))
    assert (found.ports, len(found.endpoints)) == ((), 1)


@pytest.mark.parametrize(("pods", "sizes"), [(0, [0]), (1, [1]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])])
def test_at_most_a_hundred_endpoints_in_a_slice(pods: int, sizes: list[int]) -> None:
    found = slices(cluster(facts(nodes=4), service(), workload("Deployment", "web", replicas=pods)))
    assert [len(item.endpoints) for item in found] == sizes
    assert len({item.name for item in found}) == len(sizes)
    assert all([end.index for end in item.endpoints] == list(range(len(item.endpoints))) for item in found)


def test_what_a_slice_says_of_itself() -> None:
    (found,) = slices(cluster(N, service(metadata={"labels": {"team": "a"}}), pod("a", "app=web")))
    assert found.name.startswith("web-")
    assert len(found.name) == len("web-12345")
    assert found.labels == {
        "team": "a",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }
    assert (found.address_type, found.managed_by, found.ref.origin) == ("IPv4", "endpointslice-controller.k8s.io", None)


def test_a_headless_service_s_slice_says_so() -> None:
    (found,) = slices(cluster(N, service(clusterIP="None")))
    assert found.labels["service.kubernetes.io/headless"] == ""


@pytest.mark.parametrize(
    ("given", "hostname"),
    [
        ({}, None),
        ({"hostname": "h"}, None),
        ({"subdomain": "web"}, None),
        ({"hostname": "h", "subdomain": "web"}, "h"),
        ({"hostname": "h", "subdomain": "other"}, None),
    ],
)
def test_a_host_name_needs_a_subdomain_that_is_the_service(given: Any, hostname: str | None) -> None:
    assert endpoints(N, service(), pod("a", "app=web", **given))["a"].hostname == hostname


def test_pods_of_a_stateful_set_have_host_names() -> None:
    found = endpoints(N, service(clusterIP="None"), workload("StatefulSet", "db", serviceName="web", replicas=2))
    assert [item.hostname for item in found.values()] == ["db-0", "db-1"]


DUAL = facts(podCIDR="10.244.0.0/16,fd00:10:244::/56")


@pytest.mark.parametrize(
    ("given", "types"),
    [
        ({}, ["IPv4"]),
        ({"ipFamilies": ["IPv6"]}, ["IPv6"]),
        ({"ipFamilyPolicy": "PreferDualStack"}, ["IPv4", "IPv6"]),
        ({"ipFamilyPolicy": "RequireDualStack", "clusterIP": "None"}, ["IPv4", "IPv6"]),
    ],
)
def test_one_run_of_slices_for_each_family(given: Any, types: list[str]) -> None:
    found = slices(cluster(N, DUAL, service(**given), pod("a", "app=web")))
    assert [item.address_type for item in found] == types
    assert [item.endpoints[0].addresses[0].version for item in found] == [int(kind[-1]) for kind in types]  # type: ignore[union-attr]


def test_a_pod_without_an_address_of_the_family_is_not_in_its_slices() -> None:
    found = slices(cluster(N, DUAL, service(ipFamilyPolicy="PreferDualStack"), pod("a", "app=web", ip="10.244.1.9")))
    assert [len(item.endpoints) for item in found] == [1, 0]


# Hints

ZONED = (
    node("a1", "topology.kubernetes.io/zone=a", cpu="4"),
    node("b1", "topology.kubernetes.io/zone=b", cpu="4"),
)
IN_ZONES = (pod("pa", "app=web", node="a1"), pod("pb", "app=web", node="b1"))


@pytest.mark.parametrize(
    ("distribution", "zones", "nodes"),
    [
        (None, {"pa": (), "pb": ()}, {"pa": (), "pb": ()}),
        ("PreferClose", {"pa": ("a",), "pb": ("b",)}, {"pa": (), "pb": ()}),
        ("PreferSameZone", {"pa": ("a",), "pb": ("b",)}, {"pa": (), "pb": ()}),
        ("PreferSameNode", {"pa": ("a",), "pb": ("b",)}, {"pa": ("a1",), "pb": ("b1",)}),
    ],
)
def test_hints_by_traffic_distribution(distribution: str | None, zones: Any, nodes: Any) -> None:
    found = endpoints(*ZONED, *IN_ZONES, service(trafficDistribution=distribution))
    assert {name: item.hint_zones for name, item in found.items()} == zones
    assert {name: item.hint_nodes for name, item in found.items()} == nodes
    assert {item.zone for item in found.values()} == {"a", "b"}


@pytest.mark.parametrize(
    ("given", "hinted"),
    [({}, True), ({"ready": False}, False), ({"terminating": True}, False)],
)
def test_only_ready_endpoints_are_hinted(given: Any, hinted: bool) -> None:
    found = endpoints(*ZONED, service(trafficDistribution="PreferClose"), pod("p", "app=web", node="a1", **given))["p"]
    assert bool(found.hint_zones) is hinted


def test_without_a_zone_there_is_no_zone_to_hint() -> None:
    found = endpoints(N, service(trafficDistribution="PreferSameNode"), pod("p", "app=web"))["p"]
    assert (found.zone, found.hint_zones, found.hint_nodes) == (None, (), ("n1",))


AUTO = {"annotations": {"service.kubernetes.io/topology-mode": "Auto"}}
OLD_AUTO = {"annotations": {"service.kubernetes.io/topology-aware-hints": "auto"}}


def spread(a: int, b: int) -> list[Manifest]:
    return [
        pod(f"{zone}{number}", "app=web", node=f"{zone}1")
        for zone, count in (("a", a), ("b", b))
        for number in range(count)
    ]


def unequal(a: str, b: str) -> list[Manifest]:
    return [node("a1", "topology.kubernetes.io/zone=a", cpu=a), node("b1", "topology.kubernetes.io/zone=b", cpu=b)]


@pytest.mark.parametrize(
    ("nodes", "pods", "notes", "hinted"),
    [
        (ZONED, spread(1, 1), AUTO, True),
        (ZONED, spread(3, 3), AUTO, True),
        (ZONED, spread(1, 1), OLD_AUTO, True),
        (ZONED, spread(1, 1), {"annotations": {"service.kubernetes.io/topology-mode": "Disabled"}}, False),
        (ZONED, spread(2, 0), AUTO, False),
        (ZONED, spread(1, 0), AUTO, False),
        (ZONED, spread(6, 2), AUTO, False),
        (unequal("6", "2"), spread(6, 2), AUTO, True),
        (unequal("6", "2"), spread(4, 4), AUTO, False),
        (ZONED[:1], spread(2, 0), AUTO, False),
        ((*ZONED, node("x")), spread(1, 1), AUTO, False),
        ((*ZONED, node("x", ready=False)), spread(1, 1), AUTO, True),
        ((*ZONED, node("m", "node-role.kubernetes.io/control-plane=")), spread(1, 1), AUTO, True),
        ((ZONED[0], node("b1", "topology.kubernetes.io/zone=b")), spread(1, 1), AUTO, False),
    ],
)
def test_topology_aware_hints(nodes: Any, pods: Any, notes: Any, hinted: bool) -> None:
    found = endpoints(*nodes, *pods, service(metadata=notes))
    assert all(item.hint_zones == ((item.zone,) if hinted else ()) for item in found.values())


def test_the_annotation_wins_over_traffic_distribution() -> None:
    found = endpoints(*ZONED, *spread(2, 0), service(metadata=AUTO, trafficDistribution="PreferClose"))
    assert not any(item.hint_zones for item in found.values())


def test_topology_aware_hints_are_an_assumption() -> None:
    assert "topology" in cluster(*ZONED, service(metadata=AUTO)).assumptions
    assert "topology" not in cluster(*ZONED, service()).assumptions


# Slices and Endpoints in the manifests


def written(name: str, *addresses: str, service_name: str = "web", managed_by: str | None = None) -> Manifest:
    labels = {"kubernetes.io/service-name": service_name}
    if managed_by:
        labels["endpointslice.kubernetes.io/managed-by"] = managed_by
    return thing(
        "EndpointSlice",
        name,
        metadata={"labels": labels},
        addressType="IPv4",
        ports=[{"port": 9376}],
        endpoints=[{"addresses": [address]} for address in addresses],
    )


CONTROLLER = "endpointslice-controller.k8s.io"
MIRROR = "endpointslicemirroring-controller.k8s.io"


@pytest.mark.parametrize(
    ("managed_by", "address", "listed"),
    [
        (CONTROLLER, "192.0.2.1", {"192.0.2.1"}),
        ("me.example.com", "192.0.2.1", {"192.0.2.1", "10.244.1.9"}),
        (None, "192.0.2.1", {"192.0.2.1", "10.244.1.9"}),
        (None, "10.244.1.9", {"10.244.1.9"}),
    ],
)
def test_slices_of_a_service_with_a_selector(managed_by: str | None, address: str, listed: set[str]) -> None:
    """Somebody else's slices add to the controller's; its own, as a cluster holds them, are what it would make."""
    pods = [pod("a", "app=web", ip="10.244.1.9")]
    found = slices(cluster(N, service(), *pods, written("own", address, managed_by=managed_by)))
    assert {str(end.addresses[0]) for item in found for end in item.endpoints} == listed


def test_slices_of_a_service_without_a_selector() -> None:
    found = slices(
        cluster(N, service(selector=""), written("one", "192.0.2.1"), written("two", "192.0.2.2", managed_by="me"))
    )
    assert [item.name for item in found] == ["one", "two"]
    assert all(item.ref.origin is not None for item in found)


def test_slices_of_another_namespace_or_service_do_not_count() -> None:
    other = written("one", "192.0.2.1", service_name="db")
    foreign = written("two", "192.0.2.2")
    foreign["metadata"]["namespace"] = "other"
    assert ("default", "web") not in cluster(N, service(selector=""), other, foreign).slices


def legacy(name: str = "web", **metadata: Any) -> Manifest:
    subset = {"addresses": [{"ip": "192.0.2.1"}], "notReadyAddresses": [{"ip": "192.0.2.2"}], "ports": [{"port": 9376}]}
    return thing("Endpoints", name, metadata=metadata, subsets=[subset])


@pytest.mark.parametrize(
    ("manifests", "mirrored"),
    [
        ((service(selector=""), legacy()), True),
        ((service(selector=""), legacy("other")), False),
        ((legacy(),), False),
        ((service(), legacy()), False),
        ((service(selector=""), legacy(labels={"endpointslice.kubernetes.io/skip-mirror": "true"})), False),
        ((service(selector=""), legacy(labels={"endpointslice.kubernetes.io/skip-mirror": "false"})), True),
        ((service(selector=""), legacy(annotations={"control-plane.alpha.kubernetes.io/leader": "{}"})), False),
        ((service(selector=""), legacy(), written("copy", "192.0.2.1", managed_by=MIRROR)), False),
        ((service(selector=""), legacy(), written("more", "192.0.2.9", managed_by="me")), True),
    ],
)
def test_which_endpoints_are_mirrored(manifests: Any, mirrored: bool) -> None:
    found = cluster(N, *manifests).slices.get(("default", "web"), ())
    copies = [item for item in found if item.managed_by == MIRROR and item.ref.origin is None]
    assert bool(copies) is mirrored


def test_a_mirrored_slice() -> None:
    (found,) = slices(cluster(N, service(selector=""), legacy()))
    assert [(str(end.addresses[0]), end.ready, end.terminating) for end in found.endpoints] == [
        ("192.0.2.1", True, False),
        ("192.0.2.2", False, False),
    ]
    assert [port.port for port in found.ports] == [9376]
    assert found.name.startswith("web-")


def test_endpoints_of_a_service_with_a_selector_are_not_what_counts() -> None:
    assert set(endpoints(N, service(), legacy(), pod("a", "app=web"))) == {"a"}


def test_slices_are_a_mapping_in_order() -> None:
    found = cluster(N, service("b"), service("a"), service("c", selector=""), service("z", ns="a")).slices
    assert list(found) == [
        ("a", "z"),
        ("default", "a"),
        ("default", "b"),
        ("default", "kubernetes"),
        ("kube-system", "kube-dns"),
    ]
    assert len(found) == 5
    assert ("default", "c") not in found
    with pytest.raises(KeyError):
        found["default", "c"]
    assert found["default", "a"] is found["default", "a"]
