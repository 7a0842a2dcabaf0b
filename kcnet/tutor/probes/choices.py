"""Choices for a question about a request: the right one by the simulator, wrong ones by named beliefs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kcnet.model.cluster import Cluster
from kcnet.model.trace import Request, Trace
from kcnet.request import RequestError
from kcnet.simulate import trace
from kcnet.tutor.beliefs import BELIEFS, Belief
from kcnet.tutor.probes.probe import Probe


class Choice(NamedTuple):
    value: str
    """The probe's value that it stands for."""
    text: str
    correct: bool
    belief: str | None
    """Id of the belief that predicts it; None for the right choice and for one that was written by hand."""
    why: str
    """For the right one what settles it; for a wrong one what the believer has to mend, and what settles it here."""


class Extra(NamedTuple):
    """A wrong answer that an author wants to see among the choices."""

    value: str
    why: str


def choices(
    cluster: Cluster,
    request: Request,
    probe: Probe,
    beliefs: Sequence[str] = (),
    *,
    at_most: int = 4,
    extra: Sequence[Extra] = (),
) -> tuple[Choice, ...]:
    """The right choice first, then wrong ones that differ from it and from each other; whoever shows them shuffles.

    ``beliefs`` are asked in this order; none named: all of them. Empty if the question does not apply to the request.
    """
    truth = trace(cluster, request)
    value = probe.value(truth)
    if not value:
        return ()
    proof = probe.proof(truth)
    found = {value: Choice(value, probe.words(value, cluster), True, None, proof)}
    for choice in _wrong(cluster, request, probe, beliefs or tuple(BELIEFS), extra, proof):
        if len(found) == at_most:
            break
        texts = {other.text for other in found.values()}
        if choice.value and choice.value not in found and choice.text not in texts:
            found[choice.value] = choice
    return tuple(found.values())


def _wrong(
    cluster: Cluster, request: Request, probe: Probe, beliefs: Sequence[str], extra: Sequence[Extra], proof: str
) -> Iterable[Choice]:
    for one in extra:
        yield Choice(one.value, probe.words(one.value, cluster), False, None, one.why)
    for id_ in beliefs:
        belief = BELIEFS[id_]
        told = misread(belief, cluster, request)
        value = probe.value(told) if told is not None else ""
        if value:
            yield Choice(value, probe.words(value, cluster), False, belief.id, f"{belief.correction} Here: {proof}")


def misread(belief: Belief, cluster: Cluster, request: Request) -> Trace | None:
    """The request under a belief; None where it could not even be asked."""
    try:
        return belief.misread(cluster, request)
    except RequestError:
        return None
