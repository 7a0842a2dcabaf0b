"""The kinds that kcnet reads, and what an apiVersion that is not theirs means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct


class Kind(Struct, frozen=True):
    api_version: str
    definition: str
    """Its name in the JSON Schema."""
    namespaced: bool = True


def _kind(group: str, version: str, name: str, *, namespaced: bool = True) -> tuple[str, Kind]:
    package = (group or "core").removesuffix(".k8s.io")
    api_version = f"{group}/{version}" if group else version
    return name, Kind(api_version, f"io.k8s.api.{package}.{version}.{name}", namespaced)


KINDS: Final[dict[str, Kind]] = dict(
    (
        _kind("", "v1", "Namespace", namespaced=False),
        _kind("", "v1", "Node", namespaced=False),
        _kind("", "v1", "Pod"),
        _kind("", "v1", "Service"),
        _kind("", "v1", "Endpoints"),
        _kind("", "v1", "ConfigMap"),
        _kind("", "v1", "Secret"),
        _kind("", "v1", "ReplicationController"),
        _kind("apps", "v1", "Deployment"),
        _kind("apps", "v1", "ReplicaSet"),
        _kind("apps", "v1", "StatefulSet"),
        _kind("apps", "v1", "DaemonSet"),
        _kind("batch", "v1", "Job"),
        _kind("batch", "v1", "CronJob"),
        _kind("discovery.k8s.io", "v1", "EndpointSlice"),
        _kind("networking.k8s.io", "v1", "Ingress"),
        _kind("networking.k8s.io", "v1", "IngressClass", namespaced=False),
        _kind("networking.k8s.io", "v1", "NetworkPolicy"),
        ("Cluster", Kind("kcnet/v1", "Cluster", namespaced=False)),
    )
)

REMOVED: Final[dict[tuple[str, str], str]] = {
    ("extensions/v1beta1", "Deployment"): "1.16",
    ("extensions/v1beta1", "DaemonSet"): "1.16",
    ("extensions/v1beta1", "ReplicaSet"): "1.16",
    ("extensions/v1beta1", "NetworkPolicy"): "1.16",
    ("extensions/v1beta1", "Ingress"): "1.22",
    ("apps/v1beta1", "Deployment"): "1.16",
    ("apps/v1beta1", "StatefulSet"): "1.16",
    ("apps/v1beta2", "Deployment"): "1.16",
    ("apps/v1beta2", "DaemonSet"): "1.16",
    ("apps/v1beta2", "ReplicaSet"): "1.16",
    ("apps/v1beta2", "StatefulSet"): "1.16",
    ("networking.k8s.io/v1beta1", "Ingress"): "1.22",
    ("networking.k8s.io/v1beta1", "IngressClass"): "1.22",
    ("batch/v2alpha1", "CronJob"): "1.21",
    ("batch/v1beta1", "CronJob"): "1.25",
    ("discovery.k8s.io/v1beta1", "EndpointSlice"): "1.25",
}
"""The release that stopped serving an apiVersion. https://kubernetes.io/docs/reference/using-api/deprecation-guide/"""

KUBERNETES_GROUPS: Final = frozenset(("", "extensions", "apps", "batch", "autoscaling", "policy"))
"""Groups without a domain; the others of Kubernetes itself end in ``.k8s.io`` and stand in the JSON Schema."""


def group_of(api_version: str) -> str:
    """ "" for the core group: ``v1``."""
    return api_version.rpartition("/")[0]


def served(kind: str, api_version: str) -> Kind | None:
    """The kind that kcnet reads under this name, if the apiVersion is its own."""
    known = KINDS.get(kind)
    return known if known is not None and known.api_version == api_version else None


def unserved(kind: str, api_version: str, builtin: Mapping[str, list[str]]) -> tuple[str, str, str] | None:
    """The field that is wrong, what the API server says, and what to write; None: the kind is one that kcnet skips.

    ``builtin``: every kind of Kubernetes itself, by apiVersion. A kind of any other group is a custom resource, of
    which nobody can tell without the cluster.
    """
    group = group_of(api_version)
    if group == "kcnet":
        return (
            "kind" if api_version == "kcnet/v1" else "apiVersion",
            f"There is no kind {kind!r} in {api_version!r}: kcnet's own kind is Cluster, of apiVersion kcnet/v1.",
            "Write apiVersion: kcnet/v1 and kind: Cluster.",
        )
    groups = {group_of(version) for version in builtin} | KUBERNETES_GROUPS
    if group not in groups or kind in builtin.get(api_version, ()):
        return None
    no_such_kind = f'The API server answers: no matches for kind "{kind}" in version "{api_version}".'
    known = KINDS.get(kind)
    if known is not None:
        removed = REMOVED.get((api_version, kind))
        if removed:
            why = f"{api_version} of {kind} was removed in Kubernetes {removed}."
        else:
            why = f"{kind} belongs to {known.api_version}."
        fix = f"Write apiVersion: {known.api_version}"
        return (
            "apiVersion",
            f"{no_such_kind} {why}",
            fix + " and adapt the fields that changed." if removed else fix + ".",
        )
    elsewhere = sorted(version for version, kinds in builtin.items() if kind in kinds)
    if elsewhere:
        return "apiVersion", f"{no_such_kind} {kind} belongs to {elsewhere[0]}.", f"Write apiVersion: {elsewhere[0]}."
    if api_version not in builtin or not builtin[api_version]:
        return None  # an old version of a kind that kcnet does not read
    near = nearest(kind, (*builtin[api_version], *KINDS))
    if near is None:
        return "kind", no_such_kind, "Check the spelling of kind and apiVersion."
    versions = [KINDS[near].api_version] if near in KINDS else [api_version]
    return "kind", f"{no_such_kind} Did you mean {near}?", f"Write kind: {near} with apiVersion: {versions[0]}."


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one of ``known`` that ``word`` was probably meant to be."""
    import difflib

    by_lower = {name.lower(): name for name in known}
    if word.lower() in by_lower:
        return by_lower[word.lower()]
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.7)
    return by_lower[close[0]] if close else None
