"""Values as Go prints and marshals them: ``%v``, ``%#v``, ``encoding/json``. kubectl's templates show through.

The values are those of JSON: dict, list, str, int, float, bool, None.
"""

from __future__ import annotations

import json
from typing import Any, Final

TYPES: Final = {dict: "map[string]interface {}", list: "[]interface {}", str: "string", int: "int64", float: "float64"}
HTML: Final = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def type_name(value: object) -> str:
    """``map[string]interface {}``, ``string``, ``int64``."""
    return "bool" if isinstance(value, bool) else TYPES.get(type(value), "<nil>")


def plain(value: object) -> str:
    """``%v``: ``map[a:1 b:[x y]]``, ``<nil>``, ``true``."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return str(value).lower()
        case list():
            return f"[{' '.join(map(plain, value))}]"
        case dict():
            return f"map[{' '.join(f'{key}:{plain(each)}' for key, each in sorted(value.items()))}]"
        case float():
            return number(value)
        case _:
            return str(value)


def number(value: float) -> str:
    """A float with as many digits as it needs: ``0.5``, ``1e+21``."""
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return repr(value)


def syntax(value: object) -> str:
    """``%#v``: ``map[string]interface {}{"a":1}``."""
    match value:
        case None:
            return "interface {}(nil)"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return f"[]interface {{}}{{{', '.join(map(syntax, value))}}}"
        case dict():
            pairs = (f"{syntax(key)}:{syntax(each)}" for key, each in sorted(value.items()))
            return f"map[string]interface {{}}{{{', '.join(pairs)}}}"
        case _:
            return plain(value)


def marshal(value: Any, *, indent: int | None = None) -> str:
    """JSON with sorted keys, and with <, > and & written as escapes, as encoding/json does."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, sort_keys=True, indent=indent, separators=separators, ensure_ascii=False)
    return text.translate(HTML)
