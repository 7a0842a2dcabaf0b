"""nslookup: BIND's, or BusyBox's where the image brings that one."""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.lab.machine import Machine, Outcome, World
from kcnet.lab.tools.fetch import is_address
from kcnet.lab.tools.images import is_busybox
from kcnet.lab.tools.resolver import UNKNOWN, Lookup, effect, look, reverse_name
from kcnet.path.dns import Rcode, Record, RecordType


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    kind, words, fault = _parse(argv[1:])
    busybox = machine.pod is not None and is_busybox(machine.image)
    if fault:
        return Outcome(stderr=fault, status=1)
    if not words:
        return Outcome(stderr="(lab) Write nslookup NAME, or nslookup NAME SERVER.\n", status=1)
    name, server = words[0], words[1] if len(words) > 1 else None
    if server is not None and not is_address(server):
        known = look(world, machine, server)
        if not known.values:
            return Outcome(f"nslookup: couldn't get address for '{server}': not found\n", status=1)
        server = known.values[-1]
    asked = name
    if is_address(name):
        from ipaddress import ip_address

        asked, kind = reverse_name(ip_address(name)), RecordType.PTR
    found = look(world, machine, asked, kind, server=server, search=not asked.endswith("."))
    shown = (effect("nslookup", machine, name, found.values),)
    if found.silent:
        if busybox:
            return Outcome(";; connection timed out; no servers could be reached\n\n", "", 1, shown)
        attempts = f";; communications error to {found.server}#53: timed out\n" * 2
        return Outcome(f"{attempts};; no servers could be reached\n\n", "", 1, shown)
    text, status = (_busybox if busybox else _bind)(found, name, kind)
    last = found.last
    note = UNKNOWN.format(name=last.name.rstrip(".")) if last is not None and last.unknown else ""
    return Outcome(_head(found.server, ":53" if busybox else "#53") + text, note, status, shown)


def _parse(words: Sequence[str]) -> tuple[RecordType, list[str], str]:
    kind, rest = RecordType.A, []
    for word in words:
        name, _, value = word.lstrip("-").partition("=")
        if word.startswith("-") and name in ("type", "t", "query", "q", "querytype"):
            if value.upper() not in RecordType.__members__:
                return kind, [], f"unknown query type: {value}\n"
            kind = RecordType[value.upper()]
        elif word.startswith("-"):
            continue
        else:
            rest.append(word)
    return kind, rest, ""


def _head(server: str, port: str) -> str:
    return f"Server:\t\t{server}\nAddress:\t{server}{port}\n\n"


def _bind(found: Lookup, name: str, kind: RecordType) -> tuple[str, int]:
    last = found.last
    if last is None or not (last.answer.records or last.unknown):
        if last is not None and last.answer.rcode is Rcode.NOERROR:
            return f"*** Can't find {name}: No answer\n\n", 1
        return f"** server can't find {last.name.rstrip('.') if last else name}: NXDOMAIN\n\n", 1
    head = "" if last.authoritative else "Non-authoritative answer:\n"
    return f"{head}{_records(last.answer.records)}\n", 0


def _records(records: Sequence[Record]) -> str:
    lines = []
    for record in records:
        name = record.name.rstrip(".")
        match record.type:
            case RecordType.CNAME:
                lines.append(f"{name}\tcanonical name = {record.value}")
            case RecordType.PTR:
                lines.append(f"{name}\tname = {record.value}")
            case RecordType.SRV:
                lines.append(f"{name}\tservice = 0 100 {record.port} {record.value}")
            case RecordType.TXT:
                lines.append(f'{name}\ttext = "{record.value}"')
            case _:
                lines += [f"Name:\t{name}", f"Address: {record.value}"]
    return "".join(f"{line}\n" for line in lines)


def _busybox(found: Lookup, name: str, kind: RecordType) -> tuple[str, int]:
    """It asks all names of the search list at once, and tells of each."""
    text, status = "", 1
    for reply in found.replies:
        if reply.answer.records:
            text += f"{_records(reply.answer.records)}\n"
            status = 0
        elif reply.answer.rcode is Rcode.NXDOMAIN:
            text += f"** server can't find {reply.name.rstrip('.')}: NXDOMAIN\n\n"
        else:
            text += f"*** Can't find {reply.name.rstrip('.')}: No answer\n\n"
            status = 0 if reply.unknown else status
    return text, status
