"""The tables of configmaps, secrets, leases, volumes and their like, and of kinds that have no columns of their own.

k8s: pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from kcnet.apiserver.tables.table import AGE, NAME, Column, Row
from kcnet.apiserver.tables.words import age, name_of, spec_of

SECRETS: Final = (
    NAME,
    Column("Type", description="What kind of data the secret holds."),
    Column("Data", description="How many keys it has."),
    AGE,
)
CONFIGMAPS: Final = (NAME, Column("Data", description="How many keys it has."), AGE)
LEASES: Final = (NAME, Column("Holder", description="Who holds the lease."), AGE)
DEFAULT: Final = (NAME, AGE)


def secret(obj: Mapping[str, Any], now: datetime) -> Row:
    """A Secret's cells."""
    return Row((name_of(obj), obj.get("type") or "", len(obj.get("data") or ()), age(obj, now)), obj)


def configmap(obj: Mapping[str, Any], now: datetime) -> Row:
    """A ConfigMap's cells."""
    keys = len(obj.get("data") or ()) + len(obj.get("binaryData") or ())
    return Row((name_of(obj), keys, age(obj, now)), obj)


def lease(obj: Mapping[str, Any], now: datetime) -> Row:
    """A Lease's cells."""
    return Row((name_of(obj), spec_of(obj).get("holderIdentity") or "", age(obj, now)), obj)


def default(obj: Mapping[str, Any], now: datetime) -> Row:
    """Name and age."""
    return Row((name_of(obj), age(obj, now)), obj)
