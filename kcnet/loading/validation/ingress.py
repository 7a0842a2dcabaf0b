"""Ingress and IngressClass.

pkg/apis/networking/validation/validation.go of kubernetes/kubernetes;
https://kubernetes.io/docs/concepts/services-networking/ingress/
"""

from __future__ import annotations

from kcnet.loading.validation.addresses import parse_address
from kcnet.loading.validation.labels import NOTHING, Value, objects, strings
from kcnet.loading.validation.names import (
    dns_label,
    dns_subdomain,
    domain_prefixed_path,
    host,
    path_segment,
    port_name,
)
from kcnet.loading.validation.service import each_number_invalid, load_balancer_status_errors
from kcnet.loading.validation.violation import (
    Errors,
    each_invalid,
    forbidden,
    invalid,
    not_supported,
    required,
    too_long,
)

PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
SCOPES = ("Cluster", "Namespace")
LONGEST_CONTROLLER = 250
CLASS_ANNOTATION = "kubernetes.io/ingress.class"

_FORBIDDEN_PARTS = ("//", "/./", "/../", "%2f", "%2F")
_FORBIDDEN_ENDS = ("/..", "/.")


def ingress_errors(value: Value, live: bool = False) -> Errors:
    spec = value.get("spec") or NOTHING
    backend = spec.get("defaultBackend")
    rules = list(objects(spec, "rules"))
    if not rules and backend is None:
        yield invalid(
            "spec",
            [],
            "either `defaultBackend` or `rules` must be specified",
            "Add a rule that names host, path and backend.",
        )
    if backend is not None:
        yield from _backend_errors("spec.defaultBackend", backend)
    for index, rule in rules:
        yield from _rule_errors(f"spec.rules[{index}]", rule)
    for index, tls in objects(spec, "tls"):
        yield from _tls_errors(f"spec.tls[{index}]", tls)
    chosen = spec.get("ingressClassName")
    if chosen is not None:
        yield from each_invalid("spec.ingressClassName", chosen, dns_subdomain(chosen), "Name an IngressClass.")
    if not live and chosen is not None:
        yield from _class_annotation_errors(value, chosen)
    status = (value.get("status") or NOTHING).get("loadBalancer") or NOTHING
    for index, entry in objects(status, "ingress"):
        yield from load_balancer_status_errors(f"status.loadBalancer.ingress[{index}]", entry, old=live)


def _class_annotation_errors(value: Value, chosen: str) -> Errors:
    annotations = (value.get("metadata") or NOTHING).get("annotations") or NOTHING
    if CLASS_ANNOTATION in annotations and (annotations[CLASS_ANNOTATION] or "") != chosen:
        yield invalid(
            f"annotations.{CLASS_ANNOTATION}",
            annotations[CLASS_ANNOTATION] or "",
            "must match `ingressClassName` when both are specified",
            f"Remove the annotation {CLASS_ANNOTATION}: ingressClassName replaces it.",
        )


def _rule_errors(path: str, rule: Value) -> Errors:
    name = rule.get("host") or ""
    if name:
        if parse_address(name) is not None:
            yield invalid(
                f"{path}.host", name, "must be a DNS name, not an IP address", "Leave host out to serve every host."
            )
        yield from each_invalid(f"{path}.host", name, host(name), _host_fix(name))
    http = rule.get("http")
    if http is None:
        return
    paths = list(objects(http, "paths"))
    if not paths:
        yield required(f"{path}.http.paths", "", "List at least one path with pathType and backend.")
    for index, entry in paths:
        yield from _path_errors(f"{path}.http.paths[{index}]", entry)


def _host_fix(name: str) -> str:
    if ":" in name or "/" in name:
        return "Write the host name alone: no scheme, port or path."
    if name != name.lower():
        return f"Write {name.lower()}."
    if "*" in name:
        return "A star may only stand for the whole first label, as in *.example.com."
    return "Write a host name, such as shop.example.com."


def _path_errors(path: str, entry: Value) -> Errors:
    kind, text = entry.get("pathType"), entry.get("path") or ""
    if kind is None:
        yield required(f"{path}.pathType", "pathType must be specified", "Add pathType: Prefix.")
        return
    field = f"{path}.path"
    absolute_fix = f"Write /{text}." if text else "Write /."
    if kind in ("Exact", "Prefix"):
        if not text.startswith("/"):
            yield invalid(field, text, "must be an absolute path", absolute_fix)
        for part in _FORBIDDEN_PARTS:
            if part in text:
                yield invalid(field, text, f"must not contain '{part}'", f"Remove {part} from the path.")
        for end in _FORBIDDEN_ENDS:
            if text.endswith(end):
                yield invalid(field, text, f"cannot end with '{end}'", f"Remove {end} from the path.")
    elif kind == "ImplementationSpecific":
        if text and not text.startswith("/"):
            yield invalid(field, text, "must be an absolute path", absolute_fix)
    else:
        yield not_supported(f"{path}.pathType", kind, PATH_TYPES)
    yield from _backend_errors(f"{path}.backend", entry.get("backend") or NOTHING)


def _backend_errors(path: str, backend: Value) -> Errors:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        yield invalid(path, "", "cannot set both resource and service backends", "Remove resource.")
    elif resource is not None:
        yield from _reference_errors(f"{path}.resource", resource)
    elif service is None:
        yield invalid(path, "", "resource or service backend is required", "Add service with name and port.")
    else:
        name = service.get("name") or ""
        if name:
            yield from each_invalid(f"{path}.service.name", name, dns_label(name), "Name a Service of this namespace.")
        else:
            yield required(f"{path}.service.name", "", "Name a Service of this namespace.")
        port = service.get("port") or NOTHING
        text, number = port.get("name") or "", port.get("number") or 0
        if text and number:
            yield invalid(path, "", "cannot set both port name & port number", "Keep number, or name.")
        elif text:
            yield from each_invalid(
                f"{path}.service.port.name", text, port_name(text), "Name a port of the Service, or give its number."
            )
        elif number:
            yield from each_number_invalid(f"{path}.service.port.number", number)
        else:
            yield required(
                path, "port name or number is required", "Add port with number or name of the Service's port."
            )


def _reference_errors(path: str, reference: Value) -> Errors:
    """A kind and a name in an API group."""
    group = reference.get("apiGroup")
    if group is not None:
        yield from each_invalid(f"{path}.apiGroup", group, dns_subdomain(group))
    for key in ("kind", "name"):
        text = reference.get(key) or ""
        if text:
            yield from each_invalid(f"{path}.{key}", text, path_segment(text))
        else:
            yield required(f"{path}.{key}")


def _tls_errors(path: str, tls: Value) -> Errors:
    for index, name in strings(tls, "hosts"):
        yield from each_invalid(f"{path}.hosts[{index}]", name, host(name), _host_fix(name))
    secret = tls.get("secretName")
    if secret:
        yield from each_invalid(f"{path}.secretName", secret, dns_subdomain(secret), "Name a Secret of this namespace.")


def ingress_class_errors(value: Value, live: bool = False) -> Errors:
    spec = value.get("spec") or NOTHING
    controller = spec.get("controller") or ""
    if not controller:
        yield required("spec.controller", "", "Name the controller, such as k8s.io/ingress-nginx.")
    else:
        if len(controller) > LONGEST_CONTROLLER:
            yield too_long("spec.controller", LONGEST_CONTROLLER)
        for part, message in domain_prefixed_path(controller):
            yield invalid("spec.controller", part, message, "Write a domain and a path, such as k8s.io/ingress-nginx.")
    parameters = spec.get("parameters")
    if parameters is not None:
        yield from _parameters_errors("spec.parameters", parameters)


def _parameters_errors(path: str, parameters: Value) -> Errors:
    yield from _reference_errors(path, parameters)
    scope, namespace = parameters.get("scope"), parameters.get("namespace")
    if scope is None:
        scope = "Cluster"
    if scope not in SCOPES:
        yield not_supported(f"{path}.scope", scope, SCOPES)
    elif scope == "Namespace":
        if namespace is None:
            yield required(f"{path}.namespace", "`parameters.scope` is set to 'Namespace'", "Name the namespace.")
        else:
            yield from each_invalid(f"{path}.namespace", namespace, dns_label(namespace))
    elif namespace is not None:
        yield forbidden(f"{path}.namespace", "`parameters.scope` is set to 'Cluster'", "Remove namespace.")
