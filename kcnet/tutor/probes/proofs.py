"""The sentence of the true trace that settles a question."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kcnet.model.trace import Stage, Step, Trace
from kcnet.reasons.nat import NAT_DESTINATION


def at(*stages: Stage) -> Callable[[Trace], str]:
    """The last step of these stages; the summary if there is none."""

    def show(trace: Trace) -> str:
        path = next((p for p in trace.paths if any(step.stage in stages for step in p.steps)), trace.paths[0])
        step = _last(step for step in path.steps if step.stage in stages)
        return step.text if step is not None else trace.summary

    return show


def translated(trace: Trace) -> str:
    """What the Service's rules found and did."""
    for path in trace.paths:
        for step in path.steps:
            if step.reason is NAT_DESTINATION:
                found = next((s for s in path.steps if s.stage is Stage.SERVICE), step)
                return f"{found.text} {step.text}" if found is not step else step.text
    return at(Stage.SERVICE)(trace)


def summary(trace: Trace) -> str:
    return trace.summary


def _last(steps: Iterable[Step]) -> Step | None:
    found = None
    for step in steps:
        found = step
    return found
