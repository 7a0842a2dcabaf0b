"""A generated question in the shape of a question file, so that whatever reads those reads these."""

from __future__ import annotations

from typing import Any

from kcnet.tutor.quiz.generate.draft import Asked, Draft, Option

REVISION = 1
"""Of the generators: raised when an id would bring back another question than it did."""


def document(draft: Draft) -> dict[str, Any]:
    """The question as it would stand in ``lessons/quiz/TOPIC.yaml``, with its topic, and a belief for each wrong option
    that one predicts."""
    found: dict[str, Any] = {
        "id": draft.id,
        "revision": REVISION,
        "form": draft.form,
        "topic": draft.topic,
        "competency": draft.competency,
        "difficulty": draft.difficulty,
        "stem": draft.stem,
    }
    if draft.form == "order":
        found["items"] = [{"text": option.text, "why": option.why} for option in draft.options]
    elif draft.options:
        found["options"] = [_option(option) for option in draft.options]
    if draft.fill is not None:
        found["answer"] = {"kind": draft.fill.kind, "accept": list(draft.fill.accept)}
        found["wrong"] = [{"text": text, "why": why} for text, why in draft.fill.wrong]
    if draft.manifest:
        found["manifest"] = draft.manifest
    if draft.fault is not None:
        found["fault"] = {"line": draft.fault.line, "why": draft.fault.why}
        found["decoys"] = [{"line": line, "why": why} for line, why in draft.fault.decoys]
        found["cure"] = draft.fault.cure
    if draft.request is not None:
        found["request"] = _request(draft.request)
    if draft.ask is not None:
        found["ask"] = draft.ask
    return {**found, "explanation": draft.explanation, "references": list(draft.references)}


def _option(option: Option) -> dict[str, Any]:
    found: dict[str, Any] = {"text": option.text, "why": option.why}
    if option.correct:
        found["correct"] = True
    if option.value is not None:
        found["value"] = option.value
    if option.belief is not None:
        found["belief"] = option.belief
    return found


def _request(asked: Asked) -> dict[str, str]:
    found = {"from": asked.source, "to": asked.target, "namespace": asked.namespace}
    return {**found, **{k: v for k, v in (("host", asked.host), ("protocol", asked.protocol)) if v is not None}}
