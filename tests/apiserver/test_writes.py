"""What the API server takes, refuses and fills in: cases from its documentation and validation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kcnet.apiserver.errors import ApiError
from kcnet.apiserver.patch import PatchKind
from kcnet.apiserver.resources import RESOURCES
from kcnet.apiserver.server import ApiServer
from kcnet.resources import demo
from tests.apiserver.sandbox import Clock, create, deployment, get, message_of, names, pod, resource, server, service


@pytest.fixture
def api(tmp_path: Path) -> ApiServer:
    return server(tmp_path)


REFUSED = (
    (
        "a port out of range",
        service(ports=[{"port": 0}]),
        'Service "web" is invalid: spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ),
    (
        "two ports without names",
        service(ports=[{"port": 80}, {"port": 81}]),
        'Service "web" is invalid: [spec.ports[0].name: Required value',
    ),
    (
        "a nodePort on a ClusterIP",
        service(ports=[{"port": 80, "nodePort": 30080}]),
        "Service \"web\" is invalid: spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ),
    (
        "a nodePort out of range",
        service(type="NodePort", ports=[{"port": 80, "nodePort": 80}]),
        "provided port is not in the valid range. The range of valid ports is 30000-32767",
    ),
    (
        "an unknown field",
        service(color="red"),
        'Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.color"',
    ),
    (
        "several unknown fields",
        service(color="red", ports=[{"port": 80, "targetport": 1}]),
        'strict decoding error: unknown field "spec.color", unknown field "spec.ports[0].targetport"',
    ),
    (
        "a word for a number",
        service(ports=[{"port": "eighty"}]),
        'Service in version "v1" cannot be handled as a Service: json: cannot unmarshal string into Go struct field '
        "ServicePort.spec.ports.port of type int32",
    ),
    (
        "a selector that does not fit the template",
        {**deployment(), "spec": {**deployment()["spec"], "selector": {"matchLabels": {"app": "other"}}}},
        'Deployment.apps "web" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: '
        "`selector` does not match template `labels`",
    ),
    ("a name with capitals", pod("One"), 'Pod "One" is invalid: metadata.name: Invalid value: "One"'),
    ("a pod without containers", pod(containers=[]), 'Pod "one" is invalid: spec.containers: Required value'),
    (
        "an unknown type",
        service(type="Internal"),
        'spec.type: Unsupported value: "Internal": supported values: "ClusterIP"',
    ),
    (
        "another namespace than the request's",
        {**service(), "metadata": {"name": "web", "namespace": "nowhere"}},
        'namespaces "nowhere" not found',
    ),
    (
        "a resourceVersion on a new object",
        {**service(), "metadata": {"name": "web", "namespace": "shop", "resourceVersion": "7"}},
        "resourceVersion should not be set on objects to be created",
    ),
    (
        "a cluster IP out of range",
        service(clusterIP="10.1.2.3"),
        "failed to allocate IP 10.1.2.3: the provided IP (10.1.2.3) is not in the valid range. "
        "The range of valid IPs is 10.96.0.0/16",
    ),
    ("the API server's cluster IP", service(clusterIP="10.96.0.1"), "provided IP is already allocated"),
)


@pytest.mark.parametrize(("value", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_it_refuses(api: ApiServer, value: dict[str, Any], words: str) -> None:
    before = api.snapshot()
    assert words in message_of(create, api, value)
    assert api.snapshot() == before


def test_what_exists_cannot_be_created(api: ApiServer) -> None:
    create(api, pod())
    assert message_of(create, api, pod()) == 'pods "one" already exists'


def test_what_does_not_exist_is_not_found(api: ApiServer) -> None:
    assert message_of(get, api, "svc", "web") == 'services "web" not found'
    assert message_of(get, api, "deploy", "x") == 'deployments.apps "x" not found'
    assert message_of(api.delete, resource("pods"), "shop", "x") == 'pods "x" not found'


def test_a_stale_version_is_a_conflict(api: ApiServer) -> None:
    old = create(api, service())
    api.patch(resource("svc"), "shop", "web", {"metadata": {"labels": {"a": "b"}}}, PatchKind.MERGE)
    with pytest.raises(ApiError) as caught:
        api.update(resource("svc"), "shop", "web", old)
    assert caught.value.reason == "Conflict"
    assert caught.value.code == 409


def test_a_dry_run_changes_nothing(api: ApiServer) -> None:
    before = api.snapshot()
    made = api.create(resource("deploy"), "shop", deployment(), dry_run=True)
    assert made["spec"]["revisionHistoryLimit"] == 10
    assert api.snapshot() == before


def test_the_system_namespaces_stay(api: ApiServer) -> None:
    words = message_of(api.delete, resource("ns"), None, "kube-system")
    assert words == 'namespaces "kube-system" is forbidden: this namespace may not be deleted'


def test_a_namespace_takes_its_content_along(api: ApiServer) -> None:
    create(api, deployment())
    create(api, service())
    api.delete(resource("ns"), None, "shop")
    for name in ("pods", "rs", "deploy", "svc", "ep", "endpointslices", "events", "cm", "sa"):
        assert names(api, name, "shop") == []


def test_a_generated_name(api: ApiServer) -> None:
    value = pod()
    value["metadata"] = {"generateName": "job-", "namespace": "shop"}
    made = create(api, value)["metadata"]["name"]
    assert made.startswith("job-")
    assert len(made) == 9


def test_the_status_of_a_new_object_is_the_servers(api: ApiServer) -> None:
    made = create(api, {**pod(), "status": {"phase": "Failed", "podIP": "1.2.3.4"}})
    assert made["status"]["phase"] == "Running"
    assert made["status"]["podIP"] != "1.2.3.4"


def test_text_of_a_secret_is_encoded(api: ApiServer) -> None:
    value = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "shop"},
        "stringData": {"a": "b"},
    }
    made = create(api, value)
    assert made["data"] == {"a": "Yg=="}
    assert made["type"] == "Opaque"
    assert "stringData" not in made


def test_a_config_map_is_kept_as_it_is(api: ApiServer) -> None:
    value = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": "shop"},
        "data": {"a": "b"},
    }
    assert create(api, value)["data"] == {"a": "b"}
    assert get(api, "cm", "c")["data"] == {"a": "b"}
    value = {**value, "metadata": {"name": "d", "namespace": "shop"}, "data": {"a": 1}}
    assert "cannot unmarshal number" in message_of(create, api, value)
    value = {**value, "data": {"a b": "1"}}
    assert "Invalid value" in message_of(create, api, value)


# Services


def test_the_defaults_of_a_service(api: ApiServer) -> None:
    spec = create(api, service())["spec"]
    assert spec["type"] == "ClusterIP"
    assert spec["sessionAffinity"] == "None"
    assert spec["internalTrafficPolicy"] == "Cluster"
    assert "externalTrafficPolicy" not in spec
    assert spec["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]
    assert spec["ipFamilies"] == ["IPv4"]
    assert spec["ipFamilyPolicy"] == "SingleStack"
    assert spec["clusterIPs"] == [spec["clusterIP"]]
    assert spec["clusterIP"].startswith("10.96.")


def test_session_affinity_lasts_three_hours_by_default(api: ApiServer) -> None:
    spec = create(api, service(sessionAffinity="ClientIP"))["spec"]
    assert spec["sessionAffinityConfig"] == {"clientIP": {"timeoutSeconds": 10800}}


def test_each_type_contains_the_one_inside(api: ApiServer) -> None:
    balanced = create(api, service(type="LoadBalancer"))
    assert balanced["spec"]["allocateLoadBalancerNodePorts"] is True
    assert 30086 <= balanced["spec"]["ports"][0]["nodePort"] <= 32767
    assert balanced["spec"]["externalTrafficPolicy"] == "Cluster"
    assert balanced["status"]["loadBalancer"]["ingress"] == [{"ip": "203.0.113.1", "ipMode": "VIP"}]


def test_a_local_load_balancer_has_a_port_for_health_checks(api: ApiServer) -> None:
    spec = create(api, service(type="LoadBalancer", externalTrafficPolicy="Local"))["spec"]
    assert 30000 <= spec["healthCheckNodePort"] <= 32767
    assert spec["healthCheckNodePort"] != spec["ports"][0]["nodePort"]


def test_a_load_balancer_class_that_nobody_serves_stays_pending(api: ApiServer) -> None:
    made = create(api, service(type="LoadBalancer", loadBalancerClass="example.com/lb"))
    assert made["status"] == {"loadBalancer": {}}


def test_headless_without_a_selector_names_both_families(api: ApiServer) -> None:
    value = service(clusterIP="None")
    del value["spec"]["selector"]
    spec = create(api, value)["spec"]
    assert spec["clusterIPs"] == ["None"]
    assert spec["ipFamilyPolicy"] == "RequireDualStack"
    assert spec["ipFamilies"] == ["IPv4", "IPv6"]


def test_an_external_name_has_no_address(api: ApiServer) -> None:
    spec = create(api, {**service(), "spec": {"type": "ExternalName", "externalName": "db.example.com"}})["spec"]
    assert not {"clusterIP", "clusterIPs", "ipFamilies", "internalTrafficPolicy"} & spec.keys()


def test_a_taken_node_port(api: ApiServer) -> None:
    create(api, service("a", type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
    words = message_of(create, api, service("b", type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
    assert words == (
        'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated'
    )


def _patched(api: ApiServer, spec: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = api.patch(resource("svc"), "shop", "web", {"spec": spec}, PatchKind.MERGE)["spec"]
    return made


def test_a_cluster_ip_does_not_change(api: ApiServer) -> None:
    create(api, service())
    words = message_of(_patched, api, {"clusterIP": "10.96.7.7", "clusterIPs": ["10.96.7.7"]})
    assert 'spec.clusterIPs[0]: Invalid value: ["10.96.7.7"]: may not change once set' in words


def test_an_update_that_leaves_out_what_was_allocated_keeps_it(api: ApiServer) -> None:
    old = create(api, service(type="NodePort"))["spec"]
    new = api.update(resource("svc"), "shop", "web", service(type="NodePort"))["spec"]
    assert new == old


def test_changing_the_type_cleans_up(api: ApiServer) -> None:
    address = create(api, service())["spec"]["clusterIP"]
    node_port = _patched(api, {"type": "NodePort"})["ports"][0]["nodePort"]
    spec = _patched(api, {"type": "LoadBalancer"})
    assert spec["ports"][0]["nodePort"] == node_port
    assert spec["clusterIP"] == address
    spec = _patched(api, {"type": "ClusterIP"})
    assert spec["clusterIP"] == address
    assert "nodePort" not in spec["ports"][0]
    assert not {"externalTrafficPolicy", "allocateLoadBalancerNodePorts"} & spec.keys()
    assert get(api, "svc", "web")["status"] == {"loadBalancer": {}}
    spec = _patched(api, {"type": "ExternalName", "externalName": "db.example.com"})
    assert not {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"} & spec.keys()
    spec = _patched(api, {"type": "ClusterIP", "externalName": None})
    assert spec["clusterIP"].startswith("10.96.")


def test_a_load_balancer_class_does_not_change(api: ApiServer) -> None:
    create(api, service(type="LoadBalancer", loadBalancerClass="example.com/lb"))
    assert "spec.loadBalancerClass" in message_of(_patched, api, {"loadBalancerClass": "example.com/other"})


# What may not change


def test_the_selector_of_a_deployment_does_not_change(api: ApiServer) -> None:
    create(api, deployment())
    new = deployment()
    new["spec"]["selector"] = {"matchLabels": {"app": "web", "tier": "front"}}
    new["spec"]["template"]["metadata"]["labels"]["tier"] = "front"
    words = message_of(api.update, resource("deploy"), "shop", "web", new)
    assert words == (
        'Deployment.apps "web" is invalid: spec.selector: Invalid value: '
        '{"matchLabels":{"app":"web","tier":"front"}}: field is immutable'
    )


def test_a_pod_changes_its_image_and_little_else(api: ApiServer) -> None:
    create(api, pod())
    made = api.patch(
        resource("po"),
        "shop",
        "one",
        {"spec": {"containers": [{"name": "web", "image": "nginx:1.28"}]}},
        PatchKind.STRATEGIC,
    )
    status = made["status"]["containerStatuses"][0]
    assert status["image"] == "docker.io/library/nginx:1.28"
    assert status["restartCount"] == 1
    words = message_of(api.patch, resource("po"), "shop", "one", {"spec": {"hostname": "x"}}, PatchKind.MERGE)
    assert words.startswith('Pod "one" is invalid: spec: Forbidden: pod updates may not change fields other than ')


def test_a_stateful_set_changes_its_replicas_and_template_alone(api: ApiServer) -> None:
    value = {**deployment("db"), "kind": "StatefulSet"}
    value["spec"]["serviceName"] = "db"
    create(api, value)
    words = message_of(api.patch, resource("sts"), "shop", "db", {"spec": {"serviceName": "x"}}, PatchKind.MERGE)
    assert "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template'" in words


def test_a_name_does_not_change(api: ApiServer) -> None:
    create(api, pod())
    words = message_of(api.update, resource("po"), "shop", "one", pod("two"))
    assert words == "the name of the object (two) does not match the name on the URL (one)"


def test_an_unchanged_object_keeps_its_version(api: ApiServer) -> None:
    version = create(api, service())["metadata"]["resourceVersion"]
    assert api.update(resource("svc"), "shop", "web", service())["metadata"]["resourceVersion"] == version


def test_a_generation_counts_changes_of_the_spec(api: ApiServer) -> None:
    create(api, deployment())
    api.patch(resource("deploy"), "shop", "web", {"metadata": {"labels": {"x": "y"}}}, PatchKind.MERGE)
    assert get(api, "deploy", "web")["metadata"]["generation"] == 1
    api.scale(resource("deploy"), "shop", "web", 3)
    made = get(api, "deploy", "web")
    assert made["metadata"]["generation"] == 2
    assert made["status"]["observedGeneration"] == 2


def test_warnings(api: ApiServer) -> None:
    create(api, service(externalName="x.example.com"))
    assert api.warnings() == ['spec.externalName is ignored when spec.type is not "ExternalName"']
    create(api, service("other"))
    assert api.warnings() == []


# Ingress and policies


def test_an_ingress_gets_the_default_class(api: ApiServer) -> None:
    create(
        api,
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {"name": "nginx", "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}},
            "spec": {"controller": "k8s.io/ingress-nginx"},
        },
    )
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    value = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"defaultBackend": backend},
    }
    made = create(api, value)
    assert made["spec"]["ingressClassName"] == "nginx"
    assert made["status"]["loadBalancer"]["ingress"][0]["ip"].startswith("203.0.113.")


def test_the_policy_types_of_a_network_policy(api: ApiServer) -> None:
    def policy(name: str, **spec: Any) -> dict[str, Any]:
        return {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": "shop"},
            "spec": {"podSelector": {}, **spec},
        }

    assert create(api, policy("a"))["spec"]["policyTypes"] == ["Ingress"]
    assert create(api, policy("b", egress=[]))["spec"]["policyTypes"] == ["Ingress"]
    assert create(api, policy("c", egress=[{}]))["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_the_defaults_of_a_pod(api: ApiServer) -> None:
    spec = create(api, pod(image="nginx"))["spec"]
    assert spec["restartPolicy"] == "Always"
    assert spec["dnsPolicy"] == "ClusterFirst"
    assert spec["terminationGracePeriodSeconds"] == 30
    assert spec["serviceAccountName"] == "default"
    assert spec["enableServiceLinks"] is True
    assert [item["key"] for item in spec["tolerations"]] == [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ]
    container = spec["containers"][0]
    assert container["imagePullPolicy"] == "Always"
    assert container["volumeMounts"][0]["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount"
    assert create(api, pod("two"))["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"


TYPES = (
    ("a word for a struct", service(ports=["x"]), "cannot unmarshal string into Go struct field ServiceSpec.spec.ports of type v1.ServicePort"),
    ("a number for a label", {**pod(), "metadata": {"name": "x", "labels": {"a": 1}}}, "cannot unmarshal number into Go struct field ObjectMeta.metadata.labels.a of type string"),
    ("a number that is too big", service(ports=[{"port": 99999999999}]), "cannot unmarshal number 99999999999 into Go struct field ServicePort.spec.ports.port of type int32"),
)  # fmt: skip


@pytest.mark.parametrize(("value", "words"), [row[1:] for row in TYPES], ids=[row[0] for row in TYPES])
def test_a_wrong_type_is_told_as_go_tells_it(api: ApiServer, value: dict[str, Any], words: str) -> None:
    assert words in message_of(api.create, resource(value["kind"]), "shop", value)


def test_pods_of_a_node_that_is_deleted_are_made_anew_elsewhere(api: ApiServer) -> None:
    create(api, deployment(replicas=4))
    api.delete(resource("node"), None, "node-1")
    assert {item["spec"]["nodeName"] for item in api.list(resource("po"), "shop")} == {"node-2"}
    assert names(api, "no", None) == ["node-2"]
    assert len(names(api, "po")) == 4


def test_sending_back_what_was_read_changes_nothing() -> None:
    """So everything that the server itself writes has the shape that it asks of others."""
    api = ApiServer.from_paths([str(demo())], clock=Clock())
    api.kubelet.crash("shop", names(api, "po")[0])
    create(api, pod("waits", nodeSelector={"disk": "ssd"}))
    version = api.store.version
    for kind in RESOURCES:
        for obj in api.list(kind):
            metadata = obj["metadata"]
            api.update(kind, metadata.get("namespace"), metadata["name"], obj)
            assert api.store.version == version, (kind.plural, metadata["name"])


def test_an_immutable_config_map_stays_as_it_is(api: ApiServer) -> None:
    metadata = {"name": "c", "namespace": "shop"}
    create(api, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "b"}, "immutable": True})
    words = message_of(api.patch, resource("cm"), "shop", "c", {"data": {"a": "c"}}, PatchKind.MERGE)
    assert words == 'ConfigMap "c" is invalid: data: Forbidden: field is immutable when `immutable` is set'
    api.patch(resource("cm"), "shop", "c", {"metadata": {"labels": {"x": "y"}}}, PatchKind.MERGE)
