"""Pods whose containers do not start, because a ConfigMap or Secret lacks a key that they need.

What is not in the manifests may still be in the cluster: only an object that is there is looked into. One without any
key, and a token of a service account, are taken to be filled by somebody else.
https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kcnet.model.manifests import PodManifest, PodSpec, Taken
from kcnet.model.names import Ref
from kcnet.model.objects import ConfigMap, Secret

Objects = Mapping[Ref, ConfigMap | Secret]


class Stuck(NamedTuple):
    """What keeps a pod from getting ready."""

    because: str
    """A clause: what waits, and for what."""
    field: str
    """Path of the key in the pod's own manifest."""
    mounting: bool
    """A volume waits: then the pod has no address yet."""
    entirely: bool
    """No container of it runs."""


def objects(config_maps: Iterable[ConfigMap], secrets: Iterable[Secret]) -> Objects:
    found: tuple[ConfigMap | Secret, ...] = (*config_maps, *secrets)
    return {each.ref: each for each in found}


def lacks(found: ConfigMap | Secret, key: str) -> bool:
    """Whether a key that somebody needs is surely not there."""
    filled = isinstance(found, Secret) and found.type == "kubernetes.io/service-account-token"
    return bool(found.keys) and key not in found.keys and not filled


def stuck(pod: PodManifest, known: Objects) -> Stuck | None:
    """None if its containers start, as far as manifests tell, or its status says how it fares."""
    if pod.live or pod.ready is not None or pod.phase is not None or pod.addresses:
        return None
    waiting: dict[str, Taken] = {}
    for use in pod.spec.taken:
        found = known.get(Ref(use.kind, pod.namespace, use.name)) if use.key and not use.optional else None
        if found is None or not lacks(found, use.key):
            continue
        if use.variable is None:
            because = f"a volume waits for key {use.key}, which {found.ref} does not have"
            return Stuck(because, use.key_field, mounting=True, entirely=True)
        waiting.setdefault(use.field.partition(".env")[0], use)
    if not waiting:
        return None
    path, use = next(iter(waiting.items()))
    because = (
        f"container {_name(pod.spec, path)} waits: CreateContainerConfigError, because {use.kind} "
        f"{pod.namespace}/{use.name} has no key {use.key}"
    )
    entirely = len(waiting) >= len(pod.spec.containers) or any(".initContainers[" in each for each in waiting)
    return Stuck(because, use.key_field, mounting=False, entirely=entirely)


def _name(spec: PodSpec, path: str) -> str:
    index = int(path.rpartition("[")[2].rstrip("]"))
    return spec.containers[index] if ".containers[" in path else f"{index} of initContainers"
