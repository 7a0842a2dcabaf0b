"""What a rule says of policies is what becomes of the request that is to show it, whatever other policies there are."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from kcnet.analysis.check import check
from tests.analysis.check.cases import subject_of
from tests.analysis.check.cases_policy import namespace, policy
from tests.analysis.check.cases_services import deployment, service

ENDS = {
    "NAMESPACE_WITHOUT_DEFAULT_DENY": "delivered",
    "POLICY_EGRESS_ISOLATES_INGRESS": "timeout",
    "POLICY_EGRESS_WITHOUT_DNS": "unresolved",
    "POLICY_NAMESPACE_LABEL_MISSING": "timeout",
    "POLICY_OTHER_SIDE_DENIES": "timeout",
    "POLICY_PEER_MATCHES_NOTHING": "timeout",
    "POLICY_PEER_ON_HOST_NETWORK": "timeout",
    "POLICY_PEER_OTHER_NAMESPACE": "timeout",
    "POLICY_PORT_PROTOCOL": "timeout",
    "POLICY_SERVICE_PORT": "timeout",
    "SERVICE_CLOSED_BY_POLICY": "timeout",
    "SERVICE_OUTSIDE_CLOSED_BY_POLICY": "timeout",
}

SPACES, APPS = ("default", "shop"), ("web", "database", "agent")

labels = st.sampled_from([{"app": "web"}, {"app": "database"}, {"app": "databse"}, {"name": "web"}, {"app": "agent"}])
pods = st.one_of(
    st.just({}),
    labels.map(lambda one: {"matchLabels": one}),
    st.tuples(labels, st.sampled_from(["In", "NotIn"])).map(
        lambda both: {
            "matchExpressions": [{"key": key, "operator": both[1], "values": [value]} for key, value in both[0].items()]
        }
    ),
)
homes = st.sampled_from(
    [
        {},
        {"matchLabels": {"team": "one"}},
        {"matchLabels": {"kubernetes.io/metadata.name": "defualt"}},
        {"matchLabels": {"name": "shop"}},
        {"matchExpressions": [{"key": "team", "operator": "Exists"}]},
    ]
)
peers = st.one_of(
    pods.map(lambda one: {"podSelector": one}),
    homes.map(lambda one: {"namespaceSelector": one}),
    st.tuples(pods, homes).map(lambda both: {"podSelector": both[0], "namespaceSelector": both[1]}),
    st.sampled_from(["0.0.0.0/0", "198.51.100.0/24"]).map(lambda cidr: {"ipBlock": {"cidr": cidr}}),
)
ports = st.sampled_from(
    [
        {"port": 80}, {"port": 8080}, {"port": "http"}, {"port": 53, "protocol": "UDP"}, {"port": 53},
        {"protocol": "UDP"}, {"port": 8000, "endPort": 9000}, {"port": 8080, "protocol": "UDP"},
    ]
)  # fmt: skip


def rules(side: str) -> st.SearchStrategy[str]:
    rule = st.fixed_dictionaries({}, optional={side: st.lists(peers, max_size=2), "ports": st.lists(ports, max_size=2)})
    return st.lists(rule, max_size=2).map(json.dumps)


@st.composite
def worlds(draw: st.DrawFn) -> str:
    text = namespace("shop", "team: one")
    for home in SPACES:
        for app in APPS:
            if draw(st.booleans()):
                declared = draw(
                    st.sampled_from(["{containerPort: 8080, name: http}", "{containerPort: 53, protocol: UDP}", ""])
                )
                network = "hostNetwork: true" if app == "agent" and draw(st.booleans()) else ""
                more = draw(st.sampled_from(["", "type: NodePort", "clusterIP: None"]))
                made = deployment(app, f"app: {app}", declared, spec=network, replicas=draw(st.integers(1, 2)))
                made += service(f"selector: {{app: {app}}}", name=app, more=more)
                text += made.replace(f"{{name: {app}}}", f"{{name: {app}, namespace: {home}}}")
    for number in range(draw(st.integers(1, 4))):
        side, word = draw(st.sampled_from([("from", "ingress"), ("to", "egress")]))
        types = draw(st.sampled_from(["Ingress", "Egress", "Ingress, Egress"]))
        made = policy(
            on=json.dumps(draw(pods)), types=types, rules=f"{word}: {draw(rules(side))}",
            namespace=draw(st.sampled_from(SPACES)), name=f"policy-{number}",
        )  # fmt: skip
        text += made.replace(f"  policyTypes: [{types}]\n", "") if draw(st.booleans()) else made
    return text


@given(worlds())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_request_shows_what_a_finding_says(text: str) -> None:
    subject = subject_of(text)
    for finding in check(subject, select=ENDS):
        if finding.proof is not None:
            ended = finding.proof.trace(subject.cluster)
            assert ended.verdict == ENDS[finding.code], f"{finding.message} {finding.proof.command()}"
