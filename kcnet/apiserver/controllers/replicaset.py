"""ReplicaSets and ReplicationControllers: as many pods as are wanted.

pkg/controller/replicaset/replica_set.go of kubernetes/kubernetes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kcnet.apiserver.controllers import pods
from kcnet.apiserver.controllers.tools import claimed, each, is_active, is_ready, nonzero, put_status, ready_count
from kcnet.apiserver.meta import labels_of
from kcnet.apiserver.store import Object

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer


def sync(server: ApiServer) -> None:
    for replica_set in each(server, "replicasets"):
        _sync(server, "replicasets", replica_set, replica_set["spec"].get("selector"))
    for controller in each(server, "replicationcontrollers"):
        selector = controller["spec"].get("selector")
        _sync(server, "replicationcontrollers", controller, {"matchLabels": selector} if selector else None)


def _sync(server: ApiServer, plural: str, owner: Object, selector: Mapping[str, Any] | None) -> None:
    own = [pod for pod in claimed(server, "pods", owner, selector) if is_active(pod)]
    wanted = owner["spec"]["replicas"]
    component = "replicaset-controller" if plural == "replicasets" else "replication-controller"
    for _ in range(wanted - len(own)):
        name = pods.name_for(server, owner, f"{owner['metadata']['name']}-")
        own.append(pods.make(server, owner, name, component=component))
    surplus = sorted(own, key=_worth)[: max(0, len(own) - wanted)]
    for pod in surplus:
        pods.remove(server, pod, owner, component=component)
        own.remove(pod)
    _report(server, plural, owner, own)


def _worth(pod: Object) -> tuple[bool, bool, bool, int]:
    """The least worth goes first: without a node, pending, not ready; then the youngest."""
    status = pod.get("status") or {}
    return (
        bool(pod["spec"].get("nodeName")),
        status.get("phase") == "Running",
        is_ready(pod),
        -pods.age_of(pod),
    )


def _report(server: ApiServer, plural: str, owner: Object, own: list[Object]) -> None:
    ready = ready_count(own)
    labels = ((owner["spec"].get("template") or {}).get("metadata") or {}).get("labels") or {}
    status = {
        "replicas": len(own),
        **nonzero(
            fullyLabeledReplicas=sum(1 for pod in own if labels.items() <= labels_of(pod).items()),
            readyReplicas=ready,
            availableReplicas=ready,
            observedGeneration=owner["metadata"].get("generation"),
        ),
    }
    put_status(server, plural, owner, status)
