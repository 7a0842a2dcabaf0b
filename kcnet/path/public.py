"""Public DNS, as far as manifests tell: load balancers' names, and the hosts of Ingresses, are taken to be published.

Any other name is somebody else's, except names that the root zone or the cluster's own manifests rule out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kcnet.model.cluster import Cluster, IngressController
from kcnet.model.names import Fqdn, IPAddress
from kcnet.model.objects import Ingress, Service, ServiceType
from kcnet.model.trace import Because
from kcnet.path.dns import in_cluster_domain
from kcnet.path.nearest import closest
from kcnet.path.root_zone import TOP_LEVEL_DOMAINS

RESERVED = frozenset(("invalid", "local", "localhost", "internal", "svc", "cluster"))
FIRST_DOMAINS = frozenset(("com", "edu", "gov", "int", "mil", "net", "org"))
"""Top-level domains that nobody takes for a namespace, unlike shop, dev or prod: a name in them is a public one."""


class Published(NamedTuple):
    """What the world's DNS says of a name."""

    exists: bool
    """False: NXDOMAIN."""
    text: str
    """How that is known, as a sentence."""
    assumed: str = ""
    nearest: str | None = None
    addresses: tuple[IPAddress, ...] = ()
    """Of the cluster; empty for a name that is somebody else's."""
    load_balancer: Service | None = None
    """The Service whose load balancer has this name and no address that the manifests tell."""
    ingress: Ingress | None = None
    controller: IngressController | None = None
    no_controller: str = ""
    """The host is an Ingress's, but nobody serves that Ingress: why."""
    repair: str = ""
    pending: Service | None = None
    """The controller's load balancer Service that has no address."""
    because: tuple[Because, ...] = ()


def look_up(cluster: Cluster, name: Fqdn) -> Published:
    bare = name.rstrip(".")
    balanced = cluster.services_by_load_balancer_name.get(bare)
    if balanced is not None:
        text = f"{bare} is the name of the load balancer of {balanced.ref}."
        because = (Because(balanced.ref, "status.loadBalancer.ingress[0].hostname"),)
        return Published(exists=True, text=text, load_balancer=balanced, because=because)
    entry = _ingress_of(cluster, bare)
    if entry is not None:
        return _of_ingress(cluster, bare, *entry)
    return _elsewhere(cluster, name, bare)


def _ingress_of(cluster: Cluster, host: str) -> tuple[Ingress, str] | None:
    """The Ingress that publishes a host, and the field that names it: one that is served, by exact name, if there is.

    A rule without a host takes every request that reaches the controller, but publishes no name.
    """
    found = []
    for ingress in cluster.ingresses.values():
        named = [(name, field) for name, field in hosts(ingress) if name]
        for place, entry in enumerate(ingress.load_balancer):
            if entry.hostname:
                named.append((entry.hostname.lower().rstrip("."), f"status.loadBalancer.ingress[{place}].hostname"))
        for name, field in named:
            wild = name.startswith("*.") and host.endswith(name[1:])
            if name == host or wild:
                found.append((isinstance(controller_of(cluster, ingress), str), wild, ingress, field))
    best = min(found, key=lambda one: one[:2], default=None)
    return best[2:] if best is not None else None


def hosts(ingress: Ingress) -> Iterator[tuple[str, str]]:
    """The hosts of an Ingress's rules with their fields; "" for a rule (or default backend) of every host."""
    for rule in ingress.rules:
        yield (rule.host or "").lower(), f"{rule.field}.host" if rule.host else rule.field
    if ingress.default_backend is not None:
        yield "", "spec.defaultBackend"


def _of_ingress(cluster: Cluster, host: str, ingress: Ingress, field: str) -> Published:
    because = (Because(ingress.ref, field),)
    name = f"{ingress.ref}"
    serving = controller_of(cluster, ingress)
    if isinstance(serving, str):
        return Published(
            exists=True,
            text=f"{host} is a host of {name}, but {serving}.",
            ingress=ingress,
            no_controller=serving,
            repair=_class_repair(cluster, ingress),
            because=(*because, Because(ingress.ref, "spec.ingressClassName")),
        )
    text = f"{host} is a host of {name}."
    assumed = f"Public DNS is taken to point {host} at the address of the Ingress controller."
    where = addresses_of(cluster, ingress, serving)
    if isinstance(where, Service):
        return Published(
            exists=True,
            text=text,
            assumed=assumed,
            ingress=ingress,
            controller=serving,
            pending=where if not _named_load_balancer(where) else None,
            load_balancer=where if _named_load_balancer(where) else None,
            because=because,
        )
    return Published(
        exists=True, text=text, assumed=assumed, addresses=where, ingress=ingress, controller=serving, because=because
    )


def _class_repair(cluster: Cluster, ingress: Ingress) -> str:
    served = sorted({name for controller in cluster.ingress_controllers for name in controller.class_names})
    if not served:
        return "Install an Ingress controller for its class."
    return f"Set spec.ingressClassName of {ingress.ref} to {' or '.join(served[:3])}, which a controller serves."


def _named_load_balancer(service: Service) -> bool:
    return any(entry.hostname for entry in service.load_balancer)


def controller_of(cluster: Cluster, ingress: Ingress) -> IngressController | str:
    """The first controller that serves an Ingress; else why none does, as a clause.

    https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class
    """
    if not cluster.ingress_controllers:
        return "no Ingress controller runs in this cluster"
    for controller in cluster.ingress_controllers:
        if controller.serves(ingress):
            return controller
    name = ingress.class_name
    if name is None and ingress.class_annotation is None:
        return "it names no class and no IngressClass is the default one, so no controller claims it"
    if name is not None:
        if name not in cluster.ingress_classes:
            near = closest(name, cluster.ingress_classes)
            return f"there is no IngressClass {name!r}" + (f" (nearest: {near!r})" if near else "")
        claimed = cluster.ingress_classes[name].controller
        return f"no controller for its class {name!r} ({claimed}) runs in this cluster"
    return f"no controller claims its annotation kubernetes.io/ingress.class: {ingress.class_annotation}"


def addresses_of(cluster: Cluster, ingress: Ingress, controller: IngressController) -> tuple[IPAddress, ...] | Service:
    """Where clients find an Ingress's controller; the LoadBalancer Service if that has no address to tell.

    The Ingress's own status wins, then the controller's Services, then the nodes that its pods' host ports are on.
    """
    stated = tuple(entry.address for entry in ingress.load_balancer if entry.address is not None)
    if stated:
        return stated
    services = [cluster.services[place] for place in controller.services if place in cluster.services]
    for service in services:
        if service.type is ServiceType.LOAD_BALANCER:
            given = tuple(entry.address for entry in service.load_balancer if entry.address is not None)
            return given or service
    pods = [cluster.pods[place] for place in controller.pods if place in cluster.pods]
    if any(service.type is ServiceType.NODE_PORT for service in services):
        nodes = [node for node in cluster.nodes.values() if node.ready]
    else:
        on_host = {pod.node for pod in pods if pod.host_network or any(p.host_port for p in pod.ports)}
        nodes = [node for node in cluster.nodes.values() if node.name in on_host]
    if nodes:
        return tuple((node.external_addresses or node.addresses)[0] for node in nodes)
    return tuple(service.cluster_ips[0] for service in services if service.cluster_ips)


def _elsewhere(cluster: Cluster, name: Fqdn, bare: str) -> Published:
    last = bare.rsplit(".", 1)[-1]
    if in_cluster_domain(cluster, name) or "." not in bare or last in RESERVED or last not in TOP_LEVEL_DOMAINS:
        return Published(exists=False, text=f"Public DNS has no name {bare}.", nearest=_near(cluster, bare))
    slip = _slip_of(cluster, bare)
    if slip is not None:
        text = f"No Ingress has the host {bare}, so nobody has published it."
        assumed = f"The public DNS name {bare} is taken not to exist."
        return Published(exists=False, text=text, nearest=slip, assumed=assumed)
    first, rest = bare.split(".", 1)
    if rest not in FIRST_DOMAINS and (
        rest in cluster.namespaces or ("." not in rest and first in cluster.services_by_name)
    ):
        return Published(
            exists=False,
            text=f"The cluster has no Service {first} in a namespace {rest}.",
            assumed=f"The public DNS name {bare} is taken not to exist.",
            nearest=_near(cluster, bare),
        )
    return Published(
        exists=True,
        text=f"{bare} is a name outside the cluster.",
        assumed=f"Public DNS is taken to know {bare}.",
    )


def _slip_of(cluster: Cluster, bare: str) -> str | None:
    """The Ingress host that a name misspells: all labels but the first agree, and the first nearly does."""
    first, _, rest = bare.partition(".")
    siblings = {}
    for ingress in cluster.ingresses.values():
        for host, _ in hosts(ingress):
            own, _, parent = host.partition(".")
            if parent == rest and own != "*":
                siblings[own] = host
    near = closest(first, siblings, cutoff=0.75)
    if near is not None:
        return siblings[near]
    return closest(bare, [host for i in cluster.ingresses.values() for host, _ in hosts(i) if host], cutoff=0.9)


def _near(cluster: Cluster, bare: str) -> str | None:
    """The Service name that was probably meant, as it would be written."""
    short = bare.removesuffix(f".{cluster.domain}").removesuffix(".svc")
    name, _, namespace = short.partition(".")
    if namespace:
        home = namespace if namespace in cluster.namespaces else closest(namespace, cluster.namespaces)
        near = closest(name, cluster.service_names(home)) if home else None
        return f"{near}.{home}" if near else None
    near = closest(name, cluster.service_names_like(name))
    return f"{near}.{cluster.services_by_name[near][0].namespace}" if near else None
