"""describe for what makes pods: deployments, replicasets, statefulsets, daemonsets, jobs and their like.

k8s: kubectl pkg/describe/describe.go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from kcnet.apiserver.tables.words import (
    NONE,
    human_duration,
    labels_text,
    metadata,
    name_of,
    requirements,
    selector_text,
    spec_of,
    status_of,
    time_of,
)
from kcnet.lab.kubectl.describe.pods import template
from kcnet.lab.kubectl.describe.reader import Object, Reader
from kcnet.lab.kubectl.describe.writer import Page, conditions, controller, head, marks, names, owner_of
from kcnet.lab.kubectl.quantities import canonical

UNSET = "<unset>"
HASH = "pod-template-hash"


def deployment(page: Page, obj: Object, reader: Reader) -> None:
    """A Deployment, with its old and new ReplicaSets."""
    spec, status = spec_of(obj), status_of(obj)
    names(page, obj)
    page.field("CreationTimestamp", page.time(metadata(obj).get("creationTimestamp")))
    marks(page, obj)
    page.field("Selector", requirements(spec.get("selector") or {}))
    counts = {"updated": "updatedReplicas", "total": "replicas", "available": "availableReplicas"}
    counts["unavailable"] = "unavailableReplicas"
    said = [
        f"{_count(spec, 'replicas')} desired",
        *(f"{_count(status, field)} {word}" for word, field in counts.items()),
    ]
    page.field("Replicas", " | ".join(said))
    strategy = spec.get("strategy") or {}
    page.field("StrategyType", strategy.get("type") or "")
    page.field("MinReadySeconds", _count(spec, "minReadySeconds"))
    if rolling := strategy.get("rollingUpdate"):
        away, more = rolling.get("maxUnavailable", "25%"), rolling.get("maxSurge", "25%")
        page.field("RollingUpdateStrategy", f"{away} max unavailable, {more} max surge")
    template(page, spec.get("template"))
    conditions(page, status.get("conditions"))
    old, new = _replica_sets(obj, reader)
    if old or new:
        page.field("OldReplicaSets", _created(old))
        page.field("NewReplicaSet", _created(new))


def _replica_sets(obj: Object, reader: Reader) -> tuple[list[Object], list[Object]]:
    """ReplicaSets of the Deployment: those with other pod templates, and the one (if any) with the present one."""
    uid = metadata(obj).get("uid")
    owned = [
        each
        for each in reader.list("replicasets", metadata(obj).get("namespace"))
        if (owner := owner_of(each)) and owner.get("uid") == uid and owner.get("kind") == "Deployment"
    ]
    owned.sort(key=lambda each: (metadata(each).get("creationTimestamp") or "", name_of(each)))
    wanted = _without_hash(spec_of(obj).get("template") or {})
    new = [each for each in owned if _without_hash(spec_of(each).get("template") or {}) == wanted][:1]
    return [each for each in owned if each not in new], new


def _without_hash(value: Mapping[str, Any]) -> dict[str, Any]:
    about = {key: each for key, each in metadata(value).items() if each is not None}
    about["labels"] = {key: each for key, each in (about.get("labels") or {}).items() if key != HASH}
    return {**value, "metadata": about}


def _created(sets: Sequence[Object]) -> str:
    return ", ".join(f"{name_of(each)} ({_present(each)} replicas created)" for each in sets) or NONE


def _present(obj: Object) -> str:
    return f"{_count(status_of(obj), 'replicas')}/{_count(spec_of(obj), 'replicas')}"


def replicaset(page: Page, obj: Object, reader: Reader) -> None:
    """A ReplicaSet."""
    spec = spec_of(obj)
    names(page, obj)
    page.field("Selector", selector_text(spec.get("selector")))
    marks(page, obj)
    page.optional("Controlled By", controller(obj))
    _replicas(page, obj, reader, requirements(spec.get("selector") or {}))


def replicationcontroller(page: Page, obj: Object, reader: Reader) -> None:
    """A ReplicationController; its selector is a plain map of labels."""
    selector = spec_of(obj).get("selector") or {}
    names(page, obj)
    page.field("Selector", labels_text(selector))
    marks(page, obj)
    _replicas(page, obj, reader, requirements({"matchLabels": selector}))


def _replicas(page: Page, obj: Object, reader: Reader, selector: str) -> None:
    spec, status = spec_of(obj), status_of(obj)
    page.field("Replicas", f"{_count(status, 'replicas')} current / {_count(spec, 'replicas')} desired")
    page.field("Pods Status", _pods(obj, reader, selector))
    template(page, spec.get("template"))
    conditions(page, status.get("conditions"))


def statefulset(page: Page, obj: Object, reader: Reader) -> None:
    """A StatefulSet, with what its pods claim."""
    spec = spec_of(obj)
    selector = requirements(spec.get("selector") or {})
    names(page, obj)
    page.field("CreationTimestamp", page.time(metadata(obj).get("creationTimestamp")))
    page.field("Selector", selector)
    marks(page, obj)
    page.field("Replicas", f"{_count(spec, 'replicas')} desired | {_count(status_of(obj), 'replicas')} total")
    strategy = spec.get("updateStrategy") or {}
    page.field("Update Strategy", strategy.get("type") or "")
    rolling = strategy.get("rollingUpdate") or {}
    if rolling.get("partition") is not None:
        page.field("Partition", rolling["partition"], 1)
        if rolling.get("maxUnavailable") is not None:
            page.field("MaxUnavailable", rolling["maxUnavailable"], 1)
    page.field("Pods Status", _pods(obj, reader, selector))
    template(page, spec.get("template"))
    _claims(page, spec.get("volumeClaimTemplates"))


def _claims(page: Page, claims: Sequence[Mapping[str, Any]] | None) -> None:
    page.line(0, "Volume Claims:" if claims else f"Volume Claims:\t{NONE}")
    for claim in claims or ():
        spec, about = spec_of(claim), metadata(claim)
        storage_class = (about.get("annotations") or {}).get("volume.beta.kubernetes.io/storage-class")
        page.field("Name", about.get("name", ""), 1)
        page.field("StorageClass", storage_class or spec.get("storageClassName") or "", 1)
        page.labels("Labels", about.get("labels"), indent="  ")
        page.labels("Annotations", about.get("annotations"), indent="  ")
        storage = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
        page.field("Capacity", "<default>" if storage is None else canonical(storage), 1)
        page.field("Access Modes", f"[{' '.join(spec.get('accessModes') or ())}]", 1)


def daemonset(page: Page, obj: Object, reader: Reader) -> None:
    """A DaemonSet."""
    spec, status = spec_of(obj), status_of(obj)
    selector = requirements(spec.get("selector") or {})
    names(page, obj)
    page.field("Selector", selector)
    page.field("Node-Selector", labels_text(spec_of(spec.get("template") or {}).get("nodeSelector")))
    marks(page, obj)
    for title, field in (
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ):
        page.line(0, f"{title}: {_count(status, field)}")
    page.field("Pods Status", _pods(obj, reader, selector))
    template(page, spec.get("template"))


def job(page: Page, obj: Object, reader: Reader) -> None:
    """A Job."""
    spec, status = spec_of(obj), status_of(obj)
    names(page, obj)
    page.field("Selector", requirements(spec.get("selector") or {}))
    marks(page, obj)
    page.optional("Controlled By", controller(obj))
    if spec.get("parallelism") is not None:
        page.field("Parallelism", spec["parallelism"])
    page.field("Completions", _or_unset(spec, "completions"))
    page.optional("Completion Mode", spec.get("completionMode"))
    if spec.get("suspend") is not None:
        page.field("Suspend", str(bool(spec["suspend"])).lower())
    for title, field in (("Backoff Limit", "backoffLimit"), ("TTL Seconds After Finished", "ttlSecondsAfterFinished")):
        if spec.get(field) is not None:
            page.field(title, spec[field])
    start, end = time_of(status.get("startTime")), time_of(status.get("completionTime"))
    for title, time in (("Start Time", start), ("Completed At", end)):
        if time:
            page.field(title, page.time(time.isoformat()))
    if start and end:
        page.field("Duration", human_duration(end - start))
    if spec.get("activeDeadlineSeconds") is not None:
        page.field("Active Deadline Seconds", f"{spec['activeDeadlineSeconds']}s")
    ready = "" if status.get("ready") is None else f" ({status['ready']} Ready)"
    done = f"{_count(status, 'succeeded')} Succeeded / {_count(status, 'failed')} Failed"
    page.field("Pods Statuses", f"{_count(status, 'active')} Active{ready} / {done}")
    if spec.get("completionMode") == "Indexed":
        page.field("Completed Indexes", _indexes(status.get("completedIndexes") or ""))
    template(page, spec.get("template"))


def _indexes(text: str) -> str:
    """All of a short list, and of a long one what fits up to the next comma."""
    cut = text.find(",", 50)
    return (text if cut < 0 else f"{text[: cut + 1]}...") or NONE


def cronjob(page: Page, obj: Object, reader: Reader) -> None:
    """A CronJob."""
    spec, status = spec_of(obj), status_of(obj)
    of_job = spec_of(spec.get("jobTemplate") or {})
    head(page, obj)
    page.field("Schedule", spec.get("schedule") or "")
    page.field("Concurrency Policy", spec.get("concurrencyPolicy") or "")
    page.field("Suspend", UNSET if spec.get("suspend") is None else bool(spec["suspend"]))
    page.field("Time Zone", _or_unset(spec, "timeZone"))
    page.field("Successful Job History Limit", _or_unset(spec, "successfulJobsHistoryLimit"))
    page.field("Failed Job History Limit", _or_unset(spec, "failedJobsHistoryLimit"))
    seconds = spec.get("startingDeadlineSeconds")
    page.field("Starting Deadline Seconds", UNSET if seconds is None else f"{seconds}s")
    selector = of_job.get("selector")
    page.field("Selector", UNSET if selector is None else requirements(selector))
    page.field("Parallelism", _or_unset(of_job, "parallelism"))
    page.field("Completions", _or_unset(of_job, "completions"))
    if of_job.get("activeDeadlineSeconds") is not None:
        page.field("Active Deadline Seconds", f"{of_job['activeDeadlineSeconds']}s")
    template(page, of_job.get("template"))
    last = status.get("lastScheduleTime")
    page.field("Last Schedule Time", page.time(last) if last else UNSET)
    page.field("Active Jobs", ", ".join(each.get("name", "") for each in status.get("active") or ()) or NONE)


def _pods(obj: Object, reader: Reader, selector: str) -> str:
    """Pods that the object controls, by phase."""
    uid = metadata(obj).get("uid")
    found = reader.list("pods", metadata(obj).get("namespace"), labels=selector)
    phases = Counter(
        status_of(pod).get("phase") for pod in found if (owner := owner_of(pod)) and owner.get("uid") == uid
    )
    words = {"Running": "Running", "Pending": "Waiting", "Succeeded": "Succeeded", "Failed": "Failed"}
    return " / ".join(f"{phases[phase]} {word}" for phase, word in words.items())


def _count(values: Mapping[str, Any], field: str) -> int:
    return values.get(field) or 0


def _or_unset(values: Mapping[str, Any], field: str) -> object:
    return UNSET if values.get(field) is None else values[field]
