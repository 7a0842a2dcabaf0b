"""ConfigMaps and Secrets that containers cannot start without.

https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kcnet.analysis.finding import Edit, Finding, Proof, Rule, Severity, Subject
from kcnet.analysis.spelling import certainly_meant
from kcnet.controlplane.configuration import lacks
from kcnet.model.manifests import Taken
from kcnet.model.names import Ref
from kcnet.model.objects import ConfigMap, Secret
from kcnet.path.nearest import closest

_PAGE = "https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/"
_IN_EVERY_NAMESPACE = "kube-root-ca.crt"


class _Needed(NamedTuple):
    ref: Ref
    """Of the workload or pod."""
    use: Taken
    found: ConfigMap | Secret | None


def _missing(subject: Subject) -> Iterator[Finding]:
    homes: dict[tuple[str, str], list[str]] = {}
    names: dict[tuple[str, str], list[str]] = {}
    for each in (*subject.manifests.config_maps, *subject.manifests.secrets):
        homes.setdefault((each.ref.kind, each.name), []).append(each.namespace)
        names.setdefault((each.ref.kind, each.namespace), []).append(each.name)
    for ref, use, found in _needed(subject):
        if found is not None:
            continue
        namespace = ref.namespace or ""
        near = certainly_meant(use.name, names.get((use.kind, namespace), ()))
        elsewhere = homes.get((use.kind, use.name), [])
        if near is None and len(elsewhere) != 1:
            continue  # it may stand in other files, or be made by a tool
        hint = (
            f"there is {near}" if near else f"there is one in namespace {elsewhere[0]}, which pods of others cannot use"
        )
        repair = f"Name {near}." if near else f"Create {use.kind} {use.name} in namespace {namespace} too."
        yield POD_CONFIG_MISSING.finding(
            ref,
            use.field,
            f"There is no {use.kind} {use.name} in namespace {namespace} ({hint}). {_stuck(use)}",
            repair,
            edit=Edit(ref, use.field, use.name, near) if near else None,
        )


def _key_missing(subject: Subject) -> Iterator[Finding]:
    for ref, use, found in _needed(subject):
        if found is None or not use.key or not lacks(found, use.key):
            continue
        meant, near = certainly_meant(use.key, found.keys), closest(use.key, found.keys)
        has = f"{', '.join(sorted(found.keys)[:5])}{', ...' if len(found.keys) > 5 else ''}"
        yield POD_CONFIG_KEY_MISSING.finding(
            ref,
            use.key_field,
            f"{found.ref} has no key {use.key} (it has {has}). {_stuck(use)}",
            f"Take the key {near}." if near else f"Add the key {use.key} to {found.ref}.",
            proof=_request(subject, ref),
            edit=Edit(ref, use.key_field, use.key, meant) if meant else None,
        )


def _request(subject: Subject, ref: Ref) -> Proof | None:
    """To a Service that has no other pods."""
    for _, service in subject.services:
        pods = subject.selected(service) if service.namespace == ref.namespace and service.ports else ()
        if pods and all(ref in (pod.ref, pod.owner) for pod in pods) and service.cluster_ips:
            client = subject.stranger(service.namespace, pods)
            return Proof(client, f"{service.namespace}/svc/{service.name}:{service.ports[0].port}") if client else None
    return None


def _stuck(use: Taken) -> str:
    """What becomes of the pod."""
    if use.variable is None:
        return "The volume cannot be mounted: new pods stay in ContainerCreating, and no Service sends them a request."
    return (
        "The container is not started (CreateContainerConfigError): new pods never get ready, and no Service sends "
        "them a request."
    )


def _needed(subject: Subject) -> Iterator[_Needed]:
    """What pods have to have, with the object if there is one."""
    objects: tuple[ConfigMap | Secret, ...] = (*subject.manifests.config_maps, *subject.manifests.secrets)
    known = {each.ref: each for each in objects}
    pods = ((pod.ref, pod.spec) for pod in subject.manifests.pods if pod.owner is None and not pod.ready)
    for ref, spec in (*((each.ref, each.spec) for each in subject.manifests.workloads if each.owner is None), *pods):
        for use in spec.taken:
            if not use.optional and use.name not in ("", _IN_EVERY_NAMESPACE):
                yield _Needed(ref, use, known.get(Ref(use.kind, ref.namespace, use.name)))


POD_CONFIG_MISSING = Rule(
    code="POD_CONFIG_MISSING",
    severity=Severity.WARNING,
    title="A container needs a ConfigMap or Secret that does not exist",
    meaning=(
        "A ConfigMap or Secret that env, envFrom or a volume names must exist in the pod's own namespace before its "
        "containers start, unless the reference says optional: true. Until then the pod waits, without an error "
        "anywhere but in its events, and is never ready."
    ),
    look=("kubectl -n NAMESPACE get configmaps,secrets", "kubectl -n NAMESPACE describe pod POD"),
    causes=("A typo in the name.", "The ConfigMap or Secret is in another namespace."),
    repair="Name one of the pod's namespace, or create it there.",
    source=_PAGE,
    check=_missing,
)

POD_CONFIG_KEY_MISSING = Rule(
    code="POD_CONFIG_KEY_MISSING",
    severity=Severity.WARNING,
    title="A container needs a key that its ConfigMap or Secret does not have",
    meaning=(
        "An environment variable or a file that takes one key of a ConfigMap or Secret needs that key, unless the "
        "reference says optional: true. Without it kubelet does not start the container; the pod is never ready, and a "
        "Service in front of it has no endpoint."
    ),
    look=("kubectl -n NAMESPACE get configmap NAME -o yaml", "kubectl -n NAMESPACE describe pod POD"),
    causes=("A typo in the key.", "The key was renamed, or removed."),
    repair="Name a key that is there, or add it.",
    source=_PAGE,
    check=_key_missing,
)
