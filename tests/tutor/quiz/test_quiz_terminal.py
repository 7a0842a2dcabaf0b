"""A quiz and a lesson in a pseudo-terminal of 80 columns and 24 rows: every key, and where there are no keys."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from kcnet.tutor.desk import label
from kcnet.tutor.quiz.bank import by_id, own_files, read_bank
from kcnet.tutor.quiz.judge import shown
from kcnet.tutor.quiz.question import Question
from kcnet.tutor.storage import FILE
from tests.terminal.test_stepper import ENVIRONMENT, ROOT, pexpect

SEED = 3
UP, DOWN, ENTER = "\x1b[A", "\x1b[B", "\r"
BANK = by_id(read_bank())
SINGLE = BANK["services-default-type"]
SEVERAL = BANK["services-multiple-true-clusterip"]
ORDER = BANK["services-ready-order"]
FILL = BANK["services-headless-field"]
HAPPENS = BANK["services-named-port-missing"]
DONE = "of 1 right"
Start = Callable[..., "pexpect.spawn[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def start(home: Path) -> Start:
    def begin(*words: str, **environment: str) -> pexpect.spawn[str]:
        return pexpect.spawn(
            sys.executable,
            ["-m", "kcnet", *words],
            env=ENVIRONMENT | {"KCNET_HOME": str(home), "NO_COLOR": "1"} | environment,
            cwd=str(ROOT),
            dimensions=(24, 80),
            encoding="utf-8",
            timeout=60,
        )

    return begin


@pytest.fixture
def ask(start: Start, tmp_path: Path) -> Start:
    """Ask these questions and no others."""

    def begin(*questions: Question, words: tuple[str, ...] = (), **environment: str) -> pexpect.spawn[str]:
        wanted = {one.id for one in questions}
        found = [one for file in own_files() for one in yaml.safe_load(file.read_text("utf-8"))["questions"]]
        document = {"topic": "services", "questions": [one for one in found if one["id"] in wanted]}
        pack = tmp_path / "pack.yaml"
        pack.write_text(yaml.safe_dump(document), "utf-8")
        child = start("quiz", "--pack", str(pack), "--seed", str(SEED), *words, **environment)
        child.expect(f"1 of {len(questions)}")
        return child

    return begin


def place(question: Question, *, right: bool) -> int:
    """Where on the screen, from 0, the first right or wrong option stands."""
    return next(number for number, one in enumerate(shown(question, SEED)) if (one in question.right) is right)


def rights(question: Question) -> list[int]:
    return [number for number, one in enumerate(shown(question, SEED)) if one in question.right]


def ended(child: pexpect.spawn[str]) -> None:
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, child.signalstatus) == (0, None)


def reviews(home: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / FILE) as database:
        return database.execute("SELECT correct, sure FROM reviews ORDER BY at").fetchall()


def test_arrows_and_enter_choose(ask: Start, home: Path) -> None:
    child = ask(SINGLE)
    child.expect("quit")
    at = place(SINGLE, right=True)
    child.send(DOWN * (at + len(SINGLE.options)) + DOWN + UP + ENTER)
    child.expect("Right")
    child.expect("Enter next")
    child.send(ENTER)
    child.expect(f"1 {DONE}")
    ended(child)
    assert reviews(home) == [(1, 1)]


def test_a_digit_chooses_at_once_and_the_choice_stays_readable(ask: Start, home: Path) -> None:
    child = ask(SINGLE)
    child.expect("quit")
    at = place(SINGLE, right=False)
    child.send(str(at + 1))
    child.expect(rf"{label(at)} \* ")
    child.expect("Not right")
    child.expect("The answer:")
    child.expect("Enter next")
    child.send("q")
    child.expect(f"0 {DONE}")
    ended(child)
    assert reviews(home) == [(0, 1)]


@pytest.mark.parametrize("written", [str.upper, str.lower])
def test_a_letter_chooses_in_either_case(written: Callable[[str], str], ask: Start, home: Path) -> None:
    child = ask(SINGLE)
    child.expect("quit")
    at = place(SINGLE, right=True)
    child.send(written(label(at)))
    child.expect(rf"{label(at)} \* ")
    child.expect("Right")
    child.expect("Enter next")
    child.send("q")
    ended(child)
    assert reviews(home) == [(1, 1)]


@pytest.mark.parametrize("line", ["backends are equal", "skip it, please", "q s u", "\x1b[200~s\x20pasted\x1b[201~"])
def test_a_line_presses_no_keys_and_chooses_nothing(line: str, ask: Start, home: Path) -> None:
    child = ask(SINGLE)
    child.expect("quit")
    child.send(f"{line}\r")
    child.expect("No such key: " + line.removeprefix("\x1b[200~")[:4])
    child.send(label(place(SINGLE, right=True)))
    child.expect("Right")
    child.expect("Enter next")
    child.send("services\r")
    child.expect("No such key: services")
    child.send(ENTER)
    child.expect(f"1 {DONE}")
    ended(child)
    assert reviews(home) == [(1, 1)]


@pytest.mark.parametrize("between", ["", " ", ", "])
def test_an_order_may_be_written_in_letters(between: str, ask: Start) -> None:
    child = ask(ORDER)
    child.expect("in order; Enter ends")
    places = shown(ORDER, SEED)
    child.send(between.join(label(places.index(number)) for number in range(len(ORDER.options))) + ENTER)
    child.expect("Right")
    child.send("q")
    child.expect(f"1 {DONE}")
    ended(child)


def test_a_digit_that_is_no_option_does_nothing(ask: Start) -> None:
    child = ask(SINGLE)
    child.expect("quit")
    child.send("9")
    child.send(str(place(SINGLE, right=True) + 1))
    child.expect("Right")
    child.send("q")
    ended(child)


@pytest.mark.parametrize("how", ["space", "digits", "digits apart", "letters"])
def test_several_are_marked_and_enter_ends(how: str, ask: Start) -> None:
    child = ask(SEVERAL)
    child.expect("Enter ends")
    child.send(ENTER)
    child.expect("None is chosen yet")
    marked = rights(SEVERAL)
    if how == "letters":
        child.send("".join(label(at) for at in marked))
    elif how != "space":
        child.send((" " if how == "digits apart" else "").join(str(at + 1) for at in marked))
    else:
        child.send("".join((" " if at in marked else "") + DOWN for at in range(len(SEVERAL.options))))
    child.send(ENTER)
    child.expect(r"\[x\]")
    child.expect("Right")
    child.send("q")
    child.expect(f"1 {DONE}")
    ended(child)


def test_an_order_is_given_first_to_last_and_backspace_takes_back(ask: Start) -> None:
    child = ask(ORDER)
    child.expect("in order; Enter ends")
    child.send(ENTER)
    child.expect(f"{len(ORDER.options)} of them have no place yet")
    places = shown(ORDER, SEED)
    digits = [str(places.index(number) + 1) for number in range(len(ORDER.options))]
    child.send(digits[-1] + "\x7f" + "".join(digits) + ENTER)
    child.expect("Right")
    child.send("q")
    child.expect(f"1 {DONE}")
    ended(child)


def test_an_answer_is_typed(ask: Start) -> None:
    child = ask(FILL)
    child.expect(":q quit")
    child.send("None" + ENTER)
    child.expect("Right")
    child.send("q")
    child.expect(f"1 {DONE}")
    ended(child)


def test_keys_are_lines_where_an_answer_is_typed(ask: Start, home: Path) -> None:
    child = ask(FILL)
    child.expect(":q quit")
    child.send(":u" + ENTER)
    child.expect("counts as a guess")
    child.send("null" + ENTER)
    child.expect("Not right")
    child.send("q")
    child.expect(f"0 {DONE}")
    ended(child)
    assert reviews(home) == [(0, 0)]


def test_trace_and_why_each_after_an_answer(ask: Start) -> None:
    child = ask(HAPPENS)
    child.expect("u not sure")
    child.send(str(place(HAPPENS, right=True) + 1))
    child.expect("t trace")
    child.send("t")
    child.expect("client ")
    child.expect("w why each")
    child.send("w")
    for number in shown(HAPPENS, SEED):
        first = HAPPENS.options[number].why.replace("`", "").split()[0]
        child.expect(re.escape(first))
    child.expect("Enter next")
    child.send(ENTER)
    child.expect(DONE)
    ended(child)


def test_ones_own_cluster_can_be_traced(start: Start) -> None:
    child = start("quiz", "-f", "manifests/shop", "--seed", "4", "--count", "1", "--topic", "networkpolicy")
    child.expect("u not sure")
    child.send("1")
    child.expect("t trace")
    child.send("t")
    child.expect("● Pod")
    child.expect("t trace")
    child.send("q")
    ended(child)


def test_skipping_goes_to_the_next_question(ask: Start, home: Path) -> None:
    child = ask(SINGLE, SEVERAL)
    child.expect("q quit")
    child.send("s")
    child.expect("Skipped")
    child.expect("2 of 2")
    child.expect("q quit")
    child.send("s")
    child.expect("No question was answered")
    ended(child)
    assert reviews(home) == []


def test_a_question_can_be_called_wrong_and_an_answer_a_guess(ask: Start, home: Path) -> None:
    child = ask(SINGLE)
    child.expect("u not sure")
    child.send("!")
    child.expect(f"Title: Question {SINGLE.id}")
    child.expect("u not sure")
    child.send("u")
    child.expect("counts as a guess")
    child.send(str(place(SINGLE, right=True) + 1))
    child.expect("Right")
    child.send("q")
    ended(child)
    assert reviews(home) == [(1, 0)]


@pytest.mark.parametrize("key", ["q", "\x03", "\x04"], ids=["q", "Ctrl-C", "Ctrl-D"])
@pytest.mark.parametrize("question", [SINGLE, SEVERAL, ORDER, FILL], ids=lambda one: str(one.form))
def test_leaving_before_an_answer_saves_nothing(key: str, question: Question, ask: Start, home: Path) -> None:
    child = ask(question)
    child.expect("q quit")
    if question is FILL:
        # Keys are told before the prompt reads any; until then Ctrl-D is the terminal's own.
        child.expect(r"\[\?2004h")
    for _ in range(5):
        # On a busy machine the prompt may not read keys yet.
        child.send(":q\r" if key == "q" and question is FILL else key)
        if child.expect(["No question was answered", pexpect.TIMEOUT], timeout=6) == 0:
            break
    else:
        raise AssertionError(child.before)
    ended(child)
    assert reviews(home) == []


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_leaving_after_an_answer_keeps_it(key: str, ask: Start, home: Path) -> None:
    child = ask(SINGLE)
    child.expect("q quit")
    child.send(str(place(SINGLE, right=True) + 1))
    child.expect("Enter next")
    child.send(key)
    child.expect(f"1 {DONE}")
    ended(child)
    assert reviews(home) == [(1, 1)]


def test_no_colour_where_none_is_wanted(ask: Start) -> None:
    child = ask(SINGLE)
    child.expect("q quit")
    child.send(str(place(SINGLE, right=True) + 1))
    child.expect("Enter next")
    child.send("q")
    before = child.before + child.read()
    assert not re.search(r"\x1b\[[0-9;]*[34][1-7][;m]", before)


@pytest.mark.parametrize(("words", "environment"), [(("--plain",), {}), ((), {"TERM": "dumb"})])
def test_plain_lines_never_move_the_cursor(words: tuple[str, ...], environment: dict[str, str], ask: Start) -> None:
    child = ask(SINGLE, words=words, **environment)
    child.expect("The letter or number of your answer")
    seen = child.before
    child.send("z\r")
    child.expect("The options are A-D or 1-4. Or a key: u not sure")
    child.send(f"{label(place(SINGLE, right=True))}\r")
    child.expect("Right")
    child.expect("Enter next")
    seen += child.before
    child.send("\r")
    child.expect(f"1 {DONE}")
    assert "\x1b[?" not in seen
    assert "\x1b[A" not in seen
    ended(child)


def test_a_lesson_is_led_by_keys(start: Start) -> None:
    child = start("learn", "clusterip")
    child.expect("Enter next")
    child.send(ENTER)
    child.expect("1 of ")
    child.expect("p previous")
    child.send(" ")
    child.expect("2 of ")
    child.expect(":q quit")
    child.send(":?\r")
    child.expect("hint 1 of 2")
    child.send("kubectl get svc\r")
    child.expect("Not yet")
    child.send("kubectl get pods -o wide\r")
    child.expect("Done")
    child.expect("p previous")
    child.send("p")
    child.expect("1 of ")
    child.expect("p previous")
    child.send("q")
    ended(child)
    again = start("learn", "clusterip")
    again.expect("1 of ")
    again.expect("p previous")
    again.send("s")
    again.expect("2 of ")
    again.send("\x03")
    ended(again)


@pytest.mark.parametrize("environment", [{}, {"TERM": "dumb"}], ids=["keys", "lines"])
def test_a_lesson_can_be_left_by_the_end_of_the_input(environment: dict[str, str], start: Start) -> None:
    child = start("learn", "clusterip", **environment)
    child.expect("Enter next")
    child.send("\x04")
    ended(child)


def test_ctrl_c_takes_back_what_is_typed_and_leaves_on_an_empty_line(start: Start) -> None:
    child = start("learn", "clusterip")
    child.expect("Enter next")
    child.send(ENTER)
    child.expect("1 of ")
    child.expect("p previous")
    child.send(" ")
    child.expect("2 of ")
    child.expect(":q quit")
    child.expect(r"\[\?2004h")
    child.send("nonsense")
    child.expect("nonsense")
    child.send("\x03")
    for line in ("cat <<EOF\r", "one\r", "\x03"):
        child.send(line)
        child.expect(r"\[\?2004h")  # another prompt
    child.send("kubectl get pods -o wide\r")
    child.expect("Done")
    child.expect("Enter next")
    child.send("\x03")
    child.expect("Saved")
    ended(child)
