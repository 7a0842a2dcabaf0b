"""Namespace, Node, ConfigMap, Secret, and kcnet's own Cluster document."""

from __future__ import annotations

import re
from binascii import a2b_base64
from typing import Any

from kcnet.loading.convert.fields import address, addresses, metadata, network
from kcnet.model.manifests import ClusterFacts, NodeManifest, Taint
from kcnet.model.names import IPNetwork, Ref
from kcnet.model.objects import ConfigMap, Namespace, Secret
from kcnet.model.wellknown import NAMESPACE_NAME

_PEM = re.compile("-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----")


def namespace(ref: Ref, value: dict[str, Any]) -> Namespace:
    fields = metadata(ref, value)
    fields["labels"] = {**fields["labels"], NAMESPACE_NAME: ref.name}
    return Namespace(**fields)


def node(ref: Ref, value: dict[str, Any]) -> NodeManifest:
    spec, status = value.get("spec") or {}, value.get("status") or {}
    by_type: dict[str, list[str]] = {"InternalIP": [], "ExternalIP": []}
    for entry in status.get("addresses") or ():
        by_type.setdefault(entry.get("type", ""), []).append(entry.get("address", ""))
    cidrs = spec.get("podCIDRs") or [spec.get("podCIDR")]
    ready = next((item["status"] for item in status.get("conditions") or () if item.get("type") == "Ready"), "True")
    resources = status.get("allocatable") or status.get("capacity") or {}
    return NodeManifest(
        **metadata(ref, value),
        addresses=addresses(by_type["InternalIP"]),
        external_addresses=addresses(by_type["ExternalIP"]),
        pod_cidrs=tuple(network(cidr) for cidr in cidrs if cidr),
        taints=tuple(
            Taint(key=taint["key"], value=taint.get("value") or "", effect=taint["effect"])
            for taint in spec.get("taints") or ()
        ),
        unschedulable=bool(spec.get("unschedulable")),
        ready=ready == "True",
        cpu=_cores(resources.get("cpu")),
    )


def _cores(quantity: object) -> float | None:
    """``4`` or ``3920m``; None for absent and for notations that no node uses."""
    text = str(quantity or "")
    try:
        return float(text[:-1]) / 1000 if text.endswith("m") else float(text)
    except ValueError:
        return None


def config_map(ref: Ref, value: dict[str, Any]) -> ConfigMap:
    binary = value.get("binaryData")
    return ConfigMap(**metadata(ref, value), data=value.get("data") or {}, binary_keys=tuple(binary) if binary else ())


def secret(ref: Ref, value: dict[str, Any]) -> Secret:
    data, text = value.get("data") or {}, value.get("stringData") or {}
    return Secret(
        **metadata(ref, value),
        type=value.get("type") or "Opaque",
        keys=tuple({**data, **text}),
        certificate=_certificate(data.get("tls.crt") or "", text.get("tls.crt") or ""),
    )


def _certificate(encoded: str, text: str) -> str | None:
    if not text and encoded:
        try:
            text = a2b_base64(encoded).decode("ascii")
        except ValueError:
            return None
    found = _PEM.search(text)
    return found[0] if found else None


def facts(ref: Ref, value: dict[str, Any]) -> ClusterFacts:
    spec = value.get("spec") or {}
    balancer = spec.get("loadBalancer")
    domain = spec.get("clusterDomain")
    return ClusterFacts(
        ref=ref,
        nodes=spec.get("nodes"),
        pod_cidrs=_networks(spec.get("podCIDR")),
        service_cidrs=_networks(spec.get("serviceCIDR")),
        cluster_domain=domain.lower().strip(".") if domain else None,
        dns_service_ip=address(spec.get("dnsServiceIP")),
        proxy_mode=spec.get("proxyMode"),
        cni=spec.get("cni"),
        load_balancer=network(balancer) if isinstance(balancer, str) else balancer,
        ingress_controller=spec.get("ingressController"),
    )


def _networks(text: str | None) -> tuple[IPNetwork, ...]:
    """One CIDR, or two with a comma between them (dual-stack)."""
    return tuple(network(part) for part in text.split(",")) if text else ()
