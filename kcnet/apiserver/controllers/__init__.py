"""The controllers: after every write they bring what exists to what is wanted, and write down what became of it.

Each looks at the store and takes one step; ``reconcile`` lets them run in turn until none has anything left to do, as
a cluster comes to rest some seconds after a change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kcnet.apiserver.controllers import daemonset, deployment, derived, garbage, implied, job, replicaset, statefulset

if TYPE_CHECKING:
    from kcnet.apiserver.server import ApiServer

PATIENCE: Final = 500
"""Rounds after which something must be wrong: a rollout of some hundred pods one by one needs fewer."""


def reconcile(server: ApiServer) -> None:
    store = server.store
    for _ in range(PATIENCE):
        before = store.version
        garbage.collect(server)
        deployment.sync(server)
        statefulset.sync(server)
        daemonset.sync(server)
        job.sync(server)
        replicaset.sync(server)
        if not server.is_built:
            implied.install(server)
        derived.write_back(server)
        if store.version == before:
            return
