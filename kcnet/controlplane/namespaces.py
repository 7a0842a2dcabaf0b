"""Namespaces: those written, those every cluster has, and those that objects stand in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kcnet.model.manifests import Manifests
from kcnet.model.names import Ref
from kcnet.model.objects import Namespace, Object
from kcnet.model.wellknown import NAMESPACE_NAME

_ALWAYS = ("default", "kube-node-lease", "kube-public", "kube-system")


def namespaces(manifests: Manifests) -> Mapping[str, Namespace]:
    found = {namespace.name: namespace for namespace in manifests.namespaces}
    objects: tuple[Iterable[Object], ...] = (
        manifests.pods,
        manifests.workloads,
        manifests.services,
        manifests.endpoints,
        manifests.slices,
        manifests.ingresses,
        manifests.policies,
        manifests.config_maps,
        manifests.secrets,
    )
    named = {item.namespace for group in objects for item in group}
    for name in (*_ALWAYS, *named):
        if name and name not in found:
            found[name] = Namespace(ref=Ref("Namespace", None, name), labels={NAMESPACE_NAME: name})
    return dict(sorted(found.items()))
