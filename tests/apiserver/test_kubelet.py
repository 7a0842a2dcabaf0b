"""What a learner can make happen, and what is seen of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcnet import trace
from kcnet.apiserver.server import ApiServer
from tests.apiserver.sandbox import (
    create,
    deployment,
    get,
    message_of,
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
    made = server(tmp_path)
    create(made, deployment())
    create(made, service())
    return made


def _ready(api: ApiServer, name: str) -> bool:
    conditions = {item["type"]: item["status"] for item in get(api, "po", name)["status"]["conditions"]}
    return conditions["Ready"] == "True"


def test_a_pod_that_is_not_ready_gets_no_traffic_and_stays_listed(api: ApiServer) -> None:
    first, second = names(api, "po")
    api.kubelet.set_ready("shop", first, False)
    assert ready_endpoints(api, "web") == [second]
    (slice_,) = api.list(resource("endpointslices"), "shop")
    assert len(slice_["endpoints"]) == 2
    (subset,) = get(api, "ep", "web")["subsets"]
    assert [item["targetRef"]["name"] for item in subset["notReadyAddresses"]] == [first]
    assert get(api, "deploy", "web")["status"]["readyReplicas"] == 1
    assert "Unhealthy" in reasons(api, "Pod", first)
    api.kubelet.set_ready("shop", first, True)
    assert ready_endpoints(api, "web") == [first, second]


def test_without_a_ready_pod_the_connection_is_refused(api: ApiServer) -> None:
    create(api, pod("client"))
    assert trace(api.cluster, "shop/pod/client", "http://web/", namespace="shop").verdict == "delivered"
    for name in ready_endpoints(api, "web"):
        api.kubelet.set_ready("shop", name, False)
    result = trace(api.cluster, "shop/pod/client", "http://web/", namespace="shop")
    assert result.verdict == "refused"
    assert result.reason.code == "SERVICE_NO_ENDPOINTS"


def test_a_crash_is_a_loop_with_a_count(api: ApiServer) -> None:
    name = names(api, "po")[0]
    api.kubelet.crash("shop", name)
    made = api.kubelet.crash("shop", name, exit_code=137)
    (status,) = made["status"]["containerStatuses"]
    assert status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert status["lastState"]["terminated"]["exitCode"] == 137
    assert status["restartCount"] == 2
    assert made["status"]["phase"] == "Running"
    assert not _ready(api, name)
    assert "BackOff" in reasons(api, "Pod", name)
    assert api.cluster.pods["shop", name].not_running == "container web waits: CrashLoopBackOff"


def test_a_pod_that_recovers_runs_and_keeps_its_count(api: ApiServer) -> None:
    name = names(api, "po")[0]
    address = get(api, "po", name)["status"]["podIP"]
    api.kubelet.crash("shop", name)
    made = api.kubelet.recover("shop", name)
    assert made["status"]["containerStatuses"][0]["restartCount"] == 1
    assert made["status"]["podIP"] == address
    assert _ready(api, name)
    assert name in ready_endpoints(api, "web")


def test_an_image_that_cannot_be_pulled(api: ApiServer) -> None:
    name = names(api, "po")[0]
    made = api.kubelet.bad_image("shop", name)
    assert made["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "ImagePullBackOff"
    assert made["status"]["phase"] == "Pending"
    assert name not in ready_endpoints(api, "web")
    assert "Failed" in reasons(api, "Pod", name)
    assert api.kubelet.recover("shop", name)["status"]["phase"] == "Running"


def test_a_cordoned_node_gets_no_new_pods(api: ApiServer) -> None:
    before = {item["metadata"]["name"]: item["spec"]["nodeName"] for item in pods_of(api, "web")}
    made = api.kubelet.cordon("node-1")
    assert made["spec"]["unschedulable"] is True
    assert made["spec"]["taints"] == [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]
    api.scale(resource("deploy"), "shop", "web", 6)
    after = {item["metadata"]["name"]: item["spec"]["nodeName"] for item in pods_of(api, "web")}
    assert before.items() <= after.items()
    assert {node for name, node in after.items() if name not in before} == {"node-2"}
    made = api.kubelet.uncordon("node-1")
    assert "unschedulable" not in made["spec"]
    assert "taints" not in made["spec"]


def test_draining_moves_pods_and_leaves_daemons(api: ApiServer) -> None:
    create(api, pod("bare", nodeName="node-1"))
    plan = api.kubelet.drain("node-1")
    assert [item["metadata"]["name"] for item in plan.bare] == ["bare"]
    assert all(item["metadata"]["name"].startswith("kube-proxy") for item in plan.daemons)
    left = [item["metadata"]["name"] for item in api.list(resource("po"), fields="spec.nodeName=node-1")]
    assert sorted(name.partition("-")[0] for name in left) == ["bare", "kube"]
    assert {item["spec"]["nodeName"] for item in pods_of(api, "web")} == {"node-2"}
    assert len(ready_endpoints(api, "web")) == 2
    api.kubelet.drain("node-1", force=True)
    assert message_of(get, api, "po", "bare") == 'pods "bare" not found'


def test_with_all_nodes_drained_pods_wait(api: ApiServer) -> None:
    api.kubelet.drain("node-1")
    api.kubelet.drain("node-2")
    assert {item["status"]["phase"] for item in pods_of(api, "web")} == {"Pending"}
    api.kubelet.uncordon("node-2")
    assert {item["status"]["phase"] for item in pods_of(api, "web")} == {"Running"}


def test_a_pod_that_is_not_there(api: ApiServer) -> None:
    assert message_of(api.kubelet.crash, "shop", "nobody") == 'pods "nobody" not found'
    assert message_of(api.kubelet.drain, "node-9") == 'nodes "node-9" not found'
