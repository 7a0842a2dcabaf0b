"""Help of every command: it is printed whole, brackets and all."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from kcnet.cli.app import app


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ([], "Commands"),
        (["trace"], "HOST[:PORT]"),
        (["explain"], "CODE"),
        (["check"], "--fail-on"),
        (["reach"], "PORT[/PROTOCOL]"),
        (["reach", "diff"], "OLD"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_help(command: list[str], shown: str) -> None:
    for option in ("--help", "-h"):
        result = CliRunner().invoke(app, [*command, option], env={"COLUMNS": "200", "NO_COLOR": "1"})
        assert result.exit_code == 0, result.output
        assert shown in result.output
