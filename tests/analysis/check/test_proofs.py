"""A request that is to prove a finding ends as the finding's message says."""

from __future__ import annotations

import pytest

from kcnet.analysis.check import check
from tests.analysis.check.cases import Case, all_cases, subject_of

ENDS = {
    "refused": {"refused", "partial"},
    "does not resolve": {"unresolved"},
    "no address": {"unresolved"},
    "finds nobody": {"unresolved"},
    "time out": {"timeout"},
    "get lost": {"timeout"},
    "answers 404": {"http-error"},
    "answers 503": {"http-error"},
    "answers 502": {"http-error"},
    "certificate, which no client trusts": {"tls-error"},
}
"""Words of a message -> the verdicts that they promise. Of several one must come true."""


@pytest.mark.parametrize(
    "case",
    [case for case in all_cases() if case.at],
    ids=lambda case: f"{case.code}: {case.name}",
)
def test_a_proof_ends_as_the_message_says(case: Case) -> None:
    subject = subject_of(case.manifests)
    for finding in check(subject, select=[case.code]):
        promised = set().union(*(verdicts for words, verdicts in ENDS.items() if words in finding.message))
        if finding.proof is not None and promised:
            assert finding.proof.trace(subject.cluster).verdict in promised, finding.message
