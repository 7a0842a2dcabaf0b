"""The mock exam: which questions it has, what may be done until its end, what it comes to, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as some

from kcnet.cli.linedesk import LineDesk
from kcnet.render.screen import Row, Screen, laid_out
from kcnet.tutor.desk import Keys, Pressed, Typed, label
from kcnet.tutor.exam import keeping, state
from kcnet.tutor.exam.draw import drawn, shares
from kcnet.tutor.exam.facts import MINUTES, PASS_MARK, QUESTIONS, WEIGHTS, share
from kcnet.tutor.exam.hall import Hall
from kcnet.tutor.exam.pages import misses
from kcnet.tutor.exam.paper import document, grade
from kcnet.tutor.exam.result import Marked, Result, graded
from kcnet.tutor.quiz.bank import by_id, read_bank
from kcnet.tutor.quiz.grading import AnswersError
from kcnet.tutor.quiz.judge import Answer, shown
from kcnet.tutor.quiz.question import Question
from kcnet.tutor.storage import Store, open_store
from kcnet.tutor.structure import FOLDER

BEGIN = datetime(2028, 2, 29, 23, 30, tzinfo=UTC)  # a leap day, and over midnight
BANK = read_bank()


class Desk(LineDesk):
    """Shows nothing."""

    def show(self, rows: Iterable[Row]) -> None:
        list(rows)


def exam(count: int = 4) -> state.Exam:
    return state.Exam(
        id="x",
        begun=BEGIN,
        ends=BEGIN + timedelta(minutes=90),
        seed=1,
        questions=tuple(one.id for one in BANK[:count]),
        touched=BEGIN,
    )


def right(question: Question) -> Answer:
    return question.fill.accept[0] if question.fill else question.right


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def test_the_facts_of_the_exam() -> None:
    assert (QUESTIONS.value, MINUTES.value, PASS_MARK.value) == (60, 90, 75)
    assert {name: fact.value for name, fact in WEIGHTS.items()} == {
        "Kubernetes Fundamentals": 44,
        "Container Orchestration": 28,
        "Cloud Native Application Delivery": 16,
        "Cloud Native Architecture": 12,
    }
    assert share() == 7.0
    assert all(fact.source and fact.read for fact in (QUESTIONS, MINUTES, PASS_MARK, *WEIGHTS.values()))


@given(some.dictionaries(some.text(max_size=3), some.integers(0, 60), max_size=9), some.integers(0, 300))
def test_seats_by_the_largest_remainder(sizes: dict[str, int], count: int) -> None:
    found = shares(sizes, count)
    total = sum(sizes.values())
    assert sum(found.values()) == min(count, total)
    assert all(0 <= found[name] <= size for name, size in sizes.items())
    assert all(abs(found[name] - min(count, total) * size / total) < 1 for name, size in sizes.items() if total)


def test_a_seed_draws_the_same_exam_again() -> None:
    first = drawn(BANK, 60, 7)
    assert first == drawn(tuple(reversed(BANK)), 60, 7) != drawn(BANK, 60, 8)
    assert len({one.id for one in first}) == 60
    assert {one.topic for one in first} == {one.topic for one in BANK}


def test_an_answer_may_be_changed_until_the_end() -> None:
    now = BEGIN + timedelta(minutes=5)
    changed = state.answered(state.answered(exam(), (0,), now), (2,), now)
    assert changed.answers == {changed.question: (2,)}
    assert changed.open == (1, 2, 3)
    ended = state.handed_in(changed, now)
    assert state.answered(ended, (1,), now) is ended
    assert state.flagged(ended, now) is ended


def test_a_flag_is_set_and_taken_off() -> None:
    once = state.flagged(exam(), BEGIN)
    assert once.flags == {once.question}
    assert not state.flagged(once, BEGIN).flags


@pytest.mark.parametrize(("by", "place"), [(1, 1), (-1, 3), (4, 0)])
def test_moving_goes_round_the_ends(by: int, place: int) -> None:
    assert state.moved(exam(), by).place == place


@pytest.mark.parametrize(("to", "place"), [(3, 3), (4, 0), (-1, 0)])
def test_a_jump_to_what_there_is_not_stays(to: int, place: int) -> None:
    assert state.jumped(exam(), to).place == place


def test_the_clock_runs_on_while_nobody_looks() -> None:
    assert state.clock(exam(), BEGIN + timedelta(minutes=1)) == "1:29:00"
    assert not state.over(exam(), BEGIN + timedelta(minutes=89, seconds=59))
    late = BEGIN + timedelta(hours=9)
    assert state.over(exam(), late)
    assert state.answered(exam(), (1,), late).answers == {}
    assert state.handed_in(exam(), late).handed_in == exam().ends


def test_a_clock_put_back_gives_no_time() -> None:
    later = state.answered(exam(), (1,), BEGIN + timedelta(minutes=30))
    assert state.left(later, BEGIN - timedelta(days=1)) == timedelta(minutes=60)


@pytest.mark.parametrize("back", [timedelta(minutes=30), timedelta(days=400)])
def test_a_clock_put_back_while_nobody_answers_gives_no_time_either(back: timedelta, store: Store) -> None:
    shown: list[str] = []
    wall, ticks = [BEGIN], [100.0]

    class Silent(Desk):
        """Looks at the clock for twenty minutes, and leaves without a word."""

        def choose(self, *_: object, clock: Callable[[], str], **__: object) -> Pressed:
            for minute in range(21):
                shown.append(clock())
                if minute == 10:
                    wall[0] -= back
                wall[0] += timedelta(minutes=1)
                ticks[0] += 60
            return Pressed("quit")

        type = choose_several = put_in_order = choose

    begun = keeping.begin(store, exam().questions, 1, 90, BEGIN)
    assert Hall(Silent(), store, lambda: wall[0], by_id(BANK), ticks=lambda: ticks[0]).sit(begun) is None
    assert shown == [f"1:{30 - minute:02}:00" for minute in range(21)]
    again = keeping.under_way(store)
    assert again is not None
    assert state.clock(again, BEGIN - timedelta(days=1)) == "1:09:00"


@pytest.mark.parametrize("word", ["h", ":h"])
def test_behind_the_last_question_is_the_overview_and_from_there_one_hands_in(word: str, store: Store) -> None:
    seen: list[str] = []

    class Hasty(Desk):
        """Goes on without an answer until the overview asks for a number."""

        def choose(self, *_: object, **__: object) -> Pressed:
            seen.append("question")
            return Pressed("next")

        def type(self, _question: object, prompt: str, keys: Keys, **__: object) -> Typed | Pressed:
            if not prompt.startswith("Go to"):
                return self.choose()
            seen.append("overview")
            return Typed(word) if not word.startswith(":") else Pressed(keys[word[1:]])

        def pause(self, keys: Keys, enter: str = "next") -> Pressed:
            assert (keys, enter) == ({"y": "hand in"}, "go on")
            return Pressed("hand in")

        choose_several = put_in_order = choose

    begun = keeping.begin(store, exam().questions, 1, 90, BEGIN)
    found = Hall(Hasty(), store, lambda: BEGIN, by_id(BANK)).sit(begun)
    assert found is not None
    assert (found.correct, len(found.misses)) == (0, 4)
    assert seen == ["question"] * 4 + ["overview"]


def test_another_time_zone_is_the_same_moment() -> None:
    from datetime import timezone

    there = (BEGIN + timedelta(minutes=10)).astimezone(timezone(timedelta(hours=14)))
    assert state.left(exam(), there) == timedelta(minutes=80)


@pytest.mark.parametrize(("correct", "passed"), [(44, False), (45, True), (60, True), (0, False)])
def test_three_quarters_pass(correct: int, passed: bool) -> None:
    marks = tuple(Marked(question, None, place < correct) for place, question in enumerate(BANK[:60]))
    assert Result(marks).passed is passed


def test_what_is_not_answered_is_a_miss_and_what_is_gone_does_not_count() -> None:
    first, second = BANK[:2]
    found = graded((first.id, second.id, "gone"), {first.id: right(first)}, by_id(BANK))
    assert (found.correct, len(found.marked), found.unknown) == (1, 2, ("gone",))
    assert [one.question for one in found.misses] == [second]


def test_an_exam_is_gone_on_with_as_it_was_left(store: Store) -> None:
    begun = keeping.begin(store, exam().questions, 1, 90, BEGIN)
    after = state.answered(begun, (1,), BEGIN + timedelta(minutes=3))
    keeping.keep(store, after, after.question, 2.0)
    second = state.flagged(state.moved(after, 1), BEGIN + timedelta(minutes=4))
    keeping.keep(store, second, second.question)
    assert keeping.under_way(store) == second


def test_an_exam_is_handed_in_once(store: Store) -> None:
    begun = keeping.begin(store, [one.id for one in BANK[:2]], 1, 90, BEGIN)
    after = state.answered(begun, right(BANK[0]), BEGIN)
    found = graded(after.questions, after.answers, by_id(BANK))
    for _ in range(2):
        keeping.end(store, after, found, BEGIN + timedelta(minutes=1))
    assert keeping.under_way(store) is None
    assert [(one.correct, one.questions, one.passed) for one in keeping.history(store)] == [(1, 2, False)]
    rows = store.rows("SELECT card, mode, rating FROM reviews")
    assert [tuple(row) for row in rows] == [(BANK[0].id, "exam", 3)]
    keeping.keep(store, after, after.question)  # another terminal, too late
    assert store.rows("SELECT * FROM exam_answers") == []


def test_a_paper_has_no_keys() -> None:
    paper = document(drawn(BANK, 60, 3), 3)
    jsonschema.validate(paper, json.loads((FOLDER / "exam-paper.json").read_text()))
    text = json.dumps(paper)
    assert '"correct"' not in text
    assert '"why"' not in text
    assert '"explanation"' not in text


def letters(places: list[int]) -> str:
    return " ".join(map(label, places))


def numbers(places: list[int]) -> list[int]:
    return [place + 1 for place in places]


@pytest.mark.parametrize("written", [numbers, letters])
@pytest.mark.parametrize("seed", range(3))
def test_right_answers_of_a_paper_are_right(seed: int, written: Callable[[list[int]], object]) -> None:
    questions = drawn(BANK, 60, seed)
    answers: dict[str, object] = {}
    for number, one in enumerate(questions, 1):
        places = shown(one, seed)
        answers[str(number)] = one.fill.accept[0] if one.fill else written([places.index(place) for place in one.right])
    found = grade(answers, questions, seed)
    assert (found.correct, found.passed, found.misses) == (60, True, ())
    jsonschema.validate(found.to_dict(), json.loads((FOLDER / "exam.json").read_text()))


def test_answers_that_are_none_are_misses_with_a_reason() -> None:
    questions = drawn(BANK, 10, 1)
    found = grade({"1": 99, questions[1].id: None, "77": 1, "nobody": 2}, questions, 1)
    assert found.correct == 0
    assert found.unknown == ("77", "nobody")
    jsonschema.validate(found.to_dict(), json.loads((FOLDER / "exam.json").read_text()))


@pytest.mark.parametrize("answers", [{"1": 2, BANK[0].id: 3}, {"1": 2}])
def test_a_number_without_a_seed_is_refused(answers: dict[str, object]) -> None:
    with pytest.raises(AnswersError, match="seed"):
        grade(answers, BANK, None)


def test_the_review_shows_the_cluster_what_was_chosen_and_where_to_read() -> None:
    question = by_id(BANK)["services-fault-selector"]
    wrong = next(place for place, option in enumerate(question.options) if not option.correct)
    found = graded((question.id,), {question.id: (wrong,)}, by_id(BANK))
    screen = Screen(width=100, colour=False, encoding="utf-8")
    page = "\n".join(laid_out(screen, misses(found)))
    option = question.options[wrong]
    assert f"✘ line {option.line}: {option.text}" in page
    assert f"✔ line {question.options[question.right[0]].line}: " in page
    assert "kind: Service" in page
    assert "pod/client → http://cart/" in page
    assert "lesson:" not in page
    assert "kcnet learn " in page
