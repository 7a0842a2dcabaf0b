"""What the text filters share: options as getopt reads them, lines, and the two kinds of regular expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Filtered(NamedTuple):
    stdout: str = ""
    stderr: str = ""
    status: int = 0


class Fault(Exception):  # noqa: N818
    """A filter cannot go on; the text is what it prints, without its own name."""


Read = Callable[[Sequence[str]], str]
"""The text of the named files, one behind the other, or of standard input if none is named. Raises Fault."""
Filter = Callable[[Sequence[str], Read], Filtered]


class _Options(NamedTuple):
    flags: dict[str, str]
    """Letter -> value ("" for a letter that takes none)."""
    words: list[str]


_LONG = {
    "ignore-case": "i", "invert-match": "v", "extended-regexp": "E", "fixed-strings": "F", "count": "c",
    "line-number": "n", "only-matching": "o", "after-context": "A", "before-context": "B", "context": "C",
    "quiet": "q", "silent": "q", "word-regexp": "w", "line-regexp": "x", "max-count": "m", "lines": "n", "bytes": "c",
    "reverse": "r", "numeric-sort": "n", "unique": "u", "key": "k", "delimiter": "d", "fields": "f", "decode": "d",
    "delete": "d", "squeeze-repeats": "s", "words": "w", "repeated": "d", "regexp": "e", "follow": "f",
    "field-separator": "t", "characters": "c", "wrap": "w", "version-sort": "V",
}  # fmt: skip


def options(name: str, argv: Sequence[str], letters: str) -> _Options:
    """Options as getopt reads them; a letter before ``:`` takes a value."""
    flags: dict[str, str] = {}
    words: list[str] = []
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return _Options(flags, words + rest)
        if word.startswith("--"):
            long, equals, value = word[2:].partition("=")
            letter = _LONG.get(long, "")
            if long in ("color", "colour", "line-buffered"):
                continue
            if not letter or letter not in letters:
                raise Fault(f"the lab's {name} has no option {word}")
            if f"{letter}:" in letters:
                flags[letter] = value if equals else _value(name, letter, rest)
            else:
                flags[letter] = ""
        elif len(word) > 1 and word[0] == "-":
            index = 1
            while index < len(word):
                letter = word[index]
                if letter not in letters or letter == ":":
                    raise Fault(f"the lab's {name} has no option -{letter}")
                if f"{letter}:" in letters:
                    value = word[index + 1 :] or _value(name, letter, rest)
                    # Several patterns: one of them is enough.
                    flags[letter] = f"{flags[letter]}\n{value}" if letter == "e" and letter in flags else value
                    break
                flags[letter] = ""
                index += 1
        else:
            words.append(word)
    return _Options(flags, words)


def _value(name: str, letter: str, rest: list[str]) -> str:
    if not rest:
        raise Fault(f"option requires an argument -- '{letter}'")
    return rest.pop(0)


def lines_of(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines and not lines[-1] else lines


def joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def number_of(text: str, what: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,9}", text):
        raise Fault(f"invalid {what}: '{text}'")
    return int(text)


def expression_of(pattern: str, flags: dict[str, str]) -> re.Pattern[str]:
    """A grep pattern as one of Python: basic (where ``+ ? | ( ) { }`` are plain), extended, or fixed text."""
    choices = pattern.split("\n")
    if "F" in flags:
        source = "|".join(re.escape(choice) for choice in choices)
    elif "E" in flags or "P" in flags:
        source = "|".join(choices)
    else:
        source = "|".join(basic(choice) for choice in choices)
    if "w" in flags:
        source = rf"(?<!\w)(?:{source})(?!\w)"
    if "x" in flags:
        source = rf"^(?:{source})$"
    return compiled(source, re.IGNORECASE if "i" in flags else 0)


_CLASSES = {
    "[:space:]": r"\s", "[:digit:]": r"\d", "[:alpha:]": "a-zA-Z", "[:alnum:]": "a-zA-Z0-9", "[:upper:]": "A-Z",
    "[:lower:]": "a-z", "[:blank:]": r" \t", "[:punct:]": r"!-/:-@\[-`{-~",
}  # fmt: skip
_SLOW = re.compile(r"[+*}]\)*[+*{]|\([^()]*[+*][^()]*\)[+*{]")


def compiled(source: str, flags: int = 0) -> re.Pattern[str]:
    """Raises Fault for what is no expression, and for repeats of repeats, which may never end."""
    for name, meaning in _CLASSES.items():
        source = source.replace(name, meaning)
    if _SLOW.search(source.replace("\\", "")):
        raise Fault("the lab does not search for a repeat of a repeat")
    try:
        return re.compile(source, flags)
    except (re.error, OverflowError, RecursionError, FutureWarning):
        raise Fault("Invalid regular expression") from None


def basic(pattern: str) -> str:
    swapped = re.sub(r"\\([+?|(){}])|([+?|(){}])|\\(.)", _swap, pattern)
    return swapped if not swapped.startswith("*") else "\\" + swapped


def _swap(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    return f"\\{found[2] or found[3]}"
