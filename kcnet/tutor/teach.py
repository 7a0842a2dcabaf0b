"""Leading a learner through a lesson: shows a step, asks, tells the Play what was answered, and saves.

It speaks to a Desk alone, so that a terminal, plain lines and a script all do. Every key works at every prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from kcnet.render import markdown
from kcnet.render.markdown import BLANK
from kcnet.render.screen import Row, Style
from kcnet.request import RequestError
from kcnet.tutor import pages
from kcnet.tutor.desk import Desk, Pressed
from kcnet.tutor.lesson import Cards, Goal, Order, Predict, Recap, Run, Say, Show, TraceStep
from kcnet.tutor.play import CHECK, Play, Reply

Save = Callable[[Play], None]
"""Called after everything that changed ``progress``."""

MOVES: Final = {"p": "previous", "s": "skip", "r": "restart", "q": "quit"}
TYPING: Final = {"?": "hint", "!": "solution", **MOVES}


class QuitError(Exception):
    """The learner leaves."""


def teach(play: Play, desk: Desk, save: Save, *, following: str = "") -> bool:
    """From where the learner is to the end. True if they got there, False if they left before.

    Ctrl-C and the end of the input are leaving, too; what was answered until then is saved.
    """
    try:
        if not play.index and not any(record.state != "open" for record in play.progress.records.values()):
            desk.show(pages.opening(play.lesson))
            _quit_if(desk.pause({"q": "quit"}).name)
        while _move(play, _step(play, desk, save)):
            save(play)
    except (KeyboardInterrupt, EOFError, QuitError):
        save(play)
        return False
    save(play)
    desk.show(pages.ending(play, following))
    return True


def _quit_if(name: str) -> None:
    if name == "quit":
        raise QuitError


def _move(play: Play, name: str) -> bool:
    """Go where a key says; False if that was behind the last step."""
    _quit_if(name)
    if name == "previous":
        play.back()
        return True
    if name == "restart":
        play.restart()
        return True
    return play.skip() if name == "skip" else play.next()


def _step(play: Play, desk: Desk, save: Save) -> str:
    """One step, from its title to the key with which the learner leaves it."""
    desk.show(pages.title(play))
    step = play.step
    try:
        if isinstance(step, (Say, Recap)):
            desk.show(markdown.rows(step.text))
        elif isinstance(step, Show):
            desk.show(pages.shown(step, play))
        elif isinstance(step, Cards):
            desk.show(pages.cards(step))
        elif isinstance(step, TraceStep):
            return _trace(step, play, desk)
        elif isinstance(step, Predict):
            return _predict(step, play, desk, save)
        elif isinstance(step, Order):
            return _order(step, play, desk, save)
        else:
            return _task(step, play, desk, save)
    except RequestError as error:
        said = f"This cannot be asked in the sandbox as it is now: {error.message} {error.fix}".rstrip()
        desk.show([pages.text(said, Style.WARN), pages.text("s goes on, p goes back.")])
        name = desk.pause(MOVES).name
        return "skip" if name == "next" else name
    return _read(desk)


def _read(desk: Desk) -> str:
    return desk.pause(MOVES).name


def _trace(step: TraceStep, play: Play, desk: Desk) -> str:
    """One page for each step of the trace, as ``kcnet trace --step`` has them."""
    from kcnet.render.steps import page_rows

    trace = play.trace(step.ask)
    desk.show([*pages.prose(step.say), pages.asked(step.ask)])
    followed, others = pages.followed(trace)
    stops = True
    for page in page_rows(followed, desk.screen, short=True):
        if stops:
            name = desk.pause({"a": "all", **MOVES}).name
            if name in MOVES.values():
                return name
            stops = name != "all"
        desk.show([BLANK, *page])
    if others:
        desk.show([BLANK, pages.text(others, Style.QUIET)])
    if stops and (name := desk.pause(MOVES).name) != "next":
        return name
    desk.show([BLANK, *pages.outcome(trace)])
    return _read(desk)


def _predict(step: Predict, play: Play, desk: Desk, save: Save) -> str:
    from kcnet.tutor import asking
    from kcnet.tutor.probes import PROBES

    choices = play.choices()
    probe = PROBES[step.before]
    cluster = play.session.cluster
    trace = play.trace(step.ask)
    before, after = pages.parted(trace, probe.stage)
    asks = step.question or probe.question(cluster, asking.request_of(cluster, step.ask, play.lesson.head.namespace))
    rows = [*pages.prose(step.say), pages.asked(step.ask), BLANK, *pages.steps(before)]
    rows += [BLANK] if before else []
    question = Row((), (), tuple((word, Style.STRONG) for word, _ in markdown.spans(asks)))
    if play.done:
        right = next((choice.text for choice in choices if choice.correct), "")
        desk.show([*rows, question, Row((("✔ ", Style.GOOD),), (), ((right, Style.STRONG),))])
    else:
        answer = desk.choose([*rows, question], [choice.text for choice in choices], MOVES)
        if isinstance(answer, Pressed):
            return answer.name
        desk.show([BLANK, *pages.guessed(play.choose(answer.picks[0]))])
        save(play)
        if (name := desk.pause(MOVES).name) != "next":
            return name
    desk.show([BLANK, *pages.steps(after), BLANK, *pages.outcome(trace, told=True)])
    return _read(desk)


def _order(step: Order, play: Play, desk: Desk, save: Save) -> str:
    rows: list[Row] = markdown.rows(step.question)
    if step.ask is not None:
        rows += [BLANK, pages.asked(step.ask)]
    picked: Sequence[int] = ()
    while not play.done:
        answer = desk.put_in_order(rows, list(play.shuffled()), MOVES, picked=picked)
        if isinstance(answer, Pressed):
            return answer.name
        wrong = play.arrange(answer.picks)
        save(play)
        rows, picked = [], answer.picks[:wrong]
        if wrong is not None:
            said = f"Not yet: the first {wrong} are right." if wrong > 1 else "Not yet: the beginning is another."
            said = "Not yet: only the first is right." if wrong == 1 else said
            desk.show([pages.text(said, Style.WARN)])
    desk.show([*rows, BLANK, *pages.numbered(play.stations())])
    return _read(desk)


def _task(step: Run | Goal, play: Play, desk: Desk, save: Save) -> str:
    """Lines typed in the sandbox until the task is done, and on a key to somewhere else."""
    rows = [*markdown.rows(step.task), BLANK, *pages.hints(play)]
    if play.done:
        desk.show(rows)
    elif not play.record.tries:
        rows += [pages.how(isinstance(step, Goal)), BLANK]
    while not play.done:
        typed = _line(play, desk, rows)
        rows = []
        if isinstance(typed, Pressed):
            if typed.name in ("hint", "solution"):
                desk.show(_help(play, typed.name))
                save(play)
                continue
            return typed.name
        if key := _key(typed):
            desk.show([pages.colon(key, TYPING[key]), BLANK])
            continue
        reply = play.line(typed)
        save(play)
        _say(reply, play, desk)
    if play.record.state == "done":
        _praise(step, play, desk)
    else:
        desk.show(pages.solution(step.solution))
    return _read(desk)


def _key(line: str) -> str:
    """The key that was meant by ``s``, ``skip`` or ``back``; "" for every other line."""
    word = {"back": "previous", "b": "p"}.get(line.strip().lower(), line.strip().lower())
    return next((key for key, name in TYPING.items() if word in (key, name)), "")


def _line(play: Play, desk: Desk, rows: list[Row]) -> str | Pressed:
    """A line, or several where the first wants more, such as the end of a heredoc."""
    from kcnet.lab.complete import complete

    def completed(typed: str) -> Iterable[str]:
        return [one.text for one in complete(play.session, typed)]

    text = ""
    while True:
        prompt = "> " if text else play.session.prompt
        try:
            typed = desk.type(() if text else rows, prompt, TYPING, complete=completed)
        except KeyboardInterrupt:
            if not text:
                raise
            text, rows = "", []
            continue
        if isinstance(typed, Pressed):
            return typed
        text = f"{text}\n{typed.text}" if text else typed.text
        if text.strip() == CHECK or play.session.pending(text) is None:
            return text


def _say(reply: Reply, play: Play, desk: Desk) -> None:
    play.session.clearing = False  # what was shown stays readable
    for _, text in reply.chunks:
        desk.print(text)
    if reply.left:
        raise QuitError
    if reply.failure is not None:
        desk.show(pages.missed(reply.failure))
        desk.show([pages.help_line(play), BLANK])


def _praise(step: Run | Goal, play: Play, desk: Desk) -> None:
    desk.show(pages.passed(play.changes() if isinstance(step, Goal) else None))
    if isinstance(step, Goal) and step.par is not None:
        desk.show([pages.counted(play.commands, step.par)])
    if isinstance(step, Goal) and not play.typed_solution:
        # Learners compare what they wrote with what the author would have.
        desk.show([BLANK, *pages.solution(step.solution)])


def _help(play: Play, name: str) -> list[Row]:
    if name == "solution":
        return [*pages.solution(play.solution()), BLANK]
    found = play.hint()
    if found is None:
        return [pages.text("This step has no hints."), BLANK]
    return [*pages.hint(found[0], len(play.hints), found[1]), BLANK]
