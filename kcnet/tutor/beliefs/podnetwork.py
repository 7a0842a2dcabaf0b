"""Beliefs on the pod network itself: walls where there are none, and none where there are.

https://kubernetes.io/docs/concepts/services-networking/#the-kubernetes-network-model
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.trace import Client, Path, Request, Trace, Verdict
from kcnet.reasons.policy import NETPOL_EGRESS_DENIED, NETPOL_INGRESS_DENIED
from kcnet.reasons.route import NOT_ROUTABLE
from kcnet.simulate import trace
from kcnet.tutor.beliefs.belief import Belief
from kcnet.tutor.beliefs.changes import ended, retold

MODEL_PAGE: Final = "https://kubernetes.io/docs/concepts/services-networking/#the-kubernetes-network-model"
POLICY_PAGE: Final = "https://kubernetes.io/docs/concepts/services-networking/network-policies/"


def _walls(cluster: Cluster, request: Request) -> Trace:
    home = request.client.ref.namespace

    def change(path: Path) -> Path:
        found = path.destination
        if found is None or found.kind != "Pod" or home in (None, found.namespace):
            return path
        text = "A pod of another namespace cannot be reached."
        return replace(ended(path, path.last, Verdict.TIMEOUT, NOT_ROUTABLE, text), source_seen=None)

    return retold(trace(cluster, request), change)


def _node_localhost(cluster: Cluster, request: Request) -> Trace:
    address, node = request.target.address, cluster.nodes.get(request.client.node or "")
    if address is None or not address.is_loopback or node is None:
        return trace(cluster, request)
    client = Client(ref=node.ref, address=node.address, addresses=node.addresses, node=node.name)
    return trace(cluster, replace(request, client=client))


def _refusing(cluster: Cluster, request: Request) -> Trace:
    def change(path: Path) -> Path:
        if path.last.reason not in (NETPOL_EGRESS_DENIED, NETPOL_INGRESS_DENIED):
            return path
        return ended(path, path.last, Verdict.REFUSED, path.last.reason, "The policy refuses the connection.")

    return retold(trace(cluster, request), change)


def _from_anywhere(cluster: Cluster, request: Request) -> Trace:
    told = trace(cluster, request)
    pod = request.target.ref is not None and request.target.ref.kind == "Pod"
    pod = pod or request.target.address in cluster.pods_by_address
    if request.client.node is not None or not pod or not cluster.nodes:
        return told
    node = next(iter(cluster.nodes.values()))
    inside = Client(ref=node.ref, address=request.client.address, addresses=request.client.addresses, node=node.name)
    return trace(cluster, replace(request, client=inside))


def _without_policies(cluster: Cluster, request: Request) -> Trace:
    return trace(cluster, replace(request, ignore_policies=True))


BELIEFS: Final = (
    Belief(
        id="namespaces-are-walls",
        title="A namespace is a wall",
        says="Pods of different namespaces cannot reach each other.",
        correction="A namespace separates names and permissions. On the pod network every pod reaches every pod, "
        "unless a NetworkPolicy isolates one.",
        topic="cni",
        source=MODEL_PAGE,
        follow=_walls,
    ),
    Belief(
        id="localhost-is-the-node",
        title="localhost in a pod is the node",
        says="localhost inside a container is the machine that the container runs on.",
        correction="The containers of a pod share one network namespace: localhost is the pod, not its node.",
        topic="cni",
        source="https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking",
        follow=_node_localhost,
    ),
    Belief(
        id="pods-reachable-from-outside",
        title="A pod can be called from outside at its address",
        says="Who knows a pod's address can connect to it, from wherever.",
        correction="Addresses of pods mean something inside the cluster. Clients outside come in by node ports, load "
        "balancers, Ingress or Gateway.",
        topic="external",
        source="https://kubernetes.io/docs/concepts/cluster-administration/networking/",
        follow=_from_anywhere,
    ),
    Belief(
        id="policies-refuse",
        title="A policy refuses connections",
        says="What a policy does not allow is answered with connection refused.",
        correction="What no rule allows is dropped by most network plugins: the client hears nothing and times out.",
        topic="networkpolicy",
        source=POLICY_PAGE,
        follow=_refusing,
    ),
    Belief(
        id="mesh-replaces-policies",
        title="A mesh replaces NetworkPolicy",
        says="Between pods of a service mesh NetworkPolicies no longer matter.",
        correction="Policies are enforced below a mesh, on addresses and ports as they are on the wire.",
        topic="mesh",
        source=POLICY_PAGE,
        follow=_without_policies,
    ),
)
