"""Everything that is remembered, as one JSON document, and back: nothing is lost, nothing doubled.

What both machines have is told apart by ids, or is the better of the two; the schedule of a card that was reviewed on
both is worked out anew from the log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from kcnet.tutor.quiz import memory, schedule
from kcnet.tutor.quiz.schedule import Grade
from kcnet.tutor.storage import MIGRATIONS

if TYPE_CHECKING:
    from kcnet.tutor.storage import Store

KIND: Final = "ProgressExport"

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "lesson_steps": ("lesson", "step"),
    "lesson_places": ("lesson",),
    "predictions": ("lesson", "step", "made", "correct"),
    "cards": ("id",),
    "reviews": ("id",),
    "schedule": ("card",),
    "settings": ("name",),
    "exams": ("id",),
    "exam_answers": ("exam", "question"),
    "exam_seen": ("exam",),
}
"""Tables, and what tells their rows apart."""


class TransferError(Exception):
    """The file is none that can be taken over; the message says why. Nothing was changed."""


def exported(store: Store) -> dict[str, Any]:
    """Raises StoreError."""
    tables = {}
    for table in _KEYS:
        rows = [dict(row) for row in store.rows(f"SELECT * FROM {table} ORDER BY 1, 2")]
        for row in rows:
            if table == "predictions":
                row.pop("id")
        tables[table] = rows
    return {"apiVersion": "kcnet/v1", "kind": KIND, "version": len(MIGRATIONS), "tables": tables}


def take_over(store: Store, text: str, now: datetime) -> dict[str, int]:
    """Rows that are new, by table. All or nothing. Raises TransferError, StoreError."""
    tables = _tables(text)
    counts = {}
    with store.transaction() as database:
        columns = {table: _columns(database, table) for table in _KEYS}
        _check(tables, columns)
        touched = _new_reviews(store, tables.get("reviews", []))
        for table, keys in _KEYS.items():
            rows = tables.get(table, [])
            counts[table] = sum(_merge(database, table, keys, row) for row in rows)
        _reschedule(store, touched)
        if (day := memory.exam_date(store)) is not None:
            # Cards of one machine know nothing of the other's exam.
            memory.set_exam_date(store, day, now)
    return counts


def unknown(text: str) -> list[str]:
    """Tables of a file that this kcnet leaves out. Raises TransferError."""
    return sorted(set(_document(text)["tables"]) - set(_KEYS))


def _document(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TransferError(f"It is no JSON ({error}).") from None
    if not isinstance(value, dict) or value.get("kind") != KIND or not isinstance(value.get("tables"), dict):
        raise TransferError("It was not written by kcnet progress --export.")
    version = value.get("version")
    if not isinstance(version, int) or version > len(MIGRATIONS):
        raise TransferError(f"It was written by a newer kcnet (version {version}). Update kcnet on this machine.")
    return value


def _tables(text: str) -> dict[str, list[dict[str, Any]]]:
    value = _document(text)
    found: dict[str, list[dict[str, Any]]] = {}
    for table, rows in value["tables"].items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise TransferError(f"{table} is no list of rows.")
        if table in _KEYS:
            found[table] = rows
    return found


def _columns(database: Any, table: str) -> dict[str, bool]:
    """Columns, and whether a row may go without."""
    rows = database.execute(f"PRAGMA table_info({table})").fetchall()
    return {
        row["name"]: not row["notnull"] or row["dflt_value"] is not None
        for row in rows
        if row["name"] != "id" or table != "predictions"
    }


def _check(tables: Mapping[str, Sequence[dict[str, Any]]], columns: Mapping[str, Mapping[str, bool]]) -> None:
    for table, rows in tables.items():
        known = columns[table]
        for number, row in enumerate(rows, 1):
            if strange := sorted(set(row) - set(known)):
                raise TransferError(f"Row {number} of {table} has {strange[0]}, which this kcnet does not know.")
            for name, free in known.items():
                if not free and row.get(name) is None:
                    raise TransferError(f"Row {number} of {table} has no {name}.")
            for value in row.values():
                if not isinstance(value, (str, int, float, type(None))):
                    raise TransferError(f"Row {number} of {table} holds something that is no text and no number.")
            for name in ("at", "due", "last", "begun", "ends", "changed", "made", "added", "handed_in", "finished"):
                if name in known and row.get(name) is not None:
                    _moment(row[name], table, number)


def _moment(value: Any, table: str, number: int) -> None:
    try:
        if datetime.fromisoformat(value).tzinfo is None:
            raise ValueError
    except (ValueError, TypeError):
        raise TransferError(f"Row {number} of {table}: {value!r} is no time.") from None


def _new_reviews(store: Store, rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Cards that were reviewed here, with reviews that this machine does not have."""
    known = {row["id"] for row in store.rows("SELECT id FROM reviews")}
    own = {row["card"] for row in store.rows("SELECT DISTINCT card FROM reviews WHERE rating IS NOT NULL")}
    return own & {row["card"] for row in rows if row["id"] not in known and row.get("rating") is not None}


def _merge(database: Any, table: str, keys: Sequence[str], row: Mapping[str, Any]) -> int:
    """1 if the row was new."""
    where = " AND ".join(f"{key} IS ?" for key in keys)
    there = database.execute(f"SELECT * FROM {table} WHERE {where}", [row.get(key) for key in keys]).fetchone()
    if there is None:
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        database.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))
        return 1
    better = _better(table, dict(there), row)
    if better:
        changes = ", ".join(f"{name} = ?" for name in better)
        values = [*better.values(), *(row.get(key) for key in keys)]
        database.execute(f"UPDATE {table} SET {changes} WHERE {where}", values)
    return 0


def _better(table: str, here: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """What the other row has that is further on; nothing goes back. Both machines come to the same row."""
    later = _age(there) > _age(here)
    if table == "lesson_steps":
        order = ("open", "skipped", "done")
        found = {name: max(here[name], there.get(name) or 0) for name in ("tries", "hints", "solution")}
        state = max(here["state"], str(there.get("state")), key=lambda one: order.index(one) if one in order else -1)
        answers = [one["answer"] for one in (there, here) if one.get("answer")] if later else []
        return {
            **found,
            "state": state,
            "answer": answers[0] if answers else here["answer"] or there.get("answer") or "",
            "changed": max(here["changed"], there["changed"]),
        }
    if table == "lesson_places":
        ends = [one for one in (here["finished"], there.get("finished")) if one]
        moved = {name: there[name] for name in ("step", "journal", "changed")} if later else {}
        return {**moved, "finished": min(ends) if ends else None}
    if table == "cards":
        sides = max((one["front"], one["back"]) for one in (here, there))
        return {"front": sides[0], "back": sides[1], "added": min(here["added"], there["added"])}
    if table == "exam_seen":
        return {"at": max(here["at"], there["at"])}
    if table == "settings":
        return {"value": max(here["value"], there["value"])}
    if table in ("schedule", "exam_answers"):
        return dict(there) if later else {}
    if table == "exams" and here["handed_in"] is None and there.get("handed_in") is not None:
        return dict(there)
    return {}


def _age(row: Mapping[str, Any]) -> tuple[str, int, str]:
    """Of two rows the greater was written later; where that is a tie, it has more reviews, or the greater text:
    both machines decide alike."""
    return (
        str(row.get("changed") or row.get("last") or ""),
        int(row.get("times") or 0),
        json.dumps(dict(row), sort_keys=True),
    )


def _reschedule(store: Store, cards: Iterable[str]) -> None:
    """Work out the schedule of cards from their whole log."""
    exam, parameters = memory.exam_date(store), memory.parameters(store)
    for card in cards:
        state, due, last, good, times, topic = None, None, None, False, 0, ""
        for row in store.rows("SELECT * FROM reviews WHERE card = ? AND rating IS NOT NULL ORDER BY at, id", (card,)):
            at = datetime.fromisoformat(row["at"])
            state, due = schedule.reviewed(state, card, Grade(row["rating"]), at, exam, parameters)
            last, good, times, topic = at, bool(row["correct"]), times + 1, row["topic"]
        if state is None or due is None or last is None:
            continue
        store.connection.execute(
            "INSERT OR REPLACE INTO schedule (card, topic, state, due, last, last_correct, times) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (card, topic, state, memory.stamp(due), memory.stamp(last), good, times),
        )
