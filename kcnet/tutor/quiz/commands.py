"""Whether two kubectl commands ask for the same: by verb, resource, names and flags, however they are written.

``kubectl get po -n=shop -lapp=web`` and ``k get pods --selector app=web --namespace shop`` are one.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

from kcnet.lab.kubectl.args import GLOBAL, UsageFault, flags_of, take_apart
from kcnet.lab.kubectl.command import Entry
from kcnet.lab.kubectl.verbs import VERBS

Meaning = tuple[str, tuple[str, ...], frozenset[tuple[str, tuple[str, ...]]], tuple[str, ...]]
"""Verb, words, flags with their values, and what stands behind ``--``."""

_DEFAULTS: Final = {("namespace", ("default",)), ("type", ("ClusterIP",)), ("protocol", ("TCP",))}
_FIRST_IS_NAME: Final = frozenset({"logs", "exec", "run", "port-forward", "attach"})
"""Verbs whose first word is the name of a pod where it names no resource."""


def meaning(text: str) -> Meaning | None:
    """What a command asks for; None if it is none that kubectl would take."""
    try:
        words = shlex.split(text.strip().removeprefix("$ "))
    except ValueError:
        return None
    if len(words) < 2 or words[0] not in ("kubectl", "k"):
        return None
    found = _verb(words[1:])
    if found is None:
        return None
    verb, entry, rest = found
    try:
        args = take_apart(rest, flags_of(f"{entry.flags} {GLOBAL}"), verb)
    except UsageFault:
        return None
    flags = {(name, _values(name, values)) for name, values in args.values.items()} - _DEFAULTS
    flags = {(name, values) for name, values in flags if values != ("false",)}
    return verb, _words(verb, args.words), frozenset(flags), tuple(args.behind or ())


def _verb(words: Sequence[str]) -> tuple[str, Entry, list[str]] | None:
    """The verb, of up to three words that flags may part, and the rest."""
    flags = flags_of(GLOBAL)
    places: list[int] = []
    skip = False
    for index, word in enumerate(words):
        if skip or word.startswith("-"):
            flag = None if skip else flags.get(word.partition("=")[0])
            skip = flag is not None and flag.bare is None and "=" not in word
            continue
        places.append(index)
        if len(places) == 3:
            break
    for size in range(len(places), 0, -1):
        verb = " ".join(words[place] for place in places[:size])
        verb = verb.replace("create svc", "create service").replace("create deploy ", "create deployment ")
        if verb in VERBS:
            return verb, VERBS[verb], [word for index, word in enumerate(words) if index not in places[:size]]
    return None


def _values(name: str, values: Sequence[str]) -> tuple[str, ...]:
    if name in ("selector", "labels"):
        return tuple(sorted(part.strip().replace("==", "=") for value in values for part in value.split(",")))
    return tuple(values)


def _words(verb: str, words: Sequence[str]) -> tuple[str, ...]:
    """Resources by their kinds; ``deploy/cart`` as ``deploy cart``."""
    from kcnet.apiserver.resources import find

    found: list[str] = []
    for index, word in enumerate(words):
        kind, slash, name = word.partition("/")
        resource = find(kind)
        if slash and resource is not None:
            found += [resource.kind, name]
        elif index == 0 and verb not in _FIRST_IS_NAME:
            found.append(",".join(_kind(one) for one in word.split(",")))
        elif index == 0 and verb in _FIRST_IS_NAME:
            found += ["Pod", word]
        else:
            found.append(word)
    return tuple(found)


def _kind(word: str) -> str:
    from kcnet.apiserver.resources import find

    resource = find(word)
    return word if resource is None else resource.kind


def same_command(typed: str, wanted: str) -> bool:
    """Whoever was not asked for a way to print may add columns."""
    first, second = meaning(typed), meaning(wanted)
    if first is None or second is None:
        return False
    if not any(name == "output" for name, _ in second[2]):
        first = (first[0], first[1], first[2] - {("output", ("wide",))}, first[3])
    return first == second
