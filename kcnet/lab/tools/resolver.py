"""Questions to DNS as tools ask them: which server, which names, and what came back."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import NamedTuple

from kcnet.lab.machine import LookedUp, Machine, World
from kcnet.model.names import Fqdn, IPAddress
from kcnet.model.trace import Request, Target
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
from kcnet.path.public import look_up
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


class Lookup(NamedTuple):
    server: str
    silent: bool
    """No server answers: a policy is in the way, or none is there."""
    replies: tuple[Reply, ...] = ()
    """One for each name asked, in order; the last one found something, or none did."""

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


def cluster_server(world: World) -> IPAddress | None:
    service = world.cluster.services.get(world.cluster.dns_service)
    return service.cluster_ips[0] if service is not None and service.cluster_ips else None


def look(world: World, machine: Machine, name: str, kind: RecordType = RecordType.A, *, server: str | None = None,
         search: bool = True) -> Lookup:  # fmt: skip
    """Ask for ``name``; with ``search`` through the search list until something is found."""
    conf = conf_of(world, machine)
    asked = server or (conf.nameservers[0] if conf.nameservers else "")
    own = str(cluster_server(world))
    to_cluster = conf.uses_cluster_dns if server is None else server == own
    if server is not None and not _reachable(world, machine, server):
        return Lookup(server, silent=True)
    if machine.pod is not None and to_cluster:
        request = Request(client=machine.client, target=Target(typed=name, name=name))
        inside = conf._replace(uses_cluster_dns=True)
        if cannot_ask(world.cluster, start(world.cluster, request), machine.pod, inside, name) is not None:
            return Lookup(own, silent=True)
    names = names_tried(name, conf) if search else (Fqdn(f"{name.lower().rstrip('.')}."),)
    replies = []
    for one in names:
        reply = _ask(world, one, kind, in_cluster=to_cluster)
        replies.append(reply)
        if reply.answer.records or reply.unknown:
            break
    return Lookup(asked if asked != "node" else NODE_RESOLVER, silent=False, replies=tuple(replies))


def _reachable(world: World, machine: Machine, server: str) -> bool:
    """The cluster's DNS answers inside the cluster alone; other servers are taken to answer what is public."""
    try:
        address = ip_address(server)
    except ValueError:
        return True
    inside = any(address in cidr for cidr in (*world.cluster.service_cidrs, *world.cluster.pod_cidrs))
    if not inside:
        return True
    return machine.client.node is not None and address == cluster_server(world)


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


UNKNOWN = "(lab) {name} is a public name. kcnet does not know what public DNS says of it.\n"
