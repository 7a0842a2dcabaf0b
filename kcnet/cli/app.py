"""The command line: ``kcnet`` and its commands, one module each, which import what they need when they run.

Reading the options of every command takes as long as tracing a request, so ``run`` knows only the one that was typed.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib import import_module
from typing import Annotated, Any, Final

import typer

from kcnet import __version__
from kcnet.cli.terminal import screen_of, write

COMMANDS: Final = ("trace", "check", "explain", "lab", "learn", "quiz", "exam", "progress", "reach")
"""In the order of the help. Each is a module of ``kcnet.cli``, and what is named like it in there."""


def application(commands: tuple[str, ...] = COMMANDS) -> typer.Typer:
    """The command line with these commands."""
    found = typer.Typer(
        name="kcnet",
        help="Kubernetes networking, learned from your own manifests: no cluster, no guessing.",
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # help is plain text: [:PORT] is no markup
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    found.callback(invoke_without_command=True)(root)
    for name in commands:
        command = getattr(import_module(f"kcnet.cli.{name}"), name)
        if isinstance(command, typer.Typer):
            found.add_typer(command, name=name)
        else:
            # Words too many are told by trace itself, with what was probably meant.
            found.command(context_settings={"allow_extra_args": True} if name == "trace" else None)(command)
    return found


@cache
def _whole() -> typer.Typer:
    return application()


def __getattr__(name: str) -> Any:
    if name == "app":
        return _whole()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _version(asked: bool) -> None:
    if asked:
        write(sys.stdout, f"kcnet {__version__}\n")
        raise typer.Exit


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
    if os.environ.get("_KCNET_COMPLETE") == "complete_bash":
        from kcnet.cli.bashwords import completing

        with completing():
            _whole()(prog_name="kcnet")
        return
    typed = next(iter(sys.argv[1:]), "")
    known = typed in COMMANDS and "_KCNET_COMPLETE" not in os.environ
    (application((typed,)) if known else _whole())(prog_name="kcnet")
