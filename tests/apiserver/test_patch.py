"""Patches: the examples of the Kubernetes documentation, RFC 7386, and what kubectl apply sends."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnet.apiserver.errors import ApiError
from kcnet.apiserver.patch import (
    LAST_APPLIED,
    PatchKind,
    last_applied,
    merge,
    patched,
    strategic_merge,
    three_way,
    with_last_applied,
)
from tests.apiserver.sandbox import deployment, resource, service

RFC_7386 = (
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
)


@pytest.mark.parametrize(("target", "patch", "result"), RFC_7386)
def test_json_merge_patch(target: Any, patch: Any, result: Any) -> None:
    assert merge(deepcopy(target), patch) == result


def _containers(value: dict[str, Any]) -> list[str]:
    return [item["name"] for item in value["spec"]["template"]["spec"]["containers"]]


def _patch(**spec: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": spec}}}


def test_containers_are_merged_by_name() -> None:
    made = strategic_merge("Deployment", deployment(), _patch(containers=[{"name": "side", "image": "redis"}]))
    assert sorted(_containers(made)) == ["side", "web"]
    made = strategic_merge("Deployment", deployment(), _patch(containers=[{"name": "web", "image": "nginx:2"}]))
    assert made["spec"]["template"]["spec"]["containers"] == [
        {"name": "web", "image": "nginx:2", "ports": [{"containerPort": 80}]}
    ]


def test_tolerations_are_replaced() -> None:
    old = deployment(tolerations=[{"key": "a", "operator": "Exists"}])
    made = strategic_merge("Deployment", old, _patch(tolerations=[{"key": "b", "operator": "Exists"}]))
    assert made["spec"]["template"]["spec"]["tolerations"] == [{"key": "b", "operator": "Exists"}]


def test_an_item_is_deleted_by_its_key() -> None:
    patch = _patch(containers=[{"name": "web", "$patch": "delete"}, {"name": "side", "image": "redis"}])
    assert _containers(strategic_merge("Deployment", deployment(), patch)) == ["side"]


def test_a_list_is_replaced_on_request() -> None:
    patch = _patch(containers=[{"name": "only", "image": "x"}, {"$patch": "replace"}])
    assert _containers(strategic_merge("Deployment", deployment(), patch)) == ["only"]


def test_ports_of_a_service_are_merged_by_port() -> None:
    old = service(ports=[{"port": 80, "name": "http"}])
    made = strategic_merge("Service", old, {"spec": {"ports": [{"port": 443, "name": "https"}]}})
    assert [port["port"] for port in made["spec"]["ports"]] == [80, 443]


def test_the_order_of_a_list_may_be_set() -> None:
    patch = _patch(containers=[{"name": "side", "image": "redis"}])
    patch["spec"]["template"]["spec"]["$setElementOrder/containers"] = [{"name": "side"}, {"name": "web"}]
    assert _containers(strategic_merge("Deployment", deployment(), patch)) == ["side", "web"]


def test_a_strategy_keeps_only_the_keys_that_are_named() -> None:
    old = deployment()
    old["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    assert strategic_merge("Deployment", old, patch)["spec"]["strategy"] == {"type": "Recreate"}


def test_an_item_without_its_merge_key_is_a_bad_request() -> None:
    with pytest.raises(ApiError, match="does not contain declared merge key: name"):
        strategic_merge("Deployment", deployment(), _patch(containers=[{"image": "x"}]))


def test_a_json_patch() -> None:
    patch = [{"op": "replace", "path": "/spec/replicas", "value": 5}]
    made = patched(resource("deploy"), deployment(), patch, PatchKind.JSON)
    assert made["spec"]["replicas"] == 5


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "replace", "path": "/spec/nowhere/x", "value": 5}],
        [{"op": "test", "path": "/spec/replicas", "value": 7}],
        [{"op": "jump", "path": "/spec"}],
        [{"op": "remove", "path": "spec"}],
        {"spec": {}},
        [{"op": "replace", "path": "", "value": 5}],
    ],
)
def test_a_json_patch_that_does_not_fit_is_refused(patch: Any) -> None:
    with pytest.raises(ApiError):
        patched(resource("deploy"), deployment(), patch, PatchKind.JSON)


def test_apply_deletes_what_the_user_no_longer_writes_and_keeps_what_others_wrote() -> None:
    first = service(ports=[{"port": 80, "name": "http"}, {"port": 443, "name": "https"}])
    first["metadata"]["labels"] = {"team": "a"}
    current = with_last_applied(first)
    current["spec"] = {**current["spec"], "clusterIP": "10.96.0.7"}
    current["metadata"]["labels"] = {"team": "a", "added": "by-hand"}
    second = service(ports=[{"port": 80, "name": "http"}])
    patch = three_way("Service", last_applied(current), with_last_applied(second), current)
    assert patch["spec"]["ports"] == [{"port": 443, "$patch": "delete"}]
    assert patch["metadata"]["labels"] == {"team": None} or patch["metadata"]["labels"] is None
    made = strategic_merge("Service", current, patch)
    assert made["spec"]["clusterIP"] == "10.96.0.7"
    assert made["spec"]["ports"] == [{"port": 80, "name": "http"}]


def test_applying_the_same_again_changes_nothing() -> None:
    current = with_last_applied(deployment())
    current["status"] = {"replicas": 2}
    assert three_way("Deployment", last_applied(current), with_last_applied(deployment()), current) == {}


def test_the_last_applied_configuration_is_what_kubectl_writes() -> None:
    made = with_last_applied({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})
    assert made["metadata"]["annotations"][LAST_APPLIED] == (
        '{"apiVersion":"v1","kind":"Namespace","metadata":{"annotations":{},"name":"x"}}\n'
    )


_LEAVES = st.one_of(st.integers(0, 3), st.sampled_from(["a", "b"]), st.lists(st.integers(0, 3), max_size=3))
_MAPS = st.recursive(
    st.dictionaries(st.sampled_from("xyz"), _LEAVES, max_size=3),
    lambda below: st.dictionaries(st.sampled_from("xyz"), st.one_of(_LEAVES, below), max_size=3),
    max_leaves=8,
)
_CONTAINERS = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("pqr")}, optional={"image": st.sampled_from(["i", "j"])}),
    max_size=3,
    unique_by=lambda item: item["name"],
)


@given(_MAPS, _MAPS)
def test_a_three_way_patch_leads_to_what_was_modified(original: dict[str, Any], modified: dict[str, Any]) -> None:
    """If nobody else wrote anything, the result of applying is exactly what the user wrote."""
    current = deepcopy(original)
    patch = three_way("Deployment", original, modified, current)
    assert strategic_merge("Deployment", current, patch) == modified


@given(_CONTAINERS, _CONTAINERS, _CONTAINERS)
def test_containers_that_the_user_never_wrote_stay(
    original: list[dict[str, Any]], modified: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    written = {item["name"] for item in (*original, *modified)}
    foreign = [item for item in others if item["name"] not in written]
    current = {"containers": [*deepcopy(original), *foreign]}
    patch = three_way("Pod", {"containers": original}, {"containers": modified}, current)
    made = strategic_merge("Pod", current, patch)
    by_name = {item["name"]: item for item in made["containers"]}
    assert by_name == {item["name"]: item for item in (*modified, *foreign)}
