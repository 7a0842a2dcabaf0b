"""Objects of the store as the values that the control plane works with.

A value is made once for each version of an object. A pod that a workload made points into the workload's manifest, as
long as nobody has changed the workload since it was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from kcnet.apiserver.store import Object, Store
from kcnet.loading.convert import assemble, convert
from kcnet.loading.document import Document
from kcnet.model.manifests import ClusterFacts, Manifests, NodeManifest, PodManifest, ServiceManifest, Workload
from kcnet.model.names import Origin, Ref
from kcnet.model.wellknown import MANAGED_BY, MIRRORING_CONTROLLER, SLICE_CONTROLLER

READ: Final = {
    "namespaces": "Namespace",
    "nodes": "Node",
    "pods": "Pod",
    "replicationcontrollers": "ReplicationController",
    "services": "Service",
    "daemonsets": "DaemonSet",
    "deployments": "Deployment",
    "replicasets": "ReplicaSet",
    "statefulsets": "StatefulSet",
    "cronjobs": "CronJob",
    "jobs": "Job",
    "endpoints": "Endpoints",
    "endpointslices": "EndpointSlice",
    "ingressclasses": "IngressClass",
    "ingresses": "Ingress",
    "networkpolicies": "NetworkPolicy",
    "secrets": "Secret",
}
"""The resources that the control plane reads, and their kinds."""

ENDPOINTS_MANAGED_BY: Final = "endpoints.kubernetes.io/managed-by"
"""Label of Endpoints that the endpoints controller made."""

Typed = Any


class Values:
    """The typed values of a store's objects; each is remembered for as long as the object stays what it is."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Object, Origin | None, Typed]] = {}

    def manifests(self, store: Store, facts: ClusterFacts) -> Manifests:
        """What ``build_cluster`` takes. What the controllers derive anew each time stays out: slices, Endpoints."""
        values = list(self._values(store))
        found = assemble(values, (), {})
        return replace(found, facts=facts)

    def of(self, store: Store, plural: str, obj: Object) -> Typed:
        uid = obj["metadata"]["uid"]
        origin = _origin(store, obj) if plural == "pods" else store.origins.get(uid)
        known = self._made.get(uid)
        if known is not None and known[0] is obj and known[1] is origin:
            return known[2]
        made = _typed(store, READ[plural], obj, origin)
        self._made[uid] = obj, origin, made
        return made

    def _values(self, store: Store) -> Iterator[Typed]:
        for plural in READ:
            for obj in store.objects.get(plural, {}).values():
                if plural == "endpointslices" and is_derived_slice(obj):
                    continue
                if plural == "endpoints" and is_derived_endpoints(obj):
                    continue
                yield self.of(store, plural, obj)


def is_derived_slice(obj: Mapping[str, Any]) -> bool:
    labels = obj["metadata"].get("labels") or {}
    return labels.get(MANAGED_BY) in (SLICE_CONTROLLER, MIRRORING_CONTROLLER) or _is_kubernetes(obj)


def is_derived_endpoints(obj: Mapping[str, Any]) -> bool:
    return ENDPOINTS_MANAGED_BY in (obj["metadata"].get("labels") or {}) or _is_kubernetes(obj)


def _is_kubernetes(obj: Mapping[str, Any]) -> bool:
    """The API server's own endpoints."""
    metadata = obj["metadata"]
    return (metadata.get("namespace"), metadata["name"]) == ("default", "kubernetes")


def _typed(store: Store, kind: str, obj: Object, origin: Origin | None) -> Typed:
    metadata = obj["metadata"]
    ref = Ref(kind, metadata.get("namespace"), metadata["name"], origin)
    value = convert(Document(ref=ref, api_version=obj["apiVersion"], value=obj))
    if isinstance(value, PodManifest):
        return _pod(store, obj, value)
    if isinstance(value, Workload):
        # Its pods are made by this package's controllers, and by nobody else.
        return replace(value, suspended=True)
    if isinstance(value, ServiceManifest):
        # It may wait for a load balancer, as one that was just created.
        return replace(value, live=f"stated/{metadata['uid']}" in store.marks)
    if isinstance(value, NodeManifest):
        return replace(value, registered=True)
    return value


def _pod(store: Store, obj: Object, value: PodManifest) -> PodManifest:
    """One without an address is still to be placed and addressed, unless it has ended or was given up."""
    stated = f"stated/{obj['metadata']['uid']}" in store.marks
    if not value.addresses and not stated and value.phase in (None, "Pending", "Running"):
        value = replace(value, phase=None, live=False, ready=None)
    if value.ref.origin is not None and store.origins.get(obj["metadata"]["uid"]) is None:
        place = "spec.jobTemplate.spec.template.spec" if _top(store, obj)[1] == "cronjobs" else "spec.template.spec"
        value = replace(value, spec=replace(value.spec, field=place))
    return value


def _origin(store: Store, pod: Object) -> Origin | None:
    """Where the pod was written, or the workload that made it."""
    own = store.origins.get(pod["metadata"]["uid"])
    return own if own is not None else store.origins.get(_top(store, pod)[0])


_PLURALS: Final = {kind: plural for plural, kind in READ.items()}


def _top(store: Store, obj: Object) -> tuple[str, str]:
    """The uid and the resource of the workload on top of the object; "" without one."""
    found = "", ""
    for _ in range(4):
        owners = obj["metadata"].get("ownerReferences") or ()
        owner = next((item for item in owners if item.get("controller")), None)
        plural = _PLURALS.get(owner["kind"]) if owner else None
        above = store.get(plural, obj["metadata"].get("namespace"), owner["name"]) if owner and plural else None
        if above is None or owner is None or plural is None or above["metadata"]["uid"] != owner["uid"]:
            return found
        found, obj = (owner["uid"], plural), above
    return found
