"""describe service, endpoints, endpointslice.

k8s: kubectl pkg/describe/describe.go (describeService, describeEndpoints, describeEndpointSliceV1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kcnet.apiserver.tables.services import bracketed
from kcnet.apiserver.tables.words import MAX, NONE, labels_text, metadata, name_of, spec_of, status_of
from kcnet.lab.kubectl.describe.reader import Object, Reader
from kcnet.lab.kubectl.describe.writer import Page, head

UNSET = "<unset>"


def service(page: Page, obj: Object, reader: Reader) -> None:
    """A Service, and the endpoints that its slices hold for each port."""
    spec = spec_of(obj)
    head(page, obj)
    page.field("Selector", labels_text(spec.get("selector")))
    page.field("Type", spec.get("type", ""))
    page.optional("IP Family Policy", spec.get("ipFamilyPolicy"))
    page.field("IP Families", ",".join(spec.get("ipFamilies") or ()) or NONE)
    page.field("IP", spec.get("clusterIP") or "")
    page.field("IPs", ",".join(spec.get("clusterIPs") or ()) or NONE)
    page.optional("External IPs", ",".join(spec.get("externalIPs") or ()))
    page.optional("Desired LoadBalancer IP", spec.get("loadBalancerIP"))
    page.optional("External Name", spec.get("externalName"))
    points = (status_of(obj).get("loadBalancer") or {}).get("ingress") or ()
    page.optional("LoadBalancer Ingress", ", ".join(map(_point, points)))
    slices = slices_of(name_of(obj), metadata(obj).get("namespace"), reader)
    for port in spec.get("ports") or ():
        _port(page, port, slices)
    page.field("Session Affinity", spec.get("sessionAffinity") or "")
    page.optional("External Traffic Policy", spec.get("externalTrafficPolicy"))
    page.optional("Internal Traffic Policy", spec.get("internalTrafficPolicy"))
    page.optional("HealthCheck NodePort", spec.get("healthCheckNodePort"))
    page.optional("LoadBalancer Source Ranges", ",".join(spec.get("loadBalancerSourceRanges") or ()))
    page.optional("Traffic Distribution", spec.get("trafficDistribution"))


def _point(point: Mapping[str, Any]) -> str:
    if not point.get("ip"):
        return str(point.get("hostname") or "")
    mode = f" ({point['ipMode']})" if point.get("ipMode") else ""
    return f"{point['ip']}{mode}"


def _port(page: Page, port: Mapping[str, Any], slices: Sequence[Object]) -> None:
    name, protocol = port.get("name") or UNSET, port.get("protocol") or "TCP"
    page.line(0, f"Port:\t{name}\t{port.get('port')}/{protocol}")
    page.field("TargetPort", f"{port.get('targetPort', 0)}/{protocol}")
    page.optional("AppProtocol", port.get("appProtocol"))
    if port.get("nodePort"):
        page.line(0, f"NodePort:\t{name}\t{port['nodePort']}/{protocol}")
    page.field("Endpoints", ready_endpoints(slices, port.get("name") or ""))


def slices_of(service: str, namespace: str | None, reader: Reader) -> Sequence[Object]:
    """The EndpointSlices that belong to a Service by their label."""
    return reader.list("endpointslices", namespace, labels=f"kubernetes.io/service-name={service}")


def ready_endpoints(slices: Iterable[Object], port: str) -> str:
    """``10.244.1.2:80,10.244.2.3:80``: what is ready behind the port of this name; ``<none>`` without slices.

    Three at most, and nothing if all are un-ready. An un-ready endpoint behind the third already makes it say
    ``+ 0 more...``, as kubectl does.
    """
    slices = list(slices)
    if not slices:
        return NONE
    shown: list[str] = []
    count, more = 0, False
    for each in slices:
        ports: Sequence[Mapping[str, Any]] = each.get("ports") or ()
        suffixes = [f":{found.get('port')}" for found in ports if (found.get("name") or "") == port] if ports else [""]
        for suffix in suffixes:
            for endpoint in each.get("endpoints") or ():
                more = more or len(shown) == MAX
                if (endpoint.get("conditions") or {}).get("ready") is False:
                    continue
                count += 1
                if not more:
                    address = (endpoint.get("addresses") or [""])[0]
                    shown.append(f"{bracketed(address)}{suffix}" if suffix else address)
    text = ",".join(shown)
    return f"{text} + {count - MAX} more..." if more else text


def endpoints(page: Page, obj: Object, reader: Reader) -> None:
    """An Endpoints object: subsets with addresses ready and not."""
    head(page, obj)
    page.line(0, "Subsets:")
    for subset in obj.get("subsets") or ():
        for title, field in (("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")):
            page.field(title, ",".join(each.get("ip", "") for each in subset.get(field) or ()) or NONE, 1)
        if subset.get("ports"):
            page.line(1, "Ports:")
            page.line(2, "Name\tPort\tProtocol")
            page.line(2, "----\t----\t--------")
        for port in subset.get("ports") or ():
            page.line(2, f"{port.get('name') or UNSET}\t{port.get('port')}\t{port.get('protocol') or 'TCP'}")
        page.line(0, "")


def endpointslice(page: Page, obj: Object, reader: Reader) -> None:
    """An EndpointSlice: all endpoints, each with whether it is ready."""
    head(page, obj)
    page.field("AddressType", obj.get("addressType", ""))
    ports = obj.get("ports") or ()
    if ports:
        page.line(0, "Ports:")
        page.line(1, "Name\tPort\tProtocol")
        page.line(1, "----\t----\t--------")
    else:
        page.line(0, f"Ports: {UNSET}")
    for port in ports:
        number = UNSET if port.get("port") is None else port["port"]
        page.line(1, f"{port.get('name') or UNSET}\t{number}\t{port.get('protocol') or 'TCP'}")
    every = obj.get("endpoints") or ()
    page.line(0, "Endpoints:" if every else f"Endpoints: {NONE}")
    for endpoint in every:
        _endpoint(page, endpoint)


def _endpoint(page: Page, endpoint: Mapping[str, Any]) -> None:
    page.field("- Addresses", ", ".join(endpoint.get("addresses") or ()) or NONE, 1)
    page.line(2, "Conditions:")
    ready = (endpoint.get("conditions") or {}).get("ready")
    page.field("Ready", UNSET if ready is None else str(bool(ready)).lower(), 3)
    page.field("Hostname", _or_unset(endpoint, "hostname"), 2)
    if target := endpoint.get("targetRef"):
        page.field("TargetRef", f"{target.get('kind', '')}/{target.get('name', '')}", 2)
    page.field("NodeName", _or_unset(endpoint, "nodeName"), 2)
    page.field("Zone", _or_unset(endpoint, "zone"), 2)


def _or_unset(value: Mapping[str, Any], field: str) -> object:
    return UNSET if value.get(field) is None else value[field]
