"""The tables of ingresses, ingressclasses and networkpolicies.

k8s: pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from kcnet.apiserver.tables.services import balancer
from kcnet.apiserver.tables.table import AGE, NAME, Column, Row
from kcnet.apiserver.tables.words import MAX, NONE, age, metadata, name_of, selector_text, spec_of, status_of

INGRESSES: Final = (
    NAME,
    Column("Class", description="IngressClass that decides which controller serves the ingress."),
    Column("Hosts", description="Hosts of the rules; * when there are none."),
    Column("Address", description="Where the ingress can be reached; empty until a controller says so."),
    Column("Ports", description="80, and 443 with TLS."),
    AGE,
)
INGRESSCLASSES: Final = (
    NAME,
    Column("Controller", description="Controller that handles the class."),
    Column("Parameters", description="Object with further configuration."),
    AGE,
)
NETWORKPOLICIES: Final = (
    NAME,
    Column("Pod-Selector", description="Pods of the namespace that the policy selects."),
    AGE,
)
DEFAULT_CLASS: Final = "ingressclass.kubernetes.io/is-default-class"


def ingress(obj: Mapping[str, Any], now: datetime) -> Row:
    """An Ingress's cells."""
    spec = spec_of(obj)
    klass = spec.get("ingressClassName")
    cells = (
        name_of(obj),
        NONE if klass is None else klass,
        hosts(spec.get("rules") or ()),
        balancer(status_of(obj)),
        "80, 443" if spec.get("tls") else "80",
        age(obj, now),
    )
    return Row(cells, obj)


def hosts(rules: Sequence[Mapping[str, Any]]) -> str:
    """``a.example,b.example``: three at most. Rules without a host are counted, and not named."""
    named: list[str] = []
    for rule in rules:
        if len(named) == MAX:
            return f"{','.join(named)} + {len(rules) - MAX} more..."
        if rule.get("host"):
            named.append(rule["host"])
    return ",".join(named) or "*"


def ingressclass(obj: Mapping[str, Any], now: datetime) -> Row:
    """An IngressClass's cells; the default one says so behind its name."""
    default = (metadata(obj).get("annotations") or {}).get(DEFAULT_CLASS) == "true"
    spec = spec_of(obj)
    parameters = NONE
    if value := spec.get("parameters"):
        group = f".{value['apiGroup']}" if value.get("apiGroup") is not None else ""
        parameters = f"{value.get('kind', '')}{group}/{value.get('name', '')}"
    cells = (name_of(obj) + " (default)" * default, spec.get("controller") or "", parameters, age(obj, now))
    return Row(cells, obj)


def networkpolicy(obj: Mapping[str, Any], now: datetime) -> Row:
    """A NetworkPolicy's cells."""
    return Row((name_of(obj), selector_text(spec_of(obj).get("podSelector")), age(obj, now)), obj)
