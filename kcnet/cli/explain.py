"""``kcnet explain``: what a code means."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kcnet.cli import complete
from kcnet.cli.cluster import fail
from kcnet.cli.terminal import screen_of, write, write_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kcnet.render.reasons import Page


def explain(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE]", help="Such as DNS_NXDOMAIN. Without it: all codes.", autocompletion=complete.codes
        ),
    ] = None,
    output: Annotated[Literal["text", "json"], typer.Option("-o", "--output", help="What to print.")] = "text",
) -> None:
    """Explain a code of a trace or of kcnet check: what it means, how to see it on a real cluster, the usual causes,
    and what to do."""
    from kcnet import reasons
    from kcnet.render import reasons as pages

    found: Page | None = None
    if code is not None:
        found = reasons.find(code) or _of_check().get(reasons.normal(code))
        if found is None:
            raise fail(f"There is no code {code}.", fix="kcnet explain lists them all", nearest=_nearest(code))
    if output == "json":
        from kcnet.render.printable import json_text

        every: list[Page] = [*reasons.catalogue().values(), *_of_check().values()]
        write_document(json_text(pages.document([found] if found else every)))
    elif found:
        write(sys.stdout, pages.page(found, screen_of(sys.stdout)))
    else:
        write(sys.stdout, pages.listing(_by_subject(), screen_of(sys.stdout)))


def _of_check() -> dict[str, Page]:
    """The codes of ``kcnet check``: its rules, and what the loader refuses."""
    from kcnet.analysis import check, errors

    return {**check.catalogue(), **errors.catalogue()}


def _nearest(code: str) -> list[str]:
    """Codes that may have been meant, the likeliest first."""
    from difflib import SequenceMatcher

    from kcnet import reasons

    wanted, others = reasons.normal(code), _of_check()
    near = [*reasons.nearest(code), *(known for known in others if wanted and wanted in known)]
    likeness = {known: SequenceMatcher(None, wanted, known).ratio() for known in (*others, *near)}
    close = {known for known in others if likeness[known] >= 0.6}
    return sorted({*near, *close}, key=lambda known: (-likeness[known], known))[:3]


def _by_subject() -> dict[str, Sequence[Page]]:
    from importlib import import_module

    from kcnet import reasons
    from kcnet.analysis import check, errors

    subjects = {subject: vars(import_module(f"kcnet.reasons.{subject}")) for subject in reasons.SUBJECTS}
    every = reasons.catalogue().values()
    found: dict[str, Sequence[Page]] = {
        subject: [one for one in every if names.get(one.code) is one] for subject, names in subjects.items()
    }
    found |= {f"check: {subject}": rules for subject, rules in check.subjects().items()}
    return found | {f"check: {subject}": errors_ for subject, errors_ in errors.SUBJECTS.items()}
