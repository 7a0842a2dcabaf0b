"""The fold: stage after stage over one connection, every branch followed with its share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.names import Ref
from kcnet.model.trace import Step, Verdict
from kcnet.path.flow import Flow, StageFunction


class Way(Struct, frozen=True, kw_only=True):
    """One branch of the request so far."""

    share: float
    """Of all new connections; with those of the ways that this one stands for."""
    steps: tuple[Step, ...]
    flow: Flow
    over: bool = False
    proxied: bool = False
    """An Ingress controller has opened the connection that it is on now."""
    blockers: tuple[Step, ...] = ()
    alike: int = 1
    """Ways that this one stands for, itself among them: they differ in the endpoint's name and address alone."""
    like: tuple[Ref, ...] = ()
    """The endpoints of the others, as of the last choice."""

    @property
    def verdict(self) -> Verdict:
        return self.decider.verdict or Verdict.UNKNOWN

    @property
    def decider(self) -> Step:
        """The step that decides what became of it: the first obstacle, else the last step."""
        if self.blockers:
            return self.blockers[0]
        return self.steps[-1]


def connect(cluster: Cluster, way: Way, stages: Sequence[StageFunction]) -> list[Way]:
    """Fold the stages over one connection; every way it may take, with its share."""
    under_way = [way]
    for stage in stages:
        following: list[Way] = []
        for one in under_way:
            if one.over:
                following.append(one)
            else:
                following.extend(_through(cluster, one, stage))
        under_way = following
    return [one if one.over else _at_the_end(one) for one in under_way]


def _through(cluster: Cluster, way: Way, stage: StageFunction) -> Iterator[Way]:
    branches = stage(cluster, way.flow)
    if not branches:
        yield way
        return
    for branch in branches:
        steps = (*way.steps, *branch.steps)
        share = way.share * branch.share
        ends = [at for at, step in enumerate(branch.steps) if step.verdict is not None]
        flow = branch.flow or way.flow
        one = replace(way, alike=way.alike * (1 + len(branch.like)), like=branch.like) if branch.like else way
        if not ends:
            yield replace(one, share=share, steps=steps, flow=flow)
        elif branch.steps[ends[0]].verdict in (Verdict.DELIVERED, Verdict.EXTERNAL):
            yield replace(one, share=share, steps=steps, flow=flow, over=True)
        elif way.flow.all_blockers:
            blockers = (*way.blockers, *(branch.steps[at] for at in ends))
            yield replace(one, share=share, steps=steps, flow=flow, blockers=blockers, over=branch.flow is None)
        else:
            steps = (*way.steps, *branch.steps[: ends[0] + 1])
            yield replace(one, share=share, steps=steps, flow=flow, over=True)


def _at_the_end(way: Way) -> Way:
    """Behind its last obstacle a packet may meet no further stage; every other one has been ended by a stage."""
    return replace(way, over=True)
