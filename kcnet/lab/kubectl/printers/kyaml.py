"""``-o kyaml``: YAML in braces, with quotes around every string, so that neither indentation nor a bare ``no`` matters.

https://kubernetes.io/docs/reference/encodings/kyaml/ ; k8s: sigs.k8s.io/yaml kyaml.
"""

from __future__ import annotations

import re
from typing import Any, Final

from kcnet.lab.kubectl.printers.golang import plain
from kcnet.lab.kubectl.printers.yaml import needs_quotes

BARE_KEY: Final = re.compile(r"[^\W]([\w./-]*[^\W])?")
ALSO_QUOTED: Final = frozenset(("t", "f", "inf", "infinity", "nan"))
"""Words that Go reads as booleans and numbers."""
LINE_END: Final = "\n"
FOLD: Final = "\\\n"
ESCAPES: Final = {
    "\a": r"\a", "\b": r"\b", "\f": r"\f", "\r": r"\r", "\v": r"\v", "\x00": r"\0", "\x1b": r"\e",
    "\x85": r"\N", "\xa0": r"\_", "\u2028": r"\L", "\u2029": r"\P",
}  # fmt: skip


def text(value: Any) -> str:
    """One document, with the ``---`` that tells it from JSON."""
    return f"---\n{_node(value, 0)}\n"


def _node(value: Any, indent: int) -> str:
    inner, outer = "  " * (indent + 1), "  " * indent
    if isinstance(value, dict) and value:
        lines = (f"{inner}{_key(key)}: {_node(each, indent + 1)},\n" for key, each in sorted(value.items()))
        return f"{{\n{''.join(lines)}{outer}}}"
    if isinstance(value, list) and value:
        if all(isinstance(each, dict | list) for each in value):
            return f"[{', '.join(_node(each, indent) for each in value)}]"
        return f"[\n{''.join(f'{inner}{_node(each, indent + 1)},{LINE_END}' for each in value)}{outer}]"
    if isinstance(value, str):
        return _quoted(value, indent + 1)
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    return "null" if value is None else plain(value)


def _key(key: str) -> str:
    if BARE_KEY.fullmatch(key) and not needs_quotes(key) and key.lower() not in ALSO_QUOTED:
        return key
    return _quoted(key, 0, folded=False)


def _quoted(value: str, indent: int, *, folded: bool = True) -> str:
    """A string of several lines is folded, a line for each of its own; a backslash guards a line's first space."""
    if not folded or "\n" not in value:
        found = "".join(r"\n" if char == "\n" else _escaped(char, folded) for char in value)
        return f'"{found}"'
    margin = "  " * indent
    lines = value.split("\n")
    text = "".join(_line(line, margin) + r"\n" + FOLD for line in lines[:-1])
    if lines[-1]:
        text += _line(lines[-1], margin) + FOLD
    return f'"{FOLD}{text}{margin}"'


def _line(line: str, margin: str) -> str:
    guard = "\\" if line[:1].isspace() else " "
    return margin + guard + "".join(_escaped(char, True) for char in line)


def _escaped(char: str, folded: bool) -> str:
    if char == "\t":
        return "\t" if folded else r"\t"
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable() and char not in ESCAPES:
        return char
    code = ord(char)
    if char in ESCAPES:
        return ESCAPES[char]
    return f"\\x{code:02x}" if code < 0x20 or code == 0x7F else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
