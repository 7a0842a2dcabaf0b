"""The address space, cut where an ipBlock of some policy cuts: addresses of one piece no policy can tell apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address

from kcnet.analysis.reach.portsets import PortSet
from kcnet.model.names import IPAddress, IPNetwork
from kcnet.model.policy import IPBlock

_SIZE = {4: 2**32, 6: 2**128}
_MAKE: dict[int, type[IPv4Address] | type[IPv6Address]] = {4: IPv4Address, 6: IPv6Address}


class Pieces:
    """The pieces of one address family, numbered from 0 upwards."""

    def __init__(self, version: int, blocks: Iterable[IPBlock]) -> None:
        self.version = version
        cuts = {0}
        for block in blocks:
            for network in (block.cidr, *block.excepted):
                if network.version == version:
                    cuts.update(_ends(network))
        self.starts = sorted(cuts - {_SIZE[version]})
        self._place = {start: index for index, start in enumerate([*self.starts, _SIZE[version]])}

    def __len__(self) -> int:
        return len(self.starts)

    def holding(self, address: int) -> int:
        """The number of the piece that ``address`` is in."""
        return bisect_right(self.starts, address) - 1

    def first(self, piece: int) -> IPAddress:
        """The first address of a piece, which stands for all of them."""
        return _MAKE[self.version](self.starts[piece])

    def within(self, block: IPBlock) -> Iterator[tuple[int, int]]:
        """The pieces that ``block`` covers, as ranges: from the first number up to, without, the second."""
        if block.cidr.version != self.version:
            return
        begin, end = self._range(block.cidr)
        for low, high in sorted(self._range(hole) for hole in block.excepted if hole.version == self.version):
            if low > begin:
                yield begin, min(low, end)
            begin = max(begin, high)
        if begin < end:
            yield begin, end

    def _range(self, network: IPNetwork) -> tuple[int, int]:
        low, high = _ends(network)
        return self._place[low], self._place[high]

    def name(self, first: int, last: int) -> str:
        """``A.B.C.D-E.F.G.H`` of the pieces from ``first`` to ``last``."""
        make = _MAKE[self.version]
        return f"{make(self.starts[first])}-{make(self._ends[last])}"

    @cached_property
    def _ends(self) -> Sequence[int]:
        return [start - 1 for start in [*self.starts[1:], _SIZE[self.version]]]

    def joined(self, answers: Iterable[tuple[int, PortSet]]) -> list[tuple[str, PortSet]]:
        """Ranges of neighbouring pieces with the same answer; ``answers`` come in order of the pieces."""
        found: list[tuple[str, PortSet]] = []
        first = last = -1
        current: PortSet | None = None
        for piece, ports in answers:
            if current is not None and ports == current and piece == last + 1:
                last = piece
                continue
            if current is not None:
                found.append((self.name(first, last), current))
            first = last = piece
            current = ports
        if current is not None:
            found.append((self.name(first, last), current))
        return found


def _ends(network: IPNetwork) -> tuple[int, int]:
    """The first address, and the one behind the last."""
    first = int(network.network_address)
    return first, first + network.num_addresses


def range_of(name: str) -> tuple[int, int, int] | None:
    """Family, first and last address of ``A.B.C.D-E.F.G.H``; None for the name of a workload."""
    if name.endswith("]"):
        return None
    first, _, last = name.partition("-")
    version = 6 if ":" in first else 4
    make = _MAKE[version]
    return version, int(make(first)), int(make(last))


def address_of(version: int, number: int) -> IPAddress:
    return _MAKE[version](number)


def range_name(version: int, first: int, last: int) -> str:
    return f"{_MAKE[version](first)}-{_MAKE[version](last)}"


def with_gaps(ranges: Iterable[str], versions: Iterable[int]) -> Iterator[str]:
    """``ranges`` and what lies between them: together all addresses of these families."""
    known = [found for name in ranges if (found := range_of(name)) is not None]
    for version in versions:
        begin = 0
        for _, first, last in sorted(one for one in known if one[0] == version):
            if begin < first:
                yield range_name(version, begin, first - 1)
            yield range_name(version, first, last)
            begin = last + 1
        if begin < _SIZE[version]:
            yield range_name(version, begin, _SIZE[version] - 1)
