"""describe for a kind that has no page of its own: every field, in order, with names made readable.

k8s: kubectl pkg/describe/describe.go (genericDescriber).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from kcnet.lab.kubectl.describe.reader import Object, Reader
from kcnet.lab.kubectl.describe.writer import Page, head
from kcnet.lab.kubectl.printers.golang import plain

SKIPPED: Final = frozenset(
    f".metadata.{field}" for field in ("managedFields", "name", "namespace", "labels", "annotations")
)
RUN: Final = re.compile(r"[A-Z]+|[a-z]+|[0-9]+|[^A-Za-z0-9]+")
ACRONYMS: Final = ("API", "URL", "UID", "GUID")


def generic(page: Page, obj: Object, reader: Reader) -> None:
    """Any object."""
    head(page, obj)
    _content(page, 0, obj, "")


def _content(page: Page, level: int, content: Mapping[str, Any], path: str) -> None:
    for field in sorted(content):
        value, here = content[field], f"{path}.{field}"
        if here in SKIPPED:
            continue
        if not isinstance(value, dict | list):
            page.field(smart_label(field), plain(value), level)
            continue
        page.line(level, f"{smart_label(field)}:")
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, dict):
                _content(page, level + 1, child, here)
            else:
                page.line(level + 1, plain(child))


def smart_label(field: str) -> str:
    """``creationTimestamp`` as ``Creation Timestamp``, ``apiVersion`` as ``API Version``; odd names stay."""
    if not all(char.isalpha() or char == "-" for char in field):
        return field
    parts = _joined(_camel(field))
    return " ".join(
        part.upper() if part.upper() in ACRONYMS else part.capitalize() if part == part.lower() else part
        for part in parts
    )


def _camel(text: str) -> list[str]:
    """Words of a name in camel case; the last capital of a run begins the next word: ``PDFLoader`` is PDF, Loader."""
    runs = RUN.findall(text)
    for index in range(len(runs) - 1):
        if runs[index].isupper() and runs[index + 1].islower():
            runs[index + 1] = runs[index][-1] + runs[index + 1]
            runs[index] = runs[index][:-1]
    return [run for run in runs if run]


def _joined(parts: list[str]) -> list[str]:
    """A word in capitals takes in the next one, if that begins with a capital too."""
    found: list[str] = []
    merged = False
    for before, part in zip(["", *parts], parts, strict=False):
        if not merged and len(before) >= 2 and before.isupper() and part[0].isupper():
            found[-1] += part
            merged = True
        else:
            found.append(part)
            merged = False
    return found
