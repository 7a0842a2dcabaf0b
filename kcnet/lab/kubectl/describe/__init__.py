"""``kubectl describe``: one object as a page for people, with what belongs to it looked up.

``describe("Service", obj, reader)`` gives what kubectl 1.36 prints for the object, from its JSON alone and what
``reader`` finds beside it. k8s: kubectl pkg/describe/describe.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from kcnet.lab.kubectl.describe import config, events, networking, nodes, pods, services, workloads
from kcnet.lab.kubectl.describe.generic import generic
from kcnet.lab.kubectl.describe.reader import Object, Reader
from kcnet.lab.kubectl.describe.writer import Page

__all__ = ["Reader", "describe"]

PAGES: Final[Mapping[str, Callable[[Page, Object, Reader], None]]] = {
    "Pod": pods.pod,
    "Service": services.service,
    "Endpoints": services.endpoints,
    "EndpointSlice": services.endpointslice,
    "Ingress": networking.ingress,
    "IngressClass": networking.ingressclass,
    "NetworkPolicy": networking.networkpolicy,
    "Node": nodes.node,
    "Deployment": workloads.deployment,
    "ReplicaSet": workloads.replicaset,
    "ReplicationController": workloads.replicationcontroller,
    "StatefulSet": workloads.statefulset,
    "DaemonSet": workloads.daemonset,
    "Job": workloads.job,
    "CronJob": workloads.cronjob,
    "Namespace": config.namespace,
    "Secret": config.secret,
    "ConfigMap": config.configmap,
    "ServiceAccount": config.serviceaccount,
}
WITHOUT_EVENTS: Final = frozenset(("NetworkPolicy", "Namespace", "Secret"))


def describe(kind: str, obj: Object, reader: Reader, *, show_events: bool = True) -> str:
    """The page of an object; ``kind`` as in its ``kind`` field. Several pages are parted by two blank lines."""
    page = Page(reader.now)
    PAGES.get(kind, generic)(page, obj, reader)
    if show_events and kind not in WITHOUT_EVENTS:
        events.write(page, events.about(obj, reader))
    return page.text()
