"""Cases of the rules about ConfigMaps and Secrets that containers cannot start without."""

from __future__ import annotations

from tests.analysis.check.cases import Case
from tests.analysis.check.cases_names import ALL, FILES, KEY, config, taking
from tests.analysis.check.cases_services import deployment

CONFIG = config("CART_URL: 'http://cart', app.yaml: ''")
SPEC = "Deployment/front spec.template.spec"
ENV = f"{SPEC}.containers[0].env[0].valueFrom.configMapKeyRef"
ONE_FILE = "volumes: [{name: a, configMap: {name: front, items: [{key: KEY, path: a}]}}]"
PROJECTED = "volumes: [{name: a, projected: {sources: [{configMap: {name: front, items: [{key: KEY, path: a}]}}]}}]"
TYPO, OTHER = ALL.replace("name: front", "name: fornt"), ALL.replace("name: front", "name: settings")


def one_file(key: str, text: str = ONE_FILE) -> str:
    return deployment("front", "app: front", spec=text.replace("KEY", key))


SECRET = """
---
apiVersion: v1
kind: Secret
metadata: {name: login}
type: Opaque
stringData: {password: x}
"""
PASSWORD = ", env: [{name: P, valueFrom: {secretKeyRef: {name: login, key: password}}}]"
SECRET_FILE = "volumes: [{name: a, secret: {secretName: login, items: [{key: KEY, path: a}]}}]"

CASES: tuple[Case, ...] = (
    Case("a slip in the name", "POD_CONFIG_MISSING", CONFIG + taking(TYPO),
         (f"{SPEC}.containers[0].envFrom[0].configMapRef.name",), ("CreateContainerConfigError", "Name front.")),
    Case("a volume's name", "POD_CONFIG_MISSING", CONFIG + FILES.replace("configMap: {name: front}", "configMap: {name: frnot}"),
         (f"{SPEC}.volumes[0].configMap.name",), ("ContainerCreating",)),
    Case("it is in another namespace", "POD_CONFIG_MISSING", config("a: b", ", namespace: prod") + taking(ALL),
         (f"{SPEC}.containers[0].envFrom[0].configMapRef.name",), ("in namespace prod", "in namespace default too")),
    Case("one that other files may hold", "POD_CONFIG_MISSING", CONFIG + taking(OTHER)),
    Case("a Secret's name", "POD_CONFIG_MISSING", SECRET + taking(PASSWORD.replace("name: login", "name: lgoin")),
         (f"{SPEC}.containers[0].env[0].valueFrom.secretKeyRef.name",), ("Name login.",)),
    Case("a volume with a Secret of another namespace", "POD_CONFIG_MISSING",
         SECRET.replace("name: login", "name: login, namespace: prod") + one_file("password", SECRET_FILE),
         (f"{SPEC}.volumes[0].secret.secretName",), ("in namespace prod",)),
    Case("a ConfigMap is no Secret", "POD_CONFIG_MISSING", SECRET + taking(ALL.replace("name: front", "name: lgoin"))),
    Case("what every namespace has", "POD_CONFIG_MISSING",
         config("a: b", ", namespace: prod").replace("name: front", "name: kube-root-ca.crt")
         + taking(ALL.replace("name: front", "name: kube-root-ca.crt"))),
    Case("it is there", "POD_CONFIG_MISSING", CONFIG + taking(ALL)),
    Case("it may be missing", "POD_CONFIG_MISSING",
         CONFIG + taking(TYPO.replace("name: fornt", "name: fornt, optional: true"))),
    Case("a slip in the key", "POD_CONFIG_KEY_MISSING", CONFIG + taking(KEY.replace("key: CART", "key: CRAT")),
         (f"{ENV}.key",), ("has no key CRAT_URL", "Take the key CART_URL.")),
    Case("a key that nothing is near", "POD_CONFIG_KEY_MISSING", CONFIG + taking(KEY.replace("key: CART_URL", "key: x")),
         (f"{ENV}.key",), ("Add the key x",)),
    Case("a file of a volume", "POD_CONFIG_KEY_MISSING", CONFIG + one_file("app.yml"),
         (f"{SPEC}.volumes[0].configMap.items[0].key",), ("ContainerCreating", "app.yaml")),
    Case("a file of a projected volume", "POD_CONFIG_KEY_MISSING", CONFIG + one_file("app.yml", PROJECTED),
         (f"{SPEC}.volumes[0].projected.sources[0].configMap.items[0].key",)),
    Case("the key is there", "POD_CONFIG_KEY_MISSING", CONFIG + taking(KEY) + one_file("app.yaml").replace("front}", "b}")),
    Case("its value is binary", "POD_CONFIG_KEY_MISSING",
         CONFIG.replace("\ndata: {", "\nbinaryData: {logo: YQ==}\ndata: {") + one_file("logo")),
    Case("a key of a Secret", "POD_CONFIG_KEY_MISSING", SECRET + taking(PASSWORD.replace("key: password", "key: pasword")),
         (f"{SPEC}.containers[0].env[0].valueFrom.secretKeyRef.key",), ("Secret default/login has no key pasword",)),
    Case("a file of a Secret", "POD_CONFIG_KEY_MISSING", SECRET + one_file("x", SECRET_FILE),
         (f"{SPEC}.volumes[0].secret.items[0].key",)),
    Case("the Secret has the key", "POD_CONFIG_KEY_MISSING", SECRET + taking(PASSWORD)),
    Case("the cluster fills the Secret", "POD_CONFIG_KEY_MISSING",
         SECRET.replace("Opaque", "kubernetes.io/service-account-token") + taking(PASSWORD.replace("password", "token"))),
    Case("something else fills the ConfigMap", "POD_CONFIG_KEY_MISSING", config("") + taking(KEY)),
    Case("the key may be missing", "POD_CONFIG_KEY_MISSING",
         CONFIG + taking(KEY.replace("key: CART_URL", "key: x, optional: true"))),
    Case("the ConfigMap is not in the manifests", "POD_CONFIG_KEY_MISSING", taking(KEY)),
)  # fmt: skip
