"""The functions of Go templates, over JSON values.

k8s: cli-runtime pkg/printers/template.go adds exists and base64decode. https://pkg.go.dev/text/template#hdr-Functions
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote_plus

from kcnet.lab.kubectl.printers.golang import plain, syntax, type_name

VERB: Final = re.compile(r"%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")


class TemplateError(Exception):
    """What Go says of a template."""


class _NoValue:
    """A key that is not there."""


NO_VALUE: Final = _NoValue()


def text_of(value: Any) -> str:
    """How a value is printed."""
    return "<no value>" if value is NO_VALUE or value is None else plain(value)


def truth(value: Any) -> bool:
    """False for what is empty, 0, false, or not there."""
    return value is not NO_VALUE and bool(value)


def _and(*values: Any) -> Any:
    return next((value for value in values if not truth(value)), values[-1])


def _or(*values: Any) -> Any:
    return next((value for value in values if truth(value)), values[-1])


def _basic(*values: Any) -> None:
    for value in values:
        if isinstance(value, dict | list):
            raise TemplateError("error calling eq: incompatible types for comparison")


def _equal(first: Any, *others: Any) -> bool:
    if not others:
        raise TemplateError("error calling eq: missing argument for comparison")
    _basic(first, *others)
    nothing = (None, NO_VALUE)
    for other in others:
        if first in nothing or other in nothing:
            if first in nothing and other in nothing:
                return True
            continue
        if type_name(first) != type_name(other):
            raise TemplateError("error calling eq: incompatible types for comparison")
        if first == other:
            return True
    return False


def _less(first: Any, second: Any) -> bool:
    _basic(first, second)
    if type_name(first) != type_name(second) or isinstance(first, bool):
        raise TemplateError("error calling lt: incompatible types for comparison")
    return bool(first < second)


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key, NO_VALUE)
        elif isinstance(value, list | str):
            if isinstance(key, bool) or not isinstance(key, int):
                raise TemplateError(f"error calling index: cannot index slice/array with type {type_name(key)}")
            if not 0 <= key < len(value):
                raise TemplateError(f"error calling index: reflect: slice index out of range: {key}")
            value = value[key]
        else:
            raise TemplateError("error calling index: index of untyped nil")
    return value


def _exists(value: Any, *keys: Any) -> bool:
    try:
        found = _index(value, *keys)
    except TemplateError:
        return False
    return found is not None and found is not NO_VALUE


def _len(value: Any) -> int:
    if isinstance(value, dict | list):
        return len(value)
    if isinstance(value, str):
        return len(value.encode())
    raise TemplateError(
        f"error calling len: len of {'nil pointer' if value is NO_VALUE else 'type ' + type_name(value)}"
    )


def _slice(value: Any, *ends: int) -> Any:
    try:
        return value[slice(*ends)] if len(ends) != 1 else value[ends[0] :]
    except TypeError:
        raise TemplateError("error calling slice: value not indexable") from None


def _print(*values: Any) -> str:
    """Go puts a space between two values when neither is a string."""
    text = ""
    for before, value in zip((None, *values), values, strict=False):
        text += " " * bool(text and not isinstance(before, str) and not isinstance(value, str)) + _value(value)
    return text


def _value(value: Any) -> str:
    return "<nil>" if value is NO_VALUE else plain(value)


def _printf(form: str, *values: Any) -> str:
    rest = list(values)

    def one(found: re.Match[str]) -> str:
        flags, width, precision, verb = found.groups()
        if verb == "%":
            return "%"
        if not rest:
            return f"%!{verb}(MISSING)"
        text = _verb(verb, rest.pop(0), precision)
        fill = int(width or 0)
        if "-" in flags:
            return text.ljust(fill)
        return text.zfill(fill) if "0" in flags else text.rjust(fill)

    text = VERB.sub(one, form)
    if rest:
        text += f"%!(EXTRA {', '.join(f'{type_name(value)}={_value(value)}' for value in rest)})"
    return text


def _verb(verb: str, value: Any, precision: str | None) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match verb:
        case "v":
            return _value(value)
        case "s" if isinstance(value, str):
            return value[: int(precision)] if precision else value
        case "s" if isinstance(value, dict | list):
            return _value(value)
        case "q" if isinstance(value, str):
            return json.dumps(value, ensure_ascii=False)
        case "d" if number and isinstance(value, int):
            return str(value)
        case "x" | "X" | "o" | "b" | "c" if number and isinstance(value, int):
            return format(value, verb)
        case "f" | "e" | "g" if isinstance(value, float):
            return format(value, f".{precision or 6}{verb}")
        case "t" if isinstance(value, bool):
            return plain(value)
        case "T":
            return type_name(value)
        case "#":
            return syntax(value)
    return f"%!{verb}({type_name(value)}={_value(value)})"


def _base64decode(value: Any) -> str:
    try:
        return b64decode(str(value), validate=True).decode(errors="replace")
    except (Base64Error, ValueError):
        raise TemplateError("error calling base64decode: base64 decode failed: illegal base64 data") from None


def _checked(name: str, least: int, most: int | None, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        if len(values) < least or (most is not None and len(values) > most):
            wanted = least if most == least else f"at least {least}"
            raise TemplateError(f"wrong number of args for {name}: want {wanted} got {len(values)}")
        try:
            return function(*values)
        except (TypeError, ValueError, AttributeError) as error:
            raise TemplateError(f"error calling {name}: {error}") from None

    return call


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    name: _checked(name, least, most, function)
    for name, least, most, function in (
        ("and", 1, None, _and),
        ("or", 1, None, _or),
        ("not", 1, 1, lambda value: not truth(value)),
        ("eq", 1, None, _equal),
        ("ne", 2, 2, lambda first, second: not _equal(first, second)),
        ("lt", 2, 2, _less),
        ("le", 2, 2, lambda first, second: _less(first, second) or _equal(first, second)),
        ("gt", 2, 2, lambda first, second: _less(second, first)),
        ("ge", 2, 2, lambda first, second: _less(second, first) or _equal(first, second)),
        ("index", 1, None, _index),
        ("len", 1, 1, _len),
        ("slice", 1, 4, _slice),
        ("print", 0, None, _print),
        ("println", 0, None, lambda *values: " ".join(map(_value, values)) + "\n"),
        ("printf", 1, None, _printf),
        ("exists", 1, None, _exists),
        ("base64decode", 1, 1, _base64decode),
        ("html", 1, None, lambda *values: html.escape(_print(*values))),
        ("js", 1, None, lambda *values: json.dumps(_print(*values))[1:-1]),
        ("urlquery", 1, None, lambda *values: quote_plus(_print(*values))),
    )
}
