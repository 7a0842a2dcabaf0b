"""The ways of a request as one tree: what they share is said once, what differs branches, and equal branches fold."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from kcnet.model.names import Ref
from kcnet.model.trace import Path, Step


class Branch(Struct, frozen=True):
    """Steps that all of ``paths`` take one after the other, and the forks that follow; none: the ways end here."""

    steps: tuple[Step, ...]
    paths: tuple[Path, ...]
    forks: tuple[Fork, ...]

    @property
    def share(self) -> float:
        """Of all new connections, 0 to 1; that of one way alone is its own, without those that it stands for."""
        return self.paths[0].probability if len(self.paths) == 1 else sum(path.share for path in self.paths)

    @property
    def shape(self) -> object:
        """Equal for branches that differ in nothing but names, addresses and shares."""
        return (
            tuple((step.stage, step.action, step.reason.code, step.at.kind) for step in self.steps),
            None if self.forks else (self.paths[0].verdict, self.paths[0].reason.code),
            frozenset(fork.first.shape for fork in self.forks),
        )


class Fork(Struct, frozen=True):
    """One way of going on, and others that are like it."""

    first: Branch
    alike: tuple[Branch, ...]

    @property
    def others(self) -> tuple[Branch | Ref, ...]:
        """Those, and the endpoints of ways that they stand for."""
        single = [branch for branch in (self.first, *self.alike) if len(branch.paths) == 1]
        return (*self.alike, *(one for branch in single for one in branch.paths[0].like))


def tree(paths: Sequence[Path]) -> Branch:
    """``paths`` (at least one) as a tree whose root holds the steps that all of them share."""
    return _branch(tuple(paths), 0)


def _branch(paths: tuple[Path, ...], start: int) -> Branch:
    end = start
    first = paths[0].steps
    while end < len(first) and all(len(path.steps) > end and path.steps[end] == first[end] for path in paths):
        end += 1
    if len(paths) == 1 or all(len(path.steps) == end for path in paths):
        return Branch(first[start:end], paths, ())
    ways: dict[Step | None, list[Path]] = {}
    for path in paths:
        ways.setdefault(path.steps[end] if len(path.steps) > end else None, []).append(path)
    alike: dict[object, list[Branch]] = {}
    for way in ways.values():
        branch = _branch(tuple(way), end)
        alike.setdefault(branch.shape, []).append(branch)
    forks = tuple(Fork(same[0], tuple(same[1:])) for same in alike.values())
    return Branch(first[start:end], paths, forks)
