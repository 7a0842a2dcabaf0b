"""Findings as SARIF 2.1.0, which code scanning services read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from kcnet import __version__
from kcnet.analysis.finding import Rule

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def document(findings: Sequence[Mapping[str, Any]], rules: Mapping[str, Rule]) -> dict[str, Any]:
    """One run; ``findings`` are ``to_dict()`` of problems and findings, ``rules`` by code have the pages."""
    codes = sorted({finding["code"] for finding in findings})
    numbers = {code: number for number, code in enumerate(codes)}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "kcnet",
                        "version": __version__,
                        "rules": [_rule(code, rules.get(code)) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, numbers[finding["code"]]) for finding in findings],
            }
        ],
    }


def _rule(code: str, rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"id": code, "defaultConfiguration": {"level": "error"}}
    return {
        "id": code,
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": rule.meaning},
        "help": {"text": "\n".join([rule.meaning, "", *(f"- {cause}" for cause in rule.causes), "", rule.repair])},
        "helpUri": rule.source,
        "defaultConfiguration": {"level": _LEVELS[rule.severity.value]},
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
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(finding["file"].replace("\\", "/"))}}
    if finding["line"] is not None:
        physical["region"] = dict(_region(finding))
    location: dict[str, Any] = {"physicalLocation": physical}
    thing = finding["object"]
    if thing is not None:
        names = [part for part in (thing["namespace"], thing["kind"], thing["name"]) if part]
        location["logicalLocations"] = [{"fullyQualifiedName": "/".join(names), "name": thing["name"]}]
    return location


def _region(finding: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    yield "startLine", finding["line"]
    if finding["column"] is not None:
        yield "startColumn", finding["column"]
