"""What becomes of a connection to a Service, by destination and proxy mode.

https://kubernetes.io/docs/reference/networking/virtual-ips/ and pkg/proxy/{iptables,nftables,ipvs}/proxier.go
"""

from __future__ import annotations

import pytest

from tests.flows.builders import (
    CLIENT,
    EXT_IP,
    INTERNET,
    LB_IP,
    VIP,
    WEB1,
    WEB2,
    WEB3,
    Flow,
    Manifest,
    by_mode,
    case,
    check,
    cluster_ip,
    endpoint,
    endpoint_slice,
    external_ip,
    load_balancer,
    node,
    node_port,
    pod,
    run,
    service,
    sport,
    table,
)

LOCAL_ONLY = {"externalTrafficPolicy": "Local"}
INTERNAL_LOCAL = {"internalTrafficPolicy": "Local"}
TWO_PATHS = ("iptables", "nftables")
UNREADY = pod("web-1", "10.244.1.1", ready=False)


@table(
    case("pod to cluster IP, no pod at all", [cluster_ip()], "client > svc/web", "refused", "SERVICE_NO_ENDPOINTS"),
    case(
        "pod to cluster IP, no pod ready",
        [cluster_ip(), UNREADY],
        "client > svc/web",
        "refused",
        "SERVICE_NO_ENDPOINTS",
    ),
    case(
        "node process to cluster IP, no pod", [cluster_ip()], f"node/n1 > {VIP}:80", "refused", "SERVICE_NO_ENDPOINTS"
    ),
    case(
        "hostNetwork pod to cluster IP, no pod",
        [cluster_ip()],
        f"host-client > {VIP}:80",
        "refused",
        "SERVICE_NO_ENDPOINTS",
    ),
    case("pod to external IP, no pod", [external_ip()], f"client > {EXT_IP}:80", "refused", "SERVICE_NO_ENDPOINTS"),
    case(
        "internet to external IP, no pod", [external_ip()], f"internet > {EXT_IP}:80", "refused", "SERVICE_NO_ENDPOINTS"
    ),
    case(
        "pod to load balancer address, no pod",
        [load_balancer()],
        f"client > {LB_IP}:80",
        "refused",
        "SERVICE_NO_ENDPOINTS",
    ),
    case(
        "internet to load balancer, no pod",
        [load_balancer()],
        f"internet > {LB_IP}:80",
        "refused",
        "SERVICE_NO_ENDPOINTS",
    ),
    case(
        "pod to own node's node port, no pod",
        [node_port()],
        "client > node/n1:30080",
        "refused",
        "SERVICE_NO_ENDPOINTS",
    ),
    case(
        "pod to other node's node port, no pod",
        [node_port()],
        "client > node/n2:30080",
        "refused",
        "SERVICE_NO_ENDPOINTS",
    ),
    case("internet to node port, no pod", [node_port()], "internet > node/n2:30080", "refused", "SERVICE_NO_ENDPOINTS"),
    case(
        "internet to node port, eTP Local, no pod anywhere",
        [node_port(**LOCAL_ONLY)],
        "internet > node/n2:30080",
        "refused",
        "SERVICE_NO_ENDPOINTS",
    ),
    case(
        "pod to cluster IP, iTP Local, no pod anywhere",
        [cluster_ip(**INTERNAL_LOCAL)],
        "client > svc/web",
        "refused",
        "SERVICE_NO_ENDPOINTS",
    ),
)
def test_no_endpoints_anywhere_is_refused(flow: Flow, mode: str) -> None:
    check(flow, mode)


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs"])
@pytest.mark.parametrize("source", ["node/n1", "host-client"])
@pytest.mark.parametrize(("address", "service"), [(EXT_IP, external_ip()), (LB_IP, load_balancer())])
def test_the_node_itself_asks_an_external_address_without_endpoints(
    address: str, service: Manifest, source: str, mode: str
) -> None:
    """iptables mode rejects there what comes in and what is forwarded, not what the node sends: that goes out, and the
    node by which it comes back rejects it."""
    trace = run(Flow(given=[service], source=source, target=f"{address}:80", ends="refused"), mode)
    assert (trace.verdict.value, trace.reason.code) == ("refused", "SERVICE_NO_ENDPOINTS")
    for path in trace.paths:
        stages = [step.stage.value for step in path.steps]
        assert ("route" in stages) is (mode == "iptables")
        assert path.last.at.name in (("n2", "n3") if mode == "iptables" else ("n1",))
        assert ("SERVICE_NOT_PROXIED" in {step.reason.code for step in path.steps}) is (mode == "iptables")


def test_an_external_ip_that_is_the_nodes_own_is_rejected_there() -> None:
    given = [service(ip=VIP, externalIPs=["10.0.0.1"])]
    trace = run(Flow(given=given, source="node/n1", target="10.0.0.1:80", ends="refused"))
    assert (trace.verdict.value, trace.reason.code) == ("refused", "SERVICE_NO_ENDPOINTS")
    assert [path.steps[-1].at.name for path in trace.paths] == ["n1"]


@table(
    case(
        "a pod outside the source ranges",
        [load_balancer(loadBalancerSourceRanges=["192.0.2.0/24"])],
        f"client > {LB_IP}:80",
        "refused/timeout/timeout",
        "SERVICE_NO_ENDPOINTS/LB_SOURCE_RANGE_DENIED/LB_SOURCE_RANGE_DENIED",
    ),
    case(
        "a client outside the cluster and the source ranges",
        [load_balancer(loadBalancerSourceRanges=["192.0.2.0/24"]), UNREADY],
        f"internet > {LB_IP}:80",
        "refused/timeout/timeout",
        "SERVICE_NO_ENDPOINTS/LB_SOURCE_RANGE_DENIED/LB_SOURCE_RANGE_DENIED",
    ),
    case(
        "a node outside the source ranges",
        [load_balancer(loadBalancerSourceRanges=["192.0.2.0/24"])],
        f"node/n1 > {LB_IP}:80",
        "refused/timeout/timeout",
        "SERVICE_NO_ENDPOINTS/LB_SOURCE_RANGE_DENIED/LB_SOURCE_RANGE_DENIED",
    ),
    case(
        "a pod in the source ranges",
        [load_balancer(loadBalancerSourceRanges=["10.244.1.0/24"])],
        f"client > {LB_IP}:80",
        "refused",
        "SERVICE_NO_ENDPOINTS",
    ),
)
def test_source_ranges_and_no_endpoints(flow: Flow, mode: str) -> None:
    """iptables mode has a chain of ranges only where there are endpoints; the others drop before they reject."""
    check(flow, mode)


@table(
    case(
        "the node itself to a load balancer's address, eTP Local, pods elsewhere",
        [load_balancer(**LOCAL_ONLY), WEB2, WEB3],
        f"node/n1 > {LB_IP}:80",
        "delivered",
        at=("web-2", "web-3"),
        modes=TWO_PATHS,
    ),
    case(
        "the node itself to an external IP, eTP Local, pods elsewhere",
        [external_ip(**LOCAL_ONLY), WEB2, WEB3],
        f"host-client > {EXT_IP}:80",
        "delivered",
        at=("web-2", "web-3"),
        modes=TWO_PATHS,
    ),
)
def test_the_node_itself_takes_the_shorter_way(flow: Flow, mode: str) -> None:
    """In nftables mode since 1.34 (and 1.33.5): before, the filter dropped it first."""
    check(flow, mode)


NO_LOCAL = "SERVICE_NO_LOCAL_ENDPOINTS"


@table(
    case(
        "plain cluster IP, iTP Local, pods elsewhere",
        [cluster_ip(**INTERNAL_LOCAL), WEB2, WEB3],
        "client > svc/web",
        "timeout/timeout/refused",
        NO_LOCAL,
    ),
    case(
        "plain cluster IP, iTP Local, local pod unready, pods elsewhere",
        [cluster_ip(**INTERNAL_LOCAL), UNREADY, WEB2],
        "client > svc/web",
        "timeout/timeout/refused",
        NO_LOCAL,
    ),
    case(
        "plain cluster IP, iTP Local, from the node itself",
        [cluster_ip(**INTERNAL_LOCAL), WEB2],
        f"node/n1 > {VIP}:80",
        "timeout/timeout/refused",
        NO_LOCAL,
    ),
    case(
        "plain cluster IP, iTP Local, from a hostNetwork pod",
        [cluster_ip(**INTERNAL_LOCAL), WEB2],
        "host-client > svc/web",
        "timeout/timeout/refused",
        NO_LOCAL,
    ),
    case(
        "plain cluster IP, iTP Local, only the local pod counts",
        [cluster_ip(**INTERNAL_LOCAL), WEB1, WEB2, WEB3],
        "client > svc/web",
        "delivered",
        at=("web-1",),
        seen="10.244.1.100",
    ),
    case(
        "plain cluster IP, iTP Local, from each node its own pod",
        [cluster_ip(**INTERNAL_LOCAL), WEB1, WEB2, WEB3],
        "client-3 > svc/web",
        "delivered",
        at=("web-3",),
        seen="10.244.3.100",
    ),
    case(
        "plain cluster IP, iTP Local, from the node itself, local pod",
        [cluster_ip(**INTERNAL_LOCAL), WEB1, WEB2],
        f"node/n1 > {VIP}:80",
        "delivered",
        at=("web-1",),
    ),
    case(
        "cluster IP of a NodePort, iTP Local, pods elsewhere",
        [node_port(**INTERNAL_LOCAL), WEB2, WEB3],
        "client > svc/web",
        "timeout/timeout/delivered",
        f"{NO_LOCAL}/{NO_LOCAL}/DELIVERED",
        at=by_mode({}, {}, ("web-2", "web-3")),
    ),
    case(
        "cluster IP of a LoadBalancer, iTP Local, pods elsewhere",
        [load_balancer(**INTERNAL_LOCAL), WEB2, WEB3],
        f"client > {VIP}:80",
        "timeout/timeout/delivered",
        f"{NO_LOCAL}/{NO_LOCAL}/DELIVERED",
    ),
    case(
        "cluster IP of a Service with externalIPs, iTP Local, pods elsewhere",
        [external_ip(**INTERNAL_LOCAL), WEB2, WEB3],
        f"client > {VIP}:80",
        "timeout/timeout/delivered",
        f"{NO_LOCAL}/{NO_LOCAL}/DELIVERED",
    ),
    case(
        "cluster IP of a NodePort, iTP Local, eTP Local, pods elsewhere",
        [node_port(**INTERNAL_LOCAL, **LOCAL_ONLY), WEB2],
        f"client > {VIP}:80",
        "timeout/timeout/delivered",
    ),
    case(
        "cluster IP, eTP Local says nothing about it",
        [node_port(**LOCAL_ONLY), WEB2, WEB3],
        "client > svc/web",
        "delivered",
        at=("web-2", "web-3"),
        seen="10.244.1.100",
    ),
    case(
        "node port, iTP Local says nothing about it",
        [node_port(**INTERNAL_LOCAL), WEB2, WEB3],
        "internet > node/n1:30080",
        "delivered",
        at=("web-2", "web-3"),
        seen="10.0.0.1",
    ),
    case(
        "own node port, iTP Local says nothing about it",
        [node_port(**INTERNAL_LOCAL), WEB2, WEB3],
        "client > node/n1:30080",
        "delivered",
        at=("web-2", "web-3"),
    ),
)
def test_internal_traffic_policy(flow: Flow, mode: str) -> None:
    check(flow, mode)


@table(
    case(
        "internet to node port, eTP Local, pods elsewhere",
        [node_port(**LOCAL_ONLY), WEB2, WEB3],
        "internet > node/n1:30080",
        "timeout",
        NO_LOCAL,
    ),
    case(
        "internet to node port, eTP Local, local pod unready",
        [node_port(**LOCAL_ONLY), UNREADY, WEB3],
        "internet > node/n1:30080",
        "timeout",
        NO_LOCAL,
    ),
    case(
        "internet to node port, eTP Local, local pod",
        [node_port(**LOCAL_ONLY), WEB1, WEB2],
        "internet > node/n1:30080",
        "delivered",
        at=("web-1",),
        seen=INTERNET,
    ),
    case(
        "internet to node port, eTP Local, two local pods",
        [node_port(**LOCAL_ONLY), WEB1, WEB2, pod("web-1b", "10.244.1.2")],
        "internet > node/n1:30080",
        "delivered",
        at=("web-1", "web-1b"),
        seen=INTERNET,
    ),
    case(
        "bare outside address to node port, eTP Local",
        [node_port(**LOCAL_ONLY), WEB1, WEB2],
        "203.0.113.200 > node/n1:30080",
        "delivered",
        at=("web-1",),
        seen="203.0.113.200",
    ),
    case(
        "internet to node port, eTP Cluster, from any node",
        [node_port(), WEB1, WEB2, WEB3],
        "internet > node/n1:30080",
        "delivered",
        at=("web-1", "web-2", "web-3"),
        seen="10.0.0.1",
    ),
    case(
        "internet to node port, eTP Cluster, no pod on that node",
        [node_port(), WEB1],
        "internet > node/n3:30080",
        "delivered",
        at=("web-1",),
        seen="10.0.0.3",
    ),
    case(
        "internet to load balancer, eTP Local, only nodes with pods take part",
        [load_balancer(**LOCAL_ONLY), WEB2, WEB3],
        f"internet > {LB_IP}:80",
        "delivered",
        at=("web-2", "web-3"),
        seen=INTERNET,
    ),
    case(
        "internet to load balancer, eTP Cluster",
        [load_balancer(), WEB2, WEB3],
        f"internet > {LB_IP}:80",
        "delivered",
        at=("web-2", "web-3"),
        seen={"10.0.0.1", "10.0.0.2", "10.0.0.3"},
    ),
    case(
        "internet to load balancer by svc/",
        [load_balancer(), WEB2, WEB3],
        "internet > svc/web",
        "delivered",
        at=("web-2", "web-3"),
    ),
    case(
        "one node, internet to external IP, eTP Local, endpoint on no known node",
        [external_ip(app=None, **LOCAL_ONLY), endpoint_slice(endpoint("10.244.1.9")), pod("x", "10.244.1.9")],
        f"internet > {EXT_IP}:80",
        "timeout",
        NO_LOCAL,
        nodes=[node("n1")],
        clients=[CLIENT],
    ),
    case(
        "one node, internet to external IP, eTP Local, local pod",
        [external_ip(**LOCAL_ONLY), WEB1],
        f"internet > {EXT_IP}:80",
        "delivered",
        nodes=[node("n1")],
        clients=[CLIENT],
        at=("web-1",),
        seen=INTERNET,
    ),
    case(
        "one node, internet to external IP, eTP Cluster",
        [external_ip(), WEB1],
        f"internet > {EXT_IP}:80",
        "delivered",
        nodes=[node("n1")],
        clients=[CLIENT],
        at=("web-1",),
        seen="10.0.0.1",
    ),
)
def test_external_traffic_policy(flow: Flow, mode: str) -> None:
    check(flow, mode)


@table(
    case(
        "pod to load balancer address, eTP Local, pods elsewhere",
        [load_balancer(**LOCAL_ONLY), WEB2, WEB3],
        f"client > {LB_IP}:80",
        "delivered",
        at=("web-2", "web-3"),
        seen="10.244.1.100",
    ),
    case(
        "pod to external IP, eTP Local, pods elsewhere",
        [external_ip(**LOCAL_ONLY), WEB2, WEB3],
        f"client > {EXT_IP}:80",
        "delivered",
        at=("web-2", "web-3"),
        seen="10.244.1.100",
    ),
    case(
        "pod to own node port, eTP Local, pods elsewhere",
        [node_port(**LOCAL_ONLY), WEB2, WEB3],
        "client > node/n1:30080",
        "delivered",
        at=("web-2", "web-3"),
        seen="10.244.1.100",
    ),
    case(
        "pod to own node port, eTP Local, local pod and others",
        [node_port(**LOCAL_ONLY), WEB1, WEB2],
        "client > node/n1:30080",
        "delivered",
        at=("web-1", "web-2"),
        seen="10.244.1.100",
    ),
    case(
        "node process to load balancer address, eTP Local, pods elsewhere",
        [load_balancer(**LOCAL_ONLY), WEB2, WEB3],
        f"node/n1 > {LB_IP}:80",
        "delivered",
        at=("web-2", "web-3"),
        seen="10.0.0.1",
        modes=TWO_PATHS,
    ),
    case(
        "node process to external IP, eTP Local, pods elsewhere",
        [external_ip(**LOCAL_ONLY), WEB2, WEB3],
        f"node/n1 > {EXT_IP}:80",
        "delivered",
        at=("web-2", "web-3"),
        seen="10.0.0.1",
        modes=TWO_PATHS,
    ),
    case(
        "node process to own node port, eTP Local, pods elsewhere",
        [node_port(**LOCAL_ONLY), WEB2, WEB3],
        "node/n1 > node/n1:30080",
        "delivered",
        at=("web-2", "web-3"),
        seen="10.0.0.1",
        modes=TWO_PATHS,
    ),
    case(
        "hostNetwork pod to own node port, eTP Local, pods elsewhere",
        [node_port(**LOCAL_ONLY), WEB2, WEB3],
        "host-client > node/n1:30080",
        "delivered",
        at=("web-2", "web-3"),
        seen="10.0.0.1",
        modes=TWO_PATHS,
    ),
    case(
        "pod to load balancer address, eTP Cluster",
        [load_balancer(), WEB2, WEB3],
        f"client > {LB_IP}:80",
        "delivered",
        at=("web-2", "web-3"),
        seen="10.0.0.1",
    ),
    case(
        "pod to external IP, eTP Cluster",
        [external_ip(), WEB2, WEB3],
        f"client > {EXT_IP}:80",
        "delivered",
        at=("web-2", "web-3"),
        seen="10.0.0.1",
    ),
    case(
        "pod to own node port, eTP Cluster",
        [node_port(), WEB2, WEB3],
        "client > node/n1:30080",
        "delivered",
        at=("web-2", "web-3"),
        seen="10.0.0.1",
    ),
    case(
        "node process to own node port, eTP Cluster",
        [node_port(), WEB2, WEB3],
        "node/n1 > node/n1:30080",
        "delivered",
        at=("web-2", "web-3"),
        seen="10.0.0.1",
    ),
    case(
        "pod to other node's node port, eTP Cluster",
        [node_port(), WEB1, WEB3],
        "client > node/n2:30080",
        "delivered",
        at=("web-1", "web-3"),
        seen="10.0.0.2",
    ),
    case(
        "node process to other node's node port, eTP Cluster",
        [node_port(), WEB1, WEB3],
        "node/n1 > node/n2:30080",
        "delivered",
        at=("web-1", "web-3"),
        seen="10.0.0.2",
    ),
    case(
        "node process to other node's node port, eTP Local, pods elsewhere",
        [node_port(**LOCAL_ONLY), WEB1, WEB3],
        "node/n1 > node/n2:30080",
        "timeout",
        NO_LOCAL,
    ),
    case(
        "node process to other node's node port, eTP Local, a pod there",
        [node_port(**LOCAL_ONLY), WEB2, WEB3],
        "node/n1 > node/n2:30080",
        "delivered",
        at=("web-2",),
        seen="10.0.0.1",
    ),
    case(
        "pod to other node's node port, eTP Local, flannel hides the pod, none there",
        [node_port(**LOCAL_ONLY), WEB1, WEB3],
        "client > node/n2:30080",
        "timeout",
        NO_LOCAL,
        facts={"cni": "flannel"},
    ),
    case(
        "pod to other node's node port, eTP Local, flannel hides the pod, one there",
        [node_port(**LOCAL_ONLY), WEB2, WEB3],
        "client > node/n2:30080",
        "delivered",
        facts={"cni": "flannel"},
        at=("web-2",),
        seen="10.0.0.1",
    ),
    case(
        "pod to other node's node port, eTP Local, pod address survives",
        [node_port(**LOCAL_ONLY), WEB1, WEB3],
        "client > node/n2:30080",
        "delivered",
        facts={"cni": "kube-router"},
        at=("web-1", "web-3"),
        seen="10.244.1.100",
    ),
    case(
        "pod to other node's node port, eTP Local, plugin unknown, none there",
        [node_port(**LOCAL_ONLY), WEB1, WEB3],
        "client > node/n2:30080",
        "unknown|partial",
    ),
)
def test_short_circuit_for_clients_inside(flow: Flow, mode: str) -> None:
    check(flow, mode)


UNKNOWN_PORT = "SERVICE_PORT_UNKNOWN"


@table(
    case(
        "cluster IP, port that the Service has not",
        [cluster_ip(), WEB1],
        f"client > {VIP}:81",
        "timeout/refused/refused",
        UNKNOWN_PORT,
    ),
    case(
        "cluster IP by name, port that the Service has not",
        [cluster_ip(), WEB1],
        "client > http://web:8080/",
        "timeout/refused/refused",
        UNKNOWN_PORT,
    ),
    case(
        "svc/ with a port that the Service has not",
        [cluster_ip(), WEB1],
        "client > svc/web:8080",
        "timeout/refused/refused",
        UNKNOWN_PORT,
    ),
    case(
        "node process to cluster IP, unknown port",
        [cluster_ip(), WEB1],
        f"node/n1 > {VIP}:81",
        "timeout/refused/refused",
        UNKNOWN_PORT,
    ),
    case(
        "cluster IP, right number but UDP",
        [cluster_ip(), WEB1],
        f"client > {VIP}:80",
        "timeout/refused/refused",
        UNKNOWN_PORT,
        protocol="udp",
    ),
    case(
        "load balancer address, unknown port, from a pod",
        [load_balancer(), WEB1],
        f"client > {LB_IP}:81",
        "external|timeout|unknown/external|timeout|unknown/refused",
    ),
    case(
        "external IP, unknown port, from a pod",
        [external_ip(), WEB1],
        f"client > {EXT_IP}:81",
        "external|timeout|unknown/external|timeout|unknown/refused",
    ),
    case("unused address of the service range", [cluster_ip(), WEB1], "client > 10.96.200.200:80", "timeout"),
    case(
        "unused address of the service range from a node", [cluster_ip(), WEB1], "node/n1 > 10.96.200.200:80", "timeout"
    ),
    case(
        "node port that no Service has, from a pod",
        [node_port(), WEB1],
        "client > node/n1:30081",
        "refused",
        "NODE_PORT_CLOSED",
    ),
    case(
        "node port that no Service has, other node",
        [node_port(), WEB1],
        "client > node/n2:30081",
        "refused",
        "NODE_PORT_CLOSED",
    ),
    case(
        "node port that no Service has, from the internet",
        [node_port(), WEB1],
        "internet > node/n1:30081",
        "refused",
        "NODE_PORT_CLOSED",
    ),
    case(
        "node port that no Service has, from the node",
        [node_port(), WEB1],
        "node/n1 > node/n1:30081",
        "refused",
        "NODE_PORT_CLOSED",
    ),
    case(
        "node port's number, but UDP",
        [node_port(), WEB1],
        "internet > node/n1:30080",
        "refused",
        "NODE_PORT_CLOSED",
        protocol="udp",
    ),
    case(
        "Service port at a node's address is no node port",
        [node_port(), WEB1],
        "internet > node/n1:80",
        "refused",
        "NODE_PORT_CLOSED",
    ),
    case(
        "target port at a node's address is no node port",
        [node_port(), WEB1],
        "internet > node/n1:8080",
        "refused",
        "NODE_PORT_CLOSED",
    ),
    case(
        "node port's number at the cluster IP",
        [node_port(), WEB1],
        f"client > {VIP}:30080",
        "timeout/refused/refused",
        UNKNOWN_PORT,
    ),
    case(
        "target port's number at the cluster IP",
        [node_port(), WEB1],
        f"client > {VIP}:8080",
        "timeout/refused/refused",
        UNKNOWN_PORT,
    ),
    case("internet to a cluster IP", [cluster_ip(), WEB1], f"internet > {VIP}:80", "timeout", "NOT_ROUTABLE"),
    case(
        "internet to svc/ of a ClusterIP Service", [cluster_ip(), WEB1], "internet > svc/web", "timeout", "NOT_ROUTABLE"
    ),
    case("internet to a pod IP", [WEB1], "internet > 10.244.1.1:8080", "timeout", "NOT_ROUTABLE"),
    case("address in the pod range that no pod has", [WEB1], "client > 10.244.1.77:8080", "timeout", "NOT_ROUTABLE"),
)
def test_no_rule_for_it(flow: Flow, mode: str) -> None:
    check(flow, mode)


@table(
    case(
        "loopback node port from the node",
        [node_port(), WEB1, WEB2],
        "node/n1 > 127.0.0.1:30080",
        "delivered/refused/refused",
        "DELIVERED/NODE_PORT_CLOSED/NODE_PORT_CLOSED",
        at=by_mode(("web-1", "web-2"), {}, {}),
    ),
    case(
        "loopback node port from a hostNetwork pod",
        [node_port(), WEB2],
        "host-client > localhost:30080",
        "delivered/refused/refused",
    ),
    case(
        "loopback node port from an ordinary pod is its own loopback",
        [node_port(), WEB2],
        "web-2 > 127.0.0.1:30080",
        "refused",
        "PORT_NOT_LISTENING",
    ),
    case("IPv6 loopback node port from the node", [node_port(), WEB2], "node/n1 > [::1]:30080", "refused"),
)
def test_loopback_node_port(flow: Flow, mode: str) -> None:
    check(flow, mode)


RANGES = {"loadBalancerSourceRanges": ["198.51.100.0/28"]}
OTHER_RANGES = {"loadBalancerSourceRanges": ["192.0.2.0/24"]}


@table(
    case("internet inside the source ranges", [load_balancer(**RANGES), WEB1], f"internet > {LB_IP}:80", "delivered"),
    case(
        "internet outside the source ranges",
        [load_balancer(**OTHER_RANGES), WEB1],
        f"internet > {LB_IP}:80",
        "timeout",
        "LB_SOURCE_RANGE_DENIED",
    ),
    case(
        "internet by svc/, outside the source ranges",
        [load_balancer(**OTHER_RANGES), WEB1],
        "internet > svc/web",
        "timeout",
        "LB_SOURCE_RANGE_DENIED",
    ),
    case(
        "bare address inside the source ranges",
        [load_balancer(**OTHER_RANGES), WEB1],
        f"192.0.2.5 > {LB_IP}:80",
        "delivered",
    ),
    case(
        "pod outside the source ranges",
        [load_balancer(**OTHER_RANGES), WEB1],
        f"client > {LB_IP}:80",
        "timeout",
        "LB_SOURCE_RANGE_DENIED",
    ),
    case(
        "pod inside the source ranges",
        [load_balancer(loadBalancerSourceRanges=["10.244.0.0/16"]), WEB2],
        f"client > {LB_IP}:80",
        "delivered",
        seen="10.0.0.1",
    ),
    case(
        "node process outside the source ranges",
        [load_balancer(**OTHER_RANGES), WEB1],
        f"node/n1 > {LB_IP}:80",
        "timeout",
        "LB_SOURCE_RANGE_DENIED",
        modes=TWO_PATHS,
    ),
    case(
        "node process inside the source ranges",
        [load_balancer(loadBalancerSourceRanges=["10.0.0.0/24"]), WEB2],
        f"node/n1 > {LB_IP}:80",
        "delivered",
        seen="10.0.0.1",
    ),
    case(
        "source ranges, a /0 entry switches them off",
        [load_balancer(loadBalancerSourceRanges=["192.0.2.0/24", "0.0.0.0/0"]), WEB1],
        f"internet > {LB_IP}:80",
        "delivered",
    ),
    case(
        "source ranges of the other family alone guard nothing",
        [load_balancer(loadBalancerSourceRanges=["2001:db8::/32"]), WEB1],
        f"internet > {LB_IP}:80",
        "delivered",
    ),
    case(
        "a /0 of the other family switches nothing off",
        [load_balancer(loadBalancerSourceRanges=["192.0.2.0/24", "::/0"]), WEB1],
        f"internet > {LB_IP}:80",
        "timeout",
        "LB_SOURCE_RANGE_DENIED",
    ),
    case(
        "source ranges by annotation are not kube-proxy's, which a pod meets",
        [load_balancer(annotations={"service.beta.kubernetes.io/load-balancer-source-ranges": "192.0.2.0/24"}), WEB1],
        f"client > {LB_IP}:80",
        "delivered",
    ),
    case(
        "source ranges do not guard the node port",
        [load_balancer(**OTHER_RANGES), WEB1],
        "internet > node/n1:30080",
        "delivered",
        seen="10.0.0.1",
    ),
    case(
        "source ranges do not guard the cluster IP",
        [load_balancer(**OTHER_RANGES), WEB2],
        f"client > {VIP}:80",
        "delivered",
        seen="10.244.1.100",
    ),
    case(
        "source ranges do not guard external IPs",
        [load_balancer(externalIPs=[EXT_IP], **OTHER_RANGES), WEB2],
        f"client > {EXT_IP}:80",
        "delivered",
    ),
    case(
        "source ranges by annotation",
        [load_balancer(annotations={"service.beta.kubernetes.io/load-balancer-source-ranges": "192.0.2.0/24"}), WEB1],
        f"internet > {LB_IP}:80",
        "timeout",
        "LB_SOURCE_RANGE_DENIED",
    ),
    case(
        "source ranges by annotation, inside",
        [
            load_balancer(
                annotations={"service.beta.kubernetes.io/load-balancer-source-ranges": "192.0.2.0/24, 198.51.100.7/32"}
            ),
            WEB1,
        ],
        f"internet > {LB_IP}:80",
        "delivered",
    ),
    case(
        "source ranges before the policy Local",
        [load_balancer(**OTHER_RANGES, **LOCAL_ONLY), WEB1],
        f"internet > {LB_IP}:80",
        "timeout",
        "LB_SOURCE_RANGE_DENIED",
    ),
    case(
        "source ranges with the policy Local, inside",
        [load_balancer(**RANGES, **LOCAL_ONLY), WEB1],
        f"internet > {LB_IP}:80",
        "delivered",
        seen=INTERNET,
    ),
)
def test_load_balancer_source_ranges(flow: Flow, mode: str) -> None:
    check(flow, mode)


PROXY = ({"ip": LB_IP, "ipMode": "Proxy"},)
HOSTNAME = ({"hostname": "lb.cloud.example"},)
ENTERS = {"10.0.0.1", "10.0.0.2", "10.0.0.3"}


@table(
    case(
        "address stays pending without a provider",
        [load_balancer(lb=[]), WEB1],
        "internet > svc/web",
        "unresolved",
        "LB_PENDING",
        facts={"loadBalancer": False},
    ),
    case(
        "pending, the cluster IP works",
        [load_balancer(lb=[]), WEB2],
        "client > svc/web",
        "delivered",
        facts={"loadBalancer": False},
        seen="10.244.1.100",
    ),
    case(
        "pending, the node port works",
        [load_balancer(lb=[]), WEB2],
        "internet > node/n1:30080",
        "delivered",
        facts={"loadBalancer": False},
        seen="10.0.0.1",
    ),
    case("a provider is assumed", [service(kind="LoadBalancer"), WEB2], "internet > svc/web", "delivered"),
    case(
        "a provider is stated",
        [service(kind="LoadBalancer"), WEB2],
        "internet > svc/web",
        "delivered",
        facts={"loadBalancer": True},
    ),
    case(
        "no node ports are allocated, ip mode VIP",
        [load_balancer(ports=[sport(80, "http")], allocateLoadBalancerNodePorts=False), WEB2],
        f"internet > {LB_IP}:80",
        "delivered",
    ),
    case(
        "no node ports are allocated, the node port is closed",
        [load_balancer(ports=[sport(80, "http")], allocateLoadBalancerNodePorts=False), WEB2],
        "internet > node/n1:30080",
        "refused",
        "NODE_PORT_CLOSED",
    ),
    case(
        "explicit node port though none are allocated",
        [load_balancer(allocateLoadBalancerNodePorts=False), WEB2],
        "internet > node/n1:30080",
        "delivered",
    ),
    case(
        "ip mode VIP, pod inside never leaves",
        [load_balancer(lb=[{"ip": LB_IP, "ipMode": "VIP"}]), WEB2],
        f"client > {LB_IP}:80",
        "delivered",
        at=("web-2",),
        seen="10.0.0.1",
    ),
    case(
        "ip mode Proxy, internet", [load_balancer(lb=PROXY), WEB2], f"internet > {LB_IP}:80", "delivered", at=("web-2",)
    ),
    case(
        "ip mode Proxy, pod inside goes out to the balancer",
        [load_balancer(lb=PROXY), WEB2],
        f"client > {LB_IP}:80",
        "delivered|external",
    ),
    case(
        "hostname only, internet by the name",
        [load_balancer(lb=HOSTNAME), WEB2],
        "internet > http://lb.cloud.example/",
        "delivered",
        at=("web-2",),
    ),
    case(
        "hostname only, internet by svc/",
        [load_balancer(lb=HOSTNAME), WEB2],
        "internet > svc/web",
        "delivered",
        at=("web-2",),
    ),
    case(
        "hostname only, pod inside by the name",
        [load_balancer(lb=HOSTNAME), WEB2],
        "client > http://lb.cloud.example/",
        "delivered|external",
    ),
    case(
        "hostname only, pod inside by svc/ takes the cluster IP",
        [load_balancer(lb=HOSTNAME), WEB2],
        "client > svc/web",
        "delivered",
        seen="10.244.1.100",
    ),
    case(
        "two load balancer addresses, the second",
        [load_balancer(lb=[{"ip": LB_IP}, {"ip": "203.0.113.51"}]), WEB2],
        "internet > 203.0.113.51:80",
        "delivered",
    ),
    case(
        "load balancer, named target port unresolved",
        [load_balancer(), pod("web-1", "10.244.1.1", ports=())],
        f"internet > {LB_IP}:80",
        "refused",
        "SERVICE_NO_ENDPOINTS",
    ),
    case(
        "a second Service at the same address, other port",
        [
            load_balancer(),
            service("b", kind="LoadBalancer", lb=[{"ip": LB_IP}], app="b", ports=[sport(81, 8080)]),
            WEB2,
            pod("b-1", "10.244.3.9", app="b"),
        ],
        f"internet > {LB_IP}:81",
        "delivered",
        at=("b-1",),
    ),
)
def test_load_balancer(flow: Flow, mode: str) -> None:
    check(flow, mode)


@table(
    case(
        "endpoint chosen, nothing listens",
        [cluster_ip(ports=[sport(80, 9999)]), WEB1, WEB2],
        "client > svc/web",
        "refused",
        "PORT_NOT_LISTENING",
    ),
    case(
        "endpoint chosen, its pod is gone",
        [cluster_ip(app=None), endpoint_slice(endpoint("10.244.2.99", node="n2"))],
        "client > svc/web",
        "timeout",
    ),
    case(
        "one of two does not listen",
        [cluster_ip(ports=[sport(80, 8080)]), WEB1, pod("web-2", "10.244.2.1", listens="9090")],
        "client > svc/web",
        "partial",
        at={"web-1": 0.5},
    ),
    case(
        "one of three is gone",
        [
            cluster_ip(app=None),
            endpoint_slice(
                endpoint("10.244.1.1", node="n1"), endpoint("10.244.2.1", node="n2"), endpoint("10.244.2.99", node="n2")
            ),
            WEB1,
            WEB2,
        ],
        "client > svc/web",
        "partial",
        at={"web-1": 1 / 3, "web-2": 1 / 3},
    ),
    case(
        "one refuses and one is gone",
        [
            cluster_ip(app=None),
            endpoint_slice(endpoint("10.244.1.1", node="n1"), endpoint("10.244.2.99", node="n2")),
            pod("web-1", "10.244.1.1", listens="1"),
        ],
        "client > svc/web",
        "mixed",
    ),
    case(
        "labelled for another service proxy",
        [cluster_ip(labels={"service.kubernetes.io/service-proxy-name": "other"}), WEB1],
        "client > svc/web",
        "timeout|unknown|refused",
    ),
)
def test_behind_the_service(flow: Flow, mode: str) -> None:
    check(flow, mode)
