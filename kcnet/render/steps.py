"""A Trace one step at a time: for each step what happened, why, where it is written, and how to see it for real."""

from __future__ import annotations

from collections.abc import Iterator

from kcnet.model.trace import Step, Trace, socket_address
from kcnet.render.excerpt import excerpt
from kcnet.render.screen import Line, Row, Screen, Style, laid_out
from kcnet.render.text import render_answer
from kcnet.render.tree import Branch, tree
from kcnet.render.words import (
    STAGE,
    changes,
    count,
    manifest_lines,
    percent,
    place,
    step_mark,
    trace_files,
    where,
)

_BLANK = Row((), ())
_INDENT: Line = (("  ", Style.PLAIN),)


def pages(trace: Trace, screen: Screen) -> list[list[str]]:
    """One page of lines for each step in the order of the tree (equal branches once), and one with the answer."""
    found = [laid_out(screen, page) for page in page_rows(trace, screen)]
    return [*found, render_answer(trace, screen).splitlines()]


def page_rows(trace: Trace, screen: Screen, *, short: bool = False) -> list[list[Row]]:
    """The pages of the steps, each as rows. ``short``: files are named by the end of their path alone."""
    steps = list(_walk(tree(trace.paths), ""))
    files = trace_files(trace)
    return [
        list(_page(step, branch, f"step {number} of {len(steps)}", files, screen, short=short))
        for number, (step, branch) in enumerate(steps, 1)
    ]


def split(page: list[str], height: int) -> list[list[str]]:
    """A page as screenfuls of at most ``height`` lines; each but the first repeats the page's title."""
    if len(page) <= height or height < 4:
        return [page[index : index + max(1, height)] for index in range(0, len(page), max(1, height))]
    title, body = page[:2], page[2:]
    room = height - len(title)
    return [title + body[index : index + room] for index in range(0, len(body), room)]


def plain(trace: Trace, screen: Screen) -> str:
    """All the pages one after the other."""
    rule = screen.shown("─") * min(screen.width, 76)
    return f"\n{rule}\n".join("\n".join(page) for page in pages(trace, screen)) + "\n"


def _walk(branch: Branch, name: str) -> Iterator[tuple[Step, str]]:
    for step in branch.steps:
        yield step, name
    for fork in branch.forks:
        ends = {where(path.destination) for path in fork.first.paths if path.destination}
        goal = f" → {ends.pop()}" if len(ends) == 1 else ""
        more = f", and {count(len(fork.others), 'other')} like it" if fork.others else ""
        yield from _walk(fork.first, f"{percent(fork.first.share)}{goal}{more}")


def _page(step: Step, branch: str, number: str, files: dict[str, str], screen: Screen, *, short: bool) -> Iterator[Row]:
    mark, style = step_mark(step)
    title: Line = (
        (number, Style.QUIET),
        (" · ", Style.QUIET),
        (STAGE[step.stage], Style.LABEL),
        (" at ", Style.QUIET),
        (place(step.at), Style.STRONG),
    )
    yield Row((), _INDENT, title, branch)
    yield _BLANK
    text: Line = ((step.text, Style.STRONG),)
    yield Row(((f"{mark} ", style),), _INDENT, text)
    for change in changes(step.before, step.after) or [_packet(step)]:
        yield Row(_INDENT, _INDENT, change)
    if step.repair:
        yield _BLANK
        yield Row((("  fix: ", Style.LABEL),), (("       ", Style.PLAIN),), ((step.repair, Style.PLAIN),))
    if step.considered:
        yield from _section("not taken")
        for road in step.considered:
            yield Row(
                (("  · ", Style.QUIET),),
                (("    ", Style.PLAIN),),
                ((road.text, Style.PLAIN),),
                manifest_lines(road.because, files),
            )
    written = [because for because in step.because if because.ref.origin]
    if written:
        yield from _section("written")
        for index, because in enumerate(written[:3]):
            field = f" · {because.field}" if because.field else ""
            file = files.get(because.file or "", because.file) if short else because.file
            yield Row(_INDENT, _INDENT, ((f"{file}:{because.line}{field}", Style.QUIET),))
            yield from excerpt(because, screen, around=0 if index else 1)
    # A step without a command of its own shows those of its reason, which name no object.
    if commands := step.look or step.reason.look[:2]:
        yield from _section("on a real cluster")
        for command in commands:
            yield Row((("  $ ", Style.QUIET),), (("    ", Style.PLAIN),), ((command, Style.CHANGE),))
    yield _BLANK
    yield Row(_INDENT, _INDENT, ((f"kcnet explain {step.reason.code}", Style.QUIET),))


def _section(name: str) -> Iterator[Row]:
    yield _BLANK
    yield Row((), (), ((name, Style.LABEL),))


def _packet(step: Step) -> Line:
    packet = step.after
    src = socket_address(packet.src, packet.src_port) or "?"
    dst = socket_address(packet.dst, packet.dst_port) or "?"
    return ((f"packet {src} → {dst} {packet.protocol}, unchanged", Style.QUIET),)
