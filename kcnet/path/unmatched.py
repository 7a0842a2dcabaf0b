"""Packets for an address of the Service network, or of a Service, that no rule of the node catches."""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.model.cluster import Cluster, ProxyMode
from kcnet.model.objects import Service
from kcnet.model.trace import Action, Because, Packet, Stage, Verdict
from kcnet.path.doors import Door, door_of
from kcnet.path.flow import Branch, Flow, key
from kcnet.reasons.outcome import CANNOT_TELL
from kcnet.reasons.route import NOT_ROUTABLE
from kcnet.reasons.service import SERVICE_NOT_PROXIED, SERVICE_PORT_UNKNOWN


def unmatched(cluster: Cluster, flow: Flow) -> Sequence[Branch]:
    """What becomes of such a packet; nothing of one for another address."""
    packet = flow.packet
    assert packet.dst is not None
    services = cluster.services_by_address.get(packet.dst, ())
    for service in services:
        if service.service_proxy_name is not None:
            text = (
                f"{service.ref} is left to another proxy ({service.service_proxy_name}): kube-proxy has no rule for it."
            )
            step = flow.step(
                Stage.SERVICE,
                Action.UNDECIDED,
                CANNOT_TELL,
                text,
                because=(Because(service.ref, key("metadata.labels", "service.kubernetes.io/service-proxy-name")),),
                verdict=Verdict.UNKNOWN,
            )
            return (Branch((step,), None),)
    doors = {service.ref: door_of(service, packet.dst) for service in services}
    if any(doors.values()):
        return (_unknown_port(cluster, flow, [service for service in services if doors[service.ref]], packet),)
    if services:  # ipMode Proxy: the address is the load balancer's own
        service = services[0]
        text = f"The load balancer of {service.ref} is a proxy: kube-proxy has no rule for it."
        because = (Because(service.ref, "status.loadBalancer.ingress"),)
        return (Branch((flow.step(Stage.SERVICE, Action.SKIPPED, SERVICE_NOT_PROXIED, text, because=because),), flow),)
    if any(packet.dst in cidr for cidr in cluster.service_cidrs):
        text = f"No Service has the address {packet.dst}: nothing answers there."
        step = flow.step(
            Stage.ROUTE,
            Action.DROPPED,
            NOT_ROUTABLE,
            text,
            look=("kubectl get services -A -o wide",),
            repair="Use the Service's name: a cluster IP changes when the Service is made anew.",
            verdict=Verdict.TIMEOUT,
        )
        return (Branch((step,), None),)
    return ()


def _unknown_port(cluster: Cluster, flow: Flow, services: Sequence[Service], packet: Packet) -> Branch:
    service = services[0]
    assert packet.dst is not None
    door = door_of(service, packet.dst)
    mode = cluster.proxy_mode
    refused = mode is ProxyMode.IPVS or (mode is ProxyMode.NFTABLES and door is Door.CLUSTER_IP)
    outcome = {
        True: f"{mode} mode rejects it, so the connection is refused.",
        False: f"{mode} mode has no rule for it, the packet is sent where nothing answers.",
    }[refused]
    listed = ", ".join(f"{p.port}/{p.protocol}" + (f" ({p.name})" if p.name else "") for p in service.ports)
    text = f"{service.ref} has no port {packet.dst_port}/{packet.protocol} (it has {listed}): {outcome}"
    step = flow.step(
        Stage.SERVICE,
        Action.REJECTED if refused else Action.DROPPED,
        SERVICE_PORT_UNKNOWN,
        text,
        because=(Because(service.ref, "spec.ports"),),
        look=(f"kubectl get service {service.name} -n {service.namespace}",),
        repair=port_repair(service, packet),
        verdict=Verdict.REFUSED if refused else Verdict.TIMEOUT,
    )
    return Branch((step,), None)


def port_repair(service: Service, packet: Packet) -> str:
    """Which port to ask instead, by the commonest mix-ups."""
    number = packet.dst_port
    for port in service.ports:
        if port.port == number:
            flag = f"--protocol {port.protocol.lower()}"
            return f"Port {number} is {port.protocol}, not {packet.protocol}: ask it with {flag}."
    for port in service.ports:
        if port.target_port == number:
            return f"{number} is the pods' port (targetPort). Ask the Service's port {port.port}, which leads to it."
        if port.node_port == number:
            return f"{number} is the node port, for clients outside. At the Service's own address ask port {port.port}."
    return f"Ask port {service.ports[0].port}, or add port {number} to spec.ports of the Service."
