"""DaemonSets: a pod for each node that takes it.

pkg/controller/daemon of kubernetes/kubernetes.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from kcnet.apiserver.controllers import pods
from kcnet.apiserver.controllers.tools import (
    claimed,
    each,
    hash_of,
    is_active,
    is_ready,
    nonzero,
    put_status,
    ready_count,
    revision_of,
)
from kcnet.apiserver.meta import labels_of
from kcnet.apiserver.store import Object
from kcnet.controlplane.scheduler import DAEMON_TOLERATIONS, daemon_fits

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

COMPONENT: Final = "daemonset-controller"
REVISION: Final = "controller-revision-hash"
GENERATION: Final = "pod-template-generation"


def sync(server: ApiServer) -> None:
    for daemon_set in each(server, "daemonsets"):
        _sync(server, daemon_set)


def _sync(server: ApiServer, daemon_set: Object) -> None:
    spec = server.values.of(server.store, "daemonsets", daemon_set).spec
    nodes = [server.values.of(server.store, "nodes", node) for node in server.store.all("nodes")]
    fitting = [node.name for node in nodes if daemon_fits(spec, node)]
    labels = own_labels(server, daemon_set)
    by_node: dict[str, Object] = {}
    for pod in claimed(server, "pods", daemon_set, daemon_set["spec"].get("selector")):
        node = node_of(pod)
        if node is None or not is_active(pod) or node not in fitting or node in by_node:
            pods.remove(server, pod, daemon_set, component=COMPONENT)
        else:
            by_node[node] = pod
    for node in fitting:
        if node not in by_node:
            name = pods.name_for(server, daemon_set, f"{daemon_set['metadata']['name']}-")
            by_node[node] = pods.make(server, daemon_set, name, component=COMPONENT, labels=labels, daemon_node=node)
    _replace_old(server, daemon_set, by_node, labels[REVISION])
    _report(server, daemon_set, len(fitting), list(by_node.values()), labels[REVISION])


def own_labels(server: ApiServer, daemon_set: Object) -> dict[str, str]:
    metadata = daemon_set["metadata"]
    revision = revision_of(server, daemon_set, hash_of(metadata["namespace"], metadata["name"]))
    annotations = metadata.get("annotations") or {}
    return {REVISION: revision, GENERATION: annotations.get("deprecated.daemonset.template.generation") or "1"}


def node_of(pod: Object) -> str | None:
    """The node that the pod is on, or was made for."""
    if name := pod["spec"].get("nodeName"):
        return str(name)
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    terms = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms") or ()
    for term in terms:
        for field in term.get("matchFields") or ():
            if field["key"] == "metadata.name":
                return str(field["values"][0])
    return None


def pin(spec: Object, node: str) -> None:
    """Makes a pod's spec one for ``node``: its affinity, and the tolerations of every daemon."""
    field = {"key": "metadata.name", "operator": "In", "values": [node]}
    affinity = spec["affinity"] = deepcopy(spec.get("affinity") or {})
    required = (affinity.get("nodeAffinity") or {}).get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    terms: list[dict[str, Any]] = required.get("nodeSelectorTerms") or [{}]
    affinity["nodeAffinity"] = {
        **(affinity.get("nodeAffinity") or {}),
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{**term, "matchFields": [field]} for term in terms]
        },
    }
    tolerations = spec["tolerations"] = list(spec.get("tolerations") or ())
    for item in DAEMON_TOLERATIONS:
        made = {"key": item.key, "operator": item.operator, "effect": item.effect}
        if made not in tolerations:
            tolerations.append(made)


def _replace_old(server: ApiServer, daemon_set: Object, by_node: dict[str, Object], revision: str) -> None:
    """One pod of an older revision at a time, and the next when its successor is ready."""
    if daemon_set["spec"]["updateStrategy"]["type"] == "OnDelete":
        return
    old = {node: pod for node, pod in by_node.items() if labels_of(pod).get(REVISION) not in (None, revision)}
    if not old:
        return
    broken = [node for node, pod in old.items() if not is_ready(pod)]
    if not broken and any(not is_ready(pod) for pod in by_node.values()):
        return
    for node in broken or sorted(old)[:1]:
        pods.remove(server, by_node.pop(node), daemon_set, component=COMPONENT)


def _report(server: ApiServer, daemon_set: Object, wanted: int, own: list[Object], revision: str) -> None:
    ready = ready_count(own)
    status = {
        "currentNumberScheduled": len(own),
        "desiredNumberScheduled": wanted,
        "numberMisscheduled": 0,
        "numberReady": ready,
        **nonzero(
            numberAvailable=ready,
            numberUnavailable=max(0, wanted - ready),
            updatedNumberScheduled=sum(1 for pod in own if labels_of(pod).get(REVISION) in (None, revision)),
            observedGeneration=daemon_set["metadata"].get("generation"),
        ),
    }
    put_status(server, "daemonsets", daemon_set, status)
