"""Findings as workflow commands, which GitHub Actions shows beside the lines of a pull request.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kcnet.render.printable import printable

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(findings: Iterable[Mapping[str, Any]]) -> str:
    """One line each, of ``to_dict()`` of problems and findings."""
    return "".join(f"{_command(finding)}\n" for finding in findings)


def _command(finding: Mapping[str, Any]) -> str:
    named = {"file": finding["file"], "line": finding["line"], "col": finding["column"], "title": finding["code"]}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in named.items() if value is not None)
    text = finding["message"] + (f"\nfix: {finding['fix']}" if finding["fix"] else "")
    return f"::{_COMMANDS[finding['severity']]} {properties}::{_data(text)}"


def _data(text: str) -> str:
    return "%0A".join(printable(line).replace("%", "%25") for line in text.split("\n"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
