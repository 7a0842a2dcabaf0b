# ruff: noqa: E501
"""Short ways to write manifests as values, and the clusters that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kcnet.controlplane import build_cluster
from kcnet.model.cluster import Cluster
from tests.helpers import manifests_from

Manifest = dict[str, Any]

IMPLIED = ("kube-system", "coredns")


def cluster(*manifests: Manifest) -> Cluster:
    return build_cluster(manifests_from(manifests))


def thing(
    kind: str, name: str, *, ns: str = "default", metadata: Mapping[str, Any] | None = None, **parts: Any
) -> Manifest:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": ns, **(metadata or {})}, **parts}


def labelled(labels: str) -> dict[str, str]:
    """``app=web tier=front``"""
    return dict(pair.split("=") for pair in labels.split())


def pod(
    name: str,
    labels: str = "",
    *,
    ns: str = "default",
    ip: str | None = None,
    node: str | None = None,
    ready: bool | None = None,
    phase: str | None = None,
    ports: Any = (),
    owner: str | None = None,
    live: bool = False,
    terminating: bool = False,
    listens: str | None = None,
    container: Mapping[str, Any] | None = None,
    **spec: Any,
) -> Manifest:
    """``ports``: ``(number, name, protocol)`` or numbers; ``owner``: ``ReplicaSet/web-1``; ``ip``: several with commas."""
    metadata: dict[str, Any] = {"labels": labelled(labels)}
    if live:
        metadata["uid"] = "1"
    if terminating:
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    if listens is not None:
        metadata["annotations"] = {"kcnet/listens": listens}
    if owner:
        kind, _, owned_by = owner.partition("/")
        metadata["ownerReferences"] = [{"kind": kind, "name": owned_by, "controller": True}]
    status: dict[str, Any] = {}
    if ip:
        status["podIPs"] = [{"ip": address} for address in ip.split(",")]
    if phase:
        status["phase"] = phase
    if ready is not None:
        status["conditions"] = [{"type": "Ready", "status": str(ready)}]
    first = {"name": "c", "image": "app", "ports": [port_of(port) for port in ports], **(container or {})}
    body = {"containers": [first], **spec}
    if node:
        body["nodeName"] = node
    return thing("Pod", name, ns=ns, metadata=metadata, spec=body, status=status)


def port_of(port: Any) -> dict[str, Any]:
    number, name, protocol = (*port, None, None)[:3] if isinstance(port, tuple) else (port, None, None)
    return {"containerPort": number, "name": name, "protocol": protocol}


def workload(
    kind: str,
    name: str,
    labels: str = "app=web",
    *,
    ns: str = "default",
    metadata: Any = None,
    pod_spec: Any = None,
    **spec: Any,
) -> Manifest:
    template = {
        "metadata": {"labels": labelled(labels)},
        "spec": {"containers": [{"name": "c", "image": "app"}], **(pod_spec or {})},
    }
    body = (
        {"jobTemplate": {"spec": {"template": template, **spec}}}
        if kind == "CronJob"
        else {"template": template, **spec}
    )
    if kind == "CronJob" and "suspend" in spec:
        body["suspend"] = spec["suspend"]
    return thing(kind, name, ns=ns, metadata=metadata, spec=body)


def owned_by(kind: str, name: str) -> dict[str, Any]:
    return {"ownerReferences": [{"kind": kind, "name": name, "controller": True}]}


def node(
    name: str,
    labels: str = "",
    *,
    ip: str | None = None,
    cidr: str | None = None,
    taints: str = "",
    cpu: str | None = None,
    ready: bool = True,
    **spec: Any,
) -> Manifest:
    """``taints``: ``key=value:Effect`` or ``key:Effect``, several with blanks; ``cidr``: several with commas."""
    status: dict[str, Any] = {"conditions": [{"type": "Ready", "status": str(ready)}]}
    if ip:
        status["addresses"] = [{"type": "InternalIP", "address": address} for address in ip.split(",")]
    if cpu:
        status["allocatable"] = {"cpu": cpu}
    if cidr:
        spec["podCIDRs"] = cidr.split(",")
    spec["taints"] = [
        {"key": key, "value": value or None, "effect": effect}
        for taint in taints.split()
        for pair, _, effect in [taint.partition(":")]
        for key, _, value in [pair.partition("=")]
    ]
    return thing("Node", name, metadata={"labels": labelled(labels)}, spec=spec, status=status)


def service(
    name: str = "web", selector: str = "app=web", *, ns: str = "default", ports: Any = (80,), **rest: Any
) -> Manifest:
    """``ports``: numbers or mappings; ``rest``: fields of ``spec``, or ``metadata`` and ``status``."""
    spec = {
        "selector": labelled(selector),
        "ports": [port if isinstance(port, dict) else {"port": port} for port in ports],
        **{key: value for key, value in rest.items() if key not in ("metadata", "status")},
    }
    return thing("Service", name, ns=ns, metadata=rest.get("metadata"), spec=spec, status=rest.get("status"))


def facts(**spec: Any) -> Manifest:
    return thing("Cluster", "facts", spec=spec)


def ingress(
    name: str = "site", *, ns: str = "default", metadata: Any = None, status: Any = None, **spec: Any
) -> Manifest:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    return thing("Ingress", name, ns=ns, metadata=metadata, spec={"defaultBackend": backend, **spec}, status=status)


def ingress_class(name: str, controller: str, *, default: bool = False, created: str | None = None) -> Manifest:
    notes = {"ingressclass.kubernetes.io/is-default-class": "true"} if default else {}
    metadata = {"annotations": notes, "creationTimestamp": created}
    return thing("IngressClass", name, metadata=metadata, spec={"controller": controller})
