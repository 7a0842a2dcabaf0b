"""Small programs whose answers are about the machine itself."""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.lab.machine import Machine, Outcome, Ran, World


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    pod, node = machine.pod, machine.node
    host = (pod.hostname or pod.name) if pod is not None else node.name if node is not None else "laptop"
    shown = (Ran(argv[0], tuple(argv[1:])),)
    match argv[0]:
        case "hostname":
            if "-i" in argv[1:] or "-I" in argv[1:]:
                return Outcome(f"{' '.join(map(str, machine.client.addresses))}\n", "", 0, shown)
            if "-f" in argv[1:] and pod is not None and pod.hostname and pod.subdomain:
                return Outcome(f"{host}.{pod.subdomain}.{pod.namespace}.svc.{world.cluster.domain}\n", "", 0, shown)
            return Outcome(f"{host}\n", "", 0, shown)
        case "whoami":
            return Outcome("root\n" if machine.client.node is not None else "learner\n", "", 0, shown)
        case "id":
            text = "uid=0(root) gid=0(root) groups=0(root)\n"
            return Outcome(
                text if machine.client.node is not None else "uid=1000(learner) gid=1000(learner)\n", "", 0, shown
            )
        case "uname":
            return Outcome(
                f"Linux {host} 6.8.0-79-generic x86_64 GNU/Linux\n" if "-a" in argv else "Linux\n", "", 0, shown
            )
        case "date":
            return Outcome(f"{world.now:%a %b %d %H:%M:%S} UTC {world.now:%Y}\n", "", 0, shown)
        case "ls":
            return _ls(machine, argv)
        case "false":
            return Outcome(status=1)
    return Outcome("", "", 0, shown)


def _ls(machine: Machine, argv: Sequence[str]) -> Outcome:
    names = [word for word in argv[1:] if not word.startswith("-")] or ["/"]
    if names == ["/"]:
        return Outcome("bin\ndev\netc\nhome\nlib\nproc\nroot\nsbin\nsys\ntmp\nusr\nvar\n")
    if names == ["/etc"]:
        return Outcome(
            "hostname\nhosts\nresolv.conf\n", "(lab) and what the image brings, which kcnet does not know.\n"
        )
    return Outcome("", "(lab) What stands in an image's folders kcnet does not know.\n", 0)
