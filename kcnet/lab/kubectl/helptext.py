"""``kubectl --help``, and ``-h`` of each command: short, and about what the lab has."""

from __future__ import annotations

from kcnet.lab.kubectl.args import flags_of
from kcnet.lab.kubectl.command import Entry

INDENT = "  "
END = "change nothing here, or are refused."


def page(name: str, entry: Entry) -> str:
    lines = [entry.about, "", "Usage:", INDENT + entry.usage]
    if entry.examples:
        lines += ["", "Examples:", *(INDENT + example for example in entry.examples)]
    flags = {flag.name: flag for flag in flags_of(entry.flags).values() if not flag.note}
    if flags:
        lines += ["", "Flags:"]
        for flag in sorted(flags.values(), key=lambda one: one.name):
            short = f"-{flag.short}, " if flag.short else "    "
            value = "" if flag.kind == "bool" else "=" + {"int": "N", "list": "A,B"}.get(flag.kind, "TEXT")
            lines.append(f"{INDENT}{short}--{flag.name}{value}")
    lines += ["", "-n NAMESPACE works everywhere. Flags of a real kubectl that are not listed", END]
    return "\n".join(lines) + "\n"


def overview() -> str:
    from kcnet.lab.kubectl.verbs import GROUPS, VERBS

    lines = ["kubectl speaks to the cluster of the lab.", "", "Commands:"]
    for name, entry in VERBS.items():
        if " " not in name:
            lines.append(f"{INDENT}{name:<15} {entry.about}")
    for group in GROUPS:
        members = ", ".join(name.removeprefix(f"{group} ") for name in VERBS if name.startswith(f"{group} "))
        if " " not in group and group not in VERBS:
            lines.append(f"{INDENT}{group:<15} {members}")
    lines += ["", "kubectl COMMAND -h tells more of one."]
    return "\n".join(lines) + "\n"
