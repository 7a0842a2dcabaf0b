"""describe ingress, ingressclass, networkpolicy.

k8s: kubectl pkg/describe/describe.go (describeIngressV1, describeIngressClassV1, describeNetworkPolicy).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kcnet.apiserver.tables.services import balancer
from kcnet.apiserver.tables.words import NONE, metadata, name_of, selector_text, spec_of, status_of, time_of
from kcnet.lab.kubectl.describe.reader import Object, Reader
from kcnet.lab.kubectl.describe.services import ready_endpoints, slices_of
from kcnet.lab.kubectl.describe.writer import Page, marks, names


def ingress(page: Page, obj: Object, reader: Reader) -> None:
    """An Ingress, with the ready endpoints behind each backend."""
    spec, about = spec_of(obj), metadata(obj)
    namespace = about.get("namespace")
    page.field("Name", name_of(obj))
    page.labels("Labels", about.get("labels"))
    page.field("Namespace", namespace or "")
    page.field("Address", balancer(status_of(obj)))
    klass = spec.get("ingressClassName")
    page.field("Ingress Class", NONE if klass is None else klass)
    default = spec.get("defaultBackend")
    default_text = _backend(default, namespace, reader) if default else "<default>"
    page.field("Default backend", default_text)
    if spec.get("tls"):
        page.line(0, "TLS:")
    for tls in spec.get("tls") or ():
        hosts = ",".join(tls.get("hosts") or ())
        secret = tls.get("secretName")
        page.line(1, f"{secret} terminates {hosts}" if secret else f"SNI routes {hosts}")
    page.write(0, "Rules:\n  Host\tPath\tBackends\n")
    page.line(1, "----\t----\t--------")
    rules = [rule for rule in spec.get("rules") or () if rule.get("http")]
    for rule in rules:
        page.line(1, f"{rule.get('host') or '*'}\t")
        for path in rule["http"].get("paths") or ():
            page.line(2, f"\t{path.get('path') or ''} \t{_backend(path.get('backend') or {}, namespace, reader)}")
    if not rules:
        page.line(1, f"*\t*\t{default_text}")
    page.annotations("Annotations", about.get("annotations"))


def _backend(backend: Mapping[str, Any], namespace: str | None, reader: Reader) -> str:
    """``web:80 (10.244.1.2:80)``, or why there is nothing behind it."""
    if wanted := backend.get("service"):
        name, port = wanted.get("name", ""), wanted.get("port") or {}
        text = f"{name}:{port.get('number') or port.get('name') or ''}"
        service = reader.get("services", namespace, name)
        if service is None:
            return f'{text} (<error: services "{name}" not found>)'
        port_name = _port_name(port, spec_of(service).get("ports") or ())
        return f"{text} ({ready_endpoints(slices_of(name, namespace, reader), port_name)})"
    if resource := backend.get("resource"):
        group = resource.get("apiGroup")
        group = NONE if group is None else group
        return f"APIGroup: {group}, Kind: {resource.get('kind', '')}, Name: {resource.get('name', '')}"
    return ""


def _port_name(wanted: Mapping[str, Any], ports: Sequence[Mapping[str, Any]]) -> str:
    """The name of the Service's port that the backend means. Empty when there is no such port, as kubectl has it."""
    found = ""
    for port in ports:
        if (wanted.get("number") and wanted["number"] == port.get("port")) or (
            wanted.get("name") and wanted["name"] == port.get("name")
        ):
            found = port.get("name") or ""
    return found


def ingressclass(page: Page, obj: Object, reader: Reader) -> None:
    """An IngressClass."""
    spec = spec_of(obj)
    page.field("Name", name_of(obj))
    marks(page, obj)
    page.field("Controller", spec.get("controller") or "")
    if parameters := spec.get("parameters"):
        page.line(0, "Parameters:")
        if parameters.get("apiGroup") is not None:
            page.field("APIGroup", parameters["apiGroup"], 1)
        page.field("Kind", parameters.get("kind", ""), 1)
        page.field("Name", parameters.get("name", ""), 1)


def networkpolicy(page: Page, obj: Object, reader: Reader) -> None:
    """A NetworkPolicy in sentences: what it allows, by direction. Its page has no events."""
    spec, created = spec_of(obj), time_of(metadata(obj).get("creationTimestamp"))
    names(page, obj)
    page.field(
        "Created on", f"{created.astimezone(page.now.tzinfo):%Y-%m-%d %H:%M:%S %z %Z}" if created else "<unknown>"
    )
    marks(page, obj)
    page.line(0, "Spec:")
    selector = spec.get("podSelector") or {}
    chosen = selector_text(selector)
    if chosen == NONE:
        chosen += " (Allowing the specific traffic to all pods in this namespace)"
    page.line(1, f"PodSelector:     {chosen}")
    types = spec.get("policyTypes") or ()
    for kind, peers in (("Ingress", "from"), ("Egress", "to")):
        if kind in types:
            page.line(1, f"Allowing {kind.lower()} traffic:")
            _rules(page, spec.get(kind.lower()) or (), peers, kind.lower())
        else:
            page.line(1, f"Not affecting {kind.lower()} traffic")
    page.line(1, f"Policy Types: {', '.join(types) or NONE}")


def _rules(page: Page, rules: Sequence[Mapping[str, Any]], peers: str, direction: str) -> None:
    if not rules:
        page.line(2, f"<none> (Selected pods are isolated for {direction} connectivity)")
    side, what = ("From", "source") if peers == "from" else ("To", "destination")
    for index, rule in enumerate(rules):
        if index:
            page.line(2, "----------")
        for port in rule.get("ports") or ():
            page.line(2, _port(port))
        if not rule.get("ports"):
            page.line(2, "To Port: <any> (traffic allowed to all ports)")
        for peer in rule.get(peers) or ():
            page.line(2, f"{side}:")
            _peer(page, peer)
        if not rule.get(peers):
            page.line(2, f"{side}: <any> (traffic not restricted by {what})")


def _port(port: Mapping[str, Any]) -> str:
    number, protocol = port.get("port"), port.get("protocol") or "TCP"
    number = "<nil>" if number is None else number
    if port.get("endPort") is None:
        return f"To Port: {number}/{protocol}"
    return f"To Port Range: {number}-{port['endPort']}/{protocol}"


def _peer(page: Page, peer: Mapping[str, Any]) -> None:
    if peer.get("namespaceSelector") is not None:
        page.line(3, f"NamespaceSelector: {selector_text(peer['namespaceSelector'])}")
    if peer.get("podSelector") is not None:
        page.line(3, f"PodSelector: {selector_text(peer['podSelector'])}")
    elif peer.get("namespaceSelector") is None and (block := peer.get("ipBlock")):
        page.line(3, "IPBlock:")
        page.line(4, f"CIDR: {block.get('cidr', '')}")
        page.line(4, f"Except: {', '.join(block.get('except') or ())}")
