"""awk and sed, as far as one-liners about tables go."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kcnet.lab.filterwords import Fault, Filtered, Read, basic, compiled, joined, lines_of, options

_AWK = re.compile(
    r"^\s*(?:(NR\s*[><=!]=?\s*\d+|/(?:[^/\\]|\\.)+/|\$\d+\s*[=!]=\s*\"[^\"]*\")\s*)?(?:\{\s*print\b([^{}]*)\})?\s*$"
)


def awk(argv: Sequence[str], read: Read) -> Filtered:
    """``awk [-F SEP] '[CONDITION] {print $1, "text", $NF}'``; more of the language the lab has not."""
    flags, words = options("awk", argv, "F:v:")
    if not words:
        raise Fault("usage: awk [-F SEPARATOR] 'PROGRAM' [FILE]")
    program = words.pop(0)
    found = _AWK.match(program)
    if not found or not program.strip() or "v" in flags:
        raise Fault("the lab's awk knows '{print $1, $2}', behind NR>1, /pattern/ or $1==\"text\", and nothing more")
    separator = flags.get("F")
    out = []
    for number, line in enumerate(lines_of(read(words)), 1):
        columns = line.split(separator) if separator and separator != " " else line.split()
        if _condition(found[1], number, line, columns):
            out.append(line if found[2] is None or not found[2].strip() else _printed(found[2], number, line, columns))
    return Filtered(joined(out))


def _condition(text: str | None, number: int, line: str, columns: list[str]) -> bool:
    if not text:
        return True
    if text.startswith("/"):
        return bool(compiled(text.strip()[1:-1]).search(line))
    left, sign, right = re.split(r"\s*([><=!]=?)\s*", text.strip(), maxsplit=1)
    if left == "NR":
        other = int(right[:9])
        return {">": number > other, "<": number < other, "==": number == other, "!=": number != other,
                ">=": number >= other, "<=": number <= other}.get(sign, False)  # fmt: skip
    return (_column(left[1:], line, columns) == right.strip().strip('"')) == (sign == "==")


_AWK_PART = re.compile(r"\s*(\$NF|\$\d{1,4}|NR|NF|\"(?:[^\"\\]|\\.)*\"|,)")


def _printed(text: str, number: int, line: str, columns: list[str]) -> str:
    out, at, text = "", 0, text.strip().rstrip(";").rstrip()
    while at < len(text):
        found = _AWK_PART.match(text, at)
        if not found:
            raise Fault(f"the lab's awk cannot print {text[at:].strip()}")
        at = found.end()
        part = found[1]
        if part == ",":
            out += " "
        elif part[0] == '"':
            out += part[1:-1].replace("\\t", "\t").replace("\\n", "\n").replace('\\"', '"')
        elif part in ("NR", "NF"):
            out += str(number if part == "NR" else len(columns))
        else:
            out += _column(part[1:], line, columns)
    return out


def _column(name: str, line: str, columns: list[str]) -> str:
    if name == "NF":
        return columns[-1] if columns else line
    index = int(name)
    if index == 0:
        return line
    return columns[index - 1] if index <= len(columns) else ""


def sed(argv: Sequence[str], read: Read) -> Filtered:
    """``s/old/new/[g]``, ``/pattern/d``, ``Nd``, ``-n Np``, ``-n '/pattern/p'``."""
    flags, words = options("sed", argv, "nEre:")
    script = flags.get("e") or (words.pop(0) if words else "")
    lines = lines_of(read(words))
    out: list[str] = []
    if found := re.fullmatch(r"s(.)((?:(?!\1)[^\\]|\\.)*)\1((?:(?!\1)[^\\]|\\.)*)\1([gi]*)", script, re.DOTALL):
        old = found[2].replace("\\" + found[1], found[1])
        expression = compiled(old if {"E", "r"} & set(flags) else basic(old), re.IGNORECASE if "i" in found[4] else 0)
        new = re.sub(r"\\(\d)|(?<!\\)&", lambda one: f"\\g<{one[1] or 0}>", found[3].replace("\\" + found[1], found[1]))
        try:
            out = [expression.sub(new.replace("\\&", "&"), line, count=0 if "g" in found[4] else 1) for line in lines]
        except (re.error, IndexError):
            raise Fault(f"the lab's sed cannot replace by {found[3]}") from None
    elif found := re.fullmatch(r"(?:/((?:[^/\\]|\\.)+)/|(\d{1,9})(?:,(\d{1,9}|\$))?|(\$))([dp])", script):
        matching = compiled(basic(found[1])) if found[1] else None
        first = len(lines) if found[4] else int(found[2] or 0)
        last = len(lines) if found[3] == "$" else int(found[3] or first)
        for number, line in enumerate(lines, 1):
            hit = bool(matching.search(line)) if matching else first <= number <= last
            if found[5] == "d" and not hit:
                out.append(line)
            elif found[5] == "p":
                out += [line] * (hit + ("n" not in flags))
    else:
        raise Fault("the lab's sed knows s/old/new/g, /pattern/d, Nd, -n Np and -n /pattern/p")
    return Filtered(joined(out))
