"""``kcnet quiz``: questions, and what else can be done with them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kcnet.cli.cluster import WRONG_INPUT, fail, note
from kcnet.cli.terminal import screen_of, write, write_document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kcnet.model.cluster import Cluster
    from kcnet.tutor.quiz.question import Question
    from kcnet.tutor.quiz.selection import Wanted

FLAWED = 1
"""Exit status when questions do not pass --check, or answers name questions that there are not."""
MOST = 1000

Topic = Literal[
    "services", "dns", "ingress", "networkpolicy", "cni", "kube-proxy", "external", "mesh", "troubleshooting"
]


def quiz(
    topic: Annotated[Topic | None, typer.Option("--topic", help="Only questions of this topic.")] = None,
    competency: Annotated[
        str | None, typer.Option("--competency", metavar="NAME", help="Only of this KCNA competency.")
    ] = None,
    difficulty: Annotated[
        int | None, typer.Option("--difficulty", min=1, max=3, help="Only of this difficulty, 1 to 3.")
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", min=1, max=MOST, help="How many questions; 10 if not said.")
    ] = None,
    missed: Annotated[bool, typer.Option("--missed", help="Only what you answered wrong last time.")] = False,
    new: Annotated[bool, typer.Option("--new", help="Only what you were never asked.")] = False,
    cram: Annotated[bool, typer.Option("--cram", help="The weakest first; the schedule stays as it is.")] = False,
    files: Annotated[
        list[str] | None,
        typer.Option("-f", "--file", metavar="PATH", help="Questions about these manifests: file, folder, glob or -."),
    ] = None,
    generate: Annotated[
        int | None,
        typer.Option("--generate", metavar="N", min=1, max=MOST, help="N new questions over random clusters."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", min=0, help="The same questions in the same order again.")
    ] = None,
    pack: Annotated[
        list[Path] | None, typer.Option("--pack", metavar="FILE", help="Questions of a file of yours; repeats.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option("--check", metavar="PATH", help="Check a question file, or a folder of them.")
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the questions.")] = False,
    forecast: Annotated[bool, typer.Option("--forecast", help="Show what is due in the coming days.")] = False,
    fit: Annotated[bool, typer.Option("--fit", help="Fit the schedule to your own memory (needs kcnet[fit]).")] = False,
    answers: Annotated[
        str | None,
        typer.Option("--answers", metavar="FILE", help="Grade the answers of a file, or of - (nothing is saved)."),
    ] = None,
    output: Annotated[
        Literal["text", "json"] | None,
        typer.Option("-o", "--output", help="What --list, --answers and --forecast print."),
    ] = None,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE", help="Write the questions as CSV; - prints.")
    ] = None,
    anki: Annotated[
        Path | None, typer.Option("--anki", metavar="FILE", help="Write a deck for Anki (needs kcnet[anki]).")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Plain lines: for screen readers, and where keys do not work.")
    ] = False,
) -> None:
    """Be asked about Kubernetes networking: what is due first, then what is new. Answers are explained, and remembered.

    Exit status: 0; with --check 1 if something is wrong; with --answers 1 if ids are unknown; 2 for wrong input.
    """
    from kcnet.tutor.lessonfile import InvalidLessonError
    from kcnet.tutor.quiz.selection import COUNT, Wanted
    from kcnet.tutor.storage import StoreError

    _refuse_odd(
        {
            "--list": listing,
            "--forecast": forecast,
            "--answers": answers,
            "--csv": csv,
            "--anki": anki,
            "--check": check,
            "--fit": fit,
        },
        output,
        sources={"-f": files, "--generate": generate, "--pack": pack},
        kinds={"--missed": missed, "--new": new, "--cram": cram},
    )
    wanted = Wanted(topic, _competency(competency), difficulty, missed, new, cram, count or COUNT)
    try:
        if check is not None:
            raise typer.Exit(_check(check))
        if forecast or fit:
            _forecast(output) if forecast else _fit()
            return
        if answers is not None:
            raise typer.Exit(_grade(answers, output, pack))
        questions, around = _questions(wanted, files, generate, seed, pack)
        if listing or csv is not None or anki is not None:
            found = [one for one in questions if wanted.fits(one)]
            _write(found if count is None else found[:count], output, csv, anki)
            return
        _sit(questions, wanted, seed, plain=plain, around=around, made=generate is not None, packed=bool(pack))
    except StoreError as error:
        raise fail(str(error)) from None
    except InvalidLessonError as error:
        from kcnet.render import problems

        write(sys.stderr, problems.render(error.problems, screen_of(sys.stderr)))
        raise typer.Exit(WRONG_INPUT) from None


def _refuse_odd(
    doing: dict[str, object], output: str | None, *, sources: dict[str, object], kinds: dict[str, bool]
) -> None:
    named = [name for name, value in doing.items() if value]
    if len(named) > 1:
        raise fail(f"{named[0]} and {named[1]} are two things to do.", fix="One at a time.")
    if output is not None and not set(named) & {"--list", "--answers", "--forecast"}:
        raise fail("-o goes with --list, --answers or --forecast.", fix=f"kcnet quiz --list -o {output}")
    drawn = [name for name, value in sources.items() if value]
    if len(drawn) > 1:
        raise fail(f"{drawn[0]} and {drawn[1]} are two sources of questions.", fix="Name one of them.")
    which = [name for name, value in kinds.items() if value]
    if len(which) > 1:
        raise fail(f"{which[0]} and {which[1]} choose different questions.", fix="Name one of them.")
    if which and drawn and drawn[0] != "--pack":
        raise fail(f"{which[0]} is about questions that come again; those of {drawn[0]} are new.", fix="Name one.")


def _competency(name: str | None) -> str | None:
    from kcnet.tutor.subjects import COMPETENCIES

    if name is None:
        return None
    found = next((one for one in COMPETENCIES if one.casefold() == name.strip().casefold()), None)
    if found is None:
        from difflib import get_close_matches

        near = get_close_matches(name.title(), COMPETENCIES, n=1)
        raise fail(f"The KCNA has no competency {name}.", fix=f"One of {', '.join(COMPETENCIES)}.", nearest=near)
    return found


def _questions(
    wanted: Wanted, files: Sequence[str] | None, generate: int | None, seed: int | None, pack: Sequence[Path] | None
) -> tuple[tuple[Question, ...], Cluster | None]:
    """Questions, and the learner's own cluster if they are about one."""
    if files:
        return _own(files, _seed(seed), wanted.count)
    if generate is not None:
        from kcnet.tutor.quiz.fresh import fresh

        return fresh(_seed(seed), generate, topic=wanted.topic, difficulty=wanted.difficulty), None
    from kcnet.tutor.quiz.bank import read_bank

    for file in pack or ():
        if not file.is_file():
            raise fail(f"There is no file {file}.", fix="kcnet quiz --pack FILE; its form is that of lessons/quiz.")
    return read_bank(list(pack) if pack else None), None


def _own(files: Sequence[str], seed: int, count: int) -> tuple[tuple[Question, ...], Cluster]:
    from kcnet.cli.cluster import read_cluster
    from kcnet.tutor.quiz.fresh import on_own

    cluster = read_cluster(list(files))
    single = files[0] if len(files) == 1 else ""
    text = Path(single).read_text(encoding="utf-8", errors="replace") if Path(single or "/").is_file() else ""
    found = on_own(cluster, text, seed, count)
    if not found:
        raise fail(
            "These manifests give nothing to ask about: no request in them has a sure answer.",
            fix="Name all files of the application: -f repeats, and takes folders.",
        )
    return found, cluster


def _seed(seed: int | None) -> int:
    if seed is not None:
        return seed
    import random

    return random.randrange(1 << 31)


def _check(path: Path) -> int:
    from kcnet.cli.waiting import Waiting
    from kcnet.render import problems as pages
    from kcnet.tutor.quiz.blind import table
    from kcnet.tutor.quiz.prove import check_files

    if not path.exists():
        raise fail(f"There is no file or folder {path}.", fix="kcnet quiz --check PATH")
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise fail(f"{path} holds no question files (*.yaml).")
    with Waiting("answering questions"):
        problems, questions = check_files(files)
    if problems:
        write(sys.stderr, pages.render(problems, screen_of(sys.stderr)))
        return FLAWED
    count = len(questions)
    lines = [f"{count} question{'' if count == 1 else 's'}: keys and references hold, nothing to mend."]
    if told := table(questions):
        lines += ["", *told]
    write(sys.stdout, "\n".join(lines) + "\n")
    return 0


def _forecast(output: str | None) -> None:
    from kcnet.tutor.progress import utc_now
    from kcnet.tutor.quiz import memory
    from kcnet.tutor.storage import open_store

    with open_store() as store:
        days = memory.forecast(memory.entries(store).values(), utc_now())
    if output == "json":
        from kcnet.render.printable import json_text

        found = {"apiVersion": "kcnet/v1", "kind": "Forecast", "days": [{"date": str(d), "due": n} for d, n in days]}
        write_document(json_text(found))
        return
    from kcnet.render.screen import laid_out
    from kcnet.tutor.standing.pages import forecast_rows

    write(sys.stdout, "\n".join(laid_out(screen_of(sys.stdout), forecast_rows(days))) + "\n")


def _fit() -> None:
    from kcnet.cli.waiting import Waiting
    from kcnet.tutor.quiz import fitting
    from kcnet.tutor.storage import open_store

    with open_store() as store:
        if store.note:
            note(store.note)
        try:
            with Waiting("fitting the schedule"):
                count = fitting.fit(store)
        except fitting.NoOptimizerError:
            raise fail("Fitting needs a library that is not installed.", fix="Install kcnet[fit].") from None
        except fitting.TooFewError as error:
            raise fail(str(error), fix="Answer some more; the schedule is good for most people as it is.") from None
    write(sys.stdout, f"The schedule follows your {count} answers now.\n")


def _grade(place: str, output: str | None, pack: Sequence[Path] | None) -> int:
    from kcnet.cli import answerfile
    from kcnet.tutor.quiz.bank import by_id, read_bank
    from kcnet.tutor.quiz.grading import grade_all

    known = by_id([*read_bank(), *(read_bank(list(pack)) if pack else ())])
    report = grade_all(answerfile.read(place), known)
    if output == "json":
        from kcnet.render.printable import json_text

        write_document(json_text(report.to_dict()))
    else:
        from kcnet.render.screen import laid_out
        from kcnet.tutor.quiz.pages import graded

        write(sys.stdout, "\n".join(laid_out(screen_of(sys.stdout), graded(report))) + "\n")
    return FLAWED if report.unknown else 0


def _write(questions: Sequence[Question], output: str | None, csv: str | None, anki: Path | None) -> None:
    if csv is not None:
        from kcnet.tutor.quiz.export import to_csv

        text = to_csv(questions)
        if csv == "-":
            write_document(text)
            return
        _save(lambda: Path(csv).write_text(text, encoding="utf-8", newline=""), csv)
        note(f"{len(questions)} questions are in {csv}.")
    elif anki is not None:
        from kcnet.tutor.quiz.export import NoAnkiError, to_anki

        try:
            _save(lambda: to_anki(questions, anki), str(anki))
        except NoAnkiError:
            raise fail("Decks for Anki need a library that is not installed.", fix="Install kcnet[anki].") from None
        note(f"{len(questions)} questions are in {anki}; open it with Anki.")
    elif output == "json":
        from kcnet.render.printable import json_text

        found = {"apiVersion": "kcnet/v1", "kind": "QuestionBank", "questions": [one.to_dict() for one in questions]}
        write_document(json_text(found))
    else:
        from kcnet.render.screen import laid_out
        from kcnet.tutor.quiz.pages import listed

        write(sys.stdout, "\n".join(laid_out(screen_of(sys.stdout), listed(questions))) + "\n")


def _save(write_it: Callable[[], object], place: str) -> None:
    try:
        write_it()
    except OSError as error:
        raise fail(f"{place} cannot be written: {error.strerror or error}.") from None


def _sit(
    questions: Sequence[Question],
    wanted: Wanted,
    seed: int | None,
    *,
    plain: bool,
    around: Cluster | None,
    made: bool,
    packed: bool,
) -> None:
    from kcnet.cli.keydesk import desk_for
    from kcnet.tutor.progress import utc_now
    from kcnet.tutor.quiz import keeping
    from kcnet.tutor.storage import open_store

    with open_store() as store:
        if store.note:
            note(store.note)
        quiz = keeping.Quiz(
            store=store,
            clock=utc_now,
            wanted=wanted,
            seed=_seed(seed),
            fixed=seed is not None,
            drawn=made or around is not None,
            packed=packed,
            around=around,
        )
        items = quiz.items(questions)
        if not items:
            note(_nothing(wanted))
            return
        quiz.lead(desk_for(plain=plain), items)


def _nothing(wanted: Wanted) -> str:
    if wanted.missed:
        return "There is nothing that you answered wrong last time."
    if wanted.topic or wanted.competency or wanted.difficulty:
        return "Nothing is due, and nothing is new, with these options. kcnet quiz --generate 10 never runs out."
    return "Nothing is due, and you know every question. kcnet quiz --cram asks again; --generate 10 never runs out."
