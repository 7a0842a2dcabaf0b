"""From the text of a JSONPath template to its parts.

k8s: client-go util/jsonpath/parser.go, the wording of its errors included.
"""

from __future__ import annotations

import re
from typing import Final

from kcnet.lab.kubectl.printers.jsonpath.nodes import (
    Error,
    Field,
    Filter,
    List,
    Literal,
    Node,
    Recursive,
    Slice,
    Text,
    Union,
    Wildcard,
    Word,
)

KEY: Final = re.compile(r"'([^']*)'")
SLICE: Final = re.compile(r"(-?\d*)(:-?\d*)?(:-?\d*)?", re.ASCII)
COMPARISON: Final = re.compile(r"([^!<>=]+)([!<>=]+)(.+)", re.DOTALL)
TERMINATORS: Final = frozenset(" \t\r\n.,[]$@{}")
ESCAPES: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
MOST_WORDS: Final = 200
DEEPEST: Final = 50
"""Filters inside filters; nobody writes more, and deeper ones would exhaust the stack."""


def parse(text: str) -> tuple[Node, ...]:
    """All parts of a template: text, and one ``List`` for each pair of braces."""
    nodes = _Parser(text, 0).template()
    if sum(isinstance(part, Word) for node in nodes if isinstance(node, List) for part in node.nodes) > MOST_WORDS:
        raise Error("too many ranges")
    return nodes


class _Parser:
    """One pass over the text."""

    def __init__(self, text: str, depth: int) -> None:
        if depth > DEEPEST:
            raise Error("unclosed action")
        self.text = text
        self.depth = depth
        self.at = 0

    def template(self) -> tuple[Node, ...]:
        found: list[Node] = []
        while self.at < len(self.text):
            brace = self.text.find("{", self.at)
            if brace < 0:
                found.append(Text(self.text[self.at :]))
                break
            if brace > self.at:
                found.append(Text(self.text[self.at : brace]))
            self.at = brace + 1
            found.append(List(tuple(self.action())))
        return tuple(found)

    def action(self) -> list[Node]:
        """What stands between braces; the closing one is passed."""
        nodes: list[Node] = []
        while True:
            rest = self.text[self.at : self.at + 3]
            char = rest[:1]
            if char == "}":
                self.at += 1
                return nodes
            if char in ("", "\n", "\r"):
                raise Error("unclosed action")
            if rest == "[?(":
                nodes.append(self.filter())
            elif rest.startswith(".."):
                self.recursive(nodes)
            elif char in " @$":
                self.at += 1
            elif char == "[":
                nodes.extend(self.array())
            elif char in "\"'":
                nodes.append(self.quoted(char))
            elif char == ".":
                self.at += 1
                nodes.append(self.field())
            elif char in "+-" or char.isdecimal():
                nodes.append(self.number())
            elif char == "_" or char.isalnum():
                nodes.append(self.word())
            else:
                raise Error(f"unrecognized character in action: U+{ord(char):04X} '{char}'")

    def field(self) -> Node:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in TERMINATORS:
            self.at += 2 if self.text[self.at] == "\\" else 1
        self.at = min(self.at, len(self.text))
        name = self.text[start : self.at]
        return Wildcard() if name == "*" else Field(name.replace("\\", ""))

    def recursive(self, nodes: list[Node]) -> None:
        if nodes and isinstance(nodes[-1], Recursive):
            raise Error("invalid multiple recursive descent")
        self.at += 2
        nodes.append(Recursive())
        char = self.text[self.at : self.at + 1]
        if char == "_" or char.isalnum():
            nodes.append(self.field())

    def word(self) -> Node:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in TERMINATORS:
            self.at += 1
        name = self.text[start : self.at]
        return Literal(name == "true") if name in ("true", "false") else Word(name)

    def number(self) -> Node:
        found = re.compile(r"[+-]?[0-9.]*").match(self.text, self.at)
        text = found[0] if found else ""
        self.at += len(text)
        try:
            return Literal(int(text))
        except ValueError:
            pass
        try:
            return Literal(float(text))
        except ValueError:
            raise Error(f"cannot parse number {text}") from None

    def quoted(self, quote: str) -> Node:
        start = self.at
        self.at += 1
        while True:
            char = self.text[self.at : self.at + 1]
            if char in ("", "\n"):
                raise Error("unterminated quoted string")
            self.at += 1
            if char == quote and self.text[self.at - 2] != "\\":
                return Text(unquote(self.text[start : self.at]))

    def array(self) -> list[Node]:
        end = re.compile(r"[\]\n]").search(self.text, self.at)
        if not end or end[0] == "\n":
            raise Error("unterminated array")
        text = self.text[self.at + 1 : end.start()]
        self.at = end.end()
        if text == "*":
            text = ":"
        if "," in text:
            choices = (self.inner(f"[{each.strip(' ')}]") for each in text.split(","))
            return [Union(tuple(choices))]
        if key := KEY.fullmatch(text):
            return list(self.inner(f".{key[1]}").nodes)
        if not (found := SLICE.fullmatch(text)):
            raise Error(f"invalid array index {text}")
        start, second, third = found.groups()
        first = self.index(start)
        if second is None and third is None:
            return [Slice(first, (first or 0) + 1, None, single=True)]
        return [Slice(first, self.index((second or ":")[1:]), self.index((third or ":")[1:]), single=False)]

    @staticmethod
    def index(text: str) -> int | None:
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise Error(f"array index {text} is not a number") from None

    def filter(self) -> Node:
        start = self.at + 3
        self.at = start
        begun = ended = False
        pair = ""
        while True:
            char = self.text[self.at : self.at + 1]
            if char in ("", "\n"):
                raise Error("unterminated filter")
            self.at += 1
            if char in "\"'":
                if not begun:
                    begun, pair = True, char
                elif self.text[self.at - 2] != "\\" and char == pair:
                    ended = True
            elif char == ")" and begun == ended:
                break
        if self.text[self.at : self.at + 1] != "]":
            raise Error("unclosed array expect ]")
        text = self.text[start : self.at - 1]
        self.at += 1
        if found := COMPARISON.fullmatch(text):
            return Filter(self.inner(found[1]), found[2], self.inner(found[3]))
        return Filter(self.inner(text), "exists", List(()))

    def inner(self, text: str) -> List:
        """A template of its own, of which the first action counts."""
        first = _Parser(f"{{{text}}}", self.depth + 1).template()[0]
        return first if isinstance(first, List) else List(())


def unquote(text: str) -> str:
    """A string in single or double quotes, with Go's escapes."""
    quote, inner = text[0], text[1:-1]
    found: list[str] = []
    at = 0
    while at < len(inner):
        char = inner[at]
        at += 1
        if char == quote:
            raise Error(f"unquote string {text} error invalid syntax")
        if char != "\\":
            found.append(char)
            continue
        char, at = inner[at : at + 1], at + 1
        width = {"x": 2, "u": 4, "U": 8}.get(char)
        if char in ESCAPES:
            found.append(ESCAPES[char])
        elif char == quote:
            found.append(char)
        elif (
            width
            and re.fullmatch(f"[0-9a-fA-F]{{{width}}}", code := inner[at : at + width])
            and int(code, 16) < 0x110000
        ):
            found.append(chr(int(code, 16)))
            at += width
        else:
            raise Error(f"unquote string {text} error invalid syntax")
    return "".join(found)
