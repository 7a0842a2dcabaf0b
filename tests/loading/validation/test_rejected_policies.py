# ruff: noqa: E501 - rows of tables stay on one line
"""NetworkPolicies that the API server rejects, and their nearest neighbours that it accepts.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

import pytest

from tests.loading.validation.rows import (
    FORBIDDEN,
    INVALID,
    REQUIRED,
    UNSUPPORTED,
    Bad,
    Good,
    expect,
    flow,
    manifest,
    violations,
)

NO_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
SUBSET = "must be a strict subset of `cidr`"


def port(text: str) -> str:
    return f"{{ingress: [{{ports: [{{{text}}}]}}]}}"


def peer(text: str) -> str:
    return f"{{egress: [{{to: [{{{text}}}]}}]}}"


PORT = "spec.ingress[0].ports[0]"
PEER = "spec.egress[0].to[0]"

REJECTED = (
    Bad("selector value with a blank", "{podSelector: {matchLabels: {app: a b}}}", "spec.podSelector.matchLabels", INVALID, "a valid label"),
    Bad("selector operator unknown", "{podSelector: {matchExpressions: [{key: a, operator: Equals, values: [b]}]}}", "spec.podSelector.matchExpressions[0].operator", INVALID, '"Equals": not a valid selector operator'),
    Bad("selector In without values", "{podSelector: {matchExpressions: [{key: a, operator: In}]}}", "spec.podSelector.matchExpressions[0].values", REQUIRED, "must be specified when `operator` is 'In' or 'NotIn'"),
    Bad("selector NotIn without values", "{podSelector: {matchExpressions: [{key: a, operator: NotIn, values: []}]}}", "spec.podSelector.matchExpressions[0].values", REQUIRED, "must be specified when `operator` is 'In' or 'NotIn'"),
    Bad("selector Exists with values", "{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}", "spec.podSelector.matchExpressions[0].values", FORBIDDEN, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
    Bad("selector DoesNotExist with values", "{podSelector: {matchExpressions: [{key: a, operator: DoesNotExist, values: [b]}]}}", "spec.podSelector.matchExpressions[0].values", FORBIDDEN, "may not be specified when"),
    Bad("selector key with a blank", "{podSelector: {matchExpressions: [{key: a b, operator: Exists}]}}", "spec.podSelector.matchExpressions[0].key", INVALID, "name part must consist of"),
    Bad("selector value in an expression", "{podSelector: {matchExpressions: [{key: a, operator: In, values: [b, c d]}]}}", "spec.podSelector.matchExpressions[0].values[1]", INVALID, "a valid label"),
    # ports
    Bad("protocol in small letters", port("protocol: tcp, port: 80"), f"{PORT}.protocol", UNSUPPORTED, '"tcp": supported values: "TCP", "UDP", "SCTP"'),
    Bad("protocol ICMP", port("protocol: ICMP"), f"{PORT}.protocol", UNSUPPORTED, '"ICMP"'),
    Bad("port 0", port("port: 0"), f"{PORT}.port", INVALID, "must be between 1 and 65535, inclusive"),
    Bad("port 65536", port("port: 65536"), f"{PORT}.port", INVALID, "must be between 1 and 65535"),
    Bad("port in quotes", port("port: '80'"), f"{PORT}.port", INVALID, "must contain at least one letter (a-z)"),
    Bad("port name of 16", port("port: aaaabbbbccccdddd"), f"{PORT}.port", INVALID, "must be no more than 15 bytes"),
    Bad("port name in capitals", port("port: Http"), f"{PORT}.port", INVALID, "must contain only alpha-numeric"),
    Bad("endPort below port", port("port: 80, endPort: 79"), f"{PORT}.endPort", INVALID, "79: must be greater than or equal to `port`"),
    Bad("endPort 65536", port("port: 80, endPort: 65536"), f"{PORT}.endPort", INVALID, "must be between 1 and 65535"),
    Bad("endPort with a name", port("port: http, endPort: 90"), f"{PORT}.endPort", INVALID, "may not be specified when `port` is non-numeric"),
    Bad("endPort alone", port("endPort: 90"), f"{PORT}.endPort", INVALID, "may not be specified when `port` is not specified"),
    # peers
    Bad("no peer", peer(""), PEER, REQUIRED, "must specify a peer"),
    Bad("null peer", "{egress: [{to: [null]}]}", PEER, REQUIRED, "must specify a peer"),
    Bad("ipBlock and podSelector", peer("ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}"), PEER, FORBIDDEN, "may not specify both ipBlock and another peer"),
    Bad("ipBlock and namespaceSelector", peer("ipBlock: {cidr: 10.0.0.0/8}, namespaceSelector: {}"), PEER, FORBIDDEN, "may not specify both ipBlock and another peer"),
    Bad("namespaceSelector with a bad value", peer("namespaceSelector: {matchLabels: {a: b c}}"), f"{PEER}.namespaceSelector.matchLabels", INVALID, "a valid label"),
    Bad("cidr missing", peer("ipBlock: {}"), f"{PEER}.ipBlock.cidr", REQUIRED),
    Bad("cidr empty", peer("ipBlock: {cidr: ''}"), f"{PEER}.ipBlock.cidr", REQUIRED),
    Bad("cidr an address", peer("ipBlock: {cidr: 10.0.0.1}"), f"{PEER}.ipBlock.cidr", INVALID, NO_CIDR),
    Bad("cidr of 33 bits", peer("ipBlock: {cidr: 10.0.0.0/33}"), f"{PEER}.ipBlock.cidr", INVALID, NO_CIDR),
    Bad("cidr of -1 bits", peer("ipBlock: {cidr: 10.0.0.0/-1}"), f"{PEER}.ipBlock.cidr", INVALID, NO_CIDR),
    Bad("cidr with a mask", peer("ipBlock: {cidr: 10.0.0.0/255.0.0.0}"), f"{PEER}.ipBlock.cidr", INVALID, NO_CIDR),
    Bad("cidr of IPv6 with 129 bits", peer("ipBlock: {cidr: '2001:db8::/129'}"), f"{PEER}.ipBlock.cidr", INVALID, NO_CIDR),
    Bad("cidr with host bits", peer("ipBlock: {cidr: 10.1.2.3/8}"), f"{PEER}.ipBlock.cidr", INVALID, "must not have bits set beyond the prefix length"),
    Bad("cidr with host bits in IPv6", peer("ipBlock: {cidr: '2001:db8::1/64'}"), f"{PEER}.ipBlock.cidr", INVALID, "must not have bits set beyond the prefix length"),
    Bad("cidr with leading zeros", peer("ipBlock: {cidr: 010.0.0.0/8}"), f"{PEER}.ipBlock.cidr", INVALID, "must not have leading 0s in IP or prefix length"),
    Bad("cidr in IPv6 form", peer("ipBlock: {cidr: '::ffff:10.0.0.0/104'}"), f"{PEER}.ipBlock.cidr", INVALID, "must not have an IPv4-mapped IPv6 address"),
    Bad("except equal", peer("ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}"), f"{PEER}.ipBlock.except[0]", INVALID, SUBSET),
    Bad("except larger", peer("ipBlock: {cidr: 10.0.0.0/8, except: [0.0.0.0/0]}"), f"{PEER}.ipBlock.except[0]", INVALID, SUBSET),
    Bad("except elsewhere", peer("ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 11.0.0.0/16]}"), f"{PEER}.ipBlock.except[1]", INVALID, SUBSET),
    Bad("except of the other family", peer("ipBlock: {cidr: 10.0.0.0/8, except: ['2001:db8::/64']}"), f"{PEER}.ipBlock.except[0]", INVALID, SUBSET),
    Bad("except an address", peer("ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.1]}"), f"{PEER}.ipBlock.except[0]", INVALID, NO_CIDR),
    Bad("except with host bits", peer("ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.1/24]}"), f"{PEER}.ipBlock.except[0]", INVALID, "must not have bits set beyond"),
    # types
    Bad("type in small letters", "{policyTypes: [ingress]}", "spec.policyTypes[0]", UNSUPPORTED, '"ingress": supported values: "Ingress", "Egress"'),
    Bad("type unknown", "{policyTypes: [Ingress, Both]}", "spec.policyTypes[1]", UNSUPPORTED, '"Both"'),
    Bad("three types", "{policyTypes: [Ingress, Egress, Ingress]}", "spec.policyTypes", INVALID, "may not specify more than two policyTypes"),
    # both directions
    Bad("port in egress", "{egress: [{}, {ports: [{}, {port: 0}]}]}", "spec.egress[1].ports[1].port", INVALID, "must be between"),
    Bad("peer in ingress", "{ingress: [{from: [{podSelector: {}}, {}]}]}", "spec.ingress[0].from[1]", REQUIRED, "must specify a peer"),
)

ACCEPTED = (
    Good("an empty spec", "{}"),
    Good("no spec", "null"),
    Good("default deny", "{podSelector: {}, policyTypes: [Ingress, Egress]}"),
    Good("allow all", "{ingress: [{}], egress: [{}]}"),
    Good("a null rule", "{ingress: [null]}"),
    Good("no rules", "{ingress: [], egress: []}"),
    Good("one type twice", "{policyTypes: [Ingress, Ingress]}"),
    Good("no types", "{policyTypes: []}"),
    Good("every selector operator", "{podSelector: {matchExpressions: [{key: a, operator: In, values: [b, '']}, {key: a, operator: NotIn, values: [c]}, {key: d, operator: Exists}, {key: e, operator: DoesNotExist, values: []}]}}"),
    Good("a protocol alone", port("protocol: SCTP")),
    Good("an empty port", port("")),
    Good("a port by name", port("port: http")),
    Good("a port 65535", port("port: 65535, protocol: UDP")),
    Good("a range", port("port: 32000, endPort: 32768")),
    Good("a range of one", port("port: 80, endPort: 80")),
    Good("both selectors", peer("podSelector: {}, namespaceSelector: {}")),
    Good("all addresses", peer("ipBlock: {cidr: 0.0.0.0/0}")),
    Good("one address", peer("ipBlock: {cidr: 10.0.0.1/32}")),
    Good("IPv6 not canonical", peer("ipBlock: {cidr: '2001:DB8:0::/64', except: ['2001:db8::1/128']}")),
    Good("except", peer("ipBlock: {cidr: 172.17.0.0/16, except: [172.17.1.0/24, 172.17.0.0/17]}")),
    Good("nulls", "{podSelector: null, policyTypes: null, ingress: [{from: null, ports: null}], egress: null}"),
)


@pytest.mark.parametrize("row", REJECTED, ids=str)
def test_rejected(row: Bad) -> None:
    expect(row, manifest("NetworkPolicy", spec=flow(row.text)))


@pytest.mark.parametrize("row", ACCEPTED, ids=str)
def test_accepted(row: Good) -> None:
    assert violations(manifest("NetworkPolicy", spec=flow(row.text))) == []


def test_ranges_of_a_live_policy_are_read_as_they_were() -> None:
    spec = flow(peer("ipBlock: {cidr: 10.1.2.3/8, except: [010.1.0.0/16]}"))
    assert violations(manifest("NetworkPolicy", metadata={"name": "a", "uid": "u"}, spec=spec)) == []
    assert len(violations(manifest("NetworkPolicy", spec=spec))) == 2
