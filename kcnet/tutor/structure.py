"""Structure of the tutor's own files: does a value have the shape that a JSON Schema wants?

The words of JSON Schema that ``schemas/`` uses, with messages for authors. The loader's own checker
(``kcnet.loading.schema``) speaks to users of Kubernetes and needs fewer words. The tests hold both this and the schemas
to the answers of the ``jsonschema`` library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from kcnet.loading.yaml_text import join

FOLDER: Final = Path(__file__).parent / "schemas"
Schema = Mapping[str, Any]

_TYPES: Final[Mapping[str, type]] = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
_CALLED: Final = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}


class Wrong(NamedTuple):
    path: str
    """``steps[3].goal.wants[0]``, as ``Origin.position`` takes it."""
    message: str
    fix: str


@cache
def read(name: str) -> Schema:
    """One of ``schemas/``."""
    schema: Schema = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return schema


def check(value: Any, schema: Schema, root: Schema | None = None, path: str = "") -> Iterator[Wrong]:
    """Everything that is wrong, from the top down."""
    root = root if root is not None else schema
    if "$ref" in schema:
        schema = {
            **root["$defs"][schema["$ref"].rpartition("/")[2]],
            **{k: v for k, v in schema.items() if k != "$ref"},
        }
    wanted = schema.get("type")
    types = [wanted] if isinstance(wanted, str) else wanted or []
    if types and not any(type(value) is _TYPES[name] for name in types):
        yield Wrong(
            path, f"{_name(path)} is {_shown(value)}.", f"Write {' or '.join(_CALLED[name] for name in types)}."
        )
        return
    if "enum" in schema and value not in schema["enum"]:
        yield Wrong(path, f"{_name(path)} is {_shown(value)}.", _one_of(value, schema["enum"]))
    if isinstance(value, str):
        yield from _text(value, schema, path)
    elif isinstance(value, list):
        yield from _list(value, schema, root, path)
    elif isinstance(value, dict):
        yield from _mapping(value, schema, root, path)
    elif isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield Wrong(path, f"{_name(path)} is {value}.", _range(schema))


def _text(value: str, schema: Schema, path: str) -> Iterator[Wrong]:
    if len(value.strip()) < schema.get("minLength", 0):
        yield Wrong(path, f"{_name(path)} is empty.", _about(schema) or "Write something, or leave the key out.")
    elif len(value) > schema.get("maxLength", len(value)):
        yield Wrong(path, f"{_name(path)} has {len(value)} characters.", f"Use at most {schema['maxLength']}.")
    elif "pattern" in schema and not re.search(schema["pattern"], value):
        words = re.fullmatch(r"\^\(([\w|-]+)\)\$", schema["pattern"])
        fix = _one_of(value, words[1].split("|")) if words else _about(schema) or f"It must match {schema['pattern']}."
        yield Wrong(path, f"{_name(path)} is {_shown(value)}.", fix)


def _list(value: list[Any], schema: Schema, root: Schema, path: str) -> Iterator[Wrong]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", len(value))
    if not least <= len(value) <= most:
        wanted = f"at least {least}" if len(value) < least else f"at most {most}"
        yield Wrong(path, f"{_name(path)} has {_count(len(value))}.", f"Write {wanted}. {_about(schema)}".rstrip())
    for index, item in enumerate(value):
        if "items" in schema:
            yield from check(item, schema["items"], root, f"{path}[{index}]")


def _mapping(value: dict[str, Any], schema: Schema, root: Schema, path: str) -> Iterator[Wrong]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    for key, below in value.items():
        if key in properties:
            yield from check(below, properties[key], root, join(path, key))
        elif schema.get("additionalProperties") is False:
            yield Wrong(join(path, key), f"{_name(path)} has no key {key!r}.", _one_of(key, properties))
    for key in schema.get("required", ()):
        if key not in value:
            about = _about(_resolved(properties.get(key, {}), root))
            yield Wrong(path, f"{_name(path)} has no {key}.", f"Add {key}. {about}".rstrip())
    if "oneOf" in schema:
        found = [one for one in schema["oneOf"] if _has(value, one)]
        if len(found) != 1:
            kinds = " | ".join(" and ".join(one["required"]) for one in schema["oneOf"])
            have = "more than one" if found else "none"
            yield Wrong(path, f"{_name(path)} has {have} of the keys of which it needs one.", f"Write one of: {kinds}.")


def _has(value: dict[str, Any], one: Schema) -> bool:
    unwanted = one.get("not", {}).get("required", [""])
    return all(key in value for key in one["required"]) and not all(key in value for key in unwanted)


def _resolved(schema: Schema, root: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    return {**root["$defs"][schema["$ref"].rpartition("/")[2]], **schema}


def _about(schema: Schema) -> str:
    return str(schema.get("description", ""))


def _name(path: str) -> str:
    return path or "The file"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:40] + "…")
    if isinstance(value, (list, dict)):
        return _CALLED["array" if isinstance(value, list) else "object"]
    return {None: "empty", True: "true", False: "false"}.get(value, str(value))


def _count(number: int) -> str:
    return f"{number} item{'' if number == 1 else 's'}"


def _range(schema: Schema) -> str:
    return (
        f"Use {schema['minimum']} to {schema['maximum']}." if "maximum" in schema else f"At least {schema['minimum']}."
    )


def _one_of(value: Any, known: Any) -> str:
    near = get_close_matches(str(value), map(str, known), n=1)
    return f"Did you mean {near[0]}?" if near else f"Use one of: {', '.join(map(str, known))}."
