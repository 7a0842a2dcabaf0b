"""Which questions to ask: what is due first, then what is new, mixed across topics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from random import Random

from msgspec import Struct

from kcnet.tutor.quiz import schedule
from kcnet.tutor.quiz.memory import Entry
from kcnet.tutor.quiz.question import Question

COUNT = 10


class Wanted(Struct, frozen=True):
    """What was asked for on the command line."""

    topic: str | None = None
    competency: str | None = None
    difficulty: int | None = None
    missed: bool = False
    new: bool = False
    cram: bool = False
    count: int = COUNT

    def fits(self, question: Question) -> bool:
        return (
            self.topic in (None, question.topic)
            and self.competency in (None, question.competency)
            and self.difficulty in (None, question.difficulty)
        )


def chosen(
    questions: Iterable[Question], entries: Mapping[str, Entry], wanted: Wanted, now: datetime, seed: int
) -> tuple[Question, ...]:
    """At most ``wanted.count``, in the order in which to ask them. The same arguments give the same."""
    fitting = [question for question in questions if wanted.fits(question)]
    rng = Random(f"kcnet quiz {seed}")
    seen = [question for question in fitting if question.id in entries]
    new = [question for question in fitting if question.id not in entries]
    if wanted.missed:
        found = [question for question in seen if not entries[question.id].last_correct]
        rng.shuffle(found)
    elif wanted.new:
        found = _mixed(new, rng)
    elif wanted.cram:
        weakest = sorted(seen, key=lambda question: (_recall(entries[question.id], now), question.id))
        found = [*weakest, *_mixed(new, rng)]
    else:
        due = sorted(
            (question for question in seen if entries[question.id].is_due(now)),
            key=lambda question: (entries[question.id].due, question.id),
        )
        found = [*due, *_mixed(new, rng)]
    return tuple(found[: wanted.count])


def _recall(entry: Entry, now: datetime) -> float:
    return schedule.recall(entry.state, now) if entry.last_correct else 0.0


def _mixed(questions: Sequence[Question], rng: Random) -> list[Question]:
    """Easy ones first, topics in turn: neighbours of one topic are learned worse than mixed ones."""
    queues: dict[str, list[Question]] = {}
    for question in rng.sample(list(questions), len(questions)):
        queues.setdefault(question.topic, []).append(question)
    topics = list(queues)
    rng.shuffle(topics)
    for queue in queues.values():
        queue.sort(key=lambda question: -question.difficulty)
    found: list[Question] = []
    while topics:
        for topic in list(topics):
            found.append(queues[topic].pop())
            if not queues[topic]:
                topics.remove(topic)
    return found
