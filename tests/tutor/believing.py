"""Small clusters in which a belief and the truth part, in pieces that can be put together."""

from __future__ import annotations

from typing import NamedTuple

from kcnet.model.cluster import Cluster
from kcnet.model.trace import Request
from kcnet.request import parse_client, parse_target

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


def request_of(cluster: Cluster, case: Case) -> Request:
    return Request(client=parse_client(cluster, case.source, "shop"), target=parse_target(cluster, case.target, "shop"))
