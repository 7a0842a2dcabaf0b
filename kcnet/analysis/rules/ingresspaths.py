"""Ingresses: hosts and paths that stand in each other's way, or mean something else to another controller.

https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from kcnet.analysis.finding import Finding, Rule, Severity, Subject
from kcnet.analysis.rules.ingress import INGRESS_PAGE, ask
from kcnet.model.cluster import IngressController
from kcnet.model.objects import IngressPath, PathType
from kcnet.path.httprules import NGINX, REGEX_ANNOTATIONS, Candidate, by_age, elements, host_matches
from kcnet.path.ingress import backend_port
from kcnet.path.public import controller_of

_CANARY = "nginx.ingress.kubernetes.io/canary"


def _twice(subject: Subject) -> Iterator[Finding]:
    for flavour, host, candidates in _by_host(subject):
        seen: dict[tuple[str, PathType], Candidate] = {}
        for candidate in candidates:
            entry = candidate.path
            first = seen.setdefault((entry.path, entry.path_type), candidate)
            if first is candidate or _goal(subject, first) == _goal(subject, candidate):
                continue
            same = first.ingress.ref == candidate.ingress.ref
            if not same and first.ingress.namespace == candidate.ingress.namespace and _is_solver(first, candidate):
                continue
            if not same and flavour not in ("", NGINX):
                rule = "which of the two wins is the controller's choice"
            elif same:
                rule = "only one of the two gets requests"
            else:
                rule = (
                    "ingress-nginx gives all requests to the older Ingress, and other controllers choose for themselves"
                )
            other = "the same Ingress" if same else f"{first.ingress.ref}"
            elsewhere = first.ingress.namespace != candidate.ingress.namespace
            where = f" of namespace {first.ingress.namespace}" if elsewhere else ""
            yield INGRESS_PATH_TWICE.finding(
                candidate.ingress.ref,
                f"{entry.field}.path",
                f"{entry.path_type} {entry.path} of {host or 'every host'} stands in {other} too, with backend "
                f"{_backend(first.path)}{where} instead of {_backend(entry)}: {rule}.",
                "Keep one of the two, or give them different paths.",
                proof=ask(candidate.ingress, host, entry.path) if host and entry.path.startswith("/") else None,
            )


def _goal(subject: Subject, candidate: Candidate) -> tuple[object, ...]:
    """What tells two backends apart: a Service's port is the same by name and by number."""
    backend, namespace = candidate.path.backend, candidate.ingress.namespace
    service = subject.cluster.service(namespace, backend.service or "")
    port = backend_port(service, backend.port, "") if service is not None else None
    return namespace, backend.service, port.port if port is not None else backend.port, backend.resource


def _is_solver(first: Candidate, second: Candidate) -> bool:
    """Whether one of them was put there for a while, to answer a challenge for a certificate."""
    return any("acme" in each.ingress.name for each in (first, second))


def _unreachable(subject: Subject) -> Iterator[Finding]:
    for _, host, candidates in _by_host(subject):
        longest: dict[tuple[str, ...], Candidate] = {}
        prefixes = [each for each in candidates if each.path.path_type is PathType.PREFIX]
        for each in prefixes:
            key = tuple(elements(each.path.path))
            if key not in longest or len(each.path.path) > len(longest[key].path.path):
                longest[key] = each
        for each in prefixes:
            winner = longest[tuple(elements(each.path.path))]
            if winner.path.path == each.path.path or _goal(subject, winner) == _goal(subject, each):
                continue
            yield INGRESS_PATH_UNREACHABLE.finding(
                each.ingress.ref,
                f"{each.path.field}.path",
                f"Prefix {each.path.path} and Prefix {winner.path.path} of {host or 'every host'} match the same "
                f"requests, because a slash at the end adds nothing; "
                f"by the specification the longer text wins, so that no request reaches "
                f"{_backend(each.path)}.",
                "Remove one of the two paths, or let them differ by more than the slash.",
                proof=ask(each.ingress, host, each.path.path) if host else None,
            )


def _no_paths(subject: Subject) -> Iterator[Finding]:
    served = {host for _, host, _ in _by_host(subject)}
    default = any(ingress.default_backend for ingress in subject.manifests.ingresses)
    for ingress in subject.manifests.ingresses if not default else ():
        for rule in ingress.rules:
            if rule.paths is not None or (rule.host or "") in served:
                continue
            yield INGRESS_RULE_WITHOUT_PATHS.finding(
                ingress.ref,
                f"{rule.field}.host" if rule.host else rule.field,
                f"The rule for {rule.host or 'every host'} has no http.paths, so that it leads to the default backend, "
                "and there is none: the controller answers 404.",
                "Add http.paths with a backend, or spec.defaultBackend.",
                proof=ask(ingress, rule.host, "/") if rule.host and not ingress.tls else None,
            )


def _only_exact(subject: Subject) -> Iterator[Finding]:
    for flavour, host, candidates in _by_host(subject):
        exact = [each for each in candidates if each.path.path_type is PathType.EXACT]
        if len(exact) < len(candidates) or any(each.ingress.default_backend for each in candidates):
            continue
        if flavour == NGINX and any(_switches(each) for each in candidates):
            continue  # they are regular expressions, and Exact no longer
        first = exact[0]
        paths = ", ".join(dict.fromkeys(each.path.path for each in exact[:5]))
        below = f"{exact[0].path.path.rstrip('/')}/x"
        yield INGRESS_ONLY_EXACT_PATHS.finding(
            first.ingress.ref,
            f"{first.path.field}.pathType",
            f"{host or 'Every host'} is served for exactly {paths}: {below} is no match, and the controller "
            "answers 404.",
            "Use pathType Prefix if what lies below the path is meant too.",
            proof=ask(first.ingress, host, below) if host else None,
        )


def _wildcard(subject: Subject) -> Iterator[Finding]:
    by_host: dict[str, Candidate] = {}
    for _, host, candidates in _by_host(subject):
        by_host.setdefault(host, candidates[0])
    wild = [host for host in by_host if host.startswith("*.")]
    for pattern in wild:
        deeper = [host for host in by_host if host.endswith(pattern[1:]) and not host.startswith("*.")]
        deeper = [host for host in deeper if not host_matches(pattern, host)]
        if not deeper:
            continue
        each = by_host[pattern]
        yield INGRESS_WILDCARD_ONE_LABEL.finding(
            each.ingress.ref,
            f"{each.rule.field}.host",
            f"{pattern} stands for exactly one label: {deeper[0]} is not covered by it, so that only the paths which "
            f"{by_host[deeper[0]].ingress.ref} gives to that host are served there.",
            f"Add a rule for *.{deeper[0].partition('.')[2]} if these paths are meant for it too.",
        )


def _shadowed(subject: Subject) -> Iterator[Finding]:
    by_maker: dict[str, dict[str, Sequence[Candidate]]] = defaultdict(dict)
    for flavour, host, candidates in _by_host(subject):
        by_maker[flavour].setdefault(host, candidates)
    for flavour, hosts in by_maker.items():
        for host, own in hosts.items():
            if not host or host.startswith("*.") or any(_takes_all(each) for each in own):
                continue
            wider = next((each for each in _wider(hosts, host, own) if _takes_all(each)), None)
            if wider is None or any(each.ingress.default_backend for each in own):
                continue
            paths = ", ".join(dict.fromkeys(each.path.path for each in own[:5]))
            result = (
                "ingress-nginx answers 404"
                if flavour == NGINX
                else "the controller may answer 404, for the specification does not say that it falls back"
            )
            yield INGRESS_HOST_SHADOWS.finding(
                own[0].ingress.ref,
                f"{own[0].rule.field}.host",
                f"{host} has a rule of its own for {paths} alone, so that the rule for "
                f"{wider.rule.host or 'every host'} ({wider.ingress.ref}) no longer serves it: for {host}/ {result}.",
                f"Add a path / with the backend {_backend(wider.path)} to the rule of {host}, if the rest of the host "
                "is meant to stay there.",
                proof=ask(own[0].ingress, host, "/") if flavour == NGINX else None,
            )


def _wider(hosts: Mapping[str, Sequence[Candidate]], host: str, own: Sequence[Candidate]) -> Iterator[Candidate]:
    """Paths of a wildcard that covers the host, and of a rule without a host in the same Ingress."""
    yield from hosts.get(f"*.{host.partition('.')[2]}", ())
    here = {each.ingress.ref for each in own}
    yield from (each for each in hosts.get("", ()) if each.ingress.ref in here)


def _takes_all(candidate: Candidate) -> bool:
    return candidate.path.path in ("/", "/*", "") and candidate.path.path_type is not PathType.EXACT


PATTERN = re.compile(r"[*?\\^\[]|\(\.|\(/|\(\?|\|\$|\.\+|\$$")
"""What nobody writes into a path but to say "anything" with it."""


def _pattern(subject: Subject) -> Iterator[Finding]:
    for flavour, host, candidates in _by_host(subject):
        regex = flavour == NGINX and any(_switches(each) for each in candidates)
        for each in candidates:
            entry = each.path
            found = PATTERN.search(entry.path)
            if entry.path_type is PathType.IMPLEMENTATION_SPECIFIC or found is None:
                continue
            below = f"{entry.path[: found.start()].rstrip('/')}/x"
            literal = (
                f"pathType {entry.path_type} compares letter by letter and knows no patterns: {host}{below} is no "
                f"match for {entry.path}, so that nobody reaches {_backend(entry)} by it"
            )
            refused = (
                "ingress-nginx's admission webhook refuses such a path unless its pathType is ImplementationSpecific "
                "(strict-validate-path-type, on by default)"
            )
            prefix = entry.path[: found.start()].rstrip("/") or "/"
            yield INGRESS_PATH_IS_PATTERN.finding(
                each.ingress.ref,
                f"{entry.field}.path",
                f"{entry.path} is a pattern, and {refused}. Where the webhook is off, the path works as a regular "
                "expression."
                if regex
                else f"{literal}." + (f" And {refused}." if flavour == NGINX else ""),
                f"Set pathType to ImplementationSpecific{'' if regex else ', if your controller knows patterns'}; or "
                f"path to {prefix} with pathType Prefix, if all that begins with it is meant.",
                proof=ask(each.ingress, host, below) if host and not regex else None,
            )


def _specific(subject: Subject) -> Iterator[Finding]:
    for ingress in subject.manifests.ingresses:
        own = [
            path
            for rule in ingress.rules
            for path in rule.paths or ()
            if path.path_type is PathType.IMPLEMENTATION_SPECIFIC and path.path not in ("/", "/*")
        ]
        if own:
            yield INGRESS_PATH_TYPE_DIFFERS.finding(
                ingress.ref,
                f"{own[0].field}.pathType",
                f"What {', '.join(dict.fromkeys(path.path for path in own[:5]))} matches is for the controller to say: "
                "a prefix for ingress-nginx (or a regular expression, by annotation), with a * at the end a pattern "
                "elsewhere. Another controller may answer 404.",
                "Use pathType Prefix or Exact, which mean the same everywhere.",
            )


def _regex(subject: Subject) -> Iterator[Finding]:
    for flavour, host, candidates in _by_host(subject):
        if flavour != NGINX:
            continue
        switch = next((each for each in candidates if _switches(each)), None)
        if switch is None:
            continue
        seen = set()
        for each in candidates:
            if _switches(each) or each.ingress.ref in seen or each.path.path == "/":
                continue
            seen.add(each.ingress.ref)
            yield INGRESS_REGEX_HOST.finding(
                each.ingress.ref,
                f"{each.path.field}.path",
                f"{switch.ingress.ref} has {_switches(switch)}, which makes every path of {host or 'that host'} a "
                f"regular expression that ignores case and matches from the start: {each.path.path_type} "
                f"{each.path.path} also takes {each.path.path}xyz.",
                f"Give {switch.ingress.ref} a host of its own, or end the path with a dollar sign and pathType "
                "ImplementationSpecific.",
                proof=ask(each.ingress, host, f"{each.path.path}xyz") if host else None,
            )


def _switches(candidate: Candidate) -> str | None:
    annotations = candidate.ingress.annotations
    return next((name for name in REGEX_ANNOTATIONS if annotations.get(name) not in (None, "", "false")), None)


def _by_host(subject: Subject) -> Iterator[tuple[str, str, Sequence[Candidate]]]:
    """The paths of each host that one controller serves, oldest Ingress first, with the controller's make.

    Ingresses that nobody serves are compared with those of the same class.
    """
    found: dict[tuple[str, str, str], list[Candidate]] = defaultdict(list)
    for ingress in by_age(subject.cluster.ingresses.values()):
        if ingress.annotations.get(_CANARY) == "true":
            continue  # shares the path with another on purpose
        controller = controller_of(subject.cluster, ingress)
        served = isinstance(controller, IngressController)
        known = ingress.class_name or ingress.class_annotation or ""
        who = str(controller.ref) if isinstance(controller, IngressController) and not controller.any_class else known
        flavour = controller.flavour if served and isinstance(controller, IngressController) else ""
        for rule in ingress.rules:
            for path in rule.paths or ():
                found[flavour, who, rule.host or ""].append(Candidate(ingress, rule, path))
    for (flavour, _, host), candidates in found.items():
        yield flavour, host, candidates


def _backend(path: IngressPath) -> str:
    return f"{path.backend.service}:{path.backend.port}" if path.backend.service else f"{path.backend.resource}"


INGRESS_PATH_TWICE = Rule(
    code="INGRESS_PATH_TWICE",
    severity=Severity.WARNING,
    title="The same host and path lead to two backends",
    meaning=(
        "A controller joins the rules of all Ingresses of its class. Kubernetes does not say what happens if two "
        "of them "
        "give one host and path to different backends: ingress-nginx takes the older Ingress, others decide otherwise. "
        "One of the backends never gets a request."
    ),
    look=("kubectl get ingress -A", "kubectl -n NAMESPACE describe ingress NAME"),
    causes=("An Ingress was copied.", "Two teams took the same host and path."),
    repair="Keep one of the two.",
    source=INGRESS_PAGE,
    check=_twice,
)

INGRESS_PATH_UNREACHABLE = Rule(
    code="INGRESS_PATH_UNREACHABLE",
    severity=Severity.WARNING,
    title="A path that no request reaches",
    meaning=(
        "Prefix compares element by element and a slash at the end adds none: /foo and /foo/ match the same "
        "requests. Of "
        "two that match the longer text wins, so that the other one never gets a request."
    ),
    look=("kubectl -n NAMESPACE describe ingress NAME",),
    causes=("The path was written with and without a slash at the end, for two backends.",),
    repair="Remove one of the two paths.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#multiple-matches",
    check=_unreachable,
)

INGRESS_RULE_WITHOUT_PATHS = Rule(
    code="INGRESS_RULE_WITHOUT_PATHS",
    severity=Severity.WARNING,
    title="A rule without paths, and no default backend",
    meaning=(
        "A rule may name a host and nothing else; its requests then go to the default backend of the Ingress. Without "
        "one they are left to the controller, which answers 404."
    ),
    look=("kubectl -n NAMESPACE describe ingress NAME",),
    causes=("http was indented to the wrong level, or forgotten.",),
    repair="Add paths to the rule, or a default backend.",
    source=INGRESS_PAGE,
    check=_no_paths,
)

INGRESS_PATH_IS_PATTERN = Rule(
    code="INGRESS_PATH_IS_PATTERN",
    severity=Severity.WARNING,
    title="A pattern in a path of type Prefix or Exact",
    meaning=(
        "Prefix and Exact compare what is written, element by element or as a whole: a star or a bracket in the path "
        "is a letter like others. Patterns exist in paths of type ImplementationSpecific alone, and each controller "
        "has its own. The query of a request plays no part."
    ),
    look=("kubectl -n NAMESPACE describe ingress NAME", "curl -v http://HOST/PATH"),
    causes=(
        "/api/* was written for all that is below /api, which Prefix /api says.",
        "A regular expression for a rewrite, and pathType copied from another path.",
    ),
    repair="Use Prefix with the part before the pattern, or ImplementationSpecific.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types",
    check=_pattern,
)

INGRESS_ONLY_EXACT_PATHS = Rule(
    code="INGRESS_ONLY_EXACT_PATHS",
    severity=Severity.INFO,
    title="Every path of the host is Exact",
    meaning=(
        "Exact matches the path that is written and nothing else, not even with a slash at its end. Everything "
        "below it, "
        "such as the pictures of a page, is answered with 404."
    ),
    look=("kubectl -n NAMESPACE get ingress NAME -o yaml",),
    causes=("Exact was taken for the safe choice.",),
    repair="Use pathType Prefix where what is below the path is meant too.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types",
    check=_only_exact,
)

INGRESS_HOST_SHADOWS = Rule(
    code="INGRESS_HOST_SHADOWS",
    severity=Severity.INFO,
    title="A host with a rule of its own is no longer served by a wider one",
    meaning=(
        "A controller looks for the host first and for the path then: an exact host comes before a wildcard, and that "
        "before a rule without a host. If no path of the rule fits, ingress-nginx does not go on to the wider one but "
        "answers 404; the specification leaves it open."
    ),
    look=("kubectl get ingress -A", "curl -v http://HOST/"),
    causes=("One path of one host was to go elsewhere, and the rest was to stay with the wildcard.",),
    repair="Repeat the wider rule's paths for the host.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards",
    check=_shadowed,
)

INGRESS_WILDCARD_ONE_LABEL = Rule(
    code="INGRESS_WILDCARD_ONE_LABEL",
    severity=Severity.INFO,
    title="A wildcard host covers one label alone",
    meaning=(
        "*.example.com matches shop.example.com, and neither example.com nor a.shop.example.com. The same holds for "
        "wildcard certificates. (Hosts of the Gateway API differ: there a wildcard covers one or more labels.)"
    ),
    look=("kubectl get ingress -A",),
    causes=("The wildcard was taken to cover everything below the domain.",),
    repair="Add a rule for the deeper wildcard, if its hosts are meant too.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards",
    check=_wildcard,
)

INGRESS_PATH_TYPE_DIFFERS = Rule(
    code="INGRESS_PATH_TYPE_DIFFERS",
    severity=Severity.INFO,
    title="What the path matches depends on the controller",
    meaning=(
        "pathType ImplementationSpecific leaves the meaning of the path to the controller: a prefix for one, a pattern "
        "with * for another, a regular expression for a third. Moving to another controller may change what is served."
    ),
    look=("kubectl -n NAMESPACE get ingress NAME -o yaml", "kubectl get ingressclass -o wide"),
    causes=(
        "The manifest comes from the time before pathType, and was translated word by word.",
        "The path is a regular expression.",
    ),
    repair="Use Prefix or Exact where they can say the same.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types",
    check=_specific,
)

INGRESS_REGEX_HOST = Rule(
    code="INGRESS_REGEX_HOST",
    severity=Severity.INFO,
    title="Another Ingress makes this path a regular expression",
    meaning=(
        "ingress-nginx joins all Ingresses of a host. If one of them has the annotation use-regex or "
        "rewrite-target, the "
        "paths of all of them become regular expressions that ignore case and match from the start, also Exact ones."
    ),
    look=("kubectl get ingress -A -o yaml",),
    causes=("An API that needs rewrite-target shares its host with a site.",),
    repair="Give the Ingress with the annotation a host of its own.",
    source="https://kubernetes.github.io/ingress-nginx/user-guide/ingress-path-matching/",
    check=_regex,
)
