"""From what was typed to a cluster: which files, which facts, and what is said when they cannot be read."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from kcnet.cli.terminal import screen_of, write
from kcnet.cli.waiting import Waiting

if TYPE_CHECKING:
    from kcnet.model.cluster import Cluster

WRONG_INPUT = 2
"""Exit status when the input or the command line is wrong."""

DEMO_NOTE = "The built-in demo cluster, a small shop. For your own: kcnet trace -f FOLDER"


def read_cluster(
    files: Sequence[str], *, proxy_mode: str | None = None, cni: str | None = None, as_json: bool = False
) -> Cluster:
    """The cluster of these files; of the demo if there are none.

    Raises typer.Exit(2) when problems of the manifests have been printed to standard error.
    """
    from kcnet.controlplane import build_cluster
    from kcnet.loading.load import load_manifests
    from kcnet.loading.problems import InvalidManifestsError
    from kcnet.model.manifests import ClusterFacts
    from kcnet.resources import demo

    try:
        with Waiting("reading manifests") as waiting:
            manifests = load_manifests(list(files) or [str(demo())], progress=waiting.progress)
            return build_cluster(manifests, ClusterFacts(proxy_mode=proxy_mode, cni=cni))
    except InvalidManifestsError as error:
        from kcnet.render import problems

        if as_json:
            from kcnet.render.printable import json_text

            write(sys.stderr, json_text(problems.findings(error.problems)))
        else:
            write(sys.stderr, problems.render(error.problems, screen_of(sys.stderr)))
        raise typer.Exit(WRONG_INPUT) from None


def fail(message: str, fix: str = "", nearest: Sequence[str] = ()) -> typer.Exit:
    """Say what is wrong with the command line; raise what is returned."""
    from kcnet.render.problems import render_error

    write(sys.stderr, render_error(message, screen_of(sys.stderr), fix, nearest))
    return typer.Exit(WRONG_INPUT)


def note(text: str) -> None:
    """Say something beside the answer."""
    from kcnet.render.screen import Row, Style, laid_out

    lines = laid_out(screen_of(sys.stderr), [Row((), (), ((text, Style.QUIET),))])
    write(sys.stderr, "\n".join(lines) + "\n")
