"""Words for errors of structure: what was found, what is allowed there, and what to do."""

from __future__ import annotations

import re
from typing import Any, Final

from kcnet.loading.kinds import nearest
from kcnet.loading.paste import shorten
from kcnet.loading.scalars import flow
from kcnet.loading.schema import SchemaError, Shape
from kcnet.loading.yaml_text import join

CODES: Final = {
    "unknown": "SCHEMA_UNKNOWN_FIELD",
    "required": "API_REQUIRED",
    "type": "SCHEMA_TYPE",
    "range": "SCHEMA_RANGE",
    "enum": "API_UNSUPPORTED",
}

MAX_LISTED: Final = 12


def path_text(path: tuple[str | int, ...]) -> str:
    """``("spec", "ports", 0)`` as ``spec.ports[0]``."""
    text = ""
    for part in path:
        text = f"{text}[{part}]" if isinstance(part, int) else join(text, part)
    return text


def explain(error: SchemaError, value: dict[str, Any], written: str) -> tuple[str, str]:
    """Message and fix. ``value``: the whole object. ``written``: the value's text in the file, "" if not known."""
    path = shorten(path_text(error.path), 200)
    match error.rule:
        case "unknown":
            return _unknown(error, path, value)
        case "required":
            return f"{path}: Required value", _add(error, value)
        case "type":
            return _type(error, path, written)
        case "range":
            low, high = error.shape.minimum, error.shape.maximum
            if str(error.path[-1]).lower().endswith("port"):
                low, high = 1, 65535
            return f"{path}: {error.value} is out of range.", f"Write a number from {low} to {high}."
        case _:
            allowed = [str(one) for one in error.shape.enum or () if one is not None]
            near = nearest(str(error.value), allowed)
            message = f"{path}: {error.value!r} is not one of {', '.join(allowed)}."
            return message, f"Did you mean {near}?" if near else f"Write one of {', '.join(allowed)}."


def _add(error: SchemaError, value: dict[str, Any]) -> str:
    """What to write for a field that is missing."""
    key = str(error.path[-1])
    below = error.shape.below(key)
    if below is None:
        return f"Add {key}."
    if _is_selector(below) and "template" in (error.shape.names or ()):
        labels = template_labels(_at(value, error.path[:-1]))
        if labels:
            return f"Add selector: {{matchLabels: {flow(labels)}}}, with the labels of the template."
        return "Add selector: {matchLabels: {app: NAME}}, and the same labels to the metadata of the template."
    if dict in below.types and below.names:
        return f"Add {key}, and below it, indented, its fields: {_listed(below)}."
    return f"Add {key} ({_kinds_of(below)})."


def _is_selector(shape: Shape) -> bool:
    """A label selector."""
    return set(shape.names or ()) == {"matchLabels", "matchExpressions"}


def template_labels(spec: Any) -> dict[str, str]:
    """The labels of a workload's pod template, if they are well written; may be empty."""
    for key in ("template", "metadata", "labels"):
        spec = spec.get(key) if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not all(isinstance(one, str) for one in spec.values()):
        return {}
    return spec


_PAIRS = re.compile(r"\s*([\w./-]+)\s*==?\s*([\w.-]*)\s*").fullmatch


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


def _unknown(error: SchemaError, path: str, value: dict[str, Any]) -> tuple[str, str]:
    key = shorten(str(error.path[-1]))
    around = error.shape
    place = path_text(error.path[:-1])
    there = f"under {place}" if place else f"in a {value.get('kind')}"
    names = sorted(around.names or ())
    message = f"{path}: there is no field {key!r} {there}."
    if key in ("true", "false"):
        word = "yes, on or y" if key == "true" else "no, off or n"
        return message + f" YAML reads the bare words {word} as {key}.", "If that is what you wrote, put it in quotes."
    if (near := nearest(key, names)) is not None:
        return message, f"Did you mean {near}?"
    # One level too shallow: it belongs into a neighbour; one too deep: it belongs to a parent.
    for name in names:
        below = around.below(name)
        while below is not None and below.item is not None:
            below = below.item
        if below is not None and key in (below.names or ()) and name in _neighbours(error, value):
            return message + f" {name} has one.", f"Indent it so that it stands inside {name}."
    if _is_selector(around) and (fix := _selector_fix(error, value)):
        return message, fix
    for depth in range(len(error.parents) - 2, -1, -1):
        parent = error.parents[depth]
        if key in (parent.names or ()):
            outer = path_text(error.path[:depth])
            return (
                message + f" {outer or 'The object itself'} has one.",
                f"Indent it less, so that it stands directly {'under ' + outer if outer else 'at the left edge'}.",
            )
    if key in _ELSEWHERE:
        return message, _ELSEWHERE[key]
    return message, f"Remove it, or use one of: {_listed(around)}."


def _selector_fix(error: SchemaError, value: dict[str, Any]) -> str:
    """Labels straight under a label selector; "" if the field rather belongs to what is around the selector. Never the
    advice to remove them: without them the selector selects everything."""
    key = error.path[-1]
    if isinstance(error.value, dict):
        meant = error.value
    elif any(
        key in (parent.names or ()) and key not in _at(value, error.path[:depth])
        for depth, parent in enumerate(error.parents[:-1])
    ):
        return ""
    else:
        holder = _at(value, error.path[:-1])
        meant = {name: one for name, one in holder.items() if name not in (error.shape.names or ())}
    if meant and all(isinstance(one, str | int | float) for one in meant.values()):
        texts = {name: one if isinstance(one, str) else _as_yaml(one) for name, one in meant.items()}
        return f"Did you mean matchLabels: {flow(texts)}?"
    return "Write the labels under matchLabels."


def _listed(shape: Shape) -> str:
    """Its fields, the usual ones first."""
    names = shape.names or {}
    ordered = [name for name in _USUAL if name in names] + sorted(set(names) - set(_USUAL))
    return ", ".join(ordered[:MAX_LISTED]) + (", ..." if len(ordered) > MAX_LISTED else "")


_USUAL: Final = (
    "apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations", "spec", "type", "selector",
    "ports", "port", "targetPort", "containerPort", "protocol", "replicas", "template", "containers", "image",
    "podSelector", "policyTypes", "ingress", "egress", "rules", "host", "http", "paths", "path", "pathType", "backend",
)  # fmt: skip


def _neighbours(error: SchemaError, value: Any) -> set[str]:
    for part in error.path[:-1]:
        value = value[part]
    return set(value)


_ELSEWHERE: Final = {
    "containerPort": "containerPort belongs to a container's ports; a Service has port and targetPort.",
    "targetPort": "targetPort belongs to a Service's ports; a container has containerPort.",
    "nodePort": "nodePort belongs to spec.ports[] of a Service of type NodePort or LoadBalancer.",
    "serviceName": "In networking.k8s.io/v1 write backend.service.name.",
    "servicePort": "In networking.k8s.io/v1 write backend.service.port.number (or .name).",
    "matchLabels": "The selector of a Service lists its labels directly, without matchLabels.",
    "matchExpressions": "Only a label selector of a workload or NetworkPolicy has matchExpressions.",
    "labels": "labels stand under metadata.",
    "namespace": "namespace stands under metadata.",
    "image": "image belongs to a container: spec.containers[] of a Pod, spec.template.spec.containers[] of a workload.",
    "containers": "containers stand in the spec of a Pod, or in spec.template.spec of a workload.",
    "port": "port belongs to spec.ports[] of a Service.",
    "ports": "ports stand under spec of a Service, or under a container.",
}

_NAMES: Final = (
    (str, "text"), (int, "a whole number"), (float, "a number"), (bool, "true or false"), (list, "a list"),
    (dict, "a mapping of fields"),
)  # fmt: skip


def _kinds_of(shape: Shape) -> str:
    types = shape.types - {int} if float in shape.types else shape.types
    names = [name for kind, name in _NAMES if kind in types]
    return " or ".join(names)


def _type(error: SchemaError, path: str, written: str) -> tuple[str, str]:
    value, shape = error.value, error.shape
    expected = _kinds_of(shape)
    found = _found(value, written)
    message = f"{path}: {found} is not {expected}."
    if str(error.path[-1]) in ("matchLabels", "matchExpressions"):
        return f"{path}: {found} is not text.", _ELSEWHERE[str(error.path[-1])]
    if str in shape.types and isinstance(value, (bool, int, float)):
        shown = written or _as_yaml(value)
        why = f" YAML reads {shown} without quotes as {_read_as(value)}."
        return f"{path}: {expected} is needed here.{why}", f'Put it in quotes: "{shown}".'
    if int in shape.types and isinstance(value, str):
        if value.strip().lstrip("+-").isdecimal():
            return (
                f"{path}: {found} is text, because of its quotes; a whole number is needed here.",
                "Remove the quotes.",
            )
        return f"{path}: {found} is not a number.", "Write a whole number without quotes." + (
            " A port's name goes into targetPort." if path.endswith((".port", ".nodePort", ".containerPort")) else ""
        )
    if shape.types & {bool} and isinstance(value, str):
        if value.lower() in ("true", "false", "yes", "no", "on", "off"):
            meant = "true" if value.lower() in ("true", "yes", "on") else "false"
            return f"{path}: {found} is text, because of its quotes; true or false is needed.", f"Write {meant}."
        return message, "Write true or false, without quotes."
    if list in shape.types:
        if isinstance(value, dict):
            return f"{path}: a list is needed here, not a single mapping.", "Begin each item with a dash: - name: ..."
        return message, "Write each item on a line of its own, with a dash before it."
    if dict in shape.types:
        if isinstance(value, list):
            return f"{path}: a mapping of fields is needed here, not a list.", "Remove the dashes."
        pairs = [_PAIRS(part) for part in value.split(",")] if isinstance(value, str) else []
        if pairs and all(pairs) and (shape.is_map or _is_selector(shape)):
            meant = flow({pair[1]: pair[2] for pair in pairs if pair})
            meant = f"{{matchLabels: {meant}}}" if _is_selector(shape) else meant
            return message, f"Write {error.path[-1]}: {meant}"
        names = _listed(shape)
        hint = " Is a space missing after a colon?" if isinstance(value, str) and ":" in value else ""
        return (
            message + hint,
            f"Write its fields below it, indented: {names}." if names else "Write KEY: VALUE below it, indented.",
        )
    if isinstance(value, float):
        return f"{path}: {found} is not a whole number.", "Write it without a fraction."
    return message, f"Write {expected}."


def _found(value: Any, written: str) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing (null)"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:59] + "…")
    return written or _as_yaml(value)


def _as_yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read_as(value: Any) -> str:
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    return f"the number {value}"
