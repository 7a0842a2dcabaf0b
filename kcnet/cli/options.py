"""Options that several commands have, each defined once."""

from __future__ import annotations

from typing import Annotated

import typer

from kcnet.cli import complete

Files = Annotated[
    list[str],
    typer.Option(
        "-f",
        "--file",
        metavar="PATH",
        help="A file, a folder, a glob, or - for standard input; repeatable. Without it: the demo cluster.",
        autocompletion=complete.paths,
    ),
]
"""Its default is an empty list, which Typer copies."""
