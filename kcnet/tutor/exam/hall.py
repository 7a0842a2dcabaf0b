"""An exam led through a desk: nothing is said about an answer before the end; each is kept at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from kcnet.render.markdown import BLANK
from kcnet.render.screen import Style
from kcnet.tutor.desk import Desk, Pressed, Typed
from kcnet.tutor.exam import keeping, pages, state
from kcnet.tutor.exam.result import Result, graded
from kcnet.tutor.exam.state import Exam
from kcnet.tutor.quiz.judge import UnreadableError, judge, shown
from kcnet.tutor.quiz.pages import asked, head, text
from kcnet.tutor.quiz.question import Form, Question
from kcnet.tutor.quiz.sitting import put
from kcnet.tutor.storage import Store, StoreError

KEYS: Final = {"n": "next", "p": "previous", "m": "mark", "o": "overview", "h": "hand in", "q": "quit"}
LEAVING: Final = {"h": "hand in", "q": "quit"}
"""What the overview takes beside a number."""
SEEN: Final = timedelta(seconds=15)
"""How often it is kept that the exam runs."""


@dataclass(slots=True)
class Hall:
    """Its time only runs forward: by the clock on the wall, and where that was put back by the machine's own."""

    desk: Desk
    store: Store
    wall: Callable[[], datetime]
    bank: Mapping[str, Question]
    lessons: Callable[[str], Sequence[str]] = lambda _topic: ()
    ticks: Callable[[], float] = time.monotonic
    """Seconds since some moment."""
    _now: datetime = field(init=False, default=datetime.min.replace(tzinfo=UTC))
    _tick: float = field(init=False, default=0.0)
    _seen: datetime = field(init=False, default=datetime.min.replace(tzinfo=UTC))

    def clock(self) -> datetime:
        tick = self.ticks()
        self._now = max(self._now + timedelta(seconds=tick - self._tick), self.wall())
        self._tick = tick
        return self._now

    def left(self, exam: Exam) -> str:
        """What the clock on the screen shows."""
        now = self.clock()
        if now - self._seen >= SEEN:
            self._keep(exam)
        return state.clock(exam, now)

    def _keep(self, exam: Exam) -> None:
        self._seen = self._now
        with suppress(StoreError):
            keeping.seen(self.store, exam, self._now)

    def sit(self, exam: Exam) -> Result | None:
        """The result; None if the learner left, and the clock runs on."""
        self._now, self._tick = exam.touched, self.ticks()
        if not state.over(exam, self.clock()):
            self.desk.show(pages.opening(exam, self.left(exam)))
        while not state.over(exam, self.clock()):
            try:
                following = self._one(exam)
            except (KeyboardInterrupt, EOFError):
                following = None
            if following is None:
                said = f"{self.left(exam)} left, and running. kcnet exam --resume goes on."
                self.desk.show([BLANK, text(said, Style.WARN)])
                self._keep(exam)
                return None
            exam = following
            if exam.handed_in is not None:
                break
        else:
            self.desk.show([BLANK, text("The time is up.", Style.WARN)])
        return self.end(exam)

    def end(self, exam: Exam) -> Result:
        found = graded(exam.questions, exam.answers, self.bank)
        keeping.end(self.store, exam, found, self.clock())
        self.desk.show(pages.result(found, self.lessons))
        self.desk.show(pages.misses(found))
        return found

    def _one(self, exam: Exam) -> Exam | None:
        question = self.bank.get(exam.question)
        if question is None:
            return self._gone(exam)
        given = exam.answers.get(question.id)
        mark = "marked" if question.id in exam.flags else ""
        rows = [BLANK, head(question, exam.place + 1, len(exam.questions), mark), BLANK, *asked(question)]
        if isinstance(given, str):
            rows.append(text(f"Your answer so far: {given}", Style.QUIET))
        while True:
            reply = put(
                self.desk,
                question,
                shown(question, exam.seed),
                rows,
                KEYS,
                clock=lambda: self.left(exam),
                picked=given if isinstance(given, tuple) else (),
            )
            if isinstance(reply, Pressed):
                return self._pressed(exam, reply.name)
            answer, seconds = reply
            if question.form is Form.FILL and isinstance(answer, str) and not answer.strip():
                return self._next(exam)
            try:
                judge(question, answer)
            except UnreadableError as error:
                rows = [text(str(error), Style.WARN)]
                continue
            after = state.answered(exam, answer, self.clock())
            if after is exam:
                return exam  # too late
            keeping.keep(self.store, after, question.id, seconds)
            if not after.open and exam.open:
                return self._overview(after)
            return self._next(after)

    def _next(self, exam: Exam) -> Exam | None:
        """The next question; behind the last one the overview, so that nobody goes round unawares."""
        following = state.moved(exam, 1)
        return following if following.place else self._overview(following)

    def _gone(self, exam: Exam) -> Exam | None:
        """A question that the bank has no more."""
        self.desk.show([BLANK, text(f"{exam.question} is no longer in the bank; it will not count.", Style.WARN)])
        return self._pressed(exam, self.desk.pause(KEYS).name)

    def _pressed(self, exam: Exam, name: str) -> Exam | None:
        if name == "quit":
            return None
        if name == "mark":
            after = state.flagged(exam, self.clock())
            keeping.keep(self.store, after, exam.question)
            return after
        if name == "overview":
            return self._overview(exam)
        if name == "hand in":
            return self._hand_in(exam)
        return state.moved(exam, -1) if name == "previous" else self._next(exam)

    def _overview(self, exam: Exam) -> Exam | None:
        self.desk.show([BLANK, *pages.overview(exam)])
        typed = self.desk.type(
            [text(f"The number of a question; Enter goes to {exam.place + 1}.", Style.QUIET)],
            "Go to: ",
            LEAVING,
            clock=lambda: self.left(exam),
        )
        if isinstance(typed, Typed) and (name := LEAVING.get(typed.text.strip().lower())):
            typed = Pressed(name)
        if isinstance(typed, Typed):
            word = typed.text.strip()
            return state.jumped(exam, int(word) - 1) if word.isdecimal() and len(word) < 5 else exam
        return None if typed.name == "quit" else self._hand_in(exam)

    def _hand_in(self, exam: Exam) -> Exam:
        count = len(exam.open)
        said = f"{count} without an answer. " if count else ""
        self.desk.show([BLANK, text(f"{said}Hand in?", Style.STRONG)])
        name = self.desk.pause({"y": "hand in"}, "go on").name
        return state.handed_in(exam, self.clock()) if name == "hand in" else exam
