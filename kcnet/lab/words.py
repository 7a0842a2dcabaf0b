"""Words as the command gets them: variables and commands replaced, fields split, names of files found.

https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from kcnet.lab.syntax import Arithmetic, Substitution, SyntaxFault, Text, Variable, Word

MOST_FIELDS = 10_000
"""Words that one word may become; more is refused."""


class Surroundings(NamedTuple):
    """What words are replaced by."""

    variable: Callable[[str], str]
    """The value of ``$NAME`` (also ``?``); "" for one that is not set."""
    output: Callable[[str], str]
    """What a command line prints."""
    matching: Callable[[str], Sequence[str]]
    """Names of files that match a pattern."""


def fields(words: Iterable[Word], around: Surroundings) -> list[str]:
    """All words expanded and split into fields."""
    found: list[str] = []
    for word in words:
        for braced in _braces(word):
            found += _globbed(_split(braced, around), around)
            if len(found) > MOST_FIELDS:
                raise SyntaxFault(f"the line becomes more than {MOST_FIELDS} words")
    return found


def text(word: Word, around: Surroundings) -> str:
    """One word expanded, without splitting: the value of an assignment, the target of a redirection, a heredoc."""
    return "".join(_value(part, around) for part in word)


def _value(part: Text | Variable | Substitution | Arithmetic, around: Surroundings) -> str:
    if isinstance(part, Text):
        return part.text
    if isinstance(part, Variable):
        return around.variable(part.name) or part.fallback or ""
    if isinstance(part, Substitution):
        return around.output(part.source).rstrip("\n")
    return str(calculate(part.source, around.variable))


_Field = tuple[str, bool]
"""A field, and whether it may hold a pattern."""


def _split(word: Word, around: Surroundings) -> list[_Field]:
    done: list[_Field] = []
    current: str | None = None
    pattern = False
    for part in word:
        value = _value(part, around)
        if isinstance(part, Text) or part.quoted:
            current = (current or "") + value
            pattern = pattern or (isinstance(part, Text) and not part.quoted and any(c in value for c in "*?["))
            continue
        pieces = value.split()
        if not pieces:
            if value and current is not None:
                done.append((current, pattern))
                current, pattern = None, False
            continue
        if value[0].isspace() and current is not None:
            done.append((current, pattern))
            current = None
        pieces[0] = (current or "") + pieces[0]
        done += [(piece, False) for piece in pieces[:-1]]
        current, pattern = pieces[-1], False
        if value[-1].isspace():
            done.append((current, False))
            current = None
    if current is not None:
        done.append((current, pattern))
    return done


def _globbed(found: list[_Field], around: Surroundings) -> list[str]:
    fields: list[str] = []
    for field, pattern in found:
        names = around.matching(field) if pattern else ()
        fields += names or [field]
    return fields


_RANGE = re.compile(r"\{(-?\d{1,6})\.\.(-?\d{1,6})\}")
_CHOICE = re.compile(r"\{([^{}\"'\s]*,[^{}\"'\s]*)\}")


def _braces(word: Word) -> list[Word]:
    """``{1..3}`` and ``{a,b}`` as bash has them; a word that holds more than plain text stays as it is."""
    if len(word) != 1 or not isinstance(word[0], Text) or word[0].quoted or "{" not in word[0].text:
        return [word]
    whole = word[0].text
    if found := _RANGE.search(whole):
        first, last = int(found[1]), int(found[2])
        if abs(last - first) >= MOST_FIELDS:
            raise SyntaxFault(f"{whole} becomes more than {MOST_FIELDS} words")
        middle = [
            str(number) for number in range(first, last + (1 if last >= first else -1), 1 if last >= first else -1)
        ]
    elif found := _CHOICE.search(whole):
        middle = found[1].split(",")
    else:
        return [word]
    return [(Text(whole[: found.start()] + one + whole[found.end() :]),) for one in middle]


_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.floordiv,
    ast.Mod: operator.mod,
}


def calculate(source: str, variable: Callable[[str], str]) -> int:
    """``$((i + 1))``: whole numbers with ``+ - * / %`` and brackets. Raises SyntaxFault."""
    text = re.sub(r"\$?([A-Za-z_]\w*)", lambda found: variable(found[1]) or "0", source)
    try:
        value = _number(ast.parse(text.strip() or "0", mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        raise SyntaxFault(f"$(({source})) cannot be calculated") from None
    if abs(value) >= 2**63:
        raise SyntaxFault(f"$(({source})) is too big")
    return value


def _number(node: ast.expr) -> int:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_number(node.operand)
    if isinstance(node, ast.BinOp) and (apply := _OPERATORS.get(type(node.op))):
        left, right = _number(node.left), _number(node.right)
        if max(left.bit_length(), right.bit_length()) > 64:
            raise ValueError("too big")
        return apply(left, right)
    raise ValueError("no number")
