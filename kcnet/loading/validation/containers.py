"""Containers: ports, environment, volume mounts, probes.

pkg/apis/core/validation/validation.go of kubernetes/kubernetes.
"""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.loading.validation.labels import NOTHING, Value, objects
from kcnet.loading.validation.names import (
    config_key,
    dns_label,
    dns_subdomain,
    env_var_name,
    http_header,
    port_name,
    port_number,
    qualified_name,
)
from kcnet.loading.validation.resources import resource_errors
from kcnet.loading.validation.service import each_number_invalid, number_or_name_errors, protocol_errors
from kcnet.loading.validation.violation import (
    Errors,
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    nearest,
    not_found,
    not_supported,
    required,
)

PULL_POLICIES = ("Always", "IfNotPresent", "Never")
SCHEMES = ("HTTP", "HTTPS")
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
PROBE_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
HOOK_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")
VALUE_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")

ENVIRONMENT_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
"""What an environment variable may tell a container of its own pod."""

OTHER_FIELDS = (
    "metadata.annotations",
    "metadata.labels",
    "spec.restartPolicy",
    "spec.schedulerName",
    "status.phase",
)
"""Fields that have a name, but none that a variable may have."""

OLD_NODE_NAME = "spec.host"


def container_errors(path: str, container: Value, volumes: frozenset[str], *, init: bool, bare_pod: bool) -> Errors:
    """What init containers and others have in common. ``bare_pod``: of a Pod, not of a template."""
    name = container.get("name") or ""
    if name:
        yield from each_invalid(f"{path}.name", name, dns_label(name), "Use lower-case letters, digits and '-'.")
    else:
        yield required(f"{path}.name", "", "Give the container a name of its own.")
    image = container.get("image") or ""
    if not image:
        yield required(f"{path}.image", "", "Name the image, such as nginx:1.29.")
    elif bare_pod and image != image.strip():
        yield invalid(f"{path}.image", image, "must not have leading or trailing whitespace", "Remove the blanks.")
    policy = container.get("imagePullPolicy")
    if policy and policy not in PULL_POLICIES:
        yield not_supported(f"{path}.imagePullPolicy", policy, PULL_POLICIES)
    if container.get("ports"):
        yield from _port_errors(f"{path}.ports", container)
    if container.get("env"):
        yield from _environment_errors(f"{path}.env", container)
    for _, source in objects(container, "envFrom"):
        yield from _environment_source_errors(f"{path}.envFrom", source)
    if container.get("volumeMounts"):
        yield from _mount_errors(f"{path}.volumeMounts", container, volumes)
    if container.get("resources"):
        yield from resource_errors(f"{path}.resources", container["resources"])
    restarted = not init or container.get("restartPolicy") == "Always"
    for key in PROBES:
        probe = container.get(key)
        if probe is None:
            continue
        if restarted:
            yield from _probe_errors(f"{path}.{key}", probe, key)
        else:
            yield forbidden(
                f"{path}.{key}",
                "may not be set for init containers without restartPolicy=Always",
                "Remove the probe: an init container is done when it exits.",
            )
    lifecycle = container.get("lifecycle")
    if lifecycle is not None:
        yield from _lifecycle_errors(f"{path}.lifecycle", lifecycle, restarted)


def host_port_errors(path: str, containers: Sequence[Value], host_network: bool, *, bare_pod: bool) -> Errors:
    """Ports of the node: one container each, and with hostNetwork the container's own."""
    taken: set[tuple[str, str, int]] = set()
    for index, container in enumerate(containers):
        for place, port in objects(container, "ports"):
            number, host_port = port.get("containerPort") or 0, port.get("hostPort") or 0
            if host_network:
                if host_port and host_port != number:
                    yield invalid(
                        f"{path}[{index}].ports[{place}].hostPort",
                        host_port,
                        "must match `containerPort` when `hostNetwork` is true",
                        f"Remove hostPort: with hostNetwork the port is {int(number)} on the node too.",
                    )
                if bare_pod:
                    host_port = host_port or number
            if not host_port:
                continue
            key = (port.get("protocol") or "TCP", port.get("hostIP") or "", int(host_port))
            if key in taken:
                yield duplicate(
                    f"{path}[{index}].ports[{place}].hostPort",
                    "/".join(map(str, key)),
                    "Two containers of a pod cannot have one port of the node.",
                    "Use another port.",
                )
            taken.add(key)


def _port_errors(path: str, container: Value) -> Errors:
    names: set[str] = set()
    for index, port in objects(container, "ports"):
        name = port.get("name") or ""
        if name:
            wrong = port_name(name)
            if wrong:
                yield from each_invalid(f"{path}[{index}].name", name, wrong, "Use at most 15 of a-z, 0-9 and '-'.")
            elif name in names:
                yield duplicate(f"{path}[{index}].name", name, fix="Give the port a name of its own.")
            names.add(name)
        number = port.get("containerPort") or 0
        if not number:
            yield required(f"{path}[{index}].containerPort", "", "Write the number that the container listens on.")
        elif port_number(number):
            yield from each_number_invalid(f"{path}[{index}].containerPort", number)
        if port.get("hostPort"):
            yield from each_number_invalid(f"{path}[{index}].hostPort", port["hostPort"])
        if port.get("protocol"):
            yield from protocol_errors(f"{path}[{index}].protocol", port["protocol"])


def _environment_errors(path: str, container: Value) -> Errors:
    for index, variable in objects(container, "env"):
        name = variable.get("name") or ""
        if not name:
            yield required(f"{path}[{index}].name", "", "Name the variable.")
        else:
            yield from each_invalid(f"{path}[{index}].name", name, env_var_name(name), "Use letters, digits and '_'.")
        source = variable.get("valueFrom")
        if source is not None:
            yield from _value_from_errors(f"{path}[{index}].valueFrom", source, variable.get("value") or "")


def _value_from_errors(path: str, source: Value, value: str) -> Errors:
    given = [key for key in VALUE_SOURCES if source.get(key) is not None]
    if not given:
        listed = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
        yield invalid(path, "", f"must specify one of: {listed}", "Say where the value comes from.")
    elif value:
        yield invalid(path, "", "may not be specified when `value` is not empty", "Keep value, or valueFrom.")
    elif len(given) > 1:
        yield invalid(path, "", "may not have more than one field specified at a time", "Keep one source.")
    for key in ("configMapKeyRef", "secretKeyRef"):
        reference = source.get(key)
        if reference is not None:
            yield from _key_reference_errors(f"{path}.{key}", reference)
    field_ref = source.get("fieldRef")
    if field_ref is not None:
        yield from _field_reference_errors(f"{path}.fieldRef", field_ref)


def _key_reference_errors(path: str, reference: Value) -> Errors:
    name, key = reference.get("name") or "", reference.get("key") or ""
    yield from each_invalid(f"{path}.name", name, dns_subdomain(name), "Name the object that holds the key.")
    if key:
        yield from each_invalid(f"{path}.key", key, config_key(key))
    else:
        yield required(f"{path}.key", "", "Name the key.")


def _field_reference_errors(path: str, reference: Value) -> Errors:
    field = reference.get("fieldPath") or ""
    if not field:
        yield required(f"{path}.fieldPath", "", "Name a field, such as status.podIP.")
        return
    base, bracket, rest = field.partition("['")
    if bracket and rest.endswith("']") and base in ("metadata.labels", "metadata.annotations"):
        key = rest.removesuffix("']")
        yield from each_invalid(path, key, qualified_name(key.lower() if base.endswith("annotations") else key))
    elif field in OTHER_FIELDS:
        yield not_supported(f"{path}.fieldPath", field, ENVIRONMENT_FIELDS)
    elif field not in ENVIRONMENT_FIELDS and field != OLD_NODE_NAME:
        near = nearest(field, ENVIRONMENT_FIELDS)
        yield invalid(
            f"{path}.fieldPath",
            field,
            f"error converting fieldPath: field label not supported: {field}",
            f"Write {near}." if near else f"Write one of {', '.join(ENVIRONMENT_FIELDS)}.",
        )


def _environment_source_errors(path: str, source: Value) -> Errors:
    given = [key for key in ("configMapRef", "secretRef") if source.get(key) is not None]
    if len(given) != 1:
        detail = (
            "may not have more than one field specified at a time"
            if given
            else "must specify one of: `configMapRef` or `secretRef`"
        )
        yield invalid(path, "", detail, "Name one ConfigMap or one Secret.")


def _mount_errors(path: str, container: Value, volumes: frozenset[str]) -> Errors:
    paths: set[str] = set()
    for index, mount in objects(container, "volumeMounts"):
        name, where = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            yield required(f"{path}[{index}].name", "", "Name the volume.")
        if name not in volumes:
            yield not_found(
                f"{path}[{index}].name",
                name,
                "must match the name of a volume of the pod",
                f"Name one of: {', '.join(sorted(volumes))}." if volumes else "Add the volume to the pod's volumes.",
            )
        if not where:
            yield required(f"{path}[{index}].mountPath", "", "Say where in the container it appears.")
        if where in paths:
            yield invalid(f"{path}[{index}].mountPath", where, "must be unique", "Mount it somewhere else.")
        paths.add(where)


def _probe_errors(path: str, probe: Value, key: str) -> Errors:
    yield from _handler_errors(path, probe, PROBE_HANDLERS)
    for count in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
        number = probe.get(count)
        if number and number < 0:
            yield invalid(f"{path}.{count}", number, "must be greater than or equal to 0", "Use a positive number.")
    successes = probe.get("successThreshold")
    if key != "readinessProbe":
        if successes and successes != 1:
            yield invalid(f"{path}.successThreshold", successes, "must be 1", "Remove successThreshold.")
    elif probe.get("terminationGracePeriodSeconds") is not None:
        yield invalid(
            f"{path}.terminationGracePeriodSeconds",
            probe["terminationGracePeriodSeconds"],
            "must not be set for readinessProbes",
            "Remove it: a failing readiness probe ends no container.",
        )


def _lifecycle_errors(path: str, lifecycle: Value, restarted: bool) -> Errors:
    if not restarted:
        yield forbidden(path, "may not be set for init containers without restartPolicy=Always", "Remove lifecycle.")
        return
    for key in ("postStart", "preStop"):
        hook = lifecycle.get(key)
        if hook is not None:
            yield from _handler_errors(f"{path}.{key}", hook, HOOK_HANDLERS)


def _handler_errors(path: str, value: Value, kinds: tuple[str, ...]) -> Errors:
    given = [kind for kind in kinds if value.get(kind) is not None]
    if not given:
        choices = ", ".join(kinds[:-1])
        yield required(path, "must specify a handler type", f"Add one of {choices} or {kinds[-1]}.")
        return
    for kind in given[1:]:
        yield forbidden(f"{path}.{kind}", "may not specify more than 1 handler type", f"Keep {given[0]} alone.")
    kind, handler = given[0], value[given[0]]
    if kind == "exec":
        if not handler.get("command"):
            yield required(f"{path}.exec.command", "", "Write the command as a list.")
    elif kind == "httpGet":
        yield from number_or_name_errors(f"{path}.httpGet.port", handler.get("port"))
        scheme = handler.get("scheme")
        if scheme and scheme not in SCHEMES:
            yield not_supported(f"{path}.httpGet.scheme", scheme, SCHEMES)
        for _, header in objects(handler, "httpHeaders"):
            name = header.get("name") or ""
            yield from each_invalid(f"{path}.httpGet.httpHeaders", name, http_header(name))
    elif kind == "tcpSocket":
        yield from number_or_name_errors(f"{path}.tcpSocket.port", handler.get("port"))
    elif kind == "grpc":
        yield from each_number_invalid(f"{path}.grpc.port", handler.get("port") or 0)


def container_list(value: Value, key: str) -> list[Value]:
    return [container or NOTHING for container in value.get(key) or ()]
