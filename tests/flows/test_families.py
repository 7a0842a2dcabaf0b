"""IPv6 and dual-stack clusters.

https://kubernetes.io/docs/concepts/services-networking/dual-stack/
"""

# One row of a table is one line.
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

from tests.flows.builders import Flow, case, check, endpoint, endpoint_slice, node, pod, service, sport, table

SIX = {"podCIDR": "fd00:10:244::/56", "serviceCIDR": "fd00:10:96::/112"}
BOTH = {"podCIDR": "10.244.0.0/16,fd00:10:244::/56", "serviceCIDR": "10.96.0.0/16,fd00:10:96::/112"}

SIX_NODES = [node(f"n{n}", f"fd00::{n}", cidrs=[f"fd00:10:244:{n}::/64"], zone=zone) for n, zone in ((1, "a"), (2, "b"))]
BOTH_NODES = [
    node(f"n{n}", ips=[f"10.0.0.{n}", f"fd00::{n}"], cidrs=[f"10.244.{n}.0/24", f"fd00:10:244:{n}::/64"]) for n in (1, 2)
]
SIX_WEB = [pod(f"web-{n}", f"fd00:10:244:{n}::1", on=f"n{n}") for n in (1, 2)]
BOTH_WEB = [pod(f"web-{n}", ips=[f"10.244.{n}.1", f"fd00:10:244:{n}::1"], on=f"n{n}") for n in (1, 2)]
SIX_CLIENT = pod("client", "fd00:10:244:1::100", on="n1", app="client", ports=())
BOTH_CLIENT = pod("client", ips=["10.244.1.100", "fd00:10:244:1::100"], on="n1", app="client", ports=())
V4, V6 = "10.96.7.7", "fd00:10:96::77"
DUAL: dict[str, Any] = {"ip": V4, "clusterIPs": [V4, V6], "ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": "RequireDualStack"}
NODE_PORT: dict[str, Any] = {"kind": "NodePort", "ports": [sport(80, "http", nodePort=30080)]}


def six(name: str, given: Any, way: str, ends: str, because: str | None = None, **more: Any) -> Any:
    return case(name, [*given], way, ends, because, facts=SIX, nodes=SIX_NODES, clients=[SIX_CLIENT], **more)


def both(name: str, given: Any, way: str, ends: str, because: str | None = None, **more: Any) -> Any:
    return case(name, [*given], way, ends, because, facts=BOTH, nodes=BOTH_NODES, clients=[BOTH_CLIENT], **more)


@table(
    six("pod to Service by name", [service(ip=V6), SIX_WEB], "client > http://web/", "delivered", at=("web-1", "web-2"), seen="fd00:10:244:1::100"),
    six("pod to Service by address", [service(ip=V6), SIX_WEB], f"client > [{V6}]:80", "delivered", at=("web-1", "web-2")),
    six("URL with an IPv6 address", [service(ip=V6), SIX_WEB], f"client > http://[{V6}]/", "delivered"),
    six("pod to pod", [SIX_WEB], "client > [fd00:10:244:2::1]:8080", "delivered", seen="fd00:10:244:1::100"),
    six("an address without port needs no brackets", [service(ip=V6), SIX_WEB], "fd00:10:244:1::100 > svc/web", "delivered"),
    six("no endpoints", [service(ip=V6)], "client > svc/web", "refused", "SERVICE_NO_ENDPOINTS"),
    six("port that the Service has not", [service(ip=V6), SIX_WEB], f"client > [{V6}]:81", "timeout/refused/refused", "SERVICE_PORT_UNKNOWN"),
    six("node to Service", [service(ip=V6), SIX_WEB], f"node/n1 > [{V6}]:80", "delivered", seen="fd00::1"),
    six("node port from outside", [service(ip=V6, **NODE_PORT), SIX_WEB], "2001:db8:9::9 > [fd00::1]:30080", "delivered", seen="fd00::1"),
    six("node port from outside, eTP Local", [service(ip=V6, externalTrafficPolicy="Local", **NODE_PORT), SIX_WEB], "2001:db8:9::9 > [fd00::1]:30080", "delivered", at=("web-1",), seen="2001:db8:9::9"),
    six("loopback node port: none in IPv6", [service(ip=V6, **NODE_PORT), SIX_WEB], "node/n1 > [::1]:30080", "refused"),
    six("pod to itself through the Service", [service(ip=V6), SIX_WEB[:1]], "web-1 > svc/web", "delivered", seen="fd00::1"),
    six("containers of one pod", [SIX_WEB], "web-1 > localhost:8080", "delivered", at=("web-1",)),
    six("to the outside", [], "client > [2001:4860:4860::8888]:443", "external", "LEFT_CLUSTER"),
    six("iTP Local, none local", [service(ip=V6, internalTrafficPolicy="Local"), SIX_WEB[1:]], "client > svc/web", "timeout/timeout/refused"),
)
def test_ipv6_alone(flow: Flow, mode: str) -> None:
    check(flow, mode)


@table(
    both("first family", [service(**DUAL), BOTH_WEB], f"client > {V4}:80", "delivered", at=("web-1", "web-2"), seen="10.244.1.100"),
    both("second family", [service(**DUAL), BOTH_WEB], f"client > [{V6}]:80", "delivered", at=("web-1", "web-2"), seen="fd00:10:244:1::100"),
    both("by name", [service(**DUAL), BOTH_WEB], "client > http://web/", "delivered", at=("web-1", "web-2")),
    both("single-stack Service of the second family, by name", [service(ip=V6, ipFamilies=["IPv6"], ipFamilyPolicy="SingleStack"), BOTH_WEB], "client > http://web/", "delivered", seen="fd00:10:244:1::100"),
    both("single-stack Service of the first family", [service(ip=V4), BOTH_WEB], "client > http://web/", "delivered", seen="10.244.1.100"),
    both("PreferDualStack gets both families", [service(ipFamilyPolicy="PreferDualStack"), BOTH_WEB], "client > svc/web", "delivered"),
    both("pods of the other family alone are no endpoints", [service(ip=V6, ipFamilies=["IPv6"]), pod("web-1", "10.244.1.1")], "client > svc/web", "refused", "SERVICE_NO_ENDPOINTS"),
    both("one family has endpoints, the other has none: with", [service(**DUAL), pod("web-1", "10.244.1.1")], f"client > {V4}:80", "delivered"),
    both("one family has endpoints, the other has none: without", [service(**DUAL), pod("web-1", "10.244.1.1")], f"client > [{V6}]:80", "refused", "SERVICE_NO_ENDPOINTS"),
    both("slices by hand, one for each family: IPv6", [service(app=None, **DUAL), endpoint_slice(endpoint("fd00:10:244:2::1", node="n2"), family="IPv6"), BOTH_WEB], f"client > [{V6}]:80", "delivered", at=("web-2",)),
    both("slices by hand, one for each family: no IPv4", [service(app=None, **DUAL), endpoint_slice(endpoint("fd00:10:244:2::1", node="n2"), family="IPv6"), BOTH_WEB], f"client > {V4}:80", "refused", "SERVICE_NO_ENDPOINTS"),
    both("node port, first family", [service(**DUAL, **NODE_PORT), BOTH_WEB], "internet > 10.0.0.1:30080", "delivered", seen="10.0.0.1"),
    both("node port, second family", [service(**DUAL, **NODE_PORT), BOTH_WEB], "2001:db8:9::9 > [fd00::1]:30080", "delivered", seen="fd00::1"),
    both("node port of a single-stack Service at the node's other family", [service(ip=V4, **NODE_PORT), BOTH_WEB], "2001:db8:9::9 > [fd00::1]:30080", "refused", "NODE_PORT_CLOSED"),
    both("hairpin in the second family", [service(**DUAL), BOTH_WEB[:1]], f"web-1 > [{V6}]:80", "delivered", seen="fd00::1"),
    both("headless, both families", [service(ip="None", ipFamilyPolicy="RequireDualStack", ipFamilies=["IPv4", "IPv6"]), BOTH_WEB], "client > web:8080", "delivered", at=("web-1", "web-2")),
)
def test_dual_stack(flow: Flow, mode: str) -> None:
    check(flow, mode)
