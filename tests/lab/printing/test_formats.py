"""Formats that take a file or a template from elsewhere, and those of verbs other than get."""

from __future__ import annotations

import pytest

from kcnet.lab.kubectl.printers import columns, golang, output
from kcnet.lab.kubectl.printers.errors import PrintError

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "status": {"podIP": "10.0.0.1"}}
FILES = {
    "columns": "NAME  IP\nmetadata.name  .status.podIP\n",
    "headers": "NAME\n",
    "uneven": "NAME IP\nmetadata.name\n",
    "empty": "",
    "path": "{.metadata.name}",
    "template": "{{.metadata.name}}",
}


def read(name: str) -> str:
    if name not in FILES:
        raise OSError(2, "No such file or directory")
    return FILES[name]


@pytest.mark.parametrize(
    ("form", "template", "text"),
    [
        ("custom-columns-file=columns", "", "NAME   IP\nweb    10.0.0.1\n"),
        ("jsonpath-file=path", "", "web"),
        ("go-template-file=template", "", "web"),
        ("templatefile=template", "", "web"),
        ("template={{.kind}}", "", "Pod"),
        ("", "{{.kind}}", "Pod"),
        ("go-template", "{{.kind}}", "Pod"),
        ("jsonpath", "{.kind}", "Pod"),
        ("custom-columns", "K:.kind", "K\nPod\n"),
        ("jsonpath-as-json={.kind}", "", '[\n    "Pod"\n]\n'),
        ("name", "", "pod/web\n"),
    ],
)
def test_a_template_comes_from_a_file_or_from_the_option_template(form: str, template: str, text: str) -> None:
    assert output.printer(form, read=read, template=template)(POD) == text


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("custom-columns-file=headers", "invalid template, missing spec line."),
        ("custom-columns-file=empty", "invalid template, missing header line."),
        ("custom-columns-file=uneven", r"number of headers \(2\) and field specifications \(1\) don't match"),
        ("custom-columns-file=none", "error reading template none, open none: no such file or directory"),
        ("jsonpath-file=none", "error reading --template none, open none: no such file or directory"),
        ("go-template={{define}}", "define is not understood"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(form: str, message: str) -> None:
    with pytest.raises(PrintError, match=message):
        output.printer(form, read=read)(POD)


def test_missing_keys_are_an_error_when_they_are_not_allowed() -> None:
    for form, message in (("jsonpath={.nope}", "nope is not found"), ("go-template={{.nope}}", 'no entry for key "nope"')):  # fmt: skip
        show = output.printer(form, read=read, allow_missing=False)
        with pytest.raises(PrintError, match=message):
            show(POD)


def test_verbs_other_than_get_have_no_columns() -> None:
    with pytest.raises(PrintError, match="allowed formats are: go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml"):  # fmt: skip
        output.printer("custom-columns=A:.a", read=read, allowed=output.EVERYWHERE)


def test_several_objects_are_printed_as_a_list() -> None:
    value = output.list_of([POD])
    assert (value["kind"], value["apiVersion"], value["metadata"]) == ("List", "v1", {"resourceVersion": ""})
    assert output.names(value) == "pod/web\n"


@pytest.mark.parametrize(
    ("path", "order"),
    [
        (".n", "b c a"),
        (".size", "c b a"),
        (".name", "a b c"),
        (".only", "b a c"),
    ],
)
def test_numbers_and_quantities_are_sorted_by_value_and_what_is_missing_comes_first(path: str, order: str) -> None:
    items = [
        {"name": "a", "n": 10, "size": "1Gi", "only": 1},
        {"name": "b", "n": 2, "size": "512Mi"},
        {"name": "c", "n": 9, "size": "100Ki", "only": 2},
    ]
    assert " ".join(str(each["name"]) for each in columns.sort_by(path, items, lambda item: item)) == order


def test_more_than_a_dozen_are_sorted_in_a_stable_way() -> None:
    items = [{"name": str(number), "half": number // 2} for number in range(30, 0, -1)]
    halves = [each["half"] for each in columns.sort_by(".half", items, lambda item: item)]
    assert halves == sorted(halves)


def test_values_as_go_prints_them() -> None:
    value = {"b": [1, None, True, "x"], "a": {"c": 0.5}}
    assert golang.plain(value) == "map[a:map[c:0.5] b:[1 <nil> true x]]"
    assert golang.syntax(value) == 'map[string]interface {}{"a":map[string]interface {}{"c":0.5}, "b":[]interface {}{1, interface {}(nil), true, "x"}}'  # fmt: skip
    assert golang.marshal({"a": "<&>"}) == '{"a":"\\u003c\\u0026\\u003e"}'
