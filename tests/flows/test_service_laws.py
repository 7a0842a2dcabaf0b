"""Laws that hold for every cluster: no answer depends on order, and what is unrelated changes nothing."""

# One row of a table is one line.

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kcnet
from kcnet.model.trace import Trace, Verdict
from kcnet.request import RequestError
from tests.flows.builders import (
    CLIENTS,
    EXT_IP,
    LB_IP,
    MODES,
    NODES,
    VIP,
    Manifest,
    assert_sound,
    cluster,
    endpoint,
    endpoint_slice,
    external_name,
    facts,
    headless,
    namespace,
    node,
    pod,
    port,
    service,
    sport,
    workload,
)

SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

states = st.sampled_from(["ready", "ready", "unready", "terminating", "dying", "deaf"])


@st.composite
def backends(draw: st.DrawFn) -> list[Manifest]:
    found = []
    for number, state in enumerate(draw(st.lists(states, max_size=4)), start=1):
        found.append(backend(number, draw(st.sampled_from([1, 2, 3])), state))
    return found


def backend(number: int, on: int, state: str) -> Manifest:
    return pod(
        f"web-{number}",
        f"10.244.{on}.{number}",
        ready=state not in ("unready", "dying"),
        terminating=state in ("terminating", "dying"),
        listens="1" if state == "deaf" else None,
    )


@st.composite
def services(draw: st.DrawFn) -> Manifest:
    kind = draw(st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer", "external", "headless"]))
    spec: dict[str, Any] = {}
    if draw(st.booleans()):
        spec["internalTrafficPolicy"] = draw(st.sampled_from(["Local", "Cluster"]))
    if draw(st.booleans()):
        spec["sessionAffinity"] = "ClientIP"
    if draw(st.booleans()):
        spec["trafficDistribution"] = draw(st.sampled_from(["PreferClose", "PreferSameZone", "PreferSameNode"]))
    if draw(st.integers(0, 4)) == 0:
        spec["publishNotReadyAddresses"] = True
    if kind in ("NodePort", "LoadBalancer", "external") and draw(st.booleans()):
        spec["externalTrafficPolicy"] = "Local"
    numbered = sport(80, "http", **({"nodePort": 30080} if kind in ("NodePort", "LoadBalancer") else {}))
    if kind == "headless":
        return headless(ports=[numbered], **spec)
    if kind == "external":
        return service(ip=VIP, ports=[numbered], externalIPs=[EXT_IP], **spec)
    if kind == "LoadBalancer":
        mode = draw(st.sampled_from(["VIP", "Proxy"]))
        if draw(st.booleans()):
            spec["loadBalancerSourceRanges"] = draw(
                st.sampled_from([["198.51.100.0/24"], ["10.244.0.0/16"], ["0.0.0.0/0"]])
            )
        return service(ip=VIP, kind=kind, lb=[{"ip": LB_IP, "ipMode": mode}], ports=[numbered], **spec)
    return service(ip=VIP, kind=kind, ports=[numbered], **spec)


sources = st.sampled_from(["client", "client-2", "host-client", "node/n3", "internet", "192.0.2.77"])
targets = st.sampled_from(
    [
        "svc/web",
        "http://web/",
        "web:8080",
        f"{VIP}:80",
        f"{VIP}:81",
        f"{LB_IP}:80",
        f"{LB_IP}:81",
        f"{EXT_IP}:80",
        "node/n1:30080",
        "node/n2:30080",
        "127.0.0.1:30080",
        "http://nobody/",
        "10.244.1.1:8080",
    ]
)
modes = st.sampled_from(MODES)


def ask(objects: list[Manifest], source: str, target: str, **more: Any) -> Trace:
    return kcnet.trace(cluster(objects), source, target, namespace="shop", **more)


def told(trace: Trace) -> Any:
    """What an answer says, whatever the places of objects in files."""
    paths = [
        (
            path.verdict,
            path.reason.code,
            round(path.probability, 9),
            path.destination,
            path.source_seen,
            [(step.at, step.stage, step.action, step.reason.code, step.text) for step in path.steps],
        )
        for path in trace.paths
    ]
    return trace.verdict, trace.reason.code, trace.summary, trace.client_sees, trace.repair, trace.assumptions, paths


@given(service_=services(), pods=backends(), source=sources, target=targets, mode=modes)
@SETTINGS
def test_every_answer_is_sound(service_: Manifest, pods: list[Manifest], source: str, target: str, mode: str) -> None:
    objects = [facts(proxyMode=mode), *NODES, *CLIENTS, service_, *pods]
    assert_sound(ask(objects, source, target))
    open_way = ask(objects, source, target, all_blockers=True)
    assert_sound(open_way)
    assert open_way.to_dict()["blockers"] or open_way.verdict in ("delivered", "external")


@given(service_=services(), pods=backends(), source=sources, target=targets, mode=modes, data=st.data())
@SETTINGS
def test_the_order_of_documents_changes_no_answer(
    service_: Manifest, pods: list[Manifest], source: str, target: str, mode: str, data: st.DataObject
) -> None:
    objects = [
        facts(proxyMode=mode),
        *NODES,
        *CLIENTS,
        service_,
        *pods,
        workload("Deployment", "api", replicas=2),
        workload("StatefulSet", "db", replicas=2, serviceName="web"),
        service("api", app="api", kind="NodePort"),
        service("other", kind="LoadBalancer", app="api"),
        external_name("alias", "web.shop.svc.cluster.local"),
        endpoint_slice(endpoint("10.244.1.1", node="n1"), of="manual"),
        service("manual", app=None),
    ]
    shuffled = data.draw(st.permutations(objects))
    assert told(ask(list(shuffled), source, target)) == told(ask(objects, source, target))


UNRELATED: list[list[Manifest]] = [
    [pod("stranger", "10.244.3.50", app="stranger")],
    [pod("stranger", "10.244.3.50", ns="elsewhere"), namespace("elsewhere")],
    [service("stranger", "10.96.200.1", app="stranger")],
    [service("web", "10.96.200.1", ns="elsewhere"), pod("web-1", "10.244.3.50", ns="elsewhere")],
    [endpoint_slice(endpoint("10.244.3.50"), of="stranger", name="stranger")],
    [external_name("stranger", "stranger.example.com")],
    [service("stranger", "10.96.200.1", app="stranger", kind="NodePort", ports=[sport(80, nodePort=30099)])],
]


@pytest.mark.parametrize("extra", UNRELATED)
@given(service_=services(), pods=backends(), source=sources, target=targets, mode=modes)
@settings(SETTINGS, max_examples=30)
def test_unrelated_objects_change_no_answer(
    extra: list[Manifest], service_: Manifest, pods: list[Manifest], source: str, target: str, mode: str
) -> None:
    objects = [facts(proxyMode=mode), *NODES, *CLIENTS, service_, *pods]
    before, after = ask(objects, source, target), ask([*objects, *extra], source, target)
    assert after.verdict == before.verdict
    assert after.reason.code == before.reason.code
    assert [(p.probability, p.destination, p.source_seen) for p in after.paths] == [
        (p.probability, p.destination, p.source_seen) for p in before.paths
    ]


@given(service_=services(), pods=backends(), source=sources, target=targets, mode=modes, on=st.integers(1, 3))
@SETTINGS
def test_one_more_ready_endpoint_never_makes_things_refused(
    service_: Manifest, pods: list[Manifest], source: str, target: str, mode: str, on: int
) -> None:
    objects = [facts(proxyMode=mode), *NODES, *CLIENTS, service_, *pods]
    before, after = ask(objects, source, target), ask([*objects, backend(9, on, "ready")], source, target)
    if before.verdict is Verdict.DELIVERED:
        assert after.verdict is not Verdict.REFUSED
        assert all(path.verdict is not Verdict.REFUSED for path in after.paths)
    if before.reason.code != "SERVICE_NO_ENDPOINTS":
        assert after.reason.code != "SERVICE_NO_ENDPOINTS"


@given(pods=st.lists(st.sampled_from([1, 2, 3]), min_size=1, max_size=6), mode=modes, source=sources)
@SETTINGS
def test_a_plain_service_spreads_evenly_over_its_ready_pods(pods: list[int], mode: str, source: str) -> None:
    objects = [facts(proxyMode=mode), *NODES, *CLIENTS, service(ip=VIP)]
    objects += [backend(number, on, "ready") for number, on in enumerate(pods, start=1)]
    trace = ask(objects, source, f"{VIP}:80")
    if source in ("internet", "192.0.2.77"):
        assert trace.reason.code == "NOT_ROUTABLE"
        return
    assert len(trace.paths) == len(pods)
    assert {round(path.probability, 9) for path in trace.paths} == {round(1 / len(pods), 9)}


@given(service_=services(), pods=backends(), source=sources, target=targets)
@SETTINGS
def test_iptables_and_nftables_differ_only_where_there_is_no_rule(
    service_: Manifest, pods: list[Manifest], source: str, target: str
) -> None:
    objects = [*NODES, *CLIENTS, service_, *pods]
    one = ask([facts(proxyMode="iptables"), *objects], source, target)
    other = ask([facts(proxyMode="nftables"), *objects], source, target)
    if other.reason.code == "LB_SOURCE_RANGE_DENIED" and one.reason.code == "SERVICE_NO_ENDPOINTS":
        return  # with nobody behind the Service iptables has no chain of its ranges
    if one.reason.code not in ("SERVICE_PORT_UNKNOWN", "NOT_ROUTABLE") and "127.0.0.1" not in target:
        assert one.verdict == other.verdict
        assert [(p.verdict, p.destination, p.source_seen) for p in one.paths] == [
            (p.verdict, p.destination, p.source_seen) for p in other.paths
        ]


@given(service_=services(), pods=backends(), mode=modes, source=sources)
@SETTINGS
def test_policy_local_never_rewrites_a_client_outside(
    service_: Manifest, pods: list[Manifest], mode: str, source: str
) -> None:
    if service_["spec"].get("type") != "NodePort" or source not in ("internet", "192.0.2.77"):
        return
    service_["spec"]["externalTrafficPolicy"] = "Local"
    trace = ask([facts(proxyMode=mode), *NODES, *CLIENTS, service_, *pods], source, "node/n1:30080")
    for path in trace.paths:
        if path.verdict is Verdict.DELIVERED:
            assert str(path.source_seen) == ("198.51.100.7" if source == "internet" else source)
            assert path.destination is not None
            assert path.destination.node == "n1"


WORLD = cluster(NODES, CLIENTS, service(ip=VIP), backend(1, 1, "ready"), node("n4", "10.0.0.4"))
PIECES = [
    "svc/",
    "pod/",
    "node/",
    "n1",
    "web",
    "web-1",
    "client",
    ":",
    ":80",
    "/",
    "//",
    "http://",
    "https://",
    "[",
    "]",
    "@",
    "::1",
    "127.0.0.1",
    "10.96.7.7",
    ".",
    "..",
    ".svc.cluster.local",
    "shop",
    "%",
    "?",
    "#",
    "-",
    "internet",
]
typed = st.one_of(st.text(max_size=40), st.lists(st.sampled_from([*PIECES, " "]), max_size=6).map("".join))


@given(text=typed)
@settings(SETTINGS, max_examples=500)
def test_whatever_is_typed_is_answered_or_refused_with_a_message(text: str) -> None:
    for source, target in ((text, "svc/web"), ("client", text)):
        try:
            trace = kcnet.trace(WORLD, source, target, namespace="shop")
        except RequestError as error:
            refused = error
        else:
            assert_sound(trace)
            continue
        assert refused.message


@given(numbers=st.lists(st.integers(1, 3), min_size=1, max_size=5), names=st.permutations(["http", "web", "x"]))
@SETTINGS
def test_named_ports_resolve_pod_by_pod(numbers: list[int], names: list[str]) -> None:
    pods = [
        pod(f"w-{n}", f"10.244.{on}.{n}", ports=[port(7000 + n, names[n % 3])]) for n, on in enumerate(numbers, start=1)
    ]
    having = [each for each in pods if each["spec"]["containers"][0]["ports"][0]["name"] == "http"]
    trace = ask([*NODES, *CLIENTS, service(ip=VIP), *pods], "client", "svc/web")
    assert (trace.reason.code == "SERVICE_NO_ENDPOINTS") == (not having)
    reached = {(p.destination.name, p.destination.port) for p in trace.paths if p.destination}
    assert reached == {(e["metadata"]["name"], e["spec"]["containers"][0]["ports"][0]["containerPort"]) for e in having}
