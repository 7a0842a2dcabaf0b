"""host: names and addresses in one line each."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

from kcnet.lab.machine import Machine, Outcome, World
from kcnet.lab.tools.fetch import is_address
from kcnet.lab.tools.resolver import effect, look, reverse_name
from kcnet.path.dns import Rcode, RecordType

_WORDS = {
    RecordType.A: "has address",
    RecordType.AAAA: "has IPv6 address",
    RecordType.CNAME: "is an alias for",
    RecordType.PTR: "domain name pointer",
    RecordType.SRV: "has SRV record",
    RecordType.TXT: "descriptive text",
}


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    kind, words, rest = RecordType.A, [], list(argv[1:])
    while rest:
        word = rest.pop(0)
        if word == "-t" and rest:
            kind = RecordType.__members__.get(rest.pop(0).upper(), RecordType.A)
        elif not word.startswith("-"):
            words.append(word)
    if not words:
        return Outcome(stderr="Usage: host [-t type] hostname [server]\n", status=1)
    name = words[0]
    asked = name
    if is_address(name):
        asked, kind = reverse_name(ip_address(name)), RecordType.PTR
    found = look(world, machine, asked, kind, server=words[1] if len(words) > 1 else None)
    shown = (effect("host", machine, name, found.values),)
    if found.silent:
        tries = f";; communications error to {found.server}#53: {found.failure}\n"
        return Outcome(f"{tries};; no servers could be reached\n", found.note, 1, shown)
    last = found.last
    if last is None or not (last.answer.records or last.unknown):
        if last is not None and last.answer.rcode is Rcode.NOERROR:
            return Outcome(f"{last.name.rstrip('.')} has no {kind.value} record\n", "", 0, shown)
        return Outcome(f"Host {name} not found: 3(NXDOMAIN)\n", "", 1, shown)
    lines = [
        f"{record.name.rstrip('.')} {_WORDS[record.type]} "
        f"{f'0 100 {record.port} ' if record.type is RecordType.SRV else ''}{record.value}"
        for record in last.answer.records
    ]
    note = last.note
    return Outcome("".join(f"{line}\n" for line in lines), note, 0, shown)
