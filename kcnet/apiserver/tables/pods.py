"""The table of pods. STATUS is no field of a Pod: the API server sums up phase, reasons and container states.

k8s: pkg/printers/internalversion/printers.go (printPod).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from kcnet.apiserver.tables.table import AGE, NAME, Column, Row, wide
from kcnet.apiserver.tables.words import (
    NONE,
    age,
    condition,
    human_duration,
    is_true,
    name_of,
    spec_of,
    status_of,
    time_of,
)

COLUMNS: Final = (
    NAME,
    Column("Ready", description="Ready containers of all containers that keep running."),
    Column("Status", description="What the states of the containers add up to."),
    Column("Restarts", description="Restarts of all containers, and how long ago the last one was."),
    AGE,
    wide("IP", "Address of the pod; empty until one is allocated."),
    wide("Node", "Node that the pod is bound to."),
    wide("Nominated Node", "Node where a preempting pod expects room."),
    wide("Readiness Gates", "Readiness gates that hold, of all that the pod names."),
)

Containers = Sequence[Mapping[str, Any]]


def row(pod: Mapping[str, Any], now: datetime) -> Row:
    """A pod's cells."""
    summary = summarise(pod)
    status, spec = status_of(pod), spec_of(pod)
    restarts = str(summary.restarts)
    if summary.restarts and summary.last_restart is not None:
        restarts += f" ({human_duration(now - summary.last_restart)} ago)"
    addresses: Containers = status.get("podIPs") or ()
    cells = (
        name_of(pod),
        f"{summary.ready}/{summary.total}",
        summary.status,
        restarts,
        age(pod, now),
        (addresses[0].get("ip") if addresses else status.get("podIP")) or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        _gates(pod),
    )
    return Row(cells, pod, _completed(status.get("phase")))


class Summary(NamedTuple):
    """What READY, STATUS and RESTARTS say."""

    ready: int
    total: int
    status: str
    restarts: int
    last_restart: datetime | None


class _Tally:
    """Restarts of some containers, and the last of them."""

    def __init__(self) -> None:
        self.restarts = 0
        self.last: datetime | None = None

    def add(self, container: Mapping[str, Any]) -> None:
        self.restarts += container.get("restartCount") or 0
        ended = (container.get("lastState") or {}).get("terminated") or {}
        finished = time_of(ended.get("finishedAt"))
        if finished and (self.last is None or self.last < finished):
            self.last = finished


def summarise(pod: Mapping[str, Any]) -> Summary:
    """READY, STATUS and RESTARTS of a pod."""
    spec, status = spec_of(pod), status_of(pod)
    phase = status.get("phase") or ""
    reason = status.get("reason") or phase
    scheduled = condition(pod, "PodScheduled")
    if scheduled and scheduled.get("reason") == "SchedulingGated":
        reason = "SchedulingGated"
    sidecars = {each.get("name") for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"}
    total = len(spec.get("containers") or ()) + len(sidecars)
    tally, of_sidecars = _Tally(), _Tally()
    ready, stuck = _initialise(pod, sidecars, tally, of_sidecars)
    if stuck is None or is_true(pod, "Initialized"):
        tally = of_sidecars
        more, reason = _main(pod, stuck or reason, tally)
        ready += more
    else:
        reason = stuck
    if (pod.get("metadata") or {}).get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            reason = "Unknown"
        elif phase not in ("Succeeded", "Failed"):
            reason = "Terminating"
    return Summary(ready, total, reason, tally.restarts, tally.last)


def _initialise(
    pod: Mapping[str, Any], sidecars: set[Any], tally: _Tally, of_sidecars: _Tally
) -> tuple[int, str | None]:
    """Ready sidecars, and what keeps the pod initialising: ``Init:0/2``, ``Init:Error``; None when nothing does."""
    ready = 0
    statuses: Containers = status_of(pod).get("initContainerStatuses") or ()
    for index, container in enumerate(statuses):
        tally.add(container)
        sidecar = container.get("name") in sidecars
        if sidecar:
            of_sidecars.add(container)
        state = container.get("state") or {}
        ended, waiting = state.get("terminated"), state.get("waiting") or {}
        if ended is not None and not ended.get("exitCode"):
            continue
        if sidecar and container.get("started"):
            ready += bool(container.get("ready"))
            continue
        if ended is not None:
            return ready, f"Init:{_ending(ended)}"
        if waiting.get("reason") not in (None, "", "PodInitializing"):
            return ready, f"Init:{waiting['reason']}"
        return ready, f"Init:{index}/{len(spec_of(pod).get('initContainers') or ())}"
    return ready, None


def _main(pod: Mapping[str, Any], reason: str, tally: _Tally) -> tuple[int, str]:
    """Ready containers, and the status; the first container's word counts most, so they are read backwards."""
    ready, running, failure = 0, False, ""
    statuses: Containers = status_of(pod).get("containerStatuses") or ()
    for container in reversed(statuses):
        tally.add(container)
        state = container.get("state") or {}
        if (state.get("waiting") or {}).get("reason"):
            reason = state["waiting"]["reason"]
        elif (ended := state.get("terminated")) is not None:
            reason = _ending(ended)
            failure = reason if ended.get("exitCode") else failure
        elif container.get("ready") and state.get("running") is not None:
            ready, running = ready + 1, True
    if reason == "Completed":
        if running and is_true(pod, "Ready"):
            reason = "Running"
        elif failure:
            reason = failure
        elif running:
            reason = "NotReady"
    return ready, reason


def _ending(ended: Mapping[str, Any]) -> str:
    if ended.get("reason"):
        return str(ended["reason"])
    if ended.get("signal"):
        return f"Signal:{ended['signal']}"
    return f"ExitCode:{ended.get('exitCode') or 0}"


def _gates(pod: Mapping[str, Any]) -> str:
    gates: Containers = spec_of(pod).get("readinessGates") or ()
    held = sum(is_true(pod, gate.get("conditionType", "")) for gate in gates)
    return f"{held}/{len(gates)}" if gates else NONE


def _completed(phase: object) -> tuple[Mapping[str, str], ...]:
    says = {"Succeeded": "The pod has completed successfully.", "Failed": "The pod failed."}
    if phase not in says:
        return ()
    return ({"type": "Completed", "status": "True", "reason": str(phase), "message": says[str(phase)]},)
