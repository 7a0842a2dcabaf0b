"""What makes Pods: Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet, Job, CronJob.

pkg/apis/apps/validation, pkg/apis/batch/validation and pkg/apis/core/validation of kubernetes/kubernetes.
"""

from __future__ import annotations

import re

from kcnet.loading.scalars import flow
from kcnet.loading.validation.cron import schedule
from kcnet.loading.validation.labels import (
    NOTHING,
    Value,
    label_errors,
    objects,
    selector_errors,
    selector_matches,
    selects_nothing_by_name,
)
from kcnet.loading.validation.metadata import annotation_errors
from kcnet.loading.validation.names import dns_label
from kcnet.loading.validation.pod import pod_spec_errors
from kcnet.loading.validation.violation import (
    Errors,
    FieldError,
    each_invalid,
    forbidden,
    invalid,
    not_supported,
    required,
)

COMPLETION_MODES = ("NonIndexed", "Indexed")
CONCURRENCY_POLICIES = ("Allow", "Forbid", "Replace")
JOB_RESTART_POLICIES = ("OnFailure", "Never")
GENERATED_LABELS = (
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "controller-uid",
    "job-name",
)
"""What the API server itself puts into a Job's selector."""

NOT_NEGATIVE = "must be greater than or equal to 0"
MISMATCH = "`selector` does not match template `labels`"

_is_zone_part = re.compile(r"[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13}").fullmatch


def deployment_errors(value: Value, live: bool = False) -> Errors:
    spec = value.get("spec") or NOTHING
    yield from _count_errors("spec", spec, ("replicas", "minReadySeconds", "revisionHistoryLimit"))
    yield from _selector_errors(spec, "deployment")
    yield from _long_running_template_errors(spec, "ReplicaSet", live)
    yield from _strategy_errors(spec)


def replica_set_errors(value: Value, live: bool = False) -> Errors:
    spec = value.get("spec") or NOTHING
    yield from _count_errors("spec", spec, ("replicas", "minReadySeconds"))
    yield from _selector_errors(spec, "deployment")
    yield from _long_running_template_errors(spec, "ReplicaSet", live)


def replication_controller_errors(value: Value, live: bool = False) -> Errors:
    """Its selector is a plain map; without one it takes the template's labels."""
    spec = value.get("spec") or NOTHING
    yield from _count_errors("spec", spec, ("replicas", "minReadySeconds"))
    labels = _template_labels(spec)
    selector = spec.get("selector") or labels
    if not selector:
        yield required("spec.selector", "", "Give the template labels, and the selector the same.")
    if spec.get("template") is None:
        yield required("spec.template", "", "Add the template of the pods.")
        return
    if not selector_matches({"matchLabels": selector}, labels):
        yield _mismatch({"matchLabels": selector}, labels)
    yield from _long_running_template_errors(spec, "ReplicationController", live)


def daemon_set_errors(value: Value, live: bool = False) -> Errors:
    spec = value.get("spec") or NOTHING
    if spec.get("selector") is None:
        yield _mismatch(NOTHING, _template_labels(spec))
    else:
        yield from _selector_errors(spec, "daemonset")
    yield from _long_running_template_errors(spec, "DaemonSet", live)
    yield from _count_errors("spec", spec, ("minReadySeconds", "revisionHistoryLimit"))


def stateful_set_errors(value: Value, live: bool = False) -> Errors:
    spec = value.get("spec") or NOTHING
    policy = spec.get("podManagementPolicy")
    if policy and policy not in ("OrderedReady", "Parallel"):
        yield invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'", "Write one of them.")
    strategy = spec.get("updateStrategy") or NOTHING
    if strategy.get("type") and strategy["type"] not in ("RollingUpdate", "OnDelete"):
        yield invalid(
            "spec.updateStrategy", dict(strategy), "must be 'RollingUpdate' or 'OnDelete'", "Write one of them."
        )
    yield from _count_errors("spec", spec, ("replicas", "minReadySeconds"))
    yield from _count_errors("spec.ordinals", spec.get("ordinals") or NOTHING, ("start",))
    name = spec.get("serviceName")
    if name and not live:
        yield from each_invalid("spec.serviceName", name, dns_label(name), "Name the headless Service of the pods.")
    yield from _selector_errors(spec, "statefulset")
    claims = frozenset(
        (claim.get("metadata") or NOTHING).get("name") or "" for _, claim in objects(spec, "volumeClaimTemplates")
    )
    yield from _long_running_template_errors(spec, "StatefulSet", live, claims)


def _long_running_template_errors(spec: Value, kind: str, live: bool, claims: frozenset[str] = frozenset()) -> Errors:
    """A template whose pods restart for ever. ``kind`` as the API server names it."""
    template = spec.get("template") or NOTHING
    yield from template_errors("spec.template", template, live=live, claims=claims)
    pod = template.get("spec") or NOTHING
    policy = pod.get("restartPolicy") or "Always"
    if policy != "Always":
        yield not_supported(
            "spec.template.spec.restartPolicy",
            policy,
            ("Always",),
            "Remove restartPolicy: only the pods of a Job may end.",
        )
    if pod.get("activeDeadlineSeconds") is not None:
        yield forbidden(
            "spec.template.spec.activeDeadlineSeconds",
            f"activeDeadlineSeconds in {kind} is not Supported",
            "Remove activeDeadlineSeconds, or use a Job.",
        )


def template_errors(path: str, template: Value, *, live: bool, claims: frozenset[str] = frozenset()) -> Errors:
    """A pod template. The API server names its labels and annotations without the word metadata."""
    metadata = template.get("metadata") or NOTHING
    yield from label_errors(f"{path}.labels", metadata.get("labels"))
    yield from annotation_errors(f"{path}.annotations", metadata.get("annotations"))
    spec = template.get("spec") or NOTHING
    yield from pod_spec_errors(f"{path}.spec", spec, live=live, claims=claims)
    if spec.get("ephemeralContainers"):
        yield forbidden(
            f"{path}.spec.ephemeralContainers",
            "ephemeral containers not allowed in pod template",
            "Remove ephemeralContainers.",
        )


def job_errors(value: Value, live: bool = False) -> Errors:
    spec = value.get("spec") or NOTHING
    yield from _job_spec_errors("spec", spec, live=live)
    if live:
        return
    labels = _template_labels(spec)
    selector = spec.get("selector")
    if spec.get("manualSelector"):
        if selector is None:
            yield required("spec.selector", "", "Add selector, or remove manualSelector.")
        else:
            yield from selector_errors("spec.selector", selector)
            if not selector_matches(selector, labels):
                yield _mismatch(selector, labels)
    elif selector is not None:
        yield from selector_errors("spec.selector", selector)
        foreign = [key for key in selector.get("matchLabels") or () if key not in GENERATED_LABELS]
        if foreign:
            yield invalid(
                "spec.selector", selector, "`selector` not auto-generated", "Remove selector: a Job makes its own."
            )


def cron_job_errors(value: Value, live: bool = False) -> Errors:
    spec = value.get("spec") or NOTHING
    text, zone = spec.get("schedule") or "", spec.get("timeZone")
    if not text:
        yield required("spec.schedule", "", 'Write when it runs, such as "0 3 * * *" for every night at three.')
    else:
        yield from _schedule_errors(text, zone, live)
    if zone is not None and not live:
        yield from _time_zone_errors(zone)
    policy = spec.get("concurrencyPolicy")
    if policy and policy not in CONCURRENCY_POLICIES:
        yield not_supported("spec.concurrencyPolicy", policy, CONCURRENCY_POLICIES)
    counts = ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
    yield from _count_errors("spec", spec, counts)
    job = (spec.get("jobTemplate") or NOTHING).get("spec") or NOTHING
    yield from _job_spec_errors("spec.jobTemplate.spec", job, live=live)
    if job.get("selector") is not None:
        yield invalid(
            "spec.jobTemplate.spec.selector",
            job["selector"],
            "`selector` will be auto-generated",
            "Remove selector: each Job makes its own.",
        )
    if job.get("manualSelector"):
        yield not_supported("spec.jobTemplate.spec.manualSelector", True, ("nil", "false"), "Remove manualSelector.")


def _count_errors(path: str, spec: Value, keys: tuple[str, ...]) -> Errors:
    for key in keys:
        number = spec.get(key)
        if number and number < 0:
            yield invalid(f"{path}.{key}", number, NOT_NEGATIVE, "Use 0 or a positive number.")


def _template_labels(spec: Value) -> Value:
    metadata = (spec.get("template") or NOTHING).get("metadata") or NOTHING
    labels: Value = metadata.get("labels") or NOTHING
    return labels


def _mismatch(selector: Value, labels: Value) -> FieldError:
    wanted = selector.get("matchLabels") or NOTHING
    lacking = [f"{key}: {value}" for key, value in wanted.items() if labels.get(key) != value]
    if lacking:
        fix = f"Give the template's metadata the labels of the selector: {', '.join(lacking)}."
    elif selector:
        fix = "Make the labels of the template match the selector."
    else:
        fix = "Add selector with matchLabels that the template's labels match."
    return invalid("spec.template.metadata.labels", dict(labels), MISMATCH, fix)


def _selector_errors(spec: Value, named: str) -> Errors:
    """A label selector that must select the template's own pods. ``named`` as the API server does."""
    selector = spec.get("selector")
    if selector is None:
        yield required("spec.selector", "", "Add selector with matchLabels that the template's labels match.")
        return
    wrong = list(selector_errors("spec.selector", selector))
    yield from wrong
    labels = _template_labels(spec)
    if selects_nothing_by_name(selector):
        yield invalid(
            "spec.selector",
            dict(selector),
            f"empty selector is invalid for {named}",
            f"Write matchLabels: {flow(labels)} below selector."
            if labels and all(labels.values())
            else "Add matchLabels that the template's labels match.",
        )
    elif not wrong and not selector_matches(selector, labels):
        yield _mismatch(selector, labels)


def _strategy_errors(spec: Value) -> Errors:
    strategy = spec.get("strategy") or NOTHING
    kind = strategy.get("type")
    if kind == "Recreate" and strategy.get("rollingUpdate") is not None:
        yield forbidden(
            "spec.strategy.rollingUpdate",
            "may not be specified when strategy `type` is 'Recreate'",
            "Remove rollingUpdate, or set type: RollingUpdate.",
        )
    elif kind and kind not in ("Recreate", "RollingUpdate"):
        yield not_supported("spec.strategy", kind, ("Recreate", "RollingUpdate"))


def _job_spec_errors(path: str, spec: Value, *, live: bool) -> Errors:
    counts = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished")
    yield from _count_errors(path, spec, counts)
    mode = spec.get("completionMode")
    if mode is not None and mode not in COMPLETION_MODES:
        yield not_supported(f"{path}.completionMode", mode, COMPLETION_MODES)
    elif mode == "Indexed" and spec.get("completions") is None:
        yield required(f"{path}.completions", "when completion mode is Indexed", "Add completions.")
    template = spec.get("template") or NOTHING
    yield from template_errors(f"{path}.template", template, live=live)
    policy = (template.get("spec") or NOTHING).get("restartPolicy") or "Always"
    if policy not in JOB_RESTART_POLICIES:
        yield not_supported(
            f"{path}.template.spec.restartPolicy",
            policy,
            JOB_RESTART_POLICIES,
            "Add restartPolicy: Never to the pod template; Always, the default, suits no Job.",
        )


def _schedule_errors(text: str, zone: str | None, live: bool) -> Errors:
    wrong = schedule(text)
    if wrong:
        yield invalid(
            "spec.schedule",
            text,
            wrong,
            'Write minute, hour, day of month, month and day of week, such as "*/5 * * * *".',
        )
    if "TZ" in text:
        if not live:
            yield invalid(
                "spec.schedule",
                text,
                "cannot use TZ or CRON_TZ in schedule, use timeZone field instead",
                "Move the zone to timeZone.",
            )
        elif zone is not None:
            yield invalid("spec.schedule", text, "cannot use both timeZone field and TZ or CRON_TZ in schedule")


def _time_zone_errors(zone: str) -> Errors:
    """The form of the name; which zones exist, the cluster's own database says."""
    field = "spec.timeZone"
    if not zone:
        yield invalid(field, zone, "timeZone must be nil or non-empty string", "Remove timeZone.")
    elif any(part in (".", "..") or not _is_zone_part(part) for part in zone.split("/")):
        yield invalid(field, zone, f"unknown time zone {zone}", "Write a name such as Europe/Paris or Etc/UTC.")
    elif zone.lower() == "local":
        yield invalid(
            field,
            zone,
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
            "Write a name such as Europe/Paris or Etc/UTC.",
        )
