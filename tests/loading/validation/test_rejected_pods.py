# ruff: noqa: E501 - rows of tables stay on one line
"""Pods that the API server rejects, and their nearest neighbours that it accepts.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.loading.validation.rows import (
    DUPLICATE,
    FORBIDDEN,
    INVALID,
    NOT_FOUND,
    REQUIRED,
    UNSUPPORTED,
    Bad,
    Good,
    expect,
    flow,
    manifest,
    violations,
)

C0 = "spec.containers[0]"
RANGE = "must be between 1 and 65535, inclusive"
NO_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
A63, A64 = "a" * 63, "a" * 64
MUST_MATCH = "must match `containerPort` when `hostNetwork` is true"

CONTAINER_REJECTED = (
    Bad("no name", "{name: ''}", f"{C0}.name", REQUIRED),
    Bad("name in capitals", "{name: Web}", f"{C0}.name", INVALID, "RFC 1123 label"),
    Bad("name with an underscore", "{name: my_web}", f"{C0}.name", INVALID, "RFC 1123 label"),
    Bad("name with a dot", "{name: a.b}", f"{C0}.name", INVALID, "must not contain dots"),
    Bad("name of 64", f"{{name: {A64}}}", f"{C0}.name", INVALID, "must be no more than 63 bytes"),
    Bad("no image", "{image: null}", f"{C0}.image", REQUIRED),
    Bad("image with a blank", "{image: ' nginx'}", f"{C0}.image", INVALID, "must not have leading or trailing whitespace"),
    Bad("pull policy in small letters", "{imagePullPolicy: always}", f"{C0}.imagePullPolicy", UNSUPPORTED, '"always": supported values: "Always", "IfNotPresent", "Never"'),
    # ports
    Bad("port name of 16", "{ports: [{containerPort: 80, name: aaaabbbbccccdddd}]}", f"{C0}.ports[0].name", INVALID, "must be no more than 15 bytes"),
    Bad("port name of digits", "{ports: [{containerPort: 80, name: '80'}]}", f"{C0}.ports[0].name", INVALID, "must contain at least one letter (a-z)"),
    Bad("port name in capitals", "{ports: [{containerPort: 80, name: Http}]}", f"{C0}.ports[0].name", INVALID, "must contain only alpha-numeric characters"),
    Bad("port name twice", "{ports: [{containerPort: 80, name: a}, {containerPort: 81, name: a}]}", f"{C0}.ports[1].name", DUPLICATE, '"a"'),
    Bad("port 0", "{ports: [{containerPort: 0}]}", f"{C0}.ports[0].containerPort", REQUIRED),
    Bad("port null", "{ports: [{name: a, containerPort: null}]}", f"{C0}.ports[0].containerPort", REQUIRED),
    Bad("port 65536", "{ports: [{containerPort: 65536}]}", f"{C0}.ports[0].containerPort", INVALID, RANGE),
    Bad("port -1", "{ports: [{containerPort: -1}]}", f"{C0}.ports[0].containerPort", INVALID, RANGE),
    Bad("host port 65536", "{ports: [{containerPort: 80, hostPort: 65536}]}", f"{C0}.ports[0].hostPort", INVALID, RANGE),
    Bad("protocol in small letters", "{ports: [{containerPort: 80, protocol: udp}]}", f"{C0}.ports[0].protocol", UNSUPPORTED, '"udp": supported values: "SCTP", "TCP", "UDP"'),
    Bad("host port twice", "{ports: [{containerPort: 80, hostPort: 8080}, {containerPort: 81, hostPort: 8080}]}", f"{C0}.ports[1].hostPort", DUPLICATE, '"TCP//8080"'),
    Bad("host port twice on one address", "{ports: [{containerPort: 80, hostPort: 8080, hostIP: 10.0.0.1}, {containerPort: 81, hostPort: 8080, hostIP: 10.0.0.1}]}", f"{C0}.ports[1].hostPort", DUPLICATE, '"TCP/10.0.0.1/8080"'),
    # environment
    Bad("variable without name", "{env: [{name: '', value: x}]}", f"{C0}.env[0].name", REQUIRED),
    Bad("variable with an equals sign", "{env: [{name: A=B}]}", f"{C0}.env[0].name", INVALID, "printable ASCII characters other than '='"),
    Bad("variable with an umlaut", "{env: [{name: GRÖSSE}]}", f"{C0}.env[0].name", INVALID, "printable ASCII"),
    Bad("variable from nowhere", "{env: [{name: A, valueFrom: {}}]}", f"{C0}.env[0].valueFrom", INVALID, "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"),
    Bad("variable with two values", "{env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}", f"{C0}.env[0].valueFrom", INVALID, "may not be specified when `value` is not empty"),
    Bad("variable from two places", "{env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}, secretKeyRef: {name: a, key: b}}}]}", f"{C0}.env[0].valueFrom", INVALID, "may not have more than one field specified at a time"),
    Bad("variable from an unknown field", "{env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIp}}}]}", f"{C0}.env[0].valueFrom.fieldRef.fieldPath", INVALID, "error converting fieldPath: field label not supported: status.podIp"),
    Bad("variable from a field for volumes", "{env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.labels}}}]}", f"{C0}.env[0].valueFrom.fieldRef.fieldPath", UNSUPPORTED, '"metadata.labels": supported values: "metadata.name"'),
    Bad("variable from a label with a blank", "{env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['a b']\"}}}]}", f"{C0}.env[0].valueFrom.fieldRef", INVALID, '"a b": name part'),
    Bad("variable from no field", "{env: [{name: A, valueFrom: {fieldRef: {fieldPath: ''}}}]}", f"{C0}.env[0].valueFrom.fieldRef.fieldPath", REQUIRED),
    Bad("key of a Secret missing", "{env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: ''}}}]}", f"{C0}.env[0].valueFrom.secretKeyRef.key", REQUIRED),
    Bad("name of a ConfigMap in capitals", "{env: [{name: A, valueFrom: {configMapKeyRef: {name: Config, key: a}}}]}", f"{C0}.env[0].valueFrom.configMapKeyRef.name", INVALID, "RFC 1123 subdomain"),
    Bad("key with a slash", "{env: [{name: A, valueFrom: {configMapKeyRef: {name: a, key: b/c}}}]}", f"{C0}.env[0].valueFrom.configMapKeyRef.key", INVALID, "a valid config key"),
    Bad("environment from nowhere", "{envFrom: [{prefix: A}]}", f"{C0}.envFrom", INVALID, "must specify one of: `configMapRef` or `secretRef`"),
    # volumes
    Bad("mount of an unknown volume", "{volumeMounts: [{name: dat, mountPath: /a}]}", f"{C0}.volumeMounts[0].name", NOT_FOUND, '"dat"'),
    Bad("mount without path", "{volumeMounts: [{name: data, mountPath: ''}]}", f"{C0}.volumeMounts[0].mountPath", REQUIRED),
    Bad("two mounts at one path", "{volumeMounts: [{name: data, mountPath: /a}, {name: data, mountPath: /a}]}", f"{C0}.volumeMounts[1].mountPath", INVALID, "must be unique"),
    # resources
    Bad("memory without number", "{resources: {limits: {memory: Mi}}}", f"{C0}.resources.limits[memory]", INVALID, "quantities must match the regular expression"),
    Bad("memory in MB", "{resources: {limits: {memory: 128MB}}}", f"{C0}.resources.limits[memory]", INVALID, "quantities must match"),
    Bad("memory with a blank", "{resources: {limits: {memory: 128 Mi}}}", f"{C0}.resources.limits[memory]", INVALID, "quantities must match"),
    Bad("negative cpu", "{resources: {requests: {cpu: -1}}}", f"{C0}.resources.requests[cpu]", INVALID, "must be greater than or equal to 0"),
    Bad("request beyond the limit", "{resources: {requests: {cpu: 500m}, limits: {cpu: '0.4'}}}", f"{C0}.resources.requests", INVALID, "must be less than or equal to cpu limit of 0.4"),
    Bad("request of Gi beyond Mi", "{resources: {requests: {memory: 1Gi}, limits: {memory: 1023Mi}}}", f"{C0}.resources.requests", INVALID, "must be less than or equal to memory limit of 1023Mi"),
    Bad("resource misspelt", "{resources: {limits: {memroy: 128Mi}}}", f"{C0}.resources.limits[memroy]", INVALID, "must be a standard resource for containers"),
    # probes
    Bad("probe without handler", "{readinessProbe: {periodSeconds: 5}}", f"{C0}.readinessProbe", REQUIRED, "must specify a handler type"),
    Bad("probe with two handlers", "{livenessProbe: {httpGet: {port: 80}, tcpSocket: {port: 80}}}", f"{C0}.livenessProbe.tcpSocket", FORBIDDEN, "may not specify more than 1 handler type"),
    Bad("probe at port 0", "{readinessProbe: {httpGet: {port: 0}}}", f"{C0}.readinessProbe.httpGet.port", INVALID, RANGE),
    Bad("probe at port 70000", "{readinessProbe: {tcpSocket: {port: 70000}}}", f"{C0}.readinessProbe.tcpSocket.port", INVALID, RANGE),
    Bad("probe at a port in quotes", "{readinessProbe: {httpGet: {port: '8080'}}}", f"{C0}.readinessProbe.httpGet.port", INVALID, "must contain at least one letter"),
    Bad("grpc probe at port 0", "{startupProbe: {grpc: {port: 0}}}", f"{C0}.startupProbe.grpc.port", INVALID, RANGE),
    Bad("probe by a small http", "{readinessProbe: {httpGet: {port: 80, scheme: http}}}", f"{C0}.readinessProbe.httpGet.scheme", UNSUPPORTED, '"HTTP", "HTTPS"'),
    Bad("probe without command", "{readinessProbe: {exec: {command: []}}}", f"{C0}.readinessProbe.exec.command", REQUIRED),
    Bad("probe header with a blank", "{readinessProbe: {httpGet: {port: 80, httpHeaders: [{name: a b, value: c}]}}}", f"{C0}.readinessProbe.httpGet.httpHeaders", INVALID, "a valid HTTP header"),
    Bad("probe period negative", "{readinessProbe: {httpGet: {port: 80}, periodSeconds: -1}}", f"{C0}.readinessProbe.periodSeconds", INVALID, "must be greater than or equal to 0"),
    Bad("liveness with two successes", "{livenessProbe: {httpGet: {port: 80}, successThreshold: 2}}", f"{C0}.livenessProbe.successThreshold", INVALID, "must be 1"),
    Bad("startup with two successes", "{startupProbe: {httpGet: {port: 80}, successThreshold: 2}}", f"{C0}.startupProbe.successThreshold", INVALID, "must be 1"),
    Bad("readiness with a grace period", "{readinessProbe: {httpGet: {port: 80}, terminationGracePeriodSeconds: 5}}", f"{C0}.readinessProbe.terminationGracePeriodSeconds", INVALID, "must not be set for readinessProbes"),
    Bad("hook without handler", "{lifecycle: {preStop: {}}}", f"{C0}.lifecycle.preStop", REQUIRED, "must specify a handler type"),
)

CONTAINER_ACCEPTED = (
    Good("plain", "{}"),
    Good("name of 63", f"{{name: {A63}}}"),
    Good("image by digest", "{image: 'nginx@sha256:abc'}"),
    Good("ports", "{ports: [{containerPort: 80, name: http}, {containerPort: 53, protocol: UDP}, {containerPort: 5, protocol: SCTP}]}"),
    Good("port name of 15", "{ports: [{containerPort: 80, name: aaaabbbbccccddd}]}"),
    Good("one port twice", "{ports: [{containerPort: 80, name: a}, {containerPort: 80, name: b}]}"),
    Good("host port 0", "{ports: [{containerPort: 80, hostPort: 0}]}"),
    Good("host port over two protocols", "{ports: [{containerPort: 53, hostPort: 53}, {containerPort: 53, hostPort: 53, protocol: UDP}]}"),
    Good("host port on two addresses", "{ports: [{containerPort: 80, hostPort: 80, hostIP: 10.0.0.1}, {containerPort: 81, hostPort: 80, hostIP: 10.0.0.2}]}"),
    Good("variable with dots and digits", "{env: [{name: 1.my-VAR_}, {name: A, value: ''}, {name: A B}]}"),
    Good("variable of the pod's address", "{env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]}"),
    Good("variable of a label", "{env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['app.kubernetes.io/name']\"}}}]}"),
    Good("variable of a key", "{env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: PASS_1.x}}}, {name: B, valueFrom: {configMapKeyRef: {name: c, key: d}}}]}"),
    Good("variable of the node's name", "{env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}, {name: B, valueFrom: {fieldRef: {fieldPath: spec.host}}}]}"),
    Good("variable of an annotation", "{env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.annotations['Example.com/A']\"}}}]}"),
    Good("variable of a limit", "{env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]}"),
    Good("environment", "{envFrom: [{configMapRef: {name: a}}, {secretRef: {name: b}, prefix: X_}]}"),
    Good("mounts", "{volumeMounts: [{name: data, mountPath: /a}, {name: data, mountPath: /b, subPath: c}]}"),
    Good("resources", "{resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 1, memory: 0.5Gi, ephemeral-storage: 1e9, hugepages-2Mi: 4Mi, example.com/gpu: 1}}}"),
    Good("request equal in other units", "{resources: {requests: {cpu: 1000m, memory: 1024Mi}, limits: {cpu: 1, memory: 1Gi}}}"),
    Good("resources null", "{resources: {requests: null, limits: {cpu: null}}}"),
    Good("probe by name", "{readinessProbe: {httpGet: {port: http, path: /, scheme: HTTPS}, successThreshold: 3}}"),
    Good("probe by command", "{livenessProbe: {exec: {command: [true]}, terminationGracePeriodSeconds: 5}}"),
    Good("probe by grpc", "{startupProbe: {grpc: {port: 50051}, initialDelaySeconds: 0}}"),
    Good("hook that sleeps", "{lifecycle: {preStop: {sleep: {seconds: 5}}, postStart: {exec: {command: [a]}}}}"),
    Good("restartPolicy", "{restartPolicy: Never}"),
    Good("nulls", "{ports: null, env: null, envFrom: null, volumeMounts: null, resources: null, readinessProbe: null, lifecycle: null, imagePullPolicy: null}"),
    Good("null items", "{ports: [], env: []}"),
)


def pod(container: dict[str, Any], **spec: Any) -> dict[str, Any]:
    base = {"name": "web", "image": "nginx", **container}
    return manifest("Pod", spec={"containers": [base], "volumes": [{"name": "data", "emptyDir": {}}], **spec})


@pytest.mark.parametrize("row", CONTAINER_REJECTED, ids=str)
def test_container_rejected(row: Bad) -> None:
    expect(row, pod(flow(row.text)))


@pytest.mark.parametrize("row", CONTAINER_ACCEPTED, ids=str)
def test_container_accepted(row: Good) -> None:
    assert violations(pod(flow(row.text))) == []


@pytest.mark.parametrize("row", CONTAINER_REJECTED, ids=str)
def test_a_template_is_judged_like_a_pod(row: Bad) -> None:
    spec = pod(flow(row.text))["spec"]
    template = {"metadata": {"labels": {"app": "web"}}, "spec": spec}
    value = manifest("Deployment", spec={"selector": {"matchLabels": {"app": "web"}}, "template": template})
    found = violations(value)
    if row.what == "image with a blank":  # only Pods are asked for that
        assert found == []
    else:
        assert {(each.field, each.code) for each in found} == {(f"spec.template.{row.field}", row.code)}


W = "{name: web, image: nginx}"

POD_REJECTED = (
    Bad("no containers", "{containers: []}", "spec.containers", REQUIRED),
    Bad("containers null", "{containers: null}", "spec.containers", REQUIRED),
    Bad("container name twice", f"{{containers: [{W}, {W}]}}", "spec.containers[1].name", DUPLICATE, '"web"'),
    Bad("init container named like another", f"{{initContainers: [{W}]}}", "spec.initContainers[0].name", DUPLICATE, '"web"'),
    Bad("init container without image", "{initContainers: [{name: a}]}", "spec.initContainers[0].image", REQUIRED),
    Bad("init container with a probe", "{initContainers: [{name: a, image: b, readinessProbe: {httpGet: {port: 80}}}]}", "spec.initContainers[0].readinessProbe", FORBIDDEN, "may not be set for init containers without restartPolicy=Always"),
    Bad("init container with a hook", "{initContainers: [{name: a, image: b, lifecycle: {preStop: {exec: {command: [a]}}}}]}", "spec.initContainers[0].lifecycle", FORBIDDEN, "may not be set for init containers"),
    Bad("sidecar with a bad probe", "{initContainers: [{name: a, image: b, restartPolicy: Always, readinessProbe: {}}]}", "spec.initContainers[0].readinessProbe", REQUIRED, "must specify a handler type"),
    Bad("host port of two containers", "{containers: [{name: a, image: b, ports: [{containerPort: 80, hostPort: 80}]}, {name: c, image: d, ports: [{containerPort: 81, hostPort: 80}]}]}", "spec.containers[1].ports[0].hostPort", DUPLICATE, '"TCP//80"'),
    Bad("hostNetwork with another host port", "{hostNetwork: true, containers: [{name: a, image: b, ports: [{containerPort: 80, hostPort: 8080}]}]}", "spec.containers[0].ports[0].hostPort", INVALID, MUST_MATCH),
    Bad("hostNetwork with one port twice", "{hostNetwork: true, containers: [{name: a, image: b, ports: [{containerPort: 80}]}, {name: c, image: d, ports: [{containerPort: 80}]}]}", "spec.containers[1].ports[0].hostPort", DUPLICATE, '"TCP//80"'),
    Bad("restartPolicy in small letters", "{restartPolicy: always}", "spec.restartPolicy", UNSUPPORTED, '"always": supported values: "Always", "OnFailure", "Never"'),
    # DNS
    Bad("dnsPolicy unknown", "{dnsPolicy: ClusterOnly}", "spec.dnsPolicy", UNSUPPORTED, '"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"'),
    Bad("dnsPolicy None alone", "{dnsPolicy: None}", "spec.dnsConfig", REQUIRED, "must provide `dnsConfig` when `dnsPolicy` is None"),
    Bad("dnsPolicy None without server", "{dnsPolicy: None, dnsConfig: {searches: [a.b]}}", "spec.dnsConfig.nameservers", REQUIRED, "must provide at least one DNS nameserver when `dnsPolicy` is None"),
    Bad("four nameservers", "{dnsConfig: {nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4]}}", "spec.dnsConfig.nameservers", INVALID, "must not have more than 3 nameservers"),
    Bad("nameserver a name", "{dnsConfig: {nameservers: [dns.example.com]}}", "spec.dnsConfig.nameservers[0]", INVALID, NO_IP),
    Bad("nameserver with leading zeros", "{dnsConfig: {nameservers: [001.1.1.1]}}", "spec.dnsConfig.nameservers[0]", INVALID, "must not have leading 0s"),
    Bad("33 searches", f"{{dnsConfig: {{searches: [{', '.join(['a.b'] * 33)}]}}}}", "spec.dnsConfig.searches", INVALID, "must not have more than 32 search paths"),
    Bad("searches of 2049", f"{{dnsConfig: {{searches: [{', '.join(['.'.join(['a' * 60] * 4)] * 8)}, {'.'.join(['b' * 48] * 2)}]}}}}", "spec.dnsConfig.searches", INVALID, "must not have more than 2048 characters (including spaces) in the search list"),
    Bad("search in capitals", "{dnsConfig: {searches: [Example.com]}}", "spec.dnsConfig.searches[0]", INVALID, "RFC 1123 subdomain"),
    Bad("search of two dots", "{dnsConfig: {searches: ['..']}}", "spec.dnsConfig.searches[0]", INVALID, "RFC 1123 subdomain"),
    Bad("search of 254", f"{{dnsConfig: {{searches: [{'.'.join(['a' * 49] * 5)}.abcd]}}}}", "spec.dnsConfig.searches[0]", INVALID, "must be no more than 253 bytes"),
    Bad("option without name", "{dnsConfig: {options: [{value: '2'}]}}", "spec.dnsConfig.options[0]", REQUIRED, "must not be empty"),
    Bad("hostname with a dot", "{hostname: a.b}", "spec.hostname", INVALID, "must not contain dots"),
    Bad("hostname in capitals", "{hostname: Web}", "spec.hostname", INVALID, "RFC 1123 label"),
    Bad("subdomain with a dot", "{subdomain: a.b}", "spec.subdomain", INVALID, "must not contain dots"),
    Bad("subdomain of 64", f"{{subdomain: {A64}}}", "spec.subdomain", INVALID, "must be no more than 63 bytes"),
    Bad("hostnameOverride of 65", f"{{hostnameOverride: {'a' * 65}}}", "spec.hostnameOverride", INVALID, "must be no more than 64 bytes"),
    Bad("hostnameOverride with hostNetwork", "{hostNetwork: true, hostnameOverride: a.b}", "spec.hostnameOverride", FORBIDDEN, "hostNetwork"),
    # placing
    Bad("nodeSelector with a blank", "{nodeSelector: {disk: my ssd}}", "spec.nodeSelector", INVALID, "a valid label"),
    Bad("nodeName in capitals", "{nodeName: Node1}", "spec.nodeName", INVALID, "RFC 1123 subdomain"),
    Bad("serviceAccountName in capitals", "{serviceAccountName: Robot}", "spec.serviceAccountName", INVALID, "RFC 1123 subdomain"),
    Bad("toleration of everything without Exists", "{tolerations: [{effect: NoSchedule}]}", "spec.tolerations[0].operator", INVALID, "operator must be Exists when `key` is empty"),
    Bad("toleration key with a blank", "{tolerations: [{key: a b}]}", "spec.tolerations[0].key", INVALID, "name part"),
    Bad("preferred node without key", "{affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchExpressions: [{key: '', operator: Exists}]}}]}}}", "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].key", INVALID, "name part must be non-empty"),
    Bad("node affinity operator unknown", "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Is}]}]}}}}", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator", INVALID, "not a valid selector operator"),
    Bad("pod affinity in a strange namespace", "{affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, namespaces: [A]}]}}}", "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespace", INVALID, "RFC 1123 label"),
    Bad("toleration Exists with a value", "{tolerations: [{key: a, operator: Exists, value: b}]}", "spec.tolerations[0].operator", INVALID, "value must be empty when `operator` is 'Exists'"),
    Bad("toleration operator unknown", "{tolerations: [{key: a, operator: Is}]}", "spec.tolerations[0].operator", UNSUPPORTED, '"Equal", "Exists"'),
    Bad("toleration effect unknown", "{tolerations: [{key: a, effect: NoRun}]}", "spec.tolerations[0].effect", UNSUPPORTED, '"NoSchedule", "PreferNoSchedule", "NoExecute"'),
    Bad("toleration seconds without NoExecute", "{tolerations: [{key: a, effect: NoSchedule, tolerationSeconds: 5}]}", "spec.tolerations[0].effect", INVALID, "effect must be 'NoExecute' when `tolerationSeconds` is set"),
    Bad("node affinity without terms", "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}}", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms", REQUIRED, "must have at least one node selector term"),
    Bad("node affinity In without values", "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In}]}]}}}}", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values", REQUIRED, "must be specified when `operator` is 'In' or 'NotIn'"),
    Bad("node affinity Gt with two values", "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Gt, values: ['1', '2']}]}]}}}}", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values", REQUIRED, "must be specified single value"),
    Bad("pod anti-affinity without topology", "{affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {a: b}}, topologyKey: ''}]}}}", "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey", REQUIRED, "can not be empty"),
    Bad("pod affinity of weight 0", "{affinity: {podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, podAffinityTerm: {topologyKey: a}}]}}}", "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight", INVALID, "must be in the range 1-100"),
    Bad("host alias of no address", "{hostAliases: [{ip: db, hostnames: [a]}]}", "spec.hostAliases[0].ip", INVALID, NO_IP),
    Bad("host alias in capitals", "{hostAliases: [{ip: 10.0.0.1, hostnames: [a, B]}]}", "spec.hostAliases[0].hostnames[1]", INVALID, "RFC 1123 subdomain"),
    # volumes
    Bad("volume without name", "{volumes: [{name: '', emptyDir: {}}]}", "spec.volumes[0].name", REQUIRED),
    Bad("volume name in capitals", "{volumes: [{name: Data}]}", "spec.volumes[0].name", INVALID, "RFC 1123 label"),
    Bad("volume name twice", "{volumes: [{name: a}, {name: a}]}", "spec.volumes[1].name", DUPLICATE, '"a"'),
    Bad("volume with two sources", "{volumes: [{name: a, emptyDir: {}, secret: {secretName: b}}]}", "spec.volumes[0].secret", FORBIDDEN, "may not specify more than 1 volume type"),
    Bad("ephemeral containers", "{ephemeralContainers: [{name: a, image: b}]}", "spec.ephemeralContainers", FORBIDDEN, "cannot be set on create"),
)

POD_ACCEPTED = (
    Good("plain", "{}"),
    Good("every restartPolicy", "{restartPolicy: OnFailure}"),
    Good("init container", "{initContainers: [{name: a, image: b, ports: [{containerPort: 80}]}]}"),
    Good("sidecar with a probe", "{initContainers: [{name: a, image: b, restartPolicy: Always, readinessProbe: {httpGet: {port: 80}}, lifecycle: {preStop: {exec: {command: [a]}}}}]}"),
    Good("two init containers on one host port", "{initContainers: [{name: a, image: b, ports: [{containerPort: 80, hostPort: 80}]}, {name: c, image: d, ports: [{containerPort: 80, hostPort: 80}]}]}"),
    Good("a port name in two containers", "{containers: [{name: a, image: b, ports: [{containerPort: 80, name: http}]}, {name: c, image: d, ports: [{containerPort: 80, name: http}]}]}"),
    Good("hostNetwork with the same host port", "{hostNetwork: true, containers: [{name: a, image: b, ports: [{containerPort: 80, hostPort: 80}]}]}"),
    Good("hostNetwork without host port", "{hostNetwork: true, containers: [{name: a, image: b, ports: [{containerPort: 53}, {containerPort: 53, protocol: UDP}]}]}"),
    Good("dnsPolicy None", "{dnsPolicy: None, dnsConfig: {nameservers: [10.96.0.10, '2001:db8::1']}}"),
    Good("dnsPolicy for the host's network", "{dnsPolicy: ClusterFirstWithHostNet, hostNetwork: true}"),
    Good("dnsPolicy empty", "{dnsPolicy: ''}"),
    Good("searches", "{dnsConfig: {searches: [example.com, _tcp.example.com, ., example.org.], options: [{name: ndots, value: '2'}, {name: edns0}]}}"),
    Good("searches of 2048", f"{{dnsConfig: {{searches: [{', '.join(['.'.join(['a' * 60] * 4)] * 8)}, {'b' * 48}.{'c' * 47}]}}}}"),
    Good("hostname and subdomain", "{hostname: web-0, subdomain: web}"),
    Good("hostname of digits", "{hostname: '0'}"),
    Good("hostnameOverride", "{hostnameOverride: web.example.com}"),
    Good("tolerations", "{tolerations: [{operator: Exists}, {key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 300}, {key: a, value: b, effect: NoSchedule}, {key: a}]}"),
    Good("affinity", "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In, values: [b]}, {key: c, operator: Exists}, {key: d, operator: Gt, values: ['1']}]}]}}, podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname}]}}}"),
    Good("nodeSelector", "{nodeSelector: {kubernetes.io/os: linux}}"),
    Good("host aliases", "{hostAliases: [{ip: 127.0.0.1, hostnames: [a, b.c]}]}"),
    Good("volumes", "{volumes: [{name: a}, {name: b, configMap: {name: c}}]}"),
    Good("empty lists", "{initContainers: [], volumes: [], tolerations: [], hostAliases: [], imagePullSecrets: [], ephemeralContainers: []}"),
    Good("nulls", "{initContainers: null, volumes: null, dnsPolicy: null, dnsConfig: null, affinity: null, tolerations: null, hostNetwork: null, nodeSelector: null, restartPolicy: null}"),
)


@pytest.mark.parametrize("row", POD_REJECTED, ids=str)
def test_pod_rejected(row: Bad) -> None:
    expect(row, manifest("Pod", spec={"containers": [{"name": "web", "image": "nginx"}], **flow(row.text)}))


@pytest.mark.parametrize("row", POD_ACCEPTED, ids=str)
def test_pod_accepted(row: Good) -> None:
    assert violations(manifest("Pod", spec={"containers": [{"name": "web", "image": "nginx"}], **flow(row.text)})) == []


STATUS_REJECTED = (
    Bad("a pod IP of nothing", "{podIPs: [{ip: 10.244.0.4}, {ip: pod}]}", "status.podIPs[1]", INVALID, NO_IP),
    Bad("a single pod IP of nothing", "{podIP: 10.244.0}", "status.podIP", INVALID, NO_IP),
    Bad("a host IP of nothing", "{hostIP: node-1}", "status.hostIP", INVALID, NO_IP),
)


@pytest.mark.parametrize("row", STATUS_REJECTED, ids=str)
def test_status_rejected(row: Bad) -> None:
    expect(row, {**pod({}), "status": flow(row.text)})


def test_status_accepted() -> None:
    status = {"phase": "Running", "podIP": "10.244.0.4", "podIPs": [{"ip": "10.244.0.4"}, {"ip": "fd00::4"}], "hostIP": "10.0.0.1"}
    assert violations({**pod({}), "status": status}) == []


def test_a_live_pod_may_have_what_a_new_one_may_not() -> None:
    value = pod({}, ephemeralContainers=[{"name": "debug", "image": "busybox"}], dnsConfig={"nameservers": ["010.0.0.1"]})
    assert len(violations(value)) == 2
    value["metadata"]["uid"] = "u"
    assert violations(value) == []


def test_a_template_may_not_set_a_host_port_beside_the_container_s() -> None:
    container = {"name": "a", "image": "b", "ports": [{"containerPort": 80, "hostPort": 8080}]}
    spec = {"hostNetwork": True, "containers": [container, {"name": "c", "image": "d", "ports": [{"containerPort": 80}]}]}
    template = {"metadata": {"labels": {"a": "b"}}, "spec": spec}
    value = manifest("DaemonSet", spec={"selector": {"matchLabels": {"a": "b"}}, "template": template})
    (found,) = violations(value)
    assert found.field == "spec.template.spec.containers[0].ports[0].hostPort"
    assert MUST_MATCH in found.message
    container["ports"][0]["hostPort"] = 0
    assert violations(value) == []  # host ports of a template are defaulted only when the Pod is made
