"""What holds after any sequence of writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcnet.apiserver.errors import ApiError
from kcnet.apiserver.patch import PatchKind
from kcnet.apiserver.server import ApiServer
from kcnet.controlplane import build_cluster
from tests.apiserver.sandbox import Clock, create, deployment, names, resource, server, service

NAMES = st.sampled_from(["a", "b", "c"])
TYPES = st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer"])
Write = Callable[[ApiServer], object]


def _image(name: str, image: str) -> Write:
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}}}
    return lambda api: api.patch(resource("deploy"), "shop", name, patch, PatchKind.STRATEGIC)


def _type(name: str, kind: str) -> Write:
    return lambda api: api.patch(resource("svc"), "shop", name, {"spec": {"type": kind}}, PatchKind.MERGE)


def _on_a_pod(index: int, act: Callable[[ApiServer, str], object]) -> Write:
    def write(api: ApiServer) -> None:
        found = names(api, "po")
        if found:
            act(api, found[index % len(found)])

    return write


INDEX = st.integers(0, 9)
WRITES: st.SearchStrategy[Write] = st.one_of(
    st.builds(lambda name, n: lambda api: create(api, deployment(name, n)), NAMES, st.integers(0, 4)),
    st.builds(lambda name, n: lambda api: api.scale(resource("deploy"), "shop", name, n), NAMES, st.integers(0, 5)),
    st.builds(_image, NAMES, st.sampled_from(["nginx:1", "nginx:2", "nginx:3"])),
    st.builds(lambda name: lambda api: api.delete(resource("deploy"), "shop", name), NAMES),
    st.builds(lambda name, kind: lambda api: create(api, service(name, type=kind)), NAMES, TYPES),
    st.builds(_type, NAMES, TYPES),
    st.builds(lambda name: lambda api: api.delete(resource("svc"), "shop", name), NAMES),
    st.builds(lambda i: _on_a_pod(i, lambda api, name: api.delete(resource("po"), "shop", name)), INDEX),
    st.builds(
        lambda i, r: _on_a_pod(i, lambda api, name: api.kubelet.set_ready("shop", name, r)), INDEX, st.booleans()
    ),
    st.builds(lambda i: _on_a_pod(i, lambda api, name: api.kubelet.crash("shop", name)), INDEX),
    st.builds(lambda i: _on_a_pod(i, lambda api, name: api.kubelet.recover("shop", name)), INDEX),
    st.builds(lambda node: lambda api: api.kubelet.drain(node), st.sampled_from(["node-1", "node-2"])),
    st.builds(lambda node: lambda api: api.kubelet.uncordon(node), st.sampled_from(["node-1", "node-2"])),
)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> ApiServer:
    return server(tmp_path_factory.mktemp("laws"))


def _write(api: ApiServer, write: Write) -> bool:
    """Whether the server took it; it may refuse, as when there is no such Deployment."""
    try:
        write(api)
    except ApiError:
        return False
    return True


def _identities(api: ApiServer) -> dict[str, tuple[Any, ...]]:
    """By uid what never changes: of a pod its node and address, of a Service its address."""
    found = {}
    for pod in api.list(resource("po")):
        if pod["status"].get("podIP"):
            found[pod["metadata"]["uid"]] = (pod["spec"]["nodeName"], pod["status"]["podIP"])
    for item in api.list(resource("svc")):
        found[item["metadata"]["uid"]] = (item["spec"].get("clusterIP"),)
    return found


def _check_at_rest(api: ApiServer) -> None:
    pods = api.list(resource("po"))
    for item in api.list(resource("deploy")):
        own = [pod for pod in pods if pod["metadata"]["labels"].get("app") == item["metadata"]["name"]]
        ready = [pod for pod in own if {"type": "Ready", "status": "True"}.items() <= _ready_condition(pod).items()]
        assert item["status"].get("readyReplicas", 0) == len(ready) or item["metadata"]["namespace"] != "shop"
        if item["metadata"]["namespace"] == "shop":
            wanted = item["spec"]["replicas"]
            assert wanted <= len(own) <= wanted + 2 or len(ready) < wanted
            assert len(own) >= min(wanted, 1)
    own_addresses = [
        pod["status"]["podIP"] for pod in pods if pod["status"].get("podIP") and not pod["spec"].get("hostNetwork")
    ]
    assert len(set(own_addresses)) == len(own_addresses)
    services = api.list(resource("svc"))
    addresses = [item["spec"]["clusterIP"] for item in services if item["spec"].get("clusterIP", "None") != "None"]
    assert len(set(addresses)) == len(addresses)
    node_ports = [port["nodePort"] for item in services for port in item["spec"]["ports"] if port.get("nodePort")]
    assert len(set(node_ports)) == len(node_ports)
    for item in services:
        outside = item["spec"]["type"] != "ClusterIP"
        assert all(bool(port.get("nodePort")) is outside for port in item["spec"]["ports"])


def _ready_condition(pod: dict[str, Any]) -> dict[str, Any]:
    return next((item for item in pod["status"]["conditions"] if item["type"] == "Ready"), {})


_FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_FEW
@given(writes=st.lists(WRITES, max_size=8))
def test_after_any_writes_the_cluster_is_at_rest_and_in_order(start: ApiServer, writes: list[Write]) -> None:
    before = start.snapshot()
    try:
        for write in writes:
            known = _identities(start)
            _write(start, write)
            now = _identities(start)
            assert all(now[uid] == known[uid] or known[uid] == (None,) for uid in known.keys() & now.keys())
            _check_at_rest(start)
            version = start.store.version
            start.settle()
            assert start.store.version == version
    finally:
        start.restore(before)


@_FEW
@given(first=st.lists(WRITES, max_size=3), second=WRITES)
def test_undo_restores_exactly(start: ApiServer, first: list[Write], second: Write) -> None:
    beginning = start.snapshot()
    try:
        for write in first:
            _write(start, write)
        snapshot, text, cluster = start.snapshot(), start.to_json(), start.cluster
        _write(start, second)
        start.restore(snapshot)
        assert start.to_json() == text
        assert start.cluster == cluster or _shape(start) == _shape_of(cluster)
        again = start.snapshot()
        assert again == snapshot
    finally:
        start.restore(beginning)


def _shape(api: ApiServer) -> Any:
    return _shape_of(api.cluster)


def _shape_of(cluster: Any) -> Any:
    return cluster.pods, cluster.services, cluster.nodes, dict(cluster.slices), cluster.ingresses


@_FEW
@given(writes=st.lists(WRITES, max_size=4))
def test_a_refused_write_changes_nothing(start: ApiServer, writes: list[Write]) -> None:
    before = start.snapshot()
    try:
        for write in writes:
            known = start.snapshot()
            if not _write(start, write):
                assert start.snapshot() == known
    finally:
        start.restore(before)


@_FEW
@given(writes=st.lists(WRITES, max_size=4), last=WRITES)
def test_a_sandbox_that_was_saved_goes_on_as_if_it_had_not(start: ApiServer, writes: list[Write], last: Write) -> None:
    before = start.snapshot()
    try:
        for write in writes:
            _write(start, write)
        again = ApiServer.from_json(start.to_json(), clock=Clock())
        assert again.to_json() == start.to_json()
        assert _shape(again) == _shape(start)
        assert _write(again, last) == _write(start, last)
        assert again.to_json() == start.to_json()
    finally:
        start.restore(before)


def test_the_same_history_gives_the_same_names(tmp_path: Path) -> None:
    def history(folder: Path) -> Any:
        folder.mkdir()
        api = server(folder)
        create(api, deployment("a", 3))
        create(api, service("a"))
        api.kubelet.drain("node-1")
        return api.to_json()["objects"]

    assert history(tmp_path / "one") == history(tmp_path / "two")


def test_values_are_remembered_by_object_and_not_by_number(start: ApiServer) -> None:
    """After undo another write may get the same version."""
    before = start.snapshot()
    try:
        create(start, service("a"))
        middle = start.snapshot()
        _type("a", "NodePort")(start)
        start.restore(middle)
        _type("a", "LoadBalancer")(start)
        assert start.cluster.services["shop", "a"].type == "LoadBalancer"
        fresh = build_cluster(
            ApiServer.from_json(start.to_json(), clock=Clock()).values.manifests(start.store, start.facts)
        )
        assert fresh.services["shop", "a"].load_balancer == start.cluster.services["shop", "a"].load_balancer
    finally:
        start.restore(before)
