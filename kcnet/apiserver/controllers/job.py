"""Jobs: pods until enough of them have succeeded.

pkg/controller/job of kubernetes/kubernetes. Whether a container's command ends is something that manifests rarely
tell: see ``programs``. CronJobs start no Job by themselves here, as no time passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kcnet.apiserver.controllers import pods
from kcnet.apiserver.controllers.events import record
from kcnet.apiserver.controllers.tools import claimed, condition, each, is_active, nonzero, put_status, ready_count
from kcnet.apiserver.meta import timestamp
from kcnet.apiserver.store import Object

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

COMPONENT: Final = "job-controller"


def job_labels(job: Object) -> dict[str, str]:
    name, uid = job["metadata"]["name"], job["metadata"]["uid"]
    return {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
        "controller-uid": uid,
        "job-name": name,
    }


def with_selector(job: Object) -> Object:
    """As the API server completes a Job that does not choose its selector itself."""
    spec = job["spec"]
    if spec.get("manualSelector") or spec.get("selector"):
        return job
    labels = job_labels(job)
    template = spec["template"]
    metadata = {**template["metadata"], "labels": {**(template["metadata"].get("labels") or {}), **labels}}
    selector = {"matchLabels": {"batch.kubernetes.io/controller-uid": labels["controller-uid"]}}
    return {**job, "spec": {**spec, "selector": selector, "template": {**template, "metadata": metadata}}}


def sync(server: ApiServer) -> None:
    for job in each(server, "jobs"):
        _sync(server, job)
    for cron_job in each(server, "cronjobs"):
        _active_jobs(server, cron_job)


def _sync(server: ApiServer, job: Object) -> None:
    spec = job["spec"]
    own = claimed(server, "pods", job, spec.get("selector"))
    active = [pod for pod in own if is_active(pod)]
    succeeded = sum(1 for pod in own if (pod.get("status") or {}).get("phase") == "Succeeded")
    failed = sum(1 for pod in own if (pod.get("status") or {}).get("phase") == "Failed")
    if any(condition(job, kind).get("status") == "True" for kind in ("Complete", "Failed")):
        return
    completions = spec.get("completions")
    done = succeeded >= (1 if completions is None else completions) and not (completions is None and active)
    too_often = failed > (6 if spec.get("backoffLimit") is None else spec["backoffLimit"])
    limit = 0 if spec.get("suspend") or done or too_often else spec.get("parallelism", 1)
    if completions is not None:
        limit = min(limit, completions - succeeded)
    for _ in range(limit - len(active)):
        name = pods.name_for(server, job, f"{job['metadata']['name']}-")
        active.append(pods.make(server, job, name, component=COMPONENT))
    for pod in active[limit:]:
        pods.remove(server, pod, job, component=COMPONENT)
    _report(server, job, active[:limit], succeeded, failed, done=done, too_often=too_often)


def _report(
    server: ApiServer, job: Object, active: list[Object], succeeded: int, failed: int, *, done: bool, too_often: bool
) -> None:
    now = timestamp(server.now)
    before = job.get("status") or {}
    status = nonzero(
        active=len(active),
        ready=ready_count(active),
        succeeded=succeeded,
        failed=failed,
        terminating=0,
    )
    status |= {"ready": ready_count(active), "terminating": 0, "uncountedTerminatedPods": {}}
    if not job["spec"].get("suspend"):
        status["startTime"] = before.get("startTime") or now
    if done:
        status["completionTime"] = now
        status["conditions"] = [
            _condition("SuccessCriteriaMet", now, "CompletionsReached", "Reached expected number of succeeded pods"),
            _condition("Complete", now, "CompletionsReached", "Reached expected number of succeeded pods"),
        ]
        record(server, job, "Completed", "Job completed", component=COMPONENT)
    elif too_often:
        message = "Job has reached the specified backoff limit"
        status["conditions"] = [
            _condition("FailureTarget", now, "BackoffLimitExceeded", message),
            _condition("Failed", now, "BackoffLimitExceeded", message),
        ]
        record(server, job, "BackoffLimitExceeded", message, component=COMPONENT, type="Warning")
    elif job["spec"].get("suspend"):
        status["conditions"] = [_condition("Suspended", now, "JobSuspended", "Job suspended")]
        known = condition(job, "Suspended")
        if known.get("status") == "True":
            status["conditions"] = [dict(known)]
    put_status(server, "jobs", job, status)


def _condition(kind: str, now: str, reason: str, message: str) -> Object:
    return {
        "type": kind,
        "status": "True",
        "lastProbeTime": now,
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }


def _active_jobs(server: ApiServer, cron_job: Object) -> None:
    uid = cron_job["metadata"]["uid"]
    active = [
        {
            "apiVersion": job["apiVersion"],
            "kind": "Job",
            "name": job["metadata"]["name"],
            "namespace": job["metadata"]["namespace"],
            "uid": job["metadata"]["uid"],
        }
        for job in server.store.of("jobs", cron_job["metadata"]["namespace"])
        if any(owner["uid"] == uid for owner in job["metadata"].get("ownerReferences") or ())
        and not any(condition(job, kind).get("status") == "True" for kind in ("Complete", "Failed"))
    ]
    status = {key: value for key, value in (cron_job.get("status") or {}).items() if key != "active"}
    put_status(server, "cronjobs", cron_job, {**status, "active": active} if active else status)
