"""The repair that a failing trace ends with: it must name what is wrong in this very case, and nothing that is not."""

from __future__ import annotations

from typing import NamedTuple

import pytest

import kcnet
from tests.helpers import cluster_of


def deployment(name: str, labels: str, *, ns: str = "default", replicas: int = 1, port: int = 8080) -> str:
    return f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {ns}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{{labels}}}}}
  template:
    metadata: {{labels: {{{labels}}}}}
    spec: {{containers: [{{name: c, image: web, ports: [{{containerPort: {port}}}]}}]}}
---"""


def service(name: str, selector: str, *, ns: str = "default", target: str = "8080") -> str:
    return f"""
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {ns}}}
spec: {{selector: {{{selector}}}, ports: [{{port: 80, targetPort: {target}}}]}}
---"""


def policy(rule: str, *, selects: str = "app: web") -> str:
    return f"""
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: guard}}
spec: {{podSelector: {{matchLabels: {{{selects}}}}}, ingress: [{rule}]}}
---"""


def pod(name: str, status: str = "", labels: str = "app: x") -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: {name}, uid: u, labels: {{{labels}}}}}
spec: {{nodeName: n, containers: [{{name: c, image: web, ports: [{{containerPort: 8080}}]}}]}}
status: {{podIP: 10.244.0.9, {status or "phase: Running"}}}
---"""


CLIENT = deployment("client", "app: client, role: client")
WEB = deployment("web", "app: web")
WAITING = "phase: Running, containerStatuses: [{name: c, state: {waiting: {reason: CrashLoopBackOff}}}]"
INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{host: api.acme.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---"""


class Case(NamedTuple):
    name: str
    given: str
    source: str
    target: str
    code: str
    says: str
    """Stands in the summary or the repair."""
    never: str = "\0"


CASES = (
    Case("scaled to 0", deployment("api", "app: api", replicas=0) + deployment("big", "app: big") + service("api", "app: api") + CLIENT, "client", "http://api/", "SERVICE_NO_ENDPOINTS", "kubectl scale deployment api", "app=big"),
    Case("nothing alike", deployment("big", "app: big") + service("api", "app: api") + CLIENT, "client", "http://api/", "SERVICE_NO_ENDPOINTS", "Label the pods", "app=big"),
    Case("a label value misspelt", WEB + service("web", "app: wbe") + CLIENT, "client", "http://web/", "SERVICE_NO_ENDPOINTS", "app=web"),
    Case("a longer label value", deployment("web", "app: web-v2") + service("web", "app: web") + CLIENT, "client", "http://web/", "SERVICE_NO_ENDPOINTS", "app=web-v2"),
    Case("the same value under another key", deployment("web", "name: web") + service("web", "app: web") + CLIENT, "client", "http://web/", "SERVICE_NO_ENDPOINTS", "name=web"),
    Case("the pods are in another namespace", deployment("shop", "app: shop, tier: backend", ns="prod") + deployment("front", "app: shop, tier: frontend") + service("tiered", "app: shop, tier: backend") + CLIENT, "client", "http://tiered/", "SERVICE_NO_ENDPOINTS", "namespace prod", "tier=frontend"),
    Case("a crashing container behind a Service", pod("web", WAITING + ", conditions: [{type: Ready, status: 'False'}]", "app: web") + service("web", "app: web") + CLIENT, "client", "http://web/", "SERVICE_NO_ENDPOINTS", "CrashLoopBackOff", "probe"),
    Case("a crashing container asked directly", pod("web", WAITING) + CLIENT, "client", "pod/web:8080", "PORT_NOT_LISTENING", "kubectl logs web"),
    Case("a pod that has ended", pod("done", "phase: Succeeded") + CLIENT, "client", "pod/done:8080", "POD_NO_ADDRESS", "Succeeded"),
    Case("a misspelt Ingress host", INGRESS + WEB + service("web", "app: web"), "internet", "http://api.acm.com/", "DNS_NXDOMAIN", "api.acme.com"),
    Case("the policy has the Service's port", WEB + service("web", "app: web") + CLIENT + policy("{from: [{podSelector: {matchLabels: {app: client}}}], ports: [{port: 80}]}"), "client", "http://web/", "NETPOL_INGRESS_DENIED", "Write 8080 instead of 80"),
    Case("the policy has another port", WEB + service("web", "app: web") + CLIENT + policy("{from: [{podSelector: {matchLabels: {app: client}}}], ports: [{port: 9090}]}"), "client", "http://web/", "NETPOL_INGRESS_DENIED", "add TCP 8080 to the ports of rule 1"),
    Case("the policy's label is misspelt", WEB + service("web", "app: web") + CLIENT + policy("{from: [{podSelector: {matchLabels: {role: cleint}}}]}"), "client", "http://web/", "NETPOL_INGRESS_DENIED", "role: client in rule 1"),
    Case("the policy speaks of somebody else", WEB + service("web", "app: web") + CLIENT + policy("{from: [{podSelector: {matchLabels: {app: monitoring}}}]}"), "client", "http://web/", "NETPOL_INGRESS_DENIED", "add a rule to spec.ingress", "monitoring}"),
    Case("a pod's name as a host", CLIENT + pod("cli"), "client", "cli:8080", "DNS_NXDOMAIN", "pod/cli"),
    Case("a Service that is published by a node port", WEB + service("web", "app: web").replace("selector:", "type: NodePort, selector:"), "internet", "http://web/", "DNS_NXDOMAIN", "node/node-1:3"),
    Case("a name of the cluster's DNS, asked from outside", CLIENT, "internet", "nope.default.svc.cluster.local:80", "DNS_NXDOMAIN", "Publish the Service"),
    Case("a pod of a headless Service that is not there", deployment("db", "app: db") + service("db", "app: db").replace("selector:", "clusterIP: None, selector:") + CLIENT, "client", "db-5.db:8080", "DNS_NXDOMAIN", "no ready pod of that name", "none is"),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_repair_names_what_is_wrong(case: Case) -> None:
    trace = kcnet.trace(cluster_of(case.given.rstrip("-\n")), case.source, case.target)
    told = f"{trace.summary} {trace.repair}"
    assert trace.reason.code == case.code, told
    assert case.says in told
    assert case.never not in told


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("http:/web", "http://web"),
        ("ing/web", "http://HOST/"),
        ("svc/web:http", "Write its number: 80"),
        ("svc/wbe", "Did you mean web?"),
        ("depl/web", "deploy"),
        ("pod/none", "There is"),
    ],
)
def test_a_target_that_cannot_be_read(target: str, says: str) -> None:
    from kcnet.request import RequestError

    cluster = cluster_of((WEB + service("web", "app: web") + CLIENT).rstrip("-\n"))
    with pytest.raises(RequestError) as caught:
        kcnet.trace(cluster, "client", target)
    assert says in f"{caught.value.message} {caught.value.fix}"
