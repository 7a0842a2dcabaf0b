"""NetworkPolicies: the peers that their rules name.

https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from itertools import pairwise

from kcnet.analysis.finding import Edit, Finding, Proof, Rule, Severity, Subject
from kcnet.analysis.policies import (
    anywhere,
    each_rule,
    matching,
    may_match,
    namespaces_of,
    request_to,
    selected,
    slip_of,
    stopped_request,
    wanted_labels,
)
from kcnet.model.names import IPNetwork
from kcnet.model.objects import Namespace, Pod, Service, ServicePort, ServiceType, TrafficPolicy
from kcnet.model.policy import Direction, IPBlock, NetworkPolicy, Peer
from kcnet.model.policy import Rule as PolicyRule
from kcnet.model.wellknown import NAMESPACE_NAME
from kcnet.path.netpol import Party, decide, isolating, matching_port

_PAGE = "https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors"
_PRIVATE: tuple[IPNetwork, ...] = tuple(
    ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)


def _two_items(subject: Subject) -> Iterator[Finding]:
    for policy, direction, rule in each_rule(subject):
        for first, second in pairwise(rule.peers):
            by_namespace, by_pod = (first, second) if first.namespace_selector else (second, first)
            if not _meant_as_one(subject, policy, by_namespace, by_pod):
                continue
            assert by_namespace.namespace_selector is not None
            assert by_pod.pod_selector is not None
            stranger = _stranger(subject, by_namespace, by_pod)
            pods = (pod for pod in selected(subject, policy) if not pod.host_network and pod != stranger)
            own = next(pods, None)
            if stranger is None or own is None:
                continue
            proof = (
                request_to(stranger, own, None) if direction is Direction.INGRESS else request_to(own, stranger, None)
            )
            verb = "from" if direction is Direction.INGRESS else "to"
            yield POLICY_PEERS_ARE_ALTERNATIVES.finding(
                policy.ref,
                second.field,
                f"namespaceSelector {by_namespace.namespace_selector} and podSelector {by_pod.pod_selector} are two "
                f"items of the list, so that either is enough: traffic {verb} every pod of those namespaces is "
                f"allowed, such as {stranger.namespace}/{stranger.name}.",
                "Remove the dash of the second, so that one item has both selectors, if only those pods in those "
                "namespaces are meant.",
                proof=proof,
            )


def _meant_as_one(subject: Subject, policy: NetworkPolicy, by_namespace: Peer, by_pod: Peer) -> bool:
    """Whether the podSelector, on its own, picks nobody or nobody new, and joined to the other picks somebody."""
    homes, labels = by_namespace.namespace_selector, by_pod.pod_selector
    if homes is None or homes.empty or by_namespace.pod_selector or labels is None or labels.empty:
        return False
    if by_pod.namespace_selector or by_namespace.ip_block or by_pod.ip_block:
        return False
    there = namespaces_of(subject, homes)
    if may_match(subject, policy.namespace, labels):
        return policy.namespace in there
    return any(matching(subject, home, labels) for home in there)


def _stranger(subject: Subject, by_namespace: Peer, by_pod: Peer) -> Pod | None:
    """A pod that is let in because either selector is enough."""
    assert by_namespace.namespace_selector is not None
    assert by_pod.pod_selector is not None
    return next(
        (
            pod
            for home in namespaces_of(subject, by_namespace.namespace_selector)
            for pod in subject.kinds.get(home, ())
            if not by_pod.pod_selector.matches(pod.labels)
        ),
        None,
    )


def _other_namespace(subject: Subject) -> Iterator[Finding]:
    for policy, direction, rule, peer in _selecting_nobody(subject):
        if any(_meant_as_one(subject, policy, *pair) for pair in _neighbours(rule, peer)):
            continue
        assert peer.pod_selector is not None
        if peer.namespace_selector is not None or slip_of(peer.pod_selector, subject.kinds.get(policy.namespace, ())):
            continue
        assumed = {place for one in subject.cluster.ingress_controllers if one.assumed for place in one.pods}
        found = anywhere(subject, peer.pod_selector)
        there = next((pod for pod in found if (pod.namespace, pod.name) not in assumed), None)
        if there is None:
            continue
        proof = stopped_request(subject, direction, selected(subject, policy), [there])
        side = "from" if direction is Direction.INGRESS else "to"
        yield POLICY_PEER_OTHER_NAMESPACE.finding(
            policy.ref,
            f"{peer.field}.podSelector",
            f"A podSelector alone speaks of namespace {policy.namespace}, where no pod has {peer.pod_selector}; pod "
            f"{there.namespace}/{there.name} has. Nothing is allowed {side} it by this.",
            f"Add namespaceSelector {{matchLabels: {{{NAMESPACE_NAME}: {there.namespace}}}}} to the same item.",
            proof=proof,
        )


def _matches_nothing(subject: Subject) -> Iterator[Finding]:
    for policy, direction, _, peer in _selecting_nobody(subject):
        assert peer.pod_selector is not None
        homes = namespaces_of(subject, peer.namespace_selector) if peer.namespace_selector else [policy.namespace]
        slip = slip_of(peer.pod_selector, (pod for home in homes for pod in subject.kinds.get(home, ())))
        if slip is None or slip.pod is None:
            continue
        field = f"{peer.field}.podSelector.{slip.field}"
        yield POLICY_PEER_MATCHES_NOTHING.finding(
            policy.ref,
            field,
            f"No pod of {'namespace ' + ' or '.join(homes[:3])} has the labels {peer.pod_selector} ({slip.text}): the "
            f"peer allows nothing {'from' if direction is Direction.INGRESS else 'to'} anybody.",
            f"Select {slip.other_label or slip.label}={slip.has}.",
            proof=stopped_request(subject, direction, selected(subject, policy), [slip.pod]),
            edit=Edit(policy.ref, field, slip.wanted, slip.has) if not slip.other_label else None,
        )


def _selecting_nobody(subject: Subject) -> Iterator[tuple[NetworkPolicy, Direction, PolicyRule, Peer]]:
    """Peers with a podSelector that matches no pod of the namespaces they speak of."""
    for policy, direction, rule in each_rule(subject):
        for peer in rule.peers:
            if peer.pod_selector is None or peer.pod_selector.empty:
                continue
            homes = namespaces_of(subject, peer.namespace_selector) if peer.namespace_selector else [policy.namespace]
            if homes and not any(may_match(subject, home, peer.pod_selector) for home in homes):
                yield policy, direction, rule, peer


def _neighbours(rule: PolicyRule, peer: Peer) -> Iterator[tuple[Peer, Peer]]:
    for first, second in pairwise(rule.peers):
        if peer is first:
            yield second, first
        elif peer is second:
            yield first, second


def _namespace_label(subject: Subject) -> Iterator[Finding]:
    for policy, direction, rule in each_rule(subject):
        for peer in rule.peers:
            selector = peer.namespace_selector
            if selector is None or selector.empty or namespaces_of(subject, selector):
                continue
            for label, value, place in wanted_labels(selector):
                meant = _meant_namespace(subject, label, value)
                if meant is None:
                    continue
                home, new_label, new_value = meant
                field = f"{peer.field}.namespaceSelector.{place}"
                yield POLICY_NAMESPACE_LABEL_MISSING.finding(
                    policy.ref,
                    field,
                    f"No namespace has the label {label}={value}, so that this peer matches nobody. Namespace "
                    f"{home.name} has {_labels(home)}.",
                    f"Select {new_label}: {new_value}"
                    + (", which every namespace carries as its name." if new_label == NAMESPACE_NAME else "."),
                    proof=stopped_request(
                        subject, direction, selected(subject, policy), subject.kinds.get(home.name, ())
                    ),
                    edit=Edit(policy.ref, field, value, new_value) if new_label == label else None,
                )
                break


def _meant_namespace(subject: Subject, label: str, value: str) -> tuple[Namespace, str, str] | None:
    """The namespace that was surely meant, with a label and value that select it."""
    from kcnet.analysis.spelling import certainly_meant

    homes = subject.cluster.namespaces
    if label == NAMESPACE_NAME:
        near = certainly_meant(value, homes)
        return (homes[near], label, near) if near else None
    stated = [home for home in homes.values() if home.ref.origin is not None]
    if value in homes and homes[value].ref.origin is not None:
        return homes[value], NAMESPACE_NAME, value
    near = certainly_meant(value, {home.labels[label] for home in stated if label in home.labels})
    return next(((home, label, near) for home in stated if near and home.labels.get(label) == near), None)


def _labels(home: Namespace) -> str:
    return ", ".join(f"{name}={value}" for name, value in home.labels.items())


def _service_addresses(subject: Subject) -> Iterator[Finding]:
    stated = subject.manifests.facts.service_cidrs
    for policy, direction, peer, block in _blocks(subject):
        of = next(iter(subject.cluster.services_by_address.get(block.cidr.network_address, ())), None)
        exact = block.cidr.num_addresses == 1 and of is not None and block.cidr.network_address in _written(subject, of)
        if not exact and not any(_inside(block.cidr, cidr) for cidr in stated):
            continue
        what = f"the cluster IP of {of.ref}" if exact and of else "a range of cluster IPs"
        effect = (
            "and by the time most plugins look at a packet it is addressed to a pod: the rule allows nothing"
            if direction is Direction.EGRESS
            else "and no packet ever comes from one: the rule allows nobody"
        )
        yield POLICY_IP_BLOCK_OF_SERVICES.finding(
            policy.ref,
            f"{peer.field}.ipBlock.cidr",
            f"{block.cidr} is {what}, {effect}.",
            "Name the pods behind the Service with podSelector and namespaceSelector, and their own port.",
        )


def _pod_addresses(subject: Subject) -> Iterator[Finding]:
    stated = (
        *subject.manifests.facts.pod_cidrs,
        *(cidr for node in subject.manifests.nodes for cidr in node.pod_cidrs),
    )
    for policy, _, peer, block in _blocks(subject):
        if any(_inside(block.cidr, cidr) for cidr in (*stated, *(subject.cluster.pod_cidrs if stated else ()))):
            yield POLICY_IP_BLOCK_OF_PODS.finding(
                policy.ref,
                f"{peer.field}.ipBlock.cidr",
                f"{block.cidr} holds addresses of pods. ipBlock is meant for what is outside of the cluster: some "
                "plugins "
                "match pods by it and others, such as Cilium, do not; and a pod's address changes when it is replaced.",
                "Name the pods with podSelector and namespaceSelector.",
            )


def _behind_translation(subject: Subject) -> Iterator[Finding]:
    nodes = [node for node in subject.cluster.nodes.values() if node.ready]
    if not nodes or subject.enforces_policy is False:
        return
    for policy, direction, rule in each_rule(subject):
        if direction is not Direction.INGRESS:
            continue
        for peer in rule.peers:
            if peer.ip_block is None or not _outside(subject, peer.ip_block.cidr):
                continue
            for service, port, pod, number in _entries(subject, policy, rule):
                closed = decide(
                    subject.cluster,
                    isolating(subject.cluster, pod, Direction.INGRESS),
                    Direction.INGRESS,
                    Party(None, nodes[0].address),
                    pod,
                    number,
                    port.protocol,
                )
                if closed.allowed is not False:
                    continue
                yield POLICY_IP_BLOCK_BEHIND_SNAT.finding(
                    policy.ref,
                    f"{peer.field}.ipBlock.cidr",
                    f"Clients of {peer.ip_block.cidr} come in through {service.ref}, whose externalTrafficPolicy is "
                    "Cluster: kube-proxy puts a node's address in the place of theirs, which this rule does not cover. "
                    "Their packets are dropped on every node but the pod's own.",
                    f"Set externalTrafficPolicy: Local on {service.ref}, which keeps the client's address.",
                    proof=_from_block(peer.ip_block, service, port, nodes[0].name),
                )
                break


def _entries(
    subject: Subject, policy: NetworkPolicy, rule: PolicyRule
) -> Iterator[tuple[Service, ServicePort, Pod, int]]:
    """Ways from outside, with the address of the client lost, to a port that the rule is about."""
    from kcnet.analysis.listening import resolved

    for name in subject.cluster.service_names(policy.namespace):
        service = subject.cluster.services[policy.namespace, name]
        if service.type not in (ServiceType.NODE_PORT, ServiceType.LOAD_BALANCER) or not service.selector:
            continue
        if service.external_traffic_policy is TrafficPolicy.LOCAL or service.load_balancer_class:
            continue
        if any("aws-load-balancer" in name for name in service.annotations):
            continue  # may send to the pods' own addresses
        wanted = service.selector.items()
        for pod in selected(subject, policy):
            if pod.host_network or not wanted <= pod.labels.items():
                continue
            for port in service.ports:
                number = resolved(port, pod)
                if number is not None and matching_port(rule, pod, number, port.protocol) is not False:
                    yield service, port, pod, number


def _from_block(block: IPBlock, service: Service, port: ServicePort, node: str) -> Proof | None:
    source = block.cidr.network_address + (1 if block.cidr.num_addresses > 2 else 0)
    address = next((entry.address for entry in service.load_balancer if entry.address is not None), None)
    protocol = None if port.protocol == "TCP" else port.protocol.lower()
    if address is not None and address.version == source.version:
        shown = f"[{address}]" if address.version == 6 else f"{address}"
        return Proof(str(source), f"{shown}:{port.port}", protocol=protocol)
    return Proof(str(source), f"node/{node}:{port.node_port}", protocol=protocol) if port.node_port else None


def _outside(subject: Subject, cidr: IPNetwork) -> bool:
    """Whether a range is surely neither the nodes' nor the cluster's own."""
    return cidr.prefixlen > 0 and not any(
        cidr.version == own.version and cidr.overlaps(own) for own in (*_PRIVATE, *subject.cluster.pod_cidrs)
    )


def _blocks(subject: Subject) -> Iterator[tuple[NetworkPolicy, Direction, Peer, IPBlock]]:
    for policy, direction, rule in each_rule(subject):
        for peer in rule.peers:
            if peer.ip_block is not None:
                yield policy, direction, peer, peer.ip_block


def _inside(cidr: IPNetwork, other: IPNetwork) -> bool:
    return cidr.version == other.version and cidr.subnet_of(other)  # type: ignore[arg-type]


def _written(subject: Subject, service: Service) -> set[object]:
    """Cluster IPs that the manifest of the Service states, or the Cluster document for the cluster's DNS."""
    dns = subject.cluster.services.get(subject.cluster.dns_service)
    stated = subject.manifests.facts.dns_service_ip if service is dns else None
    return {ip for each, own in subject.services if own is service for ip in each.cluster_ips} | {stated}


POLICY_PEERS_ARE_ALTERNATIVES = Rule(
    code="POLICY_PEERS_ARE_ALTERNATIVES",
    severity=Severity.WARNING,
    title="Two items of a peer list, where one was surely meant",
    meaning=(
        "Items of from and to are alternatives. A namespaceSelector and a podSelector in one item mean those pods in "
        "those namespaces; with a dash each they mean all pods of those namespaces, or those pods of the policy's own. "
        "One dash too many opens whole namespaces."
    ),
    look=("kubectl -n NAMESPACE describe networkpolicy NAME",),
    causes=("A dash was put before the second selector.",),
    repair="Write both selectors into one item, without a dash before the second.",
    source=_PAGE,
    check=_two_items,
)

POLICY_PEER_OTHER_NAMESPACE = Rule(
    code="POLICY_PEER_OTHER_NAMESPACE",
    severity=Severity.WARNING,
    title="The peer's pods are in another namespace",
    meaning=(
        "A podSelector without a namespaceSelector speaks of the policy's own namespace. Pods of other namespaces need "
        "both selectors in one item; their labels alone never match."
    ),
    look=("kubectl get pods -A -l LABEL=VALUE", "kubectl -n NAMESPACE describe networkpolicy NAME"),
    causes=("The namespaceSelector was forgotten.", "The policy is in the wrong namespace."),
    repair="Add a namespaceSelector to the same item.",
    source=_PAGE,
    check=_other_namespace,
)

POLICY_PEER_MATCHES_NOTHING = Rule(
    code="POLICY_PEER_MATCHES_NOTHING",
    severity=Severity.WARNING,
    title="A peer that no pod matches",
    meaning=(
        "A peer allows the pods that carry its labels. If none does, the rule allows nobody, and the pods that were "
        "meant are dropped like everybody else, without an answer."
    ),
    look=("kubectl get pods -A --show-labels", "kubectl -n NAMESPACE describe networkpolicy NAME"),
    causes=("A typo in a label.", "The pods carry the value under another label."),
    repair="Select labels that the pods carry.",
    source=_PAGE,
    check=_matches_nothing,
)

POLICY_NAMESPACE_LABEL_MISSING = Rule(
    code="POLICY_NAMESPACE_LABEL_MISSING",
    severity=Severity.WARNING,
    title="namespaceSelector asks for a label that no namespace has",
    meaning=(
        "A namespaceSelector compares labels, not names. Every namespace carries its name as the label "
        "kubernetes.io/metadata.name; other labels are there only if somebody set them."
    ),
    look=("kubectl get namespaces --show-labels",),
    causes=("The label name was taken to exist.", "A typo in the label's value."),
    repair="Select kubernetes.io/metadata.name, or label the namespace.",
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name",
    check=_namespace_label,
)

POLICY_IP_BLOCK_OF_SERVICES = Rule(
    code="POLICY_IP_BLOCK_OF_SERVICES",
    severity=Severity.WARNING,
    title="An ipBlock names addresses of Services",
    meaning=(
        "kube-proxy replaces a cluster IP by a pod's address before most plugins apply policies, and nothing "
        "ever sends "
        "from a cluster IP. Whether a policy sees the address before or after is not defined; so name the pods."
    ),
    look=("kubectl get svc -A -o wide",),
    causes=("The Service's address was taken for the destination of the packet.",),
    repair="Name the pods behind the Service.",
    source=_PAGE,
    check=_service_addresses,
)

POLICY_IP_BLOCK_OF_PODS = Rule(
    code="POLICY_IP_BLOCK_OF_PODS",
    severity=Severity.INFO,
    title="An ipBlock names addresses of pods",
    meaning=(
        "ipBlock is meant for addresses outside of the cluster. Pods' addresses come and go, and plugins differ in "
        "whether an ipBlock matches them at all."
    ),
    look=("kubectl get pods -A -o wide",),
    causes=("The pods' range was used to allow everything within the cluster.",),
    repair="Use namespaceSelector and podSelector.",
    source=_PAGE,
    check=_pod_addresses,
)

POLICY_IP_BLOCK_BEHIND_SNAT = Rule(
    code="POLICY_IP_BLOCK_BEHIND_SNAT",
    severity=Severity.WARNING,
    title="An ipBlock for clients whose address does not arrive",
    meaning=(
        "With externalTrafficPolicy Cluster a node that takes a packet from outside may send it on to a pod of another "
        "node, and puts its own address in the client's place. The policy then sees a node, and no ipBlock of clients "
        "matches. Local keeps the address."
    ),
    look=("kubectl -n NAMESPACE get svc NAME -o jsonpath={.spec.externalTrafficPolicy}",),
    causes=("The pods were taken to see the client's address.",),
    repair="Set externalTrafficPolicy: Local.",
    source="https://kubernetes.io/docs/tutorials/services/source-ip/",
    check=_behind_translation,
)
