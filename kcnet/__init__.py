"""kcnet: how a request moves through a Kubernetes cluster, worked out from its manifests.

    cluster = kcnet.load(["k8s/"])
    trace = kcnet.trace(cluster, "deploy/frontend", "http://cart/", namespace="shop")
    assert trace.verdict == "delivered"

``load`` reads manifests into a cluster, ``trace`` follows one request through it. What comes back are frozen values;
``to_dict()`` of a trace is the document that ``kcnet trace -o json`` prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kcnet.model.cluster import Cluster
    from kcnet.model.manifests import ClusterFacts
    from kcnet.model.trace import Trace

__version__ = "0.1.0"
__all__ = ["__version__", "load", "trace"]


def load(paths: Sequence[str | PathLike[str]] | str | PathLike[str], *, facts: ClusterFacts | None = None) -> Cluster:
    """The cluster that Kubernetes makes of the manifests in files, folders and globs.

    ``facts`` win over a document of kind Cluster. Raises ``kcnet.loading.problems.InvalidManifestsError`` with every
    problem of every file.
    """
    from kcnet.controlplane import build_cluster
    from kcnet.loading.load import load_manifests
    from kcnet.model.manifests import ClusterFacts

    several = [paths] if isinstance(paths, (str, PathLike)) else paths
    cluster = build_cluster(load_manifests([str(path) for path in several]), facts or ClusterFacts())
    cluster.index()
    return cluster


def trace(
    cluster: Cluster,
    source: str,
    target: str,
    *,
    namespace: str = "default",
    protocol: str | None = None,
    host: str | None = None,
    all_blockers: bool = False,
    ignore_policies: bool = False,
) -> Trace:
    """Follow one request. ``source`` and ``target`` are written as on the command line: ``deploy/web``, ``http://cart/``.

    ``protocol`` is tcp, udp or sctp (TCP unless the target names a port of another). Raises
    ``kcnet.request.RequestError`` for a source or target that does not exist.
    """
    from kcnet.model.names import Protocol
    from kcnet.model.trace import Request
    from kcnet.request import parse_client, parse_target
    from kcnet.simulate import trace as follow

    request = Request(
        client=parse_client(cluster, source, namespace),
        target=parse_target(cluster, target, namespace),
        protocol=Protocol(protocol.upper()) if protocol else None,
        host=host,
        all_blockers=all_blockers,
        ignore_policies=ignore_policies,
    )
    return follow(cluster, request)
