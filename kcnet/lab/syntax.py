"""What was typed, taken apart as a POSIX shell does: words, quotes, pipes, lists, redirections, heredocs and loops.

Only the grammar is here; nothing is expanded and nothing runs. Left out: functions, ``case``, process substitution and
background jobs, each of which is told by name.
https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Incomplete(ValueError):  # noqa: N818  (more is to be typed: no mistake)
    """The text ends inside something; ``wanted`` says what would close it."""

    def __init__(self, wanted: str) -> None:
        super().__init__(f"unexpected end of the line: {wanted} is missing")
        self.wanted = wanted


class SyntaxFault(ValueError):  # noqa: N818
    """The text is no command line that the lab understands."""


class Text(NamedTuple):
    text: str
    quoted: bool = False


class Variable(NamedTuple):
    name: str
    quoted: bool = False
    fallback: str | None = None
    """Of ``${NAME:-fallback}``."""


class Substitution(NamedTuple):
    """``$(source)``."""

    source: str
    quoted: bool = False


class Arithmetic(NamedTuple):
    """``$((source))``."""

    source: str
    quoted: bool = False


Part = Text | Variable | Substitution | Arithmetic
Word = tuple[Part, ...]


class Redirect(NamedTuple):
    descriptor: int
    operator: str
    """``<``, ``>``, ``>>``, ``<<`` (target: the text itself), ``>&`` (target: a descriptor)."""
    target: Word


@dataclass(frozen=True, slots=True)
class Simple:
    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class For:
    name: str
    words: tuple[Word, ...]
    body: Script
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class While:
    condition: Script
    body: Script
    until: bool = False
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    branches: tuple[tuple[Script, Script], ...]
    otherwise: Script | None = None
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    body: Script
    redirects: tuple[Redirect, ...] = ()


Command = Simple | For | While | If | Group


class Pipeline(NamedTuple):
    commands: tuple[Command, ...]
    negated: bool = False


class Item(NamedTuple):
    joint: str
    """How it follows what stands before it: ``;``, ``&&`` or ``||``."""
    pipeline: Pipeline


Script = tuple[Item, ...]

MAX_DEPTH = 40
"""Commands inside commands; more is no line that a person types."""


class _Token(NamedTuple):
    kind: str
    """``word``, ``op`` or ``end``."""
    text: str
    """Of an operator itself; of a word as typed, without its parts' quotes."""
    word: Word = ()


_OPERATORS = ("&&", "||", ";;", "<<-", "<<<", "<<", ">>", ">&", "<&", "&>", "|", "&", ";", "<", ">", "(", ")", "\n")
_RESERVED = frozenset({"if", "then", "elif", "else", "fi", "for", "in", "while", "until", "do", "done", "{", "}", "!"})
_SPECIAL = "?$#@*!0123456789"


def parse(text: str, *, whole: bool = False) -> Script:
    """The commands of ``text``. Raises Incomplete where more lines may follow, SyntaxFault where nothing can help.

    ``whole``: there will be no more text, so that a heredoc ends with it.
    """
    return _Parser(_tokens(text, whole)).script()


def _tokens(text: str, whole: bool) -> list[_Token]:
    return _Lexer(text, whole).run()


class _Lexer:
    def __init__(self, text: str, whole: bool) -> None:
        self.text = text.replace("\r\n", "\n")
        self.whole = whole
        self.at = 0
        self.tokens: list[_Token] = []
        self.heredocs: list[tuple[int, str, bool, bool]] = []
        """(index of the token to fill, delimiter, quoted, tabs stripped)"""

    def run(self) -> list[_Token]:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in " \t":
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
                if self.at >= len(self.text) and not self.whole:
                    raise Incomplete("the rest of the line")
            elif char == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif operator := next((one for one in _OPERATORS if self.text.startswith(one, self.at)), None):
                self._operator(operator)
            else:
                self._word()
        if self.heredocs:
            self._bodies()
        self.tokens.append(_Token("end", ""))
        return self.tokens

    def _operator(self, operator: str) -> None:
        self.at += len(operator)
        self.tokens.append(_Token("op", operator))
        if operator == "\n" and self.heredocs:
            self._bodies()

    def _word(self) -> None:
        start = self.at
        parts = list(self._parts())
        source = self.text[start : self.at]
        before = self.tokens[-1].text if self.tokens and self.tokens[-1].kind == "op" else ""
        if before in ("<<", "<<-"):
            delimiter = "".join(part.text for part in parts if isinstance(part, Text))
            quoted = any(char in source for char in "'\"\\")
            self.heredocs.append((len(self.tokens), delimiter, quoted, before == "<<-"))
        self.tokens.append(_Token("word", source, _joined(parts)))

    def _parts(self) -> list[Part]:
        parts: list[Part] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in " \t" or (char in "|&;<>()\n"):
                break
            if char == "'":
                parts.append(Text(self._until("'"), quoted=True))
            elif char == '"':
                self.at += 1
                parts += self._double()
            elif char == "\\":
                parts += self._escaped()
            elif char in "$`":
                parts.append(self._dollar(quoted=False))
            else:
                parts.append(Text(char))
                self.at += 1
        return parts

    def _until(self, quote: str) -> str:
        end = self.text.find(quote, self.at + 1)
        if end < 0:
            raise Incomplete(f"the closing {quote}")
        found = self.text[self.at + 1 : end]
        self.at = end + 1
        return found

    def _escaped(self) -> list[Part]:
        self.at += 1
        if self.at >= len(self.text):
            if not self.whole:
                raise Incomplete("the rest of the line")
            return []
        char = self.text[self.at]
        self.at += 1
        return [] if char == "\n" else [Text(char, quoted=True)]

    def _double(self) -> list[Part]:
        parts: list[Part] = [Text("", quoted=True)]
        while True:
            if self.at >= len(self.text):
                raise Incomplete('the closing "')
            char = self.text[self.at]
            if char == '"':
                self.at += 1
                return parts
            if char == "\\" and self.text[self.at + 1 : self.at + 2] in ('"', "\\", "$", "`", "\n"):
                if self.text[self.at + 1] != "\n":
                    parts.append(Text(self.text[self.at + 1], quoted=True))
                self.at += 2
            elif char in "$`":
                parts.append(self._dollar(quoted=True))
            else:
                parts.append(Text(char, quoted=True))
                self.at += 1

    def _dollar(self, *, quoted: bool) -> Part:
        if self.text[self.at] == "`":
            return Substitution(self._until("`"), quoted)
        rest = self.text[self.at + 1 : self.at + 2]
        if self.text.startswith("$((", self.at):
            end = self.text.find("))", self.at)
            if end < 0:
                raise Incomplete("the closing ))")
            source = self.text[self.at + 3 : end]
            self.at = end + 2
            return Arithmetic(source, quoted)
        if rest == "(":
            start = self.at + 2
            self.at = _closing(self.text, start)
            return Substitution(self.text[start : self.at - 1], quoted)
        if rest == "{":
            end = self.text.find("}", self.at)
            if end < 0:
                raise Incomplete("the closing }")
            inside = self.text[self.at + 2 : end]
            self.at = end + 1
            name, colon, fallback = inside.partition(":-")
            if not _is_name(name) and name not in _SPECIAL:
                raise SyntaxFault(f"${{{inside}}}: the lab knows ${{NAME}} and ${{NAME:-value}} only")
            return Variable(name, quoted, fallback if colon else None)
        if rest and rest in _SPECIAL:
            self.at += 2
            return Variable(rest, quoted)
        end = self.at + 1
        while end < len(self.text) and (self.text[end].isalnum() or self.text[end] == "_"):
            end += 1
        name = self.text[self.at + 1 : end]
        self.at = end
        return Variable(name, quoted) if name else Text("$", quoted)

    def _bodies(self) -> None:
        for index, delimiter, quoted, strip in self.heredocs:
            lines: list[str] = []
            while True:
                if self.at >= len(self.text):
                    if not self.whole:
                        raise Incomplete(f"a line with {delimiter} alone, which ends the text")
                    break
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                line = self.text[self.at : end]
                self.at = end + 1
                line = line.lstrip("\t") if strip else line
                if line == delimiter:
                    # The line break behind the delimiter ends the command that the heredoc belongs to.
                    break
                lines.append(line)
            body = "".join(f"{line}\n" for line in lines)
            word: Word = (Text(body, quoted=True),) if quoted else _heredoc_parts(body)
            self.tokens[index] = _Token("word", delimiter, word)
        self.heredocs.clear()


def _heredoc_parts(body: str) -> Word:
    """Inside an unquoted heredoc variables and commands are replaced; quotes are plain characters."""
    parts: list[Part] = []
    lexer = _Lexer(body, whole=True)
    while lexer.at < len(lexer.text):
        char = lexer.text[lexer.at]
        if char == "\\" and lexer.text[lexer.at + 1 : lexer.at + 2] in ("$", "`", "\\", "\n"):
            if lexer.text[lexer.at + 1] != "\n":
                parts.append(Text(lexer.text[lexer.at + 1], quoted=True))
            lexer.at += 2
        elif char in "$`":
            parts.append(lexer._dollar(quoted=True))
        else:
            parts.append(Text(char, quoted=True))
            lexer.at += 1
    return _joined(parts)


def _joined(parts: list[Part]) -> Word:
    """Neighbouring texts of one kind as one."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, Text) and isinstance(last, Text) and last.quoted == part.quoted:
            joined[-1] = Text(last.text + part.text, part.quoted)
        else:
            joined.append(part)
    return tuple(joined)


def _closing(text: str, at: int) -> int:
    """The offset behind the bracket that closes a ``$(`` whose inside begins at ``at``."""
    depth, quote = 1, ""
    while at < len(text):
        char = text[at]
        if char == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    raise Incomplete("the closing )")


def _is_name(text: str) -> bool:
    return text.isidentifier() and text.isascii()


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def script(self) -> Script:
        found = self._list(())
        if self.token.kind != "end":
            raise SyntaxFault(f"syntax error near `{self.token.text}'")
        return found

    def _reserved(self) -> str:
        """The reserved word that stands here, or ""."""
        token = self.token
        return token.text if token.kind == "word" and token.text in _RESERVED else ""

    def _operator(self, *texts: str) -> bool:
        return self.token.kind == "op" and self.token.text in texts

    def _skip_lines(self) -> None:
        while self._operator("\n"):
            self.at += 1

    def _list(self, until: tuple[str, ...]) -> Script:
        """Commands up to one of the reserved words (or ``)``) ``until``; none: up to the end."""
        items: list[Item] = []
        joint = ";"
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SyntaxFault("commands stand too deep inside each other")
        while True:
            self._skip_lines()
            if self.token.kind == "end":
                if until or joint != ";":
                    raise Incomplete(until[-1] if until else f"a command behind {joint}")
                break
            if (self._reserved() in until or (self._operator(")") and ")" in until)) and joint == ";":
                break
            items.append(Item(joint, self._pipeline()))
            if self._operator(";", "\n"):
                self.at += 1
                joint = ";"
            elif self._operator("&&", "||"):
                joint = self.token.text
                self.at += 1
            elif self._operator("&"):
                raise SyntaxFault("the lab runs nothing in the background (&): leave the & out")
            elif self.token.kind == "end" or (self._operator(")") and ")" in until):
                joint = ";"
            else:
                raise SyntaxFault(f"syntax error near `{self.token.text}'")
        self.depth -= 1
        return tuple(items)

    def _pipeline(self) -> Pipeline:
        negated = False
        while self._reserved() == "!":
            negated = not negated
            self.at += 1
        commands = [self._command()]
        while self._operator("|"):
            self.at += 1
            if self._operator("&"):
                raise SyntaxFault("the lab has no |&: write 2>&1 |")
            self._skip_lines()
            if self.token.kind == "end":
                raise Incomplete("a command behind |")
            commands.append(self._command())
        return Pipeline(tuple(commands), negated)

    def _command(self) -> Command:
        word = self._reserved()
        if self._operator("("):
            return self._group(")")
        if word == "{":
            return self._group("}")
        if word == "for":
            return self._for()
        if word in ("while", "until"):
            return self._while(word)
        if word == "if":
            return self._if()
        if word:
            raise SyntaxFault(f"syntax error near `{word}'")
        return self._simple()

    def _group(self, end: str) -> Group:
        self.at += 1
        body = self._list((end,))
        self.at += 1
        return Group(body, self._redirects())

    def _for(self) -> For:
        self.at += 1
        if self.token.kind == "end":
            raise Incomplete("a name behind for")
        name = self.token.text
        if not _is_name(name):
            raise SyntaxFault(f"for {name}: the lab knows `for NAME in WORDS; do COMMANDS; done` only")
        self.at += 1
        words: list[Word] = []
        self._skip_lines()
        if self._reserved() == "in":
            self.at += 1
            while self.token.kind == "word":
                words.append(self.token.word)
                self.at += 1
        body = self._body()
        return For(name, tuple(words), body, self._redirects())

    def _body(self) -> Script:
        """``; do ... done``"""
        if self._operator(";"):
            self.at += 1
        self._expect("do")
        body = self._list(("done",))
        self._expect("done")
        return body

    def _expect(self, word: str) -> None:
        self._skip_lines()
        if self.token.kind == "end":
            raise Incomplete(word)
        if self._reserved() != word:
            raise SyntaxFault(f"syntax error near `{self.token.text}': {word} was expected")
        self.at += 1

    def _while(self, word: str) -> While:
        self.at += 1
        condition = self._list(("do",))
        self._expect("do")
        body = self._list(("done",))
        self._expect("done")
        return While(condition, body, word == "until", self._redirects())

    def _if(self) -> If:
        branches: list[tuple[Script, Script]] = []
        otherwise: Script | None = None
        while True:
            self.at += 1
            condition = self._list(("then",))
            self._expect("then")
            branches.append((condition, self._list(("elif", "else", "fi"))))
            if self._reserved() != "elif":
                break
        if self._reserved() == "else":
            self.at += 1
            otherwise = self._list(("fi",))
        self._expect("fi")
        return If(tuple(branches), otherwise, self._redirects())

    def _redirects(self) -> tuple[Redirect, ...]:
        found: list[Redirect] = []
        while redirect := self._redirect():
            found.append(redirect)
        return tuple(found)

    def _redirect(self) -> Redirect | None:
        token = self.token
        descriptor = None
        if token.kind == "word" and token.text in ("0", "1", "2"):
            following = self.tokens[self.at + 1]
            if following.kind != "op" or following.text not in ("<", ">", ">>", ">&", "<<", "<<-"):
                return None
            descriptor = int(token.text)
            self.at += 1
            token = self.token
        if token.kind != "op" or token.text not in ("<", ">", ">>", "<<", "<<-", "<<<", ">&", "&>"):
            return None
        self.at += 1
        if self.token.kind == "end":
            raise SyntaxFault(f"a name is missing behind {token.text}")
        if self.token.kind != "word":
            raise SyntaxFault(f"syntax error near `{self.token.text}'")
        target = self.token.word
        self.at += 1
        operator = {"<<-": "<<", "&>": ">&"}.get(token.text, token.text)
        if operator == "<<<":
            operator, target = "<<", (*target, Text("\n", quoted=True))
        default = 0 if operator.startswith("<") else 1
        return Redirect(default if descriptor is None else descriptor, operator, target)

    def _simple(self) -> Simple:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            if redirect := self._redirect():
                redirects.append(redirect)
            elif self.token.kind == "word":
                name = assigned(self.token.word)
                if name and not words:
                    assignments.append((name, _behind(self.token.word, len(name) + 1)))
                else:
                    words.append(self.token.word)
                self.at += 1
            elif self._operator("(") and len(words) == 1:
                raise SyntaxFault("the lab has no functions")
            else:
                break
        if not (assignments or words or redirects):
            raise SyntaxFault(f"syntax error near `{self.token.text}'".replace("\n", "newline"))
        return Simple(tuple(assignments), tuple(words), tuple(redirects))


def assigned(word: Word) -> str | None:
    """The name in front of ``NAME=...``; None for other words."""
    first = word[0] if word else None
    if isinstance(first, Text) and not first.quoted and "=" in first.text:
        name = first.text.partition("=")[0]
        return name if _is_name(name) else None
    return None


def _behind(word: Word, length: int) -> Word:
    first = word[0]
    assert isinstance(first, Text)
    rest = first.text[length:]
    return ((Text(rest, first.quoted),) if rest else ()) + word[1:]
