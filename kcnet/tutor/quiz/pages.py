"""What a question, the feedback on an answer and the end of a sitting look like: rows for a desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from kcnet.render import markdown
from kcnet.render.markdown import BLANK
from kcnet.render.screen import Row, Style
from kcnet.tutor.quiz.grading import Report
from kcnet.tutor.quiz.judge import Answer, Verdict
from kcnet.tutor.quiz.question import Form, Question
from kcnet.tutor.subjects import TOPICS

_HOW: Final = {
    Form.SINGLE: "One is right.",
    Form.WHAT_HAPPENS: "One is right.",
    Form.MULTIPLE: "Choose all that are right.",
    Form.ORDER: "Put them in order.",
    Form.FILL: "Type the answer.",
    Form.FAULT_LINE: "Choose the line at fault.",
}


LONG: Final = 12
"""Lines of a manifest from which on the question stands below it."""


def text(said: str, style: Style = Style.PLAIN, mark: str = "", marked: Style = Style.PLAIN) -> Row:
    """A paragraph behind a mark; of its text, ``code`` is shown as such."""
    words = markdown.spans(said) if style is Style.PLAIN else ((said, style),)
    return Row(((mark, marked),), ((" " * len(mark), Style.PLAIN),), words)


def head(question: Question, number: int, total: int, note: str = "") -> Row:
    about = f"{TOPICS.get(question.topic, question.topic)} · {['easy', 'middling', 'hard'][question.difficulty - 1]}"
    return Row((), (), ((f"{number} of {total}", Style.STRONG), (f" · {about}", Style.QUIET)), note)


def asked(question: Question) -> list[Row]:
    """The question without its options."""
    how = _HOW[question.form]
    said = question.form is Form.MULTIPLE and "choose all" in question.stem.lower()
    return [*stated(question), *([] if said else [BLANK, text(how, Style.QUIET)])]


def stated(question: Question) -> list[Row]:
    """The stem, and the cluster and the request that it is about."""
    rows = list(markdown.rows(question.stem))
    if question.manifest:
        manifest = list(_manifest(question))
        # Below a manifest that fills the window, what was asked would be out of sight.
        rows = [*manifest, BLANK, *rows] if len(manifest) > LONG else [*rows, BLANK, *manifest]
    if line := request(question):
        rows += [BLANK, Row((("  ", Style.PLAIN),), (("  ", Style.PLAIN),), ((line, Style.STRONG),))]
    return rows


def request(question: Question) -> str:
    """What the question is about: ``pod/client → http://web/``; "" if it is about no request."""
    if question.ask is None:
        return ""
    protocol = f" over {question.ask.protocol.upper()}" if question.ask.protocol else ""
    host = f" as {question.ask.host}" if question.ask.host else ""
    return f"{question.ask.source} → {question.ask.target}{protocol}{host}"


def _manifest(question: Question) -> Iterator[Row]:
    """Its lines, numbered where a line is asked for."""
    lines = question.manifest.rstrip("\n").splitlines()
    wide = len(str(len(lines)))
    for number, line in enumerate(lines, 1):
        mark = f"{number:>{wide}} " if question.form is Form.FAULT_LINE else "  "
        text_, indent = line.lstrip(" "), " " * (len(line) - len(line.lstrip(" ")))
        first = ((mark, Style.QUIET), (indent, Style.PLAIN))
        yield Row(first, ((" " * (len(mark) + len(indent) + 2), Style.PLAIN),), ((text_, Style.LABEL),))


def options(question: Question, places: Sequence[int]) -> list[str]:
    """Texts of the options as they are shown, in the order ``places``."""
    return [_option(question, place) for place in places]


def _option(question: Question, place: int) -> str:
    option = question.options[place]
    if question.form is Form.FAULT_LINE:
        return option.text if option.line is None else f"line {option.line}: {option.text}"
    return "".join(said for said, _ in markdown.spans(option.text)) or option.text


def feedback(question: Question, verdict: Verdict, answer: Answer) -> list[Row]:
    """Right or not, what each wrong choice means, and the explanation."""
    rows = [BLANK]
    if verdict.right:
        rows.append(text("Right.", Style.GOOD, "✔ ", Style.GOOD))
    else:
        rows.append(text("Not right.", Style.BAD, "✘ ", Style.BAD))
        rows += [text(one, mark="  ") for one in verdict.said]
        rows += [BLANK, text("The answer:", Style.STRONG), *(text(one, mark="  ") for one in right(question))]
    return [*rows, BLANK, *markdown.rows(question.explanation), *references(question)]


def right(question: Question) -> list[str]:
    """The right answer, one text a line."""
    if question.fill is not None:
        return [f"`{question.fill.accept[0]}`"]
    if question.form is Form.ORDER:
        return [f"{number}. {option.text}" for number, option in enumerate(question.options, 1)]
    options = [question.options[place] for place in question.right]
    found = [one.text if one.line is None else f"line {one.line}: `{one.text.strip()}`" for one in options]
    return [*found, f"It should read: `{question.cure.strip()}`"] if question.cure else found


def others(question: Question, places: Sequence[int]) -> list[Row]:
    """Every option with what is to be said about it, in the order in which they were shown."""
    rows = []
    for place in places:
        option = question.options[place]
        mark, style = ("✔ ", Style.GOOD) if option.correct else ("✘ ", Style.BAD)
        rows += [text(_option(question, place), Style.STRONG, mark, style), text(option.why, mark="  ")]
    return rows


def references(question: Question) -> Iterator[Row]:
    """Where to read on: pages by their address, lessons and codes as commands."""
    for reference in question.references:
        kind, _, name = reference.partition(":")
        if kind == "lesson":
            yield text(f"kcnet learn {name}", Style.QUIET, "↗ ", Style.QUIET)
        elif kind == "explain":
            yield text(f"kcnet explain {name}", Style.QUIET, "↗ ", Style.QUIET)
        else:
            yield Row((("↗ ", Style.QUIET),), (("  ", Style.QUIET),), ((reference, Style.QUIET),), whole=True)


def complaint(question: Question, answer: Answer | None, seed: int) -> str:
    """The text of an issue about a question, ready to be sent."""
    from kcnet import __version__

    def said(places: Iterable[int]) -> str:
        return ", ".join(str(place + 1) for place in places)

    given = answer if isinstance(answer, str) else said(answer or ())
    lines = [
        f"Title: Question {question.id}: ",
        "",
        "What is wrong with it, and how you know (a page, or what a cluster does):",
        "",
        "",
        f"Question: {question.id}, revision {question.revision}, seed {seed}, kcnet {__version__}",
        f"Asked: {' '.join(question.stem.split())}",
        *(f"{number}. {option.text}" for number, option in enumerate(question.options, 1)),
        f"Key: {question.fill.accept[0] if question.fill else said(question.right)}",
        f"I answered: {given or '-'}",
    ]
    return "\n".join(lines) + "\n"


def result(given: int, right_ones: int, missed: Sequence[Question], *, due: str = "") -> list[Row]:
    """The end of a sitting."""
    if not given:
        return [BLANK, text("No question was answered.")]
    rows = [BLANK, text(f"{right_ones} of {given} right.", Style.STRONG)]
    topics: dict[str, int] = {}
    for question in missed:
        topics[question.topic] = topics.get(question.topic, 0) + 1
    for topic, count in sorted(topics.items(), key=lambda item: -item[1]):
        rows.append(text(f"{TOPICS.get(topic, topic)}: {count} missed. kcnet quiz --topic {topic}", mark="  "))
    if missed:
        rows.append(text("kcnet quiz --missed asks again what you missed.", Style.QUIET))
    return [*rows, text(due, Style.QUIET)] if due else rows


def listed(questions: Sequence[Question]) -> list[Row]:
    """One row a question, below its topic."""
    rows: list[Row] = []
    topic = None
    for one in questions:
        if one.topic != topic:
            topic = one.topic
            rows += (
                [BLANK, text(TOPICS.get(topic, topic), Style.STRONG)] if rows else [text(TOPICS[topic], Style.STRONG)]
            )
        first = " ".join(one.stem.split())
        rows.append(text(first, mark="  "))
        rows.append(text(f"{one.id} · {one.form} · {'*' * one.difficulty}", Style.QUIET, "    "))
    return rows or [text("No question fits.")]


def graded(report: Report) -> list[Row]:
    rows: list[Row] = []
    for one in report.graded:
        mark, style = ("✔ ", Style.GOOD) if one.right else ("✘ ", Style.BAD)
        rows.append(text(one.question.id, Style.STRONG, mark, style))
        if one.problem:
            rows.append(text(one.problem, Style.WARN, "  "))
        rows += [text(said, mark="  ") for said in one.said]
    rows += [text(f"There is no question {key}.", Style.WARN, "? ", Style.WARN) for key in report.unknown]
    return [*rows, BLANK, text(f"{report.right} of {len(report.graded)} right.", Style.STRONG)]
