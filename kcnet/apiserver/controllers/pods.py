"""Pods as controllers make and remove them, and as kubelet reports them: status, conditions, containers.

https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from kcnet.apiserver.controllers import probes, programs
from kcnet.apiserver.controllers.events import record
from kcnet.apiserver.controllers.tools import put_new
from kcnet.apiserver.meta import controller_of, digest, owner_reference, timestamp
from kcnet.apiserver.store import Object
from kcnet.controlplane.ordering import generated_name

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

KUBELET: Final = "kubelet"
SCHEDULER: Final = "default-scheduler"


def name_for(server: ApiServer, owner: Object, prefix: str) -> str:
    """A new generated name: never one that was there before, as the store's version is part of it."""
    namespace = owner["metadata"]["namespace"]
    taken = server.store.names("pods", namespace)
    return generated_name(prefix, taken, namespace, owner["metadata"]["uid"], server.store.version)


def make(
    server: ApiServer,
    owner: Object,
    name: str,
    *,
    component: str,
    labels: Mapping[str, str] | None = None,
    stable_name: bool = False,
    daemon_node: str | None = None,
    told: bool = True,
) -> Object:
    """A pod from the owner's template."""
    from kcnet.apiserver.controllers.daemonset import pin

    template = deepcopy(owner["spec"]["template"])
    metadata = template.get("metadata") or {}
    made: Object = {
        "name": name,
        "namespace": owner["metadata"]["namespace"],
        "labels": {**(metadata.get("labels") or {}), **(labels or {})},
        "ownerReferences": [owner_reference(owner)],
    }
    made["generateName"] = f"{owner['metadata']['name']}-"
    if metadata.get("annotations"):
        made["annotations"] = metadata["annotations"]
    spec = template["spec"]
    if stable_name:
        spec["hostname"] = name
        if owner["spec"].get("serviceName"):
            spec["subdomain"] = owner["spec"]["serviceName"]
    if daemon_node is not None:
        pin(spec, daemon_node)
    pod = put_new(server, {"kind": "Pod", "metadata": made, "spec": spec, "status": {"phase": "Pending"}})
    if told:
        kind = owner["kind"]
        message = f"Created pod: {name}"
        if kind == "StatefulSet":
            message = f"create Pod {name} in StatefulSet {owner['metadata']['name']} successful"
        record(server, owner, "SuccessfulCreate", message, component=component)
    return pod


def remove(server: ApiServer, pod: Object, owner: Object, *, component: str) -> None:
    name = pod["metadata"]["name"]
    message = f"Deleted pod: {name}"
    if owner["kind"] == "StatefulSet":
        message = f"delete Pod {name} in StatefulSet {owner['metadata']['name']} successful"
    record(server, owner, "SuccessfulDelete", message, component=component)
    deleted(server, pod)
    server.store.remove("pods", pod["metadata"]["namespace"], name)


def deleted(server: ApiServer, pod: Object, *, told: bool = True) -> None:
    """What becomes of a pod that is deleted: its address is free, and kubelet tells of its end."""
    from kcnet.apiserver.controllers.derived import release

    node = pod["spec"].get("nodeName")
    if not pod["spec"].get("hostNetwork"):
        release(server, [item["ip"] for item in (pod.get("status") or {}).get("podIPs") or ()])
    if not told or not node or (pod.get("status") or {}).get("phase") != "Running":
        return
    for container in pod["spec"]["containers"]:
        name = container["name"]
        record(server, pod, "Killing", f"Stopping container {name}", component=KUBELET, host=node, field=_field(name))


def age_of(pod: Mapping[str, Any]) -> int:
    """Grows with age: the negative version at which it was last written is good enough for pods of one instant."""
    created = re.sub(r"\D", "", pod["metadata"]["creationTimestamp"])
    return -int(created or 0)


def _field(container: str) -> str:
    return f"spec.containers{{{container}}}"


# Status


def qos_class(spec: Mapping[str, Any]) -> str:
    containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    resources = [container.get("resources") or {} for container in containers]
    if not any(item.get("requests") or item.get("limits") for item in resources):
        return "BestEffort"
    for item in resources:
        limits, requests = item.get("limits") or {}, item.get("requests") or {}
        if not all(key in limits and requests.get(key, limits[key]) == limits[key] for key in ("cpu", "memory")):
            return "Burstable"
    return "Guaranteed"


def full_image(image: str) -> str:
    """As the container runtime names it: ``nginx`` is ``docker.io/library/nginx:latest``."""
    name, at, tail = image.partition("@")
    head, slash, rest = name.partition("/")
    if not slash:
        name = f"docker.io/library/{name}"
    elif "." not in head and ":" not in head and head != "localhost":
        name = f"docker.io/{head}/{rest}"
    if not at and ":" not in name.rpartition("/")[2]:
        name += ":latest"
    return name + at + tail


def image_id(image: str) -> str:
    full = full_image(image)
    if "@" in full:
        return full
    head, _, last = full.rpartition("/")
    return f"{head}/{last.partition(':')[0]}@sha256:{digest('image', full)}"


def container_status(
    pod: Object, container: Object, *, state: Object, ready: bool, old: Object | None = None
) -> Object:
    """``old``: what was said of it before, from which the count of restarts comes."""
    image = container.get("image") or ""
    before = old or {}
    started = "running" in state
    count = before.get("restartCount") or 0
    status: Object = {
        "name": container["name"],
        "state": state,
        "lastState": before.get("lastState") or {},
        "ready": ready,
        "restartCount": count,
        "image": full_image(image) if "waiting" not in state or before.get("imageID") else image,
        "imageID": image_id(image) if "waiting" not in state else before.get("imageID") or "",
        "started": started,
    }
    if "waiting" not in state:
        status["containerID"] = f"containerd://{digest('container', pod['metadata']['uid'], container['name'], count)}"
    elif before.get("containerID"):
        status["containerID"] = before["containerID"]
    mounts = container.get("volumeMounts") or ()
    if mounts:
        status["volumeMounts"] = [
            {
                "name": item["name"],
                "mountPath": item["mountPath"],
                **({"readOnly": True, "recursiveReadOnly": "Disabled"} if item.get("readOnly") else {}),
            }
            for item in mounts
        ]
    return status


_ORDER: Final = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


def conditions(server: ApiServer, pod: Object, states: Mapping[str, tuple[bool, str, str]]) -> list[Object]:
    """``states``: by type whether it holds, with reason and message where it does not."""
    known = {item["type"]: item for item in (pod.get("status") or {}).get("conditions") or ()}
    now = timestamp(server.now)
    generation = pod["metadata"].get("generation", 1)
    found = []
    for kind in _ORDER:
        if kind not in states:
            continue
        holds, reason, message = states[kind]
        status = "True" if holds else "False"
        before = known.get(kind, {})
        made = {
            "type": kind,
            "status": status,
            "lastProbeTime": None,
            "lastTransitionTime": before.get("lastTransitionTime", now) if before.get("status") == status else now,
            "observedGeneration": generation,
        }
        if reason:
            made["reason"] = reason
        if message:
            made["message"] = message
        found.append(made)
    return found


def pending(server: ApiServer, pod: Object, message: str) -> Object:
    """The status of a pod for which there is no node."""
    return {
        "phase": "Pending",
        "conditions": conditions(server, pod, {"PodScheduled": (False, "Unschedulable", message)}),
        "qosClass": qos_class(pod["spec"]),
    }


def status_of(
    server: ApiServer, pod: Object, containers: list[Object], *, addresses: Iterable[str], hosts: Iterable[str]
) -> Object:
    """The status that follows from those of the containers."""
    unready = [item["name"] for item in containers if not item["ready"]]
    why = ("ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]")
    phase = _phase(pod, containers)
    if phase in ("Succeeded", "Failed"):
        why = ("PodCompleted" if phase == "Succeeded" else "PodFailed", "")
    is_ready = not unready and phase == "Running"
    ready = (True, "", "") if is_ready else (False, *why)
    initialised = (True, "PodCompleted", "") if phase == "Succeeded" else (True, "", "")
    ips, host_ips = list(addresses), list(hosts)
    before = pod.get("status") or {}
    status: Object = {
        "phase": phase,
        "observedGeneration": pod["metadata"].get("generation", 1),
        "conditions": conditions(
            server,
            pod,
            {
                "PodReadyToStartContainers": (phase not in ("Succeeded", "Failed"), "", ""),
                "Initialized": initialised,
                "Ready": ready,
                "ContainersReady": ready,
                "PodScheduled": (True, "", ""),
            },
        ),
        "startTime": before.get("startTime") or timestamp(server.now),
        "qosClass": qos_class(pod["spec"]),
        "containerStatuses": sorted(containers, key=lambda item: str(item["name"])),
    }
    if host_ips:
        status |= {"hostIP": host_ips[0], "hostIPs": [{"ip": ip} for ip in host_ips]}
    if ips:
        status |= {"podIP": ips[0], "podIPs": [{"ip": ip} for ip in ips]}
    first = _init_statuses(server, pod, before)
    return {**status, "initContainerStatuses": first} if first else status


def _phase(pod: Object, containers: list[Object]) -> str:
    states = [item["state"] for item in containers]
    policy = pod["spec"].get("restartPolicy") or "Always"
    if any("waiting" in state for state in states):
        # A container that never ran keeps the pod Pending.
        never_ran = any("waiting" in item["state"] and not item.get("containerID") for item in containers)
        return "Pending" if never_ran else "Running"
    ended = [state["terminated"] for state in states if "terminated" in state]
    if len(ended) < len(states) or policy == "Always":
        return "Running"
    return "Failed" if any(item["exitCode"] for item in ended) else "Succeeded"


def _init_statuses(server: ApiServer, pod: Object, before: Mapping[str, Any]) -> list[Object]:
    if before.get("initContainerStatuses"):
        return list(before["initContainerStatuses"])
    now = timestamp(server.now)
    found = []
    for container in pod["spec"].get("initContainers") or ():
        if container.get("restartPolicy") == "Always":
            state: Object = {"running": {"startedAt": now}}
        else:
            state = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": now, "finishedAt": now}}
        found.append(container_status(pod, container, state=state, ready=True))
    return found


def started(
    server: ApiServer,
    pod: Object,
    *,
    node: str,
    addresses: list[str],
    hosts: list[str],
    ready: bool,
    runs_on: bool = False,
) -> Object:
    """The pod on its node, as kubelet has started it. Writes the events of its start.

    ``runs_on``: its containers run, whatever their command.
    """
    bound: Object = {**pod, "spec": {**pod["spec"], "nodeName": node}}
    if not pod["spec"].get("nodeName"):
        where = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        record(server, pod, "Scheduled", f"Successfully assigned {where} to {node}", component=SCHEDULER)
    found = []
    for container in (*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]):
        if programs.is_image(container.get("image") or ""):
            tell_start(server, pod, container, node, runs_on=runs_on)
    address = addresses[0] if addresses else ""
    unready = () if ready else _unready(bound, address)
    for container in pod["spec"]["containers"]:
        up = container["name"] not in unready
        found.append(_run(server, bound, container, ready=up, node=node, runs_on=runs_on))
        message = None if up or "running" not in found[-1]["state"] else probes.failed(bound, container, address)
        if message:
            field = _field(container["name"])
            record(server, pod, "Unhealthy", message, component=KUBELET, type="Warning", host=node, field=field)
    return {**bound, "status": status_of(server, bound, found, addresses=addresses, hosts=hosts)}


def _unready(pod: Object, address: str) -> list[str]:
    """The containers that are not ready in a pod that is not: whose probe fails, else those that have one, else all."""
    containers = pod["spec"]["containers"]
    failing = [one for one in containers if probes.failing(pod, one, address)]
    probed = [one for one in containers if one.get("readinessProbe")]
    return [one["name"] for one in failing or probed or containers]


def tell_start(server: ApiServer, pod: Object, container: Object, node: str, *, runs_on: bool = False) -> None:
    name, image = container["name"], container.get("image") or ""

    def tell(reason: str, message: str, kind: str = "Normal") -> None:
        record(server, pod, reason, message, component=KUBELET, type=kind, host=node, field=_field(name))

    if container.get("imagePullPolicy") == "Always":
        tell("Pulling", f'Pulling image "{image}"')
        tell("Pulled", f'Successfully pulled image "{image}"')
    else:
        tell("Pulled", f'Container image "{image}" already present on machine and can be accessed by the pod')
    tell("Created", "Container created")
    if not runs_on and (error := programs.start_error(container)):
        tell("Failed", f"Error: {error}", "Warning")
    else:
        tell("Started", "Container started")


def _run(
    server: ApiServer,
    pod: Object,
    container: Object,
    *,
    ready: bool,
    node: str,
    runs_on: bool,
    old: Object | None = None,
) -> Object:
    """A container as it is some seconds after its start: most run, some have come to their end."""
    now = timestamp(server.now)
    image = container.get("image") or ""
    if not programs.is_image(image):
        return _no_image(server, pod, container, node=node)
    if not runs_on and (error := programs.start_error(container)):
        return ended(server, pod, container, 128, node=node, old=old, start_error=error)
    code = None if runs_on else programs.exit_code(container)
    if code is None:
        return container_status(pod, container, state={"running": {"startedAt": now}}, ready=ready, old=old)
    return ended(server, pod, container, code, node=node, old=old)


def _no_image(server: ApiServer, pod: Object, container: Object, *, node: str) -> Object:
    """The image's name is none: kubelet does not even ask a registry."""
    image = container.get("image") or ""
    message = (
        f'Failed to apply default image tag "{image}": couldn\'t parse image name "{image}": invalid reference format'
    )
    for reason, text in (("InspectFailed", message), ("Failed", "Error: InvalidImageName")):
        record(
            server,
            pod,
            reason,
            text,
            component=KUBELET,
            type="Warning",
            host=node,
            field=_field(container["name"]),
        )
    waiting = {"reason": "InvalidImageName", "message": message}
    return container_status(pod, container, state={"waiting": waiting}, ready=False)


def restarted(server: ApiServer, pod: Object, container: Object, old: Object, *, node: str) -> Object:
    """A container with another image than before: what ran is ended first."""
    state = old.get("state") or {}
    before = {**old, "state": {}}
    if "running" in state:
        name = container["name"]
        message = f"Container {name} definition changed, will be restarted"
        record(server, pod, "Killing", message, component=KUBELET, host=node, field=_field(name))
        terminated = {
            "exitCode": 0,
            "reason": "Completed",
            "startedAt": state["running"].get("startedAt"),
            "finishedAt": timestamp(server.now),
            "containerID": old.get("containerID") or "",
        }
        before |= {
            "restartCount": (old.get("restartCount") or 0) + 1,
            "lastState": {"terminated": terminated},
        }
    if programs.is_image(container.get("image") or ""):
        tell_start(server, pod, container, node)
    ready = bool(old.get("ready")) or "waiting" in state
    return _run(server, pod, container, ready=ready, node=node, runs_on=False, old=before)


def ended(
    server: ApiServer,
    pod: Object,
    container: Object,
    code: int,
    *,
    node: str,
    old: Object | None = None,
    start_error: str = "",
) -> Object:
    """A container whose process has ended, or could not begin; unless the restartPolicy says otherwise it waits to be
    started anew."""
    now = timestamp(server.now)
    before = old or {}
    restarts = before.get("restartCount") or 0
    identity = f"containerd://{digest('container', pod['metadata']['uid'], container['name'], restarts)}"
    terminated = {
        "exitCode": code,
        "reason": "Error" if code else "Completed",
        "startedAt": (before.get("state") or {}).get("running", {}).get("startedAt") or now,
        "finishedAt": now,
        "containerID": identity,
    }
    if start_error:
        terminated |= {"reason": "StartError", "message": start_error, "startedAt": "1970-01-01T00:00:00Z"}
    policy = pod["spec"].get("restartPolicy") or "Always"
    if policy == "Never" or (policy == "OnFailure" and not code):
        return container_status(pod, container, state={"terminated": terminated}, ready=False, old=before)
    metadata = pod["metadata"]
    name = container["name"]
    record(
        server,
        pod,
        "BackOff",
        f"Back-off restarting failed container {name} in pod {metadata['name']}_{metadata['namespace']}"
        f"({metadata['uid']})",
        component=KUBELET,
        type="Warning",
        host=node,
        field=_field(name),
    )
    waiting = {
        "reason": "CrashLoopBackOff",
        "message": f"back-off 10s restarting failed container={name} "
        f"pod={metadata['name']}_{metadata['namespace']}({metadata['uid']})",
    }
    known = {
        **before,
        "restartCount": restarts + 1,
        "lastState": {"terminated": terminated},
        "containerID": identity,
        "imageID": image_id(container.get("image") or ""),
    }
    return container_status(pod, container, state={"waiting": waiting}, ready=False, old=known)


def owner_kind(pod: Mapping[str, Any]) -> str | None:
    above = controller_of(pod)
    return above["kind"] if above else None
