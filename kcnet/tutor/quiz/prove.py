"""What is wrong with questions beyond their structure: keys against the simulator, references, repetitions.

``kcnet quiz --check`` tells it to authors, and the tests hold kcnet's own bank to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from kcnet.loading.problems import InvalidManifestsError
from kcnet.model.trace import Trace, Verdict
from kcnet.request import RequestError
from kcnet.tutor.quiz.blind import given_away
from kcnet.tutor.quiz.judge import judge, same
from kcnet.tutor.quiz.question import Form, Question

if TYPE_CHECKING:
    from pathlib import Path

    from kcnet.loading.problems import Problem

ALIKE: Final = 0.92
"""Stems this similar ask the same."""
_CATCHALL: Final = re.compile(
    r"\b(all|none|both|any) of (the|these) (above|below|other|others|options)\b", re.IGNORECASE
)


class Flaw(NamedTuple):
    field: str
    """Below the question: "" for the question itself, ``options[1]``, ``references[0]``."""
    message: str
    fix: str = ""


def prove(question: Question) -> list[Flaw]:
    """Everything that is wrong with one question."""
    return [*_words(question), *_references(question), *_answers(question), *_typed(question), *_scene(question)]


def _words(question: Question) -> Iterator[Flaw]:
    texts = [option.text.strip().casefold() for option in question.options]
    for place, option in enumerate(question.options):
        if _CATCHALL.search(option.text):
            yield Flaw(f"options[{place}]", "It speaks of the other options, which are shuffled.", "Say what it means.")
        if question.form not in (Form.FAULT_LINE, Form.ORDER) and texts.index(texts[place]) != place:
            yield Flaw(f"options[{place}]", "It reads like another option.", "Write another.")


def _references(question: Question) -> Iterator[Flaw]:
    if not question.references:
        yield Flaw("references", "There is none.", "Name an official page, explain:CODE or lesson:ID.")
    for number, reference in enumerate(question.references):
        kind, _, name = reference.partition(":")
        path = f"references[{number}]"
        if kind == "lesson" and name not in _lessons():
            yield Flaw(path, f"There is no lesson {name}.", "kcnet learn lists them.")
        elif kind == "explain" and name not in _codes():
            yield Flaw(path, f"There is no code {name}.", "kcnet explain lists them.")
        elif kind not in ("lesson", "explain", "https"):
            yield Flaw(path, f"{reference} is no reference.", "Write https://..., explain:CODE or lesson:ID.")


@cache
def _lessons() -> frozenset[str]:
    from kcnet.tutor.course import read_course

    return frozenset(entry.head.id for entry in read_course().entries)


@cache
def _codes() -> frozenset[str]:
    from kcnet import reasons
    from kcnet.analysis import check, errors

    return frozenset([*reasons.catalogue(), *check.catalogue(), *errors.catalogue()])


def _answers(question: Question) -> Iterator[Flaw]:
    """The key is judged right, what is said to be wrong is judged wrong."""
    fill = question.fill
    if fill is None:
        if not judge(question, question.right).right:
            yield Flaw("", "Its own key is judged wrong.", "Mark what is right with correct: true.")
        return
    for number, text in enumerate(fill.accept):
        if fill.kind == "command" and not same("command", text + " ", f" {text}"):
            yield Flaw("answer.accept", f"{text} is no command.", "Write it as it is typed.")
        if not judge(question, text).right:
            yield Flaw(f"answer.accept[{number}]", f"{text} is judged wrong.")
    for number, (text, _) in enumerate(fill.wrong):
        if judge(question, text).right:
            yield Flaw(f"wrong[{number}]", f"{text} means the same as a right answer.", "Take it out.")


def _typed(question: Question) -> Iterator[Flaw]:
    """What may be typed works on the cluster that the question states."""
    from kcnet.tutor.quiz import trial

    fill = question.fill
    if fill is None or fill.kind not in ("command", "dns-name"):
        return
    if not question.manifest:
        if fill.source:
            yield Flaw("answer", f"There is no manifest that {fill.source} could be in.", "Add it.")
        return
    try:
        for number, text in enumerate(fill.accept):
            path = f"answer.accept[{number}]"
            if fill.kind == "dns-name":
                if fill.source and not trial.stands_for(question.manifest, fill.source, fill.namespace, text):
                    yield Flaw(path, f"To {fill.source}, {text} has no address.", "Mend the name or the manifest.")
            elif (found := trial.done(question.manifest, fill.namespace, text)) is not None and found.status:
                said = (found.complaint.strip().splitlines() or ["nothing"])[0]
                yield Flaw(path, f"On the manifest it ends with: {said}", "Mend the command or the manifest.")
    except InvalidManifestsError as error:
        first = error.problems[0]
        yield Flaw("manifest", f"It cannot be read: line {first.line}: {first.message}", first.fix)


def _scene(question: Question) -> Iterator[Flaw]:
    """The cluster loads, the key is what the simulator says, and the faulty line is at fault."""
    from kcnet.tutor.quiz import scene

    if not question.manifest:
        return
    try:
        around = scene.cluster(question.manifest)
        if question.ask is None:
            return
        request = scene.request(question, around)
        found = scene.trace(question)
    except InvalidManifestsError as error:
        first = error.problems[0]
        if question.ask is not None or question.form is Form.WHAT_HAPPENS:
            yield Flaw("manifest", f"It cannot be read: line {first.line}: {first.message}", first.fix)
        return
    except RequestError as error:
        yield Flaw("request", error.message, error.fix)
        return
    if question.probe is not None:
        yield from _key(question, found)
    if question.form is Form.FAULT_LINE:
        if found.verdict is Verdict.DELIVERED:
            yield Flaw("fault", f"The request to {request.target.typed} arrives in spite of it.", "Name another fault.")
        yield from _cured(question)


def _key(question: Question, found: Trace) -> Iterator[Flaw]:
    from kcnet.tutor.probes import PROBES
    from kcnet.tutor.probes.wording import VERDICTS, verdict

    if question.probe is None or question.probe not in PROBES:
        yield Flaw("ask", f"There is no probe {question.probe}.", f"One of {', '.join(PROBES)}.")
        return
    truth = PROBES[question.probe].value(found)
    for place, option in enumerate(question.options):
        if question.probe == "verdict" and option.value is not None and verdict(option.value) == option.value:
            fix = f"One of {', '.join(VERDICTS)}, or http and a status."
            yield Flaw(f"options[{place}].value", f"No request ends as {option.value}.", fix)
        if option.value is None:
            if option.correct:
                yield Flaw(f"options[{place}]", "The right option has no value.", f"Here it is {truth}.")
        elif (option.value == truth) is not option.correct:
            said = "right" if option.correct else "wrong"
            yield Flaw(
                f"options[{place}]",
                f"It is marked {said} with the value {option.value}; the simulator says {truth}.",
                "Mark it otherwise, or mend the manifest.",
            )


def _cured(question: Question) -> Iterator[Flaw]:
    from kcnet.tutor.quiz import scene

    try:
        cured = scene.trace(question, scene.mended(question))
    except (InvalidManifestsError, RequestError) as error:
        yield Flaw("cure", f"With it the manifest cannot be used: {error}", "Write the whole line, with its indent.")
        return
    if cured.verdict is not Verdict.DELIVERED:
        yield Flaw("cure", "With it the request does not arrive either.", "Write the line as it should read.")


def alike(questions: Sequence[Question]) -> Iterator[tuple[Question, Question]]:
    """Pairs with one id, or that ask the same in the same words."""
    ids: dict[str, Question] = {}
    words = [frozenset(re.findall(r"[a-z0-9]+", one.stem.casefold())) for one in questions]
    for index, one in enumerate(questions):
        if one.id in ids:
            yield ids[one.id], one
        ids[one.id] = one
        for other in range(index):
            # Comparing letters is slow; stems with other words need none.
            shared = len(words[index] & words[other])
            if shared < 0.8 * max(len(words[index]), len(words[other])):
                continue
            two = questions[other]
            if one.manifest == two.manifest and SequenceMatcher(None, one.stem, two.stem).ratio() > ALIKE:
                yield two, one


def check_files(files: Iterable[Path]) -> tuple[list[Problem], list[Question]]:
    """Problems of question files, each with its place, and the questions that were looked at."""
    from kcnet.tutor.lessonfile import InvalidLessonError
    from kcnet.tutor.quiz.bank import documents_of, read
    from kcnet.tutor.quiz.question import question_of

    problems: list[Problem] = []
    questions: list[Question] = []
    places = []
    for file in files:
        try:
            found = read(file)
        except InvalidLessonError as error:
            problems += error.problems
            continue
        before = len(questions)
        for number, document in enumerate(documents_of(found)):
            question = question_of(document)
            questions.append(question)
            places.append((found, f"questions[{number}]"))
            problems += [
                found.problem(".".join(filter(None, (places[-1][1], flaw.field))), flaw.message, flaw.fix, "QUESTION")
                for flaw in prove(question)
            ]
        for solver, got, luck in given_away(questions[before:]):
            said = f"Always taking the option that is {solver} gets {got:.0%} right; by chance it is {luck:.0%}."
            problems.append(found.problem("questions", said, "Make options alike in length and words.", "QUESTION"))
    by_object = {id(question): place for question, place in zip(questions, places, strict=True)}
    for one, other in alike(questions):
        found, path = by_object[id(other)]
        problems.append(
            found.problem(path, f"{other.id} asks what {one.id} asks.", "Ask something else, or drop it.", "QUESTION")
        )
    return problems, questions
