"""The names that a certificate is for.

https://datatracker.ietf.org/doc/html/rfc6125 and https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from kcnet.path.httprules import host_matches


@lru_cache(maxsize=1024)
def names_of(pem: str) -> tuple[str, ...]:
    """The DNS names of a certificate, as hosts of an Ingress are written; empty if it has none or cannot be read.

    The common name counts only where there is no list of names, as for curl; browsers pass over it even then.
    """
    from asn1crypto import pem as armour
    from asn1crypto.x509 import Certificate

    try:
        certificate = Certificate.load(armour.unarmor(pem.encode())[2])
        listed = certificate.subject_alt_name_value
        if listed is not None:
            return tuple(name.native.lower() for name in listed if name.name == "dns_name")
        common = certificate.subject.native.get("common_name")
    except (ValueError, TypeError, KeyError):
        return ()
    return (common.lower(),) if isinstance(common, str) else ()


def is_for(names: Iterable[str], host: str) -> bool:
    """Whether one of the names is the host, or a wildcard for exactly its first label."""
    return any(name == host.lower() or host_matches(name, host) for name in names)
