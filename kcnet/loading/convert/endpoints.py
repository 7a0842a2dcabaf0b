"""EndpointSlice, and Endpoints in the shape of the slices that mirror it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kcnet.loading.convert.fields import address, integer, metadata
from kcnet.model.manifests import LegacyEndpoints
from kcnet.model.names import IPAddress, Protocol, Ref
from kcnet.model.objects import Endpoint, EndpointPort, EndpointSlice
from kcnet.model.wellknown import MANAGED_BY, MIRRORING_CONTROLLER, SERVICE_NAME


def endpoint_slice(ref: Ref, value: dict[str, Any]) -> EndpointSlice:
    fields = metadata(ref, value)
    labels = fields["labels"]
    kind = value["addressType"]
    return EndpointSlice(
        **fields,
        service=labels.get(SERVICE_NAME) or "",
        address_type=kind,
        ports=_ports(value.get("ports") or ()),
        endpoints=tuple(
            _endpoint(ref, index, kind, endpoint) for index, endpoint in enumerate(value.get("endpoints") or ())
        ),
        managed_by=labels.get(MANAGED_BY),
    )


def _endpoint(ref: Ref, index: int, kind: str, value: dict[str, Any]) -> Endpoint:
    conditions, hints = value.get("conditions") or {}, value.get("hints") or {}
    texts = value.get("addresses") or ()
    found = tuple(texts) if kind == "FQDN" else tuple(parsed for text in texts if (parsed := address(text)) is not None)
    return Endpoint(
        addresses=found,
        # An absent condition is null; kube-proxy reads that as true, true and false.
        ready=conditions.get("ready") is not False,
        serving=conditions.get("serving") is not False,
        terminating=conditions.get("terminating") is True,
        node=value.get("nodeName") or None,
        zone=value.get("zone") or None,
        hostname=value.get("hostname") or None,
        target=_target(ref, value.get("targetRef")),
        hint_zones=tuple(hint["name"] for hint in hints.get("forZones") or ()),
        hint_nodes=tuple(hint["name"] for hint in hints.get("forNodes") or ()),
        index=index,
    )


def _target(ref: Ref, value: dict[str, Any] | None) -> Ref | None:
    if not value or not value.get("name"):
        return None
    return Ref(value.get("kind") or "Pod", value.get("namespace") or ref.namespace, value["name"])


def _ports(values: Iterable[dict[str, Any]]) -> tuple[EndpointPort, ...]:
    return tuple(
        EndpointPort(
            name=port.get("name") or "",
            protocol=Protocol(port.get("protocol") or "TCP"),
            port=integer(port.get("port")),
            index=index,
        )
        for index, port in enumerate(values)
    )


def legacy_endpoints(ref: Ref, value: dict[str, Any]) -> LegacyEndpoints:
    slices = [
        slice_ for number, subset in enumerate(value.get("subsets") or ()) for slice_ in _mirrors(ref, number, subset)
    ]
    return LegacyEndpoints(**metadata(ref, value), slices=tuple(slices))


def _mirrors(ref: Ref, number: int, subset: dict[str, Any]) -> Iterable[EndpointSlice]:
    """One slice for each address family of the subset.

    https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/endpointslicemirroring
    """
    entries: list[tuple[dict[str, Any], IPAddress, bool]] = []
    for key, ready in (("addresses", True), ("notReadyAddresses", False)):
        for entry in subset.get(key) or ():
            found = address(entry.get("ip"))
            if found is not None:
                entries.append((entry, found, ready))
    ports = _ports(subset.get("ports") or ())
    for version in (4, 6):
        members = [item for item in entries if item[1].version == version]
        if not members:
            continue
        yield EndpointSlice(
            ref=Ref("EndpointSlice", ref.namespace, f"{ref.name}-{number}-ipv{version}"),
            labels={SERVICE_NAME: ref.name, MANAGED_BY: MIRRORING_CONTROLLER},
            service=ref.name,
            address_type=f"IPv{version}",
            ports=ports,
            endpoints=tuple(
                Endpoint(
                    addresses=(found,),
                    ready=ready,
                    node=entry.get("nodeName") or None,
                    hostname=entry.get("hostname") or None,
                    target=_target(ref, entry.get("targetRef")),
                    index=index,
                )
                for index, (entry, found, ready) in enumerate(members)
            ),
            managed_by=MIRRORING_CONTROLLER,
        )
