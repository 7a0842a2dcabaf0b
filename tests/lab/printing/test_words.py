"""Ages, quantities, selectors and columns, as Kubernetes words them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kcnet.apiserver.tables import table
from kcnet.apiserver.tables.words import human_duration, selector_text, since
from kcnet.lab.kubectl.printers.tabwriter import aligned
from kcnet.lab.kubectl.printers.text import Answer, Options, text_tables
from kcnet.lab.kubectl.quantities import canonical, parse
from tests.lab.printing.fixture import NOW

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (-2, "<invalid>"),
        (-1, "0s"),
        (-0.5, "0s"),
        (0, "0s"),
        (59, "59s"),
        (60, "60s"),
        (119.9, "119s"),
        (2 * MINUTE, "2m"),
        (4 * MINUTE + 30, "4m30s"),
        (9 * MINUTE + 59, "9m59s"),
        (10 * MINUTE + 59, "10m"),
        (179 * MINUTE, "179m"),
        (3 * HOUR, "3h"),
        (7 * HOUR + 59 * MINUTE, "7h59m"),
        (8 * HOUR + 59 * MINUTE, "8h"),
        (47 * HOUR, "47h"),
        (48 * HOUR, "2d"),
        (2 * DAY + HOUR, "2d1h"),
        (7 * DAY + 23 * HOUR, "7d23h"),
        (8 * DAY + 23 * HOUR, "8d"),
        (729 * DAY, "729d"),
        (730 * DAY, "2y"),
        (2 * 365 * DAY + 3 * DAY, "2y3d"),
        (8 * 365 * DAY + 3 * DAY, "8y"),
    ],
)
def test_an_age_has_two_or_three_figures(seconds: float, text: str) -> None:
    assert human_duration(timedelta(seconds=seconds)) == text


def test_without_a_time_the_age_is_unknown() -> None:
    assert [since(text, NOW) for text in (None, "", "yesterday")] == ["<unknown>"] * 3
    assert since("2026-11-28T13:59:00.5+02:00", NOW) == "59s"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("100m", "100m"), ("1000m", "1"), ("0.5", "500m"), (1, "1"), ("1500m", "1500m"), ("2000", "2k"), ("1024Mi", "1Gi"), ("1536Mi", "1536Mi"),
        ("0.5Gi", "512Mi"), ("1000Ki", "1000Ki"), ("1Ki", "1Ki"), ("512", "512"), ("0", "0"), ("56403987978", "56403987978"), ("1e3", "1e3"), ("soon", "soon"),
    ],
)  # fmt: skip
def test_quantities_have_the_largest_suffix_without_a_fraction(written: object, shown: str) -> None:
    assert canonical(written) == shown


def test_quantities_are_added_exactly() -> None:
    assert str(parse("100m") + parse("250m")) == "350m"
    assert str(parse("64Mi") + parse("64Mi")) == "128Mi"
    assert str(parse(None) + parse("1Gi")) == "1Gi"


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        (None, "<none>"),
        ({}, "<none>"),
        ({"matchLabels": {"b": "2", "a": "1"}}, "a=1,b=2"),
        ({"matchLabels": {"a": ""}}, "a="),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["y", "x"]}]}, "a in (x,y)"),
        ({"matchLabels": {"b": "1"}, "matchExpressions": [{"key": "c", "operator": "NotIn", "values": ["x"]}, {"key": "a", "operator": "Exists"}, {"key": "d", "operator": "DoesNotExist"}]}, "a,b=1,c notin (x),!d"),
    ],
)  # fmt: skip
def test_a_selector_in_one_cell(selector: dict[str, object] | None, text: str) -> None:
    assert selector_text(selector) == text


def test_columns_are_three_spaces_apart_and_at_least_six_wide() -> None:
    assert aligned("A\tLONG NAME\tC\nx\ty\tz", min_width=6, padding=3) == "A     LONG NAME   C\nx     y           z"


def test_a_line_without_a_column_parts_what_is_above_from_what_is_below() -> None:
    assert aligned("a\tb\nalone\nlonger\tb", min_width=0, padding=2) == "a  b\nalone\nlonger  b"


def _services(*names: str, **spec: object) -> Answer:
    objects = [{"metadata": {"name": name, "namespace": "shop"}, "spec": spec} for name in names]
    return Answer(table("services", objects, NOW), "Service")


def test_nothing_is_printed_of_a_table_without_rows() -> None:
    assert text_tables([Answer(_services().table, "")], Options()) == ""
    assert text_tables([_services(), _services()], Options()) == ""


def test_kinds_are_parted_by_a_blank_line_unless_there_are_no_headers() -> None:
    namespaces = Answer(table("namespaces", [{"metadata": {"name": "shop"}, "status": {"phase": "Active"}}], NOW), "Namespace", False)  # fmt: skip
    text = text_tables([_services("web", type="ClusterIP"), namespaces], Options())
    assert "\n\nNAME             STATUS   AGE\nnamespace/shop   Active   <unknown>\n" in text
    assert "\n\n" not in text_tables([_services("web"), namespaces], Options(no_headers=True))


def test_neighbours_of_one_kind_share_their_columns() -> None:
    text = text_tables([_services("web"), _services("a-longer-name")], Options(no_headers=True))
    first, second = text.splitlines()
    assert first.index("<none>") == second.index("<none>")


def test_a_message_is_cut_at_its_first_line_break() -> None:
    event = {"metadata": {"name": "x"}, "message": "one\ntwo", "involvedObject": {"kind": "Pod", "name": "x"}}
    assert "one..." in text_tables([Answer(table("events", [event], NOW), "")], Options())


@pytest.mark.parametrize("plural", ["widgets", "serviceaccounts", "leases"])
def test_a_kind_without_columns_of_its_own_has_name_and_age(plural: str) -> None:
    names = [column.name for column in table(plural, [], NOW).columns]
    assert (names[0], names[-1]) == ("Name", "Age")


def test_a_table_in_the_api_s_own_shape() -> None:
    pod = {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"containers": [{}]}, "status": {"phase": "Failed"}}  # fmt: skip
    value = table("pods", [pod], datetime.now(UTC)).to_json(resource_version="7")
    assert (value["kind"], value["apiVersion"], value["metadata"]) == ("Table", "meta.k8s.io/v1", {"resourceVersion": "7"})  # fmt: skip
    assert value["columnDefinitions"][0] == {"name": "Name", "type": "string", "format": "name", "description": value["columnDefinitions"][0]["description"], "priority": 0}  # fmt: skip
    assert value["columnDefinitions"][5]["priority"] == 1
    (row,) = value["rows"]
    assert row["cells"][:4] == ["web", "0/1", "Failed", "0"]
    assert row["object"] == {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": pod["metadata"]}  # fmt: skip
    assert row["conditions"][0]["reason"] == "Failed"
    assert "object" not in table("pods", [pod], NOW).to_json(include_object="None")["rows"][0]
    assert table("pods", [pod], NOW).to_json(include_object="Object")["rows"][0]["object"] == pod
