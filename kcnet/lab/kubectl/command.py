"""``kubectl``: finds the verb, reads its flags, runs it, and prints what went wrong as kubectl does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import NamedTuple

from kcnet.apiserver.errors import ApiError
from kcnet.lab.call import Call
from kcnet.lab.kubectl import args as arguments
from kcnet.lab.kubectl.client import Client, Fault, message_of

Verb = Callable[[Client], int]


class Entry(NamedTuple):
    """One command of kubectl. Each module has a function ``run``, or the one that is named behind a colon."""

    module: str
    flags: str
    about: str
    usage: str
    examples: tuple[str, ...] = ()
    words: bool = True
    """Whether it takes words at all."""


def kubectl(call: Call) -> int:
    from kcnet.lab.kubectl.verbs import GROUPS, VERBS

    words = list(call.argv[1:])
    try:
        name, rest = _verb(words)
        if name is None:
            return _overview(call, words)
        if name in GROUPS:
            name, rest = _member(call, name, rest)
        entry = VERBS[name]
        flags = {**arguments.flags_of(arguments.GLOBAL), **arguments.flags_of(entry.flags)}
        try:
            args = arguments.take_apart(rest, flags, name)
        except arguments.UsageFault as fault:
            raise _told(fault, name) from None
        if args.on("help"):
            from kcnet.lab.kubectl.helptext import page

            call.out(page(name, entry))
            return 0
        module, _, function = entry.module.partition(":")
        _check_context(call, args)
        run: Verb = getattr(import_module(f"kcnet.lab.kubectl.{module}"), function or "run")
        client = Client(call, args, name)
        try:
            status = run(client)
        finally:
            for failure in client.failures:
                if len(client.failures) > 1:
                    failure.message = failure.message.removeprefix("error: ")
                _tell(call, failure)
        return status or (1 if client.failures else 0)
    except Fault as fault:
        _tell(call, fault)
        return fault.status
    except ApiError as refused:
        call.err(message_of(refused))
        return 1


def _check_context(call: Call, args: arguments.Args) -> None:
    """The lab has one context, one cluster and one user. Raises Fault for others."""
    from kcnet.lab.kubectl.config import context_name

    for flag in ("context", "cluster", "user"):
        known = "learner" if flag == "user" else context_name(call.session)
        if args.has(flag) and args.text(flag) != known:
            raise Fault(f'error: {flag} "{args.text(flag)}" does not exist', note=f"The lab has one {flag}, {known}.")


def _tell(call: Call, fault: Fault) -> None:
    if fault.status:
        call.err(fault.message)
    else:
        call.line(fault.message)
    if note := fault.note or _who_has_the_port(call, fault.message):
        call.note(note)


def _who_has_the_port(call: Call, message: str) -> str:
    found = re.search(r"nodePort: Invalid value: (\d+): provided port is already allocated", message)
    if found is None:
        return ""
    for service in call.session.cluster.services.values():
        if any(str(port.node_port) == found[1] for port in service.ports):
            return f"Service {service.namespace}/{service.name} has node port {found[1]} already."
    return ""


def _told(fault: arguments.UsageFault, command: str) -> Fault:
    see = f"\nSee 'kubectl {command} --help' for usage." if fault.usage else ""
    return Fault(f"error: {fault.message}{see}", note=fault.hint)


def _verb(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """The first word that is no flag, and all the others. Raises Fault."""
    for index, word in _no_flags(words):
        return _known(word), [*words[:index], *words[index + 1 :]]
    return None, list(words)


def _no_flags(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The words, with their places, that are neither flags nor values of kubectl's global ones, up to ``--``."""
    flags = arguments.flags_of(arguments.GLOBAL)
    index = 0
    while index < len(words) and words[index] != "--":
        word = words[index]
        if word.startswith("-") and len(word) > 1:
            flag = flags.get(word.partition("=")[0])
            index += 2 if flag is not None and flag.bare is None and "=" not in word else 1
            continue
        yield index, word
        index += 1


def _known(word: str) -> str:
    from kcnet.lab.kubectl.verbs import ABSENT, GROUPS, VERBS
    from kcnet.lab.nearest import nearest

    if word in GROUPS or (word in VERBS and " " not in word):
        return word
    if word in ABSENT:
        raise Fault(f"error: the lab does not simulate kubectl {word}", note=ABSENT[word])
    verbs = [*GROUPS, *(verb for verb in VERBS if " " not in verb)]
    near = nearest(word, verbs)
    did = f"\n\nDid you mean this?\n\t{near}\n" if near else ""
    raise Fault(
        f'error: unknown command "{word}" for "kubectl"{did}', note="" if near else "kubectl --help lists what works."
    )


def _member(call: Call, group: str, rest: list[str]) -> tuple[str, list[str]]:
    """The command inside a group, such as ``rollout status``; the longest that fits."""
    from kcnet.lab.kubectl.verbs import ABSENT_MEMBERS, GROUPS, VERBS
    from kcnet.lab.nearest import nearest

    members = [name for name in VERBS if name.startswith(f"{group} ")]
    aliases = GROUPS[group]
    words = list(_no_flags(rest))
    if words:
        index, first = words[0]
        first = aliases.get(first, first)
        left = [*rest[:index], *rest[index + 1 :]]
        name = f"{group} {first}"
        if name in GROUPS:
            return _member(call, name, left)
        if name in VERBS:
            return name, left
    if group in VERBS and (not words or any(word.startswith(("-f", "--filename")) for word in rest)):
        return group, rest
    known = ", ".join(name.removeprefix(f"{group} ") for name in members)
    if not words:
        if any(word in ("-h", "--help") for word in rest):
            raise Fault(f"kubectl {group} has these commands: {known}.", status=0)
        raise Fault(f"error: kubectl {group} needs one of its commands: {known}")
    word = words[0][1]
    if word in ABSENT_MEMBERS.get(group, "").split():
        raise Fault(f"error: the lab does not simulate kubectl {group} {word}", note=f"It has: {known}.")
    near = nearest(word, [name.rsplit(" ", 1)[1] for name in members])
    fault = f"Unexpected args: [{word}]" if group == "create" else f'unknown command "{word}"'
    raise Fault(
        f"error: {fault}\nSee 'kubectl {group} -h' for help and examples",
        note=f"Did you mean kubectl {group} {near}?" if near else f"The lab has: {known}.",
    )


def _overview(call: Call, words: Sequence[str]) -> int:
    from kcnet.lab.kubectl.helptext import overview

    flags = arguments.flags_of(arguments.GLOBAL)
    try:
        arguments.take_apart(words, flags)
    except arguments.UsageFault as fault:
        raise _told(fault, "") from None
    call.out(overview())
    return 0
