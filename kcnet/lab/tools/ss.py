"""ss and netstat: what listens. On a node nothing listens on a node port; it is a rule, not a socket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kcnet.lab.machine import Machine, Outcome, Ran, World
from kcnet.model.names import Protocol
from kcnet.model.wellknown import CONTROL_PLANE_ROLES


class Listener(NamedTuple):
    protocol: Protocol
    address: str
    port: int


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    shown = (Ran(argv[0], tuple(argv[1:])),)
    letters = "".join(word[1:] for word in argv[1:] if word.startswith("-"))
    if machine.client.node is None:
        return Outcome(
            "", "(lab) The learner's own machine is not simulated; look inside a pod or on a node.\n", 1, shown
        )
    found, note = listeners(world, machine)
    wanted = (
        {Protocol.TCP}
        if "t" in letters and "u" not in letters
        else {Protocol.UDP}
        if "u" in letters and "t" not in letters
        else set(Protocol)
    )
    kept = [one for one in found if one.protocol in wanted]
    text = (_netstat if argv[0] == "netstat" else _ss)(kept, one_protocol=len(wanted) == 1)
    return Outcome(text, note, 0, shown)


def listeners(world: World, machine: Machine) -> tuple[list[Listener], str]:
    """What listens, and what is to be said beside it."""
    pod = machine.pod
    if pod is not None and not pod.host_network:
        if pod.listens is not None:
            stated = sorted(pod.listens)
            return [Listener(protocol, "0.0.0.0", number) for (number, protocol) in stated], ""
        declared = [Listener(port.protocol, "0.0.0.0", port.number) for port in pod.ports]
        if pod.declares_ports:
            return declared, "(lab) As far as the manifest declares it: kcnet does not run the image.\n"
        return declared, "(lab) A container declares no ports, so what it listens on is not known.\n"
    return list(_of_node(world, machine)), "(lab) Node ports are not here: they are rules, not sockets.\n"


def _of_node(world: World, machine: Machine) -> Iterator[Listener]:
    node = world.cluster.nodes[machine.client.node or ""]
    for address, number in (("127.0.0.1", 10248), ("127.0.0.1", 10249), ("*", 10250), ("*", 10256)):
        yield Listener(Protocol.TCP, address, number)
    first = next(iter(world.cluster.nodes.values()))
    masters = [one for one in world.cluster.nodes.values() if any(role in one.labels for role in CONTROL_PLANE_ROLES)]
    if node.name in [one.name for one in masters or [first]]:
        yield Listener(Protocol.TCP, "*", 6443)
    for pod in world.cluster.pods_by_node.get(node.name, ()):
        if pod.host_network and pod.phase == "Running" and pod.namespace != "kube-system":
            for port in pod.ports:
                yield Listener(port.protocol, "0.0.0.0", port.number)


def _ss(found: Sequence[Listener], *, one_protocol: bool) -> str:
    head = "State   Recv-Q  Send-Q   Local Address:Port    Peer Address:Port  Process"
    lines = [head if one_protocol else f"Netid  {head}"]
    for one in found:
        state = "LISTEN" if one.protocol is Protocol.TCP else "UNCONN"
        queue = 4096 if one.protocol is Protocol.TCP else 0
        peer = "*:*" if one.address == "*" else "0.0.0.0:*"
        line = f"{state:<8}0       {queue:<9}{f'{one.address}:{one.port}':>18}    {peer:>17}"
        lines.append(line if one_protocol else f"{one.protocol.value.lower():<7}{line}")
    return "".join(f"{line}\n" for line in lines)


def _netstat(found: Sequence[Listener], *, one_protocol: bool) -> str:
    lines = ["Active Internet connections (only servers)",
             "Proto Recv-Q Send-Q Local Address           Foreign Address         State      "]  # fmt: skip
    for one in found:
        state = "LISTEN     " if one.protocol is Protocol.TCP else ""
        place = f"{'0.0.0.0' if one.address == '*' else one.address}:{one.port}"
        lines.append(f"{one.protocol.value.lower():<5} 0      0      {place:<23} 0.0.0.0:*               {state}")
    return "".join(f"{line}\n" for line in lines)
