"""NetworkPolicies: whether they act at all, and what they forget.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from kcnet.analysis.finding import Edit, Finding, Proof, Rule, Severity, Subject
from kcnet.analysis.policies import (
    anywhere,
    foreign_policies,
    may_match,
    may_send,
    names,
    request_to,
    selected,
    slip_of,
)
from kcnet.model.names import Protocol, Ref
from kcnet.model.objects import Pod
from kcnet.model.policy import Direction, NetworkPolicy
from kcnet.model.policy import Rule as PolicyRule
from kcnet.path.dns import resolv_conf
from kcnet.path.flow import count
from kcnet.path.netpol import Party, decide, isolating

POLICY_PAGE = "https://kubernetes.io/docs/concepts/services-networking/network-policies/"


def _selects_nothing(subject: Subject) -> Iterator[Finding]:
    for policy in subject.manifests.policies:
        selector = policy.pod_selector
        if selector.empty or may_match(subject, policy.namespace, selector):
            continue
        here = subject.kinds.get(policy.namespace, ())
        slip = slip_of(selector, here)
        there = (
            next((pod for pod in anywhere(subject, selector) if pod.namespace != policy.namespace), None)
            if slip is None
            else None
        )
        if slip is None and there is None and (not here or subject.custom):
            continue  # its pods may stand in other files, or come from a custom resource
        hint = f" ({slip.text})" if slip else ""
        repair = f"Make spec.podSelector equal to labels of pods in namespace {policy.namespace}."
        if slip is not None:
            repair = f"Select {slip.other_label or slip.label}={slip.has}."
        elif there is not None:
            hint = f" (pod {there.namespace}/{there.name} has them; a policy selects in its own namespace alone)"
            repair = f"Move {policy.ref} to namespace {there.namespace}."
        field = f"spec.podSelector.{slip.field}" if slip else "spec.podSelector"
        certain = slip is not None and not slip.other_label
        yield POLICY_SELECTS_NOTHING.finding(
            policy.ref,
            field,
            f"No pod of namespace {policy.namespace} has the labels {selector}{hint}: the policy protects nobody and "
            "allows nothing.",
            repair,
            edit=Edit(policy.ref, field, slip.wanted, slip.has) if slip is not None and certain else None,
        )


def _rules_ignored(subject: Subject) -> Iterator[Finding]:
    for policy in subject.manifests.policies:
        for direction in Direction:
            rules = policy.rules(direction)
            if not rules or direction in policy.directions:
                continue
            word = direction.value.lower()
            pods = selected(subject, policy)
            open_ = next((pod for pod in pods if not isolating(subject.cluster, pod, direction)), None)
            effect = (
                f"{names([open_])} {'may send to everybody' if word == 'egress' else 'may be reached by everybody'}"
                if open_ is not None
                else "they allow nothing"
            )
            yield POLICY_RULES_IGNORED.finding(
                policy.ref,
                "spec.policyTypes",
                f"policyTypes does not name {direction.value}, so its {count(len(rules), f'{word} rule')} "
                f"{'does' if len(rules) == 1 else 'do'} not count: {effect}.",
                f"Add {direction.value} to spec.policyTypes, or remove spec.{word}.",
            )


def _ingress_implied(subject: Subject) -> Iterator[Finding]:
    for policy in subject.manifests.policies:
        if not policy.ingress_implied:
            continue
        called = [
            pod
            for pod in selected(subject, policy)
            if (pod.ports or pod.listens)
            and not pod.host_network
            and isolating(subject.cluster, pod, Direction.INGRESS) == (policy,)
        ]
        if called:
            yield POLICY_EGRESS_ISOLATES_INGRESS.finding(
                policy.ref,
                "spec",
                "It speaks of egress alone, and without policyTypes it isolates for ingress too: nothing may reach "
                f"{names(called)} any more, but the pod's own node.",
                "Add policyTypes: [Egress] to spec; [Ingress, Egress] if nobody should reach these pods.",
                proof=request_to(
                    subject.stranger(called[0].namespace, called[:1], such=partial(may_send, subject)), called[0], None
                ),
            )


def _not_enforced(subject: Subject) -> Iterator[Finding]:
    policies = subject.manifests.policies
    if subject.enforces_policy is not False or not policies:
        return
    flannel, facts = subject.runs_flannel, subject.manifests.facts
    stated = facts.ref if facts.cni is not None else None
    yield POLICY_NOT_ENFORCED_HERE.finding(
        flannel or stated or policies[0].ref,
        "spec.template.spec.containers" if flannel else "spec.cni" if stated else "",
        f"{'Flannel' if flannel else subject.cluster.cni.title} does not enforce NetworkPolicy: "
        f"{'the policy is' if len(policies) == 1 else f'the {len(policies)} policies are'} stored, and nothing is "
        "ever blocked."
        + (" So that trace and reach know it, a Cluster document has to say cni: flannel." if flannel else ""),
        "Install a plugin that enforces policies, such as Calico, Cilium or Canal.",
        proof=_unblocked(subject, policies) if flannel is None else None,
    )


def _unblocked(subject: Subject, policies: Sequence[NetworkPolicy]) -> Proof | None:
    """A request that only an enforcing plugin would stop."""
    for policy in policies:
        if Direction.INGRESS in policy.directions and not policy.ingress:
            for pod in selected(subject, policy):
                proof = request_to(subject.stranger(pod.namespace, [pod]), pod, None)
                if proof is not None:
                    return proof
    return None


def _egress_without_dns(subject: Subject) -> Iterator[Finding]:
    servers = _dns_servers(subject)
    if not servers or subject.enforces_policy is False or foreign_policies(subject.manifests.skipped):
        return
    found: dict[tuple[Ref, ...], list[Pod]] = {}
    by_policies: dict[tuple[Ref, ...], tuple[NetworkPolicy, ...]] = {}
    for home in {policy.namespace for policy in subject.manifests.policies}:
        for pod in subject.kinds.get(home, ()):
            policies = isolating(subject.cluster, pod, Direction.EGRESS) if not pod.host_network else ()
            rules = [rule for policy in policies for rule in policy.egress]
            if not any(_for_names(rule) for rule in rules) or any(_about_dns(rule) for rule in rules):
                continue
            if resolv_conf(subject.cluster, pod).uses_cluster_dns and not _asks(subject, pod, policies, Protocol.UDP):
                refs = tuple(policy.ref for policy in policies)
                found.setdefault(refs, []).append(pod)
                by_policies[refs] = policies
    for refs, pods in found.items():
        policies = by_policies[refs]
        policy = next(each for each in policies if each.egress)
        tcp = _asks(subject, pods[0], policies, Protocol.TCP)
        aside = " TCP 53 is allowed, and names are asked over UDP." if tcp else ""
        yield POLICY_EGRESS_WITHOUT_DNS.finding(
            policy.ref,
            "spec.egress",
            f"No rule lets {names(pods)} ask the cluster's DNS (UDP 53).{aside} Every name, also that of a Service "
            "which a rule allows, is looked up in vain: the request ends before it begins.",
            "Add an egress rule to namespace kube-system (label kubernetes.io/metadata.name), pods k8s-app: kube-dns, "
            "ports UDP 53 and TCP 53.",
            proof=_by_name(subject, pods[0]),
        )


def _for_names(rule: PolicyRule) -> bool:
    """Whether the rule allows what is called by name: anything but addresses."""
    return not rule.peers or any(peer.ip_block is None for peer in rule.peers)


def _about_dns(rule: PolicyRule) -> bool:
    """Whether the author thought of DNS, perhaps of one that is not in these manifests."""
    for entry in rule.ports:
        if entry.protocol is Protocol.UDP and (entry.port in (53, 5353) or "dns" in str(entry.port)):
            return True
    if rule.ports:
        return False
    text = " ".join(f"{peer.namespace_selector} {peer.pod_selector}" for peer in rule.peers)
    return "kube-system" in text or "dns" in text


def _dns_servers(subject: Subject) -> Sequence[Pod]:
    service = subject.cluster.services.get(subject.cluster.dns_service)
    return [pod for pod in subject.selected(service) if pod.addresses][:5] if service is not None else ()


def _asks(subject: Subject, pod: Pod, policies: Sequence[NetworkPolicy], protocol: Protocol) -> bool:
    """Whether the policies let the pod ask some DNS server, as far as can be known."""
    cluster = subject.cluster
    return any(
        decide(
            cluster,
            policies,
            Direction.EGRESS,
            Party(None if server.host_network else server, server.address),
            server,
            _dns_port(server, protocol),
            protocol,
        ).allowed
        is not False
        for server in _dns_servers(subject)
    )


def _dns_port(server: Pod, protocol: Protocol) -> int:
    named = (port.number for port in server.ports if port.protocol is protocol and (port.name or "").startswith("dns"))
    return next(named, 53)


def _by_name(subject: Subject, pod: Pod) -> Proof | None:
    own = [s for _, s in subject.services if s.ports and s.selector and not s.headless]
    service = next((s for s in own if s.namespace == pod.namespace), next(iter(own), None))
    if service is None or not pod.addresses or pod.phase != "Running":
        return None
    target = f"{service.name}.{service.namespace}:{service.ports[0].port}"
    return Proof(f"{pod.namespace}/pod/{pod.name}", target)


POLICY_SELECTS_NOTHING = Rule(
    code="POLICY_SELECTS_NOTHING",
    severity=Severity.WARNING,
    title="The policy selects no pod",
    meaning=(
        "spec.podSelector picks the pods that a policy is about, by their labels and in its own namespace alone. A "
        "policy that picks none is accepted and does nothing: the pods that it was written for stay open."
    ),
    look=("kubectl -n NAMESPACE get pods --show-labels", "kubectl -n NAMESPACE describe networkpolicy NAME"),
    causes=(
        "A typo in a label.",
        "The labels of the Deployment were written, and its pods have others.",
        "The policy is in another namespace than the pods.",
    ),
    repair="Select labels that the pods carry, in their namespace.",
    source=POLICY_PAGE,
    check=_selects_nothing,
)

POLICY_RULES_IGNORED = Rule(
    code="POLICY_RULES_IGNORED",
    severity=Severity.WARNING,
    title="policyTypes leaves out a direction that has rules",
    meaning=(
        "A policy isolates its pods for the directions in policyTypes alone. Rules of a direction that is not named "
        "there mean nothing: the pods stay open in that direction, unless another policy isolates them."
    ),
    look=("kubectl -n NAMESPACE describe networkpolicy NAME",),
    causes=("policyTypes was copied from a policy for the other direction.",),
    repair="Name the direction in policyTypes, or leave policyTypes out.",
    source=POLICY_PAGE,
    check=_rules_ignored,
)

POLICY_EGRESS_ISOLATES_INGRESS = Rule(
    code="POLICY_EGRESS_ISOLATES_INGRESS",
    severity=Severity.WARNING,
    title="A policy about egress closes its pods for ingress, too",
    meaning=(
        "Where policyTypes is left out, Ingress is always among them, and Egress if there are egress rules. A policy "
        "that has egress rules alone therefore isolates its pods for ingress as well, and allows nothing in."
    ),
    look=("kubectl -n NAMESPACE describe networkpolicy NAME",),
    causes=("policyTypes was left out, as if it followed from the rules that are written.",),
    repair="Write policyTypes: [Egress].",
    source="https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/",
    check=_ingress_implied,
)

POLICY_NOT_ENFORCED_HERE = Rule(
    code="POLICY_NOT_ENFORCED_HERE",
    severity=Severity.WARNING,
    title="The network plugin does not enforce NetworkPolicy",
    meaning=(
        "Kubernetes stores NetworkPolicies, and the network plugin enforces them, or not. Flannel alone does not: "
        "everything stays reachable, and nothing says so."
    ),
    look=("kubectl -n kube-system get pods", "kubectl get networkpolicy -A"),
    causes=("The cluster was set up with a plugin that carries packets and nothing else.",),
    repair="Install a plugin that enforces policies.",
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites",
    check=_not_enforced,
)

POLICY_EGRESS_WITHOUT_DNS = Rule(
    code="POLICY_EGRESS_WITHOUT_DNS",
    severity=Severity.WARNING,
    title="Egress is closed, and DNS was forgotten",
    meaning=(
        "A policy that isolates pods for egress also closes the way to the cluster's DNS. Names are looked up over UDP "
        "53 before anything is sent, so a rule for the destination helps only those who call it by address."
    ),
    look=("kubectl -n NAMESPACE exec POD -- nslookup kubernetes.default", "kubectl -n NAMESPACE get networkpolicy"),
    causes=(
        "The egress rules name the destinations alone.",
        "The rule for port 53 names no protocol, which means TCP.",
    ),
    repair="Allow UDP 53 and TCP 53 to the cluster's DNS.",
    source=POLICY_PAGE,
    check=_egress_without_dns,
)
