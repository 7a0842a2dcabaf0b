"""Quantities of CPU, memory and other resources.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from kcnet.loading.validation.labels import Value
from kcnet.loading.validation.names import qualified_name
from kcnet.loading.validation.violation import Errors, each_invalid, invalid

STANDARD = frozenset(("cpu", "memory", "ephemeral-storage"))
NO_QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

NANO = 10**9
"""Amounts are compared in billionths, the smallest part that Kubernetes keeps."""

_UNITS = {
    "": NANO,
    "n": 1,
    "u": 10**3,
    "m": 10**6,
    **{suffix: NANO * 1000 ** (index + 1) for index, suffix in enumerate("kMGTPE")},
    **{f"{suffix}i": NANO * 1024 ** (index + 1) for index, suffix in enumerate("KMGTPE")},
}
_parts = re.compile(
    r"([+-]?)(?:([0-9]{1,60})\.?([0-9]{0,60})|\.([0-9]{1,60}))(?:[eE]([+-]?[0-9]{1,3})|([numkMGTPE]|[KMGTPE]i)?)"
).fullmatch


@lru_cache(1024)
def quantity(text: str) -> int | None:
    """A quantity such as ``500m`` or ``1Gi`` in billionths; None if it is none."""
    match = _parts(text)
    if match is None:
        return None
    sign, whole, part, alone, exponent, suffix = match.groups()
    digits = part or alone or ""
    unit = NANO * 10 ** max(int(exponent or 0), 0) if exponent else _UNITS[suffix or ""]
    amount: int = int((whole or "") + digits) * unit // 10 ** (len(digits) + max(-int(exponent or 0), 0))
    return -amount if sign == "-" else amount


def resource_errors(path: str, resources: Value | None) -> Errors:
    """Requests and limits of one container."""
    if not resources:
        return
    limits = resources.get("limits") or {}
    requests = resources.get("requests") or {}
    for key, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in amounts.items():
            yield from _amount_errors(f"{path}.{key}[{name}]", name, amount)
    for name, amount in requests.items():
        request, limit = _number(amount), _number(limits.get(name))
        if request is not None and limit is not None and request > limit >= 0:
            yield invalid(
                f"{path}.requests",
                str(amount),
                f"must be less than or equal to {name} limit of {limits[name]}",
                "Lower the request, or raise the limit.",
            )


def _amount_errors(field: str, name: str, amount: Any) -> Errors:
    wrong = qualified_name(name)
    yield from each_invalid(field, name, wrong)
    if not wrong and "/" not in name and name not in STANDARD and not name.startswith("hugepages-"):
        yield invalid(
            field, name, "must be a standard resource for containers", "Write cpu, memory or ephemeral-storage."
        )
    number = _number(amount)
    if amount is None:
        return
    if number is None:
        yield invalid(field, str(amount), NO_QUANTITY, "Write a number with its unit, such as 500m or 128Mi.")
    elif number < 0:
        yield invalid(field, str(amount), "must be greater than or equal to 0", "Use a positive amount.")


def _number(amount: Any) -> int | None:
    return None if amount is None else quantity(str(amount))
