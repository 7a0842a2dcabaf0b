"""kcnet's own verbs: trace, why, map, node, outside, minikube, help, save, fail; and what completion offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcnet.lab.complete import complete
from kcnet.lab.own.helptopics import TOPICS
from kcnet.lab.scenarios import UnknownScenario, find, scenarios
from kcnet.lab.session import Session
from tests.lab.conftest import opened


def test_trace_answers_as_kcnet_trace_does(shop: Session) -> None:
    good = shop.run("trace shop/frontend http://cart/")
    assert (good.status, good.stdout.split()[1]) == (0, "delivered")
    bad = shop.run("trace prod/reports http://cart.shop/")
    assert (bad.status, bad.stdout.split()[1]) == (1, "timeout")
    wrong = shop.run("trace nosuch http://cart/")
    assert (wrong.status, wrong.stdout) == (2, "")
    assert "no pod or workload nosuch" in wrong.stderr


@pytest.mark.parametrize(
    "line",
    ["trace shop/frontend http://cart/", "trace --from shop/frontend --to http://cart/", "trace frontend cart:80 -n shop",
     "kcnet trace --from shop/frontend --to http://cart/", "trace shop/frontend http://cart/ -o json"],
)  # fmt: skip
def test_every_form_of_trace(shop: Session, line: str) -> None:
    outcome = shop.run(line)
    assert outcome.status == 0
    assert "delivered" in outcome.stdout


def test_why_is_the_last_request_that_failed(shop: Session) -> None:
    assert "No request" in shop.run("why").stdout
    shop.run("trace prod/reports http://cart.shop/")
    shop.run("trace shop/frontend http://cart/")
    assert shop.run("why").stdout.split()[1] == "timeout"


def test_what_a_change_does_to_a_trace(shop: Session) -> None:
    shop.run("kubectl set selector svc cart app=carts -n shop")
    assert shop.run("trace shop/frontend http://cart/").stdout.split()[1] == "refused"
    shop.run("undo")
    assert shop.run("trace shop/frontend http://cart/").stdout.split()[1] == "delivered"


def test_the_map_is_not_wider_than_a_terminal(shop: Session) -> None:
    page = shop.run("map").stdout
    assert max(map(len, page.splitlines())) <= 80
    assert "netpol default-deny  isolates all pods for egress and ingress" in page
    assert "nobody has the labels app=report" in page
    only = shop.run("map payments").stdout
    assert "netpol allow-cart" in only
    assert "default-deny" not in only
    assert shop.run("map nosuch").status == 1


def test_help_has_a_page_for_each_topic(shop: Session) -> None:
    start = shop.run("help").stdout
    assert len(start.splitlines()) <= 23
    for topic in TOPICS:
        page = shop.run(f"help {topic}")
        assert topic in start
        assert page.status == 0
        assert max(map(len, page.stdout.splitlines())) <= 80
        assert len(page.stdout.splitlines()) <= 23
    assert "Did you mean shell?" in shop.run("help shel").stderr


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("fail nosuch", "There is no pod nosuch in namespace default"),
        ("fail debug", "add -n shop"),
        ("fail debug -n shop crsh", "Did you mean crash?"),
        ("fail", "Usage"),
        ("recover a b", "Usage"),
        ("drain nosuch", "There is no node nosuch"),
        ("node nosuch -- ip addr", "There is no node nosuch"),
        ("node node-1", "Usage"),
        ("outside", "Usage"),
        ("save", "Usage"),
        ("minikube dashboard", "minikube ip"),
        ("trace a", "Usage"),
    ],
)
def test_mistakes_are_told_with_a_way_on(shop: Session, line: str, words: str) -> None:
    outcome = shop.run(line)
    assert outcome.status in (1, 2)
    assert words in outcome.stderr


def test_minikube_finds_a_node_port(shop: Session) -> None:
    assert shop.run("minikube service reports -n prod --url").stdout == "http://172.18.0.2:31080\n"
    assert shop.run("minikube ip").stdout == "172.18.0.2\n"
    assert shop.run("minikube service nosuch").status == 115


def test_saved_manifests_make_the_same_cluster(shop: Session, tmp_path: Path) -> None:
    assert shop.run("save out").status == 0
    again = opened([str(tmp_path / "out")])
    asked = ("kubectl get pods -A -o wide", "kubectl get svc,netpol,ingress -A -o wide")
    for line in asked[1:]:
        assert again.run(line).stdout == shop.run(line).stdout
    assert len(again.run(asked[0]).stdout.splitlines()) == len(shop.run(asked[0]).stdout.splitlines())


# Scenarios.


def test_every_folder_of_manifests_is_a_scenario() -> None:
    names = [one.name for one in scenarios()]
    assert {"shop", "clusterip", "nodeport", "broken/selector-typo"} <= set(names)
    assert len(names) == len(set(names))
    assert find(None).name == "shop"
    assert find("selector-typo") == find("broken/selector-typo")
    with pytest.raises(UnknownScenario) as unknown:
        find("nodprt")
    assert unknown.value.nearest == "nodeport"


@pytest.fixture(scope="module")
def every() -> dict[str, Session]:
    return {one.name: opened(list(one.paths), one.name) for one in scenarios()}


def test_every_scenario_answers(every: dict[str, Session]) -> None:
    lines = (
        "kubectl get all,ingress,netpol,endpointslices,nodes,events -A -o wide", "kubectl describe svc,pod,ingress,netpol,node -A",
        "map", "kubectl get svc -A -o yaml | kubectl apply -f -", "kubectl delete pods --all -A", "kubectl get pods -A", "undo", "reset",
    )  # fmt: skip
    for name, session in every.items():
        for line in lines:
            assert session.run(line).status == 0, (name, line)


# Completion.


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("kube", {"kubectl"}),
        ("kubectl g", {"get"}),
        ("kubectl get sv", {"svc"}),
        ("kubectl get svc -n sh", {"shop"}),
        ("kubectl get svc -n shop ca", {"cart", "catalog", "catalog-db"}),
        ("kubectl get svc/ca -n shop", set()),
        ("kubectl -n shop get svc/ca", {"svc/cart", "svc/catalog"}),
        ("kubectl -n shop logs de", {"debug"}),
        ("kubectl -n shop get pods -l app=ca", {"app=cart", "app=catalog"}),
        ("kubectl create dep", {"deployment"}),
        ("kubectl create service n", {"nodeport"}),
        ("kubectl rollout st", {"status"}),
        ("kubectl get pods --show-l", {"--show-labels"}),
        ("kubectl get pods -o wi", {"wide"}),
        ("kubectl cordon node", {"node-1", "node-2"}),
        ("echo a | gr", {"grep"}),
        ("fai", {"fail"}),
        ("help to", {"tools"}),
        ("trace shop/fr", {"shop/frontend"}),
        ("node node-1 -- ech", {"echo"}),
        ("kubectl exec debug -- ech", {"echo"}),
    ],
)
def test_completion(shop: Session, text: str, offered: set[str]) -> None:
    found = {one.text for one in complete(shop, text)}
    assert offered <= found
    word = text.split(" ")[-1]
    assert all(one.startswith(word) for one in found)


def test_completion_of_files(shop: Session, tmp_path: Path) -> None:
    (tmp_path / "web.yaml").touch()
    assert [one.text for one in complete(shop, "kubectl apply -f w")] == ["web.yaml"]


@pytest.mark.parametrize(
    "text", ["", " ", "'", "kubectl ", "kubectl get x/", "kubectl -n ", "| ", "$(", "trace x ", "\\"]
)
def test_completion_never_fails(shop: Session, text: str) -> None:
    complete(shop, text)
