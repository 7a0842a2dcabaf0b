"""Ingress: the default class, and the controllers that serve classes.

A controller is found in the manifests by its image and labels. Without one an assumed one takes its place, as a pod
with a Service in front, so that a request has somebody to talk to.
https://kubernetes.io/docs/concepts/services-networking/ingress/
https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, count

from msgspec import Struct
from msgspec.structs import replace

from kcnet.controlplane.endpoints import PodIndex
from kcnet.controlplane.facts import Facts
from kcnet.controlplane.workloads import WorkloadKey, owners_of
from kcnet.model.cluster import IngressController, Key
from kcnet.model.manifests import (
    Manifests,
    PodManifest,
    PodSpec,
    ServiceManifest,
    ServicePortManifest,
    Workload,
)
from kcnet.model.names import Protocol, Ref
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
from kcnet.model.wellknown import ASSUMED


class Flavour(Struct, frozen=True, kw_only=True):
    """One controller product: how to recognise it, and what it does unless told otherwise."""

    name: str
    images: tuple[tuple[str, ...], ...]
    """Alternatives; every part of one must occur in the images (or the arguments) of a pod, the first in an image.
    An image is matched as ``/`` + repository + ``$``, without tag and digest."""
    labels_tell: bool = False
    """Its name and component among the labels are enough, whatever the image is called."""
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
        labels_tell=True,
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
        images=(("/traefik$",), ("-traefik$",)),
        labels_tell=True,
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
_UNTOLD = replace(FLAVOURS[0], name="", controller="", classes=())
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
_RUNS_ON = {"Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "ReplicationController", "Pod"}
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
            yield replace(ingress, class_name=name)
        else:
            yield ingress


class Plan(Struct, frozen=True, kw_only=True):
    """Controllers, and the objects to add to the manifests for those that are assumed."""

    controllers: tuple[IngressController, ...] = ()
    """Without their pods and Services, which are not known yet."""
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
    namespace, kind, name = ([*setting.split("/"), "", ""])[:3]
    kind = _KINDS.get(kind.lower(), kind)
    for item in _carriers(manifests):
        if (item.namespace, item.ref.kind.lower(), item.name) == (namespace, kind.lower(), name):
            flavour = _recognised(item)
            if flavour is not None:
                return Plan(controllers=(_controller(item.ref, item.spec, flavour, manifests),))
            http, https = _listening(item.spec, {})
            unknown = IngressController(
                ref=item.ref,
                flavour="",
                pods=(),
                services=(),
                any_class=True,
                classless=True,
                http_port=http,
                https_port=https,
            )
            return Plan(controllers=(unknown,))
    return Plan(assumption=f"The ingress controller {setting} that the Cluster document names is not in the manifests.")


def _carriers(manifests: Manifests) -> Iterator[Workload | PodManifest]:
    yield from manifests.workloads
    yield from manifests.pods


def _found(manifests: Manifests) -> Iterator[IngressController]:
    # What was taken for granted before stays so, though it has become an object.
    seen = {item.ref for item in manifests.workloads if ASSUMED in item.annotations}
    for item, top in _with_top(manifests):
        flavour = _recognised(item) if top.kind in _RUNS_ON and top not in seen else None
        if flavour is not None:
            seen.add(top)
            yield _controller(top, item.spec, flavour, manifests)


def _with_top(manifests: Manifests) -> Iterator[tuple[Workload | PodManifest, Ref]]:
    """Everything that runs pods, with the workload on top of it."""
    written = {(item.ref.kind, item.namespace, item.name): item for item in manifests.workloads}
    for workload in manifests.workloads:
        owner = workload.owner
        above = written.get((owner.kind, workload.namespace, owner.name)) if owner is not None else None
        yield workload, (above or workload).ref
    for pod in manifests.pods:
        yield pod, next(reversed(owners_of(pod, written)), pod.ref)


def _recognised(item: Workload | PodManifest) -> Flavour | None:
    found = _by_image(item.spec.images, tuple(each.text for each in item.spec.args))
    if found is not None:
        return found
    labels = item.template_labels if isinstance(item, Workload) else item.labels
    name = labels.get("app.kubernetes.io/name")
    if name is None:
        return None
    component = labels.get("app.kubernetes.io/component")
    for flavour in FLAVOURS:
        own = flavour.labels
        if (
            flavour.labels_tell
            and name == own["app.kubernetes.io/name"]
            and own.get("app.kubernetes.io/component") in (None, component)
        ):
            return flavour
    return None


@lru_cache(maxsize=256)
def _by_image(images: tuple[str, ...], args: tuple[str, ...]) -> Flavour | None:
    matched = [f"/{_repository(image)}$" for image in images]
    names = [*matched, *args]
    for flavour in FLAVOURS:
        for parts in flavour.images:
            if any(parts[0] in image for image in matched) and all(
                any(part in name for name in names) for part in parts
            ):
                return flavour
    return None


def _repository(image: str) -> str:
    """``registry.k8s.io/ingress-nginx/controller:v1.12.1@sha256:...`` without tag and digest."""
    path, slash, name = image.partition("@")[0].rpartition("/")
    return f"{path}{slash}{name.partition(':')[0]}"


def _controller(workload: Ref, spec: PodSpec, flavour: Flavour, manifests: Manifests) -> IngressController:
    flags = _flags([each.text for each in spec.args])
    controller = flags.get("controller-class") or flavour.controller
    stated = (
        flags.get("ingress-class")
        or flags.get("ingress.class")
        or flags.get("ingress-class-name")
        or flags.get("providers.kubernetesingress.ingressclass")
    )
    classless = flags.get("watch-ingress-without-class") == "true" or flags.get("empty-ingress-class") == "true"
    http, https = _listening(spec, flags)
    return IngressController(
        ref=workload,
        flavour=flavour.name,
        pods=(),
        services=(),
        controller=controller,
        class_names=_class_names(manifests, controller),
        annotation_values=(stated or flavour.classes[0],),
        classless=classless or (flavour.classless and not stated),
        default_certificate=flags.get("default-ssl-certificate"),
        http_port=http,
        https_port=https,
    )


def _class_names(manifests: Manifests, controller: str) -> tuple[str, ...]:
    return tuple(sorted(item.name for item in manifests.ingress_classes if item.controller == controller))


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
    """The ports for HTTP and HTTPS that its pods listen on: by flag, by the port's usual name, or the usual number.

    Whoever declares none of these takes HTTP on the first TCP port that is declared.
    """
    declared = [port for port in spec.ports if port.protocol is Protocol.TCP]
    by_name = {port.name: port.number for port in reversed(declared)}
    numbers = [port.number for port in declared]

    def port(flag: str, usual: int, *names: str) -> int | None:
        stated = flags.get(flag, "")
        if stated.isdecimal():
            return int(stated)
        named = next((by_name[name] for name in names if name in by_name), None)
        return named or (usual if usual in numbers else None)

    http = port("http-port", _HTTP, "http", "web", "proxy", "http2")
    https = port("https-port", _HTTPS, "https", "websecure", "proxy-ssl", "proxy-tls")
    first = next((number for number in numbers if number != https), _HTTP)
    return http or first, https or _HTTPS


def _assumed(manifests: Manifests, ingresses: Sequence[Ingress], facts: Facts) -> Plan:
    """One controller for each controller string of the IngressClasses; without classes one that serves all."""
    classes = manifests.ingress_classes
    chosen: list[tuple[Flavour, IngressController]] = []
    made = {item.ref for item in manifests.workloads if ASSUMED in item.annotations}
    taken = {(item.namespace, item.name) for item in manifests.workloads if ASSUMED not in item.annotations}
    told = sorted(
        ((_by_controller(name), name) for name in {item.controller for item in classes}),
        key=lambda pair: (not pair[0].name, pair[1]),  # those of unknown make come last: they stand beside the known
    )
    for flavour, controller in told:
        names = _class_names(manifests, controller)
        assumed = _assumed_controller(flavour, controller, taken)
        annotations = tuple(sorted({*flavour.classes[:1], *names}))
        serving = replace(assumed, class_names=names, annotation_values=annotations, classless=flavour.classless)
        chosen.append((flavour, serving))
    if not classes:
        flavour = _by_ingresses(ingresses)
        assumed = _assumed_controller(flavour, flavour.controller or None, taken)
        chosen.append((flavour, replace(assumed, any_class=True, classless=True)))
    owned = {entry for service in manifests.services for entry in service.load_balancer}
    nodes = {address for node in manifests.nodes for address in (*node.addresses, *node.external_addresses)}
    written = {(service.namespace, service.name) for service in manifests.services}
    controllers, workloads, services = [], [], []
    for flavour, controller_ in chosen:
        stated = dict.fromkeys(
            entry for ingress in ingresses if controller_.serves(ingress) for entry in ingress.load_balancer
        )
        on_nodes = not facts.load_balancer or (bool(stated) and all(entry.address in nodes for entry in stated))
        if on_nodes:
            ref = Ref("DaemonSet", controller_.ref.namespace, controller_.ref.name)
            controller_ = replace(controller_, ref=ref)
        controllers.append(controller_)
        if controller_.ref not in made:
            workloads.append(_workload(controller_, flavour, on_nodes))
        service = _service(controller_, flavour, tuple(entry for entry in stated if entry not in owned))
        if not on_nodes and (service.namespace, service.name) not in written:
            services.append(service)
    makes = " and ".join(dict.fromkeys(flavour.name or "of unknown make" for flavour, _ in chosen))
    return Plan(
        controllers=tuple(controllers),
        workloads=tuple(workloads),
        services=tuple(services),
        assumption=f"The manifests hold no ingress controller: one ({makes}) is taken for granted"
        f" that serves {'their IngressClasses' if classes else 'every Ingress'}.",
    )


def _assumed_controller(flavour: Flavour, controller: str | None, taken: set[Key]) -> IngressController:
    """Adds its place to ``taken``; several of one make are numbered."""
    names = chain([flavour.workload], (f"{flavour.workload}-{number}" for number in count(2)))
    name = next(name for name in names if (flavour.namespace, name) not in taken)
    taken.add((flavour.namespace, name))
    return IngressController(
        ref=Ref("Deployment", flavour.namespace, name),
        flavour=flavour.name,
        pods=(),
        services=(),
        assumed=True,
        controller=controller,
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


def _workload(controller: IngressController, flavour: Flavour, on_nodes: bool) -> Workload:
    labels = _own_labels(controller, flavour)
    return Workload(
        ref=controller.ref,
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


def _own_labels(controller: IngressController, flavour: Flavour) -> Mapping[str, str]:
    if controller.ref.name == flavour.workload:
        return flavour.labels
    return {**flavour.labels, "app.kubernetes.io/instance": controller.ref.name}


def _service(
    controller: IngressController, flavour: Flavour, stated: tuple[LoadBalancerIngress, ...]
) -> ServiceManifest:
    name = flavour.service if controller.ref.name == flavour.workload else controller.ref.name
    labels = _own_labels(controller, flavour)
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
    for controller in plan.controllers:
        ref = controller.ref
        namespace = ref.namespace or ""
        own = members.get((ref.kind, namespace, ref.name), ()) if ref.kind != "Pod" else ((namespace, ref.name),)
        in_front = [
            service
            for service in services.values()
            if service.namespace == namespace
            and service.selector
            and service.type in order
            and any((pod.namespace, pod.name) in own for pod in index.selected(namespace, service.selector))
            and any(_leads_in(port.target_port, controller, pods, own) for port in service.ports)
        ]
        in_front.sort(key=lambda service: (order.index(service.type), service.headless, service.name))
        places = tuple((service.namespace, service.name) for service in in_front)
        found.append(replace(controller, pods=tuple(own), services=places))
    return tuple(found)


def _leads_in(target: int | str, controller: IngressController, pods: Mapping[Key, Pod], own: Iterable[Key]) -> bool:
    """Whether a Service port leads to where the controller takes requests, and not to its metrics or webhook."""
    wanted = (controller.http_port, controller.https_port)
    if isinstance(target, int):
        return target in wanted
    return any(port.name == target and port.number in wanted for key in own for port in pods[key].ports)
