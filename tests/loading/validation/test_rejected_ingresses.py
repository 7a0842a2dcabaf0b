# ruff: noqa: E501 - rows of tables stay on one line
"""Ingresses and IngressClasses that the API server rejects, and their nearest neighbours that it accepts.

https://kubernetes.io/docs/concepts/services-networking/ingress/
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.loading.validation.rows import (
    FORBIDDEN,
    INVALID,
    REQUIRED,
    TOO_LONG,
    UNSUPPORTED,
    Bad,
    Good,
    expect,
    flow,
    manifest,
    violations,
)

B = "backend: {service: {name: web, port: {number: 80}}}"
P0 = "spec.rules[0].http.paths[0]"


def path(text: str) -> str:
    return f"{{rules: [{{http: {{paths: [{{{text}}}]}}}}]}}"


def host(name: str) -> str:
    return f"{{rules: [{{host: {name!r}}}]}}"


def backend(text: str) -> str:
    return path(f"pathType: Prefix, path: /, backend: {{{text}}}")


REJECTED = (
    Bad("an empty spec", "{}", "spec", INVALID, "either `defaultBackend` or `rules` must be specified"),
    Bad("no rules", "{rules: []}", "spec", INVALID, "either `defaultBackend` or `rules` must be specified"),
    Bad("tls alone", "{tls: [{hosts: [a.b]}]}", "spec", INVALID, "either `defaultBackend` or `rules`"),
    # hosts
    Bad("host with a port", host("a.b:80"), "spec.rules[0].host", INVALID, "RFC 1123 subdomain"),
    Bad("host in capitals", host("Shop.example.com"), "spec.rules[0].host", INVALID, "RFC 1123 subdomain"),
    Bad("host with an underscore", host("my_shop.example.com"), "spec.rules[0].host", INVALID, "RFC 1123 subdomain"),
    Bad("host with a scheme", host("http://a.b"), "spec.rules[0].host", INVALID, "RFC 1123 subdomain"),
    Bad("host with a dot at the end", host("a.b."), "spec.rules[0].host", INVALID, "RFC 1123 subdomain"),
    Bad("host an address", host("10.0.0.1"), "spec.rules[0].host", INVALID, "must be a DNS name, not an IP address"),
    Bad("host a star", host("*"), "spec.rules[0].host", INVALID, "a wildcard DNS-1123 subdomain must start with '*.'"),
    Bad("host with a star inside", host("shop.*.com"), "spec.rules[0].host", INVALID, "a wildcard DNS-1123 subdomain"),
    Bad("host with two stars", host("*.*.com"), "spec.rules[0].host", INVALID, "a wildcard DNS-1123 subdomain"),
    Bad("host with a star before a word", host("*shop.com"), "spec.rules[0].host", INVALID, "a wildcard DNS-1123 subdomain"),
    Bad("host with a star after a word", host("shop*.example.com"), "spec.rules[0].host", INVALID, "a wildcard DNS-1123 subdomain"),
    # paths
    Bad("http without paths", "{rules: [{http: {paths: []}}]}", "spec.rules[0].http.paths", REQUIRED),
    Bad("http with null paths", "{rules: [{http: {paths: null}}]}", "spec.rules[0].http.paths", REQUIRED),
    Bad("no pathType", path(f"path: /, {B}"), f"{P0}.pathType", REQUIRED, "pathType must be specified"),
    Bad("pathType null", path(f"path: /, pathType: null, {B}"), f"{P0}.pathType", REQUIRED, "pathType must be specified"),
    Bad("pathType in small letters", path(f"path: /, pathType: prefix, {B}"), f"{P0}.pathType", UNSUPPORTED, '"prefix": supported values: "Exact", "ImplementationSpecific", "Prefix"'),
    Bad("pathType empty", path(f"path: /, pathType: '', {B}"), f"{P0}.pathType", UNSUPPORTED),
    Bad("Prefix without path", path(f"pathType: Prefix, {B}"), f"{P0}.path", INVALID, '"": must be an absolute path'),
    Bad("Exact without path", path(f"pathType: Exact, {B}"), f"{P0}.path", INVALID, "must be an absolute path"),
    Bad("Prefix without slash", path(f"pathType: Prefix, path: shop, {B}"), f"{P0}.path", INVALID, "must be an absolute path"),
    Bad("ImplementationSpecific without slash", path(f"pathType: ImplementationSpecific, path: shop, {B}"), f"{P0}.path", INVALID, "must be an absolute path"),
    Bad("two slashes", path(f"pathType: Prefix, path: //, {B}"), f"{P0}.path", INVALID, "must not contain '//'"),
    Bad("two slashes inside", path(f"pathType: Exact, path: /a//b, {B}"), f"{P0}.path", INVALID, "must not contain '//'"),
    Bad("a dot", path(f"pathType: Exact, path: /a/./b, {B}"), f"{P0}.path", INVALID, "must not contain '/./'"),
    Bad("two dots", path(f"pathType: Exact, path: /a/../b, {B}"), f"{P0}.path", INVALID, "must not contain '/../'"),
    Bad("an encoded slash", path(f"pathType: Prefix, path: /a%2fb, {B}"), f"{P0}.path", INVALID, "must not contain '%2f'"),
    Bad("an encoded slash in capitals", path(f"pathType: Prefix, path: /a%2Fb, {B}"), f"{P0}.path", INVALID, "must not contain '%2F'"),
    Bad("ends with a dot", path(f"pathType: Prefix, path: /a/., {B}"), f"{P0}.path", INVALID, "cannot end with '/.'"),
    Bad("ends with two dots", path(f"pathType: Prefix, path: /a/.., {B}"), f"{P0}.path", INVALID, "cannot end with '/..'"),
    # backends
    Bad("no backend", path("pathType: Prefix, path: /"), f"{P0}.backend", INVALID, "resource or service backend is required"),
    Bad("an empty backend", backend(""), f"{P0}.backend", INVALID, "resource or service backend is required"),
    Bad("two backends", backend("service: {name: web, port: {number: 80}}, resource: {kind: A, name: b}"), f"{P0}.backend", INVALID, "cannot set both resource and service backends"),
    Bad("service without name", backend("service: {name: '', port: {number: 80}}"), f"{P0}.backend.service.name", REQUIRED),
    Bad("service in capitals", backend("service: {name: Web, port: {number: 80}}"), f"{P0}.backend.service.name", INVALID, "RFC 1123 label"),
    Bad("service with a namespace", backend("service: {name: web.shop, port: {number: 80}}"), f"{P0}.backend.service.name", INVALID, "must not contain dots"),
    Bad("service without port", backend("service: {name: web}"), f"{P0}.backend", REQUIRED, "port name or number is required"),
    Bad("service with an empty port", backend("service: {name: web, port: {}}"), f"{P0}.backend", REQUIRED, "port name or number is required"),
    Bad("service with port 0", backend("service: {name: web, port: {number: 0}}"), f"{P0}.backend", REQUIRED, "port name or number is required"),
    Bad("two ports", backend("service: {name: web, port: {number: 80, name: http}}"), f"{P0}.backend", INVALID, "cannot set both port name & port number"),
    Bad("port 70000", backend("service: {name: web, port: {number: 70000}}"), f"{P0}.backend.service.port.number", INVALID, "must be between 1 and 65535, inclusive"),
    Bad("port -1", backend("service: {name: web, port: {number: -1}}"), f"{P0}.backend.service.port.number", INVALID, "must be between 1 and 65535"),
    Bad("port name of 16", backend("service: {name: web, port: {name: aaaabbbbccccdddd}}"), f"{P0}.backend.service.port.name", INVALID, "must be no more than 15 bytes"),
    Bad("port name of digits", backend("service: {name: web, port: {name: '80'}}"), f"{P0}.backend.service.port.name", INVALID, "must contain at least one letter"),
    Bad("default backend without port", "{defaultBackend: {service: {name: web}}}", "spec.defaultBackend", REQUIRED, "port name or number is required"),
    Bad("default backend empty", "{defaultBackend: {}}", "spec.defaultBackend", INVALID, "resource or service backend is required"),
    Bad("resource without kind", "{defaultBackend: {resource: {kind: '', name: b}}}", "spec.defaultBackend.resource.kind", REQUIRED),
    Bad("resource with a slash", "{defaultBackend: {resource: {kind: A, name: b/c}}}", "spec.defaultBackend.resource.name", INVALID, "may not contain '/'"),
    Bad("resource of a strange group", "{defaultBackend: {resource: {apiGroup: A_b, kind: A, name: b}}}", "spec.defaultBackend.resource.apiGroup", INVALID, "RFC 1123 subdomain"),
    # the rest
    Bad("class in capitals", "{ingressClassName: Nginx, rules: [{}]}", "spec.ingressClassName", INVALID, "RFC 1123 subdomain"),
    Bad("class empty", "{ingressClassName: '', rules: [{}]}", "spec.ingressClassName", INVALID, "RFC 1123 subdomain"),
    Bad("tls host in capitals", "{rules: [{}], tls: [{hosts: [a.b, Shop.example.com]}]}", "spec.tls[0].hosts[1]", INVALID, "RFC 1123 subdomain"),
    Bad("tls host a star", "{rules: [{}], tls: [{hosts: ['*']}]}", "spec.tls[0].hosts[0]", INVALID, "a wildcard DNS-1123 subdomain"),
    Bad("tls secret in capitals", "{rules: [{}], tls: [{secretName: Cert}]}", "spec.tls[0].secretName", INVALID, "RFC 1123 subdomain"),
    Bad("second rule", "{rules: [{}, {host: A}]}", "spec.rules[1].host", INVALID, "RFC 1123 subdomain"),
)

ACCEPTED = (
    Good("a default backend", "{defaultBackend: {service: {name: web, port: {number: 80}}}}"),
    Good("a rule without http", "{rules: [{host: shop.example.com}]}"),
    Good("an empty rule", "{rules: [{}]}"),
    Good("a null rule", "{rules: [null]}"),
    Good("a wildcard", host("*.example.com")),
    Good("a host of one label", host("localhost")),
    Good("a host of digits", host("1.example.com")),
    Good("Prefix of the root", backend("service: {name: web, port: {number: 80}}")),
    Good("port by name", backend("service: {name: web, port: {name: http}}")),
    Good("service that begins with a digit", backend("service: {name: 1web, port: {number: 65535}}")),
    Good("resource", backend("resource: {apiGroup: k8s.example.com, kind: StorageBucket, name: static}")),
    Good("ImplementationSpecific without path", path(f"pathType: ImplementationSpecific, {B}")),
    Good("ImplementationSpecific with a regular expression", path(f"pathType: ImplementationSpecific, path: '/a//b(/|$)(.*)', {B}")),
    Good("Exact with a slash at the end", path(f"pathType: Exact, path: /a/, {B}")),
    Good("a path with dots in names", path(f"pathType: Prefix, path: /a.b/..c/.d, {B}")),
    Good("an encoded blank", path(f"pathType: Prefix, path: /a%20b, {B}")),
    Good("tls", "{rules: [{}], tls: [{hosts: [a.b, '*.a.b'], secretName: cert.1}, {secretName: ''}, {}]}"),
    Good("class", "{ingressClassName: nginx.internal, rules: [{}]}"),
    Good("nulls", "{ingressClassName: null, tls: null, defaultBackend: null, rules: [{host: null, http: null}]}"),
)


@pytest.mark.parametrize("row", REJECTED, ids=str)
def test_rejected(row: Bad) -> None:
    expect(row, manifest("Ingress", spec=flow(row.text)))


@pytest.mark.parametrize("row", ACCEPTED, ids=str)
def test_accepted(row: Good) -> None:
    assert violations(manifest("Ingress", spec=flow(row.text))) == []


def annotated(annotation: str, name: str | None, **metadata: Any) -> dict[str, Any]:
    annotations = {"kubernetes.io/ingress.class": annotation}
    spec = {"ingressClassName": name, "rules": [{}]}
    return manifest("Ingress", metadata={"name": "web", "annotations": annotations, **metadata}, spec=spec)


def test_the_old_annotation_must_agree_with_the_class() -> None:
    words = "must match `ingressClassName` when both are specified"
    expect(Bad("", "", "annotations.kubernetes.io/ingress.class", INVALID, words), annotated("nginx", "traefik"))
    assert violations(annotated("nginx", "nginx")) == []
    assert violations(annotated("nginx", None)) == []
    assert violations(annotated("nginx", "traefik", uid="u")) == []


def test_the_status_holds_addresses() -> None:
    value = manifest("Ingress", spec={"rules": [{}]}, status={"loadBalancer": {"ingress": [{"ip": "lb"}]}})
    expect(Bad("", "", "status.loadBalancer.ingress[0].ip", INVALID, "must be a valid IP address"), value)
    value["status"]["loadBalancer"]["ingress"] = [{"ip": "203.0.113.7"}, {"hostname": "lb.example.com"}]
    assert violations(value) == []


CLASS_REJECTED = (
    Bad("no controller", "{}", "spec.controller", REQUIRED),
    Bad("controller without a slash", "{controller: nginx}", "spec.controller", INVALID, 'must be a domain-prefixed path (such as "acme.io/foo")'),
    Bad("controller without a path", "{controller: example.com/}", "spec.controller", INVALID, "must be a domain-prefixed path"),
    Bad("controller in capitals", "{controller: Example.com/x}", "spec.controller", INVALID, '"Example.com": a lowercase RFC 1123 subdomain'),
    Bad("controller with a blank", "{controller: example.com/a b}", "spec.controller", INVALID, '"a b": Invalid path'),
    Bad("controller of 251", f"{{controller: example.com/{'a' * 239}}}", "spec.controller", TOO_LONG, "may not be more than 250 bytes"),
    Bad("parameters without kind", "{controller: a.b/c, parameters: {kind: '', name: n}}", "spec.parameters.kind", REQUIRED),
    Bad("parameters without name", "{controller: a.b/c, parameters: {kind: K, name: ''}}", "spec.parameters.name", REQUIRED),
    Bad("parameters of a strange scope", "{controller: a.b/c, parameters: {kind: K, name: n, scope: Node}}", "spec.parameters.scope", UNSUPPORTED, '"Node": supported values: "Cluster", "Namespace"'),
    Bad("parameters of no namespace", "{controller: a.b/c, parameters: {kind: K, name: n, scope: Namespace}}", "spec.parameters.namespace", REQUIRED, "`parameters.scope` is set to 'Namespace'"),
    Bad("parameters of the cluster in a namespace", "{controller: a.b/c, parameters: {kind: K, name: n, scope: Cluster, namespace: a}}", "spec.parameters.namespace", FORBIDDEN, "`parameters.scope` is set to 'Cluster'"),
    Bad("parameters in a namespace by default", "{controller: a.b/c, parameters: {kind: K, name: n, namespace: a}}", "spec.parameters.namespace", FORBIDDEN, "`parameters.scope` is set to 'Cluster'"),
    Bad("parameters in a strange namespace", "{controller: a.b/c, parameters: {kind: K, name: n, scope: Namespace, namespace: A}}", "spec.parameters.namespace", INVALID, "RFC 1123 label"),
)
CLASS_ACCEPTED = (
    Good("controller", "{controller: k8s.io/ingress-nginx}"),
    Good("controller with a longer path", "{controller: example.com/a/b_c.d~e}"),
    Good("controller of 250", f"{{controller: example.com/{'a' * 238}}}"),
    Good("parameters", "{controller: a.b/c, parameters: {apiGroup: k8s.example.com, kind: K, name: n}}"),
    Good("parameters in a namespace", "{controller: a.b/c, parameters: {kind: K, name: n, scope: Namespace, namespace: a}}"),
)


@pytest.mark.parametrize("row", CLASS_REJECTED, ids=str)
def test_class_rejected(row: Bad) -> None:
    expect(row, manifest("IngressClass", spec=flow(row.text)))


@pytest.mark.parametrize("row", CLASS_ACCEPTED, ids=str)
def test_class_accepted(row: Good) -> None:
    assert violations(manifest("IngressClass", spec=flow(row.text))) == []
