"""Ports asked by name: of a headless Service each pod's own, of a public host none."""

from __future__ import annotations

import pytest

import kcnet
from kcnet.request import RequestError
from tests.helpers import cluster_of

HEADLESS = """
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{name: other, port: 1}, {name: pg, port: 5432, targetPort: pg}]}
---
apiVersion: v1
kind: Pod
metadata: {name: old, labels: {app: db}}
spec: {containers: [{name: c, image: postgres, ports: [{name: pg, containerPort: 6000}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: new, labels: {app: db}}
spec: {containers: [{name: c, image: postgres, ports: [{name: pg, containerPort: 7000}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {containers: [{name: c, image: client}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: site}
spec: {rules: [{host: www.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: db, port: {number: 5432}}}}]}}]}
"""


@pytest.mark.parametrize("target", ["svc/db:pg", "db:pg", "db.default:pg"])
def test_each_pod_of_a_headless_service_is_asked_at_its_own_number(target: str) -> None:
    trace = kcnet.trace(cluster_of(HEADLESS), "client", target)
    asked = {path.destination.name: path.destination.port for path in trace.paths if path.destination}
    assert (trace.verdict, asked) == ("delivered", {"old": 6000, "new": 7000})


def test_a_number_goes_to_the_pods_as_it_is() -> None:
    assert kcnet.trace(cluster_of(HEADLESS), "client", "db:5432").reason.code == "PORT_NOT_LISTENING"


@pytest.mark.parametrize(
    ("source", "target"),
    [("internet", "www.example.com:http"), ("client", "db.example.org:pg"), ("client", "db:pgsql")],
)
def test_names_that_have_no_such_port(source: str, target: str) -> None:
    with pytest.raises(RequestError):
        kcnet.trace(cluster_of(HEADLESS), source, target)


def test_a_secret_of_another_type_is_taken_to_hold_a_certificate_and_said_so() -> None:
    tls = """
---
apiVersion: v1
kind: Secret
metadata: {name: cert}
type: Opaque
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: secure}
spec:
  tls: [{hosts: [secure.example.com], secretName: cert}]
  rules: [{host: secure.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: db, port: {number: 5432}}}}]}}]
"""
    trace = kcnet.trace(cluster_of(HEADLESS + tls), "internet", "https://secure.example.com/")
    assert trace.verdict == "delivered"
    assert any("Opaque" in text for text in trace.assumptions)
    filled = tls.replace("type: Opaque", "stringData: {cert.pem: x, tls.key: x}")
    trace = kcnet.trace(cluster_of(HEADLESS + filled), "internet", "https://secure.example.com/")
    assert trace.verdict == "tls-error"
    assert "has no tls.crt" in str(trace.to_dict())
