"""traceroute: the routers on the way. Between nodes an overlay is one hop, whatever is below it."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

from kcnet.apiserver.images import is_busybox
from kcnet.lab.machine import Machine, Outcome, Ran, World
from kcnet.lab.tools.fetch import is_address
from kcnet.lab.tools.resolver import effect, look
from kcnet.lab.tools.routers import routers
from kcnet.model.names import IPAddress


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    words = [word for word in argv[1:] if not word.startswith("-") and not word.isdecimal()]
    if not words:
        return Outcome(stderr="Usage: traceroute [options] host\n", status=2)
    name = words[0]
    ran = Ran("traceroute", tuple(argv[1:]))
    if is_address(name):
        return _traced(world, machine, name, ip_address(name))._replace(effects=(ran,))
    found = look(world, machine, name)
    values = [value for value in found.values if is_address(value)]
    address = machine.hosts.get(name.lower()) or (ip_address(values[0]) if values else None)
    lookup = effect("traceroute", machine, name, values)
    if address is None:
        reply = found.found
        unknown = reply is not None and reply.unknown
        said = reply.note if reply is not None and unknown else f"{name}: Name or service not known\n"
        return Outcome("", said, 0 if unknown else 2, (lookup, ran))
    return _traced(world, machine, name, address)._replace(effects=(lookup, ran))


def _traced(world: World, machine: Machine, name: str, address: IPAddress) -> Outcome:
    cluster = world.cluster
    busybox = machine.pod is not None and is_busybox(machine.image, "traceroute")
    head = f"traceroute to {name} ({address}), 30 hops max, {46 if busybox else 60} byte packets\n"
    pod = cluster.pods_by_address.get(address)
    inside = machine.client.node is not None
    silent = "".join(f"{number:2d}  * * *\n" for number in range(1, 6))
    if cluster.services_by_address.get(address) and inside:
        note = "(lab) A Service's address is a rule for its ports: these probes reach nobody. trace shows the way.\n"
        return Outcome(head + silent, note, 0)
    if pod is None and address not in cluster.nodes_by_address:
        return Outcome(
            "", f"(lab) The way leaves the cluster for {address}; kcnet does not know the routers there.\n", 0
        )
    if pod is not None and not inside:
        return Outcome(head + silent, "(lab) Nobody outside knows a route to addresses of pods.\n", 0)
    hops = (*routers(cluster, machine, address), address)
    lines = "".join(
        f"{number:2d}  {hop} ({hop})  0.0{number}2 ms  0.0{number}1 ms  0.0{number}1 ms\n"
        for number, hop in enumerate(hops, 1)
    )
    return Outcome(head + lines, "", 0)
