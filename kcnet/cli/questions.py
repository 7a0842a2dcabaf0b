"""Questions on the terminal for what the command line left out."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import typer

from kcnet.cli.suggestions import Suggestion, sources, targets
from kcnet.model.cluster import Cluster
from kcnet.render.printable import printable

_MOST = 200
"""Choices listed; of more, the rest can be typed."""
_OTHER = "\0"
INTERRUPTED = 130


def ask_source(cluster: Cluster, namespace: str) -> str:
    typed = "A pod, NAMESPACE/NAME, KIND/NAME or an IP address:"
    return _ask("Who sends the request?", sources(cluster, namespace), typed)


def ask_target(cluster: Cluster, source: str) -> str:
    return _ask("What is it sent to?", targets(cluster, source), "A URL, HOST:PORT, svc/NAME or an IP address:")


def _ask(question: str, suggestions: Iterable[Suggestion], typed: str) -> str:
    """The answer; raises typer.Exit(130) when the learner leaves with Ctrl-C or Ctrl-D."""
    import questionary

    found = list(islice(suggestions, _MOST))
    width = min(46, max((len(one.value) for one in found), default=0))
    choices = [
        questionary.Choice(f"{printable(one.value):<{width}}  {printable(one.about)}", value=one.value) for one in found
    ]
    choices.append(questionary.Choice("something else: type it", value=_OTHER))
    try:
        answer = questionary.select(
            question,
            choices=choices,
            use_search_filter=True,
            use_jk_keys=False,
            instruction="(arrows, or type to search)",
            erase_when_done=True,
        ).unsafe_ask()
        if answer == _OTHER:
            answer = questionary.text(
                typed, validate=lambda text: bool(text.strip()), erase_when_done=True
            ).unsafe_ask()
    except (KeyboardInterrupt, EOFError):
        raise typer.Exit(INTERRUPTED) from None
    return str(answer).strip()
