"""What holds for every cluster: order does not matter, what is stated wins, nothing is given out twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kcnet.model.cluster import Cluster
from kcnet.model.objects import ServiceType
from tests.controlplane.objects import (
    Manifest,
    cluster,
    facts,
    ingress,
    ingress_class,
    node,
    owned_by,
    pod,
    service,
    thing,
    workload,
)

NAMES = st.sampled_from([f"n{number}" for number in range(12)])
SPACES = st.sampled_from(["default", "shop", "kube-system"])
LABELS = st.sampled_from(["app=a", "app=b", "app=a tier=x", "app=b tier=y"])
OCTET = st.integers(2, 250)
POD_IPS = st.one_of(st.none(), st.builds("10.244.{}.{}".format, st.integers(1, 3), OCTET))


@st.composite
def pods(draw: st.DrawFn) -> Manifest:
    phase = draw(st.sampled_from([None, None, "Running", "Pending", "Succeeded"]))
    return pod(
        draw(NAMES),
        draw(LABELS),
        ns=draw(SPACES),
        ip=draw(POD_IPS),
        node=draw(st.one_of(st.none(), st.none(), st.sampled_from(["w1", "w2", "w10"]))),
        phase=phase,
        ports=draw(st.sampled_from([(), (80,), ((8080, "web"),), ((9090, "web"),)])),
        hostNetwork=draw(st.booleans()),
        owner=draw(st.sampled_from([None, None, "ReplicaSet/n1", "StatefulSet/n2"])),
        ready=draw(st.sampled_from([None, True, False])),
    )


@st.composite
def workloads(draw: st.DrawFn) -> Manifest:
    kind = draw(st.sampled_from(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"]))
    metadata = draw(st.sampled_from([None, None, owned_by("Deployment", "n1"), owned_by("CronJob", "n2")]))
    if kind not in ("ReplicaSet", "Job"):
        metadata = None
    replicas = {} if kind in ("DaemonSet", "CronJob", "Job") else {"replicas": draw(st.integers(0, 4))}
    return workload(kind, draw(NAMES), draw(LABELS), ns=draw(SPACES), metadata=metadata, **replicas)


@st.composite
def services(draw: st.DrawFn) -> Manifest:
    kind = draw(st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer"]))
    address = draw(st.one_of(st.none(), st.none(), st.builds("10.96.{}.{}".format, OCTET, OCTET)))
    number = draw(st.one_of(st.none(), st.integers(30000, 32767))) if kind != "ClusterIP" else None
    status = {"loadBalancer": {"ingress": [{"ip": f"203.0.113.{draw(OCTET)}"}]}} if draw(st.booleans()) else None
    return service(
        draw(NAMES),
        draw(st.sampled_from(["app=a", "app=b", "app=a tier=x", ""])),
        ns=draw(SPACES),
        type=kind,
        clusterIP=address,
        ports=[{"port": 80, "targetPort": draw(st.sampled_from([80, "web"])), "nodePort": number}],
        trafficDistribution=draw(st.sampled_from([None, "PreferClose"])),
        status=status,
    )


@st.composite
def slices(draw: st.DrawFn) -> Manifest:
    labels = {"kubernetes.io/service-name": draw(NAMES)}
    managed_by = draw(st.sampled_from([None, "me", "endpointslice-controller.k8s.io"]))
    if managed_by:
        labels["endpointslice.kubernetes.io/managed-by"] = managed_by
    address = f"10.244.{draw(st.integers(1, 3))}.{draw(OCTET)}"
    return thing(
        "EndpointSlice",
        draw(NAMES),
        ns=draw(SPACES),
        metadata={"labels": labels},
        addressType="IPv4",
        ports=[{"port": 80}],
        endpoints=[{"addresses": [address]}],
    )


OTHERS = st.sampled_from(
    [
        node("w1", "topology.kubernetes.io/zone=a", cidr="10.244.1.0/24"),
        node("w2", "topology.kubernetes.io/zone=b"),
        node("w10", taints="x:NoSchedule"),
        facts(nodes=3),
        ingress("site"),
        ingress("other", ingressClassName="nginx"),
        ingress_class("nginx", "k8s.io/ingress-nginx"),
        ingress_class("traefik", "traefik.io/ingress-controller", default=True),
    ]
)


def _identity(manifest: Manifest) -> tuple[str, str, str]:
    metadata = manifest["metadata"]
    return manifest["kind"], metadata["namespace"], metadata["name"]


def _stated(manifest: Manifest) -> set[Any]:
    """Addresses and node ports that a manifest states; the API server takes each once."""
    spec, status = manifest.get("spec") or {}, manifest.get("status") or {}
    found = {spec.get("clusterIP"), *(port.get("nodePort") for port in spec.get("ports", []))}
    found.update(entry["ip"] for entry in (status.get("loadBalancer") or {}).get("ingress", []))
    found.update(entry["ip"] for entry in status.get("podIPs", []))
    return found - {None}


@st.composite
def manifests(draw: st.DrawFn) -> list[Manifest]:
    """Objects with names of their own that state no address twice."""
    drawn = draw(
        st.lists(st.one_of(pods(), workloads(), services(), slices(), OTHERS), max_size=14, unique_by=_identity)
    )
    found: list[Manifest] = []
    seen: set[Any] = set()
    for manifest in drawn:
        if seen.isdisjoint(_stated(manifest)):
            seen |= _stated(manifest)
            found.append(manifest)
    return found


@settings(max_examples=150, deadline=None)
@given(manifests(), st.randoms(use_true_random=False))
def test_the_order_of_documents_changes_nothing(written: list[Manifest], random: Any) -> None:
    shuffled = list(written)
    random.shuffle(shuffled)
    assert cluster(*written) == cluster(*shuffled)


@settings(max_examples=150, deadline=None)
@given(manifests())
def test_nothing_is_given_out_twice(written: list[Manifest]) -> None:
    found = cluster(*written)
    own = [address for item in found.pods.values() if not item.host_network for address in item.addresses]
    hosts = [address for item in found.nodes.values() for address in item.addresses]
    virtual = [address for item in found.services.values() for address in item.cluster_ips]
    balancers = [entry.address for item in found.services.values() for entry in item.load_balancer]
    assert Counter([*own, *hosts, *virtual, *balancers]).most_common(1)[0][1] == 1
    numbers = [port.node_port for item in found.services.values() for port in item.ports if port.node_port]
    assert len(set(numbers)) == len(numbers)
    names = [item.name for parts in found.slices.values() for item in parts if item.ref.origin is None]
    assert len(set(names)) == len(names)


@settings(max_examples=150, deadline=None)
@given(manifests())
def test_what_is_stated_wins(written: list[Manifest]) -> None:
    found = cluster(*written)
    for manifest in written:
        kind, namespace, name = _identity(manifest)
        spec, status = manifest.get("spec") or {}, manifest.get("status") or {}
        if kind == "Pod":
            made = found.pods[namespace, name]
            if status.get("podIPs"):
                assert [str(address) for address in made.addresses] == [entry["ip"] for entry in status["podIPs"]]
            if spec.get("nodeName"):
                assert made.node == spec["nodeName"]
            if status.get("conditions"):
                assert made.ready is (status["conditions"][0]["status"] == "True")
            assert made.phase == status.get("phase", made.phase)
        if kind == "Service":
            _assert_kept(found, namespace, name, spec, status)
        if kind == "EndpointSlice":
            service_name = manifest["metadata"]["labels"]["kubernetes.io/service-name"]
            assert name in [item.name for item in found.slices[namespace, service_name]]


def _assert_kept(found: Cluster, namespace: str, name: str, spec: Any, status: Any) -> None:
    made = found.services[namespace, name]
    if spec.get("clusterIP"):
        assert [str(address) for address in made.cluster_ips] == [spec["clusterIP"]]
    if spec["ports"][0].get("nodePort"):
        assert made.ports[0].node_port == spec["ports"][0]["nodePort"]
    if made.type is ServiceType.LOAD_BALANCER and status:
        assert [str(entry.address) for entry in made.load_balancer] == ["".join(_stated({"status": status}))]


@settings(max_examples=150, deadline=None)
@given(manifests())
def test_every_part_fits_the_others(written: list[Manifest]) -> None:
    found = cluster(*written)
    for key, item in found.pods.items():
        assert key == (item.namespace, item.name)
        assert item.namespace in found.namespaces
        assert (item.pending_because is None) is bool(item.addresses)
    for members in found.workloads.values():
        assert set(members) <= set(found.pods)
    for (namespace, name), parts in found.slices.items():
        for part in parts:
            assert (part.namespace, part.service) == (namespace, name)
            assert [end.index for end in part.endpoints] == list(range(len(part.endpoints)))
    for controller in found.ingress_controllers:
        assert set(controller.pods) <= set(found.pods)
        assert set(controller.services) <= set(found.services)
    for mapping in (found.pods, found.services, found.nodes, found.slices, found.workloads, found.namespaces):
        assert list(mapping) == sorted(mapping)  # type: ignore[call-overload]
