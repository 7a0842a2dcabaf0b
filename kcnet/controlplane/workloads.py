"""Pods of workloads, as the controllers of kube-controller-manager make them: names, labels, host names, how many.

https://kubernetes.io/docs/concepts/workloads/controllers/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from kcnet.controlplane.ordering import generated_name, natural, number_of, template_hash
from kcnet.model.cluster import Key
from kcnet.model.manifests import Manifests, NodeManifest, PodManifest, Workload
from kcnet.model.names import Ref
from kcnet.model.wellknown import TEMPLATE_HASH

WorkloadKey = tuple[str, str, str]
"""(kind, namespace, name)"""


class Made(Struct, frozen=True, kw_only=True):
    """Pods that manifests state and pods that controllers made, before anything is scheduled."""

    pods: tuple[PodManifest, ...]
    """Those of kube-system first, then by namespace and workload, each workload's in order. Without those of
    DaemonSets that are still to be made."""
    owners: Mapping[Key, Ref]
    """The workload whose manifest asked for the pod."""
    members: Mapping[WorkloadKey, tuple[Key, ...]]
    daemons: tuple[Workload, ...]
    """DaemonSets whose pods are to be made."""


def key_of(item: PodManifest | Workload) -> Key:
    return item.namespace, item.name


def make_pods(manifests: Manifests) -> Made:
    written = {(item.ref.kind, item.namespace, item.name): item for item in manifests.workloads}
    members: dict[WorkloadKey, list[Key]] = {key: [] for key in written}
    owners: dict[Key, Ref] = {}
    for pod in manifests.pods:
        chain = owners_of(pod, written)
        if chain:
            owners[key_of(pod)] = chain[-1]
        for owner in chain:
            members.setdefault((owner.kind, pod.namespace, owner.name), []).append(key_of(pod))
    for keys in members.values():
        keys.sort(key=lambda key: natural(key[1]))

    taken: dict[str, set[str]] = defaultdict(set)
    for pod in manifests.pods:
        taken[pod.namespace].add(pod.name)
    dumped = {pod.namespace for pod in manifests.pods if pod.live}
    managed = {
        (item.owner.kind, item.namespace, item.owner.name) for item in manifests.workloads if item.owner is not None
    }
    hashes = _current_hashes(manifests.workloads)
    groups: list[tuple[tuple[str, str, str], Sequence[PodManifest]]] = [
        ((pod.namespace, pod.name, ""), (pod,)) for pod in manifests.pods
    ]
    daemons = []
    for key, workload in written.items():
        if members[key] or not _makes_pods(workload, key, written, managed, dumped):
            continue
        if workload.ref.kind == "DaemonSet":
            daemons.append(workload)
            continue
        made = tuple(_pods_of(workload, hashes, taken[workload.namespace]))
        members[key].extend(key_of(pod) for pod in made)
        for pod in made:
            owners[key_of(pod)] = workload.ref
        groups.append(((workload.namespace, workload.name, workload.ref.kind), made))
    groups.sort(key=lambda group: (group[0][0] != "kube-system", group[0]))
    return Made(
        pods=tuple(pod for _, pods in groups for pod in pods),
        owners=owners,
        members={key: tuple(keys) for key, keys in sorted(members.items())},
        daemons=tuple(daemons),
    )


def owners_of(pod: PodManifest, written: Mapping[WorkloadKey, Workload]) -> tuple[Ref, ...]:
    """The workload that manages the pod and the ones above it, the topmost last."""
    if pod.owner is None:
        return ()
    namespace = pod.namespace
    workload = written.get((pod.owner.kind, namespace, pod.owner.name))
    first = workload.ref if workload is not None else pod.owner
    above = workload.owner if workload is not None else _unwritten_owner(pod, first, written)
    if above is None:
        return (first,)
    top = written.get((above.kind, namespace, above.name))
    return first, top.ref if top is not None else Ref(above.kind, namespace, above.name)


def _unwritten_owner(pod: PodManifest, owner: Ref, written: Mapping[WorkloadKey, Workload]) -> Ref | None:
    """The Deployment above a ReplicaSet, or the CronJob above a Job, that no manifest holds: its name tells."""
    name, _, tail = owner.name.rpartition("-")
    if owner.kind == "ReplicaSet" and tail and tail == pod.labels.get(TEMPLATE_HASH):
        return Ref("Deployment", pod.namespace, name)
    if owner.kind == "Job" and tail.isdecimal() and ("CronJob", pod.namespace, name) in written:
        return Ref("CronJob", pod.namespace, name)
    return None


def _makes_pods(
    workload: Workload,
    key: WorkloadKey,
    written: Mapping[WorkloadKey, Workload],
    managed: set[WorkloadKey],
    dumped: set[str],
) -> bool:
    """Whether pods are to be made for a workload that has none in the manifests."""
    kind, owner = workload.ref.kind, workload.owner
    if workload.suspended or workload.finished:
        return False
    if kind in ("Job", "CronJob") and workload.live and workload.namespace in dumped:
        return False  # the manifests hold the cluster's pods, and none of its own
    if kind == "ReplicaSet" and owner is not None and (owner.kind, key[1], owner.name) in written:
        return False
    return not (kind == "CronJob" and key in managed)


def _pods_of(workload: Workload, hashes: Mapping[Key, str], taken: set[str]) -> Iterator[PodManifest]:
    namespace, name = key_of(workload)
    prefix, labels = f"{name}-", dict(workload.template_labels)
    match workload.ref.kind:
        case "StatefulSet":
            yield from _stateful_pods(workload, taken)
            return
        case "Deployment":
            hash_ = hashes.get((namespace, name)) or template_hash(namespace, name)
            prefix = f"{name}-{hash_}-"
            labels[TEMPLATE_HASH] = hash_
        case "Job":
            labels |= _job_labels(name)
        case "CronJob":
            # A CronJob names its Jobs by the minute they are for.
            job = f"{name}-{29_000_000 + number_of(namespace, name) % 1_000_000}"
            prefix = f"{job}-"
            labels |= _job_labels(job)
    for ordinal in range(1 if workload.replicas is None else workload.replicas):
        pod_name = generated_name(prefix, taken, namespace, name, ordinal)
        taken.add(pod_name)
        yield _pod(workload, pod_name, labels)


def _current_hashes(workloads: Iterable[Workload]) -> Mapping[Key, str]:
    """By Deployment the hash of its ReplicaSet, where the manifests hold one that is not scaled to nothing."""
    return {
        (item.namespace, item.owner.name): item.template_labels[TEMPLATE_HASH]
        for item in workloads
        if item.ref.kind == "ReplicaSet"
        and item.owner is not None
        and item.owner.kind == "Deployment"
        and item.replicas != 0
        and TEMPLATE_HASH in item.template_labels
    }


def _job_labels(job: str) -> Mapping[str, str]:
    return {"batch.kubernetes.io/job-name": job, "job-name": job}


def _stateful_pods(workload: Workload, taken: set[str]) -> Iterator[PodManifest]:
    first = workload.ordinal_start
    for ordinal in range(first, first + (1 if workload.replicas is None else workload.replicas)):
        name = f"{workload.name}-{ordinal}"
        if name in taken:
            continue  # a pod of somebody else's stands in its way
        spec = replace(workload.spec, hostname=name, subdomain=workload.service_name)
        labels = {
            **workload.template_labels,
            "apps.kubernetes.io/pod-index": str(ordinal),
            "controller-revision-hash": f"{workload.name}-{template_hash(workload.namespace, workload.name)}",
            "statefulset.kubernetes.io/pod-name": name,
        }
        yield replace(_pod(workload, name, labels), spec=spec)


def daemon_pod(workload: Workload, node: NodeManifest, taken: set[str]) -> PodManifest:
    """The DaemonSet's pod for ``node``."""
    name = generated_name(f"{workload.name}-", taken, workload.namespace, workload.name, node.name)
    taken.add(name)
    labels = {
        **workload.template_labels,
        "controller-revision-hash": template_hash(workload.namespace, workload.name),
        "pod-template-generation": "1",
    }
    return _pod(workload, name, labels)


def _pod(workload: Workload, name: str, labels: Mapping[str, str]) -> PodManifest:
    return PodManifest(
        ref=Ref("Pod", workload.namespace, name, workload.ref.origin),
        labels=labels,
        annotations=workload.template_annotations,
        created=workload.created,
        spec=workload.spec,
        owner=workload.ref,
    )
