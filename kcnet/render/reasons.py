"""The catalogue of reason codes: a list, a page for each, and a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kcnet.model.trace import Reason
from kcnet.render.screen import Line, Row, Screen, Style, laid_out
from kcnet.render.words import verdict_mark, verdict_style

_BLANK = Row((), ())
_HANG: Line = (("  ", Style.PLAIN),)


def listing(subjects: Mapping[str, Sequence[Reason]], screen: Screen) -> str:
    """All codes by subject, with the verdict that each decides and its title."""
    width = max(len(reason.code) for reasons in subjects.values() for reason in reasons)
    rows: list[Row] = []
    for subject, reasons in subjects.items():
        rows.append(Row((), (), ((subject, Style.LABEL),)))
        rows += [_entry(reason, width) for reason in reasons]
        rows.append(_BLANK)
    rows.append(Row((), (), (("kcnet explain CODE tells more of one.", Style.QUIET),)))
    return "\n".join(laid_out(screen, rows)) + "\n"


def _entry(reason: Reason, width: int) -> Row:
    verdict, style = (reason.verdict.value, verdict_style(reason.verdict)) if reason.verdict else ("", Style.PLAIN)
    first: Line = ((f"  {reason.code:<{width}}  ", Style.STRONG), (f"{verdict:<11} ", style))
    return Row(first, ((" " * (width + 16), Style.PLAIN),), ((reason.title, Style.PLAIN),))


def page(reason: Reason, screen: Screen) -> str:
    """What the code means, how to see it on a real cluster, its causes, the repair, and where to read on."""
    return "\n".join(laid_out(screen, _page(reason))) + "\n"


def _page(reason: Reason) -> Iterator[Row]:
    if reason.verdict:
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
    yield Row(_HANG, _HANG, ((reason.source, Style.PLAIN),))


def _section(name: str) -> Iterator[Row]:
    yield _BLANK
    yield Row((), (), ((name, Style.LABEL),))


def document(reasons: Iterable[Reason]) -> dict[str, Any]:
    """The document of ``kcnet explain -o json``."""
    return {"apiVersion": "kcnet/v1", "kind": "ReasonCodes", "codes": [_code(reason) for reason in reasons]}


def _code(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "verdict": reason.verdict.value if reason.verdict else None,
        "severity": None,
        "title": reason.title,
        "meaning": reason.meaning,
        "look": list(reason.look),
        "causes": list(reason.causes),
        "repair": reason.repair,
        "source": reason.source,
    }
