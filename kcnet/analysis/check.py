"""``kcnet check``: what Kubernetes accepts and what will still not work as it was surely meant.

A rule is a constant of a module in ``kcnet/analysis/rules``; adding one is adding it there.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from types import MappingProxyType

from kcnet.analysis import rules
from kcnet.analysis.finding import Finding, Rule, Subject


@cache
def subjects() -> Mapping[str, tuple[Rule, ...]]:
    """The rules by the name of their module, both sorted by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(rules.__path__))
    return MappingProxyType({name: tuple(_rules_of(name)) for name in names if not name.startswith("_")})


def _rules_of(name: str) -> Iterator[Rule]:
    constants = vars(import_module(f"{rules.__name__}.{name}")).values()
    yield from sorted((value for value in constants if isinstance(value, Rule)), key=lambda rule: rule.code)


@cache
def catalogue() -> Mapping[str, Rule]:
    """Every rule by its code."""
    return MappingProxyType({rule.code: rule for found in subjects().values() for rule in found})


def check(subject: Subject, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> list[Finding]:
    """What the rules find, in order of file, line and code.

    ``select`` and ``ignore`` are codes, or patterns such as ``SERVICE_*``; without ``select`` every rule looks.
    Nothing is said of objects that no manifest states.
    """
    wanted, unwanted = tuple(select), tuple(ignore)
    found = [
        finding
        for rule in catalogue().values()
        if (not wanted or matches(rule.code, wanted)) and not matches(rule.code, unwanted)
        for finding in rule.check(subject)
        if finding.ref.origin is not None
    ]
    return sorted(dict.fromkeys(found), key=_order)


def matches(code: str, patterns: Iterable[str]) -> bool:
    """Whether ``code`` is one of ``patterns``, in which ``*`` stands for anything."""
    return any(fnmatchcase(code, pattern) for pattern in patterns)


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    line, column = finding.position or (0, 0)
    return finding.file or "", line, column, finding.code, finding.field
