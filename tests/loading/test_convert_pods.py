# ruff: noqa: E501 - rows of tables stay on one line
"""Pods and workloads as exact values: which of their fields are read, and the defaults that are written in."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from kcnet.model.manifests import PodManifest, PodSpec, Workload
from kcnet.model.names import Protocol, Ref
from kcnet.model.objects import DNSPolicy
from kcnet.model.policy import Operator
from tests.helpers import manifests_from


def pod(spec: str, **rest: Any) -> PodManifest:
    """A pod whose spec is one YAML flow; containers get a name and an image."""
    parsed = yaml.safe_load(spec)
    for number, container in enumerate([*(parsed.get("containers") or []), *(parsed.get("initContainers") or [])]):
        container.setdefault("name", f"c{number}")
        container.setdefault("image", "app")
    metadata = {"name": "web", **rest.pop("metadata", {})}
    value = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": parsed, **rest}
    return manifests_from([value]).pods[0]


def spec(text: str) -> PodSpec:
    return pod(text).spec


def workload(kind: str, text: str, **rest: Any) -> Workload:
    value = {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web"}, "spec": yaml.safe_load(text), **rest}
    return manifests_from([value]).workloads[0]


TCP, UDP, SCTP = Protocol.TCP, Protocol.UDP, Protocol.SCTP


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("{containers: [{}]}", []),
        ("{containers: [{ports: null}]}", []),
        ("{containers: [{ports: [{containerPort: 80}]}]}", [(80, None, TCP, None)]),
        ("{containers: [{ports: [{containerPort: 53, protocol: UDP, name: dns}]}]}", [(53, "dns", UDP, None)]),
        ("{containers: [{ports: [{containerPort: 9, protocol: SCTP}]}]}", [(9, None, SCTP, None)]),
        ("{containers: [{ports: [{containerPort: 80, hostPort: 8080}]}]}", [(80, None, TCP, 8080)]),
        ("{containers: [{ports: [{containerPort: 80, hostPort: 0}]}]}", [(80, None, TCP, None)]),
        ("{hostNetwork: true, containers: [{ports: [{containerPort: 80}]}]}", [(80, None, TCP, 80)]),
        ("{containers: [{ports: [{containerPort: 1}]}, {ports: [{containerPort: 2}]}]}", [(1, None, TCP, None), (2, None, TCP, None)]),
        ("{containers: [{}], initContainers: [{ports: [{containerPort: 7}]}]}", []),
        ("{containers: [{}], initContainers: [{restartPolicy: Always, ports: [{containerPort: 7}]}]}", [(7, None, TCP, None)]),
    ],
)  # fmt: skip
def test_ports(text: str, ports: list[Any]) -> None:
    assert [(port.number, port.name, port.protocol, port.host_port) for port in spec(text).ports] == ports


def test_a_port_knows_where_it_stands_in_a_pod() -> None:
    found = spec(
        "{containers: [{}, {ports: [{containerPort: 1}, {containerPort: 2}]}],"
        " initContainers: [{}, {restartPolicy: Always, ports: [{containerPort: 3}]}]}"
    )
    assert [port.field for port in found.ports] == [
        "spec.containers[1].ports[0]",
        "spec.containers[1].ports[1]",
        "spec.initContainers[1].ports[0]",
    ]


@pytest.mark.parametrize(
    ("text", "declares"),
    [
        ("{containers: [{ports: [{containerPort: 80}]}]}", True),
        ("{containers: [{}]}", False),
        ("{containers: [{ports: []}]}", False),
        ("{containers: [{ports: [{containerPort: 80}]}, {}]}", False),
        ("{containers: [{ports: [{containerPort: 80}]}], initContainers: [{}]}", True),
        ("{containers: [{ports: [{containerPort: 80}]}], initContainers: [{restartPolicy: Always}]}", False),
    ],
)
def test_whether_every_container_declares_ports(text: str, declares: bool) -> None:
    assert spec(text).declares_ports is declares


@pytest.mark.parametrize(
    ("container", "probed", "ports"),
    [
        ("{}", False, ()),
        ("{readinessProbe: {exec: {command: [ls]}}}", True, ()),
        ("{readinessProbe: {httpGet: {port: 8080}}}", True, (8080,)),
        ("{readinessProbe: {tcpSocket: {port: 5432}}}", True, (5432,)),
        ("{readinessProbe: {grpc: {port: 9000}}}", True, (9000,)),
        ("{readinessProbe: {httpGet: {port: web}}, ports: [{containerPort: 8080, name: web}]}", True, (8080,)),
        ("{readinessProbe: {httpGet: {port: www}}, ports: [{containerPort: 8080, name: web}]}", True, ("www",)),
        ("{readinessProbe: {httpGet: {port: 80, host: example.com}}}", True, ()),
        ("{livenessProbe: {httpGet: {port: 80}}}", False, ()),
        ("{startupProbe: {httpGet: {port: 80}}}", False, ()),
    ],
)
def test_readiness_probes(container: str, probed: bool, ports: tuple[Any, ...]) -> None:
    found = spec(f"{{containers: [{container}]}}")
    assert (found.readiness_probe, found.probe_ports) == (probed, ports)


def test_a_probe_s_port_name_is_of_its_own_container() -> None:
    other = "{name: a, ports: [{containerPort: 1, name: web}]}"
    own = "{name: b, ports: [{containerPort: 2, name: web}], readinessProbe: {httpGet: {port: web}}}"
    assert spec(f"{{containers: [{other}, {own}]}}").probe_ports == (2,)


@pytest.mark.parametrize(
    ("text", "policy", "nameservers", "searches", "ndots"),
    [
        ("{}", DNSPolicy.CLUSTER_FIRST, (), (), None),
        ("{dnsPolicy: null}", DNSPolicy.CLUSTER_FIRST, (), (), None),
        ("{hostNetwork: true}", DNSPolicy.CLUSTER_FIRST, (), (), None),
        ("{dnsPolicy: ClusterFirstWithHostNet}", DNSPolicy.CLUSTER_FIRST_WITH_HOST_NET, (), (), None),
        ("{dnsPolicy: Default}", DNSPolicy.DEFAULT, (), (), None),
        ("{dnsPolicy: None, dnsConfig: {nameservers: [1.1.1.1]}}", DNSPolicy.NONE, ("1.1.1.1",), (), None),
        ("{dnsConfig: {searches: [a.b, c.d]}}", DNSPolicy.CLUSTER_FIRST, (), ("a.b", "c.d"), None),
        ("{dnsConfig: {options: [{name: ndots, value: '2'}]}}", DNSPolicy.CLUSTER_FIRST, (), (), 2),
        ("{dnsConfig: {options: [{name: ndots}]}}", DNSPolicy.CLUSTER_FIRST, (), (), None),
        ("{dnsConfig: {options: [{name: timeout, value: '2'}]}}", DNSPolicy.CLUSTER_FIRST, (), (), None),
    ],
)
def test_dns(text: str, policy: DNSPolicy, nameservers: Any, searches: Any, ndots: int | None) -> None:
    found = spec(text)
    assert found.dns_policy is policy
    assert found.dns_config.nameservers == nameservers
    assert found.dns_config.searches == searches
    assert found.dns_config.ndots == ndots


def test_placement() -> None:
    found = spec(
        "{nodeName: n1, nodeSelector: {disk: ssd}, hostname: h, subdomain: s, tolerations: [{key: a, operator: Exists}, {}],"
        " affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms:"
        " [{matchExpressions: [{key: cpu, operator: Gt, values: ['4']}]}, {matchFields: [{key: metadata.name, operator: In, values: [n1]}]}]},"
        " preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchExpressions: [{key: x, operator: Exists}]}}]},"
        " podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution:"
        " [{topologyKey: zone, labelSelector: {matchLabels: {app: web}}}, {topologyKey: zone}]}}}"
    )  # fmt: skip
    assert (found.node_name, found.node_selector, found.hostname, found.subdomain) == ("n1", {"disk": "ssd"}, "h", "s")
    assert [(item.key, item.operator) for item in found.tolerations] == [("a", "Exists"), ("", "Equal")]
    assert [[(item.key, item.operator) for item in term] for term in found.node_affinity] == [
        [("cpu", Operator.GREATER)],
        [("metadata.name", Operator.IN)],
    ]
    assert [(term.topology_key, str(term.selector)) for term in found.anti_affinity] == [("zone", "app=web")]


@pytest.mark.parametrize(
    ("status", "phase", "addresses", "hosts", "ready"),
    [
        (None, None, [], [], None),
        ({}, None, [], [], None),
        ({"phase": "Running"}, "Running", [], [], None),
        ({"phase": "Pending", "podIP": ""}, "Pending", [], [], None),
        ({"podIP": "10.1.1.1"}, None, ["10.1.1.1"], [], None),
        ({"podIP": "10.1.1.1", "podIPs": [{"ip": "10.1.1.1"}, {"ip": "fd00::1"}]}, None, ["10.1.1.1", "fd00::1"], [], None),
        ({"podIP": "nonsense"}, None, [], [], None),
        ({"hostIP": "172.18.0.9"}, None, [], ["172.18.0.9"], None),
        ({"hostIP": "172.18.0.9", "hostIPs": [{"ip": "172.18.0.9"}, {"ip": "fd01::9"}]}, None, [], ["172.18.0.9", "fd01::9"], None),
        ({"conditions": [{"type": "Ready", "status": "True"}]}, None, [], [], True),
        ({"conditions": [{"type": "Ready", "status": "False"}]}, None, [], [], False),
        ({"conditions": [{"type": "Ready", "status": "Unknown"}]}, None, [], [], False),
        ({"conditions": [{"type": "ContainersReady", "status": "True"}]}, None, [], [], None),
    ],
)  # fmt: skip
def test_status(status: Any, phase: Any, addresses: list[str], hosts: list[str], ready: bool | None) -> None:
    found = pod("{}", status=status)
    assert found.phase == phase
    assert [str(address) for address in found.addresses] == addresses
    assert [str(address) for address in found.host_addresses] == hosts
    assert found.ready is ready


def test_metadata() -> None:
    found = pod(
        "{}",
        metadata={
            "uid": "1",
            "labels": {"app": "web", "empty": None},
            "annotations": None,
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "deletionTimestamp": "2026-01-02T00:00:00Z",
            "ownerReferences": [
                {"kind": "Node", "name": "n1"},
                {"kind": "ReplicaSet", "name": "web-1", "controller": True},
            ],
        },
    )
    assert found.live
    assert found.terminating
    assert found.labels == {"app": "web", "empty": ""}
    assert found.annotations == {}
    assert found.created == "2026-01-01T00:00:00Z"
    assert found.owner == Ref("ReplicaSet", "default", "web-1")


@pytest.mark.parametrize("uid", [None, ""])
def test_without_a_uid_it_was_written_by_hand(uid: str | None) -> None:
    assert not pod("{}", metadata={"uid": uid}).live


TEMPLATE = "template: {metadata: {labels: {app: web}, annotations: {kcnet/listens: '80'}}, spec: {containers: [{name: c, image: i, args: [--a, b]}]}}"


@pytest.mark.parametrize(
    ("kind", "text", "replicas"),
    [
        ("Deployment", "{}", None),
        ("Deployment", "{replicas: null}", None),
        ("Deployment", "{replicas: 0}", 0),
        ("Deployment", "{replicas: 3}", 3),
        ("StatefulSet", "{replicas: 2}", 2),
        ("ReplicationController", "{replicas: 2}", 2),
        ("Job", "{}", None),
        ("Job", "{parallelism: 4}", 4),
        ("Job", "{parallelism: 4, completions: 2}", 2),
        ("Job", "{completions: 2}", None),
        ("CronJob", "{jobTemplate: {spec: {parallelism: 3}}}", 3),
    ],
)
def test_replicas(kind: str, text: str, replicas: int | None) -> None:
    assert workload(kind, text).replicas == replicas


def test_a_template_and_where_it_stands() -> None:
    found = workload("Deployment", f"{{{TEMPLATE}, selector: {{matchLabels: {{app: web}}}}}}")
    assert found.template_labels == {"app": "web"}
    assert found.template_annotations == {"kcnet/listens": "80"}
    assert (found.template_field, found.spec.field) == ("spec.template", "spec.template.spec")
    assert (found.spec.containers, found.spec.images, [each.text for each in found.spec.args]) == (("c",), ("i",), ["--a", "b"])
    assert str(found.selector) == "app=web"


def test_a_cron_job_s_template_stands_deeper() -> None:
    found = workload("CronJob", f"{{suspend: true, jobTemplate: {{spec: {{{TEMPLATE}}}}}}}")
    assert found.template_field == "spec.jobTemplate.spec.template"
    assert found.spec.field == "spec.jobTemplate.spec.template.spec"
    assert found.template_labels == {"app": "web"}
    assert found.suspended


def test_a_stateful_set_s_own_fields() -> None:
    found = workload("StatefulSet", f"{{{TEMPLATE}, serviceName: web, ordinals: {{start: 5}}}}")
    assert (found.service_name, found.ordinal_start) == ("web", 5)


@pytest.mark.parametrize(
    ("text", "selected"),
    [("{selector: {app: x}, " + TEMPLATE + "}", "app=x"), ("{" + TEMPLATE + "}", "app=web")],
)
def test_a_replication_controller_selects_by_a_plain_map(text: str, selected: str) -> None:
    assert str(workload("ReplicationController", text).selector) == selected


@pytest.mark.parametrize(
    ("condition", "finished"),
    [("Complete", True), ("Failed", True), ("Suspended", False), ("SuccessCriteriaMet", False)],
)
def test_a_finished_job(condition: str, finished: bool) -> None:
    status = {"conditions": [{"type": condition, "status": "True"}]}
    assert workload("Job", "{" + TEMPLATE + "}", status=status).finished is finished
    status = {"conditions": [{"type": condition, "status": "False"}]}
    assert not workload("Job", "{" + TEMPLATE + "}", status=status).finished


def test_everything_is_in_order_of_its_name() -> None:
    values = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": {}}
        for namespace, name in (("b", "a"), ("a", "z"), ("a", "b"))
    ]
    found = manifests_from(values).pods
    assert [(item.namespace, item.name) for item in found] == [("a", "b"), ("a", "z"), ("b", "a")]


def test_arguments_and_where_they_stand() -> None:
    found = spec("{containers: [{command: [a], args: [b, c]}], initContainers: [{args: [d]}]}")
    assert [(each.text, each.field) for each in (*found.args, *found.init_args)] == [
        ("a", "spec.containers[0].command[0]"),
        ("b", "spec.containers[0].args[0]"),
        ("c", "spec.containers[0].args[1]"),
        ("d", "spec.initContainers[0].args[0]"),
    ]


def test_variables_and_where_they_stand() -> None:
    found = spec(
        "{containers: [{env: [{name: A, value: x}, {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}},"
        " {name: C, valueFrom: {configMapKeyRef: {name: m, key: k}}}, {name: D, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]}],"
        " initContainers: [{env: [{name: E, value: y}]}]}"
    )
    assert [tuple(each) for each in found.env] == [
        ("A", "x", "spec.containers[0].env[0].value"),
        ("D", "", "spec.containers[0].env[3].value"),
        ("E", "y", "spec.initContainers[0].env[0].value"),
    ]


KEY_REF = "spec.containers[0].env[0].valueFrom.{}KeyRef.key"
USES = [
    ("{env: [{name: A, valueFrom: {configMapKeyRef: {name: m, key: k}}}]}",
     ("ConfigMap", "m", "k", "A", False, KEY_REF.format("configMap"))),
    ("{env: [{name: A, valueFrom: {configMapKeyRef: {name: m, key: k, optional: true}}}]}",
     ("ConfigMap", "m", "k", "A", True, KEY_REF.format("configMap"))),
    ("{env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]}",
     ("Secret", "s", "k", "A", False, KEY_REF.format("secret"))),
    ("{envFrom: [{secretRef: {name: s}}]}", ("Secret", "s", "", "", False, "")),
    ("{envFrom: [{prefix: P_, configMapRef: {name: m, optional: true}}]}", ("ConfigMap", "m", "", "P_", True, "")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "taken"), USES, ids=[row[0] for row in USES])
def test_what_a_container_takes(text: str, taken: tuple[Any, ...]) -> None:
    (found,) = spec(f"{{containers: [{text}]}}").taken
    assert (found.kind, found.name, found.key, found.variable, found.optional, found.key_field) == taken


VOLUMES = [
    ("{configMap: {name: m}}", ("ConfigMap", "m", "", "configMap.name", "")),
    ("{configMap: {name: m, items: [{key: k, path: p}]}}",
     ("ConfigMap", "m", "k", "configMap.name", "spec.volumes[0].configMap.items[0].key")),
    ("{secret: {secretName: s}}", ("Secret", "s", "", "secret.secretName", "")),
    ("{projected: {sources: [{downwardAPI: {}}, {configMap: {name: m}}]}}",
     ("ConfigMap", "m", "", "projected.sources[1].configMap.name", "")),
    ("{projected: {sources: [{secret: {name: s, items: [{key: k, path: p}]}}]}}",
     ("Secret", "s", "k", "projected.sources[0].secret.name", "spec.volumes[0].projected.sources[0].secret.items[0].key")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "taken"), VOLUMES, ids=[row[0] for row in VOLUMES])
def test_what_a_volume_takes(text: str, taken: tuple[str, ...]) -> None:
    (found,) = spec(f"{{containers: [{{}}], volumes: [{{name: a, {text[1:]}]}}").taken
    assert (found.kind, found.name, found.key, found.field.removeprefix("spec.volumes[0]."), found.key_field) == taken
    assert (found.variable, found.optional) == (None, False)


def test_what_every_namespace_has_is_not_asked_for() -> None:
    volume = "projected: {sources: [{configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}}]}"
    assert spec(f"{{containers: [{{}}], volumes: [{{name: a, {volume}}}]}}").taken == ()


def test_names_of_host_aliases() -> None:
    assert spec("{containers: [{}], hostAliases: [{ip: 192.0.2.1, hostnames: [a, b.c]}]}").host_aliases == ("a", "b.c")
