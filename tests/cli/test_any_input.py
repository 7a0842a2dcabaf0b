"""``kcnet check`` and ``kcnet reach`` on whatever they are given: an answer or what is wrong, never a traceback."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kcnet.cli.app import app
from kcnet.resources import folder

MANIFESTS = folder("manifests")
TEXTS = [
    path.read_text() for name in ("policies", "shop", "broken") for path in sorted((MANIFESTS / name).rglob("*.yaml"))
]
DOCUMENTS = [document for text in TEXTS for document in yaml.safe_load_all(text) if document]
Way = tuple[str | int, ...]

STRANGE = st.sampled_from(
    [None, [], {}, "", 0, -1, 10**40, 1e308, float("nan"), True, "🚀", "\u202e", "a" * 300, [None], [[]], [{}], {"a": None},
     "0.0.0.0/0", "::1/0", "10.0.0.300", "{{ .Values.x }}", "1e3", "0x10", "\ud800"]
) | st.integers() | st.text(max_size=5)  # fmt: skip
COMMANDS = [
    ["check", "-o", "text"],
    ["check", "-o", "json"],
    ["check", "-o", "sarif"],
    ["check", "--diff"],
    ["reach", "-o", "text"],
    ["reach", "-o", "json"],
    ["reach", "-o", "csv"],
    ["reach", "--explain"],
]
ANY = settings(
    max_examples=50, deadline=30_000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


def run(*arguments: str, given: bytes | None = None) -> Result:
    result = CliRunner().invoke(app, list(arguments), input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert result.exit_code in (0, 1, 2)
    return result


def answered(command: list[str], data: bytes) -> None:
    result = run(*command, "-f", "-", given=data)
    if command[-1] in ("json", "sarif"):
        json.loads(result.stdout if result.exit_code < 2 else result.stderr)
    if result.exit_code:
        assert result.output.strip(), "what is wrong is said"


def ways(value: Any, way: Way = ()) -> Iterator[Way]:
    if way:
        yield way
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in inside:
        yield from ways(held, (*way, key))


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """A few documents, with fields left out, of another type, or put elsewhere."""
    documents = deepcopy(draw(st.lists(st.sampled_from(DOCUMENTS), min_size=1, max_size=4)))
    for _ in range(draw(st.integers(1, 4))):
        document = draw(st.sampled_from(documents))
        way = draw(st.sampled_from([*ways(document)]))
        at: Any = document
        for key in way[:-1]:
            at = at[key]
        match draw(st.sampled_from(["left out", "strange", "swapped", "wrapped"])):
            case "left out":
                del at[way[-1]]
            case "strange":
                at[way[-1]] = draw(STRANGE)
            case "wrapped":
                at[way[-1]] = [at[way[-1]]]
            case _:
                at[way[-1]] = deepcopy(document.get("metadata"))
        if not any(True for _ in ways(document)):
            document["kind"] = "Service"
    if draw(st.booleans()):
        return json.dumps({"apiVersion": "v1", "kind": "List", "items": documents}).encode()
    return yaml.safe_dump_all(documents, allow_unicode=True).encode("utf-8", "replace")


@given(st.sampled_from(COMMANDS), changed())
@ANY
def test_documents_that_are_changed(command: list[str], data: bytes) -> None:
    answered(command, data)


PIECES = st.sampled_from(
    ["---\n", "...\n", "&a ", "*a", "<<: *a\n", "\t", "\r", "\0", "\ufeff", "- ", ": ", "{", "[", '"', "|\n", ">-\n", "# kcnet: ignore\n",
     "!!int ", "? ", "null", "%YAML 1.2\n", "🚀", "\x1b[31m"]
) | st.text(max_size=4)  # fmt: skip


patches = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 30), PIECES), max_size=4)


@given(st.sampled_from(COMMANDS), st.sampled_from(TEXTS), patches, st.integers(0, 8000))
@ANY
def test_text_that_is_patched_and_cut(
    command: list[str], text: str, patches: list[tuple[int, int, str]], end: int
) -> None:
    for at, length, piece in patches:
        text = text[:at] + piece + text[at + length :]
    answered(command, text.encode("utf-8", "replace")[:end])


INPUTS = {
    "an empty folder": ("empty", "INPUT_NO_MANIFEST"),
    "a folder without manifests": ("notes", "INPUT_NO_MANIFEST"),
    "an empty file": ("empty.yaml", "INPUT_NO_MANIFEST"),
    "nothing of that name": ("nothing.yaml", "INPUT_MISSING"),
    "a pattern that matches nothing": ("no*.yaml", "INPUT_MISSING"),
    "a folder in place of a file": ("notes/", "INPUT_NO_MANIFEST"),
    "a link that leads nowhere": ("dangling.yaml", "INPUT_MISSING"),
    "a file that may not be read": ("secret.yaml", "INPUT_UNREADABLE"),
}


@pytest.mark.parametrize(("path", "code"), INPUTS.values(), ids=INPUTS)
def test_what_is_named_and_is_no_manifest(
    path: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if path == "secret.yaml" and (sys.platform == "win32" or os.getuid() == 0):
        pytest.skip("root reads everything")
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("notes").mkdir()
    Path("notes/readme.txt").write_text("no manifest")
    Path("empty.yaml").touch()
    Path("secret.yaml").write_text(TEXTS[0])
    Path("secret.yaml").chmod(0)
    if sys.platform != "win32":
        Path("dangling.yaml").symlink_to("nowhere.yaml")
    checked = run("check", "-f", path, "-o", "json")
    assert checked.exit_code == 1
    assert [one["code"] for one in json.loads(checked.stdout)["findings"]] == [code]
    for arguments in (
        ("-f", path),
        ("-f", path, "-o", "json"),
        ("diff", path, str(MANIFESTS / "shop")),
        ("diff", str(MANIFESTS / "shop"), path),
    ):
        reached = run("reach", *arguments)
        assert reached.exit_code == 2
        assert path.rstrip("/") in reached.output
        assert "json" in arguments or reached.stdout == ""


def test_a_difference_with_one_side_broken_names_the_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.yaml").write_text("kind: [\n")
    for sides in (("broken.yaml", str(MANIFESTS / "shop")), (str(MANIFESTS / "shop"), "broken.yaml")):
        result = run("reach", "diff", *sides)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("✘ broken.yaml:1:7\n")
        assert result.stderr.count("✘") == 1


def test_a_difference_of_one_and_the_same_stream_is_none() -> None:
    assert run("reach", "diff", "-", "-", given=TEXTS[0].encode()).exit_code in (0, 2)
