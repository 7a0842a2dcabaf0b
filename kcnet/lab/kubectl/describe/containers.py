"""Containers of a pod, or of a pod template.

k8s: kubectl pkg/describe/describe.go (describeContainers).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from kcnet.apiserver.tables.services import bracketed
from kcnet.apiserver.tables.words import NONE
from kcnet.lab.kubectl.describe.reader import Object
from kcnet.lab.kubectl.describe.writer import Page
from kcnet.lab.kubectl.quantities import Quantity, canonical, parse

Container = Mapping[str, Any]


def containers(
    page: Page, title: str, values: Sequence[Container] | None, statuses: Iterable[Container] | None,
    *, pod: Object | None = None, indent: str = "",
) -> None:  # fmt: skip
    """Each container with what became of it. Without ``pod`` they are those of a template."""
    known = {status.get("name"): status for status in statuses or ()}
    page.line(0, f"{indent}{title}:{'' if values else ' ' + NONE}")
    for container in values or ():
        page.line(1, f"{' ' if indent else ''}{container.get('name', '')}:")
        status = known.get(container.get("name"))
        _basics(page, container, status)
        for field, words in (("Command", container.get("command")), ("Args", container.get("args"))):
            _lines(page, field, words)
        if status is not None:
            _states(page, status)
        resources(page, container.get("resources"), 2)
        for field, name in (
            ("Liveness", "livenessProbe"),
            ("Readiness", "readinessProbe"),
            ("Startup", "startupProbe"),
        ):
            if container.get(name):
                page.field(field, probe(container[name]), 2)
        _environment_from(page, container.get("envFrom"))
        _environment(page, container, pod)
        _mounts(page, container)


def _basics(page: Page, container: Container, status: Container | None) -> None:
    if status is not None:
        page.field("Container ID", status.get("containerID") or "", 2)
    page.field("Image", container.get("image") or "", 2)
    if status is not None:
        page.field("Image ID", status.get("imageID") or "", 2)
    ports = container.get("ports") or ()
    for title, field in (("Port", "containerPort"), ("Host Port", "hostPort")):
        text = ", ".join(_port(port, field) for port in ports)
        page.field(title + "s" * ("," in text), text or NONE, 2)
    if profile := (container.get("securityContext") or {}).get("seccompProfile"):
        page.field("SeccompProfile", profile.get("type", ""), 2)
        if profile.get("type") == "Localhost":
            page.field("LocalhostProfile", profile.get("localhostProfile", ""), 3)


def _port(port: Mapping[str, Any], field: str) -> str:
    name = f" ({port['name']})" if port.get("name") else ""
    return f"{port.get(field) or 0}/{port.get('protocol') or 'TCP'}{name}"


def _lines(page: Page, title: str, words: Sequence[str] | None) -> None:
    if words:
        page.line(2, f"{title}:")
    for word in words or ():
        for line in str(word).split("\n"):
            page.line(3, line)


def _states(page: Page, status: Container) -> None:
    _state(page, "State", status.get("state") or {})
    last = status.get("lastState") or {}
    if last.get("terminated") is not None:
        _state(page, "Last State", last)
    page.field("Ready", bool(status.get("ready")), 2)
    page.field("Restart Count", status.get("restartCount") or 0, 2)


def _state(page: Page, title: str, state: Mapping[str, Any]) -> None:
    if (running := state.get("running")) is not None:
        page.field(title, "Running", 2)
        page.field("Started", page.time(running.get("startedAt")), 3)
    elif state.get("waiting") is None and (ended := state.get("terminated")) is not None:
        page.field(title, "Terminated", 2)
        page.optional("Reason", ended.get("reason"), 3)
        page.optional("Message", ended.get("message"), 3)
        page.field("Exit Code", ended.get("exitCode") or 0, 3)
        page.optional("Signal", ended.get("signal"), 3)
        page.field("Started", page.time(ended.get("startedAt")), 3)
        page.field("Finished", page.time(ended.get("finishedAt")), 3)
    else:
        page.field(title, "Waiting", 2)
        page.optional("Reason", (state.get("waiting") or {}).get("reason"), 3)


def resources(page: Page, value: Mapping[str, Any] | None, level: int) -> None:
    """Limits, then requests."""
    for title, field in (("Limits", "limits"), ("Requests", "requests")):
        amounts = (value or {}).get(field) or {}
        if amounts:
            page.line(level, f"{title}:")
        for name, amount in sorted(amounts.items()):
            page.field(name, canonical(amount), level + 1)


def probe(value: Mapping[str, Any]) -> str:
    """``http-get http://:8080/healthz delay=0s timeout=1s period=10s #success=1 #failure=3``."""
    attributes = (
        f"delay={value.get('initialDelaySeconds') or 0}s timeout={value.get('timeoutSeconds') or 0}s"
        f" period={value.get('periodSeconds') or 0}s #success={value.get('successThreshold') or 0}"
        f" #failure={value.get('failureThreshold') or 0}"
    )
    if (command := value.get("exec")) is not None:
        return f"exec [{' '.join(command.get('command') or ())}] {attributes}"
    if (http := value.get("httpGet")) is not None:
        return f"http-get {_url(http)} {attributes}"
    if (tcp := value.get("tcpSocket")) is not None:
        return f"tcp-socket {tcp.get('host') or ''}:{tcp.get('port', '')} {attributes}"
    if (grpc := value.get("grpc")) is not None:
        return f"grpc <pod>:{grpc.get('port')} {grpc.get('service') or ''} {attributes}"
    return f"unknown {attributes}"


def _url(http: Mapping[str, Any]) -> str:
    scheme, path = str(http.get("scheme") or "").lower(), str(http.get("path") or "")
    slash = "/" if path and not path.startswith("/") else ""
    host = f"{bracketed(http.get('host') or '')}:{http.get('port', '')}"
    return f"{scheme + ':' if scheme else ''}//{host}{slash}{quote(path, safe='$&+,/:;=@~')}"


def _environment_from(page: Page, sources: Sequence[Mapping[str, Any]] | None) -> None:
    if sources:
        page.line(2, "Environment Variables from:")
    for source in sources or ():
        kind, field = ("ConfigMap", "configMapRef") if source.get("configMapRef") else ("Secret", "secretRef")
        ref = source.get(field) or {}
        prefix = f" with prefix '{source['prefix']}'" if source.get("prefix") else ""
        page.line(3, f"{ref.get('name', '')}\t{kind}{prefix}\tOptional: {_optional(ref)}")


def _optional(ref: Mapping[str, Any]) -> str:
    return str(bool(ref.get("optional"))).lower()


def _environment(page: Page, container: Container, pod: Object | None) -> None:
    variables = container.get("env") or ()
    page.line(2, "Environment:" if variables else f"Environment:\t{NONE}")
    for variable in variables:
        name, source = variable.get("name", ""), variable.get("valueFrom")
        if not source:
            first, *rest = str(variable.get("value") or "").split("\n")
            page.field(name, first, 3)
            for line in rest:
                page.line(3, f"\t{line}")
        elif ref := source.get("fieldRef"):
            path = ref.get("fieldPath", "")
            page.field(name, f"{_of_pod(pod, path)} ({ref.get('apiVersion') or 'v1'}:{path})", 3)
        elif ref := source.get("resourceFieldRef"):
            page.field(name, f"{_of_container(container, ref)} ({ref.get('resource', '')})", 3)
        elif ref := source.get("secretKeyRef"):
            where = f"in secret '{ref.get('name', '')}'"
            page.field(name, f"<set to the key '{ref.get('key', '')}' {where}>\tOptional: {_optional(ref)}", 3)
        elif ref := source.get("configMapKeyRef"):
            where = f"of config map '{ref.get('name', '')}'"
            page.field(name, f"<set to the key '{ref.get('key', '')}' {where}>\tOptional: {_optional(ref)}", 3)


def _of_pod(pod: Object | None, path: str) -> str:
    """kubectl fills in names and whole maps of metadata; one label, and what the status holds, stay empty."""
    metadata = (pod or {}).get("metadata") or {}
    if path in ("metadata.name", "metadata.namespace", "metadata.uid"):
        return str(metadata.get(path.removeprefix("metadata."), ""))
    for field in ("labels", "annotations"):
        if path == f"metadata.{field}":
            return "\n".join(f'{key}="{value}"' for key, value in sorted((metadata.get(field) or {}).items()))
    return ""


def _of_container(container: Container, ref: Mapping[str, Any]) -> str:
    kind, _, resource = str(ref.get("resource", "")).partition(".")
    amount = parse(((container.get("resources") or {}).get(kind) or {}).get(resource))
    divisor = parse(ref.get("divisor"))
    text = str(Quantity(amount.value / (divisor.value or 1)).whole())
    return "node allocatable" if text == "0" and ref.get("resource") in ("limits.cpu", "limits.memory") else text


def _mounts(page: Page, container: Container) -> None:
    mounts = sorted(container.get("volumeMounts") or (), key=lambda mount: str(mount.get("mountPath", "")))
    page.line(2, "Mounts:" if mounts else f"Mounts:\t{NONE}")
    for mount in mounts:
        flags = "ro" if mount.get("readOnly") else "rw"
        if mount.get("subPath"):
            flags += f',path="{mount["subPath"]}"'
        page.line(3, f"{mount.get('mountPath', '')} from {mount.get('name', '')} ({flags})")
    devices = sorted(container.get("volumeDevices") or (), key=lambda device: str(device.get("name", "")))
    if devices:
        page.line(2, "Devices:" if mounts else f"Devices:\t{NONE}")
    for device in devices:
        page.line(3, f"{device.get('devicePath', '')} from {device.get('name', '')}")
