"""Through an Ingress controller: the client's connection ends at it, and it opens one of its own to an endpoint."""

from __future__ import annotations

from ipaddress import ip_address

from msgspec.structs import replace

from kcnet.model.cluster import Cluster, IngressController
from kcnet.model.names import Protocol
from kcnet.model.objects import Pod
from kcnet.model.policy import Direction
from kcnet.model.trace import Action, Request, Stage, Step, Target, Verdict
from kcnet.path import ONWARD, STAGES
from kcnet.path.flow import Flow, Sender, connection
from kcnet.path.ingress import HttpRequest, Served, controller_at, serve
from kcnet.path.likeness import room, sampled
from kcnet.path.lookup import resolve
from kcnet.path.netpol import Party, isolating, peer_matches, port_matches
from kcnet.path.policy import host_network_pod
from kcnet.path.resolution import Resolution
from kcnet.reasons.ingress import INGRESS_BACKEND_UNREACHABLE, INGRESS_RETRIED
from kcnet.reasons.outcome import CANNOT_TELL
from kcnet.reasons.policy import NETPOL_INGRESS_DENIED
from kcnet.simulate.aim import aim, start, with_target
from kcnet.simulate.way import Way, connect

NGINX_TRIES = 3
"""Endpoints that ingress-nginx asks before it gives up (proxy-next-upstream-tries)."""


def _arrived(way: Way) -> bool:
    return way.over and way.steps[-1].verdict is Verdict.DELIVERED


def proxied(cluster: Cluster, way: Way, http: HttpRequest | None, request: Request) -> list[Way]:
    """If the way ends at an Ingress controller and carries HTTP, what the controller makes of it."""
    if http is None or not _arrived(way) or way.flow.packet.protocol is not Protocol.TCP:
        return [way]
    pod = pod_reached(cluster, way.flow)
    controller = controller_at(cluster, pod, way.flow.packet.dst_port) if pod is not None else None
    if pod is None or controller is None:
        return [_tls_assumption(way, http)]
    at_controller = replace(way.flow, at=pod.ref)
    served = serve(cluster, at_controller, controller, http)
    before = (*way.steps[:-1], _handed_over(way.steps[-1]))
    reached = replace(way, steps=(*before, *served.steps), flow=served.flow, over=True)
    if served.ended:
        last = served.steps[-1]
        return [replace(reached, blockers=(*way.blockers, last)) if way.flow.all_blockers else reached]
    if served.redirect:
        return _follow_redirect(cluster, reached, http, request)
    return _onward(cluster, reached, controller, pod, served)


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


def pod_reached(cluster: Cluster, flow: Flow) -> Pod | None:
    address = flow.packet.dst
    return (cluster.pods_by_address.get(address) if address else None) or host_network_pod(cluster, flow)


def _follow_redirect(cluster: Cluster, way: Way, http: HttpRequest, request: Request) -> list[Way]:
    """The client asks again for the same host and path, with https: by name, and at that scheme's own port."""
    try:
        address, name = ip_address(http.host), None
    except ValueError:
        address, name = None, http.host
    typed = request.target.typed
    target = Target(typed=typed, name=name, address=address, port=443, scheme="https", path=http.path)
    secure = Request(
        client=request.client,
        target=target,
        protocol=Protocol.TCP,
        all_blockers=request.all_blockers,
        ignore_policies=request.ignore_policies,
    )
    aimed = aim(cluster, secure, start(cluster, secure))
    follows = "The client follows redirects, as browsers do and curl -L does."
    following = [
        replace(
            one,
            share=way.share * one.share,
            steps=(*way.steps, *one.steps),
            blockers=(*way.blockers, *one.blockers),
            flow=one.flow.assuming(*way.flow.assumptions, follows),
        )
        for one in aimed.ways
    ]
    return [
        done
        for one in following
        for reached in ([one] if one.over else connect(cluster, one, STAGES))
        for done in proxied(cluster, reached, aimed.http, request)
    ]


def _onward(
    cluster: Cluster,
    way: Way,
    controller: IngressController,
    pod: Pod,
    served: Served,
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
        flow = connection(base, served.service.cluster_ips[0], served.port.port, Protocol.TCP)
        ways = connect(
            cluster, replace(way, flow=replace(flow, service=None, port=None), over=False, proxied=True), STAGES
        )
        return [_answer_of(cluster, one, controller, way) for one in ways]
    if served.external_name:
        ways = _to_name(cluster, replace(way, flow=base), served.external_name, served.external_port)
        return [_answer_of(cluster, one, controller, way) for one in ways]
    ways = []
    for backend, like in sampled(cluster, base, served.backends, room(cluster, base)):
        flow = replace(
            connection(base, backend.address, backend.port, Protocol.TCP), endpoint=backend.endpoint, translated=True
        )
        alike = 1 + len(like)
        start = replace(
            way,
            flow=flow,
            share=way.share * alike / len(served.backends),
            alike=way.alike * alike,
            like=like,
            over=False,
            proxied=True,
        )
        ways += [_answer_of(cluster, one, controller, way) for one in connect(cluster, start, ONWARD)]
    return _retried(ways, controller)


def _to_name(cluster: Cluster, way: Way, name: str, port: int | None) -> list[Way]:
    """The controller connects to a name, as any client in its place would."""
    flow = replace(way.flow, service=None, port=None)
    try:
        found = Resolution(steps=(), flow=flow, addresses=(ip_address(name),))
    except ValueError:
        found = resolve(cluster, flow, name)
    obstacles = tuple(step for step in found.steps if step.verdict is not None) if flow.all_blockers else ()
    way = replace(way, proxied=True, blockers=(*way.blockers, *obstacles))
    ways = []
    for address in found.addresses or (None,):
        sent = connection(replace(found.flow, target=found.canonical or name), address, port, Protocol.TCP)
        if address is None:
            sent = replace(sent, service=found.service)
        steps = (*way.steps, *with_target(found.steps, sent))
        start = replace(way, flow=sent, share=way.share / (len(found.addresses) or 1), steps=steps, over=found.ended)
        ways += [start] if found.ended else connect(cluster, start, STAGES)
    return ways


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
        status = 504 if decider.verdict is Verdict.TIMEOUT else 502
        what = "gets no answer" if status == 504 else "is refused"
        if decider.verdict is Verdict.UNRESOLVED:
            what = "has no address to go to"
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
    assert flow.packet.dst is not None
    pod = cluster.pods_by_address[flow.packet.dst]
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
    n, b = (sum(way.alike for way in some) for some in (ways, bad))
    hopeless = 1.0
    for tried in range(NGINX_TRIES):
        hopeless *= max(b - tried, 0) / (n - tried) if n > tried else 0.0
    text = f"{b} of {n} endpoints do not answer; the controller then asks another one, {NGINX_TRIES} tries in all."
    share = total * (1 - hopeless) / (n - b)
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
        steps = (*way.steps[: place + 1], step, *way.steps[place + 1 :])
        result.append(replace(way, share=share * way.alike, steps=steps))
    if hopeless > 0:
        result += [replace(way, share=total * hopeless * way.alike / b) for way in bad]
    return result
