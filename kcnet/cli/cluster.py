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

    Raises typer.Exit(2) when problems of the manifests, or of ``cni``, have been printed to standard error.
    """
    check_cni(cni)
    from kcnet.controlplane import build_cluster
    from kcnet.loading.load import load_manifests
    from kcnet.loading.problems import InvalidManifestsError
    from kcnet.model.manifests import ClusterFacts
    from kcnet.resources import demo

    try:
        with reading(files) as waiting:
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


def reading(files: Sequence[str]) -> Waiting:
    """While manifests are read. Somebody who types them is told how they end, and not disturbed."""
    typing = "-" in files and not sys.stdin.closed and sys.stdin.isatty()
    if typing:
        note("Reading manifests from standard input; Ctrl-D on a line of its own ends them.")
    return Waiting("reading manifests", quiet=typing)


def check_cni(name: str | None) -> None:
    """Refuse what is a slip of the keyboard; a plugin that kcnet has never heard of may well exist."""
    if name is None:
        return
    from kcnet.controlplane.cni import KNOWN_CNIS, cni_named

    if cni_named(name).name in KNOWN_CNIS:
        return
    from difflib import get_close_matches

    if near := get_close_matches(name.lower(), KNOWN_CNIS, n=1, cutoff=0.8):
        raise fail(f"--cni: {name} is no network plugin that kcnet knows.", fix=f"Did you mean {near[0]}?")
    note(f"--cni: kcnet knows nothing of {name}. It knows {', '.join(KNOWN_CNIS)}.")


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
