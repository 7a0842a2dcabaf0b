"""On every sample cluster, for every address of every Service: the printed rules choose what the simulator chooses.

https://kubernetes.io/docs/reference/networking/virtual-ips/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import kcnet
from kcnet import simulate
from kcnet.lab.scenarios import scenarios
from kcnet.lab.tools.kubeproxy.iptables import save
from kcnet.lab.tools.kubeproxy.nft import listing
from kcnet.model.cluster import Cluster, ProxyMode
from kcnet.model.names import Protocol
from kcnet.model.trace import Path, Request
from kcnet.reasons.nat import NAT_DESTINATION, NAT_HAIRPIN, NAT_MASQUERADE, NAT_SOURCE_KEPT
from kcnet.reasons.service import SERVICE_NO_ENDPOINTS, SERVICE_NO_LOCAL_ENDPOINTS
from kcnet.request import RequestError, parse_client, parse_target
from tests.flows.builders import NODES, Manifest, cluster, facts, pod, service
from tests.lab.tools.nftset import Nftables
from tests.lab.tools.ruleset import MASQUERADED, Packet, Ruleset

Fate = tuple[str, str | int, bool]


class Case(NamedTuple):
    source: str
    target: str
    protocol: Protocol


def cases(found: Cluster) -> Iterator[Case]:
    """From a pod of each node and from outside, to every address and port of every Service."""
    first = {one.node: one for one in found.pods.values() if one.node and not one.host_network and one.address}
    pods = [f"{one.namespace}/pod/{one.name}" for one in first.values()]
    for each in found.services.values():
        inside = [address for address in each.cluster_ips if address.version == 4]
        shared = [*each.external_ips, *(one.address for one in each.load_balancer if one.address and not one.proxy)]
        for port in each.ports:
            for address in (*inside, *(one for one in shared if one.version == 4)):
                yield from (Case(source, f"{address}:{port.port}", port.protocol) for source in pods)
            for node in found.nodes.values() if port.node_port else ():
                yield Case("internet", f"{node.address}:{port.node_port}", port.protocol)


def seen_by_kube_proxy(path: Path) -> tuple[str, Packet, Fate] | None:
    """The node whose rules the packet met first, the packet as it came there, and what became of it."""
    for at, step in enumerate(path.steps):
        before = step.before
        if step.reason not in (NAT_DESTINATION, SERVICE_NO_ENDPOINTS, SERVICE_NO_LOCAL_ENDPOINTS):
            continue
        assert isinstance(before.src, IPv4Address)
        assert isinstance(before.dst, IPv4Address)
        packet = Packet(before.src, before.dst, before.dst_port or 0, before.protocol.value.lower())
        if step.reason is not NAT_DESTINATION:
            return step.at.name, packet, ("rejected" if step.reason is SERVICE_NO_ENDPOINTS else "dropped", 0, False)
        masquerade = next(one.reason for one in path.steps[at:]
                          if one.reason in (NAT_MASQUERADE, NAT_HAIRPIN, NAT_SOURCE_KEPT))  # fmt: skip
        place = str(step.after.dst), step.after.dst_port or 0
        return step.at.name, packet, (*place, masquerade is not NAT_SOURCE_KEPT)
    return None


def judge(found: Cluster) -> int:
    """Compares every case; how many there were."""
    tables: dict[str, Ruleset | Nftables] = {}
    for node in found.nodes.values():
        own = frozenset(one for one in node.addresses if isinstance(one, IPv4Address))
        if found.proxy_mode is ProxyMode.IPTABLES:
            tables[node.name] = Ruleset.read(save(found, node.name), own)
        else:
            tables[node.name] = Nftables.read(listing(found, node.name), own)
    count = 0
    for case in cases(found):
        try:
            client = parse_client(found, case.source)
        except RequestError:
            continue  # a pod that does not run
        request = Request(client=client, target=parse_target(found, case.target), protocol=case.protocol,
                          ignore_policies=True)  # fmt: skip
        wanted: defaultdict[tuple[str, Packet], dict[Fate, float]] = defaultdict(dict)
        for path in simulate.trace(found, request).paths:
            met = seen_by_kube_proxy(path)
            if met is not None:
                node, packet, fate = met
                fates = wanted[node, packet]
                fates[fate] = fates.get(fate, 0) + path.probability
        for (name, packet), fates in wanted.items():
            ends: dict[Fate, float] = {}
            for (what, after), share in tables[name].arrive(packet, from_here=False).items():
                marked = bool(after.mark & MASQUERADED)
                fate = (str(after.dst), after.port, marked) if what == "sent" else (what, 0, False)
                ends[fate] = ends.get(fate, 0) + share
            whole = sum(fates.values())
            assert ends == pytest.approx({key: share / whole for key, share in fates.items()}, abs=1e-6), case
            count += 1
    return count


@pytest.mark.parametrize("mode", [ProxyMode.IPTABLES, ProxyMode.NFTABLES], ids=lambda mode: mode.value)
@pytest.mark.parametrize("sample", list(scenarios()), ids=lambda sample: sample.name)
def test_rules_of_a_sample_cluster(sample: object, mode: ProxyMode) -> None:
    found = kcnet.load(*sample.paths)  # type: ignore[attr-defined]
    assert judge(replace(found, proxy_mode=mode)) > 0


POLICIES = st.fixed_dictionaries(
    {},
    optional={
        "externalTrafficPolicy": st.just("Local"),
        "internalTrafficPolicy": st.just("Local"),
        "sessionAffinity": st.just("ClientIP"),
        "externalIPs": st.just(["192.0.2.80"]),
        "trafficDistribution": st.just("PreferClose"),
    },
)


@st.composite
def shops(draw: st.DrawFn) -> list[Manifest]:
    """One Service of any type and policy, and pods of it here and there, ready or not, or going."""
    kind = draw(st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer"]))
    more = draw(POLICIES)
    if kind == "ClusterIP" and "externalIPs" not in more:
        more.pop("externalTrafficPolicy", None)
    ports = [{"name": "a", "port": 80, "targetPort": 8080}, {"name": "b", "port": 81, "targetPort": 9090}]
    lb = [{"ip": "203.0.113.50"}] if kind == "LoadBalancer" else None
    found = [service("web", "10.96.7.7", kind=kind, ports=ports, lb=lb, **more)]
    states = st.sampled_from(["ready", "ready", "not", "going"])
    for number, (node, state) in enumerate(draw(st.lists(st.tuples(st.integers(1, 3), states), max_size=6))):
        found.append(pod(f"web-{number}", f"10.244.{node}.{number + 1}", ready=state != "not",
                         terminating=state == "going"))  # fmt: skip
    return found


@given(shop=shops(), mode=st.sampled_from([ProxyMode.IPTABLES, ProxyMode.NFTABLES]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rules_of_any_service(shop: list[Manifest], mode: ProxyMode) -> None:
    clients = [pod(f"client-{node}", f"10.244.{node}.100", app="client", ports=()) for node in (1, 2, 3)]
    judge(cluster(facts(proxyMode=mode.value), NODES, clients, shop))
