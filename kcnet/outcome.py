"""What became of a request, in words: the one-sentence summary, and what the client itself would see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kcnet.model.names import Protocol
from kcnet.model.trace import Path, Request, Verdict

HTTP_STATUS = {
    400: "Bad Request",
    404: "Not Found",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


def summarise(request: Request, verdict: Verdict, paths: Sequence[Path], deciding: Path) -> str:
    """One sentence for a person."""
    who = _client(request)
    target = request.target.typed
    if verdict is Verdict.DELIVERED:
        return f"{who} reaches {target}: {_endpoints(paths)}."
    if verdict is Verdict.PARTIAL:
        good = sum(path.probability for path in paths if path.verdict is Verdict.DELIVERED)
        return f"{who} reaches {target} in {_percent(good)} of new connections only; otherwise: {deciding.last.text}"
    if verdict is Verdict.MIXED:
        return f"{who} does not reach {target}, in more than one way; the first: {deciding.last.text}"
    if verdict is Verdict.EXTERNAL:
        return f"{who} → {target} leaves the cluster; what happens there cannot be known from these manifests."
    if verdict is Verdict.UNKNOWN:
        return f"Whether {who} reaches {target} cannot be known from these manifests: {deciding.last.text}"
    return f"{who} does not reach {target}: {deciding.last.text}"


def _client(request: Request) -> str:
    ref = request.client.ref
    if ref.kind == "Pod":
        return f"{ref.namespace}/{ref.name}"
    return ref.name


def _endpoints(paths: Sequence[Path]) -> str:
    names = list(
        dict.fromkeys(
            f"{p.destination.kind.lower()} {p.destination.namespace + '/' if p.destination.namespace else ''}"
            f"{p.destination.name}"
            for p in paths
            if p.destination is not None
        )
    )
    if len(names) == 1:
        return f"{names[0]} answers"
    return f"one of {len(names)} endpoints answers" if names else "it is answered"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %" if 0.005 < share < 0.995 else f"{share * 100:.1f} %"


def client_sees(
    request: Request, protocol: Protocol, port: int | None, verdict: Verdict, paths: Sequence[Path], deciding: Path
) -> str:
    """What curl (over TCP) or the application (over UDP and SCTP) would report."""
    if verdict is Verdict.PARTIAL:
        good = sum(path.probability for path in paths if path.verdict is Verdict.DELIVERED)
        bad = _one(request, protocol, port, deciding)
        return f"an answer in {_percent(good)} of new connections; otherwise {bad}"
    if verdict is Verdict.MIXED:
        kinds = Counter(path.verdict for path in paths)
        seen = {kind: next(path for path in paths if path.verdict is kind) for kind in kinds}
        return "; or ".join(_one(request, protocol, port, path) for path in seen.values())
    return _one(request, protocol, port, deciding)


def _one(request: Request, protocol: Protocol, port: int | None, path: Path) -> str:
    host = request.target.name or _address(request)
    number = port if port is not None else "PORT"
    tcp = protocol is Protocol.TCP
    match path.verdict:
        case Verdict.DELIVERED:
            source = f"; the {'pod' if path.destination and path.destination.kind == 'Pod' else 'endpoint'} sees "
            seen = f"{source}{path.source_seen}" if path.source_seen else ""
            return f"{'curl gets an answer' if tcp else 'the application gets an answer'}{seen}"
        case Verdict.REFUSED:
            if tcp:
                return f"curl: (7) Failed to connect to {host} port {number}: Connection refused"
            return f"connection refused (ICMP port unreachable from {host} port {number})"
        case Verdict.TIMEOUT:
            if tcp:
                return f"curl: (28) Failed to connect to {host} port {number}: Connection timed out (after minutes)"
            return "no answer: the application waits until its own timeout"
        case Verdict.UNRESOLVED:
            if path.reason.code in ("LB_PENDING", "POD_NO_ADDRESS", "INGRESS_NO_CONTROLLER"):
                return "there is no address to connect to"
            return f"curl: (6) Could not resolve host: {host}"
        case Verdict.HTTP_ERROR:
            status = path.http_status or 503
            return f"HTTP {status} {HTTP_STATUS.get(status, '')}".rstrip()
        case Verdict.TLS_ERROR:
            if path.reason.code == "TLS_CERTIFICATE_MISSING":
                return "curl: (60) SSL certificate problem: self-signed certificate (a browser shows a warning)"
            return "curl: (35) TLS connect error: wrong version number"
        case Verdict.EXTERNAL:
            return f"whatever {host} answers"
        case _:
            return "cannot be known from these manifests"


def _address(request: Request) -> str:
    target = request.target
    if target.address is not None:
        return str(target.address)
    return target.ref.name if target.ref is not None else target.typed


def repair_of(verdict: Verdict, deciding: Path) -> str:
    """What to change in this very case; "" for a request that arrives."""
    return "" if verdict in (Verdict.DELIVERED, Verdict.EXTERNAL) else deciding.last.repair
