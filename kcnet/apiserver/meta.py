"""Metadata that the server writes: uids, times, owners. The same for the same history, never drawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from kcnet.apiserver.resources import Resource

Object = dict[str, Any]

COUNTS_GENERATIONS: Final = frozenset(
    (
        "CronJob",
        "DaemonSet",
        "Deployment",
        "EndpointSlice",
        "Ingress",
        "IngressClass",
        "Job",
        "NetworkPolicy",
        "Pod",
        "ReplicaSet",
        "ReplicationController",
        "StatefulSet",
    )
)
"""Kinds whose ``metadata.generation`` grows with every change of the spec."""


def timestamp(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(*parts: object) -> str:
    """64 hexadecimal digits, the same for the same parts."""
    return sha256("/".join(map(str, parts)).encode()).hexdigest()


def uid_of(resource: Resource, metadata: Mapping[str, Any], number: int) -> str:
    """A uid that no other object gets: ``number`` is the version at which it was made."""
    text = digest(resource.plural, metadata.get("namespace"), metadata.get("name"), number)
    return str(UUID(hex=text[:32], version=4))


def stamped(value: Object, uid: str, now: datetime) -> Object:
    """With the metadata of a new object. Its own time of creation stays if it has one."""
    metadata = {**value["metadata"], "uid": value["metadata"].get("uid") or uid}
    metadata.setdefault("creationTimestamp", timestamp(now))
    if metadata["creationTimestamp"] is None:
        metadata["creationTimestamp"] = timestamp(now)
    if value["kind"] in COUNTS_GENERATIONS:
        metadata.setdefault("generation", 1)
    return {**value, "metadata": metadata}


def owner_reference(owner: Object) -> Object:
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def controller_of(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The ownerReference that manages the object."""
    owners = value["metadata"].get("ownerReferences") or ()
    return next((owner for owner in owners if owner.get("controller")), None)


def labels_of(value: Mapping[str, Any]) -> Mapping[str, str]:
    return value["metadata"].get("labels") or {}
