"""What holds of every path and host of an Ingress, and of verdicts together.

https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kcnet
from kcnet.model.objects import PathType
from kcnet.model.trace import Verdict
from kcnet.path.httprules import host_matches, path_matches
from kcnet.simulate.summary import overall
from tests.flows.builders import Manifest, assert_sound, facts, pod, service, sport
from tests.flows.ingress_builders import NODES, SHOP, ingress
from tests.flows.policy_builders import cluster, isolate

LAWFUL = settings(max_examples=60, deadline=None, derandomize=True)

elements = st.lists(st.sampled_from(["a", "b", "ab", "A", "a.b", "v1"]), max_size=4)
paths = st.builds(
    lambda parts, slash: "/" + "/".join(parts) + ("/" if parts and slash else ""), elements, st.booleans()
)
labels = st.sampled_from(["a", "b", "shop", "x-1"])
names = st.lists(labels, min_size=1, max_size=4).map(".".join)


@given(paths)
def test_the_root_as_prefix_matches_everything(path: str) -> None:
    assert path_matches("/", PathType.PREFIX, path)


@given(paths, paths, st.sampled_from(["c", "a", "ab"]))
def test_going_deeper_never_unmatches_a_prefix(rule: str, path: str, deeper: str) -> None:
    if path_matches(rule, PathType.PREFIX, path):
        assert path_matches(rule, PathType.PREFIX, f"{path.rstrip('/')}/{deeper}")


@given(paths, paths)
def test_a_trailing_slash_means_nothing_to_a_prefix(rule: str, path: str) -> None:
    usual = path_matches(rule, PathType.PREFIX, path)
    assert path_matches(f"{rule.rstrip('/')}/", PathType.PREFIX, path) == usual
    assert path_matches(rule, PathType.PREFIX, f"{path.rstrip('/')}/") == usual


@given(paths, paths)
def test_exact_is_equality(rule: str, path: str) -> None:
    assert path_matches(rule, PathType.EXACT, path) == (rule == path)


@given(elements.filter(bool))
def test_a_trailing_slash_decides_an_exact(parts: list[str]) -> None:
    bare = "/" + "/".join(parts)
    assert not path_matches(bare, PathType.EXACT, f"{bare}/")
    assert not path_matches(f"{bare}/", PathType.EXACT, bare)


@given(paths, paths)
def test_what_an_exact_matches_a_prefix_matches(rule: str, path: str) -> None:
    if path_matches(rule, PathType.EXACT, path):
        assert path_matches(rule, PathType.PREFIX, path)


@given(paths, paths, paths)
def test_prefixes_nest(outer: str, inner: str, path: str) -> None:
    if path_matches(outer, PathType.PREFIX, inner) and path_matches(inner, PathType.PREFIX, path):
        assert path_matches(outer, PathType.PREFIX, path)


@given(elements.filter(bool), st.text("abc", min_size=1, max_size=2))
def test_half_an_element_is_no_match(parts: list[str], rest: str) -> None:
    rule = "/" + "/".join(parts)
    assert not path_matches(rule, PathType.PREFIX, rule + rest)


@given(labels, names, names)
def test_a_wildcard_stands_for_one_label(first: str, parent: str, other: str) -> None:
    wild = f"*.{parent}"
    assert host_matches(wild, f"{first}.{parent}")
    assert host_matches(wild, f"{first}.{parent}".upper())
    assert not host_matches(wild, parent)
    assert not host_matches(wild, f"{first}.b.{parent}")
    assert host_matches(wild, other) == (other.partition(".")[2] == parent)


@given(names, names)
def test_a_host_is_itself_in_any_case(one: str, other: str) -> None:
    assert host_matches(one, other.upper()) == (one == other)
    assert host_matches(None, other)


KINDS = {PathType.EXACT: "Exact", PathType.PREFIX: "Prefix"}
typed = st.tuples(paths, st.sampled_from(list(KINDS)))


@given(st.lists(typed, min_size=1, max_size=5, unique_by=lambda one: one), paths, st.randoms(use_true_random=False))
@LAWFUL
def test_the_longest_path_wins_in_any_order(rules: list[tuple[str, PathType]], path: str, random: Any) -> None:
    """Of equally long ones the Exact, whatever the order in the manifest."""
    backends = {one: f"s{number}" for number, one in enumerate(rules)}
    shuffled = list(rules)
    random.shuffle(shuffled)
    written = [f"shop.example.com {one[0]} {KINDS[one[1]]} {backends[one]}:80" for one in shuffled]
    apps = [
        (service(name, app=name, ports=[sport(80, 8080)]), pod(name, f"10.244.2.{n + 30}", app=name))
        for n, name in enumerate(backends.values())
    ]
    world = cluster(facts(), SHOP, *apps, ingress(*written))
    trace = kcnet.trace(world, "internet", f"http://shop.example.com{path}")
    fitting = [one for one in rules if path_matches(*one, path)]
    if not fitting:
        assert (trace.verdict, trace.http_status) == ("http-error", 404)
        return
    best = max(fitting, key=lambda one: (len(one[0]), one[1] is PathType.EXACT))
    assert [each.destination.name for each in trace.paths if each.destination] == [backends[best]]


SIMPLE = [each for each in Verdict if each not in (Verdict.PARTIAL, Verdict.MIXED)]


@given(st.sets(st.sampled_from(SIMPLE), min_size=1))
def test_verdicts_together(verdicts: set[Verdict]) -> None:
    found = overall(verdicts)
    if len(verdicts) == 1:
        assert {found} == verdicts
    else:
        assert found is (Verdict.PARTIAL if Verdict.DELIVERED in verdicts else Verdict.MIXED)


@given(st.lists(st.sampled_from(["fine", "isolated", "deaf", "unready"]), min_size=1, max_size=6))
@LAWFUL
def test_shares_of_a_service(states: list[str]) -> None:
    """Every ready endpoint has its even share, and the verdict folds what becomes of each."""
    pods: list[Manifest] = [
        pod(
            f"w-{n}",
            f"10.244.{n % 3 + 1}.{n + 60}",
            app="w",
            labels={"state": state},
            ready=state != "unready",
            listens="9" if state == "deaf" else None,
        )
        for n, state in enumerate(states)
    ]
    world = cluster(
        facts(),
        NODES,
        pods,
        pod("client", "10.244.1.100", app="client"),
        service("w", app="w", ports=[sport(80, 8080)]),
        isolate("shop", "state=isolated"),
    )
    trace = kcnet.trace(world, "client", "svc/w", namespace="shop")
    assert_sound(trace)
    ready = [state for state in states if state != "unready"]
    if not ready:
        assert trace.verdict == "refused"
        return
    expected = {"fine": "delivered", "isolated": "timeout", "deaf": "refused"}
    for state, verdict in expected.items():
        share = sum(path.probability for path in trace.paths if path.verdict == verdict)
        assert share == pytest.approx(ready.count(state) / len(ready))
    assert trace.verdict == overall({Verdict(expected[state]) for state in ready})
