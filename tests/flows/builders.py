"""Small builders of Kubernetes objects, and one row of a table: a request and what becomes of it.

The world that most rows share has three nodes, ``n1`` to ``n3`` (10.0.0.1 to 10.0.0.3, zones a to c), and pods whose
addresses say where they run: 10.244.NODE.x.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

import kcnet
from kcnet.controlplane import build_cluster
from kcnet.model.cluster import Cluster
from kcnet.model.trace import Stage, Trace
from tests.helpers import manifests_from

Manifest = dict[str, Any]

MODES = ("iptables", "nftables", "ipvs")
INTERNET = "198.51.100.7"


def _document(api: str, kind: str, name: str, ns: str | None, meta: Mapping[str, Any], **rest: Any) -> Manifest:
    metadata = {
        "name": name,
        **({"namespace": ns} if ns else {}),
        **{key: value for key, value in meta.items() if value},
    }
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **rest}


def facts(**spec: Any) -> Manifest:
    return _document("kcnet/v1", "Cluster", "facts", None, {}, spec=spec)


def namespace(name: str, **labels: str) -> Manifest:
    return _document("v1", "Namespace", name, None, {"labels": labels})


def node(
    name: str,
    ip: str | None = None,
    *,
    ips: Sequence[str] = (),
    zone: str | None = None,
    external: str | None = None,
    cidrs: Sequence[str] = (),
    cpu: str | None = None,
    ready: bool = True,
    labels: Mapping[str, str] | None = None,
) -> Manifest:
    """``n2`` has address 10.0.0.2 and pods in 10.244.2.0/24 unless told otherwise."""
    number = name.removeprefix("n")
    addresses = [{"type": "InternalIP", "address": each} for each in ips or [ip or f"10.0.0.{number}"]]
    addresses += [{"type": "ExternalIP", "address": external}] if external else []
    status: Manifest = {"addresses": addresses}
    if cpu:
        status["allocatable"] = {"cpu": cpu}
    if not ready:
        status["conditions"] = [{"type": "Ready", "status": "False"}]
    every = {**({"topology.kubernetes.io/zone": zone} if zone else {}), **(labels or {})}
    pod_cidrs = list(cidrs) or [f"10.244.{number}.0/24"]
    return _document("v1", "Node", name, None, {"labels": every}, spec={"podCIDRs": pod_cidrs}, status=status)


NODES = (node("n1", zone="a"), node("n2", zone="b"), node("n3", zone="c"))


def port(number: int, name: str | None = None, protocol: str | None = None, host_port: int | None = None) -> Manifest:
    found: Manifest = {"containerPort": number}
    if name:
        found["name"] = name
    if protocol:
        found["protocol"] = protocol
    if host_port:
        found["hostPort"] = host_port
    return found


HTTP = port(8080, "http")


def pod(
    name: str,
    ip: str | None = None,
    *,
    on: str | None = None,
    ns: str = "shop",
    app: str | None = "web",
    ports: Sequence[Manifest] = (HTTP,),
    ready: bool = True,
    terminating: bool = False,
    phase: str = "Running",
    listens: str | None = None,
    ips: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
    **spec: Any,
) -> Manifest:
    """A running pod that a cluster reports: its address, its node and whether it is ready stand in its manifest.

    Without ``on`` the node is the third number of the address: 10.244.2.7 is on ``n2``.
    """
    every = list(ips) or ([ip] if ip else [])
    if on is None and every and "." in every[0] and not spec.get("hostNetwork"):
        on = f"n{every[0].split('.')[2]}"
    status: Manifest = {"phase": phase}
    if every:
        status |= {"podIP": every[0], "podIPs": [{"ip": each} for each in every]}
    status["conditions"] = [{"type": "Ready", "status": str(ready)}]
    meta: Manifest = {
        "labels": {**({"app": app} if app else {}), **(labels or {})},
        "annotations": {"kcnet/listens": listens} if listens is not None else {},
    }
    if terminating:
        meta |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": 30}
    containers = spec.pop("containers", None) or [
        {"name": "c", "image": "nginx", **({"ports": list(ports)} if ports else {})}
    ]
    whole = {"containers": containers, **({"nodeName": on} if on else {}), **spec}
    return _document("v1", "Pod", name, ns, meta, spec=whole, status=status)


WEB1, WEB2, WEB3 = (pod(f"web-{number}", f"10.244.{number}.1") for number in (1, 2, 3))
"""Pods of the application ``web``, one on each node, which listen on 8080 (named ``http``)."""

CLIENT = pod("client", "10.244.1.100", app="client", ports=())
CLIENT2 = pod("client-2", "10.244.2.100", app="client", ports=())
CLIENT3 = pod("client-3", "10.244.3.100", app="client", ports=())
HOST_CLIENT = pod("host-client", "10.0.0.1", on="n1", app="client", ports=(), hostNetwork=True)
CLIENTS = (CLIENT, CLIENT2, CLIENT3, HOST_CLIENT)


def sport(number: int, target: int | str | None = None, name: str | None = None, **more: Any) -> Manifest:
    found: Manifest = {"port": number, **more}
    if target is not None:
        found["targetPort"] = target
    if name is not None:
        found["name"] = name
    return found


def service(
    name: str = "web",
    ip: str | None = None,
    *,
    ns: str = "shop",
    app: str | None = "web",
    ports: Sequence[Manifest] | None = None,
    kind: str | None = None,
    lb: Sequence[Manifest] | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    **spec: Any,
) -> Manifest:
    """Port 80 to the named port ``http`` of the pods of ``app`` unless told otherwise; ``app=None``: no selector."""
    whole: Manifest = dict(spec)
    if kind:
        whole["type"] = kind
    if ip:
        whole["clusterIP"] = ip
    if app:
        whole["selector"] = {"app": app}
    whole["ports"] = list(ports) if ports is not None else [sport(80, "http")]
    if not whole["ports"]:
        del whole["ports"]
    rest: Manifest = {"spec": whole}
    if lb is not None:
        rest["status"] = {"loadBalancer": {"ingress": list(lb)}}
    return _document("v1", "Service", name, ns, {"labels": labels, "annotations": annotations}, **rest)


VIP = "10.96.7.7"
LB_IP = "203.0.113.50"
EXT_IP = "192.0.2.80"


def cluster_ip(**more: Any) -> Manifest:
    return service(ip=VIP, **more)


def node_port(**more: Any) -> Manifest:
    """Node port 30080."""
    return service(ip=VIP, kind="NodePort", ports=[sport(80, "http", nodePort=30080)], **more)


def load_balancer(lb: Sequence[Manifest] = ({"ip": LB_IP},), **more: Any) -> Manifest:
    """Node port 30080, and a load balancer's address 203.0.113.50."""
    more.setdefault("ports", [sport(80, "http", nodePort=30080)])
    return service(ip=VIP, kind="LoadBalancer", lb=lb, **more)


def external_ip(**more: Any) -> Manifest:
    return service(ip=VIP, externalIPs=[EXT_IP], **more)


def headless(name: str = "web", **more: Any) -> Manifest:
    return service(name, "None", **more)


def external_name(name: str, target: str, **more: Any) -> Manifest:
    more.setdefault("ports", [])
    return service(name, kind="ExternalName", app=None, externalName=target, **more)


def endpoint(
    address: str,
    *,
    node: str | None = None,
    zone: str | None = None,
    hostname: str | None = None,
    zones: Sequence[str] = (),
    nodes: Sequence[str] = (),
    target: str | None = None,
    **conditions: bool,
) -> Manifest:
    found: Manifest = {"addresses": [address]}
    for key, value in (("nodeName", node), ("zone", zone), ("hostname", hostname), ("conditions", conditions)):
        if value:
            found[key] = value
    hints = {
        key: [{"name": each} for each in names] for key, names in (("forZones", zones), ("forNodes", nodes)) if names
    }
    if hints:
        found["hints"] = hints
    if target:
        found["targetRef"] = {"kind": "Pod", "name": target, "namespace": "shop"}
    return found


def endpoint_slice(
    *endpoints: Manifest,
    of: str = "web",
    name: str = "web-manual",
    ns: str = "shop",
    ports: Sequence[Manifest] = ({"port": 8080},),
    family: str = "IPv4",
    labels: Mapping[str, str] | None = None,
) -> Manifest:
    every = {**({"kubernetes.io/service-name": of} if of else {}), **(labels or {})}
    return _document(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        name,
        ns,
        {"labels": every},
        addressType=family,
        endpoints=list(endpoints),
        ports=list(ports),
    )


def legacy_endpoints(*subsets: Manifest, name: str = "web", ns: str = "shop", **meta: Any) -> Manifest:
    return _document("v1", "Endpoints", name, ns, meta, subsets=list(subsets))


def workload(
    kind: str,
    name: str,
    *,
    ns: str = "shop",
    app: str | None = None,
    replicas: int | None = 1,
    ports: Sequence[Manifest] = (HTTP,),
    listens: str | None = None,
    pod_spec: Mapping[str, Any] | None = None,
    **spec: Any,
) -> Manifest:
    labels = {"app": app or name}
    template: Manifest = {
        "metadata": {"labels": labels, **({"annotations": {"kcnet/listens": listens}} if listens is not None else {})},
        "spec": {
            "containers": [{"name": "c", "image": "nginx", **({"ports": list(ports)} if ports else {})}],
            **(pod_spec or {}),
        },
    }
    whole: Manifest = {"selector": {"matchLabels": labels}, "template": template, **spec}
    if replicas is not None and kind != "DaemonSet":
        whole["replicas"] = replicas
    return _document("apps/v1", kind, name, ns, {}, spec=whole)


def policy(name: str, *, ns: str = "shop", pods: Mapping[str, Any] | None = None, **spec: Any) -> Manifest:
    return _document("networking.k8s.io/v1", "NetworkPolicy", name, ns, {}, spec={"podSelector": pods or {}, **spec})


def cluster(*objects: Manifest | Iterable[Manifest]) -> Cluster:
    """The cluster of ``objects`` (tuples among them are taken apart)."""
    return build_cluster(manifests_from(flat(objects)))


def text(*objects: Manifest | Iterable[Manifest]) -> str:
    return "\n---\n".join(json.dumps(each, indent=1) for each in flat(objects))


def flat(objects: Iterable[Manifest | Iterable[Manifest]]) -> list[Manifest]:
    return [each for one in objects for each in ([one] if isinstance(one, dict) else one)]


def by_mode(iptables: Any, nftables: Any, ipvs: Any) -> dict[str, Any]:
    return {"iptables": iptables, "nftables": nftables, "ipvs": ipvs}


ANY = object()
"""Not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A request, and what becomes of it."""

    given: Sequence[Manifest | Sequence[Manifest]]
    source: str
    target: str
    ends: str
    """The verdict. ``a|b``: either; ``x/y/z``: in iptables, nftables and ipvs mode."""
    because: str | None = None
    """The code of all paths together, written like ``ends``."""
    seen: Any = ANY
    """sourceSeen of every delivered path; a set if they differ."""
    at: Any = ANY
    """Name of the endpoint -> share of the connections; or a tuple of names, evenly. Of delivered paths."""
    port: Any = ANY
    """The port that the endpoint is reached at."""
    protocol: str | None = None
    ns: str = "shop"
    facts: Mapping[str, Any] = field(default_factory=dict)
    nodes: Sequence[Manifest] = NODES
    clients: Sequence[Manifest] = CLIENTS
    options: Mapping[str, Any] = field(default_factory=dict)
    """More arguments of ``kcnet.trace``."""


def case(
    name: str,
    given: Sequence[Manifest | Sequence[Manifest]],
    way: str,
    ends: str,
    because: str | None = None,
    modes: Sequence[str] = MODES,
    **more: Any,
) -> list[Any]:
    """One row for each proxy mode. ``way`` is ``SOURCE > TARGET``."""
    source, target = way.split(" > ")
    flow = Flow(given=given, source=source, target=target, ends=ends, because=because, **more)
    return [pytest.param(flow, mode, id=f"{name} [{mode}]") for mode in modes]


def table(*cases: list[Any]) -> Any:
    """Parametrize a test over cases."""
    return pytest.mark.parametrize(("flow", "mode"), [each for rows in cases for each in rows])


def world(flow: Flow, mode: str) -> Cluster:
    return cluster(facts(proxyMode=mode, **flow.facts), flow.nodes, flow.clients, *flow.given)


def run(flow: Flow, mode: str = "iptables") -> Trace:
    return kcnet.trace(
        world(flow, mode), flow.source, flow.target, namespace=flow.ns, protocol=flow.protocol, **flow.options
    )


def check(flow: Flow, mode: str) -> None:
    """Run the row and compare by meaning, never by wording."""
    trace = run(flow, mode)
    shown = _shown(trace)
    assert_sound(trace)
    assert trace.verdict.value in _alternatives(flow.ends, mode), shown
    if flow.because:
        assert trace.reason.code in _alternatives(flow.because, mode), shown
    delivered = [path for path in trace.paths if path.verdict == "delivered"]
    if (seen := _of(flow.seen, mode)) is not ANY:
        found = {str(path.source_seen) if path.source_seen else None for path in delivered}
        assert found == (set(seen) if isinstance(seen, (set, frozenset)) else {seen}), shown
    if (port_ := _of(flow.port, mode)) is not ANY:
        assert {path.destination.port for path in delivered if path.destination} == {port_}, shown
    if (at := _of(flow.at, mode)) is not ANY:
        wanted = at if isinstance(at, dict) else {name: 1 / len(at) for name in at}
        found_at: dict[str, float] = {}
        for path in delivered:
            assert path.destination, shown
            found_at[path.destination.name] = found_at.get(path.destination.name, 0) + path.probability
        assert found_at == pytest.approx(wanted), shown


def _alternatives(written: str, mode: str) -> list[str]:
    modes = written.split("/")
    return (modes[MODES.index(mode)] if len(modes) > 1 else modes[0]).split("|")


def _of(value: Any, mode: str) -> Any:
    return value[mode] if isinstance(value, dict) and set(value) == set(MODES) else value


def _shown(trace: Trace) -> str:
    lines = [f"{trace.verdict} {trace.reason.code}: {trace.summary}"]
    for path in trace.paths[:2]:
        seen, where = path.source_seen, path.destination and path.destination.name
        lines.append(f"  {path.probability:.3f} {path.verdict} {path.reason.code} at {where}, who sees {seen}")
        lines += [f"      {step.at} {step.stage} {step.action} {step.reason.code}: {step.text}" for step in path.steps]
    return "\n".join(lines)


_SOCKET = re.compile(r"^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])(:\d+)?$")


def assert_sound(trace: Trace) -> None:
    """What holds for every trace: the shares, the order, the chain of packets, the document."""
    shown = _shown(trace)
    assert trace.paths
    assert sum(path.share for path in trace.paths) == pytest.approx(1), shown
    verdicts = {path.verdict.value for path in trace.paths}
    if len(verdicts) == 1:
        assert {trace.verdict.value} == verdicts, shown
    else:
        assert trace.verdict.value == ("partial" if "delivered" in verdicts else "mixed"), shown
    assert trace.reason.code in {path.reason.code for path in trace.paths}, shown
    assert trace.summary, shown
    assert trace.client_sees, shown
    for path in trace.paths:
        assert 0 < path.probability <= 1, shown
        assert path.steps, shown
        assert path.verdict.value not in ("partial", "mixed"), shown
        if path.verdict == "delivered":
            assert path.destination is not None, shown
            assert path.reason.code == "DELIVERED", shown
        for earlier, later in pairwise(path.steps):
            proxied = {earlier.stage, later.stage} & {Stage.INGRESS, Stage.LOAD_BALANCER, Stage.RETURN}
            behind_an_obstacle = earlier.verdict is not None
            assert proxied or behind_an_obstacle or earlier.after == later.before, shown
        assert [step for _, steps in path.hops for step in steps] == list(path.steps)
    document = json.loads(json.dumps(trace.to_dict()))
    assert len(document["paths"]) == min(len(trace.paths), 256)
    for path_document in document["paths"]:
        for hop in path_document["hops"]:
            assert hop["steps"], shown
            for step in hop["steps"]:
                for end in (step["packet"]["src"], step["packet"]["dst"]):
                    assert end is None or _SOCKET.match(end), shown
                assert step["packet"]["protocol"] in ("TCP", "UDP", "SCTP")
                assert step["text"], shown
                for because in step["because"]:
                    assert because["file"] == "test.yaml", shown
                    assert because["line"] >= 1, shown
