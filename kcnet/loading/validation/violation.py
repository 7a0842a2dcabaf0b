"""What the API server answers to an object that it rejects: one field, one kind of error, one sentence.

The kinds and their words are those of staging/src/k8s.io/apimachinery/pkg/util/validation/field/errors.go of
kubernetes/kubernetes. A check yields :class:`FieldError`; ``validate`` adds the object that it speaks of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct

from kcnet.model.names import Ref

LONGEST_QUOTE = 120
"""Characters of a value that a message repeats."""


class Violation(Struct, frozen=True, kw_only=True):
    """One reason for which the API server would reject an object."""

    code: str
    """``API_REQUIRED``, ``API_INVALID`` ...: the kind of error."""
    ref: Ref
    field: str
    """The path exactly as the API server names it. ``written_at`` tells where that stands in the manifest."""
    message: str
    """The API server's own words first."""
    fix: str = ""
    """One instruction; "" where the message already is one."""


class FieldError(NamedTuple):
    """A violation before it is known which object it belongs to."""

    code: str
    field: str
    message: str
    fix: str = ""


Errors = Iterator[FieldError]


def required(field: str, detail: str = "", fix: str = "") -> FieldError:
    return _error("API_REQUIRED", field, "Required value", detail, fix)


def invalid(field: str, value: Any, detail: str, fix: str = "") -> FieldError:
    return _error("API_INVALID", field, f"Invalid value: {quote(value)}", detail, fix)


def duplicate(field: str, value: Any, detail: str = "", fix: str = "") -> FieldError:
    return _error("API_DUPLICATE", field, f"Duplicate value: {quote(value)}", detail, fix)


def forbidden(field: str, detail: str, fix: str = "") -> FieldError:
    return _error("API_FORBIDDEN", field, "Forbidden", detail, fix)


def not_supported(field: str, value: Any, supported: Iterable[str], fix: str = "") -> FieldError:
    """``supported`` in the order in which they are named; the fix proposes the nearest one."""
    values = tuple(supported)
    if not fix and values:
        near = nearest(str(value), values)
        fix = f"Write {near}." if near else f"Write one of {', '.join(values)}."
    detail = "supported values: " + ", ".join(quote(known) for known in values)
    return _error("API_UNSUPPORTED", field, f"Unsupported value: {quote(value)}", detail, fix)


def too_long(field: str, most: int, fix: str = "") -> FieldError:
    return _error("API_TOO_LONG", field, "Too long", f"may not be more than {most} bytes", fix)


def too_many(field: str, count: int, most: int, fix: str = "") -> FieldError:
    return _error("API_TOO_MANY", field, f"Too many: {count}", f"must have at most {most} items", fix)


def not_found(field: str, value: Any, detail: str = "", fix: str = "") -> FieldError:
    return _error("API_NOT_FOUND", field, f"Not found: {quote(value)}", detail, fix)


def internal(field: str, detail: str, fix: str = "") -> FieldError:
    return _error("API_INTERNAL", field, "Internal error", detail, fix)


def each_invalid(field: str, value: str, messages: Iterable[str], fix: str = "") -> Errors:
    """One error for each thing that is wrong with ``value``."""
    for message in messages:
        yield invalid(field, value, message, fix)


def quote(value: Any) -> str:
    """``value`` as an error message repeats it: strings in double quotes, lists and maps as JSON, cut if very long."""
    if isinstance(value, str):
        text = _printable(value.replace("\\", "\\\\").replace('"', '\\"'))
        return f'"{_cut(text)}"'
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict | list | tuple):
        import json  # only here: most runs never need it

        return _cut(json.dumps(value, default=str, separators=(",", ":")))
    return "null" if value is None else str(value)


def nearest(value: str, known: tuple[str, ...]) -> str | None:
    """The one of ``known`` that was probably meant."""
    wanted = value.lower()
    for name in known:
        if name.lower() == wanted:
            return name
    import difflib  # only on the way to an error message

    close = difflib.get_close_matches(wanted, [name.lower() for name in known], n=1, cutoff=0.6)
    return next((name for name in known if name.lower() == close[0]), None) if close else None


def written_at(field: str) -> str:
    """Where the author wrote what the API server calls ``field``: some of its paths are not those of the manifest."""
    for theirs, ours in _MISNAMED:
        if field == theirs or field.startswith((f"{theirs}[", f"{theirs}.")):
            return ours + field.removeprefix(theirs)
    if field.startswith("annotations."):
        return f"metadata.annotations[{field.removeprefix('annotations.')}]"
    return field


_MISNAMED = (
    ("spec.LoadBalancerSourceRanges", "spec.loadBalancerSourceRanges"),
    ("spec.template.labels", "spec.template.metadata.labels"),
    ("spec.template.annotations", "spec.template.metadata.annotations"),
    ("spec.jobTemplate.spec.template.labels", "spec.jobTemplate.spec.template.metadata.labels"),
    ("spec.jobTemplate.spec.template.annotations", "spec.jobTemplate.spec.template.metadata.annotations"),
    ("metadata.taints", "spec.taints"),
)


def _error(code: str, field: str, opening: str, detail: str, fix: str) -> FieldError:
    message = f"{opening}: {detail}" if detail else opening
    return FieldError(code, field, _printable(message), _printable(fix))


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 3]}..."
