"""Documents to exact values, with the defaults that the API server writes in without looking at other objects.

https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/defaults.go and the other groups' defaults.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from kcnet.loading.convert.cluster import config_map, facts, namespace, node, secret
from kcnet.loading.convert.endpoints import endpoint_slice, legacy_endpoints
from kcnet.loading.convert.ingress import ingress, ingress_class
from kcnet.loading.convert.policy import network_policy
from kcnet.loading.convert.services import service
from kcnet.loading.convert.workloads import pod, workload
from kcnet.loading.document import Document
from kcnet.model.manifests import ClusterFacts, Manifests
from kcnet.model.names import Ref

_CONVERTERS: Mapping[str, Callable[[Ref, dict[str, Any]], object]] = {
    "Cluster": facts,
    "ConfigMap": config_map,
    "CronJob": workload,
    "DaemonSet": workload,
    "Deployment": workload,
    "EndpointSlice": endpoint_slice,
    "Endpoints": legacy_endpoints,
    "Ingress": ingress,
    "IngressClass": ingress_class,
    "Job": workload,
    "Namespace": namespace,
    "NetworkPolicy": network_policy,
    "Node": node,
    "Pod": pod,
    "ReplicaSet": workload,
    "ReplicationController": workload,
    "Secret": secret,
    "Service": service,
    "StatefulSet": workload,
}

_FIELDS = {
    "Namespace": "namespaces",
    "Node": "nodes",
    "Pod": "pods",
    "Service": "services",
    "Endpoints": "endpoints",
    "EndpointSlice": "slices",
    "Ingress": "ingresses",
    "IngressClass": "ingress_classes",
    "NetworkPolicy": "policies",
    "ConfigMap": "config_maps",
    "Secret": "secrets",
}
"""Field of ``Manifests`` by kind; every other kind is a workload."""


def convert(document: Document) -> object:
    """The typed value of ``document``, which has passed schema and validation. KeyError for any other kind."""
    return _CONVERTERS[document.kind](document.ref, document.value)


def assemble(values: Iterable[Any], files: Sequence[str], skipped: Mapping[str, int]) -> Manifests:
    """Sorts what ``convert`` gave by (kind, namespace, name), and drops copies: they change nothing."""
    found: dict[str, list[Any]] = {}
    stated: list[ClusterFacts] = []
    for value in values:
        if isinstance(value, ClusterFacts):
            stated.append(value)
        else:
            found.setdefault(_FIELDS.get(value.ref.kind, "workloads"), []).append(value)
    stated.sort(key=lambda value: value.ref.name if value.ref else "")
    return Manifests(
        facts=stated[0] if stated else ClusterFacts(),
        files=tuple(files),
        skipped=dict(sorted(skipped.items())),
        **{field: tuple(_without_copies(sorted(objects, key=_order))) for field, objects in found.items()},
    )


def _without_copies(objects: Sequence[Any]) -> Iterator[Any]:
    """Objects with a generated name are never copies of each other."""
    last = None
    for value in objects:
        if last is None or not value.ref.name or value.ref != last.ref or value != last:
            yield value
        last = value


def _order(value: Any) -> tuple[str, str, str]:
    ref: Ref = value.ref
    return ref.kind, ref.namespace or "", ref.name
