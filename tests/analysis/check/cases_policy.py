"""Cases of the rules about NetworkPolicies, and about namespaces and Ingresses as far as policies matter to them."""

from __future__ import annotations

from tests.analysis.check.cases import Case
from tests.analysis.check.cases_ingress import CLASS, ingress
from tests.analysis.check.cases_services import CLIENT, deployment, facts, service


def policy(
    *, on: str = "{matchLabels: {app: web}}", types: str = "Ingress", rules: str = "", namespace: str = "default",
    name: str = "web",
) -> str:  # fmt: skip
    return f"""
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  podSelector: {on}
  policyTypes: [{types}]
  {rules}
"""


def untyped(rules: str) -> str:
    """A policy without policyTypes."""
    return policy(rules=rules).replace("  policyTypes: [Ingress]\n", "")


def namespace(name: str, labels: str = "") -> str:
    return f"""
---
apiVersion: v1
kind: Namespace
metadata: {{name: {name}, labels: {{{labels}}}}}
"""


def pod(name: str, home: str = "default", labels: str = "app: client") -> str:
    return CLIENT.replace(
        "name: client, labels: {run: client}", f"name: {name}, namespace: {home}, labels: {{{labels}}}"
    )


def from_peers(*peers: str, ports: str = "") -> str:
    return f"ingress: [{{from: [{', '.join(peers)}]{f', ports: [{ports}]' if ports else ''}}}]"


def to_peers(*peers: str, ports: str = "") -> str:
    return from_peers(*peers, ports=ports).replace("ingress:", "egress:").replace("from:", "to:")


def pods(labels: str) -> str:
    return f"{{podSelector: {{matchLabels: {{{labels}}}}}}}"


def homes(labels: str) -> str:
    return f"{{namespaceSelector: {{matchLabels: {{{labels}}}}}}}"


def block(cidr: str) -> str:
    return f"{{ipBlock: {{cidr: {cidr}}}}}"


WEB = deployment() + service() + pod("client")
DENY = policy(on="{}", name="deny")
ALLOW = policy(rules=from_peers(pods("app: client")))
PEER = "spec.ingress[0].from[0]"
SHOP = namespace("shop", "team: shop")
DNS = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}"
CARD = WEB.replace("app: web", "app: payments")
NODE_PORT = service(more="type: NodePort")

CASES: tuple[Case, ...] = (
    Case("a slip in the label", "POLICY_SELECTS_NOTHING", CARD + policy(on="{matchLabels: {app: payment}}"),
         ("NetworkPolicy/web spec.podSelector.matchLabels.app",), ("app=payments",)),
    Case("a slip in an expression", "POLICY_SELECTS_NOTHING",
         CARD + policy(on="{matchExpressions: [{key: app, operator: In, values: [payment]}]}"),
         ("NetworkPolicy/web spec.podSelector.matchExpressions[0].values[0]",), ("app=payments",)),
    Case("its pods are in another namespace", "POLICY_SELECTS_NOTHING", WEB + SHOP + policy(namespace="shop"),
         ("NetworkPolicy/web spec.podSelector",), ("own namespace",)),
    Case("the workload is scaled to zero", "POLICY_SELECTS_NOTHING",
         deployment(replicas=0) + pod("client") + policy()),
    Case("no pod of the namespace is in the manifests", "POLICY_SELECTS_NOTHING", policy()),
    Case("egress rules, and Ingress alone", "POLICY_RULES_IGNORED", WEB + policy(rules=to_peers(pods("app: db"))),
         ("NetworkPolicy/web spec.policyTypes",), ("may send to everybody",)),
    Case("ingress rules, and Egress alone", "POLICY_RULES_IGNORED",
         WEB + policy(types="Egress", rules=from_peers(pods("app: client"))), ("NetworkPolicy/web spec.policyTypes",)),
    Case("both are named", "POLICY_RULES_IGNORED", WEB + policy(types="Ingress, Egress", rules=to_peers(pods("app: db")))),
    Case("an empty list of rules means nothing else", "POLICY_RULES_IGNORED", WEB + policy(rules="egress: []")),
    Case("egress rules, and no policyTypes", "POLICY_EGRESS_ISOLATES_INGRESS",
         WEB + untyped(to_peers(pods("app: db"))), ("NetworkPolicy/web spec",), ("web", "policyTypes: [Egress]")),
    Case("egress rules, and Egress alone", "POLICY_EGRESS_ISOLATES_INGRESS",
         WEB + policy(types="Egress", rules=to_peers(pods("app: db")))),
    Case("both are named, so that both are meant", "POLICY_EGRESS_ISOLATES_INGRESS",
         WEB + policy(types="Ingress, Egress", rules=to_peers(pods("app: db")))),
    Case("an empty list says that nothing may come in", "POLICY_EGRESS_ISOLATES_INGRESS",
         WEB + untyped("ingress: []\n  " + to_peers(pods("app: db")))),
    Case("another policy isolates for ingress, and says from whom", "POLICY_EGRESS_ISOLATES_INGRESS",
         WEB + untyped(to_peers(pods("app: db"))) + ALLOW.replace("name: web", "name: allow")),
    Case("pods that nobody calls", "POLICY_EGRESS_ISOLATES_INGRESS",
         pod("client") + untyped(to_peers(pods("app: db"))).replace("app: web", "app: client")),
    Case("under Flannel", "POLICY_NOT_ENFORCED_HERE", WEB + DENY + facts("cni: flannel"), ("Cluster/facts spec.cni",)),
    Case("under Calico", "POLICY_NOT_ENFORCED_HERE", WEB + DENY + facts("cni: calico")),
    Case("Flannel without policies", "POLICY_NOT_ENFORCED_HERE", WEB + facts("cni: flannel")),
    Case("pods on the node's network", "POLICY_ON_HOST_NETWORK", deployment(spec="hostNetwork: true") + policy(),
         ("NetworkPolicy/web spec.podSelector",)),
    Case("a default deny beside such pods", "POLICY_ON_HOST_NETWORK", deployment(spec="hostNetwork: true") + DENY),
    Case("a destination, and no DNS", "POLICY_EGRESS_WITHOUT_DNS",
         WEB + policy(on="{matchLabels: {app: client}}", types="Egress", rules=to_peers(pods("app: web"))),
         ("NetworkPolicy/web spec.egress",), ("UDP 53",)),
    Case("DNS over TCP alone", "POLICY_EGRESS_WITHOUT_DNS", WEB + policy(
        on="{matchLabels: {app: client}}", types="Egress", rules=to_peers(pods("app: web"), DNS, ports="{port: 53}")),
        ("NetworkPolicy/web spec.egress",), ("TCP 53 is allowed",)),
    Case("another policy allows DNS", "POLICY_EGRESS_WITHOUT_DNS", WEB + policy(
        on="{matchLabels: {app: client}}", types="Egress", rules=to_peers(pods("app: web"))) + policy(
        on="{}", types="Egress", rules=to_peers(DNS, ports="{port: 53, protocol: UDP}"), name="dns")),
    Case("nothing is to leave at all", "POLICY_EGRESS_WITHOUT_DNS", WEB + policy(on="{}", types="Egress")),
    Case("addresses alone", "POLICY_EGRESS_WITHOUT_DNS",
         WEB + policy(types="Egress", rules=to_peers(block("192.0.2.1/32")))),
    Case("a dash too many", "POLICY_PEERS_ARE_ALTERNATIVES", WEB + SHOP + pod("front", "shop", "app: front")
         + pod("other", "shop") + policy(rules=from_peers(homes("team: shop"), pods("app: front"))),
         ("NetworkPolicy/web spec.ingress[0].from[1]",), ("shop/other",)),
    Case("clients of both namespaces", "POLICY_PEERS_ARE_ALTERNATIVES", WEB + SHOP + pod("front", "shop", "app: client")
         + pod("other", "shop") + policy(rules=from_peers(homes("team: shop"), pods("app: client")))),
    Case("one item", "POLICY_PEERS_ARE_ALTERNATIVES", WEB + SHOP + pod("front", "shop", "app: front")
         + pod("other", "shop") + policy(rules=from_peers(homes("team: shop")[:-1] + ", " + pods("app: front")[1:]))),
    Case("a client of another namespace", "POLICY_PEER_OTHER_NAMESPACE", WEB + pod("front", "shop", "app: front")
         + policy(rules=from_peers(pods("app: front"))), (f"NetworkPolicy/web {PEER}.podSelector",), ("shop/front",)),
    Case("one here too", "POLICY_PEER_OTHER_NAMESPACE", WEB + pod("front", "shop") + ALLOW),
    Case("a slip in the peer's label", "POLICY_PEER_MATCHES_NOTHING", WEB + policy(rules=from_peers(pods("app: clients"))),
         (f"NetworkPolicy/web {PEER}.podSelector.matchLabels.app",), ("app=client",)),
    Case("a slip in the peer's expression", "POLICY_PEER_MATCHES_NOTHING", WEB + policy(rules=from_peers(
        "{podSelector: {matchExpressions: [{key: app, operator: In, values: [clients]}]}}")),
         (f"NetworkPolicy/web {PEER}.podSelector.matchExpressions[0].values[0]",), ("app=client",)),
    Case("pods that other files may hold", "POLICY_PEER_MATCHES_NOTHING",
         WEB + policy(rules=from_peers(pods("app: prometheus")))),
    Case("the name as a label", "POLICY_NAMESPACE_LABEL_MISSING", WEB + SHOP + pod("front", "shop")
         + policy(rules=from_peers(homes("name: shop"))),
         (f"NetworkPolicy/web {PEER}.namespaceSelector.matchLabels.name",), ("kubernetes.io/metadata.name: shop",)),
    Case("a slip in the name", "POLICY_NAMESPACE_LABEL_MISSING", WEB + SHOP
         + policy(rules=from_peers(homes("kubernetes.io/metadata.name: shpo"))),
         (f"NetworkPolicy/web {PEER}.namespaceSelector.matchLabels[kubernetes.io/metadata.name]",), ("shop",)),
    Case("a slip in an expression", "POLICY_NAMESPACE_LABEL_MISSING", WEB + SHOP + policy(rules=from_peers(
        "{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [shpo]}]}}")),
         (f"NetworkPolicy/web {PEER}.namespaceSelector.matchExpressions[0].values[0]",), ("shop",)),
    Case("a namespace that other files may hold", "POLICY_NAMESPACE_LABEL_MISSING",
         WEB + SHOP + policy(rules=from_peers(homes("kubernetes.io/metadata.name: monitoring")))),
    Case("nobody states its labels", "POLICY_NAMESPACE_LABEL_MISSING",
         WEB + pod("front", "shop") + policy(rules=from_peers(homes("name: shop")))),
    Case("a range of Services", "POLICY_IP_BLOCK_OF_SERVICES", WEB + facts("serviceCIDR: 10.96.0.0/16")
         + policy(types="Egress", rules=to_peers(block("10.96.0.0/16"))),
         ("NetworkPolicy/web spec.egress[0].to[0].ipBlock.cidr",)),
    Case("the address of the cluster's DNS", "POLICY_IP_BLOCK_OF_SERVICES", WEB + facts("dnsServiceIP: 10.96.0.10")
         + policy(types="Egress", rules=to_peers(block("10.96.0.10/32"), ports="{port: 53, protocol: UDP}")),
         ("NetworkPolicy/web spec.egress[0].to[0].ipBlock.cidr",), ("Service kube-system/kube-dns",)),
    Case("nobody states the address of the cluster's DNS", "POLICY_IP_BLOCK_OF_SERVICES",
         WEB + policy(types="Egress", rules=to_peers(block("10.96.0.10/32")))),
    Case("everything", "POLICY_IP_BLOCK_OF_SERVICES", WEB + facts("serviceCIDR: 10.96.0.0/16")
         + policy(types="Egress", rules=to_peers(block("0.0.0.0/0")))),
    Case("a range of pods", "POLICY_IP_BLOCK_OF_PODS", WEB + facts("podCIDR: 10.244.0.0/16")
         + policy(rules=from_peers(block("10.244.1.0/24"))), (f"NetworkPolicy/web {PEER}.ipBlock.cidr",)),
    Case("nobody states the pods' range", "POLICY_IP_BLOCK_OF_PODS", WEB + policy(rules=from_peers(block("10.244.1.0/24")))),
    Case("clients behind a node port", "POLICY_IP_BLOCK_BEHIND_SNAT",
         deployment() + NODE_PORT + policy(rules=from_peers(block("198.51.100.0/24"))),
         (f"NetworkPolicy/web {PEER}.ipBlock.cidr",), ("externalTrafficPolicy: Local",)),
    Case("Local keeps the address", "POLICY_IP_BLOCK_BEHIND_SNAT",
         deployment() + service(more="type: NodePort\n  externalTrafficPolicy: Local")
         + policy(rules=from_peers(block("198.51.100.0/24")))),
    Case("a private range may be the nodes'", "POLICY_IP_BLOCK_BEHIND_SNAT",
         deployment() + NODE_PORT + policy(rules=from_peers(block("10.0.0.0/8")))),
    Case("the Service's port", "POLICY_SERVICE_PORT", WEB + policy(rules=from_peers(pods("app: client"), ports="{port: 80}")),
         ("NetworkPolicy/web spec.ingress[0].ports[0].port",), ("Write port 8080.",)),
    Case("the Service's port in an egress rule", "POLICY_SERVICE_PORT", WEB + policy(
        on="{matchLabels: {app: client}}", types="Egress", rules=to_peers(pods("app: web"), ports="{port: 80}")),
         ("NetworkPolicy/web spec.egress[0].ports[0].port",), ("Write port 8080.",)),
    Case("the Service's port, and clients of another namespace", "POLICY_SERVICE_PORT",
         SHOP + WEB + pod("front", "shop") + policy(rules=from_peers(homes("team: shop"), ports="{port: 80}")),
         ("NetworkPolicy/web spec.ingress[0].ports[0].port",)),
    Case("another rule has the pods' port", "POLICY_SERVICE_PORT", WEB + policy(
        rules="ingress: [{ports: [{port: 80}]}, {ports: [{port: 8080}]}]")),
    Case("another rule is for others", "POLICY_SERVICE_PORT", SHOP + WEB + pod("front", "shop") + policy(
        rules="ingress: [{from: [" + homes("team: shop") + "], ports: [{port: 80}]}, {from: [{podSelector: {}}]}]"),
         ("NetworkPolicy/web spec.ingress[0].ports[0].port",)),
    Case("both ports", "POLICY_SERVICE_PORT",
         WEB + policy(rules=from_peers(pods("app: client"), ports="{port: 80}, {port: 8080}"))),
    Case("an argument speaks of the port", "POLICY_SERVICE_PORT", deployment(more=", args: [--public=0.0.0.0:80]")
         + service() + pod("client") + policy(rules=from_peers(pods("app: client"), ports="{port: 80}"))),
    Case("the pod may listen on more than it declares", "POLICY_SERVICE_PORT", deployment(ports="") + service()
         + pod("client") + policy(rules=from_peers(pods("app: client"), ports="{port: 80}"))),
    Case("a name that no container has", "POLICY_PORT_NAME_UNKNOWN",
         WEB + policy(rules=from_peers(pods("app: client"), ports="{port: web}")),
         ("NetworkPolicy/web spec.ingress[0].ports[0].port",), ("they name http",)),
    Case("a name that a container has", "POLICY_PORT_NAME_UNKNOWN",
         WEB + policy(rules=from_peers(pods("app: client"), ports="{port: http}"))),
    Case("a default deny alone", "SERVICE_CLOSED_BY_POLICY", WEB + DENY, ("Service/web spec.ports",), ("default/web",)),
    Case("somebody is let in", "SERVICE_CLOSED_BY_POLICY", WEB + DENY + ALLOW),
    Case("a rule for another port", "SERVICE_CLOSED_BY_POLICY", WEB + policy(rules="ingress: [{ports: [{port: 9090}]}]"),
         ("Service/web spec.ports",)),
    Case("clients of a headless Service call any port", "SERVICE_CLOSED_BY_POLICY",
         deployment(ports="{containerPort: 80}") + service(more="clusterIP: None") + pod("client")
         + policy(rules="ingress: [{ports: [{port: 80}]}]")),
    Case("another protocol is told instead", "SERVICE_CLOSED_BY_POLICY",
         WEB + policy(rules="ingress: [{ports: [{port: 8080, protocol: UDP}]}]")),
    Case("nothing is enforced", "SERVICE_CLOSED_BY_POLICY", WEB + DENY + facts("cni: flannel")),
    Case("clients of the own namespace alone", "INGRESS_CLOSED_BY_POLICY", CLASS + WEB + ALLOW + ingress(),
         ("Ingress/shop spec.rules[0].http.paths[0].backend",), ("504",)),
    Case("another namespace may be the controller's", "INGRESS_CLOSED_BY_POLICY",
         CLASS + WEB + policy(rules=from_peers(homes("kubernetes.io/metadata.name: edge"))) + ingress()),
    Case("pods that no policy selects", "NAMESPACE_WITHOUT_DEFAULT_DENY",
         SHOP + WEB.replace("{name: web}", "{name: web, namespace: shop}") + DENY, ("Namespace/shop",), ("shop/web",)),
    Case("a namespace that is set up here, and no policy anywhere", "NAMESPACE_WITHOUT_DEFAULT_DENY",
         SHOP + WEB.replace("{name: web}", "{name: web, namespace: shop}"), ("Namespace/shop",), ("shop/web",)),
    Case("each pod has a policy of its own", "NAMESPACE_WITHOUT_DEFAULT_DENY",
         SHOP + WEB.replace("{name: web}", "{name: web, namespace: shop}") + policy(namespace="shop"),
         ("Namespace/shop",), ("comes later",)),
    Case("no policy anywhere, and a namespace that others set up", "NAMESPACE_WITHOUT_DEFAULT_DENY", WEB),
    Case("nobody listens in it", "NAMESPACE_WITHOUT_DEFAULT_DENY", SHOP + pod("job", "shop")),
    Case("policies that nobody enforces", "NAMESPACE_WITHOUT_DEFAULT_DENY",
         SHOP + WEB.replace("{name: web}", "{name: web, namespace: shop}") + facts("cni: flannel")),
    Case("an empty namespace", "NAMESPACE_WITHOUT_DEFAULT_DENY", SHOP + WEB),
    Case("a default deny", "NAMESPACE_WITHOUT_DEFAULT_DENY", WEB + DENY),
)  # fmt: skip
