"""What containers are told: command and arguments, environment variables, and what they take from ConfigMaps
and Secrets.

https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from kcnet.model.manifests import Argument, EnvVar, Taken

ROOT_CA: Final = "kube-root-ca.crt"
"""A ConfigMap that every namespace has."""

Containers = list[tuple[str, dict[str, Any]]]
"""With their paths in the manifest."""


def arguments(containers: Iterable[dict[str, Any]], field: str) -> Iterator[Argument]:
    for index, container in enumerate(containers):
        for key in ("command", "args"):
            for place, item in enumerate(container.get(key) or ()):
                yield Argument(item, f"{field}[{index}].{key}[{place}]")


def variables(container: dict[str, Any], path: str) -> Iterator[EnvVar]:
    for index, item in enumerate(container.get("env") or ()):
        source = item.get("valueFrom")
        if not source or not (source.get("configMapKeyRef") or source.get("secretKeyRef")):
            yield EnvVar(item.get("name") or "", item.get("value") or "", f"{path}.env[{index}].value")


def taken(spec: dict[str, Any], containers: Containers, field: str) -> Iterator[Taken]:
    """The certificate that every pod is given in a projected volume is passed over."""
    for path, container in containers:
        if not (container.get("envFrom") or container.get("env")):
            continue
        for index, item in enumerate(container.get("envFrom") or ()):
            for kind, key in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
                if source := item.get(key):
                    yield _taken(kind, source, f"{path}.envFrom[{index}].{key}.name", variable=item.get("prefix") or "")
        for index, item in enumerate(container.get("env") or ()):
            for kind, key in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
                if source := (item.get("valueFrom") or {}).get(key):
                    place, name = f"{path}.env[{index}].valueFrom.{key}", item.get("name") or ""
                    yield _taken(kind, source, f"{place}.name", f"{place}.key", name, source.get("key") or "")
    for index, volume in enumerate(spec.get("volumes") or ()):
        if volume.get("configMap") or volume.get("secret"):
            yield from _files(volume, f"{field}.volumes[{index}]", "secretName")
        elif volume.get("projected"):
            for number, source in enumerate(volume["projected"].get("sources") or ()):
                if (source.get("configMap") or source.get("secret") or {}).get("name", ROOT_CA) != ROOT_CA:
                    yield from _files(source, f"{field}.volumes[{index}].projected.sources[{number}]", "name")


def _files(holder: dict[str, Any], field: str, name_of_secret: str) -> Iterator[Taken]:
    for kind, key, name in (("ConfigMap", "configMap", "name"), ("Secret", "secret", name_of_secret)):
        if source := holder.get(key):
            place, named = f"{field}.{key}", {**source, "name": source.get(name)}
            if not source.get("items"):
                yield _taken(kind, named, f"{place}.{name}")
            for index, item in enumerate(source.get("items") or ()):
                yield _taken(kind, named, f"{place}.{name}", f"{place}.items[{index}].key", key=item.get("key") or "")


def _taken(
    kind: str, source: dict[str, Any], field: str, key_field: str = "", variable: str | None = None, key: str = ""
) -> Taken:
    return Taken(kind, source.get("name") or "", key, variable, bool(source.get("optional")), field, key_field)
