"""YAML to plain values: what comes out, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kcnet.loading import yaml_text
from kcnet.loading.parsed import Parsed
from kcnet.loading.yaml_text import parse_yaml


def documents(text: str) -> list[Parsed]:
    return [parsed for parsed in parse_yaml(text) if not parsed.item]


def value(text: str) -> object:
    (parsed,) = documents(text)
    assert not parsed.faults
    return parsed.value


VALUES = [
    ("block mapping", "a: 1\nb:\n  c: x\n", {"a": 1, "b": {"c": "x"}}),
    ("lists", "a:\n- 1\n- [2, {b: 3}]\n-\n", {"a": [1, [2, {"b": 3}], None]}),
    ("quoted words stay text", "a: 'yes'\nb: \"80\"\nc: '~'\n", {"a": "yes", "b": "80", "c": "~"}),
    ("block scalars", "a: |\n  80\n  yes\nb: >-\n  x\n  y\n", {"a": "80\nyes\n", "b": "x y"}),
    ("empty value", "a:\nb: ''\n", {"a": None, "b": ""}),
    ("keys of other types", "80: a\nyes: b\n1.5: c\n'no': d\n", {"80": "a", "true": "b", "1.5": "c", "no": "d"}),
    ("core tags", "a: !!str 80\nb: !!int '80'\nc: !!float 1\nd: !!null ''\ne: !!bool yes\nf: ! 80\n",
     {"a": "80", "b": 80, "c": 1, "d": None, "e": True, "f": "80"}),
    ("tagged collections", "a: !!map {b: 1}\nc: !!seq [1]\n", {"a": {"b": 1}, "c": [1]}),
    ("an alias repeats its anchor", "a: &x {b: 1}\nc: *x\nd: &y 80\ne: *y\n",
     {"a": {"b": 1}, "c": {"b": 1}, "d": 80, "e": 80}),
    ("an alias as key", "a: &x key\n*x : 1\n", {"a": "key", "key": 1}),
    ("an anchor may be used again", "a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}),
    ("merge", "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
    ("merge of several, the first wins", "a: {<<: [{b: 1}, {b: 2, c: 3}]}\n", {"a": {"b": 1, "c": 3}}),
    ("a merge wins over what stands above it, as in kubectl", "a: {b: 1, <<: {b: 2}}\n", {"a": {"b": 2}}),
    ("a quoted << is a key", "a: {'<<': 1}\n", {"a": {"<<": 1}}),
    ("CRLF", "a: 1\r\nb:\r\n- x\r\n", {"a": 1, "b": ["x"]}),
    ("comments", "# x\na: 1 # y\n# z\n", {"a": 1}),
    ("JSON is YAML", '{"a": [1, true, null, "x"]}', {"a": [1, True, None, "x"]}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in VALUES], ids=[row[0] for row in VALUES])
def test_values(text: str, expected: object) -> None:
    assert value(text) == expected


def test_documents_in_order_without_the_empty_ones() -> None:
    text = "---\n# nothing\n---\na: 1\n---\n---\nb: 2\n...\n---\nc: 3\n"
    assert [parsed.value for parsed in documents(text)] == [{"a": 1}, {"b": 2}, {"c": 3}]


def test_items_come_before_their_list_with_the_text_that_holds_them() -> None:
    text = "kind: List\nitems:\n- a: 1\n  b: 2\n- {c: 3}\n- 4\nmetadata: {}\n"
    found = list(parse_yaml(text))
    assert [(parsed.value, parsed.item) for parsed in found] == [
        ({"a": 1, "b": 2}, True),
        ({"c": 3}, True),
        ({"kind": "List", "items": [4], "metadata": {}}, False),
    ]
    assert text[found[0].start : found[0].end].rstrip() == "a: 1\n  b: 2"
    assert text[found[1].start : found[1].end] == "{c: 3}"


def test_only_items_at_the_left_edge_are_items() -> None:
    (parsed,) = parse_yaml("a:\n  items:\n  - b: 1\n")
    assert parsed.value == {"a": {"items": [{"b": 1}]}}


FAULTS = [
    ("duplicate key", "a: 1\nb: 2\na: 3\n", "YAML_DUPLICATE_KEY", 10, "a"),
    ("duplicate key below", "x:\n- a: 1\n- b: {c: 1, c: 2}\n", "YAML_DUPLICATE_KEY", 22, "x[1].b.c"),
    ("equal keys of different types", "x: {80: 1, '80': 2}\n", "YAML_DUPLICATE_KEY", 11, "x.80"),
    ("duplicate beside a merge", "x: {<<: {a: 1}, a: 2, a: 3}\n", "YAML_DUPLICATE_KEY", 22, "x.a"),
    ("missing separator", "kind: a\nspec: 1\nx: 1\nkind: b\nspec: 2\n", "YAML_MISSING_SEPARATOR", 21, ""),
    ("tag of Python", "a: !!python/object/apply:os.system [ls]\n", "YAML_TAG", 3, ""),
    ("tag of somebody", "a: !secret x\n", "YAML_TAG", 3, ""),
    ("tag on a list", "a: !x [1]\n", "YAML_TAG", 3, ""),
    ("tag !!binary", "a: !!binary aGk=\n", "YAML_TAG", 3, ""),
    ("tag that lies", "a: !!int x\n", "YAML_TAG_VALUE", 3, ""),
    ("unknown alias", "a: *x\n", "YAML_ALIAS_UNKNOWN", 3, ""),
    ("anchor of another document", "a: &x 1\n---\nb: *x\n", "YAML_ALIAS_UNKNOWN", 15, ""),
    ("anchor that holds itself", "a: &x [*x]\n", "YAML_ALIAS_LOOP", 7, ""),
    ("mapping as key", "{a: 1}: 2\n", "YAML_KEY", 0, ""),
    ("list as key", "? [a]\n: 1\n", "YAML_KEY", 2, ""),
    ("null as key", "~: 1\n", "YAML_NULL_KEY", 0, ""),
    ("merge of a word", "<<: x\n", "YAML_MERGE", 4, ""),
    ("depth", "[" * 201, "YAML_DEPTH", 200, ""),
    ("NUL", "a: \0\n", "YAML_CHARACTER", 3, ""),
    ("bell", "a: b\nc: \a\n", "YAML_CHARACTER", 8, ""),
    ("open quote, where it opens", "a: 1\nb: 'x\nc: 2\n", "YAML_SYNTAX", 8, ""),
]


@pytest.mark.parametrize(("text", "code", "index", "path"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_faults(text: str, code: str, index: int, path: str) -> None:
    faults = [fault for parsed in documents(text) for fault in parsed.faults]
    assert [(fault.code, fault.index, fault.path) for fault in faults] == [(code, index, path)]


def test_every_duplicate_is_told() -> None:
    (parsed,) = documents("a: 1\na: 2\nb: {c: 1, c: 2}\n")
    assert [fault.path for fault in parsed.faults] == ["a", "b.c"]


def test_reading_goes_on_behind_a_broken_document() -> None:
    found = documents("a: 1\n---\nb: 'x\n---\nc: 3\n---\nd: [\n---\ne: 5\n")
    assert [parsed.value for parsed in found] == [{"a": 1}, None, {"c": 3}, None, {"e": 5}]
    assert [bool(parsed.faults) for parsed in found] == [False, True, False, True, False]


def test_a_bad_character_spoils_its_own_document_only() -> None:
    found = documents("a: 1\n---\nb: \a\n---\nc: 3\n")
    assert [parsed.value for parsed in found] == [{"a": 1}, None, {"c": 3}]


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    (parsed,) = documents("\n".join(lines))
    assert [fault.code for fault in parsed.faults] == ["YAML_ALIAS_BOMB"]


def test_nothing_is_executed(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    documents(f"a: !!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{marker}']]\n")
    assert not marker.exists()


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(st.text("abc", min_size=1), plain, min_size=1), st.booleans())
def test_what_is_written_in_quotes_comes_back(written: dict[str, object], flow: bool) -> None:
    text = yaml.safe_dump(written, default_style='"', default_flow_style=flow, allow_unicode=False)
    if "items" not in written:
        assert value(text) == yaml.safe_load(text)


def test_the_pure_python_parser_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml._yaml", None)
    for _, text, expected in VALUES:
        assert value(text) == expected
    for _, text, code, _, _ in FAULTS:
        assert code in {fault.code for parsed in documents(text) for fault in parsed.faults}


def test_yaml_is_imported_when_there_is_something_to_read() -> None:
    script = "import sys, kcnet.loading.load; sys.exit('yaml' in sys.modules or 'jsonschema' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=Path(yaml_text.__file__).parents[2]).returncode == 0
