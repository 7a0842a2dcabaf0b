"""Beliefs on Ingress: what serves one, which path matches, and what a backend is.

https://kubernetes.io/docs/concepts/services-networking/ingress/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from kcnet.model.cluster import Cluster
from kcnet.model.objects import Ingress, IngressBackend, IngressPath, IngressRule, PathType
from kcnet.model.trace import Action, Path, Request, Stage, Trace, Verdict
from kcnet.path.httprules import host_matches, path_matches
from kcnet.path.ingress import SERVICE_UPSTREAM
from kcnet.reasons.ingress import INGRESS_NO_CONTROLLER
from kcnet.reasons.outcome import DELIVERED
from kcnet.simulate import trace
from kcnet.tutor.beliefs.belief import Belief
from kcnet.tutor.beliefs.changes import each_ingress, ended, retold
from kcnet.tutor.beliefs.services import pod_port

PAGE: Final = "https://kubernetes.io/docs/concepts/services-networking/ingress/"
PATHS: Final = PAGE + "#path-types"
UNUSED: Final = 65535
"""A port that no Service has."""


def _host(request: Request) -> str:
    return (request.host or request.target.name or "").lower().rstrip(".")


def _path(request: Request) -> str:
    return request.target.path or "/"


def each_backend(ingress: Ingress, change: Callable[[IngressBackend], IngressBackend]) -> Ingress:
    rules = tuple(
        rule._replace(paths=tuple(entry._replace(backend=change(entry.backend)) for entry in rule.paths))
        if rule.paths is not None
        else rule
        for rule in ingress.rules
    )
    default = change(ingress.default_backend) if ingress.default_backend is not None else None
    return replace(ingress, rules=rules, default_backend=default)


def _each_rule(cluster: Cluster, change: Callable[[IngressRule], IngressRule]) -> Cluster:
    return each_ingress(cluster, lambda ingress: replace(ingress, rules=tuple(map(change, ingress.rules))))


def _other_namespace(cluster: Cluster, request: Request) -> Trace:
    services = dict(cluster.services)
    for ingress in cluster.ingresses.values():
        for rule in ingress.rules:
            for entry in rule.paths or ():
                name = entry.backend.service or ""
                elsewhere = cluster.services_by_name.get(name, ())
                if (ingress.namespace, name) not in services and elsewhere:
                    services[ingress.namespace, name] = elsewhere[0]
    return trace(replace(cluster, services=services), request)


def _target_port(cluster: Cluster, request: Request) -> Trace:
    def change(namespace: str, backend: IngressBackend) -> IngressBackend:
        service = cluster.service(namespace, backend.service or "")
        if service is None:
            return backend
        for port in service.ports:
            if backend.port in (port.target_port, pod_port(cluster, service, port)):
                return backend._replace(port=port.port)
        return backend._replace(port=UNUSED)

    def whole(ingress: Ingress) -> Ingress:
        return each_backend(ingress, lambda backend: change(ingress.namespace, backend))

    return trace(each_ingress(cluster, whole), request)


def _any_class(cluster: Cluster, request: Request) -> Trace:
    controllers = tuple(replace(controller, any_class=True) for controller in cluster.ingress_controllers)
    return trace(replace(cluster, ingress_controllers=controllers), request)


def _by_itself(cluster: Cluster, request: Request) -> Trace:
    def change(path: Path) -> Path:
        if path.reason is not INGRESS_NO_CONTROLLER:
            return path
        return ended(path, path.last, Verdict.DELIVERED, DELIVERED, "The Ingress itself passes the request on.")

    return retold(trace(cluster, request), change)


def _string_prefix(cluster: Cluster, request: Request) -> Trace:
    path = _path(request)

    def change(rule: IngressRule) -> IngressRule:
        fitting = [e for e in rule.paths or () if e.path_type is PathType.PREFIX and path.startswith(e.path)]
        longest = max(fitting, key=lambda entry: len(entry.path), default=None)
        if longest is None or path_matches(longest.path, PathType.PREFIX, path):
            return rule
        return _with_path(rule, longest, longest._replace(path=path))

    return trace(_each_rule(cluster, change), request)


def _with_path(rule: IngressRule, old: IngressPath, new: IngressPath) -> IngressRule:
    return rule._replace(paths=tuple(new if entry is old else entry for entry in rule.paths or ()))


def _slash_ignored(cluster: Cluster, request: Request) -> Trace:
    path = _path(request)

    def same(entry: IngressPath) -> IngressPath:
        if entry.path_type is PathType.EXACT and entry.path.rstrip("/") == path.rstrip("/"):
            return entry._replace(path=path)
        return entry

    def change(rule: IngressRule) -> IngressRule:
        return rule._replace(paths=tuple(map(same, rule.paths))) if rule.paths is not None else rule

    return trace(_each_rule(cluster, change), request)


def _prefix_is_exact(cluster: Cluster, request: Request) -> Trace:
    def exactly(entry: IngressPath) -> IngressPath:
        if entry.path_type is PathType.PREFIX and entry.path != "/":
            return entry._replace(path_type=PathType.EXACT)
        return entry

    def change(rule: IngressRule) -> IngressRule:
        return rule._replace(paths=tuple(map(exactly, rule.paths))) if rule.paths is not None else rule

    return trace(_each_rule(cluster, change), request)


def _many_labels(cluster: Cluster, request: Request) -> Trace:
    host = _host(request)

    def change(rule: IngressRule) -> IngressRule:
        if rule.host is not None and rule.host.startswith("*.") and host.endswith(rule.host[1:].lower()):
            return rule._replace(host=host)
        return rule

    return trace(_each_rule(cluster, change), request)


def _first_path(cluster: Cluster, request: Request) -> Trace:
    host, path = _host(request), _path(request)

    def change(rule: IngressRule) -> IngressRule:
        if not host_matches(rule.host, host):
            return rule
        first = next((e for e in rule.paths or () if path_matches(e.path or "/", _type(e), path)), None)
        return rule._replace(paths=(first,)) if first is not None else rule

    return trace(_each_rule(cluster, change), request)


def _type(entry: IngressPath) -> PathType:
    return PathType.EXACT if entry.path_type is PathType.EXACT else PathType.PREFIX


def _by_cluster_ip(cluster: Cluster, request: Request) -> Trace:
    def change(ingress: Ingress) -> Ingress:
        return replace(ingress, annotations={**ingress.annotations, SERVICE_UPSTREAM: "true"})

    changed = each_ingress(cluster, change)
    controllers = tuple(replace(one, flavour="ingress-nginx") for one in cluster.ingress_controllers)
    return trace(replace(changed, ingress_controllers=controllers), request)


def _client_seen(cluster: Cluster, request: Request) -> Trace:
    def change(path: Path) -> Path:
        behind = any(step.stage is Stage.INGRESS and step.action is Action.CHOSE for step in path.steps)
        return replace(path, source_seen=request.client.address) if behind and path.source_seen else path

    return retold(trace(cluster, request), change)


def _default_catches(cluster: Cluster, request: Request) -> Trace:
    """Whatever no rule matches goes to the first rule's backend."""

    def change(ingress: Ingress) -> Ingress:
        first = next((entry.backend for rule in ingress.rules for entry in rule.paths or ()), None)
        if first is None or ingress.default_backend is not None:
            return ingress
        catch_all = IngressPath(path="/", path_type=PathType.PREFIX, backend=first, field="spec.rules[0].http.paths[0]")
        rules = tuple(
            rule._replace(paths=(*rule.paths, catch_all))
            if rule.paths is not None and not any(entry.path == "/" for entry in rule.paths)
            else rule
            for rule in ingress.rules
        )
        return replace(ingress, rules=rules)

    return trace(each_ingress(cluster, change), request)


BELIEFS: Final = (
    Belief(
        id="ingress-other-namespace-backend",
        title="A backend may be in another namespace",
        says="An Ingress finds the Service that it names in whichever namespace it is.",
        correction="The backends of an Ingress are Services of its own namespace; a Service of another one does not "
        "exist for it (503).",
        topic="ingress",
        source=PAGE + "#resource-backend",
        follow=_other_namespace,
    ),
    Belief(
        id="ingress-uses-target-port",
        title="A backend's port is the container's",
        says="service.port.number in an Ingress is the port that the container listens on.",
        correction="A backend names the Service's port (its number or its name); the Service knows the targetPort.",
        topic="ingress",
        source=PAGE + "#the-ingress-resource",
        follow=_target_port,
    ),
    Belief(
        id="ingress-without-class-works",
        title="The class does not matter",
        says="Every Ingress is served by the controller there is, whatever class it names, or if it names none.",
        correction="A controller serves the classes that are its own. Without ingressClassName, and without a default "
        "IngressClass, nobody has to serve the Ingress.",
        topic="ingress",
        source=PAGE + "#ingress-class",
        follow=_any_class,
    ),
    Belief(
        id="ingress-works-by-itself",
        title="An Ingress works by itself",
        says="Once the Ingress is created, requests for its host are passed on to the backend.",
        correction="An Ingress is configuration. A controller has to run and to claim it; without one there is no "
        "address to connect to.",
        topic="ingress",
        source=PAGE + "#prerequisites",
        follow=_by_itself,
    ),
    Belief(
        id="prefix-is-string-prefix",
        title="Prefix compares letters",
        says="pathType Prefix matches every path that begins with these letters: /car matches /cart.",
        correction="Prefix compares whole elements between slashes: /car matches /car and /car/x, but not /cart.",
        topic="ingress",
        source=PATHS,
        follow=_string_prefix,
    ),
    Belief(
        id="prefix-matches-nothing-below",
        title="Prefix matches the path alone",
        says="A path has to be listed to be served; /cart does not cover /cart/items.",
        correction="pathType Prefix covers everything below the path: /cart matches /cart/items too.",
        topic="ingress",
        source=PATHS,
        follow=_prefix_is_exact,
    ),
    Belief(
        id="exact-ignores-slash",
        title="A trailing slash does not matter",
        says="pathType Exact with /cart matches /cart/ as well.",
        correction="Exact means equal, slash included: /cart and /cart/ are two paths. Prefix ignores the slash.",
        topic="ingress",
        source=PATHS,
        follow=_slash_ignored,
    ),
    Belief(
        id="wildcard-many-labels",
        title="A wildcard covers any depth",
        says="*.example.com matches a.b.example.com.",
        correction="In an Ingress a wildcard stands for exactly one label. (In the Gateway API it stands for one or "
        "more.)",
        topic="ingress",
        source=PAGE + "#hostname-wildcards",
        follow=_many_labels,
    ),
    Belief(
        id="first-path-wins",
        title="The first matching path wins",
        says="Paths are tried from top to bottom, and the first that matches is taken.",
        correction="Order means nothing: the longest matching path wins, and at the same length Exact before Prefix.",
        topic="ingress",
        source=PAGE + "#multiple-matches",
        follow=_first_path,
    ),
    Belief(
        id="unmatched-goes-to-the-first-backend",
        title="What no path matches goes to the first backend",
        says="A request for the right host always arrives somewhere: failing all else at the first backend.",
        correction="Without a matching path the default backend answers; where none is set, the controller itself "
        "answers 404.",
        topic="ingress",
        source=PAGE + "#default-backend",
        follow=_default_catches,
    ),
    Belief(
        id="ingress-needs-cluster-ip",
        title="The controller goes through the cluster IP",
        says="An Ingress controller sends requests to the Service's cluster IP, and kube-proxy does the rest.",
        correction="Most controllers read the EndpointSlices and connect to the pods themselves: the backend's "
        "cluster IP, traffic policies and affinity play no part.",
        topic="ingress",
        source="https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/",
        follow=_by_cluster_ip,
    ),
    Belief(
        id="ingress-keeps-the-source",
        title="Behind an Ingress the pod sees the client",
        says="The pod sees the address of the client that asked the Ingress.",
        correction="The controller opens a connection of its own, so the pod sees the controller's pod; the client "
        "stands in X-Forwarded-For at most.",
        topic="ingress",
        source="https://kubernetes.io/docs/tutorials/services/source-ip/",
        follow=_client_seen,
    ),
)
