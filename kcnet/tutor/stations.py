"""The stations of a request, as things that can be put in order."""

from __future__ import annotations

from kcnet.model.trace import Action, Stage, Trace
from kcnet.render.words import STAGE, in_brief, place

MOST = 7


def stations(trace: Trace) -> tuple[str, ...]:
    """What happens to the packet on the first of its ways, each with its place; what does not apply is left out."""
    found: list[str] = []
    for step in trace.paths[0].steps:
        if step.stage is Stage.RETURN or step.action is Action.SKIPPED:
            continue
        text = f"{STAGE[step.stage]} at {place(step.at)}: {in_brief(step)}"
        if text not in found:
            found.append(text)
    return tuple(found if len(found) <= MOST else [*found[: MOST - 1], found[-1]])
