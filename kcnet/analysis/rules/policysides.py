"""NetworkPolicies: what one end of a connection allows and the other does not.

https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from kcnet.analysis.finding import Finding, Proof, Rule, Severity, Subject
from kcnet.analysis.policies import each_rule, foreign_policies, names, pods_of, request_to, selected
from kcnet.analysis.rules.policyports import service_port_slips
from kcnet.model.names import Protocol
from kcnet.model.objects import Pod
from kcnet.model.policy import Direction, NetworkPolicy, Peer
from kcnet.model.policy import Rule as PolicyRule
from kcnet.path.netpol import Party, isolating, matching_peer, port_numbers

_MOST = 50
"""Pods of one end that are looked at."""

_Ports = dict[Protocol, tuple[tuple[int, int], ...]]
"""Inclusive ranges by protocol."""

_ALL = ((1, 65535),)


class _Closed(NamedTuple):
    """The other end of what a peer allows: its pods, and the policies that do not let the connection through."""

    pods: list[Pod]
    policies: tuple[NetworkPolicy, ...]
    pair: tuple[Pod, Pod]
    """Who sends, and to whom."""


def _other_side(subject: Subject) -> Iterator[Finding]:
    if subject.enforces_policy is not True or foreign_policies(subject.manifests.skipped):
        return
    slips: set[object] | None = None
    for policy, direction, rule in each_rule(subject):
        for peer in rule.peers:
            if peer.pod_selector is None or peer.pod_selector.empty:
                continue  # many are meant, and some may be closed on purpose
            closed = _closed(subject, policy, direction, rule, peer)
            if closed is None:
                continue
            if slips is None:
                slips = {slip[0].ref for slip in service_port_slips(subject)}
            if policy.ref in slips or any(each.ref in slips for each in closed.policies):
                continue
            inwards = direction is Direction.INGRESS
            other = Direction.EGRESS if inwards else Direction.INGRESS
            listed = " and ".join(f"{each.namespace}/{each.name}" for each in closed.policies[:3])
            many = len(closed.policies) > 1
            own = selected(subject, policy)
            yield POLICY_OTHER_SIDE_DENIES.finding(
                policy.ref,
                peer.field,
                f"It allows traffic {'from' if inwards else 'to'} {names(closed.pods)}, but NetworkPolicy {listed} "
                f"{'isolate' if many else 'isolates'} {'them' if len(closed.pods) > 1 else 'it'} for "
                f"{other.value.lower()}, and no rule there allows it {'to' if inwards else 'from'} {names(own)}. Both "
                "ends have to allow a connection: the packets are dropped.",
                f"Add {'an egress' if inwards else 'an ingress'} rule for {names(closed.pods)}: "
                f"{'to' if inwards else 'from'} {names(own)}.",
                proof=_request(closed.pair),
            )


def _closed(
    subject: Subject, policy: NetworkPolicy, direction: Direction, rule: PolicyRule, peer: Peer
) -> _Closed | None:
    """None if some connection that the peer allows is allowed at its other end, too, or there is none to speak of."""
    near = [pod for pod in islice(selected(subject, policy), _MOST) if not pod.host_network]
    far = [pod for pod in islice(pods_of(subject, policy, peer), _MOST) if not pod.host_network]
    other = Direction.EGRESS if direction is Direction.INGRESS else Direction.INGRESS
    pair = None
    for there in far:
        policies = isolating(subject.cluster, there, other)
        if not policies:
            return None
        for here in near:
            if here.ref == there.ref:
                continue
            source, destination = (there, here) if direction is Direction.INGRESS else (here, there)
            ports = _ports(rule, destination) if rule.ports else _open(destination)
            if not any(ports.values()):
                continue  # a name that no container has: that is told elsewhere
            if _lets_through(subject, policies, other, here, destination, ports):
                return None
            pair = pair or (source, destination)
    return _Closed(far, isolating(subject.cluster, far[0], other), pair) if pair else None


def _lets_through(
    subject: Subject,
    policies: Sequence[NetworkPolicy],
    direction: Direction,
    party: Pod,
    destination: Pod,
    ports: _Ports,
) -> bool:
    """Whether ``policies`` allow a connection with ``party`` to some of ``ports``, or may do so."""
    return any(
        _overlap(ports, _ports(rule, destination))
        for policy in policies
        for rule in policy.rules(direction)
        if matching_peer(subject.cluster, policy, rule, Party(party, party.address))[0] is not False
    )


def _ports(rule: PolicyRule, destination: Pod) -> _Ports:
    if not rule.ports:
        return dict.fromkeys(Protocol, _ALL)
    found: _Ports = {}
    for entry in rule.ports:
        found[entry.protocol] = (*found.get(entry.protocol, ()), *port_numbers(entry, destination))
    return found


def _open(pod: Pod) -> _Ports:
    """The ports on which the pod listens; all of them if that is not told."""
    if pod.listens is None and not pod.declares_ports:
        return dict.fromkeys(Protocol, _ALL)
    found: _Ports = {}
    declared = ((port.number, port.protocol) for port in pod.ports)
    for number, protocol in declared if pod.listens is None else pod.listens:
        found[protocol] = (*found.get(protocol, ()), (number, number))
    return found


def _overlap(ports: _Ports, others: _Ports) -> bool:
    return any(
        low <= end and start <= high
        for protocol, ranges in ports.items()
        for low, high in ranges
        for start, end in others.get(protocol, ())
    )


def _request(pair: tuple[Pod, Pod]) -> Proof | None:
    source, destination = pair
    return request_to(source, destination, None)


POLICY_OTHER_SIDE_DENIES = Rule(
    code="POLICY_OTHER_SIDE_DENIES",
    severity=Severity.WARNING,
    title="One end allows the connection, and the other does not",
    meaning=(
        "A connection needs the consent of both ends: an egress rule of the pod that sends, if a policy isolates it "
        "for egress, and an ingress rule of the pod that receives, if one isolates that for ingress. A rule at one "
        "end alone opens nothing."
    ),
    look=("kubectl -n NAMESPACE get networkpolicy", "kubectl -n NAMESPACE describe networkpolicy NAME"),
    causes=(
        "A default deny for egress was added, and only the ingress rules were written.",
        "The rules of the two ends name different ports.",
    ),
    repair="Add the rule that is missing at the other end.",
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
    check=_other_side,
)
