"""Node: the ranges of its pods, its taints and its addresses.

ValidateNode in pkg/apis/core/validation/validation.go of kubernetes/kubernetes.
"""

from __future__ import annotations

from kcnet.loading.validation.addresses import cidr, cidr_errors, parse_address, parse_range
from kcnet.loading.validation.labels import NOTHING, Value, objects, strings
from kcnet.loading.validation.scheduling import taint_errors
from kcnet.loading.validation.violation import Errors, duplicate, invalid


def node_errors(value: Value, live: bool = False) -> Errors:
    spec = value.get("spec") or NOTHING
    yield from taint_errors("metadata.taints", spec)
    yield from _pod_range_errors(spec, live)
    for index, entry in objects(value.get("status") or NOTHING, "addresses"):
        text = entry.get("address") or ""
        if entry.get("type") in ("InternalIP", "ExternalIP") and parse_address(text) is None:
            yield invalid(
                f"status.addresses[{index}].address",
                text,
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                "Write the node's IP address, or set type: Hostname.",
            )


def _pod_range_errors(spec: Value, live: bool) -> Errors:
    field = "spec.podCIDRs"
    single = spec.get("podCIDR") or ""
    ranges = [text for _, text in strings(spec, "podCIDRs")]
    if single and not ranges:
        ranges = [single]
    elif single and ranges[0] != single:
        yield invalid(f"{field}[0]", ranges[0], "must be equal to `podCIDR`", "Write the same range first in podCIDRs.")
    for index, text in enumerate(ranges):
        yield from cidr_errors(f"{field}[{index}]", text, old=live)
    if len(ranges) < 2:
        return
    if not any(cidr(text, old=True) for text in ranges):
        versions = [network.version for text in ranges if (network := parse_range(text)) is not None]
        if sorted(versions) != [4, 6]:
            yield invalid(
                field,
                ranges,
                "may specify no more than one CIDR for each IP family",
                "Keep one range for each IP family.",
            )
    for index, text in enumerate(ranges):
        if text in ranges[:index]:
            yield duplicate(f"{field}[{index}]", text, fix="Write it once.")
