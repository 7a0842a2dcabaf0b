"""Which shells images bring, and how the container's runtime words it that one is missing."""

from __future__ import annotations

import pytest

from kcnet.lab.session import Session
from kcnet.lab.tools.images import has_shell

SHELLS = [
    ("busybox", {"sh", "ash"}),
    ("alpine:3.22", {"sh", "ash"}),
    ("nginx:1.27-alpine", {"sh", "ash"}),
    ("curlimages/curl:8.11.1", {"sh", "ash"}),
    ("nginx:1.27", {"sh", "bash"}),
    ("postgres:17", {"sh", "bash"}),
    ("nicolaka/netshoot:v0.13", {"sh", "bash", "ash", "zsh"}),
    ("traefik/whoami:v1.10", set()),
    ("gcr.io/distroless/static-debian12", set()),
    ("registry.k8s.io/pause:3.10", set()),
    ("registry.k8s.io/coredns/coredns:v1.12.0", set()),
    ("hashicorp/http-echo:1.0", set()),
    ("example.com/nobody/knows:1", {"sh", "bash", "ash", "zsh"}),
]


@pytest.mark.parametrize(("image", "shells"), SHELLS, ids=[row[0] for row in SHELLS])
def test_shells(image: str, shells: set[str]) -> None:
    assert {shell for shell in ("sh", "bash", "ash", "zsh") if has_shell(image, shell)} == shells


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("-it box -- bash", '"bash": executable file not found in $PATH: unknown'),
        ("-it box -- /bin/bash", '"/bin/bash": stat /bin/bash: no such file or directory: unknown'),
        ("-it echo -- sh", '"sh": executable file not found in $PATH: unknown'),
        ("echo -- sh -c 'echo hello'", '"sh": executable file not found in $PATH: unknown'),
        ("box -- curl web", '"curl": executable file not found in $PATH: unknown'),
    ],
)
def test_a_shell_that_is_missing(stall: Session, command: str, said: str) -> None:
    outcome = stall.run(f"kubectl exec -n stall {command}")
    assert (outcome.stdout, outcome.status) == ("", 1)
    assert "OCI runtime exec failed: exec failed: unable to start container process: exec: " in outcome.stderr
    assert said in outcome.stderr
    assert stall.inside == []


def test_a_shell_that_is_there(stall: Session) -> None:
    stall.run("kubectl exec -n stall -it box -- sh")
    assert stall.run("wget -qO- web").stdout.startswith("<!DOCTYPE html>")
    stall.run("exit")
    assert stall.inside == []
