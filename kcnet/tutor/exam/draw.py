"""Which questions an exam has: each topic in proportion to what there is of it, chosen and mixed by a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from kcnet.tutor.quiz.question import Question


def shares(sizes: Mapping[str, int], count: int) -> dict[str, int]:
    """Seats by the largest remainder; nobody gets more than there is. Ties go to the one named first."""
    total = sum(sizes.values())
    count = min(count, total)
    if not count:
        return dict.fromkeys(sizes, 0)
    found = {name: count * size // total for name, size in sizes.items()}
    rest = sorted(sizes, key=lambda name: -(count * sizes[name] % total))
    for name in rest[: count - sum(found.values())]:
        found[name] += 1
    return found


def drawn(questions: Sequence[Question], count: int, seed: int) -> tuple[Question, ...]:
    """The same bank, count and seed give the same questions in the same order."""
    rng = Random(f"kcnet exam {seed}")
    topics: dict[str, list[Question]] = {}
    for question in sorted(questions, key=lambda one: one.id):
        topics.setdefault(question.topic, []).append(question)
    seats = shares({topic: len(found) for topic, found in topics.items()}, count)
    chosen = [question for topic, found in topics.items() for question in rng.sample(found, seats[topic])]
    rng.shuffle(chosen)
    return tuple(chosen)
