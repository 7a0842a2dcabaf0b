"""What a project does not want to hear: settings, and comments in the manifests.

selector:
  app: exports  # kcnet: ignore SERVICE_SELECTS_NOTHING
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from os.path import relpath
from pathlib import PurePath
from typing import Any

from msgspec import Struct

from kcnet.analysis.check import catalogue, matches
from kcnet.analysis.finding import Finding
from kcnet.model.names import Source
from kcnet.path.nearest import closest

_COMMENT = re.compile(r"#\s*kcnet:\s*ignore(?:\s+([A-Za-z0-9_*-]+(?:\s*,\s*[A-Za-z0-9_*-]+)*))?")
_NAMES = ("select", "ignore", "per-file-ignores")


class Settings(Struct, frozen=True):
    """``[tool.kcnet]`` of pyproject.toml, or kcnet.toml; all of it may also stand one level deeper, under ``check``.

    Codes may hold ``*``.
    """

    select: tuple[str, ...] = ()
    """Empty: all."""
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = {}
    """Pattern of a file's path or name -> codes."""
    folder: str = ""
    """From which paths in the patterns count, beside the working directory."""


class SettingsError(ValueError):
    """What is wrong with a setting, for its author."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def settings_of(table: Mapping[str, Any], folder: str = "") -> Settings:
    """Raises SettingsError for what is no setting."""
    own = table.get("check", {})
    if not isinstance(own, Mapping):
        raise SettingsError("check", "check is a table")
    table = {**{name: value for name, value in table.items() if name != "check"}, **own}
    for name in table:
        if name not in _NAMES:
            near = closest(name, _NAMES)
            meant = f"; {near} is" if near else f"; there are {', '.join(_NAMES)}"
            raise SettingsError(name, f"{name} is not a setting{meant}")
    files = table.get("per-file-ignores", {})
    if not isinstance(files, Mapping):
        raise SettingsError(
            "per-file-ignores", 'per-file-ignores is a table, such as "dev/*.yaml" = ["LB_NO_PROVIDER"]'
        )
    return Settings(
        select=_codes(table, "select"),
        ignore=_codes(table, "ignore"),
        per_file_ignores={pattern: _codes(files, pattern) for pattern in files},
        folder=folder,
    )


def _codes(table: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
        raise SettingsError(name, f'{name} is a list of codes, such as ["SERVICE_SELECTS_NOTHING"]')
    return tuple(map(code_of, value))


def code_of(typed: str) -> str:
    """As it is written in full: people also type ``service-selects-nothing``."""
    return typed.strip().upper().replace("-", "_")


def unsuppressed(findings: Iterable[Finding], settings: Settings) -> list[Finding]:
    """Those that neither the settings for their file nor a comment in it silences."""
    return [
        finding
        for finding in findings
        if not _in_file(finding, settings) and not matches(finding.code, _commented(finding))
    ]


def misplaced(findings: Iterable[Finding]) -> list[str]:
    """What comments beside findings were meant to silence and do not: they name no rule, or one that there is not."""
    said = []
    for finding in findings:
        for comment in _comments(finding):
            where = f"{finding.file}: the comment {comment[0]}"
            if not comment[1]:
                said.append(f"{where} names no rule; write # kcnet: ignore {finding.code}")
            for code in _named(comment):
                if not any(matches(known, [code]) for known in catalogue()):
                    near = closest(code, catalogue())
                    said.append(f"{where} names a rule that there is not" + (f"; nearest is {near}" if near else ""))
    return list(dict.fromkeys(said))


def _in_file(finding: Finding, settings: Settings) -> bool:
    patterns = [pattern for pattern, codes in settings.per_file_ignores.items() if matches(finding.code, codes)]
    if not patterns:
        return False
    file = finding.file or ""
    paths = [file.replace("\\", "/")]
    if settings.folder and not file.startswith("<"):
        paths.append(PurePath(relpath(file, settings.folder)).as_posix())
    return any(
        fnmatchcase(path, pattern) or fnmatchcase(path, f"*/{pattern}") for path in paths for pattern in patterns
    )


def _commented(finding: Finding) -> list[str]:
    """Codes that comments name."""
    return [code for comment in _comments(finding) for code in _named(comment)]


def _named(comment: re.Match[str]) -> list[str]:
    return [code_of(code) for code in comment[1].split(",")] if comment[1] else []


def _comments(finding: Finding) -> list[re.Match[str]]:
    """Those that speak to kcnet: on the finding's line or above it, on the object's first line or above it."""
    origin = finding.ref.origin
    if origin is None or finding.position is None or not _speaks(origin.source):
        return []
    line = finding.position[0]
    own = _lines(origin.source.text, origin.start, line - origin.line)
    first = _lines(origin.source.text, origin.start, 0)
    return [found for text in dict.fromkeys((*own, *first)) for found in _COMMENT.finditer(text)]


@lru_cache(maxsize=256)
def _speaks(source: Source) -> bool:
    return "kcnet:" in source.text


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
