"""What happens to an object between a client's request and the store: decoding, defaults, admission, validation.

Structure and rules are those by which files are judged (``kcnet.loading.schema``, ``kcnet.loading.validation``); here
they are told as the API server tells them.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from kcnet.apiserver.errors import Cause, bad_request, cannot_decode, invalid
from kcnet.apiserver.resources import Resource
from kcnet.apiserver.store import Object
from kcnet.loading.document import Document
from kcnet.loading.explain import path_text
from kcnet.loading.kinds import KINDS
from kcnet.loading.objects import mend
from kcnet.loading.schema import SchemaError, Shape, check, read, shape_of_kind
from kcnet.loading.validation import validate
from kcnet.loading.validation.metadata import metadata_errors
from kcnet.loading.validation.violation import FieldError
from kcnet.model.names import Ref

REASONS = {
    "API_REQUIRED": "FieldValueRequired",
    "API_INVALID": "FieldValueInvalid",
    "API_DUPLICATE": "FieldValueDuplicate",
    "API_FORBIDDEN": "FieldValueForbidden",
    "API_UNSUPPORTED": "FieldValueNotSupported",
    "API_TOO_LONG": "FieldValueTooLong",
    "API_TOO_MANY": "FieldValueTooMany",
    "API_NOT_FOUND": "FieldValueNotFound",
    "API_INTERNAL": "InternalError",
}


def decode(resource: Resource, value: Any) -> Object:
    """A copy of ``value`` in the shape of its kind. Raises ApiError (BadRequest) with the words of strict decoding."""
    if not isinstance(value, dict):
        raise bad_request(f"the object provided is unrecognized (must be of type {resource.kind})")
    kind, version = value.get("kind"), value.get("apiVersion")
    if kind not in (None, resource.kind) or version not in (None, resource.api_version):
        raise bad_request(
            f"{version or ''}, Kind={kind or ''} is not the {resource.api_version}, Kind={resource.kind}"
            " that this address takes: the API version in the data does not match the expected API version"
            f" ({resource.api_version})"
        )
    made: Object = deepcopy(value)
    made["kind"], made["apiVersion"] = resource.kind, resource.api_version
    made.setdefault("metadata", {})
    if not isinstance(made["metadata"], dict):
        raise cannot_decode(resource, _unmarshal(made["metadata"], "ObjectMeta.metadata", "v1.ObjectMeta"))
    made["metadata"].pop("managedFields", None)
    known = KINDS.get(resource.kind)
    if known is None:
        return _generic(resource, made)
    errors = check(made, shape_of_kind(known))
    if errors:
        errors = mend(made, errors, known)
    if errors:
        _refuse(resource, errors, made)
    return made


def _generic(resource: Resource, value: Object) -> Object:
    """Kinds that nothing else reads have a shape of their own here."""
    errors = check(value, _shape(resource.kind))
    if errors:
        _refuse(resource, errors, value)
    return value


@cache
def _shape(kind: str) -> Shape:
    flag = {"type": ["boolean", "null"]}
    names = {"type": ["array", "null"], "items": {"type": "object", "additionalProperties": {"type": "string"}}}
    fields = {
        "ServiceAccount": {"secrets": names, "imagePullSecrets": names, "automountServiceAccountToken": flag},
        "Event": {key: {"type": ["string", "null"]} for key in _EVENT_TEXTS}
        | {
            "involvedObject": {"type": "object", "additionalProperties": {"type": "string"}},
            "source": {"type": "object", "additionalProperties": {"type": "string"}},
            "count": {"type": ["integer", "null"]},
        },
    }
    text = {"type": "string"}
    metadata = {"$ref": "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
    properties = {"apiVersion": text, "kind": text, "metadata": metadata, **fields[kind]}
    return Shape({"type": "object", "properties": properties}, "kubernetes-1.37.json")


_EVENT_TEXTS = (
    "reason",
    "message",
    "firstTimestamp",
    "lastTimestamp",
    "type",
    "eventTime",
    "action",
    "reportingComponent",
    "reportingInstance",
)


def _refuse(resource: Resource, errors: list[SchemaError], value: Object) -> None:
    """Wrong types come first: the API server stops at the first of them. Missing and odd values are for validation."""
    for error in errors:
        if error.rule == "type":
            place, struct = _struct_field(resource, error)
            raise cannot_decode(resource, _unmarshal(error.value, place, struct or _go_type(error)))
        if error.rule == "range":
            number = f"number {error.value}"
            place, _ = _struct_field(resource, error)
            raise cannot_decode(resource, f"json: cannot unmarshal {number} into Go struct field {place} of type int32")
    unknown = [error for error in errors if error.rule == "unknown"]
    if unknown:
        raise cannot_decode(resource, _strict([path_text(error.path) for error in unknown]))
    name = value["metadata"].get("name") or ""
    raise invalid(resource, name, [_cause_of(error) for error in errors])


def _strict(fields: list[str]) -> str:
    listed = ", ".join(f'unknown field "{field}"' for field in sorted(fields))
    return f"strict decoding error: {listed}"


def _cause_of(error: SchemaError) -> Cause:
    field = path_text(error.path)
    if error.rule == "required":
        return Cause(field, "Required value", "FieldValueRequired")
    allowed = ", ".join(f'"{one}"' for one in sorted(filter(None, map(str, error.shape.enum or ()))))
    return Cause(field, f'Unsupported value: "{error.value}": supported values: {allowed}', "FieldValueNotSupported")


def _unmarshal(value: Any, place: str, wanted: str) -> str:
    """As Go's encoding/json words it."""
    match value:
        case bool():
            found = "bool"
        case int() | float():
            found = "number"
        case str():
            found = "string"
        case list():
            found = "array"
        case _:
            found = "object"
    return f"json: cannot unmarshal {found} into Go struct field {place} of type {wanted}"


def _struct_field(resource: Resource, error: SchemaError) -> tuple[str, str]:
    """``ServicePort.spec.ports.port``: the Go type around the field, and its path without indexes; and the Go type of
    the field itself if it is a struct."""
    known = KINDS.get(resource.kind)
    schema: dict[str, Any] = {"$ref": f"#/$defs/{known.definition}"} if known is not None else {}
    definitions = read("kubernetes-1.37.json")["$defs"]
    struct = resource.kind
    for part in error.path:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            struct, schema = name.rpartition(".")[2], definitions[name]
        if isinstance(part, int):
            schema = schema.get("items") or {}
        else:
            schema = (schema.get("properties") or {}).get(part) or schema.get("additionalProperties") or {}
    reference = str(schema.get("$ref") or "").rpartition("/")[2]
    own = ".".join(reference.split(".")[-2:]) if reference else ""
    if own.endswith(("IntOrString", "Quantity")):
        own = ""
    return ".".join((struct, *(part for part in map(str, error.path) if not part.isdecimal()))), own


def _go_type(error: SchemaError) -> str:
    types = error.shape.types
    if int in types and str in types:
        return "intstr.IntOrString"
    for kind, name in ((dict, "map[string]string"), (list, "[]string"), (bool, "bool"), (int, "int32")):
        if kind in types:
            return name
    return "string"


def violations(resource: Resource, value: Object, *, live: bool = False) -> list[FieldError]:
    """What is wrong with a decoded object that has its defaults. ``live``: it is judged as one that exists already."""
    metadata = value["metadata"]
    if resource.kind not in KINDS:
        return list(metadata_errors(resource.kind, metadata, live=live))
    judged = value
    if bool(metadata.get("uid")) is not live:
        judged = {**value, "metadata": {**metadata, "uid": metadata.get("uid") if live else None}}
    ref = Ref(resource.kind, metadata.get("namespace"), metadata.get("name") or "")
    document = Document(ref=ref, api_version=resource.api_version, value=judged)
    return [FieldError(item.code, item.field, item.message) for item in validate(document)]


def refuse_invalid(resource: Resource, name: str, errors: list[FieldError]) -> None:
    """Raises ApiError (Invalid) if there are errors."""
    if errors:
        causes = [Cause(error.field, error.message, REASONS.get(error.code, "FieldValueInvalid")) for error in errors]
        raise invalid(resource, name, causes)
