"""NetworkPolicy a second time: slow, plain, off the page of the documentation, to hold the policy engine to.

It reads manifests as they are written, asks every pair of ends one by one, and uses nothing of kcnet. Ends are pods
(``NAMESPACE/NAME``) and addresses outside. Points are pairs of a protocol and a port number.
https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

Manifest = dict[str, Any]
Point = tuple[str, int]
Table = dict[tuple[str, str], frozenset[Point]]
"""What each source may open to each destination; pairs without anything are left out."""

PROTOCOLS = ("TCP", "UDP", "SCTP")
SIDES = {"Ingress": ("ingress", "from"), "Egress": ("egress", "to")}


@dataclass(frozen=True, slots=True)
class World:
    namespaces: Mapping[str, Mapping[str, str]]
    """Labels by name."""
    pods: Mapping[str, Manifest]
    blocks_match_pods: bool

    @classmethod
    def of(cls, manifests: Iterable[Manifest], blocks_match_pods: bool) -> World:
        namespaces: dict[str, Mapping[str, str]] = {}
        pods: dict[str, Manifest] = {}
        for each in manifests:
            meta = each["metadata"]
            if each["kind"] == "Namespace":
                name = meta["name"]
                namespaces[name] = {**(meta.get("labels") or {}), "kubernetes.io/metadata.name": name}
            elif each["kind"] == "Pod":
                pods[f"{meta['namespace']}/{meta['name']}"] = each
        return cls(namespaces, pods, blocks_match_pods)


def table(world: World, policies: Sequence[Manifest], addresses: Sequence[str], points: Sequence[Point]) -> Table:
    """The whole truth, pair by pair. Nobody asks from one address outside to another."""
    found: Table = {}
    ends = [*world.pods, *addresses]
    for source in ends:
        for target in ends:
            if source == target or not (source in world.pods or target in world.pods):
                continue
            out = _side(world, policies, "Egress", source, target, target, points)
            into = _side(world, policies, "Ingress", target, source, target, points)
            if allowed := out & into:
                found[source, target] = frozenset(allowed)
    return found


def _side(
    world: World, policies: Sequence[Manifest], kind: str, own: str, other: str, target: str, points: Sequence[Point]
) -> set[Point]:
    """What the policies of one end allow with the other; ports are those of ``target``."""
    if own not in world.pods:
        return set(points)
    rules, isolated = [], False
    for policy in policies:
        spec, home = policy["spec"], policy["metadata"]["namespace"]
        selected = home == own.partition("/")[0] and matches(spec.get("podSelector"), labels_of(world, own))
        if selected and kind in types_of(spec):
            isolated = True
            rules += [(home, rule) for rule in spec.get(SIDES[kind][0]) or []]
    if not isolated:
        return set(points)
    found: set[Point] = set()
    for home, rule in rules:
        peers, ports = rule.get(SIDES[kind][1]) or [], rule.get("ports") or []
        if not peers or any(is_peer(world, home, peer, other) for peer in peers):
            found |= set(points) if not ports else {point for point in points if _listed(world, ports, target, point)}
    return found


def types_of(spec: Manifest) -> Sequence[str]:
    return spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]


def labels_of(world: World, pod: str) -> Mapping[str, str]:
    return world.pods[pod]["metadata"].get("labels") or {}


def matches(selector: Manifest | None, labels: Mapping[str, str]) -> bool:
    selector = selector or {}
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for expression in selector.get("matchExpressions") or []:
        key, values = expression["key"], expression.get("values") or []
        holds = {
            "In": key in labels and labels[key] in values,
            "NotIn": key not in labels or labels[key] not in values,
            "Exists": key in labels,
            "DoesNotExist": key not in labels,
        }
        if not holds[expression["operator"]]:
            return False
    return True


def is_peer(world: World, home: str, peer: Manifest, other: str) -> bool:
    block = peer.get("ipBlock")
    if block is not None:
        if other in world.pods and not world.blocks_match_pods:
            return False
        address = ip_address(world.pods[other]["status"]["podIP"] if other in world.pods else other)
        inside = address in ip_network(block["cidr"])
        return inside and not any(address in ip_network(hole) for hole in block.get("except") or [])
    if other not in world.pods:
        return False
    namespace = other.partition("/")[0]
    if peer.get("namespaceSelector") is None:
        if namespace != home:
            return False
    elif not matches(peer["namespaceSelector"], world.namespaces[namespace]):
        return False
    return peer.get("podSelector") is None or matches(peer["podSelector"], labels_of(world, other))


def _listed(world: World, ports: Sequence[Manifest], target: str, point: Point) -> bool:
    return any((entry.get("protocol") or "TCP") == point[0] and _meant(world, entry, target, point) for entry in ports)


def _meant(world: World, entry: Manifest, target: str, point: Point) -> bool:
    """Whether an entry of the point's protocol speaks of its number."""
    port = entry.get("port")
    if port is None:
        return True
    if isinstance(port, int):
        return bool(port <= point[1] <= (entry.get("endPort") or port))
    return target in world.pods and any(
        (declared.get("name"), declared.get("protocol") or "TCP", declared["containerPort"]) == (port, *point)
        for container in world.pods[target]["spec"]["containers"]
        for declared in container.get("ports") or []
    )


def points_of(world: World, policies: Iterable[Manifest]) -> list[Point]:
    """A port for every stretch of numbers that the policies or the pods could tell apart from its neighbours."""
    cuts = {1, 65535}
    for container in (one for pod in world.pods.values() for one in pod["spec"]["containers"]):
        cuts |= {declared["containerPort"] for declared in container.get("ports") or []}
    for rule in _rules(policies):
        for entry in rule.get("ports") or []:
            cuts |= {entry[key] for key in ("port", "endPort") if isinstance(entry.get(key), int)}
    numbers = sorted({near for cut in cuts for near in (cut - 1, cut, cut + 1) if 1 <= near <= 65535})
    return [(protocol, number) for protocol in PROTOCOLS for number in numbers]


def addresses_of(policies: Iterable[Manifest]) -> list[str]:
    """An address for every stretch that some ipBlock could tell apart from its neighbours."""
    whole = ip_network("0.0.0.0/0")
    cuts = {int(whole[0]), int(whole[-1])}
    for rule in _rules(policies):
        for peer in [*(rule.get("from") or []), *(rule.get("to") or [])]:
            block = peer.get("ipBlock") or {}
            for text in [*([block["cidr"]] if block else []), *(block.get("except") or [])]:
                network = ip_network(text)
                cuts |= {int(network[0]) - 1, int(network[0]), int(network[-1]), int(network[-1]) + 1}
    return [str(ip_address(cut)) for cut in sorted(cuts) if int(whole[0]) <= cut <= int(whole[-1])]


def _rules(policies: Iterable[Manifest]) -> Iterator[Manifest]:
    for policy in policies:
        for rules, _ in SIDES.values():
            yield from policy["spec"].get(rules) or []


def accepted(policy: Manifest) -> bool:
    """Whether the API server takes the policy: api/openapi-spec, pkg/apis/networking/validation/validation.go."""
    spec = policy["spec"]
    rules = list(_rules([policy]))
    peers = [peer for rule in rules for peer in [*(rule.get("from") or []), *(rule.get("to") or [])]]
    selectors = [spec.get("podSelector"), *(peer.get(key) for peer in peers for key in _SELECTORS)]
    return (
        len(spec.get("policyTypes") or []) <= len(SIDES)
        and all(_selector_accepted(one) for one in selectors if one is not None)
        and all(_peer_accepted(peer) for peer in peers)
        and all(_port_accepted(entry) for rule in rules for entry in rule.get("ports") or [])
    )


_SELECTORS = ("podSelector", "namespaceSelector")


def _selector_accepted(selector: Manifest) -> bool:
    return all(
        "key" in one and "operator" in one and bool(one.get("values")) is (one["operator"] in ("In", "NotIn"))
        for one in selector.get("matchExpressions") or []
    )


def _peer_accepted(peer: Manifest) -> bool:
    block = peer.get("ipBlock")
    selects = any(peer.get(key) is not None for key in _SELECTORS)
    if block is None or selects:
        return selects and block is None
    if "cidr" not in block:
        return False
    whole = ip_network(block["cidr"])
    holes = [ip_network(hole) for hole in block.get("except") or []]
    return all(hole != whole and hole.subnet_of(whole) for hole in holes)  # type: ignore[arg-type]


def _port_accepted(entry: Manifest) -> bool:
    port, end = entry.get("port"), entry.get("endPort")
    return end is None or (isinstance(port, int) and port <= end)
