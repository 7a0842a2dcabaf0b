"""Where a request is sent: the connections that a client opens for a name, an address or an object."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import NamedTuple

from msgspec.structs import replace

from kcnet.model.cluster import Cluster, IngressController
from kcnet.model.names import IPAddress, Protocol, Ref
from kcnet.model.objects import Pod, Service, ServiceType
from kcnet.model.trace import Action, Because, Packet, Request, Stage, Step, Verdict
from kcnet.path.flow import EPHEMERAL_PORT, OUTSIDE, Flow, Sender, connection
from kcnet.path.ingress import HttpRequest
from kcnet.path.lookup import pending, resolve
from kcnet.path.public import controller_of
from kcnet.path.resolution import Resolution
from kcnet.reasons.dns import ADDRESS_GIVEN, DNS_NXDOMAIN
from kcnet.reasons.endpoint import POD_NO_ADDRESS
from kcnet.reasons.outcome import LEFT_CLUSTER
from kcnet.reasons.route import NOT_ROUTABLE
from kcnet.request import RequestError, no_such_port
from kcnet.simulate.way import Way


class Aim(NamedTuple):
    """The connections that the client may open, after it has looked the name up."""

    ways: tuple[Way, ...]
    protocol: Protocol
    port: int | None
    http: HttpRequest | None


def start(cluster: Cluster, request: Request) -> Flow:
    client = request.client
    pod = cluster.pods.get((client.ref.namespace or "", client.ref.name)) if client.ref.kind == "Pod" else None
    sender = Sender(ref=client.ref, address=client.address, addresses=client.addresses, pod=pod, node=client.node)
    packet = Packet(
        src=client.address,
        src_port=EPHEMERAL_PORT,
        dst=None,
        dst_port=None,
        protocol=request.protocol or Protocol.TCP,
    )
    return Flow(
        sender=sender,
        packet=packet,
        node=client.node,
        at=client.ref,
        target=request.target.typed,
        ignore_policies=request.ignore_policies,
        all_blockers=request.all_blockers,
    )


def aim(cluster: Cluster, request: Request, flow: Flow) -> Aim:
    target = request.target
    if target.ref is not None:
        match target.ref.kind:
            case "Service":
                return _aim_at_service(cluster, request, flow, cluster.services[_key(target.ref)])
            case "Node":
                return _aim_at_node(cluster, request, flow, target.ref)
            case _:
                return _aim_at_pod(cluster, request, flow, cluster.pods[_key(target.ref)])
    if target.address is not None:
        return _aim_at_address(cluster, request, flow, target.address)
    assert target.name is not None
    return _aim_at_name(cluster, request, flow, target.name)


def _key(ref: Ref) -> tuple[str, str]:
    return ref.namespace or "", ref.name


def _http(request: Request, host: str, published: bool = False) -> HttpRequest | None:
    """What an HTTP proxy on the way would read; None for a request that is not known to be HTTP."""
    target = request.target
    if target.scheme is None and request.host is None and not published:
        return None
    return HttpRequest(scheme=target.scheme, host=_without_port(request.host or host), path=target.path or "/")


def _without_port(host: str) -> str:
    """A Host header may hold a port, which no rule is compared with. Lower-case, without a trailing dot."""
    if host.startswith("[") or host.count(":") == 1:
        host = host.rpartition(":")[0] if not host.endswith("]") else host
    return host.strip("[]").lower().rstrip(".")


def _direct(
    cluster: Cluster,
    request: Request,
    flow: Flow,
    address: IPAddress | None,
    port: int | None,
    protocol: Protocol,
    text: str,
    because: Sequence[Because] = (),
    host: str = "",
) -> Aim:
    sent = connection(flow, address, port, protocol)
    step = sent.step(Stage.DNS, Action.SKIPPED, ADDRESS_GIVEN, text, because=because, at=flow.at)
    source = sent.packet.src
    if address is not None and source is not None and source.version != address.version:
        return _ended(request, sent, _other_family(flow, sent), protocol, port)
    way = Way(share=1.0, steps=(step,), flow=sent)
    return Aim(ways=(way,), protocol=protocol, port=port, http=_http(request, host or str(address)))


def _other_family(flow: Flow, sent: Flow) -> Step:
    own, other = sent.packet.src, sent.packet.dst
    assert own is not None
    assert other is not None
    text = f"{flow.sender.ref.name} has IPv{own.version} addresses only, and {other} is of IPv{other.version}."
    return sent.step(
        Stage.ROUTE,
        Action.DROPPED,
        NOT_ROUTABLE,
        text,
        at=flow.at,
        repair="Ask an address of the client's own family, or make the cluster dual-stack.",
        verdict=Verdict.TIMEOUT,
    )


def _ended(request: Request, flow: Flow, step: Step, protocol: Protocol, port: int | None) -> Aim:
    obstacle = flow.all_blockers and step.verdict is not Verdict.EXTERNAL
    way = Way(share=1.0, steps=(step,), flow=flow, over=True, blockers=(step,) if obstacle else ())
    return Aim(ways=(way,), protocol=protocol, port=port, http=None)


def _aim_at_pod(cluster: Cluster, request: Request, flow: Flow, pod: Pod) -> Aim:
    protocol, port, flow = _pod_port(pod, request, flow)
    name = f"pod {pod.namespace}/{pod.name}"
    address = _same_family(pod.addresses, flow) if pod.phase not in ("Succeeded", "Failed") else None
    if address is None:
        why = pod.pending_because or f"its phase is {pod.phase}, so its address is free again"
        text = f"{name} has no address: {why}."
        step = flow.step(
            Stage.DNS,
            Action.FAILED,
            POD_NO_ADDRESS,
            text,
            because=(Because(pod.ref, ""),),
            look=(f"kubectl get pod {pod.name} -n {pod.namespace} -o wide",),
            repair=f"Get the pod to run: kubectl describe pod {pod.name} -n {pod.namespace}.",
            verdict=Verdict.UNRESOLVED,
        )
        return _ended(request, flow, step, protocol, port)
    text = f"{name} is asked at its own address {address}: no name, no Service."
    because = (Because(pod.ref, "status.podIP"),) if pod.template == "" else ()
    return _direct(cluster, request, flow, address, port, protocol, text, because)


def _pod_port(pod: Pod, request: Request, flow: Flow) -> tuple[Protocol, int | None, Flow]:
    asked = request.target.port
    if isinstance(asked, str):
        named = next(p for p in pod.ports if p.name == asked)
        return request.protocol or named.protocol, named.number, flow
    if isinstance(asked, int):
        return request.protocol or Protocol.TCP, asked, flow
    fitting = [p for p in pod.ports if request.protocol in (None, p.protocol)]
    if fitting:
        first = fitting[0]
        flow = flow.assuming(f"No port was given: the pod's first one, {first.number}, is asked.")
        return first.protocol, first.number, flow
    return request.protocol or Protocol.TCP, 80, flow.assuming("No port was given: 80 is asked.")


def _same_family(addresses: Sequence[IPAddress], flow: Flow) -> IPAddress | None:
    for own in flow.sender.addresses:
        for address in addresses:
            if address.version == own.version:
                return address
    return addresses[0] if addresses else None


def _aim_at_node(cluster: Cluster, request: Request, flow: Flow, ref: Ref) -> Aim:
    node = cluster.nodes[ref.name]
    port = request.target.port
    assert isinstance(port, int)
    candidates = node.addresses if flow.sender.node is not None else (*node.external_addresses, *node.addresses)
    address = _same_family(candidates, flow)
    text = f"{node.name} is asked at its address {address}, port {port}."
    return _direct(
        cluster, request, flow, address, port, request.protocol or Protocol.TCP, text, (Because(node.ref, ""),)
    )


def _aim_at_address(cluster: Cluster, request: Request, flow: Flow, address: IPAddress) -> Aim:
    protocol, port = request.protocol or Protocol.TCP, request.target.port
    assert not isinstance(port, str)
    if port is None:
        services = cluster.services_by_address.get(address, ())
        pod = cluster.pods_by_address.get(address)
        if services:
            protocol, port, flow = _service_port(services[0], request, flow)
        elif pod is not None:
            protocol, port, flow = _pod_port(pod, request, flow)
        elif request.host is not None:
            port = 80
    stated = _stated_by_ingress(cluster, address)
    if port is None and stated is not None:
        port = 80
    text = f"{address} is an address: nothing is looked up."
    aimed = _direct(cluster, request, flow, address, port, protocol, text)
    if stated is None:
        return aimed
    ways = [one for way in aimed.ways for one in _towards_controller(cluster, stated, address, way)]
    return aimed._replace(ways=tuple(ways), http=_http(request, str(address), published=True))


def _stated_by_ingress(cluster: Cluster, address: IPAddress) -> IngressController | None:
    """The controller behind an address that an Ingress's status states and that no Service or node has."""
    if address in cluster.services_by_address or address in cluster.nodes_by_address:
        return None
    for ingress in cluster.ingresses.values():
        if any(entry.address == address for entry in ingress.load_balancer):
            found = controller_of(cluster, ingress)
            if not isinstance(found, str):
                return found
    return None


def _service_port(service: Service, request: Request, flow: Flow) -> tuple[Protocol, int | None, Flow]:
    """Protocol and port number of a Service for what was asked: a number as it is, a name, or the likeliest one."""
    asked = request.target.port
    name = f"{service.ref}"
    if isinstance(asked, int):
        return request.protocol or Protocol.TCP, asked, flow
    if isinstance(asked, str):
        named = next((p for p in service.ports if p.name == asked), None)
        if named is None:
            raise no_such_port(str(service.ref), asked, [(p.name, p.port) for p in service.ports])
        return request.protocol or named.protocol, named.port, flow
    fitting = [p for p in service.ports if request.protocol in (None, p.protocol)] or list(service.ports)
    if not fitting:
        return request.protocol or Protocol.TCP, None, flow
    chosen = next((p for p in fitting if p.port == 80), fitting[0]) if len(fitting) > 1 else fitting[0]
    flow = flow.assuming(f"No port was given: port {chosen.port} of {name} is asked.")
    return request.protocol or chosen.protocol, chosen.port, flow


def _aim_at_service(cluster: Cluster, request: Request, flow: Flow, service: Service) -> Aim:
    protocol, port, flow = _service_port(service, request, flow)
    if flow.sender.node is None:
        return _aim_from_outside(cluster, request, flow, service, protocol, port)
    if service.type is ServiceType.EXTERNAL_NAME or service.headless:
        name = f"{service.name}.{service.namespace}.svc.{cluster.domain}"
        return _aim_at_name(cluster, request, flow, name + ".")
    address = _same_family(service.cluster_ips, flow)
    text = f"{service.ref} is asked at its cluster IP {address}."
    because = (Because(service.ref, "spec.clusterIP"),)
    host = f"{service.name}.{service.namespace}"
    return _direct(cluster, request, flow, address, port, protocol, text, because, host)


def _aim_from_outside(
    cluster: Cluster, request: Request, flow: Flow, service: Service, protocol: Protocol, port: int | None
) -> Aim:
    """A client outside asks a Service: by its load balancer, an external IP, a node, or not at all."""
    name = f"{service.ref}"
    by_node_port = next(
        (p for p in service.ports if port in (p.port, p.node_port) and p.protocol is protocol and p.node_port), None
    )
    if service.type is ServiceType.LOAD_BALANCER:
        addresses = [entry.address for entry in service.load_balancer if entry.address is not None]
        if addresses:
            address = _same_family(addresses, flow)
            text = f"{name} is asked at its load balancer's address {address}."
            because = (Because(service.ref, "spec.type"),)
            return _direct(cluster, request, flow, address, port, protocol, text, because)
        if service.load_balancer:
            named = replace(connection(flow, None, port, protocol), service=service)
            host = service.load_balancer[0].hostname or ""
            text = f"{name} is asked at its load balancer {host}."
            step = named.step(Stage.DNS, Action.SKIPPED, ADDRESS_GIVEN, text)
            way = Way(share=1.0, steps=(step,), flow=named)
            return Aim(ways=(way,), protocol=protocol, port=port, http=_http(request, host))
        return _ended(request, flow, pending(flow, service), protocol, port)
    if service.external_ips:
        address = _same_family(service.external_ips, flow)
        text = f"{name} is asked at its external IP {address}."
        because = (Because(service.ref, "spec.externalIPs"),)
        return _direct(cluster, request, flow, address, port, protocol, text, because)
    if service.type is ServiceType.NODE_PORT and by_node_port is not None:
        sent = replace(connection(flow, None, by_node_port.node_port, protocol), service=service, port=by_node_port)
        text = f"{name} has no address outside: clients there ask any node at node port {by_node_port.node_port}."
        because = (Because(service.ref, f"spec.ports[{by_node_port.index}].nodePort"),)
        step = sent.step(Stage.DNS, Action.SKIPPED, ADDRESS_GIVEN, text, because=because)
        way = Way(share=1.0, steps=(step,), flow=sent)
        return Aim(ways=(way,), protocol=protocol, port=by_node_port.node_port, http=_http(request, service.name))
    if service.type is ServiceType.NODE_PORT and cluster.nodes:
        node = next(iter(cluster.nodes.values()))
        return _direct(cluster, request, flow, node.address, port, protocol, f"{name} is asked at a node.")
    if service.cluster_ips:
        address = _same_family(service.cluster_ips, flow)
        text = f"{name} is asked at its cluster IP {address}."
        return _direct(cluster, request, flow, address, port, protocol, text, (Because(service.ref, "spec.type"),))
    return _ended(request, flow, _inside_only(flow, service), protocol, port)


def _inside_only(flow: Flow, service: Service) -> Step:
    name = f"{service.ref}"
    if service.external_name is not None:
        text = f"{name} is an alias in the cluster's DNS, which clients outside do not ask."
        return flow.step(
            Stage.DNS,
            Action.FAILED,
            DNS_NXDOMAIN,
            text,
            because=(Because(service.ref, "spec.externalName"),),
            repair=f"Ask {service.external_name} itself.",
            verdict=Verdict.UNRESOLVED,
        )
    text = f"{name} is headless: it stands for pod addresses, which mean nothing outside the cluster."
    return flow.step(
        Stage.ROUTE,
        Action.DROPPED,
        NOT_ROUTABLE,
        text,
        because=(Because(service.ref, "spec.clusterIP"),),
        repair="Publish the pods with a Service of type NodePort or LoadBalancer.",
        verdict=Verdict.TIMEOUT,
    )


def _aim_at_name(cluster: Cluster, request: Request, flow: Flow, name: str) -> Aim:
    target = request.target
    host = (target.name or name).lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return _aim_at_localhost(cluster, request, flow)
    found = resolve(cluster, flow, name)
    protocol, port, flow = _named_port(cluster, request, found, found.flow)
    http = _http(request, host, published=found.published is not None and found.published.ingress is not None)
    blockers = tuple(step for step in found.steps if step.verdict is not None) if flow.all_blockers else ()
    if found.ended:
        sent = connection(flow, None, port, protocol)
        way = Way(share=1.0, steps=with_target(found.steps, sent), flow=sent, over=True, blockers=blockers)
        return Aim(ways=(way,), protocol=protocol, port=port, http=http)
    if not found.addresses:
        sent = replace(connection(flow, None, port, protocol), service=found.service, target=found.canonical or name)
        way = Way(share=1.0, steps=with_target(found.steps, sent), flow=sent, blockers=blockers)
        return Aim(ways=(way,), protocol=protocol, port=port, http=http)
    ways = []
    addresses = _preferred(found, flow)
    for address in addresses:
        own = _headless_port(cluster, found, request, address, port)
        sent = connection(flow, address, own, protocol)
        steps = with_target(found.steps, sent)
        sent_ways = [Way(share=1.0, steps=steps, flow=sent, blockers=blockers)]
        if found.service is None and found.published is not None and found.published.controller is not None:
            sent_ways = _towards_controller(cluster, found.published.controller, address, sent_ways[0])
        ways += [replace(one, share=one.share / len(addresses)) for one in sent_ways]
    return Aim(ways=tuple(ways), protocol=protocol, port=port, http=http)


def with_target(steps: Sequence[Step], sent: Flow) -> tuple[Step, ...]:
    """The look-up's steps, the last of which leaves the packet with its destination."""
    return (*steps[:-1], replace(steps[-1], after=sent.packet)) if steps else ()


def _towards_controller(cluster: Cluster, controller: IngressController, address: IPAddress, way: Way) -> list[Way]:
    """An Ingress's stated address that no Service or node has leads to the controller all the same."""
    flow = way.flow
    pods = [cluster.pods[key] for key in controller.pods if key in cluster.pods and cluster.pods[key].addresses]
    own = {80: controller.http_port, 443: controller.https_port}.get(flow.packet.dst_port or 80)
    if not pods or own is None or address in cluster.services_by_address or address in cluster.nodes_by_address:
        return [way]
    ways = []
    for pod in pods:
        sent = replace(
            flow,
            packet=replace(flow.packet, dst=pod.addresses[0], dst_port=own),
            node=pod.node,
            entered=pod.node,
            at=pod.ref,
            rewritten_source=True,
        ).assuming(f"{address}, the address in the Ingress's status, is taken to lead to its controller.")
        text = f"{address} is the address of the Ingress controller: pod {pod.namespace}/{pod.name} takes the request."
        step = flow.step(Stage.LOAD_BALANCER, Action.MOVED, ADDRESS_GIVEN, text, after=sent.packet, at=pod.ref)
        ways.append(replace(way, share=way.share / len(pods), steps=(*way.steps, step), flow=sent))
    return ways


def _named_port(cluster: Cluster, request: Request, found: Resolution, flow: Flow) -> tuple[Protocol, int | None, Flow]:
    asked = request.target.port
    service = found.service
    if found.published is not None and found.published.ingress is not None:
        if isinstance(asked, str):
            raise RequestError(f"{request.target.typed}: a public host has no named ports.", fix="Write the number.")
        return request.protocol or Protocol.TCP, asked if asked is not None else 80, flow
    if service is not None and not service.external_name:
        return _service_port(service, request, flow)
    if isinstance(asked, str) and not found.ended:
        raise RequestError(f"{request.target.typed}: that name has no named ports.", fix="Write the port's number.")
    return request.protocol or Protocol.TCP, asked if isinstance(asked, int) else None, flow


def _headless_port(
    cluster: Cluster, found: Resolution, request: Request, address: IPAddress, port: int | None
) -> int | None:
    """A headless Service translates nothing: a named port is looked up (SRV), a number goes to the pod as it is."""
    service = found.service
    if service is None or not service.headless or not isinstance(request.target.port, str):
        return port
    for piece in cluster.slices.get((service.namespace, service.name), ()):
        for slice_port in piece.ports:
            if slice_port.name == request.target.port:
                for endpoint in piece.endpoints:
                    if endpoint.addresses[0] == address:
                        return slice_port.port
    return port


def _preferred(found: Resolution, flow: Flow) -> tuple[IPAddress, ...]:
    """The addresses of the family that the client uses first; every one of them for a headless name."""
    for own in flow.sender.addresses:
        same = tuple(a for a in found.addresses if a.version == own.version)
        if same:
            return same
    return found.addresses


def _aim_at_localhost(cluster: Cluster, request: Request, flow: Flow) -> Aim:
    protocol, port = request.protocol or Protocol.TCP, request.target.port
    if flow.sender.node is None:
        text = "localhost of a client outside is that client itself: the request never reaches the cluster."
        step = flow.step(
            Stage.DNS, Action.LEFT, LEFT_CLUSTER, text, verdict=Verdict.EXTERNAL, at=Ref(OUTSIDE, None, "localhost")
        )
        return _ended(request, flow, step, protocol, port if isinstance(port, int) else None)
    if isinstance(port, str):
        raise RequestError(f"{request.target.typed}: localhost has no named ports.", fix="Write the port's number.")
    if port is None:
        port = 80
        flow = flow.assuming("No port was given: 80 is asked.")
    text = "localhost is the sender's own network namespace: no DNS, no Service."
    return _direct(cluster, request, flow, ip_address("127.0.0.1"), port, protocol, text)
