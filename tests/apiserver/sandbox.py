"""A small cluster to write to, and short ways of asking it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kcnet.apiserver.errors import ApiError
from kcnet.apiserver.resources import Resource, find
from kcnet.apiserver.server import ApiServer

START = datetime(2026, 11, 28, 7, 0, tzinfo=UTC)

EMPTY = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"


class Clock:
    """Stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: int = 1) -> None:
        self.now += timedelta(seconds=seconds)


def resource(name: str) -> Resource:
    found = find(name)
    assert found is not None, name
    return found


def server(folder: Path, text: str = EMPTY) -> ApiServer:
    file = folder / "all.yaml"
    file.write_text(text)
    return ApiServer.from_paths([str(file)], clock=Clock())


def deployment(name: str = "web", replicas: int = 2, image: str = "nginx:1.27", **template: Any) -> dict[str, Any]:
    container = {"name": "web", "image": image, "ports": [{"containerPort": 80}], **template.pop("container", {})}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop", "labels": {"app": name}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], **template}},
        },
    }


def service(name: str = "web", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80}], **spec},
    }


def pod(
    name: str = "one", image: str = "nginx:1.27", labels: dict[str, str] | None = None, **spec: Any
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "labels": labels or {"app": name}},
        "spec": {"containers": [{"name": "web", "image": image}], **spec},
    }


def create(api: ApiServer, value: dict[str, Any]) -> dict[str, Any]:
    return api.create(resource(value["kind"]), value["metadata"].get("namespace"), value)


def get(api: ApiServer, kind: str, name: str, namespace: str | None = "shop") -> dict[str, Any]:
    return api.get(resource(kind), namespace, name)


def names(api: ApiServer, kind: str, namespace: str | None = "shop", labels: str = "") -> list[str]:
    return [obj["metadata"]["name"] for obj in api.list(resource(kind), namespace, labels=labels)]


def pods_of(api: ApiServer, app: str) -> list[dict[str, Any]]:
    return api.list(resource("pods"), "shop", labels=f"app={app}")


def ready_endpoints(api: ApiServer, name: str) -> list[str]:
    """Names of the pods that get traffic of a Service."""
    slices = api.list(resource("endpointslices"), "shop", labels=f"kubernetes.io/service-name={name}")
    return sorted(
        endpoint["targetRef"]["name"]
        for item in slices
        for endpoint in item["endpoints"] or ()
        if endpoint["conditions"]["ready"]
    )


def reasons(api: ApiServer, kind: str, name: str) -> list[str]:
    fields = f"involvedObject.kind={kind},involvedObject.name={name}"
    return [obj["reason"] for obj in api.list(resource("events"), None, fields=fields)]


def message_of(call: Any, *arguments: Any, **keywords: Any) -> str:
    """What the server answers to a request that it refuses."""
    try:
        call(*arguments, **keywords)
    except ApiError as error:
        return error.message
    raise AssertionError("the server took it")
