# ruff: noqa: E501 - rows of tables stay on one line
"""Pods that controllers make: how many, how they are called, what labels and host names they get, whose they are."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kcnet.model.cluster import Cluster
from kcnet.model.objects import Pod
from tests.controlplane.objects import Manifest, cluster, owned_by, pod, workload


def own(found: Cluster) -> list[Pod]:
    """Pods but for those of the system."""
    return [item for item in found.pods.values() if item.namespace != "kube-system"]


SUFFIX = "[bcdfghjklmnpqrstvwxz2456789]{5}"


@pytest.mark.parametrize(
    ("manifest", "count", "name"),
    [
        (workload("Deployment", "web"), 1, rf"web-[bcdf456789]{{6,10}}-{SUFFIX}"),
        (workload("Deployment", "web", replicas=3), 3, rf"web-[bcdf456789]{{6,10}}-{SUFFIX}"),
        (workload("Deployment", "web", replicas=0), 0, ""),
        (workload("ReplicaSet", "web", replicas=2), 2, f"web-{SUFFIX}"),
        (workload("ReplicationController", "web", replicas=2), 2, f"web-{SUFFIX}"),
        (workload("StatefulSet", "web", replicas=2), 2, "web-[01]"),
        (workload("StatefulSet", "web", replicas=2, ordinals={"start": 7}), 2, "web-[78]"),
        (workload("DaemonSet", "web"), 2, f"web-{SUFFIX}"),
        (workload("Job", "web"), 1, f"web-{SUFFIX}"),
        (workload("Job", "web", parallelism=3), 3, f"web-{SUFFIX}"),
        (workload("Job", "web", parallelism=3, completions=2), 2, f"web-{SUFFIX}"),
        (workload("Job", "web", suspend=True), 0, ""),
        (workload("CronJob", "web"), 1, rf"web-\d{{8}}-{SUFFIX}"),
        (workload("CronJob", "web", suspend=True), 0, ""),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else None,
)
def test_how_many_and_how_they_are_called(manifest: Manifest, count: int, name: str) -> None:
    pods = own(cluster(manifest))
    assert len(pods) == count
    assert all(re.fullmatch(name, item.name) for item in pods), [item.name for item in pods]
    assert all(item.phase == "Running" and item.ready and item.addresses and item.node for item in pods)
    assert all(str(item.owner) == f"{manifest['kind']} default/web" for item in pods)


@pytest.mark.parametrize(
    ("kind", "extra"),
    [
        ("Deployment", {"pod-template-hash"}),
        ("ReplicaSet", set()),
        ("ReplicationController", set()),
        (
            "StatefulSet",
            {"apps.kubernetes.io/pod-index", "statefulset.kubernetes.io/pod-name", "controller-revision-hash"},
        ),
        ("DaemonSet", {"controller-revision-hash", "pod-template-generation"}),
        ("Job", {"job-name", "batch.kubernetes.io/job-name"}),
        ("CronJob", {"job-name", "batch.kubernetes.io/job-name"}),
    ],
)
def test_labels_of_the_template_and_of_the_controller(kind: str, extra: set[str]) -> None:
    found = own(cluster(workload(kind, "web", "app=web tier=front")))[0]
    assert {"app": "web", "tier": "front"}.items() <= found.labels.items()
    assert set(found.labels) - {"app", "tier"} == extra


def test_the_template_hash_stands_in_the_name() -> None:
    found = own(cluster(workload("Deployment", "web")))[0]
    assert found.name.startswith(f"web-{found.labels['pod-template-hash']}-")


def test_a_stateful_set_s_pods_are_called_by_their_names() -> None:
    manifest = workload(
        "StatefulSet", "db", replicas=11, serviceName="peers", pod_spec={"hostname": "x", "subdomain": "y"}
    )
    found = cluster(manifest)
    assert found.workloads["StatefulSet", "default", "db"] == tuple(("default", f"db-{number}") for number in range(11))
    last = found.pods["default", "db-10"]
    assert (last.hostname, last.subdomain) == ("db-10", "peers")
    assert last.labels["apps.kubernetes.io/pod-index"] == "10"
    assert last.labels["statefulset.kubernetes.io/pod-name"] == "db-10"


def test_without_a_service_name_they_have_no_subdomain() -> None:
    assert own(cluster(workload("StatefulSet", "db")))[0].subdomain is None


def test_a_pod_of_that_name_is_not_made_twice() -> None:
    found = cluster(workload("StatefulSet", "db", replicas=2), pod("db-0", "app=other"))
    assert [(item.name, item.labels["app"]) for item in own(found)] == [("db-0", "other"), ("db-1", "web")]


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "CronJob"])
def test_fields_of_a_made_pod_are_looked_for_in_its_template(kind: str) -> None:
    deep = "spec.jobTemplate.spec.template." if kind == "CronJob" else "spec.template."
    found = own(cluster(workload(kind, "web")))[0]
    assert found.template == deep
    assert found.ref.origin is not None


def test_fields_of_a_written_pod_are_its_own() -> None:
    found = own(cluster(pod("web")))[0]
    assert (found.template, found.owner) == ("", None)


LIVE = {"uid": "1"}
RS = workload(
    "ReplicaSet", "web-6d4cf", "app=web pod-template-hash=6d4cf", replicas=2, metadata=owned_by("Deployment", "web")
)


@pytest.mark.parametrize(
    ("manifests", "names", "owner"),
    [
        (
            (workload("ReplicaSet", "web", replicas=3), pod("web-x", owner="ReplicaSet/web")),
            ["web-x"],
            "ReplicaSet default/web",
        ),
        (
            (workload("Deployment", "web", replicas=3), RS, pod("web-6d4cf-x", owner="ReplicaSet/web-6d4cf")),
            ["web-6d4cf-x"],
            "Deployment default/web",
        ),
        (
            (
                workload("Deployment", "web", replicas=3),
                pod("web-6d4cf-x", "pod-template-hash=6d4cf", owner="ReplicaSet/web-6d4cf"),
            ),
            ["web-6d4cf-x"],
            "Deployment default/web",
        ),
        (
            (pod("web-6d4cf-x", "pod-template-hash=6d4cf", owner="ReplicaSet/web-6d4cf"),),
            ["web-6d4cf-x"],
            "Deployment default/web",
        ),
        (
            (pod("web-6d4cf-x", "pod-template-hash=other", owner="ReplicaSet/web-6d4cf"),),
            ["web-6d4cf-x"],
            "ReplicaSet default/web-6d4cf",
        ),
        (
            (workload("StatefulSet", "web", replicas=3), pod("web-1", owner="StatefulSet/web")),
            ["web-1"],
            "StatefulSet default/web",
        ),
        ((workload("DaemonSet", "web"), pod("web-x", owner="DaemonSet/web")), ["web-x"], "DaemonSet default/web"),
        (
            (workload("CronJob", "web"), pod("web-29000000-x", owner="Job/web-29000000")),
            ["web-29000000-x"],
            "CronJob default/web",
        ),
        (
            (
                workload("CronJob", "web"),
                workload("Job", "web-29000000", metadata=owned_by("CronJob", "web")),
                pod("web-29000000-x", owner="Job/web-29000000"),
            ),
            ["web-29000000-x"],
            "CronJob default/web",
        ),
        ((pod("web-29000000-x", owner="Job/web-29000000"),), ["web-29000000-x"], "Job default/web-29000000"),
    ],
)
def test_pods_that_the_manifests_hold_are_the_workload_s(manifests: Any, names: list[str], owner: str) -> None:
    found = cluster(*manifests)
    assert [item.name for item in own(found)] == names
    assert str(own(found)[0].owner) == owner
    kind, _, name = owner.partition(" default/")
    assert found.workloads[kind, "default", name] == tuple(("default", item) for item in names)


def test_pods_of_another_namespace_are_not_the_workload_s() -> None:
    found = cluster(workload("ReplicaSet", "web"), pod("web-x", ns="other", owner="ReplicaSet/web"))
    assert len(own(found)) == 2


def test_a_replica_set_of_a_deployment_makes_none_itself() -> None:
    found = cluster(workload("Deployment", "web", replicas=2), RS)
    assert [str(item.owner) for item in own(found)] == ["Deployment default/web"] * 2
    assert all(item.name.startswith("web-6d4cf-") for item in own(found))


def test_an_old_replica_set_does_not_lend_its_hash() -> None:
    old = workload("ReplicaSet", "web-b", "pod-template-hash=b", replicas=0, metadata=owned_by("Deployment", "web"))
    found = own(cluster(workload("Deployment", "web"), old, RS))
    assert [item.labels["pod-template-hash"] for item in found] == ["6d4cf"]


def test_a_replica_set_whose_deployment_is_not_there_makes_its_own() -> None:
    assert [str(item.owner) for item in own(cluster(RS))] == ["ReplicaSet default/web-6d4cf"] * 2


def test_a_finished_job_makes_none() -> None:
    job = workload("Job", "web")
    job["status"] = {"conditions": [{"type": "Complete", "status": "True"}]}
    assert own(cluster(job)) == []


def test_a_cron_job_with_a_job_in_the_manifests_makes_no_other() -> None:
    job = workload("Job", "web-29000000", metadata=owned_by("CronJob", "web"))
    assert [str(item.owner) for item in own(cluster(workload("CronJob", "web"), job))] == ["Job default/web-29000000"]


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_a_job_of_a_cluster_whose_pods_are_there_is_between_two_runs(kind: str) -> None:
    found = cluster(
        workload(kind, "web", metadata=LIVE), pod("other", live=True, phase="Running", ip="10.244.1.9", node="n")
    )
    assert [item.name for item in own(found)] == ["other"]


def test_made_names_do_not_depend_on_anything_else() -> None:
    alone = {item.name for item in own(cluster(workload("Deployment", "web", replicas=3)))}
    beside = {
        item.name
        for item in own(cluster(workload("Deployment", "a", replicas=9), workload("Deployment", "web", replicas=3)))
    }
    assert alone < beside


def test_a_long_name_is_cut_as_generate_name_cuts_it() -> None:
    found = own(cluster(workload("ReplicaSet", "x" * 80)))[0]
    assert len(found.name) == 63


def test_a_great_many_names_are_all_different() -> None:
    assert len(own(cluster(workload("ReplicaSet", "web", replicas=12_000)))) == 12_000


def test_workloads_without_pods_are_listed_too() -> None:
    found = cluster(workload("Deployment", "web", replicas=0))
    assert found.workloads["Deployment", "default", "web"] == ()


@pytest.mark.parametrize(
    ("given", "ready", "assumed"),
    [
        ({}, True, False),
        ({"container": {"readinessProbe": {"httpGet": {"port": 80}}}}, True, True),
        ({"container": {"readinessProbe": {"exec": {"command": ["x"]}}}}, True, True),
        ({"container": {"readinessProbe": {"httpGet": {"port": "nowhere"}}}}, False, False),
        ({"container": {"readinessProbe": {"httpGet": {"port": 80}}}, "ready": True}, True, False),
        ({"container": {"readinessProbe": {"httpGet": {"port": 80}}}, "ready": False}, False, False),
        ({"container": {"readinessProbe": {"httpGet": {"port": 80}}}, "listens": "80"}, True, True),
        ({"container": {"readinessProbe": {"httpGet": {"port": 80}}}, "listens": "8080"}, False, False),
        ({"container": {"readinessProbe": {"httpGet": {"port": 80}}}, "listens": "80/udp"}, False, False),
        ({"container": {"readinessProbe": {"httpGet": {"port": 80}}}, "listens": "8080", "ready": True}, True, False),
        ({"listens": ""}, True, False),
        ({"ready": False}, False, False),
        ({"phase": "Running"}, True, False),
        ({"phase": "Pending"}, False, False),
        ({"phase": "Succeeded"}, False, False),
        ({"phase": "Failed"}, False, False),
        ({"phase": "Unknown", "node": "n1", "ip": "10.244.1.9"}, False, False),
    ],
)  # fmt: skip
def test_readiness(given: Any, ready: bool, assumed: bool) -> None:
    found = own(cluster(pod("web", **given)))[0]
    assert (found.ready, found.ready_assumed) == (ready, assumed)
