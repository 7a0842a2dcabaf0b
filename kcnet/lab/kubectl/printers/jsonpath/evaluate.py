"""What a JSONPath template finds in a JSON value.

k8s: client-go util/jsonpath/jsonpath.go. The keys of a map are visited in order, where Go visits them in any.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from kcnet.lab.kubectl.printers.golang import plain, type_name
from kcnet.lab.kubectl.printers.jsonpath.nodes import (
    Error,
    Field,
    Filter,
    List,
    Literal,
    Node,
    Recursive,
    Slice,
    Text,
    Union,
    Wildcard,
    Word,
)

Values = list[Any]
MOST: Final = 100_000
"""Values that a template may find on its way; ``{..*..*..*}`` finds more than anybody wants to wait for."""
COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
}


class Finder:
    """One template applied once: ``range`` and ``end`` make it keep a state."""

    def __init__(self, nodes: Sequence[Node], *, allow_missing: bool) -> None:
        self.nodes = nodes
        self.allow_missing = allow_missing
        self.begin = self.inside = self.end = 0
        self.last_end = -1

    def find(self, data: Any, start: int = 0) -> list[Values]:
        """For each part of the template what it found, from part ``start`` to the end of the present range."""
        found: list[Values] = []
        at = start
        while at < len(self.nodes):
            results = self.walk([data], self.nodes[at])
            if 0 < self.end <= self.inside:
                self.end -= 1
                self.last_end = at
                break
            if self.begin > 0:
                self.begin -= 1
                self.inside += 1
                for value in results:
                    found += self.find(value, at + 1)
                if not results:
                    self.find(None, at + 1)
                self.inside -= 1
                at = self.last_end if self.last_end > at else at
            else:
                found.append(results)
            at += 1
        return found

    def walk(self, values: Values, node: Node) -> Values:
        match node:
            case List(nodes):
                for each in nodes:
                    values = self.walk(values, each)
                    if len(values) > MOST:
                        raise Error("more results than fit here")
                return values
            case Text(text):
                return [text]
            case Literal(value):
                return [value for _ in values]
            case Field(name):
                return self.field(values, name)
            case Word(name):
                return self.word(values, name)
            case Slice():
                return [each for value in values if value is not None for each in cut(value, node)]
            case Wildcard():
                return [each for value in values for each in children(value)]
            case Recursive():
                return recursive(values)
            case Union(choices):
                return [each for choice in choices for each in self.walk(values, choice)]
            case Filter():
                return [each for value in values for each in self.filter(value, node)]

    def field(self, values: Values, name: str) -> Values:
        if not values:
            return []
        found = [value[name] for value in values if isinstance(value, dict) and name in value]
        if not found and not self.allow_missing:
            raise Error(f"{name} is not found")
        return found

    def word(self, values: Values, name: str) -> Values:
        if name == "range":
            self.begin += 1
            return values
        if name != "end":
            raise Error(f"unrecognized identifier {name}")
        if not self.inside:
            raise Error("not in range, nothing to end")
        self.end += 1
        return []

    def filter(self, value: Any, node: Filter) -> Values:
        if not isinstance(value, list):
            raise Error(f"{plain(value)} is not array or slice and cannot be filtered")
        return [each for each in value if self.passes(each, node)]

    def passes(self, item: Any, node: Filter) -> bool:
        if node.operator == "exists":
            try:
                return bool(self.walk([item], node.left))
            except Error:
                return False
        lefts = self.walk([item], node.left)
        if not lefts:
            return False
        rights = self.walk([item], node.right) if len(lefts) == 1 else []
        if len(lefts) > 1 or len(rights) > 1:
            raise Error("can only compare one element at a time")
        if not rights:
            return False
        if node.operator not in COMPARE:
            raise Error(f"unrecognized filter operator {node.operator}")
        return compare(lefts[0], node.operator, rights[0])


def compare(left: Any, sign: str, right: Any) -> bool:
    """Only values of one basic type can be compared."""
    for value in (left, right):
        if value is None or isinstance(value, dict | list):
            raise Error("invalid type for comparison")
    if type_name(left) != type_name(right):
        raise Error("incompatible types for comparison")
    if isinstance(left, bool) and sign not in ("==", "!="):
        raise Error("invalid type for comparison")
    return COMPARE[sign](left, right)


def cut(value: Any, node: Slice) -> Values:
    """Items of a list by index or slice; an index outside is an error, but for nothing asked of nothing."""
    if not isinstance(value, list):
        raise Error(f"{type_name(value)} is not array or slice")
    length = len(value)
    start = node.start or 0
    start += length if start < 0 else 0
    end = length if node.end is None else node.end
    if end < 0 or (end == 0 and node.single):
        end += length
    if start == end:
        return []
    if not 0 <= start < length:
        raise Error(f"array index out of bounds: index {start}, length {length}")
    if not 0 <= end <= length:
        raise Error(f"array index out of bounds: index {end - 1}, length {length}")
    if start > end:
        raise Error(f"starting index {start} is greater than ending index {end}")
    if node.step is not None and node.step <= 0:
        raise Error("step must be > 0")
    return value[start : end : node.step or 1]


def children(value: Any) -> Values:
    """Items of a list, values of a map, bytes of a text."""
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    if isinstance(value, list):
        return list(value)
    return list(value.encode()) if isinstance(value, str) else []


def recursive(values: Values) -> Values:
    """The values themselves and all that is below them, as far as they hold something."""
    found: Values = []
    for value in values:
        if below := children(value):
            found.append(value)
            if not isinstance(value, str):
                found += recursive(below)
            if len(found) > MOST:
                raise Error("more results than fit here")
    return found
