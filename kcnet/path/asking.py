"""Can a pod's question reach a DNS server at all?

A look-up is a connection of its own, over UDP to port 53: policies judge it like any other.
https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from ipaddress import ip_address

from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress, Protocol
from kcnet.model.objects import Pod, Service, ServicePort
from kcnet.model.policy import Direction
from kcnet.model.trace import Action, Because, Considered, Stage, Step, Verdict
from kcnet.path.dns import (
    ResolvConf,
)
from kcnet.path.endpoints import Backend, backends
from kcnet.path.flow import Flow
from kcnet.path.netpol import Party, decide, isolating
from kcnet.path.policy import name_of
from kcnet.reasons.dns import (
    DNS_BLOCKED_BY_POLICY,
    DNS_UNREACHABLE,
)
from kcnet.reasons.outcome import CANNOT_TELL


def cannot_ask(cluster: Cluster, flow: Flow, pod: Pod, conf: ResolvConf, name: str) -> Step | None:
    """The step that ends the request if the question itself does not get through; None if it does."""
    if not conf.uses_cluster_dns:
        return _cannot_ask_elsewhere(cluster, flow, pod, conf, name)
    service = cluster.services[cluster.dns_service]
    port = next((p for p in service.ports if p.protocol is Protocol.UDP and p.port == 53), None)
    servers = _servers(cluster, service, port) if port is not None else ()
    if not servers:
        text = f"The cluster's DNS ({service.ref}) has no ready endpoint for UDP 53, so no name can be looked up."
        return flow.step(
            Stage.DNS,
            Action.FAILED,
            DNS_UNREACHABLE,
            text,
            because=(Because(service.ref, "spec.selector"),),
            look=(f"kubectl get pods,endpointslices -n {service.namespace} -l k8s-app=kube-dns",),
            repair=f"Get the pods of {service.ref} ready.",
            verdict=Verdict.UNRESOLVED,
        )
    if flow.ignore_policies or cluster.cni.enforces_policy is False:
        return None
    verdicts = [_question(cluster, pod, server) for server in servers]
    if any(verdict is True for verdict, *_ in verdicts):
        return None
    if any(verdict is None for verdict, *_ in verdicts):
        return _undecided(flow, pod, name)
    if cluster.cni.enforces_policy is None:
        return _perhaps_blocked(cluster, flow, pod, name)
    return _blocked(cluster, flow, pod, servers[0], name)


def _servers(cluster: Cluster, service: Service, port: ServicePort) -> tuple[Backend, ...]:
    return tuple(
        backend
        for family in (4, 6)
        for backend in backends(cluster, service, port, family)
        if backend.endpoint.ready or (backend.endpoint.serving and backend.endpoint.terminating)
    )


def _question(cluster: Cluster, pod: Pod, server: Backend) -> tuple[bool | None, Direction]:
    """Whether policies let the pod ask one DNS server over UDP."""
    target = cluster.pods_by_address.get(server.address)
    out = isolating(cluster, pod, Direction.EGRESS) if not pod.host_network else ()
    sent = decide(
        cluster, out, Direction.EGRESS, Party(target, server.address), target, server.port, Protocol.UDP
    ).allowed
    if not sent or target is None:
        return sent, Direction.EGRESS
    into = isolating(cluster, target, Direction.INGRESS)
    source = Party(None if pod.host_network else pod, pod.address)
    got = decide(cluster, into, Direction.INGRESS, source, target, server.port, Protocol.UDP).allowed
    return got, Direction.INGRESS


def _blocked(cluster: Cluster, flow: Flow, pod: Pod, server: Backend, name: str) -> Step:
    _, direction = _question(cluster, pod, server)
    target = cluster.pods_by_address.get(server.address)
    end = pod if direction is Direction.EGRESS else (target or pod)
    policies = isolating(cluster, end, direction)
    listed = " and ".join(name_of(policy) for policy in policies[:3])
    tcp = decide(
        cluster,
        policies,
        direction,
        Party(target, server.address) if direction is Direction.EGRESS else Party(pod, pod.address),
        target,
        server.port,
        Protocol.TCP,
    ).allowed
    only_tcp = " TCP 53 is allowed, but names are asked over UDP." if tcp else ""
    where = f"pod {end.namespace}/{end.name}"
    text = (
        f"The question for {name} never reaches the cluster's DNS: {listed} "
        f"{'isolates' if len(policies) == 1 else 'isolate'} {where} for {direction.value.lower()} and no rule allows "
        f"UDP {server.port}.{only_tcp} The look-up times out."
    )
    if direction is Direction.EGRESS:
        dns = cluster.dns_service[0]
        repair = (
            f"Add to spec.egress of {name_of(policies[0])} a rule to namespaceSelector "
            f"{{kubernetes.io/metadata.name: {dns}}} with podSelector {{k8s-app: kube-dns}}, ports UDP 53 and TCP 53."
        )
    else:
        repair = f"Allow UDP 53 and TCP 53 in spec.ingress of {name_of(policies[0])}."
    field = f"spec.{direction.value.lower()}"
    return flow.step(
        Stage.DNS,
        Action.DROPPED,
        DNS_BLOCKED_BY_POLICY,
        text,
        because=tuple(Because(policy.ref, f) for policy in policies for f in ("spec.podSelector", field)),
        considered=tuple(
            Considered(
                f"{name_of(policy)} has no rule for UDP {server.port} to the cluster's DNS.",
                (Because(policy.ref, field),),
            )
            for policy in policies
        ),
        look=(
            f"kubectl exec -n {pod.namespace} {pod.name} -- nslookup {name}",
            f"kubectl get networkpolicy -n {end.namespace}",
        ),
        repair=repair,
        verdict=Verdict.UNRESOLVED,
    )


def _undecided(flow: Flow, pod: Pod, name: str) -> Step:
    text = (
        f"Whether the question for {name} leaves pod {pod.namespace}/{pod.name} depends on whether an ipBlock covers "
        "the DNS server's address."
    )
    repair = "Allow DNS with namespaceSelector and podSelector instead."
    return flow.step(Stage.DNS, Action.UNDECIDED, CANNOT_TELL, text, repair=repair, verdict=Verdict.UNKNOWN)


def _perhaps_blocked(cluster: Cluster, flow: Flow, pod: Pod, name: str) -> Step:
    text = (
        f"No policy allows pod {pod.namespace}/{pod.name} to ask for {name}, but whether {cluster.cni.title} enforces "
        "NetworkPolicy depends on how it was installed."
    )
    repair = "Allow UDP 53 and TCP 53 to the DNS server."
    return flow.step(Stage.DNS, Action.UNDECIDED, CANNOT_TELL, text, repair=repair, verdict=Verdict.UNKNOWN)


def _cannot_ask_elsewhere(cluster: Cluster, flow: Flow, pod: Pod, conf: ResolvConf, name: str) -> Step | None:
    """A pod that asks its node's resolvers, or servers of its own: their addresses are outside the cluster."""
    if pod.host_network or flow.ignore_policies or cluster.cni.enforces_policy is False:
        return None
    policies = isolating(cluster, pod, Direction.EGRESS)
    verdicts = {
        decide(cluster, policies, Direction.EGRESS, Party(None, _literal(server)), None, 53, Protocol.UDP).allowed
        for server in conf.nameservers
    }
    if True in verdicts:
        return None
    if None in verdicts:
        return _undecided(flow, pod, name)
    if cluster.cni.enforces_policy is None:
        return _perhaps_blocked(cluster, flow, pod, name)
    text = (
        f"The question for {name} is dropped: no egress rule of pod {pod.namespace}/{pod.name} allows UDP 53 outwards."
    )
    return flow.step(
        Stage.DNS,
        Action.DROPPED,
        DNS_BLOCKED_BY_POLICY,
        text,
        because=tuple(Because(policy.ref, "spec.egress") for policy in policies),
        repair="Add an egress rule for UDP 53 and TCP 53 to the resolvers' addresses (ipBlock).",
        verdict=Verdict.UNRESOLVED,
    )


def _literal(server: str) -> IPAddress | None:
    """The address of a server in resolv.conf; None for the node's own, which no manifest tells."""
    try:
        return ip_address(server)
    except ValueError:
        return None
