"""Objects as YAML, the way kubectl writes them: sorted keys, lists not indented, long lines folded at 80 columns.

kubectl writes YAML with go-yaml v2, a child of libyaml, as is PyYAML's emitter. What go-yaml decides before that is
done here: the order of keys, and which strings need quotes because they would be read as something else.
k8s: sigs.k8s.io/yaml; go.yaml.in/yaml/v2 encode.go, resolve.go, sorter.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cmp_to_key
from typing import Any, Final

from kcnet.lab.kubectl.printers.golang import number

WORDS: Final = frozenset(
    form
    for word in ("y", "yes", "on", "true", "n", "no", "off", "false", "null", ".nan", ".inf", "+.inf", "-.inf")
    for form in (word, word.upper(), word.capitalize())
) | {"", "~", ".NaN", ".Inf", "+.Inf", "-.Inf"}
INTEGER: Final = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)")
FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
BASE_60: Final = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
TIME: Final = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([Tt]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[+-]\d\d:\d\d)| \d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?)?"
)


def needs_quotes(text: str) -> bool:
    """Whether plain text would be read as a boolean, a number, a time or null: ``yes``, ``80``, ``1e3``, ``12:30``."""
    if text in WORDS or BASE_60.fullmatch(text):
        return True
    if not text[0].isascii() or text[0] not in "+-.0123456789":
        return False
    bare = text.replace("_", "") if text[0] != "." else text
    return bool(INTEGER.fullmatch(bare) or FLOAT.fullmatch(bare) or TIME.fullmatch(text))


def order(left: str, right: str) -> int:
    """go-yaml's order of keys: letters after everything else, numbers by their value: ``a2``, ``a10``, ``ab``."""
    for index, (one, other) in enumerate(zip(left, right, strict=False)):
        if one == other:
            continue
        if one.isalpha() or other.isalpha():
            return -1 if (one < other if one.isalpha() and other.isalpha() else other.isalpha()) else 1
        first, second = _digits(left, index), _digits(right, index)
        lead = "1" if "0" in (one, other) and re.search(r"[1-9][0-9]*$", left[:index]) else ""
        values = int(lead + first or "0"), int(lead + second or "0")
        if values[0] != values[1]:
            return -1 if values[0] < values[1] else 1
        if len(first) != len(second):
            return -1 if len(first) < len(second) else 1
        return -1 if one < other else 1
    return len(left) - len(right)


def _digits(text: str, start: int) -> str:
    found = re.match(r"[0-9]*", text[start:])
    return found[0] if found else ""


KEY: Final = cmp_to_key(order)


def text(value: Any) -> str:
    """One YAML document."""
    import yaml

    dumper = getattr(yaml, "CDumper", yaml.Dumper)
    events = [
        yaml.StreamStartEvent(),
        yaml.DocumentStartEvent(explicit=False),
        *_events(value),
        yaml.DocumentEndEvent(explicit=False),
        yaml.StreamEndEvent(),
    ]
    written: str = yaml.emit(events, Dumper=dumper, allow_unicode=True, width=80)
    return written.removesuffix("...\n")


def _events(value: Any) -> Iterator[Any]:
    import yaml

    if isinstance(value, dict):
        yield yaml.MappingStartEvent(None, None, True, flow_style=not value)
        for key in sorted(value, key=KEY):
            yield _string(key)
            yield from _events(value[key])
        yield yaml.MappingEndEvent()
    elif isinstance(value, list):
        yield yaml.SequenceStartEvent(None, None, True, flow_style=not value)
        for each in value:
            yield from _events(each)
        yield yaml.SequenceEndEvent()
    elif isinstance(value, str):
        yield _string(value)
    else:
        yield yaml.ScalarEvent(None, None, (True, True), _plain(value), style="")


def _string(value: str) -> Any:
    import yaml

    style = "|" if "\n" in value else '"' if needs_quotes(value) else ""
    return yaml.ScalarEvent(None, None, (True, True), value, style=style)


def _plain(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float():
            return number(value)
        case _:
            return str(value)
