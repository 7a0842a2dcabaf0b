"""env and printenv: variables of a container, those of Services included.

https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables and pkg/kubelet/envvars: set when
the container starts, for Services of its namespace that have a cluster IP, and for ``kubernetes``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kcnet.lab.machine import Machine, Outcome, Ran, World
from kcnet.model.objects import Pod, Service


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    variables = dict(variables_of(world, machine))
    words = [word for word in argv[1:] if not word.startswith("-")]
    shown = (Ran(argv[0], tuple(argv[1:])),)
    if argv[0] == "printenv" and words:
        lines = [variables[word] for word in words if word in variables]
        return Outcome("".join(f"{line}\n" for line in lines), "", 0 if len(lines) == len(words) else 1, shown)
    return Outcome("".join(f"{name}={value}\n" for name, value in variables.items()), "", 0, shown)


def variables_of(world: World, machine: Machine) -> Iterator[tuple[str, str]]:
    pod = machine.pod
    yield "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    if pod is None:
        yield "HOSTNAME", machine.node.name if machine.node is not None else "laptop"
        yield "HOME", "/root" if machine.node is not None else "~"
        return
    yield "HOSTNAME", pod.hostname or pod.name
    spec = _spec(world, pod)
    container = next((one for one in spec.get("containers") or () if one.get("image") == machine.image), None)
    for item in (container or {}).get("env") or ():
        if "value" in item:
            yield str(item["name"]), str(item["value"])
    links = spec.get("enableServiceLinks", True)
    for service in world.cluster.services.values():
        here = service.namespace == pod.namespace and links
        master = (service.namespace, service.name) == ("default", "kubernetes")
        if (here or master) and service.cluster_ips and not _later(service, pod):
            yield from _of_service(service)
    yield "HOME", "/root"


def _spec(world: World, pod: Pod) -> Mapping[str, Any]:
    try:
        spec: Mapping[str, Any] = world.objects.pod(pod.namespace, pod.name).get("spec") or {}
    except KeyError:
        return {}
    return spec


def _later(service: Service, pod: Pod) -> bool:
    """Whether the Service was created after the pod's containers started."""
    return bool(service.created and pod.created and service.created > pod.created)


def _of_service(service: Service) -> Iterator[tuple[str, str]]:
    name = service.name.upper().replace("-", "_")
    address = service.cluster_ips[0]
    if not service.ports:
        return
    first = service.ports[0]
    yield f"{name}_SERVICE_HOST", str(address)
    yield f"{name}_SERVICE_PORT", str(first.port)
    for port in service.ports:
        if port.name:
            yield f"{name}_SERVICE_PORT_{port.name.upper().replace('-', '_')}", str(port.port)
    url = f"{first.protocol.value.lower()}://{address}:{first.port}"
    yield f"{name}_PORT", url
    for port in service.ports:
        prefix = f"{name}_PORT_{port.port}_{port.protocol.value}"
        yield prefix, f"{port.protocol.value.lower()}://{address}:{port.port}"
        yield f"{prefix}_PROTO", port.protocol.value.lower()
        yield f"{prefix}_PORT", str(port.port)
        yield f"{prefix}_ADDR", str(address)
