"""How answers read as choices: short, plain, and alike in length whether right or wrong."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress
from kcnet.model.trace import Request
from kcnet.path.doors import door_of
from kcnet.reasons import find
from kcnet.simulate.summary import HTTP_STATUS

VERDICTS: Final[Mapping[str, str]] = {
    "delivered": "A pod takes it, and answers",
    "refused": "Connection refused, at once",
    "timeout": "It hangs until it times out",
    "NXDOMAIN": "The name cannot be resolved",
    "NODATA": "The name gives no addresses",
    "no-answer": "The lookup gets no response",
    "no-address": "There is no address to call",
    "tls-error": "The TLS handshake must fail",
    "external": "It leaves the cluster",
    "unknown": "It cannot be known from these manifests",
    "answer": "The application's reply",
}
"""Alike in length, so that length tells nobody which is right."""


def verdict(value: str, cluster: Cluster | None = None) -> str:
    parts = value.split(", ")
    words = [_one_verdict(part) for part in parts]
    if len(words) == 1:
        return words[0]
    if "delivered" in parts:
        others = [_lower(word) for part, word in zip(parts, words, strict=True) if part != "delivered"]
        return f"Some connections are answered; others: {' or '.join(others)}"
    return f"It differs by connection: {' or '.join(_lower(word) for word in words)}"


def status(value: str, cluster: Cluster) -> str:
    parts = [part.removeprefix("http ") for part in value.split(", ")]
    return _list(
        [f"{part} from the controller" if part.isdigit() else VERDICTS.get(part, part) for part in parts], "or"
    )


def _one_verdict(value: str) -> str:
    if value.startswith("http "):
        status = int(value.removeprefix("http "))
        return f"HTTP {status} {HTTP_STATUS.get(status, '')}".rstrip()
    return VERDICTS.get(value, value)


def _lower(text: str) -> str:
    return text if text.startswith(("HTTP", "TLS")) else text[:1].lower() + text[1:]


def dns(value: str, cluster: Cluster) -> str:
    if value in VERDICTS:
        return VERDICTS[value]
    if value.startswith("CNAME "):
        return f"No address of the cluster: an alias for {value.removeprefix('CNAME ')}"
    return _list([_address(part, cluster) for part in value.split(", ")])


def _address(text: str, cluster: Cluster) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        return _lower(VERDICTS.get(text, text))
    owner = owner_of(address, cluster)
    return f"{text} ({owner})" if owner else text


def owner_of(address: IPAddress, cluster: Cluster) -> str:
    """Whose address it is: "pod shop/cart-x", "node-1", "cluster IP of shop/cart"; "" if nobody's."""
    if (pod := cluster.pods_by_address.get(address)) is not None:
        return f"pod {pod.namespace}/{pod.name}"
    if (node := cluster.nodes_by_address.get(address)) is not None:
        return node.name
    for service in cluster.services_by_address.get(address, ()):
        door = door_of(service, address)
        return f"{door.value if door else 'load balancer'} of {service.namespace}/{service.name}"
    return ""


def service(value: str, cluster: Cluster) -> str:
    special = {
        "refused": "To nobody: the node refuses the connection",
        "timeout": "To nobody: the packet is lost",
        "unchanged": "Where it was sent: its destination is not rewritten",
        "never": "Nowhere: there is no packet to send",
    }
    parts = value.split(", ")
    if len(parts) == 1 and value in special:
        return special[value]
    return "To " + _list([special.get(part, _socket(part, cluster)) for part in parts], "or")


def _socket(text: str, cluster: Cluster) -> str:
    host, _, number = text.rpartition(":")
    try:
        pod = cluster.pods_by_address.get(ip_address(host.strip("[]")))
    except ValueError:
        return text
    return f"{text} (pod {pod.name})" if pod is not None else f"{host}:{number}"


def endpoint(value: str, cluster: Cluster) -> str:
    return "None" if value == "nobody" else _list(value.split(", "))


def port(value: str, cluster: Cluster) -> str:
    return _list(value.split(", "))


def source(value: str, cluster: Cluster) -> str:
    return _list([_address(part, cluster) for part in value.split(", ")], "or")


def policy(value: str, cluster: Cluster) -> str:
    words = {
        "open": "It passes: no policy selects the pod",
        "allowed": "It passes: a policy's rule allows it",
        "dropped": "It is dropped: no rule allows for it",
        "skipped": "It passes: policies do not hold here",
        "unknown": "It cannot be known from these manifests",
        "never": "It never gets so far as the policies",
    }
    return _list([words.get(part, part) for part in value.split(", ")], "or")


def backend(value: str, cluster: Cluster) -> str:
    parts = ["none (HTTP 404)" if part == "404" else part for part in value.split(", ")]
    text = _list(parts, "or")
    return text[:1].upper() + text[1:] if text.startswith("none") else text


def why(value: str, cluster: Cluster) -> str:
    reason = find(value)
    return reason.title if reason is not None else value


def _list(parts: list[str], word: str = "and") -> str:
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}" if len(parts) > 1 else "".join(parts)


def who(request: Request) -> str:
    """The client in a sentence."""
    ref = request.client.ref
    if ref.kind == "Pod":
        return f"pod {ref.namespace}/{ref.name}"
    return "a client outside the cluster" if ref.kind == "External" else ref.name
