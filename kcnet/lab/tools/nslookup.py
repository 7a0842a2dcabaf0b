"""nslookup: BIND's, or BusyBox's where the image brings that one.

BusyBox since 1.30 goes through the search list for names without a dot alone, asks for every name on it, and fails if
any of them does not exist; up to 1.28 it resolved names as programs do.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

from kcnet.apiserver.images import busybox_version, is_busybox
from kcnet.lab.machine import Machine, Outcome, World
from kcnet.lab.tools.fetch import is_address
from kcnet.lab.tools.resolver import Lookup, asked, conf_of, effect, look, question, reverse_name
from kcnet.model.names import Fqdn
from kcnet.path.dns import Rcode, Record, RecordType

_UNREACHED = ";; connection timed out; no servers could be reached\n\n"

_DOTTED = (
    "(lab) BusyBox's nslookup takes a name with a dot as it stands. Other programs go through the search list of "
    "/etc/resolv.conf, and find {name} as {found}.\n"
)


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    kind, words, fault = _parse(argv[1:])
    if fault:
        return Outcome(stderr=fault, status=1)
    if not words:
        return Outcome(stderr="(lab) Write nslookup NAME, or nslookup NAME SERVER.\n", status=1)
    name, server = words[0], words[1] if len(words) > 1 else None
    busybox = machine.pod is not None and is_busybox(machine.image, "nslookup")
    if server is not None and not is_address(server):
        known = look(world, machine, server)
        if not known.values:
            said = f"nslookup: bad address '{server}'" if busybox else ""
            return Outcome("" if busybox else f"nslookup: couldn't get address for '{server}': not found\n",
                           f"{said}\n" if said else "", 1)  # fmt: skip
        server = known.values[-1]
    if not busybox:
        return _bind(world, machine, name, kind or RecordType.A, server)
    if busybox_version(machine.image) < (1, 29):
        return _old_busybox(world, machine, name, server)
    return _busybox(world, machine, name, kind, server)


def _parse(words: Sequence[str]) -> tuple[RecordType | None, list[str], str]:
    """The type asked for, if one is; the words that are no options; what is wrong with them."""
    kind: RecordType | None = None
    rest: list[str] = []
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


def _bind(world: World, machine: Machine, name: str, kind: RecordType, server: str | None) -> Outcome:
    wanted = name
    if is_address(name):
        wanted, kind = reverse_name(ip_address(name)), RecordType.PTR
    found = look(world, machine, wanted, kind, server=server, search=not wanted.endswith("."))
    shown = (effect("nslookup", machine, name, found.values),)
    if found.silent:
        attempts = f";; communications error to {found.server}#53: {found.failure}\n" * 2
        return Outcome(f"{attempts};; no servers could be reached\n\n", found.note, 1, shown)
    last = found.last
    note = last.note if last is not None else ""
    text, status = _bind_answer(found, name)
    return Outcome(_head(found.server, "#53") + text, note, status, shown)


def _bind_answer(found: Lookup, name: str) -> tuple[str, int]:
    last = found.last
    if last is None or not (last.answer.records or last.unknown):
        if last is not None and last.answer.rcode is Rcode.NOERROR:
            return f"*** Can't find {name}: No answer\n\n", 1
        return f"** server can't find {last.name.rstrip('.') if last else name}: NXDOMAIN\n\n", 1
    head = "" if last.authoritative else "Non-authoritative answer:\n"
    return f"{head}{_records(last.answer.records)}\n", 0


def _records(records: Sequence[Record], dot: str = ".") -> str:
    """``dot``: what names end in on the right; BusyBox prints none."""
    lines = []
    for record in records:
        name = record.name.rstrip(".")
        match record.type:
            case RecordType.CNAME:
                lines.append(f"{name}\tcanonical name = {record.value.rstrip('.')}{dot}")
            case RecordType.PTR:
                lines.append(f"{name}\tname = {record.value.rstrip('.')}{dot}")
            case RecordType.SRV:
                lines.append(f"{name}\tservice = 0 100 {record.port} {record.value}")
            case RecordType.TXT:
                lines.append(f'{name}\ttext = "{record.value}"')
            case _:
                lines += [f"Name:\t{name}", f"Address: {record.value}"]
    return "".join(f"{line}\n" for line in lines)


def _busybox(world: World, machine: Machine, name: str, kind: RecordType | None, server: str | None) -> Outcome:
    conf = conf_of(world, machine)
    names = [Fqdn(f"{name.lower().rstrip('.')}.")]
    kinds = [kind] if kind else [RecordType.A, RecordType.AAAA]
    if is_address(name) and kind is None:
        names, kinds = [Fqdn(reverse_name(ip_address(name)))], [RecordType.PTR]
    elif "." not in name and conf.searches and kind is not RecordType.PTR:
        names = [Fqdn(f"{name.lower()}.{suffix.lower().rstrip('.')}.") for suffix in conf.searches]
    tried = asked(world, machine, name, conf, server)
    if tried.silent:
        return Outcome(_UNREACHED, tried.note, 1, (effect("nslookup", machine, name, ()),))
    text, note, status = "", "", 0
    values: list[str] = []
    for each in kinds:
        for one in names:
            reply = question(world, machine, conf, server, one, each)
            bare = one.rstrip(".")
            if reply.answer.rcode is Rcode.NXDOMAIN:
                text += f"** server can't find {bare}: NXDOMAIN\n\n"
                status = 1
                continue
            note = reply.note or note
            text += "" if reply.authoritative else "Non-authoritative answer:\n"
            text += f"{_records(reply.answer.records, '')}\n"
            values += [record.value for record in reply.answer.records]
    if not values and "." in name.rstrip(".") and kinds[0] is not RecordType.PTR:
        found = look(world, machine, name, kinds[0], server=server)
        if found.values and found.last is not None:
            note = _DOTTED.format(name=name, found=found.last.name.rstrip("."))
    return Outcome(_head(tried.server, ":53") + text, note, status, (effect("nslookup", machine, name, values),))


def _old_busybox(world: World, machine: Machine, name: str, server: str | None) -> Outcome:
    """Up to 1.28: the C library resolves, and names are looked up for the addresses that are printed."""
    found = look(world, machine, name, server=server) if not is_address(name) else None
    values = found.values if found is not None else (name,)
    addresses = [value for value in values if is_address(value)]
    shown = (effect("nslookup", machine, name, values),)
    asked_at = server or (found.server if found is not None else look(world, machine, "localhost").server)
    head = f"Server:    {asked_at}\nAddress 1: {asked_at}{_name_of(world, machine, asked_at)}\n\n"
    if not addresses:
        last = found.last if found is not None else None
        note = (last.note if last is not None else "") or (found.note if found is not None else "")
        return Outcome(head, f"{note}nslookup: can't resolve '{name}'\n", 1, shown)
    lines = [f"Address {number}: {one}{_name_of(world, machine, one)}\n" for number, one in enumerate(addresses, 1)]
    return Outcome(f"{head}Name:      {name}\n{''.join(lines)}", "", 0, shown)


def _name_of(world: World, machine: Machine, address: str) -> str:
    """The name that reverse DNS gives, behind a space; "" if it gives none."""
    if not is_address(address):
        return ""
    values = look(world, machine, reverse_name(ip_address(address)), RecordType.PTR, search=False).values
    return f" {values[0].rstrip('.')}" if values else ""
