"""The structure check against a full validator of JSON Schema, and the words for what it finds."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kcnet.loading.kinds import KINDS, REMOVED
from kcnet.loading.schema import builtin_kinds, check, read, shape_of_kind
from tests.loading.builders import SERVICE, changed, problems
from tests.loading.builders import read as load

SAMPLES = list(
    yaml.safe_load_all(
        SERVICE
        + """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}, matchExpressions: [{key: a, operator: In, values: [b]}]}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web
        args: [a]
        ports: [{containerPort: 80, name: http}]
        resources: {limits: {cpu: 1, memory: 1Gi}}
        readinessProbe: {httpGet: {port: http}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 80, endPort: 90}]}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
  - host: a.b
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
apiVersion: kcnet/v1
kind: Cluster
metadata: {name: x}
spec: {nodes: 3, proxyMode: ipvs, loadBalancer: true}
"""
    )
)


@cache
def oracle(kind: str) -> Draft202012Validator:
    name = KINDS[kind].definition
    schema = read("kcnet-v1.json" if name == "Cluster" else "kubernetes-1.37.json")
    return Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"})


@pytest.mark.parametrize("name", ["kubernetes-1.37.json", "kcnet-v1.json"])
def test_the_schemas_are_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(read(name))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["kind"])
def test_samples_pass(sample: dict[str, Any]) -> None:
    assert not check(sample, shape_of_kind(KINDS[sample["kind"]]))
    assert oracle(sample["kind"]).is_valid(sample)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_schema(kind: str) -> None:
    errors = check({"apiVersion": KINDS[kind].api_version, "kind": kind, "x": 1}, shape_of_kind(KINDS[kind]))
    assert ("unknown", ("x",)) in {(error.rule, error.path) for error in errors}


odd_values = (
    st.none() | st.booleans() | st.integers() | st.just(0.5) | st.text("ab8", max_size=3)
    | st.sampled_from([[], {}, [None], [{}], {"a": None}, {"a": 1}, {"name": "x"}, 2**31, -(2**31) - 1])
)  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) below ``value``."""
    found = []
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += [(value, key), *places(child)]
    return found


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    sample = copy.deepcopy(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 2))):
        found = [place for place in places(sample) if place[1] not in ("kind", "apiVersion")]
        holder, key = draw(st.sampled_from(found))
        match draw(st.sampled_from(["replace", "delete", "add"])):
            case "replace":
                holder[key] = copy.deepcopy(draw(odd_values))
            case "delete":
                del holder[key]
            case "add" if isinstance(holder, dict):
                holder[draw(st.sampled_from(["port", "name", "nonsense", "ports", "spec"]))] = copy.deepcopy(
                    draw(odd_values)
                )
            case _:
                holder.append(copy.deepcopy(draw(odd_values)))
    return sample


@given(damaged())
@settings(max_examples=400, deadline=None)
def test_it_agrees_with_a_full_validator(sample: dict[str, Any]) -> None:
    errors = check(sample, shape_of_kind(KINDS[sample["kind"]]))
    assert bool(errors) != oracle(sample["kind"]).is_valid(sample)


def test_no_kind_of_ours_is_missing_from_those_of_kubernetes() -> None:
    builtin = builtin_kinds()
    for name, kind in KINDS.items():
        assert name == "Cluster" or name in builtin[kind.api_version]
    for (version, kind), release in REMOVED.items():
        assert kind not in builtin.get(version, ())
        assert release.startswith("1.")


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web, version: "1"}}
    spec: {containers: [{name: web, image: web}]}
"""
POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\nspec:\n  podSelector: "
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: a\n"
WORDS = [
    # what, text, code, line, field, words of the message, words of the fix
    ("letter case", changed("targetPort", "targetport"), "SCHEMA_UNKNOWN_FIELD", 10, "spec.ports[0].targetport",
     "no field 'targetport'", "Did you mean targetPort?"),
    ("misspelt", changed("selector", "selecter"), "SCHEMA_UNKNOWN_FIELD", 6, "spec.selecter", "", "selector?"),
    ("of another kind", changed("targetPort", "containerPort"), "SCHEMA_UNKNOWN_FIELD", 10,
     "spec.ports[0].containerPort", "no field", "belongs to a container"),
    ("too shallow", changed("    targetPort", "  targetPort"), "SCHEMA_UNKNOWN_FIELD", 10, "spec.targetPort",
     "ports has one", "stands inside ports"),
    ("too shallow, at the edge", SERVICE + "type: NodePort\n", "SCHEMA_UNKNOWN_FIELD", 11, "type", "spec has one",
     "inside spec"),
    ("too deep", SERVICE + "    type: NodePort\n", "SCHEMA_UNKNOWN_FIELD", 11, "spec.ports[0].type", "spec has one",
     "directly under spec"),
    ("nowhere", SERVICE + "  nonsense: 1\n", "SCHEMA_UNKNOWN_FIELD", 11, "spec.nonsense", "no field",
     "use one of: type, selector, ports"),
    ("a word for a key", SERVICE + "  on: 1\n", "SCHEMA_UNKNOWN_FIELD", 11, "spec.true", "yes, on or y", "quotes"),
    ("no number", changed("80", "eighty"), "SCHEMA_TYPE", 9, "spec.ports[0].port", "'eighty' is not a number",
     "whole number without quotes"),
    ("quoted number", changed("80", '"80"'), "SCHEMA_TYPE", 9, "spec.ports[0].port", "because of its quotes",
     "Remove the quotes"),
    ("fraction", changed("80", "80.5"), "SCHEMA_TYPE", 9, "spec.ports[0].port", "80.5 is not a whole number",
     "without a fraction"),
    ("out of range", changed("80", "99999999999"), "SCHEMA_RANGE", 9, "spec.ports[0].port", "out of range", "65535"),
    ("boolean for text", changed("name: web", "name: yes"), "SCHEMA_TYPE", 4, "metadata.name",
     "YAML reads yes without quotes as the boolean true", '"yes"'),
    ("number for text", changed("app: web", "version: 1.10"), "SCHEMA_TYPE", 7, "spec.selector.version",
     "YAML reads 1.10 without quotes as the number 1.1", '"1.10"'),
    ("octal for text", changed("app: web", "id: 0123"), "SCHEMA_TYPE", 7, "spec.selector.id", "number 83", '"0123"'),
    ("boolean annotation", changed("name: web", "name: web\n  annotations: {a: true}"), "SCHEMA_TYPE", 5,
     "metadata.annotations.a", "boolean true", '"true"'),
    ("annotation with a dot", changed("name: web", "name: web\n  annotations:\n    a.b/c: 3"), "SCHEMA_TYPE", 6,
     "metadata.annotations[a.b/c]", "number 3", '"3"'),
    ("list of one, without a dash", changed("  - port: 80", "    port: 80"), "SCHEMA_TYPE", 8, "spec.ports",
     "a list is needed", "dash"),
    ("list for a mapping", changed("  name: web", "  - name: web"), "SCHEMA_TYPE", 3, "metadata",
     "a mapping of fields is needed", "Remove the dashes"),
    ("text for a mapping", changed("\n  name: web", " web"), "SCHEMA_TYPE", 3, "metadata", "'web' is not",
     "name, name"),
    ("text for a list", POD + "    args: run\n", "SCHEMA_TYPE", 8, "spec.containers[0].args", "a list", "dash"),
    ("number in a list of text", POD + "    args: [a, 80]\n", "SCHEMA_TYPE", 8, "spec.containers[0].args[1]",
     "number 80", '"80"'),
    ("number for an env value", POD + "    env: [{name: A, value: 80}]\n", "SCHEMA_TYPE", 8,
     "spec.containers[0].env[0].value", "number 80", '"80"'),
    ("quoted boolean", POD + "  hostNetwork: 'true'\n", "SCHEMA_TYPE", 8, "spec.hostNetwork", "because of its quotes",
     "Write true"),
    ("text for a boolean", POD + "  hostNetwork: maybe\n", "SCHEMA_TYPE", 8, "spec.hostNetwork", "true or false",
     "true or false"),
    ("mapping for a port", changed("8080", "{number: 8080}"), "SCHEMA_TYPE", 10, "spec.ports[0].targetPort",
     "a mapping is not text or a whole number", "text or a whole number"),
    ("selector of a workload in a Service", changed("    app: web", "    matchLabels: {app: web}"), "SCHEMA_TYPE", 7,
     "spec.selector.matchLabels", "a mapping is not text", "without matchLabels"),
    ("no selector, labels known", DEPLOYMENT, "API_REQUIRED", 4, "spec.selector", "Required value",
     'Add selector: {matchLabels: {app: web, version: "1"}}'),
    ("no selector, no labels", DEPLOYMENT.replace("labels:", "annotations:"), "API_REQUIRED", 4, "spec.selector",
     "Required value", "Add selector: {matchLabels: {app: NAME}}, and the same labels"),
    ("labels straight in a selector", DEPLOYMENT + "  selector: {app: web}\n", "SCHEMA_UNKNOWN_FIELD", 8,
     "spec.selector.app", "no field 'app'", "Did you mean matchLabels: {app: web}?"),
    ("a label that the parent has as a field", DEPLOYMENT + "  selector: {name: yesterday}\n", "SCHEMA_UNKNOWN_FIELD", 8,
     "spec.selector.name", "no field 'name'", "Did you mean matchLabels: {name: yesterday}?"),
    ("a field of the parent in a selector", DEPLOYMENT + "  selector: {matchLabels: {app: web}, replicas: 2}\n",
     "SCHEMA_UNKNOWN_FIELD", 8, "spec.selector.replicas", "spec has one", "Indent it less"),
    ("labels straight in a podSelector", POLICY + "{app: web}\n", "SCHEMA_UNKNOWN_FIELD", 5, "spec.podSelector.app",
     "no field 'app'", "Did you mean matchLabels: {app: web}?"),
    ("of a peer", POLICY + "{}\n  ingress: [{from: [{namespaceSelector: {team: 7}}]}]\n", "SCHEMA_UNKNOWN_FIELD", 6,
     "spec.ingress[0].from[0].namespaceSelector.team", "no field", 'Did you mean matchLabels: {team: "7"}?'),
    ("another word for matchLabels", POLICY + "{pods: {app: web}}\n", "SCHEMA_UNKNOWN_FIELD", 5, "spec.podSelector.pods",
     "no field 'pods'", "Did you mean matchLabels: {app: web}?"),
    ("a list in a podSelector", POLICY + "{pods: [web]}\n", "SCHEMA_UNKNOWN_FIELD", 5, "spec.podSelector.pods",
     "no field 'pods'", "Write the labels under matchLabels"),
    ("kubectl's way to write a selector", changed("\n    app: web", " app=web,tier=x"), "SCHEMA_TYPE", 6, "spec.selector",
     "'app=web,tier=x' is not a mapping", "Write selector: {app: web, tier: x}"),
    ("of a label selector", POLICY + "app=web\n", "SCHEMA_TYPE", 5, "spec.podSelector", "'app=web' is not",
     "Write podSelector: {matchLabels: {app: web}}"),
    ("no template", DEPLOYMENT.partition("  template")[0] + "  selector: {matchLabels: {app: web}}\n", "API_REQUIRED", 4,
     "spec.template", "Required value", "Add template, and below it, indented, its fields: metadata, spec"),
    ("missing", changed("  - port: 80\n    targetPort", "  - targetPort"), "API_REQUIRED", 9, "spec.ports[0].port",
     "Required value", "Add port"),
    ("null for what is required", changed("port: 80", "port:"), "API_REQUIRED", 9, "spec.ports[0].port",
     "Required value", "Add port"),
    ("empty item", changed("  - port: 80\n    targetPort: 8080\n", "  -\n"), "API_REQUIRED", 9, "spec.ports[0].port",
     "Required value", "Add port"),
    ("choice", "apiVersion: kcnet/v1\nkind: Cluster\nspec: {proxyMode: iptable}\n", "API_UNSUPPORTED", 3,
     "spec.proxyMode", "iptables, ipvs, nftables", "iptables?"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "line", "field", "message", "fix"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS]
)
def test_words(text: str, code: str, line: int, field: str, message: str, fix: str) -> None:
    (problem,) = problems(text)
    assert (problem.code, problem.line, problem.field) == (code, line, field)
    assert message in problem.message
    assert field in problem.message
    assert fix in problem.fix
    assert problem.excerpt[line - problem.excerpt_start] == text.split("\n")[line - 1]


def test_every_error_of_an_object_is_told() -> None:
    text = SERVICE.replace("name: web", "name: no").replace("80\n", "x\n", 1).replace("targetPort", "targetport")
    assert [(problem.line, problem.code) for problem in problems(text)] == [
        (4, "SCHEMA_TYPE"),
        (9, "SCHEMA_TYPE"),
        (10, "SCHEMA_UNKNOWN_FIELD"),
    ]


def test_of_labels_straight_in_a_selector_all_are_proposed() -> None:
    found = problems(POLICY + "{app: web, tier: db}\n")
    assert [problem.fix for problem in found] == ["Did you mean matchLabels: {app: web, tier: db}?"] * 2


BESIDE = [
    # what, text, fields with a problem
    ("Cluster", "apiVersion: kcnet/v1\nkind: Cluster\nspec:\n  nodes: 0\n  podCIDR: 10.0.0.1/8\n  proxyMode: x\n",
     ["spec.nodes", "spec.podCIDR", "spec.proxyMode"]),
    ("Cluster with a spec of another type", "apiVersion: kcnet/v1\nkind: Cluster\nspec: [a]\n", ["spec"]),
    ("DNS of a range that is no text", "apiVersion: kcnet/v1\nkind: Cluster\nspec:\n  serviceCIDR: 10\n"
     "  dnsServiceIP: 10.96.0.10\n", ["spec.serviceCIDR"]),
    ("name", changed("name: web", "name: Web").replace("80\n", "x\n", 1), ["metadata.name", "spec.ports[0].port"]),
    ("a name that stands elsewhere", changed("  name: web", "name: web").replace("metadata:", "metadata: {}"), ["name"]),
    ("metadata of another type", changed("\n  name: web", " [a]"), ["metadata"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fields"), [row[1:] for row in BESIDE], ids=[row[0] for row in BESIDE])
def test_what_is_sound_is_judged_beside_errors_of_structure(text: str, fields: list[str]) -> None:
    assert [problem.field for problem in problems(text)] == fields


NULLS = [
    ("optional field", changed("targetPort: 8080", "targetPort:")),
    ("optional mapping", changed("name: web", "name: web\n  labels:")),
    ("value of a map", changed("app: web", "app:")),
    ("time", changed("name: web", "name: web\n  creationTimestamp: null")),
    ("status", SERVICE + "status:\n  loadBalancer: null\n"),
    ("float that is whole", changed("80", "80.0")),
]


@pytest.mark.parametrize("text", [row[1] for row in NULLS], ids=[row[0] for row in NULLS])
def test_what_the_api_server_tolerates(text: str) -> None:
    assert not problems(text)


def test_a_null_in_a_map_or_list_is_an_empty_value() -> None:
    (service,) = load(changed("app: web", "app:")).services
    assert service.selector == {"app": ""}
    head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\n"
    (found,) = load(head + "spec:\n  podSelector:\n  ingress:\n  -\n").policies
    assert found.ingress is not None
    assert len(found.ingress) == 1


def test_fields_of_another_version_in_the_status_of_a_live_object_are_ignored() -> None:
    live = changed("name: web", "name: web\n  uid: 1-2") + "status:\n  futureField: 1\n"
    assert len(load(live).services) == 1
    assert [problem.code for problem in problems(SERVICE + "status:\n  futureField: 1\n")] == ["SCHEMA_UNKNOWN_FIELD"]


APIS = [
    # apiVersion, kind, code or None, field, words of the message, words of the fix
    ("extensions/v1beta1", "Ingress", "apiVersion", "removed in Kubernetes 1.22", "networking.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", "Ingress", "apiVersion", "removed in Kubernetes 1.22", "networking.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", "IngressClass", "apiVersion", "1.22", "networking.k8s.io/v1"),
    ("extensions/v1beta1", "Deployment", "apiVersion", "removed in Kubernetes 1.16", "apps/v1"),
    ("extensions/v1beta1", "NetworkPolicy", "apiVersion", "1.16", "networking.k8s.io/v1"),
    ("apps/v1beta2", "StatefulSet", "apiVersion", "removed in Kubernetes 1.16", "apps/v1"),
    ("batch/v1beta1", "CronJob", "apiVersion", "removed in Kubernetes 1.25", "batch/v1"),
    ("discovery.k8s.io/v1beta1", "EndpointSlice", "apiVersion", "1.25", "discovery.k8s.io/v1"),
    ("v1", "Deployment", "apiVersion", "Deployment belongs to apps/v1", "apps/v1"),
    ("apps/v1", "Service", "apiVersion", "Service belongs to v1", "v1"),
    ("apps/v2", "Deployment", "apiVersion", "Deployment belongs to apps/v1", "apps/v1"),
    ("v2", "Pod", "apiVersion", "Pod belongs to v1", "v1"),
    ("apps/v1", "ConfigMap", "apiVersion", "ConfigMap belongs to v1", "v1"),
    ("v1", "Sevice", "kind", "Did you mean Service?", "kind: Service"),
    ("v1", "service", "kind", "Did you mean Service?", "kind: Service"),
    ("networking.k8s.io/v1", "Networkpolicy", "kind", "Did you mean NetworkPolicy?", "kind: NetworkPolicy"),
    ("v1", "Whatsit", "kind", "no matches for kind", "spelling"),
    ("kcnet/v1", "Clutser", "kind", "kind is Cluster", "kcnet/v1"),
    ("kcnet/v2", "Cluster", "apiVersion", "kcnet/v1", "kcnet/v1"),
]


@pytest.mark.parametrize(("api_version", "kind", "field", "message", "fix"), APIS)
def test_kinds_that_the_api_server_does_not_know(
    api_version: str, kind: str, field: str, message: str, fix: str
) -> None:
    (problem,) = problems(f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\n")
    assert (problem.code, problem.field, problem.line) == ("API_NO_SUCH_KIND", field, 1 if field == "apiVersion" else 2)
    assert message in problem.message
    assert fix in problem.fix


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("v1", "PersistentVolumeClaim"),
        ("rbac.authorization.k8s.io/v1", "Role"),
        ("policy/v1beta1", "PodSecurityPolicy"),
        ("serving.knative.dev/v1", "Service"),
        ("gateway.networking.k8s.io/v1", "HTTPRoute"),
        ("example.com/v1", "Anything"),
        ("example.com/v1", "PlayList"),
    ],
)
def test_other_kinds_are_skipped_and_counted(api_version: str, kind: str) -> None:
    found = load(f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\nanything: [1]\n" + "---\n" + SERVICE)
    assert found.skipped == {f"{api_version}/{kind}": 1}
    assert len(found.services) == 1
