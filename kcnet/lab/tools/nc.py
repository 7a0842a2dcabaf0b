"""nc: does a port answer? OpenBSD's netcat, or BusyBox's where the image brings that one."""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.apiserver.images import is_busybox
from kcnet.lab.machine import Effect, Machine, Outcome, World
from kcnet.lab.tools.fetch import RequestError, Sent, send
from kcnet.model.names import Protocol
from kcnet.model.trace import Verdict

_VALUED = "wqpsi"
_SERVICES = {
    22: "ssh",
    53: "domain",
    80: "http",
    443: "https",
    3306: "mysql",
    5432: "postgresql",
    6379: "redis",
    8080: "http-alt",
}
"""Names of /etc/services that OpenBSD's nc calls ports by."""


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    flags, words = _parse(argv[1:])
    busybox = machine.pod is not None and is_busybox(machine.image, "nc")
    if "l" in flags:
        return Outcome(
            stderr="(lab) Nothing can listen here by hand: what listens in a pod is what its manifest says.\n", status=1
        )
    if len(words) < 2:
        return Outcome(stderr="usage: nc [-uvz] [-w timeout] destination port\n", status=1)
    host, protocol = words[0], Protocol.UDP if "u" in flags else Protocol.TCP
    stderr, status = "", 1
    effects: list[Effect] = []
    for port in _ports(words[1]):
        try:
            sent = send(world, machine, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", protocol=protocol)
        except RequestError as error:
            return Outcome(stderr=f"nc: {error.message}\n", status=1)
        effects.append(sent.effect("nc"))
        said, failed = (_busybox if busybox else _openbsd)(sent, port, protocol, flags)
        stderr += said
        status = min(status, failed)
    return Outcome("", stderr, status, tuple(effects))


def _parse(words: Sequence[str]) -> tuple[set[str], list[str]]:
    flags: set[str] = set()
    found: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("-") and len(word) > 1:
            for index, letter in enumerate(word[1:], 1):
                flags.add(letter)
                if letter in _VALUED:
                    if not word[index + 1 :] and rest:
                        rest.pop(0)
                    break
        else:
            found.append(word)
    return flags, found


def _ports(text: str) -> list[str]:
    first, dash, last = text.partition("-")
    if dash and first.isdecimal() and last.isdecimal() and int(first) <= int(last) <= 65535:
        return [str(port) for port in range(int(first), min(int(last), int(first) + 99) + 1)]
    return [text]


def _openbsd(sent: Sent, port: str, protocol: Protocol, flags: set[str]) -> tuple[str, int]:
    verbose, silence = "v" in flags, ""
    kind = protocol.value.lower()
    place = (
        f"{sent.host} port {port}" if sent.host == str(sent.address) else f"{sent.host} ({sent.address}) port {port}"
    )
    match sent.verdict:
        case Verdict.UNRESOLVED:
            return f'nc: getaddrinfo for host "{sent.host}" port {port}: Name or service not known\n', 1
        case Verdict.REFUSED:
            return (f"nc: connect to {place} ({kind}) failed: Connection refused\n" if verbose else ""), 1
        case Verdict.TIMEOUT if protocol is Protocol.UDP:
            silence = "(lab) Nothing came back, and over UDP nc takes silence for success. trace tells what happened.\n"
        case Verdict.TIMEOUT:
            return (f"nc: connect to {place} ({kind}) timed out: Operation now in progress\n" if verbose else ""), 1
        case Verdict.EXTERNAL | Verdict.UNKNOWN:
            return f"(lab) {sent.beyond}\n", 0
    shown = f"{sent.host} {port}" if sent.host == str(sent.address) else f"{sent.host} ({sent.address}) {port}"
    service = "*" if "n" in flags else _SERVICES.get(sent.port, "*")
    return (f"Connection to {shown} port [{kind}/{service}] succeeded!\n" if verbose else "") + silence, 0


def _busybox(sent: Sent, port: str, protocol: Protocol, flags: set[str]) -> tuple[str, int]:
    place = f"{sent.host} ({sent.address}:{port})"
    match sent.verdict:
        case Verdict.UNRESOLVED:
            return f"nc: bad address '{sent.host}'\n", 1
        case Verdict.REFUSED:
            return f"nc: {place}: Connection refused\n", 1
        case Verdict.TIMEOUT:
            return ("nc: timed out\n" if "w" in flags else f"nc: {place}: Connection timed out\n"), 1
        case Verdict.EXTERNAL | Verdict.UNKNOWN:
            return f"(lab) {sent.beyond}\n", 0
    return (f"{place} open\n" if "v" in flags else ""), 0
