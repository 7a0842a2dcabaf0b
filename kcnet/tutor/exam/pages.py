"""What an exam looks like: rows for a desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kcnet.render import markdown
from kcnet.render.markdown import BLANK
from kcnet.render.screen import Row, Style
from kcnet.tutor.exam.facts import PASS_MARK, SCOPE
from kcnet.tutor.exam.keeping import Past
from kcnet.tutor.exam.result import Marked, Result
from kcnet.tutor.exam.state import Exam
from kcnet.tutor.quiz import pages as quizzed
from kcnet.tutor.quiz.pages import text
from kcnet.tutor.subjects import TOPICS

Rows = Iterator[Row]


def opening(exam: Exam, clock: str) -> Rows:
    yield text(f"Exam: {len(exam.questions)} questions, {clock} left.", Style.STRONG)
    yield text(SCOPE, Style.QUIET)
    yield text("The clock runs on while the terminal is closed; kcnet exam --resume goes on. Answers may be changed "
               "until you hand in; nothing is said about them before. Seed "
               f"{exam.seed}.", Style.QUIET)  # fmt: skip


def overview(exam: Exam) -> Rows:
    """Ten questions a line: what is answered (a number), open (.) and marked (!)."""
    yield text(f"{len(exam.answers)} of {len(exam.questions)} answered, {len(exam.flags)} marked.", Style.STRONG)
    for begin in range(0, len(exam.questions), 10):
        cells = []
        for place in range(begin, min(begin + 10, len(exam.questions))):
            one = exam.questions[place]
            cells.append(f"{place + 1:>3}{'+' if one in exam.answers else '.'}{'!' if one in exam.flags else ' '}")
        yield text("  " + " ".join(cells), Style.LABEL)
    yield text("+ answered, . open, ! marked", Style.QUIET)


def result(found: Result, lessons: Callable[[str], Sequence[str]]) -> Rows:
    """``lessons`` names those of a topic."""
    total = len(found.marked)
    percent = 100 * found.correct / total if total else 0.0
    word, style = ("Passed", Style.GOOD) if found.passed else ("Not passed", Style.BAD)
    yield BLANK
    yield text(f"{word}: {found.correct} of {total} right, {percent:.0f} %; {PASS_MARK.value} % are wanted.", style)
    yield text(SCOPE, Style.QUIET)
    for key in ("competency", "topic"):
        yield BLANK
        yield text(f"By {key}", Style.STRONG)
        for name, (good, asked) in sorted(found.by(key).items(), key=lambda item: item[1][0] / item[1][1]):
            yield text(f"{TOPICS.get(name, name):<30} {bar(good / asked)} {good:>2} of {asked}", Style.LABEL, "  ")
    if found.unknown:
        yield text(f"{len(found.unknown)} questions are no longer in the bank, and do not count.", Style.WARN)
    weak = sorted((good / asked, name) for name, (good, asked) in found.by("topic").items() if good < asked)
    if weak:
        yield BLANK
        yield text("What to study next", Style.STRONG)
    for _, topic in weak[:3]:
        names = [f"kcnet learn {one}" for one in lessons(topic)[:2]]
        yield text(f"{TOPICS.get(topic, topic)}: {', '.join([*names, f'kcnet quiz --topic {topic}'])}", mark="  ")


def misses(found: Result) -> Rows:
    """Each with its cluster, what was chosen and why that is wrong, and what is right."""
    for number, one in enumerate(found.misses, 1):
        yield BLANK
        yield text(f"Miss {number} of {len(found.misses)}: {one.question.id}", Style.STRONG)
        yield from quizzed.stated(one.question)
        yield BLANK
        if one.answer is None:
            yield text("Not answered.", Style.WARN, "  ")
        yield from (text(said, Style.PLAIN, "✘ ", Style.BAD) for said in _given(one))
        for said in filter(None, (*one.said, one.problem)):
            yield text(said, mark="  ")
        for said in quizzed.right(one.question):
            yield text(said, Style.PLAIN, "✔ ", Style.GOOD)
        yield BLANK
        yield from markdown.rows(one.question.explanation)
        yield from quizzed.references(one.question)


def _given(one: Marked) -> list[str]:
    """What was chosen or typed. Of several and of an order, what is said about them names them."""
    if isinstance(one.given, str):
        return [f"`{one.given}`"]
    return quizzed.options(one.question, one.given) if one.given is not None and len(one.given) == 1 else []


def listed(past: Sequence[Past], running: Exam | None) -> Rows:
    for one in past:
        share = 100 * one.correct / one.questions if one.questions else 0
        said = f"{one.begun.astimezone():%Y-%m-%d %H:%M}  {one.correct:>2} of {one.questions}  {share:>3.0f} %  "
        yield text(said + ("passed" if one.passed else "not passed"))
    if running is not None:
        yield text("One is under way: kcnet exam --resume", Style.WARN)
    if not past and running is None:
        yield text("No exam was taken yet: kcnet exam")


def bar(share: float, width: int = 20) -> str:
    """Plain characters, so that every terminal shows it."""
    full = round(max(0.0, min(1.0, share)) * width)
    return f"[{'#' * full}{'.' * (width - full)}]"
