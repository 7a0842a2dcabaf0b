"""The ways in from outside: load balancers, node ports and Ingresses, each asked by a client of the internet.

Rows speak of addresses and policies alone. Which workload such a way leads to, and whether a request gets through,
is what a trace tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kcnet.analysis.reach.classes import workload_name
from kcnet.model.cluster import Cluster
from kcnet.model.trace import Request, Trace, Verdict
from kcnet.request import RequestError, parse_client, parse_target
from kcnet.simulate import trace


class Entry(NamedTuple):
    via: str
    """What offers the way in: ``Ingress shop/web``, ``LoadBalancer of Service shop/front``."""
    target: str
    """What the client asks for, as ``kcnet trace --to`` takes it."""
    answer: Trace

    def to_dict(self, cluster: Cluster) -> dict[str, Any]:
        return {
            "via": self.via,
            "target": self.target,
            "verdict": self.answer.verdict.value,
            "code": self.answer.reason.code,
            "to": list(self.reached(cluster)),
        }

    def reached(self, cluster: Cluster) -> tuple[str, ...]:
        """The workloads whose pods the request gets to, by the names that rows have."""
        ends = [path.destination for path in self.answer.paths if path.verdict is Verdict.DELIVERED]
        pods = [cluster.pods.get((end.namespace or "", end.name)) for end in ends if end is not None]
        return tuple(sorted({workload_name(pod) for pod in pods if pod is not None}))


def entries(cluster: Cluster, ways: Iterable[tuple[str, str]]) -> Iterator[Entry]:
    """``ways`` are targets, each with what offers it; those that cannot be asked are left out."""
    client = parse_client(cluster, "internet")
    for target, via in ways:
        try:
            asked = Request(client=client, target=parse_target(cluster, target))
            yield Entry(via, target, trace(cluster, asked))
        except RequestError:
            continue
