"""NetworkPolicies: the ports that their rules name, and the Services and Ingresses that they close.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from urllib.parse import urlsplit

from kcnet.analysis.finding import Edit, Finding, Proof, Rule, Severity, Subject
from kcnet.analysis.listening import listens, refuses, resolved
from kcnet.analysis.policies import (
    destinations,
    each_rule,
    foreign_policies,
    may_match,
    may_send,
    names,
    pods_of,
    request_to,
    selected,
)
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
from kcnet.path.netpol import Party, decide, isolating, matching_port
from kcnet.path.public import controller_of


def _service_port(subject: Subject) -> Iterator[Finding]:
    for policy, direction, rule, entry, service, port, pod, number in service_port_slips(subject):
        sources = list(islice(_sources(subject, policy, direction, rule, pod), _MOST_SOURCES))
        kept_out = [each for each in sources if _kept_out(subject, direction, each, pod, number, entry.protocol)]
        if sources and not kept_out:
            continue  # another rule lets them in
        yield POLICY_SERVICE_PORT.finding(
            policy.ref,
            f"{entry.field}.port",
            f"{entry.port} is the port of {service.ref}, and the pod behind it listens on {number}. Policies see the "
            f"packet after kube-proxy has rewritten it to port {number}, and this "
            "rule does not cover that: it lets nobody through.",
            f"Write port {number}.",
            proof=_call(next((subject.named(each) for each in kept_out if _runs(each)), None), service, port),
        )


def _sources(
    subject: Subject, policy: NetworkPolicy, direction: Direction, rule: PolicyRule, pod: Pod
) -> Iterator[Pod]:
    """One pod of each kind that the rule lets send, if it has the right port."""
    if direction is Direction.EGRESS:
        found: Iterator[Pod] = iter(selected(subject, policy))
    elif rule.peers:
        found = (each for peer in rule.peers if peer.ip_block is None for each in pods_of(subject, policy, peer))
    else:
        found = (each for pods in subject.kinds.values() for each in pods)
    return (each for each in found if each.ref != pod.ref and not each.host_network)


def _kept_out(subject: Subject, direction: Direction, source: Pod, pod: Pod, number: int, protocol: Protocol) -> bool:
    """Whether the policies of one end keep ``source`` from a port of ``pod``."""
    near, far = (pod, source) if direction is Direction.INGRESS else (source, pod)
    policies = isolating(subject.cluster, near, direction)
    decision = decide(subject.cluster, policies, direction, Party(far, far.address), pod, number, protocol)
    return decision.allowed is False


def _runs(pod: Pod) -> bool:
    return bool(pod.addresses) and pod.phase == "Running"


_MOST_SOURCES = 200

_Slip = tuple[NetworkPolicy, Direction, PolicyRule, PolicyPort, Service, ServicePort, Pod, int]


def service_port_slips(subject: Subject) -> Iterator[_Slip]:
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
            if not pods or not all(refuses(subject, pod, entry.port, entry.protocol) for pod in pods):
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


def _call(client: str | None, service: Service, port: ServicePort) -> Proof | None:
    if client is None:
        return None
    protocol = None if port.protocol is Protocol.TCP else port.protocol.lower()
    return Proof(client, f"{service.namespace}/svc/{service.name}:{port.port}", protocol=protocol)


def _other_protocol(subject: Subject) -> Iterator[Finding]:
    for policy, direction, rule in each_rule(subject):
        for entry in rule.ports:
            number = entry.port
            if not isinstance(number, int) or entry.end_port is not None:
                continue
            pods = [pod for pod in destinations(subject, policy, direction, rule) if not pod.host_network]
            if not pods or not all(refuses(subject, pod, number, entry.protocol) for pod in pods):
                continue
            pod, protocol = next(
                ((pod, each) for pod in pods for each in Protocol if listens(pod, number, each)), (None, Protocol.TCP)
            )
            if pod is None or matching_port(rule, pod, number, protocol) is not False:
                continue
            sources = list(islice(_sources(subject, policy, direction, rule, pod), _MOST_SOURCES))
            kept_out = [each for each in sources if _kept_out(subject, direction, each, pod, number, protocol)]
            if sources and not kept_out:
                continue
            proof = request_to(next(filter(_runs, kept_out), None), pod, number)
            yield POLICY_PORT_PROTOCOL.finding(
                policy.ref,
                entry.field,
                f"It allows {entry.protocol} {number}, and {names(pods)} {'listens' if len(pods) == 1 else 'listen'} "
                f"there on {protocol} alone (a port without protocol means TCP): the rule lets nobody through.",
                f"Set {entry.field}.protocol to {protocol}.",
                proof=proof._replace(protocol=None if protocol is Protocol.TCP else protocol.lower())
                if proof
                else None,
            )


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
    if subject.enforces_policy is not True or foreign_policies(subject.manifests.skipped):
        return
    explained: set[tuple[Ref | None, Ref]] | None = None
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
            explained = {(slip[4].ref, slip[0].ref) for slip in service_port_slips(subject)}
            explained |= {(None, finding.ref) for finding in _other_protocol(subject)}
        if any((ref, policy.ref) in explained for policy in policies for ref in (service.ref, None)):
            continue
        listed = " and ".join(f"{policy.namespace}/{policy.name}" for policy in policies[:3])
        yield SERVICE_CLOSED_BY_POLICY.finding(
            written.ref,
            "spec.ports",
            f"NetworkPolicy {listed} {'isolates' if len(policies) == 1 else 'isolate'} its pods for ingress, and "
            "no rule "
            "opens any of its ports: every client waits until it gives up.",
            f"Add a policy for {names(pods)} with an ingress rule for the clients that are meant.",
            proof=_call(
                subject.stranger(service.namespace, subject.selected(service), such=partial(may_send, subject)),
                service,
                service.ports[0],
            )
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
    if service.headless:  # clients call any port of the pods
        return any(policy.ingress for policy in policies)
    ports = [(number, port.protocol) for port in service.ports if (number := resolved(port, pod)) is not None]
    return not ports or any(
        matching_port(rule, pod, number, protocol) is not False
        for number, protocol in ports
        for policy in policies
        for rule in policy.ingress
    )


def _ingress_closed(subject: Subject) -> Iterator[Finding]:
    if subject.enforces_policy is not True or foreign_policies(subject.manifests.skipped):
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
                proof=_asked(subject, controller, ingress, service),
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


def _asked(subject: Subject, controller: IngressController, ingress: Ingress, service: Service) -> Proof | None:
    """A request for a path that leads to the Service: from outside, or straight to a controller that has no way in."""
    found = (
        (rule.host, path.path)
        for rule in ingress.rules
        for path in rule.paths or ()
        if path.backend.service == service.name and rule.host and path.path.startswith("/")
    )
    host, path = next(found, ("", ""))
    if not host:
        return None
    proof = ask(ingress, host, path if "(" not in path and "*" not in path else "/")
    pods = [subject.cluster.pods[place] for place in controller.pods]
    services = [subject.cluster.services[place] for place in controller.services]
    if (
        proof is None
        or controller.assumed
        or any(each.externally_accessible for each in services)
        or any(each.host_network or any(port.host_port for port in each.ports) for each in pods)
    ):
        return proof
    door = next((each for each in pods if each.address is not None), None)
    client = subject.stranger(ingress.namespace, pods, such=partial(may_send, subject))
    if door is None or client is None:
        return None
    shown = f"[{door.address}]" if door.address and door.address.version == 6 else f"{door.address}"
    url = urlsplit(proof.target)
    return Proof(client, f"http://{shown}:{controller.http_port}{url.path}", host=url.hostname)


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

POLICY_PORT_PROTOCOL = Rule(
    code="POLICY_PORT_PROTOCOL",
    severity=Severity.WARNING,
    title="The policy names the port with another protocol than the pod's",
    meaning=(
        "A port of a policy is a number and a protocol, and a port without protocol means TCP. TCP 53 and UDP 53 are "
        "two ports: a rule for one of them leaves the other closed."
    ),
    look=("kubectl -n NAMESPACE describe networkpolicy NAME", "kubectl -n NAMESPACE get pods -o yaml"),
    causes=("protocol was left out for a port that speaks UDP or SCTP.",),
    repair="Write the protocol of the container's port.",
    source=POLICY_PAGE,
    check=_other_protocol,
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
