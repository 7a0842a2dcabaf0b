"""Nodes as kubelet registers them: addresses, capacity, conditions, what runs on them.

https://kubernetes.io/docs/reference/node/node-status/ ; kcnet's machines are all alike: four cores, 8 GiB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from kcnet.apiserver.controllers.events import record
from kcnet.apiserver.controllers.tools import put_new
from kcnet.apiserver.meta import digest, timestamp
from kcnet.apiserver.store import Object
from kcnet.model.cluster import Cluster
from kcnet.model.objects import Node
from kcnet.model.wellknown import ARCH, HOSTNAME, OS

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

VERSION: Final = "v1.36.2"
CAPACITY: Final = {
    "cpu": "4",
    "ephemeral-storage": "61255492Ki",
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
    "memory": "8127896Ki",
    "pods": "110",
}


def write_back(server: ApiServer, cluster: Cluster) -> None:
    for name, node in cluster.nodes.items():
        obj = server.store.get("nodes", None, name)
        if obj is None:
            obj = put_new(server, {"kind": "Node", "metadata": {"name": name, "labels": dict(node.labels)}, "spec": {}})
        metadata = obj["metadata"]
        labels = {"beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", ARCH: "amd64", OS: "linux"}
        labels |= {HOSTNAME: name, **(metadata.get("labels") or {})}
        made = {
            **obj,
            "metadata": {**metadata, "labels": labels},
            "spec": {**(obj.get("spec") or {}), **_spec(obj, node)},
            "status": status(server, obj, node),
        }
        if made != obj:
            new = "status" not in obj
            stored = server.store.put("nodes", made)
            if new:
                _tell_start(server, stored)


def _spec(obj: Object, node: Node) -> dict[str, Any]:
    if (obj.get("spec") or {}).get("podCIDR") or not node.pod_cidrs:
        return {}
    cidrs = [str(cidr) for cidr in node.pod_cidrs]
    return {"podCIDR": cidrs[0], "podCIDRs": cidrs}


def status(server: ApiServer, obj: Object, node: Node) -> Object:
    """What the object's own status says stays; the rest is filled in."""
    known = obj.get("status") or {}
    now = timestamp(server.now)
    addresses = [{"type": "InternalIP", "address": str(address)} for address in node.addresses]
    addresses += [{"type": "ExternalIP", "address": str(address)} for address in node.external_addresses]
    identity = digest("machine", obj["metadata"]["uid"])
    defaults: Object = {
        "addresses": [*addresses, {"type": "Hostname", "address": obj["metadata"]["name"]}],
        "capacity": dict(CAPACITY),
        "allocatable": dict(CAPACITY),
        "conditions": _conditions(now),
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {
            "architecture": "amd64",
            "bootID": str(UUID(hex=identity[:32], version=4)),
            "containerRuntimeVersion": "containerd://2.1.4",
            "kernelVersion": "6.8.0-79-generic",
            "kubeProxyVersion": "",
            "kubeletVersion": VERSION,
            "machineID": identity[32:64],
            "operatingSystem": "linux",
            "osImage": "Debian GNU/Linux 12 (bookworm)",
            "systemUUID": str(UUID(hex=identity[16:48], version=4)),
        },
    }
    return {**defaults, **{key: value for key, value in known.items() if value}}


_CONDITIONS: Final = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


def _conditions(now: str) -> list[Object]:
    return [
        {
            "type": kind,
            "status": holds,
            "lastHeartbeatTime": now,
            "lastTransitionTime": now,
            "reason": reason,
            "message": message,
        }
        for kind, holds, reason, message in _CONDITIONS
    ]


def _tell_start(server: ApiServer, node: Object) -> None:
    name = node["metadata"]["name"]
    record(server, node, "Starting", "Starting kubelet.", component="kubelet", host=name)
    record(server, node, "NodeReady", f"Node {name} status is now: NodeReady", component="kubelet", host=name)
    record(
        server,
        node,
        "RegisteredNode",
        f"Node {name} event: Registered Node {name} in Controller",
        component="node-controller",
    )
