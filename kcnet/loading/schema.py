"""Structure: does a manifest have the fields and the types that its kind allows?

The rules are JSON Schema made from Kubernetes' own OpenAPI definitions (``schemas/``). They use few words of JSON
Schema, so this module reads them itself: a general validator costs more to import than the demo cluster to check. The
tests hold it to the answers of the ``jsonschema`` library.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.json import decode

from kcnet.loading.kinds import Kind

FOLDER: Final = Path(__file__).parent / "schemas"

TYPES: Final[dict[str, frozenset[type]]] = {
    "string": frozenset((str,)),
    "integer": frozenset((int,)),
    "number": frozenset((int, float)),
    "boolean": frozenset((bool,)),
    "array": frozenset((list,)),
    "object": frozenset((dict,)),
    "null": frozenset((type(None),)),
}


class Shape:
    """What is allowed at one place: a JSON Schema, read for speed. What is below it is read when it is reached."""

    __slots__ = ("_below", "_extra", "_items", "enum", "maximum", "minimum", "names", "plain", "required",
                 "source", "types")  # fmt: skip

    def __init__(self, schema: dict[str, Any], source: str) -> None:
        types = schema["type"]
        self.source = source
        self.types: frozenset[type] = frozenset().union(
            *(TYPES[name] for name in ([types] if isinstance(types, str) else types))
        )
        self.names: dict[str, Any] | None = schema.get("properties")
        """The fields of an object; None where any key will do."""
        self.required: tuple[str, ...] = tuple(schema.get("required", ()))
        self.minimum = schema.get("minimum")
        self.maximum = schema.get("maximum")
        self.enum: list[Any] | None = schema.get("enum")
        self.plain = not (self.enum or self.minimum is not None or {dict, list} & self.types)
        """Nothing but the type is to be checked."""
        self._below: dict[str, Shape | None] = {}
        self._extra: dict[str, Any] | None = schema.get("additionalProperties") or None
        self._items: Any = schema.get("items")

    def below(self, key: str) -> Shape | None:
        """The shape of the value under ``key``; None if there is no such field."""
        if key not in self._below:
            schema = self.names.get(key) if self.names is not None else self._extra
            if schema is not None and self.names is None:
                shape = self._below[""] if "" in self._below else shape_of(schema, self.source)
                self._below[""] = shape
                return shape
            self._below[key] = shape_of(schema, self.source) if schema is not None else None
        return self._below[key]

    @property
    def item(self) -> Shape | None:
        """The shape of each item of a list."""
        if isinstance(self._items, dict):
            self._items = shape_of(self._items, self.source)
        shape: Shape | None = self._items
        return shape

    def empty(self) -> Any:
        """What the API server puts in place of a null that cannot mean "not set"."""
        return next(kind() for kind in (dict, list, str, int, float, bool) if kind in self.types)

    @property
    def is_map(self) -> bool:
        """An object with keys of the author's choice, such as labels."""
        return self._extra is not None

    @property
    def is_free(self) -> bool:
        """An object that may hold anything."""
        return self.names is None and self._extra is None


class SchemaError(Struct, frozen=True):
    """One thing that is wrong with the structure."""

    rule: str
    """The word of JSON Schema that it breaks; "unknown" for a field that does not exist."""
    value: Any
    shape: Shape
    """What is allowed at ``path``; for "unknown" and "required" what is allowed around it."""
    path: tuple[str | int, ...] = ()
    parents: tuple[Shape, ...] = ()
    """The shapes around ``path``, outermost first."""

    def under(self, key: str | int, parent: Shape) -> SchemaError:
        return SchemaError(self.rule, self.value, self.shape, (key, *self.path), (parent, *self.parents))


def check(value: Any, shape: Shape) -> list[SchemaError]:
    """Every error of structure in ``value``; empty if there is none."""
    kind = type(value)
    errors: list[SchemaError] = []
    if kind not in shape.types:
        errors.append(SchemaError("type", value, shape))
    elif kind is dict:
        if shape.is_free:
            return errors
        for key, child in value.items():
            below = shape.below(key)
            if below is None:
                errors.append(SchemaError("unknown", child, shape, (key,), (shape,)))
            elif (below.plain and type(child) in below.types) or (child is None and key in shape.required):
                continue
            elif found := check(child, below):
                errors += [error.under(key, shape) for error in found]
        errors += [
            SchemaError("required", None, shape, (key,), (shape,)) for key in shape.required if value.get(key) is None
        ]
    elif kind is list:
        below = shape.item
        if below is not None:
            for index, child in enumerate(value):
                if not (below.plain and type(child) in below.types) and (found := check(child, below)):
                    errors += [error.under(index, shape) for error in found]
    elif kind in (int, float) and shape.minimum is not None and not shape.minimum <= value <= shape.maximum:
        errors.append(SchemaError("range", value, shape))
    if not errors and shape.enum is not None and value not in shape.enum:
        errors.append(SchemaError("enum", value, shape))
    return errors


@cache
def shape_of_kind(kind: Kind) -> Shape:
    source = "kcnet-v1.json" if kind.definition == "Cluster" else "kubernetes-1.37.json"
    return _definition(kind.definition, source, None)


def shape_of(schema: dict[str, Any], source: str) -> Shape:
    reference = schema.get("$ref")
    if reference is None:
        return Shape(schema, source)
    types = schema.get("type")
    return _definition(reference.rpartition("/")[2], source, tuple(types) if types else None)


@cache
def _definition(name: str, source: str, types: tuple[str, ...] | None) -> Shape:
    schema = read(source)["$defs"][name]
    return Shape({**schema, "type": types} if types else schema, source)


@cache
def read(source: str) -> dict[str, Any]:
    """One file of ``schemas/``."""
    document: dict[str, Any] = decode((FOLDER / source).read_bytes())
    return document


def builtin_kinds() -> dict[str, list[str]]:
    """Every kind of Kubernetes itself, by apiVersion."""
    kinds: dict[str, list[str]] = read("kubernetes-1.37.json")["x-kinds"]
    return kinds
