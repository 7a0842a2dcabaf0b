"""``-o go-template``: Go's text/template as far as it is used for looking at objects.

Understood: text, ``{{.a.b}}``, ``{{range}}``, ``{{if}}``, ``{{with}}`` with ``else`` and ``else if``, ``{{end}}``,
variables (``$x := ...``, also two in range), pipes, brackets, comments, ``{{-`` and ``-}}``, ``break``, ``continue``
and the functions and, or, not, eq, ne, lt, le, gt, ge, index, len, print, printf, println, slice, exists, base64decode,
html, js, urlquery. Not understood, and said so: ``define``, ``template``, ``block`` and methods of Go values.
https://pkg.go.dev/text/template
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import Struct

from kcnet.lab.kubectl.printers.errors import PrintError
from kcnet.lab.kubectl.printers.gofunctions import FUNCTIONS, NO_VALUE, TemplateError, text_of, truth
from kcnet.lab.kubectl.printers.jsonpath.nodes import Error as QuoteError
from kcnet.lab.kubectl.printers.jsonpath.parse import unquote

INSIDE: Final = re.compile(r"""(?:"(?:\\.|[^"\\])*"|`[^`]*`|'(?:\\.|[^'\\])*'|(?!\}\}).)*""", re.DOTALL)
TOKEN: Final = re.compile(
    r"""\s*(?P<token>"(?:\\.|[^"\\\n])*"|`[^`]*`|'(?:\\.|[^'\\\n])'|[-+]?\d[\w.]*|:=|=|\||\(|\)|,"""
    r"""|\$[\w]*(?:\.\w+)*|\.\w+(?:\.\w+)*|\.|\w+)(?P<fields>(?:\.\w+)*)"""
)
DEEPEST: Final = 100
MOST: Final = 1_000_000
"""Parts that may be filled in, so that ranges inside ranges come to an end."""


@dataclass(slots=True)
class Block:
    """``range``, ``if`` or ``with``: what it asks, what follows if there is something, and what if there is not."""

    word: str
    pipe: list[str]
    body: list[Part] = field(default_factory=list)
    otherwise: list[Part] | None = None
    implied: bool = False
    """The ``if`` of an ``else if``: it ends with the block around it."""


@dataclass(slots=True)
class Action:
    """What stands between braces, in tokens."""

    tokens: list[str]


Part = str | Action | Block


class Template(Struct, frozen=True):
    """A parsed template and its text."""

    text: str
    parts: list[Part]


class _BreakError(Exception):
    """``break``."""


class _ContinueError(Exception):
    """``continue``."""


def parse(text: str) -> Template:
    """Raises PrintError for a template that Go would refuse, or that is not understood here."""
    try:
        return Template(text, _parse(text))
    except (TemplateError, QuoteError) as error:
        raise PrintError(f"error parsing template {text}, template: output:1: {error}") from None


def _parse(text: str) -> list[Part]:
    top: list[Part] = []
    stack: list[Block] = []
    for body, action in _pieces(text):
        if not action:
            _open(stack, top).append(body)
            continue
        tokens = _tokens(body)
        match tokens[0] if tokens else "":
            case "range" | "if" | "with" as word:
                if len(stack) >= DEEPEST:
                    raise TemplateError("too many blocks inside one another")
                if not tokens[1:]:
                    raise TemplateError(f"missing value for {word}")
                block = Block(word, tokens[1:])
                _open(stack, top).append(block)
                stack.append(block)
            case "else":
                _else(stack, tokens[1:])
            case "end":
                if not stack:
                    raise TemplateError("unexpected {{end}}")
                while stack.pop().implied:
                    pass
            case "define" | "template" | "block" as word:
                raise TemplateError(f"{word} is not understood in this lab")
            case "":
                raise TemplateError("missing value for command")
            case _:
                _open(stack, top).append(Action(tokens))
    if stack:
        raise TemplateError("unexpected EOF")
    return top


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Texts (False) and what stands between braces (True); trimmed as ``{{-`` and ``-}}`` want it, without comments."""
    at, trim = 0, False
    while True:
        start = text.find("{{", at)
        piece = text[at:] if start < 0 else text[at:start]
        piece = piece.lstrip() if trim else piece
        if start < 0:
            if piece:
                yield piece, False
            return
        left = text[start + 2 : start + 3] == "-" and text[start + 3 : start + 4].isspace()
        if piece := piece.rstrip() if left else piece:
            yield piece, False
        start += 4 if left else 2
        comment = text[start:].lstrip().startswith("/*")
        end = text.find("*/", start) + 2 if comment else start
        found = None if end < start else INSIDE.match(text, end)
        if not found or text[found.end() : found.end() + 2] != "}}":
            raise TemplateError("unclosed comment" if comment else "unclosed action")
        body, at = text[start : found.end()], found.end() + 2
        trim = len(body) > 1 and body[-1] == "-" and body[-2].isspace()
        if not comment:
            yield (body[:-1] if trim else body).strip(), True


def _open(stack: list[Block], top: list[Part]) -> list[Part]:
    if not stack:
        return top
    block = stack[-1]
    return block.body if block.otherwise is None else block.otherwise


def _else(stack: list[Block], tokens: list[str]) -> None:
    if not stack or stack[-1].otherwise is not None:
        raise TemplateError("unexpected {{else}}")
    stack[-1].otherwise = []
    if tokens:
        if tokens[0] not in ("if", "with") or len(tokens) < 2:
            raise TemplateError(f"unexpected <{tokens[0]}> in else")
        block = Block(tokens[0], tokens[1:], implied=True)
        stack[-1].otherwise.append(block)
        stack.append(block)


def _tokens(body: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(body):
        if body[at:].isspace():
            break
        match = TOKEN.match(body, at)
        if not match:
            raise TemplateError(f"unexpected {body[at:].strip()[:1]!r} in command")
        token = match["token"]
        if token not in FUNCTIONS and re.fullmatch(r"[A-Za-z_]\w*", token) and token not in WORDS:
            raise TemplateError(f'function "{token}" not defined')
        found.append(token)
        if match["fields"]:
            found.append(f"+{match['fields']}")
        at = match.end()
    if found.count("(") > DEEPEST:
        raise TemplateError("too many brackets")
    return found


WORDS: Final = frozenset("range if with else end define template block nil true false break continue".split())  # noqa: SIM905


def render(template: Template, value: Any, *, allow_missing: bool = True) -> str:
    """The template, filled in. Raises PrintError with kubectl's words."""
    try:
        return "".join(_Run(allow_missing).parts(template.parts, value, {"$": value}, 0))
    except (TemplateError, QuoteError) as error:
        raise PrintError(f'error executing template "{template.text}": template: output:1: {error}') from None
    except (_BreakError, _ContinueError):
        raise PrintError(f"error parsing template {template.text}, break or continue outside range") from None


Scope = dict[str, Any]


class _Run:
    def __init__(self, allow_missing: bool) -> None:
        self.allow_missing = allow_missing
        self.left = MOST

    def parts(self, parts: Sequence[Part], dot: Any, scope: Scope, depth: int) -> Iterator[str]:
        for part in parts:
            self.left -= 1
            if self.left < 0:
                raise TemplateError("the template does not come to an end")
            if isinstance(part, str):
                yield part
            elif isinstance(part, Block):
                yield from self.block(part, dot, scope, depth + 1)
            elif part.tokens == ["break"]:
                raise _BreakError
            elif part.tokens == ["continue"]:
                raise _ContinueError
            else:
                names, sign, tokens = _assigned(part.tokens)
                value = self.pipe(tokens, dot, scope)
                if names:
                    if sign == "=" and names[0] not in scope:
                        raise TemplateError(f"undefined variable: {names[0]}")
                    scope[names[0]] = value
                else:
                    yield text_of(value)

    def block(self, block: Block, dot: Any, scope: Scope, depth: int) -> Iterator[str]:
        names, _, tokens = _assigned(block.pipe)
        value = self.pipe(tokens, dot, scope)
        inner = dict(scope)
        if block.word == "range":
            pairs = list(_pairs(value))
            for key, each in pairs:
                if names:
                    inner |= {names[0]: each} if len(names) == 1 else {names[0]: key, names[1]: each}
                out: list[str] = []
                try:
                    for text in self.parts(block.body, each, dict(inner), depth):
                        out.append(text)
                except _ContinueError:
                    pass
                except _BreakError:
                    yield from out
                    break
                yield from out
            chosen: Sequence[Part] = () if pairs else block.otherwise or ()
        else:
            if names:
                inner[names[0]] = value
            holds = truth(value)
            chosen = block.body if holds else block.otherwise or ()
            dot = value if block.word == "with" and holds else dot
        yield from self.parts(chosen, dot, inner, depth)

    def pipe(self, tokens: Sequence[str], dot: Any, scope: Scope) -> Any:
        commands: list[list[Any]] = [[]]
        reader = iter(tokens)
        for token in reader:
            if token == "|":
                commands.append([])
            elif token.startswith("+"):
                commands[-1][-1] = self.fields(commands[-1][-1], token[1:])
            elif token == "(":
                commands[-1].append(self.pipe(_bracketed(reader), dot, scope))
            elif token in FUNCTIONS:
                commands[-1].append(FUNCTIONS[token])
            else:
                commands[-1].append(self.operand(token, dot, scope))
        value: Any = NO_VALUE
        for number, command in enumerate(commands):
            if not command:
                raise TemplateError("missing value for command")
            head, *arguments = [*command, value] if number else command
            if callable(head):
                value = head(*arguments)
            elif arguments:
                raise TemplateError(f"can't give argument to non-function {text_of(head)}")
            else:
                value = head
        return value

    def operand(self, token: str, dot: Any, scope: Scope) -> Any:
        if token == ".":
            return dot
        if token[0] == ".":
            return self.fields(dot, token)
        if token[0] == "$":
            name, dotted, fields = token.partition(".")
            if name not in scope:
                raise TemplateError(f'undefined variable "{name}"')
            return self.fields(scope[name], dotted + fields) if dotted else scope[name]
        if token[0] == "`":
            return token[1:-1]
        if token[0] in "\"'":
            return unquote(token) if token[0] == '"' else ord(unquote(token))
        if token in ("true", "false"):
            return token == "true"
        if token == "nil":
            return None
        try:
            return float(token) if re.search(r"[.eE]", token) and not token.startswith("0x") else int(token, 0)
        except ValueError:
            raise TemplateError(f"bad number syntax: {token!r}") from None

    def fields(self, value: Any, path: str) -> Any:
        where = f'executing "output" at <{path}>'
        for name in path.split(".")[1:]:
            if value is NO_VALUE:
                if not self.allow_missing:
                    raise TemplateError(f'{where}: nil data; no entry for key "{name}"')
                return NO_VALUE
            if value is None:
                raise TemplateError(f"{where}: nil pointer evaluating interface {{}}.{name}")
            if not isinstance(value, dict):
                raise TemplateError(f"{where}: can't evaluate field {name} in type interface {{}}")
            if name not in value and not self.allow_missing:
                raise TemplateError(f'{where}: map has no entry for key "{name}"')
            value = value.get(name, NO_VALUE)
        return value


def _assigned(tokens: Sequence[str]) -> tuple[list[str], str, Sequence[str]]:
    """``$x := ...``, ``$k, $v := ...``: the names, the sign, and what is assigned."""
    for at in (1, 3):
        if len(tokens) > at and tokens[at] in (":=", "=") and (at == 1 or tokens[1] == ","):
            return [tokens[0], *tokens[2:at]], tokens[at], tokens[at + 1 :]
    return [], "", tokens


def _bracketed(reader: Iterator[str]) -> list[str]:
    found: list[str] = []
    open_brackets = 1
    for token in reader:
        open_brackets += (token == "(") - (token == ")")
        if not open_brackets:
            return found
        found.append(token)
    raise TemplateError("unclosed left paren")


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return sorted(value.items())
    if isinstance(value, list):
        return list(enumerate(value))
    if value is None or value is NO_VALUE:
        return []
    if isinstance(value, int) and not isinstance(value, bool):
        return [(number, number) for number in range(min(value, 100_000))]
    raise TemplateError(f'executing "output": range can\'t iterate over {text_of(value)}')
