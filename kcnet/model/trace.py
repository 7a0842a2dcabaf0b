"""A trace is a value: what was asked, what happened step by step, what became of it, and why.

``to_dict`` gives the shapes of ``kcnet trace -o json``.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import groupby
from typing import Any, NamedTuple

from msgspec import Struct

from kcnet.model.names import IPAddress, Port, Protocol, Ref

MAX_PATHS = 256
"""Paths that the JSON lists; verdict and shares always speak of all."""


class Verdict(StrEnum):
    """What became of a request."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNRESOLVED = "unresolved"
    HTTP_ERROR = "http-error"
    TLS_ERROR = "tls-error"
    EXTERNAL = "external"
    UNKNOWN = "unknown"
    PARTIAL = "partial"
    """Of several paths together: some are delivered and some are not."""
    MIXED = "mixed"
    """Of several paths together: none is delivered, and they differ."""


class Stage(StrEnum):
    DNS = "dns"
    SERVICE = "service"
    NAT = "nat"
    EGRESS_POLICY = "policy-egress"
    ROUTE = "route"
    INGRESS_POLICY = "policy-ingress"
    ENDPOINT = "endpoint"
    INGRESS = "ingress"
    LOAD_BALANCER = "load-balancer"
    RETURN = "return"


class Action(StrEnum):
    """What a step did, as a verb in the past."""

    RESOLVED = "resolved"
    CHOSE = "chose"
    REWROTE = "rewrote"
    MOVED = "moved"
    ALLOWED = "allowed"
    SKIPPED = "skipped"
    """Does not apply, because ..."""
    DELIVERED = "delivered"
    ANSWERED = "answered"
    LEFT = "left"
    FAILED = "failed"
    DROPPED = "dropped"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


class Reason(Struct, frozen=True, kw_only=True):
    """One reason code, with the page that ``kcnet explain CODE`` prints. The catalogue is in ``kcnet.reasons``."""

    code: str
    title: str
    """A few words: "The Service has no ready endpoint"."""
    verdict: Verdict | None = None
    """The verdict it decides; None for a code of a step that decides none."""
    meaning: str
    """What it means and why Kubernetes behaves so, in a few sentences for somebody who meets it the first time."""
    look: tuple[str, ...] = ()
    """Commands that show it on a real cluster, with placeholders in capitals."""
    causes: tuple[str, ...] = ()
    """The usual causes, most frequent first."""
    repair: str = ""
    source: str
    """URL of the official page."""


class Because(NamedTuple):
    """A field of a manifest that decided a step."""

    ref: Ref
    field: str = ""
    """Path such as ``spec.ports[0].targetPort``; "" for the object as a whole. A key that holds a dot or a slash
    stands in brackets: ``spec.selector[app.kubernetes.io/name]``."""

    @property
    def file(self) -> str | None:
        return self.ref.origin.file if self.ref.origin else None

    @property
    def line(self) -> int | None:
        return self.ref.origin.position(self.field)[0] if self.ref.origin else None

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.ref.kind,
            "namespace": self.ref.namespace,
            "name": self.ref.name,
            "field": self.field,
            "file": self.file,
            "line": self.line,
        }


class Considered(NamedTuple):
    """A road not taken, and why: "policy allow-web selects this pod; rule 1 matches the peer but not the port"."""

    text: str
    because: tuple[Because, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {"text": self.text, "because": [because.to_dict() for because in self.because]}


class Packet(Struct, frozen=True, kw_only=True):
    """The connection's first packet. A new address is a new Packet."""

    src: IPAddress | None
    """None: an address that the manifests do not tell."""
    src_port: int | None
    dst: IPAddress | None
    """None until a name is resolved."""
    dst_port: int | None
    protocol: Protocol

    def to_dict(self) -> dict[str, Any]:
        return {
            "src": socket_address(self.src, self.src_port),
            "dst": socket_address(self.dst, self.dst_port),
            "protocol": self.protocol.value,
        }


def socket_address(address: IPAddress | None, port: int | None) -> str | None:
    """``10.0.0.1:80``, ``[fd00::1]:80``; None if there is no address."""
    if address is None:
        return None
    host = f"[{address}]" if address.version == 6 else str(address)
    return host if port is None else f"{host}:{port}"


class Step(Struct, frozen=True, kw_only=True):
    stage: Stage
    action: Action
    at: Ref
    """Where the packet is: a Pod, a Node, a LoadBalancer, or External (outside the cluster)."""
    before: Packet
    after: Packet
    reason: Reason
    text: str
    """One sentence, plain text, that names things as the manifests do."""
    brief: str = ""
    """The same in a few words, for a drawing that shows place and stage beside it; "" where it takes the sentence."""
    because: tuple[Because, ...] = ()
    considered: tuple[Considered, ...] = ()
    look: tuple[str, ...] = ()
    """Commands that show the same on a real cluster."""
    repair: str = ""
    """For a step that ends the request badly: what to change in this very case."""
    verdict: Verdict | None = None
    """What became of the request, if this step ended it (a reason may end differently by proxy mode)."""
    http_status: int | None = None
    """The status that an Ingress controller itself answered with in this step."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "stage": self.stage.value,
            "action": self.action.value,
            "code": self.reason.code,
            "text": self.text,
            "packet": self.after.to_dict(),
            "because": [because.to_dict() for because in self.because if because.ref.origin],
            "considered": [considered.to_dict() for considered in self.considered],
            "look": list(self.look),
        }


class Destination(NamedTuple):
    """Where a packet ended up."""

    kind: str
    namespace: str | None
    name: str
    address: IPAddress | None
    port: int | None
    node: str | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "namespace": self.namespace,
            "name": self.name,
            "ip": str(self.address) if self.address else None,
            "port": self.port,
            "node": self.node,
        }


class Path(Struct, frozen=True, kw_only=True):
    verdict: Verdict
    reason: Reason
    probability: float
    """The share of new connections that take it, 0 to 1."""
    steps: tuple[Step, ...]
    destination: Destination | None = None
    source_seen: IPAddress | None = None
    http_status: int | None = None
    blockers: tuple[Step, ...] = ()
    """Every step that would have ended the request, with ``--all-blockers``; else empty."""
    alike: int = 1
    """Ways that it stands for, itself among them: they differ in the endpoint's name and address alone."""
    like: tuple[Ref, ...] = ()
    """The endpoints of the others, as of the last choice."""

    @property
    def share(self) -> float:
        """Of new connections, with the ways that it stands for."""
        return self.probability * self.alike

    @property
    def hops(self) -> tuple[tuple[Ref, tuple[Step, ...]], ...]:
        """Runs of steps at the same place."""
        return tuple((at, tuple(steps)) for at, steps in groupby(self.steps, key=lambda step: step.at))

    @property
    def last(self) -> Step:
        """The step that decided the verdict: the first obstacle, else the last that is not about the way back."""
        if self.blockers:
            return self.blockers[0]
        return next(step for step in reversed(self.steps) if step.stage is not Stage.RETURN)

    def to_dict(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict.value,
            "code": self.reason.code,
            "probability": self.probability,
            "endpoint": self.destination.to_dict() if self.destination else None,
            "sourceSeen": str(self.source_seen) if self.source_seen else None,
            "hops": [
                {
                    "at": {"kind": at.kind, "name": at.name, "namespace": at.namespace},
                    "steps": [step.to_dict() for step in steps],
                }
                for at, steps in self.hops
            ],
        }


class Client(NamedTuple):
    """Who sends the request."""

    ref: Ref
    """kind Pod, Node or External."""
    address: IPAddress
    addresses: tuple[IPAddress, ...]
    node: str | None
    """The node whose kube-proxy sees the packet first; None outside."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.ref.kind,
            "namespace": self.ref.namespace,
            "name": self.ref.name,
            "ip": str(self.address),
            "node": self.node,
        }


class Target(NamedTuple):
    """What the request is sent to, as typed, taken apart. Exactly one of ``ref``, ``name``, ``address`` is set."""

    typed: str
    ref: Ref | None = None
    """An object: Service, Pod, Node."""
    name: str | None = None
    """A host name, to be resolved as the client would."""
    address: IPAddress | None = None
    port: Port | None = None
    scheme: str | None = None
    """"http" or "https" if the target is a URL."""
    path: str | None = None


class Request(Struct, frozen=True, kw_only=True):
    client: Client
    target: Target
    protocol: Protocol | None = None
    """None: not said; TCP unless the port named is of another protocol."""
    host: str | None = None
    """The HTTP Host header (and TLS server name), if it is not the target's own name."""
    all_blockers: bool = False
    ignore_policies: bool = False


class Trace(Struct, frozen=True, kw_only=True):
    request: Request
    protocol: Protocol
    port: int | None
    verdict: Verdict
    reason: Reason
    summary: str
    client_sees: str
    paths: tuple[Path, ...]
    """Never empty. All of them, or where there are very many, some of each kind."""
    http_status: int | None = None
    assumptions: tuple[str, ...] = ()
    repair: str = ""
    blockers: tuple[Step, ...] = ()

    @property
    def ways(self) -> int:
        """How many ways there are in all."""
        return sum(path.alike for path in self.paths)

    @property
    def truncated(self) -> bool:
        return self.ways > MAX_PATHS

    def to_dict(self) -> dict[str, Any]:
        """The document that ``kcnet trace -o json`` prints."""
        target = self.request.target
        document: dict[str, Any] = {
            "apiVersion": "kcnet/v1",
            "kind": "Trace",
            "request": {
                "from": self.request.client.to_dict(),
                "to": target.typed,
                "protocol": self.protocol.value,
                "port": self.port,
                "host": self.request.host or target.name,
                "path": (target.path or "/") if target.scheme or self.request.host else target.path,
            },
            "verdict": self.verdict.value,
            "code": self.reason.code,
            "summary": self.summary,
            "clientSees": self.client_sees,
            "httpStatus": self.http_status,
            "repair": self.repair,
            "assumptions": list(self.assumptions),
            "paths": [path.to_dict() for path in self.paths[:MAX_PATHS]],
            "truncated": self.truncated,
        }
        if self.request.all_blockers:
            document["blockers"] = [
                {
                    "code": step.reason.code,
                    "text": step.text,
                    "because": [because.to_dict() for because in step.because if because.ref.origin],
                }
                for step in self.blockers
            ]
        return document
