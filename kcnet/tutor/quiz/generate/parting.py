"""The next question: the one whose answers tell the beliefs apart that a learner may still hold."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final, NamedTuple

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.trace import Request
from kcnet.simulate import trace
from kcnet.tutor.beliefs import BELIEFS
from kcnet.tutor.probes import PROBES, misread
from kcnet.tutor.quiz.generate.asking import in_words
from kcnet.tutor.quiz.generate.draft import WRONG, Draft, Generator, Option, differing, shuffled
from kcnet.tutor.quiz.generate.sketch import request_of
from kcnet.tutor.quiz.generate.yamltext import cluster_of

TRIES: Final = 50
PATIENCE: Final = {0: TRIES, 1: 16, 2: 8}
"""By the number of answers told apart so far: after how many throws it is enough."""


class _Parted(NamedTuple):
    draft: Draft
    cluster: Cluster
    request: Request
    answers: dict[str, list[str]]
    """By wrong answer the beliefs that predict it."""

    @property
    def worth(self) -> int:
        return len(self.answers)


def separating(generators: Sequence[Generator], beliefs: Sequence[str], seed: int) -> Draft | None:
    """A question in which as many of ``beliefs`` as possible predict answers of their own; None if none is found.

    Each of its wrong options names one belief, and where several beliefs predict the same, the first of them.
    """
    rng = Random(f"apart {seed} {','.join(sorted(beliefs))}")
    best: _Parted | None = None
    enough = min(len(beliefs), WRONG)
    for thrown in range(TRIES):
        if best is not None and thrown >= PATIENCE.get(best.worth, 0):
            break
        generator = rng.choice(generators)
        draft = generator.make(rng, rng.choice(generator.difficulties))
        if draft is None or draft.ask is None or draft.request is None or draft.form not in ("single", "what-happens"):
            continue
        parted = _part(draft, beliefs)
        if best is None or parted.worth > best.worth:
            best = parted
        if best.worth >= enough:
            break
    if best is None or best.worth == 0 or (best.worth == 1 and len(beliefs) > 1 and len(_held(best)) == len(beliefs)):
        return None
    return _with_options(rng, best)


def _held(parted: _Parted) -> list[str]:
    return [belief for held in parted.answers.values() for belief in held]


def _part(draft: Draft, beliefs: Sequence[str]) -> _Parted:
    assert draft.ask is not None
    assert draft.request is not None
    probe = PROBES[draft.ask]
    cluster = cluster_of(draft.manifest)
    request = request_of(cluster, draft.request)
    truth = probe.value(trace(cluster, request))
    answers: dict[str, list[str]] = {}
    for id_ in beliefs:
        told = misread(BELIEFS[id_], cluster, request)
        value = probe.value(told) if told is not None else ""
        if value and value != truth:
            answers.setdefault(value, []).append(id_)
    return _Parted(draft, cluster, request, answers)


def _with_options(rng: Random, parted: _Parted) -> Draft:
    draft = parted.draft
    probe = PROBES[draft.ask or ""]
    right = next(option for option in draft.options if option.correct)
    wanted = [
        Option(in_words(probe, value, parted.cluster), False, f"{BELIEFS[held[0]].correction} Here: {right.why}",
               held[0], value)
        for value, held in parted.answers.items()
    ]  # fmt: skip
    others = [option for option in draft.options if not option.correct]
    wrong = differing([right], [*wanted, *others])[:WRONG]
    return replace(draft, options=shuffled(rng, (right, *wrong)))
