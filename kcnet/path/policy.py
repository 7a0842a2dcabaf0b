"""The policy stages: may this connection leave its source, and may it enter its destination?

What the policies say is worked out in ``netpol``; here it becomes steps. A refusal names the policies that isolate the
pod and, for each of their rules, what did not match.
https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kcnet.model.cluster import Cluster
from kcnet.model.names import Protocol
from kcnet.model.objects import Pod
from kcnet.model.policy import Direction, NetworkPolicy, PolicyPort, Rule
from kcnet.model.trace import Action, Because, Considered, Reason, Stage, Verdict
from kcnet.path.flow import Branch, Flow
from kcnet.path.nearest import closest
from kcnet.path.netpol import Decision, Party, decide, isolating, matching_peer, matching_port
from kcnet.reasons.outcome import CANNOT_TELL
from kcnet.reasons.policy import (
    NETPOL_EGRESS_DENIED,
    NETPOL_INGRESS_DENIED,
    POLICY_ALLOWED,
    POLICY_EXEMPT_HOST_NETWORK,
    POLICY_EXEMPT_NODE,
    POLICY_EXEMPT_SELF,
    POLICY_IGNORED_ON_REQUEST,
    POLICY_NOT_ENFORCED,
    POLICY_NOT_ISOLATED,
)


def egress(cluster: Cluster, flow: Flow) -> Sequence[Branch]:
    """May the connection leave the pod that opens it? Asked with the destination as kube-proxy has rewritten it."""
    pod = flow.sender.pod
    if pod is None or flow.entered is not None or (flow.packet.dst is not None and flow.packet.dst.is_loopback):
        return ()
    destination = cluster.pods_by_address.get(flow.packet.dst) if flow.packet.dst else None
    if flow.endpoint is not None and flow.endpoint.target is not None and destination is None:
        destination = cluster.pod_of(flow.endpoint.target)
    peer = destination if destination is not None and not destination.host_network else None
    if destination is not None and destination.ref == pod.ref:
        return (_skip(flow, Stage.EGRESS_POLICY, POLICY_EXEMPT_SELF, "a pod cannot be kept from itself"),)
    if peer is None and flow.packet.dst is not None and pod.node is not None:
        node = cluster.nodes_by_address.get(flow.packet.dst)
        if node is not None and node.name == pod.node and not pod.host_network:
            text = f"traffic between a pod and its own node ({node.name}) is always allowed"
            return (_skip(flow, Stage.EGRESS_POLICY, POLICY_EXEMPT_NODE, text),)
    other = Party(peer, flow.packet.dst)
    return _judge(cluster, flow, Direction.EGRESS, pod, other, destination)


def ingress(cluster: Cluster, flow: Flow) -> Sequence[Branch]:
    """May the connection enter the pod? Asked with the source as it is by then."""
    destination = cluster.pods_by_address.get(flow.packet.dst) if flow.packet.dst else None
    if destination is None:
        host = host_network_pod(cluster, flow)
        if host is None or not isolating(cluster, host, Direction.INGRESS):
            return ()
        text = f"pod {host.namespace}/{host.name} uses its node's network: plugins leave such pods alone"
        return (_skip(flow, Stage.INGRESS_POLICY, POLICY_EXEMPT_HOST_NETWORK, text),)
    sender = flow.sender
    if sender.pod is not None and sender.pod.ref == destination.ref:
        return (_skip(flow, Stage.INGRESS_POLICY, POLICY_EXEMPT_SELF, "a pod cannot be kept from itself"),)
    if sender.is_node and sender.node == destination.node:
        text = f"traffic of {sender.node} itself to a pod on {sender.node} is always allowed"
        return (_skip(flow, Stage.INGRESS_POLICY, POLICY_EXEMPT_NODE, text),)
    by_pod = sender.pod is not None and not sender.pod.host_network and not flow.rewritten_source
    other = Party(sender.pod if by_pod else None, flow.packet.src)
    return _judge(cluster, flow, Direction.INGRESS, destination, other, destination)


def host_network_pod(cluster: Cluster, flow: Flow) -> Pod | None:
    """The hostNetwork pod that the packet is for, if it is for one: by its endpoint, or by node address and port."""
    if flow.endpoint is not None and flow.endpoint.target is not None:
        pod = cluster.pod_of(flow.endpoint.target)
        return pod if pod is not None and pod.host_network else None
    packet = flow.packet
    if packet.dst is not None and packet.dst.is_loopback:
        name = flow.node if flow.sender.is_node else None
    else:
        node = cluster.nodes_by_address.get(packet.dst) if packet.dst is not None else None
        name = node.name if node is not None else None
    if name is None:
        return None
    for pod in cluster.pods_by_node.get(name, ()):
        if pod.host_network and pod.phase == "Running":
            if (packet.dst_port, packet.protocol) in (pod.listens or ()):
                return pod
            if any(port.number == packet.dst_port and port.protocol is packet.protocol for port in pod.ports):
                return pod
    return None


def _skip(flow: Flow, stage: Stage, reason: Reason, text: str) -> Branch:
    return Branch((flow.step(stage, Action.SKIPPED, reason, f"Policies do not apply: {text}."),), flow)


def _judge(
    cluster: Cluster, flow: Flow, direction: Direction, pod: Pod, other: Party, destination: Pod | None
) -> Sequence[Branch]:
    stage = Stage.EGRESS_POLICY if direction is Direction.EGRESS else Stage.INGRESS_POLICY
    word = direction.value.lower()
    policies = isolating(cluster, pod, direction)
    name = f"pod {pod.namespace}/{pod.name}"
    look = (f"kubectl get networkpolicy -n {pod.namespace}",)
    if not policies:
        text = f"No policy selects {name} for {word}: it is open."
        return (
            Branch(
                (
                    flow.step(
                        stage, Action.ALLOWED, POLICY_NOT_ISOLATED, text, look=look, brief="open: no policy selects it"
                    ),
                ),
                flow,
            ),
        )
    if pod.host_network:
        return (_skip(flow, stage, POLICY_EXEMPT_HOST_NETWORK, f"{name} uses its node's network"),)
    because = tuple(Because(policy.ref, "spec.podSelector") for policy in policies)
    if flow.ignore_policies:
        text = f"{_list(policies)} would apply to {name}, but policies are ignored on request."
        return (Branch((flow.step(stage, Action.SKIPPED, POLICY_IGNORED_ON_REQUEST, text, because=because),), flow),)
    if cluster.cni.enforces_policy is False:
        text = f"{_list(policies)} would apply to {name}, but {cluster.cni.title} does not enforce NetworkPolicy."
        return (Branch((flow.step(stage, Action.SKIPPED, POLICY_NOT_ENFORCED, text, because=because),), flow),)
    port, protocol = flow.packet.dst_port, flow.packet.protocol
    decision = decide(cluster, policies, direction, other, destination, port, protocol)
    if decision.allowed and decision.policy is not None and decision.rule is not None:
        return (_allowed(cluster, flow, stage, decision, other),)
    considered = tuple(_why_not(cluster, policies, direction, other, destination, port, protocol))
    if decision.allowed is None and decision.policy is not None:
        return (_undecided(flow, stage, decision, other, considered),)
    if cluster.cni.enforces_policy is None:
        text = (
            f"{_list(policies)} {'allows' if len(policies) == 1 else 'allow'} no such connection, but whether "
            f"{cluster.cni.title} enforces NetworkPolicy depends on how it was installed."
        )
        step = flow.step(
            stage,
            Action.UNDECIDED,
            CANNOT_TELL,
            text,
            because=because,
            considered=considered,
            look=look,
            repair="State a plugin that enforces policies (or flannel, which does not) with --cni.",
            verdict=Verdict.UNKNOWN,
        )
        return (Branch((step,), flow),)
    return (_denied(cluster, flow, stage, direction, pod, policies, other, destination, because, considered),)


def _allowed(cluster: Cluster, flow: Flow, stage: Stage, decision: Decision, other: Party) -> Branch:
    policy, rule = decision.policy, decision.rule
    assert policy is not None
    assert rule is not None
    because = [Because(policy.ref, rule.field)]
    if decision.peer is not None:
        because.insert(0, Because(policy.ref, decision.peer.field))
    if decision.port is not None:
        because.append(Because(policy.ref, decision.port.field))
    who = "everyone" if decision.peer is None else other.name
    what = "every port" if decision.port is None else f"{flow.packet.protocol} {flow.packet.dst_port}"
    text = f"{name_of(policy)} allows it: {rule_name(rule)} covers {who} and {what}."
    if decision.by_address_of_pod:
        flow = flow.assuming(
            f"The ipBlock of {name_of(policy)} is taken to match the address of a pod, as most plugins do "
            "(Cilium does not)."
        )
    return Branch(
        (
            flow.step(
                stage,
                Action.ALLOWED,
                POLICY_ALLOWED,
                text,
                because=because,
                look=(f"kubectl describe networkpolicy {policy.name} -n {policy.namespace}",),
                brief=f"{policy.name}, {rule_name(rule)}",
            ),
        ),
        flow,
    )


def _undecided(flow: Flow, stage: Stage, decision: Decision, other: Party, considered: Sequence[Considered]) -> Branch:
    policy, peer = decision.policy, decision.peer
    assert policy is not None
    text = f"{name_of(policy)} allows it only if its ipBlock covers {other.name}: " + (
        "whether an ipBlock matches pods depends on the network plugin."
        if other.pod is not None
        else "the manifests do not tell that address."
    )
    repair = "Name the peer with podSelector and namespaceSelector." if other.pod is not None else ""
    if flow.packet.dst_port is None:
        text = f"{name_of(policy)} allows {flow.packet.protocol} to some ports of {other.name}, and no port was given."
        repair = "Say which port is asked."
    step = flow.step(
        stage,
        Action.UNDECIDED,
        CANNOT_TELL,
        text,
        because=(Because(policy.ref, peer.field if peer else ""),),
        considered=considered,
        repair=repair,
        verdict=Verdict.UNKNOWN,
    )
    return Branch((step,), flow)


def _denied(
    cluster: Cluster,
    flow: Flow,
    stage: Stage,
    direction: Direction,
    pod: Pod,
    policies: Sequence[NetworkPolicy],
    other: Party,
    destination: Pod | None,
    because: Sequence[Because],
    considered: Sequence[Considered],
) -> Branch:
    packet = flow.packet
    verb = "isolates" if len(policies) == 1 else "isolate"
    way = f"to {other.name}" if direction is Direction.EGRESS else f"from {other.name}"
    text = (
        f"{_list(policies)} {verb} pod {pod.namespace}/{pod.name} for {direction.value.lower()}, and no rule allows "
        f"{packet.protocol} {packet.dst_port} {way}: the packet is dropped."
    )
    own = [Because(policy.ref, f"spec.{direction.value.lower()}") for policy in policies]
    near = _nearest_rule(cluster, flow, direction, policies, other, destination)
    if near is not None:
        text = f"{text.rstrip('.')}. Nearest: {near.text}."
        own.insert(0, near.because)
    step = flow.step(
        stage,
        Action.DROPPED,
        NETPOL_EGRESS_DENIED if direction is Direction.EGRESS else NETPOL_INGRESS_DENIED,
        text,
        because=(*because, *own),
        considered=considered,
        look=tuple(f"kubectl describe networkpolicy {policy.name} -n {policy.namespace}" for policy in policies[:3]),
        repair=near.repair if near is not None else _repair(flow, direction, pod, policies, other),
        verdict=Verdict.TIMEOUT,
    )
    return Branch((step,), flow)


def _repair(flow: Flow, direction: Direction, pod: Pod, policies: Sequence[NetworkPolicy], other: Party) -> str:
    """The rule that is missing, in the policy that is about this pod most of all, or in a new one."""
    side, peers = ("ingress", "from") if direction is Direction.INGRESS else ("egress", "to")
    packet = flow.packet
    specific = [policy for policy in policies if not policy.pod_selector.empty]
    if specific:
        where = f"a rule to spec.{side} of {name_of(specific[0])}"
    else:
        where = f"a NetworkPolicy in namespace {pod.namespace} that selects {_labels_or_all(pod)}, with the {side} rule"
    return (
        f"If it is meant to be possible, add {where}: {peers} {_peer_for(policies[0], other)}, "
        f"ports {packet.protocol} {packet.dst_port}."
    )


class _Near(NamedTuple):
    """The rule that nearly allows a connection."""

    text: str
    """Continues a sentence."""
    repair: str
    because: Because


def _nearest_rule(
    cluster: Cluster,
    flow: Flow,
    direction: Direction,
    policies: Sequence[NetworkPolicy],
    other: Party,
    destination: Pod | None,
) -> _Near | None:
    """A rule that matches the peer at another port, or the port for labels that are nearly the peer's."""
    port, protocol = flow.packet.dst_port, flow.packet.protocol
    for policy in policies:
        for rule in policy.rules(direction):
            matched, _ = matching_peer(cluster, policy, rule, other)
            fits = matching_port(rule, destination, port, protocol) is not False
            name = f"{rule_name(rule)} of {name_of(policy)}"
            if matched and not fits and rule.peers:
                return _wrong_port(flow, rule, policy, name, other)
            slip = _label_slip(rule, other) if fits and not matched else None
            if slip is not None:
                peer, label, wanted, has = slip
                return _Near(
                    f"{name} asks for {label}={wanted}, and {other.name} has {label}={has}",
                    f"Make them agree: {label}: {has} in {name}, or label the pods {label}={wanted}.",
                    Because(policy.ref, f"{peer}.podSelector"),
                )
    return None


def _wrong_port(flow: Flow, rule: Rule, policy: NetworkPolicy, name: str, other: Party) -> _Near:
    port, protocol = flow.packet.dst_port, flow.packet.protocol
    listed = ", ".join(_port_name(entry) for entry in rule.ports)
    service_port = flow.port.port if flow.port is not None else None
    first = rule.ports[0]
    if any(entry.port == service_port and entry.protocol is protocol for entry in rule.ports):
        wrong = next(entry for entry in rule.ports if entry.port == service_port)
        return _Near(
            f"{name} allows {other.name} at {listed}, the Service's port; a policy sees the pod's port, {port}",
            f"Write {port} instead of {wrong.port} in {name}.",
            Because(policy.ref, f"{wrong.field}.port"),
        )
    return _Near(
        f"{name} allows {other.name} at {listed} only",
        f"If it is meant to be possible, add {protocol} {port} to the ports of {name}.",
        Because(policy.ref, first.field),
    )


def _label_slip(rule: Rule, other: Party) -> tuple[str, str, str, str] | None:
    """The peer, the label, what it asks for and what the pod has, where one label differs by a slip."""
    if other.pod is None:
        return None
    for peer in rule.peers:
        if peer.pod_selector is None or peer.pod_selector.match_expressions:
            continue
        differing = [
            (label, wanted)
            for label, wanted in peer.pod_selector.match_labels.items()
            if other.pod.labels.get(label) != wanted
        ]
        if len(differing) == 1:
            label, wanted = differing[0]
            has = other.pod.labels.get(label)
            if has is not None and closest(wanted, [has], cutoff=0.75):
                return peer.field, label, wanted, has
    return None


def _peer_for(policy: NetworkPolicy, other: Party) -> str:
    if other.pod is None:
        return f"ipBlock {{cidr: {other.address}/{other.address.max_prefixlen}}}" if other.address else "that address"
    labels = _short_labels(other.pod)
    selector = f"podSelector {{matchLabels: {{{labels}}}}}" if labels else ""
    if other.pod.namespace == policy.namespace:
        return selector or f"podSelector {{matchLabels: {{...}}}} (give {other.name} a label first)"
    home = f"namespaceSelector {{matchLabels: {{kubernetes.io/metadata.name: {other.pod.namespace}}}}}"
    return f"{home} and {selector} in one list item" if selector else home


def _labels_or_all(pod: Pod) -> str:
    return f"{{{_short_labels(pod)}}}" if pod.labels else "its pods (give them a label)"


def _short_labels(pod: Pod) -> str:
    """The label of a pod that a person would select it by."""
    for name in ("app.kubernetes.io/name", "app", "k8s-app", "name", "run", *pod.labels):
        if name in pod.labels:
            return f"{name}: {pod.labels[name]}"
    return ""


def _why_not(
    cluster: Cluster,
    policies: Sequence[NetworkPolicy],
    direction: Direction,
    other: Party,
    destination: Pod | None,
    port: int | None,
    protocol: Protocol,
) -> Iterator[Considered]:
    """For each rule of the policies that isolate the pod, what of it did not match."""
    for policy in policies:
        rules = policy.rules(direction)
        if not rules:
            text = f"{name_of(policy)} has no {direction.value.lower()} rule: it allows nothing."
            yield Considered(text, (Because(policy.ref, f"spec.{direction.value.lower()}"),))
        for rule in rules:
            matched, _ = matching_peer(cluster, policy, rule, other)
            fits = matching_port(rule, destination, port, protocol) is not False
            peer_part = (
                "matches the peer"
                if matched
                else f"does not match {other.name}{peer_hint(cluster, policy, rule, other)}"
            )
            ports = ", ".join(_port_name(entry) for entry in rule.ports) or "every port"
            port_part = f"allows {protocol} {port}" if fits else f"allows {ports} only, not {protocol} {port}"
            joint = "and" if bool(matched) == fits else "but"
            first, second = (peer_part, port_part) if matched or not fits else (port_part, peer_part)
            text = f"{name_of(policy)}, {rule_name(rule)}: {first} {joint} {second}."
            yield Considered(text, (Because(policy.ref, rule.field),))


def peer_hint(cluster: Cluster, policy: NetworkPolicy, rule: Rule, other: Party) -> str:
    """The commonest slip behind a peer that does not match, in brackets; "" if none of them shows."""
    if other.pod is None:
        if any(peer.ip_block is None for peer in rule.peers):
            return " (selectors match pods alone, never addresses of nodes or of the outside)"
        return ""
    for peer in rule.peers:
        if (
            peer.pod_selector is not None
            and peer.namespace_selector is None
            and other.pod.namespace != policy.namespace
        ):
            if peer.pod_selector.matches(other.pod.labels):
                return f" (its podSelector looks in namespace {policy.namespace} alone)"
        elif peer.namespace_selector is not None:
            home = cluster.namespaces.get(other.pod.namespace)
            labels = home.labels if home is not None else {}
            if not peer.namespace_selector.matches(labels) and (
                peer.pod_selector is None or peer.pod_selector.matches(other.pod.labels)
            ):
                return f" (namespace {other.pod.namespace} lacks {peer.namespace_selector})"
    return ""


def _port_name(entry: PolicyPort) -> str:
    if entry.port is None:
        return f"all {entry.protocol}"
    return f"{entry.protocol} {entry.port}" + (f"-{entry.end_port}" if entry.end_port else "")


def name_of(policy: NetworkPolicy) -> str:
    return f"policy {policy.namespace}/{policy.name}"


def rule_name(rule: Rule) -> str:
    """``rule 1`` for ``spec.ingress[0]``: as people count."""
    return f"rule {int(rule.field.rsplit('[', 1)[-1].rstrip(']')) + 1}" if rule.field.endswith("]") else "its rule"


def _list(policies: Sequence[NetworkPolicy]) -> str:
    """``Policy shop/a``, ``Policies shop/a and shop/b``, ``Policies shop/a, shop/b and 3 more``."""
    names = [f"{policy.namespace}/{policy.name}" for policy in policies]
    if len(names) == 1:
        return f"Policy {names[0]}"
    if len(names) > 3:
        return f"Policies {', '.join(names[:2])} and {len(names) - 2} more"
    return f"Policies {', '.join(names[:-1])} and {names[-1]}"
