"""What runs inside a pod, on a node or outside: each tool answers by asking the simulator.

``TOOLS`` is the registry. A tool is a function of (world, machine, argv, standard input) and prints nothing itself; its
module is imported when the tool is first used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Final

from kcnet.lab.machine import Machine, Outcome, Tool, World

_WHERE: Final[Mapping[str, str]] = {
    "curl": "curl",
    "wget": "wget",
    "nc": "nc",
    "ncat": "nc",
    "telnet": "telnet",
    "nslookup": "nslookup",
    "dig": "dig",
    "host": "host",
    "getent": "getent",
    "ping": "ping",
    "ping6": "ping",
    "traceroute": "traceroute",
    "tracepath": "traceroute",
    "ip": "ip",
    "ifconfig": "ifconfig",
    "ss": "ss",
    "netstat": "ss",
    "cat": "cat",
    "ls": "little",
    "env": "env",
    "printenv": "env",
    "hostname": "little",
    "whoami": "little",
    "id": "little",
    "uname": "little",
    "date": "little",
    "true": "little",
    "false": "little",
    "sleep": "little",
    "redis-cli": "clients",
    "psql": "clients",
    "pg_isready": "clients",
    "mysql": "clients",
    "iptables-save": "netfilter",
    "iptables": "netfilter",
    "ipvsadm": "netfilter",
    "nft": "netfilter",
    "conntrack": "unknown",
    "tcpdump": "unknown",
    "crictl": "unknown",
    "systemctl": "unknown",
    "journalctl": "unknown",
    "openssl": "unknown",
    "arp": "unknown",
    "nmap": "unknown",
    "mtr": "unknown",
    "ps": "unknown",
    "top": "unknown",
    "apt": "unknown",
    "apt-get": "unknown",
    "apk": "unknown",
    "python": "unknown",
    "python3": "unknown",
}
"""Tool -> module of this package; the function in it is called ``run``."""


class _Tools(Mapping[str, Tool]):
    def __getitem__(self, name: str) -> Tool:
        module = import_module(f"kcnet.lab.tools.{_WHERE[name]}")
        tool: Tool = module.run

        def started(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
            return tool(world, machine, argv, stdin) if _holds(machine, name) else _missing(name)

        return started

    def __iter__(self) -> Iterator[str]:
        return iter(_WHERE)

    def __len__(self) -> int:
        return len(_WHERE)


def _holds(machine: Machine, name: str) -> bool:
    from kcnet.apiserver.images import holds, outside_holds

    if machine.node is not None:
        return True
    return holds(machine.image, name) if machine.pod is not None else outside_holds(name)


def _missing(name: str) -> Outcome:
    return Outcome(stderr=f"sh: {name}: not found\n", status=127)


TOOLS: Final[Mapping[str, Tool]] = _Tools()


def run_tool(world: World, machine: Machine, argv: Sequence[str], stdin: str = "") -> Outcome:
    """Run the tool that ``argv`` names. Status 127 where the machine has none of that name."""
    tool = TOOLS.get(argv[0])
    return _missing(argv[0]) if tool is None else tool(world, machine, argv, stdin)
