"""Pieces that several kinds share: metadata, addresses, selectors, load balancer status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from kcnet.model.names import IPAddress, IPNetwork, Ref
from kcnet.model.objects import NO_LABELS, LoadBalancerIngress
from kcnet.model.policy import LabelSelector, Operator, Requirement


def metadata(ref: Ref, value: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments that every ``Object`` takes."""
    meta = value.get("metadata") or {}
    return {
        "ref": ref,
        "labels": string_map(meta.get("labels")),
        "annotations": string_map(meta.get("annotations")),
        "created": meta.get("creationTimestamp"),
    }


def is_live(value: dict[str, Any]) -> bool:
    return bool((value.get("metadata") or {}).get("uid"))


NO_WORKLOADS = ("Node", "Pod")
"""Owners that manage no set of pods: the Node of a static pod, the driver of a job that starts its own executors."""


def controller(ref: Ref, value: dict[str, Any]) -> Ref | None:
    """The workload that manages the object; a lone owner that does not say so counts too."""
    owners = (value.get("metadata") or {}).get("ownerReferences") or []
    owners = [owner for owner in owners if owner["kind"] not in NO_WORKLOADS]
    chosen = next((owner for owner in owners if owner.get("controller")), owners[0] if len(owners) == 1 else None)
    return Ref(chosen["kind"], ref.namespace, chosen["name"]) if chosen else None


def string_map(value: Mapping[str, str | None] | None) -> Mapping[str, str]:
    """A map of strings in which null reads as the empty string, as Go decodes it."""
    if not value:
        return NO_LABELS
    if None in value.values():
        return {key: item or "" for key, item in value.items()}
    return value  # type: ignore[return-value]


def address(text: object) -> IPAddress | None:
    """None for what is absent or no address: ``status`` is not checked before it gets here."""
    try:
        return ip_address(text) if isinstance(text, str) and text else None
    except ValueError:
        return None


def addresses(texts: Iterable[object]) -> tuple[IPAddress, ...]:
    return tuple(found for text in texts if (found := address(text)) is not None)


def network(text: str) -> IPNetwork:
    """Bits beyond the prefix are dropped: old objects may hold them."""
    return ip_network(text.strip(), strict=False)


def integer(value: Any) -> int | None:
    """None for absent and 0, which the API treats alike in every field this is used for."""
    return int(value) if value else None


def selector(value: dict[str, Any] | None) -> LabelSelector | None:
    if value is None:
        return None
    return LabelSelector(
        match_labels=string_map(value.get("matchLabels")),
        match_expressions=requirements(value.get("matchExpressions")),
    )


def requirements(items: Iterable[dict[str, Any]] | None) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(key=item["key"], operator=Operator(item["operator"]), values=tuple(item.get("values") or ()))
        for item in items or ()
    )


def load_balancer(value: dict[str, Any]) -> tuple[LoadBalancerIngress, ...]:
    """``status.loadBalancer.ingress``; empty also for the empty status that kubectl's dry run prints."""
    status = (value.get("status") or {}).get("loadBalancer") or {}
    return tuple(
        LoadBalancerIngress(
            address=address(entry.get("ip")),
            hostname=entry.get("hostname") or None,
            proxy=entry.get("ipMode") == "Proxy",
        )
        for entry in status.get("ingress") or ()
        if address(entry.get("ip")) is not None or entry.get("hostname")
    )
