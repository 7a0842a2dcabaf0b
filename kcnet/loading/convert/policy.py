"""NetworkPolicy."""

from __future__ import annotations

from typing import Any

from kcnet.loading.convert.fields import integer, metadata, network, selector
from kcnet.model.names import Protocol, Ref
from kcnet.model.policy import Direction, IPBlock, LabelSelector, NetworkPolicy, Peer, PolicyPort, Rule


def network_policy(ref: Ref, value: dict[str, Any]) -> NetworkPolicy:
    spec = value.get("spec") or {}
    types = spec.get("policyTypes")
    if not types:
        # Without policyTypes an empty egress list does not isolate; one with a rule in it does.
        types = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    return NetworkPolicy(
        **metadata(ref, value),
        pod_selector=selector(spec.get("podSelector")) or LabelSelector(),
        directions=frozenset(Direction(direction) for direction in types),
        ingress=_rules(spec.get("ingress"), "spec.ingress", "from"),
        egress=_rules(spec.get("egress"), "spec.egress", "to"),
        ingress_implied=not spec.get("policyTypes") and bool(spec.get("egress")) and spec.get("ingress") is None,
    )


def _rules(rules: list[dict[str, Any] | None] | None, field: str, peers: str) -> tuple[Rule, ...]:
    return tuple(_rule(rule or {}, f"{field}[{index}]", peers) for index, rule in enumerate(rules or ()))


def _rule(rule: dict[str, Any], field: str, peers: str) -> Rule:
    return Rule(
        peers=tuple(_peer(peer, f"{field}.{peers}[{index}]") for index, peer in enumerate(rule.get(peers) or ())),
        ports=tuple(_port(port, f"{field}.ports[{index}]") for index, port in enumerate(rule.get("ports") or ())),
        field=field,
    )


def _peer(peer: dict[str, Any], field: str) -> Peer:
    block = peer.get("ipBlock")
    return Peer(
        pod_selector=selector(peer.get("podSelector")),
        namespace_selector=selector(peer.get("namespaceSelector")),
        ip_block=IPBlock(
            cidr=network(block["cidr"]), excepted=tuple(network(cidr) for cidr in block.get("except") or ())
        )
        if block
        else None,
        field=field,
    )


def _port(port: dict[str, Any], field: str) -> PolicyPort:
    number = port.get("port")
    return PolicyPort(
        protocol=Protocol(port.get("protocol") or "TCP"),
        port=number if isinstance(number, str) else integer(number),
        end_port=integer(port.get("endPort")),
        field=field,
    )
