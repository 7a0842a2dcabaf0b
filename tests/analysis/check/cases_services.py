"""Cases of the rules about Services, endpoints, ExternalNames, load balancers and pods."""

from __future__ import annotations

from kcnet.model.wellknown import SOURCE_RANGES
from tests.analysis.check.cases import Case

CLIENT = """
---
apiVersion: v1
kind: Pod
metadata: {name: client, labels: {run: client}}
spec: {containers: [{name: curl, image: curl}]}
"""


def deployment(
    name: str = "web", labels: str = "app: web", ports: str = "{containerPort: 8080, name: http}", more: str = "",
    replicas: int = 2, spec: str = "",
) -> str:  # fmt: skip
    return f"""
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{{labels}}}}}
  template:
    metadata: {{labels: {{{labels}}}}}
    spec:
      {spec}
      containers: [{{name: main, image: x, ports: [{ports}]{more}}}]
"""


HOST_PORT = "{containerPort: 8080, hostPort: 8080}"


def strategy(text: str) -> str:
    return deployment(ports=HOST_PORT, replicas=2).replace("  replicas: 2\n", f"  replicas: 2\n  strategy: {text}\n")


def service(
    selector: str = "selector: {app: web}", port: str = "{port: 80, targetPort: 8080}", more: str = "",
    name: str = "web", meta: str = "",
) -> str:  # fmt: skip
    return f"""
---
apiVersion: v1
kind: Service
metadata: {{name: {name}{meta}}}
spec:
  {selector}
  ports: [{port}]
  {more}
"""


def external(name: str, to: str, ports: str = "[]") -> str:
    return f"""
---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{type: ExternalName, externalName: {to}, ports: {ports}}}
"""


def facts(spec: str) -> str:
    return f"""
---
apiVersion: kcnet/v1
kind: Cluster
metadata: {{name: facts}}
spec: {{{spec}}}
"""


def endpoint_slice(port: str, service: str = "db") -> str:
    return f"""
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: db-1, labels: {{kubernetes.io/service-name: {service}}}}}
addressType: IPv4
endpoints: [{{addresses: [192.0.2.10]}}]
ports: [{port}]
"""


def stateful(service_name: str) -> str:
    return f"""
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: db}}
spec:
  serviceName: {service_name}
  selector: {{matchLabels: {{app: db}}}}
  template:
    metadata: {{labels: {{app: db}}}}
    spec: {{containers: [{{name: db, image: x, ports: [{{containerPort: 5432}}]}}]}}
"""


NO_SELECTOR = "clusterIP: ''"
DB = service(NO_SELECTOR, "{port: 5432, name: sql}", name="db")
HEADLESS = "clusterIP: None"
LB = "type: LoadBalancer"
PROBE = ", readinessProbe: {httpGet: {port: %s}}"
NOT_READY = """
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: main, image: x, ports: [{containerPort: 8080}]}]}
status: {conditions: [{type: Ready, status: "%s"}]}
"""
BATCH = """
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      restartPolicy: Never
      containers: [{name: main, image: x, ports: [{containerPort: %d}]}]
"""

KUBE_PROXY = """
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-proxy, namespace: kube-system}
data:
  config.conf: |
    apiVersion: kubeproxy.config.k8s.io/v1alpha1
    kind: KubeProxyConfiguration
    ipvs:
      scheduler: ""
    mode: ipvs
"""
SLICE = endpoint_slice("{port: 5432, name: sql}")
LEGACY = """
---
apiVersion: v1
kind: Endpoints
metadata: {name: db}
subsets: [{addresses: [{ip: 192.0.2.10}], ports: [{port: 5432, name: sql}]}]
"""

CASES = (
    Case(
        "a typo in a label's value",
        "SERVICE_SELECTS_NOTHING",
        deployment(labels="app: website") + service("selector: {app: webiste}"),
        ("Service/web spec.selector.app",),
        ("app=website", "connection is refused"),
    ),
    Case(
        "a label that the pods lack",
        "SERVICE_SELECTS_NOTHING",
        deployment() + service("selector: {app: web, tier: front}"),
        ("Service/web spec.selector.tier",),
    ),
    Case(
        "a label of the Deployment that its pods do not get",
        "SERVICE_SELECTS_NOTHING",
        deployment().replace("{name: web}", "{name: web, labels: {tier: front}}") + service("selector: {tier: front}"),
        ("Service/web spec.selector.tier",),
        ("Deployment default/web has them itself", "spec.template.metadata.labels"),
    ),
    Case(
        "a headless Service does not even resolve",
        "SERVICE_SELECTS_NOTHING",
        deployment() + service("selector: {app: other}", more=HEADLESS),
        ("Service/web spec.selector.app",),
        ("NXDOMAIN",),
    ),
    Case(
        "more labels than the selector asks", "SERVICE_SELECTS_NOTHING", deployment(labels="app: web, v: a") + service()
    ),
    Case("no pod at all was given", "SERVICE_SELECTS_NOTHING", service()),
    Case("the workload is scaled to zero", "SERVICE_SELECTS_NOTHING", deployment(replicas=0) + service()),
    Case(
        "pods may come from a custom resource",
        "SERVICE_SELECTS_NOTHING",
        service()
        + "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: o, namespace: ops}\nspec:\n"
        + "  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}\n"
        + "---\napiVersion: acid.zalan.do/v1\nkind: postgresql\nmetadata: {name: web}\n",
    ),
    Case(
        "an Argo Rollout may make them, beside a Deployment of something else",
        "SERVICE_SELECTS_NOTHING",
        deployment(name="worker", labels="app: worker")
        + service()
        + "---\napiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: web}\n",
    ),
    Case(
        "no pod comes from a Certificate",
        "SERVICE_SELECTS_NOTHING",
        deployment(name="worker", labels="app: worker")
        + service()
        + "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web}\n",
        ("Service/web spec.selector.app",),
    ),
    Case(
        "no replicas",
        "SERVICE_SCALED_TO_ZERO",
        deployment(replicas=0) + service(),
        ("Service/web spec.selector",),
        ("Deployment default/web, has 0 replicas",),
    ),
    Case("one replica", "SERVICE_SCALED_TO_ZERO", deployment(replicas=1) + service()),
    Case(
        "the only pod is not ready",
        "SERVICE_NO_READY_PODS",
        NOT_READY % "False" + service() + CLIENT,
        ("Service/web spec.selector",),
        ("does not pass its readiness probe",),
    ),
    Case("the only pod is ready", "SERVICE_NO_READY_PODS", NOT_READY % "True" + service()),
    Case(
        "it is told to publish them all the same",
        "SERVICE_NO_READY_PODS",
        NOT_READY % "False" + service(more="publishNotReadyAddresses: true"),
    ),
    Case(
        "the containers declare another port",
        "SERVICE_TARGET_PORT_NOT_LISTENED",
        deployment() + service(port="{port: 80, targetPort: 8081}"),
        ("Service/web spec.ports[0].targetPort",),
        ("8081", "Did you mean 8080?"),
    ),
    Case(
        "targetPort is left out, so it is port",
        "SERVICE_TARGET_PORT_NOT_LISTENED",
        deployment() + service(port="{port: 80}"),
        ("Service/web spec.ports[0].port",),
    ),
    Case(
        "its own nodePort",
        "SERVICE_TARGET_PORT_NOT_LISTENED",
        deployment() + service(port="{port: 80, targetPort: 30080, nodePort: 30080}", more="type: NodePort"),
        ("Service/web spec.ports[0].targetPort",),
        ("its own nodePort",),
    ),
    Case("the port is declared", "SERVICE_TARGET_PORT_NOT_LISTENED", deployment() + service()),
    *(
        Case(
            f"a container is told of the port: {name}",
            "SERVICE_TARGET_PORT_NOT_LISTENED",
            deployment(more=more) + service(port="{port: 80, targetPort: 18080}") + more_objects,
        )
        for name, more, more_objects in (
            ("by an argument", ", args: [--port, '18080']", ""),
            ("within an argument", ", args: ['--listen=0.0.0.0:18080/tcp']", ""),
            ("by a variable", ", env: [{name: PORT, value: '18080'}]", ""),
            (
                "by a ConfigMap",
                ", envFrom: [{configMapRef: {name: app}}]",
                "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {app.yaml: 'listen: [::]:18080'}\n",
            ),
        )
    ),
    *(
        Case(
            f"a container is told of something else: {text}",
            "SERVICE_TARGET_PORT_NOT_LISTENED",
            deployment(more=f", env: [{{name: X, value: '{text}'}}]") + service(port="{port: 80, targetPort: 18080}"),
            ("Service/web spec.ports[0].targetPort",),
        )
        for text in ("http://cart:18080/", "180801", "118080", "1.18080.2")
    ),
    Case(
        "the containers declare nothing, so nothing is known",
        "SERVICE_TARGET_PORT_NOT_LISTENED",
        deployment(ports="") + service(port="{port: 80}"),
    ),
    Case(
        "an annotation says that it listens",
        "SERVICE_TARGET_PORT_NOT_LISTENED",
        NOT_READY.replace("labels:", 'annotations: {kcnet/listens: "80"}, labels:') % "True"
        + service(port="{port: 80}"),
    ),
    Case(
        "one letter is missing",
        "SERVICE_TARGET_PORT_NAME_MISSING",
        deployment() + service(port="{port: 80, targetPort: htp}"),
        ("Service/web spec.ports[0].targetPort",),
        ("its pods name http",),
    ),
    Case(
        "the port has no name",
        "SERVICE_TARGET_PORT_NAME_MISSING",
        deployment(ports="{containerPort: 8080}") + service(port="{port: 80, targetPort: http}"),
        ("Service/web spec.ports[0].targetPort",),
        ("name no port",),
    ),
    Case(
        "of a headless Service, whose name leads to the pods all the same",
        "SERVICE_TARGET_PORT_NAME_MISSING",
        deployment() + service(port="{port: 8080, targetPort: web}", more=HEADLESS) + CLIENT,
        ("Service/web spec.ports[0].targetPort",),
        ("no SRV record",),
    ),
    Case(
        "the name is there",
        "SERVICE_TARGET_PORT_NAME_MISSING",
        deployment() + service(port="{port: 80, targetPort: http}"),
    ),
    Case(
        "the canary calls its port otherwise",
        "SERVICE_TARGET_PORT_NAME_PARTIAL",
        deployment()
        + deployment("canary", "app: web, track: canary", "{containerPort: 8080, name: web}", replicas=1)
        + service(port="{port: 80, targetPort: http}"),
        ("Service/web spec.ports[0].targetPort",),
        ("1 pod of the 3", "Deployment default/canary"),
    ),
    Case(
        "the canary calls another number by the same name",
        "SERVICE_TARGET_PORT_NAME_PARTIAL",
        deployment()
        + deployment("canary", "app: web, track: canary", "{containerPort: 9090, name: http}")
        + service(port="{port: 80, targetPort: http}"),
    ),
    Case(
        "UDP is missing from the Service",
        "SERVICE_PROTOCOL_MISMATCH",
        deployment(ports="{containerPort: 53, name: dns, protocol: UDP}") + service(port="{port: 53, targetPort: dns}"),
        ("Service/web spec.ports[0]",),
        ("protocol to UDP",),
    ),
    Case(
        "the pods listen on both",
        "SERVICE_PROTOCOL_MISMATCH",
        deployment(ports="{containerPort: 53, protocol: UDP}, {containerPort: 53}") + service(port="{port: 53}"),
    ),
    Case(
        "one label for two parts of the application",
        "SERVICE_SELECTS_STRANGERS",
        deployment(labels="app: shop, part: web")
        + deployment("db", "app: shop, part: db", "{containerPort: 5432}")
        + service("selector: {app: shop}"),
        ("Service/web spec.selector",),
        ("about 2 of 4", "part: web"),
    ),
    Case(
        "a Job with a copy of the labels",
        "SERVICE_SELECTS_STRANGERS",
        deployment() + BATCH % 9000 + service(),
        ("Service/web spec.selector",),
        ("Job default/migrate",),
    ),
    Case(
        "a canary on the same port",
        "SERVICE_SELECTS_STRANGERS",
        deployment() + deployment("canary", "app: web, track: canary", "{containerPort: 8080}") + service(),
    ),
    Case(
        "port and targetPort differ",
        "HEADLESS_TRANSLATES_NO_PORT",
        deployment() + service(more=HEADLESS),
        ("Service/web spec.ports[0].targetPort",),
        ("web:80 is refused", "web:8080"),
    ),
    Case(
        "they are the same",
        "HEADLESS_TRANSLATES_NO_PORT",
        deployment() + service(port="{port: 8080, targetPort: http}", more=HEADLESS),
    ),
    Case(
        "it has a cluster IP",
        "HEADLESS_TRANSLATES_NO_PORT",
        deployment() + service(port="{port: 80, targetPort: 8080}"),
    ),
    Case(
        "clients connect past kube-proxy",
        "SERVICE_AFFINITY_WITHOUT_PROXY",
        deployment() + service(more="clusterIP: None\n  sessionAffinity: ClientIP"),
        ("Service/web spec.sessionAffinity",),
    ),
    Case(
        "kube-proxy is asked",
        "SERVICE_AFFINITY_WITHOUT_PROXY",
        deployment() + service(more="sessionAffinity: ClientIP"),
    ),
    Case(
        "each node remembers for itself",
        "SERVICE_AFFINITY_WITH_LOCAL",
        deployment() + service(more="type: NodePort\n  externalTrafficPolicy: Local\n  sessionAffinity: ClientIP"),
        ("Service/web spec.sessionAffinity",),
    ),
    Case(
        "affinity over all endpoints",
        "SERVICE_AFFINITY_WITH_LOCAL",
        deployment() + service(more="type: NodePort\n  sessionAffinity: ClientIP"),
    ),
    Case(
        "one pod on three nodes",
        "SERVICE_INTERNAL_LOCAL_GAP",
        facts("nodes: 3")
        + deployment(replicas=1)
        + deployment("other", "app: other", replicas=3)
        + service(more="internalTrafficPolicy: Local"),
        ("Service/web spec.internalTrafficPolicy",),
        ("get no answer",),
    ),
    Case(
        "a pod on each node",
        "SERVICE_INTERNAL_LOCAL_GAP",
        facts("nodes: 3")
        + deployment(replicas=3)
        + deployment("other", "app: other", replicas=3)
        + service(more="internalTrafficPolicy: Local"),
    ),
    Case(
        "in ipvs mode a NodePort falls back to all endpoints",
        "SERVICE_INTERNAL_LOCAL_GAP",
        facts("nodes: 3, proxyMode: ipvs")
        + deployment(replicas=1)
        + deployment("other", "app: other", replicas=3)
        + service(more="type: NodePort\n  internalTrafficPolicy: Local"),
    ),
    Case(
        "nobody said how many nodes there are",
        "SERVICE_INTERNAL_LOCAL_GAP",
        deployment(replicas=1)
        + deployment("other", "app: other", replicas=3)
        + service(more="internalTrafficPolicy: Local"),
    ),
    Case(
        "the old name",
        "SERVICE_PREFER_CLOSE",
        deployment() + service(more="trafficDistribution: PreferClose"),
        ("Service/web spec.trafficDistribution",),
    ),
    Case("the new name", "SERVICE_PREFER_CLOSE", deployment() + service(more="trafficDistribution: PreferSameZone")),
    # endpoints
    Case("nobody writes endpoints", "SERVICE_WITHOUT_ENDPOINTS", DB + CLIENT, ("Service/db spec",), ("is refused",)),
    Case("Services alone were given", "SERVICE_WITHOUT_ENDPOINTS", DB),
    Case("there is a slice", "SERVICE_WITHOUT_ENDPOINTS", DB + endpoint_slice("{port: 5432, name: sql}")),
    Case("it is an alias", "SERVICE_WITHOUT_ENDPOINTS", external("db", "db.example.com", "[{port: 5432}]")),
    Case(
        "one has a name and the other has none",
        "SLICE_PORT_DIFFERS",
        DB + endpoint_slice("{port: 5432}") + CLIENT,
        ("EndpointSlice/db-1 ports[0].name",),
        ("sql over TCP",),
    ),
    Case(
        "the protocols differ",
        "SLICE_PORT_DIFFERS",
        DB + endpoint_slice("{port: 5432, name: sql, protocol: UDP}"),
        ("EndpointSlice/db-1 ports[0].protocol",),
    ),
    Case("the numbers alone differ", "SLICE_PORT_DIFFERS", DB + endpoint_slice("{port: 15432, name: sql}")),
    Case(
        "Endpoints without the port's name",
        "SLICE_PORT_DIFFERS",
        DB + LEGACY.replace(", name: sql", "") + CLIENT,
        ("Endpoints/db subsets[0].ports[0].name",),
        ("sql over TCP",),
    ),
    Case("Endpoints with it", "SLICE_PORT_DIFFERS", DB + LEGACY),
    Case(
        "one of two ports",
        "SLICE_PORT_DIFFERS",
        service(NO_SELECTOR, "{port: 5432, name: sql}, {port: 9187, name: metrics}", name="db")
        + endpoint_slice("{port: 5432, name: sql}")
        + CLIENT,
        ("Service/db spec.ports[1]",),
        ("no port that is metrics over TCP", "port 9187 has no endpoint"),
    ),
    Case(
        "each port in a slice of its own",
        "SLICE_PORT_DIFFERS",
        service(NO_SELECTOR, "{port: 5432, name: sql}, {port: 9187, name: metrics}", name="db")
        + endpoint_slice("{port: 5432, name: sql}")
        + endpoint_slice("{port: 9187, name: metrics}").replace("name: db-1", "name: db-2"),
    ),
    *(
        Case(
            f"kube-proxy passes it over: {name}",
            "SLICE_UNUSABLE",
            DB + CLIENT + text,
            (f"EndpointSlice/db-1 {at}",),
            (says,),
        )
        for name, text, at, says in (
            ("FQDN", SLICE.replace("IPv4", "FQDN").replace("192.0.2.10", "db.example.com"), "addressType", "FQDN"),
            ("no number", SLICE.replace("port: 5432, ", ""), "ports[0]", "no number"),
            ("not ready", SLICE.replace("addresses", "conditions: {ready: false}, addresses"), "endpoints", "ready"),
            ("empty", SLICE.replace("{addresses: [192.0.2.10]}", ""), "endpoints", "lists no endpoint"),
            (
                "the other family",
                SLICE.replace("IPv4", "IPv6").replace("192.0.2.10", "2001:470::1"),
                "addressType",
                "IPv6",
            ),
        )
    ),
    Case(
        "one of two endpoints is ready",
        "SLICE_UNUSABLE",
        DB
        + CLIENT
        + SLICE.replace(
            "{addresses: [192.0.2.10]}",
            "{addresses: [192.0.2.10], conditions: {ready: false}}, {addresses: [192.0.2.11]}",
        ),
    ),
    Case(
        "a slice of each family, for a Service of one",
        "SLICE_UNUSABLE",
        DB
        + CLIENT
        + SLICE
        + SLICE.replace("IPv4", "IPv6").replace("192.0.2.10", "2001:470::1").replace("name: db-1", "name: db-2"),
    ),
    Case(
        "the cluster IP of another Service",
        "SLICE_ADDRESS_OF_SERVICE",
        deployment() + service(more="clusterIP: 10.96.7.7") + DB + SLICE.replace("192.0.2.10", "10.96.7.7") + CLIENT,
        ("EndpointSlice/db-1 endpoints[0].addresses[0]",),
        ("Service default/web", "web.default.svc.cluster.local"),
    ),
    Case("the address of a host outside", "SLICE_ADDRESS_OF_SERVICE", DB + SLICE),
    Case(
        "its label has a typo",
        "SLICE_WITHOUT_SERVICE",
        service(NO_SELECTOR, "{port: 5432, name: sql}", name="database")
        + endpoint_slice("{port: 5432, name: sql}", "databse"),
        ("EndpointSlice/db-1 metadata.labels[kubernetes.io/service-name]",),
        ("nearest: database",),
    ),
    Case("the Service is there", "SLICE_WITHOUT_SERVICE", DB + endpoint_slice("{port: 5432, name: sql}")),
    Case("written by hand", "ENDPOINTS_DEPRECATED", DB + LEGACY, ("Endpoints/db",), ("copies",)),
    Case(
        "for no Service at all",
        "ENDPOINTS_DEPRECATED",
        DB + LEGACY.replace("{name: db}", "{name: other}"),
        ("Endpoints/other",),
        ("no Service other", "nobody uses"),
    ),
    Case(
        "with the label that keeps them from being copied",
        "ENDPOINTS_DEPRECATED",
        DB + LEGACY.replace("{name: db}", '{name: db, labels: {endpointslice.kubernetes.io/skip-mirror: "true"}}'),
        ("Endpoints/db",),
        ("nobody uses",),
    ),
    Case(
        "made by the control plane for a selector",
        "ENDPOINTS_DEPRECATED",
        deployment() + service() + "---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: web}\n",
    ),
    # ExternalName
    Case(
        "digits for a name",
        "EXTERNAL_NAME_IS_ADDRESS",
        external("db", "192.0.2.10") + CLIENT,
        ("Service/db spec.externalName",),
        ("EndpointSlice",),
    ),
    Case(
        "the type is missing",
        "EXTERNAL_NAME_WITHOUT_TYPE",
        deployment() + service(more="externalName: db.example.com"),
        ("Service/web spec.externalName",),
        ("is of type ClusterIP",),
    ),
    Case("the type is there", "EXTERNAL_NAME_WITHOUT_TYPE", external("db", "db.example.com")),
    Case("a name with digits", "EXTERNAL_NAME_IS_ADDRESS", external("db", "10.example.com")),
    Case(
        "an address with a dot behind it",
        "EXTERNAL_NAME_IS_ADDRESS",
        external("db", "192.168.1.1.") + CLIENT,
        ("Service/db spec.externalName",),
    ),
    *(
        Case(
            f"a short name: {name}",
            "EXTERNAL_NAME_SHORT",
            deployment() + service() + external("alias", name) + CLIENT,
            ("Service/alias spec.externalName",),
            ("Set spec.externalName to web.default.svc.cluster.local.",),
        )
        for name in ("web", "web.default", "web.default.svc", "web.default.svc.")
    ),
    Case(
        "the domain of another cluster",
        "EXTERNAL_NAME_SHORT",
        facts("clusterDomain: k8s.example") + CLIENT + external("alias", "web.default.svc.cluster.local"),
        ("Service/alias spec.externalName",),
        ("web.default.svc.k8s.example",),
    ),
    Case(
        "the full name",
        "EXTERNAL_NAME_SHORT",
        deployment() + service() + external("alias", "web.default.svc.cluster.local"),
    ),
    Case(
        "a host outside that begins like a Service",
        "EXTERNAL_NAME_SHORT",
        deployment() + service() + external("alias", "web.example.com"),
    ),
    Case(
        "one label, and no Service that it would be",
        "EXTERNAL_NAME_SHORT",
        deployment() + service() + external("alias", "intranet"),
    ),
    Case(
        "another targetPort",
        "EXTERNAL_NAME_TRANSLATES_NO_PORT",
        external("db", "db.example.com", "[{port: 5432, targetPort: 15432}]"),
        ("Service/db spec.ports[0].targetPort",),
        ("never at 15432",),
    ),
    Case(
        "the same",
        "EXTERNAL_NAME_TRANSLATES_NO_PORT",
        external("db", "db.example.com", "[{port: 5432, targetPort: 5432}]"),
    ),
    Case(
        "HTTPS to another host",
        "EXTERNAL_NAME_ANOTHER_HOST",
        external("api", "api.example.com", "[{port: 443}]"),
        ("Service/api spec.externalName",),
        ("certificate",),
    ),
    Case("a database", "EXTERNAL_NAME_ANOTHER_HOST", external("db", "db.example.com", "[{port: 5432}]")),
    Case(
        "a Service of the cluster",
        "EXTERNAL_NAME_ANOTHER_HOST",
        external("api", "web.default.svc.cluster.local", "[{port: 80}]") + service(),
    ),
    Case(
        "two that name each other",
        "EXTERNAL_NAME_LOOP",
        external("a", "b.default.svc.cluster.local") + external("b", "a.default.svc.cluster.local"),
        ("Service/a spec.externalName", "Service/b spec.externalName"),
        ("a.default -> b.default -> a.default",),
    ),
    Case(
        "one that leads to two that name each other is no part of the loop",
        "EXTERNAL_NAME_LOOP",
        external("a", "b.default.svc.cluster.local") + external("b", "web.default.svc.cluster.local") + service(),
    ),
    Case(
        "a typo",
        "EXTERNAL_NAME_NO_SUCH_SERVICE",
        external("a", "wbe.default.svc.cluster.local") + service() + CLIENT,
        ("Service/a spec.externalName",),
        ("nearest: web",),
    ),
    Case(
        "a namespace of which nothing is written",
        "EXTERNAL_NAME_NO_SUCH_SERVICE",
        external("a", "web.elsewhere.svc.cluster.local") + service(),
    ),
    # load balancers
    Case(
        "stated that there is none",
        "LB_NO_PROVIDER",
        facts("loadBalancer: false") + deployment() + service(more=LB),
        ("Service/web spec.type",),
        ("<pending>",),
    ),
    Case("nothing stated", "LB_NO_PROVIDER", deployment() + service(more=LB)),
    Case(
        "a class",
        "LB_CLASS",
        deployment() + service(more=f"{LB}\n  loadBalancerClass: example.com/internal"),
        ("Service/web spec.loadBalancerClass",),
    ),
    Case(
        "a class that gave an address",
        "LB_CLASS",
        deployment()
        + service(
            more=f"{LB}\n  loadBalancerClass: example.com/internal\nstatus: {{loadBalancer: {{ingress: [{{ip: 192.0.2.1}}]}}}}"
        ),
    ),
    Case(
        "/32 for /0",
        "LB_SOURCE_RANGES_NOBODY",
        deployment() + service(more=f"{LB}\n  loadBalancerSourceRanges: [0.0.0.0/32]"),
        ("Service/web spec.loadBalancerSourceRanges",),
        ("0.0.0.0/0 (everyone)",),
    ),
    Case(
        "ranges of the other family, which guard nothing",
        "LB_SOURCE_RANGES_NOBODY",
        deployment() + service(more=f'{LB}\n  loadBalancerSourceRanges: ["fe80::/16"]'),
    ),
    Case(
        "nobody by an annotation",
        "LB_SOURCE_RANGES_NOBODY",
        deployment() + service(more=LB, meta=f", annotations: {{{SOURCE_RANGES}: 127.0.0.0/8}}"),
        (f"Service/web metadata.annotations[{SOURCE_RANGES}]",),
    ),
    Case(
        "one of them is real",
        "LB_SOURCE_RANGES_NOBODY",
        deployment() + service(more=f"{LB}\n  loadBalancerSourceRanges: [127.0.0.0/8, 10.0.0.0/8]"),
    ),
    Case(
        "everyone beside some",
        "LB_SOURCE_RANGES_OPEN",
        deployment() + service(more=f"{LB}\n  loadBalancerSourceRanges: [10.0.0.0/8, 0.0.0.0/0]"),
        ("Service/web spec.loadBalancerSourceRanges[1]",),
    ),
    Case(
        "ranges of the other family alone",
        "LB_SOURCE_RANGES_OPEN",
        deployment() + service(more=f'{LB}\n  loadBalancerSourceRanges: ["2600::/16"]'),
        ("Service/web spec.loadBalancerSourceRanges",),
        ("has an IPv4 address, and no range here is of that family",),
    ),
    Case(
        "two families, and ranges of one",
        "LB_SOURCE_RANGES_OPEN",
        facts('podCIDR: "10.244.0.0/16,fd00:10::/56", serviceCIDR: "10.96.0.0/16,fd00:20::/112"')
        + deployment()
        + service(more=f"{LB}\n  ipFamilyPolicy: RequireDualStack\n  loadBalancerSourceRanges: [10.0.0.0/8]"),
        ("Service/web spec.loadBalancerSourceRanges",),
        ("IPv6",),
    ),
    Case(
        "a cloud's load balancer with a name, which guards itself",
        "LB_SOURCE_RANGES_OPEN",
        deployment()
        + service(more=f'{LB}\n  loadBalancerSourceRanges: ["2600::/16"]')
        + "status: {loadBalancer: {ingress: [{hostname: lb.example.com}]}}\n",
    ),
    Case(
        "everyone of both families",
        "LB_SOURCE_RANGES_OPEN",
        deployment() + service(more=f'{LB}\n  loadBalancerSourceRanges: [0.0.0.0/0, "::/0"]'),
    ),
    Case(
        "everyone, said so",
        "LB_SOURCE_RANGES_OPEN",
        deployment() + service(more=f"{LB}\n  loadBalancerSourceRanges: [0.0.0.0/0]"),
    ),
    Case(
        "a nodePort beside, and a range of everyone",
        "LB_SOURCE_RANGES_NODE_PORT",
        deployment() + service(more=f"{LB}\n  loadBalancerSourceRanges: [0.0.0.0/0]"),
    ),
    Case(
        "a nodePort beside",
        "LB_SOURCE_RANGES_NODE_PORT",
        deployment() + service(more=f"{LB}\n  loadBalancerSourceRanges: [10.0.0.0/8]"),
        ("Service/web spec.loadBalancerSourceRanges",),
    ),
    Case(
        "no nodePort",
        "LB_SOURCE_RANGES_NODE_PORT",
        deployment()
        + service(more=f"{LB}\n  allocateLoadBalancerNodePorts: false\n  loadBalancerSourceRanges: [10.0.0.0/8]"),
    ),
    Case(
        "one pod on two nodes",
        "NODE_PORT_LOCAL_GAP",
        facts("nodes: 2") + deployment(replicas=1) + service(more="type: NodePort\n  externalTrafficPolicy: Local"),
        ("Service/web spec.externalTrafficPolicy",),
        ("are dropped",),
    ),
    Case(
        "a pod on each",
        "NODE_PORT_LOCAL_GAP",
        facts("nodes: 2") + deployment() + service(more="type: NodePort\n  externalTrafficPolicy: Local"),
    ),
    Case(
        "a load balancer knows which nodes to ask",
        "NODE_PORT_LOCAL_GAP",
        facts("nodes: 2") + deployment(replicas=1) + service(more=f"{LB}\n  externalTrafficPolicy: Local"),
    ),
    Case(
        "an address of one's own",
        "SERVICE_EXTERNAL_IPS",
        deployment() + service(more="externalIPs: [192.0.2.7]"),
        ("Service/web spec.externalIPs",),
    ),
    Case(
        "on a headless Service",
        "SERVICE_EXTERNAL_IPS",
        deployment() + service(more=f"{HEADLESS}\n  externalIPs: [198.51.100.9]", port="{port: 8080}"),
        ("Service/web spec.externalIPs",),
        ("nobody answers",),
    ),
    Case("none", "SERVICE_EXTERNAL_IPS", deployment() + service(more="externalIPs: []")),
    Case(
        "a wish",
        "LB_IP_FIELD",
        deployment() + service(more=f"{LB}\n  loadBalancerIP: 192.0.2.7"),
        ("Service/web spec.loadBalancerIP",),
    ),
    Case(
        "on a Service of another type",
        "LB_IP_FIELD",
        deployment() + service(more="type: NodePort\n  loadBalancerIP: 203.0.113.7"),
        ("Service/web spec.loadBalancerIP",),
        ("does nothing",),
    ),
    Case("no wish", "LB_IP_FIELD", deployment() + service(more=LB)),
    Case(
        "both ways to say it",
        "SERVICE_TOPOLOGY_ANNOTATION",
        deployment()
        + service(
            more="trafficDistribution: PreferSameZone",
            meta=", annotations: {service.kubernetes.io/topology-mode: Auto}",
        ),
        ("Service/web metadata.annotations[service.kubernetes.io/topology-mode]",),
        ("wins over",),
    ),
    Case(
        "the annotation that is not deprecated, alone",
        "SERVICE_TOPOLOGY_ANNOTATION",
        deployment() + service(meta=", annotations: {service.kubernetes.io/topology-mode: Auto}"),
    ),
    Case("ipvs", "PROXY_MODE_IPVS", facts("proxyMode: ipvs") + CLIENT, ("Cluster/facts spec.proxyMode",)),
    Case(
        "ipvs in kube-proxy's own configuration",
        "PROXY_MODE_IPVS",
        KUBE_PROXY,
        ("ConfigMap/kube-proxy data[config.conf]",),
    ),
    Case("no mode in it, which is iptables", "PROXY_MODE_IPVS", KUBE_PROXY.replace("mode: ipvs", 'mode: ""')),
    Case("nftables", "PROXY_MODE_IPVS", facts("proxyMode: nftables") + CLIENT),
    # pods
    Case(
        "the default dnsPolicy",
        "POD_HOST_NETWORK_DNS",
        deployment(spec="hostNetwork: true") + service(),
        ("Deployment/web spec.template.spec.hostNetwork",),
    ),
    Case(
        "the one for hostNetwork",
        "POD_HOST_NETWORK_DNS",
        deployment(spec="hostNetwork: true\n      dnsPolicy: ClusterFirstWithHostNet") + service(),
    ),
    Case(
        "three replicas on two nodes",
        "POD_HOST_PORT_TAKEN",
        facts("nodes: 2") + deployment(ports="{containerPort: 8080, hostPort: 8080}", replicas=3),
        ("Deployment/web spec.template.spec.containers[0].ports[0].hostPort",),
        ("1 of its 3",),
    ),
    Case(
        "two replicas on two nodes",
        "POD_HOST_PORT_TAKEN",
        facts("nodes: 2") + deployment(ports="{containerPort: 8080, hostPort: 8080}", replicas=2),
    ),
    Case(
        "as many replicas as nodes, and none may be missing",
        "POD_HOST_PORT_ROLLOUT",
        facts("nodes: 2") + deployment(ports=HOST_PORT, replicas=2),
        ("Deployment/web spec.template.spec.containers[0].ports[0].hostPort",),
        ("port 8080 of every node", "maxSurge: 0"),
    ),
    Case(
        "a node is left for the new pod",
        "POD_HOST_PORT_ROLLOUT",
        facts("nodes: 3") + deployment(ports=HOST_PORT, replicas=2),
    ),
    Case(
        "a quarter of four pods may be missing",
        "POD_HOST_PORT_ROLLOUT",
        facts("nodes: 4") + deployment(ports=HOST_PORT, replicas=4),
    ),
    Case(
        "an old pod makes room first",
        "POD_HOST_PORT_ROLLOUT",
        facts("nodes: 2") + strategy("{rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}"),
    ),
    Case("Recreate", "POD_HOST_PORT_ROLLOUT", facts("nodes: 2") + strategy("{type: Recreate}")),
    Case(
        "a share that is less than one pod",
        "POD_HOST_PORT_ROLLOUT",
        facts("nodes: 2") + strategy("{rollingUpdate: {maxSurge: 100%, maxUnavailable: 40%}}"),
        ("Deployment/web spec.template.spec.containers[0].ports[0].hostPort",),
    ),
    Case(
        "a name that is not there",
        "POD_PROBE_PORT_MISSING",
        deployment(more=PROBE % "htpp"),
        ("Deployment/web spec.template.spec.containers",),
        ("nearest: http",),
    ),
    Case("a name that is there", "POD_PROBE_PORT_MISSING", deployment(more=PROBE % "http")),
    Case("a number", "POD_PROBE_PORT_MISSING", deployment(more=PROBE % "9999")),
    Case(
        "the sidecar listens there too",
        "POD_PORT_TWICE",
        CLIENT.replace(
            "[{name: curl, image: curl}]",
            "[{name: a, image: x, ports: [{containerPort: 80}]}, {name: b, image: x, ports: [{containerPort: 80}]}]",
        ),
        ("Pod/client spec.containers[1].ports[0]",),
        ("address already in use",),
    ),
    Case(
        "TCP and UDP",
        "POD_PORT_TWICE",
        CLIENT.replace(
            "[{name: curl, image: curl}]",
            "[{name: a, image: x, ports: [{containerPort: 53}]}, "
            "{name: b, image: x, ports: [{containerPort: 53, protocol: UDP}]}]",
        ),
    ),
    Case(
        "another name than the Service has",
        "STATEFULSET_SERVICE_MISSING",
        stateful("database") + service("selector: {app: db}", "{port: 5432}", name="db") + CLIENT,
        ("StatefulSet/db spec.serviceName",),
        ("db-0.database",),
    ),
    Case(
        "the Service is there",
        "STATEFULSET_SERVICE_MISSING",
        stateful("db") + service("selector: {app: db}", "{port: 5432}", HEADLESS, "db"),
    ),
    Case(
        "it has a cluster IP",
        "STATEFULSET_SERVICE_NOT_HEADLESS",
        stateful("db") + service("selector: {app: db}", "{port: 5432}", name="db") + CLIENT,
        ("StatefulSet/db spec.serviceName",),
        ("CoreDNS answers for db-0.db all the same",),
    ),
    Case(
        "it has none",
        "STATEFULSET_SERVICE_NOT_HEADLESS",
        stateful("db") + service("selector: {app: db}", "{port: 5432}", HEADLESS, "db"),
    ),
)
