"""Validation judges every manifest that its JSON Schema lets through: it never raises and never accepts a crash."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcnet.loading.convert import convert
from kcnet.loading.kinds import served
from kcnet.loading.schema import check, shape_of_kind
from kcnet.loading.validation import validate
from tests.loading.validation import (
    test_rejected_clusters,
    test_rejected_endpoints,
    test_rejected_ingresses,
    test_rejected_pods,
    test_rejected_policies,
    test_rejected_services,
    test_rejected_workloads,
)
from tests.loading.validation.rows import document, flow, manifest


def corpus() -> Iterator[dict[str, Any]]:
    """Manifests with nearly every field that a rule reads."""
    for row in (*test_rejected_services.REJECTED, *test_rejected_services.ACCEPTED):
        yield test_rejected_services.service(row.text)
    for row in (*test_rejected_services.STATUS_REJECTED, *test_rejected_services.STATUS_ACCEPTED):
        yield test_rejected_services.balanced(row.text)
    for row in (*test_rejected_pods.CONTAINER_REJECTED, *test_rejected_pods.CONTAINER_ACCEPTED):
        yield test_rejected_pods.pod(flow(row.text))
    for row in (*test_rejected_pods.POD_REJECTED, *test_rejected_pods.POD_ACCEPTED):
        yield test_rejected_pods.pod({}, **flow(row.text))
    for row in (*test_rejected_ingresses.REJECTED, *test_rejected_ingresses.ACCEPTED):
        yield manifest("Ingress", spec=flow(row.text))
    for row in (*test_rejected_ingresses.CLASS_REJECTED, *test_rejected_ingresses.CLASS_ACCEPTED):
        yield manifest("IngressClass", spec=flow(row.text))
    for row in (*test_rejected_policies.REJECTED, *test_rejected_policies.ACCEPTED):
        yield manifest("NetworkPolicy", spec=flow(row.text))
    for row in (*test_rejected_endpoints.REJECTED, *test_rejected_endpoints.ACCEPTED):
        if "20001" not in row.what:
            yield test_rejected_endpoints.endpoint_slice(row.text)
    for row in (*test_rejected_endpoints.LEGACY_REJECTED, *test_rejected_endpoints.LEGACY_ACCEPTED):
        yield manifest("Endpoints", subsets=flow(row.text))
    for row in (*test_rejected_clusters.NODE_REJECTED, *test_rejected_clusters.NODE_ACCEPTED):
        yield manifest("Node", spec=flow(row.text))
    for row in (*test_rejected_clusters.SECRET_REJECTED, *test_rejected_clusters.SECRET_ACCEPTED):
        yield manifest("Secret", **flow(row.text))
    for row in (*test_rejected_clusters.CONFIG_MAP_REJECTED, *test_rejected_clusters.CONFIG_MAP_ACCEPTED):
        yield manifest("ConfigMap", **flow(row.text))
    for row in (*test_rejected_clusters.CLUSTER_REJECTED, *test_rejected_clusters.CLUSTER_ACCEPTED):
        yield manifest("Cluster", spec=flow(row.text))
    for kind in test_rejected_workloads.LONG_RUNNING:
        for row in (*test_rejected_workloads.REJECTED, *test_rejected_workloads.ACCEPTED):
            yield test_rejected_workloads.workload(kind, row.text)
    for row in test_rejected_workloads.CRON_REJECTED:
        yield test_rejected_workloads.cron(row.text)
    for row in test_rejected_workloads.JOB_REJECTED:
        yield manifest("Job", spec=test_rejected_workloads.job(row.text))
    for row in test_rejected_workloads.CONTROLLER:
        yield test_rejected_workloads.controller(row.text)


CORPUS = tuple(corpus())

TEXTS = (
    "",
    "a",
    "None",
    "0",
    "-",
    "x y",
    "10.0.0.1",
    "fd00::1/64",
    "a" * 300,
    "é\x1b",
    "/",
    "..",
    "TCP",
    "metadata.labels['a']",
)
NUMBERS = (0, -1, 1, 80, 30080, 65535, 65536, 2**31 - 1, -(2**31))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield (*path, index)
            yield from places(item, (*path, index))


def mutated(value: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same manifest with a few fields dropped, nulled, repeated, or given another value of their type."""
    value = copy.deepcopy(value)
    for _ in range(chance.randint(1, 4)):
        spots = [path for path in places(value) if path not in (("kind",), ("apiVersion",))]
        if not spots:
            break
        path = chance.choice(spots)
        parent = value
        for step in path[:-1]:
            parent = parent[step]
        last, item = path[-1], parent[path[-1]]
        action = chance.randint(0, 3)
        if action == 0:
            del parent[last]
        elif action == 1:
            parent[last] = None
        elif isinstance(item, bool) or item is None:
            parent[last] = not item if item is not None else None
        elif isinstance(item, str):
            parent[last] = chance.choice(TEXTS)
        elif isinstance(item, int):
            parent[last] = chance.choice(NUMBERS)
        elif isinstance(item, list):
            parent[last] = [*item, *item, None][: chance.randint(0, 5)]
        else:
            parent[last] = {}
    return value


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CORPUS), st.integers(0, 2**32))
def test_it_never_raises(value: dict[str, Any], seed: int) -> None:
    for violation in validate(document(mutated(value, random.Random(seed)))):
        assert violation.code.startswith("API_")
        assert violation.field
        assert violation.message.isprintable()


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CORPUS), st.integers(0, 2**32))
def test_what_passes_can_be_converted(value: dict[str, Any], seed: int) -> None:
    subject = document(mutated(value, random.Random(seed)))
    kind = served(subject.kind, subject.api_version)
    assert kind is not None
    if not check(subject.value, shape_of_kind(kind)) and not list(validate(subject)):
        convert(subject)


@pytest.mark.parametrize("kind", sorted({value["kind"] for value in CORPUS}))
@pytest.mark.parametrize("spec", [None, {}])
def test_it_never_raises_on_emptiness(kind: str, spec: dict[str, Any] | None) -> None:
    list(validate(document({"apiVersion": "v1", "kind": kind, "metadata": None, "spec": spec, "status": None})))
    list(validate(document({"apiVersion": "v1", "kind": kind})))
