"""Findings of ``kcnet check`` for people: each with its place, the lines around it, and a request that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kcnet.analysis.finding import Finding, Severity
from kcnet.loading.problems import Problem, index_of, problem_at
from kcnet.model.trace import Verdict
from kcnet.render.excerpt import marked
from kcnet.render.screen import Line, Row, Screen, Style, laid_out
from kcnet.render.words import count, verdict_style

_BLANK = Row((), ())
_HANG: Line = (("  ", Style.PLAIN),)
_MARKS = {
    Severity.ERROR: ("✘", Style.BAD),
    Severity.WARNING: ("▲", Style.WARN),
    Severity.INFO: ("·", Style.LABEL),
}


class Shown(NamedTuple):
    """A finding as a page tells it: what the loader refuses and what the rules find look alike."""

    severity: Severity
    problem: Problem
    command: str = ""
    """A request that shows it, as it would be typed."""
    verdict: Verdict | None = None
    """What becomes of that request."""


def shown_finding(finding: Finding, command: str = "", verdict: Verdict | None = None) -> Shown:
    """Of a finding that a manifest states."""
    origin = finding.ref.origin
    assert origin is not None
    assert finding.position is not None
    line, column = finding.position
    problem = problem_at(
        origin.source,
        index_of(origin, line, column),
        line,
        column,
        code=finding.code,
        message=finding.message,
        fix=finding.fix,
        ref=finding.ref,
        field=finding.field,
    )
    return Shown(finding.severity, problem, command, verdict)


def shown_problem(problem: Problem) -> Shown:
    return Shown(Severity.ERROR, problem)


def render(findings: Sequence[Shown], read: str, screen: Screen) -> str:
    """Every finding, and a count at the end. ``read`` says what was looked at: ``12 objects in 3 files``."""
    rows = [row for finding in findings for row in _finding(finding, screen)]
    rows.append(Row((), _HANG, tuple(_total(findings, read))))
    if findings:
        if any(finding.severity is Severity.ERROR for finding in findings):
            rows.append(Row((), _HANG, (("Nothing else is looked at before the errors are mended.", Style.QUIET),)))
        rows.append(Row((), _HANG, ((f"kcnet explain {findings[0].problem.code} tells more.", Style.QUIET),)))
    return "\n".join(laid_out(screen, rows)) + "\n"


def _total(findings: Sequence[Shown], read: str) -> Iterator[tuple[str, Style]]:
    if not findings:
        yield "✔ nothing found", Style.GOOD
    nouns = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "hint"}
    for severity, noun in nouns.items():
        number = sum(1 for finding in findings if finding.severity is severity)
        if number:
            mark, style = _MARKS[severity]
            yield f"{mark} {count(number, noun)}  ", style
    if read:
        yield f" in {read}" if not findings else f"in {read}", Style.QUIET


def _finding(finding: Shown, screen: Screen) -> Iterator[Row]:
    problem = finding.problem
    mark, style = _MARKS[finding.severity]
    place = [part for part in (problem.file, problem.line, problem.column) if part is not None]
    head: list[tuple[str, Style]] = []
    if place:
        head.append((":".join(map(str, place)), Style.STRONG))
    head.append((f"  {problem.code}" if head else problem.code, style))
    if problem.ref:
        head.append((f"  {problem.ref}", Style.PLAIN))
    yield Row(((f"{mark} ", style),), _HANG, tuple(head))
    if problem.excerpt and problem.line is not None:
        yield from marked(problem.excerpt, problem.excerpt_start, problem.line, problem.column, screen)
    yield Row(_HANG, _HANG, ((problem.message, Style.PLAIN),))
    if problem.fix:
        yield Row((("  fix: ", Style.LABEL),), (("       ", Style.PLAIN),), ((problem.fix, Style.PLAIN),))
    if finding.command:
        end = ((f"  → {finding.verdict.value}", verdict_style(finding.verdict)),) if finding.verdict else ()
        text = ((finding.command, Style.CHANGE), *end)
        yield Row((("  see: ", Style.LABEL),), (("       ", Style.PLAIN),), text)
    yield _BLANK


def document(findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The document of ``kcnet check -o json``, of ``to_dict()`` of problems and findings."""
    return {"apiVersion": "kcnet/v1", "kind": "Findings", "findings": list(findings)}


def diff_text(diff: str, screen: Screen) -> str:
    """A unified diff, coloured; its lines are as long as those of the file."""
    styles = {"+": Style.GOOD, "-": Style.BAD, "@": Style.LABEL}
    lines = [
        screen.painted(
            [(screen.shown(line), Style.STRONG if line[:3] in ("+++", "---") else styles.get(line[:1], Style.PLAIN))]
        )
        for line in diff.splitlines()
    ]
    return "\n".join(lines) + "\n"
