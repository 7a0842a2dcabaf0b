"""Cases of the rules about names in environment variables and arguments."""

from __future__ import annotations

from tests.analysis.check.cases import Case
from tests.analysis.check.cases_services import deployment, service


def caller(value: str, name: str = "CART_URL", more: str = "") -> str:
    return deployment("front", "app: front", more=f", env: [{{name: {name}, value: '{value}'}}]{more}")


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
         ("Deployment/front spec.template.spec.containers",)),
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
