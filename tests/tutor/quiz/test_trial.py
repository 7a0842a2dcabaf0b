"""Typed answers are tried out where the question states a cluster."""

from __future__ import annotations

import pytest

from kcnet.tutor.quiz.judge import judge
from kcnet.tutor.quiz.prove import prove
from kcnet.tutor.quiz.question import Fill, Form, Question

SHOP = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: press}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: kiosk-cart}}
  template:
    metadata: {labels: {app: kiosk-cart}}
    spec: {containers: [{name: cart, image: "nginx:1.27", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec: {selector: {app: kiosk-cart}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: press}
spec: {selector: {app: printer}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop}
spec: {containers: [{name: sh, image: "busybox:1.37"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: printer, namespace: press, labels: {app: printer}}
spec: {containers: [{name: sh, image: "busybox:1.37"}]}
"""


def asked(fill: Fill, manifest: str = SHOP) -> Question:
    return Question(
        id="q", form=Form.FILL, topic="dns", competency="Networking", difficulty=1, stem="?", explanation="!",
        references=("https://kubernetes.io/",), fill=fill, manifest=manifest,
    )  # fmt: skip


EXPOSE = Fill("command", ("kubectl expose deployment cart --port=80 --target-port=8080",), namespace="shop")
LABEL = Fill("command", ("kubectl label pod client tier=shop",), namespace="shop")
LOOK = Fill("command", ("kubectl get endpointslices -l kubernetes.io/service-name=catalog",), namespace="shop")
LABELS = Fill("command", ("kubectl get pods --show-labels",), namespace="shop")
SCALE = Fill("command", ("kubectl scale deployment cart --replicas=3",), namespace="shop")


@pytest.mark.parametrize(
    ("fill", "typed"),
    [
        (EXPOSE, "k expose deploy/cart --target-port 8080 --port 80"),
        (EXPOSE, "kubectl expose deployment cart --port=80 --target-port=8080 --name=cart"),
        (EXPOSE, "kubectl -n shop expose deploy cart --port=80 --target-port=8080 --selector=app=kiosk-cart"),
        (LABEL, "kubectl label po/client tier=shop --overwrite"),
        (LABEL, """kubectl patch pod client -p '{"metadata":{"labels":{"tier":"shop"}}}'"""),
        (LOOK, "kubectl get endpointslice --selector kubernetes.io/service-name=catalog -n shop"),
        (LOOK, "kubectl get endpointslices -o yaml -l kubernetes.io/service-name=catalog"),
        (LOOK, "kubectl get endpointslices -oname -l 'kubernetes.io/service-name in (catalog)'"),
        (SCALE, """kubectl patch deploy cart --type=merge -p '{"spec":{"replicas":3}}'"""),
    ],
)
def test_a_command_is_right_that_does_the_same(fill: Fill, typed: str) -> None:
    assert judge(asked(fill), typed).right


@pytest.mark.parametrize(
    ("fill", "typed", "said"),
    [
        (EXPOSE, "kubectl expose deployment cart --port=80", "spec.ports[0].targetPort is 80"),
        (EXPOSE, "kubectl expose deployment carts --port=80", 'deployments.apps "carts" not found'),
        (EXPOSE, "kubectl expose deployment cart --port=80 --target-port=8080 -n press", "not found"),
        (EXPOSE, "kubectl expose deployment cart --port=80 --target-port=8080 --name=web", "there is no Service cart"),
        (EXPOSE, "kubectl expose deployment cart --port=80 --target-port=8080 --type=NodePort", "Service cart, "),
        (EXPOSE, "kubectl get deployment cart", "changes nothing"),
        (EXPOSE, "kubectl expose deployment cart --port=80 --target-port=8080 --dry-run=client", "changes nothing"),
        (EXPOSE, "expose deployment cart", "no kubectl command"),
        (LABEL, "kubectl annotate pod client tier=shop", "metadata.annotations"),
        (LOOK, "kubectl get endpointslices -A", "something else"),
        (LOOK, "kubectl get endpointslices -A -o yaml", "something else"),
        (LABELS, "kubectl get pods", "something else"),
        (LABELS, "kubectl get pods -o wide", "something else"),
        (LOOK, "kubectl delete service catalog", "was not asked for"),
        (SCALE, "kubectl scale deployment cart --replicas=4", "spec.replicas is 4"),
    ],
)
def test_what_another_command_does_is_said(fill: Fill, typed: str, said: str) -> None:
    verdict = judge(asked(fill), typed)
    assert not verdict.right
    assert said in " ".join(verdict.said)


def test_one_trial_leaves_no_trace_in_the_next() -> None:
    question = asked(EXPOSE)
    for _ in range(2):
        assert not judge(question, "kubectl delete deployment cart").right
        assert judge(question, "kubectl expose deploy cart --port=80 --target-port=8080 --name=cart").right


def test_the_authors_own_words_for_a_slip_come_before_the_trial() -> None:
    fill = EXPOSE._replace(wrong=(("kubectl expose deployment cart --port=80", "The pods listen on 8080."),))
    assert judge(asked(fill), "kubectl expose deploy cart --port 80").said == ("The pods listen on 8080.",)


NAME = Fill("dns-name", ("catalog.shop.svc.cluster.local",), source="pod/client", namespace="shop")


@pytest.mark.parametrize("typed", ["catalog", "Catalog.shop", "catalog.shop.svc", "catalog.shop.svc.cluster.local."])
def test_a_name_is_right_that_stands_for_the_same_there(typed: str) -> None:
    assert judge(asked(NAME), typed).right


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("catalog.press", "something else"),
        ("catalogue", "no address"),
        ("catalog.", "no address"),
        ("svc/catalog", "no address"),
        ("10.96.0.1", "no address"),
        ("catalog:80", "no address"),
    ],
)
def test_other_names_are_wrong(typed: str, said: str) -> None:
    verdict = judge(asked(NAME), typed)
    assert not verdict.right
    assert said in verdict.said[0]


def test_a_short_name_means_what_it_means_to_who_asks() -> None:
    elsewhere = NAME._replace(source="pod/printer", namespace="press")
    assert not judge(asked(elsewhere), "catalog").right
    assert judge(asked(elsewhere), "catalog.shop").right


def test_where_the_full_name_is_asked_for_a_short_one_is_wrong() -> None:
    assert not judge(asked(NAME._replace(source="")), "catalog").right


@pytest.mark.parametrize("fill", [EXPOSE, NAME])
def test_a_manifest_that_cannot_be_read_judges_by_words(fill: Fill) -> None:
    broken = asked(fill, "kind: [")
    assert judge(broken, fill.accept[0]).right
    assert not judge(broken, "catalog").right


@pytest.mark.parametrize("fill", [EXPOSE, LABEL, LOOK, SCALE, NAME])
def test_nothing_is_wrong_with_these(fill: Fill) -> None:
    assert prove(asked(fill)) == []


@pytest.mark.parametrize(
    ("fill", "manifest", "field", "said"),
    [
        (EXPOSE._replace(namespace="default"), SHOP, "answer.accept[0]", "not found"),
        (NAME._replace(accept=("catalogue",)), SHOP, "answer.accept[0]", "has no address"),
        (NAME._replace(wrong=(("catalog", "Too short."),)), SHOP, "wrong[0]", "means the same"),
        (LABEL._replace(wrong=(("kubectl label po client tier=shop --overwrite", "?"),)), SHOP, "wrong[0]", "the same"),
        (NAME, "", "answer", "no manifest"),
        (EXPOSE, "kind: [", "manifest", "cannot be read"),
    ],
)
def test_authors_are_told_what_does_not_work(fill: Fill, manifest: str, field: str, said: str) -> None:
    flaws = prove(asked(fill, manifest))
    assert [flaw.field for flaw in flaws] == [field]
    assert said in flaws[0].message
