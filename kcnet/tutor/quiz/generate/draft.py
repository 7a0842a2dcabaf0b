"""What every generator makes: a draft of a question, with options whose right and wrong were computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from random import Random
from typing import NamedTuple

from msgspec import Struct

WRONG = 3
"""Wrong options of a question with one right answer."""


class Option(NamedTuple):
    text: str
    correct: bool
    why: str
    belief: str | None = None
    """The wrong model that predicts it."""
    value: str | None = None
    """The probe's value that it stands for."""


class Asked(NamedTuple):
    """The request that a question is about, as it would be typed."""

    source: str
    target: str
    namespace: str = "default"
    host: str | None = None
    protocol: str | None = None


class Fault(NamedTuple):
    """The faulty line of a manifest, and lines that look as if they were."""

    line: int
    """1-based."""
    why: str
    cure: str
    """The line as it should read; several lines for one that is missing."""
    decoys: tuple[tuple[int, str], ...]


class Fill(NamedTuple):
    """An answer to type."""

    kind: str
    """dns-name, port, number, text or command."""
    accept: tuple[str, ...]
    wrong: tuple[tuple[str, str], ...] = ()
    """Answers that were foreseen, each with what is wrong with it."""


class Draft(Struct, frozen=True, kw_only=True):
    id: str = ""
    """Given once it is accepted: it says how the question is made anew."""
    form: str
    """single, multiple, order, fill, fault-line or what-happens."""
    topic: str
    difficulty: int
    stem: str
    explanation: str
    references: tuple[str, ...]
    options: tuple[Option, ...] = ()
    """For ``order`` in the right order; else already shuffled."""
    manifest: str = ""
    request: Asked | None = None
    ask: str | None = None
    """Id of the probe whose value the options carry."""
    fault: Fault | None = None
    fill: Fill | None = None
    competency: str = "Networking"


Make = Callable[[Random, int], Draft | None]
"""(seeded randomness, difficulty 1 to 3) -> a question, or None where this throw of the dice gave none worth asking."""


class Generator(Struct, frozen=True, kw_only=True):
    id: str
    title: str
    topic: str
    difficulties: tuple[int, ...]
    make: Make
    also: tuple[str, ...] = ()
    """Further topics that its questions may be on."""
    beliefs: tuple[str, ...] = ()
    """Beliefs that its questions may part from the truth."""


def single(rng: Random, right: Option, wrong: Sequence[Option], count: int = WRONG) -> tuple[Option, ...] | None:
    """One right option among ``count`` wrong ones, in random order; None if there are too few that differ.

    Of the wrong ones those that a belief predicts are preferred. The right one's place among them by length is drawn
    at random, so that length tells nothing.
    """
    pool = differing([right], wrong)[:9]
    if len(pool) < count:
        return None
    place = rng.randrange(count + 1)

    def fitness(several: tuple[Option, ...]) -> tuple[int, int]:
        longer = sum(len(option.text) > len(right.text) for option in several)
        equal = sum(len(option.text) == len(right.text) for option in several)
        away = max(longer - place, place - longer - equal, 0)
        return away, -sum(option.belief is not None for option in several)

    best = min(combinations(pool, count), key=fitness)
    return shuffled(rng, (right, *best))


def differing(taken: Iterable[Option], offered: Iterable[Option]) -> list[Option]:
    """Offered options that equal none of those taken, nor each other, in text or value."""
    texts = {option.text for option in taken}
    values = {option.value for option in taken if option.value is not None}
    found = []
    for option in offered:
        if option.text in texts or (option.value is not None and option.value in values):
            continue
        texts.add(option.text)
        if option.value is not None:
            values.add(option.value)
        found.append(option)
    return found


def several(rng: Random, options: Sequence[Option], *, least: int = 5, most: int = 6) -> tuple[Option, ...] | None:
    """Five or six options of which some are right and some are wrong, at least one of each; else None."""
    pool = differing((), options)
    right = [option for option in pool if option.correct]
    wrong = [option for option in pool if not option.correct]
    rng.shuffle(right)
    rng.shuffle(wrong)
    wrong.sort(key=lambda option: option.belief is None)
    if not right or not wrong or len(pool) < least:
        return None
    goal = rng.randint(least, min(most, len(pool)))
    rights = max(1, min(len(right), goal - 1, rng.randint(1, 4), goal - min(2, len(wrong))))
    chosen = right[:rights] + wrong[: goal - rights]
    if len(chosen) < least:
        chosen = (right[:rights] + wrong + right[rights:])[:least]
    return shuffled(rng, chosen)


def shuffled(rng: Random, options: Iterable[Option]) -> tuple[Option, ...]:
    mixed = list(options)
    rng.shuffle(mixed)
    return tuple(mixed)


def listed(parts: Sequence[str], word: str = "and") -> str:
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}" if len(parts) > 1 else "".join(parts)
