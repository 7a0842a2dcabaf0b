"""How a client finds a name: its resolv.conf, the names tried, and what becomes of the request.

https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/ and pkg/kubelet/network/dns/dns.go
"""

# One row of a table is one line.
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

import pytest

import kcnet
from kcnet.model.names import Fqdn
from kcnet.path.dns import ResolvConf, names_tried, resolv_conf
from tests.flows.builders import (
    CLIENT,
    NODES,
    WEB1,
    WEB2,
    Flow,
    case,
    check,
    cluster,
    cluster_ip,
    external_name,
    facts,
    headless,
    namespace,
    node_port,
    pod,
    policy,
    service,
    sport,
    table,
)

DOMAIN = "cluster.local"
THREE = ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local")


def conf(*, domain: str | None = None, **spec: Any) -> ResolvConf:
    made = pod("p", "10.244.1.50", app="p", **spec)
    built = cluster(NODES, made, facts(**({"clusterDomain": domain} if domain else {})))
    return resolv_conf(built, built.pods["shop", "p"])


@pytest.mark.parametrize(
    ("spec", "nameservers", "searches", "ndots"),
    [
        pytest.param({}, ("10.96.0.10",), THREE, 5, id="ClusterFirst is the default"),
        pytest.param({"dnsPolicy": "ClusterFirst"}, ("10.96.0.10",), THREE, 5, id="ClusterFirst"),
        pytest.param({"dnsPolicy": "Default"}, ("node",), (), 1, id="Default: the node's own"),
        pytest.param({"hostNetwork": True}, ("node",), (), 1, id="ClusterFirst with hostNetwork behaves as Default"),
        pytest.param({"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}, ("10.96.0.10",), THREE, 5, id="ClusterFirstWithHostNet"),
        pytest.param({"dnsPolicy": "ClusterFirstWithHostNet"}, ("10.96.0.10",), THREE, 5, id="ClusterFirstWithHostNet without hostNetwork"),
        pytest.param({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["192.0.2.53"]}}, ("192.0.2.53",), (), 1, id="None: dnsConfig alone"),
        pytest.param({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["192.0.2.53"], "searches": ["a.example"], "options": [{"name": "ndots", "value": "2"}]}}, ("192.0.2.53",), ("a.example",), 2, id="None with searches and ndots"),
        pytest.param({"dnsConfig": {"searches": ["a.example"]}}, ("10.96.0.10",), (*THREE, "a.example"), 5, id="searches are appended"),
        pytest.param({"dnsConfig": {"searches": ["svc.cluster.local", "a.example"]}}, ("10.96.0.10",), (*THREE, "a.example"), 5, id="duplicate searches are dropped"),
        pytest.param({"dnsConfig": {"nameservers": ["192.0.2.53"]}}, ("10.96.0.10", "192.0.2.53"), THREE, 5, id="nameservers are appended"),
        pytest.param({"dnsConfig": {"nameservers": ["10.96.0.10", "192.0.2.53"]}}, ("10.96.0.10", "192.0.2.53"), THREE, 5, id="duplicate nameservers are dropped"),
        pytest.param({"dnsConfig": {"nameservers": ["192.0.2.1", "192.0.2.2", "192.0.2.3"]}}, ("10.96.0.10", "192.0.2.1", "192.0.2.2"), THREE, 5, id="three nameservers at most"),
        pytest.param({"dnsConfig": {"options": [{"name": "ndots", "value": "1"}]}}, ("10.96.0.10",), THREE, 1, id="ndots overridden"),
        pytest.param({"dnsConfig": {"options": [{"name": "edns0"}]}}, ("10.96.0.10",), THREE, 5, id="other options leave ndots"),
        pytest.param({"domain": "k8s.example"}, ("10.96.0.10",), ("shop.svc.k8s.example", "svc.k8s.example", "k8s.example"), 5, id="another cluster domain"),
    ],
)
def test_resolv_conf(spec: dict[str, Any], nameservers: tuple[str, ...], searches: tuple[str, ...], ndots: int) -> None:
    found = conf(**spec)
    assert found.nameservers == nameservers
    assert tuple(each.rstrip(".") for each in found.searches) == searches
    assert found.ndots == ndots


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("db", ["db.shop.svc.cluster.local.", "db.svc.cluster.local.", "db.cluster.local.", "db."]),
        ("db.prod", ["db.prod.shop.svc.cluster.local.", "db.prod.svc.cluster.local.", "db.prod.cluster.local.", "db.prod."]),
        ("db.prod.svc", ["db.prod.svc.shop.svc.cluster.local.", "db.prod.svc.svc.cluster.local.", "db.prod.svc.cluster.local.", "db.prod.svc."]),
        ("db.prod.svc.cluster.local", ["db.prod.svc.cluster.local.shop.svc.cluster.local.", "db.prod.svc.cluster.local.svc.cluster.local.", "db.prod.svc.cluster.local.cluster.local.", "db.prod.svc.cluster.local."]),
        ("db.prod.svc.cluster.local.", ["db.prod.svc.cluster.local."]),
        ("db.", ["db."]),
        ("a.b.c.d.e.f", ["a.b.c.d.e.f.", "a.b.c.d.e.f.shop.svc.cluster.local.", "a.b.c.d.e.f.svc.cluster.local.", "a.b.c.d.e.f.cluster.local."]),
        ("a.b.c.d.e", ["a.b.c.d.e.shop.svc.cluster.local.", "a.b.c.d.e.svc.cluster.local.", "a.b.c.d.e.cluster.local.", "a.b.c.d.e."]),
        ("DB", ["db.shop.svc.cluster.local.", "db.svc.cluster.local.", "db.cluster.local.", "db."]),
    ],
)
def test_names_tried(name: str, wanted: list[str]) -> None:
    assert list(names_tried(name, conf())) == [Fqdn(each) for each in wanted]


def test_with_ndots_1_a_dotted_name_is_first_asked_as_it_is() -> None:
    lax = conf(dnsConfig={"options": [{"name": "ndots", "value": "1"}]})
    assert list(names_tried("db.prod", lax))[:2] == ["db.prod.", "db.prod.shop.svc.cluster.local."]
    assert next(iter(names_tried("db", lax))) == "db.shop.svc.cluster.local."


PROD = namespace("prod")
DB = service("db", "10.96.9.9", ns="prod", app="db", ports=[sport(80, 8080), sport(5432, 8080, "pg")][:1])
DB_POD = pod("db-0", "10.244.2.9", ns="prod", app="db")
HERE = [cluster_ip(), WEB1]
THERE = [PROD, DB, DB_POD]
NX, EMPTY, OUT = "DNS_NXDOMAIN", "DNS_NO_RECORDS", "LEFT_CLUSTER"
ONE = ("iptables",)


def alone(name: str, **spec: Any) -> Any:
    return pod(name, "10.244.1.60", app="alone", ports=(), **spec)


BARE_NDOTS = alone("lax", dnsConfig={"options": [{"name": "ndots", "value": "1"}]})
OWN_DNS = alone("own", dnsPolicy="Default")
HOST_DNS = pod("hostdns", "10.0.0.1", on="n1", app="alone", ports=(), hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet")
NO_SEARCH = alone("nosearch", dnsPolicy="None", dnsConfig={"nameservers": ["10.96.0.10"]})
FAR_DNS = alone("fardns", dnsPolicy="None", dnsConfig={"nameservers": ["192.0.2.53"]})


@table(
    case("short name in one's own namespace", HERE, "client > http://web/", "delivered", modes=ONE),
    case("short name is not case-sensitive", HERE, "client > http://WEB/", "delivered", modes=ONE),
    case("short name never crosses namespaces", THERE, "client > http://db/", "unresolved", NX, modes=ONE),
    case("name.namespace", THERE, "client > http://db.prod/", "delivered", at=("db-0",), modes=ONE),
    case("name.namespace.svc", THERE, "client > http://db.prod.svc/", "delivered", at=("db-0",), modes=ONE),
    case("full name", THERE, "client > http://db.prod.svc.cluster.local/", "delivered", at=("db-0",), modes=ONE),
    case("full name with a trailing dot", THERE, "client > http://db.prod.svc.cluster.local./", "delivered", at=("db-0",), modes=ONE),
    case("name.namespace with a trailing dot is public", THERE, "client > http://db.prod./", "unresolved|external", modes=ONE),
    case("short name with a trailing dot", HERE, "client > web.:80", "unresolved", modes=ONE),
    case("a namespace that does not exist", HERE, "client > http://web.nowhere/", "unresolved", NX, modes=ONE),
    case("a Service that does not exist", HERE, "client > http://wob/", "unresolved", NX, modes=ONE),
    case("a pod's name is not in DNS", HERE, "client > http://web-1:8080/", "unresolved", NX, modes=ONE),
    case("another cluster domain", HERE, "client > http://web.shop.svc.k8s.example/", "delivered", facts={"clusterDomain": "k8s.example"}, modes=ONE),
    case("cluster.local where the domain is another", HERE, "client > http://web.shop.svc.cluster.local/", "unresolved|external", facts={"clusterDomain": "k8s.example"}, modes=ONE),
    case("ndots 1: name.namespace is found all the same", [*THERE, BARE_NDOTS], "lax > http://db.prod/", "delivered", modes=ONE),
    case("dnsPolicy Default knows no Service", [*HERE, OWN_DNS], "own > http://web/", "unresolved", NX, modes=ONE),
    case("dnsPolicy Default knows no full name either", [*HERE, OWN_DNS], "own > http://web.shop.svc.cluster.local/", "unresolved", NX, modes=ONE),
    case("dnsPolicy Default, public name", [*HERE, OWN_DNS], "own > http://example.com/", "external", OUT, modes=ONE),
    case("hostNetwork knows no Service", HERE, "host-client > http://web/", "unresolved", NX, modes=ONE),
    case("hostNetwork by cluster IP", HERE, "host-client > http://10.96.7.7/", "delivered", modes=ONE),
    case("hostNetwork, public name", HERE, "host-client > http://example.com/", "external", OUT, modes=ONE),
    case("ClusterFirstWithHostNet", [*HERE, HOST_DNS], "hostdns > http://web/", "delivered", seen="10.0.0.1", modes=ONE),
    case("dnsPolicy None without searches, short name", [*HERE, NO_SEARCH], "nosearch > http://web/", "unresolved", NX, modes=ONE),
    case("dnsPolicy None without searches, full name", [*HERE, NO_SEARCH], "nosearch > http://web.shop.svc.cluster.local/", "delivered", modes=ONE),
    case("dnsPolicy None with somebody else's server", [*HERE, FAR_DNS], "fardns > http://web.shop.svc.cluster.local/", "unresolved|unknown", modes=ONE),
    case("a node knows no Service", HERE, "node/n1 > http://web.shop.svc.cluster.local/", "unresolved", NX, modes=ONE),
    case("the internet knows no Service", HERE, "internet > http://web.shop.svc.cluster.local/", "unresolved", NX, modes=ONE),
    case("public name", HERE, "client > https://api.example.com/", "external", OUT, modes=ONE),
    case("public name with a trailing dot", HERE, "client > https://api.example.com./", "external", OUT, modes=ONE),
    case("a namespace called com captures example.com", [namespace("com"), service("example", "10.96.9.1", ns="com", ports=[sport(80, 8080)]), pod("e", "10.244.1.61", ns="com")], "client > http://example.com/", "delivered", at=("e",), modes=ONE),
    case("a trailing dot escapes the capture", [namespace("com"), service("example", "10.96.9.1", ns="com"), pod("e", "10.244.1.61", ns="com")], "client > http://example.com./", "external", OUT, modes=ONE),
    case("ndots 1 escapes the capture", [namespace("com"), service("example", "10.96.9.1", ns="com"), BARE_NDOTS], "lax > http://example.com/", "external", OUT, modes=ONE),
    case("more dots than ndots escape it too", [namespace("com"), service("example", "10.96.9.1", ns="com")], "client > http://a.b.c.d.example.com/", "external", OUT, modes=ONE),
    case("ClusterIP name resolves without endpoints", [cluster_ip()], "client > http://web/", "refused", "SERVICE_NO_ENDPOINTS", modes=ONE),
    case("the kubernetes Service", [], "client > kubernetes.default:443", "delivered|unknown|external", modes=ONE),
    case("pod name by dashed address", [WEB1], "client > 10-244-1-1.shop.pod.cluster.local:8080", "delivered", at=("web-1",), modes=ONE),
    case("pod name by dashed address, short", [WEB1], "client > 10-244-1-1.shop.pod:8080", "delivered", at=("web-1",), modes=ONE),
    case("pod name in a namespace that does not exist", [WEB1], "client > 10-244-1-1.nowhere.pod.cluster.local:8080", "unresolved", NX, modes=ONE),
    case("svc.domain alone has no address", HERE, "client > svc.cluster.local.:80", "unresolved", EMPTY, modes=ONE),
    case("the namespace alone has no address", HERE, "client > shop.svc.cluster.local.:80", "unresolved", EMPTY, modes=ONE),
)
def test_names(flow: Flow, mode: str) -> None:
    check(flow, mode)


SET = [
    headless("db"),
    pod("db-0", "10.244.1.70", app="web", hostname="db-0", subdomain="db"),
    pod("db-1", "10.244.2.70", app="web", hostname="db-1", subdomain="db"),
]


@table(
    case("headless endpoint by hostname", SET, "client > db-0.db:8080", "delivered", at=("db-0",), seen="10.244.1.100"),
    case("headless endpoint by full name", SET, "client > db-1.db.shop.svc.cluster.local:8080", "delivered", at=("db-1",)),
    case("headless endpoint of no pod", SET, "client > db-2.db:8080", "unresolved", NX),
    case("headless endpoint by dashed address", [headless(), WEB1], "client > 10-244-1-1.web:8080", "delivered", at=("web-1",)),
    case("a pod with a hostname has no dashed name", SET, "client > 10-244-1-70.db.shop.svc.cluster.local:8080", "unresolved", NX),
    case("hostname without a subdomain", [headless("db"), pod("x", "10.244.1.70", hostname="x")], "client > x.db:8080", "unresolved", NX),
    case("subdomain of another name", [headless("db"), pod("x", "10.244.1.70", hostname="x", subdomain="cache")], "client > x.db:8080", "unresolved", NX),
    case("subdomain right, Service selects other pods", [headless("db", app="other"), pod("x", "10.244.1.70", hostname="x", subdomain="db")], "client > x.db:8080", "unresolved", NX),
    case("an unready pod has no name", [headless("db"), pod("x", "10.244.1.70", hostname="x", subdomain="db", ready=False)], "client > x.db:8080", "unresolved", NX),
    case("an unready pod, published", [headless("db", publishNotReadyAddresses=True), pod("x", "10.244.1.70", hostname="x", subdomain="db", ready=False)], "client > x.db:8080", "delivered", at=("x",)),
    case("endpoint names of a ClusterIP Service too", [service("db", "10.96.9.9"), pod("x", "10.244.1.70", hostname="x", subdomain="db")], "client > x.db:8080", "delivered", at=("x",)),
)
def test_endpoint_names(flow: Flow, mode: str) -> None:
    check(flow, mode)


@pytest.mark.parametrize(
    ("service_name", "service_spec", "target", "verdict"),
    [
        pytest.param("db", {}, "db-1.db:8080", "delivered", id="by pod name"),
        pytest.param("db", {}, "db-2.db:8080", "unresolved", id="beyond the replicas"),
        pytest.param("cache", {}, "db-1.db:8080", "unresolved", id="serviceName of another Service"),
        pytest.param(None, {}, "db-1.db:8080", "unresolved", id="no serviceName"),
        pytest.param("db", {"app": "other"}, "db-1.db:8080", "unresolved", id="the Service does not select the pods"),
    ],
)
def test_stateful_set_names(service_name: str | None, service_spec: dict[str, Any], target: str, verdict: str) -> None:
    from tests.flows.builders import workload

    spec = {"serviceName": service_name} if service_name else {}
    built = cluster(NODES, CLIENT, headless("db", **{"app": "db", **service_spec}), workload("StatefulSet", "db", replicas=2, **spec))
    assert kcnet.trace(built, "client", target, namespace="shop").verdict == verdict


@table(
    case("alias to the outside", [external_name("pay", "pay.example.com")], "client > https://pay/", "external", OUT, modes=ONE),
    case("alias with a trailing dot", [external_name("pay", "pay.example.com.")], "client > https://pay/", "external", OUT, modes=ONE),
    case("alias by svc/", [external_name("pay", "pay.example.com")], "client > svc/pay:443", "external", OUT, modes=ONE),
    case("alias with ports: they mean nothing to DNS", [external_name("pay", "pay.example.com", ports=[sport(443)])], "client > pay:8443", "external", OUT, modes=ONE),
    case("alias to a Service of another namespace", [*THERE, external_name("db", "db.prod.svc.cluster.local")], "client > http://db/", "delivered", at=("db-0",), modes=ONE),
    case("alias to a Service, a port that it has not", [*THERE, external_name("db", "db.prod.svc.cluster.local", ports=[sport(5432, 8080)])], "client > db:5432", "timeout", "SERVICE_PORT_UNKNOWN", modes=ONE),
    case("alias to a headless Service", [headless(), WEB1, WEB2, external_name("x", "web.shop.svc.cluster.local")], "client > x:8080", "delivered", at=("web-1", "web-2"), modes=ONE),
    case("alias to an endpoint's own name", [*SET, external_name("primary", "db-0.db.shop.svc.cluster.local")], "client > primary:8080", "delivered", at=("db-0",), modes=ONE),
    case("alias of an alias", [*THERE, external_name("a", "b.shop.svc.cluster.local"), external_name("b", "db.prod.svc.cluster.local")], "client > http://a/", "delivered", at=("db-0",), modes=ONE),
    case("alias of an alias to the outside", [external_name("a", "b.shop.svc.cluster.local"), external_name("b", "db.example.com")], "client > a:80", "external", OUT, modes=ONE),
    case("alias to a short name is not searched", [*HERE, external_name("x", "web")], "client > x:80", "unresolved|external", modes=ONE),
    case("alias to name.namespace is not searched", [*HERE, external_name("x", "web.shop")], "client > x:80", "unresolved|external", modes=ONE),
    case("alias to a Service that is missing", [external_name("x", "nope.shop.svc.cluster.local")], "client > x:80", "unresolved", modes=ONE),
    case("alias to itself", [external_name("x", "x.shop.svc.cluster.local")], "client > x:80", "unresolved", modes=ONE),
    case("aliases in a ring", [external_name("x", "y.shop.svc.cluster.local"), external_name("y", "x.shop.svc.cluster.local")], "client > x:80", "unresolved", modes=ONE),
    case("alias to an address", [external_name("x", "192.0.2.10")], "client > x:80", "unresolved", NX, modes=ONE),
    case("alias to an address, by svc/", [external_name("x", "192.0.2.10")], "client > svc/x:80", "unresolved", NX, modes=ONE),
    case("alias asked from a pod with the node's DNS", [OWN_DNS, external_name("pay", "pay.example.com")], "own > pay:80", "unresolved", NX, modes=ONE),
    case("alias from the internet", [external_name("pay", "pay.example.com")], "internet > http://pay.shop.svc.cluster.local/", "unresolved", NX, modes=ONE),
)
def test_external_names(flow: Flow, mode: str) -> None:
    check(flow, mode)


DNS_RULE = {
    "to": [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ],
    "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
}
DENY = policy("deny", policyTypes=["Egress"])
ONLY_DNS = policy("dns", policyTypes=["Egress"], egress=[DNS_RULE])


@table(
    case("egress denied: no name", [*HERE, DENY], "client > http://web/", "unresolved", "DNS_BLOCKED_BY_POLICY", modes=ONE),
    case("egress denied: public name", [DENY], "client > http://example.com/", "unresolved", "DNS_BLOCKED_BY_POLICY", modes=ONE),
    case("egress denied: by address it is the policy", [*HERE, DENY], "client > 10.96.7.7:80", "timeout", "NETPOL_EGRESS_DENIED", modes=ONE),
    case("DNS allowed alone", [*HERE, ONLY_DNS], "client > http://web/", "timeout", "NETPOL_EGRESS_DENIED", modes=ONE),
    case("hostNetwork is not judged by policies", [*HERE, DENY, HOST_DNS], "hostdns > http://web/", "delivered", modes=ONE),
    case("DNS over TCP alone does not help", [*HERE, policy("dns", policyTypes=["Egress"], egress=[{**DNS_RULE, "ports": [{"protocol": "TCP", "port": 53}]}])], "client > http://web/", "unresolved", "DNS_BLOCKED_BY_POLICY", modes=ONE),
    case("port 53 without a protocol is TCP alone", [*HERE, policy("dns", policyTypes=["Egress"], egress=[{"ports": [{"port": 53}]}])], "client > http://web/", "unresolved", "DNS_BLOCKED_BY_POLICY", modes=ONE),
    case("egress to the namespace's pods is no way to DNS", [*HERE, policy("dns", policyTypes=["Egress"], egress=[{"to": [{"podSelector": {}}]}])], "client > http://web/", "unresolved", "DNS_BLOCKED_BY_POLICY", modes=ONE),
    case("the name server's address by ipBlock is not its pods'", [*HERE, policy("dns", policyTypes=["Egress"], egress=[{"to": [{"ipBlock": {"cidr": "10.96.0.10/32"}}]}])], "client > http://web/", "unresolved", "DNS_BLOCKED_BY_POLICY", modes=ONE),
    case("ingress policies do not touch the question", [*HERE, policy("in", policyTypes=["Ingress"])], "client > http://web/", "timeout", "NETPOL_INGRESS_DENIED", modes=ONE),
    case("localhost needs no DNS", [DENY], "client > localhost:8080", "delivered", modes=ONE),
    case("policies not enforced", [*HERE, DENY], "client > http://web/", "delivered", facts={"cni": "flannel"}, modes=ONE),
    case("policies ignored on request", [*HERE, DENY], "client > http://web/", "delivered", options={"ignore_policies": True}, modes=ONE),
)
def test_policies_on_the_way_to_dns(flow: Flow, mode: str) -> None:
    check(flow, mode)


def test_a_lookup_says_which_name_was_found() -> None:
    built = cluster(NODES, CLIENT, *THERE)
    trace = kcnet.trace(built, "client", "http://db.prod/", namespace="shop")
    assert trace.paths[0].steps[0].stage == "dns"
    assert any("10.96.9.9" in (step.to_dict()["packet"]["dst"] or "") for step in trace.paths[0].steps)


def test_a_node_port_service_is_found_by_its_cluster_ip() -> None:
    built = cluster(NODES, CLIENT, node_port(), WEB1)
    trace = kcnet.trace(built, "client", "http://web/", namespace="shop")
    assert trace.verdict == "delivered"
    assert str(trace.paths[0].source_seen) == "10.244.1.100"
