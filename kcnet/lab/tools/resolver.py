"""Questions to DNS as tools ask them: which server, which names, and what came back."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import NamedTuple

from kcnet import simulate
from kcnet.lab.machine import LookedUp, Machine, World
from kcnet.model.names import Fqdn, IPAddress, Protocol
from kcnet.model.trace import Action, Request, Target, Verdict
from kcnet.path.asking import cannot_ask
from kcnet.path.dns import (
    Answer,
    Rcode,
    Record,
    RecordType,
    ResolvConf,
    answer,
    in_cluster_domain,
    names_tried,
    resolv_conf,
)
from kcnet.path.endpoints import backends
from kcnet.path.public import look_up
from kcnet.reasons.dns import DNS_UNREACHABLE
from kcnet.simulate.aim import start

NODE_RESOLVER = "the node's resolver"
OUTSIDE_RESOLVER = "192.0.2.53"
"""What the learner's machine asks: an address of a documentation range."""


class Reply(NamedTuple):
    """What one question was answered with."""

    name: Fqdn
    answer: Answer
    authoritative: bool
    """By the cluster's own zone; else passed on from public DNS."""
    unknown: bool = False
    """A public name whose records nobody here can know."""

    @property
    def note(self) -> str:
        if not self.unknown:
            return ""
        name = (self.answer.leads_outside or self.name).rstrip(".")
        return f"(lab) {name} is a public name. kcnet does not know what public DNS says of it.\n"


class Lookup(NamedTuple):
    server: str
    failure: str = ""
    """Why no server answers: "timed out", "connection refused"."""
    note: str = ""
    """What kcnet has to say beside it."""
    replies: tuple[Reply, ...] = ()
    """One for each name asked, in order; the last one found something, or none did."""

    @property
    def silent(self) -> bool:
        return bool(self.failure)

    @property
    def last(self) -> Reply | None:
        return self.replies[-1] if self.replies else None

    @property
    def found(self) -> Reply | None:
        last = self.last
        return last if last is not None and (last.answer.records or last.unknown) else None

    @property
    def values(self) -> tuple[str, ...]:
        found = self.found
        return tuple(record.value for record in found.answer.records) if found is not None else ()


def conf_of(world: World, machine: Machine) -> ResolvConf:
    """The machine's /etc/resolv.conf; of a node or the outside a resolver that knows public names alone."""
    if machine.pod is not None:
        return resolv_conf(world.cluster, machine.pod)
    server = OUTSIDE_RESOLVER if machine.node is None else "node"
    return ResolvConf(nameservers=(server,))


def look(world: World, machine: Machine, name: str, kind: RecordType = RecordType.A, *, server: str | None = None,
         search: bool = True) -> Lookup:  # fmt: skip
    """Ask for ``name``; with ``search`` through the search list until something is found."""
    conf = conf_of(world, machine)
    names = names_tried(name, conf) if search else (Fqdn(f"{name.lower().rstrip('.')}."),)
    found = asked(world, machine, name, conf, server)
    if found.silent:
        return found
    replies = []
    for one in names:
        replies.append(question(world, machine, conf, server, one, kind))
        if replies[-1].answer.records or replies[-1].unknown:
            break
    return found._replace(replies=tuple(replies))


def asked(world: World, machine: Machine, name: str, conf: ResolvConf, server: str | None) -> Lookup:
    """Whether a server answers at all: ``server``, or the one that the machine's resolv.conf names."""
    if server is not None:
        failure, note = _reached(world, machine, server)
        return Lookup(server, failure, note)
    own = conf.nameservers[0] if conf.nameservers else ""
    shown = own if own != "node" else NODE_RESOLVER
    if machine.pod is None:
        return Lookup(shown)
    request = Request(client=machine.client, target=Target(typed=name, name=name))
    step = cannot_ask(world.cluster, start(world.cluster, request), machine.pod, conf, name)
    if step is None:
        return Lookup(shown)
    note = f"(lab) {step.text}\n" if step.action is Action.UNDECIDED else ""
    return Lookup(shown, "connection refused" if step.reason is DNS_UNREACHABLE else "timed out", note)


def question(world: World, machine: Machine, conf: ResolvConf, server: str | None, name: Fqdn,
             kind: RecordType) -> Reply:  # fmt: skip
    """One question to a server that answers."""
    if server is None:
        return _ask(world, name, kind, in_cluster=conf.uses_cluster_dns and machine.pod is not None)
    return _ask(world, name, kind, in_cluster=server in _cluster_servers(world))


def _cluster_servers(world: World) -> set[str]:
    """Where the cluster's DNS answers: at its Service, and at each of its pods."""
    cluster = world.cluster
    service = cluster.services.get(cluster.dns_service)
    if service is None:
        return set()
    found = {str(address) for address in service.cluster_ips}
    for port in service.ports:
        if port.protocol is Protocol.UDP and port.port == 53:
            for family in (4, 6):
                found |= {str(backend.address) for backend in backends(cluster, service, port, family)}
    return found


def _reached(world: World, machine: Machine, server: str) -> tuple[str, str]:
    """What becomes of a question to a server that was named: ("" or why nothing comes back, a note)."""
    try:
        address = ip_address(server)
    except ValueError:
        return "timed out", ""
    target = Target(typed=server, address=address, port=53)
    trace = simulate.trace(world.cluster, Request(client=machine.client, target=target, protocol=Protocol.UDP))
    verdicts = {path.verdict for path in trace.paths}
    if Verdict.EXTERNAL in verdicts:
        return "", ""
    if Verdict.DELIVERED in verdicts:
        return ("", "") if server in _cluster_servers(world) else ("timed out", "")
    if Verdict.UNKNOWN in verdicts:
        return "timed out", f"(lab) kcnet cannot tell whether the question gets through: {trace.summary}\n"
    return ("connection refused" if Verdict.REFUSED in verdicts else "timed out"), ""


def _ask(world: World, name: Fqdn, kind: RecordType, *, in_cluster: bool) -> Reply:
    got = answer(world.cluster, name, kind) if in_cluster else None
    if got is not None:
        if got.leads_outside is not None:
            onward = _public(world, got.leads_outside, kind)
            records = (*got.records, *onward.answer.records)
            return Reply(name, got._replace(records=records), True, unknown=onward.unknown and kind is RecordType.A)
        return Reply(name, got, True)
    return _public(world, name, kind)


def _public(world: World, name: Fqdn, kind: RecordType) -> Reply:
    published = look_up(world.cluster, name)
    if not published.exists or name.endswith((".in-addr.arpa.", ".ip6.arpa.")):
        return Reply(name, Answer(Rcode.NXDOMAIN), False)
    version = {RecordType.A: 4, RecordType.AAAA: 6}.get(kind)
    records = tuple(Record(name, kind, str(address)) for address in published.addresses if address.version == version)
    known = bool(published.addresses) or in_cluster_domain(world.cluster, name)
    return Reply(name, Answer(Rcode.NOERROR, records), False, unknown=not known)


def reverse_name(address: IPAddress) -> str:
    return f"{address.reverse_pointer}."


def effect(tool: str, machine: Machine, name: str, values: Sequence[str]) -> LookedUp:
    ref = machine.client.ref
    place = {"Pod": f"{ref.namespace}/pod/{ref.name}", "Node": f"node/{ref.name}"}.get(ref.kind, "internet")
    return LookedUp(tool, place, name, tuple(values))
