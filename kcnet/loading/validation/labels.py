"""Labels and selectors.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kcnet.loading.validation.names import label_value, qualified_name
from kcnet.loading.validation.violation import Errors, each_invalid, forbidden, invalid, required

Value = Mapping[str, Any]

NOTHING: Value = {}


def objects(value: Value, key: str) -> Iterator[tuple[int, Value]]:
    """The objects of a list with their places; a null among them is an empty object, as it is to the API server."""
    for index, item in enumerate(value.get(key) or ()):
        yield index, item or NOTHING


def strings(value: Value, key: str) -> Iterator[tuple[int, str]]:
    """The strings of a list with their places; a null among them is "", as it is to the API server."""
    for index, item in enumerate(value.get(key) or ()):
        yield index, item or ""


def label_errors(field: str, labels: Mapping[str, str | None] | None) -> Errors:
    for key, value in (labels or {}).items():
        yield from each_invalid(field, key, qualified_name(key), _key_fix(key))
        if value:
            yield from each_invalid(field, value, label_value(value), _value_fix(value))


def selector_errors(field: str, selector: Value | None) -> Errors:
    """Of a label selector: matchLabels and matchExpressions."""
    if not selector:
        return
    yield from label_errors(f"{field}.matchLabels", selector.get("matchLabels"))
    for index, requirement in objects(selector, "matchExpressions"):
        path = f"{field}.matchExpressions[{index}]"
        operator, values = requirement.get("operator") or "", requirement.get("values")
        yield from operator_errors(path, operator, values, ("In", "NotIn", "Exists", "DoesNotExist"))
        key = requirement.get("key") or ""
        yield from each_invalid(f"{path}.key", key, qualified_name(key), _key_fix(key))
        for place, value in strings(requirement, "values"):
            yield from each_invalid(f"{path}.values[{place}]", value, label_value(value), _value_fix(value))


def operator_errors(path: str, operator: str, values: list[Any] | None, known: Iterable[str]) -> Errors:
    """Which operators take values, and how many."""
    if operator in ("In", "NotIn"):
        if not values:
            yield required(
                f"{path}.values",
                "must be specified when `operator` is 'In' or 'NotIn'",
                "List the values to compare with, or use the operator Exists.",
            )
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            yield forbidden(
                f"{path}.values",
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
                "Remove values, or use the operator In.",
            )
    elif operator not in known:
        expected = ", ".join(known)
        yield invalid(f"{path}.operator", operator, "not a valid selector operator", f"Write one of {expected}.")


def selects_nothing_by_name(selector: Value | None) -> bool:
    """The selector is absent or empty."""
    return not selector or not (selector.get("matchLabels") or selector.get("matchExpressions"))


def selector_matches(selector: Value | None, labels: Mapping[str, Any]) -> bool:
    """Whether a well-formed selector selects these labels; operators that do not exist select everything."""
    selector = selector or NOTHING
    for key, value in (selector.get("matchLabels") or {}).items():
        if key not in labels or (labels[key] or "") != (value or ""):
            return False
    for _, requirement in objects(selector, "matchExpressions"):
        key = requirement.get("key") or ""
        values = [value or "" for value in requirement.get("values") or ()]
        match requirement.get("operator"):
            case "In":
                holds = key in labels and (labels[key] or "") in values
            case "NotIn":
                holds = key not in labels or (labels[key] or "") not in values
            case "Exists":
                holds = key in labels
            case "DoesNotExist":
                holds = key not in labels
            case _:
                holds = True
        if not holds:
            return False
    return True


def _key_fix(key: str) -> str:
    if " " in key:
        return "Remove the blanks from the key."
    return "Use letters, digits, '-', '_' and '.', at most 63 after an optional prefix such as example.com/."


def _value_fix(value: str) -> str:
    if len(value) > 63:
        return "Shorten the value, or make it an annotation."
    return (
        "Use letters, digits, '-', '_' and '.', and begin and end with a letter or digit; longer texts fit annotations."
    )
