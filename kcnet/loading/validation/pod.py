"""Pods, and the pod templates of everything that makes Pods.

ValidatePodSpec in pkg/apis/core/validation/validation.go of kubernetes/kubernetes;
https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
"""

from __future__ import annotations

from kcnet.loading.validation.addresses import address, address_errors
from kcnet.loading.validation.containers import container_errors, container_list, host_port_errors
from kcnet.loading.validation.labels import NOTHING, Value, label_errors, objects, strings
from kcnet.loading.validation.names import dns_label, dns_subdomain, search_domain
from kcnet.loading.validation.scheduling import affinity_errors, toleration_errors
from kcnet.loading.validation.violation import (
    Errors,
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    not_supported,
    required,
)

RESTART_POLICIES = ("Always", "OnFailure", "Never")
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
MOST_NAMESERVERS = 3
MOST_SEARCHES = 32
LONGEST_SEARCH_LIST = 2048


def pod_errors(value: Value, live: bool = False) -> Errors:
    spec = value.get("spec") or NOTHING
    yield from pod_spec_errors("spec", spec, bare_pod=True, live=live)
    if spec.get("ephemeralContainers") and not live:
        yield forbidden(
            "spec.ephemeralContainers", "cannot be set on create", "Add them to a running pod with kubectl debug."
        )
    status = value.get("status")
    if status:
        yield from _status_errors(status, live)


def pod_spec_errors(
    path: str, spec: Value, *, bare_pod: bool = False, live: bool = False, claims: frozenset[str] = frozenset()
) -> Errors:
    """``bare_pod``: of a Pod, not of a template. ``claims``: names of a StatefulSet's volumeClaimTemplates."""
    volumes = claims
    if spec.get("volumes"):
        yield from _volume_errors(f"{path}.volumes", spec)
        volumes = claims.union(volume.get("name") or "" for _, volume in objects(spec, "volumes"))
    yield from _container_list_errors(path, spec, volumes, bare_pod)
    policy = spec.get("restartPolicy")
    if policy and policy not in RESTART_POLICIES:
        yield not_supported(f"{path}.restartPolicy", policy, RESTART_POLICIES)
    yield from _dns_errors(path, spec, live)
    if spec.get("nodeSelector"):
        yield from label_errors(f"{path}.nodeSelector", spec["nodeSelector"])
    if spec.get("affinity"):
        yield from affinity_errors(f"{path}.affinity", spec["affinity"])
    for key in ("serviceAccountName", "nodeName", "priorityClassName"):
        name = spec.get(key)
        if name:
            yield from each_invalid(f"{path}.{key}", name, dns_subdomain(name))
    for key in ("hostname", "subdomain"):
        name = spec.get(key)
        if name:
            yield from each_invalid(f"{path}.{key}", name, dns_label(name), "Write one lower-case DNS label.")
    if spec.get("hostnameOverride") is not None:
        yield from _hostname_override_errors(path, spec)
    if spec.get("tolerations"):
        yield from toleration_errors(f"{path}.tolerations", spec)
    for index, alias in objects(spec, "hostAliases"):
        yield from address_errors(f"{path}.hostAliases[{index}].ip", alias.get("ip") or "", old=live)
        for place, name in strings(alias, "hostnames"):
            yield from each_invalid(f"{path}.hostAliases[{index}].hostnames[{place}]", name, dns_subdomain(name))


def _container_list_errors(path: str, spec: Value, volumes: frozenset[str], bare_pod: bool) -> Errors:
    containers, init = container_list(spec, "containers"), container_list(spec, "initContainers")
    if not containers:
        yield required(f"{path}.containers", "", "List at least one container with name and image.")
    names: set[str] = set()
    for key, listed in (("containers", containers), ("initContainers", init)):
        for index, container in enumerate(listed):
            field = f"{path}.{key}[{index}]"
            yield from container_errors(field, container, volumes, init=key == "initContainers", bare_pod=bare_pod)
            name = container.get("name") or ""
            if name in names and name:
                yield duplicate(f"{field}.name", name, fix="Give the container a name of its own.")
            names.add(name)
    host_network = bool(spec.get("hostNetwork"))
    yield from host_port_errors(f"{path}.containers", containers, host_network, bare_pod=bare_pod)
    for index, container in enumerate(init):
        # one after the other, so each against itself alone
        alone = [NOTHING] * index + [container]
        yield from host_port_errors(f"{path}.initContainers", alone, False, bare_pod=bare_pod)


def _volume_errors(path: str, spec: Value) -> Errors:
    names: set[str] = set()
    for index, volume in objects(spec, "volumes"):
        name = volume.get("name") or ""
        if not name:
            yield required(f"{path}[{index}].name", "", "Give the volume a name.")
            continue
        yield from each_invalid(
            f"{path}[{index}].name", name, dns_label(name), "Use lower-case letters, digits and '-'."
        )
        if name in names:
            yield duplicate(f"{path}[{index}].name", name, fix="Give the volume a name of its own.")
        names.add(name)
        sources = [key for key, source in volume.items() if key != "name" and source is not None]
        for extra in sources[1:]:
            yield forbidden(
                f"{path}[{index}].{extra}", "may not specify more than 1 volume type", f"Keep {sources[0]} alone."
            )


def _dns_errors(path: str, spec: Value, live: bool) -> Errors:
    policy, config = spec.get("dnsPolicy") or "ClusterFirst", spec.get("dnsConfig")
    if policy not in DNS_POLICIES:
        yield not_supported(f"{path}.dnsPolicy", policy, DNS_POLICIES)
    field = f"{path}.dnsConfig"
    if policy == "None":
        if config is None:
            yield required(
                field, "must provide `dnsConfig` when `dnsPolicy` is None", "Add dnsConfig with nameservers."
            )
        elif not config.get("nameservers"):
            yield required(
                f"{field}.nameservers",
                "must provide at least one DNS nameserver when `dnsPolicy` is None",
                "List the address of a DNS server.",
            )
            return
    if config is not None:
        yield from _dns_config_errors(field, config, live)


def _dns_config_errors(path: str, config: Value, live: bool) -> Errors:
    servers = list(strings(config, "nameservers"))
    if len(servers) > MOST_NAMESERVERS:
        yield invalid(
            f"{path}.nameservers",
            [server for _, server in servers],
            f"must not have more than {MOST_NAMESERVERS} nameservers",
            "Keep the first three.",
        )
    for index, server in servers:
        yield from address_errors(f"{path}.nameservers[{index}]", server, old=live)
    searches = [search for _, search in strings(config, "searches")]
    if len(searches) > MOST_SEARCHES:
        yield invalid(
            f"{path}.searches", searches, f"must not have more than {MOST_SEARCHES} search paths", "Remove some."
        )
    if len(" ".join(searches)) > LONGEST_SEARCH_LIST:
        yield invalid(
            f"{path}.searches",
            searches,
            f"must not have more than {LONGEST_SEARCH_LIST} characters (including spaces) in the search list",
            "Remove some.",
        )
    for index, search in enumerate(searches):
        yield from each_invalid(f"{path}.searches[{index}]", search.removesuffix("."), search_domain(search))
    for index, option in objects(config, "options"):
        if not option.get("name"):
            yield required(f"{path}.options[{index}]", "must not be empty", "Name the option, such as ndots.")


def _hostname_override_errors(path: str, spec: Value) -> Errors:
    name = spec["hostnameOverride"]
    field = f"{path}.hostnameOverride"
    yield from each_invalid(field, name, dns_subdomain(name))
    if len(name) > 64:
        yield invalid(field, name, "must be no more than 64 bytes", "Shorten the name.")
    for key in ("hostNetwork", "setHostnameAsFQDN"):
        if spec.get(key):
            yield forbidden(field, f"may not be specified when `{key}` is true", f"Remove hostnameOverride, or {key}.")


def _status_errors(status: Value, live: bool) -> Errors:
    """Addresses that the manifest states."""
    for index, entry in objects(status, "podIPs"):
        ip = entry.get("ip") or ""
        if address(ip, old=live):
            yield from address_errors(f"status.podIPs[{index}]", ip, old=live)
    single = status.get("podIP")
    if single and not status.get("podIPs"):
        yield from address_errors("status.podIP", single, old=live)
    for index, entry in objects(status, "hostIPs"):
        yield from address_errors(f"status.hostIPs[{index}]", entry.get("ip") or "", old=live)
    if status.get("hostIP"):
        yield from address_errors("status.hostIP", status["hostIP"], old=live)
