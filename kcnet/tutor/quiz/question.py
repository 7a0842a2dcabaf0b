"""A question as a value: what is asked, what may be answered, and why each answer is right or wrong.

The keys of a question file are the names of the fields; ``schemas/questions.json`` says what each is for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from msgspec import Struct


class Form(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    ORDER = "order"
    FILL = "fill"
    FAULT_LINE = "fault-line"
    WHAT_HAPPENS = "what-happens"


class Option(NamedTuple):
    text: str
    correct: bool
    why: str
    value: str | None = None
    """What the question's probe would read if this were so."""
    belief: str | None = None
    """Id of the wrong model behind a wrong option, where one is known."""
    line: int | None = None
    """Of the manifest, in a question for the faulty line."""


class Fill(NamedTuple):
    """What may be typed."""

    kind: str
    """dns-name, port, number, text or command: how it is compared."""
    accept: tuple[str, ...]
    wrong: tuple[tuple[str, str], ...] = ()
    """Typical wrong answers, each with what to say to it."""
    source: str = ""
    """Whose search list is taken for names; "" where the full name is asked for."""
    namespace: str = "default"
    """Where commands are typed."""


class Ask(NamedTuple):
    """The request that a question is about, as on the command line."""

    source: str
    target: str
    namespace: str = "default"
    protocol: str | None = None
    host: str | None = None


class Question(Struct, frozen=True, kw_only=True):
    id: str
    form: Form
    topic: str
    competency: str
    difficulty: int
    stem: str
    explanation: str
    references: tuple[str, ...]
    revision: int = 1
    options: tuple[Option, ...] = ()
    """For an order question in the right order; empty where something is typed."""
    fill: Fill | None = None
    manifest: str = ""
    ask: Ask | None = None
    probe: str | None = None
    """Id of the probe whose answer is asked for."""
    cure: str = ""
    """The faulty line as it should read."""

    @property
    def right(self) -> tuple[int, ...]:
        """Places of the right options; for an order question all of them, in order."""
        if self.form is Form.ORDER:
            return tuple(range(len(self.options)))
        return tuple(place for place, option in enumerate(self.options) if option.correct)

    @property
    def chance(self) -> float:
        """How often somebody who knows nothing answers right."""
        if self.form is Form.MULTIPLE:
            return 1.0 / ((1 << len(self.options)) - 1)
        if self.form in (Form.ORDER, Form.FILL):
            return 0.0
        return 1 / len(self.options)

    def to_dict(self) -> dict[str, Any]:
        """An entry of ``kcnet quiz --list -o json``."""
        return {
            "id": self.id,
            "revision": self.revision,
            "form": self.form.value,
            "topic": self.topic,
            "competency": self.competency,
            "difficulty": self.difficulty,
            "stem": self.stem,
            "options": [{"text": one.text, "correct": one.correct, "why": one.why} for one in self.options],
            "explanation": self.explanation,
            "references": list(self.references),
            "manifests": bool(self.manifest),
        }


def question_of(value: Mapping[str, Any], topic: str = "") -> Question:
    """The question that a document of a question file (or a generator) states; it has passed the schema."""
    form = Form(value["form"])
    manifest = value.get("manifest") or ""
    request = value.get("request")
    answer = value.get("answer")
    return Question(
        id=value["id"],
        form=form,
        topic=value.get("topic") or topic,
        competency=value["competency"],
        difficulty=value["difficulty"],
        stem=value["stem"].strip(),
        explanation=value["explanation"].strip(),
        references=tuple(value["references"]),
        revision=value.get("revision", 1),
        options=_options(form, value, manifest),
        fill=_fill(answer, value.get("wrong") or ()) if answer is not None else None,
        manifest=manifest,
        ask=_ask(request) if request is not None else None,
        probe=value.get("ask"),
        cure=value.get("cure") or "",
    )


def _options(form: Form, value: Mapping[str, Any], manifest: str) -> tuple[Option, ...]:
    if form is Form.ORDER:
        return tuple(Option(one["text"], True, one["why"]) for one in value["items"])
    if form is Form.FAULT_LINE:
        lines = manifest.splitlines()
        fault = value["fault"]
        entries = sorted([(fault, True), *((one, False) for one in value["decoys"])], key=lambda one: one[0]["line"])
        return tuple(
            Option(lines[one["line"] - 1].strip() if one["line"] <= len(lines) else "", right, one["why"],
                   line=one["line"])
            for one, right in entries
        )  # fmt: skip
    return tuple(
        Option(one["text"], bool(one.get("correct")), one["why"], _text(one.get("value")), one.get("belief"))
        for one in value.get("options") or ()
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _fill(answer: Mapping[str, Any], wrong: Sequence[Mapping[str, Any]]) -> Fill:
    return Fill(
        kind=answer["kind"],
        accept=tuple(map(str, answer["accept"])),
        wrong=tuple((str(one["text"]), one["why"]) for one in wrong),
        source=answer.get("from") or "",
        namespace=answer.get("namespace") or "default",
    )


def _ask(request: Mapping[str, Any]) -> Ask:
    return Ask(
        source=request["from"],
        target=request["to"],
        namespace=request.get("namespace") or "default",
        protocol=request.get("protocol"),
        host=request.get("host"),
    )
