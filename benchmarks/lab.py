"""How fast the lab's API server answers on the demo shop, with every controller at rest again.

    python benchmarks/lab.py [--rounds N]

The best of the rounds counts: what else the machine does can only make a round slower. Functions that make rows may be
added; each answers with what was done, and the milliseconds that it may take.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from kcnet.apiserver.patch import PatchKind
from kcnet.apiserver.resources import resource_of
from kcnet.apiserver.server import ApiServer
from kcnet.resources import demo


class Task(NamedTuple):
    what: str
    run: Callable[[], object]
    most: float
    """Milliseconds."""


def _now() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


def _server() -> ApiServer:
    return ApiServer.from_paths([str(demo())], clock=_now)


def _deployment(replicas: int) -> dict[str, Any]:
    labels = {"app": "extra"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "extra", "namespace": "shop"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "nginx"}]}},
        },
    }


def api_server_tasks(server: ApiServer) -> Iterator[Task]:
    """Requests to the API server; each is undone after it was timed."""
    deployments, pods = resource_of("Deployment"), resource_of("Pod")
    service = {"spec": {"ports": [{"port": 80}], "selector": {"app": "cart"}}, "metadata": {"name": "extra"}}
    image = {"spec": {"template": {"spec": {"containers": [{"name": "nginx", "image": "nginx:9"}]}}}}
    label = {"metadata": {"labels": {"a": "b"}}}
    yield Task("read the demo shop and make everything an object", _server, 150)
    yield Task("create a Deployment of 3", lambda: server.create(deployments, "shop", _deployment(3)), 30)
    yield Task("create a Service", lambda: server.create(resource_of("Service"), "shop", service), 30)
    yield Task("label a pod", lambda: server.patch(pods, "shop", "debug", label, PatchKind.MERGE), 30)
    yield Task("scale a Deployment", lambda: server.scale(deployments, "shop", "cart", 3), 30)
    yield Task("roll out an image", lambda: server.patch(deployments, "shop", "cart", image, PatchKind.STRATEGIC), 50)
    yield Task("drain a node", lambda: server.kubelet.drain("node-1"), 50)
    yield Task("the table of all pods", lambda: server.table(pods, server.list(pods)), 5)


def milliseconds(server: ApiServer, task: Task, rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        before = server.snapshot()
        assert server.cluster
        began = time.perf_counter()
        task.run()
        best = min(best, time.perf_counter() - began)
        server.restore(before)
    return best * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    server = _server()
    print(f"API server on the demo shop, best of {rounds}")
    for task in api_server_tasks(server):
        took = milliseconds(server, task, rounds)
        print(f"  {task.what:50} {took:7.1f} ms   at most {task.most:g} ms   {'ok' if took <= task.most else 'OVER'}")


if __name__ == "__main__":
    main()
