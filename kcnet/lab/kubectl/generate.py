"""What ``kubectl create KIND`` and ``kubectl run`` make of their flags: objects as kubectl itself writes them.

The empty values (``creationTimestamp: null``, ``resources: {}``, ``status: {}``) are those that ``--dry-run=client
-o yaml`` of kubectl 1.32 prints.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from typing import Any

from kcnet.lab.kubectl.client import Object, error


def metadata(name: str, labels: dict[str, str] | None = None, namespace: str = "") -> Object:
    found: Object = {"creationTimestamp": None, "name": name}
    if labels:
        found["labels"] = labels
    if namespace:
        found["namespace"] = namespace
    return found


def to_server(value: Any) -> Any:
    """The same without the empty values, which say nothing."""
    if isinstance(value, dict):
        return {key: to_server(one) for key, one in value.items() if not (key == "creationTimestamp" and one is None)}
    if isinstance(value, list):
        return [to_server(one) for one in value]
    return value


def container_name(image: str) -> str:
    """``nginxinc/nginx-unprivileged:1.27`` becomes nginx-unprivileged."""
    last = image.rsplit("/", 1)[-1]
    return re.split("[:@]", last)[0]


def deployment(
    name: str, images: Sequence[str], replicas: int, port: int | None, command: Sequence[str], namespace: str
) -> Object:
    if len(images) > 1 and command:
        raise error("cannot specify multiple --image options and command")
    containers: list[Object] = []
    for image in images:
        container: Object = {"image": image, "name": container_name(image), "resources": {}}
        if command:
            container["command"] = list(command)
        if port is not None and port >= 0:
            container["ports"] = [{"containerPort": port}]
        containers.append(container)
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(name, labels, namespace),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": dict(labels)},
            "strategy": {},
            "template": {
                "metadata": {"creationTimestamp": None, "labels": dict(labels)},
                "spec": {"containers": containers},
            },
        },
        "status": {},
    }


def pod(
    name: str,
    image: str,
    *,
    labels: dict[str, str],
    annotations: dict[str, str],
    env: Sequence[Object],
    port: int | None,
    restart: str,
    pull_policy: str,
    command: Sequence[str],
    as_command: bool,
    stdin: bool,
    tty: bool,
    privileged: bool,
    namespace: str,
) -> Object:
    container: Object = {"image": image, "name": name, "resources": {}}
    if command:
        container["command" if as_command else "args"] = list(command)
    if env:
        container["env"] = list(env)
    if port is not None:
        container["ports"] = [{"containerPort": port}]
    if pull_policy:
        container["imagePullPolicy"] = pull_policy
    if stdin:
        container["stdin"] = True
        container["stdinOnce"] = True
    if tty:
        container["tty"] = True
    if privileged:
        container["securityContext"] = {"privileged": True}
    about = metadata(name, labels, namespace)
    if annotations:
        about["annotations"] = annotations
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": about,
        "spec": {"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": restart},
        "status": {},
    }


def service(
    name: str,
    kind: str,
    tcp: Iterable[str],
    namespace: str,
    *,
    cluster_ip: str = "",
    node_port: int | None = None,
    external_name: str = "",
) -> Object:
    """``kind`` is the type. Raises Fault."""
    ports = [_tcp_port(text) for text in tcp]
    if not ports and kind != "ExternalName" and cluster_ip != "None":
        raise error("at least one tcp port specifier must be provided")
    if node_port:
        for port in ports:
            port["nodePort"] = node_port
    spec: Object = {"selector": {"app": name}, "type": kind}
    if ports:
        spec["ports"] = ports
    if cluster_ip:
        spec["clusterIP"] = cluster_ip
    if external_name:
        spec["externalName"] = external_name
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(name, {"app": name}, namespace),
        "spec": spec,
        "status": {"loadBalancer": {}},
    }


def _tcp_port(text: str) -> Object:
    """``80``, ``80:8080``, ``80:http``"""
    port, colon, target = text.partition(":")
    if not re.fullmatch("[0-9]+", port):
        raise error(f'strconv.ParseUint: parsing "{port}": invalid syntax')
    if len(port) > 6 or not 1 <= int(port) <= 65535:
        raise error("must be between 1 and 65535, inclusive")
    goal: int | str = int(port)
    if colon:
        if re.fullmatch("[0-9]+", target):
            if len(target) > 6 or not 1 <= int(target) <= 65535:
                raise error("must be between 1 and 65535, inclusive")
            goal = int(target)
        else:
            goal = target
            if not re.fullmatch("[a-z0-9-]{1,15}", target) or not re.search("[a-z]", target):
                raise error("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    return {"name": text.replace(":", "-"), "port": int(port), "protocol": "TCP", "targetPort": goal}


_RULE = re.compile(
    r"(?P<host>[\w*.-]*)(?P<path>/[^=]*)=(?P<service>[\w-]+):(?P<port>[\w-]+)(?P<tls>,tls(=(?P<secret>[\w.-]*))?)?"
)


def ingress(
    name: str, rules: Sequence[str], class_name: str, default: str, annotations: Sequence[str], namespace: str
) -> Object:
    """Raises Fault."""
    if not rules and not default:
        raise error(
            "not enough information provided: every ingress has to either specify a default-backend (which catches all "
            "traffic) or a list of rules (which catch specific paths)"
        )
    about = metadata(name, None, namespace)
    spec: Object = {}
    if annotations:
        about["annotations"] = pairs(annotations)
    if default:
        found = re.fullmatch(r"([\w-]+):([\w-]+)", default)
        if not found:
            raise error("default-backend should be in format servicename:serviceport")
        spec["defaultBackend"] = _backend(found[1], found[2])
    if class_name:
        spec["ingressClassName"] = class_name
    if rules:
        spec["rules"], tls = _rules(rules)
        if tls:
            spec["tls"] = tls
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": about,
        "spec": spec,
        "status": {"loadBalancer": {}},
    }


def _rules(rules: Sequence[str]) -> tuple[list[Object], list[Object]]:
    hosts: dict[str, list[Object]] = {}
    tls: list[Object] = []
    for rule in rules:
        found = _RULE.fullmatch(rule)
        if not found:
            raise error(f"rule {rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]")
        path, prefix = found["path"], found["path"].endswith("*")
        hosts.setdefault(found["host"], []).append(
            {
                "backend": _backend(found["service"], found["port"]),
                "path": path.rstrip("*") if prefix else path,
                "pathType": "Prefix" if prefix else "Exact",
            }
        )
        if found["tls"]:
            entry: Object = {}
            if found["host"]:
                entry["hosts"] = [found["host"]]
            if found["secret"]:
                entry["secretName"] = found["secret"]
            if entry not in tls:
                tls.append(entry)
    return [{**({"host": host} if host else {}), "http": {"paths": paths}} for host, paths in hosts.items()], tls


def _backend(service: str, port: str) -> Object:
    number = {"number": int(port)} if re.fullmatch("[0-9]{1,6}", port) else {"name": port}
    return {"service": {"name": service, "port": number}}


def namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata(name), "spec": {}, "status": {}}


def service_account(name: str, home: str) -> Object:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(name, None, home)}


def config_map(name: str, data: dict[str, str], home: str) -> Object:
    value: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(name, None, home)}
    return {**value, "data": data} if data else value


def secret(name: str, data: dict[str, str], kind: str, home: str) -> Object:
    value: Object = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata(name, None, home)}
    if data:
        value["data"] = {key: base64.b64encode(text.encode()).decode("ascii") for key, text in data.items()}
    return {**value, "type": kind} if kind else value


def _job_spec(name: str, image: str, command: Sequence[str], restart: str) -> Object:
    container: Object = {"image": image, "name": name, "resources": {}}
    if command:
        container["command"] = list(command)
    return {
        "template": {
            "metadata": {"creationTimestamp": None},
            "spec": {"containers": [container], "restartPolicy": restart},
        }
    }


def job(name: str, image: str, command: Sequence[str], home: str) -> Object:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(name, None, home),
        "spec": _job_spec(name, image, command, "Never"),
        "status": {},
    }


def cron_job(name: str, image: str, schedule: str, command: Sequence[str], restart: str, home: str) -> Object:
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": metadata(name, None, home),
        "spec": {
            "jobTemplate": {"metadata": metadata(name), "spec": _job_spec(name, image, command, restart)},
            "schedule": schedule,
        },
        "status": {},
    }


def pairs(words: Iterable[str], fault: str = "unexpected label spec") -> dict[str, str]:
    """``KEY=VALUE`` words. Raises Fault, which says ``fault`` and the word."""
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise error(f"{fault}: {word}")
        found[key] = value
    return found
