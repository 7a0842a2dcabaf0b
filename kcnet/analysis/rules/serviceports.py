"""Services: the port that they send a request to.

https://kubernetes.io/docs/concepts/services-networking/service/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kcnet.analysis.finding import Edit, Finding, Rule, Severity, Subject
from kcnet.analysis.listening import refuses, resolved
from kcnet.analysis.services import SERVICE_PAGE, ask, each_port, port_field, target_field, telling
from kcnet.analysis.spelling import certainly_meant
from kcnet.model.names import Protocol
from kcnet.model.objects import Pod, ServicePort
from kcnet.path.flow import count


def _target_port_undeclared(subject: Subject) -> Iterator[Finding]:
    for written, service, port, pods in each_port(subject):
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
            target_field(written, port),
            f"It sends {port.protocol} {port.port} on to port {number} of its pods, and none of their containers "
            f"declares that port; pod {pod.name} {declared}.{aside} "
            f"If the declarations are complete, every connection is refused.",
            f"Set {port_field(port)}.targetPort to a port that the application listens on.{put} "
            f"If it does listen on {number}, declare it as a containerPort.",
            proof=ask(subject, service, port),
        )


def _target_port_name_missing(subject: Subject) -> Iterator[Finding]:
    for written, service, port, pods in each_port(subject):
        if not isinstance(port.target_port, str) or not pods or any(resolved(port, pod) is not None for pod in pods):
            continue
        if _other_protocol(port, pods):
            continue
        names = [{item.name for item in pod.ports if item.name and item.protocol is port.protocol} for pod in pods]
        known = sorted(set.union(*names))
        meant = certainly_meant(port.target_port, set.intersection(*names))
        has = f"its pods name {', '.join(known)}" if known else "its pods name no port"
        field = f"{port_field(port)}.targetPort"
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
            proof=None if service.headless else ask(subject, service, port),
            edit=Edit(written.ref, field, port.target_port, meant) if meant and not service.headless else None,
        )


def _target_port_name_partial(subject: Subject) -> Iterator[Finding]:
    for written, service, port, pods in each_port(subject):
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
        extra = telling(other, pod) if _whose(other) != _whose(pod) else ""
        yield SERVICE_TARGET_PORT_NAME_PARTIAL.finding(
            written.ref,
            f"{port_field(port)}.targetPort",
            f"{count(len(without), 'pod')} of the {len(pods)} that it selects, such as {_whose(pod)}, "
            f"{'has' if len(without) == 1 else 'have'} no {port.protocol} port called {port.target_port}: {effect}.",
            f"Call the port {port.target_port} in {_whose(pod)} too, or "
            + (f"add {extra} to spec.selector." if extra else "add a label to the selector that those pods lack."),
        )


def _protocol_mismatch(subject: Subject) -> Iterator[Finding]:
    for written, service, port, pods in each_port(subject):
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
            proof=ask(subject, service, port),
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


def _headless_port(subject: Subject) -> Iterator[Finding]:
    for written, service, port, pods in each_port(subject):
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
            target_field(written, port),
            f"A headless Service translates no port: its name leads straight to the pods, which listen on {shown}, "
            f"so {service.name}:{port.port} is refused.",
            f"Call {service.name}:{shown}, or remove clusterIP: None so that kube-proxy translates the port. "
            f"Clients that ask DNS for SRV records learn {shown} and are right already.",
            proof=ask(subject, service, port),
        )


def _listed(pod: Pod, protocol: Protocol) -> str:
    if pod.listens is not None:
        return "listens elsewhere, as its annotation kcnet/listens says"
    numbers = ", ".join(f"{item.protocol} {item.number}" for item in pod.ports)
    return f"declares {numbers}" if numbers else f"declares no {protocol} port"


def _whose(pod: Pod) -> str:
    return str(pod.owner or pod.ref)


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
