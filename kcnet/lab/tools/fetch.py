"""One request of a tool: from a URL or HOST:PORT to the path that this very connection takes."""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from kcnet import simulate
from kcnet.lab.machine import Asked, Machine, World
from kcnet.model.names import IPAddress, Protocol
from kcnet.model.trace import Path, Request, Stage, Trace, Verdict
from kcnet.reasons.ingress import INGRESS_REDIRECTED
from kcnet.request import RequestError, parse_target


class Sent(NamedTuple):
    """What became of one request."""

    trace: Trace
    path: Path
    """The one that this connection takes, of all that it might."""
    host: str
    """As the tool calls the other side."""
    port: int
    address: IPAddress | None
    """Where the connection was opened to; None if the name gave none."""
    scheme: str
    url_path: str

    @property
    def verdict(self) -> Verdict:
        return self.path.verdict

    @property
    def redirected(self) -> bool:
        """An Ingress controller sent it on to https. The simulator follows, as browsers do."""
        return any(step.reason is INGRESS_REDIRECTED for step in self.path.steps)

    @property
    def beyond(self) -> str:
        """What can be said of a request whose end is not known here."""
        if self.verdict is Verdict.UNKNOWN:
            return f"kcnet cannot tell what becomes of this request: {self.trace.summary}"
        return f"The request leaves the cluster for {self.host}; what is beyond, kcnet does not know."

    def effect(self, tool: str) -> Asked:
        return Asked(tool, self.trace)


def send(world: World, machine: Machine, url: str, *, host: str | None = None, protocol: Protocol | None = None,
         known: IPAddress | None = None) -> Sent:  # fmt: skip
    """``url`` has a scheme, or is HOST:PORT. ``known``: the address that the name stands for, past DNS.

    Raises RequestError for what cannot be asked.
    """
    target = parse_target(world.cluster, url)
    name = (target.name or "").lower().rstrip(".")
    address = known or (machine.hosts.get(name) if name else None) or _own_name(machine, name)
    if address is not None and name:
        host = host or target.name
        target = target._replace(name=None, address=address)
    request = Request(client=machine.client, target=target, protocol=protocol, host=host)
    trace = simulate.trace(world.cluster, request)
    paths = trace.paths
    path = world.random.choices(paths, [max(one.share, 1e-9) for one in paths])[0]
    parts = urlsplit(url) if "://" in url else None
    shown = parts.path + (f"?{parts.query}" if parts.query else "") if parts else ""
    return Sent(
        trace=trace,
        path=path,
        host=name or str(target.address or url),
        port=trace.port or (target.port if isinstance(target.port, int) else 0),
        address=_opened(path) or target.address,
        scheme=target.scheme or "",
        url_path=shown or "/",
    )


def _own_name(machine: Machine, name: str) -> IPAddress | None:
    """A pod's /etc/hosts holds its own host name."""
    pod = machine.pod
    return pod.address if pod is not None and name and name == (pod.hostname or pod.name) else None


def _opened(path: Path) -> IPAddress | None:
    """The address that the client's connection was opened to."""
    for step in path.steps:
        if step.stage is not Stage.DNS:
            return step.before.dst
    return path.steps[-1].after.dst if path.steps else None


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


__all__ = ["RequestError", "Sent", "is_address", "send"]
