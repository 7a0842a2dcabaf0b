"""ifconfig: the same as ``ip addr``, in the older layout."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network

from kcnet.lab.machine import Machine, Outcome, Ran, World
from kcnet.lab.tools.ip import interfaces


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    shown = (Ran("ifconfig", tuple(argv[1:])),)
    if machine.client.node is None:
        return Outcome(
            "", "(lab) The learner's own machine is not simulated; look inside a pod or on a node.\n", 1, shown
        )
    blocks = []
    for one in interfaces(world, machine):
        lines = [f"{one.name}: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu {one.mtu}"]
        for text in one.addresses:
            network = ip_network(text, strict=False)
            address = text.partition("/")[0]
            if network.version == 4:
                lines.append(
                    f"        inet {address}  netmask {network.netmask}  broadcast {network.broadcast_address}"
                )
            else:
                lines.append(f"        inet6 {address}  prefixlen {network.prefixlen}")
        blocks.append("".join(f"{line}\n" for line in lines))
    return Outcome("\n".join(blocks), "", 0, shown)
