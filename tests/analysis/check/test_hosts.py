"""Which words of a text count as hosts."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from kcnet.analysis.hosts import Host, groups_in, in_argument, in_file, in_value


def shown(found: Iterable[Host], text: str) -> list[str]:
    """Host and port; each stands in the text where it says so."""
    hosts = list(found)
    for host in hosts:
        assert text[host.start :].startswith(host.name)
    return [f"{host.name}:{host.port}" if host.port else host.name for host in hosts]


VALUES = [
    ("CART_URL", "http://cart", ["cart:80"]),
    ("CART_URL", "https://cart.shop/a?b=c", ["cart.shop:443"]),
    ("CART_URL", "http://cart:8080/", ["cart:8080"]),
    ("CART_URL", "http://user:p%40ss@cart:8080/", ["cart:8080"]),
    ("USER_SERVICE_URL", "http://user", ["user:80"]),
    ("DB", "jdbc:mysql://db:3307/shop", ["db:3307"]),
    ("DB", "postgresql+asyncpg://app:secret@db/shop", ["db:5432"]),
    ("CACHE", "redis://cache", ["cache:6379"]),
    ("URLS", "http://a, http://b:81", ["a:80", "b:81"]),
    ("CART", "cart:8080", ["cart:8080"]),
    ("BROKERS", "kafka-0.kafka:9092,kafka-1.kafka:9092", ["kafka-0.kafka:9092", "kafka-1.kafka:9092"]),
    ("CART_HOST", "cart", ["cart"]),
    ("cartHost", "cart.shop.svc", ["cart.shop.svc"]),
    ("AUTH_ADDR", "auth:8080", ["auth:8080"]),
    ("CART_HOST", "cart.", ["cart"]),
    # nothing that is surely a host
    ("NAME", "cart", []),
    ("GHOST", "cart", []),
    ("GREETING", "cart: 80 items", []),
    ("SIDECAR_IMAGE", "cart:2000", []),
    ("BASIC_AUTH", "cart:12345", []),
    ("RATIO", "4:3", []),
    ("BUCKET", "s3://carts", []),
    ("FILE", "file://carts/a", []),
    ("MONGO", "mongodb+srv://carts/a", []),
    ("BALANCER", "lb://carts", []),
    ("PATTERN", "http://cart-$(NUMBER):80", []),
    ("PATTERN", "http://{host}:80", []),
    ("JAVA", "org.example.Cart", []),
    ("ALLOWED_HOSTS", "cart,localhost", []),
    ("CORS_ORIGINS", "http://cart", []),
    ("LISTEN_ADDR", "cart:8080", []),
    ("NO_PROXY", "cart:8080", []),
    ("MAIL", "cart@example.com", []),
]


@pytest.mark.parametrize(("name", "text", "hosts"), VALUES, ids=[f"{row[0]}={row[1]}" for row in VALUES])
def test_a_variable(name: str, text: str, hosts: list[str]) -> None:
    assert shown(in_value(name, text), text) == hosts


ARGUMENTS = [
    ("--cart=http://cart", ["cart:80"]),
    ("--cart=cart:8080", ["cart:8080"]),
    ("--cart-host=cart", ["cart"]),
    ("cart:8080", ["cart:8080"]),
    ("until nc -z -w 2 cart 80; do sleep 1; done", ["cart:80"]),
    ("until nslookup cart.shop.svc.cluster.local; do sleep 1; done", ["cart.shop.svc.cluster.local"]),
    ("until pg_isready -h db -p 5432; do sleep 1; done", ["db"]),
    ("wget -qO- http://cart/ || exit 1", ["cart:80"]),
    ("curl cart:8080/health", ["cart:8080"]),
    ("chown cart:1000 /data", []),
    ("cart", []),
    ("echo waiting for cart", []),
    ("--image=cart:2000", []),
]


@pytest.mark.parametrize(("text", "hosts"), ARGUMENTS, ids=[row[0] for row in ARGUMENTS])
def test_an_argument(text: str, hosts: list[str]) -> None:
    assert shown(in_argument(text), text) == hosts


LINES = [
    ("nginx.conf", "  location / { proxy_pass http://cart:80; }", ["cart:80"]),
    ("nginx.conf", "  server cart:8080 weight=2;", ["cart:8080"]),
    ("haproxy.cfg", "  server one cart:8080 check", ["cart:8080"]),
    ("Caddyfile", "reverse_proxy cart:8080", ["cart:8080"]),
    ("application.properties", "cart.host=cart", ["cart"]),
    ("application.properties", "bootstrap.servers=kafka:9092,other:9092", ["kafka:9092", "other:9092"]),
    ("application.yaml", "  host: cart", ["cart"]),
    ("application.yaml", '  - address: "cart"', ["cart"]),
    ("application.json", '  "host": "cart",', ["cart"]),
    ("prometheus.yml", "  - targets: ['cart:8080', \"other:9090\"]", ["cart:8080", "other:9090"]),
    ("start.sh", "curl -s http://cart/health", ["cart:80"]),
    ("ini", "url = 'http://cart'", ["cart:80"]),
    # comments, prose, and files that no program reads addresses from
    ("nginx.conf", "  # proxy_pass http://cart:80;", []),
    ("app.ini", "; url = http://cart", []),
    ("app.conf", "// http://cart", []),
    ("README.md", "Call http://cart:80.", []),
    ("index.html", '<a href="http://cart/">', []),
    ("app.yaml", "image: cart:2000", []),
    ("app.yaml", "user: cart:1000", []),
    ("app.yaml", "name: cart", []),
    ("app.yaml", "a cart is pushed", []),
    ("app.yaml", "file: /etc/cart:8080.conf", []),
    ("app.yaml", "at: 2024-01-01T10:30:00", []),
    ("nginx.conf", "  proxy_pass http://$upstream:80;", []),
    ("nginx.conf", "  server_name cart;", []),
    ("nginx.conf", "  add_header Access-Control-Allow-Origin http://cart;", []),
    ("app.yaml", "allowed_hosts: cart", []),
    ("log.conf", "format %h:80", []),
]


@pytest.mark.parametrize(("name", "line", "hosts"), LINES, ids=[f"{row[0]}: {row[1].strip()}" for row in LINES])
def test_a_line_of_a_file(name: str, line: str, hosts: list[str]) -> None:
    text = f"first\n{line}\nlast\n"
    assert shown(in_file(name, text), text) == hosts


def test_a_list_of_servers_is_no_host() -> None:
    text = "upstream carts {\n  server cart:80;\n}\nlocation / { proxy_pass http://carts; }\n"
    assert groups_in(text) == {"carts"}
    assert shown(in_file("nginx.conf", text, groups_in(text)), text) == ["cart:80"]
