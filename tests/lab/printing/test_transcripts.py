"""What kubectl printed, and what is printed here: the same, byte for byte."""

from __future__ import annotations

import pytest

from tests.lab.printing.fixture import FOLDER, Exchange, run, transcript

EVERY = [
    pytest.param(exchange, id=f"{path.stem}: {exchange.command}"[:110])
    for path in sorted((FOLDER / "transcripts").glob("*.txt"))
    for exchange in transcript(path.stem)
]


@pytest.mark.parametrize("exchange", EVERY)
def test_prints_what_kubectl_prints(exchange: Exchange) -> None:
    stdout, stderr = run(exchange.command)
    assert stdout == exchange.stdout
    if not exchange.stderr.startswith("No resources found"):  # said by the verb, not by the printer
        assert stderr == exchange.stderr.rstrip("\n")


def test_every_kind_with_columns_of_its_own_has_a_transcript_of_both_forms() -> None:
    from kcnet.apiserver.tables import LAYOUTS

    commands = {exchange.command for exchange in transcript("get_tables")}
    assert {f"get {plural} -A{form}" for plural in LAYOUTS for form in ("", " -o wide")} <= commands


def test_every_kind_with_a_page_of_its_own_is_described() -> None:
    from kcnet.lab.kubectl.describe import PAGES

    described = {exchange.command.split()[1] for path in (FOLDER / "transcripts").glob("describe_*.txt") for exchange in transcript(path.stem)}  # fmt: skip
    assert {kind.lower() for kind in PAGES} <= described
