"""The document of ``kcnet trace -o json``, and what goes on behind an obstacle."""

# One row of a table is one line.
# ruff: noqa: E501

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

import kcnet
from kcnet.model.trace import Trace
from tests.flows.builders import (
    CLIENT,
    CLIENT2,
    LB_IP,
    NODES,
    VIP,
    WEB1,
    WEB2,
    WEB3,
    assert_sound,
    cluster,
    cluster_ip,
    endpoint,
    endpoint_slice,
    external_name,
    facts,
    load_balancer,
    node_port,
    pod,
    policy,
    service,
    sport,
)

VERDICTS = {"delivered", "refused", "timeout", "unresolved", "http-error", "tls-error", "external", "unknown"}


def trace(*objects: Any, source: str = "client", target: str = "svc/web", **more: Any) -> Trace:
    return kcnet.trace(cluster(NODES, CLIENT, CLIENT2, *objects), source, target, namespace="shop", **more)


def document(*objects: Any, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(trace(*objects, **more).to_dict()))
    return found


def test_the_fields_of_the_document() -> None:
    found = document(cluster_ip(), WEB1, WEB2, target="http://web/cart")
    assert found["apiVersion"] == "kcnet/v1"
    assert found["kind"] == "Trace"
    assert found["request"] == {
        "from": {"kind": "Pod", "namespace": "shop", "name": "client", "ip": "10.244.1.100", "node": "n1"},
        "to": "http://web/cart",
        "protocol": "TCP",
        "port": 80,
        "host": "web",
        "path": "/cart",
    }
    assert found["verdict"] == "delivered"
    assert found["code"] == "DELIVERED"
    assert found["httpStatus"] is None
    assert found["truncated"] is False
    for key in ("summary", "clientSees"):
        assert isinstance(found[key], str)
        assert found[key]
    assert all(isinstance(each, str) for each in found["assumptions"])
    assert "blockers" not in found


def test_the_fields_of_a_path() -> None:
    path = document(cluster_ip(), WEB1)["paths"][0]
    assert path["verdict"] == "delivered"
    assert path["code"] == "DELIVERED"
    assert path["probability"] == 1
    assert path["endpoint"] == {
        "kind": "Pod",
        "namespace": "shop",
        "name": "web-1",
        "ip": "10.244.1.1",
        "port": 8080,
        "node": "n1",
    }
    assert path["sourceSeen"] == "10.244.1.100"


def test_the_source_outside_is_of_kind_external() -> None:
    found = document(node_port(), WEB1, source="internet", target="node/n1:30080")["request"]
    assert found["from"]["kind"] == "External"
    assert found["from"]["ip"] == "198.51.100.7"
    assert found["from"]["node"] is None
    assert found["port"] == 30080


def test_hops_are_the_places_in_order() -> None:
    hops = document(cluster_ip(), WEB2, target="http://web/")["paths"][0]["hops"]
    places = [(hop["at"]["kind"], hop["at"]["name"]) for hop in hops]
    assert places[0] == ("Pod", "client")
    assert places[-1] == ("Pod", "web-2")
    assert ("Node", "n1") in places
    assert all(one != other for one, other in pairwise(places))
    assert all(set(hop["at"]) == {"kind", "name", "namespace"} for hop in hops)


def test_the_stages_of_an_ordinary_request_in_order() -> None:
    hops = document(cluster_ip(), WEB2, target="http://web/")["paths"][0]["hops"]
    stages = [step["stage"] for hop in hops for step in hop["steps"]]
    order = ["dns", "service", "nat", "policy-egress", "route", "policy-ingress", "endpoint"]
    assert [stage for stage in dict.fromkeys(stages) if stage in order] == order


def test_packets_show_each_rewriting() -> None:
    hops = document(load_balancer(), WEB2, target=f"{LB_IP}:80")["paths"][0]["hops"]
    packets = [(step["packet"]["src"].rsplit(":", 1)[0], step["packet"]["dst"]) for hop in hops for step in hop["steps"]]
    assert packets[0] == ("10.244.1.100", f"{LB_IP}:80")
    assert packets[-1] == ("10.0.0.1", "10.244.2.1:8080")
    assert list(dict.fromkeys(packets)) == [
        ("10.244.1.100", f"{LB_IP}:80"),
        ("10.244.1.100", "10.244.2.1:8080"),
        ("10.0.0.1", "10.244.2.1:8080"),
    ]


def test_because_points_at_lines() -> None:
    service_ = cluster_ip(app="other")
    found = document(service_, WEB1)
    assert found["code"] == "SERVICE_NO_ENDPOINTS"
    because = [each for hop in found["paths"][0]["hops"] for step in hop["steps"] for each in step["because"]]
    selector = next(each for each in because if each["field"].startswith("spec.selector"))
    assert selector["kind"] == "Service"
    assert selector["namespace"] == "shop"
    assert selector["name"] == "web"
    assert selector["line"] >= 1


OUTSIDE_PORT = {"target": "svc/web:81"}


@pytest.mark.parametrize(
    ("objects", "options", "wanted"),
    [
        pytest.param([cluster_ip(), WEB1], {}, (1, {"delivered"}), id="one endpoint, one path"),
        pytest.param([cluster_ip(), WEB1, WEB2, WEB3], {}, (3, {"delivered"}), id="a path for each endpoint"),
        pytest.param([cluster_ip()], {}, (1, {"refused"}), id="one path when it gets nowhere"),
        pytest.param([cluster_ip(), WEB1, WEB2], OUTSIDE_PORT, (1, {"timeout"}), id="one path when the port is unknown"),
        pytest.param([load_balancer(), WEB1, WEB2], {"source": "internet"}, (6, {"delivered"}), id="endpoints times entry nodes: what they see differs"),
        pytest.param([load_balancer(externalTrafficPolicy="Local"), WEB1, WEB2], {"source": "internet"}, (2, {"delivered"}), id="Local: a path for each endpoint"),
        pytest.param([load_balancer(), WEB1, WEB2], {"target": f"{LB_IP}:80"}, (2, {"delivered"}), id="from inside the entry node is known"),
    ],
)
def test_how_many_paths(objects: list[Any], options: dict[str, Any], wanted: tuple[int, set[str]]) -> None:
    found = document(*objects, **options)
    assert (len(found["paths"]), {path["verdict"] for path in found["paths"]}) == wanted
    assert sum(path["probability"] for path in found["paths"]) == pytest.approx(1)


def test_more_than_256_paths_are_cut_and_it_is_said() -> None:
    pods = [pod(f"web-{n}", f"10.244.{1 + n // 100}.{1 + n % 100}") for n in range(300)]
    whole = kcnet.trace(cluster(NODES, pod("client", "10.244.3.250", app="c", ports=()), cluster_ip(), pods), "client", "svc/web", namespace="shop")
    found = whole.to_dict()
    assert len(found["paths"]) == 256
    assert found["truncated"] is True
    assert whole.ways == 300
    assert_sound(whole)


@pytest.mark.parametrize(
    ("objects", "endpoint_is_null"),
    [
        ([cluster_ip()], True),
        ([cluster_ip(internalTrafficPolicy="Local"), WEB2], True),
        ([], True),
        ([cluster_ip(ports=[sport(80, 9)]), WEB1], False),
        ([cluster_ip(app=None), endpoint_slice(endpoint("10.244.2.99", node="n2"))], False),
    ],
)
def test_a_path_has_an_endpoint_once_one_is_chosen(objects: list[Any], endpoint_is_null: bool) -> None:
    found = document(*objects, target=f"{VIP}:80")
    assert (found["paths"][0]["endpoint"] is None) == endpoint_is_null
    assert found["verdict"] != "delivered"


@pytest.mark.parametrize("missing", ["delivered", "refused", "timeout"])
def test_the_verdict_of_all_paths(missing: str) -> None:
    states = {
        "delivered": pod("w-1", "10.244.1.1", listens="8080"),
        "refused": pod("w-2", "10.244.1.2", listens="1"),
        "timeout": None,
    }
    ends = [endpoint(f"10.244.1.{n}", node="n1") for n, kind in enumerate(states, start=1) if kind != missing]
    found = document(cluster_ip(app=None), endpoint_slice(*ends), *[each for each in states.values() if each])
    assert found["verdict"] == ("mixed" if missing == "delivered" else "partial")
    if found["verdict"] == "partial":
        assert found["code"] != "DELIVERED"


DENY_OUT = policy("deny-out", pods={"matchLabels": {"app": "client"}}, policyTypes=["Egress"])
DENY_IN = policy("deny-in", pods={"matchLabels": {"app": "web"}}, policyTypes=["Ingress"])


@pytest.mark.parametrize(
    ("objects", "options", "wanted"),
    [
        pytest.param([cluster_ip(), WEB1], {}, [], id="nothing stands in the way"),
        pytest.param([cluster_ip(), WEB1, DENY_OUT], {}, ["NETPOL_EGRESS_DENIED"], id="egress"),
        pytest.param([cluster_ip(), WEB1, DENY_OUT, DENY_IN], {}, ["NETPOL_EGRESS_DENIED", "NETPOL_INGRESS_DENIED"], id="egress and ingress"),
        pytest.param([cluster_ip(), WEB1, DENY_OUT, DENY_IN], {"target": "http://web/"}, ["DNS_BLOCKED_BY_POLICY", "NETPOL_EGRESS_DENIED", "NETPOL_INGRESS_DENIED"], id="the name too"),
        pytest.param([cluster_ip(ports=[sport(80, 9)]), WEB1, DENY_OUT, DENY_IN], {}, ["NETPOL_EGRESS_DENIED", "NETPOL_INGRESS_DENIED", "PORT_NOT_LISTENING"], id="and the port"),
        pytest.param([cluster_ip(internalTrafficPolicy="Local"), WEB2, DENY_IN], {}, ["SERVICE_NO_LOCAL_ENDPOINTS", "NETPOL_INGRESS_DENIED"], id="traffic policy, then ingress"),
        pytest.param([cluster_ip(), pod("w", "10.244.1.1", ready=False), DENY_IN], {}, ["SERVICE_NO_ENDPOINTS", "NETPOL_INGRESS_DENIED"], id="no ready endpoint, then ingress"),
        pytest.param([load_balancer(loadBalancerSourceRanges=["192.0.2.0/24"], ports=[sport(80, 9, nodePort=30080)]), WEB1], {"source": "internet", "target": f"{LB_IP}:80"}, ["LB_SOURCE_RANGE_DENIED", "PORT_NOT_LISTENING"], id="source range, then the port"),
        pytest.param([facts(proxyMode="nftables"), load_balancer(loadBalancerSourceRanges=["192.0.2.0/24"]), pod("w", "10.244.1.1", ready=False), DENY_IN], {"target": f"{LB_IP}:80"}, ["LB_SOURCE_RANGE_DENIED", "SERVICE_NO_ENDPOINTS", "NETPOL_INGRESS_DENIED"], id="source range, no ready endpoint, then ingress"),
    ],
)
def test_all_blockers(objects: list[Any], options: dict[str, Any], wanted: list[str]) -> None:
    found = document(*objects, **options, all_blockers=True)
    codes = list(dict.fromkeys(blocker["code"] for blocker in found["blockers"]))
    assert codes == wanted
    assert all(isinstance(blocker["because"], list) for blocker in found["blockers"])
    plain = document(*objects, **options)
    assert found["verdict"] == plain["verdict"]
    assert found["code"] == plain["code"]


@pytest.mark.parametrize(
    ("objects", "target", "wanted"),
    [
        pytest.param([cluster_ip(), WEB1, DENY_OUT], "svc/web", "delivered", id="egress"),
        pytest.param([cluster_ip(), WEB1, DENY_IN], "svc/web", "delivered", id="ingress"),
        pytest.param([cluster_ip(), WEB1, DENY_OUT], "http://web/", "delivered", id="the name too"),
        pytest.param([cluster_ip(ports=[sport(80, 9)]), WEB1, DENY_OUT], "svc/web", "refused", id="other obstacles stay"),
        pytest.param([cluster_ip(), DENY_OUT], "svc/web", "refused", id="no endpoints stays"),
    ],
)
def test_ignoring_policies(objects: list[Any], target: str, wanted: str) -> None:
    assert document(*objects, target=target, ignore_policies=True)["verdict"] == wanted
    without = [each for each in objects if each["kind"] != "NetworkPolicy"]
    assert document(*without, target=target)["verdict"] == wanted


def test_what_is_taken_for_granted_is_said() -> None:
    declared = document(cluster_ip(), WEB1)["assumptions"]
    silent = document(cluster_ip(ports=[sport(80, 8080)]), pod("web-1", "10.244.1.1", ports=()))["assumptions"]
    assert len([each for each in silent if "8080" in each]) > len([each for each in declared if "8080" in each])


def test_a_port_closed_by_declaration_alone_is_said_to_be_so() -> None:
    by_declaration = document(cluster_ip(ports=[sport(80, 9)]), WEB1)["assumptions"]
    by_annotation = document(cluster_ip(ports=[sport(80, 9)]), pod("web-1", "10.244.1.1", listens="8080"))["assumptions"]
    assert set(by_declaration) - set(by_annotation)


def test_stating_the_facts_leaves_less_to_assume() -> None:
    said = facts(cni="kube-router", proxyMode="iptables", loadBalancer=True, podCIDR="10.244.0.0/16", serviceCIDR="10.96.0.0/16", clusterDomain="cluster.local", dnsServiceIP="10.96.0.10", ingressController=False)
    objects = (load_balancer(), WEB1)
    assert len(document(said, *objects)["assumptions"]) <= len(document(*objects)["assumptions"])


def test_an_external_request_names_where_it_goes() -> None:
    found = document(external_name("pay", "pay.example.com"), target="https://pay/")
    assert found["verdict"] == "external"
    assert found["code"] == "LEFT_CLUSTER"
    last = found["paths"][0]["hops"][-1]["at"]
    assert last["kind"] == "External"


def test_the_same_question_has_the_same_answer() -> None:
    objects = (load_balancer(), WEB1, WEB2, WEB3)
    assert document(*objects, source="internet") == document(*objects, source="internet")


def test_the_port_is_null_until_it_is_known() -> None:
    found = document(service("two", ports=[sport(80, 8080, "a"), sport(81, 8081, "b")]), WEB1, target="svc/two:b")
    assert found["request"]["port"] == 81
