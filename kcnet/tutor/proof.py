"""Content that proves itself: a lesson is played, right and wrong; what its author has to mend is told with its place.

``kcnet learn --check`` and the test suite run it over every lesson. What is read but not played (terms, links, files)
is in ``prose``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from kcnet.request import RequestError
from kcnet.tutor.goals import Failure, judge, kind_of
from kcnet.tutor.lesson import Goal, Lesson, Lines, Order, Predict, Run, Show, Step, TraceStep
from kcnet.tutor.play import Play
from kcnet.tutor.sandbox import open_sandbox

if TYPE_CHECKING:
    from kcnet.lab.session import Session

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LONGEST_ANSWER = 240
"""Characters of what the lab complained of."""
LEAST_MESSAGES = 3
"""Of the wrong answers to a task."""


class Flaw(NamedTuple):
    path: str
    """``steps[3].goal.accept[0]``"""
    message: str
    fix: str


def sandbox(lesson: Lesson) -> Session:
    """The sandbox at a fixed time, so that every run is like the last.

    Raises NoScenarioError and InvalidManifestsError.
    """
    return open_sandbox(lesson.head, clock=lambda: NOON)


def prove(lesson: Lesson) -> list[Flaw]:
    """Everything that is wrong when the lesson is played. Raises NoScenarioError and InvalidManifestsError."""
    play = Play(lesson, lambda: sandbox(lesson), clock=lambda: NOON)
    flaws: list[Flaw] = []
    for index, step in enumerate(lesson.steps):
        path = f"steps[{index}].{step.kind}"
        try:
            flaws += _step(step, play, path)
        except RequestError as error:
            flaws.append(Flaw(path, f"{error.message}", error.fix or "Name what the scenario has."))
        if not play.next():
            play.skip()
    return flaws


def _step(step: Step, play: Play, path: str) -> Iterator[Flaw]:
    if isinstance(step, Show):
        yield from _show(step, play, path)
    elif isinstance(step, TraceStep):
        trace = play.trace(step.ask)
        if step.verdict and trace.verdict not in step.verdict:
            yield Flaw(
                f"{path}.verdict",
                f"The request ends as {trace.verdict.value} ({trace.reason.code}), not as {' or '.join(step.verdict)}.",
                "Change the scenario, the steps before, or the verdict.",
            )
    elif isinstance(step, Predict):
        yield from _predict(step, play, path)
    elif isinstance(step, Order):
        yield from _order(play, path)
    elif isinstance(step, Run):
        yield from _run(step, play, path)
    elif isinstance(step, Goal):
        yield from _goal(step, play, path)


def _show(step: Show, play: Play, path: str) -> Iterator[Flaw]:
    from kcnet.tutor.goals import field_of, find_object
    from kcnet.tutor.sandbox import files_of

    if step.object:
        found = find_object(step.object, play.scene)
        if found is None:
            yield Flaw(f"{path}.object", f"There is no {step.object} at this step.", "Name what the sandbox has.")
            return
        for index, field in enumerate(step.fields):
            if field_of(found, field) is None:
                fix = "Take a field that it has, as kubectl get -o yaml shows it."
                yield Flaw(f"{path}.fields[{index}]", f"{step.object} has no {field}.", fix)
        return
    files = files_of(play.lesson.head)
    if step.file not in files:
        names = ", ".join(files) or "none"
        yield Flaw(f"{path}.file", f"The scenario has no file {step.file}.", f"Its files are: {names}.")
        return
    size = len(files[step.file].splitlines())
    first, last = step.lines or (1, size)
    if not 1 <= first <= last <= size:
        yield Flaw(f"{path}.lines", f"{step.file} has {size} lines.", "Name the first and the last of its lines.")
    if any(not first <= line <= last for line in step.mark):
        yield Flaw(f"{path}.mark", "A marked line is not among those that are shown.", "Mark lines between the two.")


def _predict(step: Predict, play: Play, path: str) -> Iterator[Flaw]:
    from kcnet.lab.nearest import suggestion
    from kcnet.tutor.beliefs import BELIEFS
    from kcnet.tutor.probes import PROBES
    from kcnet.tutor.probes.wording import VERDICTS

    if step.before not in PROBES:
        near = suggestion(step.before, PROBES) or f"Use one of: {', '.join(PROBES)}."
        yield Flaw(f"{path}.before", f"There is no probe {step.before}.", near)
        return
    for index, belief in enumerate(step.beliefs):
        if belief not in BELIEFS:
            near = suggestion(belief, BELIEFS) or "Beliefs are in kcnet/tutor/beliefs."
            yield Flaw(f"{path}.beliefs[{index}]", f"There is no belief {belief}.", near)
    if any(belief not in BELIEFS for belief in step.beliefs):
        return
    found = play.choices()
    right = [choice for choice in found if choice.correct]
    if len(right) != 1:
        said = f"The probe {step.before} has {'no' if not right else 'more than one'} right answer here"
        yield Flaw(f"{path}.before", f"{said}.", "Ask another probe, or a request to which it applies.")
        return
    used = {choice.belief for choice in found}
    idle = [belief for belief in step.beliefs if belief not in used]
    if len(found) < 3:
        said = f"There {'is one wrong choice' if len(found) == 2 else 'are no wrong choices'}, and two are needed"
        why = f" ({', '.join(idle)}: the same answer as the truth or as another)" if idle else ""
        fix = "Take beliefs that lead to other answers here, change the scenario, or write some under wrong."
        yield Flaw(f"{path}.beliefs", f"{said}{why}.", fix)
    elif idle and len(found) < 4:
        said = f"The belief {idle[0]} gives the same answer as the truth, or as another choice"
        yield Flaw(f"{path}.beliefs", f"{said}.", "Leave it out, or change the scenario so that it matters.")
    for choice in found:
        if step.before == "verdict" and choice.text == choice.value:
            fix = f"One of {', '.join(VERDICTS)}, or http and a status."
            yield Flaw(path, f"No request ends as {choice.value}.", fix)
        if not choice.why.strip():
            yield Flaw(path, f"The choice {choice.text!r} has no explanation.", "Say why under wrong.")


def _order(play: Play, path: str) -> Iterator[Flaw]:
    found = play.stations()
    if len(set(found)) < 3:
        yield Flaw(path, f"There are {len(set(found))} things to put in order.", "Three or more make a question.")
    elif len(set(found)) < len(found):
        yield Flaw(path, "Two things to put in order are alike.", "Word them differently.")


def _run(step: Run, play: Play, path: str) -> Iterator[Flaw]:
    yield from _hints(step.hints, path)
    if judge(step.wants, play.scene) is None:
        yield Flaw(f"{path}.wants", "They hold before anything was typed.", "Want what the command changes or sees.")
    for name, line in (("answer", step.answer), *((f"also[{i}]", line) for i, line in enumerate(step.also))):
        failure, said = _tried(play, (line,))
        if failure is not None:
            message = f"{line!r} is not accepted: {_why(failure)}{said}"
            yield Flaw(f"{path}.{name}", message, "Mend the command, or make the wants say less.")
    for index, miss in enumerate(step.miss):
        failure, _ = _tried(play, (miss.do,))
        if failure is None:
            fix = "Make the wants say more, or take it out of miss."
            yield Flaw(f"{path}.miss[{index}]", f"{miss.do!r} is accepted.", fix)
        elif miss.says and miss.says not in f"{failure.message} {failure.counterexample}":
            message = f"The message is {_why(failure)!r}, which does not say {miss.says!r}."
            yield Flaw(f"{path}.miss[{index}].says", message, "Mend the else of the want, or says.")


def _goal(step: Goal, play: Play, path: str) -> Iterator[Flaw]:
    yield from _hints(step.hints, path)
    ids = [str(want.get("id", "")) for want in step.wants]
    for index, (name, want) in enumerate(zip(ids, step.wants, strict=True)):
        if not name:
            yield Flaw(f"{path}.wants[{index}]", "This want has no id.", "Give it one; reject names it.")
        elif ids.index(name) != index:
            yield Flaw(f"{path}.wants[{index}].id", f"The id {name} stands twice.", "Give each want its own.")
        if kind_of(want) in ("saw", "asked", "looked", "ran"):
            fix = "Judge what the cluster does; what was typed belongs into a step run."
            yield Flaw(f"{path}.wants[{index}]", "A goal is judged by behaviour, and this judges a command.", fix)
    yield from _setup(play, path)
    if judge(step.wants, play.scene) is None:
        yield Flaw(f"{path}.wants", "They hold before the learner did anything.", "Break something in setup.")
        return
    ways: list[tuple[str, Lines]] = [("solution", step.solution)]
    ways += [(f"accept[{index}]", lines) for index, lines in enumerate(step.accept)]
    for place, (name, lines) in enumerate(ways):
        if lines in [other for _, other in ways[:place]]:
            yield Flaw(f"{path}.{name}", "The same commands stand above.", "Write it in another way.")
        failure, said = _tried(play, lines)
        if failure is not None:
            message = f"It does not pass: {failure.id}: {_why(failure)}{said}"
            yield Flaw(f"{path}.{name}", message, "Mend the commands, or make the wants say less.")
        elif said:
            yield Flaw(f"{path}.{name}", f"It passes, but{said}", "Write commands that succeed.")
    yield from _rejects(step, play, path, ids)
    if len(step.wants) < 2:
        fix = (
            "Add a want for somebody who must not get more or less: another namespace, a part that has no share in it."
        )
        yield Flaw(f"{path}.wants", "One want alone looks at no bystander.", fix)


def _setup(play: Play, path: str) -> Iterator[Flaw]:
    for step, index, said in play.troubles:
        if step == play.step.id:
            yield Flaw(f"{path}.setup[{index}]", f"The lab answers: {said}", "Write a command that succeeds.")


def _rejects(step: Goal, play: Play, path: str, ids: Sequence[str]) -> Iterator[Flaw]:
    told: list[str] = []
    for index, wrong in enumerate(step.reject):
        place = f"{path}.reject[{index}]"
        if wrong.fails not in ids:
            yield Flaw(f"{place}.fails", f"There is no want {wrong.fails}.", f"Use one of: {', '.join(ids)}.")
            continue
        failure, said = _tried(play, wrong.do)
        if failure is None:
            fix = "Add a want that it breaks: that is what learners will type."
            yield Flaw(place, f"The wrong answer passes.{said}", fix)
            continue
        if failure.id != wrong.fails:
            message = f"It fails at {failure.id} ({_why(failure)}){said}; not at {wrong.fails}."
            yield Flaw(f"{place}.fails", message, "Name the want that fails first, or put the wants in another order.")
        told.append(_why(failure))
    if len(told) == len(step.reject) and len(set(told)) < LEAST_MESSAGES:
        message = f"The wrong answers get {len(set(told))} different messages: {' / '.join(sorted(set(told)))}"
        fix = f"At least {LEAST_MESSAGES} must differ: other wants, or other wrong answers."
        yield Flaw(f"{path}.reject", message, fix)


def _hints(hints: Sequence[str], path: str) -> Iterator[Flaw]:
    for index, hint in enumerate(hints):
        if hint in hints[:index]:
            yield Flaw(f"{path}.hints[{index}]", "The same hint stands above.", "Each hint says more than the last.")


def _tried(play: Play, lines: Lines) -> tuple[Failure | None, str]:
    """The step with these lines: what is still wanted after the last, and what the lab complained of. Nothing stays."""
    progress, state = play.progress, play.session.state()
    said = ""
    failure: Failure | None = None
    for line in lines:
        play.progress = progress
        reply = play.line(line)
        if reply.outcome.status and not said:
            answer = " ".join((reply.outcome.stderr or reply.outcome.stdout).split())
            said = f" The lab answers {line.splitlines()[0]!r} with: {answer[:LONGEST_ANSWER]}"
        effects = reply.outcome.effects
        wants = play.step.wants if isinstance(play.step, (Run, Goal)) else ()
        failure = judge(wants, play.scene._replace(effects=effects))
    play.progress = progress
    play.session.restore(state)
    play.session.undone = []
    return failure, said


def _why(failure: Failure) -> str:
    return f"{failure.message.strip()} {failure.counterexample}".strip()
