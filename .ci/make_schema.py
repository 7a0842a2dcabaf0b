"""Make kcnet/loading/schemas/kubernetes-1.37.json from the official OpenAPI definitions.

The PyPI package kubernetes-validate carries them as JSON Schema, one set for each Kubernetes version (108 MB, so it is
used here and never at run time). Usage:

    python .ci/make_schema.py                 # downloads the package with pip into a temporary folder
    python .ci/make_schema.py FOLDER          # a folder that holds an unpacked kubernetes_validate

What is changed, and why:

- Only the kinds that kcnet reads and what they refer to; no descriptions.
- The API server decodes a null as "not set", so an optional field may be null. Items of lists, values of maps and
  required fields may not: there a null means an empty string or object, which the loader puts in its place.
- ``format: int32`` and the like become bounds.
- ``required`` is left out in ``status``, where the API server asks for nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGE = "kubernetes-validate==1.37.0"
DEFINITIONS = "kubernetes_validate/kubernetes-json-schema/v1.37.0-local-strict/_definitions.json"
ALL_KINDS = "x-kubernetes-group-version-kind"
TARGET = Path(__file__).parent.parent / "kcnet/loading/schemas/kubernetes-1.37.json"

KINDS = {
    "core": ("Namespace", "Node", "Pod", "Service", "Endpoints", "ConfigMap", "Secret", "ReplicationController"),
    "apps": ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"),
    "batch": ("Job", "CronJob"),
    "discovery": ("EndpointSlice",),
    "networking": ("Ingress", "IngressClass", "NetworkPolicy"),
}
ROOTS = [f"io.k8s.api.{group}.v1.{kind}" for group, kinds in KINDS.items() for kind in kinds]

INT32 = {"minimum": -(2**31), "maximum": 2**31 - 1}
INT64 = {"minimum": -(2**63), "maximum": 2**63 - 1}

SPECIAL: dict[str, dict[str, Any]] = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": ["integer", "string", "null"], **INT32},
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": ["number", "string", "null"]},
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": {"type": ["object", "null"]},
}


def read_definitions(folder: Path | None) -> dict[str, Any]:
    if folder is not None:
        return json.loads((folder / DEFINITIONS).read_text())["$defs"]
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "-d", temporary, PACKAGE]
        subprocess.run(command, check=True)
        wheel = next(Path(temporary).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            return json.loads(archive.read(DEFINITIONS))["$defs"]


def references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref":
                yield value.rsplit("/", 1)[-1]
            else:
                yield from references(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from references(item)


def reachable(definitions: dict[str, Any], roots: list[str]) -> set[str]:
    found: set[str] = set()
    todo = list(roots)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(references(definitions[name]))
    return found


def without_status(definition: dict[str, Any]) -> dict[str, Any]:
    properties = {key: value for key, value in definition.get("properties", {}).items() if key != "status"}
    return {**definition, "properties": properties}


def types_of(schema: dict[str, Any]) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


class Converter:
    def __init__(self, definitions: dict[str, Any]) -> None:
        self.definitions = definitions
        everything = reachable(definitions, ROOTS)
        specified = {
            name: without_status(definitions[name]) if name in ROOTS else definitions[name] for name in everything
        }
        self.names = everything
        self.status_only = everything - reachable(specified, ROOTS)

    def definition(self, name: str) -> dict[str, Any]:
        if name in SPECIAL:
            return SPECIAL[name]
        schema = self.schema(self.definitions[name], optional=True)
        if name in self.status_only:
            drop_required(schema)
        if name in ROOTS:
            schema["properties"]["apiVersion"] = schema["properties"]["kind"] = {"type": "string"}
            schema["type"] = ["object"]
        return schema

    def schema(self, source: dict[str, Any], *, optional: bool) -> dict[str, Any]:
        """``source`` without what is for people, with null allowed if and only if it is ``optional``."""
        if "$ref" in source:
            name = source["$ref"].rsplit("/", 1)[-1]
            types = types_of(SPECIAL.get(name, self.definitions[name]))
            reference: dict[str, Any] = {"$ref": f"#/$defs/{name}"}
            return reference if optional else {**reference, "type": [t for t in types if t != "null"]}
        types = [t for t in types_of(source) if t != "null"]
        result: dict[str, Any] = {"type": [*types, "null"] if optional else types}
        match source.get("format"):
            case "int32":
                result |= INT32
            case "int64":
                result |= INT64
        required = set(source.get("required", ()))
        if "properties" in source:
            result["properties"] = {
                key: self.schema(value, optional=key not in required) for key, value in source["properties"].items()
            }
        if "items" in source:
            result["items"] = self.schema(source["items"], optional=False)
        extra = source.get("additionalProperties")
        if isinstance(extra, dict):
            result["additionalProperties"] = self.schema(extra, optional=False)
        elif extra is False:
            result["additionalProperties"] = False
        if required:
            result["required"] = sorted(required)
        known = {"type", "format", "properties", "items", "additionalProperties", "required", "description", "default"}
        left = {key for key in source if key not in known and not key.startswith(("x-", "$"))}
        if left - {"enum"}:
            raise SystemExit(f"a keyword that this generator does not know: {left}")
        return result


def drop_required(schema: dict[str, Any]) -> None:
    required = schema.pop("required", ())
    for key in required:
        schema["properties"][key].setdefault("type", [])
        types = schema["properties"][key]["type"]
        if "$ref" in schema["properties"][key]:
            del schema["properties"][key]["type"]
        else:
            types.append("null")


def builtin_kinds(definitions: dict[str, Any]) -> dict[str, list[str]]:
    """Every kind of Kubernetes itself by apiVersion, so that a misspelt kind is told from a custom resource."""
    found: dict[str, set[str]] = {}
    for definition in definitions.values():
        for entry in definition.get(ALL_KINDS, ()):
            version = f"{entry['group']}/{entry['version']}" if entry["group"] else entry["version"]
            found.setdefault(version, set()).add(entry["kind"])
    shared = set.intersection(*found.values()) if found else set()
    common = {"DeleteOptions", "WatchEvent", "Status", "APIGroup", "APIVersions", "APIResourceList", "APIGroupList"}
    return {version: sorted(kinds - shared - common) for version, kinds in sorted(found.items())}


def main() -> None:
    definitions = read_definitions(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    converter = Converter(definitions)
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"Made by .ci/make_schema.py from {PACKAGE} (Kubernetes' OpenAPI definitions, Apache-2.0).",
        "x-kinds": builtin_kinds(definitions),
        "$defs": {name: converter.definition(name) for name in sorted(converter.names)},
    }
    TARGET.write_text(json.dumps(document, separators=(",", ":")) + "\n")
    print(f"{TARGET}: {len(document['$defs'])} definitions, {TARGET.stat().st_size:,} bytes")  # noqa: T201


if __name__ == "__main__":
    main()
