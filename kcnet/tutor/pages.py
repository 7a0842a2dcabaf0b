"""What the steps of a lesson look like: rows for a desk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from kcnet.model.trace import Trace
from kcnet.render import markdown
from kcnet.render.markdown import BLANK
from kcnet.render.screen import Line, Row, Style
from kcnet.tutor.goals import Failure, field_of, find_object
from kcnet.tutor.lesson import Ask, Cards, Lesson, Show
from kcnet.tutor.play import CHECK, Guess, Play
from kcnet.tutor.subjects import TOPICS

if TYPE_CHECKING:
    from kcnet.apiserver.store import Object
    from kcnet.model.trace import Step as TraceStep
    from kcnet.tutor.collateral import Change

MOST_CHANGES: Final = 6
_OWN: Final = ("kcnet/", "kubectl.kubernetes.io/", "deployment.kubernetes.io/")
"""Annotations that tools keep for themselves."""
_MARGIN: Line = (("  ", Style.PLAIN),)


def _item(mark: str, style: Style, line: Line, margin: str = "") -> Row:
    """A line that hangs behind its mark."""
    space = margin + " " * len(mark)
    return Row(((margin, Style.PLAIN), (mark, style)), ((space, Style.PLAIN),), line)


_NAMES: Final = {
    "say": "",
    "show": "look",
    "trace": "watch the packet",
    "predict": "predict",
    "run": "your turn",
    "goal": "your task",
    "order": "put in order",
    "recap": "what to keep",
    "cards": "for your review",
}


def opening(lesson: Lesson) -> list[Row]:
    """Before the first step."""
    head = lesson.head
    rows = [
        Row((), (), ((head.title, Style.STRONG),)),
        Row((), (), ((f"about {head.minutes} minutes · KCNA: {head.competency}", Style.QUIET),)),
        BLANK,
        text("Afterwards you can:"),
    ]
    rows += [_item("· ", Style.LABEL, markdown.spans(one)) for one in head.objectives]
    return rows


def title(play: Play) -> list[Row]:
    """Where one is in the lesson."""
    step, steps = play.step, play.lesson.steps
    name = _NAMES[step.kind]
    if play.record.state == "skipped":
        name = f"{name} (skipped)".strip()
    elif play.done and name:
        name = f"{name} (done)"
    place: Line = ((f"{play.index + 1} of {len(steps)}", Style.QUIET),)
    if name:
        place += ((" · ", Style.QUIET), (name, Style.LABEL))
    rows = [
        BLANK,
        Row((("── ", Style.QUIET),), (), (*place, (" · ", Style.QUIET), (play.lesson.head.title, Style.QUIET))),
    ]
    rows.append(BLANK)
    if play.note:
        rows += [text(play.note, Style.WARN), BLANK]
    return rows


def text(said: str, style: Style = Style.PLAIN) -> Row:
    return Row((), (), ((said, style),))


def prose(said: str) -> list[Row]:
    """Markdown and an empty row; nothing for no text."""
    return [*markdown.rows(said), BLANK] if said.strip() else []


def shown(step: Show, play: Play) -> list[Row]:
    """An object of the sandbox, or lines of a manifest."""
    rows = prose(step.say)
    if step.object:
        found = find_object(step.object, play.scene)
        if found is None:
            return [*rows, text(f"There is no {step.object} in the sandbox any more.", Style.WARN)]
        return [*rows, *_object(found, step.fields)]
    from kcnet.tutor.sandbox import files_of

    lines = files_of(play.lesson.head).get(step.file, "").splitlines()
    first, last = step.lines or (1, len(lines))
    digits = len(str(last))
    rows.append(text(step.file, Style.QUIET))
    for number, line in enumerate(lines[first - 1 : last], first):
        marked = number in step.mark
        gutter: Line = (
            ("▸ " if marked else "  ", Style.WARN),
            (f"{number:>{digits}} │ ", Style.QUIET),
        )
        rows.append(_code(line, gutter, Style.STRONG if marked else Style.PLAIN))
    return rows


def _code(line: str, gutter: Line, style: Style, *, whole: bool = False) -> Row:
    bare = line.lstrip(" ")
    prefix = (*gutter, (" " * (len(line) - len(bare)), Style.PLAIN))
    return Row(prefix, prefix, ((bare, style),), whole=whole)


def _object(found: Object, fields: Sequence[str]) -> list[Row]:
    """As YAML; with ``fields`` only those, marked, below the name."""
    from kcnet.lab.kubectl.printers import yaml

    metadata = found["metadata"]
    named = {key: metadata[key] for key in ("name", "namespace") if key in metadata}
    if fields:
        pruned: Object = {"apiVersion": found["apiVersion"], "kind": found["kind"], "metadata": named}
        for path in fields:
            _put(pruned, path, field_of(found, path))
    else:
        notes = {key: value for key, value in (metadata.get("annotations") or {}).items() if not key.startswith(_OWN)}
        marks = {"labels": metadata.get("labels"), "annotations": notes}
        rest = {key: value for key, value in found.items() if key not in ("metadata", "status")}
        pruned = {**rest, "metadata": {**named, **{key: value for key, value in marks.items() if value}}}
    return [_code(line, _MARGIN, Style.CHANGE) for line in yaml.text(pruned).rstrip("\n").split("\n")]


def _put(into: Object, path: str, value: object) -> None:
    from kcnet.loading.positions import parts

    *above, last = parts(path)
    place: object = into
    for part in above:
        if not isinstance(place, dict):
            return
        # An item of a list is shown by its number, which says where it stands.
        place = place.setdefault(part, {})
    if isinstance(place, dict):
        place[last] = value


def asked(ask: Ask) -> Row:
    """A request, as kcnet trace takes it."""
    host = f" as {ask.host}" if ask.host else ""
    return Row(_MARGIN, _MARGIN, ((f"{ask.source} → {ask.target}{host}", Style.STRONG),))


def steps(found: Sequence[TraceStep]) -> Iterator[Row]:
    """Steps of a trace, one a row, below the places where they happen."""
    from kcnet.render.words import STAGE, in_brief, place, step_mark, unsaid_changes

    at = None
    for step in found:
        if step.at != at:
            at = step.at
            yield Row((("● ", Style.LABEL),), _MARGIN, ((place(at), Style.STRONG),))
        mark, style = step_mark(step)
        first: Line = ((f"{mark} ", style), (f"{STAGE[step.stage]:<10}  ", Style.LABEL))
        rest: Line = ((" " * 14, Style.PLAIN),)
        yield Row(first, rest, ((in_brief(step), Style.PLAIN),))
        for change in unsaid_changes(step):
            yield Row(rest, rest, change)


def outcome(trace: Trace, *, told: bool = False) -> list[Row]:
    """How the request ends; why, too, unless that was ``told``.

    In a sandbox nothing had to be taken for granted: it is what kcnet made it.
    """
    from kcnet.render.text import ending, heading

    verdict, why = heading(trace)
    above = [verdict] if told else [verdict, why, BLANK]
    return [*above, *ending(replace(trace, assumptions=()), stepped=True)]


def parted(trace: Trace, before: object) -> tuple[list[TraceStep], list[TraceStep]]:
    """The steps of the first way up to the stage ``before``, and the rest; None: all of them are the rest."""
    every = list(trace.paths[0].steps)
    cut = next((index for index, step in enumerate(every) if step.stage is before), 0)
    return every[:cut], every[cut:]


def followed(trace: Trace) -> tuple[Trace, str]:
    """The trace with one of its ways alone where all end alike, and what is then to say of the others."""
    count = trace.ways
    if count < 2 or len({(path.verdict, path.reason.code) for path in trace.paths}) > 1:
        return trace, ""
    only = replace(trace.paths[0], probability=1.0, alike=1, like=())
    others = f"{count - 1} others are" if count > 2 else "the other is"
    return replace(trace, paths=(only,)), f"That was one of {count} ways; {others} like it."


def guessed(guess: Guess) -> list[Row]:
    """What is said to a choice."""
    if guess.choice.correct:
        right = _item("✔ ", Style.GOOD, ((f"Right: {guess.right.text}", Style.STRONG),))
        return [right, Row(_MARGIN, _MARGIN, markdown.spans(guess.right.why))]
    rows = [
        _item("✘ ", Style.BAD, ((f"Not so: {guess.choice.text}", Style.STRONG),)),
        Row(_MARGIN, _MARGIN, markdown.spans(guess.choice.why)),
        BLANK,
        _item("✔ ", Style.GOOD, ((f"It is: {guess.right.text}", Style.STRONG),)),
    ]
    if guess.first_wrong:
        said = f"The first hop that you predicted differently. Worth a review: {TOPICS[guess.topic]}."
        rows.append(Row(_MARGIN, _MARGIN, ((said, Style.WARN),)))
    return rows


def missed(failure: Failure) -> list[Row]:
    """Why a task is not done yet: what the author says, and one counterexample."""
    rows = [_item("✘ ", Style.BAD, (("Not yet. ", Style.STRONG), *markdown.spans(failure.message)))]
    if failure.counterexample:
        rows.append(Row(_MARGIN, _MARGIN, ((failure.counterexample, Style.WARN),)))
    return rows


def passed(changes: Sequence[Change] | None) -> list[Row]:
    """A task is done; ``changes``: what else is different now, None if that was not asked."""
    rows = [BLANK, _item("✔ ", Style.GOOD, (("Done.", Style.STRONG),))]
    if changes is None:
        return rows
    if not changes:
        said = "Nothing else changed between workloads and Services."
        return [*rows, Row(_MARGIN, _MARGIN, ((said, Style.QUIET),))]
    rows.append(Row(_MARGIN, _MARGIN, (("What else changed:", Style.PLAIN),)))
    rows += [_item("· ", Style.QUIET, ((str(one), Style.PLAIN),), "  ") for one in changes[:MOST_CHANGES]]
    if len(changes) > MOST_CHANGES:
        rows.append(Row(_MARGIN, _MARGIN, ((f"and {len(changes) - MOST_CHANGES} more", Style.QUIET),)))
    return rows


def counted(commands: int, par: int) -> Row:
    """The grade of a task whose commands are counted."""
    said = f"You needed {commands} command{'' if commands == 1 else 's'}, looking around included."
    if commands <= par:
        return Row(_MARGIN, _MARGIN, ((f"{said} That is very good: {par} is a good number.", Style.GOOD),))
    return Row(
        _MARGIN, _MARGIN, ((f"{said} {par} is a good number; kcnet learn LESSON --restart tries again.", Style.PLAIN),)
    )


def hint(number: int, total: int, said: str) -> list[Row]:
    label = f"hint {number} of {total}: "
    return [Row(((label, Style.WARN),), _MARGIN, markdown.spans(said))]


def hints(play: Play) -> list[Row]:
    """Those that were shown already."""
    return [
        row
        for number, said in enumerate(play.hints[: play.record.hints], 1)
        for row in hint(number, len(play.hints), said)
    ]


def solution(lines: Sequence[str]) -> list[Row]:
    rows = [text("One solution:", Style.WARN)]
    for line in lines:
        # They are there to be copied, a heredoc's end at the beginning of its line included.
        rows += [_code(one, (), Style.CHANGE, whole=True) for one in line.rstrip("\n").split("\n")]
    return rows


def ending(play: Play, following: str) -> list[Row]:
    """After the last step."""
    lesson = play.lesson
    skipped = [step.id for step in lesson.steps if play.progress.record(step.id).state == "skipped"]
    rows = [BLANK]
    if skipped:
        what = "1 step was skipped" if len(skipped) == 1 else f"{len(skipped)} steps were skipped"
        rows.append(text(f"That was {lesson.head.title}. {what}: {', '.join(skipped)}.", Style.STRONG))
    else:
        rows.append(_item("✔ ", Style.GOOD, ((f"That was {lesson.head.title}.", Style.STRONG),)))
    if wrong := play.first_wrong:
        rows.append(text(f"The first hop that you predicted differently: {wrong[0].id}. Review: {TOPICS[wrong[1]]}."))
    rows += [BLANK, text("To read on:")]
    rows += [
        Row((("· ", Style.LABEL),), _MARGIN, ((f"{link.title} ", Style.PLAIN), (link.url, Style.QUIET)), whole=True)
        for link in lesson.head.links
    ]
    if following:
        rows += [BLANK, Row((), (), (("Next: ", Style.PLAIN), (f"kcnet learn {following}", Style.CHANGE)))]
    return rows


def cards(step: Cards) -> list[Row]:
    number = len(step.cards)
    said = (
        f"{number} card{'' if number == 1 else 's'} for your review; kcnet quiz asks {'it' if number == 1 else 'them'}:"
    )
    rows = [text(said), BLANK]
    for card in step.cards:
        rows.append(_item("· ", Style.LABEL, markdown.spans(card.front)))
    return rows


def numbered(items: Sequence[str]) -> list[Row]:
    return [
        Row(((f"{number}. ", Style.GOOD),), (("   ", Style.PLAIN),), ((one, Style.PLAIN),))
        for number, one in enumerate(items, 1)
    ]


def how(goal: bool) -> Row:
    """How one types in the sandbox."""
    judged = f"Every change is judged; {CHECK} judges again." if goal else ""
    said = f"Type commands as beside a cluster; undo and reset take back. {judged}"
    return text(said, Style.QUIET)


def colon(key: str, name: str) -> Row:
    """What is said to a key that was typed as a command."""
    return text(f"Here a key has a colon before it: :{key} is {name}.", Style.QUIET)


def help_line(play: Play) -> Row:
    left = len(play.hints) - play.record.hints
    said = f":? shows hint {play.record.hints + 1} of {len(play.hints)}" if left else ":! shows the solution"
    return text(said, Style.QUIET)
