"""Answers are judged by what they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnet.tutor.quiz.commands import meaning, same_command
from kcnet.tutor.quiz.judge import UnreadableError, judge, same
from kcnet.tutor.quiz.question import Fill, Form, Option, Question

SAME = [
    ("dns-name", "cart.shop.svc.cluster.local", "Cart.SHOP.svc.cluster.local."),
    ("dns-name", "cart.shop", " `cart.shop` "),
    ("number", "0.25", "25%"),
    ("number", "1/3", "2/6"),
    ("number", "10800", "10800.0"),
    ("port", "8080", "8080/TCP"),
    ("port", "8080", ":8080"),
    ("number", "10800", "10,800"),
    ("number", "25%", "25 percent"),
    ("text", "None", '"None"'),
    ("text", "kube-dns", " `kube-dns` "),
]
OTHER = [
    ("dns-name", "cart.shop.svc.cluster.local", "cart.shop"),
    ("dns-name", "cart", "cart.shop"),
    ("number", "25", "26"),
    ("number", "10800", "10,80,0"),
    ("number", "1450", "1450 bytes"),
    ("text", "None", "none"),
    ("text", "CART_SERVICE_HOST", "cart_service_host"),
    ("port", "8080", "80"),
    ("port", "8080", "http"),
    ("text", "kube-dns", "coredns"),
]


@pytest.mark.parametrize(("kind", "one", "other"), SAME)
def test_the_same(kind: str, one: str, other: str) -> None:
    assert same(kind, one, other)
    assert same(kind, other, one)


@pytest.mark.parametrize(("kind", "one", "other"), OTHER)
def test_not_the_same(kind: str, one: str, other: str) -> None:
    assert not same(kind, one, other)


COMMANDS = [
    ("kubectl get pods -n shop -l app=web", "k get po --selector app=web --namespace=shop"),
    ("kubectl get pods -l app=web,tier=a", "kubectl get pod -ltier=a,app==web"),
    ("kubectl expose deployment cart --port=80 --target-port=8080", "kubectl expose deploy/cart --target-port 8080 --port 80"),
    ("kubectl expose deployment cart --port=80", "kubectl expose deploy cart --port=80 --type=ClusterIP"),
    ("kubectl logs cart --previous", "kubectl logs -p pod/cart"),
    ("kubectl logs cart --previous", "kubectl -n default logs cart -p"),
    ("kubectl get endpointslices -l kubernetes.io/service-name=cart", "kubectl get endpointslice --selector=kubernetes.io/service-name=cart"),
    ("kubectl get pods --show-labels", "$ kubectl get po --show-labels=true"),
    ("kubectl get pods --show-labels -o wide", "kubectl get pods --show-labels"),
    ("kubectl exec web -- curl -s cart", "kubectl exec pod/web -- curl -s cart"),
    ("kubectl create service clusterip web --tcp=80:8080", "kubectl create svc clusterip web --tcp 80:8080"),
]  # fmt: skip
NOT_COMMANDS = [
    ("kubectl get pods", "kubectl get svc"),
    ("kubectl get pods", "kubectl get pods -o wide"),
    ("kubectl get pods -o name", "kubectl get pods"),
    ("kubectl get pods", "kubectl get pods -A"),
    ("kubectl get pods", "kubectl delete pods"),
    ("kubectl get pods -n shop", "kubectl get pods -n press"),
    ("kubectl expose deployment cart --port=80", "kubectl expose deployment cart --port=8080"),
    ("kubectl exec web -- curl cart", "kubectl exec web -- curl -s cart"),
    ("kubectl logs cart --previous", "kubectl logs cart -f"),
    ("kubectl get pods", "get pods"),
    ("kubectl get pods", "kubectl get pods --nosuch"),
    ("kubectl get pods", "kubectl get 'pods"),
]


@pytest.mark.parametrize(("one", "other"), COMMANDS)
def test_commands_that_ask_for_the_same(one: str, other: str) -> None:
    assert same_command(one, other)


@pytest.mark.parametrize(("one", "other"), NOT_COMMANDS)
def test_commands_that_do_not(one: str, other: str) -> None:
    assert meaning(one) is not None
    assert not same_command(one, other)


@given(st.text(max_size=60))
def test_no_text_breaks_the_judge(text: str) -> None:
    for kind in ("dns-name", "port", "number", "text", "command"):
        assert same(kind, text, "1/0") in (True, False)


def question(form: Form, *right: bool) -> Question:
    options = tuple(Option(f"option {n}", good, f"why {n}", belief=f"b{n}") for n, good in enumerate(right))
    return Question(
        id="q", form=form, topic="dns", competency="Networking", difficulty=1, stem="?", explanation="!",
        references=("https://kubernetes.io",), options=options,
    )  # fmt: skip


def test_several_are_right_only_together() -> None:
    asked = question(Form.MULTIPLE, True, False, True, False, False)
    assert judge(asked, (2, 0)).right
    verdict = judge(asked, (0, 1))
    assert not verdict.right
    assert [text.split(":")[0] for text in verdict.said] == ["option 1", "Missed"]
    assert verdict.belief == "b1"


def test_an_order_says_where_it_parts() -> None:
    asked = question(Form.ORDER, True, True, True)
    assert judge(asked, (0, 1, 2)).right
    assert judge(asked, (0, 2, 1)).said == ("2. is: option 1 why 1",)


def test_what_is_typed_has_its_own_words_for_typical_slips() -> None:
    asked = Question(
        id="q", form=Form.FILL, topic="dns", competency="Networking", difficulty=1, stem="?", explanation="!",
        references=(), fill=Fill("port", ("8080",), (("80", "That is the Service's."),)),
    )  # fmt: skip
    assert judge(asked, "8080/tcp").right
    assert judge(asked, "80").said == ("That is the Service's.",)
    assert not judge(asked, "81").right


def filled(kind: str, *accept: str) -> Question:
    return Question(
        id="q", form=Form.FILL, topic="dns", competency="Networking", difficulty=1, stem="?", explanation="!",
        references=(), fill=Fill(kind, accept),
    )  # fmt: skip


@pytest.mark.parametrize("typed", ["1450 bytes", "many", "1e", "1.450.0"])
def test_what_is_no_number_may_be_typed_again(typed: str) -> None:
    with pytest.raises(UnreadableError, match="no number"):
        judge(filled("number", "1450"), typed)


def test_it_is_said_where_only_the_case_is_wrong() -> None:
    assert judge(filled("text", "None"), "none").said == ("Kubernetes tells capital letters from small ones here.",)
    assert judge(filled("text", "None", "none"), "none").right


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        (Form.SINGLE, (7,)),
        (Form.SINGLE, (-1,)),
        (Form.SINGLE, (0, 1)),
        (Form.SINGLE, ()),
        (Form.SINGLE, "text"),
        (Form.MULTIPLE, ()),
        (Form.MULTIPLE, (0, 0)),
        (Form.ORDER, (0,)),
    ],
)
def test_what_is_no_answer_is_not_judged(form: Form, answer: object) -> None:
    with pytest.raises(UnreadableError):
        judge(question(form, True, False, False), answer)  # type: ignore[arg-type]
