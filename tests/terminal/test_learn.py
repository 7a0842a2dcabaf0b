"""``kcnet learn`` in a pseudo-terminal: killed at any moment, it goes on where it was; two at once lose nothing."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal.test_stepper import ENVIRONMENT, ROOT, pexpect
from tests.tutor import small

Start = Callable[..., "pexpect.spawn"]
PROMPT = "lesson [shop] $ "


@pytest.fixture
def start(tmp_path: Path) -> Start:
    path = small.write(tmp_path)

    def started(*arguments: str) -> pexpect.spawn:
        return pexpect.spawn(
            sys.executable,
            ["-m", "kcnet", "learn", str(path), "--plain", *arguments],
            env=ENVIRONMENT | {"KCNET_HOME": str(tmp_path / "home"), "NO_COLOR": "1"},
            cwd=str(ROOT),
            dimensions=(24, 80),
            encoding="utf-8",
            timeout=30,
        )

    return started


def to_the_task(child: pexpect.spawn) -> None:
    """From the beginning to the task."""
    child.expect("Afterwards you can")
    child.sendline("")
    for place in ("1 of 10", "2 of 10"):
        child.expect(place)
        child.expect("Enter")
        child.sendline("")
    child.expect("3 of 10")
    child.expect("Enter")
    child.sendline("a")
    child.expect("client ")
    child.expect("Enter")
    child.sendline("")
    child.expect("4 of 10")
    child.expect("s skip")
    child.sendline("s")
    child.expect_exact(PROMPT)
    child.sendline("kubectl get svc")
    child.expect("Done")
    child.expect("Enter")
    child.sendline("")
    child.expect("Mend it")
    child.expect_exact(PROMPT)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on this system")
def test_killed_it_goes_on_exactly_there(start: Start) -> None:
    child = start()
    to_the_task(child)
    child.sendline("kubectl set selector svc web app=client")
    child.expect("Not yet")
    child.expect_exact(PROMPT)
    child.sendline(":?")
    child.expect("hint 1 of 2")
    child.expect_exact(PROMPT)
    child.kill(signal.SIGKILL)
    child.wait()

    again = start()
    again.expect("at step 6 of 10")
    again.expect("hint 1 of 2")
    again.expect_exact(PROMPT)
    again.sendline("kubectl get svc web -o jsonpath='{.spec.selector.app}'")
    again.expect_exact("client")
    again.expect_exact(PROMPT)
    again.sendline("kubectl set selector svc web app=web")
    again.expect("Done")
    again.sendline("q")
    again.expect("Saved")
    again.expect(pexpect.EOF)


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_leaving_by_a_key_is_quiet_and_saves(start: Start, key: str) -> None:
    child = start()
    to_the_task(child)
    child.send(key)
    child.expect("Saved")
    child.expect(pexpect.EOF)
    assert "Traceback" not in child.before
    child.close()
    assert child.exitstatus == 0
    again = start()
    again.expect("at step 6 of 10")
    again.sendline(":q")
    again.expect(pexpect.EOF)


def test_a_terminal_that_is_closed(start: Start) -> None:
    child = start()
    to_the_task(child)
    child.close(force=True)
    again = start()
    again.expect("at step 6 of 10")
    again.sendline(":q")
    again.expect(pexpect.EOF)


def test_two_terminals_at_once(start: Start) -> None:
    one = start()
    to_the_task(one)
    other = start()
    other.expect("at step 6 of 10")
    other.expect_exact(PROMPT)
    for child in (one, other, one, other):
        child.sendline("kubectl set selector svc web app=client")
        child.expect("Not yet")
        child.expect_exact(PROMPT)
    one.sendline("kubectl set selector svc web app=web")
    one.expect("Done")
    other.sendline(":q")
    other.expect("Saved")
    one.sendline("q")
    one.expect("Saved")
    again = start()
    again.expect("6 of 10 . your task .done.")
    again.sendline("q")
    again.expect(pexpect.EOF)
