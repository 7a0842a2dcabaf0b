"""Generated questions: whatever the dice say, one answer is right, every other is wrong, and nothing gives it away."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from random import Random
from typing import Final

import pytest

import kcnet
from kcnet.model.cluster import Cluster
from kcnet.simulate import trace
from kcnet.tutor.beliefs import BELIEFS
from kcnet.tutor.probes import PROBES
from kcnet.tutor.quiz.generate import GENERATORS, Draft, Option, generate, generate_from, regenerate, separate
from kcnet.tutor.quiz.generate.document import document
from kcnet.tutor.quiz.generate.sketch import request_of
from kcnet.tutor.quiz.generate.yamltext import cluster_of
from kcnet.tutor.subjects import COMPETENCIES, TOPICS

SEEDS: Final = range(4)
LEVELS: Final = tuple((generator, level) for generator in GENERATORS.values() for level in generator.difficulties)


def drawn(generator_id: str, difficulty: int, seeds: Iterable[int] = SEEDS) -> list[Draft]:
    """The questions of one generator for some throws of the dice."""
    make = GENERATORS[generator_id].make
    throws = (make(Random(f"test {generator_id} {difficulty} {seed}"), difficulty) for seed in seeds)
    return [draft for draft in throws if draft is not None]


ALL: Final[dict[tuple[str, int], list[Draft]]] = defaultdict(list)


@pytest.fixture(scope="module", params=LEVELS, ids=lambda pair: f"{pair[0].id}-{pair[1]}")
def drafts(request: pytest.FixtureRequest) -> list[Draft]:
    generator, level = request.param
    key = (generator.id, level)
    if not ALL[key]:
        ALL[key] = drawn(*key)
    return ALL[key]


def rights(draft: Draft) -> list[Option]:
    return [option for option in draft.options if option.correct]


def test_every_generator_draws_questions_that_are_whole(drafts: list[Draft]) -> None:
    assert drafts
    for draft in drafts:
        assert draft.topic in TOPICS
        assert draft.competency in COMPETENCIES
        assert draft.difficulty in (1, 2, 3)
        assert draft.stem.rstrip(")")[-1] in ".?"
        assert draft.explanation.endswith((".", ")"))
        assert draft.references
        assert all(re.match(r"https://kubernetes\.io/docs/|explain:[A-Z_]+$", link) for link in draft.references)


def test_options_are_as_many_as_the_form_asks_for_and_all_different(drafts: list[Draft]) -> None:
    for draft in drafts:
        texts = [option.text for option in draft.options]
        assert len(set(texts)) == len(texts)
        assert all(option.why.endswith((".", ")", "1s")) for option in draft.options), draft.options
        match draft.form:
            case "single" | "what-happens":
                assert len(texts) == 4
                assert len(rights(draft)) == 1
            case "multiple":
                assert 5 <= len(texts) <= 6
                assert 1 <= len(rights(draft)) < len(texts)
            case "order":
                assert 4 <= len(texts) <= 8
            case "fill":
                assert not texts
                assert draft.fill is not None
                assert not set(draft.fill.accept) & {text for text, _ in draft.fill.wrong}
            case form:
                assert form == "fault-line"
                assert draft.fault is not None


def test_the_simulator_agrees_with_the_key(drafts: list[Draft]) -> None:
    """Asked anew, from the text that the learner sees."""
    for draft in drafts:
        if draft.ask is None or draft.request is None:
            continue
        cluster = cluster_of(draft.manifest)
        request = request_of(cluster, draft.request)
        probe = PROBES[draft.ask]
        truth = probe.value(trace(cluster, request))
        for option in draft.options:
            assert (option.value == truth) is option.correct
            if option.belief is not None:
                assert not option.correct
                assert probe.value(BELIEFS[option.belief].misread(cluster, request)) == option.value


def test_a_seeded_fault_shows_and_is_cured_by_the_line_that_is_named(drafts: list[Draft]) -> None:
    for draft in drafts:
        if draft.form != "fault-line":
            continue
        assert draft.fault is not None
        assert draft.request is not None
        lines = draft.manifest.splitlines()
        before = verdict(draft.manifest, draft)
        lines[draft.fault.line - 1] = draft.fault.cure
        assert verdict("\n".join(lines), draft) != before
        marked = [number for number, _ in draft.fault.decoys]
        assert draft.fault.line not in marked
        assert len(set(marked)) == len(marked) == 3
        for number in marked:
            assert lines[number - 1].strip()


def verdict(text: str, draft: Draft) -> str:
    assert draft.request is not None
    cluster = cluster_of(text)
    return PROBES["verdict"].value(trace(cluster, request_of(cluster, draft.request)))


# Keys of questions without a probe are worked out here in another way.


def reached(cluster: Cluster, source: str, target: str, namespace: str = "default") -> bool:
    return kcnet.trace(cluster, source, target, namespace=namespace).verdict == "delivered"


def pods_that_answer(draft: Draft) -> Callable[[str], bool]:
    assert draft.request is not None
    asked = draft.request
    told = kcnet.trace(cluster_of(draft.manifest), asked.source, asked.target, namespace=asked.namespace)
    names = {path.destination.name for path in told.paths if path.destination and path.verdict == "delivered"}
    return lambda text: text in names


def pods_that_get_in(draft: Draft) -> Callable[[str], bool]:
    cluster = cluster_of(draft.manifest)
    found = re.search(r"Service (\S+) in (\S+) under", draft.stem)
    assert found is not None
    port = cluster.services[found[2], found[1]].ports[0].port

    def right(text: str) -> bool:
        namespace, _, name = text.partition("/")
        return reached(cluster, f"{namespace}/pod/{name}", f"http://{found[1]}.{found[2]}:{port}/", namespace)

    return right


def addresses_that_answer(draft: Draft) -> Callable[[str], bool]:
    cluster = cluster_of(draft.manifest)
    return lambda text: reached(cluster, "internet", text)


def names_that_resolve(draft: Draft) -> Callable[[str], bool]:
    cluster = cluster_of(draft.manifest)
    found = re.search(r"pod (\S+) in namespace (\S+?) resolve", draft.stem)
    assert found is not None

    def right(text: str) -> bool:
        told = kcnet.trace(cluster, f"pod/{found[1]}", f"http://{text}/", namespace=found[2])
        return told.reason.code not in ("DNS_NXDOMAIN", "DNS_NO_RECORDS")

    return right


def policies_that_block(draft: Draft) -> Callable[[str], bool]:
    def right(text: str) -> bool:
        kept = [doc for doc in draft.manifest.split("---\n") if f"name: {text}," not in doc]
        return verdict("---\n".join(kept), draft) == "delivered"

    return right


KEYS: Final[dict[str, Callable[[Draft], Callable[[str], bool]]]] = {
    "endpoints": pods_that_answer,
    "traffic-policy": pods_that_answer,
    "who-gets-in": pods_that_get_in,
    "node-ports": addresses_that_answer,
    "names-that-resolve": names_that_resolve,
    "headless-names": names_that_resolve,
    "which-policy-blocks": policies_that_block,
}


@pytest.mark.parametrize("generator", KEYS)
def test_the_key_holds_by_another_way_of_asking(generator: str) -> None:
    for level in GENERATORS[generator].difficulties:
        for draft in drawn(generator, level):
            right = KEYS[generator](draft)
            assert {o.text for o in draft.options if right(o.text)} == {o.text for o in rights(draft)}, draft.stem


# Runs of questions


def test_a_run_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    first = generate(7, count=40)
    assert first == generate(7, count=40)
    assert first != generate(8, count=40)


@pytest.mark.parametrize("seed", range(3))
def test_no_stem_comes_twice_in_a_run_and_every_id_brings_its_question_back(seed: int) -> None:
    run = generate(seed, count=100)
    assert len(run) == 100
    assert len({draft.stem for draft in run}) == len({draft.id for draft in run}) == 100
    for draft in run:
        assert regenerate(draft.id) == draft
        assert draft.id.startswith(f"{draft.topic}-generated-")


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic != "mesh"])
@pytest.mark.parametrize("difficulty", [1, 2, 3])
def test_every_topic_that_kcnet_simulates_has_questions_of_every_difficulty(topic: str, difficulty: int) -> None:
    run = generate(3, topic=topic, difficulty=difficulty, count=8)
    assert len(run) == 8
    assert {draft.topic for draft in run} == {topic}
    assert {draft.difficulty for draft in run} == {difficulty}


def test_a_mesh_is_not_simulated_so_nothing_is_asked_of_it() -> None:
    assert generate(1, topic="mesh", count=5) == ()


@pytest.mark.parametrize("id_", ["", "services-generated-nothing-1-5", "dns-generated-dns-answer-9-5", "services-1"])
def test_an_id_that_means_nothing_brings_nothing_back(id_: str) -> None:
    assert regenerate(id_) is None


def test_length_tells_nothing() -> None:
    """Whoever always takes the longest, or the shortest, of four is right about as often as one in four."""
    run = [draft for draft in generate(11, count=300) if draft.form in ("single", "what-happens")]
    for pick in (max, min):
        hits = 0.0
        for draft in run:
            lengths = [len(option.text) for option in draft.options]
            extreme = pick(lengths)
            hits += (len(rights(draft)[0].text) == extreme) / lengths.count(extreme)
        assert 0.15 < hits / len(run) < 0.35


# Telling beliefs apart


@pytest.mark.parametrize(
    "beliefs",
    [
        ("list-items-anded", "policies-can-deny"),
        ("source-kept-through-node-port", "source-always-node"),
        ("dns-gives-pod-addresses", "short-name-crosses-namespaces"),
        ("prefix-is-string-prefix",),
    ],
    ids=lambda beliefs: "/".join(beliefs),
)
def test_the_next_question_separates_the_beliefs_that_are_left(beliefs: tuple[str, ...]) -> None:
    draft = separate(beliefs, 1)
    assert draft is not None
    assert draft == separate(beliefs, 1)
    assert len(rights(draft)) == 1
    assert len(draft.options) == 4
    named = {option.belief for option in draft.options} & set(beliefs)
    assert named
    cluster = cluster_of(draft.manifest)
    assert draft.request is not None
    request = request_of(cluster, draft.request)
    probe = PROBES[draft.ask or ""]
    predicted = {belief: probe.value(BELIEFS[belief].misread(cluster, request)) for belief in beliefs}
    assert len(beliefs) == 1 or len(set(predicted.values())) > 1


def test_nothing_separates_no_belief_or_one_that_nobody_knows() -> None:
    assert separate((), 1) is None
    assert separate(("the-earth-is-flat",), 1) is None


# The learner's own manifests


def test_questions_on_own_manifests_are_about_them_and_are_right() -> None:
    cluster = kcnet.load(["manifests/shop"])
    run = generate_from(cluster, "", 5, 15)
    assert len(run) == 15
    assert run == generate_from(cluster, "", 5, 15)
    assert len({draft.stem for draft in run}) == len({draft.id for draft in run}) == 15
    for draft in run:
        if draft.ask is None or draft.request is None:
            continue
        truth = PROBES[draft.ask].value(trace(cluster, request_of(cluster, draft.request)))
        assert [option.value == truth for option in draft.options] == [option.correct for option in draft.options]


def test_a_cluster_about_which_nothing_can_be_asked_gives_no_questions() -> None:
    empty = "apiVersion: v1\nkind: Namespace\nmetadata: {name: empty}\n"
    assert generate_from(cluster_of(empty), empty, 1, 5) == ()


def test_a_question_can_be_written_as_it_stands_in_a_file(drafts: list[Draft]) -> None:
    for draft in drafts:
        written = document(draft)
        assert written["form"] == draft.form
        assert ("items" in written) is (draft.form == "order")
        assert ("options" in written) is (draft.form in ("single", "multiple", "what-happens"))
        assert ("answer" in written) is (draft.form == "fill")
        assert ("fault" in written) is ("cure" in written) is (draft.form == "fault-line")
        assert sum(option.get("correct", False) for option in written.get("options", ())) == (
            len(rights(draft)) if "options" in written else 0
        )
