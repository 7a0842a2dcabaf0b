"""Quantities (``100m``, ``128Mi``) as Kubernetes writes them: exact, with the largest suffix that leaves no fraction.

k8s: apimachinery pkg/api/resource.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from math import ceil
from typing import Any, Final, Literal

from msgspec import Struct

BINARY: Final = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
FORM: Final = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d{1,2})|([KMGTPE]i|[numkMGTPE]))?")

Format = Literal["decimal", "binary", "exponent"]


class Quantity(Struct, frozen=True):
    """An exact number, and the way it was written."""

    value: Fraction = Fraction(0)
    format: Format = "decimal"

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(self.value + other.value, self.format if self.value else other.format)

    def __str__(self) -> str:
        if self.format == "binary" and abs(self.value) >= 1024:
            whole, power = ceil(self.value), 0
            while whole % 1024 == 0 and power < len(BINARY):
                whole, power = whole // 1024, power + 1
            return f"{whole}{('', *BINARY)[power]}"
        number, exponent = ceil(self.value * 10**9), -9
        while number and number % 1000 == 0 and exponent < 18:
            number, exponent = number // 1000, exponent + 3
        if not number:
            return "0"
        if self.format == "exponent":
            return f"{number}e{exponent}" if exponent else str(number)
        return f"{number}{next(suffix for suffix, power in DECIMAL.items() if power == exponent)}"

    def thousandths(self) -> int:
        """As CPU is counted: 0.1 is 100."""
        return ceil(self.value * 1000)

    def whole(self) -> int:
        """Rounded up."""
        return ceil(self.value)


def parse(text: object) -> Quantity:
    """A quantity of the API, a string or a number; 0 for what is none."""
    found = FORM.fullmatch(str(text if text is not None else 0).strip())
    if not found:
        return Quantity()
    number, exponent, suffix = Fraction(found[1]), found[2], found[3] or ""
    if exponent:
        return Quantity(number * Fraction(10) ** int(exponent[1:]), "exponent")
    if suffix in BINARY:
        return Quantity(number * 1024 ** BINARY[suffix], "binary")
    return Quantity(number * Fraction(10) ** DECIMAL[suffix])


def canonical(text: object) -> str:
    """``1000m`` as ``1``, ``1024Mi`` as ``1Gi``; what is no quantity stays."""
    return str(parse(text)) if FORM.fullmatch(str(text).strip()) else str(text)


Resources = Mapping[str, Quantity]


def of_pod(pod: Mapping[str, Any], kind: Literal["requests", "limits"]) -> dict[str, Quantity]:
    """What a pod requests, or is limited to: containers and sidecars together, or its largest init container.

    k8s: component-helpers resource/helpers.go. Resources stated for the pod as a whole win; overhead is added.
    """
    spec = pod.get("spec") or {}
    total: dict[str, Quantity] = {}
    for container in spec.get("containers") or ():
        _add(total, _resources(container, kind))
    sidecars: dict[str, Quantity] = {}
    largest: dict[str, Quantity] = {}
    for container in spec.get("initContainers") or ():
        wanted = _resources(container, kind)
        if container.get("restartPolicy") == "Always":
            _add(total, wanted)
            _add(sidecars, wanted)
            wanted = dict(sidecars)
        else:
            _add(wanted, sidecars)
        _larger(largest, wanted)
    _larger(total, largest)
    total |= {name: value for name, value in _resources(spec, kind).items() if name in ("cpu", "memory")}
    for name, value in (spec.get("overhead") or {}).items():
        if kind == "requests" or name in total:
            _add(total, {name: parse(value)})
    return total


def _resources(holder: Mapping[str, Any], kind: str) -> dict[str, Quantity]:
    return {name: parse(value) for name, value in ((holder.get("resources") or {}).get(kind) or {}).items()}


def _add(total: dict[str, Quantity], more: Resources) -> None:
    for name, value in more.items():
        total[name] = total[name] + value if name in total else value


def _larger(total: dict[str, Quantity], other: Resources) -> None:
    for name, value in other.items():
        if name not in total or value.value > total[name].value:
            total[name] = value
