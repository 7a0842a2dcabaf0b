"""One manifest as it was parsed: the value, and where it stood."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from kcnet.model.names import Origin, Ref


class Document(Struct, frozen=True, kw_only=True):
    """``value`` has passed the JSON Schema of its kind; nulls and absent fields still both mean "not set"."""

    ref: Ref
    """Its namespace is "default" where a namespaced object names none; None for kinds that have none."""
    api_version: str
    value: dict[str, Any]

    @property
    def kind(self) -> str:
        return self.ref.kind

    @property
    def origin(self) -> Origin:
        assert self.ref.origin is not None
        return self.ref.origin
