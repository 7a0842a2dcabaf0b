"""``kcnet explain`` and ``kcnet`` alone."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from kcnet import reasons
from kcnet.analysis import check, errors
from kcnet.cli.app import app
from tests.render.test_documents import validate

runner = CliRunner()

EVERY = [*reasons.catalogue(), *check.catalogue(), *errors.catalogue()]


def test_alone_it_greets_with_what_to_try() -> None:
    result = runner.invoke(app, [])
    assert result.exit_code == 0
    tried = [line.split()[1] for line in result.stdout.splitlines() if line.startswith("   kcnet ")]
    assert tried == ["learn", "lab", "quiz", "trace", "trace", "check"]


def test_every_code_is_listed_once() -> None:
    result = runner.invoke(app, ["explain"])
    assert result.exit_code == 0
    listed = [line.split()[0] for line in result.stdout.splitlines() if line.startswith("  ") and line[2].isupper()]
    every = {*reasons.catalogue(), *check.catalogue(), *errors.catalogue()}
    assert sorted(code for code in listed if code in every) == sorted(every)


@pytest.mark.parametrize("code", ["DNS_NXDOMAIN", "dns-nxdomain"])
def test_a_page_says_everything_about_its_code(code: str) -> None:
    result = runner.invoke(app, ["explain", code], env={"COLUMNS": "1000"})
    assert result.exit_code == 0
    reason = reasons.find("DNS_NXDOMAIN")
    assert reason is not None
    for text in (reason.title, reason.meaning, *reason.look, *reason.causes, reason.repair, reason.source):
        assert text in result.stdout


def test_a_typo_is_told_with_the_nearest_names() -> None:
    result = runner.invoke(app, ["explain", "DNS_NXDOMIAN"])
    assert result.exit_code == 2
    assert "nearest: DNS_NXDOMAIN" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("arguments", [[], ["NOT_ROUTABLE"]])
def test_json(arguments: list[str]) -> None:
    result = runner.invoke(app, ["explain", *arguments, "-o", "json"])
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    validate(document, "reasoncodes")
    assert [code["code"] for code in document["codes"]] == (arguments or EVERY)


@pytest.mark.parametrize("arguments", [["explain", "-o", "xml"], ["nonsense"], ["--nonsense"], ["explain", "A", "B"]])
def test_usage_errors_have_status_2(arguments: list[str]) -> None:
    result = runner.invoke(app, arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
