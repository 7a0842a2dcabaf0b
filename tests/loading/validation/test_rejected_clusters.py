# ruff: noqa: E501 - rows of tables stay on one line
"""Nodes, Secrets and kcnet's own Cluster."""

from __future__ import annotations

from typing import Any

import pytest

from kcnet.loading.validation import second_clusters
from tests.loading.validation.rows import (
    DUPLICATE,
    INVALID,
    REQUIRED,
    TOO_LONG,
    UNSUPPORTED,
    Bad,
    Good,
    document,
    expect,
    flow,
    manifest,
    violations,
)

NO_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"

NODE_REJECTED = (
    Bad("podCIDR an address", "{podCIDR: 10.244.1.0}", "spec.podCIDRs[0]", INVALID, NO_CIDR),
    Bad("podCIDR with host bits", "{podCIDR: 10.244.1.1/24}", "spec.podCIDRs[0]", INVALID, "must not have bits set beyond the prefix length"),
    Bad("podCIDRs at odds", "{podCIDR: 10.244.1.0/24, podCIDRs: [10.244.2.0/24]}", "spec.podCIDRs[0]", INVALID, "must be equal to `podCIDR`"),
    Bad("two of one family", "{podCIDRs: [10.244.1.0/24, 10.244.2.0/24]}", "spec.podCIDRs", INVALID, "may specify no more than one CIDR for each IP family"),
    Bad("three ranges", "{podCIDRs: [10.244.1.0/24, 'fd00::/64', 'fd01::/64']}", "spec.podCIDRs", INVALID, "no more than one CIDR"),
    Bad("taint without effect", "{taints: [{key: a, effect: ''}]}", "metadata.taints[0].effect", REQUIRED),
    Bad("taint effect unknown", "{taints: [{key: a, effect: NoRun}]}", "metadata.taints[0].effect", UNSUPPORTED, '"NoSchedule", "PreferNoSchedule", "NoExecute"'),
    Bad("taint key with a blank", "{taints: [{key: a b, effect: NoSchedule}]}", "metadata.taints[0].key", INVALID, "name part"),
    Bad("taint value with a blank", "{taints: [{key: a, value: b c, effect: NoSchedule}]}", "metadata.taints[0].value", INVALID, "a valid label"),
    Bad("taint twice", "{taints: [{key: a, value: b, effect: NoSchedule}, {key: a, value: c, effect: NoSchedule}]}", "metadata.taints[1]", DUPLICATE, "taints must be unique by key and effect pair"),
)
NODE_ACCEPTED = (
    Good("plain", "{}"),
    Good("podCIDR", "{podCIDR: 10.244.1.0/24}"),
    Good("podCIDRs", "{podCIDR: 10.244.1.0/24, podCIDRs: [10.244.1.0/24, 'fd00::/64']}"),
    Good("taints", "{taints: [{key: a, effect: NoSchedule}, {key: a, effect: NoExecute}, {key: node-role.kubernetes.io/control-plane, value: '', effect: NoSchedule}]}"),
    Good("nulls", "{podCIDR: null, podCIDRs: null, taints: null}"),
)


@pytest.mark.parametrize("row", NODE_REJECTED, ids=str)
def test_node_rejected(row: Bad) -> None:
    expect(row, manifest("Node", spec=flow(row.text)))


@pytest.mark.parametrize("row", NODE_ACCEPTED, ids=str)
def test_node_accepted(row: Good) -> None:
    assert violations(manifest("Node", spec=flow(row.text))) == []


def test_the_same_range_twice_is_too_many_and_a_duplicate() -> None:
    found = violations(manifest("Node", spec={"podCIDRs": ["10.244.1.0/24", "10.244.1.0/24"]}))
    assert [(each.field, each.code) for each in found] == [("spec.podCIDRs", INVALID), ("spec.podCIDRs[1]", DUPLICATE)]


def test_addresses_of_a_node_are_addresses() -> None:
    value = manifest("Node", status={"addresses": [{"type": "Hostname", "address": "node-1"}, {"type": "InternalIP", "address": "node-1"}]})
    expect(Bad("", "", "status.addresses[1].address", INVALID, "must be a valid IP address"), value)


SECRET_REJECTED = (
    Bad("key with a slash", "{data: {a/b: ''}}", "data[a/b]", INVALID, "a valid config key"),
    Bad("key of dots", "{stringData: {..: a}}", "data[..]", INVALID, "must not be '..'"),
    Bad("plain text in data", "{data: {password: my secret}}", "data[password]", INVALID, "illegal base64 data"),
    Bad("padding missing", "{data: {password: YWI}}", "data[password]", INVALID, "illegal base64 data"),
    Bad("tls without key", "{type: kubernetes.io/tls, data: {tls.crt: YQ==}}", "data[tls.key]", REQUIRED),
    Bad("docker login without login", "{type: kubernetes.io/dockerconfigjson}", "data[.dockerconfigjson]", REQUIRED),
)
SECRET_ACCEPTED = (
    Good("empty", "{}"),
    Good("data", "{data: {password: cGFzc3dvcmQ=, empty: '', nothing: null}}"),
    Good("data in lines", "{data: {a: \"cGFz\\nc3dv\\ncmQ=\\n\"}}"),
    Good("tls", "{type: kubernetes.io/tls, data: {tls.crt: YQ==, tls.key: YQ==}}"),
    Good("tls in plain text", "{type: kubernetes.io/tls, stringData: {tls.crt: a, tls.key: b}}"),
    Good("a type of one's own", "{type: example.com/mine, data: {a: YQ==}}"),
    Good("a login by name", "{type: kubernetes.io/basic-auth, stringData: {username: a}}"),
)


@pytest.mark.parametrize("row", SECRET_REJECTED, ids=str)
def test_secret_rejected(row: Bad) -> None:
    expect(row, manifest("Secret", **flow(row.text)))


@pytest.mark.parametrize("row", SECRET_ACCEPTED, ids=str)
def test_secret_accepted(row: Good) -> None:
    assert violations(manifest("Secret", **flow(row.text))) == []


def test_a_login_has_a_name_or_a_password() -> None:
    found = violations(manifest("Secret", type="kubernetes.io/basic-auth", data={"user": "YQ=="}))
    assert [(each.field, each.code) for each in found] == [("data[username]", REQUIRED), ("data[password]", REQUIRED)]


def test_a_message_never_repeats_a_secret() -> None:
    (found,) = violations(manifest("Secret", data={"password": "correct horse battery"}))
    assert "horse" not in found.message + found.fix


CONFIG_MAP_REJECTED = (
    Bad("key with a slash", "{data: {a/b: ''}}", "data[a/b]", INVALID, "a valid config key"),
    Bad("binary key of dots", "{binaryData: {..: YQ==}}", "binaryData[..]", INVALID, "must not be '..'"),
    Bad("key in both", "{data: {a: ''}, binaryData: {a: YQ==}}", "data[a]", INVALID, "duplicate of key present in binaryData"),
    Bad("plain text in binaryData", "{binaryData: {a: my text}}", "binaryData[a]", INVALID, "illegal base64 data"),
)
CONFIG_MAP_ACCEPTED = (
    Good("empty", "{}"),
    Good("data", "{data: {a.conf: text, EMPTY: '', nothing: null}, immutable: true}"),
    Good("both", "{data: {a: ''}, binaryData: {b: YQ==}}"),
)


@pytest.mark.parametrize("row", CONFIG_MAP_REJECTED, ids=str)
def test_config_map_rejected(row: Bad) -> None:
    expect(row, manifest("ConfigMap", **flow(row.text)))


@pytest.mark.parametrize("row", CONFIG_MAP_ACCEPTED, ids=str)
def test_config_map_accepted(row: Good) -> None:
    assert violations(manifest("ConfigMap", **flow(row.text))) == []


@pytest.mark.parametrize(
    ("text", "much"), [("x" * 1_048_576, False), ("x" * 1_048_577, True), ("é" * 524_288, False), ("é" * 524_289, True)],
    ids=["full", "a byte too much", "full of two bytes each", "two bytes too much"],
)  # fmt: skip
def test_a_config_map_holds_a_mebibyte(text: str, much: bool) -> None:
    found = violations(manifest("ConfigMap", data={"a": text}))
    assert [(each.field, each.code) for each in found] == ([("", TOO_LONG)] if much else [])


CLUSTER_REJECTED = (
    Bad("no nodes", "{nodes: 0}", "spec.nodes", INVALID, "must be between 1 and 5000, inclusive"),
    Bad("too many nodes", "{nodes: 5001}", "spec.nodes", INVALID, "must be between 1 and 5000, inclusive"),
    Bad("podCIDR an address", "{podCIDR: 10.244.0.0}", "spec.podCIDR", INVALID, NO_CIDR),
    Bad("podCIDR with host bits", "{podCIDR: 10.244.0.1/16}", "spec.podCIDR", INVALID, "must not have bits set beyond the prefix length"),
    Bad("serviceCIDR of one family twice", "{serviceCIDR: '10.96.0.0/16,10.97.0.0/16'}", "spec.serviceCIDR", INVALID, "no more than one CIDR for each IP family"),
    Bad("the second range broken", "{serviceCIDR: '10.96.0.0/16,fd00'}", "spec.serviceCIDR", INVALID, '"fd00": ' + NO_CIDR),
    Bad("clusterDomain in capitals", "{clusterDomain: Cluster.local}", "spec.clusterDomain", INVALID, "RFC 1123 subdomain"),
    Bad("dnsServiceIP a name", "{dnsServiceIP: dns}", "spec.dnsServiceIP", INVALID, "must be a valid IP address"),
    Bad("dnsServiceIP elsewhere", "{serviceCIDR: 10.96.0.0/16, dnsServiceIP: 10.97.0.10}", "spec.dnsServiceIP", INVALID, "must be in the range of Services, 10.96.0.0/16"),
    Bad("proxyMode unknown", "{proxyMode: ebpf}", "spec.proxyMode", UNSUPPORTED, '"ebpf": supported values: "iptables", "ipvs", "nftables"'),
    Bad("loadBalancer an address", "{loadBalancer: 203.0.113.7}", "spec.loadBalancer", INVALID, NO_CIDR),
    Bad("ingressController by name", "{ingressController: nginx}", "spec.ingressController", INVALID, "NAMESPACE/KIND/NAME"),
    Bad("ingressController of four parts", "{ingressController: a/b/c/d}", "spec.ingressController", INVALID, "NAMESPACE/KIND/NAME"),
)
CLUSTER_ACCEPTED = (
    Good("empty", "{}"),
    Good("no spec", "null"),
    Good("everything", "{nodes: 3, podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/16, clusterDomain: cluster.local, dnsServiceIP: 10.96.0.10, proxyMode: nftables, cni: calico, loadBalancer: 203.0.113.0/24, ingressController: ingress-nginx/Deployment/ingress-nginx-controller}"),
    Good("switches", "{loadBalancer: false, ingressController: true}"),
    Good("two families", "{podCIDR: '10.244.0.0/16,fd00::/56', serviceCIDR: '10.96.0.0/16, fd01::/112', dnsServiceIP: 10.96.0.10}"),
    Good("a DNS server of a range nobody states", "{dnsServiceIP: 172.20.0.10}"),
    Good("nulls", "{nodes: null, podCIDR: null, serviceCIDR: null, clusterDomain: null, dnsServiceIP: null, proxyMode: null, cni: null, loadBalancer: null, ingressController: null}"),
)


@pytest.mark.parametrize("row", CLUSTER_REJECTED, ids=str)
def test_cluster_rejected(row: Bad) -> None:
    expect(row, manifest("Cluster", spec=flow(row.text)))


@pytest.mark.parametrize("row", CLUSTER_ACCEPTED, ids=str)
def test_cluster_accepted(row: Good) -> None:
    assert violations(manifest("Cluster", spec=flow(row.text))) == []


@pytest.mark.parametrize("metadata", [None, {}, {"name": "Any Name"}])
def test_a_cluster_is_called_as_you_like(metadata: dict[str, Any] | None) -> None:
    assert violations(manifest("Cluster", metadata=metadata)) == []


def test_there_is_one_cluster() -> None:
    first, second, third = (document(manifest("Cluster"), line).ref for line in (1, 9, 20))
    assert list(second_clusters([])) == list(second_clusters([first])) == []
    found = list(second_clusters([first, second, third]))
    assert [each.code for each in found] == ["CLUSTER_TWICE", "CLUSTER_TWICE"]
    assert "the first is at test.yaml:1" in found[0].message
    assert found[0].ref is second
