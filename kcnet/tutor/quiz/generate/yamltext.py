"""Manifests as a person would write them: block style, and on one line what is short and belongs together.

The text is what the learner reads, and it is read back by the project's own loader: what is shown is the cluster.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, Final

from kcnet.controlplane import build_cluster
from kcnet.loading.load import load_manifests
from kcnet.model.cluster import Cluster

WIDTH: Final = 78
ON_ONE_LINE: Final = frozenset(
    (
        "metadata",
        "labels",
        "annotations",
        "selector",
        "matchLabels",
        "podSelector",
        "namespaceSelector",
        "ipBlock",
        "status",
        "backend",
        "containers",
        "addresses",
        "service",
    )
)
"""Keys whose mappings stand on one line where they fit."""
_PLAIN: Final = re.compile(r"[A-Za-z/](?:[-A-Za-z0-9_./:]*[-A-Za-z0-9_./])?|\d+\.\d+\.\d+\.\d+(?:/\d+)?")
_WORDS: Final = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))

Value = Mapping[str, Any]


def cluster_of(text: str) -> Cluster:
    """The cluster that the text describes. Raises InvalidManifestsError as for any file."""
    return build_cluster(load_manifests(["-"], stdin=BytesIO(text.encode())))


def documents(values: Iterable[Value], *, compact: bool = True) -> str:
    """YAML documents, each ended by a line break, with ``---`` between them."""
    return "---\n".join("\n".join(_mapping(value, 0, compact)) + "\n" for value in values)


def _mapping(value: Value, indent: int, compact: bool) -> Iterator[str]:
    for key, item in value.items():
        yield from _entry(key, item, indent, compact)


def _entry(key: str, item: Any, indent: int, compact: bool) -> Iterator[str]:
    space = " " * indent
    line = flow(item)
    scalars = isinstance(item, Sequence) and not any(isinstance(one, Mapping) for one in item)
    short = compact and key in ON_ONE_LINE and len(space) + len(key) + len(line) + 2 <= WIDTH
    if not isinstance(item, Mapping | list) or scalars or short or not item:
        yield f"{space}{key}: {line}"
    elif isinstance(item, Mapping):
        yield f"{space}{key}:"
        yield from _mapping(item, indent + 2, compact)
    else:
        yield f"{space}{key}:"
        for one in item:
            lines = _item(one, indent, compact)
            yield f"{space}- {next(lines)}"
            yield from (f"{space}  {line}" for line in lines)


def _item(item: Any, indent: int, compact: bool) -> Iterator[str]:
    if isinstance(item, Mapping) and item:
        yield from _mapping(item, 0, compact)
    else:
        yield flow(item)


def flow(item: Any) -> str:
    """A value on one line."""
    if isinstance(item, Mapping):
        return "{" + ", ".join(f"{key}: {flow(one)}" for key, one in item.items()) + "}"
    if isinstance(item, list | tuple):
        return "[" + ", ".join(flow(one) for one in item) + "]"
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, int):
        return str(item)
    text = str(item)
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else json.dumps(text)
