"""Services: what was allocated to them, written into the objects.

pkg/registry/core/service/storage and the service controller of the cloud (here: kcnet's load balancer).
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from kcnet.apiserver.controllers.events import record
from kcnet.apiserver.store import Object
from kcnet.controlplane.addresses import NODE_PORTS, STATIC_NODE_PORTS, families_of
from kcnet.controlplane.ordering import number_of
from kcnet.model.cluster import Cluster
from kcnet.model.objects import Service, ServiceType

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer


def write_back(server: ApiServer, cluster: Cluster) -> None:
    families = tuple(cidr.version for cidr in cluster.service_cidrs)
    for key, service in cluster.services.items():
        obj = server.store.get("services", *key)
        if obj is None:
            continue
        spec = {**obj["spec"], **_allocated(server, obj, service, families)}
        status = _status(obj, service)
        if spec != obj["spec"] or status != obj.get("status"):
            if status.get("loadBalancer") != (obj.get("status") or {}).get("loadBalancer"):
                _tell(server, obj)
            server.store.put("services", {**obj, "spec": spec, "status": status})


def _allocated(server: ApiServer, obj: Object, service: Service, families: tuple[int, ...]) -> dict[str, Any]:
    if service.type is ServiceType.EXTERNAL_NAME:
        return {}
    stated = server.values.of(server.store, "services", obj)
    versions = families_of(stated, families)
    found: dict[str, Any] = {}
    if service.headless:
        found |= {"clusterIP": "None", "clusterIPs": ["None"]}
    elif service.cluster_ips:
        ips = [str(ip) for ip in service.cluster_ips]
        found |= {"clusterIP": ips[0], "clusterIPs": ips}
        versions = tuple(ip.version for ip in service.cluster_ips)
    found["ipFamilies"] = [f"IPv{version}" for version in versions]
    if not obj["spec"].get("ipFamilyPolicy"):
        handmade = service.headless and not service.selector
        found["ipFamilyPolicy"] = "RequireDualStack" if handmade else "SingleStack"
    ports = [
        {**port, **({"nodePort": made.node_port} if made.node_port else {})}
        for port, made in zip(obj["spec"].get("ports") or (), service.ports, strict=True)
    ]
    if ports:
        found["ports"] = ports
    spec = obj["spec"]
    if (
        service.type is ServiceType.LOAD_BALANCER
        and spec.get("externalTrafficPolicy") == "Local"
        and not spec.get("healthCheckNodePort")
    ):
        number = _health_port(server, obj, {port.get("nodePort") for port in ports})
        if number is not None:
            found["healthCheckNodePort"] = number
    return found


def _health_port(server: ApiServer, obj: Object, own: set[Any]) -> int | None:
    taken = set(own)
    for other in server.store.all("services"):
        taken |= {port.get("nodePort") for port in other["spec"].get("ports") or ()}
        taken.add(other["spec"].get("healthCheckNodePort"))
    dynamic = NODE_PORTS[STATIC_NODE_PORTS:]
    start = number_of(obj["metadata"]["namespace"], obj["metadata"]["name"], "health") % len(dynamic)
    return next((number for number in chain(dynamic[start:], dynamic[:start]) if number not in taken), None)


def _status(obj: Object, service: Service) -> Object:
    status = obj.get("status") or {}
    balancer: dict[str, Any] = {}
    if service.load_balancer:
        entries = []
        for entry in service.load_balancer:
            made: dict[str, Any] = {}
            if entry.address is not None:
                made = {"ip": str(entry.address), "ipMode": "Proxy" if entry.proxy else "VIP"}
            if entry.hostname:
                made["hostname"] = entry.hostname
            entries.append(made)
        balancer = {"ingress": entries}
    return {**status, "loadBalancer": balancer}


def _tell(server: ApiServer, obj: Object) -> None:
    component = "service-controller"
    record(server, obj, "EnsuringLoadBalancer", "Ensuring load balancer", component=component)
    record(server, obj, "EnsuredLoadBalancer", "Ensured load balancer", component=component)
