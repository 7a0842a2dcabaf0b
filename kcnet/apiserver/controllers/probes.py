"""What kubelet says of a readiness probe that fails, by its kind and by what listens in the pod.

Models pkg/kubelet/prober and pkg/probe of kubernetes/kubernetes. Not modelled: what an application answers; where it
listens on the port that is asked, and is not ready all the same, its health page says 503.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from kcnet.apiserver.store import Object
from kcnet.model.names import Protocol
from kcnet.model.wellknown import LISTENS, parse_listens


def failing(pod: Object, container: Object, address: str) -> str | None:
    """The message of the event, where the container's probe cannot succeed; None where nothing speaks against it."""
    probe = container.get("readinessProbe") or {}
    kind = next((kind for kind in ("httpGet", "tcpSocket", "grpc") if probe.get(kind)), None)
    if kind is None or probe[kind].get("host"):
        return None
    port = _port(container, probe[kind].get("port"))
    if not isinstance(port, int):
        return f'Readiness probe errored and resulted in unknown state: strconv.Atoi: parsing "{port}": invalid syntax'
    listens = _listens(pod)
    if listens is None or (port, Protocol.TCP) in listens:
        return None
    return f"Readiness probe failed: {_refused(kind, probe, address, port)}"


def failed(pod: Object, container: Object, address: str) -> str | None:
    """The message for a container that is not ready; None if it has no probe."""
    probe = container.get("readinessProbe")
    if not probe:
        return None
    if message := failing(pod, container, address):
        return message
    said = ""
    if probe.get("httpGet"):
        said = "HTTP probe failed with statuscode: 503"
    elif port := (probe.get("tcpSocket") or {}).get("port"):
        said = _refused("tcpSocket", probe, address, _port(container, port))
    elif probe.get("grpc"):
        said = 'service unhealthy (responded with "NOT_SERVING")'
    return f"Readiness probe failed: {said}"


def _refused(kind: str, probe: Mapping[str, Any], address: str, port: int | str) -> str:
    place = f"[{address}]:{port}" if address and ip_address(address).version == 6 else f"{address}:{port}"
    if kind == "grpc":
        seconds = probe.get("timeoutSeconds") or 1
        return f'timeout: failed to connect service "{place}" within {seconds}s: context deadline exceeded'
    refused = f"dial tcp {place}: connect: connection refused"
    if kind == "tcpSocket":
        return refused
    action = probe["httpGet"]
    path = str(action.get("path") or "/")
    url = f"{str(action.get('scheme') or 'HTTP').lower()}://{place}/{path.removeprefix('/')}"
    return f'Get "{url}": {refused}'


def _port(container: Object, port: Any) -> int | str:
    """By name as kubelet looks it up; a text that no port has stays."""
    if isinstance(port, int):
        return port
    named = (item["containerPort"] for item in container.get("ports") or () if item.get("name") == port)
    found = next(named, port)
    return int(found) if str(found).isdecimal() else str(found)


def _listens(pod: Object) -> frozenset[tuple[int, Protocol]] | None:
    text = (pod["metadata"].get("annotations") or {}).get(LISTENS)
    try:
        return None if text is None else parse_listens(text)
    except ValueError:
        return None
