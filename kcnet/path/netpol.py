"""The policy engine: what NetworkPolicies say of one connection.

A policy never denies. It isolates the pods that it selects, for a direction; an isolated pod is reached (or reaches)
only through a rule of some policy that isolates it. Order and names of policies mean nothing.
https://kubernetes.io/docs/concepts/services-networking/network-policies/

Everything that says whether policies allow a connection asks ``isolating`` and ``decide``.
Not modelled: plugins' own policy kinds, and connections that were open before a policy came.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress, Protocol
from kcnet.model.objects import Pod
from kcnet.model.policy import Direction, IPBlock, NetworkPolicy, Peer, PolicyPort, Rule, numbers_of


class Party(NamedTuple):
    """The other end of a connection, as a policy sees it: a pod with its labels, or no more than an address."""

    pod: Pod | None
    """None for clients outside, nodes and hostNetwork pods: no selector matches those."""
    address: IPAddress | None
    """None if the manifests do not tell it."""

    @property
    def name(self) -> str:
        return f"pod {self.pod.namespace}/{self.pod.name}" if self.pod else str(self.address or "an unknown address")


class Decision(NamedTuple):
    """What the policies of one direction say of one connection."""

    allowed: bool | None
    """None: it depends on the network plugin, or on an address that nobody states."""
    isolating: tuple[NetworkPolicy, ...]
    """The policies that isolate the pod for this direction; empty: not isolated, so allowed."""
    policy: NetworkPolicy | None = None
    """The policy with the rule that allows (or that cannot be decided)."""
    rule: Rule | None = None
    peer: Peer | None = None
    """The peer of ``rule`` that matched; None if the rule names no peers."""
    port: PolicyPort | None = None
    by_address_of_pod: bool = False
    """The rule matched the address of a pod with an ipBlock, which not every plugin does."""


def isolating(cluster: Cluster, pod: Pod, direction: Direction) -> tuple[NetworkPolicy, ...]:
    """The policies that select ``pod`` for ``direction``; they live in its own namespace."""
    return tuple(
        policy
        for policy in cluster.policies.get(pod.namespace, ())
        if direction in policy.directions and policy.pod_selector.matches(pod.labels)
    )


def decide(
    cluster: Cluster,
    policies: Sequence[NetworkPolicy],
    direction: Direction,
    other: Party,
    destination: Pod | None,
    port: int | None,
    protocol: Protocol,
) -> Decision:
    """What ``policies``, all of which isolate the pod at this end, say of a connection with ``other``.

    ``destination`` is the pod that named ports are looked up in, None if it is no pod; ``port`` is the pod's port
    after every translation (None: none is known, so that rules with ports cannot be decided).
    """
    policies = tuple(policies)
    if not policies:
        return Decision(allowed=True, isolating=())
    undecided: Decision | None = None
    for policy in policies:
        for rule in policy.rules(direction):
            matched_port = matching_port(rule, destination, port, protocol)
            if matched_port is False:
                continue
            matched, peer = matching_peer(cluster, policy, rule, other)
            if matched is False:
                continue
            if matched_port is None:
                matched = None
            decision = Decision(
                allowed=matched,
                isolating=policies,
                policy=policy,
                rule=rule,
                peer=peer,
                port=matched_port if isinstance(matched_port, PolicyPort) else None,
                by_address_of_pod=bool(peer and peer.ip_block and other.pod),
            )
            if matched and not decision.by_address_of_pod:
                return decision
            if undecided is None or (matched and not undecided.allowed):
                undecided = decision
    return undecided or Decision(allowed=False, isolating=policies)


def matching_peer(cluster: Cluster, policy: NetworkPolicy, rule: Rule, other: Party) -> tuple[bool | None, Peer | None]:
    """Whether a peer of the rule is ``other``, and which; None if that cannot be known."""
    if not rule.peers:
        return True, None
    undecided: Peer | None = None
    by_address: Peer | None = None
    for peer in rule.peers:
        match peer_matches(cluster, policy.namespace, peer, other):
            case True:
                if peer.ip_block is None or other.pod is None:
                    return True, peer
                by_address = by_address or peer
            case None:
                undecided = undecided or peer
    if by_address is not None:
        return True, by_address
    return (None, undecided) if undecided else (False, None)


def peer_matches(cluster: Cluster, namespace: str, peer: Peer, other: Party) -> bool | None:
    """Whether a peer of a policy in ``namespace`` is ``other``; None if the plugin or an unknown address decides."""
    if peer.ip_block is not None:
        return _block_matches(cluster, peer.ip_block, other)
    if other.pod is None:
        return False
    if peer.namespace_selector is None:
        if other.pod.namespace != namespace:
            return False
    else:
        home = cluster.namespaces.get(other.pod.namespace)
        if home is None or not peer.namespace_selector.matches(home.labels):
            return False
    return peer.pod_selector is None or peer.pod_selector.matches(other.pod.labels)


def _block_matches(cluster: Cluster, block: IPBlock, other: Party) -> bool | None:
    if other.address is None:
        return True if block.cidr.prefixlen == 0 and not block.excepted else None
    address = other.address
    inside = address in block.cidr and not any(address in hole for hole in block.excepted)
    if not inside or other.pod is None:
        return inside
    return cluster.cni.ip_block_matches_pods


def matching_port(
    rule: Rule, destination: Pod | None, port: int | None, protocol: Protocol
) -> PolicyPort | bool | None:
    """The port of the rule that matches; True if it names none; False if none of them does; None if that hangs on
    the port, and nobody said which."""
    if not rule.ports:
        return True
    for entry in rule.ports:
        if port_matches(entry, destination, port, protocol):
            return entry
    if port is None and any(
        entry.protocol is protocol and (destination is not None or isinstance(entry.port, int)) for entry in rule.ports
    ):
        return None
    return False


def port_matches(entry: PolicyPort, destination: Pod | None, port: int | None, protocol: Protocol) -> bool:
    if entry.protocol is not protocol:
        return False
    if entry.port is None:
        return True
    return port is not None and any(low <= port <= high for low, high in port_numbers(entry, destination))


def port_numbers(entry: PolicyPort, destination: Pod | None) -> tuple[tuple[int, int], ...]:
    """The ports that ``entry`` means for a destination; what is no pod has no names (see ``numbers_of``)."""
    return numbers_of(entry, destination.ports if destination is not None else ())
