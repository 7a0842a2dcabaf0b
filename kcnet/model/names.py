"""Names and addresses: what every other module calls things by."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import NewType

from msgspec import Struct

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

Fqdn = NewType("Fqdn", str)
"""A DNS name that is lower-case, absolute and ends in a dot: ``cart.shop.svc.cluster.local.``"""

Port = int | str
"""A port as a manifest names it: its number, or the name that a container gives it."""


class Protocol(StrEnum):
    TCP = "TCP"
    UDP = "UDP"
    SCTP = "SCTP"


class Source(Struct, frozen=True, eq=False):
    """One file's text as it was read, and the reader's way of finding a field in it."""

    name: str
    """The file as the user gave it, or ``<stdin>``."""
    text: str
    locate: Locate

    def __repr__(self) -> str:
        return f"Source({self.name!r})"


class Origin(Struct, frozen=True, eq=False):
    """Where an object was written: a span of one file's text. Lines of its fields are worked out when asked for."""

    source: Source
    start: int
    """Offset (in characters) of the object's first character in the text."""
    end: int
    line: int
    """1-based line of ``start``."""
    column: int
    """1-based column of ``start``."""

    @property
    def file(self) -> str:
        return self.source.name

    def position(self, path: str) -> tuple[int, int]:
        """1-based line and column of a field such as ``spec.ports[0].targetPort``, or of its nearest parent."""
        return self.source.locate(self, path)


Locate = Callable[[Origin, str], tuple[int, int]]


class Ref(Struct, frozen=True, eq=False):
    """Names one object. Two Refs are equal if they name the same object, wherever it was written."""

    kind: str
    namespace: str | None
    """None for kinds that have no namespace."""
    name: str
    origin: Origin | None = None
    """None for an object that no manifest states: kcnet took it for granted, or a controller made it."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ref):
            return NotImplemented
        return self.kind == other.kind and self.namespace == other.namespace and self.name == other.name

    def __ne__(self, other: object) -> bool:  # Struct has one of its own, which would not ask __eq__
        return not self == other

    def __hash__(self) -> int:
        return hash((self.kind, self.namespace, self.name))

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {where}{self.name}"
