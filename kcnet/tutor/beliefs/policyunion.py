"""Beliefs on how policies work together, and on what they see of a connection.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.names import IPNetwork
from kcnet.model.objects import Pod, Service
from kcnet.model.policy import Direction, IPBlock, LabelSelector, NetworkPolicy, Operator, Peer, Requirement, Rule
from kcnet.model.trace import Path, Request, Stage, Step, Trace, Verdict
from kcnet.path.flow import EPHEMERAL_PORT
from kcnet.path.netpol import Party, decide, isolating
from kcnet.reasons.nat import NAT_DESTINATION
from kcnet.reasons.policy import NETPOL_EGRESS_DENIED, NETPOL_INGRESS_DENIED
from kcnet.simulate import trace
from kcnet.tutor.beliefs.belief import Belief
from kcnet.tutor.beliefs.changes import NOTHING, each_policy, ended, retold
from kcnet.tutor.beliefs.policy import PAGE, each_rule

UNUSED: Final = 65535
"""A port that stands for none."""


def _every_policy_must_allow(cluster: Cluster, request: Request) -> Trace:
    truth = trace(cluster, request)
    involved = tuple(_involved(cluster, request, trace(cluster, replace(request, ignore_policies=True))))
    selecting = [
        policy
        for own in cluster.policies.values()
        for policy in own
        if any(pod.namespace == policy.namespace and policy.pod_selector.matches(pod.labels) for pod in involved)
    ]
    for policy in selecting if len(selecting) > 1 else ():
        alone = trace(replace(cluster, policies={policy.namespace: (policy,)}), request)
        if alone.verdict is not truth.verdict and alone.verdict is not Verdict.DELIVERED:
            return alone
    return truth


def _involved(cluster: Cluster, request: Request, told: Trace) -> Iterator[Pod]:
    """The pods at both ends."""
    client = cluster.pods.get((request.client.ref.namespace or "", request.client.ref.name))
    if client is not None:
        yield client
    for path in told.paths:
        if path.destination is not None and path.destination.kind == "Pod":
            yield cluster.pods[path.destination.namespace or "", path.destination.name]


def _last_policy_alone(cluster: Cluster, request: Request) -> Trace:
    pods = {}
    for key, pod in cluster.pods.items():
        marks = {
            f"kcnet/last-{direction.value}": max(selecting, key=_written).name
            for direction in Direction
            if (selecting := isolating(cluster, pod, direction))
        }
        pods[key] = replace(pod, labels={**pod.labels, **marks}) if marks else pod
    policies = {
        namespace: tuple(
            replace(policy, directions=frozenset((direction,)), pod_selector=_marked(policy, direction))
            for policy in own
            for direction in policy.directions
        )
        for namespace, own in cluster.policies.items()
    }
    return trace(replace(cluster, pods=pods, policies=policies), request)


def _written(policy: NetworkPolicy) -> tuple[str, int, str]:
    origin = policy.ref.origin
    return (origin.file, origin.start, policy.name) if origin is not None else ("", 0, policy.name)


def _marked(policy: NetworkPolicy, direction: Direction) -> LabelSelector:
    mark = Requirement(f"kcnet/last-{direction.value}", Operator.IN, (policy.name,))
    return LabelSelector(match_expressions=(mark,))


def _service_ports(cluster: Cluster, request: Request) -> Trace:
    told = trace(cluster, replace(request, ignore_policies=True))
    asked = {
        step.after.dst_port: step.before.dst_port
        for path in told.paths
        for step in path.steps
        if step.reason is NAT_DESTINATION and step.before.dst_port != step.after.dst_port
    }
    targets = {port: target for target, port in asked.items()}

    def change(rule: Rule) -> Rule:
        ports = tuple(
            entry._replace(port=targets[entry.port])
            if entry.port in targets
            else entry._replace(port=UNUSED, end_port=None)
            if entry.port in asked
            else entry
            for entry in rule.ports
        )
        return rule._replace(ports=ports)

    return trace(each_policy(cluster, lambda policy: each_rule(policy, change)), request)


def _services_named(cluster: Cluster, request: Request) -> Trace:
    def pods_of(service: Service) -> Peer:
        home = LabelSelector(match_labels={"kubernetes.io/metadata.name": service.namespace})
        return Peer(LabelSelector(match_labels=service.selector), home)

    def named(namespace: str, peer: Peer) -> Iterator[Peer]:
        yield peer
        for service in cluster.services.values():
            if not service.selector:
                continue
            if peer.ip_block is not None:
                if any(address in peer.ip_block.cidr for address in service.cluster_ips):
                    yield pods_of(service)
            elif peer.pod_selector is not None and not peer.pod_selector.empty and service.namespace == namespace:
                labels = {"app": service.name, "app.kubernetes.io/name": service.name, "name": service.name}
                if peer.pod_selector.matches({**labels, **service.labels}):
                    yield pods_of(service)

    def change(policy: NetworkPolicy) -> NetworkPolicy:
        def widened(rule: Rule) -> Rule:
            return rule._replace(peers=tuple(one for peer in rule.peers for one in named(policy.namespace, peer)))

        return replace(policy, egress=tuple(map(widened, policy.egress)))

    return trace(each_policy(cluster, change), request)


def _selects_everywhere(cluster: Cluster, request: Request) -> Trace:
    everything = tuple(policy for own in cluster.policies.values() for policy in own)
    return trace(replace(cluster, policies=dict.fromkeys(cluster.namespaces, everything)), request)


def _replies_judged(cluster: Cluster, request: Request) -> Trace:
    client = cluster.pods.get((request.client.ref.namespace or "", request.client.ref.name))

    def change(path: Path) -> Path:
        if path.verdict is not Verdict.DELIVERED or path.destination is None or cluster.cni.enforces_policy is False:
            return path
        server = cluster.pods.get((path.destination.namespace or "", path.destination.name))
        if server is None or server is client:
            return path
        for pod, other, direction in (
            (server, Party(client, request.client.address), Direction.EGRESS),
            (client, Party(server, server.address), Direction.INGRESS),
        ):
            policies = isolating(cluster, pod, direction) if pod is not None else ()
            told = decide(cluster, policies, direction, other, client, EPHEMERAL_PORT, path.last.after.protocol)
            if told.allowed is False:
                text = f"No rule allows the reply of pod {server.namespace}/{server.name}, so it is dropped."
                return ended(path, path.last, Verdict.TIMEOUT, NETPOL_EGRESS_DENIED, text)
        return path

    return retold(trace(cluster, request), change)


def _except_denies(cluster: Cluster, request: Request) -> Trace:
    """Holes of an ipBlock become holes of every peer of the namespace's policies, for the same direction."""

    def change(policy: NetworkPolicy) -> NetworkPolicy:
        own = cluster.policies[policy.namespace]
        ingress = tuple(_pierced(rule, tuple(_holes(own, Direction.INGRESS))) for rule in policy.ingress)
        egress = tuple(_pierced(rule, tuple(_holes(own, Direction.EGRESS))) for rule in policy.egress)
        return replace(policy, ingress=ingress, egress=egress)

    return trace(each_policy(cluster, change), request)


def _holes(policies: tuple[NetworkPolicy, ...], direction: Direction) -> Iterator[IPNetwork]:
    for policy in policies:
        for rule in policy.rules(direction):
            for peer in rule.peers:
                yield from peer.ip_block.excepted if peer.ip_block is not None else ()


def _pierced(rule: Rule, holes: tuple[IPNetwork, ...]) -> Rule:
    if not holes:
        return rule
    everywhere = Peer(ip_block=IPBlock(ip_network("0.0.0.0/0")))
    peers = tuple(
        peer._replace(ip_block=peer.ip_block._replace(excepted=tuple(h for h in holes if _inside(h, peer.ip_block))))
        if peer.ip_block is not None
        else peer
        for peer in rule.peers or (everywhere,)
    )
    left = tuple(peer for peer in peers if not _swallowed(peer, holes))
    return rule._replace(peers=left or (Peer(NOTHING),))


def _swallowed(peer: Peer, holes: tuple[IPNetwork, ...]) -> bool:
    """The peer lies in a hole, so nothing of it is left."""
    return peer.ip_block is not None and any(_within(peer.ip_block.cidr, hole) for hole in holes)


def _inside(hole: IPNetwork, block: IPBlock) -> bool:
    return _within(hole, block.cidr) and hole != block.cidr


def _within(inner: IPNetwork, outer: IPNetwork) -> bool:
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network):
        return inner.subnet_of(outer)
    return False


def _client_address_kept(cluster: Cluster, request: Request) -> Trace:
    """Whoever comes from outside is judged, and seen, by the address that it has there."""
    truth = trace(cluster, request)
    if request.client.node is not None:
        return truth
    client = request.client.address

    def change(path: Path) -> Path:
        if any(step.stage is Stage.INGRESS for step in path.steps):
            return path
        judged = next((step for step in path.steps if step.stage is Stage.INGRESS_POLICY), None)
        if judged is None:
            return path
        pod = cluster.pods_by_address.get(judged.after.dst) if judged.after.dst is not None else None
        if pod is None:
            return path
        policies = isolating(cluster, pod, Direction.INGRESS)
        packet = judged.before
        told = decide(cluster, policies, Direction.INGRESS, Party(None, client), pod, packet.dst_port, packet.protocol)
        return _judged_anew(path, judged, told.allowed is not False or cluster.cni.enforces_policy is False)

    def _judged_anew(path: Path, judged: Step, allowed: bool) -> Path:
        if path.reason is NETPOL_INGRESS_DENIED and allowed:
            from kcnet.reasons.outcome import DELIVERED

            text = f"The policy sees {client}, and a rule allows it."
            path = ended(path, judged, Verdict.DELIVERED, DELIVERED, text)
        elif path.verdict is Verdict.DELIVERED and not allowed:
            text = f"The policy sees {client}, and no rule allows it."
            return replace(ended(path, judged, Verdict.TIMEOUT, NETPOL_INGRESS_DENIED, text), source_seen=None)
        return replace(path, source_seen=client if path.verdict is Verdict.DELIVERED else path.source_seen)

    return retold(truth, change)


BELIEFS: Final = (
    Belief(
        id="policies-can-deny",
        title="A policy can deny",
        says="A connection must be allowed by every policy that selects the pod: one that does not allow it denies it.",
        correction="Policies only allow, and their rules add up: what one of the policies that select the pod allows "
        "passes, whatever the others lack.",
        topic="networkpolicy",
        source=PAGE + "#the-two-sorts-of-pod-isolation",
        follow=_every_policy_must_allow,
    ),
    Belief(
        id="later-policy-wins",
        title="The last policy wins",
        says="If several policies select a pod, the one that comes last replaces the others.",
        correction="Order and names of policies mean nothing: the pod gets the union of what all of them allow.",
        topic="networkpolicy",
        source=PAGE + "#the-two-sorts-of-pod-isolation",
        follow=_last_policy_alone,
    ),
    Belief(
        id="policy-on-service-port",
        title="Policies speak of Service ports",
        says="In a policy I allow the port that clients ask at the Service.",
        correction="Policies see the packet after the Service has been translated: their ports are the pods' own, "
        "targetPort.",
        topic="networkpolicy",
        source=PAGE + "#behavior-of-to-and-from-selectors",
        follow=_service_ports,
    ),
    Belief(
        id="policy-names-service",
        title="A policy can name a Service",
        says="An egress rule that names the Service, by its labels or its cluster IP, lets clients reach what is "
        "behind it.",
        correction="Peers are pods, namespaces and address ranges. The packet is judged with the address of the pod "
        "that was chosen, so neither a Service's labels nor its cluster IP help.",
        topic="networkpolicy",
        source=PAGE + "#what-you-can-t-do-with-network-policies-at-least-not-yet",
        follow=_services_named,
    ),
    Belief(
        id="policy-selects-every-namespace",
        title="A policy applies to pods of every namespace",
        says="spec.podSelector picks pods with these labels in the whole cluster.",
        correction="A NetworkPolicy acts in its own namespace: its podSelector never picks pods of another one.",
        topic="networkpolicy",
        source=PAGE + "#networkpolicy-resource",
        follow=_selects_everywhere,
    ),
    Belief(
        id="replies-need-a-rule",
        title="Replies need a rule of their own",
        says="For an answer to come back, the server's egress and the client's ingress must be allowed as well.",
        correction="Replies of an allowed connection are always allowed: only the direction in which it is opened is "
        "judged.",
        topic="networkpolicy",
        source=PAGE + "#the-two-sorts-of-pod-isolation",
        follow=_replies_judged,
    ),
    Belief(
        id="ipblock-except-denies-elsewhere",
        title="except denies",
        says="An address under except is denied, whatever other rules say.",
        correction="except only narrows its own ipBlock: another peer, rule or policy may allow the address all the "
        "same.",
        topic="networkpolicy",
        source=PAGE + "#behavior-of-to-and-from-selectors",
        follow=_except_denies,
    ),
    Belief(
        id="source-kept-through-node-port",
        title="The pod sees the client's own address",
        says="Whoever comes in from outside by a node port or a load balancer is seen with the address it has there.",
        correction="With externalTrafficPolicy Cluster the node rewrites the source to its own address; only Local "
        "keeps the client's.",
        topic="external",
        source="https://kubernetes.io/docs/tutorials/services/source-ip/",
        follow=_client_address_kept,
    ),
)
