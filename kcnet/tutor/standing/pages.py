"""What ``kcnet progress`` and ``kcnet quiz --forecast`` show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kcnet.render.markdown import BLANK
from kcnet.render.screen import Line, Row, Style
from kcnet.tutor.exam.facts import PASS_MARK, QUESTIONS, share
from kcnet.tutor.exam.pages import bar
from kcnet.tutor.quiz.pages import text
from kcnet.tutor.standing.standing import NETWORKING, Standing, exam_questions
from kcnet.tutor.subjects import TOPICS

_SPARKS = "▁▂▃▄▅▆▇█"


def forecast_rows(days: Sequence[tuple[date, int]]) -> list[Row]:
    """One row a day."""
    most = max((count for _, count in days), default=0)
    if not most:
        return [text("Nothing is due in the coming days. kcnet quiz asks what is new.")]
    rows = []
    for number, (day, count) in enumerate(days):
        name = "today" if number == 0 else "tomorrow" if number == 1 else f"{day:%a %d %b}"
        drawn = "█" * round(40 * count / most) if count else ""
        rows.append(Row((), (), ((f"{name:<12}{count:>4} ", Style.PLAIN), (drawn, Style.LABEL))))
    return rows


def sparkline(values: Sequence[float]) -> str:
    """Shares from 0 to 1 as one character each."""
    return "".join(_SPARKS[min(len(_SPARKS) - 1, int(value * len(_SPARKS)))] for value in values)


def rows(found: Standing) -> list[Row]:
    """At 80 columns no more than a window of 24 lines holds beside the prompt."""
    streak = f"streak {found.streak} day{'' if found.streak == 1 else 's'}"
    page = [
        _named("Lessons", f"{found.lessons_done} of {found.lessons} done · {streak}"),
        _named("Retention", _retention(found)),
        _named("Due", f"{found.due} now, {sum(count for _, count in found.forecast[:7])} within a week"),
        text("Mastery", Style.STRONG),
    ]
    for topic in found.topics:
        about = f" {100 * topic.known:>3.0f} %  {topic.seen} of {topic.questions} seen"
        drawn = ((f"  {TOPICS[topic.id]:<28} ", Style.PLAIN), (bar(topic.known), Style.LABEL), (about, Style.QUIET))
        page.append(Row((), (), drawn))
    page += [BLANK, *_exams(found), *_ready(found), BLANK]
    if not found.advice:
        return [
            *page,
            text("Nothing is due and nothing is left to learn: kcnet quiz --generate 10 asks new questions."),
        ]
    page.append(text("The next 20 minutes that raise it most", Style.STRONG))
    for one in found.advice:
        said: Line = ((f"{one.command} ({one.minutes} min)", Style.PLAIN), (f"  {one.why}", Style.QUIET))
        page.append(Row((("  ", Style.PLAIN),), (("    ", Style.PLAIN),), said))
    return page


def badge(found: Standing) -> list[str]:
    """Something to show: lines of 60 columns, in characters that every place shows."""
    known = sum(one.known * one.questions for one in found.topics) / max(1, sum(one.questions for one in found.topics))
    ready = found.readiness
    range_ = "not enough evidence" if ready.low is None else f"{ready.low:.0f} to {ready.high:.0f} %"
    lines = [
        "kcnet: Kubernetes networking",
        f"lessons {found.lessons_done}/{found.lessons}   streak {found.streak}   reviews {found.reviews}",
        f"mastery {bar(known)} {100 * known:.0f} %",
        f"networking readiness: {range_} ({ready.sample} answers)",
    ]
    edge = f"+{'-' * 58}+"
    return [edge, *(f"| {line[:56]:<56} |" for line in lines), edge]


def _named(name: str, said: str) -> Row:
    return Row(((f"{name:<12}", Style.LABEL),), ((" " * 12, Style.PLAIN),), ((said, Style.PLAIN),))


def _retention(found: Standing) -> str:
    right, every = found.retention
    if not every:
        return "nothing was asked twice yet"
    return f"{100 * right / every:.0f} % of {every} repeated question{'' if every == 1 else 's'} in 30 days"


def _exams(found: Standing) -> list[Row]:
    if not found.exams:
        return []
    shares = [exam.correct / max(1, exam.questions) for exam in found.exams]
    last = f"last {100 * shares[-1]:.0f} %, best {100 * max(shares):.0f} % of {len(shares)}"
    return [_named("Exams", f"{sparkline(shares[-20:])}  {last}; pass mark {PASS_MARK.value} %")]


def _ready(found: Standing) -> list[Row]:
    ready = found.readiness
    of_exam = (
        f"Of networking alone: about {share(NETWORKING):.0f} % of the KCNA ({exam_questions()} of {QUESTIONS.value} "
        "questions), if the competencies of its domain weigh the same."
    )
    when = "today" if found.exam is None or found.exam != ready.day else f"on {found.exam.isoformat()}"
    if ready.low is None or ready.high is None:
        said = f"not enough evidence: {ready.sample} of {ready.needed} networking questions answered"
    else:
        range_ = f"{ready.low:.0f} to {ready.high:.0f} % right {when}"
        said = f"{range_} ({ready.sample} questions answered; pass mark {PASS_MARK.value} %)"
    return [
        _named("Readiness", said),
        Row(((" " * 12, Style.PLAIN),), ((" " * 12, Style.PLAIN),), ((of_exam, Style.QUIET),)),
    ]
