"""Laws of names, addresses, quantities and schedules, whatever the value."""

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kcnet.loading.validation import addresses, cron, names, written_at
from kcnet.loading.validation.labels import selector_matches
from kcnet.loading.validation.resources import quantity
from kcnet.loading.validation.violation import LONGEST_QUOTE, quote

LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
QUALIFIED = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"


def exactly(expression: str) -> st.SearchStrategy[str]:
    return st.from_regex(re.compile(expression, re.ASCII), fullmatch=True)


anything = st.text(max_size=80)
nearly_a_name = st.text("abzAZ019-_./* é\n", max_size=70)


@given(exactly(LABEL))
def test_every_label_passes_and_is_a_subdomain(value: str) -> None:
    assert names.dns_label(value) == ()
    assert names.dns_subdomain(value) == ()
    assert names.search_domain(value) == ()
    assert names.wildcard_subdomain(f"*.{value}") == ()
    assert names.qualified_name(f"{value}/{value}") == ()


@given(st.lists(exactly(LABEL), min_size=1, max_size=6))
def test_every_row_of_labels_is_a_subdomain_up_to_its_length(labels: list[str]) -> None:
    value = ".".join(labels)
    assert bool(names.dns_subdomain(value)) == (len(value) > 253)
    if len(labels) > 1:
        assert names.dns_label(value)[-1:] == ("must not contain dots",)


@given(exactly(QUALIFIED))
def test_every_qualified_name_passes(value: str) -> None:
    assert names.qualified_name(value) == ()
    assert names.qualified_name(f"example.com/{value}") == ()
    assert names.label_value(value) == ()


@given(exactly("[a-z0-9]([a-z0-9]|-(?!-)){0,13}[a-z0-9]"))
def test_every_service_name_passes(value: str) -> None:
    assume(any(char.isalpha() for char in value))
    assert names.port_name(value) == ()


@given(nearly_a_name)
def test_what_does_not_match_is_named(value: str) -> None:
    assert (names.dns_label(value) == ()) == (re.fullmatch(LABEL, value) is not None)
    assert (names.label_value(value) == ()) == (not value or re.fullmatch(QUALIFIED, value) is not None)
    letters = any("a" <= char <= "z" for char in value)
    iana = re.fullmatch("[a-z0-9]([a-z0-9]|-(?!-)){0,14}", value) and not value.endswith("-") and letters
    assert (names.port_name(value) == ()) == bool(iana)


@given(anything)
def test_no_text_is_too_strange_for_a_judgement(value: str) -> None:
    judges = (
        names.dns_label, names.dns_subdomain, names.search_domain, names.wildcard_subdomain, names.host,
        names.fully_qualified, names.qualified_name, names.label_value, names.port_name, names.env_var_name,
        names.config_key, names.http_header, names.path_segment, names.domain_prefixed_path, names.as_prefix,
        addresses.address, addresses.cidr, addresses.special, addresses.parse_address, addresses.parse_range,
        quantity, cron.schedule, quote, written_at,
    )  # fmt: skip
    for judge in judges:
        judge(value)


@given(anything)
def test_a_quote_is_printable_and_short(value: str) -> None:
    assert quote(value).isprintable()
    assert len(quote(value * 9)) <= LONGEST_QUOTE + 2


@given(st.ip_addresses())
def test_every_address_passes_as_it_is_written(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None
    assert bool(addresses.address(str(address))) == mapped
    assert addresses.address(str(address), old=True) == ()
    assert addresses.parse_address(str(address)) == address
    assert addresses.parse_address(address.exploded) == address
    assert addresses.cidr(f"{address}/{address.max_prefixlen}", old=True) == ()


@given(st.ip_addresses(), st.integers(0, 128))
def test_a_range_passes_without_bits_beyond_its_prefix(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, length: int
) -> None:
    assume(length <= address.max_prefixlen)
    assume(not (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped))
    network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    assume(not (network.version == 6 and network.network_address.ipv4_mapped))
    assert addresses.cidr(str(network)) == ()
    assert addresses.parse_range(f"{address}/{length}") == network
    beyond = addresses.cidr(f"{address}/{length}")
    assert beyond == (
        () if address == network.network_address else ("must not have bits set beyond the prefix length",)
    )


@given(st.lists(st.integers(0, 255), min_size=4, max_size=4), st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_leading_zeros_are_decimal_and_only_old(octets: list[int], zeros: list[int]) -> None:
    plain = ".".join(map(str, octets))
    written = ".".join("0" * count + str(octet) for octet, count in zip(octets, zeros, strict=True))
    assert addresses.parse_address(written) == ipaddress.ip_address(plain)
    assert addresses.address(written, old=True) == ()
    assert addresses.address(written) == (() if written == plain else ("must not have leading 0s",))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("10.0.0.0/8", ()),
        ("0.0.0.0/0", ()),
        ("10.0.0.0", (addresses.NO_RANGE,)),
        ("10.0.0.0/", (addresses.NO_RANGE,)),
        ("/8", (addresses.NO_RANGE,)),
        ("10.0.0.0/8/8", (addresses.NO_RANGE,)),
        ("10.0.0/8", (addresses.NO_RANGE,)),
        ("10.0.0.0/a", (addresses.NO_RANGE,)),
        ("10.0.0.0/٨", (addresses.NO_RANGE,)),
        (" 10.0.0.0/8", (addresses.NO_RANGE,)),
        ("fe80::1%eth0/64", (addresses.NO_RANGE,)),
    ],
)
def test_ranges(text: str, wrong: tuple[str, ...]) -> None:
    assert addresses.cidr(text) == wrong


@pytest.mark.parametrize(
    ("text", "billionths"),
    [
        ("1", 10**9),
        ("0", 0),
        ("500m", 5 * 10**8),
        ("0.5", 5 * 10**8),
        (".5", 5 * 10**8),
        ("5.", 5 * 10**9),
        ("1k", 10**12),
        ("1Ki", 1024 * 10**9),
        ("1Gi", 1024**3 * 10**9),
        ("1e3", 10**12),
        ("1E3", 10**12),
        ("1e-3", 10**6),
        ("1E", 10**27),
        ("100n", 100),
        ("-1", -(10**9)),
        ("+1u", 1000),
    ],
)
def test_quantities(text: str, billionths: int) -> None:
    assert quantity(text) == billionths


@pytest.mark.parametrize("text", ["", " ", "1 Gi", "1GB", "1gi", "Mi", "1.2.3", "--1", "1e", "abc", "1,5", "٣"])
def test_not_quantities(text: str) -> None:
    assert quantity(text) is None


@given(st.integers(0, 59), st.integers(0, 23), st.integers(1, 31), st.integers(1, 12), st.integers(0, 6))
def test_every_moment_is_a_schedule(minute: int, hour: int, day: int, month: int, weekday: int) -> None:
    assert cron.schedule(f"{minute} {hour} {day} {month} {weekday}") is None


@given(
    st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy"), max_size=3),
    st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy"), max_size=3),
)
def test_a_selector_by_labels_selects_what_has_them_all(selector: dict[str, str], labels: dict[str, str]) -> None:
    assert selector_matches({"matchLabels": selector}, labels) == (selector.items() <= labels.items())


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("spec.LoadBalancerSourceRanges", "spec.loadBalancerSourceRanges"),
        ("spec.LoadBalancerSourceRanges[1]", "spec.loadBalancerSourceRanges[1]"),
        ("spec.template.labels", "spec.template.metadata.labels"),
        ("spec.jobTemplate.spec.template.annotations", "spec.jobTemplate.spec.template.metadata.annotations"),
        ("annotations.kubernetes.io/ingress.class", "metadata.annotations[kubernetes.io/ingress.class]"),
        ("metadata.taints[0].key", "spec.taints[0].key"),
        ("spec.ports[0].nodePort", "spec.ports[0].nodePort"),
        ("spec.clusterIPs[0]", "spec.clusterIPs[0]"),
    ],
)
def test_paths_of_the_api_server_lead_to_the_manifest(theirs: str, ours: str) -> None:
    assert written_at(theirs) == ours
