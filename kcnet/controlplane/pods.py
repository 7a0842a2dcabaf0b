"""Pods as kubelet reports them: phase, readiness, and what they listen on.

https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
"""

from __future__ import annotations

from kcnet.controlplane.addresses import PodAddresses
from kcnet.controlplane.configuration import Stuck
from kcnet.controlplane.scheduler import Placement
from kcnet.model.manifests import PodManifest
from kcnet.model.names import Protocol, Ref
from kcnet.model.objects import Pod
from kcnet.model.wellknown import LISTENS, parse_listens


def make_pod(
    draft: PodManifest, owner: Ref | None, placement: Placement, addresses: PodAddresses, waits: Stuck | None = None
) -> Pod:
    spec = draft.spec
    found, because = addresses
    if waits is not None and waits.mounting:
        found, because = (), waits.because
    phase = draft.phase or ("Running" if found else "Pending")
    text = draft.annotations.get(LISTENS)
    listens = None if text is None else parse_listens(text)
    ready, assumed = _readiness(draft, phase, listens) if waits is None else (False, False)
    return Pod(
        ref=draft.ref,
        labels=draft.labels,
        annotations=draft.annotations,
        created=draft.created,
        template=spec.field.removesuffix("spec"),
        owner=owner,
        controller=draft.owner,
        phase=phase,
        node=placement.node,
        addresses=found,
        host_network=spec.host_network,
        ready=ready,
        ready_assumed=assumed,
        terminating=draft.terminating,
        ports=spec.ports,
        declares_ports=spec.declares_ports,
        listens=listens,
        hostname=spec.hostname,
        subdomain=spec.subdomain,
        dns_policy=spec.dns_policy,
        dns_config=spec.dns_config,
        not_running=draft.not_running or (waits.because if waits is not None and waits.entirely else None),
        waits_for=waits.because if waits is not None else None,
        waits_field=waits.field if waits is not None else "",
        pending_because=None if found else because,
    )


def _readiness(draft: PodManifest, phase: str, listens: frozenset[tuple[int, Protocol]] | None) -> tuple[bool, bool]:
    """Whether the pod is ready, and whether that is taken for granted.

    What the status says counts. Without it a pod that runs is ready, unless its probe asks a port on which nothing
    listens, or one that has no number.
    """
    if draft.ready is not None:
        return draft.ready, False
    if phase != "Running":
        return False, False
    for port in draft.spec.probe_ports:
        if isinstance(port, str) or (listens is not None and (port, Protocol.TCP) not in listens):
            return False, False
    return True, draft.spec.readiness_probe
