"""What containers are told: command and arguments, environment variables, and what they take from ConfigMaps.

https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kcnet.model.manifests import Argument, ConfigUse, EnvVar

Containers = list[tuple[str, dict[str, Any]]]
"""With their paths in the manifest."""


def arguments(containers: Iterable[dict[str, Any]], field: str) -> Iterator[Argument]:
    for index, container in enumerate(containers):
        for key in ("command", "args"):
            for place, item in enumerate(container.get(key) or ()):
                yield Argument(item, f"{field}[{index}].{key}[{place}]")


def variables(container: dict[str, Any], path: str) -> Iterator[EnvVar]:
    for index, item in enumerate(container.get("env") or ()):
        if not (item.get("valueFrom") or {}).get("configMapKeyRef"):
            yield EnvVar(item.get("name") or "", item.get("value") or "", f"{path}.env[{index}].value")


def config_uses(spec: dict[str, Any], containers: Containers, field: str) -> Iterator[ConfigUse]:
    for path, container in containers:
        for index, item in enumerate(container.get("envFrom") or ()):
            if source := item.get("configMapRef"):
                place = f"{path}.envFrom[{index}].configMapRef"
                yield _use(source, f"{place}.name", variable=item.get("prefix") or "")
        for index, item in enumerate(container.get("env") or ()):
            if source := (item.get("valueFrom") or {}).get("configMapKeyRef"):
                place = f"{path}.env[{index}].valueFrom.configMapKeyRef"
                yield _use(source, f"{place}.name", f"{place}.key", item.get("name") or "", source.get("key") or "")
    for index, volume in enumerate(spec.get("volumes") or ()):
        place = f"{field}.volumes[{index}]"
        sources = [(f"{place}.configMap", volume.get("configMap"))]
        for number, item in enumerate((volume.get("projected") or {}).get("sources") or ()):
            sources.append((f"{place}.projected.sources[{number}].configMap", item.get("configMap")))
        for place, source in sources:
            if source:
                yield from _files(source, place)


def _files(source: dict[str, Any], field: str) -> Iterator[ConfigUse]:
    items = source.get("items")
    if not items:
        yield _use(source, f"{field}.name")
    for index, item in enumerate(items or ()):
        yield _use(source, f"{field}.name", f"{field}.items[{index}].key", key=item.get("key") or "")


def _use(
    source: dict[str, Any], field: str, key_field: str = "", variable: str | None = None, key: str = ""
) -> ConfigUse:
    return ConfigUse(source.get("name") or "", key, variable, bool(source.get("optional")), field, key_field)
