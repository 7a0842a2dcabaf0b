# ruff: noqa: E501 - rows of tables stay on one line
"""Ingress classes and controllers, and the parts of every cluster that nobody writes: the API server and DNS."""

from __future__ import annotations

from typing import Any

import pytest

from kcnet.model.cluster import IngressController
from tests.controlplane.objects import (
    Manifest,
    cluster,
    facts,
    ingress,
    ingress_class,
    node,
    owned_by,
    pod,
    service,
    thing,
    workload,
)

NGINX = "k8s.io/ingress-nginx"


def class_of(*manifests: Manifest) -> str | None:
    return cluster(*manifests).ingresses["default", "site"].class_name


def note(value: str) -> dict[str, Any]:
    return {"annotations": {"kubernetes.io/ingress.class": value}}


DEFAULT = ingress_class("main", NGINX, default=True)


@pytest.mark.parametrize(
    ("manifests", "name"),
    [
        ((ingress(),), None),
        ((ingress(), ingress_class("main", NGINX)), None),
        ((ingress(), DEFAULT), "main"),
        ((ingress(ingressClassName="other"), DEFAULT), "other"),
        ((ingress(metadata=note("nginx")), DEFAULT), None),
        ((ingress(metadata=note("")), DEFAULT), "main"),
        ((ingress(metadata={"uid": "1"}), DEFAULT), None),
        ((ingress(), DEFAULT, ingress_class("a", NGINX, default=True)), "a"),
        (
            (
                ingress(),
                ingress_class("a", NGINX, default=True, created="2026-01-01T00:00:00Z"),
                ingress_class("b", NGINX, default=True, created="2026-02-01T00:00:00Z"),
            ),
            "b",
        ),
        (
            (
                ingress(),
                ingress_class("a", NGINX, default=True, created="2026-01-01T00:00:00Z"),
                ingress_class("b", NGINX, default=True, created="2026-01-01T00:00:00Z"),
            ),
            "a",
        ),
        (
            (
                ingress(),
                ingress_class("a", NGINX, default=True, created="2026-01-01T00:00:00Z"),
                ingress_class("b", NGINX, default=True),
            ),
            "b",
        ),
    ],
)
def test_the_default_class_is_written_in(manifests: Any, name: str | None) -> None:
    assert class_of(*manifests) == name


def controllers(*manifests: Manifest) -> tuple[IngressController, ...]:
    return cluster(ingress(), *manifests).ingress_controllers


def runs(
    image: str,
    kind: str = "Deployment",
    *,
    labels: str = "app=proxy",
    args: Any = (),
    ports: Any = (),
    ns: str = "edge",
) -> Manifest:
    container = {"name": "c", "image": image, "args": list(args), "ports": list(ports)}
    return workload(kind, "proxy", labels, ns=ns, pod_spec={"containers": [container]})


@pytest.mark.parametrize(
    ("image", "flavour", "controller"),
    [
        ("registry.k8s.io/ingress-nginx/controller:v1.12.1@sha256:abc", "ingress-nginx", NGINX),
        ("registry.k8s.io/ingress-nginx/controller-chroot:v1.12.1", "ingress-nginx", NGINX),
        ("quay.io/kubernetes-ingress-controller/nginx-ingress-controller:0.33.0", "ingress-nginx", NGINX),
        ("bitnami/nginx-ingress-controller", "ingress-nginx", NGINX),
        ("nginx/nginx-ingress:5.0", "nginx-ingress", "nginx.org/ingress-controller"),
        ("traefik:v3.3", "traefik", "traefik.io/ingress-controller"),
        ("docker.io/library/traefik", "traefik", "traefik.io/ingress-controller"),
        ("rancher/mirrored-library-traefik:2.10", "traefik", "traefik.io/ingress-controller"),
        ("localhost:5000/traefik@sha256:abc", "traefik", "traefik.io/ingress-controller"),
        ("haproxytech/kubernetes-ingress:3.1", "haproxy", "haproxy.org/ingress-controller"),
        ("quay.io/jcmoraisjr/haproxy-ingress", "haproxy", "haproxy.org/ingress-controller"),
        ("kong/kubernetes-ingress-controller:3.4", "kong", "ingress-controllers.konghq.com/kong"),
    ],
)
def test_a_controller_is_known_by_its_image(image: str, flavour: str, controller: str) -> None:
    (found,) = controllers(runs(image))
    assert (found.flavour, found.controller, found.assumed) == (flavour, controller, False)
    assert str(found.ref) == "Deployment edge/proxy"
    assert len(found.pods) == 1


@pytest.mark.parametrize(
    "image", ["nginx", "nginx:1.27", "registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1", "traefik/whoami", "haproxy:3", "projectcontour/contour:v1.30", "envoyproxy/envoy:v1.31"]
)  # fmt: skip
def test_other_images_are_no_controllers(image: str) -> None:
    assert all(found.assumed for found in controllers(runs(image)))


def test_contour_s_proxy_is_the_pod_of_both_images() -> None:
    containers = [
        {"name": "a", "image": "ghcr.io/projectcontour/contour:v1"},
        {"name": "b", "image": "docker.io/envoyproxy/envoy:v1"},
    ]
    (found,) = controllers(workload("DaemonSet", "envoy", ns="edge", pod_spec={"containers": containers}))
    assert (found.flavour, found.classless) == ("contour", True)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ("app.kubernetes.io/name=ingress-nginx app.kubernetes.io/component=controller", True),
        ("app.kubernetes.io/name=ingress-nginx app.kubernetes.io/component=admission-webhook", False),
        ("app.kubernetes.io/name=ingress-nginx", False),
        ("app.kubernetes.io/name=traefik", True),
        ("app.kubernetes.io/name=other app.kubernetes.io/component=controller", False),
    ],
)
def test_or_by_its_labels(labels: str, found: bool) -> None:
    assert controllers(runs("mirror.example.com/x:1", labels=labels))[0].assumed is not found


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_a_job_is_no_controller(kind: str) -> None:
    assert controllers(runs("registry.k8s.io/ingress-nginx/controller:v1", kind))[0].assumed


@pytest.mark.parametrize(
    ("args", "controller", "names", "annotations", "classless"),
    [
        ((), NGINX, ("nginx",), ("nginx",), False),
        (("--controller-class=example.com/in",), "example.com/in", ("inner",), ("nginx",), False),
        (("--ingress-class=edge",), NGINX, ("nginx",), ("edge",), False),
        (("--ingress-class", "edge"), NGINX, ("nginx",), ("edge",), False),
        (("--watch-ingress-without-class=true",), NGINX, ("nginx",), ("nginx",), True),
        (("--watch-ingress-without-class",), NGINX, ("nginx",), ("nginx",), True),
        (("--watch-ingress-without-class=false",), NGINX, ("nginx",), ("nginx",), False),
    ],
)
def test_flags_of_ingress_nginx(args: Any, controller: str, names: Any, annotations: Any, classless: bool) -> None:
    classes = (ingress_class("nginx", NGINX), ingress_class("inner", "example.com/in"))
    (found,) = controllers(runs("ingress-nginx/controller:v1", args=args), *classes)
    assert (found.controller, found.class_names, found.annotation_values) == (controller, names, annotations)
    assert (found.classless, found.any_class) == (classless, False)


@pytest.mark.parametrize(
    ("image", "args", "classless"),
    [
        ("traefik:v3", (), True),
        ("traefik:v3", ("--providers.kubernetesingress.ingressclass=edge",), False),
        ("haproxytech/kubernetes-ingress", (), True),
        ("haproxytech/kubernetes-ingress", ("--ingress.class=edge",), False),
        ("haproxytech/kubernetes-ingress", ("--ingress.class=edge", "--empty-ingress-class"), True),
        ("nginx/nginx-ingress", (), False),
    ],
)
def test_who_serves_an_ingress_without_a_class(image: str, args: Any, classless: bool) -> None:
    assert controllers(runs(image, args=args))[0].classless is classless


def port(number: int, name: str | None = None) -> dict[str, Any]:
    return {"containerPort": number, "name": name}


@pytest.mark.parametrize(
    ("image", "args", "ports", "http", "https"),
    [
        ("ingress-nginx/controller", (), (), 80, 443),
        ("ingress-nginx/controller", (), (port(80, "http"), port(443, "https"), port(8443, "webhook")), 80, 443),
        ("ingress-nginx/controller", ("--http-port=8080", "--https-port=8443"), (port(8080),), 8080, 8443),
        ("traefik", (), (port(9100, "metrics"), port(8000, "web"), port(8443, "websecure")), 8000, 8443),
        ("traefik", (), (port(8000), port(9000)), 8000, 443),
        ("traefik", (), (port(9000), port(80)), 80, 443),
    ],
)
def test_where_it_listens(image: str, args: Any, ports: Any, http: int, https: int) -> None:
    (found,) = controllers(runs(image, args=args, ports=ports))
    assert (found.http_port, found.https_port) == (http, https)


def test_the_services_in_front_in_the_order_in_which_a_client_would_use_them() -> None:
    def front(name: str, **rest: Any) -> Manifest:
        return service(name, "app=proxy", ns="edge", **rest)

    (found,) = controllers(
        runs("ingress-nginx/controller", ports=(port(80, "http"), port(8443, "webhook"))),
        front("a-inner"),
        front("b-node", type="NodePort"),
        front("c-balancer", type="LoadBalancer", ports=[{"port": 8080, "targetPort": "http"}]),
        front("d-webhook", ports=[{"port": 443, "targetPort": "webhook"}]),
        front("e-metrics", ports=[10254]),
        service("f-other", "app=other", ns="edge"),
        service("g-elsewhere", "app=proxy"),
    )
    assert [name for _, name in found.services] == ["c-balancer", "b-node", "a-inner"]


def test_pods_of_one_deployment_that_is_not_there_are_one_controller() -> None:
    pods = [
        pod(f"proxy-6d4cf-{tail}", "pod-template-hash=6d4cf", ns="edge", owner="ReplicaSet/proxy-6d4cf", container={"image": "ingress-nginx/controller:v1"})
        for tail in ("a", "b")
    ]  # fmt: skip
    (found,) = controllers(*pods)
    assert str(found.ref) == "Deployment edge/proxy"
    assert found.pods == (("edge", "proxy-6d4cf-a"), ("edge", "proxy-6d4cf-b"))


def test_a_replica_set_of_a_deployment_is_the_same_controller() -> None:
    deployment = runs("ingress-nginx/controller")
    set_ = runs("ingress-nginx/controller", "ReplicaSet")
    set_["metadata"] |= {"name": "proxy-1", **owned_by("Deployment", "proxy")}
    assert [str(found.ref) for found in controllers(deployment, set_)] == ["Deployment edge/proxy"]


def test_two_products_are_two_controllers() -> None:
    found = controllers(runs("ingress-nginx/controller", ns="a"), runs("traefik", ns="b"))
    assert [item.flavour for item in found] == ["ingress-nginx", "traefik"]


# Assumed ones


def test_nothing_is_assumed_without_an_ingress() -> None:
    found = cluster(ingress_class("nginx", NGINX))
    assert found.ingress_controllers == ()
    assert "ingress-controller" not in found.assumptions
    assert "ingress-nginx" not in found.namespaces


def test_an_assumed_controller_is_there_as_it_would_be() -> None:
    found = cluster(ingress())
    (controller,) = found.ingress_controllers
    assert controller.assumed
    assert (controller.any_class, controller.classless, controller.flavour) == (True, True, "")
    assert str(controller.ref) == "Deployment ingress-nginx/ingress-nginx-controller"
    assert controller.services == (("ingress-nginx", "ingress-nginx-controller"),)
    front = found.services["ingress-nginx", "ingress-nginx-controller"]
    assert [str(entry.address) for entry in front.load_balancer] == ["203.0.113.1"]
    assert front.external_traffic_policy == "Cluster"
    assert front.ref.origin is None
    (key,) = controller.pods
    assert found.pods[key].labels.items() >= {
        "app.kubernetes.io/name": "ingress-nginx",
        "app.kubernetes.io/instance": "ingress-nginx",
        "app.kubernetes.io/component": "controller",
    }.items()  # fmt: skip
    assert [item.number for item in found.pods[key].ports] == [80, 443]
    (slice_,) = found.slices["ingress-nginx", "ingress-nginx-controller"]
    assert [port.port for port in slice_.ports] == [80, 443]
    assert "ingress-nginx" in found.namespaces
    assert "ingress-controller" in found.assumptions


@pytest.mark.parametrize(
    ("given", "flavour", "namespace"),
    [
        ({}, "", "ingress-nginx"),
        ({"ingressClassName": "nginx"}, "ingress-nginx", "ingress-nginx"),
        ({"ingressClassName": "traefik"}, "traefik", "traefik"),
        ({"ingressClassName": "haproxy"}, "haproxy", "haproxy-controller"),
        ({"ingressClassName": "contour"}, "contour", "projectcontour"),
        ({"ingressClassName": "kong"}, "kong", "kong"),
        ({"ingressClassName": "public"}, "", "ingress-nginx"),
        ({"metadata": note("traefik")}, "traefik", "traefik"),
        (
            {"metadata": {"annotations": {"nginx.ingress.kubernetes.io/rewrite-target": "/"}}},
            "ingress-nginx",
            "ingress-nginx",
        ),
    ],
)
def test_which_product_is_assumed(given: Any, flavour: str, namespace: str) -> None:
    (found,) = cluster(ingress(**given)).ingress_controllers
    assert (found.flavour, found.ref.namespace, found.any_class) == (flavour, namespace, True)


def test_ingresses_that_mean_different_products_tell_of_none() -> None:
    found = cluster(ingress(ingressClassName="nginx"), ingress("b", ingressClassName="traefik"))
    assert [item.flavour for item in found.ingress_controllers] == [""]


def test_one_controller_for_each_controller_string() -> None:
    found = controllers(
        ingress_class("nginx", NGINX),
        ingress_class("inner", NGINX),
        ingress_class("edge", "traefik.io/ingress-controller"),
        ingress_class("own", "example.com/own"),
    )
    told = [(item.controller, item.flavour, item.class_names, item.any_class) for item in found]
    assert told == [
        (NGINX, "ingress-nginx", ("inner", "nginx"), False),
        ("traefik.io/ingress-controller", "traefik", ("edge",), False),
        ("example.com/own", "", ("own",), False),
    ]
    assert [item.ref.name for item in found] == ["ingress-nginx-controller", "traefik", "ingress-nginx-controller-2"]
    assert all(len(item.pods) == len(item.services) == 1 for item in found)
    assert len({item.pods for item in found}) == 3


@pytest.mark.parametrize(
    ("controller", "flavour"),
    [
        ("projectcontour.io/projectcontour", "contour"),
        ("haproxy.org/ingress-controller/haproxy", "haproxy"),
        ("k8s.io/ingress-nginx2", ""),
    ],
)
def test_a_controller_string_tells_the_product(controller: str, flavour: str) -> None:
    assert [item.flavour for item in controllers(ingress_class("x", controller))] == [flavour]


def test_a_found_controller_leaves_other_classes_to_nobody() -> None:
    found = controllers(
        runs("ingress-nginx/controller"), ingress_class("nginx", NGINX), ingress_class("x", "example.com/x")
    )
    assert [item.class_names for item in found] == [("nginx",)]


@pytest.mark.parametrize(
    ("setting", "refs"),
    [
        (None, ["Deployment ingress-nginx/ingress-nginx-controller"]),
        (True, ["Deployment ingress-nginx/ingress-nginx-controller"]),
        (False, []),
        ("default/Deployment/own", ["Deployment default/own"]),
        ("default/deploy/own", ["Deployment default/own"]),
        ("default/Pod/bare", ["Pod default/bare"]),
        ("default/Deployment/gone", []),
        ("default/DaemonSet/own", []),
    ],
)
def test_what_the_cluster_document_says_of_it(setting: Any, refs: list[str]) -> None:
    own = workload("Deployment", "own", pod_spec={"containers": [{"name": "c", "image": "i", "ports": [port(8080)]}]})
    found = cluster(ingress(), own, pod("bare", ports=(80,)), facts(ingressController=setting)).ingress_controllers
    assert [str(item.ref) for item in found] == refs
    if refs == ["Deployment default/own"]:
        assert (found[0].any_class, found[0].classless, found[0].http_port, len(found[0].pods)) == (True, True, 8080, 1)
    if refs == ["Pod default/bare"]:
        assert found[0].pods == (("default", "bare"),)


def test_a_named_workload_that_is_known_keeps_its_own_rules() -> None:
    found = cluster(ingress(), runs("traefik"), facts(ingressController="edge/Deployment/proxy")).ingress_controllers
    assert [(item.flavour, item.any_class) for item in found] == [("traefik", False)]


def test_without_load_balancers_it_stands_on_every_node() -> None:
    found = cluster(facts(nodes=3, loadBalancer=False), ingress())
    (controller,) = found.ingress_controllers
    assert (controller.ref.kind, len(controller.pods), controller.services) == ("DaemonSet", 3, ())
    pods = [found.pods[key] for key in controller.pods]
    assert {item.node for item in pods} == set(found.nodes)
    assert [item.host_port for item in pods[0].ports] == [80, 443]


def status(*addresses: str) -> dict[str, Any]:
    return {"loadBalancer": {"ingress": [{"ip": address} for address in addresses]}}


def test_the_address_in_the_ingress_s_status_is_its_load_balancer_s() -> None:
    found = cluster(ingress(status=status("198.51.100.77"))).services["ingress-nginx", "ingress-nginx-controller"]
    assert [str(entry.address) for entry in found.load_balancer] == ["198.51.100.77"]


def test_so_is_a_host_name() -> None:
    given = {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}
    found = cluster(ingress(status=given)).services["ingress-nginx", "ingress-nginx-controller"]
    assert [entry.hostname for entry in found.load_balancer] == ["lb.example.com"]


def test_unless_a_service_of_the_manifests_owns_it() -> None:
    own = service("own", type="LoadBalancer", status=status("198.51.100.77"))
    found = cluster(own, ingress(status=status("198.51.100.77"))).services["ingress-nginx", "ingress-nginx-controller"]
    assert [str(entry.address) for entry in found.load_balancer] == ["203.0.113.1"]


def test_a_node_s_address_in_the_status_means_host_ports() -> None:
    found = cluster(node("a", ip="172.18.0.7"), ingress(status=status("172.18.0.7")))
    (controller,) = found.ingress_controllers
    assert controller.ref.kind == "DaemonSet"
    assert [found.pods[key].node for key in controller.pods] == ["a"]
    assert controller.services == ()


def test_a_service_of_the_manifests_in_its_place_is_used() -> None:
    own = service(
        "ingress-nginx-controller", "app.kubernetes.io/name=ingress-nginx", ns="ingress-nginx", type="NodePort"
    )
    found = cluster(ingress(), own)
    assert found.services["ingress-nginx", "ingress-nginx-controller"].type == "NodePort"
    assert found.ingress_controllers[0].services == (("ingress-nginx", "ingress-nginx-controller"),)


# The system


def test_the_service_kubernetes() -> None:
    found = cluster(node("a", ip="172.18.0.7"), node("b", ip="172.18.0.8"))
    own = found.services["default", "kubernetes"]
    assert ([str(address) for address in own.cluster_ips], own.ref.origin) == (["10.96.0.1"], None)
    assert [(item.name, item.port, item.target_port) for item in own.ports] == [("https", 443, 6443)]
    (slice_,) = found.slices["default", "kubernetes"]
    assert [(str(end.addresses[0]), end.target) for end in slice_.endpoints] == [("172.18.0.7", None)]
    assert [(item.name, item.port) for item in slice_.ports] == [("https", 6443)]


def test_its_endpoints_are_the_control_plane_s() -> None:
    role = "node-role.kubernetes.io/control-plane="
    found = cluster(node("a"), node("m1", role, ip="172.18.0.8"), node("m2", role, ip="172.18.0.9"))
    (slice_,) = found.slices["default", "kubernetes"]
    assert [str(end.addresses[0]) for end in slice_.endpoints] == ["172.18.0.8", "172.18.0.9"]


def test_the_service_kubernetes_of_the_manifests_is_kept() -> None:
    own = service("kubernetes", "", clusterIP="10.43.0.1", ports=[{"name": "https", "port": 443, "targetPort": 6443}])
    found = cluster(own)
    assert [str(address) for address in found.services["default", "kubernetes"].cluster_ips] == ["10.43.0.1"]
    assert ("default", "kubernetes") in found.slices


def test_cluster_dns() -> None:
    found = cluster()
    assert found.dns_service == ("kube-system", "kube-dns")
    own = found.services[found.dns_service]
    assert [str(address) for address in own.cluster_ips] == ["10.96.0.10"]
    assert [(item.name, item.port, item.protocol) for item in own.ports] == [
        ("dns", 53, "UDP"),
        ("dns-tcp", 53, "TCP"),
        ("metrics", 9153, "TCP"),
    ]
    (slice_,) = found.slices[found.dns_service]
    pods = [found.pods_by_address[end.addresses[0]] for end in slice_.endpoints]  # type: ignore[index]
    assert len({item.node for item in pods}) == 2
    assert all(item.labels["k8s-app"] == "kube-dns" and item.ready and item.ref.origin is None for item in pods)
    assert [(item.number, item.name, item.protocol) for item in pods[0].ports] == [
        (53, "dns", "UDP"),
        (53, "dns-tcp", "TCP"),
        (9153, "metrics", "TCP"),
    ]


def kube(name: str, labels: str = "", **rest: Any) -> Manifest:
    metadata = {"labels": dict(pair.split("=") for pair in labels.split())}
    return service(
        name,
        "k8s-app=kube-dns",
        ns="kube-system",
        ports=[{"name": "dns", "port": 53, "protocol": "UDP"}],
        metadata=metadata,
        **rest,
    )


@pytest.mark.parametrize(
    ("manifests", "name", "address"),
    [
        ((facts(serviceCIDR="10.43.0.0/16"),), "kube-dns", "10.43.0.10"),
        ((facts(dnsServiceIP="10.96.0.53"),), "kube-dns", "10.96.0.53"),
        ((facts(serviceCIDR="10.43.0.0/16", dnsServiceIP="10.43.0.53"),), "kube-dns", "10.43.0.53"),
        ((kube("kube-dns"),), "kube-dns", "10.96.0.10"),
        ((kube("coredns"),), "coredns", "10.96.0.10"),
        ((kube("coredns", clusterIP="10.96.7.7"),), "coredns", "10.96.7.7"),
        ((kube("rke2-coredns-rke2-coredns"),), "rke2-coredns-rke2-coredns", "10.96.0.10"),
        ((kube("dns-of-mine", "k8s-app=kube-dns"),), "dns-of-mine", "10.96.0.10"),
        ((kube("kube-dns", "k8s-app=kube-dns"), kube("a-upstream", "k8s-app=kube-dns")), "kube-dns", "10.96.0.10"),
        ((kube("something"),), "kube-dns", "10.96.0.10"),
        ((kube("coredns-coredns", "k8s-app=coredns"),), "coredns-coredns", "10.96.0.10"),
        ((kube("coredns-coredns", "app.kubernetes.io/name=coredns"),), "coredns-coredns", "10.96.0.10"),
        ((service("kube-dns"),), "kube-dns", "10.96.0.10"),
        ((service("web", clusterIP="10.96.0.10"),), "kube-dns", "10.96.0.11"),
        ((facts(podCIDR="fd01::/56", serviceCIDR="fd02::/112"),), "kube-dns", "fd02::a"),
    ],
)
def test_which_service_is_cluster_dns(manifests: Any, name: str, address: str) -> None:
    found = cluster(*manifests)
    assert found.dns_service == ("kube-system", name)
    assert [str(item) for item in found.services[found.dns_service].cluster_ips] == [address]


@pytest.mark.parametrize(
    ("manifests", "implied"),
    [
        ((), True),
        ((kube("kube-dns"),), True),
        ((workload("Deployment", "coredns", "k8s-app=kube-dns", ns="kube-system"),), False),
        ((pod("coredns-1", "k8s-app=kube-dns", ns="kube-system"),), False),
        ((pod("coredns-1", "k8s-app=kube-dns"),), True),
        ((workload("Deployment", "coredns", "k8s-app=mine", ns="kube-system"),), False),
        ((workload("Deployment", "coredns", "k8s-app=kube-dns", ns="kube-system", replicas=0),), False),
        (
            (
                thing(
                    "EndpointSlice",
                    "s",
                    ns="kube-system",
                    metadata={"labels": {"kubernetes.io/service-name": "kube-dns"}},
                    addressType="IPv4",
                    endpoints=[],
                ),
            ),
            False,
        ),
    ],
)
def test_whether_coredns_is_taken_for_granted(manifests: Any, implied: bool) -> None:
    found = cluster(*manifests)
    made = [item for item in found.pods.values() if item.namespace == "kube-system" and item.ref.origin is None]
    assert len(made) == (2 if implied else 0)


def test_no_assumption_about_dns_that_is_all_in_the_manifests() -> None:
    found = cluster(kube("kube-dns"), pod("coredns-1", "k8s-app=kube-dns", ns="kube-system"))
    assert "dns" not in found.assumptions


def test_namespaces() -> None:
    found = cluster(
        thing("Namespace", "shop", metadata={"labels": {"team": "a"}}), pod("web", ns="other"), service(ns="third")
    ).namespaces
    assert list(found) == ["default", "kube-node-lease", "kube-public", "kube-system", "other", "shop", "third"]
    assert found["shop"].labels == {"team": "a", "kubernetes.io/metadata.name": "shop"}
    assert found["other"].labels == {"kubernetes.io/metadata.name": "other"}
    assert (found["shop"].ref.origin is None, found["other"].ref.origin is None) == (False, True)


def test_policies_by_namespace() -> None:
    written = [
        thing("NetworkPolicy", name, ns=ns, spec={"podSelector": {}})
        for ns, name in (("b", "x"), ("a", "z"), ("a", "y"))
    ]
    found = cluster(*written).policies
    assert {ns: [item.name for item in items] for ns, items in found.items()} == {"a": ["y", "z"], "b": ["x"]}
