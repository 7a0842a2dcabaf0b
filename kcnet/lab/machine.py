"""Where a command runs, what it sees of the world, and what it leaves behind: the seam between shell and tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress
from kcnet.model.objects import Node, Pod
from kcnet.model.trace import Client, Path, Trace


class Read(NamedTuple):
    """The learner looked at objects."""

    verb: str
    """The kubectl verb: get, describe, logs, explain ..."""
    resource: str
    """Plural name: ``services``."""
    namespace: str | None
    """None: all namespaces, or a kind that has none."""
    names: tuple[str, ...] = ()
    """Empty: a list."""


class Wrote(NamedTuple):
    """The learner changed an object: create, apply, patch, scale, label, delete ..."""

    verb: str
    resource: str
    namespace: str | None
    name: str


class Asked(NamedTuple):
    """A tool sent a request, and this is what became of it."""

    tool: str
    trace: Trace


class LookedUp(NamedTuple):
    """A tool asked DNS."""

    tool: str
    source: str
    """``NAMESPACE/pod/NAME``, ``node/NAME`` or ``internet``."""
    name: str
    answers: tuple[str, ...]
    """Addresses or names; empty where there was none."""


class Ran(NamedTuple):
    """A command that is neither of these (``ip addr``, ``iptables-save``, ``cat``, ``map``)."""

    command: str
    arguments: tuple[str, ...] = ()


Effect = Read | Wrote | Asked | LookedUp | Ran


class Outcome(NamedTuple):
    """What a command printed, and its exit status."""

    stdout: str = ""
    stderr: str = ""
    status: int = 0
    effects: tuple[Effect, ...] = ()
    chunks: tuple[tuple[int, str], ...] = ()
    """The same texts in the order in which they came, as (1, standard output) and (2, standard error); empty: first
    all of the one, then all of the other."""


class Objects(Protocol):
    """The API server as far as tools need it."""

    def pod(self, namespace: str, name: str) -> Mapping[str, Any]:
        """The Pod as JSON: images, env, command, annotations. KeyError if there is none."""


class Machine(Struct, frozen=True, kw_only=True):
    """Where a tool runs: inside a pod, on a node, or outside the cluster (the learner's own machine)."""

    client: Client
    """Who the simulator takes for the sender; ``client.ref.kind`` is Pod, Node or External."""
    pod: Pod | None = None
    node: Node | None = None
    hosts: Mapping[str, IPAddress] = {}
    """Additional entries of its /etc/hosts (the learner may add some outside)."""
    image: str = ""
    """Of the container that the command runs in; "" outside and on nodes."""


@dataclass(slots=True, kw_only=True)
class World:
    """What a tool may use. Everything but the access logs is read only."""

    cluster: Cluster
    objects: Objects
    now: datetime
    random: Random
    """Seeded by the session: which endpoint a connection takes."""
    served: Callable[[Path, str, int, str], None]
    """Called for every HTTP request that arrived (path, request line, status, body); ``kubectl logs`` shows it."""


Tool = Callable[[World, Machine, Sequence[str], str], Outcome]
"""(world, machine, argv with the tool's own name first, standard input)"""
