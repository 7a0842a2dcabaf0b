"""What becomes of a connection to a Service, by destination and proxy mode.

https://kubernetes.io/docs/reference/networking/virtual-ips/ and pkg/proxy/{iptables,nftables,ipvs}/proxier.go
"""

from __future__ import annotations

from tests.flows.builders import (
    CLIENT,
    CLIENT3,
    EXT_IP,
    HOST_CLIENT,
    INTERNET,
    LB_IP,
    VIP,
    WEB1,
    WEB2,
    WEB3,
    Flow,
    by_mode,
    check,
    cluster_ip,
    endpoint,
    endpoint_slice,
    external_ip,
    load_balancer,
    node,
    node_port,
    pod,
    service,
    sport,
    table,
)

LOCAL_ONLY = {"externalTrafficPolicy": "Local"}
INTERNAL_LOCAL = {"internalTrafficPolicy": "Local"}
TWO_PATHS = ("iptables", "nftables")
UNREADY = pod("web-1", "10.244.1.1", ready=False)


@table(
    ("pod to cluster IP, no pod at all", Flow(given=[cluster_ip()], target="svc/web", ends="refused", because="SERVICE_NO_ENDPOINTS")),
    ("pod to cluster IP, no pod ready", Flow(given=[cluster_ip(), UNREADY], target="svc/web", ends="refused", because="SERVICE_NO_ENDPOINTS")),
    ("node process to cluster IP, no pod", Flow(given=[cluster_ip()], source="node/n1", target=f"{VIP}:80", ends="refused", because="SERVICE_NO_ENDPOINTS")),
    ("hostNetwork pod to cluster IP, no pod", Flow(given=[cluster_ip()], source="host-client", target=f"{VIP}:80", ends="refused", because="SERVICE_NO_ENDPOINTS")),
    ("pod to external IP, no pod", Flow(given=[external_ip()], target=f"{EXT_IP}:80", ends="refused", because="SERVICE_NO_ENDPOINTS")),
    ("internet to external IP, no pod", Flow(given=[external_ip()], source="internet", target=f"{EXT_IP}:80", ends="refused", because="SERVICE_NO_ENDPOINTS")),
    ("pod to load balancer address, no pod", Flow(given=[load_balancer()], target=f"{LB_IP}:80", ends="refused", because="SERVICE_NO_ENDPOINTS")),
    ("internet to load balancer, no pod", Flow(given=[load_balancer()], source="internet", target=f"{LB_IP}:80", ends="refused", because="SERVICE_NO_ENDPOINTS")),
    ("pod to own node's node port, no pod", Flow(given=[node_port()], target="node/n1:30080", ends="refused", because="SERVICE_NO_ENDPOINTS")),
    ("pod to other node's node port, no pod", Flow(given=[node_port()], target="node/n2:30080", ends="refused", because="SERVICE_NO_ENDPOINTS")),
    ("internet to node port, no pod", Flow(given=[node_port()], source="internet", target="node/n2:30080", ends="refused", because="SERVICE_NO_ENDPOINTS")),
    ("internet to node port, eTP Local, no pod anywhere", Flow(given=[node_port(**LOCAL_ONLY)], source="internet", target="node/n2:30080", ends="refused", because="SERVICE_NO_ENDPOINTS")),
    ("pod to cluster IP, iTP Local, no pod anywhere", Flow(given=[cluster_ip(**INTERNAL_LOCAL)], target="svc/web", ends="refused", because="SERVICE_NO_ENDPOINTS")),
)
def test_no_endpoints_anywhere_is_refused(flow: Flow, mode: str) -> None:
    check(flow, mode)


NO_LOCAL = "SERVICE_NO_LOCAL_ENDPOINTS"


@table(
    ("plain cluster IP, iTP Local, pods elsewhere", Flow(given=[cluster_ip(**INTERNAL_LOCAL), WEB2, WEB3], target="svc/web", ends=by_mode("timeout", "timeout", "refused"), because=NO_LOCAL)),
    ("plain cluster IP, iTP Local, local pod unready, pods elsewhere", Flow(given=[cluster_ip(**INTERNAL_LOCAL), UNREADY, WEB2], target="svc/web", ends=by_mode("timeout", "timeout", "refused"), because=NO_LOCAL)),
    ("plain cluster IP, iTP Local, from the node itself", Flow(given=[cluster_ip(**INTERNAL_LOCAL), WEB2], source="node/n1", target=f"{VIP}:80", ends=by_mode("timeout", "timeout", "refused"), because=NO_LOCAL)),
    ("plain cluster IP, iTP Local, from a hostNetwork pod", Flow(given=[cluster_ip(**INTERNAL_LOCAL), WEB2], source="host-client", target="svc/web", ends=by_mode("timeout", "timeout", "refused"), because=NO_LOCAL)),
    ("plain cluster IP, iTP Local, only the local pod counts", Flow(given=[cluster_ip(**INTERNAL_LOCAL), WEB1, WEB2, WEB3], target="svc/web", ends="delivered", at=("web-1",), seen="10.244.1.100")),
    ("plain cluster IP, iTP Local, from each node its own pod", Flow(given=[cluster_ip(**INTERNAL_LOCAL), WEB1, WEB2, WEB3], source="client-3", target="svc/web", ends="delivered", at=("web-3",), seen="10.244.3.100")),
    ("plain cluster IP, iTP Local, from the node itself, local pod", Flow(given=[cluster_ip(**INTERNAL_LOCAL), WEB1, WEB2], source="node/n1", target=f"{VIP}:80", ends="delivered", at=("web-1",))),
    ("cluster IP of a NodePort, iTP Local, pods elsewhere", Flow(given=[node_port(**INTERNAL_LOCAL), WEB2, WEB3], target="svc/web", ends=by_mode("timeout", "timeout", "delivered"), because=by_mode(NO_LOCAL, NO_LOCAL, "DELIVERED"), at=by_mode({}, {}, ("web-2", "web-3")))),
    ("cluster IP of a LoadBalancer, iTP Local, pods elsewhere", Flow(given=[load_balancer(**INTERNAL_LOCAL), WEB2, WEB3], target=f"{VIP}:80", ends=by_mode("timeout", "timeout", "delivered"), because=by_mode(NO_LOCAL, NO_LOCAL, "DELIVERED"))),
    ("cluster IP of a Service with externalIPs, iTP Local, pods elsewhere", Flow(given=[external_ip(**INTERNAL_LOCAL), WEB2, WEB3], target=f"{VIP}:80", ends=by_mode("timeout", "timeout", "delivered"), because=by_mode(NO_LOCAL, NO_LOCAL, "DELIVERED"))),
    ("cluster IP of a NodePort, iTP Local, eTP Local, pods elsewhere", Flow(given=[node_port(**INTERNAL_LOCAL, **LOCAL_ONLY), WEB2], target=f"{VIP}:80", ends=by_mode("timeout", "timeout", "delivered"))),
    ("cluster IP, eTP Local says nothing about it", Flow(given=[node_port(**LOCAL_ONLY), WEB2, WEB3], target="svc/web", ends="delivered", at=("web-2", "web-3"), seen="10.244.1.100")),
    ("node port, iTP Local says nothing about it", Flow(given=[node_port(**INTERNAL_LOCAL), WEB2, WEB3], source="internet", target="node/n1:30080", ends="delivered", at=("web-2", "web-3"), seen="10.0.0.1")),
    ("own node port, iTP Local says nothing about it", Flow(given=[node_port(**INTERNAL_LOCAL), WEB2, WEB3], target="node/n1:30080", ends="delivered", at=("web-2", "web-3"))),
)
def test_internal_traffic_policy(flow: Flow, mode: str) -> None:
    check(flow, mode)


@table(
    ("internet to node port, eTP Local, pods elsewhere", Flow(given=[node_port(**LOCAL_ONLY), WEB2, WEB3], source="internet", target="node/n1:30080", ends="timeout", because=NO_LOCAL)),
    ("internet to node port, eTP Local, local pod unready", Flow(given=[node_port(**LOCAL_ONLY), UNREADY, WEB3], source="internet", target="node/n1:30080", ends="timeout", because=NO_LOCAL)),
    ("internet to node port, eTP Local, local pod", Flow(given=[node_port(**LOCAL_ONLY), WEB1, WEB2], source="internet", target="node/n1:30080", ends="delivered", at=("web-1",), seen=INTERNET)),
    ("internet to node port, eTP Local, two local pods", Flow(given=[node_port(**LOCAL_ONLY), WEB1, WEB2, pod("web-1b", "10.244.1.2")], source="internet", target="node/n1:30080", ends="delivered", at=("web-1", "web-1b"), seen=INTERNET)),
    ("bare outside address to node port, eTP Local", Flow(given=[node_port(**LOCAL_ONLY), WEB1, WEB2], source="203.0.113.200", target="node/n1:30080", ends="delivered", at=("web-1",), seen="203.0.113.200")),
    ("internet to node port, eTP Cluster, from any node", Flow(given=[node_port(), WEB1, WEB2, WEB3], source="internet", target="node/n1:30080", ends="delivered", at=("web-1", "web-2", "web-3"), seen="10.0.0.1")),
    ("internet to node port, eTP Cluster, no pod on that node", Flow(given=[node_port(), WEB1], source="internet", target="node/n3:30080", ends="delivered", at=("web-1",), seen="10.0.0.3")),
    ("internet to load balancer, eTP Local, only nodes with pods take part", Flow(given=[load_balancer(**LOCAL_ONLY), WEB2, WEB3], source="internet", target=f"{LB_IP}:80", ends="delivered", at=("web-2", "web-3"), seen=INTERNET)),
    ("internet to load balancer, eTP Cluster", Flow(given=[load_balancer(), WEB2, WEB3], source="internet", target=f"{LB_IP}:80", ends="delivered", at=("web-2", "web-3"), seen={"10.0.0.1", "10.0.0.2", "10.0.0.3"})),
    ("internet to load balancer by svc/", Flow(given=[load_balancer(), WEB2, WEB3], source="internet", target="svc/web", ends="delivered", at=("web-2", "web-3"))),
    ("one node, internet to external IP, eTP Local, endpoint on no known node", Flow(given=[external_ip(app=None, **LOCAL_ONLY), endpoint_slice(endpoint("10.244.1.9")), pod("x", "10.244.1.9")], nodes=[node("n1")], clients=[CLIENT], source="internet", target=f"{EXT_IP}:80", ends="timeout", because=NO_LOCAL)),
    ("one node, internet to external IP, eTP Local, local pod", Flow(given=[external_ip(**LOCAL_ONLY), WEB1], nodes=[node("n1")], clients=[CLIENT], source="internet", target=f"{EXT_IP}:80", ends="delivered", at=("web-1",), seen=INTERNET)),
    ("one node, internet to external IP, eTP Cluster", Flow(given=[external_ip(), WEB1], nodes=[node("n1")], clients=[CLIENT], source="internet", target=f"{EXT_IP}:80", ends="delivered", at=("web-1",), seen="10.0.0.1")),
)
def test_external_traffic_policy(flow: Flow, mode: str) -> None:
    check(flow, mode)


@table(
    ("pod to load balancer address, eTP Local, pods elsewhere", Flow(given=[load_balancer(**LOCAL_ONLY), WEB2, WEB3], target=f"{LB_IP}:80", ends="delivered", at=("web-2", "web-3"), seen="10.244.1.100")),
    ("pod to external IP, eTP Local, pods elsewhere", Flow(given=[external_ip(**LOCAL_ONLY), WEB2, WEB3], target=f"{EXT_IP}:80", ends="delivered", at=("web-2", "web-3"), seen="10.244.1.100")),
    ("pod to own node port, eTP Local, pods elsewhere", Flow(given=[node_port(**LOCAL_ONLY), WEB2, WEB3], target="node/n1:30080", ends="delivered", at=("web-2", "web-3"), seen="10.244.1.100")),
    ("pod to own node port, eTP Local, local pod and others", Flow(given=[node_port(**LOCAL_ONLY), WEB1, WEB2], target="node/n1:30080", ends="delivered", at=("web-1", "web-2"), seen="10.244.1.100")),
    ("node process to load balancer address, eTP Local, pods elsewhere", Flow(given=[load_balancer(**LOCAL_ONLY), WEB2, WEB3], source="node/n1", target=f"{LB_IP}:80", ends="delivered", at=("web-2", "web-3"), seen="10.0.0.1", modes=TWO_PATHS)),
    ("node process to external IP, eTP Local, pods elsewhere", Flow(given=[external_ip(**LOCAL_ONLY), WEB2, WEB3], source="node/n1", target=f"{EXT_IP}:80", ends="delivered", at=("web-2", "web-3"), seen="10.0.0.1", modes=TWO_PATHS)),
    ("node process to own node port, eTP Local, pods elsewhere", Flow(given=[node_port(**LOCAL_ONLY), WEB2, WEB3], source="node/n1", target="node/n1:30080", ends="delivered", at=("web-2", "web-3"), seen="10.0.0.1", modes=TWO_PATHS)),
    ("hostNetwork pod to own node port, eTP Local, pods elsewhere", Flow(given=[node_port(**LOCAL_ONLY), WEB2, WEB3], source="host-client", target="node/n1:30080", ends="delivered", at=("web-2", "web-3"), seen="10.0.0.1", modes=TWO_PATHS)),
    ("pod to load balancer address, eTP Cluster", Flow(given=[load_balancer(), WEB2, WEB3], target=f"{LB_IP}:80", ends="delivered", at=("web-2", "web-3"), seen="10.0.0.1")),
    ("pod to external IP, eTP Cluster", Flow(given=[external_ip(), WEB2, WEB3], target=f"{EXT_IP}:80", ends="delivered", at=("web-2", "web-3"), seen="10.0.0.1")),
    ("pod to own node port, eTP Cluster", Flow(given=[node_port(), WEB2, WEB3], target="node/n1:30080", ends="delivered", at=("web-2", "web-3"), seen="10.0.0.1")),
    ("node process to own node port, eTP Cluster", Flow(given=[node_port(), WEB2, WEB3], source="node/n1", target="node/n1:30080", ends="delivered", at=("web-2", "web-3"), seen="10.0.0.1")),
    ("pod to other node's node port, eTP Cluster", Flow(given=[node_port(), WEB1, WEB3], target="node/n2:30080", ends="delivered", at=("web-1", "web-3"), seen="10.0.0.2")),
    ("node process to other node's node port, eTP Cluster", Flow(given=[node_port(), WEB1, WEB3], source="node/n1", target="node/n2:30080", ends="delivered", at=("web-1", "web-3"), seen="10.0.0.2")),
    ("node process to other node's node port, eTP Local, pods elsewhere", Flow(given=[node_port(**LOCAL_ONLY), WEB1, WEB3], source="node/n1", target="node/n2:30080", ends="timeout", because=NO_LOCAL)),
    ("node process to other node's node port, eTP Local, a pod there", Flow(given=[node_port(**LOCAL_ONLY), WEB2, WEB3], source="node/n1", target="node/n2:30080", ends="delivered", at=("web-2",), seen="10.0.0.1")),
    ("pod to other node's node port, eTP Local, flannel hides the pod, none there", Flow(given=[node_port(**LOCAL_ONLY), WEB1, WEB3], facts={"cni": "flannel"}, target="node/n2:30080", ends="timeout", because=NO_LOCAL)),
    ("pod to other node's node port, eTP Local, flannel hides the pod, one there", Flow(given=[node_port(**LOCAL_ONLY), WEB2, WEB3], facts={"cni": "flannel"}, target="node/n2:30080", ends="delivered", at=("web-2",), seen="10.0.0.1")),
    ("pod to other node's node port, eTP Local, pod address survives", Flow(given=[node_port(**LOCAL_ONLY), WEB1, WEB3], facts={"cni": "kube-router"}, target="node/n2:30080", ends="delivered", at=("web-1", "web-3"), seen="10.244.1.100")),
    ("pod to other node's node port, eTP Local, plugin unknown, none there", Flow(given=[node_port(**LOCAL_ONLY), WEB1, WEB3], target="node/n2:30080", ends={"unknown", "partial"})),
)
def test_short_circuit_for_clients_inside(flow: Flow, mode: str) -> None:
    check(flow, mode)


UNKNOWN_PORT = "SERVICE_PORT_UNKNOWN"


@table(
    ("cluster IP, port that the Service has not", Flow(given=[cluster_ip(), WEB1], target=f"{VIP}:81", ends=by_mode("timeout", "refused", "refused"), because=UNKNOWN_PORT)),
    ("cluster IP by name, port that the Service has not", Flow(given=[cluster_ip(), WEB1], target="http://web:8080/", ends=by_mode("timeout", "refused", "refused"), because=UNKNOWN_PORT)),
    ("svc/ with a port that the Service has not", Flow(given=[cluster_ip(), WEB1], target="svc/web:8080", ends=by_mode("timeout", "refused", "refused"), because=UNKNOWN_PORT)),
    ("node process to cluster IP, unknown port", Flow(given=[cluster_ip(), WEB1], source="node/n1", target=f"{VIP}:81", ends=by_mode("timeout", "refused", "refused"), because=UNKNOWN_PORT)),
    ("cluster IP, right number but UDP", Flow(given=[cluster_ip(), WEB1], target=f"{VIP}:80", protocol="udp", ends=by_mode("timeout", "refused", "refused"), because=UNKNOWN_PORT)),
    ("load balancer address, unknown port, from a pod", Flow(given=[load_balancer(), WEB1], target=f"{LB_IP}:81", ends=by_mode({"external", "timeout", "unknown"}, {"external", "timeout", "unknown"}, "refused"))),
    ("external IP, unknown port, from a pod", Flow(given=[external_ip(), WEB1], target=f"{EXT_IP}:81", ends=by_mode({"external", "timeout", "unknown"}, {"external", "timeout", "unknown"}, "refused"))),
    ("unused address of the service range", Flow(given=[cluster_ip(), WEB1], target="10.96.200.200:80", ends="timeout")),
    ("unused address of the service range from a node", Flow(given=[cluster_ip(), WEB1], source="node/n1", target="10.96.200.200:80", ends="timeout")),
    ("node port that no Service has, from a pod", Flow(given=[node_port(), WEB1], target="node/n1:30081", ends="refused", because="NODE_PORT_CLOSED")),
    ("node port that no Service has, other node", Flow(given=[node_port(), WEB1], target="node/n2:30081", ends="refused", because="NODE_PORT_CLOSED")),
    ("node port that no Service has, from the internet", Flow(given=[node_port(), WEB1], source="internet", target="node/n1:30081", ends="refused", because="NODE_PORT_CLOSED")),
    ("node port that no Service has, from the node", Flow(given=[node_port(), WEB1], source="node/n1", target="node/n1:30081", ends="refused", because="NODE_PORT_CLOSED")),
    ("node port's number, but UDP", Flow(given=[node_port(), WEB1], source="internet", target="node/n1:30080", protocol="udp", ends="refused", because="NODE_PORT_CLOSED")),
    ("Service port at a node's address is no node port", Flow(given=[node_port(), WEB1], source="internet", target="node/n1:80", ends="refused", because="NODE_PORT_CLOSED")),
    ("target port at a node's address is no node port", Flow(given=[node_port(), WEB1], source="internet", target="node/n1:8080", ends="refused", because="NODE_PORT_CLOSED")),
    ("node port's number at the cluster IP", Flow(given=[node_port(), WEB1], target=f"{VIP}:30080", ends=by_mode("timeout", "refused", "refused"), because=UNKNOWN_PORT)),
    ("target port's number at the cluster IP", Flow(given=[node_port(), WEB1], target=f"{VIP}:8080", ends=by_mode("timeout", "refused", "refused"), because=UNKNOWN_PORT)),
    ("internet to a cluster IP", Flow(given=[cluster_ip(), WEB1], source="internet", target=f"{VIP}:80", ends="timeout", because="NOT_ROUTABLE")),
    ("internet to svc/ of a ClusterIP Service", Flow(given=[cluster_ip(), WEB1], source="internet", target="svc/web", ends="timeout", because="NOT_ROUTABLE")),
    ("internet to a pod IP", Flow(given=[WEB1], source="internet", target="10.244.1.1:8080", ends="timeout", because="NOT_ROUTABLE")),
    ("address in the pod range that no pod has", Flow(given=[WEB1], target="10.244.1.77:8080", ends="timeout", because="NOT_ROUTABLE")),
)
def test_no_rule_for_it(flow: Flow, mode: str) -> None:
    check(flow, mode)


@table(
    ("loopback node port from the node", Flow(given=[node_port(), WEB1, WEB2], source="node/n1", target="127.0.0.1:30080", ends=by_mode("delivered", "refused", "refused"), at=by_mode(("web-1", "web-2"), {}, {}), because=by_mode("DELIVERED", "NODE_PORT_CLOSED", "NODE_PORT_CLOSED"))),
    ("loopback node port from a hostNetwork pod", Flow(given=[node_port(), WEB2], source="host-client", target="localhost:30080", ends=by_mode("delivered", "refused", "refused"))),
    ("loopback node port from an ordinary pod is its own loopback", Flow(given=[node_port(), WEB2], source="web-2", target="127.0.0.1:30080", ends="refused", because="PORT_NOT_LISTENING")),
    ("IPv6 loopback node port from the node", Flow(given=[node_port(), WEB2], source="node/n1", target="[::1]:30080", ends="refused")),
)
def test_loopback_node_port(flow: Flow, mode: str) -> None:
    check(flow, mode)


RANGES = {"loadBalancerSourceRanges": ["198.51.100.0/28"]}
OTHER_RANGES = {"loadBalancerSourceRanges": ["192.0.2.0/24"]}


@table(
    ("internet inside the source ranges", Flow(given=[load_balancer(**RANGES), WEB1], source="internet", target=f"{LB_IP}:80", ends="delivered")),
    ("internet outside the source ranges", Flow(given=[load_balancer(**OTHER_RANGES), WEB1], source="internet", target=f"{LB_IP}:80", ends="timeout", because="LB_SOURCE_RANGE_DENIED")),
    ("internet by svc/, outside the source ranges", Flow(given=[load_balancer(**OTHER_RANGES), WEB1], source="internet", target="svc/web", ends="timeout", because="LB_SOURCE_RANGE_DENIED")),
    ("bare address inside the source ranges", Flow(given=[load_balancer(**OTHER_RANGES), WEB1], source="192.0.2.5", target=f"{LB_IP}:80", ends="delivered")),
    ("pod outside the source ranges", Flow(given=[load_balancer(**OTHER_RANGES), WEB1], target=f"{LB_IP}:80", ends="timeout", because="LB_SOURCE_RANGE_DENIED")),
    ("pod inside the source ranges", Flow(given=[load_balancer(loadBalancerSourceRanges=["10.244.0.0/16"]), WEB2], target=f"{LB_IP}:80", ends="delivered", seen="10.0.0.1")),
    ("node process outside the source ranges", Flow(given=[load_balancer(**OTHER_RANGES), WEB1], source="node/n1", target=f"{LB_IP}:80", ends="timeout", because="LB_SOURCE_RANGE_DENIED", modes=TWO_PATHS)),
    ("node process inside the source ranges", Flow(given=[load_balancer(loadBalancerSourceRanges=["10.0.0.0/24"]), WEB2], source="node/n1", target=f"{LB_IP}:80", ends="delivered", seen="10.0.0.1")),
    ("source ranges, a /0 entry switches them off", Flow(given=[load_balancer(loadBalancerSourceRanges=["192.0.2.0/24", "0.0.0.0/0"]), WEB1], source="internet", target=f"{LB_IP}:80", ends="delivered")),
    ("source ranges do not guard the node port", Flow(given=[load_balancer(**OTHER_RANGES), WEB1], source="internet", target="node/n1:30080", ends="delivered", seen="10.0.0.1")),
    ("source ranges do not guard the cluster IP", Flow(given=[load_balancer(**OTHER_RANGES), WEB2], target=f"{VIP}:80", ends="delivered", seen="10.244.1.100")),
    ("source ranges do not guard external IPs", Flow(given=[load_balancer(externalIPs=[EXT_IP], **OTHER_RANGES), WEB2], target=f"{EXT_IP}:80", ends="delivered")),
    ("source ranges by annotation", Flow(given=[load_balancer(annotations={"service.beta.kubernetes.io/load-balancer-source-ranges": "192.0.2.0/24"}), WEB1], source="internet", target=f"{LB_IP}:80", ends="timeout", because="LB_SOURCE_RANGE_DENIED")),
    ("source ranges by annotation, inside", Flow(given=[load_balancer(annotations={"service.beta.kubernetes.io/load-balancer-source-ranges": "192.0.2.0/24, 198.51.100.7/32"}), WEB1], source="internet", target=f"{LB_IP}:80", ends="delivered")),
    ("source ranges before the policy Local", Flow(given=[load_balancer(**OTHER_RANGES, **LOCAL_ONLY), WEB1], source="internet", target=f"{LB_IP}:80", ends="timeout", because="LB_SOURCE_RANGE_DENIED")),
    ("source ranges with the policy Local, inside", Flow(given=[load_balancer(**RANGES, **LOCAL_ONLY), WEB1], source="internet", target=f"{LB_IP}:80", ends="delivered", seen=INTERNET)),
)
def test_load_balancer_source_ranges(flow: Flow, mode: str) -> None:
    check(flow, mode)


PROXY = ({"ip": LB_IP, "ipMode": "Proxy"},)
HOSTNAME = ({"hostname": "lb.cloud.example"},)
ENTERS = {"10.0.0.1", "10.0.0.2", "10.0.0.3"}


@table(
    ("address stays pending without a provider", Flow(given=[load_balancer(lb=[]), WEB1], facts={"loadBalancer": False}, source="internet", target="svc/web", ends="unresolved", because="LB_PENDING")),
    ("pending, the cluster IP works", Flow(given=[load_balancer(lb=[]), WEB2], facts={"loadBalancer": False}, target="svc/web", ends="delivered", seen="10.244.1.100")),
    ("pending, the node port works", Flow(given=[load_balancer(lb=[]), WEB2], facts={"loadBalancer": False}, source="internet", target="node/n1:30080", ends="delivered", seen="10.0.0.1")),
    ("a provider is assumed", Flow(given=[service(kind="LoadBalancer"), WEB2], source="internet", target="svc/web", ends="delivered")),
    ("a provider is stated", Flow(given=[service(kind="LoadBalancer"), WEB2], facts={"loadBalancer": True}, source="internet", target="svc/web", ends="delivered")),
    ("no node ports are allocated, ip mode VIP", Flow(given=[load_balancer(ports=[sport(80, "http")], allocateLoadBalancerNodePorts=False), WEB2], source="internet", target=f"{LB_IP}:80", ends="delivered")),
    ("no node ports are allocated, the node port is closed", Flow(given=[load_balancer(ports=[sport(80, "http")], allocateLoadBalancerNodePorts=False), WEB2], source="internet", target="node/n1:30080", ends="refused", because="NODE_PORT_CLOSED")),
    ("explicit node port though none are allocated", Flow(given=[load_balancer(allocateLoadBalancerNodePorts=False), WEB2], source="internet", target="node/n1:30080", ends="delivered")),
    ("ip mode VIP, pod inside never leaves", Flow(given=[load_balancer(lb=[{"ip": LB_IP, "ipMode": "VIP"}]), WEB2], target=f"{LB_IP}:80", ends="delivered", at=("web-2",), seen="10.0.0.1")),
    ("ip mode Proxy, internet", Flow(given=[load_balancer(lb=PROXY), WEB2], source="internet", target=f"{LB_IP}:80", ends="delivered", at=("web-2",))),
    ("ip mode Proxy, pod inside goes out to the balancer", Flow(given=[load_balancer(lb=PROXY), WEB2], target=f"{LB_IP}:80", ends={"delivered", "external"})),
    ("hostname only, internet by the name", Flow(given=[load_balancer(lb=HOSTNAME), WEB2], source="internet", target="http://lb.cloud.example/", ends="delivered", at=("web-2",))),
    ("hostname only, internet by svc/", Flow(given=[load_balancer(lb=HOSTNAME), WEB2], source="internet", target="svc/web", ends="delivered", at=("web-2",))),
    ("hostname only, pod inside by the name", Flow(given=[load_balancer(lb=HOSTNAME), WEB2], target="http://lb.cloud.example/", ends={"delivered", "external"})),
    ("hostname only, pod inside by svc/ takes the cluster IP", Flow(given=[load_balancer(lb=HOSTNAME), WEB2], target="svc/web", ends="delivered", seen="10.244.1.100")),
    ("two load balancer addresses, the second", Flow(given=[load_balancer(lb=[{"ip": LB_IP}, {"ip": "203.0.113.51"}]), WEB2], source="internet", target="203.0.113.51:80", ends="delivered")),
    ("load balancer, named target port unresolved", Flow(given=[load_balancer(), pod("web-1", "10.244.1.1", ports=())], source="internet", target=f"{LB_IP}:80", ends="refused", because="SERVICE_NO_ENDPOINTS")),
    ("a second Service at the same address, other port", Flow(given=[load_balancer(), service("b", kind="LoadBalancer", lb=[{"ip": LB_IP}], app="b", ports=[sport(81, 8080)]), WEB2, pod("b-1", "10.244.3.9", app="b")], source="internet", target=f"{LB_IP}:81", ends="delivered", at=("b-1",))),
)
def test_load_balancer(flow: Flow, mode: str) -> None:
    check(flow, mode)


@table(
    ("endpoint chosen, nothing listens", Flow(given=[cluster_ip(ports=[sport(80, 9999)]), WEB1, WEB2], target="svc/web", ends="refused", because="PORT_NOT_LISTENING")),
    ("endpoint chosen, its pod is gone", Flow(given=[cluster_ip(app=None), endpoint_slice(endpoint("10.244.2.99", node="n2"))], target="svc/web", ends="timeout")),
    ("one of two does not listen", Flow(given=[cluster_ip(ports=[sport(80, 8080)]), WEB1, pod("web-2", "10.244.2.1", listens="9090")], target="svc/web", ends="partial", at={"web-1": 0.5})),
    ("one of three is gone", Flow(given=[cluster_ip(app=None), endpoint_slice(endpoint("10.244.1.1", node="n1"), endpoint("10.244.2.1", node="n2"), endpoint("10.244.2.99", node="n2")), WEB1, WEB2], target="svc/web", ends="partial", at={"web-1": 1 / 3, "web-2": 1 / 3})),
    ("one refuses and one is gone", Flow(given=[cluster_ip(app=None), endpoint_slice(endpoint("10.244.1.1", node="n1"), endpoint("10.244.2.99", node="n2")), pod("web-1", "10.244.1.1", listens="1")], target="svc/web", ends="mixed")),
    ("labelled for another service proxy", Flow(given=[cluster_ip(labels={"service.kubernetes.io/service-proxy-name": "other"}), WEB1], target="svc/web", ends={"timeout", "unknown", "refused"})),
)
def test_behind_the_service(flow: Flow, mode: str) -> None:
    check(flow, mode)
