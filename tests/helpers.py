"""What many tests need: manifests and clusters from YAML text."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import dedent
from typing import Any

import yaml

from kcnet.controlplane import build_cluster
from kcnet.loading.convert import assemble, convert
from kcnet.loading.document import Document
from kcnet.model.cluster import Cluster
from kcnet.model.manifests import Manifests
from kcnet.model.names import Origin, Ref, Source

CLUSTER_SCOPED = {"Namespace", "Node", "IngressClass", "Cluster"}


def manifests_of(*texts: str) -> Manifests:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return manifests_from(value for text in texts for value in yaml.load_all(dedent(text), loader))


def manifests_from(values: Iterable[Any]) -> Manifests:
    """Of documents that are parsed already, as if all stood in the first line of one file."""
    source = Source(name="test.yaml", text="", locate=lambda origin, path: (origin.line, origin.column))
    origin = Origin(source=source, start=0, end=0, line=1, column=1)
    found = []
    for value in values:
        for item in value["items"] if value and value["kind"] == "List" else [value]:
            if not item:
                continue
            meta = item.get("metadata") or {}
            namespace = None if item["kind"] in CLUSTER_SCOPED else meta.get("namespace") or "default"
            ref = Ref(item["kind"], namespace, meta.get("name", ""), origin)
            found.append(convert(Document(ref=ref, api_version=item["apiVersion"], value=item)))
    return assemble(found, ("test.yaml",), {})


def cluster_of(*texts: str) -> Cluster:
    """The cluster that Kubernetes makes of the YAML documents in ``texts``."""
    return build_cluster(manifests_of(*texts))
