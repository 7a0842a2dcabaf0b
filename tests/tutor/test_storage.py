"""The store: nothing is lost, nothing of others is touched, and what cannot be used is told."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kcnet.tutor import storage
from kcnet.tutor.storage import APPLICATION, FILE, MIGRATIONS, Store, StoreError, open_store

root_may_write_everywhere = pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere"
)


def add(store: Store, card: str) -> None:
    with store.transaction() as database:
        database.execute("INSERT INTO cards VALUES (?, 'lesson', 'front', 'back', 'now')", (card,))


def add_and_stumble(store: Store) -> None:
    with store.transaction():
        add(store, "a")
        raise ZeroDivisionError


def cards(store: Store) -> list[str]:
    return [row["id"] for row in store.rows("SELECT id FROM cards ORDER BY id")]


def test_what_was_written_is_there_the_next_time(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        add(store, "a")
        assert not store.note
    with open_store(tmp_path) as store:
        assert cards(store) == ["a"]


def test_the_folder_is_the_one_that_the_user_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KCNET_HOME", str(tmp_path / "deep" / "home"))
    with open_store() as store:
        assert store.path == tmp_path / "deep" / "home" / FILE
        assert store.path.exists()


def test_without_it_the_system_has_a_folder_for_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KCNET_HOME", raising=False)
    assert storage.home().name == "kcnet"


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        with pytest.raises(ZeroDivisionError):
            add_and_stumble(store)
        assert cards(store) == []
        add(store, "b")
        assert cards(store) == ["b"]


def test_a_transaction_inside_another_is_part_of_it(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, open_store(tmp_path) as other:
        with store.transaction():
            add(store, "a")
            assert cards(other) == []
        assert cards(other) == ["a"]


def test_a_file_of_an_older_version_is_led_to_the_present_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(tmp_path) as store:
        add(store, "a")
    monkeypatch.setattr(
        storage, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE more (x TEXT);\nINSERT INTO more VALUES ('y');")
    )
    with open_store(tmp_path) as store:
        assert cards(store) == ["a"]
        assert store.row("SELECT x FROM more")["x"] == "y"


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(tmp_path).close()
    monkeypatch.setattr(storage, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE more (x TEXT);\nnonsense;"))
    with pytest.raises(StoreError):
        open_store(tmp_path)
    monkeypatch.undo()
    with open_store(tmp_path) as store:
        assert store.row("SELECT name FROM sqlite_master WHERE name = 'more'") is None


def damaged(path: Path) -> None:
    path.write_bytes(b"no database at all, only some text that somebody wrote here\n" * 40)


def newer(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA application_id = {APPLICATION}")
        database.execute("PRAGMA user_version = 999")
    database.close()


def of_others(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE recipes (name TEXT)")
    database.close()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(damaged, "is damaged"), (newer, "newer kcnet"), (of_others, "not of kcnet")],
)
def test_what_cannot_be_used_is_told_and_left_as_it_is(tmp_path: Path, spoil: object, said: str) -> None:
    path = tmp_path / FILE
    spoil(path)  # type: ignore[operator]
    before = path.read_bytes()
    with pytest.raises(StoreError, match=said) as raised:
        open_store(tmp_path)
    assert str(path) in str(raised.value)
    assert "KCNET_HOME" in str(raised.value)
    assert path.read_bytes() == before


def test_damage_that_is_met_later_is_told_too(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        add(store, "a")
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = tmp_path / FILE
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(bytes(data))
    with open_store(tmp_path) as store, pytest.raises(StoreError, match="is damaged"):
        cards(store)


def test_a_folder_with_the_name_of_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(StoreError, match="is not a file"):
        open_store(tmp_path)


def test_a_file_where_the_folder_should_be_means_without_saving(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    with open_store(tmp_path / "file") as store:
        assert "will not be saved" in store.note
        add(store, "a")
        assert cards(store) == ["a"]
    assert (tmp_path / "file").read_text() == "text"


@root_may_write_everywhere
def test_a_folder_that_may_not_be_written_means_without_saving(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        add(store, "a")
    tmp_path.chmod(0o500)
    try:
        with open_store(tmp_path) as store:
            assert "will not be saved" in store.note
            add(store, "b")
            assert cards(store) == ["a", "b"]
        with open_store(tmp_path) as store:
            assert cards(store) == ["a"]
    finally:
        tmp_path.chmod(0o700)


def test_a_copy_in_memory_holds_what_was_saved(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        add(store, "a")
    with storage._unsaved(tmp_path / FILE, "it may not be written") as store:
        assert cards(store) == ["a"]
        add(store, "b")
    with open_store(tmp_path) as store:
        assert cards(store) == ["a"]


WRITER = """
import sys
from pathlib import Path
from kcnet.tutor.storage import open_store
for number in range(40):
    with open_store(Path(sys.argv[1])) as store, store.transaction() as database:
        database.execute("INSERT INTO cards VALUES (?, 'lesson', 'front', 'back', 'now')", (f"{sys.argv[2]}-{number}",))
"""


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name], stderr=subprocess.PIPE)
        for name in ("one", "two", "three")
    ]
    for process in processes:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()
    with open_store(tmp_path) as store:
        assert len(cards(store)) == 3 * 40
