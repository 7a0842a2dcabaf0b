"""Who asks and what is asked: SOURCE and TARGET as people type them, taken apart against a cluster.

The forms are those of kubectl (``NAME``, ``NAMESPACE/NAME``, ``KIND/NAME``, ``NAMESPACE/KIND/NAME``), URLs, host names
and addresses.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress, Port, Ref
from kcnet.model.objects import Pod
from kcnet.model.trace import Client, Target
from kcnet.path.flow import OUTSIDE
from kcnet.path.nearest import closest

INTERNET = (ip_address("198.51.100.7"), ip_address("2001:db8::7"))
"""The client that ``internet`` stands for: addresses of the documentation ranges."""

KINDS: dict[str, str] = {
    alias: kind
    for kind, aliases in {
        "Pod": "pod pods po",
        "Deployment": "deployment deployments deploy",
        "ReplicaSet": "replicaset replicasets rs",
        "ReplicationController": "replicationcontroller replicationcontrollers rc",
        "StatefulSet": "statefulset statefulsets sts",
        "DaemonSet": "daemonset daemonsets ds",
        "Job": "job jobs",
        "CronJob": "cronjob cronjobs cj",
        "Service": "service services svc",
        "Node": "node nodes no",
    }.items()
    for alias in aliases.split()
}
"""kubectl's names and short names, with group suffixes such as ``deployments.apps`` cut off."""

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob")
"""Kinds that have pods, in the order in which a bare name is looked for among them."""


class RequestError(ValueError):
    """A source or target that does not exist or cannot be read."""

    def __init__(self, message: str, fix: str = "", nearest: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.nearest = nearest


def parse_client(cluster: Cluster, text: str, namespace: str = "default") -> Client:
    """The client that SOURCE names. Raises RequestError."""
    typed = text.strip()
    if typed.lower() == "internet":
        return _outside("internet", *INTERNET)
    address = _address(typed)
    if address is not None:
        return _client_at(cluster, address)
    kind, namespace, name, _ = _named(cluster, typed, namespace)
    if kind == "Node":
        return _node_client(cluster, name)
    if kind == "Service":
        raise RequestError(
            f"{typed}: a Service sends no requests, its pods do.",
            fix=f"Name one of them, such as --from deploy/{name}.",
        )
    return _pod_client(_pod(cluster, kind, namespace, name, typed))


def _outside(name: str, *addresses: IPAddress) -> Client:
    return Client(ref=Ref(OUTSIDE, None, name), address=addresses[0], addresses=addresses, node=None)


def _client_at(cluster: Cluster, address: IPAddress) -> Client:
    pod = cluster.pods_by_address.get(address)
    if pod is not None:
        return _pod_client(pod)
    node = cluster.nodes_by_address.get(address)
    if node is not None:
        return _node_client(cluster, node.name)
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        raise RequestError(f"{address} is no address that a client sends from.", fix="Name a pod, a node or an IP.")
    return _outside(str(address), address)


def _node_client(cluster: Cluster, name: str) -> Client:
    node = cluster.nodes.get(name)
    if node is None:
        raise _unknown("node", name, cluster.nodes)
    return Client(ref=node.ref, address=node.address, addresses=node.addresses, node=node.name)


def _pod_client(pod: Pod) -> Client:
    if pod.address is None or pod.node is None or pod.phase in ("Succeeded", "Failed"):
        why = pod.pending_because or f"its phase is {pod.phase}"
        raise RequestError(
            f"pod {pod.namespace}/{pod.name} sends nothing: it does not run ({why}).", fix="Ask from a pod that runs."
        )
    return Client(ref=pod.ref, address=pod.address, addresses=pod.addresses, node=pod.node)


def parse_target(cluster: Cluster, text: str, namespace: str = "default") -> Target:
    """What TARGET names. Raises RequestError."""
    typed = text.strip()
    if not typed:
        raise RequestError(
            "The target is empty.", fix="Name a URL, a host, svc/NAME, pod/NAME, node/NAME:PORT or an IP."
        )
    if "://" in typed:
        return _url(typed)
    if typed.lower().startswith(("http:/", "https:/")):
        scheme, _, rest = typed.partition(":")
        raise RequestError(f"{typed}: a URL has two slashes.", fix=f"Write {scheme}://{rest.lstrip('/')}.")
    host, port = _split_port(typed)
    address = _address(host)
    if address is not None:
        return _address_target(cluster, typed, address, port)
    if "/" in host:
        return _object_target(cluster, typed, host, port, namespace)
    return Target(typed=typed, name=_host_name(host), port=port)


def _url(typed: str) -> Target:
    try:
        parts = urlsplit(typed)
        number = parts.port
    except ValueError as error:
        raise RequestError(
            f"{typed} is not a URL that can be read: {error}.", fix="Write http://HOST:PORT/PATH."
        ) from None
    if parts.scheme.lower() not in ("http", "https"):
        raise RequestError(
            f"{typed}: kcnet follows http and https URLs only.", fix="Write HOST:PORT for other protocols."
        )
    if not parts.hostname:
        raise RequestError(f"{typed} names no host.", fix="Write http://HOST/PATH.")
    scheme = parts.scheme.lower()
    port = number if number is not None else {"http": 80, "https": 443}[scheme]
    path = unquote(parts.path) or "/"
    address = _address(parts.hostname)
    if address is not None:
        return Target(typed=typed, address=address, port=port, scheme=scheme, path=path)
    return Target(typed=typed, name=_host_name(parts.hostname), port=port, scheme=scheme, path=path)


def _split_port(typed: str) -> tuple[str, Port | None]:
    """``cart:http``, ``10.0.0.1:80``, ``[fd00::1]:80``; an IPv6 address without brackets has no port."""
    if typed.startswith("["):
        host, bracket, rest = typed[1:].partition("]")
        if not bracket or _address(host) is None:
            raise RequestError(f"{typed}: brackets go round an IPv6 address.", fix="Write [ADDRESS]:PORT.")
        return host, _port(rest.removeprefix(":"), typed) if rest else None
    if typed.count(":") > 1:
        return typed, None
    host, colon, port = typed.partition(":")
    return host, _port(port, typed) if colon else None


def _port(text: str, typed: str) -> Port:
    if not text:
        raise RequestError(f"{typed}: a port is missing behind the colon.", fix="Write a number or a port's name.")
    if text.isascii() and text.lstrip("-").isdigit():
        number = int(text[:8])
        if not 1 <= number <= 65535:
            raise RequestError(f"{typed}: {text} is not a port.", fix="Ports go from 1 to 65535.")
        return number
    return text


def _host_name(host: str) -> str:
    bare = host.removesuffix(".")
    labels = bare.split(".")
    if not bare or len(bare) > 253 or any(not label or len(label) > 63 for label in labels):
        raise RequestError(
            f"{host!r} is not a host name.", fix="Labels of 1 to 63 characters, separated by single dots."
        )
    if any(not (c.isalnum() or c in "-_") for label in labels for c in label):
        raise RequestError(f"{host!r} is not a host name.", fix="Letters, digits, dashes and dots only.")
    return host


def _address_target(cluster: Cluster, typed: str, address: IPAddress, port: Port | None) -> Target:
    if port is None and address in cluster.nodes_by_address:
        raise RequestError(f"{typed} is a node's address: say which port.", fix=f"Write {typed}:PORT.")
    if isinstance(port, str):
        raise RequestError(f"{typed}: an address has no named ports.", fix="Write the port's number.")
    return Target(typed=typed, address=address, port=port)


def _object_target(cluster: Cluster, typed: str, host: str, port: Port | None, namespace: str) -> Target:
    kind, namespace, name, named_kind = _named(cluster, host, namespace)
    if kind == "Node":
        node = cluster.nodes.get(name)
        if node is None:
            raise _unknown("node", name, cluster.nodes)
        if not isinstance(port, int):
            raise RequestError(
                f"{typed}: say which port of the node.", fix=f"Write node/{name}:PORT, PORT being a number."
            )
        return Target(typed=typed, ref=node.ref, port=port)
    if kind == "Service" or (not named_kind and _is_only_a_service(cluster, namespace, name)):
        service = cluster.service(namespace, name)
        if service is None:
            raise _unknown(
                "Service", name, _in(cluster.services, namespace), namespace, _having(cluster.services, name)
            )
        if isinstance(port, str) and port not in {p.name for p in service.ports}:
            raise no_such_port(str(service.ref), port, [(p.name, p.port) for p in service.ports])
        return Target(typed=typed, ref=service.ref, port=port)
    pod = _pod(cluster, kind, namespace, name, typed)
    if isinstance(port, str):
        named = next((p.number for p in pod.ports if p.name == port), None)
        if named is None:
            raise no_such_port(f"pod {pod.namespace}/{pod.name}", port, [(p.name, p.number) for p in pod.ports])
    return Target(typed=typed, ref=pod.ref, port=port)


def _is_only_a_service(cluster: Cluster, namespace: str, name: str) -> bool:
    has_pods = (namespace, name) in cluster.pods or any(
        cluster.workloads.get((kind, namespace, name)) for kind in WORKLOADS
    )
    return not has_pods and (namespace, name) in cluster.services


def _named(cluster: Cluster, typed: str, namespace: str) -> tuple[str | None, str, str, bool]:
    """(kind, namespace, name, whether a kind was said); kind None: a pod, or a workload that has pods."""
    parts = typed.split("/")
    if len(parts) > 1 and parts[-2].lower() in ("ing", "ingress", "ingresses"):
        raise RequestError(f"{typed}: an Ingress is asked by its hosts.", fix="Write http://HOST/PATH.")
    if len(parts) > 3 or any(not part for part in parts):
        raise RequestError(
            f"{typed!r} names nothing.", fix="Write NAME, NAMESPACE/NAME, KIND/NAME or NAMESPACE/KIND/NAME."
        )
    if len(parts) == 1:
        return None, namespace, parts[0], False
    if len(parts) == 2:
        kind = _kind(parts[0])
        if kind is not None:
            return kind, namespace, parts[1], True
        return None, parts[0], parts[1], False
    kind = _kind(parts[1])
    if kind is None:
        raise RequestError(
            f"{typed}: {parts[1]!r} is not a kind.",
            fix="Kinds are pod, deploy, sts, ds, rs, rc, job, cronjob, svc and node.",
            nearest=closest(parts[1].lower(), KINDS),
        )
    return kind, parts[0], parts[2], True


def _kind(text: str) -> str | None:
    return KINDS.get(text.lower().split(".")[0])


def _pod(cluster: Cluster, kind: str | None, namespace: str, name: str, typed: str) -> Pod:
    if kind in (None, "Pod"):
        pod = cluster.pods.get((namespace, name))
        if pod is not None:
            return pod
    if kind != "Pod":
        for workload_kind in WORKLOADS if kind is None else (kind,):
            pods = cluster.workloads.get((workload_kind, namespace, name))
            if pods:
                return _first(cluster, pods)
            if pods is not None:
                raise RequestError(f"{workload_kind} {namespace}/{name} has no pods.", fix="Scale it above 0.")
    if kind == "Pod" or kind is None:
        names = [*_in(cluster.pods, namespace), *(() if kind else _workloads(cluster, namespace, None))]
        what = "pod" if kind else "pod or workload"
    else:
        names = _workloads(cluster, namespace, kind)
        what = kind
    if namespace not in cluster.namespaces and kind is None:
        near = closest(namespace, [*cluster.namespaces, *KINDS])
        raise RequestError(
            f"{typed}: there is no namespace {namespace!r}"
            + (", and it is no kind that can be asked either." if "/" in typed else "."),
            fix=f"Did you mean {near}?" if near else "Write NAME with -n NAMESPACE, NAMESPACE/NAME or KIND/NAME.",
            nearest=near,
        )
    everywhere = {
        *_having(cluster.pods, name),
        *(ns for k, ns, n in cluster.workloads if n == name and kind in (None, k)),
    }
    raise _unknown(what, name, names, namespace, everywhere)


def _first(cluster: Cluster, pods: tuple[tuple[str, str], ...]) -> Pod:
    """The first pod of a workload that runs; the first of all if none does."""
    found = [cluster.pods[key] for key in pods]
    return next((pod for pod in found if pod.address is not None and pod.phase == "Running"), found[0])


def _in(objects: Iterable[tuple[str, str]], namespace: str) -> list[str]:
    return [name for home, name in objects if home == namespace]


def _having(objects: Iterable[tuple[str, str]], name: str) -> list[str]:
    return [home for home, other in objects if other == name]


def _workloads(cluster: Cluster, namespace: str, kind: str | None) -> list[str]:
    return [name for k, home, name in cluster.workloads if home == namespace and kind in (None, k)]


def _unknown(
    what: str, name: str, names: Iterable[str], namespace: str | None = None, elsewhere: Iterable[str] = ()
) -> RequestError:
    where = f" in namespace {namespace}" if namespace else ""
    others = sorted(set(elsewhere))
    near = closest(name, names)
    if others:
        fix = f"There is one in namespace {others[0]}: write {others[0]}/... or -n {others[0]}."
    elif near:
        fix = f"Did you mean {near}?"
    else:
        known = sorted(set(names))
        fix = (
            f"There is {', '.join(known[:6])}{' and more' if len(known) > 6 else ''}."
            if known
            else f"The manifests hold no {what}{where}."
        )
    return RequestError(f"There is no {what} {name}{where}.", fix=fix, nearest=near)


def no_such_port(owner: str, name: str, ports: Iterable[tuple[str | None, int]]) -> RequestError:
    """For a port asked by a name that ``owner`` gives to none of its ports."""
    listed = [f"{named} ({number})" if named else str(number) for named, number in ports]
    near = closest(name, [named for named, _ in ports if named])
    only = "Write its number: " if len(listed) == 1 else "Ask one of "
    fix = f"{only}{', '.join(listed)}." if listed else "Write a number."
    return RequestError(f"{owner} has no port named {name!r}.", fix=fix, nearest=near)


def _address(text: str) -> IPAddress | None:
    try:
        return ip_address(text.strip("[]")) if "%" not in text else None
    except ValueError:
        return None
