"""Bad input is normal input: whatever is sent, the answer is an object or an ApiError."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcnet.apiserver.errors import ApiError
from kcnet.apiserver.patch import PatchKind
from kcnet.apiserver.resources import RESOURCES, of_kind
from kcnet.apiserver.server import ApiServer
from tests.apiserver.sandbox import deployment, pod, resource, server, service

_BACKEND = {"service": {"name": "web", "port": {"number": 80}}}
_STATEFUL = {**deployment("db"), "kind": "StatefulSet"}
_STATEFUL["spec"] = {**_STATEFUL["spec"], "serviceName": "db"}
_DAEMON = {**deployment("agent"), "kind": "DaemonSet"}
_DAEMON["spec"] = {key: value for key, value in _DAEMON["spec"].items() if key != "replicas"}
_TEMPLATE = {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "busybox"}]}}


def _object(api_version: str, kind: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x", "namespace": "shop"}, **fields}


EXAMPLES = (
    deployment(),
    _STATEFUL,
    _DAEMON,
    pod(),
    service(),
    service(type="LoadBalancer", externalTrafficPolicy="Local"),
    _object("batch/v1", "Job", spec={"template": _TEMPLATE}),
    _object("batch/v1", "CronJob", spec={"schedule": "* * * * *", "jobTemplate": {"spec": {"template": _TEMPLATE}}}),
    _object("v1", "ConfigMap", data={"a": "b"}),
    _object("v1", "Secret", stringData={"a": "b"}),
    _object("v1", "ServiceAccount"),
    _object("v1", "Namespace"),
    _object("v1", "Node", spec={"taints": [{"key": "a", "effect": "NoSchedule"}]}),
    _object("v1", "Endpoints", subsets=[{"addresses": [{"ip": "192.0.2.1"}], "ports": [{"port": 80}]}]),
    _object(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        addressType="IPv4",
        endpoints=[{"addresses": ["192.0.2.1"]}],
        ports=[{"port": 80}],
    ),
    _object(
        "networking.k8s.io/v1",
        "Ingress",
        spec={
            "rules": [{"host": "a.b", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": _BACKEND}]}}]
        },
    ),
    _object("networking.k8s.io/v1", "IngressClass", spec={"controller": "k8s.io/ingress-nginx"}),
    _object(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        spec={"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 80}]}], "egress": [{}]},
    ),
)
JUNK = st.sampled_from(
    [None, "", "x", "80", "None", 0, -1, 80, 99999, 1.5, True, [], {}, [None], [{}], {"a": None}, "10.96.0.9"]
)


def _places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        found += _places(below, (*path, key))
    return found


def _changed(value: Any, path: tuple[str | int, ...], junk: Any) -> Any:
    made = deepcopy(value)
    holder = made
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = junk
    return made


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """An object, and the same with junk at one or two places."""
    sound = draw(st.sampled_from(EXAMPLES))
    value: Any = sound
    for _ in range(draw(st.integers(1, 2))):
        places = _places(value)
        if not places:
            break
        value = _changed(value, draw(st.sampled_from(places)), draw(JUNK))
    return sound, value


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> ApiServer:
    return server(tmp_path_factory.mktemp("fuzz"))


_MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_MANY
@given(pair=spoilt())
def test_creating_and_replacing(api: ApiServer, pair: tuple[dict[str, Any], Any]) -> None:
    sound, value = pair
    before = api.snapshot()
    kind = of_kind(sound["kind"])
    assert kind is not None
    try:
        for act in (
            lambda: api.create(kind, "shop", value),
            lambda: api.create(kind, "shop", sound),
            lambda: api.update(kind, "shop", sound["metadata"]["name"], value),
        ):
            try:
                act()
            except ApiError:
                continue
            assert api.cluster is not None
            api.table(kind, api.list(kind))
    finally:
        api.restore(before)


@_MANY
@given(pair=spoilt(), kind=st.sampled_from(list(PatchKind)))
def test_patching(api: ApiServer, pair: tuple[dict[str, Any], Any], kind: PatchKind) -> None:
    sound, value = pair
    before = api.snapshot()
    served = of_kind(sound["kind"])
    assert served is not None
    try:
        api.create(served, "shop", sound)
        patch = [{"op": "replace", "path": "/spec", "value": value}] if kind is PatchKind.JSON else value
        try:
            api.patch(served, "shop", sound["metadata"]["name"], patch, kind)
        except ApiError:
            return
        assert api.cluster is not None
    finally:
        api.restore(before)


@pytest.mark.parametrize("value", [None, [], "x", 1, {}, {"metadata": None}, {"metadata": []}, {"kind": "Pod"}])
def test_what_is_no_object(api: ApiServer, value: Any) -> None:
    for kind in RESOURCES:
        with pytest.raises(ApiError):
            api.create(kind, "shop", value)


@given(st.text(max_size=30))
def test_any_text_as_a_selector(api: ApiServer, text: str) -> None:
    for keywords in ({"labels": text}, {"fields": text}):
        try:
            api.list(resource("pods"), **keywords)
        except ApiError:
            continue
