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


def ask_source(cluster: Cluster) -> str:
    return _ask("Who sends the request?", sources(cluster), "a pod, NAMESPACE/NAME, KIND/NAME or an IP address:")


def ask_target(cluster: Cluster, source: str) -> str:
    return _ask("What is it sent to?", targets(cluster, source), "a URL, HOST:PORT, svc/NAME or an IP address:")


def _ask(question: str, suggestions: Iterable[Suggestion], typed: str) -> str:
    """The answer; raises typer.Exit(130) when the learner leaves with Ctrl-C or Ctrl-D."""
    import questionary

    found = list(islice(suggestions, _MOST))
    width = min(44, max((len(one.value) for one in found), default=0))
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
        ).unsafe_ask()
        if answer == _OTHER:
            answer = questionary.text(typed, validate=lambda text: bool(text.strip())).unsafe_ask().strip()
    except (KeyboardInterrupt, EOFError):
        raise typer.Exit(INTERRUPTED) from None
    assert isinstance(answer, str)
    return answer
