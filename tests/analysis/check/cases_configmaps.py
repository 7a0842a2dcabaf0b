"""Cases of the rules about ConfigMaps that containers cannot start without."""

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


CASES: tuple[Case, ...] = (
    Case("a slip in the name", "POD_CONFIG_MAP_MISSING", CONFIG + taking(TYPO),
         (f"{SPEC}.containers[0].envFrom[0].configMapRef.name",), ("CreateContainerConfigError", "Name front.")),
    Case("a volume's name", "POD_CONFIG_MAP_MISSING", CONFIG + FILES.replace("configMap: {name: front}", "configMap: {name: frnot}"),
         (f"{SPEC}.volumes[0].configMap.name",), ("ContainerCreating",)),
    Case("it is in another namespace", "POD_CONFIG_MAP_MISSING", config("a: b", ", namespace: prod") + taking(ALL),
         (f"{SPEC}.containers[0].envFrom[0].configMapRef.name",), ("in namespace prod", "in namespace default too")),
    Case("one that other files may hold", "POD_CONFIG_MAP_MISSING", CONFIG + taking(OTHER)),
    Case("it is there", "POD_CONFIG_MAP_MISSING", CONFIG + taking(ALL)),
    Case("it may be missing", "POD_CONFIG_MAP_MISSING",
         CONFIG + taking(TYPO.replace("name: fornt", "name: fornt, optional: true"))),
    Case("a slip in the key", "POD_CONFIG_MAP_KEY_MISSING", CONFIG + taking(KEY.replace("key: CART", "key: CRAT")),
         (f"{ENV}.key",), ("has no key CRAT_URL", "Take the key CART_URL.")),
    Case("a key that nothing is near", "POD_CONFIG_MAP_KEY_MISSING", CONFIG + taking(KEY.replace("key: CART_URL", "key: x")),
         (f"{ENV}.key",), ("Add the key x",)),
    Case("a file of a volume", "POD_CONFIG_MAP_KEY_MISSING", CONFIG + one_file("app.yml"),
         (f"{SPEC}.volumes[0].configMap.items[0].key",), ("ContainerCreating", "app.yaml")),
    Case("a file of a projected volume", "POD_CONFIG_MAP_KEY_MISSING", CONFIG + one_file("app.yml", PROJECTED),
         (f"{SPEC}.volumes[0].projected.sources[0].configMap.items[0].key",)),
    Case("the key is there", "POD_CONFIG_MAP_KEY_MISSING", CONFIG + taking(KEY) + one_file("app.yaml").replace("front}", "b}")),
    Case("its value is binary", "POD_CONFIG_MAP_KEY_MISSING",
         CONFIG.replace("\ndata: {", "\nbinaryData: {logo: YQ==}\ndata: {") + one_file("logo")),
    Case("the key may be missing", "POD_CONFIG_MAP_KEY_MISSING",
         CONFIG + taking(KEY.replace("key: CART_URL", "key: x, optional: true"))),
    Case("the ConfigMap is not in the manifests", "POD_CONFIG_MAP_KEY_MISSING", taking(KEY)),
)  # fmt: skip
