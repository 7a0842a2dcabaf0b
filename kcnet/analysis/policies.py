"""NetworkPolicies among the manifests: the pods that they and their peers select.

Pods that no selector tells apart are looked at once. https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from kcnet.analysis.finding import Proof, Subject
from kcnet.analysis.spelling import certainly_meant
from kcnet.model.names import Protocol
from kcnet.model.objects import Pod
from kcnet.model.policy import Direction, LabelSelector, NetworkPolicy, Operator, Peer, Rule
from kcnet.path.flow import key
from kcnet.path.netpol import Party, decide, isolating, peer_matches


def selected(subject: Subject, policy: NetworkPolicy) -> Sequence[Pod]:
    """One pod of each kind that the policy's podSelector matches."""
    return matching(subject, policy.namespace, policy.pod_selector)


def matching(subject: Subject, namespace: str, selector: LabelSelector) -> Sequence[Pod]:
    """One pod of each kind of the namespace that the selector matches."""
    key = (namespace, *_key(selector))
    if (found := subject.matching.get(key)) is None:
        found = tuple(pod for pod in subject.kinds.get(namespace, ()) if selector.matches(pod.labels))
        subject.matching[key] = found
    return found


def anywhere(subject: Subject, selector: LabelSelector) -> Sequence[Pod]:
    """One pod of each kind, of whatever namespace, that the selector matches."""
    key = ("", *_key(selector))
    if (found := subject.matching.get(key)) is None:
        every = (pod for pods in subject.kinds.values() for pod in pods)
        found = subject.matching[key] = tuple(pod for pod in every if selector.matches(pod.labels))
    return found


def _key(selector: LabelSelector) -> tuple[Hashable, Hashable]:
    return tuple(selector.match_labels.items()), selector.match_expressions


def may_match(subject: Subject, namespace: str, selector: LabelSelector) -> bool:
    """Whether a pod of the namespace has the labels, or will have them once its workload has pods."""
    return bool(matching(subject, namespace, selector)) or any(
        selector.matches(labels) for labels in subject.templates.get(namespace, ())
    )


def each_rule(subject: Subject) -> Iterator[tuple[NetworkPolicy, Direction, Rule]]:
    """The rules that count: those of a direction for which their policy isolates."""
    for policy in subject.manifests.policies:
        for direction in Direction:
            if direction in policy.directions:
                for rule in policy.rules(direction):
                    yield policy, direction, rule


def namespaces_of(subject: Subject, selector: LabelSelector) -> Sequence[str]:
    key = _key(selector)
    if (found := subject.homes.get(key)) is None:
        homes = subject.cluster.namespaces.items()
        found = subject.homes[key] = tuple(name for name, home in homes if selector.matches(home.labels))
    return found


def destinations(subject: Subject, policy: NetworkPolicy, direction: Direction, rule: Rule) -> Sequence[Pod]:
    """One pod of each kind whose ports the rule speaks of; empty if it speaks of addresses or of everybody."""
    if direction is Direction.INGRESS:
        return selected(subject, policy)
    if any(peer.ip_block for peer in rule.peers):
        return []
    found = {pod.ref: pod for peer in rule.peers for pod in pods_of(subject, policy, peer)}
    return list(found.values())


def pods_of(subject: Subject, policy: NetworkPolicy, peer: Peer) -> list[Pod]:
    """One pod of each kind that a peer with selectors matches."""
    homes = namespaces_of(subject, peer.namespace_selector) if peer.namespace_selector else [policy.namespace]
    if peer.ip_block is None:
        every = peer.pod_selector or LabelSelector()
        return [pod for home in homes for pod in matching(subject, home, every)]
    return [
        pod
        for home in homes
        for pod in subject.kinds.get(home, ())
        if peer_matches(subject.cluster, policy.namespace, peer, Party(pod, pod.address))
    ]


class Wanted(NamedTuple):
    """A label that a selector demands, with the one value that will do."""

    label: str
    value: str
    field: str
    """Path of the value below the selector."""


def wanted_labels(selector: LabelSelector) -> Iterator[Wanted]:
    for label, value in selector.match_labels.items():
        yield Wanted(label, value, key("matchLabels", label))
    for index, each in enumerate(selector.match_expressions):
        if each.operator is Operator.IN and len(each.values) == 1:
            yield Wanted(each.key, each.values[0], f"matchExpressions[{index}].values[0]")


class Slip(NamedTuple):
    """The one label in which a selector differs from pods that were surely meant."""

    label: str
    wanted: str
    has: str
    field: str
    """Path of ``wanted`` below the selector."""
    other_label: str = ""
    """The pods carry ``wanted`` under this label; "" if the value differs."""
    pod: Pod | None = None

    @property
    def text(self) -> str:
        name = f"{self.pod.namespace}/{self.pod.name}" if self.pod else "the nearest"
        return f"nearest: pod {name} has {self.other_label or self.label}={self.has}"


def slip_of(selector: LabelSelector, pods: Iterable[Pod]) -> Slip | None:
    """What of the selector is surely a slip of the pen, seen from ``pods``, none of which it matches."""
    wanted = tuple(wanted_labels(selector))
    pods = list(pods)
    for label, value, field in wanted:
        rest = {each.label: each.value for each in wanted if each.label != label}
        near = [pod for pod in pods if rest.items() <= pod.labels.items()]
        meant = certainly_meant(value, {pod.labels[label] for pod in near if label in pod.labels})
        if meant is not None:
            pod = next(pod for pod in near if pod.labels.get(label) == meant)
            return Slip(label, value, meant, field, pod=pod)
        if any(label in pod.labels for pod in pods):
            continue
        for pod in near:
            other = next((name for name, has in pod.labels.items() if has == value and name not in rest), "")
            if other:
                return Slip(label, value, value, field, other, pod)
    return None


def request_to(source: Pod | str | None, destination: Pod, port: int | None) -> Proof | None:
    """A request from one pod straight to another; None if one of them has no address, or no port is known."""
    if source is None or not destination.addresses:
        return None
    if isinstance(source, Pod):
        if not source.addresses or source.phase != "Running":
            return None
        source = f"{source.namespace}/pod/{source.name}"
    port = port or next((each.number for each in destination.ports if each.protocol == "TCP"), None)
    return Proof(source, f"{destination.namespace}/pod/{destination.name}:{port}") if port else None


def stopped_request(subject: Subject, direction: Direction, own: Iterable[Pod], others: Iterable[Pod]) -> Proof | None:
    """A request that policies for ``direction`` stop at one of the pods ``own``, from or to one of ``others``; None if
    none of those that are looked at is stopped."""
    others = list(islice((pod for pod in others if pod.addresses), _MOST_PAIRED))
    for near in islice((pod for pod in own if pod.addresses and not pod.host_network), _MOST_PAIRED):
        policies = isolating(subject.cluster, near, direction)
        for far in others if policies else ():
            source, destination = (far, near) if direction is Direction.INGRESS else (near, far)
            proof = request_to(source, destination, None) if near.ref != far.ref else None
            if proof is None or (far.host_network and far.node == near.node):
                continue
            port = int(proof.target.rpartition(":")[2])
            party = Party(None if far.host_network else far, far.address)
            if decide(subject.cluster, policies, direction, party, destination, port, Protocol.TCP).allowed is False:
                return proof
    return None


_MOST_PAIRED = 10


def may_send(subject: Subject, pod: Pod) -> bool:
    """Whether no policy isolates the pod for egress, so that what stops its request is at the other end."""
    return not isolating(subject.cluster, pod, Direction.EGRESS)


def names(pods: Iterable[Pod], most: int = 3) -> str:
    """Their workloads or their own names: ``Deployment shop/cart and Pod shop/x``."""
    found = list(dict.fromkeys(str(pod.owner or pod.ref) for pod in pods))
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return (", ".join(found[:most]) if more else " and ".join(found)) + more


def foreign_policies(skipped: Mapping[str, int]) -> bool:
    """Whether policies of a plugin's own kind, which kcnet does not read, may allow more."""
    return any(group in name for name in skipped for group in ("cilium.io/", "projectcalico.org/", "policy.networking"))
