"""SOURCE and TARGET as people write them: kubectl's names, URLs, host names and addresses."""

# One row of a table is one line.
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

import pytest

import kcnet
from kcnet.request import RequestError, parse_client, parse_target
from tests.flows.builders import (
    CLIENT,
    HOST_CLIENT,
    NODES,
    WEB1,
    cluster,
    headless,
    namespace,
    node_port,
    pod,
    port,
    service,
    sport,
    workload,
)

OTHER = [
    namespace("other"),
    pod("far", "10.244.2.40", ns="other", app="far"),
    service("web", "10.96.8.8", ns="other", app="far"),
    workload("Deployment", "back", ns="other", replicas=1),
]
WORLD = cluster(
    NODES,
    CLIENT,
    HOST_CLIENT,
    WEB1,
    node_port(),
    OTHER,
    workload("Deployment", "api", replicas=2),
    workload("StatefulSet", "db", replicas=2, serviceName="db"),
    workload("DaemonSet", "agent"),
    workload("ReplicaSet", "old", replicas=1),
    {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "once", "namespace": "shop"},
        "spec": {"template": {"metadata": {"labels": {"job": "once"}}, "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "c"}]}}},
    },
    workload("Deployment", "idle", replicas=0),
    workload("Deployment", "web-1", replicas=1),
    pod("stuck", app="stuck", on=None, phase="Pending"),
    headless("heads"),
    service("two", "10.96.7.8", ports=[sport(80, 8080, "http"), sport(53, 5353, "dns", protocol="UDP")]),
)


@pytest.mark.parametrize(
    ("typed", "kind", "name", "ip"),
    [
        ("client", "Pod", "client", "10.244.1.100"),
        ("pod/client", "Pod", "client", "10.244.1.100"),
        ("po/client", "Pod", "client", "10.244.1.100"),
        ("pods/client", "Pod", "client", "10.244.1.100"),
        ("Pod/client", "Pod", "client", "10.244.1.100"),
        ("shop/client", "Pod", "client", "10.244.1.100"),
        ("shop/pod/client", "Pod", "client", "10.244.1.100"),
        ("shop/po/client", "Pod", "client", "10.244.1.100"),
        ("other/far", "Pod", "far", "10.244.2.40"),
        ("other/pod/far", "Pod", "far", "10.244.2.40"),
        ("web-1", "Pod", "web-1", "10.244.1.1"),
        ("node/n1", "Node", "n1", "10.0.0.1"),
        ("no/n2", "Node", "n2", "10.0.0.2"),
        ("nodes/n2", "Node", "n2", "10.0.0.2"),
        ("internet", "External", "internet", "198.51.100.7"),
        ("INTERNET", "External", "internet", "198.51.100.7"),
        ("203.0.113.9", "External", None, "203.0.113.9"),
        ("2001:db8::5", "External", None, "2001:db8::5"),
        ("10.244.1.100", "Pod", "client", "10.244.1.100"),
        ("10.0.0.2", "Node", "n2", "10.0.0.2"),
        ("  client  ", "Pod", "client", "10.244.1.100"),
    ],
)
def test_source(typed: str, kind: str, name: str | None, ip: str) -> None:
    client = parse_client(WORLD, typed, "shop")
    assert client.ref.kind == kind
    assert name is None or client.ref.name == name
    assert str(client.address) == ip


@pytest.mark.parametrize(
    ("typed", "starts"),
    [
        ("deploy/api", "api-"),
        ("deployment/api", "api-"),
        ("deployments/api", "api-"),
        ("deployment.apps/api", "api-"),
        ("deployments.apps/api", "api-"),
        ("shop/deploy/api", "api-"),
        ("api", "api-"),
        ("shop/api", "api-"),
        ("sts/db", "db-0"),
        ("statefulset/db", "db-0"),
        ("db", "db-0"),
        ("ds/agent", "agent-"),
        ("rs/old", "old-"),
        ("job/once", "once-"),
        ("deploy/web-1", "web-1-"),
        ("other/deploy/back", "back-"),
        ("other/back", "back-"),
    ],
)
def test_a_workload_stands_for_the_first_of_its_pods(typed: str, starts: str) -> None:
    client = parse_client(WORLD, typed, "shop")
    assert client.ref.kind == "Pod"
    assert client.ref.name.startswith(starts)


@pytest.mark.parametrize(
    "typed",
    [
        "nobody",
        "pod/nobody",
        "deploy/nobody",
        "shop/nobody",
        "nowhere/client",
        "node/n9",
        "deploy/idle",
        "stuck",
        "pod/stuck",
        "gizmo/client",
        "shop/gizmo/client",
        "a/b/c/d",
        "",
        "/",
        "pod/",
        "far",
        "svc/web",
        "10.244.1.100:80",
        "300.1.2.3",
        "127.0.0.1",
        "::1",
        "0.0.0.0",
        "224.0.0.1",
        "fe80::1%eth0",
    ],
)
def test_a_source_that_is_none(typed: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_client(WORLD, typed, "shop")
    assert caught.value.message


def test_the_default_namespace_is_default() -> None:
    with pytest.raises(RequestError):
        parse_client(WORLD, "client")
    assert parse_client(WORLD, "shop/client").ref.namespace == "shop"


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [("cleint", "client"), ("pod/cliemt", "client"), ("deploy/apy", "api"), ("node/n11", "n1"), ("svc/wep", "web")],
)
def test_the_nearest_name_is_told(typed: str, nearest: str) -> None:
    with pytest.raises(RequestError) as caught:
        (parse_target if typed.startswith("svc") else parse_client)(WORLD, typed, "shop")
    assert nearest in f"{caught.value.nearest} {caught.value.message} {caught.value.fix}"


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("http://shop.example.com/cart", {"name": "shop.example.com", "port": 80, "scheme": "http", "path": "/cart"}),
        ("https://shop.example.com/", {"name": "shop.example.com", "port": 443, "scheme": "https", "path": "/"}),
        ("https://shop.example.com", {"name": "shop.example.com", "port": 443}),
        ("http://shop.example.com:8080/a/b", {"name": "shop.example.com", "port": 8080, "path": "/a/b"}),
        ("HTTP://Shop.Example.com/", {"name": "shop.example.com", "scheme": "http"}),
        ("http://10.0.0.1:30080/", {"port": 30080, "address": "10.0.0.1"}),
        ("http://[fd00::1]:8080/", {"port": 8080, "address": "fd00::1"}),
        ("http://web/", {"name": "web", "port": 80}),
        ("web", {"name": "web", "port": None}),
        ("web:8080", {"name": "web", "port": 8080}),
        ("web.other", {"name": "web.other", "port": None}),
        ("web.other.svc.cluster.local:80", {"name": "web.other.svc.cluster.local", "port": 80}),
        ("web.", {"name": "web.", "port": None}),
        ("svc/web", {"ref": "Service shop/web", "port": None}),
        ("svc/web:80", {"ref": "Service shop/web", "port": 80}),
        ("service/web", {"ref": "Service shop/web"}),
        ("services/web:80", {"ref": "Service shop/web", "port": 80}),
        ("svc/two:dns", {"ref": "Service shop/two", "port": "dns"}),
        ("other/svc/web", {"ref": "Service other/web"}),
        ("other/svc/web:80", {"ref": "Service other/web", "port": 80}),
        ("pod/web-1", {"ref": "Pod shop/web-1"}),
        ("pod/web-1:8080", {"ref": "Pod shop/web-1", "port": 8080}),
        ("pod/web-1:http", {"ref": "Pod shop/web-1", "port": "http"}),
        ("other/pod/far:8080", {"ref": "Pod other/far", "port": 8080}),
        ("node/n1:30080", {"ref": "Node n1", "port": 30080}),
        ("10.244.1.1", {"address": "10.244.1.1", "port": None}),
        ("10.244.1.1:8080", {"address": "10.244.1.1", "port": 8080}),
        ("[fd00::1]:80", {"address": "fd00::1", "port": 80}),
        ("fd00::1", {"address": "fd00::1", "port": None}),
        ("[fd00::1]", {"address": "fd00::1", "port": None}),
        ("localhost:8080", {"name": "localhost", "port": 8080}),
        ("127.0.0.1:8080", {"address": "127.0.0.1", "port": 8080}),
    ],
)
def test_target(typed: str, wanted: dict[str, Any]) -> None:
    target = parse_target(WORLD, typed, "shop")
    assert target.typed == typed
    found = {
        "name": target.name,
        "port": target.port,
        "scheme": target.scheme,
        "path": target.path,
        "address": str(target.address) if target.address else None,
        "ref": str(target.ref) if target.ref else None,
    }
    if wanted.get("port") in (80, 443) and target.scheme and target.port is None:
        found["port"] = wanted["port"]
    assert {key: found[key] for key in wanted} == wanted
    assert sum(value is not None for value in (target.ref, target.name, target.address)) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "svc/nothing",
        "svc/web:eighty",
        "svc/web:0",
        "svc/web:65536",
        "svc/web:99999999999999",
        "svc/web:-1",
        "web:http:80",
        "10.0.0.1",
        "10.244.1.1:http",
        "fe80::1%eth0",
        "nowhere/svc/web",
        "pod/nobody:80",
        "pod/web-1:nope",
        "node/n9:80",
        "node/n1",
        "gizmo/web",
        "ftp://web/",
        "http://",
        "http:///path",
        "http://web:99999/",
        "http://web:port/",
        "web:",
        "[fd00::1",
        "[web]:80",
        "a b",
        "we_b..com",
        "x" * 64,
    ],
)
def test_a_target_that_is_none(typed: str) -> None:
    with pytest.raises(RequestError) as caught:
        kcnet.trace(WORLD, "client", typed, namespace="shop")
    assert caught.value.message


@pytest.mark.parametrize("typed", ["web", "svc/web", "10.96.7.7", "other/svc/web"])
def test_a_service_of_one_port_needs_none(typed: str) -> None:
    assert kcnet.trace(WORLD, "client", typed, namespace="shop").verdict == "delivered"


def test_a_pod_of_one_port_needs_none() -> None:
    assert kcnet.trace(WORLD, "client", "pod/web-1", namespace="shop").verdict == "delivered"


@pytest.mark.parametrize(("protocol", "wanted"), [("tcp", "TCP"), ("TCP", "TCP"), ("udp", "UDP"), ("sctp", "SCTP")])
def test_protocols(protocol: str, wanted: str) -> None:
    built = cluster(NODES, CLIENT, pod("a", "10.244.1.9", ports=[port(7, protocol=wanted)]))
    trace = kcnet.trace(built, "client", "pod/a:7", namespace="shop", protocol=protocol)
    assert trace.protocol == wanted
    assert trace.verdict == "delivered"


def test_the_host_header_is_kept_apart_from_the_address() -> None:
    trace = kcnet.trace(WORLD, "client", "http://10.96.7.7/x", namespace="shop", host="shop.example.com")
    document = trace.to_dict()
    assert document["request"]["host"] == "shop.example.com"
    assert document["request"]["path"] == "/x"
    assert trace.verdict == "delivered"
