"""Running a tool: the machine that it runs on, the world that it sees, and what it leaves in the session."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from kcnet.lab.accesslog import AGENTS, line_of
from kcnet.lab.call import Place
from kcnet.lab.files import HOSTS
from kcnet.lab.machine import Machine, Outcome, Tool, World
from kcnet.model.names import IPAddress
from kcnet.model.trace import Path

if TYPE_CHECKING:
    from kcnet.lab.session import Session, Tunnel


class PodObjects:
    """The API server as far as tools need it."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def pod(self, namespace: str, name: str) -> Mapping[str, Any]:
        from kcnet.apiserver.errors import ApiError
        from kcnet.apiserver.resources import resource_of

        try:
            return self.session.server.get(resource_of("Pod"), namespace, name)
        except ApiError:
            raise KeyError(name) from None


def run_tool(session: Session, place: Place, argv: Sequence[str], stdin: str) -> Outcome:
    """Run one tool at a place, and remember the requests that it sent."""
    if argv[0] not in tools():
        return Outcome(status=127)
    if place.kind == "outside" and session.tunnels and (found := _tunnelled(session, argv)):
        return _through(session, *found, stdin)
    machine = machine_at(session, place)
    if isinstance(machine, str):
        return Outcome(stderr=f"{machine}\n", status=1)
    return _run(session, machine, argv, stdin)


def _run(session: Session, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    from kcnet.lab.tools import run_tool as run

    outcome = run(_world(session, machine, argv), machine, argv, stdin)
    session.saw(outcome.effects)
    return outcome


def tools() -> Mapping[str, Tool]:
    from kcnet.lab import tools as package

    return getattr(package, "TOOLS", {})


def _world(session: Session, machine: Machine, argv: Sequence[str]) -> World:
    agent = AGENTS.get(argv[0], "-")
    client = str(machine.client.address)
    for index, word in enumerate(argv):
        if word in ("-A", "--user-agent", "-U") and index + 1 < len(argv):
            agent = argv[index + 1]

    def served(path: Path, request: str, status: int, body: str) -> None:
        line = line_of(path, request, status, body, agent, session.now(), client)
        if line is not None and path.destination is not None:
            key = path.destination.namespace or "", path.destination.name
            session.logs[key] = (*session.logs.get(key, ()), line)

    return World(
        cluster=session.cluster, objects=PodObjects(session), now=session.now(), random=session.random, served=served
    )


def machine_at(session: Session, place: Place) -> Machine | str:
    """The machine at a place; a sentence if nothing runs there any more."""
    from kcnet.lab.tools.machines import machine_of_node, machine_of_pod, machine_outside

    cluster = session.cluster
    if place.kind == "outside":
        return machine_outside(cluster, _hosts(session))
    if place.kind == "node":
        return machine_of_node(cluster, place.name) or f"there is no node {place.name} any more"
    pod = cluster.pods.get((place.namespace, place.name))
    machine = machine_of_pod(pod, _image(session, place)) if pod is not None else None
    return machine or f"pod {place.namespace}/{place.name} does not run any more; exit leaves its shell"


def _image(session: Session, place: Place) -> str:
    try:
        pod = PodObjects(session).pod(place.namespace, place.name)
    except KeyError:
        return ""
    containers = pod.get("spec", {}).get("containers") or [{}]
    chosen = next((one for one in containers if one.get("name") == place.container), containers[0])
    return str(chosen.get("image") or "")


def _hosts(session: Session) -> dict[str, IPAddress]:
    """/etc/hosts of the learner's machine: the first line that names a host counts."""
    found: dict[str, IPAddress] = {}
    for line in session.files.read(HOSTS).splitlines():
        words = line.partition("#")[0].split()
        try:
            address = ip_address(words[0]) if words else None
        except ValueError:
            continue
        for name in words[1:]:
            if address is not None:
                found.setdefault(name.lower(), address)
    return found


_LOCAL = re.compile(r"^((?:https?://)?)(?:localhost|127\.0\.0\.1|\[::1\]):(\d{1,5})(?=[/?]|$)")


def _tunnelled(session: Session, argv: Sequence[str]) -> tuple[Tunnel, list[str], int] | None:
    """The tunnel that a command on the learner's machine goes into, and the command as it leaves at the other end."""
    if argv[0] not in ("curl", "wget", "nc"):
        return None
    words = list(argv)
    for index, word in enumerate(words[1:], 1):
        found = _LOCAL.match(word)
        if found and int(found[2]) in session.tunnels:
            tunnel = session.tunnels[int(found[2])]
            words[index] = f"{found[1]}127.0.0.1:{tunnel.port}{word[found.end() :]}"
            return tunnel, words, int(found[2])
        if word in ("localhost", "127.0.0.1") and words[index + 1 : index + 2] and argv[0] == "nc":
            port = words[index + 1]
            if port.isdecimal() and port.isascii() and int(port[:6]) in session.tunnels:
                tunnel = session.tunnels[int(port)]
                words[index : index + 2] = ["127.0.0.1", str(tunnel.port)]
                return tunnel, words, int(port)
    return None


def _through(session: Session, tunnel: Tunnel, argv: list[str], local: int, stdin: str) -> Outcome:
    """API server and kubelet carry the bytes into the pod's own network namespace: to its localhost, past every Service
    and every policy. The port that nothing listens on is noticed at the far end, after the connection was accepted.
    """
    machine = machine_at(session, Place("pod", tunnel.pod, tunnel.namespace))
    if isinstance(machine, str):
        session.tunnels.pop(local, None)
        return Outcome(stderr=f"error: lost connection to pod\n(lab) {machine}\n", status=1)
    machine = Machine(client=machine.client, pod=machine.pod)
    outcome = _run(session, machine, argv, stdin)
    if argv[0] == "curl" and outcome.status == 7:
        lost = (
            f"an error occurred forwarding {local} -> {tunnel.port}: failed to connect to localhost:{tunnel.port} "
            f"inside namespace of pod {tunnel.pod}: connection refused\nerror: lost connection to pod\n"
        )
        return Outcome(outcome.stdout, f"{lost}curl: (52) Empty reply from server\n", 52, outcome.effects)
    return outcome
