"""How far a learner is: nothing is claimed without evidence, and days are those of the learner's calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from kcnet.render.screen import Screen, laid_out
from kcnet.tutor.exam.keeping import Past
from kcnet.tutor.quiz import memory
from kcnet.tutor.quiz.question import Question
from kcnet.tutor.quiz.schedule import Grade
from kcnet.tutor.standing import pages
from kcnet.tutor.standing.standing import ENOUGH, Advice, Readiness, Standing, standing, wilson
from kcnet.tutor.storage import Store, open_store
from tests.tutor.quizzing import LEAP_DAY, answer, ask, living_in, zones

DAY = timedelta(days=1)
BANK = [ask(f"{topic}-{number}", topic) for topic in ("dns", "services", "ingress") for number in range(80)]
KEYS = [question.id for question in BANK]


def stand(store: Store, bank: Sequence[Question] = BANK) -> Standing:
    return standing(store, bank, [("clusterip", 12)], LEAP_DAY)


def page(found: Standing) -> str:
    return "\n".join("".join(words for words, _ in row.text) for row in pages.rows(found))


def answered(folder: Path, count: int, right: int) -> Readiness:
    """Readiness of who answered so many, and so many of each ten right."""
    with open_store(folder) as store:
        with store.transaction():
            for number, key in enumerate(KEYS[:count]):
                rating = Grade.GOOD if number % 10 < right else Grade.AGAIN
                answer(store, key, LEAP_DAY - timedelta(minutes=number), rating)
        return stand(store).readiness


@pytest.mark.parametrize(("count", "said"), [(0, False), (1, False), (ENOUGH - 1, False), (ENOUGH, True)])
def test_readiness_is_said_from_enough_answers_on(count: int, said: bool, tmp_path: Path) -> None:
    found = answered(tmp_path, count, 10)
    assert found.sample == count
    assert (found.low is not None) is (found.high is not None) is said


@pytest.mark.parametrize("right", [0, 5, 10])
@pytest.mark.parametrize("count", [ENOUGH, 100, 240])
def test_readiness_is_a_range_of_percent(count: int, right: int, tmp_path: Path) -> None:
    found = answered(tmp_path, count, right)
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low < found.high <= 100


@pytest.mark.parametrize("right", [5, 10])
def test_the_more_was_answered_the_narrower_the_range(right: int, tmp_path: Path) -> None:
    widths = []
    for count in (20, 60, 240):
        found = answered(tmp_path / str(count), count, right)
        assert found.low is not None
        assert found.high is not None
        widths.append(found.high - found.low)
    assert widths[0] > widths[1] > widths[2]


def test_who_knows_more_is_readier_and_who_knows_nothing_is_as_good_as_guessing(tmp_path: Path) -> None:
    found = [answered(tmp_path / str(right), 240, right) for right in (0, 5, 10)]
    lows = [one.low for one in found if one.low is not None]
    assert lows == sorted(set(lows))
    assert found[0].low is not None
    assert found[0].high is not None
    assert found[0].low <= 25 <= found[0].high, "one of four options is right by luck"


def test_the_same_questions_again_and_again_are_no_new_evidence(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for number in range(3 * ENOUGH):
            answer(store, KEYS[number % 5], LEAP_DAY - number * DAY)
        found = stand(store).readiness
    assert (found.sample, found.low) == (5, None)


def test_only_questions_of_the_bank_about_networking_are_evidence(tmp_path: Path) -> None:
    others = [replace(question, id=f"x-{question.id}", competency="Security") for question in BANK]
    with open_store(tmp_path) as store:
        with store.transaction():
            for question in others[:30]:
                answer(store, question.id, LEAP_DAY)
                answer(store, f"gone-{question.id}", LEAP_DAY)
        assert stand(store, [*BANK, *others]).readiness.sample == 0


def test_by_the_exam_something_is_forgotten(tmp_path: Path) -> None:
    today = answered(tmp_path, 240, 10)
    with open_store(tmp_path) as store:
        memory.set_setting(store, "exam", "2028-08-01")
        then = stand(store).readiness
    assert (today.day, then.day) == (LEAP_DAY.date(), date(2028, 8, 1))
    assert today.low is not None
    assert then.low is not None
    assert then.low < today.low


def test_an_exam_that_is_over_is_no_day_to_be_ready_for(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        memory.set_setting(store, "exam", "2028-02-28")
        with store.transaction():
            for key in KEYS[:ENOUGH]:
                answer(store, key, LEAP_DAY)
        found = stand(store)
    assert found.readiness.day == LEAP_DAY.date()
    assert "% right today" in page(found)


@pytest.mark.parametrize(
    ("part", "sample", "low", "high"),
    [
        # Bounds at z = 1.645, worked out by hand: (p + z²/2n ± z√(p(1-p)/n + z²/4n²)) / (1 + z²/n).
        (0.5, 20, 0.3273, 0.6727),
        (1.0, 20, 0.8808, 1.0),
        (0.0, 20, 0.0, 0.1192),
    ],
)
def test_the_range_is_that_of_wilson(part: float, sample: int, low: float, high: float) -> None:
    assert wilson(part, sample) == pytest.approx((low, high), abs=2e-4)


@zones
@pytest.mark.parametrize(
    ("zone", "now", "answers", "streak"),
    [
        ("UTC", "2028-03-01 12:00", [], 0),
        ("UTC", "2028-03-01 12:00", ["2028-03-01 11:00"], 1),
        ("UTC", "2028-03-01 12:00", ["2028-02-29 11:00"], 1),  # today may still come
        ("UTC", "2028-03-01 12:00", ["2028-02-28 11:00"], 0),  # the leap day was missed
        ("UTC", "2028-03-01 12:00", ["2028-03-01 09:00", "2028-02-29 23:59", "2028-02-28 00:00"], 3),
        ("UTC", "2028-03-01 12:00", ["2028-03-01 09:00", "2028-02-28 09:00", "2028-02-27 09:00"], 1),
        ("UTC", "2028-03-01 12:00", ["2028-03-01 09:00"] * 3, 1),
        ("UTC", "2028-03-01 12:00", ["2028-03-02 09:00", "2028-03-01 09:00"], 1),  # tomorrow, by a wrong clock
        # Half-hour zones: the hour in UTC lies on both sides of midnight.
        ("Asia/Kolkata", "2028-03-01 12:00", ["2028-03-01 00:10", "2028-02-29 00:10"], 2),
        ("Asia/Kolkata", "2028-03-01 12:00", ["2028-03-01 00:10", "2028-02-28 23:50"], 1),
        ("Asia/Kathmandu", "2028-03-01 12:00", ["2028-03-01 00:05", "2028-02-29 23:55"], 2),
        ("America/St_Johns", "2028-03-01 12:00", ["2028-02-29 23:50", "2028-02-28 00:10"], 2),
        ("Pacific/Kiritimati", "2028-03-01 00:30", ["2028-03-01 00:15", "2028-02-29 23:45"], 2),
        # Summer time: each day is the calendar's, as it was then.
        ("Europe/Berlin", "2028-03-27 12:00", ["2028-03-27 00:30", "2028-03-26 23:30", "2028-03-25 23:30"], 3),
        ("Europe/Berlin", "2028-10-30 12:00", ["2028-10-30 00:10", "2028-10-29 00:10", "2028-10-28 00:10"], 3),
        ("Europe/Berlin", "2028-10-30 12:00", ["2028-10-30 00:10", "2028-10-28 23:50"], 1),
    ],
)
def test_the_streak_counts_days_on_the_wall(
    zone: str, now: str, answers: Sequence[str], streak: int, tmp_path: Path
) -> None:
    with living_in(zone) as moment, open_store(tmp_path) as store:
        for wall in answers:
            answer(store, "a", moment(wall))
        assert standing(store, BANK, [], moment(now)).streak == streak


def test_a_step_of_a_lesson_makes_a_day_too(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        answer(store, "a", LEAP_DAY)
        store.connection.execute(
            "INSERT INTO lesson_steps (lesson, step, state, changed) VALUES ('gone', 'x', 'done', ?)",
            ((LEAP_DAY - DAY).isoformat(),),
        )
        assert stand(store).streak == 2


def test_retention_is_of_what_was_asked_before_within_the_month(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        answer(store, "a", LEAP_DAY - 50 * DAY)  # too long ago
        answer(store, "a", LEAP_DAY - 40 * DAY, Grade.AGAIN)  # too long ago
        answer(store, "a", LEAP_DAY - 9 * DAY)
        answer(store, "a", LEAP_DAY - 5 * DAY, Grade.AGAIN)
        answer(store, "a", LEAP_DAY - 4 * DAY, None, right=False)  # crammed
        answer(store, "b", LEAP_DAY - 3 * DAY, Grade.AGAIN)  # new
        answer(store, "b", LEAP_DAY - 2 * DAY)
        found = stand(store)
    assert found.retention == (2, 3)
    assert found.reviews == 7


def test_nothing_was_done_yet(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        found = stand(store)
    assert (found.reviews, found.due, found.streak, found.retention) == (0, 0, 0, (0, 0))
    assert found.advice[0].command == "kcnet learn clusterip"
    assert all(one.known == 0 for one in found.topics)


def test_cards_that_no_file_has_are_counted_as_due_and_harm_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        answer(store, "gone-from-the-bank", LEAP_DAY - 300 * DAY)
        found = stand(store)
    assert found.due == 1
    assert sum(one.seen for one in found.topics) == 0


def test_one_lucky_answer_is_not_mastery_and_a_wrong_one_is_none(tmp_path: Path) -> None:
    bank = [ask(f"dns-{number}") for number in range(3)]
    with open_store(tmp_path) as store:
        answer(store, "dns-0", LEAP_DAY)
        once = stand(store, bank[:1]).topics
        answer(store, "dns-0", LEAP_DAY)
        twice = stand(store, bank[:1]).topics
        answer(store, "dns-1", LEAP_DAY, Grade.AGAIN)
        wrong = stand(store, bank[1:2]).topics
    known = {name: next(one.known for one in found if one.id == "dns") for name, found in
             {"once": once, "twice": twice, "wrong": wrong}.items()}  # fmt: skip
    assert 0 == known["wrong"] < known["once"] < known["twice"] < 1


@pytest.mark.parametrize("due", [0, 1, 30, 500])
def test_advice_fits_into_twenty_minutes_and_asks_for_something(due: int, tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        with store.transaction():
            for number in range(due):
                answer(store, f"q{number}", LEAP_DAY - 300 * DAY)
        advice = stand(store).advice
    assert advice
    assert sum(one.minutes for one in advice) <= 20
    assert not any(one.command.endswith("--count 0") for one in advice)


def test_who_knows_everything_is_not_told_to_learn_nothing(tmp_path: Path) -> None:
    bank = [ask(f"dns-{number}") for number in range(3)]
    with open_store(tmp_path) as store:
        for question in bank * 3:
            answer(store, question.id, LEAP_DAY)
        found = standing(store, bank, [], LEAP_DAY)
    assert found.advice == ()
    assert "Nothing is due" in page(found)


WIDEST = (
    Advice("kcnet quiz --count 9", 4, "9 due, and about to be forgotten"),
    Advice("kcnet learn headless-and-statefulsets", 11, "the next lesson"),
    Advice("kcnet quiz --topic troubleshooting --count 10", 5, "60 of 60 not known yet"),
)


@pytest.mark.parametrize("count", [0, ENOUGH, 240])
def test_a_window_of_24_lines_holds_all_of_it(count: int, tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        with store.transaction():
            for key in KEYS[:count]:
                answer(store, key, LEAP_DAY)
        found = stand(store)
    exams = tuple(Past("x", LEAP_DAY, 60, 44 + number % 2, bool(number % 2)) for number in range(50 if count else 0))
    found = replace(found, exams=exams, advice=WIDEST, exam=LEAP_DAY.date() + timedelta(days=30))
    lines = laid_out(Screen(), pages.rows(found))
    assert len(lines) < 24, "\n".join(lines)
    assert max(map(len, lines)) <= 80
