"""Ingresses: annotations, which each controller has of its own.

https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kcnet.analysis.finding import Finding, Rule, Severity, Subject
from kcnet.analysis.rules.ingressbackends import backends_of
from kcnet.analysis.rules.ingresspaths import PATTERN
from kcnet.model.cluster import IngressController
from kcnet.model.objects import Ingress
from kcnet.path.flow import key
from kcnet.path.httprules import NGINX, REWRITE_TARGET
from kcnet.path.ingress import SERVICE_UPSTREAM
from kcnet.path.public import controller_of

_PREFIX = "nginx.ingress.kubernetes.io/"
_READ_BY_OTHERS = frozenset((f"{_PREFIX}ssl-redirect", f"{_PREFIX}force-ssl-redirect"))
"""Written beside another controller's own so often that nothing is said of them."""
_GROUP = re.compile(r"\$(\d)")


def _of_another(subject: Subject) -> Iterator[Finding]:
    for ingress, controller in _served(subject):
        if controller.flavour in ("", NGINX):
            continue
        own = [name for name in ingress.annotations if name.startswith(_PREFIX) and name not in _READ_BY_OTHERS]
        if own:
            yield INGRESS_ANNOTATION_OF_ANOTHER.finding(
                ingress.ref,
                key("metadata.annotations", own[0]),
                f"This annotation is one of ingress-nginx, and the controller that serves the Ingress is "
                f"{controller.flavour}, which passes over "
                + (f"it and {len(own) - 1} more" if len(own) > 1 else "it")
                + ": requests are served as if it were not there.",
                f"Say the same with what {controller.flavour} has for it, or remove the annotation.",
            )


def _no_group(subject: Subject) -> Iterator[Finding]:
    for ingress, controller in _served(subject):
        target = ingress.annotations.get(REWRITE_TARGET, "")
        wanted = max((int(number) for number in _GROUP.findall(target)), default=0)
        if controller.flavour != NGINX or not wanted:
            continue
        for rule in ingress.rules:
            for entry in rule.paths or ():
                groups = _groups(entry.path)
                if groups is None or groups >= wanted:
                    continue
                sent = _GROUP.sub("", target) or "/"
                stem = PATTERN.split(entry.path, maxsplit=1)[0].rstrip("/")
                whole = f"{stem}/(.*)" if wanted == 1 else f"{stem}(/|$)(.*)"
                yield INGRESS_REWRITE_GROUP.finding(
                    ingress.ref,
                    f"{entry.field}.path",
                    f"rewrite-target {target} puts in group {wanted} of the path, and {entry.path} has "
                    f"{'no group' if not groups else 'one group' if groups == 1 else f'{groups} groups'}: whatever a "
                    f"request's path is, {entry.backend.service or 'the backend'} is asked for {sent}.",
                    f"Write the path as {whole} with pathType ImplementationSpecific, or remove rewrite-target."
                    if wanted == 1 or (wanted == 2 and stem)
                    else "Write groups in brackets into the path, or remove rewrite-target.",
                )


def _groups(path: str) -> int | None:
    """In a path as a regular expression; None if it is none."""
    try:
        return re.compile(path).groups
    except re.error:
        return None


def _affinity(subject: Subject) -> Iterator[Finding]:
    told = set()
    for ingress, controller in _served(subject):
        if controller.flavour == NGINX and ingress.annotations.get(SERVICE_UPSTREAM) == "true":
            continue
        for backend in backends_of(ingress):
            service = subject.cluster.service(ingress.namespace, backend.service or "")
            if service is None or not service.session_affinity or not service.cluster_ips or service.ref in told:
                continue
            if service.ref.origin is None:
                continue
            told.add(service.ref)
            yield SERVICE_AFFINITY_BEHIND_INGRESS.finding(
                service.ref,
                "spec.sessionAffinity",
                f"{ingress.ref} leads to this Service, and an Ingress controller connects to the pods themselves, past "
                "kube-proxy and its memory: of two requests of one client the second may reach another pod.",
                "Use the controller's own affinity, by cookie, for what comes through the Ingress. sessionAffinity "
                "holds for clients of the cluster IP.",
            )


def _served(subject: Subject) -> Iterator[tuple[Ingress, IngressController]]:
    for ingress in subject.cluster.ingresses.values():
        controller = controller_of(subject.cluster, ingress)
        if isinstance(controller, IngressController):
            yield ingress, controller


INGRESS_ANNOTATION_OF_ANOTHER = Rule(
    code="INGRESS_ANNOTATION_OF_ANOTHER",
    severity=Severity.INFO,
    title="An annotation of ingress-nginx on an Ingress of another controller",
    meaning=(
        "Annotations are where each controller keeps what the Ingress API has no field for: rewrites, limits. "
        "Each reads those with its own prefix and passes over others without a word, so that an Ingress that moves to "
        "another controller loses what they said."
    ),
    look=("kubectl -n NAMESPACE get ingress NAME -o yaml", "kubectl get ingressclass -o wide"),
    causes=(
        "The Ingress was moved from ingress-nginx.",
        "F5's NGINX Ingress Controller was taken for ingress-nginx; its annotations begin with nginx.org/.",
    ),
    repair="Use the annotations or resources of the controller that serves the Ingress.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource",
    check=_of_another,
)

INGRESS_REWRITE_GROUP = Rule(
    code="INGRESS_REWRITE_GROUP",
    severity=Severity.WARNING,
    title="rewrite-target refers to a part of the path that is not there",
    meaning=(
        "ingress-nginx takes the path for a regular expression where rewrite-target is set; $1 and $2 stand for what "
        "its first and second pair of brackets matched. Without such brackets they stand for nothing, and every "
        "request arrives at the application with the same short path."
    ),
    look=("kubectl -n NAMESPACE get ingress NAME -o yaml", "kubectl -n NAMESPACE logs POD"),
    causes=("rewrite-target was copied from an example, and the path was not.",),
    repair="Write the brackets into the path, such as /api(/|$)(.*) for /$2.",
    source="https://kubernetes.github.io/ingress-nginx/examples/rewrite/",
    check=_no_group,
)

SERVICE_AFFINITY_BEHIND_INGRESS = Rule(
    code="SERVICE_AFFINITY_BEHIND_INGRESS",
    severity=Severity.INFO,
    title="sessionAffinity plays no part for requests through an Ingress",
    meaning=(
        "Session affinity is kube-proxy's work, at the Service's own addresses. Ingress controllers read the "
        "EndpointSlices and connect to the pods, so that kube-proxy never sees the request, and the pods see the "
        "controller's address for all clients."
    ),
    look=("kubectl -n NAMESPACE get svc NAME -o yaml", "kubectl -n NAMESPACE describe ingress NAME"),
    causes=("sessionAffinity was set to keep sessions of users who come through the Ingress.",),
    repair="Set the controller's affinity by cookie.",
    source="https://kubernetes.github.io/ingress-nginx/examples/affinity/cookie/",
    check=_affinity,
)
