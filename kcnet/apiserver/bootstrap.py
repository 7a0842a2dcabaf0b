"""A cluster that has run the manifests for a while: every object that they hold, and every one that came of them.

The control plane is asked once (``build_cluster``), so names, nodes and addresses are those of ``kcnet trace`` on the
same files. Here they become objects, as the controllers would have made them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from kcnet.apiserver.controllers import daemonset, deployment, implied, nodes, pods, reconcile, statefulset
from kcnet.apiserver.controllers.job import with_selector
from kcnet.apiserver.controllers.tools import hash_of, owned, put_new, revision_of
from kcnet.apiserver.meta import owner_reference
from kcnet.apiserver.resources import Resource, of_kind
from kcnet.apiserver.store import Object
from kcnet.controlplane import build_cluster
from kcnet.controlplane.system import SYSTEM
from kcnet.loading.document import Document
from kcnet.loading.load import load_documents
from kcnet.model.cluster import Cluster
from kcnet.model.manifests import ClusterFacts
from kcnet.model.objects import Pod
from kcnet.model.wellknown import TEMPLATE_HASH

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

_FIRST: Final = ("Namespace", "Node")


def bootstrap(server: ApiServer, paths: Sequence[str]) -> None:
    manifests, documents = load_documents(paths)
    cluster = build_cluster(manifests, server.facts)
    server.facts = replace(
        _merged(manifests.facts, server.facts), pod_cidrs=cluster.pod_cidrs, service_cidrs=cluster.service_cidrs
    )
    server.assumptions = dict(cluster.assumptions)
    for document in sorted(documents, key=lambda item: item.kind not in _FIRST):
        resource = of_kind(document.kind)
        if resource is not None and resource.api_version == document.api_version:
            _put(server, resource, document, cluster)
    for name, made in cluster.namespaces.items():
        if server.store.get("namespaces", None, name) is None:
            metadata = {"name": name, "labels": dict(made.labels)}
            put_new(server, {"kind": "Namespace", "metadata": metadata, "spec": {}})
    implied.install(server)
    _nodes(server, cluster)
    _link_owners(server, cluster)
    for (kind, namespace, name), keys in cluster.workloads.items():
        _make_pods(server, cluster, kind, namespace, name, keys)
    for key, pod in cluster.pods.items():
        obj = server.store.get("pods", *key)
        if obj is not None and not (obj.get("status") or {}).get("podIP"):
            _start(server, cluster, obj, pod)
    reconcile(server)


def _merged(document: ClusterFacts, flags: ClusterFacts) -> ClusterFacts:
    """Flags win."""
    said = {name: getattr(flags, name) for name in flags.__struct_fields__}
    return replace(document, **{name: value for name, value in said.items() if value not in (None, ())})


def _put(server: ApiServer, resource: Resource, document: Document, cluster: Cluster) -> None:
    value = deepcopy(document.value)
    metadata = value["metadata"]
    if resource.namespaced:
        metadata["namespace"] = document.ref.namespace or "default"
    else:
        metadata.pop("namespace", None)
    metadata.pop("managedFields", None)
    if not metadata.get("name"):
        return
    live = bool(metadata.get("uid"))
    if resource.kind == "Ingress" and not live:
        found = cluster.ingresses.get((metadata["namespace"], metadata["name"]))
        if found is not None and found.class_name is not None:
            value["spec"]["ingressClassName"] = found.class_name
    if resource.kind in ("Pod", "DaemonSet") and metadata["namespace"] == SYSTEM and live:
        server.store.marks[f"system/{SYSTEM}"] = "stated"
    stated = live or bool(resource.kind in ("Pod", "Ingress") and value.get("status"))
    stored = put_new(server, value)
    if resource.kind == "Job":
        completed = with_selector(stored)
        stored = stored if completed is stored else server.store.put(resource.plural, completed)
    uid = stored["metadata"]["uid"]
    if stated:
        server.store.marks[f"stated/{uid}"] = "live" if live else "status"
    if document.ref.origin is not None:
        server.store.origins[uid] = document.ref.origin


def _nodes(server: ApiServer, cluster: Cluster) -> None:
    """Nodes that nobody wrote have the labels that the pods on them ask for."""
    for name, node in cluster.nodes.items():
        if server.store.get("nodes", None, name) is None:
            labels = {**_asked_of(server, cluster, name), **node.labels}
            put_new(server, {"kind": "Node", "metadata": {"name": name, "labels": labels}, "spec": {}})
    nodes.write_back(server, cluster)


def _asked_of(server: ApiServer, cluster: Cluster, node: str) -> dict[str, str]:
    asked: dict[str, str] = {}
    for pod in cluster.pods_by_node.get(node, ()):
        owner = pod.owner or pod.ref
        resource = of_kind(owner.kind)
        obj = server.store.get(resource.plural, owner.namespace, owner.name) if resource is not None else None
        if obj is None:
            continue
        spec = obj["spec"]
        if resource is not None and resource.kind == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        pod_spec = (spec.get("template") or {}).get("spec") or spec
        for key, value in (pod_spec.get("nodeSelector") or {}).items():
            asked.setdefault(key, value or "")
        affinity = (pod_spec.get("affinity") or {}).get("nodeAffinity") or {}
        required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
        for term in (required.get("nodeSelectorTerms") or ())[:1]:
            for item in term.get("matchExpressions") or ():
                if item.get("operator") in ("In", "Exists"):
                    asked.setdefault(item["key"], next(iter(item.get("values") or ()), ""))
    return asked


def _link_owners(server: ApiServer, cluster: Cluster) -> None:
    """Owners by their names, whatever uid the manifests give them; one that the manifests do not hold counts as there.

    The ReplicaSet between a Deployment and its pods is made anew if only these were written.
    """
    store = server.store
    for (kind, namespace, name), keys in cluster.workloads.items():
        known = [pod for key in keys if (pod := store.get("pods", *key)) is not None]
        owner = store.get("deployments", namespace, name) if kind == "Deployment" else None
        if known and owner is not None and not owned(server, "replicasets", owner):
            hash_ = (known[0]["metadata"].get("labels") or {}).get(TEMPLATE_HASH)
            if hash_ and store.get("replicasets", namespace, f"{name}-{hash_}") is None:
                deployment.make_set(server, owner, [], hash_, len(known))
        if known and kind in ("StatefulSet", "DaemonSet"):
            _seed_revision(server, kind, namespace, name, known[0])
    uids = {obj["metadata"]["uid"] for found in store.objects.values() for obj in found.values()}
    for plural, found in store.objects.items():
        for obj in list(found.values()):
            owners = obj["metadata"].get("ownerReferences")
            if owners and any(item.get("uid") not in uids for item in owners):
                linked = [_linked(server, obj, item, uids) for item in owners]
                if linked != owners:
                    store.put(plural, {**obj, "metadata": {**obj["metadata"], "ownerReferences": linked}})


def _linked(server: ApiServer, obj: Object, owner: Object, uids: set[str]) -> Object:
    if owner.get("uid") in uids:
        return owner
    resource = of_kind(owner.get("kind") or "")
    namespace = obj["metadata"].get("namespace") if resource is not None and resource.namespaced else None
    found = server.store.get(resource.plural, namespace, owner["name"]) if resource is not None else None
    if found is None:
        server.store.marks[f"absent/{owner.get('uid')}"] = "owner"
        return owner
    return {**owner, "uid": found["metadata"]["uid"]}


def _seed_revision(server: ApiServer, kind: str, namespace: str, name: str, pod: Object) -> None:
    """The present template is the one that the pods which a cluster printed were made from."""
    label = (pod["metadata"].get("labels") or {}).get(statefulset.REVISION)
    plural = "statefulsets" if kind == "StatefulSet" else "daemonsets"
    owner = server.store.get(plural, namespace, name)
    if label and owner is not None:
        revision_of(server, owner, label.removeprefix(f"{name}-") if kind == "StatefulSet" else label)


def _make_pods(
    server: ApiServer, cluster: Cluster, kind: str, namespace: str, name: str, keys: Iterable[tuple[str, str]]
) -> None:
    missing = [cluster.pods[key] for key in keys if server.store.get("pods", *key) is None]
    resource = of_kind(kind)
    owner = server.store.get(resource.plural, namespace, name) if resource is not None else None
    if not missing or owner is None:
        return
    match kind:
        case "Deployment":
            hash_ = missing[0].labels.get(TEMPLATE_HASH) or hash_of(namespace, name)
            known = [item for item in owned(server, "replicasets", owner) if _template_hash(item) == hash_]
            if known:
                owner = known[0]
            else:
                made = deployment.make_set(server, owner, [], hash_, len(missing))
                deployment.tell_scale(server, owner, made, 0, len(missing))
                owner = made
        case "CronJob":
            owner = _job_of(server, owner, missing[0])
    for pod in missing:
        labels, pinned = None, None
        if kind == "StatefulSet":
            ordinal = int(pod.name.rpartition("-")[2])
            labels = statefulset.own_labels(owner, ordinal, statefulset.update_revision(server, owner))
        elif kind == "DaemonSet":
            labels, pinned = daemonset.own_labels(server, owner), pod.node
        pods.make(
            server,
            owner,
            pod.name,
            component=f"{owner['kind'].lower()}-controller",
            labels=labels,
            stable_name=kind == "StatefulSet",
            daemon_node=pinned,
        )


def _template_hash(replica_set: Object) -> str | None:
    labels = replica_set["metadata"].get("labels") or {}
    found: str | None = labels.get(TEMPLATE_HASH)
    return found


def _job_of(server: ApiServer, cron_job: Object, pod: Pod) -> Object:
    """The Job that the CronJob has started most recently."""
    template = deepcopy(cron_job["spec"]["jobTemplate"])
    metadata = template.get("metadata") or {}
    job = put_new(
        server,
        {
            "kind": "Job",
            "metadata": {
                **{key: value for key, value in metadata.items() if key in ("labels", "annotations") and value},
                "name": pod.labels["job-name"],
                "namespace": cron_job["metadata"]["namespace"],
                "ownerReferences": [owner_reference(cron_job)],
            },
            "spec": template["spec"],
        },
    )
    return server.store.put("jobs", with_selector(job))


def _start(server: ApiServer, cluster: Cluster, obj: Object, pod: Pod) -> None:
    """What the status in the manifest says stays; the rest is as kubelet reports it."""
    if pod.node is None or not pod.addresses or pod.phase in ("Succeeded", "Failed"):
        return
    node = cluster.nodes.get(pod.node)
    started = pods.started(
        server,
        obj,
        node=pod.node,
        addresses=[str(address) for address in pod.addresses],
        hosts=[str(address) for address in node.addresses] if node else [],
        ready=pod.ready,
        runs_on=True,
    )
    known = {key: value for key, value in (obj.get("status") or {}).items() if value and key != "conditions"}
    if f"stated/{obj['metadata']['uid']}" in server.store.marks:
        started = {**started, "status": {**started["status"], **known}}
    server.store.put("pods", started)
