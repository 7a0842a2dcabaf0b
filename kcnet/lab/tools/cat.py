"""cat: the files in a pod that Kubernetes itself writes."""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.lab.machine import Machine, Outcome, Ran, World
from kcnet.path.dns import resolv_conf

_KNOWN = "Of a container's files kcnet knows those that Kubernetes writes: /etc/resolv.conf, /etc/hosts."


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    names = [word for word in argv[1:] if word == "-" or not word.startswith("-")]
    if not names:
        return Outcome(stdin, "", 0)
    stdout, stderr, status = "", "", 0
    for name in names:
        text = stdin if name == "-" else file_of(world, machine, name)
        if text is None:
            stderr += f"cat: {name}: No such file or directory\n"
            if machine.pod is not None:
                stderr += f"(lab) {_KNOWN}\n"
            status = 1
        else:
            stdout += text
    return Outcome(stdout, stderr, status, (Ran("cat", tuple(argv[1:])),))


def file_of(world: World, machine: Machine, name: str) -> str | None:
    pod = machine.pod
    if pod is None:
        host = machine.node.name if machine.node is not None else "laptop"
        return {"/etc/hostname": f"{host}\n"}.get(name)
    if name == "/etc/hostname":
        return f"{pod.hostname or pod.name}\n"
    if name == "/etc/resolv.conf":
        return _resolv_conf(world, machine)
    if name == "/etc/hosts":
        address = pod.address or ""
        names = [pod.hostname or pod.name]
        if pod.hostname and pod.subdomain:
            names.insert(0, f"{pod.hostname}.{pod.subdomain}.{pod.namespace}.svc.{world.cluster.domain}")
        own = "\t".join(names)
        return (
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
            f"fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n{address}\t{own}\n"
        )
    if name == "/var/run/secrets/kubernetes.io/serviceaccount/namespace":
        return pod.namespace
    return None


def _resolv_conf(world: World, machine: Machine) -> str:
    assert machine.pod is not None
    conf = resolv_conf(world.cluster, machine.pod)
    lines = [f"search {' '.join(conf.searches)}"] if conf.searches else []
    for server in conf.nameservers:
        if server == "node":
            lines.append("# nameservers of the node's own resolv.conf stand here; no manifest tells them")
        else:
            lines.append(f"nameserver {server}")
    if conf.ndots != 1:
        lines.append(f"options ndots:{conf.ndots}")
    return "".join(f"{line}\n" for line in lines)
