"""The catalogue of codes, of traces and of ``kcnet check``: a list, a page for each, and a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kcnet.analysis.errors import ErrorPage
from kcnet.analysis.finding import Rule, Severity
from kcnet.model.trace import Reason
from kcnet.render.screen import Line, Row, Screen, Style, laid_out
from kcnet.render.words import verdict_mark, verdict_style

_BLANK = Row((), ())
_HANG: Line = (("  ", Style.PLAIN),)

Page = Reason | Rule | ErrorPage

_SEVERITY_STYLE = {Severity.ERROR: Style.BAD, Severity.WARNING: Style.WARN, Severity.INFO: Style.LABEL}


def listing(subjects: Mapping[str, Sequence[Page]], screen: Screen) -> str:
    """All codes by subject, with the verdict that each decides, or how severe it is, and its title."""
    width = max(len(reason.code) for reasons in subjects.values() for reason in reasons)
    rows: list[Row] = []
    for subject, reasons in subjects.items():
        rows.append(Row((), (), ((subject, Style.LABEL),)))
        rows += [_entry(reason, width) for reason in reasons]
        rows.append(_BLANK)
    rows.append(Row((), (), (("kcnet explain CODE tells more of one.", Style.QUIET),)))
    return "\n".join(laid_out(screen, rows)) + "\n"


def _entry(reason: Page, width: int) -> Row:
    verdict, style = _decides(reason)
    first: Line = ((f"  {reason.code:<{width}}  ", Style.STRONG), (f"{verdict:<11} ", style))
    return Row(first, ((" " * (width + 16), Style.PLAIN),), ((reason.title, Style.PLAIN),))


def _decides(reason: Page) -> tuple[str, Style]:
    if isinstance(reason, (Rule, ErrorPage)):
        return reason.severity.value, _SEVERITY_STYLE[reason.severity]
    return (reason.verdict.value, verdict_style(reason.verdict)) if reason.verdict else ("", Style.PLAIN)


def page(reason: Page, screen: Screen) -> str:
    """What the code means, how to see it on a real cluster, its causes, the repair, and where to read on."""
    return "\n".join(laid_out(screen, _page(reason))) + "\n"


def _page(reason: Page) -> Iterator[Row]:
    if isinstance(reason, (Rule, ErrorPage)):
        severity, style = _decides(reason)
        yield Row(
            (), _HANG, ((reason.code, Style.STRONG), ("  found by kcnet check  ", Style.QUIET), (severity, style))
        )
    elif reason.verdict:
        verdict = f"{verdict_mark(reason.verdict)} {reason.verdict.value}"
        yield Row(
            (),
            _HANG,
            ((reason.code, Style.STRONG), ("  decides ", Style.QUIET), (verdict, verdict_style(reason.verdict))),
        )
    else:
        yield Row((), _HANG, ((reason.code, Style.STRONG), ("  a step on the way; decides no verdict", Style.QUIET)))
    yield Row(_HANG, _HANG, ((reason.title, Style.PLAIN),))
    yield _BLANK
    yield Row(_HANG, _HANG, ((reason.meaning, Style.PLAIN),))
    if reason.look:
        yield from _section("How to see it on a real cluster")
        for command in reason.look:
            yield Row((("  $ ", Style.QUIET),), (("    ", Style.PLAIN),), ((command, Style.CHANGE),))
    if reason.causes:
        yield from _section("Usual causes")
        for number, cause in enumerate(reason.causes, 1):
            yield Row(((f"  {number}. ", Style.QUIET),), (("     ", Style.PLAIN),), ((cause, Style.PLAIN),))
    if reason.repair:
        yield from _section("What to do")
        yield Row(_HANG, _HANG, ((reason.repair, Style.PLAIN),))
    yield from _section("Read on")
    yield Row(_HANG, _HANG, ((reason.source, Style.PLAIN),), whole=True)


def _section(name: str) -> Iterator[Row]:
    yield _BLANK
    yield Row((), (), ((name, Style.LABEL),))


def document(reasons: Iterable[Page]) -> dict[str, Any]:
    """The document of ``kcnet explain -o json``."""
    return {"apiVersion": "kcnet/v1", "kind": "ReasonCodes", "codes": [_code(reason) for reason in reasons]}


def _code(reason: Page) -> dict[str, Any]:
    decides = _decides(reason)[0] or None
    return {
        "code": reason.code,
        "verdict": None if isinstance(reason, (Rule, ErrorPage)) else decides,
        "severity": decides if isinstance(reason, (Rule, ErrorPage)) else None,
        "title": reason.title,
        "meaning": reason.meaning,
        "look": list(reason.look),
        "causes": list(reason.causes),
        "repair": reason.repair,
        "source": reason.source,
    }
