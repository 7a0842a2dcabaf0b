"""What applications answer, and the pages that Ingress controllers make themselves.

The default pages of nginx, Apache, HAProxy, Traefik and Envoy, and the images of the tutorials on kubernetes.io.
"""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest
from msgspec.structs import replace

import kcnet
from kcnet.lab.tools.answers import Answer
from kcnet.lab.tools.applications import WELCOME, Asked, answer_of, server_of
from kcnet.lab.tools.pages import flavour_of, of_controller
from tests.lab.tools.conftest import STALL, Run

NOON = datetime(2026, 11, 2, 12, 0, 0, tzinfo=UTC)


def asked(path: str = "/", **more: Any) -> Asked:
    whole: dict[str, Any] = {
        "pod": "web-1", "address": ip_address("10.244.1.5"), "port": 8080, "source": "10.244.2.9",
        "client": "198.51.100.7", "method": "GET", "url": path, "host": "web", "words": (), "proxied": False, "now": NOON,
    }  # fmt: skip
    return Asked(**{**whole, **more})


def answered(image: str, path: str = "/", **more: Any) -> Answer:
    found = answer_of(image, asked(path, **more))
    assert found is not None
    return found


def test_the_welcome_page_is_nginxs_own() -> None:
    assert len(WELCOME.encode()) == 615
    for image in ("nginx", "nginx:1.27", "docker.io/library/nginx:alpine", "nginxinc/nginx-unprivileged:1.27"):
        assert answered(image).body == WELCOME


def test_another_path_of_nginx_is_not_found() -> None:
    page = answered("nginx:1.27.5", "/nosuch?a=b")
    assert (page.status, page.reason, page.server) == (404, "Not Found", "nginx/1.27.5")
    assert page.length == 153, "as the access log of such a request says"
    assert "<center>nginx/1.27.5</center>" in page.body


SERVERS = [
    ("nginx:1.27.5", "nginx/1.27.5"),
    ("nginx:1.25.3-alpine", "nginx/1.25.3"),
    ("registry.example:5000/nginx:1.26.2@sha256:0123", "nginx/1.26.2"),
    ("httpd:2.4", ""),
]


@pytest.mark.parametrize(("image", "server"), SERVERS)
def test_the_version_of_nginx_is_that_of_its_tag(image: str, server: str) -> None:
    assert server_of(image) == server


BODIES = [
    ("Apache's default page", "httpd:2.4", "/", {}, "<html><body><h1>It works!</h1></body></html>\n"),
    ("http-echo says what its flag says", "hashicorp/http-echo:1.0", "/", {"words": ("-text=hi",)}, "hi\n"),
    ("the flag in two words", "hashicorp/http-echo", "/", {"words": ("-listen=:80", "-text", "a b")}, "a b\n"),
    ("without the flag", "hashicorp/http-echo", "/", {}, "hello-world\n"),
    ("hello-app", "gcr.io/google-samples/hello-app:2.0", "/", {},
     "Hello, world!\nVersion: 2.0.0\nHostname: web-1\n"),
    ("agnhost netexec, its name", "registry.k8s.io/e2e-test-images/agnhost:2.53", "/hostname", {"words": ("netexec",)},
     "web-1"),
    ("agnhost netexec, the client", "registry.k8s.io/e2e-test-images/agnhost:2.53", "/clientip",
     {"words": ("netexec",)}, "10.244.2.9:40000"),
    ("agnhost serve-hostname", "registry.k8s.io/e2e-test-images/agnhost:2.53", "/", {"words": ("serve-hostname",)},
     "web-1\n"),
]  # fmt: skip


@pytest.mark.parametrize(("image", "path", "more", "body"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_bodies(image: str, path: str, more: dict[str, Any], body: str) -> None:
    assert answered(image, path, **more).body == body


def test_the_source_address_is_told_by_those_that_tell_it() -> None:
    assert "\tclient_address=10.244.2.9\n" in answered("registry.k8s.io/echoserver:1.10").body
    assert "RemoteAddr: 10.244.2.9:40000\n" in answered("traefik/whoami:v1.10").body
    assert "X-Forwarded-For" not in answered("traefik/whoami:v1.10").body


@pytest.mark.parametrize("image", ["traefik/whoami", "kicbase/echo-server:1.0"])
def test_behind_a_controller_the_client_stands_in_a_header(image: str) -> None:
    body = answered(image, source="10.244.1.3", proxied=True).body
    assert "X-Forwarded-For: 198.51.100.7\n" in body


@pytest.mark.parametrize("image", ["postgres:17", "redis:7-alpine", "mysql:8", "mongo", "bitnami/postgresql:17"])
def test_databases_speak_no_http(image: str) -> None:
    port = {"postgres": 5432, "redis": 6379, "mysql": 3306, "mongo": 27017}.get(image.partition(":")[0], 5432)
    assert not answered(image, port=port).speaks_http


def test_what_other_images_say_nobody_knows() -> None:
    assert answer_of("example.com/shop/cart:7", asked()) is None
    assert answer_of("registry.k8s.io/e2e-test-images/agnhost:2.53", asked(words=("pause",))) is None


def test_annotations_win_and_are_filled_in(at: Run) -> None:
    outcome = at("tool", "curl -s 10.244.2.30:8080/price?of=tea")
    assert outcome.stdout == "says heard 10.244.1.10 ask for /price?of=tea\n"


def test_of_an_unknown_image_nothing_is_made_up(at: Run) -> None:
    outcome = at("tool", "curl -S 10.244.2.31:8080")
    assert (outcome.stdout, outcome.status) == ("", 0)
    assert "(lab) stall/app answered." in outcome.stderr


PAGES = [
    ("ingress-nginx", 404, "Not Found", "<center><h1>404 Not Found</h1></center>\n<hr><center>nginx</center>"),
    ("ingress-nginx", 502, "Bad Gateway", "<title>502 Bad Gateway</title>"),
    ("ingress-nginx", 503, "Service Temporarily Unavailable", "<h1>503 Service Temporarily Unavailable</h1>"),
    ("ingress-nginx", 504, "Gateway Time-out", "<h1>504 Gateway Time-out</h1>"),
    ("traefik", 404, "Not Found", "404 page not found\n"),
    ("traefik", 502, "Bad Gateway", "Bad Gateway"),
    ("traefik", 503, "Service Unavailable", "no available server\n"),
    ("haproxy", 503, "Service Unavailable", "No server is available to handle this request."),
    ("haproxy", 504, "Gateway Time-out", "The server didn't respond in time."),
    ("contour", 503, "Service Unavailable", "no healthy upstream"),
]


@pytest.mark.parametrize(("flavour", "status", "reason", "text"), PAGES, ids=[f"{row[0]} {row[1]}" for row in PAGES])
def test_pages_of_controllers(flavour: str, status: int, reason: str, text: str) -> None:
    page = of_controller(status, flavour=flavour)
    assert (page.status, page.reason) == (status, reason)
    assert text in page.body


def test_what_a_controllers_page_says_is_not_made_up() -> None:
    page = of_controller(404, flavour="kong")
    assert (page.status, page.body) == (404, "")
    assert page.note


def test_nginx_counts_the_carriage_returns_that_are_not_shown() -> None:
    page = of_controller(404)
    assert "\r" not in page.body
    assert page.length == 146, "nginx's page of 404 without its version, as it is on the wire"


def test_the_controller_is_that_of_the_path() -> None:
    cluster = kcnet.load(str(STALL))
    trace = kcnet.trace(cluster, "internet", "http://empty.example.com/")
    assert flavour_of(cluster, trace.paths[0]) == "ingress-nginx"
    told = replace(cluster, ingress_controllers=tuple(replace(one, flavour="haproxy")
                                                      for one in cluster.ingress_controllers))  # fmt: skip
    assert flavour_of(told, kcnet.trace(told, "internet", "http://empty.example.com/").paths[0]) == "haproxy"
