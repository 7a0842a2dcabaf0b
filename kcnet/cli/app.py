"""The command line: ``kcnet`` and its commands, one module each, which import what they need when they run."""

from __future__ import annotations

import gc
import sys
from typing import Annotated

import typer

from kcnet import __version__
from kcnet.cli.check import check
from kcnet.cli.exam import exam
from kcnet.cli.explain import explain
from kcnet.cli.lab import lab
from kcnet.cli.learn import learn
from kcnet.cli.progress import progress
from kcnet.cli.quiz import quiz
from kcnet.cli.reach import reach
from kcnet.cli.terminal import screen_of, write
from kcnet.cli.trace import trace

app = typer.Typer(
    name="kcnet",
    help="Kubernetes networking, learned from your own manifests: no cluster, no guessing.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help is plain text: [:PORT] is no markup
    context_settings={"help_option_names": ["-h", "--help"]},
)
# Words too many are told with what was probably meant.
app.command(context_settings={"allow_extra_args": True})(trace)
app.command()(check)
app.command()(explain)
app.command()(lab)
app.command()(learn)
app.command()(quiz)
app.command()(exam)
app.command()(progress)
app.add_typer(reach, name="reach")


def _version(asked: bool) -> None:
    if asked:
        write(sys.stdout, f"kcnet {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Kubernetes networking, learned from your own manifests: no cluster, no guessing."""
    if context.invoked_subcommand is None:
        from kcnet.render.greeting import greeting

        write(sys.stdout, greeting(screen_of(sys.stdout)))


def run() -> None:
    """Run the command that was typed."""
    # What a command reads, it keeps until it ends: looking for garbage all the time finds none.
    gc.set_threshold(100_000)
    app(prog_name="kcnet")
