"""A sitting with a memory: what is asked comes from the schedule, and what is answered goes into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kcnet.tutor.quiz import memory, pages, schedule
from kcnet.tutor.quiz.question import Form, Question
from kcnet.tutor.quiz.schedule import Grade
from kcnet.tutor.quiz.selection import Wanted, chosen
from kcnet.tutor.quiz.sitting import Flash, Given, Sitting

if TYPE_CHECKING:
    from kcnet.model.cluster import Cluster
    from kcnet.tutor.desk import Desk
    from kcnet.tutor.storage import Store


@dataclass(slots=True, kw_only=True)
class Quiz:
    store: Store
    clock: Callable[[], datetime]
    wanted: Wanted
    seed: int
    fixed: bool = False
    """The seed was given: the questions are those of the seed alone, whatever is due."""
    drawn: bool = False
    """The questions were generated: they are logged, and do not come again."""
    packed: bool = False
    around: Cluster | None = None
    """The learner's own cluster, where the questions are about it."""

    def items(self, questions: Sequence[Question]) -> list[Question | Flash]:
        """What to ask, in order."""
        wanted = self.wanted
        if self.drawn:
            return [one for one in questions if wanted.fits(one)]
        entries = memory.entries(self.store)
        now = self.clock()
        found: list[Question | Flash] = list(
            chosen(questions, {} if self.fixed and not wanted.missed else entries, wanted, now, self.seed)
        )
        plain = not (wanted.topic or wanted.competency or wanted.difficulty or wanted.missed or wanted.new)
        if self.packed or self.fixed or not plain or wanted.cram:
            return found
        return self._with_cards(found, entries, now)

    def _with_cards(
        self, found: list[Question | Flash], entries: dict[str, memory.Entry], now: datetime
    ) -> list[Question | Flash]:
        """Cards of lessons that are due or new, up to a third of the sitting."""
        due = []
        for key, (lesson, front, back) in memory.lesson_cards(self.store).items():
            entry = entries.get(key)
            if entry is None or entry.is_due(now):
                due.append((entry.due if entry else now, Flash(key, lesson, _topic(lesson), front, back)))
        cards = [card for _, card in sorted(due, key=lambda pair: pair[0])][: max(1, self.wanted.count // 3)]
        kept: list[Question | Flash] = found[: max(0, self.wanted.count - len(cards))]
        for place, card in enumerate(cards):
            kept.insert(min(len(kept), place * 3 + 2), card)
        return kept

    def lead(self, desk: Desk, items: Sequence[Question | Flash]) -> Sitting:
        """Ask them all, and show how it went."""
        follow = self._follow if self.drawn else lambda _: None
        sitting = Sitting(desk, self.seed, self._keep, self._keep_card, follow, self.around)
        sitting.run(items)
        given = sitting.given
        if given or not sitting.turned:
            right = sum(one.verdict.right for one in given)
            missed = [one.question for one in given if not one.verdict.right]
            desk.show(pages.result(len(given), right, [] if self.drawn else missed, due=self._ahead()))
        return sitting

    def _keep(self, given: Given) -> None:
        question = given.question
        right, sure = given.verdict.right, given.sure
        rating = None
        if not self.drawn and not self.wanted.cram:
            rating = schedule.grade(right=right, sure=sure)
            if question.form is Form.FILL and rating is Grade.GOOD:
                rating = Grade.EASY
        review = memory.Review(
            card=question.id,
            revision=question.revision,
            topic=question.topic,
            mode="cram" if self.wanted.cram else "quiz",
            correct=right,
            sure=sure,
            chance=question.chance,
            answer=given.answer,
            belief=given.verdict.belief,
            seconds=given.seconds,
            seed=self.seed,
        )
        memory.add(self.store, review, self.clock(), rating=rating)

    def _keep_card(self, card: Flash, grade: Grade) -> None:
        review = memory.Review(
            card=card.id, revision=1, topic=card.topic, mode="card", correct=grade is not Grade.AGAIN, answer=int(grade)
        )
        memory.add(self.store, review, self.clock(), rating=grade)

    def _follow(self, given: Given) -> Question | None:
        """After a wrong choice with a known belief behind it: the question that separates the beliefs left."""
        from kcnet.tutor.quiz.fresh import parting

        if given.verdict.right or given.verdict.belief is None:
            return None
        return parting(given.question, given.verdict.belief, self.seed)

    def _ahead(self) -> str:
        days = memory.forecast(memory.entries(self.store).values(), self.clock(), 2)
        today, tomorrow = (count for _, count in days)
        if not today and not tomorrow:
            return ""
        return f"Due: {today} today, {tomorrow} tomorrow. kcnet progress shows how far you are."


def _topic(lesson: str) -> str:
    from kcnet.tutor.course import read_course
    from kcnet.tutor.lessonfile import InvalidLessonError

    try:
        entry = read_course().find(lesson)
    except (InvalidLessonError, OSError):
        return ""
    return entry.head.topics[0] if entry is not None and entry.head.topics else ""
