"""Pod, and the kinds that make pods from a template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kcnet.loading.convert.environment import arguments, taken, variables
from kcnet.loading.convert.fields import (
    addresses,
    controller,
    integer,
    is_live,
    metadata,
    requirements,
    selector,
    string_map,
)
from kcnet.model.manifests import AntiAffinity, PodManifest, PodSpec, Toleration, Workload
from kcnet.model.names import Port, Protocol, Ref
from kcnet.model.objects import ContainerPort, DNSConfig, DNSPolicy
from kcnet.model.policy import LabelSelector, Requirement

_NO_DNS_CONFIG = DNSConfig()


def pod(ref: Ref, value: dict[str, Any]) -> PodManifest:
    status = value.get("status") or {}
    own = [entry.get("ip") for entry in status.get("podIPs") or ()] or [status.get("podIP")]
    hosts = [entry.get("ip") for entry in status.get("hostIPs") or ()] or [status.get("hostIP")]
    ready = next((item.get("status") for item in status.get("conditions") or () if item.get("type") == "Ready"), None)
    return PodManifest(
        **metadata(ref, value),
        spec=_pod_spec(value.get("spec") or {}, "spec"),
        owner=controller(ref, value),
        live=is_live(value),
        phase=status.get("phase") or None,
        addresses=addresses(own),
        host_addresses=addresses(hosts),
        ready=None if ready is None else ready == "True",
        not_running=_not_running(status),
        terminating=bool((value.get("metadata") or {}).get("deletionTimestamp")),
    )


def _not_running(status: Mapping[str, Any]) -> str | None:
    """Why no container runs, if the status of every one says so."""
    states = [(entry.get("name"), entry.get("state") or {}) for entry in status.get("containerStatuses") or ()]
    if not states or any("running" in state or not state for _, state in states):
        return None
    name, state = states[0]
    if (waiting := state.get("waiting")) is not None:
        return f"container {name} waits: {waiting.get('reason') or 'no reason given'}"
    return f"container {name} has ended: {(state.get('terminated') or {}).get('reason') or 'no reason given'}"


def _spare(spec: Mapping[str, Any]) -> int | None:
    """ResolveFenceposts in pkg/controller/deployment/util of kubernetes/kubernetes: shares are of the replicas,
    maxSurge rounded up, maxUnavailable down, and not both are 0."""
    strategy = spec.get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return None
    rolling, wanted = strategy.get("rollingUpdate") or {}, integer(spec.get("replicas"))
    replicas = 1 if wanted is None else wanted
    spare = _pods(rolling.get("maxUnavailable"), replicas, up=False)
    return spare if spare or _pods(rolling.get("maxSurge"), replicas, up=True) else 1


def _pods(share: object, replicas: int, *, up: bool) -> int:
    text = "25%" if share is None else str(share)
    number = text.removesuffix("%")
    if not number.isdecimal():
        return 0
    return int(number) if number == text else (int(number) * replicas + (99 if up else 0)) // 100


def workload(ref: Ref, value: dict[str, Any]) -> Workload:
    spec = value.get("spec") or {}
    job = (spec.get("jobTemplate") or {}).get("spec") or {} if ref.kind == "CronJob" else spec
    template_field = "spec.jobTemplate.spec.template" if ref.kind == "CronJob" else "spec.template"
    template = job.get("template") or {}
    template_meta = template.get("metadata") or {}
    template_labels = string_map(template_meta.get("labels"))
    conditions = (value.get("status") or {}).get("conditions") or ()
    return Workload(
        **metadata(ref, value),
        selector=_workload_selector(ref.kind, spec, template_labels),
        template_labels=template_labels,
        template_annotations=string_map(template_meta.get("annotations")),
        template_field=template_field,
        spec=_pod_spec(template.get("spec") or {}, f"{template_field}.spec"),
        replicas=_replicas(ref.kind, job),
        service_name=spec.get("serviceName") or None if ref.kind == "StatefulSet" else None,
        ordinal_start=integer((spec.get("ordinals") or {}).get("start")) or 0 if ref.kind == "StatefulSet" else 0,
        spare=_spare(spec) if ref.kind == "Deployment" else None,
        suspended=bool(spec.get("suspend")),
        finished=ref.kind == "Job"
        and any(item.get("type") in ("Complete", "Failed") and item.get("status") == "True" for item in conditions),
        owner=controller(ref, value),
        live=is_live(value),
    )


def _workload_selector(kind: str, spec: dict[str, Any], template_labels: Any) -> LabelSelector | None:
    if kind == "ReplicationController":
        return LabelSelector(match_labels=string_map(spec.get("selector")) or template_labels)
    return selector(spec.get("selector")) if kind != "CronJob" else None


def _replicas(kind: str, spec: dict[str, Any]) -> int | None:
    """As written; a Job never runs more pods at once than it has completions to reach."""
    if kind not in ("Job", "CronJob"):
        stated = spec.get("replicas")
        return None if stated is None else int(stated)
    parallelism, completions = spec.get("parallelism"), spec.get("completions")
    if parallelism is None:
        return None
    return int(parallelism) if completions is None else min(int(parallelism), int(completions))


def _pod_spec(spec: dict[str, Any], field: str) -> PodSpec:
    """``field`` is the path of ``spec``; paths of the ports are those that they have in a Pod."""
    containers = spec.get("containers") or ()
    first = spec.get("initContainers") or ()
    # A restartable init container (a sidecar) goes on running beside the others.
    running = [(f"spec.containers[{index}]", container) for index, container in enumerate(containers)]
    running += [
        (f"spec.initContainers[{index}]", container)
        for index, container in enumerate(first)
        if container.get("restartPolicy") == "Always"
    ]
    each = [(f"{field}.containers[{index}]", container) for index, container in enumerate(containers)]
    each += [(f"{field}.initContainers[{index}]", container) for index, container in enumerate(first)]
    host_network = bool(spec.get("hostNetwork"))
    affinity = spec.get("affinity") or {}
    return PodSpec(
        field=field,
        node_name=spec.get("nodeName") or None,
        node_selector=string_map(spec.get("nodeSelector")),
        node_affinity=_node_affinity(affinity.get("nodeAffinity") or {}) if affinity else (),
        anti_affinity=_anti_affinity(affinity.get("podAntiAffinity") or {}) if affinity else (),
        tolerations=tuple(
            Toleration(
                key=item.get("key") or "",
                operator=item.get("operator") or "Equal",
                value=item.get("value") or "",
                effect=item.get("effect") or "",
            )
            for item in spec.get("tolerations") or ()
        ),
        host_network=host_network,
        ports=tuple(
            _container_port(port, f"{place}.ports[{index}]", host_network)
            for place, container in running
            for index, port in enumerate(container.get("ports") or ())
        ),
        declares_ports=bool(running) and all(container.get("ports") for _, container in running),
        readiness_probe=any(container.get("readinessProbe") for _, container in running),
        probe_ports=tuple(_probe_ports(container for _, container in running)),
        hostname=spec.get("hostname") or None,
        subdomain=spec.get("subdomain") or None,
        dns_policy=DNSPolicy(spec.get("dnsPolicy") or "ClusterFirst"),
        dns_config=_dns_config(spec["dnsConfig"]) if spec.get("dnsConfig") else _NO_DNS_CONFIG,
        containers=tuple(container.get("name") or "" for container in containers),
        images=tuple(container.get("image") or "" for container in containers),
        args=tuple(arguments(containers, f"{field}.containers")),
        init_args=tuple(arguments(first, f"{field}.initContainers")),
        env=tuple(variable for path, container in each for variable in variables(container, path)),
        taken=tuple(taken(spec, each, field)),
        host_aliases=tuple(
            name.lower() for alias in spec.get("hostAliases") or () for name in alias.get("hostnames") or ()
        ),
    )


def _container_port(port: dict[str, Any], field: str, host_network: bool) -> ContainerPort:
    number = int(port["containerPort"])
    return ContainerPort(
        number=number,
        name=port.get("name") or None,
        protocol=Protocol(port.get("protocol") or "TCP"),
        host_port=number if host_network else integer(port.get("hostPort")),
        host_ip=port.get("hostIP") or None,
        field=field,
    )


def _probe_ports(containers: Iterable[dict[str, Any]]) -> Iterator[Port]:
    """A name is looked up in the probe's own container; one that is not found there stays a name: the probe fails."""
    for container in containers:
        probe = container.get("readinessProbe") or {}
        for action in ("httpGet", "tcpSocket", "grpc"):
            asked = probe.get(action) or {}
            port = asked.get("port")
            if not port or asked.get("host"):  # another host's answer says nothing about this pod
                continue
            if isinstance(port, str):
                ports = container.get("ports") or ()
                port = next((item["containerPort"] for item in ports if item.get("name") == port), port)
            yield port


def _node_affinity(affinity: dict[str, Any]) -> tuple[tuple[Requirement, ...], ...]:
    """The one field that ``matchFields`` may name, ``metadata.name``, stands among the requirements under that key."""
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    return tuple(
        requirements(term.get("matchExpressions")) + requirements(term.get("matchFields"))
        for term in required.get("nodeSelectorTerms") or ()
    )


def _anti_affinity(affinity: dict[str, Any]) -> tuple[AntiAffinity, ...]:
    return tuple(
        AntiAffinity(selector=found, topology_key=term["topologyKey"], namespaces=tuple(term.get("namespaces") or ()))
        for term in affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
        if (found := selector(term.get("labelSelector"))) is not None
    )


def _dns_config(config: dict[str, Any]) -> DNSConfig:
    ndots = next((item.get("value") for item in config.get("options") or () if item.get("name") == "ndots"), None)
    return DNSConfig(
        nameservers=tuple(config.get("nameservers") or ()),
        searches=tuple(config.get("searches") or ()),
        ndots=int(ndots) if ndots and ndots.isdecimal() else None,
    )
