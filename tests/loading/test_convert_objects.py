# ruff: noqa: E501 - rows of tables stay on one line
"""Services, endpoints, Ingresses, policies and the rest as exact values, with the API server's context-free defaults."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from kcnet.model.manifests import ClusterFacts, Manifests, ServiceManifest
from kcnet.model.names import Protocol
from kcnet.model.objects import PathType, ServiceType, TrafficPolicy
from kcnet.model.policy import Direction
from tests.helpers import manifests_from


def read(kind: str, **parts: Any) -> Manifests:
    metadata = {"name": "web", **(parts.pop("metadata", None) or {})}
    return manifests_from([{"apiVersion": "v1", "kind": kind, "metadata": metadata, **parts}])


def service(text: str, **rest: Any) -> ServiceManifest:
    return read("Service", spec=yaml.safe_load(text), **rest).services[0]


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("{}", "type", ServiceType.CLUSTER_IP),
        ("{type: NodePort}", "type", ServiceType.NODE_PORT),
        ("{}", "selector", {}),
        ("{selector: {}}", "selector", {}),
        ("{selector: {app: web}}", "selector", {"app": "web"}),
        ("{clusterIP: None}", "headless", True),
        ("{clusterIPs: [None]}", "headless", True),
        ("{clusterIP: ''}", "headless", False),
        ("{clusterIP: ''}", "cluster_ips", ()),
        ("{type: ExternalName, externalName: db.example.com}", "external_name", "db.example.com"),
        ("{externalName: db.example.com}", "external_name", "db.example.com"),
        ("{ipFamilies: [IPv6, IPv4]}", "ip_families", (6, 4)),
        ("{ipFamilyPolicy: PreferDualStack}", "ip_family_policy", "PreferDualStack"),
        ("{sessionAffinity: ClientIP}", "session_affinity", True),
        ("{sessionAffinity: None}", "session_affinity", False),
        ("{sessionAffinity: ClientIP}", "affinity_seconds", None),
        ("{sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}}", "affinity_seconds", 60),
        ("{}", "external_traffic_policy", None),
        ("{externalTrafficPolicy: Local}", "external_traffic_policy", TrafficPolicy.LOCAL),
        ("{internalTrafficPolicy: Local}", "internal_traffic_policy", TrafficPolicy.LOCAL),
        ("{trafficDistribution: PreferClose}", "traffic_distribution", "PreferClose"),
        ("{publishNotReadyAddresses: true}", "publish_not_ready_addresses", True),
        ("{}", "allocate_node_ports", True),
        ("{allocateLoadBalancerNodePorts: null}", "allocate_node_ports", True),
        ("{allocateLoadBalancerNodePorts: false}", "allocate_node_ports", False),
        ("{loadBalancerClass: a/b}", "load_balancer_class", "a/b"),
    ],
)
def test_a_field_of_a_service(text: str, field: str, value: object) -> None:
    assert getattr(service(text), field) == value


@pytest.mark.parametrize(
    ("port", "name", "protocol", "target", "node_port"),
    [
        ("{port: 80}", "", Protocol.TCP, None, None),
        ("{port: 80, targetPort: 8080}", "", Protocol.TCP, 8080, None),
        ("{port: 80, targetPort: web}", "", Protocol.TCP, "web", None),
        ("{port: 80, targetPort: 0}", "", Protocol.TCP, None, None),
        ("{port: 80, targetPort: ''}", "", Protocol.TCP, None, None),
        ("{port: 53, protocol: UDP, name: dns}", "dns", Protocol.UDP, None, None),
        ("{port: 80, nodePort: 30080}", "", Protocol.TCP, None, 30080),
        ("{port: 80, nodePort: 0}", "", Protocol.TCP, None, None),
    ],
)
def test_a_port_of_a_service(port: str, name: str, protocol: Protocol, target: Any, node_port: int | None) -> None:
    found = service(f"{{ports: [{port}]}}").ports[0]
    assert (found.name, found.protocol, found.target_port, found.node_port) == (name, protocol, target, node_port)


def test_addresses_of_a_service() -> None:
    found = service(
        "{clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7, 'fd00::7'], externalIPs: [192.0.2.1], loadBalancerIP: 203.0.113.9,"
        " type: LoadBalancer, loadBalancerSourceRanges: [' 198.51.100.0/24 ', 10.0.0.1/8]}"
    )
    assert [str(address) for address in found.cluster_ips] == ["10.96.0.7", "fd00::7"]
    assert [str(address) for address in found.external_ips] == ["192.0.2.1"]
    assert str(found.load_balancer_ip) == "203.0.113.9"
    assert [str(cidr) for cidr in found.source_ranges] == ["198.51.100.0/24", "10.0.0.0/8"]


@pytest.mark.parametrize(
    ("status", "kind", "found"),
    [
        (None, "LoadBalancer", []),
        ({}, "LoadBalancer", []),
        ({"loadBalancer": {}}, "LoadBalancer", []),
        ({"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}, "LoadBalancer", [("203.0.113.1", None, False)]),
        ({"loadBalancer": {"ingress": [{"ip": "203.0.113.1", "ipMode": "VIP"}]}}, "LoadBalancer", [("203.0.113.1", None, False)]),
        ({"loadBalancer": {"ingress": [{"ip": "203.0.113.1", "ipMode": "Proxy"}]}}, "LoadBalancer", [("203.0.113.1", None, True)]),
        ({"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}, "LoadBalancer", [("None", "lb.example.com", False)]),
        ({"loadBalancer": {"ingress": [{}]}}, "LoadBalancer", []),
        ({"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}, "ClusterIP", []),
    ],
)  # fmt: skip
def test_the_load_balancer_in_a_status(status: Any, kind: str, found: list[Any]) -> None:
    entries = service(f"{{type: {kind}}}", status=status).load_balancer
    assert [(str(entry.address), entry.hostname, entry.proxy) for entry in entries] == found


@pytest.mark.parametrize(
    ("conditions", "ready", "serving", "terminating"),
    [
        (None, True, True, False),
        ({}, True, True, False),
        ({"ready": None, "serving": None, "terminating": None}, True, True, False),
        ({"ready": True}, True, True, False),
        ({"ready": False}, False, True, False),
        ({"ready": False, "serving": False}, False, False, False),
        ({"ready": False, "serving": True, "terminating": True}, False, True, True),
    ],
)
def test_absent_conditions_read_as_kube_proxy_reads_them(
    conditions: Any, ready: bool, serving: bool, terminating: bool
) -> None:
    endpoint = {"addresses": ["10.0.0.1"], "conditions": conditions}
    found = read("EndpointSlice", addressType="IPv4", endpoints=[endpoint], ports=[]).slices[0].endpoints[0]
    assert (found.ready, found.serving, found.terminating) == (ready, serving, terminating)


def test_a_slice() -> None:
    found = read(
        "EndpointSlice",
        metadata={
            "labels": {"kubernetes.io/service-name": "web", "endpointslice.kubernetes.io/managed-by": "me.example.com"}
        },
        addressType="IPv4",
        ports=[{"port": 8080}, {"name": "dns", "protocol": "UDP", "port": 53}, {"name": "all"}],
        endpoints=[
            {
                "addresses": ["10.0.0.1", "10.0.0.2"],
                "nodeName": "n1",
                "zone": "a",
                "hostname": "h",
                "targetRef": {"kind": "Pod", "name": "web-0"},
                "hints": {"forZones": [{"name": "a"}, {"name": "b"}], "forNodes": [{"name": "n1"}]},
            },
            {"addresses": ["10.0.0.3"]},
        ],
    ).slices[0]
    assert (found.service, found.address_type, found.managed_by) == ("web", "IPv4", "me.example.com")
    assert [(port.name, port.protocol, port.port, port.index) for port in found.ports] == [
        ("", "TCP", 8080, 0),
        ("dns", "UDP", 53, 1),
        ("all", "TCP", None, 2),
    ]
    first, second = found.endpoints
    assert (first.node, first.zone, first.hostname, str(first.target)) == ("n1", "a", "h", "Pod default/web-0")
    assert (first.hint_zones, first.hint_nodes, first.index) == (("a", "b"), ("n1",), 0)
    assert (second.node, second.target, second.index) == (None, None, 1)


def test_names_in_a_slice_of_type_fqdn() -> None:
    found = read("EndpointSlice", addressType="FQDN", endpoints=[{"addresses": ["a.example.com"]}]).slices[0]
    assert found.endpoints[0].addresses == ("a.example.com",)


def test_legacy_endpoints_have_the_shape_of_the_slices_that_mirror_them() -> None:
    found = read(
        "Endpoints",
        subsets=[
            {
                "addresses": [{"ip": "192.0.2.1", "nodeName": "n1"}, {"ip": "2001:db8::1"}],
                "notReadyAddresses": [{"ip": "192.0.2.2"}],
                "ports": [{"port": 5432, "name": "pg"}],
            },
            {"addresses": [{"ip": "192.0.2.3"}]},
        ],
    ).endpoints[0]
    shape = [
        (item.address_type, [(str(end.addresses[0]), end.ready, end.node) for end in item.endpoints], [port.port for port in item.ports])
        for item in found.slices
    ]  # fmt: skip
    assert shape == [
        ("IPv4", [("192.0.2.1", True, "n1"), ("192.0.2.2", False, None)], [5432]),
        ("IPv6", [("2001:db8::1", True, None)], [5432]),
        ("IPv4", [("192.0.2.3", True, None)], []),
    ]
    assert {item.service for item in found.slices} == {"web"}


def test_an_ingress() -> None:
    spec = yaml.safe_load("""
        ingressClassName: nginx
        defaultBackend: {service: {name: fallback, port: {name: http}}}
        tls: [{hosts: [Shop.example.com], secretName: cert}, {}]
        rules:
        - host: Shop.example.com
          http:
            paths:
            - {path: /a, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}
            - {pathType: ImplementationSpecific, backend: {resource: {kind: Bucket, name: b}}}
        - host: "*.example.com"
        - {}
        """)
    found = read("Ingress", spec=spec, metadata={"annotations": {"kubernetes.io/ingress.class": "old"}}).ingresses[0]
    assert (found.class_name, found.class_annotation, found.live) == ("nginx", "old", False)
    assert found.default_backend is not None
    assert (found.default_backend.service, found.default_backend.port) == ("fallback", "http")
    assert found.default_backend.field == "spec.defaultBackend"
    assert [(item.hosts, item.secret, item.field) for item in found.tls] == [
        (("shop.example.com",), "cert", "spec.tls[0]"),
        ((), None, "spec.tls[1]"),
    ]
    assert [(rule.host, rule.field) for rule in found.rules] == [
        ("shop.example.com", "spec.rules[0]"),
        ("*.example.com", "spec.rules[1]"),
        (None, "spec.rules[2]"),
    ]
    assert found.rules[1].paths is None
    first, second = found.rules[0].paths or ()
    assert (first.path, first.path_type, first.backend.service, first.backend.port) == ("/a", PathType.PREFIX, "a", 80)
    assert first.backend.field == "spec.rules[0].http.paths[0].backend"
    assert (second.path, second.backend.resource, second.field) == ("/", "Bucket/b", "spec.rules[0].http.paths[1]")


@pytest.mark.parametrize(("text", "default"), [("true", True), ("false", False), ("True", False), (None, False)])
def test_the_default_ingress_class(text: str | None, default: bool) -> None:
    notes = {"ingressclass.kubernetes.io/is-default-class": text} if text else None
    found = read("IngressClass", spec={"controller": "a.b/c"}, metadata={"annotations": notes}).ingress_classes[0]
    assert (found.controller, found.default) == ("a.b/c", default)


IN, OUT = Direction.INGRESS, Direction.EGRESS


@pytest.mark.parametrize(
    ("text", "directions"),
    [
        ("{}", {IN}),
        ("{policyTypes: []}", {IN}),
        ("{policyTypes: null, ingress: []}", {IN}),
        ("{egress: []}", {IN}),
        ("{egress: null}", {IN}),
        ("{egress: [{}]}", {IN, OUT}),
        ("{policyTypes: [Egress]}", {OUT}),
        ("{policyTypes: [Ingress], egress: [{}]}", {IN}),
        ("{policyTypes: [Ingress, Egress]}", {IN, OUT}),
    ],
)
def test_directions_of_a_policy(text: str, directions: set[Direction]) -> None:
    assert read("NetworkPolicy", spec=yaml.safe_load(text)).policies[0].directions == directions


def test_the_rules_of_a_policy_know_where_they_stand() -> None:
    spec = yaml.safe_load("""
        podSelector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: NotIn, values: [x]}]}
        ingress:
        - {}
        - from:
          - {podSelector: {}, namespaceSelector: {matchLabels: {team: a}}}
          - {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}
          ports: [{port: 80}, {port: web, protocol: UDP}, {port: 100, endPort: 200}, {protocol: SCTP}]
        egress:
        - to: [{podSelector: {matchLabels: {app: db}}}]
        """)
    found = read("NetworkPolicy", spec=spec).policies[0]
    assert str(found.pod_selector) == "app=web,tier notin (x)"
    empty, rule = found.ingress
    assert (empty.peers, empty.ports, empty.field) == ((), (), "spec.ingress[0]")
    assert [peer.field for peer in rule.peers] == ["spec.ingress[1].from[0]", "spec.ingress[1].from[1]"]
    assert rule.peers[0].pod_selector is not None
    assert rule.peers[0].pod_selector.empty
    assert str(rule.peers[0].namespace_selector) == "team=a"
    block = rule.peers[1].ip_block
    assert block is not None
    assert (str(block.cidr), [str(cidr) for cidr in block.excepted]) == ("10.0.0.0/8", ["10.1.0.0/16"])
    assert [(port.protocol, port.port, port.end_port, port.field) for port in rule.ports] == [
        ("TCP", 80, None, "spec.ingress[1].ports[0]"),
        ("UDP", "web", None, "spec.ingress[1].ports[1]"),
        ("TCP", 100, 200, "spec.ingress[1].ports[2]"),
        ("SCTP", None, None, "spec.ingress[1].ports[3]"),
    ]
    assert found.egress[0].peers[0].field == "spec.egress[0].to[0]"


def test_a_namespace_always_carries_its_name() -> None:
    labels = {"team": "a", "kubernetes.io/metadata.name": "wrong"}
    found = read("Namespace", metadata={"labels": labels}).namespaces[0]
    assert found.labels == {"team": "a", "kubernetes.io/metadata.name": "web"}


@pytest.mark.parametrize(
    ("cpu", "cores"), [("4", 4.0), (4, 4.0), ("3920m", 3.92), ("0.5", 0.5), (None, None), ("4k?", None)]
)
def test_a_node_s_cpu(cpu: Any, cores: float | None) -> None:
    assert read("Node", status={"capacity": {"cpu": cpu}}).nodes[0].cpu == cores


def test_a_node() -> None:
    found = read(
        "Node",
        spec={"podCIDR": "10.1.0.0/24", "taints": [{"key": "a", "effect": "NoSchedule"}], "unschedulable": True},
        status={
            "addresses": [
                {"type": "Hostname", "address": "web"},
                {"type": "ExternalIP", "address": "198.51.100.1"},
                {"type": "InternalIP", "address": "172.18.0.2"},
                {"type": "InternalIP", "address": "fd01::2"},
            ],
            "conditions": [{"type": "Ready", "status": "Unknown"}],
        },
    ).nodes[0]
    assert [str(address) for address in found.addresses] == ["172.18.0.2", "fd01::2"]
    assert [str(address) for address in found.external_addresses] == ["198.51.100.1"]
    assert [str(cidr) for cidr in found.pod_cidrs] == ["10.1.0.0/24"]
    assert (found.unschedulable, found.ready, found.taints[0].key) == (True, False, "a")


def facts(text: str) -> ClusterFacts:
    return read("Cluster", spec=yaml.safe_load(text)).facts


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("{}", "nodes", None),
        ("{nodes: 3}", "nodes", "3"),
        ("{podCIDR: 10.1.0.0/16}", "pod_cidrs", "['10.1.0.0/16']"),
        ("{podCIDR: '10.1.0.0/16, fd00::/56'}", "pod_cidrs", "['10.1.0.0/16', 'fd00::/56']"),
        ("{serviceCIDR: 10.43.0.0/16}", "service_cidrs", "['10.43.0.0/16']"),
        ("{clusterDomain: Corp.Local.}", "cluster_domain", "corp.local"),
        ("{dnsServiceIP: 10.43.0.10}", "dns_service_ip", "10.43.0.10"),
        ("{proxyMode: ipvs}", "proxy_mode", "ipvs"),
        ("{cni: calico}", "cni", "calico"),
        ("{loadBalancer: false}", "load_balancer", "False"),
        ("{loadBalancer: true}", "load_balancer", "True"),
        ("{loadBalancer: 192.0.2.0/24}", "load_balancer", "192.0.2.0/24"),
        ("{ingressController: false}", "ingress_controller", "False"),
        ("{ingressController: a/Deployment/b}", "ingress_controller", "a/Deployment/b"),
    ],
)
def test_a_fact(text: str, field: str, value: str | None) -> None:
    found = getattr(facts(text), field)
    shown = [str(item) for item in found] if isinstance(found, tuple) else found
    assert (None if shown is None else str(shown)) == value


def test_a_secret_is_opaque_unless_it_says_otherwise() -> None:
    assert read("Secret", data={"a": "b"}).secrets[0].type == "Opaque"
    assert read("Secret", type="kubernetes.io/tls").secrets[0].type == "kubernetes.io/tls"


def test_a_config_map_keeps_its_texts() -> None:
    (found,) = read("ConfigMap", data={"a": "b", "c.conf": ""}, binaryData={"d": "YQ=="}).config_maps
    assert (found.data, found.binary_keys) == ({"a": "b", "c.conf": ""}, ("d",))
    assert found.keys == ("a", "c.conf", "d")
    (empty,) = read("ConfigMap").config_maps
    assert (empty.data, empty.binary_keys) == ({}, ())
