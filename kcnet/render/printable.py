"""Text that came from input, made harmless: nothing that a manifest contains may act on a terminal."""

from __future__ import annotations

import re
import unicodedata


def printable(text: str) -> str:
    """``text`` with every character that is not visible written as its escape: ``\\x1b``, ``\\n``, ``\\u202e``.

    That is control characters (C0, DEL, C1), line and paragraph separators, bidirectional and zero-width marks,
    surrogates, private use, and every space but the plain one, which also shows a learner what a web page pasted.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def cells(text: str) -> int:
    """Columns that printable text takes in a terminal: wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def _cells(char: str) -> int:
    if char < "\u0300":
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


_INVISIBLE_IN_JSON = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def json_text(document: object) -> str:
    """One JSON document on lines of its own, in UTF-8 but for what would act on a terminal, which is escaped."""
    import json

    text = json.dumps(document, indent=2, ensure_ascii=False)
    return _INVISIBLE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"
