"""The names of kube-proxy's chains in iptables mode, for looking the rules up on a real node.

pkg/proxy/iptables/proxier.go in kubernetes/kubernetes, portProtoHash and its callers.
"""

from __future__ import annotations

from kcnet.model.objects import Service, ServicePort


def service_port_name(service: Service, port: ServicePort) -> str:
    """``shop/cart:http``; without the colon where the port has no name."""
    return f"{service.namespace}/{service.name}" + (f":{port.name}" if port.name else "")


def chain(prefix: str, service: Service, port: ServicePort, endpoint: str = "") -> str:
    """``KUBE-SVC-...`` and its like; ``endpoint`` is ``IP:port`` for KUBE-SEP.

    16 characters of the base32 form of SHA-256 over "namespace/name:port" and the protocol in lower case.
    """
    from base64 import b32encode
    from hashlib import sha256  # loads OpenSSL, which reach never needs

    text = service_port_name(service, port) + port.protocol.value.lower() + endpoint
    return f"{prefix}-{b32encode(sha256(text.encode()).digest()).decode()[:16]}"
