"""A hundred commands in a row on every scenario: each is answered, and the cluster still stands at the end."""

from __future__ import annotations

import pytest

from kcnet.lab.scenarios import find, scenarios
from tests.lab.conftest import opened
from tests.lab.test_fuzz_lab import COMMANDS, WEB, judge


@pytest.mark.parametrize("name", [one.name for one in scenarios()])
def test_a_hundred_commands(name: str) -> None:
    session = opened(list(find(name).paths), name)
    session.run(f"cat > web.yaml <<'EOF'\n{WEB}EOF")
    assert len(COMMANDS) >= 100
    for line in COMMANDS:
        judge(session, line)
    session.inside, session.ended = [], False
    assert session.run("kubectl get svc kubernetes -o name").stdout == "service/kubernetes\n"
    assert session.run("reset").status == 0
    assert session.cluster.namespaces.keys() == opened(list(find(name).paths), name).cluster.namespaces.keys()
