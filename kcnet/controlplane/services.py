"""Services as the API server stores them: defaults, cluster IPs, node ports, load balancers.

https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/defaults.go
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kcnet.controlplane.addresses import cluster_ips, node_ports
from kcnet.controlplane.facts import Facts
from kcnet.controlplane.loadbalancers import load_balancers, source_ranges
from kcnet.model.cluster import Key
from kcnet.model.manifests import ServiceManifest
from kcnet.model.names import IPAddress
from kcnet.model.objects import Service, ServicePort, ServiceType, TrafficPolicy
from kcnet.model.wellknown import PROXY_NAME

_AFFINITY_SECONDS = 10800


def make_services(
    manifests: Sequence[ServiceManifest],
    facts: Facts,
    taken: Iterable[IPAddress],
    used: Iterable[IPAddress] = (),
) -> Mapping[Key, Service]:
    """``manifests`` in the order of (namespace, name); ``taken``: addresses that no load balancer may get; ``used``:
    addresses that are not chosen as cluster IPs."""
    addresses = cluster_ips(manifests, facts, used)
    ports = node_ports(manifests)
    balancers = load_balancers(manifests, facts, taken)
    found = {}
    for manifest in manifests:
        key = manifest.namespace, manifest.name
        found[key] = Service(
            ref=manifest.ref,
            labels=manifest.labels,
            annotations=manifest.annotations,
            created=manifest.created,
            type=manifest.type,
            selector=manifest.selector,
            ports=tuple(
                ServicePort(
                    name=port.name,
                    protocol=port.protocol,
                    port=port.port,
                    target_port=port.target_port if port.target_port is not None else port.port,
                    node_port=number,
                    app_protocol=port.app_protocol,
                    index=index,
                )
                for index, (port, number) in enumerate(zip(manifest.ports, ports[key], strict=True))
            ),
            cluster_ips=addresses[key],
            headless=manifest.headless,
            external_name=manifest.external_name if manifest.type is ServiceType.EXTERNAL_NAME else None,
            external_ips=manifest.external_ips,
            load_balancer=balancers.get(key, ()),
            load_balancer_class=manifest.load_balancer_class,
            load_balancer_stated=bool(manifest.load_balancer),
            source_ranges=source_ranges(manifest),
            ranges_annotated=not manifest.source_ranges,
            external_traffic_policy=manifest.external_traffic_policy or TrafficPolicy.CLUSTER,
            internal_traffic_policy=manifest.internal_traffic_policy or TrafficPolicy.CLUSTER,
            traffic_distribution=manifest.traffic_distribution,
            session_affinity=manifest.session_affinity,
            affinity_seconds=manifest.affinity_seconds or _AFFINITY_SECONDS,
            publish_not_ready_addresses=manifest.publish_not_ready_addresses,
            service_proxy_name=manifest.labels.get(PROXY_NAME),
        )
    return found
