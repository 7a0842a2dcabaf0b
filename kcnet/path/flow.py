"""What the stages of a request's way hand on: a connection that is under way, and the branches it may take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress, Protocol, Ref
from kcnet.model.objects import Endpoint, Pod, Service, ServicePort
from kcnet.model.trace import Action, Because, Considered, Packet, Reason, Stage, Step, Verdict

OUTSIDE = "External"
"""Kind of the Ref of a place outside the cluster."""

EPHEMERAL_PORT = 40000
"""The client's own port in every trace: any free one on a real system."""


class Origin(Enum):
    """How a node's kube-proxy sees the sender of a packet (its detect-local rules)."""

    POD = auto()
    NODE = auto()
    EXTERNAL = auto()
    POD_OR_EXTERNAL = auto()
    """A pod of another node whose address the CNI plugin may or may not have rewritten on the way."""


class Sender(NamedTuple):
    """Who opened the connection."""

    ref: Ref
    address: IPAddress
    addresses: tuple[IPAddress, ...]
    pod: Pod | None = None
    node: str | None = None
    """The node it runs on; None outside the cluster."""

    @property
    def is_node(self) -> bool:
        """Its packets come out of a node's own network namespace."""
        return self.node is not None and (self.pod is None or self.pod.host_network)

    def address_towards(self, other: IPAddress | None) -> IPAddress:
        """Its own address of the same family as the other's."""
        if other is not None:
            for address in self.addresses:
                if address.version == other.version:
                    return address
        return self.address


class Flow(Struct, frozen=True, kw_only=True):
    """One connection under way. Stages answer with changed copies."""

    sender: Sender
    packet: Packet
    node: str | None
    """The node where the packet is; None outside the cluster."""
    at: Ref
    """Where its next steps are noted."""
    target: str
    """What the client calls the destination, for sentences."""
    service: Service | None = None
    """The Service that kube-proxy (or a load balancer) found the packet to be for."""
    port: ServicePort | None = None
    endpoint: Endpoint | None = None
    translated: bool = False
    """kube-proxy or a hostPort has rewritten the destination: no second time."""
    masquerade: Because | None = None
    """Why the source is to be rewritten to the node's address; None: it is kept."""
    entered: str | None = None
    """The node by which the packet came in from outside, or from another node."""
    rewritten_source: bool = False
    ignore_policies: bool = False
    all_blockers: bool = False
    """Go on behind an obstacle as if it were not there."""
    assumptions: tuple[str, ...] = ()

    def assuming(self, *texts: str) -> Flow:
        new = tuple(text for text in texts if text not in self.assumptions)
        return replace(self, assumptions=self.assumptions + new) if new else self

    @property
    def origin(self) -> Origin:
        """The sender as the node where the packet is sees it."""
        if self.node is not None and self.sender.node == self.node and not self.rewritten_source:
            return Origin.NODE if self.sender.is_node else Origin.POD
        if self.sender.pod is not None and not self.sender.pod.host_network and self.sender.node is not None:
            if self.packet.src is None:
                return Origin.POD_OR_EXTERNAL
            if not self.rewritten_source:
                return Origin.POD
        return Origin.EXTERNAL

    def step(
        self,
        stage: Stage,
        action: Action,
        reason: Reason,
        text: str,
        *,
        brief: str = "",
        because: Sequence[Because] = (),
        considered: Sequence[Considered] = (),
        look: Sequence[str] = (),
        repair: str = "",
        after: Packet | None = None,
        at: Ref | None = None,
        verdict: Verdict | None = None,
        http_status: int | None = None,
    ) -> Step:
        return Step(
            stage=stage,
            action=action,
            at=at or self.at,
            before=self.packet,
            after=after or self.packet,
            reason=reason,
            text=text,
            brief=brief,
            because=tuple(because),
            considered=tuple(considered),
            look=tuple(look),
            repair=repair,
            verdict=verdict,
            http_status=http_status,
        )


class Branch(NamedTuple):
    """One way that a connection may go on from a stage.

    The first step with a verdict ends the request there; steps behind it, and ``flow``, say how it would go on if the
    obstacle were not there. Without a flow nothing can be said.
    """

    steps: tuple[Step, ...]
    flow: Flow | None
    share: float = 1.0
    """Of all new connections that come to the stage; with those of ``like``."""
    like: tuple[Ref, ...] = ()
    """Endpoints whose branches are not followed, since they are like this one (see ``likeness``)."""


StageFunction = Callable[[Cluster, Flow], Sequence[Branch]]
"""A stage of the way: the branches a connection may take, none if the stage has nothing to do with it."""


def connection(flow: Flow, address: IPAddress | None, port: int | None, protocol: Protocol) -> Flow:
    """A new connection of the flow's sender: its first packet, which the sender's own node sees first."""
    source = flow.sender.address_towards(address)
    inside = flow.node is None
    if address is not None and address.is_loopback:
        source, inside = address, True
    packet = Packet(src=source, src_port=EPHEMERAL_PORT, dst=address, dst_port=port, protocol=protocol)
    return replace(flow, packet=packet, at=flow.at if inside else Ref("Node", None, flow.node or ""))


def pod_field(pod: Pod, path: str) -> Because:
    """A field of a pod, in the manifest that asked for the pod."""
    return Because(pod.ref, f"{pod.template}{path}")


def node_ref(cluster: Cluster, name: str) -> Ref:
    node = cluster.nodes.get(name)
    return node.ref if node is not None else Ref("Node", None, name)


def node_address(cluster: Cluster, name: str, family: int) -> IPAddress | None:
    """The node's address of the given family; its primary one where it has none of that family."""
    node = cluster.nodes.get(name)
    if node is None:
        return None
    return next((address for address in node.addresses if address.version == family), node.address)


def key(path: str, name: str) -> str:
    """The path of one key of a mapping: ``spec.selector.app``, ``metadata.labels[app.kubernetes.io/name]``."""
    return f"{path}[{name}]" if "." in name or "/" in name else f"{path}.{name}"


def count(number: int, noun: str) -> str:
    """``1 pod``, ``2 pods``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
