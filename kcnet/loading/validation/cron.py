"""The schedule of a CronJob: five fields, or a descriptor such as ``@hourly``.

The grammar of robfig/cron, which the API server uses: https://pkg.go.dev/github.com/robfig/cron/v3
"""

from __future__ import annotations

import re

DESCRIPTORS = frozenset(("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"))

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, {name: index + 1 for index, name in enumerate(_MONTHS)}),
    (0, 6, {name: index for index, name in enumerate(_DAYS)}),
)
_is_duration = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+|[+-]?0").fullmatch


def schedule(text: str) -> str | None:
    """What is wrong with a schedule; None if nothing."""
    if text.startswith(("TZ=", "CRON_TZ=")):
        text = text.partition(" ")[2].strip()
    if text.startswith("@"):
        if text in DESCRIPTORS:
            return None
        if text.startswith("@every "):
            duration = text.removeprefix("@every ")
            return None if _is_duration(duration) else f"failed to parse duration {text}"
        return f"unrecognized descriptor: {text}"
    fields = text.split()
    if not fields:
        return "empty spec string"
    if len(fields) != len(_FIELDS):
        return f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]"
    for field, (first, last, names) in zip(fields, _FIELDS, strict=True):
        for part in (part for part in field.split(",") if part):
            wrong = _range(part, first, last, names)
            if wrong:
                return wrong
    return None


def _range(text: str, first: int, last: int, names: dict[str, int]) -> str | None:
    span, *steps = text.split("/")
    low_text, *high_text = span.split("-")
    if low_text in ("*", "?"):
        low, high = first, last
        if len(high_text) > 1:
            return f"too many hyphens: {text}"
    else:
        numbers = [_number(part, names) for part in (low_text, *high_text)]
        if len(numbers) > 2:
            return f"too many hyphens: {text}"
        if any(number is None for number in numbers):
            return f"failed to parse int from {span}"
        low = numbers[0] or 0
        high = (numbers[1] or 0) if len(numbers) == 2 else (last if steps else low)
    if len(steps) > 1:
        return f"too many slashes: {text}"
    step = _number(steps[0], {}) if steps else 1
    if step is None:
        return f"failed to parse int from {steps[0]}"
    if low < first:
        return f"beginning of range ({low}) below minimum ({first}): {text}"
    if high > last:
        return f"end of range ({high}) above maximum ({last}): {text}"
    if low > high:
        return f"beginning of range ({low}) beyond end of range ({high}): {text}"
    if step == 0:
        return f"step of range should be a positive number: {text}"
    return None


def _number(text: str, names: dict[str, int]) -> int | None:
    if text.lower() in names:
        return names[text.lower()]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
