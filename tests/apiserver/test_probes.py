"""What kubelet says of pods that never become ready, word by word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.apiserver.sandbox import create as make
from tests.apiserver.sandbox import deployment, get, names, resource, server

NAMED = [{"containerPort": 8080, "name": "web"}]
REFUSED = "dial tcp {ip}:8081: connect: connection refused"

CASES: list[tuple[dict[str, Any], str | None]] = [
    ({"httpGet": {"path": "/healthz", "port": 8081}}, f'failed: Get "http://{{ip}}:8081/healthz": {REFUSED}'),
    ({"httpGet": {"port": 8081}}, f'failed: Get "http://{{ip}}:8081/": {REFUSED}'),
    ({"httpGet": {"port": 8081, "path": "ready", "scheme": "HTTPS"}}, f'failed: Get "https://{{ip}}:8081/ready": {REFUSED}'),
    ({"tcpSocket": {"port": 8081}}, f"failed: {REFUSED}"),
    ({"grpc": {"port": 8081}},
     'failed: timeout: failed to connect service "{ip}:8081" within 1s: context deadline exceeded'),
    ({"grpc": {"port": 8081}, "timeoutSeconds": 5},
     'failed: timeout: failed to connect service "{ip}:8081" within 5s: context deadline exceeded'),
    ({"httpGet": {"port": "http"}}, 'errored and resulted in unknown state: strconv.Atoi: parsing "http": invalid syntax'),
    ({"httpGet": {"port": "web"}}, None),
    ({"httpGet": {"port": 8080}}, None),
    ({"httpGet": {"port": 8081, "host": "example.com"}}, None),
    ({"exec": {"command": ["true"]}}, None),
]  # fmt: skip


@pytest.mark.parametrize(("probe", "said"), CASES, ids=[str(row[0]) for row in CASES])
def test_a_probe_that_cannot_succeed(probe: dict[str, Any], said: str | None, tmp_path: Path) -> None:
    api = server(tmp_path)
    value = deployment(replicas=1, container={"ports": NAMED, "readinessProbe": probe})
    value["spec"]["template"]["metadata"]["annotations"] = {"kcnet/listens": "8080"}
    make(api, value)
    (name,) = names(api, "po")
    status = get(api, "po", name)["status"]
    found = [(one["type"], one["message"]) for one in api.list(resource("events"), "shop", fields="reason=Unhealthy")]
    message = f"Readiness probe {said}".format(ip=status["podIP"])
    assert found == ([] if said is None else [("Warning", message)])
    assert status["containerStatuses"][0]["ready"] is (said is None)


def test_only_the_container_whose_probe_fails_is_not_ready(tmp_path: Path) -> None:
    api = server(tmp_path)
    value = deployment(replicas=1, container={"readinessProbe": {"tcpSocket": {"port": 9}}})
    value["spec"]["template"]["metadata"]["annotations"] = {"kcnet/listens": "80"}
    value["spec"]["template"]["spec"]["containers"].append({"name": "proxy", "image": "envoyproxy/envoy:v1.35"})
    make(api, value)
    (name,) = names(api, "po")
    assert {one["name"]: one["ready"] for one in get(api, "po", name)["status"]["containerStatuses"]} == {
        "web": False,
        "proxy": True,
    }


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        ({"httpGet": {"port": 80}}, "HTTP probe failed with statuscode: 503"),
        ({"tcpSocket": {"port": 80}}, "dial tcp {ip}:80: connect: connection refused"),
        ({"grpc": {"port": 80}}, 'service unhealthy (responded with "NOT_SERVING")'),
        ({"exec": {"command": ["false"]}}, ""),
    ],
    ids=str,
)
def test_a_probe_that_is_made_to_fail(probe: dict[str, Any], said: str, tmp_path: Path) -> None:
    api = server(tmp_path)
    make(api, deployment(replicas=1, container={"readinessProbe": probe}))
    (name,) = names(api, "po")
    api.kubelet.set_ready("shop", name, False)
    (event,) = api.list(resource("events"), "shop", fields="reason=Unhealthy")
    assert event["message"] == f"Readiness probe failed: {said}".format(ip=get(api, "po", name)["status"]["podIP"])
