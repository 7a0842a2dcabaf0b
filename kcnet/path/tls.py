"""TLS at an Ingress controller: which certificate it shows for a host, and whether a client takes it.

https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kcnet.model.cluster import Cluster, IngressController
from kcnet.model.objects import Ingress, IngressTLS, Secret
from kcnet.model.trace import Action, Because, Stage, Step, Verdict
from kcnet.path.certificates import is_for, names_of
from kcnet.path.flow import Flow
from kcnet.path.httprules import NGINX, host_matches
from kcnet.path.nearest import closest
from kcnet.path.public import hosts
from kcnet.reasons.ingress import TLS_CERTIFICATE_MISSING, TLS_TERMINATED

TLS_SECRET = "kubernetes.io/tls"
TLS_KEYS = ("tls.crt", "tls.key")
CERT_MANAGER = ("cert-manager.io/cluster-issuer", "cert-manager.io/issuer", "kubernetes.io/tls-acme")
BY_NAMES = (NGINX, "traefik", "haproxy")
"""Controllers that look among the certificates of an Ingress for one with the host's name, whatever tls.hosts says."""


class Terminated(NamedTuple):
    """The handshake: what came of it."""

    step: Step
    flow: Flow
    failed: bool


def certificate_for(
    cluster: Cluster, controller: IngressController, ingresses: Sequence[Ingress], host: str
) -> tuple[Ingress, IngressTLS] | None:
    """The oldest tls entry that covers the host; one without hosts covers those of its rules.

    Without one, an entry whose certificate is for the host, of an Ingress that serves it.
    """
    for ingress in ingresses:
        for entry in ingress.tls:
            covered = entry.hosts or tuple(named for named, _ in hosts(ingress) if named)
            if any(host_matches(pattern, host) for pattern in covered):
                return ingress, entry
    for ingress in ingresses if controller.flavour in BY_NAMES else ():
        if not any(named and host_matches(named, host) for named, _ in hosts(ingress)):
            continue
        for entry in ingress.tls:
            if is_for(certificate_names(cluster, ingress, entry), host):
                return ingress, entry
    return None


def certificate_names(cluster: Cluster, ingress: Ingress, entry: IngressTLS) -> tuple[str, ...]:
    """The names of the certificate in the entry's Secret; empty if it is not known."""
    secret = cluster.secrets.get((ingress.namespace, entry.secret or ""))
    return names_of(secret.certificate) if secret is not None and secret.certificate else ()


def made_elsewhere(cluster: Cluster, ingress: Ingress) -> bool:
    """Whether somebody makes the Secrets of an Ingress of what no manifest here shows."""
    return cluster.makes_secrets or any(name in ingress.annotations for name in CERT_MANAGER)


def lacking(secret: Secret) -> list[str]:
    """The keys of a certificate that a Secret ought to have; none of one without any, which is filled by somebody."""
    return [key for key in TLS_KEYS if key not in secret.keys] if secret.keys else []


def terminate(
    cluster: Cluster,
    flow: Flow,
    controller: IngressController,
    host: str,
    certificate: tuple[Ingress, IngressTLS] | None,
) -> Terminated:
    if certificate is None:
        repair = f"Add {host} to spec.tls[].hosts of the Ingress, with a Secret of type {TLS_SECRET}."
        return _own(flow, controller, host, f"No Ingress has a tls entry for {host}", repair, ())
    ingress, entry = certificate
    because = (Because(ingress.ref, f"{entry.field}.secretName" if entry.secret else entry.field),)
    if entry.secret is None and controller.flavour == NGINX:
        text = f"The tls entry for {host} names no Secret"
        return _own(flow, controller, host, text, "Set secretName in that entry.", because)
    secret = cluster.secrets.get((ingress.namespace, entry.secret or ""))
    if entry.secret is not None and secret is None:
        absent = None if made_elsewhere(cluster, ingress) else _absent(cluster, ingress, entry.secret)
        if absent is not None:
            return _own(flow, controller, host, *absent, because)
        by = "a controller makes it" if made_elsewhere(cluster, ingress) else "it is not in these manifests"
        flow = flow.assuming(
            f"Secret {ingress.namespace}/{entry.secret} is taken to exist, with a certificate for {host} ({by})."
        )
    if secret is not None and (lacks := lacking(secret)):
        text = f"{secret.ref} has no {' and no '.join(lacks)}"
        return _own(flow, controller, host, text, "Make it with kubectl create secret tls.", because)
    if secret is not None and secret.type != TLS_SECRET:
        flow = flow.assuming(
            f"{secret.ref} is of type {secret.type}: it is taken to hold tls.crt and tls.key all the same."
        )
    names = certificate_names(cluster, ingress, entry)
    if secret is not None and names and not is_for(names, host):
        text = f"The certificate in {secret.ref} is for {', '.join(names[:3])}, not for {host}"
        repair = f"Put a certificate for {host} into the Secret."
        if controller.flavour in BY_NAMES:
            return _own(flow, controller, host, text, repair, because)
        return Terminated(_refused(flow, f"{text}: clients do not accept it.", repair, because), flow, failed=True)
    text = f"The controller ends TLS with the certificate of {host}" + (
        f" (Secret {entry.secret})." if entry.secret else "."
    )
    return _accepted(flow, host, text, because)


def _absent(cluster: Cluster, ingress: Ingress, name: str) -> tuple[str, str] | None:
    """Why a Secret is taken not to exist, and the repair; None where Secrets are not kept with the manifests."""
    here = [n for (ns, n), s in cluster.secrets.items() if ns == ingress.namespace and s.type == TLS_SECRET]
    elsewhere = [ns for (ns, n) in cluster.secrets if n == name]
    if not here and not elsewhere:
        return None
    near = closest(name, here)
    hint = f" (nearest: {near})" if near else ""
    if elsewhere:
        hint = f" (there is one in namespace {elsewhere[0]}: an Ingress reads Secrets of its own alone)"
    repair = f"Create Secret {name} of type {TLS_SECRET} in namespace {ingress.namespace}"
    return (
        f"Secret {ingress.namespace}/{name} does not exist{hint}",
        f"{repair}, or set secretName to {near}." if near else f"{repair}.",
    )


def _own(
    flow: Flow, controller: IngressController, host: str, why: str, repair: str, because: Sequence[Because]
) -> Terminated:
    """The controller falls back to its own certificate."""
    default = controller.default_certificate
    if default is not None:
        flow = flow.assuming(f"Secret {default}, the controller's default certificate, is taken to be for {host}.")
        return _accepted(flow, host, f"{why}: the controller shows its default certificate, {default}.", because)
    text = f"{why}: the controller shows its own certificate, which no client trusts."
    return Terminated(_refused(flow, text, repair, because), flow, failed=True)


def _accepted(flow: Flow, host: str, text: str, because: Sequence[Because]) -> Terminated:
    step = flow.step(
        Stage.INGRESS,
        Action.ALLOWED,
        TLS_TERMINATED,
        text,
        because=because,
        brief=f"TLS ends here, certificate of {host}",
    )
    return Terminated(step, flow, failed=False)


def _refused(flow: Flow, text: str, repair: str, because: Sequence[Because]) -> Step:
    return flow.step(
        Stage.INGRESS,
        Action.FAILED,
        TLS_CERTIFICATE_MISSING,
        text,
        because=because,
        repair=repair,
        verdict=Verdict.TLS_ERROR,
    )
