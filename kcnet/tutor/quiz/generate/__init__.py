"""Questions that never run out: each is drawn up by dice, and answered by the simulator before it is asked.

The manifests that a question shows are read by the project's own loader, so what is shown is the cluster. Wrong
options come from named beliefs (``kcnet.tutor.beliefs``), or from wrong models worked out beside the right one, and
each says what is wrong with it. The same seed gives the same questions; a question's id says how to make it anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.tutor.beliefs import BELIEFS
from kcnet.tutor.quiz.generate import faults, ingresses, names, outside, paths, policies, services
from kcnet.tutor.quiz.generate.draft import Asked, Draft, Fault, Fill, Generator, Option

__all__ = [
    "GENERATORS",
    "Asked",
    "Draft",
    "Fault",
    "Fill",
    "Generator",
    "Option",
    "generate",
    "generate_from",
    "regenerate",
    "separate",
]

_MODULES: Final = (services, names, outside, ingresses, policies, paths, faults)

GENERATORS: Final[Mapping[str, Generator]] = {
    generator.id: generator for module in _MODULES for generator in module.GENERATORS
}

TRIES: Final = 12
"""Throws of the dice for one question; a generator may find that a throw gives none worth asking."""


def generate(
    seed: int, *, topic: str | None = None, difficulty: int | None = None, count: int = 10
) -> tuple[Draft, ...]:
    """``count`` questions, no two with the same stem; fewer only where a topic has no generator of that difficulty."""
    rng = Random(f"kcnet quiz {seed}")
    found: dict[str, Draft] = {}
    idle = 0
    for generator in _in_turn(rng, topic, difficulty):
        if len(found) == count or idle > 40 * (1 + count):
            break
        draft = _one(rng, generator, topic, difficulty, found)
        if draft is None:
            idle += 1
        else:
            found[draft.stem] = draft
    return tuple(found.values())


def _in_turn(rng: Random, topic: str | None, difficulty: int | None) -> Iterator[Generator]:
    """Generators that fit, again and again, each round in an order of its own."""
    fitting = [
        generator
        for generator in GENERATORS.values()
        if topic in (None, generator.topic, *generator.also) and difficulty in (None, *generator.difficulties)
    ]
    while fitting:
        rng.shuffle(fitting)
        yield from fitting


def _one(
    rng: Random, generator: Generator, topic: str | None, difficulty: int | None, taken: Mapping[str, Draft]
) -> Draft | None:
    for _ in range(TRIES):
        level = difficulty or rng.choice(generator.difficulties)
        draft = _made(generator, level, rng.randrange(1 << 32))
        if draft is not None and draft.stem not in taken and topic in (None, draft.topic):
            return draft
    return None


def _made(generator: Generator, difficulty: int, number: int) -> Draft | None:
    draft = generator.make(Random(f"{generator.id} {difficulty} {number}"), difficulty)
    if draft is None:
        return None
    return replace(draft, id=f"{draft.topic}-generated-{generator.id}-{difficulty}-{number}")


_ID: Final = re.compile(r"[a-z-]+-generated-([a-z-]+)-([1-3])-(\d{1,10})")


def regenerate(id_: str) -> Draft | None:
    """The question with this id, as it was asked; None if the id is not of this kind, or its generator is gone."""
    match = _ID.fullmatch(id_)
    generator = GENERATORS.get(match[1]) if match else None
    if match is None or generator is None:
        return None
    draft = _made(generator, int(match[2]), int(match[3]))
    return draft if draft is not None and draft.id == id_ else None


def separate(beliefs_left: Sequence[str], seed: int) -> Draft | None:
    """The question that best tells these beliefs apart; None if no question does, or no such belief is known."""
    from kcnet.tutor.quiz.generate.parting import separating

    known = [id_ for id_ in beliefs_left if id_ in BELIEFS]
    most = max((len(set(known) & set(generator.beliefs)) for generator in GENERATORS.values()), default=0)
    about_them = [g for g in GENERATORS.values() if len(set(known) & set(g.beliefs)) == most]
    return separating(about_them, known, seed) if most else None


def generate_from(cluster: Cluster, manifests: str, seed: int, count: int = 10) -> tuple[Draft, ...]:
    """Questions about the learner's own cluster; ``manifests`` is its text, shown if it is short."""
    from kcnet.tutor.quiz.generate.own import questions_on

    return questions_on(cluster, manifests, seed, count)
