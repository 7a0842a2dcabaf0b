"""Cases of the rules about NetworkPolicies whose two ends, or whose clients, do not come together."""

from __future__ import annotations

from tests.analysis.check.cases import Case
from tests.analysis.check.cases_policy import DENY, block, from_peers, homes, namespace, pod, pods, policy
from tests.analysis.check.cases_services import deployment, facts, service

DNS = "{to: [{namespaceSelector: {}}], ports: [{port: 53, protocol: UDP}]}"
WEB, API = deployment() + service(), deployment("api", "app: api")
BOTH = WEB + API
IN = policy(name="in", rules=from_peers(pods("app: api")))
OUT = "{matchLabels: {app: api}}"
OTHER_ENDS = "NetworkPolicy/in spec.ingress[0].from[0]"


def out(*rules: str, on: str = OUT) -> str:
    return policy(name="out", on=on, types="Egress", rules=f"egress: [{', '.join((*rules, DNS))}]")


def to(peer: str, ports: str = "") -> str:
    return f"{{to: [{peer}]{f', ports: [{ports}]' if ports else ''}}}"


AGENT = """
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {hostNetwork: true, containers: [{name: a, image: ghcr.io/example/agent:v1}]}
"""
FLANNEL = AGENT.replace("ghcr.io/example/agent", "ghcr.io/flannel-io/flannel")
UDP = deployment(ports="{containerPort: 5353, protocol: UDP}") + API
LOCAL = service(more="type: NodePort\n  externalTrafficPolicy: Local")
BALANCED = service(more="type: LoadBalancer") + facts("loadBalancer: true")
SHOP = namespace("shop")

CASES: tuple[Case, ...] = (
    Case("ingress is allowed, egress is not", "POLICY_OTHER_SIDE_DENIES", BOTH + IN + out(), (OTHER_ENDS,),
         ("default/out isolates it for egress", "Add an egress rule for Deployment default/api")),
    Case("egress is allowed, ingress is not", "POLICY_OTHER_SIDE_DENIES",
         BOTH + pod("client") + policy(name="in", rules=from_peers(pods("app: client"))) + out(to(pods("app: web"))),
         ("NetworkPolicy/out spec.egress[0].to[0]",), ("default/in isolates it for ingress", "Add an ingress rule")),
    Case("the ports of the two ends differ", "POLICY_OTHER_SIDE_DENIES",
         BOTH + policy(name="in", rules=from_peers(pods("app: api"), ports="{port: 8080}"))
         + out(to(pods("app: web"), "{port: 9090}")), (OTHER_ENDS, "NetworkPolicy/out spec.egress[0].to[0]")),
    Case("the protocols of the two ends differ", "POLICY_OTHER_SIDE_DENIES",
         BOTH + policy(name="in", rules=from_peers(pods("app: api"), ports="{port: 8080}"))
         + out(to(pods("app: web"), "{port: 8080, protocol: UDP}")),
         (OTHER_ENDS, "NetworkPolicy/out spec.egress[0].to[0]")),
    Case("a default deny of the other end", "POLICY_OTHER_SIDE_DENIES", BOTH + IN + policy(
        name="deny", on="{}", types="Egress"), (OTHER_ENDS,), ("default/deny",)),
    Case("both ends allow", "POLICY_OTHER_SIDE_DENIES", BOTH + IN + out(to(pods("app: web")))),
    Case("a range and a name meet", "POLICY_OTHER_SIDE_DENIES",
         BOTH + policy(name="in", rules=from_peers(pods("app: api"), ports="{port: http}"))
         + out(to(pods("app: web"), "{port: 8000, endPort: 8999}"))),
    Case("another policy of the other end allows", "POLICY_OTHER_SIDE_DENIES",
         BOTH + IN + out() + out(to("{podSelector: {}}"), on="{}").replace("name: out", "name: within")),
    Case("an address may be the pod's", "POLICY_OTHER_SIDE_DENIES", BOTH + IN + out(to(block("0.0.0.0/0")))),
    Case("one of several is let out", "POLICY_OTHER_SIDE_DENIES", BOTH + pod("x", labels="app: x") + policy(
        name="in", rules=from_peers("{podSelector: {matchExpressions: [{key: app, operator: In, values: [api, x]}]}}"))
        + out()),
    Case("everybody of the namespace is meant", "POLICY_OTHER_SIDE_DENIES",
         BOTH + policy(name="in", rules=from_peers("{podSelector: {}}")) + out()),
    Case("nobody isolates the other end", "POLICY_OTHER_SIDE_DENIES", BOTH + IN),
    Case("nothing is enforced", "POLICY_OTHER_SIDE_DENIES", BOTH + IN + out() + facts("cni: flannel")),
    Case("the Service's port is told instead", "POLICY_OTHER_SIDE_DENIES",
         BOTH + policy(name="in", rules=from_peers(pods("app: api"), ports="{port: 8080}"))
         + out(to(pods("app: web"), "{port: 80}"))),
    Case("a load balancer, and pods alone", "SERVICE_OUTSIDE_CLOSED_BY_POLICY",
         deployment() + BALANCED + API + IN, ("Service/web spec.type",), ("default/in", "except on the node")),
    Case("a node port that keeps addresses", "SERVICE_OUTSIDE_CLOSED_BY_POLICY",
         deployment() + LOCAL + policy(rules=from_peers(homes("kubernetes.io/metadata.name: default"))),
         ("Service/web spec.type",), ("packets from outside are dropped.",)),
    Case("two policies, pods alone", "SERVICE_OUTSIDE_CLOSED_BY_POLICY",
         deployment() + BALANCED + API + IN + policy(rules=from_peers("{namespaceSelector: {}}")),
         ("Service/web spec.type",), ("let nobody but pods",)),
    Case("everybody is let in", "SERVICE_OUTSIDE_CLOSED_BY_POLICY",
         deployment() + BALANCED + policy(rules="ingress: [{ports: [{port: 8080}]}]")),
    Case("addresses are let in", "SERVICE_OUTSIDE_CLOSED_BY_POLICY",
         deployment() + BALANCED + API + policy(rules=from_peers(pods("app: api"), block("0.0.0.0/0")))),
    Case("nobody at all is let in", "SERVICE_OUTSIDE_CLOSED_BY_POLICY", deployment() + BALANCED + DENY),
    Case("one of two ports is open", "SERVICE_OUTSIDE_CLOSED_BY_POLICY",
         deployment() + service(port="{port: 80, name: a, targetPort: 8080}, {port: 90, name: b, targetPort: 9090}",
                                more="type: NodePort") + API + IN + policy(rules="ingress: [{ports: [{port: 9090}]}]")),
    Case("a Service for the cluster", "SERVICE_OUTSIDE_CLOSED_BY_POLICY", BOTH + IN),
    Case("an agent as a client", "POLICY_PEER_ON_HOST_NETWORK",
         WEB + AGENT + policy(rules=from_peers(pods("app: agent"))),
         ("NetworkPolicy/web spec.ingress[0].from[0].podSelector",), ("DaemonSet default/agent",)),
    Case("an agent as a destination", "POLICY_PEER_ON_HOST_NETWORK", AGENT + API + out(to(pods("app: agent"))),
         ("NetworkPolicy/out spec.egress[0].to[0].podSelector",)),
    Case("an agent of another namespace, by an expression", "POLICY_PEER_ON_HOST_NETWORK",
         SHOP + WEB + AGENT.replace("{name: agent}", "{name: agent, namespace: shop}") + policy(rules=from_peers(
             "{namespaceSelector: {}, podSelector: {matchExpressions: [{key: app, operator: In, values: [agent]}]}}")),
         ("NetworkPolicy/web spec.ingress[0].from[0].podSelector",)),
    Case("others have the label, too", "POLICY_PEER_ON_HOST_NETWORK",
         WEB + AGENT + pod("x", labels="app: agent") + policy(rules=from_peers(pods("app: agent")))),
    Case("everybody is meant", "POLICY_PEER_ON_HOST_NETWORK", WEB + AGENT + policy(rules=from_peers("{podSelector: {}}"))),
    Case("nothing is enforced that could miss it", "POLICY_PEER_ON_HOST_NETWORK",
         WEB + AGENT + policy(rules=from_peers(pods("app: agent"))) + facts("cni: flannel")),
    Case("no protocol means TCP", "POLICY_PORT_PROTOCOL",
         UDP + policy(rules=from_peers(pods("app: api"), ports="{port: 5353}")),
         ("NetworkPolicy/web spec.ingress[0].ports[0]",), ("UDP alone", "protocol to UDP")),
    Case("UDP for TCP, in an egress rule", "POLICY_PORT_PROTOCOL",
         BOTH + out(to(pods("app: web"), "{port: 8080, protocol: UDP}")),
         ("NetworkPolicy/out spec.egress[0].ports[0]",), ("TCP alone",)),
    Case("SCTP", "POLICY_PORT_PROTOCOL",
         deployment(ports="{containerPort: 36412, protocol: SCTP}") + policy(rules="ingress: [{ports: [{port: 36412}]}]"),
         ("NetworkPolicy/web spec.ingress[0].ports[0]",)),
    Case("both protocols are allowed", "POLICY_PORT_PROTOCOL",
         UDP + policy(rules=from_peers(pods("app: api"), ports="{port: 5353}, {port: 5353, protocol: UDP}"))),
    Case("another rule allows the right one", "POLICY_PORT_PROTOCOL",
         UDP + policy(rules=from_peers(pods("app: api"), ports="{port: 5353}"))
         + policy(name="right", rules="ingress: [{ports: [{port: 5353, protocol: UDP}]}]")),
    Case("the container may listen on more", "POLICY_PORT_PROTOCOL",
         deployment(ports="") + policy(rules="ingress: [{ports: [{port: 5353, protocol: UDP}]}]")),
    Case("another pod speaks TCP there", "POLICY_PORT_PROTOCOL",
         UDP + deployment("tcp", "app: tcp", "{containerPort: 5353}") + policy(
             on="{}", rules="ingress: [{ports: [{port: 5353}]}]")),
    Case("Flannel runs from the manifests", "POLICY_NOT_ENFORCED_HERE", WEB + DENY + FLANNEL,
         ("DaemonSet/agent spec.template.spec.containers",), ("cni: flannel",)),
    Case("Calico beside it enforces them", "POLICY_NOT_ENFORCED_HERE", WEB + DENY + FLANNEL + FLANNEL.replace(
        "name: agent", "name: node").replace("ghcr.io/flannel-io/flannel", "docker.io/calico/node")),
    Case("the Cluster document names another", "POLICY_NOT_ENFORCED_HERE", WEB + DENY + FLANNEL + facts("cni: calico")),
)  # fmt: skip
