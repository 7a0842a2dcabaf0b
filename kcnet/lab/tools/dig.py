"""dig: one question, and the answer as it came. Without +search it leaves the search list alone."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import NamedTuple
from zlib import crc32

from kcnet.lab.machine import Machine, Outcome, World
from kcnet.lab.tools.fetch import is_address
from kcnet.lab.tools.resolver import Lookup, Reply, effect, look, reverse_name
from kcnet.path.dns import Record, RecordType

TTL = 30
"""Of kubeadm's Corefile."""


class _Asked(NamedTuple):
    name: str = "."
    kind: RecordType = RecordType.A
    server: str | None = None
    options: frozenset[str] = frozenset()
    fault: str = ""


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    asked = _parse(argv[1:])
    if asked.fault:
        return Outcome(stderr=asked.fault, status=1)
    server = asked.server
    if server is not None and not is_address(server):
        known = look(world, machine, server)
        if not known.values:
            return Outcome(f"dig: couldn't get address for '{server}': not found\n", status=10)
        server = known.values[-1]
    found = look(world, machine, asked.name, asked.kind, server=server, search="search" in asked.options)
    shown = (effect("dig", machine, asked.name, found.values),)
    title = f"\n; <<>> DiG 9.20.10 <<>> {' '.join(argv[1:])}\n" if "short" not in asked.options else ""
    if found.silent:
        tries = f";; communications error to {found.server}#53: {found.failure}\n" * 3
        head = f"{title};; global options: +cmd\n" if title else ""
        return Outcome(f"{head}{tries};; no servers could be reached\n", found.note, 9, shown)
    last = found.last
    assert last is not None
    note = last.note
    if "short" in asked.options:
        return Outcome("".join(f"{_value(record)}\n" for record in last.answer.records), note, 0, shown)
    if "noall" in asked.options:
        lines = _lines(last.answer.records) if "answer" in asked.options else ""
        return Outcome(lines, note, 0, shown)
    return Outcome(title + _page(world, found, last, asked.kind), note, 0, shown)


def _parse(words: Sequence[str]) -> _Asked:
    asked = _Asked()
    options: set[str] = set()
    rest = list(words)
    named = False
    while rest:
        word = rest.pop(0)
        if word.startswith("@"):
            asked = asked._replace(server=word[1:])
        elif word.startswith("+"):
            options.add(word[1:].partition("=")[0])
        elif word == "-x" and rest:
            address = rest.pop(0)
            if not is_address(address):
                return asked._replace(fault=f"Invalid IP address {address}\n")
            asked, named = asked._replace(name=reverse_name(ip_address(address)), kind=RecordType.PTR), True
        elif word in ("-t", "-q", "-p", "-c", "-b") and rest:
            value = rest.pop(0)
            if word == "-t" and value.upper() in RecordType.__members__:
                asked = asked._replace(kind=RecordType[value.upper()])
            elif word == "-q":
                asked, named = asked._replace(name=value), True
        elif word.upper() in RecordType.__members__ and (named or rest or len(words) > 1):
            asked = asked._replace(kind=RecordType[word.upper()])
        elif word.upper() in ("ANY", "MX", "NS", "SOA"):
            return asked._replace(fault=f"(lab) Records of type {word.upper()} are not simulated.\n")
        elif word.startswith("-") or word.upper() == "IN":
            continue
        else:
            asked, named = asked._replace(name=word), True
    return asked._replace(options=frozenset(options))


def _page(world: World, found: Lookup, reply: Reply, kind: RecordType) -> str:
    records = reply.answer.records
    flags = "qr aa rd" if reply.authoritative else "qr rd ra"
    # What the root zone says of a name that public DNS does not have, is not shown.
    authority = int(not records and reply.authoritative)
    number = crc32(reply.name.encode()) % 65536
    zone = f"{world.cluster.domain}."
    lines = [
        ";; global options: +cmd",
        ";; Got answer:",
        f";; ->>HEADER<<- opcode: QUERY, status: {reply.answer.rcode.value}, id: {number}",
        f";; flags: {flags}; QUERY: 1, ANSWER: {len(records)}, AUTHORITY: {authority}, ADDITIONAL: 1",
        *([";; WARNING: recursion requested but not available"] if reply.authoritative else []),
        "",
        ";; OPT PSEUDOSECTION:",
        "; EDNS: version: 0, flags:; udp: 1232",
        ";; QUESTION SECTION:",
        _columns((f";{reply.name}", 0), ("IN", 32), (kind.value, 40)),
        "",
    ]
    if records:
        lines += [";; ANSWER SECTION:", *_lines(records).splitlines(), ""]
    elif reply.authoritative:
        serial = int(world.now.timestamp())
        soa = f"ns.dns.{zone} hostmaster.{zone} {serial} 7200 1800 86400 {TTL}"
        lines += [";; AUTHORITY SECTION:", _row(zone, "SOA", soa), ""]
    server = found.server
    size = 42 + len(reply.name) * (1 + len(records)) + 16 * len(records)
    lines += [
        ";; Query time: 1 msec",
        f";; SERVER: {server}#53({server}) (UDP)",
        f";; WHEN: {world.now:%a %b %d %H:%M:%S} UTC {world.now:%Y}",
        f";; MSG SIZE  rcvd: {size}",
        "",
    ]
    return "".join(f"{line}\n" for line in lines)


def _lines(records: Sequence[Record]) -> str:
    return "".join(f"{_row(record.name, record.type.value, _value(record))}\n" for record in records)


def _row(name: str, kind: str, value: str) -> str:
    return _columns((name, 0), (str(TTL), 24), ("IN", 32), (kind, 40), (value, 48))


def _columns(*cells: tuple[str, int]) -> str:
    """As dig sets them: tabs up to the column where a cell begins, one space where it is passed already."""
    line = ""
    at = 0
    for text, column in cells:
        if at < column:
            tabs = (column - at + 7) // 8
            line += "\t" * tabs
            at = column
        elif line:
            line += " "
            at += 1
        line += text
        at += len(text)
    return line


def _value(record: Record) -> str:
    if record.type is RecordType.SRV:
        return f"0 100 {record.port} {record.value}"
    return f'"{record.value}"' if record.type is RecordType.TXT else record.value
