"""Volumes of a pod, as describe explains them.

k8s: kubectl pkg/describe/describe.go (describeVolumes). Kinds of storage that a page about networking has no use for
are named with their fields as they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from kcnet.apiserver.tables.words import NONE
from kcnet.lab.kubectl.describe.generic import smart_label
from kcnet.lab.kubectl.describe.writer import Page
from kcnet.lab.kubectl.quantities import canonical, parse

Volume = Mapping[str, Any]
Lines = Sequence[tuple[str, object]]


def volumes(page: Page, values: Sequence[Volume] | None, indent: str = "") -> None:
    """All volumes; ``indent`` is set in the template of a workload."""
    if not values:
        page.line(0, f"{indent}Volumes:\t{NONE}")
        return
    page.line(0, f"{indent}Volumes:")
    for volume in values:
        page.line(1, f"{' ' if indent else ''}{volume.get('name', '')}:")
        kind = next((kind for kind in volume if kind != "name"), "emptyDir")
        source = volume.get(kind) or {}
        for title, value in KINDS[kind](source) if kind in KINDS else _other(kind, source):
            page.line(2, f"{title}:\t{value}" if title else str(value))


def _host_path(source: Volume) -> Lines:
    kind = source.get("type")
    return (
        ("Type", "HostPath (bare host directory volume)"),
        ("Path", source.get("path", "")),
        ("HostPathType", NONE if kind is None else kind),
    )


def _empty_dir(source: Volume) -> Lines:
    limit = source.get("sizeLimit")
    return (
        ("Type", "EmptyDir (a temporary directory that shares a pod's lifetime)"),
        ("Medium", source.get("medium") or ""),
        ("SizeLimit", canonical(limit) if parse(limit).value > 0 else "<unset>"),
    )


def _secret(source: Volume) -> Lines:
    name = source.get("secretName", "")
    return ("Type", "Secret (a volume populated by a Secret)"), ("SecretName", name), _optional(source)


def _config_map(source: Volume) -> Lines:
    name = source.get("name", "")
    return ("Type", "ConfigMap (a volume populated by a ConfigMap)"), ("Name", name), _optional(source)


def _optional(source: Volume) -> tuple[str, object]:
    return "Optional", _boolean(source.get("optional"))


def _boolean(value: object) -> str:
    return str(bool(value)).lower()


def _projected(source: Volume) -> Lines:
    return (
        ("Type", "Projected (a volume that contains injected data from multiple sources)"),
        *(line for each in source.get("sources") or () for line in _projection(each)),
    )


def _projection(source: Volume) -> Iterable[tuple[str, object]]:
    if "secret" in source:
        return ("SecretName", source["secret"].get("name", "")), _optional(source["secret"])
    if "downwardAPI" in source:
        return (("DownwardAPI", "true"),)
    if "configMap" in source:
        return ("ConfigMapName", source["configMap"].get("name", "")), _optional(source["configMap"])
    if "serviceAccountToken" in source:
        return (("TokenExpirationSeconds", source["serviceAccountToken"].get("expirationSeconds", 3600)),)
    return ()


def _claim(source: Volume) -> Lines:
    return (
        ("Type", "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)"),
        ("ClaimName", source.get("claimName", "")),
        ("ReadOnly", _boolean(source.get("readOnly"))),
    )


def _downward(source: Volume) -> Lines:
    lines: list[tuple[str, object]] = [
        ("Type", "DownwardAPI (a volume populated by information about the pod)"),
        ("", "Items:"),
    ]
    for item in source.get("items") or ():
        path = item.get("path", "")
        if field := item.get("fieldRef"):
            lines.append(("", f"  {field.get('fieldPath', '')} -> {path}"))
        if resource := item.get("resourceFieldRef"):
            lines.append(("", f"  {resource.get('resource', '')} -> {path}"))
    return lines


def _nfs(source: Volume) -> Lines:
    return (
        ("Type", "NFS (an NFS mount that lasts the lifetime of a pod)"),
        ("Server", source.get("server", "")),
        ("Path", source.get("path", "")),
        ("ReadOnly", _boolean(source.get("readOnly"))),
    )


def _other(kind: str, source: Volume) -> Lines:
    return ("Type", kind[0].upper() + kind[1:]), *((smart_label(key), value) for key, value in sorted(source.items()))


KINDS: Final[Mapping[str, Callable[[Volume], Lines]]] = {
    "hostPath": _host_path,
    "emptyDir": _empty_dir,
    "secret": _secret,
    "configMap": _config_map,
    "projected": _projected,
    "persistentVolumeClaim": _claim,
    "downwardAPI": _downward,
    "nfs": _nfs,
}
