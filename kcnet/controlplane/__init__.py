"""From manifests to a cluster: what the control plane makes of what was written, one controller a module.

Everything that is not stated is chosen the same way from run to run and whatever the order of files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from kcnet.controlplane.addresses import demand, families_of, pod_addresses, stated_addresses
from kcnet.controlplane.configuration import objects, stuck
from kcnet.controlplane.endpoints import make_slices, topology_aware
from kcnet.controlplane.facts import settle
from kcnet.controlplane.ingress import make_controllers, plan_controllers, with_default_class
from kcnet.controlplane.namespaces import namespaces
from kcnet.controlplane.nodes import make_nodes, plan_nodes
from kcnet.controlplane.pods import make_pod
from kcnet.controlplane.scheduler import daemon_fits, place_all
from kcnet.controlplane.services import make_services
from kcnet.controlplane.system import KUBERNETES, api_server_slice, give_dns_address, implied_system
from kcnet.controlplane.unread import makes_secrets, pods_unmade, traffic_unread
from kcnet.controlplane.workloads import Made, daemon_pod, make_pods
from kcnet.model.cluster import Cluster, Key
from kcnet.model.manifests import ClusterFacts, Manifests, NodeManifest, PodManifest
from kcnet.model.names import IPAddress, Ref
from kcnet.model.objects import Object
from kcnet.model.policy import NetworkPolicy

__all__ = ["build_cluster"]


def build_cluster(
    manifests: Manifests, overrides: ClusterFacts | None = None, *, used: Collection[IPAddress] = ()
) -> Cluster:
    """The cluster that Kubernetes makes of ``manifests``; ``overrides`` win over their Cluster document.

    ``used``: addresses of objects that are gone, which nothing new is to get yet.
    """
    facts = settle(manifests, overrides or ClusterFacts())
    ingresses = tuple(with_default_class(manifests.ingresses, manifests.ingress_classes))
    system = implied_system(manifests, facts)
    plan = plan_controllers(manifests, ingresses, facts)
    everything = replace(
        manifests,
        workloads=(*manifests.workloads, *system.workloads, *plan.workloads),
        services=give_dns_address(
            sorted((*manifests.services, *system.services, *plan.services), key=_key), system.dns_service, facts
        ),
    )

    made = make_pods(everything)
    planned, node_assumption = plan_nodes(manifests, facts, len(made.pods))
    drafts, pinned, members = _with_daemons(made, planned)
    placements = place_all(drafts, pinned, planned)
    taken = stated_addresses(everything, planned) | set(used)
    nodes, pod_ranges = make_nodes(planned, facts, demand(drafts, placements), taken)
    for node in nodes.values():
        taken.update(node.addresses)
    guessed = {node.name for node in planned if not node.pod_cidrs}
    ranges = [pod_ranges[version] for version in facts.families]
    addresses = pod_addresses(drafts, placements, nodes, facts, taken, guessed, ranges)
    owners = {**made.owners, **{key: draft.owner for draft in drafts if (key := _key(draft)) in pinned}}
    settings = objects(manifests.config_maps, manifests.secrets)
    pods = {
        (key := _key(draft)): make_pod(draft, owners.get(key), placements[key], addresses[key], stuck(draft, settings))
        for draft in sorted(drafts, key=_key)
    }
    given = {address for found, _ in addresses.values() for address in found}
    services = make_services(everything.services, facts, taken | given, used)
    families = {_key(item): families_of(item, facts.families) for item in everything.services}
    written = list(manifests.slices)
    if not any((item.namespace, item.service) == KUBERNETES for item in written):
        written.append(api_server_slice([nodes[node.name] for node in planned]))

    assumptions = dict(facts.assumptions)
    for subject, sentence in (
        ("nodes", node_assumption),
        ("dns", system.assumption),
        ("ingress-controller", plan.assumption),
    ):
        if sentence:
            assumptions[subject] = sentence
    for subject, sentence in (
        ("unread", traffic_unread(manifests.skipped)),
        ("unmade", pods_unmade(manifests.skipped)),
    ):
        if sentence:
            assumptions[subject] = sentence
    if any(topology_aware(service) for service in services.values()):
        assumptions["topology"] = (
            "Topology-aware hints are taken to name each endpoint's own zone where the zones are in balance,"
            " and to be absent where the controller would hand endpoints to another zone."
        )
    return Cluster(
        namespaces=namespaces(everything),
        nodes=nodes,
        pods=pods,
        services=services,
        slices=make_slices(services, families, written, manifests.endpoints, pods.values(), nodes, planned),
        ingresses={_key(item): item for item in ingresses},
        ingress_classes={item.name: item for item in manifests.ingress_classes},
        policies=_by_namespace(manifests.policies),
        secrets={_key(item): item for item in manifests.secrets},
        makes_secrets=any(map(makes_secrets, manifests.skipped)),
        ingress_controllers=make_controllers(plan, members, pods, services),
        workloads=members,
        idle=_idle(manifests),
        proxy_mode=facts.proxy_mode,
        cni=facts.cni,
        domain=facts.domain,
        dns_service=system.dns_service,
        pod_cidrs=tuple(ranges),
        service_cidrs=tuple(facts.service_cidrs[version] for version in facts.families),
        load_balancer_provider=facts.load_balancer,
        assumptions=dict(sorted(assumptions.items())),
    )


def _idle(manifests: Manifests) -> Mapping[str, tuple[tuple[Ref, Mapping[str, str]], ...]]:
    found: dict[str, list[tuple[Ref, Mapping[str, str]]]] = defaultdict(list)
    for workload in manifests.workloads:
        if workload.replicas == 0 and workload.owner is None:
            found[workload.namespace].append((workload.ref, workload.template_labels))
    return {namespace: tuple(idle) for namespace, idle in found.items()}


def _with_daemons(
    made: Made, nodes: Sequence[NodeManifest]
) -> tuple[Sequence[PodManifest], Mapping[Key, str], Mapping[tuple[str, str, str], tuple[Key, ...]]]:
    """All pods; of each one that a DaemonSet makes, its node; and the pods of every workload."""
    if not made.daemons:
        return made.pods, {}, made.members
    taken: dict[str, set[str]] = defaultdict(set)
    for pod in made.pods:
        taken[pod.namespace].add(pod.name)
    pinned: dict[Key, str] = {}
    members = dict(made.members)
    extra = []
    for workload in made.daemons:
        own = [
            (daemon_pod(workload, node, taken[workload.namespace]), node.name)
            for node in nodes
            if daemon_fits(workload.spec, node)
        ]
        extra += [pod for pod, _ in own]
        pinned |= {_key(pod): node for pod, node in own}
        members["DaemonSet", workload.namespace, workload.name] = tuple(_key(pod) for pod, _ in own)
    return (*extra, *made.pods), pinned, members


def _key(item: Object) -> Key:
    return item.namespace, item.name


def _by_namespace(policies: Sequence[NetworkPolicy]) -> Mapping[str, tuple[NetworkPolicy, ...]]:
    found: dict[str, list[NetworkPolicy]] = defaultdict(list)
    for policy in policies:
        found[policy.namespace].append(policy)
    return {namespace: tuple(items) for namespace, items in sorted(found.items())}
