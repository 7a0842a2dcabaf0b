"""Cases of the rules about names in environment variables, arguments and ConfigMaps."""

from __future__ import annotations

from tests.analysis.check.cases import Case
from tests.analysis.check.cases_services import deployment, facts, service


def caller(value: str, name: str = "CART_URL", more: str = "") -> str:
    return deployment("front", "app: front", more=f", env: [{{name: {name}, value: '{value}'}}]{more}")


def config(data: str, meta: str = "") -> str:
    return f"""
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: front{meta}}}
data: {{{data}}}
"""


def asking(spec: str, url: str = "http://cart") -> str:
    """A pod that asks another DNS, as its spec says."""
    return deployment("front", "app: front", spec=spec, more=f", env: [{{name: CART_URL, value: '{url}'}}]")


def beside(host: str, port: str) -> str:
    more = f", env: [{{name: CART_HOST, value: {host}}}, {{name: CART_PORT, value: '{port}'}}]"
    return deployment("front", "app: front", more=more)


OWN_DNS = facts("dnsServiceIP: 10.96.0.10")


def taking(more: str, name: str = "front", meta: str = "") -> str:
    return deployment(name, f"app: {name}", more=more).replace(f"{{name: {name}}}", f"{{name: {name}{meta}}}")


KEY = ", env: [{name: CART_URL, valueFrom: {configMapKeyRef: {name: front, key: CART_URL}}}]"
ALL = ", envFrom: [{prefix: X_, configMapRef: {name: front}}]"
FILES = deployment("front", "app: front", spec="volumes: [{name: front, configMap: {name: front}}]")
CART = deployment("cart", "app: cart") + service(name="cart")
PROD = service(name="cart", meta=", namespace: prod")
VALUE = "Deployment/front spec.template.spec.containers[0].env[0].value"

CASES: tuple[Case, ...] = (
    Case("one letter more", "DNS_NAME_UNKNOWN", CART + caller("http://carts:80"), (VALUE,), ("Write cart instead of carts.",)),
    Case("host and port", "DNS_NAME_UNKNOWN", CART + caller("carts:80", "CART_ADDR"), (VALUE,), ("cart",)),
    Case("a host alone", "DNS_NAME_UNKNOWN", CART + caller("carts", "CART_HOST"), (VALUE,), ("cart",)),
    Case("its full name", "DNS_NAME_UNKNOWN", CART + caller("http://carts.default.svc.cluster.local/"), (VALUE,),
         ("cart.default.svc.cluster.local",)),
    Case("an argument", "DNS_NAME_UNKNOWN", CART + deployment("front", "app: front", more=", args: ['--cart=carts:80']"),
         ("Deployment/front spec.template.spec.containers[0].args[0]",)),
    Case("an init container waits for it", "DNS_NAME_UNKNOWN", CART + deployment(
        "front", "app: front", spec="initContainers: [{name: wait, image: x, command: [sh, -c, 'nc -z carts 80']}]"),
        ("Deployment/front spec.template.spec.initContainers[0].command[2]",), ("cart",)),
    Case("one key of a ConfigMap", "DNS_NAME_UNKNOWN", CART + config("CART_URL: 'http://carts'") + taking(KEY),
         ("ConfigMap/front data.CART_URL",), ("Write cart instead of carts.",)),
    Case("all keys of a ConfigMap", "DNS_NAME_UNKNOWN", CART + config("CART_HOST: carts") + taking(ALL),
         ("ConfigMap/front data.CART_HOST",), ("X_CART_HOST",)),
    Case("a file", "DNS_NAME_UNKNOWN", CART + config("nginx.conf: 'location / { proxy_pass http://carts:80; }'") + FILES,
         ("ConfigMap/front data[nginx.conf]",), ("nginx.conf names carts",)),
    Case("two pods that use it", "DNS_NAME_UNKNOWN", CART + config("CART_URL: 'http://carts'") + taking(KEY)
         + taking(KEY, "back"), ("ConfigMap/front data.CART_URL",)),
    Case("the pod's namespace counts", "DNS_NAME_UNKNOWN",
         PROD + config("CART_URL: 'http://cart'", ", namespace: prod") + taking(KEY, meta=", namespace: prod")),
    Case("a ConfigMap of another namespace", "DNS_NAME_UNKNOWN",
         CART + config("CART_URL: 'http://carts'", ", namespace: prod") + taking(KEY)),
    Case("a ConfigMap that no pod uses", "DNS_NAME_UNKNOWN", CART + config("CART_URL: 'http://carts'") + taking("")),
    Case("a key that no pod takes", "DNS_NAME_UNKNOWN", CART + config("CART_URL: 'http://cart', OTHER: 'http://carts'")
         + taking(KEY)),
    Case("the container's own variable wins", "DNS_NAME_UNKNOWN", CART + config("CART_URL: 'http://carts'")
         + taking(ALL.replace("prefix: X_, ", "") + ", env: [{name: CART_URL, value: 'http://cart'}]")),
    Case("a variable from a Secret wins", "DNS_NAME_UNKNOWN", CART + config("CART_URL: 'http://carts'")
         + taking(ALL.replace("prefix: X_, ", "")
                  + ", env: [{name: CART_URL, valueFrom: {secretKeyRef: {name: a, key: b}}}]")),
    Case("a name of hostAliases", "DNS_NAME_UNKNOWN", CART + deployment(
        "front", "app: front", spec="hostAliases: [{ip: 192.0.2.1, hostnames: [carts]}]",
        more=", env: [{name: CART_URL, value: 'http://carts'}]")),
    Case("a list of servers of the file", "DNS_NAME_UNKNOWN", CART + config(
        "nginx.conf: 'proxy_pass http://carts;', servers.conf: 'upstream carts { server cart:80; }'") + FILES),
    Case("a bucket", "DNS_NAME_UNKNOWN", CART + caller("s3://carts")),
    Case("the node's DNS", "DNS_NAME_ASKED_ELSEWHERE", CART + asking("dnsPolicy: Default"), (VALUE,),
         ("Service default/cart", "dnsPolicy to ClusterFirst.")),
    Case("the node's network", "DNS_NAME_ASKED_ELSEWHERE", CART + asking("hostNetwork: true"), (VALUE,),
         ("ClusterFirstWithHostNet",)),
    Case("servers of its own", "DNS_NAME_ASKED_ELSEWHERE", CART + asking(
        "dnsPolicy: None\n      dnsConfig: {nameservers: [192.0.2.53]}"), (VALUE,)),
    Case("the cluster's DNS without a search list", "DNS_NAME_ASKED_ELSEWHERE", CART + OWN_DNS + asking(
        "dnsPolicy: None\n      dnsConfig: {nameservers: [10.96.0.10]}"), (VALUE,), ("default.svc.cluster.local",)),
    Case("the cluster's DNS with one", "DNS_NAME_ASKED_ELSEWHERE", CART + OWN_DNS + asking(
        "dnsPolicy: None\n      dnsConfig: {nameservers: [10.96.0.10], searches: [default.svc.cluster.local]}")),
    Case("the full name needs no list", "DNS_NAME_ASKED_ELSEWHERE", CART + OWN_DNS + asking(
        "dnsPolicy: None\n      dnsConfig: {nameservers: [10.96.0.10]}", "http://cart.default.svc.cluster.local")),
    Case("the node's network, and the cluster's DNS", "DNS_NAME_ASKED_ELSEWHERE",
         CART + asking("hostNetwork: true\n      dnsPolicy: ClusterFirstWithHostNet")),
    Case("a search list beside the usual one", "DNS_NAME_ASKED_ELSEWHERE",
         CART + asking("dnsConfig: {searches: [example.com]}")),
    Case("a name that no Service has", "DNS_NAME_ASKED_ELSEWHERE", CART + asking("dnsPolicy: Default", "http://other")),
    Case("a public name", "DNS_NAME_ASKED_ELSEWHERE", CART + asking("dnsPolicy: Default", "http://cart.example.com")),
    Case("the pods' port in a file", "DNS_NAME_WRONG_PORT", CART + config("app.yaml: 'target: cart:8080'") + FILES,
         ("ConfigMap/front data[app.yaml]",), ("Call cart:80.",)),
    Case("the port that redis implies", "DNS_NAME_WRONG_PORT", CART + caller("redis://cart"), (VALUE,), ("6379",)),
    Case("the variable beside it", "DNS_NAME_WRONG_PORT", CART + beside("cart", "8080"), (VALUE,), ("port 8080 of Service",)),
    Case("keys beside each other", "DNS_NAME_WRONG_PORT", CART + config("CART_ADDR: cart, CART_PORT: '8080'") + taking(ALL),
         ("ConfigMap/front data.CART_ADDR",)),
    Case("the variable beside it has the Service's port", "DNS_NAME_WRONG_PORT", CART + beside("cart", "80")),
    Case("the variable beside it is no number", "DNS_NAME_WRONG_PORT", CART + beside("cart", "tcp://192.0.2.1:80")),
    Case("its own name and port", "DNS_NAME_WRONG_PORT", service(name="cart") + beside("cart", "8080").replace(
        "app: front", "app: web")),
    Case("the Service's port in a file", "DNS_NAME_WRONG_PORT", CART + config("app.yaml: 'target: cart:80'") + FILES),
    Case("another namespace", "DNS_NAME_UNKNOWN", PROD + caller("http://cart"), (VALUE,), ("cart.prod",)),
    Case("the wrong namespace", "DNS_NAME_UNKNOWN", PROD + caller("http://cart.default.svc"), (VALUE,), ("cart.prod.svc",)),
    Case("the name itself", "DNS_NAME_UNKNOWN", CART + caller("http://cart:80")),
    Case("a word that is no host", "DNS_NAME_UNKNOWN", CART + caller("carts", "COLLECTION")),
    Case("a Service that other files may hold", "DNS_NAME_UNKNOWN", CART + caller("http://orders")),
    Case("a public name", "DNS_NAME_UNKNOWN", CART + caller("https://carts.example.com")),
    Case("the pod asks other servers", "DNS_NAME_UNKNOWN", CART + caller("http://carts").replace(
        "      \n      containers: [{name: main, image: x, ports: [{containerPort: 8080, name: http}], env",
        "      dnsPolicy: Default\n      containers: [{name: main, image: x, env")),
    Case("the pods' port", "DNS_NAME_WRONG_PORT", CART + caller("http://cart:8080"), (VALUE,), ("Call cart:80.",)),
    Case("the port that https implies", "DNS_NAME_WRONG_PORT", CART + caller("https://cart/"), (VALUE,), ("443",)),
    Case("the Service's port", "DNS_NAME_WRONG_PORT", CART + caller("cart:80", "CART_ADDR")),
    Case("a headless Service translates nothing", "DNS_NAME_WRONG_PORT",
         deployment("cart", "app: cart") + service(name="cart", more="clusterIP: None") + caller("http://cart:8080")),
    Case("an image", "DNS_NAME_WRONG_PORT", CART + caller("cart:2000", "SIDECAR_IMAGE")),
    Case("a user and a password", "DNS_NAME_WRONG_PORT", CART + caller("cart:12345", "BASIC_AUTH")),
)  # fmt: skip
