# ruff: noqa: E501 - rows of tables stay on one line
"""Names, namespaces, labels and annotations that the API server rejects, kind by kind.

https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.loading.validation.rows import INVALID, REQUIRED, TOO_LONG, Bad, Good, expect, flow, manifest, violations

A63, A64 = "a" * 63, "a" * 64
LONG = ".".join(["a" * 49] * 5)
"""A subdomain of 249 characters."""

POD = {"containers": [{"name": "web", "image": "nginx"}]}
TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": POD}
JOB = {"template": {"spec": {**POD, "restartPolicy": "Never"}}}
WORKLOAD = {"spec": {"selector": {"matchLabels": {"app": "web"}}, "template": TEMPLATE}}

BODIES: dict[str, dict[str, Any]] = {
    "Namespace": {},
    "Node": {},
    "Pod": {"spec": POD},
    "Deployment": WORKLOAD,
    "ReplicaSet": WORKLOAD,
    "StatefulSet": WORKLOAD,
    "DaemonSet": WORKLOAD,
    "ReplicationController": {"spec": {"selector": {"app": "web"}, "template": TEMPLATE}},
    "Job": {"spec": JOB},
    "CronJob": {"spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": JOB}}},
    "Service": {"spec": {"ports": [{"port": 80}]}},
    "Endpoints": {},
    "EndpointSlice": {"addressType": "IPv4", "endpoints": []},
    "Ingress": {"spec": {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}},
    "IngressClass": {"spec": {"controller": "example.com/x"}},
    "NetworkPolicy": {"spec": {"podSelector": {}}},
    "Secret": {},
}
LABELS = {"Namespace", "Service", "StatefulSet"}
"""Kinds whose names are one label."""


def made(kind: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return manifest(kind, metadata=metadata, **BODIES[kind])


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("name", ["web", "a", "0", "1web", "web-1", "a--b", "a" * 52])
def test_every_kind_takes_a_plain_name(kind: str, name: str) -> None:
    assert violations(made(kind, {"name": name})) == []


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize(
    "name", ["Web", "web_1", "-web", "web-", "web/1", "we b", "wéb", ".web", "web.", "web..1", "*"]
)
def test_no_kind_takes_an_odd_name(kind: str, name: str) -> None:
    found = violations(made(kind, {"name": name}))
    assert {(each.field, each.code) for each in found} == {("metadata.name", INVALID)}
    assert f'"{name}": ' in found[0].message


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("name", ["web.shop", "a" * 52 + ".b"])
def test_only_some_kinds_take_dots(kind: str, name: str) -> None:
    found = violations(made(kind, {"name": name}))
    if kind in LABELS:
        assert [each.message for each in found] == [f'Invalid value: "{name}": must not contain dots']
    elif kind == "CronJob" and len(name) > 52:
        assert [each.message for each in found] == [f'Invalid value: "{name}": must be no more than 52 characters']
    else:
        assert found == []


@pytest.mark.parametrize("kind", BODIES)
def test_names_have_a_length(kind: str) -> None:
    most = 63 if kind in LABELS else 52 if kind == "CronJob" else 253
    fits = "a" * most if most < 253 else f"{LONG}.abc"
    assert len(fits) == most
    assert violations(made(kind, {"name": fits})) == []
    found = violations(made(kind, {"name": f"{fits}d"}))
    assert len(found) == 1
    assert f"must be no more than {most} " in found[0].message


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("metadata", [{}, {"name": ""}, {"name": None}, {"labels": {"a": "b"}}])
def test_a_name_is_required(kind: str, metadata: dict[str, Any]) -> None:
    (found,) = violations(made(kind, metadata))
    assert (found.field, found.code) == ("metadata.name", REQUIRED)
    assert found.message == "Required value: name or generateName is required"


@pytest.mark.parametrize("kind", BODIES)
def test_generate_name_will_do(kind: str) -> None:
    assert violations(made(kind, {"generateName": "web-"})) == []
    (found,) = violations(made(kind, {"generateName": "Web-"}))
    assert (found.field, found.code) == ("metadata.generateName", INVALID)


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_a_namespace_is_a_label(kind: str) -> None:
    found = violations(made(kind, {"name": "web", "namespace": "My.Shop"}))
    if kind in ("Namespace", "Node", "IngressClass"):
        assert found == []  # ignored
    else:
        assert [(each.field, each.code) for each in found] == [("metadata.namespace", INVALID)]
    assert violations(made(kind, {"name": "web", "namespace": "shop-1"})) == []


@pytest.mark.parametrize("kind", BODIES)
def test_a_live_object_keeps_its_name(kind: str) -> None:
    assert violations(made(kind, {"name": "Web_1", "uid": "0c5c"})) == []


def test_kinds_that_nobody_knows_pass() -> None:
    assert violations(manifest("Widget", metadata={"name": "NOT VALID"})) == []


METADATA_REJECTED = (
    Bad(
        "label value with a blank",
        "{labels: {app: my web}}",
        "metadata.labels",
        INVALID,
        '"my web": a valid label must be an empty string or consist of',
    ),
    Bad("label value that ends with a dot", "{labels: {app: web.}}", "metadata.labels", INVALID, "a valid label"),
    Bad("label value with a slash", "{labels: {app: a/b}}", "metadata.labels", INVALID, "a valid label"),
    Bad("label value with a colon", "{labels: {app: 'nginx:1.29'}}", "metadata.labels", INVALID, "a valid label"),
    Bad(
        "label value of 64", f"{{labels: {{app: {A64}}}}}", "metadata.labels", INVALID, "must be no more than 63 bytes"
    ),
    Bad("label value with an umlaut", "{labels: {app: Käse}}", "metadata.labels", INVALID, "a valid label"),
    Bad(
        "label key of 64",
        f"{{labels: {{{A64}: b}}}}",
        "metadata.labels",
        INVALID,
        "name part must be no more than 63 bytes",
    ),
    Bad(
        "label key with a blank",
        "{labels: {my app: web}}",
        "metadata.labels",
        INVALID,
        "name part must consist of alphanumeric characters",
    ),
    Bad(
        "label key with two slashes",
        "{labels: {a/b/c: web}}",
        "metadata.labels",
        INVALID,
        "a qualified name must consist of",
    ),
    Bad(
        "label key that ends with a slash",
        "{labels: {a/: web}}",
        "metadata.labels",
        INVALID,
        "name part must be non-empty",
    ),
    Bad(
        "label prefix in capitals",
        "{labels: {Example.com/app: web}}",
        "metadata.labels",
        INVALID,
        "prefix part a lowercase RFC 1123 subdomain",
    ),
    Bad(
        "label prefix of 254",
        f"{{labels: {{{LONG}.abcd/app: web}}}}",
        "metadata.labels",
        INVALID,
        "prefix part must be no more than 253 bytes",
    ),
    Bad(
        "annotation key with a blank",
        "{annotations: {my note: x}}",
        "metadata.annotations",
        INVALID,
        '"my note": name part must consist of',
    ),
    Bad(
        "annotation key with two slashes",
        "{annotations: {a/b/c: x}}",
        "metadata.annotations",
        INVALID,
        "a qualified name",
    ),
    Bad(
        "what a pod listens on",
        "{annotations: {kcnet/listens: '80,http'}}",
        "metadata.annotations[kcnet/listens]",
        INVALID,
        "'http' is not a port",
    ),
    Bad(
        "annotations of more than 256 kB",
        f"{{annotations: {{a: {'x' * 262144}}}}}",
        "metadata.annotations",
        TOO_LONG,
        "may not be more than 262144 bytes",
    ),
    Bad(
        "finalizer without a domain",
        "{finalizers: [mine]}",
        "metadata.finalizers[0]",
        INVALID,
        "name is neither a standard finalizer name nor is it fully qualified",
    ),
    Bad(
        "two controllers",
        "{ownerReferences: [{apiVersion: v1, kind: A, name: a, uid: u, controller: true}, {apiVersion: v1, kind: B, name: b, uid: v, controller: true}]}",
        "metadata.ownerReferences",
        INVALID,
        "Only one reference can have Controller set to true",
    ),
    Bad(
        "owner without uid",
        "{ownerReferences: [{apiVersion: v1, kind: A, name: a, uid: ''}]}",
        "metadata.ownerReferences.uid",
        INVALID,
        "must not be empty",
    ),
)

METADATA_ACCEPTED = (
    Good("label value empty", "{labels: {app: ''}}"),
    Good("label value null", "{labels: {app: null}}"),
    Good("label value of 63", f"{{labels: {{app: {A63}}}}}"),
    Good("label value in capitals", "{labels: {app: Web_1.0-b}}"),
    Good("label of one character", "{labels: {a: b}}"),
    Good("label key with prefix", "{labels: {app.kubernetes.io/name: web}}"),
    Good("label key in capitals", "{labels: {example.com/App_Name.1: web}}"),
    Good("label prefix of 253", f"{{labels: {{{LONG}.abc/{A63}: web}}}}"),
    Good("annotation value is free", "{annotations: {note: 'any text at all, with = and {}'}}"),
    Good("annotation key in capitals", "{annotations: {Example.com/Note: x}}"),
    Good("annotations of 256 kB", f"{{annotations: {{a: {'x' * 262143}}}}}"),
    Good("finalizer with a domain", "{finalizers: [example.com/mine]}"),
    Good("standard finalizers", "{finalizers: [foregroundDeletion]}"),
    Good(
        "a controller and an owner",
        "{ownerReferences: [{apiVersion: v1, kind: A, name: a, uid: u, controller: true}, {apiVersion: v1, kind: B, name: b, uid: v}]}",
    ),
    Good("nulls", "{labels: null, annotations: null, finalizers: null, ownerReferences: null, namespace: null}"),
)


@pytest.mark.parametrize("row", METADATA_REJECTED, ids=str)
def test_rejected(row: Bad) -> None:
    expect(row, made("Secret", {"name": "web", **flow(row.text)}))


@pytest.mark.parametrize("row", METADATA_ACCEPTED, ids=str)
def test_accepted(row: Good) -> None:
    assert violations(made("Secret", {"name": "web", **flow(row.text)})) == []


def test_the_fix_proposes_a_name() -> None:
    (found,) = violations(made("Service", {"name": "My_Web"}))
    assert found.fix == "Use lower-case letters, digits and '-', such as my-web."


def test_control_characters_never_reach_a_message() -> None:
    (found,) = violations(made("Service", {"name": "a\x1b[31mb"}))
    assert "\x1b" not in found.message
    assert r"\x1b" in found.message
