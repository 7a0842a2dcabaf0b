"""The catalogue of reason codes: every answer that kcnet gives is one of these, with a page that explains it.

One module per subject, one constant per code; stages import the constant, so that a typo is an import error.
The whole catalogue is put together only when somebody asks for it: a trace needs no more than it imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kcnet.model.trace import Reason

if TYPE_CHECKING:
    ALL: Mapping[str, Reason]

SUBJECTS = ("outcome", "dns", "service", "loadbalancer", "nat", "policy", "route", "endpoint", "ingress")
"""The modules, in the order in which a request meets them."""


@cache
def catalogue() -> Mapping[str, Reason]:
    """Every reason by its code: by subject, within a subject those that decide a verdict first."""
    found: dict[str, Reason] = {}
    for subject in SUBJECTS:
        module = import_module(f"kcnet.reasons.{subject}")
        reasons = [value for value in vars(module).values() if isinstance(value, Reason)]
        found.update({reason.code: reason for reason in sorted(reasons, key=lambda reason: reason.verdict is None)})
    return MappingProxyType(found)


def __getattr__(name: str) -> Any:
    if name == "ALL":
        return catalogue()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def find(code: str) -> Reason | None:
    """The reason of this code, however it is written (``dns_nxdomain``, ``DNS-NXDOMAIN``); None if there is none."""
    return catalogue().get(normal(code))


def nearest(code: str, limit: int = 3) -> tuple[str, ...]:
    """Codes that somebody who typed ``code`` may have meant, likeliest first; empty if nothing comes close."""
    from difflib import get_close_matches

    wanted = normal(code)
    codes = catalogue()
    close = get_close_matches(wanted, codes, n=limit, cutoff=0.6)
    part = [known for known in codes if wanted and wanted in known]
    return tuple(dict.fromkeys(close + part))[:limit]


def normal(code: str) -> str:
    return code.strip().upper().replace("-", "_").replace(" ", "_")
