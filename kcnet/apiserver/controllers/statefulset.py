"""StatefulSets: pods with names that stay, made from the first to the last and replaced from the last to the first.

pkg/controller/statefulset of kubernetes/kubernetes. Volume claims are not modelled, and one template is kept: a pod
below the partition that has to be made anew is of the new revision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

COMPONENT = "statefulset-controller"
REVISION = "controller-revision-hash"


def sync(server: ApiServer) -> None:
    for stateful_set in each(server, "statefulsets"):
        _sync(server, stateful_set)


def ordinals(stateful_set: Object) -> range:
    spec = stateful_set["spec"]
    start = (spec.get("ordinals") or {}).get("start") or 0
    return range(start, start + spec["replicas"])


def update_revision(server: ApiServer, stateful_set: Object) -> str:
    metadata = stateful_set["metadata"]
    hash_ = revision_of(server, stateful_set, hash_of(metadata["namespace"], metadata["name"]))
    return f"{metadata['name']}-{hash_}"


def own_labels(stateful_set: Object, ordinal: int, revision: str) -> dict[str, str]:
    return {
        "apps.kubernetes.io/pod-index": str(ordinal),
        REVISION: revision,
        "statefulset.kubernetes.io/pod-name": f"{stateful_set['metadata']['name']}-{ordinal}",
    }


def _sync(server: ApiServer, stateful_set: Object) -> None:
    spec, name = stateful_set["spec"], stateful_set["metadata"]["name"]
    revision = update_revision(server, stateful_set)
    # Each new pod is made as long as the ones before it are ready.
    found = {pod["metadata"]["name"]: pod for pod in claimed(server, "pods", stateful_set, spec.get("selector"))}
    for pod_name, pod in list(found.items()):
        if not is_active(pod):
            pods.remove(server, pod, stateful_set, component=COMPONENT)
            del found[pod_name]
    ordered = spec.get("podManagementPolicy") != "Parallel"
    wanted = {f"{name}-{ordinal}": ordinal for ordinal in ordinals(stateful_set)}
    waits = False
    namespace = stateful_set["metadata"]["namespace"]
    for pod_name, ordinal in wanted.items():
        if pod_name not in found and not waits and server.store.get("pods", namespace, pod_name) is None:
            labels = own_labels(stateful_set, ordinal, revision)
            found[pod_name] = pods.make(
                server, stateful_set, pod_name, component=COMPONENT, labels=labels, stable_name=True
            )
        waits = waits or (ordered and not (pod_name in found and is_ready(found[pod_name])))
    surplus = [pod for pod_name, pod in found.items() if pod_name not in wanted]
    if surplus and (not ordered or not waits):
        last = max(surplus, key=lambda pod: (len(pod["metadata"]["name"]), pod["metadata"]["name"]))
        pods.remove(server, last, stateful_set, component=COMPONENT)
        del found[last["metadata"]["name"]]
    elif not surplus:
        _replace_old(server, stateful_set, found, wanted, revision)
    _report(server, stateful_set, list(found.values()), revision)


def _partition(stateful_set: Object) -> int:
    return int(((stateful_set["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition") or 0)


def _replace_old(
    server: ApiServer, stateful_set: Object, found: dict[str, Object], wanted: dict[str, int], revision: str
) -> None:
    """The highest pod of an older revision goes, once all above it are ready."""
    if (stateful_set["spec"].get("updateStrategy") or {}).get("type") == "OnDelete":
        return
    for pod_name, ordinal in sorted(wanted.items(), key=lambda item: -item[1]):
        pod = found.get(pod_name)
        if pod is None or ordinal < _partition(stateful_set):
            return
        if labels_of(pod).get(REVISION) not in (None, revision):
            pods.remove(server, pod, stateful_set, component=COMPONENT)
            del found[pod_name]
            return
        if not is_ready(pod):
            return


def _report(server: ApiServer, stateful_set: Object, found: list[Object], revision: str) -> None:
    updated = [pod for pod in found if labels_of(pod).get(REVISION) in (None, revision)]
    before = (stateful_set.get("status") or {}).get("currentRevision") or revision
    current = revision if len(updated) == len(found) else before
    ready = ready_count(found)
    status = {
        "replicas": len(found),
        "availableReplicas": ready,
        "currentRevision": current,
        "updateRevision": revision,
        "collisionCount": 0,
        **nonzero(
            observedGeneration=stateful_set["metadata"].get("generation"),
            readyReplicas=ready,
            currentReplicas=sum(1 for pod in found if labels_of(pod).get(REVISION) == current),
            updatedReplicas=len(updated),
        ),
    }
    put_status(server, "statefulsets", stateful_set, status)
