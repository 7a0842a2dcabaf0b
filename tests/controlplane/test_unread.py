"""What is said of objects whose kind kcnet does not read."""

from __future__ import annotations

from pathlib import Path

import pytest

import kcnet
from kcnet.analysis.reach.connectivity import reachability
from kcnet.controlplane.unread import makes_secrets, may_make_pods, pods_unmade, traffic_unread


@pytest.mark.parametrize(
    ("kind", "pods", "traffic", "secrets"),
    [
        ("argoproj.io/v1alpha1/Rollout", True, False, False),
        ("acid.zalan.do/v1/postgresql", True, False, False),
        ("apps.openshift.io/v1/DeploymentConfig", True, False, False),
        ("cert-manager.io/v1/Certificate", False, False, True),
        ("bitnami.com/v1alpha1/SealedSecret", False, False, True),
        ("monitoring.coreos.com/v1/ServiceMonitor", False, False, False),
        ("cilium.io/v2/CiliumNetworkPolicy", False, True, False),
        ("networking.istio.io/v1/VirtualService", False, True, False),
        ("gateway.networking.k8s.io/v1/HTTPRoute", False, True, False),
        ("apiextensions.k8s.io/v1/CustomResourceDefinition", False, False, False),
        ("rbac.authorization.k8s.io/v1/Role", False, False, False),
        ("autoscaling/v2/HorizontalPodAutoscaler", False, False, False),
        ("v1/ServiceAccount", False, False, False),
        ("values.yaml", False, False, False),
    ],
)
def test_what_may_come_of_a_kind(kind: str, pods: bool, traffic: bool, secrets: bool) -> None:
    assert (may_make_pods(kind), makes_secrets(kind)) == (pods, secrets)
    name = kind.rpartition("/")[2]
    assert pods_unmade({kind: 2}) == (
        f"kcnet does not read {name} (2): pods that may be made of them are missing." if pods else None
    )
    assert traffic_unread({kind: 1}) == (
        f"kcnet does not read {name} (1): they are taken to change nothing." if traffic else None
    )


MANIFESTS = """
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: self}
spec: {selector: {app: client}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, labels: {app: client}}
spec: {containers: [{name: c, image: i}]}
"""


def test_a_service_without_endpoints_may_have_some_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(MANIFESTS)
    cluster = kcnet.load(tmp_path)
    said = pods_unmade({"argoproj.io/v1alpha1/Rollout": 1})
    refused = kcnet.trace(cluster, "client", "http://web")
    assert refused.reason.code == "SERVICE_NO_ENDPOINTS"
    assert said in refused.assumptions
    assert said not in kcnet.trace(cluster, "client", "http://self").assumptions
    assert said in reachability(cluster).notes
