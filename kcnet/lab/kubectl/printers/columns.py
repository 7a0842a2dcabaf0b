"""``-o custom-columns=NAME:.metadata.name``, and ``--sort-by``.

k8s: kubectl pkg/cmd/get/customcolumn.go, sorter.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cmp_to_key
from typing import Any, Final, NamedTuple, TypeVar

from kcnet.lab.kubectl.printers import jsonpath
from kcnet.lab.kubectl.printers.errors import PrintError
from kcnet.lab.kubectl.printers.golang import plain, type_name
from kcnet.lab.kubectl.printers.tabwriter import align
from kcnet.lab.kubectl.printers.text import MIN_WIDTH, PADDING
from kcnet.lab.kubectl.quantities import FORM
from kcnet.lab.kubectl.quantities import parse as quantity

RELAXED: Final = re.compile(r"\{\.?([^{}]+)\}|\.?([^{}]+)")
Object = Mapping[str, Any]
T = TypeVar("T")


class CustomColumn(NamedTuple):
    """A header, and a JSONPath template in braces."""

    header: str
    path: str


def relaxed(text: str) -> str:
    """``metadata.name``, ``.metadata.name`` and ``{metadata.name}`` as ``{.metadata.name}``."""
    if not text:
        return text
    found = RELAXED.fullmatch(text)
    if not found:
        raise PrintError(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'"
        )
    return f"{{.{found[1] or found[2]}}}"


def columns_of(spec: str) -> list[CustomColumn]:
    """``NAME:.metadata.name,IP:.status.podIP``"""
    if not spec:
        raise PrintError("custom-columns format specified but no custom columns given")
    found = []
    for part in spec.split(","):
        header, colon, path = part.partition(":")
        if not colon:
            raise PrintError(f"unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>")
        found.append(CustomColumn(header, relaxed(path)))
    return found


def columns_of_file(text: str) -> list[CustomColumn]:
    """A file for ``custom-columns-file``: a line of headers, a line of paths."""
    lines = [line.split() for line in text.splitlines()[:2]]
    if len(lines) < 2:
        raise PrintError(
            f"invalid template, missing {'spec' if lines else 'header'} line. Expected format is one line of space"
            " separated headers, one line of space separated column specs."
        )
    headers, paths = lines
    if len(headers) != len(paths):
        raise PrintError(f"number of headers ({len(headers)}) and field specifications ({len(paths)}) don't match")
    return [CustomColumn(header, relaxed(path)) for header, path in zip(headers, paths, strict=True)]


def custom_columns(columns: Sequence[CustomColumn], objects: Sequence[Object], *, no_headers: bool = False) -> str:
    """A line for each object; what is not there is ``<none>``."""
    lines = [] if no_headers else [[column.header for column in columns]]
    try:
        paths = [jsonpath.parse(column.path) for column in columns]
        for obj in objects:
            lines.append([_cell(jsonpath.find(path, obj)) for path in paths])
    except jsonpath.Error as error:
        raise PrintError(str(error), printed=_laid_out(lines)) from None
    return _laid_out(lines)


def _laid_out(lines: Sequence[Sequence[str]]) -> str:
    split = [line.split("\t") for cells in lines for line in "\t".join(cells).split("\n")]
    return "".join(f"{line}\n" for line in align(split, min_width=MIN_WIDTH, padding=PADDING))


def _cell(found: list[list[Any]]) -> str:
    texts = ["<none>"] if not found or not found[0] else []
    texts += [plain(value).replace("\x1b", "^[").replace("\r", "\\r") for results in found for value in results]
    return ",".join(texts)


def sort_by(path: str, items: Sequence[T], object_of: Callable[[T], Any]) -> list[T]:
    """``--sort-by=.metadata.name``: items in the order of a field of their objects; numbers and quantities by value.

    Objects without the field come first.
    """
    template = relaxed(path)
    try:
        nodes = jsonpath.parse(template)
        found = [jsonpath.find(nodes, object_of(item)) for item in items]
    except jsonpath.Error as error:
        raise PrintError(str(error)) from None
    keyed = [
        (results[0][0] if results and results[0] else MISSING, item) for results, item in zip(found, items, strict=True)
    ]
    if items and all(key is MISSING for key, _ in keyed):
        raise PrintError(f'couldn\'t find any field with path "{template}" in the list of objects')
    return [item for _, item in _sorted(keyed, lambda one, other: _less(one[0], other[0], template))]


MISSING: Final = object()


def _sorted(items: list[T], less: Callable[[T, T], bool]) -> list[T]:
    """As Go sorts: a dozen by insertion, which turns round those that have no value; more in any stable way."""
    items = list(items)
    if len(items) > 12:

        def order(one: T, other: T) -> int:
            return int(less(other, one)) - int(less(one, other))

        return sorted(items, key=cmp_to_key(order))
    for index in range(1, len(items)):
        at = index
        while at > 0 and less(items[at], items[at - 1]):
            items[at], items[at - 1] = items[at - 1], items[at]
            at -= 1
    return items


def _less(left: Any, right: Any, path: str) -> bool:
    if left is MISSING:
        return True
    if right is MISSING:
        return False
    if left is None or right is None:
        return left is None and right is not None
    if isinstance(left, str) and isinstance(right, str):
        if FORM.fullmatch(left) and FORM.fullmatch(right):
            return quantity(left).value < quantity(right).value
        return left < right
    if isinstance(left, bool | dict | list):
        raise PrintError(f"Field {path} is an unsortable type: interface, err: unsortable type: {type_name(left)}")
    if type_name(left) != type_name(right):
        raise PrintError(f"Field {path} is an unsortable type: interface, err: unsortable interface: interface")
    return bool(left < right)
