"""The source address that an endpoint sees, and who reaches pods and nodes directly.

https://kubernetes.io/docs/tutorials/services/source-ip/ and pkg/proxy/iptables/proxier.go
"""

# One row of a table is one line.
# ruff: noqa: E501

from __future__ import annotations

from tests.flows.builders import (
    EXT_IP,
    INTERNET,
    LB_IP,
    VIP,
    WEB1,
    WEB2,
    WEB3,
    Flow,
    case,
    check,
    cluster_ip,
    external_ip,
    load_balancer,
    node,
    node_port,
    pod,
    port,
    service,
    sport,
    table,
)

LOCAL = {"externalTrafficPolicy": "Local"}
NODE1 = {"10.0.0.1"}
NOT_THE_POD = {"10.0.0.1", None}
HOST_WEB = pod("host-web", "10.0.0.2", on="n2", hostNetwork=True)
HOST_WEB1 = pod("host-web", "10.0.0.1", on="n1", hostNetwork=True)
NEAR, FAR = pod("near", "10.244.1.7", app="near"), pod("far", "10.244.2.7", app="far")


@table(
    case("pod to pod on its node", [WEB1], "client > 10.244.1.1:8080", "delivered", "DELIVERED", seen="10.244.1.100"),
    case("pod to pod on another node", [WEB2], "client > 10.244.2.1:8080", "delivered", seen="10.244.1.100"),
    case("pod to pod/ by name", [WEB2], "client > pod/web-2:8080", "delivered", at=("web-2",), seen="10.244.1.100"),
    case("pod to pod/ by port name", [WEB2], "client > pod/web-2:http", "delivered", port=8080),
    case("node to pod on it", [WEB1], "node/n1 > 10.244.1.1:8080", "delivered", at=("web-1",), seen="10.0.0.1"),
    case("node to pod on another node", [WEB2], "node/n1 > 10.244.2.1:8080", "delivered", at=("web-2",)),
    case("hostNetwork pod to pod on its node", [WEB1], "host-client > 10.244.1.1:8080", "delivered", seen="10.0.0.1"),
    case("pod to its own address", [WEB1], "web-1 > 10.244.1.1:8080", "delivered", at=("web-1",), seen="10.244.1.1"),
    case("pod to hostNetwork pod on its node", [HOST_WEB1], "client > node/n1:8080", "delivered", seen="10.244.1.100"),
    case("node to hostNetwork pod on it", [HOST_WEB1], "node/n1 > node/n1:8080", "delivered", at=("host-web",)),
    case("node to hostNetwork pod elsewhere", [HOST_WEB], "node/n1 > node/n2:8080", "delivered", seen="10.0.0.1"),
    case("internet to hostNetwork pod", [HOST_WEB], "internet > node/n2:8080", "delivered", seen=INTERNET),
    case("internet to hostNetwork pod, other node", [HOST_WEB], "internet > node/n1:8080", "refused", "NODE_PORT_CLOSED"),
    case("pod to hostNetwork pod elsewhere, flannel", [HOST_WEB], "client > node/n2:8080", "delivered", facts={"cni": "flannel"}, seen="10.0.0.1"),
    case("pod to hostNetwork pod elsewhere, kindnet", [HOST_WEB], "client > node/n2:8080", "delivered", facts={"cni": "kindnet"}, seen="10.0.0.1"),
    case("pod to hostNetwork pod elsewhere, address kept", [HOST_WEB], "client > node/n2:8080", "delivered", facts={"cni": "kube-router"}, seen="10.244.1.100"),
    case("hostNetwork pods of one node over loopback", [HOST_WEB1], "host-client > localhost:8080", "delivered", at=("host-web",), seen="127.0.0.1"),
)
def test_without_a_service(flow: Flow, mode: str) -> None:
    check(flow, mode)


@table(
    case("pod to cluster IP, endpoint on its node", [cluster_ip(), WEB1], "client > svc/web", "delivered", seen="10.244.1.100"),
    case("pod to cluster IP, endpoint elsewhere", [cluster_ip(), WEB2], "client > svc/web", "delivered", seen="10.244.1.100"),
    case("pod to cluster IP, all nodes", [cluster_ip(), WEB1, WEB2, WEB3], "client > svc/web", "delivered", at=("web-1", "web-2", "web-3"), seen="10.244.1.100"),
    case("node to cluster IP, endpoint on it", [cluster_ip(), WEB1], f"node/n1 > {VIP}:80", "delivered", seen="10.0.0.1"),
    case("node to cluster IP, endpoint elsewhere", [cluster_ip(), WEB2], f"node/n1 > {VIP}:80", "delivered", seen="10.0.0.1"),
    case("hostNetwork pod to cluster IP", [cluster_ip(), WEB2], f"host-client > {VIP}:80", "delivered", seen="10.0.0.1"),
    case("hairpin: pod to itself through its Service", [cluster_ip(), WEB1], "web-1 > svc/web", "delivered", at=("web-1",), seen="10.0.0.1"),
    case("hairpin: one of two", [cluster_ip(), WEB1, WEB2], "web-1 > svc/web", "delivered", at=("web-1", "web-2"), seen={"10.0.0.1", "10.244.1.1"}),
    case("hairpin through the load balancer's address", [load_balancer(**LOCAL), WEB1], f"web-1 > {LB_IP}:80", "delivered", seen="10.0.0.1"),
    case("hairpin through the own node's node port", [node_port(**LOCAL), WEB1], "web-1 > node/n1:30080", "delivered", seen="10.0.0.1"),
    case("pod to cluster IP, hostNetwork endpoint on its node", [cluster_ip(), HOST_WEB1], "client > svc/web", "delivered", at=("host-web",), port=8080, seen="10.244.1.100"),
    case("pod to cluster IP, hostNetwork endpoint elsewhere, flannel", [cluster_ip(), HOST_WEB], "client > svc/web", "delivered", facts={"cni": "flannel"}, at=("host-web",), seen="10.0.0.1"),
    case("pod to cluster IP, hostNetwork endpoint elsewhere, address kept", [cluster_ip(), HOST_WEB], "client > svc/web", "delivered", facts={"cni": "kube-router"}, at=("host-web",), seen="10.244.1.100"),
    case("pod to cluster IP, hostNetwork endpoint elsewhere, plugin unknown", [cluster_ip(), HOST_WEB], "client > svc/web", "delivered", at=("host-web",), seen=None),
    case("node to cluster IP, hostNetwork endpoint on it", [cluster_ip(), HOST_WEB1], f"node/n1 > {VIP}:80", "delivered", at=("host-web",), port=8080),
    case("internet to node port, endpoint on that node", [node_port(), WEB1], "internet > node/n1:30080", "delivered", seen="10.0.0.1"),
    case("internet to node port, endpoint elsewhere", [node_port(), WEB2], "internet > node/n1:30080", "delivered", seen="10.0.0.1"),
    case("internet to node port, eTP Local", [node_port(**LOCAL), WEB1], "internet > node/n1:30080", "delivered", seen=INTERNET),
    case("bare address to load balancer, eTP Local", [load_balancer(**LOCAL), WEB1], f"192.0.2.9 > {LB_IP}:80", "delivered", seen="192.0.2.9"),
    case("proxy-type load balancer hides the client even with eTP Local", [load_balancer([{"ip": LB_IP, "ipMode": "Proxy"}], **LOCAL), WEB1], f"internet > {LB_IP}:80", "delivered", seen=None),
    case("pod to external IP, eTP Cluster, endpoint on its node", [external_ip(), WEB1], f"client > {EXT_IP}:80", "delivered", seen="10.0.0.1"),
    case("pod to external IP, eTP Local, endpoint on its node", [external_ip(**LOCAL), WEB1], f"client > {EXT_IP}:80", "delivered", seen="10.244.1.100"),
    case("node's external address takes node ports too", [node_port(), WEB1], "internet > 192.0.2.11:30080", "delivered", modes=("iptables", "ipvs"), nodes=[node("n1", external="192.0.2.11")], clients=[]),
)
def test_through_a_service(flow: Flow, mode: str) -> None:
    check(flow, mode)


OUT = "LEFT_CLUSTER"
HOST_PORT = pod("edge", "10.244.1.8", app="edge", ports=[port(8080, host_port=8081), port(5353, protocol="UDP", host_port=5353)])


@table(
    case("pod to an outside address", [], "client > 8.8.8.8:443", "external", OUT),
    case("pod to an outside name", [], "client > https://example.com/", "external", OUT),
    case("node to an outside address", [], "node/n1 > 8.8.8.8:443", "external", OUT),
    case("hostNetwork pod to an outside name", [], "host-client > https://example.com/", "external", OUT),
    case("pod to the address that internet stands for", [], f"client > {INTERNET}:80", "external", OUT),
    case("internet to a pod", [WEB1], "internet > pod/web-1:8080", "timeout", "NOT_ROUTABLE"),
    case("bare outside address to a pod", [WEB1], "192.0.2.3 > pod/web-1:8080", "timeout", "NOT_ROUTABLE"),
    case("a bare address of a pod is that pod", [cluster_ip(), WEB1], "10.244.1.100 > svc/web", "delivered", seen="10.244.1.100"),
    case("a bare address of a node is that node", [cluster_ip(), WEB1], f"10.0.0.1 > {VIP}:80", "delivered", seen="10.0.0.1"),
    case("hostPort from the internet", [HOST_PORT], "internet > node/n1:8081", "delivered", at=("edge",), port=8080),
    case("hostPort from a pod of another node", [HOST_PORT], "client-2 > node/n1:8081", "delivered", at=("edge",), port=8080),
    case("hostPort from a pod of its node", [HOST_PORT], "client > node/n1:8081", "delivered", at=("edge",), port=8080),
    case("hostPort on the pod's own node alone", [HOST_PORT], "internet > node/n2:8081", "refused", "NODE_PORT_CLOSED"),
    case("hostPort, container port is not open on the node", [HOST_PORT], "internet > node/n1:8080", "refused", "NODE_PORT_CLOSED"),
    case("hostPort of the other protocol", [HOST_PORT], "internet > node/n1:8081", "refused", "NODE_PORT_CLOSED", protocol="udp"),
    case("hostPort over UDP", [HOST_PORT], "internet > node/n1:5353", "delivered", protocol="udp", at=("edge",), port=5353),
    case("hostPort keeps the client's address", [HOST_PORT], "internet > node/n1:8081", "delivered", seen=INTERNET),
    case("containers of one pod over localhost", [WEB1], "web-1 > localhost:8080", "delivered", at=("web-1",), seen="127.0.0.1"),
    case("containers of one pod over 127.0.0.1", [WEB1], "web-1 > 127.0.0.1:8080", "delivered", at=("web-1",), seen="127.0.0.1"),
    case("containers of one pod over 127.8.9.1", [WEB1], "web-1 > 127.8.9.1:8080", "delivered", at=("web-1",)),
    case("containers of one pod over ::1", [WEB1], "web-1 > [::1]:8080", "delivered", at=("web-1",)),
    case("containers of one pod, URL", [WEB1], "web-1 > http://localhost:8080/health", "delivered", at=("web-1",)),
    case("localhost of the pod, port not listened on", [WEB1], "web-1 > localhost:9090", "refused", "PORT_NOT_LISTENING"),
    case("another pod's port is not on localhost", [WEB1, pod("b", "10.244.1.9", ports=[port(9090)])], "web-1 > localhost:9090", "refused", "PORT_NOT_LISTENING"),
    case("localhost of the node is not the pod's", [WEB1], "node/n1 > localhost:8080", "refused"),
    case("pod to a pod port not listened on", [WEB2], "client > pod/web-2:81", "refused", "PORT_NOT_LISTENING"),
    case("pod asks its own Service's port on localhost", [cluster_ip(), WEB1], "web-1 > localhost:80", "refused", "PORT_NOT_LISTENING"),
)
def test_outside_and_loopback(flow: Flow, mode: str) -> None:
    check(flow, mode)


UDP = [sport(53, 5353, "dns", protocol="UDP"), sport(53, 5353, "dns-tcp", protocol="TCP")]
DNS1 = pod("dns-1", "10.244.1.5", ports=[port(5353, "dns", "UDP"), port(5353, "dns-tcp")])
SCTP_POD = pod("sctp-1", "10.244.2.5", ports=[port(3868, "dia", "SCTP")])


@table(
    case("UDP Service", [service(ip=VIP, ports=UDP), DNS1], "client > svc/web:53", "delivered", protocol="udp", port=5353),
    case("the same number over TCP", [service(ip=VIP, ports=UDP), DNS1], "client > svc/web:53", "delivered", protocol="tcp", port=5353),
    case("a named UDP port decides the protocol", [service(ip=VIP, ports=UDP), DNS1], "client > svc/web:dns", "delivered", port=5353),
    case("UDP Service asked over TCP", [service(ip=VIP, ports=UDP[:1]), DNS1], "client > svc/web:53", "timeout/refused/refused", "SERVICE_PORT_UNKNOWN", protocol="tcp"),
    case("pod listens on UDP alone", [service(ip=VIP, ports=[sport(53, 5353)]), pod("d", "10.244.1.5", ports=[port(5353, None, "UDP")])], "client > svc/web:53", "refused", "PORT_NOT_LISTENING"),
    case("UDP without endpoints", [service(ip=VIP, ports=UDP)], "client > svc/web:53", "refused", "SERVICE_NO_ENDPOINTS", protocol="udp"),
    case("SCTP Service", [service(ip=VIP, ports=[sport(3868, "dia", protocol="SCTP")]), SCTP_POD], "client > svc/web:3868", "delivered", protocol="sctp", port=3868),
    case("SCTP Service asked over TCP", [service(ip=VIP, ports=[sport(3868, "dia", protocol="SCTP")]), SCTP_POD], "client > svc/web:3868", "timeout/refused/refused", protocol="tcp"),
    case("UDP node port", [service(kind="NodePort", ports=[sport(53, 5353, protocol="UDP", nodePort=30053)]), DNS1], "internet > node/n2:30053", "delivered", protocol="udp", seen="10.0.0.2"),
    case("named target port of the other protocol does not resolve", [service(ip=VIP, ports=[sport(53, "dns")]), DNS1], "client > svc/web:53", "refused", "SERVICE_NO_ENDPOINTS", protocol="tcp"),
)
def test_protocols(flow: Flow, mode: str) -> None:
    check(flow, mode)


@table(
    case("a declared port is listened on", [cluster_ip(ports=[sport(80, 8080)]), WEB1], "client > svc/web", "delivered"),
    case("a port that is not declared is closed", [cluster_ip(ports=[sport(80, 8081)]), WEB1], "client > svc/web", "refused", "PORT_NOT_LISTENING"),
    case("no port declared: taken to listen", [cluster_ip(ports=[sport(80, 8081)]), pod("w", "10.244.1.1", ports=())], "client > svc/web", "delivered", port=8081),
    case("annotation wins over what is declared", [cluster_ip(ports=[sport(80, 8081)]), pod("w", "10.244.1.1", listens="8081")], "client > svc/web", "delivered", port=8081),
    case("annotation says that a declared port is closed", [cluster_ip(ports=[sport(80, 8080)]), pod("w", "10.244.1.1", listens="8081")], "client > svc/web", "refused", "PORT_NOT_LISTENING"),
    case("annotation wins where no port is declared", [cluster_ip(ports=[sport(80, 8080)]), pod("w", "10.244.1.1", ports=(), listens="9")], "client > svc/web", "refused", "PORT_NOT_LISTENING"),
    case("empty annotation: listens on nothing", [cluster_ip(ports=[sport(80, 8080)]), pod("w", "10.244.1.1", listens="")], "client > svc/web", "refused", "PORT_NOT_LISTENING"),
    case("annotation with a protocol", [service(ip=VIP, ports=[sport(53, 53, protocol="UDP")]), pod("w", "10.244.1.1", listens="8080,53/udp")], "client > svc/web:53", "delivered", protocol="udp"),
    case("annotation without a protocol is TCP", [service(ip=VIP, ports=[sport(53, 53, protocol="UDP")]), pod("w", "10.244.1.1", listens="53")], "client > svc/web:53", "refused", "PORT_NOT_LISTENING", protocol="udp"),
    case("one container declares, the other does not", [cluster_ip(ports=[sport(80, 9000)]), pod("w", "10.244.1.1", containers=[{"name": "a", "image": "a", "ports": [{"containerPort": 1}]}, {"name": "b", "image": "b"}])], "client > svc/web", "delivered", port=9000),
    case("two containers, both declared", [cluster_ip(ports=[sport(80, 2)]), pod("w", "10.244.1.1", containers=[{"name": "a", "image": "a", "ports": [{"containerPort": 1}]}, {"name": "b", "image": "b", "ports": [{"containerPort": 2}]}])], "client > svc/web", "delivered", port=2),
    case("hostNetwork pod listens on the node", [pod("h", "10.0.0.2", on="n2", hostNetwork=True, listens="9100")], "client > node/n2:9100", "delivered", at=("h",)),
)
def test_what_listens(flow: Flow, mode: str) -> None:
    check(flow, mode)
