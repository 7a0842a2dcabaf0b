"""Hosts and paths: which rule of the Ingresses of one controller takes a request.

https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types, its table of examples in whole, and
https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards
"""

# ruff: noqa: E501 - a row is a line
from __future__ import annotations

import pytest

from tests.flows.ingress_builders import CONTROLLER_IP, ONLY_APPS, SHOP, asks, ingress
from tests.flows.policy_builders import Row, check, rows

SITE = "http://shop.example.com"
NO_MATCH = "INGRESS_NO_MATCH"


@pytest.mark.parametrize(
    ("kind", "path", "request_path", "matches"),
    [
        # The table of kubernetes.io, row by row.
        ("Prefix", "/", "/", True),
        ("Prefix", "/", "/any", True),
        ("Prefix", "/", "/any/path/at/all/", True),
        ("Exact", "/foo", "/foo", True),
        ("Exact", "/foo", "/bar", False),
        ("Exact", "/foo", "/foo/", False),
        ("Exact", "/foo/", "/foo", False),
        ("Prefix", "/foo", "/foo", True),
        ("Prefix", "/foo", "/foo/", True),
        ("Prefix", "/foo/", "/foo", True),
        ("Prefix", "/foo/", "/foo/", True),
        ("Prefix", "/aaa/bb", "/aaa/bbb", False),
        ("Prefix", "/aaa/bbb", "/aaa/bbb", True),
        ("Prefix", "/aaa/bbb/", "/aaa/bbb", True),
        ("Prefix", "/aaa/bbb", "/aaa/bbb/", True),
        ("Prefix", "/aaa/bbb", "/aaa/bbb/ccc", True),
        ("Prefix", "/aaa/bbb", "/aaa/bbbxyz", False),
        ("Prefix", "/aaa", "/aaa/ccc", True),
        ("Prefix", "/aaa/bbb", "/ccc", False),
        ("Prefix", "/aaa", "/ccc", False),
        # Beyond it.
        ("Exact", "/", "/", True),
        ("Exact", "/", "/a", False),
        ("Exact", "/", "", True),
        ("Prefix", "/", "", True),
        ("Exact", "/foo/", "/foo/", True),
        ("Exact", "/foo", "/foo/bar", False),
        ("Exact", "/foo", "/FOO", False),
        ("Exact", "/foo", "/fo", False),
        ("Exact", "/foo", "/foo?a=1", True),
        ("Exact", "/foo", "/foo?a=/b/c", True),
        ("Exact", "/foo", "/foo/?a=1", False),
        ("Exact", "/foo", "/foo#part", True),
        ("Prefix", "/foo", "/foo?a=1", True),
        ("Prefix", "/foo", "/foobar?x=/foo/", False),
        ("Prefix", "/foo", "/Foo", False),
        ("Prefix", "/foo", "/", False),
        ("Prefix", "/foo", "", False),
        ("Prefix", "/foo", "/foo.html", False),
        ("Prefix", "/foo", "/foo-bar", False),
        ("Prefix", "/foo", "/x/foo", False),
        ("Prefix", "/foo/", "/foo/bar", True),
        ("Prefix", "/foo/", "/foobar", False),
        ("Prefix", "/aaa/bbb", "/aaa", False),
        ("Prefix", "/aaa/bbb", "/aaa/", False),
        ("Prefix", "/aaa/bbb", "/bbb/aaa", False),
        ("Prefix", "/aaa/bbb", "/aaa/x/bbb", False),
        ("Prefix", "/v1.0", "/v1x0", False),
        ("Prefix", "/v1.0", "/v1.0/x", True),
        ("Any", "/foo", "/foo", True),
        ("Any", "/", "/any", True),
        ("Any", "/foo", "/bar", False),
    ],
)  # fmt: skip
def test_one_path(kind: str, path: str, request_path: str, matches: bool) -> None:
    given = [ingress(f"shop.example.com {path} {kind} web:80")]
    ends, because, status = ("delivered", "DELIVERED", None) if matches else ("http-error", NO_MATCH, 404)
    target = f"{SITE}{request_path}"
    check(
        Row(
            given=given,
            source="internet",
            target=target,
            ends=ends,
            because=because,
            status=status,
            ns="shop",
            world=SHOP,
        )
    )


HOST = "shop.example.com"
THREE = ingress(f"{HOST} / Prefix web:80", f"{HOST} /aaa Prefix api:8080", f"{HOST} /aaa/bbb Prefix old:80")


@rows(
    asks("/, /aaa for /aaa/ccc", ingress(f"{HOST} / Prefix web:80", f"{HOST} /aaa Prefix api:8080"), f"{SITE}/aaa/ccc", "delivered", at=["api"]),
    asks("/, /aaa, /aaa/bbb for /aaa/bbb", THREE, f"{SITE}/aaa/bbb", "delivered", at=["old"]),
    asks("/, /aaa, /aaa/bbb for /aaa/bbb/x", THREE, f"{SITE}/aaa/bbb/x", "delivered", at=["old"]),
    asks("/, /aaa, /aaa/bbb for /aaa/bbbb", THREE, f"{SITE}/aaa/bbbb", "delivered", at=["api"]),
    asks("/, /aaa, /aaa/bbb for /ccc", THREE, f"{SITE}/ccc", "delivered", at=["web"]),
    asks("the order in the file does not count", ingress(f"{HOST} /aaa/bbb Prefix old:80", f"{HOST} / Prefix web:80", f"{HOST} /aaa Prefix api:8080"), f"{SITE}/aaa/x", "delivered", at=["api"]),
    asks("no match goes to the default backend", ingress(f"{HOST} /aaa Prefix api:8080", default="web:80"), f"{SITE}/ccc", "delivered", at=["web"]),
    asks("Exact before Prefix", ingress(f"{HOST} /foo Prefix web:80", f"{HOST} /foo Exact api:8080"), f"{SITE}/foo", "delivered", at=["api"]),
    asks("Exact before Prefix, written first", ingress(f"{HOST} /foo Exact api:8080", f"{HOST} /foo Prefix web:80"), f"{SITE}/foo", "delivered", at=["api"]),
    asks("below an Exact the Prefix serves", ingress(f"{HOST} /foo Prefix web:80", f"{HOST} /foo Exact api:8080"), f"{SITE}/foo/bar", "delivered", at=["web"]),
    asks("slash behind an Exact: the Prefix serves", ingress(f"{HOST} /foo Prefix web:80", f"{HOST} /foo Exact api:8080"), f"{SITE}/foo/", "delivered", at=["web"]),
    asks("Exact of the root before Prefix of the root", ingress(f"{HOST} / Prefix web:80", f"{HOST} / Exact api:8080"), f"{SITE}/", "delivered", at=["api"]),
    asks("a longer Prefix before a shorter", ingress(f"{HOST} /foo Prefix web:80", f"{HOST} /foo/bar Prefix api:8080"), f"{SITE}/foo/bar/baz", "delivered", at=["api"]),
    asks("a longer path of another Ingress", [ingress(f"{HOST} / Prefix web:80"), ingress(f"{HOST} /api Prefix api:8080", name="more")], f"{SITE}/api/v1", "delivered", at=["api"]),
    asks("Ingresses of one host are merged", [ingress(f"{HOST} /web Prefix web:80"), ingress(f"{HOST} /api Prefix api:8080", name="more")], f"{SITE}/web", "delivered", at=["web"]),
    asks("a duplicate path: the oldest Ingress", [ingress(f"{HOST} / Prefix web:80", created="2026-02-01T00:00:00Z"), ingress(f"{HOST} / Prefix api:8080", name="more", created="2026-01-01T00:00:00Z")], f"{SITE}/", "delivered", at=["api"]),
    asks("a duplicate path: the oldest Ingress, the other way round", [ingress(f"{HOST} / Prefix web:80", created="2026-01-01T00:00:00Z"), ingress(f"{HOST} / Prefix api:8080", name="more", created="2026-02-01T00:00:00Z")], f"{SITE}/", "delivered", at=["web"]),
    asks("no path matches, no default backend", THREE | ingress(f"{HOST} /aaa Prefix api:8080"), f"{SITE}/", "http-error", NO_MATCH, status=404),
    asks("the path goes on unchanged", ingress(f"{HOST} /web Prefix web:80"), f"{SITE}/web/x?y=1", "delivered", seen=CONTROLLER_IP),
    asks("a rule without http and no default backend", ingress(HOST), f"{SITE}/", "http-error", NO_MATCH, status=404),
    asks("a rule without http sends all to the default backend", ingress(HOST, default="web:80"), f"{SITE}/any", "delivered", at=["web"]),
    asks("a default backend alone", ingress(default="api:8080"), "http://203.0.113.50/any", "delivered", at=["api"]),
    asks("a default backend alone takes any host", ingress(default="api:8080"), "203.0.113.50", "delivered", at=["api"], host="what.ever.example"),
    asks("a default backend loses against a rule", ingress(f"{HOST} / Prefix web:80", default="api:8080"), f"{SITE}/x", "delivered", at=["web"]),
    asks("a default backend that does not exist", ingress(f"{HOST} /a Prefix web:80", default="none:80"), f"{SITE}/b", "http-error", "INGRESS_BACKEND_MISSING", status=503),
)  # fmt: skip
def test_several_paths(flow: Row) -> None:
    check(flow)


LB = "http://203.0.113.50/"
WILD = "*.example.com / Prefix web:80"


@rows(
    asks("exact host", ingress("a.example.com / Prefix web:80"), LB, "delivered", host="a.example.com"),
    asks("exact host, other case", ingress("a.example.com / Prefix web:80"), LB, "delivered", host="A.Example.COM"),
    asks("exact host, with a port", ingress("a.example.com / Prefix web:80"), LB, "delivered", host="a.example.com:80"),
    asks("exact host, with another port", ingress("a.example.com / Prefix web:80"), LB, "delivered", host="a.example.com:8080"),
    asks("another host", ingress("a.example.com / Prefix web:80"), LB, "http-error", NO_MATCH, status=404, host="b.example.com"),
    asks("parent of the host", ingress("a.example.com / Prefix web:80"), LB, "http-error", NO_MATCH, status=404, host="example.com"),
    asks("child of the host", ingress("a.example.com / Prefix web:80"), LB, "http-error", NO_MATCH, status=404, host="b.a.example.com"),
    asks("the host as an ending", ingress("a.example.com / Prefix web:80"), LB, "http-error", NO_MATCH, status=404, host="xa.example.com"),
    asks("no Host header but the address", ingress("a.example.com / Prefix web:80"), LB, "http-error", NO_MATCH, status=404),
    asks("no host in the rule: by address", ingress("- / Prefix web:80"), LB, "delivered"),
    asks("no host in the rule: any host", ingress("- / Prefix web:80"), LB, "delivered", host="what.ever"),
    asks("wildcard: one label more", ingress(WILD), LB, "delivered", host="a.example.com"),
    asks("wildcard: one label more, other case", ingress(WILD), LB, "delivered", host="A.EXAMPLE.com"),
    asks("wildcard: two labels more", ingress(WILD), LB, "http-error", NO_MATCH, status=404, host="b.a.example.com"),
    asks("wildcard: none more", ingress(WILD), LB, "http-error", NO_MATCH, status=404, host="example.com"),
    asks("wildcard: the ending alone does not do", ingress(WILD), LB, "http-error", NO_MATCH, status=404, host="aexample.com"),
    asks("wildcard: another domain", ingress(WILD), LB, "http-error", NO_MATCH, status=404, host="a.example.org"),
    asks("exact before wildcard", ingress(WILD, "a.example.com / Prefix api:8080"), LB, "delivered", host="a.example.com", at=["api"]),
    asks("exact before wildcard, in two Ingresses", [ingress(WILD), ingress("a.example.com / Prefix api:8080", name="more")], LB, "delivered", host="a.example.com", at=["api"]),
    asks("wildcard for its other hosts", ingress(WILD, "a.example.com / Prefix api:8080"), LB, "delivered", host="b.example.com", at=["web"]),
    asks("exact before none", ingress("- / Prefix web:80", "a.example.com / Prefix api:8080"), LB, "delivered", host="a.example.com", at=["api"]),
    asks("wildcard before none", ingress("- / Prefix old:80", WILD), LB, "delivered", host="a.example.com", at=["web"]),
    asks("none for the rest", ingress("- / Prefix old:80", WILD), LB, "delivered", host="a.example.org", at=["old"]),
    asks("exact wins even with a shorter path", ingress("- /api/v1 Prefix web:80", "a.example.com / Prefix api:8080"), f"{LB}api/v1", "delivered", host="a.example.com", at=["api"]),
    asks("ingress-nginx: the exact host's server answers 404 itself", ingress("*.example.com / Prefix web:80", "a.example.com /api Prefix api:8080"), LB, "http-error", NO_MATCH, status=404, host="a.example.com"),
    asks("a longer wildcard is another domain", ingress(WILD, "*.a.example.com / Prefix api:8080"), LB, "delivered", host="b.a.example.com", at=["api"]),
    asks("by name: the host is taken to be published", ingress("a.example.com / Prefix web:80"), "http://a.example.com/", "delivered", seen=CONTROLLER_IP),
    asks("by name: a host under the wildcard is published", ingress(WILD), "http://a.example.com/", "delivered"),
    asks("by name: the path's rules apply", ingress("a.example.com /x Exact web:80"), "http://a.example.com/x/", "http-error", NO_MATCH, status=404),
)  # fmt: skip
def test_hosts(flow: Row) -> None:
    check(flow)


REGEX = {"nginx.ingress.kubernetes.io/use-regex": "true"}
REWRITE = {"nginx.ingress.kubernetes.io/rewrite-target": "/$1"}


@rows(
    asks("use-regex: a pattern", ingress(f"{HOST} /v[0-9]+ Any web:80", notes=REGEX), f"{SITE}/v12/x", "delivered"),
    asks("use-regex: no match", ingress(f"{HOST} /v[0-9]+ Any web:80", notes=REGEX), f"{SITE}/vx", "http-error", NO_MATCH, status=404),
    asks("use-regex: matches as a prefix", ingress(f"{HOST} /foo Any web:80", notes=REGEX), f"{SITE}/foobar", "delivered"),
    asks("use-regex: any case", ingress(f"{HOST} /foo Any web:80", notes=REGEX), f"{SITE}/FOO", "delivered"),
    asks("use-regex: Prefix paths too", ingress(f"{HOST} /foo Prefix web:80", notes=REGEX), f"{SITE}/foobar", "delivered"),
    asks("use-regex: Exact paths too", ingress(f"{HOST} /foo Exact web:80", notes=REGEX), f"{SITE}/foo/bar", "delivered"),
    asks("use-regex on another Ingress of the host", [ingress(f"{HOST} /foo Prefix web:80"), ingress(f"{HOST} /bar Any api:8080", name="more", notes=REGEX)], f"{SITE}/foobar", "delivered", at=["web"]),
    asks("use-regex on an Ingress of another host", [ingress(f"{HOST} /foo Prefix web:80"), ingress("b.example.com /bar Any api:8080", name="more", notes=REGEX)], f"{SITE}/foobar", "http-error", NO_MATCH, status=404),
    asks("use-regex switched off", ingress(f"{HOST} /foo Prefix web:80", notes={"nginx.ingress.kubernetes.io/use-regex": "false"}), f"{SITE}/foobar", "http-error", NO_MATCH, status=404),
    asks("use-regex: a pattern that is none", ingress(f"{HOST} /( Any web:80", notes=REGEX), f"{SITE}/(", "http-error", NO_MATCH, status=404),
    asks("use-regex: anchored at the beginning", ingress(f"{HOST} /foo Any web:80", notes=REGEX), f"{SITE}/x/foo", "http-error", NO_MATCH, status=404),
    asks("use-regex: the longest path first", ingress(f"{HOST} /a.* Any web:80", f"{HOST} /a/b/.* Any api:8080", notes=REGEX), f"{SITE}/a/b/c", "delivered", at=["api"]),
    asks("rewrite-target makes patterns of all paths", ingress(f"{HOST} /api/(.*) Any api:8080", notes=REWRITE), f"{SITE}/api/v1", "delivered", at=["api"]),
    asks("two Ingresses claim one path, and nothing tells which is older", [ingress(f"{HOST} / Prefix web:80"), ingress(f"{HOST} / Prefix api:8080", name="more")], f"{SITE}/", "delivered", assumes=["older"]),
    asks("a path with a default backend in another Ingress of the host", [ingress(f"{HOST} /a Prefix web:80", default="api:8080"), ingress(f"{HOST} /b Prefix old:80", name="more")], f"{SITE}/c", "delivered", at=["api"]),
    asks("a catch-all Ingress takes foreign hosts", [ingress(f"{HOST} /a Prefix web:80"), ingress(default="api:8080", name="all")], "http://203.0.113.50/", "delivered", at=["api"]),
    asks("ingress-nginx: a catch-all does not take other paths of a known host", [ingress(f"{HOST} /a Prefix web:80"), ingress(default="api:8080", name="all")], f"{SITE}/b", "http-error", NO_MATCH, status=404),
    asks("ingress-nginx: a default backend beside rules does not take foreign hosts", ingress(f"{HOST} /a Prefix web:80", default="api:8080"), "http://203.0.113.50/", "http-error", NO_MATCH, status=404),
)  # fmt: skip
def test_ingress_nginx(flow: Row) -> None:
    check(flow)


OTHERS = ONLY_APPS
UNKNOWN_MAKE = {"cls": "acme"}


@rows(
    asks("exact host", ingress(f"{HOST} / Prefix web:80", **UNKNOWN_MAKE), f"{SITE}/", "delivered", world=OTHERS),
    asks("no such path anywhere", ingress(f"{HOST} /a Prefix web:80", **UNKNOWN_MAKE), f"{SITE}/b", "http-error", NO_MATCH, status=404, world=OTHERS),
    asks("a wider host has a path: nobody says whether it is used", ingress(f"{HOST} /a Prefix web:80", "- / Prefix api:8080", **UNKNOWN_MAKE), f"{SITE}/b", "unknown", "CANNOT_TELL", world=OTHERS),
    asks("a wildcard has a path: nobody says whether it is used", ingress(f"{HOST} /a Prefix web:80", "*.example.com / Prefix api:8080", **UNKNOWN_MAKE), f"{SITE}/b", "unknown", "CANNOT_TELL", world=OTHERS),
    asks("the exact host has the path", ingress(f"{HOST} /a Prefix web:80", "- / Prefix api:8080", **UNKNOWN_MAKE), f"{SITE}/a", "delivered", at=["web"], world=OTHERS),
    asks("a path with a star", ingress(f"{HOST} /a/* Any web:80", **UNKNOWN_MAKE), f"{SITE}/a/b", "delivered|unknown", world=OTHERS),
    asks("an ImplementationSpecific path that is equal", ingress(f"{HOST} /a Any web:80", **UNKNOWN_MAKE), f"{SITE}/a", "delivered", world=OTHERS),
    asks("its default backend", ingress(f"{HOST} /a Prefix web:80", default="api:8080", **UNKNOWN_MAKE), f"{SITE}/b", "delivered", at=["api"], world=OTHERS),
)  # fmt: skip
def test_controllers_of_unknown_make(flow: Row) -> None:
    check(flow)
