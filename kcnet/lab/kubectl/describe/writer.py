"""The page that describe writes on: indented lines whose tabs become columns, and blocks that many kinds share.

k8s: kubectl pkg/describe/describe.go. Columns are two spaces apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from kcnet.apiserver.tables.words import time_of
from kcnet.lab.kubectl.printers.tabwriter import aligned

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
LONG: Final = 140
"""An annotation longer than this gets lines of its own, cut to this length."""


class Page:
    """Text with tabs; columns begin anew after ``part``."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._parts: list[list[str]] = [[]]

    def write(self, level: int, text: str) -> None:
        """``text`` behind two spaces for each level. Lines end where the text says so."""
        self._parts[-1].append("  " * level + text.replace("\x1b", "^[").replace("\r", "\\r"))

    def line(self, level: int, text: str) -> None:
        """A whole line."""
        self.write(level, text + "\n")

    def field(self, name: str, value: object, level: int = 0) -> None:
        """``Name:   value``."""
        self.line(level, f"{name}:\t{value}")

    def optional(self, name: str, value: object, level: int = 0) -> None:
        """A field that is left out when it is not set, empty or 0."""
        if value:
            self.field(name, value, level)

    def part(self) -> None:
        """What follows has columns of its own."""
        self._parts.append([])

    def text(self) -> str:
        """All of it."""
        return "".join(aligned("".join(part), min_width=0, padding=2) for part in self._parts)

    def time(self, text: object) -> str:
        """``Sat, 28 Nov 2026 06:00:00 +0000``."""
        time = time_of(text)
        return rfc1123(time.astimezone(self.now.tzinfo)) if time else "Mon, 01 Jan 0001 00:00:00 +0000"

    def labels(self, title: str, labels: Mapping[str, str] | None, *, indent: str = "", inner: str = "\t") -> None:
        """``Labels:  a=b``, one below the other in order."""
        self.many(
            title, [f"{key}={value}" for key, value in sorted((labels or {}).items())], indent=indent, inner=inner
        )

    def many(self, title: str, values: Sequence[str], *, indent: str = "", inner: str = "\t") -> None:
        """Values one below the other; ``<none>`` without any."""
        first, *rest = values or ["<none>"]
        self.line(0, f"{indent}{title}:{inner}{first}")
        for value in rest:
            self.line(0, f"{indent}{inner}{value}")

    def annotations(self, title: str, annotations: Mapping[str, str] | None) -> None:
        """Annotations, without kubectl's own copy of what was applied; long ones below their key."""
        shown = sorted((key, value) for key, value in (annotations or {}).items() if key != LAST_APPLIED)
        lines: list[str] = []
        for key, value in shown:
            value = value.removesuffix("\n")
            if len(value.encode()) + len(key) + 2 > LONG or "\n" in value:
                lines += [f"{key}:", *(f"  {_short(each)}" for each in value.split("\n"))]
            else:
                lines.append(f"{key}: {value}")
        self.many(title, lines)


def _short(text: str) -> str:
    raw = text.encode()
    return text if len(raw) <= LONG - 2 else raw[: LONG - 2].decode(errors="replace") + "..."


def rfc1123(time: datetime) -> str:
    """A time as Go's RFC1123Z has it, whatever the locale."""
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[time.weekday()]
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[time.month - 1]
    return f"{day}, {time:%d} {month} {time:%Y %H:%M:%S %z}"


def taints(values: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """``key=value:NoSchedule``, by effect and key."""
    ordered = sorted(values or (), key=lambda each: f"{each.get('effect', '')},{each.get('key', '')}")
    return [_taint(each) for each in ordered]


def _taint(taint: Mapping[str, Any]) -> str:
    value = f"={taint['value']}" if taint.get("value") else ""
    effect = f":{taint['effect']}" if taint.get("effect") else ""
    return f"{taint.get('key', '')}{value}{effect}"


def tolerations(values: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """``node.kubernetes.io/not-ready:NoExecute op=Exists for 300s``, by key."""
    return [_toleration(each) for each in sorted(values or (), key=lambda each: str(each.get("key") or ""))]


def _toleration(toleration: Mapping[str, Any]) -> str:
    text = _taint({**toleration, "key": toleration.get("key") or ""})
    if toleration.get("operator") == "Exists" and not toleration.get("value"):
        text += " op=Exists" if text else "op=Exists"
    seconds = toleration.get("tolerationSeconds")
    return text if seconds is None else f"{text} for {seconds}s"


def controller(obj: Mapping[str, Any]) -> str:
    """``ReplicaSet/web-5d4f``: the owner that controls the object; empty without one."""
    owner = owner_of(obj)
    return f"{owner.get('kind', '')}/{owner.get('name', '')}" if owner else ""


def owner_of(obj: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The owner reference with ``controller: true``."""
    owners: Iterable[Mapping[str, Any]] = (obj.get("metadata") or {}).get("ownerReferences") or ()
    return next((owner for owner in owners if owner.get("controller")), None)


def conditions(page: Page, values: Iterable[Mapping[str, Any]] | None) -> None:
    """Conditions of a workload, if it has any."""
    if not values:
        return
    page.write(0, "Conditions:\n  Type\tStatus\tReason\n")
    page.line(1, "----\t------\t------")
    for each in values:
        page.line(1, f"{each.get('type', '')} \t{each.get('status', '')}\t{each.get('reason', '')}")


def head(page: Page, obj: Mapping[str, Any]) -> None:
    """Name, namespace, labels and annotations: how most pages begin."""
    names(page, obj)
    marks(page, obj)


def names(page: Page, obj: Mapping[str, Any]) -> None:
    """Name and namespace."""
    metadata = obj.get("metadata") or {}
    page.field("Name", metadata.get("name", ""))
    page.field("Namespace", metadata.get("namespace", ""))


def marks(page: Page, obj: Mapping[str, Any]) -> None:
    """Labels and annotations."""
    metadata = obj.get("metadata") or {}
    page.labels("Labels", metadata.get("labels"))
    page.annotations("Annotations", metadata.get("annotations"))
