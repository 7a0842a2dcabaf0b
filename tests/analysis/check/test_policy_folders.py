"""What the rules about Ingresses, policies and names say of the sample clusters with one fault each."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcnet.analysis.check import check, subjects
from kcnet.analysis.finding import Severity, Subject
from kcnet.controlplane import build_cluster
from kcnet.loading.load import load_manifests
from kcnet.model.trace import Verdict
from kcnet.resources import folder

MODULES = (
    "ingress",
    "ingressbackends",
    "ingresspaths",
    "ingresstls",
    "names",
    "namespaces",
    "podconfig",
    "policy",
    "policyhostnetwork",
    "policyoutside",
    "policypeers",
    "policyports",
    "policysides",
)
OWN = [rule.code for name in MODULES for rule in subjects()[name]]

BROKEN = {
    "controller-blocked-by-policy": "INGRESS_CLOSED_BY_POLICY",
    "dns-rule-over-tcp-only": "POLICY_EGRESS_WITHOUT_DNS",
    "egress-deny-without-dns": "POLICY_EGRESS_WITHOUT_DNS",
    "ingress-default-deny": "SERVICE_CLOSED_BY_POLICY",
    "ingress-other-namespace": "INGRESS_BACKEND_OTHER_NAMESPACE",
    "ingress-without-class": "INGRESS_NO_CLASS",
    "ingress-wrong-port": "INGRESS_BACKEND_PORT_MISSING",
    "ingress-wrong-service": "INGRESS_BACKEND_SERVICE_MISSING",
    "namespace-label-missing": "POLICY_NAMESPACE_LABEL_MISSING",
    "policy-under-flannel": "POLICY_NOT_ENFORCED_HERE",
    "policy-with-service-port": "POLICY_SERVICE_PORT",
    "two-dashes-mean-or": "POLICY_PEERS_ARE_ALTERNATIVES",
}
HARMLESS = ("policy-under-flannel", "two-dashes-mean-or")
"""Here the request arrives, and should not."""


def warnings(path: Path) -> tuple[Subject, list[str]]:
    manifests = load_manifests([path])
    subject = Subject(manifests, build_cluster(manifests))
    return subject, [each.code for each in check(subject, OWN) if each.severity is Severity.WARNING]


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (folder("manifests") / "broken").iterdir() if path.is_dir())
)
def test_a_broken_folder_is_warned_of_for_its_fault_alone(name: str) -> None:
    subject, found = warnings(folder("manifests") / "broken" / name)
    assert found == ([BROKEN[name]] if name in BROKEN else [])
    for each in check(subject, found) if found else ():
        assert each.proof is not None
        verdict = each.proof.trace(subject.cluster).verdict
        assert (verdict is Verdict.DELIVERED) == (name in HARMLESS)


@pytest.mark.parametrize("name", sorted(p.name for p in folder("manifests").iterdir() if p.is_dir()))
def test_nothing_is_wrong_with_the_sample_clusters(name: str) -> None:
    if name != "broken":
        assert warnings(folder("manifests") / name)[1] == []
