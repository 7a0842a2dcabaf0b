"""Findings as SARIF 2.1.0, which code scanning services read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; what services ask on top of it is at
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from kcnet import __version__
from kcnet.analysis.finding import Severity
from kcnet.loading.sources import STDIN

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


class Page(Protocol):
    """Of a rule, or of an error that the loader reports."""

    @property
    def severity(self) -> Severity: ...
    @property
    def title(self) -> str: ...
    @property
    def meaning(self) -> str: ...
    @property
    def look(self) -> Sequence[str]: ...
    @property
    def causes(self) -> Sequence[str]: ...
    @property
    def repair(self) -> str: ...
    @property
    def source(self) -> str: ...


def document(findings: Sequence[Mapping[str, Any]], pages: Mapping[str, Page]) -> dict[str, Any]:
    """One run; ``findings`` are ``to_dict()`` of problems and findings, ``pages`` are those of their codes."""
    codes = sorted({finding["code"] for finding in findings})
    numbers = {code: number for number, code in enumerate(codes)}
    results = [_result(finding, numbers[finding["code"]]) for finding in findings]
    for result, mark in zip(results, _marks(findings), strict=True):
        result["partialFingerprints"] = {"kcnet/v1": mark}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "kcnet",
                        "version": __version__,
                        "rules": [_rule(code, pages[code]) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }


def _marks(findings: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """By what a finding is known again when its lines have moved: the rule, the object and the field."""
    seen: Counter[str] = Counter()
    for finding in findings:
        thing = finding["object"]
        what = [thing["kind"], thing["namespace"], thing["name"]] if thing else [finding["file"], finding["message"]]
        text = "\0".join(str(part) for part in (finding["code"], *what, finding["field"]))
        mark = sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        seen[mark] += 1
        yield mark if seen[mark] == 1 else f"{mark}:{seen[mark]}"


def _rule(code: str, page: Page) -> dict[str, Any]:
    causes = [f"- {cause}" for cause in page.causes]
    look = ["How to see it on a real cluster:", "", *(f"    {command}" for command in page.look), ""]
    return {
        "id": code,
        "shortDescription": {"text": f"{page.title}."},
        "fullDescription": {"text": page.meaning},
        "help": {
            "text": "\n".join([page.meaning, "", *causes, "", page.repair]),
            "markdown": "\n".join(
                [page.meaning, "", *causes, "", page.repair, "", *(look if page.look else []), f"<{page.source}>"]
            ),
        },
        "helpUri": page.source,
        "defaultConfiguration": {"level": _LEVELS[page.severity.value]},
    }


def _result(finding: Mapping[str, Any], number: int) -> dict[str, Any]:
    text = f"{finding['message']} {finding['fix']}".strip()
    result: dict[str, Any] = {
        "ruleId": finding["code"],
        "ruleIndex": number,
        "level": _LEVELS[finding["severity"]],
        "message": {"text": text},
    }
    if finding["file"] is not None:
        result["locations"] = [_location(finding)]
    return result


def _location(finding: Mapping[str, Any]) -> dict[str, Any]:
    physical = {"artifactLocation": _artifact(finding["file"]), "region": dict(_region(finding))}
    location: dict[str, Any] = {"physicalLocation": physical}
    thing = finding["object"]
    if thing is not None:
        names = [part for part in (thing["namespace"], thing["kind"], thing["name"]) if part]
        location["logicalLocations"] = [{"fullyQualifiedName": "/".join(names), "name": thing["name"]}]
    return location


def _artifact(file: str) -> dict[str, str]:
    if file != STDIN and Path(file).is_absolute():
        return {"uri": Path(file).as_uri()}
    found = {"uri": quote(os.fsencode(file if file == STDIN else Path(file).as_posix()))}
    return found if file == STDIN else {**found, "uriBaseId": "%SRCROOT%"}


def _region(finding: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    """Of a finding about a whole file its first line: services show no result without a line."""
    yield "startLine", finding["line"] or 1
    if finding["line"] and finding["column"] is not None:
        yield "startColumn", finding["column"]
