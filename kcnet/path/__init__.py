"""The stages of a request's way, one module each. This table is their order; a stage knows none of its neighbours.

A stage is a pure function of the cluster and of one connection under way; it answers with the branches the connection
may take, or with none if it has nothing to do with it (see ``flow``).
"""

from __future__ import annotations

from kcnet.path import delivery, entry, nat, policy, service
from kcnet.path.flow import StageFunction

STAGES: tuple[StageFunction, ...] = (
    service.proxy,  # the rules of the client's own node
    policy.egress,
    entry.cross,  # into the cluster, to another node, or out
    service.proxy,  # the rules of the node by which it came in
    delivery.host_port,
    nat.source,
    delivery.route,
    policy.ingress,
    delivery.endpoint,
)

ONWARD: tuple[StageFunction, ...] = (policy.egress, delivery.route, policy.ingress, delivery.endpoint)
"""For a proxy that has chosen an endpoint itself: no kube-proxy on the way."""
