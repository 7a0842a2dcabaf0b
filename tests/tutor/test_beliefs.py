"""Each belief parts from the truth where Kubernetes' documentation says so: a small cluster, one request, two answers."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from kcnet.model.cluster import Cluster
from kcnet.model.trace import Request
from kcnet.request import RequestError, parse_client, parse_target
from kcnet.simulate import trace
from kcnet.tutor.beliefs import BELIEFS, Belief, podnetwork
from kcnet.tutor.probes import PROBES
from kcnet.tutor.subjects import TOPICS
from tests.helpers import cluster_of

NODES = """
apiVersion: v1
kind: Node
metadata: {name: node-1}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
---
apiVersion: v1
kind: Node
metadata: {name: node-2}
status: {addresses: [{type: InternalIP, address: 192.168.0.2}]}
"""


def pod(name: str, ip: str, labels: str, *, node: str = "node-1", namespace: str = "shop", more: str = "") -> str:
    """A pod that listens on 8080; ``more`` holds further fields of its spec or status."""
    unready = '\n  conditions: [{type: Ready, status: "False"}]' if "unready" in more else ""
    host = "\n  hostNetwork: true" if "host" in more else ""
    listens = "\n  annotations: {kcnet/listens: '8080'}" if "listens" in more else ""
    ports = "" if "listens" in more or "host" in more else ", ports: [{name: http, containerPort: 8080}]"
    return f"""
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  namespace: {namespace}
  labels: {{{labels}}}{listens}
spec:
  nodeName: {node}{host}
  containers: [{{name: app, image: app{ports}}}]
status:
  podIP: {ip}
  phase: Running{unready}
"""


def service(
    spec: str, *, name: str = "cart", namespace: str = "shop", ip: str = "10.96.1.1", selector: str = "app: cart"
) -> str:
    address = f"clusterIP: {ip}, " if ip else ""
    picks = f"selector: {{{selector}}}, " if selector else ""
    return f"""
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}, labels: {{app: {name}}}}}
spec: {{{address}{picks}{spec}}}
"""


PORTS = "ports: [{port: 80, targetPort: 8080}]"
CART = pod("cart-1", "10.244.1.11", "app: cart, tier: back")
CART_2 = pod("cart-2", "10.244.2.12", "app: cart, tier: back", node="node-2")
SICK = pod("cart-3", "10.244.2.13", "app: cart, tier: back", node="node-2", more="unready")
WEB = pod("web", "10.244.1.10", "app: web")
STRANGER = pod("stranger", "10.244.2.20", "app: web", node="node-2", namespace="press")
SHOP = (NODES, CART, WEB, service(PORTS))
NODE_PORT = "type: NodePort, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]"
BALANCED = "type: LoadBalancer, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]"
LOCAL = "externalTrafficPolicy: Local"


def policy(name: str, spec: str, namespace: str = "shop") -> str:
    return f"""
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: {name}, namespace: {namespace}}}
spec: {spec}
"""


CLOSED = policy("closed", "{podSelector: {matchLabels: {app: cart}}, policyTypes: [Ingress]}")


def admits(peers: str, *, ports: str = "", name: str = "admits") -> str:
    own = f", ports: [{ports}]" if ports else ""
    return policy(name, f"{{podSelector: {{matchLabels: {{app: cart}}}}, ingress: [{{from: [{peers}]{own}}}]}}")


def lets_out(rules: str, name: str = "lets-out") -> str:
    return policy(name, f"{{podSelector: {{matchLabels: {{app: web}}}}, policyTypes: [Egress], egress: [{rules}]}}")


DNS_RULE = "{ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}"
HTTP_CLASS = """
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: traefik}
spec: {controller: traefik.io/ingress-controller}
"""


def ingress(paths: str, *, host: str = "shop.example.com", class_name: str = "traefik", namespace: str = "shop") -> str:
    own = f"ingressClassName: {class_name}, " if class_name else ""
    return f"""
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: shop, namespace: {namespace}}}
spec: {{{own}rules: [{{host: "{host}", http: {{paths: [{paths}]}}}}]}}
"""


def path(text: str, kind: str = "Prefix", name: str = "cart", port: int = 80) -> str:
    return f"{{path: {text}, pathType: {kind}, backend: {{service: {{name: {name}, port: {{number: {port}}}}}}}}}"


TRAEFIK = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: traefik, namespace: traefik}
spec:
  selector: {matchLabels: {app: traefik}}
  template:
    metadata: {labels: {app: traefik}}
    spec:
      containers: [{name: traefik, image: "traefik:v3", ports: [{containerPort: 80}, {containerPort: 443}]}]
---
apiVersion: v1
kind: Service
metadata: {name: traefik, namespace: traefik}
spec:
  type: LoadBalancer
  selector: {app: traefik}
  ports: [{name: web, port: 80}, {name: websecure, port: 443}]
"""
OTHER = pod("other-1", "10.244.1.31", "app: other")
OTHER_SERVICE = service(PORTS, name="other", ip="10.96.1.2", selector="app: other")
DOOR = (*SHOP, OTHER, OTHER_SERVICE, HTTP_CLASS, TRAEFIK)
FLANNEL = """
apiVersion: kcnet/v1
kind: Cluster
metadata: {name: facts}
spec: {cni: flannel}
"""
BARE_METAL = """
apiVersion: kcnet/v1
kind: Cluster
metadata: {name: facts}
spec: {loadBalancer: false}
"""
NO_DOOR = """
apiVersion: kcnet/v1
kind: Cluster
metadata: {name: facts}
spec: {ingressController: false}
"""


class Case(NamedTuple):
    belief: str
    manifests: tuple[str, ...]
    source: str
    target: str
    probe: str
    true: str
    believed: str


WEB_URL = "http://shop.example.com"
CASES = (
    # Services
    Case("service-port-is-container-port", SHOP, "pod/web", "http://cart/", "port", "8080", "80"),
    Case("target-port-is-asked", SHOP, "pod/web", "http://cart/", "verdict", "delivered", "timeout"),
    Case(
        "container-port-opens-the-port",
        (NODES, WEB, pod("cart-1", "10.244.1.11", "app: cart", more="listens"), service(PORTS)),
        "pod/web",
        "http://cart/",
        "verdict",
        "delivered",
        "refused",
    ),
    Case(
        "unready-pods-get-traffic",
        (*SHOP, SICK),
        "pod/web",
        "http://cart/",
        "endpoint",
        "shop/cart-1",
        "shop/cart-1, shop/cart-3",
    ),
    Case(
        "one-unready-pod-stops-the-service", (*SHOP, SICK), "pod/web", "http://cart/", "verdict", "delivered", "refused"
    ),
    Case(
        "no-endpoints-means-timeout",
        (NODES, WEB, SICK, service(PORTS)),
        "pod/web",
        "http://cart/",
        "verdict",
        "refused",
        "timeout",
    ),
    Case(
        "selector-matches-any-label",
        (*SHOP[:3], OTHER, service(PORTS, selector="app: cart, tier: back"), pod("db", "10.244.1.40", "tier: back")),
        "pod/web",
        "http://cart/",
        "endpoint",
        "shop/cart-1",
        "shop/cart-1, shop/db",
    ),
    Case(
        "selector-crosses-namespaces",
        (*SHOP, pod("cart-9", "10.244.1.41", "app: cart", namespace="press")),
        "pod/web",
        "http://cart/",
        "endpoint",
        "shop/cart-1",
        "press/cart-9, shop/cart-1",
    ),
    Case(
        "service-selects-deployments-by-name",
        (NODES, WEB, pod("cart", "10.244.1.42", "app: basket"), pod("x", "10.244.1.43", "app: cart"), service(PORTS)),
        "pod/web",
        "http://cart/",
        "endpoint",
        "shop/x",
        "shop/cart",
    ),
    # DNS
    Case(
        "short-name-crosses-namespaces",
        (*SHOP, STRANGER),
        "press/pod/stranger",
        "http://cart/",
        "dns",
        "NXDOMAIN",
        "10.96.1.1",
    ),
    Case("fqdn-needed-everywhere", SHOP, "pod/web", "http://cart/", "dns", "10.96.1.1", "NXDOMAIN"),
    Case(
        "two-labels-work-at-home-only",
        (*SHOP, STRANGER),
        "press/pod/stranger",
        "http://cart.shop/",
        "dns",
        "10.96.1.1",
        "NXDOMAIN",
    ),
    Case(
        "headless-has-a-virtual-ip",
        (NODES, CART, WEB, service(PORTS, ip="None")),
        "pod/web",
        "http://cart/",
        "dns",
        "10.244.1.11",
        "10.96.0.200",
    ),
    Case(
        "headless-translates-ports",
        (NODES, CART, WEB, service(PORTS, ip="None")),
        "pod/web",
        "http://cart/",
        "verdict",
        "refused",
        "delivered",
    ),
    Case(
        "headless-unready-answers-empty",
        (NODES, SICK, WEB, service(PORTS, ip="None")),
        "pod/web",
        "http://cart/",
        "dns",
        "NXDOMAIN",
        "NODATA",
    ),
    Case("dns-gives-pod-addresses", SHOP, "pod/web", "http://cart/", "dns", "10.96.1.1", "10.244.1.11"),
    Case(
        "no-name-without-pods",
        (NODES, WEB, SICK, service(PORTS)),
        "pod/web",
        "http://cart/",
        "dns",
        "10.96.1.1",
        "NXDOMAIN",
    ),
    Case(
        "external-name-proxies",
        (NODES, WEB, service("type: ExternalName, externalName: api.example.org", name="api", ip="", selector="")),
        "pod/web",
        "http://api/",
        "dns",
        "CNAME api.example.org",
        "10.96.0.212",
    ),
    Case(
        "external-name-with-ip-resolves",
        (NODES, WEB, service("type: ExternalName, externalName: 192.0.2.50", name="old", ip="", selector="")),
        "pod/web",
        "http://old/",
        "dns",
        "NXDOMAIN",
        "192.0.2.50",
    ),
    Case(
        "host-network-asks-cluster-dns",
        (NODES, CART, pod("agent", "192.168.0.1", "app: agent", more="host"), service(PORTS)),
        "pod/agent",
        "http://cart/",
        "dns",
        "NXDOMAIN",
        "10.96.1.1",
    ),
    # In and out
    Case("clusterip-reachable-from-outside", SHOP, "internet", "10.96.1.1:80", "verdict", "timeout", "delivered"),
    Case(
        "node-port-on-pods-node-only",
        (NODES, CART, service(NODE_PORT)),
        "internet",
        "node/node-2:30080",
        "verdict",
        "delivered",
        "timeout",
    ),
    Case(
        "node-port-is-port",
        (NODES, CART, service(NODE_PORT)),
        "internet",
        "node/node-1:30080",
        "verdict",
        "delivered",
        "refused",
    ),
    Case(
        "node-port-reaches-the-same-port",
        (NODES, CART, service(NODE_PORT)),
        "internet",
        "node/node-1:30080",
        "port",
        "8080",
        "30080",
    ),
    Case(
        "local-policy-falls-back",
        (NODES, WEB, CART_2, service(f"internalTrafficPolicy: Local, {PORTS}")),
        "pod/web",
        "http://cart/",
        "verdict",
        "timeout",
        "delivered",
    ),
    Case(
        "local-policy-breaks-pods",
        (NODES, WEB, CART_2, service(f"{LOCAL}, {NODE_PORT}")),
        "pod/web",
        "http://cart/",
        "verdict",
        "delivered",
        "timeout",
    ),
    Case(
        "external-policy-rules-inside",
        (NODES, WEB, CART, CART_2, service(f"internalTrafficPolicy: Local, {NODE_PORT}")),
        "pod/web",
        "http://cart/",
        "endpoint",
        "shop/cart-1",
        "shop/cart-1, shop/cart-2",
    ),
    Case("source-always-node", SHOP, "pod/web", "http://cart/", "source", "10.244.1.10", "192.168.0.1"),
    Case("source-is-the-service", SHOP, "pod/web", "http://cart/", "source", "10.244.1.10", "10.96.1.1"),
    Case(
        "source-kept-through-node-port",
        (NODES, CART, service(NODE_PORT)),
        "internet",
        "node/node-2:30080",
        "source",
        "192.168.0.2",
        "198.51.100.7",
    ),
    Case(
        "source-kept-through-node-port",
        (NODES, CART, service(NODE_PORT), admits("{ipBlock: {cidr: 198.51.100.0/24}}")),
        "internet",
        "node/node-2:30080",
        "verdict",
        "timeout",
        "delivered",
    ),
    Case(
        "load-balancer-works-anywhere",
        (NODES, CART, service(BALANCED), BARE_METAL),
        "internet",
        "shop/svc/cart",
        "verdict",
        "no-address",
        "delivered",
    ),
    Case(
        "source-ranges-guard-node-port",
        (NODES, CART, service(f"loadBalancerSourceRanges: [203.0.113.0/24], {BALANCED}")),
        "internet",
        "node/node-1:30080",
        "verdict",
        "delivered",
        "timeout",
    ),
    Case(
        "pods-reach-their-own-node-only",
        (NODES, WEB, CART_2),
        "pod/web",
        "pod/cart-2:8080",
        "verdict",
        "delivered",
        "timeout",
    ),
    Case("outsiders-see-pod-addresses", SHOP, "pod/web", "203.0.113.9:443", "source", "192.168.0.1", "10.244.1.10"),
    # Ingress
    Case(
        "ingress-other-namespace-backend",
        (NODES, CART, service(PORTS), HTTP_CLASS, TRAEFIK, ingress(path("/"), namespace="press")),
        "internet",
        f"{WEB_URL}/",
        "status",
        "http 404",
        "answer",
    ),
    Case(
        "ingress-uses-target-port",
        (*DOOR, ingress(path("/"))),
        "internet",
        f"{WEB_URL}/",
        "status",
        "answer",
        "http 404",
    ),
    Case(
        "ingress-without-class-works",
        (*DOOR, ingress(path("/"), class_name="nginx")),
        "internet",
        f"{WEB_URL}/",
        "verdict",
        "no-address",
        "delivered",
    ),
    Case(
        "ingress-works-by-itself",
        (*SHOP, ingress(path("/")), NO_DOOR),
        "internet",
        f"{WEB_URL}/",
        "verdict",
        "no-address",
        "delivered",
    ),
    Case(
        "prefix-is-string-prefix",
        (*DOOR, ingress(path("/car"))),
        "internet",
        f"{WEB_URL}/cart",
        "backend",
        "404",
        "shop/cart:80",
    ),
    Case(
        "prefix-matches-nothing-below",
        (*DOOR, ingress(path("/cart"))),
        "internet",
        f"{WEB_URL}/cart/items",
        "backend",
        "shop/cart:80",
        "404",
    ),
    Case(
        "exact-ignores-slash",
        (*DOOR, ingress(path("/cart", "Exact"))),
        "internet",
        f"{WEB_URL}/cart/",
        "backend",
        "404",
        "shop/cart:80",
    ),
    Case(
        "wildcard-many-labels",
        (
            *DOOR,
            ingress(path("/"), host="*.example.com"),
            ingress(path("/"), host="x.y.example.com", namespace="press"),
        ),
        "internet",
        "http://a.b.example.com/",
        "verdict",
        "http 404",
        "delivered",
    ),
    Case(
        "first-path-wins",
        (*DOOR, ingress(f"{path('/')}, {path('/other', name='other')}")),
        "internet",
        f"{WEB_URL}/other",
        "backend",
        "shop/other:80",
        "shop/cart:80",
    ),
    Case(
        "unmatched-goes-to-the-first-backend",
        (*DOOR, ingress(path("/cart"))),
        "internet",
        f"{WEB_URL}/",
        "backend",
        "404",
        "shop/cart:80",
    ),
    Case(
        "ingress-needs-cluster-ip",
        (
            NODES,
            CART_2,
            service(f"internalTrafficPolicy: Local, {PORTS}"),
            HTTP_CLASS,
            TRAEFIK.replace("    spec:\n      containers", "    spec:\n      nodeName: node-1\n      containers"),
            ingress(path("/")),
        ),
        "internet",
        f"{WEB_URL}/",
        "status",
        "answer",
        "http 504",
    ),
    Case(
        "ingress-keeps-the-source",
        (*DOOR, ingress(path("/"))),
        "internet",
        f"{WEB_URL}/",
        "source",
        "10.244.2.4",
        "198.51.100.7",
    ),
    # NetworkPolicy
    Case(
        "list-items-anded",
        (*SHOP, admits("{podSelector: {matchLabels: {app: web}}}, {namespaceSelector: {matchLabels: {team: x}}}")),
        "pod/web",
        "http://cart/",
        "policy-ingress",
        "allowed",
        "dropped",
    ),
    Case(
        "one-item-ored",
        (*SHOP, admits("{podSelector: {matchLabels: {app: web}}, namespaceSelector: {matchLabels: {team: x}}}")),
        "pod/web",
        "http://cart/",
        "policy-ingress",
        "dropped",
        "allowed",
    ),
    Case(
        "pod-selector-every-namespace",
        (*SHOP, STRANGER, admits("{podSelector: {matchLabels: {app: web}}}")),
        "press/pod/stranger",
        "http://cart.shop/",
        "policy-ingress",
        "dropped",
        "allowed",
    ),
    Case(
        "egress-needs-no-dns-rule",
        (*SHOP, lets_out("{to: [{podSelector: {matchLabels: {app: cart}}}]}")),
        "pod/web",
        "http://cart/",
        "verdict",
        "no-answer",
        "delivered",
    ),
    Case(
        "ingress-only-policy-blocks-egress",
        (*SHOP, policy("web", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}")),
        "pod/web",
        "pod/cart-1:8080",
        "policy-egress",
        "open",
        "dropped",
    ),
    Case("empty-rules-allow-all", (*SHOP, CLOSED), "pod/web", "http://cart/", "policy-ingress", "dropped", "allowed"),
    Case(
        "empty-selector-selects-nothing",
        (*SHOP, policy("all", "{podSelector: {}, policyTypes: [Ingress]}")),
        "pod/web",
        "http://cart/",
        "policy-ingress",
        "dropped",
        "open",
    ),
    Case(
        "policy-works-on-any-cni",
        (*SHOP, CLOSED, FLANNEL),
        "pod/web",
        "http://cart/",
        "verdict",
        "delivered",
        "timeout",
    ),
    Case(
        "policies-can-deny",
        (*SHOP, CLOSED, admits("{podSelector: {}}")),
        "pod/web",
        "http://cart/",
        "verdict",
        "delivered",
        "timeout",
    ),
    Case(
        "later-policy-wins",
        (*SHOP, admits("{podSelector: {}}", name="a-first"), CLOSED.replace("closed", "z-last")),
        "pod/web",
        "http://cart/",
        "verdict",
        "delivered",
        "timeout",
    ),
    Case(
        "policy-on-service-port",
        (*SHOP, admits("{podSelector: {}}", ports="{port: 80}")),
        "pod/web",
        "http://cart/",
        "policy-ingress",
        "dropped",
        "allowed",
    ),
    Case(
        "policy-names-service",
        (*SHOP, lets_out(f"{DNS_RULE}, {{to: [{{ipBlock: {{cidr: 10.96.1.1/32}}}}]}}")),
        "pod/web",
        "http://cart/",
        "policy-egress",
        "dropped",
        "allowed",
    ),
    Case(
        "policy-selects-every-namespace",
        (*SHOP, CLOSED.replace("namespace: shop", "namespace: press"), STRANGER),
        "pod/web",
        "http://cart/",
        "policy-ingress",
        "open",
        "dropped",
    ),
    Case(
        "replies-need-a-rule",
        (*SHOP, policy("mute", "{podSelector: {matchLabels: {app: cart}}, policyTypes: [Egress]}")),
        "pod/web",
        "http://cart/",
        "verdict",
        "delivered",
        "timeout",
    ),
    Case(
        "ipblock-except-denies-elsewhere",
        (
            *SHOP,
            lets_out(
                "{to: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.0/28]}}]}, {to: [{ipBlock: {cidr: 203.0.113.9/32}}]}"
            ),
        ),
        "pod/web",
        "203.0.113.9:443",
        "policy-egress",
        "allowed",
        "dropped",
    ),
)


def request_of(cluster: Cluster, case: Case) -> Request:
    return Request(client=parse_client(cluster, case.source, "shop"), target=parse_target(cluster, case.target, "shop"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.belief}: {case.source} → {case.target}")
def test_a_belief_parts_from_the_truth(case: Case) -> None:
    cluster = cluster_of(*case.manifests)
    request = request_of(cluster, case)
    probe = PROBES[case.probe]
    assert probe.value(trace(cluster, request)) == case.true
    assert probe.value(BELIEFS[case.belief].misread(cluster, request)) == case.believed


def test_every_belief_has_a_case() -> None:
    own = {belief.id for belief in podnetwork.BELIEFS}  # cases of theirs stand in a file of their own
    assert {case.belief for case in CASES} | own == set(BELIEFS)


@pytest.mark.parametrize("belief", BELIEFS.values(), ids=lambda belief: belief.id)
def test_a_belief_is_well_put(belief: Belief) -> None:
    assert belief.topic in TOPICS
    assert belief.source.startswith("https://kubernetes.io/docs/")
    assert belief.says.endswith(".")
    assert belief.correction.rstrip(")").endswith(".")
    assert not belief.title.endswith(".")
    assert len(belief.correction) < 220


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.belief}: {case.source} → {case.target}")
def test_a_misreading_leaves_the_cluster_as_it_was(case: Case) -> None:
    cluster = cluster_of(*case.manifests)
    request = request_of(cluster, case)
    before = trace(cluster, request).to_dict()
    for belief in BELIEFS.values():
        try:
            told = belief.misread(cluster, request)
        except RequestError:
            continue
        assert sum(path.probability for path in told.paths) == pytest.approx(1)
    assert trace(cluster, request).to_dict() == before
