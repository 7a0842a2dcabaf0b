"""Cases of the rules about Ingresses."""

from __future__ import annotations

import json

from tests import certificates
from tests.analysis.check.cases import Case
from tests.analysis.check.cases_services import deployment, facts, service

CLASS = """
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
"""
TRAEFIK = CLASS.replace("k8s.io/ingress-nginx", "traefik.io/ingress-controller").replace("name: nginx", "name: traefik")
APP = CLASS + deployment() + service()


def path(text: str = "/", kind: str = "Prefix", name: str = "web", port: str = "number: 80") -> str:
    backend = f"{{service: {{name: {name}, port: {{{port}}}}}}}"
    return f"{{path: {text}, pathType: {kind}, backend: {backend}}}"


def rule(*paths: str, host: str | None = "shop.example.com") -> str:
    named = f"host: '{host}', " if host else ""
    return f"{{{named}http: {{paths: [{', '.join(paths or (path(),))}]}}}}"


def ingress(
    *rules: str,
    name: str = "shop",
    of: str | None = "nginx",
    namespace: str = "default",
    notes: str = "",
    tls: str = "",
) -> str:
    return f"""
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: {name}, namespace: {namespace}, annotations: {{{notes}}}}}
spec:
  {f"ingressClassName: {of}" if of else ""}
  rules: [{", ".join(rules or (rule(),))}]
  tls: [{tls}]
"""


def secret(name: str, namespace: str = "default") -> str:
    return f"""
---
apiVersion: v1
kind: Secret
metadata: {{name: {name}, namespace: {namespace}}}
type: kubernetes.io/tls
data: {{tls.crt: "", tls.key: ""}}
"""


def generic(keys: str) -> str:
    data = ", ".join(f'{key}: ""' for key in keys.split(", ") if key)
    return secret("cert").replace("type: kubernetes.io/tls\n", "").replace('tls.crt: "", tls.key: ""', data)


def certified(pem: str, name: str = "cert") -> str:
    return f"""
---
apiVersion: v1
kind: Secret
metadata: {{name: {name}}}
type: kubernetes.io/tls
stringData: {{tls.crt: {json.dumps(pem)}, tls.key: key}}
"""


def custom(kind: str, group: str) -> str:
    return f"""
---
apiVersion: {group}/v1
kind: {kind}
metadata: {{name: cert}}
spec: {{}}
"""


CONTROLLER = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
spec:
  selector: {matchLabels: {app: ingress}}
  template:
    metadata: {labels: {app: ingress}}
    spec:
      containers:
        - name: controller
          image: registry.k8s.io/ingress-nginx/controller:v1.12.1
          args: [/nginx-ingress-controller, --default-ssl-certificate=ingress-nginx/wildcard]
          ports: [{containerPort: 80}, {containerPort: 443}]
"""
OLD = "kubernetes.io/ingress.class: nginx"
DEFAULT = CLASS.replace(
    "{name: nginx}", '{name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}'
)
TLS = "{hosts: [shop.example.com], secretName: cert}"
REWRITE = "nginx.ingress.kubernetes.io/rewrite-target: /"

CASES: tuple[Case, ...] = (
    Case("no class and no default", "INGRESS_NO_CLASS", APP + ingress(of=None), ("Ingress/shop spec",), ("nginx",)),
    Case("a default class", "INGRESS_NO_CLASS", APP.replace(
        "{name: nginx}", '{name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}'
    ) + ingress(of=None)),
    Case("no class, and no IngressClass that would tell", "INGRESS_NO_CLASS", deployment() + service() + ingress(of=None)),
    Case("Traefik serves it without a class", "INGRESS_NO_CLASS", APP.replace(CLASS, TRAEFIK) + ingress(of=None)),
    Case("a slip in the class", "INGRESS_CLASS_MISSING", APP + ingress(of="ngnix"),
         ("Ingress/shop spec.ingressClassName",), ("'nginx'", "Set spec.ingressClassName to nginx.")),
    Case("the class is there", "INGRESS_CLASS_MISSING", APP + ingress()),
    Case("classes are not in the manifests", "INGRESS_CLASS_MISSING", deployment() + service() + ingress(of="internal")),
    Case("no controller at all", "INGRESS_NO_CONTROLLER_RUNS", APP + ingress() + facts("ingressController: false"),
         ("Ingress/shop spec.ingressClassName",)),
    Case("a controller is assumed", "INGRESS_NO_CONTROLLER_RUNS", APP + ingress()),
    Case("the older annotation", "INGRESS_CLASS_ANNOTATION", APP + ingress(of=None, notes=OLD),
         ("Ingress/shop metadata.annotations[kubernetes.io/ingress.class]",), ("spec.ingressClassName: nginx",)),
    Case("the field instead", "INGRESS_CLASS_ANNOTATION", APP + ingress()),
    Case("its class", "INGRESS_NGINX_RETIRED", APP + ingress(), ("IngressClass/nginx spec.controller",), ("retired",)),
    Case("F5's product of the same class name", "INGRESS_NGINX_RETIRED",
         APP.replace("k8s.io/ingress-nginx", "nginx.org/ingress-controller") + ingress()),
    Case("a Service that is nearly called so", "INGRESS_BACKEND_SERVICE_MISSING", CLASS + deployment() + service(name="cart")
         + ingress(rule(path(name="carts"))),
         ("Ingress/shop spec.rules[0].http.paths[0].backend.service.name",), ("nearest: cart", "503")),
    Case("no Service of the namespace is in the manifests", "INGRESS_BACKEND_SERVICE_MISSING",
         CLASS + ingress(rule(path(name="carts")))),
    Case("the Service is in another namespace", "INGRESS_BACKEND_OTHER_NAMESPACE", APP + ingress(namespace="edge"),
         ("Ingress/shop spec.rules[0].http.paths[0].backend.service.name",), ("namespace default",)),
    Case("a Service of that name in both", "INGRESS_BACKEND_OTHER_NAMESPACE",
         APP + service(meta=", namespace: edge") + ingress()),
    Case("a port that is none", "INGRESS_BACKEND_PORT_MISSING", APP + ingress(rule(path(port="number: 81"))),
         ("Ingress/shop spec.rules[0].http.paths[0].backend.service.port.number",), ("it has 80", "Set the backend's port to 80.")),
    Case("the targetPort, for Traefik", "INGRESS_BACKEND_PORT_MISSING",
         APP.replace(CLASS, TRAEFIK) + ingress(rule(path(port="number: 8080")), of="traefik"),
         ("Ingress/shop spec.rules[0].http.paths[0].backend.service.port.number",), ("targetPort", "404")),
    Case("the targetPort, which ingress-nginx takes", "INGRESS_BACKEND_PORT_MISSING",
         APP + ingress(rule(path(port="number: 8080")))),
    Case("the targetPort, which ingress-nginx alone takes", "INGRESS_BACKEND_TARGET_PORT",
         APP + ingress(rule(path(port="number: 8080"))), ("Ingress/shop spec.rules[0].http.paths[0].backend.service.port",)),
    Case("the Service's port", "INGRESS_BACKEND_TARGET_PORT", APP + ingress()),
    Case("an action of the AWS controller", "INGRESS_BACKEND_SERVICE_MISSING",
         APP + ingress(rule(path(name="to-https", port="name: use-annotation")))),
    Case("two classes are the default", "INGRESS_CLASS_SEVERAL_DEFAULTS", DEFAULT + DEFAULT.replace("nginx", "other") + deployment(),
         ("IngressClass/other metadata.annotations[ingressclass.kubernetes.io/is-default-class]",), ("nginx, and never other",)),
    Case("the newer of two defaults wins", "INGRESS_CLASS_SEVERAL_DEFAULTS",
         DEFAULT.replace("{name", '{creationTimestamp: "2026-01-01T00:00:00Z", name') + DEFAULT.replace("nginx", "other").replace(
             "{name", '{creationTimestamp: "2026-01-02T00:00:00Z", name') + deployment(),
         ("IngressClass/nginx metadata.annotations[ingressclass.kubernetes.io/is-default-class]",), ("other, and never nginx",)),
    Case("one default", "INGRESS_CLASS_SEVERAL_DEFAULTS", DEFAULT + CLASS.replace("name: nginx", "name: other") + deployment()),
    Case("two Ingresses, one path", "INGRESS_PATH_TWICE",
         APP + service(name="other") + ingress(name="a") + ingress(rule(path(name="other")), name="b"),
         ("Ingress/b spec.rules[0].http.paths[0].path",), ("older", "Ingress default/a")),
    Case("one path, one backend", "INGRESS_PATH_TWICE", APP + ingress(name="a") + ingress(name="b")),
    Case("one backend, by name and by number", "INGRESS_PATH_TWICE", CLASS + deployment()
         + service(port="{name: http, port: 80, targetPort: 8080}") + ingress(name="a")
         + ingress(rule(path(port="name: http")), name="b")),
    Case("Ingresses of two namespaces", "INGRESS_PATH_TWICE",
         APP + service(meta=", namespace: other") + ingress(name="a") + ingress(name="b", namespace="other"),
         ("Ingress/b spec.rules[0].http.paths[0].path",), ("web:80 of namespace default",)),
    Case("Exact beside Prefix", "INGRESS_PATH_TWICE",
         APP + service(name="other") + ingress(rule(path("/x", "Exact"), path("/x", name="other")))),
    Case("a canary shares the path on purpose", "INGRESS_PATH_TWICE", APP + service(name="other") + ingress(name="a")
         + ingress(rule(path(name="other")), name="b", notes='nginx.ingress.kubernetes.io/canary: "true"')),
    Case("a slash more", "INGRESS_PATH_UNREACHABLE",
         APP + service(name="other") + ingress(rule(path("/x"), path("/x/", name="other"))),
         ("Ingress/shop spec.rules[0].http.paths[0].path",), ("web:80",)),
    Case("a longer path", "INGRESS_PATH_UNREACHABLE",
         APP + service(name="other") + ingress(rule(path("/x"), path("/x/y", name="other")))),
    Case("Exact alone", "INGRESS_ONLY_EXACT_PATHS", APP + ingress(rule(path("/cart", "Exact"))),
         ("Ingress/shop spec.rules[0].http.paths[0].pathType",), ("/cart/x",)),
    Case("Exact, which a rewrite makes a regular expression", "INGRESS_ONLY_EXACT_PATHS",
         APP + ingress(rule(path("/cart", "Exact")), notes=REWRITE)),
    Case("a host and nothing else", "INGRESS_RULE_WITHOUT_PATHS", APP + ingress("{host: shop.example.com}"),
         ("Ingress/shop spec.rules[0].host",), ("answers 404",)),
    Case("another Ingress has its paths", "INGRESS_RULE_WITHOUT_PATHS",
         APP + ingress("{host: shop.example.com}") + ingress(name="b")),
    Case("a default backend takes it", "INGRESS_RULE_WITHOUT_PATHS", APP + ingress("{host: shop.example.com}").replace(
        "spec:\n  ingress", "spec:\n  defaultBackend: {service: {name: web, port: {number: 80}}}\n  ingress")),
    Case("a UDP port", "INGRESS_BACKEND_NOT_TCP", CLASS + deployment(ports="{containerPort: 53, protocol: UDP}")
         + service(port="{port: 53, protocol: UDP}") + ingress(rule(path(port="number: 53"))),
         ("Ingress/shop spec.rules[0].http.paths[0].backend.service.port.number",), ("carries UDP",)),
    Case("the TCP one of two", "INGRESS_BACKEND_NOT_TCP",
         CLASS + deployment() + service(port="{name: quic, port: 443, protocol: UDP}, {name: web, port: 80, targetPort: 8080}")
         + ingress()),
    Case("a star", "INGRESS_PATH_IS_PATTERN", APP.replace(CLASS, TRAEFIK) + ingress(rule(path("/api/*")), of="traefik"),
         ("Ingress/shop spec.rules[0].http.paths[0].path",), ("/api/x is no match", "path to /api with pathType Prefix")),
    Case("a regular expression, under ingress-nginx", "INGRESS_PATH_IS_PATTERN",
         APP + ingress(rule(path("'/api(/|$)(.*)'")), notes=REWRITE),
         ("Ingress/shop spec.rules[0].http.paths[0].path",), ("webhook refuses", "path to /api with pathType Prefix")),
    Case("a query", "INGRESS_PATH_IS_PATTERN", APP + ingress(rule(path("'/cart?id=1'", "Exact"))),
         ("Ingress/shop spec.rules[0].http.paths[0].path",)),
    Case("a pattern of type ImplementationSpecific", "INGRESS_PATH_IS_PATTERN",
         APP + ingress(rule(path("'/api/*'", "ImplementationSpecific")))),
    Case("letters that paths have", "INGRESS_PATH_IS_PATTERN",
         APP + ingress(rule(path("'/v1.2/Products(1)/a+b/$metadata/~me'")))),
    Case("Exact beside Prefix", "INGRESS_ONLY_EXACT_PATHS", APP + ingress(rule(path("/cart", "Exact"), path()))),
    Case("one path of one host goes elsewhere", "INGRESS_HOST_SHADOWS", APP + service(name="other")
         + ingress(rule(host="*.example.com")) + ingress(rule(path("/api", name="other"), host="a.example.com"), name="b"),
         ("Ingress/b spec.rules[0].host",), ("a.example.com/ ingress-nginx answers 404", "backend web:80")),
    Case("beside a rule for every host", "INGRESS_HOST_SHADOWS", APP.replace(CLASS, TRAEFIK)
         + ingress(rule(path("/api"), host="a.example.com"), rule(host=None), of="traefik"),
         ("Ingress/shop spec.rules[0].host",), ("may answer 404",)),
    Case("the host has a path for the rest", "INGRESS_HOST_SHADOWS", APP + ingress(rule(host="*.example.com"))
         + ingress(rule(path("/api"), path(), host="a.example.com"), name="b")),
    Case("a host that the wildcard does not cover", "INGRESS_HOST_SHADOWS", APP + ingress(rule(host="*.example.com"))
         + ingress(rule(path("/api"), host="example.com"), name="b")),
    Case("somebody else's rule for every host", "INGRESS_HOST_SHADOWS", APP + ingress(rule(host=None))
         + ingress(rule(path("/api"), host="a.example.com"), name="b")),
    Case("nginx annotations under Traefik", "INGRESS_ANNOTATION_OF_ANOTHER",
         APP.replace(CLASS, TRAEFIK) + ingress(of="traefik", notes=REWRITE),
         ("Ingress/shop metadata.annotations[nginx.ingress.kubernetes.io/rewrite-target]",), ("traefik",)),
    Case("F5's product", "INGRESS_ANNOTATION_OF_ANOTHER",
         APP.replace("k8s.io/ingress-nginx", "nginx.org/ingress-controller") + ingress(notes=REWRITE),
         ("Ingress/shop metadata.annotations[nginx.ingress.kubernetes.io/rewrite-target]",)),
    Case("under ingress-nginx", "INGRESS_ANNOTATION_OF_ANOTHER", APP + ingress(notes=REWRITE)),
    Case("a controller of which nothing is known", "INGRESS_ANNOTATION_OF_ANOTHER",
         APP.replace("k8s.io/ingress-nginx", "example.com/own") + ingress(notes=REWRITE)),
    Case("its own annotations", "INGRESS_ANNOTATION_OF_ANOTHER", APP.replace(CLASS, TRAEFIK) + ingress(
        of="traefik", notes="traefik.ingress.kubernetes.io/router.priority: 1").replace(": 1}", ": '1'}")),
    Case("a group that the path does not have", "INGRESS_REWRITE_GROUP",
         APP + ingress(rule(path("/api")), notes=REWRITE + "$2"), ("Ingress/shop spec.rules[0].http.paths[0].path",),
         ("has no group", "web is asked for /.", "/api(/|$)(.*)")),
    Case("one group too few", "INGRESS_REWRITE_GROUP",
         APP + ingress(rule(path("'/api/(.*)'", "ImplementationSpecific")), notes=REWRITE + "$2"),
         ("Ingress/shop spec.rules[0].http.paths[0].path",), ("has one group",)),
    Case("the groups are there", "INGRESS_REWRITE_GROUP",
         APP + ingress(rule(path("'/api(/|$)(.*)'", "ImplementationSpecific")), notes=REWRITE + "$2")),
    Case("a target without groups", "INGRESS_REWRITE_GROUP", APP + ingress(rule(path("/api")), notes=REWRITE)),
    Case("under another controller", "INGRESS_REWRITE_GROUP",
         APP.replace(CLASS, TRAEFIK) + ingress(rule(path("/api")), of="traefik", notes=REWRITE + "$2")),
    Case("affinity of a backend", "SERVICE_AFFINITY_BEHIND_INGRESS",
         CLASS + deployment() + service(more="sessionAffinity: ClientIP") + ingress() + ingress(name="b"),
         ("Service/web spec.sessionAffinity",), ("by cookie",)),
    Case("affinity of a Service that no Ingress leads to", "SERVICE_AFFINITY_BEHIND_INGRESS",
         APP + service(name="other", more="sessionAffinity: ClientIP") + ingress()),
    Case("by the cluster IP", "SERVICE_AFFINITY_BEHIND_INGRESS", CLASS + deployment()
         + service(more="sessionAffinity: ClientIP")
         + ingress(notes='nginx.ingress.kubernetes.io/service-upstream: "true"')),
    Case("a deeper host", "INGRESS_WILDCARD_ONE_LABEL",
         APP + ingress(rule(host="*.example.com"), rule(host="a.b.example.com")), ("Ingress/shop spec.rules[0].host",)),
    Case("a host that it covers", "INGRESS_WILDCARD_ONE_LABEL",
         APP + ingress(rule(host="*.example.com"), rule(host="a.example.com"))),
    Case("a pattern", "INGRESS_PATH_TYPE_DIFFERS", APP + ingress(rule(path("/api(/|$)(.*)", "ImplementationSpecific"))
         ).replace("/api(/|$)(.*)", "'/api(/|$)(.*)'"), ("Ingress/shop spec.rules[0].http.paths[0].pathType",)),
    Case("everything, which all agree on", "INGRESS_PATH_TYPE_DIFFERS",
         APP + ingress(rule(path("/", "ImplementationSpecific")))),
    Case("rewrite-target next door", "INGRESS_REGEX_HOST",
         APP + ingress(rule(path("/api")), name="a", notes=REWRITE) + ingress(rule(path("/Cart", "Exact")), name="b"),
         ("Ingress/b spec.rules[0].http.paths[0].path",), ("ignores case",)),
    Case("rewrite-target of another host", "INGRESS_REGEX_HOST", APP + ingress(rule(path("/api"), host="a.example.com"),
         name="a", notes=REWRITE) + ingress(rule(path("/Cart", "Exact")), name="b")),
    Case("another domain in tls", "INGRESS_TLS_HOST_DIFFERS",
         APP + ingress(tls=TLS.replace(".com", ".org")), ("Ingress/shop spec.tls[0].hosts[0]",), ("shop.example.com",)),
    Case("a wildcard certificate", "INGRESS_TLS_HOST_DIFFERS", APP + ingress(tls=TLS.replace("shop", "'*", 1).replace(
        ".com]", ".com']"))),
    Case("a second name without a rule", "INGRESS_TLS_HOST_WITHOUT_RULE",
         APP + ingress(tls=TLS.replace("]", ", example.com]")), ("Ingress/shop spec.tls[0].hosts[1]",)),
    Case("a rule in another Ingress", "INGRESS_TLS_HOST_WITHOUT_RULE", APP + ingress(tls=TLS.replace("]", ", example.com]"))
         + ingress(rule(host="example.com"), name="b")),
    Case("one of two hosts", "INGRESS_HOST_WITHOUT_TLS", APP + ingress(rule(), rule(host="www.example.com"), tls=TLS),
         ("Ingress/shop spec.rules[1].host",), ("https://www.example.com",)),
    Case("the certificate is with another Ingress", "INGRESS_HOST_WITHOUT_TLS", APP + ingress(
        rule(), rule(host="www.example.com"), tls=TLS) + ingress(name="b", tls=TLS.replace("shop", "www"))),
    Case("a slip in the Secret's name", "INGRESS_TLS_SECRET_MISSING", APP + secret("certs") + ingress(tls=TLS),
         ("Ingress/shop spec.tls[0].secretName",), ("nearest: certs",)),
    Case("the Secret is in another namespace", "INGRESS_TLS_SECRET_MISSING",
         APP + secret("cert", "edge") + ingress(tls=TLS), ("Ingress/shop spec.tls[0].secretName",), ("namespace edge",)),
    Case("no Secret is in the manifests", "INGRESS_TLS_SECRET_MISSING", APP + ingress(tls=TLS)),
    Case("another Secret, and a Certificate that makes it", "INGRESS_TLS_SECRET_MISSING",
         APP + secret("other-tls") + custom("Certificate", "cert-manager.io") + ingress(tls=TLS)),
    Case("it is sealed", "INGRESS_TLS_SECRET_MISSING",
         APP + secret("other-tls") + custom("SealedSecret", "bitnami.com") + ingress(tls=TLS)),
    Case("made of files, with their names as keys", "INGRESS_TLS_SECRET_KEYS", APP + generic("cert.pem, key.pem") + ingress(tls=TLS),
         ("Ingress/shop spec.tls[0].secretName",), ("Opaque", "no tls.crt and no tls.key")),
    Case("only the certificate", "INGRESS_TLS_SECRET_KEYS", APP + generic("tls.crt") + ingress(tls=TLS),
         ("Ingress/shop spec.tls[0].secretName",), ("has no tls.key",)),
    Case("Opaque, with both keys", "INGRESS_TLS_SECRET_KEYS", APP + generic("tls.crt, tls.key") + ingress(tls=TLS)),
    Case("of type kubernetes.io/tls", "INGRESS_TLS_SECRET_KEYS", APP + secret("cert") + ingress(tls=TLS)),
    Case("without keys, to be filled by a controller", "INGRESS_TLS_SECRET_KEYS", APP + generic("") + ingress(tls=TLS)),
    Case("a certificate for other names", "INGRESS_TLS_CERTIFICATE_NAMES", APP + certified(certificates.OTHER)
         + ingress(tls=TLS), ("Ingress/shop spec.tls[0].hosts[0]",),
         ("for other.example.com, and not for shop.example.com", "no client trusts")),
    Case("a wildcard covers one label", "INGRESS_TLS_CERTIFICATE_NAMES", APP + certified(certificates.WILDCARD)
         + ingress(rule(host="a.b.example.com"), rule(host="example.com"), rule(),
                   tls=TLS.replace("shop.example.com", "shop.example.com, a.b.example.com, example.com")),
         ("Ingress/shop spec.tls[0].hosts[1]", "Ingress/shop spec.tls[0].hosts[2]")),
    Case("an entry without hosts, under a controller that shows it all the same", "INGRESS_TLS_CERTIFICATE_NAMES",
         APP.replace("k8s.io/ingress-nginx", "projectcontour.io/ingress-controller") + certified(certificates.OTHER)
         + ingress(tls="{secretName: cert}"), ("Ingress/shop spec.tls[0].secretName",), ("clients do not accept it",)),
    Case("another Secret has the right one", "INGRESS_TLS_CERTIFICATE_NAMES", APP + certified(certificates.OTHER)
         + certified(certificates.SHOP, "shop-tls") + ingress(tls=TLS), ("Ingress/shop spec.tls[0].hosts[0]",),
         ("Set secretName to shop-tls",)),
    *(Case(f"a certificate for the host: {name}", "INGRESS_TLS_CERTIFICATE_NAMES", APP + certified(pem) + ingress(tls=TLS))
      for name, pem in (("by name", certificates.SHOP), ("by wildcard", certificates.WILDCARD),
                        ("by common name", certificates.COMMON_NAME))),
    Case("a certificate without names", "INGRESS_TLS_CERTIFICATE_NAMES", APP + certified(certificates.ADDRESS) + ingress(tls=TLS)),
    Case("a certificate that is none", "INGRESS_TLS_CERTIFICATE_NAMES",
         APP + certified(certificates.OTHER.replace("MII", "MIJ")) + ingress(tls=TLS)),
    Case("cert-manager will renew it", "INGRESS_TLS_CERTIFICATE_NAMES", APP + certified(certificates.OTHER)
         + ingress(tls=TLS, notes="cert-manager.io/issuer: ca")),
    Case("a host of tls alone, which no rule serves", "INGRESS_TLS_CERTIFICATE_NAMES", APP + certified(certificates.SHOP)
         + ingress(tls=TLS.replace("]", ", example.org]"))),
    Case("a wildcard in tls, and a certificate for the rule's host", "INGRESS_TLS_CERTIFICATE_NAMES",
         APP + certified(certificates.SHOP) + ingress(tls=TLS.replace("shop.example.com", "'*.example.com'"))),
    Case("the certificate is for the host that tls does not list", "INGRESS_HOST_WITHOUT_TLS",
         APP + certified(certificates.SHOP) + ingress(rule(), rule(host="www.shop.example.com"), tls=TLS)),
    Case("the certificate is for the other host of the rules", "INGRESS_TLS_HOST_DIFFERS",
         APP + certified(certificates.SHOP) + ingress(tls=TLS.replace("shop.", "www.shop."))),
    Case("no secretName", "INGRESS_TLS_WITHOUT_SECRET", APP + ingress(tls="{hosts: [shop.example.com]}"),
         ("Ingress/shop spec.tls[0]",), ("--default-ssl-certificate",)),
    Case("no secretName, under another controller", "INGRESS_TLS_WITHOUT_SECRET",
         APP.replace("k8s.io/ingress-nginx", "ingress.k8s.aws/alb") + ingress(tls="{hosts: [shop.example.com]}")),
    Case("no secretName, and a default certificate", "INGRESS_TLS_WITHOUT_SECRET", APP + CONTROLLER
         + ingress(tls="{hosts: [shop.example.com]}")),
    Case("no Secret is here", "INGRESS_TLS_SECRET_UNSEEN", APP + ingress(tls=TLS), ("Ingress/shop spec.tls[0].secretName",)),
    Case("a Certificate makes it", "INGRESS_TLS_SECRET_UNSEEN",
         APP + custom("Certificate", "cert-manager.io") + ingress(tls=TLS)),
    Case("cert-manager makes it", "INGRESS_TLS_SECRET_UNSEEN",
         APP + ingress(tls=TLS, notes="cert-manager.io/issuer: ca")),
)  # fmt: skip
