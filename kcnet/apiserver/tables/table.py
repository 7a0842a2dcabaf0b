"""A Table as the API server answers one: columns, rows, and the object behind each row.

Clients ask for it with ``Accept: application/json;as=Table;v=v1;g=meta.k8s.io`` and lay it out themselves.
https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from msgspec import Struct

Cell = str | int | bool | None
IncludeObject = Literal["None", "Metadata", "Object"]

NAME_HELP: Final = "Name of the object, unique among objects of its kind in its namespace."
AGE_HELP: Final = "How long ago the API server accepted the object."


class Column(NamedTuple):
    """One column. Priority 0 is always shown, 1 only in wide output."""

    name: str
    type: str = "string"
    format: str = ""
    description: str = ""
    priority: int = 0


class Row(NamedTuple):
    """One row: a cell for each column, and the object that it speaks of."""

    cells: tuple[Cell, ...]
    object: Mapping[str, Any]
    conditions: tuple[Mapping[str, str], ...] = ()
    """``Completed`` for pods that have run to their end."""


class Table(Struct, frozen=True):
    """What the API server sends; every row has all cells, those of wide output too."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def to_json(self, *, resource_version: str = "", include_object: IncludeObject = "Metadata") -> dict[str, Any]:
        """The ``meta.k8s.io/v1`` Table; ``include_object`` is the query parameter ``includeObject``."""
        return {
            "kind": "Table",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": {"resourceVersion": resource_version} if resource_version else {},
            "columnDefinitions": [column._asdict() for column in self.columns],
            "rows": [_row(row, include_object) for row in self.rows],
        }


def _row(row: Row, include_object: IncludeObject) -> dict[str, Any]:
    value: dict[str, Any] = {"cells": list(row.cells)}
    if row.conditions:
        value["conditions"] = [dict(condition) for condition in row.conditions]
    if include_object == "Object":
        value["object"] = dict(row.object)
    elif include_object == "Metadata":
        metadata = row.object.get("metadata") or {}
        value["object"] = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
    return value


NAME: Final = Column("Name", format="name", description=NAME_HELP)
AGE: Final = Column("Age", description=AGE_HELP)


def wide(name: str, description: str = "") -> Column:
    """A column of wide output."""
    return Column(name, description=description, priority=1)
