"""``--step`` and the questions in a pseudo-terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pexpect = pytest.importorskip("pexpect", reason="no pseudo-terminals on this system")

ROOT = Path(__file__).parents[2]
SHOW = """
import sys
from tests.render import traces
from kcnet.cli.stepper import step_through
from kcnet.cli.terminal import screen_of
try:
    print("printed" if step_through(traces.KINDS[sys.argv[1]](), screen_of(sys.stdout)) else "left")
except KeyboardInterrupt:
    print("interrupted")
"""
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}


def _start(kind: str, rows: int = 24, **environment: str) -> pexpect.spawn:
    return pexpect.spawn(
        sys.executable,
        ["-c", SHOW, kind],
        env=ENVIRONMENT | environment,
        cwd=str(ROOT),
        dimensions=(rows, 80),
        encoding="utf-8",
        timeout=20,
    )


@pytest.fixture
def stepper() -> Iterator[pexpect.spawn]:
    child = _start("timeout")
    child.expect("step 1 of 6")
    yield child
    child.close(force=True)


def test_forward_back_and_quit(stepper: pexpect.spawn) -> None:
    stepper.send(" ")
    stepper.expect("step 2 of 6")
    stepper.send("\r")
    stepper.expect("step 3 of 6")
    stepper.send("b")
    stepper.expect("step 2 of 6")
    stepper.send("q")
    stepper.expect("left")
    stepper.expect(pexpect.EOF)


def test_past_the_last_page_it_ends(stepper: pexpect.spawn) -> None:
    for number in range(2, 7):
        stepper.send(" ")
        stepper.expect(f"step {number} of 6")
    stepper.send(" ")
    stepper.expect("timed out")
    stepper.send(" ")
    stepper.expect("left")
    stepper.expect(pexpect.EOF)


def test_all_at_once(stepper: pexpect.spawn) -> None:
    stepper.send("a")
    stepper.expect("printed")
    stepper.expect(pexpect.EOF)


@pytest.mark.parametrize(("key", "end"), [("\x03", "interrupted"), ("\x04", "left")])
def test_leaving_gives_the_screen_back(stepper: pexpect.spawn, key: str, end: str) -> None:
    stepper.send(key)
    # rmcup: the screen that was there before.
    stepper.expect_exact("\x1b[?1049l")
    stepper.expect(end)
    stepper.expect(pexpect.EOF)


def test_a_step_longer_than_the_screen_has_parts() -> None:
    child = _start("timeout", rows=14)
    child.expect("1 of 2 screens of this step")
    child.send(" ")
    child.expect("2 of 2 screens")
    child.send(" ")
    child.expect("step 2 of 6")
    child.send("b")
    child.expect("2 of 2 screens")
    child.send("q")
    child.expect(pexpect.EOF)
    child.close()


def test_without_colour() -> None:
    child = _start("timeout", NO_COLOR="1")
    child.expect("quit")
    assert "\x1b[36m" not in child.before
    child.send("q")
    child.expect(pexpect.EOF)
    child.close()
