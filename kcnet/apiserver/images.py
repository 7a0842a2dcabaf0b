"""Which programs an image holds: a small table of images that people try things in.

Of an image that is not in it nobody can tell, so it is taken to hold everything.
"""

from __future__ import annotations

import re
from typing import Final

_SHELL = frozenset(
    ["cat", "ls", "env", "printenv", "hostname", "whoami", "id", "uname", "date", "true", "false", "sleep"]
)
_ALPINE = _SHELL | frozenset(
    ["wget", "nslookup", "nc", "ping", "ping6", "traceroute", "ip", "ifconfig", "netstat", "arp", "ps", "top", "getent"]
)
_BUSYBOX = (_ALPINE | {"telnet"}) - {"getent"}
_DEBIAN = _SHELL | {"getent"}
_BIND = frozenset(("dig", "host", "nslookup"))
_AGNHOST = _ALPINE | _BIND | {"curl", "nc", "ss"}
_CLIENTS: Final = {
    "postgres": ("psql", "pg_isready"),
    "redis": ("redis-cli",),
    "valkey": ("redis-cli",),
    "mysql": ("mysql",),
    "mariadb": ("mysql",),
}
_ALL = (
    "nicolaka/netshoot",
    "wbitt/network-multitool",
    "praqma/network-multitool",
)
_NONE = frozenset(
    (
        "scratch",
        "pause",
        "coredns",
        "fluent-bit",
        "kube-proxy",
        "whoami",
        "http-echo",
        "hello-app",
    )
)
"""By the last part of their names; so is whatever is called distroless."""
_NO_ENTRYPOINT: Final = frozenset(
    (
        "hello-app", "static", "base", "base-nossl", "cc", "alpine", "busybox", "debian", "ubuntu", "python", "golang",
        "ruby", "perl", "httpd", "netshoot",
    )
)  # fmt: skip
"""Images, distroless ones among them, that have only a CMD: arguments take its place."""
_LANGUAGES = frozenset(("node", "python", "ruby", "golang", "openjdk", "eclipse-temurin", "perl", "php"))
"""On Debian; all but their slim variants come with curl and wget."""
_ON_ALPINE = frozenset(("caddy", "traefik", "registry"))
_KERNEL: Final = frozenset(("iptables-save", "iptables", "ipvsadm", "nft"))
_NODE_ONLY: Final = frozenset(("crictl", "systemctl", "journalctl"))
_DATABASES: Final = frozenset(program for programs in _CLIENTS.values() for program in programs)
_OUTSIDE_LACKS: Final = _NODE_ONLY | _KERNEL | _DATABASES


def holds(image: str, program: str) -> bool:
    """Whether a container of ``image`` has ``program`` on its path."""
    name, tag = _parts(image)
    last = name.rpartition("/")[2]
    if any(name.endswith(one) for one in _ALL):
        return program not in _NODE_ONLY and program not in _DATABASES
    if program in _NODE_ONLY or program in _KERNEL or is_bare(image):
        return False
    programs = _programs(last, tag)
    if programs is None:
        return True
    return program in programs or program in _CLIENTS.get(last, ())


def has_shell(image: str, shell: str = "sh") -> bool:
    """Whether a container of ``image`` has that shell: BusyBox brings sh and ash, Debian sh and bash."""
    name, tag = _parts(image)
    last = name.rpartition("/")[2]
    if is_bare(image):
        return False
    if shell == "sh" or any(name.endswith(one) for one in _ALL) or _programs(last, tag) is None or last == "agnhost":
        return True
    return shell == "ash" if is_busybox(image) else shell == "bash"


def is_bare(image: str) -> bool:
    """Whether a container of ``image`` holds one program and no shell."""
    name, _ = _parts(image)
    return "distroless" in name or name.rpartition("/")[2] in _NONE


def has_entrypoint(image: str) -> bool:
    """Whether arguments go to a program of the image; False where they are known to be the command itself."""
    name, _ = _parts(image)
    return re.sub(r"-debian\d+$", "", name.rpartition("/")[2]) not in _NO_ENTRYPOINT


def _programs(last: str, tag: str) -> frozenset[str] | None:
    """The programs of an image by the last part of its name; None if nobody can tell."""
    nginx = last.startswith("nginx")
    if last == "busybox":
        return _BUSYBOX
    if last in ("agnhost", "jessie-dnsutils", "dnsutils"):
        return _AGNHOST if last == "agnhost" else _DEBIAN | _BIND | {"curl", "wget", "nc", "ping"}
    if "alpine" in last or "alpine" in tag or last in _ON_ALPINE:
        return _ALPINE | {"curl"} if nginx else _ALPINE
    if last == "curl":
        return _ALPINE | {"curl"}
    if nginx:
        return _DEBIAN | {"curl"}
    if last in _LANGUAGES:
        return _DEBIAN if "slim" in tag else _DEBIAN | {"curl", "wget", last, f"{last}3"}
    if last in ("httpd", "haproxy", "debian", "ubuntu", *_CLIENTS):
        return _DEBIAN
    return None


def is_busybox(image: str, program: str = "wget") -> bool:
    """Whether ``program`` is BusyBox's there, which words things otherwise than GNU's, BIND's and iputils'."""
    name, tag = _parts(image)
    last = name.rpartition("/")[2]
    if last == "agnhost":
        return program not in _BIND and program != "nc"
    if any(name.endswith(one) for one in _ALL):
        return program == "wget"
    return last in ("busybox", "curl", *_ON_ALPINE) or "alpine" in last or "alpine" in tag


def busybox_version(image: str) -> tuple[int, ...]:
    """Of a ``busybox`` image that names one: (1, 28); else one that is current."""
    name, tag = _parts(image)
    parts = tag.partition("-")[0].split(".")
    if name.rpartition("/")[2] == "busybox" and all(part.isdecimal() and part.isascii() for part in parts):
        return tuple(int(part[:6]) for part in parts)
    return (1, 37)


def outside_holds(program: str) -> bool:
    """The learner's own machine has what a developer's machine has."""
    return program not in _OUTSIDE_LACKS


def _parts(image: str) -> tuple[str, str]:
    """Name with its registry, and tag: ``nginx:1.27-alpine`` -> ("nginx", "1.27-alpine")."""
    bare = image.partition("@")[0]
    folder, slash, last = bare.rpartition("/")
    name, _, tag = last.partition(":")
    return f"{folder}{slash}{name}".lower(), tag.lower()
