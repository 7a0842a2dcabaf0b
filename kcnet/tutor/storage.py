"""What is remembered between runs: one SQLite file in the user's data folder, written in short transactions.

``open_store()`` is the one way in. The schema's version is SQLite's own ``user_version``; ``MIGRATIONS`` lead to it,
one by one. A file that is damaged, made by a newer kcnet, or not kcnet's at all is left as it is, and a StoreError says
so. Where nothing can be written, what is there is read into memory; ``note`` says that nothing is saved, and all works.

Two processes may write at once: every transaction takes SQLite's write lock at its beginning, and waits for it.
https://www.sqlite.org/wal.html, https://www.sqlite.org/lang_transaction.html
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

FILE: Final = "progress.db"
APPLICATION: Final = 0x6B636E74
"""SQLite's ``application_id`` of kcnet's files: "kcnt"."""
PATIENCE: Final = 15
"""Seconds to wait for another process that writes."""

_LESSONS: Final = """
CREATE TABLE lesson_steps (
    lesson TEXT NOT NULL,
    step TEXT NOT NULL,
    state TEXT NOT NULL,              -- open, done, skipped
    tries INTEGER NOT NULL DEFAULT 0,
    hints INTEGER NOT NULL DEFAULT 0, -- how many were shown
    solution INTEGER NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT '',  -- what was chosen, as JSON
    changed TEXT NOT NULL,
    PRIMARY KEY (lesson, step)
) WITHOUT ROWID;

CREATE TABLE lesson_places (
    lesson TEXT NOT NULL PRIMARY KEY,
    step TEXT NOT NULL,               -- where the learner is
    journal TEXT NOT NULL,            -- lines typed in the sandbox, as JSON: [[step, line], ...]
    changed TEXT NOT NULL,
    finished TEXT                     -- when every step was done for the first time
) WITHOUT ROWID;

CREATE TABLE predictions (
    id INTEGER PRIMARY KEY,
    lesson TEXT NOT NULL,
    step TEXT NOT NULL,
    topic TEXT NOT NULL,
    belief TEXT,                      -- the wrong model behind the choice; NULL where it was right or has none
    correct INTEGER NOT NULL,
    made TEXT NOT NULL
);

CREATE TABLE cards (
    id TEXT NOT NULL PRIMARY KEY,     -- LESSON:CARD
    lesson TEXT NOT NULL,
    front TEXT NOT NULL,
    back TEXT NOT NULL,
    added TEXT NOT NULL
) WITHOUT ROWID;
"""

_REVIEWS: Final = """
CREATE TABLE reviews (
    id TEXT NOT NULL PRIMARY KEY,     -- unique everywhere, so that moving to another machine doubles nothing
    at TEXT NOT NULL,                 -- UTC
    card TEXT NOT NULL,               -- question's id, or card:LESSON:CARD
    revision INTEGER NOT NULL,
    topic TEXT NOT NULL,
    mode TEXT NOT NULL,               -- quiz, cram, exam, card
    rating INTEGER,                   -- of FSRS; NULL where the schedule was left alone
    correct INTEGER NOT NULL,
    sure INTEGER NOT NULL,
    chance REAL NOT NULL,             -- of being right by guessing
    answer TEXT NOT NULL,             -- as JSON
    belief TEXT,
    milliseconds INTEGER NOT NULL,
    seed INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX reviews_by_card ON reviews (card, at);
CREATE INDEX reviews_by_time ON reviews (at);

CREATE TABLE schedule (
    card TEXT NOT NULL PRIMARY KEY,
    topic TEXT NOT NULL,
    state TEXT NOT NULL,              -- FSRS's card, as JSON
    due TEXT NOT NULL,                -- UTC
    last TEXT NOT NULL,               -- UTC
    last_correct INTEGER NOT NULL,
    times INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX schedule_by_due ON schedule (due);

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,   -- exam: its date; parameters: of FSRS, as JSON
    value TEXT NOT NULL
) WITHOUT ROWID;
"""

_EXAMS: Final = """
CREATE TABLE exams (
    id TEXT NOT NULL PRIMARY KEY,
    begun TEXT NOT NULL,              -- UTC
    ends TEXT NOT NULL,               -- UTC: when the time is up
    handed_in TEXT,                   -- UTC; NULL while it runs
    seed INTEGER NOT NULL,
    questions TEXT NOT NULL,          -- as JSON: ids in their order
    correct INTEGER,
    passed INTEGER
) WITHOUT ROWID;

CREATE TABLE exam_answers (
    exam TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,             -- as JSON; null where it was taken back
    flagged INTEGER NOT NULL DEFAULT 0,
    milliseconds INTEGER NOT NULL DEFAULT 0,
    changed TEXT NOT NULL,
    PRIMARY KEY (exam, question)
) WITHOUT ROWID;
"""

_SEEN: Final = """
CREATE TABLE exam_seen (
    exam TEXT NOT NULL PRIMARY KEY,
    at TEXT NOT NULL                  -- UTC: the latest moment at which the exam was known to run
) WITHOUT ROWID;
"""

MIGRATIONS: tuple[str, ...] = (_LESSONS, _REVIEWS, _EXAMS, _SEEN)
"""SQL that leads from version n to n + 1; never changed once it was released."""


class StoreError(Exception):
    """The file cannot be used; the message says which, why, and what to do. Nothing was changed."""


@dataclass(slots=True)
class Store:
    connection: sqlite3.Connection
    path: Path
    note: str = ""
    """Why nothing is saved; "" where it is."""
    _depth: int = field(default=0, init=False)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, alone among writers. One inside another is part of it. Raises StoreError."""
        if self._depth:
            yield self.connection
            return
        try:
            _begin(self.connection)
            self._depth = 1
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0
        except sqlite3.Error as error:
            raise _told(error, self.path) from error

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query. Raises StoreError."""
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise _told(error, self.path) from error

    def row(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first row of a query; None if there is none. Raises StoreError."""
        return next(iter(self.rows(sql, values)), None)

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def home() -> Path:
    """The folder of the user's data: ``KCNET_HOME``, else the one that the system has for it."""
    if named := os.environ.get("KCNET_HOME"):
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("kcnet", appauthor=False)


def open_store(folder: Path | None = None) -> Store:
    """The store in ``folder`` (by default ``home()``), made if there is none, and led to the present version.

    Raises StoreError.
    """
    path = (folder or home()) / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = not path.exists()
    except OSError as error:
        return _unsaved(path, f"{path.parent} cannot be made ({error.strerror or error})")
    if not new and not path.is_file():
        raise StoreError(f"{path} is not a file. Move it away, or set KCNET_HOME to another folder.")
    if not new and not os.access(path, os.R_OK):
        raise StoreError(f"{path} may not be read. Give yourself the right to, or set KCNET_HOME to another folder.")
    if not os.access(path.parent, os.W_OK) or (not new and not os.access(path, os.W_OK)):
        return _unsaved(path, f"{path if not new else path.parent} may not be written")
    try:
        connection = _connected(str(path))
        try:
            _migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        if "readonly" in str(error) or (new and "unable to open" in str(error)):
            return _unsaved(path, f"{path.parent} may not be written")
        raise _told(error, path) from error
    return Store(connection, path)


def _connected(place: str, *, uri: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(place, timeout=PATIENCE, isolation_level=None, uri=uri)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _unsaved(path: Path, why: str) -> Store:
    """What ``path`` holds, copied into memory."""
    memory = _connected(":memory:")
    try:
        if path.is_file():
            _copy(path, memory)
        _migrate(memory, path)
    except sqlite3.Error as error:
        memory.close()
        raise _told(error, path) from error
    return Store(memory, path, f"{why}: what you do now will not be saved. Set KCNET_HOME to a folder of yours.")


def _copy(path: Path, memory: sqlite3.Connection) -> None:
    # A file in WAL mode cannot be opened where its shared memory cannot be made, unless it is said not to change.
    for words in ("mode=ro", "mode=ro&immutable=1"):
        try:
            source = sqlite3.connect(f"{path.resolve().as_uri()}?{words}", uri=True)
            try:
                source.backup(memory)
            finally:
                source.close()
            return
        except sqlite3.OperationalError:
            if "immutable" in words:
                raise


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN")  # what another process writes meanwhile is seen whole or not at all
    try:
        version = _version(connection, path)
    finally:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
    if version == len(MIGRATIONS):
        return
    with suppress(sqlite3.OperationalError):  # another process has it open, or the file system cannot; either will do
        connection.execute("PRAGMA journal_mode = WAL")
    _begin(connection)
    try:
        for script in MIGRATIONS[_version(connection, path) :]:
            for statement in statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    owner = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if owner != APPLICATION and (owner or version or tables):
        raise StoreError(
            f"{path} is a database, but not of kcnet. Move it away, or set KCNET_HOME to another folder; "
            "kcnet leaves it as it is."
        )
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{path} was written by a newer kcnet (its version is {version}, this kcnet knows {len(MIGRATIONS)}). "
            "Update kcnet, or set KCNET_HOME to another folder; the file is left as it is."
        )
    return version


def statements(script: str) -> Iterator[str]:
    """The statements of a script. ``executescript`` would commit what is under way."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement


def _begin(connection: sqlite3.Connection) -> None:
    """BEGIN IMMEDIATE, again while SQLite gives up without waiting (it does where it fears a deadlock)."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _told(error: sqlite3.Error, path: Path) -> Exception:
    """What a person needs to know; mistakes of the program stay what they are."""
    said = str(error)
    if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError)):
        return error
    if "locked" in said:
        what = "is being written by another kcnet, which does not end. End that one, and try again"
    elif "full" in said:
        what = "cannot grow: the disk is full. Make room, and try again"
    elif "not a database" in said or "malformed" in said:
        what = (
            "is damaged, and kcnet leaves it as it is. Put a copy back if you have one; or move it away to begin anew, "
            "or set KCNET_HOME to another folder"
        )
    else:
        what = f"cannot be used ({said}). Move it away, or set KCNET_HOME to another folder"
    return StoreError(f"{path} {what}.")
