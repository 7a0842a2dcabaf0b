"""A probe is a question about one request whose answer the simulator computes."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from kcnet.model.cluster import Cluster
from kcnet.model.trace import Request, Stage, Trace


class Probe(Struct, frozen=True, kw_only=True):
    id: str
    title: str
    """What it asks for, in a few words."""
    stage: Stage | None
    """A trace is stopped before this stage when the probe is a prediction; None: it is about the whole way."""
    ask: Callable[[Cluster, Request], str]
    read: Callable[[Trace], str]
    say: Callable[[str, Cluster], str]
    show: Callable[[Trace], str]

    def question(self, cluster: Cluster, request: Request) -> str:
        """The question, as one sentence."""
        return self.ask(cluster, request)

    def value(self, trace: Trace) -> str:
        """The answer in a form that can be compared; "" if the question does not apply to this trace."""
        return self.read(trace)

    def words(self, value: str, cluster: Cluster) -> str:
        """How an answer reads as a choice."""
        return self.say(value, cluster)

    def proof(self, trace: Trace) -> str:
        """The sentence of a trace that settles the question."""
        return self.show(trace)
