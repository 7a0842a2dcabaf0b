"""Where in a file a field stands. Worked out only for the objects that a message or a trace points at.

The object's own span of the text is read once more, this time for offsets alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec import Struct

from kcnet.loading.json_text import tokens
from kcnet.loading.scalars import key_text, resolve
from kcnet.loading.yaml_text import MERGE, events
from kcnet.model.names import Origin

_PART = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


class Node(Struct):
    """A field: the offset of its key (or, in a list, of the item), and what is below it."""

    index: int
    children: dict[str, Node] | list[Node] | None = None


@lru_cache(maxsize=16384)
def locate_yaml(origin: Origin, path: str) -> tuple[int, int]:
    """1-based line and column of the key (or list item) at ``path``, or of its nearest parent that exists."""
    return line_and_column(origin, find(_yaml_tree(origin), path).index)


@lru_cache(maxsize=16384)
def locate_json(origin: Origin, path: str) -> tuple[int, int]:
    """As ``locate_yaml``."""
    return line_and_column(origin, find(_json_tree(origin), path).index)


def line_and_column(origin: Origin, index: int) -> tuple[int, int]:
    text = origin.source.text
    lines = text.count("\n", origin.start, index)
    if not lines:
        return origin.line, origin.column + index - origin.start
    return origin.line + lines, index - text.rfind("\n", origin.start, index)


def parts(path: str) -> Iterator[str]:
    """``spec.selector[a.b/c]`` as "spec", "selector", "a.b/c"."""
    for found in _PART.finditer(path):
        yield found[1] if found[1] is not None else found[2]


def find_key(origin: Origin, path: str) -> int | None:
    """Offset of the first of several equal keys at ``path``; None if there is none."""
    *parents, key = parts(path) if path else ("",)
    above = find(_yaml_tree(origin), "".join(f"[{part}]" for part in parents))
    below = above.children
    return below[key].index if isinstance(below, dict) and key in below else None


def find(node: Node, path: str) -> Node:
    for part in parts(path):
        below = node.children
        if isinstance(below, dict) and part in below:
            node = below[part]
        elif isinstance(below, list) and part.isdecimal() and int(part) < len(below):
            node = below[int(part)]
        else:
            break
    return node


@lru_cache(maxsize=256)
def _yaml_tree(origin: Origin) -> Node:
    import yaml

    # The first line of a nested object lacks the indentation that its other lines have.
    padding = origin.column - 1
    get_event = events(" " * padding + origin.source.text[origin.start : origin.end])
    offset = origin.start - padding
    root = Node(origin.start)
    node = root
    stack: list[tuple[Node, str | None]] = []
    key: str | None = None
    key_index = origin.start
    anchors: dict[str, Node] = {}
    merges: list[tuple[Node, Node]] = []
    try:
        while True:
            event = get_event()
            kind = event.__class__
            if kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
                node, key = stack.pop()
                if not stack:
                    break
                key = None
                continue
            if kind in (yaml.StreamStartEvent, yaml.DocumentStartEvent):
                continue
            if kind in (yaml.DocumentEndEvent, yaml.StreamEndEvent):
                break
            index = offset + event.start_mark.index
            if isinstance(node.children, dict) and key is None:
                key, key_index = _key(event), index
                continue
            if not stack:
                child = root
            elif isinstance(node.children, list):
                child = Node(index)
                node.children.append(child)
            else:
                assert isinstance(node.children, dict)
                child = Node(key_index)
                if key is MERGE:
                    merges.append((node, child))
                else:
                    node.children.setdefault(key or "", child)
            if kind is yaml.AliasEvent:
                child.children = anchors[event.anchor].children if event.anchor in anchors else None
            elif event.anchor is not None:
                anchors[event.anchor] = child
            if kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
                child.children = {} if kind is yaml.MappingStartEvent else []
                stack.append((node, key))
                node = child
            key = None
    except yaml.YAMLError:
        pass  # what could be read tells the nearest parent
    for mapping, source in merges:
        for below in source.children if isinstance(source.children, list) else [source]:
            if isinstance(mapping.children, dict) and isinstance(below.children, dict):
                mapping.children.update({**below.children, **mapping.children})
    return root


def _key(event: Any) -> str:
    value: str = getattr(event, "value", "")
    if getattr(event, "style", None) or getattr(event, "tag", None) is not None:
        return value
    return MERGE if value == MERGE else key_text(resolve(value))


@lru_cache(maxsize=256)
def _json_tree(origin: Origin) -> Node:
    root = node = Node(origin.start)
    stack: list[Node] = []
    key: str | None = None
    key_index = origin.start
    words = list(tokens(origin.source.text, origin.start, origin.end))
    for position, (word, index) in enumerate(words):
        if word in (",", ":"):
            continue
        if word in ("}", "]"):
            if not stack:
                return root
            node = stack.pop()
            continue
        if isinstance(node.children, dict) and key is None:
            if position + 1 < len(words) and words[position + 1][0] == ":":
                key, key_index = _unquoted(word), index
            continue
        if not stack and node is root and node.children is None:
            child = root
        elif isinstance(node.children, list):
            child = Node(index)
            node.children.append(child)
        else:
            child = Node(key_index)
            if isinstance(node.children, dict):
                node.children[key or ""] = child
        if word in ("{", "["):
            child.children = {} if word == "{" else []
            stack.append(node)
            node = child
        key = None
    return root


def _unquoted(word: str) -> str:
    try:
        return str(json.loads(word))
    except ValueError:
        return word.strip('"')
