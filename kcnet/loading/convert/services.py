"""Service. Cluster IPs, node ports and traffic policies are left to the control plane."""

from __future__ import annotations

from typing import Any

from kcnet.loading.convert.fields import (
    address,
    addresses,
    integer,
    is_live,
    load_balancer,
    metadata,
    network,
    string_map,
)
from kcnet.model.manifests import ServiceManifest, ServicePortManifest
from kcnet.model.names import Protocol, Ref
from kcnet.model.objects import ServiceType, TrafficPolicy

_FAMILIES = {"IPv4": 4, "IPv6": 6}


def service(ref: Ref, value: dict[str, Any]) -> ServiceManifest:
    spec = value.get("spec") or {}
    kind = ServiceType(spec.get("type") or "ClusterIP")
    stated = spec.get("clusterIPs") or [spec.get("clusterIP")]
    affinity = ((spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}).get("timeoutSeconds")
    external, internal = spec.get("externalTrafficPolicy"), spec.get("internalTrafficPolicy")
    return ServiceManifest(
        **metadata(ref, value),
        type=kind,
        selector=string_map(spec.get("selector")),
        ports=tuple(_port(port) for port in spec.get("ports") or ()),
        cluster_ips=addresses(stated) if kind is not ServiceType.EXTERNAL_NAME else (),
        headless=stated[0] == "None",
        ip_families=tuple(_FAMILIES[family] for family in spec.get("ipFamilies") or ()),
        ip_family_policy=spec.get("ipFamilyPolicy"),
        external_name=spec.get("externalName"),
        external_ips=addresses(spec.get("externalIPs") or ()),
        load_balancer=load_balancer(value) if kind is ServiceType.LOAD_BALANCER else (),
        load_balancer_class=spec.get("loadBalancerClass") or None,
        load_balancer_ip=address(spec.get("loadBalancerIP")),
        allocate_node_ports=spec.get("allocateLoadBalancerNodePorts") is not False,
        source_ranges=tuple(network(cidr) for cidr in spec.get("loadBalancerSourceRanges") or ()),
        external_traffic_policy=TrafficPolicy(external) if external else None,
        internal_traffic_policy=TrafficPolicy(internal) if internal else None,
        health_check_node_port=integer(spec.get("healthCheckNodePort")),
        traffic_distribution=spec.get("trafficDistribution"),
        session_affinity=spec.get("sessionAffinity") == "ClientIP",
        affinity_seconds=integer(affinity),
        publish_not_ready_addresses=bool(spec.get("publishNotReadyAddresses")),
        live=is_live(value),
    )


def _port(port: dict[str, Any]) -> ServicePortManifest:
    target = port.get("targetPort")
    return ServicePortManifest(
        port=int(port["port"]),
        name=port.get("name") or "",
        protocol=Protocol(port.get("protocol") or "TCP"),
        target_port=target if isinstance(target, str) and target else integer(target),
        node_port=integer(port.get("nodePort")),
        app_protocol=port.get("appProtocol"),
    )
