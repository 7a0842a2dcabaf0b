"""What lessons and questions are about: kcnet's topics, and the words of the KCNA curriculum.

https://github.com/cncf/curriculum (KCNA, in force since 2025-11-24). The curriculum names no networking object; which
topics belong to "Networking" is kcnet's own reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TOPICS: Final[Mapping[str, str]] = {
    "services": "Services and endpoints",
    "dns": "DNS and service discovery",
    "ingress": "Ingress and Gateway API",
    "networkpolicy": "NetworkPolicy",
    "cni": "CNI and the pod network",
    "kube-proxy": "kube-proxy",
    "external": "Into and out of the cluster",
    "mesh": "Service mesh",
    "troubleshooting": "Troubleshooting",
}
"""Id and title, in the order of the course."""

DOMAINS: Final[Mapping[str, tuple[int, tuple[str, ...]]]] = {
    "Kubernetes Fundamentals": (44, ("Kubernetes Core Concepts", "Administration", "Scheduling", "Containerization")),
    "Container Orchestration": (28, ("Networking", "Security", "Troubleshooting", "Storage")),
    "Cloud Native Application Delivery": (16, ("Application Delivery", "Debugging")),
    "Cloud Native Architecture": (
        12,
        (
            "Observability",
            "Cloud Native Ecosystem and Principles",
            "Cloud Native Community and Collaboration",
        ),
    ),
}
"""Domain, its weight in percent, and its competencies."""

COMPETENCIES: Final[tuple[str, ...]] = tuple(name for _, names in DOMAINS.values() for name in names)
