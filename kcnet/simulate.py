"""From a request to its trace: look the name up, connect, and let a proxy connect onward.

Each stage of a connection is in ``kcnet.path``; this module folds them, follows every branch with its share, and sums
the branches up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kcnet.model.cluster import Cluster, IngressController
from kcnet.model.names import IPAddress, Protocol, Ref
from kcnet.model.objects import Pod, Service, ServiceType
from kcnet.model.policy import Direction
from kcnet.model.trace import (
    Action,
    Because,
    Client,
    Destination,
    Packet,
    Path,
    Reason,
    Request,
    Stage,
    Step,
    Trace,
    Verdict,
)
from kcnet.outcome import client_sees, repair_of, summarise
from kcnet.path import ONWARD, STAGES
from kcnet.path.flow import EPHEMERAL_PORT, OUTSIDE, Flow, Sender, StageFunction
from kcnet.path.ingress import HttpRequest, Served, controller_at, serve
from kcnet.path.lookup import Resolution, pending, resolve
from kcnet.path.policy import Party, host_network_pod, isolating, peer_matches, port_matches
from kcnet.reasons.dns import ADDRESS_GIVEN
from kcnet.reasons.endpoint import POD_NO_ADDRESS
from kcnet.reasons.ingress import INGRESS_BACKEND_UNREACHABLE, INGRESS_RETRIED
from kcnet.reasons.outcome import CANNOT_TELL, DELIVERED, LEFT_CLUSTER
from kcnet.reasons.policy import NETPOL_INGRESS_DENIED
from kcnet.reasons.route import NOT_ROUTABLE, RETURN_PATH
from kcnet.request import RequestError

NGINX_TRIES = 3
"""Endpoints that ingress-nginx asks before it gives up (proxy-next-upstream-tries)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One branch of the request so far."""

    share: float
    steps: tuple[Step, ...]
    flow: Flow
    over: bool = False
    blockers: tuple[Step, ...] = ()

    @property
    def verdict(self) -> Verdict:
        return self.decider.verdict or Verdict.UNKNOWN

    @property
    def decider(self) -> Step:
        """The step that decides what became of it: the first obstacle, else the last step."""
        if self.blockers:
            return self.blockers[0]
        return self.steps[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    all_blockers: bool = False


def trace(cluster: Cluster, request: Request) -> Trace:
    """Follow ``request`` through ``cluster``. Raises RequestError where the target cannot be asked as it stands."""
    start = _start(cluster, request)
    options = Options(all_blockers=request.all_blockers)
    aim = _aim(cluster, request, start, options)
    ways = [
        done
        for way in aim.ways
        for reached in (connect(cluster, way, STAGES, options) if not way.over else [way])
        for done in _proxied(cluster, reached, aim.http, options, request)
    ]
    return _sum_up(cluster, request, aim, ways)


# Where the request is sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """The connections that the client may open, after it has looked the name up."""

    ways: tuple[Way, ...]
    protocol: Protocol
    port: int | None
    http: HttpRequest | None


def _start(cluster: Cluster, request: Request) -> Flow:
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
    )


def _aim(cluster: Cluster, request: Request, flow: Flow, options: Options) -> Aim:
    target = request.target
    if target.ref is not None:
        match target.ref.kind:
            case "Service":
                return _aim_at_service(cluster, request, flow, cluster.services[_key(target.ref)], options)
            case "Node":
                return _aim_at_node(cluster, request, flow, target.ref)
            case _:
                return _aim_at_pod(cluster, request, flow, cluster.pods[_key(target.ref)])
    if target.address is not None:
        return _aim_at_address(cluster, request, flow, target.address)
    assert target.name is not None
    return _aim_at_name(cluster, request, flow, target.name, options)


def _key(ref: Ref) -> tuple[str, str]:
    return ref.namespace or "", ref.name


def _http(request: Request, host: str, published: bool = False) -> HttpRequest | None:
    """What an HTTP proxy on the way would read; None for a request that is not known to be HTTP."""
    target = request.target
    if target.scheme is None and request.host is None and not published:
        return None
    return HttpRequest(scheme=target.scheme, host=(request.host or host).lower().rstrip("."), path=target.path or "/")


def _sent(flow: Flow, address: IPAddress | None, port: int | None, protocol: Protocol) -> Flow:
    """The connection's first packet, which its own node sees first."""
    source = flow.sender.address_towards(address)
    packet = Packet(src=source, src_port=EPHEMERAL_PORT, dst=address, dst_port=port, protocol=protocol)
    inside = flow.node is None or (address is not None and address.is_loopback)
    return replace(flow, packet=packet, at=flow.at if inside else Ref("Node", None, flow.node or ""))


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
    sent = _sent(flow, address, port, protocol)
    step = sent.step(Stage.DNS, Action.SKIPPED, ADDRESS_GIVEN, text, because=because, at=flow.at)
    way = Way(share=1.0, steps=(step,), flow=sent)
    return Aim(ways=(way,), protocol=protocol, port=port, http=_http(request, host or str(address)))


def _ended(request: Request, flow: Flow, step: Step, protocol: Protocol, port: int | None) -> Aim:
    way = Way(share=1.0, steps=(step,), flow=flow, over=True)
    return Aim(ways=(way,), protocol=protocol, port=port, http=None)


def _aim_at_pod(cluster: Cluster, request: Request, flow: Flow, pod: Pod) -> Aim:
    protocol, port, flow = _pod_port(pod, request, flow)
    name = f"pod {pod.namespace}/{pod.name}"
    address = _same_family(pod.addresses, flow)
    if address is None:
        why = pod.pending_because or f"its phase is {pod.phase}"
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
    if stated is not None:
        return _aim_at_stated_ingress(cluster, request, flow, address, port, protocol, stated)
    text = f"{address} is an address: nothing is looked up."
    return _direct(cluster, request, flow, address, port, protocol, text)


def _stated_by_ingress(cluster: Cluster, address: IPAddress) -> IngressController | None:
    """The controller behind an address that an Ingress's status states and that no Service or node has."""
    if address in cluster.services_by_address or address in cluster.nodes_by_address:
        return None
    from kcnet.path.public import controller_of

    for ingress in cluster.ingresses.values():
        if any(entry.address == address for entry in ingress.load_balancer):
            found = controller_of(cluster, ingress)
            if not isinstance(found, str):
                return found
    return None


def _aim_at_stated_ingress(
    cluster: Cluster,
    request: Request,
    flow: Flow,
    address: IPAddress,
    port: int | None,
    protocol: Protocol,
    controller: IngressController,
) -> Aim:
    """The address leads to the controller in a way that no manifest tells: it is taken to arrive there."""
    asked = port if port is not None else 80
    own = {80: controller.http_port, 443: controller.https_port}.get(asked)
    pods = [cluster.pods[key] for key in controller.pods if key in cluster.pods and cluster.pods[key].addresses]
    if own is None or not pods:
        text = f"{address} is an address: nothing is looked up."
        return _direct(cluster, request, flow, address, port, protocol, text)
    flow = flow.assuming(f"{address}, the address in the Ingress's status, is taken to lead to its controller.")
    ways = []
    for pod in pods:
        sent = replace(
            _sent(flow, pod.addresses[0], own, protocol),
            node=pod.node,
            entered=pod.node,
            at=pod.ref,
            rewritten_source=True,
        )
        text = f"{address} is the address of the Ingress controller: pod {pod.namespace}/{pod.name} takes the request."
        ways.append(
            Way(
                share=1 / len(pods),
                steps=(sent.step(Stage.LOAD_BALANCER, Action.MOVED, ADDRESS_GIVEN, text),),
                flow=sent,
            )
        )
    return Aim(ways=tuple(ways), protocol=protocol, port=asked, http=_http(request, str(address), published=True))


def _service_port(service: Service, request: Request, flow: Flow) -> tuple[Protocol, int | None, Flow]:
    """Protocol and port number of a Service for what was asked: a number as it is, a name, or the likeliest one."""
    asked = request.target.port
    name = f"{service.ref}"
    if isinstance(asked, int):
        return request.protocol or Protocol.TCP, asked, flow
    if isinstance(asked, str):
        named = next((p for p in service.ports if p.name == asked), None)
        if named is None:
            names = ", ".join(p.name for p in service.ports if p.name) or "no named port"
            raise RequestError(f"{name} has no port named {asked!r}.", fix=f"It has {names}.")
        return request.protocol or named.protocol, named.port, flow
    fitting = [p for p in service.ports if request.protocol in (None, p.protocol)] or list(service.ports)
    if not fitting:
        return request.protocol or Protocol.TCP, None, flow
    chosen = next((p for p in fitting if p.port == 80), fitting[0]) if len(fitting) > 1 else fitting[0]
    if len(service.ports) > 1:
        flow = flow.assuming(f"No port was given: port {chosen.port} of {name} is asked.")
    return request.protocol or chosen.protocol, chosen.port, flow


def _aim_at_service(cluster: Cluster, request: Request, flow: Flow, service: Service, options: Options) -> Aim:
    protocol, port, flow = _service_port(service, request, flow)
    if flow.sender.node is None:
        return _aim_from_outside(cluster, request, flow, service, protocol, port)
    if service.type is ServiceType.EXTERNAL_NAME or service.headless:
        name = f"{service.name}.{service.namespace}.svc.{cluster.domain}"
        return _aim_at_name(cluster, request, flow, name + ".", options)
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
            named = replace(_sent(flow, None, port, protocol), service=service)
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
        sent = replace(_sent(flow, None, by_node_port.node_port, protocol), service=service, port=by_node_port)
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
    from kcnet.reasons.dns import DNS_NXDOMAIN

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


def _aim_at_name(cluster: Cluster, request: Request, flow: Flow, name: str, options: Options) -> Aim:
    target = request.target
    host = (target.name or name).lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return _aim_at_localhost(cluster, request, flow)
    found = resolve(cluster, flow, name, all_blockers=options.all_blockers)
    protocol, port, flow = _named_port(cluster, request, found, found.flow)
    http = _http(request, host, published=found.published is not None and found.published.ingress is not None)
    blockers = tuple(step for step in found.steps if step.verdict is not None) if options.all_blockers else ()
    if found.ended:
        sent = _sent(flow, None, port, protocol)
        way = Way(share=1.0, steps=_with_target(found.steps, sent), flow=sent, over=True, blockers=blockers)
        return Aim(ways=(way,), protocol=protocol, port=port, http=http)
    if not found.addresses:
        sent = replace(_sent(flow, None, port, protocol), service=found.service, target=found.canonical or name)
        way = Way(share=1.0, steps=_with_target(found.steps, sent), flow=sent, blockers=blockers)
        return Aim(ways=(way,), protocol=protocol, port=port, http=http)
    ways = []
    addresses = _preferred(found, flow)
    for address in addresses:
        own = _headless_port(cluster, found, request, address, port)
        sent = _sent(flow, address, own, protocol)
        steps = _with_target(found.steps, sent)
        if found.service is None and found.published is not None and found.published.controller is not None:
            sent_ways = _towards_controller(cluster, found.published.controller, address, sent, steps, blockers)
        else:
            sent_ways = [Way(share=1.0, steps=steps, flow=sent, blockers=blockers)]
        ways += [replace(one, share=one.share / len(addresses)) for one in sent_ways]
    return Aim(ways=tuple(ways), protocol=protocol, port=port, http=http)


def _with_target(steps: Sequence[Step], sent: Flow) -> tuple[Step, ...]:
    """The look-up's steps, the last of which leaves the packet with its destination."""
    return (*steps[:-1], replace(steps[-1], after=sent.packet)) if steps else ()


def _towards_controller(
    cluster: Cluster,
    controller: IngressController,
    address: IPAddress,
    flow: Flow,
    steps: tuple[Step, ...],
    blockers: tuple[Step, ...],
) -> list[Way]:
    """An Ingress's stated address that no Service has leads to the controller all the same."""
    if address in cluster.services_by_address or address in cluster.nodes_by_address:
        return [Way(share=1.0, steps=steps, flow=flow, blockers=blockers)]
    pods = [cluster.pods[key] for key in controller.pods if key in cluster.pods and cluster.pods[key].addresses]
    own = {80: controller.http_port, 443: controller.https_port}.get(flow.packet.dst_port or 80)
    if not pods or own is None:
        return [Way(share=1.0, steps=steps, flow=flow, blockers=blockers)]
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
        ways.append(Way(share=1 / len(pods), steps=steps, flow=sent, blockers=blockers))
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
    from ipaddress import ip_address

    protocol, port = request.protocol or Protocol.TCP, request.target.port
    if flow.sender.node is None:
        text = "localhost of a client outside is that client itself: the request never reaches the cluster."
        step = flow.step(
            Stage.DNS, Action.LEFT, LEFT_CLUSTER, text, verdict=Verdict.EXTERNAL, at=Ref(OUTSIDE, None, "localhost")
        )
        return _ended(request, flow, step, protocol, port if isinstance(port, int) else None)
    if not isinstance(port, int):
        port = 80
        flow = flow.assuming("No port was given: 80 is asked.")
    text = "localhost is the sender's own network namespace: no DNS, no Service."
    return _direct(cluster, request, flow, ip_address("127.0.0.1"), port, protocol, text)


# On its way


def connect(cluster: Cluster, way: Way, stages: Sequence[StageFunction], options: Options) -> list[Way]:
    """Fold the stages over one connection; every way it may take, with its share."""
    under_way = [way]
    for stage in stages:
        following: list[Way] = []
        for one in under_way:
            if one.over:
                following.append(one)
            else:
                following.extend(_through(cluster, one, stage, options))
        under_way = following
    return [one if one.over else _lost(one) for one in under_way]


def _through(cluster: Cluster, way: Way, stage: StageFunction, options: Options) -> Iterator[Way]:
    branches = stage(cluster, way.flow)
    if not branches:
        yield way
        return
    for branch in branches:
        steps = (*way.steps, *branch.steps)
        share = way.share * branch.share
        last = branch.steps[-1] if branch.steps else None
        flow = branch.flow or way.flow
        if last is None or last.verdict is None:
            yield replace(way, share=share, steps=steps, flow=flow)
        elif last.verdict is Verdict.DELIVERED:
            yield replace(way, share=share, steps=steps, flow=flow, over=True)
        elif options.all_blockers:
            blockers = (*way.blockers, last)
            yield replace(way, share=share, steps=steps, flow=flow, blockers=blockers, over=branch.flow is None)
        else:
            yield replace(way, share=share, steps=steps, flow=flow, over=True)


def _lost(way: Way) -> Way:
    """A packet that no stage has taken to an end: there is nothing where it is sent."""
    text = f"Nothing in the cluster answers at {way.flow.packet.dst}."
    step = way.flow.step(Stage.ROUTE, Action.DROPPED, NOT_ROUTABLE, text, verdict=Verdict.TIMEOUT)
    return replace(way, steps=(*way.steps, step), over=True)


# Through an Ingress controller


def _arrived(way: Way) -> bool:
    return way.over and way.steps[-1].verdict is Verdict.DELIVERED


def _proxied(
    cluster: Cluster, way: Way, http: HttpRequest | None, options: Options, request: Request, redirected: bool = False
) -> list[Way]:
    """If the way ends at an Ingress controller and carries HTTP, what the controller makes of it."""
    if http is None or not _arrived(way) or way.flow.packet.protocol is not Protocol.TCP:
        return [way]
    pod = _pod_reached(cluster, way.flow)
    controller = controller_at(cluster, pod, way.flow.packet.dst_port) if pod is not None else None
    if pod is None or controller is None:
        return [_tls_assumption(way, http)]
    at_controller = replace(way.flow, at=pod.ref)
    served = serve(cluster, at_controller, controller, http)
    before = (*way.steps[:-1], _handed_over(way.steps[-1]))
    reached = replace(way, steps=(*before, *served.steps), flow=served.flow, over=True)
    if served.ended:
        last = served.steps[-1]
        return [replace(reached, blockers=(*way.blockers, last)) if options.all_blockers else reached]
    if served.redirect:
        return _follow_redirect(cluster, reached, http, options, request, redirected)
    return _onward(cluster, reached, controller, pod, served, options)


def _handed_over(step: Step) -> Step:
    """The controller's own listening socket is not where the request ends."""
    return replace(step, verdict=None)


def _tls_assumption(way: Way, http: HttpRequest) -> Way:
    if http.scheme != "https":
        return way
    port = way.flow.packet.dst_port
    return replace(
        way,
        flow=way.flow.assuming(
            f"What listens on port {port} is taken to speak TLS, with a certificate for {http.host}."
        ),
    )


def _pod_reached(cluster: Cluster, flow: Flow) -> Pod | None:
    if flow.packet.dst is None:
        return None
    return cluster.pods_by_address.get(flow.packet.dst) or host_network_pod(cluster, flow)


def _follow_redirect(
    cluster: Cluster, way: Way, http: HttpRequest, options: Options, request: Request, redirected: bool
) -> list[Way]:
    """The client asks again, with https, at the address that it has already found."""
    if redirected:
        return [way]
    first = way.steps[0]
    flow = _start(cluster, request)
    again = _sent(flow, first.after.dst, 443, Protocol.TCP)
    again = replace(again, assumptions=way.flow.assumptions).assuming(
        "The client follows redirects, as browsers do and curl -L does."
    )
    if first.after.dst is None:
        again = replace(again, service=way.flow.service)
    following = replace(way, flow=again, over=False)
    secure = replace(http, scheme="https")
    return [
        done
        for reached in connect(cluster, following, STAGES, options)
        for done in _proxied(cluster, reached, secure, options, request, redirected=True)
    ]


def _onward(
    cluster: Cluster,
    way: Way,
    controller: IngressController,
    pod: Pod,
    served: Served,
    options: Options,
) -> list[Way]:
    sender = Sender(ref=pod.ref, address=pod.addresses[0], addresses=pod.addresses, pod=pod, node=pod.node)
    base = replace(
        served.flow,
        sender=sender,
        node=pod.node,
        at=pod.ref,
        service=served.service,
        port=served.port,
        endpoint=None,
        translated=False,
        masquerade=None,
        entered=None,
        rewritten_source=False,
    )
    if served.by_cluster_ip and served.service is not None and served.port is not None:
        flow = _sent(base, served.service.cluster_ips[0], served.port.port, Protocol.TCP)
        ways = connect(cluster, replace(way, flow=replace(flow, service=None, port=None), over=False), STAGES, options)
        return [_answer_of(cluster, one, controller, way) for one in ways]
    ways = []
    for backend in served.backends:
        flow = replace(
            _sent(base, backend.address, backend.port, Protocol.TCP), endpoint=backend.endpoint, translated=True
        )
        start = replace(way, flow=flow, share=way.share / len(served.backends), over=False)
        ways += [_answer_of(cluster, one, controller, way) for one in connect(cluster, start, ONWARD, options)]
    return _retried(ways, controller)


def _answer_of(cluster: Cluster, way: Way, controller: IngressController, before: Way) -> Way:
    """What the controller tells the client of its own connection to an endpoint."""
    own = way.blockers[len(before.blockers) :]
    decider = own[0] if own else way.steps[-1]
    if decider.verdict in (Verdict.DELIVERED, Verdict.EXTERNAL, Verdict.UNKNOWN) or before.blockers:
        return way
    if controller.assumed and decider.reason is NETPOL_INGRESS_DENIED and _might_admit(cluster, way, decider):
        text = (
            "No Ingress controller is in these manifests. The policies that isolate the pod admit pods of namespaces "
            "that are not in them either: whether the real controller is one of those cannot be known."
        )
        repair = "Add the controller's manifests, or name its workload as ingressController in a Cluster document."
        step = way.flow.step(
            Stage.INGRESS,
            Action.UNDECIDED,
            CANNOT_TELL,
            text,
            because=decider.because,
            repair=repair,
            verdict=Verdict.UNKNOWN,
            at=before.flow.at,
        )
    else:
        status = 502 if decider.verdict is Verdict.REFUSED else 504
        what = "is refused" if status == 502 else "gets no answer"
        text = f"The controller's connection to the endpoint {what}: it answers {status}."
        step = way.flow.step(
            Stage.INGRESS,
            Action.ANSWERED,
            INGRESS_BACKEND_UNREACHABLE,
            text,
            because=decider.because,
            considered=decider.considered,
            look=decider.look,
            repair=decider.repair,
            verdict=Verdict.HTTP_ERROR,
            http_status=status,
            at=before.flow.at,
        )
    blockers = (*before.blockers, step, *own) if own else way.blockers
    return replace(way, steps=(*way.steps, step), blockers=blockers, over=True)


def _might_admit(cluster: Cluster, way: Way, decider: Step) -> bool:
    """Whether an isolating policy admits pods of namespaces that no manifest shows: the real controller may be one."""
    flow = way.flow
    pod = cluster.pods_by_address.get(flow.packet.dst) if flow.packet.dst else None
    if pod is None:
        return False
    known = [namespace.labels for namespace in cluster.namespaces.values()]
    for policy in isolating(cluster, pod, Direction.INGRESS):
        for rule in policy.ingress:
            if rule.ports and not any(
                port_matches(p, pod, flow.packet.dst_port, flow.packet.protocol) for p in rule.ports
            ):
                continue
            for peer in rule.peers:
                selector = peer.namespace_selector
                if selector is not None and not any(selector.matches(labels) for labels in known):
                    return True
                if (
                    selector is None
                    and peer.ip_block is not None
                    and peer_matches(cluster, policy.namespace, peer, Party(None, None)) is not False
                ):
                    return True
    return False


def _retried(ways: list[Way], controller: IngressController) -> list[Way]:
    """ingress-nginx asks another endpoint after one that refuses or does not answer: three tries in all."""
    good = [way for way in ways if way.verdict is Verdict.DELIVERED]
    bad = [way for way in ways if way.decider.reason is INGRESS_BACKEND_UNREACHABLE]
    if controller.flavour != "ingress-nginx" or not good or not bad or len(good) + len(bad) != len(ways):
        return ways
    total = sum(way.share for way in ways)
    n, b = len(ways), len(bad)
    hopeless = 1.0
    for tried in range(NGINX_TRIES):
        hopeless *= max(b - tried, 0) / (n - tried) if n > tried else 0.0
    text = f"{b} of {n} endpoints do not answer; the controller then asks another one, {NGINX_TRIES} tries in all."
    share = total * (1 - hopeless) / len(good)
    result = []
    for way in good:
        note = bad[0].decider
        step = replace(
            note, action=Action.SKIPPED, reason=INGRESS_RETRIED, text=text, verdict=None, http_status=None, repair=""
        )
        place = next(i for i, s in enumerate(way.steps) if s.stage is Stage.INGRESS and s.at == step.at)
        while place + 1 < len(way.steps) and way.steps[place + 1].stage is Stage.INGRESS:
            place += 1
        step = replace(step, before=way.steps[place].after, after=way.steps[place].after)
        result.append(replace(way, share=share, steps=(*way.steps[: place + 1], step, *way.steps[place + 1 :])))
    if hopeless > 0:
        result += [replace(way, share=total * hopeless / b) for way in bad]
    return result


# Summing up


def _sum_up(cluster: Cluster, request: Request, aim: Aim, ways: list[Way]) -> Trace:
    paths = tuple(_path(cluster, way) for way in ways)
    verdict = overall({path.verdict for path in paths})
    if verdict is Verdict.PARTIAL:
        deciding = next(path for path in paths if path.verdict is not Verdict.DELIVERED)
    else:
        deciding = paths[0]
    assumptions = _assumptions(cluster, ways)
    blockers = tuple({(s.reason.code, s.text): s for way in ways for s in way.blockers}.values())
    return Trace(
        request=request,
        protocol=aim.protocol,
        port=aim.port,
        verdict=verdict,
        reason=deciding.reason,
        summary=summarise(request, verdict, paths, deciding),
        client_sees=client_sees(request, aim.protocol, aim.port, verdict, paths, deciding),
        paths=paths,
        http_status=deciding.http_status if verdict is not Verdict.PARTIAL else None,
        assumptions=assumptions,
        repair=repair_of(verdict, deciding),
        blockers=blockers,
    )


def overall(verdicts: set[Verdict]) -> Verdict:
    if len(verdicts) == 1:
        return next(iter(verdicts))
    return Verdict.PARTIAL if Verdict.DELIVERED in verdicts else Verdict.MIXED


def _path(cluster: Cluster, way: Way) -> Path:
    decider = way.decider
    reason: Reason = decider.reason
    verdict = way.verdict
    if verdict is Verdict.DELIVERED:
        reason = DELIVERED
    destination = _destination(cluster, way, decider)
    steps = way.steps
    if verdict is Verdict.DELIVERED:
        steps = (*steps, _way_back(cluster, way))
    return Path(
        verdict=verdict,
        reason=reason,
        probability=way.share,
        steps=steps,
        destination=destination,
        source_seen=way.flow.packet.src if verdict is Verdict.DELIVERED or _met(way) else None,
        http_status=decider.http_status,
        blockers=way.blockers,
    )


def _met(way: Way) -> bool:
    """Whether the endpoint itself saw the packet, though it did not take it."""
    return any(step.stage is Stage.ENDPOINT for step in way.steps[-2:])


def _destination(cluster: Cluster, way: Way, decider: Step) -> Destination | None:
    packet = way.flow.packet
    if decider.verdict is Verdict.EXTERNAL:
        at = way.steps[-1].at
        name = at.name if at.kind == OUTSIDE else way.flow.target
        return Destination(kind=OUTSIDE, namespace=None, name=name, address=packet.dst, port=packet.dst_port, node=None)
    if packet.dst is None:
        return None
    if packet.dst.is_loopback:
        pod: Pod | None = way.flow.sender.pod
    else:
        pod = _pod_reached(cluster, way.flow)
    if pod is not None and (way.flow.node is not None or way.flow.translated):
        return Destination(
            kind="Pod",
            namespace=pod.namespace,
            name=pod.name,
            address=pod.address if packet.dst.is_loopback else packet.dst,
            port=packet.dst_port,
            node=pod.node,
        )
    node = cluster.nodes_by_address.get(packet.dst)
    if node is not None and decider.stage is Stage.ENDPOINT:
        return Destination(
            kind="Node", namespace=None, name=node.name, address=packet.dst, port=packet.dst_port, node=node.name
        )
    if way.flow.translated:
        return Destination(
            kind="Address", namespace=None, name=str(packet.dst), address=packet.dst, port=packet.dst_port, node=None
        )
    return None


def _way_back(cluster: Cluster, way: Way) -> Step:
    rewritten = [step for step in way.steps if step.stage is Stage.NAT and step.action is Action.REWROTE]
    if rewritten:
        places = list(dict.fromkeys(step.at.name for step in rewritten))
        at = " and ".join(places[:2])
        text = (
            f"The reply goes back the same way: conntrack on {at} undoes what was rewritten. No policy is asked again."
        )
    else:
        text = "The reply goes straight back to the source address; policies always let replies through."
    return way.flow.step(Stage.RETURN, Action.MOVED, RETURN_PATH, text, at=way.steps[-1].at)


SUBJECTS: tuple[tuple[str, frozenset[Stage]], ...] = (
    ("dns", frozenset((Stage.DNS,))),
    ("load-balancer", frozenset((Stage.LOAD_BALANCER,))),
    ("ingress-controller", frozenset((Stage.INGRESS,))),
    ("nodes", frozenset((Stage.ROUTE, Stage.NAT, Stage.SERVICE))),
    ("cni", frozenset((Stage.EGRESS_POLICY, Stage.INGRESS_POLICY))),
    ("topology", frozenset((Stage.SERVICE,))),
)
"""Assumptions about the whole cluster, with the stages that rest on them."""


def _assumptions(cluster: Cluster, ways: Sequence[Way]) -> tuple[str, ...]:
    own = [text for way in ways for text in way.flow.assumptions]
    stages = {step.stage for way in ways for step in way.steps if step.reason is not ADDRESS_GIVEN}
    judged = {step.stage for way in ways for step in way.steps if step.because}
    general = []
    for subject, where in SUBJECTS:
        text = cluster.assumptions.get(subject)
        if text and where & (judged if subject == "cni" else stages):
            general.append(text)
    return tuple(dict.fromkeys((*own, *general)))


def client_at(cluster: Cluster, pod: Pod) -> Client:
    """The client that a pod is, for requests that are made up by code."""
    assert pod.address is not None
    return Client(ref=pod.ref, address=pod.address, addresses=pod.addresses, node=pod.node)
