"""What the API server rejects: the rules that JSON Schema cannot say, as of Kubernetes 1.37.

``validate`` judges one document, ``validate_together`` what objects do to each other, ``second_clusters`` more than one
document of kcnet's own kind Cluster. All that a real API server accepts passes. Warnings are not errors and stay out.

An object that carries ``metadata.uid`` was read from a cluster: what Kubernetes asks of new values only (names, strict
addresses, the default range of node ports) is not asked of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from kcnet.loading.document import Document
from kcnet.loading.validation.cluster import cluster_errors, second_clusters
from kcnet.loading.validation.configmap import config_map_errors
from kcnet.loading.validation.endpoints import endpoint_slice_errors, legacy_endpoints_errors
from kcnet.loading.validation.ingress import ingress_class_errors, ingress_errors
from kcnet.loading.validation.labels import NOTHING, Value
from kcnet.loading.validation.metadata import metadata_errors
from kcnet.loading.validation.networkpolicy import network_policy_errors
from kcnet.loading.validation.node import node_errors
from kcnet.loading.validation.pod import pod_errors
from kcnet.loading.validation.secret import secret_errors
from kcnet.loading.validation.service import service_errors
from kcnet.loading.validation.together import validate_together
from kcnet.loading.validation.violation import Errors, FieldError, Violation, written_at
from kcnet.loading.validation.workloads import (
    cron_job_errors,
    daemon_set_errors,
    deployment_errors,
    job_errors,
    replica_set_errors,
    replication_controller_errors,
    stateful_set_errors,
)

__all__ = [
    "FieldError",
    "Violation",
    "second_clusters",
    "validate",
    "validate_rest",
    "validate_together",
    "written_at",
]


def validate(document: Document) -> Iterator[Violation]:
    """Every reason for which the API server would reject this object, metadata first.

    ``document.value`` has passed the JSON Schema of its kind; any field may be absent or null.
    """
    kind, value = document.kind, document.value
    errors: Errors
    if kind == "Cluster":
        errors = cluster_errors(value)
    elif kind in _RULES:
        errors = _object_errors(kind, value)
    else:
        return
    for code, field, message, fix in errors:
        yield Violation(code=code, ref=document.ref, field=field, message=message, fix=fix)


def validate_rest(document: Document, wrong: Iterable[tuple[str | int, ...]]) -> Iterator[Violation]:
    """What can be said of an object that did not pass its JSON Schema, at the paths ``wrong``: what the fields that did
    pass are to blame for, whatever the others were meant to be. Of a Cluster that is every field, of others metadata.
    """
    value, wrong = document.value, list(wrong)
    errors: Errors
    if document.kind == "Cluster":
        spec = value.get("spec")
        spoilt = {path[1] for path in wrong if path[0] == "spec" and len(path) > 1}
        sound = {key: one for key, one in spec.items() if key not in spoilt} if isinstance(spec, dict) else {}
        errors = cluster_errors({"spec": sound})
    elif any(path[:1] in ((), ("metadata",)) for path in wrong):
        return
    else:
        metadata = value.get("metadata") or NOTHING
        errors = metadata_errors(document.kind, metadata, live=bool(metadata.get("uid")))
    for code, field, message, fix in errors:
        if code != "API_REQUIRED":  # it may stand where it is the structure that is wrong
            yield Violation(code=code, ref=document.ref, field=field, message=message, fix=fix)


Rules = Callable[[Value, bool], Errors]
"""Of one kind: the object, and whether it was read from a cluster."""

_RULES: dict[str, Rules] = {
    "ConfigMap": config_map_errors,
    "CronJob": cron_job_errors,
    "DaemonSet": daemon_set_errors,
    "Deployment": deployment_errors,
    "EndpointSlice": endpoint_slice_errors,
    "Endpoints": legacy_endpoints_errors,
    "Ingress": ingress_errors,
    "IngressClass": ingress_class_errors,
    "Job": job_errors,
    "Namespace": lambda value, live: iter(()),
    "NetworkPolicy": network_policy_errors,
    "Node": node_errors,
    "Pod": pod_errors,
    "ReplicaSet": replica_set_errors,
    "ReplicationController": replication_controller_errors,
    "Secret": secret_errors,
    "Service": service_errors,
    "StatefulSet": stateful_set_errors,
}


def _object_errors(kind: str, value: Value) -> Errors:
    metadata = value.get("metadata") or NOTHING
    live = bool(metadata.get("uid"))
    yield from metadata_errors(kind, metadata, live=live)
    yield from _RULES[kind](value, live)
