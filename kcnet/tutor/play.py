"""A lesson being played: where the learner is, what the sandbox is like there, and what every answer does.

No terminal, no file: whoever holds a Play shows its step, tells it what the learner does, and saves ``progress``, which
is a value. The sandbox at a step is the scenario with everything that was typed in the steps up to it; so going back
and resuming both are: play the lines again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from kcnet.lab.machine import Outcome, Wrote
from kcnet.request import RequestError
from kcnet.tutor import asking, collateral
from kcnet.tutor.goals import Failure, Scene, judge
from kcnet.tutor.lesson import Ask, Goal, Lesson, Lines, Order, Predict, Run, Step, TraceStep
from kcnet.tutor.progress import Clock, Entry, Progress, Record, utc_now

if TYPE_CHECKING:
    from kcnet.lab.session import Session, State
    from kcnet.model.trace import Trace
    from kcnet.tutor.probes import Choice

OpenSession = Callable[[], "Session"]

ASKING = (Predict, Run, Goal, Order)
"""Steps that are done by an answer; the others by reading on."""
ASIDE: tuple[list[str], ...] = ([], ["help"], ["clear"], ["history"], ["undo"], ["reset"])
"""What a line may begin with and be no attempt."""
NO_COMMAND = 127
"""Status of a line whose command does not exist: a slip of the keyboard."""
CHECK = "check"
"""What one types in a task to have it judged."""


class Reply(NamedTuple):
    """What a line in the sandbox did."""

    outcome: Outcome
    chunks: tuple[tuple[int, str], ...]
    """(1 or 2 for the stream, text) in the order of printing."""
    passed: bool = False
    """The task is done, with this line."""
    failure: Failure | None = None
    """What it still wants; None where that was not judged."""
    left: bool = False
    """The learner typed exit."""


class Guess(NamedTuple):
    choice: Choice
    right: Choice
    first_wrong: bool
    """The first prediction of this lesson that was wrong."""
    topic: str
    """What to review."""


@dataclass(slots=True)
class Play:
    lesson: Lesson
    open_session: OpenSession
    progress: Progress = field(default_factory=Progress)
    clock: Clock = utc_now
    index: int = field(init=False, default=0)
    note: str = field(init=False, default="")
    """What was done to the sandbox without being asked; told once."""
    session: Session = field(init=False)
    troubles: list[tuple[str, int, str]] = field(init=False, default_factory=list)
    """Lines of a setup that failed: the step, the place of the line, and what the lab said. An author's mistake."""
    _entries: dict[int, State] = field(init=False, default_factory=dict)
    """The sandbox at the beginning of steps."""
    _edits: list[str] = field(init=False, default_factory=list)
    _fed: list[str] | None = field(init=False, default=None)
    """Texts of editors that a line played again takes."""

    def __post_init__(self) -> None:
        self.session = self.open_session()
        editor = self.session.editor

        def edit(name: str, text: str) -> str | None:
            if self._fed is not None:
                return self._fed.pop(0) if self._fed else text
            found = editor(name, text) if editor is not None else None
            self._edits.append(text if found is None else found)
            return found

        self.session.editor = edit
        self._go(self._place())

    # Where we are.

    @property
    def step(self) -> Step:
        return self.lesson.steps[self.index]

    @property
    def record(self) -> Record:
        return self.progress.record(self.step.id)

    @property
    def done(self) -> bool:
        """Whether this step is answered (or skipped), so that one may go on."""
        return self.record.state != "open"

    @property
    def over(self) -> bool:
        """Whether every step is done or skipped."""
        return all(self.progress.record(step.id).state != "open" for step in self.lesson.steps)

    @property
    def passed(self) -> bool:
        """Whether every step is done, none skipped."""
        return all(self.progress.record(step.id).state == "done" for step in self.lesson.steps)

    @property
    def scene(self) -> Scene:
        return Scene(self.session, self.lesson.head.namespace)

    def _place(self) -> int:
        """Where to begin: where one left, else at the first step that is not done."""
        ids = [step.id for step in self.lesson.steps]
        if self.progress.step in ids:
            return ids.index(self.progress.step)
        open_ = (index for index, step in enumerate(ids) if self.progress.record(step).state == "open")
        return next(open_, 0)

    # Moving.

    def next(self) -> bool:
        """To the next step; one that only had to be read is done now. False at the end, or if an answer is due."""
        if not self.done:
            if isinstance(self.step, ASKING):
                return False
            self._record(state="done")
        if self.index + 1 == len(self.lesson.steps):
            return False
        self._go(self.index + 1)
        return True

    def back(self) -> bool:
        """To the step before; False at the first."""
        if not self.index:
            return False
        self._go(self.index - 1)
        return True

    def first(self) -> None:
        """To the first step."""
        self._go(0)

    def skip(self) -> bool:
        """On without credit. A task is solved for the learner, so that the next steps make sense."""
        if not self.done:
            if isinstance(self.step, (Run, Goal)):
                self._solve(self.index)
            self._record(state="skipped")
        return self.next()

    def restart(self) -> None:
        """This step again: the sandbox as it was at its beginning."""
        self._journal(self.index, ())
        records = {key: value for key, value in self.progress.records.items() if key != self.step.id}
        kept = Record(hints=self.record.hints, tries=self.record.tries)
        self.progress = replace(self.progress, records={**records, self.step.id: kept})
        self._go(self.index)

    def _go(self, index: int) -> None:
        self.index = index
        self.note = ""
        self._arrange(index)
        if not self._works() and any(self.progress.journal.values()):
            for earlier, step in enumerate(self.lesson.steps[:index]):
                if isinstance(step, (Run, Goal)):
                    self._solve(earlier)
            self._arrange(index)
            self.note = "The sandbox was set to what this step needs; what you changed in it before is undone."
        self.progress = replace(self.progress, step=self.step.id)

    # The sandbox.

    def _arrange(self, index: int) -> None:
        """Put the sandbox into the state of a step: its beginning, and what was typed there."""
        known = max((place for place in self._entries if place <= index), default=None)
        if known is None:
            known = 0
            self._enter(0)
        else:
            self._restore(self._entries[known])
        for place in range(known, index + 1):
            if place > known:
                self._enter(place)
            for entry in self.progress.journal.get(self.lesson.steps[place].id, ()):
                self._again(entry)

    def _enter(self, index: int) -> None:
        step = self.lesson.steps[index]
        if isinstance(step, Goal):
            for number, line in enumerate(step.setup):
                if said := self._again((line,)):
                    self.troubles.append((step.id, number, said))
        self.session.inside = []
        self.session.ended = False
        self._entries[index] = self.session.state()
        self._restore(self._entries[index])

    def _restore(self, state: State) -> None:
        self.session.restore(state)
        self.session.beginning = state
        self.session.undone = []
        self.session.chunks = []

    def _again(self, entry: Entry) -> str:
        """Run a line without anybody watching; what it complained of, if it failed."""
        self._fed = list(entry[1:])
        try:
            outcome = self.session.run(entry[0])
        finally:
            self._fed = None
        self.session.ended = False
        return (outcome.stderr or outcome.stdout or "it fails").strip() if outcome.status else ""

    def _solve(self, index: int) -> None:
        step = self.lesson.steps[index]
        assert isinstance(step, (Run, Goal))
        self._journal(index, tuple((line,) for line in step.solution))
        if index == self.index:
            self._arrange(index)

    def _journal(self, index: int, entries: tuple[Entry, ...]) -> None:
        self.progress = replace(self.progress, journal={**self.progress.journal, self.lesson.steps[index].id: entries})
        self._entries = {place: state for place, state in self._entries.items() if place <= index}

    def _works(self) -> bool:
        """Whether the step makes sense on the sandbox as it is."""
        step = self.step
        try:
            if isinstance(step, Predict) and not self.done:
                found = self.choices()
                return sum(one.correct for one in found) == 1 and len(found) >= 3
            if isinstance(step, TraceStep):
                trace = self.trace(step.ask)
                return not step.verdict or trace.verdict in step.verdict
            if isinstance(step, Order) and step.ask is not None:
                return len(self.stations()) >= 3
            if isinstance(step, Goal) and not self.done and not self.progress.journal.get(step.id):
                return judge(step.wants, self.scene) is not None
        except RequestError:
            return False
        return True

    # Answers.

    def line(self, text: str) -> Reply:
        """A line typed in the sandbox; in a task it is judged."""
        step = self.step
        if text.strip() == CHECK and isinstance(step, (Run, Goal)):
            return self._judged(Outcome(), ())
        before, number = self.session.server.store.version, len(self.session.undone)
        self._edits = []
        outcome = self.session.run(text)
        chunks = tuple(self.session.chunks)
        if self.session.ended:
            self.session.ended = False
            return Reply(outcome, chunks, left=True)
        if text.strip():
            own = self.progress.journal.get(step.id, ())
            self._journal(self.index, (*own, (text, *self._edits)))
        changed = self.session.server.store.version != before or len(self.session.undone) != number
        changed = changed or any(isinstance(effect, Wrote) for effect in outcome.effects)
        if self.done or (isinstance(step, Goal) and not changed) or not isinstance(step, (Run, Goal)):
            return Reply(outcome, chunks)
        if isinstance(step, Run) and (outcome.status == NO_COMMAND or text.split()[:1] in ASIDE):
            return Reply(outcome, chunks)
        return self._judged(outcome, chunks)

    def _judged(self, outcome: Outcome, chunks: tuple[tuple[int, str], ...]) -> Reply:
        step = self.step
        assert isinstance(step, (Run, Goal))
        failure = judge(step.wants, self.scene._replace(effects=outcome.effects))
        if failure is not None:
            if not self.done:
                self._record(tries=self.record.tries + 1)
            return Reply(outcome, chunks, failure=failure)
        passed = not self.done
        if passed:
            self._record(state="done")
        return Reply(outcome, chunks, passed=passed)

    def trace(self, ask: Ask) -> Trace:
        """Raises RequestError."""
        return asking.trace_of(self.session.cluster, ask, self.lesson.head.namespace)

    def choices(self) -> tuple[Choice, ...]:
        """The choices of a prediction, in the order of showing. Raises RequestError."""
        from kcnet.tutor.beliefs import BELIEFS
        from kcnet.tutor.probes import PROBES, Extra, choices

        step = self.step
        assert isinstance(step, Predict)
        if unknown := [name for name in step.beliefs if name not in BELIEFS] or {step.before} - {*PROBES}:
            raise RequestError(f"kcnet knows no {next(iter(unknown))}.", fix="kcnet learn --check says more.")
        cluster = self.session.cluster
        found = list(
            choices(
                cluster,
                asking.request_of(cluster, step.ask, self.lesson.head.namespace),
                PROBES[step.before],
                step.beliefs,
                extra=[Extra(*one) for one in step.wrong],
            )
        )
        Random(f"{self.lesson.id}/{step.id}").shuffle(found)
        return tuple(found)

    def choose(self, number: int) -> Guess:
        """Answer a prediction with the choice at this place."""
        from kcnet.tutor.beliefs import BELIEFS

        step = self.step
        assert isinstance(step, Predict)
        found = self.choices()
        choice, right = found[number], next(one for one in found if one.correct)
        belief = BELIEFS.get(choice.belief or "")
        topic = step.review or (belief.topic if belief else self.lesson.head.topics[0])
        first_wrong = not choice.correct and self.first_wrong is None
        answer = {"value": choice.value, "correct": choice.correct, "belief": choice.belief, "topic": topic}
        self._record(state="done", answer=json.dumps(answer), tries=self.record.tries + (not choice.correct))
        return Guess(choice, right, first_wrong, topic)

    @property
    def first_wrong(self) -> tuple[Predict, str] | None:
        """The first prediction in the order of the lesson that was wrong, and the topic to review."""
        for step in self.lesson.steps:
            answer = self.progress.record(step.id).answer
            if isinstance(step, Predict) and answer:
                value = json.loads(answer)
                if not value["correct"]:
                    return step, str(value["topic"])
        return None

    def stations(self) -> tuple[str, ...]:
        """What an order step puts in order, in the right order. Raises RequestError."""
        from kcnet.tutor.stations import stations

        step = self.step
        assert isinstance(step, Order)
        return step.items if step.ask is None else stations(self.trace(step.ask))

    def shuffled(self) -> tuple[str, ...]:
        """The same as they are shown: never in the right order."""
        right = list(self.stations())
        mixed = right[:]
        Random(f"{self.lesson.id}/{self.step.id}").shuffle(mixed)
        return tuple(mixed if mixed != right else [*right[1:], right[0]])

    def arrange(self, picks: Sequence[int]) -> int | None:
        """Answer an order step with places in ``shuffled``; the first place (from 0) that is wrong, None: right."""
        mixed, right = self.shuffled(), self.stations()
        given = [mixed[pick] for pick in picks]
        wrong = next((place for place, one in enumerate(right) if given[place : place + 1] != [one]), None)
        if wrong is None:
            self._record(state="done")
        else:
            self._record(tries=self.record.tries + 1)
        return wrong

    @property
    def typed_solution(self) -> bool:
        """Whether what was typed is what the author would have."""
        step = self.step
        typed = [entry[0].strip() for entry in self.progress.journal.get(step.id, ())]
        return isinstance(step, Goal) and typed[-len(step.solution) :] == [line.strip() for line in step.solution]

    # Help.

    @property
    def hints(self) -> tuple[str, ...]:
        return self.step.hints if isinstance(self.step, (Run, Goal)) else ()

    def hint(self) -> tuple[int, str] | None:
        """One hint more: its number from 1, and the hint; the last again if there are no more. None: it has none."""
        if not self.hints:
            return None
        number = min(self.record.hints + 1, len(self.hints))
        self._record(hints=number)
        return number, self.hints[number - 1]

    def solution(self) -> Lines:
        """The solution, on request; it is remembered that it was asked for before the step was done."""
        step = self.step
        if not isinstance(step, (Run, Goal)):
            return ()
        if not self.done:
            self._record(solution=True)
        return step.solution

    @property
    def commands(self) -> int:
        """Lines typed in this step."""
        return len(self.progress.journal.get(self.step.id, ()))

    def changes(self) -> list[collateral.Change]:
        """What else the learner's lines changed between workloads and Services, beside what the task wants."""
        after = collateral.table(self.session.cluster)
        now = self.session.server.snapshot()
        self.session.server.restore(self._entries[self.index].server)
        before = collateral.table(self.session.cluster)
        self.session.server.restore(now)
        step = self.step
        told = {pair for want in step.wants for pair in self._pairs(want)} if isinstance(step, Goal) else set()
        return collateral.changes(before, after, told)

    def _pairs(self, want: Mapping[str, object]) -> list[collateral.Pair]:
        """What a condition speaks of, in the words of ``collateral``."""
        from kcnet.tutor.goals import kind_of

        if kind_of(want) != "from":
            return []
        try:
            return collateral.pairs_of(
                self.session.cluster, Ask(str(want["from"]), str(want["to"])), self.lesson.head.namespace
            )
        except RequestError:
            return []

    def _record(self, **changes: object) -> None:
        record = replace(self.record, **changes)
        self.progress = replace(self.progress, records={**self.progress.records, self.step.id: record})
        if self.over and self.progress.finished is None:
            self.progress = replace(self.progress, finished=self.clock().isoformat(timespec="seconds"))
