"""Namespaces: pods that no policy guards.

https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from kcnet.analysis.finding import Finding, Rule, Severity, Subject
from kcnet.analysis.policies import foreign_policies, may_send, names, request_to
from kcnet.model.names import Ref
from kcnet.model.objects import Pod
from kcnet.model.policy import Direction
from kcnet.path.netpol import isolating


def _no_default_deny(subject: Subject) -> Iterator[Finding]:
    """Where policies are used, or a Namespace is set up here: else every folder of manifests would be told."""
    if subject.enforces_policy is False or foreign_policies(subject.manifests.skipped):
        return
    doors = {place for controller in subject.cluster.ingress_controllers for place in controller.pods}
    for home, pods in subject.kinds.items():
        policies = subject.cluster.policies.get(home, ())
        if any(policy.pod_selector.empty and Direction.INGRESS in policy.directions for policy in policies):
            continue
        own = [
            pod
            for pod in pods
            if pod.ref.origin is not None
            and (pod.ports or pod.listens)
            and not pod.host_network
            and (home, pod.name) not in doors
        ]
        open_ = [pod for pod in own if not isolating(subject.cluster, pod, Direction.INGRESS)]
        ref, field = _place(subject, home, open_)
        if not own or ref is None or not (subject.manifests.policies or ref.kind == "Namespace"):
            continue
        if open_:
            text = (
                f"No policy selects {names(open_)} for ingress: every pod of the cluster may connect to every port of "
                f"{'it' if len(open_) == 1 else 'them'}."
            )
        else:
            text = (
                "Some policy selects each pod of today for ingress, but none selects all of them: every pod of the "
                "cluster may connect to a pod with other labels that comes later."
            )
        source = subject.stranger(home, open_[:1], such=partial(may_send, subject)) if open_ else None
        yield NAMESPACE_WITHOUT_DEFAULT_DENY.finding(
            ref,
            field,
            text,
            f"Add a policy to namespace {home} with podSelector: {{}} and policyTypes: [Ingress], and policies that "
            "allow what is meant.",
            proof=request_to(source, open_[0], None) if open_ else None,
        )


def _place(subject: Subject, home: str, pods: list[Pod]) -> tuple[Ref | None, str]:
    stated = subject.cluster.namespaces.get(home)
    if stated is not None and stated.ref.origin is not None:
        return stated.ref, ""
    if not pods:
        return None, ""
    return pods[0].owner or pods[0].ref, f"{pods[0].template}metadata.labels"


NAMESPACE_WITHOUT_DEFAULT_DENY = Rule(
    code="NAMESPACE_WITHOUT_DEFAULT_DENY",
    severity=Severity.INFO,
    title="The namespace has no default deny",
    meaning=(
        "A pod that no policy selects may be reached by everybody. A policy that selects all pods of the namespace and "
        "allows nothing closes this gap, also for pods that come later; other policies then allow what is meant."
    ),
    look=("kubectl -n NAMESPACE get networkpolicy", "kubectl -n NAMESPACE get pods --show-labels"),
    causes=("Policies were written for some of the workloads alone, or for none yet.",),
    repair="Add a default deny for ingress.",
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-ingress-traffic",
    check=_no_default_deny,
)
