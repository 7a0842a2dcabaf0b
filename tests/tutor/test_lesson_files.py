"""Lesson files: what is read of them, and what is said of mistakes, with place and repair."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from kcnet.tutor import structure
from kcnet.tutor.lessoncheck import check, check_file
from kcnet.tutor.lessonfile import InvalidLessonError, read_head, read_lesson
from tests.tutor import small

SCHEMA = json.loads((structure.FOLDER / "lesson.json").read_text(encoding="utf-8"))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_whole_lesson(tmp_path: Path) -> None:
    lesson = small.lesson(tmp_path)
    assert [step.kind for step in lesson.steps] == [
        "say", "show", "trace", "predict", "run", "goal", "predict", "order", "recap", "cards",
    ]  # fmt: skip
    assert check_file(tmp_path / "01-small.yaml") == []


def test_a_head_is_read_without_the_steps(tmp_path: Path) -> None:
    path = small.write(tmp_path, small.LESSON.partition("steps:")[0] + "steps: [this is, {no: step")
    assert read_head(path).title == "A small lesson"
    with pytest.raises(InvalidLessonError):
        read_lesson(path)


SPOILT = {
    "an unknown key": ("minutes: 8", "minuts: 8", "minutes?"),
    "a number as text": ("minutes: 8", "minutes: eight", "a whole number"),
    "a number out of range": ("minutes: 8", "minutes: 800", "1 to 60"),
    "a competency that there is not": ("competency: Networking", "competency: Networks", "Networking?"),
    "a topic that there is not": ("topics: [services]", "topics: [service]", "services?"),
    "no objectives": ("objectives: [See that a lesson works.]\n", "", "Add objectives"),
    "an id with capitals": ("- id: hello", "- id: Hello", "Lower-case"),
    "an empty text": ("say: Hello. This is **one** idea.", 'say: ""', "empty"),
    "a step of two kinds": ("say: Hello. This is **one** idea.", "say: Hello.\n    recap: World.", "Write one of: say"),
    "a step of no kind": ("    say: Hello. This is **one** idea.\n", "", "Write one of: say"),
    "a want without a message": ("else: That shows no Service.", "id: x", "Add else"),
    "a want of two kinds": ("{id: pods, endpoints: shop/web,", "{id: pods, exists: svc/web, endpoints: shop/web,", "Write one of: from"),
    "two equivalents": ("        - [kubectl apply -f small.yaml]\n", "", "at least 3"),
    "one hint": ("hints: [Look at the selector., It has a slip.]", "hints: [Look.]", "at least 2"),
    "a verdict that there is not": ("to: http://web/, verdict: delivered, else: The c", "to: http://web/, verdict: arrived, else: The c", "delivered"),
    "a bad address of a link": ("url: https://", "url: ftp://", "https"),
    "a list that is none": ("topics: [services]", "topics: services", "a list"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), SPOILT.values(), ids=SPOILT)
def test_structure(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in small.LESSON
    text = small.LESSON.replace(old, new, 1)
    path = small.write(tmp_path, text)
    with pytest.raises(InvalidLessonError) as raised:
        read_lesson(path)
    assert any(said in f"{one.message} {one.fix}" for one in raised.value.problems)
    assert all(one.file == str(path) and one.line and one.column and one.fix for one in raised.value.problems)
    # The project's own reading of the schema agrees with a full implementation of JSON Schema.
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(yaml.safe_load(text))


def test_the_place_is_that_of_the_key(tmp_path: Path) -> None:
    path = small.write(tmp_path, small.LESSON.replace("minutes: 8", "minutes: eight"))
    with pytest.raises(InvalidLessonError) as raised:
        read_lesson(path)
    assert [(one.line, one.column) for one in raised.value.problems] == [(3, 1)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("- a\n- list\n", "a mapping"),
        ("id: [unclosed\n", "bracket"),
        ("id: a\nid: b\n", "twice"),
        (small.LESSON + "---\nid: second\n", "one lesson"),
        ("steps: []\n" + small.LESSON.partition("steps:")[0], "at least 1"),
    ],
    ids=["nothing", "a list", "no YAML", "a key twice", "two documents", "steps first"],
)  # fmt: skip
def test_files_that_are_no_lesson(tmp_path: Path, text: str, said: str) -> None:
    path = small.write(tmp_path, text)
    with pytest.raises(InvalidLessonError) as raised:
        read_lesson(path)
    assert any(said in f"{one.message} {one.fix}" for one in raised.value.problems), raised.value.problems


def test_steps_are_the_last_key(tmp_path: Path) -> None:
    head, _, steps = small.LESSON.partition("steps:")
    moved = head.replace("scenario: small\n", "") + "steps:" + steps + "scenario: small\n"
    with pytest.raises(InvalidLessonError, match="not the last key"):
        read_lesson(small.write(tmp_path, moved))


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "01-x.yaml").write_bytes(b"id: \xff\n")
    with pytest.raises(InvalidLessonError, match="UTF-8"):
        read_lesson(tmp_path / "01-x.yaml")


UNPROVEN = {
    "a goal that holds at once": ("        - kubectl set selector svc web app=wep", "        - kubectl get svc", "hold before"),
    "a setup that fails": ("kubectl set selector svc web app=wep", "kubectl set selector svc wap app=wep", "The lab answers"),
    "a solution that does not mend": ("solution: [kubectl set selector svc web app=web]", "solution: [kubectl get svc]", "does not pass"),
    "an equivalent that does not mend": ("[kubectl apply -f small.yaml]", "[kubectl get svc]", "does not pass"),
    "an equivalent that is the solution": ("[kubectl apply -f small.yaml]", "[kubectl set selector svc web app=web]", "stand above"),
    "an equivalent that fails on its way": ("[kubectl apply -f small.yaml]", "[kubectl get nonsense, kubectl apply -f small.yaml]", "It passes, but"),
    "a wrong answer that passes": ("{do: [kubectl set selector svc web app=client], fails: pods}", "{do: [kubectl apply -f small.yaml], fails: pods}", "wrong answer passes"),
    "a wrong answer that fails elsewhere": ("app=client], fails: pods}", "app=client], fails: other}", "not at other"),
    "a wrong answer that names no want": ("app=client], fails: pods}", "app=client], fails: nobody}", "no want nobody"),
    "wrong answers with one message": ("[kubectl set selector svc web app=web, kubectl delete pod other -n default], fails: other}", "[kubectl set selector svc web app=client], fails: pods}", "2 different messages"),
    "a want without an id": ("{id: client, from", "{from", "has no id"),
    "a goal judged by a command": ("{id: other, from: default/other, to: pod/client:9000, verdict: delivered,", "{id: other, saw: {resource: pods},", "judges a command"),
    "the same hint twice": ("hints: [Look at the selector., It has a slip.]", "hints: [Look., Look.]", "same hint"),
    "an answer that is not accepted": ("answer: kubectl get svc", "answer: kubectl get pods", "is not accepted"),
    "another way that is not accepted": ("also: [kubectl -n shop get services", "also: [kubectl -n default get services", "is not accepted"),
    "a miss that is accepted": ("{do: kubectl get pods, says: no Service}", "{do: kubectl get svc}", "is accepted"),
    "a miss with another message": ("says: no Service}", "says: no Ingress}", "does not say"),
    "a probe that there is not": ("before: endpoint", "before: endpoints", "endpoint?"),
    "a belief that there is not": ("beliefs: [selector-crosses-namespaces]", "beliefs: [selector-crosses-namespace]", "selector-crosses-namespaces?"),
    "one wrong choice": ("      wrong: [{value: shop/client, why: The sender does not answer itself.}]\n", "", "one wrong choice"),
    "a question that does not apply": ("before: endpoint", "before: backend", "no right answer"),
    "an end that no request has": ('before: port\n      beliefs: [service-port-is-container-port]\n      wrong:\n        - {value: "9000"', "before: verdict\n      beliefs: [service-port-is-container-port]\n      wrong:\n        - {value: refused, why: No.}\n        - {value: rejected", "No request ends as rejected"),
    "a trace that ends otherwise": ("to: http://web/, verdict: delivered}", "to: http://web/, verdict: refused}", "ends as delivered"),
    "a trace of nobody": ("trace: {from: client,", "trace: {from: clint,", "no pod or workload clint"),
    "an object that there is not": ("object: svc/web, fields", "object: svc/wep, fields", "no svc/wep"),
    "a field that it has not": ("fields: [spec.selector]", "fields: [spec.selectors]", "no spec.selectors"),
    "a file that there is not": ("show: {object: svc/web, fields: [spec.selector]}", "show: {file: big.yaml}", "no file big.yaml"),
    "lines that it has not": ("show: {object: svc/web, fields: [spec.selector]}", "show: {file: small.yaml, lines: [3, 300]}", "lines"),
    "a step id twice": ("- id: look", "- id: hello", "stands twice"),
    "no official link": ("https://kubernetes.io/docs/concepts/services-networking/service/", "https://blog.example.com/", "no official page"),
    "no exam tip": ("**Exam tip.** Read", "Read", "exam tip"),
    "a long screen": ("say: Hello. This is **one** idea.", f"say: {'word ' * 300}", "more than a screen"),
    "a misconception that there is not": ("teaches: [web]", "misconceptions: [services-fly]", "no belief services-fly"),
    "a scenario that there is not": ("scenario: small", "scenario: smal", "no scenario"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), UNPROVEN.values(), ids=UNPROVEN)
def test_what_check_finds(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in small.LESSON
    path = small.write(tmp_path, small.LESSON.replace(old, new, 1))
    problems = check_file(path)
    assert any(said in f"{one.message} {one.fix}" for one in problems), problems
    assert all(one.file and one.line and one.fix for one in problems)


def test_a_scenario_that_cannot_be_read(tmp_path: Path) -> None:
    path = small.write(tmp_path, scenario=small.SCENARIO.replace("kind: Service", "kind: Serivce"))
    assert any("Serivce" in one.message for one in check_file(path))


SECOND = small.LESSON.replace("id: small", "id: second", 1).replace("teaches: [web]", "teaches: [Exam tip]")


def test_a_term_before_the_lesson_that_teaches_it(tmp_path: Path) -> None:
    small.write(tmp_path)
    small.write(tmp_path, SECOND, "02-second.yaml")
    problems, files = check(tmp_path, ())
    assert [path.name for path in files] == ["01-small.yaml", "02-second.yaml"]
    assert [(Path(str(one.file)).name, "explained later" in one.message) for one in problems] == [
        ("01-small.yaml", True)
    ]


def test_a_term_that_is_mentioned_may_be_used(tmp_path: Path) -> None:
    small.write(tmp_path, small.LESSON.replace("teaches: [web]", "mentions: [exam tip]"))
    small.write(tmp_path, SECOND, "02-second.yaml")
    assert check(tmp_path, ())[0] == []


def test_a_lesson_that_needs_a_later_one(tmp_path: Path) -> None:
    small.write(tmp_path, small.LESSON.replace("teaches: [web]", "needs: [second]"))
    small.write(tmp_path, SECOND.replace("[Exam tip]", "[no such words]"), "02-second.yaml")
    assert ["second does not come before" in one.message for one in check(tmp_path, ())[0]] == [True]


def test_orphans_and_repeated_ids(tmp_path: Path) -> None:
    small.write(tmp_path)
    small.write(tmp_path, name="02-again.yaml")
    (tmp_path / "scenarios" / "forgotten").mkdir()
    (tmp_path / "notes.yaml").write_text("a: b\n", encoding="utf-8")
    said = {(Path(str(one.file)).name, one.code) for one in check(tmp_path, ())[0]}
    assert {("forgotten", "LESSON_ORPHAN"), ("notes.yaml", "LESSON_ORPHAN"), ("02-again.yaml", "LESSON_ID")} <= said


def test_a_folder_without_lessons(tmp_path: Path) -> None:
    problems, files = check(tmp_path, ())
    assert not files
    assert "no lesson" in problems[0].message
