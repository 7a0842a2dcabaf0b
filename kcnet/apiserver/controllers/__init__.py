"""The controllers: after every write they bring what exists to what is wanted, and write down what became of it.

Each looks at the store and takes one step; ``reconcile`` lets them run in turn until none has anything left to do, as
a cluster comes to rest some seconds after a change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from kcnet.apiserver.controllers import daemonset, deployment, derived, garbage, implied, job, replicaset, statefulset

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

PATIENCE: Final = 500
"""Rounds after which something must be wrong: a rollout of some hundred pods one by one needs fewer."""

_PODS: Final = ("pods", "namespaces")
CONTROLLERS: Final[tuple[tuple[Callable[[ApiServer], None], tuple[str, ...]], ...]] = (
    (garbage.collect, ()),
    (deployment.sync, ("deployments", "replicasets", *_PODS)),
    (statefulset.sync, ("statefulsets", *_PODS)),
    (daemonset.sync, ("daemonsets", "nodes", *_PODS)),
    (job.sync, ("jobs", "cronjobs", *_PODS)),
    (replicaset.sync, ("replicasets", "replicationcontrollers", *_PODS)),
)
"""Each with the resources that it looks at; without any, at whatever the control plane looks at."""


def reconcile(server: ApiServer) -> None:
    store = server.store
    for _ in range(PATIENCE):
        before = store.version
        for sync, plurals in CONTROLLERS:
            latest = max((store.touched.get(plural, 0) for plural in plurals), default=store.changed)
            if server.synced.get(sync.__module__, -1) < latest:
                server.synced[sync.__module__] = store.version
                sync(server)
        if not server.is_built:
            implied.install(server)
        derived.write_back(server)
        if store.version == before:
            return
