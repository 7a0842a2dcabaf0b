"""What the controllers share: writing, reading the state of pods, counting replicas."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kcnet.apiserver.defaults import with_defaults
from kcnet.apiserver.meta import controller_of, digest, labels_of, owner_reference, stamped, timestamp, uid_of
from kcnet.apiserver.resources import resource_of
from kcnet.apiserver.store import Object
from kcnet.loading.validation.labels import selector_matches
from kcnet.model.wellknown import TEMPLATE_HASH

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer


def put_new(server: ApiServer, value: Object, *, told: bool = False) -> Object:
    """Stores an object that a controller made, with defaults and metadata."""
    resource = resource_of(value["kind"])
    value = {**value, "apiVersion": resource.api_version}
    made = stamped(
        with_defaults(resource.kind, value), uid_of(resource, value["metadata"], server.store.version), server.now
    )
    return server.store.put(resource.plural, made, told=told)


def put_status(server: ApiServer, plural: str, value: Object, status: Mapping[str, Any]) -> Object:
    """Stores a workload with another status, which nothing but its readers goes by; not if it is the same."""
    if value.get("status") == status:
        return value
    return server.store.put(plural, {**value, "status": status}, told=plural not in ("jobs", "cronjobs"))


def put_metadata(server: ApiServer, plural: str, value: Object, **fields: Any) -> Object:
    metadata = {**value["metadata"], **fields}
    metadata = {key: field for key, field in metadata.items() if field not in (None, [], {}) or key == "labels"}
    return value if metadata == value["metadata"] else server.store.put(plural, {**value, "metadata": metadata})


def put_replicas(server: ApiServer, plural: str, value: Object, replicas: int) -> Object:
    metadata = {**value["metadata"], "generation": value["metadata"].get("generation", 1) + 1}
    spec = {**value["spec"], "replicas": replicas}
    return server.store.put(plural, {**value, "metadata": metadata, "spec": spec})


def present(server: ApiServer, plural: str, value: Object) -> bool:
    """Whether it still exists."""
    metadata = value["metadata"]
    found = server.store.get(plural, metadata.get("namespace"), metadata["name"])
    return found is not None and found["metadata"]["uid"] == metadata["uid"]


def claimed(server: ApiServer, plural: str, owner: Object, selector: Mapping[str, Any] | None) -> list[Object]:
    """The objects that ``owner`` manages, in order of their names. It adopts those that nobody manages and its selector
    picks, and lets go of those that it does not pick any more.

    pkg/controller/controller_ref_manager.go of kubernetes/kubernetes.
    """
    found = []
    uid = owner["metadata"]["uid"]
    for obj in list(server.store.of(plural, owner["metadata"]["namespace"])):
        above = controller_of(obj)
        fits = bool(selector) and selector_matches(selector, labels_of(obj))
        if above is None:
            if not fits or obj["metadata"].get("deletionTimestamp"):
                continue
            owners = [*(obj["metadata"].get("ownerReferences") or ()), owner_reference(owner)]
            obj = put_metadata(server, plural, obj, ownerReferences=owners)
        elif above["uid"] != uid:
            continue
        elif not fits:
            others = [item for item in obj["metadata"]["ownerReferences"] if item["uid"] != uid]
            put_metadata(server, plural, obj, ownerReferences=others)
            continue
        found.append(obj)
    return found


def owned(server: ApiServer, plural: str, owner: Object) -> list[Object]:
    uid = owner["metadata"]["uid"]
    objects = server.store.of(plural, owner["metadata"]["namespace"])
    return [obj for obj in objects if (above := controller_of(obj)) is not None and above["uid"] == uid]


def is_active(pod: Mapping[str, Any]) -> bool:
    return (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed") and not pod["metadata"].get(
        "deletionTimestamp"
    )


def condition(value: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    conditions = (value.get("status") or {}).get("conditions") or ()
    return next((item for item in conditions if item.get("type") == kind), {})


def is_ready(pod: Mapping[str, Any]) -> bool:
    return condition(pod, "Ready").get("status") == "True"


def ready_count(pods: Iterable[Mapping[str, Any]]) -> int:
    return sum(1 for pod in pods if is_ready(pod))


def nonzero(**fields: Any) -> Object:
    """A status leaves out what is 0."""
    return {key: value for key, value in fields.items() if value not in (0, None, [], {})}


def with_condition(server: ApiServer, old: Mapping[str, Any], **fields: Any) -> Object:
    """The condition ``type`` as it is now; its times change with what it says."""
    known = condition(old, fields["type"])
    now = timestamp(server.now)
    same = known.get("status") == fields["status"]
    unchanged = same and known.get("reason") == fields.get("reason")
    return {
        **fields,
        "lastUpdateTime": known.get("lastUpdateTime", now) if unchanged else now,
        "lastTransitionTime": known.get("lastTransitionTime", now) if same else now,
    }


def template_of(value: Mapping[str, Any]) -> str:
    """The pod template as text that is equal for equal templates; the label that a Deployment adds does not count."""
    template = value["spec"]["template"]
    metadata = template.get("metadata") or {}
    labels = {key: label for key, label in (metadata.get("labels") or {}).items() if key != TEMPLATE_HASH}
    kept = {key: field for key, field in metadata.items() if field not in (None, {}) and key != "creationTimestamp"}
    return json.dumps([{**kept, "labels": labels}, template.get("spec")], sort_keys=True)


def revision_of(server: ApiServer, value: Object, first: str) -> str:
    """The hash by which pods of this template are known; of the first template that the workload had, ``first``."""
    prefix = f"revision/{value['metadata']['uid']}/"
    key = prefix + digest(template_of(value))[:16]
    known = server.store.marks.get(key)
    if known is None:
        is_first = not any(mark.startswith(prefix) for mark in server.store.marks)
        known = server.store.marks[key] = first if is_first else hash_of(key)
    return known


def hash_of(*parts: object) -> str:
    from kcnet.controlplane.ordering import template_hash

    return template_hash(*parts)


def each(server: ApiServer, plural: str) -> Iterator[Object]:
    """Every object of a resource as it is when its turn comes."""
    for obj in list(server.store.all(plural)):
        metadata = obj["metadata"]
        now = server.store.get(plural, metadata.get("namespace"), metadata["name"])
        if now is not None:
            yield now
