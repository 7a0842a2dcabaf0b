"""Pods that wait for a key of a ConfigMap or Secret."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from kcnet.controlplane import build_cluster
from kcnet.model.objects import Pod
from tests.helpers import manifests_from

CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"URL": "x"}}
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login"}, "stringData": {"password": "x"}}
URL, NONE, OPTIONAL = (
    f"configMapKeyRef: {{name: settings, key: {key}}}" for key in ("URL", "NONE", "NONE, optional: true")
)
ELSEWHERE = "configMapKeyRef: {name: other, key: NONE}"
PASSWORD, PIN = (f"secretKeyRef: {{name: login, key: {key}}}" for key in ("password", "pin"))


def env(source: str) -> str:
    return f"{{env: [{{name: A, valueFrom: {{{source}}}}}]}}"


def made(spec: str, *objects: dict[str, Any], **rest: Any) -> Pod:
    parsed = yaml.safe_load(spec)
    for number, container in enumerate((*parsed["containers"], *parsed.get("initContainers", ()))):
        container |= {"name": f"c{number}", "image": "app"}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": parsed, **rest}
    return build_cluster(manifests_from([pod, *(objects or (CONFIG, SECRET))])).pods["default", "web"]


STARTS = [
    ("the key is there", f"{{containers: [{env(URL)}]}}"),
    ("it may be missing", f"{{containers: [{env(OPTIONAL)}]}}"),
    ("the ConfigMap may stand in another file", f"{{containers: [{env(ELSEWHERE)}]}}"),
    ("the Secret has the key", f"{{containers: [{env(PASSWORD)}]}}"),
    ("all keys are taken", "{containers: [{envFrom: [{configMapRef: {name: settings}}]}]}"),
    (
        "a file is there",
        "{containers: [{}], volumes: [{name: v, configMap: {name: settings, items: [{key: URL, path: a}]}}]}",
    ),
]


@pytest.mark.parametrize(("why", "spec"), STARTS, ids=[row[0] for row in STARTS])
def test_a_pod_starts(why: str, spec: str) -> None:
    pod = made(spec)
    assert (pod.ready, pod.not_running, pod.waits_for, bool(pod.addresses)) == (True, None, None, True), why


WAITS = [
    ("a key is missing", f"{{containers: [{env(NONE)}]}}", "container c0 waits: CreateContainerConfigError", True),
    ("a key of a Secret is missing", f"{{containers: [{env(PIN)}]}}", "Secret default/login has no key pin", True),
    ("one of two containers waits", f"{{containers: [{{}}, {env(NONE)}]}}", "container c1 waits", False),
    ("an init container waits", f"{{containers: [{{}}], initContainers: [{env(NONE)}]}}", "has no key NONE", True),
]


@pytest.mark.parametrize(("why", "spec", "words", "entirely"), WAITS, ids=[row[0] for row in WAITS])
def test_a_container_waits(why: str, spec: str, words: str, entirely: bool) -> None:
    pod = made(spec)
    assert words in (pod.waits_for or ""), why
    assert (pod.ready, pod.not_running is not None, bool(pod.addresses)) == (False, entirely, True)


def test_a_volume_waits_before_there_is_an_address() -> None:
    pod = made("{containers: [{}], volumes: [{name: v, secret: {secretName: login, items: [{key: pin, path: a}]}}]}")
    assert (pod.addresses, pod.ready, pod.phase) == ((), False, "Pending")
    assert pod.pending_because == "a volume waits for key pin, which Secret default/login does not have"


def test_what_the_status_says_counts() -> None:
    status = {"phase": "Running", "podIP": "10.244.0.9", "conditions": [{"type": "Ready", "status": "True"}]}
    assert made(f"{{containers: [{env(NONE)}]}}", status=status).ready


def test_what_somebody_else_fills_is_not_judged() -> None:
    empty = {**CONFIG, "data": {}}
    token = {**SECRET, "type": "kubernetes.io/service-account-token"}
    assert made(f"{{containers: [{env(NONE)}]}}", empty).ready
    assert made(f"{{containers: [{env(PIN)}]}}", token).ready
