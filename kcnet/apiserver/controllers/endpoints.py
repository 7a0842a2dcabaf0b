"""EndpointSlices and Endpoints of Services, as objects.

https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/ ; the slices themselves are worked out by
``kcnet.controlplane.endpoints``. Endpoints hold the same for older clients: at most 1000 addresses, one subset for each
list of ports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kcnet.apiserver.controllers.tools import put_new
from kcnet.apiserver.meta import owner_reference, timestamp
from kcnet.apiserver.store import Key, Object
from kcnet.apiserver.typed import ENDPOINTS_MANAGED_BY, is_derived_endpoints, is_derived_slice
from kcnet.controlplane.system import KUBERNETES
from kcnet.model.cluster import Cluster
from kcnet.model.names import Ref
from kcnet.model.objects import Endpoint, EndpointPort, EndpointSlice
from kcnet.model.wellknown import HEADLESS, MANAGED_BY, MIRRORING_CONTROLLER, SERVICE_NAME

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"


def write_back(server: ApiServer, cluster: Cluster) -> None:
    store = server.store
    wanted_slices: dict[Key, Object] = {}
    wanted_endpoints: dict[Key, Object] = {}
    handmade = {key for key, obj in store.objects.get("endpointslices", {}).items() if not is_derived_slice(obj)}
    for key, slices in cluster.slices.items():
        service = store.get("services", *key)
        derived = [item for item in slices if (item.namespace, item.name) not in handmade]
        for item in derived:
            wanted_slices[item.namespace, item.name] = _slice(server, service, item)
        is_mirror = any(item.managed_by == MIRRORING_CONTROLLER for item in slices)
        if service is not None and (service["spec"].get("selector") or key == KUBERNETES) and not is_mirror:
            wanted_endpoints[key] = _endpoints(server, service, slices)
    _write(server, "endpointslices", wanted_slices, handmade)
    own = {key for key, obj in store.objects.get("endpoints", {}).items() if not is_derived_endpoints(obj)}
    _write(server, "endpoints", wanted_endpoints, own)


def _write(server: ApiServer, plural: str, wanted: Mapping[Key, Object], keep: set[Key]) -> None:
    """Stores what differs, and removes derived objects that are no longer wanted."""
    store = server.store
    for key in [key for key in store.objects.get(plural, {}) if key not in wanted and key not in keep]:
        store.remove(plural, *key, told=True)
    for key, value in wanted.items():
        if key in keep:
            continue
        known = store.get(plural, *key)
        if known is None:
            put_new(server, value, told=True)
            continue
        body = {field: known.get(field) for field in value if field != "metadata"}
        if body != _without_metadata(value):
            store.put(plural, {**known, **_without_metadata(value), "metadata": _metadata(known, value)}, told=True)
        elif (known["metadata"].get("labels") or {}) != (value["metadata"].get("labels") or {}):
            store.put(plural, {**known, "metadata": _metadata(known, value)}, told=True)


def _without_metadata(value: Object) -> Object:
    return {field: one for field, one in value.items() if field != "metadata"}


def _metadata(known: Object, value: Object) -> Object:
    metadata = {**known["metadata"], "labels": value["metadata"].get("labels") or {}}
    if "annotations" in value["metadata"]:
        metadata["annotations"] = {**(metadata.get("annotations") or {}), **value["metadata"]["annotations"]}
    if "generation" in metadata:
        metadata["generation"] += 1
    return metadata


def _slice(server: ApiServer, service: Object | None, item: EndpointSlice) -> Object:
    metadata: Object = {
        "name": item.name,
        "namespace": item.namespace,
        "labels": dict(item.labels),
    }
    if item.managed_by is not None:
        metadata["generateName"] = f"{item.service}-"
        metadata["annotations"] = {TRIGGER: timestamp(server.now)}
        if service is not None:
            metadata["ownerReferences"] = [owner_reference(service)]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": metadata,
        "addressType": item.address_type,
        "endpoints": [_endpoint(server, endpoint) for endpoint in item.endpoints] or None,
        "ports": [_port(port) for port in item.ports] or None,
    }


def _endpoint(server: ApiServer, endpoint: Endpoint) -> Object:
    made: Object = {
        "addresses": [str(address) for address in endpoint.addresses],
        "conditions": {
            "ready": endpoint.ready,
            "serving": endpoint.serving,
            "terminating": endpoint.terminating,
        },
    }
    if endpoint.hostname:
        made["hostname"] = endpoint.hostname
    if endpoint.node:
        made["nodeName"] = endpoint.node
    if endpoint.zone:
        made["zone"] = endpoint.zone
    if endpoint.hint_zones or endpoint.hint_nodes:
        hints = {
            "forZones": [{"name": name} for name in endpoint.hint_zones],
            "forNodes": [{"name": name} for name in endpoint.hint_nodes],
        }
        made["hints"] = {key: names for key, names in hints.items() if names}
    if endpoint.target is not None:
        made["targetRef"] = _target(server, endpoint.target)
    return made


def _target(server: ApiServer, ref: Ref) -> Object:
    made: Object = {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name}
    pod = server.store.get("pods", ref.namespace, ref.name) if ref.kind == "Pod" else None
    return {**made, "uid": pod["metadata"]["uid"]} if pod is not None else made


def _port(port: EndpointPort) -> Object:
    made: Object = {"name": port.name, "protocol": str(port.protocol)}
    return made if port.port is None else {**made, "port": port.port}


def _endpoints(server: ApiServer, service: Object, slices: Sequence[EndpointSlice]) -> Object:
    metadata = service["metadata"]
    labels = {
        key: value for key, value in (metadata.get("labels") or {}).items() if key not in (SERVICE_NAME, MANAGED_BY)
    }
    if (metadata["namespace"], metadata["name"]) == KUBERNETES:
        labels = {"endpointslice.kubernetes.io/skip-mirror": "true"}
    else:
        labels[ENDPOINTS_MANAGED_BY] = "endpoint-controller"
    if service["spec"].get("clusterIP") == "None":
        labels[HEADLESS] = ""
    subsets: dict[tuple[EndpointPort, ...], Object] = {}
    for item in slices:
        if item.address_type != ("IPv6" if (service["spec"].get("ipFamilies") or [""])[0] == "IPv6" else "IPv4"):
            continue
        for endpoint in item.endpoints:
            subset = subsets.setdefault(item.ports, {"addresses": [], "notReadyAddresses": []})
            if endpoint.ready:
                subset["addresses"].append(_address(server, endpoint))
            elif not endpoint.terminating:
                subset["notReadyAddresses"].append(_address(server, endpoint))
    made = []
    for ports, subset in subsets.items():
        filled: dict[str, Any] = {key: entries for key, entries in subset.items() if entries}
        if filled:
            made.append({**filled, "ports": [_legacy_port(port) for port in ports]})
    value: Object = {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"], "labels": labels},
        "subsets": made,
    }
    if metadata["name"] != "kubernetes":
        value["metadata"]["annotations"] = {TRIGGER: timestamp(server.now)}
    return value


def _address(server: ApiServer, endpoint: Endpoint) -> Object:
    made: Object = {"ip": str(endpoint.addresses[0])}
    if endpoint.hostname:
        made["hostname"] = endpoint.hostname
    if endpoint.node:
        made["nodeName"] = endpoint.node
    if endpoint.target is not None:
        made["targetRef"] = _target(server, endpoint.target)
    return made


def _legacy_port(port: EndpointPort) -> Object:
    made = _port(port)
    return {key: value for key, value in made.items() if key != "name" or value}
