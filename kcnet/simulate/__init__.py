"""From a request to its trace: look the name up, connect, and let a proxy connect onward.

Each stage of a connection is in ``kcnet.path``; this package folds them, follows every branch with its share, and sums
the branches up.
"""

from __future__ import annotations

from kcnet.model.cluster import Cluster
from kcnet.model.trace import Request, Trace
from kcnet.path import STAGES
from kcnet.simulate.aim import aim, start
from kcnet.simulate.proxied import proxied
from kcnet.simulate.summary import sum_up
from kcnet.simulate.way import connect


def trace(cluster: Cluster, request: Request) -> Trace:
    """Follow ``request`` through ``cluster``. Raises RequestError where the target cannot be asked as it stands."""
    aimed = aim(cluster, request, start(cluster, request))
    ways = [
        done
        for way in aimed.ways
        for reached in ([way] if way.over else connect(cluster, way, STAGES))
        for done in proxied(cluster, reached, aimed.http, request)
    ]
    return sum_up(cluster, request, aimed, ways)
