"""The command line: ``kcnet`` and its commands, one module each, which import what they need when they run."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from kcnet.cli.explain import explain
from kcnet.cli.terminal import screen_of, write
from kcnet.cli.trace import trace

app = typer.Typer(
    name="kcnet",
    help="Kubernetes networking, learned from your own manifests: no cluster, no guessing.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(trace)
app.command()(explain)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        write(sys.stdout, f"kcnet {version('kcnet')}\n")
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


def main() -> None:
    """The entry point."""
    app(prog_name="kcnet")
