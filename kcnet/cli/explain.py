"""``kcnet explain``: what a reason code means."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kcnet.cli import complete
from kcnet.cli.cluster import fail
from kcnet.cli.terminal import screen_of, write, write_document

if TYPE_CHECKING:
    from kcnet.model.trace import Reason


def explain(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE]", help="Such as DNS_NXDOMAIN. Without it: all codes.", autocompletion=complete.codes
        ),
    ] = None,
    output: Annotated[Literal["text", "json"], typer.Option("-o", "--output", help="What to print.")] = "text",
) -> None:
    """Explain a reason code: what it means, how to see it on a real cluster, the usual causes, and what to do."""
    from kcnet import reasons
    from kcnet.render import reasons as pages

    found = None
    if code is not None:
        found = reasons.find(code)
        if found is None:
            raise fail(
                f"There is no reason code {code}.", fix="kcnet explain lists them all", nearest=reasons.nearest(code)
            )
    if output == "json":
        from kcnet.render.printable import json_text

        chosen = [found] if found else list(reasons.catalogue().values())
        write_document(json_text(pages.document(chosen)))
    elif found:
        write(sys.stdout, pages.page(found, screen_of(sys.stdout)))
    else:
        write(sys.stdout, pages.listing(_by_subject(), screen_of(sys.stdout)))


def _by_subject() -> dict[str, list[Reason]]:
    from importlib import import_module

    from kcnet import reasons

    subjects = {subject: vars(import_module(f"kcnet.reasons.{subject}")) for subject in reasons.SUBJECTS}
    every = reasons.catalogue().values()
    return {subject: [one for one in every if names.get(one.code) is one] for subject, names in subjects.items()}
