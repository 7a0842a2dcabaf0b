"""Between places: into the cluster by a node, from one node to another, out to the world.

A packet that no rule of its own node has turned into one for a pod goes where its destination address is: another
node (where that node's kube-proxy looks at it), an external load balancer, an address outside, or nowhere.
https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.names import Ref
from kcnet.model.objects import Node, Service, ServiceType, TrafficPolicy
from kcnet.model.trace import Action, Because, Stage, Step, Verdict
from kcnet.path.doors import door_of
from kcnet.path.endpoints import backends
from kcnet.path.flow import OUTSIDE, Branch, Flow, count, node_address, node_ref
from kcnet.path.likeness import MAX_ENTRY_NODES
from kcnet.path.service import ranges_field
from kcnet.path.unmatched import port_repair
from kcnet.reasons.loadbalancer import LB_FORWARDED, LB_SOURCE_RANGE_DENIED
from kcnet.reasons.nat import NAT_OUTBOUND
from kcnet.reasons.outcome import CANNOT_TELL, LEFT_CLUSTER
from kcnet.reasons.route import NOT_ROUTABLE, ROUTE_TO_NODE
from kcnet.reasons.service import NODE_PORT_ENTERED, SERVICE_NO_LOCAL_ENDPOINTS, SERVICE_PORT_UNKNOWN

EXCLUDED_FROM_LOAD_BALANCERS = "node.kubernetes.io/exclude-from-external-load-balancers"


def cross(cluster: Cluster, flow: Flow) -> Sequence[Branch]:
    """Carry a packet that is not (or not yet) for a pod to where its address is."""
    if flow.translated or flow.entered is not None:
        return ()
    address = flow.packet.dst
    if address is None:
        return _without_address(cluster, flow)
    if address.is_loopback:
        return ()
    if address in cluster.pods_by_address:
        return _from_outside(cluster, flow, f"pod address {address}") if flow.node is None else ()
    node = cluster.nodes_by_address.get(address)
    if node is not None:
        return _to_node(cluster, flow, node)
    for service in cluster.services_by_address.get(address, ()):
        if any(entry.address == address for entry in service.load_balancer):
            return by_load_balancer(cluster, flow, service)
        # Inside, the node's own rules have taken what is for a cluster IP or an external one.
        if address in service.cluster_ips:
            return _from_outside(cluster, flow, f"cluster IP {address}", Because(service.ref, "spec.type"))
        return _by_external_ip(cluster, flow, service)
    if any(address in cidr for cidr in (*cluster.pod_cidrs, *cluster.service_cidrs)):
        text = f"Nothing in the cluster has the address {address}: the packet is lost."
        step = flow.step(Stage.ROUTE, Action.DROPPED, NOT_ROUTABLE, text, verdict=Verdict.TIMEOUT)
        return (Branch((step,), None),)
    return leave(cluster, flow, str(address))


def _without_address(cluster: Cluster, flow: Flow) -> Sequence[Branch]:
    """A Service asked from outside, or a name whose address no manifest tells."""
    service, port = flow.service, flow.port
    if service is None:
        return leave(cluster, flow, flow.target)
    if service.type is ServiceType.NODE_PORT and port is not None and port.node_port is not None:
        return by_node_port(cluster, flow, service, port.node_port, port.index)
    return by_load_balancer(cluster, flow, service)


def leave(cluster: Cluster, flow: Flow, name: str) -> Sequence[Branch]:
    """Out of the cluster: source NAT to the node's address, and then it is no longer ours to tell."""
    steps: list[Step] = []
    if flow.sender.node is not None and not flow.sender.is_node:
        step, flow = _outbound(cluster, flow)
        steps.append(step)
    text = f"The request goes to {name}, outside the cluster: what happens there cannot be known from manifests."
    at = Ref(OUTSIDE, None, name)
    steps.append(flow.step(Stage.ROUTE, Action.LEFT, LEFT_CLUSTER, text, at=at, verdict=Verdict.EXTERNAL))
    return (Branch(tuple(steps), None),)


def _outbound(cluster: Cluster, flow: Flow) -> tuple[Step, Flow]:
    assert flow.sender.node is not None
    family = flow.packet.dst.version if flow.packet.dst else flow.sender.address.version
    new = node_address(cluster, flow.sender.node, family)
    after = replace(flow.packet, src=new)
    text = (
        f"The source {flow.packet.src} becomes {new} ({flow.sender.node}): pod addresses mean nothing outside the pod "
        "network."
    )
    step = flow.step(Stage.NAT, Action.REWROTE, NAT_OUTBOUND, text, after=after, brief=f"src {flow.packet.src} → {new}")
    return step, replace(flow, packet=after, rewritten_source=True)


def _from_outside(cluster: Cluster, flow: Flow, what: str, because: Because | None = None) -> Sequence[Branch]:
    text = f"The {what} means nothing outside the cluster: no router there knows the way."
    repair = "Ask from inside the cluster, or publish it: a Service of type NodePort or LoadBalancer, or an Ingress."
    step = flow.step(
        Stage.ROUTE,
        Action.DROPPED,
        NOT_ROUTABLE,
        text,
        because=(because,) if because else (),
        look=("kubectl get services -A -o wide",),
        repair=repair,
        verdict=Verdict.TIMEOUT,
    )
    onward = None
    if cluster.nodes:  # as if some router did know the way
        first = next(iter(cluster.nodes))
        onward = replace(flow, node=first, entered=first, at=node_ref(cluster, first))
    return (Branch((step,), onward),)


def _to_node(cluster: Cluster, flow: Flow, node: Node) -> Sequence[Branch]:
    if flow.node == node.name:
        return (Branch((), replace(flow, entered=node.name, at=node.ref)),)
    steps: list[Step] = []
    if flow.node is None:
        flow = flow.assuming("The nodes' addresses are taken to be reachable from outside (no firewall in between).")
        text = f"The request arrives at {node.name} ({flow.packet.dst})."
    else:
        steps, flow = towards_node(cluster, flow)
        text = f"The packet goes from {flow.node} to {node.name} ({flow.packet.dst})."
    steps.append(flow.step(Stage.ROUTE, Action.MOVED, ROUTE_TO_NODE, text))
    return (Branch(tuple(steps), replace(flow, node=node.name, entered=node.name, at=node.ref)),)


def towards_node(cluster: Cluster, flow: Flow) -> tuple[list[Step], Flow]:
    """Whether a pod's packet to the address of another node keeps its source is the network plugin's choice."""
    if flow.sender.node != flow.node or flow.sender.is_node or flow.rewritten_source:
        return [], flow
    rewrites = cluster.cni.masquerades_to_nodes
    if rewrites is False:
        return [], flow
    if rewrites:
        step, flow = _outbound(cluster, flow)
        return [step], flow
    after = replace(flow.packet, src=None)
    text = (
        f"Whether the source stays {flow.packet.src} or becomes the address of {flow.node} is the network plugin's "
        "choice."
    )
    step = flow.step(Stage.NAT, Action.UNDECIDED, NAT_OUTBOUND, text, after=after, brief="src: cannot be known")
    return [step], replace(flow, packet=after)


def by_load_balancer(cluster: Cluster, flow: Flow, service: Service) -> Sequence[Branch]:
    """An external load balancer takes the request and hands it to one of the nodes."""
    packet = flow.packet
    port = next((p for p in service.ports if p.port == packet.dst_port and p.protocol is packet.protocol), None)
    at = Ref("LoadBalancer", service.namespace, service.name)
    because: tuple[Because, ...] = (Because(service.ref, "spec.type"),)
    if port is None:
        text = f"The load balancer of {service.ref} has no port {packet.dst_port}/{packet.protocol}: nothing answers."
        step = flow.step(
            Stage.LOAD_BALANCER,
            Action.DROPPED,
            SERVICE_PORT_UNKNOWN,
            text,
            at=at,
            because=(Because(service.ref, "spec.ports"),),
            repair=port_repair(service, packet),
            verdict=Verdict.TIMEOUT,
        )
        return (Branch((step,), None),)
    steps: list[Step] = []
    if flow.sender.node is not None and not flow.sender.is_node:
        step, flow = _outbound(cluster, flow)
        steps.append(step)
    proxied = packet.dst is None or door_of(service, packet.dst) is None
    source = flow.packet.src
    ranges = service.guarded(source.version) if proxied and source is not None else ()
    if source is not None and ranges and not any(source in cidr for cidr in ranges):
        text = f"{source} is in none of the loadBalancerSourceRanges: the load balancer drops the request."
        denied = flow.step(
            Stage.LOAD_BALANCER,
            Action.DROPPED,
            LB_SOURCE_RANGE_DENIED,
            text,
            at=at,
            because=(Because(service.ref, ranges_field(service)),),
            repair=f"Add a range that holds {source} to spec.loadBalancerSourceRanges.",
            verdict=Verdict.TIMEOUT,
        )
        return (Branch((*steps, denied), None),)
    nodes = _balanced_nodes(cluster, service)
    family = packet.dst.version if packet.dst else service.cluster_ips[0].version
    if service.external_traffic_policy is TrafficPolicy.LOCAL:
        everything = backends(cluster, service, port, family)
        healthy = {b.endpoint.node for b in everything if b.endpoint.ready}
        serving = {b.endpoint.node for b in everything if b.endpoint.serving and b.endpoint.terminating}
        local = [node for node in nodes if node.name in (healthy or serving)]
        if (healthy or serving) and not local:
            return (_no_healthy_node(flow, service, steps, at),)
        nodes = local or nodes
        because = (*because, Because(service.ref, "spec.externalTrafficPolicy"))
    if not nodes:
        return (_no_node(flow, service, steps, at),)
    if len(nodes) > MAX_ENTRY_NODES:
        flow = flow.assuming(
            f"The load balancer may enter by {len(nodes)} nodes; the first {MAX_ENTRY_NODES} are followed, the others "
            "are taken to behave like them."
        )
        nodes = nodes[:MAX_ENTRY_NODES]
    if proxied:
        return _through_proxy(cluster, flow, service, port.node_port, family, nodes, steps, at, because)
    nodes = _others(flow, nodes)
    one = nodes[0].name if len(nodes) == 1 else f"one of {count(len(nodes), 'node')}"
    text = f"The load balancer of {service.ref} hands the request, as it is, to {one}."
    steps.append(
        flow.step(
            Stage.LOAD_BALANCER, Action.MOVED, LB_FORWARDED, text, at=at, because=because, brief=f"to {one}, unchanged"
        )
    )
    branches = []
    for node in nodes:
        text = f"The request enters the cluster by {node.name}."
        step = flow.step(Stage.ROUTE, Action.MOVED, ROUTE_TO_NODE, text, at=node.ref, brief=f"enters by {node.name}")
        onward = replace(flow, node=node.name, entered=node.name, at=node.ref)
        branches.append(Branch((*steps, step), onward, 1 / len(nodes)))
    return branches


def _through_proxy(
    cluster: Cluster,
    flow: Flow,
    service: Service,
    node_port: int | None,
    family: int,
    nodes: Sequence[Node],
    steps: Sequence[Step],
    at: Ref,
    because: tuple[Because, ...],
) -> Sequence[Branch]:
    """A load balancer that opens connections of its own, to the node port of some node."""
    if node_port is None:
        text = "The load balancer's targets cannot be known: the Service has no node port (it may reach pods directly)."
        step = flow.step(
            Stage.LOAD_BALANCER, Action.UNDECIDED, CANNOT_TELL, text, at=at, because=because, verdict=Verdict.UNKNOWN
        )
        return (Branch((*steps, step), None),)
    branches = []
    for node in nodes:
        text = (
            f"The load balancer of {service.ref} connects to {node.name} at node port "
            f"{node_port}; its own address becomes the source."
        )
        address = node_address(cluster, node.name, family)
        after = replace(flow.packet, src=None, dst=address, dst_port=node_port)
        step = flow.step(Stage.LOAD_BALANCER, Action.REWROTE, LB_FORWARDED, text, at=at, because=because, after=after)
        onward = replace(
            flow, packet=after, node=node.name, entered=node.name, at=node.ref, rewritten_source=True
        ).assuming("The load balancer is taken to send requests to the Service's node port.")
        branches.append(Branch((*steps, step), onward, 1 / len(nodes)))
    return branches


def _balanced_nodes(cluster: Cluster, service: Service) -> list[Node]:
    return [node for node in cluster.nodes.values() if node.ready and EXCLUDED_FROM_LOAD_BALANCERS not in node.labels]


def _others(flow: Flow, nodes: list[Node]) -> list[Node]:
    """Without the sending node: its kernel takes no packet that comes with an address of its own as the source."""
    return [node for node in nodes if node.name != flow.node] or nodes


def _no_node(
    flow: Flow, service: Service, steps: Sequence[Step], at: Ref, stage: Stage = Stage.LOAD_BALANCER
) -> Branch:
    text = f"No node takes requests for {service.ref} from outside: none is ready and not excluded."
    step = flow.step(stage, Action.DROPPED, NOT_ROUTABLE, text, at=at, verdict=Verdict.TIMEOUT)
    return Branch((*steps, step), None)


def _no_healthy_node(flow: Flow, service: Service, steps: Sequence[Step], at: Ref) -> Branch:
    text = (
        f"externalTrafficPolicy of {service.ref} is Local and the load balancer's health "
        "check finds no node with a ready endpoint: nothing answers."
    )
    step = flow.step(
        Stage.LOAD_BALANCER,
        Action.DROPPED,
        SERVICE_NO_LOCAL_ENDPOINTS,
        text,
        at=at,
        because=(Because(service.ref, "spec.externalTrafficPolicy"),),
        repair="Run a ready pod on a node that the load balancer may use, or set externalTrafficPolicy to Cluster.",
        verdict=Verdict.TIMEOUT,
    )
    return Branch((*steps, step), None)


def _by_external_ip(cluster: Cluster, flow: Flow, service: Service) -> Sequence[Branch]:
    flow = flow.assuming(f"The network is taken to route the external IP {flow.packet.dst} to the nodes.")
    nodes = _others(flow, [node for node in cluster.nodes.values() if node.ready])[:MAX_ENTRY_NODES]
    if not nodes:
        return (_no_node(flow, service, (), flow.at, Stage.ROUTE),)
    because = (Because(service.ref, "spec.externalIPs"),)
    return [
        Branch(
            (
                flow.step(
                    Stage.ROUTE,
                    Action.MOVED,
                    ROUTE_TO_NODE,
                    f"The request enters the cluster by {node.name}.",
                    because=because,
                    at=node.ref,
                ),
            ),
            replace(flow, node=node.name, entered=node.name, at=node.ref),
            1 / len(nodes),
        )
        for node in nodes
    ]


def by_node_port(cluster: Cluster, flow: Flow, service: Service, node_port: int, index: int) -> Sequence[Branch]:
    """A client outside that asks a Service of type NodePort: at any node, on the node port."""
    nodes = [node for node in cluster.nodes.values() if node.ready][:MAX_ENTRY_NODES]
    if not nodes:
        return (_no_node(flow, service, (), flow.at, Stage.ROUTE),)
    flow = flow.assuming("The nodes' addresses are taken to be reachable from outside (no firewall in between).")
    branches = []
    for node in nodes:
        own = node.external_addresses or node.addresses
        served = [a for a in own if any(a.version == cluster_ip.version for cluster_ip in service.cluster_ips)] or own
        address = next((a for a in served if a.version == flow.sender.address.version), served[0])
        source = flow.sender.address_towards(address)
        after = replace(flow.packet, src=source, dst=address, dst_port=node_port)
        text = f"From outside, {service.ref} is reached at a node: {node.name}, port {node_port}."
        step = flow.step(
            Stage.ROUTE,
            Action.MOVED,
            NODE_PORT_ENTERED,
            text,
            because=(Because(service.ref, f"spec.ports[{index}].nodePort"),),
            look=(f"kubectl get service {service.name} -n {service.namespace}", "kubectl get nodes -o wide"),
            after=after,
            at=node.ref,
        )
        onward = replace(flow, packet=after, node=node.name, entered=node.name, at=node.ref)
        branches.append(Branch((step,), onward, 1 / len(nodes)))
    return branches


__all__ = ["ServiceType", "by_load_balancer", "by_node_port", "cross", "leave", "towards_node"]
