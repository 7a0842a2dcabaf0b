"""Text filters, as far as commands about clusters use them: grep, head, tail, wc, sort, uniq, cut, tr, awk, sed ...

Each is a function of its words and of the text that it reads. An option that a filter has and the lab has not is told.
"""

from __future__ import annotations

import base64 as _base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from kcnet.lab.awksed import awk, sed
from kcnet.lab.filterwords import (
    Fault,
    Filter,
    Filtered,
    Read,
    expression_of,
    joined,
    lines_of,
    number_of,
    options,
)

__all__ = ["FILTERS", "USAGE_STATUS", "Fault", "Filtered"]


def grep(argv: Sequence[str], read: Read) -> Filtered:
    flags, words = options("grep", argv, "ivEFGPcnoqwxshHe:A:B:C:m:")
    if "e" in flags:
        pattern = flags["e"]
    elif words:
        pattern = words.pop(0)
    else:
        raise Fault("usage: grep [-ivEFcnoqw] [-A N] [-B N] PATTERN [FILE]")
    expression = expression_of(pattern, flags)
    lines = lines_of(read(words))
    hits = [index for index, line in enumerate(lines) if bool(expression.search(line)) != ("v" in flags)]
    if "m" in flags:
        hits = hits[: max(0, number_of(flags["m"], "max count"))]
    status = 0 if hits else 1
    if "q" in flags:
        return Filtered(status=status)
    if "c" in flags:
        return Filtered(f"{len(hits)}\n", status=status)
    if "o" in flags:
        found = [match[0] for index in hits for match in expression.finditer(lines[index]) if match[0]]
        return Filtered(joined(found), status=status)
    before = number_of(flags.get("B", flags.get("C", "0")), "context length")
    after = number_of(flags.get("A", flags.get("C", "0")), "context length")
    return Filtered(joined(list(_shown(lines, hits, max(0, before), max(0, after), "n" in flags))), status=status)


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


def head(argv: Sequence[str], read: Read) -> Filtered:
    count, words, unit = _count("head", argv)
    text = read(words)
    if unit == "c":
        return Filtered(text[:count])
    return Filtered(joined(lines_of(text)[:count]))


def tail(argv: Sequence[str], read: Read) -> Filtered:
    argv = [word for word in argv if word not in ("-f", "-F", "--follow")]
    from_line = next((word for word in argv if re.fullmatch(r"(-n)?\+\d+", word)), None)
    if from_line is not None:
        words = [word for word in argv if word not in (from_line, "-n")]
        return Filtered(joined(lines_of(read(words))[max(0, int(from_line.split("+")[1]) - 1) :]))
    count, words, unit = _count("tail", argv)
    text = read(words)
    if unit == "c":
        return Filtered(text[len(text) - min(count, len(text)) :])
    lines = lines_of(text)
    return Filtered(joined(lines[max(0, len(lines) - count) :]))


def _count(name: str, argv: Sequence[str]) -> tuple[int, list[str], str]:
    old = [word for word in argv if re.fullmatch(r"-\d{1,9}", word)]
    flags, words = options(name, [word for word in argv if word not in old], "n:c:q")
    if "c" in flags:
        return abs(number_of(flags["c"], "number of bytes")), words, "c"
    text = flags.get("n", old[-1][1:] if old else "10")
    return abs(number_of(text, "number of lines")), words, "n"


def wc(argv: Sequence[str], read: Read) -> Filtered:
    flags, words = options("wc", argv, "lwcm")
    text = read(words)
    counts = {"l": text.count("\n"), "w": len(text.split()), "c": len(text.encode("utf-8", "replace")), "m": len(text)}
    wanted = [letter for letter in "lwmc" if letter in flags] or ["l", "w", "c"]
    name = f" {words[0]}" if len(words) == 1 else ""
    if len(wanted) == 1:
        return Filtered(f"{counts[wanted[0]]}{name}\n")
    return Filtered("".join(f"{counts[letter]:7d} " for letter in wanted).rstrip() + name + "\n")


def sort(argv: Sequence[str], read: Read) -> Filtered:
    flags, words = options("sort", argv, "rnuk:t:fbVh")
    lines = lines_of(read(words))
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
    return Filtered(joined(list(dict.fromkeys(ordered)) if "u" in flags else ordered))


def uniq(argv: Sequence[str], read: Read) -> Filtered:
    flags, words = options("uniq", argv, "cdui")
    runs = [(line, len(list(run))) for line, run in groupby(lines_of(read(words)))]
    if "d" in flags:
        runs = [run for run in runs if run[1] > 1]
    if "u" in flags:
        runs = [run for run in runs if run[1] == 1]
    return Filtered(joined([f"{count:7d} {line}" if "c" in flags else line for line, count in runs]))


def cut(argv: Sequence[str], read: Read) -> Filtered:
    flags, words = options("cut", argv, "d:f:c:s")
    if ("f" in flags) == ("c" in flags):
        raise Fault("you must specify a list of bytes, characters, or fields")
    places = _places(flags.get("f") or flags.get("c") or "")
    delimiter = flags.get("d", "\t")
    if len(delimiter) != 1:
        raise Fault("the delimiter must be a single character")
    out = []
    for line in lines_of(read(words)):
        if "c" in flags:
            out.append("".join(char for index, char in enumerate(line, 1) if places(index)))
        elif delimiter in line:
            out.append(delimiter.join(part for index, part in enumerate(line.split(delimiter), 1) if places(index)))
        elif "s" not in flags:
            out.append(line)
    return Filtered(joined(out))


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
    flags, words = options("tr", argv, "dsc")
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


def base64(argv: Sequence[str], read: Read) -> Filtered:
    flags, words = options("base64", argv, "dDw:i")
    text = read(words)
    if "d" in flags or "D" in flags:
        try:
            data = _base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            raise Fault("invalid input") from None
        return Filtered(data.decode("utf-8", "backslashreplace"))
    encoded = _base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    width = number_of(flags.get("w", "76"), "wrap size") or len(encoded) or 1
    return Filtered(joined([encoded[at : at + abs(width)] for at in range(0, len(encoded), abs(width))]))


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
