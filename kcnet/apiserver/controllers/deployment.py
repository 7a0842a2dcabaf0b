"""Deployments: a ReplicaSet for each template, and the way from one to the next.

pkg/controller/deployment of kubernetes/kubernetes. A rollout takes the steps of the real one (``maxSurge``,
``maxUnavailable``), and stops where new pods do not become ready. Not modelled: time (``progressDeadlineSeconds``,
``minReadySeconds``).
"""

from __future__ import annotations

import math
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from kcnet.apiserver.controllers.events import record
from kcnet.apiserver.controllers.tools import (
    claimed,
    each,
    hash_of,
    is_active,
    nonzero,
    owned,
    put_metadata,
    put_new,
    put_replicas,
    put_status,
    ready_count,
    template_of,
    with_condition,
)
from kcnet.apiserver.meta import owner_reference
from kcnet.apiserver.store import Object
from kcnet.model.wellknown import TEMPLATE_HASH

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

REVISION: Final = "deployment.kubernetes.io/revision"
HISTORY: Final = "deployment.kubernetes.io/revision-history"
DESIRED: Final = "deployment.kubernetes.io/desired-replicas"
MAXIMUM: Final = "deployment.kubernetes.io/max-replicas"
_NOT_COPIED: Final = ("kubectl.kubernetes.io/last-applied-configuration", REVISION, HISTORY, DESIRED, MAXIMUM)


def sync(server: ApiServer) -> None:
    for deployment in each(server, "deployments"):
        _sync(server, deployment)


def _sync(server: ApiServer, deployment: Object) -> None:
    sets = claimed(server, "replicasets", deployment, deployment["spec"].get("selector"))
    new = current_set(deployment, sets)
    if new is None and not deployment["spec"].get("paused"):
        new = make_set(server, deployment, sets, hash_of(template_of(deployment), deployment["metadata"]["uid"]))
        sets = [*sets, new]
    if new is not None:
        deployment, new = _number(server, deployment, new, sets)
        sets = [new if item["metadata"]["uid"] == new["metadata"]["uid"] else item for item in sets]
    step = _Step(server, deployment, new, sets)
    if deployment["spec"].get("paused"):
        step.keep_scale()
    elif (deployment["spec"].get("strategy") or {}).get("type") == "Recreate":
        step.recreate()
    else:
        step.roll()
    step.forget()
    step.report()


def current_set(deployment: Object, sets: list[Object]) -> Object | None:
    """The ReplicaSet that has the Deployment's template; of several the oldest."""
    wanted = template_of(deployment)
    same = [item for item in sets if template_of(item) == wanted]
    return min(same, key=lambda item: (item["metadata"]["creationTimestamp"], item["metadata"]["name"]), default=None)


def revision_number(value: Object) -> int:
    text = (value["metadata"].get("annotations") or {}).get(REVISION) or ""
    return int(text) if text.isascii() and text.isdigit() else 0


def make_set(server: ApiServer, deployment: Object, sets: list[Object], hash_: str, replicas: int = 0) -> Object:
    metadata, spec = deployment["metadata"], deployment["spec"]
    taken = server.store.names("replicasets", metadata["namespace"])
    while f"{metadata['name']}-{hash_}" in taken:
        hash_ = hash_of(hash_)
    template = deepcopy(spec["template"])
    labels = {**(template["metadata"].get("labels") or {}), TEMPLATE_HASH: hash_}
    template["metadata"]["labels"] = labels
    selector = deepcopy(spec["selector"])
    selector["matchLabels"] = {**(selector.get("matchLabels") or {}), TEMPLATE_HASH: hash_}
    number = max(map(revision_number, sets), default=0) + 1
    return put_new(
        server,
        {
            "kind": "ReplicaSet",
            "metadata": {
                "name": f"{metadata['name']}-{hash_}",
                "namespace": metadata["namespace"],
                "labels": labels,
                "annotations": {**_annotations(deployment), REVISION: str(number)},
                "ownerReferences": [owner_reference(deployment)],
            },
            "spec": {"replicas": replicas, "selector": selector, "template": template},
            "status": {"replicas": 0},
        },
    )


def tell_scale(server: ApiServer, deployment: Object, replica_set: Object, before: int, after: int) -> None:
    word, name = "up" if after > before else "down", replica_set["metadata"]["name"]
    message = f"Scaled {word} replica set {name} from {before} to {after}"
    record(server, deployment, "ScalingReplicaSet", message, component="deployment-controller")


def _annotations(deployment: Object) -> dict[str, str]:
    written = deployment["metadata"].get("annotations") or {}
    surge, _ = limits(deployment)
    replicas = deployment["spec"]["replicas"]
    return {
        **{key: value for key, value in written.items() if key not in _NOT_COPIED},
        DESIRED: str(replicas),
        MAXIMUM: str(replicas + surge),
    }


def limits(deployment: Object) -> tuple[int, int]:
    """maxSurge and maxUnavailable as numbers of pods: the first rounded up, the second down, and never both 0."""
    spec = deployment["spec"]
    rolling = (spec.get("strategy") or {}).get("rollingUpdate")
    if rolling is None:
        return 0, 0
    surge = _share(rolling.get("maxSurge"), spec["replicas"], math.ceil)
    unavailable = _share(rolling.get("maxUnavailable"), spec["replicas"], math.floor)
    return surge, unavailable if surge or unavailable else 1


def _share(value: Any, whole: int, rounded: Any) -> int:
    if isinstance(value, str) and value.endswith("%"):
        return int(rounded(int(value[:-1]) * whole / 100))
    return int(value or 0)


def _number(server: ApiServer, deployment: Object, new: Object, sets: list[Object]) -> tuple[Object, Object]:
    """The ReplicaSet of the present template has the highest revision, also after going back to it."""
    highest = max((revision_number(item) for item in sets if item is not new), default=0)
    annotations = new["metadata"].get("annotations") or {}
    wanted = {**annotations, **_annotations(deployment)}
    own = revision_number(new)
    if own <= highest or not own:
        wanted[REVISION] = str(highest + 1)
        if own:
            history = [*filter(None, annotations.get(HISTORY, "").split(",")), str(own)]
            wanted[HISTORY] = ",".join(history)
    new = put_metadata(server, "replicasets", new, annotations=wanted)
    told = {**(deployment["metadata"].get("annotations") or {}), REVISION: wanted.get(REVISION, str(own))}
    return put_metadata(server, "deployments", deployment, annotations=told), new


class _Step:
    """One step of a Deployment: its ReplicaSets as they are now, and what is done about them."""

    def __init__(self, server: ApiServer, deployment: Object, new: Object | None, sets: list[Object]) -> None:
        self.server, self.deployment, self.new = server, deployment, new
        self.old = [item for item in sets if new is None or item["metadata"]["uid"] != new["metadata"]["uid"]]
        self.old.sort(key=lambda item: (revision_number(item), item["metadata"]["name"]))
        self.replicas: int = deployment["spec"]["replicas"]

    def pods(self, item: Object) -> list[Object]:
        return [pod for pod in owned(self.server, "pods", item) if is_active(pod)]

    def scale(self, item: Object, replicas: int) -> Object:
        before = item["spec"]["replicas"]
        if before == replicas:
            return item
        tell_scale(self.server, self.deployment, item, before, replicas)
        scaled = put_replicas(self.server, "replicasets", item, replicas)
        if self.new is not None and self.new["metadata"]["uid"] == item["metadata"]["uid"]:
            self.new = scaled
        else:
            self.old = [scaled if own is item else own for own in self.old]
        return scaled

    def recreate(self) -> None:
        for item in list(self.old):
            self.scale(item, 0)
        if self.new is not None and not any(self.pods(item) for item in self.old):
            self.scale(self.new, self.replicas)

    def keep_scale(self) -> None:
        """Paused: the sets stay as they are, and the largest of them takes what the scale asks for."""
        active = [item for item in (*self.old, *([self.new] if self.new else [])) if item["spec"]["replicas"]]
        if not active:
            return
        largest = max(active, key=lambda item: (item["spec"]["replicas"], revision_number(item)))
        others = sum(item["spec"]["replicas"] for item in active if item is not largest)
        self.scale(largest, max(0, self.replicas - others))

    def roll(self) -> None:
        new = self.new
        if new is None:
            return
        surge, unavailable = limits(self.deployment)
        total = new["spec"]["replicas"] + sum(item["spec"]["replicas"] for item in self.old)
        if new["spec"]["replicas"] > self.replicas:
            self.scale(new, self.replicas)
            return
        room = self.replicas + surge - total
        missing = self.replicas - new["spec"]["replicas"]
        if missing > 0 and room > 0:
            self.scale(new, new["spec"]["replicas"] + min(room, missing))
            return
        self._shrink(new, total, self.replicas - unavailable)

    def _shrink(self, new: Object, total: int, least: int) -> None:
        """Old sets give way: first pods that are not ready, then as many as leave ``least`` available."""
        new_ready = ready_count(self.pods(new))
        spare = total - least - (new["spec"]["replicas"] - new_ready)
        if spare <= 0:
            return
        for item in list(self.old):
            unready = item["spec"]["replicas"] - ready_count(self.pods(item))
            gone = min(spare, unready)
            if gone > 0:
                self.scale(item, item["spec"]["replicas"] - gone)
                spare -= gone
        available = new_ready + sum(ready_count(self.pods(item)) for item in self.old)
        spare = min(spare, available - least)
        for item in list(self.old):
            gone = min(max(0, spare), item["spec"]["replicas"])
            if gone:
                self.scale(item, item["spec"]["replicas"] - gone)
                spare -= gone

    def forget(self) -> None:
        """Old sets beyond the history that is kept."""
        limit = self.deployment["spec"].get("revisionHistoryLimit")
        idle = [item for item in self.old if not item["spec"]["replicas"] and not self.pods(item)]
        for item in idle[: max(0, len(idle) - (10 if limit is None else limit))]:
            self.server.store.remove("replicasets", item["metadata"]["namespace"], item["metadata"]["name"])

    def report(self) -> None:
        new_pods = self.pods(self.new) if self.new else []
        pods = [*new_pods, *(pod for item in self.old for pod in self.pods(item))]
        ready = ready_count(pods)
        _, unavailable = limits(self.deployment)
        enough = ready >= self.replicas - unavailable
        complete = len(new_pods) == len(pods) == self.replicas and ready >= self.replicas
        name = self.new["metadata"]["name"] if self.new else ""
        available = {
            "type": "Available",
            "status": "True" if enough else "False",
            "reason": "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
            "message": "Deployment has minimum availability."
            if enough
            else "Deployment does not have minimum availability.",
        }
        paused = self.deployment["spec"].get("paused")
        if paused:
            progressing = {
                "type": "Progressing",
                "status": "Unknown",
                "reason": "DeploymentPaused",
                "message": "Deployment is paused",
            }
        else:
            progressing = {
                "type": "Progressing",
                "status": "True",
                "reason": "NewReplicaSetAvailable" if complete else "ReplicaSetUpdated",
                "message": f'ReplicaSet "{name}" has successfully progressed.'
                if complete
                else f'ReplicaSet "{name}" is progressing.',
            }
        status = nonzero(
            observedGeneration=self.deployment["metadata"].get("generation"),
            replicas=len(pods),
            updatedReplicas=len(new_pods),
            readyReplicas=ready,
            availableReplicas=ready,
            unavailableReplicas=max(0, self.replicas - ready),
        )
        status["conditions"] = [
            with_condition(self.server, self.deployment, **available),
            with_condition(self.server, self.deployment, **progressing),
        ]
        put_status(self.server, "deployments", self.deployment, status)
