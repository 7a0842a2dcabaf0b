"""``kcnet trace`` without ``--from`` and ``--to`` in a pseudo-terminal, and ``--step`` from the command line."""

from __future__ import annotations

import sys

import pytest

from tests.terminal.test_stepper import ENVIRONMENT, ROOT, pexpect

DOWN = "\x1b[B"


def _start(*arguments: str, **environment: str) -> pexpect.spawn:
    return pexpect.spawn(
        sys.executable,
        ["-m", "kcnet", "trace", *arguments],
        env=ENVIRONMENT | environment,
        cwd=str(ROOT),
        dimensions=(40, 100),
        encoding="utf-8",
        timeout=20,
    )


def _status(child: pexpect.spawn) -> int:
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus is not None
    return child.exitstatus


def test_the_answers_become_a_request_and_a_command_line() -> None:
    child = _start("-n", "shop", NO_COLOR="1")
    child.expect("Who sends the request")
    child.expect("something else")
    child.send("frontend")
    child.expect("frontend")
    child.send("\r")
    child.expect("What is it sent to")
    child.expect("something else")
    child.send("\r")
    child.expect_exact("$ kcnet trace -n shop --from shop/deploy/frontend --to http://cart/")
    child.expect("delivered")
    assert _status(child) == 0


def test_anything_else_can_be_typed() -> None:
    child = _start("--from", "internet")
    child.expect("What is it sent to")
    child.expect("something else")
    child.send("\x1b[A\r")
    child.expect("A URL")
    child.send("node/node-1:1\r")
    child.expect("refused")
    assert _status(child) == 1


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_leaving_is_quiet(key: str) -> None:
    child = _start()
    child.expect("something else")
    if key == "\x04":
        child.send("\x1b[A\r")
        child.expect("A pod")
    child.send(key)
    child.expect(pexpect.EOF)
    assert "Traceback" not in child.before
    child.close()
    assert child.exitstatus == 130


def test_a_dumb_terminal_is_asked_nothing() -> None:
    child = _start(TERM="dumb")
    child.expect("add --from and --to")
    assert _status(child) == 2


def test_step_ends_with_the_answer_and_its_status() -> None:
    child = _start("--from", "shop/debug", "--to", "http://cart/", "--step")
    child.expect("step 1 of")
    child.send("q")
    child.expect_exact("\x1b[?1049l")
    child.expect("timeout")
    assert _status(child) == 1


def test_all_steps_at_once() -> None:
    child = _start("--from", "shop/debug", "--to", "http://cart/", "--step")
    child.expect("step 1 of")
    child.send("a")
    child.expect_exact("\x1b[?1049l")
    child.expect("kcnet explain NETPOL_INGRESS_DENIED")
    assert _status(child) == 1


def test_ctrl_c_in_a_step() -> None:
    child = _start("--from", "shop/debug", "--to", "http://cart/", "--step")
    child.expect("step 1 of")
    child.send("\x03")
    child.expect_exact("\x1b[?1049l")
    assert _status(child) == 130


def test_what_no_entry_matches_is_taken_as_typed() -> None:
    child = _start("--from", "shop/deploy/frontend", NO_COLOR="1")
    child.expect("something else")
    child.send("http://nowhere/foo")
    child.expect_exact("foo")
    child.send("\r")
    child.expect_exact("--to http://nowhere/foo")
    child.expect("unresolved")
    assert _status(child) == 1


def test_a_wrong_answer_is_told_and_asked_again() -> None:
    child = _start(NO_COLOR="1")
    child.expect("something else")
    child.send("nobody-at-all")
    child.send("\r")
    child.expect("There is no pod or workload nobody-at-all")
    child.expect("Who sends the request")
    child.expect("something else")
    child.send("\x03")
    assert _status(child) == 130


def test_a_wrong_source_is_told_before_anything_is_asked() -> None:
    child = _start("--from", "nobody")
    child.expect("There is no pod or workload nobody")
    assert _status(child) == 2


def test_a_terminal_is_told_that_manifests_can_be_typed() -> None:
    child = _start("-f", "-", "--from", "a", "--to", "pod/a:80")
    child.expect("standard input")
    child.sendline("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: b}]}}")
    child.sendeof()
    child.expect("delivered")
    assert _status(child) == 0
