"""Patches: JSON patch, JSON merge patch, strategic merge patch, and the three-way patch of ``kubectl apply``.

https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/ and
staging/src/k8s.io/apimachinery/pkg/util/strategicpatch of kubernetes/kubernetes. Which lists are merged, and by which
key, stands in the ``patchMergeKey`` tags of the API types.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from enum import StrEnum
from typing import Any, Final

from kcnet.apiserver.errors import ApiError, bad_request
from kcnet.apiserver.resources import Resource
from kcnet.apiserver.store import Object

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"

Path = tuple[str, ...]


class PatchKind(StrEnum):
    """By the media type that a client sends."""

    JSON = "application/json-patch+json"
    MERGE = "application/merge-patch+json"
    STRATEGIC = "application/strategic-merge-patch+json"


def patched(resource: Resource, old: Object, patch: Any, kind: PatchKind) -> Object:
    """A new object. Raises ApiError for a patch that does not fit."""
    if kind is PatchKind.JSON:
        return _json_patch(old, patch)
    if not isinstance(patch, dict):
        raise bad_request("unable to parse patch: it is not a JSON object")
    plain = kind is PatchKind.MERGE
    merged = merge(deepcopy(old), patch) if plain else strategic_merge(resource.kind, old, patch)
    if not isinstance(merged, dict):
        raise bad_request("the patch leaves no object")
    return merged


def _json_patch(old: Object, patch: Any) -> Object:
    import jsonpatch
    from jsonpointer import JsonPointerException

    try:
        made: Object = jsonpatch.JsonPatch(patch).apply(old)
    except jsonpatch.JsonPatchTestFailed as error:
        raise ApiError(
            422, "Invalid", f"the server rejected our request due to an error in our request: {error}"
        ) from error
    except (jsonpatch.JsonPatchException, JsonPointerException, TypeError, KeyError, IndexError, ValueError) as error:
        raise ApiError(422, "Invalid", "the server rejected our request due to an error in our request") from error
    if not isinstance(made, dict):
        raise bad_request("the patch leaves no object")
    return made


def merge(target: Any, patch: Any) -> Any:
    """RFC 7386. Changes ``target``."""
    if not isinstance(patch, dict):
        return deepcopy(patch)
    if not isinstance(target, dict):
        target = {}
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        else:
            target[key] = merge(target.get(key), value)
    return target


# Strategic merge

_BY_NAME: Final = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "ownerReferences": "uid",
    "conditions": "type",
    "podIPs": "ip",
    "hostIPs": "ip",
    "resourceClaims": "name",
    "schedulingGates": "name",
    "secrets": "name",
}
_SETS: Final = ("finalizers", "podCIDRs")
"""Lists of plain values that are merged."""
_RETAINS_KEYS: Final = ("strategy", "volumes")
"""Of which only the keys that the patch names are kept."""


def merge_key(kind: str, path: Path) -> str | None:
    """The key by which the list at ``path`` (without indexes) is merged; None: it is replaced as a whole."""
    last = path[-1]
    if last == "ports":
        if kind == "Service" and path == ("spec", "ports"):
            return "port"
        return "containerPort" if len(path) > 1 and path[-2] in ("containers", "initContainers") else None
    if last == "addresses":
        return "type" if kind == "Node" else None
    if last == "secrets" and kind != "ServiceAccount":
        return None
    return _BY_NAME.get(last)


def strategic_merge(kind: str, target: Object, patch: Object) -> Any:
    return _merge_map(kind, (), deepcopy(target), patch)


def _merge_map(kind: str, path: Path, target: Any, patch: Mapping[str, Any]) -> Any:
    directive = patch.get("$patch")
    if directive == "replace":
        return deepcopy({key: value for key, value in patch.items() if key != "$patch"})
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise bad_request(f"unknown patch type '{directive}' in map")
    if not isinstance(target, dict):
        target = {}
    retained = patch.get("$retainKeys")
    if isinstance(retained, list):
        target = {key: value for key, value in target.items() if key in retained}
    for key, value in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            name = key.partition("/")[2]
            target[name] = [item for item in target.get(name) or () if item not in value]
    for key, value in patch.items():
        if key.startswith("$"):
            continue
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict):
            target[key] = _merge_map(kind, (*path, key), target.get(key), value)
        elif isinstance(value, list):
            target[key] = _merge_list(kind, (*path, key), target.get(key), value)
        else:
            target[key] = value
    for key, order in patch.items():
        if key.startswith("$setElementOrder/"):
            name = key.partition("/")[2]
            target[name] = _ordered(target.get(name), order, merge_key(kind, (*path, name)))
    return target


def _merge_list(kind: str, path: Path, target: Any, patch: list[Any]) -> list[Any]:
    key = merge_key(kind, path)
    if path[-1] in _SETS and path[-1] not in ("spec",):
        found = list(target or ())
        return found + [item for item in patch if item not in found]
    if key is None or not all(isinstance(item, dict) for item in patch):
        return deepcopy(patch)
    if any(item.get("$patch") == "replace" for item in patch):
        return deepcopy([item for item in patch if "$patch" not in item])
    found = [dict(item) for item in target or () if isinstance(item, dict)]
    for item in patch:
        if item.get("$patch") == "delete" and key not in item:
            return []
        if item.get(key) is None:
            raise bad_request(f"map: {_as_go(item)} does not contain declared merge key: {key}")
        place = next((index for index, own in enumerate(found) if own.get(key) == item[key]), None)
        if item.get("$patch") == "delete":
            found = [own for own in found if own.get(key) != item[key]]
        elif place is None:
            found.append(_merge_map(kind, path, {}, item))
        else:
            found[place] = _merge_map(kind, path, found[place], item)
    return found


def _as_go(item: Mapping[str, Any]) -> str:
    return f"map[{' '.join(f'{key}:{value}' for key, value in sorted(item.items()))}]"


def _ordered(found: Any, order: list[Any], key: str | None) -> Any:
    """In the order of the patch; what it does not name keeps its place behind its neighbours."""
    if not isinstance(found, list):
        return found
    places = {json.dumps(item.get(key) if isinstance(item, dict) and key else item): i for i, item in enumerate(order)}

    def place(item: Any) -> str:
        return json.dumps(item.get(key) if isinstance(item, dict) and key else item)

    named = sorted((item for item in found if place(item) in places), key=lambda item: places[place(item)])
    others = [(index, item) for index, item in enumerate(found) if place(item) not in places]
    for index, item in others:
        named.insert(min(index, len(named)), item)
    return named


# Apply


def three_way(kind: str, original: Object | None, modified: Object, current: Object) -> Object:
    """The strategic merge patch that makes of ``current`` what ``modified`` says.

    What stood in ``original`` (the last applied configuration) and no longer stands in ``modified`` is deleted; what
    others have set in ``current`` stays. Empty: there is nothing to change.
    """
    return _difference(kind, (), original or {}, modified, current)


def _difference(kind: str, path: Path, original: Any, modified: Object, current: Any) -> Object:
    original = original if isinstance(original, dict) else {}
    current = current if isinstance(current, dict) else {}
    patch: Object = {}
    for key, value in modified.items():
        below = (*path, key)
        if value is None:
            continue
        if isinstance(value, dict):
            if not isinstance(current.get(key), dict):
                patch[key] = deepcopy(value)
                continue
            found = _difference(kind, below, original.get(key), value, current[key])
            if found and key in _RETAINS_KEYS:
                found["$retainKeys"] = sorted(value)
            if found:
                patch[key] = found
        elif isinstance(value, list):
            found_list = _list_difference(kind, below, original.get(key), value, current.get(key))
            if found_list is not None:
                patch[key] = found_list
        elif current.get(key) != value or key not in current:
            patch[key] = value
    for key in original:
        if (key not in modified or modified[key] is None) and key in current:
            patch[key] = None
    return patch


def _list_difference(kind: str, path: Path, original: Any, modified: list[Any], current: Any) -> list[Any] | None:
    """None: no difference."""
    key = merge_key(kind, path)
    if key is None or not all(isinstance(item, dict) and key in item for item in modified):
        if path[-1] in _SETS and isinstance(current, list):
            missing = [item for item in modified if item not in current]
            return missing or None
        return None if current == modified else deepcopy(modified)
    before = {item.get(key): item for item in original or () if isinstance(item, dict)}
    present = {item.get(key): item for item in current or () if isinstance(item, dict)}
    changes: list[Any] = []
    for item in modified:
        own = present.get(item[key])
        if own is None:
            changes.append(deepcopy(item))
            continue
        found = _difference(kind, path, before.get(item[key]), item, own)
        if found:
            changes.append({key: item[key], **found})
    kept = {item[key] for item in modified}
    changes += [{key: name, "$patch": "delete"} for name in before if name not in kept and name in present]
    return changes or None


def with_last_applied(value: Object) -> Object:
    """A copy of what the user wrote, with itself in the annotation that the next apply compares with."""
    made = deepcopy(value)
    metadata = made.setdefault("metadata", {})
    annotations = dict(metadata.get("annotations") or {})
    annotations.pop(LAST_APPLIED, None)
    metadata["annotations"] = annotations
    text = json.dumps(made, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    metadata["annotations"] = {**annotations, LAST_APPLIED: text + "\n"}
    return made


def last_applied(current: Mapping[str, Any]) -> Object | None:
    text = ((current.get("metadata") or {}).get("annotations") or {}).get(LAST_APPLIED)
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
