"""A sitting: questions one by one, each answer judged, said something to, and kept at once.

It speaks to a Desk alone. What was answered before the learner leaves, or the terminal dies, is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from kcnet.render.markdown import BLANK
from kcnet.render.screen import Row, Style
from kcnet.tutor.desk import Chosen, Desk, Pressed, Typed
from kcnet.tutor.quiz import pages
from kcnet.tutor.quiz.judge import Answer, UnreadableError, Verdict, judge, shown
from kcnet.tutor.quiz.question import Form, Question
from kcnet.tutor.quiz.schedule import Grade

if TYPE_CHECKING:
    from kcnet.model.cluster import Cluster

REPORT: Final = "report it"
KEYS: Final = {"u": "not sure", "s": "skip", "!": REPORT, "q": "quit"}
SELF: Final = {"1": "forgotten", "2": "hard", "3": "known", "4": "easy", "q": "quit"}
_GRADES: Final = {"forgotten": Grade.AGAIN, "hard": Grade.HARD, "known": Grade.GOOD, "easy": Grade.EASY}


class Flash(Struct, frozen=True):
    """A fact of a lesson: both sides of a card."""

    id: str
    lesson: str
    topic: str
    front: str
    back: str


class Given(Struct, frozen=True):
    """An answer."""

    question: Question
    answer: Answer
    verdict: Verdict
    sure: bool
    seconds: float


@dataclass(slots=True)
class Sitting:
    """``keep`` is called with each answer as soon as it is given; ``keep_card`` with a card and what was pressed.

    ``follow`` may bring a question that goes next because of an answer.
    """

    desk: Desk
    seed: int
    keep: Callable[[Given], None]
    keep_card: Callable[[Flash, Grade], None] = lambda _card, _grade: None
    follow: Callable[[Given], Question | None] = lambda _given: None
    around: Cluster | None = None
    """The learner's own cluster, where the questions are about it."""
    given: list[Given] = field(default_factory=list)
    turned: int = 0
    """Cards that were looked at."""

    def run(self, items: Sequence[Question | Flash]) -> bool:
        """True if the learner came to the end."""
        queue = list(items)
        number = 0
        try:
            while queue:
                item = queue.pop(0)
                number += 1
                total = number + len(queue)
                if isinstance(item, Flash):
                    going = self._card(item, number, total)
                else:
                    given = self._ask(item, number, total)
                    if isinstance(given, Given) and (extra := self.follow(given)) is not None:
                        queue[:1] = [extra]
                    going = given is not False
                if not going:
                    return False
        except (KeyboardInterrupt, EOFError):
            return False
        return True

    def _ask(self, question: Question, number: int, total: int) -> Given | bool:
        """The answer; True where the question was skipped, False where the learner leaves."""
        places = shown(question, self.seed)
        rows = [*([BLANK] if number > 1 else []), pages.head(question, number, total), BLANK, *pages.asked(question)]
        sure = True
        while True:
            reply = put(self.desk, question, places, rows, KEYS)
            if isinstance(reply, Pressed):
                if reply.name == "not sure":
                    sure = False
                    rows = [pages.text("Noted: your next answer counts as a guess.", Style.QUIET)]
                elif reply.name == REPORT:
                    self.desk.print("\n" + pages.complaint(question, None, self.seed) + "\n")
                elif reply.name == "skip":
                    self.desk.show([pages.text("Skipped.", Style.QUIET)])
                    return True
                else:
                    return False
                continue
            answer, seconds = reply
            try:
                verdict = judge(question, answer)
            except UnreadableError as error:
                rows = [pages.text(str(error), Style.WARN)]
                continue
            break
        given = Given(question, answer, verdict, sure, seconds)
        self.given.append(given)
        self.keep(given)
        self.desk.show(pages.feedback(question, verdict, answer))
        return given if self._after(given) else False

    def _after(self, given: Given) -> bool:
        """Whatever the learner wants to see before the next question; False to leave."""
        question = given.question
        keys = {}
        if question.ask is not None and (question.manifest or self.around is not None):
            keys["t"] = "trace"
        if question.options and question.form is not Form.ORDER:
            keys["w"] = "why each"
        keys |= {"!": REPORT, "q": "quit"}
        while True:
            name = self.desk.pause(keys).name
            if name == "trace":
                self.desk.show([BLANK, *traced(question, self.around)])
            elif name == "why each":
                self.desk.show([BLANK, *pages.others(question, shown(question, self.seed))])
            elif name == REPORT:
                self.desk.print("\n" + pages.complaint(question, given.answer, self.seed))
            else:
                return name != "quit"

    def _card(self, card: Flash, number: int, total: int) -> bool:
        about = Row((), (), ((f"{number} of {total}", Style.STRONG), (f" · a card of {card.lesson}", Style.QUIET)))
        self.desk.show([*([BLANK] if number > 1 else []), about, BLANK, pages.text(card.front)])
        if self.desk.pause({"q": "quit"}).name == "quit":
            return False
        self.desk.show([BLANK, pages.text(card.back, mark="  ")])
        while (name := self.desk.pause(SELF).name) == "next":
            pass
        if name == "quit":
            return False
        self.turned += 1
        self.keep_card(card, _GRADES[name])
        return True


def put(
    desk: Desk,
    question: Question,
    places: Sequence[int],
    rows: Iterable[Row],
    keys: dict[str, str],
    *,
    clock: Callable[[], str] | None = None,
    picked: Sequence[int] = (),
) -> tuple[Answer, float] | Pressed:
    """Show a question and wait. The answer is in places of the question, not of the screen; so is ``picked``."""
    rows = list(rows)
    if question.form is Form.FILL:
        typed = desk.type(rows, "> ", keys, clock=clock)
        return (typed.text, typed.seconds) if isinstance(typed, Typed) else typed
    ask = {Form.MULTIPLE: desk.choose_several, Form.ORDER: desk.put_in_order}.get(question.form, desk.choose)
    marked = [places.index(place) for place in picked if place in places]
    chosen = ask(rows, pages.options(question, places), keys, clock=clock, picked=marked)
    if isinstance(chosen, Chosen):
        return tuple(places[pick] for pick in chosen.picks), chosen.seconds
    return chosen


def traced(question: Question, around: Cluster | None = None) -> Iterator[Row]:
    """The question's request, step by step; ``around`` is the cluster of a question that carries none."""
    from kcnet.render.text import ending, heading
    from kcnet.tutor.pages import steps
    from kcnet.tutor.quiz.scene import trace

    found = trace(question, around=around)
    yield from heading(found)
    yield BLANK
    for path in found.paths[:1]:
        yield from steps(path.steps)
    if len(found.paths) > 1:
        yield pages.text(f"This is one of {len(found.paths)} ways that the request may take.", Style.QUIET)
    yield BLANK
    yield from ending(found, stepped=True)
