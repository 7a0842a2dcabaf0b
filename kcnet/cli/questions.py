"""Questions on the terminal for what the command line left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING

import typer

from kcnet.cli.cluster import fail
from kcnet.cli.suggestions import Suggestion, sources, targets
from kcnet.model.cluster import Cluster
from kcnet.render.printable import printable
from kcnet.request import RequestError, parse_client, parse_target

if TYPE_CHECKING:
    import questionary

_MOST = 200
"""Choices listed; of more, the rest can be typed."""
_OTHER = "\0"
SOMETHING_ELSE = "something else: type it"
INTERRUPTED = 130


class _Always(str):
    """A title that every search finds."""

    __slots__ = ()

    def lower(self) -> str:
        return self

    def __contains__(self, text: object) -> bool:
        return True


def ask_source(cluster: Cluster, namespace: str) -> str:
    typed = "A pod, NAMESPACE/NAME, KIND/NAME or an IP address:"
    return _good(
        lambda: _ask("Who sends the request?", sources(cluster, namespace), typed),
        lambda answer: parse_client(cluster, answer, namespace),
    )


def ask_target(cluster: Cluster, source: str, namespace: str) -> str:
    typed = "A URL, HOST:PORT, svc/NAME or an IP address:"
    return _good(
        lambda: _ask("What is it sent to?", targets(cluster, source), typed),
        lambda answer: parse_target(cluster, answer, namespace),
    )


def _good(ask: Callable[[], str], check: Callable[[str], object]) -> str:
    """The first answer that ``check`` raises no RequestError for; what is wrong with others is told."""
    while True:
        answer = ask()
        try:
            check(answer)
        except RequestError as error:
            fail(error.message, error.fix)
        else:
            return answer


def _ask(question: str, suggestions: Iterable[Suggestion], typed: str) -> str:
    """The answer; raises typer.Exit(130) when the learner leaves with Ctrl-C or Ctrl-D.

    A search that finds nothing is an answer itself: what was typed.
    """
    import questionary

    found = list(islice(suggestions, _MOST))
    width = min(46, max((len(one.value) for one in found), default=0))
    choices = [
        questionary.Choice(f"{printable(one.value):<{width}}  {printable(one.about)}", value=one.value) for one in found
    ]
    choices.append(questionary.Choice(_Always(SOMETHING_ELSE), value=_OTHER))
    try:
        asked = questionary.select(
            question,
            choices=choices,
            use_search_filter=True,
            use_jk_keys=False,
            instruction="(arrows, or type to search)",
            erase_when_done=True,
        )
        answer = asked.unsafe_ask()
        if answer == _OTHER:
            answer = _searched(asked)
        if not answer:
            answer = questionary.text(
                typed,
                validate=lambda text: bool(text.strip()) or "Type one, or leave with Ctrl-C.",
                erase_when_done=True,
            ).unsafe_ask()
    except (KeyboardInterrupt, EOFError):
        raise typer.Exit(INTERRUPTED) from None
    return str(answer).strip()


def _searched(question: questionary.Question) -> str:
    """What stands in the search line of an answered question."""
    controls = question.application.layout.find_all_controls()
    found = "".join(getattr(control, "search_filter", None) or "" for control in controls).strip()
    return "" if found.lower() in SOMETHING_ELSE else found
