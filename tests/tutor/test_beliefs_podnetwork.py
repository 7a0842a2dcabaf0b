"""Beliefs on the pod network: what is so, and what would be if it were as believed."""

from __future__ import annotations

import pytest

from kcnet.model.trace import Request
from kcnet.request import parse_client, parse_target
from kcnet.simulate import trace
from kcnet.tutor.beliefs import BELIEFS
from tests.helpers import cluster_of

PODS = """
    apiVersion: v1
    kind: Namespace
    metadata: {name: press}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: web, labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx, ports: [{containerPort: 8080}]}]
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: printer, namespace: press}
    spec:
      containers: [{name: sh, image: busybox}]
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: client}
    spec:
      containers: [{name: sh, image: busybox}]
"""
CLOSED = """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: closed}
    spec: {podSelector: {matchLabels: {app: web}}}
"""
ROWS = [
    ("a pod of another namespace calls", "namespaces-are-walls", PODS, "press/pod/printer", "pod/web:8080", "delivered", "timeout"),
    ("a pod of the same namespace calls", "namespaces-are-walls", PODS, "pod/client", "pod/web:8080", "delivered", "delivered"),
    ("a container calls its pod's localhost", "localhost-is-the-node", PODS, "pod/web", "127.0.0.1:8080", "delivered", "refused"),
    ("somebody outside calls a pod's address", "pods-reachable-from-outside", PODS, "internet", "pod/web:8080", "timeout", "delivered"),
    ("no rule allows the client", "policies-refuse", PODS + "    ---" + CLOSED, "pod/client", "pod/web:8080", "timeout", "refused"),
    ("no rule allows the client, in a mesh", "mesh-replaces-policies", PODS + "    ---" + CLOSED, "pod/client", "pod/web:8080", "timeout", "delivered"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("belief", "manifests", "source", "target", "truth", "believed"),
    [row[1:] for row in ROWS],
    ids=[r[0] for r in ROWS],
)
def test_truth_and_belief(belief: str, manifests: str, source: str, target: str, truth: str, believed: str) -> None:
    cluster = cluster_of(manifests)
    request = Request(client=parse_client(cluster, source), target=parse_target(cluster, target))
    assert trace(cluster, request).verdict == truth
    assert BELIEFS[belief].misread(cluster, request).verdict == believed
