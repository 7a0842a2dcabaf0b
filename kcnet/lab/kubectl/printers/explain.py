"""``kubectl explain KIND.FIELD``: which fields a kind has, of what type, and what they are for.

Fields and types come from the schema that manifests are checked against. It holds no descriptions: those of the fields
that matter for networking stand in ``explain.json`` beside this file, in kcnet's own words; of the others the page says
so and where to read on. The fields of ServiceAccount and Event, which the schema lacks, stand there as well.
The layout is kubectl's. k8s: kubectl pkg/explain/v2/templates/plaintext.tmpl.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from kcnet.lab.kubectl.printers.errors import PrintError
from kcnet.loading.schema import read

SCHEMA: Final = "kubernetes-1.37.json"
REFERENCE: Final = "https://kubernetes.io/docs/reference/kubernetes-api/"
NAMED: Final = ("IntOrString", "Quantity")
"""Types that are no objects and still go by their name."""
SHOWN: Final = 4
"""So many values of a field are listed in an overview."""
Schema = Mapping[str, Any]


def explain(group: str, version: str, kind: str, path: Sequence[str] = (), *, recursive: bool = False) -> str:
    """The page of a kind, or of the field at ``path``. Raises PrintError for what is not there."""
    name = f"io.k8s.api.{group.split('.')[0] or 'core'}.{version}.{kind}"
    if name not in _definitions():
        raise PrintError(f"kcnet has no schema of {kind}; see {REFERENCE}")
    head = [f"GROUP:      {group}"] if group else []
    head += [f"KIND:       {kind}", f"VERSION:    {version}", ""]
    schema: Schema = {"$ref": name}
    text = _said(name, name)
    for number, field in enumerate(path):
        holder, schema = _step(schema, field, path[-1], "\n".join(head) + "\n")
        text = _said(f"{holder}.{field}", holder)
        if number == len(path) - 1:
            head += [f"FIELD: {field} <{type_name(schema)}>", *_values(holder, field), ""]
    if path:
        text = "\n".join([text, *_of_type(schema)])
    lines = [*head, "DESCRIPTION:", _indented(wrapped(text + "\n", 76), 4)]
    if fields := list(_fields(schema, 1, recursive, frozenset())):
        lines += ["FIELDS:", *fields]
    return "\n".join(lines) + "\n\n"


def _step(schema: Schema, field: str, last: str, head: str) -> tuple[str, Schema]:
    """The definition that has the field, and the field's schema; lists and maps are stepped into."""
    while inner := schema.get("items") or schema.get("additionalProperties"):
        schema = inner
    name = _name(schema)
    properties = _definitions().get(name, {}).get("properties") or {}
    if field not in properties:
        raise PrintError(f'field "{last}" does not exist', printed=head)
    return name, properties[field]


def _fields(schema: Schema, level: int, recursive: bool, seen: frozenset[str]) -> Iterator[str]:
    while inner := schema.get("items") or schema.get("additionalProperties"):
        schema = inner
    name = _name(schema)
    definition = _definitions().get(name, {})
    if name in seen:
        return
    indent = "  " * level
    for field, value in sorted((definition.get("properties") or {}).items()):
        required = " -required-" if field in definition.get("required", ()) else ""
        yield f"{indent}{field}\t<{type_name(value)}>{required}"
        if values := _enum(name, field):
            more = ", ...." if len(values) > SHOWN else ""
            yield f"{indent}enum: {', '.join(values[:SHOWN])}{more}"
        if recursive:
            yield from _fields(value, level + 1, recursive, seen | {name})
        else:
            yield _indented(wrapped(_said(f"{name}.{field}", name), 78 - 2 * level), 2 * level + 2) + "\n"


def type_name(schema: Schema) -> str:
    """``string``, ``[]ServicePort``, ``map[string]Quantity``."""
    if schema.get("items"):
        return f"[]{type_name(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"map[string]{type_name(schema['additionalProperties'])}"
    name = _name(schema)
    stated = _definitions().get(name, schema).get("type", ())
    types = [each for each in ([stated] if isinstance(stated, str) else stated) if each != "null"]
    short = name.rpartition(".")[2]
    if short in NAMED or (short and types == ["object"]):
        return short
    return "Object" if types in ([], ["object"]) else types[0]


def _name(schema: Schema) -> str:
    """The definition that a schema points to."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _values(holder: str, field: str) -> list[str]:
    values = _enum(holder, field)
    return ["ENUM:", *(f"    {each}" for each in values)] if values else [""]


def _of_type(schema: Schema) -> list[str]:
    """What is said of the type itself, below what is said of the field."""
    while inner := schema.get("items") or schema.get("additionalProperties"):
        schema = inner
    found = _texts().get(_short(_name(schema)))
    return [found] if found else []


def _said(key: str, definition: str) -> str:
    """The description of a type or field, or where to find one."""
    field = key.removeprefix(definition).removeprefix(".")
    texts, short = _texts(), _short(definition)
    found = texts.get(f"{short}.{field}" if field else short) or (texts.get(f"*.{field}") if field else None)
    return found or f"<no description here; see {REFERENCE}>"


def _enum(definition: str, field: str) -> Sequence[str]:
    found: Sequence[str] = _data()["values"].get(f"{_short(definition)}.{field}", ())
    return found


def _short(definition: str) -> str:
    """``ServicePort``; with its group where two groups have a type of that name."""
    group, _, name = definition.removeprefix("io.k8s.api.").rpartition(".")
    return f"discovery.{name}" if name == "EndpointPort" and group.startswith("discovery") else name


def _texts() -> Mapping[str, str]:
    found: Mapping[str, str] = _data()["texts"]
    return found


@cache
def _data() -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "explain.json").read_text(encoding="utf-8"))
    return found


@cache
def _definitions() -> Mapping[str, Schema]:
    """Of the schema, and of the few kinds that the loader does not check."""
    return {**_data()["definitions"], **read(SCHEMA)["$defs"]}


def _indented(text: str, amount: int) -> str:
    return "\n".join(" " * amount + line for line in text.split("\n"))


def wrapped(text: str, limit: int) -> str:
    """Lines of at most ``limit`` characters where there are spaces to break at."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if line and len(line) + 1 + len(word) > limit and len(word) < limit:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    return "\n".join(lines)
