"""kcnet's own Cluster: the facts about a cluster that no manifest states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kcnet.loading.validation.addresses import address_errors, cidr, cidr_errors, parse_address, parse_range
from kcnet.loading.validation.labels import NOTHING, Value
from kcnet.loading.validation.names import dns_subdomain
from kcnet.loading.validation.violation import Errors, Violation, each_invalid, invalid, not_supported
from kcnet.model.names import Ref

PROXY_MODES = ("iptables", "ipvs", "nftables")
MOST_NODES = 5000
"""The largest cluster that Kubernetes supports: https://kubernetes.io/docs/setup/best-practices/cluster-large/"""


def cluster_errors(value: Value) -> Errors:
    spec = value.get("spec") or NOTHING
    nodes = spec.get("nodes")
    if nodes is not None and not 1 <= nodes <= MOST_NODES:
        yield invalid(
            "spec.nodes", nodes, f"must be between 1 and {MOST_NODES}, inclusive", "Say how many nodes the cluster has."
        )
    for key in ("podCIDR", "serviceCIDR"):
        yield from _range_errors(f"spec.{key}", spec.get(key))
    domain = spec.get("clusterDomain")
    if domain is not None:
        yield from each_invalid("spec.clusterDomain", domain, dns_subdomain(domain.removesuffix(".")))
    yield from _dns_server_errors(spec)
    mode = spec.get("proxyMode")
    if mode is not None and mode not in PROXY_MODES:
        yield not_supported("spec.proxyMode", mode, PROXY_MODES)
    balancer = spec.get("loadBalancer")
    if isinstance(balancer, str):
        yield from cidr_errors("spec.loadBalancer", balancer)
    controller = spec.get("ingressController")
    if isinstance(controller, str) and [bool(part) for part in controller.split("/")] != [True, True, True]:
        yield invalid(
            "spec.ingressController",
            controller,
            "must be true, false, or a workload as NAMESPACE/KIND/NAME",
            "Write it such as ingress-nginx/Deployment/ingress-nginx-controller.",
        )


def second_clusters(clusters: Iterable[Ref]) -> Iterator[Violation]:
    """Every Cluster after the first: two of them would contradict each other."""
    first: Ref | None = None
    for ref in clusters:
        if first is None:
            first = ref
            continue
        place = f"{first.origin.file}:{first.origin.line}" if first.origin else "another place"
        yield Violation(
            code="CLUSTER_TWICE",
            ref=ref,
            field="kind",
            message=f"This is a second document of kind Cluster; the first is at {place}.",
            fix="Keep one document of kind Cluster.",
        )


def ranges(written: Any) -> list[str]:
    """A range, or one for each IP family: as a list, or with a comma between them."""
    if isinstance(written, str):
        return [part.strip() for part in written.split(",")]
    return [part or "" for part in written or ()]


def _range_errors(field: str, written: Any) -> Errors:
    listed = ranges(written)
    for text in listed:
        yield from cidr_errors(field, text)
    if len(listed) > 1 and not any(cidr(text) for text in listed):
        versions = [network.version for text in listed if (network := parse_range(text)) is not None]
        if sorted(versions) != [4, 6]:
            yield invalid(
                field,
                written,
                "may specify no more than one CIDR for each IP family",
                "Keep one range for each IP family.",
            )


def _dns_server_errors(spec: Value) -> Errors:
    text = spec.get("dnsServiceIP")
    if text is None:
        return
    yield from address_errors("spec.dnsServiceIP", text)
    server = parse_address(text)
    if server is None:
        return
    networks = [parse_range(part) for part in ranges(spec.get("serviceCIDR"))]
    if networks and not any(network is None or server in network for network in networks):
        shown = ", ".join(map(str, networks))
        yield invalid(
            "spec.dnsServiceIP", text, f"must be in the range of Services, {shown}", "Use an address of that range."
        )
