"""A table of what must and must not be possible, held against what the policies allow.

    # who -> whom                      what
    frontend       -> cart:8080        allow
    shop/debug     -> shop/cart        deny
    deploy/web     -> 192.0.2.0/24:443 allow
    internet       -> dns:53/udp       deny

An end is a workload, a pod, an IP address, a network or ``internet``; it has to hold for every pod and every address.
With a port it is about that port; without one ``allow`` asks for any connection and ``deny`` for none. A target that is
a Service, a URL or any other host name is asked by a trace: whether the request arrives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kcnet.analysis.reach.addresses import address_of
from kcnet.analysis.reach.connectivity import Answers, Party, Reachability
from kcnet.analysis.reach.explain import Explanation, explain
from kcnet.analysis.reach.parties import network_of, party
from kcnet.analysis.reach.portsets import NOTHING, PortSet, intersection, port_set, union
from kcnet.model.names import IPAddress, Port, Protocol, Ref
from kcnet.model.objects import Pod
from kcnet.model.trace import Request, Target, Trace, Verdict
from kcnet.request import RequestError, parse_client, parse_target
from kcnet.simulate import trace

_LINE = re.compile(r"(?P<source>\S+)\s+(?:->|→)\s+(?P<target>\S+)\s+(?P<verdict>allow|deny)")
_PROTOCOL = re.compile(r"(?P<target>.*:[^/:]+)/(?P<protocol>tcp|udp|sctp)", re.IGNORECASE)


class Expectation(NamedTuple):
    line: int
    """1-based."""
    source: str
    target: str
    """As written, with port and protocol."""
    allow: bool

    def __str__(self) -> str:
        return f"{self.source} -> {self.target} {'allow' if self.allow else 'deny'}"


class Outcome(NamedTuple):
    expectation: Expectation
    met: bool
    why: str
    """What is so instead, in one sentence; "" if it is met."""
    explanation: Explanation | None = None
    trace: Trace | None = None
    """A request that shows it; None where no request can be sent, as from a whole network."""


class ExpectationError(ValueError):
    """A line that cannot be read, or names nothing."""

    def __init__(self, line: int, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.fix = fix


def parse_expectations(text: str) -> Iterator[Expectation | ExpectationError]:
    """The lines of a table, those too that are none; blank lines and what follows a ``#`` are comments."""
    for number, line in enumerate(text.splitlines(), 1):
        bare = re.sub(r"(^|\s)#.*", "", line).strip()
        if not bare:
            continue
        found = _LINE.fullmatch(bare)
        if found is None:
            fix = "Write SOURCE -> TARGET[:PORT[/PROTOCOL]] allow, or deny."
            yield ExpectationError(number, f"{bare!r} is not an expectation.", fix)
        else:
            yield Expectation(number, found["source"], found["target"], found["verdict"] == "allow")


def outcome(reach: Reachability, expectation: Expectation, namespace: str) -> Outcome:
    """Whether ``expectation`` is met. Raises ExpectationError if it names what does not exist."""
    try:
        return _outcome(reach, expectation, namespace)
    except RequestError as error:
        raise ExpectationError(expectation.line, error.message, error.fix) from None


def _outcome(reach: Reachability, expectation: Expectation, namespace: str) -> Outcome:
    typed, protocol = _without_protocol(expectation.target)
    if "://" in typed:
        return _traced(reach, expectation, typed, protocol, namespace)
    host, port = _without_port(typed)
    source = party(reach, expectation.source, namespace)
    try:
        target = party(reach, host, namespace)
    except RequestError:
        return _traced(reach, expectation, typed, protocol, namespace)
    asked = _asked(reach, target, port, protocol or Protocol.TCP)
    if expectation.allow:
        found = reach.sure.between(source, target)
        met = bool(intersection(found, asked)) if port is None else bool(asked) and intersection(found, asked) == asked
    else:
        found = _any_between(reach.possible, source, target)
        met = not intersection(found, asked)
    if met:
        return Outcome(expectation, True, "")
    why = _why(expectation, found, port, asked)
    return Outcome(
        expectation,
        False,
        why,
        explain(reach, source, target),
        _request(reach, expectation, source, target, asked, found),
    )


def _why(expectation: Expectation, found: PortSet, port: Port | None, asked: PortSet) -> str:
    if not asked:
        return f"no pod of {expectation.target} has a port named {port}"
    if expectation.allow:
        return f"all that policies allow is {found}" if found else "policies allow nothing"
    return f"policies allow {intersection(found, asked)}"


def _without_protocol(text: str) -> tuple[str, Protocol | None]:
    found = None if "://" in text else _PROTOCOL.fullmatch(text)
    return (found["target"], Protocol(found["protocol"].upper())) if found else (text, None)


def _without_port(text: str) -> tuple[str, Port | None]:
    if network_of(text) is not None:
        return text, None
    host, colon, port = text.rpartition(":")
    if not colon:
        return text, None
    if port.isascii() and port.isdecimal():
        number = int(port[:6])
        if not 1 <= number <= 65535:
            raise RequestError(f"{text}: {port} is not a port.", fix="Ports go from 1 to 65535.")
        return host, number
    if not port:
        raise RequestError(f"{text}: a port is missing behind the colon.", fix="Write a number or a port's name.")
    return host, port


def _pods(reach: Reachability, party: Party) -> Sequence[Pod]:
    if party.pod is not None:
        return (reach.cluster.pods[party.pod],)
    return next((one.pods for one in reach.workloads if one.name == party.workload), ())


def _asked(reach: Reachability, target: Party, port: Port | None, protocol: Protocol) -> PortSet:
    """The ports that the expectation is about: all of them if it names none."""
    if port is None:
        return PortSet(*(((1, 65535),) for _ in Protocol))
    if isinstance(port, int):
        return port_set(protocol, [(port, port)])
    found = NOTHING
    for pod in _pods(reach, target):
        numbers = [(one.number, one.number) for one in pod.ports if one.name == port]
        found = union(found, port_set(protocol, numbers))
    return found


def _any_between(answers: Answers, source: Party, target: Party) -> PortSet:
    """What some peer of ``source`` may open to some one of ``target``."""
    found = NOTHING
    for relation in answers.relations:
        targets = target.classes(relation)
        for one in source.classes(relation):
            for other in targets:
                found = union(found, relation.between((one,), (other,)))
    return found


def _request(
    reach: Reachability, expectation: Expectation, source: Party, target: Party, asked: PortSet, found: PortSet
) -> Trace | None:
    """The request that shows it: between the first pods, at a port that is asked about."""
    shown = asked if expectation.allow else intersection(found, asked)
    protocol, number = next(
        ((one, shown.of(one)[0][0]) for one in (Protocol.TCP, Protocol.UDP, Protocol.SCTP) if shown.of(one)),
        (Protocol.TCP, 0),
    )
    pods = _pods(reach, target)
    if pods and pods[0].ports and shown.has(pods[0].ports[0].number, pods[0].ports[0].protocol):
        number, protocol = pods[0].ports[0].number, pods[0].ports[0].protocol
    if not number or _many(source) or not (pods or target.addresses):
        return None
    try:
        senders = _pods(reach, source)
        client = parse_client(
            reach.cluster,
            f"{senders[0].namespace}/pod/{senders[0].name}" if senders else str(_first(source)),
        )
        if pods:
            name = f"{pods[0].namespace}/pod/{pods[0].name}:{number}"
            to = Target(typed=name, ref=Ref("Pod", pods[0].namespace, pods[0].name), port=number)
        else:
            address = _first(target)
            to = Target(typed=f"{address}:{number}", address=address, port=number)
        return trace(reach.cluster, Request(client=client, target=to, protocol=protocol))
    except RequestError:
        return None


def _many(party: Party) -> bool:
    return party.addresses is not None and party.addresses[1] != party.addresses[2]


def _first(party: Party) -> IPAddress:
    assert party.addresses is not None
    return address_of(party.addresses[0], party.addresses[1])


def _traced(
    reach: Reachability, expectation: Expectation, typed: str, protocol: Protocol | None, namespace: str
) -> Outcome:
    """For a target that is a Service, a URL or a host name: whether the request arrives."""
    cluster = reach.cluster
    host, _ = (typed, None) if "://" in typed else _without_port(typed)
    if "/" not in host and (namespace, host) in cluster.services:
        typed = f"{namespace}/svc/{typed}"
    answer = trace(
        cluster,
        Request(
            client=parse_client(cluster, expectation.source, namespace),
            target=parse_target(cluster, typed, namespace),
            protocol=protocol,
        ),
    )
    if answer.verdict is Verdict.UNRESOLVED and answer.reason.code == "DNS_NXDOMAIN" and "://" not in typed:
        raise RequestError(f"Nothing is called {typed}.", fix=answer.repair)
    arrives = answer.verdict in (Verdict.DELIVERED, Verdict.EXTERNAL)
    met = (
        arrives
        if expectation.allow
        else answer.verdict
        not in (
            Verdict.DELIVERED,
            Verdict.EXTERNAL,
            Verdict.PARTIAL,
            Verdict.UNKNOWN,
        )
    )
    return Outcome(expectation, met, "" if met else f"the request ends {answer.verdict.value}", None, answer)
