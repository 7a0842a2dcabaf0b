"""Questions about a request whose answers are computed: a prediction in a lesson, a question of a quiz."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kcnet.model.cluster import Cluster
from kcnet.model.trace import Request, Stage
from kcnet.tutor.probes import proofs, reading, wording
from kcnet.tutor.probes.choices import Choice, Extra, choices, misread
from kcnet.tutor.probes.probe import Probe

__all__ = ["PROBES", "Choice", "Extra", "Probe", "choices", "misread"]


def _to(request: Request) -> str:
    return request.target.typed


def _dns(cluster: Cluster, request: Request) -> str:
    return f"Which address does {wording.who(request)} get for {request.target.name or _to(request)}?"


def _service(cluster: Cluster, request: Request) -> str:
    return f"Where does the node send the packet for {_to(request)}?"


def _endpoint(cluster: Cluster, request: Request) -> str:
    return f"Which pods answer when {wording.who(request)} asks {_to(request)}?"


def _port(cluster: Cluster, request: Request) -> str:
    return f"Which port of the pod is the packet for {_to(request)} sent to?"


def _egress(cluster: Cluster, request: Request) -> str:
    return f"May the packet to {_to(request)} leave {wording.who(request)}?"


def _ingress(cluster: Cluster, request: Request) -> str:
    return f"May the packet of {wording.who(request)} enter the pod behind {_to(request)}?"


def _verdict(cluster: Cluster, request: Request) -> str:
    return f"What becomes of the request of {wording.who(request)} to {_to(request)}?"


def _source(cluster: Cluster, request: Request) -> str:
    return f"Which source address does the pod see when {wording.who(request)} asks {_to(request)}?"


def _backend(cluster: Cluster, request: Request) -> str:
    return f"Which backend does the Ingress controller choose for {_to(request)}?"


def _status(cluster: Cluster, request: Request) -> str:
    return f"What does {wording.who(request)} get back for {_to(request)}?"


def _why(cluster: Cluster, request: Request) -> str:
    return f"What decides the fate of the request of {wording.who(request)} to {_to(request)}?"


_PROBES: Final = (
    Probe(
        id="dns",
        title="the address that DNS gives",
        stage=Stage.DNS,
        ask=_dns,
        read=reading.dns,
        say=wording.dns,
        show=proofs.at(Stage.DNS),
    ),
    Probe(
        id="service",
        title="where the Service's rules send the packet",
        stage=Stage.SERVICE,
        ask=_service,
        read=reading.service,
        say=wording.service,
        show=proofs.translated,
    ),
    Probe(
        id="endpoint",
        title="the pods that answer",
        stage=Stage.SERVICE,
        ask=_endpoint,
        read=reading.endpoint,
        say=wording.endpoint,
        show=proofs.summary,
    ),
    Probe(
        id="policy-egress",
        title="whether the packet may leave its pod",
        stage=Stage.EGRESS_POLICY,
        ask=_egress,
        read=reading.policy(Stage.EGRESS_POLICY),
        say=wording.policy,
        show=proofs.at(Stage.EGRESS_POLICY),
    ),
    Probe(
        id="policy-ingress",
        title="whether the packet may enter the pod",
        stage=Stage.INGRESS_POLICY,
        ask=_ingress,
        read=reading.policy(Stage.INGRESS_POLICY),
        say=wording.policy,
        show=proofs.at(Stage.INGRESS_POLICY),
    ),
    Probe(
        id="port",
        title="the port at the pod",
        stage=Stage.SERVICE,
        ask=_port,
        read=reading.port,
        say=wording.port,
        show=proofs.translated,
    ),
    Probe(
        id="verdict",
        title="what becomes of the request",
        stage=None,
        ask=_verdict,
        read=reading.verdict,
        say=wording.verdict,
        show=proofs.summary,
    ),
    Probe(
        id="source",
        title="the source address that the pod sees",
        stage=Stage.NAT,
        ask=_source,
        read=reading.source,
        say=wording.source,
        show=proofs.at(Stage.NAT, Stage.INGRESS),
    ),
    Probe(
        id="backend",
        title="the backend that the Ingress controller chooses",
        stage=Stage.INGRESS,
        ask=_backend,
        read=reading.backend,
        say=wording.backend,
        show=proofs.at(Stage.INGRESS),
    ),
    Probe(
        id="status",
        title="the HTTP status",
        stage=None,
        ask=_status,
        read=reading.status,
        say=wording.status,
        show=proofs.summary,
    ),
    Probe(
        id="why",
        title="what decides",
        stage=None,
        ask=_why,
        read=reading.why,
        say=wording.why,
        show=proofs.summary,
    ),
)

PROBES: Final[Mapping[str, Probe]] = {probe.id: probe for probe in _PROBES}
