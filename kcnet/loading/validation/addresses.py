"""IP addresses and ranges as manifests write them.

New values are read strictly, as Kubernetes does since 1.36: no leading zeros, no IPv4 inside IPv6, no bits beyond the
prefix of a range. Values of an object that lives in a cluster already are read as they were when it was made.
https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/ (StrictIPCIDRValidation)
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

from kcnet.loading.validation.names import OK, Messages
from kcnet.loading.validation.violation import Errors, each_invalid
from kcnet.model.names import IPAddress, IPNetwork

NO_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
NO_RANGE = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_is_plain_ipv4 = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}").fullmatch
_is_dotted = re.compile(r"[0-9]+(?:\.[0-9]+){3}").fullmatch
_is_prefix = re.compile(r"[0-9]{1,9}").fullmatch


def parse_address(value: str) -> IPAddress | None:
    """The address, leading zeros in its octets read as decimals; None if it is none."""
    try:
        if _is_dotted(value):
            return IPv4Address(".".join(str(int(octet)) for octet in value.split(".") if len(octet) < 9))
        if ":" in value and "%" not in value:
            return IPv6Address(_plain_tail(value))
    except ValueError:
        pass
    return None


def parse_range(value: str) -> IPNetwork | None:
    """The range that ``value`` lies in, leading zeros read as decimals, bits beyond the prefix cut; None if none."""
    interface = _interface(value)
    return interface.network if interface is not None else None


def address(value: str, *, old: bool = False) -> Messages:
    """What is wrong with an IP address. ``old``: of an object that exists already."""
    if _is_plain_ipv4(value):
        return OK
    parsed = parse_address(value)
    if parsed is None:
        return (NO_ADDRESS,)
    if old:
        return OK
    if _has_leading_zeros(value):
        return ("must not have leading 0s",)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return ("must not be an IPv4-mapped IPv6 address",)
    return OK


def cidr(value: str, *, old: bool = False) -> Messages:
    """What is wrong with a range. ``old``: of an object that exists already."""
    interface = _interface(value)
    if interface is None:
        return (NO_RANGE,)
    if old:
        return OK
    text, _, prefix = value.partition("/")
    if _has_leading_zeros(text) or (len(prefix) > 1 and prefix.startswith("0")):
        return ("must not have leading 0s in IP or prefix length",)
    if isinstance(interface.ip, IPv6Address) and interface.ip.ipv4_mapped is not None:
        return ("must not have an IPv4-mapped IPv6 address",)
    if interface.ip != interface.network.network_address:
        return ("must not have bits set beyond the prefix length",)
    return OK


def cidr_errors(field: str, value: str, *, old: bool = False) -> Errors:
    """The same with a proposal."""
    wrong = cidr(value, old=old)
    if not wrong:
        return
    network = parse_range(value)
    if network is not None:
        fix = f"Write {network}."
    elif parse_address(value) is not None:
        fix = f"A single address is written {value}/{128 if ':' in value else 32}."
    else:
        fix = "Write an address, a slash and a prefix length, such as 10.0.0.0/16."
    yield from each_invalid(field, value, wrong, fix)


def address_errors(field: str, value: str, *, old: bool = False) -> Errors:
    wrong = address(value, old=old)
    if not wrong:
        return
    parsed = parse_address(value)
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    fix = f"Write {mapped or parsed}." if parsed is not None else "Write an IP address, such as 10.9.8.7."
    yield from each_invalid(field, value, wrong, fix)


def special(value: str) -> Messages:
    """Why an endpoint or an external IP may not be this address, which is a valid one."""
    parsed = parse_address(value)
    if parsed is None:
        return OK
    if isinstance(parsed, IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    wrong: list[str] = []
    if parsed.is_unspecified:
        wrong.append(f"may not be unspecified ({value})")
    if parsed.is_loopback:
        wrong.append("may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if parsed.is_link_local:
        wrong.append("may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if parsed.is_multicast and _is_link_local_multicast(parsed):
        wrong.append("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    return tuple(wrong)


def _is_link_local_multicast(parsed: IPAddress) -> bool:
    if isinstance(parsed, IPv4Address):
        return parsed.packed[:3] == b"\xe0\x00\x00"
    return parsed.packed[0] == 0xFF and parsed.packed[1] & 0x0F == 0x02


def _interface(value: str) -> IPv4Interface | IPv6Interface | None:
    text, slash, prefix = value.partition("/")
    if not slash or not _is_prefix(prefix):
        return None
    parsed = parse_address(text)
    if parsed is None or int(prefix) > parsed.max_prefixlen:
        return None
    made: type[IPv4Interface] | type[IPv6Interface] = IPv4Interface if parsed.version == 4 else IPv6Interface
    return made((int(parsed), int(prefix)))


def _plain_tail(value: str) -> str:
    """IPv6 with an IPv4 tail that has leading zeros, without them."""
    head, colon, tail = value.rpartition(":")
    if not _is_dotted(tail):
        return value
    return head + colon + ".".join(str(int(octet)) for octet in tail.split(".") if len(octet) < 9)


def _has_leading_zeros(value: str) -> bool:
    tail = value.rpartition(":")[2]
    return "." in tail and any(len(octet) > 1 and octet.startswith("0") for octet in tail.split("."))
