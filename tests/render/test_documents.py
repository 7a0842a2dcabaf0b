"""Machine-readable outputs: their schemas hold, and nothing in them acts on a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

import kcnet.render
from kcnet import reasons
from kcnet.loading.problems import Problem
from kcnet.model.names import Ref
from kcnet.model.trace import Action, Stage, Verdict
from kcnet.render import mermaid, problems, svg
from kcnet.render import reasons as pages
from kcnet.render.printable import json_text
from tests.render import traces
from tests.render.test_text import HOSTILE, _named

SCHEMAS = Path(kcnet.render.__file__).parent / "schemas"


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def validate(document: object, name: str) -> None:
    Draft202012Validator(schema(name)).validate(document)


@pytest.mark.parametrize("name", sorted(path.stem for path in SCHEMAS.glob("*.json")))
def test_each_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("kind", traces.KINDS)
def test_a_trace_is_as_its_schema_says(kind: str) -> None:
    trace = traces.KINDS[kind]()
    validate(json.loads(json_text(trace.to_dict())), "trace")
    blocked = replace(trace, request=replace(trace.request, all_blockers=True), blockers=trace.paths[0].steps)
    validate(json.loads(json_text(blocked.to_dict())), "trace")


def test_the_schema_knows_every_stage_action_and_verdict() -> None:
    found = schema("trace")
    step = found["$defs"]["step"]["properties"]
    assert step["stage"]["enum"] == [stage.value for stage in Stage]
    assert step["action"]["enum"] == [action.value for action in Action]
    assert found["properties"]["verdict"]["enum"] == [verdict.value for verdict in Verdict]


def test_the_schema_refuses_what_the_contract_does_not_know() -> None:
    document = json.loads(json_text(traces.timeout().to_dict()))
    document["paths"][0]["verdict"] = "partial"
    assert not Draft202012Validator(schema("trace")).is_valid(document)


def test_problems_are_findings() -> None:
    problem = Problem(
        code="SCHEMA_TYPE",
        message="'eighty' is not an integer.",
        fix="Write a number.",
        ref=Ref("Service", "shop", "cart"),
        field="spec.ports[0].port",
        file="shop.yaml",
        line=6,
        column=13,
    )
    validate(problems.findings([problem, Problem(code="YAML_TAB", message="A tab.")]), "findings")


def test_the_catalogue_is_as_its_schema_says() -> None:
    document = pages.document(reasons.catalogue().values())
    validate(document, "reasoncodes")
    assert len(document["codes"]) == len(reasons.catalogue())


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_documents_hold_the_very_text_and_act_on_nothing(text: str) -> None:
    trace = _named(text)
    document = json_text(trace.to_dict())
    assert json.loads(document)["clientSees"] == text
    assert all(char == "\n" or char.isprintable() for char in document)
    diagram = mermaid.render(trace)
    assert all(char == "\n" or char.isprintable() for char in diagram)
    assert "<b>[" not in diagram


def test_a_diagram_has_a_box_for_each_place_and_a_share_on_each_branch() -> None:
    diagram = mermaid.render(traces.partial())
    assert diagram.startswith("flowchart TD\n")
    assert '|"67 #37;"|' in diagram or '|"33 #37; and 1 more like it"|' in diagram
    assert ":::good" in diagram
    assert ":::bad" in diagram
    quoted = [line for line in diagram.splitlines() if '"' in line]
    assert all(line.count('"') == 2 for line in quoted)


def test_a_picture_is_svg_and_keeps_markup_as_text() -> None:
    picture = svg.render(_named("[red]x[/red]"))
    assert picture.startswith("<svg")
    assert "[red]x[/red]" in picture
