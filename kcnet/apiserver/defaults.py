"""The fields that the API server writes into an object that leaves them out.

``pkg/apis/*/v1/defaults.go`` of kubernetes/kubernetes, and of the admission plugins that every cluster runs what they
add to pods: ServiceAccount, DefaultTolerationSeconds, Priority. What is allocated (addresses, node ports, nodes) is
written by the controllers.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

from kcnet.controlplane.ordering import generated_name
from kcnet.model.wellknown import NAMESPACE_NAME

Object = dict[str, Any]


def with_defaults(kind: str, value: Object) -> Object:
    """Changes ``value``, which the caller owns, and answers with it."""
    default = _DEFAULTS.get(kind)
    if default is not None:
        default(value)
    return value


def _spec(value: Object) -> Object:
    found = value.get("spec")
    if not isinstance(found, dict):
        found = value["spec"] = {}
    return found


def _fill(value: Object, fields: Mapping[str, Any]) -> None:
    for key, field in fields.items():
        if value.get(key) is None:
            value[key] = dict(field) if isinstance(field, dict) else list(field) if isinstance(field, list) else field


_PROBE: Final = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}


def pod_spec(spec: Object) -> None:
    """What the spec of a pod and of a pod template get alike."""
    _fill(
        spec,
        {
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "schedulerName": "default-scheduler",
            "securityContext": {},
        },
    )
    if spec.get("serviceAccountName") and not spec.get("serviceAccount"):
        spec["serviceAccount"] = spec["serviceAccountName"]
    for group in ("initContainers", "containers"):
        for container in spec.get(group) or ():
            _container(container, host_network=bool(spec.get("hostNetwork")))
    for volume in spec.get("volumes") or ():
        _volume(volume)


def _container(container: Object, *, host_network: bool) -> None:
    image = str(container.get("image") or "")
    name = image.partition("@")[0].rpartition("/")[2]
    latest = "@" not in image and (":" not in name or name.endswith(":latest"))
    _fill(
        container,
        {
            "imagePullPolicy": "Always" if latest else "IfNotPresent",
            "resources": {},
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        },
    )
    for port in container.get("ports") or ():
        _fill(port, {"protocol": "TCP"})
        if host_network:
            _fill(port, {"hostPort": port.get("containerPort")})
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(name)
        if probe:
            _fill(probe, _PROBE)
            if probe.get("httpGet"):
                _fill(probe["httpGet"], {"path": "/", "scheme": "HTTP"})
            if probe.get("grpc"):
                _fill(probe["grpc"], {"service": ""})
    for variable in container.get("env") or ():
        reference = (variable.get("valueFrom") or {}).get("fieldRef")
        if reference:
            _fill(reference, {"apiVersion": "v1"})
    for key, limit in ((container.get("resources") or {}).get("limits") or {}).items():
        container["resources"].setdefault("requests", {}).setdefault(key, limit)


def _volume(volume: Object) -> None:
    if set(volume) == {"name"}:
        volume["emptyDir"] = {}
    for source in ("configMap", "secret", "projected", "downwardAPI"):
        if volume.get(source):
            _fill(volume[source], {"defaultMode": 420})
    if volume.get("hostPath"):
        _fill(volume["hostPath"], {"type": ""})


def _pod(value: Object) -> None:
    spec = _spec(value)
    if not value.get("status"):
        value["status"] = {"phase": "Pending"}
    pod_spec(spec)
    _fill(spec, {"enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority", "priority": 0})
    if not spec.get("serviceAccountName"):
        spec["serviceAccountName"] = "default"
    spec.setdefault("serviceAccount", spec["serviceAccountName"])
    tolerations = spec["tolerations"] = list(spec.get("tolerations") or ())
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if not any(item.get("key") in (key, None, "") and item.get("effect") in ("NoExecute", None, "")
                   for item in tolerations):  # fmt: skip
            tolerations.append({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300})
    if spec.get("automountServiceAccountToken") is not False:
        _mount_token(value, spec)


_TOKEN: Final = "/var/run/secrets/kubernetes.io/serviceaccount"


def _mount_token(value: Object, spec: Object) -> None:
    """The volume with the service account's token, as the admission plugin ServiceAccount adds it."""
    volumes = spec["volumes"] = list(spec.get("volumes") or ())
    if any(str(volume.get("name")).startswith("kube-api-access-") for volume in volumes):
        return
    metadata = value.get("metadata") or {}
    name = generated_name("kube-api-access-", (), metadata.get("namespace"), metadata.get("name"))
    mount = {"name": name, "mountPath": _TOKEN, "readOnly": True}
    for group in ("initContainers", "containers"):
        for container in spec.get(group) or ():
            mounts = list(container.get("volumeMounts") or ())
            if not any(item.get("mountPath") == _TOKEN for item in mounts):
                container["volumeMounts"] = [*mounts, dict(mount)]
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [namespace]}},
    ]
    volumes.append({"name": name, "projected": {"defaultMode": 420, "sources": sources}})


def _template(spec: Object) -> None:
    template = spec.get("template")
    if isinstance(template, dict):
        template.setdefault("metadata", {})
        pod_spec(_spec(template))


def _deployment(value: Object) -> None:
    spec = _spec(value)
    _template(spec)
    _fill(spec, {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600, "strategy": {}})
    strategy = spec["strategy"]
    _fill(strategy, {"type": "RollingUpdate"})
    if strategy["type"] == "RollingUpdate":
        _fill(strategy, {"rollingUpdate": {}})
        _fill(strategy["rollingUpdate"], {"maxUnavailable": "25%", "maxSurge": "25%"})


def _replica_set(value: Object) -> None:
    spec = _spec(value)
    _template(spec)
    _fill(spec, {"replicas": 1})


def _replication_controller(value: Object) -> None:
    _replica_set(value)
    spec = value["spec"]
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    if not spec.get("selector"):
        spec["selector"] = dict(labels)
    if not value["metadata"].get("labels"):
        value["metadata"]["labels"] = dict(labels)


def _stateful_set(value: Object) -> None:
    spec = _spec(value)
    _template(spec)
    retention = {"whenDeleted": "Retain", "whenScaled": "Retain"}
    _fill(
        spec,
        {
            "replicas": 1,
            "revisionHistoryLimit": 10,
            "podManagementPolicy": "OrderedReady",
            "updateStrategy": {},
            "persistentVolumeClaimRetentionPolicy": retention,
        },
    )
    _fill(spec["updateStrategy"], {"type": "RollingUpdate"})
    if spec["updateStrategy"]["type"] == "RollingUpdate":
        _fill(spec["updateStrategy"], {"rollingUpdate": {}})
        _fill(spec["updateStrategy"]["rollingUpdate"], {"partition": 0})


def _daemon_set(value: Object) -> None:
    spec = _spec(value)
    _template(spec)
    _fill(spec, {"revisionHistoryLimit": 10, "updateStrategy": {}})
    _fill(spec["updateStrategy"], {"type": "RollingUpdate"})
    if spec["updateStrategy"]["type"] == "RollingUpdate":
        _fill(spec["updateStrategy"], {"rollingUpdate": {}})
        _fill(spec["updateStrategy"]["rollingUpdate"], {"maxSurge": 0, "maxUnavailable": 1})


def _job_spec(spec: Object) -> None:
    _template(spec)
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = spec["parallelism"] = 1
    _fill(
        spec,
        {
            "parallelism": 1,
            "backoffLimit": 6,
            "completionMode": "NonIndexed",
            "suspend": False,
            "manualSelector": False,
            "podReplacementPolicy": "TerminatingOrFailed",
        },
    )


def _job(value: Object) -> None:
    _job_spec(_spec(value))


def _cron_job(value: Object) -> None:
    spec = _spec(value)
    _fill(
        spec,
        {
            "concurrencyPolicy": "Allow",
            "suspend": False,
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 1,
        },
    )
    template = spec.get("jobTemplate")
    if isinstance(template, dict):
        template.setdefault("metadata", {})
        _template(_spec(template))


def service(value: Object) -> None:
    """Fields that depend on the type are filled in and cleared as the type changes."""
    spec = _spec(value)
    _fill(spec, {"type": "ClusterIP", "sessionAffinity": "None"})
    kind = spec["type"]
    if spec["sessionAffinity"] == "ClientIP":
        _fill(spec, {"sessionAffinityConfig": {}})
        _fill(spec["sessionAffinityConfig"], {"clientIP": {}})
        _fill(spec["sessionAffinityConfig"]["clientIP"], {"timeoutSeconds": 10800})
    else:
        spec.pop("sessionAffinityConfig", None)
    for port in spec.get("ports") or ():
        _fill(port, {"protocol": "TCP"})
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port")
    if kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and spec.get("externalIPs")):
        if not spec.get("externalTrafficPolicy"):
            spec["externalTrafficPolicy"] = "Cluster"
    elif spec.get("externalTrafficPolicy") == "":
        del spec["externalTrafficPolicy"]
    if kind != "ExternalName":
        _fill(spec, {"internalTrafficPolicy": "Cluster"})
    if kind == "LoadBalancer":
        _fill(spec, {"allocateLoadBalancerNodePorts": True})
    ips = spec.get("clusterIPs")
    if spec.get("clusterIP") and not ips:
        spec["clusterIPs"] = [spec["clusterIP"]]
    if spec.get("clusterIP") == "":
        del spec["clusterIP"]
    value.setdefault("status", {"loadBalancer": {}})


def _endpoint_slice(value: Object) -> None:
    for port in value.get("ports") or ():
        _fill(port, {"name": "", "protocol": "TCP"})


def _endpoints(value: Object) -> None:
    for subset in value.get("subsets") or ():
        for port in subset.get("ports") or ():
            _fill(port, {"protocol": "TCP"})


def _network_policy(value: Object) -> None:
    spec = _spec(value)
    _fill(spec, {"podSelector": {}})
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    for direction in ("ingress", "egress"):
        for rule in spec.get(direction) or ():
            for port in (rule or {}).get("ports") or ():
                _fill(port, {"protocol": "TCP"})


def _ingress_class(value: Object) -> None:
    parameters = _spec(value).get("parameters")
    if parameters:
        _fill(parameters, {"scope": "Cluster"})


def _namespace(value: Object) -> None:
    metadata = value["metadata"]
    if metadata.get("name"):
        metadata["labels"] = {**(metadata.get("labels") or {}), NAMESPACE_NAME: metadata["name"]}
    _fill(_spec(value), {"finalizers": ["kubernetes"]})
    _fill(value, {"status": {"phase": "Active"}})


def _secret(value: Object) -> None:
    _fill(value, {"type": "Opaque"})
    written = value.pop("stringData", None)
    if written:
        encoded = {key: b64encode((text or "").encode()).decode() for key, text in written.items()}
        value["data"] = {**(value.get("data") or {}), **encoded}


_DEFAULTS: Final[Mapping[str, Callable[[Object], None]]] = {
    "CronJob": _cron_job,
    "DaemonSet": _daemon_set,
    "Deployment": _deployment,
    "EndpointSlice": _endpoint_slice,
    "Endpoints": _endpoints,
    "IngressClass": _ingress_class,
    "Job": _job,
    "Namespace": _namespace,
    "NetworkPolicy": _network_policy,
    "Pod": _pod,
    "ReplicaSet": _replica_set,
    "ReplicationController": _replication_controller,
    "Secret": _secret,
    "Service": service,
    "StatefulSet": _stateful_set,
}
