"""A session as JSON, for ``--state``: the cluster, and what lines have changed on the learner's machine.

What ``undo`` would take back is not kept beyond the process, nor are shells open inside pods; ``reset`` works.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from kcnet.apiserver.server import ApiServer
from kcnet.lab import accesslog
from kcnet.lab.files import Files
from kcnet.lab.session import Editor, Session, Tunnel

VERSION = 1
KIND = "Lab"


class StateError(ValueError):
    """The file is no saved lab that this kcnet can go on with."""


def to_json(session: Session, opened: list[str]) -> dict[str, Any]:
    """``opened``: what the session was opened on, to be compared by the next call."""
    beginning = ApiServer(clock=session.clock, facts=session.server.facts)
    assert session.beginning is not None
    beginning.restore(session.beginning.server)
    beginning.assumptions = session.server.assumptions
    return {
        "apiVersion": "kcnet/v1",
        "kind": KIND,
        "version": VERSION,
        "opened": opened,
        "scenario": session.scenario,
        "namespace": session.namespace,
        "seed": session.seed,
        "lines": session.number,
        "files": session.files.written,
        "folders": sorted(session.files.folders),
        "variables": session.variables,
        "aliases": session.aliases,
        "history": session.history[-1000:],
        "logs": [[*key, [line.to_json() for line in lines]] for key, lines in sorted(session.logs.items())],
        "outputs": [[*key, text] for key, text in sorted(session.outputs.items())],
        "tunnels": {str(port): list(tunnel) for port, tunnel in session.tunnels.items()},
        "failed": asked(session),
        "server": session.server.to_json(),
        "beginning": beginning.to_json(),
    }


def asked(session: Session) -> list[Any] | None:
    """The last request that failed, as ``trace`` takes it."""
    if session.failed is None:
        return None
    request = session.failed.request
    ref = request.client.ref
    source = "/".join(word for word in (ref.namespace, ref.kind.lower(), ref.name) if word)
    if ref.kind == "External":
        source = ref.name
    return [source, request.target.typed, request.protocol, request.host]


def from_json(
    value: Any, *, base: Path | None, clock: Callable[[], datetime], editor: Editor | None
) -> tuple[Session, list[str]]:
    """The session, and what it was opened on. Raises StateError."""
    if not isinstance(value, dict) or value.get("kind") != KIND or value.get("apiVersion") != "kcnet/v1":
        raise StateError("it is no saved lab")
    version = value.get("version")
    if isinstance(version, int) and version > VERSION:
        raise StateError("it was saved by a newer kcnet")
    if version != VERSION:
        raise StateError("it is no saved lab of this kcnet")
    try:
        server = ApiServer.from_json(value["server"], clock=clock)
        first = ApiServer.from_json(value["beginning"], clock=clock)
        session = Session(
            server=first,
            scenario=str(value["scenario"]),
            files=Files(base),
            clock=clock,
            seed=int(value["seed"]),
            editor=editor,
        )
        session.server, session.reopened = server, True
        session.namespace = str(value["namespace"])
        session.number = int(value["lines"])
        session.files.written = {str(name): text for name, text in value["files"].items()}
        session.files.folders = set(map(str, value["folders"]))
        session.variables = {str(name): str(text) for name, text in value["variables"].items()}
        session.aliases = {str(name): str(text) for name, text in value["aliases"].items()}
        session.history = [str(line) for line in value["history"]]
        session.logs = {
            (home, name): tuple(accesslog.from_json(line) for line in lines) for home, name, lines in value["logs"]
        }
        session.outputs = {(home, name): str(text) for home, name, text in value["outputs"]}
        session.tunnels = {int(port): Tunnel(*tunnel) for port, tunnel in value["tunnels"].items()}
        if value["failed"] is not None:
            session.failed = _again(session, value["failed"])
        return session, [str(word) for word in value["opened"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StateError("it is damaged") from error


def _again(session: Session, request: list[Any]) -> Any:
    """The trace of a request that failed, made anew on the cluster as it is now; None where that makes no sense."""
    from kcnet import simulate
    from kcnet.model.names import Protocol
    from kcnet.model.trace import Request
    from kcnet.request import RequestError, parse_client, parse_target

    source, target, protocol, host = request
    try:
        return simulate.trace(
            session.cluster,
            Request(
                client=parse_client(session.cluster, source),
                target=parse_target(session.cluster, target),
                protocol=Protocol(protocol) if protocol else None,
                host=host,
            ),
        )
    except RequestError:
        return None
