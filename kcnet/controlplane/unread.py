"""Objects of kinds that kcnet does not read, and what may come of them; a kind is given as ``group/version/Kind``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

TRAFFIC_GROUPS = (
    "cilium.io",
    "crd.projectcalico.org",
    "gateway.networking.k8s.io",
    "linkerd.io",
    "networking.istio.io",
    "policy.networking.k8s.io",
    "projectcalico.org",
    "security.istio.io",
    "traefik.io",
)
"""API groups whose objects may change what becomes of a request."""

_NO_PODS = frozenset(
    (
        "Certificate", "Issuer", "ClusterIssuer", "ServiceMonitor", "PodMonitor", "PrometheusRule", "SealedSecret",
        "ExternalSecret", "SecretStore", "ClusterSecretStore", "VirtualService", "DestinationRule", "Gateway",
        "IngressRoute", "Middleware", "ServersTransport", "TLSOption", "HTTPProxy", "BackendConfig", "FrontendConfig",
        "ManagedCertificate", "AppProject", "ScaledObject", "VerticalPodAutoscaler", "CiliumNetworkPolicy",
        "CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy", "IPAddressPool", "L2Advertisement",
    )
)  # fmt: skip
"""Kinds of well-known custom resources from which no pod comes."""


def traffic_unread(skipped: Mapping[str, int]) -> str | None:
    """What to say of objects that have a word in networking; ``skipped`` counts all by kind."""
    kinds = _counted(skipped, lambda name: _group(name).endswith(TRAFFIC_GROUPS))
    return f"kcnet does not read {kinds}: they are taken to change nothing." if kinds else None


def pods_unmade(skipped: Mapping[str, int]) -> str | None:
    """What to say of objects that pods may be made of."""
    kinds = _counted(skipped, may_make_pods)
    return f"kcnet does not read {kinds}: pods that may be made of them are missing." if kinds else None


def may_make_pods(name: str) -> bool:
    """Whether objects of a kind may be custom resources that a controller makes pods of: an Argo Rollout, a database
    of an operator."""
    group, kind = _group(name), name.rpartition("/")[2]
    known = group.endswith((*TRAFFIC_GROUPS, ".k8s.io")) or kind in _NO_PODS
    return "." in group and not known


def makes_secrets(name: str) -> bool:
    """Whether objects of a kind are custom resources of which Secrets are made."""
    kind = name.rpartition("/")[2]
    return "." in _group(name) and ("Secret" in kind or kind in ("Certificate", "OnePasswordItem"))


def _group(name: str) -> str:
    group, slash, _ = name.rpartition("/")[0].partition("/")
    return group if slash else ""


def _counted(skipped: Mapping[str, int], meant: Callable[[str], bool]) -> str:
    return ", ".join(sorted(f"{name.rpartition('/')[2]} ({count})" for name, count in skipped.items() if meant(name)))
