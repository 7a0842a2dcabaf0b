"""The lab's shell: runs a parsed command line. Pipes, lists, redirections, loops and substitutions are here.

Every command is a function of a Call and runs to its end before the next begins; what it prints is text, so a pipe
hands the whole of it on. Nothing is ever written to the disk. https://pubs.opengroup.org/onlinepubs/9799919799/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from kcnet.lab import syntax, words
from kcnet.lab.call import ERR, OUT, Call, Place
from kcnet.lab.files import FileFault
from kcnet.lab.machine import Effect, Outcome
from kcnet.lab.syntax import For, Group, If, Item, Pipeline, Redirect, Script, Simple, SyntaxFault, While

if TYPE_CHECKING:
    from kcnet.lab.session import Session

NOT_FOUND: Final = 127
MOST_COMMANDS: Final = 1_000
"""Commands that one typed line may run."""
MOST_OUTPUT: Final = 4_000_000
"""Characters that one typed line may print."""
TURNS: Final = 10
"""Turns of a loop that would never end."""
DEEPEST: Final = 20
"""Shells inside shells: ``$(...)``, ``sh -c``."""


class Ended(Exception):  # noqa: N818
    """The rest of the line is not run."""

    def __init__(self, status: int, why: str = "") -> None:
        super().__init__(why)
        self.status = status
        self.chunks: list[tuple[int, str]] = []
        """What the commands that were under way had printed."""
        self.effects: list[Effect] = []


class Stopped(Ended):
    """A line did too much; the text says what."""

    def __init__(self, why: str) -> None:
        super().__init__(1, why)


class Left(Ended):
    """``exit``"""


@dataclass(slots=True)
class Input:
    """Standard input that several commands of a loop read from."""

    text: str
    shared: bool = False

    def line(self) -> str | None:
        if not self.text:
            return None
        line, _, self.text = self.text.partition("\n")
        return line

    def rest(self) -> str:
        text, self.text = self.text, ""
        return text


@dataclass(slots=True)
class Result:
    status: int = 0
    chunks: list[tuple[int, str]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def add(self, other: Result) -> None:
        self.chunks += other.chunks
        self.effects += other.effects
        self.status = other.status


_Sink = tuple[str, str]
"""("out" | "err", "") or (">" | ">>", name of a file)."""


class Shell:
    """One shell at one place. ``variables`` are its own; a shell inside it gets a copy."""

    def __init__(
        self, session: Session, place: Place, variables: dict[str, str] | None = None, *, own_verbs: bool = True
    ) -> None:
        self.session = session
        self.place = place
        self.variables: dict[str, str] = {} if variables is None else variables
        self.own_verbs = own_verbs
        """Whether kcnet's own verbs work here: where the learner types, but not in ``kubectl exec POD -- why``."""
        self.status = 0
        self.substituted = 0
        """Status of the last command substitution of the command that is being read."""
        self.depth = 0
        self.left = MOST_COMMANDS
        self.room = MOST_OUTPUT
        self.environment: Mapping[str, str] | None = None
        self.exited = False
        """``exit`` ended it."""

    def fresh(self, variables: dict[str, str]) -> None:
        """Before a line that is typed: what the line before it used up is given back."""
        self.left, self.room, self.depth, self.exited = MOST_COMMANDS, MOST_OUTPUT, 0, False
        self.environment = None
        if self.place.kind == "outside":
            self.variables = variables

    def run(self, text: str, stdin: str | None = None) -> Result:
        """Run a whole text. Never raises but for bugs."""
        result = Result()
        try:
            script = syntax.parse(text, whole=True)
            self._script(script, Input(stdin) if stdin is not None else None, result)
        except (syntax.Incomplete, SyntaxFault) as fault:
            result.chunks.append((ERR, f"{self._name}: {fault}\n"))
            result.status = 2
        except Ended as end:
            result.chunks += end.chunks
            if isinstance(end, Stopped):
                result.chunks.append((ERR, f"(lab) {end}\n"))
            result.effects += end.effects
            result.status = end.status
            self.exited = isinstance(end, Left)
        self.status = result.status
        return result

    @property
    def _name(self) -> str:
        return "bash" if self.place.kind != "pod" else "sh"

    def inner(self, place: Place | None = None) -> Shell:
        """A shell that this one starts: at the same place with its variables, or at another one with none."""
        same = place is None or place == self.place
        shell = Shell(
            self.session, place or self.place, dict(self.variables) if same else {}, own_verbs=self.own_verbs and same
        )
        shell.depth, shell.left, shell.room = self.depth + 1, self.left, self.room
        shell.status = self.status
        if shell.depth > DEEPEST:
            raise Stopped("Shells stand too deep inside each other.")
        return shell

    # What runs.

    def _script(self, script: Script, stdin: Input | None, result: Result) -> None:
        for item in script:
            if (item.joint == "&&" and result.status) or (item.joint == "||" and not result.status):
                continue
            self._item(item, stdin, result)

    def _item(self, item: Item, stdin: Input | None, result: Result) -> None:
        pipeline: Pipeline = item.pipeline
        given = stdin
        for index, command in enumerate(pipeline.commands):
            found = self._command(command, given, result)
            last = index == len(pipeline.commands) - 1
            given = Input("".join(text for stream, text in found.chunks if stream == OUT))
            result.chunks += [chunk for chunk in found.chunks if last or chunk[0] == ERR]
            result.effects += found.effects
            result.status = found.status
        if pipeline.negated:
            result.status = 0 if result.status else 1
        self.status = result.status

    def _command(self, command: syntax.Command, stdin: Input | None, outer: Result) -> Result:
        self.left -= 1
        if self.left < 0:
            raise Stopped(f"Stopped after {MOST_COMMANDS} commands.")
        result = Result()
        try:
            sinks, stdin = self._redirected(command.redirects, stdin)
        except FileFault as fault:
            return Result(1, [(ERR, f"{self._name}: {fault}\n")])
        try:
            if isinstance(command, Simple):
                self._simple(command, stdin, result)
            else:
                self._compound(command, Input(stdin.rest(), shared=True) if stdin else None, result)
        except Ended as end:
            outer.chunks += [*result.chunks, *end.chunks]
            outer.effects += [*result.effects, *end.effects]
            end.chunks, end.effects = [], []
            raise
        self.room -= sum(len(text) for _, text in result.chunks)
        if self.room < 0:
            raise Stopped("Stopped: the line prints too much.")
        return self._routed(result, sinks)

    def _compound(self, command: For | While | If | Group, stdin: Input | None, result: Result) -> None:
        if isinstance(command, Group):
            self._script(command.body, stdin, result)
        elif isinstance(command, For):
            for value in words.fields(command.words, self._around(result)):
                self.variables[command.name] = value
                self._script(command.body, stdin, result)
        elif isinstance(command, While):
            self._while(command, stdin, result)
        else:
            for condition, body in command.branches:
                result.status = 0
                self._script(condition, stdin, result)
                if not result.status:
                    self._script(body, stdin, result)
                    return
            result.status = 0
            if command.otherwise is not None:
                self._script(command.otherwise, stdin, result)

    def _while(self, command: While, stdin: Input | None, result: Result) -> None:
        turns = 0
        while True:
            condition = Result()
            self._script(command.condition, stdin, condition)
            result.add(condition)
            if bool(condition.status) != command.until:
                result.status = 0
                return
            if turns == TURNS and _never_ends(command.condition):
                raise Stopped(f"This loop would never end. Stopped after {TURNS} turns.")
            turns += 1
            result.status = 0
            self._script(command.body, stdin, result)

    def _simple(self, command: Simple, stdin: Input | None, result: Result) -> None:
        around = self._around(result)
        self.substituted = 0
        argv = words.fields(command.words, around)
        values = {name: words.text(word, around) for name, word in command.assignments}
        if not argv:
            self.variables.update(values)
            result.status = self.substituted
            return
        before = dict(self.variables)
        self.variables.update(values)
        try:
            result.add(self.execute(argv, stdin))
        finally:
            for name in values:
                if name in before:
                    self.variables[name] = before[name]
                else:
                    self.variables.pop(name, None)

    def execute(self, argv: Sequence[str], stdin: Input | None = None) -> Result:
        """One command by its words."""
        from kcnet.lab.commands import find

        argv = self._unaliased(argv)
        call = Call(self.session, self, self.place, argv, stdin)
        command = find(self, argv[0])
        try:
            status = command(call)
        except Ended as end:
            end.chunks[:0] = call.chunks
            end.effects[:0] = call.effects
            raise
        return Result(status, call.chunks, call.effects)

    def outcome_of(self, argv: Sequence[str], stdin: str | None = None) -> Outcome:
        result = self.execute(argv, Input(stdin) if stdin is not None else None)
        return Outcome(
            "".join(text for stream, text in result.chunks if stream == OUT),
            "".join(text for stream, text in result.chunks if stream == ERR),
            result.status,
            tuple(result.effects),
        )

    def _unaliased(self, argv: Sequence[str]) -> Sequence[str]:
        if self.place.kind == "outside" and argv[0] in self.session.aliases:
            return [*self.session.aliases[argv[0]].split(), *argv[1:]] or argv
        return argv

    # What words become, and where text goes.

    def _around(self, result: Result) -> words.Surroundings:
        def output(source: str) -> str:
            inner = self.inner()
            found = Result()
            inner._script(syntax.parse(source, whole=True), None, found)
            self.left, self.room = inner.left, inner.room
            result.chunks += [chunk for chunk in found.chunks if chunk[0] == ERR]
            result.effects += found.effects
            self.status = self.substituted = found.status
            return "".join(text for stream, text in found.chunks if stream == OUT)

        return words.Surroundings(self.variable, output, self._matching)

    def variable(self, name: str) -> str:
        if name == "?":
            return str(self.status)
        if name == "#":
            return "0"
        if name in ("$", "0"):
            return self._name if name == "0" else "4242"
        if name in self.variables:
            return self.variables[name]
        if self.environment is None:
            self.environment = self.session.environment(self.place)
        return self.environment.get(name, "")

    def _matching(self, pattern: str) -> Sequence[str]:
        return self.session.files.matching(pattern) if self.place.kind == "outside" else ()

    def _redirected(self, redirects: Sequence[Redirect], stdin: Input | None) -> tuple[dict[int, _Sink], Input | None]:
        sinks: dict[int, _Sink] = {1: ("out", ""), 2: ("err", "")}
        result = Result()
        for redirect in redirects:
            target = words.text(redirect.target, self._around(result))
            if redirect.operator == "<<":
                stdin = Input(target)
            elif redirect.operator == "<":
                stdin = Input(self._file(target, partial(self.session.files.read, target)))
            elif redirect.operator == ">&":
                if target in ("1", "2"):
                    sinks[redirect.descriptor] = sinks[int(target)]
                elif redirect.descriptor == 1 and target:
                    sinks[1] = sinks[2] = self._sink(">", target)
                else:
                    raise SyntaxFault(f"{redirect.descriptor}>&{target}: the lab knows 2>&1 and 1>&2 only")
            else:
                sinks[redirect.descriptor] = self._sink(redirect.operator, target)
        return sinks, stdin

    def _sink(self, operator: str, name: str) -> _Sink:
        self._file(name, partial(self.session.files.write, name, "", append=operator == ">>"))
        return operator, name

    def _file(self, name: str, use: Callable[[], str | None]) -> str:
        if self.place.kind != "outside" and name != "/dev/null":
            raise FileFault(name, f"the lab keeps no files on a {self.place.kind}")
        return use() or ""

    def _routed(self, result: Result, sinks: Mapping[int, _Sink]) -> Result:
        kept: list[tuple[int, str]] = []
        for stream, text in result.chunks:
            kind, name = sinks.get(stream, ("out", ""))
            if kind == "out":
                kept.append((OUT, text))
            elif kind == "err":
                kept.append((ERR, text))
            elif self.place.kind == "outside":
                self.session.files.write(name, text, append=True)
        result.chunks = kept
        return result


def _never_ends(condition: Script) -> bool:
    """``while true``, ``while :``, ``while sleep 1``"""
    for item in condition:
        for command in item.pipeline.commands:
            first = command.words[0] if isinstance(command, Simple) and command.words else ()
            if not first or not isinstance(first[0], syntax.Text) or first[0].text not in ("true", ":", "sleep"):
                return False
    return True
