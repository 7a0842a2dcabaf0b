"""What is remembered of answers: a log that only grows, and a schedule that no clock, zone or neighbour harms."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kcnet.tutor.quiz import memory, schedule
from kcnet.tutor.quiz.schedule import Grade
from kcnet.tutor.storage import open_store
from tests.tutor.quizzing import LEAP_DAY, answer, living_in, zones

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("later", "name"),
    [
        (timedelta(0), "at the same moment"),
        (-timedelta(hours=3), "three hours earlier"),
        (-timedelta(days=400), "a year earlier"),
        (timedelta(days=365), "a year after a leap day"),
        (timedelta(days=30_000), "in another century"),
    ],
)
def test_whatever_the_clock_says_next_the_card_comes_again_within_a_year(
    later: timedelta, name: str, tmp_path: Path
) -> None:
    with open_store(tmp_path) as store:
        answer(store, "a", LEAP_DAY)
        now = LEAP_DAY + later
        entry = answer(store, "a", now)
        assert entry is not None
        assert now < entry.due <= now + schedule.FARTHEST * DAY, name
        assert 0 <= schedule.recall(entry.state, now) <= 1
        assert entry.times == 2


def test_what_was_answered_while_the_clock_was_years_ahead_is_due_once_it_is_right(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ahead = answer(store, "a", LEAP_DAY.replace(year=2096))
        assert ahead is not None
        assert ahead.is_due(LEAP_DAY)
        assert memory.forecast([ahead], LEAP_DAY)[0][1] == 1
        mended = answer(store, "a", LEAP_DAY)
        assert mended is not None
        assert not mended.is_due(LEAP_DAY)
        assert mended.due <= LEAP_DAY + schedule.FARTHEST * DAY


def test_a_clock_that_was_an_hour_ahead_does_not_ask_again_at_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        entry = answer(store, "a", LEAP_DAY + timedelta(hours=1))
        assert entry is not None
        assert not entry.is_due(LEAP_DAY)


def test_the_log_only_grows_and_rows_never_change(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        seen: dict[str, tuple[object, ...]] = {}
        for number in range(30):
            rating = (*Grade, None)[number % 5]
            answer(store, "abc"[number % 3], LEAP_DAY + timedelta(hours=number * (-1) ** number), rating)
            rows = {row["id"]: tuple(row) for row in store.rows("SELECT * FROM reviews")}
            assert len(rows) == number + 1
            assert seen.items() <= rows.items()
            seen = rows


def test_cram_is_logged_and_leaves_the_schedule_alone(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        before = answer(store, "a", LEAP_DAY)
        assert answer(store, "a", LEAP_DAY + DAY, None, right=False) == before
        assert store.row("SELECT count(*) AS n FROM reviews")["n"] == 2


def test_what_no_file_has_any_more_is_kept(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        before = answer(store, "gone-from-the-bank", LEAP_DAY)
        answer(store, "a", LEAP_DAY)
        memory.set_exam_date(store, date(2030, 1, 1), LEAP_DAY)
        assert memory.entries(store)["gone-from-the-bank"] == before


@pytest.mark.parametrize("state", ["", "{", "[]", "null", "{}", '{"stability": "x"}'])
def test_a_state_that_cannot_be_read_begins_anew(state: str, tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fresh = answer(store, "b", LEAP_DAY)
        answer(store, "a", LEAP_DAY)
        store.connection.execute("UPDATE schedule SET state = ? WHERE card = 'a'", (state,))
        assert schedule.recall(state, LEAP_DAY) == 0.0
        again = answer(store, "a", LEAP_DAY)
        assert fresh is not None
        assert again is not None
        assert (again.due, again.times) == (fresh.due, 2)


@pytest.mark.parametrize("text", ["nonsense", "[1, 2]", "[NaN]", "{}", "null", '["x"]', str([-1e9] * 21)])
def test_parameters_that_are_none_are_as_if_not_there(text: str, tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        usual = answer(store, "a", LEAP_DAY)
        memory.set_setting(store, "parameters", text)
        fitted = answer(store, "b", LEAP_DAY)
        assert usual is not None
        assert fitted is not None
        assert fitted.due == usual.due


@pytest.mark.parametrize("text", ["soon", "", "2027-02-29"])
def test_an_exam_date_that_is_none_is_as_if_not_there(text: str, tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        memory.set_setting(store, "exam", text)
        assert memory.exam_date(store) is None
        assert answer(store, "a", LEAP_DAY) is not None


def test_an_exam_date_brings_forward_what_would_come_too_late_and_nothing_else(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for card, rating in (("early", Grade.AGAIN), ("late", Grade.EASY)):
            answer(store, card, LEAP_DAY, rating)
        before = memory.entries(store)
        exam = LEAP_DAY.date() + 5 * DAY
        assert before["early"].due.date() < exam < before["late"].due.date()
        assert memory.set_exam_date(store, exam, LEAP_DAY) == 1
        after = memory.entries(store)
        assert after["early"] == before["early"]
        assert LEAP_DAY < after["late"].due < LEAP_DAY + 5 * DAY


@zones
@pytest.mark.parametrize(
    ("zone", "wall", "day"),
    [
        ("Asia/Kolkata", "2028-02-29 23:45", "2028-02-29"),  # 18:15 UTC
        ("Asia/Kolkata", "2028-03-01 00:15", "2028-03-01"),  # 18:45 UTC
        ("Pacific/Kiritimati", "2028-03-01 08:00", "2028-03-01"),  # 29 February in UTC
        ("America/Los_Angeles", "2028-02-29 20:00", "2028-02-29"),  # 1 March in UTC
        ("Asia/Kathmandu", "2028-02-29 05:40", "2028-02-29"),  # 23:55 of the day before in UTC
    ],
)
def test_a_day_is_the_learners_own(zone: str, wall: str, day: str, tmp_path: Path) -> None:
    with living_in(zone) as moment, open_store(tmp_path) as store:
        now = moment(wall)
        today = date.fromisoformat(day)
        assert memory.forecast([], now)[0][0] == today
        memory.set_exam_date(store, today + 3 * DAY, now)
        entry = answer(store, "a", now, Grade.EASY)
        assert entry is not None
        assert schedule.today(entry.due) == today + 2 * DAY


@zones
def test_the_forecast_counts_each_card_on_its_day_across_summer_time() -> None:
    with living_in("Europe/Berlin") as moment:
        due = [moment("2028-03-25 23:30"), moment("2028-03-26 23:30"), moment("2028-03-27 00:30")]
        cards = [memory.Entry(str(n), "dns", "", at, moment("2028-03-24 12:00"), True, 1) for n, at in enumerate(due)]
        days = memory.forecast(cards, moment("2028-03-25 12:00"), 3)
        assert [count for _, count in days] == [1, 1, 1]


@zones
def test_who_travels_finds_the_same_cards_due(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for number in range(5):
            answer(store, f"c{number}", LEAP_DAY - number * DAY)
        now = LEAP_DAY + DAY
        found = set()
        for zone in ("Pacific/Kiritimati", "Asia/Kolkata", "UTC", "Pacific/Marquesas", "Pacific/Pago_Pago"):
            with living_in(zone):
                found.add(tuple(sorted(e.card for e in memory.entries(store).values() if e.is_due(now))))
        assert len(found) == 1


@pytest.mark.parametrize("zone", [UTC, datetime.now().astimezone().tzinfo])
def test_moments_are_kept_in_utc_so_that_texts_sort_as_times_do(zone: object) -> None:
    assert memory.stamp(LEAP_DAY) == "2028-02-29T12:00:00.000+00:00"
    moved = LEAP_DAY.astimezone(zone)  # type: ignore[arg-type]
    assert memory.stamp(moved) == memory.stamp(LEAP_DAY)


WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from kcnet.tutor.quiz import memory
from kcnet.tutor.quiz.schedule import Grade
from kcnet.tutor.storage import open_store
with open_store(Path(sys.argv[1])) as store:
    for number in range(50):
        review = memory.Review(card=f"c{number % 5}", revision=1, topic="dns", mode="quiz", correct=True)
        memory.add(store, review, datetime(2028, 2, 29, tzinfo=UTC) + timedelta(days=number), rating=Grade.GOOD)
"""


def test_two_processes_that_answer_the_same_cards_at_once_lose_no_answer(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stderr=subprocess.PIPE) for _ in range(2)
    ]
    for process in processes:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()
    with open_store(tmp_path) as store:
        assert store.row("SELECT count(*) AS n FROM reviews")["n"] == 100
        assert [entry.times for entry in memory.entries(store).values()] == [20] * 5
