"""JSON to plain values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnet.loading.json_text import parse_json
from kcnet.loading.load import parse_text

ITEMS = [
    ("{}", [({}, False)]),
    (' {"a": 1} ', [({"a": 1}, False)]),
    ('{"a": 1}{"b": 2}\n{"c": [3]}', [({"a": 1}, False), ({"b": 2}, False), ({"c": [3]}, False)]),
    ('{"items": [{"a": 1}, {"b": {"items": []}}], "kind": "List"}',
     [({"a": 1}, True), ({"b": {"items": []}}, True), ({"items": [], "kind": "List"}, False)]),
    ('{"items": [], "x": null}', [({"items": [], "x": None}, False)]),
    ('{"items": [3, {"a": 1}]}', [({"a": 1}, True), ({"items": [3]}, False)]),
    ('{"items": {"a": 1}}', [({"items": {"a": 1}}, False)]),
    ("[1, 2]", [([1, 2], False)]),
    ('{"a": 80.0, "b": 1.5, "c": 1e3}', [({"a": 80, "b": 1.5, "c": 1000}, False)]),
    (r'{"a": "\ud83d\ude00"}', [({"a": "\U0001f600"}, False)]),
    (r'{"a": "\ud83d", "b": "\\ud83d"}', [({"a": "\ufffd", "b": "\\ud83d"}, False)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ITEMS)
def test_values(text: str, expected: object) -> None:
    found = list(parse_json(text))
    assert [(parsed.value, parsed.item) for parsed in found] == expected
    for parsed in found:
        assert text[parsed.start] in "{["
        assert text[parsed.end - 1] in "}]"


FAULTS = [
    ('{"a": 1 "b": 2}', "JSON_SYNTAX", 8),
    ('{"a": 1,}', "JSON_SYNTAX", 8),
    ('{"items": [{"a": 1},]}', "JSON_SYNTAX", 20),
    ('{"items": [{"a": 1} {"b": 1}]}', "JSON_SYNTAX", 20),
    ('{"a"', "JSON_SYNTAX", 4),
    ('{"items": [', "JSON_SYNTAX", 11),
    ("{a: 1}", "JSON_SYNTAX", 1),
    ('{"a": "x', "JSON_SYNTAX", 6),
    ('{"a": "x\n"}', "JSON_SYNTAX", 8),
    ('{"a": NaN}', "JSON_NOT_A_NUMBER", 6),
    ('{"a": [-Infinity]}', "JSON_NOT_A_NUMBER", 7),
    ('{"a": 1, "b": 2, "a": 3}', "YAML_DUPLICATE_KEY", 17),
    ('{"items": [{"a": {"b": 1, "b": 2}}]}', "YAML_DUPLICATE_KEY", 26),
    ('{"a": ' + "[" * 100_000, "YAML_DEPTH", 0),
    ('{"a": ' + "9" * 10_000 + "}", "JSON_SYNTAX", 0),
]


@pytest.mark.parametrize(("text", "code", "index"), FAULTS)
def test_faults(text: str, code: str, index: int) -> None:
    found = [fault for parsed in parse_json(text) for fault in parsed.faults]
    assert [(fault.code, fault.index) for fault in found] == [(code, index)]


def test_a_duplicate_knows_where_the_key_stood_first() -> None:
    (parsed,) = parse_json('{"a": {"a": 1}, "b": 2, "a": 3}')
    assert [fault.first for fault in parsed.faults] == [1]


KINDS = [
    ("JSON", '{"a": 1}', [({"a": 1}, True)]),
    ("YAML", "a: 1", [({"a": 1}, False)]),
    ("flow YAML", "{a: 1}", [({"a": 1}, False)]),
    ("JSON with a comma too many, which YAML allows", '{"a": 1,}', [({"a": 1}, False)]),
    ("JSON, then YAML", '{"a": 1}\n---\nb: 2\n', [({"a": 1}, True), ({"b": 2}, False)]),
    ("two JSON documents and a separator", '{"a": 1}\n---\n{"b": 2}\n', [({"a": 1}, True), ({"b": 2}, False)]),
    ("broken JSON", '{"a": 1 "b"}', [(None, True)]),
    ("broken flow YAML", "{a: 1 b}: c: d", [(None, False)]),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS])
def test_which_of_the_two_a_text_is(text: str, expected: object) -> None:
    assert [(parsed.value, is_json) for parsed, is_json in parse_text(text)] == expected


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.sampled_from(["kind", "items", "x"]), values), min_size=1, max_size=3))
def test_the_same_as_the_standard_library(written: list[dict[str, object]]) -> None:
    found, items = [], []
    for parsed in parse_json("".join(map(json.dumps, written))):
        assert not parsed.faults
        if parsed.item:
            items.append(parsed.value)
            continue
        if isinstance(parsed.value.get("items"), list):
            assert sorted(map(repr, [*items, *parsed.value["items"]])) == sorted(
                map(repr, written[len(found)]["items"])
            )
            parsed.value["items"] = written[len(found)]["items"]
        found.append(parsed.value)
        items = []
    assert found == written
