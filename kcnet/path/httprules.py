"""Ingress rules: which backend does a host and a path lead to?

Hosts: https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards
Paths: https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types
Where the specification is silent, ingress-nginx's behaviour (its documentation, ingress-path-matching).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from kcnet.model.objects import Ingress, IngressBackend, IngressPath, IngressRule, PathType

REWRITE_TARGET = "nginx.ingress.kubernetes.io/rewrite-target"
REGEX_ANNOTATIONS = ("nginx.ingress.kubernetes.io/use-regex", REWRITE_TARGET)
NGINX = "ingress-nginx"


def host_matches(pattern: str | None, host: str) -> bool:
    """``*.foo.com`` covers exactly one more label; no host covers all."""
    if not pattern:
        return True
    pattern, host = pattern.lower(), host.lower()
    if not pattern.startswith("*."):
        return pattern == host
    first, dot, rest = host.partition(".")
    return bool(first and dot) and rest == pattern[2:]


def path_matches(rule: str, path_type: PathType, path: str) -> bool:
    """Case-sensitive, without the query string; Prefix compares element by element."""
    if path_type is PathType.EXACT:
        return path == rule
    wanted = elements(rule)
    return elements(path)[: len(wanted)] == wanted


def elements(path: str) -> list[str]:
    """``/aaa/bbb/`` -> ["aaa", "bbb"]: a trailing slash adds nothing."""
    parts = path.split("/")[1:]
    if parts and parts[-1] == "":
        parts.pop()
    return parts


class Specificity(Enum):
    """How a rule's host covers the request's."""

    EXACT = 0
    WILDCARD = 1
    ANY = 2


class Candidate(NamedTuple):
    """One path of one rule of one Ingress."""

    ingress: Ingress
    rule: IngressRule
    path: IngressPath


class Choice(NamedTuple):
    """Where a request goes."""

    ingress: Ingress | None = None
    backend: IngressBackend | None = None
    """None: the controller's own default backend, which answers 404."""
    candidate: Candidate | None = None
    """The path that matched; None for a default backend."""
    uncertain: str = ""
    """Why another controller might choose otherwise, as a sentence."""
    tie: Candidate | None = None
    """The same host, path and type in another Ingress: which of them is older decides."""


def choose(ingresses: Sequence[Ingress], host: str, path: str, flavour: str) -> Choice:
    """The backend for a request among all Ingresses that one controller serves, oldest first."""
    levels = [level for level in Specificity if any(_covers(rule, host) is level for rule in _rules(ingresses))]
    for position, level in enumerate(levels):
        chosen = _choose_on(ingresses, host, path, level, flavour)
        if chosen is not None:
            if position == 0:
                return chosen
            broader = Choice(uncertain=_fallback_text(host, path))
            return chosen if flavour == "traefik" else _with_default(ingresses, host, levels[0], broader, flavour)
        if flavour == NGINX:
            break
    first = levels[0] if levels else None
    return _with_default(ingresses, host, first, Choice(), flavour)


def _fallback_text(host: str, path: str) -> str:
    return (
        f"A rule for {host} exists but has no path for {path}, and a rule of a wider host has one: whether a "
        "controller falls back to it is not specified."
    )


def _rules(ingresses: Iterable[Ingress]) -> Iterator[IngressRule]:
    for ingress in ingresses:
        yield from ingress.rules


def _covers(rule: IngressRule, host: str) -> Specificity | None:
    if not host_matches(rule.host, host):
        return None
    if not rule.host:
        return Specificity.ANY
    return Specificity.WILDCARD if rule.host.startswith("*.") else Specificity.EXACT


def _choose_on(ingresses: Sequence[Ingress], host: str, path: str, level: Specificity, flavour: str) -> Choice | None:
    candidates = [
        Candidate(ingress, rule, entry)
        for ingress in ingresses
        for rule in ingress.rules
        if _covers(rule, host) is level
        for entry in rule.paths or ()
    ]
    regex = flavour == NGINX and any(
        ingress.annotations.get(name) not in (None, "", "false")
        for ingress in {c.ingress.ref: c.ingress for c in candidates}.values()
        for name in REGEX_ANNOTATIONS
    )
    matching = [c for c in candidates if _path_fits(c.path, path, flavour, regex)]
    if not matching:
        return None
    best = min(matching, key=lambda c: (-len(c.path.path), c.path.path_type is not PathType.EXACT))
    same = [
        c
        for c in matching
        if c is not best
        and c.path.path == best.path.path
        and c.path.path_type is best.path.path_type
        and c.path.backend != best.path.backend
        and c.ingress.ref != best.ingress.ref
    ]
    return Choice(best.ingress, best.path.backend, best, tie=same[0] if same else None)


def _path_fits(entry: IngressPath, path: str, flavour: str, regex: bool) -> bool:
    if regex:
        try:
            return re.match(entry.path, path, re.IGNORECASE) is not None
        except re.error:
            return False
    if entry.path_type is PathType.IMPLEMENTATION_SPECIFIC:
        own = entry.path or "/"
        if own.endswith("*") and flavour != NGINX:
            return path.startswith(own.rstrip("*")) or path == own.rstrip("*").rstrip("/")
        return path_matches(own, PathType.PREFIX, path)
    return path_matches(entry.path, entry.path_type, path)


def _with_default(
    ingresses: Sequence[Ingress], host: str, level: Specificity | None, otherwise: Choice, flavour: str
) -> Choice:
    """A default backend for what no path matched: of an Ingress with this host first, else one of another.

    ingress-nginx takes a default backend for foreign hosts only from an Ingress without rules.
    """
    own = [i for i in ingresses if level is not None and any(_covers(rule, host) is level for rule in i.rules)]
    for ingress in own:
        if ingress.default_backend is not None:
            return Choice(ingress, ingress.default_backend, uncertain=otherwise.uncertain)
    if level is not None and level is not Specificity.ANY and flavour == NGINX:
        return otherwise
    for ingress in ingresses:
        if ingress.default_backend is not None and (flavour != NGINX or not ingress.rules):
            return Choice(ingress, ingress.default_backend, uncertain=otherwise.uncertain)
    return otherwise


def by_age(ingresses: Iterable[Ingress]) -> list[Ingress]:
    """Oldest first; without timestamps in the order of their names."""
    return sorted(ingresses, key=lambda i: (i.created or "9999", i.namespace, i.name))
