"""The sandbox: a cluster in memory, the learner's machine beside it, and everything that typed lines have changed.

``Session.run(line)`` is the one way in, for the lab, for lessons and for tests. What chance decides in a cluster (which
endpoint a connection takes) is decided here by a seed and the number of the line, so the same lines give the same
answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from kcnet.lab import syntax
from kcnet.lab.call import ERR, OUT, Place
from kcnet.lab.files import Files
from kcnet.lab.machine import Asked, Effect, Outcome, Wrote
from kcnet.model.trace import Trace, Verdict

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer
    from kcnet.lab.accesslog import Line
    from kcnet.lab.shell import Result, Shell
    from kcnet.model.cluster import Cluster

Editor = Callable[[str, str], str | None]
"""(name of a file, its text) -> the text as the learner left it; None if there is no editor."""
MOST_UNDONE = 50

ALIASES: Mapping[str, str] = {"k": "kubectl"}


class Tunnel(NamedTuple):
    """What ``kubectl port-forward`` leaves open on the learner's machine."""

    namespace: str
    pod: str
    port: int


class State(Struct, frozen=True):
    """All that a line can change, at one time."""

    server: Any
    namespace: str
    files: Files
    variables: Mapping[str, str]
    aliases: Mapping[str, str]
    logs: Mapping[tuple[str, str], tuple[Line, ...]]
    outputs: Mapping[tuple[str, str], str]
    tunnels: Mapping[int, Tunnel]
    inside: tuple[Place, ...]
    number: int


class Undoable(NamedTuple):
    line: str
    before: State


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True, repr=False)
class Session:
    server: ApiServer
    scenario: str = ""
    """What the prompt calls the cluster."""
    namespace: str = "default"
    """Of the kubeconfig's current context."""
    files: Files = field(default_factory=Files)
    clock: Callable[[], datetime] = utc_now
    seed: int = 0
    editor: Editor | None = None
    variables: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=lambda: dict(ALIASES))
    history: list[str] = field(default_factory=list)
    logs: dict[tuple[str, str], tuple[Line, ...]] = field(default_factory=dict)
    """Requests that arrived, by (namespace, pod)."""
    outputs: dict[tuple[str, str], str] = field(default_factory=dict)
    """What the commands of pods printed that nobody was attached to, by (namespace, pod)."""
    tunnels: dict[int, Tunnel] = field(default_factory=dict)
    inside: list[Place] = field(default_factory=list)
    """Shells opened inside pods by ``kubectl exec -it``; the last is where lines are typed."""
    undone: list[Undoable] = field(default_factory=list)
    """What ``undo`` takes back, the latest last."""
    number: int = 0
    """Lines run so far."""
    last: Trace | None = None
    """The last request that a tool sent."""
    failed: Trace | None = None
    """The last that did not arrive."""
    ended: bool = False
    """``exit`` was typed on the learner's own machine."""
    clearing: bool = False
    """``clear`` was typed: who shows the lines clears the screen, and sets it back."""
    chunks: list[tuple[int, str]] = field(default_factory=list)
    """What the last line printed, (1 or 2 for the stream, text), in order."""
    random: Random = field(default_factory=lambda: Random(0))
    beginning: State | None = None
    reopened: bool = False
    """It was read from a file, which keeps no earlier states."""
    _shells: list[Shell] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.beginning is None:
            self.beginning = self.state()

    @property
    def cluster(self) -> Cluster:
        return self.server.cluster

    def now(self) -> datetime:
        return self.clock()

    def run(self, line: str) -> Outcome:
        """Run one line as typed; a heredoc is one line with line breaks. Never raises but for bugs."""
        self.number += 1
        self.random = Random(f"{self.seed}/{self.number}")
        if line.strip():
            self.history.append(line)
        before = self.state()
        count = len(self.undone)
        result = self._shell().run(line)
        if self._shells[-1].exited:
            self._leave(result)
        self.chunks = result.chunks
        changed = any(isinstance(effect, Wrote) for effect in result.effects) or before.files != self.files
        if changed and len(self.undone) == count:
            self.undone = [*self.undone, Undoable(line, before)][-MOST_UNDONE:]
        return Outcome(
            "".join(text for stream, text in result.chunks if stream == OUT),
            "".join(text for stream, text in result.chunks if stream == ERR),
            result.status,
            tuple(result.effects),
        )

    def pending(self, text: str) -> str | None:
        """What is missing before ``text`` can run, such as a heredoc's end; None if nothing is."""
        try:
            syntax.parse(text)
        except syntax.Incomplete as incomplete:
            return incomplete.wanted
        except syntax.SyntaxFault:
            return None
        return None

    @property
    def place(self) -> Place:
        return self.inside[-1] if self.inside else Place()

    @property
    def prompt(self) -> str:
        """Where the learner types: ``shop [default] $ ``, or inside a pod ``web:/# ``."""
        if self.inside:
            return f"{self.place.name}:/# "
        return f"{self.scenario or 'lab'} [{self.namespace}] $ "

    def enter(self, place: Place) -> None:
        """The next lines are typed inside a pod."""
        self.inside.append(place)

    def _shell(self) -> Shell:
        """The shell that lines are typed into: one for each place that was entered."""
        from kcnet.lab.shell import Shell

        places = [Place(), *self.inside]
        while len(self._shells) > len(places) or (
            self._shells and self._shells[-1].place != places[len(self._shells) - 1]
        ):
            self._shells.pop()
        for place in places[len(self._shells) :]:
            self._shells.append(Shell(self, place, self.variables if place == Place() else None))
        shell = self._shells[-1]
        shell.fresh(self.variables)
        return shell

    def _leave(self, result: Result) -> None:
        self._shells.pop()
        if not self.inside:
            self.ended = True
            return
        place = self.inside.pop()
        if place.remove:
            from kcnet.lab.kubectl.run import remove_pod

            remove_pod(self, place, result)

    def environment(self, place: Place) -> Mapping[str, str]:
        """Variables that a shell finds there."""
        if place.kind == "outside":
            return {"HOME": self.files.here, "USER": "learner", "PWD": self.files.here, "EDITOR": "vi"}
        from kcnet.lab.running import run_tool

        outcome = run_tool(self, place, ["env"], "")
        return dict(line.split("=", 1) for line in outcome.stdout.splitlines() if "=" in line)

    def edit(self, name: str, text: str) -> str | None:
        return self.editor(name, text) if self.editor is not None else None

    def saw(self, effects: tuple[Effect, ...]) -> None:
        """Remember requests for ``why``."""
        for effect in effects:
            if isinstance(effect, Asked):
                self.last = effect.trace
                if effect.trace.verdict not in (Verdict.DELIVERED, Verdict.EXTERNAL):
                    self.failed = effect.trace

    # Undo, and what lessons hold on to.

    def state(self) -> State:
        return State(
            self.server.snapshot(),
            self.namespace,
            self.files.copy(),
            dict(self.variables),
            dict(self.aliases),
            dict(self.logs),
            dict(self.outputs),
            dict(self.tunnels),
            tuple(self.inside),
            self.number,
        )

    snapshot = state

    def restore(self, state: State) -> None:
        self.server.restore(state.server)
        self.namespace = state.namespace
        self.files = state.files.copy()
        self.variables.clear()
        self.variables.update(state.variables)
        self.aliases = dict(state.aliases)
        self.logs = dict(state.logs)
        self.outputs = dict(state.outputs)
        self.tunnels = dict(state.tunnels)
        self.inside = list(state.inside)
        self.number = max(self.number, state.number)

    def undo(self) -> str | None:
        """Take back the last line that changed something; it is answered, or None if there is none."""
        if not self.undone:
            return None
        last = self.undone.pop()
        self.restore(last.before)
        return last.line

    def reset(self) -> None:
        """Back to the beginning; it can be undone."""
        assert self.beginning is not None
        before = self.state()
        self.restore(self.beginning)
        self.undone = [*self.undone, Undoable("reset", before)][-MOST_UNDONE:]
