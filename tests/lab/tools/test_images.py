"""Which programs an image holds, and which of two implementations."""

from __future__ import annotations

import pytest

from kcnet.apiserver.images import busybox_version, holds, is_busybox
from kcnet.lab.session import Session
from kcnet.lab.tools import TOOLS
from tests.lab.tools.conftest import Run

EVERY = ("curl", "wget", "nslookup", "dig", "nc", "ping", "ip", "ss", "getent")
ROWS = [
    ("busybox", "wget nslookup nc ping ip telnet"),
    ("busybox:1.36", "wget nslookup nc ping ip telnet"),
    ("docker.io/library/busybox:1.28", "wget nslookup nc ping ip telnet"),
    ("alpine:3.22", "wget nslookup nc ping ip getent"),
    ("curlimages/curl:8.15.0", "curl wget nslookup nc ping ip getent"),
    ("nginx", "curl getent"),
    ("nginx:1.27-alpine", "curl wget nslookup nc ping ip getent"),
    ("nginxinc/nginx-unprivileged:1.27", "curl getent"),
    ("nicolaka/netshoot:v0.13", "curl wget nslookup dig nc ping ip ss getent telnet"),
    ("registry.k8s.io/e2e-test-images/agnhost:2.53", "curl wget nslookup dig nc ping ip ss getent"),
    ("postgres:17", "getent psql pg_isready"),
    ("redis:7", "getent redis-cli"),
    ("mysql:8", "getent mysql"),
    ("python:3.12", "curl wget getent"),
    ("python:3.12-slim", "getent"),
    ("node:22-alpine", "wget nslookup nc ping ip getent"),
    ("httpd:2.4", "getent"),
    ("gcr.io/distroless/static-debian12", ""),
    ("fluent/fluent-bit:3.2", ""),
    ("traefik/whoami:v1.11", ""),
    ("hashicorp/http-echo:1.0", ""),
    ("registry.k8s.io/pause:3.10", ""),
]
ASKED = (*EVERY, "telnet", "psql", "pg_isready", "redis-cli", "mysql")


@pytest.mark.parametrize(("image", "programs"), ROWS)
def test_what_an_image_holds(image: str, programs: str) -> None:
    assert {program for program in ASKED if holds(image, program)} == set(programs.split())


def test_an_unknown_image_is_taken_to_hold_what_is_asked_for() -> None:
    assert all(holds("example.com/team/app:1", program) for program in EVERY)


def test_the_rules_of_a_node_are_not_in_containers() -> None:
    assert not any(holds("busybox", program) for program in ("iptables-save", "nft", "ipvsadm", "crictl"))
    assert not holds("nicolaka/netshoot", "crictl")


@pytest.mark.parametrize(
    ("image", "program", "answer"),
    [
        ("busybox", "wget", True),
        ("alpine", "nslookup", True),
        ("nginx:alpine", "ping", True),
        ("nicolaka/netshoot", "nslookup", False),
        ("nicolaka/netshoot", "ping", False),
        ("nicolaka/netshoot", "wget", True),
        ("registry.k8s.io/e2e-test-images/agnhost:2.53", "nslookup", False),
        ("registry.k8s.io/e2e-test-images/agnhost:2.53", "wget", True),
        ("python:3.12", "wget", False),
    ],
)
def test_whose_program_it_is(image: str, program: str, answer: bool) -> None:
    assert is_busybox(image, program) is answer


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("busybox:1.28", (1, 28)),
        ("busybox:1.28.4-glibc", (1, 28, 4)),
        ("busybox", (1, 37)),
        ("busybox:stable", (1, 37)),
    ],
)
def test_versions_of_busybox(image: str, version: tuple[int, ...]) -> None:
    assert busybox_version(image) == version


def test_every_tool_can_be_started_and_answers_without_words(stall: Session) -> None:
    for name in TOOLS:
        for place in ("kubectl exec -n stall tool --", "node n1 --", "outside --"):
            outcome = stall.run(f"{place} {name}")
            assert 0 <= outcome.status < 256, name


def test_a_missing_program_in_a_shell(stall: Session) -> None:
    outcome = stall.run("kubectl exec -n stall web -- sh -c 'dig web'")
    assert outcome.status == 127
    assert "sh: dig: not found\n" in outcome.stderr


@pytest.mark.parametrize("tool", ["tcpdump -i any", "conntrack -L", "systemctl status kubelet", "crictl ps"])
def test_what_is_not_simulated_says_so(at: Run, tool: str) -> None:
    outcome = at("n1", tool)
    assert outcome.status == 1
    assert outcome.stdout == ""
    assert outcome.stderr.startswith(f"(lab) {tool.split()[0]} is not simulated.")
