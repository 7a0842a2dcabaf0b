"""``node NODE -- COMMAND`` and ``outside -- COMMAND``: a command somewhere else than where the learner is."""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.lab.call import Call, Place
from kcnet.lab.nearest import nearest


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    words = list(argv[1:])
    if "--" in words:
        at = words.index("--")
        return words[:at], words[at + 1 :]
    return words[:1], words[1:]


def node(call: Call) -> int:
    before, command = _split(call.argv)
    nodes = call.session.cluster.nodes
    if len(before) != 1 or not command or before[0].startswith("-"):
        call.err(f"node: Usage: node NODE -- COMMAND, such as node {next(iter(nodes), 'node-1')} -- iptables-save")
        return 1
    name = before[0].removeprefix("node/")
    if name not in nodes:
        near = nearest(name, nodes)
        call.err(
            f"node: There is no node {name}. " + (f"Did you mean {near}?" if near else f"There is {', '.join(nodes)}.")
        )
        return 1
    return _there(call, Place("node", name), command)


def outside(call: Call) -> int:
    words = list(call.argv[1:])
    command = words[1:] if words[:1] == ["--"] else words
    if not command:
        call.err("outside: Usage: outside -- COMMAND, such as outside -- curl http://shop.example.com/")
        return 1
    return _there(call, Place(), command)


def _there(call: Call, place: Place, command: Sequence[str]) -> int:
    shell = call.shell.inner(place)
    result = shell.execute(command, call.stdin)
    call.chunks += result.chunks
    call.effects += result.effects
    return result.status
