# ruff: noqa: E501 - rows of tables stay on one line
"""Where pods run, and why some run nowhere."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from kcnet.model.objects import Pod
from tests.controlplane.objects import Manifest, cluster, facts, node, pod, workload


def placed(*manifests: Manifest) -> dict[str, str | None]:
    return {key[1]: found.node for key, found in cluster(*manifests).pods.items() if key[0] != "kube-system"}


def only(*manifests: Manifest) -> Pod:
    (found,) = (item for item in cluster(*manifests).pods.values() if item.namespace != "kube-system")
    return found


A, B = node("a", "disk=ssd cpu=8"), node("b", "disk=hdd cpu=2")
TERM = "requiredDuringSchedulingIgnoredDuringExecution"


def affinity(*terms: Any) -> Any:
    return {"nodeAffinity": {TERM: {"nodeSelectorTerms": [{"matchExpressions": list(term)} for term in terms]}}}


def wants(key: str, operator: str, *values: str) -> Any:
    return {"key": key, "operator": operator, "values": list(values)}


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        ({"nodeName": "b"}, "b"),
        ({"nodeSelector": {"disk": "hdd"}}, "b"),
        ({"nodeSelector": {"disk": "ssd"}}, "a"),
        ({"nodeSelector": {"kubernetes.io/hostname": "b"}}, "b"),
        ({"nodeSelector": {"kubernetes.io/os": "linux", "disk": "hdd"}}, "b"),
        ({"nodeSelector": {"kubernetes.io/os": "windows"}}, None),
        ({"nodeSelector": {"kubernetes.io/arch": "arm64"}}, "a"),
        ({"nodeSelector": {"disk": "nvme"}}, None),
        ({"nodeSelector": {"disk": "ssd", "zone": "x"}}, None),
        ({"affinity": affinity([wants("disk", "In", "hdd", "nvme")])}, "b"),
        ({"affinity": affinity([wants("disk", "NotIn", "ssd")])}, "b"),
        ({"affinity": affinity([wants("disk", "Exists"), wants("cpu", "Lt", "4")])}, "b"),
        ({"affinity": affinity([wants("cpu", "Gt", "4")])}, "a"),
        ({"affinity": affinity([wants("cpu", "Gt", "64")])}, None),
        ({"affinity": affinity([wants("disk", "DoesNotExist")])}, None),
        ({"affinity": affinity([wants("disk", "In", "nvme")], [wants("disk", "In", "hdd")])}, "b"),
        ({"affinity": affinity([])}, None),
        ({"affinity": {"nodeAffinity": {TERM: {"nodeSelectorTerms": [{"matchFields": [wants("metadata.name", "In", "b")]}]}}}}, "b"),
    ],
)  # fmt: skip
def test_which_of_two_nodes(spec: Any, where: str | None) -> None:
    found = only(A, B, pod("web", **spec), facts())
    assert found.node == where
    assert (found.phase, bool(found.addresses)) == (("Running", True) if where else ("Pending", False))
    assert (found.pending_because is None) is (where is not None)


TAINTED = node("a", taints="role=db:NoSchedule")


@pytest.mark.parametrize(
    ("taint", "toleration", "runs"),
    [
        ("role=db:NoSchedule", None, False),
        ("role=db:NoExecute", None, False),
        ("role=db:PreferNoSchedule", None, True),
        ("role=db:NoSchedule", {"key": "role", "value": "db"}, True),
        ("role=db:NoSchedule", {"key": "role", "operator": "Equal", "value": "db", "effect": "NoSchedule"}, True),
        ("role=db:NoSchedule", {"key": "role", "value": "web"}, False),
        ("role=db:NoSchedule", {"key": "role", "operator": "Exists"}, True),
        ("role=db:NoSchedule", {"key": "role", "operator": "Exists", "effect": "NoExecute"}, False),
        ("role=db:NoSchedule", {"operator": "Exists"}, True),
        ("role:NoSchedule", {"key": "role"}, True),
        ("a:NoSchedule b:NoSchedule", {"key": "a", "operator": "Exists"}, False),
    ],
)
def test_taints(taint: str, toleration: Any, runs: bool) -> None:
    tolerations = [toleration] if toleration else []
    assert (only(node("a", taints=taint), pod("web", tolerations=tolerations)).node == "a") is runs


def test_a_cordoned_node_takes_no_pods() -> None:
    found = only(node("a", unschedulable=True), pod("web"))
    assert found.pending_because == "the only node does not take it: 1 is cordoned (unschedulable)"


def test_the_node_name_passes_the_scheduler_by() -> None:
    assert only(node("a", taints="x:NoSchedule", unschedulable=True), pod("web", node="a")).node == "a"


def test_a_node_name_that_names_nothing() -> None:
    found = only(node("a"), pod("web", node="gone"))
    assert (found.node, found.addresses, found.phase) == ("gone", (), "Pending")
    assert found.pending_because == "its nodeName is gone, and there is no such node"


def test_why_no_node_takes_it_in_words() -> None:
    found = only(TAINTED, node("b"), node("c", unschedulable=True), pod("web", nodeSelector={"disk": "ssd"}))
    assert found.pending_because == (
        "none of the 3 nodes takes it: 1 has the taint role=db:NoSchedule, which it does not tolerate, "
        "1 lacks the labels of its nodeSelector, 1 is cordoned (unschedulable)"
    )


def host_port(number: int, **more: Any) -> Any:
    return {"ports": [{"containerPort": 80, "hostPort": number, **more}]}


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (host_port(80), host_port(80), False),
        (host_port(80), host_port(81), True),
        (host_port(80), host_port(80, protocol="UDP"), True),
        (host_port(80, hostIP="10.0.0.1"), host_port(80, hostIP="10.0.0.2"), True),
        (host_port(80, hostIP="10.0.0.1"), host_port(80), False),
        (host_port(80, hostIP="0.0.0.0"), host_port(80, hostIP="10.0.0.2"), False),
        (host_port(80), {"ports": [{"containerPort": 80}]}, True),
    ],
)
def test_host_ports_on_one_node(first: Any, second: Any, both: bool) -> None:
    found = placed(node("a"), pod("p1", container=first), pod("p2", container=second))
    assert found == {"p1": "a", "p2": "a" if both else None}


def test_a_pod_in_the_host_network_holds_its_container_ports() -> None:
    pods = [pod(name, hostNetwork=True, ports=(80,)) for name in ("p1", "p2", "p3")]
    assert placed(node("a"), node("b"), *pods) == {"p1": "a", "p2": "b", "p3": None}


def test_a_finished_pod_holds_nothing() -> None:
    done = pod("done", node="a", phase="Succeeded", hostNetwork=True, ports=(80,))
    assert placed(node("a"), done, pod("web", hostNetwork=True, ports=(80,)))["web"] == "a"


def apart(selector: str, key: str = "kubernetes.io/hostname") -> Any:
    app, _, value = selector.partition("=")
    return {"podAntiAffinity": {TERM: [{"topologyKey": key, "labelSelector": {"matchLabels": {app: value}}}]}}


ZONES = (node("a", "zone=x"), node("b", "zone=x"), node("c", "zone=y"))


@pytest.mark.parametrize(
    ("key", "nodes", "unplaced"),
    [("kubernetes.io/hostname", {"a", "b", "c"}, 1), ("zone", {"a", "c"}, 2), ("rack", {"a", "b", "c"}, 0)],
)
def test_anti_affinity_among_the_replicas_of_one_deployment(key: str, nodes: set[str], unplaced: int) -> None:
    found = placed(*ZONES, workload("Deployment", "web", replicas=4, pod_spec={"affinity": apart("app=web", key)}))
    assert {name for name in found.values() if name} == nodes
    assert list(found.values()).count(None) == unplaced


def test_anti_affinity_holds_both_ways() -> None:
    first = pod("a-first", "app=db", affinity=apart("app=web"))
    assert placed(node("a"), first, pod("b-second", "app=web")) == {"a-first": "a", "b-second": None}
    assert placed(node("a"), pod("a-first", "app=web"), pod("b-second", "app=db", affinity=apart("app=web"))) == {
        "a-first": "a",
        "b-second": None,
    }


def test_anti_affinity_stays_in_its_namespace() -> None:
    found = placed(node("a"), pod("p1", "app=web", ns="x"), pod("p2", affinity=apart("app=web"), ns="y"))
    assert found == {"p1": "a", "p2": "a"}


def test_pods_spread_over_the_nodes() -> None:
    found = placed(node("a"), node("b"), node("c"), workload("Deployment", "web", replicas=9))
    counts = Counter(found.values())
    assert max(counts.values()) - min(counts.values()) <= 1  # two more pods are those of cluster DNS


def test_those_that_name_their_node_count_first() -> None:
    pods = [pod(f"z{number}", node="a") for number in range(5)]
    assert placed(node("a"), node("b"), *pods, pod("web"))["web"] == "b"


def daemon(**spec: Any) -> Manifest:
    return workload("DaemonSet", "agent", pod_spec=spec)


MASTER = node("m", taints="node-role.kubernetes.io/control-plane:NoSchedule")


@pytest.mark.parametrize(
    ("nodes", "spec", "where"),
    [
        ((A, B), {}, ["a", "b"]),
        ((A, B), {"nodeSelector": {"disk": "ssd"}}, ["a"]),
        ((A, MASTER), {}, ["a"]),
        ((A, MASTER), {"tolerations": [{"operator": "Exists"}]}, ["a", "m"]),
        ((A, node("c", unschedulable=True)), {}, ["a", "c"]),
        ((A, node("c", taints="node.kubernetes.io/not-ready:NoExecute")), {}, ["a", "c"]),
        ((A, node("c", taints="node.kubernetes.io/disk-pressure:NoSchedule")), {}, ["a", "c"]),
        ((A, node("c", taints="node.kubernetes.io/network-unavailable:NoSchedule")), {}, ["a"]),
        ((A, node("c", taints="node.kubernetes.io/network-unavailable:NoSchedule")), {"hostNetwork": True}, ["a", "c"]),
        ((A, B), {"nodeName": "b"}, ["b"]),
    ],
)
def test_one_daemon_on_every_node_that_takes_it(nodes: Any, spec: Any, where: list[str]) -> None:
    found = cluster(*nodes, daemon(**spec))
    assert sorted(found.pods[key].node or "" for key in found.workloads["DaemonSet", "default", "agent"]) == where


def test_a_daemon_without_a_free_host_port_waits() -> None:
    holder = pod("web", node="a", hostNetwork=True, ports=(80,))
    found = cluster(
        A,
        B,
        holder,
        workload("DaemonSet", "agent", pod_spec={"containers": [{"name": "c", "image": "i", **host_port(80)}]}),
    )
    daemons = [found.pods[key] for key in found.workloads["DaemonSet", "default", "agent"]]
    assert {item.node for item in daemons} == {"b", None}
    assert "has no free host port for it" in next(item.pending_because for item in daemons if item.node is None)


@pytest.mark.parametrize(
    ("given", "because"),
    [
        ({"phase": "Pending"}, "its status says Pending, and it has no node"),
        ({"phase": "Pending", "node": "a"}, "its status says Pending and tells no address"),
        ({"phase": "Running", "live": True, "node": "a"}, "its status says Running and tells no address"),
    ],
)
def test_a_status_that_tells_of_no_address(given: Any, because: str) -> None:
    found = only(node("a"), pod("web", **given))
    assert (found.addresses, found.pending_because) == ((), because)


def test_a_node_that_nobody_stated_has_what_a_pod_asks_for() -> None:
    assert only(pod("web", nodeSelector={"disk": "ssd"})).node is not None
    assert only(pod("web", nodeSelector={"kubernetes.io/os": "windows"})).node is None
