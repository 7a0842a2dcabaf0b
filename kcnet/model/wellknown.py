"""Labels and annotations that Kubernetes itself reads and writes, and kcnet's own.

https://kubernetes.io/docs/reference/labels-annotations-taints/
"""

from __future__ import annotations

from kcnet.model.names import Protocol

NAMESPACE_NAME = "kubernetes.io/metadata.name"
HOSTNAME = "kubernetes.io/hostname"
OS = "kubernetes.io/os"
ARCH = "kubernetes.io/arch"
ZONE = "topology.kubernetes.io/zone"
CONTROL_PLANE_ROLES = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
TEMPLATE_HASH = "pod-template-hash"
MADE_LABELS = frozenset(
    (
        TEMPLATE_HASH, "controller-revision-hash", "pod-template-generation", "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index", "controller-uid", "job-name", "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name", "batch.kubernetes.io/job-completion-index",
    )
)  # fmt: skip
"""Labels of pods that controllers write, not people: most change with the next rollout."""

SERVICE_NAME = "kubernetes.io/service-name"
HEADLESS = "service.kubernetes.io/headless"
PROXY_NAME = "service.kubernetes.io/service-proxy-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
SLICE_CONTROLLER = "endpointslice-controller.k8s.io"
MIRRORING_CONTROLLER = "endpointslicemirroring-controller.k8s.io"
SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror"
LEADER = "control-plane.alpha.kubernetes.io/leader"
TOPOLOGY_MODE = "service.kubernetes.io/topology-mode"
TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints"
SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"

INGRESS_CLASS = "kubernetes.io/ingress.class"
DEFAULT_INGRESS_CLASS = "ingressclass.kubernetes.io/is-default-class"

LISTENS = "kcnet/listens"
"""Annotation of a pod: what it really listens on, whatever its containers declare."""
ASSUMED = "kcnet/assumed"
"""Annotation of a workload that kcnet itself took for granted and made an object of: ``ingress-controller``."""


def parse_listens(text: str) -> frozenset[tuple[int, Protocol]]:
    """The value of the annotation ``kcnet/listens``: ``8080,53/udp``; "" says that the pod listens on nothing.

    Raises ValueError, with a message for the annotation's author, for anything else.
    """
    return frozenset(_listens_on(part.strip()) for part in text.split(",")) if text.strip() else frozenset()


def _listens_on(part: str) -> tuple[int, Protocol]:
    number, _, protocol = part.partition("/")
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:6]) <= 65535):
        raise ValueError(f"{part!r} is not a port: write a number from 1 to 65535, or one such as 53/udp")
    if "/" in part and protocol.upper() not in Protocol.__members__:
        raise ValueError(f"{part!r} names no protocol that a Service can carry: write tcp, udp or sctp")
    return int(number), Protocol(protocol.upper() or "TCP")
