"""Which shells images bring, and how the container's runtime words it that one is missing."""

from __future__ import annotations

import pytest

from kcnet.apiserver.images import has_shell
from kcnet.lab.session import Session

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


BARE = "gcr.io/distroless/static-debian12"
MISSING = 'error during container init: exec: "{}": {}'
NOT_FOUND = "executable file not found in $PATH"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"--image={BARE} -- sh", MISSING.format("sh", NOT_FOUND)),
        ("--image=alpine -- bash", MISSING.format("bash", NOT_FOUND)),
        ("--image=traefik/whoami --command -- /bin/sh", MISSING.format("/bin/sh", "stat /bin/sh: no such file or directory")),
        ("--image=gcr.io/google-samples/hello-app:1.0 -- sh -c 'echo hello'", MISSING.format("sh", NOT_FOUND)),
    ],
)  # fmt: skip
def test_a_pod_whose_shell_is_missing_does_not_start(stall: Session, line: str, why: str) -> None:
    kept = stall.run(f"kubectl run -n stall kept -it {line}")
    assert (kept.stdout, kept.status, stall.inside) == ("", 1, [])
    assert kept.stderr.endswith("error: timed out waiting for the condition\n")
    told = stall.run("kubectl describe pod -n stall kept").stdout
    assert "Reason:       CrashLoopBackOff" in told
    assert "Reason:       StartError" in told
    assert "Exit Code:    128" in told
    assert told.count(why) == 2, "once as the container's message, once as an event"
    assert "Started   " not in told.partition("Events:")[2]
    once = stall.run(f"kubectl run -n stall once -it --rm --restart=Never {line}")
    assert (once.stdout, once.status) == ('pod "once" deleted from stall namespace\n', 128)
    assert once.stderr.endswith(
        "pod stall/once terminated (StartError)\nfailed to create containerd task: failed to create shim task: OCI "
        f"runtime create failed: runc create failed: unable to start container process: {why}\n"
    )


@pytest.mark.parametrize(
    "line", ["--image=traefik/whoami -- sh", "--image=registry.k8s.io/pause:3.10 -- sh", "--image=nginx:1.27-alpine -- bash"]
)  # fmt: skip
def test_arguments_go_to_the_images_own_program(stall: Session, line: str) -> None:
    stall.run(f"kubectl run -n stall kept {line}")
    assert stall.run("kubectl get pod -n stall kept --no-headers").stdout.split()[1:3] == ["1/1", "Running"]


def test_no_shell_opens_where_there_is_none(stall: Session) -> None:
    outcome = stall.run("kubectl run -n stall kept -it --image=traefik/whoami -- sh")
    assert "This image holds no shell" in outcome.stderr
    assert stall.inside == []


def test_a_shell_in_a_new_pod(stall: Session) -> None:
    stall.run("kubectl run -n stall kept -it --rm --image=nginx:1.27 -- bash")
    assert len(stall.inside) == 1
    stall.run("exit")
    assert "kept" not in stall.run("kubectl get pods -n stall").stdout
