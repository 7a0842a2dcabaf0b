"""When questions come again, and in which order: the scheduler over years, and what a sitting chooses."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from kcnet.tutor.quiz import memory, schedule
from kcnet.tutor.quiz.schedule import FARTHEST, Grade, grade, longest
from kcnet.tutor.quiz.selection import Wanted, chosen
from kcnet.tutor.storage import Store, open_store
from tests.tutor.quizzing import LEAP_DAY, ask

DAY = timedelta(days=1)
BEGIN = datetime(2027, 1, 4, 18, tzinfo=UTC)
CARDS = [f"c{number}" for number in range(100)]


@dataclass
class Learner:
    """Forgets as Ebbinghaus says, not as FSRS says: a card's memory halves when it is lost, and grows with each time
    that it is recalled."""

    rng: Random
    strength: dict[str, float] = field(default_factory=dict)
    last: dict[str, datetime] = field(default_factory=dict)

    def recalls(self, card: str, now: datetime) -> bool:
        if card not in self.strength:
            self.strength[card], self.last[card] = 3.0, now
            return self.rng.random() < 0.6
        away = (now - self.last[card]) / DAY
        knows = self.rng.random() < math.pow(0.9, away / self.strength[card])
        self.strength[card] = max(self.strength[card], 2.4 * away) if knows else max(1.0, self.strength[card] / 2)
        self.last[card] = now
        return knows


def lived(store: Store, days: int, *, a_day: int = 60) -> list[tuple[str, datetime, bool]]:
    """A learner who sits down every evening, answers what is due, then three new cards: each answer."""
    learner = Learner(Random(7))
    answers = []
    for number in range(days):
        now = BEGIN + number * DAY
        with store.transaction():
            entries = memory.entries(store)
            due = sorted((one for one in entries.values() if one.is_due(now)), key=lambda one: one.due)
            new = [card for card in CARDS if card not in entries][:3]
            for card in [*(one.card for one in due), *new][:a_day]:
                knows = learner.recalls(card, now)
                review = memory.Review(card=card, revision=1, topic="dns", mode="quiz", correct=knows)
                memory.add(store, review, now, rating=grade(right=knows, sure=True))
                answers.append((card, now, knows))
    return answers


def test_a_thousand_days(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        answers = lived(store, 1000)
        entries = memory.entries(store)
        assert store.row("SELECT count(*) AS n FROM reviews")["n"] == len(answers)
    assert sorted(entries) == sorted(CARDS)
    assert sum(entry.times for entry in entries.values()) == len(answers)
    assert all(entry.due <= entry.last + FARTHEST * DAY for entry in entries.values())
    assert all(entry.due > BEGIN + 999 * DAY for entry in entries.values()), "every card is ahead, none was left behind"

    by_card = {card: [(at, knows) for one, at, knows in answers if one == card] for card in CARDS}
    again = [knows for told in by_card.values() for _, knows in told[1:]]
    assert 0.8 <= sum(again) / len(again) <= 0.97
    a_day = [sum(BEGIN + n * DAY <= at < BEGIN + (n + 100) * DAY for _, at, _ in answers) / 100 for n in (0, 400, 900)]
    assert a_day[0] > a_day[1] > a_day[2], "a learned bank costs less and less"
    for card, told in by_card.items():
        intervals = [
            later - at
            for (at, knows), (later, _) in itertools.pairwise(told)
            if knows  # after what was known
        ]
        assert max(intervals) > 60 * DAY, card


def test_known_each_time_the_intervals_grow_until_a_year() -> None:
    state, now, intervals = None, LEAP_DAY, []
    for _ in range(12):
        state, due = schedule.reviewed(state, "a", Grade.GOOD, now, None, None)
        intervals.append((due - now) // DAY)
        now = due
    growing = intervals[: intervals.index(FARTHEST)]
    assert growing == sorted(set(growing))
    assert set(intervals[len(growing) :]) == {FARTHEST}


def test_the_worse_it_went_the_sooner_it_comes() -> None:
    state, due = schedule.reviewed(None, "a", Grade.GOOD, LEAP_DAY, None, None)
    dues = [schedule.reviewed(state, "a", rating, due, None, None)[1] for rating in Grade]
    assert dues == sorted(set(dues))


@pytest.mark.parametrize(
    ("right", "sure", "rating"),
    [(True, True, Grade.GOOD), (True, False, Grade.HARD), (False, True, Grade.AGAIN), (False, False, Grade.AGAIN)],
)
def test_a_guess_that_was_lucky_counts_less(right: bool, sure: bool, rating: Grade) -> None:
    assert grade(right=right, sure=sure) is rating


@pytest.mark.parametrize("ahead", [2, 10, 60, 200])
def test_with_an_exam_ahead_nothing_is_due_after_it(ahead: int, tmp_path: Path) -> None:
    exam = BEGIN.date() + ahead * DAY
    with open_store(tmp_path) as store:
        memory.set_exam_date(store, exam, BEGIN)
        lived(store, ahead)
        entries = memory.entries(store)
        assert len(entries) == min(len(CARDS), 3 * ahead)
        assert max(entry.due for entry in entries.values()).date() <= exam


@pytest.mark.parametrize(
    ("exam", "days"),
    [
        (None, FARTHEST),
        (date(2028, 2, 28), FARTHEST),  # over
        (date(2028, 2, 29), FARTHEST),  # today: nothing can come before it any more
        (date(2028, 3, 1), 1),
        (date(2028, 3, 2), 1),
        (date(2028, 3, 10), 9),
        (date(2048, 3, 10), FARTHEST),
        (date.max, FARTHEST),
    ],
)
def test_the_longest_interval_ends_the_day_before_the_exam(exam: date | None, days: int) -> None:
    assert longest(LEAP_DAY, exam) == days


TOPICS = ("dns", "services", "ingress")
BANK = [ask(f"{topic}-{n}", topic, difficulty=n // 4 + 1) for topic in TOPICS for n in range(12)]


def entry(card: str, due: int, *, right: bool = True, last: int = -5) -> memory.Entry:
    """Due, and asked for the last time, so many days from now."""
    state, _ = schedule.reviewed(None, card, Grade.GOOD, LEAP_DAY + last * DAY, None, None)
    return memory.Entry(card, "dns", state, LEAP_DAY + due * DAY, LEAP_DAY + last * DAY, right, 1)


MET = {
    one.card: one
    for one in (
        entry("dns-0", -1),
        entry("dns-1", -3),
        entry("services-0", -2, right=False),
        entry("services-1", 4, last=-90),
        entry("ingress-0", 9, right=False),
        entry("dns-2", 3, last=-1),
        entry("gone-from-the-bank", -9, right=False),
    )
}


def picked(wanted: Wanted, seed: int = 1) -> list[str]:
    return [question.id for question in chosen(BANK, MET, wanted, LEAP_DAY, seed)]


def test_what_is_due_comes_first_the_longest_overdue_at_the_head_then_what_is_new() -> None:
    found = picked(Wanted(count=12))
    assert found[:3] == ["dns-1", "services-0", "dns-0"]
    assert not set(found[3:]) & set(MET)
    assert len(set(found)) == 12


def test_a_short_sitting_is_all_due() -> None:
    assert picked(Wanted(count=2)) == ["dns-1", "services-0"]


@pytest.mark.parametrize("seed", range(5))
def test_new_ones_take_topics_in_turn_and_the_easy_ones_first(seed: int) -> None:
    found = picked(Wanted(new=True, count=12), seed)
    topics = [card.rsplit("-", 1)[0] for card in found]
    assert all(set(topics[place : place + 3]) == set(TOPICS) for place in range(0, 12, 3))
    numbers = [int(card.rsplit("-", 1)[1]) // 4 for card in found if card.startswith("ingress")]
    assert numbers == sorted(numbers)
    assert not set(found) & set(MET)


@pytest.mark.parametrize(
    ("wanted", "cards"),
    [
        (Wanted(missed=True), {"services-0", "ingress-0"}),
        (Wanted(missed=True, topic="ingress"), {"ingress-0"}),
        (Wanted(missed=True, topic="dns"), set()),
        (Wanted(topic="mesh"), set()),
        (Wanted(competency="Security"), set()),
        (Wanted(count=0), set()),
    ],
)
def test_what_is_asked_for_is_what_comes(wanted: Wanted, cards: set[str]) -> None:
    assert set(picked(wanted)) == cards


def test_new_leaves_out_everything_that_was_asked() -> None:
    assert set(picked(Wanted(new=True, count=99))) == {one.id for one in BANK} - set(MET)


def test_cram_takes_the_weakest_first_due_or_not() -> None:
    found = picked(Wanted(cram=True, count=8))
    assert set(found[:2]) == {"services-0", "ingress-0"}, "what went wrong"
    assert found[2] == "services-1", "what was seen three months ago"
    assert found[5] == "dns-2", "what was seen yesterday"
    assert not set(found[6:]) & set(MET)


def test_difficulty_and_topic_narrow() -> None:
    found = picked(Wanted(topic="dns", difficulty=3, count=99))
    assert set(found) == {"dns-8", "dns-9", "dns-10", "dns-11"}


def test_the_same_seed_asks_the_same_and_another_does_not() -> None:
    wanted = Wanted(new=True, count=20)
    assert picked(wanted, 4) == picked(wanted, 4)
    assert len({tuple(picked(wanted, seed)) for seed in range(8)}) > 1
