"""Words for what keeps a document from being read at all: for a person, from the codes of the readers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from kcnet.loading.parsed import MAX_DEPTH, Fault
from kcnet.loading.paste import shorten

Words = tuple[str, str]
"""Message and fix."""


def words(fault: Fault, text: str, first_line: int | None = None) -> Words:
    """What to tell about ``fault`` in ``text``. ``first_line``: 1-based, of the place that it goes back to."""
    if fault.code == "YAML_DUPLICATE_KEY":
        return _duplicate(fault, first_line)
    tell = _TELL.get(fault.code)
    if tell is not None:
        return tell(fault, text)
    return _syntax(fault, text, first_line)


def _duplicate(fault: Fault, first_line: int | None) -> Words:
    first = f" (first in line {first_line})" if first_line is not None else ""
    return (
        f"The key {shorten(fault.detail)!r} stands twice in one mapping{first}; the second would replace the first.",
        "Remove one of the two, or put it where it belongs; a second item of a list begins with a dash.",
    )


def _missing_separator(fault: Fault, text: str) -> Words:
    return (
        f"{fault.detail} stands twice in one document: a second object begins here without a line --- before it.",
        "Put a line with --- between the two objects.",
    )


def _tag(fault: Fault, text: str) -> Words:
    if "python" in fault.detail or "ruby" in fault.detail or "java" in fault.detail:
        return (
            f"The tag {fault.detail} asks for an object of a programming language. Nothing was executed; Kubernetes "
            "knows no such tag.",
            "Remove the tag, and do not trust the source of this file.",
        )
    return f"The tag {fault.detail} means nothing to Kubernetes.", "Remove it and write the value itself."


def _character(fault: Fault, text: str) -> Words:
    character = text[fault.index : fault.index + 1]
    name = "a NUL byte" if character == "\0" else f"the control character U+{ord(character or chr(0)):04X}"
    return (
        f"There is {name} in the text, which YAML forbids: the file is damaged, or no text at all.",
        "Delete the character, or copy the file again.",
    )


def _depth(fault: Fault, text: str) -> Words:
    return (
        f"Lists and mappings are nested more than {MAX_DEPTH} levels deep; a manifest needs about 15.",
        "Check the brackets: this is probably no manifest.",
    )


def _alias_bomb(fault: Fault, text: str) -> Words:
    return (
        f"The alias *{fault.detail} repeats so much that the document would grow beyond all measure (an alias bomb).",
        "Write the values out where they are needed, and do not trust the source of this file.",
    )


def _alias_unknown(fault: Fault, text: str) -> Words:
    return (
        f"*{fault.detail} refers to an anchor &{fault.detail} that does not stand above it in the same document.",
        f"Put quotes around a value that begins with a star ('*{fault.detail}'), or define &{fault.detail} first.",
    )


def _alias_loop(fault: Fault, text: str) -> Words:
    return f"The anchor &{fault.detail} contains itself.", "Write the value out instead of the alias."


def _key(fault: Fault, text: str) -> Words:
    return (
        "A list or mapping stands where the name of a field is expected.",
        'Check the brackets and braces; put a text that begins with { or [ in quotes: "{...}".',
    )


def _null_key(fault: Fault, text: str) -> Words:
    shown = fault.detail or "empty"
    return f"The name of a field is {shown}, which YAML reads as null.", f'Put the name in quotes: "{fault.detail}".'


def _merge(fault: Fault, text: str) -> Words:
    return "<< takes a mapping, or a list of mappings.", "Write <<: *NAME, where &NAME is the anchor of a mapping."


def _tag_value(fault: Fault, text: str) -> Words:
    value, _, tag = fault.detail.rpartition(" as ")
    return f"{value} is not what its tag {tag} says.", "Remove the tag, or change the value."


def _not_a_number(fault: Fault, text: str) -> Words:
    return f"{fault.detail} is not JSON.", "Write a number, or a string in double quotes."


_JSON: Final = (
    (
        "double quotes",
        "The name of a field must stand in double quotes.",
        'Write "name": value, and no comma after the last one.',
    ),
    ("',' delimiter", "A comma or a closing bracket is missing before this.", "Put a comma between two entries."),
    ("':' delimiter", "A colon is missing after the name of a field.", 'Write "name": value.'),
    ("Expecting value", "A value is missing here, or is no JSON.", "Put text in double quotes; JSON has no comments."),
    ("trailing comma", "JSON has no comma after the last entry.", "Delete the comma."),
    ("Unterminated", "The text that begins here has no closing quote.", "Close it with a double quote."),
    (
        "control character",
        "A line break or tab stands inside quotes.",
        "Write \\n or \\t; a quote ends on its own line.",
    ),
    ("escape", "A backslash stands before a character that needs none.", "Write \\\\ for a backslash."),
)


def _json(fault: Fault, text: str) -> Words:
    if not text[fault.index :].strip():
        return (
            "The JSON ends too early: a bracket or brace is still open.",
            "Close what is open; check that the file is whole.",
        )
    for part, message, fix in _JSON:
        if part in fault.detail:
            return message, fix
    return f"This is not JSON: {fault.detail}.", "Check the brackets, commas and quotes around this place."


_SYNTAX: Final = (
    (
        "found unexpected document indicator|found unexpected end of stream",
        "A quote that was opened is not closed before the document ends.",
        "Close it, or remove it; look at the line where this text begins.",
    ),
    (
        "mapping values are not allowed",
        "There is a colon where no field can begin: either this line is indented differently from its neighbours, or "
        "a value contains a colon and a space.",
        'Line it up with the fields beside it; put a value with a colon in it in quotes: "a: b".',
    ),
    (
        "could not find expected ':'",
        "This line is neither a field with a colon nor part of the value above.",
        "Write NAME: VALUE; a text over several lines needs | or > after the colon.",
    ),
    (
        "did not find expected ',' or '[\\]}]'|did not find expected node content",
        "A bracket or brace is not closed, or something stands in it that YAML cannot read.",
        "Close it, put commas between the entries, and put text with special characters in quotes.",
    ),
    (
        "did not find expected '-' indicator",
        "This line is inside a list, but does not begin with a dash at the list's own indentation.",
        "Line the dashes up, and indent the fields of an item by two spaces more than its dash.",
    ),
    (
        "did not find expected key",
        "This line is indented so that it belongs neither to the field above nor to those before it, or something "
        "stands behind a closing quote.",
        "Fields of the same level begin in the same column.",
    ),
    (
        "block sequence entries are not allowed",
        "A dash begins a list item on the same line as a field.",
        "Begin the list on the next line.",
    ),
    (
        "cannot start any token.*|found character that cannot start",
        "This value begins with a character that YAML keeps for itself (@ ` % or a tab).",
        "Put the value in quotes.",
    ),
    (
        "unknown escape character|hexdecimal|hexadecimal",
        "A backslash in double quotes begins an escape that YAML does not know.",
        "Use single quotes, in which a backslash is just a backslash, or write \\\\.",
    ),
    (
        "did not find expected <document start>",
        "Something stands behind the end of the document.",
        "Check the indentation: the first line of a document sets it. Separate two objects by a line ---.",
    ),
    (
        "undefined tag handle|tag",
        "An exclamation mark at the beginning of a value makes it a tag.",
        'Put the value in quotes: "!...".',
    ),
    (
        "scanning an alias|scanning an anchor|anchor",
        "A star or ampersand at the beginning of a value makes it an alias or anchor.",
        "Put the value in quotes: '*'.",
    ),
    (
        "block scalar",
        "The text behind | or > is not indented, or something else stands on that line.",
        "Break the line after | and indent the text by two spaces.",
    ),
    (
        "directive",
        "A line that begins with % is a directive to YAML.",
        "Put the value in quotes.",
    ),
    (
        "quoted scalar",
        "A quote that was opened is not closed.",
        "Close it, or remove it; look at the line where this text begins.",
    ),
)  # fmt: skip


def _syntax(fault: Fault, text: str, first_line: int | None) -> Words:
    line = text[text.rfind("\n", max(0, fault.index - 500), fault.index) + 1 : fault.index + 1]
    if "mapping values are not allowed" in fault.detail and (value := re.search(r":\s+(.*):$", line)):
        return (
            f"The value {value[1]!r} goes on with a colon, which YAML takes for another field on the same line.",
            'Put the whole value in quotes: "a: b". If it is a field, put it on a line of its own.',
        )
    for pattern, message, fix in _SYNTAX:
        if re.search(pattern, fault.detail):
            if re.search("flow (sequence|mapping)", fault.detail) and first_line is not None:
                message += f" It was opened in line {first_line}."
            return message, fix
    said = fault.detail or "the parser gave up here"
    return f"This is not YAML: {said}.", "Check the indentation and quotes around this place."


_TELL: Final[dict[str, Callable[[Fault, str], Words]]] = {
    "JSON_NOT_A_NUMBER": _not_a_number,
    "JSON_SYNTAX": _json,
    "YAML_ALIAS_BOMB": _alias_bomb,
    "YAML_ALIAS_LOOP": _alias_loop,
    "YAML_ALIAS_UNKNOWN": _alias_unknown,
    "YAML_CHARACTER": _character,
    "YAML_DEPTH": _depth,
    "YAML_KEY": _key,
    "YAML_MERGE": _merge,
    "YAML_MISSING_SEPARATOR": _missing_separator,
    "YAML_NULL_KEY": _null_key,
    "YAML_TAG": _tag,
    "YAML_TAG_VALUE": _tag_value,
}
