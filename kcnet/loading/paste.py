"""What a paste does to YAML: the causes behind errors that a parser can only describe from the outside.

Asked only about text that already failed, so a rule may look at the text without understanding all of YAML; what is
inside quotes, comments and block scalars is left alone where that matters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kcnet.model.names import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A likely cause, and the offset in the text where it shows."""

    code: str
    index: int
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Line:
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
            if _BLOCK_SCALAR.search(bare):
                scalar_indent = indent
        index += len(raw)


def unquoted(line: Line) -> str:
    """The line with what is in quotes blotted out; offsets stay."""
    return _QUOTED.sub(lambda found: "\x01" * len(found[0]), line.text)


def diagnose(text: str, start: int, end: int, rules: tuple[Rule, ...] | None = None) -> Finding | None:
    """Why ``text[start:end]``, one document, cannot be read, if it looks like a paste that went wrong."""
    lines = list(code_lines(text, start, end))
    for rule in RULES if rules is None else rules:
        finding = rule(lines)
        if finding is not None:
            return finding
    return None


Rule = Callable[[list[Line]], Finding | None]

_HELM = re.compile(r"\{\{(?!\s*\})[-\s]*(?:[.$/(]|[A-Za-z\"`])")


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


_INDENT_BLANK = re.compile(rf"^[ \t]*(?:-[ \t]+)*({_BLANK})|[:\-]({_BLANK})|({_BLANK})+:(?:\s|$)")


def odd_blank(lines: list[Line]) -> Finding | None:
    found = [(match, line) for line in lines if (match := _INDENT_BLANK.search(unquoted(line)))]
    if not found:
        return None
    match, line = found[0]
    group = next(number for number in (1, 2, 3) if match[number])
    character = match[group]
    others = f", and on {len(found) - 1} more line{'s' if len(found) > 2 else ''}" if len(found) > 1 else ""
    return Finding(
        code="PASTE_BLANK",
        index=line.start + match.start(group),
        message=f"There is {BLANKS[character]} (U+{ord(character):04X}) where YAML needs an ordinary space{others}; "
        "it looks the same and usually comes from a web page.",
        fix="Replace each of them by an ordinary space.",
    )


_TAB = re.compile(r"^ *(?:- *)*(\t)|^\s*[^\s:]+:(\t)(?=\s*[^\s\"'])")


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


RULES: Final[tuple[Rule, ...]] = (
    helm,
    fence,
    line_numbers,
    odd_blank,
    smart_quotes,
    tab,
    prompt,
    question_marks,
    flattened,
    missing_space,
)
"""In the order in which they are asked; the first that answers is told."""

WHOLE: Final[tuple[Rule, ...]] = (helm, flattened)
"""Asked about a whole document that is good YAML, but no good object."""

ON_A_LINE: Final[tuple[Rule, ...]] = (odd_blank, smart_quotes, question_marks, missing_space)
"""Asked about the line of such an error."""


def line_at(text: str, origin: Origin, line: int) -> Line:
    """The 1-based ``line`` of the file, which is not before the origin's."""
    start = text.rfind("\n", 0, origin.start) + 1
    for _ in range(line - origin.line):
        start = text.find("\n", start) + 1
    end = text.find("\n", start)
    return Line(text[start : end if end >= 0 else len(text)].rstrip("\r"), start)


_VALUE = re.compile(
    r"(?:- +)?(?:[^\s\"':{}\[\],]+|\"[^\"]*\"|'[^']*'):\s+([^\s,}\]#][^\s,}\]]*)|([^\s,\]}]+)\s*(?:[,\]]|#|$)"
)


def written_value(text: str) -> str:
    """The word after the colon in ``text``, which begins with a key; "" if it is not a bare word."""
    found = _VALUE.match(text)
    word = (found[1] or found[2] or "") if found else ""
    return "" if word[:1] in ("", '"', "'", "{", "[", "|", ">", "&", "*", "!") else word
