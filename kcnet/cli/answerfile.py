"""A file of answers, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from kcnet.cli.cluster import fail


def read(place: str) -> dict[str, Any]:
    """Answers by question id. Raises typer.Exit(2) when it has been said why they cannot be read."""
    from kcnet.tutor.quiz.grading import AnswersError, read_answers

    try:
        raw = sys.stdin.buffer.read() if place == "-" else Path(place).read_bytes()
    except OSError as error:
        raise fail(f"{place} cannot be read: {error.strerror or error}.") from None
    try:
        return read_answers(raw.decode("utf-8-sig", "replace"))
    except AnswersError as error:
        raise fail(str(error), fix="One line for each answer, such as services-why: 2.") from None
