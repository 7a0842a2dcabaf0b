# ruff: noqa: E501 - rows of tables stay on one line
"""Workloads that the API server rejects, and their nearest neighbours that it accepts.

https://kubernetes.io/docs/concepts/workloads/
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.loading.validation.rows import (
    FORBIDDEN,
    INVALID,
    NOT_FOUND,
    REQUIRED,
    UNSUPPORTED,
    Bad,
    Good,
    expect,
    flow,
    manifest,
    violations,
)

CONTAINERS = "containers: [{name: web, image: nginx}]"
TEMPLATE = f"template: {{metadata: {{labels: {{app: web}}}}, spec: {{{CONTAINERS}}}}}"
SELECTOR = "selector: {matchLabels: {app: web}}"
MISMATCH = "`selector` does not match template `labels`"
LABELS = "spec.template.metadata.labels"
POLICY = "spec.template.spec.restartPolicy"
LONG_RUNNING = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")


def workload(kind: str, text: str) -> dict[str, Any]:
    return manifest(kind, spec=flow(f"{{{SELECTOR}, {TEMPLATE}}}") | flow(text))


REJECTED = (
    Bad("selector of other labels", "{selector: {matchLabels: {app: api}}}", LABELS, INVALID, MISMATCH),
    Bad("selector of more labels", "{selector: {matchLabels: {app: web, tier: front}}}", LABELS, INVALID, MISMATCH),
    Bad("selector by expression", "{selector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}", LABELS, INVALID, MISMATCH),
    Bad("template without labels", f"{{template: {{spec: {{{CONTAINERS}}}}}}}", LABELS, INVALID, MISMATCH),
    Bad("an empty selector", "{selector: {}}", "spec.selector", INVALID, "empty selector is invalid for "),
    Bad("an empty map of labels", "{selector: {matchLabels: {}}}", "spec.selector", INVALID, "empty selector is invalid for "),
    Bad("selector value with a blank", "{selector: {matchLabels: {app: my web}}}", "spec.selector.matchLabels", INVALID, "a valid label"),
    Bad("selector In without values", "{selector: {matchExpressions: [{key: app, operator: In}]}}", "spec.selector.matchExpressions[0].values", REQUIRED, "must be specified when `operator` is 'In' or 'NotIn'"),
    Bad("selector operator unknown", "{selector: {matchExpressions: [{key: app, operator: Is, values: [web]}]}}", "spec.selector.matchExpressions[0].operator", INVALID, "not a valid selector operator"),
    Bad("restartPolicy Never", f"{{template: {{metadata: {{labels: {{app: web}}}}, spec: {{restartPolicy: Never, {CONTAINERS}}}}}}}", POLICY, UNSUPPORTED, '"Never": supported values: "Always"'),
    Bad("restartPolicy OnFailure", f"{{template: {{metadata: {{labels: {{app: web}}}}, spec: {{restartPolicy: OnFailure, {CONTAINERS}}}}}}}", POLICY, UNSUPPORTED, '"OnFailure": supported values: "Always"'),
    Bad("activeDeadlineSeconds", f"{{template: {{metadata: {{labels: {{app: web}}}}, spec: {{activeDeadlineSeconds: 5, {CONTAINERS}}}}}}}", "spec.template.spec.activeDeadlineSeconds", FORBIDDEN, "is not Supported"),
    Bad("minReadySeconds -1", "{minReadySeconds: -1}", "spec.minReadySeconds", INVALID, "must be greater than or equal to 0"),
    Bad("no containers", "{template: {metadata: {labels: {app: web}}, spec: {containers: []}}}", "spec.template.spec.containers", REQUIRED),
    Bad("template label with a blank", f"{{template: {{metadata: {{labels: {{app: web, note: a b}}}}, spec: {{{CONTAINERS}}}}}}}", "spec.template.labels", INVALID, "a valid label"),
    Bad("template annotation with a blank", f"{{template: {{metadata: {{labels: {{app: web}}, annotations: {{a b: c}}}}, spec: {{{CONTAINERS}}}}}}}", "spec.template.annotations", INVALID, "name part"),
    Bad("ephemeral containers", f"{{template: {{metadata: {{labels: {{app: web}}}}, spec: {{ephemeralContainers: [{{name: a}}], {CONTAINERS}}}}}}}", "spec.template.spec.ephemeralContainers", FORBIDDEN, "ephemeral containers not allowed in pod template"),
)

ACCEPTED = (
    Good("plain", "{}"),
    Good("more labels than selected", f"{{template: {{metadata: {{labels: {{app: web, a: b}}}}, spec: {{{CONTAINERS}}}}}}}"),
    Good("selector by expressions", "{selector: {matchExpressions: [{key: app, operator: In, values: [web, api]}, {key: x, operator: DoesNotExist}, {key: app, operator: Exists}]}}"),
    Good("restartPolicy Always", f"{{template: {{metadata: {{labels: {{app: web}}}}, spec: {{restartPolicy: Always, {CONTAINERS}}}}}}}"),
    Good("a template with a strange name", f"{{template: {{metadata: {{name: NOT VALID, labels: {{app: web}}}}, spec: {{{CONTAINERS}}}}}}}"),
    Good("nulls", "{minReadySeconds: null}"),
)


@pytest.mark.parametrize("kind", LONG_RUNNING)
@pytest.mark.parametrize("row", REJECTED, ids=str)
def test_rejected(kind: str, row: Bad) -> None:
    expect(row, workload(kind, row.text))


@pytest.mark.parametrize("kind", LONG_RUNNING)
@pytest.mark.parametrize("row", ACCEPTED, ids=str)
def test_accepted(kind: str, row: Good) -> None:
    assert violations(workload(kind, row.text)) == []


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet", "StatefulSet"])
def test_a_selector_is_required(kind: str) -> None:
    expect(Bad("", "", "spec.selector", REQUIRED), workload(kind, "{selector: null}"))


def test_a_daemon_set_without_selector_matches_nothing() -> None:
    expect(Bad("", "", LABELS, INVALID, MISMATCH), workload("DaemonSet", "{selector: null}"))


@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet", "StatefulSet"])
@pytest.mark.parametrize("count", [-1, -100])
def test_replicas_are_not_negative(kind: str, count: int) -> None:
    row = Bad("", "", "spec.replicas", INVALID, f"{count}: must be greater than or equal to 0")
    expect(row, workload(kind, f"{{replicas: {count}}}"))
    assert violations(workload(kind, "{replicas: 0}")) == []


def test_the_fix_names_the_labels_that_lack() -> None:
    (found,) = violations(workload("Deployment", "{selector: {matchLabels: {app: web, tier: front}}}"))
    assert found.fix == "Give the template's metadata the labels of the selector: tier: front."


ONE_KIND_REJECTED = (
    ("Deployment", Bad("Recreate with rollingUpdate", "{strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}}", "spec.strategy.rollingUpdate", FORBIDDEN, "may not be specified when strategy `type` is 'Recreate'")),
    ("Deployment", Bad("strategy unknown", "{strategy: {type: Rolling}}", "spec.strategy", UNSUPPORTED, '"Recreate", "RollingUpdate"')),
    ("Deployment", Bad("revisionHistoryLimit -1", "{revisionHistoryLimit: -1}", "spec.revisionHistoryLimit", INVALID, "must be greater than or equal to 0")),
    ("StatefulSet", Bad("serviceName with a dot", "{serviceName: web.shop}", "spec.serviceName", INVALID, "must not contain dots")),
    ("StatefulSet", Bad("podManagementPolicy unknown", "{podManagementPolicy: Ordered}", "spec.podManagementPolicy", INVALID, "must be 'OrderedReady' or 'Parallel'")),
    ("StatefulSet", Bad("ordinals below 0", "{ordinals: {start: -1}}", "spec.ordinals.start", INVALID, "must be greater than or equal to 0")),
    ("StatefulSet", Bad("updateStrategy unknown", "{updateStrategy: {type: Recreate}}", "spec.updateStrategy", INVALID, "must be 'RollingUpdate' or 'OnDelete'")),
)


@pytest.mark.parametrize(("kind", "row"), ONE_KIND_REJECTED, ids=str)
def test_rejected_of_one_kind(kind: str, row: Bad) -> None:
    expect(row, workload(kind, row.text))


ONE_KIND_ACCEPTED = (
    ("Deployment", "{strategy: {type: Recreate}}"),
    ("Deployment", "{strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}"),
    ("Deployment", "{strategy: {rollingUpdate: {maxUnavailable: 25%}}}"),
    ("StatefulSet", "{serviceName: web, podManagementPolicy: Parallel, ordinals: {start: 5}, updateStrategy: {type: OnDelete}}"),
    ("StatefulSet", "{serviceName: ''}"),
)


@pytest.mark.parametrize(("kind", "text"), ONE_KIND_ACCEPTED)
def test_accepted_of_one_kind(kind: str, text: str) -> None:
    assert violations(workload(kind, text)) == []


def test_a_stateful_set_mounts_its_claims() -> None:
    container = "{name: web, image: nginx, volumeMounts: [{name: data, mountPath: /data}]}"
    template = f"template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{container}]}}}}"
    assert violations(workload("StatefulSet", f"{{{template}, volumeClaimTemplates: [{{metadata: {{name: data}}}}]}}")) == []
    row = Bad("", "", "spec.template.spec.containers[0].volumeMounts[0].name", NOT_FOUND, '"data"')
    expect(row, workload("StatefulSet", f"{{{template}, volumeClaimTemplates: [{{metadata: {{name: disk}}}}]}}"))


CONTROLLER = (
    Bad("selector of other labels", "{selector: {app: api}}", LABELS, INVALID, MISMATCH),
    Bad("replicas -1", "{replicas: -1}", "spec.replicas", INVALID, "must be greater than or equal to 0"),
    Bad("no template", "{template: null}", "spec.template", REQUIRED),
    Bad("no labels at all", f"{{selector: null, template: {{spec: {{{CONTAINERS}}}}}}}", "spec.selector", REQUIRED),
    Bad("restartPolicy Never", f"{{template: {{metadata: {{labels: {{app: web}}}}, spec: {{restartPolicy: Never, {CONTAINERS}}}}}}}", POLICY, UNSUPPORTED, '"Always"'),
)


def controller(text: str) -> dict[str, Any]:
    return manifest("ReplicationController", spec=flow(f"{{selector: {{app: web}}, {TEMPLATE}}}") | flow(text))


@pytest.mark.parametrize("row", CONTROLLER, ids=str)
def test_replication_controller_rejected(row: Bad) -> None:
    expect(row, controller(row.text))


@pytest.mark.parametrize("text", ["{}", "{selector: null}", "{selector: {}}", "{replicas: 3}"])
def test_replication_controller_accepted(text: str) -> None:
    assert violations(controller(text)) == []


def job(text: str, template: str = "{}") -> dict[str, Any]:
    pod = {"restartPolicy": "Never", "containers": [{"name": "a", "image": "b"}], **flow(template)}
    return {"template": {"spec": pod}, **flow(text)}


JOB_REJECTED = (
    Bad("parallelism -1", "{parallelism: -1}", "parallelism", INVALID, "must be greater than or equal to 0"),
    Bad("completions -1", "{completions: -1}", "completions", INVALID, "must be greater than or equal to 0"),
    Bad("backoffLimit -1", "{backoffLimit: -1}", "backoffLimit", INVALID, "must be greater than or equal to 0"),
    Bad("ttl -1", "{ttlSecondsAfterFinished: -1}", "ttlSecondsAfterFinished", INVALID, "must be greater than or equal to 0"),
    Bad("completionMode unknown", "{completionMode: indexed}", "completionMode", UNSUPPORTED, '"NonIndexed", "Indexed"'),
    Bad("Indexed without completions", "{completionMode: Indexed}", "completions", REQUIRED, "when completion mode is Indexed"),
)
JOB_TEMPLATES_REJECTED = (
    Bad("restartPolicy Always", "{restartPolicy: Always}", "template.spec.restartPolicy", UNSUPPORTED, '"Always": supported values: "OnFailure", "Never"'),
    Bad("restartPolicy left out", "{restartPolicy: null}", "template.spec.restartPolicy", UNSUPPORTED, '"Always": supported values: "OnFailure", "Never"'),
    Bad("no containers", "{containers: []}", "template.spec.containers", REQUIRED),
)


@pytest.mark.parametrize("row", JOB_REJECTED, ids=str)
def test_job_rejected(row: Bad) -> None:
    expect(row._replace(field=f"spec.{row.field}"), manifest("Job", spec=job(row.text)))
    cron = manifest("CronJob", spec={"schedule": "0 3 * * *", "jobTemplate": {"spec": job(row.text)}})
    expect(row._replace(field=f"spec.jobTemplate.spec.{row.field}"), cron)


@pytest.mark.parametrize("row", JOB_TEMPLATES_REJECTED, ids=str)
def test_template_of_a_job_rejected(row: Bad) -> None:
    expect(row._replace(field=f"spec.{row.field}"), manifest("Job", spec=job("{}", row.text)))
    cron = manifest("CronJob", spec={"schedule": "0 3 * * *", "jobTemplate": {"spec": job("{}", row.text)}})
    expect(row._replace(field=f"spec.jobTemplate.spec.{row.field}"), cron)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{parallelism: 0, completions: 3, backoffLimit: 0}",
        "{completionMode: Indexed, completions: 2}",
        "{activeDeadlineSeconds: 5}",
    ],
)
def test_job_accepted(text: str) -> None:
    assert violations(manifest("Job", spec=job(text))) == []
    assert violations(manifest("Job", spec=job(text, "{restartPolicy: OnFailure}"))) == []


def test_a_job_makes_its_own_selector() -> None:
    row = Bad("", "", "spec.selector", INVALID, "`selector` not auto-generated")
    expect(row, manifest("Job", spec=job("{selector: {matchLabels: {app: web}}}")))
    live = manifest("Job", metadata={"name": "a", "uid": "u"}, spec=job("{selector: {matchLabels: {controller-uid: u}}}"))
    assert violations(live) == []
    manual = job("{manualSelector: true, selector: {matchLabels: {app: web}}}")
    expect(Bad("", "", LABELS, INVALID, MISMATCH), manifest("Job", spec=manual))
    manual["template"]["metadata"] = {"labels": {"app": "web"}}
    assert violations(manifest("Job", spec=manual)) == []
    expect(Bad("", "", "spec.selector", REQUIRED), manifest("Job", spec=job("{manualSelector: true}")))


def cron(text: str) -> dict[str, Any]:
    return manifest("CronJob", spec={"schedule": "0 3 * * *", "jobTemplate": {"spec": job("{}")}, **flow(text)})


CRON_REJECTED = (
    Bad("no schedule", "{schedule: ''}", "spec.schedule", REQUIRED),
    Bad("four fields", "{schedule: '* * * *'}", "spec.schedule", INVALID, "expected exactly 5 fields, found 4"),
    Bad("six fields", "{schedule: '0 0 3 * * *'}", "spec.schedule", INVALID, "expected exactly 5 fields, found 6"),
    Bad("minute 60", "{schedule: '60 * * * *'}", "spec.schedule", INVALID, "end of range (60) above maximum (59): 60"),
    Bad("hour 24", "{schedule: '0 24 * * *'}", "spec.schedule", INVALID, "end of range (24) above maximum (23)"),
    Bad("day 0", "{schedule: '0 0 0 * *'}", "spec.schedule", INVALID, "beginning of range (0) below minimum (1)"),
    Bad("month 13", "{schedule: '0 0 1 13 *'}", "spec.schedule", INVALID, "end of range (13) above maximum (12)"),
    Bad("weekday 7", "{schedule: '0 0 * * 7'}", "spec.schedule", INVALID, "end of range (7) above maximum (6)"),
    Bad("range backwards", "{schedule: '30-10 * * * *'}", "spec.schedule", INVALID, "beginning of range (30) beyond end of range (10)"),
    Bad("step 0", "{schedule: '*/0 * * * *'}", "spec.schedule", INVALID, "step of range should be a positive number"),
    Bad("words", "{schedule: 'every five minutes or so'}", "spec.schedule", INVALID, "failed to parse int from"),
    Bad("two slashes", "{schedule: '*/5/5 * * * *'}", "spec.schedule", INVALID, "too many slashes"),
    Bad("two hyphens", "{schedule: '1-2-3 * * * *'}", "spec.schedule", INVALID, "too many hyphens"),
    Bad("a star and two hyphens", "{schedule: '*-1-2 * * * *'}", "spec.schedule", INVALID, "too many hyphens"),
    Bad("a step in words", "{schedule: '*/five * * * *'}", "spec.schedule", INVALID, "failed to parse int from five"),
    Bad("nothing but blanks", "{schedule: '  '}", "spec.schedule", INVALID, "empty spec string"),
    Bad("descriptor unknown", "{schedule: '@often'}", "spec.schedule", INVALID, "unrecognized descriptor: @often"),
    Bad("every without unit", "{schedule: '@every 5'}", "spec.schedule", INVALID, "failed to parse duration"),
    Bad("zone in the schedule", "{schedule: 'TZ=UTC 0 3 * * *'}", "spec.schedule", INVALID, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"),
    Bad("zone empty", "{timeZone: ''}", "spec.timeZone", INVALID, "timeZone must be nil or non-empty string"),
    Bad("zone with blanks", "{timeZone: 'New York'}", "spec.timeZone", INVALID, "unknown time zone New York"),
    Bad("zone local", "{timeZone: Local}", "spec.timeZone", INVALID, "timeZone must be an explicit time zone"),
    Bad("concurrencyPolicy unknown", "{concurrencyPolicy: forbid}", "spec.concurrencyPolicy", UNSUPPORTED, '"Allow", "Forbid", "Replace"'),
    Bad("history -1", "{failedJobsHistoryLimit: -1}", "spec.failedJobsHistoryLimit", INVALID, "must be greater than or equal to 0"),
    Bad("deadline -1", "{startingDeadlineSeconds: -1}", "spec.startingDeadlineSeconds", INVALID, "must be greater than or equal to 0"),
)

SCHEDULES = (
    "* * * * *",
    "*/5 * * * *",
    "0 3 * * *",
    "0 0 1 1 *",
    "59 23 31 12 6",
    "0-30/10 8-18 * * mon-fri",
    "0 0 * JAN,JUL SUN",
    "5,35 * * * *",
    "*/61 * * * *",
    "? * ? * ?",
    "10/15 * * * *",
    " 0  3 * * * ",
    "@hourly",
    "@daily",
    "@midnight",
    "@weekly",
    "@monthly",
    "@yearly",
    "@annually",
    "@every 1h30m",
    "@every 90s",
)


@pytest.mark.parametrize("row", CRON_REJECTED, ids=str)
def test_cron_job_rejected(row: Bad) -> None:
    expect(row, cron(row.text))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedules_accepted(schedule: str) -> None:
    value = cron("{}")
    value["spec"]["schedule"] = schedule
    assert violations(value) == []


@pytest.mark.parametrize("zone", ["Etc/UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "UTC"])
def test_time_zones_accepted(zone: str) -> None:
    assert violations(cron(f"{{timeZone: {zone}}}")) == []


def test_a_live_cron_job_may_have_its_zone_in_the_schedule() -> None:
    value = cron("{schedule: 'CRON_TZ=Europe/Paris 0 3 * * *'}")
    value["metadata"]["uid"] = "u"
    assert violations(value) == []
    value["spec"]["timeZone"] = "Etc/UTC"
    expect(Bad("", "", "spec.schedule", INVALID, "cannot use both timeZone field and TZ or CRON_TZ in schedule"), value)


def test_no_cron_job_has_a_manual_selector() -> None:
    value = cron("{}")
    value["spec"]["jobTemplate"]["spec"]["manualSelector"] = True
    expect(Bad("", "", "spec.jobTemplate.spec.manualSelector", UNSUPPORTED, '"nil", "false"'), value)


def test_the_selector_of_a_cron_job_is_made_for_each_job() -> None:
    value = cron("{}")
    value["spec"]["jobTemplate"]["spec"]["selector"] = {"matchLabels": {"a": "b"}}
    expect(Bad("", "", "spec.jobTemplate.spec.selector", INVALID, "`selector` will be auto-generated"), value)
