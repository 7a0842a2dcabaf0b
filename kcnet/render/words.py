"""How a trace's values are called on a page: places, stages, marks, shares and manifest lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kcnet.model.names import Ref
from kcnet.model.trace import Action, Because, Destination, Packet, Stage, Step, Trace, Verdict, socket_address
from kcnet.render.screen import Line, Style

STAGE = {
    Stage.DNS: "dns",
    Stage.SERVICE: "service",
    Stage.NAT: "nat",
    Stage.EGRESS_POLICY: "policy out",
    Stage.ROUTE: "route",
    Stage.INGRESS_POLICY: "policy in",
    Stage.ENDPOINT: "endpoint",
    Stage.INGRESS: "ingress",
    Stage.LOAD_BALANCER: "balancer",
    Stage.RETURN: "return",
}

_VERDICT_MARK = {
    Verdict.DELIVERED: "✔",
    Verdict.EXTERNAL: "↗",
    Verdict.UNKNOWN: "?",
    Verdict.PARTIAL: "◐",
}
"""Every other verdict is ✘."""

_VERDICT_STYLE = {
    Verdict.DELIVERED: Style.GOOD,
    Verdict.EXTERNAL: Style.GOOD,
    Verdict.UNKNOWN: Style.WARN,
    Verdict.PARTIAL: Style.WARN,
}
"""Every other verdict is BAD."""

_ACTION_MARK = {
    Action.ALLOWED: ("✔", Style.GOOD),
    Action.DELIVERED: ("✔", Style.GOOD),
    Action.LEFT: ("↗", Style.GOOD),
    Action.FAILED: ("✘", Style.BAD),
    Action.DROPPED: ("✘", Style.BAD),
    Action.REJECTED: ("✘", Style.BAD),
    Action.UNDECIDED: ("?", Style.WARN),
}


def verdict_mark(verdict: Verdict) -> str:
    return _VERDICT_MARK.get(verdict, "✘")


def verdict_style(verdict: Verdict) -> Style:
    return _VERDICT_STYLE.get(verdict, Style.BAD)


def step_mark(step: Step) -> tuple[str, Style]:
    """The mark of what was decided, well or badly; a blank where the packet was only changed or moved."""
    if step.action is Action.ALLOWED and step.stage is Stage.NAT:
        return " ", Style.PLAIN
    return _ACTION_MARK.get(step.action, (" ", Style.PLAIN))


def place(ref: Ref) -> str:
    """``Pod shop/cart-0``; for what is outside its name alone."""
    if ref.kind == "External":
        return ref.name.rstrip(".") or "outside the cluster"
    return str(ref)


def short_place(ref: Ref) -> str:
    return f"{ref.namespace}/{ref.name}" if ref.namespace else ref.name


def where(destination: Destination) -> str:
    """``Pod shop/cart-0``"""
    return place(Ref(destination.kind, destination.namespace, destination.name))


def percent(share: float) -> str:
    if 0 < share < 0.01:
        return "<1 %"
    return f"{share:.0%}".replace("%", " %")


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def in_brief(step: Step) -> str:
    """What happened in a few words, for places that show where and at which stage; a sentence where it takes one."""
    return step.brief or step.text


def unsaid_changes(step: Step) -> list[Line]:
    """The changes of a step that its own few words do not show."""
    return [line for line in changes(step.before, step.after) if line[0][0].split("→ ")[-1] not in in_brief(step)]


def changes(before: Packet, after: Packet) -> list[Line]:
    """What a step changes on the packet, one line for each end that changes: ``dst 10.96.0.7:80 → 10.244.1.5:8080``."""
    lines: list[Line] = []
    for end, old, new in (
        ("src", (before.src, before.src_port), (after.src, after.src_port)),
        ("dst", (before.dst, before.dst_port), (after.dst, after.dst_port)),
    ):
        if old == new:
            continue
        if end == "src" or old[0] is None:
            # The port of a client is any free one, and that of a name was said when it was asked for.
            old, new = (old[0], None), (new[0], None)
            if old == new:
                continue
        was, becomes = socket_address(*old), socket_address(*new)
        line = f"{end} {was} → {becomes or '?'}" if was else f"{end} → {becomes or '?'}"
        lines.append(((line, Style.CHANGE),))
    if before.protocol is not after.protocol:
        lines.append(((f"protocol {before.protocol} → {after.protocol}", Style.CHANGE),))
    return lines


def short_files(files: Iterable[str]) -> dict[str, str]:
    """For each file the shortest end of its path that names no other: ``cart.yaml``, or ``shop/cart.yaml``."""
    parts = {file: file.replace("\\", "/").split("/") for file in dict.fromkeys(files)}
    short: dict[str, str] = {}
    for file, own in parts.items():
        for size in range(1, len(own) + 1):
            if sum(other[-size:] == own[-size:] for other in parts.values()) == 1:
                short[file] = "/".join(own[-size:])
                break
        else:
            short[file] = file
    return short


def trace_files(trace: Trace) -> dict[str, str]:
    """Short names of all the files that a trace points at."""
    steps = [step for path in trace.paths for step in path.steps]
    return short_files(because.file for step in [*steps, *trace.blockers] for because in step.because if because.file)


def manifest_lines(because: Sequence[Because], files: dict[str, str], most: int = 3) -> str:
    """``cart.yaml:41`` or ``cart.yaml:41,57 policy.yaml:3``; further ones are counted."""
    found: dict[str, list[int]] = {}
    for one in because:
        if one.file is not None and one.line is not None:
            lines = found.setdefault(files.get(one.file, one.file), [])
            if one.line not in lines:
                lines.append(one.line)
    places = [(file, line) for file, lines in found.items() for line in lines]
    named: dict[str, list[str]] = {}
    for file, line in places[:most]:
        named.setdefault(file, []).append(str(line))
    text = " ".join(f"{file}:{','.join(lines)}" for file, lines in named.items())
    return text + (f" +{len(places) - most}" if len(places) > most else "")
