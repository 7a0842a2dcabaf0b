"""NetworkPolicies in a short notation, the pods of Kubernetes' own policy tests, and one row of a table.

Selectors are written as kubectl writes them: ``pod=b``, ``pod in (a,b)``, ``tier!=web`` (also for pods without the
label), ``tier``, ``!tier``, several separated by ``;``, and ``""`` for all. Ports: ``80``, ``53/UDP``, ``/SCTP`` (all
of SCTP), ``http``, ``80-90``.

The world has the namespaces x, y and z, each with pods a (on n1), b (on n2) and c (on n3) that listen on 80 and 81 over
TCP, UDP and SCTP under names such as ``serve-80-tcp``.
https://github.com/kubernetes/kubernetes/tree/master/test/e2e/network/netpol
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import pytest

import kcnet
from kcnet.controlplane import build_cluster
from kcnet.model.cluster import Cluster
from kcnet.model.trace import Trace
from tests.flows.builders import ANY, NODES, Manifest, assert_sound, facts, namespace, pod, port
from tests.helpers import manifests_from


def selector(text: str) -> Manifest:
    labels: dict[str, str] = {}
    expressions: list[Manifest] = []
    for part in (each.strip() for each in text.split(";") if each.strip()):
        if found := re.fullmatch(r"(\S+) (in|notin) \((.*)\)", part):
            operator = {"in": "In", "notin": "NotIn"}[found[2]]
            expressions.append({"key": found[1], "operator": operator, "values": found[3].split(",")})
        elif "!=" in part:
            key, value = part.split("!=")
            expressions.append({"key": key, "operator": "NotIn", "values": [value]})
        elif "=" in part:
            key, value = part.split("=")
            labels[key] = value
        elif part.startswith("!"):
            expressions.append({"key": part[1:], "operator": "DoesNotExist"})
        else:
            expressions.append({"key": part, "operator": "Exists"})
    return {
        **({"matchLabels": labels} if labels else {}),
        **({"matchExpressions": expressions} if expressions else {}),
    }


def peer(pods: str | None = None, ns: str | None = None, ip: str | None = None, but: Sequence[str] = ()) -> Manifest:
    """One item of ``from`` or ``to``."""
    found: Manifest = {}
    if pods is not None:
        found["podSelector"] = selector(pods)
    if ns is not None:
        found["namespaceSelector"] = selector(ns)
    if ip is not None:
        found["ipBlock"] = {"cidr": ip, **({"except": list(but)} if but else {})}
    return found


def policy_port(text: str) -> Manifest:
    number, _, protocol = text.partition("/")
    found: Manifest = {"protocol": protocol} if protocol else {}
    if (ends := re.fullmatch(r"(\d+)-(\d+)", number)) is not None:
        found |= {"port": int(ends[1]), "endPort": int(ends[2])}
    elif number:
        found["port"] = int(number) if number.isdigit() else number
    return found


@dataclass(frozen=True)
class Rule:
    peers: tuple[Manifest, ...]
    ports: tuple[Manifest, ...]

    def written(self, key: str) -> Manifest:
        return {
            **({key: list(self.peers)} if self.peers else {}),
            **({"ports": list(self.ports)} if self.ports else {}),
        }


def rule(*peers: Manifest, ports: str = "") -> Rule:
    """Without peers it speaks of every peer, without ports of every port."""
    return Rule(peers, tuple(policy_port(each) for each in ports.split()))


def netpol(
    of: str = "x",
    pods: str = "",
    ingress: Sequence[Rule] | None = None,
    egress: Sequence[Rule] | None = None,
    types: str | None = None,
    name: str | None = None,
) -> Manifest:
    """A policy in namespace ``of``. ``types``: I, E, IE, "" for an empty list; None leaves ``policyTypes`` out."""
    spec: Manifest = {"podSelector": selector(pods)}
    if ingress is not None:
        spec["ingress"] = [each.written("from") for each in ingress]
    if egress is not None:
        spec["egress"] = [each.written("to") for each in egress]
    if types is not None:
        spec["policyTypes"] = [{"I": "Ingress", "E": "Egress"}[each] for each in types]
    unique = name or f"p-{crc32(json.dumps([of, spec], sort_keys=True).encode())}"
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": unique, "namespace": of},
        "spec": spec,
    }


def isolate(of: str = "x", pods: str = "", types: str = "I") -> Manifest:
    return netpol(of, pods, types=types, name=f"isolate-{types.lower()}-{len(pods)}")


def allow_in(*rules: Rule, of: str = "x", pods: str = "") -> Manifest:
    return netpol(of, pods, ingress=rules, types="I")


def allow_out(*rules: Rule, of: str = "x", pods: str = "") -> Manifest:
    return netpol(of, pods, egress=rules, types="E")


SERVES = tuple(
    port(number, f"serve-{number}-{protocol.lower()}", protocol)
    for number in (80, 81)
    for protocol in ("TCP", "UDP", "SCTP")
)
NAMESPACES = tuple(namespace(name, ns=name) for name in "xyz")
IPS = {
    f"{ns}/{name}": f"10.244.{on}.{10 * number}"
    for number, ns in enumerate("xyz", 1)
    for on, name in enumerate("abc", 1)
}
PODS = {key: pod(key[2], ip, ns=key[0], app=None, labels={"pod": key[2]}, ports=SERVES) for key, ip in IPS.items()}
WORLD = (NODES, NAMESPACES, tuple(PODS.values()))


def cluster(*objects: Manifest | Iterable[Any]) -> Cluster:
    """As ``tests.flows.builders.cluster``, without the way through YAML; tuples in tuples are taken apart too."""
    return build_cluster(manifests_from(_all(objects)))


def _all(objects: Iterable[Any]) -> list[Manifest]:
    found: list[Manifest] = []
    for each in objects:
        found += [each] if isinstance(each, dict) else _all(each)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A request, and what becomes of it."""

    given: Sequence[Any]
    source: str
    target: str
    ends: str
    """The verdict, or several that the documentation leaves open, separated by ``|``."""
    because: str | None = None
    seen: Any = ANY
    """sourceSeen of every delivered path; a set if they differ."""
    at: Any = ANY
    """Name of the endpoint -> share of the connections; or a tuple of names, evenly. Of delivered paths."""
    port: Any = ANY
    status: Any = ANY
    """httpStatus."""
    protocol: str | None = None
    host: str | None = None
    ns: str = "x"
    facts: Mapping[str, Any] = field(default_factory=dict)
    world: Sequence[Any] = WORLD
    options: Mapping[str, Any] = field(default_factory=dict)
    steps: Sequence[str] = ()
    """Codes of steps that some path must have."""
    assumes: Sequence[str] = ()
    """Words that must stand somewhere in the assumptions."""


def row(name: str, given: Any, way: str, ends: str, because: str | None = None, **more: Any) -> Any:
    """``way`` is ``SOURCE > TARGET``, with the protocol behind the target if it is not TCP: ``x/a > pod/b:80 UDP``."""
    source, target = way.split(" > ")
    target, _, protocol = target.partition(" ")
    given = given if isinstance(given, (list, tuple)) else [given]
    more.setdefault("protocol", protocol or None)
    return pytest.param(Row(given=given, source=source, target=target, ends=ends, because=because, **more), id=name)


def rows(*each: Any) -> Any:
    return pytest.mark.parametrize("flow", each)


def run(flow: Row) -> Trace:
    return kcnet.trace(
        cluster(facts(**flow.facts), flow.world, flow.given),
        flow.source,
        flow.target,
        namespace=flow.ns,
        protocol=flow.protocol,
        host=flow.host,
        **flow.options,
    )


def check(flow: Row) -> Trace:
    """Run the row and compare by meaning, never by wording."""
    trace = run(flow)
    shown = show(trace)
    assert_sound(trace)
    assert trace.verdict.value in flow.ends.split("|"), shown
    if flow.because:
        assert trace.reason.code in flow.because.split("|"), shown
    if flow.status is not ANY:
        assert trace.http_status == flow.status, shown
    delivered = [path for path in trace.paths if path.verdict == "delivered"]
    if flow.seen is not ANY:
        found = {str(path.source_seen) for path in delivered}
        assert found == (set(flow.seen) if isinstance(flow.seen, (set, frozenset)) else {flow.seen}), shown
    if flow.port is not ANY:
        assert {path.destination.port for path in delivered if path.destination} == {flow.port}, shown
    if flow.at is not ANY:
        wanted = flow.at if isinstance(flow.at, dict) else {name: 1 / len(flow.at) for name in flow.at}
        shares: dict[str, float] = {}
        for path in delivered:
            assert path.destination, shown
            shares[path.destination.name] = shares.get(path.destination.name, 0) + path.probability
        assert shares == pytest.approx(wanted), shown
    codes = {step.reason.code for path in trace.paths for step in path.steps}
    assert set(flow.steps) <= codes, shown
    for word in flow.assumes:
        assert any(word in each for each in trace.assumptions), trace.assumptions
    return trace


def show(trace: Trace) -> str:
    lines = [f"{trace.verdict} {trace.reason.code} {trace.http_status or ''}: {trace.summary}"]
    for path in trace.paths[:3]:
        seen, where = path.source_seen, path.destination and path.destination.name
        lines.append(f"  {path.probability:.3f} {path.verdict} {path.reason.code} at {where}, who sees {seen}")
        lines += [f"      {step.at} {step.stage} {step.action} {step.reason.code}: {step.text}" for step in path.steps]
    return "\n".join(lines)


def expected_pairs(text: str) -> dict[tuple[str, str], bool]:
    """Who reaches whom: all, changed in turn by items such as ``- */* > x/*`` and ``+ x/b > x/a``.

    A pod always reaches itself, whatever the items say: Kubernetes' own tests leave that out.
    """
    found = {(one, other): True for one in IPS for other in IPS}
    for sign, source, target in re.findall(r"([-+]) (\S+) > (\S+)", text):
        for one, other in found:
            if _covers(source, one) and _covers(target, other) and one != other:
                found[one, other] = sign == "+"
    return found


def _covers(pattern: str, key: str) -> bool:
    return all(
        ours in ("*", theirs) or theirs in ours.split("|")
        for ours, theirs in zip(pattern.split("/"), key.split("/"), strict=True)
    )
