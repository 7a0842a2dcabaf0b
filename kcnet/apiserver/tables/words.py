"""How the API server words ages, labels and selectors in tables; ``kubectl describe`` words them the same way.

k8s: apimachinery ``util/duration``, ``labels``, ``meta/v1`` (FormatLabelSelector).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

NONE = "<none>"
MAX = 3
"""So many addresses, ports or hosts are named in a cell; the rest is counted."""


def human_duration(span: timedelta) -> str:
    """Two or three significant figures: ``119s``, ``4m30s``, ``100m``, ``5h7m``, ``40h``, ``3d4h``, ``2y30d``.

    Up to two seconds in the future count as now, since clocks differ.
    """
    seconds = int(span.total_seconds())
    if seconds < -1:
        return "<invalid>"
    seconds = max(seconds, 0)
    if seconds < 2 * 60:
        return f"{seconds}s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 10:
        return _two(minutes, "m", seconds % 60, "s")
    if minutes < 3 * 60:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _two(days, "d", hours % 24, "h")
    if days < 2 * 365:
        return f"{days}d"
    if days < 8 * 365:
        return _two(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}{small}{small_unit}" if small else f"{large}{large_unit}"


def time_of(text: object) -> datetime | None:
    """An RFC 3339 time of the API; None for what is missing, null or no time at all."""
    if not isinstance(text, str) or not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def since(text: object, now: datetime) -> str:
    """How long ago: ``5m``; ``<unknown>`` without a time."""
    time = time_of(text)
    return human_duration(now - time) if time else "<unknown>"


def age(obj: Mapping[str, Any], now: datetime) -> str:
    """The AGE cell."""
    return since(metadata(obj).get("creationTimestamp"), now)


def metadata(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    return obj.get("metadata") or {}


def name_of(obj: Mapping[str, Any]) -> str:
    return str(metadata(obj).get("name", ""))


def spec_of(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    return obj.get("spec") or {}


def status_of(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    return obj.get("status") or {}


def labels_text(labels: Mapping[str, str] | None) -> str:
    """``a=b,c=d`` in order of the keys; ``<none>`` without labels."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or NONE


def requirements(selector: Mapping[str, Any]) -> str:
    """A label selector with matchLabels and matchExpressions: ``app=web,tier in (a,b),!old``."""
    found = [(key, f"{key}={value}") for key, value in (selector.get("matchLabels") or {}).items()]
    found += [(each.get("key", ""), _expression(each)) for each in selector.get("matchExpressions") or ()]
    return ",".join(text for _, text in sorted(found, key=lambda pair: pair[0]))


def _expression(expression: Mapping[str, Any]) -> str:
    key = expression.get("key", "")
    values = ",".join(sorted(map(str, expression.get("values") or ())))
    match expression.get("operator"):
        case "In":
            return f"{key} in ({values})"
        case "NotIn":
            return f"{key} notin ({values})"
        case "DoesNotExist":
            return f"!{key}"
        case _:
            return str(key)


def selector_text(selector: Mapping[str, Any] | None) -> str:
    """As ``requirements``; ``<none>`` for an empty selector and for none."""
    return requirements(selector or {}) or NONE


def with_more(shown: Sequence[str], total: int) -> str:
    """``a,b,c + 2 more...``: what is shown, and how many there are besides."""
    text = ",".join(shown)
    return f"{text} + {total - MAX} more..." if total > MAX else text


def condition(obj: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    """The first condition of this type in the object's status."""
    found: Sequence[Mapping[str, Any]] = status_of(obj).get("conditions") or ()
    return next((each for each in found if each.get("type") == kind), None)


def is_true(obj: Mapping[str, Any], kind: str) -> bool:
    """Whether the condition of this type holds."""
    found = condition(obj, kind)
    return found is not None and found.get("status") == "True"
