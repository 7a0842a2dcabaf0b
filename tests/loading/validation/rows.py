"""Rows of tables of manifests: what, a part of the manifest as YAML, and what the API server says to it."""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml

from kcnet.loading.document import Document
from kcnet.loading.validation import Violation, validate
from kcnet.model.names import Origin, Ref, Source

API_VERSIONS = {
    "CronJob": "batch/v1",
    "DaemonSet": "apps/v1",
    "Deployment": "apps/v1",
    "EndpointSlice": "discovery.k8s.io/v1",
    "Ingress": "networking.k8s.io/v1",
    "IngressClass": "networking.k8s.io/v1",
    "Job": "batch/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "ReplicaSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "Cluster": "kcnet/v1",
}

REQUIRED, INVALID, DUPLICATE = "API_REQUIRED", "API_INVALID", "API_DUPLICATE"
FORBIDDEN, UNSUPPORTED, NOT_FOUND = "API_FORBIDDEN", "API_UNSUPPORTED", "API_NOT_FOUND"
TOO_LONG, TOO_MANY, INTERNAL = "API_TOO_LONG", "API_TOO_MANY", "API_INTERNAL"

OPENINGS = {
    REQUIRED: "Required value",
    INVALID: "Invalid value: ",
    DUPLICATE: "Duplicate value: ",
    FORBIDDEN: "Forbidden: ",
    UNSUPPORTED: "Unsupported value: ",
    NOT_FOUND: "Not found: ",
    TOO_LONG: "Too long: ",
    TOO_MANY: "Too many: ",
    INTERNAL: "Internal error: ",
}
"""How the API server begins to speak of each kind of error."""


class Bad(NamedTuple):
    """``text`` is rejected at ``field``, and nowhere else."""

    what: str
    text: str
    field: str
    code: str
    words: str = ""

    def __str__(self) -> str:
        return self.what.replace(" ", "-")


class Good(NamedTuple):
    """``text`` is accepted."""

    what: str
    text: str

    def __str__(self) -> str:
        return self.what.replace(" ", "-")


def document(value: dict[str, Any], line: int = 1) -> Document:
    source = Source(name="test.yaml", text="", locate=lambda origin, path: (origin.line, origin.column))
    metadata = value.get("metadata") or {}
    origin = Origin(source=source, start=0, end=0, line=line, column=1)
    ref = Ref(value["kind"], metadata.get("namespace") or "default", metadata.get("name") or "", origin)
    return Document(ref=ref, api_version=value.get("apiVersion", "v1"), value=value)


def manifest(kind: str, **parts: Any) -> dict[str, Any]:
    parts.setdefault("metadata", {"name": "web"})
    return {"apiVersion": API_VERSIONS.get(kind, "v1"), "kind": kind, **parts}


def violations(value: dict[str, Any]) -> list[Violation]:
    return list(validate(document(value)))


def flow(text: str) -> Any:
    return yaml.safe_load(text)


def expect(row: Bad, value: dict[str, Any]) -> None:
    """``value`` breaks exactly the rule of ``row``."""
    found = violations(value)
    assert found, "accepted"
    assert {(each.field, each.code) for each in found} == {(row.field, row.code)}, found
    assert all(each.message.startswith(OPENINGS[row.code]) for each in found), found
    assert row.words in " | ".join(each.message for each in found), found
