"""Ingresses in a short notation, and the world that their rows share.

A rule is ``HOST PATH TYPE SERVICE:PORT``; HOST ``-`` is none, TYPE one of Exact, Prefix, Any (ImplementationSpecific).

The world: in namespace shop the Services web (80 to 8080, named http), api (8080 to 9090) and old (80 to 7070) with one
pod each; ingress-nginx in its own namespace, a pod at 10.244.1.50 behind a load balancer at 203.0.113.50, which serves
the class nginx.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from tests.flows.builders import CLIENT, LB_IP, NODES, Manifest, pod, port, service, sport
from tests.flows.policy_builders import row

TYPES = {"Exact": "Exact", "Prefix": "Prefix", "Any": "ImplementationSpecific"}
CONTROLLER_IP = "10.244.1.50"
NGINX_IMAGE = "registry.k8s.io/ingress-nginx/controller:v1.15.1"


def backend(text: str) -> Manifest:
    name, _, number = text.partition(":")
    if name.startswith("resource/"):
        return {
            "resource": {"apiGroup": "k8s.example.com", "kind": "StorageBucket", "name": name.removeprefix("resource/")}
        }
    return {"service": {"name": name, "port": {"number": int(number)} if number.isdigit() else {"name": number}}}


def ingress(
    *rules: str,
    name: str = "site",
    ns: str = "shop",
    cls: str | None = "nginx",
    default: str | None = None,
    tls: Sequence[tuple[str | None, Sequence[str]]] = (),
    status: str | None = None,
    notes: Mapping[str, str] | None = None,
    created: str | None = None,
    **meta: Any,
) -> Manifest:
    """``tls``: pairs of a Secret's name and the hosts it is for."""
    spec: Manifest = {}
    if cls:
        spec["ingressClassName"] = cls
    if default:
        spec["defaultBackend"] = backend(default)
    if tls:
        spec["tls"] = [
            {**({"secretName": secret} if secret else {}), **({"hosts": list(hosts)} if hosts else {})}
            for secret, hosts in tls
        ]
    hosts: dict[str, list[Manifest] | None] = {}
    for each in rules:
        host, *rest = each.split()
        if not rest:
            hosts[host] = None
            continue
        path, kind, target = rest
        found = hosts.setdefault(host, [])
        assert found is not None
        found.append({"path": path, "pathType": TYPES[kind], "backend": backend(target)})
    if hosts:
        spec["rules"] = [
            {**({} if host == "-" else {"host": host}), **({"http": {"paths": paths}} if paths is not None else {})}
            for host, paths in hosts.items()
        ]
    metadata: Manifest = {"name": name, "namespace": ns, **meta}
    if notes:
        metadata["annotations"] = dict(notes)
    if created:
        metadata["creationTimestamp"] = created
    whole = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}
    if status:
        key = "ip" if status[0].isdigit() else "hostname"
        whole["status"] = {"loadBalancer": {"ingress": [{key: status}]}}
    return whole


def ingress_class(
    name: str, controller: str = "k8s.io/ingress-nginx", default: bool = False, created: str | None = None
) -> Manifest:
    metadata: Manifest = {"name": name}
    if default:
        metadata["annotations"] = {"ingressclass.kubernetes.io/is-default-class": "true"}
    if created:
        metadata["creationTimestamp"] = created
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": metadata,
        "spec": {"controller": controller},
    }


def secret(name: str, ns: str = "shop", kind: str = "kubernetes.io/tls", certificate: str = "") -> Manifest:
    found: Manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": ns}, "type": kind}
    if certificate:
        found["data"] = {"tls.crt": b64encode(certificate.encode()).decode(), "tls.key": ""}
    return found


def controller(
    image: str = NGINX_IMAGE,
    *,
    ns: str = "ingress-nginx",
    ip: str = CONTROLLER_IP,
    args: Sequence[str] = ("--controller-class=k8s.io/ingress-nginx", "--ingress-class=nginx"),
    name: str = "controller",
    **more: Any,
) -> Manifest:
    container = {
        "name": "controller",
        "image": image,
        "args": list(args),
        "ports": [port(80, "http"), port(443, "https")],
    }
    return pod(name, ip, ns=ns, app="ingress", containers=[container], **more)


def front(
    kind: str = "LoadBalancer",
    *,
    ns: str = "ingress-nginx",
    address: str | None = LB_IP,
    node_ports: tuple[int, int] = (30080, 30443),
    **more: Any,
) -> Manifest:
    """The controller's own Service."""
    numbers = [{} if kind == "ClusterIP" else {"nodePort": number} for number in node_ports]
    ports = [sport(80, "http", "http", **numbers[0]), sport(443, "https", "https", **numbers[1])]
    lb = [{"ip": address}] if address and kind == "LoadBalancer" else None
    return service("ingress", ns=ns, app="ingress", kind=kind, ports=ports, lb=lb, **more)


WEB = pod("web", "10.244.2.10", app="web")
API = pod("api", "10.244.3.10", app="api", ports=[port(9090, "grpc")])
OLD = pod("old", "10.244.2.11", app="old", ports=[port(7070)])
APPS = (
    WEB,
    API,
    OLD,
    service("web", "10.96.1.1", ports=[sport(80, "http", "http")]),
    service("api", "10.96.1.2", app="api", ports=[sport(8080, 9090, "rpc")]),
    service("old", "10.96.1.3", app="old", ports=[sport(80, 7070)]),
)
NGINX = (controller(), front(), ingress_class("nginx"))
SHOP = (NODES, APPS, CLIENT, NGINX)
ONLY_APPS = (NODES, APPS, CLIENT)
"""Without a controller."""


def asks(name: str, given: Any, way: str, ends: str, because: str | None = None, **more: Any) -> Any:
    """A row in the shop. Without ``>`` the internet asks for ``way``."""
    more.setdefault("world", SHOP)
    more.setdefault("ns", "shop")
    if ends == "delivered":
        more.setdefault("status", None)
    return row(name, given, way if " > " in way else f"internet > {way}", ends, because, **more)
