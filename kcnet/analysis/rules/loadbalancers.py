"""Ways in from outside: load balancers, node ports, external IPs, and the proxy mode of the whole cluster.

https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network

from kcnet.analysis.finding import Finding, Proof, Rule, Severity, Subject
from kcnet.model.manifests import ServiceManifest
from kcnet.model.names import IPNetwork
from kcnet.model.objects import Service, ServiceType, TrafficPolicy
from kcnet.model.wellknown import CONTROL_PLANE_ROLES, SOURCE_RANGES, TOPOLOGY_HINTS, TOPOLOGY_MODE

_PAGE = "https://kubernetes.io/docs/concepts/services-networking/service/"
_VIRTUAL_IPS = "https://kubernetes.io/docs/reference/networking/virtual-ips/"

_IPVS = re.compile(r"(?m)^mode:[ \t]*[\"']?ipvs\b")
"""In kube-proxy's own configuration, as kubeadm keeps it in a ConfigMap."""

_NOBODY = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/3", "::/127", "fe80::/10", "2001:db8::/32", "ff00::/8",
    )
)  # fmt: skip
"""Addresses that no client has: this host, link-local, documentation, multicast, reserved.
https://www.iana.org/assignments/iana-ipv4-special-registry/"""


def _no_provider(subject: Subject) -> Iterator[Finding]:
    if subject.cluster.load_balancer_provider:
        return
    for written, service in subject.services:
        if service.type is ServiceType.LOAD_BALANCER and not service.load_balancer:
            yield LB_NO_PROVIDER.finding(
                written.ref,
                "spec.type",
                "Nothing in this cluster gives out load balancers (its Cluster document says loadBalancer: false): "
                "EXTERNAL-IP stays <pending>, and there is no address that a client outside could use.",
                "Install a provider (a cloud controller manager, MetalLB), or set spec.type to NodePort.",
                proof=_from_internet(service),
            )


def _unknown_class(subject: Subject) -> Iterator[Finding]:
    if not subject.cluster.load_balancer_provider:
        return
    for written, service in subject.services:
        if service.type is ServiceType.LOAD_BALANCER and service.load_balancer_class and not service.load_balancer:
            yield LB_CLASS.finding(
                written.ref,
                "spec.loadBalancerClass",
                f"Only a controller for the class {service.load_balancer_class} gives it an address; the cluster's "
                "own provider leaves it alone. Without such a controller EXTERNAL-IP stays <pending>.",
                "See that the controller runs in every cluster that gets this Service, or remove loadBalancerClass, "
                "which can only be set when the Service is created.",
            )


def _nobody_may(subject: Subject) -> Iterator[Finding]:
    for written, service in subject.services:
        families = _families(service)
        ranges = tuple(cidr for family in families for cidr in service.guarded(family))
        if ranges and all(service.guarded(family) for family in families) and all(map(_is_nobodys, ranges)):
            shown = ", ".join(str(cidr) for cidr in ranges)
            slip = any(str(cidr) in ("0.0.0.0/32", "::/128") for cidr in ranges)
            meant = "0.0.0.0/0 (everyone), not /32" if slip else "the networks that your clients come from"
            yield LB_SOURCE_RANGES_NOBODY.finding(
                written.ref,
                _ranges_field(written),
                f"No client has an address in {shown}: every packet to the load balancer's address is dropped, and "
                "clients wait until they time out.",
                f"Write {meant}.",
                proof=_from_internet(service),
            )


def _ranges_field(written: ServiceManifest) -> str:
    return "spec.loadBalancerSourceRanges" if written.source_ranges else f"metadata.annotations[{SOURCE_RANGES}]"


def _families(service: Service) -> list[int]:
    """In which the load balancer has an address, or may get one."""
    if service.type is not ServiceType.LOAD_BALANCER:
        return []
    stated: set[int] = {
        entry.address.version
        for entry in service.load_balancer
        if service.load_balancer_stated and entry.address is not None
    }
    return sorted(stated or {address.version for address in service.cluster_ips})


def _is_nobodys(cidr: IPNetwork) -> bool:
    return any(cidr.version == never.version and cidr.subnet_of(never) for never in _NOBODY)  # type: ignore[arg-type]


def _open_anyway(subject: Subject) -> Iterator[Finding]:
    for written, service in subject.services:
        if service.type is not ServiceType.LOAD_BALANCER:
            continue
        families = _families(service)
        versions = {cidr.version for cidr in written.source_ranges}
        open_family = next((family for family in families if versions and family not in versions), None)
        if open_family is not None and not any(entry.hostname for entry in service.load_balancer):
            yield LB_SOURCE_RANGES_OPEN.finding(
                written.ref,
                "spec.loadBalancerSourceRanges",
                f"The Service has an IPv{open_family} address, and no range here is of that family. kube-proxy keeps "
                f"the ranges of each family apart, and where there is none it lets everyone in.",
                f"Add the IPv{open_family} networks that clients come from.",
            )
        wide = next((i for i, cidr in enumerate(written.source_ranges) if _makes_useless(cidr, written)), None)
        if wide is not None:
            yield LB_SOURCE_RANGES_OPEN.finding(
                written.ref,
                f"spec.loadBalancerSourceRanges[{wide}]",
                f"{written.source_ranges[wide]} lets everyone in: the other ranges of the list narrow nothing.",
                "Remove this entry if the others were meant, or the whole list.",
            )


def _makes_useless(cidr: IPNetwork, written: ServiceManifest) -> bool:
    """Whether it lets all of its family in, and narrower ranges of the family stand beside it."""
    others = (other for other in written.source_ranges if other.version == cidr.version)
    return cidr.prefixlen == 0 and any(other.prefixlen for other in others)


def _node_port_bypass(subject: Subject) -> Iterator[Finding]:
    for written, service in subject.services:
        port = next((port for port in service.ports if port.node_port), None)
        if port is not None and any(service.guarded(family) for family in _families(service)):
            stated = written.ports[port.index].node_port
            which = f"nodePort {stated}" if stated else "a nodePort, too"
            yield LB_SOURCE_RANGES_NODE_PORT.finding(
                written.ref,
                _ranges_field(written),
                f"The ranges guard the load balancer's address alone. The Service has {which}: whoever reaches a node "
                "at that port gets in, from any address.",
                "Set spec.allocateLoadBalancerNodePorts to false if the load balancer does not need node ports, or "
                "guard the nodes' ports 30000-32767 with a firewall or a NetworkPolicy on the pods.",
            )


def _external_local(subject: Subject) -> Iterator[Finding]:
    if not (subject.manifests.nodes or subject.manifests.facts.nodes):
        return
    for written, service in subject.services:
        if service.external_traffic_policy is not TrafficPolicy.LOCAL or service.type is not ServiceType.NODE_PORT:
            continue
        slices = subject.cluster.slices.get((service.namespace, service.name), ())
        here = {
            endpoint.node
            for slice_ in slices
            for endpoint in slice_.endpoints
            if endpoint.node and (endpoint.ready or endpoint.serving)
        }
        bare = [
            name
            for name, node in subject.cluster.nodes.items()
            if name not in here and not any(role in node.labels for role in CONTROL_PLANE_ROLES)
        ]
        if not here or not bare or not service.ports:
            continue
        port = service.ports[0]
        shown = ", ".join(bare[:3]) + (f" and {len(bare) - 3} more" if len(bare) > 3 else "")
        yield NODE_PORT_LOCAL_GAP.finding(
            written.ref,
            "spec.externalTrafficPolicy",
            f"No endpoint is on {shown}, and externalTrafficPolicy Local never leaves the node that a client asks: "
            f"requests to the nodePort there are dropped, and clients wait until they time out.",
            "Send clients to nodes that have an endpoint, run the pods on every node with a DaemonSet, or remove "
            "externalTrafficPolicy: Local (the pods then no longer see the client's address).",
            proof=Proof("internet", f"node/{bare[0]}:{port.node_port}", protocol=_protocol(service)),
        )


def _external_ips(subject: Subject) -> Iterator[Finding]:
    for written in subject.manifests.services:
        if written.external_ips:
            effect = "Requests to these addresses still arrive; a later version will ignore the field."
            if written.headless:
                effect = "kube-proxy has no rules for a headless Service, so that nobody answers at these addresses."
            yield SERVICE_EXTERNAL_IPS.finding(
                written.ref,
                "spec.externalIPs",
                "externalIPs is deprecated since Kubernetes 1.36: it lets whoever may write a Service take over any "
                f"address. {effect}",
                "Use type LoadBalancer with a provider such as MetalLB, or a Gateway.",
            )


def _wish(subject: Subject) -> Iterator[Finding]:
    for written in subject.manifests.services:
        if written.load_balancer_ip is not None:
            yield LB_IP_FIELD.finding(
                written.ref,
                "spec.loadBalancerIP",
                f"loadBalancerIP is deprecated since Kubernetes 1.24, and a provider may ignore it: clients that were "
                f"told {written.load_balancer_ip} then find nobody there."
                if written.type is ServiceType.LOAD_BALANCER
                else f"loadBalancerIP is for type LoadBalancer alone, and deprecated there. On this Service of type "
                f"{written.type} it does nothing: nobody answers at {written.load_balancer_ip} because of it.",
                "Ask for the address with your provider's annotation.",
            )


def _topology(subject: Subject) -> Iterator[Finding]:
    for written in subject.manifests.services:
        for name in (TOPOLOGY_HINTS, TOPOLOGY_MODE):
            if name not in written.annotations:
                continue
            if name == TOPOLOGY_MODE and not (
                written.traffic_distribution and written.annotations[name] in ("Auto", "auto")
            ):
                continue
            if written.annotations[name] not in ("Auto", "auto"):
                effect = "With any other value than Auto it does nothing."
            elif written.traffic_distribution:
                effect = f"It wins over trafficDistribution: {written.traffic_distribution}, which is ignored."
            else:
                effect = "It keeps requests inside a zone only where zones are in balance."
            old = f"This annotation is deprecated in favour of {TOPOLOGY_MODE}. " if name == TOPOLOGY_HINTS else ""
            yield SERVICE_TOPOLOGY_ANNOTATION.finding(
                written.ref,
                f"metadata.annotations[{name}]",
                f"{old}{effect}",
                "Remove the annotation; spec.trafficDistribution: PreferSameZone keeps requests inside their zone.",
            )


def _ipvs(subject: Subject) -> Iterator[Finding]:
    facts = subject.manifests.facts
    stated = [(facts.ref, "spec.proxyMode")] if facts.ref is not None and facts.proxy_mode == "ipvs" else []
    for settings in subject.manifests.config_maps:
        if (settings.namespace, settings.name) == ("kube-system", "kube-proxy"):
            stated += [(settings.ref, f"data[{name}]") for name, text in settings.data.items() if _IPVS.search(text)]
    for ref, field in stated:
        yield PROXY_MODE_IPVS.finding(
            ref,
            field,
            "kube-proxy's ipvs mode is deprecated since Kubernetes 1.35 and will be removed; requests take the way "
            "that they take today until then.",
            "Move to nftables (Kubernetes 1.33 and later, kernel 5.13 and later), or to iptables.",
        )


def _from_internet(service: Service) -> Proof | None:
    if not service.ports:
        return None
    return Proof(
        "internet", f"{service.namespace}/svc/{service.name}:{service.ports[0].port}", protocol=_protocol(service)
    )


def _protocol(service: Service) -> str | None:
    return None if service.ports[0].protocol == "TCP" else service.ports[0].protocol.lower()


LB_NO_PROVIDER = Rule(
    code="LB_NO_PROVIDER",
    severity=Severity.WARNING,
    title="A Service of type LoadBalancer, and nobody who provides one",
    meaning=(
        "Kubernetes itself has no load balancers. Type LoadBalancer is a request to a controller: a cloud's, or one "
        "such as MetalLB. Where none runs, the Service works inside the cluster and at its node ports, but it never "
        "gets an address of its own."
    ),
    look=("kubectl -n NAMESPACE get svc NAME", "kubectl -n NAMESPACE describe svc NAME"),
    causes=("The manifest comes from a cloud, and the cluster is on bare metal or a laptop.",),
    repair="Install a provider, or use NodePort or an Ingress.",
    source=f"{_PAGE}#loadbalancer",
    check=_no_provider,
)

LB_CLASS = Rule(
    code="LB_CLASS",
    severity=Severity.INFO,
    title="The load balancer comes from a controller that the manifests do not show",
    meaning=(
        "A Service with loadBalancerClass is left to the controller that watches for exactly that class; every other "
        "provider, the cloud's own included, ignores it. The field cannot be changed later."
    ),
    look=("kubectl -n NAMESPACE describe svc NAME", "kubectl get pods -A"),
    causes=("The controller is installed from elsewhere; then all is well.", "The class has a typo."),
    repair="See that a controller for this class runs.",
    source=f"{_PAGE}#load-balancer-class",
    check=_unknown_class,
)

LB_SOURCE_RANGES_NOBODY = Rule(
    code="LB_SOURCE_RANGES_NOBODY",
    severity=Severity.WARNING,
    title="loadBalancerSourceRanges lets nobody in",
    meaning=(
        "kube-proxy, and most cloud load balancers, drop packets to the load balancer's address from outside these "
        "ranges. Here no client can be inside: they are loopback, link-local, documentation or reserved addresses."
    ),
    look=("kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.loadBalancerSourceRanges}'",),
    causes=("0.0.0.0/32 was written for 0.0.0.0/0.", "Addresses from an example were left in."),
    repair="Write the networks that clients come from; leave the list out to let everyone in.",
    source=f"{_PAGE}#loadbalancer",
    check=_nobody_may,
)

LB_SOURCE_RANGES_OPEN = Rule(
    code="LB_SOURCE_RANGES_OPEN",
    severity=Severity.WARNING,
    title="loadBalancerSourceRanges lets everyone in",
    meaning=(
        "The ranges add up: a client that is in one of them is let in. Beside 0.0.0.0/0 (or ::/0) the others of the "
        "same family have no effect, and kube-proxy writes no rule at all; nor does it where no range is of the "
        "address's family."
    ),
    look=("kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.loadBalancerSourceRanges}'",),
    causes=(
        "A default of 0.0.0.0/0 was added to and not replaced.",
        "The Service became dual-stack, and the list has IPv4 networks alone.",
    ),
    repair="Remove the /0 entry, or the list; write networks of both families for a Service that has both.",
    source=f"{_PAGE}#loadbalancer",
    check=_open_anyway,
)

LB_SOURCE_RANGES_NODE_PORT = Rule(
    code="LB_SOURCE_RANGES_NODE_PORT",
    severity=Severity.INFO,
    title="loadBalancerSourceRanges does not guard the node ports",
    meaning=(
        "A Service of type LoadBalancer normally has a nodePort as well. loadBalancerSourceRanges holds for packets to "
        "the load balancer's address only; at the nodePort, at an externalIP and at the cluster IP it plays no part."
    ),
    look=("kubectl -n NAMESPACE get svc NAME -o yaml", "curl http://NODE:NODEPORT/"),
    causes=("The ranges were taken for a firewall around the Service.",),
    repair="Set allocateLoadBalancerNodePorts: false, or close the nodes' ports by other means.",
    source=f"{_PAGE}#load-balancer-nodeport-allocation",
    check=_node_port_bypass,
)

NODE_PORT_LOCAL_GAP = Rule(
    code="NODE_PORT_LOCAL_GAP",
    severity=Severity.WARNING,
    title="externalTrafficPolicy Local, and nodes without an endpoint",
    meaning=(
        "With externalTrafficPolicy: Local a node serves clients from outside with its own endpoints alone, and keeps "
        "their address visible. A node without one drops what arrives. A load balancer asks the nodes for their health "
        "and avoids such a node; a client of a plain NodePort has to know."
    ),
    look=("kubectl -n NAMESPACE get pods -o wide", "kubectl -n NAMESPACE get svc NAME -o yaml"),
    causes=("Fewer replicas than nodes.", "A nodeSelector or an affinity holds the pods together."),
    repair="Ask nodes that run a pod, run one on each, or use the policy Cluster.",
    source=f"{_VIRTUAL_IPS}#external-traffic-policy",
    check=_external_local,
)

SERVICE_EXTERNAL_IPS = Rule(
    code="SERVICE_EXTERNAL_IPS",
    severity=Severity.INFO,
    title="externalIPs is deprecated",
    meaning=(
        "Any address in externalIPs makes kube-proxy catch packets to it on every node, also addresses that belong to "
        "somebody else. That cannot be made safe (CVE-2020-8554), so the field is deprecated since Kubernetes 1.36."
    ),
    look=("kubectl get svc -A -o jsonpath='{.items[*].spec.externalIPs}'",),
    causes=("The Service was written for a cluster without a load balancer.",),
    repair="Use type LoadBalancer with a provider, or a Gateway.",
    source=f"{_PAGE}#external-ips",
    check=_external_ips,
)

LB_IP_FIELD = Rule(
    code="LB_IP_FIELD",
    severity=Severity.INFO,
    title="loadBalancerIP is deprecated",
    meaning=(
        "loadBalancerIP asks the provider for one address. It never said what happens with two address families, and "
        "providers treat it differently; it is deprecated since Kubernetes 1.24 in favour of their own annotations."
    ),
    look=("kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.loadBalancerIP} {.status.loadBalancer}'",),
    causes=("The manifest was written for an older cluster.",),
    repair="Use the annotation of your provider.",
    source=f"{_PAGE}#loadbalancer",
    check=_wish,
)

SERVICE_TOPOLOGY_ANNOTATION = Rule(
    code="SERVICE_TOPOLOGY_ANNOTATION",
    severity=Severity.INFO,
    title="A topology annotation that is deprecated, or wins over trafficDistribution",
    meaning=(
        "service.kubernetes.io/topology-aware-hints is the old name of topology-mode. Either of them set to Auto wins "
        "over spec.trafficDistribution, and hands out hints only where the zones' endpoints and CPUs are in balance."
    ),
    look=("kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME -o yaml",),
    causes=("The annotation is from before trafficDistribution existed.",),
    repair="Remove the annotation and set spec.trafficDistribution: PreferSameZone.",
    source="https://kubernetes.io/docs/concepts/services-networking/topology-aware-routing/",
    check=_topology,
)

PROXY_MODE_IPVS = Rule(
    code="PROXY_MODE_IPVS",
    severity=Severity.INFO,
    title="kube-proxy's ipvs mode is deprecated",
    meaning=(
        "The ipvs mode could never do all that Services need without help from iptables. nftables is as fast and "
        "complete; ipvs is deprecated since Kubernetes 1.35 and is to be removed."
    ),
    look=("kubectl -n kube-system get configmap kube-proxy -o yaml", "curl http://localhost:10249/proxyMode"),
    causes=("ipvs was chosen for big clusters before nftables was there.",),
    repair="Move to nftables, or iptables.",
    source=f"{_VIRTUAL_IPS}#proxy-mode-ipvs",
    check=_ipvs,
)
