"""ping: an ICMP echo. It says nothing about ports, and a cluster IP is no machine that could answer.

How each mode of kube-proxy treats it: iptables has no rule for ICMP, so nobody answers; nftables and ipvs reject it.
NetworkPolicy leaves ICMP undefined: plugins differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import NamedTuple

from kcnet.apiserver.images import is_busybox
from kcnet.lab.machine import LookedUp, Machine, Outcome, Ran, World
from kcnet.lab.tools.fetch import is_address
from kcnet.lab.tools.resolver import effect, look
from kcnet.lab.tools.routers import TTL, routers
from kcnet.model.cluster import ProxyMode
from kcnet.model.names import IPAddress
from kcnet.model.objects import Pod
from kcnet.model.policy import Direction
from kcnet.path.netpol import isolating

_VALUED = "cWwistIpQM"


class _Echo(NamedTuple):
    """What comes back: "reply", "silence", "unreachable", or "unknown"."""

    kind: str
    ttl: int = 64
    note: str = ""


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    count, words = _parse(argv[1:])
    if not words:
        return Outcome(stderr="ping: usage error: Destination address required\n", status=2)
    name = words[0]
    busybox = machine.pod is not None and is_busybox(machine.image, "ping")
    shown: list[Ran | LookedUp] = [Ran("ping", tuple(argv[1:]))]
    address, note, failed = _resolve(world, machine, name)
    if not is_address(name):
        shown.insert(0, effect("ping", machine, name, (str(address),) if address is not None else ()))
    if address is None:
        if note:
            return Outcome("", note, 0, tuple(shown))
        if busybox:
            return Outcome("", f"ping: bad address '{name}'\n", 1, tuple(shown))
        return Outcome("", f"ping: {name}: {failed}\n", 2, tuple(shown))
    echo = _echo(world, machine, address)
    if echo.kind == "unknown":
        return Outcome("", f"(lab) {echo.note}\n", 0, tuple(shown))
    text = (_busybox if busybox else _iputils)(name, address, echo, count)
    note = f"(lab) {echo.note}\n" if echo.note else ""
    return Outcome(text, note, 0 if echo.kind == "reply" else 1, tuple(shown))


def _parse(words: Sequence[str]) -> tuple[int, list[str]]:
    count, found, rest = 3, [], list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("-") and len(word) > 1:
            letter = word[1]
            if letter in _VALUED:
                value = word[2:] or (rest.pop(0) if rest else "")
                if letter == "c" and value.isdecimal():
                    count = max(1, min(int(value[:4]), 20))
        else:
            found.append(word)
    return count, found


def _resolve(world: World, machine: Machine, name: str) -> tuple[IPAddress | None, str, str]:
    if is_address(name):
        return ip_address(name.strip("[]")), "", ""
    if name == "localhost":
        return ip_address("127.0.0.1"), "", ""
    known = machine.hosts.get(name.lower())
    if known is not None:
        return known, "", ""
    found = look(world, machine, name)
    if found.silent:
        return None, "", "Temporary failure in name resolution"
    reply = found.found
    if reply is not None and reply.unknown:
        return None, reply.note, ""
    values = [value for value in found.values if is_address(value)]
    return (ip_address(values[0]) if values else None), "", "Name or service not known"


def _echo(world: World, machine: Machine, address: IPAddress) -> _Echo:
    cluster, inside = world.cluster, machine.client.node is not None
    if address.is_loopback or address in machine.client.addresses:
        return _Echo("reply")
    services = cluster.services_by_address.get(address, ())
    if services and (inside or any(address in service.external_ips for service in services)):
        return _virtual(world, machine, any(address in service.cluster_ips for service in services))
    pod = cluster.pods_by_address.get(address)
    if pod is not None:
        if not inside:
            return _Echo("silence", note="Nobody outside knows a route to addresses of pods.")
        return _Echo("reply", _ttl(world, machine, address), _policies(world, machine, pod))
    if address in cluster.nodes_by_address:
        return _Echo("reply", _ttl(world, machine, address) if inside else 60)
    if any(address in cidr for cidr in (*cluster.pod_cidrs, *cluster.service_cidrs)):
        return _Echo("silence", note="Nobody has this address.")
    return _Echo(
        "unknown", note=f"The packet leaves the cluster for {address}; whether that answers, kcnet does not know."
    )


def _ttl(world: World, machine: Machine, address: IPAddress) -> int:
    return TTL - len(routers(world.cluster, machine, address))


def _policies(world: World, machine: Machine, pod: Pod) -> str:
    cluster = world.cluster
    if cluster.cni.enforces_policy is False or pod == machine.pod:
        return ""
    picked = "this pod" if isolating(cluster, pod, Direction.INGRESS) else ""
    if machine.pod is not None and isolating(cluster, machine.pod, Direction.EGRESS):
        picked = "both pods" if picked else f"pod {machine.pod.name}"
    left_open = "Whether they let ICMP through, plugins decide each in its own way."
    return f"NetworkPolicies select {picked}. {left_open}" if picked else ""


def _virtual(world: World, machine: Machine, cluster_ip: bool) -> _Echo:
    mode = world.cluster.proxy_mode
    if mode is ProxyMode.IPTABLES or not cluster_ip:
        return _Echo("silence", note="A Service's address is a rule for its ports, no machine: nobody answers ping.")
    return _Echo(
        "unreachable", note=f"A Service's address is a rule for its ports; {mode.value} rejects what is not for one."
    )


def _iputils(name: str, address: IPAddress, echo: _Echo, count: int) -> str:
    lines = [f"PING {name} ({address}) 56(84) bytes of data."]
    received, errors = 0, 0
    for number in range(1, count + 1):
        if echo.kind == "reply":
            received += 1
            lines.append(
                f"64 bytes from {address}: icmp_seq={number} ttl={echo.ttl} time=0.{200 + 37 * number % 400} ms"
            )
        elif echo.kind == "unreachable":
            errors += 1
            lines.append(f"From {address} icmp_seq={number} Destination Port Unreachable")
    lost = 100 - 100 * received // count
    told = f", +{errors} errors" if errors else ""
    lines += ["", f"--- {name} ping statistics ---"]
    lines.append(
        f"{count} packets transmitted, {received} received{told}, {lost}% packet loss, time {(count - 1) * 1003}ms"
    )
    lines.append("rtt min/avg/max/mdev = 0.237/0.311/0.385/0.060 ms" if received else "")
    return "".join(f"{line}\n" for line in lines)


def _busybox(name: str, address: IPAddress, echo: _Echo, count: int) -> str:
    lines = [f"PING {name} ({address}): 56 data bytes"]
    received = count if echo.kind == "reply" else 0
    lines += [f"64 bytes from {address}: seq={number} ttl={echo.ttl} time=0.{200 + 37 * number % 400} ms"
              for number in range(received)]  # fmt: skip
    lost = 100 - 100 * received // count
    lines += ["", f"--- {name} ping statistics ---"]
    lines.append(f"{count} packets transmitted, {received} packets received, {lost}% packet loss")
    if received:
        lines.append("round-trip min/avg/max = 0.237/0.311/0.385 ms")
    return "".join(f"{line}\n" for line in lines)
