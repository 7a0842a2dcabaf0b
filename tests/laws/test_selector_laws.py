"""The algebra of label selectors.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from kcnet.model.policy import LabelSelector, Operator, Requirement

keys = st.sampled_from(["app", "tier", "app.kubernetes.io/name"])
values = st.sampled_from(["", "a", "b", "c"])
label_sets = st.dictionaries(keys, values)
value_lists = st.lists(values, min_size=1, max_size=3).map(tuple)
requirements = st.one_of(
    st.builds(Requirement, key=keys, operator=st.sampled_from([Operator.IN, Operator.NOT_IN]), values=value_lists),
    st.builds(Requirement, key=keys, operator=st.sampled_from([Operator.EXISTS, Operator.DOES_NOT_EXIST])),
)
selectors = st.builds(
    LabelSelector, match_labels=label_sets, match_expressions=st.lists(requirements, max_size=3).map(tuple)
)


def holds(labels: Mapping[str, str], *wanted: Requirement) -> bool:
    return LabelSelector(match_expressions=wanted).matches(labels)


@given(label_sets)
def test_an_empty_selector_matches_all(labels: Mapping[str, str]) -> None:
    assert LabelSelector().matches(labels)


@given(keys, value_lists, label_sets)
def test_in_and_not_in_are_complements(key: str, several: tuple[str, ...], labels: Mapping[str, str]) -> None:
    inside = Requirement(key=key, operator=Operator.IN, values=several)
    outside = Requirement(key=key, operator=Operator.NOT_IN, values=several)
    assert holds(labels, inside) != holds(labels, outside)


@given(keys, label_sets)
def test_exists_and_does_not_exist_are_complements(key: str, labels: Mapping[str, str]) -> None:
    there, absent = (Requirement(key=key, operator=each) for each in (Operator.EXISTS, Operator.DOES_NOT_EXIST))
    assert holds(labels, there) == (key in labels) != holds(labels, absent)


@given(keys, value_lists, value_lists, label_sets)
def test_in_is_the_union_of_its_values(
    key: str, some: tuple[str, ...], others: tuple[str, ...], labels: Mapping[str, str]
) -> None:
    first, second, both = (
        Requirement(key=key, operator=Operator.IN, values=each) for each in (some, others, some + others)
    )
    assert holds(labels, both) == (holds(labels, first) or holds(labels, second))


@given(keys, values, label_sets)
def test_a_label_is_an_expression_of_one_value(key: str, value: str, labels: Mapping[str, str]) -> None:
    expression = Requirement(key=key, operator=Operator.IN, values=(value,))
    assert LabelSelector(match_labels={key: value}).matches(labels) == holds(labels, expression)


@given(selectors, requirements, label_sets)
def test_one_requirement_more_never_widens(
    selector: LabelSelector, extra: Requirement, labels: Mapping[str, str]
) -> None:
    narrower = LabelSelector(match_labels=selector.match_labels, match_expressions=(*selector.match_expressions, extra))
    assert narrower.matches(labels) == (selector.matches(labels) and holds(labels, extra))


@given(selectors, label_sets, st.text("xyz", min_size=1))
def test_labels_that_a_selector_does_not_name_mean_nothing(
    selector: LabelSelector, labels: Mapping[str, str], value: str
) -> None:
    assert selector.matches({**labels, "other": value}) == selector.matches(labels)
