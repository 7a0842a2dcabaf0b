"""Service proxy: a packet for a Service leaves a node for one of its endpoints.

Models new connections under kube-proxy's iptables, nftables and ipvs modes. No process carries the packet: the node
where it is rewrites its destination by kernel rules. Not modelled: conntrack entries of earlier connections, and eBPF
replacements of kube-proxy.
https://kubernetes.io/docs/reference/networking/virtual-ips/
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from kcnet.model.cluster import Cluster, ProxyMode
from kcnet.model.objects import Service, ServicePort, TrafficPolicy
from kcnet.model.trace import Action, Because, Considered, Stage, Step, Verdict, socket_address
from kcnet.model.wellknown import SOURCE_RANGES
from kcnet.path.chains import chain, service_port_name
from kcnet.path.doors import Door, Match, match
from kcnet.path.endpoints import Backend, Usable, backends, usable
from kcnet.path.flow import Branch, Flow, Origin, count, key
from kcnet.path.likeness import room, sampled
from kcnet.path.noendpoints import backend_because, backend_name, explain_no_endpoints
from kcnet.path.unmatched import unmatched
from kcnet.reasons.loadbalancer import LB_SOURCE_RANGE_DENIED
from kcnet.reasons.nat import NAT_DESTINATION
from kcnet.reasons.outcome import CANNOT_TELL
from kcnet.reasons.service import (
    SERVICE_AFFINITY,
    SERVICE_ENDPOINT_CHOSEN,
    SERVICE_LOCAL_ONLY,
    SERVICE_NO_ENDPOINTS,
    SERVICE_NO_LOCAL_ENDPOINTS,
    SERVICE_NOT_PROXIED,
    SERVICE_SHORT_CIRCUIT,
    SERVICE_TERMINATING_FALLBACK,
    SERVICE_TOPOLOGY,
)


def proxy(cluster: Cluster, flow: Flow) -> Sequence[Branch]:
    """What the rules of the node where the packet is make of it."""
    if flow.node is None or flow.translated or flow.packet.dst is None:
        return ()
    found = match(cluster, flow)
    if found is not None:
        return _forward(cluster, replace(flow, service=found.service, port=found.port), found)
    return unmatched(cluster, flow)


def _forward(cluster: Cluster, flow: Flow, found: Match) -> Sequence[Branch]:
    service, port, door = found.service, found.port, found.door
    assert flow.node is not None
    assert flow.packet.dst is not None
    node = cluster.nodes.get(flow.node)
    candidates = backends(cluster, service, port, flow.packet.dst.version)
    choice = usable(candidates, flow.node, node.zone if node else None)
    external = door is not Door.CLUSTER_IP
    denied = _outside_source_ranges(cluster, flow, service, port) if door is Door.LOAD_BALANCER else None
    if not choice.any_in_cluster:
        nobody = _no_endpoints(cluster, flow, found, candidates)
        if _leaves_unrejected(cluster, flow, door):
            return (Branch((_unrejected(flow, found),), flow),)
        # iptables mode has no chain of ranges for a Service without endpoints; the others drop before they reject.
        if denied and cluster.proxy_mode is not ProxyMode.IPTABLES:
            return (Branch((denied, *nobody.steps), nobody.flow),)
        return (nobody,)
    if denied:
        behind = _translate(cluster, flow, found, choice.everywhere[0], (), None, 1.0).flow
        return (Branch((denied,), behind),)
    policy = service.external_traffic_policy if external else service.internal_traffic_policy
    steps: list[Step] = []
    chosen = choice.everywhere
    masquerade: Because | None = None
    origin = flow.origin
    if external and policy is TrafficPolicy.CLUSTER:
        masquerade = Because(service.ref, "spec.externalTrafficPolicy")
    elif policy is TrafficPolicy.LOCAL:
        if external and origin in (Origin.POD, Origin.NODE):
            if cluster.proxy_mode is ProxyMode.IPVS and origin is Origin.NODE and not choice.local:
                return (_ipvs_node_process(cluster, flow, found),)
            text = (
                f"The request comes from inside {flow.node}, so it is treated as cluster traffic: "
                "externalTrafficPolicy Local does not narrow it."
            )
            because = (Because(service.ref, "spec.externalTrafficPolicy"),)
            steps.append(
                flow.step(
                    Stage.SERVICE,
                    Action.SKIPPED,
                    SERVICE_SHORT_CIRCUIT,
                    text,
                    because=because,
                    brief="eTP Local does not narrow traffic from inside",
                )
            )
            if origin is Origin.NODE:
                masquerade = Because(service.ref, "spec.externalTrafficPolicy")
        elif not choice.local:
            if origin is Origin.POD_OR_EXTERNAL:
                return (_unknown_source(cluster, flow, found),)
            if not (cluster.proxy_mode is ProxyMode.IPVS and not external and service.externally_accessible):
                return (_no_local_endpoints(cluster, flow, found, choice),)
        else:
            chosen = choice.local
            field = "spec.externalTrafficPolicy" if external else "spec.internalTrafficPolicy"
            text = f"{field.removeprefix('spec.')} is Local: only endpoints on {flow.node} are used."
            steps.append(
                flow.step(
                    Stage.SERVICE,
                    Action.CHOSE,
                    SERVICE_LOCAL_ONLY,
                    text,
                    because=(Because(service.ref, field),),
                    brief=f"Local: endpoints on {flow.node} only",
                )
            )
            if origin is Origin.POD_OR_EXTERNAL:
                flow = flow.assuming(
                    f"The network plugin is taken to send a pod's packets to another node with {flow.sender.node}'s "
                    "address as their source."
                )
    if origin is Origin.NODE:
        masquerade = masquerade or Because(service.ref, "")
    local = chosen is choice.local and policy is TrafficPolicy.LOCAL
    if choice.local_terminating if local else choice.terminating:
        text = "No endpoint is ready: those that are shutting down but still serve take new connections."
        steps.append(flow.step(Stage.SERVICE, Action.CHOSE, SERVICE_TERMINATING_FALLBACK, text))
    if choice.narrowed and not local:
        text = f"Topology hints keep the request near {flow.node}: {count(len(chosen), 'endpoint')} of them."
        field = "spec.trafficDistribution" if service.traffic_distribution else "metadata.annotations"
        because = (Because(service.ref, field),)
        steps.append(flow.step(Stage.SERVICE, Action.CHOSE, SERVICE_TOPOLOGY, text, because=because))
    steps.insert(0, _found_step(cluster, flow, found, chosen, candidates))
    if service.session_affinity:
        text = (
            f"sessionAffinity ClientIP: later connections from the same address stay with this endpoint "
            f"for {service.affinity_seconds} s."
        )
        because = (Because(service.ref, "spec.sessionAffinity"),)
        steps.append(
            flow.step(
                Stage.SERVICE,
                Action.CHOSE,
                SERVICE_AFFINITY,
                text,
                because=because,
                brief=f"ClientIP affinity, {service.affinity_seconds} s",
            )
        )
    prefix = tuple(steps)
    return [
        _translate(cluster, flow, found, one.backend, prefix, masquerade, (1 + len(one.like)) / len(chosen))._replace(
            like=one.like
        )
        for one in sampled(cluster, flow, chosen, room(cluster, flow))
    ]


def _found_step(
    cluster: Cluster, flow: Flow, found: Match, chosen: Sequence[Backend], candidates: Sequence[Backend]
) -> Step:
    service, port = found.service, found.port
    ready = sum(backend.endpoint.ready for backend in candidates)
    unready = len(candidates) - ready
    name = f"{service.ref}"
    label = f" ({port.name})" if port.name else ""
    which = f"{port.protocol} {port.port}{label}"
    if found.door is Door.NODE_PORT:
        which = f"node port {port.node_port} of port {which}"
    text = f"{name}, {which}: {count(ready, 'ready endpoint')}" + (f", {unready} not ready" if unready else "") + "."
    field = f"spec.ports[{port.index}]"
    because = [Because(service.ref, f"{field}.nodePort" if found.door is Door.NODE_PORT else f"{field}.port")]
    if service.selector:
        because.append(Because(service.ref, "spec.selector"))
    considered = tuple(
        Considered(
            f"{backend_name(backend)} is not ready: it gets no new connections.", backend_because(cluster, backend)
        )
        for backend in candidates
        if not backend.endpoint.ready and backend not in chosen
    )
    return flow.step(
        Stage.SERVICE,
        Action.CHOSE,
        SERVICE_ENDPOINT_CHOSEN,
        text,
        brief=f"{service.namespace}/{service.name}:{port.port} → {text.rpartition(': ')[2].rstrip('.')}",
        because=because,
        considered=considered,
        look=(
            f"kubectl get endpointslices -n {service.namespace} -l kubernetes.io/service-name={service.name}",
            rules_command(cluster, service, port, found.door),
        ),
    )


def rules_command(cluster: Cluster, service: Service, port: ServicePort, door: Door = Door.CLUSTER_IP) -> str:
    """The command that shows the Service port's rules on a node."""
    match cluster.proxy_mode:
        case ProxyMode.IPTABLES:
            local = service.internal_traffic_policy is TrafficPolicy.LOCAL
            prefix = ("KUBE-SVL" if local else "KUBE-SVC") if door is Door.CLUSTER_IP else "KUBE-EXT"
            return f"iptables-save -t nat | grep {chain(prefix, service, port)}"
        case ProxyMode.NFTABLES:
            return f"nft list table ip kube-proxy | grep {service_port_name(service, port)}"
        case _:
            option = {"TCP": "-t", "UDP": "-u", "SCTP": "--sctp-service"}[port.protocol]
            address = service.cluster_ips[0] if service.cluster_ips else "ADDRESS"
            return f"ipvsadm -Ln {option} {address}:{port.port}"


def _endpoint_rule(cluster: Cluster, found: Match, backend: Backend) -> tuple[str, ...]:
    """The command that shows the rule of one endpoint."""
    if cluster.proxy_mode is ProxyMode.IPTABLES:
        place = socket_address(backend.address, backend.port) or ""
        return (f"iptables-save -t nat | grep {chain('KUBE-SEP', found.service, found.port, place)}",)
    return (rules_command(cluster, found.service, found.port, found.door),)


def _translate(
    cluster: Cluster,
    flow: Flow,
    found: Match,
    backend: Backend,
    prefix: tuple[Step, ...],
    masquerade: Because | None,
    share: float,
) -> Branch:
    before = flow.packet
    after = replace(before, dst=backend.address, dst_port=backend.port)
    target = (
        Because(found.service.ref, f"spec.ports[{found.port.index}].targetPort")
        if found.service.selector
        else Because(backend.slice.ref, f"ports[{backend.slice_port.index}].port")
    )
    text = (
        f"The destination {socket_address(before.dst, before.dst_port)} becomes "
        f"{socket_address(after.dst, after.dst_port)} ({backend_name(backend)})."
    )
    step = flow.step(
        Stage.NAT,
        Action.REWROTE,
        NAT_DESTINATION,
        text,
        look=_endpoint_rule(cluster, found, backend),
        because=(target,),
        after=after,
        brief=f"dst {socket_address(before.dst, before.dst_port)} → {socket_address(after.dst, after.dst_port)}",
    )
    onward = replace(flow, packet=after, endpoint=backend.endpoint, translated=True, masquerade=masquerade)
    pod = cluster.pod_of(backend.endpoint.target)
    if pod is not None and pod.ready_assumed:
        onward = onward.assuming(
            "Readiness probes are taken to succeed where no status says otherwise "
            f"(pod {pod.namespace}/{pod.name} and its like)."
        )
    return Branch((*prefix, step), onward, share)


def _no_endpoints(cluster: Cluster, flow: Flow, found: Match, candidates: Sequence[Backend]) -> Branch:
    service, port = found.service, found.port
    why = explain_no_endpoints(cluster, service, port, candidates)
    text = f"{why.text} The node answers with a reject, so the connection is refused at once."
    step = flow.step(
        Stage.SERVICE,
        Action.REJECTED,
        SERVICE_NO_ENDPOINTS,
        text,
        because=why.because,
        considered=why.considered,
        look=(
            f"kubectl get endpointslices -n {service.namespace} -l kubernetes.io/service-name={service.name}",
            f"kubectl get pods -n {service.namespace} --show-labels",
        ),
        repair=why.repair,
        verdict=Verdict.REFUSED,
    )
    if candidates:  # unready pods: behind the obstacle the request would go to them
        onward = _translate(cluster, flow, found, candidates[0], (step,), None, 1.0)
        return Branch((step,), onward.flow)
    return Branch((step,), None)


def _leaves_unrejected(cluster: Cluster, flow: Flow, door: Door) -> bool:
    """In iptables mode the rejections at external addresses are in INPUT and FORWARD: what the node itself sends
    passes neither, except to an address of its own."""
    return (
        cluster.proxy_mode is ProxyMode.IPTABLES
        and door in (Door.EXTERNAL_IP, Door.LOAD_BALANCER)
        and flow.origin is Origin.NODE
        and flow.entered is None
    )


def _unrejected(flow: Flow, found: Match) -> Step:
    service, packet = found.service, flow.packet
    text = (
        f"{service.ref} has no endpoint, so no rule rewrites {socket_address(packet.dst, packet.dst_port)}. At such an "
        f"address iptables mode rejects what a node receives or forwards, but not what {flow.node} itself sends: the "
        "packet leaves for whoever holds the address."
    )
    return flow.step(
        Stage.SERVICE,
        Action.SKIPPED,
        SERVICE_NOT_PROXIED,
        text,
        because=(Because(service.ref, "spec.selector" if service.selector else "spec"),),
        look=("iptables-save -t filter | grep KUBE-EXTERNAL-SERVICES",),
        brief=f"no endpoint, and no rule for what {flow.node} itself sends",
    )


def _no_local_endpoints(cluster: Cluster, flow: Flow, found: Match, choice: Usable) -> Branch:
    service = found.service
    external = found.door is not Door.CLUSTER_IP
    field = "spec.externalTrafficPolicy" if external else "spec.internalTrafficPolicy"
    refused = cluster.proxy_mode is ProxyMode.IPVS and not external
    elsewhere = sorted({backend.endpoint.node for backend in choice.everywhere if backend.endpoint.node})
    where = f" (there are some on {', '.join(elsewhere[:3])})" if elsewhere else ""
    ending = "the connection is refused" if refused else "the packet is dropped"
    text = (
        f"{field.removeprefix('spec.')} of {service.ref} is Local, and {flow.node} has "
        f"no endpoint of it{where}: {ending}."
    )
    step = flow.step(
        Stage.SERVICE,
        Action.REJECTED if refused else Action.DROPPED,
        SERVICE_NO_LOCAL_ENDPOINTS,
        text,
        because=(Because(service.ref, field),),
        look=(f"kubectl get pods -n {service.namespace} -o wide",),
        repair=(
            f"Ask a node that runs one of its pods{' (' + elsewhere[0] + ')' if elsewhere else ''}, run a pod on every "
            f"node, or set {field.removeprefix('spec.')} to Cluster."
        ),
        verdict=Verdict.REFUSED if refused else Verdict.TIMEOUT,
    )
    onward = _translate(cluster, flow, found, choice.everywhere[0], (), None, 1.0).flow if choice.everywhere else None
    return Branch((step,), onward)


def _ipvs_node_process(cluster: Cluster, flow: Flow, found: Match) -> Branch:
    text = (
        "externalTrafficPolicy is Local, this node has no endpoint, and the request comes from the node itself: "
        "what ipvs mode does then is not documented."
    )
    return _cannot_tell(flow, found, text, "Ask from a pod, or from a node that runs an endpoint.")


def _unknown_source(cluster: Cluster, flow: Flow, found: Match) -> Branch:
    text = (
        f"externalTrafficPolicy is Local and {flow.node} has no endpoint. If the network plugin leaves the pod's "
        "address as the source, the node treats the request as cluster traffic and it works; if it rewrites it to the "
        f"address of {flow.sender.node}, the packet is dropped."
    )
    return _cannot_tell(flow, found, text, "State the network plugin with --cni (calico, flannel, cilium ...).")


def _cannot_tell(flow: Flow, found: Match, text: str, repair: str) -> Branch:
    step = flow.step(
        Stage.SERVICE,
        Action.UNDECIDED,
        CANNOT_TELL,
        text,
        because=(Because(found.service.ref, "spec.externalTrafficPolicy"),),
        repair=repair,
        verdict=Verdict.UNKNOWN,
    )
    return Branch((step,), None)


def _outside_source_ranges(cluster: Cluster, flow: Flow, service: Service, port: ServicePort) -> Step | None:
    source, address = flow.packet.src, flow.packet.dst
    ranges = service.guarded(address.version) if address is not None else ()
    if not ranges or (service.ranges_annotated and flow.origin is not Origin.EXTERNAL):
        return None
    if source is not None and any(source in cidr for cidr in ranges):
        return None
    listed = ", ".join(str(cidr) for cidr in ranges)
    text = f"{source} is in none of the loadBalancerSourceRanges of {service.ref} ({listed}): the packet is dropped."
    return flow.step(
        Stage.SERVICE,
        Action.DROPPED,
        LB_SOURCE_RANGE_DENIED,
        text,
        because=(Because(service.ref, ranges_field(service)),),
        look=(f"iptables-save -t nat | grep {chain('KUBE-FW', service, port)}",),
        repair=f"Add a range that holds {source} to spec.loadBalancerSourceRanges.",
        verdict=Verdict.TIMEOUT,
    )


def ranges_field(service: Service) -> str:
    return key("metadata.annotations", SOURCE_RANGES) if service.ranges_annotated else "spec.loadBalancerSourceRanges"
