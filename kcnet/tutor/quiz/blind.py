"""Solvers that never read the question. Where one does better or worse than chance, the options give the key away."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from kcnet.tutor.quiz.question import Form, Option, Question

MARGIN: Final = 0.10
"""How far from chance is fair."""
ENOUGH: Final = 9
"""Questions, below which a score says nothing."""

_HEDGES: Final = frozenset(
    {
        "may", "can", "could", "might", "usually", "often", "some", "most", "mostly", "generally", "typically",
        "sometimes", "probably", "likely", "unless", "default", "normally",
    }
)  # fmt: skip


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


SOLVERS: Final[Mapping[str, Callable[[Question, Option], float]]] = {
    "longest": lambda _, option: len(option.text),
    "shortest": lambda _, option: -len(option.text),
    "most hedged": lambda _, option: sum(word in _HEDGES for word in _words(option.text)),
    "nearest to the question's words": lambda one, option: len(set(_words(option.text)) & set(_words(one.stem))),
}
"""What each likes best in an option."""


_HEADS: Final = {"most hedged": "hedged", "nearest to the question's words": "nearest"}


def fitting(questions: Sequence[Question]) -> list[Question]:
    """Those with one of several to choose."""
    return [one for one in questions if one.form in (Form.SINGLE, Form.WHAT_HAPPENS)]


def chance(questions: Sequence[Question]) -> float:
    return sum(one.chance for one in questions) / len(questions)


def score(questions: Sequence[Question], solver: Callable[[Question, Option], float]) -> float:
    """The share that a solver gets right; ties are broken by dice, on average."""
    total = 0.0
    for question in questions:
        values = [solver(question, option) for option in question.options]
        best = [place for place, value in enumerate(values) if value == max(values)]
        total += sum(question.options[place].correct for place in best) / len(best)
    return total / len(questions)


def swing(questions: Sequence[Question]) -> float:
    """How far from chance dice go, twice in three times."""
    luck = chance(questions)
    return math.sqrt(luck * (1 - luck) / len(questions))


def table(questions: Sequence[Question]) -> list[str]:
    """Lines for an author: how each solver does, topic by topic, in percent. None where there is nothing to choose."""
    topics: dict[str, list[Question]] = {}
    for one in fitting(questions):
        topics.setdefault(one.topic, []).append(one)
    if not topics:
        return []
    lines = [
        "What solvers get that never read the question, in percent:",
        f"{'':16}{'questions':>10}" + "".join(f"{_HEADS.get(name, name):>10}" for name in SOLVERS) + f"{'chance':>12}",
    ]
    for topic, found in topics.items():
        scores = "".join(f"{score(found, solver) * 100:>10.0f}" for solver in SOLVERS.values())
        fair = f"{chance(found) * 100:.0f} ± {swing(found) * 100:.0f}"
        lines.append(f"{topic:16}{len(found):>10}{scores}{fair:>12}")
    return lines


def given_away(questions: Sequence[Question]) -> Iterator[tuple[str, float, float]]:
    """Solver, its score and chance, where they are too far apart. Too few questions say nothing."""
    found = fitting(questions)
    if len(found) < ENOUGH:
        return
    luck = chance(found)
    for name, solver in SOLVERS.items():
        got = score(found, solver)
        if abs(got - luck) > MARGIN + 1e-9:
            yield name, got, luck
