"""Tables as the API server makes them for ``kubectl get``: which columns a kind has, and what its cells say.

``table("pods", objects, now)`` is a pure function over objects in the API's own JSON shape. The client decides what is
shown of it, and how (``kcnet.lab.kubectl.printers.text``). Columns and cells follow Kubernetes 1.36,
pkg/printers/internalversion/printers.go; a kind without columns of its own has NAME and AGE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from kcnet.apiserver.tables import cluster, config, networking, pods, services, workloads
from kcnet.apiserver.tables.table import Cell, Column, Row, Table

__all__ = ["Cell", "Column", "Row", "Table", "table"]

Object = Mapping[str, Any]


class Layout(NamedTuple):
    """The columns of a kind, and the function that fills them."""

    columns: tuple[Column, ...]
    row: Callable[[Object, datetime], Row]


LAYOUTS: Final[Mapping[str, Layout]] = {
    "pods": Layout(pods.COLUMNS, pods.row),
    "services": Layout(services.SERVICES, services.service),
    "endpoints": Layout(services.ENDPOINTS, services.endpoints),
    "endpointslices": Layout(services.ENDPOINTSLICES, services.endpointslice),
    "ingresses": Layout(networking.INGRESSES, networking.ingress),
    "ingressclasses": Layout(networking.INGRESSCLASSES, networking.ingressclass),
    "networkpolicies": Layout(networking.NETWORKPOLICIES, networking.networkpolicy),
    "nodes": Layout(cluster.NODES, cluster.node),
    "namespaces": Layout(cluster.NAMESPACES, cluster.namespace),
    "events": Layout(cluster.EVENTS, cluster.event),
    "deployments": Layout(workloads.DEPLOYMENTS, workloads.deployment),
    "replicasets": Layout(workloads.REPLICASETS, workloads.replicaset),
    "replicationcontrollers": Layout(workloads.REPLICASETS, workloads.replicationcontroller),
    "statefulsets": Layout(workloads.STATEFULSETS, workloads.statefulset),
    "daemonsets": Layout(workloads.DAEMONSETS, workloads.daemonset),
    "jobs": Layout(workloads.JOBS, workloads.job),
    "cronjobs": Layout(workloads.CRONJOBS, workloads.cronjob),
    "secrets": Layout(config.SECRETS, config.secret),
    "configmaps": Layout(config.CONFIGMAPS, config.configmap),
    "leases": Layout(config.LEASES, config.lease),
}
DEFAULT: Final = Layout(config.DEFAULT, config.default)


def table(resource: str, objects: Iterable[Object], now: datetime) -> Table:
    """The table of ``objects``, which are all of one resource (its plural: ``pods``), in the order given."""
    layout = LAYOUTS.get(resource, DEFAULT)
    return Table(layout.columns, tuple(layout.row(obj, now) for obj in objects))
