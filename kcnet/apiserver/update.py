"""What a write may not change, and what it carries over from the object that was there.

``Validate*Update`` in pkg/apis/*/validation and the strategies in pkg/registry of kubernetes/kubernetes; of Services
``dropTypeDependentFields`` and ``patchAllocatedValues``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from kcnet.apiserver.resources import Resource
from kcnet.apiserver.store import Object, Store
from kcnet.loading.validation.service import ALLOCATED
from kcnet.loading.validation.violation import Errors, FieldError, forbidden, internal, invalid
from kcnet.model.names import IPAddress, IPNetwork
from kcnet.model.wellknown import DEFAULT_INGRESS_CLASS, INGRESS_CLASS

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

HAVE_STATUS: Final = frozenset(
    (
        "CronJob",
        "DaemonSet",
        "Deployment",
        "Ingress",
        "Job",
        "Namespace",
        "Node",
        "Pod",
        "ReplicaSet",
        "ReplicationController",
        "Service",
        "StatefulSet",
    )
)
"""Kinds whose status has an address of its own: a write to the object leaves it alone."""
IMMUTABLE: Final = "field is immutable"
SET_ONCE: Final = "may not change once set"


def prepared(store: Store, resource: Resource, old: Object | None, new: Object) -> Object:
    """Before defaults and validation: what a client cannot write is taken from ``old``, or dropped."""
    if resource.kind in HAVE_STATUS:
        new.pop("status", None)
        if old is not None and "status" in old:
            new["status"] = old["status"]
    if resource.kind == "Ingress" and old is None:
        _default_class(store, new)
    if resource.kind == "Service" and old is not None:
        _keep_allocated(old, new)
    if resource.kind == "Namespace" and old is not None:
        new["spec"] = deepcopy(old.get("spec") or {})
    return new


def _default_class(store: Store, new: Object) -> None:
    """The admission plugin DefaultIngressClass: the newest of the classes that are marked."""
    spec = new.get("spec")
    annotations = new["metadata"].get("annotations") or {}
    if not isinstance(spec, dict) or spec.get("ingressClassName") is not None or INGRESS_CLASS in annotations:
        return
    marked = [
        item
        for item in store.all("ingressclasses")
        if (item["metadata"].get("annotations") or {}).get(DEFAULT_INGRESS_CLASS) == "true"
    ]
    if marked:
        newest = max(item["metadata"]["creationTimestamp"] for item in marked)
        spec["ingressClassName"] = next(
            item["metadata"]["name"] for item in marked if item["metadata"]["creationTimestamp"] == newest
        )


_OUTSIDE: Final = ("NodePort", "LoadBalancer")


def _keep_allocated(old: Object, new: Object) -> None:
    """An update that leaves out what was allocated means the same."""
    before, spec = old["spec"], new.get("spec") or {}
    kind = spec.get("type") or "ClusterIP"
    if kind != "ExternalName" and before["type"] != "ExternalName":
        if not spec.get("clusterIP") and before.get("clusterIP"):
            spec["clusterIP"] = before["clusterIP"]
        if not spec.get("clusterIPs") and spec.get("clusterIP") == before.get("clusterIP") and "clusterIPs" in before:
            spec["clusterIPs"] = list(before["clusterIPs"])
        for key in ("ipFamilies", "ipFamilyPolicy"):
            if spec.get(key) in (None, [], "") and key in before:
                spec[key] = deepcopy(before[key])
    if kind in _OUTSIDE and before["type"] in _OUTSIDE:
        given = {(port["port"], port["protocol"]): port.get("nodePort") for port in before.get("ports") or ()}
        used = {port.get("nodePort") for port in spec.get("ports") or ()}
        for port in spec.get("ports") or ():
            number = given.get((port.get("port"), port.get("protocol") or "TCP"))
            if not port.get("nodePort") and number and number not in used:
                port["nodePort"] = number
    if _has_health_port(spec) and _has_health_port(before) and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = before.get("healthCheckNodePort")
        if spec["healthCheckNodePort"] is None:
            del spec["healthCheckNodePort"]


def _has_health_port(spec: Mapping[str, Any]) -> bool:
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def clean_up(resource: Resource, old: Object, new: Object) -> Object:
    """A Service that changes its type loses what its new type does not have, if the update left it as it was."""
    if resource.kind != "Service":
        return new
    before, spec = old["spec"], new["spec"]

    def drop(key: str) -> None:
        if key in spec and spec[key] == before.get(key):
            del spec[key]

    kind, was = spec["type"], before["type"]
    if kind == "ExternalName" and was != "ExternalName":
        for key in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"):
            drop(key)
    if was in _OUTSIDE and kind not in _OUTSIDE:
        given = {port.get("nodePort") for port in before.get("ports") or ()}
        for port in spec.get("ports") or ():
            if port.get("nodePort") in given:
                port.pop("nodePort", None)
    if _has_health_port(before) and not _has_health_port(spec):
        drop("healthCheckNodePort")
    if was == "LoadBalancer" and kind != "LoadBalancer":
        drop("allocateLoadBalancerNodePorts")
        drop("loadBalancerClass")
        new["status"] = {"loadBalancer": {}}
    if not _accessible(spec) and _accessible(before):
        drop("externalTrafficPolicy")
    return new


def _accessible(spec: Mapping[str, Any]) -> bool:
    return spec["type"] in _OUTSIDE or (spec["type"] == "ClusterIP" and bool(spec.get("externalIPs")))


def update_errors(server: ApiServer, resource: Resource, old: Object | None, new: Object) -> list[FieldError]:
    """What the object as it was, and the other objects, forbid."""
    found: list[FieldError] = []
    if old is not None and resource.kind in _RULES:
        found += _RULES[resource.kind](old, new)
    if resource.kind == "Service":
        found += _allocation_errors(server, new)
    return found


def _same(old: Object, new: Object, *paths: str) -> Errors:
    """Each path may not change."""
    for path in paths:
        before, after = _at(old, path), _at(new, path)
        if before != after:
            yield invalid(path, after, IMMUTABLE)


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


POD_UPDATES: Final = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
STATEFUL_SET_UPDATES: Final = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy',"
    " 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


def _pod(old: Object, new: Object) -> Errors:
    before, after = deepcopy(old["spec"]), deepcopy(new["spec"])
    for group in ("containers", "initContainers"):
        pairs = before.get(group) or (), after.get(group) or ()
        if len(pairs[0]) != len(pairs[1]):
            yield forbidden(
                f"spec.{group}" if group == "containers" else "spec", "pod updates may not add or remove containers"
            )
            return
        for one, other in zip(*pairs, strict=True):
            # A new tag may have changed the default of imagePullPolicy, which nobody wrote.
            one["image"] = other["image"]
    for spec in (before, after):
        spec.pop("activeDeadlineSeconds", None)
    tolerations = before.pop("tolerations", None) or [], after.pop("tolerations", None) or []
    if before != after or any(item not in tolerations[1] for item in tolerations[0]):
        yield forbidden("spec", POD_UPDATES)


def _stateful_set(old: Object, new: Object) -> Errors:
    free = {
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    }
    before, after = ({key: field for key, field in value["spec"].items() if key not in free} for value in (old, new))
    if before != after:
        yield forbidden("spec", STATEFUL_SET_UPDATES)


def _job(old: Object, new: Object) -> Errors:
    yield from _same(old, new, "spec.selector", "spec.completionMode")
    if not (old["spec"].get("suspend") and new["spec"].get("suspend")):
        yield from _same(old, new, "spec.template")
    if old["spec"].get("completionMode") != "Indexed":
        yield from _same(old, new, "spec.completions")


def _service(old: Object, new: Object) -> Errors:
    before, after = old["spec"], new["spec"]
    if before["type"] != "ExternalName" and after["type"] != "ExternalName":
        was, now = before.get("clusterIPs") or [], after.get("clusterIPs") or []
        if was and (not now or was[0] != now[0]):
            yield invalid("spec.clusterIPs[0]", now, SET_ONCE)
        families = before.get("ipFamilies") or [], after.get("ipFamilies") or []
        if families[0] and families[1] and families[0][0] != families[1][0]:
            yield invalid("spec.ipFamilies[0]", families[1], SET_ONCE)
    if before["type"] == after["type"] == "LoadBalancer":
        was, now = before.get("loadBalancerClass"), after.get("loadBalancerClass")
        if was != now:
            yield invalid("spec.loadBalancerClass", now, SET_ONCE)
    if _has_health_port(before) and _has_health_port(after):
        was, now = before.get("healthCheckNodePort"), after.get("healthCheckNodePort")
        if was and was != now:
            yield forbidden("spec.healthCheckNodePort", IMMUTABLE)


def _config_map(old: Object, new: Object) -> Errors:
    """Once ``immutable`` is set the data stays as it is, and so does the flag."""
    if not old.get("immutable"):
        return
    for field in ("immutable", "data", "binaryData"):
        if (new.get(field) or None) != (old.get(field) or None):
            yield forbidden(field, "field is immutable when `immutable` is set")


def _secret(old: Object, new: Object) -> Errors:
    yield from _same(old, new, "type")
    yield from _config_map(old, new)


_RULES: Final[Mapping[str, Callable[[Object, Object], Errors]]] = {
    "ConfigMap": _config_map,
    "DaemonSet": lambda old, new: _same(old, new, "spec.selector"),
    "Deployment": lambda old, new: _same(old, new, "spec.selector"),
    "EndpointSlice": lambda old, new: _same(old, new, "addressType"),
    "IngressClass": lambda old, new: _same(old, new, "spec.controller"),
    "Job": _job,
    "Pod": _pod,
    "ReplicaSet": lambda old, new: _same(old, new, "spec.selector"),
    "Secret": _secret,
    "Service": _service,
    "StatefulSet": _stateful_set,
}


def _allocation_errors(server: ApiServer, new: Object) -> Iterator[FieldError]:
    """Node ports and cluster IPs that another Service has, or that no Service may have."""
    metadata, spec = new["metadata"], new["spec"]
    own = metadata["namespace"], metadata["name"]
    others = [obj for key, obj in server.store.objects.get("services", {}).items() if key != own]
    ports = {port.get("nodePort") for obj in others for port in obj["spec"].get("ports") or ()}
    ports |= {obj["spec"].get("healthCheckNodePort") for obj in others}
    if spec["type"] in _OUTSIDE:
        for index, port in enumerate(spec.get("ports") or ()):
            if port.get("nodePort") and port["nodePort"] in ports:
                yield invalid(f"spec.ports[{index}].nodePort", port["nodePort"], ALLOCATED)
    health = spec.get("healthCheckNodePort")
    if health and health in ports:
        yield internal(
            "spec.healthCheckNodePort", f"failed to allocate requested HealthCheck NodePort {health}: {ALLOCATED}"
        )
    if spec["type"] != "ExternalName":
        yield from _cluster_ip_errors(
            server, spec, {ip for obj in others for ip in obj["spec"].get("clusterIPs") or ()}
        )


def _cluster_ip_errors(server: ApiServer, spec: Object, taken: set[str]) -> Iterator[FieldError]:
    ranges = server.facts.service_cidrs
    for text in spec.get("clusterIPs") or ():
        if text == "None":
            continue
        try:
            ip = ip_address(text)
        except ValueError:
            continue  # validation has said so
        why = ""
        mine = [network for network in ranges if network.version == ip.version]
        if text in taken:
            why = "provided IP is already allocated"
        elif mine and not any(_usable(ip, network) for network in mine):
            listed = ", ".join(map(str, mine))
            why = f"the provided IP ({text}) is not in the valid range. The range of valid IPs is {listed}"
        if why:
            yield invalid("spec.clusterIPs", spec["clusterIPs"], f"failed to allocate IP {text}: {why}")


def _usable(ip: IPAddress, network: IPNetwork) -> bool:
    """Neither the network's own address nor, in IPv4, its broadcast address."""
    if ip not in network or ip == network.network_address:
        return False
    return network.version == 6 or ip != network.broadcast_address
