"""Source NAT: with which address does the packet go on?

The matrix of kube-proxy's KUBE-MARK-MASQ rules (pkg/proxy/iptables/proxier.go), which ipvs and nftables follow too.
"The node's address" is strictly that of the interface by which the packet leaves: kcnet says the node's own.
https://kubernetes.io/docs/tutorials/services/source-ip/
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.trace import Action, Because, Stage
from kcnet.path.flow import Branch, Flow, node_address
from kcnet.reasons.nat import NAT_HAIRPIN, NAT_MASQUERADE, NAT_SOURCE_KEPT

MASQUERADED = ("iptables-save -t nat | grep -A3 ':KUBE-POSTROUTING'", "conntrack -L --src-nat")


def source(cluster: Cluster, flow: Flow) -> Sequence[Branch]:
    """Masquerade, or keep the source, once kube-proxy has chosen an endpoint."""
    if not flow.translated or flow.node is None or flow.packet.dst is None or flow.service is None:
        return ()
    packet = flow.packet
    own = flow.sender.pod is not None and packet.dst in flow.sender.pod.addresses and not flow.sender.is_node
    new = node_address(cluster, flow.node, flow.packet.dst.version)
    if own:
        text = (
            "The pod was given to itself: the source is rewritten to the node's address, so that the reply comes back "
            "through the node. The network plugin must allow hairpin traffic."
        )
        after = replace(packet, src=new)
        step = flow.step(
            Stage.NAT,
            Action.REWROTE,
            NAT_HAIRPIN,
            text,
            after=after,
            brief=f"src {packet.src} → {new} (hairpin)",
            look=MASQUERADED,
        )
        return (Branch((step,), replace(flow, packet=after, rewritten_source=True)),)
    if flow.masquerade is not None and packet.src != new:
        text = f"The source {packet.src or 'address'} becomes {new} ({flow.node}): {_why(flow.masquerade)}."
        after = replace(packet, src=new)
        step = flow.step(
            Stage.NAT,
            Action.REWROTE,
            NAT_MASQUERADE,
            text,
            brief=f"src {packet.src or 'unknown'} → {new}",
            because=_written(flow.masquerade),
            after=after,
            look=MASQUERADED,
        )
        return (Branch((step,), replace(flow, packet=after, rewritten_source=True)),)
    if packet.src is None:
        text = "The manifests do not tell which source address the packet keeps."
    else:
        text = f"The source {packet.src} is kept: the endpoint sees it."
    return (
        Branch(
            (flow.step(Stage.NAT, Action.ALLOWED, NAT_SOURCE_KEPT, text, brief="src kept", look=_conntrack(flow)),),
            flow,
        ),
    )


def _conntrack(flow: Flow) -> tuple[str, ...]:
    return (f"conntrack -L --orig-src {flow.packet.src}",) if flow.packet.src is not None else ()


def _why(because: Because) -> str:
    if because.field == "spec.externalTrafficPolicy":
        return "externalTrafficPolicy Cluster lets any node answer, so the reply must come back here"
    return "it comes from outside the pod network"


def _written(because: Because) -> tuple[Because, ...]:
    return (because,) if because.field else ()
