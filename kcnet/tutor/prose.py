"""What a lesson says: terms before they are taught, links, cards, files that nothing names.

A term is looked for in prose alone: code, commands and output may show words that are explained later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from kcnet.render import markdown
from kcnet.tutor.lesson import Cards, Goal, Head, Lesson, Order, Predict, Recap, Run, Say, Show, TraceStep
from kcnet.tutor.proof import Flaw

OFFICIAL: Final = (
    "kubernetes.io",
    "kubernetes-sigs.github.io",
    "sigs.k8s.io",
    "gateway-api.sigs.k8s.io",
    "github.com",
    "www.cncf.io",
    "training.linuxfoundation.org",
    "coredns.io",
    "istio.io",
    "linkerd.io",
    "docs.cilium.io",
    "docs.tigera.io",
    "www.cni.dev",
    "metallb.io",
    "minikube.sigs.k8s.io",
)
"""Hosts that links may lead to, kubernetes.io first; of projects their own pages."""
LONGEST: Final = 14
"""Rows of a say at 76 columns; about a dozen is one idea."""


def read_over(lesson: Lesson, earlier: Sequence[Head] = (), later: Sequence[Head] = ()) -> list[Flaw]:
    """Everything that is wrong with the words of a lesson between those ``earlier`` and ``later`` in the course."""
    return [*_ids(lesson), *_links(lesson), *_length(lesson), *_shape(lesson), *_needs(lesson, earlier, later),
            *_terms(lesson, later)]  # fmt: skip


def _ids(lesson: Lesson) -> Iterator[Flaw]:
    seen: set[str] = set()
    for index, step in enumerate(lesson.steps):
        if step.id in seen:
            yield Flaw(f"steps[{index}].id", f"The id {step.id} stands twice.", "Give each step an id of its own.")
        seen.add(step.id)
    cards = [
        (f"steps[{index}].cards[{place}].id", card.id)
        for index, step in enumerate(lesson.steps)
        if isinstance(step, Cards)
        for place, card in enumerate(step.cards)
    ]
    for place, (path, name) in enumerate(cards):
        if name in [other for _, other in cards[:place]]:
            yield Flaw(path, f"The id {name} stands twice.", "Give each card an id of its own.")


def _links(lesson: Lesson) -> Iterator[Flaw]:
    for index, link in enumerate(lesson.head.links):
        host = urlsplit(link.url).hostname or ""
        if host not in OFFICIAL:
            fix = "Link kubernetes.io, or the pages of the project itself."
            yield Flaw(f"links[{index}].url", f"{host or link.url} is no official page.", fix)
    if not any((urlsplit(link.url).hostname or "") == "kubernetes.io" for link in lesson.head.links):
        yield Flaw("links", "No link leads to kubernetes.io.", "Add the official page of the subject.")


def _length(lesson: Lesson) -> Iterator[Flaw]:
    from kcnet.render.screen import Screen, laid_out

    for index, step in enumerate(lesson.steps):
        if isinstance(step, (Say, Recap)):
            rows = len(laid_out(Screen(width=76), markdown.rows(step.text)))
            limit = LONGEST + 4 * isinstance(step, Recap)
            if rows > limit:
                fix = "One idea a screen: cut it, or make two steps of it."
                yield Flaw(f"steps[{index}]", f"{rows} lines of text are more than a screen holds.", fix)


def _shape(lesson: Lesson) -> Iterator[Flaw]:
    kinds = [step.kind for step in lesson.steps]
    for kind, least in (("predict", 2), ("trace", 1), ("goal", 1), ("recap", 1), ("cards", 1)):
        if kinds.count(kind) < least:
            yield Flaw("steps", f"There is too little: {kinds.count(kind)} {kind}.", f"A lesson has {least} or more.")
    if not any(isinstance(step, Recap) and "exam tip" in step.text.lower() for step in lesson.steps):
        yield Flaw("steps", "No recap has an exam tip.", 'Add a paragraph to the recap that begins "**Exam tip.**".')


def _needs(lesson: Lesson, earlier: Sequence[Head], later: Sequence[Head]) -> Iterator[Flaw]:
    after = {head.id for head in later} | {lesson.id}
    for index, need in enumerate(lesson.head.needs):
        if need in after:
            fix = "Need lessons that come before this one alone."
            yield Flaw(f"needs[{index}]", f"{need} does not come before this lesson.", fix)
    if lesson.id in {head.id for head in (*earlier, *later)}:
        yield Flaw("id", f"Another lesson has the id {lesson.id}.", "Choose an id of its own.")


def _terms(lesson: Lesson, later: Sequence[Head]) -> Iterator[Flaw]:
    own = {term.lower() for term in (*lesson.head.teaches, *lesson.head.mentions)}
    unknown = {term: head for head in reversed(later) for term in head.teaches if term.lower() not in own}
    for path, text in texts(lesson):
        prose = markdown.words(text)
        for term, head in unknown.items():
            if found := pattern(term).search(prose):
                yield Flaw(
                    path,
                    f"{found[0]!r} is used here, and is explained later, in the lesson {head.id}.",
                    f"Say it in other words; or if this lesson says enough about it, add it to mentions: {term}.",
                )


@cache
def pattern(term: str) -> re.Pattern[str]:
    """``term`` as a word of its own, in the plural, too. Capitals matter where the term has some beyond the first."""
    bare = re.sub(r"\s*\(.*\)$", "", term)
    body = re.escape(bare).replace(r"\ ", r"\s+")
    plural = r"(?:s|es)?" if bare[-1:].isalpha() else ""
    flags = re.NOFLAG if any(char.isupper() for char in bare) else re.IGNORECASE
    return re.compile(rf"(?<![\w.-]){body}{plural}(?![\w-])", flags)


def texts(lesson: Lesson) -> Iterator[tuple[str, str]]:
    """All prose of a lesson with its place."""
    yield "title", lesson.head.title
    for index, objective in enumerate(lesson.head.objectives):
        yield f"objectives[{index}]", objective
    for index, step in enumerate(lesson.steps):
        path = f"steps[{index}].{step.kind}"
        if isinstance(step, (Say, Recap)):
            yield path, step.text
        elif isinstance(step, (Show, TraceStep)):
            yield f"{path}.say", step.say
        elif isinstance(step, Predict):
            yield f"{path}.say", step.say
            yield f"{path}.question", step.question
            for place, wrong in enumerate(step.wrong):
                yield f"{path}.wrong[{place}].why", wrong.why
        elif isinstance(step, (Run, Goal)):
            yield f"{path}.task", step.task
            for place, want in enumerate(step.wants):
                yield f"{path}.wants[{place}].else", str(want["else"])
            for place, hint in enumerate(step.hints):
                yield f"{path}.hints[{place}]", hint
        elif isinstance(step, Order):
            yield f"{path}.ask", step.question
            for place, item in enumerate(step.items):
                yield f"{path}.items[{place}]", item
        elif isinstance(step, Cards):
            for place, card in enumerate(step.cards):
                yield f"{path}[{place}].front", card.front
                yield f"{path}[{place}].back", card.back


def orphans(folder: Path, heads: Sequence[Head]) -> list[str]:
    """Scenario folders that no lesson names, and files in ``folder`` that are none."""
    used = {name.split("/")[0] for head in heads for name in head.scenario}
    scenarios = folder / "scenarios"
    found = []
    if scenarios.is_dir():
        found += [f"scenarios/{one.name}" for one in sorted(scenarios.iterdir()) if one.name not in used]
    known = {head.file.name for head in heads}
    found += [one.name for one in sorted(folder.iterdir()) if one.suffix in (".yaml", ".yml") and one.name not in known]
    return found


def repeated(heads: Sequence[Head]) -> Mapping[str, list[Path]]:
    """Ids that several lessons have."""
    files: dict[str, list[Path]] = {}
    for head in heads:
        files.setdefault(head.id, []).append(head.file)
    return {name: paths for name, paths in files.items() if len(paths) > 1}
