"""Characters to words and operators: quotes, escapes, ``$``, comments and the texts of heredocs."""

from __future__ import annotations

from typing import NamedTuple

from kcnet.lab.grammar import Arithmetic, Incomplete, Part, Substitution, SyntaxFault, Text, Variable, Word


class Token(NamedTuple):
    kind: str
    """``word``, ``op`` or ``end``."""
    text: str
    """Of an operator itself; of a word as typed, without its parts' quotes."""
    word: Word = ()


_OPERATORS = ("&&", "||", ";;", "<<-", "<<<", "<<", ">>", ">&", "<&", "&>", "|", "&", ";", "<", ">", "(", ")", "\n")
_SPECIAL = "?$#@*!0123456789"


class Lexer:
    def __init__(self, text: str, whole: bool) -> None:
        self.text = text.replace("\r\n", "\n")
        self.whole = whole
        self.at = 0
        self.tokens: list[Token] = []
        self.heredocs: list[tuple[int, str, bool, bool]] = []
        """(index of the token to fill, delimiter, quoted, tabs stripped)"""

    def run(self) -> list[Token]:
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
        self.tokens.append(Token("end", ""))
        return self.tokens

    def _operator(self, operator: str) -> None:
        self.at += len(operator)
        self.tokens.append(Token("op", operator))
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
        self.tokens.append(Token("word", source, _joined(parts)))

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
            return [Text("\\", quoted=True)]  # nothing follows: bash takes it for itself
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
            if not is_name(name) and name not in _SPECIAL:
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
            self.tokens[index] = Token("word", delimiter, word)
        self.heredocs.clear()


def _heredoc_parts(body: str) -> Word:
    """Inside an unquoted heredoc variables and commands are replaced; quotes are plain characters."""
    parts: list[Part] = []
    lexer = Lexer(body, whole=True)
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


def is_name(text: str) -> bool:
    return text.isidentifier() and text.isascii()


def tokens(text: str, whole: bool) -> list[Token]:
    """All of them, and an ``end``. Raises Incomplete, SyntaxFault."""
    return Lexer(text, whole).run()
