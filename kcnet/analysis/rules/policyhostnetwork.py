"""NetworkPolicies and pods that use their node's network.

https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
"""

from __future__ import annotations

from collections.abc import Iterator

from kcnet.analysis.finding import Finding, Rule, Severity, Subject
from kcnet.analysis.policies import each_rule, matching, names, namespaces_of, selected, stopped_request
from kcnet.model.objects import Pod
from kcnet.model.policy import Direction, NetworkPolicy, Peer

_PAGE = "https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods"


def _selects(subject: Subject) -> Iterator[Finding]:
    for policy in subject.manifests.policies:
        pods = selected(subject, policy)
        if policy.pod_selector.empty or not pods or not all(pod.host_network for pod in pods):
            continue
        yield POLICY_ON_HOST_NETWORK.finding(
            policy.ref,
            "spec.podSelector",
            f"It selects {names(pods)} alone, which {'uses' if len(pods) == 1 else 'use'} the node's network "
            "(hostNetwork: true). Most plugins apply no policy to such pods: everybody who reaches the node reaches "
            "them.",
            "Guard them with the node's firewall, or give up hostNetwork.",
        )


def _peers(subject: Subject) -> Iterator[Finding]:
    if subject.enforces_policy is False:
        return
    for policy, direction, rule in each_rule(subject):
        for peer in rule.peers:
            pods = _labelled(subject, policy, peer)
            if not pods or not all(pod.host_network for pod in pods):
                continue
            inwards = direction is Direction.INGRESS
            yield POLICY_PEER_ON_HOST_NETWORK.finding(
                policy.ref,
                f"{peer.field}.podSelector",
                f"It speaks of {names(pods)} alone, which {'uses' if len(pods) == 1 else 'use'} the node's network: "
                f"{'what they send comes from' if inwards else 'what is sent to them goes to'} the node's address, "
                "which no selector matches with most plugins. The peer allows nothing"
                f"{', but from the node that a pod runs on' if inwards else ''}.",
                "Name the nodes' addresses with ipBlock, or give up hostNetwork.",
                proof=stopped_request(subject, direction, selected(subject, policy), pods),
            )


def _labelled(subject: Subject, policy: NetworkPolicy, peer: Peer) -> list[Pod]:
    """One pod of each kind that has the labels of the peer."""
    if peer.pod_selector is None or peer.pod_selector.empty:
        return []
    homes = namespaces_of(subject, peer.namespace_selector) if peer.namespace_selector else [policy.namespace]
    return [pod for home in homes for pod in matching(subject, home, peer.pod_selector)]


POLICY_ON_HOST_NETWORK = Rule(
    code="POLICY_ON_HOST_NETWORK",
    severity=Severity.WARNING,
    title="The policy is for pods that use the node's network",
    meaning=(
        "A pod with hostNetwork has no network of its own that a plugin could guard. What a policy does to it is not "
        "defined, and most plugins leave it alone."
    ),
    look=("kubectl -n NAMESPACE get pods -o wide",),
    causes=("hostNetwork was set for another reason, and the policy is older.",),
    repair="Guard the pods with the node's firewall, or give up hostNetwork.",
    source=_PAGE,
    check=_selects,
)

POLICY_PEER_ON_HOST_NETWORK = Rule(
    code="POLICY_PEER_ON_HOST_NETWORK",
    severity=Severity.WARNING,
    title="A peer's pods use the node's network",
    meaning=(
        "To most plugins the traffic of a pod with hostNetwork is the node's own: it has the node's address, and "
        "labels of pods do not match it. A peer that names such pods by their labels allows nothing; ipBlock with the "
        "nodes' addresses does."
    ),
    look=("kubectl get pods -A -o wide", "kubectl -n NAMESPACE describe networkpolicy NAME"),
    causes=("The peer is an agent or an Ingress controller that runs with hostNetwork.",),
    repair="Name the nodes' addresses with ipBlock.",
    source=_PAGE,
    check=_peers,
)
