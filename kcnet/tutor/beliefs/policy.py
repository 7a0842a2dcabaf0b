"""Beliefs on NetworkPolicy.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.names import Protocol
from kcnet.model.policy import Direction, LabelSelector, NetworkPolicy, Peer, PolicyPort, Rule
from kcnet.model.trace import Request, Trace
from kcnet.simulate import trace
from kcnet.tutor.beliefs.belief import Belief
from kcnet.tutor.beliefs.changes import NOTHING, both, each_policy

PAGE: Final = "https://kubernetes.io/docs/concepts/services-networking/network-policies/"


def each_rule(policy: NetworkPolicy, change: Callable[[Rule], Rule]) -> NetworkPolicy:
    return replace(policy, ingress=tuple(map(change, policy.ingress)), egress=tuple(map(change, policy.egress)))


def _items_anded(cluster: Cluster, request: Request) -> Trace:
    def change(rule: Rule) -> Rule:
        selectors = [peer for peer in rule.peers if peer.ip_block is None]
        blocks = tuple(peer for peer in rule.peers if peer.ip_block is not None)
        if len(selectors) < 2:
            return rule
        pods = spaces = None
        for peer in selectors:
            pods = both(pods, peer.pod_selector)
            spaces = both(spaces, peer.namespace_selector)
        return rule._replace(peers=(selectors[0]._replace(pod_selector=pods, namespace_selector=spaces), *blocks))

    return trace(each_policy(cluster, lambda policy: each_rule(policy, change)), request)


def _item_ored(cluster: Cluster, request: Request) -> Trace:
    def apart(peer: Peer) -> Iterator[Peer]:
        if peer.pod_selector is None or peer.namespace_selector is None:
            yield peer
            return
        yield peer._replace(namespace_selector=None)
        yield peer._replace(pod_selector=None)

    def change(rule: Rule) -> Rule:
        return rule._replace(peers=tuple(part for peer in rule.peers for part in apart(peer)))

    return trace(each_policy(cluster, lambda policy: each_rule(policy, change)), request)


def _peers_everywhere(cluster: Cluster, request: Request) -> Trace:
    def wider(peer: Peer) -> Peer:
        if peer.pod_selector is None or peer.namespace_selector is not None:
            return peer
        return peer._replace(namespace_selector=LabelSelector())

    def change(rule: Rule) -> Rule:
        return rule._replace(peers=tuple(map(wider, rule.peers)))

    return trace(each_policy(cluster, lambda policy: each_rule(policy, change)), request)


def _dns_is_free(cluster: Cluster, request: Request) -> Trace:
    dns = Rule(ports=tuple(PolicyPort(protocol, 53) for protocol in (Protocol.UDP, Protocol.TCP)))

    def change(policy: NetworkPolicy) -> NetworkPolicy:
        return replace(policy, egress=(*policy.egress, dns))

    return trace(each_policy(cluster, change), request)


def _both_directions(cluster: Cluster, request: Request) -> Trace:
    return trace(each_policy(cluster, lambda policy: replace(policy, directions=frozenset(Direction))), request)


def _no_rules_allow_all(cluster: Cluster, request: Request) -> Trace:
    def change(policy: NetworkPolicy) -> NetworkPolicy:
        return replace(policy, ingress=policy.ingress or (Rule(),), egress=policy.egress or (Rule(),))

    return trace(each_policy(cluster, change), request)


def _empty_selects_nothing(cluster: Cluster, request: Request) -> Trace:
    def narrowed(selector: LabelSelector | None) -> LabelSelector | None:
        return NOTHING if selector is not None and selector.empty else selector

    def change(rule: Rule) -> Rule:
        peers = tuple(
            peer._replace(
                pod_selector=narrowed(peer.pod_selector), namespace_selector=narrowed(peer.namespace_selector)
            )
            for peer in rule.peers
        )
        return rule._replace(peers=peers)

    def whole(policy: NetworkPolicy) -> NetworkPolicy:
        return replace(each_rule(policy, change), pod_selector=narrowed(policy.pod_selector) or policy.pod_selector)

    return trace(each_policy(cluster, whole), request)


def _enforced_everywhere(cluster: Cluster, request: Request) -> Trace:
    return trace(replace(cluster, cni=cluster.cni._replace(enforces_policy=True)), request)


BELIEFS: Final = (
    Belief(
        id="list-items-anded",
        title="Two list items are ANDed",
        says="With a podSelector and a namespaceSelector as two items of from, a pod must match both.",
        correction="Items of a from or to list are ORed: each dash is a peer of its own. Only a podSelector and a "
        "namespaceSelector inside one item are ANDed.",
        topic="networkpolicy",
        source=PAGE + "#behavior-of-to-and-from-selectors",
        follow=_items_anded,
    ),
    Belief(
        id="one-item-ored",
        title="Two selectors in one item are ORed",
        says="One item of from with a namespaceSelector and a podSelector admits whoever matches one of them.",
        correction="A namespaceSelector and a podSelector in one item are ANDed: pods with these labels, in namespaces "
        "with those labels.",
        topic="networkpolicy",
        source=PAGE + "#behavior-of-to-and-from-selectors",
        follow=_item_ored,
    ),
    Belief(
        id="pod-selector-every-namespace",
        title="A podSelector peer matches pods of every namespace",
        says="from: podSelector admits pods with these labels wherever in the cluster they run.",
        correction="A podSelector without a namespaceSelector matches pods of the policy's own namespace alone.",
        topic="networkpolicy",
        source=PAGE + "#behavior-of-to-and-from-selectors",
        follow=_peers_everywhere,
    ),
    Belief(
        id="egress-needs-no-dns-rule",
        title="DNS is always let through",
        says="An egress policy restricts connections; name lookups work regardless.",
        correction="A lookup is a connection to the DNS pods, port 53: a pod isolated for egress needs a rule that "
        "allows it, UDP and TCP.",
        topic="networkpolicy",
        source=PAGE + "#default-deny-all-egress-traffic",
        follow=_dns_is_free,
    ),
    Belief(
        id="ingress-only-policy-blocks-egress",
        title="A policy closes both directions",
        says="A pod that a policy selects is cut off in both directions, except for what its rules allow.",
        correction="Isolation is per direction: a policy whose policyTypes hold Ingress alone leaves egress open, and "
        "the other way round.",
        topic="networkpolicy",
        source=PAGE + "#the-two-sorts-of-pod-isolation",
        follow=_both_directions,
    ),
    Belief(
        id="empty-rules-allow-all",
        title="A policy without rules allows everything",
        says="If ingress lists no rule, nothing is restricted.",
        correction="A policy isolates the pods that it selects, and without a rule nothing is allowed in. What allows "
        "everything is one empty rule, ingress: [{}].",
        topic="networkpolicy",
        source=PAGE + "#default-deny-all-ingress-traffic",
        follow=_no_rules_allow_all,
    ),
    Belief(
        id="empty-selector-selects-nothing",
        title="An empty podSelector selects nothing",
        says="podSelector: {} names no pods, so such a policy is about none.",
        correction="An empty selector matches everything: as a policy's podSelector, every pod of its namespace.",
        topic="networkpolicy",
        source=PAGE + "#default-deny-all-ingress-traffic",
        follow=_empty_selects_nothing,
    ),
    Belief(
        id="policy-works-on-any-cni",
        title="Policies work with any network plugin",
        says="Once a NetworkPolicy is created, the cluster enforces it.",
        correction="Policies are enforced by the network plugin. With one that does not implement them, such as plain "
        "flannel, they are stored and change nothing.",
        topic="cni",
        source=PAGE + "#prerequisites",
        follow=_enforced_everywhere,
    ),
)
