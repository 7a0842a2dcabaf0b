"""Files of every earlier version are led to the present one, and keep what they hold."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kcnet.tutor.storage import APPLICATION, FILE, MIGRATIONS, open_store, statements

ROWS = {
    1: (
        "INSERT INTO lesson_steps VALUES ('clusterip', 'fix', 'done', 3, 1, 0, '', '2028-02-29T12:00:00+00:00')",
        "INSERT INTO lesson_places VALUES ('clusterip', 'sum', '{}', '2028-02-29T12:00:00+00:00', NULL)",
        "INSERT INTO predictions VALUES (7, 'clusterip', 'guess', 'dns', NULL, 1, '2028-02-29T12:00:00+00:00')",
        "INSERT INTO cards VALUES ('clusterip:vip', 'clusterip', 'front', 'back', '2028-02-29T12:00:00+00:00')",
    ),
    2: (
        "INSERT INTO reviews VALUES ('a', '2028-02-29T12:00:00.000+00:00', 'gone-from-the-bank', 1, 'dns', 'quiz', 3, "
        "1, 1, 0.25, '[0]', NULL, 9000, 4)",
        "INSERT INTO schedule VALUES ('gone-from-the-bank', 'dns', '{}', '2028-03-01', '2028-02-29', 1, 1)",
        "INSERT INTO settings VALUES ('exam', '2028-05-01')",
    ),
    3: (
        "INSERT INTO exams VALUES ('x', '2028-02-29', '2028-02-29', NULL, 4, '[]', NULL, NULL)",
        "INSERT INTO exam_answers VALUES ('x', 'q', '[1]', 0, 10, '2028-02-29')",
    ),
    4: ("INSERT INTO exam_seen VALUES ('x', '2028-02-29')",),
}
"""What a file may hold since each version."""


def written_by(version: int, path: Path) -> None:
    """The file that kcnet left when it knew so many migrations."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for number, script in enumerate(MIGRATIONS[:version], 1):
            for statement in (*statements(script), *ROWS[number]):
                database.execute(statement)
        if version:
            database.execute(f"PRAGMA application_id = {APPLICATION}")
            database.execute(f"PRAGMA user_version = {version}")


def held(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: database.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def schema(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as database:
        return {sql for (sql,) in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}


def test_every_version_has_rows_here() -> None:
    assert sorted(ROWS) == list(range(1, len(MIGRATIONS) + 1))


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
def test_a_file_of_each_version_keeps_its_rows_and_gets_the_present_tables(version: int, tmp_path: Path) -> None:
    path = tmp_path / FILE
    written_by(version, path)
    before = held(path)
    assert sum(map(len, before.values())) == sum(len(ROWS[number]) for number in range(1, version + 1))
    open_store(tmp_path).close()
    after = held(path)
    assert {table: rows for table, rows in after.items() if rows} == before
    (tmp_path / "new").mkdir()
    open_store(tmp_path / "new").close()
    assert schema(path) == schema(tmp_path / "new" / FILE)
    with open_store(tmp_path) as store:
        assert store.row("PRAGMA user_version")[0] == len(MIGRATIONS)
        for number in range(version + 1, len(MIGRATIONS) + 1):
            for statement in ROWS[number]:
                store.connection.execute(statement)


@pytest.mark.parametrize("version", range(len(MIGRATIONS)))
def test_two_processes_that_find_the_same_old_file_migrate_it_once(version: int, tmp_path: Path) -> None:
    written_by(version, tmp_path / FILE)
    before = held(tmp_path / FILE)
    code = "import sys; from pathlib import Path; from kcnet.tutor.storage import open_store; open_store(Path(sys.argv[1]))"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.PIPE) for _ in range(2)
    ]
    for process in processes:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
    assert {table: rows for table, rows in held(tmp_path / FILE).items() if rows} == before
