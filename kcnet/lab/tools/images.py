"""Which programs an image holds: a small table of images that people try things in.

Of an image that is not in it nobody can tell, so it is taken to hold everything.
"""

from __future__ import annotations

from typing import Final

_SHELL = frozenset(
    ["cat", "ls", "env", "printenv", "hostname", "whoami", "id", "uname", "date", "true", "false", "sleep"]
)
_ALPINE = frozenset(("getent",))
_BUSYBOX = _SHELL | frozenset(
    ["wget", "nslookup", "nc", "ping", "ping6", "traceroute", "telnet", "ip", "ifconfig", "netstat", "arp", "ps", "top"]
)
_DEBIAN = _SHELL | frozenset(("getent",))
_DATABASE = {"postgres": ("psql", "pg_isready"), "redis": ("redis-cli",), "mysql": ("mysql",), "mariadb": ("mysql",)}
_ALL = (
    "nicolaka/netshoot",
    "wbitt/network-multitool",
    "praqma/network-multitool",
    "registry.k8s.io/e2e-test-images/jessie-dnsutils",
)
_NONE = (
    "distroless",
    "scratch",
    "pause",
    "coredns",
    "fluent-bit",
    "kube-proxy",
    "traefik/whoami",
    "http-echo",
    "agnhost",
)
_NODE_ONLY: Final = frozenset(("iptables-save", "iptables", "ipvsadm", "nft", "crictl", "systemctl", "journalctl"))
_OUTSIDE_LACKS: Final = _NODE_ONLY | {"redis-cli", "psql", "pg_isready", "mysql"}


def holds(image: str, program: str) -> bool:
    """Whether a container of ``image`` has ``program`` on its path."""
    if program in _NODE_ONLY:
        return False
    name, tag = _parts(image)
    last = name.rpartition("/")[2]
    if not image or any(name.endswith(one) for one in _ALL):
        return True
    if any(one in name for one in _NONE):
        return False
    if "alpine" in last or "alpine" in tag:
        own = program in _BUSYBOX or program in _ALPINE
        return own or (last.startswith("nginx") and program == "curl") or _client(last, program)
    if last == "busybox":
        return program in _BUSYBOX
    if "curl" in last:
        return program in _BUSYBOX or program in _ALPINE or program == "curl"
    if last.startswith(("nginx", "httpd")):
        return program in _DEBIAN or (last.startswith("nginx") and program == "curl")
    if last in _DATABASE:
        return program in _DEBIAN or _client(last, program)
    if last in ("debian", "ubuntu"):
        return program in _DEBIAN
    return True


def is_busybox(image: str) -> bool:
    """Whether wget, nslookup and their like are BusyBox's there, which word things otherwise than GNU's and BIND's."""
    name, tag = _parts(image)
    last = name.rpartition("/")[2]
    return last == "busybox" or "alpine" in last or "alpine" in tag or "curlimages" in name


def outside_holds(program: str) -> bool:
    """The learner's own machine has what a developer's machine has."""
    return program not in _OUTSIDE_LACKS


def _client(last: str, program: str) -> bool:
    return any(last.startswith(name) and program in programs for name, programs in _DATABASE.items())


def _parts(image: str) -> tuple[str, str]:
    """Name with its registry, and tag: ``nginx:1.27-alpine`` -> ("nginx", "1.27-alpine")."""
    bare = image.partition("@")[0]
    folder, slash, last = bare.rpartition("/")
    name, _, tag = last.partition(":")
    return f"{folder}{slash}{name}".lower(), tag.lower()
