"""ip: interfaces, addresses and routes, as the usual network plugins set them up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from hashlib import sha1
from ipaddress import ip_network
from typing import NamedTuple

from kcnet.lab.machine import Machine, Outcome, Ran, World
from kcnet.model.cluster import Cluster, ProxyMode
from kcnet.model.names import IPAddress, IPNetwork
from kcnet.model.objects import Node, Pod

_ROUTED = ("calico", "canal", "cilium")
"""Plugins that give a pod an address of its own alone (/32), with a gateway that is on no network."""

_VETHS = ("calico", "canal")
"""Plugins whose names for a pod's interface on its node are known."""


class Interface(NamedTuple):
    name: str
    mac: str
    mtu: int
    addresses: tuple[str, ...]
    """With their prefix: ``10.244.1.5/24``."""
    peer: str = ""
    flags: str = "BROADCAST,MULTICAST,UP,LOWER_UP"

    @property
    def state(self) -> str:
        return "UNKNOWN" if self.name == "lo" else "DOWN" if self.name == "kube-ipvs0" else "UP"

    def of(self, families: Set[int]) -> Interface:
        """With its addresses of these IP versions alone."""
        return self._replace(addresses=tuple(each for each in self.addresses if (6 if ":" in each else 4) in families))


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    words = [word for word in argv[1:] if not word.startswith("-")]
    options = {word for word in argv[1:] if word.startswith("-")}
    brief, one_line = bool(options & {"-br", "-brief"}), bool(options & {"-o", "-oneline"})
    families = {4} if "-4" in options else {6} if "-6" in options else {4, 6}
    if strange := sorted(options - {"-br", "-brief", "-o", "-oneline", "-4", "-6", "-c", "-color", "-d", "-s"}):
        return Outcome("", f"(lab) ip {strange[0]} is not simulated.\n", 255, (Ran("ip", tuple(argv[1:])),))
    what = words[0] if words else "addr"
    shown = (Ran("ip", tuple(argv[1:])),)
    if machine.client.node is None:
        return Outcome(
            "", "(lab) The learner's own machine is not simulated; look inside a pod or on a node.\n", 1, shown
        )
    if "address".startswith(what) or what == "link":
        found = [one.of(families) for one in interfaces(world, machine)]
        wanted = next((word for word in words[1:] if word not in ("show", "list", "ls", "dev")), None)
        show = _brief if brief else _one_line if one_line and what != "link" else _shown
        text = "".join(show(number, one, link=what == "link") for number, one in enumerate(found, 1)
                       if wanted in (None, one.name))  # fmt: skip
        if wanted is not None and not text:
            return Outcome("", f'Device "{wanted}" does not exist.\n', 1, shown)
        return Outcome(text, _beside(world, machine, routing=False), 0, shown)
    if "route".startswith(what):
        if "get" in words:
            return Outcome("", "(lab) trace TARGET shows the way that a packet takes.\n", 1, shown)
        text = "".join(f"{line}\n" for line in routes(world, machine))
        return Outcome(text, _beside(world, machine, routing=True), 0, shown)
    if "neighbour".startswith(what) or what in ("neighbor", "rule", "netns"):
        return Outcome("", f"(lab) ip {what} is not simulated; ip addr, ip link and ip route are.\n", 1, shown)
    return Outcome("", f'Object "{what}" is unknown, try "ip help".\n', 1, shown)


def _beside(world: World, machine: Machine, *, routing: bool) -> str:
    """What of a node's interfaces and routes is taken, or left out."""
    node = world.cluster.nodes.get(machine.client.node or "")
    if node is None or (machine.pod is not None and not machine.pod.host_network):
        return ""
    cni = world.cluster.cni
    what = "routes" if routing else "interfaces"
    more = "further " if cni.name in _VETHS else ""
    left_out = "" if cni.name == "flannel" else f" The {more}{what} that {cni.title} adds are not simulated."
    return f"(lab) The node's own network is taken to be {_network(node)}.{left_out}\n"


def _network(node: Node) -> IPNetwork:
    return ip_network(f"{node.address}/{16 if node.address.version == 4 else 64}", strict=False)


def mac_of(address: IPAddress) -> str:
    """As the bridge plugin makes it of an IPv4 address."""
    tail = address.packed[-4:]
    return ":".join(f"{byte:02x}" for byte in (0x0A, 0x58, *tail))


def mtu_of(world: World) -> int:
    return {"VXLAN": 1450, "Geneve": 1450, "IPIP": 1480, "WireGuard": 1420}.get(
        world.cluster.cni.encapsulation or "", 1500
    )


def interfaces(world: World, machine: Machine) -> Iterator[Interface]:
    yield Interface("lo", "00:00:00:00:00:00", 65536, ("127.0.0.1/8", "::1/128"), flags="LOOPBACK,UP,LOWER_UP")
    node = world.cluster.nodes.get(machine.client.node or "")
    if machine.pod is not None and not machine.pod.host_network:
        addresses = tuple(f"{address}/{_prefix(world, machine, address)}" for address in machine.pod.addresses)
        mac = mac_of(machine.pod.addresses[0])
        yield Interface("eth0", mac, mtu_of(world), addresses, peer="@if7")
        return
    assert node is not None
    yield Interface(
        "eth0", mac_of(node.address), 1500, tuple(f"{a}/{16 if a.version == 4 else 64}" for a in node.addresses)
    )
    if world.cluster.proxy_mode is ProxyMode.IPVS:
        from kcnet.lab.tools.kubeproxy.ipvs import bound_addresses

        bound = tuple(f"{address}/32" for address in bound_addresses(world.cluster, node.name))
        yield Interface("kube-ipvs0", "ce:1b:9a:01:5f:22", 1500, bound, flags="BROADCAST,NOARP")
    yield from _of_plugin(world, machine)


def _of_plugin(world: World, machine: Machine) -> Iterator[Interface]:
    """Interfaces of the node that the network plugin makes, where it is known how they are called."""
    node = world.cluster.nodes[machine.client.node or ""]
    cni = world.cluster.cni.name
    for pod in _plugged(world.cluster, node) if cni in _VETHS else ():
        yield Interface(veth_of(pod), "ee:ee:ee:ee:ee:ee", mtu_of(world), (), peer="@if4")
    if not node.pod_cidrs:
        return
    cidr = node.pod_cidrs[0]
    if cni in ("flannel", "canal"):
        yield Interface("flannel.1", mac_of(cidr[0]), 1450, (f"{cidr[0]}/32",))
    if cni == "flannel":
        yield Interface("cni0", mac_of(cidr[1]), 1450, (f"{cidr[1]}/{cidr.prefixlen}",))
    if cni == "cilium":
        yield Interface("cilium_host", mac_of(cidr[1]), 1500, (f"{cidr[1]}/32",))


def _plugged(cluster: Cluster, node: Node) -> Iterator[Pod]:
    """The node's pods that have a network of their own, as they run."""
    for pod in cluster.pods_by_node.get(node.name, ()):
        if not pod.host_network and pod.addresses and pod.phase not in ("Succeeded", "Failed"):
            yield pod


def veth_of(pod: Pod) -> str:
    """Calico's name for a pod's interface on the node: ``cali`` and 11 digits of the SHA-1 of NAMESPACE.NAME."""
    return f"cali{sha1(f'{pod.namespace}.{pod.name}'.encode(), usedforsecurity=False).hexdigest()[:11]}"


def _prefix(world: World, machine: Machine, address: IPAddress) -> int:
    node = world.cluster.nodes.get(machine.client.node or "")
    if world.cluster.cni.name in _ROUTED:
        return 32 if address.version == 4 else 128
    own = [cidr for cidr in (node.pod_cidrs if node else ()) if address in cidr]
    return own[0].prefixlen if own else (24 if address.version == 4 else 64)


def routes(world: World, machine: Machine) -> Iterator[str]:
    cluster = world.cluster
    node = cluster.nodes[machine.client.node or ""]
    if machine.pod is not None and not machine.pod.host_network:
        address = machine.pod.addresses[0]
        if cluster.cni.name in _ROUTED:
            gateway = (
                "169.254.1.1" if cluster.cni.name in _VETHS else str(node.pod_cidrs[0][1]) if node.pod_cidrs else ""
            )
            yield f"default via {gateway} dev eth0 "
            yield f"{gateway} dev eth0 scope link "
            return
        own = ip_network(f"{address}/{_prefix(world, machine, address)}", strict=False)
        yield f"default via {own[1]} dev eth0 "
        if cluster.cni.name == "flannel":
            yield from (f"{cidr} via {own[1]} dev eth0 " for cidr in cluster.pod_cidrs if address in cidr)
        yield f"{own} dev eth0 proto kernel scope link src {address} "
        return
    network = _network(node)
    router = network[1] if network[1] not in cluster.nodes_by_address else network[-2]
    yield f"default via {router} dev eth0 "
    for other in cluster.nodes.values():
        for cidr in other.pod_cidrs[:1]:
            if other.name == node.name:
                device = "cni0" if cluster.cni.name == "flannel" else "the plugin's interface"
                if cluster.cni.name == "flannel":
                    yield f"{cidr} dev {device} proto kernel scope link src {cidr[1]} "
            elif cluster.cni.name in ("flannel", "canal"):
                yield f"{cidr} via {cidr[0]} dev flannel.1 onlink "
            elif cluster.cni.known and not cluster.cni.encapsulation:
                yield f"{cidr} via {other.address} dev eth0 "
    for pod in _plugged(cluster, node) if cluster.cni.name in _VETHS else ():
        yield f"{pod.addresses[0]} dev {veth_of(pod)} scope link "
    yield f"{network} dev eth0 proto kernel scope link src {node.address} "


def _shown(number: int, one: Interface, *, link: bool) -> str:
    loop = one.name == "lo"
    queue = "noqueue" if loop or one.peer else "mq"
    state = one.state
    lines = [f"{number}: {one.name}{one.peer}: <{one.flags}> mtu {one.mtu} qdisc {queue} state {state} group default "
             f"{'qlen 1000' if loop or not one.peer else ''}"]  # fmt: skip
    kind = "loopback" if loop else "ether"
    brd = "00:00:00:00:00:00" if loop else "ff:ff:ff:ff:ff:ff"
    lines.append(f"    link/{kind} {one.mac} brd {brd}{' link-netnsid 0' if one.peer else ''}")
    for text in () if link else one.addresses:
        lines += [f"    {_address(one, text)}", "       valid_lft forever preferred_lft forever"]
    return "".join(f"{line}\n" for line in lines)


def _address(one: Interface, text: str) -> str:
    network = ip_network(text, strict=False)
    loop = one.name == "lo"
    family = "inet" if network.version == 4 else "inet6"
    wide = network.version == 4 and network.prefixlen < 31 and not loop
    broadcast = f" brd {network.broadcast_address}" if wide else ""
    label = f" {one.name}" if family == "inet" else ""
    return f"{family} {text}{broadcast} scope {'host' if loop else 'global'}{label}"


def _brief(number: int, one: Interface, *, link: bool) -> str:
    shown = f"{one.mac} <{one.flags}>" if link else " ".join(one.addresses)
    return f"{one.name + one.peer:<16} {one.state:<14} {shown} \n"


def _one_line(number: int, one: Interface, *, link: bool) -> str:
    return "".join(
        f"{number}: {one.name}    {_address(one, text)}\\       valid_lft forever preferred_lft forever\n"
        for text in one.addresses
    )
