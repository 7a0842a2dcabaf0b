"""telnet: the oldest way of asking whether a port answers."""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.lab.machine import Machine, Outcome, World
from kcnet.lab.tools.fetch import RequestError, send
from kcnet.model.trace import Verdict


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    words = [word for word in argv[1:] if not word.startswith("-")]
    if not words:
        return Outcome(stderr="(lab) Write telnet HOST PORT.\n", status=1)
    host, port = words[0], words[1] if len(words) > 1 else "23"
    try:
        sent = send(world, machine, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    except RequestError as error:
        return Outcome(stderr=f"telnet: {error.message}\n", status=1)
    if sent.verdict in (Verdict.EXTERNAL, Verdict.UNKNOWN):
        return Outcome("", f"(lab) {sent.beyond}\n", 0, (sent.effect("telnet"),))
    trying = f"Trying {sent.address}...\n"
    said = {
        Verdict.UNRESOLVED: (f"telnet: could not resolve {host}/{port}: Name or service not known\n", 1),
        Verdict.REFUSED: (f"{trying}telnet: Unable to connect to remote host: Connection refused\n", 1),
        Verdict.TIMEOUT: (f"{trying}telnet: Unable to connect to remote host: Connection timed out\n", 1),
    }.get(
        sent.verdict,
        (f"{trying}Connected to {host}.\nEscape character is '^]'.\nConnection closed by foreign host.\n", 0),
    )
    return Outcome(said[0], "", said[1], (sent.effect("telnet"),))
