"""Why a Service port has no endpoint that takes new connections, in the order in which a person would look.

https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kcnet.model.cluster import Cluster
from kcnet.model.objects import Pod, Service, ServicePort
from kcnet.model.trace import Because, Considered, socket_address
from kcnet.path.endpoints import Backend
from kcnet.path.flow import count, pod_field
from kcnet.path.nearest import unmatched_selector


class NoEndpoints(NamedTuple):
    """Why a Service port has no ready endpoint, as sentences, with the repair."""

    text: str
    repair: str
    because: tuple[Because, ...]
    considered: tuple[Considered, ...] = ()


def explain_no_endpoints(
    cluster: Cluster, service: Service, port: ServicePort, candidates: Sequence[Backend]
) -> NoEndpoints:
    """In the order in which a person would look: selector, readiness, named port, addresses."""
    name = f"{service.ref}"
    if not service.selector:
        slices = cluster.slices.get((service.namespace, service.name), ())
        if not slices:
            return NoEndpoints(
                f"{name} has no selector, and no EndpointSlice lists endpoints for it.",
                f"Add spec.selector to {name}, or an EndpointSlice labelled kubernetes.io/service-name: {service.name} "
                f"in namespace {service.namespace}.",
                (Because(service.ref, "spec"),),
            )
        names = sorted({p.name for piece in slices for p in piece.ports})
        if port.name not in names:
            listed = ", ".join(repr(n) for n in names) or "none"
            return NoEndpoints(
                f"{name} calls its port {port.name!r}, but the EndpointSlice names {listed}: they must be equal.",
                f"Give the EndpointSlice's port the name {port.name!r}.",
                (Because(slices[0].ref, "ports"), Because(service.ref, f"spec.ports[{port.index}].name")),
            )
        return NoEndpoints(
            f"No endpoint that the EndpointSlices of {name} list is ready.",
            "Set conditions.ready of an endpoint that can answer to true.",
            (Because(slices[0].ref, "endpoints"),),
        )
    selected = selected_pods(cluster, service)
    selector = ",".join(f"{label}={value}" for label, value in service.selector.items())
    if not selected:
        hint = unmatched_selector(cluster, service)
        return NoEndpoints(
            f"{name} selects {selector}, and no pod in namespace {service.namespace} has it{hint.text}.",
            hint.repair,
            (Because(service.ref, "spec.selector"), *hint.because),
        )
    if candidates:
        considered = tuple(
            Considered(f"{backend_name(backend)} is not ready.", backend_because(cluster, backend))
            for backend in candidates
        )
        pods = count(len(candidates), "pod")
        verb = "it is not ready" if len(candidates) == 1 else "none of them is ready"
        broken = next((pod for pod in selected if pod.not_running), None)
        waiting = next((pod for pod in selected if pod.waits_for), None)
        if waiting is not None:
            verb += f" ({waiting.waits_for})"
            repair = "Add the key, or name one that is there."
            considered = tuple(
                entry._replace(because=(*entry.because, Because(waiting.ref, waiting.waits_field)))
                for entry in considered
            )
        elif broken is not None:
            verb += f" ({broken.not_running})"
            repair = f"Find out why: kubectl logs {broken.name} -n {broken.namespace} --previous."
        else:
            repair = f"Find out why they are not: kubectl describe pod -n {service.namespace} -l {selector}."
        return NoEndpoints(
            f"{name} selects {pods}, but {verb}.",
            repair,
            (Because(service.ref, "spec.selector"), *(b for entry in considered for b in entry.because)),
            considered,
        )
    addressed = [pod for pod in selected if pod.addresses and pod.phase not in ("Succeeded", "Failed")]
    known = any(p.name == port.target_port and p.protocol is port.protocol for pod in addressed for p in pod.ports)
    if addressed and isinstance(port.target_port, str) and not known:
        declared = sorted({f"{p.name} ({p.number}/{p.protocol})" for pod in addressed for p in pod.ports if p.name})
        listed = f"they name {', '.join(declared)}" if declared else "they name no port"
        field = f"spec.ports[{port.index}].targetPort"
        return NoEndpoints(
            f"targetPort of {name} is {port.target_port!r}, and no container of its pods has a {port.protocol} port "
            f"of that name: {listed}.",
            f"Give a containerPort the name {port.target_port!r}, or set targetPort to "
            + (f"{declared[0].split(' ')[0]!r}." if declared else "the number that the container listens on."),
            (Because(service.ref, field), *_ports_because(addressed[0])),
        )
    reasons = tuple(
        Considered(
            f"pod {pod.namespace}/{pod.name} is {pod.phase}"
            + (f": {pod.pending_because}." if pod.pending_because else "."),
            (Because(pod.ref, ""),),
        )
        for pod in selected
    )
    if addressed:
        return NoEndpoints(
            f"No pod that {name} selects has an address of the Service's family on a node that exists.",
            "Add the Node objects (or remove nodeName from the pods), and see whether the address families agree.",
            (Because(service.ref, "spec.selector"),),
            reasons,
        )
    return NoEndpoints(
        f"{name} selects {count(len(selected), 'pod')}, but none that runs and has an address.",
        f"Find out why: kubectl get pods -n {service.namespace} -l {selector}.",
        (Because(service.ref, "spec.selector"), *(b for entry in reasons for b in entry.because)),
        reasons,
    )


def selected_pods(cluster: Cluster, service: Service) -> list[Pod]:
    """Pods that the selector matches, whatever their state."""
    wanted = service.selector.items()
    return [
        pod
        for pod in cluster.pods_by_namespace.get(service.namespace, ())
        if all(pod.labels.get(label) == value for label, value in wanted)
    ]


def _ports_because(pod: Pod) -> tuple[Because, ...]:
    return tuple(pod_field(pod, port.field) for port in pod.ports[:1])


def backend_name(backend: Backend) -> str:
    target = backend.endpoint.target
    if target is not None and target.kind == "Pod":
        return f"pod {target.namespace}/{target.name}"
    return socket_address(backend.address, backend.port) or ""


def backend_because(cluster: Cluster, backend: Backend) -> tuple[Because, ...]:
    pod = cluster.pod_of(backend.endpoint.target)
    if backend.slice.ref.origin is not None:
        return (Because(backend.slice.ref, f"endpoints[{backend.endpoint.index}].conditions"),)
    return (Because(pod.ref, "status.conditions"),) if pod is not None else ()
