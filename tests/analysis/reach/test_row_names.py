"""What a row calls a pod: by the workload that owns it, as far as the manifests tell."""

from __future__ import annotations

import pytest

from kcnet.analysis.reach.connectivity import reachability
from kcnet.analysis.reach.parties import chosen, party
from tests.controlplane.objects import Manifest, cluster, owned_by, pod, thing, workload


def names(*manifests: Manifest) -> list[str]:
    return [one.name for one in reachability(cluster(*manifests)).workloads]


DEPLOYMENT = workload("Deployment", "web")
REPLICA_SET = workload(
    "ReplicaSet", "web-6d4cf", "app=web pod-template-hash=6d4cf", metadata=owned_by("Deployment", "web")
)
REPLICA = pod("web-6d4cf-x2x2x", "app=web pod-template-hash=6d4cf", owner="ReplicaSet/web-6d4cf")
CRON_JOB = workload("CronJob", "tidy")
JOB = workload("Job", "tidy-29000000", metadata=owned_by("CronJob", "tidy"))
RUN = pod("tidy-29000000-x2x2x", owner="Job/tidy-29000000")


@pytest.mark.parametrize(
    ("manifests", "name"),
    [
        pytest.param((pod("web"),), "default/web[Pod]", id="a pod of its own"),
        *(
            pytest.param((workload(kind, "web"),), f"default/web[{kind}]", id=f"a {kind}")
            for kind in ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob")
        ),
        pytest.param((REPLICA,), "default/web-6d4cf[ReplicaSet]", id="the owner that a pod names"),
        pytest.param((REPLICA, REPLICA_SET), "default/web-6d4cf[ReplicaSet]", id="the topmost that is written"),
        pytest.param((REPLICA, REPLICA_SET, DEPLOYMENT), "default/web[Deployment]", id="the Deployment above it"),
        pytest.param((REPLICA, DEPLOYMENT), "default/web[Deployment]", id="a Deployment, told by the name of its set"),
        pytest.param((RUN,), "default/tidy-29000000[Job]", id="a Job"),
        pytest.param((RUN, JOB), "default/tidy-29000000[Job]", id="a Job whose CronJob is not written"),
        pytest.param((RUN, JOB, CRON_JOB), "default/tidy[CronJob]", id="the CronJob above it"),
        pytest.param((pod("kafka-0", owner="StrimziPodSet/kafka"),), "default/kafka[StrimziPodSet]", id="any kind"),
    ],
)
def test_pods_go_by_their_workload(manifests: tuple[Manifest, ...], name: str) -> None:
    assert names(*manifests) == [name]


def test_what_is_no_workload_gathers_no_pods() -> None:
    """A node owns the pods that its kubelet starts from files; a pod may own pods that it started."""
    static = [pod(name, ns="kube-system", owner="Node/n1") for name in ("etcd-n1", "kube-apiserver-n1")]
    started = [pod("driver"), pod("executor-1", owner="Pod/driver")]
    assert names(*static, *started) == [
        "default/driver[Pod]",
        "default/executor-1[Pod]",
        "kube-system/etcd-n1[Pod]",
        "kube-system/kube-apiserver-n1[Pod]",
    ]


@pytest.mark.parametrize(
    "typed", ["web", "deploy/web", "web-6d4cf", "rs/web-6d4cf", "web-6d4cf-x2x2x", "pod/web-6d4cf-x2x2x"]
)
def test_every_owner_is_found_by_its_name(typed: str) -> None:
    for manifests in ((REPLICA,), (REPLICA, REPLICA_SET), (REPLICA, REPLICA_SET, DEPLOYMENT)):
        reach = reachability(cluster(thing("Namespace", "default"), *manifests))
        (name,) = (one.name for one in reach.workloads)
        assert party(reach, typed, "default").workload == name
        assert chosen(reach, typed, None)(name)


def test_workloads_without_pods_have_no_rows_and_are_named() -> None:
    """A workload that is scaled to zero, a CronJob that is suspended, a Job that is done."""
    asleep = workload("CronJob", "asleep", suspend=True)
    done = workload("Job", "done") | {"status": {"conditions": [{"type": "Complete", "status": "True"}]}}
    reach = reachability(cluster(pod("a"), workload("Deployment", "none", replicas=0), asleep, done))
    assert [one.name for one in reach.workloads] == ["default/a[Pod]"]
    assert reach.notes[-1] == "Scaled to zero, so that no row speaks of them: default/none[Deployment]."
    assert "Scaled" not in "".join(reachability(cluster(pod("a"), asleep, done)).notes)
