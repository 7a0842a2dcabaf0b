"""Requests of lessons: from what an author wrote to a trace of the sandbox, and what is compared of traces."""

from __future__ import annotations

from ipaddress import ip_address

from kcnet import simulate
from kcnet.model.cluster import Cluster, Key
from kcnet.model.names import IPAddress, Protocol, Ref
from kcnet.model.trace import Client, Request, Stage, Trace
from kcnet.request import RequestError, parse_client, parse_target
from kcnet.tutor.lesson import Ask

__all__ = ["RequestError", "arrives_at", "first_addresses", "kin", "request_of", "same_request", "trace_of"]


def request_of(cluster: Cluster, ask: Ask, namespace: str) -> Request:
    """Raises RequestError."""
    return Request(
        client=parse_client(cluster, ask.source, namespace),
        target=parse_target(cluster, ask.target, namespace),
        protocol=Protocol(ask.protocol.upper()) if ask.protocol else None,
        host=ask.host,
    )


def trace_of(cluster: Cluster, ask: Ask, namespace: str) -> Trace:
    """Raises RequestError."""
    return simulate.trace(cluster, request_of(cluster, ask, namespace))


def first_addresses(trace: Trace) -> frozenset[tuple[IPAddress | None, int | None]]:
    """Where the connections were opened to, before anybody rewrote the packet; empty if no name was resolved."""
    found = set()
    for path in trace.paths:
        opened = next((step.before for step in path.steps if step.stage is not Stage.DNS), None)
        if opened is None and path.steps:
            opened = path.steps[-1].after
        if opened is not None and opened.dst is not None:
            found.add((opened.dst, opened.dst_port))
    return frozenset(found)


def arrives_at(trace: Trace) -> frozenset[Key]:
    """The pods that the request may end at, as (namespace, name)."""
    return frozenset(
        (path.destination.namespace or "", path.destination.name)
        for path in trace.paths
        if path.destination is not None and path.destination.kind == "Pod"
    )


def kin(cluster: Cluster, ref: Ref) -> frozenset[Key]:
    """The pod ``ref`` and those of the same workload."""
    key = (ref.namespace or "", ref.name)
    return frozenset({key, *(other for pods in cluster.workloads.values() if key in pods for other in pods)})


def pods_of(cluster: Cluster, name: str, namespace: str) -> frozenset[Key]:
    """The pods that ``deploy/cart``, ``kiosk/pod/toolbox`` or ``cart`` names. Raises RequestError."""
    ref = parse_client(cluster, name, namespace).ref
    if "pod" in name.lower().split("/")[:-1] or "po" in name.lower().split("/")[:-1]:
        return frozenset({(ref.namespace or "", ref.name)})
    return kin(cluster, ref)


def same_client(cluster: Cluster, sent: Client, wanted: Client) -> bool:
    """Whether they are one, or pods of one workload."""
    if sent.ref.kind != wanted.ref.kind:
        return False
    if sent.ref.kind == "Pod":
        return (sent.ref.namespace or "", sent.ref.name) in kin(cluster, wanted.ref)
    return sent.ref == wanted.ref


def same_request(sent: Trace, wanted: Trace) -> bool:
    """Whether two requests of one client went to the same address and port, however that was written; where no name was
    resolved, whether the names begin alike."""
    if sent.protocol is not wanted.protocol:
        return False
    one, other = first_addresses(sent), first_addresses(wanted)
    if one or other:
        # A port that a tool takes by itself (ping has none) is not the question.
        return bool({address for address, _ in one} & {address for address, _ in other}) and _ports(one, other)
    names = [(trace.request.target.name or "").lower().split(".")[0] for trace in (sent, wanted)]
    return names[0] == names[1]


def _ports(
    one: frozenset[tuple[IPAddress | None, int | None]], other: frozenset[tuple[IPAddress | None, int | None]]
) -> bool:
    ports, others = {port for _, port in one} - {None}, {port for _, port in other} - {None}
    return not ports or not others or bool(ports & others)


def addresses_of(cluster: Cluster, text: str, namespace: str) -> frozenset[IPAddress]:
    """The addresses of ``10.0.0.1``, ``svc/cart`` or ``pod/web-0``. Raises RequestError."""
    try:
        return frozenset({ip_address(text)})
    except ValueError:
        pass
    ref = parse_target(cluster, text if "/" in text else f"svc/{text}", namespace).ref
    if ref is None:
        raise RequestError(f"{text} names no object.", fix="Write an address, svc/NAME or pod/NAME.")
    key = (ref.namespace or "", ref.name)
    if ref.kind == "Service":
        return frozenset(cluster.services[key].cluster_ips)
    if ref.kind == "Pod":
        return frozenset(cluster.pods[key].addresses)
    return frozenset(cluster.nodes[ref.name].addresses)
