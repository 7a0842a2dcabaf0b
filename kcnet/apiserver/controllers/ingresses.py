"""Ingresses: the address at which their controller is reached, as it publishes it in their status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kcnet.apiserver.controllers.events import record
from kcnet.model.cluster import Cluster, IngressController
from kcnet.model.objects import Ingress

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer


def write_back(server: ApiServer, cluster: Cluster) -> None:
    for key, ingress in cluster.ingresses.items():
        obj = server.store.get("ingresses", *key)
        if obj is None:
            continue
        entries = _entries(cluster, ingress)
        known = ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
        if f"stated/{obj['metadata']['uid']}" in server.store.marks and known:
            continue
        if "status" not in obj or entries != known:
            balancer: dict[str, Any] = {"ingress": entries} if entries else {}
            stored = server.store.put("ingresses", {**obj, "status": {"loadBalancer": balancer}})
            if entries:
                record(server, stored, "Sync", "Scheduled for sync", component="nginx-ingress-controller")


def _entries(cluster: Cluster, ingress: Ingress) -> list[dict[str, Any]]:
    for controller in cluster.ingress_controllers:
        if controller.serves(ingress):
            found = _published(cluster, controller)
            if found:
                return found
    return []


def _published(cluster: Cluster, controller: IngressController) -> list[dict[str, Any]]:
    """Of the first Service in front of it the load balancer's addresses; without one those of the nodes it runs on."""
    for key in controller.services:
        service = cluster.services[key]
        if service.load_balancer:
            return [
                {"ip": str(entry.address)} if entry.address is not None else {"hostname": entry.hostname}
                for entry in service.load_balancer
            ]
    pods = [cluster.pods[key] for key in controller.pods if key in cluster.pods]
    hosts = [pod for pod in pods if pod.host_network or any(port.host_port for port in pod.ports)]
    names = sorted({pod.node for pod in hosts if pod.node in cluster.nodes and pod.node is not None})
    return [{"ip": str(cluster.nodes[name].address)} for name in names]
