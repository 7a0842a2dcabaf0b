"""Label selectors and field selectors, by the documentation of labels and of field selectors."""

from __future__ import annotations

import pytest

from kcnet.apiserver.errors import ApiError
from kcnet.apiserver.selectors import label_text, matches_labels, parse_fields, parse_labels
from tests.apiserver.sandbox import resource

LABELS = {"app": "web", "tier": "front", "zone": ""}

LABEL_CASES = (
    ("", True),
    ("app=web", True),
    ("app==web", True),
    ("app=db", False),
    ("app!=db", True),
    ("app!=web", False),
    ("absent!=x", True),
    ("app", True),
    ("absent", False),
    ("!absent", True),
    ("!app", False),
    ("app in (web, db)", True),
    ("app in (db)", False),
    ("app notin (db)", True),
    ("absent notin (x)", True),
    ("absent in (x)", False),
    ("app=web,tier=front", True),
    ("app=web,tier=back", False),
    ("app in (web,db),!absent,tier!=back", True),
    ("zone=", True),
    ("zone", True),
)


@pytest.mark.parametrize(("text", "fits"), LABEL_CASES)
def test_a_label_selector(text: str, fits: bool) -> None:
    assert matches_labels(parse_labels(text), {"metadata": {"labels": LABELS}}) is fits


@pytest.mark.parametrize("text", ["app=we b", "=web", "app in web", "app=web,", "a b", "app in (x", "-x=1", "app=-"])
def test_what_is_no_label_selector_is_a_bad_request(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_labels(text)
    assert caught.value.reason == "BadRequest"


POD = {
    "metadata": {"name": "one", "namespace": "shop"},
    "spec": {"nodeName": "node-1"},
    "status": {"phase": "Running"},
}
FIELD_CASES = (
    ("metadata.name=one", True),
    ("metadata.name=two", False),
    ("metadata.namespace!=default", True),
    ("status.phase=Running,spec.nodeName=node-1", True),
    ("status.phase!=Running", False),
    ("status.podIP=", True),
)


@pytest.mark.parametrize(("text", "fits"), FIELD_CASES)
def test_a_field_selector(text: str, fits: bool) -> None:
    assert parse_fields(text, resource("pods"))(POD) is fits


def test_a_field_that_cannot_be_asked_for() -> None:
    with pytest.raises(ApiError, match=r"field label not supported: spec\.color"):
        parse_fields("spec.color=red", resource("pods"))


def test_a_field_selector_without_an_operator() -> None:
    with pytest.raises(ApiError, match=r"can't understand 'status\.phase'"):
        parse_fields("status.phase", resource("pods"))


def test_a_label_selector_of_a_workload_as_text() -> None:
    selector = {
        "matchLabels": {"b": "2", "a": "1"},
        "matchExpressions": [
            {"key": "c", "operator": "In", "values": ["x", "y"]},
            {"key": "d", "operator": "Exists"},
            {"key": "e", "operator": "DoesNotExist"},
        ],
    }
    assert label_text(selector) == "a=1,b=2,c in (x,y),d,!e"
