"""Big clusters for the benchmarks: the same objects on every run.

    python benchmarks/generate.py PODS SERVICES FILE

writes what ``kubectl get pods,services -A -o yaml`` would print for such a cluster; JSON to a file of that name.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PODS_OF_AN_APP = 10
APPS_OF_A_NAMESPACE = 5
PODS_OF_A_NODE = 100
CREATED = "2026-01-15T09:30:00Z"


def pod_range(node: int) -> str:
    """The first three bytes of a node's own range, within 10.128.0.0/9."""
    return f"10.{128 + node // 256}.{node % 256}"


def address(pod: int) -> str:
    return f"{pod_range(pod // PODS_OF_A_NODE)}.{pod % PODS_OF_A_NODE + 2}"


def placed(pod: int) -> tuple[str, str, str]:
    """Namespace, app and node of a pod."""
    app = pod // PODS_OF_AN_APP
    return f"team-{app // APPS_OF_A_NAMESPACE}", f"app-{app}", f"node-{pod // PODS_OF_A_NODE}"


def uid(kind: int, index: int) -> str:
    return f"{kind:08x}-0000-4000-8000-{index:012x}"


def pod(index: int) -> dict[str, Any]:
    """A running pod of a Deployment, with all that the API server and the kubelet add."""
    namespace, app, node = placed(index)
    image = f"registry.example.com/{namespace}/{app}:1.{index % 17}.0"
    token = {"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": "kube-api-access", "readOnly": True}
    probe = {
        "failureThreshold": 3,
        "httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"},
        "periodSeconds": 10,
        "successThreshold": 1,
        "timeoutSeconds": 1,
    }
    conditions = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "annotations": {"prometheus.io/port": "8080", "prometheus.io/scrape": "true"},
            "creationTimestamp": CREATED,
            "generateName": f"{app}-5d4f8c7b9-",
            "generation": 1,
            "labels": {"app": app, "pod-template-hash": "5d4f8c7b9", "app.kubernetes.io/part-of": namespace},
            "name": f"{app}-5d4f8c7b9-{index:05d}",
            "namespace": namespace,
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "blockOwnerDeletion": True,
                    "controller": True,
                    "kind": "ReplicaSet",
                    "name": f"{app}-5d4f8c7b9",
                    "uid": uid(1, index // PODS_OF_AN_APP),
                }
            ],
            "resourceVersion": str(100000 + index),
            "uid": uid(2, index),
        },
        "spec": {
            "containers": [
                {
                    "env": [
                        {"name": "LOG_LEVEL", "value": "info"},
                        {"name": "NODE", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "spec.nodeName"}}},
                    ],
                    "image": image,
                    "imagePullPolicy": "IfNotPresent",
                    "livenessProbe": probe,
                    "name": "app",
                    "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
                    "readinessProbe": probe,
                    "resources": {
                        "limits": {"cpu": "500m", "memory": "256Mi"},
                        "requests": {"cpu": "100m", "memory": "128Mi"},
                    },
                    "terminationMessagePath": "/dev/termination-log",
                    "terminationMessagePolicy": "File",
                    "volumeMounts": [token],
                }
            ],
            "dnsPolicy": "ClusterFirst",
            "enableServiceLinks": True,
            "nodeName": node,
            "preemptionPolicy": "PreemptLowerPriority",
            "priority": 0,
            "restartPolicy": "Always",
            "schedulerName": "default-scheduler",
            "securityContext": {},
            "serviceAccount": "default",
            "serviceAccountName": "default",
            "terminationGracePeriodSeconds": 30,
            "tolerations": [
                {
                    "effect": "NoExecute",
                    "key": f"node.kubernetes.io/{key}",
                    "operator": "Exists",
                    "tolerationSeconds": 300,
                }
                for key in ("not-ready", "unreachable")
            ],
            "volumes": [
                {
                    "name": "kube-api-access",
                    "projected": {
                        "defaultMode": 420,
                        "sources": [
                            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                            {
                                "configMap": {
                                    "items": [{"key": "ca.crt", "path": "ca.crt"}],
                                    "name": "kube-root-ca.crt",
                                }
                            },
                        ],
                    },
                }
            ],
        },
        "status": {
            "conditions": [
                {"lastProbeTime": None, "lastTransitionTime": CREATED, "status": "True", "type": kind}
                for kind in conditions
            ],
            "containerStatuses": [
                {
                    "containerID": f"containerd://{index:064x}",
                    "image": image,
                    "imageID": f"registry.example.com/{namespace}/{app}@sha256:{index:064x}",
                    "lastState": {},
                    "name": "app",
                    "ready": True,
                    "restartCount": 0,
                    "started": True,
                    "state": {"running": {"startedAt": CREATED}},
                }
            ],
            "hostIP": "192.0.2.1",
            "hostIPs": [{"ip": "192.0.2.1"}],
            "phase": "Running",
            "podIP": address(index),
            "podIPs": [{"ip": address(index)}],
            "qosClass": "Burstable",
            "startTime": CREATED,
        },
    }


def service(index: int, apps: int) -> dict[str, Any]:
    """A Service with ten endpoints. Where there are more Services than apps, several stand before one app."""
    app = index % apps
    namespace = f"team-{app // APPS_OF_A_NAMESPACE}"
    cluster_ip = f"10.{96 + index // 65025}.{index // 255 % 255 + 1}.{index % 255 + 1}"
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "creationTimestamp": CREATED,
            "labels": {"app": f"app-{app}"},
            "name": f"svc-{index}",
            "namespace": namespace,
            "resourceVersion": str(900000 + index),
            "uid": uid(3, index),
        },
        "spec": {
            "clusterIP": cluster_ip,
            "clusterIPs": [cluster_ip],
            "internalTrafficPolicy": "Cluster",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": "http"}],
            "selector": {"app": f"app-{app}"},
            "sessionAffinity": "None",
            "type": "ClusterIP",
        },
        "status": {"loadBalancer": {}},
    }


def dump(pods: int, services: int) -> Iterator[dict[str, Any]]:
    """The objects of ``kubectl get pods,services -A``."""
    yield from (pod(index) for index in range(pods))
    yield from (service(index, pods // PODS_OF_AN_APP) for index in range(services))


def whole_cluster(pods: int, services: int) -> Iterator[dict[str, Any]]:
    """A dump with nodes, and in each namespace two policies: everything closed, and open for the namespace itself."""
    yield {
        "apiVersion": "kcnet/v1",
        "kind": "Cluster",
        "spec": {"serviceCIDR": "10.96.0.0/12", "podCIDR": "10.128.0.0/9"},
    }
    for index in range(-(-pods // PODS_OF_A_NODE)):
        node = f"192.{index // 250}.3.{index % 250 + 1}" if index else "192.0.2.1"
        yield {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": f"node-{index}"},
            "spec": {"podCIDR": f"{pod_range(index)}.0/24"},
            "status": {
                "addresses": [{"type": "InternalIP", "address": node}],
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        }
    for index in range(-(-pods // (PODS_OF_AN_APP * APPS_OF_A_NAMESPACE))):
        meta = {"namespace": f"team-{index}"}
        for name, rules in (("closed", []), ("open-within", [{"from": [{"podSelector": {}}]}])):
            yield {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": {**meta, "name": name},
                "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": rules},
            }
    for item in dump(pods, services):
        if item["kind"] == "Pod":
            item["status"]["hostIP"] = item["status"]["hostIPs"] = None
        yield item


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: object) -> bool:
        return True


def write_yaml(path: Path, pods: int, services: int) -> None:
    """As kubectl prints a List: every item a block of its own, keys sorted, lists not indented."""
    with path.open("w") as file:
        file.write("apiVersion: v1\nitems:\n")
        for item in dump(pods, services):
            lines = yaml.dump(item, Dumper=_Dumper, width=10**6).splitlines()
            file.write("".join(f"{'  ' if number else '- '}{line}\n" for number, line in enumerate(lines)))
        file.write('kind: List\nmetadata:\n  resourceVersion: ""\n')


def write_json(path: Path, objects: Iterator[dict[str, Any]], indent: int | None = None) -> None:
    document = {"apiVersion": "v1", "items": list(objects), "kind": "List", "metadata": {"resourceVersion": ""}}
    with path.open("w") as file:
        json.dump(document, file, indent=indent)


def main() -> None:
    pods, services, path = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    if path.suffix == ".json":
        write_json(path, dump(pods, services), indent=4)
    else:
        write_yaml(path, pods, services)


if __name__ == "__main__":
    main()
