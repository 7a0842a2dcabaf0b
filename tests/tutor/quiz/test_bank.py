"""kcnet's own questions: they prove themselves, nobody passes who does not read them, and their spread is as meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from kcnet.tutor.quiz.bank import documents_of, own_files, read, read_bank
from kcnet.tutor.quiz.blind import MARGIN, SOLVERS, fitting, given_away, score, table
from kcnet.tutor.quiz.judge import judge, shown
from kcnet.tutor.quiz.prove import alike, prove
from kcnet.tutor.quiz.question import Form, Question, question_of
from kcnet.tutor.structure import check
from kcnet.tutor.structure import read as schema
from kcnet.tutor.subjects import TOPICS

BANK = read_bank()
WANTED = {
    "services": 60, "dns": 25, "ingress": 35, "networkpolicy": 40, "cni": 25, "kube-proxy": 15, "external": 10,
    "mesh": 10, "troubleshooting": 20,
}  # fmt: skip


@pytest.mark.parametrize("question", BANK, ids=lambda one: one.id)
def test_nothing_is_wrong_with_it(question: Question) -> None:
    """Keys against the simulator, faults and cures, references, typed answers."""
    assert prove(question) == []


def test_no_two_ask_the_same() -> None:
    assert [(one.id, other.id) for one, other in alike(BANK)] == []


def test_every_topic_has_its_questions() -> None:
    assert Counter(question.topic for question in BANK) == WANTED
    assert list(WANTED) == list(TOPICS)


def test_all_forms_are_there() -> None:
    assert {question.form for question in BANK} == set(Form)


@pytest.mark.parametrize("question", BANK, ids=lambda one: one.id)
def test_it_can_be_answered_right_and_wrong(question: Question) -> None:
    """Each wrong choice alone is wrong, and has something said to it."""
    if question.fill is not None:
        assert all(judge(question, text).right for text in question.fill.accept)
        verdict = judge(question, "987654" if question.fill.kind == "number" else "certainly nothing that is meant")
        assert not verdict.right
        assert verdict.said
        return
    assert judge(question, question.right).right
    if question.form is Form.ORDER:
        backwards = tuple(reversed(question.right))
        assert not judge(question, backwards).right
        return
    for place, option in enumerate(question.options):
        assert option.why
        if question.form is Form.MULTIPLE:
            changed = tuple(sorted({*question.right} ^ {place}))
            if changed:
                assert not judge(question, changed).right
        else:
            verdict = judge(question, (place,))
            assert verdict.right is option.correct
            assert verdict.said == (() if option.correct else (option.why,))


@pytest.mark.parametrize("topic", WANTED)
@pytest.mark.parametrize("solver", SOLVERS)
def test_blind_solvers_stay_near_chance(topic: str, solver: str) -> None:
    found = fitting([one for one in BANK if one.topic == topic])
    assert len(found) >= 5
    assert abs(score(found, SOLVERS[solver]) - 0.25) <= MARGIN + 1e-9


def test_a_solver_that_reads_would_be_seen() -> None:
    """The gate can fail: a bank whose key is always the longest does not pass it."""
    found = fitting(BANK)
    assert score(found, lambda _, option: option.correct) == 1.0
    long = [
        replace(
            one, options=tuple(option._replace(text=option.text + " " * 90 * option.correct) for option in one.options)
        )
        for one in found
    ]
    assert ("longest", 1.0, 0.25) in list(given_away(long))


@pytest.mark.parametrize("seed", range(3))
def test_the_first_option_shown_is_right_by_chance_alone(seed: int) -> None:
    found = fitting(BANK)
    firsts = sum(one.options[shown(one, seed)[0]].correct for one in found)
    assert abs(firsts / len(found) - 0.25) <= MARGIN


@pytest.mark.parametrize("topic", WANTED)
def test_the_first_option_shown_is_right_by_chance_in_every_topic(topic: str) -> None:
    found = fitting([one for one in BANK if one.topic == topic])
    times = 40
    firsts = sum(one.options[shown(one, seed)[0]].correct for one in found for seed in range(times))
    assert abs(firsts / len(found) / times - 0.25) <= MARGIN


def test_authors_see_how_blind_solvers_do() -> None:
    head, names, *rows = table([one for one in BANK if one.topic in ("mesh", "dns")])
    assert "never read" in head
    assert names.split() == ["questions", "longest", "shortest", "hedged", "nearest", "chance"]
    assert {row.split()[0] for row in rows} == {"mesh", "dns"}
    assert all(len(row) <= 80 for row in rows)
    assert table([one for one in BANK if one.form is Form.ORDER]) == []


def test_the_same_seed_shows_the_same_order_and_others_do_not() -> None:
    one = [shown(question, 7) for question in BANK]
    assert one == [shown(question, 7) for question in BANK]
    assert one != [shown(question, 8) for question in BANK]
    assert one != [shown(question, 7, 1) for question in BANK]


def test_an_order_question_is_never_shown_in_its_order() -> None:
    orders = [one for one in BANK if one.form is Form.ORDER]
    assert orders
    assert all(shown(one, seed) != one.right for one in orders for seed in range(50))


def test_the_schema_of_files_is_that_of_the_jsonschema_library() -> None:
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema("questions.json"))
    for file in own_files():
        value = read(file).value
        assert not list(validator.iter_errors(value))
        assert not list(check(value, schema("questions.json")))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda one: one.pop("explanation"), "explanation"),
        (lambda one: one.update(form="essay"), "form"),
        (lambda one: one.update(difficulty=9), "difficulty"),
        (lambda one: one.update(id="Not An Id"), "id"),
        (lambda one: one["options"].pop(), "options"),
        (lambda one: one["options"][0].pop("why"), "why"),
        (lambda one: [option.update(correct=True) for option in one["options"]], "options"),
        (lambda one: one.update(hint="none"), "hint"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_place(
    change: Callable[[dict[str, object]], object], word: str, tmp_path: Path
) -> None:
    import yaml

    from kcnet.tutor.lessonfile import InvalidLessonError

    good = next(one for one in documents_of(read(own_files()[-1])) if one["form"] == "single")
    good.pop("topic")
    change(good)
    file = tmp_path / "pack.yaml"
    file.write_text(yaml.safe_dump({"topic": "services", "questions": [good]}), encoding="utf-8")
    with pytest.raises(InvalidLessonError) as raised:
        read(file)
    problem = raised.value.problems[0]
    assert word in f"{problem.message} {problem.field} {problem.fix}"
    assert problem.file == str(file)
    assert problem.line


def test_what_was_read_is_kept_and_read_again_when_a_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "pack.yaml"
    text = own_files()[0].read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    before = read_bank([file])
    assert read_bank([file]) == before
    file.write_text(text.replace("topic: cni", "topic: dns"), encoding="utf-8")
    assert {one.topic for one in read_bank([file])} == {"dns"}
    for kept in (tmp_path / "cache").rglob("*.json"):
        kept.write_text("{damaged", encoding="utf-8")
    assert {one.topic for one in read_bank([file])} == {"dns"}


WRONG_KEY = """
topic: services
questions:
  - id: a-question
    form: what-happens
    competency: Networking
    difficulty: 1
    stem: What becomes of the request?
    manifest: |
      apiVersion: v1
      kind: Pod
      metadata: {name: client}
      spec: {containers: [{name: a, image: a}]}
    request: {from: pod/client, to: "http://nosuch/"}
    ask: verdict
    options:
      - {text: It arrives, value: delivered, correct: true, why: a}
      - {text: No such name, value: NXDOMAIN, why: b}
      - {text: Refused, value: rejected, why: c}
      - {text: All of the above, value: timeout, why: d}
    explanation: None.
    references: ["lesson:nosuch", "explain:NOSUCH"]
"""


def test_wrong_keys_and_references_are_found(tmp_path: Path) -> None:
    file = tmp_path / "pack.yaml"
    file.write_text(WRONG_KEY, encoding="utf-8")
    (question,) = (question_of(value) for value in documents_of(read(file)))
    fields = [flaw.field for flaw in prove(question)]
    assert fields == ["options[3]", "references[0]", "references[1]", "options[0]", "options[1]", "options[2].value"]
