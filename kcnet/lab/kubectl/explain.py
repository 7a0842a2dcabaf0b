"""``kubectl explain KIND.FIELD``: fields and types as the API has them. Descriptions are kcnet's own, and fewer."""

from __future__ import annotations

from typing import Any

from kcnet.apiserver.resources import Resource
from kcnet.lab.kubectl.client import Client, error
from kcnet.lab.kubectl.fieldhelp import FIELDS

Schema = dict[str, Any]


def run(client: Client) -> int:
    args, call = client.args, client.call
    if len(args.words) != 1:
        raise error(
            'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of '
            "supported resources."
            if not args.words
            else "We accept only this format: explain RESOURCE"
        )
    word, *path = [part for part in args.words[0].replace("[]", "").split(".") if part] or [""]
    resource = client.resource(word)
    client.read("explain", resource, (args.words[0],))
    root = _definition(f"{_package(resource)}.{resource.kind}")
    schema, kind, about = root, "", ""
    for index, name in enumerate(path):
        below = _properties(schema).get(name)
        if below is None:
            from kcnet.lab.nearest import nearest

            near = nearest(name, _properties(schema))
            raise error(f'field "{name}" does not exist', f"Did you mean {near}?" if near else "")
        kind, about = _type(name, below), _about(path[: index + 1], schema)
        schema = _resolved(below)
    lines = [] if not resource.group else [f"GROUP:      {resource.group}"]
    lines += [f"KIND:       {resource.kind}", f"VERSION:    {resource.version}", ""]
    if path:
        lines += [f"FIELD: {path[-1]} <{kind}>", ""]
    lines += ["", "DESCRIPTION:", f"    {about or FIELDS.get(resource.kind, '<empty>')}", ""]
    properties = _properties(schema)
    if properties:
        lines += ["FIELDS:"]
        lines += _fields(schema, path, "  ", recursive=args.on("recursive"), seen=())
        lines.append("")
    call.out("\n".join(lines) + "\n")
    return 0


def _fields(schema: Schema, path: list[str], indent: str, *, recursive: bool, seen: tuple[int, ...]) -> list[str]:
    lines: list[str] = []
    required = schema.get("required") or ()
    for name, below in sorted(_properties(schema).items()):
        lines.append(f"{indent}{name}\t<{_type(name, below)}>{' -required-' if name in required else ''}")
        inner = _resolved(below)
        if recursive:
            if id(inner) not in seen and len(seen) < 12:
                lines += _fields(inner, [*path, name], indent + "  ", recursive=True, seen=(*seen, id(inner)))
            continue
        lines += [f"{indent}  {_about([*path, name], schema) or '<no description>'}", ""]
    return lines


def _about(path: list[str], schema: Schema) -> str:
    """What a field means: by its path, or by its last names alone."""
    for length in range(min(3, len(path)), 0, -1):
        if found := FIELDS.get(".".join(path[-length:])):
            return found
    return ""


def _package(resource: Resource) -> str:
    group = resource.group.partition(".")[0] or "core"
    return f"io.k8s.api.{group}.{resource.version}"


def _definitions() -> dict[str, Schema]:
    from kcnet.loading.schema import read

    found: dict[str, Schema] = read("kubernetes-1.37.json")["$defs"]
    return found


def _definition(name: str) -> Schema:
    return _definitions().get(name, {})


def _resolved(schema: Schema) -> Schema:
    """Through references, and into the items of a list or the values of a map."""
    for _ in range(6):
        if "$ref" in schema:
            schema = _definition(schema["$ref"].rsplit("/", 1)[-1])
        elif "items" in schema:
            schema = schema["items"]
        else:
            break
    return schema


def _properties(schema: Schema) -> dict[str, Schema]:
    found: dict[str, Schema] = schema.get("properties") or {}
    return found


def _type(name: str, schema: Schema) -> str:
    """``[]ServicePort``, ``map[string]string``, ``integer``"""
    if "$ref" in schema:
        target = schema["$ref"].rsplit("/", 1)[-1]
        last = target.rsplit(".", 1)[-1]
        return "string" if last in ("Time", "MicroTime", "Quantity") else last
    if "items" in schema:
        return f"[]{_type(name, schema['items'])}"
    kinds = schema.get("type") or "Object"
    kinds = [kinds] if isinstance(kinds, str) else [one for one in kinds if one != "null"]
    if "object" in kinds:
        values = schema.get("additionalProperties")
        return f"map[string]{_type(name, values)}" if isinstance(values, dict) and values else "Object"
    if set(kinds) == {"string", "integer"}:
        return "IntOrString"
    return str(kinds[0]) if kinds else "Object"
