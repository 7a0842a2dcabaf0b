"""getent hosts: a name as the C library resolves it, /etc/hosts first."""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.lab.machine import Machine, Outcome, World
from kcnet.lab.tools.fetch import is_address
from kcnet.lab.tools.resolver import effect, look
from kcnet.path.dns import RecordType


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    words = [word for word in argv[1:] if not word.startswith("-")]
    if len(words) < 2 or words[0] not in ("hosts", "ahosts", "ahostsv4"):
        return Outcome(stderr="(lab) getent answers for hosts and ahosts here: getent hosts NAME.\n", status=1)
    name = words[1]
    if is_address(name):
        return Outcome(f"{name:<15} {name}\n", "", 0, (effect("getent", machine, name, (name,)),))
    known = machine.hosts.get(name.lower())
    own = machine.pod is not None and name == (machine.pod.hostname or machine.pod.name)
    if own and machine.pod is not None:
        known = machine.pod.address
    if name == "localhost":
        return Outcome(f"{'::1':<15} localhost\n", "", 0, (effect("getent", machine, name, ("::1",)),))
    if known is not None:
        return Outcome(f"{known!s:<15} {name}\n", "", 0, (effect("getent", machine, name, (str(known),)),))
    found = look(world, machine, name)
    shown = (effect("getent", machine, name, found.values),)
    reply = found.found
    if reply is None:
        return Outcome("", "", 2, shown)
    if not reply.answer.records:
        return Outcome("", reply.note, 2, shown)
    canonical = reply.answer.records[-1].name.rstrip(".")
    addresses = [record.value for record in reply.answer.records if record.type in (RecordType.A, RecordType.AAAA)]
    if words[0] == "hosts":
        lines = [f"{address:<15} {canonical}" for address in addresses]
    else:
        lines = [f"{address:<15} {kind:<6} {canonical if kind == 'STREAM' else ''}".rstrip()
                 for address in addresses for kind in ("STREAM", "DGRAM", "RAW")]  # fmt: skip
    return Outcome("".join(f"{line}\n" for line in lines), "", 0 if lines else 2, shown)
