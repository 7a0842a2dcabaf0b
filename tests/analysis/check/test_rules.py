"""The table of cases: each rule finds what it is for, and leaves its near misses alone."""

from __future__ import annotations

import re

import pytest

from kcnet.analysis.check import catalogue, check
from kcnet.analysis.finding import Severity
from tests.analysis.check.cases import Case, all_cases, subject_of

CASES = all_cases()
EACH_RULE = pytest.mark.parametrize("code", catalogue())


@pytest.mark.parametrize("case", CASES, ids=[f"{case.code}: {case.name}" for case in CASES])
def test_a_rule_finds_what_it_is_for_and_nothing_else(case: Case) -> None:
    subject = subject_of(case.manifests)
    found = check(subject, select=[case.code])
    assert tuple(f"{each.ref.kind}/{each.ref.name} {each.field}".rstrip() for each in found) == case.at
    said = " ".join(f"{each.message} {each.fix}" for each in found)
    assert [words for words in case.says if words not in said] == []
    for each in found:
        if each.proof is not None:
            each.proof.trace(subject.cluster)


@EACH_RULE
def test_each_rule_has_a_manifest_that_triggers_it_and_a_near_miss(code: str) -> None:
    own = [case for case in CASES if case.code == code]
    assert any(case.at for case in own), "add a case that triggers it"
    assert any(not case.at for case in own), "add a near miss"


def test_each_case_is_of_a_rule() -> None:
    assert {case.code for case in CASES} <= set(catalogue())


@EACH_RULE
def test_each_rule_has_a_page(code: str) -> None:
    rule = catalogue()[code]
    assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", rule.code)
    assert rule.severity in (Severity.WARNING, Severity.INFO), "the API server accepts it"
    assert not rule.title.endswith(".")
    assert rule.meaning.endswith((".", ".)"))
    assert len(rule.meaning) > 80
    assert rule.look
    assert rule.causes
    assert rule.repair.endswith((".", ")"))
    assert rule.source.startswith("https://")
