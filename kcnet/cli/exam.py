"""``kcnet exam``: a mock exam on the clock, its date, and answers of a file graded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kcnet.cli.cluster import WRONG_INPUT, fail, note
from kcnet.cli.terminal import screen_of, write, write_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kcnet.render.screen import Row
    from kcnet.tutor.exam.state import Exam
    from kcnet.tutor.quiz.question import Question

FAILED = 1
"""Exit status when graded answers do not pass, or name questions that there are not."""
FARTHEST = 3
"""Years ahead that a date may be; a farther one is a slip of the keyboard."""


def exam(
    date: Annotated[
        str | None,
        typer.Option("--date", metavar="YYYY-MM-DD", help="The day of your exam: reviews are planned for it; or none."),
    ] = None,
    count: Annotated[int | None, typer.Option("--count", min=1, max=240, help="How many questions.")] = None,
    minutes: Annotated[int | None, typer.Option("--minutes", min=1, max=600, help="How much time.")] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", min=0, max=2**31, help="The same exam again.")
    ] = None,
    listing: Annotated[
        bool, typer.Option("--list", help="Exams taken; with --seed the questions of that exam.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the exam under way.")] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Plain lines: for screen readers, and where keys do not work.")
    ] = False,
    answers: Annotated[
        str | None,
        typer.Option("--answers", metavar="FILE", help="Grade the answers of a file, or of - (nothing is saved)."),
    ] = None,
    output: Annotated[
        Literal["text", "json"] | None, typer.Option("-o", "--output", help="What --answers and --list print.")
    ] = None,
) -> None:
    """Take a mock exam in the KCNA's format, about networking only: a clock, marks, and no word before the end.

    Exit status: 0; with --answers 1 if they do not pass or name unknown questions; 2 for wrong input.
    """
    from kcnet.tutor.exam.facts import MINUTES, QUESTIONS
    from kcnet.tutor.lessonfile import InvalidLessonError
    from kcnet.tutor.storage import StoreError

    _refuse_odd({"--date": date is not None, "--list": listing, "--answers": answers is not None, "--resume": resume},
                output, drawn=count is not None or minutes is not None or seed is not None)  # fmt: skip
    number = count or QUESTIONS.value
    time = minutes or max(1, round(number * MINUTES.value / QUESTIONS.value))
    try:
        if date is not None:
            _date(date)
        elif answers is not None:
            raise typer.Exit(_grade(answers, number, seed, output))
        elif listing and seed is not None:
            _paper(number, seed, output)
        elif listing:
            _list(output)
        else:
            _sit(number, time, seed, resume=resume, plain=plain, drawn=(count, minutes, seed) != (None, None, None))
    except StoreError as error:
        raise fail(str(error)) from None
    except InvalidLessonError as error:
        from kcnet.render import problems

        write(sys.stderr, problems.render(error.problems, screen_of(sys.stderr)))
        raise typer.Exit(WRONG_INPUT) from None


def _refuse_odd(doing: dict[str, bool], output: str | None, *, drawn: bool) -> None:
    named = [name for name, value in doing.items() if value]
    if len(named) > 1:
        raise fail(f"{named[0]} and {named[1]} are two things to do.", fix="One at a time.")
    if output is not None and not set(named) & {"--list", "--answers"}:
        raise fail("-o goes with --answers or --list.", fix=f"kcnet exam --list -o {output}")
    if drawn and named and named[0] in ("--date", "--resume"):
        raise fail(f"{named[0]} draws no new exam; --count, --minutes and --seed are for one.")


def _bank() -> tuple[Question, ...]:
    from kcnet.tutor.quiz.bank import read_bank

    return read_bank()


def _drawn(count: int, seed: int) -> tuple[Question, ...]:
    from kcnet.tutor.exam.draw import drawn

    return drawn(_bank(), count, seed)


def _date(text: str) -> None:
    from datetime import date

    from kcnet.tutor.progress import utc_now
    from kcnet.tutor.quiz import memory
    from kcnet.tutor.storage import open_store

    now = utc_now()
    today = now.astimezone().date()
    day = None
    if text.strip().lower() != "none":
        try:
            day = date.fromisoformat(text.strip())
        except ValueError:
            raise fail(
                f"{text} is no day of the calendar.", fix="Write it as 2026-12-12; none takes the date back."
            ) from None
        if day < today:
            raise fail(f"{day} is past: today is {today}.", fix="kcnet exam --date with a day to come.")
        if day.year > today.year + FARTHEST:
            raise fail(f"{day} is more than {FARTHEST} years away.", fix="kcnet exam --date with a nearer day.")
    with open_store() as store:
        if store.note:
            note(store.note)
        moved = memory.set_exam_date(store, day, now)
    if day is None:
        write(sys.stdout, "No exam date. Reviews are planned as if you wanted to know it for good.\n")
        return
    ahead = (day - today).days
    when = "today" if not ahead else f"in {ahead} day{'' if ahead == 1 else 's'}"
    said = f" {moved} review{'' if moved == 1 else 's'} moved before it." if moved else ""
    write(sys.stdout, f"Your exam is on {day}, {when}. Reviews are planned for it.{said}\n")


def _grade(place: str, count: int, seed: int | None, output: str | None) -> int:
    from kcnet.tutor.exam import pages
    from kcnet.tutor.exam.paper import grade
    from kcnet.tutor.quiz.grading import AnswersError, read_answers

    try:
        data = sys.stdin.buffer.read() if place == "-" else Path(place).read_bytes()
    except OSError as error:
        raise fail(f"{place} cannot be read: {error.strerror or error}.") from None
    try:
        given = read_answers(data.decode("utf-8-sig", "replace"))
        found = grade(given, _bank() if seed is None else _drawn(count, seed), seed)
    except AnswersError as error:
        raise fail(str(error), fix='A mapping such as {"dns-short-name": 2}, or {"1": 2} with --seed.') from None
    if output == "json":
        _document(found.to_dict())
    else:
        _print(pages.result(found, _lessons))
        _print(pages.misses(found))
    return 0 if found.passed and not found.unknown else FAILED


def _paper(count: int, seed: int, output: str | None) -> None:
    from kcnet.tutor.exam.paper import document
    from kcnet.tutor.quiz.judge import shown
    from kcnet.tutor.quiz.pages import asked, head, options, text

    questions = _drawn(count, seed)
    if output == "json":
        _document(document(questions, seed))
        return
    for number, one in enumerate(questions, 1):
        _print([head(one, number, len(questions)), text(one.id), *asked(one)])
        _print(text(said, mark=f"{place:>3}  ") for place, said in enumerate(options(one, shown(one, seed)), 1))
        write(sys.stdout, "\n")


def _list(output: str | None) -> None:
    from kcnet.tutor.exam import keeping, pages
    from kcnet.tutor.storage import open_store

    with open_store() as store:
        past, running = keeping.history(store), keeping.under_way(store)
    if output == "json":
        exams = [
            {"begun": one.begun.isoformat(), "questions": one.questions, "correct": one.correct, "passed": one.passed}
            for one in past
        ]
        _document({"apiVersion": "kcnet/v1", "kind": "ExamHistory", "exams": exams, "underWay": running is not None})
        return
    _print(pages.listed(past, running))


def _sit(count: int, minutes: int, seed: int | None, *, resume: bool, plain: bool, drawn: bool) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise fail(
            "An exam wants somebody who answers, and there is no terminal.",
            fix="kcnet exam --answers FILE grades a file; kcnet exam --list --seed 1 prints the questions.",
        )
    from kcnet.cli.keydesk import desk_for
    from kcnet.tutor.exam import keeping
    from kcnet.tutor.exam.hall import Hall
    from kcnet.tutor.exam.state import over
    from kcnet.tutor.progress import utc_now
    from kcnet.tutor.quiz.bank import by_id
    from kcnet.tutor.storage import open_store

    bank = _bank()
    with open_store() as store:
        if store.note:
            note(store.note)
        running: Exam | None = keeping.under_way(store)
        if running is None and resume:
            raise fail("No exam is under way.", fix="kcnet exam")
        if running is not None and drawn and not over(running, utc_now()):
            raise fail("An exam is under way, and its clock runs.", fix="kcnet exam --resume; then h hands it in.")
        if running is None:
            if seed is None:
                import random

                seed = random.randrange(1 << 31)
            ids = [one.id for one in _drawn(count, seed)]
            running = keeping.begin(store, ids, seed, minutes, utc_now())
        Hall(desk_for(plain=plain), store, utc_now, by_id(bank), _lessons).sit(running)


def _lessons(topic: str) -> Sequence[str]:
    """The lessons of a topic, in the order of the course."""
    from kcnet.tutor.course import read_course

    return [entry.head.id for entry in read_course().entries if topic in entry.head.topics]


def _print(rows: Iterable[Row]) -> None:
    from kcnet.render.screen import laid_out

    write(sys.stdout, "".join(f"{line}\n" for line in laid_out(screen_of(sys.stdout), rows)))


def _document(value: dict[str, Any]) -> None:
    from kcnet.render.printable import json_text

    write_document(json_text(value))
