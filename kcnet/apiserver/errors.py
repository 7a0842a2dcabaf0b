"""What the API server answers when it does not do what was asked, in its own words.

staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go of kubernetes/kubernetes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kcnet.apiserver.resources import Resource


class Cause(NamedTuple):
    """One reason for which an object is invalid."""

    field: str
    message: str
    reason: str = "FieldValueInvalid"

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class ApiError(Exception):
    """An answer other than success. ``str(error)`` is the message, without the name of a client in front."""

    def __init__(self, code: int, reason: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        """The HTTP status."""
        self.reason = reason
        """``NotFound``, ``Invalid``, ``AlreadyExists``, ``Conflict``, ``BadRequest``, ``Forbidden`` ..."""
        self.message = message
        self.details: dict[str, Any] = dict(details or {})
        """``name``, ``group``, ``kind`` (the resource's plural, of Invalid the kind) and ``causes`` as a Status has."""

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Of Invalid: what is wrong, field by field."""
        return tuple(Cause(item["field"], item["message"], item["reason"]) for item in self.details.get("causes") or ())

    def to_json(self) -> dict[str, Any]:
        """The ``v1`` Status."""
        value: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code,
        }
        if self.details:
            value["details"] = self.details
        return value


def not_found(resource: Resource, name: str) -> ApiError:
    return ApiError(404, "NotFound", f'{resource.qualified} "{name}" not found', _about(resource, name))


def no_such_resource() -> ApiError:
    return ApiError(404, "NotFound", "the server could not find the requested resource")


def already_exists(resource: Resource, name: str) -> ApiError:
    return ApiError(409, "AlreadyExists", f'{resource.qualified} "{name}" already exists', _about(resource, name))


MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def conflict(resource: Resource, name: str, why: str = MODIFIED) -> ApiError:
    return ApiError(
        409,
        "Conflict",
        f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}',
        _about(resource, name),
    )


def forbidden(resource: Resource, name: str, why: str) -> ApiError:
    return ApiError(403, "Forbidden", f'{resource.qualified} "{name}" is forbidden: {why}', _about(resource, name))


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BadRequest", message)


def cannot_decode(resource: Resource, why: str) -> ApiError:
    """A body that is no object of its kind: strict decoding errors, wrong types."""
    kind = resource.kind
    return bad_request(f'{kind} in version "{resource.version}" cannot be handled as a {kind}: {why}')


def invalid(resource: Resource, name: str, causes: Iterable[Cause]) -> ApiError:
    """Several causes stand in brackets, each of them once."""
    found = tuple(dict.fromkeys(causes))
    words = list(dict.fromkeys(map(str, found)))
    listed = words[0] if len(words) == 1 else f"[{', '.join(words)}]"
    details = {
        "name": name,
        "group": resource.group,
        "kind": resource.kind,
        "causes": [{"reason": cause.reason, "message": cause.message, "field": cause.field} for cause in found],
    }
    return ApiError(422, "Invalid", f'{resource.qualified_kind} "{name}" is invalid: {listed}', details)


def _about(resource: Resource, name: str) -> dict[str, Any]:
    about = {"name": name, "kind": resource.plural}
    return {**about, "group": resource.group} if resource.group else about
