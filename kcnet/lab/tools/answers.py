"""What an application answers to a request that has arrived: known images, and what authors of a cluster state.

The annotation ``kcnet/answers`` of a pod says what it answers; {pod}, {source} and {path} in it are filled in. Of any
other image kcnet knows that it was reached, not what it says, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from kcnet.lab.machine import Machine, World
from kcnet.model.trace import Path, Stage

ANSWERS = "kcnet/answers"
REASONS = {200: "OK", 308: "Permanent Redirect", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
           502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}  # fmt: skip


class Answer(NamedTuple):
    """An HTTP response, or what comes instead of one."""

    status: int = 200
    body: str = ""
    server: str = ""
    kind: str = "text/html"
    note: str = ""
    """What kcnet has to say beside it."""
    speaks_http: bool = True
    greeting: str = ""
    """What an application that speaks no HTTP sends or answers."""
    location: str = ""
    said: str = ""
    """The reason phrase, where it is not nginx's."""
    crlf: bool = False
    """On the wire its lines end in CR LF; what is printed here has LF alone, and the length counts both."""

    @property
    def reason(self) -> str:
        return self.said or REASONS.get(self.status, "")

    @property
    def length(self) -> int:
        """Content-Length."""
        return len(self.body.encode()) + (self.body.count("\n") if self.crlf else 0)


def of_pod(world: World, path: Path, url_path: str, host: str, method: str = "GET") -> Answer:
    """What the container at the end of ``path`` answers."""
    found = path.destination
    if found is None or found.kind != "Pod":
        return _of_node(found.port if found else None)
    from kcnet.lab.tools.applications import Asked, answer_of, server_of

    name = f"{found.namespace}/{found.name}"
    try:
        pod = world.objects.pod(found.namespace or "", found.name)
    except KeyError:
        return Answer(note=f"{name} answered; what it says is not known.")
    source = str(path.source_seen or "")
    container = _container(pod, found.port)
    image = str(container.get("image") or "")
    text = (pod.get("metadata", {}).get("annotations") or {}).get(ANSWERS)
    if text is not None:
        filled = text.replace("{pod}", found.name).replace("{source}", source).replace("{path}", url_path)
        return Answer(body=f"{filled}\n", kind="text/plain", server=server_of(image))
    asked = Asked(found.name, found.address, found.port, source, _client(path), method, url_path, host,
                  tuple(str(word) for key in ("command", "args") for word in container.get(key) or ()),
                  any(step.stage is Stage.INGRESS for step in path.steps), world.now)  # fmt: skip
    return answer_of(image, asked) or Answer(
        note=f"{name} answered. What its image says ({image or 'none is named'}) is not known."
    )


def _client(path: Path) -> str:
    return str(path.steps[0].before.src or "")


def _of_node(port: int | None) -> Answer:
    if port == 10249:
        return Answer(body="", kind="text/plain")
    if port in (6443, 443):
        return Answer(speaks_http=False, greeting="apiserver")
    if port == 10250:
        return Answer(status=400, body="Client sent an HTTP request to an HTTPS server.\n", kind="text/plain")
    return Answer(note="A process of the node answered; what it says is not known.")


def of_the_node_itself(world: World, machine: Machine, url: str) -> Answer | None:
    """kube-proxy's own ports on a node: 10249 tells the mode, 10256 whether it is well."""
    pod = machine.pod
    if machine.client.node is None or (pod is not None and not pod.host_network):
        return None
    place = url.partition("://")[2]
    local = ("localhost", "127.0.0.1", *map(str, machine.client.addresses))
    for host in local:
        if place.startswith(f"{host}:10249/proxyMode"):
            return Answer(body=world.cluster.proxy_mode.value, kind="text/plain")
        if place.startswith(f"{host}:10256/"):
            now = f"{world.now:%Y-%m-%d %H:%M:%S}"
            body = f'{{"lastUpdated": "{now}","currentTime": "{now}", "nodeEligible": true}}'
            return Answer(body=body, kind="application/json")
    return None


def _container(pod: Mapping[str, Any], port: int | None) -> Mapping[str, Any]:
    """The container that declares ``port``, else the first."""
    containers: list[Mapping[str, Any]] = list(pod.get("spec", {}).get("containers") or [{}])
    for container in containers:
        if any(one.get("containerPort") == port for one in container.get("ports") or ()):
            return container
    return containers[0]


def http_date(now: datetime) -> str:
    return f"{now:%a, %d %b %Y %H:%M:%S} GMT"
