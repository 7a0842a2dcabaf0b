"""Which endpoints are preferred: hints, trafficDistribution, topology-mode.

pkg/proxy/topology.go, https://kubernetes.io/docs/concepts/services-networking/service/#traffic-distribution and
https://kubernetes.io/docs/concepts/services-networking/topology-aware-routing/
"""

# One row of a table is one line.
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

from tests.flows.builders import (
    NODES,
    WEB1,
    WEB2,
    WEB3,
    Flow,
    Manifest,
    case,
    check,
    cluster_ip,
    endpoint,
    endpoint_slice,
    load_balancer,
    node,
    node_port,
    pod,
    service,
    sport,
    table,
)

SVC = "client > svc/web"
BARE = cluster_ip(app=None)
PODS = (WEB1, WEB2, WEB3)


def hinted(*zones: str | None, nodes: tuple[str | None, ...] = (), **conditions: dict[int, dict[str, bool]]) -> Manifest:
    """A slice of web-1, web-2 ..., each with the hints at its place; ``None`` and "" for no hint."""
    states = conditions.get("states", {})
    found = []
    for number, zone in enumerate(zones, start=1):
        names = nodes[number - 1] if nodes else None
        found.append(
            endpoint(
                f"10.244.{number}.1",
                node=f"n{number}",
                zones=zone.split("+") if zone else (),
                nodes=names.split("+") if names else (),
                **states.get(number, {}),
            )
        )
    return endpoint_slice(*found)


GONE = {"ready": False, "serving": True, "terminating": True}
OFF = {"ready": False}


@table(
    case("every endpoint has a zone hint, one has mine", [BARE, hinted("a", "b", "c"), PODS], SVC, "delivered", at=("web-1",)),
    case("the client's node decides", [BARE, hinted("a", "b", "c"), PODS], "client-2 > svc/web", "delivered", at=("web-2",)),
    case("two have my zone", [BARE, hinted("a", "a", "c"), PODS], SVC, "delivered", at=("web-1", "web-2")),
    case("the hint counts, not where the endpoint is", [BARE, hinted("b", "a", "c"), PODS], SVC, "delivered", at=("web-2",)),
    case("an endpoint with two zones", [BARE, hinted("b", "a+b", "c"), PODS], SVC, "delivered", at=("web-2",)),
    case("one without a hint: all are used", [BARE, hinted("a", "b", None), PODS], SVC, "delivered", at=("web-1", "web-2", "web-3")),
    case("no hint at all", [BARE, hinted(None, None, None), PODS], SVC, "delivered", at=("web-1", "web-2", "web-3")),
    case("none has my zone: all are used", [BARE, hinted("b", "b", "c"), PODS], SVC, "delivered", at=("web-1", "web-2", "web-3")),
    case("an unready endpoint without a hint does not count", [BARE, hinted("a", "b", None, states={3: OFF}), PODS], SVC, "delivered", at=("web-1",)),
    case("an unready endpoint with my zone does not count", [BARE, hinted("a", "b", "c", states={1: OFF}), PODS], SVC, "delivered", at=("web-2", "web-3")),
    case("the last resort ignores hints", [BARE, hinted("b", "b", "c", states={1: GONE, 2: GONE, 3: GONE}), PODS], SVC, "delivered", at=("web-1", "web-2", "web-3")),
    case("the last resort ignores hints that fit", [BARE, hinted("a", "b", "c", states={1: GONE, 2: GONE, 3: GONE}), PODS], SVC, "delivered", at=("web-1", "web-2", "web-3")),
    case("my node is in no zone", [BARE, hinted("a", "b", "c"), PODS], SVC, "delivered", at=("web-1", "web-2", "web-3"), nodes=[node("n1"), *NODES[1:]]),
    case("node hints, one names mine", [BARE, hinted(None, None, None, nodes=("n1", "n2", "n3")), PODS], SVC, "delivered", at=("web-1",)),
    case("node hints before zone hints", [BARE, hinted("a", "a", "a", nodes=("n2", "n1", "n3")), PODS], SVC, "delivered", at=("web-2",)),
    case("node hints, none names mine: then zones", [BARE, hinted("b", "a", "c", nodes=("n2", "n2", "n3")), PODS], SVC, "delivered", at=("web-2",)),
    case("node hints, one lacks it: then zones", [BARE, hinted("a", "b", "c", nodes=("n1", None, "n3")), PODS], SVC, "delivered", at=("web-1",)),
    case("node hints, one lacks it, no zones: all", [BARE, hinted(None, None, None, nodes=("n1", None, "n3")), PODS], SVC, "delivered", at=("web-1", "web-2", "web-3")),
    case("iTP Local ignores hints", [cluster_ip(app=None, internalTrafficPolicy="Local"), hinted("b", "a", "c"), PODS], SVC, "delivered", at=("web-1",)),
    case("hints apply to node ports by the node reached", [service(ip="10.96.7.7", app=None, kind="NodePort", ports=[sport(80, nodePort=30080)]), hinted("a", "b", "c"), PODS], "internet > node/n2:30080", "delivered", at=("web-2",)),
    case("eTP Local ignores hints", [service(ip="10.96.7.7", app=None, kind="NodePort", externalTrafficPolicy="Local", ports=[sport(80, nodePort=30080)]), hinted("b", "a", "c"), PODS], "internet > node/n1:30080", "delivered", at=("web-1",)),
    case("short-circuited traffic follows hints", [service(ip="10.96.7.7", app=None, kind="NodePort", externalTrafficPolicy="Local", ports=[sport(80, nodePort=30080)]), hinted("b", "a", "c"), PODS], "client > node/n1:30080", "delivered", at=("web-2",)),
    case("hints apply to node processes too", [BARE, hinted("a", "b", "c"), PODS], "node/n3 > 10.96.7.7:80", "delivered", at=("web-3",)),
)
def test_hints(flow: Flow, mode: str) -> None:
    check(flow, mode)


def spread(how: str, **more: Any) -> Manifest:
    return cluster_ip(trafficDistribution=how, **more)


SAME_ZONE = (node("n1", zone="a"), node("n2", zone="a"), node("n3", zone="b"))
NO_ZONES = (node("n1"), node("n2"), node("n3"))
DYING1 = pod("web-1", "10.244.1.1", terminating=True)


@table(
    case("PreferSameZone, a pod in my zone", [spread("PreferSameZone"), PODS], SVC, "delivered", at=("web-1",)),
    case("PreferSameZone, two pods in my zone", [spread("PreferSameZone"), PODS], SVC, "delivered", at=("web-1", "web-2"), nodes=SAME_ZONE),
    case("PreferSameZone, none in my zone", [spread("PreferSameZone"), WEB2, WEB3], SVC, "delivered", at=("web-2", "web-3")),
    case("PreferSameZone, the one in my zone is unready", [spread("PreferSameZone"), pod("web-1", "10.244.1.1", ready=False), WEB2, WEB3], SVC, "delivered", at=("web-2", "web-3")),
    case("PreferSameZone, the one in my zone is terminating", [spread("PreferSameZone"), DYING1, WEB2, WEB3], SVC, "delivered", at=("web-2", "web-3")),
    case("PreferClose is PreferSameZone", [spread("PreferClose"), PODS], SVC, "delivered", at=("web-1",)),
    case("PreferSameZone, nodes without zones", [spread("PreferSameZone"), PODS], SVC, "delivered", at=("web-1", "web-2", "web-3"), nodes=NO_ZONES),
    case("PreferSameZone, one node without a zone", [spread("PreferSameZone"), PODS], SVC, "delivered", at=("web-1", "web-2", "web-3"), nodes=[*NODES[:2], node("n3")]),
    case("PreferSameNode, a pod on my node", [spread("PreferSameNode"), PODS], SVC, "delivered", at=("web-1",), nodes=SAME_ZONE),
    case("PreferSameNode, none here, one in my zone", [spread("PreferSameNode"), WEB2, WEB3], SVC, "delivered", at=("web-2",), nodes=SAME_ZONE),
    case("PreferSameNode, none near", [spread("PreferSameNode"), WEB2, WEB3], SVC, "delivered", at=("web-2", "web-3")),
    case("PreferSameNode, nodes without zones", [spread("PreferSameNode"), PODS], SVC, "delivered", at=("web-1",), nodes=NO_ZONES),
    case("no preference", [cluster_ip(), PODS], SVC, "delivered", at=("web-1", "web-2", "web-3")),
    case("iTP Local is strict whatever is preferred", [spread("PreferSameZone", internalTrafficPolicy="Local"), WEB2], SVC, "timeout/timeout/refused", "SERVICE_NO_LOCAL_ENDPOINTS", nodes=SAME_ZONE),
    case("PreferSameZone at a node port", [node_port(trafficDistribution="PreferSameZone"), PODS], "internet > node/n3:30080", "delivered", at=("web-3",), seen="10.0.0.3"),
    case("PreferSameZone at a load balancer", [load_balancer(trafficDistribution="PreferSameZone"), PODS], "client-2 > 203.0.113.50:80", "delivered", at=("web-2",)),
    case("PreferSameZone from the internet: the entry node's zone", [load_balancer(trafficDistribution="PreferSameZone"), PODS], "internet > 203.0.113.50:80", "delivered", at=("web-1", "web-2", "web-3")),
    case("PreferSameZone from the internet: an uneven split", [load_balancer(trafficDistribution="PreferSameZone"), PODS], "internet > 203.0.113.50:80", "delivered", at={"web-1": 1 / 3, "web-2": 1 / 3, "web-3": 1 / 3}, nodes=SAME_ZONE),
    case("headless knows no preference", [service(ip="None", trafficDistribution="PreferSameZone"), PODS], "client > web:8080", "delivered", at=("web-1", "web-2", "web-3")),
)
def test_traffic_distribution(flow: Flow, mode: str) -> None:
    check(flow, mode)


AUTO = {"annotations": {"service.kubernetes.io/topology-mode": "Auto"}}
OLD_AUTO = {"annotations": {"service.kubernetes.io/topology-aware-hints": "auto"}}
BIG = (node("n1", zone="a", cpu="4"), node("n2", zone="b", cpu="4"))
NO_CPU = (node("n1", zone="a"), node("n2", zone="b"))
ONE_ZONE = (node("n1", zone="a", cpu="4"), node("n2", zone="a", cpu="4"))
FOUR = tuple(pod(f"web-{n}{k}", f"10.244.{n}.{k}") for n in (1, 2) for k in (1, 2))
CLIENT1 = (pod("client", "10.244.1.100", app="client", ports=()),)


@table(
    case("Auto, as many endpoints as CPU in each zone", [cluster_ip(**AUTO), FOUR], SVC, "delivered", at=("web-11", "web-12"), nodes=BIG, clients=CLIENT1),
    case("Auto by the older annotation", [cluster_ip(**OLD_AUTO), FOUR], SVC, "delivered", at=("web-11", "web-12"), nodes=BIG, clients=CLIENT1),
    case("Auto, no CPU known", [cluster_ip(**AUTO), FOUR], SVC, "delivered", at=("web-11", "web-12", "web-21", "web-22"), nodes=NO_CPU, clients=CLIENT1),
    case("Auto, one zone", [cluster_ip(**AUTO), FOUR], SVC, "delivered", at=("web-11", "web-12", "web-21", "web-22"), nodes=ONE_ZONE, clients=CLIENT1),
    case("Auto, fewer endpoints than zones", [cluster_ip(**AUTO), WEB2], SVC, "delivered", at=("web-2",), nodes=BIG, clients=CLIENT1),
    case("Auto wins over trafficDistribution", [cluster_ip(trafficDistribution="PreferSameZone", **AUTO), FOUR], SVC, "delivered", at=("web-11", "web-12", "web-21", "web-22"), nodes=NO_CPU, clients=CLIENT1),
    case("Auto, iTP Local is strict", [cluster_ip(internalTrafficPolicy="Local", **AUTO), FOUR], SVC, "delivered", at=("web-11", "web-12"), nodes=BIG, clients=CLIENT1),
)
def test_topology_mode(flow: Flow, mode: str) -> None:
    check(flow, mode)
