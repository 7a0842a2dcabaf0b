"""What holds for any object and any template: YAML reads back, bad templates get a message, and nothing breaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kcnet.apiserver.tables import LAYOUTS, table
from kcnet.lab.kubectl.describe import PAGES, describe
from kcnet.lab.kubectl.printers import columns, gotemplate, jsonpath, kyaml, output, yaml
from kcnet.lab.kubectl.printers.errors import PrintError
from kcnet.lab.kubectl.printers.explain import explain
from kcnet.lab.kubectl.printers.golang import marshal
from tests.lab.printing.fixture import NOW, Store, objects

LAWFUL = settings(deadline=None, derandomize=True)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30).filter(lambda text: text not in ("=", "<<"))
"""Go writes = and << without quotes; PyYAML reads them as something else."""
WORDS = st.sampled_from(["yes", "NO", "null", "~", "0x1f", "010", "1_0", "1e3", ".5", "12:30", "2026-11-28", "- a", "a: b", "#x", "'", '"', " a", "a ", "a\n", "\n", "!", "&a", "*a", "{", "[", "%", "@", "`", ""])  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | WORDS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(TEXT | WORDS, JSON, max_size=4))
@LAWFUL
def test_yaml_reads_back_as_what_was_written(value: dict[str, Any]) -> None:
    assert pyyaml.safe_load(yaml.text(value)) == value


VISIBLE = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), include_characters=" \n\t"), max_size=30
)


@given(
    st.dictionaries(VISIBLE | WORDS, st.lists(VISIBLE | WORDS | st.integers() | st.booleans(), max_size=3), max_size=4)
)
@LAWFUL
def test_kyaml_reads_back_as_what_was_written(value: dict[str, Any]) -> None:
    """But for a line that begins with a space other than space and tab: of that kubectl's own kyaml makes something else."""
    assert pyyaml.safe_load(kyaml.text(value)) == value


@given(JSON)
@LAWFUL
def test_json_reads_back_as_what_was_written(value: Any) -> None:
    assert json.loads(marshal(value, indent=4)) == json.loads(marshal(value)) == value


@given(st.lists(st.sampled_from(["a1", "a10", "a2", "a-b", "a/b", "ab", "A", "0", "9", "10", "a", "_", "a.b", "a01"]), unique=True))  # fmt: skip
def test_the_order_of_keys_does_not_depend_on_the_order_before(keys: list[str]) -> None:
    other = list(reversed(keys))
    assert sorted(keys, key=yaml.KEY) == sorted(other, key=yaml.KEY)


def said(call: Callable[[], str]) -> str:
    """What is printed, or the message."""
    try:
        return call()
    except (PrintError, jsonpath.Error) as error:
        return f"error: {error}"


PIECES = st.lists(st.sampled_from(["{", "}", ".", "..", "[", "]", "*", "?(", ")", "@", "$", "a", "items", "range", "end", " ", '"', "'", ",", ":", "-1", "0", "==", "<", "\\", "\n", "true"]), max_size=14).map("".join)  # fmt: skip


@given(PIECES, JSON)
@LAWFUL
def test_any_jsonpath_gives_a_text_or_a_message(template: str, value: Any) -> None:
    assert isinstance(said(lambda: jsonpath.render(jsonpath.parse(template), value)), str)


@given(st.lists(st.sampled_from(["{{", "}}", "-", " ", "range", "if", "else", "end", "with", ".a", ".", "$", "$x", ":=", "|", "(", ")", "len", "index", "eq", "1", '"a"', "`", "printf", "%d", "/*", "*/", "break", "nil", ","]), max_size=14).map(" ".join), JSON)  # fmt: skip
@example("{{range .}}{{break}}{{end}}", [1])
@example("{{break}}", None)
@example('{{printf "%s"}}', None)
@example("{{$}}{{$y}}", None)
@LAWFUL
def test_any_go_template_gives_a_text_or_a_message(template: str, value: Any) -> None:
    assert isinstance(said(lambda: gotemplate.render(gotemplate.parse(template), {"a": value})), str)


@given(TEXT | st.sampled_from(["A:.a", "A:{.a", "A:a[", ",", ":", "A:,B"]))
@LAWFUL
def test_any_spec_of_columns_gives_a_table_or_a_message(spec: str) -> None:
    assert said(lambda: columns.custom_columns(columns.columns_of(spec), [{"a": 1}]))


@given(TEXT | st.sampled_from(["json", "yaml", "kyaml", "wide", "name", "jsonpath=", "jsonpath={", "custom-columns=", "go-template={{", "jsonpath-file=x"]))  # fmt: skip
@LAWFUL
def test_any_format_prints_or_gives_a_message(form: str) -> None:
    def read(path: str) -> str:
        raise OSError(2, "No such file or directory")

    assert isinstance(said(lambda: output.printer(form, read=read)(objects()[0])), str)


@pytest.mark.parametrize("kind", [*PAGES, "Widget"])
def test_an_object_of_which_little_is_known_is_described_all_the_same(kind: str) -> None:
    for bare in ({}, {"spec": {}, "status": {}}, {"spec": None, "status": None, "metadata": None}):
        assert describe(kind, {"kind": kind, "metadata": {"name": "x"}} | bare, Store())


@pytest.mark.parametrize("plural", [*LAYOUTS, "widgets"])
def test_an_object_of_which_little_is_known_has_a_row_all_the_same(plural: str) -> None:
    for bare in ({}, {"metadata": {"name": "x"}}, {"spec": None, "status": None, "metadata": None}):
        answer = table(plural, [bare], NOW)
        assert len(answer.rows[0].cells) == len(answer.columns)


def test_printing_changes_no_object() -> None:
    before = json.dumps(objects())
    for obj in objects():
        describe(obj["kind"], obj, Store())
        yaml.text(output.shown(obj))
    columns.sort_by(".metadata.name", list(objects()), lambda obj: obj)
    assert json.dumps(objects()) == before


def test_managed_fields_are_hidden_in_lists_too() -> None:
    obj = {"kind": "Pod", "metadata": {"name": "x", "managedFields": [{}]}}
    assert output.shown(output.list_of([obj]))["items"] == [{"kind": "Pod", "metadata": {"name": "x"}}]


def test_a_node_of_which_no_lease_is_kept_shows_the_one_its_kubelet_would_keep() -> None:
    ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-11-28T11:59:00Z"}
    node = {"kind": "Node", "metadata": {"name": "n"}, "status": {"conditions": [ready]}}
    page = describe("Node", node, Store())
    assert (
        "  HolderIdentity:  n\n  AcquireTime:     <unset>\n  RenewTime:       Sat, 28 Nov 2026 11:59:00 +0000\n" in page
    )


def test_explain_says_where_to_read_on_when_it_has_no_description() -> None:
    page = " ".join(explain("", "v1", "Pod", ["spec"]).split())
    assert "hostIPC <boolean> <no description here; see https://kubernetes.io/docs/reference/" in page
    with pytest.raises(PrintError, match="kcnet has no schema of Widget"):
        explain("", "v1", "Widget")


def test_every_description_belongs_to_a_field_that_exists() -> None:
    from kcnet.lab.kubectl.printers import explain as module

    every = {module._short(name): each.get("properties") or {} for name, each in module._definitions().items()}
    for key in (*module._texts(), *module._data()["values"]):
        kind, _, field = key.rpartition(".") if key.count(".") > key.startswith("discovery.") else (key, "", "")
        assert kind == "*" or (kind in every and (not field or field in every[kind])), key
    assert sum("." in key for key in module._texts()) >= 150


@pytest.mark.parametrize(
    "form",
    [
        "jsonpath={" + "..*" * 40 + "}",
        "jsonpath=" + "{range ..*}" * 500,
        "jsonpath={[?(" * 500,
        "jsonpath={.items[?(@." + "a[?(@." * 60,
        "go-template=" + "{{range .items}}" * 90 + "x" + "{{end}}" * 90,
        "go-template=" + "{{range 9999}}" * 5 + "x" + "{{end}}" * 5,
        "go-template={{" + "(" * 5000 + ".a" + ")" * 5000 + "}}",
        "go-template=" + "{{if .a}}" * 5000,
        "custom-columns=A:" + "..*" * 40,
    ],
)
def test_a_template_without_end_comes_to_an_end(form: str) -> None:
    pods = output.list_of([obj for obj in objects() if obj["kind"] == "Pod"])
    assert isinstance(said(lambda: output.printer(form, read=lambda path: "")(pods)), str)
