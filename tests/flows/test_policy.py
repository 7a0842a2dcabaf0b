"""NetworkPolicy: what a connection meets, row by row.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

# ruff: noqa: E501 - a row is a line
from __future__ import annotations

import pytest

from tests.flows.builders import (
    LB_IP,
    VIP,
    endpoint,
    endpoint_slice,
    external_ip,
    external_name,
    headless,
    load_balancer,
    namespace,
    node_port,
    pod,
    policy,
    port,
    service,
    sport,
    workload,
)
from tests.flows.policy_builders import (
    IPS,
    NODES,
    PODS,
    SERVES,
    WORLD,
    Row,
    allow_in,
    allow_out,
    check,
    isolate,
    netpol,
    peer,
    row,
    rows,
    rule,
    selector,
)

EGRESS, INGRESS = "NETPOL_EGRESS_DENIED", "NETPOL_INGRESS_DENIED"
A, B, C = peer(pods="pod=a"), peer(pods="pod=b"), peer(pods="pod=c")
IN_A, OUT_A = "y/a > x/pod/a:80", "x/a > y/pod/a:80"


@rows(
    row("absent, no rules: ingress isolated", netpol(), IN_A, "timeout", INGRESS),
    row("absent, no rules: egress open", netpol(), OUT_A, "delivered"),
    row("absent, egress []: ingress isolated", netpol(egress=[]), IN_A, "timeout", INGRESS),
    row("absent, egress []: egress open", netpol(egress=[]), OUT_A, "delivered"),
    row("absent, an egress rule: egress isolated", netpol(egress=[rule(B)]), OUT_A, "timeout", EGRESS),
    row("absent, an egress rule: ingress isolated as well", netpol(egress=[rule(B)]), IN_A, "timeout", INGRESS),
    row("absent, an empty egress rule: egress allowed", netpol(egress=[rule()]), OUT_A, "delivered"),
    row("absent, an empty egress rule: ingress isolated", netpol(egress=[rule()]), IN_A, "timeout", INGRESS),
    row("absent, an ingress rule: egress open", netpol(ingress=[rule(B)]), OUT_A, "delivered"),
    row("absent, ingress and egress rules: both", netpol(ingress=[rule()], egress=[rule(B)]), OUT_A, "timeout", EGRESS),
    row("empty list is as absent: ingress", netpol(types=""), IN_A, "timeout", INGRESS),
    row("empty list is as absent: egress", netpol(types=""), OUT_A, "delivered"),
    row("empty list is as absent: with an egress rule", netpol(types="", egress=[rule(B)]), OUT_A, "timeout", EGRESS),
    row("Egress alone: ingress open", netpol(types="E"), IN_A, "delivered"),
    row("Egress alone: egress isolated", netpol(types="E"), OUT_A, "timeout", EGRESS),
    row("Egress alone: its ingress rules mean nothing", netpol(types="E", ingress=[rule(B)]), IN_A, "delivered"),
    row("Ingress alone: ingress isolated", netpol(types="I"), IN_A, "timeout", INGRESS),
    row("Ingress alone: egress open", netpol(types="I"), OUT_A, "delivered"),
    row("Ingress alone: its egress rules mean nothing", netpol(types="I", egress=[rule(B)]), OUT_A, "delivered"),
    row("both: ingress", netpol(types="IE"), IN_A, "timeout", INGRESS),
    row("both: egress", netpol(types="IE"), OUT_A, "timeout", EGRESS),
    row("both, in the other order", netpol(types="EI"), OUT_A, "timeout", EGRESS),
    row("Ingress twice", netpol(types="II"), OUT_A, "delivered"),
)
def test_policy_types(flow: Row) -> None:
    check(flow)


def raw(**spec: object) -> object:
    return policy("raw", ns="x", **spec)


@rows(
    row("ingress absent", raw(policyTypes=["Ingress"]), IN_A, "timeout", INGRESS),
    row("ingress []", raw(ingress=[]), IN_A, "timeout", INGRESS),
    row("ingress null", raw(ingress=None), IN_A, "timeout", INGRESS),
    row("ingress [{}]", raw(ingress=[{}]), IN_A, "delivered"),
    row("from []", raw(ingress=[{"from": []}]), IN_A, "delivered"),
    row("ports []", raw(ingress=[{"ports": []}]), IN_A, "delivered"),
    row("from [], ports [80]", raw(ingress=[{"from": [], "ports": [{"port": 80}]}]), IN_A, "delivered"),
    row("from [], ports [81]", raw(ingress=[{"from": [], "ports": [{"port": 81}]}]), IN_A, "timeout", INGRESS),
    row("ports [{}]: TCP, every port", raw(ingress=[{"ports": [{}]}]), IN_A, "delivered"),
    row("ports [{}] is not UDP", raw(ingress=[{"ports": [{}]}]), "y/a > x/pod/a:80 UDP", "timeout", INGRESS),
    row("egress absent", raw(policyTypes=["Egress"]), OUT_A, "timeout", EGRESS),
    row("egress [] with the type", raw(policyTypes=["Egress"], egress=[]), OUT_A, "timeout", EGRESS),
    row("egress [{}]", raw(policyTypes=["Egress"], egress=[{}]), OUT_A, "delivered"),
    row("to []", raw(policyTypes=["Egress"], egress=[{"to": []}]), OUT_A, "delivered"),
    row("to [{podSelector: {}}] is the own namespace", raw(policyTypes=["Egress"], egress=[{"to": [{"podSelector": {}}]}]), OUT_A, "timeout", EGRESS),
    row("to [{namespaceSelector: {}}]", raw(policyTypes=["Egress"], egress=[{"to": [{"namespaceSelector": {}}]}]), OUT_A, "delivered"),
    row("matchLabels null", raw(podSelector={"matchLabels": None}), IN_A, "timeout", INGRESS),
    row("matchExpressions []", raw(podSelector={"matchExpressions": []}), IN_A, "timeout", INGRESS),
    row("podSelector of another pod", raw(podSelector=selector("pod=b")), IN_A, "delivered"),
    row("peer and port of one rule are both required", raw(ingress=[{"from": [A], "ports": [{"port": 80}]}, {"from": [B], "ports": [{"port": 81}]}]), "x/b > x/pod/a:80", "timeout", INGRESS),
    row("one rule of two matches", raw(ingress=[{"from": [A], "ports": [{"port": 80}]}, {"from": [B], "ports": [{"port": 81}]}]), "x/b > x/pod/a:81", "delivered"),
    row("one of two ports", raw(ingress=[{"from": [B], "ports": [{"port": 80}, {"port": 81}]}]), "x/b > x/pod/a:81", "delivered"),
    row("one of two policies", [isolate(), allow_in(rule(B))], "x/b > x/pod/a:80", "delivered"),
    row("neither of two policies", [allow_in(rule(C)), allow_in(rule(B, ports="81"))], "x/b > x/pod/a:80", "timeout", INGRESS),
    row("two policies add up, not cross", [allow_in(rule(C, ports="80")), allow_in(rule(B, ports="81"))], "x/b > x/pod/a:80", "timeout", INGRESS),
    row("an allowance for another pod does not help", [isolate(), allow_in(rule(), pods="pod=b")], IN_A, "timeout", INGRESS),
    row("an allowance of the wrong direction does not help", [isolate(types="IE"), allow_out(rule())], IN_A, "timeout", INGRESS),
    row("an allowance in the client's namespace does not help", [isolate(), allow_out(rule(), of="y")], IN_A, "timeout", INGRESS),
    row("replies: the server may not go out", [isolate(types="E")], IN_A, "delivered"),
    row("replies: the client may not be reached", [isolate("y")], IN_A, "delivered"),
    row("replies: both", [isolate("y"), isolate(types="E")], IN_A, "delivered"),
    row("the client's egress comes first", [isolate(types="IE"), isolate("y", types="IE")], IN_A, "timeout", EGRESS),
    row("allowed, and nothing listens", [isolate(), allow_in(rule())], "y/a > x/pod/a:82", "refused", "PORT_NOT_LISTENING"),
    row("not allowed, and nothing listens", [isolate()], "y/a > x/pod/a:82", "timeout", INGRESS),
    row("not allowed out, and nothing listens", [isolate("y", types="E")], "y/a > x/pod/a:82", "timeout", EGRESS),
)  # fmt: skip
def test_rules(flow: Row) -> None:
    check(flow)


ODD = pod("odd", "10.244.2.99", ns="x", app=None, labels={"empty": ""}, ports=SERVES)
BARE = pod("bare", "10.244.2.98", ns="x", app=None, ports=SERVES)
LOOSE = pod("loose", "10.244.2.97", ns="w", app=None, ports=SERVES)


@rows(
    row("a label that is the empty string equals it", isolate(pods="empty="), "y/a > x/pod/odd:80", "timeout", INGRESS, world=(WORLD, ODD)),
    row("an absent label is not the empty string", isolate(pods="empty="), IN_A, "delivered"),
    row("the empty string is there", isolate(pods="empty"), "y/a > x/pod/odd:80", "timeout", INGRESS, world=(WORLD, ODD)),
    row("{} selects a pod without labels", isolate(), "y/a > x/pod/bare:80", "timeout", INGRESS, world=(WORLD, BARE)),
    row("NotIn selects a pod without labels", isolate(pods="pod notin (a)"), "y/a > x/pod/bare:80", "timeout", INGRESS, world=(WORLD, BARE)),
    row("podSelector {} lets a pod without labels in", allow_in(rule(peer(pods=""))), "x/bare > x/pod/a:80", "delivered", world=(WORLD, BARE)),
    row("a namespace that nobody wrote has its name as label", allow_in(rule(peer(ns="kubernetes.io/metadata.name=w"))), "w/loose > x/pod/a:80", "delivered", world=(WORLD, LOOSE)),
    row("a namespace that nobody wrote has no other label", allow_in(rule(peer(ns="ns=w"))), "w/loose > x/pod/a:80", "timeout", INGRESS, world=(WORLD, LOOSE)),
    row("name is no label of a namespace", allow_in(rule(peer(ns="name=y"))), IN_A, "timeout", INGRESS),
    row("labels of a namespace are not those of its pods", allow_in(rule(peer(pods="ns=y", ns=""))), IN_A, "timeout", INGRESS),
    row("labels of pods are not those of their namespace", allow_in(rule(peer(ns="pod=a"))), IN_A, "timeout", INGRESS),
    row("label keys are case-sensitive", isolate(pods="Pod=a"), IN_A, "delivered"),
    row("label values are case-sensitive", isolate(pods="pod=A"), IN_A, "delivered"),
    row("a workload's pods have the template's labels", isolate(pods="app=api"), "y/a > x/deploy/api:8080", "timeout", INGRESS, world=(WORLD, workload("Deployment", "api", ns="x"))),
    row("a Deployment's own name is no label of its pods", isolate(pods="app=other"), "y/a > x/deploy/api:8080", "delivered", world=(WORLD, workload("Deployment", "api", ns="x"))),
    row("a StatefulSet's pod by its name's label", isolate(pods="statefulset.kubernetes.io/pod-name=db-1"), "y/a > x/pod/db-1:8080", "timeout", INGRESS, world=(WORLD, workload("StatefulSet", "db", ns="x", replicas=2))),
    row("a StatefulSet's other pod", isolate(pods="statefulset.kubernetes.io/pod-name=db-1"), "y/a > x/pod/db-0:8080", "delivered", world=(WORLD, workload("StatefulSet", "db", ns="x", replicas=2))),
)  # fmt: skip
def test_selectors(flow: Row) -> None:
    check(flow)


DNS_PORT = pod(
    "dnsish",
    "10.244.3.50",
    ns="x",
    app="mixed",
    labels={"pod": "d"},
    ports=[port(53, "dns", "UDP"), port(8080, "http")],
)
HIGH = pod("high", "10.244.2.51", ns="x", app="mixed", labels={"pod": "h"}, ports=[port(9090, "http")])
TWO_NAMES = pod(
    "two", "10.244.2.52", ns="x", app="mixed", labels={"pod": "t"}, ports=[port(80, "http"), port(81, "http-alt")]
)
UNNAMED = pod("plain", "10.244.2.53", ns="x", app="mixed", labels={"pod": "p"}, ports=[port(80)])
SILENT = pod("silent", "10.244.2.54", ns="x", app="mixed", labels={"pod": "s"}, ports=[])
SAME_NAME = pod("same", "10.244.2.55", ns="x", app="mixed", ports=[port(53, "dns", "UDP"), port(5353, "dns", "TCP")])
SECOND = pod(
    "second", "10.244.2.56", ns="x", app="mixed",
    containers=[{"name": "one", "image": "i", "ports": [port(80, "web")]}, {"name": "two", "image": "i", "ports": [port(81, "http")]}],
)  # fmt: skip
MIXED = (WORLD, DNS_PORT, HIGH, TWO_NAMES, UNNAMED, SILENT, SAME_NAME, SECOND)


@rows(
    row("name: the number that this pod gives it", allow_in(rule(ports="http")), "y/a > x/pod/dnsish:8080", "delivered", world=MIXED),
    row("name: the number that another pod gives it", allow_in(rule(ports="http")), "y/a > x/pod/high:9090", "delivered", world=MIXED),
    row("name: not the number that another pod gives it", allow_in(rule(ports="http")), "y/a > x/pod/high:8080", "timeout", INGRESS, world=MIXED),
    row("name: another port of the pod", allow_in(rule(ports="http")), "y/a > x/pod/two:81", "timeout", INGRESS, world=MIXED),
    row("name: whole, not its beginning", allow_in(rule(ports="http-alt")), "y/a > x/pod/two:80", "timeout", INGRESS, world=MIXED),
    row("name: a pod without names", allow_in(rule(ports="http")), "y/a > x/pod/plain:80", "timeout", INGRESS, world=MIXED),
    row("name: a pod without declared ports", allow_in(rule(ports="http")), "y/a > x/pod/silent:80", "timeout", INGRESS, world=MIXED),
    row("name: of the second container", allow_in(rule(ports="http")), "y/a > x/pod/second:81", "delivered", world=MIXED),
    row("name: protocol of the policy is TCP by default, of the port UDP", allow_in(rule(ports="dns")), "y/a > x/pod/dnsish:53 UDP", "timeout", INGRESS, world=MIXED),
    row("name: protocols agree", allow_in(rule(ports="dns/UDP")), "y/a > x/pod/dnsish:53 UDP", "delivered", world=MIXED),
    row("name: same name for two protocols, TCP", allow_in(rule(ports="dns")), "y/a > x/pod/same:5353", "delivered", world=MIXED),
    row("name: same name for two protocols, UDP", allow_in(rule(ports="dns/UDP")), "y/a > x/pod/same:53 UDP", "delivered", world=MIXED),
    row("name: same name for two protocols, number of the other", allow_in(rule(ports="dns/UDP")), "y/a > x/pod/same:5353 UDP", "timeout", INGRESS, world=MIXED),
    row("name, egress: of the target pod", allow_out(rule(ports="http"), of="y"), "y/a > x/pod/high:9090", "delivered", world=MIXED),
    row("name, egress: not of the client", allow_out(rule(ports="serve-80-tcp"), of="y"), "y/a > x/pod/plain:80", "timeout", EGRESS, world=MIXED),
    row("name, egress: per target pod", allow_out(rule(ports="http"), of="y"), "y/a > x/pod/two:80", "delivered", world=MIXED),
    row("name, egress: outside there are no names", allow_out(rule(peer(ip="0.0.0.0/0"), ports="http")), "x/a > 203.0.113.9:80", "timeout", EGRESS),
    row("number: of a port that no container declares", allow_in(rule(ports="7070")), "y/a > x/pod/silent:7070", "delivered", world=MIXED),
    row("number: another", allow_in(rule(ports="7070")), "y/a > x/pod/silent:7071", "timeout", INGRESS, world=MIXED),
    row("number is of the target, not of the source", allow_out(rule(ports="81")), "x/a > y/pod/a:80", "timeout", EGRESS),
    row("protocol: UDP 80 allowed, UDP asked", allow_in(rule(ports="80/UDP")), "y/a > x/pod/a:80 UDP", "delivered"),
    row("protocol: TCP by default, UDP asked", allow_in(rule(ports="80")), "y/a > x/pod/a:80 UDP", "timeout", INGRESS),
    row("protocol: SCTP 80 allowed, SCTP asked", allow_in(rule(ports="80/SCTP")), "y/a > x/pod/a:80 SCTP", "delivered"),
    row("protocol: all of SCTP", allow_in(rule(ports="/SCTP")), "y/a > x/pod/a:81 SCTP", "delivered"),
    row("protocol: all of UDP is not SCTP", allow_in(rule(ports="/UDP")), "y/a > x/pod/a:81 SCTP", "timeout", INGRESS),
    row("protocol: no port list is every protocol", allow_in(rule()), "y/a > x/pod/a:81 SCTP", "delivered"),
    row("protocol: one of two", allow_in(rule(ports="80 80/UDP")), "y/a > x/pod/a:80 UDP", "delivered"),
    row("endPort: within", allow_in(rule(ports="7000-7999")), "y/a > x/pod/silent:7500", "delivered", world=MIXED),
    row("endPort: first", allow_in(rule(ports="7000-7999")), "y/a > x/pod/silent:7000", "delivered", world=MIXED),
    row("endPort: last", allow_in(rule(ports="7000-7999")), "y/a > x/pod/silent:7999", "delivered", world=MIXED),
    row("endPort: one below", allow_in(rule(ports="7000-7999")), "y/a > x/pod/silent:6999", "timeout", INGRESS, world=MIXED),
    row("endPort: one above", allow_in(rule(ports="7000-7999")), "y/a > x/pod/silent:8000", "timeout", INGRESS, world=MIXED),
    row("endPort: to the last of all", allow_in(rule(ports="1-65535")), "y/a > x/pod/silent:65535", "delivered", world=MIXED),
)  # fmt: skip
def test_ports(flow: Row) -> None:
    check(flow)


LOCAL = {"externalTrafficPolicy": "Local"}
XA = {"ns": "x", "app": None, "selector": {"pod": "a"}}
NODE_PORT_LOCAL = node_port(ns="x", app=None, selector={"pod": "a"}, **LOCAL)
NODE_PORT_CLUSTER = node_port(ns="x", app=None, selector={"pod": "a"})


def at_80(made: dict) -> dict:  # type: ignore[type-arg]
    """The Service with targetPort 80 instead of the name http."""
    made["spec"]["ports"] = [{**each, "targetPort": 80} for each in made["spec"]["ports"]]
    return made


NP_LOCAL, NP_CLUSTER = at_80(NODE_PORT_LOCAL), at_80(NODE_PORT_CLUSTER)
LB_LOCAL, LB_CLUSTER = at_80(load_balancer(**XA, **LOCAL)), at_80(load_balancer(**XA))
CLIENT_NET, OTHER_NET = peer(ip="198.51.100.0/24"), peer(ip="192.0.2.0/24")
AT_A, AT_B = "internet > node/n1:30080", "internet > node/n2:30080"
CLIENT_IP = "198.51.100.7"


@rows(
    row("no policy, eTP Local", NP_LOCAL, AT_A, "delivered", seen=CLIENT_IP),
    row("isolated, eTP Local", [NP_LOCAL, isolate()], AT_A, "timeout", INGRESS),
    row("its range, eTP Local", [NP_LOCAL, allow_in(rule(CLIENT_NET))], AT_A, "delivered", seen=CLIENT_IP),
    row("its range and the pod's port, eTP Local", [NP_LOCAL, allow_in(rule(CLIENT_NET, ports="80"))], AT_A, "delivered"),
    row("its range and the node port, eTP Local", [NP_LOCAL, allow_in(rule(CLIENT_NET, ports="30080"))], AT_A, "timeout", INGRESS),
    row("another range, eTP Local", [NP_LOCAL, allow_in(rule(OTHER_NET))], AT_A, "timeout", INGRESS),
    row("its very address", [NP_LOCAL, allow_in(rule(peer(ip="198.51.100.7/32")))], AT_A, "delivered"),
    row("its neighbour's address", [NP_LOCAL, allow_in(rule(peer(ip="198.51.100.6/32")))], AT_A, "timeout", INGRESS),
    row("its range but for it", [NP_LOCAL, allow_in(rule(peer(ip="198.51.100.0/24", but=["198.51.100.7/32"])))], AT_A, "timeout", INGRESS),
    row("its range but for others", [NP_LOCAL, allow_in(rule(peer(ip="198.51.100.0/24", but=["198.51.100.128/25", "198.51.100.8/29"])))], AT_A, "delivered"),
    row("everything", [NP_LOCAL, allow_in(rule(peer(ip="0.0.0.0/0")))], AT_A, "delivered"),
    row("everything but for it", [NP_LOCAL, allow_in(rule(peer(ip="0.0.0.0/0", but=["198.51.100.0/24"])))], AT_A, "timeout", INGRESS),
    row("excepted in one block, allowed by another", [NP_LOCAL, allow_in(rule(peer(ip="0.0.0.0/0", but=["198.51.100.0/24"]), CLIENT_NET))], AT_A, "delivered"),
    row("excepted in one policy, allowed by another", [NP_LOCAL, allow_in(rule(peer(ip="0.0.0.0/0", but=["198.51.100.0/24"]))), allow_in(rule(CLIENT_NET))], AT_A, "delivered"),
    row("everything of IPv6", [NP_LOCAL, allow_in(rule(peer(ip="::/0")))], AT_A, "timeout", INGRESS),
    row("namespaceSelector {} means pods", [NP_LOCAL, allow_in(rule(peer(ns="")))], AT_A, "timeout", INGRESS),
    row("podSelector {} means pods", [NP_LOCAL, allow_in(rule(peer(pods="")))], AT_A, "timeout", INGRESS),
    row("both {} mean pods", [NP_LOCAL, allow_in(rule(peer(pods="", ns="")))], AT_A, "timeout", INGRESS),
    row("an expression that all pods fulfil means pods", [NP_LOCAL, allow_in(rule(peer(ns="!none", pods="none notin (x)")))], AT_A, "timeout", INGRESS),
    row("an empty rule means everybody", [NP_LOCAL, allow_in(rule())], AT_A, "delivered"),
    row("ports alone mean everybody", [NP_LOCAL, allow_in(rule(ports="80"))], AT_A, "delivered"),
    row("egress of the target does not matter", [NP_LOCAL, isolate(types="E")], AT_A, "delivered"),
    row("another address of the internet", [NP_LOCAL, allow_in(rule(OTHER_NET))], "192.0.2.44 > node/n1:30080", "delivered", seen="192.0.2.44"),
    row("eTP Local, the wrong node", [NP_LOCAL, allow_in(rule())], AT_B, "timeout", "SERVICE_NO_LOCAL_ENDPOINTS"),
    row("its range, eTP Cluster over another node", [NP_CLUSTER, allow_in(rule(CLIENT_NET))], AT_B, "timeout", INGRESS),
    row("the nodes' range, eTP Cluster over another node", [NP_CLUSTER, allow_in(rule(peer(ip="10.0.0.0/24")))], AT_B, "delivered", seen="10.0.0.2"),
    row("an empty rule, eTP Cluster over another node", [NP_CLUSTER, allow_in(rule())], AT_B, "delivered"),
    row("isolated, eTP Cluster over another node", [NP_CLUSTER, isolate()], AT_B, "timeout", INGRESS),
    row("load balancer, eTP Local, its range", [LB_LOCAL, allow_in(rule(CLIENT_NET))], f"internet > {LB_IP}:80", "delivered", seen=CLIENT_IP),
    row("load balancer, eTP Local, another range", [LB_LOCAL, allow_in(rule(OTHER_NET))], f"internet > {LB_IP}:80", "timeout", INGRESS),
    row("load balancer, eTP Local, isolated", [LB_LOCAL, isolate()], f"internet > {LB_IP}:80", "timeout", INGRESS),
    row("load balancer, eTP Cluster, an empty rule", [LB_CLUSTER, allow_in(rule())], f"internet > {LB_IP}:80", "delivered"),
    row("load balancer, eTP Cluster, its own address", [LB_CLUSTER, allow_in(rule(peer(ip=f"{LB_IP}/32")))], AT_B, "timeout", INGRESS),
)  # fmt: skip
def test_from_outside(flow: Row) -> None:
    check(flow)


OUTSIDE = "x/a > 203.0.113.9:443"


@rows(
    row("no policy", [], OUTSIDE, "external", "LEFT_CLUSTER"),
    row("ingress isolated", isolate(), OUTSIDE, "external", "LEFT_CLUSTER"),
    row("egress isolated", isolate(types="E"), OUTSIDE, "timeout", EGRESS),
    row("an empty rule", allow_out(rule()), OUTSIDE, "external"),
    row("its range", allow_out(rule(peer(ip="203.0.113.0/24"))), OUTSIDE, "external"),
    row("its range and port", allow_out(rule(peer(ip="203.0.113.0/24"), ports="443")), OUTSIDE, "external"),
    row("its range, another port", allow_out(rule(peer(ip="203.0.113.0/24"), ports="80")), OUTSIDE, "timeout", EGRESS),
    row("its range, another protocol", allow_out(rule(peer(ip="203.0.113.0/24"), ports="443/UDP")), OUTSIDE, "timeout", EGRESS),
    row("another range", allow_out(rule(peer(ip="192.0.2.0/24"))), OUTSIDE, "timeout", EGRESS),
    row("everything but for it", allow_out(rule(peer(ip="0.0.0.0/0", but=["203.0.113.0/24"]))), OUTSIDE, "timeout", EGRESS),
    row("everything but for the cluster's ranges", allow_out(rule(peer(ip="0.0.0.0/0", but=["10.0.0.0/8"]))), OUTSIDE, "external"),
    row("everything but for the cluster's ranges: a pod", allow_out(rule(peer(ip="0.0.0.0/0", but=["10.0.0.0/8"]))), OUT_A, "timeout", EGRESS),
    row("namespaceSelector {} means pods", allow_out(rule(peer(ns=""))), OUTSIDE, "timeout", EGRESS),
    row("both {} mean pods", allow_out(rule(peer(ns="", pods=""))), OUTSIDE, "timeout", EGRESS),
    row("ports alone mean everybody", allow_out(rule(ports="443")), OUTSIDE, "external"),
    row("another pod's egress", isolate(pods="pod=b", types="E"), OUTSIDE, "external"),
)  # fmt: skip
def test_to_outside(flow: Row) -> None:
    check(flow)


POD_NET = peer(ip="10.244.0.0/16")
CILIUM, FLANNEL, AMAZON, UNHEARD = ({"cni": name} for name in ("cilium", "flannel", "aws-vpc-cni", "acme-net"))


@rows(
    row("matched by default: ingress", allow_in(rule(POD_NET)), IN_A, "delivered"),
    row("matched by default: egress", allow_out(rule(POD_NET)), OUT_A, "delivered"),
    row("matched by default: 0.0.0.0/0", allow_in(rule(peer(ip="0.0.0.0/0"))), IN_A, "delivered"),
    row("another range", allow_in(rule(peer(ip="10.245.0.0/16"))), IN_A, "timeout", INGRESS),
    row("excepted", allow_in(rule(peer(ip="10.244.0.0/16", but=[f"{IPS['y/a']}/32"]))), IN_A, "timeout", INGRESS),
    row("excepted, but selected by another peer", allow_in(rule(peer(ip="10.244.0.0/16", but=[f"{IPS['y/a']}/32"]), peer(ns="ns=y"))), IN_A, "delivered"),
    row("Calico matches", allow_in(rule(POD_NET)), IN_A, "delivered", facts={"cni": "calico"}),
    row("Cilium does not: ingress", allow_in(rule(POD_NET)), IN_A, "timeout", INGRESS, facts=CILIUM),
    row("Cilium does not: egress", allow_out(rule(POD_NET)), OUT_A, "timeout", EGRESS, facts=CILIUM),
    row("Cilium does not: 0.0.0.0/0", allow_out(rule(peer(ip="0.0.0.0/0"))), OUT_A, "timeout", EGRESS, facts=CILIUM),
    row("Cilium: a selector does", allow_in(rule(peer(ns="ns=y"))), IN_A, "delivered", facts=CILIUM),
    row("Cilium: addresses outside are matched", [NP_LOCAL, allow_in(rule(CLIENT_NET))], AT_A, "delivered", facts=CILIUM),
    row("Cilium: an empty rule", allow_in(rule()), IN_A, "delivered", facts=CILIUM),
)  # fmt: skip
def test_ip_blocks_and_pods(flow: Row) -> None:
    check(flow)


@rows(
    row("Flannel: ingress", isolate(), IN_A, "delivered", facts=FLANNEL, steps=["POLICY_NOT_ENFORCED"]),
    row("Flannel: egress", isolate(types="E"), OUT_A, "delivered", facts=FLANNEL),
    row("Flannel: DNS", [isolate(types="E"), at_80(service(ns="x", app=None, selector={"pod": "a"}))], "x/b > web:80", "delivered", facts=FLANNEL),
    row("Calico", isolate(), IN_A, "timeout", INGRESS, facts={"cni": "calico"}),
    row("kindnet", isolate(), IN_A, "timeout", INGRESS, facts={"cni": "kindnet"}),
    row("Canal", isolate(), IN_A, "timeout", INGRESS, facts={"cni": "canal"}),
    row("Weave Net", isolate(), IN_A, "timeout", INGRESS, facts={"cni": "weave"}),
    row("nobody says which plugin", isolate(), IN_A, "timeout", INGRESS, assumes=["NetworkPolicy"]),
    row("Amazon's, no policy", [], IN_A, "delivered", facts=AMAZON),
    row("Amazon's, no policy for this pod", isolate(pods="pod=b"), IN_A, "delivered", facts=AMAZON),
    row("Amazon's, no policy for this direction", isolate(types="E"), IN_A, "delivered", facts=AMAZON),
    row("Amazon's, allowed", allow_in(rule(peer(ns="ns=y"))), IN_A, "delivered", facts=AMAZON),
    row("Amazon's, allowed by an empty rule", allow_in(rule()), IN_A, "delivered", facts=AMAZON),
    row("Amazon's, not allowed in", isolate(), IN_A, "unknown", "CANNOT_TELL", facts=AMAZON),
    row("Amazon's, not allowed out", isolate(types="E"), OUT_A, "unknown", "CANNOT_TELL", facts=AMAZON),
    row("Amazon's, not allowed, and nothing listens", isolate(), "y/a > x/pod/a:82", "unknown|refused", facts=AMAZON),
    row("a plugin that nobody heard of, not allowed", isolate(), IN_A, "unknown", "CANNOT_TELL", facts=UNHEARD),
    row("a plugin that nobody heard of, allowed", allow_in(rule(peer(ns="ns=y"))), IN_A, "delivered", facts=UNHEARD),
    row("a plugin that nobody heard of, no policy", [], IN_A, "delivered", facts=UNHEARD),
)  # fmt: skip
def test_plugins(flow: Row) -> None:
    check(flow)


@pytest.mark.parametrize("flow", [row("", isolate(), IN_A, "delivered").values[0]])
def test_policies_left_out_on_request(flow: Row) -> None:
    from dataclasses import replace

    check(replace(flow, options={"ignore_policies": True}))
    both = replace(flow, given=[isolate(), isolate("y", types="E")])
    check(replace(both, options={"ignore_policies": True}))
    trace = check(replace(both, options={"all_blockers": True}, ends="timeout", because=EGRESS))
    assert [step.reason.code for step in trace.blockers] == [EGRESS, INGRESS]
    closed = replace(both, target="x/pod/a:82", options={"all_blockers": True}, ends="timeout", because=EGRESS)
    assert [step.reason.code for step in check(closed).blockers] == [EGRESS, INGRESS, "PORT_NOT_LISTENING"]


HOSTED = pod(
    "hosted", "10.0.0.2", on="n2", ns="x", app=None, labels={"pod": "host"}, ports=[port(9000)], hostNetwork=True
)
HOSTED_Y = pod(
    "hosted-y", "10.0.0.1", on="n1", ns="y", app=None, labels={"pod": "host"}, ports=[port(9001)], hostNetwork=True
)
HOSTS = (WORLD, HOSTED, HOSTED_Y)


@rows(
    row("its own node: isolated", isolate(types="IE"), "node/n1 > x/pod/a:80", "delivered"),
    row("its own node: only others allowed", allow_in(rule(B)), "node/n1 > x/pod/a:80", "delivered"),
    row("another node: no policy", [], "node/n2 > x/pod/a:80", "delivered", seen="10.0.0.2"),
    row("another node: isolated", isolate(), "node/n2 > x/pod/a:80", "timeout", INGRESS),
    row("another node: its address", allow_in(rule(peer(ip="10.0.0.2/32"))), "node/n2 > x/pod/a:80", "delivered"),
    row("another node: a third one's address", allow_in(rule(peer(ip="10.0.0.3/32"))), "node/n2 > x/pod/a:80", "timeout", INGRESS),
    row("another node: selectors mean pods", allow_in(rule(peer(pods="", ns=""))), "node/n2 > x/pod/a:80", "timeout", INGRESS),
    row("another node: an empty rule", allow_in(rule()), "node/n2 > x/pod/a:80", "delivered"),
    row("hostNetwork client on the pod's node: isolated", isolate(), "y/hosted-y > x/pod/a:80", "delivered", world=HOSTS),
    row("hostNetwork client on another node: isolated", isolate(), "x/hosted > x/pod/a:80", "timeout", INGRESS, world=HOSTS),
    row("hostNetwork client on another node: no podSelector matches", allow_in(rule(peer(pods="pod=host"))), "x/hosted > x/pod/a:80", "timeout", INGRESS, world=HOSTS),
    row("hostNetwork client on another node: no namespaceSelector matches", allow_in(rule(peer(ns=""))), "x/hosted > x/pod/a:80", "timeout", INGRESS, world=HOSTS),
    row("hostNetwork client on another node: the node's address", allow_in(rule(peer(ip="10.0.0.2/32"))), "x/hosted > x/pod/a:80", "delivered", seen="10.0.0.2", world=HOSTS),
    row("hostNetwork client: policies pass over it", isolate(pods="pod=host", types="E"), "x/hosted > y/pod/a:80", "delivered", world=HOSTS),
    row("hostNetwork target: policies pass over it", isolate(pods="pod=host"), "y/a > x/pod/hosted:9000", "delivered", world=HOSTS),
    row("hostNetwork target: policies pass over it, from outside", isolate(pods="pod=host"), "internet > node/n2:9000", "delivered", world=HOSTS),
    row("egress to a hostNetwork pod elsewhere: no podSelector matches", allow_out(rule(peer(pods="pod=host"))), "x/a > x/pod/hosted:9000", "timeout", EGRESS, world=HOSTS),
    row("egress to a hostNetwork pod elsewhere: the node's address", allow_out(rule(peer(ip="10.0.0.2/32"))), "x/a > x/pod/hosted:9000", "delivered", world=HOSTS),
    row("egress to a hostNetwork pod elsewhere: an empty rule", allow_out(rule()), "x/a > x/pod/hosted:9000", "delivered", world=HOSTS),
    row("egress to another node: isolated", isolate(types="E"), "x/a > node/n2:22", "timeout", EGRESS),
    row("self: isolated", isolate(types="IE"), "x/a > x/pod/a:80", "delivered"),
    row("self over localhost: isolated", isolate(types="IE"), "x/a > localhost:80", "delivered"),
    row("self over 127.0.0.1: isolated", isolate(types="IE"), "x/a > 127.0.0.1:81", "delivered"),
    row("self, nothing listens", isolate(types="IE"), "x/a > 127.0.0.1:82", "refused"),
    row("API server: egress to all pods is not enough", allow_out(rule(peer(ns=""))), "x/b > 10.96.0.1:443", "timeout", EGRESS),
    row("API server: its node's address and port", allow_out(rule(peer(ip="10.0.0.1/32"), ports="6443")), "x/b > 10.96.0.1:443", "delivered"),
    row("API server: the Service's port is not it", allow_out(rule(peer(ip="10.0.0.1/32"), ports="443")), "x/b > 10.96.0.1:443", "timeout", EGRESS),
    row("API server: its name in the environment, an empty rule", allow_out(rule()), "x/b > 10.96.0.1:443", "delivered"),
)  # fmt: skip
def test_nodes_host_network_and_self(flow: Row) -> None:
    check(flow)


def web(**more: object) -> dict:  # type: ignore[type-arg]
    """Service web in x: port 8000 to port 80 of pods a, b and c."""
    spec = {"ns": "x", "ip": VIP, "app": None, "selector": {"pod": "b"}, "ports": [sport(8000, 80, "web")], **more}
    return service(**spec)  # type: ignore[arg-type]


TO_VIP = f"y/a > {VIP}:8000"
EVERY = [
    pod(f"w-{name}", f"10.244.{number}.60", ns="x", app="w", labels={"pod": f"w{name}"}, ports=SERVES)
    for number, name in enumerate("abc", 1)
]
SPREAD = service("web", VIP, ns="x", app="w", ports=[sport(8000, 80)])


@rows(
    row("no policy", web(), TO_VIP, "delivered", seen=IPS["y/a"], port=80),
    row("egress: target port allowed", [web(), allow_out(rule(ports="80"), of="y")], TO_VIP, "delivered"),
    row("egress: Service port allowed", [web(), allow_out(rule(ports="8000"), of="y")], TO_VIP, "timeout", EGRESS),
    row("egress: the target's name for the port", [web(), allow_out(rule(ports="serve-80-tcp"), of="y")], TO_VIP, "delivered"),
    row("egress: the Service's name for the port", [web(), allow_out(rule(ports="web"), of="y")], TO_VIP, "timeout", EGRESS),
    row("egress: the target's namespace", [web(), allow_out(rule(peer(ns="ns=x")), of="y")], TO_VIP, "delivered"),
    row("egress: the target's address", [web(), allow_out(rule(peer(ip=f"{IPS['x/b']}/32")), of="y")], TO_VIP, "delivered"),
    row("egress: the cluster IP", [web(), allow_out(rule(peer(ip=f"{VIP}/32")), of="y")], TO_VIP, "timeout", EGRESS),
    row("egress: the Service range", [web(), allow_out(rule(peer(ip="10.96.0.0/12")), of="y")], TO_VIP, "timeout", EGRESS),
    row("egress: labels of the Service mean nothing", [web(labels={"tier": "web"}), allow_out(rule(peer(ns="", pods="tier=web")), of="y")], TO_VIP, "timeout", EGRESS),
    row("ingress: target port allowed", [web(), allow_in(rule(ports="80"))], TO_VIP, "delivered"),
    row("ingress: Service port allowed", [web(), allow_in(rule(ports="8000"))], TO_VIP, "timeout", INGRESS),
    row("ingress: the client is still itself", [web(), allow_in(rule(peer(ns="ns=y", pods="pod=a")))], TO_VIP, "delivered", seen=IPS["y/a"]),
    row("ingress: another client", [web(), allow_in(rule(peer(ns="ns=y", pods="pod=b")))], TO_VIP, "timeout", INGRESS),
    row("one endpoint of three allowed in", [SPREAD, EVERY, isolate(pods="app=w"), allow_in(rule(), pods="pod=wa")], TO_VIP, "partial", at={"w-a": 1 / 3}),
    row("one endpoint of three isolated", [SPREAD, EVERY, isolate(pods="pod=wb")], TO_VIP, "partial", INGRESS, at={"w-a": 1 / 3, "w-c": 1 / 3}),
    row("one endpoint of three allowed out", [SPREAD, EVERY, allow_out(rule(peer(ns="ns=x", pods="pod=wc")), of="y")], TO_VIP, "partial", EGRESS, at={"w-c": 1 / 3}),
    row("every endpoint isolated", [SPREAD, EVERY, isolate()], TO_VIP, "timeout", INGRESS, at={}),
    row("some not allowed, some do not listen", [SPREAD, EVERY[0], pod("w-z", "10.244.3.61", ns="x", app="w", ports=[port(99)]), isolate(pods="pod=wa")], TO_VIP, "mixed"),
    row("no endpoints, no policy", [web(selector={"pod": "none"})], TO_VIP, "refused", "SERVICE_NO_ENDPOINTS"),
    row("headless: the pod's own port", [headless(ns="x", app=None, selector={"pod": "b"}, ports=[sport(8000, 80)]), allow_in(rule(ports="80"))], "y/a > web.x:80", "delivered"),
    row("headless: the Service's port is not translated", [headless(ns="x", app=None, selector={"pod": "b"}, ports=[sport(8000, 80)]), allow_in(rule(ports="80"))], "y/a > web.x:8000", "timeout", INGRESS),
    row("UDP Service, UDP allowed", [web(ports=[sport(53, 80, protocol="UDP")]), allow_in(rule(ports="80/UDP"))], f"y/a > {VIP}:53 UDP", "delivered"),
    row("UDP Service, TCP allowed", [web(ports=[sport(53, 80, protocol="UDP")]), allow_in(rule(ports="80"))], f"y/a > {VIP}:53 UDP", "timeout", INGRESS),
    row("LB address from a pod, eTP Cluster: it comes as its node", [LB_CLUSTER, allow_in(rule(peer(pods="", ns="")))], f"y/b > {LB_IP}:80", "timeout", INGRESS),
    row("LB address from a pod, eTP Cluster: the nodes' range", [LB_CLUSTER, allow_in(rule(peer(ip="10.0.0.0/24")))], f"y/b > {LB_IP}:80", "delivered", seen="10.0.0.2"),
    row("LB address from a pod, eTP Local: it comes as itself", [LB_LOCAL, allow_in(rule(peer(ns="ns=y")))], f"y/b > {LB_IP}:80", "delivered", seen=IPS["y/b"]),
    row("LB address from a pod, eTP Local: another pod allowed", [LB_LOCAL, allow_in(rule(peer(ns="ns=z")))], f"y/b > {LB_IP}:80", "timeout", INGRESS),
    row("LB address from a pod: egress judged on the target", [LB_LOCAL, allow_out(rule(peer(ns="ns=x"), ports="80"), of="y")], f"y/b > {LB_IP}:80", "delivered"),
    row("LB address from a pod: egress to the LB address alone", [LB_LOCAL, allow_out(rule(peer(ip=f"{LB_IP}/32")), of="y")], f"y/b > {LB_IP}:80", "timeout", EGRESS),
    row("own node's port from a pod, eTP Cluster", [NP_CLUSTER, allow_in(rule(peer(ns="ns=y")))], "y/b > node/n2:30080", "timeout", INGRESS),
    row("own node's port from a pod, eTP Local", [NP_LOCAL, allow_in(rule(peer(ns="ns=y")))], "y/b > node/n2:30080", "delivered", seen=IPS["y/b"]),
    row("external IP from a pod, eTP Cluster", [at_80(external_ip(**XA)), allow_in(rule(peer(ns="ns=y")))], "y/b > 192.0.2.80:80", "timeout", INGRESS),
    row("cluster IP from a node process elsewhere", [web(), allow_in(rule(peer(ip="10.0.0.0/24")))], f"node/n1 > {VIP}:8000", "delivered"),
    row("cluster IP from a node process elsewhere, isolated", [web(), isolate()], f"node/n1 > {VIP}:8000", "timeout", INGRESS),
)  # fmt: skip
def test_through_services(flow: Row) -> None:
    check(flow)


SYSTEM_DNS = peer(ns="kubernetes.io/metadata.name=kube-system", pods="k8s-app=kube-dns")
TO_X = peer(ns="ns=x")
BY_NAME = "y/a > http://web.x:8000/"
DENY_Y = isolate("y", types="E")
NOT_RESOLVED = "DNS_BLOCKED_BY_POLICY"


def out_y(*rules: object) -> object:
    return allow_out(*rules, of="y")  # type: ignore[arg-type]


@rows(
    row("no policy", web(), BY_NAME, "delivered"),
    row("egress denied", [web(), DENY_Y], BY_NAME, "unresolved", NOT_RESOLVED),
    row("target allowed, DNS not", [web(), out_y(rule(TO_X))], BY_NAME, "unresolved", NOT_RESOLVED),
    row("target allowed, DNS not, by address", [web(), out_y(rule(TO_X))], TO_VIP, "delivered"),
    row("DNS over UDP allowed", [web(), out_y(rule(TO_X), rule(SYSTEM_DNS, ports="53/UDP"))], BY_NAME, "delivered"),
    row("DNS over both allowed", [web(), out_y(rule(TO_X), rule(SYSTEM_DNS, ports="53/UDP 53/TCP"))], BY_NAME, "delivered"),
    row("DNS over TCP allowed", [web(), out_y(rule(TO_X), rule(SYSTEM_DNS, ports="53/TCP"))], BY_NAME, "unresolved", NOT_RESOLVED),
    row("port 53 without a protocol is TCP", [web(), out_y(rule(TO_X), rule(SYSTEM_DNS, ports="53"))], BY_NAME, "unresolved", NOT_RESOLVED),
    row("port 53 to anybody", [web(), out_y(rule(TO_X), rule(ports="53/UDP"))], BY_NAME, "delivered"),
    row("another port", [web(), out_y(rule(TO_X), rule(SYSTEM_DNS, ports="5353/UDP"))], BY_NAME, "unresolved", NOT_RESOLVED),
    row("the port's name at CoreDNS", [web(), out_y(rule(TO_X), rule(SYSTEM_DNS, ports="dns/UDP"))], BY_NAME, "delivered"),
    row("all of kube-system", [web(), out_y(rule(TO_X), rule(peer(ns="kubernetes.io/metadata.name=kube-system")))], BY_NAME, "delivered"),
    row("all pods of all namespaces", [web(), out_y(rule(peer(ns="")))], BY_NAME, "delivered"),
    row("a label that kube-system does not have", [web(), out_y(rule(TO_X), rule(peer(ns="name=kube-system"), ports="53/UDP"))], BY_NAME, "unresolved", NOT_RESOLVED),
    row("a label that CoreDNS does not have", [web(), out_y(rule(TO_X), rule(peer(ns="", pods="k8s-app=coredns"), ports="53/UDP"))], BY_NAME, "unresolved", NOT_RESOLVED),
    row("a podSelector alone means the own namespace", [web(), out_y(rule(TO_X), rule(peer(pods="k8s-app=kube-dns"), ports="53/UDP"))], BY_NAME, "unresolved", NOT_RESOLVED),
    row("DNS allowed, the target not", [web(), out_y(rule(SYSTEM_DNS, ports="53/UDP"))], BY_NAME, "timeout", EGRESS),
    row("DNS allowed in one policy, the target in another", [web(), out_y(rule(TO_X)), out_y(rule(SYSTEM_DNS, ports="53/UDP"))], BY_NAME, "delivered"),
    row("DNS allowed, the name does not exist", [out_y(rule(SYSTEM_DNS, ports="53/UDP"))], BY_NAME, "unresolved", "DNS_NXDOMAIN"),
    row("an unknown name without DNS fails for the policy", [DENY_Y], BY_NAME, "unresolved", NOT_RESOLVED),
    row("a public name without DNS", [DENY_Y], "y/a > https://api.example.com/", "unresolved", NOT_RESOLVED),
    row("a public name with DNS, nothing else", [out_y(rule(SYSTEM_DNS, ports="53/UDP"))], "y/a > https://api.example.com/", "timeout", EGRESS),
    row("a public name with DNS and everything", [out_y(rule())], "y/a > https://api.example.com/", "external"),
    row("a public name with DNS and all addresses", [out_y(rule(SYSTEM_DNS, ports="53/UDP"), rule(peer(ip="0.0.0.0/0")))], "y/a > https://api.example.com/", "external"),
    row("a public name with DNS and its port", [out_y(rule(SYSTEM_DNS, ports="53/UDP"), rule(ports="443"))], "y/a > https://api.example.com/", "external"),
    row("a public name with DNS and another port", [out_y(rule(SYSTEM_DNS, ports="53/UDP"), rule(ports="80"))], "y/a > https://api.example.com/", "timeout", EGRESS),
    row("a public name with DNS and some addresses", [out_y(rule(SYSTEM_DNS, ports="53/UDP"), rule(peer(ip="192.0.2.0/24")))], "y/a > https://api.example.com/", "unknown"),
    row("a public name with DNS and selectors alone", [out_y(rule(peer(ns="")))], "y/a > https://api.example.com/", "timeout", EGRESS),
    row("an ExternalName without DNS", [external_name("db", "db.example.com", ns="y"), DENY_Y], "y/a > db:5432", "unresolved", NOT_RESOLVED),
    row("ingress of the client does not matter to DNS", [web(), isolate("y")], BY_NAME, "delivered"),
    row("kube-system isolated", [web(), isolate("kube-system")], BY_NAME, "unresolved", NOT_RESOLVED),
    row("CoreDNS isolated but for UDP 53", [web(), allow_in(rule(peer(ns=""), ports="53/UDP"), of="kube-system", pods="k8s-app=kube-dns")], BY_NAME, "delivered"),
    row("CoreDNS isolated but for TCP 53", [web(), allow_in(rule(peer(ns=""), ports="53/TCP"), of="kube-system", pods="k8s-app=kube-dns")], BY_NAME, "unresolved", NOT_RESOLVED),
    row("CoreDNS isolated but for another namespace", [web(), allow_in(rule(peer(ns="ns=z")), of="kube-system")], BY_NAME, "unresolved", NOT_RESOLVED),
    row("kube-system egress isolated: names of the cluster", [web(), isolate("kube-system", types="E")], BY_NAME, "delivered"),
    row("a hostNetwork client is under no policy", [web(), isolate("y", types="E")], f"y/hosted-y > {VIP}:8000", "delivered", world=HOSTS),
    row("a name that is localhost needs no DNS", isolate("y", types="E"), "y/a > localhost:80", "delivered"),
)  # fmt: skip
def test_dns_needs_a_rule_of_its_own(flow: Row) -> None:
    check(flow)


DUAL_A = pod("dual-a", ips=["10.244.1.70", "fd00:10:244:1::70"], on="n1", ns="x", app="dual", ports=SERVES)
DUAL_B = pod("dual-b", ips=["10.244.2.70", "fd00:10:244:2::70"], on="n2", ns="y", app="dual", ports=SERVES)
DUAL = (WORLD, DUAL_A, DUAL_B)
TO_6 = "y/dual-b > [fd00:10:244:1::70]:80"
DNS_5353 = (
    WORLD,
    service("kube-dns", "10.96.0.10", ns="kube-system", app=None, selector={"k8s-app": "kube-dns"}, ports=[sport(53, 5353, "dns", protocol="UDP")], labels={"k8s-app": "kube-dns"}),
    pod("dns-1", "10.244.3.90", ns="kube-system", app=None, labels={"k8s-app": "kube-dns"}, ports=[port(5353, "dns", "UDP")]),
)  # fmt: skip
BY_HAND = [
    service("far", VIP, ns="y", app=None, ports=[sport(80)]),
    endpoint_slice(endpoint("192.0.2.9"), of="far", ns="y", ports=[{"port": 5432}]),
]
OWN_DNS = pod(
    "own", "10.244.1.95", ns="y", app=None, ports=(), dnsPolicy="None", dnsConfig={"nameservers": ["192.0.2.53"]}
)


@rows(
    row("IPv6: its range", allow_in(rule(peer(ip="fd00:10:244::/48"))), TO_6, "delivered", seen="fd00:10:244:2::70", world=DUAL),
    row("IPv6: the IPv4 range does not cover it", allow_in(rule(peer(ip="0.0.0.0/0"))), TO_6, "timeout", INGRESS, world=DUAL),
    row("IPv6: excepted", allow_in(rule(peer(ip="::/0", but=["fd00:10:244:2::/64"]))), TO_6, "timeout", INGRESS, world=DUAL),
    row("IPv6: selectors know no family", allow_in(rule(peer(ns="ns=y"))), TO_6, "delivered", world=DUAL),
    row("IPv4 of the same pods", allow_in(rule(peer(ip="fd00:10:244::/48"))), "y/dual-b > 10.244.1.70:80", "timeout", INGRESS, world=DUAL),
    row("a source named by a pod's address is that pod", allow_in(rule(peer(ns="ns=y"))), f"{IPS['y/a']} > x/pod/a:80", "delivered"),
    row("a source named by a node's address is that node", isolate(), "10.0.0.2 > x/pod/a:80", "timeout", INGRESS),
    row("a source named by its own node's address", isolate(), "10.0.0.1 > x/pod/a:80", "delivered"),
    row("Amazon's: an ipBlock for pods", allow_in(rule(POD_NET)), IN_A, "unknown", "CANNOT_TELL", facts=AMAZON),
    row("Amazon's: an ipBlock for pods beside a selector", allow_in(rule(POD_NET, peer(ns="ns=y"))), IN_A, "delivered", facts=AMAZON),
    row("Amazon's: an ipBlock for outside", [NP_LOCAL, allow_in(rule(CLIENT_NET))], AT_A, "delivered", facts=AMAZON),
    row("Amazon's: DNS not allowed", [web(), DENY_Y], BY_NAME, "unknown", "CANNOT_TELL", facts=AMAZON),
    row("Amazon's: DNS not allowed in", [web(), isolate("kube-system")], BY_NAME, "unknown", "CANNOT_TELL", facts=AMAZON),
    row("Amazon's: DNS and target allowed", [web(), out_y(rule(TO_X), rule(SYSTEM_DNS, ports="53/UDP"))], BY_NAME, "delivered", facts=AMAZON),
    row("Amazon's: a name server of its own, not allowed", [isolate("y", types="E")], "y/own > http://api.example.com/", "unknown", "CANNOT_TELL", facts=AMAZON, world=(WORLD, OWN_DNS)),
    row("Amazon's: through a load balancer", [LB_LOCAL, isolate()], f"internet > {LB_IP}:80", "unknown", "CANNOT_TELL", facts=AMAZON),
    row("Amazon's: a pod to itself", isolate(types="IE"), "x/a > x/pod/a:80", "delivered", facts=AMAZON),
    row("Amazon's: an ipBlock that does not cover it", allow_in(rule(peer(ip="192.0.2.0/24"))), IN_A, "unknown", facts=AMAZON),
    row("DNS at another target port: 53 is not it", [web(), out_y(rule(TO_X), rule(SYSTEM_DNS, ports="53/UDP"))], BY_NAME, "unresolved", NOT_RESOLVED, world=DNS_5353),
    row("DNS at another target port", [web(), out_y(rule(TO_X), rule(SYSTEM_DNS, ports="5353/UDP"))], BY_NAME, "delivered", world=DNS_5353),
    row("DNS at another target port, by name", [web(), out_y(rule(TO_X), rule(SYSTEM_DNS, ports="dns/UDP"))], BY_NAME, "delivered", world=DNS_5353),
    row("a name server of its own: not allowed", [isolate("y", types="E")], "y/own > http://api.example.com/", "unresolved", NOT_RESOLVED, world=(WORLD, OWN_DNS)),
    row("a name server of its own: allowed", [out_y(rule(peer(ip="192.0.2.53/32"), ports="53/UDP"), rule(ports="80"))], "y/own > http://api.example.com/", "external", world=(WORLD, OWN_DNS)),
    row("a name server of its own: kube-dns allowed does not help", [out_y(rule(SYSTEM_DNS, ports="53/UDP"), rule(ports="80"))], "y/own > http://api.example.com/", "unresolved", NOT_RESOLVED, world=(WORLD, OWN_DNS)),
    row("an endpoint written by hand: its address and port", [*BY_HAND, out_y(rule(peer(ip="192.0.2.9/32"), ports="5432"))], f"y/a > {VIP}:80", "external"),
    row("an endpoint written by hand: the Service's port", [*BY_HAND, out_y(rule(peer(ip="192.0.2.9/32"), ports="80"))], f"y/a > {VIP}:80", "timeout", EGRESS),
    row("an endpoint written by hand: selectors mean pods", [*BY_HAND, out_y(rule(peer(ns="")))], f"y/a > {VIP}:80", "timeout", EGRESS),
    row("a terminating pod is selected as long as it is there", isolate(), "y/a > x/pod/old:80", "timeout", INGRESS, world=(WORLD, pod("old", "10.244.2.93", ns="x", app=None, ports=SERVES, terminating=True))),
    row("an unready client is a peer all the same", allow_in(rule(peer(ns="ns=y"))), "y/late > x/pod/a:80", "delivered", world=(WORLD, pod("late", "10.244.2.92", ns="y", app=None, ready=False))),
    row("no port was asked for: a rule without ports", allow_out(rule(peer(ip="203.0.113.0/24"))), "x/a > 203.0.113.9", "external"),
    row("no port was asked for: a rule with ports", allow_out(rule(peer(ip="203.0.113.0/24"), ports="443")), "x/a > 203.0.113.9", "unknown", "CANNOT_TELL"),
    row("no port was asked for: all ports of TCP", allow_out(rule(peer(ip="203.0.113.0/24"), ports="/TCP")), "x/a > 203.0.113.9", "external"),
    row("no port was asked for: another protocol", allow_out(rule(peer(ip="203.0.113.0/24"), ports="443/UDP")), "x/a > 203.0.113.9", "timeout", EGRESS),
    row("no port was asked for: named ports are of pods", allow_out(rule(ports="https")), "x/a > 203.0.113.9", "timeout", EGRESS),
    row("no port was asked for: another peer", allow_out(rule(peer(ip="192.0.2.0/24"), ports="443")), "x/a > 203.0.113.9", "timeout", EGRESS),
    row("no port was asked for: isolated", isolate(types="E"), "x/a > 203.0.113.9", "timeout", EGRESS),
    row("no port was asked for: a public name and a rule with ports", [allow_out(rule(ports="443"), rule(ports="53/UDP"))], "x/a > api.example.com", "unknown", "CANNOT_TELL"),
    row("a pod's address without a port: its first one", [], f"x/a > {IPS['y/a']}", "delivered", port=80),
    row("five policies that do not allow it", [isolate(), isolate(types="IE"), allow_in(rule(B)), allow_in(rule(C)), isolate(pods="pod")], IN_A, "timeout", INGRESS),
    row("Amazon's: two ipBlocks that may match", [allow_in(rule(POD_NET)), allow_in(rule(peer(ip="10.0.0.0/8")))], IN_A, "unknown", facts=AMAZON),
    row("the same policy twice", [isolate(), netpol(types="I", name="again")], IN_A, "timeout", INGRESS),
    row("a policy of the default namespace has no say elsewhere", isolate("default", types="IE"), IN_A, "delivered"),
    row("hostPort from outside: the pod's own port counts", allow_in(rule(ports="80")), "internet > node/n1:8088", "delivered", world=(WORLD, pod("hp", "10.244.1.91", ns="x", app=None, ports=[port(80, host_port=8088)]))),
    row("hostPort from outside: the host port does not", allow_in(rule(ports="8088")), "internet > node/n1:8088", "timeout", INGRESS, world=(WORLD, pod("hp", "10.244.1.91", ns="x", app=None, ports=[port(80, host_port=8088)]))),
)  # fmt: skip
def test_corners(flow: Row) -> None:
    check(flow)


def test_a_pod_of_a_namespace_named_in_no_manifest() -> None:
    """Everything of this table works without Namespace and Node objects, too."""
    world = (PODS["x/a"], PODS["y/a"], NODES, namespace("kube-system"))
    check(Row(given=[isolate()], source="y/a", target="x/pod/a:80", ends="timeout", because=INGRESS, world=world))
