"""Generated questions as values: of random clusters, of the learner's own manifests, and to part beliefs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kcnet.tutor.quiz.question import Question, question_of

if TYPE_CHECKING:
    from kcnet.model.cluster import Cluster
    from kcnet.tutor.quiz.generate import Draft


def _question(draft: Draft) -> Question:
    from kcnet.tutor.quiz.generate.document import document

    return question_of(document(draft))


def fresh(
    seed: int, count: int, *, topic: str | None = None, difficulty: int | None = None, taken: Iterable[str] = ()
) -> tuple[Question, ...]:
    """``count`` generated questions; the same seed gives the same. Those with a stem in ``taken`` are left out."""
    from kcnet.tutor.quiz.generate import generate

    stems = set(taken)
    drafts = generate(seed, topic=topic, difficulty=difficulty, count=count)
    return tuple(_question(draft) for draft in drafts if draft.stem not in stems)


def remade(key: str) -> Question | None:
    """The generated question with this id, as it was asked; None if there is none."""
    if "-generated-" not in key:
        return None
    from kcnet.tutor.quiz.generate import regenerate

    draft = regenerate(key)
    return None if draft is None else _question(draft)


def on_own(cluster: Cluster, text: str, seed: int, count: int) -> tuple[Question, ...]:
    """Questions about the learner's own manifests, whose text is ``text``."""
    from kcnet.tutor.quiz.generate import generate_from

    return tuple(map(_question, generate_from(cluster, text, seed, count)))


def parting(question: Question, belief: str, seed: int) -> Question | None:
    """After an answer that shows a belief: the question that tells it from the other beliefs of the same options."""
    from kcnet.tutor.quiz.generate import separate

    left = [belief, *(one.belief for one in question.options if one.belief is not None and one.belief != belief)]
    draft = separate(left, seed)
    return None if draft is None or draft.stem == question.stem else _question(draft)
