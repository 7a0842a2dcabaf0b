"""Which records the cluster's DNS holds: A, AAAA, SRV, PTR, TXT, CNAME; NXDOMAIN against NODATA.

https://github.com/kubernetes/dns/blob/master/docs/specification.md and coredns plugin/kubernetes
"""

# One row of a table is one line.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from kcnet.model.names import Fqdn
from kcnet.path.dns import RecordType, answer
from tests.flows.builders import (
    NODES,
    Manifest,
    cluster,
    endpoint,
    endpoint_slice,
    external_name,
    facts,
    headless,
    namespace,
    node,
    pod,
    port,
    service,
    sport,
)

SVC = "svc.shop.svc.cluster.local."
PORTS = [sport(80, "http", "web"), sport(53, "dns", "dns", protocol="UDP"), sport(81, 8081, "plain")]
POD_PORTS = [port(8080, "http"), port(5353, "dns", "UDP"), port(8081)]
A1 = pod("a-1", "10.244.1.1", app="svc", ports=POD_PORTS)
A2 = pod("a-2", "10.244.2.1", app="svc", ports=POD_PORTS)
HOSTED = pod("db-0", "10.244.1.9", app="svc", ports=POD_PORTS, hostname="db-0", subdomain="svc")
UNREADY = pod("a-9", "10.244.1.99", app="svc", ports=POD_PORTS, ready=False)
PLAIN = [service("svc", "10.96.1.1", app="svc", ports=PORTS), A1, A2]
HEADLESS = [headless("svc", app="svc", ports=PORTS), A1, HOSTED, UNREADY]
DUAL = [
    facts(podCIDR="10.244.0.0/16,fd00:10:244::/56", serviceCIDR="10.96.0.0/16,fd00:10:96::/112"),
    service("svc", "10.96.1.1", app="svc", clusterIPs=["10.96.1.1", "fd00:10:96::11"], ipFamilyPolicy="RequireDualStack", ipFamilies=["IPv4", "IPv6"]),
    headless("hl", app="svc", ipFamilyPolicy="RequireDualStack", ipFamilies=["IPv4", "IPv6"]),
    pod("a-1", ips=["10.244.1.1", "fd00:10:244:1::1"], app="svc"),
]
DUAL_NODES = [node("n1", ips=["10.0.0.1", "fd00::1"], cidrs=["10.244.1.0/24", "fd00:10:244:1::/64"])]

NX = "NXDOMAIN"
NODATA = ()


def asked(objects: Sequence[Any], name: str, kind: str = "A", nodes: Sequence[Manifest] = NODES) -> Any:
    """"NXDOMAIN", "not ours", or the values of the records asked for, sorted; SRV as ``PORT TARGET``."""
    found = answer(cluster(nodes, *objects), Fqdn(name), RecordType(kind))
    if found is None:
        return "not ours"
    if found.rcode == NX:
        assert not found.records
        return NX
    records = [record for record in found.records if record.type == kind or kind in ("A", "AAAA")]
    return tuple(sorted(f"{record.port} {record.value}" if record.type == "SRV" else record.value for record in records))


@pytest.mark.parametrize(
    ("objects", "name", "kind", "wanted"),
    [
        # ClusterIP
        (PLAIN, SVC, "A", ("10.96.1.1",)),
        (PLAIN[:1], SVC, "A", ("10.96.1.1",)),
        (PLAIN, SVC, "AAAA", NODATA),
        (PLAIN, "svc.other.svc.cluster.local.", "A", NX),
        (PLAIN, "nope.shop.svc.cluster.local.", "A", NX),
        (PLAIN, "nope.shop.svc.cluster.local.", "AAAA", NX),
        (PLAIN, "shop.svc.cluster.local.", "A", NODATA),
        (PLAIN, "nowhere.svc.cluster.local.", "A", NX),
        (PLAIN, "svc.cluster.local.", "A", NODATA),
        (PLAIN, "pod.cluster.local.", "A", NODATA),
        (PLAIN, "cluster.local.", "A", NODATA),
        (PLAIN, "a.b.c.d.svc.shop.svc.cluster.local.", "A", NX),
        (PLAIN, "svc.shop.cluster.local.", "A", NX),
        (PLAIN, "svc.shop.nothing.cluster.local.", "A", NX),
        (PLAIN, "example.com.", "A", "not ours"),
        (PLAIN, "svc.shop.svc.other.local.", "A", "not ours"),
        # SRV of a ClusterIP Service: the Service's own port
        (PLAIN, f"_web._tcp.{SVC}", "SRV", (f"80 {SVC}",)),
        (PLAIN, f"_dns._udp.{SVC}", "SRV", (f"53 {SVC}",)),
        (PLAIN, f"_plain._tcp.{SVC}", "SRV", (f"81 {SVC}",)),
        (PLAIN, f"_web._udp.{SVC}", "SRV", NX),
        (PLAIN, f"_nope._tcp.{SVC}", "SRV", NX),
        (PLAIN, f"_web._tcp.{SVC}", "A", ("10.96.1.1",)),
        (PLAIN, f"_nope._tcp.{SVC}", "A", NX),
        ([service("svc", "10.96.1.1", app="svc"), A1], f"_http._tcp.{SVC}", "SRV", NX),
        # endpoint names of a ClusterIP Service
        (PLAIN, f"10-244-1-1.{SVC}", "A", ("10.244.1.1",)),
        (PLAIN, f"10-244-9-9.{SVC}", "A", NX),
        # headless
        (HEADLESS, SVC, "A", ("10.244.1.1", "10.244.1.9")),
        (HEADLESS, SVC, "AAAA", NODATA),
        (HEADLESS, f"10-244-1-1.{SVC}", "A", ("10.244.1.1",)),
        (HEADLESS, f"db-0.{SVC}", "A", ("10.244.1.9",)),
        (HEADLESS, f"10-244-1-9.{SVC}", "A", NX),
        (HEADLESS, f"10-244-1-99.{SVC}", "A", NX),
        (HEADLESS, f"db-1.{SVC}", "A", NX),
        (HEADLESS, f"_web._tcp.{SVC}", "SRV", (f"8080 10-244-1-1.{SVC}", f"8080 db-0.{SVC}")),
        (HEADLESS, f"_dns._udp.{SVC}", "SRV", (f"5353 10-244-1-1.{SVC}", f"5353 db-0.{SVC}")),
        (HEADLESS, f"_nope._tcp.{SVC}", "SRV", NX),
        (HEADLESS, f"_web._tcp.{SVC}", "A", ("10.244.1.1", "10.244.1.9")),
        (HEADLESS[:1], SVC, "A", NX),
        ([HEADLESS[0], UNREADY], SVC, "A", NX),
        ([headless("svc", app="svc", publishNotReadyAddresses=True), UNREADY], SVC, "A", ("10.244.1.99",)),
        ([headless("svc", app="svc", ports=[]), A1], SVC, "A", ("10.244.1.1",)),
        ([headless("svc", app=None), endpoint_slice(endpoint("10.244.1.1", hostname="one"), of="svc")], f"one.{SVC}", "A", ("10.244.1.1",)),
        ([headless("svc", app=None), endpoint_slice(endpoint("192.0.2.9"), of="svc")], SVC, "A", ("192.0.2.9",)),
        ([headless("svc", app=None), endpoint_slice(endpoint("192.0.2.9", ready=False), of="svc")], SVC, "A", NX),
        # ExternalName
        ([external_name("svc", "db.example.com")], SVC, "CNAME", ("db.example.com.",)),
        ([external_name("svc", "192.0.2.7")], SVC, "A", NX),
        ([external_name("svc", "192.0.2.7")], SVC, "CNAME", NX),
        ([external_name("svc", "db.example.com", ports=[sport(80, None, "web")])], f"_web._tcp.{SVC}", "SRV", NX),
        # pods
        ([A1, namespace("shop")], "10-244-1-1.shop.pod.cluster.local.", "A", ("10.244.1.1",)),
        ([A1, namespace("shop")], "9-9-9-9.shop.pod.cluster.local.", "A", ("9.9.9.9",)),
        ([A1, namespace("shop")], "10-244-1-1.nowhere.pod.cluster.local.", "A", NX),
        ([A1, namespace("shop")], "not-an-address.shop.pod.cluster.local.", "A", NX),
        ([A1, namespace("shop")], "fd00--1.shop.pod.cluster.local.", "AAAA", ("fd00::1",)),
        ([A1, namespace("shop")], "10-244-1-1.shop.pod.cluster.local.", "AAAA", NODATA),
        # reverse
        (PLAIN, "1.1.96.10.in-addr.arpa.", "PTR", (SVC,)),
        (HEADLESS, "1.1.244.10.in-addr.arpa.", "PTR", (f"10-244-1-1.{SVC}",)),
        (HEADLESS, "9.1.244.10.in-addr.arpa.", "PTR", (f"db-0.{SVC}",)),
        (PLAIN, "9.9.9.9.in-addr.arpa.", "PTR", "not ours"),
        # version
        (PLAIN, "dns-version.cluster.local.", "TXT", ("1.1.0",)),
        ([facts(clusterDomain="k8s.example"), *PLAIN], "dns-version.k8s.example.", "TXT", ("1.1.0",)),
        ([facts(clusterDomain="k8s.example"), *PLAIN], "svc.shop.svc.k8s.example.", "A", ("10.96.1.1",)),
        ([facts(clusterDomain="k8s.example"), *PLAIN], SVC, "A", "not ours"),
    ],
)
def test_records(objects: Sequence[Any], name: str, kind: str, wanted: Any) -> None:
    assert asked(objects, name, kind) == (tuple(sorted(wanted)) if isinstance(wanted, tuple) else wanted)


@pytest.mark.parametrize(
    ("name", "kind", "wanted"),
    [
        (SVC, "A", ("10.96.1.1",)),
        (SVC, "AAAA", ("fd00:10:96::11",)),
        ("hl.shop.svc.cluster.local.", "A", ("10.244.1.1",)),
        ("hl.shop.svc.cluster.local.", "AAAA", ("fd00:10:244:1::1",)),
        ("fd00-10-244-1--1.hl.shop.svc.cluster.local.", "AAAA", ("fd00:10:244:1::1",)),
        ("1.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa.", "PTR", (SVC,)),
    ],
)
def test_records_of_two_families(name: str, kind: str, wanted: tuple[str, ...]) -> None:
    assert asked(DUAL, name, kind, DUAL_NODES) == wanted


def test_an_alias_inside_the_zone_is_followed() -> None:
    objects = [external_name("alias", "svc.shop.svc.cluster.local"), *PLAIN]
    found = asked(objects, "alias.shop.svc.cluster.local.")
    assert set(found) == {SVC, "10.96.1.1"}


def test_an_alias_to_the_outside_is_left_to_public_dns() -> None:
    built = cluster(NODES, external_name("alias", "db.example.com"))
    found = answer(built, Fqdn("alias.shop.svc.cluster.local."), RecordType.A)
    assert found is not None
    assert found.leads_outside == "db.example.com."


@pytest.mark.parametrize("length", [2, 3, 5])
def test_a_ring_of_aliases_has_no_address(length: int) -> None:
    ring = [external_name(f"a{n}", f"a{(n + 1) % length}.shop.svc.cluster.local") for n in range(length)]
    found = answer(cluster(NODES, ring), Fqdn("a0.shop.svc.cluster.local."), RecordType.A)
    assert found is not None
    assert not found.addresses
    assert found.leads_outside is None
