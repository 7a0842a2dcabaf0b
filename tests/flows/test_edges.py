"""Cases that are rarely met, but that a real cluster is definite about; and those of which nothing can be known."""

# One row of a table is one line.
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

import pytest

import kcnet
from kcnet.model.names import Fqdn
from kcnet.path.dns import RecordType, answer
from kcnet.request import RequestError
from tests.flows.builders import (
    CLIENT,
    INTERNET,
    LB_IP,
    NODES,
    VIP,
    WEB1,
    WEB2,
    WEB3,
    Flow,
    case,
    check,
    cluster,
    cluster_ip,
    endpoint,
    endpoint_slice,
    external_ip,
    external_name,
    facts,
    headless,
    load_balancer,
    node,
    node_port,
    pod,
    policy,
    port,
    service,
    sport,
    table,
    workload,
)

LOCAL = {"externalTrafficPolicy": "Local"}
PROXY = [{"ip": LB_IP, "ipMode": "Proxy"}]
ONE = ("iptables",)
UNKNOWN_PORT = "SERVICE_PORT_UNKNOWN"
NO_PORTS: dict[str, Any] = {"ports": [sport(80, "http")], "allocateLoadBalancerNodePorts": False}
MANY = [node(f"n{n}", f"10.0.1.{n}", cidrs=[f"10.244.{n}.0/24"]) for n in range(1, 41)]
EXCLUDED = {"node.kubernetes.io/exclude-from-external-load-balancers": ""}
TWO_ADDRESSES = [node("n1", ips=["10.0.0.1", "10.0.0.9"]), *NODES[1:]]
BY_UDP = [sport(80, 8080), sport(53, 5353, "dns", protocol="UDP")][1:]


@table(
    case("proxy balancer, client outside the source ranges", [load_balancer(PROXY, loadBalancerSourceRanges=["192.0.2.0/24"]), WEB1], f"internet > {LB_IP}:80", "timeout", "LB_SOURCE_RANGE_DENIED"),
    case("proxy balancer, client inside the source ranges", [load_balancer(PROXY, loadBalancerSourceRanges=["198.51.100.0/24"]), WEB1], f"internet > {LB_IP}:80", "delivered", at=("web-1",)),
    case("proxy balancer without node ports: how it reaches pods is its own affair", [load_balancer(PROXY, **NO_PORTS), WEB1], f"internet > {LB_IP}:80", "unknown", "CANNOT_TELL"),
    case("proxy balancer, a port that it has not", [load_balancer(PROXY), WEB1], f"internet > {LB_IP}:81", "timeout|refused", UNKNOWN_PORT),
    case("proxy balancer, no endpoints", [load_balancer(PROXY)], f"internet > {LB_IP}:80", "refused|timeout|unknown"),
    case("balancer, a port that the Service has not, from the internet", [load_balancer(), WEB1], f"internet > {LB_IP}:81", "timeout|refused", UNKNOWN_PORT),
    case("a load balancer's class, and nobody who serves any", [load_balancer([], loadBalancerClass="example.com/lb"), WEB1], "internet > svc/web", "unresolved", "LB_PENDING", facts={"loadBalancer": False}),
    case("a load balancer's class, and a status", [load_balancer(loadBalancerClass="example.com/lb"), WEB1], "internet > svc/web", "delivered"),
    case("balancer, forty nodes", [load_balancer(), WEB1], f"internet > {LB_IP}:80", "delivered", nodes=MANY, at=("web-1",)),
    case("balancer enters by ready nodes alone", [load_balancer(), WEB1], f"internet > {LB_IP}:80", "delivered", nodes=[NODES[0], node("n2", ready=False), node("n3", ready=False)], seen="10.0.0.1"),
    case("balancer leaves excluded nodes out", [load_balancer(), WEB1], f"internet > {LB_IP}:80", "delivered", nodes=[NODES[0], node("n2", labels=EXCLUDED), node("n3", labels=EXCLUDED)], seen="10.0.0.1"),
    case("balancer without a node that may take part", [load_balancer(), pod("w", "10.244.1.1")], f"internet > {LB_IP}:80", "timeout", nodes=[node("n1", labels=EXCLUDED)], clients=[]),
    case("balancer, Local, the only endpoint's node is excluded", [load_balancer(**LOCAL), WEB1], f"internet > {LB_IP}:80", "timeout", nodes=[node("n1", labels=EXCLUDED), NODES[1]], clients=[]),
    case("balancer, Local, ready endpoints before terminating ones", [load_balancer(**LOCAL), pod("web-1", "10.244.1.1", terminating=True), WEB2], f"internet > {LB_IP}:80", "delivered", at=("web-2",), seen=INTERNET),
    case("external IP from the internet, every node takes it", [external_ip(), WEB1], "internet > 192.0.2.80:80", "delivered", at=("web-1",), seen={"10.0.0.1", "10.0.0.2", "10.0.0.3"}),
    case("svc/ with external IPs from the internet", [external_ip(), WEB1], "internet > svc/web", "delivered", at=("web-1",)),
    case("svc/ of type NodePort from the internet", [node_port(), WEB1], "internet > svc/web", "delivered", port=8080),
    case("svc/ of type NodePort by its port, from the internet", [node_port(), WEB1], "internet > svc/web:80", "delivered", port=8080),
    case("svc/ of type NodePort, a port that it has not, from the internet", [node_port(), WEB1], "internet > svc/web:81", "refused", "NODE_PORT_CLOSED"),
    case("svc/ headless from the internet", [headless(), WEB1], "internet > svc/web", "timeout", "NOT_ROUTABLE"),
    case("svc/ alias from the internet", [external_name("pay", "pay.example.com")], "internet > svc/pay:443", "unresolved|external"),
    case("localhost of a client outside is not ours", [WEB1], "internet > localhost:80", "external", "LEFT_CLUSTER"),
    case("node to a load balancer's address, ipvs, Local, none local", [load_balancer(**LOCAL), WEB2], f"node/n1 > {LB_IP}:80", "unknown", "CANNOT_TELL", modes=("ipvs",)),
    case("node to a load balancer's address, ipvs, Local, one local", [load_balancer(**LOCAL), WEB1], f"node/n1 > {LB_IP}:80", "delivered", modes=("ipvs",)),
    case("pod to other node's node port, Local, plugin unknown, a pod there", [node_port(**LOCAL), WEB2], "client > node/n2:30080", "delivered", at=("web-2",)),
    case("nftables serves node ports at the primary address alone", [node_port(), WEB1], "client-2 > 10.0.0.9:30080", "delivered/refused/delivered", nodes=TWO_ADDRESSES),
    case("hostNetwork pod with the node's second address is masqueraded", [cluster_ip(), WEB2, pod("hn", "10.0.0.9", on="n1", app="c", ports=(), hostNetwork=True)], f"hn > {VIP}:80", "delivered", seen="10.0.0.1", nodes=TWO_ADDRESSES),
    case("an endpoint that is itself a Service's address", [cluster_ip(app=None), endpoint_slice(endpoint("10.96.8.8")), service("two", "10.96.8.8", ports=[sport(8080, 8080)]), WEB1], "client > svc/web", "timeout"),
    case("an endpoint on the node itself", [cluster_ip(app=None), endpoint_slice(endpoint("10.0.0.2", node="n2"))], "client > svc/web", "delivered|unknown|refused"),
    case("a proxy that does not exist", [service(ip=VIP, labels={"service.kubernetes.io/service-proxy-name": "x"}, kind="NodePort", ports=[sport(80, nodePort=30080)]), WEB1], "internet > node/n1:30080", "refused|unknown"),
    case("wrong protocol at the cluster IP", [service(ip=VIP, ports=BY_UDP), WEB1], f"client > {VIP}:53", "timeout/refused/refused", UNKNOWN_PORT),
    case("the pods' port at the cluster IP", [service(ip=VIP, ports=[sport(80, 8080)]), WEB1], f"client > {VIP}:8080", "timeout/refused/refused", UNKNOWN_PORT),
    case("every pod is on a node that does not exist", [cluster_ip(), pod("w", "10.244.9.1", on="n9")], "client > svc/web", "refused", "SERVICE_NO_ENDPOINTS"),
    case("SCTP without endpoints", [service(ip=VIP, ports=[sport(3868, 3868, protocol="SCTP")])], "client > svc/web:3868", "refused", "SERVICE_NO_ENDPOINTS", protocol="sctp"),
    case("readiness rests on a probe of which nothing is told", [cluster_ip(), workload("Deployment", "web", pod_spec={"containers": [{"name": "c", "image": "c", "ports": [port(8080, "http")], "readinessProbe": {"httpGet": {"port": 8080}}}]})], "client > svc/web", "delivered"),
    case("a pod that is not there yet", [pod("late", app="late", on=None, phase="Pending", nodeSelector={"disk": "ssd"})], "client > pod/late:80", "unresolved", "POD_NO_ADDRESS"),
    case("no node at all: nothing to enter by", [service(ip=VIP, kind="NodePort", ports=[sport(80, nodePort=30080)])], f"internet > {VIP}:80", "timeout", "NOT_ROUTABLE", facts={"nodes": 0}, nodes=[], clients=[]),
    case("an address that the status states is on the pod network, whatever the scheduler would say", [pod("odd", "10.244.1.31", on="", nodeSelector={"disk": "ssd"})], "client > 10.244.1.31:8080", "delivered", at=("odd",)),
    case("a finished pod's address", [pod("done", "10.244.1.30", phase="Succeeded", ready=False)], "client > 10.244.1.30:80", "timeout", "NOT_ROUTABLE"),
    case("multi-port Service without a port", [service(ip=VIP, ports=[sport(443, 8443, "tls"), sport(80, 8080, "web")]), WEB1], "client > svc/web", "delivered", port=8080),
)
def test_edges(flow: Flow, mode: str) -> None:
    check(flow, mode)


NAMED = [sport(80, "http", "web"), sport(9090, "metrics", "metrics")]
NAMED_POD = pod("web-1", "10.244.1.1", ports=[port(8080, "http"), port(9100, "metrics")])


@table(
    case("headless, a port by name is the pods' own (SRV)", [headless(ports=NAMED), NAMED_POD], "client > svc/web:web", "delivered", port=8080, modes=ONE),
    case("headless, the other port by name", [headless(ports=NAMED), NAMED_POD], "client > web.shop:metrics", "delivered", port=9100, modes=ONE),
    case("headless, a number is not translated", [headless(ports=NAMED), NAMED_POD], "client > svc/web:9090", "refused", "PORT_NOT_LISTENING", modes=ONE),
    case("headless without ports and without a port", [headless(ports=[]), WEB1], "client > svc/web", "delivered", at=("web-1",), modes=ONE),
    case("a host name with a port's name", [service(ip=VIP, ports=NAMED), NAMED_POD], "client > web:metrics", "delivered", port=9100, modes=ONE),
    case("a pod that declares no port: 80 is asked", [pod("mute", "10.244.1.40", ports=())], "client > pod/mute", "delivered", port=80, modes=ONE),
    case("localhost without a port: 80 is asked", [pod("one", "10.244.1.41", ports=[port(80)])], "one > localhost", "delivered", port=80, modes=ONE),
    case("no node: no node port either", [service(ip=VIP, kind="NodePort", ports=[sport(80, nodePort=30080)])], "internet > svc/web", "timeout|unresolved|refused", facts={"nodes": 0}, nodes=[], clients=[], modes=ONE),
    case("no node: no external IP either", [external_ip()], "internet > svc/web", "timeout|unresolved", facts={"nodes": 0}, nodes=[], clients=[], modes=ONE),
)
def test_ports_that_are_named_or_left_out(flow: Flow, mode: str) -> None:
    check(flow, mode)


@pytest.mark.parametrize("target", ["web:http", "example.com:http", "localhost:http", "10.96.7.7:http"])
def test_a_port_name_that_nothing_defines(target: str) -> None:
    with pytest.raises(RequestError):
        kcnet.trace(cluster(NODES, CLIENT, cluster_ip(), WEB1), "client", target, namespace="shop")


SIX_FACTS = {"podCIDR": "fd00:10:244::/56", "serviceCIDR": "fd00:10:96::/112"}
SIX_NODES = [node("n1", "fd00::1", cidrs=["fd00:10:244:1::/64"])]
SIX_WEB = pod("web-1", "fd00:10:244:1::1", on="n1")


@table(
    case("the internet has an address of the family asked", [service(kind="NodePort", ports=[sport(80, "http", nodePort=30080)], **LOCAL), SIX_WEB], "internet > svc/web", "delivered", facts=SIX_FACTS, nodes=SIX_NODES, clients=[], seen="2001:db8::7"),
    case("a proxy balancer asks the node in the Service's family", [service(kind="LoadBalancer", lb=[{"hostname": "lb.example.com"}], ports=[sport(80, "http", nodePort=30080)]), SIX_WEB], "internet > http://lb.example.com/", "delivered", facts=SIX_FACTS, nodes=SIX_NODES, clients=[], seen="fd00::1"),
)
def test_edges_of_ipv6(flow: Flow, mode: str) -> None:
    check(flow, mode)


def dns(**more: Any) -> list[Any]:
    ports = [sport(53, 53, "dns", protocol="UDP"), sport(53, 53, "dns-tcp")]
    server = {"ports": [port(53, "dns", "UDP"), port(53, "dns-tcp")], "labels": {"k8s-app": "kube-dns"}, **more}
    return [
        service("kube-dns", "10.96.0.10", ns="kube-system", app=None, selector={"k8s-app": "kube-dns"}, ports=ports),
        pod("coredns-1", "10.244.2.53", ns="kube-system", app=None, **server),
    ]


HERE = [cluster_ip(), WEB1]
SHUT = policy("shut", ns="kube-system", pods={"matchLabels": {"k8s-app": "kube-dns"}}, policyTypes=["Ingress"])
OWN_DNS = pod("own", "10.244.1.60", app="own", ports=(), dnsPolicy="Default")
DENY = policy("deny", policyTypes=["Egress"])
BLOCK = {"to": [{"ipBlock": {"cidr": "10.244.0.0/16"}}], "ports": [{"protocol": "UDP", "port": 53}]}
ALL_53 = {"ports": [{"protocol": "UDP", "port": 53}]}


@table(
    case("stated CoreDNS", [*HERE, dns()], "client > http://web/", "delivered", modes=ONE),
    case("no CoreDNS pod is ready", [*HERE, dns(ready=False)], "client > http://web/", "unresolved", modes=ONE),
    case("no CoreDNS pod is ready, by address", [*HERE, dns(ready=False)], f"client > {VIP}:80", "delivered", modes=ONE),
    case("CoreDNS is shut off by an ingress policy", [*HERE, dns(), SHUT], "client > http://web/", "unresolved", "DNS_BLOCKED_BY_POLICY", modes=ONE),
    case("the node's resolvers behind an egress policy", [OWN_DNS, DENY], "own > http://example.com/", "unresolved", "DNS_BLOCKED_BY_POLICY", modes=ONE),
    case("the node's resolvers, port 53 open", [OWN_DNS, policy("dns", policyTypes=["Egress"], egress=[ALL_53, {"ports": [{"port": 80}]}])], "own > http://example.com/", "external", modes=ONE),
    case("the node's resolvers, policies not enforced", [OWN_DNS, DENY], "own > http://example.com/", "external", facts={"cni": "flannel"}, modes=ONE),
    case("an ipBlock over the pod range, plugin that never matches pods by it", [*HERE, policy("p", policyTypes=["Egress"], egress=[BLOCK])], "client > http://web/", "unresolved", "DNS_BLOCKED_BY_POLICY", facts={"cni": "cilium"}, modes=ONE),
    case("an ipBlock over the pod range, plugin of which that is not known", [*HERE, policy("p", policyTypes=["Egress"], egress=[BLOCK])], "client > http://web/", "unknown", "CANNOT_TELL", facts={"cni": "homegrown"}, modes=ONE),
    case("an ipBlock for some resolver outside: whether the node's is in it cannot be known", [OWN_DNS, policy("p", policyTypes=["Egress"], egress=[{"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}], "ports": [{"protocol": "UDP", "port": 53}]}])], "own > http://example.com/", "unknown|unresolved", modes=ONE),
)
def test_the_way_to_dns(flow: Flow, mode: str) -> None:
    check(flow, mode)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.10-244-1-1.shop.pod.cluster.local.", "A"),
        ("dns-version.cluster.local.", "A"),
        ("10-244-1-1.shop.pod.other.local.cluster.local.", "A"),
        ("_web._tcp.alias.shop.svc.cluster.local.", "SRV"),
        ("_web._tcp.alias.shop.svc.cluster.local.", "A"),
    ],
)
def test_names_that_are_none(name: str, kind: str) -> None:
    built = cluster(NODES, WEB1, external_name("alias", "db.example.com", ports=[sport(80, None, "web")]))
    found = answer(built, Fqdn(name), RecordType(kind))
    assert found is not None
    assert found.rcode == "NXDOMAIN"


@pytest.mark.parametrize("name", ["80.2.0.192.in-addr.arpa.", "1.2.in-addr.arpa.", "x.1.2.3.in-addr.arpa.", "f.d.ip6.arpa.", "zz.ip6.arpa."])
def test_reverse_names_that_are_no_address_have_no_name(name: str) -> None:
    found = answer(cluster(NODES, WEB1, external_ip()), Fqdn(name), RecordType.PTR)
    assert found is None or not found.records


def test_an_alias_has_no_srv_of_its_own() -> None:
    built = cluster(NODES, external_name("alias", "db.example.com"))
    found = answer(built, Fqdn("alias.shop.svc.cluster.local."), RecordType.SRV)
    assert found is not None
    assert not [record for record in found.records if record.type == "SRV"]


def test_an_endpoint_whose_pod_the_manifests_do_not_hold_cannot_be_known() -> None:
    slice_ = endpoint_slice(endpoint("10.244.2.9", node="n2"), of="api", ns="api")
    slice_["endpoints"][0]["targetRef"] = {"kind": "Pod", "name": "api-1", "namespace": "api"}
    built = cluster(NODES, CLIENT, service("api", "10.96.5.5", ns="api", app=None), slice_)
    trace = kcnet.trace(built, "shop/client", "api/svc/api")
    assert trace.verdict == "unknown"
    assert trace.reason.code == "CANNOT_TELL"


def test_a_client_on_a_node_that_the_manifests_do_not_hold() -> None:
    built = cluster(NODES, WEB2, cluster_ip(), pod("client", "10.244.9.9", on="n9", app="c", ports=()))
    trace = kcnet.trace(built, "client", "svc/web", namespace="shop")
    assert trace.verdict == "delivered"
    assert str(trace.paths[0].source_seen) == "10.244.9.9"


def test_a_readiness_that_is_taken_for_granted_is_said_so() -> None:
    probe = {"containers": [{"name": "c", "image": "c", "ports": [port(8080, "http")], "readinessProbe": {"tcpSocket": {"port": 8080}}}]}
    told = [
        kcnet.trace(cluster(NODES, CLIENT, cluster_ip(), each), "client", "svc/web", namespace="shop").assumptions
        for each in (workload("Deployment", "web", pod_spec=probe), workload("Deployment", "web"))
    ]
    assert any("eadiness" in text for text in told[0])
    assert not any("eadiness" in text for text in told[1])


@pytest.mark.parametrize(
    ("labels", "near"),
    [
        ({"app": "webb"}, "w-near"),
        ({"apps": "web"}, "w-near"),
        ({"role": "web"}, "w-near"),
    ],
)
def test_the_repair_of_a_selector_names_the_nearest_pod(labels: dict[str, str], near: str) -> None:
    built = cluster(NODES, CLIENT, cluster_ip(), pod(near, "10.244.1.2", app=None, labels=labels), pod("z", "10.244.1.3", app="zzz"))
    trace = kcnet.trace(built, "client", "svc/web", namespace="shop")
    assert trace.reason.code == "SERVICE_NO_ENDPOINTS"
    assert near in f"{trace.summary} {trace.repair}"


@pytest.mark.parametrize("others", [[], [pod("z", "10.244.1.3", ns="lonely", app=None, labels={"qq": "yy"})]])
def test_a_selector_that_is_near_nothing_is_told_all_the_same(others: list[Any]) -> None:
    built = cluster(NODES, CLIENT, service("web", VIP, ns="lonely", app="web"), others)
    trace = kcnet.trace(built, "shop/client", "lonely/svc/web")
    assert trace.reason.code == "SERVICE_NO_ENDPOINTS"
    assert trace.repair


@pytest.mark.parametrize("target", ["http", 8080])
def test_pods_on_missing_nodes_are_not_blamed_for_their_ports(target: int | str) -> None:
    built = cluster(NODES, CLIENT, cluster_ip(ports=[sport(80, target)]), pod("w", "10.244.9.1", on="n9"))
    trace = kcnet.trace(built, "client", "svc/web", namespace="shop")
    assert trace.reason.code == "SERVICE_NO_ENDPOINTS"
    assert "targetPort" not in trace.repair
    assert "ode" in trace.repair


def test_the_repair_of_a_selector_names_the_namespace_of_the_pods() -> None:
    built = cluster(NODES, CLIENT, service("web", VIP), pod("far", "10.244.1.2", ns="backend"))
    trace = kcnet.trace(built, "client", "svc/web", namespace="shop")
    assert "backend" in trace.repair


def test_a_misspelt_name_among_a_thousand_is_found() -> None:
    many = [service(f"svc-{n}", app=f"a{n}") for n in range(800)]
    built = cluster(NODES, CLIENT, many, service("checkout"))
    trace = kcnet.trace(built, "client", "http://checkuot/", namespace="shop")
    assert trace.reason.code == "DNS_NXDOMAIN"
    assert "checkout" in f"{trace.summary} {trace.repair}"


def test_facts_by_flag_win_over_the_document() -> None:
    from kcnet.controlplane import build_cluster
    from kcnet.model.manifests import ClusterFacts
    from tests.flows.builders import flat
    from tests.helpers import manifests_from

    manifests = manifests_from(flat([facts(proxyMode="iptables"), NODES, CLIENT, cluster_ip(), WEB1, WEB3]))
    built = build_cluster(manifests, ClusterFacts(proxy_mode="nftables"))
    assert kcnet.trace(built, "client", f"{VIP}:81", namespace="shop").verdict == "refused"
