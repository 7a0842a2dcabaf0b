"""The tables of what makes pods: deployments, replicasets, statefulsets, daemonsets, jobs and their like.

k8s: pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from kcnet.apiserver.tables.table import AGE, NAME, Column, Row, wide
from kcnet.apiserver.tables.words import (
    NONE,
    age,
    human_duration,
    is_true,
    labels_text,
    metadata,
    name_of,
    requirements,
    selector_text,
    since,
    spec_of,
    status_of,
    time_of,
)

CONTAINERS: Final = (
    wide("Containers", "Containers of the pod template."),
    wide("Images", "Images of the pod template's containers."),
)
SELECTOR: Final = wide("Selector", "Labels of the pods that it looks after.")
READY: Final = Column("Ready", description="Ready pods, of those that are wanted.")

DEPLOYMENTS: Final = (
    NAME,
    READY,
    Column("Up-to-date", description="Pods made from the present template."),
    Column("Available", description="Pods ready for at least minReadySeconds."),
    AGE,
    *CONTAINERS,
    SELECTOR,
)
REPLICASETS: Final = (
    NAME,
    Column("Desired", "integer", description="Pods wanted."),
    Column("Current", "integer", description="Pods that exist."),
    Column("Ready", "integer", description="Pods that are ready."),
    AGE,
    *CONTAINERS,
    SELECTOR,
)
STATEFULSETS: Final = (NAME, READY, AGE, *CONTAINERS)
DAEMONSETS: Final = (
    NAME,
    Column("Desired", "integer", description="Nodes that should run the pod."),
    Column("Current", "integer", description="Nodes that run it, as they should."),
    Column("Ready", "integer", description="Nodes where it is ready."),
    Column("Up-to-date", "integer", description="Nodes where it is made from the present template."),
    Column("Available", "integer", description="Nodes where it has been ready for at least minReadySeconds."),
    Column("Node Selector", description="Labels of the nodes where it may run."),
    AGE,
    *CONTAINERS,
    SELECTOR,
)
JOBS: Final = (
    NAME,
    Column("Status", description="Status of the job."),
    Column("Completions", description="Pods that succeeded, of those that must."),
    Column("Duration", description="Time required to complete the job."),
    AGE,
    *CONTAINERS,
    SELECTOR,
)
CRONJOBS: Final = (
    NAME,
    Column("Schedule", description="When it runs, in cron format."),
    Column("Timezone", description="Time zone of the schedule."),
    Column("Suspend", "boolean", description="Whether further runs are suspended."),
    Column("Active", "integer", description="Jobs that are running."),
    Column("Last Schedule", description="How long ago a job was last scheduled."),
    AGE,
    *CONTAINERS,
    SELECTOR,
)


def deployment(obj: Mapping[str, Any], now: datetime) -> Row:
    """A Deployment's cells."""
    spec, status = spec_of(obj), status_of(obj)
    cells = (
        name_of(obj),
        f"{_count(status, 'readyReplicas')}/{_count(spec, 'replicas')}",
        _count(status, "updatedReplicas"),
        _count(status, "availableReplicas"),
        age(obj, now),
        *containers(spec),
        requirements(spec.get("selector") or {}),
    )
    return Row(cells, obj)


def replicaset(obj: Mapping[str, Any], now: datetime) -> Row:
    """A ReplicaSet's cells."""
    return Row((*_replicas(obj, now), selector_text(spec_of(obj).get("selector"))), obj)


def replicationcontroller(obj: Mapping[str, Any], now: datetime) -> Row:
    """A ReplicationController's cells; its selector is a plain map of labels."""
    return Row((*_replicas(obj, now), labels_text(spec_of(obj).get("selector"))), obj)


def _replicas(obj: Mapping[str, Any], now: datetime) -> tuple[str | int, ...]:
    spec, status = spec_of(obj), status_of(obj)
    wanted, present = _count(spec, "replicas"), _count(status, "replicas")
    return name_of(obj), wanted, present, _count(status, "readyReplicas"), age(obj, now), *containers(spec)


def statefulset(obj: Mapping[str, Any], now: datetime) -> Row:
    """A StatefulSet's cells."""
    spec = spec_of(obj)
    ready = f"{_count(status_of(obj), 'readyReplicas')}/{_count(spec, 'replicas')}"
    return Row((name_of(obj), ready, age(obj, now), *containers(spec)), obj)


def daemonset(obj: Mapping[str, Any], now: datetime) -> Row:
    """A DaemonSet's cells."""
    spec, status = spec_of(obj), status_of(obj)
    cells = (
        name_of(obj),
        _count(status, "desiredNumberScheduled"),
        _count(status, "currentNumberScheduled"),
        _count(status, "numberReady"),
        _count(status, "updatedNumberScheduled"),
        _count(status, "numberAvailable"),
        labels_text(_template(spec).get("nodeSelector")),
        age(obj, now),
        *containers(spec),
        selector_text(spec.get("selector")),
    )
    return Row(cells, obj)


def job(obj: Mapping[str, Any], now: datetime) -> Row:
    """A Job's cells."""
    spec = spec_of(obj)
    cells = (
        name_of(obj),
        job_status(obj),
        _completions(obj),
        _duration(obj, now),
        age(obj, now),
        *containers(spec),
        selector_text(spec.get("selector")),
    )
    return Row(cells, obj)


def job_status(obj: Mapping[str, Any]) -> str:
    """STATUS of a Job; the first that holds."""
    for kind in ("Complete", "Failed"):
        if is_true(obj, kind):
            return kind
    if metadata(obj).get("deletionTimestamp"):
        return "Terminating"
    for kind in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if is_true(obj, kind):
            return kind
    return "Running"


def _completions(obj: Mapping[str, Any]) -> str:
    spec, succeeded = spec_of(obj), _count(status_of(obj), "succeeded")
    if spec.get("completions") is not None:
        return f"{succeeded}/{spec['completions']}"
    parallelism = _count(spec, "parallelism")
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _duration(obj: Mapping[str, Any], now: datetime) -> str:
    status = status_of(obj)
    start = time_of(status.get("startTime"))
    return human_duration((time_of(status.get("completionTime")) or now) - start) if start else ""


def cronjob(obj: Mapping[str, Any], now: datetime) -> Row:
    """A CronJob's cells."""
    spec, status = spec_of(obj), status_of(obj)
    of_job = (spec.get("jobTemplate") or {}).get("spec") or {}
    suspend, zone = spec.get("suspend"), spec.get("timeZone")
    last = status.get("lastScheduleTime")
    cells = (
        name_of(obj),
        spec.get("schedule") or "",
        NONE if zone is None else zone,
        "<unset>" if suspend is None else str(bool(suspend)),
        len(status.get("active") or ()),
        since(last, now) if last else NONE,
        age(obj, now),
        *containers(of_job),
        selector_text(of_job.get("selector")),
    )
    return Row(cells, obj)


def containers(spec: Mapping[str, Any]) -> tuple[str, str]:
    """CONTAINERS and IMAGES of a pod template."""
    every = _template(spec).get("containers") or ()
    return ",".join(each.get("name", "") for each in every), ",".join(each.get("image", "") for each in every)


def _template(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    return (spec.get("template") or {}).get("spec") or {}


def _count(values: Mapping[str, Any], field: str) -> int:
    return values.get(field) or 0
