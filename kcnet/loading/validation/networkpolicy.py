"""NetworkPolicy.

pkg/apis/networking/validation/validation.go of kubernetes/kubernetes;
https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from kcnet.loading.validation.addresses import cidr_errors, parse_range
from kcnet.loading.validation.labels import NOTHING, Value, objects, selector_errors, strings
from kcnet.loading.validation.names import port_name
from kcnet.loading.validation.service import each_number_invalid
from kcnet.loading.validation.violation import Errors, each_invalid, forbidden, invalid, not_supported, required

PROTOCOLS = ("TCP", "UDP", "SCTP")
POLICY_TYPES = ("Ingress", "Egress")


def network_policy_errors(value: Value, live: bool = False) -> Errors:
    spec = value.get("spec") or NOTHING
    yield from selector_errors("spec.podSelector", spec.get("podSelector"))
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in objects(spec, direction):
            path = f"spec.{direction}[{index}]"
            for place, port in objects(rule, "ports"):
                yield from _port_errors(f"{path}.ports[{place}]", port)
            for place, peer in objects(rule, peers):
                yield from _peer_errors(f"{path}.{peers}[{place}]", peer, live)
    types = list(strings(spec, "policyTypes"))
    if len(types) > len(POLICY_TYPES):
        yield invalid(
            "spec.policyTypes",
            [kind for _, kind in types],
            "may not specify more than two policyTypes",
            "Write at most Ingress and Egress.",
        )
        return
    for index, kind in types:
        if kind not in POLICY_TYPES:
            yield not_supported(f"spec.policyTypes[{index}]", kind, POLICY_TYPES)


def _port_errors(path: str, port: Value) -> Errors:
    protocol = port.get("protocol")
    if protocol is not None and protocol not in PROTOCOLS:
        yield not_supported(f"{path}.protocol", protocol, PROTOCOLS)
    number, end = port.get("port"), port.get("endPort")
    if number is None:
        if end is not None:
            yield invalid(
                f"{path}.endPort",
                end,
                "may not be specified when `port` is not specified",
                "Add port, where the range begins.",
            )
    elif isinstance(number, str):
        if end is not None:
            yield invalid(
                f"{path}.endPort", end, "may not be specified when `port` is non-numeric", "Write port as a number."
            )
        yield from each_invalid(
            f"{path}.port",
            number,
            port_name(number),
            "Use the number of the port, or the name it has in the container.",
        )
    else:
        yield from each_number_invalid(f"{path}.port", number)
        if end is not None:
            if end < number:
                yield invalid(
                    f"{path}.endPort", end, "must be greater than or equal to `port`", "Exchange port and endPort."
                )
            yield from each_number_invalid(f"{path}.endPort", end)


def _peer_errors(path: str, peer: Value, live: bool) -> Errors:
    yield from selector_errors(f"{path}.podSelector", peer.get("podSelector"))
    yield from selector_errors(f"{path}.namespaceSelector", peer.get("namespaceSelector"))
    block = peer.get("ipBlock")
    if block is not None:
        yield from _block_errors(f"{path}.ipBlock", block, live)
    selectors = [key for key in ("podSelector", "namespaceSelector") if peer.get(key) is not None]
    if block is None and not selectors:
        yield required(
            path,
            "must specify a peer",
            "Add podSelector, namespaceSelector or ipBlock; podSelector: {} is every pod here.",
        )
    elif block is not None and selectors:
        yield forbidden(
            path,
            "may not specify both ipBlock and another peer",
            "Make ipBlock a list item of its own, with its own dash.",
        )


def _block_errors(path: str, block: Value, live: bool) -> Errors:
    text = block.get("cidr") or ""
    if not text:
        yield required(f"{path}.cidr", "", "Add cidr, such as 10.0.0.0/8.")
        return
    yield from cidr_errors(f"{path}.cidr", text, old=live)
    whole = parse_range(text)
    for index, part in strings(block, "except"):
        field = f"{path}.except[{index}]"
        yield from cidr_errors(field, part, old=live)
        inner = parse_range(part)
        if whole is None or inner is None:
            continue
        inside = inner.version == whole.version and inner.network_address in whole
        if not inside or inner.prefixlen <= whole.prefixlen:
            yield invalid(
                field, part, "must be a strict subset of `cidr`", f"Use a smaller range inside {whole}, or remove it."
            )
