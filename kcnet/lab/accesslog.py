"""What a web server in a pod wrote about requests: one line each, as nginx's own image does.

``'$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"
"$http_x_forwarded_for"'``, the format ``main`` of that image. The address is the one that the pod saw, which is what
the line teaches.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from kcnet.model.trace import Path, Stage

SIZES = {200: 615, 304: 0, 404: 153}
"""Bytes of nginx's pages: its welcome page, and that of an unknown path."""
AGENTS = {"curl": "curl/8.11.1", "wget": "Wget", "busybox": "Wget"}


class Line(NamedTuple):
    when: datetime
    address: str
    request: str
    status: int
    agent: str
    forwarded: str = "-"
    """X-Forwarded-For: the client, as a proxy named it."""
    sent: int = 0
    """Bytes of the body."""

    def __str__(self) -> str:
        time = f"{self.when:%d/%b/%Y:%H:%M:%S} +0000"
        said = f'"{self.request}" {self.status} {self.sent} "-" "{self.agent}" "{self.forwarded}"'
        return f"{self.address} - - [{time}] {said}"

    def to_json(self) -> list[object]:
        return [self.when.isoformat(), *self[1:]]


def from_json(value: list[object]) -> Line:
    when, address, request, status, agent, forwarded, *size = value
    sent = int(str(size[0])) if size else SIZES.get(int(str(status)), 0)
    at = datetime.fromisoformat(str(when))
    return Line(at, str(address), str(request), int(str(status)), str(agent), str(forwarded), sent)


def line_of(path: Path, request: str, status: int, body: str, agent: str, when: datetime, client: str) -> Line | None:
    """The line of a request that took ``path``; None if it ended at no pod. An unknown body has nginx's size."""
    if path.destination is None or path.destination.kind != "Pod":
        return None
    proxied = any(step.stage is Stage.INGRESS for step in path.steps)
    size = 0 if request.startswith("HEAD ") else len(body.encode()) or SIZES.get(status, 0)
    return Line(when, str(path.source_seen or client), request, status, agent, client if proxied else "-", size)
