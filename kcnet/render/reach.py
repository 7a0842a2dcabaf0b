"""``kcnet reach`` as text, JSON, CSV, Markdown, DOT, Mermaid and HTML; its differences and its expectations.

Rows are written as they come: no format holds all of them, but for the small matrix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from kcnet.analysis.reach.connectivity import EVERY_ROW, Choice, Reachability, Row
from kcnet.analysis.reach.portsets import EVERYTHING, PortSet
from kcnet.render.printable import json_text, printable
from kcnet.render.reach_matrix import LARGEST, matrix
from kcnet.render.screen import Line, Screen, Style, laid_out
from kcnet.render.screen import Row as Paragraph

if TYPE_CHECKING:
    from kcnet.analysis.reach.diff import Changes
    from kcnet.analysis.reach.entries import Entry
    from kcnet.analysis.reach.expect import Outcome
    from kcnet.analysis.reach.explain import Explanation, Given
    from kcnet.analysis.reach.relation import Targets
    from kcnet.model.trace import Because

Sources = Iterable[tuple[str, "Targets"]]
"""Every source with its targets, as ``Reachability.each`` gives them."""

_BLANK = Paragraph((), ())
_HANG: Line = (("  ", Style.PLAIN),)


# Text ---------------------------------------------------------------------------------------------------------------


def text(sources: Sources, everyone: Sequence[str], choice: Choice, screen: Screen) -> Iterator[str]:
    """A matrix for few names, a list for many, in pieces that end in a newline; none if there is no row.

    ``everyone`` are names that are shown even if they may talk to nobody. Where certain ends or ports were asked for it
    is always a list: a matrix would say of all other pairs that they may not talk.
    """
    whole = choice._replace(namespace=None) == EVERY_ROW
    several = iter(sources)
    first = list(islice(several, LARGEST + 1))
    if not first:
        return
    talking = {name for source, targets in first for name in (source, *(target for target, _ in targets))}
    names = sorted(talking.union(everyone))
    if whole and len(first) <= LARGEST and len(names) <= LARGEST:
        answers = {source: dict(targets) for source, targets in first}
        if (table := matrix(answers, names, choice.namespace, screen.width)) is not None:
            yield _page(table, screen)
            return
    silent = dict.fromkeys(everyone)
    for group in (first, several):
        for source, targets in group:
            silent.pop(source, None)
            yield _page(_listed(source, targets), screen)
    if silent:
        line: Line = (("No connections from ", Style.QUIET), (", ".join(silent), Style.PLAIN))
        yield _page([Paragraph((), _HANG, line)], screen)


def no_row(reach: Reachability, choice: Choice, screen: Screen) -> str:
    """Why there is no row to show."""
    names = [one.name for one in reach.workloads]
    sources = [name for name in names if choice.begins(name)]
    targets = [name for name in names if choice.targets is None or choice.targets(name)]
    inside = {one.name for one in reach.workloads if choice.namespace in (None, one.namespace)}
    if choice == EVERY_ROW:
        words = "No pair may talk."
    elif inside.isdisjoint((*sources, *targets)):
        words = "There is no such pair: rows are of workloads, and of a workload and addresses outside."
    elif choice.sources and choice.targets and sources == targets and len(sources) == 1:
        words = "Rows do not speak of a workload and itself; --explain tells what its pods may open to each other."
    else:
        start = "None" if reach.decided else "For certain none"
        words = f"{start} of these pairs may talk{' on that port' if choice.port else ''}; --explain says why."
    return _page([Paragraph((), (), ((words, Style.PLAIN),))], screen)


def _page(paragraphs: Iterable[Paragraph], screen: Screen) -> str:
    return "\n".join(laid_out(screen, paragraphs)) + "\n"


def _listed(source: str, targets: Targets) -> Iterator[Paragraph]:
    """One source: its targets by what it may open to them."""
    yield Paragraph((), _HANG, ((source, Style.STRONG),))
    groups: dict[PortSet, list[str]] = {}
    for target, ports in targets:
        groups.setdefault(ports, []).append(target)
    for ports, names in sorted(groups.items(), key=lambda group: (group[0] != EVERYTHING, group[0])):
        style = Style.GOOD if ports == EVERYTHING else Style.CHANGE
        line: Line = ((str(ports), style), (" → ", Style.QUIET), (", ".join(names), Style.PLAIN))
        yield Paragraph(_HANG, (("      ", Style.PLAIN),), line)


def entries_text(entries: Sequence[Entry], reach: Reachability, screen: Screen) -> str:
    """The ways in from outside, and where each leads; "" if there are none."""
    if not entries:
        return ""
    return _page([_BLANK, Paragraph((), (), (("From outside", Style.LABEL),)), *_entered(entries, reach)], screen)


def _entered(entries: Sequence[Entry], reach: Reachability) -> Iterator[Paragraph]:
    from kcnet.render.words import verdict_mark, verdict_style

    for entry in entries:
        verdict = entry.answer.verdict
        mark: Line = ((f"{verdict_mark(verdict)} ", verdict_style(verdict)),)
        where = _reached(entry, reach)
        line: Line = ((entry.target, Style.STRONG), (" → ", Style.QUIET), (where, Style.PLAIN))
        yield Paragraph(mark, _HANG, line, entry.via)


def _reached(entry: Entry, reach: Reachability) -> str:
    """The workloads that a way in leads to, or how a request that takes it ends."""
    answer = entry.answer
    return ", ".join(entry.reached(reach.cluster)) or f"{answer.verdict.value} ({answer.reason.code})"


def undecided_text(rows: Sequence[Row], screen: Screen) -> str:
    """What may be allowed on top; "" if everything is decided."""
    if not rows:
        return ""
    paragraphs = [_BLANK, Paragraph((), (), (("Undecided", Style.WARN),))]
    paragraphs += [_pair(row, (("? ", Style.WARN),)) for row in rows]
    return _page(paragraphs, screen)


def _pair(row: Row, mark: Line) -> Paragraph:
    line: Line = (
        (row.source, Style.STRONG),
        (" → ", Style.QUIET),
        (row.target, Style.STRONG),
        (f"  {row.connections}", Style.CHANGE),
    )
    return Paragraph(mark, (("    ", Style.PLAIN),), line)


def explained_text(explanations: Iterable[Explanation], screen: Screen) -> Iterator[str]:
    """For each pair what it may open, and what the policies of both ends say."""
    for one in explanations:
        yield _page(_explained(one), screen)


def _explained(one: Explanation) -> Iterator[Paragraph]:
    from kcnet.render.words import manifest_lines, short_files

    mark: Line = (("✔ ", Style.GOOD),) if one.connections else (("✘ ", Style.BAD),)
    yield _pair(Row(one.source, one.target, one.connections), mark)
    files = short_files(
        b.file for side in (one.egress, one.ingress) for b in _because(side.allowing or side.given) if b.file
    )
    for side in (one.egress, one.ingress):
        note = manifest_lines(_because(side.allowing or side.given), files)
        yield Paragraph((("    ", Style.PLAIN),), (("      ", Style.PLAIN),), ((side.text, Style.PLAIN),), note)


def _because(given: Iterable[Given]) -> list[Because]:
    return [one.because for one in given]


# JSON ---------------------------------------------------------------------------------------------------------------


def json_document(
    sources: Sources, undecided: Sequence[Row], entries: Sequence[Entry], reach: Reachability, explained: bool = False
) -> Iterator[str]:
    """The document of ``kcnet reach -o json``, a row a line."""
    yield '{\n  "apiVersion": "kcnet/v1",\n  "kind": "Reachability",\n  "rows": ['
    yield from _json_rows(sources)
    yield '],\n  "undecided": ['
    yield from _json_rows((row.source, [(row.target, row.connections)]) for row in undecided)
    rest = {"entries": [entry.to_dict(reach.cluster) for entry in entries], "notes": list(reach.notes)}
    yield "],\n" + json_text(rest).removeprefix("{\n").removesuffix("}\n")
    if not explained:
        yield "}\n"


def json_explained(explanations: Iterable[Explanation]) -> Iterator[str]:
    """The end of the document: an entry of ``pairs`` for each explanation."""
    yield ',\n  "pairs": ['
    for index, one in enumerate(explanations):
        text = json_text(one.to_dict()).rstrip("\n").replace("\n", "\n    ")
        yield f"{',' if index else ''}\n    {text}"
    yield "\n  ]\n}\n"


def _json_rows(sources: Sources) -> Iterator[str]:
    names: dict[str, str] = {}
    ends: dict[PortSet, str] = {}
    separator = "\n"
    for source, targets in sources:
        begin = f'    {{"from": {_json(source)}, "to": '
        lines = []
        for target, ports in targets:
            name = names.get(target)
            if name is None:
                name = names[target] = _json(target)
            end = ends.get(ports)
            if end is None:
                end = ends[ports] = f', "connections": {_json(str(ports))}}}'
            lines.append(f"{begin}{name}{end}")
        yield separator + ",\n".join(lines)
        separator = ",\n"
    if separator != "\n":
        yield "\n  "


def _json(text: str) -> str:
    return json_text(text).rstrip("\n")


# Tables and diagrams ------------------------------------------------------------------------------------------------


def csv(sources: Sources) -> Iterator[str]:
    """RFC 4180, with a header line. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    yield "from,to,connections\r\n"
    for source, targets in sources:
        begin = _cell(source)
        yield "".join(f"{begin},{_cell(target)},{_cell(str(ports))}\r\n" for target, ports in targets)


def _cell(text: str) -> str:
    text = printable(text)
    if text[:1] in "=+-@":
        text = f"'{text}"
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if any(char in text for char in ',"') else text


def markdown(sources: Sources) -> Iterator[str]:
    yield "| from | to | connections |\n| --- | --- | --- |\n"
    for source, targets in sources:
        begin = _markdown(source)
        yield "".join(f"| {begin} | {_markdown(target)} | {_markdown(str(ports))} |\n" for target, ports in targets)


def _markdown(text: str) -> str:
    """As code, which no renderer reads as more than text."""
    return f"`{printable(text).replace('|', chr(92) + '|').replace('`', chr(39))}`"


def dot(sources: Sources, everyone: Sequence[str]) -> Iterator[str]:
    """A box for each of ``everyone``, connected or not. https://graphviz.org/doc/info/lang.html"""
    yield "digraph reach {\n  rankdir=LR\n  node [shape=box]\n"
    yield "".join(f"  {_quoted(name)}\n" for name in everyone)
    for source, targets in sources:
        begin = _quoted(source)
        yield "".join(
            f"  {begin} -> {_quoted(target)}" + (f" [label={_quoted(str(ports))}]\n" if ports != EVERYTHING else "\n")
            for target, ports in targets
        )
    yield "}\n"


def _quoted(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def mermaid(sources: Sources, everyone: Sequence[str]) -> Iterator[str]:
    """A box for each of ``everyone``, connected or not. https://mermaid.js.org/syntax/flowchart.html"""
    names: dict[str, str] = {}

    def box(name: str) -> str:
        known = names.get(name)
        if known is not None:
            return known
        names[name] = f"n{len(names) + 1}"
        return f'{names[name]}["{_in_mermaid(name)}"]'

    yield "flowchart LR\n"
    for name in everyone:
        yield f"  {box(name)}\n"
    for source, targets in sources:
        for target, ports in targets:
            label = "" if ports == EVERYTHING else f'|"{_in_mermaid(str(ports))}"|'
            yield f"  {box(source)} -->{label} {box(target)}\n"


def _in_mermaid(text: str) -> str:
    from kcnet.render.mermaid import shown

    return shown(text)


def html(
    sources: Sources,
    everyone: Sequence[str],
    undecided: Sequence[Row],
    entries: Sequence[Entry],
    reach: Reachability,
) -> Iterator[str]:
    """One page that needs nothing beside itself."""
    yield _HEAD
    for note in reach.notes:
        yield f"<p>{_escaped(note)}</p>\n"
    head = "".join(f'<th scope="col">{name}</th>' for name in ("from", "to", "connections"))
    yield f"<table>\n<thead><tr>{head}</tr></thead>\n"
    silent = dict.fromkeys(everyone)
    for source, targets in sources:
        silent.pop(source, None)
        begin = f'<tr><th scope="row">{_escaped(source)}</th>'
        yield "<tbody>\n"
        yield "".join(
            f"{begin if not index else '<tr><td></td>'}<td>{_escaped(target)}</td>"
            f"<td{_CLASS if ports != EVERYTHING else ''}>{_escaped(str(ports))}</td></tr>\n"
            for index, (target, ports) in enumerate(targets)
        )
        yield "</tbody>\n"
    yield "</table>\n"
    if silent:
        yield f"<p>No connections from {_escaped(', '.join(silent))}</p>\n"
    if undecided:
        yield "<h2>Undecided</h2>\n<table>\n"
        yield from (_cells(row.source, row.target, str(row.connections)) for row in undecided)
        yield "</table>\n"
    if entries:
        yield "<h2>From outside</h2>\n<table>\n"
        for entry in entries:
            yield _cells(entry.target, _reached(entry, reach), entry.via)
        yield "</table>\n"
    yield "</body>\n</html>\n"


def _cells(*texts: str) -> str:
    return f"<tr>{''.join(f'<td>{_escaped(text)}</td>' for text in texts)}</tr>\n"


_CLASS = ' class="some"'
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Who can talk to whom</title>
<style>
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .15rem 1rem .15rem 0; font-weight: normal; }
thead th { font-weight: bold; position: sticky; top: 0; background: Canvas; }
tbody th { font-weight: bold; }
tbody tr:first-child > * { border-top: 1px solid GrayText; }
.some { font-family: ui-monospace, monospace; }
</style>
</head>
<body>
<h1>Who can talk to whom</h1>
<p>As far as NetworkPolicy allows, whether or not a port is listened on.</p>
"""


def _escaped(text: str) -> str:
    from html import escape

    return escape(printable(text))


# Differences --------------------------------------------------------------------------------------------------------


def changes_text(changes: Changes, screen: Screen) -> str:
    """What is newly allowed and newly denied, and a count."""
    paragraphs: list[Paragraph] = []
    for title, rows, mark, style in (
        ("Newly allowed", changes.allowed, "+ ", Style.GOOD),
        ("Newly denied", changes.denied, "- ", Style.BAD),
    ):
        if rows:
            paragraphs.append(Paragraph((), (), ((title, Style.LABEL),)))
            paragraphs += [_pair(row, ((mark, style),)) for row in rows]
            paragraphs.append(_BLANK)
    for title, names in (("new workloads", changes.added), ("gone workloads", changes.removed)):
        if names:
            first: Line = ((f"{title}  ", Style.LABEL),)
            paragraphs.append(Paragraph(first, _HANG, ((", ".join(names), Style.PLAIN),)))
    same = "Nothing changes: the same pairs may talk on the same ports."
    last = (_counted(changes), Style.STRONG) if changes else (same, Style.PLAIN)
    paragraphs.append(Paragraph((), (), (last,)))
    return _page(paragraphs, screen)


def _counted(changes: Changes) -> str:
    from kcnet.render.words import count

    allowed, denied = count(len(changes.allowed), "pair"), count(len(changes.denied), "pair")
    return f"{allowed} newly allowed, {denied} newly denied"


def changes_json(changes: Changes) -> str:
    return json_text(
        {
            "apiVersion": "kcnet/v1",
            "kind": "ReachabilityDiff",
            "allowed": [_row(row) for row in changes.allowed],
            "denied": [_row(row) for row in changes.denied],
            "added": list(changes.added),
            "removed": list(changes.removed),
        }
    )


def _row(row: Row) -> dict[str, str]:
    return {"from": row.source, "to": row.target, "connections": str(row.connections)}


def changes_markdown(changes: Changes) -> str:
    lines = [f"NetworkPolicy: {_counted(changes) if changes else 'nothing changes'}."]
    for title, names in (("New workloads", changes.added), ("Gone workloads", changes.removed)):
        if names:
            lines += ["", f"{title}: {', '.join(map(_markdown, names))}."]
    if changes:
        lines += ["", "| change | from | to | connections |", "| --- | --- | --- | --- |"]
    for word, rows in (("newly allowed", changes.allowed), ("newly denied", changes.denied)):
        lines += [
            f"| {word} | {_markdown(row.source)} | {_markdown(row.target)} | {_markdown(str(row.connections))} |"
            for row in rows
        ]
    return "\n".join(lines) + "\n"


# Expectations -------------------------------------------------------------------------------------------------------


def outcomes_text(outcomes: Sequence[Outcome], file: str, screen: Screen) -> Iterator[str]:
    """Every failure with its place, why, and its trace; a count at the end."""
    from kcnet.render.text import render as trace_page
    from kcnet.render.words import count

    failed = [one for one in outcomes if not one.met]
    for one in failed:
        head: Line = ((f"{file}:{one.expectation.line}", Style.STRONG), (f"  {one.expectation}", Style.PLAIN))
        paragraphs = [Paragraph((("✘ ", Style.BAD),), _HANG, head)]
        paragraphs.append(Paragraph(_HANG, _HANG, ((f"But {one.why}.", Style.PLAIN),)))
        if one.explanation is not None:
            paragraphs += _explained(one.explanation)
        yield _page(paragraphs, screen)
        if one.trace is not None:
            yield "\n" + trace_page(one.trace, screen)
        yield "\n"
    total = count(len(outcomes), "expectation")
    met: Line = ((f"✔ {total} met", Style.GOOD),)
    yield _page([Paragraph((), (), ((f"{len(failed)} of {total} not met", Style.BAD),) if failed else met)], screen)


def outcomes_json(outcomes: Sequence[Outcome], file: str) -> str:
    return json_text(
        {
            "apiVersion": "kcnet/v1",
            "kind": "Expectations",
            "met": all(one.met for one in outcomes),
            "expectations": [
                {
                    "file": file,
                    "line": one.expectation.line,
                    "from": one.expectation.source,
                    "to": one.expectation.target,
                    "expected": "allow" if one.expectation.allow else "deny",
                    "met": one.met,
                    "why": one.why,
                    "pair": one.explanation.to_dict() if one.explanation else None,
                    "trace": one.trace.to_dict() if one.trace else None,
                }
                for one in outcomes
            ],
        }
    )
