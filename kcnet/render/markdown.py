"""Markdown as rows of a screen: what lessons and explanations are written in.

CommonMark, read by markdown-it: headings, paragraphs, lists, quotes, code, bold, emphasis, links and rules. HTML is
shown as it is written, and an image as its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from kcnet.render.screen import Line, Row, Span, Style

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

BLANK: Final = Row((), ())
_CODE_MARGIN: Final = "    "


def rows(text: str, indent: str = "") -> list[Row]:
    """The page, block by block with an empty row between them. Code is not wrapped at spaces that begin a line."""
    found: list[Row] = []
    walk = _Blocks(_parser().parse(text), indent)
    for block in walk.blocks():
        if found and not (walk.tight and found[-1] is not BLANK):
            found.append(BLANK)
        found += block
    return found


def spans(text: str) -> Line:
    """One paragraph's text as spans, for a place that has room for no more."""
    inline = next((token for token in _parser().parse(text) if token.type == "inline"), None)
    return tuple(_inline(inline.children or ())) if inline is not None else ()


def words(text: str) -> str:
    """What is prose in ``text``: without code, without addresses of links."""
    found = []
    for token in _parser().parse(text):
        if token.type == "inline":
            found.append("".join(" " if one.type.endswith("break") else one.content
                                 for one in token.children or () if one.type != "code_inline"))  # fmt: skip
    return "\n".join(found)


def html(text: str, *, line: bool = False) -> str:
    """The page for a browser, or one paragraph's text; HTML in it is shown as it is written."""
    parser = _parser()
    return str(parser.renderInline(text) if line else parser.render(text)).strip()


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False})


class _Blocks:
    """Walks the tokens. ``tight`` says that the block just given stands directly below the one before."""

    def __init__(self, tokens: Sequence[Token], indent: str) -> None:
        self.tokens = tokens
        self.margin = indent
        self.tight = False
        self.marks: list[str] = []
        """Of the list items around; the innermost last, "" once its mark was written."""
        self.numbers: list[int | None] = []
        self.first = False

    def blocks(self) -> Iterator[list[Row]]:
        quotes = 0
        for index, token in enumerate(self.tokens):
            kind = token.type
            if kind in ("bullet_list_open", "ordered_list_open"):
                start = int(token.attrs.get("start", 1)) if kind[0] == "o" else None
                self.numbers.append(start)
            elif kind in ("bullet_list_close", "ordered_list_close"):
                self.numbers.pop()
            elif kind == "list_item_open":
                number = self.numbers[-1]
                self.marks.append("· " if number is None else f"{number}. ")
                self.first = True
                if number is not None:
                    self.numbers[-1] = number + 1
            elif kind == "list_item_close":
                self.marks.pop()
            elif kind == "blockquote_open":
                quotes += 1
            elif kind == "blockquote_close":
                quotes -= 1
            elif kind in ("fence", "code_block", "html_block"):
                self.tight = False
                yield list(self._code(token.content))
            elif kind == "hr":
                self.tight = False
                yield [Row((), (), (("─" * 20, Style.QUIET),))]
            elif kind == "inline":
                opened = self.tokens[index - 1]
                self.tight = bool(self.marks) and opened.hidden and self._continues(index)
                yield [self._paragraph(token, quotes, heading=opened.type == "heading_open")]

    def _continues(self, index: int) -> bool:
        """Whether an item of a tight list stands right below another, or below the text of the item around it."""
        before = next((token for token in reversed(self.tokens[: index - 1]) if not token.type.endswith("_open")), None)
        return before is not None and before.type in (
            "list_item_close", "paragraph_close", "inline", "bullet_list_close", "ordered_list_close",
        ) and (before.type != "paragraph_close" or len(self.marks) > 1 or before.hidden)  # fmt: skip

    def _prefixes(self) -> tuple[str, str]:
        hang = self.margin + "".join(" " * len(mark) for mark in self.marks)
        if not self.first or not self.marks:
            return hang, hang
        self.first = False
        mark = self.marks[-1]
        return hang[: len(hang) - len(mark)] + mark, hang

    def _paragraph(self, token: Token, quotes: int, *, heading: bool) -> Row:
        first, rest = self._prefixes()
        bar: Line = (("│ " * quotes, Style.QUIET),) if quotes else ()
        text = tuple(_inline(token.children or ()))
        if heading:
            text = tuple((word, Style.STRONG if style is Style.PLAIN else style) for word, style in text)
        return Row(((first, Style.PLAIN), *bar), ((rest, Style.PLAIN), *bar), text)

    def _code(self, text: str) -> Iterator[Row]:
        first, _ = self._prefixes()
        for line in text.rstrip("\n").split("\n"):
            bare = line.lstrip(" ")
            margin: Line = ((first + _CODE_MARGIN + " " * (len(line) - len(bare)), Style.PLAIN),)
            yield Row(margin, margin, ((bare.replace("\t", "    "), Style.CHANGE),))


def _inline(tokens: Sequence[Token]) -> Iterator[Span]:
    strong = quiet = 0
    link = ""
    since: list[str] = []
    for token in tokens:
        kind = token.type
        if kind == "strong_open":
            strong += 1
        elif kind == "strong_close":
            strong -= 1
        elif kind == "em_open":
            quiet += 1
        elif kind == "em_close":
            quiet -= 1
        elif kind == "link_open":
            link, since = str(token.attrs.get("href", "")), []
        elif kind == "link_close":
            if link and link != "".join(since):
                yield f" ({link})", Style.QUIET
            link = ""
        elif kind in ("softbreak", "hardbreak"):
            yield " ", Style.PLAIN
        elif kind == "code_inline":
            since.append(token.content)
            yield token.content, Style.CHANGE
        else:
            since.append(token.content)
            yield token.content, Style.STRONG if strong or quiet else Style.PLAIN
