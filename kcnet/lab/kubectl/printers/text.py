"""What ``kubectl get`` prints without ``-o``, and with ``-o wide``: Tables of the API server, laid out.

k8s: cli-runtime pkg/printers/tableprinter.go, kubectl pkg/cmd/get/get.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kcnet.apiserver.tables import Cell, Column, Row, Table
from kcnet.apiserver.tables.words import labels_text
from kcnet.lab.kubectl.printers.tabwriter import align

MIN_WIDTH: Final = 6
PADDING: Final = 3
LINE_END: Final = re.compile("[\f\n\r]")


class Options(Struct, frozen=True, kw_only=True):
    """The flags of ``kubectl get`` that change how tables look."""

    wide: bool = False
    no_headers: bool = False
    show_labels: bool = False
    show_kind: bool = False
    """Names as ``kind.group/name``."""
    with_namespace: bool = False
    """A first column NAMESPACE (``-A``)."""
    label_columns: Sequence[str] = ()
    """Labels that get a column each (``-L``)."""


class Answer(NamedTuple):
    """One answer of the API server, with what the client knows of its resource."""

    table: Table
    kind: str
    """Kind and group: ``Pod``, ``Deployment.apps``."""
    namespaced: bool = True


def text_tables(tables: Iterable[Answer], options: Options) -> str:
    """Several answers, one below the other. Neighbours of one kind share a table; a blank line parts the kinds.

    With more than one kind every name carries its own (``pod/web``, ``deployment.apps/web``), even where the other
    kinds have no objects. Kinds without namespaces have no column NAMESPACE, unless they come behind one that has.
    """
    every = list(tables)
    if len({answer.kind for answer in every}) > 1:
        options = replace(options, show_kind=True)
    blocks = []
    namespaces = False
    for _, group in groupby(every, key=lambda answer: answer.kind):
        answers = list(group)
        namespaces = namespaces or answers[0].namespaced
        blocks.append(_block(answers, replace(options, with_namespace=options.with_namespace and namespaces)))
    return ("" if options.no_headers else "\n").join(block for block in blocks if block)


def _block(answers: Sequence[Answer], options: Options) -> str:
    """Answers about one kind, as one table."""
    first = answers[0]
    rows = [row for answer in answers for row in answer.table.rows]
    if not rows:
        return ""
    shown = [index for index, column in enumerate(first.table.columns) if options.wide or column.priority == 0]
    name = _name_column(first.table.columns) if options.show_kind and first.kind else None
    lines = [] if options.no_headers else [_header(first.table.columns, shown, options)]
    for row in rows:
        cells = [
            f"{first.kind.lower()}/{_text(row.cells[index])}" if index == name else _text(row.cells[index])
            for index in shown
        ]
        lines.append(_decorated(cells, row, options))
    # A tab inside a cell starts a new one in kubectl's output too.
    split = ["\t".join(line).split("\t") for line in lines]
    return "".join(f"{line}\n" for line in align(split, min_width=MIN_WIDTH, padding=PADDING))


def _name_column(columns: Sequence[Column]) -> int | None:
    return next((index for index, column in enumerate(columns) if column.format == "name"), None)


def _header(columns: Sequence[Column], shown: Sequence[int], options: Options) -> list[str]:
    return [
        *(["NAMESPACE"] if options.with_namespace else ()),
        *(columns[index].name.upper() for index in shown),
        *(label.rpartition("/")[2].upper() for label in options.label_columns),
        *(["LABELS"] if options.show_labels else ()),
    ]


def _decorated(cells: Sequence[str], row: Row, options: Options) -> list[str]:
    metadata: Mapping[str, Any] = row.object.get("metadata") or {}
    labels: Mapping[str, str] = metadata.get("labels") or {}
    return [
        *([str(metadata.get("namespace", ""))] if options.with_namespace else ()),
        *cells,
        *(labels.get(label, "") for label in options.label_columns),
        *([labels_text(labels)] if options.show_labels else ()),
    ]


def _text(cell: Cell) -> str:
    """A cell up to its first line break, and made harmless as kubectl does."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    text = str(cell)
    if found := LINE_END.search(text):
        text = f"{text[: found.start()]}..."
    return text.replace("\x1b", "^[")
