"""Summing up: from the ways that a request may go to its trace, and what became of it in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.names import Protocol, Ref
from kcnet.model.objects import Pod
from kcnet.model.trace import Action, Destination, Path, Request, Stage, Step, Trace, Verdict
from kcnet.path.flow import OUTSIDE
from kcnet.reasons.dns import ADDRESS_GIVEN
from kcnet.reasons.ingress import INGRESS_BACKEND_NO_ENDPOINTS, INGRESS_REDIRECTED
from kcnet.reasons.outcome import DELIVERED
from kcnet.reasons.route import RETURN_PATH
from kcnet.reasons.service import SERVICE_NO_ENDPOINTS
from kcnet.simulate.aim import Aim
from kcnet.simulate.proxied import pod_reached
from kcnet.simulate.way import Way

_BEFORE_THE_CHOICE = (Stage.DNS, Stage.LOAD_BALANCER, Stage.SERVICE)
"""A request that ends in one of these ends before an endpoint is chosen."""

HTTP_STATUS = {
    400: "Bad Request",
    404: "Not Found",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


def sum_up(cluster: Cluster, request: Request, aim: Aim, ways: list[Way]) -> Trace:
    paths = _merged(_path(cluster, way) for way in ways)
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


def _merged(paths: Iterable[Path]) -> tuple[Path, ...]:
    """One path for all ways that end alike: the node by which a load balancer enters counts only if the endpoint sees
    another source for it."""
    found: dict[object, Path] = {}
    for path in paths:
        key = (path.verdict, path.reason.code, path.http_status, path.destination, path.source_seen)
        if (known := found.get(key)) is not None:
            alike = max(known.alike, path.alike)
            path = replace(known, probability=min(1.0, known.share + path.share) / alike, alike=alike)
        found[key] = path
    return tuple(found.values())


def overall(verdicts: set[Verdict]) -> Verdict:
    if len(verdicts) == 1:
        return next(iter(verdicts))
    return Verdict.PARTIAL if Verdict.DELIVERED in verdicts else Verdict.MIXED


def _path(cluster: Cluster, way: Way) -> Path:
    decider = way.decider
    reason = decider.reason
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
        probability=way.share / way.alike,
        steps=steps,
        destination=destination,
        source_seen=way.flow.packet.src if verdict is Verdict.DELIVERED or _met(way) else None,
        http_status=decider.http_status,
        blockers=way.blockers,
        alike=way.alike,
        like=way.like,
    )


def _met(way: Way) -> bool:
    """Whether the endpoint itself saw the packet, though it did not take it."""
    return any(step.stage is Stage.ENDPOINT for step in way.steps[-2:]) and not _by_the_proxy(way, way.decider)


def _before_the_choice(way: Way, decider: Step) -> bool:
    return decider.stage in _BEFORE_THE_CHOICE or _by_the_proxy(way, decider)


def _by_the_proxy(way: Way, decider: Step) -> bool:
    """Whether an Ingress controller ended the request before it opened a connection of its own."""
    return decider.stage is Stage.INGRESS and not way.proxied


def _destination(cluster: Cluster, way: Way, decider: Step) -> Destination | None:
    packet = way.flow.packet
    if decider.verdict is Verdict.EXTERNAL:
        at = way.steps[-1].at
        name = at.name if at.kind == OUTSIDE else way.flow.target
        return Destination(kind=OUTSIDE, namespace=None, name=name, address=packet.dst, port=packet.dst_port, node=None)
    if packet.dst is None or (_before_the_choice(way, decider) and not way.blockers):
        return None
    if packet.dst.is_loopback and not way.flow.sender.is_node:
        pod: Pod | None = way.flow.sender.pod
    else:
        pod = pod_reached(cluster, way.flow)
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
        places = list(dict.fromkeys(step.at.name for step in rewritten if step.at.kind == "Node"))
        at = " and ".join(places[:2]) or "the way"
        text = (
            f"The reply goes back the same way: conntrack on {at} undoes what was rewritten. No policy is asked again."
        )
    else:
        text = "The reply goes straight back to the source address; policies always let replies through."
    return way.flow.step(
        Stage.RETURN,
        Action.MOVED,
        RETURN_PATH,
        text,
        at=way.steps[-1].at,
        brief=text.split(":")[0].split(";")[0].removeprefix("The reply goes ").rstrip("."),
    )


SUBJECTS: tuple[tuple[str, frozenset[Stage]], ...] = (
    ("dns", frozenset((Stage.DNS,))),
    ("load-balancer", frozenset((Stage.LOAD_BALANCER,))),
    ("ingress-controller", frozenset((Stage.INGRESS,))),
    ("nodes", frozenset((Stage.ROUTE, Stage.NAT, Stage.SERVICE))),
    ("cni", frozenset((Stage.EGRESS_POLICY, Stage.INGRESS_POLICY))),
    ("topology", frozenset((Stage.SERVICE,))),
    ("unread", frozenset(Stage)),
    ("unmade", frozenset((Stage.SERVICE, Stage.INGRESS))),
)
"""Assumptions about the whole cluster, with the stages that rest on them."""

NO_ENDPOINTS = (SERVICE_NO_ENDPOINTS, INGRESS_BACKEND_NO_ENDPOINTS)


def _assumptions(cluster: Cluster, ways: Sequence[Way]) -> tuple[str, ...]:
    own = [text for way in ways for text in way.flow.assumptions]
    stages = {step.stage for way in ways for step in way.steps if step.reason is not ADDRESS_GIVEN}
    judged = {step.stage for way in ways for step in way.steps if step.because}
    resolved = {Stage.DNS for way in ways for step in way.steps if step.stage is Stage.DNS and step.at.kind == "Pod"}
    empty = {step.stage for way in ways for step in way.steps if step.reason in NO_ENDPOINTS}
    relevant = {"cni": judged, "dns": resolved & stages, "unmade": empty}
    general = []
    for subject, where in SUBJECTS:
        text = cluster.assumptions.get(subject)
        if text and where & relevant.get(subject, stages):
            general.append(text)
    return tuple(dict.fromkeys((*own, *general)))


def summarise(request: Request, verdict: Verdict, paths: Sequence[Path], deciding: Path) -> str:
    """One sentence for a person."""
    who = _client(request)
    target = request.target.typed
    if verdict is Verdict.DELIVERED:
        return f"{who} reaches {target}: {_endpoints(paths)}."
    if verdict is Verdict.PARTIAL:
        good = sum(path.share for path in paths if path.verdict is Verdict.DELIVERED)
        return f"{who} reaches {target} in {_percent(good)} of new connections only; otherwise: {deciding.last.text}"
    if verdict is Verdict.MIXED:
        return f"{who} does not reach {target}, in more than one way; the first: {deciding.last.text}"
    if verdict is Verdict.EXTERNAL:
        if request.client.node is None:
            return f"{who} → {target} does not lead into the cluster, as far as these manifests tell."
        return f"{who} → {target} leaves the cluster; what happens there cannot be known from these manifests."
    if verdict is Verdict.UNKNOWN:
        return f"Whether {who} reaches {target} cannot be known from these manifests: {deciding.last.text}"
    return f"{who} does not reach {target}: {deciding.last.text}"


def _client(request: Request) -> str:
    ref = request.client.ref
    if ref.kind == "Pod":
        return f"{ref.namespace}/{ref.name}"
    return ref.name


def _endpoints(paths: Sequence[Path]) -> str:
    followed = [Ref(end.kind, end.namespace, end.name) for path in paths if (end := path.destination) is not None]
    names = list(dict.fromkeys((*followed, *(name for path in paths for name in path.like))))
    if len(names) == 1:
        kind, _, name = str(names[0]).partition(" ")
        return f"{kind.lower()} {name} answers"
    return f"one of {len(names)} endpoints answers" if names else "it is answered"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %" if 0.005 < share < 0.995 else f"{share * 100:.1f} %"


def client_sees(
    request: Request, protocol: Protocol, port: int | None, verdict: Verdict, paths: Sequence[Path], deciding: Path
) -> str:
    """What curl (over TCP) or the application (over UDP and SCTP) would report."""
    if verdict is Verdict.PARTIAL:
        good = sum(path.share for path in paths if path.verdict is Verdict.DELIVERED)
        bad = _one(request, protocol, port, deciding, paths)
        return f"an answer in {_percent(good)} of new connections; otherwise {bad}"
    if verdict is Verdict.MIXED:
        kinds = Counter(path.verdict for path in paths)
        seen = {kind: next(path for path in paths if path.verdict is kind) for kind in kinds}
        return "; or ".join(_one(request, protocol, port, path, paths) for path in seen.values())
    seen_by_client = _one(request, protocol, port, deciding, paths)
    if any(step.reason is INGRESS_REDIRECTED for step in deciding.steps):
        return f"HTTP 308 Permanent Redirect to https; with curl -L, or in a browser: {seen_by_client}"
    return seen_by_client


def _one(request: Request, protocol: Protocol, port: int | None, path: Path, paths: Sequence[Path]) -> str:
    host = request.target.name or _address(request)
    number = port if port is not None else "PORT"
    tcp = protocol is Protocol.TCP
    match path.verdict:
        case Verdict.DELIVERED:
            source = f"; the {'pod' if path.destination and path.destination.kind == 'Pod' else 'endpoint'} sees "
            alike = {p.source_seen for p in paths if p.verdict is Verdict.DELIVERED} == {path.source_seen}
            seen = f"{source}{path.source_seen}" if path.source_seen and alike else ""
            return f"{_success(request, protocol)}{seen}"
        case Verdict.REFUSED:
            if tcp:
                return f"curl: (7) Failed to connect to {host} port {number}: Connection refused"
            return f"connection refused (ICMP port unreachable from {host} port {number})"
        case Verdict.TIMEOUT:
            if tcp:
                return f"curl: (28) Failed to connect to {host} port {number}: Connection timed out (after minutes)"
            return "no answer: the application waits until its own timeout"
        case Verdict.UNRESOLVED:
            if path.reason.code in ("LB_PENDING", "POD_NO_ADDRESS", "INGRESS_NO_CONTROLLER"):
                return "there is no address to connect to"
            return f"curl: (6) Could not resolve host: {host}"
        case Verdict.HTTP_ERROR:
            status = path.http_status or 503
            return f"HTTP {status} {HTTP_STATUS.get(status, '')}".rstrip()
        case Verdict.TLS_ERROR:
            if path.reason.code == "TLS_CERTIFICATE_MISSING":
                return "curl: (60) SSL certificate problem: self-signed certificate (a browser shows a warning)"
            return "curl: (35) TLS connect error: wrong version number"
        case Verdict.EXTERNAL:
            return f"whatever {host} answers"
        case _:
            return "cannot be known from these manifests"


def _success(request: Request, protocol: Protocol) -> str:
    if protocol is not Protocol.TCP:
        return "the application gets an answer"
    http = request.target.scheme is not None or request.host is not None
    return "curl gets an answer" if http else "the connection is accepted"


def _address(request: Request) -> str:
    target = request.target
    if target.address is not None:
        return str(target.address)
    return target.ref.name if target.ref is not None else target.typed


def repair_of(verdict: Verdict, deciding: Path) -> str:
    """What to change in this very case; "" for a request that arrives."""
    return "" if verdict in (Verdict.DELIVERED, Verdict.EXTERNAL) else deciding.last.repair
