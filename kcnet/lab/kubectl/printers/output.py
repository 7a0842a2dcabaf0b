"""``-o``: from the word behind it to what prints an object. Tables (no ``-o``, ``-o wide``) are made in ``text.py``.

k8s: cli-runtime pkg/genericclioptions, kubectl pkg/cmd/get/get_flags.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from kcnet.lab.kubectl.printers import columns, golang, jsonpath
from kcnet.lab.kubectl.printers.errors import PrintError

Object = Mapping[str, Any]
Printer = Callable[[Object], str]
Read = Callable[[str], str]
"""Reads a file that a format names; raises OSError."""

EVERYWHERE: Final = (
    "go-template", "go-template-file", "json", "jsonpath", "jsonpath-as-json", "jsonpath-file", "kyaml", "name",
    "template", "templatefile", "yaml",
)  # fmt: skip
OF_GET: Final = ("custom-columns", "custom-columns-file", *EVERYWHERE, "wide")


def printer(
    output: str,
    *,
    read: Read,
    template: str = "",
    no_headers: bool = False,
    allow_missing: bool = True,
    allowed: Sequence[str] = OF_GET,
) -> Printer:
    """What prints one object, or a List, in this format. Raises PrintError for a format or a template that is none.

    ``template`` is the value of ``--template``; ``allowed`` names the formats of the verb: ``OF_GET``, or else
    ``EVERYWHERE``.
    """
    kind, equals, argument = output.partition("=")
    if template:
        kind, argument = kind or "go-template", template
    if kind not in allowed or kind == "wide" or (equals and kind in ("json", "yaml", "kyaml", "name")):
        allowed_text = ",".join(sorted(allowed))
        raise PrintError(
            f'unable to match a printer suitable for the output format "{output}", allowed formats are: {allowed_text}'
        )
    match kind:
        case "json":
            return lambda value: golang.marshal(shown(value), indent=4) + "\n"
        case "yaml":
            return _yaml
        case "kyaml":
            return _kyaml
        case "name":
            return names
        case "custom-columns" | "custom-columns-file":
            return _custom(kind, argument, read, no_headers)
    if not argument:
        raise PrintError("template format specified but no template given")
    if kind.endswith("file"):
        argument = _read(argument, read, f"error reading --template {argument}")
    if kind.startswith("jsonpath"):
        return _jsonpath(argument, allow_missing, as_json=kind == "jsonpath-as-json")
    return _go_template(argument, allow_missing)


def _read(path: str, read: Read, problem: str) -> str:
    try:
        return read(path)
    except OSError as error:
        raise PrintError(f"{problem}, open {path}: {(error.strerror or str(error)).lower()}") from None


def _custom(kind: str, argument: str, read: Read, no_headers: bool) -> Printer:
    if not argument:
        raise PrintError("custom-columns format specified but no custom columns given")
    if kind == "custom-columns":
        found = columns.columns_of(argument)
    else:
        found = columns.columns_of_file(_read(argument, read, f"error reading template {argument}"))
        no_headers = False
    return lambda value: columns.custom_columns(found, items(value), no_headers=no_headers)


def _jsonpath(template: str, allow_missing: bool, *, as_json: bool) -> Printer:
    try:
        nodes = jsonpath.parse(template)
    except jsonpath.Error as error:
        raise PrintError(f"error parsing jsonpath {template}, {error}") from None

    def render(value: Object) -> str:
        try:
            return jsonpath.render(nodes, value, allow_missing=allow_missing, as_json=as_json)
        except jsonpath.Error as error:
            raise PrintError(
                f"error executing jsonpath {golang.syntax(template)}: Error executing template: {error}. Printing more"
                f" information for debugging the template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath"
                f" engine was:\n\t\t{golang.syntax(value)}\n\n"
            ) from None

    return render


def _go_template(template: str, allow_missing: bool) -> Printer:
    from kcnet.lab.kubectl.printers import gotemplate

    parsed = gotemplate.parse(template)
    return lambda value: gotemplate.render(parsed, value, allow_missing=allow_missing)


def _yaml(value: Object) -> str:
    from kcnet.lab.kubectl.printers import yaml

    return yaml.text(shown(value))


def _kyaml(value: Object) -> str:
    from kcnet.lab.kubectl.printers import kyaml

    return kyaml.text(shown(value))


def is_list(value: Object) -> bool:
    """Whether the value is a List, or a list of one kind."""
    return isinstance(value.get("items"), list) and str(value.get("kind", "")).endswith("List")


def items(value: Object) -> Sequence[Object]:
    """The objects of a list, or the one object."""
    found: Sequence[Object] = value["items"] if is_list(value) else [value]
    return found


def list_of(objects: Sequence[Object]) -> dict[str, Any]:
    """What kubectl makes of several objects."""
    return {"apiVersion": "v1", "items": list(objects), "kind": "List", "metadata": {"resourceVersion": ""}}


def shown(value: Object) -> Object:
    """Without ``metadata.managedFields``, which kubectl hides."""
    if is_list(value):
        value = {**value, "items": [shown(each) for each in value["items"]]}
    metadata = value.get("metadata")
    if not isinstance(metadata, dict) or "managedFields" not in metadata:
        return value
    return {**value, "metadata": {key: each for key, each in metadata.items() if key != "managedFields"}}


def names(value: Object) -> str:
    """``pod/web``, ``deployment.apps/web``: a line for each object."""
    return "".join(f"{name_of(each)}\n" for each in items(value))


def name_of(obj: Object) -> str:
    """``deployment.apps/web``, as ``-o name`` and kubectl's own messages (``... created``) have it."""
    group = str(obj.get("apiVersion", "")).rpartition("/")[0]
    kind = str(obj.get("kind") or "<unknown>").lower()
    name = (obj.get("metadata") or {}).get("name") or "<unknown>"
    return f"{kind}.{group}/{name}" if group else f"{kind}/{name}"
