"""Whatever is typed, the lab answers: no line ends in a traceback, and none in nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcnet.lab.session import Session

COMMANDS = [
    line.replace("\\n", "\n")
    for line in (Path(__file__).parent / "commands.txt").read_text(encoding="utf-8").splitlines()
    if line
]
WEB = """\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: nginx}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
WORDS = sorted(
    {word for line in COMMANDS for word in line.split()} | {"", "''", "--", "-", "=", "a=", "a-", "-o", "x" * 300, "é"}
)
JOINTS = st.sampled_from(
    [" ", " ", " ", " | ", " && ", "; ", " > x ", " < web.yaml ", "\n", " $(", ") ", " '", " 2>&1 "]
)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def judge(session: Session, line: str) -> None:
    outcome = session.run(line)
    assert 0 <= outcome.status < 256
    session.prompt  # noqa: B018
    if outcome.status and not outcome.stdout and ">" not in line:
        quiet = (
            "grep",
            "test",
            "[",
            "false",
            "!",
            "exit",
            "read",
            "diff",
            "trace",
            "wait",
            "curl -s",
            "nc -z",
            "getent",
        )
        assert outcome.stderr or any(word in line for word in quiet), line
    session.pending(line)


def restart(session: Session) -> None:
    assert session.beginning is not None
    session.restore(session.beginning)
    session.undone, session.ended = [], False
    session.files.written[session.files.absolute("web.yaml")] = WEB


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_is_answered(shop: Session, line: str) -> None:
    restart(shop)
    judge(shop, line)


@SLOW
@given(st.lists(st.tuples(st.sampled_from(WORDS), JOINTS), min_size=1, max_size=8))
def test_words_in_any_order(shop: Session, parts: list[tuple[str, str]]) -> None:
    restart(shop)
    judge(shop, "".join(word + joint for word, joint in parts))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    line = draw(st.sampled_from(COMMANDS))
    for _ in range(draw(st.integers(1, 3))):
        words = line.split(" ")
        at = draw(st.integers(0, len(words) - 1))
        change = draw(st.sampled_from(["drop", "swap", "repeat", "replace", "cut", "insert"]))
        if change == "drop":
            del words[at]
        elif change == "swap":
            other = draw(st.integers(0, len(words) - 1))
            words[at], words[other] = words[other], words[at]
        elif change == "repeat":
            words.insert(at, words[at])
        elif change == "replace":
            words[at] = draw(st.sampled_from(WORDS))
        elif change == "insert":
            words.insert(at, draw(st.text(max_size=5)))
        else:
            words[at] = words[at][: draw(st.integers(0, max(0, len(words[at]))))]
        line = " ".join(words) or "x"
    return line


@SLOW
@given(st.lists(mutated(), min_size=1, max_size=4))
def test_real_commands_with_slips(shop: Session, lines: list[str]) -> None:
    restart(shop)
    for line in lines:
        judge(shop, line)


@SLOW
@given(st.text(max_size=60))
def test_any_text_at_all(shop: Session, text: str) -> None:
    restart(shop)
    judge(shop, text)
