"""What a cluster has although nobody wrote it: the Service ``kubernetes``, cluster DNS, kube-proxy, and the ingress
controller that kcnet takes for granted where there are Ingresses and no controller.

Which of them are missing, and their names, ports and labels, are ``kcnet.controlplane``'s; here they become objects.
They are kept up as an addon manager would: what is deleted comes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from kcnet.apiserver.controllers.tools import put_new
from kcnet.apiserver.store import Object
from kcnet.controlplane.facts import settle
from kcnet.controlplane.ingress import plan_controllers, with_default_class
from kcnet.controlplane.system import SYSTEM, give_dns_address, implied_system
from kcnet.model.manifests import ClusterFacts, Manifests, PodSpec, ServiceManifest, ServicePortManifest, Workload
from kcnet.model.objects import ServiceType
from kcnet.model.wellknown import ASSUMED

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

IMAGES: Final = {
    "coredns": "registry.k8s.io/coredns/coredns:v1.14.2",
    "kube-proxy": "registry.k8s.io/kube-proxy:v1.36.2",
}
_INGRESS_IMAGES: Final = {
    "ingress-nginx": "registry.k8s.io/ingress-nginx/controller:v1.15.1",
    "nginx-ingress": "nginx/nginx-ingress:5.3",
    "traefik": "traefik:v3.6",
    "haproxy-controller": "haproxytech/kubernetes-ingress:3.1",
    "projectcontour": "envoyproxy/envoy:v1.35",
    "kong": "kong:3.9",
    "istio-system": "istio/proxyv2:1.28",
}
"""By the namespace of the usual installation."""


def install(server: ApiServer) -> None:
    """Creates what is missing."""
    manifests = server.values.manifests(server.store, server.facts)
    facts = settle(manifests, ClusterFacts())
    ingresses = tuple(with_default_class(manifests.ingresses, manifests.ingress_classes))
    system = implied_system(manifests, facts)
    plan = plan_controllers(manifests, ingresses, facts)
    services = give_dns_address((*system.services, *plan.services), system.dns_service, facts)
    written = {(item.namespace, item.name) for item in manifests.services}
    for service in services:
        if (service.namespace, service.name) not in written:
            _namespace(server, service.namespace)
            put_new(server, _service(service))
    known = {(item.ref.kind, item.namespace, item.name) for item in manifests.workloads}
    for workload in (*system.workloads, *plan.workloads):
        if (workload.ref.kind, workload.namespace, workload.name) not in known:
            _namespace(server, workload.namespace)
            put_new(server, _workload(workload, assumed=workload in plan.workloads))
    if _wants_proxy(server, manifests):
        put_new(server, _kube_proxy())


def _namespace(server: ApiServer, name: str) -> None:
    if server.store.get("namespaces", None, name) is None:
        put_new(server, {"kind": "Namespace", "metadata": {"name": name}, "spec": {}})


def _service(service: ServiceManifest) -> Object:
    spec: dict[str, Any] = {
        "type": str(service.type),
        "selector": dict(service.selector),
        "ports": [_service_port(port) for port in service.ports],
    }
    if not service.selector:
        del spec["selector"]
    if service.cluster_ips:
        spec |= {"clusterIP": str(service.cluster_ips[0]), "clusterIPs": [str(ip) for ip in service.cluster_ips]}
    status: dict[str, Any] = {"loadBalancer": {}}
    if service.type is ServiceType.LOAD_BALANCER and service.load_balancer:
        entries = [
            {"ip": str(entry.address), "ipMode": "VIP"} if entry.address is not None else {"hostname": entry.hostname}
            for entry in service.load_balancer
        ]
        status = {"loadBalancer": {"ingress": entries}}
    metadata = {"name": service.name, "namespace": service.namespace, "labels": dict(service.labels)}
    return {"kind": "Service", "metadata": metadata, "spec": spec, "status": status}


def _service_port(port: ServicePortManifest) -> Object:
    made: dict[str, Any] = {"port": port.port, "protocol": str(port.protocol), "targetPort": port.target_port}
    return {"name": port.name, **made} if port.name else made


def _workload(workload: Workload, *, assumed: bool) -> Object:
    metadata: Object = {
        "name": workload.name,
        "namespace": workload.namespace,
        "labels": dict(workload.labels),
    }
    if assumed:
        metadata["annotations"] = {ASSUMED: "ingress-controller"}
    labels = dict(workload.template_labels)
    spec: Object = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": _pod_spec(workload)},
    }
    if workload.replicas is not None:
        spec["replicas"] = workload.replicas
    if workload.name == "coredns":
        spec["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}}
    return {"kind": workload.ref.kind, "metadata": metadata, "spec": spec}


def _pod_spec(workload: Workload) -> Object:
    spec: PodSpec = workload.spec
    name = spec.containers[0]
    container: Object = {
        "name": name,
        "image": IMAGES.get(name) or _INGRESS_IMAGES.get(workload.namespace, "ingress-controller:assumed"),
        "ports": [
            {
                "containerPort": port.number,
                "name": port.name,
                "protocol": str(port.protocol),
                **({"hostPort": port.host_port} if port.host_port else {}),
            }
            for port in spec.ports
        ],
    }
    made: Object = {"containers": [container], "dnsPolicy": str(spec.dns_policy)}
    if name == "coredns":
        container |= _COREDNS
        made |= {"priorityClassName": "system-cluster-critical", "nodeSelector": {"kubernetes.io/os": "linux"}}
        made["volumes"] = [
            {
                "name": "config-volume",
                "configMap": {"name": "coredns", "items": [{"key": "Corefile", "path": "Corefile"}]},
            }
        ]
    if spec.tolerations:
        made["tolerations"] = [
            {
                key: value
                for key, value in (("key", item.key), ("operator", item.operator), ("effect", item.effect))
                if value
            }
            for item in spec.tolerations
        ]
    return made


_COREDNS: Final[Mapping[str, Any]] = {
    "args": ["-conf", "/etc/coredns/Corefile"],
    "resources": {"limits": {"memory": "170Mi"}, "requests": {"cpu": "100m", "memory": "70Mi"}},
    "volumeMounts": [{"name": "config-volume", "mountPath": "/etc/coredns", "readOnly": True}],
}


def _wants_proxy(server: ApiServer, manifests: Manifests) -> bool:
    """Unless the manifests hold what runs in kube-system anyway, or a plugin that does kube-proxy's work."""
    if f"system/{SYSTEM}" in server.store.marks or server.facts.cni == "cilium":
        return False
    return server.store.get("daemonsets", SYSTEM, "kube-proxy") is None


def _kube_proxy() -> Object:
    labels = {"k8s-app": "kube-proxy"}
    container = {
        "name": "kube-proxy",
        "image": IMAGES["kube-proxy"],
        "command": [
            "/usr/local/bin/kube-proxy",
            "--config=/var/lib/kube-proxy/config.conf",
            "--hostname-override=$(NODE_NAME)",
        ],
        "env": [{"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
        "securityContext": {"privileged": True},
        "volumeMounts": [{"name": "kube-proxy", "mountPath": "/var/lib/kube-proxy"}],
    }
    return {
        "kind": "DaemonSet",
        "metadata": {"name": "kube-proxy", "namespace": SYSTEM, "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "hostNetwork": True,
                    "priorityClassName": "system-node-critical",
                    "nodeSelector": {"kubernetes.io/os": "linux"},
                    "tolerations": [{"operator": "Exists"}],
                    "containers": [container],
                    "volumes": [{"name": "kube-proxy", "configMap": {"name": "kube-proxy"}}],
                },
            },
        },
    }
