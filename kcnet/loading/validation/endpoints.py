"""EndpointSlice, and the Endpoints that came before it.

pkg/apis/discovery/validation/validation.go and pkg/apis/core/validation/validation.go of kubernetes/kubernetes.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from kcnet.loading.validation.addresses import address, address_errors, parse_address, special
from kcnet.loading.validation.labels import Value, objects, strings
from kcnet.loading.validation.names import (
    dns_label,
    dns_subdomain,
    fully_qualified,
    label_value,
    qualified_name,
)
from kcnet.loading.validation.service import PROTOCOLS, each_number_invalid, protocol_errors
from kcnet.loading.validation.violation import (
    Errors,
    duplicate,
    each_invalid,
    invalid,
    not_supported,
    required,
    too_many,
)

ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
MOST_ENDPOINTS = 1000
MOST_ADDRESSES = 100
MOST_PORTS = 20000
MOST_HINTS = 8

SPECIAL_FIX = "Use the address of the pod or host that serves."


def endpoint_slice_errors(value: Value, live: bool = False) -> Errors:
    kind = value.get("addressType") or ""
    if not kind:
        yield required("addressType", "", "Add addressType: IPv4.")
    elif kind not in ADDRESS_TYPES:
        yield not_supported("addressType", kind, ADDRESS_TYPES)
    endpoints = list(objects(value, "endpoints"))
    if len(endpoints) > MOST_ENDPOINTS:
        yield too_many("endpoints", len(endpoints), MOST_ENDPOINTS, "Spread the endpoints over several EndpointSlices.")
    else:
        for index, endpoint in endpoints:
            yield from _endpoint_errors(f"endpoints[{index}]", endpoint, kind, live)
    yield from _slice_port_errors(value)


def _endpoint_errors(path: str, endpoint: Value, kind: str, live: bool) -> Errors:
    field = f"{path}.addresses"
    addresses = list(strings(endpoint, "addresses"))
    if not addresses:
        yield required(field, "must contain at least 1 address", "List the address of the endpoint.")
    elif len(addresses) > MOST_ADDRESSES:
        yield too_many(
            field, len(addresses), MOST_ADDRESSES, "Make an endpoint of each address: only the first is used."
        )
    for index, text in addresses:
        yield from _address_errors(f"{field}[{index}]", text, kind, live)
    node = endpoint.get("nodeName")
    if node is not None:
        yield from each_invalid(f"{path}.nodeName", node, dns_subdomain(node))
    hostname = endpoint.get("hostname")
    if hostname is not None:
        yield from each_invalid(f"{path}.hostname", hostname, dns_label(hostname))
    hints = endpoint.get("hints")
    if hints:
        yield from _hint_errors(f"{path}.hints.forZones", hints, "forZones")
        yield from _hint_errors(f"{path}.hints.forNodes", hints, "forNodes")


def _address_errors(field: str, text: str, kind: str, live: bool) -> Errors:
    if kind == "FQDN":
        if not text:
            yield required(field)
        else:
            yield from each_invalid(
                field, text, fully_qualified(text), "Write a full host name, such as db.example.com."
            )
    elif kind in ("IPv4", "IPv6"):
        parsed = parse_address(text)
        wanted = IPv4Address if kind == "IPv4" else IPv6Address
        if address(text, old=live):
            yield from address_errors(field, text, old=live)
        elif not isinstance(parsed, wanted):
            other = "IPv6" if kind == "IPv4" else "IPv4"
            yield invalid(
                field,
                text,
                f"must be an {kind} address",
                f"Put {other} addresses into a slice with addressType: {other}.",
            )
        yield from each_invalid(field, text, special(text), SPECIAL_FIX)


def _hint_errors(field: str, hints: Value, key: str) -> Errors:
    entries = list(objects(hints, key))
    if len(entries) > MOST_HINTS:
        yield too_many(field, len(entries), MOST_HINTS)
        return
    names: set[str] = set()
    for index, entry in entries:
        name = entry.get("name") or ""
        if name in names:
            yield duplicate(f"{field}[{index}].name", name, fix="Name it once.")
        names.add(name)
        syntax = label_value if key == "forZones" else dns_subdomain
        yield from each_invalid(f"{field}[{index}].name", name, syntax(name))


def _slice_port_errors(value: Value) -> Errors:
    ports = list(objects(value, "ports"))
    if len(ports) > MOST_PORTS:
        yield too_many("ports", len(ports), MOST_PORTS)
        return
    names: set[str] = set()
    for index, port in ports:
        path = f"ports[{index}]"
        name = port.get("name") or ""
        if name:
            yield from each_invalid(f"{path}.name", name, dns_label(name), "Use the name of the Service's port.")
        if name in names:
            yield duplicate(f"{path}.name", name, fix="Give the port the name that the Service's port has.")
        names.add(name)
        if port.get("protocol") == "":  # only an absent one is TCP
            yield not_supported(f"{path}.protocol", "", PROTOCOLS, "Write TCP, UDP or SCTP.")
        yield from _endpoint_port_errors(path, port)


def _endpoint_port_errors(path: str, port: Value) -> Errors:
    """What ports of slices and of Endpoints have in common. A slice's number has no range."""
    yield from protocol_errors(f"{path}.protocol", port.get("protocol"))
    application = port.get("appProtocol")
    if application is not None:
        yield from each_invalid(f"{path}.appProtocol", application, qualified_name(application))


def legacy_endpoints_errors(value: Value, live: bool = False) -> Errors:
    for index, subset in objects(value, "subsets"):
        path = f"subsets[{index}]"
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            yield required(path, "must specify `addresses` or `notReadyAddresses`", "List the addresses that serve.")
        for key in ("addresses", "notReadyAddresses"):
            for place, entry in objects(subset, key):
                yield from _legacy_address_errors(f"{path}.{key}[{place}]", entry, live)
        ports = list(objects(subset, "ports"))
        for place, port in ports:
            yield from _legacy_port_errors(f"{path}.ports[{place}]", port, len(ports) > 1)


def _legacy_address_errors(path: str, entry: Value, live: bool) -> Errors:
    text = entry.get("ip") or ""
    yield from address_errors(f"{path}.ip", text, old=live)
    if entry.get("hostname"):
        yield from each_invalid(f"{path}.hostname", entry["hostname"], dns_label(entry["hostname"]))
    node = entry.get("nodeName")
    if node is not None:
        yield from each_invalid(f"{path}.nodeName", node, dns_subdomain(node))
    yield from each_invalid(f"{path}.ip", text, special(text), SPECIAL_FIX)


def _legacy_port_errors(path: str, port: Value, several: bool) -> Errors:
    name = port.get("name") or ""
    if name:
        yield from each_invalid(f"{path}.name", name, dns_label(name))
    elif several:
        yield required(f"{path}.name", "", "Give the port the name that the Service's port has.")
    yield from each_number_invalid(f"{path}.port", port.get("port") or 0)
    yield from _endpoint_port_errors(path, port)
