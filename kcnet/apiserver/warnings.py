"""Warnings: what the API server accepts and still has something to say about.

pkg/api/service/warnings.go, pkg/api/pod/warnings.go and pkg/registry/networking/ingress of kubernetes/kubernetes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kcnet.apiserver.resources import Resource
from kcnet.model.wellknown import INGRESS_CLASS, TOPOLOGY_HINTS, TOPOLOGY_MODE

Object = dict[str, Any]


def warnings_of(resource: Resource, new: Object, old: Object | None = None) -> list[str]:
    match resource.kind:
        case "Endpoints":
            return ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"]
        case "Service":
            return list(_service(new))
        case "Ingress":
            return list(_ingress(new, old))
        case "Pod":
            return list(_pod(new["spec"], "spec"))
        case "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" | "ReplicationController":
            template = new["spec"].get("template") or {}
            return list(_pod(template.get("spec") or {}, "spec.template.spec"))
    return []


def _service(value: Object) -> Iterator[str]:
    spec, annotations = value["spec"], value["metadata"].get("annotations") or {}
    headless = spec.get("clusterIP") == "None"
    if TOPOLOGY_HINTS in annotations:
        yield (f"annotation {TOPOLOGY_HINTS} is deprecated, please use {TOPOLOGY_MODE} instead")
    if headless:
        if spec.get("loadBalancerIP"):
            yield "spec.loadBalancerIP is ignored for headless services"
        if spec.get("externalIPs"):
            yield "spec.externalIPs is ignored for headless services"
        if spec.get("sessionAffinity") != "None":
            yield "spec.SessionAffinity is ignored for headless services"
    kind = spec.get("type")
    if spec.get("externalIPs") and not headless:
        if kind == "ExternalName":
            yield 'spec.externalIPs is ignored when spec.type is "ExternalName"'
        else:
            yield "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
    if kind != "ExternalName" and spec.get("externalName"):
        yield 'spec.externalName is ignored when spec.type is not "ExternalName"'
    if spec.get("trafficDistribution") == "PreferClose":
        yield 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'


def _ingress(value: Object, old: Object | None) -> Iterator[str]:
    annotations = value["metadata"].get("annotations") or {}
    if old is None and INGRESS_CLASS in annotations:
        yield f"annotation \"{INGRESS_CLASS}\" is deprecated, please use 'spec.ingressClassName' instead"


def _pod(spec: Mapping[str, Any], field: str) -> Iterator[str]:
    """Ports that stand twice: the same number over the same protocol, and one name in two containers."""
    numbers: dict[tuple[object, object], str] = {}
    names: dict[str, tuple[str, int]] = {}
    for index, container in enumerate(spec.get("containers") or ()):
        for place, port in enumerate(container.get("ports") or ()):
            where = f"{field}.containers[{index}].ports[{place}]"
            pair = port.get("containerPort"), port.get("protocol") or "TCP"
            first = numbers.setdefault(pair, where)
            if first != where:
                yield f"{where}: duplicate port definition with {first}"
            name = port.get("name")
            if name:
                earlier, container_index = names.setdefault(name, (where, index))
                if container_index != index:
                    yield (
                        f'{where}: duplicate port name "{name}" with {earlier}, services and probes that select ports '
                        f"by name will use {earlier}"
                    )
