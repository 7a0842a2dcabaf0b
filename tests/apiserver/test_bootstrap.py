"""A cluster made of files: everything in it is an object, and it is the cluster that ``kcnet.load`` makes."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

import kcnet
from kcnet.apiserver.patch import PatchKind
from kcnet.apiserver.server import ApiServer
from kcnet.loading.problems import InvalidManifestsError
from kcnet.model.cluster import Cluster
from kcnet.request import RequestError
from kcnet.resources import demo, folder
from tests.apiserver.sandbox import Clock, get, names, resource, server

SAMPLES = sorted({file.parent for file in folder("manifests").rglob("*.yaml")})


def _answer(cluster: Cluster, source: str, target: str) -> dict[str, Any] | str:
    try:
        answer = kcnet.trace(cluster, source, target).to_dict()
    except RequestError as error:
        return str(error)
    del answer["assumptions"]  # nodes and readiness are known in the lab
    return answer


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_trace_in_the_lab_is_the_trace_of_the_files(path: Path) -> None:
    written = kcnet.load(path)
    api = ApiServer.from_paths([str(path)], clock=Clock())
    pods = [f"{namespace}/pod/{name}" for namespace, name in written.pods if not namespace.startswith("kube-")]
    targets = [f"{namespace}/svc/{name}" for namespace, name in written.services] + pods[:3]
    hosts = [rule.host for ingress in written.ingresses.values() for rule in ingress.rules if rule.host]
    targets += [f"http://{host}/" for host in hosts]
    for source, target in product([*pods[:4], "internet"], targets):
        assert _answer(api.cluster, source, target) == _answer(written, source, target), (source, target)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_names_and_addresses_are_those_of_the_files(path: Path) -> None:
    written = kcnet.load(path)
    api = ApiServer.from_paths([str(path)], clock=Clock())
    for (namespace, name), expected in written.pods.items():
        status = get(api, "po", name, namespace)["status"]
        assert status.get("podIP") == (str(expected.address) if expected.address else None)
    for (namespace, name), service in written.services.items():
        spec = get(api, "svc", name, namespace)["spec"]
        ips = [str(ip) for ip in service.cluster_ips]
        assert spec.get("clusterIPs", []) == (["None"] if service.headless else ips)
        assert [port.get("nodePort") for port in spec.get("ports") or ()] == [port.node_port for port in service.ports]
    for key, slices in written.slices.items():
        stored = api.list(resource("endpointslices"), key[0], labels=f"kubernetes.io/service-name={key[1]}")
        assert [item["metadata"]["name"] for item in stored] == [item.name for item in slices]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_cluster_of_files_is_at_rest(path: Path) -> None:
    api = ApiServer.from_paths([str(path)], clock=Clock())
    version = api.store.version
    api.settle()
    assert api.store.version == version


def test_the_demo_has_everything_that_a_cluster_has() -> None:
    api = ApiServer.from_paths([str(demo())], clock=Clock())
    assert names(api, "ns", None) == [
        "default",
        "ingress-nginx",
        "kube-node-lease",
        "kube-public",
        "kube-system",
        "payments",
        "prod",
        "shop",
    ]
    assert names(api, "no", None) == ["node-1", "node-2"]
    assert names(api, "svc", "default") == ["kubernetes"]
    assert names(api, "svc", "kube-system") == ["kube-dns"]
    assert names(api, "deploy", "kube-system") == ["coredns"]
    assert names(api, "ds", "kube-system") == ["kube-proxy"]
    assert get(api, "svc", "kube-dns", "kube-system")["spec"]["clusterIP"] == "10.96.0.10"
    assert get(api, "ep", "kubernetes", "default")["subsets"][0]["ports"][0]["port"] == 6443


def test_every_object_is_complete() -> None:
    api = ApiServer.from_paths([str(demo())], clock=Clock())
    uids = []
    for found in api.store.objects.values():
        for obj in found.values():
            metadata = obj["metadata"]
            assert obj["apiVersion"]
            assert obj["kind"]
            assert int(metadata["resourceVersion"]) <= api.store.version
            assert metadata["creationTimestamp"] == "2026-11-28T07:00:00Z"
            uids.append(metadata["uid"])
    assert len(set(uids)) == len(uids)


def test_a_node_looks_as_kubelet_registers_it() -> None:
    api = ApiServer.from_paths([str(demo())], clock=Clock())
    node = get(api, "no", "node-1", None)
    assert node["status"]["nodeInfo"]["kubeletVersion"] == "v1.36.2"
    assert node["metadata"]["labels"]["kubernetes.io/hostname"] == "node-1"
    assert node["spec"]["podCIDR"] == "10.244.1.0/24"
    assert node["status"]["addresses"][0] == {"type": "InternalIP", "address": "172.18.0.2"}


def test_a_line_of_a_file_is_remembered_until_the_object_is_changed() -> None:
    api = ApiServer.from_paths([str(demo())], clock=Clock())

    def files() -> set[str]:
        steps = kcnet.trace(api.cluster, "shop/deploy/frontend", "shop/svc/cart").to_dict()["paths"][0]["hops"]
        found = (entry for hop in steps for step in hop["steps"] for entry in step["because"])
        return {entry["file"].rpartition("/")[2] for entry in found if entry.get("file")}

    assert "cart.yaml" in files()
    api.scale(resource("deploy"), "shop", "cart", 3)
    origins = api.cluster.services["shop", "cart"].ref.origin, api.cluster.pods_by_namespace["shop"]
    assert origins[0] is not None
    assert all(pod.ref.origin is None for pod in origins[1] if pod.labels.get("app") == "cart")


def test_a_status_that_is_stated_is_kept(tmp_path: Path) -> None:
    text = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default, labels: {app: web}}
spec: {containers: [{name: web, image: nginx}]}
status:
  phase: Running
  podIP: 10.244.1.77
  conditions: [{type: Ready, status: "False"}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}], clusterIP: 10.96.3.3}
status: {loadBalancer: {ingress: [{ip: 198.51.100.20}]}}
"""
    api = server(tmp_path, text)
    assert get(api, "po", "web", "default")["status"]["podIP"] == "10.244.1.77"
    assert not api.cluster.pods["default", "web"].ready
    made = get(api, "svc", "web", "default")
    assert made["spec"]["clusterIP"] == "10.96.3.3"
    assert made["status"]["loadBalancer"]["ingress"][0]["ip"] == "198.51.100.20"


def test_a_cron_job_has_started_a_job(tmp_path: Path) -> None:
    text = """
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: default}
spec:
  schedule: "0 * * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: report:1}]}}}}
"""
    api = server(tmp_path, text)
    (job,) = api.list(resource("job"), "default")
    assert job["metadata"]["ownerReferences"][0]["kind"] == "CronJob"
    (cron_job,) = api.list(resource("cj"), "default")
    assert cron_job["status"]["active"][0]["name"] == job["metadata"]["name"]
    (pod,) = api.list(resource("po"), "default")
    assert pod["metadata"]["ownerReferences"][0]["name"] == job["metadata"]["name"]


def test_other_kinds_that_are_served_are_kept(tmp_path: Path) -> None:
    text = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: default}
data: {colour: red}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: nginx}]}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: x}
"""
    api = server(tmp_path, text)
    assert get(api, "cm", "settings", "default")["data"] == {"colour": "red"}


def test_what_cannot_be_read_is_told_as_everywhere(tmp_path: Path) -> None:
    with pytest.raises(InvalidManifestsError):
        server(tmp_path, "kind: Pod")


DUMP = """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default, uid: 11111111-1111-4111-8111-111111111111}
spec:
  type: LoadBalancer
  selector: {app: web}
  clusterIP: 10.96.3.3
  clusterIPs: [10.96.3.3]
  ports: [{port: 80, protocol: TCP, targetPort: 80, nodePort: 31000}]
status: {loadBalancer: {}}
---
apiVersion: v1
kind: Node
metadata: {name: worker, uid: 22222222-2222-4222-8222-222222222222}
spec: {podCIDR: 10.244.7.0/24}
status: {addresses: [{type: InternalIP, address: 192.0.2.9}]}
---
apiVersion: v1
kind: Pod
metadata:
  name: web-5d4f8c7b9-abcde
  namespace: default
  uid: 33333333-3333-4333-8333-333333333333
  labels: {app: web, pod-template-hash: 5d4f8c7b9}
  ownerReferences:
    - {apiVersion: apps/v1, kind: ReplicaSet, name: web-5d4f8c7b9, uid: 44444444-4444-4444-8444-444444444444, controller: true}
spec: {nodeName: worker, containers: [{name: web, image: nginx}]}
status: {phase: Running, podIP: 10.244.7.5, podIPs: [{ip: 10.244.7.5}], conditions: [{type: Ready, status: "True"}]}
"""


def test_what_a_cluster_printed_is_left_as_it_is(tmp_path: Path) -> None:
    """Owners that were not printed are there all the same, and a load balancer that was pending stays so."""
    api = server(tmp_path, DUMP)
    assert names(api, "po", "default") == ["web-5d4f8c7b9-abcde"]
    api.settle()
    api.patch(resource("svc"), "default", "web", {"metadata": {"labels": {"a": "b"}}}, PatchKind.MERGE)
    assert get(api, "svc", "web", "default")["status"] == {"loadBalancer": {}}
    assert names(api, "po", "default") == ["web-5d4f8c7b9-abcde"]
    assert get(api, "no", "worker", None)["status"]["addresses"] == [{"type": "InternalIP", "address": "192.0.2.9"}]


def test_a_service_that_is_made_a_load_balancer_in_the_lab_gets_an_address(tmp_path: Path) -> None:
    text = DUMP.replace("type: LoadBalancer", "type: NodePort")
    api = server(tmp_path, text)
    made = api.patch(resource("svc"), "default", "web", {"spec": {"type": "LoadBalancer"}}, PatchKind.MERGE)
    assert made["status"]["loadBalancer"]["ingress"] == [{"ip": "203.0.113.1", "ipMode": "VIP"}]


def test_pods_that_were_printed_are_adopted_by_their_deployment(tmp_path: Path) -> None:
    text = (
        DUMP
        + """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default, uid: 55555555-5555-4555-8555-555555555555}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: nginx}]}}
"""
    )
    api = server(tmp_path, text)
    assert names(api, "rs", "default") == ["web-5d4f8c7b9"]
    assert names(api, "po", "default") == ["web-5d4f8c7b9-abcde"]
    api.scale(resource("deploy"), "default", "web", 2)
    assert len(names(api, "po", "default")) == 2
    assert "web-5d4f8c7b9-abcde" in names(api, "po", "default")


ODD_PODS = (
    ("one that has ended", "{}", "{phase: Succeeded}", "Succeeded"),
    ("one that waits, as its status says", "{}", "{phase: Pending}", "Pending"),
    ("one that names a node which does not exist", "{nodeName: nowhere}", "{}", "Pending"),
    ("one that nobody said anything of", "{}", "{}", "Running"),
)


@pytest.mark.parametrize(("spec", "status", "phase"), [row[1:] for row in ODD_PODS], ids=[row[0] for row in ODD_PODS])
def test_the_phase_of_a_pod(tmp_path: Path, spec: str, status: str, phase: str) -> None:
    text = f"""
apiVersion: v1
kind: Pod
metadata: {{name: one, namespace: default}}
spec: {{containers: [{{name: a, image: nginx}}], {spec.strip("{}")}}}
status: {status}
---
apiVersion: v1
kind: Node
metadata: {{name: here}}
"""
    api = server(tmp_path, text)
    assert get(api, "po", "one", "default")["status"]["phase"] == phase
    assert api.cluster.pods["default", "one"].phase == phase


def test_items_of_a_list_are_objects_of_their_own(tmp_path: Path) -> None:
    text = """
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, data: {x: z}}
  - {apiVersion: v1, kind: Secret, metadata: {name: b, namespace: default}}
---
apiVersion: v1
kind: PodList
items:
  - {metadata: {name: c, namespace: default}, spec: {containers: [{name: a, image: nginx}]}}
"""
    api = server(tmp_path, text)
    assert names(api, "cm", "default") == ["a", "kube-root-ca.crt"]
    assert names(api, "secret", "default") == ["b"]
    assert names(api, "po", "default") == ["c"]


def test_two_families_three_nodes_and_no_load_balancer(tmp_path: Path) -> None:
    text = """
apiVersion: kcnet/v1
kind: Cluster
metadata: {name: c}
spec: {nodes: 3, podCIDR: "10.1.0.0/16,fd00:1::/56", serviceCIDR: "10.2.0.0/16,fd00:2::/112", loadBalancer: false}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {ipFamilyPolicy: PreferDualStack, type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: default}
spec: {ingressClassName: traefik, defaultBackend: {service: {name: web, port: {number: 80}}}}
"""
    api = server(tmp_path, text)
    spec = get(api, "svc", "web", "default")["spec"]
    assert spec["ipFamilies"] == ["IPv4", "IPv6"]
    assert [ip.partition(":")[0][:4] for ip in spec["clusterIPs"]] == ["10.2", "fd00"]
    assert get(api, "svc", "web", "default")["status"] == {"loadBalancer": {}}
    assert names(api, "no", None) == ["node-1", "node-2", "node-3"]
    assert names(api, "ds", "traefik") == ["traefik"]
    nodes = [get(api, "no", name, None)["status"]["addresses"][0]["address"] for name in names(api, "no", None)]
    assert [item["ip"] for item in get(api, "ing", "web", "default")["status"]["loadBalancer"]["ingress"]] == nodes
