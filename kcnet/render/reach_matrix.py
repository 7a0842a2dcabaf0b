"""The matrix of ``kcnet reach``: a line for each source, a column for each target, for few names on a wide screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kcnet.analysis.reach.addresses import range_of
from kcnet.analysis.reach.connectivity import namespace_of
from kcnet.analysis.reach.portsets import EVERYTHING, NOTHING, PortSet
from kcnet.render.printable import cells, printable
from kcnet.render.screen import Row as Paragraph
from kcnet.render.screen import Span, Style

Answers = Mapping[str, Mapping[str, PortSet]]
"""By source and target what rows allow."""

LARGEST = 14
"""Lines and columns; with more names a list reads better."""

_ALL: Span = ("✔", Style.GOOD)
_NONE: Span = ("·", Style.QUIET)
_PARTLY: Span = ("*", Style.CHANGE)
_NOT_SAID: Span = ("-", Style.QUIET)
_NOT_ASKED: Span = (" ", Style.QUIET)
_WORDS = {_NONE: "nothing", _PARTLY: "not the same for all of these addresses: see the smaller ranges"}


def matrix(answers: Answers, names: Sequence[str], namespace: str | None, width: int) -> Sequence[Paragraph] | None:
    """A letter stands for ports, which are told below. With a ``namespace`` pairs without an end in it stay blank.
    None: wider than ``width``."""
    several = sorted({ports for targets in answers.values() for ports in targets.values()} - {EVERYTHING})
    letters = {ports: (_letter(index), Style.CHANGE) for index, ports in enumerate(several)}
    marks = {EVERYTHING: _ALL, NOTHING: _NONE, **letters}
    lines = [
        [
            _mark(answers, marks, name, other)
            if namespace in (None, namespace_of(name), namespace_of(other))
            else _NOT_ASKED
            for other in names
        ]
        for name in names
    ]
    cell = 1 + max(len(mark) for mark in (str(len(names)), *(mark for line in lines for mark, _ in line)))
    first = 1 + max(cells(printable(name)) for name in names)
    if 4 + first + cell * len(names) > width:
        return None
    seen = {mark for line in lines for mark in line}
    means = {_ALL: "all connections", **{letter: str(ports) for ports, letter in letters.items()}, **_WORDS}
    return [
        *_drawn(names, lines, first, cell),
        Paragraph((), ()),
        *(_meaning(mark, words) for mark, words in means.items() if mark in seen),
    ]


def _mark(answers: Answers, marks: Mapping[PortSet, Span], name: str, other: str) -> Span:
    """What stands for a pair; rows say nothing of a workload and itself, nor of addresses outside among themselves."""
    if name == other or (range_of(name) and range_of(other)):
        return _NOT_SAID
    ports = _between(answers, name, other)
    return _PARTLY if ports is None else marks[ports]


def _between(answers: Answers, name: str, other: str) -> PortSet | None:
    """What ``name`` may open to ``other``. A range may be part of the one that a row speaks of; None if it is the other
    way round."""
    outward = range_of(other)
    outside = outward or range_of(name)
    if outside is None:
        return answers.get(name, {}).get(other, NOTHING)
    if outward:
        ways = answers.get(name, {})
    else:
        ways = {source: targets[other] for source, targets in answers.items() if other in targets}
    version, first, last = outside
    for end, ports in ways.items():
        found = range_of(end)
        if found is not None and found[0] == version and found[1] <= last and first <= found[2]:
            return ports if found[1] <= first and last <= found[2] else None
    return NOTHING


def _drawn(names: Sequence[str], lines: Sequence[Sequence[Span]], first: int, cell: int) -> Iterator[Paragraph]:
    head = "".join(f"{number:>{cell}}" for number in range(1, len(names) + 1))
    yield Paragraph((), (), (("from / to".ljust(first + 4), Style.QUIET), (head, Style.LABEL)))
    for number, (name, line) in enumerate(zip(names, lines, strict=True), 1):
        named = ((f"{number:>3} ", Style.LABEL), (_padded(printable(name), first), Style.PLAIN))
        # What stands before a paragraph is not wrapped; the matrix is known to fit.
        yield Paragraph((*named, *((f"{mark:>{cell}}", style) for mark, style in line)), ())


def _meaning(mark: Span, words: str) -> Paragraph:
    text, style = mark
    return Paragraph(((f"{text:>3} ", style),), (("    ", Style.PLAIN),), ((words, Style.PLAIN),))


def _padded(name: str, width: int) -> str:
    return name + " " * (width - cells(name))


def _letter(index: int) -> str:
    """a, b ... z, aa, ab ..."""
    first, last = divmod(index, 26)
    return (chr(ord("a") + first - 1) if first else "") + chr(ord("a") + last)
