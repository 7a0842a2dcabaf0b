# ruff: noqa: E501 - rows of tables stay on one line
"""EndpointSlices and Endpoints that the API server rejects, and their nearest neighbours that it accepts.

https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.loading.validation.rows import (
    DUPLICATE,
    INVALID,
    REQUIRED,
    TOO_MANY,
    UNSUPPORTED,
    Bad,
    Good,
    expect,
    flow,
    manifest,
    violations,
)

NO_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
E0 = "endpoints[0]"
A64 = "a" * 64


def addresses(*texts: str, kind: str = "IPv4") -> str:
    return f"{{addressType: {kind}, endpoints: [{{addresses: [{', '.join(map(repr, texts))}]}}]}}"


def endpoint(text: str) -> str:
    return f"{{endpoints: [{{addresses: [10.244.0.4], {text}}}]}}"


REJECTED = (
    Bad("no addressType", "{addressType: ''}", "addressType", REQUIRED),
    Bad("addressType null", "{addressType: null}", "addressType", REQUIRED),
    Bad("addressType unknown", "{addressType: IP}", "addressType", UNSUPPORTED, '"IP": supported values: "FQDN", "IPv4", "IPv6"'),
    Bad("addressType in small letters", "{addressType: ipv4}", "addressType", UNSUPPORTED, '"ipv4"'),
    Bad("no addresses", "{endpoints: [{addresses: []}]}", f"{E0}.addresses", REQUIRED, "must contain at least 1 address"),
    Bad("addresses null", "{endpoints: [{addresses: null}]}", f"{E0}.addresses", REQUIRED, "must contain at least 1 address"),
    Bad("a null endpoint", "{endpoints: [null]}", f"{E0}.addresses", REQUIRED, "must contain at least 1 address"),
    Bad("101 addresses", addresses(*(f"10.244.0.{index}" for index in range(101))), f"{E0}.addresses", TOO_MANY, "101: must have at most 100 items"),
    Bad("a name as address", addresses("db.example.com"), f"{E0}.addresses[0]", INVALID, NO_IP),
    Bad("IPv6 among IPv4", addresses("10.0.0.1", "2001:db8::1"), f"{E0}.addresses[1]", INVALID, "must be an IPv4 address"),
    Bad("IPv4 among IPv6", addresses("10.0.0.1", kind="IPv6"), f"{E0}.addresses[0]", INVALID, "must be an IPv6 address"),
    Bad("address with leading zeros", addresses("10.0.0.01"), f"{E0}.addresses[0]", INVALID, "must not have leading 0s"),
    Bad("address unspecified", addresses("0.0.0.0"), f"{E0}.addresses[0]", INVALID, "may not be unspecified (0.0.0.0)"),
    Bad("address loopback", addresses("127.0.0.1"), f"{E0}.addresses[0]", INVALID, "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
    Bad("address link-local", addresses("169.254.169.254"), f"{E0}.addresses[0]", INVALID, "may not be in the link-local range"),
    Bad("address link-local multicast", addresses("224.0.0.5"), f"{E0}.addresses[0]", INVALID, "link-local multicast range"),
    Bad("address loopback in IPv6", addresses("::1", kind="IPv6"), f"{E0}.addresses[0]", INVALID, "loopback range"),
    Bad("address link-local in IPv6", addresses("fe80::1", kind="IPv6"), f"{E0}.addresses[0]", INVALID, "link-local range"),
    Bad("a host name of one label", addresses("db", kind="FQDN"), f"{E0}.addresses[0]", INVALID, "should be a domain with at least two segments separated by dots"),
    Bad("a host name in capitals", addresses("DB.example.com", kind="FQDN"), f"{E0}.addresses[0]", INVALID, "RFC 1123 subdomain"),
    Bad("a label of 64 in a host name", addresses(f"{A64}.com", kind="FQDN"), f"{E0}.addresses[0]", INVALID, "must be no more than 63 bytes"),
    Bad("no host name", addresses("", kind="FQDN"), f"{E0}.addresses[0]", REQUIRED),
    Bad("hostname with a dot", endpoint("hostname: a.b"), f"{E0}.hostname", INVALID, "must not contain dots"),
    Bad("hostname in capitals", endpoint("hostname: Web-0"), f"{E0}.hostname", INVALID, "RFC 1123 label"),
    Bad("nodeName in capitals", endpoint("nodeName: Node-1"), f"{E0}.nodeName", INVALID, "RFC 1123 subdomain"),
    Bad("zone twice", endpoint("hints: {forZones: [{name: a}, {name: a}]}"), f"{E0}.hints.forZones[1].name", DUPLICATE, '"a"'),
    Bad("node twice", endpoint("hints: {forNodes: [{name: a}, {name: a}]}"), f"{E0}.hints.forNodes[1].name", DUPLICATE, '"a"'),
    Bad("nine zones", endpoint(f"hints: {{forZones: [{', '.join(f'{{name: z{index}}}' for index in range(9))}]}}"), f"{E0}.hints.forZones", TOO_MANY, "9: must have at most 8 items"),
    Bad("nine nodes", endpoint(f"hints: {{forNodes: [{', '.join(f'{{name: n{index}}}' for index in range(9))}]}}"), f"{E0}.hints.forNodes", TOO_MANY, "9: must have at most 8 items"),
    Bad("zone with a blank", endpoint("hints: {forZones: [{name: a b}]}"), f"{E0}.hints.forZones[0].name", INVALID, "a valid label"),
    # ports
    Bad("port name twice", "{ports: [{name: a, port: 1}, {name: a, port: 2}]}", "ports[1].name", DUPLICATE, '"a"'),
    Bad("two ports without name", "{ports: [{port: 1}, {port: 2}]}", "ports[1].name", DUPLICATE, '""'),
    Bad("port name in capitals", "{ports: [{name: Http, port: 1}]}", "ports[0].name", INVALID, "RFC 1123 label"),
    Bad("port name of 64", f"{{ports: [{{name: {A64}, port: 1}}]}}", "ports[0].name", INVALID, "must be no more than 63 bytes"),
    Bad("protocol in small letters", "{ports: [{port: 1, protocol: tcp}]}", "ports[0].protocol", UNSUPPORTED, '"SCTP", "TCP", "UDP"'),
    Bad("protocol empty", "{ports: [{port: 1, protocol: ''}]}", "ports[0].protocol", UNSUPPORTED),
    Bad("appProtocol with a blank", "{ports: [{port: 1, appProtocol: a b}]}", "ports[0].appProtocol", INVALID, "name part"),
    Bad("20001 ports", f"{{ports: [{', '.join(['{}'] * 20001)}]}}", "ports", TOO_MANY, "20001: must have at most 20000 items"),
)

ACCEPTED = (
    Good("empty", "{}"),
    Good("endpoints null", "{endpoints: null, ports: null}"),
    Good("IPv4", addresses("10.244.0.4")),
    Good("100 addresses", addresses(*(f"10.244.0.{index}" for index in range(100)))),
    Good("IPv6", addresses("2001:db8::1", "FD00::1", kind="IPv6")),
    Good("host names", addresses("db.example.com", "db.example.com.", kind="FQDN")),
    Good("an address of a Service", addresses("10.96.0.10")),
    Good("port numbers have no range", "{ports: [{name: a, port: 0}, {name: b, port: 70000}, {name: c, port: null}]}"),
    Good("no port name", "{ports: [{port: 80}, {name: a, port: 80}]}"),
    Good("protocol null", "{ports: [{port: 80, protocol: null}]}"),
    Good("appProtocol", "{ports: [{port: 80, appProtocol: kubernetes.io/ws}]}"),
    Good("conditions", endpoint("conditions: {ready: false}, hostname: web-0, nodeName: node-1.example.com, zone: a")),
    Good("hints", endpoint(f"hints: {{forZones: [{', '.join(f'{{name: z{index}}}' for index in range(8))}], forNodes: [{{name: node-1}}]}}")),
)


def endpoint_slice(text: str) -> dict[str, Any]:
    return manifest("EndpointSlice", **{"addressType": "IPv4", "endpoints": [], **flow(text)})


@pytest.mark.parametrize("row", REJECTED, ids=str)
def test_slice_rejected(row: Bad) -> None:
    expect(row, endpoint_slice(row.text))


@pytest.mark.parametrize("row", ACCEPTED, ids=str)
def test_slice_accepted(row: Good) -> None:
    assert violations(endpoint_slice(row.text)) == []


@pytest.mark.parametrize("count", [1000, 1001])
def test_a_slice_has_at_most_1000_endpoints(count: int) -> None:
    value = manifest("EndpointSlice", addressType="IPv4", endpoints=[{"addresses": ["10.0.0.1"]}] * count)
    if count > 1000:
        expect(Bad("", "", "endpoints", TOO_MANY, "1001: must have at most 1000 items"), value)
    else:
        assert violations(value) == []


def subset(text: str) -> str:
    return f"[{{addresses: [{{ip: 10.0.0.1}}], {text}}}]"


LEGACY_REJECTED = (
    Bad("no addresses", "[{ports: [{port: 80}]}]", "subsets[0]", REQUIRED, "must specify `addresses` or `notReadyAddresses`"),
    Bad("a null subset", "[null]", "subsets[0]", REQUIRED, "must specify `addresses` or `notReadyAddresses`"),
    Bad("a name as address", "[{addresses: [{ip: db}]}]", "subsets[0].addresses[0].ip", INVALID, NO_IP),
    Bad("address loopback", "[{addresses: [{ip: 127.0.0.1}]}]", "subsets[0].addresses[0].ip", INVALID, "may not be in the loopback range"),
    Bad("address link-local", "[{notReadyAddresses: [{ip: 10.0.0.1}, {ip: 169.254.1.1}]}]", "subsets[0].notReadyAddresses[1].ip", INVALID, "may not be in the link-local range"),
    Bad("address unspecified", "[{addresses: [{ip: '::'}]}]", "subsets[0].addresses[0].ip", INVALID, "may not be unspecified (::)"),
    Bad("address multicast", "[{addresses: [{ip: 224.0.0.1}]}]", "subsets[0].addresses[0].ip", INVALID, "multicast"),
    Bad("hostname with a dot", "[{addresses: [{ip: 10.0.0.1, hostname: a.b}]}]", "subsets[0].addresses[0].hostname", INVALID, "must not contain dots"),
    Bad("nodeName in capitals", "[{addresses: [{ip: 10.0.0.1, nodeName: A}]}]", "subsets[0].addresses[0].nodeName", INVALID, "RFC 1123 subdomain"),
    Bad("two ports, one without name", subset("ports: [{name: a, port: 80}, {port: 81}]"), "subsets[0].ports[1].name", REQUIRED),
    Bad("port 0", subset("ports: [{port: 0}]"), "subsets[0].ports[0].port", INVALID, "must be between 1 and 65535, inclusive"),
    Bad("port 65536", subset("ports: [{port: 65536}]"), "subsets[0].ports[0].port", INVALID, "must be between 1 and 65535"),
    Bad("port name in capitals", subset("ports: [{name: Http, port: 80}]"), "subsets[0].ports[0].name", INVALID, "RFC 1123 label"),
    Bad("protocol in small letters", subset("ports: [{port: 80, protocol: udp}]"), "subsets[0].ports[0].protocol", UNSUPPORTED, '"SCTP", "TCP", "UDP"'),
)
LEGACY_ACCEPTED = (
    Good("no subsets", "null"),
    Good("an address", "[{addresses: [{ip: 10.0.0.1}]}]"),
    Good("an address that is not ready", "[{notReadyAddresses: [{ip: 10.0.0.1, hostname: web-0, nodeName: node-1}]}]"),
    Good("both families", "[{addresses: [{ip: 10.0.0.1}, {ip: '2001:db8::1'}]}]"),
    Good("one port without name", subset("ports: [{port: 80}]")),
    Good("two ports of one name", subset("ports: [{name: a, port: 80}, {name: a, port: 81, protocol: UDP}]")),
    Good("protocol empty", subset("ports: [{port: 80, protocol: ''}]")),
)


@pytest.mark.parametrize("row", LEGACY_REJECTED, ids=str)
def test_endpoints_rejected(row: Bad) -> None:
    expect(row, manifest("Endpoints", subsets=flow(row.text)))


@pytest.mark.parametrize("row", LEGACY_ACCEPTED, ids=str)
def test_endpoints_accepted(row: Good) -> None:
    assert violations(manifest("Endpoints", subsets=flow(row.text))) == []
