"""NetworkPolicies that keep out the clients for whom a Service is open to the outside.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Iterator

from kcnet.analysis.finding import Finding, Proof, Rule, Severity, Subject
from kcnet.analysis.listening import resolved
from kcnet.analysis.policies import foreign_policies, names
from kcnet.model.names import Protocol
from kcnet.model.objects import Pod, Service, ServicePort, ServiceType, TrafficPolicy
from kcnet.model.policy import Direction
from kcnet.path.netpol import isolating, matching_port

_FROM_OUTSIDE = (ServiceType.NODE_PORT, ServiceType.LOAD_BALANCER)


def _outside_closed(subject: Subject) -> Iterator[Finding]:
    if subject.enforces_policy is not True or foreign_policies(subject.manifests.skipped):
        return
    doors = {place for controller in subject.cluster.ingress_controllers for place in controller.services}
    for written, service in subject.services:
        if service.type not in _FROM_OUTSIDE or not service.selector or (service.namespace, service.name) in doors:
            continue
        wanted = service.selector.items()
        pods = [pod for pod in subject.kinds.get(service.namespace, ()) if wanted <= pod.labels.items()]
        pods = [pod for pod in pods if pod.addresses]
        closed = [port for port in service.ports if pods and all(_for_pods_alone(subject, port, pod) for pod in pods)]
        if not pods or len(closed) < len(service.ports):
            continue
        policies = isolating(subject.cluster, pods[0], Direction.INGRESS)
        listed = " and ".join(f"{policy.namespace}/{policy.name}" for policy in policies[:3])
        local = service.external_traffic_policy is TrafficPolicy.LOCAL
        yield SERVICE_OUTSIDE_CLOSED_BY_POLICY.finding(
            written.ref,
            "spec.type",
            f"It is of type {service.type}, for clients outside of the cluster, and NetworkPolicy {listed} "
            f"{'lets' if len(policies) == 1 else 'let'} nobody but pods reach {names(pods)}: packets from outside are "
            f"dropped{'' if local else ', except on the node that the pod runs on, which no policy keeps out'}.",
            f"Add an ingress rule for {names(pods)} without from, or with ipBlock; or make the Service a ClusterIP.",
            proof=_from_outside(subject, service, closed[0], pods),
        )


def _for_pods_alone(subject: Subject, port: ServicePort, pod: Pod) -> bool:
    """Whether rules open the port at this pod, and each speaks of pods."""
    number = resolved(port, pod)
    rules = [
        rule
        for policy in isolating(subject.cluster, pod, Direction.INGRESS)
        for rule in policy.ingress
        if number is not None and matching_port(rule, pod, number, port.protocol) is not False
    ]
    if pod.host_network or not rules:
        return False  # closed to everybody: that is told elsewhere
    return all(rule.peers and all(peer.ip_block is None for peer in rule.peers) for rule in rules)


def _from_outside(subject: Subject, service: Service, port: ServicePort, pods: list[Pod]) -> Proof | None:
    protocol = None if port.protocol is Protocol.TCP else port.protocol.lower()
    homes = {pod.node for pod in subject.selected(service)}
    local = service.external_traffic_policy is TrafficPolicy.LOCAL
    node = next((name for name in subject.cluster.nodes if (name in homes) is local), None)
    if node is None or not port.node_port:
        return None
    return Proof("internet", f"node/{node}:{port.node_port}", protocol=protocol)


SERVICE_OUTSIDE_CLOSED_BY_POLICY = Rule(
    code="SERVICE_OUTSIDE_CLOSED_BY_POLICY",
    severity=Severity.WARNING,
    title="Policies keep clients outside from a Service that is meant for them",
    meaning=(
        "Selectors match pods alone. A client that comes in through a node port or a load balancer has its own "
        "address, or that of a node, so that a rule for pods never lets it in. An ingress rule without from does, and "
        "so does one with an ipBlock that covers the address which the pod sees."
    ),
    look=("kubectl -n NAMESPACE get svc NAME", "kubectl -n NAMESPACE describe networkpolicy POLICY"),
    causes=(
        "The policy was written for clients in the cluster, and the Service was opened later.",
        "The Service is of this type without need.",
    ),
    repair="Allow the clients that are meant, or make the Service a ClusterIP.",
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    check=_outside_closed,
)
