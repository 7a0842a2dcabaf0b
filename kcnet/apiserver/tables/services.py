"""The tables of services, endpoints and endpointslices.

k8s: pkg/printers/internalversion/printers.go. The API server always answers for wide output, so a load balancer's host
name stands in EXTERNAL-IP whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final

from kcnet.apiserver.tables.table import AGE, NAME, Column, Row, wide
from kcnet.apiserver.tables.words import MAX, NONE, age, labels_text, name_of, spec_of, status_of, with_more

SERVICES: Final = (
    NAME,
    Column("Type", description="How the service is exposed: ClusterIP, NodePort, LoadBalancer or ExternalName."),
    Column("Cluster-IP", description="Virtual address of the service; None for a headless one."),
    Column("External-IP", description="Addresses of load balancers, and externalIPs."),
    Column("Port(s)", description="Ports of the service, with their node ports behind the colon."),
    AGE,
    wide("Selector", "Labels of the pods that the service sends traffic to."),
)
ENDPOINTS: Final = (NAME, Column("Endpoints", description="Ready addresses with their ports."), AGE)
ENDPOINTSLICES: Final = (
    NAME,
    Column("AddressType", description="IPv4, IPv6 or FQDN."),
    Column("Ports", description="Ports of every endpoint of the slice."),
    Column("Endpoints", description="Addresses of the endpoints, ready or not."),
    AGE,
)


def service(obj: Mapping[str, Any], now: datetime) -> Row:
    """A Service's cells."""
    spec = spec_of(obj)
    addresses = spec.get("clusterIPs") or [spec.get("clusterIP")]
    ports = ",".join(map(port, spec.get("ports") or ()))
    cells = (
        name_of(obj),
        spec.get("type") or "",
        addresses[0] or NONE,
        external(obj),
        ports or NONE,
        age(obj, now),
        labels_text(spec.get("selector")),
    )
    return Row(cells, obj)


def port(value: Mapping[str, Any]) -> str:
    """``80/TCP``, or ``80:30080/TCP`` with a node port."""
    node_port = f":{value['nodePort']}" if value.get("nodePort") else ""
    return f"{value.get('port')}{node_port}/{value.get('protocol') or 'TCP'}"


def external(obj: Mapping[str, Any]) -> str:
    """EXTERNAL-IP: what makes a service reachable from outside, node ports aside."""
    spec = spec_of(obj)
    outside = list(spec.get("externalIPs") or ())
    match spec.get("type"):
        case "ClusterIP" | "NodePort":
            return ",".join(outside) or NONE
        case "LoadBalancer":
            balancers = balancer(status_of(obj))
            return ",".join([balancers, *outside] if balancers else outside) or "<pending>"
        case "ExternalName":
            return str(spec.get("externalName") or "")
    return "<unknown>"


def balancer(status: Mapping[str, Any]) -> str:
    """Addresses, or else host names, of a load balancer's ingress points, in order and each once."""
    points = (status.get("loadBalancer") or {}).get("ingress") or ()
    return ",".join(sorted({found for point in points if (found := point.get("ip") or point.get("hostname"))}))


def endpoints(obj: Mapping[str, Any], now: datetime) -> Row:
    """An Endpoints object's cells: ready addresses alone."""
    return Row((name_of(obj), endpoints_text(obj), age(obj, now)), obj)


def endpoints_text(obj: Mapping[str, Any]) -> str:
    """``10.244.1.2:80,10.244.2.3:80``: three at most; ``<none>`` without subsets, nothing if all are un-ready."""
    subsets = obj.get("subsets") or ()
    if not subsets:
        return NONE
    every = list(_pairs(subsets))
    return with_more(every[:MAX], len(every))


def _pairs(subsets: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for subset in subsets:
        addresses = [address.get("ip", "") for address in subset.get("addresses") or ()]
        ports = subset.get("ports") or ()
        if not ports:
            yield from addresses
        for each in ports:
            yield from (f"{bracketed(address)}:{each.get('port')}" for address in addresses)


def bracketed(address: str) -> str:
    """``[fd00::1]`` for an IPv6 address that a port will follow."""
    return f"[{address}]" if ":" in address else address


def endpointslice(obj: Mapping[str, Any], now: datetime) -> Row:
    """An EndpointSlice's cells: all addresses, un-ready ones too."""
    ports = [_slice_port(each) for each in obj.get("ports") or ()]
    addresses = [address for each in obj.get("endpoints") or () for address in each.get("addresses") or ()]
    cells = (name_of(obj), obj.get("addressType") or "", _unset(ports), _unset(addresses), age(obj, now))
    return Row(cells, obj)


def _slice_port(value: Mapping[str, Any]) -> str:
    if value.get("port") is not None:
        return str(value["port"])
    return "*" if value.get("name") is None else str(value["name"])


def _unset(every: list[str]) -> str:
    return with_more(list(islice(every, MAX)), len(every)) or "<unset>"
