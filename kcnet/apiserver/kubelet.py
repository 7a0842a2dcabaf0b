"""What a learner can make happen to pods and nodes: containers that crash, images that do not exist, probes that fail,
nodes that are drained.

https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kcnet.apiserver.controllers import pods, probes
from kcnet.apiserver.controllers.events import record
from kcnet.apiserver.meta import controller_of, timestamp
from kcnet.apiserver.resources import resource_of
from kcnet.apiserver.store import Object

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

UNPROBED: Final = "Readiness probe failed: HTTP probe failed with statuscode: 503"
"""Of a pod that has no probe: as if it had one."""
_UNSCHEDULABLE: Final = "node.kubernetes.io/unschedulable"


class DrainPlan(NamedTuple):
    """What draining a node would do to the pods on it."""

    evict: tuple[Object, ...]
    daemons: tuple[Object, ...]
    """Managed by a DaemonSet: they stay (``--ignore-daemonsets``)."""
    bare: tuple[Object, ...]
    """Managed by nobody: gone for good, so kubectl asks for ``--force``."""


class Kubelet:
    """The nodes' side of the server; pods are named by (namespace, name), and ApiError (NotFound) is raised if they
    do not exist."""

    def __init__(self, server: ApiServer) -> None:
        self.server = server

    def set_ready(self, namespace: str, name: str, ready: bool) -> Object:
        """Makes the readiness probe succeed or fail."""
        pod = self._pod(namespace, name)
        statuses = [
            {**item, "ready": ready and "running" in (item.get("state") or {})}
            for item in pod["status"].get("containerStatuses") or ()
        ]
        if not ready:
            address = pod["status"].get("podIP") or ""
            containers = pod["spec"]["containers"]
            probed = [one for one in containers if one.get("readinessProbe")]
            for container in probed or containers:
                self._warn(pod, container, "Unhealthy", probes.failed(pod, container, address) or UNPROBED)
        return self._report(pod, statuses)

    def crash(self, namespace: str, name: str, *, exit_code: int = 1) -> Object:
        """Every container's process ends, again and again."""
        pod = self._pod(namespace, name)
        node = pod["spec"].get("nodeName") or ""
        by_name = {item["name"]: item for item in pod["status"].get("containerStatuses") or ()}
        statuses = [
            pods.ended(self.server, pod, container, exit_code, node=node, old=by_name.get(container["name"]))
            for container in pod["spec"]["containers"]
        ]
        return self._report(pod, statuses)

    def bad_image(self, namespace: str, name: str) -> Object:
        """The image of every container cannot be pulled."""
        pod = self._pod(namespace, name)
        statuses = []
        for container in pod["spec"]["containers"]:
            image = container.get("image") or ""
            full = pods.full_image(image)
            why = f'failed to pull and unpack image "{full}": failed to resolve reference "{full}": {full}: not found'
            self._tell(pod, container, "Pulling", f'Pulling image "{image}"')
            self._warn(pod, container, "Failed", f'Failed to pull image "{image}": rpc error: code = NotFound '
                       f"desc = {why}")  # fmt: skip
            self._warn(pod, container, "Failed", "Error: ErrImagePull")
            self._tell(pod, container, "BackOff", f'Back-off pulling image "{image}"')
            self._warn(pod, container, "Failed", "Error: ImagePullBackOff")
            waiting = {
                "reason": "ImagePullBackOff",
                "message": f'Back-off pulling image "{image}": ErrImagePull: rpc error: code = NotFound desc = {why}',
            }
            statuses.append(pods.container_status(pod, container, state={"waiting": waiting}, ready=False))
        return self._report(pod, statuses)

    def recover(self, namespace: str, name: str) -> Object:
        """Whatever was wrong with the pod's containers is over: they run and are ready."""
        pod = self._pod(namespace, name)
        by_name = {item["name"]: item for item in pod["status"].get("containerStatuses") or ()}
        statuses = []
        for container in pod["spec"]["containers"]:
            old = by_name.get(container["name"]) or {}
            running = (old.get("state") or {}).get("running")
            if running is None:
                pods.tell_start(self.server, pod, container, pod["spec"].get("nodeName") or "")
                running = {"startedAt": timestamp(self.server.now)}
            statuses.append(pods.container_status(pod, container, state={"running": running}, ready=True, old=old))
        return self._report(pod, statuses)

    def cordon(self, node: str, *, undo: bool = False) -> Object:
        """Marks the node as unschedulable, and with a taint, as the node controller does."""
        server = self.server
        old = server.get(resource_of("Node"), None, node)
        spec = deepcopy(old.get("spec") or {})
        taints = [taint for taint in spec.get("taints") or () if taint.get("key") != _UNSCHEDULABLE]
        if undo:
            spec.pop("unschedulable", None)
        else:
            spec["unschedulable"] = True
            taints.append({"key": _UNSCHEDULABLE, "effect": "NoSchedule"})
        spec["taints"] = taints
        if not taints:
            del spec["taints"]
        if spec == (old.get("spec") or {}):
            return old
        stored = server.store.put("nodes", {**old, "spec": spec})
        word = "NodeSchedulable" if undo else "NodeNotSchedulable"
        record(server, stored, word, f"Node {node} status is now: {word}", component="kubelet", host=node)
        server.settle()
        return server.get(resource_of("Node"), None, node)

    def uncordon(self, node: str) -> Object:
        return self.cordon(node, undo=True)

    def drain_plan(self, node: str) -> DrainPlan:
        """What a drain would do; mirror pods and pods that have ended are not spoken of."""
        self.server.get(resource_of("Node"), None, node)
        found: dict[str, list[Object]] = {"evict": [], "daemons": [], "bare": []}
        for pod in self.server.store.all("pods"):
            if pod["spec"].get("nodeName") != node:
                continue
            above = controller_of(pod)
            group = "bare" if above is None else "daemons" if above["kind"] == "DaemonSet" else "evict"
            found[group].append(pod)
        return DrainPlan(*(tuple(found[group]) for group in DrainPlan._fields))

    def drain(self, node: str, *, force: bool = False) -> DrainPlan:
        """Cordons the node and evicts its pods; controllers make new ones elsewhere. ``force``: bare pods, too."""
        server = self.server
        plan = self.drain_plan(node)
        self.cordon(node)
        with server.batch():
            for pod in (*plan.evict, *(plan.bare if force else ())):
                metadata = pod["metadata"]
                server.delete(resource_of("Pod"), metadata["namespace"], metadata["name"])
        return plan

    def _pod(self, namespace: str, name: str) -> Object:
        return self.server.get(resource_of("Pod"), namespace, name)

    def _report(self, pod: Object, statuses: list[Object]) -> Object:
        status = pod["status"]
        made = pods.status_of(
            self.server,
            pod,
            statuses,
            addresses=[item["ip"] for item in status.get("podIPs") or ()],
            hosts=[item["ip"] for item in status.get("hostIPs") or ()],
        )
        if made != status:
            self.server.store.put("pods", {**pod, "status": made})
            self.server.settle()
        metadata = pod["metadata"]
        return self.server.store.get("pods", metadata["namespace"], metadata["name"]) or pod

    def _tell(self, pod: Object, container: Object, reason: str, message: str, **fields: Any) -> None:
        record(
            self.server,
            pod,
            reason,
            message,
            component=pods.KUBELET,
            host=pod["spec"].get("nodeName"),
            field=f"spec.containers{{{container['name']}}}",
            **fields,
        )

    def _warn(self, pod: Object, container: Object, reason: str, message: str) -> None:
        self._tell(pod, container, reason, message, type="Warning")
