"""Ingress: who serves it, what becomes of the request behind the rule, and TLS.

https://kubernetes.io/docs/concepts/services-networking/ingress/ and the behaviour of ingress-nginx
https://kubernetes.github.io/ingress-nginx/
"""

# ruff: noqa: E501 - a row is a line
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import kcnet
from tests import certificates
from tests.flows.builders import (
    CLIENT,
    LB_IP,
    NODES,
    cluster_ip,
    endpoint,
    endpoint_slice,
    external_name,
    headless,
    pod,
    port,
    service,
    sport,
    text,
    workload,
)
from tests.flows.ingress_builders import (
    APPS,
    CONTROLLER_IP,
    NGINX,
    NGINX_IMAGE,
    ONLY_APPS,
    SHOP,
    asks,
    controller,
    front,
    ingress,
    ingress_class,
    secret,
)
from tests.flows.policy_builders import (
    Row,
    allow_in,
    allow_out,
    check,
    cluster,
    facts,
    isolate,
    netpol,
    peer,
    rows,
    rule,
    run,
)

SITE = "http://shop.example.com/"
SECURE = "https://shop.example.com/"
HOST = "shop.example.com"
ALL = f"{HOST} / Prefix web:80"
BY_IP = f"http://{LB_IP}/"
NOBODY = "INGRESS_NO_CONTROLLER"
NO_MATCH = "INGRESS_NO_MATCH"
PLAIN = ingress(ALL)
OLD_NOTE = "kubernetes.io/ingress.class"
TRAEFIK = (
    controller("traefik:v3.3", ns="traefik", args=()),
    front(ns="traefik"),
    ingress_class("traefik", "traefik.io/ingress-controller"),
)
AT_TRAEFIK = (NODES, APPS, CLIENT, TRAEFIK)
OTHER = "example.com/other"
JANUARY, FEBRUARY, MARCH = (f"2026-0{month}-01T00:00:00Z" for month in (1, 2, 3))
DEFAULT_CLASS = (NODES, APPS, CLIENT, controller(), front(), ingress_class("nginx", default=True))
DATED_DEFAULT_CLASS = (*DEFAULT_CLASS[:-1], ingress_class("nginx", default=True, created=FEBRUARY))
TWO_CONTROLLERS = (
    SHOP,
    controller("traefik:v3.3", ns="traefik", args=(), ip="10.244.2.50"),
    front(ns="traefik", address="203.0.113.51", node_ports=(30081, 30444)),
    ingress_class("traefik", "traefik.io/ingress-controller"),
)
FROM_NGINX = peer(ns="kubernetes.io/metadata.name=ingress-nginx")
UNREACHED, MISSING, NO_ENDPOINTS = (f"INGRESS_BACKEND_{what}" for what in ("UNREACHABLE", "MISSING", "NO_ENDPOINTS"))
TO_8080, TO_9999, TO_HTTP = (service("web", ports=[sport(80, target)]) for target in (8080, 9999, "http"))
POD1, POD2 = pod("web", "10.244.2.10"), pod("web-2", "10.244.3.10")
POD1_UNREADY = pod("web", "10.244.2.10", ready=False)
TO_NEAR = ingress(f"{HOST} / Prefix near:80")
NEAR = external_name("near", "app.other.svc.cluster.local", ports=[sport(80)])
NEAR_BARE = external_name("near", "app.other.svc.cluster.local")
OTHER_APP = (service("app", ns="other", app="o"), pod("o", "10.244.3.70", ns="other", app="o"))
STATED = ingress(ALL, status="192.0.2.99")
STATED_TLS = ingress(ALL, status="192.0.2.99", tls=[("leaf", [HOST])])
PENDING = (NODES, APPS, CLIENT, controller(), front(address=None), ingress_class("nginx"))
BARE_NGINX = (NODES, APPS, CLIENT, controller(), front())
"""ingress-nginx without an IngressClass of its own."""


@rows(
    asks("the class of the controller", PLAIN, SITE, "delivered", seen=CONTROLLER_IP, at=["web"]),
    asks("a class that does not exist", ingress(ALL, cls="nope"), SITE, "unresolved", NOBODY),
    asks("a class of another controller", [ingress(ALL, cls="other"), ingress_class("other", OTHER)], SITE, "unresolved", NOBODY),
    asks("another class of the same controller", [ingress(ALL, cls="inner"), ingress_class("inner")], SITE, "delivered"),
    asks("a class named as the controller's, but not its own", ingress(ALL), SITE, "unresolved", NOBODY, world=(NODES, APPS, CLIENT, controller(), front(), ingress_class("nginx", OTHER))),
    asks("no class", ingress(ALL, cls=None), SITE, "unresolved", NOBODY),
    asks("no class, and the controller serves such", ingress(ALL, cls=None), SITE, "delivered", world=(NODES, APPS, CLIENT, controller(args=["--watch-ingress-without-class=true"]), front(), ingress_class("nginx"))),
    asks("the old annotation", ingress(ALL, cls=None, notes={OLD_NOTE: "nginx"}), SITE, "delivered"),
    asks("the old annotation without an IngressClass", ingress(ALL, cls=None, notes={OLD_NOTE: "nginx"}), SITE, "delivered", world=BARE_NGINX),
    asks("the old annotation names a class of ours, but not our --ingress-class", [ingress(ALL, cls=None, notes={OLD_NOTE: "inner"}), ingress_class("inner")], SITE, "unresolved", NOBODY),
    asks("the old annotation names another", ingress(ALL, cls=None, notes={OLD_NOTE: "traefik"}), SITE, "unresolved", NOBODY),
    asks("the old annotation and the same class", ingress(ALL, notes={OLD_NOTE: "nginx"}), SITE, "delivered"),
    asks("the default class", ingress(ALL, cls=None), SITE, "delivered", world=DEFAULT_CLASS),
    asks("the default class is another's", [ingress(ALL, cls=None), ingress_class("other", OTHER, default=True)], SITE, "unresolved", NOBODY),
    asks("the default class loses against a class", [ingress(ALL), ingress_class("other", OTHER, default=True)], SITE, "delivered"),
    asks("the default class is not written beside the annotation", ingress(ALL, cls=None, notes={OLD_NOTE: "other"}), SITE, "unresolved", NOBODY, world=DEFAULT_CLASS),
    asks("the default class is written on creation alone", ingress(ALL, cls=None, uid="1"), SITE, "unresolved", NOBODY, world=DEFAULT_CLASS),
    asks("two defaults: the newest, ours", [ingress(ALL, cls=None), ingress_class("a-other", OTHER, True, JANUARY)], SITE, "delivered", world=DATED_DEFAULT_CLASS),
    asks("two defaults: the newest, another's", [ingress(ALL, cls=None), ingress_class("a-other", OTHER, True, MARCH)], SITE, "unresolved", NOBODY, world=DATED_DEFAULT_CLASS),
    asks("two defaults of one age: by name, another's", [ingress(ALL, cls=None), ingress_class("a-other", OTHER, True, FEBRUARY)], SITE, "unresolved", NOBODY, world=DATED_DEFAULT_CLASS),
    asks("two defaults of one age: by name, ours", [ingress(ALL, cls=None), ingress_class("z-other", OTHER, True, FEBRUARY)], SITE, "delivered", world=DATED_DEFAULT_CLASS),
    asks("not its class, asked at the controller's address", ingress(ALL, cls="nope"), BY_IP, "http-error", NO_MATCH, status=404, host=HOST),
    asks("no Ingress at all, asked at the controller's address", [], BY_IP, "http-error", NO_MATCH, status=404),
    asks("one of two Ingresses has our class", [ingress(ALL, cls="nope"), ingress(f"{HOST} /api Prefix api:8080", name="ours")], f"{SITE}api", "delivered", at=["api"]),
    asks("the other's rules do not exist for us", [ingress(ALL, cls="nope"), ingress(f"{HOST} /api Prefix api:8080", name="ours")], f"{SITE}web", "http-error", NO_MATCH, status=404),
    asks("two controllers: the one of the class", ingress(ALL, cls="traefik"), SITE, "delivered", seen="10.244.2.50", world=TWO_CONTROLLERS),
    asks("two controllers: the other has no such rule", ingress(ALL, cls="traefik"), BY_IP, "http-error", NO_MATCH, status=404, host=HOST, world=TWO_CONTROLLERS),
)  # fmt: skip
def test_class(flow: Row) -> None:
    check(flow)


@rows(
    asks("none in the manifests: one is assumed", PLAIN, SITE, "delivered", world=ONLY_APPS, assumes=["ngress controller"]),
    asks("none in the manifests, no class at all: one is assumed", ingress(ALL, cls=None), SITE, "delivered", world=ONLY_APPS, assumes=["ngress controller"]),
    asks("assumed, as the Cluster document says", PLAIN, SITE, "delivered", world=ONLY_APPS, facts={"ingressController": True}),
    asks("there is none, as the Cluster document says", PLAIN, SITE, "unresolved", NOBODY, world=ONLY_APPS, facts={"ingressController": False}),
    asks("assumed by its class alone", [PLAIN, ingress_class("nginx")], SITE, "delivered", world=ONLY_APPS),
    asks("assumed, but not for a class that does not exist", [ingress(ALL, cls="typo"), ingress_class("nginx")], SITE, "unresolved", NOBODY, world=ONLY_APPS),
    asks("assumed, but not for want of a class where classes exist", [ingress(ALL, cls=None), ingress_class("nginx")], SITE, "unresolved", NOBODY, world=ONLY_APPS),
    asks("assumed for the default class", [ingress(ALL, cls=None), ingress_class("nginx", default=True)], SITE, "delivered", world=ONLY_APPS),
    asks("assumed, no rule matches", PLAIN, f"{SITE}", "http-error", NO_MATCH, status=404, host="other.example.com", world=ONLY_APPS),
    asks("assumed, address from status", STATED, "http://192.0.2.99/", "delivered", host=HOST, world=ONLY_APPS),
    asks("assumed, address from status, by name", STATED, SITE, "delivered", world=ONLY_APPS),
    asks("assumed, host name from status", ingress(ALL, status="lb.cloud.example"), "http://lb.cloud.example/", "delivered", host=HOST, world=ONLY_APPS),
    asks("assumed, backend without endpoints", ingress(f"{HOST} / Prefix none:80"), SITE, "http-error", MISSING, status=503, world=ONLY_APPS),
    asks("assumed: a policy for the namespace where it is taken to be", [PLAIN, allow_in(rule(FROM_NGINX), of="shop")], SITE, "delivered|unknown", world=ONLY_APPS),
    asks("assumed: a policy for a namespace that no manifest shows", [PLAIN, allow_in(rule(peer(ns="kubernetes.io/metadata.name=edge")), of="shop")], SITE, "unknown", "CANNOT_TELL", world=ONLY_APPS),
    asks("assumed: a policy for a namespace that no manifest shows, another port", [PLAIN, allow_in(rule(peer(ns="kubernetes.io/metadata.name=edge"), ports="9999"), of="shop")], SITE, "http-error", UNREACHED, status=504, world=ONLY_APPS),
    asks("assumed: nobody is allowed", [PLAIN, isolate("shop")], SITE, "http-error", UNREACHED, status=504, world=ONLY_APPS),
    asks("assumed: an ipBlock that may be the controller's", [PLAIN, allow_in(rule(peer(ip="192.168.0.0/16")), of="shop")], SITE, "unknown", "CANNOT_TELL", world=ONLY_APPS),
    asks("assumed: own pods alone", [PLAIN, allow_in(rule(peer(pods="")), of="shop")], SITE, "http-error", UNREACHED, status=504, world=ONLY_APPS),
    asks("a workload of theirs, as the Cluster document says", PLAIN, SITE, "delivered", seen="10.244.3.77", facts={"ingressController": "edge/Pod/proxy"}, world=(ONLY_APPS, pod("proxy", "10.244.3.77", ns="edge", app="proxy", ports=[port(80, "http"), port(443, "https")]), service("proxy", ns="edge", app="proxy", kind="LoadBalancer", ports=[sport(80, "http", "http")], lb=[{"ip": LB_IP}]))),
)  # fmt: skip
def test_controllers_taken_for_granted(flow: Row) -> None:
    check(flow)


PODS = (NODES, CLIENT, NGINX)


@rows(
    asks("by the Service's number", PLAIN, SITE, "delivered", at=["web"], port=8080, seen=CONTROLLER_IP),
    asks("by the Service port's name", ingress(f"{HOST} / Prefix api:rpc"), SITE, "delivered", at=["api"], port=9090),
    asks("number, not the name of a targetPort", ingress(f"{HOST} / Prefix api:8080"), SITE, "delivered", at=["api"], port=9090),
    asks("no such Service", ingress(f"{HOST} / Prefix none:80"), SITE, "http-error", MISSING, status=503),
    asks("the Service of another namespace", [ingress(f"{HOST} / Prefix web:80", ns="edge")], SITE, "http-error", MISSING, status=503),
    asks("an Ingress where the Service is", [ingress(f"{HOST} / Prefix web:80", ns="edge"), service("web", ns="edge", app="w"), pod("w", "10.244.3.40", ns="edge", app="w")], SITE, "delivered", at=["w"]),
    asks("a number that the Service does not have", ingress(f"{HOST} / Prefix web:81"), SITE, "http-error", MISSING, status=503),
    asks("a name that the Service does not have", ingress(f"{HOST} / Prefix web:https"), SITE, "http-error", MISSING, status=503),
    asks("a name where the Service's port has none", ingress(f"{HOST} / Prefix old:http"), SITE, "http-error", MISSING, status=503),
    asks("ingress-nginx lets the targetPort's number pass", ingress(f"{HOST} / Prefix old:7070"), SITE, "delivered", at=["old"], port=7070),
    asks("a selector without pods", [ingress(f"{HOST} / Prefix empty:80"), service("empty", app="none")], SITE, "http-error", NO_ENDPOINTS, status=503),
    asks("pods that are not ready", PLAIN, SITE, "http-error", NO_ENDPOINTS, status=503, world=(PODS, TO_HTTP, POD1_UNREADY)),
    asks("one of two pods is ready", PLAIN, SITE, "delivered", at=["web-2"], world=(PODS, TO_HTTP, POD1_UNREADY, POD2)),
    asks("two pods", PLAIN, SITE, "delivered", at=["web", "web-2"], seen=CONTROLLER_IP, world=(PODS, TO_HTTP, POD1, POD2)),
    asks("a targetPort name that no pod has", PLAIN, SITE, "http-error", NO_ENDPOINTS, status=503, world=(PODS, service("web", ports=[sport(80, "nope")]), POD1)),
    asks("the pod does not listen", PLAIN, SITE, "http-error", UNREACHED, status=502, world=(PODS, TO_9999, POD1)),
    asks("no pod of three listens", PLAIN, SITE, "http-error", UNREACHED, status=502, world=(PODS, TO_9999, POD1, pod("web-2", "10.244.2.11"), pod("web-3", "10.244.2.12"))),
    asks("one of two does not listen: the other is tried", PLAIN, SITE, "delivered", at={"web-2": 1.0}, world=(PODS, TO_8080, pod("web", "10.244.2.10", listens="9"), POD2), steps=["INGRESS_RETRIED"]),
    asks("two of three do not listen: the third is tried", PLAIN, SITE, "delivered", at={"web-3": 1.0}, world=(PODS, TO_8080, pod("web", "10.244.2.10", listens="9"), pod("web-2", "10.244.3.10", listens="9"), pod("web-3", "10.244.3.11"))),
    asks("three of four do not listen: three tries are not enough for all", PLAIN, SITE, "partial", at={"web-4": 0.75}, world=(PODS, TO_8080, *(pod(f"web-{n}", f"10.244.2.{n}", listens="9") for n in (1, 2, 3)), pod("web-4", "10.244.3.11"))),
    asks("internalTrafficPolicy Local plays no part", PLAIN, SITE, "delivered", world=(PODS, service("web", ports=[sport(80, 8080)], internalTrafficPolicy="Local"), POD1)),
    asks("a headless Service does", PLAIN, SITE, "delivered", at=["web"], port=8080, world=(PODS, headless(ports=[sport(80, 8080)]), POD1)),
    asks("an ExternalName of the cluster: the controller resolves it and stays inside", [TO_NEAR, NEAR, OTHER_APP], SITE, "delivered", seen=CONTROLLER_IP, at=["o"]),
    asks("an ExternalName of the cluster that does not exist", [TO_NEAR, NEAR], SITE, "http-error|unknown"),
    asks("an ExternalName of the cluster, refused", [TO_NEAR, NEAR, service("app", ns="other", app="o")], SITE, "http-error", UNREACHED, status=502),
    asks("an ExternalName of the cluster, isolated", [TO_NEAR, NEAR, OTHER_APP, isolate("other")], SITE, "http-error", UNREACHED, status=504),
    asks("an ExternalName that is headless in the cluster: the port is the pod's", [ingress(f"{HOST} / Prefix near:8080"), NEAR_BARE, headless("app", ns="other", app="o"), pod("o", "10.244.3.70", ns="other", app="o"), pod("o2", "10.244.2.70", ns="other", app="o")], SITE, "delivered", at=["o", "o2"]),
    asks("an ExternalName that is an address of a pod", [ingress(f"{HOST} / Prefix near:8080"), external_name("near", "10.244.2.10")], SITE, "delivered", at=["web"]),
    asks("an ExternalName of localhost", [TO_NEAR, external_name("near", "localhost")], SITE, "http-error", NO_ENDPOINTS, status=503),
    asks("an ExternalName without the port that the backend names", [ingress(f"{HOST} / Prefix near:web"), external_name("near", "www.example.org")], SITE, "http-error", MISSING, status=503),
    asks("an ExternalName, and the controller may go there", [ingress(f"{HOST} / Prefix far:443"), external_name("far", "www.example.org"), allow_out(rule(), of="ingress-nginx")], SITE, "external", "LEFT_CLUSTER"),
    asks("an ExternalName, and the controller may ask DNS alone", [ingress(f"{HOST} / Prefix far:443"), external_name("far", "www.example.org"), allow_out(rule(ports="53/UDP"), of="ingress-nginx")], SITE, "http-error", UNREACHED, status=504),
    asks("an ExternalName, and the controller may not go out", [ingress(f"{HOST} / Prefix far:443"), external_name("far", "www.example.org", ports=[sport(443)]), isolate("ingress-nginx", types="E")], SITE, "http-error|unknown"),
    asks("an endpoint written by hand, inside", PLAIN, SITE, "delivered", at=["hand"], port=5000, world=(PODS, service("web", app=None, ports=[sport(80, 9)]), endpoint_slice(endpoint("10.244.3.71"), ports=[{"port": 5000}]), pod("hand", "10.244.3.71", app="hand", ports=[port(5000)]))),
    asks("an endpoint written by hand, outside", PLAIN, SITE, "external", "LEFT_CLUSTER", world=(PODS, service("web", app=None, ports=[sport(80, 9)]), endpoint_slice(endpoint("192.0.2.9"), ports=[{"port": 5000}]))),
    asks("a selectorless Service without slices", PLAIN, SITE, "http-error", NO_ENDPOINTS, status=503, world=(PODS, service("web", app=None, ports=[sport(80, 9)]))),
    asks("terminating pods alone", PLAIN, SITE, "http-error", NO_ENDPOINTS, status=503, world=(PODS, TO_8080, pod("web", "10.244.2.10", terminating=True))),
    asks("unready pods that are published nevertheless", PLAIN, SITE, "delivered", at=["web"], world=(PODS, service("web", ports=[sport(80, 8080)], publishNotReadyAddresses=True), POD1_UNREADY)),
    asks("service-upstream: by the cluster IP", ingress(ALL, notes={"nginx.ingress.kubernetes.io/service-upstream": "true"}), SITE, "delivered", seen=CONTROLLER_IP, at=["web"], steps=["SERVICE_ENDPOINT_CHOSEN"]),
    asks("service-upstream without endpoints is refused: 502", ingress(f"{HOST} / Prefix empty:80", notes={"nginx.ingress.kubernetes.io/service-upstream": "true"}), SITE, "http-error", UNREACHED, status=502, world=(SHOP, service("empty", app="none"))),
    asks("a hostNetwork pod as endpoint", PLAIN, SITE, "delivered", at=["host"], world=(PODS, TO_8080, pod("host", "10.0.0.3", on="n3", ports=[port(8080)], hostNetwork=True))),
    asks("two ports of one Service by name", [ingress(f"{HOST} / Prefix multi:admin")], SITE, "delivered", port=9000, world=(SHOP, service("multi", app="multi", ports=[sport(80, 8080, "web"), sport(81, 9000, "admin")]), pod("m", "10.244.3.72", app="multi", ports=[port(8080), port(9000)]))),
    asks("a number wins over an equal targetPort", [ingress(f"{HOST} / Prefix multi:9000")], SITE, "delivered", port=7777, world=(SHOP, service("multi", app="multi", ports=[sport(80, 9000, "web"), sport(9000, 7777, "admin")]), pod("m", "10.244.3.72", app="multi", ports=[port(7777), port(9000)]))),
    asks("an ExternalName is looked up by the controller", [ingress(f"{HOST} / Prefix far:443"), external_name("far", "www.example.org", ports=[sport(443)])], SITE, "external", "LEFT_CLUSTER"),
    asks("a resource is the controller's own business", ingress(f"{HOST} / Prefix resource/bucket"), SITE, "unknown", "CANNOT_TELL"),
    asks("a Service of type NodePort does", PLAIN, SITE, "delivered", world=(PODS, service("web", kind="NodePort", ports=[sport(80, 8080)]), POD1)),
    asks("the path / is not needed by the Service", ingress(f"{HOST} /deep Prefix web:80"), f"{SITE}deep/er", "delivered", at=["web"]),
)  # fmt: skip
def test_backends(flow: Row) -> None:
    check(flow)


T = f"{HOST} / Prefix"


@rows(
    asks("found", ingress(f"{T} web:80", cls="traefik"), SITE, "delivered", world=AT_TRAEFIK),
    asks("no rule", ingress(f"{HOST} /x Prefix web:80", cls="traefik"), SITE, "http-error", NO_MATCH, status=404, world=AT_TRAEFIK),
    asks("serves Ingresses without a class", ingress(f"{T} web:80", cls=None), SITE, "delivered", world=AT_TRAEFIK),
    asks("no such Service: 404", ingress(f"{T} none:80", cls="traefik"), SITE, "http-error", status=404, world=AT_TRAEFIK),
    asks("no ready endpoint: 404", [ingress(f"{T} empty:80", cls="traefik"), service("empty", app="none")], SITE, "http-error", status=404, world=AT_TRAEFIK),
    asks("no such port: 404", ingress(f"{T} web:81", cls="traefik"), SITE, "http-error", status=404, world=AT_TRAEFIK),
    asks("a targetPort is no Service port", ingress(f"{T} old:7070", cls="traefik"), SITE, "http-error", status=404, world=AT_TRAEFIK),
    asks("refused: 502", ingress(f"{T} web:80", cls="traefik"), SITE, "http-error", UNREACHED, status=502, world=(NODES, CLIENT, TRAEFIK, TO_9999, POD1)),
    asks("not allowed: 504", [ingress(f"{T} web:80", cls="traefik"), isolate("shop")], SITE, "http-error", UNREACHED, status=504, world=AT_TRAEFIK),
)  # fmt: skip
def test_traefik(flow: Row) -> None:
    check(flow)


@rows(
    asks("isolated: 504", [PLAIN, isolate("shop")], SITE, "http-error", UNREACHED, status=504),
    asks("the controller's namespace allowed", [PLAIN, allow_in(rule(FROM_NGINX), of="shop")], SITE, "delivered", seen=CONTROLLER_IP),
    asks("the controller's namespace, the pod's port", [PLAIN, allow_in(rule(FROM_NGINX, ports="8080"), of="shop")], SITE, "delivered"),
    asks("the controller's namespace, the Service's port", [PLAIN, allow_in(rule(FROM_NGINX, ports="80"), of="shop")], SITE, "http-error", UNREACHED, status=504),
    asks("the controller's namespace, the port's name", [PLAIN, allow_in(rule(FROM_NGINX, ports="http"), of="shop")], SITE, "delivered"),
    asks("the controller's pods", [PLAIN, allow_in(rule(peer(ns="kubernetes.io/metadata.name=ingress-nginx", pods="app=ingress")), of="shop")], SITE, "delivered"),
    asks("other pods of its namespace", [PLAIN, allow_in(rule(peer(ns="kubernetes.io/metadata.name=ingress-nginx", pods="app=other")), of="shop")], SITE, "http-error", UNREACHED, status=504),
    asks("the client's range", [PLAIN, allow_in(rule(peer(ip="198.51.100.0/24")), of="shop")], SITE, "http-error", UNREACHED, status=504),
    asks("own namespace alone", [PLAIN, allow_in(rule(peer(pods="")), of="shop")], SITE, "http-error", UNREACHED, status=504),
    asks("everybody", [PLAIN, allow_in(rule(), of="shop")], SITE, "delivered"),
    asks("another pod isolated", [PLAIN, isolate("shop", pods="app=api")], SITE, "delivered"),
    asks("the controller may not go out: 504", [PLAIN, isolate("ingress-nginx", types="E")], SITE, "http-error", UNREACHED, status=504),
    asks("the controller may go to the shop", [PLAIN, allow_out(rule(peer(ns="kubernetes.io/metadata.name=shop")), of="ingress-nginx")], SITE, "delivered"),
    asks("the controller may go elsewhere", [PLAIN, allow_out(rule(peer(ns="kubernetes.io/metadata.name=bank")), of="ingress-nginx")], SITE, "http-error", UNREACHED, status=504),
    asks("nobody may come to the controller", [PLAIN, isolate("ingress-nginx")], "client > http://203.0.113.50/", "timeout", "NETPOL_INGRESS_DENIED", host=HOST, world=(NODES, APPS, pod("client", "10.244.2.100", app="client", ports=()), controller(), front(externalTrafficPolicy="Local"), ingress_class("nginx"))),
    asks("the client may not go out", [PLAIN, isolate("shop", pods="app=client", types="E")], "client > http://203.0.113.50/", "timeout", "NETPOL_EGRESS_DENIED", host=HOST),
    asks("the client may not go out, by name", [PLAIN, isolate("shop", pods="app=client", types="E")], f"client > {SITE}", "unresolved", "DNS_BLOCKED_BY_POLICY"),
    asks("one pod of two isolated: the other is tried", [PLAIN, isolate("shop", pods="v=1")], SITE, "delivered", at={"web-2": 1.0}, world=(PODS, TO_8080, pod("web", "10.244.2.10", labels={"v": "1"}), pod("web-2", "10.244.3.10", labels={"v": "2"}))),
    asks("Flannel", [PLAIN, isolate("shop")], SITE, "delivered", facts={"cni": "flannel"}),
    asks("Amazon's: it matters", [PLAIN, isolate("shop")], SITE, "unknown", "CANNOT_TELL", facts={"cni": "aws-vpc-cni"}),
    asks("Amazon's: it does not matter", [PLAIN, isolate("shop", pods="app=api")], SITE, "delivered", facts={"cni": "aws-vpc-cni"}),
    asks("no policy at the backend's node matters to the client's address", [PLAIN, netpol("shop", ingress=[rule(peer(ip="203.0.113.50/32"))], types="I")], SITE, "http-error", UNREACHED, status=504),
)  # fmt: skip
def test_policies_against_the_controllers_hop(flow: Row) -> None:
    check(flow)


ON_HOST = (NODES, APPS, CLIENT, controller(ip="10.0.0.2", on="n2", hostNetwork=True), ingress_class("nginx"))
APPS_ELSEWHERE = (pod("web", "10.244.3.20"), TO_8080)
ON_OTHER_HOST = (*ON_HOST[:1], APPS_ELSEWHERE, *ON_HOST[2:])
HOST_PORT = (
    NODES, APPS, CLIENT, ingress_class("nginx"),
    pod("controller", CONTROLLER_IP, ns="ingress-nginx", app="ingress", containers=[{"name": "c", "image": NGINX_IMAGE, "ports": [port(80, "http", host_port=80), port(443, "https", host_port=443)]}]),
)  # fmt: skip
NODE_PORTS = (NODES, APPS, CLIENT, controller(), front("NodePort"), ingress_class("nginx"))
INSIDE = (NODES, APPS, CLIENT, controller(), front("ClusterIP"), ingress_class("nginx"))
LEAF = secret("leaf")
TLS = ingress(ALL, tls=[("leaf", [HOST])])
NO_CERT = "TLS_CERTIFICATE_MISSING"
WITH_DEFAULT = (NODES, APPS, CLIENT, controller(args=("--ingress-class=nginx", "--default-ssl-certificate=ingress-nginx/wildcard")), front(), ingress_class("nginx"))


@rows(
    asks("the certificate is there", [TLS, LEAF], SECURE, "delivered", "DELIVERED", steps=["TLS_TERMINATED"], at=["web"]),
    asks("path and host rules apply behind it", [ingress(f"{HOST} /a Prefix web:80", tls=[("leaf", [HOST])]), LEAF], f"{SECURE}b", "http-error", NO_MATCH, status=404),
    asks("no Secret of that name, others are there", [TLS, secret("other")], SECURE, "tls-error", NO_CERT),
    asks("the Secret is in another namespace", [TLS, secret("leaf", ns="edge")], SECURE, "tls-error", NO_CERT),
    asks("tls lists another host", [ingress(ALL, tls=[("leaf", ["other.example.com"])]), LEAF], SECURE, "tls-error", NO_CERT),
    asks("no tls section", [PLAIN, LEAF], SECURE, "tls-error", NO_CERT),
    asks("a wildcard in tls covers one label", [ingress(ALL, tls=[("leaf", ["*.example.com"])]), LEAF], SECURE, "delivered"),
    asks("a wildcard in tls does not cover two", [ingress("a.b.example.com / Prefix web:80", tls=[("leaf", ["*.example.com"])]), LEAF], "https://a.b.example.com/", "tls-error", NO_CERT),
    asks("a wildcard in tls does not cover none", [ingress("example.com / Prefix web:80", tls=[("leaf", ["*.example.com"])]), LEAF], "https://example.com/", "tls-error", NO_CERT),
    asks("one of several tls entries", [ingress(ALL, tls=[("gone", ["other.example.com"]), ("leaf", [HOST])]), LEAF], SECURE, "delivered"),
    asks("one of several hosts", [ingress(ALL, tls=[("leaf", ["other.example.com", HOST])]), LEAF], SECURE, "delivered"),
    asks("plain HTTP to a host with TLS: ingress-nginx redirects", [TLS, LEAF], SITE, "delivered", steps=["INGRESS_REDIRECTED", "TLS_TERMINATED"], at=["web"]),
    asks("redirect to a host without its certificate", [TLS, secret("other")], SITE, "tls-error", NO_CERT, steps=["INGRESS_REDIRECTED"]),
    asks("redirect forced without tls section", ingress(ALL, notes={"nginx.ingress.kubernetes.io/force-ssl-redirect": "true"}), SITE, "tls-error", NO_CERT, steps=["INGRESS_REDIRECTED"]),
    asks("redirect, then no rule", [ingress(f"{HOST} /a Prefix web:80", tls=[("leaf", [HOST])]), LEAF], f"{SITE}b", "http-error", NO_MATCH, status=404),
    asks("redirect goes by the name, not back to the node port", [TLS, LEAF], "http://10.0.0.3:30080/", "delivered", host=HOST, steps=["INGRESS_REDIRECTED", "DNS_PUBLIC_NAME"]),
    asks("redirect to a port that is closed", [TLS, LEAF], "http://10.0.0.3:30080/", "refused", "NODE_PORT_CLOSED", host=HOST, world=NODE_PORTS),
    asks("redirect of a client that may not ask DNS", [TLS, LEAF, isolate("shop", "app=client", "E"), allow_out(rule(FROM_NGINX), of="shop", pods="app=client")], f"client > http://{CONTROLLER_IP}/", "unresolved", "DNS_BLOCKED_BY_POLICY", host=HOST),
    asks("redirect at the address of the Ingress's status", [STATED_TLS, LEAF], "http://192.0.2.99/", "delivered", host=HOST, world=INSIDE),
    asks("redirect at the address of the Ingress's status, by name", [STATED_TLS, LEAF], SITE, "delivered", seen=CONTROLLER_IP, world=INSIDE),
    asks("redirect at a load balancer with a name alone", [TLS, LEAF], SITE, "delivered", world=(NODES, APPS, CLIENT, controller(), front(address=None) | {"status": {"loadBalancer": {"ingress": [{"hostname": "lb.cloud.example"}]}}}, ingress_class("nginx"))),
    asks("redirect of a rule without host, by address", [ingress("- / Prefix web:80", tls=[("leaf", [])], notes={"nginx.ingress.kubernetes.io/force-ssl-redirect": "true"}), LEAF], BY_IP, "delivered|tls-error", steps=["INGRESS_REDIRECTED"]),
    asks("Traefik does not redirect by itself", [ingress(ALL, cls="traefik", tls=[("leaf", [HOST])]), LEAF], SITE, "delivered", at=["web"], world=AT_TRAEFIK),
    asks("ingress-nginx: tls without a secretName is the self-signed certificate", ingress(ALL, tls=[(None, [HOST])]), SECURE, "tls-error", NO_CERT),
    asks("no Secret in any manifest: it is taken to exist", TLS, SECURE, "delivered", assumes=["leaf"]),
    asks("a tls entry without hosts covers those of the rules", [ingress(ALL, tls=[("leaf", [])]), LEAF], SECURE, "delivered"),
    asks("the certificate is for the host", [TLS, secret("leaf", certificate=certificates.SHOP)], SECURE, "delivered"),
    asks("the certificate is a wildcard", [TLS, secret("leaf", certificate=certificates.WILDCARD)], SECURE, "delivered"),
    asks("the certificate has a common name alone, which curl takes", [TLS, secret("leaf", certificate=certificates.COMMON_NAME)], SECURE, "delivered"),
    asks("the certificate is for another host", [TLS, secret("leaf", certificate=certificates.OTHER)], SECURE, "tls-error", NO_CERT),
    asks("the certificate is for another host, under Traefik", [ingress(ALL, cls="traefik", tls=[("leaf", [HOST])]), secret("leaf", certificate=certificates.OTHER)], SECURE, "tls-error", NO_CERT, world=AT_TRAEFIK),
    asks("a certificate whose names cannot be read is taken to be right", [TLS, secret("leaf", certificate=certificates.OTHER.replace("MII", "MIJ"))], SECURE, "delivered"),
    asks("tls does not list the host, but the certificate is for it", [ingress(ALL, tls=[("leaf", ["www.shop.example.com"])]), secret("leaf", certificate=certificates.SHOP)], SECURE, "delivered"),
    asks("tls does not list the host, and the certificate is not for it", [ingress(ALL, tls=[("leaf", ["other.example.com"])]), secret("leaf", certificate=certificates.OTHER)], SECURE, "tls-error", NO_CERT),
    asks("no Secret of that name, and cert-manager is asked for it", [ingress(ALL, tls=[("leaf", [HOST])], notes={"cert-manager.io/issuer": "ca"}), secret("other")], SECURE, "delivered", assumes=["leaf"]),
    asks("a default certificate of the controller", ingress(ALL, tls=[(None, [HOST])]), SECURE, "delivered", assumes=["ingress-nginx/wildcard"], world=WITH_DEFAULT),
    asks("a default certificate, and no tls section", PLAIN, SECURE, "delivered", assumes=["ingress-nginx/wildcard"], world=WITH_DEFAULT),
    asks("plain HTTP to port 443", [TLS, LEAF], "http://shop.example.com:443/", "http-error", "INGRESS_WRONG_SCHEME", status=400),
    asks("TLS to port 80", [TLS, LEAF], "https://shop.example.com:80/", "tls-error", "TLS_NOT_SPOKEN_HERE"),
    asks("redirect switched off", [ingress(ALL, tls=[("leaf", [HOST])], notes={"nginx.ingress.kubernetes.io/ssl-redirect": "false"}), LEAF], SITE, "delivered", at=["web"]),
    asks("plain HTTP without tls section", PLAIN, SITE, "delivered", at=["web"]),
    asks("plain HTTP to a host that no tls entry lists", [ingress(ALL, "b.example.com / Prefix api:8080", tls=[("leaf", [HOST])]), LEAF], "http://b.example.com/", "delivered", at=["api"]),
    asks("server name by --host", [TLS, LEAF], f"https://{LB_IP}/", "delivered", host=HOST),
    asks("backend without endpoints behind TLS", [ingress(f"{HOST} / Prefix empty:80", tls=[("leaf", [HOST])]), LEAF, service("empty", app="none")], SECURE, "http-error", NO_ENDPOINTS, status=503),
    asks("https to a Service that speaks HTTP is the application's business", cluster_ip(name="plain", ports=[sport(80, 8080)]), "client > https://plain:80/", "tls-error|delivered|unknown"),
)  # fmt: skip
def test_tls(flow: Row) -> None:
    check(flow)


@rows(
    asks("load balancer's address, Host header given", PLAIN, BY_IP, "delivered", host=HOST, seen=CONTROLLER_IP),
    asks("load balancer's address, no Host header", PLAIN, BY_IP, "http-error", NO_MATCH, status=404),
    asks("load balancer's node port", PLAIN, "http://10.0.0.3:30080/", "delivered", host=HOST, seen=CONTROLLER_IP),
    asks("node port", PLAIN, "http://10.0.0.3:30080/", "delivered", host=HOST, world=NODE_PORTS),
    asks("node port, at the node by name", PLAIN, "node/n2:30080", "delivered", host=HOST, world=NODE_PORTS),
    asks("node port for HTTPS", [TLS, LEAF], "https://10.0.0.3:30443/", "delivered", host=HOST, world=NODE_PORTS),
    asks("exposed by node port alone: nobody answers at port 80", PLAIN, "http://10.0.0.3/", "refused", host=HOST, world=NODE_PORTS),
    asks("exposed by node port alone: the name leads to a node, port 80 is closed", PLAIN, SITE, "refused", "NODE_PORT_CLOSED", world=NODE_PORTS),
    asks("exposed by node port alone: the name and the node port", PLAIN, "http://shop.example.com:30080/", "delivered", seen=CONTROLLER_IP, world=NODE_PORTS),
    asks("load balancer pending", PLAIN, SITE, "unresolved", "LB_PENDING", facts={"loadBalancer": False}, world=PENDING),
    asks("load balancer pending, by node port", PLAIN, "http://10.0.0.1:30080/", "delivered", host=HOST, facts={"loadBalancer": False}, world=PENDING),
    asks("from a pod, by public name", PLAIN, f"client > {SITE}", "delivered", seen=CONTROLLER_IP, at=["web"]),
    asks("from a pod, at the controller's Service", PLAIN, "client > http://ingress.ingress-nginx/", "delivered", host=HOST, seen=CONTROLLER_IP),
    asks("from a pod, at the controller's Service, its own name", PLAIN, "client > http://ingress.ingress-nginx/", "http-error", NO_MATCH, status=404),
    asks("from a pod, at the controller's cluster IP Service", PLAIN, "client > http://ingress.ingress-nginx/", "delivered", host=HOST, world=INSIDE),
    asks("from a pod, at the controller's pod", PLAIN, f"client > http://{CONTROLLER_IP}/", "delivered", host=HOST, seen=CONTROLLER_IP),
    asks("from a pod straight to the Service: no Ingress", PLAIN, "client > http://web/anything", "delivered", seen="10.244.1.100"),
    asks("from a node", PLAIN, f"node/n3 > {BY_IP}", "delivered", host=HOST, seen=CONTROLLER_IP),
    asks("the controller's pod is not ready", PLAIN, SITE, "refused", "SERVICE_NO_ENDPOINTS", world=(NODES, APPS, CLIENT, controller(ready=False), front(), ingress_class("nginx"))),
    asks("eTP Local at the controller: the pod still sees the controller", PLAIN, SITE, "delivered", seen=CONTROLLER_IP, world=(NODES, APPS, CLIENT, controller(), front(externalTrafficPolicy="Local"), ingress_class("nginx"))),
    asks("source ranges of the controller's load balancer", PLAIN, SITE, "timeout", "LB_SOURCE_RANGE_DENIED", world=(NODES, APPS, CLIENT, controller(), front(loadBalancerSourceRanges=["192.0.2.0/24"]), ingress_class("nginx"))),
    asks("two controller pods", PLAIN, SITE, "delivered", seen={CONTROLLER_IP, "10.244.2.50"}, at={"web": 1.0}, world=(SHOP, controller(name="controller-2", ip="10.244.2.50"))),
    asks("hostNetwork controller: at its node", PLAIN, "http://10.0.0.2/", "delivered", host=HOST, seen="10.0.0.2", world=ON_HOST),
    asks("hostNetwork controller: by name", PLAIN, SITE, "delivered", seen="10.0.0.2", world=ON_HOST),
    asks("hostNetwork controller: at another node", PLAIN, "http://10.0.0.3/", "refused", host=HOST, world=ON_HOST),
    asks("hostNetwork controller: policies see its node", [PLAIN, allow_in(rule(FROM_NGINX), of="shop")], SITE, "http-error", UNREACHED, status=504, world=ON_OTHER_HOST),
    asks("hostNetwork controller: an ipBlock of its node", [PLAIN, allow_in(rule(peer(ip="10.0.0.2/32")), of="shop")], SITE, "delivered", world=ON_OTHER_HOST),
    asks("hostNetwork controller: a pod of its own node", [PLAIN, isolate("shop")], SITE, "delivered", world=ON_HOST),
    asks("hostPort controller: at its node", PLAIN, "http://10.0.0.1/", "delivered", host=HOST, seen=CONTROLLER_IP, world=HOST_PORT),
    asks("hostPort controller: by name", PLAIN, SITE, "delivered", seen=CONTROLLER_IP, world=HOST_PORT),
    asks("hostPort controller: at another node", PLAIN, "http://10.0.0.3/", "refused", host=HOST, world=HOST_PORT),
    asks("no matter which port the controller's Service has", PLAIN, f"http://{LB_IP}:8000/", "delivered", host=HOST, world=(NODES, APPS, CLIENT, controller(), service("ingress", ns="ingress-nginx", app="ingress", kind="LoadBalancer", ports=[sport(8000, "http")], lb=[{"ip": LB_IP}]), ingress_class("nginx"))),
    asks("a port that the controller's Service does not have", PLAIN, f"http://{LB_IP}:8000/", "timeout|refused", host=HOST),
    asks("policies ignored on request", [PLAIN, isolate("shop")], SITE, "delivered", options={"ignore_policies": True}),
    asks("address of the Ingress's status, Service elsewhere", STATED, "http://192.0.2.99/", "delivered", host=HOST, seen=CONTROLLER_IP, world=INSIDE, assumes=["192.0.2.99"]),
    asks("address of the Ingress's status, port by itself", STATED, "192.0.2.99", "delivered", host=HOST, world=INSIDE),
    asks("address of the Ingress's status, neither port nor host", STATED, "192.0.2.99", "http-error", NO_MATCH, status=404, world=INSIDE),
    asks("address of the Ingress's status, HTTPS", [STATED_TLS, LEAF], "https://192.0.2.99/", "delivered", host=HOST, world=INSIDE),
    asks("address of the Ingress's status, another port", STATED, "http://192.0.2.99:8000/", "external|timeout|unknown", host=HOST, world=INSIDE),
    asks("address of the Ingress's status, by name", STATED, SITE, "delivered", seen=CONTROLLER_IP, world=INSIDE, assumes=["192.0.2.99"]),
    asks("address of the Ingress's status, by name, another port", STATED, "http://shop.example.com:8000/", "external|timeout|unknown", world=INSIDE),
    asks("address of the Ingress's status, and it is not served", ingress(ALL, cls="nope", status="192.0.2.99"), "http://192.0.2.99/", "external", host=HOST, world=INSIDE),
    asks("name of the Ingress's status", ingress(ALL, status="lb.cloud.example"), "http://lb.cloud.example/", "delivered", host=HOST, world=SHOP),
    asks("address of the Ingress's status, no rule", STATED, "http://192.0.2.99/", "http-error", NO_MATCH, status=404, world=INSIDE),
    asks("exposed by cluster IP alone: outside nobody arrives", PLAIN, SITE, "timeout|external|unresolved", world=INSIDE),
    asks("a rule without a host publishes no name", ingress("- / Prefix web:80"), "http://www.kubernetes.io/", "external"),
    asks("a rule without a host publishes no name inside either", ingress("- / Prefix web:80"), "client > http://www.kubernetes.io/", "external"),
    asks("a rule without a host does not catch a misspelt Service", ingress("- / Prefix web:80"), "client > http://webb.shop/", "unresolved", "DNS_NXDOMAIN"),
    asks("a default backend publishes no name", ingress(default="web:80"), "client > http://www.kubernetes.io/", "external"),
    asks("an Ingress that is served publishes the host, whatever another of that host does", [ingress(ALL, name="a-first", cls="nope"), PLAIN], SITE, "delivered"),
    asks("a served wildcard publishes the host of an Ingress that is not served", [ingress(ALL, name="a-first", cls="nope"), ingress("*.example.com / Prefix api:8080")], SITE, "delivered", at=["api"]),
    asks("only Ingresses that nobody serves have the host", [ingress(ALL, name="a-first", cls="nope"), ingress(f"{HOST} /a Prefix web:80", cls="nope")], SITE, "unresolved", NOBODY),
    asks("a slip in the host's name", PLAIN, "http://shopp.example.com/", "unresolved", "DNS_NXDOMAIN"),
    asks("a hostNetwork backend and an assumed controller", [PLAIN, isolate("shop")], SITE, "delivered", world=(NODES, TO_8080, pod("host", "10.0.0.3", on="n3", ports=[port(8080)], hostNetwork=True))),
    asks("a name that no Ingress has is not published", PLAIN, "http://other.example.com/", "external|unknown|unresolved"),
)  # fmt: skip
def test_ways_to_the_controller(flow: Row) -> None:
    check(flow)


def test_all_blockers_of_a_proxied_request() -> None:
    """Behind the policy the pod does not listen either; both are named, and the first decides."""
    world = (PODS, TO_9999, POD1)
    row = asks(
        "",
        [PLAIN, isolate("shop"), isolate("ingress-nginx", types="E")],
        SITE,
        "http-error",
        UNREACHED,
        status=504,
        world=world,
    )
    codes = [step.reason.code for step in run(replace(row.values[0], options={"all_blockers": True})).blockers]
    assert codes[0] == UNREACHED
    assert codes[1:] == ["NETPOL_EGRESS_DENIED", "NETPOL_INGRESS_DENIED", "PORT_NOT_LISTENING"]


REAL = Path(__file__).parents[3] / "shared" / "real" / "ingress-nginx"


@pytest.mark.skipif(not REAL.exists(), reason="the manifests of ingress-nginx are not here")
@pytest.mark.parametrize(
    ("file", "target", "host", "verdict", "code", "status"),
    [
        ("cloud-deploy.yaml", SITE, None, "delivered", "DELIVERED", None),
        ("cloud-deploy.yaml", f"{SITE}", "other.example.com", "http-error", NO_MATCH, 404),
        ("baremetal-deploy.yaml", SITE, None, "refused", "NODE_PORT_CLOSED", None),
    ],
)
def test_the_manifests_of_ingress_nginx(
    file: str, target: str, host: str | None, verdict: str, code: str, status: int | None, tmp_path: Path
) -> None:
    nodes = [{**each, "metadata": {**each["metadata"], "labels": {"kubernetes.io/os": "linux"}}} for each in NODES]
    (tmp_path / "shop.yaml").write_text(text(nodes, list(APPS), PLAIN))
    loaded = kcnet.load([tmp_path, REAL / file])
    trace = kcnet.trace(loaded, "internet", target, host=host)
    assert (trace.verdict.value, trace.reason.code, trace.http_status) == (verdict, code, status)
    if verdict == "delivered":
        assert loaded.ingress_controllers[0].ref.name == "ingress-nginx-controller"
        seen = {str(path.source_seen) for path in trace.paths}
        assert seen == {str(loaded.pods[key].address) for key in loaded.ingress_controllers[0].pods}


def test_a_controller_that_is_a_deployment() -> None:
    """Found by its image, whatever its name and namespace."""
    container = {
        "containers": [
            {"name": "c", "image": "registry.k8s.io/ingress-nginx/controller:v1.15.1", "ports": [port(80, "http")]}
        ]
    }
    edge = workload("Deployment", "edge", ns="edge", replicas=2, pod_spec=container)
    world = cluster(
        facts(),
        NODES,
        list(APPS),
        edge,
        service("edge", ns="edge", app="edge", kind="LoadBalancer"),
        PLAIN,
        ingress_class("nginx"),
    )
    trace = kcnet.trace(world, "internet", SITE)
    assert trace.verdict == "delivered"
    seen = {path.source_seen for path in trace.paths}
    assert seen == {world.pods[key].address for key in world.workloads["Deployment", "edge", "edge"]}
