"""kcnet's own verbs: what a learner does to the cluster and asks of kcnet, and no real tool does."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kcnet.lab.call import Call

VERBS: Final = {
    "fail": "health:fail",
    "recover": "health:recover",
    "drain": "health:drain",
    "trace": "tracing:trace",
    "why": "tracing:why",
    "map": "clustermap:run",
    "undo": "history:undo",
    "reset": "history:reset",
    "save": "save:run",
    "help": "helptopics:run",
    "minikube": "minikube:run",
    "node": "places:node",
    "outside": "places:outside",
    "kcnet": "tracing:kcnet",
}


def load(name: str) -> Callable[[Call], int]:
    module, _, function = VERBS[name].partition(":")
    found: Callable[[Call], int] = getattr(import_module(f"kcnet.lab.own.{module}"), function)
    return found


def words_of(call: Call, usage: str) -> tuple[list[str], str]:
    """The words, and the namespace of ``-n`` (else that of the context); raises ValueError with how it is used."""
    words: list[str] = []
    namespace = call.session.namespace
    rest = list(call.argv[1:])
    while rest:
        word = rest.pop(0)
        if word in ("-n", "--namespace"):
            if not rest:
                raise ValueError(f"{word} needs a namespace. Usage: {usage}")
            namespace = rest.pop(0)
        elif word.startswith("--namespace="):
            namespace = word.partition("=")[2]
        elif word.startswith("-n") and not word.startswith("--") and len(word) > 2:
            namespace = word[2:]
        elif word in ("-h", "--help"):
            raise ValueError(f"Usage: {usage}")
        elif word.startswith("-") and len(word) > 1:
            raise ValueError(f"{call.argv[0]} has no flag {word}. Usage: {usage}")
        else:
            words.append(word)
    return words, namespace
