"""ConfigMaps that containers cannot start without.

https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kcnet.analysis.finding import Edit, Finding, Rule, Severity, Subject
from kcnet.analysis.spelling import certainly_meant
from kcnet.model.manifests import ConfigUse
from kcnet.model.names import Ref
from kcnet.model.objects import ConfigMap
from kcnet.path.nearest import closest

_PAGE = "https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/"
_IN_EVERY_NAMESPACE = "kube-root-ca.crt"


class _Needed(NamedTuple):
    ref: Ref
    """Of the workload or pod."""
    use: ConfigUse
    found: ConfigMap | None


def _missing(subject: Subject) -> Iterator[Finding]:
    homes: dict[str, list[str]] = {}
    names: dict[str, list[str]] = {}
    for each in subject.manifests.config_maps:
        homes.setdefault(each.name, []).append(each.namespace)
        names.setdefault(each.namespace, []).append(each.name)
    for ref, use, found in _needed(subject):
        if found is not None or use.config_map == _IN_EVERY_NAMESPACE:
            continue
        namespace = ref.namespace or ""
        near = certainly_meant(use.config_map, names.get(namespace, ()))
        elsewhere = homes.get(use.config_map, [])
        if near is None and len(elsewhere) != 1:
            continue  # it may stand in other files, or be made by a tool
        hint = (
            f"there is {near}" if near else f"there is one in namespace {elsewhere[0]}, which pods of others cannot use"
        )
        repair = f"Name {near}." if near else f"Create ConfigMap {use.config_map} in namespace {namespace} too."
        yield POD_CONFIG_MAP_MISSING.finding(
            ref,
            use.field,
            f"There is no ConfigMap {use.config_map} in namespace {namespace} ({hint}). {_stuck(use)}",
            repair,
            edit=Edit(ref, use.field, use.config_map, near) if near else None,
        )


def _key_missing(subject: Subject) -> Iterator[Finding]:
    for ref, use, found in _needed(subject):
        if found is None or not use.key or found.has(use.key):
            continue
        keys = (*found.data, *found.binary_keys)
        meant, near = certainly_meant(use.key, keys), closest(use.key, keys)
        has = f"it has {', '.join(sorted(keys)[:5])}{', ...' if len(keys) > 5 else ''}" if keys else "it is empty"
        yield POD_CONFIG_MAP_KEY_MISSING.finding(
            ref,
            use.key_field,
            f"ConfigMap {found.namespace}/{found.name} has no key {use.key} ({has}). {_stuck(use)}",
            f"Take the key {near}." if near else f"Add the key {use.key} to the ConfigMap.",
            edit=Edit(ref, use.key_field, use.key, meant) if meant else None,
        )


def _stuck(use: ConfigUse) -> str:
    """What becomes of the pod."""
    if use.variable is None:
        return "The volume cannot be mounted: new pods stay in ContainerCreating, and no Service sends them a request."
    return (
        "The container is not started (CreateContainerConfigError): new pods never get ready, and no Service sends "
        "them a request."
    )


def _needed(subject: Subject) -> Iterator[_Needed]:
    """What pods have to have, with the ConfigMap if there is one."""
    known = {(each.namespace, each.name): each for each in subject.manifests.config_maps}
    pods = ((pod.ref, pod.spec) for pod in subject.manifests.pods if pod.owner is None and not pod.ready)
    for ref, spec in (*((each.ref, each.spec) for each in subject.manifests.workloads if each.owner is None), *pods):
        for use in spec.config:
            if not use.optional and use.config_map:
                yield _Needed(ref, use, known.get((ref.namespace or "", use.config_map)))


POD_CONFIG_MAP_MISSING = Rule(
    code="POD_CONFIG_MAP_MISSING",
    severity=Severity.WARNING,
    title="A container needs a ConfigMap that does not exist",
    meaning=(
        "A ConfigMap that env, envFrom or a volume names must exist in the pod's own namespace before its containers "
        "start, unless the reference says optional: true. Until then the pod waits, without an error anywhere but in "
        "its events, and is never ready."
    ),
    look=("kubectl -n NAMESPACE get configmaps", "kubectl -n NAMESPACE describe pod POD"),
    causes=("A typo in the name.", "The ConfigMap is in another namespace."),
    repair="Name a ConfigMap of the pod's namespace, or create it there.",
    source=_PAGE,
    check=_missing,
)

POD_CONFIG_MAP_KEY_MISSING = Rule(
    code="POD_CONFIG_MAP_KEY_MISSING",
    severity=Severity.WARNING,
    title="A container needs a key that the ConfigMap does not have",
    meaning=(
        "An environment variable or a file that takes one key of a ConfigMap needs that key, unless the reference says "
        "optional: true. Without it kubelet does not start the container; the pod is never ready, and a Service in "
        "front of it has no endpoint."
    ),
    look=("kubectl -n NAMESPACE get configmap NAME -o yaml", "kubectl -n NAMESPACE describe pod POD"),
    causes=("A typo in the key.", "The key was renamed, or removed from the ConfigMap."),
    repair="Name a key that the ConfigMap has, or add it.",
    source=_PAGE,
    check=_key_missing,
)
