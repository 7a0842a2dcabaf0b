"""Which command a word names, by the place that it is typed at; and what is said of a word that names none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from kcnet.lab.call import Call
from kcnet.lab.machine import Ran

if TYPE_CHECKING:
    from kcnet.lab.shell import Shell

Command = Callable[[Call], int]

REAL = frozenset(
    [
        "docker",
        "podman",
        "nerdctl",
        "crictl",
        "ctr",
        "helm",
        "kind",
        "k3d",
        "k3s",
        "kubeadm",
        "git",
        "ssh",
        "scp",
        "make",
        "python",
        "python3",
        "pip",
        "node",
        "npm",
        "go",
        "apt",
        "apt-get",
        "apk",
        "yum",
        "dnf",
        "brew",
        "systemctl",
        "journalctl",
        "service",
        "jq",
        "yq",
        "stern",
        "kubectx",
        "kubens",
        "k9s",
        "cilium",
        "calicoctl",
        "istioctl",
        "linkerd",
        "flannel",
        "terraform",
        "ansible",
        "aws",
        "gcloud",
        "az",
        "doctl",
        "eksctl",
        "openssl",
        "telnet",
        "nmap",
        "tcpdump",
        "mtr",
        "ab",
        "hey",
        "wrk",
        "redis-cli",
        "mysql",
        "psql",
        "mongo",
        "php",
        "perl",
        "ruby",
        "java",
        "top",
        "ps",
        "kill",
        "less",
        "more",
        "chmod",
        "chown",
        "ln",
        "find",
        "tar",
        "gzip",
        "diff",
        "useradd",
        "passwd",
        "crontab",
        "uname",
        "whoami",
        "id",
        "df",
        "du",
        "free",
        "mount",
        "reboot",
        "shutdown",
        "bg",
        "fg",
        "jobs",
        "wait",
        "eval",
        "source",
        "exec",
        "trap",
        "function",
        "case",
        "conntrack",
        "bridge",
        "brctl",
        "arp",
        "netstat",
        "ifconfig",
        "route",
        "ipset",
        "sysctl",
        "nsenter",
    ]
)
"""Words that are commands elsewhere: it is said that the lab does not simulate them."""


def find(shell: Shell, name: str) -> Command:
    """The command that ``name`` is here; one that says that there is none."""
    from kcnet.lab import builtins

    if shell.place.kind == "outside":
        if name in ("kubectl", "k"):
            from kcnet.lab.kubectl.command import kubectl

            return kubectl
        if name in builtins.OWN_MACHINE:
            return builtins.OWN_MACHINE[name]
    if name in builtins.EVERYWHERE:
        return builtins.EVERYWHERE[name]
    if shell.own_verbs:
        from kcnet.lab.own import VERBS, load

        if name in VERBS:
            return load(name)
    from kcnet.lab.running import tools

    if name in tools():
        return _tool
    from kcnet.lab.filters import FILTERS

    if name in FILTERS:
        return builtins.filtered
    return _unknown


def _tool(call: Call) -> int:
    from kcnet.lab.running import run_tool

    stdin = call.stdin
    text = stdin.rest() if stdin is not None and not stdin.shared else ""
    return call.take(run_tool(call.session, call.place, call.argv, text))


def names(shell: Shell) -> Iterator[str]:
    """Every command that works here."""
    from kcnet.lab import builtins
    from kcnet.lab.filters import FILTERS
    from kcnet.lab.own import VERBS
    from kcnet.lab.running import tools

    if shell.place.kind == "outside":
        yield from ("kubectl", "k")
        yield from builtins.OWN_MACHINE
        yield from shell.session.aliases
    yield from builtins.EVERYWHERE
    yield from FILTERS
    yield from tools()
    if shell.own_verbs:
        yield from VERBS


def _unknown(call: Call) -> int:
    from kcnet.lab.nearest import nearest
    from kcnet.lab.shell import NOT_FOUND

    name = call.argv[0]
    inside = call.place.kind == "pod"
    call.err(f"sh: {name}: not found" if inside else f"{name}: command not found")
    if name in ("kubectl", "k", "minikube"):
        call.note(f"You are inside {call.place.kind} {call.place.name}. Type exit to return to your own machine.")
    elif name.startswith(("./", "/")):
        call.note("The lab runs no programs of your disk.")
    elif name in REAL:
        call.note(f"{name} exists, but the lab does not simulate it. help lists what works.")
    elif near := nearest(name, names(call.shell), cutoff=0.7):
        call.note(f"Did you mean {near}?")
    else:
        call.note("help lists what works here.")
    call.did(Ran(name, tuple(call.argv[1:])))
    return NOT_FOUND
