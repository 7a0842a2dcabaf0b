"""What many tests need: manifests and clusters from YAML text."""

from __future__ import annotations

from textwrap import dedent

import yaml

from kcnet.controlplane import build_cluster
from kcnet.loading.convert import assemble, convert
from kcnet.loading.document import Document
from kcnet.model.cluster import Cluster
from kcnet.model.manifests import Manifests
from kcnet.model.names import Origin, Ref, Source

CLUSTER_SCOPED = {"Namespace", "Node", "IngressClass", "Cluster"}


def manifests_of(*texts: str) -> Manifests:
    values = []
    for text in texts:
        source = Source(name="test.yaml", text=text, locate=lambda origin, path: (origin.line, origin.column))
        origin = Origin(source=source, start=0, end=len(text), line=1, column=1)
        for value in yaml.safe_load_all(dedent(text)):
            for item in value["items"] if value and value["kind"] == "List" else [value]:
                if not item:
                    continue
                meta = item.get("metadata") or {}
                namespace = None if item["kind"] in CLUSTER_SCOPED else meta.get("namespace") or "default"
                ref = Ref(item["kind"], namespace, meta.get("name", ""), origin)
                values.append(convert(Document(ref=ref, api_version=item["apiVersion"], value=item)))
    return assemble(values, ("test.yaml",), {})


def cluster_of(*texts: str) -> Cluster:
    """The cluster that Kubernetes makes of the YAML documents in ``texts``."""
    return build_cluster(manifests_of(*texts))
