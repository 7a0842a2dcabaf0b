"""What was typed, taken apart as a POSIX shell does: words, quotes, pipes, lists, redirections, heredocs and loops.

Only the grammar is here; nothing is expanded and nothing runs. Left out: functions, ``case``, process substitution and
background jobs, each of which is told by name.
https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
"""

from __future__ import annotations

from kcnet.lab.grammar import (
    Arithmetic,
    Command,
    For,
    Group,
    If,
    Incomplete,
    Item,
    Part,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Substitution,
    SyntaxFault,
    Text,
    Variable,
    While,
    Word,
)
from kcnet.lab.lexer import Token, is_name, tokens

__all__ = [
    "Arithmetic", "Command", "For", "Group", "If", "Incomplete", "Item", "Part", "Pipeline", "Redirect", "Script",
    "Simple", "Substitution", "SyntaxFault", "Text", "Variable", "While", "Word", "assigned", "parse",
]  # fmt: skip

MAX_DEPTH = 40
"""Commands inside commands; more is no line that a person types."""
_RESERVED = frozenset({"if", "then", "elif", "else", "fi", "for", "in", "while", "until", "do", "done", "{", "}", "!"})


def parse(text: str, *, whole: bool = False) -> Script:
    """The commands of ``text``. Raises Incomplete where more lines may follow, SyntaxFault where nothing can help.

    ``whole``: there will be no more text, so that a heredoc ends with it.
    """
    return _Parser(tokens(text, whole)).script()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> Token:
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
        if not is_name(name):
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
        return name if is_name(name) else None
    return None


def _behind(word: Word, length: int) -> Word:
    first = word[0]
    assert isinstance(first, Text)
    rest = first.text[length:]
    return ((Text(rest, first.quoted),) if rest else ()) + word[1:]
