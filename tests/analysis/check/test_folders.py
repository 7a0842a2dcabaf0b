"""The project's own sample clusters, and manifests that people really use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kcnet.analysis.check import catalogue, check, subjects
from kcnet.analysis.finding import Finding, Severity, Subject
from kcnet.controlplane import build_cluster
from kcnet.loading.load import load_manifests
from kcnet.loading.problems import InvalidManifestsError
from kcnet.model.trace import Verdict
from kcnet.resources import folder

OWN = [
    rule.code
    for name in ("endpoints", "externalnames", "loadbalancers", "pods", "services", "serviceports", "servicetraffic")
    for rule in subjects()[name]
]

BROKEN = {
    "selector-typo": "SERVICE_SELECTS_NOTHING",
    "readiness-failing": "SERVICE_NO_READY_PODS",
    "headless-not-ready": "SERVICE_NO_READY_PODS",
    "named-target-port-missing": "SERVICE_TARGET_PORT_NAME_MISSING",
    "wrong-target-port": "SERVICE_TARGET_PORT_NOT_LISTENED",
    "slice-port-name": "SLICE_PORT_DIFFERS",
    "headless-port": "HEADLESS_TRANSLATES_NO_PORT",
    "external-name-ip": "EXTERNAL_NAME_IS_ADDRESS",
    "external-name-typo": "EXTERNAL_NAME_NO_SUCH_SERVICE",
    "host-network-dns": "POD_HOST_NETWORK_DNS",
    "external-traffic-policy-local": "NODE_PORT_LOCAL_GAP",
    "load-balancer-pending": "LB_NO_PROVIDER",
    "load-balancer-source-ranges": "LB_SOURCE_RANGES_NOBODY",
}
"""What the rules about Services, endpoints and pods say of folders with one fault each."""


def read(path: Path) -> Subject:
    manifests = load_manifests([path])
    return Subject(manifests, build_cluster(manifests))


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (folder("manifests") / "broken").iterdir() if path.is_dir())
)
def test_a_broken_folder_is_warned_of_for_its_fault_alone(name: str) -> None:
    subject = read(folder("manifests") / "broken" / name)
    found = [each for each in check(subject, OWN) if each.severity is Severity.WARNING or each.code == BROKEN.get(name)]
    assert [each.code for each in found] == ([BROKEN[name]] if name in BROKEN else [])
    for each in found:
        assert each.proof is not None
        assert each.proof.trace(subject.cluster).verdict not in (Verdict.DELIVERED, Verdict.UNKNOWN)


SOUND = sorted(
    path.name for path in folder("manifests").iterdir() if path.is_dir() and path.name not in ("broken", "shop")
)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_folder_is_not_warned_of(name: str) -> None:
    assert [each for each in check(read(folder("manifests") / name), OWN) if each.severity is not Severity.INFO] == []


def test_the_demo_has_the_one_fault_that_it_is_meant_to_have() -> None:
    found = [each for each in check(read(folder("manifests") / "shop"), OWN) if each.severity is not Severity.INFO]
    assert [(each.code, str(each.ref)) for each in found] == [("SERVICE_SELECTS_NOTHING", "Service prod/exports")]


REAL = os.environ.get("KCNET_REAL")
APPLICATIONS = sorted(path for path in Path(REAL).iterdir() if path.is_dir()) if REAL else []


def real(path: Path) -> list[Finding]:
    found: list[Finding] = []
    try:
        found = check(read(path))
    except InvalidManifestsError:
        for file in path.rglob("*.y*ml"):  # two ways to install the same, or a template
            try:
                found += check(read(file))
            except InvalidManifestsError as error:
                if {problem.code for problem in error.problems} != {"PASTE_HELM_TEMPLATE"}:
                    raise
    return found


@pytest.mark.skipif(not APPLICATIONS, reason="KCNET_REAL is not set")
@pytest.mark.parametrize("path", APPLICATIONS, ids=lambda path: path.name)
def test_nobody_is_warned_of_manifests_that_work(path: Path) -> None:
    found = real(path)
    assert [each for each in found if each.severity is Severity.ERROR] == []
    assert [each for each in found if each.code in OWN and each.severity is Severity.WARNING] == []


def test_no_code_of_a_rule_is_that_of_a_reason() -> None:
    from kcnet import reasons

    assert set(catalogue()).isdisjoint(reasons.catalogue())
