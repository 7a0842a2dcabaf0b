"""Ingress: the default class, and the controllers that serve classes.

A controller is found in the manifests by its image and labels. Without one an assumed one takes its place, as a pod
with a Service in front, so that a request has somebody to talk to.
https://kubernetes.io/docs/concepts/services-networking/ingress/
https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kcnet.controlplane.endpoints import PodIndex
from kcnet.controlplane.facts import Facts
from kcnet.controlplane.workloads import WorkloadKey
from kcnet.model.cluster import IngressController, Key
from kcnet.model.manifests import (
    Manifests,
    PodSpec,
    ServiceManifest,
    ServicePortManifest,
    Workload,
)
from kcnet.model.names import Ref
from kcnet.model.objects import (
    ContainerPort,
    Ingress,
    IngressClass,
    LoadBalancerIngress,
    Pod,
    Service,
    ServiceType,
)
from kcnet.model.policy import LabelSelector


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Flavour:
    """One controller product: how to recognise it, and what it does unless told otherwise."""

    name: str
    images: tuple[tuple[str, ...], ...]
    """Alternatives; of each every part must occur in the images of one pod."""
    controller: str
    """Its controller string in IngressClasses."""
    classes: tuple[str, ...]
    """Class names by which people mean it; the first is its default for the annotation."""
    classless: bool = False
    """Serves Ingresses without a class unless a class is configured."""
    namespace: str
    workload: str
    service: str
    labels: Mapping[str, str]
    """Where and how its usual installation puts it."""


def _labels(name: str, instance: str, component: str | None = None) -> dict[str, str]:
    found = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": instance}
    return {**found, "app.kubernetes.io/component": component} if component else found


FLAVOURS = (
    Flavour(
        name="ingress-nginx",
        images=(("ingress-nginx/controller",), ("ingress-nginx-controller",), ("/nginx-ingress-controller",)),
        controller="k8s.io/ingress-nginx",
        classes=("nginx", "ingress-nginx"),
        namespace="ingress-nginx",
        workload="ingress-nginx-controller",
        service="ingress-nginx-controller",
        labels=_labels("ingress-nginx", "ingress-nginx", "controller"),
    ),
    Flavour(
        name="nginx-ingress",
        images=(("nginx/nginx-ingress",), ("nginx-plus-ingress",)),
        controller="nginx.org/ingress-controller",
        classes=("nginx",),
        namespace="nginx-ingress",
        workload="nginx-ingress",
        service="nginx-ingress",
        labels=_labels("nginx-ingress", "nginx-ingress"),
    ),
    Flavour(
        name="traefik",
        images=(("/traefik:",), ("^traefik:",)),
        controller="traefik.io/ingress-controller",
        classes=("traefik",),
        classless=True,
        namespace="traefik",
        workload="traefik",
        service="traefik",
        labels=_labels("traefik", "traefik-traefik"),
    ),
    Flavour(
        name="haproxy",
        images=(("haproxytech/kubernetes-ingress",), ("haproxy-ingress",)),
        controller="haproxy.org/ingress-controller",
        classes=("haproxy",),
        classless=True,
        namespace="haproxy-controller",
        workload="haproxy-kubernetes-ingress",
        service="haproxy-kubernetes-ingress",
        labels=_labels("kubernetes-ingress", "haproxy-kubernetes-ingress"),
    ),
    Flavour(
        name="contour",
        images=(("projectcontour/contour", "envoy"),),
        controller="projectcontour.io/ingress-controller",
        classes=("contour",),
        classless=True,
        namespace="projectcontour",
        workload="envoy",
        service="envoy",
        labels={"app": "envoy"},
    ),
    Flavour(
        name="kong",
        images=(("kong/kubernetes-ingress-controller",),),
        controller="ingress-controllers.konghq.com/kong",
        classes=("kong",),
        namespace="kong",
        workload="kong-gateway",
        service="kong-gateway-proxy",
        labels=_labels("gateway", "kong"),
    ),
    Flavour(
        name="istio",
        images=(("istio/proxyv2", "istio-ingressgateway"),),
        controller="istio.io/ingress-controller",
        classes=("istio",),
        namespace="istio-system",
        workload="istio-ingressgateway",
        service="istio-ingressgateway",
        labels={"app": "istio-ingressgateway", "istio": "ingressgateway"},
    ),
)
_UNTOLD = dataclasses.replace(FLAVOURS[0], name="", controller="", classes=())
"""Nothing tells which: it stands where ingress-nginx would."""
_KINDS = {
    "deploy": "Deployment",
    "deployments": "Deployment",
    "ds": "DaemonSet",
    "daemonsets": "DaemonSet",
    "sts": "StatefulSet",
    "statefulsets": "StatefulSet",
    "rs": "ReplicaSet",
    "replicasets": "ReplicaSet",
    "rc": "ReplicationController",
    "po": "Pod",
    "pods": "Pod",
}
_RUNS_ON = {"Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "ReplicationController"}
_HTTP, _HTTPS = 80, 443


def default_class(classes: Iterable[IngressClass]) -> str | None:
    """The class that is written into an Ingress without one: of several defaults the newest, then the first by name.

    https://github.com/kubernetes/kubernetes/tree/master/plugin/pkg/admission/network/defaultingressclass
    """
    marked = sorted((item for item in classes if item.default), key=lambda item: item.name)
    # A class that has no time of creation yet is about to be created.
    newest = max((item.created or "9999" for item in marked), default="")
    return next((item.name for item in marked if (item.created or "9999") == newest), None)


def with_default_class(ingresses: Iterable[Ingress], classes: Iterable[IngressClass]) -> Iterator[Ingress]:
    """Written in on creation only: an Ingress that a cluster already holds stays as it is."""
    name = default_class(classes)
    for ingress in ingresses:
        if name and not ingress.live and ingress.class_name is None and ingress.class_annotation is None:
            yield dataclasses.replace(ingress, class_name=name)
        else:
            yield ingress


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A controller before its pods and Services are known."""

    workload: Ref
    flavour: Flavour
    controller: str | None
    class_names: tuple[str, ...] = ()
    annotation_values: tuple[str, ...] = ()
    any_class: bool = False
    classless: bool = False
    assumed: bool = False
    http_port: int = _HTTP
    https_port: int = _HTTPS


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Controllers, and the objects to add to the manifests for those that are assumed."""

    controllers: tuple[Candidate, ...] = ()
    workloads: tuple[Workload, ...] = ()
    services: tuple[ServiceManifest, ...] = ()
    assumption: str | None = None


def plan_controllers(manifests: Manifests, ingresses: Sequence[Ingress], facts: Facts) -> Plan:
    """``ingresses`` with their default class. Nothing is assumed for manifests without Ingresses."""
    setting = facts.ingress_controller
    if setting is False:
        return Plan()
    if isinstance(setting, str):
        return _named(manifests, setting)
    found = tuple(_found(manifests))
    if found or not ingresses:
        return Plan(controllers=found)
    return _assumed(manifests, ingresses, facts)


def _named(manifests: Manifests, setting: str) -> Plan:
    """The workload that the Cluster document names."""
    namespace, kind, name = (setting.split("/") + ["", ""])[:3]
    kind = _KINDS.get(kind.lower(), kind)
    carriers = [*manifests.workloads, *manifests.pods]
    for item in carriers:
        if (item.namespace, item.ref.kind.lower(), item.name) == (namespace, kind.lower(), name):
            flavour = _recognised(item.spec)
            if flavour is not None:
                return Plan(controllers=(_candidate(item.ref, item.spec, flavour, manifests),))
            unknown = Candidate(workload=item.ref, flavour=_UNTOLD, controller=None, any_class=True, classless=True)
            return Plan(controllers=(unknown,))
    return Plan(assumption=f"The ingress controller {setting} that the Cluster document names is not in the manifests.")


def _found(manifests: Manifests) -> Iterator[Candidate]:
    seen = set()
    written = {(item.ref.kind, item.namespace, item.name): item for item in manifests.workloads}
    for item in (*manifests.workloads, *manifests.pods):
        ref = item.ref
        if ref.kind not in _RUNS_ON and ref.kind != "Pod":
            continue
        flavour = _recognised(item.spec)
        if flavour is None:
            continue
        while item.owner is not None and ref.kind in ("Pod", "ReplicaSet"):
            above = written.get((item.owner.kind, ref.namespace or "", item.owner.name))
            if above is None:
                break
            item, ref = above, above.ref
        if ref not in seen and ref.kind not in ("Job", "CronJob"):
            seen.add(ref)
            yield _candidate(ref, item.spec, flavour, manifests)


def _recognised(spec: PodSpec) -> Flavour | None:
    images = [f"^{image}:" for image in spec.images]
    names = [*images, *spec.containers, *spec.args]
    for flavour in FLAVOURS:
        for parts in flavour.images:
            if any(parts[0] in image for image in images) and all(
                any(part in name for name in names) for part in parts[1:]
            ):
                return flavour
    return None


def _candidate(workload: Ref, spec: PodSpec, flavour: Flavour, manifests: Manifests) -> Candidate:
    flags = _flags(spec.args)
    controller = flags.get("controller-class") or flavour.controller
    stated = (
        flags.get("ingress-class")
        or flags.get("ingress.class")
        or flags.get("ingress-class-name")
        or flags.get("providers.kubernetesingress.ingressclass")
    )
    classless = flags.get("watch-ingress-without-class") == "true" or flags.get("empty-ingress-class") == "true"
    http, https = _listening(spec, flags)
    return Candidate(
        workload=workload,
        flavour=flavour,
        controller=controller,
        class_names=tuple(sorted(item.name for item in manifests.ingress_classes if item.controller == controller)),
        annotation_values=(stated or flavour.classes[0],),
        classless=classless or (flavour.classless and not stated),
        http_port=http,
        https_port=https,
    )


def _flags(args: Sequence[str]) -> dict[str, str]:
    """``--name=value``, ``--name value`` and ``--name`` by lower-case name; the last form is "true"."""
    found: dict[str, str] = {}
    pending = None
    for arg in args:
        if arg.startswith("-"):
            name, separator, value = arg.lstrip("-").partition("=")
            found[name.lower()] = value if separator else "true"
            pending = None if separator else name.lower()
        elif pending is not None:
            found[pending] = arg
            pending = None
    return found


def _listening(spec: PodSpec, flags: Mapping[str, str]) -> tuple[int, int]:
    """The ports for HTTP and HTTPS that its pods listen on, by flag, by the port's usual name, or 80 and 443."""
    by_name = {port.name: port.number for port in reversed(spec.ports)}

    def port(flag: str, default: int, *names: str) -> int:
        stated = flags.get(flag, "")
        if stated.isdecimal():
            return int(stated)
        return next((by_name[name] for name in names if name in by_name), default)

    return (
        port("http-port", _HTTP, "http", "web", "proxy", "http2"),
        port("https-port", _HTTPS, "https", "websecure", "proxy-ssl", "proxy-tls"),
    )


def _assumed(manifests: Manifests, ingresses: Sequence[Ingress], facts: Facts) -> Plan:
    """One controller for each controller string of the IngressClasses; without classes one that serves all."""
    classes = manifests.ingress_classes
    candidates = []
    for controller in sorted({item.controller for item in classes}):
        flavour = _by_controller(controller)
        names = tuple(sorted(item.name for item in classes if item.controller == controller))
        candidates.append(
            Candidate(
                workload=_place(flavour, facts, len(candidates)),
                flavour=flavour,
                controller=controller,
                class_names=names,
                annotation_values=tuple(dict.fromkeys([*flavour.classes[:1], *names])),
                classless=flavour.classless,
                assumed=True,
            )
        )
    if not classes:
        flavour = _by_ingresses(ingresses)
        candidates.append(
            Candidate(
                workload=_place(flavour, facts, 0),
                flavour=flavour,
                controller=flavour.controller or None,
                any_class=True,
                classless=True,
                assumed=True,
            )
        )
    owned = {entry.address for service in manifests.services for entry in service.load_balancer}
    owned_names = {entry.hostname for service in manifests.services for entry in service.load_balancer}
    nodes = {address for node in manifests.nodes for address in (*node.addresses, *node.external_addresses)}
    workloads, services = [], []
    written = {(service.namespace, service.name) for service in manifests.services}
    for candidate in candidates:
        stated = dict.fromkeys(
            entry for ingress in ingresses if serves(candidate, ingress) for entry in ingress.load_balancer
        )
        on_nodes = not facts.load_balancer or (bool(stated) and all(entry.address in nodes for entry in stated))
        workloads.append(_workload(candidate, on_nodes))
        service = _service(
            candidate,
            tuple(
                entry
                for entry in stated
                if (entry.address not in owned if entry.address is not None else entry.hostname not in owned_names)
            ),
        )
        if not on_nodes and (service.namespace, service.name) not in written:
            services.append(service)
    names = " and ".join(dict.fromkeys(candidate.flavour.name or "of unknown make" for candidate in candidates))
    return Plan(
        controllers=tuple(candidates),
        workloads=tuple(workloads),
        services=tuple(services),
        assumption=f"The manifests hold no ingress controller: one ({names}) is taken for granted"
        f" that serves {'their IngressClasses' if classes else 'every Ingress'}.",
    )


def _by_controller(controller: str) -> Flavour:
    if controller == "projectcontour.io/projectcontour":
        return next(flavour for flavour in FLAVOURS if flavour.name == "contour")
    for flavour in FLAVOURS:
        if controller == flavour.controller or controller.startswith(f"{flavour.controller}/"):
            return flavour
    return _UNTOLD


def _by_ingresses(ingresses: Iterable[Ingress]) -> Flavour:
    """The product that all Ingresses mean, by class name or by the prefix of their annotations."""
    meant = set()
    for ingress in ingresses:
        name = ingress.class_name or ingress.class_annotation
        if name is not None:
            meant.add(next((flavour for flavour in FLAVOURS if name in flavour.classes), _UNTOLD).name)
        elif any(key.startswith("nginx.ingress.kubernetes.io/") for key in ingress.annotations):
            meant.add("ingress-nginx")
    if len(meant) != 1:
        return _UNTOLD
    return next((flavour for flavour in FLAVOURS if flavour.name in meant), _UNTOLD)


def _place(flavour: Flavour, facts: Facts, number: int) -> Ref:
    """Where an assumed controller runs. Several of unknown make are numbered."""
    name = flavour.workload if flavour.name or not number else f"{flavour.workload}-{number + 1}"
    return Ref("Deployment" if facts.load_balancer else "DaemonSet", flavour.namespace, name)


def serves(candidate: Candidate | IngressController, ingress: Ingress) -> bool:
    """Whether the controller takes the Ingress: by the class it names, by the older annotation, or for want of both."""
    if candidate.any_class:
        return True
    if ingress.class_name is not None:
        return ingress.class_name in candidate.class_names
    if ingress.class_annotation is not None:
        return ingress.class_annotation in candidate.annotation_values
    return candidate.classless


def _workload(candidate: Candidate, on_nodes: bool) -> Workload:
    labels = _own_labels(candidate)
    ref = candidate.workload
    return Workload(
        ref=ref,
        labels=labels,
        selector=LabelSelector(match_labels=labels),
        template_labels=labels,
        spec=PodSpec(
            field="spec.template.spec",
            ports=tuple(
                ContainerPort(
                    number=number,
                    name=name,
                    host_port=number if on_nodes else None,
                    field=f"spec.containers[0].ports[{index}]",
                )
                for index, (name, number) in enumerate((("http", _HTTP), ("https", _HTTPS)))
            ),
            declares_ports=True,
            containers=("controller",),
        ),
    )


def _own_labels(candidate: Candidate) -> Mapping[str, str]:
    labels = candidate.flavour.labels
    if candidate.workload.name == candidate.flavour.workload:
        return labels
    return {**labels, "app.kubernetes.io/instance": candidate.workload.name}


def _service(candidate: Candidate, stated: tuple[LoadBalancerIngress, ...]) -> ServiceManifest:
    flavour, workload = candidate.flavour, candidate.workload
    name = flavour.service if workload.name == flavour.workload else workload.name
    labels = _own_labels(candidate)
    return ServiceManifest(
        ref=Ref("Service", flavour.namespace, name),
        labels=labels,
        type=ServiceType.LOAD_BALANCER,
        selector=labels,
        ports=(
            ServicePortManifest(name="http", port=_HTTP, target_port="http"),
            ServicePortManifest(name="https", port=_HTTPS, target_port="https"),
        ),
        load_balancer=stated,
    )


def make_controllers(
    plan: Plan, members: Mapping[WorkloadKey, tuple[Key, ...]], pods: Mapping[Key, Pod], services: Mapping[Key, Service]
) -> tuple[IngressController, ...]:
    """The planned controllers with their pods and the Services that select these."""
    if not plan.controllers:
        return ()
    index = PodIndex(pods.values())
    order = [ServiceType.LOAD_BALANCER, ServiceType.NODE_PORT, ServiceType.CLUSTER_IP]
    found = []
    for candidate in plan.controllers:
        ref = candidate.workload
        namespace = ref.namespace or ""
        own = members.get((ref.kind, namespace, ref.name), ()) if ref.kind != "Pod" else ((namespace, ref.name),)
        in_front = [
            service
            for service in services.values()
            if service.namespace == namespace
            and service.selector
            and service.type in order
            and any((pod.namespace, pod.name) in own for pod in index.selected(namespace, service.selector))
            and any(_leads_in(port.target_port, candidate, pods, own) for port in service.ports)
        ]
        in_front.sort(key=lambda service: (order.index(service.type), service.headless, service.name))
        found.append(
            IngressController(
                ref=ref,
                flavour=candidate.flavour.name,
                pods=tuple(own),
                services=tuple((service.namespace, service.name) for service in in_front),
                assumed=candidate.assumed,
                controller=candidate.controller,
                class_names=candidate.class_names,
                annotation_values=candidate.annotation_values,
                any_class=candidate.any_class,
                classless=candidate.classless,
                http_port=candidate.http_port,
                https_port=candidate.https_port,
            )
        )
    return tuple(found)


def _leads_in(target: int | str, candidate: Candidate, pods: Mapping[Key, Pod], own: Iterable[Key]) -> bool:
    """Whether a Service port leads to where the controller takes requests, and not to its metrics or webhook."""
    wanted = (candidate.http_port, candidate.https_port)
    if isinstance(target, int):
        return target in wanted
    return any(port.name == target and port.number in wanted for key in own for port in pods[key].ports)
