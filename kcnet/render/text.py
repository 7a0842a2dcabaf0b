"""A Trace as a page for a person: the verdict, the journey as a tree, what curl says, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kcnet.model.names import Ref
from kcnet.model.trace import MAX_PATHS, Destination, Path, Step, Trace, Verdict
from kcnet.render.screen import Line, Row, Screen, Style, laid_out
from kcnet.render.tree import Branch, Fork, tree
from kcnet.render.words import (
    STAGE,
    count,
    in_brief,
    manifest_lines,
    percent,
    place,
    short_place,
    step_mark,
    trace_files,
    unsaid_changes,
    verdict_mark,
    verdict_style,
    where,
)

_BLANK = Row((), ())
_LABEL = 10
"""Columns of a stage's name."""
_POD = re.compile(r"\bpod [a-z0-9.-]+/[a-z0-9-]+(\.[a-z0-9-]+)*", re.IGNORECASE)


def render(trace: Trace, screen: Screen) -> str:
    """The page, ending in a newline. Plain unless ``screen.colour``."""
    rows = [*heading(trace), _BLANK, *_Journey(trace).rows(), _BLANK, *ending(trace)]
    return "\n".join(laid_out(screen, rows)) + "\n"


def render_answer(trace: Trace, screen: Screen) -> str:
    """The page without the journey, for somebody who has seen the steps."""
    return "\n".join(laid_out(screen, [*heading(trace), _BLANK, *ending(trace, stepped=True)])) + "\n"


def heading(trace: Trace) -> Iterator[Row]:
    """The verdict, who asked for what, and the answer in one sentence."""
    asked: Line = (
        (f"{verdict_mark(trace.verdict)} {trace.verdict.value}", verdict_style(trace.verdict)),
        ("   ", Style.PLAIN),
        (short_place(trace.request.client.ref), Style.STRONG),
        (" → ", Style.PLAIN),
        (trace.request.target.typed, Style.STRONG),
    )
    if trace.request.host:
        asked += ((" as ", Style.PLAIN), (trace.request.host, Style.STRONG))
    yield Row((), _space(2), asked)
    yield Row(_space(2), _space(2), ((trace.summary, Style.PLAIN),))


def ending(trace: Trace, *, stepped: bool = False) -> Iterator[Row]:
    """What the client reports, what to change, what was taken for granted, and where to read on."""
    yield from _named("client", trace.client_sees)
    for index, repair in enumerate(repairs(trace)):
        yield from _named("" if index else "fix", repair, Style.STRONG)
    if trace.request.all_blockers:
        files = trace_files(trace)
        for index, step in enumerate(trace.blockers):
            name = "" if index else "blockers"
            text = f"{index + 1}. {step.reason.code}: {step.text}"
            yield from _named(name, text, note=manifest_lines(step.because, files))
            if step.repair and step.repair not in repairs(trace):
                yield from _named("", f"   {step.repair}")
        if not trace.blockers:
            yield from _named("blockers", "none")
    for index, assumption in enumerate(folded(trace.assumptions)):
        yield from _named("" if index else "assumed", assumption, Style.QUIET)
    more = [] if trace.verdict is Verdict.DELIVERED else [f"kcnet explain {trace.reason.code}"]
    more += [] if stepped else ["--step for one step at a time"]
    yield from _named("more", ", or ".join(more), Style.QUIET)


def folded(assumptions: Iterable[str]) -> list[str]:
    """Assumptions as sentences; those that differ in the pod that they speak of alone are one."""
    alike: dict[str, list[str]] = {}
    for text in assumptions:
        alike.setdefault(_POD.sub("pod", text), []).append(text)
    sentences = []
    for first, *others in alike.values():
        more = f" Likewise for {count(len(others), 'other pod')}." if others else ""
        # Names such as kube-proxy stay as they are.
        sentences.append((f"P{first[1:]}" if first.startswith("pod ") else first) + more)
    return sentences


def repairs(trace: Trace) -> list[str]:
    """What would mend this case: of the trace, or of each way that fails."""
    if trace.repair:
        return [trace.repair]
    failing = [path for path in trace.paths if path.verdict not in (Verdict.DELIVERED, Verdict.EXTERNAL)]
    return list(dict.fromkeys(path.last.repair for path in failing if path.last.repair))


def _named(name: str, text: str, style: Style = Style.PLAIN, note: str = "") -> Iterator[Row]:
    if text:
        first: Line = ((f"{name:<8}  ", Style.LABEL),)
        yield Row(first, _space(10), ((text, style),), note)


def _space(columns: int) -> Line:
    return ((" " * columns, Style.PLAIN),)


class _Journey:
    """The tree of one trace. ``rail`` is what stands at the left of a line: the lines of the branches around it."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.files = trace_files(trace)
        self.told = {path.last.reason.code for path in trace.paths if path.last.text in trace.summary}
        """Codes of failures that the summary at the top of the page tells in full."""
        self.ends = {
            Ref(found.kind, found.namespace, found.name): found for path in trace.paths if (found := path.destination)
        }

    def rows(self) -> Iterator[Row]:
        yield from self._branch(tree(self.trace.paths), (), None)
        if self.trace.truncated:
            text = f"{self.trace.ways} ways in all; JSON lists {min(len(self.trace.paths), MAX_PATHS)} of them."
            yield Row((), (), ((text, Style.QUIET),))

    def _branch(self, branch: Branch, rail: Line, at: Ref | None) -> Iterator[Row]:
        for step in branch.steps:
            if step.at != at:
                yield Row((*rail, ("● ", Style.STRONG)), (*rail, ("│ ", Style.QUIET)), self._place(step.at))
                at = step.at
            yield from self._step(step, rail)
        if not branch.forks:
            yield from self._end(branch.paths[0], rail)
        for index, fork in enumerate(branch.forks):
            yield from self._fork(fork, rail, at, last=index == len(branch.forks) - 1)

    def _place(self, at: Ref) -> Line:
        client = self.trace.request.client
        about = []
        if at == client.ref:
            about = [str(client.address), client.node if at.kind == "Pod" else None]
        elif found := self.ends.get(at):
            about = [str(found.address) if found.address else None, found.node if at.kind == "Pod" else None]
        text = "".join(f" · {word}" for word in about if word)
        return ((place(at), Style.STRONG), (text, Style.QUIET))

    def _step(self, step: Step, rail: Line) -> Iterator[Row]:
        mark, style = step_mark(step)
        name = STAGE[step.stage]
        first: Line = (
            *rail,
            ("│ ", Style.QUIET),
            (f"{mark} ", style),
            (f"{name:<{_LABEL}}  ", Style.LABEL),
        )
        rest: Line = (*rail, ("│ ", Style.QUIET), (" " * (_LABEL + 4), Style.PLAIN))
        tone = Style.BAD if style is Style.BAD else Style.PLAIN
        words = step.reason.title if style is Style.BAD and step.reason.code in self.told else in_brief(step)
        lines: list[Line] = [((words, tone),), *unsaid_changes(step)]
        for index, line in enumerate(lines):
            note = manifest_lines(step.because, self.files) if index == len(lines) - 1 else ""
            yield Row(rest if index else first, rest, line, note)

    def _end(self, path: Path, rail: Line) -> Iterator[Row]:
        first: Line = (*rail, ("└ ", Style.QUIET))
        rest: Line = (*rail, ("  ", Style.PLAIN))
        verdict = (f"{verdict_mark(path.verdict)} {path.verdict.value}", verdict_style(path.verdict))
        yield Row(first, rest, (verdict, (_outcome(path), Style.PLAIN)))

    def _fork(self, fork: Fork, rail: Line, at: Ref | None, *, last: bool) -> Iterator[Row]:
        branch = fork.first
        beside: Line = (*rail, ("   " if last else "│  ", Style.QUIET))
        more = _more(fork)
        head: Line = ((f"{percent(branch.share)} ", Style.STRONG), (f"→ {_goal(branch)}", Style.STRONG))
        yield Row((*rail, ("└─ " if last else "├─ ", Style.QUIET)), beside, head)
        yield from self._branch(branch, beside, at)
        if more:
            yield Row(beside, beside, more)


def _goal(branch: Branch) -> str:
    """Where a branch goes: the one endpoint of its ways, or the place that it continues at."""
    goals = list(dict.fromkeys(_endpoint(path.destination) for path in branch.paths))
    if len(goals) == 1 and goals[0]:
        return goals[0]
    return place(branch.steps[0].at) if branch.steps else branch.paths[0].verdict.value


def _endpoint(destination: Destination | None) -> str:
    return where(destination) if destination else ""


def _more(fork: Fork) -> Line:
    """``3 more like this, 20 % each: shop/cart-1, shop/cart-2, shop/cart-3``"""
    others = fork.others
    if not others:
        return ()
    shares = list(dict.fromkeys(percent(branch.share) for branch in (fork.alike or (fork.first,))))
    names = [(_goal(one) if isinstance(one, Branch) else place(one)).removeprefix("Pod ") for one in others[:8]]
    each = " each" if len(others) > 1 else ""
    share = f", {shares[0]}{each}" if len(shares) == 1 else f", {percent(sum(b.share for b in fork.alike))} together"
    named = ", ".join(names) + (f" and {count(len(others) - 8, 'other')}" if len(others) > 8 else "")
    return ((f"+ {len(others)} more like this{share}: ", Style.STRONG), (named, Style.PLAIN))


def _outcome(path: Path) -> str:
    if path.verdict is Verdict.DELIVERED and path.source_seen:
        return f" · the client is seen as {path.source_seen}"
    return f" · HTTP {path.http_status}" if path.http_status else ""
