"""Whatever the input, the answer is Manifests or the problems of it: no other exception, nothing half read."""

from __future__ import annotations

import json

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcnet.loading.problems import InvalidManifestsError, Problem
from tests.loading.builders import SERVICE, read
from tests.loading.test_pastes import PASTES

MORE = """\
---
# a comment
apiVersion: apps/v1
kind: Deployment
metadata: &meta
  name: web
  labels: {app: web, "tier": 'front'}
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
      annotations:
        text: |
          {{ not a template }}
            more
    spec:
      containers:
      - name: web
        image: nginx
        ports:
        - containerPort: 80
        readinessProbe: {httpGet: {port: 80}}
---
apiVersion: v1
kind: List
items:
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: web}
  spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}
- apiVersion: v1
  kind: Secret
  metadata: {name: s}
  data: {a: aGk=}
"""
TEXTS = [
    SERVICE + MORE,
    json.dumps({"apiVersion": "v1", "kind": "List", "items": list(yaml.safe_load_all(SERVICE))}, indent=2),
    *(row[1] for row in PASTES if isinstance(row[1], str)),
]
PIECES = [
    *"{}[]:-#&*!|>'\"%@`?,~ \t\n\r\0\u00a0\u2028\u200b“é🚀",
    *("---\n", "...\n", "  ", ": ", "- ", "<<: *meta\n", "kind: ", "items:\n", "null", "{{ .x }}", "&a ", "*a", "!!"),
    *("1e999", "\ufeff", "\x1b[31m", '\\ud800"', "%YAML 1.1\n"),
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 12))
        match draw(st.sampled_from(["insert", "delete", "repeat", "line", "swap"])):
            case "insert":
                text = text[:start] + draw(st.sampled_from(PIECES) | st.text(max_size=3)) + text[start:]
            case "delete":
                text = text[:start] + text[start + length :]
            case "repeat":
                text = text[:start] + text[start : start + length] * draw(st.integers(2, 30)) + text[start + length :]
            case how:
                lines = text.split("\n")
                first, second = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
                if how == "line":
                    lines.insert(first, lines[second])
                else:
                    lines[first], lines[second] = lines[second], lines[first]
                text = "\n".join(lines)
    return text


def problems(data: bytes) -> tuple[Problem, ...] | None:
    """None: it was read, and an answer was given."""
    try:
        read(data)
    except InvalidManifestsError as error:
        return error.problems
    return None


def look(data: bytes) -> None:
    """The answer is of use: every problem says what and where."""
    found = problems(data)
    if found is not None:
        assert found
        for problem in found:
            assert problem.code
            assert problem.message
            assert problem.line is not None
            assert problem.column is not None
            assert problem.line >= 1
            assert problem.column >= 1
            if problem.excerpt:
                assert problem.excerpt_start <= problem.line < problem.excerpt_start + len(problem.excerpt)
            assert all("\n" not in line and len(line) <= 401 for line in problem.excerpt)
            json.dumps(problem.to_dict()).encode()


@given(mutated())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_manifests(text: str) -> None:
    look(text.encode("utf-8", "replace"))


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
@settings(max_examples=200, deadline=None)
def test_anything(data: bytes) -> None:
    look(data)


@given(mutated(), st.sampled_from(["utf-16", "utf-32", "utf-16-le", "cp1252"]), st.integers(0, 4))
@settings(max_examples=100, deadline=None)
def test_any_encoding(text: str, encoding: str, cut: int) -> None:
    data = text.encode(encoding, "replace")
    look(data[: len(data) - cut])


names = st.text("abcdefgh", min_size=1, max_size=3)


@given(st.lists(names, min_size=2, max_size=6, unique=True), st.data())
@settings(max_examples=50, deadline=None)
def test_the_order_of_documents_changes_nothing(found: list[str], data: st.DataObject) -> None:
    documents = [SERVICE.replace("name: web", f"name: {name}") for name in found]
    shuffled = data.draw(st.permutations(documents))
    assert read("---\n".join(documents)).services == read("---\n".join(shuffled)).services


@given(st.lists(st.booleans(), min_size=1, max_size=5))
@settings(max_examples=30, deadline=None)
def test_a_damaged_document_never_hides(broken: list[bool]) -> None:
    """Each document that cannot be read is told, and then nothing is returned."""
    documents = [
        SERVICE.replace("name: web", f"name: w{n}" + (": x" if is_broken else "")) for n, is_broken in enumerate(broken)
    ]
    found = problems("---\n".join(documents).encode())
    assert [problem.line for problem in found or ()] == [n * 11 + 4 for n, bad in enumerate(broken) if bad]
