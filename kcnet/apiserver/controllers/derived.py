"""What follows from everything else: the typed cluster, and what of it is written back into the objects.

``kcnet.controlplane.build_cluster`` places and addresses what is new; what objects already state it keeps. So nothing
that exists is moved because a neighbour came or went.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from kcnet.apiserver.controllers import endpoints, ingresses, nodes, pods, services
from kcnet.apiserver.controllers.events import record
from kcnet.apiserver.controllers.tools import put_new
from kcnet.apiserver.store import Object
from kcnet.controlplane import build_cluster
from kcnet.model.cluster import Cluster
from kcnet.model.objects import Pod

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

_KEPT: Final = ("nodes", "cni", "load-balancer", "proxy-mode", "pod-cidr", "service-cidr", "cluster-domain", "dns")
"""Assumptions that stay true for as long as the cluster lives."""


def build(server: ApiServer) -> Cluster:
    manifests = server.values.manifests(server.store, server.facts)
    used = [ip_address(key.partition("/")[2]) for key in server.store.marks if key.startswith(USED)]
    cluster = build_cluster(manifests, used=used)
    if used and any("no address is left" in (pod.pending_because or "") for pod in cluster.pods.values()):
        cluster = build_cluster(manifests)
    kept = {subject: text for subject, text in server.assumptions.items() if subject in _KEPT}
    return replace(cluster, assumptions=dict(sorted({**cluster.assumptions, **kept}.items())))


def release(server: ApiServer, addresses: Iterable[str]) -> None:
    """Addresses of a pod or Service that goes: they are not given to the next one at once.

    Network plugins hand out one address after the other, and the API server draws cluster IPs at random.
    """
    marks = server.store.marks
    for address in addresses:
        marks[f"{USED}{address}"] = "given"
    old = [key for key in marks if key.startswith(USED)]
    for key in old[:-REMEMBERED]:
        del marks[key]


USED: Final = "used/"
REMEMBERED: Final = 100
"""Addresses that are kept back."""


def write_back(server: ApiServer) -> None:
    """Everything that the control plane decided, into the objects; and the cluster as it is then."""
    store = server.store
    while not server.is_built:
        seen = store.changed
        cluster = build(server)
        server.built_as(cluster, seen)
        _namespaces(server, cluster)
        nodes.write_back(server, cluster)
        for key, pod in cluster.pods.items():
            obj = store.get("pods", *key)
            if obj is not None:
                _pod(server, cluster, obj, pod)
        services.write_back(server, cluster)
        endpoints.write_back(server, cluster)
        ingresses.write_back(server, cluster)


def _namespaces(server: ApiServer, cluster: Cluster) -> None:
    for name, namespace in cluster.namespaces.items():
        if server.store.get("namespaces", None, name) is None:
            put_new(
                server, {"kind": "Namespace", "metadata": {"name": name, "labels": dict(namespace.labels)}, "spec": {}}
            )
        account = server.store.get("serviceaccounts", name, "default")
        if account is None:
            made = {"kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}
            put_new(server, made, told=True)
        if server.store.get("configmaps", name, "kube-root-ca.crt") is None:
            put_new(server, _root_certificate(name), told=True)


def _root_certificate(namespace: str) -> Object:
    return {
        "kind": "ConfigMap",
        "metadata": {
            "name": "kube-root-ca.crt",
            "namespace": namespace,
            "annotations": {
                "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when "
                "using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage "
                "is guaranteed across distributions of Kubernetes clusters."
            },
        },
        "data": {"ca.crt": "kcnet keeps no certificates\n"},
    }


def _pod(server: ApiServer, cluster: Cluster, obj: Object, pod: Pod) -> None:
    store, status = server.store, obj.get("status") or {}
    if status.get("phase") in ("Succeeded", "Failed"):
        return
    if pod.node is not None and pod.addresses and not status.get("podIP"):
        node = cluster.nodes.get(pod.node)
        hosts = [str(address) for address in node.addresses] if node else []
        addresses = [str(address) for address in pod.addresses]
        store.put("pods", pods.started(server, obj, node=pod.node, addresses=addresses, hosts=hosts, ready=pod.ready))
    elif not pod.addresses and pod.pending_because and not status.get("podIP") and not obj["spec"].get("nodeName"):
        message = unschedulable(pod.pending_because, len(cluster.nodes))
        if f"stated/{obj['metadata']['uid']}" in server.store.marks:
            return
        waiting = pods.pending(server, obj, message)
        if status.get("conditions") != waiting["conditions"]:
            record(server, obj, "FailedScheduling", message, component=pods.SCHEDULER, type="Warning")
            store.put("pods", {**obj, "status": waiting})
    elif status.get("podIP") and status.get("phase") in ("Running", "Pending"):
        _changed_images(server, obj)


def _changed_images(server: ApiServer, obj: Object) -> None:
    """A container whose image was changed is started anew, or at last."""
    status = obj["status"]
    known = {item["name"]: item for item in status.get("containerStatuses") or ()}
    node = obj["spec"].get("nodeName") or ""
    made = []
    for container in obj["spec"]["containers"]:
        name, image = container["name"], container.get("image") or ""
        old = known.get(name)
        if old is None:
            return
        images = (pods.full_image(image), image)
        if not old.get("image") or old["image"] in images or "terminated" in (old.get("state") or {}):
            made.append(old)
            continue
        made.append(pods.restarted(server, obj, container, old, node=node))
    if made != [known[item["name"]] for item in made]:
        addresses = [item["ip"] for item in status.get("podIPs") or ()]
        hosts = [item["ip"] for item in status.get("hostIPs") or ()]
        changed = pods.status_of(server, obj, made, addresses=addresses, hosts=hosts)
        server.store.put("pods", {**obj, "status": changed})


_OBJECTIONS: Final = (
    (re.compile(r"is cordoned"), "node(s) were unschedulable", False),
    (re.compile(r"has the taint (\S+?)(?:=(\S*))?:\w+,"), "node(s) had untolerated taint {{{key}: {value}}}", False),
    (re.compile(r"lacks the labels|node affinity"), "node(s) didn't match Pod's node affinity/selector", False),
    (re.compile(r"anti-affinity"), "node(s) didn't match pod anti-affinity rules", True),
    (re.compile(r"host port"), "node(s) didn't have free ports for the requested pod ports", True),
)


def unschedulable(because: str, count: int) -> str:
    """As kube-scheduler words what ``kcnet.controlplane.scheduler`` found."""
    if not count:
        return "no nodes available to schedule pods"
    parts, helped = [], []
    for number, words in re.findall(r"(\d+) ([^\d].*?)(?=, \d+ |$)", because.partition(": ")[2]):
        for pattern, text, preemptible in _OBJECTIONS:
            found = pattern.search(words)
            if found is not None:
                groups = found.groups()
                key, value = (groups[0], groups[1] or "") if len(groups) > 1 else ("", "")
                parts.append(f"{number} {text.format(key=key, value=value) if key else text}")
                helped.append((int(number), preemptible))
                break
    if not parts:
        return f"0/{count} nodes are available: {because}."
    first = f"0/{count} nodes are available"
    hopeless = sum(number for number, preemptible in helped if not preemptible)
    victims = sum(number for number, preemptible in helped if preemptible)
    preemption = [f"{victims} No preemption victims found for incoming pod"] if victims else []
    preemption += [f"{hopeless} Preemption is not helpful for scheduling"] if hopeless else []
    return f"{first}: {', '.join(sorted(parts))}. preemption: {first}: {', '.join(preemption)}."
