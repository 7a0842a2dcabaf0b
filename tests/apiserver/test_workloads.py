"""Controllers: what becomes of a write, by the documentation of workloads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kcnet.apiserver.patch import PatchKind
from kcnet.apiserver.server import ApiServer
from tests.apiserver.sandbox import (
    create,
    deployment,
    get,
    names,
    pod,
    pods_of,
    ready_endpoints,
    reasons,
    resource,
    server,
    service,
)


@pytest.fixture
def api(tmp_path: Path) -> ApiServer:
    return server(tmp_path)


def _image(api: ApiServer, image: str) -> None:
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}}}
    api.patch(resource("deploy"), "shop", "web", patch, PatchKind.STRATEGIC)


def _scales(api: ApiServer) -> dict[str, int]:
    """Replicas of each ReplicaSet by its revision."""
    return {
        item["metadata"]["annotations"]["deployment.kubernetes.io/revision"]: item["spec"]["replicas"]
        for item in api.list(resource("rs"), "shop")
    }


def test_a_deployment_has_a_replica_set_and_pods(api: ApiServer) -> None:
    made = create(api, deployment(replicas=3))
    (replica_set,) = api.list(resource("rs"), "shop")
    hash_ = replica_set["metadata"]["labels"]["pod-template-hash"]
    assert replica_set["metadata"]["name"] == f"web-{hash_}"
    pods = pods_of(api, "web")
    assert len(pods) == 3
    for item in pods:
        assert item["metadata"]["labels"] == {"app": "web", "pod-template-hash": hash_}
        assert item["metadata"]["generateName"] == f"web-{hash_}-"
        assert item["metadata"]["ownerReferences"][0]["uid"] == replica_set["metadata"]["uid"]
        assert item["status"]["phase"] == "Running"
        assert item["spec"]["nodeName"] in ("node-1", "node-2")
    assert made["status"]["availableReplicas"] == 3
    assert made["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "1"
    assert reasons(api, "Deployment", "web") == ["ScalingReplicaSet"]


def test_events_tell_the_start_of_a_pod(api: ApiServer) -> None:
    create(api, pod())
    assert set(reasons(api, "Pod", "one")) == {"Scheduled", "Pulled", "Created", "Started"}


def test_pods_spread_over_the_nodes(api: ApiServer) -> None:
    create(api, deployment(replicas=4))
    assert sorted(item["spec"]["nodeName"] for item in pods_of(api, "web")) == ["node-1", "node-1", "node-2", "node-2"]


def test_scaling_keeps_the_pods_that_stay(api: ApiServer) -> None:
    create(api, deployment(replicas=2))
    before = {item["metadata"]["name"]: item["status"]["podIP"] for item in pods_of(api, "web")}
    api.scale(resource("deploy"), "shop", "web", 4)
    after = {item["metadata"]["name"]: item["status"]["podIP"] for item in pods_of(api, "web")}
    assert before.items() <= after.items()
    assert len(after) == 4
    api.scale(resource("deploy"), "shop", "web", 1)
    assert len(pods_of(api, "web")) == 1
    api.scale(resource("deploy"), "shop", "web", 0)
    assert pods_of(api, "web") == []
    assert "availableReplicas" not in get(api, "deploy", "web")["status"]


def test_a_pod_that_is_deleted_is_replaced_by_another_with_another_address(api: ApiServer) -> None:
    create(api, deployment(replicas=1))
    (old,) = pods_of(api, "web")
    api.delete(resource("po"), "shop", old["metadata"]["name"])
    (new,) = pods_of(api, "web")
    assert new["metadata"]["name"] != old["metadata"]["name"]
    assert new["status"]["podIP"] != old["status"]["podIP"]


def test_a_bare_pod_that_is_deleted_is_gone(api: ApiServer) -> None:
    create(api, pod())
    api.delete(resource("po"), "shop", "one")
    assert names(api, "po") == []


def test_a_new_template_is_rolled_out(api: ApiServer) -> None:
    create(api, deployment(replicas=3))
    old = set(names(api, "po"))
    _image(api, "nginx:1.28")
    assert not old & set(names(api, "po"))
    assert {item["spec"]["containers"][0]["image"] for item in pods_of(api, "web")} == {"nginx:1.28"}
    assert _scales(api) == {"1": 0, "2": 3}
    assert get(api, "deploy", "web")["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"


def test_new_pods_come_before_old_ones_go(api: ApiServer) -> None:
    create(api, deployment(replicas=2))
    version = api.store.version
    _image(api, "nginx:1.28")
    ready = 2
    for event in api.watch(version):
        if event.object["kind"] != "Pod":
            continue
        if event.type == "DELETED":
            ready -= 1
        elif event.type == "MODIFIED" and event.object["status"].get("podIP"):
            ready += 1
        assert 2 <= ready <= 3  # maxUnavailable 25% of 2 is 0, maxSurge 25% is 1


def test_recreate_ends_all_old_pods_first(api: ApiServer) -> None:
    value = deployment(replicas=2)
    value["spec"]["strategy"] = {"type": "Recreate"}
    create(api, value)
    version = api.store.version
    _image(api, "nginx:1.28")
    kinds = [event.type for event in api.watch(version) if event.object["kind"] == "Pod"]
    assert kinds[:2] == ["DELETED", "DELETED"]
    assert "DELETED" not in kinds[2:]


def test_going_back_takes_the_old_replica_set_and_a_new_revision(api: ApiServer) -> None:
    create(api, deployment(replicas=2))
    (first,) = names(api, "rs")
    _image(api, "nginx:1.28")
    _image(api, "nginx:1.27")
    assert len(names(api, "rs")) == 2
    assert _scales(api) == {"2": 0, "3": 2}
    assert get(api, "rs", first)["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "3"


def test_a_rollout_stops_where_new_pods_are_not_ready(api: ApiServer) -> None:
    """A probe asks a port on which, as the annotation says, nothing listens."""
    create(api, deployment(replicas=4))
    create(api, service())
    patch = {
        "spec": {
            "template": {
                "metadata": {"annotations": {"kcnet/listens": "80"}},
                "spec": {"containers": [{"name": "web", "readinessProbe": {"httpGet": {"port": 8080}}}]},
            }
        }
    }
    made = api.patch(resource("deploy"), "shop", "web", patch, PatchKind.STRATEGIC)
    assert _scales(api) == {"1": 3, "2": 2}
    assert made["status"]["readyReplicas"] == 3
    assert len(ready_endpoints(api, "web")) == 3
    assert {item["type"]: item["status"] for item in made["status"]["conditions"]}["Available"] == "True"


def test_a_paused_deployment_waits(api: ApiServer) -> None:
    create(api, deployment())
    api.patch(resource("deploy"), "shop", "web", {"spec": {"paused": True}}, PatchKind.MERGE)
    _image(api, "nginx:1.28")
    assert _scales(api) == {"1": 2}
    api.patch(resource("deploy"), "shop", "web", {"spec": {"paused": None}}, PatchKind.MERGE)
    assert _scales(api) == {"1": 0, "2": 2}


def test_deleting_a_deployment_takes_what_it_owns(api: ApiServer) -> None:
    create(api, deployment())
    api.delete(resource("deploy"), "shop", "web")
    assert names(api, "rs") == names(api, "po") == []


def test_deleting_with_cascade_orphan_leaves_it(api: ApiServer) -> None:
    create(api, deployment())
    api.delete(resource("deploy"), "shop", "web", orphan=True)
    assert len(names(api, "po")) == 2
    (replica_set,) = api.list(resource("rs"), "shop")
    assert "ownerReferences" not in replica_set["metadata"]
    create(api, deployment())
    assert len(names(api, "rs")) == 1  # adopted
    assert len(names(api, "po")) == 2


def test_a_pod_whose_label_is_changed_leaves_its_replica_set(api: ApiServer) -> None:
    create(api, deployment(replicas=2))
    create(api, service())
    name = names(api, "po")[0]
    api.patch(resource("po"), "shop", name, {"metadata": {"labels": {"app": "debug"}}}, PatchKind.MERGE)
    assert len(names(api, "po")) == 3
    assert "ownerReferences" not in get(api, "po", name)["metadata"]
    assert name not in ready_endpoints(api, "web")


def test_a_replica_set_adopts_a_pod_that_fits(api: ApiServer) -> None:
    create(api, pod("stray", labels={"app": "web"}))
    value = deployment(replicas=2)
    value["kind"] = "ReplicaSet"
    create(api, value)
    assert len(names(api, "po")) == 2
    assert get(api, "po", "stray")["metadata"]["ownerReferences"][0]["kind"] == "ReplicaSet"


def test_a_replication_controller(api: ApiServer) -> None:
    value = deployment(replicas=2)
    value |= {"apiVersion": "v1", "kind": "ReplicationController"}
    value["spec"]["selector"] = {"app": "web"}
    made = create(api, value)
    assert len(names(api, "po")) == 2
    assert made["status"]["readyReplicas"] == 2


def _stateful(replicas: int = 3, **spec: Any) -> dict[str, Any]:
    value = {**deployment("db", replicas), "kind": "StatefulSet"}
    value["spec"] |= {"serviceName": "db", **spec}
    return value


def test_a_stateful_set_names_its_pods_by_number(api: ApiServer) -> None:
    create(api, service("db", clusterIP="None"))
    create(api, _stateful())
    assert names(api, "po") == ["db-0", "db-1", "db-2"]
    first = get(api, "po", "db-0")
    assert first["spec"]["hostname"] == "db-0"
    assert first["spec"]["subdomain"] == "db"
    assert first["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] == "db-0"


def test_a_stateful_set_goes_down_from_the_last(api: ApiServer) -> None:
    create(api, _stateful())
    api.scale(resource("sts"), "shop", "db", 1)
    assert names(api, "po") == ["db-0"]


def test_a_pod_of_a_stateful_set_comes_back_under_its_name(api: ApiServer) -> None:
    create(api, _stateful())
    old = get(api, "po", "db-1")
    api.delete(resource("po"), "shop", "db-1")
    new = get(api, "po", "db-1")
    assert new["metadata"]["uid"] != old["metadata"]["uid"]
    assert new["status"]["podIP"] != old["status"]["podIP"]


def test_a_stateful_set_replaces_its_pods_from_the_last(api: ApiServer) -> None:
    create(api, _stateful())
    version = api.store.version
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.28"}]}}}}
    api.patch(resource("sts"), "shop", "db", patch, PatchKind.STRATEGIC)
    gone = [event.object["metadata"]["name"] for event in api.watch(version)
            if event.type == "DELETED" and event.object["kind"] == "Pod"]  # fmt: skip
    assert gone == ["db-2", "db-1", "db-0"]
    assert {item["spec"]["containers"][0]["image"] for item in pods_of(api, "db")} == {"nginx:1.28"}


def test_a_stateful_set_waits_for_each_pod(api: ApiServer) -> None:
    value = _stateful()
    template = value["spec"]["template"]
    template["metadata"]["annotations"] = {"kcnet/listens": ""}
    template["spec"]["containers"][0]["readinessProbe"] = {"tcpSocket": {"port": 80}}
    create(api, value)
    assert names(api, "po") == ["db-0"]
    value["spec"]["podManagementPolicy"] = "Parallel"
    api.delete(resource("sts"), "shop", "db")
    create(api, value)
    assert names(api, "po") == ["db-0", "db-1", "db-2"]


def _daemon(**spec: Any) -> dict[str, Any]:
    value = {**deployment("agent"), "kind": "DaemonSet"}
    del value["spec"]["replicas"]
    value["spec"]["template"]["spec"] |= spec
    return value


def test_a_daemon_set_has_a_pod_on_each_node(api: ApiServer) -> None:
    made = create(api, _daemon())
    assert sorted(item["spec"]["nodeName"] for item in pods_of(api, "agent")) == ["node-1", "node-2"]
    assert made["status"]["numberReady"] == made["status"]["desiredNumberScheduled"] == 2


def test_a_daemon_set_follows_the_labels_of_nodes(api: ApiServer) -> None:
    create(api, _daemon(nodeSelector={"disk": "ssd"}))
    assert pods_of(api, "agent") == []
    api.patch(resource("no"), None, "node-2", {"metadata": {"labels": {"disk": "ssd"}}}, PatchKind.MERGE)
    assert [item["spec"]["nodeName"] for item in pods_of(api, "agent")] == ["node-2"]
    api.patch(resource("no"), None, "node-2", {"metadata": {"labels": {"disk": None}}}, PatchKind.MERGE)
    assert pods_of(api, "agent") == []


def test_a_daemon_set_replaces_its_pods_one_by_one(api: ApiServer) -> None:
    create(api, _daemon())
    old = set(names(api, "po"))
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.28"}]}}}}
    api.patch(resource("ds"), "shop", "agent", patch, PatchKind.STRATEGIC)
    assert not old & set(names(api, "po"))
    assert len(pods_of(api, "agent")) == 2


def _job(command: list[str], **spec: Any) -> dict[str, Any]:
    container = {"name": "main", "image": "busybox", "command": command}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "once", "namespace": "shop"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}, **spec},
    }


def test_a_job_whose_command_ends_is_complete(api: ApiServer) -> None:
    made = create(api, _job(["echo", "hello"]))
    assert made["status"]["succeeded"] == 1
    assert [item["type"] for item in made["status"]["conditions"]] == ["SuccessCriteriaMet", "Complete"]
    (item,) = api.list(resource("po"), "shop", labels="job-name=once")
    assert item["status"]["phase"] == "Succeeded"


def test_a_job_makes_pods_until_enough_have_succeeded(api: ApiServer) -> None:
    made = create(api, _job(["sh", "-c", "echo hello; sleep 5"], completions=5, parallelism=2))
    assert made["status"]["succeeded"] == 5


def test_a_job_that_fails_again_and_again_gives_up(api: ApiServer) -> None:
    made = create(api, _job(["false"], backoffLimit=2))
    assert made["status"]["failed"] == 3
    assert {item["type"] for item in made["status"]["conditions"]} == {"FailureTarget", "Failed"}


def test_a_job_of_which_nobody_knows_whether_it_ends_runs(api: ApiServer) -> None:
    made = create(api, _job(["/app/migrate"]))
    assert made["status"]["active"] == 1


ENDINGS = (
    ("a shell without input ends", {"image": "busybox"}, "CrashLoopBackOff"),
    ("a command that ends", {"image": "busybox", "command": ["echo", "hi"]}, "CrashLoopBackOff"),
    ("a command that does not end", {"image": "busybox", "command": ["sleep", "infinity"]}, None),
    ("a shell that somebody is connected to", {"image": "busybox", "stdin": True, "tty": True}, None),
    ("a server", {"image": "nginx"}, None),
    ("a loop", {"image": "busybox", "command": ["sh", "-c", "while true; do date; sleep 1; done"]}, None),
)


@pytest.mark.parametrize(("container", "reason"), [row[1:] for row in ENDINGS], ids=[row[0] for row in ENDINGS])
def test_a_container_that_ends_is_started_again(api: ApiServer, container: dict[str, Any], reason: str | None) -> None:
    value = pod()
    value["spec"]["containers"] = [{"name": "main", **container}]
    state = create(api, value)["status"]["containerStatuses"][0]["state"]
    assert state.get("waiting", {}).get("reason") == reason


def test_a_pod_without_a_node_tells_why(api: ApiServer) -> None:
    made = create(api, pod(nodeSelector={"disk": "ssd"}))
    assert made["status"]["phase"] == "Pending"
    (condition,) = made["status"]["conditions"]
    assert condition["reason"] == "Unschedulable"
    assert condition["message"] == (
        "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. "
        "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
    )
    assert reasons(api, "Pod", "one") == ["FailedScheduling"]
    api.patch(resource("no"), None, "node-1", {"metadata": {"labels": {"disk": "ssd"}}}, PatchKind.MERGE)
    assert get(api, "po", "one")["status"]["phase"] == "Running"


def test_endpoints_follow_selectors(api: ApiServer) -> None:
    create(api, deployment())
    create(api, service(selector={"app": "nothing"}))
    assert ready_endpoints(api, "web") == []
    api.patch(resource("svc"), "shop", "web", {"spec": {"selector": {"app": "web"}}}, PatchKind.MERGE)
    assert ready_endpoints(api, "web") == names(api, "po")
    addresses = [item["ip"] for item in get(api, "ep", "web")["subsets"][0]["addresses"]]
    assert addresses == [item["status"]["podIP"] for item in pods_of(api, "web")]
    api.delete(resource("svc"), "shop", "web")
    assert names(api, "endpointslices") == names(api, "ep") == []


def test_endpoints_by_hand_are_mirrored(api: ApiServer) -> None:
    value = service("outside")
    del value["spec"]["selector"]
    create(api, value)
    create(
        api,
        {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {"name": "outside", "namespace": "shop"},
            "subsets": [{"addresses": [{"ip": "192.0.2.7"}], "ports": [{"port": 80}]}],
        },
    )
    assert api.warnings() == ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"]
    (slice_,) = api.list(resource("endpointslices"), "shop")
    assert slice_["endpoints"][0]["addresses"] == ["192.0.2.7"]
    api.scale(resource("deploy"), "kube-system", "coredns", 1)  # any other write leaves them alone
    assert get(api, "ep", "outside")["subsets"][0]["addresses"] == [{"ip": "192.0.2.7"}]


def test_a_new_ingress_finds_a_controller(api: ApiServer) -> None:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    create(
        api,
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"ingressClassName": "nginx", "defaultBackend": backend},
        },
    )
    assert names(api, "deploy", "ingress-nginx") == ["ingress-nginx-controller"]
    address = get(api, "svc", "ingress-nginx-controller", "ingress-nginx")["status"]["loadBalancer"]["ingress"][0]["ip"]
    assert get(api, "ing", "web")["status"]["loadBalancer"]["ingress"] == [{"ip": address}]


IMAGES = (
    ("nginx", True),
    ("nginx:1.27", True),
    ("docker.io/library/nginx", True),
    ("registry.k8s.io/ingress-nginx/controller:v1.12.1", True),
    ("localhost:5000/shop/web:latest", True),
    ("ghcr.io/a/b@sha256:" + "0" * 64, True),
    ("my_app--x", True),
    ("Nginx", False),
    ("nginx:", False),
    ("nginx: latest", False),
    ("nginx::1", False),
    ("http://nginx", False),
)


@pytest.mark.parametrize(("image", "good"), IMAGES, ids=[row[0] for row in IMAGES])
def test_an_image_has_a_name_that_can_be_read(api: ApiServer, image: str, good: bool) -> None:
    made = create(api, pod(image=image))
    state = made["status"]["containerStatuses"][0]["state"]
    assert ("running" in state) is good
    if not good:
        assert state["waiting"]["reason"] == "InvalidImageName"
        assert made["status"]["phase"] == "Pending"


def test_a_better_image_starts_a_pod_that_waited(api: ApiServer) -> None:
    create(api, pod(image="Nginx"))
    patch = {"spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}
    made = api.patch(resource("po"), "shop", "one", patch, PatchKind.STRATEGIC)
    assert made["status"]["phase"] == "Running"
    assert made["status"]["containerStatuses"][0]["ready"] is True
    assert made["status"]["containerStatuses"][0]["restartCount"] == 0
    api.kubelet.bad_image("shop", "one")
    patch["spec"]["containers"][0]["image"] = "nginx:1.28"
    made = api.patch(resource("po"), "shop", "one", patch, PatchKind.STRATEGIC)
    assert made["status"]["phase"] == "Running"


def test_events_are_listed_in_the_order_in_which_things_happened(api: ApiServer) -> None:
    create(api, pod())
    assert reasons(api, "Pod", "one") == ["Scheduled", "Pulled", "Created", "Started"]
    create(api, deployment(replicas=1))
    _image(api, "nginx:1.28")
    messages = [
        item["message"] for item in api.list(resource("events"), "shop", fields="involvedObject.kind=Deployment")
    ]
    assert [message.rpartition(" from ")[2] for message in messages] == ["0 to 1", "0 to 1", "1 to 0"]


def test_what_happens_again_is_counted(api: ApiServer) -> None:
    create(api, pod())
    api.kubelet.set_ready("shop", "one", False)
    api.kubelet.set_ready("shop", "one", False)
    (event,) = api.list(resource("events"), "shop", fields="reason=Unhealthy")
    assert event["count"] == 2
