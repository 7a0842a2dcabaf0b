"""The hosts that containers are told to call, beside a pod that asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kcnet.analysis.blockscalar import position_within
from kcnet.analysis.finding import Edit
from kcnet.analysis.hosts import Host
from kcnet.analysis.told import Told, told
from kcnet.model.cluster import Cluster
from kcnet.model.manifests import Manifests, PodSpec
from kcnet.model.names import Ref
from kcnet.model.objects import DNSPolicy, Pod
from kcnet.path.dns import resolv_conf


class Mention(NamedTuple):
    """A host that a container is told to call."""

    told: Told
    host: Host
    pod: Pod
    usual: bool = True
    """The pod asks the cluster's DNS, with the search list that kubelet gives."""

    @property
    def at(self) -> tuple[int, int] | None:
        """Where the host stands, if that is not the line of the field."""
        text, origin = self.told.text, self.told.ref.origin
        if "\n" not in text or origin is None:
            return None
        return position_within(origin, self.told.field, text, self.host.start)

    def edit(self, name: str) -> Edit | None:
        text = self.told.text
        if "\n" in text:
            return None
        start, end = self.host.start, self.host.start + len(self.host.name)
        return Edit(self.told.ref, self.told.field, text, f"{text[:start]}{name}{text[end:]}")


def mentions(manifests: Manifests, cluster: Cluster) -> Iterator[Mention]:
    config_maps = {(each.namespace, each.name): each for each in manifests.config_maps}
    read: set[tuple[Ref, str, bool]] = set()
    for ref, spec in _specs(manifests):
        pod = _pod_of(cluster, ref) if spec.env or spec.args or spec.init_args or spec.taken else None
        if pod is None:
            continue
        own_list = pod.dns_policy is DNSPolicy.NONE or pod.dns_config.searches
        usual = not own_list and resolv_conf(cluster, pod).uses_cluster_dns
        for text in told(ref, spec, config_maps):
            place = text.ref, text.field, usual
            if place in read:
                continue  # a ConfigMap of several pods, which all are of its namespace and ask the same DNS
            read.add(place)
            for host in text.hosts():
                if host.name not in spec.host_aliases:
                    yield Mention(text, host, pod, usual)


def _specs(manifests: Manifests) -> Iterator[tuple[Ref, PodSpec]]:
    for workload in manifests.workloads:
        if workload.owner is None:
            yield workload.ref, workload.spec
    for pod in manifests.pods:
        if pod.owner is None:
            yield pod.ref, pod.spec


def _pod_of(cluster: Cluster, ref: Ref) -> Pod | None:
    if ref.kind == "Pod":
        return cluster.pods.get((ref.namespace or "", ref.name))
    keys = cluster.workloads.get((ref.kind, ref.namespace or "", ref.name), ())
    return cluster.pods[keys[0]] if keys else None
