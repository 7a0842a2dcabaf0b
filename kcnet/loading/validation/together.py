"""What objects do to each other: one name, one node port, one cluster IP is given once.

pkg/registry/core/service/portallocator, ipallocator and storage/alloc.go of kubernetes/kubernetes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kcnet.loading.validation.service import ALLOCATED
from kcnet.loading.validation.violation import FieldError, Violation, internal, invalid
from kcnet.model.manifests import Manifests, ServiceManifest
from kcnet.model.names import IPAddress, IPNetwork, Ref
from kcnet.model.objects import Object, ServiceType

_PLURALS = {"Endpoints": "endpoints", "NetworkPolicy": "networkpolicies", "Ingress": "ingresses"}

Taken = dict[int, ServiceManifest]


def validate_together(manifests: Manifests) -> Iterator[Violation]:
    """Every object that a cluster which has the others would refuse.

    Of two that clash the later in sorted order is to blame; one that was read from a cluster never is, if the other
    was not.
    """
    yield from _same_object_twice(manifests)
    services = sorted(manifests.services, key=lambda service: (not service.live, service.namespace, service.name))
    yield from _node_ports(services)
    yield from _cluster_ips(services, manifests.facts.service_cidrs)
    if manifests.facts.service_cidrs:
        yield from _families(services, manifests.facts.service_cidrs)


def _objects(manifests: Manifests) -> Iterator[Object]:
    yield from manifests.namespaces
    yield from manifests.nodes
    yield from manifests.pods
    yield from manifests.workloads
    yield from manifests.services
    yield from manifests.endpoints
    yield from manifests.slices
    yield from manifests.ingresses
    yield from manifests.ingress_classes
    yield from manifests.policies
    yield from manifests.config_maps
    yield from manifests.secrets


def _same_object_twice(manifests: Manifests) -> Iterator[Violation]:
    first: dict[Ref, Ref] = {}
    for entry in _objects(manifests):
        ref = entry.ref
        if not ref.name:  # generateName: each gets a name of its own
            continue
        other = first.setdefault(ref, ref)
        if other is ref:
            continue
        plural = _PLURALS.get(ref.kind, f"{ref.kind.lower()}s")
        where = f" in namespace {ref.namespace}" if ref.namespace else ""
        yield Violation(
            code="API_ALREADY_EXISTS",
            ref=ref,
            field="metadata.name",
            message=f'{plural} "{ref.name}" already exists: {ref.kind} {ref.name}{where} is written twice, '
            f"first at {_place(other)}.",
            fix="Remove one of the two, or give it another name or namespace.",
        )


def _place(ref: Ref) -> str:
    return f"{ref.origin.file}:{ref.origin.line}" if ref.origin else "an unknown place"


def _node_ports(services: Sequence[ServiceManifest]) -> Iterator[Violation]:
    """Node ports and health check ports are numbers of one range, whatever the protocol.

    Ports of one Service may share a number over several protocols; two Services never.
    """
    taken: Taken = {}
    for service in services:
        own: Taken = {}
        if service.type in (ServiceType.NODE_PORT, ServiceType.LOAD_BALANCER):
            for index, port in enumerate(service.ports):
                if not port.node_port:
                    continue
                owner = taken.get(port.node_port)
                if owner is not None:
                    yield _violation(
                        service,
                        invalid(
                            f"spec.ports[{index}].nodePort",
                            port.node_port,
                            f"{ALLOCATED}: Service {_name(owner, service)} has it ({_place(owner.ref)})",
                            "Use another nodePort, or leave it out to get a free one.",
                        ),
                    )
                own[port.node_port] = service
        health = service.health_check_node_port
        if health:
            owner = taken.get(health, own.get(health))
            if owner is not None:
                has = "this Service" if owner is service else f"Service {_name(owner, service)}"
                yield _violation(
                    service,
                    internal(
                        "spec.healthCheckNodePort",
                        f"failed to allocate requested HealthCheck NodePort {health}: {ALLOCATED}: {has} has it",
                        "Use another port, or leave it out to get a free one.",
                    ),
                )
            own[health] = service
        for number in own:
            taken.setdefault(number, service)


def _cluster_ips(services: Sequence[ServiceManifest], ranges: tuple[IPNetwork, ...]) -> Iterator[Violation]:
    taken: dict[IPAddress, ServiceManifest] = {}
    reserved = next(ranges[0].hosts(), None) if ranges else None
    for service in services:
        if service.type is ServiceType.EXTERNAL_NAME or service.headless:
            continue
        written = [str(ip) for ip in service.cluster_ips]
        for ip in service.cluster_ips:
            owner = taken.setdefault(ip, service)
            reason, fix = "", "Use another address, or leave clusterIP out to get a free one."
            if owner is not service:
                reason = (
                    f"provided IP is already allocated: Service {_name(owner, service)} has it ({_place(owner.ref)})"
                )
            elif service.live:
                continue
            elif ip == reserved and (service.namespace, service.name) != ("default", "kubernetes"):
                reason = "provided IP is already allocated: the first address belongs to Service default/kubernetes"
            else:
                mine = [network for network in ranges if network.version == ip.version]
                if mine and not any(_usable(ip, network) for network in mine):
                    valid = ", ".join(map(str, mine))
                    reason = f"the provided IP ({ip}) is not in the valid range. The range of valid IPs is {valid}"
            if reason:
                yield _violation(
                    service, invalid("spec.clusterIPs", written, f"failed to allocate IP {ip}: {reason}", fix)
                )


def _usable(ip: IPAddress, network: IPNetwork) -> bool:
    """Neither the network's own address nor, in IPv4, its broadcast address."""
    if ip not in network or ip == network.network_address:
        return False
    return network.version == 6 or ip != network.broadcast_address


def _families(services: Sequence[ServiceManifest], ranges: tuple[IPNetwork, ...]) -> Iterator[Violation]:
    """IP families that the cluster was not set up for."""
    configured = {network.version for network in ranges}
    if len(configured) > 1:
        return
    for service in services:
        # a headless Service without a selector may name every family
        if service.live or service.type is ServiceType.EXTERNAL_NAME or (service.headless and not service.selector):
            continue
        if service.ip_family_policy == "RequireDualStack":
            yield _violation(
                service,
                invalid(
                    "spec.ipFamilyPolicy",
                    "RequireDualStack",
                    "this cluster is not configured for dual-stack services",
                    "Use PreferDualStack, which takes what the cluster has.",
                ),
            )
        for index, version in enumerate(service.ip_families):
            if version not in configured:
                yield _violation(
                    service,
                    invalid(
                        f"spec.ipFamilies[{index}]",
                        f"IPv{version}",
                        "not configured on this cluster",
                        "Remove the family, or state a second serviceCIDR.",
                    ),
                )
        for index, ip in enumerate(service.cluster_ips):
            if index >= len(service.ip_families) and ip.version not in configured:
                yield _violation(
                    service,
                    invalid(
                        f"spec.clusterIPs[{index}]",
                        [str(each) for each in service.cluster_ips],
                        f"IPv{ip.version} is not configured on this cluster",
                        "Remove the address, or state a second serviceCIDR.",
                    ),
                )


def _name(owner: ServiceManifest, beside: ServiceManifest) -> str:
    return owner.name if owner.namespace == beside.namespace else f"{owner.namespace}/{owner.name}"


def _violation(service: ServiceManifest, error: FieldError) -> Violation:
    return Violation(code=error.code, ref=service.ref, field=error.field, message=error.message, fix=error.fix)
