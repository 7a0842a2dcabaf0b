"""Service.

validateService in pkg/apis/core/validation/validation.go and pkg/registry/core/service/storage/alloc.go of
kubernetes/kubernetes; https://kubernetes.io/docs/concepts/services-networking/service/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kcnet.loading.validation.addresses import address, address_errors, cidr_errors, parse_address, special
from kcnet.loading.validation.labels import NOTHING, Value, label_errors, objects, strings
from kcnet.loading.validation.names import dns_label, dns_subdomain, port_name, port_number, qualified_name
from kcnet.loading.validation.violation import (
    Errors,
    duplicate,
    each_invalid,
    forbidden,
    internal,
    invalid,
    not_supported,
    required,
)

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
PROTOCOLS = ("SCTP", "TCP", "UDP")
POLICIES = ("Cluster", "Local")
AFFINITIES = ("ClientIP", "None")
FAMILIES = ("IPv4", "IPv6")
FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
DISTRIBUTIONS = ("PreferClose", "PreferSameNode", "PreferSameZone")
IP_MODES = ("Proxy", "VIP")

NODE_PORTS = range(30000, 32768)
"""The API server's default ``--service-node-port-range``."""
LONGEST_AFFINITY = 86400

SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints"
TOPOLOGY_MODE = "service.kubernetes.io/topology-mode"

OUT_OF_RANGE = (
    f"provided port is not in the valid range. The range of valid ports is {NODE_PORTS.start}-{NODE_PORTS.stop - 1}"
)
ALLOCATED = "provided port is already allocated"


def service_errors(value: Value, live: bool = False) -> Errors:
    """``live``: the Service exists in a cluster already, whose ranges are its own."""
    spec = value.get("spec") or NOTHING
    kind = spec.get("type") or "ClusterIP"
    ips = cluster_ips(spec)
    yield from _annotation_errors(value)
    ports = list(objects(spec, "ports"))
    if not ports and ips != ["None"] and kind != "ExternalName":
        yield required(
            "spec.ports", "", "List at least one port, such as - port: 80; only a headless Service needs none."
        )
    yield from _type_errors(spec, kind, ips)
    yield from _port_errors(ports)
    yield from label_errors("spec.selector", spec.get("selector"))
    yield from _affinity_errors(spec)
    if kind != "ExternalName":
        yield from _cluster_ip_errors(spec, ips, live)
        yield from _family_errors(spec, ips)
    for index, ip in strings(spec, "externalIPs"):
        field = f"spec.externalIPs[{index}]"
        if address(ip, old=live):
            yield from address_errors(field, ip, old=live)
        else:
            yield from each_invalid(field, ip, special(ip), "Use an address that clients outside can reach.")
    if kind not in TYPES:
        yield not_supported("spec.type", kind, TYPES)
    yield from _uniqueness_errors(ports, kind)
    if not live:
        yield from _node_port_errors(spec, ports, kind)
    yield from _load_balancer_errors(value, spec, kind, live)
    yield from _traffic_policy_errors(spec, kind, live)
    yield from _status_errors(value, kind, live)


def cluster_ips(spec: Value) -> list[str]:
    """``clusterIPs``, or ``clusterIP`` alone where only that is written."""
    several = [ip for _, ip in strings(spec, "clusterIPs")]
    single = spec.get("clusterIP")
    return several or ([single] if single else [])


def load_balancer_status_errors(field: str, entry: Value, *, old: bool) -> Errors:
    """One ``status.loadBalancer.ingress[i]``, of a Service or an Ingress."""
    if entry.get("ip"):
        yield from address_errors(f"{field}.ip", entry["ip"], old=old)
    hostname = entry.get("hostname")
    if hostname:
        yield from each_invalid(f"{field}.hostname", hostname, dns_subdomain(hostname))
        if parse_address(hostname) is not None:
            yield invalid(
                f"{field}.hostname", hostname, "must be a DNS name, not an IP address", "Write the address as ip."
            )


def _annotation_errors(value: Value) -> Errors:
    annotations = (value.get("metadata") or NOTHING).get("annotations") or NOTHING
    mode, hints = annotations.get(TOPOLOGY_MODE), annotations.get(TOPOLOGY_HINTS)
    if TOPOLOGY_MODE in annotations and TOPOLOGY_HINTS in annotations and (mode or "") != (hints or ""):
        yield invalid(
            f"metadata.annotations[{TOPOLOGY_MODE}]",
            mode,
            f"must match annotations[{TOPOLOGY_HINTS}] when both are specified",
            f"Remove {TOPOLOGY_HINTS}: it is the older name.",
        )


def _type_errors(spec: Value, kind: str, ips: list[str]) -> Errors:
    if kind in ("NodePort", "LoadBalancer"):
        if ips == ["None"]:
            yield invalid(
                "spec.clusterIPs[0]",
                "None",
                f"may not be set to 'None' for {kind} services",
                "Remove clusterIP, or make the Service headless with type ClusterIP.",
            )
    elif kind == "ExternalName":
        detail = "may not be set for ExternalName services"
        if ips:
            yield forbidden("spec.clusterIPs", detail, "Remove clusterIP: an ExternalName Service is a DNS name alone.")
        if spec.get("ipFamilies"):
            yield forbidden("spec.ipFamilies", detail, "Remove ipFamilies.")
        if spec.get("ipFamilyPolicy") is not None:
            yield forbidden("spec.ipFamilyPolicy", detail, "Remove ipFamilyPolicy.")
        name = (spec.get("externalName") or "").removesuffix(".")
        if not name:
            yield required(
                "spec.externalName", "", "Name the host that clients are sent to, such as my.database.example.com."
            )
        else:
            yield from each_invalid(
                "spec.externalName", name, dns_subdomain(name), "Write a host name alone: no scheme, port or path."
            )


def _port_errors(ports: list[tuple[int, Value]]) -> Errors:
    names: set[str] = set()
    taken = {port.get("name") or "" for _, port in ports}
    for index, port in ports:
        path = f"spec.ports[{index}]"
        name = port.get("name") or ""
        if name:
            yield from each_invalid(f"{path}.name", name, dns_label(name), "Use a name such as http.")
            if name in names:
                yield duplicate(f"{path}.name", name, fix=_naming(port, index, taken))
            names.add(name)
        elif len(ports) > 1:
            yield required(
                f"{path}.name",
                "A Service with several ports needs a name for each.",
                _naming(port, index, taken),
            )
        number = port.get("port") or 0
        yield from each_number_invalid(f"{path}.port", number)
        yield from protocol_errors(f"{path}.protocol", port.get("protocol"))
        target = port.get("targetPort")
        if target:  # absent, 0 and "" are the port itself
            yield from number_or_name_errors(f"{path}.targetPort", target)
        protocol = port.get("appProtocol")
        if protocol is not None:
            yield from each_invalid(
                f"{path}.appProtocol",
                protocol,
                qualified_name(protocol),
                "Use a name such as http or kubernetes.io/h2c.",
            )


USUAL_NAMES = {53: "dns", 80: "http", 443: "https"}


def _naming(port: Value, index: int, taken: set[str]) -> str:
    """Proposes a name that no other port has, and adds it to ``taken``."""
    number = port.get("port") or index + 1
    protocol = (port.get("protocol") or "TCP").lower()
    usual = USUAL_NAMES.get(number, f"port-{number}")
    proposals = (usual, f"{usual}-{protocol}", f"port-{number}-{index + 1}")
    name = next((proposal for proposal in proposals if proposal not in taken), "http")
    taken.add(name)
    return f"Give the port a name of its own, such as {name}."


def each_number_invalid(field: str, number: float) -> Errors:
    for message in port_number(number):
        yield invalid(field, number, message, "Use a port number from 1 to 65535.")


def number_or_name_errors(field: str, port: Any) -> Errors:
    """A port by its number, or by the name that a container gives it; None is 0."""
    if isinstance(port, str):
        if port.isascii() and port.isdigit():
            fix = f"Write the number without quotes: {int(port)}." if 1 <= int(port[:6]) <= 65535 else ""
        else:
            fix = "Use the number of the port, or its name in the container: at most 15 of a-z, 0-9 and '-'."
        yield from each_invalid(field, port, port_name(port), fix)
    else:
        yield from each_number_invalid(field, port or 0)


def protocol_errors(field: str, protocol: str | None) -> Errors:
    if protocol and protocol not in PROTOCOLS:
        yield not_supported(field, protocol, PROTOCOLS)


def _affinity_errors(spec: Value) -> Errors:
    affinity = spec.get("sessionAffinity") or "None"
    if affinity not in AFFINITIES:
        yield not_supported("spec.sessionAffinity", affinity, AFFINITIES)
    if affinity == "ClientIP":
        seconds = ((spec.get("sessionAffinityConfig") or NOTHING).get("clientIP") or NOTHING).get("timeoutSeconds")
        if seconds is not None and not 0 < seconds <= LONGEST_AFFINITY:
            yield invalid(
                "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                seconds,
                f"must be greater than 0 and less than {LONGEST_AFFINITY}",
                "Use at most 86400 seconds, which is one day.",
            )


def _cluster_ip_errors(spec: Value, ips: list[str], live: bool) -> Errors:
    field = "spec.clusterIPs"
    single = spec.get("clusterIP") or ""
    if ips and not single:
        yield invalid(
            field, ips, "must be empty when `clusterIP` is not specified", f"Add clusterIP: {ips[0] or 'None'}."
        )
    elif ips and ips[0] != single:
        yield invalid(field, ips, "first value must match `clusterIP`", "Write the same address first in clusterIPs.")
    misread = False
    for index, ip in enumerate(ips):
        if ip == "None" and index == 0:
            if len(ips) > 1:
                misread = True
                yield invalid(field, ips, "'None' must be the first and only value", "Remove the other values.")
        elif address(ip, old=live):
            misread = True
            yield from address_errors(f"{field}[{index}]", ip, old=live)
    if len(ips) > 2:
        yield invalid(field, ips, "may only hold up to 2 values", "Keep one address for each IP family.")
    if misread or ips == ["None"]:
        return
    versions = [_version(ip) for ip in ips]
    if len(ips) > 1 and sorted(versions) != [4, 6]:
        yield invalid(
            field, ips, "may specify no more than one IP for each IP family", "Keep one address for each IP family."
        )
    for index, family in strings(spec, "ipFamilies"):
        if index < len(ips) and family in FAMILIES and family != f"IPv{versions[index]}":
            yield invalid(
                f"{field}[{index}]", ips[index], f"expected an {family} value as indicated by `ipFamilies[{index}]`"
            )


def _version(ip: str) -> int:
    parsed = parse_address(ip)
    return parsed.version if parsed is not None else 0


def _family_errors(spec: Value, ips: list[str]) -> Errors:
    seen: set[str] = set()
    for index, family in strings(spec, "ipFamilies"):
        if family not in FAMILIES:
            yield not_supported(f"spec.ipFamilies[{index}]", family, FAMILIES)
        if family in seen:
            yield duplicate(f"spec.ipFamilies[{index}]", family, fix="Name each family once.")
        seen.add(family)
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in FAMILY_POLICIES:
        yield not_supported("spec.ipFamilyPolicy", policy, FAMILY_POLICIES)
    unselective = ips == ["None"] and not spec.get("selector")
    if policy == "SingleStack" or (policy is None and not unselective):
        for several, what in ((ips, "cluster IPs"), (spec.get("ipFamilies") or (), "IP families")):
            if len(several) == 2:
                yield invalid(
                    "spec.ipFamilyPolicy",
                    policy or "SingleStack",
                    f"must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified",
                    "Add ipFamilyPolicy: PreferDualStack.",
                )


def _uniqueness_errors(ports: list[tuple[int, Value]], kind: str) -> Errors:
    node_ports: set[tuple[str, int]] = set()
    pairs: set[tuple[str, int]] = set()
    for index, port in ports:
        node_port = port.get("nodePort")
        if node_port and kind == "ClusterIP":
            yield forbidden(
                f"spec.ports[{index}].nodePort",
                "may not be used when `type` is 'ClusterIP'",
                "Set type: NodePort, or remove nodePort.",
            )
    for index, port in ports:
        node_port, protocol = port.get("nodePort"), port.get("protocol") or "TCP"
        if node_port:
            if (protocol, node_port) in node_ports:
                yield duplicate(
                    f"spec.ports[{index}].nodePort",
                    node_port,
                    fix="Use another nodePort, or leave it out to get a free one.",
                )
            node_ports.add((protocol, node_port))
        pair = (protocol, port.get("port") or 0)
        if pair in pairs:
            yield duplicate(
                f"spec.ports[{index}]",
                {"protocol": pair[0], "port": pair[1]},
                "Each pair of protocol and port may stand once.",
                "Use another port, or remove this entry.",
            )
        pairs.add(pair)


def _node_port_errors(spec: Value, ports: list[tuple[int, Value]], kind: str) -> Errors:
    """What the allocator answers to the node ports of one Service.

    It knows numbers without protocols: ports of one Service share one only if they have the same ``port``.
    """
    if kind not in ("NodePort", "LoadBalancer"):
        return
    owners: dict[int, int] = {}
    for index, port in ports:
        node_port, number = port.get("nodePort"), port.get("port") or 0
        if not node_port:
            continue
        field = f"spec.ports[{index}].nodePort"
        if node_port not in NODE_PORTS:
            yield invalid(
                field,
                node_port,
                OUT_OF_RANGE,
                f"Use a nodePort from {NODE_PORTS.start} to {NODE_PORTS.stop - 1}, or leave it out to get a free one.",
            )
        elif owners.setdefault(node_port, number) != number and not _same_pair(ports, index, node_port):
            yield invalid(
                field,
                node_port,
                ALLOCATED,
                "Use another nodePort: only the same port over another protocol may share it.",
            )


def _same_pair(ports: list[tuple[int, Value]], index: int, node_port: int) -> bool:
    """An earlier port has this nodePort over this protocol: said already."""
    protocol = ports[index][1].get("protocol") or "TCP"
    return any(
        port.get("nodePort") == node_port and (port.get("protocol") or "TCP") == protocol for _, port in ports[:index]
    )


def _load_balancer_errors(value: Value, spec: Value, kind: str, live: bool) -> Errors:
    detail = "may only be used when `type` is 'LoadBalancer'"
    balanced = kind == "LoadBalancer"
    annotations = (value.get("metadata") or NOTHING).get("annotations") or NOTHING
    if spec.get("loadBalancerSourceRanges"):
        field = "spec.LoadBalancerSourceRanges"
        if not balanced:
            yield forbidden(field, detail, "Set type: LoadBalancer, or remove loadBalancerSourceRanges.")
        for index, source in strings(spec, "loadBalancerSourceRanges"):
            yield from cidr_errors(f"{field}[{index}]", source.strip(), old=live)
    elif SOURCE_RANGES in annotations:
        field = f"metadata.annotations[{SOURCE_RANGES}]"
        if not balanced:
            yield forbidden(field, detail, "Set type: LoadBalancer, or remove the annotation.")
        for source in _comma_separated(annotations[SOURCE_RANGES]):
            yield from cidr_errors(field, source, old=live)
    if spec.get("allocateLoadBalancerNodePorts") is not None and not balanced:
        yield forbidden("spec.allocateLoadBalancerNodePorts", detail, "Set type: LoadBalancer, or remove the field.")
    chosen = spec.get("loadBalancerClass")
    if chosen is not None:
        if balanced:
            yield from each_invalid("spec.loadBalancerClass", chosen, qualified_name(chosen))
        else:
            yield forbidden("spec.loadBalancerClass", detail, "Set type: LoadBalancer, or remove loadBalancerClass.")


def _comma_separated(text: str | None) -> Iterator[str]:
    stripped = (text or "").strip()
    if stripped:
        for part in stripped.split(","):
            yield part.strip()


def _traffic_policy_errors(spec: Value, kind: str, live: bool) -> Errors:
    external = spec.get("externalTrafficPolicy")
    accessible = kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and bool(spec.get("externalIPs")))
    if external:
        if not accessible:
            yield invalid(
                "spec.externalTrafficPolicy",
                external,
                "may only be set for externally-accessible services",
                "Set type: NodePort or LoadBalancer, or remove externalTrafficPolicy.",
            )
        elif external not in POLICIES:
            yield not_supported("spec.externalTrafficPolicy", external, POLICIES)
    health = spec.get("healthCheckNodePort")
    if health:
        field = "spec.healthCheckNodePort"
        if kind != "LoadBalancer" or external != "Local":
            yield invalid(
                field,
                health,
                "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
                "Remove healthCheckNodePort.",
            )
        elif port_number(health):
            yield from each_number_invalid(field, health)
        elif health not in NODE_PORTS and not live:
            yield internal(
                field,
                f"failed to allocate requested HealthCheck NodePort {int(health)}: {OUT_OF_RANGE}",
                f"Use a port from {NODE_PORTS.start} to {NODE_PORTS.stop - 1}, or leave it out to get a free one.",
            )
    within = spec.get("internalTrafficPolicy")
    if within is not None and within not in POLICIES:
        yield not_supported("spec.internalTrafficPolicy", within, POLICIES)
    distribution = spec.get("trafficDistribution")
    if distribution is not None and distribution not in DISTRIBUTIONS:
        yield not_supported("spec.trafficDistribution", distribution, DISTRIBUTIONS)


def _status_errors(value: Value, kind: str, live: bool) -> Errors:
    status = (value.get("status") or NOTHING).get("loadBalancer") or NOTHING
    field = "status.loadBalancer.ingress"
    entries = list(objects(status, "ingress"))
    if entries and kind != "LoadBalancer":
        if not live:
            yield forbidden(
                field,
                "may only be used when `spec.type` is 'LoadBalancer'",
                "Remove the status, or set type: LoadBalancer.",
            )
        return
    for index, entry in entries:
        path = f"{field}[{index}]"
        mode = entry.get("ipMode")
        if mode is not None:  # absent, it is VIP where there is an ip
            if not entry.get("ip"):
                yield forbidden(
                    f"{path}.ipMode", "may not be specified when `ip` is not set", "Remove ipMode, or add ip."
                )
            elif mode not in IP_MODES:
                yield not_supported(f"{path}.ipMode", mode, IP_MODES)
        yield from load_balancer_status_errors(path, entry, old=live)
