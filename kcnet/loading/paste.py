"""What a paste does to YAML: the causes behind errors that a parser can only describe from the outside.

Asked only about text that already failed, so a rule may look at the text without understanding all of YAML; what is
inside quotes, comments and block scalars is left alone where that matters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

from msgspec import Struct


class Finding(Struct, frozen=True, kw_only=True):
    """A likely cause, and the offset in the text where it shows."""

    code: str
    index: int
    message: str
    fix: str


class Line(Struct, frozen=True):
    """A line of YAML that is not a comment, nor the content of a block scalar."""

    text: str
    start: int
    """Offset of its first character."""


HELM: Final = "PASTE_HELM_TEMPLATE"

BLANKS: Final = {
    "\u00a0": "a non-breaking space",
    "\u1680": "an Ogham space",
    "\u2000": "a wide space",
    "\u2001": "a wide space",
    "\u2002": "a wide space",
    "\u2003": "a wide space",
    "\u2004": "a wide space",
    "\u2005": "a wide space",
    "\u2006": "a wide space",
    "\u2007": "a figure space",
    "\u2008": "a narrow space",
    "\u2009": "a thin space",
    "\u200a": "a hair space",
    "\u200b": "a zero-width space",
    "\u200c": "an invisible character",
    "\u200d": "an invisible character",
    "\u200e": "an invisible mark of writing direction",
    "\u200f": "an invisible mark of writing direction",
    "\u2028": "a line separator",
    "\u2029": "a paragraph separator",
    "\u202f": "a narrow non-breaking space",
    "\u205f": "a mathematical space",
    "\u2060": "an invisible character",
    "\u3000": "an ideographic space",
    "\ufeff": "an invisible byte order mark",
}
_BLANK = "[" + "".join(BLANKS) + "]"
_QUOTES = "“”„‟‘’‚‛«»″′"

_BLOCK_SCALAR = re.compile(r"(?:^|[:\-?]\s+|\s)(?:[&!]\S+\s+)*[|>][+-]?[0-9]?[+-]?\s*(?:#.*)?$")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'')
_COMMENT = re.compile(r"(?:^|\s)#.*$")


def code_lines(text: str, start: int, end: int) -> Iterator[Line]:
    """The lines of ``text[start:end]`` without comments and the contents of block scalars."""
    scalar_indent: int | None = None
    index = start
    for raw in text[start:end].splitlines(keepends=True):
        line = raw.rstrip("\r\n")
        indent = len(line) - len(line.lstrip(" "))
        blank = not line.strip()
        if scalar_indent is not None and (blank or indent > scalar_indent):
            index += len(raw)
            continue
        scalar_indent = None
        bare = _COMMENT.sub("", _QUOTED.sub(lambda found: "\x01" * len(found[0]), line))
        if bare.strip():
            yield Line(line[: len(bare)], index)
            if _BLOCK_SCALAR.search(bare[-200:]):
                scalar_indent = indent
        index += len(raw)


def unquoted(line: Line) -> str:
    """The line with what is in quotes blotted out; offsets stay."""
    return _QUOTED.sub(lambda found: "\x01" * len(found[0]), line.text)


def diagnose(text: str, start: int, end: int, rules: tuple[Rule, ...], near: list[int] | None = None) -> Finding | None:
    """What ``rules`` find in ``text[start:end]``, a document that failed. ``near``: offsets of the faults; what may be
    good YAML elsewhere counts only on the lines around them."""
    lines = list(code_lines(text, start, end))
    close = lines
    if near is not None:
        starts = [line.start for line in lines]
        numbers = {number for index in near for number in _around(starts, index)}
        close = [line for number, line in enumerate(lines) if number in numbers]
    for rule in rules:
        finding = rule(close if rule in ON_A_LINE else lines)
        if finding is not None:
            return finding
    return None


def _around(starts: list[int], index: int) -> range:
    """Numbers of the line with the offset ``index``, of the two before and of the one after it."""
    number = bisect_right(starts, index) - 1
    return range(number - 2, number + 2)


Rule = Callable[[list[Line]], Finding | None]

_HELM = re.compile(r"\{\{-|\{\{/\*|\{\{(?!\s*\})[^{}]*\}\}")


def helm(lines: list[Line]) -> Finding | None:
    for line in lines:
        if found := _HELM.search(unquoted(line)):
            return Finding(
                code=HELM,
                index=line.start + found.start(),
                message="This is a Helm template, not a manifest: {{ ... }} is filled in by Helm.",
                fix="Render it first: helm template RELEASE CHART | kcnet trace -f -",
            )
    return None


_FENCE = re.compile(r"\s*(```|~~~)")


def fence(lines: list[Line]) -> Finding | None:
    for line in lines:
        if found := _FENCE.match(line.text):
            return Finding(
                code="PASTE_MARKDOWN_FENCE",
                index=line.start + found.start(1),
                message=f"The line {line.text.strip()!r} belongs to the web page, not to the YAML.",
                fix="Delete the lines that begin with ``` or ~~~.",
            )
    return None


_PROMPT = re.compile(r"\s*(?:\$ |> |PS [A-Z]:|[\w.-]+@[\w.-]+[:~ ].*[$#] )")


def prompt(lines: list[Line]) -> Finding | None:
    for line in lines:
        if _PROMPT.match(line.text):
            return Finding(
                code="PASTE_SHELL_PROMPT",
                index=line.start,
                message=f"The line {shorten(line.text)!r} looks like a command that was copied with its prompt.",
                fix="Delete it: only the YAML belongs in the file.",
            )
    return None


_HEREDOC = re.compile(r"""\s*(?:\S*[$#>] )?[A-Za-z./][\w./-]*\s.*?<<-?\s*["']?([A-Za-z_]\w*)""")
_HEREDOC_END = re.compile(r"[A-Z]{3,}\s*$")


def heredoc(lines: list[Line]) -> Finding | None:
    """``kubectl apply -f - <<EOF``, or the EOF that is left of it."""
    for line in lines:
        if found := _HEREDOC.match(line.text):
            return Finding(
                code="PASTE_SHELL_PROMPT",
                index=line.start,
                message=f"The line {shorten(line.text.strip())!r} is a command of the shell, not YAML.",
                fix=f"Delete the lines {shorten(line.text.strip())!r} and {found[1]!r}: only the YAML between them "
                "belongs in the file.",
            )
    if lines and _HEREDOC_END.match(lines[-1].text):
        word = lines[-1].text.strip()
        return Finding(
            code="PASTE_SHELL_PROMPT",
            index=lines[-1].start,
            message=f"The line {word!r} is not YAML: it ends the input of a command of the shell (<<{word}).",
            fix=f"Delete the line {word!r}: only the YAML belongs in the file.",
        )
    return None


_NUMBERED = re.compile(r"\s*(\d+)[\s.:|)]")


def line_numbers(lines: list[Line]) -> Finding | None:
    numbered = [(int(found[1]), line) for line in lines if (found := _NUMBERED.match(line.text))]
    if len(numbered) < 3 or len(numbered) * 4 < len(lines) * 3:
        return None
    if any(later[0] <= earlier[0] for earlier, later in pairwise(numbered)):
        return None
    return Finding(
        code="PASTE_LINE_NUMBERS",
        index=numbered[0][1].start,
        message="Line numbers were copied along with the text.",
        fix="Copy it again without them, or delete the number at the beginning of each line.",
    )


_BLANK_AT_START = re.compile(rf"^[ \t]*(?:-[ \t]+)*({_BLANK})")
_BLANK_INSIDE = re.compile(rf"^[ \t]*(?:-[ \t]+)*({_BLANK})|[:\-]({_BLANK})|({_BLANK}):(?:\s|$)")


def odd_indentation(lines: list[Line]) -> Finding | None:
    return _odd_blank(lines, _BLANK_AT_START)


def odd_blank(lines: list[Line]) -> Finding | None:
    return _odd_blank(lines, _BLANK_INSIDE)


def _odd_blank(lines: list[Line], pattern: re.Pattern[str]) -> Finding | None:
    found = [(match, line) for line in lines if (match := pattern.search(unquoted(line)))]
    if not found:
        return None
    match, line = found[0]
    group = match.lastindex or 1
    character = match[group]
    others = f", and on {len(found) - 1} more line{'s' if len(found) > 2 else ''}" if len(found) > 1 else ""
    return Finding(
        code="PASTE_BLANK",
        index=line.start + match.start(group),
        message=f"There is {BLANKS[character]} (U+{ord(character):04X}) where YAML needs an ordinary space{others}; "
        "it looks the same and usually comes from a web page.",
        fix="Replace each of them by an ordinary space.",
    )


def tab(lines: list[Line]) -> Finding | None:
    for line in lines:
        found = re.match(r"[ \-]*(\t)", line.text)
        if found:
            return Finding(
                code="YAML_TAB",
                index=line.start + found.start(1),
                message="There is a tab in the indentation; YAML allows spaces only.",
                fix="Replace each tab by spaces: two for each level.",
            )
    return None


_SMART = re.compile(rf"(?:[:\-\[,{{]\s*|^\s*)([{_QUOTES}])|([{_QUOTES}])\s*(?:[,\]}}:]|$)")


def smart_quotes(lines: list[Line]) -> Finding | None:
    for line in lines:
        if found := _SMART.search(unquoted(line)):
            group = 1 if found[1] else 2
            return Finding(
                code="PASTE_SMART_QUOTES",
                index=line.start + found.start(group),
                message=f"{found[group]} is a typographic quote; to YAML it is a letter like any other.",
                fix="Write a straight quote: \" or '.",
            )
    return None


_KEY = re.compile(r"(?:- )?[A-Za-z][\w./-]*:(?:\s|$)")
NESTED: Final = ("metadata:", "spec:")


def flattened(lines: list[Line]) -> Finding | None:
    """Every line starts at the left edge: a web page lost the indentation."""
    if any(line.text[:1] in " \t" for line in lines):
        return None
    for line, following in pairwise(lines):
        if line.text.rstrip() in NESTED and _KEY.match(following.text):
            return Finding(
                code="PASTE_NO_INDENTATION",
                index=following.start,
                message=f"No line is indented, so nothing is inside {line.text.rstrip(' :')}: the indentation "
                "was lost, probably when the text was copied from a web page.",
                fix="Copy it from the page's raw view, or indent what belongs together by two spaces a level.",
            )
    return None


_QUESTION = re.compile(r"^\s*(\?+)(?=\s|[A-Za-z-]|$)")


def question_marks(lines: list[Line]) -> Finding | None:
    for line in lines:
        if found := _QUESTION.match(line.text):
            return Finding(
                code="PASTE_QUESTION_MARK",
                index=line.start + found.start(1),
                message="There is a ? where the indentation should be: the page or program that this was copied "
                "through could not show the spaces.",
                fix="Replace each ? at the beginning of a line by a space.",
            )
    return None


_NO_SPACE = re.compile(r"^\s*(?:- +)?([A-Za-z][\w-]*):(?![\s/:])(\S+)$")


def missing_space(lines: list[Line]) -> Finding | None:
    for line in lines:
        found = _NO_SPACE.match(line.text)
        if found and "://" not in line.text:
            return Finding(
                code="YAML_NO_SPACE_AFTER_COLON",
                index=line.start + found.end(1),
                message=f"There is no space after the colon, so {found[1]}:{shorten(found[2])} is one word, not a "
                "field and its value.",
                fix=f"Write {found[1]}: {shorten(found[2])}",
            )
    return None


def shorten(text: str, width: int = 50) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


_DASH = re.compile(r"^\s*([–—−‐‑‒•·▪●])\s*\S")


def dash(lines: list[Line]) -> Finding | None:
    for line in lines:
        if found := _DASH.match(line.text):
            return Finding(
                code="PASTE_DASH",
                index=line.start + found.start(1),
                message=f"{found[1]} (U+{ord(found[1]):04X}) looks like a hyphen, but is another character.",
                fix="Write an ordinary hyphen and a space: - ",
            )
    return None


_ELLIPSIS = re.compile(r"^\s+(\.\.\.|…)\s*$|^\s*(<snip>|…)\s*$")


def ellipsis_line(lines: list[Line]) -> Finding | None:
    for line in lines:
        if found := _ELLIPSIS.match(line.text):
            return Finding(
                code="PASTE_ELLIPSIS",
                index=line.start + found.start(found.lastindex or 0),
                message="The dots stand for lines that the page left out.",
                fix="Put the missing lines in their place, or delete the dots.",
            )
    return None


ALL: Final[tuple[Rule, ...]] = (
    helm,
    fence,
    line_numbers,
    odd_indentation,
    tab,
    heredoc,
    prompt,
    flattened,
    odd_blank,
    smart_quotes,
    question_marks,
    dash,
    ellipsis_line,
    missing_space,
)
"""In the order in which they are asked; the first that answers is told."""

ON_A_LINE: Final[tuple[Rule, ...]] = (odd_blank, smart_quotes, question_marks, dash, ellipsis_line, missing_space)
"""Asked about the lines of an error."""

WHOLE: Final[tuple[Rule, ...]] = (helm, odd_indentation, flattened)
"""Asked about a document that is good YAML, but no good object."""

OF_JSON: Final[tuple[Rule, ...]] = (helm, fence)

TYPOGRAPHY: Final[tuple[Rule, ...]] = (odd_blank, smart_quotes)

INDENTATION: Final[tuple[Rule, ...]] = (odd_indentation,)


def line_around(text: str, index: int, lines: int = 1) -> tuple[int, int]:
    """Where the line with the offset ``index`` begins and ends, or as many ``lines`` from it on; not all of a line of
    enormous length."""
    start = text.rfind("\n", max(0, index - 500), index) + 1 or max(0, index - 500)
    end = index
    for _ in range(lines):
        end = text.find("\n", end + 1, index + 2000)
        if end < 0:
            return start, min(len(text), index + 2000)
    return start, end


_VALUE = re.compile(
    r"(?:- +)?(?:[^\s\"':{}\[\],]+|\"[^\"]*\"|'[^']*'):\s+([^\s,}\]#][^\s,}\]]*)|([^\s,\]}]+)\s*(?:[,\]]|#|$)"
)


def written_value(text: str) -> str:
    """The word after the colon in ``text``, which begins with a key; "" if it is not a bare word."""
    found = _VALUE.match(text)
    word = (found[1] or found[2] or "") if found else ""
    return "" if word[:1] in ("", '"', "'", "{", "[", "|", ">", "&", "*", "!") else word
