"""What a project does not want to hear: settings, and comments in the manifests.

selector:
  app: exports  # kcnet: ignore SERVICE_SELECTS_NOTHING
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from kcnet.analysis.check import matches
from kcnet.analysis.finding import Finding

_COMMENT = re.compile(r"#\s*kcnet:\s*ignore\s+([A-Za-z0-9_*]+(?:\s*,\s*[A-Za-z0-9_*]+)*)")


class Settings(Struct, frozen=True):
    """``[tool.kcnet.check]`` of pyproject.toml, or ``[check]`` of kcnet.toml. Codes may hold ``*``."""

    select: tuple[str, ...] = ()
    """Empty: all."""
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = {}
    """Pattern of a file's path or name -> codes."""


def settings_of(table: Mapping[str, Any]) -> Settings:
    """Raises ValueError, with a message for the author, for what is no setting."""
    unknown = sorted(set(table) - {"select", "ignore", "per-file-ignores"})
    if unknown:
        raise ValueError(f"{unknown[0]} is not a setting; there are select, ignore and per-file-ignores")
    files = table.get("per-file-ignores", {})
    if not isinstance(files, Mapping):
        raise ValueError('per-file-ignores is a table, such as "dev/*.yaml" = ["LB_NO_PROVIDER"]')
    return Settings(
        select=_codes(table, "select"),
        ignore=_codes(table, "ignore"),
        per_file_ignores={pattern: _codes(files, pattern) for pattern in files},
    )


def _codes(table: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
        raise ValueError(f'{name} is a list of codes, such as ["SERVICE_SELECTS_NOTHING"]')
    return tuple(value)


def unsuppressed(findings: Iterable[Finding], settings: Settings) -> list[Finding]:
    """Those that neither the settings for their file nor a comment in it silences."""
    return [
        finding
        for finding in findings
        if not _in_file(finding, settings.per_file_ignores) and not matches(finding.code, _commented(finding))
    ]


def _in_file(finding: Finding, ignores: Mapping[str, tuple[str, ...]]) -> bool:
    file = (finding.file or "").replace("\\", "/")
    return any(
        matches(finding.code, codes) and (fnmatchcase(file, pattern) or fnmatchcase(file, f"*/{pattern}"))
        for pattern, codes in ignores.items()
    )


def _commented(finding: Finding) -> list[str]:
    """Codes that comments name: on the finding's line or above it, on the object's first line or above it."""
    origin = finding.ref.origin
    if origin is None or "kcnet:" not in origin.source.text:
        return []
    line = origin.position(finding.field)[0]
    own = _lines(origin.source.text, origin.start, line - origin.line)
    first = _lines(origin.source.text, origin.start, 0)
    return [
        code.strip() for text in (*own, *first) for found in _COMMENT.finditer(text) for code in found[1].split(",")
    ]


def _lines(text: str, index: int, further: int) -> list[str]:
    """The line that is ``further`` lines below that of the offset ``index``, and the comment right above it."""
    for _ in range(further):
        index = text.find("\n", index) + 1
    start = text.rfind("\n", 0, index) + 1
    end = text.find("\n", index)
    shown = [text[start : end if end >= 0 else len(text)]]
    while start:
        before = text.rfind("\n", 0, start - 1) + 1
        above = text[before : start - 1]
        if not above.lstrip().startswith("#"):
            break
        shown.append(above)
        start = before
    return shown
