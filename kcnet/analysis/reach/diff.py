"""What a change of manifests newly allows and newly denies: the difference of two answers, pair by pair.

Ranges of addresses are compared address by address, however each side cut them, and joined again where the change is
the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from kcnet.analysis.reach.addresses import range_name, range_of
from kcnet.analysis.reach.connectivity import Answers, Reachability, Row
from kcnet.analysis.reach.portsets import NOTHING, PortSet, difference

_Ranges = dict[tuple[str, bool], list[tuple[int, int, int, PortSet]]]
"""By (workload, whether it is the source) the ranges at the other end: family, first, last, ports."""


class Changes(NamedTuple):
    allowed: tuple[Row, ...]
    """What the new manifests allow and the old did not, sorted."""
    denied: tuple[Row, ...]
    """What the old manifests allowed and the new do not."""
    added: tuple[str, ...] = ()
    """Workloads that are there in the new manifests alone."""
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.allowed or self.denied)


def changes(old: Reachability, new: Reachability) -> Changes:
    """From ``old`` to ``new``, by what is certain in each."""
    before, after = ({workload.name for workload in reach.workloads} for reach in (old, new))
    return Changes(
        allowed=beyond(new.sure, old.sure),
        denied=beyond(old.sure, new.sure),
        added=tuple(sorted(after - before)),
        removed=tuple(sorted(before - after)),
    )


def undecided(reach: Reachability) -> tuple[Row, ...]:
    """What may be allowed on top of the rows, as far as the manifests tell."""
    return () if reach.decided else beyond(reach.possible, reach.sure)


def beyond(more: Answers, less: Answers) -> tuple[Row, ...]:
    """What ``more`` allows and ``less`` does not, sorted."""
    pairs, ranges = _parted(more)
    known_pairs, known_ranges = _parted(less)
    found = [
        Row(*pair, rest) for pair, ports in pairs.items() if (rest := difference(ports, known_pairs.get(pair, NOTHING)))
    ]
    for (workload, outward), own in ranges.items():
        for name, ports in _left(own, known_ranges.get((workload, outward), [])):
            found.append(Row(workload, name, ports) if outward else Row(name, workload, ports))
    return tuple(sorted(found))


def _parted(answers: Answers) -> tuple[dict[tuple[str, str], PortSet], _Ranges]:
    pairs: dict[tuple[str, str], PortSet] = {}
    ranges: _Ranges = defaultdict(list)
    for source, targets in answers.each():
        outside = range_of(source)
        for target, ports in targets:
            if outside is not None:
                ranges[target, False].append((*outside, ports))
            elif (found := range_of(target)) is not None:
                ranges[source, True].append((*found, ports))
            else:
                pairs[source, target] = ports
    return pairs, ranges


def _left(
    own: list[tuple[int, int, int, PortSet]], other: list[tuple[int, int, int, PortSet]]
) -> Iterator[tuple[str, PortSet]]:
    """The ports of the ranges in ``own`` that those in ``other`` do not have, by range."""
    for version in (4, 6):
        mine, theirs = ([one[1:] for one in ranges if one[0] == version] for ranges in (own, other))
        cuts = sorted({cut for first, last, _ in (*mine, *theirs) for cut in (first, last + 1)})
        current: tuple[int, int, PortSet] | None = None
        for first, end in pairwise(cuts):
            rest = difference(_at(mine, first), _at(theirs, first))
            if current is not None and (rest != current[2] or current[1] + 1 != first):
                yield range_name(version, current[0], current[1]), current[2]
                current = None
            if rest:
                current = (current[0] if current is not None else first, end - 1, rest)
        if current is not None:
            yield range_name(version, current[0], current[1]), current[2]


def _at(ranges: Iterable[tuple[int, int, PortSet]], address: int) -> PortSet:
    return next((ports for first, last, ports in ranges if first <= address <= last), NOTHING)
