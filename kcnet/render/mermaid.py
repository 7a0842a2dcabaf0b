"""A Trace as a Mermaid flowchart: one box for each place, one arrow for each way on.

https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count as numbers
from itertools import groupby

from kcnet.model.trace import Step, Trace
from kcnet.render.printable import printable
from kcnet.render.tree import Branch, tree
from kcnet.render.words import STAGE, in_brief, percent, place, step_mark, unsaid_changes, verdict_mark

_ENTITIES = {ord(char): f"#{ord(char)};" for char in "#&;\"'<>`\\{}[]()|*_~%$"}
"""Characters that Mermaid, or the HTML and Markdown of its labels, would read as more than themselves."""


def render(trace: Trace) -> str:
    """The diagram's source, ending in a newline."""
    return "\n".join(_lines(trace)) + "\n"


def _lines(trace: Trace) -> Iterator[str]:
    client, target = trace.request.client, trace.request.target
    yield "flowchart TD"
    yield f'  start(["{shown(f"{place(client.ref)} → {target.typed}")}"])'
    yield from _branch(tree(trace.paths), "start", "", numbers(1))
    yield "  classDef good stroke:#2da44e,stroke-width:2px"
    yield "  classDef bad stroke:#cf222e,stroke-width:2px"


def _branch(branch: Branch, above: str, arrow: str, ids: Iterator[int]) -> Iterator[str]:
    for at, steps in groupby(branch.steps, key=lambda step: step.at):
        name = f"n{next(ids)}"
        text = "<br/>".join([f"<b>{shown(place(at))}</b>", *(_step(step) for step in steps)])
        yield f'  {name}["{text}"]'
        yield f"  {above} -->{arrow} {name}"
        above, arrow = name, ""
    if not branch.forks:
        path = branch.paths[0]
        name = f"n{next(ids)}"
        kind = "good" if path.verdict in ("delivered", "external") else "bad"
        yield f'  {name}(["{verdict_mark(path.verdict)} {path.verdict.value}"]):::{kind}'
        yield f"  {above} -->{arrow} {name}"
    for fork in branch.forks:
        share = percent(fork.first.share)
        more = f" and {len(fork.others)} more like it" if fork.others else ""
        yield from _branch(fork.first, above, f'|"{shown(share + more)}"|', ids)


def _step(step: Step) -> str:
    mark, _ = step_mark(step)
    changed = "".join(f"<br/>{shown(text)}" for line in unsaid_changes(step) for text, _ in line)
    return f"{mark.strip()} {STAGE[step.stage]}: {shown(in_brief(step))}{changed}".strip()


def shown(text: str) -> str:
    """``text`` for a quoted label: nothing in it is read as more than text."""
    return printable(text).translate(_ENTITIES)
