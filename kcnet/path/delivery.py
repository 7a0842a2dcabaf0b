"""The pod network and the last step: to the endpoint's node, into the pod, and does anything listen there?

https://kubernetes.io/docs/concepts/services-networking/
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.names import Protocol
from kcnet.model.objects import ContainerPort, Node, Pod
from kcnet.model.trace import Action, Because, Packet, Stage, Step, Verdict
from kcnet.path.entry import leave, towards_node
from kcnet.path.flow import Branch, Flow, pod_field
from kcnet.path.policy import host_network_pod
from kcnet.reasons.endpoint import ENDPOINT_GONE, ENDPOINT_HOST_PROCESS, PORT_NOT_LISTENING
from kcnet.reasons.nat import HOST_PORT_FORWARDED
from kcnet.reasons.outcome import CANNOT_TELL, DELIVERED
from kcnet.reasons.route import NOT_ROUTABLE, ROUTE_LOCALHOST, ROUTE_OTHER_NODE, ROUTE_SAME_NODE
from kcnet.reasons.service import NODE_PORT_CLOSED


def host_port(cluster: Cluster, flow: Flow) -> Sequence[Branch]:
    """A hostPort: the node where the pod runs rewrites nodeIP:hostPort to the pod's own address and port."""
    packet = flow.packet
    if flow.translated or flow.node is None or packet.dst is None or cluster.nodes_by_address.get(packet.dst) is None:
        return ()
    for pod in cluster.pods_by_node.get(flow.node, ()):
        if pod.host_network or not pod.addresses or pod.phase != "Running":
            continue
        for port in pod.ports:
            if port.host_port == packet.dst_port and port.protocol is packet.protocol and _on_address(port, packet):
                address = next((a for a in pod.addresses if a.version == packet.dst.version), pod.addresses[0])
                after = replace(packet, dst=address, dst_port=port.number)
                text = (
                    f"{flow.node} forwards its port {port.host_port} to pod {pod.namespace}/{pod.name}, "
                    f"port {port.number} (hostPort)."
                )
                because = (pod_field(pod, f"{port.field}.hostPort"),)
                step = flow.step(Stage.NAT, Action.REWROTE, HOST_PORT_FORWARDED, text, because=because, after=after)
                return (Branch((step,), replace(flow, packet=after, translated=True)),)
    return ()


def _on_address(port: ContainerPort, packet: Packet) -> bool:
    return port.host_ip in (None, "", "0.0.0.0", "::") or port.host_ip == str(packet.dst)


def route(cluster: Cluster, flow: Flow) -> Sequence[Branch]:
    """Over the pod network to the node of the destination."""
    packet = flow.packet
    if flow.node is None or packet.dst is None:
        return ()
    if packet.dst.is_loopback:
        text = "The packet never leaves the network namespace: containers of one pod share localhost."
        return (Branch((flow.step(Stage.ROUTE, Action.MOVED, ROUTE_LOCALHOST, text),), flow),)
    pod = cluster.pods_by_address.get(packet.dst)
    if pod is None:
        return _to_host_or_out(cluster, flow)
    if pod.node is None:
        return ()
    where = f"pod {pod.namespace}/{pod.name}"
    own = flow.sender.pod is not None and flow.sender.pod.ref == pod.ref and not flow.translated
    if own:
        text = f"{where} asks itself: the packet never leaves the pod."
        step = flow.step(Stage.ROUTE, Action.MOVED, ROUTE_LOCALHOST, text, at=pod.ref, brief="inside the pod")
        return (Branch((step,), replace(flow, at=pod.ref)),)
    because = (Because(pod.ref, "spec.nodeName"),) if pod.template == "" else ()
    if pod.node == flow.node:
        text = f"{where} is on the same node: {flow.node} hands the packet over."
        step = flow.step(
            Stage.ROUTE,
            Action.MOVED,
            ROUTE_SAME_NODE,
            text,
            because=because,
            brief="same node",
            look=(f"kubectl get pod {pod.name} -n {pod.namespace} -o wide",),
        )
    else:
        text = f"{flow.node} → {pod.node}, {_carried(cluster)}: {where} is there."
        step = flow.step(
            Stage.ROUTE,
            Action.MOVED,
            ROUTE_OTHER_NODE,
            text,
            brief=f"{flow.node} → {pod.node}, {_carried(cluster)}",
            because=because,
            look=("kubectl get pods -A -o wide", f"ip route get {packet.dst}"),
        )
    return (Branch((step,), replace(flow, node=pod.node, at=pod.ref)),)


def _carried(cluster: Cluster) -> str:
    cni = cluster.cni
    if not cni.known:
        return "as the network plugin carries it"
    return f"wrapped in {cni.encapsulation} by {cni.title}" if cni.encapsulation else f"routed plainly by {cni.title}"


def _to_host_or_out(cluster: Cluster, flow: Flow) -> Sequence[Branch]:
    packet = flow.packet
    assert packet.dst is not None
    node = cluster.nodes_by_address.get(packet.dst)
    if node is not None:
        return _to_host(cluster, flow, node)
    if any(packet.dst in cidr for cidr in cluster.service_cidrs):
        text = f"The endpoint {packet.dst} is itself a Service address: kube-proxy does not look at a packet twice."
        step = flow.step(Stage.ROUTE, Action.DROPPED, NOT_ROUTABLE, text, because=_slice(flow), verdict=Verdict.TIMEOUT)
        return (Branch((step,), None),)
    if any(packet.dst in cidr for cidr in cluster.pod_cidrs) or (
        flow.endpoint is not None and flow.endpoint.target is not None and flow.endpoint.target.kind == "Pod"
    ):
        return (_gone(cluster, flow),)
    return leave(cluster, flow, str(packet.dst))


def _slice(flow: Flow) -> tuple[Because, ...]:
    return (Because(flow.service.ref, "spec"),) if flow.service else ()


def _gone(cluster: Cluster, flow: Flow) -> Branch:
    target = flow.endpoint.target if flow.endpoint is not None else None
    name = f"pod {target.namespace}/{target.name}" if target is not None else f"address {flow.packet.dst}"
    namespace = flow.service.namespace if flow.service else None
    if target is not None and not any(pod.namespace == namespace for pod in cluster.pods_by_address.values()):
        text = f"The EndpointSlice names {name}, but the manifests hold no pod of namespace {namespace}."
        step = flow.step(
            Stage.ENDPOINT,
            Action.UNDECIDED,
            CANNOT_TELL,
            text,
            because=_slice(flow),
            repair="Add the pods: kubectl get pods -o yaml.",
            verdict=Verdict.UNKNOWN,
        )
        return Branch((step,), None)
    text = f"The endpoint {flow.packet.dst} belongs to no running pod ({name}): nothing answers until it is removed."
    step = flow.step(
        Stage.ENDPOINT,
        Action.DROPPED,
        ENDPOINT_GONE,
        text,
        because=_slice(flow),
        repair="Remove the address from the EndpointSlice, or run the pod that it stands for.",
        verdict=Verdict.TIMEOUT,
    )
    return Branch((step,), None)


def _to_host(cluster: Cluster, flow: Flow, node: Node) -> Sequence[Branch]:
    if flow.node == node.name:
        return (Branch((), replace(flow, at=node.ref)),)
    steps, flow = towards_node(cluster, flow)
    text = f"{flow.node} → {node.name}: node to node, outside the pod network."
    steps.append(flow.step(Stage.ROUTE, Action.MOVED, ROUTE_OTHER_NODE, text, brief=f"{flow.node} → {node.name}"))
    return (Branch(tuple(steps), replace(flow, node=node.name, at=node.ref)),)


def endpoint(cluster: Cluster, flow: Flow) -> Sequence[Branch]:
    """Does anything listen?"""
    packet = flow.packet
    assert packet.dst is not None
    if packet.dst.is_loopback and flow.sender.pod is not None and not flow.sender.pod.host_network:
        pod: Pod | None = flow.sender.pod
    else:
        pod = cluster.pods_by_address.get(packet.dst) or host_network_pod(cluster, flow)
    if pod is None:
        return (_host_process(cluster, flow),)
    return (_listening(flow, pod),)


def _listening(flow: Flow, pod: Pod) -> Branch:
    packet = flow.packet
    name = f"pod {pod.namespace}/{pod.name}"
    port, protocol = packet.dst_port, packet.protocol
    declared = next((p for p in pod.ports if p.number == port and p.protocol is protocol), None)
    because = (pod_field(pod, declared.field),) if declared else ()
    if port is None:
        text = f"The packet reaches {name}; no port was asked for."
        step = flow.step(Stage.ENDPOINT, Action.DELIVERED, DELIVERED, text, at=pod.ref, verdict=Verdict.DELIVERED)
        return Branch((step,), flow)
    if pod.not_running is not None:
        return Branch((_nobody_home(flow, pod, port, protocol),), flow)
    listens, basis = _listens(pod, port, protocol)
    if listens:
        if basis == "assumed":
            flow = flow.assuming(
                f"{name} declares no ports: it is taken to listen on {protocol} {port} "
                "(say otherwise with the annotation kcnet/listens)."
            )
        elif basis == "stated":
            because = (pod_field(pod, "metadata.annotations[kcnet/listens]"),)
        text = f"{name} listens on {protocol} {port}: it answers."
        step = flow.step(
            Stage.ENDPOINT,
            Action.DELIVERED,
            DELIVERED,
            text,
            at=pod.ref,
            because=because,
            look=(f"kubectl exec -n {pod.namespace} {pod.name} -- ss -lnt",),
            verdict=Verdict.DELIVERED,
            brief=f"listens on {protocol} {port}",
        )
        return Branch((step,), flow)
    if basis == "declared":
        flow = flow.assuming(
            f"{name} is taken to listen on its declared ports alone; a port that no manifest "
            "declares may be open all the same."
        )
    return Branch((_not_listening(flow, pod, port, protocol, basis),), flow)


def _nobody_home(flow: Flow, pod: Pod, port: int, protocol: Protocol) -> Step:
    text = f"pod {pod.namespace}/{pod.name} has an address, but nothing runs in it ({pod.not_running}): it refuses."
    look = f"kubectl logs {pod.name} -n {pod.namespace} --previous"
    if pod.waits_for:
        look = f"kubectl describe pod {pod.name} -n {pod.namespace}"
    return flow.step(
        Stage.ENDPOINT,
        Action.REJECTED,
        PORT_NOT_LISTENING,
        text,
        at=pod.ref,
        because=(Because(pod.ref, pod.waits_field or "status.containerStatuses"),),
        look=(look,),
        repair=f"Find out why: {look}.",
        verdict=Verdict.REFUSED,
    )


def _listens(pod: Pod, port: int, protocol: Protocol) -> tuple[bool, str]:
    """Whether the pod listens, and what that rests on: stated, declared or assumed."""
    if pod.listens is not None:
        return (port, protocol) in pod.listens, "stated"
    if any(p.number == port and p.protocol is protocol for p in pod.ports):
        return True, "declared"
    return (False, "declared") if pod.declares_ports else (True, "assumed")


def _not_listening(flow: Flow, pod: Pod, port: int, protocol: Protocol, basis: str) -> Step:
    name = f"pod {pod.namespace}/{pod.name}"
    if basis == "stated":
        open_ports = sorted(f"{number}/{proto}" for number, proto in pod.listens or ())
        because = [pod_field(pod, "metadata.annotations[kcnet/listens]")]
    else:
        open_ports = [f"{p.number}/{p.protocol}" + (f" ({p.name})" if p.name else "") for p in pod.ports]
        because = [pod_field(pod, p.field) for p in pod.ports[:3]]
    listed = ", ".join(open_ports) or "nothing"
    if flow.service is not None and flow.port is not None and flow.translated:
        service = flow.service
        field = f"spec.ports[{flow.port.index}].targetPort"
        because.insert(0, Because(service.ref, field))
        first = next((p.number for p in pod.ports if p.protocol is protocol), None)
        repair = (
            f"Set targetPort of {service.ref} to "
            f"{first if first is not None else 'the port that the container listens on'}."
        )
    else:
        repair = f"Ask a port that it listens on ({listed})."
    text = (
        f"{name} does not listen on {protocol} {port} (but on {listed}): it answers with a reset, connection refused."
    )
    if protocol is not Protocol.TCP:
        text = f"{name} does not listen on {protocol} {port} (but on {listed}): it answers port unreachable."
    return flow.step(
        Stage.ENDPOINT,
        Action.REJECTED,
        PORT_NOT_LISTENING,
        text,
        at=pod.ref,
        because=because,
        look=(f"kubectl exec -n {pod.namespace} {pod.name} -- ss -lnt",),
        repair=repair,
        verdict=Verdict.REFUSED,
    )


def _host_process(cluster: Cluster, flow: Flow) -> Branch:
    packet = flow.packet
    node = flow.node or flow.at.name
    if flow.service is not None and flow.translated:
        text = f"A process of {node} itself is the endpoint, at port {packet.dst_port}: it answers."
        flow = flow.assuming(f"A process on {node} is taken to listen on port {packet.dst_port}.")
        step = flow.step(Stage.ENDPOINT, Action.DELIVERED, ENDPOINT_HOST_PROCESS, text, verdict=Verdict.DELIVERED)
        return Branch((step,), flow)
    flow = flow.assuming(f"No process of {node} itself is taken to listen on port {packet.dst_port}.")
    asked = f"{packet.dst_port}/{packet.protocol}"
    text = f"{node} has no node port {asked}, and nothing else listens there: it answers with a reset."
    step = flow.step(
        Stage.ENDPOINT,
        Action.REJECTED,
        NODE_PORT_CLOSED,
        text,
        look=("kubectl get services -A",),
        repair=_node_port_repair(cluster, packet),
        verdict=Verdict.REFUSED,
    )
    return Branch((step,), flow)


def _node_port_repair(cluster: Cluster, packet: Packet) -> str:
    """The node port that was probably meant: of a Service whose port, or pods' port, is the one that was asked."""
    held = [(s, p) for (protocol, _), (s, p) in cluster.services_by_node_port.items() if protocol is packet.protocol]
    for service, port in held:
        if packet.dst_port in (port.port, port.target_port):
            return f"Ask node port {port.node_port}: it leads to port {port.port} of {service.ref}."
    if held:
        listed = "; ".join(f"{port.node_port} of {service.ref}" for service, port in held[:3])
        return f"Ask a node port that exists: {listed}."
    return "Give a Service type NodePort: none has a node port yet."
