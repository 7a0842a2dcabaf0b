"""JSONPath in client-go's dialect: ``{.items[*].metadata.name}``, ``{range .items[*]}{.metadata.name}{"\\n"}{end}``.

https://kubernetes.io/docs/reference/kubectl/jsonpath/
"""

from __future__ import annotations

from typing import Any

from kcnet.lab.kubectl.printers.golang import marshal, plain
from kcnet.lab.kubectl.printers.jsonpath.evaluate import Finder
from kcnet.lab.kubectl.printers.jsonpath.nodes import Error, Node
from kcnet.lab.kubectl.printers.jsonpath.parse import parse

__all__ = ["Error", "find", "parse", "render"]


def find(nodes: tuple[Node, ...], value: Any, *, allow_missing: bool = True) -> list[list[Any]]:
    """For each part of a template the values it finds; no error for a missing key unless ``allow_missing`` is off."""
    return Finder(nodes, allow_missing=allow_missing).find(value)


def render(nodes: tuple[Node, ...], value: Any, *, allow_missing: bool = True, as_json: bool = False) -> str:
    """The template with what it finds in place of its braces: values parted by spaces, or a JSON list for each part."""
    found = find(nodes, value, allow_missing=allow_missing)
    if as_json:
        return "".join(f"{marshal(results, indent=4)}\n" for results in found)
    return "".join(" ".join(map(_text, results)) for results in found)


def _text(value: Any) -> str:
    if value is None:
        return "null"
    return marshal(value) if isinstance(value, dict | list) else plain(value)
