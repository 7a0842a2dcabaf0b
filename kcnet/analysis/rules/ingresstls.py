"""Ingresses: certificates, and the hosts that they are for.

https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from kcnet.analysis.finding import Edit, Finding, Rule, Severity, Subject
from kcnet.analysis.rules.ingress import ask
from kcnet.analysis.spelling import certainly_meant
from kcnet.model.cluster import IngressController
from kcnet.model.objects import Ingress, IngressTLS
from kcnet.path.certificates import is_for
from kcnet.path.httprules import NGINX, host_matches
from kcnet.path.nearest import closest
from kcnet.path.public import controller_of
from kcnet.path.tls import BY_NAMES, TLS_SECRET, certificate_names, lacking, made_elsewhere

_TLS_PAGE = "https://kubernetes.io/docs/concepts/services-networking/ingress/#tls"


def _host_differs(subject: Subject) -> Iterator[Finding]:
    for ingress, entry, index, host in _idle_hosts(subject):
        bare = _uncovered(subject, ingress)
        if not bare:
            continue
        wanted = closest(host, bare) or bare[0]
        yield INGRESS_TLS_HOST_DIFFERS.finding(
            ingress.ref,
            f"{entry.field}.hosts[{index}]",
            f"The certificate is for {host}, which no rule serves; the rule is for {wanted}, which no tls entry names. "
            f"For https://{wanted} the controller shows {_shown_instead(subject, ingress)}.",
            f"Write {wanted} in tls.hosts, with a certificate for it, or set the rule's host to {host}.",
            proof=ask(ingress, wanted, "/", secure=True),
        )


def _host_idle(subject: Subject) -> Iterator[Finding]:
    for ingress, entry, index, host in _idle_hosts(subject):
        if not _uncovered(subject, ingress):
            yield INGRESS_TLS_HOST_WITHOUT_RULE.finding(
                ingress.ref,
                f"{entry.field}.hosts[{index}]",
                f"No Ingress has a rule for {host}: a request for it gets the certificate, and then the answer 404.",
                f"Add a rule for {host}, or remove it from tls.hosts.",
            )


def _host_without(subject: Subject) -> Iterator[Finding]:
    idle = {ingress.ref for ingress, *_ in _idle_hosts(subject)}
    for ingress in subject.manifests.ingresses:
        if not ingress.tls or ingress.ref in idle:
            continue
        for host in _uncovered(subject, ingress):
            field = next((f"{rule.field}.host" for rule in ingress.rules if rule.host == host), "spec.rules")
            yield INGRESS_HOST_WITHOUT_TLS.finding(
                ingress.ref,
                field,
                f"Other hosts of this Ingress have a certificate, and no tls entry names {host}: http works, and for "
                f"https://{host} the controller shows {_shown_instead(subject, ingress)}.",
                f"Add {host} to tls.hosts, with a certificate for it.",
                proof=ask(ingress, host, "/", secure=True),
            )


def _secret_missing(subject: Subject) -> Iterator[Finding]:
    by_namespace = _tls_secrets(subject)
    for ingress, entry, name in _absent_secrets(subject):
        here = by_namespace.get(ingress.namespace, [])
        there = [secret.namespace for secret in subject.manifests.secrets if secret.name == name]
        if not here and not there:
            continue
        near = closest(name, here)
        meant = certainly_meant(name, here)
        hint = f" (nearest: {near})" if near else ""
        repair = f"Set secretName to {near}." if near else f"Create Secret {name} of type {TLS_SECRET}."
        if there:
            hint = f"; there is one in namespace {there[0]}, and an Ingress reads Secrets of its own namespace alone"
            repair = f"Create the Secret in namespace {ingress.namespace} too."
        field = f"{entry.field}.secretName"
        yield INGRESS_TLS_SECRET_MISSING.finding(
            ingress.ref,
            field,
            f"There is no Secret {name} in namespace {ingress.namespace}{hint}. The controller shows "
            f"{_shown_instead(subject, ingress)}.",
            repair,
            proof=ask(ingress, path="/", secure=True),
            edit=Edit(ingress.ref, field, name, meant) if meant and not there else None,
        )


def _secret_keys(subject: Subject) -> Iterator[Finding]:
    for ingress in subject.manifests.ingresses:
        for entry in ingress.tls:
            secret = subject.cluster.secrets.get((ingress.namespace, entry.secret or ""))
            if secret is None:
                continue
            if lacks := lacking(secret):
                yield INGRESS_TLS_SECRET_KEYS.finding(
                    ingress.ref,
                    f"{entry.field}.secretName",
                    f"Secret {secret.name} is of type {secret.type} and has no {' and no '.join(lacks)}: the "
                    f"controller finds no certificate in it and shows {_shown_instead(subject, ingress)}.",
                    f"Make it a Secret of type {TLS_SECRET} with the keys tls.crt and tls.key: "
                    f"kubectl -n {ingress.namespace} create secret tls {secret.name} --cert=FILE --key=FILE.",
                    proof=ask(ingress, path="/", secure=True),
                )


def _secret_unseen(subject: Subject) -> Iterator[Finding]:
    by_namespace = _tls_secrets(subject)
    names = {secret.name for secret in subject.manifests.secrets}
    for ingress, entry, name in _absent_secrets(subject):
        if name in names or by_namespace.get(ingress.namespace):
            continue
        yield INGRESS_TLS_SECRET_UNSEEN.finding(
            ingress.ref,
            f"{entry.field}.secretName",
            f"These manifests do not hold Secret {name}. If namespace {ingress.namespace} of the cluster does not have "
            f"it, the controller shows {_shown_instead(subject, ingress)}.",
            f"Check that it exists: kubectl -n {ingress.namespace} get secret {name}",
        )


def _other_names(subject: Subject) -> Iterator[Finding]:
    served = {rule.host: None for ingress in subject.manifests.ingresses for rule in ingress.rules if rule.host}
    for ingress in subject.manifests.ingresses:
        own = {rule.host: None for rule in ingress.rules if rule.host}
        for entry in ingress.tls if not made_elsewhere(subject.cluster, ingress) else ():
            names = certificate_names(subject.cluster, ingress, entry)
            for host, index in _certified(entry, served, own) if names else ():
                if is_for(names, host):
                    continue
                shown = f"{', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}"
                flavour = _flavour(subject, ingress)
                effect = (
                    f"the controller shows {_shown_instead(subject, ingress)}"
                    if flavour in BY_NAMES
                    else "clients do not accept it"
                )
                other = _secret_for(subject, ingress, host)
                yield INGRESS_TLS_CERTIFICATE_NAMES.finding(
                    ingress.ref,
                    f"{entry.field}.secretName" if index is None else f"{entry.field}.hosts[{index}]",
                    f"The certificate in Secret {entry.secret} is for {shown}, and not for {host}: at https://{host} "
                    f"{effect}.",
                    f"Set secretName to {other}, whose certificate is for {host}."
                    if other
                    else f"Put a certificate that is for {host} into Secret {entry.secret}.",
                    proof=ask(ingress, host, "/", secure=True),
                )


def _certified(
    entry: IngressTLS, served: Mapping[str, None], own: Mapping[str, None]
) -> Iterator[tuple[str, int | None]]:
    """The hosts of rules for which a tls entry is, each with the place in ``hosts`` that says so."""
    if not entry.hosts:
        yield from ((host, None) for host in own)
    seen: set[str] = set()
    for index, pattern in enumerate(entry.hosts):
        if not pattern.startswith("*."):
            hosts = [pattern] if pattern in served else []
        else:
            hosts = [host for host in served if host_matches(pattern, host)]
        yield from ((host, index) for host in hosts if host not in seen)
        seen.update(hosts)


def _secret_for(subject: Subject, ingress: Ingress, host: str) -> str | None:
    """A Secret of the Ingress's namespace whose certificate is for the host."""
    for secret in subject.manifests.secrets:
        entry = IngressTLS((), secret.name)
        if secret.namespace == ingress.namespace and is_for(certificate_names(subject.cluster, ingress, entry), host):
            return secret.name
    return None


def _no_secret_named(subject: Subject) -> Iterator[Finding]:
    for ingress in subject.manifests.ingresses:
        controller = controller_of(subject.cluster, ingress)
        if not isinstance(controller, IngressController) or controller.flavour != NGINX:
            continue
        for entry in ingress.tls if controller.default_certificate is None else ():
            if entry.secret is None:
                host = next((f"https://{host}" for host in entry.hosts), "its hosts")
                yield INGRESS_TLS_WITHOUT_SECRET.finding(
                    ingress.ref,
                    entry.field,
                    f"The entry names no Secret: for {host} ingress-nginx shows its own certificate, which no client "
                    "trusts, unless its flag --default-ssl-certificate names another.",
                    "Set secretName to a Secret with the certificate, if the controller has no default certificate.",
                    proof=ask(ingress, entry.hosts[0], "/", secure=True) if entry.hosts else None,
                )


def _shown_instead(subject: Subject, ingress: Ingress) -> str:
    """What a client gets to see where no certificate is found for the host."""
    controller = controller_of(subject.cluster, ingress)
    default = controller.default_certificate if isinstance(controller, IngressController) else None
    return f"its default one, {default}" if default else "its own certificate, which no client trusts"


def _flavour(subject: Subject, ingress: Ingress) -> str:
    controller = controller_of(subject.cluster, ingress)
    return controller.flavour if isinstance(controller, IngressController) else ""


def _absent_secrets(subject: Subject) -> Iterator[tuple[Ingress, IngressTLS, str]]:
    """Entries whose Secret is not among the manifests, unless a controller is asked to make it."""
    for ingress in subject.manifests.ingresses:
        if made_elsewhere(subject.cluster, ingress):
            continue
        for entry in ingress.tls:
            if entry.secret and (ingress.namespace, entry.secret) not in subject.cluster.secrets:
                yield ingress, entry, entry.secret


def _tls_secrets(subject: Subject) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for secret in subject.manifests.secrets:
        if secret.type == TLS_SECRET:
            found[secret.namespace].append(secret.name)
    return found


def _idle_hosts(subject: Subject) -> Iterator[tuple[Ingress, IngressTLS, int, str]]:
    """Hosts of tls entries that no rule of any Ingress serves."""
    served = [rule.host for ingress in subject.manifests.ingresses for rule in ingress.rules]
    if None in served or any(ingress.default_backend for ingress in subject.manifests.ingresses):
        return
    known = {host for host in served if host}
    wild = [host for host in known if host.startswith("*.")]
    for ingress in subject.manifests.ingresses:
        for entry in ingress.tls:
            for index, host in enumerate(entry.hosts):
                if host not in known and not _covers(wild, host) and not _covered_by(host, known):
                    yield ingress, entry, index, host


def _covers(patterns: Iterable[str], host: str) -> bool:
    return any(host_matches(pattern, host) for pattern in patterns)


def _covered_by(pattern: str, hosts: Iterable[str]) -> bool:
    return pattern.startswith("*.") and any(host_matches(pattern, host) for host in hosts)


def _uncovered(subject: Subject, ingress: Ingress) -> list[str]:
    """Hosts of the Ingress's rules that no tls entry of any Ingress covers."""
    if any(not entry.hosts for entry in ingress.tls):
        return []
    own = [rule.host for rule in ingress.rules if rule.host]
    if all(_covers((host for entry in ingress.tls for host in entry.hosts), host) for host in own):
        return []
    patterns = [host for each in subject.manifests.ingresses for entry in each.tls for host in entry.hosts]
    if _flavour(subject, ingress) in BY_NAMES:
        patterns += [name for entry in ingress.tls for name in certificate_names(subject.cluster, ingress, entry)]
    return [host for host in dict.fromkeys(own) if host not in patterns and not _covers(patterns, host)]


INGRESS_TLS_HOST_DIFFERS = Rule(
    code="INGRESS_TLS_HOST_DIFFERS",
    severity=Severity.WARNING,
    title="The certificate is for another host than the rule",
    meaning=(
        "tls.hosts says for which hosts the controller shows the Secret's certificate, and the rules say which "
        "hosts are "
        "served. They should name the same; for a host that stands in the rules alone, clients get a certificate that "
        "they do not trust."
    ),
    look=("kubectl -n NAMESPACE describe ingress NAME", "curl -vI https://HOST/"),
    causes=(
        "A typo in one of the two.",
        "The host was changed in the rules alone.",
        "A wildcard covers one label alone.",
    ),
    repair="Let tls.hosts and the rules name the same hosts.",
    source=_TLS_PAGE,
    check=_host_differs,
)

INGRESS_TLS_HOST_WITHOUT_RULE = Rule(
    code="INGRESS_TLS_HOST_WITHOUT_RULE",
    severity=Severity.INFO,
    title="A certificate for a host that no rule serves",
    meaning=(
        "A tls entry alone serves nothing: a host needs a rule. Without one a client gets past the handshake, and the "
        "controller then answers 404."
    ),
    look=("kubectl get ingress -A",),
    causes=("A rule was removed, or was forgotten for a second name of the site.",),
    repair="Add a rule for the host, or remove it from tls.hosts.",
    source=_TLS_PAGE,
    check=_host_idle,
)

INGRESS_HOST_WITHOUT_TLS = Rule(
    code="INGRESS_HOST_WITHOUT_TLS",
    severity=Severity.INFO,
    title="A host without a certificate, beside hosts that have one",
    meaning=(
        "The certificate is found by the name in tls.hosts, which must be listed there explicitly. A host of the rules "
        "that no entry names is served over http; over https clients get the controller's own certificate."
    ),
    look=("kubectl -n NAMESPACE describe ingress NAME", "curl -vI https://HOST/"),
    causes=("A host was added to the rules alone.",),
    repair="Add the host to tls.hosts.",
    source=_TLS_PAGE,
    check=_host_without,
)

INGRESS_TLS_CERTIFICATE_NAMES = Rule(
    code="INGRESS_TLS_CERTIFICATE_NAMES",
    severity=Severity.WARNING,
    title="The certificate in the Secret is for other hosts",
    meaning=(
        "A certificate says for which names it is, a wildcard among them standing for exactly one label. What "
        "tls.hosts lists does not change that. ingress-nginx does not show a certificate for a host that it is not "
        "for, but its own; other controllers do, and the client breaks off."
    ),
    look=(
        "kubectl -n NAMESPACE get secret SECRET -o jsonpath='{.data.tls\\.crt}' | base64 -d | openssl x509 -noout -ext "
        "subjectAltName",
        "openssl s_client -connect ADDRESS:443 -servername HOST",
    ),
    causes=(
        "A host was added to the Ingress, and the certificate was not renewed.",
        "The wrong Secret is named.",
        "A wildcard certificate covers one label, and not the domain itself.",
    ),
    repair="Renew the certificate with the host among its names, or name the Secret that has one.",
    source=_TLS_PAGE,
    check=_other_names,
)

INGRESS_TLS_WITHOUT_SECRET = Rule(
    code="INGRESS_TLS_WITHOUT_SECRET",
    severity=Severity.INFO,
    title="A tls entry without a Secret",
    meaning=(
        "secretName may be left out: then it is for the controller to have a certificate. ingress-nginx takes the one "
        "that its flag --default-ssl-certificate names, and without the flag one that it has signed itself."
    ),
    look=("kubectl -n NAMESPACE describe ingress NAME", "kubectl -n ingress-nginx get deploy -o yaml"),
    causes=("The cluster has a wildcard certificate as the controller's default; then all is well.",),
    repair="Name a Secret, or give the controller a default certificate.",
    source="https://kubernetes.github.io/ingress-nginx/user-guide/tls/#default-ssl-certificate",
    check=_no_secret_named,
)

INGRESS_TLS_SECRET_MISSING = Rule(
    code="INGRESS_TLS_SECRET_MISSING",
    severity=Severity.WARNING,
    title="The Secret with the certificate does not exist in the Ingress's namespace",
    meaning=(
        "secretName names a Secret of type kubernetes.io/tls in the Ingress's own namespace. Nobody checks that it "
        "exists; without it the controller shows a certificate of its own, and clients refuse it."
    ),
    look=("kubectl -n NAMESPACE get secrets", "kubectl -n NAMESPACE describe ingress NAME"),
    causes=("A typo in the name.", "The Secret is in another namespace."),
    repair="Create the Secret in the Ingress's namespace, or name the one that is there.",
    source=_TLS_PAGE,
    check=_secret_missing,
)

INGRESS_TLS_SECRET_KEYS = Rule(
    code="INGRESS_TLS_SECRET_KEYS",
    severity=Severity.WARNING,
    title="The Secret of an Ingress holds no certificate",
    meaning=(
        "An Ingress's Secret must have the keys tls.crt and tls.key. The API server demands them of type "
        "kubernetes.io/tls alone; one of another type, which is Opaque by default, may hold anything."
    ),
    look=("kubectl -n NAMESPACE describe secret NAME",),
    causes=(
        "The Secret was made with kubectl create secret generic, and its keys are the names of the files.",
        "The wrong Secret is named.",
    ),
    repair="Make the Secret with kubectl create secret tls.",
    source=_TLS_PAGE,
    check=_secret_keys,
)

INGRESS_TLS_SECRET_UNSEEN = Rule(
    code="INGRESS_TLS_SECRET_UNSEEN",
    severity=Severity.INFO,
    title="The Secret with the certificate is not in these manifests",
    meaning=(
        "Secrets are rarely kept beside the manifests, so nothing is wrong with that. But nobody checks that the "
        "Secret "
        "exists, and without it clients get a certificate that they do not trust."
    ),
    look=("kubectl -n NAMESPACE get secret NAME",),
    causes=("The Secret is made by hand, or by a tool.",),
    repair="Check that the Secret exists in the Ingress's namespace.",
    source=_TLS_PAGE,
    check=_secret_unseen,
)
