"""Ingress and IngressClass."""

from __future__ import annotations

from typing import Any

from kcnet.loading.convert.fields import is_live, load_balancer, metadata
from kcnet.model.names import Port, Ref
from kcnet.model.objects import Ingress, IngressBackend, IngressClass, IngressPath, IngressRule, IngressTLS, PathType
from kcnet.model.wellknown import DEFAULT_INGRESS_CLASS, INGRESS_CLASS


def ingress(ref: Ref, value: dict[str, Any]) -> Ingress:
    spec = value.get("spec") or {}
    fields = metadata(ref, value)
    backend = spec.get("defaultBackend")
    return Ingress(
        **fields,
        class_name=spec.get("ingressClassName") or None,
        class_annotation=fields["annotations"].get(INGRESS_CLASS) or None,
        default_backend=_backend(backend, "spec.defaultBackend") if backend else None,
        rules=tuple(_rule(rule, f"spec.rules[{index}]") for index, rule in enumerate(spec.get("rules") or ())),
        tls=tuple(
            IngressTLS(
                hosts=tuple(host.lower() for host in entry.get("hosts") or ()),
                secret=entry.get("secretName") or None,
                field=f"spec.tls[{index}]",
            )
            for index, entry in enumerate(spec.get("tls") or ())
        ),
        load_balancer=load_balancer(value),
        live=is_live(value),
    )


def _rule(rule: dict[str, Any], field: str) -> IngressRule:
    http = rule.get("http")
    return IngressRule(
        host=(rule.get("host") or "").lower() or None,
        paths=tuple(
            IngressPath(
                path=path.get("path") or "/",
                path_type=PathType(path.get("pathType") or "ImplementationSpecific"),
                backend=_backend(path["backend"], f"{field}.http.paths[{index}].backend"),
                field=f"{field}.http.paths[{index}]",
            )
            for index, path in enumerate(http.get("paths") or ())
        )
        if http
        else None,
        field=field,
    )


def _backend(backend: dict[str, Any], field: str) -> IngressBackend:
    service, resource = backend.get("service") or {}, backend.get("resource")
    port = service.get("port") or {}
    number: Port | None = int(port["number"]) if port.get("number") else port.get("name") or None
    return IngressBackend(
        service=service.get("name") or None,
        port=number,
        resource=f"{resource.get('kind')}/{resource.get('name')}" if resource else None,
        field=field,
    )


def ingress_class(ref: Ref, value: dict[str, Any]) -> IngressClass:
    fields = metadata(ref, value)
    return IngressClass(
        **fields,
        controller=(value.get("spec") or {}).get("controller") or "",
        default=fields["annotations"].get(DEFAULT_INGRESS_CLASS) == "true",
    )
