"""Services: what they select, and the port that they send a request to.

https://kubernetes.io/docs/concepts/services-networking/service/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from kcnet.analysis.finding import Edit, Finding, Proof, Rule, Severity, Subject
from kcnet.analysis.listening import listens, refuses, resolved
from kcnet.analysis.spelling import certainly_meant
from kcnet.controlplane.unread import may_make_pods
from kcnet.model.cluster import ProxyMode
from kcnet.model.manifests import ServiceManifest, Workload
from kcnet.model.names import Protocol, Ref
from kcnet.model.objects import Pod, Service, ServicePort, ServiceType, TrafficPolicy
from kcnet.model.wellknown import MADE_LABELS
from kcnet.path.flow import count, key
from kcnet.path.nearest import unmatched_selector

SERVICE_PAGE = "https://kubernetes.io/docs/concepts/services-networking/service/"


def _selects_nothing(subject: Subject) -> Iterator[Finding]:
    for written, service in _with_selector(subject):
        if subject.selected(service) or _idle(subject, service):
            continue
        edit = _certain_label(subject, service)
        if _made_elsewhere(subject, service, slip=edit is not None):
            continue
        hint = unmatched_selector(subject.cluster, service)
        field = edit.field if edit else _differing(subject, service)
        text, repair = hint.text, hint.repair
        bearer = _bearer(subject, service)
        if bearer is not None:
            text = f"; {bearer} has them itself, and does not give them to its pods"
            repair = (
                f"Add {_labels(service)} to spec.template.metadata.labels of {bearer}, or select a label of its pods."
            )
        yield SERVICE_SELECTS_NOTHING.finding(
            written.ref,
            field,
            f"No pod of namespace {service.namespace} has the labels {_labels(service)}{text}. "
            f"{_nobody_answers(service)}",
            repair or "Make spec.selector equal to labels of the pods that should answer.",
            proof=_ask(subject, service),
            edit=edit,
        )


def _bearer(subject: Subject, service: Service) -> Ref | None:
    """A workload whose own metadata has the labels that its pods lack."""
    wanted = service.selector.items()
    return next(
        (
            workload.ref
            for workload in subject.manifests.workloads
            if workload.namespace == service.namespace and wanted <= workload.labels.items()
        ),
        None,
    )


def _certain_label(subject: Subject, service: Service) -> Edit | None:
    """The selector's one label that is a slip of the pen away from the pods' only value for it."""
    for label, wanted in service.selector.items():
        others = {name: value for name, value in service.selector.items() if name != label}
        pods = (
            subject.pods.selected(service.namespace, others)
            if others
            else subject.cluster.pods_by_namespace.get(service.namespace, ())
        )
        value = certainly_meant(wanted, {pod.labels[label] for pod in pods if label in pod.labels})
        # A Service called user that selects user means it, even if only users are here.
        if value is not None and wanted != service.name:
            return Edit(service.ref, key("spec.selector", label), wanted, value)
    return None


def _differing(subject: Subject, service: Service) -> str:
    """The field of the first label that no pod of the namespace has; the whole selector if each has some pod."""
    for label, value in service.selector.items():
        if not subject.pods.selected(service.namespace, {label: value}):
            return key("spec.selector", label)
    return "spec.selector"


def _scaled_to_zero(subject: Subject) -> Iterator[Finding]:
    for written, service in _with_selector(subject):
        if subject.selected(service):
            continue
        idle = _idle(subject, service)
        if idle is not None:
            why = "is suspended" if idle.suspended else f"has {count(idle.replicas or 0, 'replica')}"
            yield SERVICE_SCALED_TO_ZERO.finding(
                written.ref,
                "spec.selector",
                f"The only workload that it selects, {idle.ref}, {why}. {_nobody_answers(service)}",
                f"Set spec.suspend of {idle.ref} to false before anybody calls {service.name}."
                if idle.suspended
                else f"Scale {idle.ref} up before anybody calls {service.name}.",
                proof=_ask(subject, service),
            )


def _idle(subject: Subject, service: Service) -> Workload | None:
    """A workload whose pods the Service would select, and that has none."""
    wanted = service.selector.items()
    return next(
        (
            workload
            for workload in subject.manifests.workloads
            if workload.namespace == service.namespace and wanted <= workload.template_labels.items()
        ),
        None,
    )


def _made_elsewhere(subject: Subject, service: Service, *, slip: bool) -> bool:
    """Whether its pods may come from a custom resource, or from manifests that were not given; not if the selector is
    a ``slip`` of the pen away from pods that are here."""
    own = (*subject.manifests.pods, *subject.manifests.workloads)
    if slip and any(item.namespace == service.namespace for item in own):
        return False
    return not own or any(may_make_pods(name) for name in subject.manifests.skipped)


def _no_ready_endpoints(subject: Subject) -> Iterator[Finding]:
    for written, service in _with_selector(subject):
        pods = subject.selected(service)
        if not pods or service.publish_not_ready_addresses:
            continue
        slices = subject.cluster.slices.get((service.namespace, service.name), ())
        if any(endpoint.ready or endpoint.serving for slice_ in slices for endpoint in slice_.endpoints):
            continue
        pod = pods[0]
        yield SERVICE_NO_READY_PODS.finding(
            written.ref,
            "spec.selector",
            f"It selects {count(len(pods), 'pod')}, and none is ready: pod {pod.name} {_why_not_ready(pod)}. "
            f"{_nobody_answers(service)}",
            f"Get the pods ready: kubectl -n {service.namespace} describe pod {pod.name}",
            proof=_ask(subject, service),
        )


def _why_not_ready(pod: Pod) -> str:
    if pod.phase in ("Succeeded", "Failed"):
        return f"has finished ({pod.phase})"
    if pod.pending_because:
        return f"has no address, because {pod.pending_because}"
    if pod.terminating:
        return "is being deleted"
    if pod.waits_for or pod.not_running:
        return f"does not run: {pod.waits_for or pod.not_running}"
    return "does not pass its readiness probe"


def _target_port_undeclared(subject: Subject) -> Iterator[Finding]:
    for written, service, port, pods in _ports(subject):
        if not isinstance(port.target_port, int) or service.headless:
            continue
        number = port.target_port
        if not pods or not all(refuses(subject, pod, number, port.protocol) for pod in pods):
            continue
        if _other_protocol(port, pods):
            continue
        pod = pods[0]
        declared = _listed(pod, port.protocol)
        node_port = port.node_port == number
        aside = " That is its own nodePort, which is a port of the nodes." if node_port else ""
        others = {item.number for each in pods for item in each.ports if item.protocol is port.protocol}
        put = f" Did you mean {others.copy().pop()}?" if len(others) == 1 else ""
        yield SERVICE_TARGET_PORT_NOT_LISTENED.finding(
            written.ref,
            _target_field(written, port),
            f"It sends {port.protocol} {port.port} on to port {number} of its pods, and none of their containers "
            f"declares that port; pod {pod.name} {declared}.{aside} "
            f"If the declarations are complete, every connection is refused.",
            f"Set {_field(port)}.targetPort to a port that the application listens on.{put} "
            f"If it does listen on {number}, declare it as a containerPort.",
            proof=_ask(subject, service, port),
        )


def _target_port_name_missing(subject: Subject) -> Iterator[Finding]:
    for written, service, port, pods in _ports(subject):
        if not isinstance(port.target_port, str) or not pods or any(resolved(port, pod) is not None for pod in pods):
            continue
        if _other_protocol(port, pods):
            continue
        names = [{item.name for item in pod.ports if item.name and item.protocol is port.protocol} for pod in pods]
        known = sorted(set.union(*names))
        meant = certainly_meant(port.target_port, set.intersection(*names))
        has = f"its pods name {', '.join(known)}" if known else "its pods name no port"
        field = f"{_field(port)}.targetPort"
        effect = f"Port {port.port} has no endpoint because of it, so every connection to it is refused."
        if service.headless:
            effect = (
                f"DNS leads to the pods all the same, and who connects to port {port.port} there meets what listens; "
                f"but the port has no SRV record, and the EndpointSlices leave it out."
            )
        yield SERVICE_TARGET_PORT_NAME_MISSING.finding(
            written.ref,
            field,
            f"No container of its pods has a {port.protocol} port called {port.target_port}; {has}. {effect}",
            f"Set {field} to {meant}."
            if meant
            else f"Give the container's port the name {port.target_port}, or set {field} to the name or number of one.",
            proof=None if service.headless else _ask(subject, service, port),
            edit=Edit(written.ref, field, port.target_port, meant) if meant and not service.headless else None,
        )


def _target_port_name_partial(subject: Subject) -> Iterator[Finding]:
    for written, service, port, pods in _ports(subject):
        if not isinstance(port.target_port, str):
            continue
        without = [pod for pod in pods if resolved(port, pod) is None]
        if not without or len(without) == len(pods):
            continue
        pod = without[0]
        them = "it" if len(without) == 1 else "them"
        effect = f"no request to port {port.port} ever reaches {them}"
        if service.headless:
            effect = f"DNS leads to {them} too, but without an SRV record for port {port.port}"
        other = next(each for each in pods if resolved(port, each) is not None)
        extra = _telling(other, pod) if _whose(other) != _whose(pod) else ""
        yield SERVICE_TARGET_PORT_NAME_PARTIAL.finding(
            written.ref,
            f"{_field(port)}.targetPort",
            f"{count(len(without), 'pod')} of the {len(pods)} that it selects, such as {_whose(pod)}, "
            f"{'has' if len(without) == 1 else 'have'} no {port.protocol} port called {port.target_port}: {effect}.",
            f"Call the port {port.target_port} in {_whose(pod)} too, or "
            + (f"add {extra} to spec.selector." if extra else "add a label to the selector that those pods lack."),
        )


def _protocol_mismatch(subject: Subject) -> Iterator[Finding]:
    for written, service, port, pods in _ports(subject):
        other = _other_protocol(port, pods)
        if other is None:
            continue
        field = f"spec.ports[{port.index}]"
        yield SERVICE_PROTOCOL_MISMATCH.finding(
            written.ref,
            field,
            f"Port {port.port} carries {port.protocol}, and its pods declare port {port.target_port} for {other} "
            f"alone: a request over {port.protocol} is refused, and one over {other} has no Service port.",
            f"Set {field}.protocol to {other}, or declare the container's port for {port.protocol}.",
            proof=_ask(subject, service, port),
        )


def _other_protocol(port: ServicePort, pods: Sequence[Pod]) -> Protocol | None:
    """The protocol for which all pods declare the target port, if none does for the Service's own."""
    found: set[Protocol] = set()
    for pod in pods:
        same = [item for item in pod.ports if port.target_port in (item.number, item.name)]
        if not same or pod.listens is not None or not pod.declares_ports:
            return None
        found |= {item.protocol for item in same}
    return found.pop() if len(found) == 1 and port.protocol not in found else None


def _selects_strangers(subject: Subject) -> Iterator[Finding]:
    for written, service in _with_selector(subject):
        pods = [pod for pod in subject.selected(service) if pod.phase not in ("Succeeded", "Failed")]
        by_owner: dict[Ref, list[Pod]] = defaultdict(list)
        for pod in pods:
            by_owner[pod.owner or pod.ref].append(pod)
        if len(by_owner) < 2 or service.headless:
            continue
        for port in service.ports:
            deaf = {owner for owner, own in by_owner.items() if _refuses(subject, port, own[0])}
            serving = [owner for owner, own in by_owner.items() if _serves(port, own[0])]
            if not deaf or len(deaf) + len(serving) < len(by_owner) or not serving:
                continue
            owner = min(deaf, key=str)
            ready = [pod for pod in pods if pod.ready]
            lost = sum(1 for pod in ready if (pod.owner or pod.ref) in deaf)
            if not lost:
                continue
            extra = _telling(by_owner[serving[0]][0], by_owner[owner][0])
            yield SERVICE_SELECTS_STRANGERS.finding(
                written.ref,
                "spec.selector",
                f"It selects the pods of {serving[0]}, and those of {owner} too, which do not listen on port "
                f"{port.target_port}: about {lost} of {len(ready)} connections are refused.",
                f"Add {extra} to spec.selector."
                if extra
                else f"Give the pods of {serving[0]} a label that the others lack, and add it to spec.selector.",
                proof=_ask(subject, service, port),
            )
            break


def _refuses(subject: Subject, port: ServicePort, pod: Pod) -> bool:
    number = resolved(port, pod)
    return number is not None and refuses(subject, pod, number, port.protocol)


def _serves(port: ServicePort, pod: Pod) -> bool:
    number = resolved(port, pod)
    return number is not None and listens(pod, number, port.protocol) is True


def _telling(pod: Pod, other: Pod) -> str:
    """A label of ``pod`` that ``other`` lacks, as ``key: value``; none that a controller writes and changes."""
    own = ((name, value) for name, value in pod.labels.items() if name not in MADE_LABELS)
    return next((f"{name}: {value}" for name, value in own if other.labels.get(name) != value), "")


def _headless_port(subject: Subject) -> Iterator[Finding]:
    for written, service, port, pods in _ports(subject):
        if not service.headless or not pods:
            continue
        numbers = {resolved(port, pod) for pod in pods}
        if None in numbers or port.port in numbers:
            continue
        if not all(refuses(subject, pod, port.port, port.protocol) for pod in pods):
            continue
        shown = " or ".join(str(number) for number in sorted(number for number in numbers if number is not None))
        yield HEADLESS_TRANSLATES_NO_PORT.finding(
            written.ref,
            _target_field(written, port),
            f"A headless Service translates no port: its name leads straight to the pods, which listen on {shown}, "
            f"so {service.name}:{port.port} is refused.",
            f"Call {service.name}:{shown}, or remove clusterIP: None so that kube-proxy translates the port. "
            f"Clients that ask DNS for SRV records learn {shown} and are right already.",
            proof=_ask(subject, service, port),
        )


def _affinity_without_proxy(subject: Subject) -> Iterator[Finding]:
    for written, service in subject.services:
        if service.session_affinity and service.headless:
            yield SERVICE_AFFINITY_WITHOUT_PROXY.finding(
                written.ref,
                "spec.sessionAffinity",
                "The name of a headless Service leads straight to the pods, so kube-proxy cannot keep a client with "
                "one of them: sessionAffinity ClientIP does nothing here.",
                "Remove sessionAffinity, or clusterIP: None.",
            )


def _affinity_with_local(subject: Subject) -> Iterator[Finding]:
    for written, service in subject.services:
        if not service.session_affinity or service.headless:
            continue
        external = service.externally_accessible and service.external_traffic_policy is TrafficPolicy.LOCAL
        if external or service.internal_traffic_policy is TrafficPolicy.LOCAL:
            policy = "externalTrafficPolicy" if external else "internalTrafficPolicy"
            yield SERVICE_AFFINITY_WITH_LOCAL.finding(
                written.ref,
                "spec.sessionAffinity",
                f"Each node remembers its own clients, and {policy} Local lets it choose its own endpoints alone: "
                "a client that comes by another node next time starts with another pod.",
                f"Keep the session in the application or at an Ingress (cookie), or set {policy} to Cluster if one "
                "node always takes the client in.",
            )


def _internal_local(subject: Subject) -> Iterator[Finding]:
    stated = subject.manifests.nodes or subject.manifests.facts.nodes
    for written, service in subject.services:
        if service.internal_traffic_policy != "Local" or service.headless or not stated or not service.cluster_ips:
            continue
        here = _nodes_with_endpoint(subject, service)
        # In ipvs mode a Service that can be reached from outside falls back to all endpoints.
        if not here or (subject.cluster.proxy_mode is ProxyMode.IPVS and service.externally_accessible):
            continue
        bare = [name for name in subject.cluster.nodes if name not in here]
        client = next(
            (
                pod
                for node in bare
                for pod in subject.cluster.pods_by_node.get(node, ())
                if pod.ref.origin is not None and not pod.host_network and pod.addresses
            ),
            None,
        )
        if client is None:
            continue
        yield SERVICE_INTERNAL_LOCAL_GAP.finding(
            written.ref,
            "spec.internalTrafficPolicy",
            f"Its endpoints are on {_some(sorted(here))} alone, and internalTrafficPolicy Local never leaves the "
            f"client's node: pods on {_some(bare)}, such as {client.name}, get no answer from its cluster IP.",
            "Remove internalTrafficPolicy: Local (trafficDistribution: PreferSameNode prefers the own node and falls "
            "back to others), or run the pods on every node with a DaemonSet.",
            proof=_ask(subject, service, source=subject.named(client)),
        )


def _nodes_with_endpoint(subject: Subject, service: Service) -> set[str]:
    slices = subject.cluster.slices.get((service.namespace, service.name), ())
    return {
        endpoint.node
        for slice_ in slices
        for endpoint in slice_.endpoints
        if endpoint.node and (endpoint.ready or endpoint.serving)
    }


def _prefer_close(subject: Subject) -> Iterator[Finding]:
    for written in subject.manifests.services:
        if written.traffic_distribution == "PreferClose":
            field = "spec.trafficDistribution"
            yield SERVICE_PREFER_CLOSE.finding(
                written.ref,
                field,
                "PreferClose is a deprecated alias: requests go to endpoints of the client's zone, as with "
                "PreferSameZone, which says so.",
                f"Set {field} to PreferSameZone (Kubernetes 1.34 and later).",
                edit=Edit(written.ref, field, "PreferClose", "PreferSameZone"),
            )


# What rules have in common.


def _with_selector(subject: Subject) -> Iterator[tuple[ServiceManifest, Service]]:
    for written, service in subject.services:
        if service.selector and service.type is not ServiceType.EXTERNAL_NAME:
            yield written, service


def _ports(subject: Subject) -> Iterator[tuple[ServiceManifest, Service, ServicePort, Sequence[Pod]]]:
    for written, service in _with_selector(subject):
        for port in service.ports:
            yield written, service, port, subject.selected(service)


def _field(port: ServicePort) -> str:
    return f"spec.ports[{port.index}]"


def _target_field(written: ServiceManifest, port: ServicePort) -> str:
    """``targetPort``, or ``port`` where that is not written."""
    stated = written.ports[port.index].target_port is not None
    return f"{_field(port)}.{'targetPort' if stated else 'port'}"


def _labels(service: Service) -> str:
    return ",".join(f"{name}={value}" for name, value in service.selector.items())


def _listed(pod: Pod, protocol: Protocol) -> str:
    if pod.listens is not None:
        return "listens elsewhere, as its annotation kcnet/listens says"
    numbers = ", ".join(f"{item.protocol} {item.number}" for item in pod.ports)
    return f"declares {numbers}" if numbers else f"declares no {protocol} port"


def _whose(pod: Pod) -> str:
    return str(pod.owner or pod.ref)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _nobody_answers(service: Service) -> str:
    if service.headless:
        return f"The name {service.name} does not resolve because of it (NXDOMAIN)."
    return "The name resolves, and every connection is refused." if service.ports else "Nobody answers."


def _ask(
    subject: Subject, service: Service, port: ServicePort | None = None, source: str | None = None
) -> Proof | None:
    """A request from a pod beside the Service, or from the internet if there is no other pod."""
    ports = [port] if port is not None else list(service.ports)
    if not ports:
        return None
    source = source or subject.client(service.namespace, but=subject.selected(service))
    if source is None:
        return None
    if service.headless:
        target = f"{service.name}.{service.namespace}.svc.{subject.cluster.domain}:{ports[0].port}"
    else:
        target = f"{service.namespace}/svc/{service.name}:{ports[0].port}"
    return Proof(source, target, protocol=None if ports[0].protocol == "TCP" else ports[0].protocol.lower())


SERVICE_SELECTS_NOTHING = Rule(
    code="SERVICE_SELECTS_NOTHING",
    severity=Severity.WARNING,
    title="The Service's selector matches no pod",
    meaning=(
        "A Service sends requests to the pods of its own namespace that carry every label of its selector, and none "
        "does. The API server accepts that, because pods may come later; until then the Service has no endpoint, and "
        "kube-proxy refuses each connection. A headless Service's name does not resolve at all."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME -o wide",
        "kubectl -n NAMESPACE get pods --show-labels",
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME",
    ),
    causes=(
        "A typo in the selector or in the labels of the pod template.",
        "The selector repeats labels of the Deployment's own metadata, which its pods do not get.",
        "The pods are in another namespace.",
        "One label too many: a pod needs all of them.",
    ),
    repair="Make the selector equal to labels of the pod template. kcnet check --fix corrects a plain typo.",
    source=f"{SERVICE_PAGE}#defining-a-service",
    check=_selects_nothing,
)

SERVICE_SCALED_TO_ZERO = Rule(
    code="SERVICE_SCALED_TO_ZERO",
    severity=Severity.INFO,
    title="The only workload that the Service selects has no pods",
    meaning=(
        "The selector fits the pod template, but the workload runs no pod: it is scaled to zero or suspended. A "
        "Service does not start pods; while there are none each connection is refused."
    ),
    look=(
        "kubectl -n NAMESPACE get deployments,statefulsets,jobs",
        "kubectl -n NAMESPACE scale deployment NAME --replicas=1",
    ),
    causes=(
        "The workload was switched off on purpose, or an autoscaler (KEDA, Knative) starts it on demand.",
        "replicas: 0 was left behind.",
    ),
    repair="Scale the workload up, or remove the Service with it.",
    source=f"{SERVICE_PAGE}#defining-a-service",
    check=_scaled_to_zero,
)

SERVICE_NO_READY_PODS = Rule(
    code="SERVICE_NO_READY_PODS",
    severity=Severity.WARNING,
    title="The Service selects pods, but none of them is ready",
    meaning=(
        "Only pods that run, have an address and pass their readiness probe get requests. The others stay listed in "
        "the EndpointSlice as not ready. With none ready, kube-proxy refuses each connection at once."
    ),
    look=(
        "kubectl -n NAMESPACE get pods -l KEY=VALUE -o wide",
        "kubectl -n NAMESPACE describe pod POD",
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME -o yaml",
    ),
    causes=(
        "The readiness probe asks a port or a path that the application does not serve.",
        "No node takes the pods: a nodeSelector, a taint, a host port that is taken.",
        "The pods have finished: they belong to a Job.",
    ),
    repair="Get one pod ready: kubectl describe pod tells what it waits for.",
    source="https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes",
    check=_no_ready_endpoints,
)

SERVICE_TARGET_PORT_NOT_LISTENED = Rule(
    code="SERVICE_TARGET_PORT_NOT_LISTENED",
    severity=Severity.WARNING,
    title="No container declares the Service's targetPort",
    meaning=(
        "A Service's port is where clients call; targetPort is where the application listens in its pods, and equals "
        "port when it is not written. Kubernetes never compares it with containerPort, which is information only. But "
        "here every container declares its ports and none of them is this one, so most likely nobody listens there "
        "and each connection is refused."
    ),
    look=(
        "kubectl -n NAMESPACE describe svc NAME",
        "kubectl -n NAMESPACE get pods -l KEY=VALUE -o jsonpath='{.items[*].spec.containers[*].ports}'",
        "kubectl -n NAMESPACE exec POD -- ss -ltn",
    ),
    causes=(
        "targetPort was left out, and the application listens on another port than the Service.",
        "Port and targetPort were mixed up, or the application's port has changed.",
        "The container does listen there, and does not declare it.",
    ),
    repair=(
        "Set targetPort to the port that the application listens on. If it is right, declare it as a containerPort, "
        "or state it with the annotation kcnet/listens."
    ),
    source=f"{SERVICE_PAGE}#field-spec-ports",
    check=_target_port_undeclared,
)

SERVICE_TARGET_PORT_NAME_MISSING = Rule(
    code="SERVICE_TARGET_PORT_NAME_MISSING",
    severity=Severity.WARNING,
    title="No pod has a port with the name that targetPort says",
    meaning=(
        "A targetPort that is a name is looked up in each pod: the first container port of that name and protocol "
        "counts. A pod without one gives the Service's port no endpoint. The EndpointSlice still lists the pods' "
        "addresses, but without this port, and each connection is refused."
    ),
    look=(
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME",
        "kubectl -n NAMESPACE get pods -l KEY=VALUE -o jsonpath='{.items[*].spec.containers[*].ports[*].name}'",
    ),
    causes=(
        "A typo in the name, on either side.",
        "The container declares the port without a name.",
        "The name is that of the Service's port, which is another thing.",
    ),
    repair="Give the container's port this name, or write the number. kcnet check --fix corrects a plain typo.",
    source=f"{SERVICE_PAGE}#field-spec-ports",
    check=_target_port_name_missing,
)

SERVICE_TARGET_PORT_NAME_PARTIAL = Rule(
    code="SERVICE_TARGET_PORT_NAME_PARTIAL",
    severity=Severity.WARNING,
    title="Only some of the selected pods have a port with the name that targetPort says",
    meaning=(
        "A targetPort that is a name is looked up in each pod by itself. Pods that lack the name are left out for this "
        "port, silently: they run, are ready, and never get a request."
    ),
    look=("kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME -o yaml",),
    causes=(
        "A second version of the application, or a canary, names its port differently.",
        "The selector also matches pods of something else.",
    ),
    repair="Name the port alike in all pods, or narrow the selector.",
    source=f"{SERVICE_PAGE}#field-spec-ports",
    check=_target_port_name_partial,
)

SERVICE_PROTOCOL_MISMATCH = Rule(
    code="SERVICE_PROTOCOL_MISMATCH",
    severity=Severity.WARNING,
    title="Service and container disagree about the protocol",
    meaning=(
        "TCP 53 and UDP 53 are two ports. A Service's port carries one protocol, TCP unless it says otherwise, and "
        "so does a container's. kube-proxy has rules for the Service's alone, and nobody in the pods listens for it."
    ),
    look=("kubectl -n NAMESPACE get svc NAME -o yaml", "kubectl -n NAMESPACE exec POD -- ss -lntu"),
    causes=(
        "protocol: UDP is missing from the Service's port: the default is TCP.",
        "It is missing from the container's.",
    ),
    repair="Write the same protocol on both. A port for both protocols needs two entries with different names.",
    source=f"{SERVICE_PAGE}#protocol-support",
    check=_protocol_mismatch,
)

SERVICE_SELECTS_STRANGERS = Rule(
    code="SERVICE_SELECTS_STRANGERS",
    severity=Severity.WARNING,
    title="The Service also selects pods that do not listen on its port",
    meaning=(
        "A Service selects pods by their labels, whoever made them. Pods of another workload that carry the same "
        "labels get their share of the connections, and these do not listen on the port: some requests work, others "
        "are refused, at random."
    ),
    look=(
        "kubectl -n NAMESPACE get pods -l KEY=VALUE --show-labels",
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME -o yaml",
    ),
    causes=(
        "The selector holds only a label that all parts of the application share (app: shop).",
        "A Job, a worker or a database was made from a copy of the Deployment.",
    ),
    repair="Add a label to the selector that only the right pods have.",
    source=f"{SERVICE_PAGE}#defining-a-service",
    check=_selects_strangers,
)

HEADLESS_TRANSLATES_NO_PORT = Rule(
    code="HEADLESS_TRANSLATES_NO_PORT",
    severity=Severity.WARNING,
    title="A headless Service maps one port to another",
    meaning=(
        "With clusterIP: None there is no address for kube-proxy to act on: DNS answers with the pods' own addresses, "
        "and the client connects to them with the port it was told. port and targetPort that differ are accepted, but "
        "nobody translates one into the other."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME",
        "kubectl -n NAMESPACE run test -it --rm --image=busybox -- nslookup NAME",
    ),
    causes=(
        "A Service was made headless, and its ports stayed.",
        "targetPort was taken to work as for other Services.",
    ),
    repair="Let clients use the pods' port and write it as port, or give the Service a cluster IP.",
    source=f"{SERVICE_PAGE}#headless-services",
    check=_headless_port,
)

SERVICE_AFFINITY_WITHOUT_PROXY = Rule(
    code="SERVICE_AFFINITY_WITHOUT_PROXY",
    severity=Severity.INFO,
    title="sessionAffinity on a headless Service does nothing",
    meaning=(
        "Session affinity is kube-proxy's work: each node remembers which endpoint a client's address got. Clients of "
        "a headless Service connect to the pods themselves, past kube-proxy, and choose anew each time."
    ),
    look=("kubectl -n NAMESPACE get svc NAME -o yaml",),
    causes=("A Service was made headless, and its affinity stayed.",),
    repair="Remove sessionAffinity, or give the Service a cluster IP.",
    source="https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity",
    check=_affinity_without_proxy,
)

SERVICE_AFFINITY_WITH_LOCAL = Rule(
    code="SERVICE_AFFINITY_WITH_LOCAL",
    severity=Severity.INFO,
    title="sessionAffinity ClientIP together with a Local traffic policy",
    meaning=(
        "Session affinity is remembered by each node for itself, by the client's address as that node sees it. With a "
        "Local traffic policy a node has only its own endpoints to choose from, so affinity holds as long as the "
        "client comes by the same node, and no longer."
    ),
    look=("kubectl -n NAMESPACE get svc NAME -o yaml",),
    causes=("Local was set to keep the clients' addresses, and affinity to keep sessions.",),
    repair="Keep sessions where no node binds them: in the application, or by an Ingress controller's cookie.",
    source="https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity",
    check=_affinity_with_local,
)

SERVICE_INTERNAL_LOCAL_GAP = Rule(
    code="SERVICE_INTERNAL_LOCAL_GAP",
    severity=Severity.WARNING,
    title="internalTrafficPolicy Local, and pods on nodes without an endpoint",
    meaning=(
        "With internalTrafficPolicy: Local a node's kube-proxy uses the endpoints on that node alone. It does not fall "
        "back to others: where there is none, packets are dropped, and clients wait until they time out."
    ),
    look=(
        "kubectl -n NAMESPACE get pods -o wide",
        "kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.internalTrafficPolicy}'",
    ),
    causes=(
        "The pods come from a Deployment with fewer replicas than nodes.",
        "A DaemonSet does not tolerate some nodes' taints.",
    ),
    repair="Use trafficDistribution: PreferSameNode, which falls back, or run an endpoint on every node.",
    source="https://kubernetes.io/docs/concepts/services-networking/service-traffic-policy/",
    check=_internal_local,
)

SERVICE_PREFER_CLOSE = Rule(
    code="SERVICE_PREFER_CLOSE",
    severity=Severity.INFO,
    title="trafficDistribution PreferClose is a deprecated name",
    meaning=(
        "PreferClose never said what it is close to. Since Kubernetes 1.34 the same behaviour is called "
        "PreferSameZone, beside PreferSameNode; PreferClose stays as an alias."
    ),
    look=("kubectl get svc -A -o jsonpath='{.items[*].spec.trafficDistribution}'",),
    causes=("The manifest was written before Kubernetes 1.34.",),
    repair="Write PreferSameZone. kcnet check --fix does it.",
    source=f"{SERVICE_PAGE}#traffic-distribution",
    check=_prefer_close,
)
