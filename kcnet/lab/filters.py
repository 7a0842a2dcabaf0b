"""Text filters, as far as commands about clusters use them: grep, head, tail, wc, sort, uniq, cut, tr, awk, sed ...

Each is a function of its words and of the text that it reads. An option that a filter has and the lab has not is told.
"""

from __future__ import annotations

import base64 as _base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
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


def _options(name: str, argv: Sequence[str], letters: str) -> _Options:
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


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines and not lines[-1] else lines


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _number(text: str, what: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,9}", text):
        raise Fault(f"invalid {what}: '{text}'")
    return int(text)


def grep(argv: Sequence[str], read: Read) -> Filtered:
    flags, words = _options("grep", argv, "ivEFGPcnoqwxshHe:A:B:C:m:")
    if "e" in flags:
        pattern = flags["e"]
    elif words:
        pattern = words.pop(0)
    else:
        raise Fault("usage: grep [-ivEFcnoqw] [-A N] [-B N] PATTERN [FILE]")
    expression = _expression(pattern, flags)
    lines = _lines(read(words))
    hits = [index for index, line in enumerate(lines) if bool(expression.search(line)) != ("v" in flags)]
    if "m" in flags:
        hits = hits[: max(0, _number(flags["m"], "max count"))]
    status = 0 if hits else 1
    if "q" in flags:
        return Filtered(status=status)
    if "c" in flags:
        return Filtered(f"{len(hits)}\n", status=status)
    if "o" in flags:
        found = [match[0] for index in hits for match in expression.finditer(lines[index]) if match[0]]
        return Filtered(_joined(found), status=status)
    before = _number(flags.get("B", flags.get("C", "0")), "context length")
    after = _number(flags.get("A", flags.get("C", "0")), "context length")
    return Filtered(_joined(list(_shown(lines, hits, max(0, before), max(0, after), "n" in flags))), status=status)


def _shown(lines: list[str], hits: list[int], before: int, after: int, numbered: bool) -> Iterator[str]:
    hit = set(hits)
    wanted = sorted({
        index for at in hits for index in range(max(0, at - before), min(len(lines), at + after + 1))
    })  # fmt: skip
    last: int | None = None
    for index in wanted:
        if (before or after) and last is not None and index > last + 1:
            yield "--"
        last = index
        yield f"{index + 1}{':' if index in hit else '-'}{lines[index]}" if numbered else lines[index]


def _expression(pattern: str, flags: dict[str, str]) -> re.Pattern[str]:
    """A grep pattern as one of Python: basic (where ``+ ? | ( ) { }`` are plain), extended, or fixed text."""
    choices = pattern.split("\n")
    if "F" in flags:
        source = "|".join(re.escape(choice) for choice in choices)
    elif "E" in flags or "P" in flags:
        source = "|".join(choices)
    else:
        source = "|".join(_basic(choice) for choice in choices)
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


def _basic(pattern: str) -> str:
    swapped = re.sub(r"\\([+?|(){}])|([+?|(){}])|\\(.)", _swap, pattern)
    return swapped if not swapped.startswith("*") else "\\" + swapped


def _swap(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    return f"\\{found[2] or found[3]}"


def head(argv: Sequence[str], read: Read) -> Filtered:
    count, words, unit = _count("head", argv)
    text = read(words)
    if unit == "c":
        return Filtered(text[:count])
    return Filtered(_joined(_lines(text)[:count]))


def tail(argv: Sequence[str], read: Read) -> Filtered:
    argv = [word for word in argv if word not in ("-f", "-F", "--follow")]
    from_line = next((word for word in argv if re.fullmatch(r"(-n)?\+\d+", word)), None)
    if from_line is not None:
        words = [word for word in argv if word not in (from_line, "-n")]
        return Filtered(_joined(_lines(read(words))[max(0, int(from_line.split("+")[1]) - 1) :]))
    count, words, unit = _count("tail", argv)
    text = read(words)
    if unit == "c":
        return Filtered(text[len(text) - min(count, len(text)) :])
    lines = _lines(text)
    return Filtered(_joined(lines[max(0, len(lines) - count) :]))


def _count(name: str, argv: Sequence[str]) -> tuple[int, list[str], str]:
    old = [word for word in argv if re.fullmatch(r"-\d{1,9}", word)]
    flags, words = _options(name, [word for word in argv if word not in old], "n:c:q")
    if "c" in flags:
        return abs(_number(flags["c"], "number of bytes")), words, "c"
    text = flags.get("n", old[-1][1:] if old else "10")
    return abs(_number(text, "number of lines")), words, "n"


def wc(argv: Sequence[str], read: Read) -> Filtered:
    flags, words = _options("wc", argv, "lwcm")
    text = read(words)
    counts = {"l": text.count("\n"), "w": len(text.split()), "c": len(text.encode("utf-8", "replace")), "m": len(text)}
    wanted = [letter for letter in "lwmc" if letter in flags] or ["l", "w", "c"]
    name = f" {words[0]}" if len(words) == 1 else ""
    if len(wanted) == 1:
        return Filtered(f"{counts[wanted[0]]}{name}\n")
    return Filtered("".join(f"{counts[letter]:7d} " for letter in wanted).rstrip() + name + "\n")


def sort(argv: Sequence[str], read: Read) -> Filtered:
    flags, words = _options("sort", argv, "rnuk:t:fbVh")
    lines = _lines(read(words))
    column = re.match(r"\d{1,4}", flags["k"]) if "k" in flags else None
    if "k" in flags and column is None:
        raise Fault(f"invalid key: '{flags['k']}'")
    at = int(column[0]) - 1 if column else None
    numeric = "n" in flags or (column is not None and "n" in flags["k"])

    def key(line: str) -> tuple[float, list[object], str]:
        text = line
        if at is not None:
            parts = line.split(flags["t"]) if flags.get("t") else line.split()
            text = " ".join(parts[max(0, at) :])
        number = re.match(r"\s*(-?\d{1,18}(\.\d{1,18})?)", text) if numeric or "h" in flags else None
        version: list[object] = []
        if "V" in flags or "h" in flags:
            version = [part.rjust(20, "0") if part.isdigit() else part for part in re.split(r"(\d+)", text)]
        return float(number[1]) if number else 0.0, version, text.casefold() if "f" in flags else text

    ordered = sorted(lines, key=key, reverse="r" in flags)
    return Filtered(_joined(list(dict.fromkeys(ordered)) if "u" in flags else ordered))


def uniq(argv: Sequence[str], read: Read) -> Filtered:
    flags, words = _options("uniq", argv, "cdui")
    runs = [(line, len(list(run))) for line, run in groupby(_lines(read(words)))]
    if "d" in flags:
        runs = [run for run in runs if run[1] > 1]
    if "u" in flags:
        runs = [run for run in runs if run[1] == 1]
    return Filtered(_joined([f"{count:7d} {line}" if "c" in flags else line for line, count in runs]))


def cut(argv: Sequence[str], read: Read) -> Filtered:
    flags, words = _options("cut", argv, "d:f:c:s")
    if ("f" in flags) == ("c" in flags):
        raise Fault("you must specify a list of bytes, characters, or fields")
    places = _places(flags.get("f") or flags.get("c") or "")
    delimiter = flags.get("d", "\t")
    if len(delimiter) != 1:
        raise Fault("the delimiter must be a single character")
    out = []
    for line in _lines(read(words)):
        if "c" in flags:
            out.append("".join(char for index, char in enumerate(line, 1) if places(index)))
        elif delimiter in line:
            out.append(delimiter.join(part for index, part in enumerate(line.split(delimiter), 1) if places(index)))
        elif "s" not in flags:
            out.append(line)
    return Filtered(_joined(out))


def _places(text: str) -> Callable[[int], bool]:
    ranges: list[tuple[int, int]] = []
    for part in text.split(","):
        found = re.fullmatch(r"(\d{1,9})?(-)?(\d{1,9})?", part)
        if not found or not (found[1] or found[3]):
            raise Fault(f"invalid field value '{text}'")
        first = int(found[1] or 1)
        ranges.append((first, int(found[3]) if found[3] else 10**9 if found[2] else first))
    return lambda index: any(first <= index <= last for first, last in ranges)


def tr(argv: Sequence[str], read: Read) -> Filtered:
    flags, words = _options("tr", argv, "dsc")
    if not words or (len(words) < 2 and not flags):
        raise Fault("missing operand")
    text = read([])
    source = _characters(words[0])
    outside = "c" in flags
    inside = set(source)

    def hit(char: str) -> bool:
        return (char in inside) != outside

    if "d" in flags:
        return Filtered("".join(char for char in text if not hit(char)))
    if len(words) > 1:
        target = _characters(words[1])
        if not target:
            raise Fault("when not truncating set1, string2 must be non-empty")
        target += target[-1] * max(0, len(source) - len(target))
        table = dict(zip(source, target, strict=False))
        text = "".join((target[-1] if outside else table[char]) if hit(char) else char for char in text)
        inside = set(target)
        outside = False
    if "s" in flags:
        text = "".join(char if hit(char) else "".join(run) for char, run in groupby(text))
    return Filtered(text)


def _characters(text: str) -> str:
    for name, meaning in (("[:upper:]", "A-Z"), ("[:lower:]", "a-z"), ("[:digit:]", "0-9"), ("[:space:]", " \t\n\r")):
        text = text.replace(name, meaning)
    text = text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
    return re.sub(r"(.)-(.)", lambda found: "".join(map(chr, range(ord(found[1]), ord(found[2]) + 1)))[:70_000], text)


_AWK = re.compile(
    r"^\s*(?:(NR\s*[><=!]=?\s*\d+|/(?:[^/\\]|\\.)+/|\$\d+\s*[=!]=\s*\"[^\"]*\")\s*)?(?:\{\s*print\b([^{}]*)\})?\s*$"
)


def awk(argv: Sequence[str], read: Read) -> Filtered:
    """``awk [-F SEP] '[CONDITION] {print $1, "text", $NF}'``; more of the language the lab has not."""
    flags, words = _options("awk", argv, "F:v:")
    if not words:
        raise Fault("usage: awk [-F SEPARATOR] 'PROGRAM' [FILE]")
    program = words.pop(0)
    found = _AWK.match(program)
    if not found or not program.strip() or "v" in flags:
        raise Fault("the lab's awk knows '{print $1, $2}', behind NR>1, /pattern/ or $1==\"text\", and nothing more")
    separator = flags.get("F")
    out = []
    for number, line in enumerate(_lines(read(words)), 1):
        columns = line.split(separator) if separator and separator != " " else line.split()
        if _condition(found[1], number, line, columns):
            out.append(line if found[2] is None or not found[2].strip() else _printed(found[2], number, line, columns))
    return Filtered(_joined(out))


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
    flags, words = _options("sed", argv, "nEre:")
    script = flags.get("e") or (words.pop(0) if words else "")
    lines = _lines(read(words))
    out: list[str] = []
    if found := re.fullmatch(r"s(.)((?:(?!\1)[^\\]|\\.)*)\1((?:(?!\1)[^\\]|\\.)*)\1([gi]*)", script, re.DOTALL):
        old = found[2].replace("\\" + found[1], found[1])
        expression = compiled(old if {"E", "r"} & set(flags) else _basic(old), re.IGNORECASE if "i" in found[4] else 0)
        new = re.sub(r"\\(\d)|(?<!\\)&", lambda one: f"\\g<{one[1] or 0}>", found[3].replace("\\" + found[1], found[1]))
        try:
            out = [expression.sub(new.replace("\\&", "&"), line, count=0 if "g" in found[4] else 1) for line in lines]
        except (re.error, IndexError):
            raise Fault(f"the lab's sed cannot replace by {found[3]}") from None
    elif found := re.fullmatch(r"(?:/((?:[^/\\]|\\.)+)/|(\d{1,9})(?:,(\d{1,9}|\$))?|(\$))([dp])", script):
        matching = compiled(_basic(found[1])) if found[1] else None
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
    return Filtered(_joined(out))


def base64(argv: Sequence[str], read: Read) -> Filtered:
    flags, words = _options("base64", argv, "dDw:i")
    text = read(words)
    if "d" in flags or "D" in flags:
        try:
            data = _base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            raise Fault("invalid input") from None
        return Filtered(data.decode("utf-8", "backslashreplace"))
    encoded = _base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    width = _number(flags.get("w", "76"), "wrap size") or len(encoded) or 1
    return Filtered(_joined([encoded[at : at + abs(width)] for at in range(0, len(encoded), abs(width))]))


FILTERS: dict[str, Filter] = {
    "grep": grep,
    "egrep": lambda argv, read: grep(["-E", *argv], read),
    "fgrep": lambda argv, read: grep(["-F", *argv], read),
    "head": head,
    "tail": tail,
    "wc": wc,
    "sort": sort,
    "uniq": uniq,
    "cut": cut,
    "tr": tr,
    "awk": awk,
    "sed": sed,
    "base64": base64,
}
USAGE_STATUS = {"grep": 2, "egrep": 2, "fgrep": 2, "sort": 2}
"""Exit status of a filter that cannot go on; 1 for the others."""
