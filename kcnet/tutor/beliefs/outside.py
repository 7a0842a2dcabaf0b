"""Beliefs on the way in and out: node ports, load balancers, traffic policies, source addresses, nodes.

https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
https://kubernetes.io/docs/reference/networking/virtual-ips/
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress, Ref
from kcnet.model.objects import EndpointPort, EndpointSlice, LoadBalancerIngress, Service, ServiceType, TrafficPolicy
from kcnet.model.trace import Client, Path, Request, Stage, Trace, Verdict
from kcnet.path.flow import OUTSIDE
from kcnet.reasons.loadbalancer import LB_SOURCE_RANGE_DENIED
from kcnet.reasons.nat import NAT_DESTINATION
from kcnet.reasons.route import NOT_ROUTABLE, ROUTE_OTHER_NODE
from kcnet.reasons.service import SERVICE_NO_LOCAL_ENDPOINTS
from kcnet.simulate import trace
from kcnet.tutor.beliefs.belief import Belief
from kcnet.tutor.beliefs.changes import each_service, each_slice, ended, retold
from kcnet.tutor.beliefs.services import SERVICE_PAGE

VIRTUAL_IPS: Final = "https://kubernetes.io/docs/reference/networking/virtual-ips/"
SOURCE_IP: Final = "https://kubernetes.io/docs/tutorials/services/source-ip/"
POLICY_PAGE: Final = "https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-policies"
DISTRIBUTION_PAGE: Final = SERVICE_PAGE + "#traffic-distribution"
NODE_PORT_PAGE: Final = SERVICE_PAGE + "#type-nodeport"
BELIEVED_ADDRESS: Final = ip_address("203.0.113.250")
"""What a pending load balancer is believed to have."""


def _from_outside(cluster: Cluster, request: Request) -> Trace:
    client = request.client
    address = request.target.address
    if client.node is not None or not cluster.nodes or address is None:
        return trace(cluster, request)
    owners = cluster.services_by_address.get(address, ())
    if not any(address in service.cluster_ips for service in owners):
        return trace(cluster, request)
    node = next(iter(cluster.nodes.values()))
    inside = Client(
        ref=Ref(OUTSIDE, None, client.ref.name), address=node.address, addresses=node.addresses, node=node.name
    )
    return replace(trace(cluster, replace(request, client=inside)), request=request)


def _own_nodes_only(cluster: Cluster, request: Request) -> Trace:
    def change(service: Service) -> Service:
        if service.type is ServiceType.CLUSTER_IP or service.external_traffic_policy is TrafficPolicy.LOCAL:
            return service
        return replace(service, external_traffic_policy=TrafficPolicy.LOCAL)

    truth = trace(cluster, request)
    node = cluster.nodes_by_address.get(request.target.address) if request.target.address is not None else None
    if node is None and (request.target.ref is None or request.target.ref.kind != "Node"):
        return truth
    told = trace(each_service(cluster, change), request)
    if told.reason is SERVICE_NO_LOCAL_ENDPOINTS:
        return told
    seen = next((path.source_seen for path in truth.paths if path.source_seen is not None), None)
    return retold(told, lambda path: replace(path, source_seen=seen if path.source_seen is not None else None))


def _node_port_is_port(cluster: Cluster, request: Request) -> Trace:
    def change(service: Service) -> Service:
        ports = tuple(
            replace(port, node_port=port.port) if port.node_port is not None else port for port in service.ports
        )
        return replace(service, ports=ports)

    return trace(each_service(cluster, change), request)


def _node_port_to_pod(cluster: Cluster, request: Request) -> Trace:
    """The number stays what it was: whoever asks 30080 at a node arrives at 30080 of the pod."""
    asked = request.target.port

    def change(piece: EndpointSlice) -> EndpointSlice:
        service = cluster.service(piece.namespace, piece.service)
        return replace(piece, ports=tuple(kept(service, port) for port in piece.ports))

    def kept(service: Service | None, port: EndpointPort) -> EndpointPort:
        for own in service.ports if service is not None else ():
            if own.node_port is not None and own.node_port == asked and own.name == port.name:
                return replace(port, port=own.node_port)
        return port

    return trace(each_slice(cluster, change), request)


def _falls_back(cluster: Cluster, request: Request) -> Trace:
    truth = trace(cluster, request)
    if not any(path.reason is SERVICE_NO_LOCAL_ENDPOINTS for path in truth.paths):
        return truth

    def change(service: Service) -> Service:
        return replace(
            service, external_traffic_policy=TrafficPolicy.CLUSTER, internal_traffic_policy=TrafficPolicy.CLUSTER
        )

    return trace(each_service(cluster, change), request)


def _near_is_local(cluster: Cluster, request: Request) -> Trace:
    def change(service: Service) -> Service:
        if service.traffic_distribution is None:
            return service
        return replace(service, internal_traffic_policy=TrafficPolicy.LOCAL, traffic_distribution=None)

    return trace(each_service(cluster, change), request)


def _local_for_pods_too(cluster: Cluster, request: Request) -> Trace:
    def change(service: Service) -> Service:
        if service.external_traffic_policy is not TrafficPolicy.LOCAL:
            return service
        return replace(service, internal_traffic_policy=TrafficPolicy.LOCAL)

    return trace(each_service(cluster, change), request)


def _local_ignored(cluster: Cluster, request: Request) -> Trace:
    def change(service: Service) -> Service:
        if TrafficPolicy.LOCAL not in (service.internal_traffic_policy, service.external_traffic_policy):
            return service
        return replace(service, internal_traffic_policy=service.external_traffic_policy)

    return trace(each_service(cluster, change), request)


def _node_seen(cluster: Cluster, request: Request) -> Trace:
    def change(path: Path) -> Path:
        places = [step.at.name for step in path.steps if step.at.kind == "Node" and step.reason is NAT_DESTINATION]
        node = cluster.nodes.get(places[-1]) if places else None
        return replace(path, source_seen=node.address) if node is not None and path.source_seen else path

    return retold(trace(cluster, request), change)


def _service_seen(cluster: Cluster, request: Request) -> Trace:
    def change(path: Path) -> Path:
        rewritten = next((step for step in path.steps if step.reason is NAT_DESTINATION), None)
        if rewritten is None or path.source_seen is None:
            return path
        return replace(path, source_seen=_cluster_ip(cluster, rewritten.because[0].ref, rewritten.before.dst))

    return retold(trace(cluster, request), change)


def _cluster_ip(cluster: Cluster, ref: Ref, otherwise: IPAddress | None) -> IPAddress | None:
    service = cluster.service(ref.namespace or "", ref.name)
    return service.cluster_ips[0] if service is not None and service.cluster_ips else otherwise


def _always_provided(cluster: Cluster, request: Request) -> Trace:
    def change(service: Service) -> Service:
        if service.type is not ServiceType.LOAD_BALANCER or service.load_balancer:
            return service
        return replace(service, load_balancer=(LoadBalancerIngress(address=BELIEVED_ADDRESS),))

    return trace(replace(each_service(cluster, change), load_balancer_provider=True), request)


def _ranges_everywhere(cluster: Cluster, request: Request) -> Trace:
    client = request.client.address

    def change(path: Path) -> Path:
        rewritten = next((step for step in path.steps if step.reason is NAT_DESTINATION), None)
        if rewritten is None or rewritten.before.dst not in cluster.nodes_by_address:
            return path
        ref = rewritten.because[0].ref
        service = cluster.service(ref.namespace or "", ref.name)
        ranges = service.guarded(client.version) if service is not None and client is not None else ()
        if not ranges or any(client in cidr for cidr in ranges):
            return path
        text = f"{client} is in none of the loadBalancerSourceRanges: the node drops the request."
        told = ended(path, rewritten, Verdict.TIMEOUT, LB_SOURCE_RANGE_DENIED, text)
        return replace(told, source_seen=None, destination=None)

    return retold(trace(cluster, request), change)


def _own_node_alone(cluster: Cluster, request: Request) -> Trace:
    def change(path: Path) -> Path:
        crossing = next((step for step in path.steps if step.reason is ROUTE_OTHER_NODE), None)
        if crossing is None or request.client.node is None:
            return path
        text = "Pods of another node cannot be reached directly."
        return replace(ended(path, crossing, Verdict.TIMEOUT, NOT_ROUTABLE, text), source_seen=None)

    return retold(trace(cluster, request), change)


def _pod_address_outside(cluster: Cluster, request: Request) -> Trace:
    def change(path: Path) -> Path:
        if path.verdict is not Verdict.EXTERNAL or path.last.stage is not Stage.ROUTE:
            return path
        last = path.steps[-1]
        kept = replace(last, after=replace(last.after, src=request.client.address))
        return replace(path, steps=(*path.steps[:-1], kept))

    return retold(trace(cluster, request), change)


BELIEFS: Final = (
    Belief(
        id="clusterip-reachable-from-outside",
        title="A cluster IP can be reached from outside",
        says="The CLUSTER-IP that kubectl shows can be asked from anywhere.",
        correction="A cluster IP means something on the nodes of the cluster alone; from outside it leads nowhere.",
        topic="external",
        source=SERVICE_PAGE + "#type-clusterip",
        follow=_from_outside,
    ),
    Belief(
        id="node-port-on-pods-node-only",
        title="A node port works on the pods' nodes only",
        says="I have to ask a node on which a pod of the Service runs.",
        correction="With externalTrafficPolicy Cluster every node answers at the node port, and sends on to pods of "
        "other nodes. Only with Local must there be a local endpoint.",
        topic="external",
        source=NODE_PORT_PAGE,
        follow=_own_nodes_only,
    ),
    Belief(
        id="node-port-is-port",
        title="At the node, too, the Service's port is asked",
        says="A Service with port 80 and type NodePort answers at port 80 of the nodes.",
        correction="At the nodes' addresses a Service answers at its nodePort, by default one of 30000-32767; port is "
        "for its cluster IP.",
        topic="external",
        source=NODE_PORT_PAGE,
        follow=_node_port_is_port,
    ),
    Belief(
        id="node-port-reaches-the-same-port",
        title="The container has to listen on the node port",
        says="What comes in at node port 30080 arrives at port 30080 of the pod.",
        correction="The node rewrites the destination to the pod's address and targetPort; the node port's number is "
        "of no concern to the container.",
        topic="external",
        source=NODE_PORT_PAGE,
        follow=_node_port_to_pod,
    ),
    Belief(
        id="local-policy-falls-back",
        title="Local is a preference",
        says="With traffic policy Local, pods of other nodes are used when there is none on this one.",
        correction="Local is strict: without a ready endpoint on the node the packet is dropped, even if other nodes "
        "have some.",
        topic="kube-proxy",
        source=POLICY_PAGE,
        follow=_falls_back,
    ),
    Belief(
        id="near-endpoints-are-strict",
        title="Near endpoints, or none",
        says="With trafficDistribution only pods on the client's own node may answer; if there are none, nobody does.",
        correction="trafficDistribution is a preference: PreferSameZone takes any node of the client's zone, and where "
        "nobody near is ready, all others may answer. Strict is internalTrafficPolicy Local.",
        topic="kube-proxy",
        source=DISTRIBUTION_PAGE,
        follow=_near_is_local,
    ),
    Belief(
        id="local-policy-breaks-pods",
        title="externalTrafficPolicy holds for pods too",
        says="With externalTrafficPolicy Local a pod, too, reaches only endpoints on its own node.",
        correction="externalTrafficPolicy is about traffic from outside. What pods send to the cluster IP follows "
        "internalTrafficPolicy.",
        topic="kube-proxy",
        source=POLICY_PAGE,
        follow=_local_for_pods_too,
    ),
    Belief(
        id="external-policy-rules-inside",
        title="The two traffic policies are one",
        says="What externalTrafficPolicy says holds inside the cluster as well, whatever internalTrafficPolicy says.",
        correction="They are independent: internalTrafficPolicy rules the cluster IP, externalTrafficPolicy node "
        "ports, load balancers and external IPs.",
        topic="kube-proxy",
        source=POLICY_PAGE,
        follow=_local_ignored,
    ),
    Belief(
        id="source-always-node",
        title="The pod always sees a node",
        says="kube-proxy sits in between, so the pod sees the address of a node.",
        correction="Between pods kube-proxy rewrites the destination only: the pod sees the address of the client's "
        "pod.",
        topic="kube-proxy",
        source=SOURCE_IP,
        follow=_node_seen,
    ),
    Belief(
        id="source-is-the-service",
        title="The pod sees the Service's address",
        says="The request comes from the Service, so the pod sees the cluster IP as its source.",
        correction="A Service sends nothing. Its cluster IP is a destination that the node rewrites; the source is the "
        "client's address, or a node's.",
        topic="kube-proxy",
        source=VIRTUAL_IPS,
        follow=_service_seen,
    ),
    Belief(
        id="load-balancer-works-anywhere",
        title="type LoadBalancer works anywhere",
        says="A Service of type LoadBalancer gets an external address in every cluster.",
        correction="The type only asks for one. Without a controller that provides it (a cloud's, MetalLB ...) "
        "EXTERNAL-IP stays <pending>.",
        topic="external",
        source=SERVICE_PAGE + "#loadbalancer",
        follow=_always_provided,
    ),
    Belief(
        id="source-ranges-guard-node-port",
        title="loadBalancerSourceRanges guards the node port",
        says="With loadBalancerSourceRanges nobody else gets in, whichever way.",
        correction="The ranges hold at the load balancer's address; the Service's node port is open to whoever "
        "reaches a node.",
        topic="external",
        source="https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/",
        follow=_ranges_everywhere,
    ),
    Belief(
        id="pods-reach-their-own-node-only",
        title="Pods of other nodes need a Service",
        says="A pod can reach pods of its own node directly; to others it must go by node ports or a Service.",
        correction="In Kubernetes' network model every pod reaches every pod at its address, on whichever node, "
        "without NAT.",
        topic="cni",
        source="https://kubernetes.io/docs/concepts/services-networking/#the-kubernetes-network-model",
        follow=_own_node_alone,
    ),
    Belief(
        id="outsiders-see-pod-addresses",
        title="Outside, pods are seen with their own address",
        says="A server outside the cluster sees the address of the pod that asks.",
        correction="On the way out the source becomes the node's address, unless pod addresses are routable outside.",
        topic="external",
        source="https://kubernetes.io/docs/tasks/administer-cluster/ip-masq-agent/",
        follow=_pod_address_outside,
    ),
)
