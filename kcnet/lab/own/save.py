"""``save DIR``: the manifests as they stand, a file for each namespace, into a new folder on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kcnet.apiserver.resources import RESOURCES, Resource
from kcnet.lab.call import Call
from kcnet.lab.machine import Ran

Object = dict[str, Any]
MADE = ("Event", "Endpoints", "EndpointSlice", "ReplicaSet", "ServiceAccount")
"""Kinds that controllers make; one that a person wrote has no owner."""
SYSTEM = ("kube-system", "kube-public", "kube-node-lease")
OWN = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink")


def run(call: Call) -> int:
    words = call.argv[1:]
    if len(words) != 1 or words[0].startswith("-"):
        call.err("save: Usage: save DIR")
        return 1
    files = call.session.files
    if files.base is None:
        call.err("save: There is no disk here to save to.")
        return 1
    folder = Path(files.absolute(words[0]))
    if folder.exists():
        call.err(f"save: {words[0]} is there already, and nothing is written over it. Name a new folder.")
        return 1
    pages = documents(call)
    try:
        folder.mkdir(parents=True)
        for name, text in pages.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        call.err(f"save: {words[0]} cannot be written: {error.strerror}")
        return 1
    call.line(f"Saved {len(pages)} files to {words[0]}. kcnet lab -f {words[0]} opens them again.")
    call.did(Ran("save", tuple(words)))
    return 0


def documents(call: Call) -> dict[str, str]:
    """Names of files, and what they hold."""
    from kcnet.lab.kubectl.printing import yaml_text

    pages: dict[str, list[str]] = {}
    for resource in RESOURCES:
        for value in call.session.server.list(resource):
            if not written(resource, value):
                continue
            home = value["metadata"].get("namespace") or (
                value["metadata"]["name"] if resource.kind == "Namespace" else "cluster"
            )
            pages.setdefault(f"{home}.yaml", []).append(yaml_text(stripped(value)))
    facts = _facts(call)
    if facts:
        pages.setdefault("kcnet.yaml", []).append(facts)
    return {name: "---\n".join(texts) for name, texts in sorted(pages.items())}


def written(resource: Resource, value: Object) -> bool:
    """Whether a person would have written the object."""
    metadata = value["metadata"]
    if any(owner.get("controller") for owner in metadata.get("ownerReferences") or ()):
        return False
    if metadata.get("namespace") in SYSTEM or (
        resource.kind == "Namespace" and metadata["name"] in ("default", *SYSTEM)
    ):
        return False
    if (resource.kind, metadata["name"]) in (("Service", "kubernetes"), ("ConfigMap", "kube-root-ca.crt")):
        return False
    if resource.kind in ("EndpointSlice", "Endpoints"):
        labels = metadata.get("labels") or {}
        return (
            "endpointslice.kubernetes.io/managed-by" not in labels
            and not metadata.get("annotations")
            and bool(labels.get("kubernetes.io/service-name"))
        )
    return resource.kind not in MADE


def stripped(value: Object) -> Object:
    """Without what the server adds to every object. Addresses stay: they are part of what the learner saw."""
    metadata = {key: one for key, one in value["metadata"].items() if key not in OWN}
    kept = {key: one for key, one in value.items() if key != "status" or value["kind"] in ("Node",)}
    return {**kept, "metadata": metadata}


def _facts(call: Call) -> str:
    from kcnet.lab.kubectl.printing import yaml_text

    cluster = call.session.cluster
    spec: Object = {"proxyMode": cluster.proxy_mode.value, "loadBalancer": cluster.load_balancer_provider}
    if cluster.cni.name:
        spec["cni"] = cluster.cni.name
    if cluster.domain != "cluster.local":
        spec["clusterDomain"] = cluster.domain
    return yaml_text({"apiVersion": "kcnet/v1", "kind": "Cluster", "metadata": {"name": "saved"}, "spec": spec})
