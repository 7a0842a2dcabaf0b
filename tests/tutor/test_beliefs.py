"""Each belief parts from the truth where Kubernetes' documentation says so: a small cluster, one request, two answers."""

from __future__ import annotations

import pytest

from kcnet.request import RequestError
from kcnet.simulate import trace
from kcnet.tutor.beliefs import BELIEFS, Belief, podnetwork
from kcnet.tutor.probes import PROBES
from kcnet.tutor.subjects import TOPICS
from tests.helpers import cluster_of
from tests.tutor import believed_policies, believed_services
from tests.tutor.believing import Case, request_of

CASES = (*believed_services.CASES, *believed_policies.CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.belief}: {case.source} → {case.target}")
def test_a_belief_parts_from_the_truth(case: Case) -> None:
    cluster = cluster_of(*case.manifests)
    request = request_of(cluster, case)
    probe = PROBES[case.probe]
    assert probe.value(trace(cluster, request)) == case.true
    assert probe.value(BELIEFS[case.belief].misread(cluster, request)) == case.believed


def test_every_belief_has_a_case() -> None:
    own = {belief.id for belief in podnetwork.BELIEFS}  # cases of theirs stand in a file of their own
    assert {case.belief for case in CASES} | own == set(BELIEFS)


@pytest.mark.parametrize("belief", BELIEFS.values(), ids=lambda belief: belief.id)
def test_a_belief_is_well_put(belief: Belief) -> None:
    assert belief.topic in TOPICS
    assert belief.source.startswith("https://kubernetes.io/docs/")
    assert belief.says.endswith(".")
    assert belief.correction.rstrip(")").endswith(".")
    assert not belief.title.endswith(".")
    assert len(belief.correction) < 220


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.belief}: {case.source} → {case.target}")
def test_a_misreading_leaves_the_cluster_as_it_was(case: Case) -> None:
    cluster = cluster_of(*case.manifests)
    request = request_of(cluster, case)
    before = trace(cluster, request).to_dict()
    for belief in BELIEFS.values():
        try:
            told = belief.misread(cluster, request)
        except RequestError:
            continue
        assert sum(path.probability for path in told.paths) == pytest.approx(1)
    assert trace(cluster, request).to_dict() == before
