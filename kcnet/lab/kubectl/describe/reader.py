"""What describe may look up beside the object itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

Object = Mapping[str, Any]


class Reader(Protocol):
    """The API server as far as describe needs it; an adapter of a few lines makes one of ``ApiServer``."""

    @property
    def now(self) -> datetime:
        """The time that ages are counted from. Its time zone is the one that times are printed in."""

    def list(self, plural: str, namespace: str | None, *, labels: str = "") -> Sequence[Object]:
        """Objects of a resource (``pods``); namespace None is all namespaces. Nothing for an unknown resource."""

    def get(self, plural: str, namespace: str | None, name: str) -> Object | None:
        """One object; None if there is none."""
