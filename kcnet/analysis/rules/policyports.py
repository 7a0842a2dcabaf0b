"""NetworkPolicies: the ports that their rules name, and the Services and Ingresses that they close.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kcnet.analysis.finding import Edit, Finding, Proof, Rule, Severity, Subject
from kcnet.analysis.listening import listens, resolved
from kcnet.analysis.policies import destinations, each_rule, foreign_policies, may_match, names
from kcnet.analysis.rules.ingress import ask
from kcnet.analysis.rules.ingressbackends import backends_of
from kcnet.analysis.rules.policy import POLICY_PAGE
from kcnet.analysis.spelling import certainly_meant
from kcnet.model.cluster import IngressController
from kcnet.model.names import Protocol, Ref
from kcnet.model.objects import Ingress, Pod, Service, ServicePort
from kcnet.model.policy import Direction, NetworkPolicy, PolicyPort
from kcnet.model.policy import Rule as PolicyRule
from kcnet.path.ingress import backend_port
from kcnet.path.netpol import Party, decide, isolating, matching_port, peer_matches
from kcnet.path.public import controller_of


def _service_port(subject: Subject) -> Iterator[Finding]:
    for policy, direction, rule, entry, service, port, pod, number in _slips(subject):
        yield POLICY_SERVICE_PORT.finding(
            policy.ref,
            f"{entry.field}.port",
            f"{entry.port} is the port of {service.ref}, and the pod behind it listens on {number}. Policies see the "
            f"packet after kube-proxy has rewritten it to port {number}, and this "
            "rule does not cover that: it lets nobody through.",
            f"Write port {number}.",
            proof=_through(subject, policy, direction, rule, service, port, pod),
        )


_Slip = tuple[NetworkPolicy, Direction, PolicyRule, PolicyPort, Service, ServicePort, Pod, int]


def _slips(subject: Subject) -> Iterator[_Slip]:
    """Ports of rules on which no destination listens, and that are the port of a Service in front of one."""
    translated = {
        (port.port, port.protocol)
        for _, service in subject.services
        for port in service.ports
        if port.port != port.target_port
    }
    for policy, direction, rule in each_rule(subject):
        for entry in rule.ports:
            if entry.end_port is not None or (entry.port, entry.protocol) not in translated:
                continue
            assert isinstance(entry.port, int)
            pods = [pod for pod in destinations(subject, policy, direction, rule) if not pod.host_network]
            if not pods or any(listens(pod, entry.port, entry.protocol) is not False for pod in pods):
                continue
            found = next(_translated(subject, entry.port, entry.protocol, pods), None)
            if found is not None and matching_port(rule, found[2], found[3], entry.protocol) is False:
                yield policy, direction, rule, entry, *found


def _translated(
    subject: Subject, number: int, protocol: Protocol, pods: Sequence[Pod]
) -> Iterator[tuple[Service, ServicePort, Pod, int]]:
    for home in dict.fromkeys(pod.namespace for pod in pods):
        for name in subject.cluster.service_names(home):
            service = subject.cluster.services[home, name]
            port = next((p for p in service.ports if p.port == number and p.protocol is protocol), None)
            if port is None or service.headless or not service.selector or service.ref.origin is None:
                continue
            for pod in pods:
                if pod.namespace == home and service.selector.items() <= pod.labels.items():
                    target = resolved(port, pod)
                    if target is not None and target != number:
                        yield service, port, pod, target


def _through(
    subject: Subject,
    policy: NetworkPolicy,
    direction: Direction,
    rule: PolicyRule,
    service: Service,
    port: ServicePort,
    pod: Pod,
) -> Proof | None:
    """A request to the Service from a pod that the rule is for."""
    source: Pod | None = None
    if direction is Direction.EGRESS:
        own = (each for each in subject.kinds.get(policy.namespace, ()) if policy.pod_selector.matches(each.labels))
        source = next(own, None)
    else:
        peers = [peer for peer in rule.peers if peer.ip_block is None]
        source = next(
            (
                each
                for each in subject.kinds.get(policy.namespace, ())
                if each.ref != pod.ref
                and any(
                    peer_matches(subject.cluster, policy.namespace, peer, Party(each, each.address)) for peer in peers
                )
            ),
            None,
        )
    running = source is not None and source.addresses and source.phase == "Running"
    client = (
        f"{source.namespace}/pod/{source.name}"
        if source is not None and running
        else subject.client(policy.namespace, but=[pod])
    )
    return _call(client, service, port)


def _call(client: str | None, service: Service, port: ServicePort) -> Proof | None:
    if client is None:
        return None
    protocol = None if port.protocol is Protocol.TCP else port.protocol.lower()
    return Proof(client, f"{service.namespace}/svc/{service.name}:{port.port}", protocol=protocol)


def _named_port(subject: Subject) -> Iterator[Finding]:
    for policy, direction, rule in each_rule(subject):
        for entry in rule.ports:
            if not isinstance(entry.port, str):
                continue
            pods = destinations(subject, policy, direction, rule)
            if not pods or any(_has(pod, entry) for pod in pods):
                continue
            known = {port.name for pod in pods for port in pod.ports if port.name and port.protocol is entry.protocol}
            meant = certainly_meant(entry.port, known)
            field = f"{entry.field}.port"
            named = f"they name {', '.join(sorted(known)[:5])}" if known else "they name none"
            yield POLICY_PORT_NAME_UNKNOWN.finding(
                policy.ref,
                field,
                f"No container of {names(pods)} has a {entry.protocol} port called {entry.port} ({named}): the rule "
                "allows nothing there.",
                f"Set {field} to {meant}." if meant else "Write the number, or give the container's port that name.",
                edit=Edit(policy.ref, field, entry.port, meant) if meant else None,
            )


def _has(pod: Pod, entry: PolicyPort) -> bool:
    return any(port.name == entry.port and port.protocol is entry.protocol for port in pod.ports)


def _service_closed(subject: Subject) -> Iterator[Finding]:
    if subject.cluster.cni.enforces_policy is not True or foreign_policies(subject.manifests.skipped):
        return
    explained: set[tuple[Ref, Ref]] | None = None
    for written, service in subject.services:
        if not service.selector or service.namespace not in subject.cluster.policies:
            continue
        wanted = service.selector.items()
        pods = [pod for pod in subject.kinds.get(service.namespace, ()) if wanted <= pod.labels.items()]
        pods = [pod for pod in pods if pod.addresses]
        if not pods or any(_open(subject, service, pod) for pod in pods):
            continue
        policies = isolating(subject.cluster, pods[0], Direction.INGRESS)
        if explained is None:
            explained = {(slip[4].ref, slip[0].ref) for slip in _slips(subject)}
        if any((service.ref, policy.ref) in explained for policy in policies):
            continue
        listed = " and ".join(f"{policy.namespace}/{policy.name}" for policy in policies[:3])
        yield SERVICE_CLOSED_BY_POLICY.finding(
            written.ref,
            "spec.ports",
            f"NetworkPolicy {listed} {'isolates' if len(policies) == 1 else 'isolate'} its pods for ingress, and "
            "no rule "
            "opens any of its ports: every client waits until it gives up.",
            f"Add a policy for {names(pods)} with an ingress rule for the clients that are meant.",
            proof=_call(subject.client(service.namespace, but=pods), service, service.ports[0])
            if service.ports
            else None,
        )


def _open(subject: Subject, service: Service, pod: Pod) -> bool:
    """Whether some rule opens a port of the Service at this pod, to whomever."""
    if pod.host_network:
        return True
    policies = isolating(subject.cluster, pod, Direction.INGRESS)
    if not policies:
        return True
    ports = [(resolved(port, pod), port.protocol) for port in service.ports]
    return any(
        number is None or matching_port(rule, pod, number, protocol) is not False
        for number, protocol in ports
        for policy in policies
        for rule in policy.ingress
    )


def _ingress_closed(subject: Subject) -> Iterator[Finding]:
    if subject.cluster.cni.enforces_policy is not True or foreign_policies(subject.manifests.skipped):
        return
    for ingress in subject.cluster.ingresses.values():
        controller = controller_of(subject.cluster, ingress)
        if ingress.namespace not in subject.cluster.policies or not isinstance(controller, IngressController):
            continue
        seen = set()
        for backend in backends_of(ingress):
            service = subject.cluster.service(ingress.namespace, backend.service or "")
            port = backend_port(service, backend.port, controller.flavour) if service is not None else None
            if service is None or port is None or not service.selector or service.ref in seen:
                continue
            wanted = service.selector.items()
            pods = [pod for pod in subject.kinds.get(service.namespace, ()) if wanted <= pod.labels.items()]
            pods = [pod for pod in pods if pod.addresses and not pod.host_network]
            if not pods or not all(_keeps_out(subject, controller, pod, port) for pod in pods):
                continue
            seen.add(service.ref)
            policies = isolating(subject.cluster, pods[0], Direction.INGRESS)
            listed = " and ".join(f"{policy.namespace}/{policy.name}" for policy in policies[:3])
            home = controller.ref.namespace
            yield INGRESS_CLOSED_BY_POLICY.finding(
                ingress.ref,
                backend.field,
                f"The controller opens a connection of its own to the pods of {service.name}, and NetworkPolicy "
                f"{listed} "
                f"{'lets' if len(policies) == 1 else 'let'} nobody of its namespace{f' ({home})' if home else ''} in: "
                "every request ends in 504 Gateway Timeout.",
                f"Add an ingress rule for {names(pods)}: from namespaceSelector "
                f"{{kubernetes.io/metadata.name: {home}}}, "
                f"port {resolved(port, pods[0])}.",
                proof=_asked(ingress, service),
            )


def _keeps_out(subject: Subject, controller: IngressController, pod: Pod, port: ServicePort) -> bool:
    number = resolved(port, pod)
    policies = isolating(subject.cluster, pod, Direction.INGRESS)
    if number is None or not policies:
        return False
    if controller.assumed:  # it may be in any other namespace, with any labels
        peers = [
            (policy, rule.peers)
            for policy in policies
            for rule in policy.ingress
            if matching_port(rule, pod, number, port.protocol) is not False
        ]
        if any(not each for _, each in peers):
            return False
        return all(
            peer.ip_block is None
            and peer.namespace_selector is None
            and (peer.pod_selector is None or may_match(subject, policy.namespace, peer.pod_selector))
            for policy, each in peers
            for peer in each
        )
    own = [subject.cluster.pods[place] for place in controller.pods]
    return bool(own) and all(
        decide(
            subject.cluster,
            policies,
            Direction.INGRESS,
            Party(None if each.host_network else each, each.address),
            pod,
            number,
            port.protocol,
        ).allowed
        is False
        and not (each.host_network and each.node == pod.node)
        for each in own
    )


def _asked(ingress: Ingress, service: Service) -> Proof | None:
    for rule in ingress.rules:
        for path in rule.paths or ():
            if path.backend.service == service.name and rule.host and path.path.startswith("/"):
                return ask(ingress, rule.host, path.path if "(" not in path.path and "*" not in path.path else "/")
    return None


POLICY_SERVICE_PORT = Rule(
    code="POLICY_SERVICE_PORT",
    severity=Severity.WARNING,
    title="The policy names the Service's port instead of the pod's",
    meaning=(
        "Ports of a policy are ports of the pod. A client calls a Service on the Service's port, and kube-proxy "
        "rewrites "
        "it to targetPort before a policy sees the packet; so a rule for the Service's port never matches."
    ),
    look=("kubectl -n NAMESPACE get svc NAME -o yaml", "kubectl -n NAMESPACE describe networkpolicy POLICY"),
    causes=("The port was taken from the Service, or from a URL.",),
    repair="Write the container's port.",
    source=POLICY_PAGE,
    check=_service_port,
)

POLICY_PORT_NAME_UNKNOWN = Rule(
    code="POLICY_PORT_NAME_UNKNOWN",
    severity=Severity.WARNING,
    title="The policy names a port that no container has",
    meaning=(
        "A port name in a policy is looked up among the container ports of the destination pod, with the rule's "
        "protocol. Names of Service ports mean nothing there. A name that no container has matches nothing."
    ),
    look=("kubectl -n NAMESPACE get pods -o yaml",),
    causes=("The name of the Service's port was written.", "The container's port has no name.", "A typo."),
    repair="Write the name that the container gives its port, or the number.",
    source=POLICY_PAGE,
    check=_named_port,
)

SERVICE_CLOSED_BY_POLICY = Rule(
    code="SERVICE_CLOSED_BY_POLICY",
    severity=Severity.WARNING,
    title="Policies keep every client from the Service",
    meaning=(
        "A policy without rules, or with rules for other ports, isolates the pods that it selects. As long as no "
        "policy "
        "allows anybody to reach the port that a Service leads to, nobody gets an answer; the packets vanish."
    ),
    look=("kubectl -n NAMESPACE get networkpolicy", "kubectl -n NAMESPACE describe networkpolicy NAME"),
    causes=(
        "A default deny was added, and nothing that allows.",
        "The rule that allows names another port, or selects other pods.",
    ),
    repair="Add a policy that allows the clients which are meant.",
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-ingress-traffic",
    check=_service_closed,
)

INGRESS_CLOSED_BY_POLICY = Rule(
    code="INGRESS_CLOSED_BY_POLICY",
    severity=Severity.WARNING,
    title="Policies keep the Ingress controller from the pods",
    meaning=(
        "To the pods a request through an Ingress comes from the controller's pod, in the controller's namespace. "
        "Policies that allow clients of the own namespace alone therefore close the Ingress: it answers 504."
    ),
    look=("kubectl -n NAMESPACE get networkpolicy", "kubectl get pods -A -l app.kubernetes.io/component=controller"),
    causes=("A default deny, or an allowance for the own namespace, forgets the controller.",),
    repair="Allow the controller's namespace.",
    source=POLICY_PAGE,
    check=_ingress_closed,
)
