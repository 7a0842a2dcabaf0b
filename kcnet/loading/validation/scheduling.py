"""Which nodes a pod may run on: affinity, tolerations, taints.

https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
"""

from __future__ import annotations

from kcnet.loading.validation.labels import NOTHING, Value, objects, operator_errors, selector_errors, strings
from kcnet.loading.validation.names import dns_label, label_value, qualified_name
from kcnet.loading.validation.violation import Errors, duplicate, each_invalid, invalid, not_supported, required

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
NODE_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
TOLERATION_OPERATORS = ("Equal", "Exists")

_COMPARISONS = ("Lt", "Gt")
"""Operators of tolerations that some clusters know."""


def affinity_errors(path: str, affinity: Value) -> Errors:
    node = affinity.get("nodeAffinity") or NOTHING
    needed = node.get("requiredDuringSchedulingIgnoredDuringExecution")
    if needed is not None:
        field = f"{path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
        if not needed.get("nodeSelectorTerms"):
            yield required(field, "must have at least one node selector term", "Add a term with matchExpressions.")
        for index, term in objects(needed, "nodeSelectorTerms"):
            yield from _node_term_errors(f"{field}[{index}]", term)
    for index, wish in objects(node, "preferredDuringSchedulingIgnoredDuringExecution"):
        field = f"{path}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[{index}]"
        yield from _weight_errors(field, wish)
        yield from _node_term_errors(f"{field}.preference", wish.get("preference") or NOTHING)
    for kind in ("podAffinity", "podAntiAffinity"):
        pods = affinity.get(kind) or NOTHING
        for index, term in objects(pods, "requiredDuringSchedulingIgnoredDuringExecution"):
            yield from _pod_term_errors(f"{path}.{kind}.requiredDuringSchedulingIgnoredDuringExecution[{index}]", term)
        for index, wish in objects(pods, "preferredDuringSchedulingIgnoredDuringExecution"):
            field = f"{path}.{kind}.preferredDuringSchedulingIgnoredDuringExecution[{index}]"
            yield from _weight_errors(field, wish)
            yield from _pod_term_errors(f"{field}.podAffinityTerm", wish.get("podAffinityTerm") or NOTHING)


def _weight_errors(path: str, wish: Value) -> Errors:
    weight = wish.get("weight") or 0
    if not 1 <= weight <= 100:
        yield invalid(f"{path}.weight", weight, "must be in the range 1-100", "Use a weight from 1 to 100.")


def _node_term_errors(path: str, term: Value) -> Errors:
    for index, requirement in objects(term, "matchExpressions"):
        field = f"{path}.matchExpressions[{index}]"
        operator, values = requirement.get("operator") or "", requirement.get("values") or []
        if operator in ("Gt", "Lt"):
            if len(values) != 1:
                yield required(
                    f"{field}.values",
                    "must be specified single value when `operator` is 'Lt' or 'Gt'",
                    "Write one number.",
                )
        else:
            yield from operator_errors(field, operator, values, NODE_OPERATORS)
        key = requirement.get("key") or ""
        yield from each_invalid(f"{field}.key", key, qualified_name(key))


def _pod_term_errors(path: str, term: Value) -> Errors:
    yield from selector_errors(f"{path}.labelSelector", term.get("labelSelector"))
    yield from selector_errors(f"{path}.namespaceSelector", term.get("namespaceSelector"))
    for _, namespace in strings(term, "namespaces"):
        yield from each_invalid(f"{path}.namespace", namespace, dns_label(namespace))
    key = term.get("topologyKey") or ""
    if not key:
        yield required(f"{path}.topologyKey", "can not be empty", "Add topologyKey: kubernetes.io/hostname.")
    yield from each_invalid(f"{path}.topologyKey", key, qualified_name(key) if key else ())


def toleration_errors(path: str, value: Value) -> Errors:
    for index, toleration in objects(value, "tolerations"):
        field = f"{path}[{index}]"
        key, operator = toleration.get("key") or "", toleration.get("operator") or ""
        text, effect = toleration.get("value") or "", toleration.get("effect") or ""
        if key:
            yield from each_invalid(f"{field}.key", key, qualified_name(key))
        elif operator != "Exists":
            yield invalid(
                f"{field}.operator",
                operator,
                'operator must be Exists when `key` is empty, which means "match all values and all keys"',
                "Add operator: Exists.",
            )
        if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
            yield invalid(
                f"{field}.effect",
                effect,
                "effect must be 'NoExecute' when `tolerationSeconds` is set",
                "Set NoExecute.",
            )
        if operator in ("", "Equal"):
            yield from each_invalid(f"{field}.operator", text, label_value(text))
        elif operator == "Exists":
            if text:
                yield invalid(
                    f"{field}.operator", text, "value must be empty when `operator` is 'Exists'", "Remove value."
                )
        elif operator not in _COMPARISONS:
            yield not_supported(f"{field}.operator", operator, TOLERATION_OPERATORS)
        if effect and effect not in EFFECTS:
            yield not_supported(f"{field}.effect", effect, EFFECTS)


def taint_errors(path: str, value: Value) -> Errors:
    """The taints of a Node, which the API server calls a part of its metadata."""
    seen: set[tuple[str, str]] = set()
    for index, taint in objects(value, "taints"):
        field = f"{path}[{index}]"
        key, text, effect = taint.get("key") or "", taint.get("value") or "", taint.get("effect") or ""
        yield from each_invalid(f"{field}.key", key, qualified_name(key))
        yield from each_invalid(f"{field}.value", text, label_value(text))
        if not effect:
            yield required(f"{field}.effect", "", "Add effect: NoSchedule.")
        elif effect not in EFFECTS:
            yield not_supported(f"{field}.effect", effect, EFFECTS)
        if (key, effect) in seen:
            yield duplicate(field, {"key": key, "effect": effect}, "taints must be unique by key and effect pair")
        seen.add((key, effect))
