"""The resources that this API server serves, under the names by which kubectl knows them.

https://kubernetes.io/docs/reference/kubectl/#resource-types ; short names and categories as ``kubectl api-resources``
prints them.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

VERBS: Final = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


class Resource(NamedTuple):
    """One resource: ``services`` of the group "" is the kind Service of ``v1``."""

    group: str
    """"" for the core group."""
    version: str
    kind: str
    plural: str
    singular: str
    short_names: tuple[str, ...] = ()
    namespaced: bool = True
    categories: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As errors name it: ``deployments.apps``, ``pods``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        """As errors of validation name it: ``Deployment.apps``, ``Pod``."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


def _core(kind: str, *short: str, plural: str = "", namespaced: bool = True, all_: bool = False) -> Resource:
    return _of("", kind, *short, plural=plural, namespaced=namespaced, all_=all_)


def _of(group: str, kind: str, *short: str, plural: str = "", namespaced: bool = True, all_: bool = False) -> Resource:
    singular = kind.lower()
    return Resource(group, "v1", kind, plural or f"{singular}s", singular, short, namespaced, ("all",) if all_ else ())


RESOURCES: Final = (
    _core("ConfigMap", "cm"),
    _core("Endpoints", "ep", plural="endpoints"),
    _core("Event", "ev"),
    _core("Namespace", "ns", namespaced=False),
    _core("Node", "no", namespaced=False),
    _core("Pod", "po", all_=True),
    _core("ReplicationController", "rc", all_=True),
    _core("Secret"),
    _core("ServiceAccount", "sa"),
    _core("Service", "svc", all_=True),
    _of("apps", "DaemonSet", "ds", all_=True),
    _of("apps", "Deployment", "deploy", all_=True),
    _of("apps", "ReplicaSet", "rs", all_=True),
    _of("apps", "StatefulSet", "sts", all_=True),
    _of("batch", "CronJob", "cj", all_=True),
    _of("batch", "Job", all_=True),
    _of("discovery.k8s.io", "EndpointSlice"),
    _of("networking.k8s.io", "IngressClass", plural="ingressclasses", namespaced=False),
    _of("networking.k8s.io", "Ingress", "ing", plural="ingresses"),
    _of("networking.k8s.io", "NetworkPolicy", "netpol", plural="networkpolicies"),
)
"""In the order of ``kubectl api-resources``: by group, then by plural."""

ALL: Final = (
    "pods",
    "replicationcontrollers",
    "services",
    "daemonsets",
    "deployments",
    "replicasets",
    "statefulsets",
    "cronjobs",
    "jobs",
)
"""The category ``all``, in the order in which kubectl prints it (Events, policies and Ingresses are not in it)."""


@cache
def _names() -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    for resource in RESOURCES:
        for name in (resource.plural, resource.singular, *resource.short_names):
            found[name] = resource
            if resource.group:
                found[f"{name}.{resource.group}"] = resource
            found[f"{name}.{resource.version}.{resource.group}"] = resource
    return found


def find(name: str) -> Resource | None:
    """The resource that kubectl means by ``name``: plural, singular, short name, or one of them with its group.

    None for what this API server does not serve. Case does not matter, so a kind is found, too.
    """
    return _names().get(name.lower())


@cache
def _kinds() -> dict[str, Resource]:
    return {resource.kind: resource for resource in RESOURCES}


def of_kind(kind: str) -> Resource | None:
    """The resource whose objects have this ``kind``, written as in a manifest."""
    return _kinds().get(kind)


def resource_of(kind: str) -> Resource:
    """The same for a kind that is known to be served."""
    return _kinds()[kind]
