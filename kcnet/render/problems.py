"""What the author of the input can mend, as text and as a document: problems of manifests, and requests that name
nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kcnet.loading.problems import Problem
from kcnet.render.excerpt import marked
from kcnet.render.screen import Line, Row, Screen, Style, laid_out
from kcnet.render.words import count

_BLANK = Row((), ())
_HANG: Line = (("  ", Style.PLAIN),)


def render(problems: Sequence[Problem], screen: Screen) -> str:
    """Every problem with its place, the lines around it, what was found and what to do; a count at the end."""
    rows = [row for problem in problems for row in _problem(problem, screen)]
    files = len({problem.file for problem in problems if problem.file})
    inside = f" in {count(files, 'file')}" if files else ""
    rows.append(Row((), (), ((f"{count(len(problems), 'problem')}{inside}", Style.BAD),)))
    return "\n".join(laid_out(screen, rows)) + "\n"


def _problem(problem: Problem, screen: Screen) -> Iterator[Row]:
    head: list[tuple[str, Style]] = []
    if problem.file:
        place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part is not None)
        head.append((place, Style.STRONG))
    if problem.ref:
        head.append((f"  {problem.ref}", Style.PLAIN))
    if problem.field and not problem.message.startswith(problem.field):
        head.append((f"  {problem.field}", Style.LABEL))
    yield Row((("✘ ", Style.BAD),), _HANG, tuple(head) or ((problem.code, Style.STRONG),))
    if problem.excerpt and problem.line is not None:
        yield from marked(problem.excerpt, problem.excerpt_start, problem.line, problem.column, screen)
    yield Row(_HANG, _HANG, ((problem.message, Style.PLAIN),))
    if problem.fix:
        yield Row((("  fix: ", Style.LABEL),), (("       ", Style.PLAIN),), ((problem.fix, Style.PLAIN),))
    yield _BLANK


def findings(problems: Sequence[Problem]) -> dict[str, Any]:
    """The document of ``kcnet check -o json``."""
    return {"apiVersion": "kcnet/v1", "kind": "Findings", "findings": [problem.to_dict() for problem in problems]}


def render_error(message: str, screen: Screen, fix: str = "", nearest: Sequence[str] = ()) -> str:
    """One mistake of the command line."""
    rows = [Row((("✘ ", Style.BAD),), _HANG, ((message, Style.PLAIN),))]
    if nearest:
        hang: Line = (("           ", Style.PLAIN),)
        rows.append(Row((("  nearest: ", Style.LABEL),), hang, ((", ".join(nearest), Style.STRONG),)))
    if fix:
        rows.append(Row((("  fix: ", Style.LABEL),), (("       ", Style.PLAIN),), ((fix, Style.PLAIN),)))
    return "\n".join(laid_out(screen, rows)) + "\n"
