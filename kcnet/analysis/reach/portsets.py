"""Sets of ports: for each protocol some intervals of port numbers. The smallest algebra that policies need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from kcnet.model.names import Protocol
from kcnet.model.objects import ContainerPort
from kcnet.model.policy import Rule, numbers_of

Intervals = tuple[tuple[int, int], ...]
"""Inclusive, ascending, with a gap between any two."""

EVERY_NUMBER: Intervals = ((1, 65535),)


class PortSet(NamedTuple):
    """Fields in the order in which connections are written."""

    sctp: Intervals = ()
    tcp: Intervals = ()
    udp: Intervals = ()

    def __bool__(self) -> bool:
        return bool(self.sctp or self.tcp or self.udp)

    def __str__(self) -> str:
        """``All Connections``, or as ``TCP 80,8080-8090,UDP 53``; "" for none."""
        return _written(self)

    def of(self, protocol: Protocol) -> Intervals:
        return self[_PLACE[protocol]]

    def has(self, number: int, protocol: Protocol) -> bool:
        return any(low <= number <= high for low, high in self.of(protocol))


_PLACE = {Protocol.SCTP: 0, Protocol.TCP: 1, Protocol.UDP: 2}
_NAMES = ("SCTP", "TCP", "UDP")

NOTHING = PortSet()
EVERYTHING = PortSet(EVERY_NUMBER, EVERY_NUMBER, EVERY_NUMBER)


def port_set(protocol: Protocol, intervals: Iterable[tuple[int, int]]) -> PortSet:
    found = [(), (), ()]  # type: list[Intervals]
    found[_PLACE[protocol]] = _joined(intervals)
    return PortSet(*found)


def ports_of(rule: Rule, declared: Sequence[ContainerPort]) -> PortSet:
    """What the ports of ``rule`` come to for a destination that declares these; one that is no pod declares none."""
    if not rule.ports:
        return EVERYTHING
    found = NOTHING
    for entry in rule.ports:
        found = union(found, port_set(entry.protocol, numbers_of(entry, declared)))
    return found


@cache
def union(one: PortSet, other: PortSet) -> PortSet:
    return PortSet(*(_joined((*a, *b)) for a, b in zip(one, other, strict=True)))


@cache
def intersection(one: PortSet, other: PortSet) -> PortSet:
    return PortSet(*(_common(a, b) for a, b in zip(one, other, strict=True)))


@cache
def difference(one: PortSet, other: PortSet) -> PortSet:
    """What is in ``one`` and not in ``other``."""
    return PortSet(*(_common(a, _rest(b)) for a, b in zip(one, other, strict=True)))


def _joined(intervals: Iterable[tuple[int, int]]) -> Intervals:
    found: list[tuple[int, int]] = []
    for low, high in sorted(intervals):
        if found and low <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], high)
        else:
            found.append((low, high))
    return tuple(found)


def _common(one: Intervals, other: Intervals) -> Intervals:
    if one == other:
        return one
    return tuple((max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) <= min(b, d))


def _rest(intervals: Intervals) -> Intervals:
    """The numbers that are in none of them."""
    found, begin = [], EVERY_NUMBER[0][0]
    for low, high in intervals:
        if begin < low:
            found.append((begin, low - 1))
        begin = high + 1
    if begin <= EVERY_NUMBER[0][1]:
        found.append((begin, EVERY_NUMBER[0][1]))
    return tuple(found)


@cache
def _written(ports: PortSet) -> str:
    if ports == EVERYTHING:
        return "All Connections"
    return ",".join(
        f"{name} {','.join(str(low) if low == high else f'{low}-{high}' for low, high in intervals)}"
        for name, intervals in zip(_NAMES, ports, strict=True)
        if intervals
    )
