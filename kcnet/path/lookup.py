"""The name stage: what a client gets for a host name."""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.model.cluster import Cluster
from kcnet.model.names import Fqdn
from kcnet.model.objects import Pod, Service
from kcnet.model.trace import Action, Because, Stage, Step, Verdict
from kcnet.path.asking import cannot_ask
from kcnet.path.dns import (
    Answer,
    Rcode,
    RecordType,
    ResolvConf,
    answer,
    names_tried,
    resolv_conf,
)
from kcnet.path.flow import Flow, count
from kcnet.path.public import Published, look_up
from kcnet.path.resolution import Resolution, considered_names, failed, not_found, would_resolve
from kcnet.reasons.dns import (
    DNS_EXTERNAL_NAME,
    DNS_HEADLESS,
    DNS_NXDOMAIN,
    DNS_PUBLIC_NAME,
    DNS_RESOLVED,
)
from kcnet.reasons.ingress import INGRESS_NO_CONTROLLER
from kcnet.reasons.loadbalancer import LB_PENDING


def resolve(cluster: Cluster, flow: Flow, name: str) -> Resolution:
    pod = flow.sender.pod
    if pod is None:
        return _outside_pods(cluster, flow, name)
    conf = resolv_conf(cluster, pod)
    blocked = cannot_ask(cluster, flow, pod, conf, name)
    steps: tuple[Step, ...] = ()
    if blocked is not None:
        if not flow.all_blockers:
            return Resolution(steps=(blocked,), flow=flow, ended=True)
        steps = (blocked,)
    found = _search(cluster, flow, pod, conf, name)
    return Resolution(
        steps=(*steps, *found.steps),
        flow=found.flow,
        ended=found.ended,
        addresses=found.addresses,
        service=found.service,
        published=found.published,
        canonical=found.canonical,
    )


def _outside_pods(cluster: Cluster, flow: Flow, name: str) -> Resolution:
    """A node or a client outside: public DNS alone knows names."""
    asked = Fqdn(name.lower().rstrip(".") + ".")
    published = look_up(cluster, asked)
    if not published.exists and flow.sender.node is not None and would_resolve(cluster, asked):
        text = (
            f"{name} is a name of the cluster's DNS; {flow.sender.node} asks its own resolvers, which do not know it."
        )
        repair = "Ask from a pod, or use the Service's cluster IP."
        return failed(flow, DNS_NXDOMAIN, text, repair, ())
    if not published.exists and would_resolve(cluster, asked):
        text = f"{name} is known inside the cluster alone: public DNS has no such name."
        repair = _way_in(cluster, asked)
        return failed(flow, DNS_NXDOMAIN, text, repair, ())
    return _published(flow, published, name, "public DNS")


def _way_in(cluster: Cluster, name: Fqdn) -> str:
    """How a client outside asks the Service that it called by a name of the cluster's DNS."""
    labels = name.rstrip(".").split(".")
    service = next(
        (s for s in cluster.services_by_name.get(labels[0], ()) if len(labels) == 1 or s.namespace == labels[1]), None
    )
    if service is not None:
        address = next((entry.address or entry.hostname for entry in service.load_balancer), None)
        if address is not None:
            return f"Ask its load balancer's address: {address}."
        port = next((p.node_port for p in service.ports if p.node_port), None)
        if port is not None and cluster.nodes:
            return f"Ask a node at its node port: node/{next(iter(cluster.nodes))}:{port}."
    return "Publish the Service: type LoadBalancer or NodePort, or an Ingress with a host of its own."


def _search(cluster: Cluster, flow: Flow, pod: Pod, conf: ResolvConf, name: str) -> Resolution:
    tried: list[tuple[Fqdn, str]] = []
    no_records: tuple[Fqdn, Answer] | None = None
    missing: Published | None = None
    for asked in names_tried(name, conf):
        got = answer(cluster, asked) if conf.uses_cluster_dns else None
        if got is None:
            published = look_up(cluster, asked)
            if published.exists:
                return _published(flow, published, asked.rstrip("."), _server_name(conf), tried)
            missing = missing if missing is not None and missing.nearest else published
            tried.append((asked, "no such name"))
            continue
        if not got.records and got.rcode is Rcode.NOERROR and got.services:
            six = answer(cluster, asked, RecordType.AAAA)
            if six is not None and (six.records or six.leads_outside):
                got = six
        if got.records or got.leads_outside:
            return _found(cluster, flow, pod, conf, name, asked, got, tried)
        if got.rcode is Rcode.NOERROR:
            no_records = no_records or (asked, got)
            tried.append((asked, "no address"))
        else:
            tried.append((asked, "no such name"))
    return not_found(cluster, flow, pod, conf, name, tried, no_records, missing)


def _server_name(conf: ResolvConf) -> str:
    return "the cluster's DNS, which asks public DNS" if conf.uses_cluster_dns else "the node's resolvers"


def _nth(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")


def _found(
    cluster: Cluster,
    flow: Flow,
    pod: Pod,
    conf: ResolvConf,
    name: str,
    asked: Fqdn,
    got: Answer,
    tried: Sequence[tuple[Fqdn, str]],
) -> Resolution:
    bare = asked.rstrip(".")
    look = (f"kubectl exec -n {pod.namespace} {pod.name} -- nslookup {name}",)
    total = len(dict.fromkeys(names_tried(name, conf)))
    place = f" ({_nth(len(tried) + 1)} of {count(total, 'name')} to try)" if total > 1 else ""
    service = got.services[-1] if got.services else None
    because = [Because(s.ref, "spec.externalName") for s in got.services if s.external_name]
    steps: list[Step] = []
    chain = [record for record in got.records if record.type is RecordType.CNAME]
    if chain or got.leads_outside:
        links = " → ".join([bare, *(record.value.rstrip(".") for record in chain)])
        text = f"{links}: ExternalName is an alias (CNAME), no more{place}."
        steps.append(
            flow.step(
                Stage.DNS,
                Action.RESOLVED,
                DNS_EXTERNAL_NAME,
                text,
                because=because,
                considered=considered_names(tried),
                look=look,
            )
        )
    if got.leads_outside is not None:
        onward = _published(flow, look_up(cluster, got.leads_outside), got.leads_outside.rstrip("."), "public DNS")
        return Resolution(
            steps=(*steps, *onward.steps),
            flow=onward.flow,
            ended=onward.ended,
            addresses=onward.addresses,
            service=onward.service,
            published=onward.published,
            canonical=got.leads_outside,
        )
    addresses = got.addresses
    shown = ", ".join(str(a) for a in addresses[:3]) + (f" and {len(addresses) - 3} more" if len(addresses) > 3 else "")
    canonical = chain[-1].value.rstrip(".") if chain else bare
    reason = DNS_RESOLVED
    text = f"{canonical} = {shown}{'' if chain else place}."
    if service is not None and service.headless:
        reason = DNS_HEADLESS
        text = f"{canonical} = {shown}: {count(len(addresses), 'ready pod')}, one record each{'' if chain else place}."
        because.append(Because(service.ref, "spec.clusterIP"))
        ordinary = len(canonical.split(".")) > len(
            f"{service.name}.{service.namespace}.svc.{cluster.domain}".split(".")
        )
        if ordinary:
            text = f"{canonical} = {shown}{'' if chain else place}."
    elif service is not None:
        because.append(Because(service.ref, "metadata.name"))
    steps.append(
        flow.step(
            Stage.DNS,
            Action.RESOLVED,
            reason,
            text,
            brief=f"{'' if chain or name.rstrip('.') == bare else name + ' → '}{canonical} = {shown}",
            because=because,
            considered=() if chain else considered_names(tried),
            look=look,
        )
    )
    return Resolution(steps=tuple(steps), flow=flow, addresses=addresses, service=service, canonical=canonical)


def _published(
    flow: Flow, published: Published, name: str, server: str, tried: Sequence[tuple[Fqdn, str]] = ()
) -> Resolution:
    """What public DNS gives, with the ways in which an Ingress's host may lead to nobody."""
    if not published.exists:
        near = f" (nearest: {published.nearest})" if published.nearest else ""
        return failed(flow, DNS_NXDOMAIN, f"{published.text}{near}", _nearest_repair(published), ())
    if published.assumed:
        flow = flow.assuming(published.assumed)
    considered = considered_names(tried)
    if published.no_controller:
        step = flow.step(
            Stage.DNS,
            Action.FAILED,
            INGRESS_NO_CONTROLLER,
            f"{published.text.rstrip('.')}: there is no address to connect to.",
            because=published.because,
            considered=considered,
            look=("kubectl get ingressclass", "kubectl get ingress -A"),
            repair=published.repair,
            verdict=Verdict.UNRESOLVED,
        )
        return Resolution(steps=(step,), flow=flow, ended=True, published=published)
    if published.pending is not None:
        return Resolution(steps=(pending(flow, published.pending),), flow=flow, ended=True, published=published)
    if published.addresses:
        shown = ", ".join(str(address) for address in published.addresses[:3])
        text = f"{name} = {shown}, the Ingress controller's address, by {server}."
    elif published.load_balancer is not None:
        text = f"{published.text.rstrip('.')}; the manifests do not tell its address."
    else:
        text = f"{name} is a name outside the cluster, resolved by {server}."
    step = flow.step(
        Stage.DNS,
        Action.RESOLVED,
        DNS_PUBLIC_NAME,
        text,
        because=published.because,
        considered=considered,
        look=(f"nslookup {name}",),
    )
    return Resolution(
        steps=(step,),
        flow=flow,
        addresses=published.addresses,
        service=published.load_balancer,
        published=published,
        canonical=name,
    )


def pending(flow: Flow, service: Service) -> Step:
    """A load balancer that nobody has given an address."""
    if service.load_balancer_class:
        why = f"no controller for its loadBalancerClass {service.load_balancer_class} has given it one"
    else:
        why = "nothing in this cluster gives addresses to Services of type LoadBalancer"
    text = f"{service.ref} has no external address (EXTERNAL-IP <pending>): {why}."
    field = "spec.loadBalancerClass" if service.load_balancer_class else "spec.type"
    node_port = next((p.node_port for p in service.ports if p.node_port), None)
    other = f" Its node port {node_port} works meanwhile." if node_port else ""
    return flow.step(
        Stage.LOAD_BALANCER,
        Action.FAILED,
        LB_PENDING,
        text,
        because=(Because(service.ref, field),),
        look=(f"kubectl get service {service.name} -n {service.namespace}",),
        repair=f"Install a load balancer provider (a cloud controller, MetalLB ...) for the cluster.{other}",
        verdict=Verdict.UNRESOLVED,
    )


def _nearest_repair(published: Published) -> str:
    return f"Use the name {published.nearest}." if published.nearest else "Check the name."
