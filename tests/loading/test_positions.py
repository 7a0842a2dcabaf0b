"""Where a field stands: of blocks, flows, JSON, items of a List, behind anchors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnet.loading.lines import Lines
from kcnet.loading.load import parse_text
from kcnet.loading.positions import locate_json, locate_yaml
from kcnet.model.names import Origin, Source

BLOCK = """\
# a comment
apiVersion: v1
metadata:
  name: web
  annotations:
    kcnet/listens: "80"
    a.b: x
spec:
  selector: {app: web, "tier": front}
  ports:
  - port: 80
    targetPort: http
  -
    port: 81
  - {port: 82,
     name: x}
  text: |
    spec:
    port: 1
  empty:
  80: x
  args: [a, "b",
         c]
"""
BLOCK_PLACES = [
    ("", 2, 1),
    ("apiVersion", 2, 1),
    ("metadata", 3, 1),
    ("metadata.name", 4, 3),
    ("metadata.annotations[kcnet/listens]", 6, 5),
    ("metadata.annotations[a.b]", 7, 5),
    ("metadata.annotations[c.d]", 5, 3),
    ("spec.selector", 9, 3),
    ("spec.selector.app", 9, 14),
    ("spec.selector[app]", 9, 14),
    ("spec.selector.tier", 9, 24),
    ("spec.selector[app.kubernetes.io/name]", 9, 3),
    ("spec.ports", 10, 3),
    ("spec.ports[0]", 11, 5),
    ("spec.ports[0].port", 11, 5),
    ("spec.ports[0].targetPort", 12, 5),
    ("spec.ports[0].nodePort", 11, 5),
    ("spec.ports[1].port", 14, 5),
    ("spec.ports[2]", 15, 5),
    ("spec.ports[2].name", 16, 6),
    ("spec.ports[3].port", 10, 3),
    ("spec.ports[x]", 10, 3),
    ("spec.text", 17, 3),
    ("spec.empty", 20, 3),
    ("spec.empty.more", 20, 3),
    ("spec.80", 21, 3),
    ("spec.args[1]", 22, 13),
    ("spec.args[2]", 23, 10),
    ("nothing.at.all", 2, 1),
    ("spec..ports", 10, 3),
    ("[", 2, 1),
]
LIST = """\
apiVersion: v1
items:
- kind: Pod
  metadata:
    name: a
  spec:
    containers:
    - name: x
- {kind: Pod, metadata: {name: b},
   spec: {}}
-   kind: Pod
    metadata:
      name: c
kind: List
"""
LIST_PLACES = [
    (0, "kind", 3, 3),
    (0, "metadata.name", 5, 5),
    (0, "spec.containers[0].name", 8, 7),
    (1, "kind", 9, 4),
    (1, "metadata.name", 9, 26),
    (1, "spec", 10, 4),
    (2, "metadata.name", 13, 7),
    (3, "kind", 14, 1),
]
ANCHORS = """\
base: &base
  a: 1
  b: {c: 2}
one:
  <<: *base
  d: 3
two: *base
three:
  <<: [*base, {e: 1}]
  a: 2
four: {<<: *nowhere, a: 1}
"""
ANCHOR_PLACES = [
    ("one.d", 6, 3),
    ("one.a", 2, 3),
    ("one.b.c", 3, 7),
    ("two.a", 2, 3),
    ("three.a", 10, 3),
    ("three.e", 9, 16),
    ("one.x", 4, 1),
    ("four.a", 11, 22),
]
JSON = """\
{
\t"kind": "List",
  "items": [
    {"kind": "Pod", "metadata": {"name": "a\\"},b", "labels": {"a.b/c": "1"}},
     "spec": {"containers": [ {"name": "x"},
\t\t\t{"name": "\\ud83d\\ude00", "ports": [1, {"x": null}]} ] } },
    {"kind": "Pod", "k\\u0065y": true}
  ]
}
"""
JSON_PLACES = [
    (0, "", 4, 5),
    (0, "kind", 4, 6),
    (0, "metadata.name", 4, 34),
    (0, "metadata.labels[a.b/c]", 4, 63),
    (0, "spec.containers[0].name", 5, 32),
    (0, "spec.containers[1]", 6, 4),
    (0, "spec.containers[1].ports[0]", 6, 39),
    (0, "spec.containers[1].ports[1].x", 6, 43),
    (0, "spec.containers[2]", 5, 15),
    (1, "key", 7, 21),
    (2, "kind", 2, 2),
]


def origins(text: str) -> list[Origin]:
    lines = Lines(text)
    found = []
    for parsed, is_json in parse_text(text):
        source = Source("x", text, locate_json if is_json else locate_yaml)
        line, column = lines.at(parsed.start)
        found.append(Origin(source, parsed.start, parsed.end, line, column))
    return found


@pytest.mark.parametrize(("path", "line", "column"), BLOCK_PLACES)
def test_in_a_block(path: str, line: int, column: int) -> None:
    assert origins(BLOCK)[0].position(path) == (line, column)


@pytest.mark.parametrize(("path", "line", "column"), BLOCK_PLACES)
def test_behind_another_document_and_with_windows_line_breaks(path: str, line: int, column: int) -> None:
    text = ("a: ü\n---\n" + BLOCK).replace("\n", "\r\n")
    assert origins(text)[1].position(path) == (line + 2, column)


@pytest.mark.parametrize(("number", "path", "line", "column"), LIST_PLACES)
def test_in_items_of_a_list(number: int, path: str, line: int, column: int) -> None:
    assert origins(LIST)[number].position(path) == (line, column)


@pytest.mark.parametrize(("path", "line", "column"), ANCHOR_PLACES)
def test_behind_anchors_and_merges(path: str, line: int, column: int) -> None:
    text = ANCHORS
    (origin,) = [Origin(Source("x", text, locate_yaml), 0, len(text), 1, 1)]
    assert origin.position(path) == (line, column)


@pytest.mark.parametrize(("number", "path", "line", "column"), JSON_PLACES)
def test_in_json(number: int, path: str, line: int, column: int) -> None:
    assert origins(JSON)[number].position(path) == (line, column)


def test_in_json_of_one_line() -> None:
    text = '{"kind": "List", "items": [{"a": {"b": 1}}, {"a": {"b": 2}}]}'
    assert [origin.position("a.b") for origin in origins(text)] == [(1, 35), (1, 52), (1, 1)]


@given(st.text("ab\n\r é", max_size=60), st.lists(st.integers(0, 60), max_size=8))
def test_lines_are_counted_in_any_order(text: str, indexes: list[int]) -> None:
    lines = Lines(text)
    for index in indexes:
        index = min(index, len(text))
        before = text[:index].split("\n")
        assert lines.at(index) == (len(before), len(before[-1]) + 1)


@given(st.text("[].ab0/", max_size=20))
def test_any_path_has_a_place(path: str) -> None:
    for text in (BLOCK, JSON):
        for origin in origins(text):
            line, column = origin.position(path)
            assert origin.line <= line <= text.count("\n")
            assert column >= 1
