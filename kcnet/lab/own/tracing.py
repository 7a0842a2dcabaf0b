"""``trace SOURCE TARGET`` and ``why``: kcnet's own answer, step by step, to a request in the lab."""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.lab.call import Call
from kcnet.lab.machine import Asked, Ran
from kcnet.model.names import Protocol
from kcnet.model.trace import Request, Trace, Verdict
from kcnet.render.screen import Screen

USAGE = "trace SOURCE TARGET [-n NAMESPACE] [--protocol tcp|udp|sctp] [--host HOST] [--all-blockers] [-o json]"


def trace(call: Call) -> int:
    try:
        words, values, switches = _words(call.argv[1:])
        source = values.get("from") or (words.pop(0) if words else "")
        target = values.get("to") or (words.pop(0) if words else "")
        if not source or not target or words:
            raise ValueError(f"Usage: {USAGE}")
        found = _traced(call, source, target, values, switches)
    except ValueError as error:
        call.err(f"trace: {error}")
        return 2
    call.session.saw((Asked("trace", found),))
    call.did(Ran("trace", (source, target)))
    if values.get("output") == "json":
        from kcnet.render.printable import json_text

        call.out(json_text(found.to_dict()))
    else:
        call.out(_page(found))
    return 0 if found.verdict in (Verdict.DELIVERED, Verdict.EXTERNAL) else 1


def _page(found: Trace) -> str:
    from kcnet.render import text

    return (
        text.render(found, Screen())
        .replace(", or --step for one step at a time", "")
        .replace("more      --step for one step at a time\n", "")
    )


_VALUES = {
    "--from": "from", "--to": "to", "-n": "namespace", "--namespace": "namespace", "--protocol": "protocol",
    "--host": "host", "-o": "output", "--output": "output",
}  # fmt: skip


def _words(argv: Sequence[str]) -> tuple[list[str], dict[str, str], set[str]]:
    words: list[str] = []
    values: dict[str, str] = {}
    switches: set[str] = set()
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if name in _VALUES and name.startswith("-"):
            if not equals and not rest:
                raise ValueError(f"{name} needs a value. Usage: {USAGE}")
            values[_VALUES[name]] = value if equals else rest.pop(0)
        elif word in ("--all-blockers", "--step"):
            switches.add(word)
        elif word.startswith("--ignore"):
            switches.add("--ignore")
            if not equals and rest[:1] == ["policies"]:
                rest.pop(0)
        elif word.startswith("-") and len(word) > 1:
            raise ValueError(
                f"trace has no flag {word}. Usage: {USAGE}" if word not in ("-h", "--help") else f"Usage: {USAGE}"
            )
        else:
            words.append(word)
    return words, values, switches


def _traced(call: Call, source: str, target: str, values: dict[str, str], switches: set[str]) -> Trace:
    from kcnet import simulate
    from kcnet.request import RequestError, parse_client, parse_target

    namespace = values.get("namespace") or call.session.namespace
    protocol = values.get("protocol", "").upper()
    if protocol and protocol not in Protocol.__members__:
        raise ValueError(f"--protocol {protocol.lower()}: write tcp, udp or sctp.")
    cluster = call.session.cluster
    try:
        return simulate.trace(
            cluster,
            Request(
                client=parse_client(cluster, source, namespace),
                target=parse_target(cluster, target, namespace),
                protocol=Protocol(protocol) if protocol else None,
                host=values.get("host"),
                all_blockers="--all-blockers" in switches,
                ignore_policies="--ignore" in switches,
            ),
        )
    except RequestError as error:
        raise ValueError(f"{error.message} {error.fix}".strip()) from None


def why(call: Call) -> int:
    """The last request that did not arrive, in full."""
    found = call.session.failed
    if found is None:
        if call.session.last is not None:
            call.line("No request has failed. This is the last one that was sent:")
            call.line()
            call.out(_page(call.session.last))
            return 0
        call.line("No request has been sent yet. Try kubectl exec POD -- curl SERVICE, and then why.")
        return 0
    call.did(Ran("why"))
    call.out(_page(found))
    return 0


def kcnet(call: Call) -> int:
    """``kcnet trace ...`` as typed outside the lab, against the cluster of the lab; ``kcnet explain CODE``."""
    words = list(call.argv[1:])
    if words[:1] == ["trace"]:
        call.argv = words
        return trace(call)
    if words[:1] == ["explain"] and len(words) == 2:
        return _explain(call, words[1])
    call.err("kcnet: In the lab there are kcnet trace and kcnet explain CODE. exit leaves the lab.")
    return 2


def _explain(call: Call, code: str) -> int:
    from kcnet import reasons
    from kcnet.analysis import check, errors
    from kcnet.render import reasons as pages

    name = reasons.normal(code)
    found: pages.Page | None = reasons.find(code) or check.catalogue().get(name) or errors.catalogue().get(name)
    if found is None:
        near = reasons.nearest(code, 1)
        call.err(f"explain: {code} is no reason code." + (f" Did you mean {near[0]}?" if near else ""))
        return 2
    call.out(pages.page(found, Screen()))
    return 0
