"""Policies that differ from one another in one place: every field left out, changed, swapped, added to, split.

A mutant says where it differs: the path of the field, with ``[]`` for any item of a list and ``*`` for any label.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from ipaddress import IPv4Network
from typing import Any, NamedTuple

Manifest = dict[str, Any]
_GONE = object()


class Mutant(NamedTuple):
    path: str
    what: str
    policy: Manifest


def mutants(policy: Manifest) -> Iterator[Mutant]:
    """Whether the API server takes them is not looked at."""
    for namespace in "xyz":
        if namespace != policy["metadata"]["namespace"]:
            moved = deepcopy(policy)
            moved["metadata"]["namespace"] = namespace
            yield Mutant("metadata.namespace", namespace, moved)
    for path, what, spec in _below(policy["spec"], "spec"):
        if spec is not _GONE and spec != policy["spec"]:
            yield Mutant(path, what, {**policy, "spec": spec})


def _below(value: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    """Every variant of ``value``, and where it differs."""
    for what, variant in _variants(value, path):
        yield path, what, variant
    if isinstance(value, dict):
        if "operator" in value:
            yield from _operators(value, path)
        if "ipBlock" in value:
            yield f"{path}.ipBlock", "a selector instead", {"podSelector": {}}
        for key, held in value.items():
            place = f"{path}.{'*' if path.endswith('matchLabels') else key}"
            yield place, "left out", {name: each for name, each in value.items() if name != key}
            for deeper, what, variant in _below(held, place):
                yield deeper, what, {**value, key: variant}
    elif isinstance(value, list):
        for index, held in enumerate(value):
            for deeper, what, variant in _below(held, f"{path}[]"):
                yield deeper, what, [*value[:index], variant, *value[index + 1 :]]


_OTHERS: dict[str, tuple[Any, ...]] = {
    "protocol": ("TCP", "UDP", "SCTP"),
    "key": ("app", "tier", "team", "kubernetes.io/metadata.name", "nowhere"),
    "port": (53, "web", "dns", "nowhere"),
    "*": ("a", "b", "web", "one", "nothing"),
    "values[]": ("a", "b", "c", "web", "one", "two", "x", "nothing"),
    "policyTypes[]": ("Ingress", "Egress"),
}
_MORE: dict[str, tuple[Any, ...]] = {
    "ingress": ({},),
    "egress": ({},),
    "from": ({"podSelector": {}}, {"namespaceSelector": {}}, {"ipBlock": {"cidr": "198.51.100.0/24"}}),
    "to": ({"podSelector": {}}, {"namespaceSelector": {}}, {"ipBlock": {"cidr": "198.51.100.0/24"}}),
    "ports": ({"protocol": "UDP", "port": 7}, {"protocol": "SCTP"}, {"port": "web"}),
    "values": ("b", "web", "two"),
    "policyTypes": ("Ingress", "Egress"),
    "matchExpressions": ({"key": "tier", "operator": "Exists"}, {"key": "team", "operator": "DoesNotExist"}),
}
_WITH_VALUES = {"In": True, "NotIn": True, "Exists": False, "DoesNotExist": False}


def _variants(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    key = path.rpartition(".")[2]
    for other in _OTHERS.get(key, ()):
        yield f"{other} instead", other
    match value:
        case int():
            yield "one more", value + 1
            yield "one less", value - 1
        case str() if key in ("cidr", "except[]"):
            yield from _networks(IPv4Network(value))
        case list():
            yield from _lists(value, key)
        case {"matchLabels": {**labels}} if key.endswith("elector"):
            yield "a label more", {**value, "matchLabels": {**labels, "tier": "web"}}
            yield "all", {}
        case {"matchExpressions": _} if key.endswith("elector"):
            yield "all", {}


def _operators(expression: Manifest, path: str) -> Iterator[tuple[str, str, Any]]:
    """Those of values have them, the others have none."""
    for other, valued in _WITH_VALUES.items():
        values = {"values": expression.get("values") or ["a"]} if valued else {}
        yield f"{path}.operator", other, {"key": expression["key"], "operator": other, **values}


def _networks(network: IPv4Network) -> Iterator[tuple[str, Any]]:
    yield "twice the size", str(network.supernet())
    for half in network.subnets():
        yield "a half", str(half)
    yield "everything", "0.0.0.0/0"
    yield "its neighbour", str(next(one for one in network.supernet().subnets() if one != network))


def _lists(value: list[Any], key: str) -> Iterator[tuple[str, Any]]:
    yield "empty", []
    for index in range(len(value)):
        yield "an item less", [*value[:index], *value[index + 1 :]]
    yield "turned round", value[::-1]
    yield "an item twice", [*value, *value[:1]]
    for more in _MORE.get(key, ()):
        yield "an item more", [*value, more]
    if key == "except":
        for hole in value:
            yield "a half more", [*value, str(next(IPv4Network(hole).subnets()))]
    if key in ("from", "to"):
        yield from _regrouped(value)


def _regrouped(peers: list[Manifest]) -> Iterator[tuple[str, Any]]:
    """One dash or two: selectors of one item made two items, those of two items made one."""
    for index, peer in enumerate(peers):
        rest = [*peers[:index], *peers[index + 1 :]]
        if {"podSelector", "namespaceSelector"} <= peer.keys():
            yield "two dashes", [{"podSelector": peer["podSelector"]},
                                 {"namespaceSelector": peer["namespaceSelector"]}, *rest]  # fmt: skip
        for other in rest:
            if peer.keys() == {"podSelector"} and other.keys() == {"namespaceSelector"}:
                yield "one dash", [{**peer, **other}, *(one for one in rest if one is not other)]
