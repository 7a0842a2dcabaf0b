"""Label and field selectors as clients write them: ``app=web,tier!=db,env in (a,b),!legacy`` and ``spec.nodeName=x``.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api
https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from kcnet.apiserver.errors import ApiError, bad_request
from kcnet.apiserver.resources import Resource
from kcnet.loading.validation.names import label_value, qualified_name

_PART = re.compile(
    r"""\s*(?:
        (?P<absent>!)\s*(?P<key1>[^\s,=!()<>]+)
      | (?P<key2>[^\s,=!()<>]+)\s+(?P<set>in|notin)\s*\((?P<values>[^()]*)\)
      | (?P<key3>[^\s,=!()<>]+)\s*(?P<operator>==|=|!=|>|<)\s*(?P<value>[^\s,=!()<>]*)
      | (?P<key4>[^\s,=!()<>]+)
    )\s*(?:,|$)""",
    re.VERBOSE,
)


class Requirement(NamedTuple):
    """One part of a label selector: ``in`` and ``notin`` with values, ``exists``, ``!``, ``gt``, ``lt``."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        match self.operator:
            case "in":
                return value is not None and value in self.values
            case "notin":
                return value is None or value not in self.values
            case "exists":
                return value is not None
            case "!":
                return value is None
        try:
            number, limit = int(value or "x"), int(self.values[0])
        except ValueError:
            return False
        return number > limit if self.operator == "gt" else number < limit


_OPERATORS: Final = {"=": "in", "==": "in", "!=": "notin", ">": "gt", "<": "lt"}


def parse_labels(text: str) -> tuple[Requirement, ...]:
    """Raises ApiError (BadRequest) for what is no label selector."""
    found = []
    place = 0
    while text.strip() and place < len(text):
        part = _PART.match(text, place)
        if part is None:
            raise bad_request(f"unable to parse requirement: found {_rest(text, place)}, expected: identifier")
        place = part.end()
        found.append(_requirement(part))
        if place == len(text) and text.rstrip().endswith(","):
            raise bad_request("found '', expected: identifier after ','")
    return tuple(found)


def _rest(text: str, place: int) -> str:
    return f"'{text[place:].strip()[:40]}'"


def _requirement(part: re.Match[str]) -> Requirement:
    key = part["key1"] or part["key2"] or part["key3"] or part["key4"]
    if part["absent"]:
        made = Requirement(key, "!")
    elif part["set"]:
        made = Requirement(key, part["set"], tuple(value.strip() for value in part["values"].split(",")))
    elif part["operator"]:
        made = Requirement(key, _OPERATORS[part["operator"]], (part["value"],))
    else:
        made = Requirement(key, "exists")
    for message in qualified_name(key):
        raise bad_request(f'unable to parse requirement: <nil>: Invalid value: "{key}": {message}')
    for value in made.values:
        for message in label_value(value):
            raise bad_request(f'unable to parse requirement: values[0][{key}]: Invalid value: "{value}": {message}')
    return made


def matches_labels(requirements: tuple[Requirement, ...], value: Mapping[str, Any]) -> bool:
    labels = (value.get("metadata") or {}).get("labels") or {}
    return all(requirement.matches(labels) for requirement in requirements)


def label_text(selector: Mapping[str, Any] | None) -> str:
    """A LabelSelector (``matchLabels``, ``matchExpressions``) in the form that clients write."""
    selector = selector or {}
    parts = [f"{key}={value or ''}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for item in selector.get("matchExpressions") or ():
        values = ",".join(item.get("values") or ())
        match item["operator"]:
            case "In":
                parts.append(f"{item['key']} in ({values})")
            case "NotIn":
                parts.append(f"{item['key']} notin ({values})")
            case "Exists":
                parts.append(item["key"])
            case _:
                parts.append(f"!{item['key']}")
    return ",".join(parts)


_METADATA: Final = ("metadata.name", "metadata.namespace")
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "nodes": ("spec.unschedulable",),
    "namespaces": ("status.phase",),
    "services": ("spec.clusterIP", "spec.type"),
    "secrets": ("type",),
    "replicasets": ("status.replicas",),
    "replicationcontrollers": ("status.replicas",),
    "jobs": ("status.successful",),
    "events": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
}
"""What each resource can be asked for beside its name and namespace: its ``SelectableFields``."""

FieldSelector = Callable[[Mapping[str, Any]], bool]


def parse_fields(text: str, resource: Resource) -> FieldSelector:
    """Whether an object fits. Raises ApiError (BadRequest) for a field that the resource cannot be asked for."""
    wanted: list[tuple[str, str, bool]] = []
    for part in filter(None, (item.strip() for item in text.split(","))):
        match = re.fullmatch(r"([^=!]+?)\s*(==|=|!=)\s*(.*)", part)
        if match is None:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        field, operator, value = match.groups()
        if field not in (*_METADATA, *_FIELDS.get(resource.plural, ())):
            raise _unknown_field(field, resource)
        wanted.append((field, value, operator != "!="))
    return lambda obj: all((_text(obj, field) == value) is same for field, value, same in wanted)


def _unknown_field(field: str, resource: Resource) -> ApiError:
    return bad_request(
        f'Unable to find "{resource.api_version}, Resource={resource.plural}" that match label selector "", '
        f'field selector "{field}": field label not supported: {field}'
    )


def _text(obj: Mapping[str, Any], field: str) -> str:
    value: Any = obj
    if field == "source":
        return str((obj.get("source") or {}).get("component") or "")
    for part in field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "false" if field in ("spec.unschedulable", "spec.hostNetwork") else ""
    return str(value)
