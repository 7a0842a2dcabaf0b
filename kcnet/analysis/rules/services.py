"""Services: what they select, and whether anybody is behind them.

https://kubernetes.io/docs/concepts/services-networking/service/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from kcnet.analysis.finding import Edit, Finding, Rule, Severity, Subject
from kcnet.analysis.listening import listens, refuses, resolved
from kcnet.analysis.services import SERVICE_PAGE, ask, telling, with_selector
from kcnet.analysis.spelling import certainly_meant
from kcnet.controlplane.unread import may_make_pods
from kcnet.model.manifests import Workload
from kcnet.model.names import Ref
from kcnet.model.objects import Pod, Service, ServicePort
from kcnet.path.flow import count, key
from kcnet.path.nearest import unmatched_selector


def _selects_nothing(subject: Subject) -> Iterator[Finding]:
    for written, service in with_selector(subject):
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
            proof=ask(subject, service),
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
    for written, service in with_selector(subject):
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
                proof=ask(subject, service),
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
    for written, service in with_selector(subject):
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
            proof=ask(subject, service),
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


def _selects_strangers(subject: Subject) -> Iterator[Finding]:
    for written, service in with_selector(subject):
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
            extra = telling(by_owner[serving[0]][0], by_owner[owner][0])
            yield SERVICE_SELECTS_STRANGERS.finding(
                written.ref,
                "spec.selector",
                f"It selects the pods of {serving[0]}, and those of {owner} too, which do not listen on port "
                f"{port.target_port}: about {lost} of {len(ready)} connections are refused.",
                f"Add {extra} to spec.selector."
                if extra
                else f"Give the pods of {serving[0]} a label that the others lack, and add it to spec.selector.",
                proof=ask(subject, service, port),
            )
            break


def _refuses(subject: Subject, port: ServicePort, pod: Pod) -> bool:
    number = resolved(port, pod)
    return number is not None and refuses(subject, pod, number, port.protocol)


def _serves(port: ServicePort, pod: Pod) -> bool:
    number = resolved(port, pod)
    return number is not None and listens(pod, number, port.protocol) is True


def _labels(service: Service) -> str:
    return ",".join(f"{name}={value}" for name, value in service.selector.items())


def _nobody_answers(service: Service) -> str:
    if service.headless:
        return f"The name {service.name} does not resolve because of it (NXDOMAIN)."
    return "The name resolves, and every connection is refused." if service.ports else "Nobody answers."


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
