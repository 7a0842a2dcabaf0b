"""``map``: the cluster drawn as text of 80 columns. Who is where, which Service leads to which pods, which policies."""

from __future__ import annotations

from collections.abc import Iterator

from kcnet.lab.call import Call
from kcnet.lab.machine import Ran
from kcnet.lab.own import words_of
from kcnet.model.cluster import Cluster
from kcnet.model.objects import Pod, Service, ServiceType

WIDTH = 80
SYSTEM = ("kube-system",)


def run(call: Call) -> int:
    try:
        words, _ = words_of(call, "map [NAMESPACE...] [-n NAMESPACE]")
    except ValueError as error:
        call.err(f"map: {error}")
        return 1
    cluster = call.session.cluster
    asked = words or [word for word in call.argv[1:] if not word.startswith("-")]
    unknown = [name for name in asked if name not in cluster.namespaces]
    if unknown:
        call.err(f"map: There is no namespace {unknown[0]}. There is {', '.join(cluster.namespaces)}.")
        return 1
    call.did(Ran("map", tuple(call.argv[1:])))
    call.out("\n".join(line.rstrip() for line in _page(cluster, asked)) + "\n")
    return 0


def _page(cluster: Cluster, asked: list[str]) -> Iterator[str]:
    cni = cluster.cni.title or "a CNI plugin"
    yield _cut(f"{len(cluster.nodes)} nodes, kube-proxy in mode {cluster.proxy_mode.value}, pod network by {cni}")
    for node in cluster.nodes.values():
        pods = cluster.pods_by_node.get(node.name, ())
        yield _cut(f"  node {node.name}  {node.address}  {len(pods)} pods{'' if node.ready else '  NotReady'}")
    spaces = [name for name in cluster.namespaces if (name in asked if asked else name not in SYSTEM)]
    for space in spaces:
        if asked or _used(cluster, space):
            yield ""
            yield from _namespace(cluster, space)


def _used(cluster: Cluster, space: str) -> bool:
    return bool(
        cluster.pods_by_namespace.get(space)
        or cluster.policies.get(space)
        or [one for one in cluster.service_names(space) if (space, one) != ("default", "kubernetes")]
        or [one for one in cluster.ingresses if one[0] == space]
    )


def _namespace(cluster: Cluster, space: str) -> Iterator[str]:
    yield _cut(f"namespace {space} " + "─" * max(0, 66 - len(space)))
    for (home, name), ingress in cluster.ingresses.items():
        if home == space:
            for rule in ingress.rules:
                for path in rule.paths or ():
                    backend = f"{path.backend.service}:{path.backend.port}"
                    yield _cut(f"  ingress {name}  {rule.host or '*'}{path.path} ──▶ svc {backend}")
            if ingress.default_backend is not None:
                yield _cut(f"  ingress {name}  everything else ──▶ svc {ingress.default_backend.service}")
    shown: set[str] = set()
    for name in cluster.service_names(space):
        service = cluster.services[space, name]
        yield from _service(cluster, service, shown)
    others = [pod for pod in cluster.pods_by_namespace.get(space, ()) if pod.name not in shown]
    if others:
        yield "  no Service leads to"
        for pod in others:
            yield f"    {_pod(pod)}"
    yield from _policies(cluster, space)


def _service(cluster: Cluster, service: Service, shown: set[str]) -> Iterator[str]:
    ports = ", ".join(
        f"{port.port}{f':{port.node_port}' if port.node_port else ''}/{port.protocol.value}" for port in service.ports
    )
    address = "headless" if service.headless else ", ".join(map(str, service.cluster_ips))
    about = f"{service.type.value}  {address}  {ports}".replace("    ", "  ")
    if service.type is ServiceType.EXTERNAL_NAME:
        about = f"ExternalName = {service.external_name}"
    outside = [str(one.address or one.hostname) for one in service.load_balancer]
    if service.type is ServiceType.LOAD_BALANCER:
        about += f"  outside: {', '.join(outside) or 'pending'}"
    yield _cut(f"  svc {service.name}  {about}")
    endpoints = [one for part in cluster.slices.get((service.namespace, service.name), ()) for one in part.endpoints]
    for endpoint in endpoints:
        pod = cluster.pod_of(endpoint.target)
        mark = "├─▶" if endpoint is not endpoints[-1] else "└─▶"
        if pod is not None:
            shown.add(pod.name)
            yield _cut(f"    {mark} {_pod(pod)}")
        else:
            yield _cut(f"    {mark} {', '.join(map(str, endpoint.addresses))}{'' if endpoint.ready else '  not ready'}")
    if not endpoints and service.type is not ServiceType.EXTERNAL_NAME:
        selector = ",".join(f"{key}={value}" for key, value in service.selector.items())
        yield _cut(f"    └─▶ nobody" + (f" has the labels {selector}" if selector else ": no selector"))  # noqa: F541


def _pod(pod: Pod) -> str:
    state = "" if pod.ready and pod.phase == "Running" else f"  {_state(pod)}"
    address = str(pod.address) if pod.address else "no address"
    return _cut(f"pod {pod.name:<36}  {address:<15}  {pod.node or 'no node'}{state}", WIDTH - 4)


def _state(pod: Pod) -> str:
    return pod.phase if pod.phase != "Running" else "not ready"


def _policies(cluster: Cluster, space: str) -> Iterator[str]:
    pods = cluster.pods_by_namespace.get(space, ())
    for policy in cluster.policies.get(space, ()):
        selected = [pod for pod in pods if policy.pod_selector.matches(pod.labels)]
        who = "all pods" if selected and len(selected) == len(pods) else f"{len(selected)} of {len(pods)} pods"
        ways = " and ".join(sorted(one.value.lower() for one in policy.directions))
        yield _cut(f"  netpol {policy.name}  isolates {who} for {ways}")


def _cut(text: str, width: int = WIDTH) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."
