"""Probes ask, and choices hold exactly one right answer; each wrong one is what a named belief predicts."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from kcnet.model.cluster import Cluster
from kcnet.model.trace import Request
from kcnet.request import parse_client, parse_target
from kcnet.simulate import trace
from kcnet.tutor.beliefs import BELIEFS
from kcnet.tutor.probes import PROBES, Extra, Probe, choices
from tests.helpers import cluster_of

SHOP = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  clusterIP: 10.96.1.1
  selector: {app: cart}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Pod
metadata: {name: cart-1, namespace: shop, labels: {app: cart}}
spec:
  nodeName: node-1
  containers: [{name: app, image: app, ports: [{containerPort: 8080}]}]
status: {podIP: 10.244.0.11, phase: Running}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-2, namespace: shop, labels: {app: cart}}
spec:
  nodeName: node-1
  containers: [{name: app, image: app, ports: [{containerPort: 8080}]}]
status: {podIP: 10.244.0.12, phase: Running, conditions: [{type: Ready, status: "False"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  nodeName: node-1
  containers: [{name: app, image: app}]
status: {podIP: 10.244.0.13, phase: Running}
"""

POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: only-admin, namespace: shop}
spec:
  podSelector: {matchLabels: {app: cart}}
  ingress: [{from: [{podSelector: {matchLabels: {app: admin}}}]}]
"""


def asked(cluster: Cluster, source: str, target: str) -> Request:
    return Request(client=parse_client(cluster, source, "shop"), target=parse_target(cluster, target, "shop"))


class Case(NamedTuple):
    name: str
    probe: str
    target: str
    answer: str
    policy: bool = False


CASES = (
    Case("the name of a ClusterIP Service is its cluster IP", "dns", "http://cart/", "10.96.1.1"),
    Case("a name that nobody has does not resolve", "dns", "http://carts/", "NXDOMAIN"),
    Case("the Service's port becomes the target port of the ready pod", "service", "http://cart/", "10.244.0.11:8080"),
    Case("a pod's own address is left as it is", "service", "pod/cart-1:8080", "unchanged"),
    Case("without an address there is no packet", "service", "http://carts/", "never"),
    Case("a Service port that does not exist leads nowhere", "service", "http://cart:81/", "timeout"),
    Case("only ready pods answer", "endpoint", "http://cart/", "shop/cart-1"),
    Case("a policy lets nobody in but admin", "endpoint", "http://cart/", "nobody", policy=True),
    Case("the pod is reached at targetPort", "port", "http://cart/", "8080"),
    Case("a pod that no policy selects is open", "policy-ingress", "http://cart/", "open"),
    Case("a pod that a policy isolates drops what no rule allows", "policy-ingress", "http://cart/", "dropped", True),
    Case("the client is not selected", "policy-egress", "http://cart/", "open", policy=True),
    Case("an unresolved name is asked no policy", "policy-ingress", "http://carts/", "never"),
    Case("an open pod answers", "verdict", "http://cart/", "delivered"),
    Case("a dropped packet hangs", "verdict", "http://cart/", "timeout", policy=True),
    Case("a pod refuses at a port nobody listens on", "verdict", "pod/cart-1:9090", "refused"),
    Case("pods see each other's own addresses", "source", "http://cart/", "10.244.0.13"),
    Case("the reason of a drop", "why", "http://cart/", "NETPOL_INGRESS_DENIED", policy=True),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.probe}: {case.name}")
def test_a_probe_reads_the_answer_from_the_trace(case: Case) -> None:
    cluster = cluster_of(SHOP, POLICY) if case.policy else cluster_of(SHOP)
    request = asked(cluster, "pod/web", case.target)
    probe = PROBES[case.probe]
    assert probe.value(trace(cluster, request)) == case.answer
    assert probe.question(cluster, request).endswith("?")
    assert probe.words(case.answer, cluster)


@pytest.mark.parametrize("probe", PROBES.values(), ids=lambda probe: probe.id)
@pytest.mark.parametrize("policy", [False, True], ids=["open", "isolated"])
def test_choices_hold_exactly_one_right_answer(probe: Probe, policy: bool) -> None:
    cluster = cluster_of(SHOP, POLICY) if policy else cluster_of(SHOP)
    request = asked(cluster, "pod/web", "http://cart/")
    offered = choices(cluster, request, probe)
    if not offered:
        return
    assert [choice.correct for choice in offered] == [True] + [False] * (len(offered) - 1)
    assert len({choice.value for choice in offered}) == len({choice.text for choice in offered}) == len(offered) <= 4
    assert offered[0].value == probe.value(trace(cluster, request))
    for choice in offered[1:]:
        assert choice.belief is not None
        believed = BELIEFS[choice.belief].misread(cluster, request)
        assert probe.value(believed) == choice.value
        assert BELIEFS[choice.belief].correction in choice.why


def test_an_authors_own_wrong_answers_come_first_and_never_repeat_the_right_one() -> None:
    cluster = cluster_of(SHOP)
    request = asked(cluster, "pod/web", "http://cart/")
    extra = (Extra("delivered", "It is the right one."), Extra("refused", "Somebody listens."))
    offered = choices(cluster, request, PROBES["verdict"], ("service-port-is-container-port",), extra=extra)
    assert [choice.value for choice in offered] == ["delivered", "refused"]
    assert offered[1].belief is None


def test_a_question_that_does_not_apply_has_no_choices() -> None:
    cluster = cluster_of(SHOP)
    assert choices(cluster, asked(cluster, "pod/web", "http://cart/"), PROBES["backend"]) == ()
