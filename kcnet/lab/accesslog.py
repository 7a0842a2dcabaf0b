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

    def __str__(self) -> str:
        time = f"{self.when:%d/%b/%Y:%H:%M:%S} +0000"
        size = SIZES.get(self.status, 0)
        return (
            f'{self.address} - - [{time}] "{self.request}" {self.status} {size} "-" "{self.agent}" "{self.forwarded}"'
        )

    def to_json(self) -> list[object]:
        return [self.when.isoformat(), *self[1:]]


def from_json(value: list[object]) -> Line:
    when, address, request, status, agent, forwarded = value
    return Line(
        datetime.fromisoformat(str(when)), str(address), str(request), int(str(status)), str(agent), str(forwarded)
    )


def line_of(path: Path, request: str, status: int, agent: str, when: datetime, client: str) -> Line | None:
    """The line of a request that took ``path``; None if it ended at no pod."""
    if path.destination is None or path.destination.kind != "Pod":
        return None
    proxied = any(step.stage is Stage.INGRESS for step in path.steps)
    return Line(when, str(path.source_seen or client), request, status, agent, client if proxied else "-")
