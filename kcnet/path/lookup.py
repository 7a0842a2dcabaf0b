"""The name stage: what a client gets for a host name, and whether its question can reach a DNS server at all."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import NamedTuple

from kcnet.model.cluster import Cluster
from kcnet.model.names import Fqdn, IPAddress, Protocol
from kcnet.model.objects import Pod, Service, ServicePort
from kcnet.model.policy import Direction
from kcnet.model.trace import Action, Because, Considered, Reason, Stage, Step, Verdict
from kcnet.path.dns import (
    Answer,
    Rcode,
    RecordType,
    ResolvConf,
    answer,
    endpoint_name,
    in_cluster_domain,
    names_tried,
    ready_endpoints,
    resolv_conf,
)
from kcnet.path.endpoints import Backend, backends
from kcnet.path.flow import Flow, count
from kcnet.path.netpol import Party, decide, isolating
from kcnet.path.policy import name_of
from kcnet.path.public import Published, look_up
from kcnet.reasons.dns import (
    DNS_BLOCKED_BY_POLICY,
    DNS_EXTERNAL_NAME,
    DNS_HEADLESS,
    DNS_NO_RECORDS,
    DNS_NXDOMAIN,
    DNS_PUBLIC_NAME,
    DNS_RESOLVED,
    DNS_UNREACHABLE,
)
from kcnet.reasons.ingress import INGRESS_NO_CONTROLLER
from kcnet.reasons.loadbalancer import LB_PENDING
from kcnet.reasons.outcome import CANNOT_TELL


class Resolution(NamedTuple):
    """What a look-up gave. ``ended``: the request goes no further than the last step."""

    steps: tuple[Step, ...]
    flow: Flow
    ended: bool = False
    addresses: tuple[IPAddress, ...] = ()
    service: Service | None = None
    """The Service that the name is of; the LoadBalancer Service for a name without an address that manifests tell."""
    published: Published | None = None
    canonical: str = ""
    """The absolute name that was found."""


def resolve(cluster: Cluster, flow: Flow, name: str) -> Resolution:
    pod = flow.sender.pod
    if pod is None:
        return _outside_pods(cluster, flow, name)
    conf = resolv_conf(cluster, pod)
    blocked = _cannot_ask(cluster, flow, pod, conf, name)
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
    if not published.exists and flow.sender.node is not None and _would_resolve(cluster, asked):
        text = (
            f"{name} is a name of the cluster's DNS; {flow.sender.node} asks its own resolvers, which do not know it."
        )
        repair = "Ask from a pod, or use the Service's cluster IP."
        return _fail(flow, DNS_NXDOMAIN, text, repair, ())
    if not published.exists and _would_resolve(cluster, asked):
        text = f"{name} is known inside the cluster alone: public DNS has no such name."
        repair = _way_in(cluster, asked)
        return _fail(flow, DNS_NXDOMAIN, text, repair, ())
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


def _would_resolve(cluster: Cluster, name: Fqdn) -> bool:
    base = name.rstrip(".").split(".")
    if in_cluster_domain(cluster, name):
        return True
    return len(base) < 4 and any(
        len(base) == 1 or service.namespace == base[1] for service in cluster.services_by_name.get(base[0], ())
    )


def _cannot_ask(cluster: Cluster, flow: Flow, pod: Pod, conf: ResolvConf, name: str) -> Step | None:
    """The step that ends the request if the question itself does not get through; None if it does."""
    if not conf.uses_cluster_dns:
        return _cannot_ask_elsewhere(cluster, flow, pod, conf, name)
    service = cluster.services[cluster.dns_service]
    port = next((p for p in service.ports if p.protocol is Protocol.UDP and p.port == 53), None)
    servers = _servers(cluster, service, port) if port is not None else ()
    if not servers:
        text = f"The cluster's DNS ({service.ref}) has no ready endpoint for UDP 53, so no name can be looked up."
        return flow.step(
            Stage.DNS,
            Action.FAILED,
            DNS_UNREACHABLE,
            text,
            because=(Because(service.ref, "spec.selector"),),
            look=(f"kubectl get pods,endpointslices -n {service.namespace} -l k8s-app=kube-dns",),
            repair=f"Get the pods of {service.ref} ready.",
            verdict=Verdict.UNRESOLVED,
        )
    if flow.ignore_policies or cluster.cni.enforces_policy is False:
        return None
    verdicts = [_question(cluster, pod, server) for server in servers]
    if any(verdict is True for verdict, *_ in verdicts):
        return None
    if any(verdict is None for verdict, *_ in verdicts):
        return _undecided(flow, pod, name)
    if cluster.cni.enforces_policy is None:
        return _perhaps_blocked(cluster, flow, pod, name)
    return _blocked(cluster, flow, pod, servers[0], name)


def _servers(cluster: Cluster, service: Service, port: ServicePort) -> tuple[Backend, ...]:
    return tuple(
        backend
        for family in (4, 6)
        for backend in backends(cluster, service, port, family)
        if backend.endpoint.ready or (backend.endpoint.serving and backend.endpoint.terminating)
    )


def _question(cluster: Cluster, pod: Pod, server: Backend) -> tuple[bool | None, Direction]:
    """Whether policies let the pod ask one DNS server over UDP."""
    target = cluster.pods_by_address.get(server.address)
    out = isolating(cluster, pod, Direction.EGRESS) if not pod.host_network else ()
    sent = decide(
        cluster, out, Direction.EGRESS, Party(target, server.address), target, server.port, Protocol.UDP
    ).allowed
    if not sent or target is None:
        return sent, Direction.EGRESS
    into = isolating(cluster, target, Direction.INGRESS)
    source = Party(None if pod.host_network else pod, pod.address)
    got = decide(cluster, into, Direction.INGRESS, source, target, server.port, Protocol.UDP).allowed
    return got, Direction.INGRESS


def _blocked(cluster: Cluster, flow: Flow, pod: Pod, server: Backend, name: str) -> Step:
    _, direction = _question(cluster, pod, server)
    target = cluster.pods_by_address.get(server.address)
    end = pod if direction is Direction.EGRESS else (target or pod)
    policies = isolating(cluster, end, direction)
    listed = " and ".join(name_of(policy) for policy in policies[:3])
    tcp = decide(
        cluster,
        policies,
        direction,
        Party(target, server.address) if direction is Direction.EGRESS else Party(pod, pod.address),
        target,
        server.port,
        Protocol.TCP,
    ).allowed
    only_tcp = " TCP 53 is allowed, but names are asked over UDP." if tcp else ""
    where = f"pod {end.namespace}/{end.name}"
    text = (
        f"The question for {name} never reaches the cluster's DNS: {listed} "
        f"{'isolates' if len(policies) == 1 else 'isolate'} {where} for {direction.value.lower()} and no rule allows "
        f"UDP {server.port}.{only_tcp} The look-up times out."
    )
    if direction is Direction.EGRESS:
        dns = cluster.dns_service[0]
        repair = (
            f"Add to spec.egress of {name_of(policies[0])} a rule to namespaceSelector "
            f"{{kubernetes.io/metadata.name: {dns}}} with podSelector {{k8s-app: kube-dns}}, ports UDP 53 and TCP 53."
        )
    else:
        repair = f"Allow UDP 53 and TCP 53 in spec.ingress of {name_of(policies[0])}."
    field = f"spec.{direction.value.lower()}"
    return flow.step(
        Stage.DNS,
        Action.DROPPED,
        DNS_BLOCKED_BY_POLICY,
        text,
        because=tuple(Because(policy.ref, f) for policy in policies for f in ("spec.podSelector", field)),
        considered=tuple(
            Considered(
                f"{name_of(policy)} has no rule for UDP {server.port} to the cluster's DNS.",
                (Because(policy.ref, field),),
            )
            for policy in policies
        ),
        look=(
            f"kubectl exec -n {pod.namespace} {pod.name} -- nslookup {name}",
            f"kubectl get networkpolicy -n {end.namespace}",
        ),
        repair=repair,
        verdict=Verdict.UNRESOLVED,
    )


def _undecided(flow: Flow, pod: Pod, name: str) -> Step:
    text = (
        f"Whether the question for {name} leaves pod {pod.namespace}/{pod.name} depends on whether an ipBlock covers "
        "the DNS server's address."
    )
    repair = "Allow DNS with namespaceSelector and podSelector instead."
    return flow.step(Stage.DNS, Action.UNDECIDED, CANNOT_TELL, text, repair=repair, verdict=Verdict.UNKNOWN)


def _perhaps_blocked(cluster: Cluster, flow: Flow, pod: Pod, name: str) -> Step:
    text = (
        f"No policy allows pod {pod.namespace}/{pod.name} to ask for {name}, but whether {cluster.cni.title} enforces "
        "NetworkPolicy depends on how it was installed."
    )
    repair = "Allow UDP 53 and TCP 53 to the DNS server."
    return flow.step(Stage.DNS, Action.UNDECIDED, CANNOT_TELL, text, repair=repair, verdict=Verdict.UNKNOWN)


def _cannot_ask_elsewhere(cluster: Cluster, flow: Flow, pod: Pod, conf: ResolvConf, name: str) -> Step | None:
    """A pod that asks its node's resolvers, or servers of its own: their addresses are outside the cluster."""
    if pod.host_network or flow.ignore_policies or cluster.cni.enforces_policy is False:
        return None
    policies = isolating(cluster, pod, Direction.EGRESS)
    verdicts = {
        decide(cluster, policies, Direction.EGRESS, Party(None, _literal(server)), None, 53, Protocol.UDP).allowed
        for server in conf.nameservers
    }
    if True in verdicts:
        return None
    if None in verdicts:
        return _undecided(flow, pod, name)
    if cluster.cni.enforces_policy is None:
        return _perhaps_blocked(cluster, flow, pod, name)
    text = (
        f"The question for {name} is dropped: no egress rule of pod {pod.namespace}/{pod.name} allows UDP 53 outwards."
    )
    return flow.step(
        Stage.DNS,
        Action.DROPPED,
        DNS_BLOCKED_BY_POLICY,
        text,
        because=tuple(Because(policy.ref, "spec.egress") for policy in policies),
        repair="Add an egress rule for UDP 53 and TCP 53 to the resolvers' addresses (ipBlock).",
        verdict=Verdict.UNRESOLVED,
    )


def _literal(server: str) -> IPAddress | None:
    """The address of a server in resolv.conf; None for the node's own, which no manifest tells."""
    try:
        return ip_address(server)
    except ValueError:
        return None


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
            return _found(cluster, flow, pod, name, asked, got, tried)
        if got.rcode is Rcode.NOERROR:
            no_records = no_records or (asked, got)
            tried.append((asked, "no address"))
        else:
            tried.append((asked, "no such name"))
    return _not_found(cluster, flow, pod, conf, name, tried, no_records, missing)


def _server_name(conf: ResolvConf) -> str:
    return "the cluster's DNS, which asks public DNS" if conf.uses_cluster_dns else "the node's resolvers"


def _considered(tried: Sequence[tuple[Fqdn, str]]) -> tuple[Considered, ...]:
    return tuple(Considered(f"{name.rstrip('.')}: {outcome}.") for name, outcome in tried)


def _nth(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")


def _found(
    cluster: Cluster, flow: Flow, pod: Pod, name: str, asked: Fqdn, got: Answer, tried: Sequence[tuple[Fqdn, str]]
) -> Resolution:
    bare = asked.rstrip(".")
    look = (f"kubectl exec -n {pod.namespace} {pod.name} -- nslookup {name}",)
    place = f", the {_nth(len(tried) + 1)} name tried" if tried else ""
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
                considered=_considered(tried),
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
            considered=() if chain else _considered(tried),
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
        return _fail(flow, DNS_NXDOMAIN, f"{published.text}{near}", _nearest_repair(published), ())
    if published.assumed:
        flow = flow.assuming(published.assumed)
    considered = _considered(tried)
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


def _fail(
    flow: Flow,
    reason: Reason,
    text: str,
    repair: str,
    because: Sequence[Because],
    considered: Sequence[Considered] = (),
    look: Sequence[str] = (),
) -> Resolution:
    step = flow.step(
        Stage.DNS,
        Action.FAILED,
        reason,
        text,
        because=because,
        considered=considered,
        look=look,
        repair=repair,
        verdict=Verdict.UNRESOLVED,
    )
    return Resolution(steps=(step,), flow=flow, ended=True)


def _not_found(
    cluster: Cluster,
    flow: Flow,
    pod: Pod,
    conf: ResolvConf,
    name: str,
    tried: Sequence[tuple[Fqdn, str]],
    no_records: tuple[Fqdn, Answer] | None,
    missing: Published | None,
) -> Resolution:
    considered = _considered(tried)
    look = (
        f"kubectl exec -n {pod.namespace} {pod.name} -- nslookup {name}",
        f"kubectl exec -n {pod.namespace} {pod.name} -- cat /etc/resolv.conf",
    )
    if no_records is not None:
        return _no_records(cluster, flow, name, no_records, considered, look)
    headless = _unready_headless(cluster, tried)
    if headless is not None:
        text, repair = _why_no_pod(cluster, name, headless)
        return _fail(flow, DNS_NXDOMAIN, text, repair, (Because(headless.ref, "spec.clusterIP"),), considered, look)
    external = _address_as_name(cluster, tried)
    if external is not None:
        text = (
            f"{name} does not resolve: externalName of {external.ref} is the address "
            f"{external.external_name}, and a CNAME must point to a name."
        )
        repair = "Use a Service without a selector and an EndpointSlice with that address."
        return _fail(flow, DNS_NXDOMAIN, text, repair, (Because(external.ref, "spec.externalName"),), considered, look)
    if not conf.uses_cluster_dns and _would_resolve(cluster, Fqdn(f"{name.lower().rstrip('.')}.")):
        text = (
            f"{name} does not resolve: pod {pod.namespace}/{pod.name} does not ask the cluster's DNS ({conf.why}), and "
            "other servers do not know the cluster's names."
        )
        repair = "Set dnsPolicy: ClusterFirstWithHostNet." if pod.host_network else "Set dnsPolicy: ClusterFirst."
        field = "spec.dnsPolicy" if not pod.host_network else "spec.hostNetwork"
        line = Because(pod.ref, f"{pod.template}{field}")
        return _fail(flow, DNS_NXDOMAIN, text, repair, (line,), considered, look)
    if missing is not None and missing.assumed:
        flow = flow.assuming(missing.assumed)
    text, repair, because = _why_unknown(cluster, pod, name, missing)
    return _fail(flow, DNS_NXDOMAIN, text, repair, because, considered, look)


def _why_unknown(
    cluster: Cluster, pod: Pod, name: str, missing: Published | None
) -> tuple[str, str, tuple[Because, ...]]:
    """The sentence, the repair and the lines for a name that nothing answers to."""
    from kcnet.path.nearest import closest

    bare = name.lower().rstrip(".")
    service = next((s for s in cluster.services_by_name.get(bare, ()) if s.namespace != pod.namespace), None)
    if "." not in bare and service is not None:
        namespace = service.namespace
        text = (
            f"{name} does not resolve in namespace {pod.namespace}: Service {bare} is in namespace {namespace}, and a "
            "short name never crosses namespaces."
        )
        return text, f"Ask {bare}.{namespace}.", (Because(service.ref, "metadata.namespace"),)
    near = (
        closest(bare, cluster.service_names(pod.namespace))
        if "." not in bare
        else (missing.nearest if missing else None)
    )
    if near is None and missing is not None:
        near = missing.nearest
    hint = f" (nearest: {near})" if near else ""
    text = f"{name} does not resolve: there is no such Service, and no such name outside{hint}."
    return text, f"Use the name {near}." if near else "Check the name, or create the Service.", ()


def _no_records(
    cluster: Cluster,
    flow: Flow,
    name: str,
    no_records: tuple[Fqdn, Answer],
    considered: Sequence[Considered],
    look: Sequence[str],
) -> Resolution:
    asked, got = no_records
    external = next((s for s in got.services if s.external_name), None)
    if external is not None:
        last = next(s for s in reversed(got.services) if s.external_name)
        text = (
            f"{name} resolves to no address: externalName of {last.ref} points to "
            f"{last.external_name}, and nothing in the cluster answers to that name."
        )
        repair = "Point externalName at a name that exists."
        links = tuple(Because(s.ref, "spec.externalName") for s in got.services if s.external_name)
        return _fail(flow, DNS_NO_RECORDS, text, repair, links, considered, look)
    text = f"{asked.rstrip('.')} exists but has no address (NODATA)."
    because = tuple(Because(s.ref, "spec.clusterIPs") for s in got.services)
    return _fail(flow, DNS_NO_RECORDS, text, "Ask the name of a Service or of a pod.", because, considered, look)


def _service_named(cluster: Cluster, name: Fqdn) -> Service | None:
    suffix = f".svc.{cluster.domain}."
    if not name.endswith(suffix):
        return None
    labels = name.removesuffix(suffix).split(".")
    return cluster.service(labels[-1], labels[-2]) if len(labels) >= 2 else None


def _unready_headless(cluster: Cluster, tried: Sequence[tuple[Fqdn, str]]) -> Service | None:
    return next((s for name, _ in tried if (s := _service_named(cluster, name)) is not None and s.headless), None)


def _why_no_pod(cluster: Cluster, name: str, headless: Service) -> tuple[str, str]:
    """The sentence and the repair for a headless name without records."""
    published = sorted({endpoint_name(endpoint) for endpoint, _ in ready_endpoints(cluster, headless)})
    if published:
        listed = ", ".join(published[:4]) + (" and more" if len(published) > 4 else "")
        text = f"{name} does not resolve: {headless.ref} has no ready pod of that name (it has {listed})."
        return text, f"Ask one that is there, such as {published[0]}.{headless.name}, or run the pod."
    text = (
        f"{name} does not resolve: {headless.ref} is headless, and such a name answers with ready pods only; none is."
    )
    return text, f"Get the pods of {headless.ref} ready, or set publishNotReadyAddresses: true."


def _address_as_name(cluster: Cluster, tried: Sequence[tuple[Fqdn, str]]) -> Service | None:
    return next((s for name, _ in tried if (s := _service_named(cluster, name)) is not None and s.external_name), None)
