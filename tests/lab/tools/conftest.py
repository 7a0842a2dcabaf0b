"""The market stall of stall.yaml, opened once; a function that runs a tool at one of its places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kcnet.lab.machine import Outcome
from kcnet.lab.session import Session
from tests.lab.conftest import opened

STALL = Path(__file__).parent / "stall.yaml"
Run = Callable[[str, str], Outcome]


@pytest.fixture(scope="session")
def opened_stall() -> Session:
    return opened([str(STALL)], "stall")


@pytest.fixture
def stall(opened_stall: Session) -> Iterator[Session]:
    yield opened_stall
    assert opened_stall.beginning is not None
    opened_stall.restore(opened_stall.beginning)


@pytest.fixture
def at(stall: Session) -> Run:
    """``at("tool", "curl web")``: in a pod, on a node (``n1``), or ``outside``. What kubectl exec adds is left out."""

    def run(place: str, line: str) -> Outcome:
        if place == "outside":
            return stall.run(f"outside -- {line}")
        if place in ("n1", "n2"):
            return stall.run(f"node {place} -- {line}")
        outcome = stall.run(f"kubectl exec -n stall {place} -- {line}")
        return outcome._replace(stderr=outcome.stderr.partition("command terminated with exit code")[0])

    return run
