"""The metadata of every object.

staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go of kubernetes/kubernetes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kcnet.loading.validation.labels import NOTHING, Value, label_errors, objects, strings
from kcnet.loading.validation.names import Messages, as_prefix, dns_label, dns_subdomain, qualified_name
from kcnet.loading.validation.violation import Errors, each_invalid, invalid, required, too_long
from kcnet.model.wellknown import LISTENS, parse_listens

CLUSTER_WIDE = frozenset(("Namespace", "Node", "IngressClass"))
"""Kinds without a namespace; one that is written is ignored."""

LABEL_NAMED = frozenset(("Namespace", "Service", "StatefulSet"))
"""Kinds whose names are one DNS label, because they become a part of DNS names. Services since Kubernetes 1.37 may
begin with a digit."""

LONGEST_CRON_JOB = 52
"""A CronJob's Jobs get eleven more characters."""

ANNOTATIONS_LIMIT = 256 * 1024
"""Bytes of all keys and values together."""

STANDARD_FINALIZERS = frozenset(("kubernetes", "orphan", "foregroundDeletion"))


def metadata_errors(kind: str, metadata: Value | None, *, live: bool = False) -> Errors:
    """``live``: the object exists in a cluster already, so that its name is no longer judged."""
    metadata = metadata or NOTHING
    if not live:
        yield from _name_errors(kind, metadata)
    namespace = metadata.get("namespace")
    if namespace and kind not in CLUSTER_WIDE:
        yield from each_invalid(
            "metadata.namespace", namespace, dns_label(namespace), "A namespace's name is one lower-case DNS label."
        )
    yield from label_errors("metadata.labels", metadata.get("labels"))
    yield from annotation_errors("metadata.annotations", metadata.get("annotations"))
    if metadata.get("ownerReferences"):
        yield from _owner_errors(metadata)
    for index, finalizer in strings(metadata, "finalizers"):
        yield from _finalizer_errors(index, finalizer)


def annotation_errors(field: str, annotations: Mapping[str, str | None] | None) -> Errors:
    size = 0
    for key, value in (annotations or {}).items():
        yield from each_invalid(
            field,
            key,
            qualified_name(key.lower()),
            "Use letters, digits, '-', '_' and '.', at most 63 after an optional prefix such as example.com/.",
        )
        size += len(key) + len(value or "")
        if key == LISTENS:
            yield from _listens_errors(f"{field}[{key}]", value or "")
    if size > ANNOTATIONS_LIMIT:
        yield too_long(
            field, ANNOTATIONS_LIMIT, "Keep large data out of annotations: a ConfigMap or a volume holds it."
        )


def _listens_errors(field: str, text: str) -> Errors:
    """kcnet's own rule: the API server takes any text."""
    try:
        parse_listens(text)
    except ValueError as error:
        yield invalid(field, text, str(error), 'Write ports with commas between them, such as "8080,53/udp".')


def _name_errors(kind: str, metadata: Value) -> Errors:
    name, prefix = metadata.get("name") or "", metadata.get("generateName") or ""
    syntax: Callable[[str], Messages] = dns_label if kind in LABEL_NAMED else dns_subdomain
    if prefix:
        yield from each_invalid("metadata.generateName", prefix, syntax(as_prefix(prefix)), _name_fix(prefix))
    if name:
        yield from each_invalid("metadata.name", name, syntax(name), _name_fix(name))
        if kind == "CronJob" and len(name) > LONGEST_CRON_JOB:
            yield invalid("metadata.name", name, "must be no more than 52 characters", "Shorten the name.")
    elif not prefix:
        yield required(
            "metadata.name", "name or generateName is required", f"Give the {kind} a name, such as {kind.lower()}-1."
        )


def _name_fix(name: str) -> str:
    better = "".join(char if char.isascii() and (char.isalnum() or char in "-.") else "-" for char in name.lower())
    better = better.strip("-.")
    if not better or better == name:
        return "Use lower-case letters, digits and '-', and begin and end with a letter or digit."
    return f"Use lower-case letters, digits and '-', such as {better[:63]}."


def _owner_errors(metadata: Value) -> Errors:
    field = "metadata.ownerReferences"
    controllers: list[str] = []
    for _, owner in objects(metadata, "ownerReferences"):
        if not owner.get("apiVersion"):
            yield invalid(f"{field}.apiVersion", "", "version must not be empty")
        for key in ("kind", "name", "uid"):
            if not owner.get(key):
                yield invalid(f"{field}.{key}", "", "must not be empty")
        if owner.get("controller"):
            controllers.append(f"{owner.get('kind')}/{owner.get('name')}")
    if len(controllers) > 1:
        yield invalid(
            field,
            metadata["ownerReferences"],
            "Only one reference can have Controller set to true. "
            f'Found "true" in references for {controllers[0]} and {controllers[1]}',
        )


def _finalizer_errors(index: int, finalizer: str) -> Errors:
    yield from each_invalid("metadata.finalizers", finalizer, qualified_name(finalizer))
    if "/" not in finalizer and finalizer not in STANDARD_FINALIZERS:
        yield invalid(
            f"metadata.finalizers[{index}]",
            finalizer,
            "name is neither a standard finalizer name nor is it fully qualified",
            "Prefix it with a domain, such as example.com/.",
        )
